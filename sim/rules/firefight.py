"""Fire: what stand-offs and sieges share - the odds, the coming to shots, and the fallen (ODD 7.7, 7.8)."""

from __future__ import annotations

from math import exp, log

from sim.compiled import entry, rule
from sim.journal import SHOTS, also_because, note
from sim.rules.messages import happened_in_stroke
from sim.rules.units import sign_of
from sim.state import Place, World

FRONTAGE = 300.0  # men who can fire at once


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
    return fallen


@rule
def shoot(w: World, at: Place, attacker: int, because: int, also: int) -> int:
    """Shooting begins at a place; the side that attacks is blamed for it by whoever hears."""
    at.firing, at.hostility = True, 1.0
    number = note(w, SHOTS, at.row, sign_of(attacker), because)
    also_because(w.events[number], also)
    happened_in_stroke(w, w.sides[attacker].shots_fact, at.row, number)
    return number
