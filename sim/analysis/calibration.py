"""Calibration: which values of the parameters make the model show the documented patterns it may be fitted to.

History matching in waves on common seeds (Craig et al. 1997; Vernon et al. 2010): draws over the priors, one history each, teach a
quadratic emulator of every fitted part; the next wave is drawn where the emulator finds the record plausible; the last is scored over
worlds common to all points, and refined by generations bred from its best (sequential Monte Carlo, Beaumont et al. 2009), first in all
parameters and then in those alone that the waves have shown to matter.
Only the patterns marked `train` are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import tomli_w
from numpy.typing import NDArray
from scipy.linalg import lstsq
from scipy.stats import qmc

from sim import parameters
from sim.analysis.scorecard import Scorecard, score
from sim.running import ensemble
from sim.store import digests
from sim.what_if import Scenario

Floats = NDArray[np.float64]
LATE = 3060.0  # minutes: what never happens within the three days is reckoned as their end
RIDGE = 3.0  # weight that draws the emulator's coefficients to nothing
CUTOFF = 3.0  # implausibility beyond which a point is dropped, as is usual
STEPS = 600  # of Metropolis in a wave
IDENTIFIED = 0.9  # share of the prior's spread below which a parameter counts as identified
GENERATIONS, PARENTS = 2, 12  # of points bred from the best
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
    """How far each point is from the record (points,), and how many fitted patterns pass (points,), by its median world.

    A pattern that passes counts nothing, one that fails from a half to one by how far it is out; with a little of how far off all is.
    """
    low, high = np.array([card.bounds(part) for part in targets.parts]).T
    raw = np.stack([np.where(np.isnan(card.values[p]), LATE, np.minimum(card.values[p], 2 * LATE)) for p in targets.parts], axis=1)
    medians = np.percentile(raw.reshape(-1, points, len(targets.parts)), 50, axis=0, method="nearest")
    outside = np.maximum(np.maximum(low - medians, medians - high), 0) / targets.reach
    off = np.minimum(np.where(np.isinf(low) | np.isinf(high), outside, np.abs(medians - targets.middle) / targets.reach), 6.0)
    patterns = np.array([card.patterns[part].pattern for part in targets.parts])
    passes = [(outside[:, patterns == name] == 0).all(axis=1) for name in dict.fromkeys(patterns)]
    by_pattern = [np.where(ok, 0.0, 0.5 + np.minimum(outside, 3)[:, patterns == name].mean(axis=1) / 6) for name, ok in zip(dict.fromkeys(patterns), passes, strict=True)]
    return np.mean(by_pattern, axis=0) + 0.02 * off.mean(axis=1), np.sum(passes, axis=0)


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a calibration found.

    `best` is the calibrated point (parameters,): what the fitted patterns do not identify stands at the centre of its prior there.
    `plausible` (points, parameters) with their distances and numbers of passing patterns, best first, carries the doubt that is left.
    """

    best: Floats
    plausible: Floats
    distance: Floats
    passing: NDArray[np.int64]
    waves: tuple[Floats, ...]
    targets: Targets

    def calibrated(self) -> dict[str, float]:
        """The calibrated values of the parameters."""
        return {name: float(column[0]) for name, column in values_at(self.best[None, :]).items()}

    def rows(self) -> pd.DataFrame:
        """The plausible values of the parameters, a row a point, best first; what is fixed stands in no column."""
        return pd.DataFrame(values_at(self.plausible))

    def write(self, folder: Path, *, command: str, seed: int) -> list[Path]:
        """Write the calibrated values, the plausible sets and where they come from into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        table = self.identified().rename_axis("name").rename(columns={"calibrated": "value"}).drop(columns=["low", "high"])
        table["identified"] = (table["spread_left"] < IDENTIFIED).astype(int)
        paths = [folder / name for name in ("calibrated.csv", "plausible.csv", "calibrated.toml")]
        table.map(lambda x: float(f"{x:.5g}")).astype({"identified": int}).to_csv(paths[0])
        self.rows().map(lambda x: float(f"{x:.5g}")).to_csv(paths[1], index=False)
        about = {
            "command": command, "seed": seed, "date": date.today().isoformat(), "version": version("petrograd"), **digests(),
            "fitted_parts": list(self.targets.parts), "histories": [len(wave) for wave in self.waves], "plausible_sets": len(self.plausible),
            "patterns_passing": [int(n) for n in self.passing],
        }
        paths[2].write_text(tomli_w.dumps(about), encoding="utf-8")
        return paths

    def identified(self) -> pd.DataFrame:
        """A row a parameter: prior and plausible range (5 to 95 %), calibrated value, and the share of the prior's spread that is left."""
        table, points, found = free(), self.waves[-2], self.calibrated()
        low, high = (values_at(np.percentile(points, q, axis=0)[None, :]) for q in (5, 95))
        return pd.DataFrame({
            "low": table["low"], "high": table["high"], "plausible_low": [low[n][0] for n in table.index], "plausible_high": [high[n][0] for n in table.index],
            "calibrated": [found[n] for n in table.index], "spread_left": spread_left(points),
        }, index=table.index).sort_values("spread_left")


def spread_left(points: Floats) -> Floats:
    """The spread of points in the unit cube over that of the prior (parameters,): 1 where nothing was learnt."""
    return np.asarray(points.std(axis=0) * np.sqrt(12))


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


