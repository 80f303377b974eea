"""Who holds the city at several hours, in one scenario and in another: small maps, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_hex
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from sim.clock import TimeError, daylight, label, parse
from sim.history.geometry import ATTRIBUTION, Points, geometry, project
from sim.plots.background import EXTENTS, LAND, Extent, draw_city, points_per_metre
from sim.plots.labels import Label, Room, place_labels, wrapped
from sim.plots.margins import fold, small_print
from sim.plots.moment import Places, short_name
from sim.plots.sheet import CENTRE_SCALE
from sim.plots.style import (
    FONTS,
    GOVERNMENT,
    INK,
    PAPER,
    QUIET,
    SOVIET,
    blend,
    headline,
    new_figure,
    num,
    page_size,
    style,
)
from sim.plots.symbols import GROUPS, SHAPES, draw_signs, draw_span, radius_of_places, span, spanned, spread
from sim.plots.worlds import clause, end_of, name_of, need, pair, source_line, start_of
from sim.wording import in_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BALANCE = LinearSegmentedColormap.from_list("balance", [GOVERNMENT, "#7f95b3", "#d5d0c4", "#e08a78", SOVIET])
STEPS = (-1.0, 0.0, 1.0)
# The kinds of place that are named when nobody says which: there are few of each.
GREAT = ("palace", "fortress", "telephone")
# In inches the page, its margins, the gaps, the column of the scenarios' names and the bar of colours.
WIDE, LEFT, LINE, RIGHT, TOP, GAP, FOOT, BAR = 12.0, 0.36, 0.2, 0.3, 1.12, 0.1, 0.3, 0.66
TALLEST = 5.0
NIGHT_LIGHT = 0.45
EYE = 0.42  # of a sign's radius, at most


def city_maps(
    base: xr.Dataset,
    other: xr.Dataset,
    hours: Sequence[str | datetime],
    *,
    extent: str | Extent = "centre",
    named: Sequence[str] | None = None,
    title: str | None = None,
) -> Figure:
    """Draw who holds each place at some hours (columns) in two ensembles (rows), on one scale and with one
    bar.

    The colour is the share of worlds in which the Soviet holds the place less that in which the government
    does: red the Soviet's in every world, blue and with a white eye the government's, grey between them
    or neither's. extent is as
    for `city_map`; named are the ids of the places to name on the first map, without it a few great ones.
    Returns a Figure.

    Raises
    ------
    ValueError without tracks or hours, TimeError for an hour before an ensemble begins; after its end a map
    is left
    blank.
    """
    for data in (base, other):
        need(data, "chance_held")
    whens = [_within(hour, base, other) for hour in hours]
    if not whens:
        raise ValueError("hours: wanted one hour or more, got none")
    text = title or finding(base, other, whens)
    with style():
        return _page((base, other), whens, extent, named, text)


def _within(hour: str | datetime, *ensembles: xr.Dataset) -> datetime:
    when = parse(hour)
    first, last = max(map(start_of, ensembles)), max(map(end_of, ensembles))
    if not first <= when <= last:
        raise TimeError(f"wanted a time from '{label(first)}' to '{label(last)}', got {hour!r}")
    return when


def balance(data: xr.Dataset, when: datetime) -> Points:
    """The Soviet's share of worlds less the government's, (places,), -1 to +1, at a minute."""
    now = data.chance_held.sel(time=np.datetime64(when), method="pad")
    return np.asarray((now.sel(side="soviet") - now.sel(side="government")).values, float)


def finding(base: xr.Dataset, other: xr.Dataset, whens: Sequence[datetime]) -> str:
    """At the hour at which the two differ most, how many objectives the Soviet holds in each, in a
    sentence.
    """
    one, two = pair(base, other)
    end = min(end_of(base), end_of(other))
    counts = {when: (_held(one, when), _held(two, when)) for when in whens if when <= end}
    if not counts:
        return f"{clause(other)}, all would have been over by {label(whens[0])}"
    when = max(counts, key=lambda hour: abs(counts[hour][1] - counts[hour][0]))
    before, after = (in_digits(float(count)) for count in counts[when])
    of = int((base.objective.values > 0).sum())
    if before == after:
        return (
            f"{clause(other)}, the Soviet would have held as many of the {of} objectives at every hour shown"
        )
    return (
        f"{clause(other)}, the Soviet would have held {after} of the {of} objectives at {label(when)}, "
        f"not {before}"
    )


def _held(data: xr.Dataset, when: datetime) -> float:
    """How many objectives the Soviet holds, on average over the worlds."""
    now = data.chance_held.sel(time=np.datetime64(when), method="pad").sel(side="soviet")
    return float(now.isel(place=np.flatnonzero(data.objective.values > 0)).sum())


def _page(
    ensembles: tuple[xr.Dataset, xr.Dataset],
    whens: Sequence[datetime],
    extent: str | Extent,
    named: Sequence[str] | None,
    text: str,
) -> Figure:
    shape = _shape(extent)
    across = min((WIDE - LEFT - 2 * LINE - RIGHT - GAP * (len(whens) - 1)) / len(whens), TALLEST * shape)
    tall = across / shape
    names = [wrapped(name_of(data), int(14 * tall)) for data in ensembles]
    left = LEFT + LINE * max(name.count("\n") + 1 for name in names)
    wide = left + len(whens) * (across + GAP) - GAP + RIGHT
    lines = [
        *fold(f"{source_line(ensembles)} Mean over the worlds; dark maps: night.", wide - 0.6),
        *fold(ATTRIBUTION, wide - 0.6),
    ]
    foot = FOOT + BAR + 0.15 * len(lines)
    high = TOP + 2 * tall + GAP + foot
    figure = new_figure((wide, high))
    for row, (data, name) in enumerate(zip(ensembles, names, strict=True)):
        up = foot + (1 - row) * (tall + GAP)
        for column, when in enumerate(whens):
            ax = figure.add_axes(
                ((left + column * (across + GAP)) / wide, up / high, across / wide, tall / high)
            )
            _map(ax, data, when, extent, named if row + column == 0 else [])
            if row == 0:
                _write(ax, label(when), (0, 1), (0, 5))
            if column == 0:
                _write(ax, name, (0, 0.5), (-8, 0), rotation=90, ha="right", va="center")
    first = figure.axes[0]
    _bar(figure, (left / wide, (foot - 0.28) / high, min(4.4, wide - left - RIGHT) / wide, 0.12 / high))
    headline(first, text, pad=30, largest=20, room=(wide - left - RIGHT) / across)
    small_print(first, lines, own=True, below=0)
    return figure


def _write(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    shift: tuple[float, float],
    rotation: float = 0,
    ha: str = "left",
    va: str = "baseline",
) -> None:
    """An hour over a map, or a scenario's name along the left of its row."""
    ax.annotate(
        text,
        at,
        shift,
        xycoords="axes fraction",
        textcoords="offset points",
        rotation=rotation,
        ha=ha,
        va=va,
        size=11.5,
        color=INK,
        fontfamily=FONTS,
        linespacing=1.0,
        multialignment="center",
        annotation_clip=False,
    )


