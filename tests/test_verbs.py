"""The verbs: what each changes in a history, and what is refused when a scenario is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from likeness import play

import sim
from sim import clock
from sim.counterfactual.measures import names as measure_names
from sim.model import Petrograd
from sim.counterfactual.changes import VERBS, Change
from sim.counterfactual.scenario import Scenario, ScenarioError, from_toml, scenario

PAST = scenario("historical")
EVERY: dict[str, Change] = {
    "cancel": sim.cancel("d24_call_kronstadt"), "delay": sim.delay("helsingfors_trains", hours=3), "advance": sim.advance("d24_stations", minutes=90),
    "order": sim.order(["kexholm_regt", "guards_crew"], "seize", "state_bank", at="24 Oct 18:00", men=60), "arrive": sim.arrive("northern_front_troops", "warsaw_station", at="25 Oct 12:00", side="government", men=5000),
    "hold": sim.hold("telephone_exchange", "government", until="25 Oct 12:00"), "cut": sim.cut("bridge", "troitsky_bridge", at="24 Oct 12:00"),
    "restore": sim.restore("telephone", "smolny", at="24 Oct 20:00"), "loyalty": sim.loyalty("cossacks", by=-0.2), "strength": sim.strength("red_guard", times=0.5, arms=0.2),
    "leave": sim.leave("d25_ultimatum", "d25_blank", since="24 Oct 12:00"), "policy": sim.policy("soviet", caution=3, orders=2.5, first=["bridge"]), "parameter": sim.parameter("peer_weight", 1.0),
}


def brief(*changes: Change, hours: float, **decisions: str) -> Scenario:
    """History with some changes, cut off after some hours."""
    return replace(PAST.but("test", *changes, **decisions), end=clock.START + timedelta(hours=hours))


def at(model: Petrograd, place: str) -> int:
    """The row of a place."""
    return model.city.index[place]


def rows(model: Petrograd, force: str) -> np.ndarray:
    """The rows of a force's units."""
    return np.flatnonzero(model.setting.units.force == model.setting.forces.index[force])


def task_of(model: Petrograd, decision: str) -> int:
    """The first task of a decision."""
    return model.script.decisions.tasks[model.script.decisions.index[decision]][0]


