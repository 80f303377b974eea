"""Two scenarios over time: the band of each over its worlds, and below it what the same worlds differ by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import xarray as xr
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.clock import parse
from sim.history.geometry import Points
from sim.plots.margins import fold, name_ends, small_print
from sim.plots.style import (
    COUNTERFACTUAL,
    FONTS,
    HISTORY,
    INK,
    headline,
    hours_axis,
    new_figure,
    num,
    plain,
    shade_nights,
    style,
    subtitle,
)
from sim.plots.worlds import (
    ENOUGH,
    Band,
    Difference,
    band,
    clause,
    difference,
    hour,
    interval,
    name_of,
    need,
    pair,
    signed,
    source_line,
    span_of,
)
from sim.wording import in_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Of = Literal["places", "men", "soviet_men", "government_men", "killed"]
Decision = tuple[str | datetime, str]

# In inches the page, its margins, the panel of the difference and the gaps.
SIZE, LEFT, RIGHT, TOP, BOTTOM, BELOW, GAP, AISLE = (12.0, 7.4), 0.8, 1.8, 1.05, 0.74, 1.75, 0.5, 0.6
HEADROOM = 1.16
BANDS = "Dark and light bands: 50 and 90 % of worlds; line: the {line}."
BELOW_BANDS = "Below: mean difference of the same worlds, its 95 % interval (pointwise), and 90 % of worlds."


@dataclass(frozen=True)
class Measure:
    """A thing to be followed: the track it is read from, a caption, digits, and a sentence for its
    difference.
    """

    track: str
    caption: str
    digits: int
    effect: str
    line: str = "median"


MEASURES: dict[str, Measure] = {
    "places": Measure(
        "held",
        "Objectives the Soviet holds, of {of}",
        1,
        "the Soviet would have held {by} {more} of the {of} objectives",
    ),
    "soviet_men": Measure(
        "active_men",
        "Men in the city in action for the Soviet",
        0,
        "{by} {more} men would have been in action for the Soviet",
    ),
    "government_men": Measure(
        "active_men",
        "Men in the city in action for the government",
        0,
        "{by} {more} men would have been in action for the government",
    ),
    "killed": Measure(
        "killed", "Killed until then, both sides", 1, "{by} {more} would have been killed", "mean"
    ),
}


def bands(
    base: xr.Dataset,
    other: xr.Dataset,
    *,
    of: Of = "places",
    decision: Decision | None = None,
    difference: xr.DataArray | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Draw two ensembles over time, and what the same worlds differ by.

    of is "places" (objectives the Soviet holds), "soviet_men", "government_men" (men of a side in action in
    the city), "men" (both, side by side) or "killed" (of both sides, so far). decision is the time and the
    words of the decision that was changed. difference (world, time), or (world, time, side) for "men", takes
    the place of other - base in the shared worlds. Returns a Figure; with ax, draws the bands alone on those
    axes and returns them. Raises ValueError without tracks, for an unknown `of`, and for ensembles without a
    seed and a world in common.
    """
    wanted = _wanted(of, alone=ax is not None)
    for data in (base, other):
        need(data, *(MEASURES[name].track for name in wanted))
    found = {name: _difference(base, other, name, difference) for name in wanted}
    text = title or finding(base, other, found)
    with style():
        if ax is not None:
            _bands(ax, base, other, wanted[0], decision)
            headline(ax, text, pad=30, largest=16, room=1.2)
            small_print(
                ax,
                [source_line([base, other]), BANDS.format(line=MEASURES[wanted[0]].line)],
                own=False,
                below=36,
            )
            return ax
        return _page(base, other, found, decision, text)


def _wanted(of: str, *, alone: bool) -> list[str]:
    if of == "men" and not alone:
        return ["soviet_men", "government_men"]
    if of not in MEASURES:
        choice = ", ".join([*MEASURES] if alone else [*MEASURES, "men"])
        raise ValueError(f"of: wanted one of {choice}{' on given axes' if alone else ''}, got {of!r}")
    return [of]


