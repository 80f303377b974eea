"""Documented captures as marks on the model's hours."""

from __future__ import annotations

from datetime import datetime

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from sim.plots import captures
from sim.plots.style import num

RECORD = {
    ("state_bank", "soviet"): datetime(1917, 10, 25, 6),
    ("central_telegraph", "soviet"): datetime(1917, 10, 24, 17),
    ("winter_palace", "soviet"): datetime(1917, 10, 26, 2),
}


def drawn(history: xr.Dataset) -> Axes:
    """The rows on axes of a test's own."""
    ax = captures(history, RECORD, ax=plt.figure(figsize=(9, 4)).add_subplot())
    assert isinstance(ax, Axes)
    return ax


def mark(ax: Axes, gid: str) -> list[float]:
    """Where the marks with an id stand."""
    return [float(x) for line in ax.lines if line.get_gid() == gid for x in np.ravel(line.get_xdata())]


def test_a_row_a_capture_in_documented_order(history: xr.Dataset) -> None:
    names = [label.get_text().partition(" (")[0] for label in drawn(history).get_yticklabels()]
    assert names == ["Central Telegraph", "State Bank", "Winter Palace"]


def test_the_marks_are_the_documented_hours_and_the_spread_of_the_worlds(history: xr.Dataset) -> None:
    ax = drawn(history)
    assert mark(ax, "documented:state_bank:soviet") == [num(RECORD["state_bank", "soviet"])]
    low, high = mark(ax, "range:central_telegraph:soviet")
    assert num(datetime(1917, 10, 24, 17)) <= low < mark(ax, "median:central_telegraph:soviet")[0] < high


def test_what_does_not_come_in_every_world_says_in_how_many(history: xr.Dataset) -> None:
    assert [text.get_text() for text in drawn(history).texts if text.get_text().startswith("in ")] == [
        "in 88 %"
    ]


def test_a_record_of_other_places_is_refused(history: xr.Dataset) -> None:
    with pytest.raises(ValueError, match="wanted documented captures"):
        captures(history, {("moscow_kremlin", "soviet"): datetime(1917, 10, 28)})
