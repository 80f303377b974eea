"""The verbs: what each changes in a history, and what is refused when a scenario is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from histories import Histories
from likeness import differences, first_taken, play, state

import sim
from sim import clock, journal
from sim.counterfactual.changes import VERBS, Change
from sim.counterfactual.measures import names as measure_names
from sim.counterfactual.scenario import Scenario, ScenarioError, from_toml, scenario
from sim.plan.layout import Layout, layout
from sim.state import ON_POST

PAST = scenario("historical")
EVERY: dict[str, Change] = {
    "cancel": sim.cancel("d24_call_kronstadt"),
    "delay": sim.delay("helsingfors_trains", hours=3),
    "advance": sim.advance("d24_stations", minutes=90),
    "order": sim.order(["kexholm_regt", "guards_crew"], "seize", "state_bank", at="24 Oct 18:00", men=60),
    "arrive": sim.arrive(
        "northern_front_troops", "warsaw_station", at="25 Oct 12:00", side="government", men=5000
    ),
    "hold": sim.hold("telephone_exchange", "government", until="25 Oct 12:00"),
    "cut": sim.cut("bridge", "troitsky_bridge", at="24 Oct 12:00"),
    "restore": sim.restore("telephone", "smolny", at="24 Oct 20:00"),
    "loyalty": sim.loyalty("cossacks", by=-0.2),
    "strength": sim.strength("red_guard", times=0.5, arms=0.2),
    "leave": sim.leave("d25_ultimatum", "d25_blank", since="24 Oct 12:00"),
    "policy": sim.policy("soviet", caution=3, orders=2.5, first=["bridge"]),
    "parameter": sim.parameter("peer_weight", 1.0),
}


def varied(*changes: Change, **decisions: str) -> Scenario:
    """History with some changes."""
    return PAST.but("test", *changes, **decisions)


def laid_out(*changes: Change) -> Layout:
    """The layout of history with some changes."""
    return layout(varied(*changes))


def both(change: Change, hours: float, worlds: int = 1) -> tuple[Histories, Histories]:
    """Some worlds played for some hours, as it was and with a change."""
    return play(hours, PAST, range(worlds)), play(hours, varied(change), range(worlds))


def rows(of: Layout, force: str) -> np.ndarray:
    """The rows of a force's units."""
    return np.flatnonzero(of.cast.units.force == of.cast.forces.index[force])


def task_of(of: Layout, decision: str) -> int:
    """The first task of a decision."""
    return of.plan.decisions.tasks[of.plan.decisions.index[decision]][0]


