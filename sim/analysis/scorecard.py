"""The scorecard: every documented pattern against what an ensemble makes of it, fitted and unfitted kept
apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim import clock
from sim.analysis import october
from sim.history import Pattern, load
from sim.wording import percent

Measures = Mapping[str, Callable[[xr.Dataset], NDArray[np.float64]]]
NEVER = 1e9  # stands for never where numbers are sorted
RESAMPLED = 200  # times the worlds are drawn again, to see how firm a count of passing patterns is


@dataclass(frozen=True, eq=False)
class Scorecard:
    """How an ensemble does on each part of each pattern; a pattern passes if all its parts do in the median
    world.

    `values` holds (worlds,) numbers for every part: minutes from the start for clock hours, infinity for
    never, NaN where a question does not arise, which is a miss.
    """

    name: str
    patterns: Mapping[str, Pattern]
    values: Mapping[str, NDArray[np.float64]]
    start: datetime = clock.START

    def bounds(self, part: str) -> tuple[float, float]:
        """The least and most that pass, as numbers like the values."""
        row = self.patterns[part]
        return _number(row.low, self.start, -np.inf), _number(row.high, self.start, np.inf)

    def target(self, part: str) -> float:
        """The documented value, as a number like the values; NaN if none is named."""
        return _number(self.patterns[part].target, self.start, np.nan)

    def inside(self, part: str) -> NDArray[np.bool_]:
        """The worlds (worlds,) in which a part is within its bounds."""
        low, high = self.bounds(part)
        return (self.values[part] >= low) & (self.values[part] <= high)

    def quantiles(self, part: str) -> NDArray[np.float64]:
        """The 5, 50 and 95 % points of a part (3,); never counts as latest, NaN as if it were never."""
        known = np.where(np.isnan(self.values[part]), NEVER, np.minimum(self.values[part], NEVER))
        return np.percentile(known, [5, 50, 95], method="nearest")

    def part_passes(self, part: str) -> bool:
        """Whether the median world is within the bounds."""
        low, high = self.bounds(part)
        median = self.quantiles(part)[1]
        return bool(low <= (np.inf if median >= NEVER else median) <= high) and not (
            median >= NEVER and np.isnan(self.values[part]).mean() > 0.5
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a pattern part: fact, target, tolerance, the model's median and 90 % range, share of worlds
        inside, pass; words for people.
        """
        rows = [self._row(part) for part in self.values]
        return pd.DataFrame(rows).set_index("part")

    def _row(self, part: str) -> dict[str, object]:
        row, (low, high) = self.patterns[part], self.bounds(part)
        least, median, most = (self.words(part, float(x)) for x in self.quantiles(part))
        return {
            "part": part,
            "pattern": row.pattern,
            "split": row.split,
            "fact": row.fact,
            "documented": self.words(part, self.target(part)),
            "tolerance": " to ".join(self.words(part, x) for x in (low, high)),
            "median": median,
            "90 %": f"{least} to {most}",
            "inside": float(self.inside(part).mean()),
            "passes": self.part_passes(part),
        }

    def words(self, part: str, value: float) -> str:
        """A value as people write it."""
        if np.isnan(value) or np.isinf(value):
            return "-" if np.isnan(value) else "any"
        if abs(value) >= NEVER / 2:
            return "never"
        if self.patterns[part].unit == "clock":
            return clock.label(clock.moment(value, self.start))
        return (
            f"{value:.2f}"
            if self.patterns[part].unit in ("share", "tau")
            else f"{value:.1f}"
            if value % 1
            else f"{value:.0f}"
        )

    @cached_property
    def by_pattern(self) -> pd.DataFrame:
        """A row a pattern: split, share of worlds in which all its parts are inside, and whether it
        passes.
        """
        names = dict.fromkeys(self.patterns[part].pattern for part in self.values)
        rows = []
        for name in names:
            parts = [part for part in self.values if self.patterns[part].pattern == name]
            inside = np.all([self.inside(part) for part in parts], axis=0)
            rows.append(
                {
                    "pattern": name,
                    "split": self.patterns[parts[0]].split,
                    "inside": float(inside.mean()),
                    "passes": all(map(self.part_passes, parts)),
                }
            )
        return pd.DataFrame(rows).set_index("pattern")

    def passed(self, split: str) -> tuple[int, int]:
        """How many patterns of a split pass in the median world, of how many."""
        mine = self.by_pattern[self.by_pattern["split"] == split]
        return int(mine["passes"].sum()), len(mine)

    def range_passed(self, split: str) -> tuple[int, int]:
        """How many patterns of a split pass in nine of ten resamples of the worlds (a bootstrap): the least
        and the most.
        """
        draws = np.random.default_rng(RESAMPLED).integers(self.worlds, size=(RESAMPLED, self.worlds))
        counts = [
            replace(self, values={part: values[draw] for part, values in self.values.items()}).passed(split)[
                0
            ]
            for draw in draws
        ]
        least, most = np.percentile(counts, [5, 95], method="nearest")
        return int(least), int(most)

    @property
    def worlds(self) -> int:
        """How many histories are scored."""
        return len(next(iter(self.values.values())))

    @property
    def unscored(self) -> dict[str, str]:
        """Patterns that are not scored, and why."""
        return {part: row.unscored for part, row in self.patterns.items() if row.unscored}

    def __str__(self) -> str:
        """The card as text: a line a part, then how many patterns pass."""
        lines = [f"{self.name}: {self.worlds} histories against the record.", ""]
        for part, row in self.table.iterrows():
            mark = "pass" if row["passes"] else "miss"
            lines.append(
                f"  {part:5} {row['split']:5} {mark}  {percent(float(row['inside'])):>6}  {row['fact']}: "
                f"{row['median']} ({row['90 %']}); wanted {row['tolerance']}, documented "
                f"{row['documented']}"
            )
        lines.append("")
        for split in ("train", "test"):
            (done, of), (least, most) = self.passed(split), self.range_passed(split)
            if of:
                lines.append(
                    f"  {split}: {done} of {of} patterns pass in the median world ({percent(done / of)}; "
                    f"{least} to {most} if the worlds are drawn again)"
                )
        lines += [f"  not scored: {part}: {why}" for part, why in self.unscored.items()]
        return "\n".join(lines)


def _number(bound: float | datetime | None, start: datetime, missing: float) -> float:
    if bound is None:
        return missing
    return clock.minutes(bound, start) if isinstance(bound, datetime) else float(bound)


def score(
    data: xr.Dataset,
    *,
    name: str = "",
    patterns: Mapping[str, Pattern] | None = None,
    measures: Measures | None = None,
) -> Scorecard:
    """Score a dataset of outcomes with tracks: dims world, place, side, force, person, time (`ensemble(...,
    tracks=True).data`).
    """
    patterns = load().patterns if patterns is None else patterns
    measures = october.MEASURES if measures is None else measures
    start = datetime.fromisoformat(data.attrs.get("start", clock.START.isoformat()))
    return Scorecard(
        name or str(data.attrs["scenario"]),
        patterns,
        {part: measures[part](data) for part, row in patterns.items() if not row.unscored},
        start,
    )
