"""The peer that speed is measured against plays the very histories that the compiled rules play."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from idiomatic import Everybody, Town
from reduced import BITTER, Compiled, dock, reduced

from sim.journal import ARRIVES, BLOCKED, BRIDGE_MOVES, CAPTURE, LEAVES, PRISONERS, REPULSE, SHELLS, SHOTS

RISING = "cadet_rising"  # men are shut in where they live, guns are brought up, prisoners are killed


@pytest.mark.parametrize("peer", [Town, Everybody])
@pytest.mark.parametrize(
    ("number", "values", "scenario"),
    [
        (0, {}, "historical"),
        (4, BITTER, "historical"),
        (2, {}, "historical"),
        (2, BITTER, RISING),
        (36, BITTER, RISING),
    ],
    ids=["0", "4 bitter", "2", "rising 2", "rising 36"],
)
def test_the_peer_is_docked(number: int, values: dict[str, float], scenario: str, peer: type[Town]) -> None:
    """The peer and the compiled rules have every unit and every place alike in every pulse, and one
    journal.
    """
    city = reduced(number, values=values, scenario=scenario)
    assert dock(city, peer(city)) == []


def test_docking_sees_a_difference() -> None:
    """A peer of other luck is told apart."""
    assert dock(reduced(0), Town(reduced(1))) != []


def test_the_reduced_city_is_alive() -> None:
    """Units march and are turned back, places change hands with and without blood, bridges go up."""
    played = Compiled(reduced(4, values=BITTER))
    played.play()
    kinds = [kind for _, kind, _, _ in played.journal()]
    assert min(kinds.count(kind) for kind in (ARRIVES, LEAVES, BLOCKED, CAPTURE, REPULSE, SHOTS)) > 0
    assert kinds.count(BRIDGE_MOVES) > 0
    assert played.worlds[0]["sides"]["killed"].min() > 0


def test_the_reduced_rising_is_bloody() -> None:
    """Where men are shut in and refuse, guns are fired and prisoners are killed."""
    played = Compiled(reduced(36, values=BITTER, scenario=RISING))
    played.play()
    kinds = [kind for _, kind, _, _ in played.journal()]
    assert min(kinds.count(kind) for kind in (SHELLS, PRISONERS)) > 0
