"""Men by stance: how many act, for whom, and how many stay in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, MultipleLocator

from sim.clock import label
from sim.history.geometry import Points
from sim.plots.style import (
    GOVERNMENT,
    INK,
    PAPER,
    QUIET,
    SIDES,
    SOVIET,
    apart,
    blend,
    footnote,
    headline,
    hours_axis,
    moments,
    new_figure,
    note,
    plain,
    run_line,
    shade_nights,
    style,
    subtitle,
    times,
)
from sim.plots.tally import Stances, count_men, finding, height_of, together, when
from sim.wording import in_digits

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINES: dict[str, tuple[str, str]] = {
    "Garrison": (INK, "-"),
    "Red Guards and sailors": (SOVIET, "-"),
    "Cadets, officers, volunteers": (GOVERNMENT, "-"),
    "Cossacks": ("#8a5a18", "--"),
    "Militia and others": (QUIET, ":"),
}
# In inches the page, its margins, gaps, least panel and panel of shares; in points the columns beside them.
SIZE = (12.0, 9.4)
LEFT, RIGHT, TOP, BOTTOM, GAP, LEAST, STAY = 0.85, 2.75, 1.46, 0.95, 0.32, 0.26, 1.75
COLUMNS = (52.0, 118.0, 184.0)
MOST = 104.0


def stances(data: xr.Dataset, *, world: int = 0, ax: Axes | None = None) -> Figure | Axes:
    """Draw the men of the city who act, the Soviet's above and the government's below, and how many stay in.

    data is `run.data`. All groups have one scale, men to the inch. Returns a Figure; with ax, draws all of
    them together on those axes and returns them.
    """
    groups = count_men(data, world)
    whole = together(groups)
    with style():
        if ax is None:
            return _draw_page(data, groups, whole, run_line(data, world))
        _mirror(ax, data, whole, _room(whole))
        hours_axis(ax, *times(data))
        _name_ends(ax, whole)
        headline(ax, finding(whole), largest=16, room=1.2)
        footnote(ax, run_line(data, world), below=36)
        return ax


def _draw_page(data: xr.Dataset, groups: list[Stances], whole: Stances, about: str) -> Figure:
    figure, panels = _page(groups)
    for panel, group in zip(panels, groups, strict=False):
        _mirror(panel, data, group, panel.get_ylim())
        hours_axis(panel, *times(data))
        panel.tick_params(axis="x", which="both", length=0, labelbottom=False)
        panel.spines["bottom"].set_visible(False)
        subtitle(panel, group.name, up=5)
        _tell_ends(panel, group)
    _stay(panels[-1], data, groups)
    _head_columns(panels[0], data, whole)
    headline(panels[0], finding(whole), pad=46, largest=20, room=1.28)
    scale = "Men in action, the Soviet's above the line, the government's below; all groups to one scale."
    subtitle(panels[0], f"{height_of(data, whole)} {scale}", up=27)
    footnote(figure, f"{about} Men inside the city; those who have left their post for good are not counted.")
    return figure


def _room(group: Stances) -> tuple[float, float]:
    """How far down and up a panel must reach, in men."""
    return -max(group.government.max() * 1.08, 1.0), max(group.soviet.max() * 1.08, 1.0)


def _page(groups: list[Stances]) -> tuple[Figure, list[Axes]]:
    """A panel for each group, as tall as its men ask, and one for the shares that stay in; in inches."""
    figure = new_figure(SIZE)
    rooms = [_room(group) for group in groups]
    reach = np.array([high - low for low, high in rooms])
    free = SIZE[1] - TOP - BOTTOM - STAY - GAP * len(groups)
    inch = _scale(reach, free)
    panels, edge = [], SIZE[1] - TOP
    for room, men in zip(rooms, reach, strict=True):
        tall = max(men * inch, LEAST)
        panel = _axes(figure, edge - tall, tall)
        spare = (tall / inch - men) / 2
        panel.set_ylim(room[0] - spare, room[1] + spare)
        panel.yaxis.set_major_locator(MultipleLocator(_step(free / inch)))
        panels.append(panel)
        edge -= tall + GAP
    return figure, [*panels, _axes(figure, BOTTOM, STAY)]


def _axes(figure: Figure, bottom: float, tall: float) -> Axes:
    wide, high = SIZE
    return figure.add_axes((LEFT / wide, bottom / high, 1 - (LEFT + RIGHT) / wide, tall / high))


def _scale(reach: Points, free: float) -> float:
    """Inches to a man, the same in every panel, when none may be less than LEAST tall."""
    small = np.zeros(len(reach), bool)
    inch = free / float(reach.sum())
    for _ in range(len(reach)):
        small = reach * inch < LEAST
        if small.all():
            break
        inch = (free - LEAST * int(small.sum())) / float(reach[~small].sum())
    return inch


def _step(reach: float) -> float:
    return next((step for step in (50, 100, 250, 500, 1000, 2500, 5000, 10000) if reach / step <= 22), 25000)


def _mirror(ax: Axes, data: xr.Dataset, group: Stances, room: tuple[float, float]) -> None:
    """One group: the men for the Soviet upwards, those for the government downwards."""
    days = moments(data.time.values)
    plain(ax)
    shade_nights(ax, *times(data))
    for side, men in ((1, group.soviet), (-1, -group.government)):
        fill = blend((PAPER, SIDES[side]), 0.3)
        ax.fill_between(days, men, step="post", facecolor=fill, edgecolor="none", zorder=2)
        ax.step(days, men, where="post", color=SIDES[side], linewidth=1.5, zorder=3, gid=f"acting:{side}")
    ax.axhline(0, color=INK, linewidth=0.8, zorder=4)
    ax.set_ylim(*room)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda men, _: f"{abs(men):,.0f}"))


def _ends(group: Stances) -> tuple[tuple[str, float, str], ...]:
    soviet, government = float(group.soviet[-1]), float(group.government[-1])
    staying = float(group.everyone[-1]) - soviet - government
    return ("Soviet", soviet, SIDES[1]), ("government", government, SIDES[-1]), ("staying in", staying, QUIET)


def _tell_ends(ax: Axes, group: Stances) -> None:
    """What a group's lines stand at in the end, in columns beside its panel."""
    for column, (_, men, colour) in zip(COLUMNS, _ends(group), strict=True):
        note(ax, f"{men:,.0f}", (1, 0), (column, 0), colour=colour, ha="right")


