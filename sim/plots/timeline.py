"""Places changing hands, in a run and in the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.collections import PatchCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.history.geometry import Points
from sim.plots.moment import short_name
from sim.plots.style import (
    FONTS,
    HISTORY,
    PAPER,
    SIDES,
    blend,
    finish,
    headline,
    hours_axis,
    moments,
    new_axes,
    note,
    page_size,
    plain,
    run_line,
    shade_nights,
    style,
    subtitle,
    times,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

# A holder is told by colour, by lightness and by the breadth of his bar.
BREADTH = {1: 0.62, -1: 0.36, 0: 0.08}
TINTS = {side: blend((PAPER, colour), 0.26) for side, colour in SIDES.items()}
# In points: the key below the axes, and how wide axes must be for a key of one line.
KEY_BELOW, KEY_WIDE = 40.0, 605.0
CLOSE = pd.Timedelta(hours=2)


def timeline(
    data: xr.Dataset,
    chronicle: pd.DataFrame,
    *,
    world: int = 0,
    ax: Axes | None = None,
    record: Mapping[str, datetime] | None = None,
) -> Axes:
    """Draw who held each objective and each place of the palace quarter over time, against the record.

    data is `run.data`, chronicle is `run.chronicle()`. Rows go by the documented hour of the last capture and
    by name. record may add documented hours, place to time, of captures that the chronicle does not tell.
    """
    changes = captures(data, chronicle, record or {})
    rows = _rows(data, changes)
    with style():
        panel = (
            new_axes((12.0, 2.3 + 0.24 * len(rows)), left=2.35, right=1.15, top=1.05, bottom=1.25)
            if ax is None
            else ax
        )
        shade_nights(panel, *times(data))
        _draw_holders(panel, data, rows, world)
        _draw_changes(panel, changes, rows)
        _write_differences(panel, changes, rows)
        _dress(panel, data, rows)
        headline(panel, finding(changes), pad=30, largest=20, room=1.15)
        subtitle(panel, _summary(changes))
        finish(panel, run_line(data, world), own=ax is None, below=66)
    return panel


def captures(data: xr.Dataset, chronicle: pd.DataFrame, record: Mapping[str, datetime]) -> pd.DataFrame:
    """The changes of hands of the scored places: place, side, time here, documented time; NaT if none."""
    scored = set(data.place.values[data.objective.values > 0].tolist())
    told = chronicle[(chronicle["kind"] == "capture") & chronicle["place"].isin(scored)]
    found = pd.DataFrame(
        {
            "place": told["place"].astype(str),
            "side": told["side"].astype(int),
            "time": pd.to_datetime(told["time"]),
            "documented": pd.to_datetime(told["record"]),
        }
    )
    known = set(found.loc[found["documented"].notna(), "place"])
    missed = [
        (place, 0, pd.NaT, pd.Timestamp(when)) for place, when in record.items() if place in scored - known
    ]
    if not missed:
        return found.reset_index(drop=True)
    return pd.concat([found, pd.DataFrame(missed, columns=found.columns)], ignore_index=True)


def finding(changes: pd.DataFrame) -> str:
    """What the timeline shows, in a sentence: how many places change hands when the record says they did."""
    last = _last_documented(changes)
    if last.empty:
        return (
            f"{_places(changes['place'].nunique())} changed hands; the record has no hour to hold beside them"
        )
    near = int(((last["time"] - last["documented"]).abs() <= CLOSE).sum())
    return f"{near} of {_places(len(last))} change hands within two hours of the record"


def _summary(changes: pd.DataFrame) -> str:
    last = _last_documented(changes)
    off = (last["time"] - last["documented"]).dropna()
    if off.empty:
        return "Filled marks: changes of hands in this run."
    middle = float(off.dt.total_seconds().median()) / 60
    how = (
        "on the hour of the record"
        if abs(middle) < 1
        else f"{_hours(abs(middle))} {'late' if middle > 0 else 'early'}"
    )
    never = len(last) - len(off)
    said = f"The median change comes {how}."
    if never:
        said += f" {_places(never)} never changed hands here."
    back = _lost_again(changes)
    return f"{said} {_places(back)} changed hands once more after that." if back else said


def _lost_again(changes: pd.DataFrame) -> int:
    """How many places change hands once more after the change that the record has."""
    last = _last_documented(changes)["time"].dropna()
    latest = changes.groupby("place")["time"].max()
    return int((latest.reindex(last.index) > last).sum())


def _places(count: int) -> str:
    return f"{count} place" if count == 1 else f"{count} places"


def _hours(minutes: float) -> str:
    whole, rest = divmod(round(minutes), 60)
    return f"{whole} h {rest:02d} min" if whole else f"{rest} min"


def _last_documented(changes: pd.DataFrame) -> pd.DataFrame:
    """A row a place: its last capture that the record knows."""
    return (
        changes.dropna(subset="documented")
        .sort_values("documented")
        .groupby("place")
        .tail(1)
        .set_index("place")
    )


def _rows(data: xr.Dataset, changes: pd.DataFrame) -> dict[str, int]:
    """The scored places, each with its row from the top."""
    documented = _last_documented(changes)["documented"]
    names = {
        str(place): short_name(str(name))
        for place, name in zip(data.place.values, data.place_name.values, strict=True)
    }
    scored = [str(place) for place in data.place.values[data.objective.values > 0]]
    scored.sort(key=lambda place: (documented.get(place, pd.Timestamp.max), names[place]))
    return {place: row for row, place in enumerate(scored)}


def _draw_holders(ax: Axes, data: xr.Dataset, rows: Mapping[str, int], world: int) -> None:
    days = moments(data.time.values)
    edges = np.append(days, days[-1])
    bars: dict[int, list[Rectangle]] = {side: [] for side in BREADTH}
    for place, row in rows.items():
        holder = data.holder.isel(world=world).sel(place=place).values.astype(int)
        turns = np.concatenate([[0], np.flatnonzero(np.diff(holder)) + 1, [len(holder)]])
        for start, stop in pairwise(turns):
            side = int(holder[start])
            low = row - BREADTH[side] / 2
            bars[side].append(Rectangle((edges[start], low), edges[stop] - edges[start], BREADTH[side]))
    for side, shapes in bars.items():
        ax.add_collection(
            PatchCollection(shapes, facecolor=TINTS[side], edgecolor="none", zorder=2, gid=f"held:{side}")
        )


def _draw_changes(ax: Axes, changes: pd.DataFrame, rows: Mapping[str, int]) -> None:
    height = changes["place"].map(dict(rows)).to_numpy(float)
    ours, theirs = _days(changes["time"]), _days(changes["documented"])
    ax.hlines(height, ours, theirs, colors=HISTORY, linewidths=1.0, zorder=3)
    ax.plot(
        theirs,
        height,
        linestyle="none",
        marker="D",
        markersize=7.2,
        markerfacecolor=PAPER,
        markeredgecolor=HISTORY,
        markeredgewidth=1.1,
        zorder=4,
        gid="record",
    )
    for side in (-1, 0, 1):
        these = (changes["side"] == side).to_numpy() & np.isfinite(ours)
        shape = "s" if side == -1 else "o"
        ax.plot(
            ours[these],
            height[these],
            linestyle="none",
            marker=shape,
            markersize=5.6,
            markerfacecolor=SIDES[side],
            markeredgecolor=HISTORY,
            markeredgewidth=0.7,
            zorder=5,
            gid=f"change:{side}",
        )


def _write_differences(ax: Axes, changes: pd.DataFrame, rows: Mapping[str, int]) -> None:
    """At the right of each row, how late or early its last documented change came."""
    note(ax, "late +, early −", (1, -0.95), (8, 0), style="italic", size=9.5)
    last = _last_documented(changes)
    for place, off in (last["time"] - last["documented"]).items():
        text = "never"
        if pd.notna(off):
            minutes = round(off.total_seconds() / 60)
            text = f"{'−' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"
        note(ax, text, (1, rows[str(place)]), (8, 0), size=9.5)


def _days(column: pd.Series[pd.Timestamp]) -> Points:
    """Times as numbers on a time axis, missing ones as nan."""
    return np.where(column.isna(), np.nan, moments(column.fillna(pd.Timestamp(0)).to_numpy("datetime64[s]")))


def _dress(ax: Axes, data: xr.Dataset, rows: Mapping[str, int]) -> None:
    names = data.place_name.sel(place=list(rows)).values
    plain(ax, grid="x")
    ax.set_ylim(len(rows) - 0.4, -0.7)
    ax.set_yticks(
        range(len(rows)), [short_name(str(name)) for name in names], fontfamily=FONTS, color=HISTORY
    )
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    hours_axis(ax, *times(data))
    under = -KEY_BELOW / page_size(ax)[1]
    handles = _key()
    in_a_line = page_size(ax)[0] >= KEY_WIDE
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, under),
        ncols=len(handles) if in_a_line else len(handles) // 2,
        borderaxespad=0,
        borderpad=0,
        handlelength=1.4,
        handletextpad=0.5,
        columnspacing=1.1,
        prop={"family": FONTS, "size": 10.0},
    )


def _key() -> list[Patch | Line2D]:
    def mark(label: str, shape: str, size: float, face: str) -> Line2D:
        return Line2D(
            [], [], linestyle="none", marker=shape, markersize=size, mfc=face, mec=HISTORY, label=label
        )

    return [
        Line2D([], [], color=TINTS[1], linewidth=9, solid_capstyle="butt", label="held by the Soviet"),
        Line2D([], [], color=TINTS[-1], linewidth=5, solid_capstyle="butt", label="by the government"),
        Line2D([], [], color=SIDES[0], linewidth=1.5, solid_capstyle="butt", label="by neither"),
        mark("changed hands", "o", 5.6, SIDES[1]),
        mark("to the government", "s", 5.2, SIDES[-1]),
        mark("documented hour", "D", 7.2, PAPER),
    ]