def test_every_verb_has_an_example() -> None:
    """The examples of this file leave out no verb, and every verb is a name of the package."""
    assert set(EVERY) == set(VERBS)
    assert all(callable(getattr(sim, verb)) for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_round_trip(verb: str) -> None:
    """A scenario with any verb is the same after TOML, and says itself in one line more."""
    said = {
        "question": "What if?",
        "expects": "Something.",
        "expected": {"killed": "+"},
        "sources": ["a book"],
    }
    made = PAST.but("there and back", EVERY[verb], **said, d24_close_press="nothing")
    assert from_toml(made.toml()) == made
    assert len(made.differences()) == 2


def test_all_at_once_round_trip(tmp_path: Path) -> None:
    """All verbs together make one scenario, which a file keeps, equal and with an equal hash."""
    made = replace(PAST.but("all of them", *EVERY.values()), resolution=2.0, end=clock.parse("25 Oct 12:00"))
    path = made.save(tmp_path / "all.toml")
    assert scenario(str(path)) == made
    assert hash(scenario(path)) == hash(made)


def test_order_of_verbs() -> None:
    """It does not matter in which order changes are given."""
    assert PAST.but("x", *EVERY.values()) == PAST.but("x", *reversed(EVERY.values()))


def test_printed() -> None:
    """A scenario prints what is otherwise, verb by verb."""
    text = str(PAST.but("x", EVERY["order"], EVERY["hold"], EVERY["arrive"], EVERY["delay"]))
    assert (
        "24 Oct 18:00: the Soviet orders 60 men of kexholm_regt and guards_crew to seize state_bank" in text
    )
    assert "telephone_exchange: kept by the government from 24 Oct 03:00 to 25 Oct 12:00" in text
    assert (
        "25 Oct 12:00: 5000 men of northern_front_troops are at warsaw_station, called by the government"
        in text
    )
    assert "helsingfors_trains: orders that name it 3 h later" in text


# ---- what is refused ----


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: sim.delay("kronstadt_sailor", hours=6),
            "unknown decision or force 'kronstadt_sailor'; did you mean 'kronstadt_sailors'?",
        ),
        (lambda: sim.leave("d25_blnk"), "unknown decision 'd25_blnk'; did you mean 'd25_blank'?"),
        (
            lambda: sim.delay("kronstadt_sailors"),
            "delay kronstadt_sailors: wanted more than 0 and at most 51 hours, got 0",
        ),
        (
            lambda: sim.delay("kronstadt_sailors", hours="six"),
            "delay: wanted numbers of hours and minutes, got hours='six', minutes=0.0",
        ),
        (lambda: sim.hold("smolny", "soviet", at=5), "hold: at: wanted a time such as '24 Oct 17:00', got 5"),
        (lambda: sim.advance("kronstadt_sailors", hours=60), "at most 51 hours, got 60"),
        (
            lambda: sim.advance("d24_close_press", hours=1),
            "wanted an hour from 24 Oct 03:00 on, got 1 h before 24 Oct 03:30",
        ),
        (
            lambda: sim.advance("d24_hq_orders", hours=8),
            "it answers to what happens, and comes 7 h after; it cannot come 8 h sooner than that",
        ),
        (
            lambda: sim.order("kexholm_regt", "sieze", "state_bank", at="24 Oct 18:00"),
            "order: errand: wanted 'seize', 'guard', 'raise_bridge' or 'call', got 'sieze'",
        ),
        (
            lambda: sim.order("kexholm_regt", "seize", "state_banc", at="24 Oct 18:00"),
            "unknown place 'state_banc'; did you mean 'state_bank'?",
        ),
        (
            lambda: sim.order("kexholm_regt", "seize", "state_bank", at="6 pm"),
            "order: at: wanted a time such as '24 Oct 17:00', got '6 pm'",
        ),
        (
            lambda: sim.order("kexholm_regt", "seize", "state_bank", at="27 Oct 18:00"),
            "wanted a time from '24 Oct 03:00' to '26 Oct 06:00', got '27 Oct 18:00'",
        ),
        (
            lambda: sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00", men=0),
            "order: men: wanted greater than 0, got 0",
        ),
        (
            lambda: sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00", start="smolny"),
            "wanted a place where 'kexholm_regt' stands at the opening (central_telegraph, "
            "kexholm_barracks), got 'smolny'",
        ),
        (
            lambda: sim.order("kexholm_regt", "seize", "kronstadt", at="24 Oct 18:00"),
            "order kexholm_regt: there is no way for it (foot) from kexholm_barracks to kronstadt",
        ),
        (
            lambda: sim.order("duma_march", "guard", "city_duma", at="24 Oct 18:00", side="government"),
            "it comes into being with 'd25_duma', and cannot be ordered at 24 Oct 18:00",
        ),
        (
            lambda: sim.order("city_militia", "guard", "city_duma", at="24 Oct 18:00"),
            "wanted side='government' or side='soviet'",
        ),
        (
            lambda: sim.order("kexholm_regt", "raise_bridge", "smolny", at="24 Oct 18:00"),
            "wanted a bridge that can be raised",
        ),
        (
            lambda: sim.arrive("kexholm_regt", "smolny", at="24 Oct 18:00"),
            "wanted a force from outside the city, got 'kexholm_regt'",
        ),
        (lambda: sim.hold("smolny", "whites"), "hold: side: wanted 'government' or 'soviet', got 'whites'"),
        (
            lambda: sim.hold("smolny", "soviet", at="25 Oct 12:00", until="24 Oct 12:00"),
            "wanted an end from 25 Oct 12:00 on, got 24 Oct 12:00",
        ),
        (lambda: sim.cut("gas", "smolny"), "cut: works: wanted 'telephone', 'bridge' or 'power', got 'gas'"),
        (lambda: sim.cut("telephone", "state_bank"), "telephone: wanted the seat or staff of a side"),
        (lambda: sim.loyalty("kexholm_regt", to=3), "loyalty: to: wanted less than or equal to 1, got 3"),
        (lambda: sim.loyalty("kexholm_regt", to=1, by=1), "to and by exclude each other"),
        (lambda: sim.loyalty("kossacks", to=1), "unknown force 'kossacks'; did you mean 'cossacks'?"),
        (lambda: sim.strength("cadets", men=5), "wanted times= for several forces, got men=5"),
        (lambda: sim.strength("kexholm_regt"), "wanted men=, times= or arms="),
        (
            lambda: sim.policy("soviet"),
            "wanted caution=, palace_caution=, orders=, first= or rigid=, got none",
        ),
        (
            lambda: sim.policy("soviet", first=["bridges"]),
            "unknown kind of place 'bridges'; did you mean 'bridge'?",
        ),
        (
            lambda: sim.parameter("peer_wieght", 1),
            "unknown parameter 'peer_wieght'; did you mean 'peer_weight'?",
        ),
        (
            lambda: sim.parameter("overlooked_line", 1.5),
            "parameter 'overlooked_line': wanted a number from 0 to 1",
        ),
        (
            lambda: sim.parameter("peer_weight", float("nan")),
            "parameter: value: wanted a finite number, got nan",
        ),
    ],
)
def test_refused(make: Callable[[], Change], message: str) -> None:
    """A change that names what is not, or what cannot be, is refused in one line when the scenario is
    made.
    """
    with pytest.raises(ScenarioError) as error:
        PAST.but("test", make())
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "decisions", "message"),
    [
        (
            [sim.cancel("d24_close_press"), sim.cancel("d24_close_press")],
            {},
            "cancel d24_close_press: said twice",
        ),
        (
            [sim.cancel("d24_close_press")],
            {"d24_close_press": "close the papers in force"},
            "it cannot be left undone and taken otherwise",
        ),
        (
            [sim.leave("d25_blank")],
            {"d25_blank": "nothing"},
            "it cannot be left to the headquarters and given",
        ),
        (
            [sim.leave("d25_blank"), sim.cancel("d25_blank")],
            {},
            "it cannot be left to the headquarters and given",
        ),
        (
            [sim.cancel("d24_close_press"), sim.delay("d24_close_press", hours=1)],
            {},
            "it cannot be cancelled and come at another hour",
        ),
        (
            [sim.delay("kronstadt_sailors", hours=1), sim.advance("kronstadt_sailors", hours=2)],
            {},
            "kronstadt_sailors: changed twice",
        ),
        ([sim.delay("d24_close_press", hours=1)], {"d24_close_press": "nothing"}, "nothing is decided there"),
        (
            [sim.cancel("other_okhta")],
            {},
            "no decision of this scenario names that force, so nothing would change",
        ),
        (
            [sim.cancel("kexholm_regt"), sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00")],
            {},
            "no order reaches it, and yet",
        ),
        (
            [sim.hold("smolny", "soviet"), sim.hold("smolny", "government", at="25 Oct 12:00")],
            {},
            "hold smolny: kept twice at once",
        ),
        (
            [
                sim.cut("bridge", "liteiny_bridge", at="24 Oct 12:00"),
                sim.restore("bridge", "liteiny_bridge", at="24 Oct 12:00"),
            ],
            {},
            "changed twice",
        ),
        (
            [
                sim.strength("cadets", times=0),
                sim.order("cad_pavlovsky", "seize", "smolny", at="24 Oct 12:00"),
            ],
            {},
            "it has no men in this scenario",
        ),
        (
            [
                sim.arrive("luga_garrison", "warsaw_station", at="25 Oct 12:00", side="government"),
                sim.order("luga_garrison", "seize", "smolny", at="25 Oct 09:00", side="government"),
            ],
            {},
            "it is in the city from 25 Oct 12:00 only",
        ),
        (
            [sim.policy("soviet", caution=1), sim.policy("soviet", orders=1)],
            {},
            "policy soviet: changed twice",
        ),
        (
            [sim.loyalty("cossacks", to=0), sim.loyalty("cossacks", to=1)],
            {},
            "loyalty cossacks: changed twice",
        ),
        (["delay"], {}, "wanted a change such as sim.delay"),
    ],
)
def test_contradictions(changes: list[Change], decisions: dict[str, str], message: str) -> None:
    """A scenario that contradicts itself is refused when it is made, in one line that names it."""
    with pytest.raises(ScenarioError, match=r"^test: ") as error:
        PAST.but("test", *changes, **decisions)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 'x'\nquestion = ", "x.toml: Invalid value"),
        ("name = 'x'\nquestoin = 'What?'", "x.toml: unknown field 'questoin'; did you mean 'question'?"),
        (
            "[[changes]]\nverb = 'cansel'\nwhat = 'd24_close_press'",
            "x.toml: change: wanted a verb (advance, arrive",
        ),
        ("[[changes]]\nverb = 'cancel'", "x.toml: cancel: wanted what=, got none"),
        (
            "[[changes]]\nverb = 'cancel'\nwhat = 'd24_close_press'\nwhy = 'no'",
            "x.toml: cancel: unknown field 'why'",
        ),
        (
            "[decisions]\nd24_close_pres = 'nothing'",
            "x.toml: x.toml: unknown decision 'd24_close_pres'; did you mean 'd24_close_press'?",
        ),
        ("[expected]\nkilled = 'many'", "expected killed: wanted one of +, -, 0, got 'many'"),
        ("[expected]\nkilld = '+'", "unknown measure 'killd'; did you mean 'killed'?"),
        ("start = '24 Oct 99:00'", "x.toml: wanted a time such as"),
        ("resolution = 0", "resolution: wanted a number above 0"),
    ],
)
def test_toml_refused(text: str, message: str) -> None:
    """A TOML file that is none, or says what cannot be, is refused in one line that names the file."""
    with pytest.raises(ScenarioError) as error:
        from_toml(text, "x.toml")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_toml_missing(tmp_path: Path) -> None:
    """A TOML file that is not there is refused in one line."""
    with pytest.raises(ScenarioError, match="wanted a scenario in TOML, got No such file"):
        scenario(str(tmp_path / "none.toml"))


