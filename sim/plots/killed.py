"""The killed of each side: the share of worlds with none, one, a few and many, a bar a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sim.history.geometry import Points
from sim.plots.margins import fold, margin, row_names, small_print
from sim.plots.shares import KEY_LINE, ROW, Part, key, make_room, occurring, stack
from sim.plots.style import (
    GOVERNMENT,
    NEITHER,
    PAPER,
    QUIET,
    SOVIET,
    blend,
    headline,
    new_figure,
    note,
    style,
)
from sim.plots.worlds import clause, several, source_line, told_apart
from sim.wording import in_digits, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The classes, from so many killed on, and how strong the colour of each is.
FROM = (0, 1, 2, 6, 21, 101)
CLASSES = ("nobody", "1", "2–5", "6–20", "21–100", "more")
STRENGTH = (0.0, 0.28, 0.48, 0.68, 0.86, 1.0)
SIDES = {
    "killed_soviet": ("On the Soviet's side", SOVIET),
    "killed_government": ("On the government's side", GOVERNMENT),
}
BOTH = "both"
# In inches the page and its parts; the columns of figures beside each panel in points.
WIDE, TOP, RIGHT, GAP, FOOT = 12.0, 0.95, 1.45, 1.35, 0.32
COLUMNS = (44.0, 84.0)


def killed(
    ensembles: Sequence[xr.Dataset], *, title: str | None = None, ax: Axes | None = None
) -> Figure | Axes:
    """Draw in how many worlds how many are killed, a panel a side, a row an ensemble, mean and most beside
    it.

    The first ensemble is the one the title compares the others with. Needs no tracks. Returns a Figure; with
    ax, draws the killed of both sides together on those axes and returns them. Raises ValueError for an empty
    list.
    """
    shown = several(ensembles)
    text = title or finding(shown)
    names = row_names([str(data.attrs.get("scenario", "?")) for data in shown])
    with style():
        if ax is not None:
            make_room(ax, 56 + KEY_LINE)
            _panel(ax, [toll(data, BOTH) for data in shown], "Killed, both sides", QUIET, names)
            headline(ax, text, pad=36 + KEY_LINE, largest=16, room=1.2)
            small_print(ax, [source_line(shown)], own=False, below=4)
            return ax
        return _page(shown, names, text)


def toll(data: xr.Dataset, of: str) -> Points:
    """The killed in each world (worlds,): "killed_soviet", "killed_government" or "both"."""
    columns = list(SIDES) if of == BOTH else [of]
    return np.sum([np.nan_to_num(np.asarray(data[name].values, float)) for name in columns], axis=0)


def classes(counts: Points) -> Points:
    """The share of worlds (classes,) with none killed, one, a few, and so on."""
    rows = np.digitize(counts, FROM) - 1
    return np.bincount(rows, minlength=len(FROM)) / max(len(counts), 1)


def finding(ensembles: Sequence[xr.Dataset]) -> str:
    """In how many worlds nobody is killed, in a sentence: the ensemble farthest from the first."""
    quiet = np.array([float((toll(data, BOTH) == 0).mean()) for data in ensembles])
    if len(ensembles) > 1:
        farthest = 1 + int(np.abs(quiet[1:] - quiet[0]).argmax())
        if told_apart(
            quiet[[0, farthest]], [ensembles[0].sizes["world"], ensembles[farthest].sizes["world"]]
        ):
            after, before = percent(float(quiet[farthest])), percent(float(quiet[0]))
            return (
                f"{clause(ensembles[farthest])}, nobody would have been killed in {after} of worlds, "
                f"not {before}"
            )
    low, high = percent(float(quiet.min())), percent(float(quiet.max()))
    if low == high:
        return f"Nobody is killed in {low} of worlds{', whatever is changed' if len(ensembles) > 1 else ''}"
    return f"Whatever is changed, nobody is killed in {low} to {high} of worlds"


def _page(shown: Sequence[xr.Dataset], names: Sequence[str], text: str) -> Figure:
    left = margin(names)
    across = (WIDE - left - RIGHT - GAP) / 2
    lines = fold(
        f"{source_line(shown)} Figures beside the bars: mean over the worlds, most in one world.", WIDE - 0.6
    )
    foot = FOOT + 0.15 * len(lines)
    rows = max(ROW * len(shown), 0.5)
    high = TOP + KEY_LINE / 72 + 0.25 + rows + foot
    figure = new_figure((WIDE, high))
    for number, (of, (heading, colour)) in enumerate(SIDES.items()):
        ax = figure.add_axes(
            ((left + number * (across + GAP)) / WIDE, foot / high, across / WIDE, rows / high)
        )
        _panel(ax, [toll(data, of) for data in shown], heading, colour, names if number == 0 else None)
    first = figure.axes[0]
    headline(first, text, pad=38 + KEY_LINE, largest=20, room=(WIDE - left - 0.3) / across)
    small_print(first, lines, own=True, below=0)
    return figure


def _panel(ax: Axes, tolls: Sequence[Points], heading: str, colour: str, names: Sequence[str] | None) -> None:
    tints = [blend((colour, PAPER), strength) for strength in STRENGTH]
    tints[0] = blend((NEITHER, PAPER), 0.35)
    shares, parts = occurring(
        np.stack([classes(counts) for counts in tolls]),
        [Part(*both) for both in zip(CLASSES, tints, strict=True)],
    )
    stack(ax, shares, parts, names=names)
    key(ax, parts, f"{heading}: share of worlds by number killed")
    for column, name in zip(COLUMNS, ("mean", "most"), strict=True):
        note(ax, name, (1, -0.5), (column, 8), ha="right", style="italic", size=10)
    for row, counts in enumerate(tolls):
        for column, figure in zip(
            COLUMNS, (in_digits(float(counts.mean()), 2), f"{counts.max():,.0f}"), strict=True
        ):
            note(ax, figure, (1, row), (column, 0), ha="right", size=10)
