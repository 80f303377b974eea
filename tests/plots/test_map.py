"""The map of the city."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from sim.clock import TimeError
from sim.history.geometry import ATTRIBUTION, geometry, project
from sim.plots import city_map, draw_city
from sim.plots.moment import look, short_name
from sim.plots.style import GOVERNMENT, SOVIET


def parts(ax: Axes, gid: str) -> list[Any]:
    """The collections that bear a mark."""
    return [part for part in ax.collections if part.get_gid() == gid]


def marks(ax: Axes, gid: str) -> int:
    """How many signs bear a mark."""
    return sum(len(part.get_offsets()) for part in parts(ax, gid))


def drawn(ax: Axes, gid: str) -> int:
    """How many artists bear a mark."""
    return sum(artist.get_gid() == gid for artist in ax.get_children())


def words(ax: Axes) -> str:
    """Everything written on the figure of some axes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def labels(ax: Axes) -> list[Text]:
    """The names of places on the map."""
    return [text for text in ax.texts if text.get_gid() == "label"]


def test_the_title_states_the_hour_and_the_finding(data: xr.Dataset) -> None:
    """At dusk of the first day the Soviet holds Smolny and the telegraph, of five objectives."""
    ax = city_map(data, "24 Oct 18:00")
    assert ax.get_title(loc="left") == (
        "24 Oct 18:00: the Soviet holds a part of the city, the government a part of the palace quarter"
    )


def test_the_sentence_below_counts_the_palace_quarter_the_men_and_the_bridges(data: xr.Dataset) -> None:
    """The palace is the government's; 400 Red Guards and 300 cadets act; two bridges are up."""
    sentence = look(data, "24 Oct 18:00").sentence()
    assert (
        "The Soviet holds 2 of the 5 objectives, the government 1 of the 2 places of the palace quarter"
        in sentence
    )
    assert "400 men act for the Soviet, 300 for the government" in sentence
    assert sentence.endswith("Raised: Palace Bridge, Liteiny Bridge.")


@pytest.mark.parametrize(("time", "raised"), [("24 Oct 12:00", 0), ("24 Oct 18:00", 2), ("24 Oct 20:00", 1)])
def test_raised_bridges_are_drawn_raised(data: xr.Dataset, time: str, raised: int) -> None:
    """Every bridge of the city is drawn once, those that are up as open leaves."""
    ax = city_map(data, time, ax=plt.figure(figsize=(8, 8)).add_subplot())
    assert drawn(ax, "span:raised") == raised
    assert drawn(ax, "span:down") == len(geometry().bridges) - raised


def test_an_open_span_has_a_gap(data: xr.Dataset) -> None:
    """A raised bridge is two broken lines, one from each bank, that do not meet."""
    ax = city_map(data, "24 Oct 20:00", ax=plt.figure(figsize=(8, 8)).add_subplot())
    (span,) = parts(ax, "span:raised")
    left, right = (path.vertices for path in span.get_paths())
    assert np.hypot(*(left[1] - right[1])) > 50.0


@pytest.mark.parametrize(("time", "soviet", "government"), [("24 Oct 12:00", 1, 3), ("26 Oct 06:00", 4, 0)])
def test_places_are_drawn_by_holder(data: xr.Dataset, time: str, soviet: int, government: int) -> None:
    """As many signs are solid red and white-eyed blue as places are held by the two sides."""
    ax = city_map(data, time, ax=plt.figure(figsize=(8, 8)).add_subplot())
    assert marks(ax, "held:1") == soviet
    assert marks(ax, "held:-1") == government


def test_the_government_has_a_white_eye_for_grey_print(data: xr.Dataset) -> None:
    """Each large blue sign has a white dot upon it, so that grey print tells it from a red one."""
    ax = city_map(data, "24 Oct 12:00", ax=plt.figure(figsize=(8, 8)).add_subplot())
    eyes: list[Any] = [part for part in ax.collections if part.get_zorder() == pytest.approx(6.25)]
    assert sum(len(part.get_offsets()) for part in eyes) == 3


def test_men_are_drawn_by_what_they_do(data: xr.Dataset) -> None:
    """Red Guards act, one company of cadets acts and one waits, a Pavlovsky one is willing, two stay in."""
    ax = city_map(data, "24 Oct 12:00", ax=plt.figure(figsize=(8, 8)).add_subplot())
    found = {
        gid: marks(ax, gid)
        for gid in ("acting:1", "acting:-1", "in quarters:1", "in quarters:-1", "in quarters:0")
    }
    assert found == {
        "acting:1": 1,
        "acting:-1": 1,
        "in quarters:1": 1,
        "in quarters:-1": 1,
        "in quarters:0": 2,
    }


def test_sides_have_their_colours(data: xr.Dataset) -> None:
    """Those who act for the Soviet are red, those who act for the government blue."""
    ax = city_map(data, "24 Oct 12:00", ax=plt.figure(figsize=(8, 8)).add_subplot())
    faces = [to_hex(part.get_facecolor()[0]) for gid in ("acting:1", "acting:-1") for part in parts(ax, gid)]
    assert faces == [SOVIET, GOVERNMENT]


def test_larger_units_have_larger_signs(data: xr.Dataset) -> None:
    """Nine hundred men are drawn larger than two hundred and fifty."""
    ax = city_map(data, "24 Oct 12:00", ax=plt.figure(figsize=(8, 8)).add_subplot())
    (idle,) = parts(ax, "in quarters:0")
    assert np.ptp(idle.get_sizes()) > 1.0


