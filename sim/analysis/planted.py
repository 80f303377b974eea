"""Planted truths: how far a loss may be trusted.

Sets of values are drawn, one history of each stands for the record, and the fit is made again with it: no new
history is wanted, since what was simulated is only measured from another record. Of the rates at which the
loss may count (eta), the one is taken at which the 90 % intervals of the parameters hold the truth in 90 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis import emulator
from sim.analysis.emulator import Floats
from sim.analysis.simulated import Fitted, Simulated

ETAS = np.round(np.geomspace(0.02, 5.0, 49), 4)
LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class Planted:
    """Truths (truths, parameters) in the unit cube, the middle and ends of the intervals found for them at
    every eta (etas, truths, parameters), and the width that an interval has if nothing is learnt
    (parameters,).
    """

    truths: Floats
    low: Floats
    high: Floats
    wide: Floats

    @property
    def holds(self) -> Floats:
        """Whether an interval holds the truth (etas, truths, parameters), 1 or 0."""
        return np.asarray((self.low <= self.truths) & (self.truths <= self.high), float)

    @property
    def narrowing(self) -> Floats:
        """By how much an interval is narrower than if nothing had been learnt (etas, truths, parameters), 0
        to 1.
        """
        return np.clip(1 - (self.high - self.low) / self.wide, 0.0, 1.0)

    def curve(self) -> pd.DataFrame:
        """A row an eta: the share of intervals that hold the truth, over all and by how much they are
        narrowed, and the mean narrowing.

        An interval that is the prior's holds the truth nine times in ten whatever eta is, and nearly all are.
        Weighted by their narrowing, those are heard that say something.
        """
        holds, narrowing = self.holds, self.narrowing
        said = np.maximum(narrowing.sum(axis=(1, 2)), 1e-9)
        columns = {
            "all": holds.mean(axis=(1, 2)),
            "narrowed": (holds * narrowing).sum(axis=(1, 2)) / said,
            "narrowing": narrowing.mean(axis=(1, 2)),
        }
        return pd.DataFrame(columns, index=pd.Index(ETAS, name="eta"))

    def eta(self) -> float:
        """The largest eta at which narrowed intervals hold the truth in 90 %, to the nearest whole per cent;
        the least of all if none does.
        """
        holds = np.flatnonzero(self.curve()["narrowed"].to_numpy() >= LEVEL - 0.005)
        return float(ETAS[holds[-1]] if len(holds) else ETAS[0])

    def recovery(self, eta: float) -> pd.DataFrame:
        """A row a parameter at an eta: the share of intervals that hold the truth, and the mean width left of
        the prior's interval.
        """
        at = int(np.argmin(np.abs(ETAS - eta)))
        middle = (self.low[at] + self.high[at]) / 2
        follows = [_alike(middle[:, k], self.truths[:, k]) for k in range(self.truths.shape[1])]
        columns = {
            "held": self.holds[at].mean(axis=0),
            "width_left": ((self.high[at] - self.low[at]) / self.wide).mean(axis=0),
            "follows": follows,
        }
        return pd.DataFrame(columns)


def _alike(one: Floats, other: Floats) -> float:
    return 0.0 if np.ptp(one) == 0 else float(np.corrcoef(one, other)[0, 1])


def plant(
    fitted: Sequence[Fitted], found: Simulated, count: int, seed: int, prior: Floats | None = None
) -> Planted:
    """Plant so many of some simulated sets as truths, the first history of each as the record, and fit each
    from all the others; `prior` is the energy (parameters, cells) that the sets were drawn by, even if None.
    """
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(found.points), min(count, len(found.points)), replace=False)
    losses = np.stack([found.losses([it.planted(found, i) for it in fitted]) for i in chosen], axis=1)
    coefficients = _without(found.points, losses, chosen)
    curves = np.stack([emulator.Emulator(column).curves for column in coefficients.T])
    start = np.zeros(curves.shape[1:]) if prior is None else prior
    ends = [emulator.ranges(start + eta * curves) for eta in ETAS]
    before = emulator.ranges(start)
    low, high = (np.stack([pair[k] for pair in ends]) for k in (0, 1))
    return Planted(found.points[chosen], low, high, before[1] - before[0])


def _without(points: Floats, losses: Floats, chosen: NDArray[np.int64]) -> Floats:
    """The coefficients (1 + 2 parameters, truths) that losses (points, truths) teach, each truth's own set
    left out of what teaches it (the rule of a regression with a row less; Allen 1974).
    """
    made = emulator.design(points)
    damped = made.T @ made + np.diag([0.0] + [emulator.RIDGE] * (made.shape[1] - 1))
    inverse = np.linalg.inv(damped)
    coefficients = inverse @ (made.T @ losses)
    for column, i in enumerate(chosen):
        towards = inverse @ made[i]
        missed = losses[i, column] - made[i] @ coefficients[:, column]
        coefficients[:, column] -= towards * missed / (1 - made[i] @ towards)
    return np.asarray(coefficients)
