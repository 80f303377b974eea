"""Policies: headquarters that decide for themselves, from what they have heard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import histories
import numpy as np
import pytest
from histories import Histories

import sim
from rules.alike import by_names, differences, fields
from rules.scenes import SEED, Scene, probe
from sim.history import History
from sim.journal import RESOLVED, RING_CLOSED, SUMMONED, TO_BE_STORMED
from sim.parameters import calibrated
from sim.plan.layout import Stage, layout, of_history
from sim.rules.policies import TERM, comes, offensive_rate
from sim.state import (
    CALL,
    CALLS,
    FIELD,
    GIVEN_OUT,
    GROUPS,
    GUARD,
    NEVER,
    NOT_WANTED,
    RAISE,
    SEIZE,
    VOLUNTEERS,
    WAITING,
)

WORLDS = 12


@pytest.fixture(scope="module")
def free() -> Histories:
    """The free scenario to its end in a few worlds; for reading only."""
    return histories.play("free", range(WORLDS))


@pytest.mark.parametrize("scenario", ["historical", "free", "cadet_rising"])
def test_rows_named_lie_between_the_first_and_the_last(scenario: str) -> None:
    """Rules that look for whoever is named for a task look from the first row named to the last, and nowhere
    else.
    """
    w = Stage(layout(sim.scenario(scenario))).worlds[0]
    for task, named in zip(w["tasks"], w["named"], strict=True):
        rows = np.flatnonzero(named)
        first, end = (rows[0], rows[-1] + 1) if rows.size else (0, 0)
        assert (task["named_from"], task["named_to"]) == (first, end)


class Swept(Scene):
    """The free scenario played for some hours, with both desks swept and both headquarters alarmed and
    mobilised.
    """

    def __init__(self, hours: float) -> None:
        super().__init__("free")
        self.play(60 * hours)
        w = self.w
        w["sides"]["alarmed"], w["sides"]["mobilised"] = True, True
        self.tasks["state"], self.tasks["since"] = NOT_WANTED, NEVER
        self.set_clock(-(-int(w["clock"]["number"]) // 3) * 3)  # a pulse in which they review

    @property
    def tasks(self) -> Any:
        """The tasks, without the inert rows behind them."""
        return self.w["tasks"][: len(self.plan.tasks.place)]

    def wanted(self, side: int, purpose: int) -> set[str]:
        """The places of standing tasks of a purpose that wait on a desk."""
        tasks = self.tasks
        rows = (
            tasks["standing"]
            & (tasks["side"] == side)
            & (tasks["purpose"] == purpose)
            & (tasks["state"] == WAITING)
        )
        return {self.named(place) for place in tasks["place"][rows]}


@pytest.fixture
def swept() -> Swept:
    """Twelve hours after the start, to be changed at will."""
    return Swept(12)


def shuffled(record: History, *tables: str) -> History:
    """The same history with the rows of some tables in another order."""
    rng = np.random.default_rng(1)

    def mixed(rows: Any) -> Any:
        if isinstance(rows, dict):
            names = list(rows)
            return {names[i]: rows[names[i]] for i in rng.permutation(len(names))}
        return tuple(rows[i] for i in rng.permutation(len(rows)))

    return replace(record, **{table: mixed(getattr(record, table)) for table in tables})


def test_five_decisions_are_given_and_those_of_others(free: Histories) -> None:
    """Of the first hours those decisions come which are given and those of whom nobody leads; what is left to
    the sides does not.
    """
    d, fired = free.layout.plan.decisions, np.isfinite(free["decisions"]["fired_at"])
    given = {d.ids[row] for row in np.flatnonzero(fired.any(axis=0)) if d.at[row] < 150}
    assert given >= {
        "d24_refuse_peace",
        "d24_reinforce",
        "d24_commissars_out",
        "d24_close_press",
        "d24_guard",
    }
    assert not fired[:, d.index["d25_points"]].any()


def test_what_is_given_is_left_alone() -> None:
    """Review after review of the record, no headquarters wants anything that a decision covers; what it wants
    beside that is little, and something.
    """
    scene, wanted = Scene("historical"), set[int]()
    tasks = scene.w["tasks"][: len(scene.plan.tasks.place)]
    for hour in np.arange(0, 24, 0.5):
        scene.play(60 * hour)
        assert not (tasks["standing"] & tasks["covered"] & (tasks["state"] == WAITING)).any()
        wanted |= set(np.flatnonzero(tasks["standing"] & (tasks["state"] != NOT_WANTED)).tolist())
    assert 0 < len(wanted) < 0.2 * tasks["standing"].sum()


@probe
def rates(worlds: Any, beliefs: Any, found: Any) -> None:
    """The rate at which a committee turns to the offensive, at some beliefs."""
    for k in range(len(beliefs)):
        found[k] = offensive_rate(worlds[0], beliefs[k])


def test_the_better_it_thinks_of_its_chances_the_sooner_a_committee_turns() -> None:
    """It turns at offensive_rate times e to the belief, which counts no further than 2 either way."""
    scene = Scene("free", offensive_rate=0.2)
    beliefs, found = np.array([-5.0, -2.0, 0.0, 1.0, 2.0, 5.0]), np.zeros(6)
    rates(scene.stage.worlds, beliefs, found)
    assert found == pytest.approx(0.2 * np.exp(np.clip(beliefs, -2, 2)))


@probe
def chances(worlds: Any, found: Any) -> None:
    """The chance that what comes at a rate of 0.7 an hour comes in one review."""
    found[0] = comes(worlds[0], 0.7)


@pytest.mark.parametrize("pulse", [2.5, 5.0, 10.0, 20.0])
def test_what_comes_at_a_rate_comes_as_often_at_any_pulse(pulse: float) -> None:
    """Where a quarter of an hour is no whole number of pulses, the time between two reviews is another, and
    the chance of each is that of the time between them.
    """
    scene, found = Scene("free", pulse=pulse), np.zeros(1)
    chances(scene.stage.worlds, found)
    between = scene.w["clock"]["review"] * pulse / 60
    assert abs(between - 0.25) <= pulse / 120
    assert found[0] == pytest.approx(1 - np.exp(-0.7 * between))


@pytest.mark.parametrize("won_over", [True, False])
def test_regiments_without_a_commissar_are_asked(swept: Swept, won_over: bool) -> None:
    """A staff short of men calls regiments that have no commissar of the other side, and none that has."""
    w = swept.w
    staff = w["sides"]["staff"][0]
    w["audiences"]["known"][staff, :, 0], w["reports"]["men"][staff, :, :, 0], swept.tasks["committed"] = (
        0,
        0,
        0,
    )
    swept.units["commissar_at"][:, 1] = 0.0 if won_over else NEVER
    swept.rule("policies")
    calls = swept.tasks["garrison_call"] & (swept.tasks["state"] == WAITING)
    assert calls.any() != won_over


def test_who_is_bound_wants_nothing(swept: Swept) -> None:
    """A headquarters that has heard of a settlement wants nothing put on its desk."""
    w = swept.w
    w["sides"]["posture"][1] = 1
    w["end"]["settled"], w["hearing"]["at"][:, w["settled_fact"]] = True, 0.0
    swept.rule("policies")
    assert (swept.tasks["state"] == NOT_WANTED).all()
    w["end"]["settled"] = False
    swept.rule("policies")
    assert swept.wanted(1, SEIZE)


def test_a_desk_does_not_wait_for_another(swept: Swept) -> None:
    """Who calls men and who works in the field have desks of their own: that of the calls held up for days
    holds up no order to take a point.
    """
    w = swept.w
    w["sides"]["posture"][1] = 1
    swept.rule("policies")
    field = np.flatnonzero(
        swept.tasks["standing"] & (swept.tasks["side"] == 1) & (swept.tasks["on_table"] == FIELD)
    )
    assert (swept.tasks["state"][field] == WAITING).sum() > 3
    w["sides"]["desk_free_at"] = 0.0
    w["sides"]["desk_free_at"][1, CALLS] = 1e6
    swept.rule("orders")
    assert (swept.tasks["state"][field] == GIVEN_OUT).sum() == 1
    assert w["sides"]["desk_free_at"][1, FIELD] > swept.now
    assert w["sides"]["desk_free_at"][1, CALLS] == 1e6


@pytest.mark.parametrize("name", ["free", "siege_left_to_policies"])
def test_in_the_mirrored_city_the_policies_swap_sides_too(name: str) -> None:
    """Played with the sides swapped, the same comes to pass with the sides swapped."""
    start = calibrated()["belief_start"]
    here = histories.play(name, range(2), values={"belief_start": start})
    there = histories.play(name, range(2), values={"belief_start": -start}, sides_swapped=True)
    assert np.array_equal(here["places"]["holder"], -there["places"]["holder"])
    assert np.array_equal(here["units"]["stance"], -there["units"]["stance"])
    assert np.array_equal(here["units"]["men"], there["units"]["men"])
    assert np.array_equal(here["end"]["at"], there["end"]["at"])
    assert np.array_equal(here["sides"]["killed"], there["sides"]["killed"][:, ::-1])


def test_alone_as_in_a_batch(free: Histories) -> None:
    """A world is the same to its last field after others as alone."""
    alone = histories.play("free", [2])
    assert differences(fields(free.records[2]), fields(alone.records[0])) == []
    assert differences(fields(free.records[2]), fields(free.records[1])) != []


def test_the_order_of_the_tables_does_not_matter() -> None:
    """With the rows of forces, places, people and routes in another order everything happens as before."""
    scenario = sim.scenario("free")
    here = Stage(of_history(scenario, scenario.record))
    there = Stage(of_history(scenario, shuffled(scenario.record, "forces", "places", "people", "routes")))
    assert here.layout.cast.places.ids != there.layout.cast.places.ids
    for world in range(2):
        for stage in (here, there):
            stage.open(SEED, world, scenario.settings)
            stage.play(60 * 20)
        assert here.worlds[0]["clock"]["events"] > 100
        assert differences(by_names(here.worlds[0]), by_names(there.worlds[0])) == []


def test_what_is_not_heard_is_not_acted_on(swept: Swept) -> None:
    """A lost point is to be taken back once it is heard that it is lost, and not before."""
    w, place = swept.w, swept.place("telephone_exchange")
    staff = w["sides"]["staff"][0]
    seat = w["places"]["audience"][w["audiences"]["place"][w["sides"]["seat"][0]]]
    w["reports"]["men"][staff, seat, VOLUNTEERS, 0], w["audiences"]["known"][staff, VOLUNTEERS, 0] = (
        2000,
        5000,
    )
    w["places"]["holder"][place], w["news"]["holder"][:, place] = 1, -1
    swept.rule("policies")
    assert "telephone_exchange" not in swept.wanted(0, SEIZE)
    w["news"]["holder"][staff, place] = 1
    swept.rule("policies")
    assert "telephone_exchange" in swept.wanted(0, SEIZE)


def test_what_is_wanted_no_longer_is_taken_off_the_desk(swept: Swept) -> None:
    """What is heard to be one's own is not to be taken any more."""
    swept.w["sides"]["posture"][1] = 1
    swept.rule("policies")
    assert swept.wanted(1, SEIZE)
    swept.w["news"]["holder"][swept.w["sides"]["staff"][1]] = 1
    swept.rule("policies")
    assert swept.wanted(1, SEIZE) == set()


