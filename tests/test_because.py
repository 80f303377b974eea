"""Because: of a change, what it did first and how far it went, from the journals of paired histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

import sim
from sim import clock
from sim.errors import ScenarioError
from sim.results import Comparison
from sim.results.because import ERRORS, FEWEST, WORDS, Because, Pair
from sim.results.links import Link

SHORT = replace(sim.scenario("historical"), end=clock.START + timedelta(hours=16))
WORLDS = 12


@pytest.fixture(scope="module")
def compared() -> Comparison:
    """The first sixteen hours as they were, with nothing otherwise, without the raid, and with the telegraph
    kept; for reading only.
    """
    return sim.compare(
        SHORT,
        SHORT.but("nothing_otherwise"),
        SHORT.but("no_raid", d24_close_press="leave the papers"),
        SHORT.but("telegraph_held", sim.hold("central_telegraph", "government")),
        worlds=WORLDS,
        tracks=False,
        progress=False,
    )


def pair(before: list[float], after: list[float]) -> Pair:
    """Something that happens at these minutes."""
    link = Link("capture:x:soviet", "capture", "x", "", "the Soviet takes X", np.array(after))
    return Pair(link, np.array(before), np.array(after))


def test_what_no_longer_happens_differs() -> None:
    """Nine things of nine that do not come are a difference; four are too few to be one."""
    never = np.inf
    assert pair([1.0] * 9, [never] * 9).sure
    assert not pair([1.0] * (FEWEST - 1), [never] * (FEWEST - 1)).sure


def test_the_hour_differs_too() -> None:
    """What comes two hours later in all histories differs, what comes ten minutes later does not."""
    assert pair([60.0] * 12, [180.0] * 12).sure
    assert not pair([60.0] * 12, [70.0] * 12).sure


def test_both_ways_is_no_difference() -> None:
    """What comes with the change only as often as without it only is luck: the sure difference grows with the
    root of the pairs that differ.
    """
    never = np.inf
    even = pair([1.0] * 20 + [never] * 20, [never] * 20 + [1.0] * 20)
    assert even.size == 0
    assert not even.sure
    uneven = pair([1.0] * 25 + [never] * 15, [never] * 25 + [1.0] * 15)
    assert uneven.size < ERRORS * np.sqrt(40)
    assert not uneven.sure


def test_counts_are_those_of_the_worlds(compared: Comparison) -> None:
    """A link happens in the worlds whose chronicles have it, and when it does there first."""
    links = compared.base.links
    for number in (0, WORLDS - 1):
        events = compared.base.world(number).events
        first: dict[str, float] = {}
        for event in events:
            first.setdefault(event.token, event.minute)
        for token in ("decision:d24_close_press", "capture:central_telegraph:soviet"):
            assert links[token].first[number] == first.get(token, np.inf)


def test_nothing_otherwise(compared: Comparison) -> None:
    """Where nothing is changed nothing differs, and that is said."""
    assert "nothing differs beyond chance" in compared.because("nothing_otherwise")


def test_the_first_link_is_told(compared: Comparison) -> None:
    """Without a raid on the presses nobody puts the units on alert over it, in however many histories, and
    the sentence says so with both numbers.
    """
    found = Because(compared.base, compared["no_raid"]).pairs()["decision:d24_directive1"]
    before, after = found.counts
    assert before > after
    assert f"{found.link.text} in {after} instead of {before}" in compared.because("no_raid")


@pytest.mark.parametrize("name", ["nothing_otherwise", "no_raid", "telegraph_held"])
def test_it_is_short_and_counts(compared: Comparison, name: str) -> None:
    """At most some sixty words, that begin with how many histories they rest on, and stand in the
    comparison as it is printed.
    """
    said = compared.because(name)
    assert len(said.split()) <= WORDS
    assert said.startswith(f"Of {WORLDS} histories followed")
    assert said in str(compared)


def test_an_unknown_scenario(compared: Comparison) -> None:
    """Who asks for what is not compared is told so."""
    with pytest.raises(ScenarioError, match="unknown"):
        compared.because("no_such_thing")
