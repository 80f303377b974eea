"""What the comparison figures ask of ensembles: names, sentences, pairs of worlds, bands, and the small
print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import t

from sim.clock import START, label, moment, parse
from sim.history.geometry import Points
from sim.plots.style import COUNTERFACTUAL, HISTORY, moments, num, times
from sim.results.outcomes import names_of
from sim.wording import in_digits, supposed

# History, the counterfactual, and further ones; each may be told by its dashes too.
LINES: tuple[tuple[str, Any], ...] = (
    (HISTORY, "-"),
    (COUNTERFACTUAL, "-"),
    ("#8a5a18", (0, (5, 2))),
    ("#3a647e", (0, (1.2, 1.6))),
    ("#7a5c86", (0, (6, 2, 1.5, 2))),
    ("#5e6b3a", (0, (3, 1.5))),
)
# Fewer worlds than this say nothing about chance.
ENOUGH = 5
# What a scenario's name, which has no capitals, may have lost them in.
PROPER = {
    "aurora",
    "bolshevik",
    "cossack",
    "cossacks",
    "duma",
    "gatchina",
    "helsingfors",
    "kerensky",
    "krasnov",
    "kronstadt",
    "lenin",
    "liteiny",
    "mariinsky",
    "neva",
    "nevsky",
    "petrograd",
    "polkovnikov",
    "pskov",
    "smolny",
    "soviet",
    "trotsky",
    "troitsky",
    "vyborg",
}


def as_told(text: str, data: xr.Dataset) -> str:
    """A text on the government and its palace, with the names that they have in the event of an ensemble."""
    if "scenario_toml" not in data.attrs:
        return text
    return names_of(str(data.attrs["scenario_toml"])).in_event(text)


@dataclass(frozen=True)
class Band:
    """Worlds over time: the days of the axis (times,), and mean, median and quantiles over the worlds
    (times,).
    """

    days: Points
    mean: Points
    low: Points
    lower: Points
    middle: Points
    upper: Points
    high: Points


@dataclass(frozen=True)
class Difference:
    """Paired difference over time: days (times,), mean, its 95 % interval and the 90 % range of worlds
    (times,).
    """

    worlds: int
    days: Points
    mean: Points
    sure_low: Points
    sure_high: Points
    low: Points
    high: Points

    @property
    def largest(self) -> int | None:
        """Where the mean is farthest from nothing, among the times at which it can be told from nothing."""
        told = (self.sure_low > 0) | (self.sure_high < 0)
        return int(np.argmax(np.where(told, np.abs(self.mean), -1.0))) if told.any() else None


def words(name: str) -> str:
    """A scenario's name as one reads it.

    >>> words("no_raid_on_smolny"), words("historical")
    ('no raid on Smolny', 'history')
    """
    if name == "historical":
        return "history"
    return " ".join(word.title() if word in PROPER else word for word in name.split("_"))


def name_of(data: xr.Dataset) -> str:
    """The name of an ensemble's scenario, as one reads it."""
    return words(str(data.attrs.get("scenario", "?")))


def line_of(number: int) -> tuple[str, Any]:
    """Colour and dashes of the line of an ensemble by its place in a list; beyond six they come again, but
    for the first two.
    """
    return LINES[number if number < len(LINES) else 2 + (number - 2) % (len(LINES) - 2)]


def clause(data: xr.Dataset) -> str:
    """The beginning of a sentence about a scenario: its question turned into a condition, or its name."""
    return supposed(str(data.attrs.get("question", "")), name_of(data))


def need(data: xr.Dataset, *tracks: str) -> None:
    """Raise ValueError unless an ensemble has kept these tracks."""
    missing = [name for name in tracks if name not in data]
    if missing:
        raise ValueError(
            f"{data.attrs.get('scenario', '?')}: wanted an ensemble made with tracks=True, got one "
            f"without {', '.join(missing)}"
        )


