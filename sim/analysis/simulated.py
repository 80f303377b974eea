"""Simulated sets: what of the record may be fitted to, how far a set of values is from it, and the trying of
sets, a block at a time, kept as it is finished.
"""

from __future__ import annotations

import inspect
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from sim import clock, history
from sim.analysis import october, rising
from sim.analysis.crps import number, off, parts_of, ranked
from sim.analysis.nulls import Null
from sim.analysis.priors import Floats, free, values_at
from sim.analysis.scorecard import Measures
from sim.counterfactual.scenario import PASTS
from sim.history import Pattern
from sim.playing import tried
from sim.store import digests, put

MEASURES: dict[str, Measures] = {"october24": october.MEASURES, "october29": rising.MEASURES}
BLOCK = 2000  # histories that are kept together


@dataclass(frozen=True)
class Fitted:
    """An event, and the parts of its patterns that may be fitted to. `share` of a set's worlds are played of
    it.
    """

    event: str
    parts: Mapping[str, Pattern]
    share: float = 1.0

    @property
    def scenario(self) -> str:
        """The scenario in which nothing of its event is otherwise."""
        return PASTS[self.event]

    def worlds(self, each: int) -> int:
        """How many of a set's worlds are played of it; two at least, or nothing could be said of their
        spread.
        """
        return max(round(self.share * each), 2)

    def measured(self, data: Any) -> Floats:
        """The fitted parts (worlds, parts) of a dataset of outcomes with tracks."""
        return np.stack([MEASURES[self.event][part](data) for part in self.parts], axis=1)

    def distances(self, values: Floats) -> Floats:
        """How far off the record worlds are (..., parts, worlds), in half-tolerances, by the values of the
        parts.
        """
        start, end = clock.EVENTS[self.event]
        horizon = clock.minutes(end, start)
        each = [
            np.zeros_like(known) if part.unscored else off(known, part, start=start, horizon=horizon)
            for part, known in zip(self.parts.values(), np.moveaxis(values, -2, 0), strict=True)
        ]
        return np.stack(each, axis=-2)

    def planted(self, found: Simulated, truth: int) -> Fitted:
        """The same with the first history of a simulated set in place of the record, and no less tolerant."""
        start, end = clock.EVENTS[self.event]
        values = found.values[self.event][truth, :, 0]
        horizon = clock.minutes(end, start)
        parts = {
            name: moved(part, float(value), start, horizon)
            for (name, part), value in zip(self.parts.items(), values, strict=True)
        }
        return replace(self, parts=parts)


def moved(part: Pattern, value: float, start: datetime, horizon: float) -> Pattern:
    """A part with another value documented, and bounds as far from it. A bound that stands alone gives way to
    a value beyond it, and else stays; where the question does not arise, or has no end, nothing is asked.
    """
    low, high = number(part.low, start, -np.inf), number(part.high, start, np.inf)
    value = min(value, horizon) if part.unit == "clock" else value
    if not np.isfinite(value):
        return part.model_copy(update={"unscored": "it does not arise"})
    if np.isfinite(low) and np.isfinite(high):
        half = (high - low) / 2
        return part.model_copy(update={"low": value - half, "high": value + half, "target": value})
    bound = low if np.isfinite(low) else high
    beyond = min(bound, value) if np.isfinite(low) else max(bound, value)
    target = number(part.target, start, bound) - bound + beyond
    side = "low" if np.isfinite(low) else "high"
    return part.model_copy(update={side: beyond, "target": target})


def fitted() -> tuple[Fitted, ...]:
    """The events with parts that are marked train, the first with all worlds of a set, others with half."""
    events: list[Fitted] = []
    for event in MEASURES:
        patterns = history.load(event=event).patterns
        parts = {name: patterns[name] for name in parts_of("train", patterns)}
        events += [Fitted(event, parts, 0.5 if events else 1.0)] if parts else []
    return tuple(events)


