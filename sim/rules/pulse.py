"""The pulse: every rule once, in the order of the model's description; a history is pulses to the end."""

from __future__ import annotations

from typing import Any

from sim.city.ways import Ways
from sim.compiled import entry, rule
from sim.rules.beliefs import beliefs
from sim.rules.coming import coming
from sim.rules.decisions import decisions
from sim.rules.endings import endings
from sim.rules.marches import marches
from sim.rules.messages import count_active_men, messages
from sim.rules.opening import change_parameters, open_city
from sim.rules.orders import orders
from sim.rules.people import people
from sim.rules.policies import policies
from sim.rules.siege import siege
from sim.rules.stances import stances
from sim.rules.standoffs import standoffs
from sim.rules.stopping import stopping
from sim.state import World

PULSE = (
    "coming",
    "decisions",
    "messages",
    "beliefs",
    "policies",
    "stances",
    "orders",
    "marches",
    "standoffs",
    "siege",
    "people",
    "endings",
)

MEN = PULSE.index("stances")  # from here on it is units that decide and do
OPENING, ALL, PARAMETERS = -1, -2, -3


@entry
def step(worlds: Any, cities: Any, k: int, until: float) -> None:
    """Draw the OPENING, use changed PARAMETERS, apply the k-th rule of a pulse, or ALL up to a minute."""
    w, ways = worlds[0], cities[0]
    if k == OPENING:
        open_city(w, ways)
    elif k == PARAMETERS:
        change_parameters(w)
    elif k == ALL:
        while w.clock.now <= until:
            for now in range(len(PULSE)):
                apply(w, ways, now)
    else:
        apply(w, ways, k)


@rule
def apply(w: World, ways: Ways, now: int) -> None:
    """Apply one rule of a pulse; after the last the clock moves on."""
    if now < MEN:
        learn(w, ways, now)
    else:
        act(w, ways, now)


@rule
def learn(w: World, ways: Ways, now: int) -> None:
    """The first half of a pulse: what comes from outside, is resolved, heard, believed and wanted."""
    if now == 0:
        count_active_men(w)
        coming(w, ways)
    elif now == 1:
        decisions(w, ways)
    elif now == 2:
        messages(w, ways)
    elif now == 3:
        beliefs(w, ways)
    elif now == 4:
        policies(w, ways)


@rule
def act(w: World, ways: Ways, now: int) -> None:
    """The second half: what men decide, are told and do, and whether it is over."""
    if now == 5:
        stances(w, ways)
        stopping(w)
    elif now == 6:
        orders(w, ways)
    elif now == 7:
        marches(w, ways)
    elif now == 8:
        standoffs(w, ways)
    elif now == 9:
        siege(w, ways)
    elif now == 10:
        people(w, ways)
    elif now == 11:
        endings(w, ways)
        w.clock.number += 1
        w.clock.now = w.clock.number * w.clock.pulse
