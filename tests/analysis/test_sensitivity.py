"""What an answer hangs on is found where it was planted, and luck is not taken for it."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim import parameters
from sim.analysis.knowing import worth_of_knowing
from sim.analysis.priors import point_at
from sim.analysis.sensitivity import elementary, opening_things, screened, shared, within
from sim.analysis.trying import OPENINGS, Question, inputs, opened
from sim.counterfactual.measures import MEASURES
from sim.plan.layout import Stage, layout
from sim.plots.hangs import hangs

NAMES = [f"x{k}" for k in range(10)]
LUCK = np.random.default_rng(7).random(400)


def planted(points):
    """Something happens in a world if its luck is below a chance that two inputs raise."""
    return (0.2 + 0.5 * points[:, [2]] + 0.25 * points[:, [5]] > LUCK).astype(float)


def by_luck(points):
    """Something that no input has a part in, and that is drawn anew for every point."""
    seeds = np.abs(points @ np.arange(1.0, points.shape[1] + 1) * 1e6).astype(np.int64)
    return np.stack([np.random.default_rng(seed).random(8) < 0.5 for seed in seeds]).astype(float)


def question(**other):
    scenario = sim.scenario("historical")
    return Question((scenario,), MEASURES["palace_falls"], 2, 1917, 1, progress=False, **other)


def test_screening_finds_what_was_planted():
    """Both inputs are found with the right effect over their whole range; all others are nought."""
    table = screened(planted, NAMES, trajectories=8, seed=1)
    assert table["effect"].nlargest(2).index.tolist() == ["x2", "x5"]
    assert table.loc["x2", "effect"] == pytest.approx(0.5, abs=0.08)
    assert table.index[table["told"]].tolist() == ["x2", "x5"]
    assert (table["low"] <= table["effect"]).all()


def test_elementary_effects_are_those_of_one_input_each():
    points = np.array([[0, 0], [0, 2 / 3], [2 / 3, 2 / 3]])
    effects = elementary(points, points @ np.array([3.0, -1.0]), 2)
    assert effects[0] == pytest.approx([3, -1])


def test_shares_are_those_of_the_planted_function():
    """Of a sum, an input's share of the variance is that of the square of its slope."""
    table = shared(planted, NAMES, rows=256, seed=1)
    true = {"x2": 0.8, "x5": 0.2}
    for name, share in true.items():
        assert table.loc[name, "total"] == pytest.approx(share, abs=0.06)
        assert table.loc[name, "first"] == pytest.approx(share, abs=0.1)
    assert set(table.index[table["told"]]) == set(true)


def test_luck_is_no_share():
    """Where an answer is luck alone, SALib's totals are near 1, and ours cannot be told from nought."""
    points = shared(by_luck, NAMES[:4], rows=64, seed=1)
    assert (points["ST"] > 0.7).all()
    assert points.attrs["luck"] > 0.7
    assert not screened(by_luck, NAMES, trajectories=12, seed=1)["told"].sum() > 2


def test_the_thing_worth_knowing_is_found():
    """One of ten things moves a chance from .2 to .8: its worth is the variance of that."""
    generator = np.random.default_rng(5)
    sets = np.repeat(np.arange(200), 10)
    things = pd.DataFrame(generator.random((200, 10))[sets], columns=NAMES)
    answers = (generator.random(2000) < 0.2 + 0.6 * things["x3"]).astype(float).to_numpy()
    found = worth_of_knowing(answers, things, sets, threshold=0.5, seed=1)
    assert found["value"].idxmax() == "x3"
    assert found.loc["x3", "value"] == pytest.approx(0.36 / 12, rel=0.35)
    assert found.loc["x3", "value_low"] > 0
    assert found.loc["x3", "verdict"] > 0.05
    assert (found.drop("x3")["value_low"] > 0).sum() <= 2
    assert found.drop("x3")["value"].abs().max() < 0.005


def test_the_middle_of_the_openings_changes_nothing():
    """At the middle of every doubt the opening is as it was; at its end, minds and men are others."""
    made = layout(sim.scenario("historical"))
    stage = Stage(made)
    same = opened(stage, made, [0.5] * len(OPENINGS)).template
    for name in ("leaning", "men", "party", "regiment", "arms"):
        assert (same["units"][name] == made.template["units"][name]).all()
    other = opened(stage, made, [1.0] * len(OPENINGS)).template
    assert other["units"]["leaning"].sum() > made.template["units"]["leaning"].sum()
    assert other["units"]["men"].sum() > made.template["units"]["men"].sum()


def test_a_point_is_its_worlds():
    """At the calibrated values the answer is that of the ensemble which has them, world by world."""
    point = np.concatenate([point_at(parameters.calibrated()), np.full(len(OPENINGS), 0.5)])
    many = sim.ensemble("historical", worlds=2, parameters="calibrated", progress=False)
    assert question()(point[None])[0] == pytest.approx(many.measure("palace_falls"))
    assert within(question(), ["turnout"])(np.array([[0.1], [0.9]])).shape == (2, 2)


def test_finished_points_are_kept(tmp_path, monkeypatch):
    points = np.random.default_rng(1).random((1, len(inputs())))
    first = question(kept=tmp_path)(points)
    monkeypatch.setattr(Question, "_played", lambda *_: pytest.fail("played again"))
    assert (question(kept=tmp_path)(points) == first).all()


def test_what_is_drawn_at_the_opening():
    things = opening_things(sim.scenario("historical"), 3, 1917)
    assert {"men:red_guard", "mind:guards_regiment"} <= set(things)
    assert all(len(values) == 3 for values in things.values())


def test_the_ladders_show_what_was_found():
    """A row an input on both, full where it can be told from nought."""
    shares = shared(planted, NAMES, rows=64, seed=1).assign(label=lambda t: t.index)
    knowing = pd.DataFrame(
        {
            "label": ["men", "minds"],
            "value": [0.01, 0.0],
            "value_low": [0.005, -0.1],
            "value_high": [0.02, 0.1],
        }
    )
    figure = hangs(shares, knowing, asked="the palace is taken in historical", about="Two worlds.")
    left, right = figure.axes
    assert len([line for line in left.lines if line.get_gid() == "share"]) == len(NAMES)
    assert [text.get_text() for text in right.get_yticklabels()] == ["men", "minds"]
    assert "the palace is taken" in figure.texts[0].get_text()
