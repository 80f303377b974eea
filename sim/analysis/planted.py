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

from sim.analysis.emulator import Basis, Floats, learnable
from sim.analysis.simulated import Fitted, Simulated

ETAS = np.round(np.geomspace(0.02, 5.0, 25), 4)
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
    fitted: Sequence[Fitted], found: Simulated, among: Sequence[int], pool: Floats, count: int, seed: int
) -> Planted:
    """Plant so many of some simulated sets as truths, the first history of each as the record, and fit each
    from all the others.

    `among` are the places of those that may be planted, and `pool` points (pool, parameters) by the density
    from which they were drawn: what is found for a truth is the pool with the weights exp(-eta x loss), by
    the emulator that this truth has taught.
    """
    generator = np.random.default_rng(seed)
    chosen = generator.choice(among, min(count, len(among)), replace=False)
    losses = np.stack([found.losses([it.planted(found, i) for it in fitted]) for i in chosen], axis=1)
    basis = Basis.of(found.points, losses)
    coefficients = _without(basis, found.points, learnable(losses), chosen)
    energy = np.exp(basis(pool) @ coefficients)
    ends = [_ranges(pool, np.exp(eta * (energy.min(axis=0) - energy))) for eta in ETAS]
    before = _ranges(pool, np.ones((len(pool), 1)))
    low, high = (np.stack([pair[k] for pair in ends]) for k in (0, 1))
    return Planted(found.points[chosen], low, high, (before[1] - before[0])[0])


def _without(basis: Basis, points: Floats, logs: Floats, chosen: NDArray[np.int64]) -> Floats:
    """The coefficients (terms, truths) that logarithms of losses (points, truths) teach, each truth's own set
    left out of what teaches it (the rule of a regression with a row less; Allen 1974).
    """
    made = basis(points)
    inverse = basis.inverse(made)
    coefficients = inverse @ (made.T @ logs)
    for column, i in enumerate(chosen):
        towards = inverse @ made[i]
        missed = logs[i, column] - made[i] @ coefficients[:, column]
        coefficients[:, column] -= towards * missed / (1 - made[i] @ towards)
    return np.asarray(coefficients)


def _ranges(pool: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The ends of the middle interval of every parameter (truths, parameters) with so much of the weight
    (pool, truths) of points (pool, parameters).
    """
    low, high = (np.empty((weights.shape[1], pool.shape[1])) for _ in range(2))
    for k, order in enumerate(np.argsort(pool, axis=0).T):
        ends = np.cumsum(weights[order], axis=0)
        for bound, share in ((low, (1 - LEVEL) / 2), (high, (1 + LEVEL) / 2)):
            bound[:, k] = pool[order[np.argmax(ends >= share * ends[-1], axis=0)], k]
    return low, high
