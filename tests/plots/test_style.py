"""The common hand of the figures."""

from __future__ import annotations

import subprocess
import sys
import warnings
from datetime import datetime, timedelta

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from sim.clock import END, START
from sim.plots.style import (
    GOVERNMENT,
    NEITHER,
    SOVIET,
    apart,
    blend,
    footnote,
    headline,
    hours_axis,
    new_axes,
    num,
    shade_nights,
    style,
)


def lightness(colour: str) -> float:
    """CIE L* of a colour, 0 black to 100 white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    y = float(np.dot([0.2126, 0.7152, 0.0722], linear))
    return float(116 * y ** (1 / 3) - 16)


def test_the_sides_can_be_told_apart_in_grey() -> None:
    """Government, Soviet and neither are at least fifteen steps of lightness from each other."""
    dark, middle, light = (lightness(colour) for colour in (GOVERNMENT, SOVIET, NEITHER))
    assert middle - dark > 15
    assert light - middle > 15


def test_the_style_is_never_global() -> None:
    """Inside the block the type is the project's, after it matplotlib's own settings are back."""
    before = dict(mpl.rcParams)
    with style():
        assert mpl.rcParams["font.family"][0] == "STIXGeneral"
    assert dict(mpl.rcParams) == before


def test_importing_the_figures_does_not_import_pyplot() -> None:
    """`import sim.plots` leaves pyplot, which chooses a backend, for the first figure that needs it."""
    code = "import sys, sim.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_three_nights_are_shaded() -> None:
    """From 24 Oct 03:00 to 26 Oct 06:00 there is the end of a night, a whole one, and most of a third."""
    ax = plt.figure().add_subplot()
    shade_nights(ax, START, END)
    nights = [patch.get_extents() for patch in ax.patches if patch.get_gid() == "night"]
    assert len(nights) == 3


def test_hours_carry_the_date_once_a_day() -> None:
    """The first hour marked on each day bears the date, the others the hour alone."""
    ax = plt.figure().add_subplot()
    hours_axis(ax, START, END)
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels[:2] == ["06:00\n24 Oct", "12:00\n "]
    assert [text for text in labels if "Oct" in text] == ["06:00\n24 Oct", "00:00\n25 Oct", "00:00\n26 Oct"]
    assert ax.get_xlim() == (num(START), num(END))


@pytest.mark.parametrize(
    ("minutes", "marks"), [(0, ["03:00", "03:01"]), (5, ["03:00", "03:05"]), (40, ["03:00", "03:30"])]
)
def test_a_short_span_is_marked_in_minutes(minutes: int, marks: list[str]) -> None:
    """Without a warning, whatever its length."""
    ax = new_axes((6.0, 2.0), left=0.5, right=0.5, top=0.5, bottom=0.5)
    start = datetime(1917, 10, 24, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hours_axis(ax, start, start + timedelta(minutes=minutes))
    assert [label.get_text().split("\n")[0] for label in ax.get_xticklabels()] == marks
    assert ax.get_xlim()[1] > ax.get_xlim()[0]


def test_a_footnote_goes_under_a_figure_or_under_axes() -> None:
    """On a figure the small print is the figure's, on axes it is theirs."""
    figure = plt.figure()
    ax = figure.add_subplot()
    footnote(figure, "under the figure")
    footnote(ax, "under the axes")
    assert [text.get_text() for text in figure.texts] == ["under the figure"]
    assert [text.get_text() for text in ax.texts] == ["under the axes"]


def test_a_long_finding_is_set_smaller() -> None:
    """A title takes the largest letters that fit the width of its axes."""
    ax = plt.figure(figsize=(6, 4)).add_subplot()
    headline(ax, "Short")
    (short,) = (float(text.get_fontsize()) for text in ax.findobj(Text) if text.get_text() == "Short")
    long = "A finding of so many words that it would run far beyond the edge of the page"
    headline(ax, long)
    (size,) = (float(text.get_fontsize()) for text in ax.findobj(Text) if text.get_text() == long)
    assert size < short


def test_labels_at_line_ends_are_moved_apart() -> None:
    """Heights keep their order and end at least the given distance from each other."""
    moved = apart([10.0, 10.5, 30.0, 10.2], 3.0)
    assert moved[0] < moved[3] < moved[1] < moved[2]
    assert np.diff(sorted(moved)).min() == pytest.approx(3.0, abs=1e-5)


@pytest.mark.parametrize(("light", "colour"), [(1.0, "#ffffff"), (0.0, "#000000"), (0.5, "#808080")])
def test_night_falls_evenly(light: float, colour: str) -> None:
    """Half the light is half the way between the colour of day and that of night."""
    assert blend(("#ffffff", "#000000"), light) == colour


def test_times_are_numbers_on_the_axis() -> None:
    """A day is one on a time axis."""
    assert num(datetime(1917, 10, 25)) - num(datetime(1917, 10, 24)) == 1.0
