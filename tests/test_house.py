"""The house: files that import one another in no circle, rules that stay short, machine code that is kept
where it should be.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

import sim

PACKAGE = Path(str(sim.__file__)).parent
RULES = sorted((PACKAGE / "rules").glob("*.py"))
MOST_LINES, MOST_COLUMNS, LONGEST = 5100, 110, 40


def module_of(file: Path) -> str:
    """The dotted name of a file."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(file: Path, modules: set[str]) -> Iterator[str]:
    """The modules of the package that a file imports anywhere, for annotations too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in modules else node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_no_circle() -> None:
    """No file imports another that imports it, however far round and for annotations alone."""
    files = {module_of(file): file for file in PACKAGE.rglob("*.py")}
    graph = nx.DiGraph()
    for module, file in files.items():
        graph.add_edges_from(
            (module, other) for other in imports(file, set(files)) if other in files and other != module
        )
    graph.remove_nodes_from(["sim"])  # the public face names everything, when asked
    assert [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


def test_rules_are_short() -> None:
    """The rules fill no more lines than a newcomer reads in an evening, and none of them gathers rows out of
    columns.
    """
    text = {file: file.read_text(encoding="utf-8") for file in RULES}
    assert sum(len(t.splitlines()) for t in text.values()) <= MOST_LINES
    assert [file.name for file, t in text.items() if ".take(row)" in t] == []


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=module_of)
def test_lines_and_functions(file: Path) -> None:
    """No line is wider than a page; no rule is longer than a screen."""
    text = file.read_text(encoding="utf-8")
    assert [n for n, line in enumerate(text.splitlines(), 1) if len(line) > MOST_COLUMNS] == []
    if file in RULES:
        functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
        assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > LONGEST] == []


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run some code in a process of its own."""
    told = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", code], env=told, capture_output=True, text=True, timeout=600)


def test_the_face_is_light() -> None:
    """Neither `import sim` nor `petrograd --help` imports the compiler."""
    code = (
        "import sys, sim, sim.cli; sim.scenario; sim.run; print([m for m in ('numba', 'xarray', "
        "'mesa') if m in sys.modules])"
    )
    assert python(code).stdout.strip() == "[]"


OVERRUN = """
import numpy as np
from sim.compiled import entry, FOLDER

@entry
def beyond(values):
    return values[len(values) + 3]

print(FOLDER, beyond(np.zeros(4)))
"""


def test_bounds_are_checked_when_asked(tmp_path: Path) -> None:
    """With bounds checks an overrun raises, even when plain code is in the cache; checked code has a folder
    of its own.
    """
    script = tmp_path / "overrun.py"
    script.write_text(OVERRUN)
    run = f"exec(compile(open({str(script)!r}).read(), {str(script)!r}, 'exec'))"
    plain = python(run, NUMBA_CACHE_DIR=str(tmp_path))
    checked = python(run, NUMBA_CACHE_DIR=str(tmp_path), NUMBA_BOUNDSCHECK="1")
    assert plain.returncode == 0, plain.stderr
    assert "IndexError" in checked.stderr
    assert len(list(tmp_path.glob("rules-*"))) == 2


PULSES = """
from sim.counterfactual.scenario import scenario
from sim.plan.layout import Stage, layout

stage = Stage(layout(scenario("historical")))
stage.open(1917, 0, {})
stage.play(10.0)
w = stage.worlds[0]
belief, sent = w["audiences"]["belief"].sum(), w["reports"]["sent"].sum()
print(int(w["units"]["men"].sum()), round(float(belief), 9), int(sent), int(w["clock"]["events"]))
print(w["sides"]["given"].tolist())  # bits beyond the thirty-second
"""
HISTORIES = """
from hashlib import sha256
from sim.counterfactual.scenario import scenario
from sim.plan.layout import Stage, layout
from sim.telling import Teller

for name in ("historical", "free"):
    stage = Stage(layout(scenario(name)))
    stage.open(1917, 1, {})
    stage.play()
    told = Teller(stage.layout.cast, stage.layout.plan).tell(stage.worlds[0])
    print(len(told), sha256(repr(told).encode()).hexdigest())
"""


def beside(code: str, **environment: str) -> subprocess.Popen[str]:
    """Begin to run some code in a process of its own, beside the tests."""
    told = {**os.environ, **environment}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        env=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module", autouse=True)
def checked() -> Iterator[subprocess.Popen[str]]:
    """Two whole histories by code that looks whether every index is within its table."""
    with beside(HISTORIES, NUMBA_BOUNDSCHECK="1") as process:
        yield process
        process.kill()


def test_uncompiled_rules_say_the_same() -> None:
    """The same rules as plain Python give the same first pulses: the compiler is no part of the model."""
    compiled = python(PULSES)
    plain = python("import warnings; warnings.simplefilter('ignore')\n" + PULSES, NUMBA_DISABLE_JIT="1")
    assert plain.returncode == 0, plain.stderr[-2000:]
    assert plain.stdout == compiled.stdout


def test_a_home_that_cannot_be_written() -> None:
    """Where no cache can be kept the rules are compiled all the same, and that is said once."""
    code = (
        "from sim import compiled, luck; print(compiled.FOLDER)\nwith compiled.told(): "
        "print(round(luck.chance(1.0, 60.0), 3))"
    )
    told = python(code, NUMBA_CACHE_DIR="/proc/nowhere")
    assert told.stdout.split() == ["None", "0.632"]
    assert told.stderr.count("no folder can be written") == 1


def test_no_rule_reads_beyond_a_table(checked: subprocess.Popen[str]) -> None:
    """Two whole histories by bounds-checked code run to their end, and are the same."""
    said, wrong = checked.communicate(timeout=600)
    assert checked.returncode == 0, wrong[-2000:]
    assert said == python(HISTORIES).stdout
