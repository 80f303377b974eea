"""Stance: act for one side, stay in, act for the other; what moves a unit, and limits with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from rules.scenes import SEED, Scene, probe
from sim import luck
from sim.agents import SORTS, Cossacks
from sim.rules.stances import decide, new_moods
from sim.state import GARRISON, ON_POST, WORKERS

NEAR = 1e-9


@probe
def answers(worlds: Any, units: Any, minds: Any, stances: Any, now: Any) -> None:
    """The stance of some units now, had they such minds and stances; nothing else changes."""
    w = worlds[0]
    new_moods(w)
    for k in range(len(units)):
        unit = w.units[units[k]]
        mind, stance = unit.loyalty, unit.stance
        unit.loyalty, unit.stance = minds[k], stances[k]
        now[k] = decide(w, unit)
        unit.loyalty, unit.stance = mind, stance


def ask(
    worlds: Any, units: ArrayLike, minds: ArrayLike | None = None, stances: ArrayLike | None = None
) -> NDArray[np.int8]:
    """What some units decide, of their own mind and from the stance they have, or of others."""
    rows, table = np.asarray(units), worlds[0]["units"]
    minds, stances = (
        table[name][rows] if given is None else given
        for name, given in (("loyalty", minds), ("stance", stances))
    )
    now = np.zeros(len(rows), np.int8)
    answers(worlds, rows, np.asarray(minds, float), np.asarray(stances, np.int8), now)
    return now


class One(Scene):
    """A city in which one unit, of no sort in particular, has heard of nothing, has no orders and no mood."""

    def __init__(self, *, theta: float = 1.0, stay: float = 0.0, rho: float = 0.0) -> None:
        super().__init__(belief_weight=0.5, peer_weight=0.6, order_weight=stay, hysteresis=rho)
        it = self.it
        it["sworn"], it["infantry_for"], it["belief_pull"], it["band"] = 0, 0, 1.0, theta
        it["moved"], it["mood"], it["bid"], it["commissar_at"] = 0.0, 0.0, 0.0, np.inf
        it["confined"] = (1, 0) if stay else (0, 0)
        self.w["audiences"]["belief"], self.w["audiences"]["known"], self.w["reports"]["men"] = 0.0, 0, 0

    @property
    def it(self) -> Any:
        """The unit."""
        return self.w["units"][0]

    def respond(self, z: ArrayLike, was: ArrayLike = 0) -> NDArray[np.int8]:
        """What it answers if its mind is such and its stance was so."""
        z = np.atleast_1d(np.asarray(z, float))
        return ask(self.stage.worlds, np.zeros(len(z), int), z, np.broadcast_to(was, len(z)))


# ---- the equation ----


def test_by_hand() -> None:
    """.5 + .5 tanh(.5) + .6 * (.3 - .1) + .4 * (1 - .25) + .1 = 1.251: just below it a band keeps nobody in,
    just above it does.

    The shares of peers are means of those of one's own group, .25 and .1, and of one's quarter, .35 and .1.
    """
    one = One()
    w, it = one.w, one.it
    quarter = w["audiences"]["quarter"][w["places"]["audience"][it["place"]]]
    here = w["places"]["audience"][it["place"]]
    w["p"]["order_weight"], w["group_men"], w["audiences"]["quarter_men"] = 0.4, 1000, 2000
    w["audiences"]["belief"][here], it["bid"], it["mood"] = 1.0, (0.25, 1.0), 0.1
    w["audiences"]["known"][here, it["group"]] = 100, 250
    w["reports"]["men"][here, quarter, GARRISON], w["reports"]["men"][here, quarter, WORKERS] = (
        (50, 300),
        (150, 400),
    )
    z = 0.5 + 0.5 * np.tanh(0.5) + 0.12 + 0.3 + 0.1
    for band, stance in ((z - NEAR, 1), (z + NEAR, 0)):
        it["band"] = band
        assert one.respond(0.5) == stance
    for band, stance in ((2 - z - NEAR, -1), (2 - z + NEAR, 0)):  # of a mind 2 lower z is lower by 2
        it["band"] = band
        assert one.respond(-1.5) == stance


def test_what_moved_a_unit_counts_as_its_mind() -> None:
    """Words and shocks, and agitation since a commissar was accepted up to its bound, add to the opening
    draw.
    """
    one = One()
    w, it = one.w, one.it
    w["p"]["agitation"], w["p"]["agitation_bound"] = 0.04, 0.3
    one.set_clock(60)  # five hours
    it["moved"] = 0.2
    for commissar_at, drift in (
        ((np.inf, 0.0), 0.2),
        ((60.0, np.inf), -0.16),
        ((np.inf, -1e4), 0.3),
        ((0.0, 0.0), 0.0),
    ):
        it["commissar_at"] = commissar_at
        assert one.respond([0.8 - drift + NEAR, 0.8 - drift - NEAR]).tolist() == [1, 0]


def test_belief_enters_bounded() -> None:
    """However sure of the outcome, a unit is moved by belief no further than beta."""
    one = One()
    for belief, moved in ((-50.0, -0.5), (0.0, 0.0), (50.0, 0.5)):
        one.w["audiences"]["belief"] = belief
        assert one.respond(
            [1 - moved - NEAR, 1 - moved + NEAR, -1 - moved + NEAR, -1 - moved - NEAR]
        ).tolist() == [0, 1, 0, -1]


@pytest.mark.parametrize(("z", "stance"), [(1.01, 1), (1.0, 0), (0.0, 0), (-1.0, 0), (-1.01, -1)])
def test_neutral_band(z: float, stance: int) -> None:
    """Inside its band a unit stays in; beyond it, it acts."""
    assert One(rho=0.15).respond(z) == stance


@pytest.mark.parametrize(
    ("z", "was", "now"),
    [
        (0.9, 0, 0),
        (0.9, 1, 1),
        (0.84, 1, 0),
        (-0.9, 0, 0),
        (-0.9, -1, -1),
        (-0.84, -1, 0),
        (-0.9, 1, 0),
        (0.9, -1, 0),
    ],
)
def test_hysteresis(z: float, was: int, now: int) -> None:
    """A stance once taken is given up only rho further in, and makes the other no easier."""
    assert One(rho=0.15).respond(z, was) == now


def test_stay_order_widens_the_band() -> None:
    """An order to stay in barracks widens the band by its pull, on both sides."""
    assert One(stay=0.4).respond([1.39, 1.41, -1.39, -1.41]).tolist() == [0, 1, 0, -1]


@pytest.mark.parametrize("stance", [-1, 0, 1])
@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_answer_is_odd_and_rises(stance: int, rho: float) -> None:
    """The answer never falls as the inclination rises, and is the opposite for the opposite unit."""
    one, z = One(stay=0.3, rho=rho), np.linspace(-3, 3, 241)
    now = one.respond(z, stance)
    assert set(now) == {-1, 0, 1}
    assert (np.diff(now) >= 0).all()
    assert np.array_equal(one.respond(-z, -stance), -now)


# ---- what enters it ----


@pytest.mark.parametrize("hours", [1, 24])
def test_wider_band(hours: int) -> None:
    """With wider neutral bands no unit that stayed in would act, and none that acts would change sides."""
    changed = 0
    for world in range(4):
        scene = Scene(world=world)
        scene.play(60 * hours)
        before = ask(scene.stage.worlds, np.arange(scene.count))
        scene.units["band"] += 0.2
        after = ask(scene.stage.worlds, np.arange(scene.count))
        assert ((after == before) | (after == 0)).all()
        changed += (after != before).sum()
    assert changed > 0


def test_mood_holds_for_a_block() -> None:
    """Deciding again within six hours, with nothing else changed, gives the same answer; in the next block it
    may not.
    """
    opened, found = Scene(agitation=0.0), []
    for minute in (0, 175, 355, 360):
        opened.set_clock(int(minute // opened.layout.pulse))
        found.append(ask(opened.stage.worlds, np.arange(opened.count)))
    assert (np.array(found[:3]) == found[0]).all()
    assert not np.array_equal(found[0], found[3])


@pytest.mark.parametrize("side", [0, 1])
def test_commissar_takes_the_pull_out_of_an_order(side: int) -> None:
    """With chi = 1 an order of one side is nothing to a unit that has accepted the other side's commissar."""
    opened = Scene(commissar_discount=1.0)
    units, worlds, everybody = opened.units, opened.stage.worlds, np.arange(opened.count)
    units["bid"], units["commissar_at"] = 0.0, np.inf
    units["commissar_at"][:, 1 - side] = opened.now
    unasked = ask(worlds, everybody)
    units["bid"][:, side] = 1.0
    assert np.array_equal(ask(worlds, everybody), unasked)
    units["commissar_at"] = np.inf
    moved = (ask(worlds, everybody) - unasked) * (2 * side - 1)
    assert (moved >= 0).all()
    assert moved.any()


