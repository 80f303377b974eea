"""The layout: cast and plan as the record of a world, as it is before its opening is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import clock, luck, state
from sim.city.cast import SIDES, Cast, swap_sides, vary
from sim.city.cast import build as build_cast
from sim.city.streets import LAND_SPEED, city_of
from sim.counterfactual.changes import Arrive, Line, OfTheMoment
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.turns import Turn
from sim.errors import ScenarioError
from sim.extend import After, introduce, on_world
from sim.history import History
from sim.parameters import calibrated
from sim.plan.build import SETTLEMENT, Given, Plan, build, priority
from sim.plan.tasks import AIMS, ONE_TELEGRAM
from sim.plan.turning import take_turn
from sim.rules.pulse import ALL, OPENING, PULSE, step
from sim.state import ABSENT, FREE, NEVER, Shape

SIDE_NAMES = {-1: "government", 0: "nobody", 1: "soviet"}
BANDS = ("regiments", "volunteers", "specialists", "militia")
WORKS = {"telephone": state.TELEPHONE, "bridge": state.BRIDGE, "power": state.CURRENT}
NOTHING_MORE = After()
LEAST_QUARTER = 200  # men, that shares of a quarter are counted in
NEAR_KM = 1.0  # what lies within a quarter of an hour on foot is near


@dataclass(frozen=True, eq=False)
class Layout:
    """A scenario ready to be played: its cast and plan, and the record of a world before its opening is
    drawn.
    """

    scenario: Scenario
    cast: Cast
    plan: Plan
    pulse: float
    template: NDArray[Any]  # (1,)
    shape: Shape

    def roomier(self) -> Layout:
        """The same with a longer journal, for histories in which more happens."""
        return _lay_out(
            self.scenario, self.cast, self.plan, self.pulse, self.shape.events * 2, self.shape.roll * 2
        )


@lru_cache(maxsize=16)
def layout(scenario: Scenario, pulse: float = 5.0, sides_swapped: bool = False) -> Layout:
    """A scenario ready to be played, made once. `sides_swapped` turns the city round: for tests of symmetry.

    Raises ValueError for a pulse that is not above 0 and at most 60 minutes.
    """
    if not 0 < pulse <= 60:
        raise ValueError(f"pulse: wanted minutes above 0 and at most 60, got {pulse!r}")
    return of_history(scenario, scenario.record, pulse, sides_swapped)


def of_history(
    scenario: Scenario, history: History, pulse: float = 5.0, sides_swapped: bool = False
) -> Layout:
    """A scenario played on other tables than its own. Raises ScenarioError for one that tells a fork."""
    for made in scenario.changes:
        if isinstance(made, OfTheMoment) and made.moment is not None:
            raise ScenarioError(
                f"{scenario.name}: wanted a scenario, got what tells a fork ({made}); play the fork itself"
            )
    varied = vary(history, scenario.changes, scenario.start)
    cast = build_cast(varied, city_of(history), resolution=scenario.resolution)
    cast = swap_sides(cast) if sides_swapped else cast
    return _lay_out(scenario, cast, build(scenario, cast), pulse)


def _lay_out(
    scenario: Scenario,
    cast: Cast,
    plan: Plan,
    pulse: float,
    events: int = Shape.events,
    roll: int = Shape.roll,
) -> Layout:
    """Fill the record."""
    count = {
        "units": len(cast.units.ids),
        "places": len(cast.places.ids),
        "audiences": len(cast.audiences.ids),
        "tasks": len(plan.tasks.place),
        "decisions": len(plan.decisions.ids),
        "acts": sum(map(len, plan.decisions.acts)),
        "people": len(cast.people.ids),
        "forces": len(cast.forces.ids),
        "facts": len(plan.facts.ids),
        "factions": len(cast.history.factions),
        "sieges": len(cast.places.besieged),
        "coming": max(len(plan.given), len(plan.kept)),
        "covers": len(plan.covers),
    }
    shape = Shape.holding(**count, events=events, roll=roll)
    worlds = shape.worlds(1)
    w = worlds[0]
    for name, rows in count.items():
        w["count"][name] = rows
    _clock(w, cast, plan, pulse)
    _units(w, cast)
    _places(w, cast, plan)
    _audiences(w, cast, plan)
    _people(w, cast, plan)
    _forces(w, cast, plan)
    _tasks(w, cast, plan)
    _decisions(w, cast, plan)
    _facts(w, plan)
    _sides(w, cast, plan)
    _sieges(w, cast)
    _outside(w, cast, plan)
    for table in ("units", "places", "tasks", "decisions", "people", "sieges"):
        w[table]["row"] = np.arange(len(w[table]))
    for table in ("places", "people", "audiences", "units", "forces"):
        ids = getattr(cast, table).ids
        introduce(ids, w[table]["key"][: len(ids)])
    return Layout(scenario, cast, plan, pulse, worlds, shape)


class Stage:
    """A layout with a world on it: what one thread plays its histories on.

    `turns` are what is otherwise from a minute on, in their order; `after` are rules of a user's own. Where
    all its histories are `futures` of one that differ by their last turn, what lies before it is played once.
    """

    def __init__(
        self,
        layout: Layout,
        turns: tuple[Turn, ...] = (),
        after: After = NOTHING_MORE,
        *,
        futures: bool = False,
    ) -> None:
        self.layout, self.turns, self.after, self.futures = layout, turns, after, futures
        self.worlds, self.ways = layout.template.copy(), layout.cast.city.ways()
        self._own = [[on_world(one) for one in after.at(name)] for name in PULSE]
        self._turned = 0  # how many of the turns lie behind
        self._before: NDArray[Any] | None = None  # the world of the futures, before their turn

    def roomier(self) -> Stage:
        """The same with a longer journal, for histories in which more happens."""
        return Stage(self.layout.roomier(), self.turns, self.after, futures=self.futures)

    def open(self, seed: int, number: int, values: Mapping[str, float]) -> None:
        """Begin a history: a fresh record with its luck and its parameters, and the opening drawn; or, of
        futures after the first, the record as it was before their turn.
        """
        if self._before is not None:
            self._begin_as(self._before)
            self._turned = len(self.turns) - 1
            return
        self._begin_as(self.layout.template)
        w = self.worlds[0]
        w["clock"]["luck"] = luck.world_key(np.uint64(seed), np.uint64(number))
        w["p"] = tuple({**calibrated(), **values}.values())
        step(self.worlds, self.ways, OPENING, 0.0)
        self._turned = 0

    def _begin_as(self, world: NDArray[Any]) -> None:
        # as bytes: numpy would copy records field by field, many times as slowly
        self.worlds.view(np.uint8)[:] = world.view(np.uint8)

    def play(self, until: float = NEVER) -> None:
        """Play all pulses up to a minute, or to the end; what turns at a minute does so before its pulse."""
        while self._turned < len(self.turns):
            turn, start = self.turns[self._turned], self.layout.scenario.start
            minute = clock.minutes(turn.at, start)
            if minute > until:
                break
            self._play(minute - self.layout.pulse / 2)
            if self.futures and self._turned == len(self.turns) - 1 and self._before is None:
                self._before = self.worlds.copy()
            take_turn(self.worlds, self.ways, turn, self.layout.cast, self.layout.plan)
            self._turned += 1
        self._play(until)

    def _play(self, until: float) -> None:
        until, it = min(until, float(self.worlds[0]["clock"]["horizon"])), self.worlds[0]["clock"]
        if not self.after:
            step(self.worlds, self.ways, ALL, until)
            return
        while it["now"] <= until:
            for k in range(len(PULSE)):
                self.rule(k)

    def shares(self, minute: float) -> bool:
        """Whether its futures do not yet differ at a minute, nor are that far back any more."""
        return self._before is not None and minute < float(self._before[0]["clock"]["now"])

    def rule(self, k: int) -> None:
        """Apply the k-th rule of a pulse, and what a user wants after it."""
        step(self.worlds, self.ways, k, 0.0)
        for own in self._own[k]:
            own(self.worlds)

    @property
    def overfull(self) -> bool:
        """Whether more has happened than the journal had room for."""
        it = self.worlds[0]["clock"]
        return bool(it["events"] > self.layout.shape.events or it["rolls"] > self.layout.shape.roll)


def _fill(table: Any, **columns: Any) -> None:
    """Fill the first rows of some fields of a table."""
    for name, values in columns.items():
        values = np.asarray(values)
        table[name][: len(values)] = values


def _all(table: Any, value: Any, *names: str) -> None:
    """Set some fields in all rows of a table."""
    for name in names:
        table[name] = value


def _clock(w: Any, cast: Cast, plan: Plan, pulse: float) -> None:
    start = plan.scenario.start
    midnight = start.hour * 60.0 + start.minute
    it = w["clock"]
    it["pulse"], it["horizon"], it["midnight"] = pulse, clock.minutes(plan.scenario.end, start), midnight
    it["dawn"], it["dusk"] = clock.DAWN.total_seconds() / 60, clock.DUSK.total_seconds() / 60
    it["sense"], it["block"], it["review"] = cast.sense, -1, max(round(state.REVIEW / pulse), 1)


def _spread(keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """A number in [0, 1) for each key: breaks ties the same way in whatever order, and beside whatever else,
    things stand.
    """
    return keys.astype(float) / 2.0**64


def _units(w: Any, cast: Cast) -> None:
    u, table = cast.units, w["units"]
    _all(
        table,
        -1,
        "to",
        "goal",
        "task",
        "told",
        "cause",
        "home",
        "force",
        "appears",
        "parent",
        "post",
        "under",
        "goal_task",
    )
    _all(
        table, NEVER, "told_at", "order_at", "sets_out_at", "thinks_at", "commissar_at", "refused_at", "rank"
    )
    _all(table, NEVER, "clock_at")
    _all(table, 1.0, "leg", "pace")
    table["cohesion"], table["infantry_share"], table["duty"], table["spent"] = 0.6, 0.5, state.GONE, True
    n = len(u.ids)
    _fill(
        table,
        men=u.men,
        party=u.men,
        arms=u.arms,
        place=u.home,
        duty=u.duty,
        spent=np.zeros(n, bool),
        clock_at=np.zeros(n),
        key=u.keys,
        order=_spread(u.keys),
        force=u.force,
        home=u.home,
        graph=u.graph,
        group=u.group,
        trusted=u.trusted,
        posted=u.duty == state.ON_POST,
        is_party=u.is_party,
        in_city=u.in_city,
        appears=u.appears,
        parent=u.parent,
        regiment=cast.forces.men[u.force],
        quality=u.quality,
        speed=u.speed,
        afloat=u.afloat,
        leaning=u.leaning,
        commissar=u.commissar,
        **_of_kinds(cast),
    )
    men = np.bincount(u.group, weights=u.men * u.in_city, minlength=state.GROUPS)
    w["group_men"] = np.maximum(men, 1)


def _of_kinds(cast: Cast) -> dict[str, Any]:
    """What units have of their kind."""
    kinds = cast.units.kinds
    return {
        "sworn": [k.sworn_to for k in kinds],
        "infantry_for": [k.infantry_for for k in kinds],
        "roster": [k.roster for k in kinds],
        "civilian": [k.civilian for k in kinds],
        "levy": [k.levy for k in kinds],
        "guns": [k.guns for k in kinds],
        "band_of": [BANDS.index(k.band) for k in kinds],
        "belief_pull": [k.belief_pull for k in kinds],
        "assurance": [k.assurance for k in kinds],
    }


def _places(w: Any, cast: Cast, plan: Plan) -> None:
    p, table, facts = cast.places, w["places"], plan.facts.index
    rows, n = np.arange(len(p.ids)), len(p.ids)
    _all(
        table,
        -1,
        "occupier",
        "holder_cause",
        "envoy_cause",
        "siege",
        "under_fire_of",
        "capture_fact",
        "bridge_fact",
        "attacker",
    )
    _all(table, NEVER, "occupied_at", "raise_at", "envoy_at", "beaten_off")
    sieges = np.full(n, -1)
    sieges[p.besieged] = np.arange(len(p.besieged))
    names = [_side_name(sign, cast) for sign in SIDES]
    roles = {
        name: np.isin(rows, p.roles[name])
        for name in ("gate", "telegraph", "wire", "exchange", "power", "arsenal")
    }
    _fill(
        table,
        holder=p.holder,
        power=np.ones(n, bool),
        key=p.keys,
        audience=p.audience,
        siege=sieges,
        under_fire_of=p.under_fire_of,
        opening_holder=p.holder,
        had=np.stack([p.holder == sign for sign in SIDES], axis=1),
        weight=p.weight,
        public=p.public,
        press=p.press,
        span=p.span,
        water=[row.kind == "anchorage" for row in cast.history.places.values()],
        bit=[cast.city.bit.get(int(i), 0) for i in rows],
        in_city=p.in_city,
        gate=roles["gate"],
        seat=p.seat,
        wire=roles["telegraph"] | roles["wire"],
        telegraph=roles["telegraph"],
        exchange=roles["exchange"],
        station=roles["power"],
        arsenal=roles["arsenal"],
        position=p.position,
        guard_known=p.guard_known,
        objective=[row.objective for row in cast.history.places.values()],
        capture_fact=[[facts.get(f"capture:{name}:{side}", -1) for side in names] for name in p.ids],
        bridge_fact=[
            [facts.get(f"bridge_{word}:{name}", -1) for word in ("lowered", "raised")] for name in p.ids
        ],
        priority=_priorities(cast, plan).T,
    )
    spans = [row for row in rows if int(row) in cast.city.bit]
    w["count"]["spans"], w["spans"][: len(spans)] = len(spans), spans
    w["blank_fact"] = facts.get("event:blank_shot", -1)
    w["settled_fact"] = facts[SETTLEMENT]
    w["ring"][: len(p.besieged), :n] = p.ring


def _side_name(sign: int, cast: Cast) -> str:
    """The side's id as the record has it; in a mirrored city the names go with the record."""
    return SIDE_NAMES[sign * cast.sense]


