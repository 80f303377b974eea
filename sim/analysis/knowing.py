"""Knowing: by how much an answer would be surer if one thing in doubt were known.

What is foretold of histories from one half of the sets is tried on the other half, so that nothing is worth
knowing for its luck: the worth of a thing without any is nought on average, and may come out below it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 5  # a thing is known to a fifth of its range
HALVINGS, DRAWS = 20, 200
INTERVAL = (2.5, 97.5)  # per cent


def worth_of_knowing(
    answers: Floats, things: pd.DataFrame, sets: NDArray[np.int64], *, threshold: float, seed: int
) -> pd.DataFrame:
    """What it is worth to know each of some things (worlds, things), from the answer in every world (worlds,)
    and the set of parameters that it has (worlds,).

    A row a thing. `value` is by how much the mean squared error of what is foretold would fall (of a chance:
    Brier's score). `verdict` is by how much more often one would be right (of a difference: how much more
    would be won) in saying whether the answer lies above the threshold. `low` and `high` bound 95 % of
    bootstrap draws of sets.
    """
    of = np.unique(sets, return_inverse=True)[1]
    counts, sums = _by_set(answers, things, of)
    generator = np.random.default_rng(seed)
    once = np.ones(int(of.max()) + 1)
    found = _halved(counts, sums, once, threshold, generator, HALVINGS)
    drawn = np.stack(
        [
            _halved(counts, sums, _drawn_again(len(once), generator), threshold, generator, 2)
            for _ in range(DRAWS)
        ]
    )
    low, high = np.percentile(drawn, INTERVAL, axis=0)
    columns = {
        f"{name}{end}": part[row]
        for row, name in enumerate(("value", "verdict"))
        for end, part in (("", found), ("_low", low), ("_high", high))
    }
    return pd.DataFrame(columns, index=things.columns)


def _drawn_again(sets: int, generator: np.random.Generator) -> Floats:
    return np.bincount(generator.integers(sets, size=sets), minlength=sets).astype(float)


def _by_set(answers: Floats, things: pd.DataFrame, of: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """How many worlds of each set lie in each fifth of each thing, and the sum of their answers: (things,
    sets, fifths) each.
    """
    sets = int(of.max()) + 1
    counts = np.zeros((things.shape[1], sets, BINS))
    sums = np.zeros_like(counts)
    for row, name in enumerate(things.columns):
        values = things[name].to_numpy(float)
        edges = np.quantile(values, np.arange(1, BINS) / BINS)
        where = of, np.searchsorted(edges, values, side="right")
        np.add.at(counts[row], where, 1.0)
        np.add.at(sums[row], where, answers)
    return counts, sums


def _halved(
    counts: Floats, sums: Floats, times: Floats, threshold: float, generator: np.random.Generator, many: int
) -> Floats:
    """The worth of knowing (value and verdict, things), the mean over so many ways to halve the sets, each of
    which counts so many times.
    """
    total = np.zeros((2, len(counts)))
    share = np.einsum("s,tsb->tb", times, counts)
    share /= share.sum(axis=1, keepdims=True)
    for _ in range(many):
        half = generator.permutation(len(times)) % 2
        one, mean_one = _foretold(counts, sums, times * half)
        other, mean_other = _foretold(counts, sums, times * (1 - half))
        total[0] += (share * (one - mean_one) * (other - mean_other)).sum(axis=1)
        for told, mean_told, true, mean_true in (
            (one, mean_one, other, mean_other),
            (other, mean_other, one, mean_one),
        ):
            won = (share * np.sign(told - threshold) * (true - threshold)).sum(axis=1)
            total[1] += (won - np.sign(mean_told - threshold) * (mean_true - threshold)) / 2
    return total / many


def _foretold(counts: Floats, sums: Floats, times: Floats) -> tuple[Floats, float]:
    """The mean answer in each fifth of each thing (things, fifths), and in all, which stands for empty
    fifths.
    """
    n, total = np.einsum("s,tsb->tb", times, counts), np.einsum("s,tsb->tb", times, sums)
    mean = float(total[0].sum() / n[0].sum())
    return np.where(n > 0, total / np.maximum(n, 1e-9), mean), mean
