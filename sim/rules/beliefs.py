"""Belief: the log-odds that the Soviet prevails, from what is known now and nothing else (ODD 7.3)."""

from __future__ import annotations

from math import log, tanh

from sim.city.ways import Ways
from sim.compiled import entry, rule
from sim.records import Grid
from sim.state import GOVERNMENT, GROUPS, SOVIET, Audience, World


@entry
def log_odds(
    b0: float, v: float, places: float, eta: float, log_ratio: float, zeta: float, relief_gap: float
) -> float:
    """b = b0 + v * places + eta * (ln(F_S + f0) - ln(F_G + f0)) - zeta * (R_G - R_S).

    `places` is the weighted mean of the holders heard of, -1 .. +1 (Kuran 1991; the form is ours).
    """
    return b0 + v * places + eta * log_ratio - zeta * relief_gap


@rule
def weighted(sums: Grid[int], psi: float, psi_near: float) -> float:
    """A sum over places, kept apart as (far, near; other, public): what everybody sees counts psi times, and
    what lies near psi_near times.
    """
    return sums[0, 0] + psi * sums[0, 1] + psi_near * (sums[1, 0] + psi * sums[1, 1])


@rule
def believed_men(audience: Audience, side: int) -> int:
    """F: active men of a side, as an audience has heard."""
    men = 0
    for group in range(GROUPS):
        men += audience.known[group, side]
    return men


@rule
def log_of(audience: Audience, side: int, men: float) -> float:
    """ln of a side's men: worked out when an audience has heard of others."""
    if audience.reckoned[side] != men:
        audience.reckoned[side], audience.log_men[side] = men, log(men)
    return audience.log_men[side]


@rule
def confidence(audience: Audience) -> float:
    """tanh(b/2): worked out when it is asked for of another belief."""
    if audience.confidence_of != audience.belief:
        audience.confidence_of, audience.confidence = audience.belief, tanh(audience.belief / 2)
    return audience.confidence


@rule
def beliefs(w: World, ways: Ways) -> None:
    """What every audience believes now."""
    p = w.p
    for audience in w.audiences[: w.count.audiences]:
        held = weighted(audience.weighed, p.public_weight, p.near_weight)
        places = held / max(weighted(audience.weights, p.public_weight, p.near_weight), 1e-9)
        soviet = believed_men(audience, SOVIET) + p.strength_floor
        government = believed_men(audience, GOVERNMENT) + p.strength_floor
        audience.belief = log_odds(
            p.belief_start,
            p.belief_places,
            places,
            p.belief_strength,
            log_of(audience, SOVIET, soviet) - log_of(audience, GOVERNMENT, government),
            p.relief_weight,
            audience.relief[GOVERNMENT] - audience.relief[SOVIET],
        )
