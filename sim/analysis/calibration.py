"""Calibration: which values of the parameters make the model show the documented patterns it may be fitted to.

History matching in three waves on common seeds (Craig et al. 1997; Vernon et al. 2010): draws over the priors, one history each, teach a
quadratic emulator of every fitted part; points the emulator finds implausible are dropped; what is left is simulated and scored.
Only the patterns marked `train` are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import lstsq
from scipy.stats import qmc

from sim import clock, parameters
from sim.analysis.scorecard import Scorecard, score
from sim.history import load
from sim.running import ensemble
from sim.what_if import Scenario

Floats = NDArray[np.float64]
LATE = 3060.0  # minutes: what never happens within the three days is reckoned as their end
RIDGE = 3.0  # weight that draws the emulator's coefficients to nothing
CUTOFF = 3.0  # implausibility beyond which a point is dropped, as is usual
STEPS = 600  # of Metropolis in a wave
FINALISTS, CONFIRMED = 8, 100  # the best few points, and the worlds in which they are tried again


def free() -> pd.DataFrame:
    """The parameters that are not fixed: the rows of the table whose prior has a width."""
    table = parameters.table()
    return table[table["low"] < table["high"]]


def values_at(points: Floats) -> dict[str, Floats]:
    """The values of the parameters (points,) at points of the unit cube (points, parameters), by their priors' scales."""
    table = free()
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    logs = (table["scale"] == "log").to_numpy()
    safe = np.where(logs, low, 1.0), np.where(logs, high, 2.0)
    values = np.where(logs, safe[0] * (safe[1] / safe[0]) ** points, low + (high - low) * points)
    return {str(name): values[:, k] for k, name in enumerate(table.index)}


def point_at(values: Mapping[str, float]) -> Floats:
    """The point of the unit cube (parameters,) at which the parameters have some values."""
    table = free()
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    given = np.array([values[str(name)] for name in table.index])
    logs = (table["scale"] == "log").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(logs, np.log(given / low) / np.log(high / low), (given - low) / (high - low))


def prior_points(count: int, seed: int) -> Floats:
    """Points spread evenly over the unit cube of the priors (count, parameters): a Latin hypercube."""
    return qmc.LatinHypercube(len(free()), rng=np.random.default_rng(seed)).random(count)


@dataclass(frozen=True)
class Targets:
    """The fitted parts: what is wanted of each, and how far off still passes; (parts,) arrays in the parts' own units."""

    parts: tuple[str, ...]
    middle: Floats
    reach: Floats

    @classmethod
    def of(cls, card: Scorecard) -> Targets:
        """The targets of a scorecard's fitted parts that have two bounds, or one and a documented value."""
        parts, middle, reach = [], [], []
        for part, row in card.patterns.items():
            if row.split == "train" and not row.unscored:
                low, high = card.bounds(part)
                target = card.target(part)
                wanted = target if np.isfinite(target) else low if np.isfinite(low) else high
                finite = [abs(bound - wanted) for bound in (low, high) if np.isfinite(bound) and bound != wanted]
                parts.append(part)
                middle.append(wanted)
                reach.append(max(finite, default=max(abs(wanted) * 0.25, 0.5)))
        return cls(tuple(parts), np.array(middle), np.array(reach))

    def statistics(self, card: Scorecard) -> Floats:
        """The fitted parts of every world (worlds, parts), what never happened at the end of the three days."""
        low, high = np.array([card.bounds(part) for part in self.parts]).T
        raw = np.stack([np.minimum(np.where(np.isnan(card.values[p]), LATE, card.values[p]), LATE) for p in self.parts], axis=1)
        one_sided = np.where(np.isinf(high), np.minimum(raw, self.middle), np.where(np.isinf(low), np.maximum(raw, self.middle), raw))
        return np.clip(one_sided, self.middle - 6 * self.reach, self.middle + 6 * self.reach)


