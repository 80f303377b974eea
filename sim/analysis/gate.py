"""The gate: whether the answer is built in. Over draws of the priors, in free mode, the chance of a Soviet
success must be broad.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.priors import prior_points, values_at
from sim.counterfactual.measures import measure
from sim.counterfactual.scenario import Scenario
from sim.playing import ensemble
from sim.wording import percent

SURE = 0.01  # chances below it, or above one minus it, are as good as certain
MOST_SURE = 0.95  # share of the draws that may be so


@dataclass(frozen=True, eq=False)
class Gate:
    """The chance of a Soviet success (draws,) at draws of the priors, each from so many worlds."""

    name: str
    chances: NDArray[np.float64]
    each: int

    @property
    def sure(self) -> float:
        """The share of draws at which the outcome is as good as certain."""
        return float(((self.chances < SURE) | (self.chances > 1 - SURE)).mean())

    @property
    def passes(self) -> bool:
        """Whether the chance is broad."""
        return self.sure <= MOST_SURE

    def __str__(self) -> str:
        """The gate in sentences."""
        low, middle, high = np.percentile(self.chances, [10, 50, 90])
        never, always = (self.chances < SURE).mean(), (self.chances > 1 - SURE).mean()
        return (
            f"{self.name}: {len(self.chances)} draws of the priors, {self.each} histories each. The "
            "chance that the government is gone by the end is "
            f"{middle:.2f} in the median draw (10 to 90 %: {low:.2f} to {high:.2f}); in {percent(never)} "
            f"of draws it came in no history, in {percent(always)} in every one. "
            f"{'Broad' if self.passes else 'Too sure'}: at most {percent(MOST_SURE)} may be as good as "
            f"certain, {percent(self.sure)} are."
        )


def gate(
    scenario: str | Scenario = "free",
    *,
    draws: int = 200,
    each: int = 8,
    seed: int = 1917,
    workers: int | None = None,
    progress: bool | None = None,
) -> Gate:
    """Simulate draws of the priors, `each` histories a draw on common luck, and look at how broad the chance
    of a Soviet success is.
    """
    values = {name: np.tile(column, each) for name, column in values_at(prior_points(draws, seed)).items()}
    many = ensemble(
        scenario, worlds=draws * each, seed=seed, parameters=values, workers=workers, progress=progress
    )
    success = 1 - measure("government_holds")(many.data)
    return Gate(many.name, success.reshape(each, draws).mean(axis=0), each)
