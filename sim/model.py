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
from sim.errors import number, whole
from sim.extend import After, Rules
from sim.plan.layout import Stage, layout
from sim.rules.pulse import PULSE
from sim.telling import Event, Teller

SEED = 1917
DRAWN = (np.random.Generator, np.random.BitGenerator, np.random.SeedSequence)  # that a seed is drawn from


class Petrograd(mesa.Model):
    """One history of a scenario, from its start to its end; a step is one pulse of the rules, in order.

    `world` is the number of the history under a seed; `rng`, by which Mesa's own tools call it, is a seed
    too. The history runs at its world's own set of parameters; `values` sets some over it, or is
    "calibrated": the one set that does best. `after` puts rules of one's own into the pulse (docs/extend.md).
    Mesa's clock `time` counts the minutes since the start, to the scenario's end: there it stands still,
    while the pulse of that last minute is played too, which is no step of its own. Raises ScenarioError,
    ParameterError and ValueError.
    """

    def __init__(
        self,
        scenario: str | Scenario = "historical",
        *,
        seed: int | None = None,
        world: int = 0,
        rng: Any = None,
        values: Mapping[str, float] | str | None = None,
        after: Rules = None,
        pulse: float = 5.0,
        sides_swapped: bool = False,
    ) -> None:
        self.pulse, self.running = number("pulse", pulse), True
        super().__init__(rng=0)
        self.seed, self.number = _seed(seed, rng), whole("world", world)
        played = find_scenario(scenario)
        self.layout = layout(played, self.pulse, sides_swapped)
        base, over = parameters.asked(values)
        set_over = {name: float(v[0]) for name, v in parameters.given({**played.settings, **over}, 1).items()}
        self.values = parameters.of_world(base, self.number) | set_over
        self._stage = Stage(self.layout, after=After.of(after))
        self._swapped, self._end = sides_swapped, float(self.layout.template[0]["clock"]["horizon"])
        with compiled.told():
            self._stage.open(self.seed, self.number, self.values)
        self._keep_minutes()
        self.space = network(self.layout.cast.city)
        self._people_it()
        self.datacollector = self._rows = mesa.DataCollector(model_reporters=REPORTERS)

    def _keep_minutes(self) -> None:
        """Let Mesa's clock count minutes: a step is a pulse of so many, the next of them after the record's
        clock.
        """
        mesas: Any = self
        mesas._default_schedule.stop()
        every = Schedule(interval=self.pulse, start=float(self.world["clock"]["now"]) + self.pulse)
        mesas._default_schedule = EventGenerator(self, self._do_step, every, priority=Priority.HIGH).start()

    def _wrapped_step(self) -> None:
        """What Mesa makes of `step`: on to the next pulse, unless the history has ended."""
        if self.running and self.time + self.pulse <= self._end:
            super()._advance_time(self.time + self.pulse)
        else:
            self._advance_time(self._end)

    def _advance_time(self, until: float) -> None:
        """What Mesa makes of minutes: on to one of them, or to the end and its last pulse."""
        if not self.running:
            return
        until = min(until, self._end)
        if until > self.time:
            super()._advance_time(until)
        while self.running and self.time >= self._end:
            self._user_step()

    def run_for(self, duration: float) -> None:
        """Go on for so many minutes, or to the end; ValueError unless they are a number from 0."""
        self._advance_time(self.time + _minutes("run_for", duration))

    def run_until(self, end_time: float) -> None:
        """Go on to a minute since the start, or to the end; ValueError unless it is a number from 0."""
        minutes = _minutes("run_until", end_time)
        if self.running:
            super().run_until(minutes)

    def _people_it(self) -> None:
        """Make the agents: units, people and headquarters, in the order of the tables."""
        cast = self.layout.cast
        for place in self.space.all_cells:
            place.model, place.index = self, cast.places.index[place.coordinate]
        u = cast.units
        self.units: list[Unit] = [
            SORT_OF_KIND.get(u.kinds[i].kind, Unit)(
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
        it = self.world["clock"]
        if it["now"] <= it["horizon"]:
            for k in range(len(PULSE)):
                self._stage.rule(k)
        self.running = bool(it["now"] <= it["horizon"])
        if self.time < self._end or not self.running:  # the end is collected once, when all is over
            self.datacollector.collect(self)

    def play(self) -> Petrograd:
        """Step until the scenario's end, and hand the model back."""
        while self.running:
            self.step()
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the scenario, the record and the rows collected; ValueError where a user has put a collector
        or events of his own, which cannot be kept.
        """
        if self.datacollector is not self._rows or len(self._event_list) > 1:
            raise ValueError(
                "pickle: wanted a model without a collector or events of one's own, got one with"
            )
        how: dict[str, Any] = {"seed": self.seed, "world": self.number, "values": self.values}
        how |= {"pulse": self.pulse, "sides_swapped": self._swapped, "after": self._stage.after}
        kept = {"time": self.time, "steps": self.steps, "running": self.running}
        drawn = {"random": self.random.getstate(), "rng": self.rng.bit_generator.state}
        rows = {"rows": self._rows.model_vars, "minutes": self._rows._collection_steps}
        return _again, (
            type(self),
            self.layout.scenario,
            how,
            self._stage.worlds.tobytes(),
            kept | drawn | rows,
        )

    @property
    def hour(self) -> str:
        """The Julian date and hour, as people write it; after the last pulse the scenario's end."""
        now = min(float(self.world["clock"]["now"]), self._end)
        return clock.label(clock.moment(now, self.layout.scenario.start))

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
    if given is rng and isinstance(given, DRAWN):
        return int(np.random.default_rng(given).integers(2**63))
    return whole("seed", given)


def _minutes(what: str, given: object) -> float:
    """A number of minutes from 0; ValueError says what was wanted and got."""
    is_one = isinstance(given, (int, float, np.number)) and not isinstance(given, bool)
    minutes = float(str(given)) if is_one else -1.0
    if not 0 <= minutes < float("inf"):
        raise ValueError(f"{what}: wanted a number of minutes from 0, got {given!r}")
    return minutes


def _again(
    sort: type[Petrograd], scenario: Scenario, how: dict[str, Any], record: bytes, kept: dict[str, Any]
) -> Petrograd:
    """A model as it was when it was pickled."""
    model = sort(scenario, **how)
    model._stage.worlds[:] = np.frombuffer(record, model._stage.worlds.dtype)
    model.time, model.steps, model.running = kept["time"], kept["steps"], kept["running"]
    model._rows.model_vars, model._rows._collection_steps = kept["rows"], kept["minutes"]
    model.random.setstate(kept["random"])
    model.rng.bit_generator.state = kept["rng"]
    model._keep_minutes()
    return model


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
