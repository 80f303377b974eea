"""Belief: the log-odds that the Soviet prevails follow from what is known now."""

from __future__ import annotations

from math import log, tanh

import histories
import numpy as np
import pytest
from numpy.typing import NDArray

from rules.scenes import Scene
from sim.city.streets import LAND_SPEED
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
    "near_weight": 3.0,
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
    p = scene.w["p"]
    for name, value in {**WEIGHTS, "belief_start": case["start"]}.items():
        p[name] = value
    audiences = scene.audiences
    # all places lie far, and not in the public eye
    audiences["weights"], audiences["weighed"] = 0, 0
    audiences["weights"][:, 0, 0], audiences["weighed"][:, 0, 0] = ALL, round(case["places"] * ALL)
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
    news = played["news"][:, : audiences.shape[1], : len(places)]
    for near in (False, True):
        for public in (False, True):
            weight = (places["weight"] * (places["public"] == public)).astype(np.int64)
            here = (news["near"] == near) * weight
            assert np.array_equal(
                audiences["weighed"][..., int(near), int(public)], (here * news["holder"]).sum(-1)
            )
            assert np.array_equal(audiences["weights"][..., int(near), int(public)], here.sum(-1))
    reports = played["reports"]["men"][:, : audiences.shape[1], : audiences.shape[1]]
    assert reports.shape[-2:] == (GROUPS, 2)
    assert np.array_equal(audiences["known"], reports.sum(axis=2))
    assert np.ptp(audiences["weighed"], axis=0).any()


def test_what_is_kept_is_what_would_be_worked_out() -> None:
    """Every hour of two days, to the bit: the logarithms an audience keeps are those of the men it has heard
    of, and its confidence that of the belief kept beside it.
    """
    scene, logs, beliefs = Scene(), set[float](), set[float]()
    for hour in range(49):
        scene.play(60.0 * hour)
        a, men = scene.audiences, scene.audiences["known"].sum(axis=1) + scene.w["p"]["strength_floor"]
        assert a["log_men"].tolist() == [[log(side) for side in both] for both in men]
        assert a["confidence"].tolist() == [tanh(b / 2) for b in a["confidence_of"]]
        logs, beliefs = logs | set(a["log_men"].flat), beliefs | set(a["confidence_of"])
    assert min(len(logs), len(beliefs)) > 100


def test_all_weight_is_one(opened: Scene) -> None:
    """An audience that has heard of every place in one hand counts the places at 1, however much more public
    ones and near ones weigh.
    """
    audiences, p = opened.audiences, opened.w["p"]
    audiences["weighed"] = audiences["weights"]
    audiences["known"], audiences["relief"] = 0, 0
    opened.rule("beliefs")
    assert audiences["belief"] == pytest.approx(p["belief_start"] + p["belief_places"])


@pytest.mark.parametrize(
    ("where", "parameters"),
    [((0, 1), ("public_weight",)), ((1, 0), ("near_weight",)), ((1, 1), ("public_weight", "near_weight"))],
    ids=["public", "near", "both"],
)
def test_some_places_weigh_more(opened: Scene, where: tuple[int, int], parameters: tuple[str, ...]) -> None:
    """A public place heard lost moves belief psi times as far as another of the same weight, one that lies
    near psi_near times, and one that is both psi psi_near times.
    """
    audiences, p = opened.audiences, opened.w["p"]
    audiences["known"], audiences["relief"] = 0, 0
    moved = []
    for row in (where, (0, 0)):
        audiences["weighed"] = 0
        audiences["weighed"][:, row[0], row[1]] = 4
        opened.rule("beliefs")
        moved.append(audiences["belief"] - p["belief_start"])
    assert (moved[1] > 0).all()
    assert moved[0] == pytest.approx(np.prod([p[name] for name in parameters]) * moved[1])


def test_near_is_the_quarter_and_what_lies_within_a_kilometre(opened: Scene) -> None:
    """What lies near an audience is its own quarter, and every place within a quarter of an hour on foot."""
    cast, news = opened.cast, opened.w["news"]["near"]
    minutes = cast.city.table("foot")[cast.audiences.place]
    quarter = cast.audiences.quarter[cast.places.audience]
    for a, own in enumerate(cast.audiences.quarter):
        near = news[a, : len(cast.places.ids)]
        assert near[quarter == own].all()
        others = quarter != own
        assert np.array_equal(near[others], minutes[a][others] * LAND_SPEED / 60 <= 1.0)
    assert 0 < news[: len(cast.audiences.ids), : len(cast.places.ids)].mean() < 0.3


def test_two_quarters_believe_what_they_see(opened: Scene) -> None:
    """Of the same two places, one in either quarter and in other hands, each believes the more in whoever
    holds its own.
    """
    audiences, w = opened.audiences, opened.w
    audiences["known"], audiences["relief"] = 0, 0
    audiences["weights"] = audiences["weighed"] = 0
    audiences["weights"][:2] = 10
    # near the first audience the Soviet has the places, near the second the government
    audiences["weighed"][0, :, 0], audiences["weighed"][1, :, 0] = (-4, 4), (4, -4)
    opened.rule("beliefs")
    start = w["p"]["belief_start"]
    assert audiences["belief"][0] > start > audiences["belief"][1]
    assert audiences["belief"][0] - start == pytest.approx(start - audiences["belief"][1])
    w["p"]["near_weight"] = 1.0
    opened.rule("beliefs")
    assert audiences["belief"][:2] == pytest.approx(start)


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
