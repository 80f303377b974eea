"""Rules of a city in which whoever is ordered somewhere goes, and every guard yields when they arrive: what
the hours of the orders alone are worth.

Arrests are left out: the first order of the record, to take the commissars, ends everything if it is obeyed.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from sim.state import ARREST


def obey(w: Any) -> None:
    """Whoever has an order has no other in mind: nobody is kept in barracks, or waits for infantry beside
    him; a call to readiness, or to arrest people, moves nobody.
    """
    for unit in w.units[: w.count.units]:
        unit.infantry_share = 0.0
        for side in range(2):
            unit.confined[side] = 0
            other = unit.task >= 0 and w.tasks[unit.task].side != side
            arrest = unit.task >= 0 and w.tasks[unit.task].purpose == ARREST
            if unit.bid[side] < 1.0 or other or arrest:
                unit.bid[side] = 0.0


def give_up(w: Any) -> None:
    """Those inside a besieged place stand for nobody any more once its assault is ordered."""
    for siege in w.sieges[: w.count.sieges]:
        ordered = siege.assault_at <= w.clock.now and siege.paused_until <= w.clock.now
        if ordered and isfinite(siege.ring_at):
            for unit in w.units[: w.count.units]:
                if unit.place == siege.place and unit.stance * w.places[siege.place].holder >= 0:
                    unit.stance = 0
                    unit.bid[0], unit.bid[1] = 0.0, 0.0
