"""The hour at which the palace falls: in how many worlds by when, scenario beside scenario and the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sim.history.geometry import Points
from sim.plots.margins import fold, name_ends, small_print
from sim.plots.style import (
    FONTS,
    INK,
    PAPER,
    SOFT,
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
from sim.plots.worlds import (
    ENOUGH,
    as_told,
    clause,
    days_of,
    end_of,
    hour,
    line_of,
    name_of,
    several,
    source_line,
    span_of,
    start_of,
)
from sim.results.estimate import sets_of, timing
from sim.wording import percent, percents, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# In inches the page, its margins, the gap and the strip of a scenario; the strip's half hours of a day.
WIDE, CURVES, LEFT, RIGHT, TOP, GAP, STRIP, FOOT = 12.0, 4.0, 0.8, 2.75, 1.05, 0.28, 0.34, 0.78
HALF_HOUR, LEAST_HOURS = 1 / 48, 12


@dataclass(frozen=True)
class Fall:
    """When the palace falls in an ensemble: days (worlds,), sorted, infinite where it never does; colour and
    dashes.
    """

    name: str
    days: Points
    end: float
    colour: str
    dashes: Any

    @property
    def fallen(self) -> float:
        """The share of worlds in which it falls."""
        return float(np.isfinite(self.days).mean())

    @property
    def median(self) -> float:
        """The day by which it has fallen in half of the worlds; infinite if it has not."""
        return float(self.days[(len(self.days) - 1) // 2])

    def rest(self, latest: float) -> str:
        """In how many worlds it has not fallen, in words: never, or not by an end that comes before the
        latest.
        """
        if self.fallen == 1:
            return ""
        _, share = percents([self.fallen, 1 - self.fallen])
        return f"{'never' if self.end >= latest else f'not by {hour(self.end)}'} in {share}"

    def tell(self, latest: float) -> str:
        """Median and share that never falls, in words."""
        never = self.rest(latest)
        if not np.isfinite(self.median):
            return f"{never} of worlds"
        return f"median {hour(self.median)}{'; ' if never else ''}{never}"


def falls(
    ensembles: Sequence[xr.Dataset],
    *,
    documented: datetime | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Draw the share of worlds in which the palace has fallen by each hour, and below it how the hours are
    spread.

    The first ensemble is the one the title compares the others with; it tells of the largest shift.
    documented marks the hour of the record. Needs no tracks. Returns a Figure; with ax, draws the curves
    alone on those axes and returns them. Raises ValueError for an empty list.
    """
    shown = several(ensembles)
    found = [fall(data, *line_of(number)) for number, data in enumerate(shown)]
    text, extra = (title, "") if title else headed(shown)
    with style():
        if ax is not None:
            _curves(ax, shown, found, documented)
            headline(ax, text, pad=30, largest=16, room=1.2)
            small_print(ax, [source_line(shown)], own=False, below=36)
            return ax
        return _page(shown, found, documented, text, extra)


def fall(data: xr.Dataset, colour: str = INK, dashes: Any = "-", *, until: float = np.inf) -> Fall:
    """The hours of the fall in an ensemble; what is not finite, or comes after the horizon or `until` (days),
    is never.
    """
    end = min(num(end_of(data)), until)
    return Fall(name_of(data), np.sort(_days(data, end)), end, colour, dashes)


def _days(data: xr.Dataset, end: float) -> Points:
    """The day of the fall in each world (worlds,), infinite where it does not come by the end."""
    days = days_of(np.nan_to_num(np.asarray(data.palace_falls.values, float), nan=np.inf), start_of(data))
    return np.where(days <= end, days, np.inf)


def finding(ensembles: Sequence[xr.Dataset]) -> str:
    """How much earlier or later the palace falls than in the same worlds of the first ensemble, in the one
    where that is most.

    Two that end at different hours are held beside each other up to the earlier of their ends.
    """
    return headed(ensembles)[0]


def headed(ensembles: Sequence[xr.Dataset]) -> tuple[str, str]:
    """The finding, and what the small print must say of its numbers."""
    if len(ensembles) == 1:
        base = fall(ensembles[0])
        half = f", and in half of all by {hour(base.median)}" if base.fallen > 0.5 else ""
        return as_told(f"The palace falls in {percent(base.fallen)} of worlds{half}", ensembles[0]), ""
    shifts = [shift(ensembles[0], other) for other in ensembles[1:]]
    first = max(shifts, key=lambda one: one.told)
    return as_told(first.text, ensembles[0]), first.about