def _shape(extent: str | Extent) -> float:
    lon0, lon1, lat0, lat1 = EXTENTS.get(extent, EXTENTS["centre"]) if isinstance(extent, str) else extent
    across, up = project(lon1, lat1) - project(lon0, lat0)
    return float(across / up)


def _map(
    ax: Axes, data: xr.Dataset, when: datetime, extent: str | Extent, named: Sequence[str] | None
) -> None:
    light = NIGHT_LIGHT + (1 - NIGHT_LIGHT) * daylight(when)
    draw_city(ax, extent=extent, light=light, bridges=False, names=False)
    for spine in ax.spines.values():
        spine.set(visible=True, color=INK, linewidth=0.8, zorder=20)
    if num(when) > num(end_of(data)):
        ax.text(
            0.5,
            0.5,
            f"over at {label(end_of(data))}",
            transform=ax.transAxes,
            ha="center",
            style="italic",
            size=11,
            zorder=15,
            bbox={"facecolor": PAPER, "edgecolor": INK, "linewidth": 0.6, "boxstyle": "square,pad=0.35"},
        )
        return
    scale = points_per_metre(ax)
    grain = float(np.clip((scale / CENTRE_SCALE) ** 0.35, 0.45, 1.2)) * 0.9
    places = spread(_places(data), scale, grain)
    held = balance(data, when)
    _draw_spans(ax, places, held, scale, grain)
    _draw_places(ax, places, held, grain)
    _letter(ax, places, _named(places, named), scale, grain, blend(LAND, light))


def _places(data: xr.Dataset) -> Places:
    """The places of an ensemble; who holds them is told by colour alone."""
    nobody = np.zeros(data.sizes["place"], int)
    ids, names, kinds, banks = (
        np.asarray(data[name].values).astype(str) for name in ("place", "place_name", "place_kind", "bank")
    )
    return Places(
        ids=ids,
        names=names,
        kinds=kinds,
        banks=banks,
        objective=np.asarray(data.objective.values, int),
        xy=project(data.lon.values, data.lat.values),
        holder=nobody,
        raised=nobody > 0,
        firing=nobody > 0,
    )


