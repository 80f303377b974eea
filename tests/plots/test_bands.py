"""Two scenarios over time, and what the same worlds differ by."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from sim.plots import bands
from sim.plots.bands import count
from sim.plots.style import COUNTERFACTUAL, HISTORY, num
from sim.plots.worlds import parse


def line(ax: Axes, gid: str) -> tuple[np.ndarray, np.ndarray]:
    """Days and heights of one line."""
    (found,) = (line for line in ax.lines if line.get_gid() == gid)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def texts(ax: Axes) -> list[str]:
    """What is written on axes."""
    return [text.get_text() for text in ax.texts]


def test_the_lines_are_the_medians_of_the_worlds(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Smolny is the Soviet's from the first, four of seven objectives are in the end; history black, the
    other red.
    """
    above, _ = bands(history, raised).axes
    assert line(above, "median:historical")[1][[0, -1]].tolist() == [1.0, 4.0]
    colours = {one.get_gid(): one.get_color() for one in above.lines}
    assert (colours["median:historical"], colours["median:bridges_raised"]) == (HISTORY, COUNTERFACTUAL)


def test_the_panel_below_shows_the_difference_of_the_same_worlds(
    history: xr.Dataset, raised: xr.Dataset
) -> None:
    """Every world has a hundred and twenty men fewer throughout, so mean, interval and range are one line."""
    below = bands(history, raised, of="soviet_men").axes[1]
    assert set(line(below, "difference")[1]) == {-120.0}
    assert {part.get_gid() for part in below.collections} >= {"interval", "range"}


def test_a_difference_that_was_worked_out_elsewhere_is_drawn(history: xr.Dataset, raised: xr.Dataset) -> None:
    """It takes the place of the plain one."""
    given = xr.full_like(count(history, "places"), 7).astype(float)
    assert set(line(bands(history, raised, difference=given).axes[1], "difference")[1]) == {7.0}


def test_the_decision_is_a_dashed_line_with_its_words(history: xr.Dataset, raised: xr.Dataset) -> None:
    """It stands in both panels at its hour, and is named in the upper."""
    above, below = bands(history, raised, decision=("24 Oct 14:00", "raise the bridges")).axes
    assert (
        line(above, "decision")[0].tolist()
        == line(below, "decision")[0].tolist()
        == [num(parse("24 Oct 14:00"))] * 2
    )
    assert "raise the bridges" in texts(above)


def test_line_ends_are_labelled_with_scenario_and_value(history: xr.Dataset, raised: xr.Dataset) -> None:
    """No legend is needed."""
    above, _ = bands(history, raised).axes
    assert {"history 4", "bridges raised 4"} <= set(texts(above))
    assert above.get_legend() is None


def test_nights_are_shaded_in_both_panels(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Three stretches of night."""
    assert [
        sum(patch.get_gid() == "night" for patch in ax.patches) for ax in bands(history, raised).axes
    ] == [3, 3]


def test_men_have_a_column_for_each_side(history: xr.Dataset, raised: xr.Dataset) -> None:
    """The Soviet's at the left, the government's at the right, differences below."""
    figure = bands(history, raised, of="men")
    assert len(figure.axes) == 4
    assert "Men in the city in action for the government" in texts(figure.axes[2])


def test_the_title_gives_the_largest_difference_with_its_interval(
    history: xr.Dataset, raised: xr.Dataset
) -> None:
    """A hundred and twenty fewer men, whatever the luck."""
    title = bands(history, raised, of="soviet_men").axes[0].get_title(loc="left")
    assert title == (
        "If the bridges had been raised, 120 fewer men would have been in action for the Soviet at "
        "24 Oct 03:00 (120 to 120)"
    )


def test_few_worlds_are_said_to_be_too_few(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Two worlds make no interval."""
    few = slice(0, 2)
    title = bands(history.isel(world=few), raised.isel(world=few)).axes[0].get_title(loc="left")
    assert title.endswith("2 worlds are too few to tell a difference from chance")


def test_an_earlier_end_ends_the_line_and_the_difference(history: xr.Dataset, short: xr.Dataset) -> None:
    """History goes on to its own end."""
    above, below = bands(history, short).axes
    end = num(parse("25 Oct 18:00"))
    assert line(above, f"median:{short.attrs['scenario']}")[0][-1] == line(below, "difference")[0][-1] == end
    assert line(above, "median:historical")[0][-1] == num(parse("26 Oct 06:00"))


def test_the_killed_are_followed_by_their_mean(history: xr.Dataset, raised: xr.Dataset) -> None:
    """A median of so few would be nought."""
    above, _ = bands(history, raised, of="killed").axes
    assert line(above, "mean:bridges_raised")[1][-1] == 3.0


def test_an_unknown_measure_is_refused(history: xr.Dataset, raised: xr.Dataset) -> None:
    """The message names the measures there are; both sides do not fit on given axes."""
    with pytest.raises(
        ValueError, match="wanted one of places, soviet_men, government_men, killed, men, got 'horses'"
    ):
        bands(history, raised, of="horses")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="on given axes, got 'men'"):
        bands(history, raised, of="men", ax=plt.figure().add_subplot())
