"""A divergence: where two histories part, and what came of it in the one and in the other."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim import clock
from sim.names import capital
from sim.results.story import PAGE
from sim.telling import Event

if TYPE_CHECKING:
    from sim.results.run import Run

COLUMNS = ["time", "history", "place", "event", "rests"]
SHOWN = 8  # events that are printed of each history; the others are in .followed
MOVED = 60.0  # minutes by which an event may come at another hour and be the same still
BESIDE = ["time", "first", "second", "alike"]
HALF = (PAGE - 13) // 2 - 1  # letters of one of two chronicles that stand side by side


@dataclass(frozen=True, eq=False)
class Divergence:
    """Where two histories part: the first events that one has and the other has not, and what came after in
    each.
    """

    names: tuple[str, str]
    time: datetime | None
    only: tuple[tuple[Event, ...], tuple[Event, ...]]
    # time, history, place, event: what one history tells from then on and the other does not, or at another
    # hour; rests: whether it is known to rest on the first difference
    followed: pd.DataFrame
    # what had led to the first events of each, the nearest causes last, and what led from them to its end
    causes: tuple[tuple[Event, ...], tuple[Event, ...]] = ((), ())
    chains: tuple[tuple[Event, ...], tuple[Event, ...]] = ((), ())
    # time, first, second, alike: what is told of both from then on, side by side; alike is told of both
    beside: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=BESIDE))
    start: datetime = clock.START

    def __str__(self) -> str:
        if self.time is None:
            return f"{self.names[0]} and {self.names[1]} do not part: every event is the same."
        lines = [f"The histories part at {clock.label(self.time)}."]
        for name, events in zip(self.names, self.only, strict=True):
            lines += [f"  only in {name}: {event.text}" for event in events] or [
                f"  only in {name}: nothing then"
            ]
        for name in self.names:
            lines += self._after(name)
        return "\n".join(lines)

    __repr__ = __str__

    def tell(self, most: int = 40) -> str:
        """Where the histories part, the chains of causes behind it and on from it in each, and the two
        chronicles side by side from there, so many lines of them at most.
        """
        if self.time is None:
            return str(self)
        lines = [f"{self.names[0]} and {self.names[1]} part at {clock.label(self.time)}."]
        told = zip(self.names, self.only, self.causes, self.chains, strict=True)
        for name, only, causes, chain in told:
            lines += ["", f"In {name}:", *self._listed("what had led to it", causes)]
            lines += self._listed("the first that the other has not", only) or ["  nothing of its own then"]
            lines += self._listed("what led on from it", chain)
        return "\n".join([*lines, "", *self._side_by_side(most)])

    def _listed(self, heading: str, events: Iterable[Event]) -> list[str]:
        """Some events under a heading, each with its hour; nothing if there are none."""
        lines: list[str] = []
        for event in events:
            margin = f"{clock.label(clock.moment(event.minute, self.start)):>15}  "
            text = f"{capital(event.text)}."
            lines += textwrap.wrap(text, PAGE, initial_indent=margin, subsequent_indent=" " * len(margin))
        return [f"  {heading}:", *lines] if lines else []

    def _side_by_side(self, most: int) -> list[str]:
        """The two chronicles in two columns; what both have at one hour stands across them."""
        heads = [textwrap.shorten(name, HALF, placeholder="...") for name in self.names]
        lines = [f"{'':13}  {heads[0]:{HALF}}  {heads[1]}".rstrip()]
        row: Any
        for row in self.beside.head(most).itertuples(index=False):
            hour = f"{clock.label(row.time):>13}"
            if row.alike:
                both = textwrap.wrap(f"{capital(row.first)}. [in both]", 2 * HALF + 2)
                lines += [f"{hour if n == 0 else '':13}  {part}" for n, part in enumerate(both)]
                continue
            columns = [textwrap.wrap(f"{capital(text)}." if text else "", HALF) for text in row[1:3]]
            for n, (one, two) in enumerate(zip_longest(*columns, fillvalue="")):
                lines.append(f"{hour if n == 0 else '':13}  {one:{HALF}}  {two}".rstrip())
        left = len(self.beside) - most
        return [*lines, f"{'':13}  and {left} line{'s' * (left > 1)} more (.beside)"] if left > 0 else lines

    def _after(self, name: str) -> list[str]:
        """What came first of it in one of the histories, as far as it is known to rest on the difference."""
        mine = self.followed[self.followed["history"] == name]
        resting = mine[mine["rests"].astype(bool)]
        shown = resting if len(resting) else mine
        if not len(shown):
            return [f"From then on {name} has nothing that the other has not."]
        what = "what rests on it" if len(resting) else "what the other has not"
        lines = [f"From then on in {name}, {what}:"]
        rows = shown[["time", "event"]].head(SHOWN).to_numpy()
        lines += [f"  {clock.label(time):>13}  {capital(event)}." for time, event in rows]
        left = len(mine) - len(rows)
        return [*lines, f"  and {left} event{'s' * (left > 1)} more (.followed)"] if left else lines


def diverge(one: Run, other: Run) -> Divergence:
    """Compare two histories event by event: the first pulse in which they differ, and what came after."""
    names = (str(one.data.attrs["scenario"]), str(other.data.attrs["scenario"]))
    counts = [Counter(map(_key, run.events)) for run in (one, other)]
    apart = [c - d for c, d in (counts, counts[::-1])]
    minutes = [key[0] for c in apart for key in c]
    if not minutes:
        return Divergence(names, None, ((), ()), pd.DataFrame(columns=COLUMNS))
    first = min(minutes)
    only: list[tuple[Event, ...]] = []
    rows: list[dict[str, Any]] = []
    for run, against, name, mine in zip((one, other), (other, one), names, apart, strict=True):
        only.append(tuple(e for e in run.events if e.minute == first and _key(e) in mine))
        rows += _after(run, against, {e.number for e in only[-1]}, name, first)
    followed = pd.DataFrame(rows, columns=COLUMNS).sort_values("time", kind="stable").reset_index(drop=True)
    both = tuple(zip((one, other), only, strict=True))
    causes, chains = (tuple(told(run, events) for run, events in both) for told in (_behind, _onward))
    return Divergence(
        names,
        clock.moment(first, one.start),
        (only[0], only[1]),
        followed,
        (causes[0], causes[1]),
        (chains[0], chains[1]),
        _beside(one, other, first),
        one.start,
    )


def _behind(run: Run, only: tuple[Event, ...]) -> tuple[Event, ...]:
    """What had led to some events of a history, and what to that, in order of time."""
    ahead, seen = [b for e in only for b in e.because], set[int]()
    while ahead:
        number = ahead.pop()
        if number not in seen:
            seen.add(number)
            ahead += run.events[number].because
    return tuple(run.events[number] for number in sorted(seen - {e.number for e in only}))


def _onward(run: Run, only: tuple[Event, ...]) -> tuple[Event, ...]:
    """The chain of causes from some events of a history to the last point that changes hands by them, or else
    to the last of what is told that rests on them; each the nearest cause of the one after it.
    """
    mine = {e.number for e in only}
    resting = set(mine)
    for event in run.events:
        if resting.intersection(event.because):
            resting.add(event.number)
    told = [e for e in run.told.chosen if e.number in resting - mine]
    taken = [e for e in told if e.kind == "capture" and e.place in run.told.asked]
    chain: list[Event] = (taken or told)[-1:]
    while chain and (nearest := max(resting.intersection(chain[-1].because))) not in mine:
        chain.append(run.events[nearest])
    return tuple(chain[::-1])


def _beside(one: Run, other: Run, since: float) -> pd.DataFrame:
    """What is told of two histories from a minute on, in order of time; what both have at one minute is one
    row.
    """
    told = [[e for e in run.told.chosen if e.minute >= since] for run in (one, other)]
    left = [Counter(map(_key, events)) for events in told]
    shared = left[0] & left[1]
    rows: list[tuple[float, str, str, bool]] = []
    for side, events in enumerate(told):
        alike = Counter(shared)
        for e in events:
            common = alike[_key(e)] > 0
            alike[_key(e)] -= 1
            if common and side:
                continue
            texts = (e.text, e.text) if common else (e.text, "") if side == 0 else ("", e.text)
            rows.append((e.minute, *texts, common))
    rows.sort(key=lambda row: row[0])
    told_at = [(clock.moment(minute, one.start), *rest) for minute, *rest in rows]
    return pd.DataFrame(told_at, columns=BESIDE)


def _key(e: Event) -> tuple[Any, ...]:
    """What makes an event of two histories the same."""
    return (e.minute, e.kind, e.place, e.side, e.text)


def _after(run: Run, against: Run, first: set[int], name: str, since: float) -> list[dict[str, Any]]:
    """What a history tells after the first difference that the other has not within an hour of it."""
    rests, rows = set(first), []
    hours: dict[str, list[float]] = {}
    for event in against.events:
        hours.setdefault(event.token or event.text, []).append(event.minute)
    told = {e.number for e in run.told.chosen}
    for event in run.events:
        if rests.intersection(event.because):
            rests.add(event.number)
        there = hours.get(event.token or event.text, [])
        alike = any(abs(minute - event.minute) <= MOVED for minute in there)
        if event.number in told - first and event.minute >= since and not alike:
            rows.append(
                {
                    "time": clock.moment(event.minute, run.start),
                    "history": name,
                    "place": event.place,
                    "event": _at_another_hour(event, there),
                    "rests": event.number in rests,
                }
            )
    return rows


def _at_another_hour(event: Event, there: list[float]) -> str:
    """An event, and by how much it comes earlier or later than in the other history, if it comes there."""
    if not there:
        return event.text
    off = event.minute - min(there, key=lambda minute: abs(minute - event.minute))
    hours = f"{int(abs(off)) // 60}:{int(abs(off)) % 60:02d}"
    return f"{event.text} ({hours} {'later' if off > 0 else 'earlier'} than in the other)"