def _priorities(cast: Cast, plan: Plan) -> NDArray[np.intp]:
    """The order of places (sides, places) in which each headquarters thinks of them."""
    return np.stack([priority(cast, policy) for policy in plan.policies])


def _audiences(w: Any, cast: Cast, plan: Plan) -> None:
    a, table, n = cast.audiences, w["audiences"], len(cast.audiences.ids)
    _all(table, NEVER, "line_cut_at", "next_news", "feel_at")
    _all(table, -1, "cut_fact", "cut_cause")
    table["quarter_men"] = LEAST_QUARTER
    where = cast.places.audience[cast.units.home]
    men = np.bincount(where, weights=cast.units.men, minlength=n)
    line = np.array([k.band == BANDS[state.REGIMENTS] for k in cast.units.kinds]) & cast.units.in_city
    w["regiment_men"] = cast.units.men[line].sum()
    near = _near(cast)
    w["news"]["near"][:n, : near.shape[1]] = near
    _fill(
        table,
        line=np.ones(n, bool),
        key=a.keys,
        place=a.place,
        quarter=a.quarter,
        in_city=a.in_city,
        hall=a.wired,
        side=a.side,
        manned=np.isin(np.arange(n), cast.places.audience[cast.units.home]) | a.in_city,
        quarter_men=np.maximum(men, LEAST_QUARTER),
        regiment_men=np.bincount(where[line], weights=cast.units.men[line], minlength=n),
        cut_fact=[plan.facts.index.get(f"phones:{cast.places.ids[p]}=off", -1) for p in a.place],
    )
    w["news"]["at"], w["report_at"], w["hearing"]["at"] = NEVER, NEVER, NEVER
    w["reports"]["delay"] = 60.0
    w["reports"]["km"][:n, :n] = a.km