@pytest.mark.parametrize("infantry", [0, 100_000])
def test_cossacks_with_and_without_infantry(infantry: int) -> None:
    """Cossacks who want to act for the government do, if they believe enough infantry active for it; for the
    Soviet they never do.
    """
    opened = Scene()
    cossacks = opened.sort(Cossacks)
    opened.audiences["known"][:, GARRISON] = infantry
    assert len(cossacks) > 0
    for mind in (-5.0, 5.0):
        willing = ask(opened.stage.worlds, cossacks, np.full(len(cossacks), mind))
        assert (willing == (-1 if infantry and mind < 0 else 0)).all()


# ---- limits with known answers ----


def test_units_that_heed_nobody() -> None:
    """Without belief, peers and orders the shares that act are those of independent draws: P(scale leaning +
    noise > theta).

    Four hundred worlds; every sort's shares on both sides lie within four standard errors (about .005 for the
    largest).
    """
    alone = dict.fromkeys(("belief_weight", "peer_weight", "order_weight", "agitation", "hysteresis"), 0.0)
    scene, worlds = Scene(infantry_condition=1e-6, **alone), 400
    units, p, everybody = scene.units.copy(), scene.w["p"].copy(), np.arange(scene.count)
    stance = np.zeros((worlds, scene.count), np.int8)
    for world in range(worlds):
        scene.stage.open(SEED, world, {"infantry_condition": 1e-6, **alone})
        stance[world] = ask(scene.stage.worlds, everybody, None, np.zeros(scene.count))
    spread = np.hypot(p["loyalty_spread"], p["block_noise"])
    for sort in SORTS:
        rows = scene.sort(sort)
        mean, theta = p["loyalty_scale"] * units["leaning"][rows], units["band"][rows]
        for side in (-1, 1):
            able = (units["sworn"][rows] != -side) & (
                units["infantry_for"][rows] == 0
            )  # who wants infantry acts for no other side
            willing = norm.sf((theta - side * mean) / spread) * able
            asks_infantry = units["infantry_for"][rows] == side
            seen = ((stance[:, rows] == side) & ~asks_infantry).mean(axis=0)
            error = np.sqrt((willing * (1 - willing)).sum() / worlds) / max(len(rows), 1)
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
    return float(
        brentq(lambda r: norm.sf((theta - omega * r - mean) / spread) - r, grid[turn], grid[turn + 1])
    )


