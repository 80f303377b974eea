"""Change of hands: the one way in which a place gets another holder."""

from __future__ import annotations

from math import log

from sim import luck
from sim.compiled import rule
from sim.journal import BRIDGE_MOVES, CAPTURE, HAS_IT, NO_RESISTANCE, also_because, note
from sim.rules.messages import happened_in_stroke, tell, work_out_delays
from sim.rules.units import sign_of
from sim.state import NEVER, Place, World


@rule
def take(w: World, at: Place, side: int, how: int, because: int) -> int:
    """Give a place to a side, write it down and let word go out; the number of the event.

    Where a wire has changed hands the delays are to be worked out again, once all that falls at this stroke
    has fallen.
    """
    sign = sign_of(side)
    number = note(w, CAPTURE, at.row, sign, because)
    event = w.events[number]
    event.detail, event.more = how, at.fallen[0] + at.fallen[1]
    if how <= NO_RESISTANCE and how != HAS_IT:
        also_because(event, at.holder_cause)
    at.holder, at.holder_cause = sign, number
    at.had[side] = True
    at.firing, at.occupier, at.occupied_at = False, -1, NEVER
    at.lost_there[0], at.lost_there[1] = 0, 0
    tell(w, at)
    happened_in_stroke(w, at.capture_fact[side], at.row, number)
    if at.press and at.opening_holder == -sign:
        happened_in_stroke(w, w.sides[side].press_fact, at.row, number)
    if at.raised:
        # whoever takes a raised bridge wants it down again; only an order raises it
        set_bridge(w, at, False)
    if at.exchange:
        other = w.sides[1 - side]
        cut_line(w, other.staff, -1.0, True, number)
        if other.seat != other.staff:
            cut_line(w, other.seat, -1.0, True, number)
    return number


@rule
def rewire(w: World, at: Place) -> None:
    """Messages go other ways where the place that changed hands has a wire."""
    if at.wire:
        work_out_delays(w)


@rule
def set_bridge(w: World, at: Place, raised: bool) -> None:
    """Raise or lower a bridge."""
    at.raised, at.raise_at = raised, NEVER
    number = note(w, BRIDGE_MOVES, at.row, at.holder, at.holder_cause)
    w.events[number].detail = int(raised)
    tell(w, at)
    happened_in_stroke(w, at.bridge_fact[int(raised)], at.row, number)


@rule
def cut_line(w: World, audience: int, missed: float, lag: bool, because: int) -> None:
    """Have a line cut, now or after a while; it is overlooked by decision (1), not (0), or by chance (-1)."""
    it = w.audiences[audience]
    by_chance = luck.uniform(w.clock.luck, luck.LINE, it.key, 0) < w.p.overlooked_line
    overlooked = by_chance if missed < 0 else missed > 0
    if it.line and not overlooked:
        wait = -log(luck.uniform(w.clock.luck, luck.LINE, it.key, 1)) * 60 * w.p.cut_lag if lag else 0.0
        if w.clock.now + wait < it.line_cut_at:
            it.line_cut_at, it.cut_cause = w.clock.now + wait, because