@dataclass(frozen=True)
class Shift:
    """What becomes of the fall in another ensemble: a sentence, what the small print says of it, and how much
    it tells: a change in how often it falls before one of the hour, and the larger before the smaller.
    """

    text: str
    about: str
    told: tuple[int, float]


def shift(base: xr.Dataset, other: xr.Dataset) -> Shift:
    """What becomes of the fall in another ensemble: how often it comes; if that is not changed beyond chance,
    its hour where it comes in both.
    """
    ends = num(end_of(base)), num(end_of(other))
    before, after = (24 * days for days in _paired(base, other, min(ends)))
    found = timing(before, after, sets_of(base))
    chance, hours = found.chance, found.hours
    often = told("points", found.base, found.other, chance.value, chance.low, chance.high)
    moved = told("h", *found.at, hours.value, hours.low, hours.high)
    supposed = f"{clause(other)}, the palace would have fallen"
    so_far = f" by {hour(min(ends))}" if ends[0] != ends[1] else ""
    about = (
        f"In the same worlds it falls in {often.other}, not {often.base} ({often.amount}); in both in "
        f"{hours.n:,} of {chance.n:,}{f', there by {moved.amount}' if hours.n else ''} (95 % intervals). "
    ).replace("-", "−")
    if chance.low > 0 or chance.high < 0:
        text = f"{supposed} in {often.other} of worlds{so_far}, not {often.base}"
        return Shift(text, about, (2, abs(chance.value)))
    if hours.low > 0 or hours.high < 0:
        way = "later" if hours.value > 0 else "earlier"
        amount, *sure = (figure.lstrip("+-") for figure in (moved.difference, moved.low, moved.high))
        near, far = sorted(sure, key=float)
        text = f"{supposed} {amount} h {way} where it falls in both ({near} to {far})"
        return Shift(text, about, (1, abs(hours.value)))
    if found.base == found.other == 0:
        return Shift(f"{supposed} in {often.other} of worlds{so_far}, as in {name_of(base)}", about, (0, 0.0))
    if chance.n < ENOUGH:
        few = (
            f"{chance.n} world{' is' if chance.n == 1 else 's are'} too few to tell a difference from chance"
        )
        return Shift(f"{clause(other)}: {few}", about, (0, 0.0))
    unmoved = f"neither how often the palace falls{so_far} nor when would have differed by more than chance"
    return Shift(f"{clause(other)}, {unmoved}", about, (0, 0.0))


def _paired(base: xr.Dataset, other: xr.Dataset, end: float) -> tuple[Points, Points]:
    """The day of the fall in the worlds that two ensembles share (worlds,), in each of them."""
    _, one, two = np.intersect1d(base.world.values, other.world.values, return_indices=True)
    return _days(base, end)[one], _days(other, end)[two]


def _page(
    shown: Sequence[xr.Dataset], found: Sequence[Fall], documented: datetime | None, text: str, extra: str
) -> Figure:
    lines = fold(
        f"{source_line(shown)} {extra}Strips: worlds by half hour; the line is the median.", WIDE - 0.6
    )
    foot = FOOT + 0.15 * len(lines)
    strips = STRIP * len(found)
    high = TOP + CURVES + GAP + strips + foot
    figure = new_figure((WIDE, high))
    across = (WIDE - LEFT - RIGHT) / WIDE
    above = figure.add_axes((LEFT / WIDE, (foot + strips + GAP) / high, across, CURVES / high))
    below = figure.add_axes((LEFT / WIDE, foot / high, across, strips / high))
    _curves(above, shown, found, documented)
    above.tick_params(axis="x", which="both", labelbottom=False)
    _strips(below, shown, found, documented)
    headline(above, text, pad=32, largest=20, room=(WIDE - LEFT - 0.3) / (WIDE - LEFT - RIGHT))
    small_print(above, lines, own=True, below=0)
    return figure


def _clock(ax: Axes, shown: Sequence[xr.Dataset], found: Sequence[Fall], documented: datetime | None) -> None:
    """From an hour before the first fall to the last horizon."""
    start, end = span_of(shown)
    falls_at = np.concatenate([one.days[np.isfinite(one.days)] for one in found])
    if falls_at.size:
        first = start + timedelta(days=float(falls_at.min()) - num(start)) - timedelta(hours=1)
        first = min(first, end - timedelta(hours=LEAST_HOURS), documented or end)
        start = max(start, first.replace(minute=0, second=0, microsecond=0))
    hours_axis(ax, start, end, every=6 if end - start > timedelta(hours=30) else 3)
    shade_nights(ax, start, end)


