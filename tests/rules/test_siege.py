"""Sieges: rates by hand, departures and losses as often as their rates say, and when the two sides shoot."""

from __future__ import annotations

import numpy as np
import pytest
from likeness import brief
from numpy.typing import NDArray

from sim.agents import Cadets, RedGuards
from sim.agents.unit import Duty
from sim.model import Petrograd
from sim.parameters import centres
from sim.rules.siege import desertion_rate, siege, vote_rate

WORLDS = 400
QUIET = {"desertion_rate": 1e-12, "vote_rate": 1e-12, "parley_rate": 1e-12, "infiltration_rate": 1e-12, "shot_rate": 1e-12, "cohesion_drift": 1e-12}
WEIGHTS = {"lambda0": 0.03, "a1": 1.0, "a2": 1.5, "a3": 0.02, "a4": 2.0, "a5": 0.4, "a6": 0.3}


class Ring:
    """A palace held by cadets, with Red Guards round it, in a city in which otherwise nobody stirs."""

    def __init__(self, *, inside: int = 200, outside: int = 2000, detachments: int = 1, **values: float) -> None:
        self.model = Petrograd(brief(51), worlds=range(WORLDS), values={**centres(), **QUIET, **values})
        m = self.model
        c, s = m.columns, m.setting
        c.men[:], c.stance[:], c.duty[:], c.cohesion[:] = 0, 0, Duty.IN_QUARTERS, 1.0
        self.k = next(k for k, place in enumerate(s.places.besieged) if s.places.seat[place])
        self.place = int(s.places.besieged[self.k])
        self.guards = s.units.rows[Cadets][:detachments]
        self.ring = int(s.units.rows[RedGuards][0])
        for unit in self.guards:
            self._post(int(unit), inside, -1, self.place)
        self._post(self.ring, outside, 1, int(m.ring_posts[self.place][0]))

    def _post(self, unit: int, men: int, stance: int, place: int) -> None:
        c = self.model.columns
        c.men[:, unit], c.stance[:, unit], c.duty[:, unit], c.place[:, unit] = men, stance, Duty.ON_POST, place
        c.arms[:, unit], c.loyalty[:, unit], c.moved[:, unit] = 1.0, stance, 0.0

    def last(self, minutes: float) -> None:
        """The siege alone, for some minutes."""
        end = self.model.now + minutes
        while self.model.now < end:
            siege(self.model)
            self.model.number += 1

    def inside(self) -> NDArray[np.int64]:
        """Men left inside (worlds,)."""
        c = self.model.columns
        return np.asarray((c.men[:, self.guards] * (c.duty[:, self.guards] == Duty.BESIEGED)).sum(axis=1))


def test_desertion_by_hand() -> None:
    """lambda0 exp(-a1 (st - .5) - a2 (c - .5) + a3 h + a4 (l - .5) + a5 shells/10 + a6 agitators)."""
    rate = desertion_rate(np.array(0.8), np.array(0.6), np.array(10.0), np.array(0.9), np.array(20), np.array(True), **WEIGHTS)
    assert rate == pytest.approx(0.03 * np.exp(-1.0 * 0.3 - 1.5 * 0.1 + 0.02 * 10 + 2.0 * 0.4 + 0.4 * 2 + 0.3))


def test_a_vote_by_hand() -> None:
    """(lambda (1 + 3 seen) + parley offer) (.5 + isolation) 2 losing exp(-2 (st - .5) - 2 (c - .5))."""
    one = np.array
    rate = vote_rate(one(0.4), one(0.75), one(0.9), one(0.8), one(0.6), one(2.0), rate=0.1, parley=0.2)
    assert rate == pytest.approx((0.1 * 2.2 + 0.4) * 1.25 * 1.8 * np.exp(-0.6 - 0.2))


@pytest.mark.parametrize(("outside", "besieged"), [(150, False), (2000, True)])
def test_a_ring_is_closed_by_the_stronger(outside: int, besieged: bool) -> None:
    """The place is besieged once those round it are stronger than those inside, and not before."""
    scene = Ring(outside=outside)
    scene.last(5)
    assert np.isfinite(scene.model.columns.ring_at[:, scene.k]).all() == besieged
    assert (scene.inside() == (200 if besieged else 0)).all()


def test_nobody_leaves_where_nothing_moves_him() -> None:
    """Without departures, parties, shots or guns a siege goes on for ever."""
    scene = Ring()
    scene.last(600)
    c = scene.model.columns
    assert (scene.inside() == 200).all()
    assert not c.killed.any()
    assert (c.holder[:, scene.place] == -1).all()