def _near(cast: Cast) -> NDArray[np.bool_]:
    """Whether a place lies in the quarter of an audience or close by it: (audiences, places)."""
    quarter = cast.audiences.quarter
    own = quarter[:, None] == quarter[cast.places.audience][None, :]
    km = cast.city.table("foot")[cast.audiences.place] * LAND_SPEED / 60
    return np.asarray(own | (km <= NEAR_KM))


def _people(w: Any, cast: Cast, plan: Plan) -> None:
    p, table = cast.people, w["people"]
    _all(table, -1, "place", "bound_for", "cause", "pass_fact")
    table["arrives_at"], table["liberty"] = NEVER, ABSENT
    hidden = {
        o
        for rows in cast.history.decisions.values()
        for choice in rows
        if "disguised" in choice.params
        for o in choice.object
        if o in p.index and cast.history.people[o].side * SIDES[1] > 0
    }
    _fill(
        table,
        place=p.place,
        liberty=np.where(p.place >= 0, FREE, ABSENT),
        key=p.keys,
        side=p.side,
        minister=[g == "minister" for g in p.group],
        hides=[name in hidden for name in p.ids],
        resolve=p.resolve,
        leads=p.leads,
        pass_fact=[plan.facts.index.get(f"event:{name}_passes_patrol", -1) for name in p.ids],
    )