def count(data: xr.Dataset, of: str) -> xr.DataArray:
    """What is followed, (world, time): places, men or killed."""
    if of == "places":
        return data.held.sel(side="soviet").transpose("world", "time")
    if of == "killed":
        return data.killed.sum("side").transpose("world", "time")
    return data.active_men.sel(side=of.removesuffix("_men")).transpose("world", "time")


def _difference(base: xr.Dataset, other: xr.Dataset, of: str, given: xr.DataArray | None) -> Difference:
    if given is not None:
        one_side = given.sel(side=of.removesuffix("_men")) if "side" in given.dims else given
        return difference(one_side.transpose("world", "time"))
    one, two = pair(base, other)
    return difference(count(two, of).astype(float) - count(one, of).astype(float))


def finding(base: xr.Dataset, other: xr.Dataset, found: dict[str, Difference]) -> str:
    """What the figure shows, in a sentence: the largest difference that can be told from none, and when; and
    what is left of it where it turns into its contrary.
    """
    of = max(found, key=lambda name: _strength(found[name]))
    gap, measure = found[of], MEASURES[of]
    at = gap.largest
    if gap.worlds < ENOUGH:
        return (
            f"{clause(other)}: {gap.worlds} {'world is' if gap.worlds == 1 else 'worlds are'} too few "
            "to tell a difference from chance"
        )
    if at is None:
        return f"{clause(other)}, no hour would have differed by more than chance"
    down = gap.mean[at] < 0
    ends = (gap.sure_high, gap.sure_low) if down else (gap.sure_low, gap.sure_high)
    by, low, high = (_rounded(abs(float(values[at]))) for values in (gap.mean, *ends))
    told = measure.effect.format(
        by=in_digits(by, measure.digits), more="fewer" if down else "more", of=_scored(base)
    )
    turned = gap.sure_low[-1] > 0 if down else gap.sure_high[-1] < 0
    last = in_digits(_rounded(abs(float(gap.mean[-1]))), measure.digits)
    end = f", but {last} {'more' if down else 'fewer'} at the end" if turned else ""
    return f"{clause(other)}, {told} at {hour(gap.days[at])}{interval(low, high, measure.digits)}{end}"


def _strength(gap: Difference) -> float:
    """How far the largest difference is from nothing, in half intervals."""
    at = gap.largest
    return 0.0 if at is None else float(abs(gap.mean[at]) / max(gap.sure_high[at] - gap.mean[at], 1e-9))


def _rounded(value: float) -> float:
    """A number to three figures, as a sentence has it."""
    return float(f"{value:.3g}")


def _scored(data: xr.Dataset) -> int:
    return int((data.objective.values > 0).sum())


def _page(
    base: xr.Dataset, other: xr.Dataset, found: dict[str, Difference], decision: Decision | None, text: str
) -> Figure:
    figure = new_figure(SIZE)
    wide, high = SIZE
    drawn = BANDS.format(line=MEASURES[next(iter(found))].line)
    lines = fold(f"{source_line([base, other])} {drawn} {BELOW_BANDS}", wide - 0.6)
    bottom = BOTTOM + 0.15 * len(lines)
    across = (wide - LEFT - RIGHT * len(found) - AISLE * (len(found) - 1)) / len(found)
    upper = high - TOP - GAP - BELOW - bottom
    for column, (of, gap) in enumerate(found.items()):
        left = LEFT + column * (across + RIGHT + AISLE)
        above = figure.add_axes((left / wide, (bottom + BELOW + GAP) / high, across / wide, upper / high))
        below = figure.add_axes((left / wide, bottom / high, across / wide, BELOW / high))
        _bands(above, base, other, of, decision, named=column == 0)
        above.tick_params(axis="x", which="both", labelbottom=False)
        _gap(below, base, other, of, gap, decision)
    first = figure.axes[0]
    headline(first, text, pad=32, largest=20, room=(wide - LEFT - 0.3) / across)
    small_print(first, lines, own=True, below=0)
    return figure


