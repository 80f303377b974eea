"""Calibration: which values of the parameters make the model show the documented patterns it may be fitted
to.

History matching in waves on common seeds (Craig et al. 1997; Vernon et al. 2010): draws over the priors, one
history each, teach a quadratic emulator of every fitted part; the next wave is drawn where the emulator finds
the record plausible, and says what the record identifies. From there an evolution strategy (sep-CMA-ES; Ros
and Hansen 2008) looks for values under which many worlds come near the record; what of them need not be moved
goes back to the centre of its prior. The plausible sets are taken as widely as they go from all it has tried.
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
from cmaes import SepCMA
from numpy.typing import NDArray
from scipy.linalg import lstsq
from scipy.stats import qmc

from sim import parameters
from sim.analysis.scorecard import Scorecard, score
from sim.counterfactual.scenario import Scenario
from sim.playing import ensemble
from sim.store import digests

Floats = NDArray[np.float64]
LATE = 3060.0  # minutes: what never happens within the three days is reckoned as their end
RIDGE = 3.0  # weight that draws the emulator's coefficients to nothing
CUTOFF = 3.0  # implausibility beyond which a point is dropped, as is usual
STEPS = 600  # of Metropolis in a wave
IDENTIFIED = 0.9  # share of the prior's spread that the record leaves at most of a parameter it identifies
POINTS, GENERATIONS, EACH = 40, 40, 16  # of the search: points in a generation, generations, worlds a point
# of the first generation in the unit cube; what it costs to stand away from the centre of a prior
REACH, PULL = (0.15, 0.05)
# Added to every closeness, so that a part that is never near leaves the others something to say.
NEVER_NEAR = 0.02
# how far a parameter must have been moved in the unit cube to stay there, from the least
MOVED = (0.0, 0.06, 0.12)
CONFIRMED = 150  # worlds in which these points are tried again
ENOUGH = 0.75  # share of the fitted patterns that a plausible set passes


def free() -> pd.DataFrame:
    """The parameters that are not fixed: the rows of the table whose prior has a width."""
    table = parameters.table()
    return table[table["low"] < table["high"]]


def values_at(points: Floats) -> dict[str, Floats]:
    """The values of the parameters (points,) at points of the unit cube (points, parameters), by their
    priors' scales.
    """
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
    """The fitted parts: what is wanted of each, and how far off still passes; (parts,) arrays in the parts'
    own units.
    """

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
                finite = [
                    abs(bound - wanted) for bound in (low, high) if np.isfinite(bound) and bound != wanted
                ]
                parts.append(part)
                middle.append(wanted)
                reach.append(max(finite, default=max(abs(wanted) * 0.25, 0.5)))
        return cls(tuple(parts), np.array(middle), np.array(reach))

    def statistics(self, card: Scorecard) -> Floats:
        """The fitted parts of every world (worlds, parts), what never happened at the end of the three
        days.
        """
        low, high = np.array([card.bounds(part) for part in self.parts]).T
        raw = np.stack(
            [np.minimum(np.where(np.isnan(card.values[p]), LATE, card.values[p]), LATE) for p in self.parts],
            axis=1,
        )
        one_sided = np.where(
            np.isinf(high),
            np.minimum(raw, self.middle),
            np.where(np.isinf(low), np.maximum(raw, self.middle), raw),
        )
        return np.clip(one_sided, self.middle - 6 * self.reach, self.middle + 6 * self.reach)


@dataclass(frozen=True)
class Emulator:
    """A quadratic in each parameter for every fitted part, with the variance it leaves."""

    weights: Floats  # (1 + 2 parameters, parts)
    left: Floats  # (parts,) variance of a world about it

    @classmethod
    def taught(cls, points: Floats, statistics: Floats) -> Emulator:
        """The emulator that simulated worlds teach: points (worlds, parameters), statistics (worlds,
        parts).
        """
        design = _design(points)
        damped = np.vstack([design, np.sqrt(RIDGE) * np.eye(design.shape[1])[1:]])
        wanted = np.vstack([statistics, np.zeros((design.shape[1] - 1, statistics.shape[1]))])
        weights = lstsq(damped, wanted)[0]
        return cls(weights, np.asarray((statistics - design @ weights).var(axis=0)))

    def implausibility(self, points: Floats, targets: Targets, taught_by: int) -> Floats:
        """How many standard deviations each point (n, parts) lies off: the tolerance is two of them, and the
        emulator has its own doubt.
        """
        doubt = self.left * len(self.weights) / taught_by
        return np.asarray(
            np.abs(_design(points) @ self.weights - targets.middle)
            / np.sqrt((targets.reach / 2) ** 2 + doubt)
        )


def _design(points: Floats) -> Floats:
    centred = 2 * points - 1
    return np.hstack([np.ones((len(points), 1)), centred, centred**2 - 1 / 3])


def simulate(
    points: Floats,
    scenario: str | Scenario,
    *,
    seed: int,
    each: int = 1,
    workers: int | None = None,
    progress: bool | None = None,
) -> Scorecard:
    """Simulate points of the priors (n, parameters), `each` worlds a point: world k * n + i is point i. Its
    scorecard.
    """
    values = {name: np.tile(column, each) for name, column in values_at(points).items()}
    many = ensemble(
        scenario,
        worlds=len(points) * each,
        seed=seed,
        tracks=True,
        parameters=values,
        workers=workers,
        progress=progress,
    )
    return score(many.data)


def nearness(card: Scorecard, targets: Targets, points: int) -> tuple[Floats, NDArray[np.int64]]:
    """How near each point comes to the record (points,), at most about 0, and how many fitted patterns pass
    in its median world (points,).

    A world's closeness in a part is 1 within its bounds and exp(-2 d) at d tolerances outside. The nearness
    of a part is the logarithm of its mean over worlds, as in approximate Bayesian computation with a kernel;
    of a pattern, midway between the mean and the worst of its parts, since it passes only whole; of a point,
    the mean over patterns.
    """
    low, high = np.array([card.bounds(part) for part in targets.parts]).T
    raw = np.stack(
        [
            np.where(np.isnan(card.values[p]), 2 * LATE, np.minimum(card.values[p], 2 * LATE))
            for p in targets.parts
        ],
        axis=1,
    )
    worlds = raw.reshape(-1, points, len(targets.parts))

    def outside(values: Floats) -> Floats:
        return np.asarray(np.maximum(np.maximum(low - values, values - high), 0) / targets.reach)

    near = np.log(NEVER_NEAR + np.exp(-2 * outside(worlds)).mean(axis=0))
    missed = outside(np.percentile(worlds, 50, axis=0, method="nearest")) > 0
    patterns = np.array([card.patterns[part].pattern for part in targets.parts])
    each = [patterns == name for name in dict.fromkeys(patterns)]
    passes = np.sum([~missed[:, mine].any(axis=1) for mine in each], axis=0)
    return np.mean(
        [(near[:, mine].mean(axis=1) + near[:, mine].min(axis=1)) / 2 for mine in each], axis=0
    ), passes


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a calibration found.

    `best` is the calibrated point (parameters,): what the fitted patterns do not identify stands near the
    centre of its prior there. `plausible` (points, parameters), with how near they come and how many patterns
    pass, best first, carries the doubt that is left.
    """

    best: Floats
    plausible: Floats
    near: Floats
    passing: NDArray[np.int64]
    waves: tuple[Floats, ...]
    targets: Targets
    histories: dict[str, int]  # simulated in each step

    def calibrated(self) -> dict[str, float]:
        """The calibrated values of the parameters."""
        return {name: float(column[0]) for name, column in values_at(self.best[None, :]).items()}

    def rows(self) -> pd.DataFrame:
        """The plausible values of the parameters, a row a point, best first; what is fixed stands in no
        column.
        """
        return pd.DataFrame(values_at(self.plausible))

    def write(self, folder: Path, *, command: str, seed: int) -> list[Path]:
        """Write the calibrated values, the plausible sets and where they come from into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        table = (
            self.identified()
            .rename_axis("name")
            .rename(columns={"calibrated": "value"})
            .drop(columns=["low", "high"])
        )
        table["identified"] = (table["spread_left"] < IDENTIFIED).astype(int)
        paths = [folder / name for name in ("calibrated.csv", "plausible.csv", "calibrated.toml")]
        table.map(lambda x: float(f"{x:.5g}")).astype({"identified": int}).to_csv(paths[0])
        self.rows().map(lambda x: float(f"{x:.5g}")).to_csv(paths[1], index=False)
        about = {
            "command": command,
            "seed": seed,
            "date": date.today().isoformat(),
            "version": version("petrograd"),
            **digests(),
            "fitted_parts": list(self.targets.parts),
            "histories": self.histories,
            "plausible_sets": len(self.plausible),
            "patterns_passing": [int(n) for n in self.passing],
        }
        paths[2].write_text(tomli_w.dumps(about), encoding="utf-8")
        return paths

    def identified(self) -> pd.DataFrame:
        """A row a parameter: prior and plausible range (5 to 95 %), calibrated value, and the share of the
        prior's spread that matching left.

        The spread is that of the wave drawn where the record is plausible; the plausible sets are narrower,
        since they were sought out.
        """
        table, points, found = free(), self.plausible, self.calibrated()
        low, high = (values_at(np.percentile(points, q, axis=0)[None, :]) for q in (5, 95))
        return pd.DataFrame(
            {
                "low": table["low"],
                "high": table["high"],
                "plausible_low": [low[n][0] for n in table.index],
                "plausible_high": [high[n][0] for n in table.index],
                "calibrated": [found[n] for n in table.index],
                "spread_left": spread_left(self.waves[-2]),
            },
            index=table.index,
        ).sort_values("spread_left")


def spread_left(points: Floats) -> Floats:
    """The spread of points in the unit cube over that of the prior (parameters,): 1 where nothing was
    learnt.
    """
    return np.asarray(points.std(axis=0) * np.sqrt(12))


def sample(
    emulator: Emulator,
    targets: Targets,
    weights: Floats,
    taught_by: int,
    count: int,
    seed: int,
    start: Floats,
) -> Floats:
    """Points (count, parameters) drawn in proportion to how well the emulator has them do, by Metropolis
    steps in the unit cube.
    """
    generator = np.random.default_rng(seed)
    points = start[generator.integers(len(start), size=count)]
    badness = (
        weights * np.minimum(emulator.implausibility(points, targets, taught_by), 2 * CUTOFF) ** 2
    ).sum(axis=1)
    for step in range(STEPS):
        reach = (0.3, 0.1, 0.03)[step % 3]
        some = generator.random(points.shape) < 0.15
        moved = points + some * generator.normal(0.0, reach, points.shape)
        moved = np.abs(np.mod(moved + 1, 2) - 1)  # mirrored at the walls
        new = (weights * np.minimum(emulator.implausibility(moved, targets, taught_by), 2 * CUTOFF) ** 2).sum(
            axis=1
        )
        take = np.log(generator.random(count)) < 0.5 * (badness - new)
        points[take], badness[take] = moved[take], new[take]
    return points


def part_weights(card: Scorecard, targets: Targets) -> Floats:
    """The weight of each fitted part (parts,): all patterns weigh the same, however many parts they have."""
    patterns = [card.patterns[part].pattern for part in targets.parts]
    return np.array([1.0 / patterns.count(name) for name in patterns])


def match(
    scenario: str | Scenario = "historical",
    *,
    seed: int = 1917,
    first: int = 2000,
    later: tuple[int, ...] = (1000,),
    last: int = 64,
    workers: int | None = None,
    progress: bool | None = None,
    targets: Targets | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> tuple[tuple[Floats, ...], tuple[Floats, ...], Targets]:
    """The waves of points (points, parameters), each drawn where all before it find the targets plausible;
    their statistics; the targets.

    The last wave is proposed and not simulated. `targets` are the documented ones unless given, as when a
    known truth is to be recovered.
    """
    card = simulate(prior_points(first, seed), scenario, seed=seed, workers=workers, progress=progress)
    targets = targets or Targets.of(card)
    weights, waves, seen = (
        part_weights(card, targets),
        [prior_points(first, seed)],
        [targets.statistics(card)],
    )
    for number, count in enumerate((*later, last), 1):
        taught = np.vstack(waves)
        emulator = Emulator.taught(taught, np.vstack(seen))
        tell(
            f"wave {number}: {len(taught)} histories have taught the emulator; the last wave lies "
            f"{_off(seen[-1], targets, weights):.2f} tolerances off"
        )
        waves.append(sample(emulator, targets, weights, len(taught), count, seed + number, waves[-1]))
        if number <= len(later):
            card = simulate(waves[-1], scenario, seed=seed + number, workers=workers, progress=progress)
            seen.append(targets.statistics(card))
    return tuple(waves), tuple(seen), targets


def calibrate(
    scenario: str | Scenario = "historical",
    *,
    seed: int = 1917,
    keep: int = 64,
    workers: int | None = None,
    progress: bool | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Calibration:
    """Match the history: waves over the priors, then a search for the values that come nearest; `tell` hears
    how far it has come.
    """

    def tried(points: Floats, seed: int, each: int) -> tuple[Floats, NDArray[np.int64]]:
        return nearness(
            simulate(points, scenario, seed=seed, each=each, workers=workers, progress=progress),
            targets,
            len(points),
        )

    waves, _, targets = match(scenario, seed=seed, workers=workers, progress=progress, tell=tell)
    points, near, passing = _searched(waves[-1].mean(axis=0), tried, seed, tell)
    simpler = _simpler(np.vstack([_middles(points, near), _summit(points, near)]))
    heights, passes = tried(simpler, seed + 200, CONFIRMED)
    first = int(np.lexsort((-heights, -passes))[0])
    best = simpler[first]
    tell(
        f"the calibrated point: nearness {heights[first]:.3f}, {passes[first]} fitted patterns pass "
        f"over {CONFIRMED} worlds"
    )
    enough = ENOUGH * len({part[:3] for part in targets.parts})  # patterns, of which P07a and P07b are parts
    wide = _widest(np.vstack([best, points[passing >= enough]]), 2 * keep)
    near, passing = tried(wide, seed + 300, EACH)
    order = np.lexsort((-near, passing < enough))[:keep]
    tell(f"{keep} plausible points: {passing[order].mean():.1f} fitted patterns pass in the mean")
    histories = {
        "waves": sum(len(wave) for wave in waves[:-1]),
        "search": len(points) * EACH,
        "confirming": len(simpler) * CONFIRMED,
        "plausible": len(wide) * EACH,
    }
    return Calibration(best, wide[order], near[order], passing[order], waves, targets, histories)


def _searched(
    start: Floats,
    tried: Callable[[Floats, int, int], tuple[Floats, NDArray[np.int64]]],
    seed: int,
    tell: Callable[[str], None],
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """All points a search has tried (n, parameters), how near each came, less what it costs to stand there,
    and how many patterns passed.

    Each generation is scored on worlds of its own, so that no point is kept for its luck.
    """
    centre = point_at(parameters.centres())
    search = SepCMA(
        mean=start,
        sigma=REACH,
        bounds=np.tile([0.0, 1.0], (len(start), 1)),
        population_size=POINTS,
        seed=seed,
    )
    points, nearness_of, passing = [], [], []
    for generation in range(1, GENERATIONS + 1):
        drawn = np.array([search.ask() for _ in range(POINTS)])
        near, passes = tried(drawn, seed + 10 + generation, EACH)
        worth = near - PULL * ((drawn - centre) ** 2).sum(axis=1)
        search.tell(list(zip(drawn, (-worth).tolist(), strict=True)))
        points.append(drawn)
        nearness_of.append(worth)
        passing.append(passes)
        tell(
            f"generation {generation}: nearness {near.mean():.3f} in the mean, "
            f"{np.sort(near)[-POINTS // 4 :].mean():.3f} in the best quarter; {passes.mean():.1f} "
            "fitted patterns pass"
        )
    return np.vstack(points), np.concatenate(nearness_of), np.concatenate(passing)


def _middles(points: Floats, near: Floats) -> Floats:
    """The middle of the best quarter of the last twelve, six and three generations of a search (3,
    parameters).
    """
    best = np.argsort(-near.reshape(-1, POINTS), axis=1, kind="stable")[:, : POINTS // 4]
    means = np.take_along_axis(points.reshape(len(best), POINTS, -1), best[:, :, None], axis=1).mean(axis=1)
    return np.array([means[-last:].mean(axis=0) for last in (12, 6, 3)])


def _summit(points: Floats, near: Floats) -> Floats:
    """Where an emulator of the nearness, taught by the later half of a search, has its highest point among
    those tried, and half way there (2, parameters).
    """
    late = points[len(points) // 2 :]
    emulator = Emulator.taught(late, near[len(points) // 2 :, None])
    least, most = np.percentile(late, [10, 90], axis=0)
    steps = least + (most - least) * np.linspace(0, 1, 41)[:, None]
    count = points.shape[1]
    height = (
        emulator.weights[1 : 1 + count, 0] * (2 * steps - 1)
        + emulator.weights[1 + count :, 0] * (2 * steps - 1) ** 2
    )
    top = steps[np.argmax(height, axis=0), np.arange(count)]
    return np.array([top, (top + late.mean(axis=0)) / 2])


def _simpler(points: Floats) -> Floats:
    """The points, and each with what has moved little set back to the centre of its prior (points * MOVED,
    parameters).
    """
    centre = point_at(parameters.centres())
    return np.vstack([np.where(abs(points - centre) < moved, centre, points) for moved in MOVED])


def _widest(points: Floats, count: int) -> Floats:
    """So many of some points (n, parameters) as lie far from each other: the first, then always the one
    farthest from those taken.
    """
    taken, apart = [0], ((points - points[0]) ** 2).sum(axis=1)
    while len(taken) < min(count, len(points)):
        taken.append(int(np.argmax(apart)))
        apart = np.minimum(apart, ((points - points[taken[-1]]) ** 2).sum(axis=1))
    return points[taken]


def _off(statistics: Floats, targets: Targets, weights: Floats) -> float:
    """The mean distance of worlds from the targets, in tolerances."""
    return float(
        (np.minimum(np.abs(statistics - targets.middle) / targets.reach, 3) * weights).sum(axis=1).mean()
        / weights.sum()
    )
