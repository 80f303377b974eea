"""Endings: six ways in which the three days can come out, and when they did (ODD 7.10)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.unit import Duty
from sim.columns import found
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

LOW, LONG = 0.25, 180.0  # a side is beaten below a quarter of its peak, or outmatched by relief, for three hours
BRIDGES = 3


class Ending(IntEnum):
    """How the three days came out."""

    OPEN = 0
    STORMED = 1  # the seat is entered and the ministers are arrested
    YIELDED = 2  # surrender or flight
    RESTORED = 3  # the government's forces hold the city again
    RELIEVED = 4  # relief arrives with the better odds
    SETTLED = 5
    UNDECIDED = 6


def endings(m: Petrograd) -> None:
    """See whether a history has come to one of its ends; the first counts."""
    c = m.columns
    active = np.flatnonzero(m.active())
    strength = active_strength(m, active)
    acted = 2 * active + (c.stance.take(active) > 0)
    c.engaged.reshape(-1)[acted] = np.maximum(c.engaged.take(acted), c.men.take(active))
    c.peak = np.maximum(c.peak, strength)
    won = [((c.holder == sign) & (m.setting.places.holder != sign)).sum(axis=1) for sign in SIDES]
    c.most_taken = np.maximum(c.most_taken, np.stack(won, axis=1).astype(np.int32))
    low = strength < LOW * c.peak
    c.low_at = np.where(low, np.minimum(c.low_at, m.now), np.inf)
    beaten = m.now - c.low_at >= LONG
    _close(m, _seat_lost(m) & ~c.yielded, Ending.STORMED, "the government is arrested")
    _close(m, _seat_lost(m) & c.yielded, Ending.YIELDED, "the government has given up")
    _close(m, _restored(m, beaten), Ending.RESTORED, "the government holds the city again")
    c.relieved_since = np.where(_relieved(m, active), np.minimum(c.relieved_since, m.now), np.inf)
    _close(m, m.now - c.relieved_since >= LONG, Ending.RELIEVED, "relief has come to the city")
    if m.now + m.pulse > m.horizon:  # the last pulse
        _close(m, c.settled & (m.now > 0), Ending.SETTLED, "a settlement has held")
        _close(m, np.ones(m.worlds, bool), Ending.UNDECIDED, "nothing is decided")


def active_strength(m: Petrograd, active: NDArray[np.intp]) -> NDArray[np.int64]:
    """Men of each side in the city, of the active units by rows of (worlds, units): (worlds, sides)."""
    c = m.columns
    active = active[m.setting.places.in_city[c.place.take(active)]]
    flat = active // c.men.shape[1] * 2 + (c.stance.take(active) > 0)
    return np.bincount(flat, weights=c.men.take(active), minlength=2 * m.worlds).astype(np.int64).reshape(-1, 2)


def _close(m: Petrograd, which: NDArray[np.bool_], ending: Ending, text: str) -> None:
    c = m.columns
    new = np.flatnonzero(which & (c.ending == Ending.OPEN))
    c.ending[new], c.ended_at[new] = ending, m.now
    m.note(new, "ending", text=text, token=f"ending:{ending.name.lower()}")


def _government(m: Petrograd) -> tuple[int, int]:
    """The side index and sign of the government (turned round in a mirrored city)."""
    return (0, -1) if m.setting.sense > 0 else (1, 1)


def _seat_lost(m: Petrograd) -> NDArray[np.bool_]:
    side, sign = _government(m)
    seat = m.setting.audiences.place[m.setting.audiences.seat[side]]
    return np.asarray(m.columns.holder[:, seat] == -sign)


def _restored(m: Petrograd, beaten: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Its forces hold the other side's seat; or exchange, telegraph and three bridges, and the other side is beaten."""
    c, places, audiences = m.columns, m.setting.places, m.setting.audiences
    side, sign = _government(m)
    seat = c.holder[:, audiences.place[audiences.seat[1 - side]]] == sign
    wires = (c.holder[:, places.roles["exchange"]] == sign).all(axis=1) & (c.holder[:, places.roles["telegraph"]] == sign).all(axis=1)
    bridges = (c.holder[:, places.span] == sign).sum(axis=1) >= BRIDGES
    return np.asarray(seat | (wires & bridges & beaten[:, 1 - side]))


def _relieved(m: Petrograd, active: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Once the other side is on the offensive: troops from outside, in the city or at its gates, outmatch all its men in action there.

    `active` are the active units by rows of (worlds, units).
    """
    c, s = m.columns, m.setting
    side, sign = _government(m)
    if not (c.posture[:, 1 - side] > 0).any():
        return np.zeros(m.worlds, bool)
    world, unit = found(c.stance[:, m.outsiders] == sign)
    unit = m.outsiders[unit]
    near = m.in_reach[c.place[world, unit]] & (c.duty[world, unit] != Duty.IN_QUARTERS) & (c.duty[world, unit] != Duty.GONE) & (c.men[world, unit] > 0)
    world, unit = world[near], unit[near]
    if not len(world):
        return np.zeros(m.worlds, bool)
    relief = np.bincount(world, weights=m.unit_strength(world, unit), minlength=m.worlds)
    foes = active[(c.stance.take(active) == -sign) & s.places.in_city[c.place.take(active)]]
    world, unit = np.divmod(foes, c.men.shape[1])
    against = np.bincount(world, weights=m.unit_strength(world, unit), minlength=m.worlds)
    return np.asarray((relief > 0) & (relief > against) & (c.posture[:, 1 - side] > 0))

