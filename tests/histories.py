"""Histories for tests: several worlds of a scenario played one after the other, their records stacked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.plan.layout import Layout, Stage, layout
from sim.telling import Event, Teller

SEED = 1917


@dataclass
class Histories:
    """The records of some worlds (worlds,), as they stand; tables end where the cast does, inert rows are cut
    off.
    """

    layout: Layout
    records: NDArray[Any]

    def __getitem__(self, table: str) -> Any:
        """A table of every world, (worlds, rows, ...), or a single record of each, (worlds,)."""
        sizes = {
            "units": len(self.layout.cast.units.ids),
            "places": len(self.layout.cast.places.ids),
            "people": len(self.layout.cast.people.ids),
            "audiences": len(self.layout.cast.audiences.ids),
            "forces": len(self.layout.cast.forces.ids),
            "tasks": len(self.layout.plan.tasks.place),
            "decisions": len(self.layout.plan.decisions.ids),
            "facts": len(self.layout.plan.facts.ids),
        }
        found = self.records[table]
        return found[:, : sizes[table]] if table in sizes else found

    def place(self, name: str) -> int:
        """The row of a place."""
        return self.layout.cast.places.index[name]

    def person(self, name: str) -> int:
        """The row of a person."""
        return self.layout.cast.people.index[name]

    def units_of(self, force: str) -> NDArray[np.intp]:
        """The rows of a force's detachments."""
        return np.flatnonzero(self.layout.cast.units.force == self.layout.cast.forces.index[force])

    def events(self, world: int = 0) -> tuple[Event, ...]:
        """What happened in a world, in words."""
        return Teller(self.layout.cast, self.layout.plan).tell(self.records[world])

    def rows(self, kind: int, world: int = 0) -> NDArray[Any]:
        """The numbered events of one kind (sim/journal.py) in a world."""
        events = self.records[world]["events"][: self.records[world]["clock"]["events"]]
        return events[events["kind"] == kind]


def play(
    scenario: str | Scenario = "historical",
    worlds: Iterable[int] = (0,),
    *,
    until: float = np.inf,
    seed: int = SEED,
    values: Mapping[str, float] | None = None,
    pulse: float = 5.0,
    sides_swapped: bool = False,
) -> Histories:
    """Play some worlds up to a minute (all pulses that begin by then); `until=-1` stops after the opening is
    drawn.
    """
    played, kept = find_scenario(scenario), []
    made = layout(played, pulse, sides_swapped)
    stage = Stage(made)
    for number in worlds:
        stage.open(seed, number, {**played.settings, **(values or {})})
        if until >= 0:
            stage.play(until)
        kept.append(stage.worlds.copy())
    return Histories(made, np.concatenate(kept))
