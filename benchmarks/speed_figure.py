"""The figure of docs/performance.md: a history by way of running, and growth with the units."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import (
    COUNTERFACTUAL,
    FONTS,
    HISTORY,
    INK,
    NEITHER,
    QUIET,
    RULE,
    footnote,
    headline,
    new_figure,
    plain,
    style,
    subtitle,
)

WIDE, HIGH = 12.0, 5.6
MARKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True)
class Pace:
    """Median milliseconds of the processor a history, by way of running; histories a second on one thread and
    on two; how many times as long the peer takes; processors that there were.
    """

    whole: Mapping[str, float]
    few: Mapping[str, float]
    rates: tuple[float, float]
    threads: float
    at_most: float  # what two threads bring where both processors are free
    due: float
    everybody: float
    rounds: int
    free: float  # processors that two busy processes had

    @classmethod
    def of(
        cls,
        whole: Mapping[str, Sequence[float]],
        few: Mapping[str, Sequence[float]],
        walls: tuple[Sequence[float], Sequence[float]],
        at_most: float,
        free: float,
    ) -> Pace:
        """Out of what every round measured; `few` has the compiled rules first, then the peer's two ways;
        `walls` are milliseconds on the wall on one thread and on two.
        """
        rules, due, everybody = few.values()
        one, two = walls
        return cls(
            {name: statistics.median(each) for name, each in whole.items()},
            {name: statistics.median(each) for name, each in few.items()},
            (1e3 / statistics.median(one), 1e3 / statistics.median(two)),
            times(one, two),
            at_most,
            times(due, rules),
            times(everybody, rules),
            len(rules),
            free,
        )


def times(these: Sequence[float], those: Sequence[float]) -> float:
    """How many times as long one thing takes as another: the median of the rounds."""
    return statistics.median(a / b for a, b in zip(these, those))


@dataclass(frozen=True)
class Growth:
    """Units, bytes of a record and median milliseconds of the processor for a history, by resolution."""

    resolutions: Sequence[float]
    units: Sequence[int]
    bytes: Sequence[int]
    milliseconds: Sequence[float]

    @property
    def exponent(self) -> float:
        """The slope of a line through all the logarithms."""
        return self._slope(0)

    @property
    def from_usual(self) -> float:
        """The slope from the usual number of units up."""
        return self._slope(list(self.resolutions).index(1.0))

    def _slope(self, first: int) -> float:
        return float(np.polyfit(np.log(self.units[first:]), np.log(self.milliseconds[first:]), 1)[0])


def figure(pace: Pace, growth: Growth) -> Figure:
    """Both panels on a page."""
    with style():
        page = new_figure((WIDE, HIGH))
        left = page.add_axes((0.155, 0.17, 0.375, 0.64))
        right = page.add_axes((0.635, 0.17, 0.325, 0.64))
        ways_of_running(pace, left)
        growth_with_units(growth, right)
        footnote(
            page,
            f"Medians of {pace.rounds} rounds, all ways in turns in one process; version "
            f"{version('petrograd')}. The reduced city: three of the twelve rules; equal histories.",
        )
    return page


def ways_of_running(pace: Pace, ax: Axes) -> Axes:
    """Milliseconds a history, a dot a way of running: the whole model, and the reduced city."""
    plain(ax, grid="x")
    groups = (("The whole model", pace.whole, HISTORY), ("The reduced city", pace.few, COUNTERFACTUAL))
    labels: list[tuple[str, str, str]] = []
    for title, ways, colour in groups:
        labels.append((title, "italic", QUIET))
        for name, ms in ways.items():
            row, first = len(labels), name == next(iter(ways))
            labels.append((name, "normal", INK))
            ax.plot([1, ms], [row, row], color=RULE, linewidth=1.2, zorder=1)
            ax.plot([ms], [row], "o", markersize=9, color=HISTORY if first else colour, gid=name)
            write(ax, f"{ms:,.0f} ms" if ms >= 10 else f"{ms:.1f} ms", ms, row, (9, 0), "left", INK)
    ax.set_xscale("log")
    ax.set_xlim(1, 10 ** np.ceil(np.log10(2.2 * max(*pace.whole.values(), *pace.few.values()))))
    ax.set_ylim(len(labels) - 0.4, -0.6)
    marks = [10**k for k in range(round(np.log10(ax.get_xlim()[1])) + 1)]
    ax.set_xticks(marks, [f"{mark:,} ms" for mark in marks], fontfamily=FONTS)
    ax.set_yticks(range(len(labels)), [name for name, *_ in labels], fontfamily=FONTS)
    for tick, (_, slant, colour) in zip(ax.get_yticklabels(), labels):
        tick.set(style=slant, color=colour, size=10.5)
    ax.tick_params(axis="y", length=0)
    ax.minorticks_off()
    text = f"Agents in plain Python take {pace.due:.0f} to {pace.everybody:.0f} times as long"
    headline(ax, text, pad=30, largest=16, room=1.15)
    subtitle(ax, "Processor time of a history by way of running, on a logarithmic axis", up=6)
    return ax


def growth_with_units(growth: Growth, ax: Axes) -> Axes:
    """Milliseconds a history against units, beside a line on which twice the units take twice the time."""
    plain(ax)
    units, ms = np.array(growth.units, float), np.array(growth.milliseconds)
    usual = list(growth.resolutions).index(1.0)
    straight = ms[usual] * units / units[usual]
    ax.plot(units, straight, color=NEITHER, linewidth=1.4, linestyle=(0, (4, 3)), gid="slope 1")
    ax.plot(units, ms, "o-", color=HISTORY, markersize=6, gid="growth")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(units, [f"{int(u):,}" for u in units], fontfamily=FONTS)
    low, high = min(ms.min(), straight.min()) / 1.5, max(ms.max(), straight.max()) * 1.5
    ax.set_ylim(low, high)
    tens = [mark for mark in MARKS if low < mark < high]
    ax.set_yticks(tens, [f"{mark:,} ms" for mark in tens], fontfamily=FONTS)
    ax.minorticks_off()
    ax.set_xlabel("units", fontfamily=FONTS)
    above = ms[-1] > straight[-1]
    for name, line, colour, over in (
        ("measured", ms, HISTORY, above),
        ("twice the units,\ntwice the time", straight, QUIET, not above),
    ):
        at, shift, side = (-1, (-9, 5), "right") if over else (-2, (12, -12), "left")
        write(ax, name, units[at], line[at], shift, side, colour)
    headline(
        ax, f"Twice the units take {2**growth.exponent:.1f} times the time", pad=30, largest=16, room=1.15
    )
    power = f"fitted power {growth.exponent:.2f}"
    subtitle(ax, f"The same, of a history alone, by units; {power}", up=6)
    return ax


def write(
    ax: Axes, text: str, x: float, y: float, shift: tuple[float, float], side: str, colour: str
) -> None:
    """Write beside a point, so many points of the page away."""
    ax.annotate(
        text,
        (x, y),
        shift,
        textcoords="offset points",
        ha=side,
        va="center",
        size=10.5,
        color=colour,
        fontfamily=FONTS,
    )
