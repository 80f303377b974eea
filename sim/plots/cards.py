"""A card: one decision, the chance after each of its courses, and what it was before the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from sim import clock
from sim.analysis.cards import Card
from sim.names import capital
from sim.plots.margins import fold, margin, row_names, small_print
from sim.plots.style import FONTS, INK, QUIET, RULE, SIDES, headline, new_axes, note, plain, style, subtitle
from sim.wording import in_words, percent, scaled, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In inches the page, a row and the margins; in points the columns at the right.
WIDE, ROW, TOP, RIGHT, FOOT = 10.0, 0.42, 1.28, 3.0, 0.78
COLUMNS = (12.0, 54.0, 170.0)
WHOSE = {-1: "the government", 0: "neither side, seen from the government's", 1: "the Soviet"}


def card(of: Card, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a decision: a row a course, that which was taken filled and at the top, with 95 % intervals of its
    chance; the dashed line is the chance before the choice, the mean of the courses. At the right the
    chance, the paired difference from what was taken, and how often the course comes out best.
    """
    rows = of.courses
    names = row_names(rows["label"].astype(str).tolist(), 30)
    lines = fold(_print(of), WIDE - 0.6)
    left = margin(names)
    with style():
        panel = ax
        if panel is None:
            foot = FOOT + 0.15 * len(lines)
            size = (WIDE, TOP + foot + ROW * max(len(rows), 2))
            panel = new_axes(size, left=left, right=RIGHT, top=TOP, bottom=foot)
        _draw(panel, of)
        _dress(panel, of, names)
        _write(panel, of)
        room = 1.2 if ax is not None else (WIDE - left - 0.3) / (WIDE - left - RIGHT)
        headline(panel, title or finding(of), pad=46, largest=18, room=room)
        subtitle(
            panel,
            f"{clock.label(of.hour)}; {WHOSE[of.side]}; taken in {percent(of.reached)} of histories",
            up=26,
        )
        small_print(panel, lines, own=ax is None, below=40)
    return panel


def finding(of: Card) -> str:
    """What was taken, and whether it was right, in a sentence."""
    return f"{capital(of.taken)}: {of.verdict}"


def _print(of: Card) -> str:
    said = (
        "Bars: 95 % intervals; the difference is that in the same worlds. Best: in how many of 2,000 "
        "resamples of the sets of parameters the course comes out best. Dashed: the mean of the courses."
    )
    return " ".join(part for part in (of.unless, of.surely, f"{of.source}.", said) if part)


def _draw(ax: Axes, of: Card) -> None:
    """The chances with their intervals, and the chance before the choice."""
    course: Any
    for row, course in enumerate(of.courses.itertuples(index=False)):
        colour = SIDES[1 if of.side > 0 else -1] if course.taken else QUIET
        value, low, high = (scaled(float(x), of.unit) for x in (course.value, course.low, course.high))
        if np.isfinite(low):
            ax.plot(
                [low, high], [row, row], color=colour, linewidth=2.4, solid_capstyle="butt", gid="interval"
            )
        ax.plot(
            [value],
            [row],
            "o",
            markersize=9 if course.taken else 7.5,
            color=colour,
            markerfacecolor=colour if course.taken else ax.get_facecolor(),
            markeredgewidth=1.4,
            zorder=4,
            gid="taken" if course.taken else "course",
        )
    ax.axvline(
        scaled(of.before, of.unit), color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2, gid="before"
    )


def _dress(ax: Axes, of: Card, names: list[str]) -> None:
    plain(ax, grid="x")
    ends = np.array(
        [scaled(float(x), of.unit) for x in of.courses[["low", "high", "value"]].to_numpy().ravel()]
    )
    ends = ends[np.isfinite(ends)]
    room = max(float(np.ptp(ends)) * 0.08, 1.0 if of.unit == "points" else 0.1)
    low, high = ends.min() - room, ends.max() + room
    ax.set_xlim(*((max(low, -1.5), min(high, 101.5)) if of.unit == "points" else (low, high)))
    ax.set_ylim(len(names) - 0.45, -0.6)
    ax.set_yticks(range(len(names)), names, fontfamily=FONTS, color=INK, size=11, linespacing=0.95)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    if of.unit == "points":
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    ax.set_xlabel(of.judged, fontfamily=FONTS, color=QUIET, size=11, loc="left")
    for row in range(len(names)):
        ax.axhline(row, color=RULE, linewidth=0.5, linestyle=(0, (1, 3)), zorder=1)


def _write(ax: Axes, of: Card) -> None:
    """At the right: chance, difference, and how often it is the best."""
    heads = ("chance" if of.unit == "points" else "mean", "against what was taken", "best in")
    for column, head in zip(COLUMNS, heads, strict=True):
        note(ax, head, (1, -0.72), (column, 6), style="italic", size=10)
    first = of.courses.iloc[0]
    course: Any
    for row, course in enumerate(of.courses.itertuples(index=False)):
        numbers = (course.difference, course.difference_low, course.difference_high)
        said = told(of.unit, float(first["value"]), float(first["value"]) + course.difference, *numbers)
        moved = f"{said.difference} ({said.low} to {said.high})" if said.low else said.difference
        texts = (
            in_words(course.value, of.unit),
            "taken" if course.taken else moved.replace("-", "−") if course.pairs else "no pair differs",
            f"{100 * course.best:.0f} %",
        )
        for column, text in zip(COLUMNS, texts, strict=True):
            note(ax, text, (1, row), (column, 0), colour=INK, size=10.5)
