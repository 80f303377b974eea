"""Sieges: rates by hand, departures and losses as often as their rates say, and when the two sides shoot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rules.scenes import Scene, probe
from sim import luck
from sim.agents import Cadets, RedGuards
from sim.parameters import centres
from sim.rules.messages import EARSHOT, SIGHT
from sim.rules.siege import ATTACKERS, DEFENDERS, desertion_rate, vote_rate
from sim.state import BESIEGED, GONE, ON_POST

WORLDS = 400
NEVER_SO = 1e-12
QUIET = dict.fromkeys(
    ("desertion_rate", "vote_rate", "parley_rate", "infiltration_rate", "shot_rate", "cohesion_drift"),
    NEVER_SO,
)
WEIGHTS = {
    "desertion_rate": 0.03,
    "desertion_steadfast": 1.0,
    "desertion_cohesion": 1.5,
    "desertion_hunger": 0.02,
    "desertion_belief": 2.0,
    "desertion_shells": 0.4,
    "desertion_agitators": 0.3,
}


@probe
def rates(worlds: Any, k: int, u: int, losing: float, seen: float) -> tuple[float, float]:
    """Rates per hour at which a unit inside a besieged place loses its men one by one, and votes to go."""
    w = worlds[0]
    it, unit = w.sieges[k], w.units[u]
    holder = w.places[it.place].holder
    return desertion_rate(w, it, unit, holder, losing), vote_rate(w, it, unit, losing, seen)


class Ring(Scene):
    """A palace held by cadets, with Red Guards round it who are worth soldiers, in a city in which otherwise
    nobody stirs.
    """

    def __init__(
        self, *, inside: int = 200, outside: int = 2000, detachments: int = 1, **values: float
    ) -> None:
        super().__init__(**{**centres(), **QUIET, "levy_worth": 1.0, **values})
        self.send_home()
        places = self.cast.places
        self.k = next(k for k, place in enumerate(places.besieged) if places.seat[place])
        self.palace = int(places.besieged[self.k])
        self.guards, self.ring = self.sort(Cadets)[:detachments], int(self.sort(RedGuards)[0])
        for unit in self.guards:
            self.post(int(unit), inside, -1, self.palace, loyalty=-1.0)
        self.post(self.ring, outside, 1, int(np.flatnonzero(places.ring[self.k])[0]), loyalty=1.0)

    @property
    def it(self) -> Any:
        """The siege."""
        return self.w["sieges"][self.k]

    @property
    def at(self) -> Any:
        """The palace."""
        return self.w["places"][self.palace]

    def last(self, minutes: float) -> None:
        """The siege alone, for some minutes."""
        end = self.now + minutes
        while self.now < end:
            self.rule("siege")
            self.tick()

    def inside(self) -> int:
        """Men left inside."""
        guards = self.units[self.guards]
        return int((guards["men"] * (guards["duty"] == BESIEGED)).sum())


@pytest.fixture(scope="module")
def hall() -> Ring:
    """A siege after ten hours, of which only rates are asked; every test writes what it needs to know."""
    return Ring(**WEIGHTS)


def enter(ring: Ring, *, loyalty: float = -1.0, cohesion: float = 0.6) -> Any:
    """A unit inside, of a mind for the government; it was fed ten hours ago, has light and a telephone, and
    hopes for relief.
    """
    ring.set_clock(120)
    ring.w["p"]["agitation"] = 0.0
    unit, hall = ring.w["units"][ring.guards[0]], ring.w["audiences"][ring.at["audience"]]
    unit["loyalty"], unit["cohesion"], unit["fed_at"], unit["commissar_at"] = loyalty, cohesion, 0.0, np.inf
    ring.at["power"], hall["line"], hall["relief"] = True, True, (0.5, 0.0)
    it = ring.it
    it["shells"], it["intruders"], it["way_out"], it["barred"], it["tight"] = 0, 0, 0, False, False
    it["ring_strength"], it["inner_strength"] = 2000, 1000
    return unit


def test_desertion_by_hand(hall: Ring) -> None:
    """lambda0 exp(-a1 (st - .5) - a2 (c - .5) + a3 h + a4 (l - .5) + a5 shells/10 + a6 agitators)."""
    unit = enter(hall)  # steadfast .5 + .3 * 1 = .8
    hall.it["shells"], unit["commissar_at"] = 20, (np.inf, 60.0)
    rate, _ = rates(hall.stage.worlds, hall.k, hall.guards[0], 0.9, 0.0)
    assert rate == pytest.approx(
        0.03 * np.exp(-1.0 * 0.3 - 1.5 * 0.1 + 0.02 * 10 + 2.0 * 0.4 + 0.4 * 2 + 0.3)
    )


def test_agitators_are_of_the_other_side_or_inside(hall: Ring) -> None:
    """A commissar of the besiegers agitates, or intruders do; one of the holder's own does not."""
    found = []
    for commissar_at, intruders in (
        ((np.inf, np.inf), 0),
        ((60.0, np.inf), 0),
        ((np.inf, 60.0), 0),
        ((np.inf, np.inf), 12),
    ):
        unit = enter(hall)
        unit["commissar_at"], hall.it["intruders"] = commissar_at, intruders
        found.append(rates(hall.stage.worlds, hall.k, hall.guards[0], 0.5, 0.0)[0])
    assert found == pytest.approx([found[0], found[0], found[0] * np.exp(0.3), found[0] * np.exp(0.3)])


