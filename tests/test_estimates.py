"""Estimates: worlds of one set of parameters are a cluster, and the range between sets leaves luck out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.results.estimate import between_sets, chance, change_of_chance, change_of_mean, mean

SETS, EACH = 60, 8


def worlds(seed: int, spread: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Yes or no in the worlds of sets whose chances lie so far apart (standard deviation), about a half."""
    generator = np.random.default_rng(seed)
    sets = np.repeat(np.arange(SETS), EACH)
    chances = 0.5 + spread * np.sqrt(3) * generator.uniform(-1, 1, SETS)
    return (generator.random(len(sets)) < chances[sets]).astype(float), sets


def test_worlds_that_are_all_of_other_sets_are_independent() -> None:
    """With as many sets as worlds an interval is that of independent worlds."""
    values = worlds(1, 0.2)[0]
    alone = np.arange(len(values))
    for made in (
        chance,
        lambda v, sets: mean(v, "h", sets),
        lambda v, sets: change_of_chance(v, 1 - v, sets),
    ):
        one, other = made(values, sets=None), made(values, sets=alone)
        assert (one.low, one.high) == pytest.approx((other.low, other.high))


def test_an_interval_over_sets_covers_what_it_says() -> None:
    """Where sets differ, 95 % intervals with sets as clusters hold the mean over all sets in 95 %, and those
    without do not. (1,000 draws: two standard errors are 1.4 points.)
    """
    held, naive = [], []
    for seed in range(1000):
        values, sets = worlds(seed, 0.25)
        for found, into in ((chance(values, sets=sets), held), (chance(values), naive)):
            into.append(found.low <= 0.5 <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)
    assert np.mean(naive) < 0.9


def test_the_same_in_all_worlds_is_worth_as_many_worlds_as_sets() -> None:
    """A thing that happened in every world is as sure as so many sets make it, not so many worlds."""
    sets = np.repeat(np.arange(SETS), EACH)
    assert chance(np.ones(SETS * EACH), sets=sets).low == pytest.approx(chance(np.ones(SETS)).low)


def test_the_range_between_sets_is_that_of_their_chances() -> None:
    """It has the spread of the chances and not that of finite worlds; there is none if sets do not differ, or
    are few.
    """
    low, high = np.mean([between_sets(*worlds(seed, 0.25)) for seed in range(40)], axis=0)
    assert (low, high) == pytest.approx((0.5 - 0.39, 0.5 + 0.39), abs=0.05)
    low, high = np.mean([between_sets(*worlds(seed, 0.0)) for seed in range(40)], axis=0)
    assert high - low < 0.12
    values, sets = worlds(1, 0.25)
    assert np.isnan(between_sets(values[: 10 * EACH], sets[: 10 * EACH])).all()
    assert np.isnan(between_sets(values, np.arange(len(values)))).all()
    assert "between sets" in str(chance(values, sets=sets))
    assert "between sets" not in str(chance(values))


def test_a_paired_difference_is_of_sets_too() -> None:
    """Where the effect of a change differs between sets, the interval of its mean is wider with sets as
    clusters."""
    values, sets = worlds(3, 0.0)
    effect = np.random.default_rng(4).normal(size=SETS)[sets]
    wide, narrow = (change_of_mean(values, values + effect, "h", given) for given in (sets, None))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert wide.between[0] < -1 < 1 < wide.between[1]
