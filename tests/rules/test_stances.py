"""Stance: act for one side, stay in, act for the other; what moves a unit, and limits with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from likeness import play
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from sim.agents import SORTS, Cossacks
from sim.agents.unit import Group
from sim.luck import standard_normal
from sim.model import Petrograd
from sim.rules.stances import answer, decide, inclination

ZERO = np.zeros(1)


def respond(z: float, *, theta: float = 1.0, stay: float = 0.0, stance: int = 0, rho: float = 0.15) -> int:
    """The answer of one unit."""
    return int(answer(np.array([z]), np.array([theta]), np.array([stay]), np.array([stance]), np.array([rho]))[0])


def everybody(model: Petrograd) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Rows of all units of all worlds: world, unit, and the audience each belongs to."""
    world, unit = (x.ravel() for x in np.indices(model.columns.men.shape))
    return world, unit, model.setting.places.audience[model.columns.place[world, unit]]


# ---- the equation ----


def test_by_hand() -> None:
    """.5 + .5 tanh(.5) + .6 * (.3 - .1) + .4 * (1 - .25) + .1 = 1.251."""
    z = inclination(
        np.array(0.5), np.array(1.0), np.array([0.1, 0.3]), np.array([0.25, 1.0]), np.array(0.1), np.array(0.5), np.array(0.6), np.array(0.4)
    )
    assert z == pytest.approx(0.5 + 0.5 * np.tanh(0.5) + 0.12 + 0.3 + 0.1)


def test_belief_enters_bounded() -> None:
    """However sure of the outcome, a unit is moved by belief no further than beta."""
    moved = [float(inclination(ZERO, np.array([b]), np.zeros((1, 2)), np.zeros((1, 2)), ZERO, np.array([0.5]), ZERO, ZERO)[0]) for b in (-50, 0, 50)]
    assert moved == pytest.approx([-0.5, 0.0, 0.5])


@pytest.mark.parametrize(("z", "stance"), [(1.01, 1), (1.0, 0), (0.0, 0), (-1.0, 0), (-1.01, -1)])
def test_neutral_band(z: float, stance: int) -> None:
    """Inside its band a unit stays in; beyond it, it acts."""
    assert respond(z) == stance


@pytest.mark.parametrize(
    ("z", "was", "now"), [(0.9, 0, 0), (0.9, 1, 1), (0.84, 1, 0), (-0.9, 0, 0), (-0.9, -1, -1), (-0.84, -1, 0), (-0.9, 1, 0), (0.9, -1, 0)]
)
def test_hysteresis(z: float, was: int, now: int) -> None:
    """A stance once taken is given up only rho further in, and makes the other no easier."""
    assert respond(z, stance=was, rho=0.15) == now


def test_stay_order_widens_the_band() -> None:
    """An order to stay in barracks widens the band by its pull, on both sides."""
    assert [respond(z, stay=0.4) for z in (1.39, 1.41, -1.39, -1.41)] == [0, 1, 0, -1]


@pytest.mark.parametrize("stance", [-1, 0, 1])
@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_answer_is_odd_and_rises(stance: int, rho: float) -> None:
    """The answer never falls as the inclination rises, and is the opposite for the opposite unit."""
    z = np.linspace(-3, 3, 241)
    was, theta, stay = np.full(241, stance), np.full(241, 1.0), np.full(241, 0.3)
    now = answer(z, theta, stay, was, np.full(241, rho))
    assert (np.diff(now) >= 0).all()
    assert np.array_equal(answer(-z, theta, stay, -was, np.full(241, rho)), -now)


# ---- what enters it ----


@pytest.mark.parametrize("hours", [1, 24])
def test_wider_band(hours: int) -> None:
    """With wider neutral bands no unit that stayed in would act, and none that acts would change sides."""
    model = play(hours, worlds=range(4))
    rows = everybody(model)
    before = decide(model, *rows)
    model.band = model.band + 0.2
    after = decide(model, *rows)
    assert ((after == before) | (after == 0)).all()
    assert (after != before).any()


