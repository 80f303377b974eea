"""Decisions: who takes one, and why one lapses."""

from __future__ import annotations

from typing import Any

import histories
import numpy as np
import pytest
from histories import SEED

import sim
from rules.scenes import Scene
from sim.journal import DECIDED, LAPSED
from sim.plan.layout import Stage, layout
from sim.state import (
    ARRESTED,
    BOUND,
    FOLLOWED_LAPSED,
    FREE,
    HAS_ITS_OBJECT,
    NEVER,
    NOBODY_FREE,
    OBJECT_FALLEN,
    SEAT_LOST,
    SIEGE_OVER,
    WAITED_IN_VAIN,
)

ACCEPTED = sim.scenario("kerensky_accepts")


class Due(Scene):
    """The city at its opening, with one decision of the record left, whose hour has come."""

    def __init__(self, name: str, *, awaited: bool = False) -> None:
        super().__init__()
        self.row = self.plan.decisions.index[name]
        self.set_clock(120)
        d = self.table
        d["taken"], d["due"] = False, NEVER
        d["taken"][self.row] = True
        if not awaited:
            d["due"][self.row] = self.now

    @property
    def table(self) -> Any:
        """The decisions, without the inert rows behind them."""
        return self.w["decisions"][: len(self.plan.decisions.ids)]

    @property
    def it(self) -> Any:
        """The decision."""
        return self.table[self.row]

    def person(self, name: str) -> Any:
        """The record of a person."""
        return self.w["people"][self.cast.people.index[name]]

    def leaders(self, side: int) -> list[str]:
        """Who leads a headquarters, the first first."""
        people = self.w["people"][: len(self.cast.people.ids)]
        led = [p for p in range(len(people)) if people["leads"][p] > 0 and people["side"][p] == 2 * side - 1]
        return [self.cast.people.ids[p] for p in sorted(led, key=lambda p: int(people["leads"][p]))]

    def arrest(self, *names: str) -> None:
        """Arrest some people."""
        for name in names:
            self.person(name)["liberty"] = ARRESTED

    def in_hall(self, *names: str) -> None:
        """Let some people be free, and in the hall of their headquarters."""
        for name in names:
            person = self.person(name)
            staff = self.w["sides"]["staff"][int(person["side"] > 0)]
            person["liberty"], person["place"] = FREE, self.audiences["place"][staff]

    def decide(self) -> str:
        """Play the rule; who has taken it, "a staff" if nobody in particular, or why it has lapsed."""
        self.rule("decisions")
        events = self.w["events"][: int(self.w["clock"]["events"])]
        mine = events[events["decision"] == self.row]
        if self.it["lapsed"]:
            told = mine[mine["kind"] == LAPSED]
            assert told["detail"].tolist() == [self.it["why"]]
            assert not np.isfinite(self.it["fired_at"])
            return f"lapsed: {self.it['why']}"
        if not np.isfinite(self.it["fired_at"]):
            return "waits"
        person = int(mine["person"][mine["kind"] == DECIDED][0])
        return "a staff" if person < 0 else self.cast.people.ids[person]


# ---- who takes it ----


def test_the_first_named_who_can_takes_it() -> None:
    """Of those named the first who is at large decides, in hiding too; else the next."""
    order = ["lenin", "trotsky", "podvoisky"]
    for gone, taker in enumerate(order):
        scene = Due("d25_offensive")
        scene.arrest(*order[:gone])
        assert scene.decide() == taker


def test_a_deputy_takes_it() -> None:
    """Where none of those named is free the first of those who lead their headquarters who is free and there
    decides.
    """
    for absent in ((), ("antonov",)):
        scene = Due("d25_offensive")
        leaders = scene.leaders(1)
        scene.in_hall(*leaders)
        scene.arrest("lenin", "trotsky", "podvoisky")
        for name in absent:
            scene.person(name)["place"] = scene.place("winter_palace")
        expected = next(n for n in leaders if n not in ("lenin", "trotsky", "podvoisky", *absent))
        assert scene.decide() == expected
        assert leaders[:4] == ["lenin", "trotsky", "podvoisky", "antonov"]


def test_nobody_stands_in_while_one_who_is_named_can() -> None:
    """A deputy decides for nobody who can decide himself, however far from the hall he is."""
    scene = Due("d25_offensive")
    scene.in_hall(*scene.leaders(1))
    scene.arrest("lenin", "trotsky")
    scene.person("podvoisky")["place"] = scene.place("winter_palace")
    assert scene.decide() == "podvoisky"


