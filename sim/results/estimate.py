"""Estimates: a number with its doubt - chances, means, and what differs between two scenarios on the same
luck.

Worlds that run at one set of parameters are alike in more than their luck is: they are a cluster. Where
`sets` says which set each world has, an interval is as wide as the sums over sets make it (the estimator of
variance for clusters, with as many degrees of freedom as there are sets but one; Cameron and Miller 2015),
and never narrower than if worlds were independent. The range between sets is another doubt: from which chance
to which it goes with the set, were every set played without end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from sim import parameters
from sim.wording import ALONE, in_words, told

Values = NDArray[np.float64]
Sets = NDArray[np.int64] | None  # (worlds,) which set of parameters each world has
LEVEL = 0.95
FEW_SETS, FEW_WORLDS = 20, 4  # fewer sets, or worlds a set, say nothing of the range between sets


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval, from n worlds; `unit` is "points" for a share, "h" for hours, or what
    is counted; a `change` is told with its sign. `between` is the 90 % range between sets of parameters, NaN
    where there are too few.
    """

    value: float
    low: float
    high: float
    n: int
    unit: str = ""
    change: bool = False
    between: tuple[float, float] = (np.nan, np.nan)

    def __str__(self) -> str:
        if self.change:
            return f"{told(self.unit, np.nan, np.nan, self.value, self.low, self.high).amount}"
        value, low, high = (in_words(x, self.unit) for x in (self.value, self.low, self.high))
        doubt = f"{low} to {high}" if np.isfinite(self.low) else ALONE
        return f"{value} ({doubt}{self.said_between}; {self.n:,} world{'' if self.n == 1 else 's'})"

    __repr__ = __str__

    @property
    def said_between(self) -> str:
        """The range between sets in words, to go after the interval; nothing where there are too few."""
        low, high = self.between
        said = f"; {in_words(low, self.unit)} to {in_words(high, self.unit)} between sets"
        return said if np.isfinite(low) else ""

    def __float__(self) -> float:
        return self.value


def sets_of(data: xr.Dataset) -> Sets:
    """Which set of parameters each world of some outcomes has (worlds,); None if all have one."""
    sampled = data.attrs.get("parameters") == parameters.PLAUSIBLE
    return parameters.set_of(data["world"].values) if sampled else None


def design_effect(values: Values, sets: Sets) -> tuple[float, int]:
    """How many times the variance of a mean over worlds (worlds,) is what independent worlds would give it,
    at least 1, and how many clusters there are.

    Where all worlds are the same, every set counts as one.
    """
    n = len(values)
    if sets is None or n < 2:
        return 1.0, n
    of = np.unique(sets, return_inverse=True)[1]
    clusters, alone = int(of.max()) + 1, float(values.var(ddof=1)) / n
    if clusters < 2:
        return 1.0, n
    if alone == 0:
        return n / clusters, clusters
    sums = np.bincount(of, weights=values - values.mean())
    return max(clusters / (clusters - 1) * float((sums**2).sum()) / n**2 / alone, 1.0), clusters


def between_sets(values: Values, sets: Sets) -> tuple[float, float]:
    """The 5 and 95 % points of the mean of a set, over the sets that worlds have (worlds,), each as often as
    it comes; NaN where there are too few.

    What finite worlds add to the spread of the means is taken out (one-way analysis of variance).
    """
    if sets is None:
        return np.nan, np.nan
    of, size = np.unique(sets, return_inverse=True, return_counts=True)[1:]
    n, count = len(values), len(size)
    if count < FEW_SETS or n < FEW_WORLDS * count:
        return np.nan, np.nan
    means = np.bincount(of, weights=values) / size
    within = float(((values - means[of]) ** 2).sum()) / (n - count)
    over = float((size * (means - values.mean()) ** 2).sum()) / (count - 1)
    left = np.sqrt(max(1 - within / over, 0.0)) if over > 0 else 0.0
    low, high = np.quantile((values.mean() + left * (means - values.mean()))[of], (0.05, 0.95))
    return float(low), float(high)