def test_measures_expected() -> None:
    """What is expected may be said of any measure of the table, or of a place's hour."""
    assert {"palace_falls", "liteiny_bridge", "liteiny_bridge:government"} <= set(
        measure_names(["liteiny_bridge"])
    )


# ---- what each verb does ----


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_does_something(verb: str) -> None:
    """A history with any one change differs from the one without, in its record or in what is told of it."""
    one, other = both(EVERY[verb], 51)
    assert differences(state(one), state(other), extra="*") != []


def test_cancel_a_decision() -> None:
    """A cancelled decision is never taken, nor what answers to it."""
    histories = play(16, varied(sim.cancel("d24_directive1")), range(4))
    fired, index = histories["decisions"]["fired_at"], histories.layout.plan.decisions.index
    assert not np.isfinite(fired[:, [index["d24_directive1"], index["d24_hq_orders"]]]).any()
    assert np.isfinite(fired[:, index["d24_close_press"]]).all()
    decided = {int(d) for world in range(4) for d in histories.rows(journal.DECIDED, world)["decision"]}
    assert index["d24_close_press"] in decided
    assert not decided & {index["d24_directive1"], index["d24_hq_orders"]}


def test_cancel_a_force() -> None:
    """No order names a cancelled force; who else was named still is."""
    made = laid_out(sim.cancel("kronstadt_sailors"))
    assert not made.plan.tasks.by[:, rows(made, "kronstadt_sailors")].any()
    assert made.plan.tasks.by[:, rows(made, "pavlovsky_regt")].any()
    named = made.template[0]["named"]
    assert not named[:, rows(made, "kronstadt_sailors")].any()
    assert named[:, rows(made, "pavlovsky_regt")].any()


