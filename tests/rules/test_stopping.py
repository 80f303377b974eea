"""A lost cause: who hears that his side has lost its seat and its staff, or has settled, stops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rules.scenes import Scene, probe
from sim.journal import GIVES_UP
from sim.rules.stopping import stopping
from sim.rules.units import is_bound, led
from sim.state import BESIEGED, GIVEN_OUT, IN_QUARTERS, NEVER, ON_POST, SEIZE, UNDER_WAY

AT_ONCE = 1e6  # an hour: within the pulse


@probe
def stopped(worlds: Any) -> None:
    """Apply the rule alone."""
    stopping(worlds[0])


@probe
def asked(worlds: Any, found: Any) -> None:
    """Whether either headquarters is bound, and has somebody to lead it."""
    for side in range(2):
        found[side] = is_bound(worlds[0], side)
        found[2 + side] = led(worlds[0], side)


class Lost(Scene):
    """A city in which every unit stands on post for the government, whose seat and staff have fallen; half of
    the audiences have heard of it.
    """

    def __init__(self, *, rate: float = AT_ONCE, heard: str = "half", halls: str = "both") -> None:
        super().__init__(stop_rate=rate)
        w, units = self.w, self.units
        units["men"], units["stance"], units["duty"], units["spent"] = 100, -1, ON_POST, False
        units["task"], units["told"], units["roster"], units["posted"] = -1, -1, False, False
        units["under"], units["bid"] = -1, 0.0
        units["place"] = np.arange(self.count) % len(self.places)
        units["home"] = (units["place"] + 1) % len(self.places)
        self.audiences["manned"] = True
        office = w["sides"][0]
        seat, staff = (int(self.audiences["place"][office[hall]]) for hall in ("seat", "staff"))
        assert seat != staff
        fallen = {"both": [seat, staff], "seat": [seat], "staff": [staff], "none": []}[halls]
        self.places["holder"][[seat, staff]] = w["news"]["holder"][:, [seat, staff]] = -1
        self.places["holder"][fallen] = 1
        knows = np.arange(len(w["news"])) % 2 == 0
        knows |= heard == "all"
        knows &= heard != "none"
        for place in fallen:
            w["news"]["holder"][knows, place] = 1
        self.knows = knows[self.places["audience"][units["place"]]]

    def gone(self) -> NDArray[np.bool_]:
        """Who has left his post."""
        stopped(self.stage.worlds)
        return self.units["duty"] != ON_POST


def test_who_hears_of_it_stops_and_nobody_else() -> None:
    """At a rate without bound all stop at once who have heard that both halls are lost, and nobody who has
    not.
    """
    scene = Lost()
    assert 0.2 < scene.knows.mean() < 0.8
    assert np.array_equal(scene.gone(), scene.knows)


@pytest.mark.parametrize("halls", ["seat", "staff", "none"])
def test_one_hall_is_not_the_cause(halls: str) -> None:
    """While the seat or the staff stands nobody stops."""
    assert not Lost(halls=halls, heard="all").gone().any()


def test_who_is_of_the_other_side_or_of_none_goes_on() -> None:
    """The government's cause is nothing to those who act for the Soviet, or for nobody."""
    scene = Lost(heard="all")
    scene.units["stance"] = np.arange(scene.count) % 3 - 1
    assert np.array_equal(scene.gone(), scene.units["stance"] == -1)


def test_they_stop_at_a_rate() -> None:
    """In one pulse 1 - exp(-rate t) of those who have heard stop (40 worlds; four standard errors); each who
    stops at a lower rate stops at a higher, too.
    """
    share, seen = [], []
    for rate in (0.5, 3.0):
        scene = Lost(rate=rate, heard="all")
        gone = np.array([scene.gone().copy() for _ in scene.worlds(40)])
        share.append((gone.mean(), 1 - np.exp(-rate * 5 / 60)))
        seen.append(gone)
    n = seen[0].size
    for found, expected in share:
        assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / n)
    assert (seen[0] <= seen[1]).all()