@dataclass(frozen=True)
class Emulator:
    """A quadratic in each parameter for every fitted part, with the variance it leaves."""

    weights: Floats  # (1 + 2 parameters, parts)
    left: Floats  # (parts,) variance of a world about it

    @classmethod
    def taught(cls, points: Floats, statistics: Floats) -> Emulator:
        """The emulator that simulated worlds teach: points (worlds, parameters), statistics (worlds, parts)."""
        design = _design(points)
        damped = np.vstack([design, np.sqrt(RIDGE) * np.eye(design.shape[1])[1:]])
        wanted = np.vstack([statistics, np.zeros((design.shape[1] - 1, statistics.shape[1]))])
        weights = lstsq(damped, wanted)[0]
        return cls(weights, np.asarray((statistics - design @ weights).var(axis=0)))

    def implausibility(self, points: Floats, targets: Targets, taught_by: int) -> Floats:
        """How many standard deviations each point (n, parts) lies off: the tolerance is two of them, and the emulator has its own doubt."""
        doubt = self.left * len(self.weights) / taught_by
        return np.asarray(np.abs(_design(points) @ self.weights - targets.middle) / np.sqrt((targets.reach / 2) ** 2 + doubt))


def _design(points: Floats) -> Floats:
    centred = 2 * points - 1
    return np.hstack([np.ones((len(points), 1)), centred, centred**2 - 1 / 3])


def simulate(points: Floats, scenario: str | Scenario, *, seed: int, each: int = 1, workers: int | None = None, progress: bool | None = None) -> Scorecard:
    """Simulate points of the priors (n, parameters), `each` worlds a point: world k * n + i is point i. Its scorecard."""
    values = {name: np.tile(column, each) for name, column in values_at(points).items()}
    many = ensemble(scenario, worlds=len(points) * each, seed=seed, tracks=True, parameters=values, workers=workers, progress=progress)
    return score(many.data)


def distances(card: Scorecard, targets: Targets, points: int) -> tuple[Floats, NDArray[np.int64]]:
    """How far the median world of each point lies outside the fitted bands (points,), and how many fitted patterns pass (points,)."""
    low, high = np.array([card.bounds(part) for part in targets.parts]).T
    raw = np.stack([np.where(np.isnan(card.values[p]), LATE, np.minimum(card.values[p], 2 * LATE)) for p in targets.parts], axis=1)
    medians = np.percentile(raw.reshape(-1, points, len(targets.parts)), 50, axis=0, method="nearest")
    outside = np.maximum(np.maximum(low - medians, medians - high), 0) / targets.reach
    off = np.minimum(np.where(np.isinf(low) | np.isinf(high), outside, np.abs(medians - targets.middle) / targets.reach), 6.0)
    patterns = np.array([card.patterns[part].pattern for part in targets.parts])
    passes = [(outside[:, patterns == name] == 0).all(axis=1) for name in dict.fromkeys(patterns)]
    by_pattern = [np.minimum(outside, 3)[:, patterns == name].mean(axis=1) for name in dict.fromkeys(patterns)]
    return np.mean(by_pattern, axis=0) + 0.1 * off.mean(axis=1), np.sum(passes, axis=0)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a calibration found: the plausible points (points, parameters) with their distances, best first, and the points of every wave."""

    plausible: Floats
    distance: Floats
    passing: NDArray[np.int64]
    waves: tuple[Floats, ...]
    targets: Targets

    def rows(self) -> pd.DataFrame:
        """The plausible values of the parameters, a row a point, best first; what is fixed stands in no column."""
        return pd.DataFrame(values_at(self.plausible))

    def identified(self) -> pd.DataFrame:
        """A row a parameter: prior and plausible range, and the share of the prior's spread that the fitted patterns leave."""
        table, points = free(), self.waves[-1]
        spread = points.std(axis=0) / np.sqrt(1 / 12)
        low, high = (values_at(np.percentile(points, q, axis=0)[None, :]) for q in (5, 95))
        return pd.DataFrame({
            "prior low": table["low"], "prior high": table["high"], "plausible low": [low[n][0] for n in table.index],
            "plausible high": [high[n][0] for n in table.index], "spread left": spread,
        }, index=table.index).sort_values("spread left")


