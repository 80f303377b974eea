"""Leaving: a unit goes home, is disarmed, or breaks up; used wherever a rule takes one out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.unit import Duty
from sim.script import NEVER

if TYPE_CHECKING:
    from sim.model import Petrograd


def drop_orders(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Forget every order in hand and on the way."""
    c = m.columns
    c.task[world, unit], c.told[world, unit] = -1, -1
    c.told_at[world, unit], c.sets_out_at[world, unit] = NEVER, NEVER
    c.bid[world, unit] = 0.0


def rejoin(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """A party that is home again is one with those who had stayed."""
    c = m.columns
    c.men[world, unit] += c.rest[world, unit]
    c.rest[world, unit] = 0


def go_home(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], *, spent: bool = False, because: Any = -1) -> None:
    """Give up and march home; a unit whose home was the post itself is gone."""
    c, u = m.columns, m.setting.units
    if not len(world):
        return
    from_post = c.duty[world, unit] != Duty.UNDER_WAY
    at = c.place[world, unit]
    homeless = u.home[unit] == at
    np.minimum.at(c.first_leaving, (world[from_post], u.force[unit[from_post]]), m.now)
    drop_orders(m, world, unit)
    c.duty[world, unit] = np.where(homeless, np.where(u.duty[unit] == Duty.ON_POST, Duty.GONE, Duty.IN_QUARTERS), Duty.UNDER_WAY)
    c.goal[world, unit] = np.where(homeless, -1, u.home[unit])
    rejoin(m, world[homeless], unit[homeless])
    c.to[world, unit] = -1
    c.left[world, unit] = 0.0
    c.pace[world, unit] = 1.0
    c.spent[world, unit] |= spent
    _note_leaving(m, world[from_post], unit[from_post], at[from_post], np.broadcast_to(because, from_post.shape)[from_post])


def _note_leaving(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp], place: NDArray[np.intp], because: NDArray[np.int64]) -> None:
    """Write down the first unit of a force that leaves a place."""
    s, c = m.setting, m.columns
    if not m.chronicle.keep:
        return
    tokens = [f"leave:{s.forces.ids[f]}:{s.places.ids[p]}" for f, p in zip(s.units.force[unit], place, strict=True)]
    new = m.chronicle.first(world, tokens)
    m.note(world[new], "leave", side=c.stance[world[new], unit[new]], place=[s.places.ids[place[i]] for i in new],
           actors=[(s.units.ids[unit[i]],) for i in new], token=[tokens[i] for i in new],
           text=[f"{m.name_of(s.forces.ids[s.units.force[unit[i]]])}: a detachment leaves {m.name_of(s.places.ids[place[i]])}" for i in new],
           because=[because[new], c.cause[world[new], unit[new]]])


def disarm(m: Petrograd, world: NDArray[np.intp], unit: NDArray[np.intp]) -> None:
    """Take their arms: they are out of it."""
    c = m.columns
    drop_orders(m, world, unit)
    c.arms[world, unit] = 0.0
    c.stance[world, unit] = 0
    c.duty[world, unit] = Duty.GONE
    c.goal[world, unit], c.to[world, unit] = -1, -1
    c.spent[world, unit] = True
