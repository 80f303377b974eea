"""Nearest: the histories that have gone so far as the record has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.results.typical import CAP

NEAREST = 200


def distances(hours: NDArray[np.float64], record: NDArray[np.float64], until: float) -> NDArray[np.float64]:
    """How far each history lies from the record on average (worlds,), in hours, as far as that can be seen by
    an hour: of what has not happened by then nobody knows when it will.

    `hours` (worlds, events) and `record` (events,) count from the start, infinite for never. What has
    happened in one of them alone is as far as it has been so, and none is farther than CAP.

    >>> distances(np.array([[2.0, np.inf], [9.0, 5.0]]), np.array([3.0, 20.0]), 6.0).tolist()
    [0.5, 2.0]
    """
    seen, documented = np.minimum(hours, until), np.minimum(record, until)
    return np.minimum(np.abs(seen - documented), CAP).mean(axis=1)


def nearest(
    hours: NDArray[np.float64], record: NDArray[np.float64], until: float, count: int = NEAREST
) -> NDArray[np.bool_]:
    """The so many histories nearest to the record up to an hour (worlds,), and all that are as near as the
    last of them: at the beginning, all.
    """
    apart = distances(hours, record, until)
    last = np.partition(apart, min(count, len(apart)) - 1)[min(count, len(apart)) - 1]
    return np.asarray(apart <= last + 1e-9)