def match(
    scenario: str | Scenario = "historical", *, seed: int = 1917, first: int = 2000, later: tuple[int, ...] = (1000, 1000), last: int = 96,
    workers: int | None = None, progress: bool | None = None, targets: Targets | None = None, tell: Callable[[str], None] = lambda line: None,
) -> tuple[tuple[Floats, ...], Targets]:
    """The waves of points (points, parameters), each drawn where all before it find the targets plausible; and the targets.

    The last wave is proposed and not simulated. `targets` are the documented ones unless given, as when a known truth is to be recovered.
    """
    card = simulate(prior_points(first, seed), scenario, seed=seed, workers=workers, progress=progress)
    targets = targets or Targets.of(card)
    weights, waves, seen = part_weights(card, targets), [prior_points(first, seed)], [targets.statistics(card)]
    for number, count in enumerate((*later, last), 1):
        taught = np.vstack(waves)
        emulator = Emulator.taught(taught, np.vstack(seen))
        tell(f"wave {number}: {len(taught)} histories have taught the emulator; the last wave lies {_off(seen[-1], targets, weights):.2f} tolerances off")
        waves.append(sample(emulator, targets, weights, len(taught), count, seed + number, waves[-1]))
        if number <= len(later):
            card = simulate(waves[-1], scenario, seed=seed + number, workers=workers, progress=progress)
            seen.append(targets.statistics(card))
    return tuple(waves), targets


def calibrate(
    scenario: str | Scenario = "historical", *, seed: int = 1917, last: int = 96, each: int = 24, keep: int = 64,
    workers: int | None = None, progress: bool | None = None, tell: Callable[[str], None] = lambda line: None,
) -> Calibration:
    """Match the history: waves over the priors, the last and generations bred from it scored over `each` worlds common to all points.

    `tell` hears how far it has come.
    """
    waves, targets = match(scenario, seed=seed, last=last, workers=workers, progress=progress, tell=tell)
    identified = spread_left(waves[-2]) < IDENTIFIED
    pool = _scored(waves[-1], scenario, targets, seed, each, workers, progress)
    for generation in range(1, GENERATIONS + 1):
        pool = _renewed(pool, np.ones_like(identified), scenario, targets, seed, generation, each, last, workers, progress)
        tell(f"generation {generation}: {pool[2][:keep].mean():.1f} fitted patterns pass in the mean of the best {keep} points, {pool[2][0]} in the best")
    centred = np.where(identified, pool[0][: last // 2], point_at(parameters.centres()))
    narrow = _scored(centred, scenario, targets, seed, each, workers, progress)
    for generation in range(GENERATIONS + 1, 3 * GENERATIONS + 1):
        narrow = _renewed(narrow, identified, scenario, targets, seed, generation, each, last, workers, progress)
        tell(f"generation {generation}, what is not identified at the centre: {narrow[2][0]} fitted patterns pass in the best point")
    best, _, passes = _scored(narrow[0][:FINALISTS], scenario, targets, seed + 100, CONFIRMED, workers, progress)
    tell(f"the calibrated point: {passes[0]} fitted patterns pass over {CONFIRMED} worlds it was not chosen on")
    return Calibration(best[0], pool[0][:keep], pool[1][:keep], pool[2][:keep], waves, targets)


Pool = tuple[Floats, Floats, NDArray[np.int64]]  # points, the nearest first, with their distances and numbers of passing patterns


def _renewed(
    pool: Pool, free_to_move: NDArray[np.bool_], scenario: str | Scenario, targets: Targets, seed: int, generation: int, each: int, last: int,
    workers: int | None, progress: bool | None,
) -> Pool:
    """The pool with a generation bred from its best, which differs from them only in parameters that are free to move."""
    children = np.where(free_to_move, bred(pool[0][:PARENTS], 2 * last // 3, seed + 10 * generation), pool[0][0])
    more = _scored(children, scenario, targets, seed, each, workers, progress)
    order = np.argsort(np.concatenate([pool[1], more[1]]), kind="stable")
    points, far, passing = (np.concatenate([old, new])[order] for old, new in zip(pool, more, strict=True))
    return points, far, passing


def bred(parents: Floats, count: int, seed: int) -> Floats:
    """Points (count, parameters) near the best so far: each parameter from one of two parents, some of them moved a little."""
    generator = np.random.default_rng(seed)
    pairs = generator.integers(len(parents), size=(count, 2))
    mixed = np.where(generator.random((count, parents.shape[1])) < 0.5, parents[pairs[:, 0]], parents[pairs[:, 1]])
    moved = mixed + (generator.random(mixed.shape) < 0.2) * generator.normal(0.0, 0.15, mixed.shape)
    return np.asarray(np.abs(np.mod(moved + 1, 2) - 1))


def _scored(
    points: Floats, scenario: str | Scenario, targets: Targets, seed: int, each: int, workers: int | None, progress: bool | None,
) -> Pool:
    """Points over common worlds, the nearest first, with their distances and numbers of passing patterns."""
    far, passing = distances(simulate(points, scenario, seed=seed, each=each, workers=workers, progress=progress), targets, len(points))
    order = np.argsort(far, kind="stable")
    return points[order], far[order], passing[order]


def _off(statistics: Floats, targets: Targets, weights: Floats) -> float:
    """The mean distance of worlds from the targets, in tolerances."""
    return float((np.minimum(np.abs(statistics - targets.middle) / targets.reach, 3) * weights).sum(axis=1).mean() / weights.sum())
