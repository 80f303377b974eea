"""The pulse: every rule once, in the order of the model's description; a history is pulses to the end."""

from __future__ import annotations

from typing import Any

from sim.city.ways import Ways
from sim.compiled import rule
from sim.rules.beliefs import beliefs
from sim.rules.coming import coming
from sim.rules.decisions import decisions
from sim.rules.endings import endings
from sim.rules.marches import marches
from sim.rules.messages import count_active_men, messages
from sim.rules.opening import open_city
from sim.rules.orders import orders
from sim.rules.people import people
from sim.rules.policies import policies
from sim.rules.siege import siege
from sim.rules.stances import stances
from sim.rules.standoffs import standoffs
from sim.state import World

PULSE = (coming, decisions, messages, beliefs, policies, stances, orders, marches, standoffs, siege, people, endings)


@rule
def pulse(w: World, ways: Ways) -> None:
    """One pulse."""
    count_active_men(w)
    coming(w, ways)
    decisions(w, ways)
    messages(w, ways)
    beliefs(w, ways)
    policies(w, ways)
    stances(w, ways)
    orders(w, ways)
    marches(w, ways)
    standoffs(w, ways)
    siege(w, ways)
    people(w, ways)
    endings(w, ways)
    next_pulse(w)


@rule
def next_pulse(w: World) -> None:
    """Move the clock on."""
    w.clock.number += 1
    w.clock.now = w.clock.number * w.clock.pulse


@rule
def play(worlds: Any, cities: Any) -> None:
    """Play the first of some worlds from its opening to its end."""
    w, ways = worlds[0], cities[0]
    open_city(w, ways)
    while w.clock.now <= w.clock.horizon:
        pulse(w, ways)