def test_men_desert_as_often_as_the_rate_says() -> None:
    """Of 200 men at a tenth an hour, all weights nought, so many are left after three hours: within four standard errors."""
    weights = {f"desertion_{name}": 0.0 for name in ("steadfast", "cohesion", "hunger", "belief", "shells", "agitators")}
    scene = Ring(**{**weights, "desertion_rate": 0.1})
    scene.last(180)
    left, share = scene.inside(), np.exp(-0.1 * 3)
    error = np.sqrt(share * (1 - share) / 200 / WORLDS)
    assert abs(left.mean() / 200 - share) < 4 * error + 2e-3  # the first pulse only closes the ring


def test_a_vote_takes_the_whole_detachment() -> None:
    """Who votes to go goes at once with all his men, and takes no more orders."""
    scene = Ring(vote_rate=2.0, detachments=4)
    scene.last(60)
    c = scene.model.columns
    gone = c.duty[:, scene.guards] != Duty.BESIEGED
    assert 0 < gone.mean() < 1
    assert (c.men[:, scene.guards] == 200).all()
    assert (c.spent[:, scene.guards] == gone).all()


def test_nobody_shoots_before_the_term_is_out() -> None:
    """Ring and palace hold their fire until a term runs out, a gun speaks or the assault is ordered; then they may shoot, and pause when told."""
    scene = Ring(shot_rate=1e3)
    c = scene.model.columns
    scene.last(60)
    assert not c.firing[:, scene.place].any()
    c.term_at[:, scene.k] = scene.model.now
    scene.last(10)
    assert c.firing[:, scene.place].all()
    assert np.isfinite(c.first_shots[:, scene.place]).all()
    c.paused_until[:, scene.k] = scene.model.now + 30
    scene.last(5)
    assert not c.firing[:, scene.place].any()


def test_the_killed_are_poisson() -> None:
    """Both sides lose a min(foes, 300) / cover an hour, those inside behind the position factor; every killed man is missing from a unit.

    Means within four standard errors of 400 worlds.
    """
    scene = Ring(shot_rate=1e6, loss_rate=0.01, palace_factor=4.0)
    m, c = scene.model, scene.model.columns
    c.term_at[:, scene.k] = 0.0
    scene.last(5)
    before = c.killed.copy()
    scene.last(60)
    killed = c.killed - before
    inside, outside = 0.01 * 300 / 4, 0.01 * 200
    for side, mean in ((0, inside), (1, outside)):
        assert abs(killed[:, side].mean() - mean) < 4 * np.sqrt(mean / WORLDS) + 0.03
    assert np.array_equal(c.killed, np.stack([200 - c.men[:, scene.guards[0]], 2000 - c.men[:, scene.ring]], axis=1))
    assert np.array_equal(c.fallen[:, scene.place], c.killed)
    assert m.now > 60


def test_the_many_disarm_detachments_at_their_rate() -> None:
    """Intruders who are more than the men inside disarm each detachment at disarming_rate (1.5 - cohesion) an hour."""
    scene = Ring(inside=20, detachments=4, disarming_rate=0.8)
    c = scene.model.columns
    scene.last(5)
    c.intruders[:, scene.k] = 90
    scene.last(30)
    share = (c.duty[:, scene.guards] == Duty.GONE).mean()
    expected = 1 - np.exp(-0.8 * 0.5 * 0.5)
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / 4 / WORLDS)


def test_the_few_are_disarmed() -> None:
    """Intruders who are fewer than the men inside dwindle at two an hour each, and disarm nobody."""
    scene = Ring()
    c = scene.model.columns
    scene.last(5)
    c.intruders[:, scene.k] = 100
    scene.last(60)
    assert c.intruders[:, scene.k].mean() == pytest.approx(100 * np.exp(-2), rel=0.1)
    assert (scene.inside() == 200).all()


def test_shells_and_hits_are_poisson() -> None:
    """Guns that are ready fire shell_pace an hour, and a share of shell_hits strikes; nobody is killed, cohesion goes down."""
    scene = Ring(shell_pace=30.0, shell_hits=0.1)
    c = scene.model.columns
    scene.last(5)
    c.fire_at[:, scene.k], c.shells_left[:, scene.k] = scene.model.now, 1000
    scene.last(60)
    assert abs(c.shells[:, scene.k].mean() - 30) < 4 * np.sqrt(30 / WORLDS)
    assert abs(c.hits[:, scene.k].mean() - 3) < 4 * np.sqrt(3 / WORLDS)
    assert not c.killed.any()
    assert (c.cohesion[:, scene.guards[0]] == pytest.approx(np.maximum(1 - 0.03 * c.hits[:, scene.k], 0)))
