"""A comparison, frozen: several scenarios on the same luck, what differs, how sure that is, and where two
histories part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim import clock
from sim.counterfactual import measures
from sim.errors import known
from sim.results import estimate
from sim.results.ensemble import Ensemble
from sim.results.estimate import Estimate, in_words
from sim.telling import Event
from sim.wording import decimals, in_digits, scaled

if TYPE_CHECKING:
    from sim.results.figures import ComparisonFigures
    from sim.results.run import Run

# What counts as hardly any change, where that is what was expected: points, hours, killed, men.
SMALL = {"points": 0.05, "h": 1.0, "killed": 1.0, "men": 500.0, "ministers": 1.0}
AGREED = {"yes": "so it comes out", "no": "it comes out otherwise", "open": "it cannot be told"}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Ensembles of several scenarios under one seed, world by world on the same luck; the first is the
    base.
    """

    ensembles: tuple[Ensemble, ...]

    @property
    def base(self) -> Ensemble:
        """The ensemble that the others are compared with."""
        return self.ensembles[0]

    @property
    def others(self) -> tuple[Ensemble, ...]:
        """The ensembles that are compared with the base."""
        return self.ensembles[1:]

    def __getitem__(self, name: str) -> Ensemble:
        known("scenario of this comparison", name, [e.name for e in self.ensembles], "scenarios")
        return next(e for e in self.ensembles if e.name == name)

    def difference(self, name: str, measure: str) -> Estimate:
        """How a measure changes in a scenario against the base, with a paired 95 % interval. Raises
        ScenarioError for a name.
        """
        base, other = self.base.measure(measure), self[name].measure(measure)
        unit = measures.measure(measure).unit
        if unit == "points" and np.isin((base, other), (0, 1)).all():
            return estimate.change_of_chance(base, other)
        return estimate.change_of_mean(base, other, unit)

    def effects(self, wanted: Iterable[str] | None = None) -> pd.DataFrame:
        """A row a scenario and measure: base, other, difference, its paired 95 % interval (low, high),
        expected sign, agreed or not.

        Without `wanted` the main measures, and whatever a scenario expects. Shares are in 0..1, hours
        restricted at the horizon.
        """
        rows = []
        for other in self.others:
            expected = dict(other.scenario.expected)
            for name in dict.fromkeys([*(measures.MAIN if wanted is None else wanted), *expected]):
                rows.append(self._effect(other, name, expected.get(name, "")))
        return pd.DataFrame(
            rows,
            columns=[
                "scenario",
                "measure",
                "label",
                "unit",
                "base",
                "other",
                "difference",
                "low",
                "high",
                "expected",
                "agreed",
                "worlds_needed",
                "gain_by_pairing",
            ],
        )

    def _effect(self, other: Ensemble, name: str, expected: str) -> dict[str, Any]:
        found, read = self.difference(other.name, name), measures.measure(name)
        one, two = self.base.measure(name), other.measure(name)
        yes_no = read.unit == "points" and np.isin((one, two), (0, 1)).all()
        return {
            "scenario": other.name,
            "measure": name,
            "label": read.label,
            "unit": read.unit,
            "base": one.mean(),
            "other": two.mean(),
            "difference": found.value,
            "low": found.low,
            "high": found.high,
            "expected": expected,
            "agreed": agreed(found, expected),
            "worlds_needed": estimate.worlds_needed(one, two) if yes_no else np.nan,
            "gain_by_pairing": estimate.gain_by_pairing(one, two),
        }

    def __str__(self) -> str:
        n, seed = self.base.worlds, self.base.data.attrs["seed"]
        if not self.others:
            return str(self.base)
        head = (
            f"{self.base.name} against {len(self.others)} other "
            f"scenario{'s' * (len(self.others) != 1)}: {n:,} histories of each on the same luck "
            f"(seed {seed}). "
            "In brackets 95 % intervals of the difference in the same worlds; a palace that never "
            "falls counts as falling at the end."
        )
        return "\n\n".join([head, *(self.sentence(other.name) for other in self.others), self._needed()])

    __repr__ = __str__

    def sentence(self, name: str) -> str:
        """What changes in one scenario, in sentences with numbers and their doubt, and what had been
        expected.
        """
        other = self[name]
        hour, holds, killed, breaks, coalition = (
            self._effect(other, m, "")
            for m in ("palace_falls", "government_holds", "killed", "walkout", "coalition")
        )
        told = [
            (
                f"{name}: {supposed(other.scenario.question, name)} the palace would have fallen "
                f"{self._moved(hour)}; the government would have held in {self._instead(holds)}."
            ),
            (
                f"Killed: {self._instead(killed)} on average. The congress breaks in "
                f"{self._instead(breaks)}, and stays a broad coalition in {self._instead(coalition)}."
            ),
        ]
        checks = [self._effect(other, measure, sign) for measure, sign in other.scenario.expected]
        if checks:
            told.append("Expected before it was run:")
            told += [
                (
                    f"  {c['label']} {_SIGNS[c['unit'] == 'h'][c['expected']]}: {AGREED[c['agreed']]} "
                    f"({self._amount(c)})"
                )
                for c in checks
            ]
        return "\n  ".join(told)

    @staticmethod
    def _amount(effect: dict[str, Any]) -> str:
        if effect["low"] == effect["high"] == 0:
            return "no pair of histories differs"
        unit, three = effect["unit"], [effect[key] for key in ("difference", "low", "high")]
        digits = decimals(unit, *(scaled(value, unit) for value in three))
        low, high = (in_digits(scaled(value, unit), digits, signed=True) for value in three[1:])
        return f"{in_words(three[0], unit, signed=True, digits=digits)}, {low} to {high}"

    def _instead(self, e: dict[str, Any]) -> str:
        return (
            f"{in_words(e['other'], e['unit'])} instead of "
            f"{in_words(e['base'], e['unit'])}{' of histories' if e['unit'] == 'points' else ''} "
            f"({self._amount(e)})"
        )

    def _moved(self, e: dict[str, Any]) -> str:
        """An hour that moves, or that cannot be told from one that does not."""
        if e["low"] == e["high"] == 0:
            return "at the same hour in every history"
        if e["low"] <= 0 <= e["high"]:
            return f"at about the same hour ({self._amount(e)})"
        start = datetime.fromisoformat(self.base.data.attrs["start"])
        base, other = (clock.label(clock.moment(60 * x, start)) for x in (e["base"], e["other"]))
        way = "later" if e["difference"] > 0 else "earlier"
        return (
            f"{in_words(abs(e['difference']), 'h')} {way} on average, at {other} instead of {base} "
            f"({self._amount(e)})"
        )

    def _needed(self) -> str:
        needed = self.effects(["government_holds"]).query("measure == 'government_holds'")["worlds_needed"]
        return (
            "For plus or minus 2 points in the chance that the government holds, these scenarios need "
            f"{int(needed.max()):,} worlds at most."
        )

    def ladder(self, measure: str = "palace_falls") -> pd.DataFrame:
        """The scenarios ranked by how much they change a measure, the largest first."""
        table = self.effects([measure]).query("measure == @measure")
        return table.sort_values("difference", key=np.abs, ascending=False, kind="stable").reset_index(
            drop=True
        )

    def first_difference(self, name: str, world: int = 0) -> Divergence:
        """Where one world of a scenario parts from the same world of the base, and what followed. Raises
        ScenarioError, ValueError.
        """
        return diverge(self.base.world(world), self[name].world(world))

    @property
    def plot(self) -> ComparisonFigures:
        """The figures of this comparison; called, it draws the bands of the base and the first other
        scenario.
        """
        from sim.results.figures import ComparisonFigures

        return ComparisonFigures(self)

    def report(self, folder: str | Path, *, command: str = "") -> list[Path]:
        """Write figures, table, a one-page report, the scenarios and a manifest into a folder; the files
        written.
        """
        from sim.results.report import write_report

        return write_report(self, Path(folder), command=command)


