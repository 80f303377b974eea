"""The rows of the documented record: what each table holds, column by column, and what a cell must be."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

SIDES = {"government": -1, "neutral": 0, "moderate": 0, "other": 0, "soviet": 1}


class HistoryError(ValueError):
    """A table that cannot be used; one line names file, row, column, what was wanted and what was found."""


OWN = 1_000_000  # rows of a user's own tables are numbered from here


class Cell(NamedTuple):
    """One cell of a table, counted as a spreadsheet counts: the header is row 1."""

    file: str
    row: int
    column: str

    def error(self, wanted: str, got: str, names: Collection[str] = ()) -> HistoryError:
        """The refusal of this cell, with the nearest of `names` if the content looks like a misspelling."""
        got = got if len(got) <= 60 else f"{got[:57]}..."
        near = difflib.get_close_matches(got, names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        row, own = (self.row - OWN, " of one's own") if self.row > OWN else (self.row, "")
        where = f"{self.file}{own} row {row}, column {self.column}"
        return HistoryError(f"{where}: wanted {wanted}, got {got!r}{hint}")


def _blank(text: object) -> object:
    return None if text == "" else text


def _items(text: object) -> object:
    return tuple(text.split(";")) if isinstance(text, str) and text else ()


def _side(text: object) -> int:
    if text not in SIDES:
        raise ValueError("not a side")
    return SIDES[str(text)]


def moment(text: object) -> datetime:
    """A Julian local time from ISO text; raises ValueError for anything else, or a time with a zone."""
    time = datetime.fromisoformat(str(text))
    if time.tzinfo is not None:
        raise ValueError("Julian local time has no zone")
    return time


def _bound(text: object) -> object:
    """Nothing, a time if it looks like one, or what should be a number."""
    return None if text == "" else moment(text) if isinstance(text, str) and "T" in text else text


def _pairs(text: object) -> dict[str, str]:
    pairs = [item.split("=", 1) for item in str(text).split(";")] if text else []
    if any(len(pair) != 2 or not all(pair) for pair in pairs) or len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("not pairs")
    return dict(pairs)


Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", description="an id of small letters, digits and _")]
OptionalId = Annotated[str, Field(pattern=r"^[a-z0-9_]*$", description="an id or nothing")]
Text = Annotated[str, Field(min_length=1, description="some text")]
Side = Annotated[
    int, BeforeValidator(_side), Field(description=f"one of {', '.join(SIDES)}", examples=list(SIDES))
]
Flag = Annotated[bool, Field(description="1 or 0")]
Share = Annotated[float, Field(ge=0, le=1, description="a number from 0 to 1")]
Men = Annotated[int, Field(ge=0, description="a whole number of men")]
Number = Annotated[float, Field(ge=0, description="a number, 0 or more")]
OptionalNumber = Annotated[Number | None, BeforeValidator(_blank), Field(description="a number or nothing")]
Items = Annotated[tuple[str, ...], BeforeValidator(_items), Field(description="items separated by ;")]
Pairs = Annotated[
    dict[str, str], BeforeValidator(_pairs), Field(description="name=value items separated by ;")
]
Time = Annotated[datetime, BeforeValidator(moment), Field(description="a time such as 1917-10-24T17:00")]
OptionalTime = Annotated[Time | None, BeforeValidator(_blank), Field(description="a time or nothing")]
Bound = Annotated[
    float | datetime | None, BeforeValidator(_bound), Field(description="a number, a time or nothing")
]


class Row(BaseModel):
    """A row of any table; frozen, and without columns that are not in its definition."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Place(Row):
    """A building, square, bridge, anchorage or town, as it stood on 24 October 1917, 03:00."""

    id: Id
    name: Text
    kind: Id
    lat: Annotated[float, Field(ge=50, le=65, description="degrees north, 50 to 65")]
    lon: Annotated[float, Field(ge=20, le=45, description="degrees east, 20 to 45")]
    tolerance_m: Number
    bank: Id
    quarter: Id
    holder: Side
    guard: Items
    guard_men: Annotated[tuple[Men, ...], BeforeValidator(_items), Field(description="whole numbers of men")]
    objective: Annotated[int, Field(ge=0, le=2, description="0, 1 or 2")]
    tier: Annotated[int, Field(ge=1, le=3, description="1, 2 or 3")]
    under_fire_of: OptionalId
    roles: Items
    note: str
    source: Text


class PlaceKind(Row):
    """What all places of one kind have in common."""

    kind: Id
    position: Annotated[float, Field(ge=1, description="a factor of 1 or more")]
    weight: Annotated[int, Field(ge=0, le=10, description="a whole number from 0 to 10")]
    public: Flag
    priority: Annotated[int, Field(ge=1, description="a whole number, 1 first")]
    note: str
    source: Text


