"""Belief: the log-odds that the Soviet prevails follow from what is known now."""

from __future__ import annotations

from math import log, tanh

import histories
import numpy as np
import pytest
from numpy.typing import NDArray

from rules.scenes import Scene
from sim.rules.beliefs import log_odds
from sim.state import GARRISON, GROUPS, WORKERS

# The opening belief, the mean of places heard of, men (government, Soviet), relief (government, Soviet).
CASE = {"start": -0.8, "places": 0.2, "men": (2000, 3000), "relief": (0.4, 0.1)}
WEIGHTS = {
    "belief_places": 1.5,
    "strength_floor": 500.0,
    "belief_strength": 0.5,
    "relief_weight": 0.6,
    "public_weight": 2.0,
}
ALL = 1000  # the weight of all places


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A city at its opening; every test writes what it needs to know."""
    return Scene()


@pytest.fixture
def opened() -> Scene:
    """A city at its opening, to be changed at will."""
    return Scene()


def belief(scene: Scene, **changes: object) -> float:
    """What the rule makes all believe who know what a case says."""
    case = {**CASE, **changes}
    w, p = scene.w, scene.w["p"]
    for name, value in {**WEIGHTS, "belief_start": case["start"]}.items():
        p[name] = value
    w["seen_weight"], w["unseen_weight"] = 0, ALL
    audiences = scene.audiences
    audiences["weighed"] = 0, round(case["places"] * ALL)
    audiences["known"], audiences["relief"] = 0, case["relief"]
    audiences["known"][:, GARRISON], audiences["known"][:, WORKERS] = (
        [m // 4 for m in case["men"]],
        [m - m // 4 for m in case["men"]],
    )
    scene.rule("beliefs")
    assert np.ptp(audiences["belief"]) == 0
    return float(audiences["belief"][0])


def test_by_hand(scene: Scene) -> None:
    """-.8 + 1.5 * .2 + .5 * ln(3500 / 2500) - .6 * (.4 - .1) = -.5118."""
    by_hand = -0.8 + 0.3 + 0.5 * np.log(1.4) - 0.18
    assert log_odds(-0.8, 1.5, 0.2, 0.5, np.log(3500 / 2500), 0.6, 0.4 - 0.1) == pytest.approx(
        by_hand, abs=1e-15
    )
    assert belief(scene) == pytest.approx(by_hand, abs=1e-15)


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("places", np.linspace(-1, 1, 9)),
        ("men", np.stack([np.full(9, 2000), np.linspace(0, 9000, 9, dtype=int)], axis=1)),
        ("men", np.stack([np.linspace(9000, 0, 9, dtype=int), np.full(9, 3000)], axis=1)),
        ("relief", np.stack([np.linspace(1, 0, 9), np.full(9, 0.1)], axis=1)),
        ("relief", np.stack([np.full(9, 0.4), np.linspace(0, 1, 9)], axis=1)),
    ],
    ids=[
        "more places",
        "more Soviet men",
        "fewer government men",
        "less government relief",
        "more Soviet relief",
    ],
)
def test_rises(scene: Scene, what: str, more: NDArray[np.float64]) -> None:
    """Belief in the Soviet rises with its places, its men and its relief, and as the government's dwindle."""
    assert (np.diff([belief(scene, **{what: value}) for value in more]) > 0).all()


def test_swapped(scene: Scene) -> None:
    """With the sides and the opening belief turned round belief is exactly the opposite."""
    swapped = {
        "start": -CASE["start"],
        "places": -CASE["places"],
        "men": CASE["men"][::-1],
        "relief": CASE["relief"][::-1],
    }
    assert belief(scene, **swapped) == -belief(scene)


def test_nothing_known(scene: Scene) -> None:
    """Who knows of nothing and hopes for nothing believes what he believed at first."""
    assert belief(scene, places=0.0, men=(0, 0), relief=(0.0, 0.0)) == -0.8


def test_places_heard_of_are_counted_once() -> None:
    """At the end of three days the running sums of what was heard are the sums of what is known."""
    played = histories.play("historical", range(64))
    places, audiences = played["places"][0], played["audiences"]
    weights = np.stack(
        [places["weight"] * places["public"], places["weight"] * ~places["public"]], axis=1
    ).astype(np.int64)
    holders = played["news"]["holder"][:, : audiences.shape[1], : len(places)].astype(np.int64)
    assert np.array_equal(audiences["weighed"], holders @ weights)
    reports = played["reports"]["men"][:, : audiences.shape[1], : audiences.shape[1]]
    assert reports.shape[-2:] == (GROUPS, 2)
    assert np.array_equal(audiences["known"], reports.sum(axis=2))
    assert np.ptp(audiences["weighed"], axis=0).any()


def test_what_is_kept_is_what_would_be_worked_out() -> None:
    """Every hour of two days, to the bit: the ratio an audience keeps is that of the men it has heard of, and
    its confidence that of the belief kept beside it.
    """
    scene, ratios, beliefs = Scene(), set[float](), set[float]()
    for hour in range(49):
        scene.play(60.0 * hour)
        a, men = scene.audiences, scene.audiences["known"].sum(axis=1) + scene.w["p"]["strength_floor"]
        assert a["log_ratio"].tolist() == [log(soviet) - log(government) for government, soviet in men]
        assert a["confidence"].tolist() == [tanh(b / 2) for b in a["confidence_of"]]
        ratios, beliefs = ratios | set(a["log_ratio"]), beliefs | set(a["confidence_of"])
    assert min(len(ratios), len(beliefs)) > 100


def test_all_weight_is_one(opened: Scene) -> None:
    """An audience that has heard of every place in one hand counts the places at 1, however much more public
    ones weigh.
    """
    audiences, p, places = opened.audiences, opened.w["p"], opened.places
    audiences["weighed"] = places["weight"][places["public"]].sum(), places["weight"][~places["public"]].sum()
    audiences["known"], audiences["relief"] = 0, 0
    opened.rule("beliefs")
    assert audiences["belief"] == pytest.approx(p["belief_start"] + p["belief_places"])


def test_public_places_weigh_more(opened: Scene) -> None:
    """A public place heard lost moves belief psi times as far as another of the same weight."""
    audiences, p = opened.audiences, opened.w["p"]
    audiences["known"], audiences["relief"] = 0, 0
    moved = []
    for column in (0, 1):
        audiences["weighed"] = 0
        audiences["weighed"][:, column] = 4
        opened.rule("beliefs")
        moved.append(audiences["belief"] - p["belief_start"])
    assert (moved[1] > 0).all()
    assert moved[0] == pytest.approx(p["public_weight"] * moved[1])


def test_nobody_reads_the_true_state(opened: Scene) -> None:
    """Belief does not change with the holders of places and the men about as they are, but only as they are
    heard of.
    """
    before = opened.audiences["belief"].copy()
    opened.places["holder"], opened.units["stance"] = 1, 1
    opened.audiences["active"] = 5000
    opened.rule("beliefs")
    assert np.array_equal(opened.audiences["belief"], before)


@pytest.mark.parametrize("pulse", [2.5, 5.0, 10.0])
def test_hope_has_a_half_life(pulse: float) -> None:
    """Hope of relief has halved after its half-life, whatever the pulse."""
    scene = Scene(pulse=pulse, relief_half_life=2.0)
    scene.audiences["relief"] = 0.8
    while scene.now < 120:
        scene.rule("messages")
        scene.tick()
    assert scene.audiences["relief"] == pytest.approx(0.4)
