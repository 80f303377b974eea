"""Worth: what every decision was worth - the chances after each of its courses, which was the best and how
sure that is, and what the course that was taken lost.

Each course of a decision is a scenario of its own, played in the same worlds: the same luck, the same
parameters, and the same history up to the moment at which the decision comes. So the worlds are pairs, and
all that a course changes comes after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sim import clock, playing
from sim.analysis.breakeven import BreakEven, Doubt, break_even
from sim.analysis.cards import Card
from sim.analysis.choosing import chances_best, pick
from sim.analysis.doubts import Openings, openings
from sim.analysis.judging import Judge
from sim.counterfactual import measures
from sim.counterfactual.changes import Cancel, Change, Leave, Shift
from sim.counterfactual.scenario import Scenario, from_toml
from sim.counterfactual.scenario import scenario as find_scenario
from sim.errors import ScenarioError, StoreError, known, whole
from sim.parameters import asked, given
from sim.results import estimate
from sim.results.estimate import Estimate
from sim.results.outcomes import versions
from sim.results.saved import write
from sim.store import digests
from sim.wording import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.float64]
WORLDS = 500
OUTCOME = "palace_taken"
COLUMNS = [
    *("decision", "side", "hour", "reached", "taken", "chance", "before"),
    *("worth", "worth_low", "worth_high", "best", "taken_best", "loss", "loss_low", "loss_high", "swing"),
]


@dataclass(frozen=True)
class Course:
    """One of the courses of a decision, and whether it is the one that was taken."""

    decision: str
    choice: str
    label: str
    side: int
    taken: bool


@dataclass(frozen=True, eq=False)
class Worth:
    """What every decision of a scenario was worth. `data` is an xarray Dataset: `value` (measure, course,
    world), what came of each course in each world; `doubt` (doubt, world), what was drawn at its opening;
    `taken_at` (decision, world), when the decision was taken, in minutes, infinite where it was not.
    """

    data: xr.Dataset
    judge: Judge

    def judged(self, outcome: str, good_for: str | None = None) -> Worth:
        """The same histories judged by another measure, "government_holds", "walkout", "killed" ..., and by
        whom it is good for ("government", "soviet", "both" or "neither"), where that is not plain. Raises
        ScenarioError, ValueError.
        """
        return replace(self, judge=Judge.of(outcome, good_for))

    @property
    def worlds(self) -> int:
        """How many histories there are of each course."""
        return int(self.data.sizes["world"])

    @property
    def decisions(self) -> list[str]:
        """The decisions, in the order of the table."""
        return [str(name) for name in self.data["decision"].values]

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario whose decisions they are."""
        return from_toml(self.data.attrs["scenario_toml"])

    @cached_property
    def sets(self) -> NDArray[np.int64] | None:
        """Which set of the sample each world has (worlds,); None if all have one."""
        return estimate.sets_of(self.data)

    def values(self, decision: str) -> Values:
        """What came of every course, that which was taken first, as the side that decides sees it: (courses,
        worlds). Raises ScenarioError for an unknown decision.
        """
        return self.judge.seen_by(self._values[self._rows(decision)], self.side(decision))

    def good(self, decision: str) -> Values:
        """The same, so turned that more is better for the side that decides: (courses, worlds)."""
        return self.judge.good(self._values[self._rows(decision)], self.side(decision))

    @cached_property
    def _values(self) -> Values:
        return self.data["value"].sel(measure=self.judge.measure.name).values.astype(float)

    @cached_property
    def _rows_of(self) -> dict[str, NDArray[np.intp]]:
        of, taken = self.data["decision_of"].values, self.data["taken"].values
        rows = {name: np.flatnonzero(of == name) for name in self.decisions}
        return {name: found[np.argsort(~taken[found], kind="stable")] for name, found in rows.items()}

    def _rows(self, decision: str) -> NDArray[np.intp]:
        known("decision", decision, self.decisions, "decisions")
        return self._rows_of[decision]

    def side(self, decision: str) -> int:
        """Whose decision it is: -1 the government's, 1 the Soviet's, 0 that of neither."""
        return int(self.data["side_of"].values[self._rows(decision)[0]])

    def courses(self, decision: str) -> pd.DataFrame:
        """The courses of a decision, that which was taken first: label, how it ends after each as the side
        that decides sees it (value, low, high), how much better or worse that is than what was taken
        (difference and its paired interval), how many pairs differ, and how often it comes out best. Raises
        ScenarioError.
        """
        rows, values, good = self._rows(decision), self.values(decision), self.good(decision)
        best = chances_best(good, self.sets)
        told = []
        for k, row in enumerate(rows):
            found, moved = self._estimate(values[k]), self._change(good[0], good[k])
            difference = (moved.value, moved.low, moved.high) if k else (0.0, 0.0, 0.0)
            label = str(self.data["label"].values[row])
            part = int((good[k] != good[0]).sum())
            told.append(
                (label, k == 0, found.value, found.low, found.high, *difference, part, float(best[k]))
            )
        names = ("label", "taken", "value", "low", "high", "difference", "difference_low", "difference_high")
        index = pd.Index(self.data["course"].values[rows], name="course")
        return pd.DataFrame(told, columns=[*names, "pairs", "best"], index=index)

    def _estimate(self, values: Values) -> Estimate:
        if self.judge.yes_or_no(values):
            return estimate.chance(values, sets=self.sets)
        return estimate.mean(values, self.judge.measure.unit, self.sets)

    def _change(self, base: Values, other: Values) -> Estimate:
        if self.judge.yes_or_no(base) and self.judge.yes_or_no(other):
            return estimate.change_of_chance(base, other, self.sets)
        return estimate.change_of_mean(base, other, self.judge.measure.unit, self.sets)

    def loss(self, decision: str) -> Estimate:
        """How much better the best course is than what was taken: each half of the pairs picks it, the other
        measures it. Raises ScenarioError.
        """
        good = self.good(decision)
        return self._change(good[0], pick(good).values)

    def swing(self, decision: str) -> float:
        """How much lay between the best and the worst course, each picked by one half of the pairs and
        measured in the other. Raises ScenarioError.
        """
        good = self.good(decision)
        return float((pick(good).values - pick(good, worst=True).values).mean())

    def worth(self, decision: str) -> Estimate:
        """How much better what was taken is than the mean of all courses of the decision: what it was worth
        against not knowing how it would be decided. Raises ScenarioError.
        """
        good = self.good(decision)
        return estimate.change_of_mean(good.mean(axis=0), good[0], self.judge.measure.unit, self.sets)

    def break_even(self, decision: str) -> tuple[str, BreakEven] | None:
        """The course whose gain over what was taken changes its sign in something drawn at the opening, and
        where; None if there is no such thing. Raises ScenarioError.
        """
        good, labels = self.good(decision), self.data["label"].values[self._rows(decision)]
        doubts = [Doubt(**cells) for cells in json.loads(self.data.attrs["doubts"])]
        drawn, tests = self.data["doubt"].values, len(doubts) * (len(good) - 1)
        found: tuple[str, BreakEven] | None = None
        for label, values in zip(labels[1:], good[1:], strict=True):
            one = break_even(values - good[0], doubts, drawn, self.sets, tests=tests)
            if one and (found is None or one.level < found[1].level):
                found = str(label), one
        return found

    def reached(self, decision: str) -> float:
        """The share of histories in which the decision is taken as it was."""
        return float(np.isfinite(self.data["taken_at"].sel(decision=decision).values).mean())

    def hour(self, decision: str) -> datetime:
        """When the decision comes: the median hour at which it is taken; its documented one if it never
        is.
        """
        minutes = self.data["taken_at"].sel(decision=decision).values
        start = datetime.fromisoformat(self.data.attrs["start"])
        if np.isfinite(minutes).any():
            middle = np.quantile(minutes[np.isfinite(minutes)], 0.5, method="lower")
            return clock.moment(float(middle), start)
        return self.scenario.record.decisions[decision][0].at

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a decision, the costliest first: whose it is, its hour, in which share of histories it comes
        to it, the course taken and what came of it, what it was before the choice (the mean of its courses),
        what it was worth against that, the best course, how often the one taken comes out best, what it lost
        against the best, and how much lay between best and worst.
        """
        rows = [self._row(decision) for decision in self.decisions]
        table = pd.DataFrame(rows, columns=COLUMNS)
        return table.sort_values("loss", ascending=False, kind="stable").reset_index(drop=True)

    def _row(self, decision: str) -> tuple[Any, ...]:
        values, courses = self.values(decision), self.courses(decision)
        worth, loss = self.worth(decision), self.loss(decision)
        best = courses["label"].iloc[int(np.argmax(np.round(self.good(decision).mean(axis=1), 12)))]
        told = (decision, self.side(decision), self.hour(decision), self.reached(decision))
        chances = (courses["label"].iloc[0], float(values[0].mean()), float(values.mean()))
        worths = (worth.value, worth.low, worth.high, best, float(courses["best"].iloc[0]))
        return (*told, *chances, *worths, loss.value, loss.low, loss.high, self.swing(decision))

    def card(self, decision: str) -> Card:
        """All that is to be told of one decision, on a card: print it. Raises ScenarioError."""
        courses, a = self.courses(decision), self.data.attrs
        picks = [str(courses["label"].iloc[k]) for k in pick(self.good(decision)).by]
        return Card(
            decision=decision,
            side=self.side(decision),
            hour=self.hour(decision),
            judged=self.judge.words(self.side(decision)),
            unit=self.judge.measure.unit,
            reached=self.reached(decision),
            worlds=self.worlds,
            courses=courses,
            before=float(self.values(decision).mean()),
            worth=self.worth(decision),
            loss=self.loss(decision),
            picks=(picks[0], picks[1]),
            swing=self.swing(decision),
            turn=self.break_even(decision),
            source=f"{a['scenario']}, {self.worlds:,} pairs, seed {a['seed']}, version {a['version']}",
        )

    def __str__(self) -> str:
        table, unit = self.table, self.judge.measure.unit
        sure = table[table["loss_low"] > 0]
        courses = int(self.data.sizes["course"])
        lines = [
            f"{self.data.attrs['scenario']}: {len(table)} decisions with {courses} courses, {self.worlds:,} "
            f"histories of each on the same luck (seed {self.data.attrs['seed']}). Judged, for either side "
            f"as it wants it, by: {self.judge.words(1)}, or {self.judge.words(-1)}.",
            f"For {len(sure)} of them another course can be told to have been better:"
            if len(sure)
            else "For none of them another course can be told to have been better.",
        ]
        row: Any
        for row in sure.head(10).itertuples(index=False):
            by = in_words(float(row.loss), unit, signed=True)
            ends = (
                f"{in_words(row.loss_low, unit, signed=True)} to {in_words(row.loss_high, unit, signed=True)}"
            )
            lines.append(f"  {clock.label(row.hour)}  {row.taken}: {row.best} ({by}, {ends})")
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def plot(self) -> WorthFigures:
        """The figures: called, the decisions ranked by what was lost; `.card(decision)` one of them."""
        return WorthFigures(self)

    def report(self, folder: str | Path, *, cards: int = 5) -> list[Path]:
        """Write the table of decisions, that of their courses, a page of all cards, the ladders and as many
        cards as figures (the costliest decisions first), and the histories; the files written. Raises
        StoreError.
        """
        from sim.plots.style import unseen

        place, ranked = Path(folder), [str(name) for name in self.table["decision"]]
        try:
            place.mkdir(parents=True, exist_ok=True)
            self.table.to_csv(place / "decisions.csv", index=False)
            pd.concat([self.courses(name) for name in ranked]).to_csv(place / "courses.csv")
            page = [str(self), *(str(self.card(name)) for name in ranked)]
            (place / "cards.txt").write_text("\n\n".join(page) + "\n", encoding="utf-8")
            drawn = {f"card-{name}": partial(self.plot.card, name) for name in ranked[:cards]}
            drawn |= {by: partial(self.plot, by) for by in ("loss", "worth")}
            for name, draw in drawn.items():
                with unseen():
                    figure: Any = draw().figure
                for suffix in ("svg", "png"):
                    figure.savefig(place / f"{name}.{suffix}", dpi=150)
        except OSError as error:
            raise StoreError(f"{place}: cannot write there ({error.strerror or error})") from None
        pictures = [place / f"{name}.png" for name in drawn]
        tables = [place / name for name in ("decisions.csv", "courses.csv", "cards.txt")]
        return [*tables, *pictures, self.save(place / "worth.nc")]

    def save(self, path: str | Path) -> Path:
        """Write it to a netCDF file, with scenario, seed and versions inside; `sim.load` reads it."""
        told = {"outcome": self.judge.measure.name, "good_for": self.judge.good_for}
        return write(self.data.copy().assign_attrs(told), path, "worth")


@dataclass(frozen=True)
class WorthFigures:
    """The figures of what decisions were worth: each takes ax= and returns the Axes; called, it draws the
    decisions ranked by what was lost against the best course.
    """

    of: Worth

    def __call__(self, by: str = "loss", *, most: int = 20, ax: Axes | None = None) -> Axes:
        """The decisions ranked: by "loss", what the best course would have gained, or by "worth", what the
        one taken was worth against the mean of its courses; so many of them at most.
        """
        from sim.plots import losses

        a, judge = self.of.data.attrs, self.of.judge
        source = (
            f"{a['scenario']}, {self.of.worlds:,} pairs a course, seed {a['seed']}; version {a['version']}"
        )
        judged = f"{judge.words(1)} (the Soviet's decisions), {judge.words(-1)} (all others)"
        return losses(
            self.of.table, by=by, unit=judge.measure.unit, judged=judged, about=source, most=most, ax=ax
        )

    def card(self, decision: str, *, ax: Axes | None = None) -> Axes:
        """One decision: the chance after each of its courses, with intervals, and before the choice. Raises
        ScenarioError.
        """
        from sim.plots import card

        return card(self.of.card(decision), ax=ax)


def from_data(data: xr.Dataset) -> Worth:
    """Out of a dataset as `Worth.save` writes it; KeyError or ValueError if it is none."""
    data["taken"] = data["taken"].astype(bool)
    return Worth(data, Judge.of(data.attrs.pop("outcome"), data.attrs.pop("good_for")))


def worth(
    scenario: str | Path | Scenario = "historical",
    decisions: str | Iterable[str] | None = None,
    *,
    outcome: str = OUTCOME,
    good_for: str | None = None,
    worlds: int = WORLDS,
    seed: int = playing.SEED,
    workers: int | Executor | None = None,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    out: str | Path | None = None,
    progress: bool | None = None,
) -> Worth:
    """What decisions of a scenario (all, if none are named) were worth: every course of each is played in the
    same worlds.

    `outcome` is the measure they are judged by (petrograd list measures), `good_for` whose good it is, where
    that is not plain; `Worth.judged` judges the same histories by another. What the scenario cancels, shifts
    or leaves to the headquarters is left out. The other options and errors are those of `sim.compare`; with
    `out`, what is finished is kept, and the same call goes on from there.
    """
    played, judge = find_scenario(scenario), Judge.of(outcome, good_for)
    courses = courses_of(played, [decisions] if isinstance(decisions, str) else decisions)
    scenarios = [played, *(_otherwise(played, course) for course in courses if not course.taken)]
    count, number = whole("worlds", worlds, least=1), whole("seed", seed)
    base, over = asked(parameters)
    values = given(over, count)
    read = playing.read_each(
        scenarios,
        _all_measures,
        worlds=count,
        seed=number,
        workers=workers,
        parameters=parameters,
        out=out,
        progress=progress,
    )
    drawn = openings(played, number, count, base, values)
    return Worth(_dataset(played, courses, read, drawn, number, base), judge)


def courses_of(scenario: Scenario, wanted: Iterable[str] | None = None) -> list[Course]:
    """The courses of all decisions of a scenario, or of some, that which it takes first. Raises ScenarioError
    for an unknown decision, and for one that cannot be taken otherwise.
    """
    made = {choice.id: choice for choice in scenario.chosen(scenario.record)}
    otherwise: dict[str, Change] = {c.what: c for c in scenario.changes if isinstance(c, (Cancel, Shift))}
    otherwise |= {d: c for c in scenario.changes if isinstance(c, Leave) for d in c.decisions}
    table = scenario.record.decisions
    named = None if wanted is None else list(wanted)
    for name in named or ():
        known("decision", name, table, "decisions")
        if name in otherwise:
            raise ScenarioError(f"worth {name}: it cannot be taken otherwise here ({otherwise[name]})")
    courses = []
    for decision in table if named is None else dict.fromkeys(named):
        if decision in otherwise or len(table[decision]) < 2:
            continue
        taken = made[decision].choice
        rows = sorted(table[decision], key=lambda row: row.choice != taken)
        courses += [Course(decision, r.choice, r.label, r.side, r.choice == taken) for r in rows]
    return courses


def _otherwise(scenario: Scenario, course: Course) -> Scenario:
    """The scenario with one decision taken otherwise."""
    chosen: Any = {course.decision: course.choice}
    return scenario.but(f"{course.decision} {course.choice}", **chosen)


def _all_measures(outcomes: xr.Dataset) -> Values:
    """Every measure of the table: (measures, worlds)."""
    return np.stack([measure(outcomes) for measure in measures.MEASURES.values()])


def _dataset(
    scenario: Scenario, courses: list[Course], read: list[Values], drawn: Openings, seed: int, base: str
) -> xr.Dataset:
    """All of it as one dataset; what was taken is the scenario itself, for every decision."""
    others = iter(read[1:])
    value = np.stack([read[0] if course.taken else next(others) for course in courses], axis=1)
    decisions = list(dict.fromkeys(course.decision for course in courses))
    return xr.Dataset(
        {
            "value": (("measure", "course", "world"), value.astype(np.float32)),
            "doubt": (("number", "world"), drawn.drawn),
            "taken_at": (("decision", "world"), np.stack([drawn.taken_at[d] for d in decisions])),
        },
        coords={
            "measure": list(measures.MEASURES),
            "course": [f"{course.decision}:{course.choice}" for course in courses],
            "world": np.arange(value.shape[2]),
            "decision": decisions,
            "decision_of": ("course", [course.decision for course in courses]),
            "label": ("course", [course.label for course in courses]),
            "side_of": ("course", [course.side for course in courses]),
            "taken": ("course", [course.taken for course in courses]),
        },
        attrs={
            "scenario": scenario.name,
            "scenario_toml": scenario.toml(),
            "start": scenario.start.isoformat(),
            "seed": seed,
            "parameters": base,
            "doubts": json.dumps([vars(doubt) for doubt in drawn.doubts]),
            "digests": json.dumps(digests()),
            "version": versions()["petrograd"],
        },
    )