def test_cancel_a_force_that_a_decision_brings() -> None:
    """A cancelled crowd does not gather."""
    played = both(sim.cancel("crowd_liteiny"), 16, 6)
    assert [bool(h["units"]["men"][:, h.units_of("crowd_liteiny")].any()) for h in played] == [True, False]


@pytest.mark.parametrize(
    ("change", "minutes"),
    [(sim.delay("d24_stations", hours=2), 120), (sim.advance("d24_stations", minutes=90), -90)],
)
def test_shift_an_initiative(change: Change, minutes: float) -> None:
    """A decision delayed or advanced comes just so much later or earlier."""
    one, other = both(change, 11)
    row = one.layout.plan.decisions.index["d24_stations"]
    assert other["decisions"]["fired_at"][0, row] - one["decisions"]["fired_at"][0, row] == minutes


def test_shift_a_reaction() -> None:
    """A reaction delayed has a longer lag after its occasion, and an order's own hours move with it."""
    made = laid_out(sim.delay("d24_directive1", hours=2), sim.delay("d24_close_press", hours=1))
    plan, record = made.plan, made.template[0]
    directive, press = plan.decisions.index["d24_directive1"], task_of(made, "d24_close_press")
    assert plan.decisions.lag[directive] == record["decisions"]["lag"][directive] == 150
    assert plan.tasks.act_at[press] == record["tasks"]["act_at"][press] == clock.minutes("24 Oct 06:30")


