"""No rule and no actor names a place, a unit, a person, a decision or an hour: those live in data and scenarios."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sim
from sim import clock, history

ROOMS = [Path(sim.__file__).parent / room for room in ("rules", "agents")]
FILES = [path for room in ROOMS for path in sorted(room.rglob("*.py"))]
EVENTS = [history.load(event=event) for event in clock.EVENTS]
TABLES = {
    what: frozenset().union(*(getattr(event, table) for event in EVENTS))
    for what, table in (("place", "places"), ("force", "forces"), ("person", "people"), ("decision", "decisions"), ("line of the record", "record"))
}
HOUR = re.compile(r"\b\d{1,2}[:.]\d{2}\b(?!\d)|\b\d{1,2} Oct|\b1917\b")
CLOCKS = frozenset({"datetime", "date", "time", "parse"})


def named(source: str) -> list[str]:
    """What a piece of source names that only data may: ids in names and in words of texts, and hours."""
    tree = ast.parse(source)
    return [*_ids(tree), *_hours(tree)]


def _texts(tree: ast.AST) -> list[str]:
    """Every text that is not a docstring."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    return [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docstrings]


def _ids(tree: ast.AST) -> list[str]:
    """Ids of the tables; in a text also where one is part of a longer word, if it cannot be an ordinary one."""
    identifiers = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    identifiers |= {n.arg for n in ast.walk(tree) if isinstance(n, (ast.arg, ast.keyword)) and n.arg}
    words = {word for text in _texts(tree) for word in re.findall(r"[a-z0-9_]+", text.lower())}
    parts = {part for word in words if "_" in word for part in word.split("_")}
    found = [f"{kind} {name}" for kind, names in TABLES.items() for name in sorted(names & (identifiers | words))]
    return found + [f"{kind} {name}" for kind in ("place", "person") for name in sorted(TABLES[kind] & (parts - words))]


def _hours(tree: ast.AST) -> list[str]:
    written = [f"hour {hour}" for text in _texts(tree) for hour in HOUR.findall(text)]
    calls = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args and all(isinstance(a, ast.Constant) for a in n.args)]
    names = [f.id if isinstance(f, ast.Name) else f.attr for f in calls if isinstance(f, (ast.Name, ast.Attribute))]
    return written + [f"hour in {name}(...)" for name in names if name in CLOCKS]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_names_nothing(path: Path) -> None:
    """A file of rules or actors names nothing that belongs in a table."""
    assert named(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "finds"),
    [
        ("held = holder[index['winter_palace']]", "place winter_palace"),
        ("if unit.force == 'kexholm_regt': go()", "force kexholm_regt"),
        ("token = f'arrest:{side}:kerensky'", "person kerensky"),
        ("happened(m, 'event:martov_speaks')", "person martov"),
        ("tell('event:smolny_alarm')", "place smolny"),
        ("due[index('d24_close_press')] = 0", "decision d24_close_press"),
        ("now = m.places.telephone_exchange", "place telephone_exchange"),
        ("choose(aurora_crew=True)", "force aurora_crew"),
        ("late = clock.minutes('25 Oct 02:10')", "hour 25 Oct"),
        ("if label(m.now) > '21:40': fire()", "hour 21:40"),
        ("start = datetime(1917, 10, 25, 21, 40)", "hour in datetime(...)"),
    ],
)
def test_the_search_finds(source: str, finds: str) -> None:
    """The search sees an id or an hour however it is written."""
    assert finds in named(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""How Kexholm men took the exchange at 07:00."""',
        "gates = places.roles['gate']",
        "hours = 6.0 * 60",
        "ratio = r[3:40]",
        "text = f'{name} draws off at {place}'",
    ],
)
def test_the_search_lets_pass(source: str) -> None:
    """Docstrings, roles and plain numbers are no names."""
    assert named(source) == []
