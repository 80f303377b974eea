"""Passages: which events of a history a reader wants, and which of them are told in one breath."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sim import clock
from sim.names import how_often
from sim.telling import LITTLE, MUCH, SOME, Event, sentence

# Minutes within which several who do the same are told together, by the sort of event; of others, one minute.
BREATH = {"repulse": float("inf"), "arrive": 180.0, "refuse": 180.0, "train": 180.0, "leave": 60.0}
AT_ONCE = ("arrest", "lapse")  # what is told together even where every event is told
SOON = 60.0  # minutes within which what comes of an arrival tells of it
LONG = timedelta(minutes=30)  # from which on it is told until when something went on
FEW = 4  # names in a row, before the rest is counted


@dataclass(frozen=True)
class Passage:
    """One event, or several that are told together, in a sentence; `beside` is the one whose documented hour
    stands beside it, if at least half of them have one.
    """

    events: tuple[Event, ...]
    text: str
    beside: Event | None = None

    @property
    def first(self) -> Event:
        """The event at whose minute it stands."""
        return self.events[0]


@dataclass(frozen=True)
class Chronicle:
    """The events of a history, the places whose fate is asked for, and the documented hours of events by
    their number.
    """

    events: tuple[Event, ...]
    asked: frozenset[str]
    record: Mapping[int, datetime]
    start: datetime

    def passages(self, *, every: bool = False, most: int = FEW) -> list[Passage]:
        """A history in passages, in order of time: every event by itself (but for arrests of one minute, and
        decisions that are dropped in one), or what a reader wants, with at most so many names in a row.
        """
        found: list[list[Event]] = []
        begun: dict[tuple[object, ...], list[Event]] = {}
        for e in self.events if every else self.chosen:
            if e.kind == "capture":  # whoever comes after that is told anew
                begun = {key: group for key, group in begun.items() if group[0].place != e.place}
            key = self._alike(e, every)
            group = begun.get(key)
            late = group and e.minute - group[0].minute > BREATH.get(e.kind, 0.0)
            if group and e.do and not late and precedes(group[0], e):
                group.append(e)
                continue
            begun[key] = [e]
            found.append(begun[key])
        each = [self._passage(group, 0 if every else most) for group in found]
        return each if every else list(_joined(each))

    def _passage(self, group: Sequence[Event], most: int) -> Passage:
        known = [e for e in group if e.number in self.record]
        beside = known[0] if 2 * len(known) >= len(group) and known else None
        return Passage(tuple(group), self._text(group, most), beside)

    def _alike(self, e: Event, every: bool) -> tuple[object, ...]:
        """What makes events one passage: that the same is done, and for the same reason. An event of the
        record is told with others of its hour only, a repulse with every other.
        """
        if every:
            return (e.kind, e.minute, e.do) if e.kind in AT_ONCE else (e.number,)
        if e.kind == "repulse":
            return (e.kind, e.place, e.do)
        one = self.record.get(e.number) if e.kind in BREATH or e.kind == "arrest" else None
        return (e.kind, e.do, e.side, e.because[:1] if e.kind == "refuse" else (), one)

    def _text(self, group: Sequence[Event], most: int) -> str:
        """What is told of some events together, and until when they went on."""
        first, last = (clock.moment(e.minute, self.start) for e in (group[0], group[-1]))
        hour = f"at {last:%H:%M}" if last.date() == first.date() else f"on {clock.label(last)}"
        text = sentence(group, most)
        if group[0].kind == "repulse" and len(group) > 1:
            return f"{text}, {how_often(len(group))}, the last time {hour}"
        return f"{text}, the last {hour}" if last - first > LONG else text

    @cached_property
    def chosen(self) -> list[Event]:
        """The events that a reader wants: what is news, what the record has, and the decisions of which
        something came; not what another line says as well.
        """
        news = [e for e in self.events if self._is_news(e)]
        fates: dict[str, list[Event]] = {}
        for e in news:
            if e.kind in ("capture", "repulse"):
                fates.setdefault(e.place, []).append(e)
        news = [e for e in news if not self._goes_without_saying(e, fates.get(e.place, []))]
        told, behind = {e.number for e in news}, {b for e in news for b in e.because}
        return [e for e in self.events if e.number in told or (e.weight == SOME and e.number in behind)]

    def _is_news(self, e: Event) -> bool:
        recorded = e.number in self.record
        if e.kind == "decision":
            return e.weight == MUCH
        if e.kind == "capture":
            return e.weight == MUCH and (recorded or e.place in self.asked)
        return recorded or e.weight > LITTLE

    def _goes_without_saying(self, e: Event, fates: list[Event]) -> bool:
        """Whether another line says it: that a guard leaves what is taken, that men come to what they take or
        are beaten off at, that somebody who so decides sets out.
        """
        if e.kind == "leave":
            return any(fate.minute == e.minute for fate in fates)
        if e.kind == "arrive" and e.number not in self.record:
            return any(
                0 <= f.minute - e.minute <= SOON and (f.side == e.side or f.kind == "repulse") for f in fates
            )
        causes = (self.events[b] for b in e.because)
        return e.token.startswith("depart:") and any(
            c.kind == "decision" and c.minute == e.minute for c in causes
        )


def precedes(first: Event, e: Event) -> bool:
    """Whether an event can be told where an earlier one stands: no cause of it lies between."""
    return max(e.because, default=-1) <= first.number


def _joined(each: Sequence[Passage]) -> Iterator[Passage]:
    """Passages, where one who does two things in one minute does them in one sentence."""
    held: list[Passage] = []
    for passage in each:
        e, before = passage.first, held[-1] if held else None
        who = f"{e.who[0]} " if len(e.who) == len(passage.events) == 1 else ""
        same = before is not None and before.first.minute == e.minute and before.first.who == e.who
        if before and same and who and e.kind != "repulse" and passage.text.startswith(who):
            both, beside = before.events + passage.events, before.beside or passage.beside
            held[-1] = Passage(both, f"{before.text} and {passage.text.removeprefix(who)}", beside)
            continue
        held.append(passage)
    yield from held