def test_every_verb_has_an_example() -> None:
    """The examples of this file leave out no verb, and every verb is a name of the package."""
    assert set(EVERY) == set(VERBS)
    assert all(callable(getattr(sim, verb)) for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_round_trip(verb: str) -> None:
    """A scenario with any verb is the same after TOML, and says itself in one line more."""
    made = PAST.but("there and back", EVERY[verb], question="What if?", expects="Something.", expected={"killed": "+"}, sources=["a book"], d24_close_press="nothing")
    assert from_toml(made.toml()) == made
    assert len(made.differences()) == 2


def test_all_at_once_round_trip(tmp_path: pytest.TempPathFactory) -> None:
    """All verbs together make one scenario, which a file keeps, equal and with an equal hash."""
    made = replace(PAST.but("all of them", *EVERY.values()), resolution=2.0, end=clock.parse("25 Oct 12:00"))
    path = made.save(tmp_path / "all.toml")  # type: ignore[operator]
    assert scenario(str(path)) == made
    assert hash(scenario(path)) == hash(made)


def test_order_of_verbs() -> None:
    """It does not matter in which order changes are given."""
    assert PAST.but("x", *EVERY.values()) == PAST.but("x", *reversed(EVERY.values()))


def test_printed() -> None:
    """A scenario prints what is otherwise, verb by verb."""
    text = str(PAST.but("x", EVERY["order"], EVERY["hold"], EVERY["arrive"], EVERY["delay"]))
    assert "24 Oct 18:00: the Soviet orders 60 men of kexholm_regt and guards_crew to seize state_bank" in text
    assert "telephone_exchange: kept by the government from 24 Oct 03:00 to 25 Oct 12:00" in text
    assert "25 Oct 12:00: 5000 men of northern_front_troops are at warsaw_station, called by the government" in text
    assert "helsingfors_trains: orders that name it 3 h later" in text


# ---- what is refused ----


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sim.delay("kronstadt_sailor", hours=6), "unknown decision or force 'kronstadt_sailor'; did you mean 'kronstadt_sailors'?"),
        (lambda: sim.leave("d25_blnk"), "unknown decision 'd25_blnk'; did you mean 'd25_blank'?"),
        (lambda: sim.delay("kronstadt_sailors"), "delay kronstadt_sailors: wanted more than 0 and at most 51 hours, got 0"),
        (lambda: sim.delay("kronstadt_sailors", hours="six"), "delay: wanted numbers of hours and minutes, got hours='six', minutes=0.0"),  # type: ignore[arg-type]
        (lambda: sim.hold("smolny", "soviet", at=5), "hold: at: wanted a time such as '24 Oct 17:00', got 5"),  # type: ignore[arg-type]
        (lambda: sim.advance("kronstadt_sailors", hours=60), "at most 51 hours, got 60"),
        (lambda: sim.advance("d24_close_press", hours=1), "wanted an hour from 24 Oct 03:00 on, got 1 h before 24 Oct 03:30"),
        (lambda: sim.advance("d24_hq_orders", hours=8), "it answers to what happens, and comes 7 h after; it cannot come 8 h sooner than that"),
        (lambda: sim.order("kexholm_regt", "sieze", "state_bank", at="24 Oct 18:00"), "order: errand: wanted 'seize', 'guard', 'raise_bridge' or 'call', got 'sieze'"),
        (lambda: sim.order("kexholm_regt", "seize", "state_banc", at="24 Oct 18:00"), "unknown place 'state_banc'; did you mean 'state_bank'?"),
        (lambda: sim.order("kexholm_regt", "seize", "state_bank", at="6 pm"), "order: at: wanted a time such as '24 Oct 17:00', got '6 pm'"),
        (lambda: sim.order("kexholm_regt", "seize", "state_bank", at="27 Oct 18:00"), "wanted a time from '24 Oct 03:00' to '26 Oct 06:00', got '27 Oct 18:00'"),
        (lambda: sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00", men=0), "order: men: wanted greater than 0, got 0"),
        (lambda: sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00", start="smolny"), "wanted a place where 'kexholm_regt' stands on 24 Oct 03:00 (central_telegraph, kexholm_barracks), got 'smolny'"),
        (lambda: sim.order("kexholm_regt", "seize", "kronstadt", at="24 Oct 18:00"), "order kexholm_regt: there is no way for it (foot) from kexholm_barracks to kronstadt"),
        (lambda: sim.order("duma_march", "guard", "city_duma", at="24 Oct 18:00", side="government"), "it comes into being with 'd25_duma', and cannot be ordered at 24 Oct 18:00"),
        (lambda: sim.order("city_militia", "guard", "city_duma", at="24 Oct 18:00"), "wanted side='government' or side='soviet'"),
        (lambda: sim.order("kexholm_regt", "raise_bridge", "smolny", at="24 Oct 18:00"), "wanted a bridge that can be raised"),
        (lambda: sim.arrive("kexholm_regt", "smolny", at="24 Oct 18:00"), "wanted a force from outside the city, got 'kexholm_regt'"),
        (lambda: sim.hold("smolny", "whites"), "hold: side: wanted 'government' or 'soviet', got 'whites'"),
        (lambda: sim.hold("smolny", "soviet", at="25 Oct 12:00", until="24 Oct 12:00"), "wanted an end from 25 Oct 12:00 on, got 24 Oct 12:00"),
        (lambda: sim.cut("gas", "smolny"), "cut: works: wanted 'telephone', 'bridge' or 'power', got 'gas'"),
        (lambda: sim.cut("telephone", "state_bank"), "telephone: wanted the seat or staff of a side"),
        (lambda: sim.loyalty("kexholm_regt", to=3), "loyalty: to: wanted less than or equal to 1, got 3"),
        (lambda: sim.loyalty("kexholm_regt", to=1, by=1), "to and by exclude each other"),
        (lambda: sim.loyalty("kossacks", to=1), "unknown force 'kossacks'; did you mean 'cossacks'?"),
        (lambda: sim.strength("cadets", men=5), "wanted times= for several forces, got men=5"),
        (lambda: sim.strength("kexholm_regt"), "wanted men=, times= or arms="),
        (lambda: sim.policy("soviet"), "wanted caution=, palace_caution=, orders= or first=, got none"),
        (lambda: sim.policy("soviet", first=["bridges"]), "unknown kind of place 'bridges'; did you mean 'bridge'?"),
        (lambda: sim.parameter("peer_wieght", 1), "unknown parameter 'peer_wieght'; did you mean 'peer_weight'?"),
        (lambda: sim.parameter("overlooked_line", 1.5), "parameter 'overlooked_line': wanted a number from 0 to 1"),
        (lambda: sim.parameter("peer_weight", float("nan")), "parameter: value: wanted a finite number, got nan"),
    ],
)
def test_refused(make: object, message: str) -> None:
    """A change that names what is not, or what cannot be, is refused in one line when the scenario is made."""
    with pytest.raises(ScenarioError) as error:
        PAST.but("test", make())  # type: ignore[operator]
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "decisions", "message"),
    [
        ([sim.cancel("d24_close_press"), sim.cancel("d24_close_press")], {}, "cancel d24_close_press: said twice"),
        ([sim.cancel("d24_close_press")], {"d24_close_press": "close the papers in force"}, "it cannot be left undone and taken otherwise"),
        ([sim.leave("d25_blank")], {"d25_blank": "nothing"}, "it cannot be left to the headquarters and given"),
        ([sim.leave("d25_blank"), sim.cancel("d25_blank")], {}, "it cannot be left to the headquarters and given"),
        ([sim.cancel("d24_close_press"), sim.delay("d24_close_press", hours=1)], {}, "it cannot be cancelled and come at another hour"),
        ([sim.delay("kronstadt_sailors", hours=1), sim.advance("kronstadt_sailors", hours=2)], {}, "kronstadt_sailors: changed twice"),
        ([sim.delay("d24_close_press", hours=1)], {"d24_close_press": "nothing"}, "nothing is decided there"),
        ([sim.cancel("other_okhta")], {}, "no decision of this scenario names that force, so nothing would change"),
        ([sim.cancel("kexholm_regt"), sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00")], {}, "no order reaches it, and yet"),
        ([sim.hold("smolny", "soviet"), sim.hold("smolny", "government", at="25 Oct 12:00")], {}, "hold smolny: kept twice at once"),
        ([sim.cut("bridge", "liteiny_bridge", at="24 Oct 12:00"), sim.restore("bridge", "liteiny_bridge", at="24 Oct 12:00")], {}, "changed twice"),
        ([sim.strength("cadets", times=0), sim.order("cad_pavlovsky", "seize", "smolny", at="24 Oct 12:00")], {}, "it has no men in this scenario"),
        ([sim.arrive("luga_garrison", "warsaw_station", at="25 Oct 12:00", side="government"), sim.order("luga_garrison", "seize", "smolny", at="25 Oct 09:00", side="government")], {},
         "it is in the city from 25 Oct 12:00 only"),
        ([sim.policy("soviet", caution=1), sim.policy("soviet", orders=1)], {}, "policy soviet: changed twice"),
        ([sim.loyalty("cossacks", to=0), sim.loyalty("cossacks", to=1)], {}, "loyalty cossacks: changed twice"),
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
        ("[[changes]]\nverb = 'cansel'\nwhat = 'd24_close_press'", "x.toml: change: wanted a verb (advance, arrive"),
        ("[[changes]]\nverb = 'cancel'", "x.toml: cancel: wanted what=, got none"),
        ("[[changes]]\nverb = 'cancel'\nwhat = 'd24_close_press'\nwhy = 'no'", "x.toml: cancel: unknown field 'why'"),
        ("[decisions]\nd24_close_pres = 'nothing'", "x.toml: x.toml: unknown decision 'd24_close_pres'; did you mean 'd24_close_press'?"),
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


def test_toml_missing(tmp_path: pytest.TempPathFactory) -> None:
    """A TOML file that is not there is refused in one line."""
    with pytest.raises(ScenarioError, match="wanted a scenario in TOML, got No such file"):
        scenario(str(tmp_path / "none.toml"))  # type: ignore[operator]


def test_measures_expected() -> None:
    """What is expected may be said of any measure of the table, or of a place's hour."""
    assert {"palace_falls", "liteiny_bridge", "liteiny_bridge:government"} <= set(measure_names(["liteiny_bridge"]))


# ---- what each verb does ----


def test_cancel_a_decision() -> None:
    """A cancelled decision is never taken, nor what answers to it."""
    model = Petrograd(brief(sim.cancel("d24_directive1"), hours=16), worlds=range(4)).play()
    fired = model.columns.fired_at
    index = model.script.decisions.index
    assert not np.isfinite(fired[:, [index["d24_directive1"], index["d24_hq_orders"]]]).any()
    assert np.isfinite(fired[:, index["d24_close_press"]]).all()


def test_cancel_a_force() -> None:
    """No order names a cancelled force; who else was named still is."""
    model = Petrograd(brief(sim.cancel("kronstadt_sailors"), hours=1))
    assert not model.script.tasks.by[:, rows(model, "kronstadt_sailors")].any()
    assert model.script.tasks.by[:, rows(model, "pavlovsky_regt")].any()


def test_cancel_a_force_that_a_decision_brings() -> None:
    """A cancelled crowd does not gather."""
    played = [Petrograd(brief(*changes, hours=16), worlds=range(6)).play() for changes in ([], [sim.cancel("crowd_liteiny")])]
    assert [bool(m.columns.men[:, rows(m, "crowd_liteiny")].any()) for m in played] == [True, False]


@pytest.mark.parametrize(("change", "minutes"), [(sim.delay("d24_stations", hours=2), 120), (sim.advance("d24_stations", minutes=90), -90)])
def test_shift_an_initiative(change: Change, minutes: float) -> None:
    """A decision delayed or advanced comes just so much later or earlier."""
    one, other = (Petrograd(brief(*changes, hours=11)).play() for changes in ([], [change]))
    row = one.script.decisions.index["d24_stations"]
    assert other.columns.fired_at[0, row] - one.columns.fired_at[0, row] == minutes


def test_shift_a_reaction() -> None:
    """A reaction delayed has a longer lag after its occasion, and an order's own hours move with it."""
    made = Petrograd(brief(sim.delay("d24_directive1", hours=2), sim.delay("d24_close_press", hours=1), hours=1))
    decisions = made.script.decisions
    assert decisions.lag[decisions.index["d24_directive1"]] == 150
    assert made.script.tasks.act_at[task_of(made, "d24_close_press")] == clock.minutes("24 Oct 06:30")


def test_delay_a_force() -> None:
    """Only the delayed force is later: the other forces of the call have their orders, and their luck, as before."""
    call, force = "d24_call_fleet", "helsingfors_trains"
    one, other = (Petrograd(brief(*changes, hours=21), worlds=range(8)).play() for changes in ([], [sim.delay(force, hours=3)]))
    late = other.script.decisions.index[f"{call}+{force}"]
    assert np.nanmin(other.columns.fired_at[:, late] - one.columns.fired_at[:, one.script.decisions.index[call]]) >= 180
    ships = rows(one, "helsingfors_ships")
    assert np.array_equal(one.columns.told_at[:, ships], other.columns.told_at[:, ships])
    assert np.array_equal(one.columns.order_at[:, ships], other.columns.order_at[:, ships])


def test_echo_says_nothing_twice() -> None:
    """The echo of a decision only sends a force: it speaks no word and does nothing else a second time."""
    made = Petrograd(brief(sim.delay("kronstadt_sailors", hours=1), hours=1)).script
    echoes = [made.decisions.made[d] for d in np.flatnonzero(made.decisions.echo)]
    assert echoes
    assert not any("legitimacy" in choice.params for choice in echoes)


def test_order() -> None:
    """An order that was not given is obeyed by the willing: the bank falls to the Soviet hours before."""
    one, other = (Petrograd(brief(*changes, hours=30), worlds=range(16)).play() for changes in ([], [sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 10:00", men=60)]))
    place = at(one, "state_bank")
    assert np.median(other.columns.taken_at[:, place, 1]) < np.median(one.columns.taken_at[:, place, 1])


def test_order_from_a_post() -> None:
    """An order from a place names only the detachments that stand there."""
    model = Petrograd(brief(sim.order("kexholm_regt", "guard", "main_post_office", at="24 Oct 10:00", start="central_telegraph"), hours=1))
    named = np.flatnonzero(model.script.tasks.by[-1])
    assert [model.setting.units.ids[u] for u in named] == ["kexholm_regt@central_telegraph"]


def test_order_before_changes_nothing() -> None:
    """Until the hour of an order everything is as it was."""
    change = sim.order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00")
    one, other = play(14.5, PAST.but("x")), play(14.5, PAST.but("x", change))
    assert np.array_equal(one.columns.place, other.columns.place)
    assert np.array_equal(one.columns.stance, other.columns.stance)


def test_arrive() -> None:
    """Troops arrive with the men they are said to have, and those that are willing stand there for who called them."""
    change = sim.arrive("northern_front_troops", "warsaw_station", at="24 Oct 12:00", side="government", men=5001)
    model = Petrograd(brief(change, sim.loyalty("northern_front_troops", to=-1), hours=12), worlds=range(6)).play()
    units, c = rows(model, "northern_front_troops"), model.columns
    assert (c.men[:, units].sum(axis=1) == 5001).all()
    assert (c.place[:, units] == at(model, "warsaw_station")).all()
    assert ((c.stance[:, units] < 0) & (c.duty[:, units] == 2)).mean() > 0.8


def test_arrive_unwilling() -> None:
    """Troops that do not mean to fight arrive and do nothing."""
    change = sim.arrive("northern_front_troops", "warsaw_station", at="24 Oct 12:00", side="government")
    model = Petrograd(brief(change, sim.loyalty("northern_front_troops", to=0.4), hours=12), worlds=range(16)).play()
    assert (model.columns.stance[:, rows(model, "northern_front_troops")] < 0).mean() < 0.2


def test_hold() -> None:
    """A place that is kept is not lost before its hour, though it falls without it."""
    one, other = (Petrograd(brief(*changes, hours=20), worlds=range(12)).play() for changes in ([], [sim.hold("central_telegraph", "government", until="24 Oct 22:00")]))
    taken = [m.columns.taken_at[:, at(m, "central_telegraph"), 1] for m in (one, other)]
    assert (taken[0] < clock.minutes("24 Oct 22:00")).any()
    assert (taken[1] >= clock.minutes("24 Oct 22:00")).all()


def test_hold_from_an_hour() -> None:
    """A place that a side is given at an hour is its own from then on."""
    model = Petrograd(brief(sim.hold("state_bank", "soviet", at="24 Oct 05:00"), hours=3)).play()
    assert model.columns.taken_at[0, at(model, "state_bank"), 1] == clock.minutes("24 Oct 05:00")


def test_hold_to_the_end() -> None:
    """A palace that is kept does not fall, not in the last minute either."""
    model = Petrograd(PAST.but("x", sim.hold("winter_palace", "government")), worlds=range(8)).play()
    assert (model.columns.holder[:, at(model, "winter_palace")] == -1).all()


def test_hold_at_the_opening() -> None:
    """A holder at the opening is known to all at once, and may be lost at once."""
    model = Petrograd(brief(sim.hold("peter_paul_fortress", "government", until="24 Oct 03:00"), hours=1))
    place = at(model, "peter_paul_fortress")
    assert (model.columns.heard[:, :, place] == -1).all()
    assert not model.script.kept[0].end > 0


@pytest.mark.parametrize(("works", "column", "wanted"), [("bridge", "raised", True), ("power", "power", False)])
def test_cut_and_restore(works: str, column: str, wanted: bool) -> None:
    """A bridge goes up and comes down, current fails and comes back, at their hours."""
    changes = [sim.cut(works, "troitsky_bridge", at="24 Oct 04:00"), sim.restore(works, "troitsky_bridge", at="24 Oct 05:00")]
    early, late = (Petrograd(brief(*changes, hours=hours)).play() for hours in (1.5, 2.5))
    states = [bool(getattr(m.columns, column)[0, at(m, "troitsky_bridge")]) for m in (early, late)]
    assert states == [wanted, not wanted]


def test_cut_telephone() -> None:
    """A headquarters without telephones hears later: the median delay to it grows, and falls when they are joined again."""
    changes = [sim.cut("telephone", "smolny", at="24 Oct 04:00"), sim.restore("telephone", "smolny", at="24 Oct 05:00")]
    early, late = (Petrograd(brief(*changes, hours=hours)).play() for hours in (1.5, 2.5))
    audience = early.setting.audiences.staff[1]
    assert early.columns.delay[0, audience].sum() > late.columns.delay[0, audience].sum()


def test_loyalty() -> None:
    """A kind moved by so much of leaning has its loyalty moved by that times the scale; others are as they were."""
    one, other = Petrograd(PAST), Petrograd(PAST.but("x", sim.loyalty("cossacks", by=-0.2)))
    riders, infantry = rows(one, "cos_don_1"), rows(one, "kexholm_regt")
    moved = other.columns.loyalty - one.columns.loyalty
    assert np.allclose(moved[:, riders], -0.2 * one.p.loyalty_scale[:, None])
    assert not moved[:, infantry].any()


def test_commissars_accepted_by_chance() -> None:
    """Commissars accepted with a chance: the larger the chance, the more forces, and never fewer in any world."""
    few, many = (Petrograd(PAST.but("x", sim.loyalty("garrison", commissar=share)), worlds=range(64)).columns.commissar_at[:, :, 1] == 0 for share in (0.3, 0.6))
    assert not (few & ~many).any()
    assert few.mean() < many.mean()


def test_strength() -> None:
    """Half the men and other arms, at the opening."""
    one, other = Petrograd(PAST), Petrograd(PAST.but("x", sim.strength("rg_vyborg", times=0.5, arms=0.1)))
    units = rows(one, "rg_vyborg")
    assert other.columns.men[:, units].sum() == pytest.approx(one.columns.men[:, units].sum() / 2, rel=0.02)
    assert (other.columns.arms[:, units] == 0.1).all()


def test_policy() -> None:
    """A headquarters that gets out more orders has its places sooner; the other headquarters works as before."""
    one, other = (Petrograd(brief(*changes, hours=27), worlds=range(16)).play() for changes in ([], [sim.policy("soviet", orders=6)]))
    assert (other.columns.holder > 0).sum() > (one.columns.holder > 0).sum()
    assert np.array_equal(one.orders_an_hour[:, 0], other.orders_an_hour[:, 0])


def test_policy_order_of_places() -> None:
    """The kinds named first are thought of first by that side alone."""
    model = Petrograd(brief(sim.policy("government", first=["telephone", "bridge"]), hours=1))
    place, bridge, palace = at(model, "telephone_exchange"), at(model, "liteiny_bridge"), at(model, "winter_palace")
    assert model.priority[0][place] < model.priority[0][bridge] < model.priority[0][palace]
    assert np.array_equal(model.priority[1], model.setting.places.priority)


def test_parameter() -> None:
    """A parameter has the value that the scenario gives it."""
    assert Petrograd(PAST.but("x", sim.parameter("peer_weight", 1.25))).p.peer_weight[0] == 1.25
