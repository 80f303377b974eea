"""Musters: a levy comes together works by works, and not all who are on its lists come (ODD 7.5)."""

from __future__ import annotations

from math import exp, floor, log

from sim import luck
from sim.compiled import rule
from sim.state import MUSTER, ON_POST, UNDER_WAY, Unit, World

TURNOUT_KEY, GATHER_KEY = 81, 82
TURNOUT_SPREAD = 0.5  # of its log-odds, from one history to another
FIRST_TO_COME = 10  # men of a levy who are there when it is called
NEARLY_ALL = 0.95  # of those who come at all, whom a column waits for


@rule
def draw_turnout(w: World) -> None:
    """The share of every levy on paper that turns out in this history: lists are longer than columns."""
    share = min(max(w.p.turnout, 1e-6), 1.0 - 1e-6)
    draw = luck.normal(luck.uniform(w.clock.opening, luck.OPENING, TURNOUT_KEY, 0))
    odds = log(share / (1.0 - share)) + TURNOUT_SPREAD * draw
    w.turnout = 1.0 if w.p.turnout >= 1.0 else 1.0 / (1.0 + exp(-odds))


@rule
def gather(w: World, unit: Unit, to_muster: bool) -> float:
    """Minutes until so many of a levy in quarters have come together as its order wants; who is to muster
    begins with the few who are there.

    The share of those who come that is there after t hours is 1 - exp(-t / muster_time).
    """
    most = w.turnout * unit.men
    if to_muster:
        unit.party = int(min(float(FIRST_TO_COME), unit.men))
        return 0.0
    unit.party = int(min(float(unit.party), max(NEARLY_ALL * most, 1.0)))
    share = min(unit.party / max(most, 1.0), NEARLY_ALL)
    return -60.0 * w.p.muster_time * log(1.0 - share)


@rule
def come_in(w: World, unit: Unit, step: float, dark: bool) -> None:
    """Men of a levy under a muster come in, a share of those missing in a pulse; by night some of those who
    have nothing to do go home to sleep.
    """
    if unit.task < 0 or w.tasks[unit.task].purpose != MUSTER or unit.spent:
        return
    if unit.duty != ON_POST and unit.duty != UNDER_WAY:
        return
    awake = 1.0 - (w.p.night_home if dark and unit.duty == ON_POST else 0.0)
    missing = w.turnout * awake * (unit.men + unit.rest) - unit.men
    u = luck.uniform(w.clock.luck, luck.ASSEMBLY, luck.join(unit.key, GATHER_KEY), w.clock.number)
    come = min(max(int(floor(missing * step + u)), 1 - unit.men), unit.rest)
    unit.men += come
    unit.rest -= come