@pytest.mark.parametrize(
    ("loyalty", "steadfast"), [(-3.0, 1.0), (-1.0, 0.8), (0.0, 0.5), (1.0, 0.2), (3.0, 0.0)]
)
def test_steadfast_by_hand(hall: Ring, loyalty: float, steadfast: float) -> None:
    """Steadfastness is .5 + .3 of the mind towards the holder, from 0 to 1."""
    enter(hall, loyalty=loyalty, cohesion=0.5)
    rate, _ = rates(hall.stage.worlds, hall.k, hall.guards[0], 0.5, 0.0)
    assert rate == pytest.approx(0.03 * np.exp(-(steadfast - 0.5) + 0.02 * 10))


@pytest.mark.parametrize(
    ("barred", "tight", "way_out", "share"),
    [(0, 0, 2, 1), (1, 0, 2, 0.25), (0, 1, 2, 1), (0, 1, 0, 0.5), (1, 1, 0, 0.25)],
)
def test_a_vote_by_hand(hall: Ring, barred: int, tight: int, way_out: int, share: float) -> None:
    """(lambda (1 + 3 seen) + parley offer) (.5 + isolation) 2 losing exp(-2 (st - .5) - 2 (c - .5)).

    A quarter of it where officers let nobody go, half of it where nobody is let out unasked and no way out is
    offered.
    """
    unit = enter(hall)
    hall.w["p"]["vote_rate"], hall.w["p"]["parley_rate"] = 0.1, 0.2
    hall.at["power"], unit["fed_at"] = False, -121.0
    hall.w["audiences"]["relief"][hall.at["audience"]] = (
        0.05,
        0.0,
    )  # dark, hungry for over half a day, and alone, but on the telephone
    hall.it["way_out"], hall.it["barred"], hall.it["tight"] = way_out, barred, tight
    _, rate = rates(hall.stage.worlds, hall.k, hall.guards[0], 0.9, 0.4)
    assert rate == pytest.approx(share * (0.1 * 2.2 + 0.2 * way_out) * 1.25 * 1.8 * np.exp(-0.6 - 0.2))


def test_isolation_and_offer_by_hand(hall: Ring) -> None:
    """Darkness, a dead line, hunger and no hope count a quarter each; the offer of a ring that is not the
    stronger counts nothing.
    """
    found = []
    for dark, dead, hungry, alone in (
        (0, 0, 0, 0),
        (1, 0, 0, 0),
        (0, 1, 0, 0),
        (0, 0, 1, 0),
        (0, 0, 0, 1),
        (1, 1, 1, 1),
    ):
        unit, place = enter(hall), hall.w["audiences"][hall.at["audience"]]
        hall.w["p"]["vote_rate"], hall.it["way_out"], hall.it["ring_strength"] = 0.1, 2, 1000
        hall.at["power"], place["line"], unit["fed_at"] = not dark, not dead, -121.0 if hungry else 0.0
        place["relief"] = 0.09 if alone else 0.11, 0.0
        found.append(
            rates(hall.stage.worlds, hall.k, hall.guards[0], 0.5, 0.0)[1] / (0.1 * np.exp(-0.6 - 0.2))
        )
    assert found == pytest.approx([0.5, 0.75, 0.75, 0.75, 0.75, 1.5])


@pytest.mark.parametrize(("outside", "besieged"), [(150, False), (2000, True)])
def test_a_ring_is_closed_by_the_stronger(outside: int, besieged: bool) -> None:
    """The place is besieged once those round it are stronger than those inside, and not before."""
    scene = Ring(outside=outside)
    scene.last(5)
    assert np.isfinite(scene.it["ring_at"]) == besieged
    assert scene.inside() == (200 if besieged else 0)
    assert scene.it["ring_strength"] == 1000 * scene.strength(scene.ring)


def test_nobody_leaves_where_nothing_moves_him() -> None:
    """Without departures, parties, shots or guns a siege goes on for ever."""
    scene = Ring()
    for w in scene.worlds(50):
        scene.last(600)
        assert scene.inside() == 200
        assert not w["sides"]["killed"].any()
        assert scene.at["holder"] == -1
        assert np.isfinite(scene.it["ring_at"])


