"""A card: one decision, its courses and what came of them, in words and numbers."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from sim import clock
from sim.analysis.breakeven import BreakEven
from sim.names import capital
from sim.results.estimate import Estimate
from sim.wording import in_words, percent

PAGE = 110
WHO = {
    -1: "a decision of the government's",
    0: "a decision of neither side, seen from the government's",
    1: "a decision of the Soviet's",
}


@dataclass(frozen=True, eq=False)
class Card:
    """One decision: `courses` are the rows of `Worth.courses`, that which was taken first; `before` is the
    mean of them, what was to be expected before anybody knew how it would be decided.
    """

    decision: str
    side: int
    hour: datetime
    judged: str
    unit: str
    reached: float
    worlds: int
    courses: pd.DataFrame
    before: float
    worth: Estimate
    loss: Estimate
    picks: tuple[str, str]
    swing: float
    turn: tuple[str, BreakEven] | None
    source: str

    @property
    def taken(self) -> str:
        """The course that was taken."""
        return str(self.courses["label"].iloc[0])

    @property
    def verdict(self) -> str:
        """Whether what was taken was right, as far as that can be told."""
        first, second = self.picks
        if self.loss.low > 0:
            by = in_words(self.loss.value, self.unit, signed=True)
            other = f"'{first}'" if first == second else f"'{first}' or '{second}'"
            return f"{other} would have been better ({by})"
        below = self.courses[~self.courses["taken"]]
        if not below["pairs"].any():
            return "whichever was taken, every history ends the same"
        if (below["difference_high"] < 0).all():
            return "the best of its courses"
        return f"no better course can be told (it comes out best in {self.best(0)} of resamples)"

    def best(self, row: int) -> str:
        """How often a course comes out best, in words."""
        return f"{100 * float(self.courses['best'].iloc[row]):.0f} %"

    @property
    def unless(self) -> str:
        """The break-even in a sentence; nothing where there is none."""
        if self.turn is None:
            return ""
        label, at = self.turn
        row = self.courses[self.courses["label"] == label].iloc[0]
        if row["difference"] <= 0:
            return f"Right against '{label}' unless {at}."
        other_end = at.doubt.side(at.at, below=not at.better_below)
        return f"'{label}' would have been better unless {other_end}."

    @property
    def surely(self) -> str:
        """How sure the break-even is, in words; nothing where there is none."""
        if self.turn is None:
            return ""
        at = self.turn[1]
        low, high = (in_words(gain, self.unit, signed=True) for gain in at.gains)
        ends = " and ".join(f"{end:,.3g}" for end in at.ends)
        return (
            f"Break-even at {at.at:.3g} ({at.low:.3g} to {at.high:.3g}); at {ends}, between which nine of "
            f"ten histories lie, the other course gains {low} and {high}."
        )

    def __str__(self) -> str:
        held = f"{self.worlds:,} histories of each course on the same luck"
        lines = [
            f"{clock.label(self.hour)}: {self.taken} ({self.decision}).",
            *textwrap.wrap(
                f"{capital(WHO[self.side])}, judged by {self.judged}; {held}; it comes to it in "
                f"{percent(self.reached)} of them.",
                PAGE,
            ),
            "",
            f"  {in_words(self.before, self.unit):>7}  before the choice (the mean of its courses)",
        ]
        for row in self.courses.to_dict("records"):
            value, low, high = (in_words(float(row[name]), self.unit) for name in ("value", "low", "high"))
            told = f"  {value:>7}  {row['label']}{' [taken]' * bool(row['taken'])} ({low} to {high})"
            if not row["taken"]:
                by, least, most = (float(row[f"difference{end}"]) for end in ("", "_low", "_high"))
                moved = _told(by, least, most, self.unit, signed=True)
                told += f": {moved if row['pairs'] else 'no pair differs'}"
            lines.append(f"{told}; best in {100 * float(row['best']):.0f} %")
        return "\n".join([*lines, "", *textwrap.wrap(self.summary, PAGE)])

    __repr__ = __str__

    @property
    def summary(self) -> str:
        """What the call was worth, what it lost, and where it would have been otherwise."""
        won, lost = self.worth, self.loss
        worth = _told(won.value, won.low, won.high, self.unit, signed=True)
        loss = _told(lost.value, lost.low, lost.high, self.unit)
        swing = in_words(self.swing, self.unit, signed=True).lstrip("+")
        said = [
            f"Against the mean of its courses it was worth {worth}; against the best it lost {loss}; between "
            f"the best and the worst lay {swing}. Verdict: {self.verdict}.",
            self.unless,
            self.surely,
        ]
        return " ".join(part for part in said if part)


def _told(value: float, low: float, high: float, unit: str, *, signed: bool = False) -> str:
    """A difference with its interval; without signs where one may be told so."""
    figures = [in_words(x, unit, signed=True) for x in (value, low, high)]
    if not signed and low >= 0:
        figures = [figure.lstrip("+") for figure in figures]
    return f"{figures[0]} ({figures[1].removesuffix(' points')} to {figures[2].removesuffix(' points')})"
