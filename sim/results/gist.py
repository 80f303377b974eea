"""The gist: what mattered most of a history, for who has four minutes, or a minute and a half."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log2

from sim import clock
from sim.names import Names, in_letters, listed
from sim.results.passages import Chronicle, Passage
from sim.telling import MUCH

BRIEFLY, AT_LENGTH = 300, 870  # words of sentences, at most
TOGETHER = 420.0  # minutes within which places that fall to one side are told in one line
NAMED = 4  # places, or parties, that are named before the rest is counted
# What a hurried reader wants first, by the sort of event; what is not named here he does not want.
WORTH = {
    **dict.fromkeys(("ending", "cabinet", "prisoners"), 9.0),
    **dict.fromkeys(("assault", "siege", "congress"), 6.0),
    **dict.fromkeys(("decision", "departure", "capture", "guns"), 4.0),
    **dict.fromkeys(("bridge", "refuse", "infiltration", "telephones", "arrest", "repulse"), 3.0),
    **dict.fromkeys(("arrive", "leave", "block"), 2.0),
    **dict.fromkeys(("alarm", "power", "shots", "train"), 1.0),
}
GOING = ("decision", "departure")
# What it adds that the record has an event, that a seat falls, that a leader is seized, that twice as many
# do it; and at most what rests on it.
DOCUMENTED, SEAT, LEADER, MANY, MOST = 1.0, 4.0, 3.0, 0.75, 3.0


@dataclass(frozen=True)
class Gist:
    """The passages of a chronicle that matter most, as many as four minutes have room for; or, in brief, a
    minute and a half, for who knows nothing of it: what falls to one side within some hours in one of them.
    """

    chronicle: Chronicle
    names: Names
    brief: bool = True

    def passages(self) -> list[Passage]:
        """The passages in order of time."""
        told = self.chronicle.passages(most=NAMED - self.brief)
        told = [replace(p, text=_bare(p)) for p in told if self._is_news(p, told)]
        if not self.brief:
            return self._most(told, AT_LENGTH)
        return list(self._introduced(self._most(list(self._falls(told)), BRIEFLY)))

    def _most(self, told: Sequence[Passage], words: int) -> list[Passage]:
        """Those that matter most, in so many words."""
        kept, left = set(), words
        for row in sorted(range(len(told)), key=lambda row: -self._worth(told[row])):
            count = len(told[row].text.split())
            if count <= left:
                kept.add(row)
                left -= count
        return [told[row] for row in sorted(kept)]

    def _is_news(self, passage: Passage, told: Sequence[Passage]) -> bool:
        """Whether it may be told at all: in brief a decision only if it is news whatever comes of it, a
        journey only if nobody decided on it, and of arrests in one minute the most.
        """
        e = passage.first
        if e.kind == "departure" and self.brief:
            return all(self.chronicle.events[b].kind not in GOING for b in e.because)
        if e.kind == "arrest" and self.brief:
            alike = [p for p in told if p.first.kind == e.kind and p.first.minute == e.minute]
            return passage is max(alike, key=lambda p: len(p.events))
        return e.kind in WORTH and (e.kind != "decision" or e.weight == MUCH or not self.brief)

    def _worth(self, passage: Passage) -> float:
        """How much it is wanted: by what it is, by whether the record has it, by whether it is news whatever
        comes of it, by how much rests on it, and of how many it is told.
        """
        e, people = passage.first, self.names.history.people
        worth = WORTH[e.kind] + DOCUMENTED * (passage.beside is not None)
        worth += SEAT * (e.kind == "capture" and self.names.is_seat(e.place))
        leaders = any(who in people and people[who].leads for event in passage.events for who in event.actors)
        worth += LEADER * (e.kind == "arrest" and leaders) - (e.kind == "decision" and not leaders)
        worth -= e.weight < MUCH
        rests = max(self._rests[event.number] for event in passage.events)
        return worth + min(log2(1 + rests) / 2, MOST) + MANY * log2(len(passage.events))

    def _introduced(self, told: Sequence[Passage]) -> Iterator[Passage]:
        """The passages, with the side of those who decide where nobody is among them whom one knows by then:
        the first of a side, or who has decided before.
        """
        known = {person.id for person in self.names.history.people.values() if person.leads == 1}
        for passage in told:
            e, text = passage.first, passage.text
            if e.kind == "decision" and e.side and text.startswith(e.who) and not known & {*e.actors}:
                text = f"for {self.names.side(e.side).text}, {text}"
            known |= {*e.actors} if e.kind == "decision" else set()
            yield replace(passage, text=text)

    @cached_property
    def _rests(self) -> list[int]:
        """How many later events rest on each event, at first or at second hand."""
        found: list[set[int]] = [set() for _ in self.chronicle.events]
        for e in reversed(self.chronicle.events):
            for cause in e.because:
                found[cause] |= found[e.number] | {e.number}
        return [len(later) for later in found]

    def _falls(self, told: Sequence[Passage]) -> Iterator[Passage]:
        """The passages, captures by one side in a few hours as one; a seat or a staff falls by itself, and
        what the other side takes back, or comes to be known between, begins anew.
        """
        numbers = {e.number for passage in told for e in passage.events}
        groups: dict[int, list[Passage]] = {}
        found: list[list[Passage]] = []
        for passage in told:
            e = passage.first
            if e.kind != "capture" or self.names.is_seat(e.place):
                found.append([passage])
                continue
            if any(p.first.place == e.place for p in groups.get(-e.side, ())):
                groups.pop(-e.side)
            group = groups.get(e.side, [])
            between = max((b for b in e.because if b in numbers), default=-1)
            late = not group or e.minute - group[0].first.minute > TOGETHER
            if late or between > group[0].first.number:
                group = groups[e.side] = []
                found.append(group)
            group.append(passage)
        for group in found:
            yield group[0] if len(group) == 1 else self._fall(group)

    def _fall(self, group: Sequence[Passage]) -> Passage:
        """Several places that fall to one side, those of most weight by name."""
        events = tuple(e for passage in group for e in passage.events)
        places = sorted(dict.fromkeys(e.place for e in events), key=self._weight, reverse=True)
        last = clock.moment(events[-1].minute, self.chronicle.start)
        side, more = self.names.side(events[0].side).text, len(places) - NAMED
        said = [self.names.place(place) for place in places]
        if more > 1:
            said = [*said[:NAMED], f"{in_letters(more)} other places"]
        return Passage(events, f"to {side} fall {listed(said)}, the last at {last:%H:%M}")

    def _weight(self, place: str) -> int:
        history = self.names.history
        return history.place_kinds[history.places[place].kind].weight


def _bare(passage: Passage) -> str:
    """What is told of it, without what the guard of a place did, if nobody is killed."""
    told = passage.text
    return told.split("; ")[0] if passage.first.kind == "capture" and "killed" not in told else told


def signed_hours(minutes: float) -> str:
    """Minutes late or early as hours with a sign.

    >>> signed_hours(75.0), signed_hours(-400.0)
    ('+1:15', '-6:40')
    """
    sign = "+" if minutes >= 0 else "-"
    return f"{sign}{int(abs(minutes)) // 60}:{int(abs(minutes)) % 60:02d}"
