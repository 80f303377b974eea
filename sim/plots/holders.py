"""Who holds what when: the chance, place by place and hour by hour, that the Soviet does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from matplotlib.colors import LinearSegmentedColormap, to_rgba

from sim.history.geometry import Points
from sim.plots.margins import fold, margin, small_print
from sim.plots.moment import short_name
from sim.plots.style import (
    FONTS,
    GOVERNMENT,
    HISTORY,
    INK,
    PAPER,
    QUIET,
    SOVIET,
    headline,
    hours_axis,
    line_nights,
    moments,
    new_figure,
    note,
    num,
    page_size,
    style,
    subtitle,
)
from sim.plots.worlds import (
    clause,
    days_of,
    hour,
    name_of,
    need,
    pair,
    signed,
    source_line,
    span_of,
    start_of,
)
from sim.wording import in_digits, percent, scaled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.figure import Figure

CHANCE = LinearSegmentedColormap.from_list(
    "chance", [(0.0, to_rgba(SOVIET, 0.0)), (1.0, to_rgba(SOVIET, 1.0))]
)
SHIFT = LinearSegmentedColormap.from_list(
    "shift",
    [
        (0.0, to_rgba(GOVERNMENT, 1.0)),
        (0.5, to_rgba(GOVERNMENT, 0.0)),
        (0.5, to_rgba(SOVIET, 0.0)),
        (1.0, to_rgba(SOVIET, 1.0)),
    ],
)
# In inches the page, a row, the margins and gaps, the bar of colours and its distance from the panels.
WIDE, ROW, TOP, RIGHT, AISLE, FOOT, BAR, UNDER = 12.0, 0.215, 1.05, 0.75, 0.95, 0.45, 0.11, 0.72
NEAR = timedelta(hours=2)
SEEN = 0.05  # from which difference on it is hatched


def holders(
    base: xr.Dataset,
    other: xr.Dataset | None = None,
    *,
    record: Mapping[str, datetime] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Draw as a map of heat the chance that the Soviet holds each objective (rows) at each hour (columns).

    Rows go by the documented hour, then by the hour at which half of the worlds have changed hands. record
    gives the documented hours by place, marked as diamonds. With other, a second panel shows by how much the
    chance differs in the same worlds. Returns a Figure; with ax, draws base's panel alone on those axes and
    returns them.

    Raises
    ------
    ValueError without tracks.
    """
    for data in (base, other):
        if data is not None:
            need(data, "chance_held")
    rows = order(base, record or {})
    text = title or (finding(base, record or {}) if other is None else shift_of(base, other))
    with style():
        if ax is not None:
            _panel(ax, base, chance(base, rows), rows, record or {}, shift=False)
            headline(ax, text, pad=30, largest=16, room=1.2)
            small_print(ax, [source_line([base])], own=False, below=36)
            return ax
        return _page(base, other, rows, record or {}, text)


def order(data: xr.Dataset, record: Mapping[str, datetime]) -> list[str]:
    """The objectives' ids from the top: by documented hour, else by the median hour of capture, then by
    name.
    """
    scored = [
        str(place)
        for place, weight in zip(data.place.values, data.objective.values, strict=True)
        if weight > 0
    ]
    ours = chance(data, scored)[:, 0] > 0.5
    taken = median_captures(data, scored)

    def rank(row: int) -> tuple[float, float, str]:
        median = -np.inf if ours[row] else float(taken[row])
        return (num(record[scored[row]]) if scored[row] in record else median, median, scored[row])

    return [scored[row] for row in sorted(range(len(scored)), key=rank)]