def _forces(w: Any, cast: Cast, plan: Plan) -> None:
    table, facts = w["forces"], plan.facts.index
    forces = [cast.history.forces[name] for name in cast.forces.ids]
    table["first_arrival"], table["refuse_fact"], w["arrival_fact"] = NEVER, -1, -1
    table["answers_at"], table["answers_to"], table["answers_because"] = NEVER, -1, -1
    _fill(
        table,
        key=luck.keys(f"force:{f.id}" for f in forces),
        asked_key=luck.keys(f"commissar:{f.id}" for f in forces),
        home=cast.forces.home,
        men=cast.forces.men,
        spread=[np.log(max(f.men_high, 1) / max(f.men_low, 1)) / 4 for f in forces],
        low=[f.men_low / max(f.men, 1) for f in forces],
        high=[f.men_high / max(f.men, 1) for f in forces],
        refuse_fact=[facts.get(f"refuse:{f.id}", -1) for f in forces],
    )
    for token, fact in facts.items():
        word, *parts = token.split(":")
        if word == "arrive" and parts[0] in cast.forces.index:
            w["arrival_fact"][cast.forces.index[parts[0]], cast.places.index[parts[1]]] = fact
    factions = list(cast.history.factions.values())
    _fill(
        w["factions"],
        key=luck.keys(f"faction:{f.id}" for f in factions),
        delegates=[f.delegates for f in factions],
        for_transfer=[f.for_transfer for f in factions],
        walks_out=[f.walks_out for f in factions],
    )


