"""Every documented capture as a mark on the hours at which the model has the place change hands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sim.history.geometry import Points
from sim.plots.margins import fold, margin, small_print
from sim.plots.style import (
    FONTS,
    GOVERNMENT,
    INK,
    PAPER,
    QUIET,
    SIDE_NAMES,
    SIDES,
    SOVIET,
    headline,
    hours_axis,
    new_figure,
    note,
    num,
    plain,
    shade_nights,
    style,
    subtitle,
)
from sim.plots.worlds import days_of, end_of, source_line, start_of
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, ROW, RIGHT, TOP, FOOT = 12.0, 0.27, 1.5, 1.1, 0.95  # inches: the page, a row, the margins
Record = Mapping[tuple[str, str], datetime]  # (place, side) -> the documented hour


def captures(
    data: xr.Dataset, record: Record, *, title: str | None = None, ax: Axes | None = None
) -> Figure | Axes:
    """Draw for every documented capture the hours (10 to 90 %, quartiles, median) at which it comes in the
    worlds of an ensemble.

    A row a capture, in documented order, a diamond at the documented hour; at the right the share of worlds
    in which it comes at all, if not in all. Returns a Figure, or the Axes given. Raises ValueError if the
    record names no place of the ensemble.
    """
    known = {key: when for key, when in record.items() if key[0] in data["place"].values}
    if not known:
        raise ValueError(
            f"captures: wanted documented captures of places of the ensemble, got {list(record)[:3]}"
        )
    rows = sorted(known, key=lambda key: (known[key], key))
    text = title or finding(data, known)
    names = [_name(data, place, side) for place, side in rows]
    with style():
        own = ax is None
        if ax is None:
            high, left = TOP + ROW * len(rows) + FOOT, margin(names, 9.5)
            figure = new_figure((WIDE, high))
            ax = figure.add_axes(
                (left / WIDE, FOOT / high, (WIDE - left - RIGHT) / WIDE, ROW * len(rows) / high)
            )
        _rows(ax, data, known, rows, names)
        headline(ax, text, pad=28, largest=18, room=1.25)
        subtitle(
            ax,
            "First captures. Line: 10 to 90 % of worlds; bar: the middle half; dot, or square: the median; "
            "diamond: the documented hour",
            up=8,
        )
        small_print(
            ax,
            fold(
                (
                    f"{source_line([data])} The documented hours are no input of the model; it is given "
                    "decisions."
                ),
                WIDE - 0.6,
            ),
            own=own,
            below=34,
        )
        return ax if not own else ax.figure  # type: ignore[return-value]


def finding(data: xr.Dataset, record: Record) -> str:
    """How many of the documented hours lie within the middle four fifths of the worlds."""
    inside = [
        low <= num(when) <= high
        for (place, side), when in record.items()
        for low, high in [_spread(data, place, side)[[0, -1]]]
    ]
    return f"{sum(inside)} of {len(inside)} documented captures come at an hour the model finds likely"


def _name(data: xr.Dataset, place: str, side: str) -> str:
    name = str(data["place_name"].sel(place=place).values)
    return name if side == "soviet" else f"{name} (government)"


def _days(data: xr.Dataset, place: str, side: str) -> Points:
    """The day of the first capture in every world (worlds,), infinite for never."""
    return np.asarray(
        days_of(np.asarray(data["captured_at"].sel(place=place, side=side).values, float), start_of(data))
    )


def _spread(data: xr.Dataset, place: str, side: str) -> Points:
    """The 10, 25, 50, 75 and 90 % points of the days of a capture (5,); never comes last."""
    return np.asarray(np.percentile(_days(data, place, side), [10, 25, 50, 75, 90], method="nearest"))


def _rows(ax: Axes, data: xr.Dataset, record: Record, rows: list[tuple[str, str]], names: list[str]) -> None:
    start, end = start_of(data), end_of(data)
    plain(ax, grid="x")
    hours_axis(ax, start, end)
    shade_nights(ax, start, end)
    last = num(end)
    for row, (place, side) in enumerate(rows):
        colour = SIDES[1 if side == SIDE_NAMES[1].lower() else -1]
        spread = np.minimum(_spread(data, place, side), last)
        ax.plot(
            spread[[0, -1]], [row, row], color=colour, linewidth=1.4, alpha=0.55, gid=f"range:{place}:{side}"
        )
        ax.plot(
            spread[[1, 3]],
            [row, row],
            color=colour,
            linewidth=6,
            alpha=0.45,
            solid_capstyle="butt",
            gid=f"middle:{place}:{side}",
        )
        if spread[2] < last:
            ax.plot(
                spread[2],
                row,
                "o" if side == "soviet" else "s",
                markersize=6,
                color=colour,
                markeredgecolor=PAPER,
                gid=f"median:{place}:{side}",
            )
        ax.plot(
            num(record[place, side]),
            row,
            "D",
            markersize=6,
            color=PAPER,
            markeredgecolor=INK,
            markeredgewidth=1.3,
            zorder=5,
            gid=f"documented:{place}:{side}",
        )
        share = float(np.isfinite(_days(data, place, side)).mean())
        if share < 0.995:
            note(ax, f"in {percent(share)}", (1, row), (8, 0), colour=QUIET, size=9.5)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), names, fontfamily=FONTS, fontsize=9.5)
    for label, (_, side) in zip(ax.get_yticklabels(), rows, strict=True):
        label.set_color(SOVIET if side == "soviet" else GOVERNMENT)
