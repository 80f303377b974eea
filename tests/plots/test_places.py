"""Who holds what when, as a map of heat and as small maps."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from sim.clock import TimeError
from sim.plots import city_maps, holders
from sim.plots.maps import BALANCE, EYE, balance, eye_of
from sim.plots.style import GOVERNMENT, SOVIET, num

HOURS = ["24 Oct 12:00", "24 Oct 20:00", "25 Oct 12:00", "25 Oct 23:00"]
RECORD = {"central_telegraph": datetime(1917, 10, 24, 17), "winter_palace": datetime(1917, 10, 26, 1, 50)}


def texts(ax: Axes) -> list[str]:
    """What is written on axes."""
    return [text.get_text() for text in ax.texts]


def cells(ax: Axes, gid: str) -> np.ndarray:
    """The values of a map of heat, (places, times)."""
    (mesh,) = (part for part in ax.collections if part.get_gid() == gid)
    return np.asarray(mesh.get_array()).reshape(len(ax.get_yticks()), -1)


def test_rows_go_by_record_then_by_median_capture(history: xr.Dataset) -> None:
    """Smolny, the Soviet's from the first, then telegraph, bank and palace; the bridges, which never fall, at
    the end.
    """
    names = [label.get_text() for label in holders(history, record=RECORD).axes[0].get_yticklabels()]
    assert names[:4] == ["Smolny Institute", "Central Telegraph", "State Bank", "Winter Palace"]


def test_cells_are_the_share_of_worlds_in_which_the_soviet_holds_the_place(history: xr.Dataset) -> None:
    """Smolny always, the palace in seven worlds of eight in the end."""
    values = cells(holders(history).axes[0], "chance")
    assert set(values[0]) == {1.0}
    assert values[3, [0, -1]].tolist() == [0.0, 0.875]


def test_documented_hours_are_diamonds_and_nights_are_shaded(history: xr.Dataset) -> None:
    """One for each place of the record."""
    ax = holders(history, record=RECORD).axes[0]
    (marks,) = (line for line in ax.lines if line.get_gid() == "record")
    assert sorted(np.asarray(marks.get_xdata(), float)) == pytest.approx(sorted(map(num, RECORD.values())))
    assert sum(patch.get_gid() == "night" for patch in ax.patches) == 3


def test_a_second_panel_shows_the_change_of_the_chance(history: xr.Dataset, raised: xr.Dataset) -> None:
    """What comes two hours later is less often the Soviet's for two hours, and never more often."""
    values = cells(holders(history, raised).axes[1], "shift")
    assert values.min() == -1.0
    assert values.max() == 0.0


def test_the_night_does_not_look_like_a_chance(history: xr.Dataset) -> None:
    """It is a line above the rows, and where there is no chance nothing is seen."""
    ax = holders(history).axes[0]
    nights = [patch.get_extents() for patch in ax.patches if patch.get_gid() == "night"]
    assert all(night.y0 >= ax.bbox.y1 - 1e-6 for night in nights)


def test_what_has_become_less_likely_is_hatched(history: xr.Dataset, raised: xr.Dataset) -> None:
    """In grey the ends of the scale look alike; here places are the Soviet's later, and none sooner."""
    for one, two, rows in ((history, raised, 3), (raised, history, 0)):
        ax = holders(one, two).axes[1]
        less = [part for part in ax.collections if part.get_gid() == "less" and len(part.get_paths())]
        assert len(less) == rows
        assert all(part.get_hatch() for part in less)


def test_the_title_counts_the_places_that_keep_to_the_record(history: xr.Dataset) -> None:
    """The telegraph falls at half past five, the palace at a quarter to ten."""
    title = holders(history, record=RECORD).axes[0].get_title(loc="left")
    assert title == "1 of 2 places change hands within two hours of the record in the median world"


def test_there_is_a_map_for_each_hour_and_scenario_and_one_bar(
    history: xr.Dataset, raised: xr.Dataset
) -> None:
    """Two rows of four on one extent, the hours above and the scenarios beside them."""
    *maps, bar = city_maps(history, raised, HOURS).axes
    assert len(maps) == 8
    assert len({(*ax.get_xlim(), *ax.get_ylim()) for ax in maps}) == 1
    assert [next(text for text in texts(ax) if "Oct" in text) for ax in maps[:4]] == HOURS
    assert ("history" in texts(maps[0]), "bridges raised" in texts(maps[4])) == (True, True)
    assert bar.get_xticklabels()[0].get_text() == "the government's\nin every world"


def test_colours_run_from_the_governments_blue_to_the_soviets_red(history: xr.Dataset) -> None:
    """At both ends they are the colours of the sides."""
    assert (to_hex(BALANCE(0.0)), to_hex(BALANCE(1.0))) == (GOVERNMENT, SOVIET)


def test_the_ends_of_the_scale_are_told_apart_in_grey() -> None:
    """The government's places have a white eye, the larger the surer; the Soviet's have none."""
    assert eye_of(np.array([-1.0, -0.25, 0.0, 1.0])).tolist() == pytest.approx([EYE, EYE / 2, 0.0, 0.0])


def test_the_balance_is_the_soviets_share_less_the_governments(history: xr.Dataset) -> None:
    """A bridge that is nobody's stands at nought, Smolny at one, the palace between them in the end."""
    held = dict(
        zip(history.place.values.tolist(), balance(history, datetime(1917, 10, 26, 6)).tolist(), strict=True)
    )
    assert (held["liteiny_bridge"], held["smolny"], held["winter_palace"]) == (0.0, 1.0, 0.75)


def test_only_a_few_great_places_are_named_and_only_once(history: xr.Dataset, raised: xr.Dataset) -> None:
    """The palace and Smolny, on the first map; or those that are asked for."""
    first, second, *_ = city_maps(history, raised, HOURS[:2]).axes
    names = [
        [text.get_text().replace("\n", " ") for text in ax.texts if text.get_gid() == "label"]
        for ax in (first, second)
    ]
    assert (sorted(names[0]), names[1]) == (["Smolny Institute", "Winter Palace"], [])
    chosen = city_maps(history, raised, HOURS[:1], named=["state_bank"]).axes[0]
    assert [text.get_text() for text in chosen.texts if text.get_gid() == "label"] == ["State Bank"]


def test_a_map_after_the_end_of_an_ensemble_is_blank(history: xr.Dataset, short: xr.Dataset) -> None:
    """It says when that was over."""
    *_, last, _ = city_maps(history, short, HOURS[2:]).axes
    assert "over at 25 Oct 18:00" in texts(last)
    assert not any(part.get_gid() == "balance" for part in last.collections)


def test_an_hour_before_the_start_is_refused(history: xr.Dataset, raised: xr.Dataset) -> None:
    """The message says what was wanted; no hours at all are refused too."""
    with pytest.raises(
        TimeError, match="wanted a time from '24 Oct 03:00' to '26 Oct 06:00', got '23 Oct 12:00'"
    ):
        city_maps(history, raised, ["23 Oct 12:00"])
    with pytest.raises(ValueError, match="wanted one hour or more"):
        city_maps(history, raised, [])
