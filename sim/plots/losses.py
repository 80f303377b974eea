"""Decisions ranked: what each lost against the best of its courses, or was worth against their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim import clock
from sim.plots.margins import fold, margin, small_print, text_width
from sim.plots.style import FONTS, INK, QUIET, RULE, headline, new_axes, note, plain, style, subtitle
from sim.plots.style import SIDES as COLOURS
from sim.wording import in_words, scaled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In inches the page, a row and the margins; in points the columns at the right.
WIDE, ROW, TOP, FOOT = 12.0, 0.31, 1.1, 0.72
COLUMNS = (12.0, 118.0)
BEST = "best course (how often the one taken is)"
MARKS = {-1: "s", 0: "D", 1: "o"}
SAID = {
    "loss": ("lost against the best of its courses", "the best course"),
    "worth": ("was worth against the mean of its courses", "the course taken"),
}


def losses(
    table: pd.DataFrame,
    *,
    by: str = "loss",
    unit: str = "points",
    judged: str = "",
    about: str = "",
    most: int = 20,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw decisions ranked by what was lost (or what the course taken was worth), the most at the top.

    table has a row a decision: side, hour, taken, best, taken_best, and loss or worth with its ends _low and
    _high, as Worth.table has it. A full mark can be told from nought. Raises ValueError for another `by`.
    """
    if by not in SAID:
        raise ValueError(f"by: wanted one of {', '.join(SAID)}, got {by!r}")
    rows = table.sort_values(by, ascending=False, key=np.abs if by == "worth" else None, kind="stable")
    rows = rows.head(most).reset_index(drop=True)
    names = [f"{row.taken}" for row in rows.itertuples(index=False)]
    lines = fold(_print(rows, by, judged, about, len(table)), WIDE - 0.6)
    left = margin(names, 10.5)
    told = max(text_width(text, 10) for text in [BEST, *map(_best, rows.itertuples(index=False))])
    right = (COLUMNS[1] + told) / 72 + 0.15
    with style():
        panel = ax
        if panel is None:
            foot = FOOT + 0.15 * len(lines)
            size = (WIDE, TOP + foot + ROW * max(len(rows), 2))
            panel = new_axes(size, left=left, right=right, top=TOP, bottom=foot)
        _draw(panel, rows, by, unit)
        _dress(panel, rows, by, unit, names)
        _write(panel, rows, by, unit)
        room = 1.2 if ax is not None else (WIDE - left - 0.3) / (WIDE - left - right)
        headline(panel, title or finding(table, by, unit), pad=32, largest=19, room=room)
        subtitle(panel, f"What each {SAID[by][0]}", up=13)
        small_print(panel, lines, own=ax is None, below=40)
    return panel


def finding(table: pd.DataFrame, by: str, unit: str) -> str:
    """How many of the decisions can be told, and the largest of them, in a sentence."""
    sure = table[(table[f"{by}_low"] > 0) | (table[f"{by}_high"] < 0)]
    if sure.empty:
        what = "be told to have lost anything" if by == "loss" else "be told to have been worth anything"
        return f"None of {len(table)} decisions can {what}"
    first = sure.iloc[int(np.argmax(sure[by].abs().to_numpy()))]
    by_how_much = in_words(float(first[by]), unit, signed=True).lstrip("+").replace("-", "−")
    if by == "loss":
        better = "a better course" if len(sure) == 1 else "better courses"
        many = f"{len(sure)} of {len(table)} decisions had {better}"
        return f"{many}; '{first['taken']}' lost most ({by_how_much})"
    return f"'{first['taken']}' moved the chance most ({by_how_much}); {len(sure)} of {len(table)} did"


def _print(rows: pd.DataFrame, by: str, judged: str, about: str, of: int) -> str:
    how = (
        "each half of the pairs names the best course, the other measures it"
        if by == "loss"
        else "all courses alike"
    )
    shown = f"The first {len(rows)} of {of} decisions." if len(rows) < of else ""
    seen = f"Judged by {judged}." if judged else ""
    marks = "Square: the government's decision; circle: the Soviet's; diamond: of neither side."
    said = f"{marks} Paired differences with 95 % intervals; {how}. Full marks differ from nought."
    return " ".join(part for part in (shown, seen, said, f"{about}." if about else "") if part)


def _best(row: Any) -> str:
    """The day of a decision, its best course, and how often the one taken is."""
    best = "the one taken" if row.best == row.taken else str(row.best)
    return f"{clock.label(row.hour)[:6]}: {best} ({100 * row.taken_best:.0f} %)"


def _ends(row: Any, by: str, unit: str) -> tuple[float, ...]:
    """Value, low and high of a row as they are drawn."""
    return tuple(scaled(float(getattr(row, name)), unit) for name in (by, f"{by}_low", f"{by}_high"))


def _draw(ax: Axes, rows: pd.DataFrame, by: str, unit: str) -> None:
    row: Any
    for number, row in enumerate(rows.itertuples(index=False)):
        value, low, high = _ends(row, by, unit)
        sure, colour = low > 0 or high < 0, COLOURS[int(row.side)]
        if np.isfinite(low):
            ax.plot(
                [low, high],
                [number, number],
                color=colour,
                linewidth=2.2,
                solid_capstyle="butt",
                gid="interval",
            )
        ax.plot(
            [value],
            [number],
            MARKS[int(row.side)],
            markersize=7,
            color=colour,
            markerfacecolor=colour if sure else ax.get_facecolor(),
            zorder=4,
            gid=by,
        )
    ax.axvline(0, color=INK, linewidth=0.9, zorder=2, gid="zero")


def _dress(ax: Axes, rows: pd.DataFrame, by: str, unit: str, names: list[str]) -> None:
    plain(ax, grid="x")
    ends = np.array([0.0, *(x for row in rows.itertuples(index=False) for x in _ends(row, by, unit))])
    ends = ends[np.isfinite(ends)]
    room = max(float(np.ptp(ends)) * 0.05, 0.1)
    ax.set_xlim(ends.min() - room, ends.max() + room)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), names, fontfamily=FONTS, color=INK, size=10.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    what = {"points": "percentage points", "h": "hours"}.get(unit, unit)
    ax.set_xlabel(f"what it {SAID[by][0]}, {what}", fontfamily=FONTS, color=QUIET, size=10.5, loc="left")
    for row in range(len(rows)):
        ax.axhline(row, color=RULE, linewidth=0.5, linestyle=(0, (1, 3)), zorder=1)


def _write(ax: Axes, rows: pd.DataFrame, by: str, unit: str) -> None:
    """At the right: how much it is, and the best course."""
    for column, head in zip(COLUMNS, (by, BEST), strict=True):
        note(ax, head, (1, -0.75), (column, 6), style="italic", size=10)
    row: Any
    for number, row in enumerate(rows.itertuples(index=False)):
        value, low, high = (
            in_words(float(x), unit, signed=True).removesuffix(" points").replace("-", "−")
            for x in (getattr(row, by), getattr(row, f"{by}_low"), getattr(row, f"{by}_high"))
        )
        note(ax, f"{value} ({low} to {high})", (1, number), (COLUMNS[0], 0), colour=INK, size=10)
        note(ax, _best(row), (1, number), (COLUMNS[1], 0), colour=INK, size=10)