def test_a_staff_short_of_its_reserve_spares_nobody(swept: Swept) -> None:
    """A government that reckons with nobody calls men in to its seat, and sends nobody out."""
    w = swept.w
    staff = w["sides"]["staff"][0]
    w["audiences"]["known"][staff, :, 0], w["reports"]["men"][staff, :, :, 0], swept.tasks["committed"] = (
        0,
        0,
        0,
    )
    swept.rule("policies")
    assert swept.wanted(0, CALL) >= {"winter_palace"}
    assert swept.wanted(0, SEIZE) | swept.wanted(0, RAISE) | swept.wanted(0, GUARD) == set()


def test_a_staff_with_a_reserve_sends_men_out(swept: Swept) -> None:
    """The same government with men to spare wants points guarded and spans raised."""
    w = swept.w
    staff = w["sides"]["staff"][0]
    assert w["audiences"]["known"].shape[1:] == (GROUPS, 2)
    w["audiences"]["known"][staff, VOLUNTEERS, 0] = 5000
    w["news"]["holder"][staff] = -1
    w["decisions"]["lapsed"][swept.plan.decisions.index["d24_guard"]] = True  # which chose whom to guard
    swept.rule("policies")
    assert swept.wanted(0, GUARD)
    assert swept.wanted(0, RAISE)


