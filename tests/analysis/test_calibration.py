"""Calibration finds what it can be shown to find, looks at the fitted patterns alone, and leaves the rest at
the prior.
"""

import numpy as np
import pytest

import sim
from sim import parameters
from sim.analysis.calibration import (
    Emulator,
    Targets,
    free,
    point_at,
    prior_points,
    sample,
    spread_left,
    values_at,
)
from sim.analysis.scorecard import Scorecard
from sim.history import load


def test_points_and_values_are_each_others_inverse():
    points = prior_points(5, 1)
    values = values_at(points)
    back = np.array([point_at({name: column[k] for name, column in values.items()}) for k in range(5)])
    np.testing.assert_allclose(back, points, atol=1e-9)


def test_draws_cover_every_prior_evenly():
    points = prior_points(200, 1)
    assert (np.abs(points.mean(axis=0) - 0.5) < 0.01).all()
    table = free()
    for name, column in values_at(points).items():
        assert table.loc[name, "low"] <= column.min() <= column.max() <= table.loc[name, "high"]


def test_only_train_is_looked_at():
    patterns = load().patterns
    card = Scorecard("", patterns, {part: np.zeros(3) for part, row in patterns.items() if not row.unscored})
    assert {patterns[part].split for part in Targets.of(card).parts} == {"train"}


def test_an_emulator_and_its_sampler_recover_a_known_truth_and_leave_the_rest_alone():
    generator = np.random.default_rng(3)
    points = prior_points(600, 3)
    truth = np.full(points.shape[1], 0.5)
    truth[:2] = 0.8, 0.2

    def simulated(where):
        return np.stack([3 * where[:, 0] + where[:, 1] ** 2, 4 * where[:, 1]], axis=1)

    statistics = simulated(points) + 0.05 * generator.standard_normal((600, 2))
    targets = Targets(("one", "two"), simulated(truth[None, :])[0], np.array([0.3, 0.3]))
    found = sample(Emulator.taught(points, statistics), targets, np.ones(2), 600, 400, 3, points)
    np.testing.assert_allclose(found[:, :2].mean(axis=0), truth[:2], atol=0.08)
    left = spread_left(found)
    assert (left[:2] < 0.5).all()
    assert np.median(left[2:]) > 0.9


def test_the_calibrated_values_and_the_plausible_sets_lie_within_the_priors():
    table, rows = parameters.table(), parameters.plausible_rows()
    assert len(rows) >= 50
    for name, value in parameters.calibrated().items():
        assert table.loc[name, "low"] <= value <= table.loc[name, "high"]
    for name in rows.columns:
        assert table.loc[name, "low"] <= rows[name].min() <= rows[name].max() <= table.loc[name, "high"]


def test_plausible_sets_go_with_the_world_whatever_the_number_of_worlds():
    few, many = parameters.plausible(3, first=5), parameters.plausible(8)
    assert all((few[name] == many[name][5:]).all() for name in few)


def test_an_ensemble_takes_its_parameters_from_the_plausible_sets_and_any_world_can_be_had_again():
    many = sim.ensemble("historical", worlds=3, workers=1, parameters="plausible")
    assert many.values["hq_orders"][2] == parameters.plausible_rows()["hq_orders"][2]
    alone = sim.run("historical", world=2, parameters="plausible")
    assert str(many.world(2)) == str(alone)


def test_a_parameter_that_a_scenario_sets_is_not_drawn():
    slow = sim.scenario("historical").but("slow", sim.parameter("hq_orders", 0.5))
    assert "hq_orders" not in sim.ensemble(slow, worlds=2, workers=1, parameters="plausible").values


def test_another_word_than_plausible_is_refused():
    with pytest.raises(ValueError, match="plausible"):
        sim.ensemble("historical", worlds=2, parameters="likely")
