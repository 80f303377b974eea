"""Fire: what stand-offs and sieges share - the odds, the coming to shots, and the fallen (ODD 7.7, 7.8)."""

from __future__ import annotations

from math import exp, log

import numpy as np

from sim import luck
from sim.compiled import entry, rule
from sim.journal import SHELLS, SHOTS, also_because, note
from sim.rules.messages import happened_in_stroke
from sim.rules.units import is_active, loyalty, sign_of
from sim.state import Place, Unit, World

FRONTAGE = 300.0  # men who can fire at once
USUAL = 50.0  # men on the weaker side of the usual stand-off, of which phi_f speaks
FEEDS = 10.0  # dead of a fight by which it has grown as bitter as it can
MILLION = 1e6  # minds are summed in millionths, so that sums are exact


@entry
def log_odds(attack: float, defend: float, floor: float) -> float:
    """r = ln((E_attack + e0) / (E_defend + e0))."""
    return log(attack + floor) - log(defend + floor)


@entry
def logistic(x: float) -> float:
    """L(x) = 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


@entry
def shots_rate(r: float, hostility: float, phi_f: float, s_f: float) -> float:
    """Rate per hour at which two sides that face each other come to shoot: phi_f hostility exp(-|r|/s_F)."""
    return phi_f * hostility * exp(-abs(r) / s_f)


@entry
def many_hands(men: int, others: int) -> float:
    """min(n, 300) / 50: how many times more readily shots fall than in the usual stand-off, n the men of the
    smaller side, or of the one that is there where the other is only in reach. Any of them may fire first.
    """
    facing = min(men, others)
    return min(float(facing if facing > 0 else max(men, others)), FRONTAGE) / USUAL


@entry
def deadliness(a: float, kappa_b: float, dead: float) -> float:
    """a (1 + kappa_b min(D / 10, 1)): losses per opponent and hour, after D dead in this fight."""
    return a * (1.0 + kappa_b * min(dead / FEEDS, 1.0))


@entry
def cover_of(position: float, guns: float) -> float:
    """What shelter a place gives under fire: its position factor, divided by g under guns, never below 1."""
    return min(position, max(position / guns, 1.0))


@rule
def losses(w: World, at: Place, tag: int, foes: int, cover: float) -> int:
    """The killed of one side in a pulse of fire, in stand-off and siege alike: Poisson with mean
    a_eff min(foes, 300) / cover an hour.
    """
    a = deadliness(w.p.loss_rate, w.p.blood_feeds, float(at.lost_there[0] + at.lost_there[1]))
    u = luck.uniform(w.clock.luck, luck.CASUALTY, luck.join(at.key, tag), w.clock.number)
    return luck.poisson(a * min(float(foes), FRONTAGE) / cover * w.clock.pulse / 60, u)


@rule
def mean_devotion(w: World) -> float:
    """The mean mind, towards their own side, of the men who act at the opening."""
    minds, men = 0, 0
    for unit in w.units[: w.count.units]:
        if is_active(unit):
            minds += mind_of(w, unit, unit.stance)
            men += unit.men
    return minds / max(men, 1) / MILLION


@rule
def mind_of(w: World, unit: Unit, sign: int) -> int:
    """The mind of a unit towards a side, in millionths, times its men: whole, so that sums are exact."""
    return int(np.rint(MILLION * loyalty(w, unit) * sign)) * unit.men


@rule
def devotion(w: World, at: Place, side: int) -> float:
    """clip(d / d_mean, 0, 2): how devoted those who act on the spot are to their side, to who acted at the
    opening; 1 where nobody does.
    """
    if at.men_there[side] == 0 or w.devotion <= 0:
        return 1.0
    mean = at.minds[side] / at.men_there[side] / MILLION
    return min(max(mean / w.devotion, 0.0), 2.0) ** w.p.devotion


@rule
def bury(w: World, largest: int, at: Place, side: int, killed: int) -> int:
    """Take some killed in a fight for a place from a unit (-1: nobody is there); how many there were to
    fall.
    """
    if largest < 0:
        return 0
    fallen = min(killed, w.units[largest].men)
    w.units[largest].men -= fallen
    w.sides[side].killed += fallen
    at.fallen[side] += fallen
    at.lost_there[side] += fallen
    return fallen


@rule
def shoot(w: World, at: Place, attacker: int, because: int, also: int) -> int:
    """A fight begins at a place; the side that attacks is blamed for it by whoever hears."""
    at.firing, at.hostility = True, 1.0
    at.lost_there[0], at.lost_there[1] = 0, 0
    number = note(w, SHOTS, at.row, sign_of(attacker), because)
    also_because(w.events[number], also)
    happened_in_stroke(w, w.sides[attacker].shots_fact, at.row, number)
    return number


@rule
def shell_it(w: World, at: Place, attacker: int) -> None:
    """A gun is fired at a place where there is shooting, the first time."""
    if not at.shelled:
        at.shelled = True
        number = note(w, SHELLS, at.row, sign_of(attacker), -1)
        happened_in_stroke(w, w.sides[attacker].shells_fact, at.row, number)
