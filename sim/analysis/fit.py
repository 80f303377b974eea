"""The fit: a sample of sets of values, each with the weight that the documented patterns give it.

The weight of a set is its prior times exp(-eta x loss), a generalised posterior (Bissiri, Holmes and Walker
2016); the loss is the sum of the scores of all parts that may be fitted to (sim.analysis.crps), and eta is
set by planted truths. Few of the parameters are identified, and a loss measured in few worlds is noisy, so
that no chain is walked. Sets drawn over the priors teach an emulator of the loss; each wave is drawn from
what the emulator makes of prior and loss, at a rising share of eta, and teaches it anew. The sets of the last
draw are tried on fresh luck, the same for all, and weighted by how much their loss differs from the emulated
one, less what of that difference is luck.

Only the patterns marked `train` are looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from sim.analysis import emulator
from sim.analysis.calibration import Calibration
from sim.analysis.emulator import Emulator, Floats
from sim.analysis.nulls import Null
from sim.analysis.planted import plant
from sim.analysis.priors import prior_points
from sim.analysis.simulated import Fitted, Simulated, Trial, fitted

HISTORIES = 240_000  # in all, unless asked otherwise
PRIOR, WAVES, LAST, BEST = 0.3, 0.4, 0.25, 0.05  # shares of them: priors, waves, last draw, the best again
STEPS = (0.5, 1.0, 3.0, 8.0, 20.0)  # times eta, at which the waves are drawn
BROAD = 1  # the wave that is drawn as the sample is to be
DRAWN = {BROAD: 0.8, 3: 0.1, 4: 0.1}  # shares of the last draw, by the step at which they are drawn
FEW = 4  # worlds a set to teach the emulator
SETS, LEAST = 1600, 200  # sets of the last draw, and how few they may be
HEARD = 8  # sets at least to teach a coefficient
TOP = 20  # sets that are tried again, of which the best is the calibrated one
TRUTHS = 400  # planted


def calibrate(
    folder: Path,
    *,
    seed: int = 1917,
    histories: int = HISTORIES,
    null: Null | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Calibration:
    """Fit the free parameters to all parts marked train; what is finished is kept in a folder, and the same
    call goes on from there. `tell` hears what each stage found; under a `null` model its parameters are
    fixed.
    """
    record = fitted()
    folder.mkdir(parents=True, exist_ok=True)
    plan = _plan(histories, sum(it.worlds(100) / 100 for it in record))
    shown = "{desc}: {percentage:3.0f} % of {total_fmt} histories |{bar}| {remaining} left"
    with tqdm(
        total=plan.histories(record), disable=None if progress is None else not progress, bar_format=shown
    ) as bar:
        trial = Trial(record, null, seed, folder, workers, bar)

        def say(line: str) -> None:
            bar.clear()  # that the line does not begin beside the bar
            tell(line)

        first = trial("priors", prior_points(plan.prior, seed, trial.fixed), FEW)
        planted = plant(record, first, TRUTHS, seed)
        say(f"priors: {len(first):,} sets; planted truths allow an eta of {planted.eta():g}")
        waves, energies = _waves(trial, plan, first, planted.eta(), say)
        near = plant(record, waves[1 + BROAD], TRUTHS, seed, energies[BROAD])
        eta = near.eta()
        say(f"truths planted in wave {1 + BROAD} set eta at {eta:g}")
        energies[BROAD] = eta * _taught(record, waves, eta).curves
        last = trial("last draw", _last(energies, plan.sets, seed), plan.each, common=True)
        weights, losses, told = _weighed(record, last, energies, eta)
        best, losses = _best(trial, last, losses, plan)
    told |= {"histories": float(plan.histories(record)), "worlds_a_set": float(plan.each)}
    return Calibration(record, trial.fixed, last, weights, losses, best, eta, planted, near, told)


@dataclass(frozen=True)
class Plan:
    """How many sets are tried over the priors, in a wave, and at last, the worlds of each of the last, and of
    the best again.
    """

    prior: int
    wave: int
    sets: int
    each: int
    again: int

    def histories(self, record: tuple[Fitted, ...]) -> int:
        """How many histories that is, over all events."""
        stages = [(self.prior, FEW), (len(STEPS) * self.wave, FEW), (self.sets, self.each), (TOP, self.again)]
        return sum(sets * it.worlds(each) for sets, each in stages for it in record)


def _plan(histories: int, dear: float) -> Plan:
    """A plan of so many histories, where a world of a set costs `dear` of them."""
    count = histories / dear
    sets = int(np.clip(LAST * count / 16, LEAST, SETS))
    return Plan(
        prior=int(PRIOR * count / FEW),
        wave=int(WAVES * count / FEW / len(STEPS)),
        sets=sets,
        each=max(int(LAST * count / sets) // 2 * 2, 8),
        again=max(int(BEST * count / TOP), 16),
    )


def _waves(
    trial: Trial, plan: Plan, first: Simulated, eta: float, tell: Callable[[str], None]
) -> tuple[list[Simulated], list[Floats]]:
    """All waves, that over the priors first, and the energy (parameters, cells) by which each after it was
    drawn.
    """
    waves, energies = [first], []
    for number, times in enumerate(STEPS):
        emulated = _taught(trial.record, waves, eta * times)
        energies.append(eta * times * emulated.curves)
        points = emulator.drawn(energies[-1], plan.wave, trial.seed + number)
        waves.append(trial(f"wave {number + 1} of {len(STEPS)}", points, FEW))
        found, said = waves[-1].losses(trial.record), emulated(points)
        tell(
            f"wave {number + 1}, {times:g} times eta: loss {found.mean():.2f} in the mean, emulated "
            f"{said.mean():.2f}; they go together by {float(np.corrcoef(found, said)[0, 1]):.2f}"
        )
    return waves, energies


def _taught(record: tuple[Fitted, ...], waves: list[Simulated], eta: float) -> Emulator:
    """The emulator that all waves teach, each set the more, the more its loss lets it be drawn at an eta; but
    to every coefficient some are heard.
    """
    every = Simulated.together(waves)
    losses = every.losses(record)
    first = Emulator(emulator.taught(every.points, losses))
    beyond = first(every.points)
    beyond = np.maximum(beyond - np.quantile(beyond, 0.05), 0)
    wanted = HEARD * len(first.coefficients)
    while np.exp(-eta * beyond).sum() < wanted and eta > 1e-3:
        eta *= 0.8
    return Emulator(emulator.taught(every.points, losses, np.exp(-eta * beyond)))


def _last(energies: list[Floats], count: int, seed: int) -> Floats:
    """The points of the last draw: most as the sample is to be, some where the loss is least."""
    each = [
        emulator.drawn(energies[step], round(share * count), seed + 100 + step)
        for step, share in DRAWN.items()
    ]
    return np.vstack(each)


def _weighed(
    record: tuple[Fitted, ...], last: Simulated, energies: list[Floats], eta: float
) -> tuple[Floats, Floats, dict[str, float]]:
    """The weights and losses (sets,) of the last draw, and what they rest on.

    The weight of a set is exp(-eta x loss) over the density by which sets were drawn, the mixture of all that
    the last draw was made of (Owen and Zhou 2000). Of what its loss is off the emulated one a share is luck:
    so much of it as two halves of the worlds differ. The rest is what is expected of the true difference
    where both are normal.
    """
    densities = {step: emulator.log_density(energies[step], last.points) for step in DRAWN}
    mixture = sum(share * np.exp(densities[step]) for step, share in DRAWN.items())
    losses = last.losses(record)
    emulated = -densities[BROAD] / eta
    emulated = emulated + np.mean(losses - emulated)
    halves = [last.losses(record, slice(first, None, 2)) for first in (0, 1)]
    luck = float(np.var(halves[0] - halves[1])) / 4
    firm = max(1 - luck / float(np.var(losses - emulated)), 0.0)
    believed = emulated + firm * (losses - emulated)
    raw = np.exp(-eta * (believed - believed.min())) / mixture
    told = {"luck_sd": luck**0.5, "off_sd": float(np.std(losses - emulated)), "firm": firm}
    return np.asarray(raw / raw.sum()), believed, told


def _best(trial: Trial, last: Simulated, losses: Floats, plan: Plan) -> tuple[int, Floats]:
    """Which set loses least, when those that seem to are tried again on other luck, and the losses with what
    was found then.
    """
    top = np.argsort(losses, kind="stable")[: min(TOP, len(losses))]
    again = trial("the best again", last.points[top], plan.again, common=True).losses(trial.record)
    found = losses.copy()
    found[top] = again
    return int(top[np.argmin(again)]), found