def _tasks(w: Any, cast: Cast, plan: Plan) -> None:
    t, table = plan.tasks, w["tasks"]
    _all(table, -1, "cause", "decision", "place", "staged", "origin")
    _all(table, NEVER, "since", "first")
    n, units = len(t.place), len(cast.units.ids)
    if not n:
        return
    w["named"][:n, :units] = t.by
    anybody, backwards = t.by.any(axis=1), t.by[:, ::-1].argmax(axis=1)
    for row, people in enumerate(t.people):
        w["wanted"][row, people] = 1
    for name, purpose in (("arrests", state.ARREST), ("walks", state.MARCH)):
        rows = np.flatnonzero(t.purpose == purpose)
        w["count"][name], w[name][: len(rows)] = len(rows), rows
    to_all = np.isin(t.purpose, ONE_TELEGRAM)
    addressed = (t.by[:, None, :] == t.by[None, :, :]).all(axis=2) & t.by.any(axis=1)
    # tasks of one decision that go together
    w["together"][:n, :n] = to_all[:, None] & to_all[None, :] | addressed
    order = _spread(t.keys) * 1e-6
    halls = cast.audiences.place[cast.audiences.seat]
    walk = np.minimum(cast.city.table("foot")[halls][:, t.place], 1000.0)  # minutes from a headquarters
    rank = (
        np.where(t.frees, 0, _priorities(cast, plan)[:, t.place])
        + order
        + (cast.places.guard_known[t.place] + walk) / 1e5
    )
    kin = cast.units.trusted[None, :] == np.array(SIDES)[t.side][:, None]
    calls = t.standing & (t.purpose == state.CALL)
    _fill(
        table,
        key=t.keys,
        decision=t.decision,
        side=t.side,
        purpose=t.purpose,
        place=t.place,
        staged=t.staged,
        origin=t.origin,
        open=t.open,
        whole=t.whole,
        desk=t.desk,
        bars=t.bars,
        armed_only=t.armed_only,
        frees=t.frees,
        aims=np.isin(t.purpose, AIMS),
        standing=t.standing,
        on_table=t.table,
        garrison_call=calls & ~(t.by & kin).any(axis=1),
        named_from=t.by.argmax(axis=1),
        named_to=np.where(anybody, units - backwards, 0),
        hands=(t.by & ~cast.units.in_city).any(axis=1),
        kin=(t.by & kin & cast.units.in_city).any(axis=1),
        men=t.men,
        numbered=t.numbered,
        act_at=t.act_at,
        leave_at=t.leave_at,
        order=order,
        rank=rank.T,
    )