def test_men_desert_as_often_as_the_rate_says() -> None:
    """Of 200 men at a tenth an hour, all weights nought, so many are left after three hours: within four
    standard errors.
    """
    scene, left = Ring(**{**dict.fromkeys(WEIGHTS, 0.0), "desertion_rate": 0.1}), []
    for _ in scene.worlds(WORLDS):
        scene.last(180)
        left.append(scene.inside())
        assert scene.it["left_inside"] == 200 - left[-1]
    share = np.exp(-0.1 * 3)
    error = np.sqrt(share * (1 - share) / 200 / WORLDS)
    assert abs(np.mean(left) / 200 - share) < 4 * error + 2e-3  # the first pulse only closes the ring


def test_a_vote_takes_the_whole_detachment() -> None:
    """Who votes to go goes at once with all his men, and takes no more orders."""
    scene, shares = Ring(vote_rate=2.0, detachments=4), []
    for _ in scene.worlds(WORLDS):
        scene.last(60)
        guards = scene.units[scene.guards]
        gone = guards["duty"] != BESIEGED
        assert (guards["men"] == 200).all()
        assert (guards["spent"] == gone).all()
        shares.append(gone.mean())
    assert 0 < np.mean(shares) < 1
    assert {0.25, 0.5, 0.75} <= set(shares)  # each for itself


def test_nobody_shoots_before_the_term_is_out() -> None:
    """Ring and palace hold their fire until a term runs out, a gun speaks or the assault is ordered; then
    they may shoot, and pause when told.
    """
    scene, kinds = Ring(shot_rate=1e3), ("term_at", "first_blank", "shells", "assault_at")
    for kind in kinds:
        for _ in scene.worlds(25):
            scene.last(60)
            assert not scene.at["firing"]
            scene.it[kind] = scene.now
            scene.last(10)
            assert scene.at["firing"]
            assert scene.at["hostility"] == 1
            scene.it["paused_until"] = scene.now + 30
            scene.last(5)
            assert not scene.at["firing"]


def test_the_killed_are_poisson() -> None:
    """Both sides lose a min(foes, 300) / cover an hour, those inside behind the position factor; every killed
    man is missing from a unit.

    Means within four standard errors of 400 worlds.
    """
    scene, fallen = Ring(shot_rate=1e6, loss_rate=0.01, blood_feeds=0.0, palace_factor=4.0), []
    scene.it["term_at"] = 0.0
    for w in scene.worlds(WORLDS):
        scene.last(5)
        before = w["sides"]["killed"].copy()
        scene.last(60)
        killed = w["sides"]["killed"]
        fallen.append(killed - before)
        assert killed.tolist() == [
            200 - w["units"][scene.guards[0]]["men"],
            2000 - w["units"][scene.ring]["men"],
        ]
        assert np.array_equal(scene.at["fallen"], killed)
    for side, mean in ((0, 0.01 * 300 / 4), (1, 0.01 * 200)):
        lost = np.array(fallen)[:, side]
        assert abs(lost.mean() - mean) < 4 * np.sqrt(mean / WORLDS) + 0.03
        assert lost.var() == pytest.approx(mean, rel=0.4)


@pytest.mark.parametrize(("gunners", "cover"), [(0, 4.0), (30, 2.0)])
def test_guns_in_the_ring_and_blood(gunners: int, cover: float) -> None:
    """With ten dead in the fight ten times as many fall, draw for draw, and a gun halves the cover.

    The first pulse of fire of 400 worlds against the Poisson numbers of the same draws.
    """
    scene = Ring(shot_rate=1e6, loss_rate=0.002, blood_feeds=9.0, gun_power=2.0, palace_factor=4.0)
    scene.it["term_at"] = 0.0
    if gunners:
        gun = next(int(u) for u in np.flatnonzero(scene.units["guns"]) if scene.units["appears"][u] < 0)
        scene.post(gun, gunners, 1, int(scene.units["place"][scene.ring]), loyalty=1.0)
    scene.last(5)
    for w in scene.worlds(WORLDS):
        scene.at["firing"], scene.at["lost_there"] = True, (6, 4)
        before = scene.at["fallen"].copy()
        number = w["clock"]["number"]
        scene.last(5)
        for side, tag, foes, shelter in ((0, DEFENDERS, 300, cover), (1, ATTACKERS, 200, 1.0)):
            u = luck.uniform(w["clock"]["luck"], luck.CASUALTY, luck.join(scene.at["key"], tag), number)
            fell = luck.poisson(0.002 * 10 * foes / shelter * 5 / 60, u)
            assert scene.at["fallen"][side] - before[side] == fell


