"""The script: a scenario's decisions, the tasks they give to units and the news they wait for, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import clock, luck
from sim.agents.unit import Group
from sim.history import Choice
from sim.setting import Setting
from sim.verbs import SIGN, Arrive, Cancel, Hold, Leave, Line, Order, Policy, Shift
from sim.what_if import Scenario

NEVER = np.inf
DEFAULT_PARTY = 100  # men sent where a decision names no number: a weak company
SHOCKS = ("press", "telephones", "shots", "shells")  # acts that turn people against whoever did them
SIDE_SIGNS = (-1, 1)
SIEGE_VERBS = frozenset({"ultimatum", "fire_blank", "resume_fire", "pause", "parley"})
FORCE_VERBS = frozenset({"close_press", "seize", "guard", "raise_bridge", "call", "call_out", "arrest_order", "march"})


class Purpose(IntEnum):
    """What a unit is sent to do."""

    SEIZE = 0
    GUARD = 1
    RAISE = 2
    CALL = 3
    MUSTER = 4
    CLOSE = 5
    RING = 6
    ARREST = 7
    MARCH = 8


# Purposes after which a unit that has arrived is free for other work.
FREE_ON_ARRIVAL = (Purpose.CALL, Purpose.MUSTER)


@dataclass(frozen=True)
class Decisions:
    """The decisions in the order of the table, with the choice made at each."""

    ids: list[str]
    index: dict[str, int]
    keys: luck.Keys
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
    echo: NDArray[np.bool_]  # only sends, at another hour, a force that another decision names

    def orders_of(self, decision: str) -> list[int]:
        """The rows of a decision and of its echoes."""
        return [row for row, name in enumerate(self.ids) if name.partition("+")[0] == decision]


@dataclass(frozen=True)
class Tasks:
    """What units can be sent to do, (tasks,) arrays; sides are 0 government, 1 Soviet."""

    decision: NDArray[np.intp]
    side: NDArray[np.intp]
    purpose: NDArray[np.intp]
    place: NDArray[np.intp]
    by: NDArray[np.bool_]  # (tasks, units) named for it
    open: NDArray[np.bool_]  # others may fill in
    men: NDArray[np.int64]
    whole: NDArray[np.bool_]  # all who are named, not only as many as are wanted
    act_at: NDArray[np.float64]  # not to begin on the spot before this minute
    leave_at: NDArray[np.float64]  # not to set out before this minute
    staged: NDArray[np.intp]  # waits until the term given to this besieged place (row) is out; -1 does not wait
    bars: NDArray[np.bool_]  # a cordon that lets nobody of the other side through
    armed_only: NDArray[np.bool_]
    origin: NDArray[np.intp]  # audience the order comes from
    desk: NDArray[np.bool_]  # goes over the desk of a headquarters
    people: list[list[int]]  # whom to arrest
    frees: NDArray[np.bool_]  # leaves a unit free for other work once it has arrived
    keys: luck.Keys = field(default_factory=lambda: np.zeros(0, np.uint64))


@dataclass(frozen=True)
class Facts:
    """What is heard of: tokens that decisions wait for, appeals, and acts that shock."""

    ids: list[str]
    index: dict[str, int]
    keys: luck.Keys
    shift: NDArray[np.float64]  # loyalty moved in who hears it, before the parameters' scale
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
class Left:
    """What the record's decisions no longer settle: the policies of the headquarters decide it, by tasks that stand ready."""

    since: float
    city: bool  # who goes where in the city
    siege: bool  # what is done before a besieged place
    first: int  # the standing tasks begin here


@dataclass(frozen=True)
class Script:
    """A scenario compiled against a setting."""

    scenario: Scenario
    decisions: Decisions
    tasks: Tasks
    facts: Facts
    kept: tuple[Kept, ...]
    given: tuple[Given, ...]
    policies: tuple[Policy | None, Policy | None]  # of the (government, Soviet)
    left: Left | None  # what is left to the headquarters


