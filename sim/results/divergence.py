"""A divergence: where two histories part, and what came of it in the one and in the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim import clock
from sim.names import capital
from sim.telling import Event

if TYPE_CHECKING:
    from sim.results.run import Run

COLUMNS = ["time", "history", "place", "event", "rests"]
SHOWN = 8  # events that are printed of each history; the others are in .followed
MOVED = 60.0  # minutes by which an event may come at another hour and be the same still


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
    return Divergence(names, clock.moment(first, one.start), (only[0], only[1]), followed)


def _key(e: Event) -> tuple[Any, ...]:
    """What makes an event of two histories the same."""
    return (e.minute, e.kind, e.place, e.side, e.text)


def _after(run: Run, against: Run, first: set[int], name: str, since: float) -> list[dict[str, Any]]:
    """What a history tells after the first difference that the other has not within an hour of it."""
    rests, rows = set(first), []
    hours: dict[str, list[float]] = {}
    for event in against.events:
        hours.setdefault(event.token or event.text, []).append(event.minute)
    told = {e.number for e in run.told}
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