def _bands(
    ax: Axes, base: xr.Dataset, other: xr.Dataset, of: str, decision: Decision | None, *, named: bool = True
) -> None:
    """The two bands, history's first."""
    plain(ax)
    _clock(ax, base, other)
    ends, most = [], 1.0
    for data, colour, order in ((base, HISTORY, 3.0), (other, COUNTERFACTUAL, 3.5)):
        over = band(count(data, of))
        line = over.mean if MEASURES[of].line == "mean" else over.middle
        _fill(ax, over, colour, order)
        ax.plot(
            over.days,
            line,
            color=colour,
            linewidth=2.0,
            zorder=order + 2,
            **_alone(over.days),
            gid=f"{MEASURES[of].line}:{data.attrs.get('scenario', '?')}",
        )
        most = max(most, float(over.high.max()))
        digits = 1 if MEASURES[of].line == "mean" else 0
        ends.append((f"{name_of(data)} {in_digits(float(line[-1]), digits)}", float(line[-1]), colour))
    ax.set_ylim(0, most * HEADROOM)
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    _mark(ax, decision, named=named)
    name_ends(ax, ends)
    subtitle(ax, MEASURES[of].caption.format(of=_scored(base)), up=6)


def _alone(days: Points) -> dict[str, Any]:
    """How a line of a single point, which would not be seen, is drawn."""
    return {"marker": "o", "markersize": 7, "clip_on": False} if len(days) == 1 else {}


def _fill(ax: Axes, over: Band, colour: str, order: float) -> None:
    for low, high, strength in ((over.low, over.high, 0.14), (over.lower, over.upper, 0.24)):
        ax.fill_between(
            over.days, low, high, facecolor=colour, alpha=strength, edgecolor="none", zorder=order
        )


def _clock(ax: Axes, base: xr.Dataset, other: xr.Dataset) -> None:
    start, end = span_of([base, other])
    hours_axis(ax, start, end, every=6 if ax.bbox.width > 500 else 12)
    shade_nights(ax, start, end)


def _gap(
    ax: Axes, base: xr.Dataset, other: xr.Dataset, of: str, gap: Difference, decision: Decision | None
) -> None:
    """The paired difference over time."""
    plain(ax)
    _clock(ax, base, other)
    for low, high, strength, name in (
        (gap.low, gap.high, 0.16, "range"),
        (gap.sure_low, gap.sure_high, 0.34, "interval"),
    ):
        ax.fill_between(
            gap.days,
            low,
            high,
            facecolor=COUNTERFACTUAL,
            alpha=strength,
            edgecolor="none",
            zorder=2.5,
            gid=name,
        )
    ax.plot(
        gap.days,
        gap.mean,
        color=COUNTERFACTUAL,
        linewidth=1.8,
        zorder=4,
        gid="difference",
        **_alone(gap.days),
    )
    ax.axhline(0, color=INK, linewidth=0.8, zorder=3.5)
    least, most = float(gap.low.min(initial=-1.0)), float(gap.high.max(initial=1.0))
    ax.set_ylim(least - 0.08 * (most - least), most + 0.08 * (most - least))
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))
    _mark(ax, decision, named=False)
    digits, last = MEASURES[of].digits, float(gap.mean[-1])
    sure = interval(float(gap.sure_low[-1]), float(gap.sure_high[-1]), digits, sign=True)
    name_ends(ax, [(f"{signed(last, digits)}\n{sure.strip()}".strip(), last, COUNTERFACTUAL)])
    subtitle(ax, f"Difference from {name_of(base)} in the same worlds", up=6)


def _mark(ax: Axes, decision: Decision | None, *, named: bool) -> None:
    """A dashed line at the decision that was changed, its words at the head of it."""
    west, east = ax.get_xlim()
    if decision is None or not west <= num(parse(decision[0])) <= east:
        return
    when, text = num(parse(decision[0])), decision[1]
    ax.axvline(when, color=INK, linewidth=1.0, linestyle=(0, (5, 3)), zorder=4.5, gid="decision")
    if named:
        late = when > west + 0.6 * (east - west)
        ax.annotate(
            text,
            (when, 1),
            (-5 if late else 5, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            size=10,
            style="italic",
            color=INK,
            fontfamily=FONTS,
            zorder=6,
        )
