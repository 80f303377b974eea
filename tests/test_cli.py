"""The command line: what it prints and writes, and how it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sim
from sim import cli, playing
from sim.counterfactual.scenario import folder as scripts


def petrograd(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", "from sim.cli import main; main()", *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_prints_and_writes(tmp_path: Path) -> None:
    """`petrograd run` prints the chronicle and writes the run and three figures, each as PNG and SVG."""
    done = petrograd("run", "historical", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "documented" in done.stdout
    assert {p.name for p in (tmp_path / "historical-typical").iterdir()} == {
        "run.nc",
        "map.png",
        "map.svg",
        "timeline.png",
        "timeline.svg",
        "stances.png",
        "stances.svg",
    }


def test_compare_prints_and_writes(tmp_path: Path) -> None:
    """`petrograd compare` prints a sentence with its doubt and writes the report, its figures as PNG and SVG,
    tables, scenarios and a manifest.
    """
    done = petrograd("compare", "historical", "lantern_ready", "--worlds", "3", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "lantern_ready: If the red lantern" in done.stdout
    folder = tmp_path / "compare-historical-lantern_ready-seed1917"
    figures = {
        "bands-lantern_ready",
        "men-lantern_ready",
        "holders-lantern_ready",
        "maps-lantern_ready",
        "falls",
        "endings",
        "killed",
    }
    wanted = {f"{name}.{suffix}" for name in figures for suffix in ("png", "svg")}
    wanted |= {
        "report.md",
        "effects.csv",
        "outcomes-historical.csv",
        "outcomes-lantern_ready.csv",
        "historical.toml",
        "lantern_ready.toml",
        "manifest.json",
    }
    assert {path.name for path in folder.iterdir()} == wanted
    assert all("compiling" in line for line in done.stderr.splitlines())


@pytest.mark.parametrize(
    "what", ["scenarios", "places", "forces", "people", "decisions", "parameters", "measures"]
)
def test_lists(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything a scenario can speak of is listed, a line each."""
    cli.list_command(what)
    assert len(capsys.readouterr().out.splitlines()) >= 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("run", "historicl"), "did you mean 'historical'?"),
        (("run", "historical", "--seed", "x"), "seed: wanted a whole number from 0, got 'x'"),
        (("run", "historical", "--world", "-1"), "world: wanted a whole number from 0, got '-1'"),
        (
            ("run", "historical", "--at", "27 Oct 07:00"),
            "wanted a time from '24 Oct 03:00' to '26 Oct 06:00'",
        ),
        (("run", "historical", "--at", "noon"), "wanted a time such as '24 Oct 17:00', got 'noon'"),
        (("list", "places", "--find", "zzz"), "list places: no line with 'zzz'"),
        (
            ("compare", "historical", "nowhere.py"),
            "nowhere.py: wanted the script of a scenario, got No such file",
        ),
        (("list", "place"), "did you mean 'places'?"),
        (
            ("compare", "historical", "bridges_raise"),
            "unknown scenario 'bridges_raise'; did you mean 'bridges_raised'?",
        ),
        (
            ("compare", "historical", "historical"),
            "wanted scenarios of different names, got 'historical' twice",
        ),
        (
            ("compare", "historical", "nowhere.toml"),
            "nowhere.toml: wanted a scenario in TOML, got No such file or directory",
        ),
        (
            ("compare", "historical", "bridges_raised", "--worlds", "0"),
            "worlds: wanted a whole number from 1, got '0'",
        ),
        (
            ("compare", "historical", "bridges_raised", "--seed", "1e3"),
            "seed: wanted a whole number from 0, got '1e3'",
        ),
        (
            ("compare", "historical", "bridges_raised", "--workers", "-2"),
            "workers: wanted a whole number from 0, got '-2'",
        ),
    ],
)
def test_bad_input_is_one_line(words: tuple[str, ...], line: str, tmp_path: Path) -> None:
    """Bad input gives one line that says what was wanted, exit code 2, and writes nothing."""
    done = petrograd(*words, *(["--out", str(tmp_path / "out")] if words[0] != "list" else []))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert line in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """An output folder under a file is refused before anything is simulated."""
    (tmp_path / "file").write_text("")
    done = petrograd("run", "historical", "--out", str(tmp_path / "file"))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert os.fspath(tmp_path / "file") in done.stderr


