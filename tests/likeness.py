"""Two histories side by side: whether they are the same, whatever order the rows of their tables stand in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, get_type_hints

import numpy as np
import pytest
from histories import SEED, Histories
from numpy.typing import NDArray

from sim import clock, journal, luck
from sim.counterfactual.scenario import Scenario, scenario
from sim.history import History, load
from sim.model import Petrograd
from sim.plan.layout import Layout, Stage, layout, of_history
from sim.records import Record
from sim.state import Parameters, World
from sim.telling import Event, Teller


def _of(table: str, names: str) -> list[str]:
    """The paths of some fields of a table."""
    return [f"{table} {name}".strip() for name in names.split()]


# Fields that hold rows of a table, and of which.
POINTS_TO = {
    **dict.fromkeys(_of("units", "place to goal post home"), "places"),
    **dict.fromkeys(_of("units", "task told under goal_task"), "tasks"),
    **dict.fromkeys(_of("units", "force parent"), "forces"),
    **dict.fromkeys(_of("units", "appears"), "decisions"),
    **dict.fromkeys(_of("places", "audience"), "audiences"),
    **dict.fromkeys(_of("places", "siege"), "sieges"),
    **dict.fromkeys(_of("places", "under_fire_of"), "places"),
    **dict.fromkeys(_of("places", "capture_fact bridge_fact"), "facts"),
    **dict.fromkeys(_of("audiences", "place"), "places"),
    **dict.fromkeys(_of("audiences", "quarter"), "audiences"),
    **dict.fromkeys(_of("audiences", "cut_fact"), "facts"),
    **dict.fromkeys(_of("tasks", "decision"), "decisions"),
    **dict.fromkeys(_of("tasks", "place"), "places"),
    **dict.fromkeys(_of("tasks", "staged"), "sieges"),
    **dict.fromkeys(_of("tasks", "origin"), "audiences"),
    **dict.fromkeys(_of("decisions", "spoken_at place staffs objects"), "places"),
    **dict.fromkeys(_of("decisions", "word_fact hears"), "facts"),
    **dict.fromkeys(_of("decisions", "after"), "decisions"),
    **dict.fromkeys(_of("decisions", "people"), "people"),
    **dict.fromkeys(_of("decisions", "crews"), "forces"),
    **dict.fromkeys(_of("people", "place bound_for"), "places"),
    **dict.fromkeys(_of("people", "pass_fact"), "facts"),
    **dict.fromkeys(_of("forces", "home"), "places"),
    **dict.fromkeys(_of("forces", "refuse_fact"), "facts"),
    **dict.fromkeys(_of("sieges", "place"), "places"),
    **dict.fromkeys(_of("sides", "staff seat"), "audiences"),
    **dict.fromkeys(_of("sides", "press_fact shots_fact phones_fact shells_fact alarm_fact"), "facts"),
    **dict.fromkeys(_of("congress", "hall"), "places"),
    **dict.fromkeys(_of("congress", "open_fact"), "facts"),
    **dict.fromkeys(_of("congress", "opening_decision"), "decisions"),
    **dict.fromkeys(_of("coming", "place"), "places"),
    **dict.fromkeys(_of("coming", "audience"), "audiences"),
    **dict.fromkeys(_of("coming", "task"), "tasks"),
    **dict.fromkeys(_of("coming", "force"), "forces"),
    **dict.fromkeys(_of("keeping", "place"), "places"),
    **dict.fromkeys(_of("", "blank_fact arrival_fact settled_fact"), "facts"),
}
# Numbers of events: compared as they are, or through what the events say.
NUMBERS = {
    *_of("units", "cause"),
    *_of("audiences", "cut_cause"),
    *_of("places", "holder_cause envoy_cause"),
    *_of("facts", "cause"),
    *_of("tasks", "cause"),
    *_of("decisions", "event"),
    *_of("people", "cause"),
    *_of("forces", "answers_because"),
    *_of("sieges", "cause"),
}
# Left out where rows are matched by name: the journal and its roll, which are compared in words; acts and
# covers, which no rule writes and whose rows have no names; which bit stands for a bridge; the number of a
# row in its own table, and between which rows those named for a task lie; the turns, which only tell what
# happens at one stroke from the next; how many rows there are, and lists of rows in the order of their table.
JOURNAL = frozenset({"events", "roll"})
ROWS = {f"{table} row" for table in ("units", "places", "tasks", "decisions", "people", "sieges")}
ROWS |= {"tasks named_from", "tasks named_to"}
LISTS = {"count", "spans", "listed", "contested", "arrests", "walks"}
LEFT_OUT = frozenset({"acts", "covers", "places bit", "clock stroke", "facts stroke", *LISTS, *ROWS})


@dataclass(frozen=True)
class Column:
    """One field: its values, worlds first, and the names of the rows along each further axis (none: not a
    table)."""

    values: NDArray[Any]
    rows: tuple[list[str] | None, ...]


@dataclass(frozen=True)
class State:
    """How some histories stand: every field by the names of its rows, and all that has happened in each."""

    columns: dict[str, Column]
    told: tuple[tuple[Event, ...], ...] = field(default=())


def brief(hours: float, base: Scenario | str = "historical") -> Scenario:
    """A scenario cut off after some hours."""
    return replace(scenario(base), end=clock.START + timedelta(hours=hours))


def stage_of(
    base: Scenario | str = "historical", history: History | None = None, *, sides_swapped: bool = False
) -> Stage:
    """A stage with a scenario's layout, on other tables than its own if some are given; nothing is opened
    yet."""
    played = scenario(base)
    return Stage(layout(played, 5.0, sides_swapped) if history is None else of_history(played, history))


def play(
    hours: float = 51.0,
    base: Scenario | str = "historical",
    worlds: Iterable[int] = (0,),
    *,
    history: History | None = None,
    seed: int = SEED,
    values: dict[str, float] | None = None,
    pulse: float = 5.0,
    sides_swapped: bool = False,
) -> Histories:
    """A scenario played for some hours, on other tables if some are given; -1 stops after the opening is
    drawn."""
    played, kept = scenario(base), []
    made = (
        layout(played, pulse, sides_swapped)
        if history is None
        else of_history(played, history, pulse, sides_swapped)
    )
    stage = Stage(made)
    for world in worlds:
        stage.open(seed, world, played.settings | (values or {}))
        stage.play(60 * hours)
        kept.append(stage.worlds.copy())
    return Histories(made, np.concatenate(kept))


def as_it_stands(stage: Stage | Petrograd) -> Histories:
    """The history on a stage, or of a model, as it stands now."""
    record = stage.worlds[0] if isinstance(stage, Stage) else stage.world
    return Histories(stage.layout, np.array([record], record.dtype))


def first_taken(histories: Histories, place: str | int, sign: int) -> NDArray[np.float64]:
    """When each world's journal has a side take a place for the first time, infinity for never: (worlds,)."""
    row = histories.place(place) if isinstance(place, str) else place
    captures = [histories.rows(journal.CAPTURE, world) for world in range(len(histories.records))]
    return np.array(
        [it["minute"][(it["place"] == row) & (it["side"] == sign)].min(initial=np.inf) for it in captures]
    )


