"""Estimates: a number with its doubt - chances, means, and what differs between two scenarios on the same
luck.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.wording import ALONE, in_words, told

Values = NDArray[np.float64]
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, from n worlds; `unit` is "points" for a share, "h" for hours, or what
    is counted; a `change` is told with its sign.
    """

    value: float
    low: float
    high: float
    n: int
    unit: str = ""
    change: bool = False

    def __str__(self) -> str:
        if self.change:
            return f"{told(self.unit, np.nan, np.nan, self.value, self.low, self.high).amount}"
        value, low, high = (in_words(x, self.unit) for x in (self.value, self.low, self.high))
        doubt = f"{low} to {high}" if np.isfinite(self.low) else ALONE
        return f"{value} ({doubt}; {self.n:,} world{'' if self.n == 1 else 's'})"

    __repr__ = __str__

    def __float__(self) -> float:
        return self.value


def chance(happened: Values, unit: str = "points") -> Estimate:
    """The chance of something that happened (1) or not (0) in each world (worlds,); Wilson interval."""
    n = len(happened)
    found = stats.binomtest(round(happened.sum()), n).proportion_ci(LEVEL, method="wilson")
    return Estimate(float(happened.mean()), float(found.low), float(found.high), n, unit)


def mean(values: Values, unit: str) -> Estimate:
    """The mean of a number in each world (worlds,); Student's interval."""
    n = len(values)
    if n < 2:  # one history tells nothing of the spread
        return Estimate(float(values.mean()), -np.inf, np.inf, n, unit)
    if np.ptp(values) == 0:
        return Estimate(float(values.mean()), float(values.min()), float(values.max()), n, unit)
    found = stats.ttest_1samp(values, 0.0).confidence_interval(LEVEL)
    return Estimate(float(values.mean()), float(found.low), float(found.high), n, unit)


def change_of_chance(base: Values, other: Values) -> Estimate:
    """The change of a chance between two scenarios on the same worlds (worlds,), of 0 and 1 each; other -
    base.

    The interval is Newcombe's for paired proportions (method 10: Wilson intervals combined, correlated by a
    corrected phi); Newcombe 1998, Statistics in Medicine 17, 2635-2650.
    """
    n = len(base)
    if n < 2:  # one history tells nothing of the doubt
        return Estimate(float(other.mean() - base.mean()), -np.inf, np.inf, n, "points", change=True)
    p1, p2 = chance(other), chance(base)
    phi = _phi(other, base)
    below1, below2 = p1.value - p1.low, p2.value - p2.low
    above1, above2 = p1.high - p1.value, p2.high - p2.value
    low = np.sqrt(max(below1**2 - 2 * phi * below1 * above2 + above2**2, 0.0))
    high = np.sqrt(max(above1**2 - 2 * phi * above1 * below2 + below2**2, 0.0))
    difference = p1.value - p2.value
    return Estimate(difference, difference - float(low), difference + float(high), n, "points", change=True)


def _phi(one: Values, other: Values) -> float:
    """The correlation of two columns of yes and no, with Newcombe's correction for continuity."""
    n = len(one)
    both, neither = float((one * other).sum()), float(((1 - one) * (1 - other)).sum())
    first, second = float(one.sum()) - both, float(other.sum()) - both
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    if margins == 0:
        return 0.0
    product = both * neither - first * second
    corrected = product - n / 2 if product > n / 2 else min(product, 0.0)
    return float(corrected / np.sqrt(margins))


def change_of_mean(base: Values, other: Values, unit: str) -> Estimate:
    """The change of a mean between two scenarios on the same worlds (worlds,): Student's interval of the
    paired differences.
    """
    return replace(mean(np.asarray(other - base), unit), change=True)


@dataclass(frozen=True)
class Timing:
    """Something that may happen, in the same worlds of two scenarios: how often in each, how that changes,
    and by how much its hour moves where it happens in both.

    `base` and `other` are shares, `hours.n` is in how many worlds it happens in both, and `at` the mean hour
    of it there in each; nan where there is no such world.
    """

    base: float
    other: float
    chance: Estimate
    hours: Estimate
    at: tuple[float, float]


def timing(base: Values, other: Values) -> Timing:
    """How often something happens and when, from its hours in the same worlds of two scenarios (worlds,),
    infinite where it never does.
    """
    happens = [np.isfinite(hours) for hours in (base, other)]
    both = happens[0] & happens[1]
    chance = change_of_chance(happens[0].astype(float), happens[1].astype(float))
    hours = Estimate(np.nan, -np.inf, np.inf, 0, "h", change=True)
    at = (np.nan, np.nan)
    if both.any():
        hours = change_of_mean(base[both], other[both], "h")
        at = (float(base[both].mean()), float(other[both].mean()))
    return Timing(float(happens[0].mean()), float(happens[1].mean()), chance, hours, at)


def worlds_needed(base: Values, other: Values, within: float = 0.02) -> int:
    """Worlds for which the 95 % interval of a change of chance reaches so far to either side, from the
    discordant pairs seen.

    Where no pair differs, as many as would show one of a chance of `within` (rule of three).
    """
    variance = float(np.var(other - base))
    z = float(stats.norm.ppf(0.5 + LEVEL / 2))
    return int(np.ceil(z**2 * variance / within**2)) if variance > 0 else int(np.ceil(3 / within))


def gain_by_pairing(base: Values, other: Values) -> float:
    """How many times smaller the variance of the difference is on the same luck than on independent luck;
    infinite if nothing differs.
    """
    paired = float(np.var(other - base))
    apart = float(np.var(base) + np.var(other))
    return apart / paired if paired > 0 else float("inf")
