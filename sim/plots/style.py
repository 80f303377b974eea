"""One hand for every figure: the type, the palette, the night, the clock axis and the footnote."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from math import ceil, floor
from typing import TYPE_CHECKING, Any, Literal

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.dates import date2num
from matplotlib.figure import Figure, SubFigure

from sim.clock import nights

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

# Red and blue stand apart for every kind of colour vision, and in grey by lightness (47, 27, 66 of 100).
SOVIET, GOVERNMENT, NEITHER = "#cc3b26", "#173f74", "#a39e93"
HISTORY, COUNTERFACTUAL = "#26221d", "#cc3b26"
SIDES = {1: SOVIET, -1: GOVERNMENT, 0: NEITHER}
SIDE_NAMES = {1: "Soviet", -1: "government", 0: "neither"}

INK, SOFT, QUIET, PAPER, RULE = "#26221d", "#453f36", "#6f685d", "#fffdf8", "#ddd6c8"
NIGHT, DUSK = "#e9e8ee", "#8f8ca3"
FONTS = ["STIXGeneral", "DejaVu Sans"]
# The minutes between marks of a time axis that is too short for the usual ones.
SUBTITLE = 11.5  # points
STEPS = (360, 180, 60, 30, 15, 5, 1)

RC: dict[str, Any] = {
    "font.family": FONTS,
    "font.size": 11.0,
    "axes.unicode_minus": True,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "figure.dpi": 110,
    "axes.facecolor": PAPER,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 16,
    "axes.titlepad": 12,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the project's hand inside the block, and leave matplotlib's own settings as they were."""
    with matplotlib.rc_context(RC):  # type: ignore[arg-type]
        yield


def blend(day_and_night: tuple[str, str], light: float) -> str:
    """The colour between two, `light` 1 giving the first and 0 the second.

    >>> blend(("#ffffff", "#000000"), 0.0)
    '#000000'
    """
    day, night = (np.array(to_rgb(colour)) for colour in day_and_night)
    return to_hex(tuple(night + light * (day - night)))


_UNSEEN = ContextVar("_UNSEEN", default=False)


@contextmanager
def unseen() -> Iterator[None]:
    """Figures made inside the block are for files: no window or notebook shows them."""
    before = _UNSEEN.set(True)
    try:
        yield
    finally:
        _UNSEEN.reset(before)


def new_figure(size: tuple[float, float]) -> Figure:
    """A figure of the given inches. If somebody has imported pyplot, or a notebook is there to show it, it is
    pyplot's, on the backend that he has chosen; else nobody's but the caller's.
    """
    if not _UNSEEN.get() and {"matplotlib.pyplot", "ipykernel"} & set(sys.modules):
        import matplotlib.pyplot as plt

        return plt.figure(figsize=size)
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    return figure