def test_mood_holds_for_a_block() -> None:
    """Deciding again within six hours, with nothing else changed, gives the same answer; in the next block it may not."""
    opened = Petrograd("historical", values={"agitation": 0.0})
    rows = everybody(opened)
    answers = []
    for minute in (0, 175, 355, 360):
        opened.number = int(minute // opened.pulse)
        answers.append(decide(opened, *rows))
    assert (np.array(answers[:3]) == answers[0]).all()
    assert not np.array_equal(answers[0], answers[3])


@pytest.mark.parametrize("side", [0, 1])
def test_commissar_takes_the_pull_out_of_an_order(side: int) -> None:
    """With chi = 1 an order of one side is nothing to a unit that has accepted the other side's commissar."""
    opened = Petrograd("historical", values={"commissar_discount": 1.0})
    c, rows = opened.columns, everybody(opened)
    c.bid[:], c.commissar_at[:] = 0.0, np.inf
    c.commissar_at[:, :, 1 - side] = opened.now
    unasked = decide(opened, *rows)
    c.bid[:, :, side] = 1.0
    assert np.array_equal(decide(opened, *rows), unasked)
    c.commissar_at[:] = np.inf
    assert ((decide(opened, *rows) - unasked) * (2 * side - 1) >= 0).all()


@pytest.mark.parametrize("infantry", [0, 100_000])
def test_cossacks_with_and_without_infantry(opened: Petrograd, infantry: int) -> None:
    """Cossacks who want to act for the government do, if they believe enough infantry active for it."""
    cossacks = opened.setting.units.rows[Cossacks]
    opened.columns.loyalty[:, cossacks] = -5.0
    opened.columns.known[:, :, Group.GARRISON, 0] = infantry
    world, unit, audience = everybody(opened)
    mine = np.isin(unit, cossacks)
    assert (decide(opened, world[mine], unit[mine], audience[mine]) == (-1 if infantry else 0)).all()


# ---- limits with known answers ----


def test_units_that_heed_nobody() -> None:
    """Without belief, peers and orders the shares that act are those of independent draws: P(scale leaning + noise > theta).

    Four hundred worlds; every sort's shares on both sides lie within four standard errors (about .005 for the largest).
    """
    alone = dict.fromkeys(("belief_weight", "peer_weight", "order_weight", "agitation", "hysteresis", "infantry_condition"), 0.0)
    alone["infantry_condition"] = 1e-6
    model = Petrograd("historical", worlds=range(400), values=alone)
    model.columns.stance[:] = 0
    world, unit, audience = everybody(model)
    stance = decide(model, world, unit, audience).reshape(model.columns.men.shape)
    u, p = model.setting.units, model.p
    spread = np.hypot(p.loyalty_spread[0], p.block_noise[0])
    for number, sort in enumerate(SORTS):
        rows = np.flatnonzero(u.sort == number)
        mean, theta = p.loyalty_scale[0] * u.leaning[rows], model.band[0, rows]
        for side in (-1, 1):
            willing = norm.sf((theta - side * mean) / spread) * (sort.sworn_to != -side) * (sort.infantry_for == 0)  # who wants infantry acts for no other side
            seen = (stance[:, rows] == side).mean(axis=0) * (side != sort.infantry_for)
            error = np.sqrt((willing * (1 - willing)).sum() / model.worlds) / max(len(rows), 1)
            assert abs(seen.mean() - willing.mean()) <= 4 * error + 1e-12, (sort.__name__, side)


# mean and spread of loyalty, pull of the peers, band, share that acts at first
CROWDS = {
    "slight pull": (0.2, 0.5, 0.3, 0.8, 0.0),
    "band wagon": (0.4, 0.4, 1.2, 0.8, 0.0),
    "just short of it": (0.0, 0.25, 1.3, 0.8, 0.0),
    "the same, once all act": (0.0, 0.25, 1.3, 0.8, 1.0),
    "a spread-out crowd": (-0.2, 1.5, 1.5, 1.0, 0.0),
}


def fixed_point(mean: float, spread: float, omega: float, theta: float, start: float) -> float:
    """Granovetter's r = F(r): the first share above (or, from 1, below) the start that reproduces itself."""
    grid = np.linspace(0, 1, 2001)
    gap = norm.sf((theta - omega * grid - mean) / spread) - grid
    turns = np.flatnonzero(np.sign(gap[:-1]) != np.sign(gap[1:]))
    turn = turns[0] if start == 0 else turns[-1]
    return float(brentq(lambda r: norm.sf((theta - omega * r - mean) / spread) - r, grid[turn], grid[turn + 1]))


@pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS.keys())
def test_granovetter(crowd: tuple[float, float, float, float, float]) -> None:
    """Where everybody sees everybody the share that acts comes to rest at the fixed point of the distribution of thresholds.

    A hundred thousand units with evenly spaced quantiles, so that no chance enters: agreement to a thousandth.
    """
    mean, spread, omega, theta, start = crowd
    n = 100_000
    loyalty = mean + spread * standard_normal((np.arange(n) + 0.5) / n)
    nil = np.zeros(n)
    stance = np.full(n, int(start))
    for _ in range(500):
        peers = np.broadcast_to([0.0, (stance > 0).mean()], (n, 2))
        z = inclination(loyalty, nil, peers, np.zeros((n, 2)), nil, nil, np.full(n, omega), nil)
        stance = answer(z, np.full(n, theta), nil, stance, nil)
    assert (stance > 0).mean() == pytest.approx(fixed_point(mean, spread, omega, theta, start), abs=1e-3)


def test_one_crowd_two_ends() -> None:
    """The same crowd has two points of rest, and where it started decides at which it stays."""
    low, high = (fixed_point(*CROWDS[name]) for name in ("just short of it", "the same, once all act"))
    assert low < 0.01
    assert high > 0.9
