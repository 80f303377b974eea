"""A comparison, frozen: several scenarios on the same luck, what differs, how sure that is, and where two
histories part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from sim import clock
from sim.counterfactual import measures
from sim.errors import known
from sim.names import Names, capital
from sim.results import estimate
from sim.results.because import because
from sim.results.divergence import Divergence, diverge
from sim.results.effects import CHANCES, NUMBERS, agreed, awaited, chance_of, changed, in_figures, instead
from sim.results.ensemble import Ensemble, from_data
from sim.results.estimate import Estimate, Timing
from sim.results.outcomes import names_of
from sim.results.saved import ResultError, write
from sim.wording import apportioned, rounded, supposed

if TYPE_CHECKING:
    from sim.results.figures import ComparisonFigures

COLUMNS = [
    *("scenario", "measure", "label", "unit"),
    *NUMBERS,
    *("histories", "expected", "agreed"),
    *CHANCES,
    *("between_low", "between_high"),
    *("worlds_needed", "gain_by_pairing"),
]


VERDICTS = {"open": "the histories do not settle it"}  # where there is room for a sentence
ENOUGH = 100  # histories from which on it is told how many would be needed


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

    def timing(self, name: str, measure: str) -> Timing:
        """How often something with an hour happens in the base and in a scenario, and by how much its hour
        moves in the worlds in which it happens in both. Raises ScenarioError for a name, ValueError for a
        measure without an hour.
        """
        if measures.measure(measure).unit != "h":
            raise ValueError(f"timing: wanted a measure in hours, such as 'palace_falls', got {measure!r}")
        return estimate.timing(self.base.hours(measure), self[name].hours(measure), self.base.sets)

    def difference(self, name: str, measure: str) -> Estimate:
        """How a measure changes in a scenario against the base, with a paired 95 % interval; an hour, in the
        worlds in which the thing happens in both. Raises ScenarioError for a name.
        """
        unit = measures.measure(measure).unit
        if unit == "h":
            return self.timing(name, measure).hours
        base, other = self.base.measure(measure), self[name].measure(measure)
        if unit == "points" and np.isin((base, other), (0, 1)).all():
            return estimate.change_of_chance(base, other, self.base.sets)
        return estimate.change_of_mean(base, other, unit, self.base.sets)

    def effects(self, wanted: Iterable[str] | None = None) -> pd.DataFrame:
        """A row a scenario and measure: base, other, difference, its paired 95 % interval (low, high), the
        number of histories these rest on, expected sign, agreed ("yes", "no" or "open").

        Without `wanted` the main measures, and whatever a scenario expects. Shares are in 0..1. What has an
        hour has in `chance_base`, `chance_other`, `chance_difference`, `chance_low`, `chance_high` how often
        it happens; `base` and `other` are its mean hours from the start, `difference`, `low`, `high` their
        difference, over the histories in which it happens in both. `between_low` and `between_high` are
        from where to where the difference goes with the set of parameters, in nine of ten.
        """
        rows = []
        for other in self.others:
            expected = dict(other.scenario.expected)
            for name in dict.fromkeys([*(measures.MAIN if wanted is None else wanted), *expected]):
                rows.append(self._effect(other, name, expected.get(name, "")))
        return pd.DataFrame(rows, columns=COLUMNS)

    def _effect(self, other: Ensemble, name: str, expected: str) -> dict[str, Any]:
        read = measures.measure(name)
        one, two = self.base.measure(name), other.measure(name)
        yes_no = read.unit == "points" and np.isin((one, two), (0, 1)).all()
        means, chance, happens = (float(one.mean()), float(two.mean())), None, {}
        if read.unit == "h":
            timing = self.timing(other.name, name)
            found, means, chance = timing.hours, timing.at, timing.chance
            shares = (timing.base, timing.other, chance.value, chance.low, chance.high)
            happens = dict(zip(CHANCES, shares, strict=True))
        else:
            found = self.difference(other.name, name)
        return {
            "scenario": other.name,
            "measure": name,
            "label": self._names.in_event(read.label),
            "unit": read.unit,
            "base": means[0],
            "other": means[1],
            "difference": found.value,
            "low": found.low,
            "high": found.high,
            "histories": found.n,
            "expected": expected,
            "agreed": agreed(found, expected, chance),
            **happens,
            "between_low": found.between[0],
            "between_high": found.between[1],
            "worlds_needed": estimate.worlds_needed(one, two) if yes_no else np.nan,
            "gain_by_pairing": estimate.gain_by_pairing(one, two),
        }

    def __str__(self) -> str:
        n, seed = self.base.worlds, self.base.data.attrs["seed"]
        if not self.others:
            return str(self.base)
        head = (
            f"{self.base.name} against {len(self.others)} other "
            f"scenario{'s' * (len(self.others) != 1)}: {n:,} {'histories' if n > 1 else 'history'} of each "
            f"on the same luck (seed {seed}). In brackets 95 % intervals of the difference in the same "
            "worlds. Hours are those of the histories in which a thing happens in both."
        )
        return "\n\n".join([head, *(self.sentence(other.name) for other in self.others), *self._needed()])

    __repr__ = __str__

    def sentence(self, name: str) -> str:
        """What changes in one scenario, in sentences with numbers and their doubt, and what had been
        expected.
        """
        other = self[name]
        fall, settled, killed, breaks, coalition = (
            self._effect(other, m, "") for m in ("palace_falls", "settled", "killed", "walkout", "coalition")
        )
        house, government = self._names.house, capital(self._names.side(-1).text)
        condition = supposed(str(other.data.attrs["question"]), name)
        told = [
            (
                f"{name}: {condition}, {house} would have fallen in "
                f"{instead(chance_of(fall))}. {self._moved(fall)}"
            ),
            f"{government} would have held in {self._held(other)}. A settlement: {instead(settled)}.",
            f"Killed: {instead(killed)} on average.",
        ]
        if any(e.data["congress"].values.any() for e in (self.base, other)):
            told[-1] += (
                f" The congress breaks in {instead(breaks)}, and stays a broad coalition in "
                f"{instead(coalition)}."
            )
        if other.again and self.base.again:
            told.append(self.because(name))
        checks = [self._effect(other, measure, sign) for measure, sign in other.scenario.expected]
        if checks:
            told.append("Expected before it was run:")
            for c in checks:
                verdict = VERDICTS.get(c["agreed"], measures.VERDICTS[c["agreed"]])
                told.append(f"  {c['label']} {awaited(c)}: {verdict} ({changed(c, self.base.worlds)})")
        return "\n  ".join(told)

    def because(self, name: str) -> str:
        """Why it comes out as it does: what the change did first, which links of the chain to the fall of the
        seat differ most, and in how many histories; from the journals of the first hundred pairs, which are
        played again when this is first asked. Raises ScenarioError for a name, ResultError if tables or rules
        are no longer what they were.
        """
        other = self[name]
        if not (other.again and self.base.again):
            raise ResultError(
                f"because: tables or rules are not what {name} was played with, nor its history"
            )
        return because(self.base, other)

    @property
    def _names(self) -> Names:
        return names_of(self.base.data.attrs["scenario_toml"])

    def _held(self, other: Ensemble) -> str:
        """In how many histories the government holds, and which of the endings that are so called those
        are.
        """
        holds = self._effect(other, "government_holds", "")
        digits, parts = in_figures(holds).digits, []
        ends = [measures.endings(e.data) for e in (self.base, other)]
        shares = [[float((codes == code).mean()) for code in measures.HELD] for codes in ends]
        before, after = (
            apportioned([100 * share for share in of], rounded(100 * sum(of), digits), digits)
            for of in shares
        )
        for code, one, two, *found in zip(measures.HELD, before, after, *shares, strict=True):
            if any(found):
                ending = self._names.in_event(measures.ENDINGS[code])
                parts.append(f"{ending} in {two} instead of {one} %")
        return f"{instead(holds)}{': ' * bool(parts)}{', '.join(parts)}"

    def _moved(self, e: dict[str, Any]) -> str:
        """By how much the hour of the fall moves where it comes in both."""
        both, n = e["histories"], self.base.worlds
        if not both:
            return "In no history does it fall in both, so that nothing can be said of its hour."
        where = f"Where it falls in both ({both:,} of {n:,} histories)"
        if e["low"] == e["high"] == 0:
            return f"{where}, it falls at the same hour."
        base, other = self.clock_hours(e)
        if e["low"] <= 0 <= e["high"] and both > 1:
            near = max(-e["low"], e["high"]) <= measures.SMALL["h"]
            when = "at about the same hour" if near else "at an hour that these histories do not settle"
            return f"{where}, it falls {when} ({in_figures(e).amount})."
        way = "later" if e["difference"] > 0 else "earlier"
        return (
            f"{where}, it falls {way}: {'on average ' * (both > 1)}at {other} instead of {base} "
            f"({in_figures(e).amount})."
        )

    def clock_hours(self, effect: Mapping[Any, Any]) -> tuple[str, str]:
        """The hours of an effect on the clock, in base and other; a dash where there is none in both."""
        start = datetime.fromisoformat(self.base.data.attrs["start"])
        base, other = (
            clock.label(clock.moment(60 * effect[x], start)) if np.isfinite(effect[x]) else "-"
            for x in ("base", "other")
        )
        return base, other

    def _needed(self) -> list[str]:
        """How many histories would be enough, where there are enough to tell."""
        if self.base.worlds < ENOUGH:
            return []
        needed = self.effects(["government_holds"]).query("measure == 'government_holds'")["worlds_needed"]
        return [
            f"{int(needed.max()):,} histories of each would give plus or minus 2 points in the chance that "
            "the government holds."
        ]

    def ladder(self, measure: str = "palace_falls") -> pd.DataFrame:
        """The scenarios ranked by how much they change a measure, the largest first (rows as in effects)."""
        table = self.effects([measure]).query("measure == @measure")
        return table.sort_values("difference", key=np.abs, ascending=False, kind="stable").reset_index(
            drop=True
        )

    def first_difference(self, name: str, world: int = 0) -> Divergence:
        """Where one world of a scenario parts from the same world of the base, and what followed in the one
        and in the other. Raises ScenarioError, ValueError.
        """
        return diverge(self.base.world(world), self[name].world(world))

    @property
    def plot(self) -> ComparisonFigures:
        """The figures of this comparison; called, it draws the bands of the base and the first other
        scenario.
        """
        from sim.results.figures import ComparisonFigures

        return ComparisonFigures(self)

    def save(self, path: str | Path) -> Path:
        """Write the comparison to one netCDF file, each ensemble as Ensemble.save has it; `sim.load` reads
        it.
        """
        parts = {f"/{number:03d}": e.kept() for number, e in enumerate(self.ensembles)}
        return write(xr.DataTree.from_dict(parts), path, "comparison")

    def report(self, folder: str | Path, *, command: str = "") -> list[Path]:
        """Write figures, table, a one-page report, the scenarios and a manifest into a folder; the files
        written.
        """
        from sim.results.report import write_report

        return write_report(self, Path(folder), command=command)


def from_tree(tree: xr.DataTree) -> Comparison:
    """A comparison out of a tree as `Comparison.save` writes it; KeyError or ValueError if it is none."""
    return Comparison(tuple(from_data(tree[name].to_dataset()) for name in sorted(tree.children)))
