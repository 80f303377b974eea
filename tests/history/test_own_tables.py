"""Tables of a user's own over the model's: rows that stand in for others or come after them."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim import history
from sim.counterfactual.scenario import ScenarioError, from_toml
from sim.history import HistoryError

FORCE = "like,id,name,men,men_low,men_high,home,source\n"


def tables(folder: Path, **files: str) -> Path:
    """A folder with some tables."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_row_like_another(tmp_path: Path) -> None:
    """What a row leaves out it has of the row it is like; a name of the model's stands in for its row."""
    text = (
        FORCE + "cad_pavlovsky,mine,Mine,50,40,60,smolny,me\ncad_pavlovsky,rg_vyborg,Theirs,7,7,7,smolny,me\n"
    )
    own, ours = history.load(tables=tables(tmp_path, forces=text)), history.load()
    assert list(own.forces) == [*ours.forces, "mine"]
    assert own.forces["mine"].quality == ours.forces["cad_pavlovsky"].quality
    assert (own.forces["mine"].men, own.forces["rg_vyborg"].men) == (50, 7)
    assert own.forces["cad_pavlovsky"] == ours.forces["cad_pavlovsky"]
    assert own.places == ours.places


def test_over_another_event(tmp_path: Path) -> None:
    """The rows stand over those of the event that is played."""
    text = FORCE + "cad_pavlovsky,mine,Mine,50,40,60,smolny,me\n"
    own = history.load(event="october29", tables=tables(tmp_path, forces=text))
    ours = history.load(event="october29")
    assert list(own.forces) == [*ours.forces, "mine"]
    assert own.decisions == ours.decisions


PAVLOVSKY = "cad_pavlovsky,a,A,1,1,1,"
OWN_ROW = r"forces.csv of one's own row"
WRONG = {
    "name": ({"force": FORCE}, r"wanted tables of these names .*; did you mean 'forces.csv'"),
    "none": ({}, r"got none"),
    "like": (
        {"forces": FORCE + "cad_pavlosky,a,A,1,1,1,smolny,me\n"},
        OWN_ROW + r" 2, column like.*'cad_pavlo",
    ),
    "twice": ({"forces": FORCE + 2 * (PAVLOVSKY + "smolny,me\n")}, OWN_ROW + r" 3.*not in use"),
    "place": ({"forces": FORCE + PAVLOVSKY + "smolni,me\n"}, OWN_ROW + r" 2, column home.*'smolny'"),
    "column": ({"forces": "like,id,nme\ncad_pavlovsky,a,A\n"}, r"column nme.*wanted a column .* 'name'"),
    "missing": ({"forces": "like,id,name\n,a,A\n"}, OWN_ROW + r" 2, column kind: wanted"),
    "short": ({"forces": "id,name\na,A\n"}, r"wanted one column of this name"),
    "cells": ({"forces": "like,id\na\n"}, r"row 2: wanted 2 cells, got 1"),
}


@pytest.mark.parametrize(("files", "said"), WRONG.values(), ids=WRONG)
def test_tables_that_cannot_be(files: dict[str, str], said: str, tmp_path: Path) -> None:
    """One line says which table, which row, what was wanted."""
    with pytest.raises(HistoryError, match=said) as refused:
        sim.scenario("historical").but("wrong", tables=tables(tmp_path, **files))
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """A folder that does not exist is refused."""
    with pytest.raises(HistoryError, match="wanted a folder of tables"):
        sim.scenario("historical").but("wrong", tables=tmp_path / "nowhere")


def test_a_scenario_knows_what_stood_there(tmp_path: Path) -> None:
    """Two scenarios of one folder are equal as long as its tables are; so are their worlds on disk."""
    (tmp_path / "mine").mkdir()
    folder = tables(tmp_path / "mine", forces=FORCE + "cad_pavlovsky,mine,Mine,50,40,60,smolny,me\n")
    one = sim.scenario("historical").but("own", tables=folder)
    assert one == sim.scenario("historical").but("own", tables=folder) == from_toml(one.toml())
    assert one.but("further").tables == one.tables
    sim.ensemble(one, worlds=1, out=tmp_path / "out", workers=1)
    written = one.toml()
    tables(folder, forces=FORCE + "cad_pavlovsky,mine,Mine,500,400,600,smolny,me\n")
    with pytest.raises(ScenarioError, match="have changed since it was made"):
        sim.scenario(one).record  # noqa: B018 (it is the asking that fails)
    with pytest.raises(ScenarioError, match="as they were when this was written"):
        from_toml(written)
    other = sim.scenario("historical").but("own", tables=folder)
    assert other != one
    sim.ensemble(other, worlds=1, out=tmp_path / "out", workers=1)
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_row_of_ours_said_again_changes_nothing(tmp_path: Path) -> None:
    """A table that says what ours says gives the same histories."""
    text = "like,id\nrg_vyborg,rg_vyborg\ncad_pavlovsky,cad_pavlovsky\n"
    own = sim.scenario("historical").but("historical", tables=tables(tmp_path, forces=text))
    assert sim.run(own, seed=3).events == sim.run("historical", seed=3).events
