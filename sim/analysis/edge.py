"""The edge of one model over another: by how much its scores are lower, and whether that hangs on a few
patterns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.crps import drawn_again
from sim.analysis.scorecard import Scorecard

DRAWS, PICKS = 250, 16  # times the worlds are drawn again, and the patterns for each of these
INTERVAL = (2.5, 97.5)  # per cent


@dataclass(frozen=True)
class Edge:
    """The total score of another model less that of one, over some patterns: above nought, the one is better.

    `low` and `high` are the 95 % interval if patterns and worlds are drawn again; `parts` holds the
    difference of every part.
    """

    name: str
    other: str
    split: str
    total: float
    low: float
    high: float
    parts: pd.Series[float]

    @property
    def better(self) -> bool:
        """Whether the interval leaves out nought, on the good side."""
        return self.low > 0

    def __str__(self) -> str:
        """The edge in a sentence."""
        verdict = "better" if self.better else "worse" if self.high < 0 else "not to be told apart"
        return (
            f"{self.name} against {self.other} ({self.split}): total CRPS lower by {self.total:.2f} "
            f"half-tolerances ({self.low:.2f} to {self.high:.2f} if patterns and worlds are drawn again): "
            f"{verdict}"
        )


def edge(one: Scorecard, other: Scorecard, split: str = "all", *, seed: int = 1917) -> Edge:
    """Compare two models on one table of patterns: a pattern stands or falls with all its parts."""
    parts = other.scores(split) - one.scores(split)
    patterns = [one.patterns[part].pattern for part in parts.index]
    names = list(dict.fromkeys(patterns))
    member = np.array([[name == pattern for pattern in patterns] for name in names], dtype=float)
    theirs, mine = (_again(card, list(parts.index), seed) @ member.T for card in (other, one))
    picks = np.random.default_rng(seed).integers(len(names), size=(len(mine), PICKS, len(names)))
    totals = np.take_along_axis((theirs - mine)[:, None, :], picks, axis=2).sum(axis=2)
    low, high = np.percentile(totals, INTERVAL)
    return Edge(one.name, other.name, split, float(parts.sum()), float(low), float(high), parts)


def _again(card: Scorecard, parts: list[str], seed: int) -> NDArray[np.float64]:
    """The scores of some parts if the worlds are drawn again (draws, parts)."""
    return drawn_again(np.stack([card.off(part) for part in parts]), DRAWS, seed)