def build(scenario: Scenario, setting: Setting) -> Script:
    """Compile a scenario: which decisions wait for what, which tasks they give to whom, and what comes from outside."""
    made = [_varied(choice, scenario) for choice in scenario.chosen(setting.history)]
    drafts = [draft for row, choice in enumerate(made) for draft in _drafts(choice, row, setting, scenario)]
    drafts = _without(drafts, [c.what for c in scenario.changes if isinstance(c, Cancel)], setting)
    drafts, echoes = _echoes(drafts, made, setting, scenario)
    made = made + echoes
    given: list[Given] = []
    for change in scenario.changes:
        if isinstance(change, Order):
            drafts += _ordered(change, len(made), setting, scenario)
            made.append(_order_given(change))
        elif isinstance(change, Arrive):
            given.append(Given(minute(change.at, scenario), change, setting.places.index[change.place], len(drafts)))
            drafts.append(_arrival(change, len(made), setting, scenario))
            made.append(_order_given(change))
        elif isinstance(change, Line):
            given.append(Given(minute(change.at, scenario), change, setting.places.index[change.place]))
    left = _left(scenario, setting, len(drafts))
    if left and left.city:
        for side in (0, 1):
            drafts += _standing(side, len(made), setting, scenario)
            made.append(_policy_of(side, setting, scenario))
    tasks = [[t for t, draft in enumerate(drafts) if draft["decision"] == row] for row in range(len(made))]
    facts = _facts(made, setting)
    return Script(
        scenario, _decisions(made, tasks, facts, setting, scenario), _stack(drafts, made, setting), facts,
        kept=tuple(_kept(change, setting, scenario) for change in scenario.changes if isinstance(change, Hold)),
        given=tuple(sorted(given, key=lambda g: g.minute)), policies=_policies(scenario, setting), left=left,
    )


TIMES = ("at", "not_before", "ships_not_before", "trains_not_before", "planned")  # parameters of a choice that are hours


def _varied(choice: Choice, scenario: Scenario) -> Choice:
    """A choice as the scenario's verbs leave it: cancelled, without a cancelled ship, or with its hours moved."""
    for change in scenario.changes:
        if (isinstance(change, Cancel) and change.what == choice.id) or (isinstance(change, Leave) and choice.id in change.decisions):
            return choice.model_copy(update={"verb": "nothing", "object": (), "params": {}})
        if isinstance(change, Cancel) and choice.verb == "depart" and change.what in choice.object:
            left = tuple(name for name in choice.object if name != change.what)
            choice = choice.model_copy(update={"object": left} if left else {"verb": "nothing", "object": (), "params": {}})
        elif isinstance(change, Shift) and change.what == choice.id:
            choice = _moved(choice, change.later)
    return choice


def _moved(choice: Choice, later: float) -> Choice:
    """A choice so many minutes later: its own hour or lag, and every hour its order names."""
    params = {name: (datetime.fromisoformat(value) + timedelta(minutes=later)).isoformat() if name in TIMES else value for name, value in choice.params.items()}
    lag = choice.lag_min if choice.mode == "initiative" else max((choice.lag_min or 0.0) + later, 0.0)
    return choice.model_copy(update={"at": choice.at + timedelta(minutes=later), "lag_min": lag, "params": params})


def _without(drafts: list[dict[str, Any]], forces: list[str], setting: Setting) -> list[dict[str, Any]]:
    """The drafts with some forces no longer named; one that named nobody else, and is not open to others, is dropped."""
    gone = np.isin(setting.units.force, [setting.forces.index[f] for f in forces if f in setting.forces.index])
    left = [{**draft, "by": draft["by"] & ~gone} for draft in drafts]
    return [new for new, old in zip(left, drafts, strict=True) if new["by"].any() or new["open"] or not old["by"].any()]


def _echoes(drafts: list[dict[str, Any]], made: list[Choice], setting: Setting, scenario: Scenario) -> tuple[list[dict[str, Any]], list[Choice]]:
    """The part of every order that names a force delayed or advanced, as an order of its own that comes at its own hour."""
    echoes: list[Choice] = []
    for change in scenario.changes:
        if not isinstance(change, Shift) or change.what not in setting.forces.index:
            continue
        mine = setting.units.force == setting.forces.index[change.what]
        rows: dict[int, int] = {}
        kept: list[dict[str, Any]] = []
        for draft in drafts:
            if not (draft["by"] & mine).any() or draft["decision"] >= len(made):
                kept.append(draft)
                continue
            if draft["decision"] not in rows:
                rows[draft["decision"]] = len(made) + len(echoes)
                echoes.append(_echo(made[draft["decision"]], change))
            if (draft["by"] & ~mine).any() or draft["open"]:
                kept.append({**draft, "by": draft["by"] & ~mine})
            kept.append({**draft, "by": draft["by"] & mine, "open": False, "decision": rows[draft["decision"]], "act_at": draft["act_at"] + change.later,
                         "leave_at": draft["leave_at"] + change.later})
        drafts = kept
    return drafts, echoes


