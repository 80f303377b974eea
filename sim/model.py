"""Petrograd: a Mesa model of W parallel histories of one scenario; a step is one pulse of the rules, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import mesa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import clock, opening, script, setting
from sim.agents import SORTS, Headquarters, Unit
from sim.agents.people import SORT_OF_GROUP, Person
from sim.agents.unit import Duty
from sim.chronicle import Chronicle
from sim.city import GRAPHS, LAND_SPEED, city_of
from sim.columns import blank, found
from sim.history import History, load
from sim.luck import Keys, Luck, Process, join
from sim.parameters import Parameters
from sim.rules import PULSE
from sim.rules.messages import active_men, between_reports
from sim.rules.orders import AIMS, ONE_TELEGRAM
from sim.plan import Purpose
from sim.city.cast import SIDES
from sim.tracks import Tracks
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario

Ints = NDArray[np.intp]
RING_KM = (0.15, 1.0)  # where besiegers stand, on foot from the building
SIDE_NAMES = {-1: "government", 0: "nobody", 1: "soviet"}
SIDE_TITLES = {-1: "the government", 0: "nobody", 1: "the Soviet"}


class Petrograd(mesa.Model):
    """Some worlds of one scenario under one seed, from its start to its end.

    `worlds` are the numbers of the worlds: world k of a batch is bit for bit world k alone. `values` sets parameters,
    one number or one a world. `record` keeps the chronicle and the tracks, which changes nothing in the history.
    Raises ScenarioError and ParameterError.
    """

    def __init__(
        self, scenario: str | Scenario = "historical", *, seed: int = 1917, worlds: Iterable[int] = (0,), pulse: float = 5.0,
        values: Mapping[str, ArrayLike] | None = None, record: bool = False, history: History | None = None,
        sides_swapped: bool = False,
    ) -> None:
        super().__init__(rng=0)
        numbers = list(worlds)
        played = find_scenario(scenario)
        self.world_numbers, self.worlds = numbers, len(numbers)
        if not 0 < float(pulse) <= 60:
            raise ValueError(f"pulse: wanted minutes above 0 and at most 60, got {pulse!r}")
        self.seed, self.pulse, self.number = int(seed), float(pulse), 0
        record_of = history or load(event=played.opening)
        self.city = city_of(record_of)
        self.setting = setting.build(setting.vary(record_of, played.changes, played.start), self.city, resolution=played.resolution)
        if sides_swapped:
            self.setting = setting.swap_sides(self.setting)
        self.script = script.build(played, self.setting)
        self.luck = Luck(self.seed, numbers, mirrored=sides_swapped)
        self.p = Parameters(self.worlds, {**played.settings, **(values or {})})
        self.columns = blank(self.setting, self.script, self.worlds)
        self.chronicle = Chronicle(self.worlds, keep=record)
        self.horizon = script.minute(played.end, played)
        self._derive()
        opening.open_city(self)
        self.space = self.city.network()
        self._people_it()
        self.tracks = Tracks(self) if record else None

    # ---- what follows from the setting, worked out once ----

    def _derive(self) -> None:
        s, units = self.setting, self.setting.units
        w, k, a = self.worlds, len(s.places.besieged), len(s.audiences.ids)
        self.band = np.stack([self.p[name] for name in units.band], axis=1)
        self.position = np.where(s.places.seat, self.p.palace_factor[:, None], s.places.position)
        self.group_men = np.maximum(np.bincount(units.group, weights=units.men * units.in_city, minlength=5), 1)
        self.quarter_men = np.maximum(np.bincount(s.places.audience[units.home], weights=units.men, minlength=a), 200)
        self.unit_order = _spread(units.keys)
        self.in_city_armed = units.in_city & ~units.civilian
        self.units_of = [np.flatnonzero(units.force == f) for f in range(len(s.forces.ids))]
        self.conditional = np.array([_own(sort, "ready") for sort in SORTS])[units.sort]  # asks more than most sorts
        self.sworn = np.array([sort.sworn_to for sort in SORTS])[units.sort] * np.where(self.conditional, 0, 1)
        self.gunners = [k for k, sort in enumerate(SORTS) if sort.guns]
        self._facts()
        self.mood: tuple[int, NDArray[np.float64]] = (-1, np.zeros((w, len(units.ids))))
        tasks = self.script.tasks
        self.task_order = _spread(tasks.keys) * 1e-6
        self.has_aim = np.isin(tasks.purpose, AIMS)
        to_all = np.isin(tasks.purpose, ONE_TELEGRAM)
        addressed = (tasks.by[:, None, :] == tasks.by[None, :, :]).all(axis=2) & tasks.by.any(axis=1)
        self.one_telegram = to_all[:, None] & to_all[None, :] | addressed  # (tasks, tasks) of one decision, that go together
        self.act_at = np.append(tasks.act_at, -np.inf)  # the last is for those without a task
        self.bars = np.append(tasks.bars, False)
        self.barred_at: tuple[Ints, ...] = (np.zeros(0, np.intp),) * 3  # where bars stood in the last pulse
        self.raises = np.append(tasks.purpose == Purpose.RAISE, False)
        self.staged = np.flatnonzero(tasks.staged >= 0)
        self.arrests = np.flatnonzero(tasks.purpose == Purpose.ARREST)
        names = list(GRAPHS)
        self.graph_code = np.array([names.index(g) for g in units.graph], dtype=np.intp)
        self.leg_km = np.stack([self.city.legs[g]["km"] for g in names])
        self.leg_pace = np.stack([self.city.legs[g]["pace"] for g in names])
        self._shut_if = np.stack([self.city.legs[g]["shut_if"] for g in names])
        self._open_if = np.stack([self.city.legs[g]["open_if"] for g in names])
        self._bits = np.array([self.city.bit[int(b)] for b in self.city.bridges], dtype=np.int64)
        self.bit_of = np.array([self.city.bit.get(i, 0) for i in range(len(s.places.ids))], dtype=np.int64)
        self.ring_posts = {int(p): self._posts_round(int(p)) for p in s.places.besieged}
        everywhere = np.arange(len(s.places.ids))
        self.at_ring = {place: np.isin(everywhere, posts) for place, posts in self.ring_posts.items()}
        self.is_wire = np.isin(everywhere, np.concatenate([s.places.roles["telegraph"], s.places.roles["wire"]]))
        self.is_exchange = np.isin(everywhere, s.places.roles["exchange"])
        self.withheld = np.isin(everywhere, s.places.besieged)  # not taken in a stand-off, but by a siege
        self.at_gate = np.isin(everywhere, s.places.roles["gate"])
        self.outsiders = np.flatnonzero(~units.in_city)
        self.in_reach = self.at_gate | s.places.in_city
        self._place_base = np.arange(w)[:, None] * len(s.places.ids)
        self.audience_base = np.arange(w)[:, None] * a
        self.between_reports = between_reports(s.audiences)
        self.report_keys = join(s.audiences.keys[None, :], s.audiences.keys[:, None]).ravel()  # (audiences * sources,)
        self.ordered = np.zeros((w, len(units.ids)), bool)
        self.committed = np.zeros((w, len(self.script.tasks.place)), np.int64)
        self.ring_strength, self.inner_strength = np.zeros((w, k), np.int64), np.zeros((w, k), np.int64)
        self.men_there = np.zeros((w, len(s.places.ids), 2), np.int64)  # where places are claimed, or people looked for
        self.spot_base = np.repeat(np.arange(w) * len(s.places.ids), len(units.ids))  # of each row of (worlds, units), in (worlds, places)
        self.span_spot = np.tile(s.places.span, w)
        self.ring_spot = np.tile(np.any([np.zeros(len(everywhere), bool), *self.at_ring.values()], axis=0), w)
        self.bar_strength = np.zeros((w, len(s.places.ids), 2, 2), np.int64)
        self.belief = np.zeros((w, a))
        self.kept = np.zeros(len(s.places.ids), bool)  # places that nobody can take now
        self._policies()

    def _policies(self) -> None:
        """How each headquarters works (worlds, sides): the odds it wants, its orders an hour, and its order of places (sides, places)."""
        s, policies = self.setting, self.script.policies
        self.caution, self.caution_palace = np.stack([self.p.caution_attack] * 2, axis=1), np.stack([self.p.caution_palace] * 2, axis=1)
        self.orders_an_hour = np.stack([self.p.hq_orders] * 2, axis=1)
        self.priority = np.stack([s.places.priority] * 2)
        kinds = [s.history.places[name].kind for name in s.places.ids]
        for side, policy in enumerate(policies):
            if policy is None:
                continue
            for values, wanted in ((self.caution, policy.caution), (self.caution_palace, policy.palace_caution), (self.orders_an_hour, policy.orders)):
                values[:, side] = values[:, side] if wanted is None else wanted
            first = np.isin(kinds, policy.first)
            self.priority[side] = np.where(first, [policy.first.index(k) if k in policy.first else 0 for k in kinds], self.priority[side] + len(policy.first))
        tasks = self.script.tasks
        rank = np.where(tasks.frees, 0, self.priority[:, tasks.place]) + self.task_order
        halls = s.audiences.place[s.audiences.seat]
        walk = np.minimum(self.city.table("foot")[halls][:, tasks.place], 1000.0)  # minutes from a headquarters
        self.task_rank = rank + (s.places.guard_known[tasks.place] + walk) / 1e5  # (sides, tasks) what a desk gives out first

    def _facts(self) -> None:
        """The rows of the facts that something waits for when a place changes hands, a bridge moves, or a force arrives; -1 none."""
        index, places, forces = self.script.facts.index, self.setting.places.ids, self.setting.forces.ids
        sides = [self.side_name(sign) for sign in SIDES]
        self.capture_fact = np.array([[index.get(f"capture:{name}:{side}", -1) for side in sides] for name in places], np.intp)
        self.bridge_fact = np.array([[index.get(f"bridge_{word}:{name}", -1) for word in ("lowered", "raised")] for name in places], np.intp)
        self.press_fact = np.array([index.get(f"shock:press:{side}", -1) for side in sides], np.intp)
        self.shots_fact = np.array([index.get(f"shock:shots:{side}", -1) for side in sides], np.intp)
        self.arrival_fact = np.array([[index.get(f"arrive:{force}:{name}", -1) for name in places] for force in forces], np.intp)

    def _posts_round(self, place: int) -> Ints:
        """Open places a short walk from a building, where a ring stands."""
        km = self.city.table("foot")[place] * LAND_SPEED / 60
        s = self.setting.places
        open_ = (s.position == 1) & ~s.span & (km > RING_KM[0]) & (km < RING_KM[1])
        return np.flatnonzero(open_)

    def _people_it(self) -> None:
        """Make the agents: units, people and headquarters, in the order of the tables."""
        for place in self.space.all_cells:
            place.model, place.index = self, self.city.index[place.coordinate]
        s = self.setting
        self.units: list[Unit] = [
            SORTS[s.units.sort[i]](self, row=i, name=name, force=s.forces.ids[s.units.force[i]], home=s.places.ids[s.units.home[i]])
            for i, name in enumerate(s.units.ids)
        ]
        self.people: list[Person] = [SORT_OF_GROUP[s.people.group[n]](self, row=n, name=name) for n, name in enumerate(s.people.ids)]
        self.headquarters = [Headquarters(self, side=side) for side in (0, 1)]

    # ---- the pulse ----

    def step(self) -> None:
        """One pulse: every rule once, in the order of the model's description."""
        self.strength_now = active_men(self)
        for rule in PULSE:
            rule(self)
        if self.tracks is not None:
            self.tracks.keep(self)
        self.number += 1

    def play(self) -> Petrograd:
        """Beat the pulse until the scenario's end, and hand the model back."""
        while self.now <= self.horizon:
            self.step()
        return self

    @property
    def now(self) -> float:
        """Minutes since the start."""
        return self.number * self.pulse

    @property
    def dark(self) -> bool:
        """Whether it is night."""
        return clock.daylight(clock.moment(self.now, self.script.scenario.start)) < 0.5

    def beat(self, clock_at: NDArray[np.float64], beats: NDArray[np.int32], keys: Keys, rate: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Move on the clocks (worlds, entities) that strike at `rate` (worlds,) an hour, and say which have struck.

        Nothing else moves them: whatever differs between two scenarios, their clocks strike together.
        """
        struck = clock_at <= self.now
        world, entity = found(struck)
        while len(world):
            wait = -np.log(self.luck.at(world, Process.DECISION, keys[entity], beats[world, entity])) / rate[world]
            beats[world, entity] += 1
            clock_at[world, entity] += 60 * wait
            still = clock_at[world, entity] <= self.now
            world, entity = world[still], entity[still]
        return struck

    # ---- reading the state ----

    def one(self, values: NDArray[Any]) -> Any:
        """A value of the single world as a plain number, or the array over the worlds of a batch."""
        return values[0].item() if self.worlds == 1 else values

    def where_unit_is(self, values: NDArray[Any]) -> NDArray[Any]:
        """What (worlds, places) values say of the place where each unit is: (worlds, units)."""
        return values.ravel()[self._place_base + self.columns.place]

    def active(self) -> NDArray[np.bool_]:
        """Units (worlds, units) that are willing and not in quarters."""
        c = self.columns
        return (c.stance != 0) & (c.duty != Duty.IN_QUARTERS) & (c.duty != Duty.GONE) & (c.men > 0)

    def loyalty(self) -> NDArray[np.float64]:
        """The mind of every unit now (worlds, units): opening draw, words and shocks, agitation."""
        world, unit = np.indices(self.columns.men.shape)
        return self.loyalty_of(world.ravel(), unit.ravel()).reshape(self.columns.men.shape)

    def loyalty_of(self, world: Ints, unit: Ints) -> NDArray[np.float64]:
        """The mind of some units (n,), by rows."""
        c, p = self.columns, self.p
        row = world * c.men.shape[1] + unit
        hours = np.maximum(self.now - c.commissar_at.reshape(-1, 2).take(row, axis=0), 0.0) / 60
        drift = np.minimum(p.agitation[world][:, None] * hours, p.agitation_bound[world][:, None])
        return np.asarray(c.loyalty.take(row) + c.moved.take(row) + (drift[:, 1] - drift[:, 0]))

    def unit_strength(self, world: Ints, unit: Ints) -> NDArray[np.int64]:
        """E = men * arms * quality * cohesion of some units (n,), in thousandths so that sums are exact."""
        c, u = self.columns, self.setting.units
        row = world * len(u.ids) + unit
        unarmed = self.p.unarmed[world]
        arms = c.arms.take(row)
        armed = np.where(u.civilian[unit], unarmed, (arms + (1 - arms) * unarmed) * u.quality[unit] * c.cohesion.take(row))
        return np.rint(1000 * c.men.take(row) * armed).astype(np.int64)

    def already(self, token: str, world: Ints, side: int) -> NDArray[np.bool_]:
        """Whether a thing has been said before in some worlds; from now on it has."""
        said = self.columns.said.setdefault(f"{token}|{side}", np.zeros(self.worlds, bool))
        before = said[world].copy()
        said[world] = True
        return before

    def weight_of_words(self, fact: int) -> NDArray[np.float64]:
        """How strongly (worlds,) an appeal, a measure or a shock moves people, of its nominal size."""
        name = self.script.facts.ids[fact]
        if name.startswith("shock:"):
            return self.p.aggression
        made = self.script.decisions.made[self.script.decisions.index[name.partition(":")[2]]]
        hurts = float(made.params["legitimacy"]) < 0
        return self.p.aggression / 0.1 if hurts else self.p.appeal / 0.05

    def desk_of(self, decision: int) -> int:
        """The place where a decision is taken at the start of the history."""
        d, s = self.script.decisions, self.setting
        places = [int(s.people.place[n]) for n in d.people[decision] if n >= 0] + [int(p) for p in d.staffs[decision] if p >= 0]
        known = [p for p in places if p >= 0]
        return known[0] if known else int(s.audiences.place[s.audiences.staff[int((d.side[decision] or -s.sense) > 0)]])

    def decided_by(self, verb: str, world: Ints) -> NDArray[np.int64]:
        """The event of the first decision with a verb, or -1."""
        rows = [d for d, made in enumerate(self.script.decisions.made) if made.verb == verb]
        return self.columns.decided[world, rows[0]] if rows else np.full(len(world), -1, np.int64)

    def cause_of_role(self, role: str, world: Ints) -> NDArray[np.int64]:
        """The event by which the place of a role last changed hands."""
        return np.asarray(self.columns.holder_cause[world, self.setting.places.roles[role][0]])

    # ---- ways through the city ----

    def heard_mask(self, world: Ints, audience: Ints) -> NDArray[np.int64]:
        """The raised bridges an audience has heard of, as bit masks (n,)."""
        return np.asarray(self.columns.heard_raised[world, audience][:, self.city.bridges] @ self._bits)

    def true_mask(self, world: Ints) -> NDArray[np.int64]:
        """The bridges that are raised, as bit masks (n,)."""
        return np.asarray(self.columns.raised[:, self.city.bridges] @ self._bits)[world]

    def is_shut(self, world: Ints, graph: Ints, here: Ints, there: Ints) -> NDArray[np.bool_]:
        """Whether edges (n,) cannot be used as the bridges really are."""
        mask = self.true_mask(world)
        shut = (self._shut_if[graph, here, there] & mask) > 0
        opened = self._open_if[graph, here, there]
        return np.asarray(shut | ((opened > 0) & ((opened & mask) == 0)))

    def minutes_to(self, world: Ints, unit: Ints, place: Ints) -> NDArray[np.float64]:
        """Minutes from where some units are to some places, by rows (n,), as the bridges are."""
        row = self.city.rows(self.graph_code[unit], self.true_mask(world))
        return np.asarray(self.city.minutes[row, self.columns.place[world, unit], place] / (self.setting.units.speed[unit] / LAND_SPEED))

    # ---- words ----

    def untold(self, world: Ints) -> NDArray[np.int64]:
        """The numbers of lines that are not written."""
        return np.full(len(world), -1, np.int64)

    def note(self, world: Ints, kind: str, **line: Any) -> NDArray[np.int64]:
        """Write a line in the chronicle of some worlds."""
        return self.chronicle.note(world, self.now, kind, **line)

    def side_name(self, sign: Any) -> str:
        """The side's id as the record has it; in a mirrored city the names go with the record."""
        return SIDE_NAMES[int(sign) * self.setting.sense]

    def side_title(self, sign: Any) -> str:
        """The side as one says it."""
        return SIDE_TITLES[int(sign) * self.setting.sense]

    def name_of(self, name: str) -> str:
        """The full name behind an id."""
        h = self.setting.history
        for table in (h.places, h.forces, h.people):
            if name in table:
                return table[name].name
        return name

    def names_of(self, names: Iterable[str]) -> str:
        """Several names in a row."""
        return ", ".join(self.name_of(n) for n in names)


def _own(sort: type[Unit], rule: str) -> bool:
    """Whether a sort of unit has a rule of its own, and not that of all units."""
    return any(rule in vars(kind) for kind in sort.__mro__[: sort.__mro__.index(Unit)])


def _spread(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """A number in [0, 1) for each key: breaks ties the same way in whatever order, and beside whatever else, things stand."""
    return keys.astype(float) / 2.0**64
