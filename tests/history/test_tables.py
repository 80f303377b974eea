"""The tables of the documented record load, agree with one another, and are refused in one line if wrong."""

import csv
import shutil
from collections.abc import Callable
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest

from sim import history
from sim.history.rows import SIDES, columns

Rows = list[list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the package's tables, to be spoiled."""
    for table in (resources.files("sim.history") / "data").iterdir():
        if table.name.endswith(".csv"):
            shutil.copy(str(table), tmp_path)
    return tmp_path


def spoil(path: Path, change: Callable[[Rows], object]) -> None:
    """Rewrite a table after a change to its rows, the header being row 0."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def refusal(folder: Path) -> str:
    """The message with which a folder of tables is refused."""
    with pytest.raises(history.HistoryError) as error:
        history.load(folder)
    return str(error.value)


@pytest.mark.parametrize(
    ("table", "count"),
    [
        ("places", 131),
        ("place_kinds", 23),
        ("routes", 197),
        ("forces", 94),
        ("people", 64),
        ("decisions", 69),
        ("record", 179),
        ("parts_played", 94),
        ("fates", 64),
        ("factions", 6),
    ],
)
def test_counts(table: str, count: int) -> None:
    """Every table has the documented number of entries."""
    assert len(getattr(history.load(), table)) == count


def test_loaded_once() -> None:
    """The package's own tables are read once and shared."""
    assert history.load() is history.load()


def test_other_folder(folder: Path) -> None:
    """Tables read from another folder give the same history."""
    assert history.load(folder) == history.load()


def test_garrison() -> None:
    """The city's garrison, without outlying homes and without parts of other forces, is 150,000 men."""
    kinds = {"guards_regiment", "garrison_regiment", "armoured_cars", "artillery", "cyclists"}
    record = history.load()
    city = [
        force.men
        for force in record.forces.values()
        if force.kind in kinds and not force.parent and record.places[force.home].bank != "outlying"
    ]
    assert sum(city) == 150_000


def test_types() -> None:
    """Sides are -1, 0 or +1, times are datetimes, lists are tuples and params a dictionary."""
    record = history.load()
    assert [record.people[who].side for who in ("kerensky", "martov", "lenin")] == [-1, 0, 1]
    assert record.record["o24_telegraph"].start == datetime(1917, 10, 24, 17, 0)
    assert record.places["cossack_barracks"].guard_men == (20, 20, 20)
    assert record.decisions["d25_delegation"][0].params["name"] == "duma_delegation"


def test_default_first() -> None:
    """What was done stands first among the choices of every decision, and only there."""
    for choices in history.load().decisions.values():
        assert [choice.default for choice in choices] == [True] + [False] * (len(choices) - 1)


def test_sources() -> None:
    """Every row of every table says where it comes from."""
    record = history.load()
    sources = [way.source for way in record.routes]
    sources += [choice.source for choices in record.decisions.values() for choice in choices]
    for table in ("places", "place_kinds", "forces", "people", "record", "parts_played", "fates", "factions"):
        sources += [row.source for row in getattr(record, table).values()]
    assert all(source.strip() for source in sources)


def test_inputs_hold_no_outcomes() -> None:
    """Forces and people have no column for what they did or what became of them."""
    inputs = {*columns(history.Force), *columns(history.Person)}
    assert not inputs & {"part", "outcome_26oct", "place_25oct_2200", "first_active_role"}


def test_people_know_nothing_later() -> None:
    """No role or note of a person mentions a day after the opening."""
    for person in history.load().people.values():
        assert not any(day in person.role + person.note for day in ("24 Oct", "25 Oct", "26 Oct", "29 Oct"))


def test_roles() -> None:
    """Every role of a place is played once, but for the gates of the city, of which there are eight."""
    roles = [role for place in history.load().places.values() for role in place.roles]
    assert roles.count("gate") == 8
    assert all(roles.count(role) == 1 for role in roles if role != "gate")


def test_every_force_can_leave_home() -> None:
    """Each force's way of coming has an edge at its home."""
    record = history.load()
    modes = {"foot": {"street", "bridge"}, "horse": {"street", "bridge"}, "motor": {"street", "bridge"}}
    for force in record.forces.values():
        usable = modes.get(force.transport, {force.transport})
        assert any(force.home in (way.start, way.end) for way in record.routes if way.mode in usable), (
            force.id
        )


WRONG = [
    ("forces.csv 12 men", "abc", "a whole number of men, got 'abc'"),
    ("forces.csv 12 men", "", "a whole number of men, got ''"),
    ("forces.csv 12 men", "99999", "a number from men_low (3000) to men_high (6500), got '99999'"),
    ("forces.csv 12 home", "smolni", "a known place, got 'smolni'; did you mean 'smolny'?"),
    (
        "forces.csv 12 parent",
        "machine_gun",
        "a known force, got 'machine_gun'; did you mean 'machine_gun_1'?",
    ),
    (
        "forces.csv 12 transport",
        "hors",
        "one of foot, horse, motor, rail, water, got 'hors'; did you mean 'horse'?",
    ),
    ("forces.csv 12 leaning", "nan", "a number from -1 (government) to +1 (Soviet), got 'nan'"),
    ("places.csv 3 id", "winter_palace", "a name not in use (row 2 has it), got 'winter_palace'"),
    ("places.csv 2 holder", "sovjet", f"one of {', '.join(SIDES)}, got 'sovjet'; did you mean 'soviet'?"),
    ("places.csv 2 guard_men", "40;350", "as many numbers as there are guards (3), got '40;350'"),
    ("places.csv 2 guard_men", "40;x;2", "whole numbers of men, got '40;x;2'"),
    (
        "places.csv 2 quarter",
        "nevsky",
        "a quarter, or its own id if outlying, got 'nevsky'; did you mean 'nevsky_gate'?",
    ),
    ("places.csv 2 roles", "gait", "a known role, got 'gait'; did you mean 'gate'?"),
    ("places.csv 2 lat", "30.3", "degrees north, 50 to 65, got '30.3'"),
    ("routes.csv 2 raised_bridge", "smolny", "a known bridge, got 'smolny'"),
    ("routes.csv 2 km", "far", "a number or nothing, got 'far'"),
    ("decisions.csv 3 default", "1", "one default for d24_refuse_peace, got '2'"),
    ("decisions.csv 2 default", "0", "one default for d24_refuse_peace, got 'none'"),
    ("decisions.csv 2 verb", "rejekt", "a known verb, got 'rejekt'; did you mean 'reject'?"),
    ("decisions.csv 2 at", "24 Oct 1917", "a time such as 1917-10-24T17:00, got '24 Oct 1917'"),
    ("decisions.csv 2 at", "1917-10-24T03:00Z", "a time such as 1917-10-24T17:00, got '1917-10-24T03:00Z'"),
    ("decisions.csv 2 requires", "captur:x", "a known token, got 'captur'; did you mean 'capture'?"),
    (
        "decisions.csv 2 requires",
        "capture:smolny",
        "a token such as capture:place:side, got 'capture:smolny'",
    ),
    ("decisions.csv 2 requires", "event:walk_out", "a known event, got 'walk_out'; did you mean 'walkout'?"),
    ("decisions.csv 2 params", "menn=3", "a known parameter, got 'menn'; did you mean 'men'?"),
    ("decisions.csv 2 params", "men=few", "a number for men, got 'few'"),
    ("decisions.csv 2 params", "at=noon", "a time for at, got 'noon'"),
    ("decisions.csv 2 params", "men", "name=value items separated by ;, got 'men'"),
    ("decisions.csv 2 params", "to=smolni", "a known place or home, got 'smolni'; did you mean 'smolny'?"),
    ("decisions.csv 2 object", "cos_don_2", "a known object, got 'cos_don_2'; did you mean 'cos_don_4'?"),
    ("people.csv 2 place", "nowhere", "a known place or unknown or absent, got 'nowhere'"),
    ("record.csv 2 causes", "x", "a known row of the record, got 'x'"),
    ("record.csv 7 end", "1917-10-01", "a time not before start, got '1917-10-01T00:00:00'"),
    ("fates.csv 2 id", "kerenski", "a known person, got 'kerenski'; did you mean 'kerensky'?"),
]


@pytest.mark.parametrize(("where", "text", "wanted"), WRONG)
def test_wrong_cell(folder: Path, where: str, text: str, wanted: str) -> None:
    """A wrong cell is refused by file, row, column, what was wanted, what is there and the nearest name."""
    file, row, column = where.split()

    def change(rows: Rows) -> None:
        rows[int(row) - 1][rows[0].index(column)] = text

    spoil(folder / file, change)
    assert refusal(folder) == f"{file} row {row}, column {column}: wanted {wanted}"


NO_MEN = "forces.csv row 1, column men: wanted one column of this name, got "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: [row.pop(3) for row in rows], NO_MEN + "'none'"),
        (lambda rows: rows[0].__setitem__(3, "mn"), NO_MEN + "'mn'"),
        (lambda rows: rows[0].__setitem__(4, "men"), NO_MEN + "'2'"),
        (
            lambda rows: [row.append("fled") for row in rows],
            "forces.csv row 1, column fled: wanted a column that belongs to this table, got 'fled'",
        ),
        (lambda rows: rows[4].pop(), "forces.csv row 5: wanted 22 cells, got 21"),
        (
            lambda rows: rows.clear(),
            "forces.csv row 1, column id: wanted one column of this name, got 'none'",
        ),
    ],
)
def test_wrong_shape(folder: Path, change: Callable[[Rows], object], message: str) -> None:
    """A table with a column or cell too many or too few is refused."""
    spoil(folder / "forces.csv", change)
    assert refusal(folder) == message


