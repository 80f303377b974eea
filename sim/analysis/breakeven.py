"""Break-even: from where on, in something that nobody knew at the opening, another course would have been the
better one.

The gain of one course over another, world by world, is regressed on one doubt at a time (least squares; the
covariance is that of clusters, a cluster being the worlds of one set of parameters). There is a break-even
only if the fitted gain has opposite signs at the two ends of the doubt's 90 % range, and differs from nought
at both. The smaller of the two differences is tested, either way round, and its level is shared among all
doubts and courses of the decision (Bonferroni). A line through what is no line can cross nought where the
gain itself only comes near it: so the plain means of the worlds in the outer thirds must say the same, each
beyond nought by its own (one-sided, 95 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]
Sets = NDArray[np.int64] | None
LEVEL, RANGE = 0.05, (0.05, 0.95)
THIRDS = (1 / 3, 2 / 3)
LEAST = 10  # clusters


@dataclass(frozen=True)
class Doubt:
    """Something drawn at the opening, in words ("the garrison leant"), with what it is below and above
    ("below", "above"); `log` if it is looked at by its logarithm.
    """

    name: str
    words: str
    less: str = "below"
    more: str = "above"
    unit: str = ""
    log: bool = False

    def side(self, at: float, *, below: bool) -> str:
        """Where it lies, in words: "the garrison leant below -0.3"."""
        figure = f"{100 * at:.0f} %" if self.unit == "share" else f"{at:,.0f}" if at >= 100 else f"{at:.2g}"
        return f"{self.words} {self.less if below else self.more} {figure.replace('-', '−')}"


@dataclass(frozen=True)
class BreakEven:
    """Where the gain of a course over another changes its sign in a doubt: `at`, with its 95 % interval, the
    90 % range of the doubt, the gains at its ends, and the level at which both differ from nought, after
    Bonferroni.
    """

    doubt: Doubt
    at: float
    low: float
    high: float
    ends: tuple[float, float]
    gains: tuple[float, float]
    level: float

    @property
    def better_below(self) -> bool:
        """Whether the course gains where the doubt is small."""
        return self.gains[0] > 0

    def __str__(self) -> str:
        return self.doubt.side(self.at, below=self.better_below)


def break_even(
    gain: Values, doubts: Sequence[Doubt], drawn: Values, sets: Sets = None, *, tests: int | None = None
) -> BreakEven | None:
    """The surest break-even of a gain (worlds,) in some doubts, drawn (doubts, worlds); None if there is
    none. `tests` is among how many the level is shared, the doubts alone if nobody says.
    """
    of = np.arange(len(gain)) if sets is None else np.unique(sets, return_inverse=True)[1]
    if not len(doubts) or int(of.max()) + 1 < LEAST or not gain.any():
        return None
    logs = np.array([doubt.log for doubt in doubts])
    x = np.where(logs[:, None], np.log(np.maximum(drawn, 1e-12)), drawn)
    ends = np.quantile(x, RANGE, axis=1)
    middle, fit, cov = _fits(gain, x, of)
    degrees = int(of.max()) - 1
    found: BreakEven | None = None
    for k, doubt in enumerate(doubts):
        z = ends[:, k] - middle[k]
        at_ends = fit[0] + fit[1][k] * z
        wide = np.sqrt(np.maximum(cov[0, k] + 2 * z * cov[1, k] + z**2 * cov[2, k], 1e-18))
        if at_ends[0] * at_ends[1] >= 0:
            continue
        level = 2 * float(stats.t.sf(np.abs(at_ends / wide).min(), degrees)) * (tests or len(doubts))
        if level >= LEVEL or (found and level >= found.level) or not _plainly(gain, x[k], of, at_ends):
            continue
        cuts = np.array([-fit[0] / fit[1][k], *_fieller(fit[0], fit[1][k], cov[:, k], degrees)]) + middle[k]
        at, low, high = (float(v) for v in (np.exp(cuts) if doubt.log else cuts))
        span = np.exp(ends[:, k]) if doubt.log else ends[:, k]
        found = BreakEven(
            doubt,
            at,
            low,
            high,
            (float(span[0]), float(span[1])),
            (float(at_ends[0]), float(at_ends[1])),
            level,
        )
    return found


def _plainly(gain: Values, x: Values, of: NDArray[np.int64], ends: Values) -> bool:
    """Whether the mean gains (worlds,) of the thirds of the worlds in which a doubt is least and most differ
    from nought as those fitted at its two ends do.
    """
    low, high = np.quantile(x, THIRDS)
    for there, fitted in ((x <= low, ends[0]), (x >= high, ends[1])):
        mine, sums = gain[there], np.unique(of[there], return_inverse=True)[1]
        clusters, middle = int(sums.max()) + 1, float(mine.mean())
        if clusters < 3:
            return False
        off = np.bincount(sums, weights=mine - middle)
        wide = float(np.sqrt(clusters / (clusters - 1) * (off**2).sum())) / len(mine)
        if middle * np.sign(fitted) <= float(stats.t.ppf(1 - LEVEL, clusters - 1)) * wide:
            return False
    return True


def _fits(gain: Values, x: Values, of: NDArray[np.int64]) -> tuple[Values, tuple[float, Values], Values]:
    """Lines through a gain (worlds,) over each of some doubts (doubts, worlds): their means (doubts,), height
    there and slopes (doubts,), and the variances and covariance of these (3, doubts), by clusters.
    """
    n, clusters = len(gain), int(of.max()) + 1
    middle = x.mean(axis=1)
    off = x - middle[:, None]
    over = np.maximum((off**2).sum(axis=1), 1e-300)
    height, slope = float(gain.mean()), off @ gain / over
    left = gain - height - slope[:, None] * off
    order = np.argsort(of, kind="stable")
    starts = np.searchsorted(of[order], np.arange(clusters))
    one = np.add.reduceat(left[:, order], starts, axis=1) / n
    two = np.add.reduceat((left * off)[:, order], starts, axis=1) / over[:, None]
    few = clusters / (clusters - 1) * (n - 1) / (n - 2)
    cov = few * np.stack([(one**2).sum(axis=1), (one * two).sum(axis=1), (two**2).sum(axis=1)])
    return middle, (height, slope), cov


def _fieller(height: float, slope: float, cov: Values, degrees: int) -> tuple[float, float]:
    """Fieller's 95 % interval of where a line crosses nought, from the mean; infinite where it has no
    bounds.
    """
    t = float(stats.t.ppf(0.975, degrees)) ** 2
    a, b, c = slope**2 - t * cov[2], height * slope - t * cov[1], height**2 - t * cov[0]
    if a <= 0 or b**2 < a * c:
        return -np.inf, np.inf
    root = float(np.sqrt(b**2 - a * c))
    return (-b - root) / a, (-b + root) / a
