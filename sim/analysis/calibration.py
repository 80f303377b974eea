"""Calibration: which values of the parameters make the model show the documented patterns it may be fitted to.

History matching in waves on common seeds (Craig et al. 1997; Vernon et al. 2010): draws over the priors, one history each, teach a
quadratic emulator of every fitted part; the next wave is drawn where the emulator finds the record plausible. The parameters that matter most are then moved
by the cross-entropy method, all others standing at the centre of their priors, and scored over many worlds.
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
MOVED = 24  # parameters that are moved from the centres of their priors: those that matter most to the fitted parts
POINTS, GENERATIONS, ELITE, LEAST_SPREAD = 40, 16, 10, 0.03  # of points drawn about the best
CONFIRMED = 100  # worlds in which the calibrated point is tried again


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


def nearness(card: Scorecard, targets: Targets, points: int) -> tuple[Floats, NDArray[np.int64]]:
    """How near each point comes to the record (points,), 0 to 1, and how many fitted patterns pass in its median world (points,).

    The mean over patterns, and over a pattern's parts, of two halves: how near the median comes to its bounds, and how near the share of
    worlds inside comes to a half.
    """
    low, high = np.array([card.bounds(part) for part in targets.parts]).T
    raw = np.stack([np.where(np.isnan(card.values[p]), 2 * LATE, np.minimum(card.values[p], 2 * LATE)) for p in targets.parts], axis=1)
    worlds = raw.reshape(-1, points, len(targets.parts))
    medians = np.percentile(worlds, 50, axis=0, method="nearest")
    outside = np.maximum(np.maximum(low - medians, medians - high), 0) / targets.reach
    share = ((worlds >= low) & (worlds <= high)).mean(axis=0)
    near = 0.5 * np.exp(-2 * outside) + np.minimum(share, 0.5)
    patterns = np.array([card.patterns[part].pattern for part in targets.parts])
    names = list(dict.fromkeys(patterns))
    passes = np.sum([(outside[:, patterns == name] == 0).all(axis=1) for name in names], axis=0)
    return np.mean([near[:, patterns == name].mean(axis=1) for name in names], axis=0), passes


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a calibration found.

    `best` is the calibrated point (parameters,): what the fitted patterns do not identify stands at the centre of its prior there.
    `plausible` (points, parameters), with how near they come and how many patterns pass, best first, carries the doubt that is left; `moves`
    (parameters,) says which parameters matter to the fitted patterns.
    """

    best: Floats
    plausible: Floats
    near: Floats
    passing: NDArray[np.int64]
    waves: tuple[Floats, ...]
    targets: Targets
    moves: NDArray[np.bool_]

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
        table["identified"] = pd.Series(self.moves.astype(int), index=free().index)
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
        """A row a parameter: prior and plausible range (5 to 95 %), calibrated value, and the share of the prior's spread that matching left.

        The spread is that of the wave drawn where the record is plausible; the plausible sets are narrower, since they were sought out.
        """
        table, points, found = free(), self.plausible, self.calibrated()
        low, high = (values_at(np.percentile(points, q, axis=0)[None, :]) for q in (5, 95))
        return pd.DataFrame({
            "low": table["low"], "high": table["high"], "plausible_low": [low[n][0] for n in table.index], "plausible_high": [high[n][0] for n in table.index],
            "calibrated": [found[n] for n in table.index], "spread_left": spread_left(self.waves[-2]),
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
    scenario: str | Scenario = "historical", *, seed: int = 1917, first: int = 2000, later: tuple[int, ...] = (1000,), last: int = 64,
    workers: int | None = None, progress: bool | None = None, targets: Targets | None = None, tell: Callable[[str], None] = lambda line: None,
) -> tuple[tuple[Floats, ...], tuple[Floats, ...], Targets]:
    """The waves of points (points, parameters), each drawn where all before it find the targets plausible; their statistics; the targets.

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
    return tuple(waves), tuple(seen), targets


def calibrate(
    scenario: str | Scenario = "historical", *, seed: int = 1917, last: int = 64, each: int = 20, keep: int = 64,
    workers: int | None = None, progress: bool | None = None, tell: Callable[[str], None] = lambda line: None,
) -> Calibration:
    """Match the history: waves over the priors, then generations of what matters, each point scored over `each` worlds common to its generation.

    `tell` hears how far it has come.
    """
    waves, seen, targets = match(scenario, seed=seed, last=last, workers=workers, progress=progress, tell=tell)
    moves = influence(waves, seen) >= np.sort(influence(waves, seen))[-MOVED]
    best = _narrowed(waves[-1], moves, scenario, targets, seed, each, workers, progress, tell)
    rows = np.where(moves, best[1:][np.arange(last) % (len(best) - 1)], waves[-2][:last])
    near, passing = nearness(simulate(rows, scenario, seed=seed, each=each, workers=workers, progress=progress), targets, last)
    order = np.argsort(-near, kind="stable")[:keep]
    tell(f"{keep} plausible points: {passing[order].mean():.1f} fitted patterns pass in the mean")
    return Calibration(best[0], rows[order], near[order], passing[order], waves, targets, moves)


def _narrowed(
    start: Floats, moves: NDArray[np.bool_], scenario: str | Scenario, targets: Targets, seed: int, each: int, workers: int | None,
    progress: bool | None, tell: Callable[[str], None],
) -> Floats:
    """The best point, and after it the points it was found among (1 + n, parameters); what does not move stands at the centre.

    The cross-entropy method (Rubinstein 1999): each generation is drawn about the best of the last, and scored on worlds of its own, so that
    no point is kept for its luck. The means of the last three generations are tried again over many more worlds.
    """
    centre, generator = point_at(parameters.centres()), np.random.default_rng(seed)
    points, elite, means = np.where(moves, start[:POINTS], centre), start, []
    for generation in range(1, GENERATIONS + 1):
        near, passing = nearness(simulate(points, scenario, seed=seed + 10 + generation, each=each, workers=workers, progress=progress), targets, len(points))
        elite = points[np.argsort(-near, kind="stable")[:ELITE]]
        means.append(elite.mean(axis=0))
        tell(f"generation {generation}: nearness {near.mean():.3f} in the mean, {np.sort(near)[-ELITE:].mean():.3f} in the best {ELITE}; {passing.mean():.1f} fitted patterns pass")
        spread = np.maximum(elite.std(axis=0), LEAST_SPREAD)
        drawn = means[-1] + spread * generator.standard_normal(points.shape)
        points = np.where(moves, np.clip(drawn, 0.0, 1.0), centre)
    tried = np.array(means[-3:])
    near, passing = nearness(simulate(tried, scenario, seed=seed + 100, each=CONFIRMED, workers=workers, progress=progress), targets, len(tried))
    tell(f"the calibrated point: nearness {near.max():.3f}, {passing[np.argmax(near)]} fitted patterns pass over {CONFIRMED} worlds it was not chosen on")
    return np.vstack([tried[np.argmax(near)], elite, points])


def influence(waves: tuple[Floats, ...], seen: tuple[Floats, ...]) -> Floats:
    """How much each parameter matters to the fitted parts (parameters,): the largest of its linear effects, in standard errors, over the parts."""
    points, statistics = np.vstack(waves[: len(seen)]), np.vstack(seen)
    emulator = Emulator.taught(points, statistics)
    count = points.shape[1]
    error = np.sqrt(emulator.left / (len(points) / 3))
    return np.asarray((np.abs(emulator.weights[1 : 1 + count]) / np.maximum(error, 1e-9)).max(axis=1))


def _off(statistics: Floats, targets: Targets, weights: Floats) -> float:
    """The mean distance of worlds from the targets, in tolerances."""
    return float((np.minimum(np.abs(statistics - targets.middle) / targets.reach, 3) * weights).sum(axis=1).mean() / weights.sum())