def sample(emulator: Emulator, targets: Targets, weights: Floats, taught_by: int, count: int, seed: int, start: Floats) -> Floats:
    """Points (count, parameters) drawn in proportion to how well the emulator has them do, by Metropolis steps in the unit cube."""
    generator = np.random.default_rng(seed)
    points = start[generator.integers(len(start), size=count)]
    badness = (weights * np.minimum(emulator.implausibility(points, targets, taught_by), 2 * CUTOFF) ** 2).sum(axis=1)
    for step in range(STEPS):
        reach = (0.3, 0.1, 0.03)[step % 3]
        some = generator.random(points.shape) < 0.15
        moved = points + some * generator.normal(0.0, reach, points.shape)
        moved = np.abs(np.mod(moved + 1, 2) - 1)  # mirrored at the walls
        new = (weights * np.minimum(emulator.implausibility(moved, targets, taught_by), 2 * CUTOFF) ** 2).sum(axis=1)
        take = np.log(generator.random(count)) < 0.5 * (badness - new)
        points[take], badness[take] = moved[take], new[take]
    return points


def part_weights(card: Scorecard, targets: Targets) -> Floats:
    """The weight of each fitted part (parts,): all patterns weigh the same, however many parts they have."""
    patterns = [card.patterns[part].pattern for part in targets.parts]
    return np.array([1.0 / patterns.count(name) for name in patterns])


def calibrate(
    scenario: str | Scenario = "historical", *, seed: int = 1917, first: int = 2000, later: tuple[int, ...] = (1000, 1000), last: int = 128, each: int = 24,
    keep: int = 64, workers: int | None = None, progress: bool | None = None, targets: Targets | None = None, tell: Callable[[str], None] = lambda line: None,
) -> Calibration:
    """Match the history: draws over the priors teach an emulator, which proposes the next wave; the last is scored over common worlds.

    `targets` are the documented ones unless given (as when a known truth is to be recovered). `tell` hears how far it has come.
    """
    points = prior_points(first, seed)
    card = simulate(points, scenario, seed=seed, workers=workers, progress=progress)
    targets = targets or Targets.of(card)
    weights, waves, seen = part_weights(card, targets), [points], [targets.statistics(card)]
    for number, count in enumerate((*later, last), 1):
        taught = np.vstack(waves)
        emulator = Emulator.taught(taught, np.vstack(seen))
        tell(f"wave {number}: {len(taught)} histories have taught the emulator; the last wave lies {_off(seen[-1], targets, weights):.2f} tolerances off")
        waves.append(sample(emulator, targets, weights, len(taught), count, seed + number, waves[-1]))
        if number <= len(later):
            card = simulate(waves[-1], scenario, seed=seed + number, workers=workers, progress=progress)
            seen.append(targets.statistics(card))
    points = waves[-1]
    card = simulate(points, scenario, seed=seed, each=each, workers=workers, progress=progress)
    far, passing = distances(card, targets, len(points))
    order = np.argsort(far, kind="stable")[:keep]
    order = _confirmed(points, order, scenario, targets, seed, workers, progress)
    return Calibration(points[order], far[order], passing[order], tuple(waves), targets)


def _off(statistics: Floats, targets: Targets, weights: Floats) -> float:
    """The mean distance of worlds from the targets, in tolerances."""
    return float((np.minimum(np.abs(statistics - targets.middle) / targets.reach, 3) * weights).sum(axis=1).mean() / weights.sum())


def _confirmed(
    points: Floats, order: NDArray[np.intp], scenario: str | Scenario, targets: Targets, seed: int, workers: int | None, progress: bool | None,
) -> NDArray[np.intp]:
    """The same order with the best few sorted anew by worlds they were not chosen on."""
    best = order[:FINALISTS]
    card = simulate(points[best], scenario, seed=seed + 100, each=CONFIRMED, workers=workers, progress=progress)
    far, _ = distances(card, targets, len(best))
    return np.concatenate([best[np.argsort(far, kind="stable")], order[FINALISTS:]])