def chance(happened: Values, unit: str = "points", sets: Sets = None) -> Estimate:
    """The chance of something that happened (1) or not (0) in each world (worlds,); Wilson interval, of as
    many worlds as those of clusters are worth (Korn and Graubard 1998).
    """
    n, p = len(happened), float(happened.mean())
    low, high = _wilson(p, n / design_effect(happened, sets)[0])
    return Estimate(p, low, high, n, unit, between=between_sets(happened, sets))


def _wilson(p: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share p of n, which need not be whole."""
    z = float(stats.norm.ppf(0.5 + LEVEL / 2))
    middle, reach = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = (middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n)
    return (0.0 if p == 0 else float(low)), (1.0 if p == 1 else float(high))


def mean(values: Values, unit: str, sets: Sets = None) -> Estimate:
    """The mean of a number in each world (worlds,); Student's interval, sets as clusters."""
    n, middle = len(values), float(values.mean())
    if n < 2:  # one history tells nothing of the spread
        return Estimate(middle, -np.inf, np.inf, n, unit)
    if np.ptp(values) == 0:
        return Estimate(middle, float(values.min()), float(values.max()), n, unit)
    effect, clusters = design_effect(values, sets)
    reach = float(stats.t.ppf(0.5 + LEVEL / 2, clusters - 1) * np.sqrt(effect * values.var(ddof=1) / n))
    return Estimate(middle, middle - reach, middle + reach, n, unit, between=between_sets(values, sets))


def change_of_chance(base: Values, other: Values, sets: Sets = None) -> Estimate:
    """The change of a chance between two scenarios on the same worlds (worlds,), of 0 and 1 each; other -
    base.

    The interval is Newcombe's for paired proportions (method 10: Wilson intervals combined, correlated by a
    corrected phi; Newcombe 1998, Statistics in Medicine 17, 2635-2650), of as many worlds as the paired
    differences of clusters are worth.
    """
    n, difference = len(base), float(other.mean() - base.mean())
    if n < 2:  # one history tells nothing of the doubt
        return Estimate(difference, -np.inf, np.inf, n, "points", change=True)
    worth = n / design_effect(other - base, sets)[0]
    p1, p2, phi = float(other.mean()), float(base.mean()), _phi(other, base)
    (low1, high1), (low2, high2) = _wilson(p1, worth), _wilson(p2, worth)
    below1, below2, above1, above2 = p1 - low1, p2 - low2, high1 - p1, high2 - p2
    low = np.sqrt(max(below1**2 - 2 * phi * below1 * above2 + above2**2, 0.0))
    high = np.sqrt(max(above1**2 - 2 * phi * above1 * below2 + below2**2, 0.0))
    between = between_sets(other - base, sets)
    return Estimate(difference, difference - float(low), difference + float(high), n, "points", True, between)


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


def change_of_mean(base: Values, other: Values, unit: str, sets: Sets = None) -> Estimate:
    """The change of a mean between two scenarios on the same worlds (worlds,): Student's interval of the
    paired differences, sets as clusters.
    """
    return replace(mean(np.asarray(other - base), unit, sets), change=True)


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


def timing(base: Values, other: Values, sets: Sets = None) -> Timing:
    """How often something happens and when, from its hours in the same worlds of two scenarios (worlds,),
    infinite where it never does.
    """
    happens = [np.isfinite(hours) for hours in (base, other)]
    both = happens[0] & happens[1]
    chance = change_of_chance(happens[0].astype(float), happens[1].astype(float), sets)
    hours = Estimate(np.nan, -np.inf, np.inf, 0, "h", change=True)
    at = (np.nan, np.nan)
    if both.any():
        hours = change_of_mean(base[both], other[both], "h", None if sets is None else sets[both])
        at = (float(base[both].mean()), float(other[both].mean()))
    return Timing(float(happens[0].mean()), float(happens[1].mean()), chance, hours, at)


def worlds_needed(base: Values, other: Values, within: float = 0.02) -> int:
    """Worlds for which the 95 % interval of a change of chance reaches so far to either side, from the
    discordant pairs seen: of the doubt from luck, which more worlds make smaller, not of that from sets.

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
