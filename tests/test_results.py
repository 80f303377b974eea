"""A run as its reader meets it: printed, asked, saved, drawn."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib
import matplotlib.pyplot
import pandas as pd
import pytest

import sim
from sim import store
from sim.results import ResultError, Run
from sim.results.run import documented_hours

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def run() -> Run:
    return sim.run("historical", seed=1917)


def test_printed_run_tells_the_ending_and_the_record(run: Run) -> None:
    """Printing a run gives its ending, and events with their documented hours."""
    text = str(run)
    assert text.splitlines()[0].startswith("historical, seed 1917, world 0: ")
    assert "Trud printing works" in text
    assert re.search(r"^\d\d:\d\d +05:30 +[+-]\d:\d\d  .*Trud printing works", text, re.MULTILINE)


def test_chronicle_is_a_table_in_time(run: Run) -> None:
    """The chronicle is a DataFrame in order of time, whose causes are earlier events."""
    table = run.chronicle()
    assert list(table.columns[:3]) == ["time", "place", "event"]
    assert table["time"].is_monotonic_increasing
    assert all(cause < number for number, causes in table["because"].items() for cause in causes)


def test_minutes_off_is_the_difference_to_the_record(run: Run) -> None:
    """Where an event is documented, minutes_off is its hour less the record's, and it is matched once."""
    table = run.chronicle().dropna(subset=["record"])
    assert ((table["time"] - table["record"]).dt.total_seconds() / 60 == table["minutes_off"]).all()
    assert not table["token"].duplicated().any()
    assert all(documented_hours()[t] == r for t, r in zip(table["token"], table["record"], strict=True))


def test_why_traces_a_capture_to_a_decision(run: Run) -> None:
    """The causes behind a change of hands lead back to somebody's decision."""
    assert "close the papers" in run.why("trud_press") or "reopen the press" in run.why("trud_press")


@pytest.mark.parametrize(
    ("ask", "name", "near"),
    [
        ("why", "winter_palce", "winter_palace"),
        ("place", "liteny_bridge", "liteiny_bridge"),
        ("unit", "rg_vyborg.99", "rg_vyborg"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(run: Run, ask: str, name: str, near: str) -> None:
    """A misspelt place or unit is refused in one line with the nearest name."""
    with pytest.raises(ResultError, match=near) as refusal:
        getattr(run, ask)(name)
    assert "\n" not in str(refusal.value)


def test_unit_and_place_over_time(run: Run) -> None:
    """A unit and a place can be followed through the three days."""
    assert set(run.unit("pavlovsky_regt.1").columns) == {"place", "duty", "stance", "men"}
    assert set(run.place("winter_palace")["holder"]) <= {"government", "Soviet", "nobody"}


def test_save_and_load_give_the_same_run(run: Run, tmp_path: Path) -> None:
    """A saved run is read back with the same data, chronicle and story."""
    again = sim.load(run.save(tmp_path / "deep" / "run.nc"))
    assert again.data.drop_attrs().equals(run.data.drop_attrs())
    assert str(again) == str(run)
    pd.testing.assert_frame_equal(again.chronicle(), run.chronicle())


def test_no_run_in_a_file_is_refused(tmp_path: Path) -> None:
    """A file that holds no run is refused in one line that names it."""
    path = tmp_path / "not.nc"
    path.write_text("nothing")
    with pytest.raises(ResultError, match=r"not\.nc: wanted a saved run"):
        sim.load(path)


def test_figures_of_a_run_are_drawn(run: Run) -> None:
    """The three figures of a run can be drawn from its own data; the map says the hour."""
    axes = run.plot.map("24 Oct 18:30")
    assert any("18:30" in text.get_text() for text in axes.figure.findobj(matplotlib.text.Text))
    assert run.plot.timeline() is not None
    assert run.plot.stances() is not None
    matplotlib.pyplot.close("all")


def test_a_world_of_an_ensemble_is_that_run() -> None:
    """World k of an ensemble tells what run(world=k) tells."""
    many, told = sim.ensemble("historical", worlds=3), sim.run("historical", world=2).outcome
    assert {name: many.data[name].values[2].item() for name in told} == told


def test_the_government_falls_in_the_median_history() -> None:
    """Over twenty histories of the documented decisions, the palace is taken in the median one."""
    assert sim.ensemble("historical", worlds=20).outcomes["palace_hours"].median() < 51


@pytest.mark.parametrize(
    ("digests", "said"),
    [
        ({"tables": "another"}, "made with other tables of history and parameters; "),
        ({"model": "another"}, "made with other rules; "),
        ({"tables": "x", "model": "y"}, "made with other tables of history and parameters and rules; "),
    ],
)
def test_a_saved_result_knows_its_tables_and_rules(
    run: Run, digests: dict[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If tables or rules have changed, that is said in one line when a run or an ensemble is loaded, and when
    a world of the ensemble is played again.
    """
    many = sim.ensemble("historical", worlds=2)
    files = [run.save(tmp_path / "run.nc"), many.save(tmp_path / "many.nc")]
    assert [str(sim.load(file)) for file in files] == [str(run), str(many)]
    now = store.digests()
    monkeypatch.setattr(store, "digests", lambda: {**now, **digests})
    loaded = []
    for file in files:
        with pytest.warns(UserWarning, match=f"{file.name}: it was {said}") as heard:
            loaded.append(sim.load(file))
        assert [str(warning.message).count("\n") for warning in heard] == [0]
    with pytest.warns(UserWarning, match=r"world 1: it was made .*not the history that it counted"):
        loaded[1].world(1)
