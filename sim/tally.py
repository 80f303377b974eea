"""The tally: what came of a history, read from its journal and its last state into one small row; and how it
stood at an hour.

Hours of what happened are numbers of pulses, `NEVER` for what did not.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from sim.compiled import entry, rule
from sim.journal import (
    BLANK_SHOT,
    BLOCKED,
    BRIDGE_MOVES,
    CAPTURE,
    DISARMING,
    INFILTRATION,
    LEAVES,
    PRISONERS,
    SHELLS,
    SHOTS,
    TELEPHONES,
)
from sim.records import Grid, Record, Row, f4, f8, i1, i2, i4, u2
from sim.rules.units import is_active, side_of
from sim.state import ARRESTED, GARRISON, WORKERS, Event, World

NEVER = 65535  # pulses
MOST = 65535  # killed of a side at a place that are counted
SPOTS = 32  # places with blood or shots that a row has room for, unless a history had more


class Spot(Record):
    """A place where somebody shot or fell."""

    place: i2  # -1: no more of them
    shots: u2  # when the two sides began to shoot
    guns: u2  # when a gun was first fired at it
    prisoners: u2  # killed after they had given in
    fallen: Annotated[Row[int], "u2", 2]
    before: Annotated[Row[int], "u2", 2]  # killed of both sides when a side first took it


class Outcome(Record):
    """What came of one history."""

    ended_at: f4
    palace_falls: f4
    congress_opens: f4
    walkout: f4
    congress_planned: f4
    motion: f4
    proclaimed: f4
    term_at: f4
    blank_at: f4
    shelled_at: f4
    entered_at: f4
    disarming_at: f4
    garrison_active: f8  # shares, 0 .. 1
    cossacks_active: f8
    line_off: Annotated[Row[float], "f4", 2]
    line_on: Annotated[Row[float], "f4", 2]
    shells: i4
    hits: i4
    left_inside: i4
    killed_soviet: i4
    killed_government: i4
    most_active: Annotated[Row[int], "i4", 2]
    most_taken: Annotated[Row[int], "i2", 2]
    votes_for: i2
    delegates_present: i2
    ministers_arrested: i2
    spots: i2  # how many places with blood or shots there were
    ending: i1
    palace_holder: i1
    congress: i1
    captured_at: Annotated[Grid[int], "u2", "places", 2]
    arrived_at: Annotated[Row[int], "u2", "forces"]
    left_at: Annotated[Row[int], "u2", "forces"]
    stopped_at: Annotated[Row[int], "u2", "forces"]
    raised_at: Annotated[Row[int], "u2", "bridges"]
    left_seat: Annotated[Row[int], "u2", "forces"]  # the seat, or a post before its doors
    engaged_men: Annotated[Grid[int], "men", "forces", 2]
    asked_men: Annotated[Grid[int], "men", "forces", 2]
    came_men: Annotated[Grid[int], "men", "forces", 2]
    force_men: Annotated[Row[int], "men", "forces"]
    holder_end: Annotated[Row[int], "i1", "places"]
    liberty: Annotated[Row[int], "i1", "people"]
    blood: Annotated[Row[Spot], Spot, "spots"]


class Sample(Record):
    """How a history stood at an hour, by side."""

    held: Annotated[Row[int], "i2", 2]  # objectives
    held_quarter: Annotated[Row[int], "i2", 2]  # those of the seat's quarter
    active_men: Annotated[Row[int], "i4", 2]
    killed: Annotated[Row[int], "i2", 2]
    declared: Annotated[Row[int], "i4", 2]  # men of the city's garrison in units that stand for a side
    workers_out: i4  # men of the workers' guard who act, in the city


NOT_MET, ONE_PARTY, COALITION, ADJOURNED = range(4)


@entry
def sum_up(worlds: Any, rows: Any, k: int) -> None:
    """Write what came of the first of some worlds into a row."""
    w, out = worlds[0], rows[k]
    blank(out)
    seat = w.audiences[w.sides[0].seat].place
    state_at_end(w, out, seat)
    for number in range(w.clock.events):
        read(w, out, w.events[number], seat)
    for place in range(len(out.holder_end)):
        at = w.places[place]
        if at.fallen[0] + at.fallen[1] > 0:
            it = spot(out, place)
            if it >= 0:
                out.blood[it].fallen[0], out.blood[it].fallen[1] = (
                    min(at.fallen[0], MOST),
                    min(at.fallen[1], MOST),
                )


@rule
def blank(out: Outcome) -> None:
    """A row in which nothing has happened."""
    out.palace_falls, out.blank_at, out.shelled_at, out.entered_at, out.disarming_at = (
        np.inf,
        np.inf,
        np.inf,
        np.inf,
        np.inf,
    )
    out.spots = 0
    for side in range(2):
        out.line_off[side], out.line_on[side] = np.inf, np.inf
    for place in range(len(out.holder_end)):
        out.captured_at[place, 0], out.captured_at[place, 1] = NEVER, NEVER
    for f in range(len(out.left_at)):
        out.arrived_at[f], out.left_at[f], out.stopped_at[f] = NEVER, NEVER, NEVER
        out.left_seat[f] = NEVER
    for b in range(len(out.raised_at)):
        out.raised_at[b] = NEVER
    for it in out.blood:
        it.place, it.shots, it.guns, it.prisoners = -1, NEVER, NEVER, 0
        for side in range(2):
            it.fallen[side], it.before[side] = 0, 0


@rule
def state_at_end(w: World, out: Outcome, seat: int) -> None:
    """What is read from the last state."""
    out.ending, out.ended_at, out.palace_holder = w.end.ending, w.end.at, w.places[seat].holder
    out.killed_government, out.killed_soviet = w.sides[0].killed, w.sides[1].killed
    for side in range(2):
        out.most_active[side], out.most_taken[side] = w.sides[side].peak, w.sides[side].most_taken
    for place in range(len(out.holder_end)):
        out.holder_end[place] = w.places[place].holder
    out.ministers_arrested = 0
    for n in range(len(out.liberty)):
        out.liberty[n] = w.people[n].liberty
        if w.people[n].minister and w.people[n].side == -1 and w.people[n].liberty == ARRESTED:
            out.ministers_arrested += 1
    of_congress(w, out)
    of_siege(w, out, seat)
    of_forces(w, out)


@rule
def of_congress(w: World, out: Outcome) -> None:
    """What became of the congress."""
    it = w.congress
    out.congress_opens, out.walkout, out.congress_planned = it.opened_at, it.walkout_at, it.planned_at
    out.motion, out.proclaimed = it.motion_at, it.proclaimed_at
    out.votes_for, out.delegates_present = it.votes_for, it.present
    if not np.isfinite(it.opened_at):
        out.congress = NOT_MET
    elif np.isfinite(it.walkout_at):
        out.congress = ONE_PARTY
    else:
        out.congress = COALITION if np.isfinite(it.proclaimed_at) else ADJOURNED


@rule
def of_siege(w: World, out: Outcome, seat: int) -> None:
    """What is counted of the siege of the seat; nothing if it cannot be besieged."""
    out.term_at, out.shells, out.hits, out.left_inside = np.inf, 0, 0, 0
    if w.places[seat].siege >= 0:
        it = w.sieges[w.places[seat].siege]
        out.term_at, out.shells, out.hits, out.left_inside = it.term_at, it.shells, it.hits, it.left_inside


@rule
def of_forces(w: World, out: Outcome) -> None:
    """Men of each force at the end and most of them that acted; the shares of the garrison, and of the
    Cossacks for the government.
    """
    for f in range(len(out.force_men)):
        out.force_men[f] = 0
        for side in range(2):
            out.engaged_men[f, side], out.asked_men[f, side], out.came_men[f, side] = 0, 0, 0
        if np.isfinite(w.forces[f].first_arrival):
            out.arrived_at[f] = pulse_of(w, w.forces[f].first_arrival)
    soldiers, acted, riders, rode = 0, 0, 0, 0
    for unit in w.units[: w.count.units]:
        men = unit.men + unit.rest
        out.force_men[unit.force] += men
        for side in range(2):
            out.engaged_men[unit.force, side] += unit.engaged[side]
            out.asked_men[unit.force, side] += unit.asked[side]
            out.came_men[unit.force, side] += unit.came[side]
        if unit.in_city and unit.group == GARRISON:
            soldiers += men
            acted += min(max(unit.engaged[0], unit.engaged[1]), men)
        if unit.in_city and unit.infantry_for != 0:
            riders += men
            rode += min(unit.engaged[0], men)
    out.garrison_active, out.cossacks_active = acted / max(soldiers, 1), rode / max(riders, 1)


@rule
def pulse_of(w: World, minute: float) -> int:
    """The number of the pulse of a minute."""
    return int(np.rint(minute / w.clock.pulse))


@rule
def spot(out: Outcome, place: int) -> int:
    """The spot of a place, a new one if it has none; -1 if there is no room, which is counted."""
    for k in range(len(out.blood)):
        if out.blood[k].place == place:
            return k
        if out.blood[k].place < 0:
            out.blood[k].place = place
            out.spots += 1
            return k
    out.spots += 1
    return -1


@rule
def read(w: World, out: Outcome, event: Event, seat: int) -> None:
    """Read one event of the journal: what happened first, and when."""
    now, at, kind = pulse_of(w, event.minute), event.place, event.kind
    if kind == CAPTURE:
        side = side_of(event.side)
        if out.captured_at[at, side] == NEVER:
            out.captured_at[at, side] = now
            if event.more > 0 and spot(out, at) >= 0:
                out.blood[spot(out, at)].before[side] = min(event.more, MOST)
            if at == seat and side == 1:
                out.palace_falls = event.minute
    elif kind == SHOTS:
        it = spot(out, at)
        if it >= 0:
            out.blood[it].shots = min(out.blood[it].shots, now)
    elif kind == PRISONERS:
        if spot(out, at) >= 0:
            out.blood[spot(out, at)].prisoners = min(out.blood[spot(out, at)].prisoners + event.detail, MOST)
    elif kind == BRIDGE_MOVES and event.detail == 1:
        bridge = number_of_bit(w.places[at].bit)
        out.raised_at[bridge] = min(out.raised_at[bridge], now)
    elif kind == LEAVES:
        out.left_at[event.force] = min(out.left_at[event.force], now)
        if at == seat or (w.places[seat].siege >= 0 and w.ring[w.places[seat].siege, at] != 0):
            out.left_seat[event.force] = min(out.left_seat[event.force], now)
    elif kind == BLOCKED:
        out.stopped_at[event.force] = min(out.stopped_at[event.force], now)
    elif kind == TELEPHONES:
        for side in range(2):
            if w.places[at].audience == w.sides[side].staff:
                if event.detail == 0:
                    out.line_off[side] = min(out.line_off[side], event.minute)
                elif event.more == 1:
                    out.line_on[side] = min(out.line_on[side], event.minute)
    if kind == SHELLS and spot(out, at) >= 0:
        out.blood[spot(out, at)].guns = min(out.blood[spot(out, at)].guns, now)
    if at == seat:
        read_of_siege(out, kind, event.minute)


@rule
def read_of_siege(out: Outcome, kind: int, minute: float) -> None:
    """Read an event of the siege of the seat."""
    if kind == BLANK_SHOT:
        out.blank_at = min(out.blank_at, minute)
    elif kind == SHELLS:
        out.shelled_at = min(out.shelled_at, minute)
    elif kind == INFILTRATION:
        out.entered_at = min(out.entered_at, minute)
    elif kind == DISARMING:
        out.disarming_at = min(out.disarming_at, minute)


@rule
def number_of_bit(bit: int) -> int:
    """Which bridge a bit stands for."""
    number = 0
    while bit > 1:
        bit >>= 1
        number += 1
    return number


@entry
def take_sample(worlds: Any, samples: Any, k: int, t: int, holding: Any) -> None:
    """Write down how the first of some worlds stands, and add to the number of worlds in which a side holds
    each place.
    """
    w, out = worlds[0], samples[k, t]
    for side in range(2):
        out.held[side], out.held_quarter[side], out.active_men[side] = 0, 0, 0
        out.killed[side], out.declared[side] = min(w.sides[side].killed, 32767), 0
    out.workers_out = 0
    for place in range(holding.shape[1]):
        at = w.places[place]
        if at.holder != 0:
            side = side_of(at.holder)
            holding[t, place, side] += 1
            out.held[side] += int(at.objective > 0)
            out.held_quarter[side] += int(at.objective == 2)
    for unit in w.units[: w.count.units]:
        if unit.stance != 0 and unit.in_city and unit.group == GARRISON:
            out.declared[side_of(unit.stance)] += unit.men + unit.rest
        if is_active(unit) and w.places[unit.place].in_city:
            out.active_men[side_of(unit.stance)] += unit.men
            out.workers_out += unit.men if unit.group == WORKERS else 0
