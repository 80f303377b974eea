"""Two records side by side: the fields in which they differ, whatever order the rows of their tables stand
in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Fields = dict[str, NDArray[Any]]

OF = {  # the tables along whose rows a table of the record runs, where it is not a table itself
    "news": ("audiences", "places"),
    "reports": ("audiences", "audiences"),
    "report_at": ("audiences", "audiences"),
    "hearing": ("audiences", "facts"),
    "moves": ("facts", "units"),
    "named": ("tasks", "units"),
    "wanted": ("tasks", "people"),
    "together": ("tasks", "tasks"),
    "ring": ("sieges", "places"),
    "arrival_fact": ("forces", "places"),
    "said": ("forces", "places"),
}
TABLES = (
    "units",
    "places",
    "audiences",
    "tasks",
    "decisions",
    "people",
    "forces",
    "facts",
    "factions",
    "sieges",
)
POINTS_TO = {  # fields that hold rows of a table
    "places": ("place", "to", "goal", "home", "post", "bound_for", "under_fire_of", "hall"),
    "tasks": ("task", "told", "under", "goal_task"),
    "forces": ("force", "parent"),
    "audiences": ("audience", "quarter", "staff", "seat", "origin"),
    "decisions": ("decision", "appears", "opening_decision"),
    "sieges": ("siege", "staged"),
    "units": ("unit",),
    "people": ("person",),
    "facts": (
        "capture_fact",
        "bridge_fact",
        "arrival_fact",
        "cut_fact",
        "pass_fact",
        "refuse_fact",
        "word_fact",
        "open_fact",
        "blank_fact",
        "settled_fact",
        "press_fact",
        "shots_fact",
        "phones_fact",
        "shells_fact",
        "alarm_fact",
    ),
}
TABLE_OF = {field: table for table, names in POINTS_TO.items() for field in names}
NUMBERED = (
    "cause",
    "holder_cause",
    "envoy_cause",
    "cut_cause",
    "event",
    "because",
    "first",
    "roll",
    "stroke",
)  # lines of the journal, and strokes
LISTS = (
    "after",
    "hears",
    "people",
    "staffs",
    "objects",
    "crews",
    "spoken_at",
    "bit",
)  # rows in the order of the tables
OUTSIDE = ("acts", "covers", "coming", "keeping", "spans", "listed", "contested")


def fields(record: Any, within: str = "") -> Fields:
    """Every field of a record, under its full name."""
    found: Fields = {}
    for name in record.dtype.names:
        value = np.asarray(record[name])
        found |= fields(value, f"{within}{name}.") if value.dtype.names else {f"{within}{name}": value}
    return found


def by_names(record: Any) -> Fields:
    """The fields of a record with its rows in the order of their luck keys, rows of tables named by them, and
    the journal sorted.
    """
    keys = {
        name: np.array(record[name]["own_key" if name == "decisions" else "key"])
        for name in TABLES
        if name != "sieges"
    }
    keys["sieges"] = _name(keys["places"], record["sieges"]["place"])
    order = {name: np.argsort(k, kind="stable") for name, k in keys.items()}
    found: Fields = {}
    for full, value in fields(record).items():
        table, _, field = full.partition(".")
        last = full.rpartition(".")[2]
        if (
            last in NUMBERED
            or (table == "decisions" and field in LISTS)
            or last in ("bit", "row", "named_from", "named_to")
            or table in (*OUTSIDE, "events")
        ):
            continue
        named = value
        if last in TABLE_OF and value.dtype.kind == "i":
            named = _name(keys[TABLE_OF[last]], value)
            if table in TABLES:
                named[keys[table] == 0] = 0  # inert rows
        for axis, along in enumerate(OF.get(table, (table,) if table in TABLES else ())):
            named = np.take(named, order[along], axis)
        found[full] = named
    return found | {"events": _journal(record, keys)}


def _name(keys: NDArray[np.uint64], rows: Any) -> NDArray[np.uint64]:
    """The keys of some rows; -1 and -2 are none."""
    return np.append(keys, np.array([1, 0], np.uint64))[np.asarray(rows)]


def _journal(record: Any, keys: dict[str, NDArray[np.uint64]]) -> NDArray[Any]:
    """The lines of the journal without their numbers and without what is the number of one, sorted."""
    events = record["events"][: record["clock"]["events"]]
    names = [n for n in events.dtype.names if n not in NUMBERED]
    lines = [_name(keys[TABLE_OF[n]], events[n]) if n in TABLE_OF else events[n] for n in names]
    return np.array(sorted(zip(*(line.tolist() for line in lines), strict=True)), dtype=object)


def differences(one: Fields, other: Fields) -> list[str]:
    """The names of the fields that are not the same."""
    assert one.keys() == other.keys()
    return [name for name in one if not _same(one[name], other[name])]


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
