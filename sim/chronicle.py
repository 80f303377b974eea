"""The chronicle: what happened when, where, to whom, and because of which earlier event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NONE = -1


@dataclass(frozen=True)
class Event:
    """One line of the chronicle of one world; `because` holds the numbers of earlier events."""

    number: int
    minute: float
    kind: str
    place: str
    side: int
    actors: tuple[str, ...]
    because: tuple[int, ...]
    token: str
    text: str


class Chronicle:
    """The events of every world, or of none: keeping it changes nothing in the history."""

    def __init__(self, worlds: int, *, keep: bool) -> None:
        self.keep = keep
        self.events: list[list[Event]] = [[] for _ in range(worlds)]
        self._said: list[set[str]] = [set() for _ in range(worlds)]

    def first(self, world: NDArray[np.intp], tokens: Sequence[str] | str) -> NDArray[np.intp]:
        """Which of some rows, of world and token, need a line because that was not yet said there; none if no chronicle is kept."""
        if not self.keep:
            return np.zeros(0, np.intp)
        new = []
        for i, row in enumerate(world.tolist()):
            token = _pick(tokens, i)
            if token not in self._said[row]:
                self._said[row].add(token)
                new.append(i)
        return np.array(new, np.intp)

    def note(
        self, world: NDArray[np.intp], minute: float, kind: str, *, text: Sequence[str] | str, place: Sequence[str] | str = "",
        side: Any = 0, actors: Sequence[tuple[str, ...]] = (), because: Sequence[Any] = (), token: Sequence[str] | str = "",
    ) -> NDArray[np.int64]:
        """Write one line in each of some worlds and return their numbers there (-1 if no chronicle is kept).

        `text`, `place`, `side` and `token` are one for all or one for each; `because` are arrays of event numbers.
        """
        numbers = np.full(len(world), NONE, dtype=np.int64)
        if not self.keep:
            return numbers
        sides = np.broadcast_to(np.asarray(side), (len(world),))
        for i, row in enumerate(world):
            page = self.events[row]
            causes = {int(np.broadcast_to(b, (len(world),))[i]) for b in because} - {NONE}
            numbers[i] = len(page)
            page.append(Event(
                number=len(page), minute=float(minute), kind=kind, place=_pick(place, i), side=int(sides[i]),
                actors=tuple(actors[i]) if len(actors) else (), because=tuple(sorted(causes)), token=_pick(token, i), text=_pick(text, i),
            ))
        return numbers


def _pick(value: Sequence[str] | str, i: int) -> str:
    return value if isinstance(value, str) else value[i]
