"""The plan: a scenario against a cast - its decisions, what they do, the tasks they give to units, the news
they wait for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.city.cast import Cast
from sim.counterfactual.changes import SIGN, Arrive, Cancel, Hold, Leave, Line, Order, Policy, Shift
from sim.counterfactual.scenario import Scenario
from sim.history import Choice
from sim.plan.covers import Cover, covers
from sim.plan.tasks import Tasks, draft, minute, named, stack
from sim.plan.verbs import VERBS, Act, acts
from sim.plan.verbs import drafts as drafts_of
from sim.state import (
    ATTACK,
    BESIEGE,
    BLANK,
    CALL,
    DARKEN,
    FIRE,
    GARRISON,
    GUARD,
    HELPS,
    HURTS,
    MUSTER,
    NEVER,
    NO_WORDS,
    RAISE,
    RESUME,
    RING,
    SEIZE,
    SEND_COMMISSAR,
    SHOCK,
    STORM,
    SUMMON,
    UNPLUG,
    WORKERS,
)

Keys = NDArray[np.uint64]
SHOCKS = ("press", "telephones", "shots", "shells")  # acts that turn people against whoever did them
SIDE_SIGNS = (-1, 1)
SETTLEMENT = "event:settlement"
# what a settlement ends, besides sending men
OF_FORCE = (ATTACK, UNPLUG, DARKEN, SEND_COMMISSAR, SUMMON, BLANK, FIRE, RESUME, STORM, BESIEGE)


@dataclass(frozen=True)
class Decisions:
    """The decisions in the order of the table, with the choice made at each."""

    ids: list[str]
    index: dict[str, int]
    keys: Keys
    made: list[Choice]
    side: NDArray[np.int8]
    taken: NDArray[np.bool_]  # False where the choice is to do nothing
    at: NDArray[np.float64]  # minutes from the start for an initiative, else never
    lag: NDArray[np.float64]
    after: NDArray[np.intp]  # (decisions, needs): decisions that must have been taken, -1 none
    hears: NDArray[np.intp]  # (decisions, needs): facts a decider must have heard of, -1 none
    people: NDArray[np.intp]  # (decisions, deciders): people, -1 none
    staffs: NDArray[np.intp]  # (decisions, deciders): places of unnamed staffs, -1 none
    tasks: list[list[int]]
    acts: list[list[Act]]
    overtaken: NDArray[np.int8]  # what overtakes it
    echo: NDArray[np.bool_]  # only sends, at another hour, a force that another decision names
    documented: NDArray[np.float64]  # minutes from the start, of a reaction too
    personal: NDArray[np.bool_]  # of what a decider does himself
    of_force: NDArray[np.bool_]  # sends armed men, or does what a settlement ends

    def orders_of(self, decision: str) -> list[int]:
        """The rows of a decision and of its echoes."""
        return [row for row, name in enumerate(self.ids) if name.partition("+")[0] == decision]


@dataclass(frozen=True)
class Facts:
    """What is heard of: tokens that decisions wait for, appeals, and acts that shock."""

    ids: list[str]
    index: dict[str, int]
    keys: Keys
    shift: NDArray[np.float64]  # loyalty moved in who hears it, before the parameters' scale
    scale: NDArray[np.int8]  # which of the parameters scales it
    who: NDArray[np.bool_]  # (facts, units) whom it moves


@dataclass(frozen=True)
class Kept:
    """A place that a side has from one minute to another, whatever happens there."""

    place: int
    side: int
    start: float
    end: float


@dataclass(frozen=True)
class Given:
    """What comes from outside at a minute, by nobody's decision here: a force, or a line cut or joined."""

    minute: float
    change: Arrive | Line
    place: int
    task: int = -1  # what those who arrive are told


@dataclass(frozen=True)
class Plan:
    """A scenario compiled against a cast."""

    scenario: Scenario
    decisions: Decisions
    tasks: Tasks
    facts: Facts
    kept: tuple[Kept, ...]
    given: tuple[Given, ...]
    policies: tuple[Policy | None, Policy | None]  # of the (government, Soviet)
    covers: tuple[Cover, ...]  # what the decisions settle


