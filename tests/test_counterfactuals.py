"""The scenario scripts: each is played in a few worlds, changes something, and has its expectation checked
and reported.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from likeness import EXPECTED

import sim
from sim.counterfactual.scenario import folder, names, scenario
from sim.results import Comparison

WORLDS = 100 if os.environ.get("NIGHTLY") else 16
SCRIPTS = [name for name in names() if scenario(name).opening == "october24" and name != "historical"]
VARIED = [name for name in names() if name != scenario(name).past]


@pytest.fixture(scope="module")
def compared(request: pytest.FixtureRequest) -> Comparison:
    """Every scenario against history in a few worlds; what was expected is told at the end of the tests,
    agreed or not.
    """
    done = sim.compare("historical", *SCRIPTS, worlds=WORLDS, tracks=False, workers=2, progress=False)
    checked = done.effects([])
    told = [
        f"{row['scenario']}: {row['label']} ({row['expected']}): {row['agreed']}"
        for row in checked.to_dict("records")
        if row["agreed"] != "open"
    ]
    request.config.stash[EXPECTED] = [
        f"{(checked['agreed'] == 'open').sum()} of {len(checked)} not settled in {WORLDS} worlds",
        *told,
    ]
    return done


@pytest.mark.parametrize("name", SCRIPTS)
def test_changes_something(compared: Comparison, name: str) -> None:
    """A scenario's histories are not all those of history: some place, man or hour differs."""
    base, other = compared.base.data, compared[name].data
    same = all(
        np.array_equal(base[var].values, other[var].values)
        for var in (
            "captured_at",
            "most_active",
            "garrison_active",
            "palace_falls",
            "walkout",
            "ministers_arrested",
        )
    )
    assert not same or name in UNFELT


# Scenarios whose change is too late, or too small, to be felt in so few worlds; each is explained in
# docs/counterfactuals.md.
UNFELT = {"duma_march_let_through", "defenders_let_out_with_arms", "lantern_ready", "siege_left_to_policies"}


@pytest.mark.parametrize("name", VARIED)
def test_says_what_it_is(name: str) -> None:
    """A scenario asks "What if ...?", differs from history in what it says, was expected to do something, and
    names sources.
    """
    found = scenario(name)
    assert found.question.startswith("What if ")
    assert found.question.endswith("?")
    assert found.differences()
    assert found.expected
    assert found.sources
    assert (folder() / f"{name}.py").read_text().startswith('"""')


@pytest.mark.parametrize("name", names())
def test_toml(name: str) -> None:
    """Every scenario is the same after TOML."""
    assert sim.Scenario.__eq__(sim.counterfactual.scenario.from_toml(scenario(name).toml()), scenario(name))


def test_all_are_in_the_documents() -> None:
    """docs/counterfactuals.md lists every script."""
    page = (Path(__file__).parent.parent / "docs" / "counterfactuals.md").read_text()
    assert [name for name in VARIED if f"`{name}`" not in page] == []


def test_script_and_command_do_the_same(tmp_path: Path) -> None:
    """`python scenarios/NAME.py` does what `petrograd compare historical NAME` does: the sentence, tables and
    figures.
    """
    script, command = tmp_path / "script", tmp_path / "command"
    words = ["--worlds", "2", "--no-tracks", "--out"]
    one = subprocess.run(
        [sys.executable, str(folder() / "lantern_ready.py"), *words, str(script)],
        capture_output=True,
        text=True,
        check=True,
    )
    other = subprocess.run(
        [sys.executable, "-m", "sim.cli", "compare", "historical", "lantern_ready", *words, str(command)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert one.stdout.replace(str(script), "") == other.stdout.replace(str(command), "")
    assert "lantern_ready: If " in one.stdout
    kept = [
        {
            p.relative_to(out).as_posix(): p.read_bytes()
            for p in out.rglob("*")
            if p.suffix in (".csv", ".md", ".toml", ".json", ".svg")
        }
        for out in (script, command)
    ]
    assert kept[0] == kept[1]
    assert len(kept[0]) > 6