def at_rest(mean: float, spread: float, omega: float, theta: float, start: float) -> float:
    """The share that acts in the end of a hundred thousand of one group and one quarter, each of whom decides
    as the rule does.

    Their minds are evenly spaced quantiles, so that no chance enters; only for the Soviet does anybody act.
    """
    one, n = One(theta=theta), 100_000
    w, it = one.w, one.it
    it["sworn"] = 1
    w["p"]["peer_weight"], w["group_men"], w["audiences"]["quarter_men"] = omega, n, n
    minds = mean + spread * np.array([luck.normal(u) for u in (np.arange(n) + 0.5) / n])
    stance = np.full(n, int(start), np.int8)
    for _ in range(500):
        active = (stance > 0).sum()
        w["audiences"]["known"][:, it["group"], 1] = w["reports"]["men"][:, :, it["group"], 1] = active
        stance = one.respond(minds, stance)
        if (stance > 0).sum() == active:
            break
    return float((stance > 0).mean())


@pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS.keys())
def test_granovetter(crowd: tuple[float, float, float, float, float]) -> None:
    """Where everybody sees everybody the share that acts comes to rest at the fixed point of the distribution
    of thresholds.

    A hundred thousand units with evenly spaced quantiles, so that no chance enters: agreement to a
    thousandth.
    """
    assert at_rest(*crowd) == pytest.approx(fixed_point(*crowd), abs=1e-3)


def test_one_crowd_two_ends() -> None:
    """The same crowd has two points of rest, and where it started decides at which it stays."""
    low, high = (CROWDS[name] for name in ("just short of it", "the same, once all act"))
    assert low[:-1] == high[:-1]
    assert fixed_point(*low) < 0.01
    assert fixed_point(*high) > 0.9
    assert at_rest(*low) < 0.01
    assert at_rest(*high) > 0.9


# ---- the rule ----


def test_the_rule_takes_what_they_decide() -> None:
    """Whoever is awake takes the stance that he decides on; whoever sleeps keeps his."""
    scene = Scene()
    units = scene.units
    units["clock_at"], units["thinks_at"], units["ordered"] = np.inf, np.inf, False
    scene.w["audiences"]["stirred"] = False
    awake = np.arange(scene.count) % 2 == 0
    units["thinks_at"][awake] = scene.now
    units["loyalty"] = np.where(np.arange(scene.count) % 4 < 2, 3.0, -3.0)
    before, decided = units["stance"].copy(), ask(scene.stage.worlds, np.arange(scene.count))
    can = awake & (units["men"] > 0) & ~units["spent"] & (units["duty"] <= ON_POST)
    scene.rule("stances")
    assert np.array_equal(units["stance"], np.where(can, decided, before))
    assert (decided != before)[can].sum() > 50