def _head_columns(ax: Axes, data: xr.Dataset, group: Stances) -> None:
    _, top = ax.get_ylim()
    for column, (name, _, colour) in zip(COLUMNS, _ends(group), strict=True):
        note(ax, name, (1, top), (column, 9), colour=colour, ha="right")
    note(ax, f"men at {label(when(data, -1))}", (1, top), (COLUMNS[-1], 25), ha="right", style="italic")


def _name_ends(ax: Axes, group: Stances) -> None:
    """The same, one under the other, beside a panel that stands alone."""
    for number, (name, men, colour) in enumerate(_ends(group)):
        note(ax, f"{name} {men:,.0f}", (1, 0), (9, 14 - 14 * number), colour=colour)


def _stay(ax: Axes, data: xr.Dataset, groups: list[Stances]) -> None:
    """The share of each group that acts for nobody."""
    days = moments(data.time.values)
    plain(ax)
    shade_nights(ax, *times(data))
    present = [group for group in groups if group.everyone.max() > 0]
    for group in present:
        colour, dashes = LINES[group.name]
        ax.plot(
            days,
            100 * group.staying,
            color=colour,
            linestyle=dashes,
            linewidth=1.7,
            gid=f"staying:{group.name}",
        )
    _name_lines(ax, {group.name: 100 * float(group.staying[-1]) for group in present})
    ax.set_ylim(0, MOST)
    ax.yaxis.set_major_locator(MultipleLocator(25))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0f} %"))
    hours_axis(ax, *times(data))
    subtitle(ax, "The share that stays in", up=5)


def _name_lines(ax: Axes, ends: Mapping[str, float]) -> None:
    known = {name: share for name, share in ends.items() if np.isfinite(share)}
    points = STAY * 72 / MOST
    heights = apart(list(known.values()), 13 / points)
    for (name, share), height in zip(known.items(), heights, strict=True):
        shift = (9.0, (height - share) * points)
        note(ax, f"{name} {in_digits(share)} %", (1, share), shift, colour=LINES[name][0])
