"""Belief: the log-odds that the Soviet prevails, from what is known now and nothing else (ODD 7.3)."""

from __future__ import annotations

from math import log

from sim.city.ways import Ways
from sim.compiled import entry, rule
from sim.state import GROUPS, Audience, World


@entry
def log_odds(
    start: float,
    pull: float,
    places: float,
    ratio_pull: float,
    log_ratio: float,
    relief_pull: float,
    relief: float,
) -> float:
    """b = b0 + v * places + eta * (log(F_S + f0) - log(F_G + f0)) - zeta * relief (Kuran 1991; the form is
    ours).

    `places` is the weighted mean of the holders heard of, -1 .. +1; `relief` what the government's hope is
    more than the Soviet's.
    """
    return start + pull * places + ratio_pull * log_ratio - relief_pull * relief


@rule
def believed_men(audience: Audience, side: int) -> int:
    """F: active men of a side, as an audience has heard."""
    men = 0
    for group in range(GROUPS):
        men += audience.known[group, side]
    return men


@rule
def beliefs(w: World, ways: Ways) -> None:
    """What every audience believes now."""
    p = w.p
    for audience in w.audiences:
        seen = p.public_weight * audience.weighed[0] + audience.weighed[1]
        places = seen / (p.public_weight * w.seen_weight + w.unseen_weight)
        soviet, government = (
            believed_men(audience, 1) + p.strength_floor,
            believed_men(audience, 0) + p.strength_floor,
        )
        audience.belief = log_odds(
            p.belief_start,
            p.belief_places,
            places,
            p.belief_strength,
            log(soviet) - log(government),
            p.relief_weight,
            audience.relief[0] - audience.relief[1],
        )