def _decisions(w: Any, cast: Cast, plan: Plan) -> None:
    d, table, s = plan.decisions, w["decisions"], cast
    _all(table, NEVER, "due", "fired_at", "at")
    _all(
        table,
        -1,
        "event",
        "spoken_at",
        "word_fact",
        "place",
        "after",
        "hears",
        "people",
        "staffs",
        "objects",
        "crews",
    )
    places = [[s.places.index[o] for o in choice.object if o in s.places.index] for choice in d.made]
    crews = [
        [s.forces.index[n] for n in choice.params.get("by", "").split("+") if n in s.forces.index]
        for choice in d.made
    ]
    for name, rows in (("objects", places), ("crews", crews)):
        for row, values in enumerate(rows):
            if name == "objects" or "fire" in d.made[row].verb:
                table[name][row, : len(values)] = values
    for name in ("after", "hears", "people", "staffs"):
        values = getattr(d, name)
        table[name][: len(values), : values.shape[1]] = values
    _fill(
        table,
        key=d.keys,
        side=d.side,
        taken=d.taken,
        echo=d.echo,
        overtaken=d.overtaken,
        documented=d.documented,
        personal=d.personal,
        of_force=d.of_force,
        at=d.at,
        lag=d.lag,
        spoken_at=[_desk_of(s, plan, row) for row in range(len(d.ids))],
        word_fact=[plan.facts.index.get(f"word:{name}", -1) for name in d.ids],
        place=[p[0] if p else -1 for p in places],
        own_key=luck.keys(d.ids),
    )
    acts = [(row, act) for row, acts in enumerate(d.acts) for act in acts]
    w["acts"]["decision"] = -1
    for k, (row, act) in enumerate(acts):
        w["acts"][k] = (row, act.does, act.who, act.where, act.number, act.more)
    congress = w["congress"]
    congress["hall"] = cast.places.roles["congress"][0]
    for name in ("planned_at", "opens_at", "opened_at", "motion_at", "walkout_at", "proclaimed_at"):
        congress[name] = NEVER
    congress["open_fact"] = plan.facts.index.get("event:congress_open", -1)
    opening = [row for row, choice in enumerate(d.made) if choice.verb == "open_congress"]
    congress["opening_decision"] = opening[0] if opening else -1