# How an expected sign is said, of an amount or chance and of an hour.
_SIGNS = (
    {"+": "- more", "-": "- less", "0": "- hardly changed"},
    {"+": "later", "-": "earlier", "0": "at about the same hour"},
)


def agreed(found: Estimate, expected: str) -> str:
    """Whether the model agrees with an expected sign: yes or no if the interval says so, else open.

    "+" and "-" ask for an interval beyond zero; "0" for one within what counts as small.
    """
    if not expected:
        return ""
    if expected == "0":
        small = SMALL.get(found.unit, 1.0)
        return (
            "yes"
            if -small <= found.low and found.high <= small
            else "no"
            if found.low > small or found.high < -small
            else "open"
        )
    up = expected == "+"
    if found.low > 0 or found.high < 0:
        return "yes" if (found.low > 0) == up else "no"
    return "open"


def supposed(question: str, name: str) -> str:
    """The question of a scenario turned into a supposition: "What if X?" becomes "If X,"; without one, its
    name.
    """
    if question.startswith("What if ") and question.endswith("?"):
        return f"If {question.removeprefix('What if ').removesuffix('?')},"
    return f"With {name.replace('_', ' ')},"


@dataclass(frozen=True, eq=False)
class Divergence:
    """Where two histories part: the first events that one has and the other has not, and what came of them in
    each.
    """

    names: tuple[str, str]
    time: datetime | None
    only: tuple[tuple[Event, ...], tuple[Event, ...]]
    followed: pd.DataFrame  # time, history, place, event: the main events that rest on the first difference

    def __str__(self) -> str:
        if self.time is None:
            return f"{self.names[0]} and {self.names[1]} do not part: every event is the same."
        lines = [f"The histories part at {clock.label(self.time)}."]
        for name, events in zip(self.names, self.only, strict=True):
            lines += [f"  only in {name}: {event.text}" for event in events] or [
                f"  only in {name}: nothing then"
            ]
        if len(self.followed):
            lines += [
                "What followed from it:",
                *(
                    f"  {clock.label(t):>13}  {h}: {e}"
                    for t, h, e in self.followed[["time", "history", "event"]].head(12).to_numpy()
                ),
            ]
            rest = len(self.followed) - 12
            lines += [f"  and {rest} events more (.followed)"] if rest > 0 else []
        return "\n".join(lines)

    __repr__ = __str__


