"""How far an ensemble is from what is documented: the continuous ranked probability score (CRPS) of each part
of a pattern, in half-tolerances.

The score is the mean distance of the worlds from the record less half their mean distance from each other
(Gneiting and Raftery 2007): the less the better, 0 where every world has it right. It cannot sit on an edge
as a pass can. How each part is measured:

- two bounds: in halves of their distance, from the documented value, or from the middle if none is named;
- one bound: only what lies beyond it, in distances from the bound to the documented value;
- yes or no, and bounds of no width: a miss is 1, which makes it the score of Brier (1950).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import clock
from sim.history import Pattern, load

Floats = NDArray[np.float64]
HORIZON = clock.minutes(clock.END)
HOUR = {"clock": 60.0, "min": 60.0, "h": 1.0}  # the tolerance that most hours have
NOT_ARISEN = 2.0  # half-tolerances from the record at which a world stands in which a question does not arise


def number(bound: float | datetime | None, start: datetime, missing: float) -> float:
    """A bound as a number like the values: minutes from the start for a clock hour."""
    if bound is None:
        return missing
    return clock.minutes(bound, start) if isinstance(bound, datetime) else float(bound)


def off(
    values: NDArray[Any], part: Pattern, *, start: datetime = clock.START, horizon: float = HORIZON
) -> Floats:
    """How far off the record each world is (..., worlds), in half-tolerances, 0 for what is right.

    A clock hour that never comes is reckoned as the horizon, in minutes from the start; where a question does
    not arise (NaN), or a length of time has no end, a world stands two half-tolerances off.
    """
    low, high = number(part.low, start, -np.inf), number(part.high, start, np.inf)
    known = np.asarray(values, dtype=float)
    if part.unit == "clock":
        known = np.where(np.isnan(known), horizon, np.minimum(known, horizon))
    arisen = np.isfinite(known)
    known = np.where(arisen, known, 0.0)
    if low == high:
        return np.where(arisen & (known == low), 0.0, 1.0)
    half, middle = half_tolerance(part, start), number(part.target, start, (low + high) / 2)
    if np.isinf(high) or np.isinf(low):
        away = np.maximum(np.maximum(low - known, known - high), 0.0)
    else:
        away = known - middle
    return np.where(arisen, away / half, NOT_ARISEN)


def half_tolerance(part: Pattern, start: datetime = clock.START) -> float:
    """What the distance of a part is measured in, in its own unit."""
    low, high = number(part.low, start, -np.inf), number(part.high, start, np.inf)
    if np.isfinite(low) and np.isfinite(high):
        return (high - low) / 2
    bound = low if np.isfinite(low) else high
    named = abs(number(part.target, start, bound) - bound)
    return named or HOUR.get(part.unit) or max(abs(bound) / 4, 0.5)


def ranked(distances: NDArray[Any], *, fair: bool = False) -> Floats:
    """The score (...,) of distances from the record (..., worlds): of the worlds as they are, or, `fair`, of
    what they are drawn from (Ferro 2014; two worlds at least), which does not hang on their number.

    >>> print(ranked(np.array([1.0, 3.0])), ranked(np.array([1.0, 3.0]), fair=True))
    1.5 1.0
    """
    inner = np.sort(np.asarray(distances, dtype=float), axis=-1)
    worlds = inner.shape[-1]
    ranks = 2 * np.arange(1, worlds + 1) - worlds - 1
    apart = (inner * ranks).sum(axis=-1) / worlds / (worlds - 1 if fair else worlds)  # half of the mean
    return np.asarray(np.abs(inner).mean(axis=-1) - apart)


def by_world(distances: NDArray[Any]) -> Floats:
    """What each world adds to the score (..., worlds), whose mean is the score: its distance from the record
    less half its mean distance from all.
    """
    given = np.asarray(distances, dtype=float)
    order = np.argsort(given, axis=-1)
    inner = np.take_along_axis(given, order, axis=-1)
    worlds, below = inner.shape[-1], np.cumsum(inner, axis=-1)
    all_, count = below[..., -1:], np.arange(1, inner.shape[-1] + 1)
    apart = (2 * count - worlds) * inner + all_ - 2 * below  # sum of the distances from the others
    added = np.empty_like(inner)
    np.put_along_axis(added, order, np.abs(inner) - apart / worlds / 2, axis=-1)
    return added


def crps(
    values: NDArray[Any],
    part: Pattern,
    *,
    start: datetime = clock.START,
    horizon: float = HORIZON,
    fair: bool = False,
) -> float:
    """The score of an ensemble's values (worlds,) of one part, as the scorecard has them.

    >>> palace = load().patterns["P09"]  # 02:10 on the 26th, give or take two hours
    >>> fallen_an_hour_late, never = np.full(8, 2890.0), np.full(8, np.inf)
    >>> crps(fallen_an_hour_late, palace), round(crps(never, palace), 3)
    (0.5, 1.917)
    """
    return float(ranked(off(values, part, start=start, horizon=horizon), fair=fair))


def parts_of(split: str, patterns: Mapping[str, Pattern] | None = None) -> list[str]:
    """The scored parts of a split, by name; of both for "all"."""
    given = load().patterns if patterns is None else patterns
    return [part for part, row in given.items() if not row.unscored and split in (row.split, "all")]


def total(
    values_by_part: Mapping[str, NDArray[Any]],
    split: str = "train",
    *,
    patterns: Mapping[str, Pattern] | None = None,
    start: datetime = clock.START,
    horizon: float = HORIZON,
    fair: bool = False,
) -> float:
    """The sum of the scores of the parts of a split that are given: `values_by_part` holds (worlds,) numbers
    for each.
    """
    rows = load().patterns if patterns is None else patterns
    return sum(
        crps(values_by_part[part], rows[part], start=start, horizon=horizon, fair=fair)
        for part in parts_of(split, rows)
        if part in values_by_part
    )


def drawn_again(distances: NDArray[Any], draws: int, seed: int) -> Floats:
    """The scores (draws, ...) if the worlds of some distances (..., worlds) were drawn again, as a bootstrap
    does; the same worlds for every part.
    """
    worlds = np.asarray(distances).shape[-1]
    again = np.random.default_rng(seed).integers(worlds, size=(draws, worlds))
    return np.stack([ranked(np.asarray(distances)[..., draw]) for draw in again])
