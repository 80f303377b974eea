"""Covers: what the decisions of a scenario settle, and what is left to the headquarters."""

from __future__ import annotations

from functools import cache
from typing import Any

import histories
import pytest
from histories import SEED, Histories
from rules.scenes import Scene

import sim
from sim import clock
from sim.counterfactual.scenario import Scenario
from sim.parameters import table
from sim.plan.covers import Cover
from sim.plan.layout import Stage, layout
from sim.state import (
    ALWAYS,
    ARRESTED,
    ATTACK,
    CALLS_IN,
    GIVEN_OUT,
    GUARDS,
    NEVER,
    NOT_WANTED,
    OVER,
    RAISES,
    READY,
    RING,
    SEIZE,
    SHIELDS,
    SUMMON,
    UNLESS_LAPSED,
    UNTIL,
    WAITING,
    WHILE_LIVE,
    WHILE_PENDING,
)

PAST = sim.scenario("historical")
GOVERNMENT, SOVIET = 0, 1
WORLDS = 8


def covered(scenario: Scenario, decision: str) -> list[Cover]:
    """What a decision of a scenario covers."""
    plan = layout(scenario).plan
    return [it for it in plan.covers if it.decision == plan.decisions.index[decision]]


def places_of(scenario: Scenario, covers: list[Cover]) -> set[tuple[int, str]]:
    """The standing tasks in some covers: purpose, place."""
    plan, ids = layout(scenario).plan, layout(scenario).cast.places.ids
    return {
        (int(plan.tasks.purpose[it.task]), ids[plan.tasks.place[it.task]]) for it in covers if it.task >= 0
    }


def steps_of(covers: list[Cover]) -> set[int]:
    """The steps in some covers."""
    return {it.does for it in covers if it.does >= 0}


@cache
def played(scenario: Scenario = PAST) -> Histories:
    """A scenario to its end in a few worlds; for reading only."""
    return histories.play(scenario, range(WORLDS))


# ---- which decisions cover what ----


@pytest.mark.parametrize(
    ("decision", "side", "steps"),
    [
        ("d24_directive1", SOVIET, {READY, CALLS_IN}),
        ("d25_offensive", SOVIET, {ATTACK}),
        ("d25_ultimatum", SOVIET, {SUMMON}),
        ("d24_stations", GOVERNMENT, {GUARDS}),
        ("d24_hq_orders", GOVERNMENT, {RAISES, GUARDS}),
        ("d24_reinforce", GOVERNMENT, {CALLS_IN}),
        ("d25_front_order", GOVERNMENT, {CALLS_IN}),
        ("d24_bridges", SOVIET, {GUARDS}),
        ("d25_kexholm", SOVIET, {SHIELDS}),
        ("d24_speech", GOVERNMENT, set()),
    ],
)
def test_steps(decision: str, side: int, steps: set[int]) -> None:
    """A call to arms, an offensive, a summons are covered as such; so are guards, spans raised, men called in
    and nerves of the city taken in defence, by whatever decision names some.
    """
    found = covered(PAST, decision)
    assert steps_of(found) == steps
    assert {it.side for it in found} <= {side}


def test_places() -> None:
    """What a decision takes its side's headquarters does not take by itself, as long as its men are about it;
    the other side may.
    """
    found = covered(PAST, "d25_kexholm")
    seized = [it for it in found if it.task >= 0]
    points = ("telephone_exchange", "state_bank", "treasury")
    assert places_of(PAST, found) == {(SEIZE, point) for point in points}
    assert {(it.side, it.how) for it in seized} == {(SOVIET, WHILE_LIVE)}
    tasks, decisions = layout(PAST).plan.tasks, layout(PAST).plan.decisions
    own = decisions.tasks[decisions.index["d25_kexholm"]]
    for it in seized:
        assert it.by in own
        assert tasks.place[it.by] == tasks.place[it.task]


def test_a_seat_is_not_ringed_twice() -> None:
    """To ring the palace covers the ring that the committee would draw by itself."""
    assert (RING, "winter_palace") in places_of(PAST, covered(PAST, "d25_plan"))


@pytest.mark.parametrize(
    "change",
    [{"d25_kexholm": "leave exchange and bank"}, {"d25_kexholm": "exchange only"}, "cancel"],
    ids=["nothing", "less", "cancelled"],
)
def test_what_was_chosen_otherwise_stays_covered(change: Any) -> None:
    """What a scenario leaves out of a decision its headquarters has chosen to leave: it is covered for
    good.
    """
    scenario = PAST.but("x", sim.cancel("d25_kexholm")) if change == "cancel" else PAST.but("x", **change)
    always = [it for it in covered(scenario, "d25_kexholm") if it.how == ALWAYS]
    left = places_of(scenario, always)
    assert left >= {(SEIZE, "state_bank"), (SEIZE, "treasury")}