def several(ensembles: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """The ensembles as a list; ValueError if there is none, or if one was given bare."""
    if isinstance(ensembles, xr.Dataset) or not len(ensembles):
        raise ValueError(f"wanted a list of one or more ensembles, got {type(ensembles).__name__}")
    return list(ensembles)


def start_of(data: xr.Dataset) -> datetime:
    """The minute from which an ensemble counts."""
    return parse(str(data.attrs.get("start", START.isoformat())))


def end_of(data: xr.Dataset) -> datetime:
    """The last minute an ensemble was played to."""
    if "horizon_minutes" in data.attrs:
        return moment(float(data.attrs["horizon_minutes"]), start_of(data))
    return times(data)[1]


def span_of(ensembles: Sequence[xr.Dataset]) -> tuple[datetime, datetime]:
    """From the first start to the last end of some ensembles."""
    return min(map(start_of, ensembles)), max(map(end_of, ensembles))


def days_of(minutes: Points, start: datetime) -> Points:
    """Minutes from the start (n,) as numbers on a time axis; what is not finite stays so."""
    return num(start) + np.asarray(minutes, float) / 1440


def pair(base: xr.Dataset, other: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """The worlds and times that two ensembles share, in one order. Raises ValueError if they share no
    luck.
    """
    seeds = base.attrs.get("seed"), other.attrs.get("seed")
    if seeds[0] != seeds[1]:
        raise ValueError(f"wanted two ensembles of one seed, got seeds {seeds[0]} and {seeds[1]}")
    shared: dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]] = {
        dim: np.intersect1d(base[dim].values, other[dim].values)
        for dim in ("world", "time")
        if dim in base.dims and dim in other.dims
    }
    for dim, both in shared.items():
        if not both.size:
            raise ValueError(f"wanted two ensembles that share a {dim}, got none that is in both")
    return base.sel(shared), other.sel(shared)


def band(values: xr.DataArray) -> Band:
    """Median, middle half and middle nine tenths of values (world, time) over the worlds."""
    known = np.isfinite(values.values).any(axis=0)
    held = np.where(np.isfinite(values.values), values.values, np.nan)[:, known]
    return Band(
        moments(values.time.values[known]),
        np.nanmean(held, axis=0),
        *np.nanpercentile(held, [5, 25, 50, 75, 95], axis=0),
    )


def difference(values: xr.DataArray) -> Difference:
    """Mean, interval and range over the worlds of paired differences (world, time)."""
    known = np.isfinite(values.values).all(axis=0)
    apart_by = np.asarray(values.values, float)[:, known]
    mean, reach = apart_by.mean(axis=0), half_interval(apart_by)
    low, high = np.percentile(apart_by, [5, 95], axis=0)
    return Difference(
        len(apart_by), moments(values.time.values[known]), mean, mean - reach, mean + reach, low, high
    )


def half_interval(values: Points) -> Points:
    """Half the 95 % interval of a mean over the first axis; nan where there are too few values."""
    count = len(values)
    if count < ENOUGH:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(t.ppf(0.975, count - 1) * values.std(axis=0, ddof=1) / np.sqrt(count))


def told_apart(shares: Points, worlds: Sequence[int]) -> bool:
    """Whether two shares (2,) of so many worlds each differ by more than chance would have them (95 %,
    Agresti and Caffo 2000).
    """
    counts = np.asarray(worlds, float) + 2
    eased = (np.asarray(shares) * np.asarray(worlds, float) + 1) / counts
    reach = 1.96 * np.sqrt((eased * (1 - eased) / counts).sum())
    return bool(abs(eased[1] - eased[0]) > reach)


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign, a true minus, and no sign before a nought.

    >>> signed(-2.14, 1), signed(1250), signed(-0.01, 1)
    ('−2.1', '+1,250', '0.0')
    """
    return in_digits(value, digits, signed=True, minus="−")


def interval(low: float, high: float, digits: int = 0, *, sign: bool = False) -> str:
    """An interval in brackets, with signs if the number before it has one, or nothing where there is none.

    >>> interval(1.4, 2.8, 1), interval(-0.5, 0.5, sign=True)
    (' (1.4 to 2.8)', ' (−1 to +1)')
    """
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    ends = [in_digits(end, digits, signed=sign, minus="−") for end in (low, high)]
    return f" ({ends[0]} to {ends[1]})"


def source_line(ensembles: Sequence[xr.Dataset]) -> str:
    """Which ensembles a figure shows: scenarios, worlds, seed and version."""
    counts = [int(data.sizes["world"]) for data in ensembles]
    names = [str(data.attrs.get("scenario", "?")) for data in ensembles]
    if len(set(counts)) == 1:
        who = f"{', '.join(names)}, {_worlds(counts[0])}{' each' if len(names) > 1 else ''}"
    else:
        who = ", ".join(f"{name} ({_worlds(count)})" for name, count in zip(names, counts, strict=True))
    seeds, versions = (
        ", ".join(sorted({str(data.attrs.get(key, "?")) for data in ensembles}))
        for key in ("seed", "version")
    )
    return f"Scenario{'s' if len(names) > 1 else ''} {who}; seed {seeds}; version {versions}."


def _worlds(count: int) -> str:
    return f"{count:,} world{'' if count == 1 else 's'}"


def hour(day: float) -> str:
    """A number of a time axis as people write the time.

    >>> hour(num(START))
    '24 Oct 03:00'
    """
    return label(moment((day - num(START)) * 1440))
