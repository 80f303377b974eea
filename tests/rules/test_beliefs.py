"""Belief: the log-odds that the Soviet prevails follow from what is known now."""

from __future__ import annotations

import numpy as np
import pytest
from likeness import brief

from sim.model import Petrograd
from sim.rules.beliefs import beliefs, log_odds
from sim.rules.messages import messages

# b0, places heard, v, men (government, Soviet), f0, eta, relief (government, Soviet), zeta
CASE = {
    "start": np.array(-0.8), "places": np.array(0.2), "pull": np.array(1.5), "men": np.array([2000.0, 3000.0]), "floor": np.array(500.0),
    "ratio_pull": np.array(0.5), "relief": np.array([0.4, 0.1]), "relief_pull": np.array(0.6),
}


def test_by_hand() -> None:
    """-.8 + 1.5 * .2 + .5 * ln(3500 / 2500) - .6 * (.4 - .1) = -.5118."""
    assert log_odds(**CASE) == pytest.approx(-0.8 + 0.3 + 0.5 * np.log(1.4) - 0.18)


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("places", np.linspace(-1, 1, 9)),
        ("men", np.stack([np.full(9, 2000.0), np.linspace(0, 9000, 9)], axis=1)),
        ("men", np.stack([np.linspace(9000, 0, 9), np.full(9, 3000.0)], axis=1)),
        ("relief", np.stack([np.linspace(1, 0, 9), np.full(9, 0.1)], axis=1)),
        ("relief", np.stack([np.full(9, 0.4), np.linspace(0, 1, 9)], axis=1)),
    ],
    ids=["more places", "more Soviet men", "fewer government men", "less government relief", "more Soviet relief"],
)
def test_rises(what: str, more: np.ndarray) -> None:
    """Belief in the Soviet rises with its places, its men and its relief, and as the government's dwindle."""
    assert (np.diff(log_odds(**{**CASE, what: more})) > 0).all()


def test_swapped() -> None:
    """With the sides and the opening belief turned round belief is exactly the opposite."""
    swapped = {"start": -CASE["start"], "places": -CASE["places"], "men": CASE["men"][::-1], "relief": CASE["relief"][::-1]}
    assert log_odds(**{**CASE, **swapped}) == -log_odds(**CASE)


def test_nothing_known() -> None:
    """Who knows of nothing and hopes for nothing believes what he believed at first."""
    nothing = {"places": np.array(0.0), "men": np.zeros(2), "relief": np.zeros(2)}
    assert log_odds(**{**CASE, **nothing}) == -0.8


def test_places_heard_of_are_counted_once(batch: Petrograd) -> None:
    """At the end of three days the running sums of what was heard are the sums of what is known."""
    c, places = batch.columns, batch.setting.places
    weights = np.stack([places.weight * places.public, places.weight * ~places.public], axis=1)
    assert np.array_equal(c.weighed, c.heard.astype(np.int64) @ weights)
    assert np.array_equal(c.known, c.strength.sum(axis=2))


def test_all_weight_is_one(opened: Petrograd) -> None:
    """An audience that has heard of every place in one hand counts the places at 1, however much more public ones weigh."""
    c, places = opened.columns, opened.setting.places
    c.weighed[0, :, 0], c.weighed[0, :, 1] = places.weight[places.public].sum(), places.weight[~places.public].sum()
    c.known[:], c.relief[:] = 0, 0
    beliefs(opened)
    assert opened.belief == pytest.approx(opened.p.belief_start[0] + opened.p.belief_places[0])


def test_public_places_weigh_more(opened: Petrograd) -> None:
    """A public place heard lost moves belief psi times as far as another of the same weight."""
    c = opened.columns
    c.known[:], c.relief[:], c.weighed[:] = 0, 0, 0
    moved = []
    for column in (0, 1):
        c.weighed[0, :, column] = 4
        beliefs(opened)
        moved.append(opened.belief - opened.p.belief_start[0])
        c.weighed[0, :, column] = 0
    assert moved[0] == pytest.approx(opened.p.public_weight[0] * moved[1])


def test_nobody_reads_the_true_state(opened: Petrograd) -> None:
    """Belief does not change with the holders of places and the men about as they are, but only as they are heard of."""
    before = opened.belief.copy()
    opened.columns.holder[:] = 1
    opened.columns.stance[:] = 1
    beliefs(opened)
    assert np.array_equal(opened.belief, before)


@pytest.mark.parametrize("pulse", [2.5, 5.0, 10.0])
def test_hope_has_a_half_life(pulse: float) -> None:
    """Hope of relief has halved after its half-life, whatever the pulse."""
    model = Petrograd(brief(12), pulse=pulse, values={"relief_half_life": 2.0})
    model.columns.relief[:] = 0.8
    model.strength_now = np.zeros((1, len(model.setting.audiences.ids), 5, 2), np.int64)
    while model.now < 120:
        messages(model)
        model.number += 1
    assert model.columns.relief == pytest.approx(0.4)