def page_size(ax: Axes) -> tuple[float, float]:
    """Width and height of axes in points of the page."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("wanted axes that belong to a figure, got axes that have been removed from theirs")
    return ax.bbox.width * 72 / figure.dpi, ax.bbox.height * 72 / figure.dpi


def note(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    shift: tuple[float, float],
    *,
    colour: str = QUIET,
    ha: str = "left",
    style: str = "normal",
    size: float = 10.5,
) -> None:
    """Write outside axes: x in their width, y in their data, then so many points right and up."""
    ax.annotate(
        text,
        at,
        shift,
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=colour,
        ha=ha,
        style=style,
        size=size,
        va="center_baseline",
        annotation_clip=False,
        fontfamily=FONTS,
    )


def plain(ax: Axes, *, grid: Literal["x", "y"] = "y") -> None:
    """Take away what a chart does not need, on axes of any make: two spines, and all but a faint grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=False)
    ax.grid(visible=True, axis=grid, color=RULE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(colors=QUIET, labelfontfamily=FONTS, labelsize=10)


def headline(ax: Axes, text: str, *, pad: float = 10, largest: float = 21, room: float = 1.0) -> None:
    """Write the finding over axes, in letters small enough to fit `room` times their width."""
    size = min(largest, room * page_size(ax)[0] / (0.44 * len(text)))
    ax.set_title(text, fontsize=size, pad=pad, loc="left", fontfamily=FONTS)


def new_axes(size: tuple[float, float], *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes alone on a new figure; everything in inches, the four margins too."""
    width, height = size
    inner = (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    return new_figure(size).add_axes(inner)


def finish(ax: Axes, text: str, *, own: bool, below: float) -> None:
    """The footnote: at the foot of the figure if it is our own, else so many points below the axes."""
    figure = ax.get_figure(root=True)
    if own and figure is not None:
        footnote(figure, text)
    else:
        footnote(ax, text, below=below)


def footnote(where: Figure | SubFigure | Axes, text: str, *, below: float = 4) -> None:
    """Write the small print at the foot of a figure, or so many points below axes within a figure."""
    small: dict[str, Any] = {"size": 8.2, "color": QUIET, "linespacing": 1.25}
    if isinstance(where, (Figure, SubFigure)):
        where.text(0.025, 0.012, text, va="bottom", **small)
        return
    offset: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    where.annotate(text, (0, 0), (0, -below - 4), va="top", annotation_clip=False, **offset, **small)


def run_line(data: xr.Dataset, world: int) -> str:
    """Which history a figure shows: scenario, seed, world and version."""
    about = data.attrs
    name = data.world.values[world] if "world" in data.coords else world
    facts = f"Scenario {about.get('scenario', '?')}, seed {about.get('seed', '?')}, world {name}"
    return f"{facts}; version {about.get('version', '?')}."


def subtitle(ax: Axes, text: str, *, up: float = 9, size: float = SUBTITLE) -> None:
    """A sentence between the title and the axes."""
    ax.annotate(
        text, (0, 1), (0, up), xycoords="axes fraction", textcoords="offset points", size=size, color=SOFT
    )


def shade_nights(ax: Axes, start: datetime, end: datetime) -> None:
    """Shade the dark hours between two times on axes whose x is time."""
    for dusk, dawn in nights(start, end):
        ax.axvspan(num(dusk), num(dawn), facecolor=NIGHT, edgecolor="none", zorder=0, gid="night")


def line_nights(ax: Axes, start: datetime, end: datetime) -> None:
    """Mark the dark hours by lines over axes whose x is time, where a shade would be taken for a value."""
    over = 1 + 3 / page_size(ax)[1]
    for dusk, dawn in nights(start, end):
        ax.axvspan(
            num(dusk), num(dawn), 1, over, facecolor=DUSK, edgecolor="none", clip_on=False, gid="night"
        )


def hours_axis(ax: Axes, start: datetime, end: datetime, *, every: int = 6) -> None:
    """Mark the x axis in clock hours of October, the date under the first mark of each day.

    A span too short for hours is marked in minutes; one without length is drawn as a minute.
    """
    end = max(end, start + timedelta(minutes=1))
    ax.set_xlim(num(start), num(end))
    steps = [step for step in STEPS if step < 60 * every]
    step = next((step for step in (60 * every, *steps) if len(_clock_times(start, end, step)) > 1), 1)
    ticks = _clock_times(start, end, step)
    dated = {tick.day: tick for tick in reversed(ticks)}.values()
    ax.set_xticks([num(tick) for tick in ticks])
    names = [f"{tick:%H:%M}\n" + (f"{tick.day} Oct" if tick in dated else " ") for tick in ticks]
    ax.set_xticklabels(names, fontfamily=FONTS)
    ax.set_xticks([num(hour) for hour in _clock_times(start, end, 60) if hour not in ticks], minor=True)


def _clock_times(start: datetime, end: datetime, step: int) -> list[datetime]:
    """The times between two that are a whole number of steps, in minutes, after midnight."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    first, last = ((time - midnight) / timedelta(minutes=step) for time in (start, end))
    return [midnight + timedelta(minutes=step * count) for count in range(ceil(first), floor(last) + 1)]


def num(time: datetime) -> float:
    """A time as a number on a time axis."""
    return float(moments(np.array([time], "datetime64[us]"))[0])


def moments(times: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
    """Times as numbers on a time axis."""
    return np.asarray(date2num(times), dtype=np.float64)  # type: ignore[no-untyped-call]


def times(data: xr.Dataset) -> tuple[datetime, datetime]:
    """The first and the last minute of a run's data."""
    first, last = (datetime.fromisoformat(str(data.time.values[end])[:19]) for end in (0, -1))
    return first, last


def apart(heights: Sequence[float], least: float) -> list[float]:
    """Heights moved so that no two are nearer than `least`, in their order, by as little as may be.

    >>> apart([0.0, 1.0, 5.0], 2.0)
    [-0.5, 1.5, 5.0]
    """
    order = np.argsort(heights, kind="stable")
    moved = np.asarray(heights, float)[order]
    for _ in range(200):
        short = least - np.diff(moved)
        if not (short > 1e-9).any():
            break
        push = np.maximum(short, 0.0) / 2
        moved[1:] += push
        moved[:-1] -= push
    result = np.empty_like(moved)
    result[order] = moved
    return [round(float(height), 6) for height in result]