def median_captures(data: xr.Dataset, places: Sequence[str]) -> Points:
    """The day (places,) by which the Soviet has taken each place in half of the worlds; infinite if it has
    not.
    """
    taken = (
        data.captured_at.sel(place=list(places), side="soviet")
        .transpose("place", "world")
        .values.astype(float)
    )
    ranked = np.sort(np.where(np.isfinite(taken), taken, np.inf), axis=1)
    return days_of(ranked[:, (ranked.shape[1] - 1) // 2], start_of(data))


def chance(data: xr.Dataset, places: Sequence[str]) -> Points:
    """The share of worlds in which the Soviet holds each place: (places, times)."""
    return np.asarray(
        data.chance_held.sel(place=list(places), side="soviet").transpose("place", "time").values, float
    )


def finding(data: xr.Dataset, record: Mapping[str, datetime]) -> str:
    """How many documented captures come within two hours in the median world; without a record, how many are
    held.
    """
    scored = order(data, record)
    known = [row for row, place in enumerate(scored) if place in record]
    if not known:
        end, held = hour(moments(data.time.values)[-1]), chance(data, scored)[:, -1]
        return f"At {end} the Soviet holds {(held > 0.5).sum()} of {len(scored)} objectives in most worlds"
    told = np.array([num(record[scored[row]]) for row in known])
    near = int(
        (
            np.abs(median_captures(data, [scored[row] for row in known]) - told) <= NEAR / timedelta(days=1)
        ).sum()
    )
    return f"{near} of {len(known)} places change hands within two hours of the record in the median world"


def shift_of(base: xr.Dataset, other: xr.Dataset) -> str:
    """The place and hour at which the chance differs most, in a sentence."""
    one, two = pair(base, other)
    scored = order(base, {})
    gap = chance(two, scored) - chance(one, scored)
    place, at = divmod(int(np.abs(gap).argmax()), gap.shape[1])
    if not gap[place, at]:
        return f"{clause(other)}, every place would have changed hands at the same hours"
    name = short_name(str(base.place_name.sel(place=scored[place]).item()))
    before, after = (percent(float(chance(data, [scored[place]])[0, at])) for data in (one, two))
    when = hour(moments(one.time.values)[at])
    return f"{clause(other)}, the Soviet would have held {name} in {after} of worlds at {when}, not {before}"


def _page(
    base: xr.Dataset, other: xr.Dataset | None, rows: Sequence[str], record: Mapping[str, datetime], text: str
) -> Figure:
    shown = [data for data in (base, other) if data is not None]
    left = margin(_names(base, rows), 10)
    across = (WIDE - left - RIGHT * len(shown) - (AISLE - RIGHT) * (len(shown) - 1)) / len(shown)
    diamonds = "Diamonds: documented hours. " if record else ""
    lines = fold(
        f"{source_line(shown)} {diamonds}Lines on top: night. At the right, the last column in per cent.",
        WIDE - 0.6,
    )
    tall = ROW * max(len(rows), 3)
    foot = FOOT + UNDER + BAR + 0.15 * len(lines)
    high = TOP + tall + foot
    figure = new_figure((WIDE, high))
    panels = [
        figure.add_axes(((left + number * (across + AISLE)) / WIDE, foot / high, across / WIDE, tall / high))
        for number in range(len(shown))
    ]
    meshes = [_panel(panels[0], base, chance(base, rows), rows, record, shift=False, over=span_of(shown))]
    subtitle(panels[0], f"Chance that the Soviet holds it: {name_of(base)}", up=8)
    if other is not None:
        one, two = pair(base, other)
        meshes.append(
            _panel(
                panels[1],
                two,
                chance(two, rows) - chance(one, rows),
                rows,
                record,
                shift=True,
                over=span_of(shown),
            )
        )
        subtitle(panels[1], "Change of that chance in the same worlds; hatched: less", up=8)
        panels[1].set_yticklabels([])
    for ax, mesh, shift in zip(panels, meshes, (False, True), strict=False):
        _bar(figure, ax, mesh, shift=shift)
    headline(panels[0], text, pad=32, largest=20, room=(WIDE - left - 0.3) / across)
    small_print(panels[0], lines, own=True, below=0)
    return figure


def _names(data: xr.Dataset, rows: Sequence[str]) -> list[str]:
    return [short_name(str(name)) for name in data.place_name.sel(place=list(rows)).values]


def _panel(
    ax: Axes,
    data: xr.Dataset,
    values: Points,
    rows: Sequence[str],
    record: Mapping[str, datetime],
    *,
    shift: bool,
    over: tuple[datetime, datetime] | None = None,
) -> QuadMesh:
    """Values (places, times) as colours; where no tracks reach, the panel is left open."""
    ax.grid(visible=False)
    ax.spines[["top", "right", "left"]].set_visible(False)
    start, end = over or span_of([data])
    hours_axis(ax, start, end, every=6 if ax.bbox.width > 500 else 12)
    line_nights(ax, start, end)
    days = moments(data.time.values)
    step = float(np.diff(days).min()) if len(days) > 1 else 1 / 96
    edges = np.append(days, days[-1] + step)
    low = -1.0 if shift else 0.0
    mesh = ax.pcolormesh(
        edges,
        np.arange(len(rows) + 1) - 0.5,
        values,
        cmap=SHIFT if shift else CHANCE,
        vmin=low,
        vmax=1.0,
        zorder=2,
        rasterized=True,
    )
    mesh.set_gid("shift" if shift else "chance")
    if shift:
        _hatch(ax, edges, values)
    for row in range(1, len(rows)):
        ax.axhline(row - 0.5, color=PAPER, linewidth=1.0, zorder=2.5)
    known = [(num(record[place]), row) for row, place in enumerate(rows) if place in record]
    if known:
        ax.plot(
            *zip(*known, strict=True),
            "D",
            markersize=5.2,
            markerfacecolor=PAPER,
            markeredgecolor=HISTORY,
            markeredgewidth=1.0,
            zorder=4,
            gid="record",
        )
    ax.set_ylim(len(rows) - 0.5, -0.5)
    size = min(10.0, 0.92 * page_size(ax)[1] / len(rows))
    ax.set_yticks(range(len(rows)), _names(data, rows), fontfamily=FONTS, color=INK, size=size)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", colors=QUIET, labelsize=10)
    for row, value in enumerate(values[:, -1]):
        note(
            ax,
            signed(scaled(value, "points")) if shift else in_digits(scaled(value, "points")),
            (1, row),
            (24, 0),
            ha="right",
            size=0.9 * size,
        )
    return mesh


def _hatch(ax: Axes, edges: Points, values: Points) -> None:
    """Hatch what has become less likely: in grey the ends of the scale look alike."""
    for row, less in enumerate(values < -SEEN):
        turns = np.flatnonzero(np.diff(less, prepend=False, append=False)).reshape(-1, 2)
        spans = [(edges[start], edges[end] - edges[start]) for start, end in turns]
        hatch: dict[str, Any] = {"facecolor": "none", "edgecolor": PAPER, "hatch": "//////", "linewidth": 0}
        ax.broken_barh(spans, (row - 0.5, 1), zorder=2.2, gid="less", **hatch)


def _bar(figure: Figure, ax: Axes, mesh: QuadMesh, *, shift: bool) -> None:
    """What the colours say, under a panel."""
    box = ax.get_position()
    high = figure.get_figheight()
    scale = figure.add_axes((box.x0, box.y0 - (UNDER + BAR) / high, min(box.width, 3.2 / WIDE), BAR / high))
    figure.colorbar(
        mesh,
        cax=scale,
        orientation="horizontal",
        ticks=[-1, -0.5, 0, 0.5, 1] if shift else [0, 0.25, 0.5, 0.75, 1],
    )
    labels = ["−100", "−50", "0", "+50", "+100"] if shift else ["0", "25", "50", "75", "100"]
    scale.set_xticklabels(labels, fontfamily=FONTS, size=9)
    scale.tick_params(colors=QUIET, length=2, pad=2)
    note(scale, "percentage points" if shift else "% of worlds", (1, 0.5), (14, 0), size=9)
    for spine in scale.spines.values():
        spine.set(visible=True, linewidth=0.5, color=QUIET)