def build(scenario: Scenario, cast: Cast) -> Plan:
    """Compile a scenario: which decisions wait for what, which tasks they give to whom, and what comes from
    outside.
    """
    made = [_varied(choice, scenario) for choice in scenario.chosen(cast.history)]
    drafts = [draft for row, choice in enumerate(made) for draft in drafts_of(choice, row, cast, scenario)]
    cancelled = [c.what for c in scenario.changes if isinstance(c, Cancel)]
    drafts = _without(drafts, cancelled, cast)
    drafts, echoes = _echoes(drafts, made, cast, scenario)
    made = made + echoes
    given: list[Given] = []
    for change in scenario.changes:
        if isinstance(change, Order):
            drafts += _ordered(change, len(made), cast, scenario)
            made.append(_order_given(change))
        elif isinstance(change, Arrive):
            given.append(
                Given(minute(change.at, scenario), change, cast.places.index[change.place], len(drafts))
            )
            drafts.append(_arrival(change, len(made), cast, scenario))
            made.append(_order_given(change))
        elif isinstance(change, Line):
            given.append(Given(minute(change.at, scenario), change, cast.places.index[change.place]))
    for side in (0, 1)[:: cast.sense]:  # the same headquarters first, whichever way the city is turned
        drafts += _without(_standing(side, len(made), cast, scenario), cancelled, cast)
        made.append(_policy_of(side, cast, scenario))
    tasks = [[t for t, draft in enumerate(drafts) if draft["decision"] == row] for row in range(len(made))]
    facts = _facts(made, cast)
    decisions = _decisions(made, tasks, facts, cast, scenario)

    def of_default(choice: Choice, row: int) -> tuple[list[dict[str, Any]], list[Act]]:
        return drafts_of(choice, row, cast, scenario), acts(choice, cast, scenario, made, tasks, facts.index)

    return Plan(
        scenario,
        decisions,
        stack(drafts, made, cast),
        facts,
        kept=tuple(_kept(change, cast, scenario) for change in scenario.changes if isinstance(change, Hold)),
        given=tuple(sorted(given, key=lambda g: g.minute)),
        policies=_policies(scenario, cast),
        covers=covers(made, drafts, decisions.acts, cast, scenario, of_default),
    )


# parameters of a choice that are hours
TIMES = ("at", "not_before", "ships_not_before", "trains_not_before", "planned")


def _varied(choice: Choice, scenario: Scenario) -> Choice:
    """A choice as the scenario's verbs leave it: cancelled, without a cancelled ship, or with its hours
    moved.
    """
    for change in scenario.changes:
        if (isinstance(change, Cancel) and change.what == choice.id) or (
            isinstance(change, Leave) and choice.id in change.decisions
        ):
            return choice.model_copy(update={"verb": "nothing", "object": (), "params": {}})
        if isinstance(change, Cancel) and choice.verb == "depart" and change.what in choice.object:
            left = tuple(name for name in choice.object if name != change.what)
            choice = choice.model_copy(
                update={"object": left} if left else {"verb": "nothing", "object": (), "params": {}}
            )
        elif isinstance(change, Shift) and change.what == choice.id:
            choice = _moved(choice, change.later)
    return choice


def _moved(choice: Choice, later: float) -> Choice:
    """A choice so many minutes later: its own hour or lag, and every hour its order names."""
    params = {
        name: (datetime.fromisoformat(value) + timedelta(minutes=later)).isoformat()
        if name in TIMES
        else value
        for name, value in choice.params.items()
    }
    lag = choice.lag_min if choice.mode == "initiative" else max((choice.lag_min or 0.0) + later, 0.0)
    return choice.model_copy(
        update={"at": choice.at + timedelta(minutes=later), "lag_min": lag, "params": params}
    )