def _echo(choice: Choice, change: Shift) -> Choice:
    """The decision again, at another hour, for one force only: its words are not said twice."""
    moved = _moved(choice, change.later)
    params = {name: value for name, value in moved.params.items() if name != "legitimacy"}
    return moved.model_copy(update={"id": f"{choice.id}+{change.what}", "params": params})


def _order_given(change: Order | Arrive) -> Choice:
    """An order of the scenario's own, as a decision that nobody in the record takes; an arrival is none, but its men are told something."""
    ordered = isinstance(change, Order)
    label = f"{str(change).partition(': ')[2]}"
    return Choice.model_construct(
        id=f"{change.verb} {change.subject}", choice=change.verb, default=True, label=label, side=SIGN[change.side], deciders=(), mode="initiative", at=change.at,
        requires=(), lag_min=None, verb=change.errand if isinstance(change, Order) else "nothing", object=(change.place,) if ordered else (),
        params={}, description="", source="scenario",
    )


def _ordered(change: Order, decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    """The tasks of an order of the scenario's own: whoever is named, all of them unless a number is wanted."""
    params = {"by": "+".join(change.forces), "to": change.place} | ({"men": str(change.men)} if change.men else {})
    objects = change.forces if change.errand == "call" else (change.place,)
    choice = _order_given(change).model_copy(update={"object": objects, "params": params})
    by = _named(change.forces, setting)
    if change.start is not None:
        by &= setting.units.home == setting.places.index[change.start]
    drafts = _TASKS[change.errand](choice, list(objects), decision, setting, scenario)
    return [{**draft, "by": draft["by"] & by, "open": False, "whole": change.men is None} for draft in drafts if (draft["by"] & by).any()]


def _arrival(change: Arrive, decision: int, setting: Setting, scenario: Scenario) -> dict[str, Any]:
    return _draft(_order_given(change), decision, setting, scenario, Purpose.MUSTER, change.place, by=_named([change.force], setting), whole=True, open=False)


def _kept(change: Hold, setting: Setting, scenario: Scenario) -> Kept:
    end = NEVER if change.until >= scenario.end else minute(change.until, scenario)
    return Kept(setting.places.index[change.place], SIGN[change.side] * setting.sense, minute(change.at, scenario), end)


def _policies(scenario: Scenario, setting: Setting) -> tuple[Policy | None, Policy | None]:
    by_side = {SIGN[change.side] * setting.sense: change for change in scenario.changes if isinstance(change, Policy)}
    return by_side.get(-1), by_side.get(1)


def _left(scenario: Scenario, setting: Setting, first: int) -> Left | None:
    """What the scenario leaves to the headquarters: the siege alone, if all it leaves speaks of a siege."""
    found = [change for change in scenario.changes if isinstance(change, Leave)]
    if not found:
        return None
    choices = [setting.history.decisions[name][0] for change in found for name in change.decisions]
    sieges = {c.id for c in choices if c.verb in SIEGE_VERBS}
    sieges |= {c.id for c in choices if sieges & {*c.object, *c.requires}}
    return Left(min(minute(change.since, scenario) for change in found), any(c.id not in sieges for c in choices), bool(sieges), first)


def _policy_of(side: int, setting: Setting, scenario: Scenario) -> Choice:
    """The row under which the standing tasks of a headquarters are kept; as a decision it never comes."""
    return Choice.model_construct(
        id=f"policy {_side_name(side, setting)}", choice="policy", default=True, label="", side=SIDE_SIGNS[side] * setting.sense, deciders=(), mode="reaction",
        at=scenario.end, requires=(), lag_min=None, verb="nothing", object=(), params={}, description="", source="scenario",
    )


def _side_name(side: int, setting: Setting) -> str:
    return "soviet" if SIDE_SIGNS[side] * setting.sense > 0 else "government"


def _standing(side: int, decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    """The tasks that a headquarters left to itself can give: to take or guard each point, to raise bridges, to ring a seat, to call each force."""
    choice, places = _policy_of(side, setting, scenario), setting.places
    seat, enemy = (int(setting.audiences.place[a]) for a in (setting.audiences.seat[side], setting.audiences.seat[1 - side]))
    nobody = np.zeros(len(setting.units.ids), bool)

    def task(purpose: Purpose, place: Any, **more: Any) -> dict[str, Any]:
        made = {"by": nobody, "tag": "policy", "side": side, **more}
        return _draft(choice, decision, setting, scenario, purpose, places.ids[place], **made)

    points = [p for p in np.flatnonzero(places.in_city) if places.weight[p] > 0 or p in places.roles["gate"]]
    tasks = [task(purpose, p) for p in points if p not in places.besieged for purpose in (Purpose.SEIZE, Purpose.GUARD)]
    tasks += [task(Purpose.RAISE, p) for p in points if places.span[p]]
    tasks += [task(Purpose.RING, p) for p in points if p in places.besieged]
    quays = [p for p in np.flatnonzero(places.in_city) if setting.history.places[places.ids[p]].kind == "anchorage"]
    for name, force in setting.history.forces.items():
        by = _named([name], setting)
        trusted = (setting.units.trusted[by] == SIDE_SIGNS[side]).any()
        garrison = (setting.units.in_city[by] & (setting.units.group[by] == Group.GARRISON)).any()
        if force.appears_by or not (trusted or garrison):
            continue
        quay = min(quays, key=lambda p: setting.city.table("foot")[p, enemy]) if force.transport == "water" else seat
        workers = (setting.units.group[by] == Group.WORKERS).any()
        purpose = Purpose.MUSTER if workers and setting.units.in_city[by].all() else Purpose.CALL
        tasks.append(task(purpose, quay, by=by, whole=True, open=False, tag=f"policy {name}"))
    return tasks


def minute(time: Any, scenario: Scenario) -> float:
    """Minutes from the scenario's start to a time."""
    return clock.minutes(time, scenario.start)


def names_of(choice: Choice, param: str) -> list[str]:
    """The ids in a param that holds several, joined by +."""
    return choice.params[param].split("+") if param in choice.params else []


def _pad(rows: Iterable[list[int]]) -> NDArray[np.intp]:
    """Lists of different length as one array, filled up with -1."""
    rows = list(rows)
    wide = max([1, *map(len, rows)])
    return np.array([row + [-1] * (wide - len(row)) for row in rows], dtype=np.intp).reshape(len(rows), wide)


def _decisions(made: list[Choice], given: list[list[int]], facts: Facts, setting: Setting, scenario: Scenario) -> Decisions:
    ids = [c.id for c in made]
    index = {name: i for i, name in enumerate(ids)}
    people, forces = setting.people.index, setting.forces.index
    initiative = [c.mode == "initiative" for c in made]
    return Decisions(
        ids=ids, index=index, keys=luck.keys(name.partition("+")[0] for name in ids), made=made, side=np.array([c.side for c in made], np.int8) * np.int8(setting.sense),
        taken=np.array([c.verb != "nothing" for c in made]),
        at=np.array([minute(c.at, scenario) if first else NEVER for c, first in zip(made, initiative, strict=True)]),
        lag=np.array([c.lag_min or 0.0 for c in made]),
        after=_pad([index[r] for r in c.requires if r in index] if c.mode == "reaction" else [] for c in made),
        hears=_pad([facts.index[r] for r in c.requires if r not in index] if c.mode == "reaction" else [] for c in made),
        people=_pad([people[d] for d in c.deciders if d in people] for c in made),
        staffs=_pad([int(setting.forces.home[forces[d]]) for d in c.deciders if d in forces] for c in made),
        tasks=given, echo=np.array(["+" in name and not name.startswith("order ") for name in ids]),
    )


def _facts(made: list[Choice], setting: Setting) -> Facts:
    tokens = {r for c in made if c.mode == "reaction" for r in c.requires if ":" in r}
    words = {f"word:{c.id}": c for c in made if "legitimacy" in c.params}
    shocks = {f"shock:{act}:{name}": sign for act in SHOCKS for name, sign in (("government", 1), ("soviet", -1))}
    ids = [*sorted(tokens), *words, *shocks]
    units = len(setting.units.ids)
    shift, who = np.zeros(len(ids)), np.zeros((len(ids), units), bool)
    for i, name in enumerate(ids):
        if name in words:
            shift[i], who[i] = _word(words[name], setting)
        elif name in shocks:
            shift[i], who[i] = shocks[name] * setting.sense, setting.units.in_city
    return Facts(ids=ids, index={name: i for i, name in enumerate(ids)}, keys=luck.keys(ids), shift=shift, who=who)


def _word(choice: Choice, setting: Setting) -> tuple[float, NDArray[np.bool_]]:
    """How far an appeal or measure moves whom, signed towards the side it helps."""
    sides = {"government": -1, "soviet": 1}
    side = sides.get(choice.params.get("side", ""), choice.side) * setting.sense
    units = setting.units
    audience = choice.params.get("audience", "city")
    who = units.in_city.copy()
    if audience == "units":
        who = _named(choice.object, setting)
    elif audience == "garrison":
        who &= units.group == Group.GARRISON
    return side * float(choice.params["legitimacy"]), who


def _named(names: Iterable[str], setting: Setting) -> NDArray[np.bool_]:
    """The units of some forces."""
    rows = [setting.forces.index[name] for name in names if name in setting.forces.index]
    return np.isin(setting.units.force, rows) & ((setting.units.men > 0) | (setting.units.appears >= 0))


def _draft(choice: Choice, decision: int, setting: Setting, scenario: Scenario, purpose: Purpose, place: str, **more: Any) -> dict[str, Any]:
    """One task with the defaults that a decision's parameters give it."""
    params = choice.params
    named = [n for n in names_of(choice, "by") if n in setting.forces.index]
    spawned = names_of(choice, "spawn")
    earliest = params.get("not_before") or params.get("trains_not_before")
    draft = {
        "decision": decision, "side": int((choice.side or -1) * setting.sense > 0), "purpose": purpose, "place": setting.places.index[place],
        "by": _named(named + spawned, setting), "open": not spawned, "men": int(params.get("men", DEFAULT_PARTY)), "whole": False,
        "act_at": minute(params["at"], scenario) if "at" in params else -NEVER,
        "leave_at": minute(earliest, scenario) if earliest else -NEVER, "staged": -1, "bars": bool(spawned) or "tight" in params,
        "armed_only": params.get("block") == "armed_only", "people": [], "tag": "",
    }
    return {**draft, **more}


def _drafts(choice: Choice, decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    """The tasks a choice gives, one for every place or call."""
    orders = [(choice.verb, list(choice.object))]
    if "also" in choice.params:
        verb, _, target = choice.params["also"].partition(":")
        orders.append((verb, [target]))
    tasks: list[dict[str, Any]] = []
    for verb, objects in orders:
        if verb in FORCE_VERBS:
            tasks += _TASKS[verb](choice, objects, decision, setting, scenario)
    return tasks


def _seize(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    besieged = [setting.places.index[o] for o in objects if setting.places.index[o] in setting.places.besieged]
    term = int(np.flatnonzero(setting.places.besieged == besieged[0])[0]) if besieged else -1
    staged = term if "ultimatum" in choice.params.get("sequence", "") else -1
    tasks = []
    for name in objects:
        if setting.places.index[name] in besieged:
            tasks += _ring(choice, name, decision, setting, scenario)
        else:
            inner = names_of(choice, "inner_north") + names_of(choice, "inner_south")
            more = {"by": _named(inner, setting), "staged": staged} if inner else {}
            tasks.append(_draft(choice, decision, setting, scenario, Purpose.SEIZE, name, **more))
    return tasks


def _ring(choice: Choice, name: str, decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    """A ring: every force named for it as a whole, and one standing call to whoever else will come."""
    inner = names_of(choice, "inner_north") + names_of(choice, "inner_south") or names_of(choice, "by")
    ring = [
        _draft(choice, decision, setting, scenario, Purpose.RING, name, by=_named([force], setting), whole=True, open=False, tag=force)
        for force in inner if force in setting.forces.index
    ]
    return [*ring, _draft(choice, decision, setting, scenario, Purpose.RING, name, by=np.zeros(len(setting.units.ids), bool))]


def _guard(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    return [_draft(choice, decision, setting, scenario, Purpose.GUARD, name) for name in objects]


def _raise(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    return [_draft(choice, decision, setting, scenario, Purpose.RAISE, name) for name in objects]


def _close(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    return [_draft(choice, decision, setting, scenario, Purpose.CLOSE, name) for name in objects]


def _call(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    """One telegram to some forces; ships and trains may have hours of their own; who is only passed in review does not count."""
    objects = names_of(choice, "keep") or objects
    ships = [o for o in objects if setting.history.forces[o].transport == "water"]
    others = [o for o in objects if o not in ships]
    calls = []
    for forces, earliest in ((ships, choice.params.get("ships_not_before")), (others, choice.params.get("trains_not_before"))):
        if forces:
            more: dict[str, Any] = {"by": _named(forces, setting), "whole": "men" not in choice.params, "open": False, "tag": "ships" if forces is ships else ""}
            if earliest:
                more["leave_at"] = minute(earliest, scenario)
            calls.append(_draft(choice, decision, setting, scenario, Purpose.CALL, choice.params["to"], **more))
    return calls


def _call_out(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    """A kind of force is called out in every district: half to the place named, half at home on watch."""
    tasks = []
    for force in setting.history.forces.values():
        if force.kind in objects and setting.history.places[force.home].bank != "outlying":
            mine = np.flatnonzero(_named([force.id], setting))
            mine = mine[np.argsort(setting.units.keys[mine])]
            away = mine if choice.params.get("to") not in ("home", None) else mine[:0]
            away = away[: (len(away) + 1) // 2]
            for place, rows in ((choice.params.get("to", "home"), away), (force.home, np.setdiff1d(mine, away))):
                if len(rows):
                    by = np.isin(np.arange(len(setting.units.ids)), rows)
                    tag = f"{force.id} {'away' if rows is away else 'at home'}"
                    tasks.append(_draft(choice, decision, setting, scenario, Purpose.MUSTER, place, by=by, whole=True, open=False, tag=tag))
    return tasks


def _arrest(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    """Parties to where the wanted are, or to the place named."""
    if not names_of(choice, "by"):
        return []
    wanted = [setting.people.index[o] for o in objects]
    place = choice.params.get("place") or choice.params.get("to")
    if place:
        return [_draft(choice, decision, setting, scenario, Purpose.ARREST, place, people=wanted)]
    where = {int(setting.people.place[p]) for p in wanted if setting.people.place[p] >= 0}
    return [
        _draft(choice, decision, setting, scenario, Purpose.ARREST, setting.places.ids[at],
               people=[p for p in wanted if setting.people.place[p] == at], open=False)
        for at in sorted(where)
    ]


def _march(choice: Choice, objects: list[str], decision: int, setting: Setting, scenario: Scenario) -> list[dict[str, Any]]:
    start = minute(choice.params["at"], scenario) if "at" in choice.params else -NEVER
    return [_draft(choice, decision, setting, scenario, Purpose.MARCH, objects[0], whole=True, leave_at=start, act_at=-NEVER)]


_TASKS = {
    "seize": _seize, "guard": _guard, "raise_bridge": _raise, "close_press": _close, "call": _call,
    "call_out": _call_out, "arrest_order": _arrest, "march": _march,
}


def _stack(drafts: list[dict[str, Any]], made: list[Choice], setting: Setting) -> Tasks:
    """The drafts as arrays, with where each order comes from and whether it goes over a desk."""
    origin, desk, names = [], [], []
    for draft in drafts:
        choice = made[draft["decision"]]
        people = [setting.people.index[d] for d in choice.deciders if d in setting.people.index]
        forces = [setting.forces.index[d] for d in choice.deciders if d in setting.forces.index]
        places = [int(setting.people.place[p]) for p in people] + [int(setting.forces.home[f]) for f in forces]
        heard = [int(setting.places.audience[p]) for p in places if p >= 0]
        halls = [a for a in heard if setting.audiences.side[a] != 0]
        on_site = draft["staged"] >= 0  # what waits for the term of a siege is ordered by who commands before the place
        desk.append((bool(halls) or not heard) and not on_site)
        site = int(setting.places.audience[draft["place"]])
        origin.append(int(setting.audiences.staff[draft["side"]]) if desk[-1] else site if on_site else heard[0])
        names.append(f"task:{choice.id.partition('+')[0]}:{int(draft['purpose'])}:{setting.places.ids[draft['place']]}:{draft['tag']}")
    tasks, units = len(drafts), len(setting.units.ids)

    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.array([draft[name] for draft in drafts], dtype=kind)

    return Tasks(
        decision=column("decision", np.intp), side=column("side", np.intp), purpose=column("purpose", np.intp),
        place=column("place", np.intp), by=column("by", bool).reshape(tasks, units), open=column("open", bool),
        men=column("men", np.int64), whole=column("whole", bool), act_at=column("act_at", float), leave_at=column("leave_at", float),
        staged=column("staged", np.intp), bars=column("bars", bool), armed_only=column("armed_only", bool),
        origin=np.array(origin, np.intp), desk=np.array(desk, bool), people=[draft["people"] for draft in drafts],
        frees=np.isin(column("purpose", np.intp), FREE_ON_ARRIVAL),
        keys=luck.keys(names),
    )

