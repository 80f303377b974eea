"""What the scenario gives from outside: forces that arrive, lines cut or joined, places kept, by nobody's
decision in the city.
"""

from __future__ import annotations

from sim.city.ways import Ways
from sim.compiled import rule
from sim.journal import HAS_IT, POWER, STANDS, TELEPHONES, note
from sim.rules.holding import rewire, set_bridge, take
from sim.rules.messages import work_out_delays
from sim.rules.units import side_of
from sim.state import ARRIVAL, BRIDGE, CURRENT, GIVEN_OUT, IN_QUARTERS, LONG_AGO, NEVER, Coming, World


@rule
def coming(w: World, ways: Ways) -> None:
    """Carry out what comes in this pulse, and see which places nobody can take."""
    now = w.clock.now
    for at in w.places[: w.count.places]:
        at.kept = False
    w.clock.stroke += 1
    for kept in w.keeping:
        if kept.side != 0 and kept.start <= now < kept.end:
            at = w.places[kept.place]
            at.kept = True
            if at.holder != kept.side:
                take(w, at, side_of(kept.side), HAS_IT, -1)
                rewire(w, at)
    since = now - w.clock.pulse if w.clock.number > 0 else LONG_AGO
    for it in w.coming[: w.count.coming]:  # after that: whoever takes a raised bridge lets it down
        if since < it.minute <= now:
            if it.what == ARRIVAL:
                stand(w, it)
            else:
                change_works(w, it)


@rule
def stand(w: World, it: Coming) -> None:
    """The detachments of a force stand at a place, and are told why; whether they act is theirs to decide."""
    number = note(w, STANDS, it.place, 0, -1)
    w.events[number].force = it.force
    task = w.tasks[it.task]
    task.state, task.since, task.cause = GIVEN_OUT, w.clock.now, number
    if w.places[it.place].in_city:
        w.forces[it.force].first_arrival = min(w.forces[it.force].first_arrival, w.clock.now)
    if it.men >= 0:
        share_out(w, it.task, it.men)
    for unit in w.units[task.named_from : task.named_to]:
        if w.named[it.task, unit.row]:
            unit.rest, unit.party = 0, unit.men
            unit.place, unit.to, unit.goal, unit.left = it.place, -1, -1, 0.0
            unit.fed_at, unit.spent = w.clock.now, False
            unit.duty, unit.sets_out_at = IN_QUARTERS, NEVER
            unit.told, unit.told_at = it.task, w.clock.now


@rule
def share_out(w: World, t: int, men: int) -> None:
    """Share men evenly among those named for a task; the odd ones go to the first in the order of their
    keys.
    """
    parts = 0
    for unit in w.units[: w.count.units]:
        parts += w.named[t, unit.row]
    for unit in w.units[: w.count.units]:
        if w.named[t, unit.row]:
            before = 0
            for other in w.units[: w.count.units]:
                before += int(w.named[t, other.row] and other.key < unit.key)
            unit.men = men // parts + int(before < men % parts)


@rule
def change_works(w: World, it: Coming) -> None:
    """Telephones, bridges and current as the scenario has them from now on."""
    at = w.places[it.place]
    if it.what == BRIDGE:
        if at.raised == it.works:
            set_bridge(w, at, not it.works)
    elif it.what == CURRENT:
        at.power = it.works
        w.events[note(w, POWER, it.place, 0, -1)].detail = int(it.works)
    else:
        audience = w.audiences[it.audience]
        audience.line, audience.line_cut_at = it.works, NEVER
        number = note(w, TELEPHONES, it.place, 0, -1)
        w.events[number].detail, w.events[number].more = int(it.works), 1
        work_out_delays(w)
