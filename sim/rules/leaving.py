"""Leaving: a unit goes home, is disarmed, or breaks up; used wherever a rule takes one out."""

from __future__ import annotations

from sim.compiled import rule
from sim.journal import LEAVES, also_because, note, once
from sim.state import GONE, IN_QUARTERS, LEFT, NEVER, UNDER_WAY, Unit, World


@rule
def drop_orders(unit: Unit) -> None:
    """Forget every order in hand and on the way."""
    unit.task, unit.told = -1, -1
    unit.told_at, unit.sets_out_at = NEVER, NEVER
    unit.bid[0], unit.bid[1] = 0.0, 0.0


@rule
def rejoin(unit: Unit) -> None:
    """A party that is home again is one with those who had stayed."""
    unit.men += unit.rest
    unit.rest = 0


@rule
def go_home(w: World, unit: Unit, spent: bool, because: int) -> None:
    """Give up and march home; a unit whose home was the post itself is gone."""
    if unit.duty != UNDER_WAY and once(w, unit.force, unit.place, LEFT):
        event = w.events[note(w, LEAVES, unit.place, unit.stance, because)]
        event.unit, event.force = unit.row, unit.force
        also_because(event, unit.cause)
    drop_orders(unit)
    if unit.home == unit.place:
        unit.duty = GONE if unit.posted else IN_QUARTERS
        unit.goal = -1
        rejoin(unit)
    else:
        unit.duty = UNDER_WAY
        unit.goal = unit.home
    unit.to, unit.left, unit.pace = -1, 0.0, 1.0
    if spent:
        unit.spent = True


@rule
def disarm(unit: Unit) -> None:
    """Take their arms: they are out of it."""
    drop_orders(unit)
    unit.arms, unit.stance, unit.duty, unit.spent = 0.0, 0, GONE, True
    unit.goal, unit.to = -1, -1