def diverge(one: Run, other: Run) -> Divergence:
    """Compare two histories event by event: the first pulse in which they differ, and what rests on that."""
    names = (str(one.data.attrs["scenario"]), str(other.data.attrs["scenario"]))
    start = datetime.fromisoformat(one.data.attrs["start"])
    pages = [[(e.minute, e.kind, e.place, e.side, e.text) for e in run.events] for run in (one, other)]
    counts = [Counter(page) for page in pages]
    apart = [c - d for c, d in (counts, counts[::-1])]
    minutes = [key[0] for c in apart for key in c]
    if not minutes:
        return Divergence(names, None, ((), ()), pd.DataFrame(columns=["time", "history", "place", "event"]))
    first = min(minutes)
    only: list[tuple[Event, ...]] = []
    rows: list[dict[str, Any]] = []
    for run, name, mine in zip((one, other), names, apart, strict=True):
        new = {e.number for e in run.events if (e.minute, e.kind, e.place, e.side, e.text) in mine}
        only.append(tuple(e for e in run.events if e.minute == first and e.number in new))
        rows += _descendants(run, {e.number for e in only[-1]}, new, name, start)
    followed = (
        pd.DataFrame(rows, columns=["time", "history", "place", "event"])
        .sort_values("time", kind="stable")
        .reset_index(drop=True)
    )
    return Divergence(names, clock.moment(first, start), (only[0], only[1]), followed)


def _descendants(
    run: Run, first: set[int], new: set[int], name: str, start: datetime
) -> list[dict[str, Any]]:
    """The main events, not found in the other history, that rest on some first ones."""
    from sim.results.run import MAIN_KINDS

    rest, rows = set(first), []
    for event in run.events:
        if event.number in first or not rest.intersection(event.because):
            continue
        rest.add(event.number)
        if event.number in new and event.kind in MAIN_KINDS:
            rows.append(
                {
                    "time": clock.moment(event.minute, start),
                    "history": name,
                    "place": event.place,
                    "event": event.text,
                }
            )
    return rows
