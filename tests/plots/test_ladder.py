"""The ladder of effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from sim.plots import ladder


def texts(ax: Axes) -> list[str]:
    """What is written on axes."""
    return [text.get_text() for text in ax.texts]


def marks(ax: Axes, gid: str) -> list[float]:
    """Where the marks of one sort stand, from the top."""
    return [float(x) for line in ax.lines if line.get_gid() == gid for x in np.asarray(line.get_xdata())]


def test_the_largest_effect_stands_at_the_top_and_the_unknown_at_the_foot(effects: pd.DataFrame) -> None:
    """Names are written as words."""
    ax = ladder(effects, measure="fall")
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "Smolny seized",
        "no press raid",
        "Cossacks ride",
        "no siege",
    ]


def test_points_and_intervals_are_the_effects(effects: pd.DataFrame) -> None:
    """What is not known has none."""
    ax = ladder(effects, measure="fall")
    assert marks(ax, "effect") == [-3.0, 1.2, 0.1]
    assert marks(ax, "interval") == [-4.0, -2.0, 0.6, 1.8, -0.4, 0.6]
    assert sum(line.get_gid() == "zero" for line in ax.lines) == 1


def test_figures_and_verdicts_stand_at_the_right(effects: pd.DataFrame) -> None:
    """The effect with its interval, and whether it went as expected."""
    written = texts(ladder(effects, measure="fall"))
    assert {
        "−3.0 (−4.0 to −2.0)",
        "+1.2 (+0.6 to +1.8)",
        "not to be told",
        "confirmed",
        "not confirmed",
        "not settled",
    } <= set(written)


def test_expected_directions_are_marked(effects: pd.DataFrame) -> None:
    """Two triangles and a diamond; a cross where the model disagrees."""
    gids = [line.get_gid() for line in ladder(effects, measure="fall").lines]
    assert (gids.count("expected:+"), gids.count("expected:0"), gids.count("against")) == (2, 1, 1)


def test_the_title_names_the_largest_effect(effects: pd.DataFrame) -> None:
    """With its interval; a change that does nothing is said to do nothing."""
    title = ladder(effects, measure="fall").get_title(loc="left")
    assert (
        title == "Of 4 changes, “Smolny seized” brings forward the hour at which the palace falls most: "
        "−3.0 h (−4.0 to −2.0)"
    )
    nothing = ladder(effects[effects["scenario"] == "no_siege"], measure="fall").get_title(loc="left")
    assert nothing == "“no siege” does not move the hour at which the palace falls by more than chance"


def test_shares_are_drawn_as_points(effects: pd.DataFrame) -> None:
    """In marks, title, axis and figures; the measure stands as a noun."""
    ax = ladder(effects, measure="holds")
    assert (marks(ax, "effect"), marks(ax, "interval")) == ([12.0], [8.0, 16.0])
    assert ax.get_title(loc="left") == (
        "“no press raid” raises the chance that the government holds: +12 points (+8 to +16)"
    )
    assert {
        "+12 (+8 to +16)",
        "Effect on the chance that the government holds, in percentage points. Expected: 1 confirmed.",
    } <= set(texts(ax))
    assert ax.get_xlim()[1] > 16


def test_the_footnote_is_read_from_the_table_or_given(effects: pd.DataFrame) -> None:
    """Worlds, seed and version."""
    for about, wanted in (
        (None, "1,000 worlds; seed 1917; version 0.1.0."),
        ("Of my own making.", "Of my own making. Difference"),
        ("80 worlds, petrograd 0.1.0", "80 worlds, petrograd 0.1.0. Difference"),
    ):
        figure = ladder(effects, measure="fall", about=about).get_figure(root=True)
        assert figure is not None
        assert figure.texts[0].get_text().startswith(wanted)


def test_an_unknown_measure_is_refused(effects: pd.DataFrame) -> None:
    """The message names those in the table."""
    with pytest.raises(ValueError, match="measure: wanted one of fall, holds, got 'rain'"):
        ladder(effects, measure="rain")
