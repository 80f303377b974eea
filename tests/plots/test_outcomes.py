"""How it ends, who is killed, and when the palace falls."""

from __future__ import annotations

from datetime import datetime

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes

from sim.counterfactual.measures import measure
from sim.plots import endings, falls, killed
from sim.plots.endings import ENDINGS
from sim.plots.falls import finding as when
from sim.plots.killed import classes
from sim.plots.shares import Part, key_lines, stack
from sim.plots.style import new_axes, num


def texts(ax: Axes) -> list[str]:
    """What is written on axes."""
    return [text.get_text() for text in ax.texts]


def bars(ax: Axes, part: str) -> list[float]:
    """The widths of one part of the bars, from the top."""
    return [bar.get_width() for bar in ax.patches if bar.get_gid() == part]


def test_bars_are_the_chances_of_the_endings(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Seven worlds in eight end in the palace, one is undecided."""
    first, _ = endings([history, raised]).axes
    assert bars(first, "is arrested in its palace") == [87.5, 87.5]
    assert bars(first, "has its palace, nothing decided") == [12.5, 12.5]


def test_shares_are_written_in_the_bars_and_endings_that_occur_in_the_key(
    history: xr.Dataset, raised: xr.Dataset
) -> None:
    """An ending that no world has is not in the key."""
    first, second = endings([history, raised]).axes
    assert {"88 %", "12 %", "is arrested in its palace", "has its palace, nothing decided"} <= set(
        texts(first)
    )
    assert "holds the city" not in texts(first)
    assert {"broad coalition", "adjourned"} <= set(texts(second))


@pytest.mark.parametrize("dpi", [50, 72, 110, 200])
def test_the_words_of_a_key_do_not_touch(history: xr.Dataset, dpi: int) -> None:
    """Whatever the letters measure at a size: each begins right of what stands before it in its line."""
    all_of_them = history.assign(ending=("world", np.arange(8)), palace_holder=("world", np.ones(8, int)))
    figure = endings([all_of_them])
    figure.set_dpi(dpi)
    figure.canvas.draw()
    keyed = {"■", "▨", *(part.name for part, _ in ENDINGS.values())}
    words = [text for text in figure.axes[0].texts if text.get_text() in keyed]
    lines: dict[int, list[float]] = {}
    for text in words:
        box = text.get_window_extent()
        line = lines.setdefault(round(text.xyann[1]), [-np.inf])
        assert box.x0 >= line[-1]
        line.append(box.x1)
    assert sum(map(len, lines.values())) > 2 * 7


def test_a_heading_stays_within_the_axes_that_were_given(history: xr.Dataset) -> None:
    """On a slide the title of the endings and their key stand within the figure."""
    figure = plt.figure(figsize=(13.33, 7.5))
    ax = endings([history, history], ax=figure.add_subplot())
    figure.canvas.draw()
    tops = [text.get_window_extent().y1 for text in (*ax.texts, ax.title, ax._left_title)]
    assert max(tops) <= figure.bbox.y1


def test_endings_at_the_two_ends_are_told_apart_in_grey(history: xr.Dataset) -> None:
    """What the government wins is hatched in the bars, and marked so in the key."""
    held = history.assign(ending=history.ending * 0 + 3)
    first, _ = endings([history, held]).axes
    assert {bar.get_gid() for bar in first.patches if bar.get_hatch()} == {"holds the city"}
    assert texts(first).count("▨") == 1


def test_rows_are_named_by_scenario(history: xr.Dataset, raised: xr.Dataset) -> None:
    """The first at the top."""
    first, _ = endings([history, raised]).axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["history", "bridges raised"]
    assert first.get_ylim()[0] > first.get_ylim()[1]


def test_a_shifted_ending_is_the_finding(history: xr.Dataset, raised: xr.Dataset) -> None:
    """If the government held the city in every world the title says so; if nothing shifts, it says that."""
    held = raised.assign(ending=raised.ending * 0 + 3)
    title = endings([history, held]).axes[0].get_title(loc="left")
    assert title == (
        "If the bridges had been raised, the government would have held the city in 100 % of worlds, not 0 %"
    )
    same = endings([history, raised]).axes[0].get_title(loc="left")
    assert (
        same
        == "In 88 % of worlds the government is arrested in its palace, and no change tells against chance"
    )


@pytest.mark.parametrize(("count", "row"), [(0, 0), (1, 1), (5, 2), (6, 3), (100, 4), (5000, 5)])
def test_the_killed_are_sorted_into_classes(count: int, row: int) -> None:
    """None, one, 2 to 5, 6 to 20, 21 to 100, more."""
    assert np.flatnonzero(classes(np.array([count]))).tolist() == [row]


def test_the_killed_are_told_by_side_with_mean_and_most(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Three of the government's in every world, none of the Soviet's."""
    soviet, government = killed([history, raised]).axes
    assert bars(soviet, "nobody") == [100.0, 100.0]
    assert bars(government, "2–5") == [0.0, 100.0]
    assert {"0.00", "3.00", "3"} <= set(texts(government))


def test_the_finding_says_in_how_many_worlds_nobody_is_killed(
    history: xr.Dataset, raised: xr.Dataset
) -> None:
    """Beyond chance it is the scenario's doing, else it is a range."""
    title = killed([history, raised]).axes[0].get_title(loc="left")
    assert (
        title == "If the bridges had been raised, nobody would have been killed in 0 % of worlds, not 100 %"
    )
    assert (
        killed([history, history]).axes[0].get_title(loc="left")
        == "Nobody is killed in 100 % of worlds, whatever is changed"
    )


def test_the_curve_rises_to_the_share_that_has_fallen(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Seven worlds of eight, and the eighth is said to be never."""
    above, below = falls([history, raised]).axes
    (curve,) = (line for line in above.lines if line.get_gid() == "fallen:history")
    assert float(np.asarray(curve.get_ydata())[-1]) == 87.5
    assert "history\nfallen in 88 %, never in 12 %" in texts(above)
    assert "median 25 Oct 21:45; never in 12 %" in texts(below)


def test_medians_and_the_documented_hour_are_marked(history: xr.Dataset, raised: xr.Dataset) -> None:
    """A dot at the fourth of eight worlds, a dotted line at the record's hour."""
    above, _ = falls([history, raised], documented=datetime(1917, 10, 26, 1, 50)).axes
    medians = [float(np.asarray(line.get_xdata())[0]) for line in above.lines if line.get_gid() == "median"]
    assert medians == pytest.approx(
        [num(datetime(1917, 10, 25, 21, 45)), num(datetime(1917, 10, 25, 23, 45))]
    )
    assert sum(line.get_gid() == "documented" for line in above.lines) == 1
    assert "documented\n01:50" in texts(above)


def test_the_hours_by_which_the_fall_is_moved_are_the_finding(
    history: xr.Dataset, raised: xr.Dataset
) -> None:
    """Two hours later in each world that falls."""
    assert (
        when([history, raised])
        == "If the bridges had been raised, the palace would have fallen 2.0 h later where it falls in both "
        "(2.0 to 2.0)"
    )


def test_the_largest_shift_of_several_is_the_finding(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Wherever it stands; the small print says how often it falls in each, and in how many worlds in both."""
    for shown in ([history, history, raised], [history, raised, history]):
        figure = falls(shown)
        assert (
            figure.axes[0]
            .get_title(loc="left")
            .endswith("fallen 2.0 h later where it falls in both (2.0 to 2.0)")
        )
        print_ = figure.texts[0].get_text().replace("\n", " ")
        assert "it falls in 88 %, not 88 % (" in print_
        assert "in both in 7 of 8, there by +2.0 h, +2.0 to +2.0" in print_
    same = falls([history, history])
    assert same.axes[0].get_title(loc="left").endswith("nor when would have differed by more than chance")


def test_a_narrow_part_has_its_per_cent_or_no_figure() -> None:
    """Never a bare number."""
    ax = new_axes((4.0, 1.0), left=0.1, right=0.1, top=0.1, bottom=0.1)
    shares = np.array([[0.9, 0.06, 0.04], [0.99, 0.01, 0.0]])
    stack(ax, shares, [Part(name, "#888888") for name in "abc"], names=None)
    assert all(text.endswith(" %") for text in texts(ax))


def test_the_lines_of_a_key_are_even() -> None:
    """No part stands alone in the last line if it need not."""
    parts = [Part("a part of the bars", "#888888") for _ in range(6)]
    whole = next(wide for wide in range(100, 2000, 5) if len(key_lines(parts, wide)) == 1)
    assert [len(line) for line in key_lines(parts, whole - 20)] == [3, 3]


def test_ensembles_of_unequal_length_are_compared_up_to_the_earlier_end(
    history: xr.Dataset, short: xr.Dataset
) -> None:
    """By six in the evening the palace has fallen in neither; nobody may say the bridges saved it."""
    assert when([history, short]) == (
        "If the bridges had been raised, the palace would have fallen in 0 % of worlds by 25 Oct "
        "18:00, as in history"
    )
    above, _ = falls([history, short]).axes
    assert any("not by 25 Oct 18:00 in 100 %" in text.replace("\n", " ") for text in texts(above))


def test_a_palace_that_never_falls_draws(history: xr.Dataset) -> None:
    """A flat line, and a title that says so."""
    never = history.assign(palace_falls=history.palace_falls * np.inf)
    assert falls([never]).axes[0].get_title(loc="left") == "The palace falls in 0 % of worlds"


def test_how_often_it_falls_comes_before_its_hour(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Where a palace falls in one world of eight instead of seven, the title says that and no hour."""
    held = raised.assign(palace_falls=raised.palace_falls.where(raised.world == 0, np.inf))
    figure = falls([history, held])
    assert figure.axes[0].get_title(loc="left") == (
        "If the bridges had been raised, the palace would have fallen in 12.5 % of worlds, not 87.5 %"
    )
    assert "in both in 1 of 8, there by +2.0 h, one history" in figure.texts[0].get_text().replace("\n", " ")


@pytest.mark.parametrize("lost", [0, 3, 8])
def test_an_undecided_end_is_told_by_the_palace(history: xr.Dataset, lost: int) -> None:
    """The palace held and the palace lost are two endings, here as in the measures."""
    holder = np.where(np.arange(8) < lost, 1, -1)
    open_end = history.assign(ending=history.ending * 0 + 6, palace_holder=("world", holder))
    first, _ = endings([open_end]).axes
    shares = [bars(first, f"{end}, nothing decided") for end in ("has its palace", "has lost its palace")]
    assert [share[0] if share else 0.0 for share in shares] == [100 * (8 - lost) / 8, 100 * lost / 8]
    assert measure("government_holds")(open_end).mean() == (8 - lost) / 8