# ---- the record, field by field ----


def unequal(one: Any, other: Any, path: str = "") -> list[str]:
    """The fields in which records of one layout differ, journal and empty rows included; what lies between
    fields is nobody's."""
    if one.dtype.names is None:
        return [] if np.array_equal(one, other, equal_nan=one.dtype.kind == "f") else [path]
    return [
        it for name in one.dtype.names for it in unequal(one[name], other[name], f"{path} {name}".strip())
    ]


def declared(kind: type[Record] = World, path: str = "") -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """Every field that a record declares, by its path, with the tables along its axes."""
    for name, hint in get_type_hints(kind, include_extras=True).items():
        own, *lengths = hint.__metadata__
        axes = tuple(length if isinstance(length, str) else None for length in lengths)
        at = f"{path} {name}".strip()
        if own is Parameters or not (isinstance(own, type) and issubclass(own, Record)):
            yield at, axes
        else:
            yield from ((inner, axes + more) for inner, more in declared(own, at))


# ---- the record, row by row ----


def names_of(layout: Layout) -> dict[str, list[str]]:
    """The names of the rows of every table, in none of which the order of another table shows."""
    cast, plan = layout.cast, layout.plan
    ids, t, places = plan.decisions.ids, plan.tasks, cast.places.ids
    tasks = [
        f"{ids[t.decision[k]]}/{t.purpose[k]}/{places[t.place[k]]}/{key}"
        for k, key in enumerate(t.keys.tolist())
    ]
    return {
        "units": cast.units.ids,
        "places": places,
        "audiences": cast.audiences.ids,
        "tasks": tasks,
        "decisions": ids,
        "people": cast.people.ids,
        "forces": cast.forces.ids,
        "facts": plan.facts.ids,
        "factions": list(cast.history.factions),
        "sieges": [places[p] for p in cast.places.besieged],
        "coming": [str(k) for k in range(len(plan.given) + len(plan.kept))],
    }