def test_men_do_not_hide_their_place(data: xr.Dataset) -> None:
    """Every unit in quarters stands clear of the middle of its place."""
    ax = city_map(data, "24 Oct 12:00", ax=plt.figure(figsize=(8, 8)).add_subplot())
    palace = project(30.3139, 59.9404)
    for gid in ("acting:-1", "in quarters:-1"):
        (cadets,) = parts(ax, gid)
        assert np.hypot(*(np.asarray(cadets.get_offsets())[0] - palace)) > 60.0


def test_men_on_the_march_are_a_column_on_their_way(data: xr.Dataset) -> None:
    """Half an hour into an hour's march the column's head is half way between the two places."""
    ax = city_map(data, "24 Oct 20:30", ax=plt.figure(figsize=(8, 8)).add_subplot())
    (column,) = parts(ax, "march:1")
    start, end = project([30.3291, 30.3316], [59.9444, 59.9435])
    (outline,) = (path.vertices for path in column.get_paths())
    reach = outline @ (end - start) / np.hypot(*(end - start))
    head = outline[int(np.argmax(reach))]
    assert np.hypot(*(head - (start + end) / 2)) < 60.0


@pytest.mark.parametrize(("time", "fires"), [("25 Oct 22:00", 1), ("25 Oct 12:00", 0)])
def test_places_under_fire_are_marked(data: xr.Dataset, time: str, fires: int) -> None:
    """A burst marks the palace while it is shelled, and only then."""
    ax = city_map(data, time, ax=plt.figure(figsize=(8, 8)).add_subplot())
    assert marks(ax, "fire") == fires


def test_night_is_darker_than_day(data: xr.Dataset) -> None:
    """The land is darker at three in the night than at noon, yet far from black."""
    day, night = (
        np.mean(to_rgb(city_map(data, time, ax=plt.figure().add_subplot()).get_facecolor()))
        for time in ("25 Oct 12:00", "25 Oct 03:00")
    )
    assert day > night + 0.15 > 0.6


@pytest.mark.parametrize("extent", ["city", "centre", "palace", (30.30, 30.34, 59.93, 59.95)])
def test_every_map_names_its_source_and_its_run(data: xr.Dataset, extent: str) -> None:
    """The attribution, the scenario, seed, world and version stand under every plate."""
    text = words(city_map(data, "24 Oct 12:00", extent=extent, world=1))
    assert ATTRIBUTION in text
    assert "Scenario historical, seed 1917, world 1; version 0.1.0" in text


def test_a_map_on_given_axes_names_its_source_too(data: xr.Dataset) -> None:
    """On somebody else's axes the attribution goes below them."""
    ax = plt.figure().add_subplot()
    assert ATTRIBUTION in words(city_map(data, "24 Oct 12:00", ax=ax))


def test_given_axes_are_returned(data: xr.Dataset) -> None:
    """Both functions draw on the axes they are given and return them."""
    ax = plt.figure().add_subplot()
    assert city_map(data, "24 Oct 12:00", ax=ax) is ax
    other = plt.figure().add_subplot()
    assert draw_city(other) is other


def test_a_plate_is_a_page_about_twelve_inches_by_nine(data: xr.Dataset) -> None:
    """Without axes the map makes its own page, with the palace quarter, the city and the key beside it."""
    figure = city_map(data, "24 Oct 12:00").get_figure(root=True)
    assert figure is not None
    assert tuple(figure.get_size_inches()) == pytest.approx((12, 9), abs=0.3)
    assert len(figure.axes) == 4


@pytest.mark.parametrize("extent", ["city", "centre", "palace"])
def test_objectives_are_named_and_no_name_lies_on_another(data: xr.Dataset, extent: str) -> None:
    """No two names on a map overlap, and every name is wholly on it."""
    ax = city_map(data, "25 Oct 12:00", extent=extent)
    assert "Winter Palace" in [text.get_text() for text in labels(ax)]
    boxes = [text.get_window_extent() for text in labels(ax)]
    assert not any(one.shrunk(0.97, 0.9).overlaps(two) for one, two in combinations(boxes, 2))
    frame = ax.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 for box in boxes)


def test_names_can_be_left_off(data: xr.Dataset) -> None:
    """With labels=False no place is named."""
    assert labels(city_map(data, "25 Oct 12:00", labels=False, ax=plt.figure().add_subplot())) == []


def test_towns_beyond_the_rim_are_pointed_to(data: xr.Dataset) -> None:
    """On the map of the city an arrow at the rim leads to Kronstadt, with the three thousand acting there."""
    ax = city_map(data, "25 Oct 12:00", extent="city")
    assert [text.get_text() for text in ax.texts if text.get_gid() == "rim"] == ["Kronstadt 3,000"]


def test_the_world_asked_for_is_drawn(data: xr.Dataset) -> None:
    """In the second world the bank never falls."""
    first, second = (look(data, "26 Oct 06:00", world).held(1) for world in (0, 1))
    assert (first, second) == (3, 2)


def test_a_time_outside_the_run_is_refused(data: xr.Dataset) -> None:
    """The message says what was wanted."""
    with pytest.raises(TimeError, match="wanted a time from '24 Oct 03:00' to '26 Oct 06:00'"):
        city_map(data, "27 Oct 12:00")


def test_an_unknown_extent_is_refused(data: xr.Dataset) -> None:
    """The message names the extents there are."""
    with pytest.raises(ValueError, match="wanted one of city, centre, palace"):
        city_map(data, "25 Oct 12:00", extent="moscow")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Liteiny (Alexander) Bridge (left bank - Vyborg side)", "Liteiny Bridge"),
        ("City Prefecture, Gorokhovaya 2", "City Prefecture"),
        ("Smolny Institute", "Smolny Institute"),
    ],
)
def test_names_are_shortened_for_the_map(name: str, short: str) -> None:
    """What stands in brackets or after a comma has no room on a map."""
    assert short_name(name) == short