def test_what_they_do_who_stop() -> None:
    """A guard goes home, a column turns round, who was to march stays in, and who stands guard by roster
    stays, for nobody; who is on his way home goes on, and the besieged hold out.
    """
    scene = Lost(heard="all")
    units = scene.units
    guard, column, called, roster, homeward, besieged, idle = range(7)
    task = scene.plan.decisions.tasks[scene.plan.decisions.index["d25_shock_bridge"]][0]
    units["duty"][column], units["goal"][column], units["task"][column] = UNDER_WAY, 5, task
    units["duty"][called], units["told"][called], units["bid"][called, 0] = IN_QUARTERS, task, 1.0
    units["roster"][roster], units["bid"][roster, 0] = True, 1.0
    units["duty"][homeward], units["goal"][homeward] = UNDER_WAY, units["home"][homeward]
    units["duty"][besieged], units["duty"][idle] = BESIEGED, IN_QUARTERS
    before = units.copy()
    stopped(scene.stage.worlds)
    for unit in (guard, column):
        assert units["duty"][unit] == UNDER_WAY
        assert units["goal"][unit] == units["home"][unit]
        assert units["task"][unit] == -1
    assert (units["duty"][called], units["told"][called], units["bid"][called, 0]) == (IN_QUARTERS, -1, 0.0)
    assert (units["duty"][roster], units["stance"][roster], units["bid"][roster, 0]) == (ON_POST, 0, 0.0)
    for unit in (homeward, besieged, idle):
        assert np.array_equal(units[unit], before[unit])


def test_it_is_written_down_once_for_a_force_and_a_place() -> None:
    """However many detachments of a force stop at a place, the journal says so once."""
    scene = Lost(heard="all")
    scene.units["place"] = 3
    began = int(scene.w["clock"]["events"])
    scene.gone()
    events = scene.w["events"][began : int(scene.w["clock"]["events"])]
    told = events[events["kind"] == GIVES_UP]["force"]
    assert sorted(told) == sorted(set(scene.units["force"].tolist()))


class Settled(Lost):
    """The same city with both halls standing and a settlement signed, of which some audiences have heard."""

    def __init__(self, heard: str = "half") -> None:
        super().__init__(halls="none")
        w = self.w
        w["end"]["settled"] = True
        knows = np.arange(len(w["news"])) % 2 == 0
        knows |= heard == "all"
        w["hearing"]["at"][:, w["settled_fact"]] = np.where(knows, self.now, NEVER)
        self.knows = knows[self.places["audience"][self.units["place"]]]


def test_a_settlement_stops_both_sides() -> None:
    """Whoever has heard that it is settled stops, whichever side he was for, once a headquarters has
    heard.
    """
    scene = Settled()
    w = scene.w
    scene.units["stance"] = np.where(np.arange(scene.count) % 4 < 2, 1, -1)
    halls = w["sides"]["staff"]
    w["hearing"]["at"][halls, w["settled_fact"]] = NEVER
    knows = np.isfinite(w["hearing"]["at"][:, w["settled_fact"]])
    assert not scene.gone().any()
    w["hearing"]["at"][halls[0], w["settled_fact"]] = scene.now
    knows[halls[0]] = True
    assert np.array_equal(scene.gone(), knows[scene.places["audience"][scene.units["place"]]])


def test_a_settlement_binds_who_has_heard_of_it() -> None:
    """A headquarters that has heard of a settlement is bound and gives no more orders; the other goes on."""
    scene, found = Settled(), np.zeros(4, bool)
    w = scene.w
    for bound in ((False, False), (True, False), (False, True), (True, True)):
        for side in range(2):
            staff = w["sides"]["staff"][side]
            w["hearing"]["at"][staff, w["settled_fact"]] = scene.now if bound[side] else NEVER
        asked(scene.stage.worlds, found)
        assert found[:2].tolist() == list(bound)
        assert found[2:].tolist() == [not it for it in bound]
    w["end"]["settled"] = False
    asked(scene.stage.worlds, found)
    assert not found[:2].any()


@pytest.mark.parametrize("heard", [True, False])
def test_a_march_that_comes_too_late_turns_round(heard: bool) -> None:
    """Who marches in procession turns round once he hears that the place he goes to has changed hands; who
    goes to seize it goes on.
    """
    scene = Lost(halls="none")
    tasks, units = scene.w["tasks"], scene.units
    march = int(scene.w["walks"][0])
    other = next(t for t, purpose in enumerate(scene.plan.tasks.purpose) if purpose == SEIZE)
    tasks["state"][march] = GIVEN_OUT
    goal = int(tasks["place"][march])
    tasks["place"][other] = goal
    units["task"] = np.where(np.arange(scene.count) % 2 == 0, march, other)
    scene.places["holder"][goal] = -scene.places["opening_holder"][goal] or 1
    scene.w["news"]["holder"][:, goal] = (
        scene.places["holder"][goal] if heard else scene.places["opening_holder"][goal]
    )
    gone = scene.gone()
    assert np.array_equal(gone, (np.arange(scene.count) % 2 == 0) & heard)