def test_with_no_leader_left_it_lapses() -> None:
    """Where nobody named and nobody who leads the headquarters is free it lapses."""
    scene = Due("d25_offensive")
    scene.arrest(*scene.cast.people.ids)
    assert scene.decide() == f"lapsed: {NOBODY_FREE}"


def test_what_somebody_does_himself_nobody_does_for_him() -> None:
    """Lenin's walk lapses if he is held, whoever else is free."""
    scene = Due("d24_lenin_leaves")
    scene.in_hall(*scene.leaders(1))
    scene.arrest("lenin")
    assert scene.it["personal"]
    assert scene.decide() == f"lapsed: {NOBODY_FREE}"


def test_a_staff_needs_no_names() -> None:
    """What a unit's own staff decides waits for no leader."""
    scene = Due("d24_liteiny_guard")
    scene.arrest(*scene.cast.people.ids)
    assert scene.decide() == "a staff"


def test_those_of_no_side_have_no_deputy() -> None:
    """The parties of neither headquarters have none who stands in for them."""
    scene = Due("d25_sr_appeal")
    scene.in_hall(*scene.leaders(0), *scene.leaders(1))
    scene.arrest("gots")
    assert scene.decide() == f"lapsed: {NOBODY_FREE}"


@pytest.mark.parametrize("heard", [True, False])
def test_a_deputy_must_have_heard(heard: bool) -> None:
    """What a reaction waits for must have been heard where its deputy is."""
    scene = Due("d25_restore_smolny", awaited=True)
    scene.in_hall(*scene.leaders(1))
    scene.arrest("dzerzhinsky", "podvoisky")
    w, fact = scene.w, int(scene.it["hears"][0])
    w["facts"]["done"][fact], w["facts"]["since"][fact] = True, scene.now - 60
    w["hearing"]["at"][:, fact] = NEVER
    hall = scene.places["audience"][scene.audiences["place"][w["sides"]["staff"][1]]]
    if heard:
        w["hearing"]["at"][hall, fact] = scene.now
    scene.decide()
    assert np.isfinite(scene.it["due"]) == heard


# ---- why it lapses ----


def test_what_follows_a_lapsed_one_lapses() -> None:
    """A reaction to a decision that has lapsed lapses, hours before its patience is out."""
    scene = Due("d25_points", awaited=True)
    assert scene.decide() == "waits"
    scene.table["lapsed"][scene.plan.decisions.index["d25_offensive"]] = True
    assert scene.decide() == f"lapsed: {FOLLOWED_LAPSED}"


