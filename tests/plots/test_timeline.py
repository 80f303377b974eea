"""Places changing hands against the record."""

from __future__ import annotations

from datetime import datetime

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.axes import Axes

from sim.plots import timeline
from sim.plots.style import num


def dates(ax: Axes, gid: str) -> list[float]:
    """Where the marks of one sort stand on the time axis."""
    marked = [np.asarray(line.get_xdata(), float) for line in ax.lines if line.get_gid() == gid]
    return [float(x) for x in np.concatenate([*marked, np.empty(0)]) if np.isfinite(x)]


def rows(ax: Axes) -> list[str]:
    """The places, from the top."""
    return [label.get_text() for label in ax.get_yticklabels()]


def test_the_title_states_the_finding(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """The telegraph changes hands within two hours of the record, the bank does not."""
    ax = timeline(data, chronicle)
    assert ax.get_title(loc="left") == "1 of 2 places change hands within two hours of the record"


def test_rows_go_by_the_documented_hour_then_by_name(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """First the telegraph and the bank, which the record dates, then the others in alphabetical order."""
    assert rows(timeline(data, chronicle)) == [
        "Central Telegraph",
        "State Bank",
        "Liteiny Bridge",
        "Palace Bridge",
        "Smolny Institute",
        "Troitsky Bridge",
        "Winter Palace",
    ]


def test_changes_are_marked_at_their_hour_in_the_run(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """A filled mark stands at each capture of a scored place: telegraph, bank, palace."""
    wanted = [num(datetime.fromisoformat(f"1917-10-{time}")) for time in ("24T17:30", "25T06:00", "26T02:30")]
    assert dates(timeline(data, chronicle), "change:1") == pytest.approx(wanted)


def test_documented_hours_are_marked(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """A diamond stands at each documented hour, and none where the record has no hour."""
    wanted = [num(datetime(1917, 10, 24, 17)), num(datetime(1917, 10, 25, 2))]
    assert dates(timeline(data, chronicle), "record") == pytest.approx(wanted)


def test_bars_follow_the_holder(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """The Soviet holds four places at one time or another, the government three, nobody three bridges."""
    ax = timeline(data, chronicle)
    bars = {
        part.get_gid(): len(part.get_paths())
        for part in ax.collections
        if str(part.get_gid()).startswith("held")
    }
    assert bars == {"held:1": 4, "held:-1": 3, "held:0": 3}


def test_a_documented_capture_that_never_came_is_shown(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """A documented hour that the run does not match is marked, counted and told as never reached."""
    ax = timeline(data, chronicle, record={"liteiny_bridge": datetime(1917, 10, 24, 15, 30)})
    assert ax.get_title(loc="left").startswith("1 of 3 places")
    assert num(datetime(1917, 10, 24, 15, 30)) in dates(ax, "record")
    assert "never" in [text.get_text() for text in ax.texts]


def test_the_difference_stands_beside_each_row(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """The telegraph falls half an hour late, the bank four hours."""
    texts = [text.get_text() for text in timeline(data, chronicle).texts]
    assert {"+0:30", "+4:00"} <= set(texts)


def test_a_run_without_captures_still_draws(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """If nothing changes hands there are bars, no marks, and a title that says so."""
    ax = timeline(data, chronicle[chronicle["kind"] != "capture"])
    assert ax.get_title(loc="left").startswith("0 places changed hands")
    assert len(rows(ax)) == 7


def test_nights_are_shaded_and_the_run_is_named(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """Three stretches of night, and scenario, seed, world and version at the foot."""
    ax = timeline(data, chronicle, world=1)
    assert sum(patch.get_gid() == "night" for patch in ax.patches) == 3
    figure = ax.get_figure(root=True)
    assert figure is not None
    assert any("seed 1917, world 1; version 0.1.0" in text.get_text() for text in figure.texts)


def test_given_axes_are_returned(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """The timeline draws on the axes it is given."""
    ax = plt.figure(figsize=(10, 5)).add_subplot()
    assert timeline(data, chronicle, ax=ax) is ax


def test_the_key_tells_run_from_record(data: xr.Dataset, chronicle: pd.DataFrame) -> None:
    """The legend names the bars and both marks."""
    legend = timeline(data, chronicle).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "held by the Soviet",
        "by the government",
        "by neither",
        "changed hands",
        "to the government",
        "documented hour",
    ]
