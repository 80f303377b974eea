"""Change of hands: the one way in which a place gets another holder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.luck import Process
from sim.rules.messages import all_happened, delays, tell
from sim.script import NEVER

if TYPE_CHECKING:
    from sim.model import Petrograd


def take(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], side: NDArray[np.intp], *, how: Sequence[str] | str,
         because: Callable[[], Sequence[Any]] = tuple, actors: Callable[[], Sequence[tuple[str, ...]]] = tuple) -> None:
    """Give places to a side (0 government, 1 Soviet), by rows (n,); write it down and let word go out.

    `how` is one for all or one for each; causes and actors are asked for only if a chronicle is kept.
    """
    c, s = m.columns, m.setting
    if not len(world):
        return
    event = _note_capture(m, world, place, side, how, because(), actors()) if m.chronicle.keep else m.untold(world)
    c.holder[world, place] = 2 * side - 1
    c.holder_cause[world, place] = event
    first = ~np.isfinite(c.taken_at[world, place, side])
    c.fallen_before[world[first], place[first], side[first]] = c.fallen[world[first], place[first]].sum(axis=1)
    c.taken_at[world, place, side] = np.minimum(c.taken_at[world, place, side], m.now)
    c.firing[world, place] = False
    c.lost_there[world, place] = 0.0
    c.occupier[world, place], c.occupied_at[world, place] = -1, NEVER
    tell(m, world, place)
    all_happened(m, m.capture_fact[place, side], world, place, event)
    shut = s.places.press[place] & (s.places.holder[place] == 1 - 2 * side)
    all_happened(m, np.where(shut, m.press_fact[side], -1), world, place, event)
    _lower(m, world, place)
    _exchange(m, world, place, side)
    if m.is_wire[place].any():
        delays(m, np.unique(world[m.is_wire[place]]))


def _note_capture(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], side: NDArray[np.intp], how: Sequence[str] | str,
                  because: Sequence[Any], actors: Sequence[tuple[str, ...]]) -> NDArray[np.int64]:
    sign = 2 * side - 1
    names = [m.setting.places.ids[p] for p in place]
    ways = [how] * len(world) if isinstance(how, str) else how
    return m.note(
        world, "capture", place=names, side=sign, actors=actors, because=because,
        token=[f"capture:{n}:{m.side_name(x)}" for n, x in zip(names, sign, strict=True)],
        text=[f"{m.name_of(n)}: {m.side_title(x)} {h}" for n, x, h in zip(names, sign, ways, strict=True)])


def _lower(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp]) -> None:
    """Whoever takes a raised bridge wants it down again; only an order raises it."""
    up = m.columns.raised[world, place]
    set_bridge(m, world[up], place[up], raised=False)


def set_bridge(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], *, raised: bool) -> None:
    """Raise or lower bridges, by rows (n,)."""
    c = m.columns
    if not len(world):
        return
    c.raised[world, place] = raised
    if raised:
        c.first_raised[world, place] = np.minimum(c.first_raised[world, place], m.now)
    c.raise_at[world, place] = NEVER
    event = m.untold(world)
    if m.chronicle.keep:
        names = [m.setting.places.ids[p] for p in place]
        word, state = ("bridge_raised", "is raised") if raised else ("bridge_lowered", "is let down")
        event = m.note(world, "bridge", place=names, side=c.holder[world, place], token=[f"{word}:{n}" for n in names],
                       text=[f"{m.name_of(n)} {state}" for n in names], because=[c.holder_cause[world, place]])
    tell(m, world, place)
    all_happened(m, m.bridge_fact[place, int(raised)], world, place, event)


def _exchange(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], side: NDArray[np.intp]) -> None:
    """Whoever takes the exchange cuts the other side's lines after a while; each may be overlooked."""
    s = m.setting
    for k in np.flatnonzero(m.is_exchange[place]):
        w, own = world[k : k + 1], int(side[k])
        for audience in {int(s.audiences.staff[1 - own]), int(s.audiences.seat[1 - own])}:
            cut_line(m, w, audience, missed=None, lag=True)


def cut_line(m: Petrograd, world: NDArray[np.intp], audience: int, *, missed: bool | None, lag: bool) -> None:
    """Have a line cut, now or after a while; by chance, or by decision, it is overlooked."""
    c, s = m.columns, m.setting
    key = np.broadcast_to(s.audiences.keys[audience], world.shape)
    overlooked = m.luck.at(world, Process.LINE, key, 0) < m.p.overlooked_line[world] if missed is None else np.full(len(world), missed)
    wait = -np.log(m.luck.at(world, Process.LINE, key, 1)) * 60 * m.p.cut_lag[world] if lag else np.zeros(len(world))
    found = c.line[world, audience] & ~overlooked
    c.line_cut_at[world, audience] = np.where(found, np.minimum(c.line_cut_at[world, audience], m.now + wait), c.line_cut_at[world, audience])
