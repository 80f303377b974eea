"""What the scenario gives from outside: forces that arrive, lines cut or joined, places kept, by nobody's decision in the city."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.unit import Duty
from sim.rules import holding
from sim.rules.messages import delays
from sim.script import NEVER, Given
from sim.verbs import Arrive, Line

if TYPE_CHECKING:
    from sim.model import Petrograd

GIVEN_OUT = 2


def given(m: Petrograd) -> None:
    """Carry out what comes in this pulse, and see which places nobody can take."""
    script = m.script
    m.kept[:] = False
    for kept in script.kept:
        if kept.start <= m.now < kept.end:
            m.kept[kept.place] = True
            _keep(m, kept.place, kept.side)
    for coming in script.given:  # after that: whoever takes a raised bridge lets it down
        if m.now - m.pulse < coming.minute <= m.now or (m.number == 0 and coming.minute <= 0):
            if isinstance(coming.change, Arrive):
                _arrive(m, coming)
            else:
                _line(m, coming, coming.change)


def _everywhere(m: Petrograd) -> NDArray[np.intp]:
    return np.arange(m.worlds)


def _keep(m: Petrograd, place: int, side: int) -> None:
    """A place that is kept by a side is the side's, if it was not."""
    world = np.flatnonzero(m.columns.holder[:, place] != side)
    holding.take(m, world, np.full(len(world), place), np.full(len(world), int(side > 0)), how=["has it"] * len(world))


def _arrive(m: Petrograd, coming: Given) -> None:
    """The detachments of a force stand at a place, and are told why; whether they act is theirs to decide."""
    c, s, change, place = m.columns, m.setting, coming.change, coming.place
    assert isinstance(change, Arrive)
    rows = np.flatnonzero(m.script.tasks.by[coming.task])
    if change.men is not None:
        share, over = divmod(change.men, len(rows))
        c.men[:, rows] = share + (np.argsort(np.argsort(s.units.keys[rows])) < over)
    c.rest[:, rows], c.party[:, rows] = 0, c.men[:, rows]
    c.place[:, rows], c.to[:, rows], c.goal[:, rows] = place, -1, -1
    c.left[:, rows], c.fed_at[:, rows], c.spent[:, rows] = 0.0, m.now, False
    c.duty[:, rows], c.sets_out_at[:, rows] = Duty.IN_QUARTERS, NEVER
    c.told[:, rows], c.told_at[:, rows] = coming.task, m.now
    c.task_state[:, coming.task], c.task_since[:, coming.task] = GIVEN_OUT, m.now
    if s.places.in_city[place]:
        force = s.forces.index[change.force]
        c.first_arrival[:, force] = np.minimum(c.first_arrival[:, force], m.now)
    world = _everywhere(m)
    event = m.note(world, "arrive", place=change.place, side=0, actors=[(change.force,)] * m.worlds, token=f"arrive:{change.force}:{change.place}",
                   text=f"{m.name_of(change.force)}: at {m.name_of(change.place)}")
    c.task_cause[:, coming.task] = event


def _line(m: Petrograd, coming: Given, change: Arrive | Line) -> None:
    """Telephones, bridges and current as the scenario has them from now on."""
    assert isinstance(change, Line)
    c, s, world, on = m.columns, m.setting, _everywhere(m), change.verb == "restore"
    if change.works == "bridge":
        differs = world[c.raised[:, coming.place] == on]
        holding.set_bridge(m, differs, np.full(len(differs), coming.place), raised=not on)
    elif change.works == "power":
        c.power[:, coming.place] = on
        m.note(world, "power", place=change.place, text=f"{'current again' if on else 'no current'} at {m.name_of(change.place)}",
               token=f"power:{change.place}={'on' if on else 'off'}")
    else:
        audience = int(s.places.audience[coming.place])
        c.line[:, audience] = on
        changed = c.line_on if on else c.line_off
        changed[:, audience] = np.minimum(changed[:, audience], m.now)
        c.line_cut_at[:, audience] = NEVER
        m.note(world, "telephones", place=change.place, token=f"phones:{change.place}={'on' if on else 'off'}",
               text=f"the telephones of {m.name_of(change.place)} are {'joined again' if on else 'cut off'}")
        delays(m, world)
