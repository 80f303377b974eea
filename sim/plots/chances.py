"""Chances: how likely an end was at every half hour, what moved it, and how much hung on the next hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.history.geometry import Points
from sim.plots.endings import ENDINGS
from sim.plots.margins import fold, name_ends, small_print, text_width
from sim.plots.shares import KEY_LINE, Part, key, key_lines
from sim.plots.style import (
    FONTS,
    HISTORY,
    INK,
    NEITHER,
    PAPER,
    QUIET,
    SOFT,
    headline,
    hours_axis,
    moments,
    new_axes,
    new_figure,
    num,
    page_size,
    plain,
    shade_nights,
    style,
    subtitle,
)
from sim.plots.worlds import signed
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.names import Names

# In inches the page, its margins, the panels and the gap.
WIDE, LEFT, RIGHT, TOP, FOOT, CURVES, BELOW, GAP = 12.0, 0.8, 2.35, 1.0, 1.0, 3.9, 1.05, 0.42
# The names of turning points: letters in a line, their size in points, the lines of one, the gap beside it.
LETTERS, SIZE, LINES, BESIDE = 27, 9.2, 3, 9.0
OCTOBER = "#b0571c"
HALF_HOUR = timedelta(minutes=30)
READINGS = (
    "This history's own: the share of its futures from that hour on; band: 95 % interval. October so far: "
    "the same share among the histories least far from the documented hours up to then. Prior: among all. "
    "Turning points are found on one half of the futures and valued on the other."
)
LEVERAGE = "Leverage: how far the next hour moved it; 1 is as far as the mean hour"


@dataclass(frozen=True)
class Flag:
    """The name of a turning point: its day, its chance, its lines, how wide they are in points, its tier."""

    day: float
    chance: float
    text: str
    wide: float
    tier: int = 0


def chances(
    table: pd.DataFrame,
    points: pd.DataFrame,
    *,
    what: str = "it comes so",
    about: str = "",
    no_return: datetime | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Draw the chance that something comes at every half hour in three readings, with the turning points
    named at their moments, and leverage below.

    table is `Chances.table`, points is `Chances.turning_points()`, what says whose chance it is, no_return is
    marked. Returns a Figure; with ax, draws the chances alone on those axes and returns them.
    """
    text = title or finding(table, what, no_return)
    with style():
        if ax is not None:
            _curves(ax, table, points, what, no_return)
            flags = _flags(ax, table, points)
            _raise(ax, flags)
            headline(ax, text, pad=26 + _tall(flags), largest=16, room=1.2)
            small_print(ax, [about], own=False, below=36)
            return ax
        return _page(table, points, what, about, no_return, text)


def finding(table: pd.DataFrame, what: str, no_return: datetime | None) -> str:
    """What the chart shows, in a sentence."""
    if no_return is None:
        return f"It stayed open to the end whether {what}"
    said = f"{no_return.day} Oct {no_return:%H:%M}"
    first, last = (percent(float(table["chance"].iloc[k])) for k in (0, -1))
    if no_return == table.index[0]:
        return f"It was never open: the chance that {what} begins at {first}"
    return f"From {said} on there was no return: the chance that {what} goes from {first} to {last}"


def _page(
    table: pd.DataFrame, points: pd.DataFrame, what: str, about: str, no_return: datetime | None, text: str
) -> Figure:
    lines = fold(f"{about} {READINGS}", WIDE - 0.6)
    foot = FOOT + 0.13 * len(lines)
    figure = new_figure((WIDE, TOP + CURVES + GAP + BELOW + foot))
    across = (WIDE - LEFT - RIGHT) / WIDE
    above = figure.add_axes((LEFT / WIDE, 0.4, across, 0.4))
    _curves(above, table, points, what, no_return)
    flags = _flags(above, table, points)
    top = TOP + _tall(flags) / 72
    high = top + CURVES + GAP + BELOW + foot
    figure.set_size_inches(WIDE, high)
    above.set_position((LEFT / WIDE, (foot + BELOW + GAP) / high, across, CURVES / high))
    below = figure.add_axes((LEFT / WIDE, foot / high, across, BELOW / high))
    _raise(above, flags)
    _leverage(below, table)
    above.tick_params(axis="x", which="both", labelbottom=False)
    headline(above, text, pad=28 + _tall(flags), largest=20, room=(WIDE - LEFT - 0.3) / (WIDE - LEFT - RIGHT))
    small_print(above, lines, own=True, below=0)
    return figure


