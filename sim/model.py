"""Petrograd: one history as a Mesa model, stepped pulse by pulse; its agents and its space read and write its
record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mesa
import numpy as np
from mesa.time import EventGenerator, Priority, Schedule

from sim import clock, compiled, parameters
from sim.agents import SORT_OF_KIND, Headquarters, Unit
from sim.agents.people import SORT_OF_GROUP, Person
from sim.city.space import network
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.plan.layout import Stage, layout
from sim.rules.pulse import PULSE
from sim.telling import Event, Teller

SEED = 1917


class Petrograd(mesa.Model):
    """One history of a scenario, from its start to its end; a step is one pulse of the rules, in order.

    `world` is the number of the history under a seed; `rng`, by which Mesa's own tools call it, is a seed
    too. `values` sets parameters.
    Mesa's clock `time` counts the minutes since the start. Raises ScenarioError, ParameterError and
    ValueError.
    """

    def __init__(
        self,
        scenario: str | Scenario = "historical",
        *,
        seed: int | None = None,
        world: int = 0,
        rng: Any = None,
        values: Mapping[str, float] | None = None,
        pulse: float = 5.0,
        sides_swapped: bool = False,
    ) -> None:
        self.pulse, self.running = float(pulse), True
        super().__init__(rng=0)
        self.seed, self.number = _seed(seed, rng), int(world)
        played = find_scenario(scenario)
        self.layout = layout(played, self.pulse, sides_swapped)
        self.values = {**played.settings, **(values or {})}
        parameters.given(self.values, 1)
        self._stage = Stage(self.layout)
        with compiled.told():
            self._stage.open(self.seed, self.number, self.values)
        self._keep_minutes()
        self.space = network(self.layout.cast.city)
        self._people_it()
        self.datacollector = mesa.DataCollector(model_reporters=REPORTERS)

    def _keep_minutes(self) -> None:
        """Let Mesa's clock count minutes: a step is a pulse of so many."""
        mesas: Any = self
        mesas._default_schedule.stop()
        every = Schedule(interval=self.pulse, start=self.pulse)
        mesas._default_schedule = EventGenerator(self, self._do_step, every, priority=Priority.HIGH).start()

    def _wrapped_step(self) -> None:
        """What Mesa makes of `step`: on to the next pulse, unless the history has ended."""
        if self.running:
            self._advance_time(self.time + self.pulse)

    def _people_it(self) -> None:
        """Make the agents: units, people and headquarters, in the order of the tables."""
        cast = self.layout.cast
        for place in self.space.all_cells:
            place.model, place.index = self, cast.places.index[place.coordinate]
        u = cast.units
        self.units: list[Unit] = [
            SORT_OF_KIND[u.kinds[i].kind](
                self, row=i, name=name, force=cast.forces.ids[u.force[i]], home=cast.places.ids[u.home[i]]
            )
            for i, name in enumerate(u.ids)
        ]
        self.people: list[Person] = [
            SORT_OF_GROUP[cast.people.group[n]](self, row=n, name=name)
            for n, name in enumerate(cast.people.ids)
        ]
        self.headquarters = [Headquarters(self, side=side) for side in (0, 1)]

    @property
    def world(self) -> Any:
        """The record of this history (see sim/state.py): whatever is written there, the rules go on from."""
        return self._stage.worlds[0]

    def step(self) -> None:
        """One pulse: every rule once, in the order of the model's description. After the last, `running` is
        False and nothing happens.
        """
        if not self.running:
            return
        for k in range(len(PULSE)):
            self._stage.rule(k)
        self.datacollector.collect(self)
        it = self.world["clock"]
        self.running = bool(it["now"] <= it["horizon"])

    def play(self) -> Petrograd:
        """Step until the scenario's end, and hand the model back."""
        while self.running:
            self.step()
        return self

    @property
    def hour(self) -> str:
        """The Julian date and hour, as people write it."""
        return clock.label(clock.moment(float(self.world["clock"]["now"]), self.layout.scenario.start))

    @property
    def events(self) -> tuple[Event, ...]:
        """What has happened so far, in words."""
        return Teller(self.layout.cast, self.layout.plan).tell(self.world)


def _seed(seed: int | None, rng: Any) -> int:
    """The seed under either of its names; ValueError if both are given."""
    if seed is not None and rng is not None:
        raise ValueError(f"seed: wanted seed= or rng=, got both ({seed!r} and {rng!r})")
    given = seed if seed is not None else rng
    if given is None:
        return SEED
    return (
        int(given)
        if isinstance(given, (int, np.integer))
        else int(np.random.default_rng(given).integers(2**63))
    )


def _held(sign: int) -> Any:
    return lambda m: int((m.world["places"]["holder"][m.world["places"]["objective"] > 0] == sign).sum())


REPORTERS = {
    "hour": "hour",
    "ending": lambda m: int(m.world["end"]["ending"]),
    "active_government": lambda m: int(m.world["sides"]["active"][0]),
    "active_soviet": lambda m: int(m.world["sides"]["active"][1]),
    "held_government": _held(-1),
    "held_soviet": _held(1),
    "killed": lambda m: int(m.world["sides"]["killed"].sum()),
}