def test_leave_hands_over_from_its_hour() -> None:
    """What is left to the headquarters is covered until the hour from which it is, and not after."""
    scenario = PAST.but("x", sim.leave("d25_kexholm", since="25 Oct 03:00"))
    found = covered(scenario, "d25_kexholm")
    assert {it.how for it in found} == {UNTIL}
    assert {it.until for it in found} == {clock.minutes("25 Oct 03:00")}


def test_the_record_covers_nothing_for_good() -> None:
    """Where all is decided as it was nothing is covered but while it is decided, or unless it lapses."""
    assert {it.how for it in layout(PAST).plan.covers} == {WHILE_LIVE, WHILE_PENDING, UNLESS_LAPSED}


def test_no_side_covers_for_the_other() -> None:
    """Every cover of a standing task is one of the side whose task it is."""
    plan = layout(PAST).plan
    for it in plan.covers:
        if it.task >= 0:
            assert plan.tasks.standing[it.task]
            assert plan.tasks.side[it.task] == it.side


# ---- how long ----


class Settles(Scene):
    """The record at its opening, at a review: which standing tasks and steps are covered now."""

    def __init__(self, scenario: Scenario = PAST) -> None:
        super().__init__(scenario)
        self.set_clock(12)
        self.rule("policies")

    def task(self, decision: str, place: str) -> tuple[int, int]:
        """The standing task that a decision covers at a place, and the decision's own."""
        row = self.plan.decisions.index[decision]
        for it in self.plan.covers:
            at = int(self.plan.tasks.place[it.task]) if it.task >= 0 else -1
            if it.decision == row and at >= 0 and self.named(at) == place:
                return it.task, it.by
        raise AssertionError(f"{decision} covers nothing at {place}")

    def is_covered(self, task: int) -> bool:
        """Whether a standing task is covered, at the next review."""
        self.set_clock(int(self.w["clock"]["number"]) + 3)
        self.rule("policies")
        return bool(self.w["tasks"]["covered"][task])

    def is_given(self, side: int, step: int) -> bool:
        """Whether a step is, likewise."""
        self.set_clock(int(self.w["clock"]["number"]) + 3)
        self.rule("policies")
        return bool(int(self.w["sides"]["given"][side]) >> step & 1)

    def take(self, decision: str) -> None:
        """Let a decision have been taken."""
        self.w["decisions"]["fired_at"][self.plan.decisions.index[decision]] = self.now

    def lapse(self, decision: str) -> None:
        """Let a decision have lapsed."""
        self.w["decisions"]["lapsed"][self.plan.decisions.index[decision]] = True


def test_a_place_is_covered_while_its_men_are_about_it() -> None:
    """From the start, through its hour, while its order waits or is given out; not once that is over."""
    scene = Settles()
    task, own = scene.task("d25_kexholm", "treasury")
    assert scene.is_covered(task)
    scene.take("d25_kexholm")
    states = scene.w["tasks"]["state"]
    for state, covers in ((WAITING, True), (GIVEN_OUT, True), (OVER, False), (NOT_WANTED, False)):
        states[own] = state
        assert scene.is_covered(task) is covers


def test_what_a_lapsed_decision_was_for_is_open() -> None:
    """A decision that has lapsed covers neither its places nor its steps."""
    scene = Settles()
    task, _ = scene.task("d25_kexholm", "treasury")
    for decision in ("d25_kexholm", "d25_offensive"):
        scene.lapse(decision)
    assert not scene.is_covered(task)
    assert not scene.is_given(SOVIET, ATTACK)


def test_a_step_is_open_once_it_is_taken() -> None:
    """An offensive that has been resolved is settled no more: there is nothing left to resolve."""
    scene = Settles()
    assert scene.is_given(SOVIET, ATTACK)
    scene.take("d25_offensive")
    assert not scene.is_given(SOVIET, ATTACK)


def test_guards_that_were_posted_are_covered_to_the_end() -> None:
    """To guard some points is to leave others, afterwards too."""
    scene = Settles()
    guards = [it for it in scene.plan.covers if it.does == GUARDS and it.side == GOVERNMENT]
    for it in guards:
        scene.w["decisions"]["fired_at"][it.decision] = scene.now
    assert scene.is_given(GOVERNMENT, GUARDS)
    for it in guards:
        scene.w["decisions"]["fired_at"][it.decision] = NEVER
        scene.w["decisions"]["lapsed"][it.decision] = True
    assert not scene.is_given(GOVERNMENT, GUARDS)