def _draw_places(ax: Axes, places: Places, held: Points, grain: float) -> None:
    """The objectives, each with the sign of its kind, in the colour of its balance."""
    radius = radius_of_places(places, grain) * 0.92
    groups = np.array([GROUPS.get(kind, "other") for kind in places.kinds])
    for name, path in SHAPES.items():
        these = (groups == name) & (radius > 0) & (places.objective > 0)
        if these.any():
            signs = draw_signs(ax, path, places.xy[these], radius[these], PAPER, INK, line=0.6, z=6)
            signs.set_facecolor(BALANCE(Normalize(-1, 1)(held[these])))
            signs.set_path_effects([withStroke(linewidth=1.8, foreground=PAPER)])
            signs.set_gid("balance")
            eyes = radius[these] * eye_of(held[these])
            draw_signs(ax, Path.unit_circle(), places.xy[these], eyes, PAPER, "none", line=0, z=6.1)


def eye_of(held: Points) -> Points:
    """How large the white eye of a sign is, (places,), in the sign's radius: the larger the oftener the
    government holds the place, so that the ends of the scale are told apart in grey too.
    """
    return EYE * np.sqrt(np.clip(-held, 0.0, 1.0))


def _draw_spans(ax: Axes, places: Places, held: Points, scale: float, grain: float) -> None:
    """The bridges as bars from bank to bank; one that is no place is left pale."""
    which = {int(bridge): row for row, bridge in enumerate(spanned(places)) if bridge >= 0}
    for number, bridge in enumerate(geometry().bridges):
        value = float(held[which[number]]) if number in which else 0.0
        colour = to_hex(BALANCE(Normalize(-1, 1)(value)))
        lines = span(project(*bridge.points.T), False, 15.0 * grain / scale)
        draw_span(ax, lines, colour, 0, grain * 0.85)
        ax.collections[-1].set_gid("span")
        white = 0.9 * grain * float(np.clip(-value, 0.0, 1.0))
        ax.add_collection(LineCollection(lines, colors=PAPER, linewidths=white, zorder=4.7))


def _named(places: Places, named: Sequence[str] | None) -> list[int]:
    if named is not None:
        return np.flatnonzero(np.isin(places.ids, list(named))).tolist()
    great = np.isin(places.kinds, GREAT) & (places.objective > 0)
    return np.flatnonzero(great | ((places.kinds == "headquarters") & (places.objective == 1))).tolist()


def _letter(ax: Axes, places: Places, rows: Sequence[int], scale: float, grain: float, halo: str) -> None:
    """Name a few places, clear of the signs."""
    (west, east), (south, north) = ax.get_xlim(), ax.get_ylim()
    radius = radius_of_places(places, grain)
    seen = (
        (places.xy[:, 0] > west)
        & (places.xy[:, 0] < east)
        & (places.xy[:, 1] > south)
        & (places.xy[:, 1] < north)
    )
    signs = seen & (places.objective > 0) & (radius > 2)
    held = np.column_stack([places.xy[signs], radius[signs]])
    labels = [
        Label(
            wrapped(short_name(places.names[row]), 13),
            (places.xy[row, 0], places.xy[row, 1]),
            clear=float(radius[row]),
            weight=10.0,
            size=8.2,
        )
        for row in rows
        if seen[row]
    ]
    if labels:
        nothing = np.empty((0, 3))
        place_labels(ax, labels, Room(held, nothing, nothing), halo=halo, scale=scale)


def _bar(figure: Figure, box: tuple[float, float, float, float]) -> None:
    """What the colours say, for all maps."""
    ax = figure.add_axes(box)
    figure.colorbar(ScalarMappable(Normalize(-1, 1), BALANCE), cax=ax, orientation="horizontal", ticks=STEPS)
    ends = (
        "the government's\nin every world",
        "as often the one's as\nthe other's, or neither's",
        "the Soviet's\nin every world",
    )
    steps = np.linspace(-0.95, -0.05, 10)
    radius = 0.5 * page_size(ax)[1] * eye_of(steps)
    draw_signs(
        ax, Path.unit_circle(), np.column_stack([steps, 0 * steps + 0.5]), radius, PAPER, "none", line=0
    )
    names = ax.set_xticklabels(ends, fontfamily=FONTS, size=9, linespacing=1.0)
    names[0].set_horizontalalignment("left")
    names[-1].set_horizontalalignment("right")
    ax.tick_params(colors=QUIET, length=3, pad=2)
    for spine in ax.spines.values():
        spine.set(visible=True, linewidth=0.5, color=QUIET)