def _curves(
    ax: Axes, shown: Sequence[xr.Dataset], found: Sequence[Fall], documented: datetime | None
) -> None:
    plain(ax)
    _clock(ax, shown, found, documented)
    west, _ = ax.get_xlim()
    for number, one in enumerate(found):
        known = one.days[np.isfinite(one.days)]
        days = np.concatenate([[west], known, [one.end]])
        share = 100 * np.concatenate([[0], np.arange(1, len(known) + 1), [len(known)]]) / len(one.days)
        ax.step(
            days,
            share,
            where="post",
            color=one.colour,
            linestyle=one.dashes,
            linewidth=2.0,
            zorder=4 - 0.1 * number,
            gid=f"fallen:{one.name}",
        )
        if np.isfinite(one.median):
            ax.plot(
                [one.median],
                [50],
                "o",
                markersize=7,
                color=one.colour,
                markeredgecolor=PAPER,
                zorder=5,
                gid="median",
            )
    ax.set_ylim(0, 104)
    ax.set_yticks([0, 25, 50, 75, 100], [f"{tick} %" for tick in (0, 25, 50, 75, 100)], fontfamily=FONTS)
    latest = max(one.end for one in found)
    name_ends(ax, [(_end(one, latest), 100 * one.fallen, one.colour) for one in found], width=30)
    _document(ax, documented, named=True)
    below = as_told("Share of worlds in which the palace has fallen; dots: the median world", shown[0])
    subtitle(ax, below, up=6)


def _end(one: Fall, latest: float) -> str:
    rest = one.rest(latest)
    share, _ = percents([one.fallen, 1 - one.fallen])
    return f"{one.name}\nfallen in {share}{', ' if rest else ''}{rest}"


def _strips(
    ax: Axes, shown: Sequence[xr.Dataset], found: Sequence[Fall], documented: datetime | None
) -> None:
    """A strip a scenario, the darker the more worlds fall in that half hour."""
    ax.grid(visible=False)
    ax.spines[["top", "right", "left"]].set_visible(False)
    _clock(ax, shown, found, documented)
    west, east = ax.get_xlim()
    edges = np.arange(west, east + HALF_HOUR, HALF_HOUR)
    counts = [np.histogram(one.days[np.isfinite(one.days)], edges)[0] / len(one.days) for one in found]
    most = max((float(count.max()) for count in counts), default=0.0) or 1.0
    for row, (one, count) in enumerate(zip(found, counts, strict=True)):
        for left, share in zip(edges, count, strict=False):
            if share:
                ax.barh(
                    row,
                    HALF_HOUR,
                    left=left,
                    height=0.72,
                    color=one.colour,
                    alpha=0.12 + 0.78 * share / most,
                    edgecolor="none",
                    gid="strip",
                )
        if np.isfinite(one.median):
            ax.plot([one.median] * 2, [row - 0.45, row + 0.45], color=PAPER, linewidth=3.4, zorder=4)
            ax.plot([one.median] * 2, [row - 0.45, row + 0.45], color=one.colour, linewidth=1.6, zorder=5)
        note(ax, one.tell(max(each.end for each in found)), (1, row), (8, 0), colour=one.colour, size=10)
    ax.set(ylim=(len(found) - 0.4, -0.6), yticks=[])
    _document(ax, documented, named=False)


def _document(ax: Axes, documented: datetime | None, *, named: bool) -> None:
    west, east = ax.get_xlim()
    if documented is None or not west <= num(documented) <= east:
        return
    when = num(documented)
    ax.axvline(when, color=SOFT, linewidth=1.0, linestyle=(0, (1, 2)), zorder=3.5, gid="documented")
    if named:
        late = when > west + 0.3 * (east - west)
        ax.annotate(
            f"documented\n{documented:%H:%M}",
            (when, 0),
            (-5 if late else 5, 6),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right" if late else "left",
            va="bottom",
            size=9.5,
            style="italic",
            color=SOFT,
            fontfamily=FONTS,
            linespacing=1.0,
            zorder=6,
        )
