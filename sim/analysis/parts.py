"""Parts: what happened as a prior, decisions and luck, in one history; the three add up.

The chance that something comes, worked out with the decisions of the scenario foreseen, moves by luck alone:
it is a martingale, and what came less the share of all histories is luck whose mean is nought. So what a
decision is worth must be taken out of the prior before it can be put back at its moment. At the moment at
which the courses of a decision part, each is played on with the same futures, and the decision is worth

    D = chance after the course that was taken - mean of the chances after all courses, itself among them.

Over all histories that is `expected` on average, and what it is at its moment less that average is luck.
With

    prior = share of all histories - sum of `expected`      (every decision at the mean of its courses)
    luck  = what came - prior - sum of D,

prior, decisions and luck add up to what came, and the mean of luck is nought. To add up decisions one at a
time is a first order: how far one is worth more where another was taken otherwise is in none of them, and a
prior may for that lie beyond 0 and 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import clock, playing
from sim.charting import endings_of
from sim.counterfactual import measures
from sim.counterfactual.changes import Cancel, Leave, Shift
from sim.counterfactual.recipe import Recipe
from sim.counterfactual.scenario import Scenario, from_toml
from sim.errors import ScenarioError, known
from sim.extend import After
from sim.plan.layout import Stage, layout
from sim.results import estimate
from sim.results.chances import Chances
from sim.results.estimate import Estimate
from sim.wording import in_words, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALIKE = ("men", "place", "to", "duty", "stance", "loyalty", "moved")  # of units, until a decision
COLUMNS = ["decision", "course", "at", "worth", "low", "high", "expected"]
NAMED = 8  # decisions with a bar of their own


@dataclass(frozen=True, eq=False)
class Parts:
    """What happened in one history in its parts, as shares from one perspective. `decisions` has a row for
    each whose moment came: decision, course, at, worth with its interval (low, high), and what is expected of
    it over all histories; `opening` is the part of luck that the opening had.
    """

    chances: Chances
    decisions: pd.DataFrame
    decided: Estimate  # the sum of what they are worth
    expected: float  # the sum over all histories, of those too whose moment did not come here

    @property
    def prior(self) -> float:
        """The chance before anybody had decided: every decision at the mean of its courses."""
        return self.chances.prior.value - self.expected

    @property
    def opening(self) -> float:
        """What the opening brought: minds, strengths and parameters as they are in this history."""
        return float(self.chances.own["chance"].iloc[0]) - self.chances.prior.value

    @property
    def luck(self) -> float:
        """All luck, that of the opening in it."""
        return self.chances.result - self.prior - self.decided.value

    @cached_property
    def steps(self) -> pd.DataFrame:
        """From the prior to what came, in the order of time: what, part, low, high. Parts add up."""
        weighty = self.decisions["worth"].abs().nlargest(NAMED).index
        named = self.decisions.loc[weighty].sort_values("at", kind="stable")
        others = self.decisions.drop(index=weighty)
        rows: list[tuple[str, float, float, float]] = [("the opening", self.opening, np.nan, np.nan)]
        for at, course, *worth in named[["at", "course", "worth", "low", "high"]].to_numpy():
            value, low, high = map(float, worth)
            rows.append((f"{clock.label(at)} {course}", value, low, high))
        if len(others):
            rows.append((f"{len(others)} other decisions", float(others["worth"].sum()), np.nan, np.nan))
        rows.append(("luck from the opening on", self.luck - self.opening, np.nan, np.nan))
        return pd.DataFrame(rows, columns=["what", "part", "low", "high"])

    def __str__(self) -> str:
        d = self.decided
        told = (d.value, self.luck, self.opening, d.low, d.high)
        said = [in_words(x, "points", signed=True) for x in told]
        a = self.chances.data.attrs
        lines = [
            f"{a['scenario']}, seed {a['seed']}, world {a['world_number']}, {self.chances.of}: "
            f"{percent(self.chances.result)} came of {in_words(self.prior, 'points', digits=0)} before "
            f"anybody had decided, {said[0]} by decisions ({said[3]} to {said[4]}) and {said[1]} by luck, "
            f"{said[2]} of it by the opening."
        ]
        for what, part in self.steps[["what", "part"]].to_numpy():
            lines.append(f"  {in_words(float(part), 'points', signed=True):>12}  {what}")
        return "\n".join(lines)

    __repr__ = __str__

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """The waterfall from the prior to what came."""
        from sim.plots import waterfall

        it = self.chances
        return waterfall(self.steps, self.prior, it.result, what=it.plot.what, about=it.plot.about, ax=ax)


def parts(
    chances: Chances,
    decisions: Iterable[str] | None = None,
    *,
    futures: int = 100,
    worlds: int = 100,
    expected: Mapping[str, float] | None = None,
    workers: int | Executor | None = None,
    out: str | Path | None = None,
    progress: bool | None = None,
) -> Parts:
    """What happened in the history of some chances as prior, decisions and luck.

    `decisions` are those that are counted, all if none are named; the others are taken as given. `futures`
    are played after each course, `worlds` are the histories over which it is `expected` what decisions are
    worth, unless that is known already (decision -> course taken less the mean of its courses). The other
    options are those of `sim.ensemble`. Raises ScenarioError for an unknown decision, and ValueError for a
    history that took turns or was played with rules of one's own.
    """
    a = chances.data.attrs
    if json.loads(a["turns"]) or json.loads(a["after"]):
        raise ValueError("parts: wanted the history of a scenario, got one that took turns or has own rules")
    scenario = from_toml(a["scenario_toml"], a["scenario"])
    courses = courses_of(scenario, decisions)
    options: Any = {"workers": workers, "out": out, "progress": progress}
    if expected is None:
        expected = expectations(chances, scenario, courses, worlds, **options)
    values = tuple(json.loads(a["settings"]).items())
    here = Recipe(scenario, int(a["seed"]), int(a["world_number"]), chances.start, values, a["pulse_minutes"])
    moments = {name: moment_of(here, name, others) for name, others in courses.items()}
    came = {name: at for name, at in moments.items() if at is not None}
    played = [replace(here, scenario=s, at=at) for n, at in came.items() for s in (scenario, *courses[n])]
    found = playing.rows_of_futures(played, futures, workers, out, progress, After()) if played else []
    ends = iter([chances.comes(endings_of(rows)) for rows in found])
    labels = {c.id: c.label for c in scenario.chosen(scenario.record)}
    rows, total = [], np.zeros(futures)
    for name, at in came.items():
        each = np.stack([next(ends) for _ in range(1 + len(courses[name]))])
        paired = each[0] - each.mean(axis=0)
        one = estimate.mean(paired, "points")
        total += paired
        rows.append((name, labels[name], at, one.value, one.low, one.high, expected.get(name, 0.0)))
    table = pd.DataFrame(rows, columns=COLUMNS)
    whole_of_it = float(sum(expected.get(name, 0.0) for name in courses))
    return Parts(chances, table, replace(estimate.mean(total, "points"), change=True), whole_of_it)


def courses_of(scenario: Scenario, decisions: Iterable[str] | None = None) -> dict[str, list[Scenario]]:
    """The other courses of decisions, each as a scenario; decisions that a scenario cancels, moves or leaves
    to the headquarters are none, and courses that contradict it are left out.
    """
    record = scenario.record
    wanted = list(record.decisions) if decisions is None else list(decisions)
    for name in wanted:
        known("decision", name, record.decisions)
    moved = {m.what for m in scenario.changes if isinstance(m, (Cancel, Shift))}
    moved |= {d for m in scenario.changes if isinstance(m, Leave) for d in m.decisions}
    taken = {c.id: c.choice for c in scenario.chosen(record)}
    found: dict[str, list[Scenario]] = {}
    for name in wanted:
        others = []
        for course in record.decisions[name]:
            if course.choice == taken[name] or name in moved:
                continue
            try:
                others.append(
                    scenario.but(f"{name} {course.choice}", **dict[str, Any]({name: course.choice}))
                )
            except ScenarioError:
                continue  # it speaks of what the scenario has taken away
        if others:
            found[name] = others
    return found


def expectations(
    chances: Chances, scenario: Scenario, courses: Mapping[str, list[Scenario]], worlds: int, **options: Any
) -> dict[str, float]:
    """What every decision is worth on average: the course taken less the mean of its courses, in the same
    worlds.
    """
    others = [other for each in courses.values() for other in each]
    a = chances.data.attrs
    many = playing.compare(
        scenario,
        *others,
        worlds=worlds,
        seed=int(a["seed"]),
        tracks=False,
        parameters=a["parameters"],
        **options,
    )
    base = chances.comes(measures.endings(many.base.data)).mean()
    means = iter([float(chances.comes(measures.endings(one.data)).mean()) for one in many.others])
    found = {}
    for name, each in courses.items():
        after = [base, *(next(means) for _ in each)]
        found[name] = float(base - np.mean(after))
    return found


def moment_of(here: Recipe, decision: str, others: Iterable[Scenario]) -> datetime | None:
    """The minute after the pulse in which a decision is taken, or its courses part, whichever comes first, in
    the history as it has its luck; None if neither ever does.

    From that minute on the futures of all courses are played: each has then made itself felt, and nobody
    knows more than the history itself does.
    """
    first = None
    for other in others:
        minute = _parting(here, other, decision, first)
        first = minute if minute is not None else first
    return None if first is None else clock.moment(first, here.scenario.start)


def _parting(here: Recipe, other: Scenario, decision: str, before: float | None) -> float | None:
    """The first minute at which a history and its other course are not alike, or the decision is taken in
    one of them; None if that does not come before a minute already found, or the end.
    """
    stages = [_opened(replace(here, scenario=scenario)) for scenario in (here.scenario, other)]
    end = float(stages[0].worlds[0]["clock"]["horizon"]) if before is None else before
    minute = 0.0
    while minute + here.pulse < end:
        for stage in stages:
            stage.play(minute)
        minute += here.pulse
        if any(_taken(stage, decision) for stage in stages) or not _alike(*stages):
            return minute
    return None


def _opened(recipe: Recipe) -> Stage:
    stage = Stage(layout(recipe.scenario, recipe.pulse))
    stage.open(recipe.seed, recipe.world, dict(recipe.parameters))
    return stage


def _taken(stage: Stage, decision: str) -> bool:
    row = stage.worlds[0]["decisions"][stage.layout.plan.decisions.index[decision]]
    return bool(np.isfinite(row["fired_at"]))


def _alike(one: Stage, other: Stage) -> bool:
    """Whether all units stand alike, and all places are in the same hands."""
    count, places = len(one.layout.cast.units.ids), len(one.layout.cast.places.ids)
    tables: list[list[NDArray[Any]]] = [
        [stage.worlds["units"][0, :count], stage.worlds["places"][0, :places]] for stage in (one, other)
    ]
    units = all(np.array_equal(tables[0][0][name], tables[1][0][name]) for name in ALIKE)
    return units and np.array_equal(tables[0][1]["holder"], tables[1][1]["holder"])