def _desk_of(cast: Cast, plan: Plan, row: int) -> int:
    """The place where a decision is taken at the start of the history."""
    d = plan.decisions
    places = [int(cast.people.place[n]) for n in d.people[row] if n >= 0] + [
        int(p) for p in d.staffs[row] if p >= 0
    ]
    known = [p for p in places if p >= 0]
    side = int((d.side[row] or -cast.sense) > 0)
    return known[0] if known else int(cast.audiences.place[cast.audiences.staff[side]])


def _facts(w: Any, plan: Plan) -> None:
    f, table = plan.facts, w["facts"]
    table["since"], table["cause"] = NEVER, -1
    _fill(table, key=f.keys, shift=f.shift, scale=f.scale)
    w["moves"][: len(f.ids), : f.who.shape[1]] = f.who


def _sides(w: Any, cast: Cast, plan: Plan) -> None:
    facts, a = plan.facts.index, cast.audiences
    w["end"]["at"], w["end"]["relieved_since"] = NEVER, NEVER
    for side, sign in enumerate(SIDES):
        it, name, policy = w["sides"][side], _side_name(sign, cast), plan.policies[side]
        it["staff"], it["seat"], it["low_at"] = a.staff[side], a.seat[side], NEVER
        for act in ("press", "shots", "shells"):
            it[f"{act}_fact"] = facts.get(f"shock:{act}:{name}", -1)
        it["phones_fact"] = facts.get(f"shock:telephones:{name}", -1)
        it["alarm_fact"] = facts.get(f"event:{cast.places.ids[a.place[a.staff[side]]]}_alarm", -1)
        it["rigid"] = policy is not None and policy.rigid
        own = (None, None, None) if policy is None else (policy.caution, policy.palace_caution, policy.orders)
        for field, value in zip(("own_caution", "own_caution_palace", "own_orders"), own, strict=True):
            it[field] = np.nan if value is None else value


def _sieges(w: Any, cast: Cast) -> None:
    table = w["sieges"]
    _all(table, -1, "place", "cause")
    _all(table, NEVER, "ring_at", "assault_at", "term_at", "fire_at", "blank_at", "first_blank")
    table["heads"] = 1
    _fill(table, place=cast.places.besieged)


def _outside(w: Any, cast: Cast, plan: Plan) -> None:
    """What comes from outside, what is kept, and what the decisions settle."""
    w["coming"]["minute"] = NEVER
    for row, given in enumerate(plan.given):
        w["coming"][row] = _coming(given, cast)
    for row, kept in enumerate(plan.kept):
        w["keeping"][row] = (kept.place, kept.side, kept.start, kept.end)
    for row, it in enumerate(plan.covers):
        w["covers"][row] = (it.decision, it.by, it.task, it.does, it.side, it.how, it.early, it.until)


def _coming(given: Given, cast: Cast) -> tuple[Any, ...]:
    """A row of what comes from outside."""
    change, audience = given.change, int(cast.places.audience[given.place])
    if isinstance(change, Arrive):
        men = -1 if change.men is None else change.men
        return (
            given.minute,
            state.ARRIVAL,
            given.place,
            audience,
            given.task,
            cast.forces.index[change.force],
            men,
            False,
        )
    assert isinstance(change, Line)
    return (given.minute, WORKS[change.works], given.place, audience, -1, -1, -1, change.verb == "restore")
