"""The fit: a sample of sets of values, each with the weight that the documented patterns give it.

The weight of a set is its prior times exp(-eta x loss), a generalised posterior (Bissiri, Holmes and Walker
2016); the loss is the sum of the scores of all parts that may be fitted to (sim.analysis.crps), and eta is
set by planted truths. A loss measured in few worlds is noisy and few of the parameters are identified, so
that no chain is walked with the model. Sets drawn over the priors teach an emulator of the loss, on which
chains cost next to nothing; each wave is drawn from what it makes of prior and loss, at a rising share of
eta, and teaches it anew. The sets of the last draw are tried on fresh luck, the same for all, and weighted by
how much their loss differs from the emulated one, less what of that difference is luck.

Only the patterns marked `train` are looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from sim.analysis.calibration import Calibration
from sim.analysis.emulator import Emulator, Floats, drawn
from sim.analysis.nulls import Null
from sim.analysis.planted import plant
from sim.analysis.priors import prior_points
from sim.analysis.simulated import Fitted, Simulated, Trial, fitted

Energy = Callable[[Floats], Floats]

HISTORIES = 140_000  # in all, unless asked otherwise
PRIOR, WAVES, LAST, BEST = 0.3, 0.4, 0.25, 0.05  # shares of them: priors, waves, last draw, the best again
STEPS = (0.5, 1.0, 3.0, 8.0, 20.0)  # times eta, at which the waves are drawn
BROAD = 1  # the wave in which truths are planted: it is drawn as the sample is to be
SAMPLE = 0.9  # share of the last draw that is the sample; the rest is drawn where the loss is least
FEW = 4  # worlds a set to teach the emulator
SETS, LEAST = 1600, 200  # sets of the last draw, and how few they may be
TOP = 20  # sets that are tried again, of which the best is the calibrated one
TRUTHS = 200  # planted
POOL = 8000  # draws that say what is found for a truth


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
        pool = prior_points(POOL, seed + 1, trial.fixed)
        planted = plant(record, first, range(len(first)), pool, TRUTHS, seed)
        say(f"priors: {len(first):,} sets; planted truths allow an eta of {planted.eta():g}")
        every, energy = _waves(trial, plan, first, planted.eta(), say)
        pool = drawn(energy, first.points.shape[1], POOL, seed + 1)
        begin = len(first) + BROAD * plan.wave
        near = plant(record, every, range(begin, begin + plan.wave), pool, TRUTHS, seed)
        eta = near.eta()
        say(f"truths planted in wave {1 + BROAD} set eta at {eta:g}")
        emulated = Emulator.of(every.points, every.losses(record))
        last = trial("last draw", _last(emulated, eta, plan.sets, seed), plan.each, common=True)
        weights, losses, told = _weighed(record, last, emulated(last.points), eta)
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
) -> tuple[Simulated, Energy]:
    """The sets of all waves, those over the priors first, and the energy by which the broad one was drawn."""
    every, energies = first, []
    for number, times in enumerate(STEPS):
        emulated = Emulator.of(every.points, every.losses(trial.record))
        energies.append(_energy(emulated, eta * times))
        points = drawn(energies[-1], every.points.shape[1], plan.wave, trial.seed + number)
        wave = trial(f"wave {number + 1} of {len(STEPS)}", points, FEW)
        found, said = wave.losses(trial.record), emulated(points)
        tell(
            f"wave {number + 1}, {times:g} times eta: loss {found.mean():.2f} in the mean, emulated "
            f"{said.mean():.2f}; they go together by {float(np.corrcoef(found, said)[0, 1]):.2f}"
        )
        every = Simulated.together([every, wave])
    return every, energies[BROAD]


def _energy(emulated: Emulator, eta: float) -> Energy:
    return lambda points: eta * emulated(points)


def _last(emulated: Emulator, eta: float, count: int, seed: int) -> Floats:
    """The points of the last draw: most as the sample is to be, and after them some where the loss is
    least.
    """
    sample, least = round(SAMPLE * count), count - round(SAMPLE * count)
    parameters = len(emulated.basis.stretch)
    return np.vstack(
        [
            drawn(_energy(emulated, eta), parameters, sample, seed + 100),
            drawn(_energy(emulated, eta * STEPS[-1]), parameters, least, seed + 101),
        ]
    )


def _weighed(
    record: tuple[Fitted, ...], last: Simulated, emulated: Floats, eta: float
) -> tuple[Floats, Floats, dict[str, float]]:
    """The weights and losses (sets,) of the last draw, by what its losses were emulated at (sets,), and what
    they rest on.

    The sample was drawn by exp(-eta x emulated), so that the weight of a set in it is exp(-eta x (loss -
    emulated)); those drawn where the loss is least have none. Of what a loss is off the emulated one a share
    is luck: so much of it as two halves of the worlds differ. The rest is what is expected of the true
    difference where both are normal.
    """
    sample = np.arange(len(last)) < round(SAMPLE * len(last))
    losses = last.losses(record)
    beyond = losses - emulated
    mean = beyond[sample].mean()
    halves = [last.losses(record, slice(first, None, 2))[sample] for first in (0, 1)]
    luck, off = float(np.var(halves[0] - halves[1])) / 4, float(np.var(beyond[sample]))
    firm = max(1 - luck / off, 0.0)
    believed = emulated + mean + firm * (beyond - mean)
    raw = np.where(sample, np.exp(-eta * firm * (beyond - beyond[sample].min())), 0.0)
    told = {"luck_sd": luck**0.5, "off_sd": off**0.5, "firm": firm}
    return raw / raw.sum(), believed, told


def _best(trial: Trial, last: Simulated, losses: Floats, plan: Plan) -> tuple[int, Floats]:
    """Which set loses least, when those that seem to are tried again on other luck, and the losses with what
    was found then.
    """
    top = np.argsort(losses, kind="stable")[: min(TOP, len(losses))]
    again = trial("the best again", last.points[top], plan.again, common=True).losses(trial.record)
    found = losses.copy()
    found[top] = again
    return int(top[np.argmin(again)]), found