def test_delay_a_force() -> None:
    """Only the delayed force is later: the other forces of the call have their orders, and their luck, as
    before."""
    call, force = "d24_call_fleet", "helsingfors_trains"
    one, other = both(sim.delay(force, hours=3), 21, 8)
    late = other.layout.plan.decisions.index[f"{call}+{force}"]
    called = one["decisions"]["fired_at"][:, one.layout.plan.decisions.index[call]]
    assert np.nanmin(other["decisions"]["fired_at"][:, late] - called) >= 180
    ships = one.units_of("helsingfors_ships")
    for name in ("told_at", "order_at"):
        assert np.array_equal(one["units"][name][:, ships], other["units"][name][:, ships])
    assert np.isfinite(one["units"]["order_at"][:, ships]).any()


def test_echo_says_nothing_twice() -> None:
    """The echo of a decision only sends a force: it speaks no word and does nothing else a second time."""
    made = laid_out(sim.delay("kronstadt_sailors", hours=1))
    decisions = made.plan.decisions
    echoes = np.flatnonzero(decisions.echo)
    assert len(echoes) > 0
    assert not any("legitimacy" in decisions.made[d].params for d in echoes)
    assert (made.template[0]["decisions"]["word_fact"][echoes] == -1).all()


def test_order() -> None:
    """An order that was not given is obeyed by the willing: the bank falls to the Soviet hours before."""
    one, other = both(sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 10:00", men=60), 30, 16)
    assert np.median(first_taken(other, "state_bank", 1)) < np.median(first_taken(one, "state_bank", 1))


def test_order_from_a_post() -> None:
    """An order from a place names only the detachments that stand there."""
    made = laid_out(
        sim.order("kexholm_regt", "guard", "main_post_office", at="24 Oct 10:00", start="central_telegraph")
    )
    tasks = made.plan.tasks
    named = np.flatnonzero(tasks.by[~tasks.standing][-1])  # behind it stands what headquarters may want
    assert [made.cast.units.ids[u] for u in named] == ["kexholm_regt@central_telegraph"]


def test_order_before_changes_nothing() -> None:
    """Until the hour of an order everything is as it was, in every field, and after it something is not."""
    change = sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00")
    one, other = both(change, 14.9)
    assert differences(state(one), state(other), extra="*") == []
    one, other = both(change, 24)
    assert differences(state(one), state(other), extra="*") != []


def test_arrive() -> None:
    """Troops arrive with the men they are said to have, and those that are willing stand there for who called
    them."""
    change = sim.arrive(
        "northern_front_troops", "warsaw_station", at="24 Oct 12:00", side="government", men=5001
    )
    histories = play(12, varied(change, sim.loyalty("northern_front_troops", to=-1)), range(6))
    u = histories["units"][:, histories.units_of("northern_front_troops")]
    u = u[:, ~u["is_party"][0]]  # no party of theirs is out
    assert (u["men"].sum(axis=1) == 5001).all()
    assert (u["place"] == histories.place("warsaw_station")).all()
    assert ((u["stance"] < 0) & (u["duty"] == ON_POST)).mean() > 0.8


def test_arrive_unwilling() -> None:
    """Troops that do not mean to fight arrive and do nothing."""
    change = sim.arrive("northern_front_troops", "warsaw_station", at="24 Oct 12:00", side="government")
    histories = play(12, varied(change, sim.loyalty("northern_front_troops", to=0.4)), range(16))
    assert (histories["units"]["stance"][:, histories.units_of("northern_front_troops")] < 0).mean() < 0.2


def test_hold() -> None:
    """A place that is kept is not lost before its hour, though it falls without it."""
    one, other = both(sim.hold("central_telegraph", "government", until="24 Oct 22:00"), 20, 12)
    assert (first_taken(one, "central_telegraph", 1) < clock.minutes("24 Oct 22:00")).any()
    assert (first_taken(other, "central_telegraph", 1) >= clock.minutes("24 Oct 22:00")).all()


def test_hold_from_an_hour() -> None:
    """A place that a side is given at an hour is its own from then on."""
    histories = play(3, varied(sim.hold("state_bank", "soviet", at="24 Oct 05:00")))
    assert first_taken(histories, "state_bank", 1)[0] == clock.minutes("24 Oct 05:00")
    assert histories["places"]["holder"][0, histories.place("state_bank")] == 1


def test_hold_to_the_end() -> None:
    """A palace that is kept does not fall, not in the last minute either."""
    histories = play(51, varied(sim.hold("winter_palace", "government")), range(8))
    assert (histories["places"]["holder"][:, histories.place("winter_palace")] == -1).all()
    assert not np.isfinite(first_taken(histories, "winter_palace", 1)).any()


def test_hold_at_the_opening() -> None:
    """A holder at the opening is known to all at once, and may be lost at once."""
    histories = play(-1, varied(sim.hold("peter_paul_fortress", "government", until="24 Oct 03:00")))
    place, audiences = histories.place("peter_paul_fortress"), len(histories.layout.cast.audiences.ids)
    assert (histories["news"]["holder"][:, :audiences, place] == -1).all()
    assert histories["places"]["holder"][0, place] == -1
    assert not histories.layout.plan.kept[0].end > 0


@pytest.mark.parametrize(("works", "name", "wanted"), [("bridge", "raised", True), ("power", "power", False)])
def test_cut_and_restore(works: str, name: str, wanted: bool) -> None:
    """A bridge goes up and comes down, current fails and comes back, at their hours."""
    made = varied(
        sim.cut(works, "troitsky_bridge", at="24 Oct 04:00"),
        sim.restore(works, "troitsky_bridge", at="24 Oct 05:00"),
    )
    states = []
    for hours in (0.9, 1.5, 2.5):
        histories = play(hours, made)
        states.append(bool(histories["places"][name][0, histories.place("troitsky_bridge")]))
    assert states == [not wanted, wanted, not wanted]


def test_cut_telephone() -> None:
    """A headquarters without telephones hears later: the median delay to it grows, and falls when they are
    joined again."""
    made = varied(
        sim.cut("telephone", "smolny", at="24 Oct 04:00"),
        sim.restore("telephone", "smolny", at="24 Oct 05:00"),
    )
    before, cut, joined = (play(hours, made) for hours in (0.9, 1.5, 2.5))
    staff, n = before.layout.cast.audiences.staff[1], len(before.layout.cast.audiences.ids)
    delays = [h["reports"]["delay"][0, staff, :n].sum() for h in (before, cut, joined)]
    assert delays[1] > delays[0] == delays[2]
    assert [bool(h["audiences"]["line"][0, staff]) for h in (before, cut, joined)] == [True, False, True]


def test_loyalty() -> None:
    """A kind moved by so much of leaning has its loyalty moved by that times the scale; others are as they
    were."""
    one, other = both(sim.loyalty("cossacks", by=-0.2), -1)
    moved = other["units"]["loyalty"] - one["units"]["loyalty"]
    assert np.allclose(moved[:, one.units_of("cos_don_1")], -0.2 * one["p"]["loyalty_scale"][0])
    assert not moved[:, one.units_of("kexholm_regt")].any()


def test_commissars_accepted_by_chance() -> None:
    """Commissars accepted with a chance: the larger the chance, the more forces, and never fewer in any
    world."""
    few, many = (
        play(-1, varied(sim.loyalty("garrison", commissar=share)), range(64))["units"]["commissar_at"][
            :, :, 1
        ]
        == 0
        for share in (0.3, 0.6)
    )
    assert not (few & ~many).any()
    assert few.mean() < many.mean()


def test_strength() -> None:
    """Half the men and other arms, at the opening."""
    one, other = both(sim.strength("rg_vyborg", times=0.5, arms=0.1), -1)
    units = one.units_of("rg_vyborg")
    assert other["units"]["men"][:, units].sum() == pytest.approx(
        one["units"]["men"][:, units].sum() / 2, rel=0.02
    )
    assert (other["units"]["arms"][:, units] == 0.1).all()


def test_policy() -> None:
    """A headquarters that gets out more orders has its places sooner; the other headquarters works as
    before.
    """
    one, other = both(sim.policy("soviet", orders=6), 27, 16)
    assert (other["places"]["holder"] > 0).sum() > (one["places"]["holder"] > 0).sum()
    orders = [h["sides"]["orders_an_hour"] for h in (one, other)]
    assert np.array_equal(orders[0][:, 0], orders[1][:, 0])
    assert (orders[1][:, 1] == 6).all()


def test_policy_order_of_places() -> None:
    """The kinds named first are thought of first by that side alone."""
    made = laid_out(sim.policy("government", first=["telephone", "bridge"]))
    priority: Any = made.template[0]["places"]["priority"][: len(made.cast.places.ids)]
    index = made.cast.places.index
    place, bridge, palace = (
        index[name] for name in ("telephone_exchange", "liteiny_bridge", "winter_palace")
    )
    assert priority[place, 0] < priority[bridge, 0] < priority[palace, 0]
    assert np.array_equal(priority[:, 1], made.cast.places.priority)


def test_parameter() -> None:
    """A parameter has the value that the scenario gives it."""
    assert play(-1, varied(sim.parameter("peer_weight", 1.25)))["p"]["peer_weight"][0] == 1.25
