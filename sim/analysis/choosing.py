"""Choosing: which of several courses is the best, how sure that is, and what the one that was taken lost.

Whoever picks the best of several estimates and then reads its worth off the same numbers flatters it. So each
half of the pairs (worlds of even and of odd number) picks, and the other measures what it has picked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Sets = NDArray[np.int64] | None
RESAMPLES, SEED = 2000, 1917


@dataclass(frozen=True)
class Picked:
    """What two halves of the pairs picked, and what came of it in the other half: `by` is the course that the
    worlds of even and of odd number picked, `values` (worlds,) what it is in the worlds that did not pick it.
    """

    by: tuple[int, int]
    values: Values


def pick(values: Values, *, worst: bool = False) -> Picked:
    """The best of some courses (courses, worlds), of equals the first, picked on one half of the worlds and
    measured on the other; or the worst. With one world that one does both.
    """
    odd = np.arange(values.shape[1]) % 2 == 1
    halves = (~odd, odd if odd.any() else ~odd)
    sign = -1 if worst else 1
    by = [int(np.argmax(sign * np.round(values[:, half].mean(axis=1), 12))) for half in halves]
    return Picked((by[0], by[1]), np.where(odd, values[by[0]], values[by[1]]))


def chances_best(values: Values, sets: Sets = None) -> Values:
    """How often each of some courses (courses, worlds) comes out best when the worlds are drawn anew, all
    worlds of one set of parameters together (a bootstrap of clusters); courses that are equal share.
    """
    n = values.shape[1]
    of = np.arange(n) if sets is None else np.unique(sets, return_inverse=True)[1]
    clusters = int(of.max()) + 1
    sums = np.stack([np.bincount(of, weights=row, minlength=clusters) for row in values])
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(clusters, np.full(clusters, 1 / clusters), RESAMPLES)
    totals = np.round(drawn @ sums.T, 9)
    best = totals == totals.max(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))
