"""The peer: the reduced city the usual Mesa way, agents in plain Python with a call for each of them.

Units are Mesa's `CellAgent`s, places the cells of Mesa's `Network` (both in idiomatic_agents.py), ways are
found by networkx. `Everybody` asks every agent in every step, as most models do; `Town` asks only those who
are due. Both play the histories of the compiled rules: `reduced.dock` finds no difference in any pulse.

Left out, as nothing in the reduced city reads it: causes and rolls of the journal, the sending of news and
facts, when a unit last ate, the siege's own fight, and the search for people. The compiled rules do the first
two. Nobody is sent out from a post there, so there are no parties to fall in.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from math import inf, isfinite
from random import Random
from types import SimpleNamespace
from typing import Any

import mesa
import networkx as nx
import numpy as np
from idiomatic_agents import SIGNS, Audience, Place, Task, Unit, by_row, chance, join, lognormal, uniform
from mesa.discrete_space import Network
from numpy.typing import NDArray
from reduced import FIELDS, Reduced

from sim import luck
from sim.city.cast import Cast
from sim.city.streets import GRAPHS, City
from sim.journal import REFUSES
from sim.rules import marches, stances
from sim.rules.standoffs import ATTACKER_BREAKS, DEFENDER_BREAKS, DRAWS_OFF, FIRES, SWITCHES, YIELDS
from sim.state import BESIEGED, FREE, NEVER, ON_POST, UNDER_WAY


class Roads:
    """The ways through a city, found by networkx when they are first asked for; histories share them."""

    def __init__(self, city: City) -> None:
        self.bits = [city.bit.get(place, 0) for place in range(len(city.ids))]
        self.edge: dict[tuple[int, int, int], list[Any]] = {}
        self.networks: list[Any] = []
        self.towards: dict[tuple[int, int, int], dict[int, list[int]]] = {}
        self.far: dict[int, dict[int, float]] = {}
        for g, name in enumerate(GRAPHS):
            graph: Any = nx.DiGraph()
            graph.add_nodes_from(range(len(city.ids)))
            of = {field: city.legs[name][field] for field in ("takes", "km", "pace", "shut_if", "open_if")}
            for i, j in np.argwhere(of["takes"]).tolist():
                takes, *rest = (column[i, j].item() for column in of.values())
                graph.add_edge(i, j, takes=takes, open_if=rest[-1])
                self.edge[g, i, j] = rest
            self.networks.append(graph)

    def found(self, graph: int, mask: int, goal: int) -> tuple[dict[int, list[int]], dict[int, float]]:
        """The next place, and the minutes, from everywhere to a goal: nobody gets off a raised bridge."""
        back: Any = nx.DiGraph()
        back.add_nodes_from(self.networks[graph])
        for i, j, edge in self.networks[graph].edges(data=True):
            if not self.bits[i] & mask and (edge["open_if"] == 0 or edge["open_if"] & mask):
                back.add_edge(j, i, takes=edge["takes"])
        return nx.dijkstra_predecessor_and_distance(back, goal, weight="takes")

    def next_place(self, graph: int, mask: int, here: int, goal: int) -> int:
        """The next place on the fastest way to a goal, -1 if there is no way."""
        key = graph, mask, goal
        if key not in self.towards:
            self.towards[key] = self.found(*key)[0]
        way = self.towards[key].get(here)
        return way[0] if way else -1

    def minutes(self, here: int, goal: int) -> float:
        """Minutes on foot with all bridges down, as near as the record keeps them."""
        if goal not in self.far:
            self.far[goal] = self.found(0, 0, goal)[1]
        return float(np.float32(self.far[goal].get(here, inf)))

    def is_shut(self, graph: int, here: int, following: int, raised: int) -> bool:
        """Whether an edge cannot be used as the bridges really are."""
        _, _, shut, opened = self.edge[graph, here, following]
        return bool(shut & raised) or (opened > 0 and not opened & raised)


roads_of = cache(Roads)


class Town(mesa.Model):
    """The reduced city as a Mesa model; a step is a pulse."""

    def __init__(self, city: Reduced) -> None:
        super().__init__(rng=0)
        w, cast, clock = city.start[0], city.layout.cast, city.start[0]["clock"]
        self.p = SimpleNamespace(**{name: float(w["p"][name]) for name in w["p"].dtype.names})
        self.luck, self.pulse, self.sense = int(clock["luck"]), float(clock["pulse"]), int(clock["sense"])
        self.number, self.now, self.block = 0, 0.0, int(clock["block"])
        self.cool = 0.5 ** (self.pulse / 60.0 / self.p.hostility_half_life)
        self.discounted = 1.0 - self.p.commissar_discount
        self.government, self.review = int(self.sense < 0), int(clock["review"])
        self.agitated = chance(self.p.agitation, self.review * self.pulse)
        self.turnout, self.devotion = float(w["turnout"]), float(w["devotion"])
        self.regiments = int(w["regiment_men"])
        self.events: list[tuple[float, int, int, int]] = []
        self.said: set[tuple[int, int, int]] = set()
        self.refused: set[tuple[int, int]] = set()
        self.known_to_refuse: set[tuple[int, int]] = set()
        self.tasks = [Task(row) for row in w["tasks"]]
        self.homes, self.ring = w["forces"]["home"].tolist(), w["ring"].tolist()
        self.heads = int(w["sieges"]["heads"].max())
        self._place(w, cast)
        self.units = [Unit(self, row) for row in w["units"][: city.units]]
        for task, named in zip(self.tasks, w["named"]):
            task.riders = [self.units[n] for n in np.flatnonzero(named) if self.units[n].infantry_for != 0]
        self._lead(w)
        self._file(city)

    def _place(self, w: Any, cast: Cast) -> None:
        """Audiences and places."""
        self.audiences = [Audience(w, a, self.p) for a in range(len(cast.audiences.ids))]
        graph = nx.Graph(cast.city.graph)
        self.space = Network(graph, random=Random(0), cell_klass=Place, layout=None)
        self.places: list[Place] = [self.space[name] for name in cast.places.ids]
        for place, row in zip(self.places, w["places"]):
            place.set_up(self, row)
        self.spans = [place for place in self.places if place.span]
        self.raised = sum(place.bit for place in self.places if place.raised)
        self.roads = roads_of(cast.city)

    def _lead(self, w: Any) -> None:
        """The seat of each side, if somebody free is there or with the staff to lead it; nobody moves."""
        self.seats: list[Place | None] = [None, None]
        for side, sign in enumerate(SIGNS):
            seat, staff = (w["audiences"]["place"][w["sides"][side][hall]] for hall in ("seat", "staff"))
            own = (w["people"]["liberty"] == FREE) & (w["people"]["side"] == sign)
            if (own & np.isin(w["people"]["place"], (seat, staff)))[: int(w["count"]["people"])].any():
                self.seats[side] = self.places[seat]

    def led(self, side: int) -> bool:
        """Whether a side still has its seat, and somebody to give orders."""
        seat = self.seats[side]
        return seat is not None and seat.holder == SIGNS[side]

    def _file(self, city: Reduced) -> None:
        """Who is to be asked in which pulse, and who stands where."""
        self.walkers: set[Unit] = set()
        self.quitting: list[Unit] = []
        self.watched: set[Place] = set(self.places)  # where somebody might claim what he does not hold
        self.bitter = {place for place in self.places if place.hostility > 0}
        self.waking: dict[int, list[Unit]] = defaultdict(list)
        self.leaving: dict[int, list[Unit]] = defaultdict(list)
        self.coming: dict[int, list[Any]] = defaultdict(list)
        self.envoys: dict[int, list[Place]] = defaultdict(list)
        self.quartered: dict[int, list[Unit]] = defaultdict(list)
        self.forces: dict[int, list[Unit]] = defaultdict(list)
        for unit in self.units:
            self.wake(unit, unit.clock_at)
            self.quartered[unit.home].append(unit)
            self.forces[unit.force].append(unit)
            if unit.duty == ON_POST:
                unit.here.guard.add(unit)
            elif unit.duty == UNDER_WAY:
                self.walkers.add(unit)
        for order in city.orders:
            self.coming[self.pulse_of(float(order["minute"]))].append(order)
        for place in self.places:
            for minute in place.envoy_at:
                if minute < NEVER:
                    self.envoys[self.pulse_of(minute)].append(place)

    def pulse_of(self, minute: float) -> int:
        """The first pulse that does not begin before a minute."""
        number = max(int(minute // self.pulse), self.number)
        return number if number * self.pulse >= minute else number + 1

    def wake(self, unit: Unit, minute: float) -> None:
        """Have a unit think at a minute."""
        if minute < NEVER:
            self.waking[self.pulse_of(minute)].append(unit)

    def call(self, unit: Unit) -> None:
        """Have a unit set out when it has assembled."""
        if unit.sets_out_at < NEVER:
            self.leaving[self.pulse_of(unit.sets_out_at)].append(unit)

    def note(self, kind: int, place: int, side: int) -> None:
        """Write down an event."""
        self.events.append((self.now, kind, place, side))

    def once(self, force: int, place: int, what: int) -> bool:
        """Whether something of a force and a place is to be written down now."""
        new = (force, place, what) not in self.said
        self.said.add((force, place, what))
        return new

    def ring_post(self, unit: Unit, place: int) -> int:
        """The post of the ring round a place that a unit reaches first."""
        best, nearest, siege = place, inf, self.places[place].siege
        for at in self.places:
            if self.ring[siege][at.row]:
                minutes = self.roads.minutes(unit.here.row, at.row)
                if minutes < nearest:
                    best, nearest = at.row, minutes
        return best

    def ring_wait(self, task: Any) -> float:
        """Minutes left until the ring of a siege is agreed on."""
        slowed = 1 + stances.HEADS_DELAY * (max(1, self.heads) - 1.0)
        u = uniform(self.luck, luck.ASSEMBLY, join(self.places[task.place].key, stances.RING_KEY), 0)
        ready = 60 * self.p.ring_readiness * slowed * lognormal(u, stances.RING_SPREAD)
        return max(task.first + ready - self.now, 0.0)

    def step(self) -> None:
        """A pulse: orders, stances, marches, stand-offs."""
        self.decide()
        self.march()
        self.stand_off()
        self.number += 1
        self.now = self.number * self.pulse

    def decide(self) -> None:
        """Orders come, whoever is due makes up his mind, and leaves what he does no longer want."""
        self.block = int(self.now // (stances.MOOD_HOURS * 60))
        if self.number % self.review == 0:
            self.agitate()
        ordered = self.coming.pop(self.number, [])
        for order in ordered:
            self.units[order["unit"]].hear(self.tasks[order["task"]], int(order["party"]))
        self.think([self.units[order["unit"]] for order in ordered])
        if self.refused:
            for force, side in sorted(self.refused):
                self.count_refusals(force, side)
            self.refused.clear()
        if self.quitting:
            for unit in sorted(self.quitting, key=by_row):
                unit.quit()
            self.quitting.clear()

    def agitate(self) -> None:
        """Where a commissar is accepted minds move to what the regiments of the quarter have declared."""
        bound, step, now = self.p.agitation_bound, self.agitated, self.now
        for unit in self.units:
            if min(unit.commissar_at) <= now:
                unit.swayed += step * (bound * unit.here.hears.ahead - unit.swayed)

    def think(self, ordered: list[Unit]) -> None:
        """Whoever has had an order or is due by his own clock makes up his mind."""
        for unit in dict.fromkeys(self.waking.pop(self.number, []) + ordered):
            unit.think()

    def count_refusals(self, force: int, side: int) -> None:
        """A force is known to refuse when half of the men it was asked for have said no."""
        asked = [u for u in self.forces[force] if u.bid[side] >= 1.0]
        said_no = sum(u.men for u in asked if isfinite(u.refused_at[side]))
        refuse = said_no * 2 >= max(sum(u.men for u in asked), 1) and self.led(side)
        if refuse and (force, side) not in self.known_to_refuse:
            self.known_to_refuse.add((force, side))
            self.note(REFUSES, self.homes[force], -SIGNS[side])

    def march(self) -> None:
        """Units set out, walk the minutes of this pulse, and arrive."""
        self.set_out()
        for _ in range(marches.MOST_LEGS):
            due = self.at_the_end_of_a_leg()
            if not due:
                return
            going = [unit for unit in due if unit.reach()]
            for unit in going:
                if unit.to == marches.LOOKS_AGAIN:
                    unit.look_again()
            for unit in going:
                unit.begin_leg()

    def set_out(self) -> None:
        """Whoever has assembled sets out, and whoever is under way walks the minutes of this pulse."""
        for unit in self.leaving.pop(self.number, ()):
            if unit.sets_out_at <= self.now and unit.task >= 0 and unit.duty < BESIEGED:
                unit.leave()
        pulse = self.pulse
        for unit in self.walkers:
            unit.left -= pulse

    def at_the_end_of_a_leg(self) -> list[Unit]:
        """Who has reached the end of an edge."""
        return sorted([unit for unit in self.walkers if unit.left <= 0], key=by_row)

    def stand_off(self) -> None:
        """Who holds what, wherever one side stands on the other's ground, or on nobody's."""
        for place in self.bitter:
            place.hostility *= self.cool
        contested = self.look_round()
        if contested:
            self.contest(contested)
        for span in self.spans:
            if span.guard or span.raise_at < NEVER:
                span.man_bridge()

    def look_round(self) -> list[Place]:
        """The places that somebody attacks, of those that are watched; where all are of one mind nobody looks
        until somebody comes.
        """
        self.watched.update(self.envoys.pop(self.number, ()))
        seen = sorted(self.watched, key=by_row)
        self.watched = {place for place in seen if place.count()}
        return [place for place in seen if place.attacker >= 0]

    def contest(self, contested: list[Place]) -> None:
        """What comes of the places that somebody attacks."""
        for place in contested:
            place.event = -1
            place.hand_over()
        for place in contested:
            place.occupy()
        for place in contested:
            place.face()
        lost = [place for place in contested if place.event in (YIELDS, SWITCHES, DEFENDER_BREAKS)]
        for place in lost:
            place.seized = []
        for unit in sorted([unit for place in lost for unit in place.there], key=by_row):
            unit.give_way()
        for place in lost:
            if place.event != SWITCHES:
                place.kill_prisoners()
        for place in lost:
            place.take()
        for place in contested:
            if place.event in (DRAWS_OFF, ATTACKER_BREAKS):
                place.draw_off()
        for place in contested:
            place.shell()
        for place in contested:
            if place.event == FIRES:
                place.open_fire()

    def state(self) -> NDArray[np.int64]:
        """Place, stance, duty and men of every unit, then the holder of every place."""
        columns = [[u.here.row for u in self.units]]
        columns += [[getattr(u, name) for u in self.units] for name in FIELDS[1:]]
        columns += [[place.holder for place in self.places]]
        return np.concatenate(columns).astype(np.int64)

    def journal(self) -> list[tuple[float, int, int, int]]:
        """What has happened: minute, kind, place and side of every event."""
        return self.events


class Everybody(Town):
    """The same town, in which every agent is asked in every step."""

    def wake(self, unit: Unit, minute: float) -> None:
        """Nobody is kept in mind: all are asked."""

    def call(self, unit: Unit) -> None:
        """Nobody is kept in mind: all are asked."""

    def think(self, ordered: list[Unit]) -> None:
        """Every unit is asked whether it thinks."""
        self.agents.do("consider")

    def set_out(self) -> None:
        """Every unit is asked whether it sets out or is under way."""
        self.agents.do("walk")

    def at_the_end_of_a_leg(self) -> list[Unit]:
        """Every unit is asked where it is."""
        return [unit for unit in self.agents if unit.duty == UNDER_WAY and unit.left <= 0]

    def look_round(self) -> list[Place]:
        """Every place is looked at."""
        for place in self.places:
            place.count()
        return [place for place in self.places if place.attacker >= 0]
