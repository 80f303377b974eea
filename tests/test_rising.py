"""The cadets' rising of 29 October: its tables agree, it is played to its end by the same rules, and its
patterns can be read off.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.text import Text
from typer.testing import CliRunner

import sim
from sim import clock, history
from sim.analysis import rising
from sim.analysis.scorecard import Scorecard, score
from sim.cli import app
from sim.counterfactual.scenario import from_toml
from sim.errors import ScenarioError
from sim.history import HistoryError
from sim.results import Ensemble
from sim.results.run import documented_hours

OCTOBER, RISING = history.load(), history.load(event="october29")


@pytest.fixture(scope="module")
def played() -> Ensemble:
    """The rising in a few worlds."""
    return sim.ensemble("cadet_rising", worlds=16, workers=1, tracks=True, progress=False)


@pytest.fixture(scope="module")
def card(played: Ensemble) -> Scorecard:
    """Its scorecard."""
    return score(played.data, patterns=RISING.patterns, measures=rising.MEASURES)


def test_tables_lie_over_those_of_october() -> None:
    """The city is the same with a few places, forces and people more; decisions and record are the event's
    own.
    """
    assert list(RISING.places)[: len(OCTOBER.places)] == list(OCTOBER.places)
    assert set(RISING.places) - set(OCTOBER.places) == {"kshesinskaya"}
    assert set(RISING.forces) - set(OCTOBER.forces) == {"salvation_staff", "shock_kshesinskaya"}
    assert not set(RISING.decisions) & set(OCTOBER.decisions)
    assert (RISING.place_kinds, RISING.factions) == (OCTOBER.place_kinds, OCTOBER.factions)


def test_places_stand_where_they_stood() -> None:
    """Between the events a place may change hands, guard, role or interest, but not its kind, position or
    quarter.
    """
    may = {"holder", "guard", "guard_men", "objective", "roles", "note", "source"}
    for name, place in OCTOBER.places.items():
        assert place.model_dump(exclude=may) == RISING.places[name].model_dump(exclude=may)


def test_objectives_are_the_soviets() -> None:
    """At the opening the Soviet holds every objective of October and every bridge."""
    assert {
        RISING.places[p.id].holder for p in OCTOBER.places.values() if p.objective or p.kind == "bridge"
    } == {1}


def test_everything_lies_within_the_event() -> None:
    """Every decision and outcome has its hour between the first and the last minute."""
    first, last = clock.EVENTS["october29"]
    assert all(first <= c.at <= last for rows in RISING.decisions.values() for c in rows)
    assert all(first <= row.start <= last for row in RISING.record.values())


def test_no_outcome_is_given() -> None:
    """No decision bears the hour of the capture that it is followed by, unless one source gives both:
    only the first seizures do.
    """
    hours = documented_hours("october29")
    same = {
        c.id
        for rows in RISING.decisions.values()
        for c in rows
        for o in c.object
        if c.default
        and c.verb == "seize"
        and hours.get(f"capture:{o}:{'soviet' if c.side > 0 else 'government'}") == c.at
    }
    assert same == {"d29_manege", "d29_exchange"}


def test_unknown_event() -> None:
    """An event without tables is refused, by the tables and by a scenario."""
    with pytest.raises(
        HistoryError,
        match=r"wanted an event of which there are tables \(october24, october29\), got 'october30'",
    ):
        history.load(event="october30")
    with pytest.raises(ScenarioError, match="did you mean 'october29'"):
        replace(sim.scenario("cadet_rising"), opening="october30")


def test_start_fits_the_event() -> None:
    """A scenario of one event cannot start in the other."""
    with pytest.raises(ScenarioError, match="wanted a start at '29 Oct 01:00'"):
        replace(sim.scenario("cadet_rising"), start=clock.START)


def test_events_are_not_compared() -> None:
    """Scenarios of different events are refused in one line."""
    with pytest.raises(
        ScenarioError,
        match=r"^compare: wanted scenarios of one event, got october24 \(historical\) and october29",
    ):
        sim.compare("historical", "cadet_rising", worlds=1)


def test_varied_by_choice_and_verb() -> None:
    """The rising is varied as October is, and says so in its own words."""
    varied = sim.scenario("cadet_rising").but(
        "calm", sim.cancel("d29_early"), d29_krasnov="Krasnov marches at dawn"
    )
    assert varied.differences() == [
        "d29_krasnov: Krasnov marches at dawn (documented: Krasnov rests at Tsarskoye)",
        "d29_early: not taken (documented: start at once)",
    ]
    assert sim.counterfactual.scenario.from_toml(varied.toml()) == varied


def test_one_world_alone(played: Ensemble) -> None:
    """A world of the batch is that history alone, told beside the documented hours of its own event."""
    run = played.world(3)
    assert run.outcome["ended_at"] == played.data["ended_at"].values[3]
    told = run.chronicle().dropna(subset=["record"])
    assert len(told) > 3
    assert set(told["record"].dt.day) == {29}


def test_first_seizures_are_attempted(played: Ensemble) -> None:
    """In most worlds the rising takes the cars, and in many the exchange; it ends within the day or is still
    open at midnight.
    """
    taken = np.isfinite(played.data["captured_at"].sel(side="government"))
    assert float(taken.sel(place="armoured_manege").mean()) > 0.5
    assert float(taken.sel(place="telephone_exchange").mean()) > 0.3
    assert (played.data["ended_at"].values <= 23 * 60).all()


def test_every_pattern_is_read(card: Scorecard) -> None:
    """Every part of Q01 to Q12 is measured in every world, or says why not."""
    assert {row.pattern for row in RISING.patterns.values()} == {f"Q{n:02}" for n in range(1, 13)}
    assert (
        {part for part, row in RISING.patterns.items() if not row.unscored}
        == set(rising.MEASURES)
        == set(card.values)
    )
    assert {len(values) for values in card.values.values()} == {16}
    fitted = {row.pattern for row in RISING.patterns.values() if row.split == "train"}
    assert fitted == {"Q04", "Q05", "Q07"}  # what it cost in blood


def test_variation_is_played() -> None:
    """The variation of the rising differs from it on the same luck."""
    compared = sim.compare(
        "cadet_rising", "rising_not_betrayed", worlds=8, workers=1, tracks=False, progress=False
    )
    one, other = (e.data["captured_at"].values for e in compared.ensembles)
    assert not np.array_equal(one, other)


def test_verbs_read_the_tables_of_the_rising() -> None:
    """Forces, sides, first and last minute are those of the event that is played, whatever the 24th has."""
    cadets, rising = sim.scenario("historical"), sim.scenario("cadet_rising")
    hold, order = (
        sim.hold("smolny", "soviet"),
        sim.order("salvation_staff", "guard", "engineers_castle", at="29 Oct 05:00"),
    )
    made = rising.but("x", hold, order, sim.cut("telephone", "smolny"), sim.leave("d29_early"))
    assert made.differences() == [
        "29 Oct 01:00: smolny: telephones cut off",
        "smolny: kept by the Soviet from 29 Oct 01:00 to 30 Oct 00:00",
        "left to the headquarters from 29 Oct 01:00: d29_early",
        "29 Oct 05:00: the government orders salvation_staff to guard engineers_castle",
    ]
    assert from_toml(made.toml()) == made
    assert cadets.but("x", hold).differences() == [
        "smolny: kept by the Soviet from 24 Oct 03:00 to 26 Oct 06:00"
    ]
    with pytest.raises(ScenarioError, match="unknown force 'salvation_staff'"):
        cadets.but("x", order)
    opening = rising.but("x", sim.hold("smolny", "government", until="29 Oct 01:00"))
    assert opening.differences() == ["smolny: the government's at the opening"]


@pytest.mark.parametrize(
    "force", [name for name in OCTOBER.forces if 0 != RISING.forces[name].side != OCTOBER.forces[name].side]
)
def test_a_force_has_the_side_of_the_event(force: str) -> None:
    """A force that has changed sides is ordered by the side that it is on when the event begins."""
    change = sim.order(force, "guard", RISING.forces[force].home, at="29 Oct 05:00")
    made = sim.scenario("cadet_rising").but("x", change).changes[0]
    assert made.side == {-1: "government", 1: "soviet"}[RISING.forces[force].side]  # type: ignore[attr-defined]


def test_lists_of_the_rising() -> None:
    """`petrograd list --event` lists the names of that event."""
    done = CliRunner().invoke(app, ["list", "decisions", "--event", "october29"])
    assert {line.split()[0] for line in done.stdout.splitlines()} == set(RISING.decisions)


def test_figures_of_the_rising_are_drawn(played: Ensemble) -> None:
    """Figures of a run and of an ensemble mark the hours of the event, and the map has one of them unless
    another is asked for.
    """
    ax = played.world(0).plot.map()
    figure = ax.get_figure(root=True)
    assert any("29 Oct 06:45" in text.get_text() for text in figure.findobj(Text))
    for draw in (played.world(0).plot.timeline, played.plot.falls, played.plot.holders):
        assert draw() is not None
    pyplot.close("all")
