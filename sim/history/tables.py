"""The documented record of October 1917: reads the tables and checks that they agree with one another."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sim.history.checks import Tables, check
from sim.history.rows import (
    Cell,
    Choice,
    Faction,
    Fate,
    Force,
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


def load(folder: Path | None = None) -> History:
    """The tables of this package, or of another folder; raises HistoryError if they are unsound."""
    return _packaged() if folder is None else _load(Path(folder))


@cache
def _packaged() -> History:
    return _load(resources.files("sim.history") / "data")


def _load(root: Traversable) -> History:
    tables = Tables(
        places=_read(root, "places.csv", Place),
        kinds=_read(root, "place_kinds.csv", PlaceKind),
        routes=_read(root, "routes.csv", Route),
        forces=_read(root, "forces.csv", Force),
        people=_read(root, "people.csv", Person),
        choices=_read(root, "decisions.csv", Choice),
        record=_read(root, "record.csv", Record),
        parts=_read(root, "parts_played.csv", PartPlayed),
        fates=_read(root, "fates.csv", Fate),
        factions=_read(root, "factions.csv", Faction),
        patterns=_read(root, "patterns.csv", Pattern),
    )
    check(tables)
    return _history(tables)


def _history(tables: Tables) -> History:
    decisions: dict[str, tuple[Choice, ...]] = {}
    for choice in sorted(tables.choices.values(), key=lambda choice: not choice.default):
        decisions[choice.id] = (*decisions.get(choice.id, ()), choice)
    return History(
        places={row.id: row for row in tables.places.values()},
        place_kinds={row.kind: row for row in tables.kinds.values()},
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
