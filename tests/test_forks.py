"""Forks: a history that goes on from a minute as it did, with other luck, or otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden import SCENARIOS

import sim
from sim import clock
from sim.counterfactual.scenario import ScenarioError
from sim.counterfactual.turns import OPENING, STILL, Turn
from sim.forks import Fork
from sim.parameters import PLAUSIBLE, of_world
from sim.plan.layout import Stage, layout
from sim.plan.turning import take_turn
from sim.results.run import Run, record
from sim.results.saved import ResultError

PACKAGE = Path(str(sim.__file__)).parent


@pytest.fixture(scope="module")
def run() -> Run:
    """A history of the record."""
    return sim.run("historical", seed=4)


@pytest.fixture(scope="module")
def then(run: Run) -> Fork:
    """It at nine in the evening of the 24th."""
    fork = run.at("24 Oct 21:00")
    assert isinstance(fork, Fork)
    return fork


def same(one: Run, other: Run) -> bool:
    """Whether two runs are one, to the last bit."""
    return one.events == other.events and one.outcome == other.outcome and one.data.equals(other.data)


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_empty_fork_is_the_run(name: str) -> None:
    """A history that is stopped at a minute, in the middle or at either end, and goes on with nothing
    otherwise is the one that was never stopped; so is one that takes a turn in which nothing is otherwise.
    """
    scenario = sim.scenario(name)
    hours = (scenario.end - scenario.start).total_seconds() / 3600
    for world in range(10):
        run = sim.run(name, seed=1917, world=world)
        fork = run.at(clock.moment(60.0 * round(hours * world / 9), scenario.start))
        assert isinstance(fork, Fork)
        stage = fork.stage()
        assert stage.worlds[0]["clock"]["now"] == clock.minutes(fork.at, scenario.start)
        stage.play()
        end = stage.worlds[0]["end"]
        assert (int(end["ending"]), float(end["at"])) == (run.outcome["ending"], run.outcome["ended_at"])
        assert int(stage.worlds[0]["clock"]["events"]) == len(run.events)
        settings = of_world(PLAUSIBLE, world) | scenario.settings
        turned = record(scenario, 1917, world, 5.0, settings, (Turn(fork.at),))
        assert same(turned, run)
        assert same(fork.go_on(), run)


def test_other_luck_differs_afterwards_alone(run: Run, then: Fork) -> None:
    """Another future has the same past, and parts from it afterwards; each number is a future of its own."""
    one, other = then.go_on(luck=7), then.go_on(luck=8)
    minute = clock.minutes(then.at)
    for future in (one, other):
        assert [e for e in future.events if e.minute < minute] == [e for e in run.events if e.minute < minute]
    assert len({run.outcome["palace_falls"], one.outcome["palace_falls"], other.outcome["palace_falls"]}) == 3
    assert same(then.go_on(luck=7), one)


def test_a_fork_of_a_fork(run: Run, then: Fork) -> None:
    """A run that took a turn can be stopped later, and goes on as it did; not before it took the turn."""
    turned = then.do(sim.hold("telephone_exchange", "government")).go_on(luck=2)
    later = turned.at("25 Oct 09:00")
    assert same(later.go_on(), turned)
    assert not same(later.go_on(luck=1), turned)
    with pytest.raises(ResultError, match=r"wanted an hour from 24 Oct 21:00 on"):
        turned.at("24 Oct 20:00")


CHANGES = {
    "a place kept": sim.hold("telephone_exchange", "government"),
    "minds": sim.loyalty("garrison", to=-0.5, commissar=0.0),
    "minds moved": sim.loyalty("garrison", by=-0.4),
    "men": sim.strength("garrison", times=0.3),
    "arms": sim.strength("cadets", arms=0.0),
    "a headquarters": sim.policy("soviet", orders=1, caution=3, first=["railway_station"]),
    "a law": sim.parameter("yield_rate", 0.6),
    "a force never called": sim.cancel("kexholm_regt"),
    "a decision not taken": sim.cancel("d25_ultimatum"),
    "a decision later": sim.delay("d25_ultimatum", hours=2),
    "a line": sim.cut("telephone", "smolny"),
    "an order": sim.order("cos_don_14", "guard", "telephone_exchange", at="24 Oct 21:00"),
    "an arrival": sim.arrive("northern_front_troops", "palace_square", at="25 Oct 06:00", side="government"),
    "left to the headquarters": sim.leave("d25_ultimatum"),
}


@pytest.mark.parametrize("made", CHANGES.values(), ids=CHANGES)
def test_every_verb_acts_from_then_on(made: sim.counterfactual.changes.Change, run: Run, then: Fork) -> None:
    """Each verb changes what comes, and nothing that has been."""
    other = then.do(made).go_on()
    minute = clock.minutes(then.at)
    past = [e for e in run.events if e.minute < minute]
    assert [e for e in other.events if e.minute < minute] == past
    assert other.events != run.events


LATE = {
    "taken": (
        {"d24_hq_orders": "leave the bridges down"},
        r"d24_hq_orders: too late .* it was taken at 24 Oct",
    ),
    "cancel": (
        sim.cancel("d24_close_press"),
        r"cancel d24_close_press: too late at 24 Oct 21:00: it was taken",
    ),
    "called": (
        sim.delay("kronstadt_sailors", hours=3),
        r"named in an order given at 24 Oct 17:00 \(d24_call_kr",
    ),
    "sent": (sim.cancel("kronstadt_sailors"), r"cancel kronstadt_sailors: too late"),
    "hour": (
        sim.order("cos_don_14", "guard", "smolny", at="24 Oct 20:00"),
        r"wanted an hour from 24 Oct 21:00 on",
    ),
    "before": (
        sim.advance("d24_lenin_search", hours=3),
        r"too late: it would have been otherwise at 24 Oct .*search for Lenin",
    ),
    "drawn": (
        sim.parameter("loyalty_scale", 1.0),
        r"parameter loyalty_scale: too late: it is used for the op",
    ),
    "unknown": ({"d25_blank": "the lantern is redy"}, r"did you mean 'the lantern is ready'"),
    "no change": ("hold", r"wanted a change such as"),
}


@pytest.mark.parametrize(("what", "said"), LATE.values(), ids=LATE)
def test_what_comes_too_late_is_refused(what: object, said: str, then: Fork) -> None:
    """What lies behind cannot be changed, and one line says since when."""
    with pytest.raises(ScenarioError, match=said) as refused:
        then.do(**what) if isinstance(what, dict) else then.do(what)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_too_late_is_a_matter_of_the_history() -> None:
    """Before it is taken a decision can be taken otherwise, an hour later no more."""
    run = sim.run("historical", seed=3)
    taken = next(e for e in run.events if e.token == "d24_hq_orders" or "raise the bridges" in e.text)
    hour = clock.moment(taken.minute)
    early, late = run.at(clock.moment(taken.minute - 30)), run.at(clock.moment(taken.minute + 30))
    early.do(d24_hq_orders="leave the bridges down")
    with pytest.raises(ScenarioError, match=clock.label(hour)):
        late.do(d24_hq_orders="leave the bridges down")


def test_paired_futures(then: Fork) -> None:
    """A comparison of a fork plays the same renewed futures without and with the change, and each of them is
    the one that goes on with its luck; what the change does not touch is the same in all of them.
    """
    fork = then.do(sim.hold("telephone_exchange", "government"), name="held")
    found = fork.compare(worlds=6, tracks=True, workers=2)
    base, held = found.ensembles
    for k in (0, 5):
        assert base.world(k).outcome == then.go_on(luck=k + 1).outcome
        assert held.world(k).outcome == fork.go_on(luck=k + 1).outcome
        assert base.data["palace_falls"].values[k] == then.go_on(luck=k + 1).outcome["palace_falls"]
    assert len(np.unique(base.data["palace_falls"])) > 1
    before = base.data["time"].values < np.datetime64(then.at)
    for name in ("active_men", "killed"):
        values = base.data[name].values[:, before]
        assert (values == values[:1]).all()


def test_a_comparison_wants_something_otherwise(then: Fork) -> None:
    """Nothing is compared with nothing."""
    with pytest.raises(ValueError, match=r"wanted something otherwise first"):
        then.compare(worlds=2)


def test_a_recipe_is_kept(then: Fork, tmp_path: Path) -> None:
    """A fork is written as text, read again it is equal and plays the same; so does one of its ensembles."""
    fork = then.do(
        sim.loyalty("garrison", by=-0.2), d25_ultimatum="send no ultimatum", expected={"palace_falls": "+"}
    )
    again = sim.load(fork.save(tmp_path / "then.toml"))
    assert again == fork
    assert isinstance(again, Fork)
    assert again.go_on(luck=3).events == fork.go_on(luck=3).events
    later = fork.go_on(luck=2).at("25 Oct 12:00")
    assert sim.load(later.save(tmp_path / "later.toml")) == later
    many = sim.load(fork.ensemble(worlds=2).save(tmp_path / "many.nc"))
    assert many.world(1).events == fork.go_on(luck=2).events


def test_a_file_that_is_no_fork(tmp_path: Path) -> None:
    """A damaged recipe is refused in one line that names the file."""
    path = tmp_path / "bad.toml"
    for text in ("name = 'x'", "[fork]\nseed = -1", "fork = 3", "["):
        path.write_text(text)
        with pytest.raises(ResultError, match=r"bad\.toml: wanted a saved") as refused:
            sim.load(path)
        assert "\n" not in str(refused.value)


def test_the_decisions_as_they_stand(then: Fork) -> None:
    """What has been taken has its hour and no course open; what has not shows all its courses."""
    table = then.decisions
    assert table.loc["d24_close_press", "stands"] == "taken"
    assert table.loc["d24_close_press", "open"] == ""
    assert "send no ultimatum" in table.loc["d25_ultimatum", "open"]
    assert (table["hour"][table["stands"] == "taken"] < then.at).all()
    assert "24 Oct 21:00" in str(then)


def test_parameters_of_the_opening() -> None:
    """Those that come too late later are those that nothing but the drawing of the opening reads."""
    text = {file.name: file.read_text(encoding="utf-8") for file in (PACKAGE / "rules").glob("*.py")}
    opening = text.pop("opening.py")
    head, _, tail = opening.partition("def take_parameters")
    taken, _, drawn = tail.partition("@rule")
    for name in sim.parameters.table().index:
        read_later = any(f"p.{name}" in rules for rules in (*text.values(), taken))
        assert (name in OPENING) == (f"p.{name}" in head + drawn and not read_later), name


def test_the_table_of_verbs() -> None:
    """Every verb is in the table of what it can still do, and the page on forks has that table."""
    said = {word for key in STILL for word in key.split(", ")}
    assert said == {*sim.counterfactual.changes.VERBS, "decisions"}
    page = (PACKAGE.parent / "docs" / "forks.md").read_text(encoding="utf-8")
    assert [words for words in STILL.values() if f"| {words} |" not in page] == []


PAVLOVSKY, GARRISON = sim.loyalty("pavlovsky_regt", to=-1.0), sim.loyalty("garrison", to=1.0)


@pytest.mark.parametrize(
    "changes", [(PAVLOVSKY, GARRISON), (GARRISON, PAVLOVSKY)], ids=["named first", "last"]
)
def test_what_is_said_of_a_force_by_name_counts(changes: tuple[Any, ...], then: Fork) -> None:
    """Whatever is said of all of its kind beside it, and in whatever order; at a fork as at the opening."""
    stage = Stage(layout(then.scenario), (Turn(then.at, 0, changes),))
    stage.open(3, 0, {})
    stage.play(clock.minutes(then.at))
    units, cast = stage.worlds[0]["units"], stage.layout.cast
    mine = cast.units.force == cast.forces.index["pavlovsky_regt"]
    assert set(units["leaning"][: len(mine)][mine].tolist()) == {-1.0}
    opened = layout(then.scenario.but("both", *changes)).cast.history.forces
    assert (opened["pavlovsky_regt"].leaning, opened["kexholm_regt"].leaning) == (-1.0, 1.0)


def test_men_are_shared_out_to_the_last(then: Fork) -> None:
    """So many men are so many, however many detachments they are spread over."""
    for men in (5, 1001):
        stage = then.stage()
        cast = stage.layout.cast
        made = sim.strength("pavlovsky_regt", men=men)
        take_turn(stage.worlds, stage.ways, Turn(then.at, 0, (made,)), cast, stage.layout.plan)
        mine = np.flatnonzero(cast.units.force == cast.forces.index["pavlovsky_regt"])
        units = stage.worlds[0]["units"][mine]
        assert int(units["men"].sum() + units["rest"].sum()) == men


def test_a_fork_says_when(then: Fork) -> None:
    """What is changed at a fork is told with its hour everywhere, and no scenario can pass for it."""
    told = then.do(sim.strength("garrison", times=0.2)).told
    assert "from 24 Oct 21:00 on" in str(told)
    assert "at the opening" not in str(told)
    with pytest.raises(ScenarioError, match=r"got what tells a fork"):
        sim.run(told, seed=1)


def test_what_is_left_to_the_headquarters_is_not_given() -> None:
    """Where a decision is left to the headquarters no course of it can be chosen, and the table says so."""
    then = sim.run("free", seed=1).at("24 Oct 06:00")
    assert then.decisions.loc["d24_call_women", "stands"] == "left to the headquarters"
    with pytest.raises(ScenarioError, match="left to the headquarters"):
        then.do(d24_call_women="call the women's battalion")


def test_what_is_open_can_be_done(then: Fork) -> None:
    """Of the courses that the table calls open every seventh is tried, and accepted."""
    table = then.decisions
    courses = [(d, c) for d, words in table["open"].items() for c in words.split("; ") if c]
    for decision, course in courses[::7]:
        assert then.do(**{str(decision): course}).choices == ((decision, course),)


def test_a_fork_is_no_scenario(then: Fork, tmp_path: Path) -> None:
    """Where a scenario is wanted a fork, or its file, is refused in one line."""
    with pytest.raises(ScenarioError, match=r"got a Fork; a fork is played by"):
        sim.run(then)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError, match=r"got a fork; sim.load reads it"):
        sim.scenario(then.save(tmp_path / "fork.toml"))
    with pytest.raises(ResultError, match=r"ends in .toml"):
        then.save(tmp_path / "fork.nc")
    with pytest.raises(ScenarioError, match=r"question: wanted text, got 3"):
        then.do(sim.cancel("d25_ultimatum"), question=3)  # type: ignore[arg-type]


def test_a_fork_stands_at_a_whole_minute(tmp_path: Path) -> None:
    """With pulses of two and a half minutes too, so that its file has the very minute."""
    fork = sim.run("historical", seed=3, pulse=2.5).at("24 Oct 21:01")
    assert (fork.at.minute, fork.at.second) == (5, 0)
    assert sim.load(fork.save(tmp_path / "fork.toml")) == fork