def state(histories: Histories, world: int | None = None) -> State:
    """The fields of some histories, or of one of them, by the names of their rows."""
    named = names_of(histories.layout)
    worlds = slice(None) if world is None else slice(world, world + 1)
    records, teller = histories.records[worlds], Teller(histories.layout.cast, histories.layout.plan)
    columns = {}
    for path, tables in declared():
        table = path.split()[0]
        if table in JOURNAL or table in LEFT_OUT or path in LEFT_OUT:
            continue
        values: Any = records
        for name in path.split():
            values = values[name]
        if values.dtype.names:
            columns |= {f"{path} {name}": Column(values[name], ()) for name in values.dtype.names}
            continue
        for axis, of in enumerate(tables, 1):
            values = values[(slice(None),) * axis + (slice(len(named[of]) if of else None),)]
        if path in POINTS_TO:
            values = np.array([*named[POINTS_TO[path]], "-2", ""])[values]  # the last two are -2 and -1
        columns[path] = Column(values, tuple(named[of] if of else None for of in tables))
    return State(columns, tuple(teller.tell(record) for record in records))


def differences(one: State, other: State, *, extra: Collection[str] = (), in_order: bool = True) -> list[str]:
    """The fields in which two states differ, and the worlds that tell of other events.

    Rows are matched by name. Rows named in `extra` may stand in one of the two only; a lone star allows any.
    `in_order=False` is for histories that may tell of what happens in one pulse in another order: their
    events have other numbers.
    """
    if not in_order:
        one, other = _by_their_words(one), _by_their_words(other)
    names = sorted(one.columns.keys() | other.columns.keys())
    apart = [n for n in names if not _same(one.columns.get(n), other.columns.get(n), extra)]
    pairs = zip(one.told, other.told, strict=True)
    return apart + [f"told in world {k}" for k, (mine, theirs) in enumerate(pairs) if mine != theirs]


