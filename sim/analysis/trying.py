"""Trying: what a question's answer is at points of the priors and of the openings in doubt, every point on
the same luck.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from sim.analysis.priors import free, values_at
from sim.counterfactual.changes import Change, Loyalty, Strength
from sim.counterfactual.measures import Measure
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.turns import Turn
from sim.parameters import table
from sim.plan.layout import Layout, Stage, layout
from sim.plan.turning import take_turn
from sim.playing import Chunk
from sim.results.rows import Rows
from sim.store import digests, put

Floats = NDArray[np.float64]
Answers = Callable[
    [Floats], Floats
]  # from points of the unit cube (points, inputs) to answers (points, worlds)
BLOCK = 25  # points that a thread plays, and that are kept, together


@dataclass(frozen=True)
class Opening:
    """A doubt about the opening: what is changed, from where to where, by logarithms or not."""

    name: str
    label: str
    low: float
    high: float
    log: bool
    change: Callable[[float], Change]

    def at(self, share: float) -> Change:
        """The change at a point between the two ends, 0 .. 1."""
        if self.log:
            return self.change(float(self.low * (self.high / self.low) ** share))
        return self.change(float(self.low + (self.high - self.low) * share))


def _men(kind: str, label: str) -> Opening:
    return Opening(f"men:{kind}", label, 0.5, 2.0, True, lambda x: Strength(who=kind, times=x))


# Judgements: as far as sources differ on who stood where in his mind, and on how many there were.
OPENINGS = (
    Opening(
        "leaning:garrison",
        "Leaning of the garrison",
        -0.3,
        0.3,
        False,
        lambda x: Loyalty(who="garrison", by=x),
    ),
    _men("red_guard", "Men of the Red Guard"),
    _men("cadets", "Cadets"),
    _men("cossacks", "Cossacks"),
    _men("sailors", "Sailors"),
)


def inputs() -> dict[str, str]:
    """What may be varied, and what it is: the free parameters, then the openings in doubt."""
    named = {str(name): str(table().loc[name, "meaning"]) for name in free().index}
    return named | {it.name: it.label for it in OPENINGS}


@dataclass(frozen=True)
class Question:
    """A measure in a scenario, or by how much it is more in another; asked at all points in the same
    worlds.
    """

    scenarios: tuple[Scenario, ...]
    measure: Measure
    worlds: int
    seed: int
    threads: int
    kept: Path | None = None
    progress: bool | None = None

    def __call__(self, points: Floats, stage: str = "tried") -> Floats:
        """The answer (points, worlds) at points of the unit cube (points, inputs)."""
        for scenario in self.scenarios:
            Chunk(scenario, self.seed, 0, 1).warm_up()
        blocks = [points[a : a + BLOCK] for a in range(0, len(points), BLOCK)]
        watched = sys.stderr.isatty() if self.progress is None else self.progress
        bar = tqdm(total=len(points), desc=stage, disable=not watched, file=sys.stderr, leave=False)
        done = []
        with bar, ThreadPoolExecutor(self.threads) as pool:
            for answers in pool.map(self._block, blocks):
                done.append(answers)
                bar.update(len(answers))
        return np.concatenate(done)

    def _block(self, points: Floats) -> Floats:
        """The answers of one block, as they are kept or played now."""
        told = json.dumps([*(s.toml() for s in self.scenarios), self.measure.name, self.worlds, self.seed])
        about = told + json.dumps([digests(), list(inputs())])
        name = sha256(about.encode() + points.tobytes()).hexdigest()[:16]
        path = None if self.kept is None else self.kept / f"tried-{name}.npy"
        if path is not None and path.exists():
            return np.asarray(np.load(path))
        each = [self._played(scenario, points) for scenario in self.scenarios]
        answers = each[0] if len(each) == 1 else each[1] - each[0]
        if path is not None:
            packed = io.BytesIO()
            np.save(packed, answers)
            path.parent.mkdir(parents=True, exist_ok=True)
            put(path, packed.getvalue())
        return answers

    def _played(self, scenario: Scenario, points: Floats) -> Floats:
        """The measure (points, worlds) in one scenario."""
        made = layout(scenario)
        stage, values = Stage(made), values_at(points[:, : len(free())])
        rows = Rows.blank(made, len(points) * self.worlds, tracks=False)
        for k, point in enumerate(points):
            settings = {name: float(column[k]) for name, column in values.items()} | dict(scenario.settings)
            stage.layout = opened(stage, made, point[len(free()) :])
            for world in range(self.worlds):
                while not rows.play(stage, k * self.worlds + world, self.seed, world, settings):
                    made = made.roomier()
                    stage = Stage(made)
                    stage.layout = opened(stage, made, point[len(free()) :])
        return self.measure(rows.dataset(made, self.seed)).reshape(len(points), self.worlds)


def opened(stage: Stage, made: Layout, shares: Sequence[float] | Floats) -> Layout:
    """A layout with the openings in doubt as they are at a point (openings,), 0 .. 1 each."""
    changes = tuple(it.at(share) for it, share in zip(OPENINGS, shares, strict=True))
    template = made.template.copy()
    take_turn(template, stage.ways, Turn(made.scenario.start, 0, changes), made.cast, made.plan)
    return replace(made, template=template)