def test_the_many_disarm_detachments_at_their_rate() -> None:
    """Intruders who are more than the men inside disarm each detachment at disarming_rate (1.5 - cohesion) an
    hour.
    """
    scene, gone = Ring(inside=20, detachments=4, disarming_rate=0.8), []
    scene.last(5)
    scene.it["intruders"] = 90
    for _ in scene.worlds(WORLDS):
        scene.last(30)
        gone.append((scene.units["duty"][scene.guards] == GONE).mean())
    expected = 1 - np.exp(-0.8 * 0.5 * 0.5)
    assert abs(np.mean(gone) - expected) < 4 * np.sqrt(expected * (1 - expected) / 4 / WORLDS)


def test_the_few_are_disarmed() -> None:
    """Intruders who are fewer than the men inside dwindle at two an hour each, and disarm nobody."""
    scene, left = Ring(), []
    scene.last(5)
    scene.it["intruders"] = 100
    for _ in scene.worlds(WORLDS):
        scene.last(60)
        left.append(scene.it["intruders"])
        assert scene.inside() == 200
    assert np.mean(left) == pytest.approx(100 * np.exp(-2), rel=0.1)


def test_shells_and_hits_are_poisson() -> None:
    """Guns that are ready fire shell_pace an hour, and a share of shell_hits strikes; nobody is killed,
    cohesion goes down.
    """
    scene, shells, hits = Ring(shell_pace=30.0, shell_hits=0.1), [], []
    scene.last(5)
    scene.it["fire_at"], scene.it["shells_left"] = scene.now, 1000
    for w in scene.worlds(WORLDS):
        scene.last(60)
        shells.append(scene.it["shells"])
        hits.append(scene.it["hits"])
        assert scene.it["shells_left"] == 1000 - shells[-1]
        assert not w["sides"]["killed"].any()
        assert w["units"][scene.guards[0]]["cohesion"] == pytest.approx(max(1 - 0.03 * hits[-1], 0))
    assert abs(np.mean(shells) - 30) < 4 * np.sqrt(30 / WORLDS)
    assert abs(np.mean(hits) - 3) < 4 * np.sqrt(3 / WORLDS)


def test_the_besieged_are_on_post_again_without_a_ring() -> None:
    """When those round a place have gone its ring is open, and those inside stand on post again."""
    scene = Ring()
    scene.last(5)
    scene.units["men"][scene.ring] = 0
    scene.last(5)
    assert not np.isfinite(scene.it["ring_at"])
    assert (scene.units["duty"][scene.guards] == ON_POST).all()


def doubtful(**values: float) -> Ring:
    """A palace whose cadets are of neither side's mind and have their orders from its holder."""
    scene = Ring(**values)
    scene.units["stance"][scene.guards], scene.units["loyalty"][scene.guards] = 0, 0.0
    scene.units["bid"][scene.guards, 0] = 1.0
    return scene


def test_the_doubtful_hold_a_palace_as_they_were_told() -> None:
    """Thirty men do not walk into a building in which two hundred stand who are of neither mind; without an
    order nobody is counted inside.
    """
    told = doubtful(outside=30)
    told.last(60)
    assert told.at["holder"] == -1
    assert (told.units["duty"][told.guards] == ON_POST).all()
    untold = doubtful(outside=30)
    untold.units["bid"][untold.guards, 0] = 0.0
    untold.last(60)
    assert untold.at["holder"] == 1


def test_the_doubtful_vote_to_go_before_there_is_a_ring() -> None:
    """With nobody before the doors those of neither mind leave at their rate, and those of the holder's mind
    stay.
    """
    scene, gone = doubtful(vote_rate=0.3, detachments=4), []
    for _ in scene.worlds(WORLDS):
        scene.units["men"][scene.ring] = 0
        willing = int(scene.guards[0])
        scene.units["stance"][willing] = -1
        rate = max(rates(scene.stage.worlds, scene.k, int(scene.guards[1]), 0.5, 0.0)[1], 1e-9)
        scene.last(120)
        guards = scene.units[scene.guards]
        assert guards["duty"][0] == ON_POST
        gone.append((guards["duty"][1:] != ON_POST).mean())
    assert 0.01 < np.mean(gone) < 1
    assert rate > 0


def test_a_great_gun_is_heard_at_once() -> None:
    """Within earshot everybody knows of a blank shot in five minutes, though word of anything walks; who is
    far off hears of it later.
    """
    scene = Ring(telephone_delay=60.0, rumour_pace=60.0, courier_factor=5.0)
    scene.it["blank_at"], scene.it["ring_at"] = 0.0, 0.0
    scene.last(5)
    fact = int(scene.w["blank_fact"])
    km = scene.w["reports"]["km"][: len(scene.audiences), scene.at["audience"]]
    heard = scene.w["hearing"]["at"][: len(scene.audiences), fact]
    assert fact >= 0
    assert (heard[km <= EARSHOT] <= scene.now + SIGHT).all()
    assert (heard[km > 3 * EARSHOT] > scene.now + SIGHT).any()
