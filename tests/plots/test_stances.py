"""Men by stance."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots import stances
from sim.plots.tally import GROUPS, count_men


def page(data: xr.Dataset) -> Figure:
    """The whole figure."""
    figure = stances(data)
    assert isinstance(figure, Figure)
    return figure


def line(ax: Axes, gid: str) -> np.ndarray:
    """The heights of one line."""
    (found,) = (line for line in ax.lines if line.get_gid() == gid)
    return np.asarray(found.get_ydata(), float)


def test_there_is_a_panel_for_each_group_and_one_for_the_share_that_stays_in(data: xr.Dataset) -> None:
    """Five groups, and the shares."""
    assert len(page(data).axes) == len(GROUPS) + 1 == 6


def test_the_lines_are_the_men_in_action(data: xr.Dataset) -> None:
    """Nine hundred of the garrison act from the evening on; the cadets' three hundred are drawn downwards."""
    garrison, _, cadets, *_ = page(data).axes
    assert line(garrison, "acting:1")[[0, -1]].tolist() == [0.0, 900.0]
    assert set(line(cadets, "acting:-1")) == {-300.0}


def test_every_group_has_the_same_scale(data: xr.Dataset) -> None:
    """An inch is as many men in every panel."""
    panels = page(data).axes[:-1]
    scale = [np.ptp(ax.get_ylim()) / ax.get_position().height for ax in panels]
    assert scale == pytest.approx([scale[0]] * len(scale))


def test_who_stays_in_is_a_share(data: xr.Dataset) -> None:
    """Half the garrison and every Cossack stay in at the end."""
    shares = page(data).axes[-1]
    assert line(shares, "staying:Garrison")[-1] == pytest.approx(50.0)
    assert line(shares, "staying:Cossacks")[-1] == pytest.approx(100.0)


def test_line_ends_are_labelled(data: xr.Dataset) -> None:
    """What each line stands at in the end is written beside it, and the names of the lines too."""
    texts = [text.get_text() for ax in page(data).axes for text in ax.texts]
    assert {"900", "300", "Garrison 50 %", "Cossacks 100 %"} <= set(texts)


def test_the_title_states_the_finding(data: xr.Dataset) -> None:
    """At the height 1,600 of the 2,950 men in the city act."""
    title = page(data).axes[0].get_title(loc="left")
    assert title == "At the height 54 men in 100 act: 1,300 for the Soviet, 300 for the government"


def test_only_men_inside_the_city_who_are_still_there_count(data: xr.Dataset) -> None:
    """Kronstadt's sailors at home and the militia that went home are not counted."""
    groups = {group.name: group for group in count_men(data, 0)}
    assert groups["Red Guards and sailors"].everyone.max() == 400
    assert groups["Militia and others"].everyone.max() == 0


def test_nights_are_shaded_and_the_run_is_named(data: xr.Dataset) -> None:
    """Every panel has its three stretches of night; scenario, seed, world and version stand at the foot."""
    figure = page(data)
    assert all(sum(patch.get_gid() == "night" for patch in ax.patches) == 3 for ax in figure.axes)
    assert any("seed 1917, world 0; version 0.1.0" in text.get_text() for text in figure.texts)


def test_given_axes_show_everybody_together_and_are_returned(data: xr.Dataset) -> None:
    """On given axes one pair of lines counts all groups."""
    ax = plt.figure(figsize=(10, 5)).add_subplot()
    assert stances(data, ax=ax) is ax
    assert line(ax, "acting:1")[-1] == 1300.0


def test_a_history_in_which_nobody_acts_still_draws(data: xr.Dataset) -> None:
    """If no man acts the title says so."""
    quiet = data.assign(active=data.active & False)
    assert page(quiet).axes[0].get_title(loc="left") == "Nobody acts for either side"
