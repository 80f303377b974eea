"""How it ends: the chance of each ending and of each fate of the congress, a bar a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sim.counterfactual.measures import endings as endings_of
from sim.history.geometry import Points
from sim.plots.margins import fold, margin, row_names, small_print
from sim.plots.shares import KEY_LINE, ROW, Part, key, key_lines, make_room, occurring, of_codes, stack
from sim.plots.style import headline, new_figure, page_size, style
from sim.plots.worlds import as_told, clause, several, source_line, told_apart
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# From the Soviet's victories to the government's, which are hatched; an ending that is nobody's stands
# between them.
ENDINGS: dict[int, tuple[Part, str]] = {
    1: (
        Part("is arrested in its palace", "#a32917"),
        "the government would have been arrested in its palace",
    ),
    2: (Part("surrenders or flees", "#df7560"), "the government would have surrendered or fled"),
    5: (Part("comes to a settlement", "#c9bfa9"), "the government would have come to a settlement"),
    7: (
        Part("has lost its palace, nothing decided", "#b5a594"),
        "the palace would have been lost, with nothing decided,",
    ),
    6: (Part("has its palace, nothing decided", "#8e887c"), "nothing would have been decided by the end"),
    0: (Part("still open", "#e7e1d4"), "all would still have been open"),
    4: (Part("is relieved", "#7193bd", hatched=True), "the government would have been relieved"),
    3: (Part("holds the city", "#173f74", hatched=True), "the government would have held the city"),
}
CONGRESS: dict[int, Part] = {
    1: Part("one-party assembly", "#a32917"),
    2: Part("broad coalition", "#df9d8c"),
    3: Part("adjourned", "#c9bfa9"),
    0: Part("does not meet", "#8e887c"),
}
# In inches the page and its parts.
WIDE, TOP, RIGHT, GAP, SECOND, FOOT = 12.0, 0.95, 0.35, 0.4, 0.34, 0.32


def endings(
    ensembles: Sequence[xr.Dataset], *, title: str | None = None, ax: Axes | None = None
) -> Figure | Axes:
    """Draw the chance of every ending as stacked bars, a row an ensemble, and beside it the congress's fate.

    The first ensemble is the one the title compares the others with. Needs no tracks. Returns a Figure; with
    ax, draws the endings alone on those axes and returns them. Raises ValueError for an empty list.
    """
    shown = several(ensembles)
    text = title or finding(shown)
    words = [replace(part, name=as_told(part.name, shown[0])) for part, _ in ENDINGS.values()]
    ended, parts = occurring(chances(shown), words)
    heading = as_told("How it ends: the government …", shown[0])
    names = row_names([str(data.attrs.get("scenario", "?")) for data in shown])
    with style():
        if ax is not None:
            deep = len(key_lines(parts, page_size(ax)[0]))
            make_room(ax, 56 + deep * KEY_LINE)
            stack(ax, ended, parts, names=names)
            key(ax, parts, heading)
            headline(ax, text, pad=36 + deep * KEY_LINE, largest=16, room=1.2)
            small_print(ax, [source_line(shown)], own=False, below=4)
            return ax
        return _page(shown, ended, parts, names, text, heading)


def chances(ensembles: Sequence[xr.Dataset]) -> Points:
    """The chance of each ending, (ensembles, endings) in the order of ENDINGS."""
    return np.stack([of_codes(endings_of(data).astype(float), list(ENDINGS)) for data in ensembles])


def finding(ensembles: Sequence[xr.Dataset]) -> str:
    """The largest shift of an ending, in a sentence; of a single ensemble, its commonest ending."""
    found = chances(ensembles)
    verbs = [verb for _, verb in ENDINGS.values()]
    if len(ensembles) > 1:
        shift = found[1:] - found[0]
        row, column = divmod(int(np.abs(shift).argmax()), shift.shape[1])
        worlds = [ensembles[0].sizes["world"], ensembles[row + 1].sizes["world"]]
        if told_apart(found[[0, row + 1], column], worlds):
            before, after = percent(float(found[0, column])), percent(float(found[row + 1, column]))
            said = as_told(verbs[column], ensembles[0])
            return f"{clause(ensembles[row + 1])}, {said} in {after} of worlds, not {before}"
    most = int(found[0].argmax())
    part = list(ENDINGS.values())[most][0]
    alike = ", and no change tells against chance" if len(ensembles) > 1 else ""
    share = percent(float(found[0, most]))
    return as_told(f"In {share} of worlds the government {part.name}{alike}", ensembles[0])


def _page(
    shown: Sequence[xr.Dataset],
    ended: Points,
    parts: Sequence[Part],
    names: Sequence[str],
    text: str,
    heading: str,
) -> Figure:
    met, fates = occurring(
        np.stack([of_codes(data.congress.values, list(CONGRESS)) for data in shown]), list(CONGRESS.values())
    )
    left = margin(names)
    inner = WIDE - left - RIGHT - GAP
    widths = (inner * (1 - SECOND), inner * SECOND)
    deep = max(len(key_lines(part, wide * 72)) for part, wide in ((parts, widths[0]), (fates, widths[1])))
    lines = fold(source_line(shown), WIDE - 0.6)
    foot = FOOT + 0.15 * len(lines)
    rows = max(ROW * len(shown), 0.5)
    high = TOP + deep * KEY_LINE / 72 + 0.25 + rows + foot
    figure = new_figure((WIDE, high))
    first = figure.add_axes((left / WIDE, foot / high, widths[0] / WIDE, rows / high))
    second = figure.add_axes(((left + widths[0] + GAP) / WIDE, foot / high, widths[1] / WIDE, rows / high))
    stack(first, ended, parts, names=names)
    stack(second, met, fates, names=None)
    key(first, parts, heading, lines=deep)
    key(second, fates, "The congress of Soviets", lines=deep)
    headline(first, text, pad=38 + deep * KEY_LINE, largest=20, room=(WIDE - left - RIGHT) / widths[0])
    small_print(first, lines, own=True, below=0)
    return figure
