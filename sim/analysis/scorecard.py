"""The scorecard: every documented pattern against what an ensemble makes of it, fitted and unfitted kept
apart: whether the median world passes, and how far the worlds are from the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim import clock
from sim.analysis import october
from sim.analysis.crps import HORIZON, number, off, parts_of, ranked
from sim.history import Pattern, load
from sim.wording import percent

Measures = Mapping[str, Callable[[xr.Dataset], NDArray[np.float64]]]
NEVER = 1e9  # stands for never where numbers are sorted
LENGTHS = ("min", "h")  # units of what lasts
RESAMPLED = 200  # times the worlds are drawn again, to see how firm a count of passing patterns is


@dataclass(frozen=True, eq=False)
class Scorecard:
    """How an ensemble does on each part of each pattern; a pattern passes if all its parts do in the median
    world.

    `values` holds (worlds,) numbers for every part: minutes from the start for clock hours, infinity for
    never, NaN where a question does not arise, which is a miss. `ended` has those lengths of time that had
    no end reckoned as if they ended with the history, at `horizon` minutes from the start.
    """

    name: str
    patterns: Mapping[str, Pattern]
    values: Mapping[str, NDArray[np.float64]]
    start: datetime = clock.START
    horizon: float = HORIZON
    ended: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def bounds(self, part: str) -> tuple[float, float]:
        """The least and most that pass, as numbers like the values."""
        row = self.patterns[part]
        return number(row.low, self.start, -np.inf), number(row.high, self.start, np.inf)

    def target(self, part: str) -> float:
        """The documented value, as a number like the values; NaN if none is named."""
        return number(self.patterns[part].target, self.start, np.nan)

    def inside(self, part: str) -> NDArray[np.bool_]:
        """The worlds (worlds,) in which a part is within its bounds."""
        low, high = self.bounds(part)
        return (self.values[part] >= low) & (self.values[part] <= high)

    def off(self, part: str) -> NDArray[np.float64]:
        """How far off the record each world is in a part (worlds,), in half-tolerances."""
        values = self.ended.get(part, self.values[part])
        return off(values, self.patterns[part], start=self.start, horizon=self.horizon)

    def scores(self, split: str = "all", *, fair: bool = False) -> pd.Series[float]:
        """The ranked probability score of every part of a split, in half-tolerances: 0 is best."""
        parts = [part for part in parts_of(split, self.patterns) if part in self.values]
        return pd.Series({part: float(ranked(self.off(part), fair=fair)) for part in parts}, dtype=float)

    def total(self, split: str, *, fair: bool = False) -> float:
        """The sum of the scores of the parts of a split."""
        return float(self.scores(split, fair=fair).sum())

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
        inside, pass, score; words for people.
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
            "crps": float(ranked(self.off(part))),
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
        """A row a pattern: split, share of worlds in which all its parts are inside, whether it passes, and
        the sum of its parts' scores.
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
                    "crps": float(sum(ranked(self.off(part)) for part in parts)),
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
                f"{row['documented']}; CRPS {row['crps']:.2f}"
            )
        lines.append("")
        for split in ("train", "test"):
            (done, of), (least, most) = self.passed(split), self.range_passed(split)
            if of:
                lines.append(
                    f"  {split}: {done} of {of} patterns pass in the median world ({percent(done / of)}; "
                    f"{least} to {most} if the worlds are drawn again); CRPS {self.scores(split).mean():.3f} "
                    "in the mean part"
                )
        lines += [f"  not scored: {part}: {why}" for part, why in self.unscored.items()]
        return "\n".join(lines)


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
    horizon = float(data.attrs.get("horizon_minutes", HORIZON))
    values = {part: measures[part](data) for part, row in patterns.items() if not row.unscored}
    endless = [part for part in values if patterns[part].unit in LENGTHS and np.isposinf(values[part]).any()]
    closed = _closed(data, horizon) if endless else data
    ended = {
        part: np.where(np.isposinf(values[part]), measures[part](closed), values[part]) for part in endless
    }
    return Scorecard(name or str(data.attrs["scenario"]), patterns, values, start, horizon, ended)


def _closed(data: xr.Dataset, horizon: float) -> xr.Dataset:
    """An ensemble in which whatever never happened happens at the end."""
    return data.assign(
        {
            name: hours.where(np.isfinite(hours), horizon)
            for name, hours in data.data_vars.items()
            if hours.dtype.kind == "f" and "world" in hours.dims
        }
    )
