"""The gist: a history in few words, for who has a minute or two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim import clock
from sim.names import Names, listed
from sim.results.passages import Chronicle, Passage, precedes
from sim.telling import MUCH, Event

TOGETHER = 180.0  # minutes within which places that fall to one side are told in one line
# What must be documented to be worth a line; of repetitions and crowds, how many are.
IF_DOCUMENTED = frozenset({"train", "alarm", "bridge", "power", "telephones", "shots", "leave"})
MANY = {"repulse": 3, "refuse": 2, "arrive": 4}
FAR = 3  # lines that rest on a decision which is worth one itself


@dataclass(frozen=True)
class Gist:
    """The passages of a chronicle that a hurried reader wants, what falls to one side in a few hours in one
    of them.
    """

    chronicle: Chronicle
    names: Names

    def passages(self) -> list[Passage]:
        """The passages in order of time."""
        told = self.chronicle.passages()
        return list(self._falls([p for p in told if self._is_worth_a_line(p, told)]))

    def _is_worth_a_line(self, passage: Passage, told: Sequence[Passage]) -> bool:
        e, documented = passage.first, passage.beside is not None
        if e.kind == "decision":
            rest = sum(any(e.number in x.because for x in p.events) for p in told)
            return e.weight == MUCH or rest >= FAR
        if e.kind in MANY:
            return documented or len(passage.events) >= MANY[e.kind]
        if e.kind in IF_DOCUMENTED:
            return documented or e.place == self.names.seat
        return True

    def _falls(self, told: Sequence[Passage]) -> Iterator[Passage]:
        """The passages, captures by one side in a row as one; a seat or a staff falls by itself."""
        groups: dict[int, list[Passage]] = {}
        found: list[list[Passage]] = []
        for passage in told:
            e = passage.first
            alone = e.kind != "capture" or self.names.is_seat(e.place)
            group = groups.get(e.side, [])
            if e.kind == "capture":
                groups.pop(-e.side, None)
            late = not group or e.minute - group[0].first.minute > TOGETHER
            if alone or late or not precedes(group[0].first, e):
                found.append([passage])
                if not alone:
                    groups[e.side] = found[-1]
                continue
            group.append(passage)
        for group in found:
            yield group[0] if len(group) == 1 else self._fall(group)

    def _fall(self, group: Sequence[Passage]) -> Passage:
        """Several places that fall to one side, each with the hours by which it is late or early."""
        events = tuple(e for passage in group for e in passage.events)
        last = clock.moment(events[-1].minute, self.chronicle.start)
        side = self.names.side(events[0].side).text
        return Passage(events, f"to {side} fall {listed(map(self._place, events))}, the last at {last:%H:%M}")

    def _place(self, e: Event) -> str:
        when, documented = clock.moment(e.minute, self.chronicle.start), self.chronicle.record.get(e.number)
        late = f" ({signed_hours((when - documented).total_seconds() / 60)})" if documented else ""
        return f"{self.names.place(e.place)}{late}"


def signed_hours(minutes: float) -> str:
    """Minutes late or early as hours with a sign.

    >>> signed_hours(75.0), signed_hours(-400.0)
    ('+1:15', '-6:40')
    """
    sign = "+" if minutes >= 0 else "-"
    return f"{sign}{int(abs(minutes)) // 60}:{int(abs(minutes)) % 60:02d}"