@dataclass(frozen=True, eq=False)
class Simulated:
    """Sets at points of the unit cube (sets, parameters), and by event the values of the fitted parts in
    their worlds (sets, parts, worlds).
    """

    points: Floats
    values: Mapping[str, Floats]

    def losses(self, record: Sequence[Fitted], worlds: slice = slice(None)) -> Floats:
        """The sum of the scores of all fitted parts (sets,), fair to any number of worlds."""
        each = [ranked(it.distances(self.values[it.event][..., worlds]), fair=True) for it in record]
        return np.asarray(sum(scores.sum(axis=-1) for scores in each))

    def __len__(self) -> int:
        return len(self.points)

    @classmethod
    def together(cls, some: Sequence[Simulated]) -> Simulated:
        """Several as one."""
        values = {event: np.concatenate([s.values[event] for s in some]) for event in some[0].values}
        return cls(np.concatenate([s.points for s in some]), values)


@dataclass(frozen=True, eq=False)
class Trial:
    """How sets are tried: on which events, under which null model if any, by how many threads, and where what
    is finished is kept.
    """

    record: tuple[Fitted, ...]
    null: Null | None
    seed: int
    folder: Path
    workers: int | None
    bar: tqdm[Any]

    @property
    def fixed(self) -> Mapping[str, float]:
        """The parameters that take no part in the fit."""
        return self.null.fixed if self.null else {}

    @property
    def _null(self) -> list[object]:
        """What tells a null model apart."""
        return [self.null.title, dict(self.fixed)] if self.null else []

    def __call__(self, stage: str, points: Floats, each: int, *, common: bool = False) -> Simulated:
        """Try sets (sets, parameters) in so many worlds each, all on the same luck if it is `common`."""
        step = max(BLOCK // each, 1)
        starts = range(0, len(points), step)
        blocks = [
            self._block(stage, points[a : a + step], each, -1 if common else n) for n, a in enumerate(starts)
        ]
        return Simulated.together(blocks)

    def _block(self, stage: str, points: Floats, each: int, number: int) -> Simulated:
        """One block, as it is kept or played now; -1 is the number of all that have one luck."""
        self.bar.set_description(f"calibrate, {stage}")
        luck = int.from_bytes(sha256(f"{self.seed} {stage} {number}".encode()).digest()[:6], "little")
        about = [stage, each, luck, {it.event: list(it.parts) for it in self.record}, self._null]
        told = json.dumps([*about, list(free(self.fixed).index), digests()]).encode()
        code = b"".join(inspect.getsource(module).encode() for module in (october, rising))
        name = sha256(told + code + points.tobytes()).hexdigest()[:16]
        path = self.folder / f"{stage.replace(' ', '-')}-{name}.npz"
        if path.exists():
            with np.load(path) as kept:
                values = {it.event: kept[it.event] for it in self.record}
            self.bar.update(sum(v.shape[0] * v.shape[2] for v in values.values()))
            return Simulated(points, values)
        values = {it.event: self._played(it, points, each, luck, number < 0) for it in self.record}
        _keep(path, values)
        return Simulated(points, values)

    def _played(self, it: Fitted, points: Floats, each: int, luck: int, common: bool) -> Floats:
        worlds = it.worlds(each)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*beyond its prior")  # a null model's own affair
            data = tried(
                it.scenario,
                values_at(points, self.fixed),
                each=worlds,
                lucks=worlds if common else 0,
                seed=luck,
                workers=self.workers,
                after=self.null.after() if self.null else None,
            )
        found = it.measured(data).reshape(len(points), worlds, -1).transpose(0, 2, 1)
        self.bar.update(len(points) * worlds)
        return found


def _keep(path: Path, values: Mapping[str, NDArray[Any]]) -> None:
    packed = io.BytesIO()
    np.savez_compressed(packed, **dict(values))  # type: ignore[arg-type]
    put(path, packed.getvalue())
