"""Musters: a levy comes together works by works, and not all who are on its lists come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rules.scenes import SEED, Scene, probe
from sim.rules.musters import FIRST_TO_COME, NEARLY_ALL, TURNOUT_SPREAD, gather
from sim.rules.orders import come_out
from sim.state import GUARD, IN_QUARTERS, MUSTER, ON_POST, UNDER_WAY

NOON, MIDNIGHT = 540.0, 1260.0  # minutes from the start, at three in the morning
FULL = 2000  # men of every levy, on paper


@probe
def mustered(worlds: Any) -> None:
    """Let those called out come together, and draw their rifles."""
    come_out(worlds[0])


@probe
def gathered(worlds: Any, units: Any, to_muster: bool, minutes: Any) -> None:
    """How long some levies take to come together."""
    for k in range(len(units)):
        minutes[k] = gather(worlds[0], worlds[0].units[units[k]], to_muster)


class Levies(Scene):
    """A city in which every levy has been mustered and its first ten men are there, at some minute."""

    def __init__(self, minute: float = NOON, *, share: float = 0.5, pulse: float = 5.0, **values: float):
        super().__init__(pulse=pulse, **values)
        self.w["turnout"] = share
        self.set_clock(int(minute // pulse))
        self.rows = np.flatnonzero(self.units["levy"])
        tasks = self.w["tasks"][: len(self.plan.tasks.place)]
        self.task = int(np.flatnonzero(tasks["purpose"] == MUSTER)[0])
        self.put("men", FIRST_TO_COME)
        self.put("rest", FULL - FIRST_TO_COME)
        self.put("task", self.task)
        self.put("duty", ON_POST)
        self.put("stance", 1)
        self.put("in_city", True)

    def put(self, name: str, value: Any) -> None:
        """Write a field of every levy."""
        self.units[name][self.rows] = value

    def men(self) -> NDArray[np.int64]:
        """The men of every levy who are there."""
        return self.units["men"][self.rows].astype(np.int64)

    def muster(self, minutes: float) -> None:
        """Let them come together for some time."""
        end = self.now + minutes
        while self.now < end:
            mustered(self.stage.worlds)
            self.tick()

    def wait(self, wanted: int, *, to_muster: bool = False) -> tuple[float, int]:
        """Minutes until a levy in quarters of which so many are wanted is there, and how many it is then."""
        unit = self.rows[0]
        self.units["men"][unit], self.units["party"][unit] = FULL, wanted
        minutes = np.zeros(1)
        gathered(self.stage.worlds, np.array([unit]), to_muster, minutes)
        return float(minutes[0]), int(self.units["party"][unit])


def turnouts(worlds: int, share: float) -> NDArray[np.float64]:
    """The share of every levy that turns out, in some worlds."""
    scene, found = Scene(), []
    for world in range(worlds):
        scene.stage.open(SEED, world, {"turnout": share})
        found.append(float(scene.w["turnout"]))
    return np.array(found)


def test_turnout_is_drawn_about_its_parameter() -> None:
    """The log-odds of the turnout are normal about those of the parameter, with their spread (300 worlds,
    four standard errors); at one all come in every world.
    """
    odds = np.log(turnouts(300, 0.3) / (1 - turnouts(300, 0.3)))
    assert abs(odds.mean() - np.log(0.3 / 0.7)) < 4 * TURNOUT_SPREAD / np.sqrt(300)
    assert abs(odds.std() / TURNOUT_SPREAD - 1) < 4 / np.sqrt(600)
    assert (turnouts(5, 1.0) == 1.0).all()


def test_a_higher_turnout_is_higher_in_every_world() -> None:
    """World by world more turn out the higher the parameter, by the same step of log-odds."""
    few, many = (turnouts(20, share) for share in (0.3, 0.6))
    assert (many > few).all()
    step = np.log(many / (1 - many)) - np.log(few / (1 - few))
    assert step == pytest.approx(np.log(0.6 / 0.4) - np.log(0.3 / 0.7))


@pytest.mark.parametrize("pulse", [2.5, 5.0, 10.0])
def test_they_come_in_at_a_rate(pulse: float) -> None:
    """Of those who turn out 1 - exp(-t / muster_time) are there after t hours, whatever the pulse: means of
    all levies to half a per cent.
    """
    scene = Levies(pulse=pulse, muster_time=3.0, night_home=0.0)
    for hours in range(1, 6):
        scene.muster(60)
        most = 0.5 * FULL
        there = most - (most - FIRST_TO_COME) * np.exp(-hours / 3.0)
        assert scene.men().mean() == pytest.approx(there, rel=5e-3)


def test_nobody_is_lost_and_nobody_made() -> None:
    """Who is there and who is not make up the levy at every hour, and no more come than turn out."""
    scene = Levies(muster_time=1.0)
    for _ in range(24):
        scene.muster(60)
        assert (scene.men() + scene.units["rest"][scene.rows] == FULL).all()
        assert (scene.men() <= 0.5 * FULL + 1).all()
    assert len(set(scene.men().tolist())) > 1


@pytest.mark.parametrize(
    ("minute", "duty", "awake"),
    [(NOON, ON_POST, 1.0), (MIDNIGHT, ON_POST, 0.6), (MIDNIGHT, UNDER_WAY, 1.0)],
    ids=["by day", "by night", "on the way by night"],
)
def test_by_night_some_go_home_to_sleep(minute: float, duty: int, awake: float) -> None:
    """Of those who wait without an errand a share goes home by night; nobody from a column, and nobody by
    day.
    """
    scene = Levies(minute, muster_time=0.5, night_home=0.4)
    scene.put("duty", duty)
    scene.put("men", FULL // 2)
    scene.put("rest", FULL - FULL // 2)
    scene.muster(180)
    assert scene.men().mean() == pytest.approx(0.5 * FULL * awake, rel=0.01)


def test_somebody_always_stays() -> None:
    """However many go home, one stays by the rifles."""
    scene = Levies(MIDNIGHT, share=0.001, muster_time=0.01, night_home=1.0)
    scene.muster(60)
    assert (scene.men() == 1).all()


@pytest.mark.parametrize("what", ["in quarters", "on another errand", "told nothing", "out of it"])
def test_only_who_musters_comes_in(what: str) -> None:
    """Who has not been mustered, has gone on to other work, or is out of it, is as many as he was."""
    scene = Levies(muster_time=0.1)
    tasks = scene.w["tasks"][: len(scene.plan.tasks.place)]
    if what == "in quarters":
        scene.put("duty", IN_QUARTERS)
    elif what == "out of it":
        scene.put("spent", True)
    else:
        other = int(np.flatnonzero(tasks["purpose"] == GUARD)[0])
        scene.put("task", other if what == "on another errand" else -1)
    before = scene.units["men"].copy()
    scene.muster(60)
    assert np.array_equal(scene.units["men"], before)


def test_soldiers_do_not_muster() -> None:
    """Whoever lives together is there at once: of those who are no levy nobody comes in by and by."""
    scene = Levies(muster_time=0.1)
    others = ~scene.units["levy"]
    scene.units["task"][others], scene.units["duty"][others] = scene.task, ON_POST
    scene.units["rest"][others], scene.units["stance"][others] = 100, 1
    before = scene.units["men"][others].copy()
    scene.muster(60)
    assert np.array_equal(scene.units["men"][others], before)
    assert (scene.men() > FIRST_TO_COME).all()


@pytest.mark.parametrize("wanted", [100, 500, 900])
def test_an_order_waits_for_the_men_it_wants(wanted: int) -> None:
    """An order to march takes as long as so many take to come together: -T ln(1 - wanted / most)."""
    minutes, party = Levies(muster_time=2.0).wait(wanted)
    assert party == wanted
    assert minutes == pytest.approx(-120 * np.log(1 - wanted / (0.5 * FULL)))


def test_it_does_not_wait_for_the_last() -> None:
    """Who is wanted whole marches when nearly all are there who come at all, and not with those on paper."""
    minutes, party = Levies(muster_time=2.0).wait(FULL)
    assert party == int(NEARLY_ALL * 0.5 * FULL)
    assert minutes == pytest.approx(-120 * np.log(1 - NEARLY_ALL))


def test_who_musters_begins_with_the_few() -> None:
    """An order to muster waits for nobody: the few who are there begin."""
    assert Levies().wait(FULL, to_muster=True) == (0.0, FIRST_TO_COME)


def test_out_in_the_city_they_grow_by_the_hour() -> None:
    """From the call on the Red Guards who are out are more from hour to hour through the first afternoon, and
    fewer than their lists all along.
    """
    scene = Scene(turnout=0.5, muster_time=4.0, night_home=0.0)
    out = []
    for hour in range(8, 15):
        scene.play(60.0 * hour)
        units = scene.units[scene.units["levy"]]
        out.append(int(units["men"][units["duty"] != IN_QUARTERS].sum()))
    paper = int((scene.units["men"] + scene.units["rest"])[scene.units["levy"]].sum())
    assert (np.diff(out) >= 0).all()
    assert 0 < out[2] < out[-1] < 0.9 * paper
