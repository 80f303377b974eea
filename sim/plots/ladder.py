"""Effects of many scenarios on one measure, ranked, each with its interval, beside what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim.counterfactual.measures import VERDICTS, hardly
from sim.plots.margins import fold, margin, row_names, small_print, text_width
from sim.plots.style import (
    COUNTERFACTUAL,
    FONTS,
    INK,
    QUIET,
    RULE,
    headline,
    new_axes,
    note,
    page_size,
    plain,
    style,
    subtitle,
)
from sim.plots.worlds import words
from sim.results.effects import chance_of, in_figures
from sim.wording import scaled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UNITS = {"h": "hours", "points": "percentage points", "killed": "people"}
# What stands after a number; of the killed, nothing.
AFTER = {"points": " points", "killed": ""}
ENDS = ("difference", "low", "high")
EXPECTED = {"+": ">", "-": "<", "0": "d"}
KEY = (
    "Triangles point where the effect was expected (a diamond: hardly any, {small}); full where the model "
    "confirms it, hollow where the histories do not settle it, crossed where it is not confirmed."
)
# In inches a row and the margins; in points the columns at the right.
WIDE, ROW, TOP, RIGHT, FOOT = 12.0, 0.36, 1.1, 3.15, 0.72
COLUMNS = (10.0, 126.0, 140.0)
HAPPENS = 132.0  # the points that how often something happens takes, where that has to be told


def ladder(
    effects: pd.DataFrame,
    *,
    measure: str,
    title: str | None = None,
    about: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the effect of every scenario on a measure, the largest at the top, with its 95 % interval.

    effects has a row a (scenario, measure): label, unit ("points", "h", "killed"), difference, low, high
    (shares in 0..1, drawn as percentage points), expected ("+", "-", "0", "") and agreed ("yes", "no",
    "open", ""). What is in hours may have how often it happens, as Comparison.effects has it: that stands
    before the effect, which is that of the histories in which it happens in both. about is the footnote's
    first sentence: worlds, seed, version; without it, it is read from effects.attrs. Raises ValueError for a
    measure that is not in the table.
    """
    rows = ranked(effects, measure)
    names = row_names(rows["scenario"].astype(str).tolist(), 34)
    lines = _print(rows, about or _about(effects))
    right = RIGHT + HAPPENS / 72 * _happens(rows)
    left = margin(names)
    folded = fold(" ".join(line for line in lines if line), WIDE - 0.6)
    with style():
        panel = ax
        if panel is None:
            foot = FOOT + 0.15 * len(folded)
            size = (WIDE, TOP + foot + ROW * max(len(rows), 2))
            panel = new_axes(size, left=left, right=right, top=TOP, bottom=foot)
        _draw(panel, rows)
        _dress(panel, rows, names)
        _write(panel, rows)
        headline(
            panel,
            title or finding(rows),
            pad=32,
            largest=20,
            room=1.2 if ax is not None else (WIDE - left - 0.3) / (WIDE - left - right),
        )
        subtitle(panel, _summary(rows, page_size(panel)[0]), up=13)
        small_print(panel, folded if ax is None else lines, own=ax is None, below=40)
    return panel


def _print(rows: pd.DataFrame, source: str) -> list[str]:
    """The small print: where the numbers are from, and how the marks are read."""
    key = KEY.format(small=_small(rows))
    return [
        f"{source.rstrip('.')}." if source else "",
        f"Difference from history in the same worlds, 95 % intervals. {key}",
    ]


