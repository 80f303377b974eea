"""Whoever uses the package in a session of his own finds it as he left it: backend, style, warnings."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.axes import Axes

import sim
from sim import clock
from sim.analysis.validation import validate

PAST = sim.scenario("historical")


@pytest.fixture(scope="module")
def compared() -> sim.Comparison:
    """A few hours of two scenarios; for reading only."""
    short = replace(PAST, end=clock.START + timedelta(hours=6))
    other = short.but("no_raid", d24_close_press="leave the papers")
    return sim.compare(short, other, worlds=6, tracks=True, progress=False)


def state() -> dict[str, Any]:
    """What belongs to the process and not to the package."""
    return {
        "rc": dict(mpl.rcParams),
        "backend": mpl.get_backend(),
        "interactive": mpl.is_interactive(),
        "filters": list(warnings.filters),
        "shown by": warnings.showwarning,
        "numbers": np.geterr(),
        "log": (logging.getLogger().level, list(logging.getLogger().handlers)),
        "figures": pyplot.get_fignums(),
    }


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """A backend and a style of one's own stay, after whatever the test does."""
    pyplot.close("all")
    mine = pyplot.figure()
    with mpl.rc_context({"font.size": 17.0, "axes.grid": True}):
        before = state()
        yield
        for number in set(pyplot.get_fignums()) - {mine.number}:
            pyplot.close(number)
        assert state() == before
        assert pyplot.gcf() is mine
    pyplot.close("all")


def test_report_leaves_all_as_it_was(compared: sim.Comparison, tmp_path: Path) -> None:
    """A report draws a score of figures, and pyplot hears of none of them."""
    figures = pyplot.get_fignums()
    assert any(path.suffix == ".png" for path in compared.report(tmp_path))
    assert pyplot.get_fignums() == figures


def test_validation_leaves_all_as_it_was(tmp_path: Path) -> None:
    """So does the scorecard with its figure."""
    assert list(validate(worlds=2, workers=1, progress=False).report(tmp_path))


FIGURES: dict[str, Callable[[sim.Comparison], Any]] = {
    "bands": lambda of: of.plot(),
    "ladder": lambda of: of.plot.ladder(),
    "endings": lambda of: of.plot.endings(),
    "falls": lambda of: of.plot.falls(),
    "holders": lambda of: of.plot.holders(),
    "killed": lambda of: of.plot.killed(),
    "maps": lambda of: of.plot.maps(),
    "map": lambda of: of.base.world(0).plot.map(),
    "timeline": lambda of: of.base.world(0).plot.timeline(),
    "stances": lambda of: of.base.world(0).plot.stances(),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_leave_all_as_it_was(name: str, compared: sim.Comparison) -> None:
    """Every figure has the style of the house on it, and leaves it nowhere else; the map of a run that ends
    before the morning of the 25th is drawn too.
    """
    assert FIGURES[name](compared) is not None


def test_given_axes_are_drawn_on(compared: sim.Comparison) -> None:
    """On axes of somebody's own a figure is drawn on those, and no other is made."""
    figures = pyplot.get_fignums()
    ax = pyplot.gcf().add_subplot()
    assert isinstance(compared.plot.ladder(ax=ax), Axes)
    assert (compared.plot.falls(ax=pyplot.gcf().add_subplot()).figure, pyplot.get_fignums()) == (
        pyplot.gcf(),
        figures,
    )


def test_without_pyplot_it_is_not_imported(tmp_path: Path) -> None:
    """Who has not imported pyplot, and sits in no notebook, gets figures without it: no backend is chosen."""
    code = (
        "import sys, sim; run = sim.run(); ax = run.plot.map(); "
        f"ax.figure.savefig({str(tmp_path / 'a.png')!r}); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert (tmp_path / "a.png").stat().st_size