def _without(drafts: list[dict[str, Any]], forces: list[str], cast: Cast) -> list[dict[str, Any]]:
    """The drafts with some forces no longer named; one that named nobody else, and is not open to others, is
    dropped.
    """
    gone = np.isin(cast.units.force, [cast.forces.index[f] for f in forces if f in cast.forces.index])
    left = [{**draft, "by": draft["by"] & ~gone} for draft in drafts]
    return [
        new
        for new, old in zip(left, drafts, strict=True)
        if new["by"].any() or new["open"] or not old["by"].any()
    ]


def _echoes(
    drafts: list[dict[str, Any]], made: list[Choice], cast: Cast, scenario: Scenario
) -> tuple[list[dict[str, Any]], list[Choice]]:
    """The part of every order that names a force delayed or advanced, as an order of its own that comes at
    its own hour.
    """
    echoes: list[Choice] = []
    for change in scenario.changes:
        if not isinstance(change, Shift) or change.what not in cast.forces.index:
            continue
        mine = cast.units.force == cast.forces.index[change.what]
        rows: dict[int, int] = {}
        kept: list[dict[str, Any]] = []
        for it in drafts:
            if not (it["by"] & mine).any() or it["decision"] >= len(made):
                kept.append(it)
                continue
            if it["decision"] not in rows:
                rows[it["decision"]] = len(made) + len(echoes)
                echoes.append(_echo(made[it["decision"]], change))
            if (it["by"] & ~mine).any() or it["open"]:
                kept.append({**it, "by": it["by"] & ~mine})
            kept.append(
                {
                    **it,
                    "by": it["by"] & mine,
                    "open": False,
                    "decision": rows[it["decision"]],
                    "act_at": it["act_at"] + change.later,
                    "leave_at": it["leave_at"] + change.later,
                }
            )
        drafts = kept
    return drafts, echoes


def _echo(choice: Choice, change: Shift) -> Choice:
    """The decision again, at another hour, for one force only: its words are not said twice."""
    moved = _moved(choice, change.later)
    params = {name: value for name, value in moved.params.items() if name != "legitimacy"}
    return moved.model_copy(update={"id": f"{choice.id}+{change.what}", "params": params})


def _order_given(change: Order | Arrive) -> Choice:
    """An order of the scenario's own, as a decision that nobody in the record takes; an arrival is none, but
    its men are told something.
    """
    ordered = isinstance(change, Order)
    label = f"{str(change).partition(': ')[2]}"
    return Choice.model_construct(
        id=f"{change.verb} {change.subject}",
        choice=change.verb,
        default=True,
        label=label,
        side=SIGN[change.side],
        deciders=(),
        mode="initiative",
        at=change.at,
        requires=(),
        lag_min=None,
        verb=change.errand if isinstance(change, Order) else "nothing",
        object=(change.place,) if ordered else (),
        params={},
        description="",
        source="scenario",
    )


def _ordered(change: Order, decision: int, cast: Cast, scenario: Scenario) -> list[dict[str, Any]]:
    """The tasks of an order of the scenario's own: whoever is named, all of them unless a number is
    wanted.
    """
    params = {"by": "+".join(change.forces), "to": change.place} | (
        {"men": str(change.men)} if change.men else {}
    )
    objects = change.forces if change.errand == "call" else (change.place,)
    choice = _order_given(change).model_copy(update={"object": objects, "params": params})
    by = named(change.forces, cast)
    if change.start is not None:
        by &= cast.units.home == cast.places.index[change.start]
    drafts = drafts_of(choice, decision, cast, scenario)
    return [
        {**draft, "by": draft["by"] & by, "open": False, "whole": change.men is None}
        for draft in drafts
        if (draft["by"] & by).any()
    ]


def _arrival(change: Arrive, decision: int, cast: Cast, scenario: Scenario) -> dict[str, Any]:
    return draft(
        _order_given(change),
        decision,
        cast,
        scenario,
        MUSTER,
        change.place,
        by=named([change.force], cast),
        whole=True,
        open=False,
    )


