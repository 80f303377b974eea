"""What is taken is held: who stays at a post, how many go, where a party comes back to, and who does not try
again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rules.scenes import Scene, probe
from sim.agents import Cadets
from sim.parameters import centres
from sim.rules.leaving import detach, go_home
from sim.rules.orders import men_wanted, send, stays_at_post
from sim.state import CALL, GIVEN_OUT, GONE, IN_QUARTERS, NEVER, ON_POST, OVER, SEIZE, UNDER_WAY

SEAT, POINT = "winter_palace", "state_bank"
COUNTED = ("engaged", "asked", "came")


@probe
def send_to(worlds: Any, u: int, t: int, party: int) -> None:
    """Send some men of a unit on a task."""
    w = worlds[0]
    send(w, w.units[u], w.tasks[t], party)


@probe
def part(worlds: Any, u: int, men: int) -> int:
    """Detach some men of a unit."""
    w = worlds[0]
    return detach(w, w.units[u], men)


@probe
def gives_up(worlds: Any, u: int, spent: bool) -> None:
    """A unit goes where it goes when it gives up."""
    w = worlds[0]
    go_home(w, w.units[u], spent, -1)


@probe
def stays(worlds: Any, u: int, t: int, named: bool) -> bool:
    """Whether a unit is not to be taken off its post for a task."""
    w = worlds[0]
    return stays_at_post(w, w.units[u], w.tasks[t], named)


@probe
def wanted(worlds: Any, t: int) -> float:
    """Men that a task takes."""
    w = worlds[0]
    return men_wanted(w, w.tasks[t])


class Called(Scene):
    """A detachment of cadets that has come to the seat under a call, and a point to take."""

    def __init__(self, men: int = 120, **values: float) -> None:
        super().__init__(**{**centres(), **values})
        self.send_home()
        self.seat, self.point = self.place(SEAT), self.place(POINT)
        tasks = self.w["tasks"]
        self.call, self.errand = (
            int(np.flatnonzero((self.plan.tasks.purpose == purpose) & (self.plan.tasks.side == 0))[0])
            for purpose in (CALL, SEIZE)
        )
        tasks["place"][[self.call, self.errand]] = self.seat, self.point
        tasks["state"][[self.call, self.errand]] = GIVEN_OUT
        mine = [int(u) for u in self.sort(Cadets) if self.units["home"][u] == self.place("pavlovsky_school")]
        self.row = mine[0]
        self.post(self.row, men, -1, self.seat, loyalty=-3.0, task=self.call)
        for counted in COUNTED:
            self.units[counted][self.row, 0] = men
        self.party = next(u for u in mine if self.units["is_party"][u])

    def men(self) -> list[int]:
        """Men of the detachment and of its party."""
        return self.units["men"][[self.row, self.party]].tolist()

    def counted(self, name: str) -> list[int]:
        """Men of the detachment, and of its party, that are counted by a name."""
        return self.units[name][[self.row, self.party], 0].tolist()

    def march(self) -> None:
        """March until the party is nowhere on its way."""
        for _ in range(100):
            self.rule("marches")
            self.tick()
            if self.units["duty"][self.party] != UNDER_WAY:
                return


def test_a_detachment_that_is_out_sends_a_party() -> None:
    """Of a detachment under a call so many go as are wanted; the others stay where they are."""
    scene = Called()
    send_to(scene.stage.worlds, scene.row, scene.errand, 50)
    assert scene.men() == [70, 50]
    assert scene.units["told"][[scene.row, scene.party]].tolist() == [-1, scene.errand]
    assert scene.units["task"][[scene.row, scene.party]].tolist() == [scene.call, scene.call]
    assert [scene.counted(name) for name in COUNTED] == 3 * [[70, 50]]
    for name in ("loyalty", "moved", "mood", "cohesion", "arms", "stance", "place", "home"):
        assert scene.units[name][scene.row] == scene.units[name][scene.party], name


@pytest.mark.parametrize(("parties", "already"), [(0.0, False), (1.0, True)], ids=["taken out", "one is out"])
def test_the_whole_goes_where_there_is_no_party(parties: float, already: bool) -> None:
    """By parameter, or while a party of the force is out, the whole detachment is sent, as of old."""
    scene = Called(parties=parties)
    if already:
        scene.units["men"][scene.party] = 30
    send_to(scene.stage.worlds, scene.row, scene.errand, 50)
    assert scene.men() == [120, 30 if already else 0]
    assert scene.units["told"][scene.row] == scene.errand


def test_a_party_comes_back_to_where_it_set_out_from() -> None:
    """A party that gives up goes back to the seat, under the call, and is one with its detachment again."""
    scene = Called()
    send_to(scene.stage.worlds, scene.row, scene.errand, 50)
    it = scene.units[scene.party]
    it["task"], it["told"], it["place"], it["told_at"] = scene.errand, -1, scene.point, NEVER
    gives_up(scene.stage.worlds, scene.party, False)
    assert (it["goal"], it["task"], it["duty"]) == (scene.seat, scene.call, UNDER_WAY)
    scene.march()
    assert scene.men() == [120, 0]
    assert [scene.counted(name) for name in COUNTED] == 3 * [[120, 0]]
    assert (it["duty"], it["task"], it["under"]) == (GONE, -1, -1)


@pytest.mark.parametrize("why", ["the seat is lost", "the call is off", "it has gone over", "it is spent"])
def test_a_party_goes_home_otherwise(why: str) -> None:
    """To a call that is off, a seat heard to be lost, or one's old side nobody goes back."""
    scene = Called()
    send_to(scene.stage.worlds, scene.row, scene.errand, 50)
    it = scene.units[scene.party]
    it["task"], it["place"] = scene.errand, scene.point
    if why == "the seat is lost":
        scene.w["news"]["holder"][:, scene.seat] = 1
    elif why == "the call is off":
        scene.w["tasks"]["state"][scene.call] = OVER
    elif why == "it has gone over":
        it["stance"] = 1
    gives_up(scene.stage.worlds, scene.party, why == "it is spent")
    assert (it["goal"], it["task"]) == (it["home"], -1)


