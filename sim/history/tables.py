"""The documented record of October 1917: reads the tables and checks that they agree with one another."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from sim.clock import EVENTS
from sim.errors import nearest
from sim.history.checks import Tables, check
from sim.history.rows import (
    OWN,
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


def load(folder: Path | None = None, *, event: str = "october24", tables: str | Path = "") -> History:
    """The tables of this package for an event of `clock.EVENTS`, or of another folder; `tables` is a folder
    with some tables of one's own, whose rows stand in for ours of the same names, or come after them.

    Raises HistoryError if they are unsound.
    """
    if tables:
        return _extended(event, str(tables), digest(tables))
    return _packaged(event) if folder is None else _load(Path(folder))


def digest(tables: str | Path) -> str:
    """A hash of the tables in a folder of one's own. Raises HistoryError if there are none."""
    found = sha256()
    try:
        files = [file for file in sorted(Path(tables).iterdir()) if file.suffix == ".csv"]
        for file in files:
            found.update(file.name.encode() + file.read_bytes())
    except OSError as error:
        raise HistoryError(
            f"tables: wanted a folder of tables, got '{tables}' ({error.strerror or error})"
        ) from None
    wrong = [file.name for file in files if file.name not in TABLES]
    if wrong or not files:
        hint = nearest(wrong[0], TABLES) if wrong else ""
        raise HistoryError(
            f"tables: wanted tables of these names in '{tables}' ({', '.join(TABLES)}), got "
            f"{wrong[0] if wrong else 'none'}{hint}"
        )
    return found.hexdigest()[:12]


def _packaged(event: str) -> History:
    return _extended(event, "", "")


@lru_cache(maxsize=16)
def _extended(event: str, tables: str, digest: str) -> History:
    """The tables of an event, with those of a folder over them; the digest tells what was read before."""
    if event not in EVENTS:
        raise HistoryError(f"wanted an event of which there are tables ({', '.join(EVENTS)}), got {event!r}")
    root = resources.files("sim.history") / "data"
    own = Path(tables) if tables else None
    return _load(root, None if event == "october24" else root / event, own)


# Table -> the type of its rows, and whether an event has one of its own, instead of ours or over it.
TABLES: dict[str, tuple[type[Any], str]] = {
    "places.csv": (Place, "over"),
    "place_kinds.csv": (PlaceKind, ""),
    "force_kinds.csv": (ForceKind, ""),
    "routes.csv": (Route, "over"),
    "forces.csv": (Force, "over"),
    "people.csv": (Person, "over"),
    "decisions.csv": (Choice, "instead"),
    "record.csv": (Record, "instead"),
    "parts_played.csv": (PartPlayed, ""),
    "fates.csv": (Fate, ""),
    "factions.csv": (Faction, ""),
    "patterns.csv": (Pattern, "instead"),
}


def _load(root: Traversable, event: Traversable | None = None, own: Path | None = None) -> History:
    """The tables of a folder, those of an event, and those of a user's own over them."""
    read = {}
    for file, (row_type, how) in TABLES.items():
        folders = [event if event is not None and how == "instead" else root]
        folders += [event] if event is not None and how == "over" else []
        rows: dict[int, Any] = {}
        for folder in folders:
            rows = _over(rows, _read(folder, file, row_type), max(rows, default=0))
        if own is not None and (own / file).is_file():
            rows = _over(rows, _read(own, file, row_type, folders), OWN)
        read[file] = rows
    tables = Tables(*read.values())
    check(tables)
    return _history(tables)


def _over[R: Row](rows: dict[int, R], other: dict[int, R], first: int) -> dict[int, R]:
    """The rows of a table, those of another in the place of those with their names, or after them; the
    others' numbers are counted from `first`.
    """
    mine = {_name(row): number for number, row in reversed(other.items())}
    stood_in = [mine.get(_name(row)) for row in rows.values()]
    kept = [
        (number, row) if new is None else (first + new, other[new])
        for (number, row), new in zip(rows.items(), stood_in, strict=True)
    ]
    return dict([*kept, *((first + n, row) for n, row in other.items() if n not in stood_in)])


def _name(row: Any) -> str:
    """What a row is known by in its table."""
    match row:
        case Route():
            return f"{row.start} {row.mode} {row.end}"
        case Choice():
            return f"{row.id} {row.choice}"
        case PlaceKind() | ForceKind():
            return row.kind
        case Pattern():
            return row.part
    return str(row.id)


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


def _read[R: Row](
    root: Traversable, file: str, row_type: type[R], ours: Sequence[Traversable] = ()
) -> dict[int, R]:
    """The rows of one table by their number in a spreadsheet; raises HistoryError.

    A table of a user's own, over ours, may have a column `like`: what such a row leaves out it has of the row
    of ours that is named there.
    """
    lines = _lines(root, file)
    header = lines[0] if lines else []
    like = ours and "like" in header
    _check_header(file, [c for c in header if not (like and c == "like")], columns(row_type), whole=not like)
    patterns = _cells_by_name(ours, file, row_type) if like else {}
    rows: dict[int, R] = {}
    for number, line in enumerate(lines[1:], 2):
        if not any(line):
            continue
        if len(line) != len(header):
            raise HistoryError(f"{file} row {number}: wanted {len(header)} cells, got {len(line)}")
        cells = dict(zip(header, line, strict=True))
        pattern = cells.pop("like", "") if like else ""
        if pattern and pattern not in patterns:
            raise Cell(file, number + OWN, "like").error("the name of a row of ours", pattern, [*patterns])
        cells = {**patterns[pattern], **cells} if pattern else cells
        rows[number] = read_row(row_type, file, number + OWN * bool(ours), cells)
    return rows


def _lines(root: Traversable, file: str) -> list[list[str]]:
    """The lines of a table, as cells."""
    try:
        return list(csv.reader(io.StringIO((root / file).read_text("utf-8-sig"), newline="")))
    except OSError:
        raise HistoryError(f"{file}: wanted this table in {root}, found no such file") from None
    except (UnicodeDecodeError, csv.Error):
        raise HistoryError(f"{file}: wanted a table in UTF-8 text, found something else") from None


def _cells_by_name(
    folders: Sequence[Traversable], file: str, row_type: type[Row]
) -> dict[str, dict[str, str]]:
    """The rows of a table of ours as they are written, by their names."""
    found = {}
    for folder in folders:
        header, *lines = _lines(folder, file)
        for number, line in enumerate(lines, 2):
            if any(line):
                cells = dict(zip(header, line, strict=True))
                found[_name(read_row(row_type, file, number, cells))] = cells
    return found


def _check_header(file: str, header: list[str], wanted: list[str], *, whole: bool) -> None:
    unknown = [column for column in header if column not in wanted]
    for column in wanted if whole else header:
        if column in wanted and header.count(column) != 1:
            got = ", ".join(unknown) or str(header.count(column) or "none")
            raise Cell(file, 1, column).error("one column of this name", got)
    for column in unknown:
        raise Cell(file, 1, column).error("a column that belongs to this table", column, wanted)
