"""The pulse: every rule once, in the order of the model's description; a history is pulses to the end."""

from __future__ import annotations

from typing import Any

from sim.compiled import entry
from sim.rules.beliefs import beliefs
from sim.rules.coming import coming
from sim.rules.decisions import decisions
from sim.rules.endings import endings
from sim.rules.marches import marches
from sim.rules.messages import count_active_men, messages
from sim.rules.musters import musters
from sim.rules.opening import change_parameters, open_city
from sim.rules.orders import orders
from sim.rules.people import people
from sim.rules.policies import policies
from sim.rules.siege import siege
from sim.rules.stances import stances
from sim.rules.standoffs import standoffs
from sim.rules.stopping import stopping

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

OPENING, ALL, PARAMETERS = -1, -2, -3


@entry
def step(worlds: Any, cities: Any, k: int, until: float) -> None:
    """Draw the OPENING, use changed PARAMETERS, apply the k-th rule of a pulse, or ALL up to a minute."""
    w, ways = worlds[0], cities[0]
    if k == OPENING:
        open_city(w, ways)
    elif k == PARAMETERS:
        change_parameters(w)
    first, last = (0, len(PULSE)) if k == ALL else (k, k + 1)
    while k >= 0 or (k == ALL and w.clock.now <= until):
        for now in range(first, last):
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
            elif now == 5:
                stances(w, ways)
                stopping(w)
            elif now == 6:
                orders(w, ways)
                musters(w)
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
        if k != ALL:
            return
