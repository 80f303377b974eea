"""Judging: from whose side an outcome is looked at, and what is better for it.

A measure of the outcome is good for the government, for the Soviet, for both or for neither. Whoever decides
is judged by what is good for him: for one side the chance that something happens, for the other the chance
that it does not. A body of neither side is looked at from the government's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.counterfactual import measures
from sim.counterfactual.measures import Measure
from sim.errors import known

Values = NDArray[np.float64]
SIDES = {-1: "the government", 0: "neither side", 1: "the Soviet"}
BEST_FOR = ("government", "soviet", "both", "neither")
# For whom more of it, or a later hour, is better, where that is plain.
GOOD_FOR = {
    "palace_taken": "soviet",
    "stormed": "soviet",
    "yielded": "soviet",
    "government_holds": "government",
    "restored": "government",
    "relieved": "government",
    "undecided_held": "government",
    "palace_falls": "government",
    "cossacks_active": "government",
    "most_soviet": "soviet",
    "most_government": "government",
    "ministers_arrested": "soviet",
    "killed": "neither",
    "killed_soviet": "government",
    "killed_government": "soviet",
}
OTHERWISE = {
    "the palace is taken": "the palace stands",
    "the government holds": "the government does not hold",
    "the congress breaks": "the congress does not break",
    "nothing is decided": "something is decided",
}


@dataclass(frozen=True)
class Judge:
    """An outcome, and for whom it is good."""

    measure: Measure
    good_for: str

    @classmethod
    def of(cls, outcome: str, good_for: str | None = None) -> Judge:
        """By a measure of the table; ScenarioError for an unknown one, ValueError if it is not plain for whom
        it is good, and nobody says.
        """
        known("measure", outcome, measures.MEASURES, "measures")
        best = good_for or GOOD_FOR.get(outcome, "")
        if best not in BEST_FOR:
            raise ValueError(
                f"good_for: wanted one of {', '.join(BEST_FOR)} for '{outcome}', got {good_for!r}"
            )
        return cls(measures.MEASURES[outcome], best)

    def sign(self, side: int) -> int:
        """Whether more of it is better for a side (1) or worse (-1)."""
        if self.good_for in ("both", "neither"):
            return 1 if self.good_for == "both" else -1
        return 1 if (side > 0) == (self.good_for == "soviet") else -1

    def seen_by(self, values: Values, side: int) -> Values:
        """The measure as a side sees it: of what happens or not, whether it comes as that side wants it."""
        turned = self.measure.unit == "points" and self.sign(side) < 0
        return 1 - values if turned else values

    def good(self, values: Values, side: int) -> Values:
        """The measure, so turned that more is better for a side."""
        seen = self.seen_by(values, side)
        return seen if self.measure.unit == "points" else self.sign(side) * seen

    def yes_or_no(self, values: Values) -> bool:
        """Whether it happens or does not in each world."""
        return self.measure.unit == "points" and bool(np.isin(values, (0, 1)).all())

    def words(self, side: int) -> str:
        """What a side is judged by: "the chance that the palace stands"."""
        label = self.measure.label
        if self.measure.unit != "points":
            return f"{label}, {'more' if self.sign(side) > 0 else 'less'} the better"
        if self.sign(side) < 0:
            label = OTHERWISE.get(label, f"not: {label}")
        return f"the chance that {label}" if label.startswith(("the ", "nothing", "something")) else label