def test_no_folder_is_refused() -> None:
    """No folder at all is refused in one line, too."""
    done = petrograd("run", "--out", "")
    assert (done.returncode, done.stderr) == (2, "petrograd: --out: wanted a folder, got nothing\n")


def test_a_script_of_ones_own(tmp_path: Path) -> None:
    """A script that is run plays the scenario that stands in it, whatever the installed one of that name."""
    text = (
        (scripts() / "bridges_raised.py").read_text().replace('until="24 Oct 08:00"', 'until="24 Oct 21:00"')
    )
    (tmp_path / "bridges_raised.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "bridges_raised.py", "--worlds", "2", "--no-tracks"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = tmp_path / "out" / "compare-historical-bridges_raised-seed1917" / "bridges_raised.toml"
    assert (
        sim.scenario(made) == sim.scenario(tmp_path / "bridges_raised.py") != sim.scenario("bridges_raised")
    )


def test_help_is_quick_to_import() -> None:
    """Asking for help imports neither Mesa nor pandas."""
    code = (
        "import sys, sim.cli; sys.exit(any(m in sys.modules for m in ('mesa', 'pandas', 'xarray', "
        "'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_validate_prints_the_card_and_writes_it(tmp_path: Path) -> None:
    """Every part has a line; table, page and figure are written."""
    done = petrograd("validate", "--worlds", "4", "--workers", "1", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "train:" in done.stdout
    assert "The siege left to the policies" in done.stdout
    assert "Oddities: " in done.stdout
    assert {p.name for p in (tmp_path / "validate-seed1917").iterdir()} == {
        "scorecard.csv",
        "scorecard.md",
        "oddities.csv",
        "captures.png",
        "captures.svg",
    }


def test_worth_prints_and_writes_cards(tmp_path: Path) -> None:
    """`petrograd worth` says which decisions had a better course, and writes tables, cards and figures; the
    same command finds its worlds again.
    """
    words = ("worth", "historical", "--decisions", "d24_call_women, d24_speech", "--worlds", "4")
    for _ in range(2):
        done = petrograd(*words, "--workers", "1", "--out", str(tmp_path))
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("historical: 2 decisions with 6 courses, 4 histories of each")
    folder = tmp_path / "worth-historical-seed1917"
    written = {path.name for path in folder.iterdir()}
    assert {"decisions.csv", "courses.csv", "cards.txt", "loss.png", "worth.svg", "worth.nc"} <= written
    assert "card-d24_speech.png" in written
    assert len(list((tmp_path / "worlds").iterdir())) == 5
    refused = petrograd("worth", "historical", "--decisions", "d24_speach", "--out", str(tmp_path))
    assert refused.returncode == 2
    assert "did you mean 'd24_speech'?" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_runs_stand_side_by_side(tmp_path: Path) -> None:
    """Another seed or another world is another folder: nothing is written over."""
    for words in ((), ("--seed", "7"), ("--world", "3")):
        assert petrograd("run", "historical", *words, "--out", str(tmp_path)).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "historical-typical",
        "historical-seed7-world0",
        "historical-seed1917-world3",
    }


@pytest.mark.parametrize(("parts", "said"), [(0, "nothing is kept"), (2, "2 of 4 parts are kept in ")])
def test_stopped(parts: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever stops a command hears that finished worlds are kept where some are, and only there."""
    monkeypatch.setattr(playing, "CHUNK", 2)
    played = playing.Chunk.__call__
    left = [parts]

    def until_stopped(chunk: playing.Chunk, *how: object) -> object:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return played(chunk, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(playing.Chunk, "__call__", until_stopped)
    words = ["compare", "historical", "lantern_ready", "--worlds", "4", "--workers", "1", "--no-tracks"]
    done = CliRunner().invoke(cli.app, [*words, "--out", str(tmp_path)])
    assert done.exit_code == 130
    assert f"petrograd: stopped; {said}" in done.stderr


def test_beyond_the_prior_is_said_once(tmp_path: Path) -> None:
    """A parameter beyond its prior is one line on the side, and is played."""
    file = tmp_path / "far.toml"
    file.write_text("name = 'far'\n[[changes]]\nverb = 'parameter'\nname = 'yield_rate'\nvalue = 300\n")
    words = ["run", str(file), "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", *words], capture_output=True, text=True, check=True
    )
    said = [line for line in done.stderr.splitlines() if "compiling" not in line]
    assert said == ["petrograd: parameter 'yield_rate' at 300: beyond its prior 0.5 to 4"]