def test_nobody_attacks_who_was_not_alarmed() -> None:
    """Where nothing is done that alarms it, a headquarters does not go over to the offensive."""
    calm = sim.scenario("free").but(
        "calm", d24_close_press="leave the papers", d24_commissars_out="leave the commissars"
    )
    sides = histories.play(calm, range(WORLDS), until=30 * 60)["sides"]
    assert (~sides["alarmed"]).any()
    assert not sides["posture"][~sides["alarmed"]].any()


def test_a_seat_is_summoned_before_it_is_stormed(free: Histories) -> None:
    """No seat is to be stormed before it was summoned and the term given to it has run out, nor by a ring
    that is not closed.
    """
    stormed = 0
    for world in range(WORLDS):
        resolved = free.rows(RESOLVED, world)
        for order in resolved[resolved["detail"] == TO_BE_STORMED]:
            there = resolved[resolved["place"] == order["place"]]
            summons = there["minute"][there["detail"] == SUMMONED]
            closed = free.rows(RING_CLOSED, world)
            assert summons.min() + TERM <= order["minute"]
            assert closed["minute"][closed["place"] == order["place"]].min() <= summons.min()
            stormed += 1
    assert stormed > 0
    ordered = np.isfinite(free["sieges"]["assault_at"])
    assert (free["sieges"]["term_at"][ordered] <= free["sieges"]["assault_at"][ordered]).all()