@pytest.mark.parametrize("patience", [1.0, 6.0])
def test_one_whose_occasion_does_not_come_waits_so_long(patience: float) -> None:
    """It waits `patience` hours after its documented minute, and lapses with the next pulse."""
    scene = Due("d25_proclaim", awaited=True)
    scene.w["p"]["patience"] = patience
    scene.w["decisions"]["fired_at"][[int(d) for d in scene.it["after"] if d >= 0]] = 0.0
    last = float(scene.it["documented"]) + 60 * patience
    scene.set_clock(int(last // 5))
    assert scene.now == last
    assert scene.decide() == "waits"
    scene.tick()
    assert scene.decide() == f"lapsed: {WAITED_IN_VAIN}"


def test_one_that_follows_another_waits_as_long_as_that_may_come() -> None:
    """Its patience does not run out while a decision that it follows is about to be taken."""
    for coming in ("soon", "never", "nothing is chosen"):
        scene = Due("d25_proclaim", awaited=True)
        before = [int(d) for d in scene.it["after"] if d >= 0]
        assert before
        scene.set_clock(int((float(scene.it["documented"]) + 60 * float(scene.w["p"]["patience"])) // 5) + 12)
        scene.table["taken"][before] = coming != "nothing is chosen"
        scene.table["due"][before] = NEVER if coming == "never" else scene.now + 30
        assert (scene.decide() == "waits") == (coming == "soon")


def test_what_was_about_a_siege_lapses_with_it() -> None:
    """A pause before a palace that has fallen is not waited for."""
    scene = Due("d25_pause", awaited=True)
    for place in scene.it["objects"]:
        if place >= 0:
            scene.places["holder"][place] = -scene.places["opening_holder"][place]
    assert scene.decide() == f"lapsed: {OBJECT_FALLEN}"


def test_patience_runs_from_the_documented_minute() -> None:
    """A decision delayed by two hours waits for its occasion two hours longer."""
    plan = layout(sim.scenario("historical")).plan
    later = layout(sim.scenario("historical").but("later", sim.delay("d25_kexholm", hours=2))).plan
    row = plan.decisions.index["d25_kexholm"]
    assert plan.decisions.documented[row] == sim.clock.minutes("25 Oct 04:00")
    assert later.decisions.documented[row] == plan.decisions.documented[row] + 120


def test_who_has_it_already_need_not_take_it() -> None:
    """An order to take what is all one's own lapses; if a single place is not, it comes."""
    for missing in (False, True):
        scene = Due("d25_kexholm")
        for name in ("telephone_exchange", "state_bank", "treasury"):
            scene.places["holder"][scene.place(name)] = 1
        if missing:
            scene.places["holder"][scene.place("treasury")] = -1
        assert scene.decide() == ("antonov" if missing else f"lapsed: {HAS_ITS_OBJECT}")


def test_nobody_summons_a_place_that_has_fallen() -> None:
    """A summons, or a march, to a place that has changed hands lapses."""
    for name in ("d25_ultimatum", "d25_duma"):
        scene = Due(name)
        for place in scene.it["objects"]:
            if place >= 0:
                scene.places["holder"][place] = -scene.places["opening_holder"][place]
        assert scene.decide() == f"lapsed: {OBJECT_FALLEN}"


def test_who_has_lost_his_seat_orders_nothing() -> None:
    """A decision lapses when its side's seat is the other side's."""
    scene = Due("d25_shock_bridge")
    seat = scene.audiences["place"][scene.w["sides"]["seat"][0]]
    scene.places["holder"][seat] = 1
    assert scene.decide() == f"lapsed: {SEAT_LOST}"


def test_with_the_siege_over_what_belongs_to_it_lapses() -> None:
    """A picket round a palace that has fallen is not posted."""
    scene = Due("d25_cordon")
    scene.places["holder"][scene.place("winter_palace")] = 1
    assert scene.decide() == f"lapsed: {SIEGE_OVER}"


@pytest.mark.parametrize(
    ("name", "heard", "outcome"),
    [
        ("d25_kexholm", True, f"lapsed: {BOUND}"),
        ("d25_kexholm", False, "antonov"),
        ("d25_proclaim", True, "lenin"),
        ("d25_shock_bridge", False, "polkovnikov"),
    ],
)
def test_a_settlement_binds(name: str, heard: bool, outcome: str) -> None:
    """Of a settlement that its headquarters has heard of, a decision of force lapses; one of words does not,
    nor one of a side that has not heard.
    """
    scene = Due(name)
    w = scene.w
    w["end"]["settled"] = True
    w["hearing"]["at"][:, w["settled_fact"]] = NEVER
    mine = w["sides"]["staff"][int(scene.it["side"] > 0)]
    other = w["sides"]["staff"][int(scene.it["side"] < 0)]
    w["hearing"]["at"][mine if heard else other, w["settled_fact"]] = scene.now
    assert scene.decide() == outcome


def test_what_has_lapsed_never_comes() -> None:
    """In twelve whole histories no decision that has lapsed has been taken, and every lapse has its reason
    and its line in the journal.
    """
    played, reasons = histories.play("historical", range(12)), set[int]()
    table = played["decisions"]
    assert not (table["lapsed"] & np.isfinite(table["fired_at"])).any()
    for world in range(12):
        told = played.rows(LAPSED, world)
        assert np.array_equal(table["why"][world][told["decision"]], told["detail"])
        reasons |= set(told["detail"].tolist())
    assert reasons >= {FOLLOWED_LAPSED, WAITED_IN_VAIN}


def test_a_settlement_holds_both_sides_to_the_end() -> None:
    """Once a settlement is signed what it stands down never comes, and no decision of force is taken by a
    headquarters that has heard of it.
    """
    stage = Stage(layout(ACCEPTED))
    d = stage.layout.plan.decisions
    for world in range(6):
        stage.open(SEED, world, ACCEPTED.settings)
        stage.play()
        w = stage.worlds[0]
        table = w["decisions"][: len(d.ids)]
        assert w["end"]["settled"]
        for name in ("d24_close_press", "d24_commissars_out", "d24_reinforce"):
            assert table["why"][d.index[name]] == BOUND
            assert not np.isfinite(table["fired_at"][d.index[name]])
        for side, sign in enumerate((-1, 1)):
            heard = w["hearing"]["at"][w["sides"]["staff"][side], w["settled_fact"]]
            force = table["of_force"] & (table["side"] == sign) & np.isfinite(table["fired_at"])
            assert (table["fired_at"][force] < heard).all()
            assert np.isfinite(heard)
