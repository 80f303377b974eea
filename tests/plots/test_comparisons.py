"""What all figures of comparison have in common: sentences, small print, given axes, tracks, small and large
ensembles.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.plots import bands, city_maps, endings, falls, holders, killed, ladder
from sim.plots.margins import stacked
from sim.plots.worlds import clause, pair, signed, told_apart, words
from sim.wording import percent

Draw = Callable[..., Any]

FIGURES: dict[str, Draw] = {
    "bands": lambda one, two, **more: bands(one, two, **more),
    "endings": lambda one, two, **more: endings([one, two], **more),
    "falls": lambda one, two, **more: falls([one, two], **more),
    "holders": lambda one, two, **more: holders(one, two, **more),
    "killed": lambda one, two, **more: killed([one, two], **more),
    "maps": lambda one, two, **more: city_maps(one, two, ["25 Oct 12:00", "25 Oct 22:00"], **more),
}
ON_AXES = ["bands", "endings", "falls", "holders", "killed"]
WITH_TRACKS = ["bands", "holders", "maps"]


def words_of(figure: Figure) -> str:
    """Everything written on a figure."""
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def small_print(figure: Figure) -> str:
    """The footnote, on one line."""
    return " ".join(text.get_text() for text in figure.texts).replace("\n", " ")


@pytest.mark.parametrize("name", FIGURES)
def test_the_title_states_the_finding_in_the_conditional(
    name: str, history: xr.Dataset, raised: xr.Dataset
) -> None:
    """The scenario's question becomes the sentence's condition; a title given is taken instead."""
    if name != "endings":  # the bridges change no ending here
        assert (
            FIGURES[name](history, raised)
            .axes[0]
            .get_title(loc="left")
            .startswith("If the bridges had been raised, ")
        )
    assert FIGURES[name](history, raised, title="My own").axes[0].get_title(loc="left") == "My own"


@pytest.mark.parametrize("name", FIGURES)
def test_the_footnote_names_scenarios_worlds_seed_and_version(
    name: str, history: xr.Dataset, raised: xr.Dataset
) -> None:
    """The small print stands at the foot of the figure."""
    assert "Scenarios historical, bridges_raised, 8 worlds each; seed 1917; version 0.1.0." in small_print(
        FIGURES[name](history, raised)
    )


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_clipped_at_the_edge_of_the_page(
    name: str, history: xr.Dataset, short: xr.Dataset
) -> None:
    """Every visible word lies on the page, with a long name and an earlier end too."""
    figure = FIGURES[name](history, short)
    figure.canvas.draw()
    page = figure.bbox
    inside = [
        text
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_visible() and text.get_window_extent().width
    ]
    boxes = {
        text.get_text(): text.get_window_extent()
        for text in inside
        if text.axes is None or text not in text.axes.texts or text.get_gid() != "label"
    }
    off = [
        words
        for words, box in boxes.items()
        if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < page.y0 - 1 or box.y1 > page.y1 + 1
    ]
    assert off == []


@pytest.mark.parametrize("name", FIGURES)
def test_a_single_pair_of_worlds_draws_and_saves_as_svg(
    name: str, history: xr.Dataset, raised: xr.Dataset
) -> None:
    """With two worlds there are no intervals, but a figure."""
    target = BytesIO()
    FIGURES[name](history.isel(world=[0, 1]), raised.isel(world=[0, 1])).savefig(target, format="svg")
    assert target.tell() > 1000


@pytest.mark.parametrize("name", ON_AXES)
def test_given_axes_are_drawn_on_and_returned(name: str, history: xr.Dataset, raised: xr.Dataset) -> None:
    """With ax no figure is made."""
    ax = plt.figure(figsize=(10, 6)).add_subplot()
    assert FIGURES[name](history, raised, ax=ax) is ax
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", FIGURES)
def test_without_ax_one_figure_is_made(name: str, history: xr.Dataset, raised: xr.Dataset) -> None:
    """A Figure is returned, and no other is left behind."""
    assert isinstance(FIGURES[name](history, raised), Figure)
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", WITH_TRACKS)
def test_missing_tracks_are_asked_for(name: str, bare: xr.Dataset, raised: xr.Dataset) -> None:
    """The message names the scenario and what is wanted."""
    with pytest.raises(
        ValueError,
        match=r"historical: wanted an ensemble made with tracks=True, got one without (chance_)?held",
    ):
        FIGURES[name](bare, raised)


@pytest.mark.parametrize("name", ["endings", "falls", "killed"])
def test_outcomes_need_no_tracks(name: str, bare: xr.Dataset) -> None:
    """An ensemble without tracks suffices."""
    assert isinstance(FIGURES[name](bare, bare), Figure)


@pytest.mark.parametrize("draw", [endings, falls, killed])
def test_no_ensemble_at_all_is_refused(draw: Draw) -> None:
    """An empty list has nothing to show."""
    with pytest.raises(ValueError, match="wanted a list of one or more ensembles"):
        draw([])


def test_two_seeds_make_no_pair(history: xr.Dataset, raised: xr.Dataset) -> None:
    """Worlds of two seeds have no luck in common."""
    with pytest.raises(ValueError, match="wanted two ensembles of one seed, got seeds 1917 and 7"):
        pair(history, raised.assign_attrs(seed=7))


def test_a_pair_is_the_worlds_and_times_in_both(history: xr.Dataset, short: xr.Dataset) -> None:
    """Worlds 2 to 7, up to the earlier end."""
    one, two = pair(history, short.isel(world=slice(2, None)))
    assert one.world.values.tolist() == two.world.values.tolist() == [2, 3, 4, 5, 6, 7]
    assert one.sizes["time"] == two.sizes["time"] == short.sizes["time"]


def test_a_scenario_without_a_question_is_told_by_its_name(raised: xr.Dataset) -> None:
    """The condition falls back on the name."""
    assert clause(raised.assign_attrs(question="")) == "With bridges raised"


@pytest.mark.parametrize(("name", "read"), [("historical", "history"), ("raid_on_smolny", "raid on Smolny")])
def test_names_are_read_as_words(name: str, read: str) -> None:
    """Underscores become spaces, and names get their capital back."""
    assert words(name) == read


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.003, "0.3 %"), (0.9996, "more than 99.9 %"), (1.0, "100 %"), (0.5, "50 %")],
)
def test_a_percentage_calls_nothing_certain_that_is_not(share: float, text: str) -> None:
    """Rare is not never."""
    assert percent(share) == text


def test_a_nought_has_no_sign() -> None:
    """Nor has a number that rounds to it."""
    assert [signed(value, 1) for value in (-0.04, 0.04, -0.06)] == ["0.0", "0.0", "−0.1"]


@pytest.mark.parametrize(
    ("shares", "worlds", "told"), [((0.1, 0.9), 2, False), ((0.4, 0.6), 200, True), ((0.5, 0.52), 200, False)]
)
def test_two_shares_are_told_apart_only_beyond_chance(
    shares: tuple[float, float], worlds: int, told: bool
) -> None:
    """It takes worlds enough."""
    assert told_apart(np.array(shares), [worlds, worlds]) is told


def test_labels_at_line_ends_do_not_lie_on_one_another() -> None:
    """Each keeps its own height clear, within the page."""
    tall = np.array([24.0, 12.0, 12.0])
    low, middle, high = np.sort(stacked(np.array([0.0, 1.0, 99.0]), tall, 100.0))
    assert low >= 12
    assert middle - low >= 17.9
    assert high <= 94


@pytest.mark.parametrize("name", FIGURES)
def test_infinite_and_missing_hours_are_never(name: str, history: xr.Dataset, raised: xr.Dataset) -> None:
    """Hours that are not numbers break nothing."""
    lost = raised.assign(palace_falls=raised.palace_falls * np.nan)
    assert isinstance(FIGURES[name](history, lost), Figure)


def test_the_ladder_draws_on_given_axes(effects: pd.DataFrame) -> None:
    """It returns them; without them, new ones."""
    ax = plt.figure(figsize=(10, 6)).add_subplot()
    assert ladder(effects, measure="fall", ax=ax) is ax
    assert isinstance(ladder(effects, measure="fall"), Axes)
