"""Rare outcomes: the chance of what comes once in a hundred histories or less often, and some histories in
which it came.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from tqdm import tqdm

from sim import clock
from sim.analysis.splitting import Found, Repeat, Splitting, happened
from sim.counterfactual import measures
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.errors import known, whole
from sim.extend import After, Rules
from sim.parameters import asked
from sim.playing import SEED, Chunk, _workers
from sim.results.estimate import LEVEL, Estimate
from sim.results.run import Run, of_recipe
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
HISTORIES, REPEATS = 100, 20
EVERY = timedelta(hours=6)
PULL, WIDE = 1.5, 4.0
# The outcomes that a better standing of the government brings nearer; all others, one of the Soviet.
OF_GOVERNMENT = (
    "government_holds",
    "restored",
    "relieved",
    "settled",
    "undecided",
    "undecided_held",
    "coalition",
)
ALSO = {"government_restored": "restored"}


@dataclass(frozen=True, eq=False)
class Rare:
    """The chance of a rare outcome by repeats that share no luck: `each` (repeats,) is what every one of them
    makes of it; `found` are the histories that came to it.
    """

    how: Splitting
    each: Floats
    found: tuple[Found, ...] = field(default=(), repr=False)

    @property
    def estimate(self) -> Estimate:
        """The chance with its 95 % interval, from how the repeats differ (Student's, cut off at nought)."""
        value, low, high = running(self.each)[-1]
        return Estimate(float(value), float(low), float(high), len(self.each) * self.how.histories, "points")

    @property
    def saving(self) -> float:
        """How many times more whole histories plain counting would have to play for the same variance; nan if
        nothing was found.
        """
        p, variance = float(self.each.mean()), float(self.each.var(ddof=1))
        return p * (1 - p) / (variance * self.how.cost) if variance > 0 else np.nan

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a repeat: its estimate, the running one with its interval, and the 95 % range in which plain
        counting at the same cost would lie.
        """
        lines = pd.DataFrame(running(self.each), columns=["chance", "low", "high"])
        played = self.how.cost * np.arange(1, len(self.each) + 1)
        p = float(self.each.mean())
        low, high = (stats.binom.ppf(q, np.rint(played), p) / played for q in (0.025, 0.975))
        lines.insert(0, "alone", self.each)
        lines.index = pd.RangeIndex(1, len(lines) + 1, name="repeat")
        return lines.assign(histories=played, counted_low=low, counted_high=high)

    def history(self, number: int = 0) -> Run:
        """One of the histories that came to it, in full, those that count most first. Raises ValueError if
        there are not so many.
        """
        if whole("history", number) >= len(self.found):
            raise ValueError(f"history: wanted less than {len(self.found)}, which were found, got {number}")
        best = sorted(self.found, key=lambda found: -found.weight)
        return of_recipe(best[number].recipe, 0, self.how.after)

    def __float__(self) -> float:
        return float(self.each.mean())

    def __str__(self) -> str:
        it, how = self.estimate, self.how
        cost = f"{len(self.each)} repeats that cost {how.cost:,.0f} histories each"
        ends = f"{fine(it.low)} to {fine(it.high)}" if np.isfinite(it.low) else "one repeat: no interval"
        found = f"It was found {len(self.found)} times"
        if np.isfinite(self.saving):
            found += f"; counting would want {self.saving:.1f} times as many histories for the same interval"
        return (
            f"{how.scenario.name}, seed {how.seed}: {how.outcome.label} in {fine(it.value)} of histories "
            f"({ends}; {cost}). {found}."
        )

    __repr__ = __str__

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """The running estimate against repeats, beside what plain counting at the same cost would give."""
        from sim.plots.repeats import repeats

        how = self.how
        about = (
            f"{how.scenario.name}, seed {how.seed}: {len(self.each)} repeats, split at {len(how.hours)} "
            f"hours; each costs {how.cost:,.0f} histories."
        )
        return repeats(self.table, label=how.outcome.label, about=about, saving=self.saving, ax=ax)

    def report(self, folder: str | Path) -> list[Path]:
        """Write table and figure into a folder: the files written."""
        from sim.plots.style import unseen

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.table.to_csv(place / "repeats.csv")
        with unseen():
            figure = self.plot().get_figure(root=True)
        assert figure is not None
        for suffix in ("png", "svg"):
            figure.savefig(place / f"repeats.{suffix}", dpi=150)
        return [place / "repeats.csv", place / "repeats.png", place / "repeats.svg"]


def running(each: Floats) -> Floats:
    """The mean of the first repeats with its interval (repeats, 3): chance, low, high; none of the first."""
    count = np.arange(1, len(each) + 1)
    mean = np.cumsum(each) / count
    spread = np.array([each[:n].std(ddof=1) if n > 1 else np.inf for n in count])
    reach = stats.t.ppf(0.5 + LEVEL / 2, np.maximum(count - 1, 1)) * spread / np.sqrt(count)
    return np.stack(
        [mean, np.where(np.isfinite(reach), np.maximum(mean - reach, 0), -np.inf), mean + reach], 1
    )


def fine(share: float) -> str:
    """A share in per cent, with two figures where it is small.

    >>> fine(0.00123), fine(0.25), fine(0.0)
    ('0.12 %', '25 %', '0 %')
    """
    return f"{100 * share:.2g} %" if 0 < share < 0.01 else percent(share)


def rare(
    scenario: str | Path | Scenario = "historical",
    outcome: str = "government_restored",
    *,
    histories: int = HISTORIES,
    repeats: int = REPEATS,
    every: timedelta = EVERY,
    pull: float = PULL,
    wide: float = WIDE,
    seed: int = SEED,
    workers: int | None = None,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    after: Rules = None,
    progress: bool | None = None,
) -> Rare:
    """The chance of a rare outcome (a measure that happens or not, or a place that is taken) by splitting at
    fixed hours, `every` so often; `histories` are as many as are played to the end in each of the
    `repeats`.

    `pull` and `wide` say how hard it is looked for (see Splitting): they change the interval, not what is
    estimated. Worlds have the sets of the sample ("plausible"), or all the calibrated one. Raises
    ScenarioError, and ValueError for numbers and measures.
    """
    played, name = find_scenario(scenario), ALSO.get(outcome, outcome)
    places = played.record.places
    known("measure", name, measures.names(places), "measures")
    base, over = asked(parameters)
    if over:
        raise ValueError('parameters: wanted "plausible" or "calibrated", got values')
    how = Splitting(
        *(played, measures.measure(name), 1 if _of_soviet(name) else -1),
        histories=whole("histories", histories, least=2),
        hours=tuple(clock.moment(m, played.start) for m in _minutes(played, every)),
        pull=float(pull),
        wide=float(wide),
        seed=whole("seed", seed),
        base=base,
        after=After.of(after),
    )
    done = _all(how, whole("repeats", repeats, least=1), workers, progress)
    return Rare(how, np.array([one.chance for one in done]), tuple(it for one in done for it in one.found))


def _of_soviet(name: str) -> bool:
    return name not in OF_GOVERNMENT and not name.endswith(":government")


def _minutes(played: Scenario, every: timedelta) -> list[float]:
    """The fixed hours, in minutes from the start: none at the start, none at the end."""
    step, length = every.total_seconds() / 60, clock.minutes(played.end, played.start)
    if not step > 0:
        raise ValueError(f"every: wanted a time above nought, got {every}")
    return [float(m) for m in np.arange(step, length - step / 4, step)]


def _all(how: Splitting, repeats: int, workers: int | None, progress: bool | None) -> list[Repeat]:
    """The repeats, in threads, with a bar."""
    first = Chunk(how.scenario, how.seed, 0, 1, base=how.base, after=how.after)
    first.warm_up()
    rows = first()
    happened(how.outcome, rows.dataset(first.stage().layout, how.seed))  # refused before all is played
    threads = _workers(workers)
    watched = sys.stderr.isatty() if progress is None else progress
    bar = tqdm(
        total=repeats, desc=f"rare {how.outcome.name}", disable=not watched, file=sys.stderr, leave=False
    )
    with bar, ThreadPoolExecutor(threads if isinstance(threads, int) else None) as pool:
        done = []
        for one in pool.map(how, range(repeats)):
            done.append(one)
            bar.update()
    return done
