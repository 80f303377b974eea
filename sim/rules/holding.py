"""Change of hands: the one way in which a place gets another holder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.luck import Process
from sim.rules.messages import delays, happened, tell
from sim.script import NEVER

if TYPE_CHECKING:
    from sim.model import Petrograd


def take(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], side: NDArray[np.intp], *, how: list[str], because: tuple[Any, ...] = (),
         actors: list[tuple[str, ...]] | None = None) -> None:
    """Give places to a side (0 government, 1 Soviet), by rows (n,); write it down and let word go out."""
    c, s = m.columns, m.setting
    if not len(world):
        return
    sign = 2 * side - 1
    names = [s.places.ids[p] for p in place]
    sides = [m.side_name(x) for x in sign]
    tokens = [f"capture:{n}:{x}" for n, x in zip(names, sides, strict=True)]
    text = [f"{m.name_of(n)}: {m.side_title(x)} {h}" for n, x, h in zip(names, sign, how, strict=True)]
    event = m.note(world, "capture", place=names, side=sign, actors=actors or [()] * len(world), token=tokens, text=text, because=because)
    c.holder[world, place] = sign
    c.holder_cause[world, place] = event
    c.taken_at[world, place, side] = np.minimum(c.taken_at[world, place, side], m.now)
    c.firing[world, place] = False
    c.lost_there[world, place] = 0.0
    c.occupier[world, place], c.occupied_at[world, place] = -1, NEVER
    tell(m, world, place)
    for token in set(tokens):
        rows = np.array([t == token for t in tokens])
        happened(m, token, world[rows], place[rows], event[rows])
    for k in (0, 1):
        shut = s.places.press[place] & (side == k) & (s.places.holder[place] == 1 - 2 * k)
        happened(m, f"shock:press:{m.side_name(2 * k - 1)}", world[shut], place[shut], event[shut])
    _lower(m, world, place)
    _exchange(m, world, place, side)
    if np.isin(place, np.concatenate([s.places.roles["telegraph"], s.places.roles["wire"]])).any():
        delays(m, np.unique(world))


def _lower(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp]) -> None:
    """Whoever takes a raised bridge wants it down again; only an order raises it."""
    up = m.columns.raised[world, place]
    set_bridge(m, world[up], place[up], raised=False)


def set_bridge(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], *, raised: bool) -> None:
    """Raise or lower bridges, by rows (n,)."""
    c, s = m.columns, m.setting
    if not len(world):
        return
    c.raised[world, place] = raised
    c.raise_at[world, place] = NEVER
    names = [s.places.ids[p] for p in place]
    word, state = ("bridge_raised", "is raised") if raised else ("bridge_lowered", "is let down")
    event = m.note(world, "bridge", place=names, side=c.holder[world, place], token=[f"{word}:{n}" for n in names],
                   text=[f"{m.name_of(n)} {state}" for n in names], because=[c.holder_cause[world, place]])
    tell(m, world, place)
    for name in set(names):
        rows = np.array([n == name for n in names])
        happened(m, f"{word}:{name}", world[rows], place[rows], event[rows])


def _exchange(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp], side: NDArray[np.intp]) -> None:
    """Whoever takes the exchange cuts the other side's lines after a while; each may be overlooked."""
    s = m.setting
    rows = np.flatnonzero(np.isin(place, s.places.roles["exchange"]))
    for k in rows:
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