def _span(table: pd.DataFrame) -> tuple[datetime, datetime]:
    first, last = (pd.Timestamp(table.index[end]).to_pydatetime() for end in (0, -1))
    return first, last + HALF_HOUR


def _clock(ax: Axes, table: pd.DataFrame) -> None:
    start, end = _span(table)
    hours_axis(ax, start, end, every=6 if end - start > timedelta(hours=30) else 3)
    shade_nights(ax, start, end)


def _curves(
    ax: Axes, table: pd.DataFrame, points: pd.DataFrame, what: str, no_return: datetime | None
) -> None:
    plain(ax)
    _clock(ax, table)
    days = moments(table.index.to_numpy())
    ax.axhline(100 * table["prior"].iloc[0], color=QUIET, linewidth=1.2, linestyle=(0, (1, 2)), gid="prior")
    for name, band, colour, dashes, width in (
        ("so_far", ("so_far_low", "so_far_high"), OCTOBER, (0, (5, 2)), 1.6),
        ("chance", ("low", "high"), HISTORY, "-", 2.2),
    ):
        low, high = (100 * table[end] for end in band)
        ax.fill_between(days, low, high, color=colour, alpha=0.15, linewidth=0, zorder=2)
        ax.plot(days, 100 * table[name], color=colour, linestyle=dashes, linewidth=width, zorder=3, gid=name)
    for at in points["at"]:
        there = num(pd.Timestamp(at).to_pydatetime())
        ax.plot(
            [there],
            [_at(days, table, there)],
            "o",
            markersize=6,
            color=HISTORY,
            markeredgecolor=PAPER,
            zorder=5,
            gid="turn",
        )
    ax.set_ylim(-1, 101)
    ax.set_yticks([0, 25, 50, 75, 100], [f"{tick} %" for tick in (0, 25, 50, 75, 100)], fontfamily=FONTS)
    ax.set_ylabel(f"Chance that {what}", fontfamily=FONTS, size=11, color=SOFT)
    _mark_no_return(ax, table, no_return)
    ends = [
        (f"this history {percent(table['chance'].iloc[-1])}", table["chance"].iloc[-1], HISTORY),
        (f"October so far {percent(table['so_far'].iloc[-1])}", table["so_far"].iloc[-1], OCTOBER),
        (f"prior {percent(table['prior'].iloc[0])}", table["prior"].iloc[0], QUIET),
    ]
    name_ends(ax, [(text, 100 * float(value), colour) for text, value, colour in ends], width=26)


def _at(days: Points, table: pd.DataFrame, day: float) -> float:
    """The chance at a moment, in per cent."""
    return float(np.interp(day, days, 100 * table["chance"].to_numpy(float)))


def _mark_no_return(ax: Axes, table: pd.DataFrame, no_return: datetime | None) -> None:
    if no_return is None or no_return == table.index[0]:
        return
    when = num(no_return)
    west, east = ax.get_xlim()
    late = when > west + 0.75 * (east - west)
    ax.axvline(when, color=INK, linewidth=1.0, linestyle=(0, (4, 3)), zorder=2.5, gid="no return")
    ax.annotate(
        f"no return\nfrom {no_return:%H:%M}",
        (when, 0.5),
        (-5 if late else 5, 0),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right" if late else "left",
        va="center",
        size=10,
        style="italic",
        color=INK,
        fontfamily=FONTS,
        linespacing=1.05,
        zorder=6,
    )


def _flags(ax: Axes, table: pd.DataFrame, points: pd.DataFrame) -> list[Flag]:
    """The names of turning points, each in the lowest tier in which neither it nor its staff meets another: a
    name stands right of its staff, so whoever stands within it is lower.
    """
    days, wide = moments(table.index.to_numpy()), page_size(ax)[0]
    west, east = ax.get_xlim()
    placed: list[Flag] = []
    for at, change, event in points.sort_values("at", ascending=False)[["at", "change", "event"]].to_numpy():
        told = wrap(str(event) or "nothing that is told", LETTERS)
        if len(told) > LINES - 1:
            told = [*told[: LINES - 2], f"{told[LINES - 2][: LETTERS - 2].rstrip()} …"]
        lines = [f"{at:%H:%M}  {signed(100 * float(change))} points", *told]
        flag = Flag(num(at), 0.0, "\n".join(lines), max(text_width(line, SIZE) for line in lines) + BESIDE)
        reach = flag.day + flag.wide * (east - west) / wide
        within = [other.tier for other in placed if other.day <= reach]
        placed.append(replace(flag, chance=_at(days, table, flag.day), tier=max(within, default=-1) + 1))
    return placed