def _same(one: Column | None, other: Column | None, extra: Collection[str]) -> bool:
    if one is None or other is None:
        return False
    mine, theirs = one.values, other.values
    for axis, (rows, others) in enumerate(zip(one.rows, other.rows, strict=True), 1):
        if rows is None or others is None:
            continue
        if "*" not in extra and set(rows) ^ set(others) - set(extra):
            return False
        both = [name for name in rows if name in set(others) and name not in extra]
        mine = np.take(mine, [rows.index(name) for name in both], axis)
        theirs = np.take(theirs, [others.index(name) for name in both], axis)
    return bool(np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f"))


def _by_their_words(it: State) -> State:
    """A state whose events are numbered by what they say, whoever is named first in it, and stand in the
    order of these numbers."""
    said = [[_words(event, events) for event in events] for events in it.told]
    columns = dict(it.columns)
    for path in NUMBERS:
        values, worlds = columns[path].values, range(len(it.told))
        numbers = [np.array([*(event.number for event in said[k]), -1])[values[k]] for k in worlds]
        columns[path] = replace(columns[path], values=np.array(numbers))
    return State(columns, tuple(tuple(sorted(events, key=lambda event: event.number)) for events in said))


def _words(event: Event, events: tuple[Event, ...], *, depth: int = 1) -> Event:
    """An event under the number that its words give it, and those of its causes."""
    causes = sorted(_words(events[n], events, depth=depth - 1).number for n in event.because if depth)
    plain = replace(event, number=0, actors=tuple(sorted(event.actors)), because=tuple(causes))
    return replace(plain, number=luck.key(repr(plain)) >> 1)


# ---- other tables ----


def shuffled(record: History, *tables: str, seed: int = 1) -> History:
    """The same history with the rows of some tables in another order."""
    rng = np.random.default_rng(seed)

    def mixed(rows: Any) -> Any:
        if isinstance(rows, dict):
            names = list(rows)
            return {names[i]: rows[names[i]] for i in rng.permutation(len(names))}
        return tuple(rows[i] for i in rng.permutation(len(rows)))

    return replace(record, **{table: mixed(getattr(record, table)) for table in tables})


def with_force(record: History, like: str, **changes: Any) -> History:
    """A history with one force more: a copy of another, with changes."""
    force = record.forces[like].model_copy(update=changes)
    return replace(record, forces={**record.forces, force.id: force})


def with_place(record: History, like: str, *, roads: Iterable[str] = (), **changes: Any) -> History:
    """A history with one place more: a copy of another, with changes, and roads from it to some places."""
    place = record.places[like].model_copy(
        update={"guard": (), "guard_men": (), "roles": (), "objective": 0, **changes}
    )
    road = next(r for r in record.routes if r.mode == "street")
    routes = tuple(road.model_copy(update={"start": place.id, "end": end, "km": None}) for end in roads)
    return replace(record, places={**record.places, place.id: place}, routes=(*record.routes, *routes))


def renamed(record: History, prefix: str) -> tuple[History, Callable[[str], str]]:
    """A history in which every place, force and person has another id, and how a name of the old one reads in
    it."""
    ids = {*record.places, *record.forces, *record.people}

    def word(name: str) -> str:
        """An id, or a name made of one, such as that of an alarm."""
        stems = [i for i in ids if name == i or name.startswith(f"{i}_")]
        known = name in ids or any(
            name == f"{stem}{tail}" for stem in stems for tail in ("_alarm", "_passes_patrol")
        )
        return f"{prefix}{name}" if known else name

    def text(value: str) -> str:
        """Ids joined by + : or =, as in parameters and tokens."""
        for sign in "+:=":
            if sign in value:
                return sign.join(text(part) for part in value.split(sign))
        return word(value)

    def row(old: Any, *fields: str) -> Any:
        new = {}
        for name in fields:
            value = getattr(old, name)
            new[name] = tuple(map(text, value)) if isinstance(value, tuple) else text(value)
        return old.model_copy(update=new)

    def choice(old: Any) -> Any:
        moved = row(old, "deciders", "requires", "object")
        return moved.model_copy(
            update={"params": {param: text(value) for param, value in old.params.items()}}
        )

    def place(old: Any) -> Any:
        return row(old, "id", "guard", "under_fire_of", *(["quarter"] if old.bank == "outlying" else []))

    new = replace(
        record,
        places={word(p.id): place(p) for p in record.places.values()},
        routes=tuple(row(r, "start", "end", "raised_bridge", "open_bridge") for r in record.routes),
        forces={word(f.id): row(f, "id", "home", "parent") for f in record.forces.values()},
        people={word(p.id): row(p, "id", "place") for p in record.people.values()},
        decisions={name: tuple(choice(c) for c in rows) for name, rows in record.decisions.items()},
    )
    return new, text


# ---- the city turned round ----

# What becomes of a field in a city with its sides swapped: a sign is turned, values by side change places
# along an axis (after the worlds), a side of the tables becomes the other. All other fields are the same.
TURNED = frozenset(
    _of("units", "stance stood_for loyalty moved swayed mood trusted leaning")
    + _of("places", "holder opening_holder") + _of("audiences", "belief weighed side")
    + _of("audiences", "confidence confidence_of ahead")
    + _of("news", "holder coming_holder") + _of("facts", "shift") + _of("decisions", "side")
    + _of("people", "side") + _of("keeping", "side") + _of("clock", "sense") + _of("p", "belief_start")
)  # fmt: skip
OF_UNITS = "bid bid_at confined ready commissar_at refused_at engaged commissar"
OF_PLACES = (
    "strength_then lost_there fallen envoy_at envoy_cause men_there priority capture_fact strength armed "
    "bars beaten_off minds residents guns"
)
BY_SIDE = {
    **dict.fromkeys(_of("units", OF_UNITS) + _of("places", OF_PLACES), 2),
    **dict.fromkeys(_of("forces", "refused known_to_refuse"), 2),
    **dict.fromkeys(_of("audiences", "relief reckoned log_men declared heard_declared"), 2),
    **dict.fromkeys(_of("tasks", "rank"), 2),
    **dict.fromkeys(_of("units", "asked came") + _of("places", "had"), 2),
    **dict.fromkeys(_of("reports", "declared declared_coming"), 3),
    **dict.fromkeys(_of("audiences", "known active"), 3),
    **dict.fromkeys(_of("reports", "men coming"), 4),
}
OTHER_SIDE = frozenset(
    _of("places", "occupier attacker") + _of("tasks", "side") + _of("forces", "answers_to")
)


def turned_round(it: State) -> State:
    """A state as it would be with the sides swapped; of events the sign of their side is left out, since
    words have it too."""
    columns = {}
    for path, column in it.columns.items():
        values = column.values
        if path in TURNED:
            values = -values
        elif path in BY_SIDE:
            values = np.flip(values, BY_SIDE[path])
        elif path in OTHER_SIDE:
            values = np.where(values >= 0, 1 - values, values)
        elif path.startswith("sides "):
            values = np.flip(values, 1)
        columns[path] = replace(column, values=values)
    return State(columns, unsigned(it).told)


def unsigned(it: State) -> State:
    """A state whose events have no sign of a side."""
    return replace(it, told=tuple(tuple(replace(event, side=0) for event in events) for events in it.told))


HISTORY = load()
EXPECTED = pytest.StashKey[list[str]]()  # what the tests of the scenarios have to tell at the end
