"""Calibration finds what it can be shown to find, looks at the fitted patterns alone, and leaves the rest at
the prior.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tqdm import tqdm

from sim import clock, parameters
from sim.analysis import emulator, fit
from sim.analysis.calibration import quantile
from sim.analysis.crps import off
from sim.analysis.emulator import Emulator
from sim.analysis.nulls import null
from sim.analysis.planted import ETAS, plant
from sim.analysis.priors import free, point_at, prior_points, values_at
from sim.analysis.simulated import Fitted, Simulated, Trial, fitted, moved
from sim.history import Pattern, load


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


def test_a_fixed_parameter_takes_no_part():
    fixed = null("pure").fixed
    assert not set(free(fixed).index) & set(fixed)
    values = values_at(prior_points(3, 1, fixed), fixed)
    assert set(values) >= set(free().index)
    assert all((values[name] == value).all() for name, value in fixed.items())


def test_only_train_is_looked_at():
    for it in fitted():
        patterns = load(event=it.event).patterns
        assert {patterns[part].split for part in it.parts} == {"train"}
        wanted = {part for part, row in patterns.items() if row.split == "train" and not row.unscored}
        assert set(it.parts) == wanted


def bowl(points: np.ndarray) -> np.ndarray:
    """A loss in which the first two parameters work together and the third does nothing."""
    return 5 + 30 * (points[:, 0] - points[:, 1]) ** 2


def test_an_emulator_learns_what_parameters_do_together():
    points = np.random.default_rng(1).random((2000, 3))
    learnt = Emulator.of(points[:1500], bowl(points[:1500]))
    missed = learnt(points[1500:]) - bowl(points[1500:])
    assert missed.var() < 0.02 * bowl(points[1500:]).var()
    assert learnt.basis.stretch[2] < 0.2 * learnt.basis.stretch[:2].min()


def test_luck_does_not_move_an_emulator_far():
    """Luck of a fifth of the loss hides a fifth of what can be told; nearly all the rest is learnt."""
    generator = np.random.default_rng(1)
    points = generator.random((2000, 3))
    luck = 1 + 0.2 * generator.normal(size=2000)
    learnt = Emulator.of(points[:1500], (bowl(points) * luck)[:1500])
    missed = learnt(points[1500:]) - bowl(points[1500:])
    assert missed.var() < 0.05 * bowl(points[1500:]).var()
    assert abs(missed.mean()) < 0.3


def test_chains_draw_from_the_density():
    """A loss of 20 (x - 0.4) squared at a rate of 2 is a normal density of spread 0.11; a parameter that does
    nothing keeps its prior. (2,000 chains: the tolerances are four standard errors.)
    """
    points = emulator.drawn(lambda points: 40 * (points[:, 0] - 0.4) ** 2, 4, 2000, 1)
    spread = np.sqrt(1 / 80)
    np.testing.assert_allclose(points[:, 0].mean(), 0.4, atol=0.01)
    np.testing.assert_allclose(points[:, 0].std(), spread, rtol=0.07)
    np.testing.assert_allclose(points[:, 1:].mean(axis=0), 0.5, atol=0.026)
    np.testing.assert_allclose(points[:, 1:].std(axis=0), np.sqrt(1 / 12), rtol=0.05)


def part(**row: object) -> Pattern:
    """A part of a pattern, minutes of the clock from eight to ten unless said otherwise."""
    given = {"low": None, "target": None, "high": None, "unit": "men"} | row
    return next(iter(load().patterns.values())).model_copy(update=given)


def test_a_planted_record_is_as_tolerant_as_the_record():
    record = part(low=1.0, target=2.0, high=5.0)
    there = moved(record, 9.0, clock.START, 4500.0)
    np.testing.assert_allclose(off(np.array([9.0, 11.0]), there), [0, 1])


def test_a_bound_that_stands_alone_gives_way_to_what_lies_beyond_it():
    record = part(low=5.0, target=9.0)
    assert moved(record, 300.0, clock.START, 4500.0).low == 5
    np.testing.assert_allclose(off(np.array([1.0, 3.0]), moved(record, 3.0, clock.START, 4500.0)), [0.5, 0.0])


def test_nothing_is_asked_where_a_question_does_not_arise():
    record = part(low=1.0, target=2.0, high=5.0)
    it = Fitted("october24", {"P01": moved(record, np.nan, clock.START, 4500.0)})
    assert (it.distances(np.array([[[1.0, 99.0, np.nan]]])) == 0).all()


def toy(points: np.ndarray, worlds: int, seed: int) -> Simulated:
    """Sets of a toy model with two parts, the first of the first parameter alone, the second of luck."""
    luck = np.random.default_rng(seed).normal(size=(len(points), 2, worlds))
    luck[:, 0] += 10 * points[:, :1]
    return Simulated(points, {"october24": luck})


TOY = (Fitted("october24", {"one": part(low=0.0, target=1.0, high=2.0), "two": part(low=-1.0, high=1.0)}),)


def test_planted_truths_are_found_and_eta_is_where_they_are_covered():
    """The interval of a parameter that matters follows it, at eta it holds it in nine of ten, and beyond it
    in fewer; one that does not matter keeps its prior. (1,500 sets, 200 truths: two standard errors are 4
    points.)
    """
    generator = np.random.default_rng(2)
    points, pool = generator.random((1500, 4)), generator.random((4000, 4))
    planted = plant(TOY, toy(points, 4, 3), range(1500), pool, 200, 5)
    eta = planted.eta()
    assert ETAS[0] < eta < ETAS[-1]
    found = planted.recovery(eta)
    assert found["held"][0] == pytest.approx(0.9, abs=0.06)
    assert found["follows"][0] > 0.8
    assert found["width_left"][0] < 0.8
    assert (found["width_left"][1:] > 0.95).all()
    assert planted.curve()["narrowed"].iloc[-1] < 0.85


def test_weights_take_out_luck():
    """Where a loss is off the emulated one by luck alone, every set of the sample weighs nearly the same;
    where by something that stays, the better sets weigh more, and those drawn to find the best one nothing.
    """
    points = np.random.default_rng(4).random((400, 4))
    flat = Simulated(points, {"october24": np.random.default_rng(7).normal(size=(400, 2, 16))})
    even, _, told = fit._weighed(TOY, flat, np.zeros(400), 1.0)
    assert told["firm"] < 0.3
    assert 1 / (even**2).sum() > 340
    weights, _, told = fit._weighed(TOY, toy(points, 16, 6), np.zeros(400), 1.0)
    assert told["firm"] > 0.9
    assert abs(weights @ points[:, 0] - 0.1) < 0.1
    assert (weights[360:] == 0).all()


def test_a_quantile_of_a_weighted_sample():
    points, weights = np.array([[3.0], [1.0], [2.0]]), np.array([0.2, 0.5, 0.3])
    assert [quantile(points, weights, q)[0] for q in (0.4, 0.6, 0.9)] == [1, 2, 3]


def test_a_trial_is_kept_and_goes_on_from_there(tmp_path: Path):
    """A block is played once; the sets of a common trial have the same luck, and the same values then the
    same history.
    """
    record, points = fitted()[:1], np.repeat(prior_points(1, 3), 2, axis=0)
    with tqdm(disable=True) as bar:
        trial = Trial(record, None, 7, tmp_path, 1, bar)
        first = trial("last draw", points, 2, common=True)
        kept = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
        again = trial("last draw", points, 2, common=True)
    values = first.values[record[0].event]
    np.testing.assert_array_equal(values[0], values[1])
    np.testing.assert_array_equal(again.values[record[0].event], values)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == kept
    assert len(kept) == 1


def test_a_small_fit_ends_in_files_that_the_model_can_run_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A fit has its sample within the priors, weights that add up, and one value for all in its best set."""
    for name, value in {"LEAST": 20, "SETS": 20, "TOP": 4, "TRUTHS": 10, "POOL": 400}.items():
        monkeypatch.setattr(fit, name, value)
    found = fit.calibrate(tmp_path, histories=1200, workers=2, progress=False)
    assert found.weights.sum() == pytest.approx(1)
    assert 0 <= found.points.min() <= found.points.max() <= 1
    written = {path.name: path for path in found.report(tmp_path, command="x", seed=1)}
    rows = pd.read_csv(written["plausible.csv"])
    assert set(rows.columns) == {*free().index, "weight"}
    best = pd.read_csv(written["calibrated.csv"]).set_index("name")["value"]
    assert best.to_dict() == pytest.approx(found.calibrated(), rel=1e-4)


def test_the_calibrated_values_and_the_sample_lie_within_the_priors():
    table, rows = parameters.table(), parameters.plausible_rows()
    assert len(rows) >= 50
    for name, value in parameters.calibrated().items():
        assert table.loc[name, "low"] <= value <= table.loc[name, "high"]
    for name in rows.columns:
        assert table.loc[name, "low"] <= rows[name].min() <= rows[name].max() <= table.loc[name, "high"]