def test_a_party_that_finds_nobody_goes_on_home() -> None:
    """Where none of its own is left a party goes on to its force's quarters, and joins whoever is there."""
    scene = Called()
    row = part(scene.stage.worlds, scene.row, 50)
    assert row == scene.party
    it, mate = scene.units[scene.party], scene.units[scene.row + 1]
    it["home"], it["task"], it["place"], it["under"] = scene.seat, -1, scene.point, -1
    scene.units["place"][scene.row] = scene.point
    mate["men"], mate["duty"], mate["place"] = 10, IN_QUARTERS, scene.w["forces"][it["force"]]["home"]
    gives_up(scene.stage.worlds, scene.party, False)
    scene.march()
    assert it["men"] == 0
    assert mate["men"] == 60


@pytest.mark.parametrize("men", [1, 60, 119])
def test_men_are_conserved(men: int) -> None:
    """Whatever is detached, nobody is lost and nobody is made."""
    scene = Called()
    part(scene.stage.worlds, scene.row, men)
    assert scene.men() == [120 - men, men]


def test_who_stays_at_a_post() -> None:
    """Guards posted away from their quarters stay; who is called to the seat goes if named; so does who is
    posted at home.
    """
    scene = Called()
    guards = np.flatnonzero(
        (scene.units["posted"]) & (scene.units["home"] != scene.w["forces"]["home"][scene.units["force"]])
    )
    at_home = np.flatnonzero(
        (scene.units["posted"]) & (scene.units["home"] == scene.w["forces"]["home"][scene.units["force"]])
    )
    for named in (True, False):
        assert all(stays(scene.stage.worlds, int(u), scene.errand, named) for u in guards)
        assert [stays(scene.stage.worlds, int(u), scene.errand, named) for u in at_home[:5]] == [
            not named
        ] * 5
        assert stays(scene.stage.worlds, scene.row, scene.errand, named) == (not named)
    scene.w["p"]["guards_stay"] = 0.0
    assert not any(stays(scene.stage.worlds, int(u), scene.errand, False) for u in guards)


def test_a_number_that_is_named_is_the_number() -> None:
    """Where a decision names its men no more are wanted, however strong the guard; else kappa times it."""
    scene = Called()
    task, at = scene.w["tasks"][scene.errand], scene.places[scene.point]
    scene.w["news"]["holder"][:, scene.point], at["guard_known"], task["men"] = 1, 500, 60
    odds = scene.w["sides"]["caution"][0] * 500
    for numbered, by_rule, men in ((True, 1.0, 60), (False, 1.0, odds), (True, 0.0, odds)):
        task["numbered"], scene.w["p"]["named_numbers"] = numbered, by_rule
        assert wanted(scene.stage.worlds, scene.errand) == men


@pytest.mark.parametrize(
    ("posture", "by_rule", "state"), [(0, 1.0, OVER), (1, 1.0, GIVEN_OUT), (0, 0.0, GIVEN_OUT)]
)
def test_the_beaten_do_not_try_again(posture: int, by_rule: float, state: int) -> None:
    """Where a side on the defensive was beaten off its task is over; on the offensive it tries again."""
    scene = Called(no_second_try=by_rule)
    scene.w["news"]["holder"][:, scene.point] = 1
    scene.w["sides"]["posture"][0] = posture
    task = scene.w["tasks"][scene.errand]
    task["since"] = scene.now
    scene.rule("orders")
    assert task["state"] == GIVEN_OUT
    scene.places["beaten_off"][scene.point, 0] = scene.now
    scene.rule("orders")
    assert task["state"] == state


def test_size_of_a_posted_guard() -> None:
    """Those posted stand there in their documented number, whatever the luck; those in quarters do not."""
    scene = Called()
    began, posted = scene.cast.units, scene.cast.units.duty == ON_POST
    for world in range(3):
        scene.stage.open(1917, world, centres())
        same = scene.units["men"] == began.men
        assert same[posted].all()
        assert not same[~posted].all()
