"""Two histories side by side: whether they are the same, whatever order the rows of their tables stand in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import clock, luck
from sim.history import History, load
from sim.model import Petrograd
from sim.counterfactual.scenario import Scenario, scenario

# Columns whose numbers are rows of another table, and columns that number lines of the chronicle.
PLACES_IN = frozenset({"place", "to", "goal", "where", "bound_for"})
TASKS_IN = frozenset({"task", "told"})
SIEGES = frozenset({
    "ring_at", "assault_at", "term_at", "paused_until", "way_out", "barred", "tight", "shells_left", "shells", "hits", "fire_at", "blank_at",
    "intruders", "troika", "siege_cause", "left_inside", "first_blank", "first_shell", "first_inside", "first_disarming",
})


@dataclass(frozen=True)
class Column:
    """One column: its values, worlds first, and the names of the rows along each further axis (none: not a table)."""

    values: NDArray[Any]
    rows: tuple[list[str] | None, ...]


State = dict[str, Column]


def brief(hours: float, base: Scenario | str = "historical") -> Scenario:
    """A scenario cut off after some hours."""
    return replace(scenario(base), end=clock.START + timedelta(hours=hours))


def play(hours: float = 51.0, base: Scenario | str = "historical", **options: Any) -> Petrograd:
    """A scenario played for some hours; the options are those of Petrograd."""
    return Petrograd(brief(hours, base), **options).play()


def task_names(model: Petrograd) -> list[str]:
    """Names of the tasks that do not depend on the order of any table."""
    tasks, places, units = model.script.tasks, model.setting.places.ids, model.setting.units.ids
    named = [sorted(units[u] for u in np.flatnonzero(by)) for by in tasks.by]
    ids = model.script.decisions.ids
    return [f"{ids[d]}/{p}/{places[place]}/{'+'.join(by)}" for d, p, place, by in zip(tasks.decision, tasks.purpose, tasks.place, named, strict=True)]


def _tables(model: Petrograd) -> dict[int, list[str]]:
    """The names in every table, by the table's length."""
    s, script = model.setting, model.script
    tables = [s.units.ids, s.forces.ids, s.places.ids, s.audiences.ids, s.people.ids, task_names(model), script.decisions.ids, script.facts.ids]
    by_size = {len(names): list(names) for names in tables}
    assert len(by_size) == len(tables), "two tables of one length: this comparison cannot tell them apart"
    return by_size


def state(model: Petrograd, world: int | None = None) -> State:
    """The columns of a model, or of one row of its worlds, by the names of their rows."""
    s, tables = model.setting, _tables(model)
    sieges = [s.places.ids[p] for p in s.places.besieged]
    names_in = dict.fromkeys(PLACES_IN, s.places.ids) | dict.fromkeys(TASKS_IN, task_names(model))
    worlds = slice(None) if world is None else slice(world, world + 1)
    out: State = {}
    for name, values in vars(model.columns).items():
        if name == "said":
            continue
        kept = values[worlds]
        if name in names_in:
            codes = np.append(luck.keys(names_in[name]), np.array([1, 0], np.uint64))  # the last two are -2 and -1
            kept = codes[kept]
        rows = tuple(sieges if name in SIEGES else tables.get(n) for n in kept.shape[1:])
        out[name] = Column(kept, rows)
    return out | {f"said {token}": Column(said[worlds], ()) for token, said in model.columns.said.items() if said[worlds].any()}


def differences(one: State, other: State, *, extra: Collection[str] = (), events: bool = True) -> list[str]:
    """The columns in which two states differ.

    Rows are matched by name. Rows named in `extra` may stand in one of the two only; a lone star allows any.
    `events=False` leaves out the numbers of lines in the chronicle.
    """
    names = sorted(one.keys() | other.keys())
    numbers = {n for n in names if n == "decided" or n.endswith("cause")}
    return [n for n in names if (events or n not in numbers) and not _same(one.get(n), other.get(n), extra)]


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
    return bool(np.array_equal(mine, theirs))


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
    place = record.places[like].model_copy(update={"guard": (), "guard_men": (), "roles": (), "objective": 0, **changes})
    road = next(r for r in record.routes if r.mode == "street")
    routes = tuple(road.model_copy(update={"start": place.id, "end": end, "km": None}) for end in roads)
    return replace(record, places={**record.places, place.id: place}, routes=(*record.routes, *routes))


def renamed(record: History, prefix: str) -> tuple[History, Callable[[str], str]]:
    """A history in which every place, force and person has another id, and how a name of the old one reads in it."""
    ids = {*record.places, *record.forces, *record.people}

    def word(name: str) -> str:
        """An id, or a name made of one, such as that of an alarm."""
        stems = [i for i in ids if name == i or name.startswith(f"{i}_")]
        known = name in ids or any(name == f"{stem}{tail}" for stem in stems for tail in ("_alarm", "_passes_patrol"))
        return f"{prefix}{name}" if known else name

    def text(value: str) -> str:
        """Ids joined by + : or =, as in parameters and tokens."""
        for sign in "+:=":
            if sign in value:
                return sign.join(text(part) for part in value.split(sign))
        return word(value)

    def row(old: Any, *fields: str) -> Any:
        new = {f: tuple(map(text, getattr(old, f))) if isinstance(getattr(old, f), tuple) else text(getattr(old, f)) for f in fields}
        return old.model_copy(update=new)

    def choice(old: Any) -> Any:
        moved = row(old, "deciders", "requires", "object")
        return moved.model_copy(update={"params": {param: text(value) for param, value in old.params.items()}})

    new = replace(
        record,
        places={word(p.id): row(p, "id", "guard", "under_fire_of", *(["quarter"] if p.bank == "outlying" else [])) for p in record.places.values()},
        routes=tuple(row(r, "start", "end", "raised_bridge", "open_bridge") for r in record.routes),
        forces={word(f.id): row(f, "id", "home", "parent") for f in record.forces.values()},
        people={word(p.id): row(p, "id", "place") for p in record.people.values()},
        decisions={name: tuple(choice(c) for c in rows) for name, rows in record.decisions.items()},
    )
    return new, text


HISTORY = load()
EXPECTED = pytest.StashKey[list[str]]()  # what the tests of the scenarios have to tell at the end
