"""No rule and no actor names a place, a unit, a person, a decision or an hour: those live in data and
scenarios.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sim
from sim import clock, compiled, history
from sim.plan.layout import layout

ROOT = Path(sim.__file__).parent
# All that goes into the machine code of the rules, and the actors.
PATTERNS = [*compiled.RULES, "agents/*.py"]
FILES = sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern) if path.suffix == ".py"})
EVENTS = [history.load(event=event) for event in clock.EVENTS]
TABLES = {
    what: frozenset().union(*(getattr(event, table) for event in EVENTS))
    for what, table in (
        ("place", "places"),
        ("force", "forces"),
        ("person", "people"),
        ("decision", "decisions"),
        ("line of the record", "record"),
    )
}
UNITS = frozenset(layout(sim.scenario("historical")).cast.units.ids)
HOUR = re.compile(r"\b\d{1,2}[:.]\d{2}\b(?!\d)|\b\d{1,2} Oct|\b1917\b")
CLOCKS = frozenset({"datetime", "date", "time", "parse"})
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
MINUTES = frozenset({"now", "minute", "hour", "midnight"})  # what an hour would be compared with


def named(source: str) -> list[str]:
    """What a piece of source names that only data may: ids in names and in words of texts, and hours."""
    tree = ast.parse(source)
    return [*_ids(tree), *_hours(tree)]


def _texts(tree: ast.AST) -> list[str]:
    """Every text that is not a docstring."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        n.value
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docstrings
    ]


def _identifiers(tree: ast.AST) -> set[str]:
    """Every name in the source, whatever it is the name of, in small letters."""
    found: set[str] = set()
    for n in ast.walk(tree):
        found |= {
            getattr(n, field)
            for field in ("id", "attr", "arg", "name", "asname")
            if isinstance(getattr(n, field, None), str)
        }
    return {name.lower() for name in found}


def _ids(tree: ast.AST) -> list[str]:
    """Ids of the tables and of units; also where one is part of a longer word or name, if it cannot be an
    ordinary one.
    """
    names, text = _identifiers(tree), " ".join(_texts(tree)).lower()
    words = set(re.findall(r"[a-z0-9_]+", text))
    parts = {part for word in words if "_" in word for part in word.split("_")}
    found = [f"{kind} {name}" for kind, ids in TABLES.items() for name in sorted(ids & (names | words))]
    found += [f"unit {name}" for name in sorted(UNITS & set(re.findall(r"[a-z0-9_.]+", text)))]
    found += [
        f"{kind} {name}" for kind in ("place", "person") for name in sorted(TABLES[kind] & (parts - words))
    ]
    pieces = {part for name in names if "_" in name for part in name.split("_")}
    found += [f"person {name}" for name in sorted(TABLES["person"] & (pieces - names))]
    long = sorted(name for kind in ("place", "force") for name in TABLES[kind] if "_" in name)
    return found + [
        f"{name} in {of}" for of in sorted(names) for name in long if name != of and f"_{name}_" in f"_{of}_"
    ]


def _hours(tree: ast.AST) -> list[str]:
    """Hours in texts, in calls that make one, and in a comparison of the clock with a number."""
    written = [f"hour {hour}" for text in _texts(tree) for hour in HOUR.findall(text)]
    calls = [
        n.func
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and n.args and all(isinstance(a, ast.Constant) for a in n.args)
    ]
    names = [
        f.id if isinstance(f, ast.Name) else f.attr for f in calls if isinstance(f, (ast.Name, ast.Attribute))
    ]
    written += [f"hour in {name}(...)" for name in names if name in CLOCKS]
    for n in ast.walk(tree):
        if isinstance(n, ast.Compare) and all(isinstance(op, ORDER) for op in n.ops):
            sides = [n.left, *n.comparators]
            if any(_is_clock(s) for s in sides) and any(_is_number(s) for s in sides):
                written.append(f"hour in {ast.unparse(n)}")
    return written


def _is_clock(node: ast.expr) -> bool:
    return (
        node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    ) in MINUTES


def _is_number(node: ast.expr) -> bool:
    """A number other than nought, or numbers joined by signs."""
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and node.value != 0


def test_the_files_of_the_rules_are_read() -> None:
    """All files of rules are looked at, and whatever stands with them in the machine code."""
    assert {path.name for path in (ROOT / "rules").glob("*.py")} <= {
        path.name for path in FILES if path.parent.name == "rules"
    }
    assert {"state.py", "luck.py", "journal.py", "ways.py"} <= {path.name for path in FILES}
    assert len(FILES) > 30


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
        ("WINTER_PALACE = 3", "place winter_palace"),
        ("def take_winter_palace(w: World) -> None: ...", "winter_palace in take_winter_palace"),
        ("kerensky_row = w.people[0]", "person kerensky"),
        ("from sim.state import STATE_BANK", "place state_bank"),
        ("first = rows.index('rg_smolny_guard.1')", "unit rg_smolny_guard.1"),
        ("late = clock.minutes('25 Oct 02:10')", "hour 25 Oct"),
        ("if label(m.now) > '21:40': fire()", "hour 21:40"),
        ("start = datetime(1917, 10, 25, 21, 40)", "hour in datetime(...)"),
        ("if w.clock.now >= 2620.0: fire()", "hour in w.clock.now >= 2620.0"),
        ("late = now > 60 * 24 + 40", "hour in now > 60 * 24 + 40"),
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
        "long = w.clock.now - office.low_at >= 180.0",
        "late = w.clock.now > 0",
    ],
)
def test_the_search_lets_pass(source: str) -> None:
    """Docstrings, roles, lengths of time and plain numbers are no names."""
    assert named(source) == []
