"""An ensemble, frozen: what came of many histories of one scenario, with intervals; any world of it can be
had in full.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim import clock, parameters
from sim.counterfactual import measures
from sim.counterfactual.recipe import Recipe
from sim.errors import known, whole
from sim.extend import After
from sim.names import capital
from sim.results import estimate
from sim.results.estimate import Estimate
from sim.results.outcomes import ENDINGS_APART, ended, names_of, table
from sim.results.run import Run, of_recipe, record
from sim.results.saved import ResultError, write
from sim.store import changed_since, digests
from sim.wording import in_words, percent, percents

if TYPE_CHECKING:
    from sim.counterfactual.scenario import Scenario
    from sim.plan.layout import Layout
    from sim.results.figures import EnsembleFigures
    from sim.results.links import Link
    from sim.results.rows import Rows


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Many histories of a scenario under one seed. `data` is an xarray Dataset (world, place, side, and time
    with tracks).

    In `data` minutes count from the scenario's start, infinity is never; `given` are the parameters that
    somebody has set (worlds,). Of the rest every world has its own set ("plausible" in `data`'s attribute
    "parameters") or all have the calibrated one.
    """

    data: xr.Dataset
    given: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    after: After = field(default_factory=After)
    fork: Recipe | None = None

    @classmethod
    def of(
        cls,
        rows: Rows,
        layout: Layout,
        seed: int,
        base: str,
        given: dict[str, NDArray[np.float64]],
        after: After,
    ) -> Ensemble:
        """An ensemble of the worlds in some rows, which began with their own sets, "plausible", or with one,
        "calibrated".
        """
        told = {"parameters": base, "after": json.dumps(after.digests()), "digests": json.dumps(digests())}
        if after:
            asked = layout.scenario.question
            own = f"What if there had been the rule {after.names}?"
            told["question"] = asked if asked.startswith("What if") else own
            told["scenario"] = f"{layout.scenario.name} with {after}"
        return cls(rows.dataset(layout, seed).assign_attrs(told), given, after)

    @classmethod
    def of_fork(cls, rows: Rows, layout: Layout, fork: Recipe, after: After) -> Ensemble:
        """An ensemble of the futures of a fork: the k-th is `fork.go_on(luck=k + 1)`."""
        told = {
            "scenario": fork.told.name,
            "question": fork.told.question,
            "scenario_toml": fork.told.toml(),
            "parameters": parameters.CALIBRATED,
            "after": json.dumps(after.digests()),
            "digests": json.dumps(digests()),
            "fork": fork.toml(),
            "forked_at": fork.at.isoformat(),
            "world_number": fork.world,
        }
        data = rows.dataset(layout, fork.seed).assign_attrs(told)
        values = {name: np.full(len(rows.rows), value) for name, value in fork.parameters}
        return cls(data, values, after, fork)

    @property
    def values(self) -> dict[str, NDArray[np.float64]]:
        """The parameters (worlds,) that are not the calibrated ones or the scenario's: those of the worlds'
        sets, and those given over them.
        """
        if self.data.attrs["parameters"] != parameters.PLAUSIBLE:
            return self.given
        drawn = parameters.plausible(self.data["world"].values)
        return {name: v for name, v in drawn.items() if name not in self.scenario.settings} | self.given

    @property
    def sets(self) -> NDArray[np.int64] | None:
        """Which set of the sample each world has (worlds,); None if all have one, or none of it is left."""
        told = {*self.given, *self.scenario.settings}
        everything = told.issuperset(parameters.plausible_rows().columns)
        return None if everything else estimate.sets_of(self.data)

    @property
    def worlds(self) -> int:
        """How many histories there are."""
        return int(self.data.sizes["world"])

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self.data.attrs["scenario"])

    @property
    def recipe(self) -> str:
        """What was played, as the text of a TOML file: a scenario, or a fork, which `sim.load` reads."""
        return self.fork.toml(digests()) if self.fork else self.scenario.toml()

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario, as it was when the worlds were simulated."""
        from sim.counterfactual.scenario import from_toml

        return from_toml(self.data.attrs["scenario_toml"], self.name)

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """A row a world: ending, palace_falls, killed_soviet, killed_government, congress, and more; hours as
        dates, NaT for never.
        """
        return table(self.data)

    def measure(self, name: str) -> NDArray[np.float64]:
        """A measure in every world (worlds,): 1 or 0, hours from the start (cut off at the horizon), or a
        count. Raises ScenarioError.
        """
        known("measure", name, measures.names(self.data["place"].values), "measures")
        return measures.measure(name)(self.data)

    def hours(self, name: str) -> NDArray[np.float64]:
        """The hour from the start at which something happens in every world (worlds,), infinite where it
        never does. Raises ScenarioError for an unknown measure, ValueError for one without an hour.
        """
        known("measure", name, measures.names(self.data["place"].values), "measures")
        wanted = measures.measure(name)
        if wanted.unit != "h":
            raise ValueError(f"hours: wanted a measure in hours, got '{name}', which is in {wanted.unit}")
        return wanted.hours(self.data)

    def chance(self, name: str) -> Estimate:
        """The chance of something, with its 95 % interval, worlds of one set together, and the 90 % range of
        the chance between sets: "government_holds", "walkout" ... (petrograd list measures).
        """
        values = self.measure(name)
        unit = measures.measure(name).unit
        if unit != "points" or not np.isin(values, (0, 1)).all():
            raise ValueError(
                f"chance: wanted a measure that happens or does not, got '{name}', which is in "
                f"{'shares' if unit == 'points' else unit}; mean('{name}') has it"
            )
        return estimate.chance(values, sets=self.sets)

    def mean(self, name: str) -> Estimate:
        """The mean of any measure, with its 95 % interval; hours are restricted at the horizon: what never
        happens counts as the end, so that it is no hour of the clock.
        """
        values, unit = self.measure(name), measures.measure(name).unit
        return (
            estimate.chance(values, sets=self.sets)
            if unit == "points" and np.isin(values, (0, 1)).all()
            else estimate.mean(values, unit, self.sets)
        )

    def world(self, number: int) -> Run:
        """That history alone, in full detail, to the same bits; warns if tables or rules have changed since,
        for then it is another. Raises ResultError for one that was played with rules of one's own and then
        saved.
        """
        row, after = whole("world", number), json.loads(self.data.attrs["after"])
        if row >= self.worlds:
            raise ValueError(f"world: wanted a whole number from 0 to {self.worlds - 1}, got {number}")
        if after != self.after.digests():
            raise ResultError(
                f"world: these histories were played with rules of one's own ({', '.join(after)}), which no "
                "file keeps; wanted the ensemble as sim.ensemble(..., after=...) gives it"
            )
        if other := changed_since(self.data.attrs):
            warnings.warn(
                f"{self.name}, world {row}: {other}; this is not the history that it counted", stacklevel=2
            )
        if self.fork is not None:
            return of_recipe(self.fork, row + 1, self.after)
        values = {name: float(v[row]) for name, v in self.values.items()}
        a, which = self.data.attrs, int(self.data["world"].values[row])
        settings = self.scenario.settings | values
        return record(
            self.scenario, int(a["seed"]), which, float(a["pulse_minutes"]), settings, after=self.after
        )

    @property
    def again(self) -> bool:
        """Whether its histories can be played again as they were: rules and tables are the same."""
        own = json.loads(self.data.attrs["after"]) == self.after.digests()
        return own and not changed_since(self.data.attrs)

    @cached_property
    def links(self) -> dict[str, Link]:
        """What happens in the journals of its first hundred worlds, which are played again for it, by token:
        in which of them, and when first.
        """
        from sim.results.links import links_of

        return links_of(self)

    def __str__(self) -> str:
        count = 0 if self.sets is None else len(np.unique(self.sets))
        drawn = f", {count} sets of parameters" if count > 1 else ""
        of = f" of world {self.fork.world}, from {clock.label(self.fork.at)} on" if self.fork else ""
        what = "futures" if self.fork else "histories"
        lines = [f"{self.name}: {self.worlds:,} {what}{of}, seed {self.data.attrs['seed']}{drawn}.", ""]
        codes, names = measures.endings(self.data), names_of(self.data.attrs["scenario_toml"])
        endings = np.bincount(codes, minlength=len(ENDINGS_APART))
        told = percents([float(count) / self.worlds for count in endings])
        for code in np.argsort(-endings, kind="stable"):
            if endings[code]:
                found = estimate.chance((codes == code).astype(float), sets=self.sets)
                sure = f"({percent(found.low)} to {percent(found.high)}{found.said_between})"
                lines.append(f"  {told[code]:>6} {sure}  {ended(int(code), names, ENDINGS_APART)}")
        return "\n".join([*lines, "", self._hours(), self._deaths()])

    __repr__ = __str__

    def _hours(self) -> str:
        falls = np.sort(self.data["palace_falls"].values)
        start = datetime.fromisoformat(self.data.attrs["start"])
        at = [falls[min(int(q * len(falls)), len(falls) - 1)] for q in (0.1, 0.5, 0.9)]
        said = [clock.label(clock.moment(x, start)) if np.isfinite(x) else "never" for x in at]
        house = capital(names_of(self.data.attrs["scenario_toml"]).house)
        if not np.isfinite(falls).any():
            return f"{house} falls in no history."
        often = f"{house} falls in {percent(float(np.isfinite(falls).mean()))} of histories"
        if not np.isfinite(at[1]):
            return f"{often}, and not in the median one (10 to 90 %: {said[0]} to {said[2]})."
        return f"{often}, at {said[1]} in the median one (10 to 90 %: {said[0]} to {said[2]})."

    def _deaths(self) -> str:
        killed = self.measure("killed")
        return (
            f"Killed: {in_words(float(np.median(killed)), 'killed')} in the median history, "
            f"{in_words(float(np.quantile(killed, 0.95)), 'killed')} in one of twenty; "
            f"{in_words(float(killed.mean()), 'killed')} on average."
        )

    @property
    def plot(self) -> EnsembleFigures:
        """The figures of this ensemble."""
        from sim.results.figures import EnsembleFigures

        return EnsembleFigures(self)

    def save(self, path: str | Path) -> Path:
        """Write the ensemble to a netCDF file, with scenario, seed, parameters and versions inside;
        `sim.load` reads it.
        """
        return write(self.kept(), path, "ensemble")

    def kept(self) -> xr.Dataset:
        """All that is needed to have it again, as a dataset, which `from_data` reads."""
        given = {name: [float(v) for v in values] for name, values in self.given.items()}
        return self.data.copy().assign_attrs(values=json.dumps(given))


def from_data(data: xr.Dataset) -> Ensemble:
    """An ensemble out of a dataset as `Ensemble.save` writes it; KeyError or ValueError if it is none."""
    given = {name: np.array(numbers) for name, numbers in json.loads(data.attrs.pop("values")).items()}
    forked = data.attrs.get("fork", "")
    return Ensemble(data, given, fork=Recipe.of(forked, "fork")[0] if forked else None)