def test_another_course_settles_nothing_before_it_is_taken() -> None:
    """Until its hour a decision covers what the record's course covers, whatever will be chosen; what another
    course names beside that is covered once it is taken.
    """
    scene = Settles(PAST.but("x", d24_offices="keep the cadets at the staff"))
    row, covers = scene.plan.decisions.index["d24_offices"], scene.plan.covers
    more = next(it.task for it in covers if it.decision == row and it.task >= 0 and not it.early)
    others = scene.w["covers"][: len(covers)]["decision"] != row
    scene.w["decisions"]["lapsed"][scene.w["covers"][: len(covers)]["decision"][others]] = True
    assert scene.is_given(GOVERNMENT, GUARDS)
    assert not scene.is_covered(more)
    scene.take("d24_offices")
    assert scene.is_covered(more)
    assert scene.is_given(GOVERNMENT, GUARDS)


def test_left_from_an_hour_on() -> None:
    """Before its hour what is left is covered, from then on it is not."""
    scene = Settles(PAST.but("x", sim.leave("d25_kexholm", since="24 Oct 06:00")))
    task, _ = scene.task("d25_kexholm", "treasury")
    scene.set_clock(24)
    assert scene.is_covered(task)  # at a quarter past five
    scene.set_clock(33)
    assert not scene.is_covered(task)  # at six


# ---- what comes of it ----


def given_out(histories_: Histories, side: int | None = None) -> Any:
    """Which standing tasks a headquarters has ever put on its desk: (worlds, tasks)."""
    tasks = histories_["tasks"]
    mine = tasks["standing"] & (True if side is None else tasks["side"] == side)
    return mine & ((tasks["handled"] > 0) | (tasks["state"] != NOT_WANTED))


@pytest.mark.parametrize("sides", [("soviet",), ("government",), ("soviet", "government")], ids="+".join)
def test_a_rigid_headquarters_plays_the_record_alone(sides: tuple[str, ...]) -> None:
    """A headquarters that is rigid gives no order but those of the record; the other does as it likes."""
    rigid = PAST.but("rigid", *(sim.policy(side, rigid=True) for side in sides))
    many = played(rigid)
    for side, name in enumerate(("government", "soviet")):
        assert given_out(many, side).any() == (name not in sides)


def test_what_was_left_out_is_never_wanted() -> None:
    """Where the exchange and the bank were left on purpose the committee never orders them taken."""
    many = played(PAST.but("left out", d25_kexholm="leave exchange and bank"))
    places = many.layout.plan.tasks.place
    for name in ("state_bank", "treasury"):
        there = places == many.place(name)
        assert not (given_out(many, SOVIET)[:, there] & (many["tasks"]["purpose"][:, there] == SEIZE)).any()


def test_in_the_record_the_headquarters_do_little_by_themselves() -> None:
    """Where all is given most standing tasks are never touched."""
    share = given_out(played()).sum() / played()["tasks"]["standing"].sum()
    assert 0 < share < 0.2


def offensives(scenario: Scenario, worlds: int, **values: float) -> tuple[float, float]:
    """In which share of histories the committee goes over to the offensive, and the decision of the record to
    do so lapses, with Lenin arrested on the evening of the 24th.
    """
    stage, turned, lapsed = Stage(layout(scenario)), 0, 0
    lenin = stage.layout.cast.people.index["lenin"]
    row = stage.layout.plan.decisions.index["d25_offensive"]
    for world in range(worlds):
        stage.open(SEED, world, {**scenario.settings, **values})
        stage.play(clock.minutes("24 Oct 21:00") - 1)
        stage.worlds[0]["people"]["liberty"][lenin] = ARRESTED
        stage.play()
        turned += int(stage.worlds[0]["sides"]["posture"][SOVIET] == 1)
        lapsed += int(stage.worlds[0]["decisions"]["lapsed"][row])
    return turned / worlds, lapsed / worlds


def test_with_lenin_stopped_the_committee_turns_by_itself() -> None:
    """With Lenin held before he sets out the decision of the night lapses, and the committee takes up what it
    was for: with the rate of that at the middle of its prior it goes over to the offensive in most of 40
    histories.
    """
    turned, lapsed = offensives(PAST, 40, offensive_rate=float(table().loc["offensive_rate", "centre"]))
    assert lapsed == 1.0
    assert turned > 0.5


def test_a_rigid_committee_never_turns_without_lenin() -> None:
    """The record alone has nobody else who turns to the offensive."""
    assert offensives(PAST.but("rigid", sim.policy("soviet", rigid=True)), WORLDS) == (0.0, 1.0)