def _kept(change: Hold, cast: Cast, scenario: Scenario) -> Kept:
    end = NEVER if change.until >= scenario.end else minute(change.until, scenario)
    return Kept(
        cast.places.index[change.place], SIGN[change.side] * cast.sense, minute(change.at, scenario), end
    )


def _policies(scenario: Scenario, cast: Cast) -> tuple[Policy | None, Policy | None]:
    by_side = {
        SIGN[change.side] * cast.sense: change for change in scenario.changes if isinstance(change, Policy)
    }
    return by_side.get(-1), by_side.get(1)


def priority(cast: Cast, policy: Policy | None) -> NDArray[np.intp]:
    """The order of places (places,) in which a headquarters thinks of them, those kinds first that its policy
    names.
    """
    if policy is None:
        return cast.places.priority
    kinds = [cast.history.places[name].kind for name in cast.places.ids]
    first = np.isin(kinds, policy.first)
    order = [policy.first.index(k) if k in policy.first else 0 for k in kinds]
    return np.where(first, order, cast.places.priority + len(policy.first))


def _policy_of(side: int, cast: Cast, scenario: Scenario) -> Choice:
    """The row under which the standing tasks of a headquarters are kept; as a decision it never comes."""
    return Choice.model_construct(
        id=f"policy {_side_name(side, cast)}",
        choice="policy",
        default=True,
        label="",
        side=SIDE_SIGNS[side] * cast.sense,
        deciders=(),
        mode="reaction",
        at=scenario.end,
        requires=(),
        lag_min=None,
        verb="nothing",
        object=(),
        params={},
        description="",
        source="scenario",
    )


def _side_name(side: int, cast: Cast) -> str:
    return "soviet" if SIDE_SIGNS[side] * cast.sense > 0 else "government"


def _standing(side: int, decision: int, cast: Cast, scenario: Scenario) -> list[dict[str, Any]]:
    """The tasks that a headquarters can give by itself: to take or guard each point, to raise bridges,
    to ring a seat, to call each force.
    """
    choice, places = _policy_of(side, cast, scenario), cast.places
    seat, enemy = (
        int(cast.audiences.place[a]) for a in (cast.audiences.seat[side], cast.audiences.seat[1 - side])
    )
    nobody = np.zeros(len(cast.units.ids), bool)

    def task(purpose: int, place: Any, **more: Any) -> dict[str, Any]:
        made = {"by": nobody, "tag": "policy", "side": side, "standing": True, **more}
        return draft(choice, decision, cast, scenario, purpose, places.ids[place], **made)

    points = [p for p in np.flatnonzero(places.in_city) if places.weight[p] > 0 or p in places.roles["gate"]]
    tasks = [task(purpose, p) for p in points if p not in places.besieged for purpose in (SEIZE, GUARD)]
    tasks += [task(RAISE, p) for p in points if places.span[p]]
    tasks += [task(RING, p) for p in points if p in places.besieged]
    quays = [
        p for p in np.flatnonzero(places.in_city) if cast.history.places[places.ids[p]].kind == "anchorage"
    ]
    for name, force in cast.history.forces.items():
        by = named([name], cast)
        trusted = (cast.units.trusted[by] == SIDE_SIGNS[side]).any()
        garrison = (cast.units.in_city[by] & (cast.units.group[by] == GARRISON)).any()
        if force.appears_by or not (trusted or garrison):
            continue
        quay = (
            min(quays, key=lambda p: cast.city.table("foot")[p, enemy])
            if force.transport == "water"
            else seat
        )
        workers = (cast.units.group[by] == WORKERS).any()
        purpose = MUSTER if workers and cast.units.in_city[by].all() else CALL
        tasks.append(task(purpose, quay, by=by, whole=True, open=False, tag=f"policy {name}"))
    return tasks