class ForceKind(Row):
    """What all forces of one kind have in common: whom they look to, how wide their neutral band is, what
    they are sworn to.
    """

    kind: Id
    group: Literal["garrison", "workers", "volunteers", "front", "townsmen"]
    band: Literal["regiments", "volunteers", "specialists", "militia"]
    speed_kmh: Number
    belief_pull: Share
    trusted_by: Side
    sworn_to: Side
    infantry_for: Side
    assurance: Share
    roster: Flag
    guns: Flag
    civilian: Flag
    levy: Flag
    note: Text
    source: Text


class Route(Row):
    """A way between two places, open in both directions; `km` None means the great circle."""

    start: Annotated[Id, Field(alias="from")]
    end: Annotated[Id, Field(alias="to")]
    mode: Literal["street", "bridge", "rail", "water"]
    km: OptionalNumber
    raised_bridge: OptionalId
    open_bridge: OptionalId
    note: str
    source: Text


class Force(Row):
    """A regiment, school, crew, guard or crowd, with its strength and mood on 24 October, 03:00."""

    id: Id
    name: Text
    kind: Id
    men: Men
    men_low: Men
    men_high: Men
    home: Id
    side: Side
    leaning: Annotated[float, Field(ge=-1, le=1, description="a number from -1 (government) to +1 (Soviet)")]
    leaning_reason: str
    quality: Share
    quality_reason: str
    commissar: Share
    arms: Share
    parent: OptionalId
    detachments: Annotated[int, Field(ge=1, description="a whole number, 1 or more")]
    basis: Literal["before", "after"]
    before: str
    appears_by: OptionalId
    transport: Literal["foot", "horse", "motor", "rail", "water"]
    speed_kmh: OptionalNumber
    source: Text


class Person(Row):
    """A minister, commander, committee man or delegate, where he was on 24 October, 03:00."""

    id: Id
    name: Text
    role: str
    party: Text
    side: Side
    group: Literal["minister", "aide", "commander", "committee", "commissar", "delegate", "other"]
    leads: Annotated[int, Field(ge=0, le=99)]
    place: Id
    note: str
    source: Text


class Choice(Row):
    """One of the courses open at a decision; `default` marks the one that was taken."""

    id: Id
    choice: Id
    default: Flag
    label: Text
    side: Side
    deciders: Items
    mode: Literal["initiative", "reaction"]
    at: Time
    requires: Items
    lag_min: OptionalNumber
    verb: Id
    object: Items
    params: Pairs
    description: str
    source: Text


class Faction(Row):
    """A faction of the Second Congress: delegates, the share that favours a transfer of power, and whether it
    may walk out.
    """

    id: Id
    name: Text
    delegates: Annotated[int, Field(ge=0, description="a whole number of delegates")]
    for_transfer: Share
    walks_out: Flag
    socialist: Flag
    source: Text


class Record(Row):
    """Something that happened, was decided, or forms the background, with its documented hour."""

    id: Id
    start: Time
    end: OptionalTime
    tolerance_min: Number
    place: OptionalId
    actors: Items
    type: Literal["context", "decision", "outcome"]
    decider: OptionalId
    alternatives: Items
    description: Text
    causes: Items
    observable: Items
    counts: Items
    certainty: Literal["exact", "approximate", "disputed"]
    source: Text


class Pattern(Row):
    """A documented pattern, or a part of one: what a good simulation should show, within which bounds, and
    whether it may be fitted to.
    """

    pattern: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$", description="a pattern such as P01")]
    part: Annotated[
        str, Field(pattern=r"^[A-Z][0-9]{2}[a-z]?$", description="a part of a pattern such as P03a")
    ]
    fact: Text
    unit: Text
    low: Bound
    target: Bound
    high: Bound
    split: Literal["train", "test"]
    unscored: str
    source: Text


class PartPlayed(Row):
    """What a force is documented to have done: for comparison, never an input."""

    id: Id
    part: Text
    source: Text


class Fate(Row):
    """What became of a person: for comparison, never an input."""

    id: Id
    place_25oct_2200: Id
    outcome_26oct: Text
    note: str
    source: Text


def columns(row_type: type[Row]) -> list[str]:
    """The columns of a table, in order."""
    return [field.alias or name for name, field in row_type.model_fields.items()]


def read_row[R: Row](row_type: type[R], file: str, number: int, cells: dict[str, str]) -> R:
    """One row from the text of its cells; raises HistoryError for the first cell that cannot be read."""
    try:
        return row_type.model_validate(cells)
    except ValidationError as error:
        column = str(error.errors()[0]["loc"][0])
    wanted, names = _wanted(row_type, column)
    raise Cell(file, number, column).error(wanted, cells.get(column, "nothing"), names)


def _wanted(row_type: type[Row], column: str) -> tuple[str, list[str]]:
    """What a cell of the column must hold, and the names it may hold if they are few."""
    field = next(field for name, field in row_type.model_fields.items() if column in (name, field.alias))
    if get_origin(field.annotation) is Literal:
        names = list(get_args(field.annotation))
        return f"one of {', '.join(names)}", names
    return field.description or "some text", field.examples or []