def _tall(flags: Sequence[Flag]) -> float:
    """How many points the tiers of names take above axes."""
    tiers = 1 + max((flag.tier for flag in flags), default=-1)
    return tiers * (LINES * SIZE * 1.12 + 6.0)


def _raise(ax: Axes, flags: Sequence[Flag]) -> None:
    """Write the names above axes, each on its staff."""
    tier = LINES * SIZE * 1.12 + 6.0
    for flag in flags:
        up = 6 + flag.tier * tier
        ax.annotate(
            "",
            (flag.day, flag.chance),
            (flag.day, 1 + (up + SIZE * 1.12 * (1 + flag.text.count("\n"))) / page_size(ax)[1]),
            xycoords="data",
            textcoords=("data", "axes fraction"),
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": QUIET, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 4},
            zorder=2.4,
        )
        ax.annotate(
            flag.text,
            (flag.day, 1),
            (4, up),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            size=SIZE,
            color=SOFT,
            va="bottom",
            linespacing=1.05,
            annotation_clip=False,
            fontfamily=FONTS,
            gid="flag",
        )


def _leverage(ax: Axes, table: pd.DataFrame) -> None:
    plain(ax)
    _clock(ax, table)
    days = moments(table.index.to_numpy())
    ax.bar(
        days, table["leverage"], width=1 / 48, align="edge", color=NEITHER, edgecolor="none", gid="leverage"
    )
    ax.axhline(1, color=INK, linewidth=0.8, gid="mean hour")
    ax.set_ylim(0, max(2.0, 1.08 * float(table["leverage"].max())))
    subtitle(ax, LEVERAGE, up=6)


def chances_of_endings(
    endings: pd.DataFrame, *, about: str = "", names: Names | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the chance of every ending at every half hour, one upon another, from the Soviet's to the
    government's.

    endings is `Chances.endings`. Returns the axes.
    """
    columns = list(endings.columns)
    wanted = [(code, part) for code, (part, _) in ENDINGS.items() if endings[columns[code]].max() > 0]
    parts = [
        Part(names.in_event(part.name) if names else part.name, part.colour, part.hatched)
        for _, part in wanted
    ]
    with style():
        panel = new_axes((WIDE, 5.6), left=0.8, right=0.5, top=1.25, bottom=0.95) if ax is None else ax
        plain(panel)
        _clock(panel, endings)
        days, base = moments(endings.index.to_numpy()), np.zeros(len(endings))
        for (code, _), part in zip(wanted, parts, strict=True):
            above = base + 100 * endings[columns[code]].to_numpy(float)
            panel.fill_between(
                days,
                base,
                above,
                facecolor=part.colour,
                edgecolor=PAPER,
                linewidth=0.6,
                hatch="////" if part.hatched else None,
                zorder=1.5,
                gid=part.name,
            )
            base = above
        panel.set_ylim(0, 100)
        panel.set_xlim(days[0], days[-1])
        panel.set_yticks(
            [0, 25, 50, 75, 100], [f"{tick} %" for tick in (0, 25, 50, 75, 100)], fontfamily=FONTS
        )
        heading = "Chance of each ending of this history: the government …"
        key(panel, parts, names.in_event(heading) if names else heading)
        deep = len(key_lines(parts, page_size(panel)[0]))
        headline(panel, _commonest(endings, wanted), pad=36 + deep * KEY_LINE, largest=18, room=1.0)
        small_print(panel, [about], own=ax is None, below=36)
    return panel


def _commonest(endings: pd.DataFrame, wanted: Sequence[tuple[int, Part]]) -> str:
    """The likeliest ending at the beginning and how likely it is at the end, in a sentence."""
    columns = list(endings.columns)
    code, part = max(wanted, key=lambda one: float(endings[columns[one[0]]].iloc[0]))
    first, last = (percent(float(endings[columns[code]].iloc[end])) for end in (0, -1))
    return f"At first it is likeliest that the government {part.name}, {first}; at the last half hour {last}"