def _pad(rows: Iterable[list[int]]) -> NDArray[np.intp]:
    """Lists of different length as one array, filled up with -1."""
    rows = list(rows)
    wide = max([1, *map(len, rows)])
    return np.array([row + [-1] * (wide - len(row)) for row in rows], dtype=np.intp).reshape(len(rows), wide)


def _decisions(
    made: list[Choice], given: list[list[int]], facts: Facts, cast: Cast, scenario: Scenario
) -> Decisions:
    ids = [c.id for c in made]
    index = {name: i for i, name in enumerate(ids)}
    people, forces = cast.people.index, cast.forces.index
    initiative = [c.mode == "initiative" for c in made]
    done = [[] if c.verb == "nothing" else acts(c, cast, scenario, made, given, facts.index) for c in made]
    return Decisions(
        ids=ids,
        index=index,
        keys=luck.keys(name.partition("+")[0] for name in ids),
        made=made,
        side=np.array([c.side for c in made], np.int8) * np.int8(cast.sense),
        taken=np.array([c.verb != "nothing" for c in made]),
        at=np.array(
            [minute(c.at, scenario) if first else NEVER for c, first in zip(made, initiative, strict=True)]
        ),
        lag=np.array([c.lag_min or 0.0 for c in made]),
        after=_pad(
            [index[r] for r in c.requires if r in index] if c.mode == "reaction" else [] for c in made
        ),
        hears=_pad(
            [facts.index[r] for r in c.requires if r not in index] if c.mode == "reaction" else []
            for c in made
        ),
        people=_pad([people[d] for d in c.deciders if d in people] for c in made),
        staffs=_pad([int(cast.forces.home[forces[d]]) for d in c.deciders if d in forces] for c in made),
        tasks=given,
        overtaken=np.array([VERBS[c.verb].overtaken for c in made], np.int8),
        acts=done,
        echo=np.array(["+" in name and not name.startswith("order ") for name in ids]),
        documented=np.array([minute(c.at, scenario) for c in made]),
        personal=np.array([bool(set(c.object) & set(c.deciders)) for c in made]),
        of_force=np.array(
            [
                bool(sent) or any(act.does in OF_FORCE for act in acts_)
                for sent, acts_ in zip(given, done, strict=True)
            ]
        ),
    )


def _facts(made: list[Choice], cast: Cast) -> Facts:
    tokens = {r for c in made if c.mode == "reaction" for r in c.requires if ":" in r}
    words = {f"word:{c.id}": c for c in made if "legitimacy" in c.params}
    shocks = {
        f"shock:{act}:{name}": sign for act in SHOCKS for name, sign in (("government", 1), ("soviet", -1))
    }
    ids = [*sorted(tokens), *words, *shocks, SETTLEMENT]
    units = len(cast.units.ids)
    shift, who, scale = (
        np.zeros(len(ids)),
        np.zeros((len(ids), units), bool),
        np.full(len(ids), NO_WORDS, np.int8),
    )
    for i, name in enumerate(ids):
        if name in words:
            shift[i], who[i] = _word(words[name], cast)
            scale[i] = HURTS if float(words[name].params["legitimacy"]) < 0 else HELPS
        elif name in shocks:
            shift[i], who[i], scale[i] = shocks[name] * cast.sense, cast.units.in_city, SHOCK
    return Facts(
        ids=ids,
        index={name: i for i, name in enumerate(ids)},
        keys=luck.keys(ids),
        shift=shift,
        scale=scale,
        who=who,
    )


def _word(choice: Choice, cast: Cast) -> tuple[float, NDArray[np.bool_]]:
    """How far an appeal or measure moves whom, signed towards the side it helps."""
    sides = {"government": -1, "soviet": 1}
    side = sides.get(choice.params.get("side", ""), choice.side) * cast.sense
    units = cast.units
    audience = choice.params.get("audience", "city")
    who = units.in_city.copy()
    if audience == "units":
        who = named(choice.object, cast)
    elif audience == "garrison":
        who &= units.group == GARRISON
    return side * float(choice.params["legitimacy"]), who
