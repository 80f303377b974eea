"""The score of an ensemble is the ranked probability score, exactly, in half-tolerances of each part."""

import numpy as np
import pytest

from sim import clock
from sim.analysis.crps import by_world, crps, drawn_again, half_tolerance, off, parts_of, ranked, total
from sim.history import load

PATTERNS = load().patterns


def by_hand(distances):
    away = np.abs(distances).mean()
    return away - np.abs(distances[:, None] - distances[None, :]).mean() / 2


def by_integral(distances, steps=200_001):
    grid = np.linspace(-12, 12, steps)
    share = (np.asarray(distances)[None, :] <= grid[:, None]).mean(axis=1)
    return ((share - (grid >= 0)) ** 2).sum() * (grid[1] - grid[0])


@pytest.mark.parametrize("worlds", [1, 2, 7, 40])
def test_the_score_is_the_mean_distance_less_half_the_spread(worlds):
    distances = np.random.default_rng(worlds).normal(0.5, 2, worlds).round(1)  # with ties
    assert ranked(distances) == pytest.approx(by_hand(distances), abs=1e-12)
    assert by_world(distances).mean() == pytest.approx(by_hand(distances), abs=1e-12)


def test_the_score_is_the_squared_distance_of_two_distributions():
    distances = np.random.default_rng(3).normal(1, 1.5, 25)
    assert ranked(distances) == pytest.approx(by_integral(distances), abs=1e-3)


def test_what_each_world_adds_is_its_distance_less_half_its_mean_distance_from_all():
    distances = np.random.default_rng(4).normal(size=9)
    apart = np.abs(distances[:, None] - distances[None, :]).mean(axis=1)
    np.testing.assert_allclose(by_world(distances), np.abs(distances) - apart / 2)


def test_many_ensembles_are_scored_at_once():
    distances = np.random.default_rng(5).normal(size=(3, 4, 11))
    assert ranked(distances).shape == (3, 4)
    assert ranked(distances)[1, 2] == pytest.approx(by_hand(distances[1, 2]))


def test_a_fair_score_does_not_hang_on_the_number_of_worlds():
    drawn = np.random.default_rng(6).normal(size=(20_000, 3))
    wanted = by_hand(np.random.default_rng(7).normal(size=2000))
    assert ranked(drawn, fair=True).mean() == pytest.approx(wanted, abs=0.02)
    assert ranked(drawn).mean() > wanted + 0.1


def test_an_hour_is_scored_in_half_tolerances_from_the_documented_one():
    late = clock.minutes(clock.parse("26 Oct 03:10"))
    assert crps(np.full(5, late), PATTERNS["P09"]) == 0.5


def test_never_is_reckoned_as_the_horizon():
    never, end = np.full(3, np.inf), np.full(3, clock.minutes(clock.END))
    assert crps(never, PATTERNS["P09"]) == crps(end, PATTERNS["P09"]) > 1
    assert crps(never, PATTERNS["P09"], horizon=2830.0 + 240) == pytest.approx(2.0)


def test_what_does_not_arise_is_two_half_tolerances_off():
    assert off(np.array([np.nan, 30.0]), PATTERNS["P10"]).tolist() == [2.0, 0.0]


def test_a_part_of_no_width_has_the_score_of_brier():
    assert PATTERNS["P03b"].low == PATTERNS["P03b"].high == 1.0
    assert crps(np.array([1.0, 1.0, 1.0, 2.0]), PATTERNS["P03b"]) == pytest.approx(0.25**2)
    assert crps(np.array([np.nan, 1.0]), PATTERNS["P35a"]) == pytest.approx(0.25)


def test_of_a_part_with_one_bound_only_what_lies_beyond_it_counts():
    assert crps(np.array([5.0, 9.0, 80.0]), PATTERNS["P15"]) == 0
    assert crps(np.full(3, 3.0), PATTERNS["P15"]) == pytest.approx(0.5)
    assert crps(np.full(3, np.inf), PATTERNS["P20a"]) == 0


def test_an_hour_without_bound_and_target_is_measured_in_hours():
    assert half_tolerance(PATTERNS["P01"]) == half_tolerance(PATTERNS["P20a"]) == 60.0


def test_every_scored_part_has_a_width_to_be_measured_in():
    for part in parts_of("all"):
        assert PATTERNS[part].low == PATTERNS[part].high or half_tolerance(PATTERNS[part]) > 0


def test_a_total_is_the_sum_of_the_parts_of_its_split():
    values = {"P09": np.full(4, 2890.0), "P03b": np.array([1.0, 1.0, 1.0, 2.0]), "P15": np.full(4, 3.0)}
    assert total(values, "test") == pytest.approx(0.5)
    assert total(values, "train") == pytest.approx(0.25**2 + 0.5)
    assert total(values, "all") == pytest.approx(total(values, "test") + total(values, "train"))


def test_worlds_drawn_again_scatter_about_the_score():
    distances = np.random.default_rng(8).normal(1, 1, (2, 200))
    again = drawn_again(distances, 300, seed=1)
    assert again.shape == (300, 2)
    np.testing.assert_allclose(again.mean(axis=0), ranked(distances), atol=0.03)