def ranked(effects: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The rows of one measure, the largest effect first, what is not finite last: `said` as it is told, and
    the ends as they are drawn (shares in points).
    """
    rows = effects[effects["measure"] == measure]
    if rows.empty:
        raise ValueError(
            f"measure: wanted one of {', '.join(effects['measure'].astype(str).unique())}, got {measure!r}"
        )
    size = rows["difference"].astype(float).abs().replace(np.inf, np.nan)
    drawn = {
        key: [scaled(float(value), unit) for value, unit in zip(rows[key], rows["unit"], strict=True)]
        for key in ENDS
    }
    whole = rows.assign(**{key: np.nan for key in ("base", "other") if key not in rows})
    said = [in_figures(effect) for effect in whole.to_dict("records")]
    return (
        rows.assign(size=size, said=pd.Series(said, rows.index, dtype=object), **drawn)
        .sort_values("size", ascending=False, kind="stable", na_position="last")
        .drop(columns="size")
    )


def finding(rows: pd.DataFrame) -> str:
    """The largest effect that can be told from none, in a sentence."""
    label, unit = str(rows["label"].iloc[0]), str(rows["unit"].iloc[0])
    what, many = _what(label, unit), len(rows) > 1
    told = rows[_told(rows)]
    if told.empty:
        who = f"None of {len(rows)} changes" if many else f"“{words(str(rows['scenario'].iloc[0]))}”"
        return f"{who} {'moves' if many else 'does not move'} {what} by more than chance"
    first = told.iloc[0]
    by = f"{signs(first['said'].difference)}{AFTER.get(unit, f' {unit}')}{_sure(first)}"
    if _happens(rows):
        by += f", in the {first['histories']:,} worlds in which it happens in both"
    rises = float(first["difference"]) > 0
    way = {"h": ("delays", "brings forward")}.get(unit, ("raises", "lowers"))[not rises]
    changes = f"Of {len(rows)} changes, " if many else ""
    return f"{changes}“{words(str(first['scenario']))}” {way} {what}{' most' * many}: {by}"


def _what(label: str, unit: str) -> str:
    """What a measure is of, as a noun: the hour at which something happens, the chance that it does.

    >>> _what("the palace falls", "h"), _what("broad coalition", "points"), _what("killed", "killed")
    ('the hour at which the palace falls', 'the chance of “broad coalition”', 'the number killed')
    """
    if unit == "h":
        return f"the hour at which {label}"
    if unit == "points":
        if " who " in label:
            return f"the share of {label}"
        clause = label.split()[0] in ("the", "a", "nothing", "relief")
        return f"the chance that {label}" if clause else f"the chance of “{label}”"
    return f"the number {label}" if label.startswith("killed") else f"the number of {label}"


def signs(figure: str) -> str:
    """A figure with a true minus."""
    return figure.replace("-", "−")


def _sure(effect: pd.Series[Any]) -> str:
    """The interval of an effect in brackets, or nothing where there is none."""
    said = effect["said"]
    return f" ({signs(said.low)} to {signs(said.high)})" if said.low else ""


def _happens(rows: pd.DataFrame) -> bool:
    """Whether the table says how often what has an hour happens."""
    return bool("chance_base" in rows and (rows["unit"] == "h").all())


def _small(rows: pd.DataFrame) -> str:
    """What counts as hardly any change."""
    unit = str(rows["unit"].iloc[0])
    return f"{hardly('points')} and {hardly(unit)}" if unit == "h" else hardly(unit)


def _told(rows: pd.DataFrame) -> pd.Series[bool]:
    return (rows["low"].astype(float) > 0) | (rows["high"].astype(float) < 0)


def _summary(rows: pd.DataFrame, wide: float) -> str:
    """What is measured, and how many went as expected if there is room for it, in points."""
    verdicts = rows["agreed"].astype(str).value_counts()
    told = [f"{verdicts[key]} {text}" for key, text in VERDICTS.items() if key in verdicts]
    label = _what(str(rows["label"].iloc[0]), str(rows["unit"].iloc[0]))
    where = " where it happens in both" * _happens(rows)
    what = f"Effect on {label}, in {UNITS.get(str(rows['unit'].iloc[0]), rows['unit'].iloc[0])}{where}."
    full = f"{what} Expected: {', '.join(told)}." if told else what
    return full if text_width(full, 11.5) < wide else what


def _about(effects: pd.DataFrame) -> str:
    about = effects.attrs
    known = [
        f"{about['worlds']:,} worlds" if "worlds" in about else "",
        f"seed {about['seed']}" if "seed" in about else "",
    ]
    known.append(f"version {about['version']}" if "version" in about else "")
    text = "; ".join(part for part in known if part)
    return f"{text}." if text else ""


def _draw(ax: Axes, rows: pd.DataFrame) -> None:
    """Points and their intervals: red where they can be told from none."""
    told = _told(rows).to_numpy()
    for row, (_, effect) in enumerate(rows.iterrows()):
        value, low, high = (float(effect[key]) for key in ENDS)
        colour = COUNTERFACTUAL if told[row] else QUIET
        if np.isfinite(value):
            ax.plot(
                [low, high],
                [row, row],
                color=colour,
                linewidth=2.2,
                solid_capstyle="butt",
                zorder=3,
                gid="interval",
            )
            face = colour if told[row] else ax.get_facecolor()
            ax.plot(
                [value], [row], "o", markersize=7, color=colour, markerfacecolor=face, zorder=4, gid="effect"
            )
    ax.axvline(0, color=INK, linewidth=0.9, zorder=2, gid="zero")


def _dress(ax: Axes, rows: pd.DataFrame, names: list[str]) -> None:
    plain(ax, grid="x")
    ends = np.concatenate([[0.0], *(rows[key].to_numpy(float) for key in ENDS)])
    ends = ends[np.isfinite(ends)]
    room = max(float(np.ptp(ends)) * 0.05, 0.1)
    ax.set_xlim(ends.min() - room, ends.max() + room)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), names, fontfamily=FONTS, color=INK, size=10.5, linespacing=0.95)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(
        lambda value, _: f"{round(value, 6):+,g}".replace("-", "−") if abs(value) > 1e-9 else "0"
    )
    unit = str(rows["unit"].iloc[0])
    ax.set_xlabel(UNITS.get(unit, unit), fontfamily=FONTS, color=QUIET, size=10.5, loc="right")
    for row in range(len(rows)):
        ax.axhline(row, color=RULE, linewidth=0.5, linestyle=(0, (1, 3)), zorder=1)


def _write(ax: Axes, rows: pd.DataFrame) -> None:
    """At the right: how often what has an hour happens, the effect in figures, where it was expected, and
    whether it went so.
    """
    happens = _happens(rows)
    aside = HAPPENS * happens
    if happens:
        note(ax, "happens in; in both", (1, -0.75), (COLUMNS[0], 6), style="italic", size=10)
    note(ax, "effect", (1, -0.75), (aside + COLUMNS[0], 6), style="italic", size=10)
    note(ax, "expected?", (1, -0.75), (aside + COLUMNS[1] - 4, 6), style="italic", size=10)
    for row, (_, effect) in enumerate(rows.iterrows()):
        known = np.isfinite(float(effect["difference"]))
        text = f"{signs(effect['said'].difference)}{_sure(effect)}" if known else "not to be told"
        note(ax, text, (1, row), (aside + COLUMNS[0], 0), colour=INK, size=10)
        if happens:
            often = in_figures(chance_of(effect.to_dict()))
            text = f"{often.other}, not {often.base}" if often.other != often.base else often.base
            note(ax, f"{text}; {effect['histories']:,}", (1, row), (COLUMNS[0], 0), colour=INK, size=10)
        _expect(ax, row, str(effect["expected"]), str(effect["agreed"]), aside)


def _expect(ax: Axes, row: int, expected: str, agreed: str, aside: float) -> None:
    note(
        ax,
        VERDICTS.get(agreed, ""),
        (1, row),
        (aside + COLUMNS[2], 0),
        colour=INK if agreed == "no" else QUIET,
        size=10,
    )
    if expected not in EXPECTED:
        return
    from matplotlib.transforms import ScaledTranslation

    figure = ax.get_figure(root=True)
    assert figure is not None
    shift = ScaledTranslation((aside + COLUMNS[1] + 3) / 72, 0, figure.dpi_scale_trans)
    where = ax.get_yaxis_transform(which="grid") + shift
    ax.plot(
        [1],
        [row],
        marker=EXPECTED[expected],
        markersize=6,
        markeredgecolor=QUIET,
        markeredgewidth=0.9,
        linestyle="none",
        markerfacecolor=QUIET if agreed == "yes" else "none",
        transform=where,
        clip_on=False,
        gid=f"expected:{expected}",
    )
    if agreed == "no":
        ax.plot(
            [1],
            [row],
            marker="x",
            markersize=8,
            color=INK,
            transform=where,
            clip_on=False,
            linestyle="none",
            gid="against",
        )