def test_missing_table(folder: Path) -> None:
    """A folder without one of the tables is refused by the table's name."""
    (folder / "people.csv").unlink()
    assert refusal(folder) == f"people.csv: wanted this table in {folder}, found no such file"


def test_not_text(folder: Path) -> None:
    """A table that is not text in UTF-8 is refused."""
    (folder / "people.csv").write_bytes("id,имя".encode("cp1251"))
    assert refusal(folder) == "people.csv: wanted a table in UTF-8 text, found something else"


def test_no_way_to_do_nothing(folder: Path) -> None:
    """A decision that cannot be left undone is refused."""
    spoil(folder / "decisions.csv", lambda rows: rows.pop(4))
    where = "decisions.csv row 2, column verb"
    assert refusal(folder) == f"{where}: wanted a way to do nothing in d24_refuse_peace, got 'none'"


def test_unplayed_role(folder: Path) -> None:
    """Tables in which no place plays a role that the rules need are refused."""
    spoil(folder / "places.csv", lambda rows: rows[1].__setitem__(rows[0].index("roles"), ""))
    message = "places.csv, column roles: wanted a place with the role 'seat_government', found none"
    assert refusal(folder) == message


def test_blank_rows_are_skipped(folder: Path) -> None:
    """Blank rows, as spreadsheets leave them, are skipped and still counted."""
    spoil(folder / "forces.csv", lambda rows: rows.insert(5, [""] * len(rows[0])))
    assert history.load(folder) == history.load()
