"""Story: a history as one reads it, day by day beside the documented hours, as long as one wants it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sim import clock
from sim.errors import known
from sim.names import Names, capital, conjugated
from sim.results.gist import Gist, signed_hours
from sim.results.passages import Chronicle, Passage

PAGE = 110  # letters in a line
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BEHIND = timedelta(days=13)  # the Julian calendar, in 1917
DETAILS = ("short", "long", "all")
LEGEND = (
    "Beside the hour stands the documented one, and in the third column how many hours late (+) or early (-) "
    "this history is."
)
MORE = "Lines without a documented hour have no counterpart in the record. Dates are Julian."
HEADS = f"{'hour':>5}  {'record':>12}  {'late':>6}  what happened"
INDENT = " " * HEADS.index("what")


def day(when: datetime) -> str:
    """A day of the Julian calendar with its weekday.

    >>> day(datetime(1917, 10, 24))
    'Tuesday, 24 October 1917'
    """
    return f"{DAYS[(when + BEHIND).weekday()]}, {when.day} {when:%B} {when.year}"


@dataclass(frozen=True)
class Story:
    """A chronicle as it is read."""

    chronicle: Chronicle
    names: Names

    def opening(self, detail: str = "short") -> list[str]:
        """How the lines are to be read; in short also who leads the sides, and where they sit."""
        return textwrap.wrap(f"{LEGEND} {self._seats if detail == 'short' else MORE}", PAGE)

    @property
    def _seats(self) -> str:
        """Who leads the sides, and from where."""
        history, said = self.names.history, []
        for sign, side in ((-1, "government"), (1, "soviet")):
            seat = next((p.id for p in history.places.values() if f"seat_{side}" in p.roles), "")
            head = next((x.id for x in history.people.values() if x.side == sign and x.leads == 1), "")
            who = self.names.side(sign)
            led = f", led by {self.names.person(head).text}," if head else ""
            at = f"{conjugated('sits|sit', who.many)} in {self.names.place(seat)}"
            said += [f"{who.text}{led} {at}"] if seat else []
        return f"{capital('; '.join(said))}."

    def passages(self, detail: str = "short") -> list[Passage]:
        """What is told: in short, at length with what repeats itself told once, or all of it, event by event.
        Raises ScenarioError for another detail.
        """
        known("detail", detail, DETAILS)
        if detail == "all":
            return self.chronicle.passages(every=True)
        return Gist(self.chronicle, self.names, brief=detail == "short").passages()

    def lines(self, detail: str = "short") -> Iterator[str]:
        """The story in lines of the page, under headings of days."""
        today = None
        for passage in self.passages(detail):
            when = clock.moment(passage.first.minute, self.chronicle.start)
            if when.date() != today:
                yield from ("", day(when)) if today else ("", day(when), HEADS)
                today = when.date()
            yield from self._line(passage, when)

    def _line(self, passage: Passage, when: datetime) -> list[str]:
        """A passage, broken to the page, beside its documented hour."""
        hour = apart = ""
        if passage.beside is not None:
            recorded = self.chronicle.record[passage.beside.number]
            hour = clock.label(recorded) if recorded.date() != when.date() else f"{recorded:%H:%M}"
            apart = signed_hours((when - recorded).total_seconds() / 60)
        margin = f"{when + timedelta(seconds=30):%H:%M}  {hour:>12}  {apart:>6}  "
        text = capital(passage.text) + "."
        return textwrap.wrap(text, PAGE, initial_indent=margin, subsequent_indent=INDENT)
