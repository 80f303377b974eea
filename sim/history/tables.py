"""The documented record of October 1917: reads the tables and checks that they agree with one another."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sim.clock import EVENTS
from sim.history.checks import Tables, check
from sim.history.rows import (
    Cell,
    Choice,
    Faction,
    Fate,
    Force,
    ForceKind,
    HistoryError,
    PartPlayed,
    Pattern,
    Person,
    Place,
    PlaceKind,
    Record,
    Route,
    Row,
    columns,
    read_row,
)


@dataclass(frozen=True, repr=False)
class History:
    """The record: places, ways, forces, people and decisions (inputs), and what happened (never an input)."""

    places: dict[str, Place]
    place_kinds: dict[str, PlaceKind]
    force_kinds: dict[str, ForceKind]
    routes: tuple[Route, ...]
    forces: dict[str, Force]
    people: dict[str, Person]
    decisions: dict[str, tuple[Choice, ...]]
    record: dict[str, Record]
    parts_played: dict[str, PartPlayed]
    fates: dict[str, Fate]
    factions: dict[str, Faction]
    patterns: dict[str, Pattern]

    def __repr__(self) -> str:
        return (
            f"History({len(self.places)} places, {len(self.routes)} routes, {len(self.forces)} forces, "
            f"{len(self.people)} people, {len(self.decisions)} decisions, {len(self.record)} events)"
        )


def load(folder: Path | None = None, *, event: str = "october24") -> History:
    """The tables of this package for an event of `clock.EVENTS`, or of another folder; raises HistoryError if
    they are unsound.
    """
    return _packaged(event) if folder is None else _load(Path(folder))


@cache
def _packaged(event: str) -> History:
    if event not in EVENTS:
        raise HistoryError(f"wanted an event of which there are tables ({', '.join(EVENTS)}), got {event!r}")
    root = resources.files("sim.history") / "data"
    return _load(root, None if event == "october24" else root / event)


def _load(root: Traversable, event: Traversable | None = None) -> History:
    """The tables of a folder; an event of its own has its own decisions, record and patterns, and rows that
    stand in for the others'.
    """
    own = event or root
    tables = Tables(
        places=_over(root, event, "places.csv", Place),
        kinds=_read(root, "place_kinds.csv", PlaceKind),
        force_kinds=_read(root, "force_kinds.csv", ForceKind),
        routes=_over(root, event, "routes.csv", Route),
        forces=_over(root, event, "forces.csv", Force),
        people=_over(root, event, "people.csv", Person),
        choices=_read(own, "decisions.csv", Choice),
        record=_read(own, "record.csv", Record),
        parts=_read(root, "parts_played.csv", PartPlayed),
        fates=_read(root, "fates.csv", Fate),
        factions=_read(root, "factions.csv", Faction),
        patterns=_read(own, "patterns.csv", Pattern),
    )
    check(tables)
    return _history(tables)


def _over[R: Place | Route | Force | Person](
    root: Traversable, event: Traversable | None, file: str, row_type: type[R]
) -> dict[int, R]:
    """The rows of a table, those of an event in the place of others with their names, or after them and
    numbered on.
    """
    rows = _read(root, file, row_type)
    if event is None:
        return rows
    numbers = {_name(row): number for number, row in rows.items()}
    for row in _read(event, file, row_type).values():
        rows[numbers.get(_name(row), max(rows) + 1)] = row
    return rows


def _name(row: Place | Route | Force | Person) -> str:
    return f"{row.start} {row.mode} {row.end}" if isinstance(row, Route) else row.id


def _history(tables: Tables) -> History:
    decisions: dict[str, tuple[Choice, ...]] = {}
    for choice in sorted(tables.choices.values(), key=lambda choice: not choice.default):
        decisions[choice.id] = (*decisions.get(choice.id, ()), choice)
    return History(
        places={row.id: row for row in tables.places.values()},
        place_kinds={row.kind: row for row in tables.kinds.values()},
        force_kinds={row.kind: row for row in tables.force_kinds.values()},
        routes=tuple(tables.routes.values()),
        forces={row.id: row for row in tables.forces.values()},
        people={row.id: row for row in tables.people.values()},
        decisions=decisions,
        record={row.id: row for row in tables.record.values()},
        parts_played={row.id: row for row in tables.parts.values()},
        fates={row.id: row for row in tables.fates.values()},
        factions={row.id: row for row in tables.factions.values()},
        patterns={row.part: row for row in tables.patterns.values()},
    )


def _read[R: Row](root: Traversable, file: str, row_type: type[R]) -> dict[int, R]:
    """The rows of one table by their number in a spreadsheet; raises HistoryError."""
    try:
        lines = list(csv.reader(io.StringIO((root / file).read_text("utf-8-sig"), newline="")))
    except OSError:
        raise HistoryError(f"{file}: wanted this table in {root}, found no such file") from None
    except (UnicodeDecodeError, csv.Error):
        raise HistoryError(f"{file}: wanted a table in UTF-8 text, found something else") from None
    header = lines[0] if lines else []
    _check_header(file, header, columns(row_type))
    rows: dict[int, R] = {}
    for number, cells in enumerate(lines[1:], 2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise HistoryError(f"{file} row {number}: wanted {len(header)} cells, got {len(cells)}")
        rows[number] = read_row(row_type, file, number, dict(zip(header, cells, strict=True)))
    return rows


def _check_header(file: str, header: list[str], wanted: list[str]) -> None:
    unknown = [column for column in header if column not in wanted]
    for column in wanted:
        if header.count(column) != 1:
            got = ", ".join(unknown) or str(header.count(column) or "none")
            raise Cell(file, 1, column).error("one column of this name", got)
    for column in unknown:
        raise Cell(file, 1, column).error("a column that belongs to this table", column, wanted)
