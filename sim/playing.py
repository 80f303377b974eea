"""Playing: one history in full, many of a scenario, or several scenarios on the same luck.

Each thread owns one world and plays a history to its end before the next; what is finished can be put on disk
at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from sim import clock, parameters
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.errors import ScenarioError, number, slug, whole

if TYPE_CHECKING:
    from sim.results.comparison import Comparison
    from sim.results.ensemble import Ensemble
    from sim.results.rows import Rows
    from sim.results.run import Run

CHUNK = 50  # worlds that a thread plays before it hands them over
AHEAD = 32  # chunks in hand with an executor whose size is not known
PLAUSIBLE = "plausible"
Given = Mapping[str, ArrayLike] | str | None  # parameters: values by name, or a word


class PlayingError(RuntimeError):
    """Histories that could not be finished: one line, with what is kept."""


@dataclass(frozen=True)
class Chunk:
    """The worlds from `first` to before `stop` of a scenario under a seed; `values` sets parameters,
    (worlds,) each.
    """

    scenario: Scenario
    seed: int
    first: int
    stop: int
    tracks: bool = False
    pulse: float = 5.0
    values: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def about(self) -> dict[str, object]:
        """What tells its ensemble apart from others."""
        told = {"seed": self.seed, "tracks": self.tracks, "pulse_minutes": self.pulse}
        return {**told, "scenario": self.scenario.toml()}

    def warm_up(self) -> None:
        """See that the rules are compiled, before threads ask for them all at once."""
        from sim import compiled
        from sim.plan.layout import Stage, layout
        from sim.results.rows import Rows

        made = layout(self.scenario, self.pulse)
        with compiled.told():
            Rows.blank(made, 1, tracks=self.tracks).open(Stage(made))

    def __call__(self, stopped: Callable[[], bool] = lambda: False) -> Rows:
        """Play the worlds to the end, unless somebody stops it: what came of them, and samples if wanted."""
        from sim import compiled
        from sim.plan.layout import Stage, layout
        from sim.results.rows import Rows

        made = layout(self.scenario, self.pulse)
        rows, stage = Rows.blank(made, self.stop - self.first, tracks=self.tracks), Stage(made)
        with compiled.told():
            for k in range(self.stop - self.first):
                if stopped():
                    raise PlayingError("stopped")
                values = {name: float(v[k]) for name, v in self.values.items()}
                while not rows.play(stage, k, self.seed, self.first + k, self.scenario.settings | values):
                    stage = Stage(stage.layout.roomier())
        return rows


def run(
    scenario: str | Path | Scenario = "historical",
    *,
    seed: int = 1917,
    world: int = 0,
    parameters: Mapping[str, float] | str | None = None,
    pulse: float = 5.0,
) -> Run:
    """Play one history from start to end with everything recorded.

    The same scenario, seed, world and parameters give the same history, bit for bit. Raises ScenarioError for
    an unknown scenario, ParameterError for a parameter, and ValueError for a seed or world that is no whole
    number from 0.
    """
    from sim.results.run import record

    played, which = find_scenario(scenario), whole("world", world)
    values = {name: float(v[0]) for name, v in _set(played, parameters, 1, which).items()}
    return record(played, whole("seed", seed), which, number("pulse", pulse), played.settings | values)


def ensemble(
    scenario: str | Path | Scenario = "historical",
    *,
    worlds: int = 1000,
    seed: int = 1917,
    workers: int | Executor | None = None,
    tracks: bool = False,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    out: str | Path | None = None,
    progress: bool | None = None,
    pulse: float = 5.0,
) -> Ensemble:
    """Play many histories of a scenario: world k is the history `run(scenario, seed=seed, world=k)`.

    `workers` is a number of threads (one a core if None) or any concurrent.futures.Executor, such as that of
    a Dask cluster. `tracks` keeps how things stood every quarter of an hour. `parameters` sets some, one
    number for all or one for each world, or is "plausible": every world has a set of values that calibration
    left possible, so that intervals hold the doubt about them. With `out`, what is finished is put into a
    folder there at once: the same call goes on from what it finds. The results are the same however they were
    played. Raises ScenarioError, ParameterError, ValueError for numbers, StoreError for the folder,
    PlayingError.
    """
    return _ensembles(
        [find_scenario(scenario)], worlds, seed, workers, tracks, parameters, out, progress, pulse
    )[0]


def compare(
    *scenarios: str | Path | Scenario,
    worlds: int = 1000,
    seed: int = 1917,
    workers: int | Executor | None = None,
    tracks: bool = True,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    out: str | Path | None = None,
    progress: bool | None = None,
    pulse: float = 5.0,
) -> Comparison:
    """Play several scenarios on the same luck, the first of them the base; world k of each begins with the
    same draws.

    The options are those of `ensemble`. Raises what it raises, and ScenarioError if two scenarios bear one
    name.
    """
    from sim.results.comparison import Comparison

    return Comparison(
        tuple(
            _ensembles(distinct(scenarios), worlds, seed, workers, tracks, parameters, out, progress, pulse)
        )
    )


def distinct(scenarios: Iterable[str | Path | Scenario]) -> list[Scenario]:
    """The scenarios of a comparison, one or more, each of another name; raises ScenarioError."""
    played = [find_scenario(name) for name in scenarios]
    names = [s.name for s in played]
    if not names:
        raise ScenarioError("compare: wanted a scenario or several, got none")
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise ScenarioError(f"compare: wanted scenarios of different names, got '{twice}' twice")
    if len({slug(name) for name in names}) < len(names):
        raise ScenarioError(f"compare: wanted names that make different file names, got {', '.join(names)}")
    base = played[0]
    for other in played[1:]:
        if other.opening != base.opening:
            events = f"{base.opening} ({base.name}) and {other.opening} ({other.name})"
            raise ScenarioError(f"compare: wanted scenarios of one event, got {events}")
        if other.end != base.end:
            ends = f"{clock.label(base.end)} ({base.name}) and {clock.label(other.end)} ({other.name})"
            raise ScenarioError(f"compare: wanted scenarios that end at one hour, got {ends}")
    return played


def _ensembles(
    scenarios: list[Scenario],
    worlds: int,
    seed: int,
    workers: int | Executor | None,
    tracks: bool,
    given: Given,
    out: str | Path | None,
    progress: bool | None,
    pulse: float,
) -> list[Ensemble]:
    """The worlds of some scenarios, all their chunks in one queue."""
    from sim.plan.layout import layout
    from sim.results.ensemble import Ensemble
    from sim.results.rows import Rows

    count, seed, pulse = whole("worlds", worlds, least=1), whole("seed", seed), number("pulse", pulse)
    workers = _workers(workers)
    try:
        each = [Rows.blank(layout(s, pulse), count, tracks=tracks) for s in scenarios]
        chunks = [_cut(s, seed, count, tracks, pulse, given) for s in scenarios]
    except MemoryError:
        raise ValueError(
            f"worlds: wanted as many as there is memory for (some 2.5 kB each), got {count:,}"
        ) from None
    queue = [(s, chunk) for s, mine in enumerate(chunks) for chunk in mine]
    for k, rows in _played(queue, workers, None if out is None else Path(out), progress):
        each[queue[k][0]].put(queue[k][1].first, rows)
    drawn = [given if isinstance(given, str) else "given" if given else "calibrated"] * len(scenarios)
    values = {} if isinstance(given, str) else _set(scenarios[0], given, count)
    return [
        Ensemble.of(rows, layout(s, pulse), seed, how, values)
        for rows, s, how in zip(each, scenarios, drawn, strict=True)
    ]


def _cut(scenario: Scenario, seed: int, count: int, tracks: bool, pulse: float, given: Given) -> list[Chunk]:
    """The worlds of a scenario in chunks."""
    spans = [(first, min(first + CHUNK, count)) for first in range(0, count, CHUNK)]
    if isinstance(given, str):
        return [Chunk(scenario, seed, a, b, tracks, pulse, _set(scenario, given, b - a, a)) for a, b in spans]
    values = _set(scenario, given, count)
    return [
        Chunk(scenario, seed, a, b, tracks, pulse, {name: v[a:b] for name, v in values.items()})
        for a, b in spans
    ]


def _set(scenario: Scenario, given: Given, worlds: int, first: int = 0) -> dict[str, NDArray[np.float64]]:
    """Values of parameters in some worlds, given or drawn from those that are plausible: name -> (worlds,).

    What a scenario sets itself is not drawn. ValueError for another word; ParameterError for an unknown name,
    another number of values, or one it cannot have.
    """
    if not isinstance(given, str):
        return parameters.given({} if given is None else given, worlds)
    if given != PLAUSIBLE:
        raise ValueError(f'parameters: wanted values by name or "{PLAUSIBLE}", got {given!r}')
    return {
        name: v for name, v in parameters.plausible(worlds, first).items() if name not in scenario.settings
    }


def _workers(workers: int | Executor | None) -> int | Executor:
    """A number of threads, or the executor; ValueError for anything else."""
    if workers is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(workers, int):
        return whole("workers", workers, least=1)
    if not callable(getattr(workers, "submit", None)):
        raise ValueError(f"workers: wanted a number of threads or an executor, got {workers!r}")
    return workers


def _played(
    queue: list[tuple[int, Chunk]], workers: int | Executor, out: Path | None, show: bool | None
) -> Iterator[tuple[int, Rows]]:
    """Every chunk of a queue, as it is finished or found finished in a folder."""
    from sim.store import Store, identity

    kept: list[Store | None] = [None] * len(queue)
    if out is not None:
        about = identity([chunk.values for _, chunk in queue])
        kept = [Store(out, chunk.scenario.name, {**about, **chunk.about()}) for _, chunk in queue]
    watched = sys.stderr.isatty() if show is None else show
    missing, done = [], 0
    total = sum(chunk.stop - chunk.first for _, chunk in queue)
    shown = "{desc}: {percentage:3.0f} % of {total_fmt} histories |{bar}| {remaining} left"
    name = queue[0][1].scenario.name
    with tqdm(
        total=total, desc=name, disable=not watched, file=sys.stderr, leave=False, bar_format=shown
    ) as bar:
        for k, (folder, (_, chunk)) in enumerate(zip(kept, queue, strict=True)):
            rows = folder.read(chunk.first, chunk.stop) if folder else None
            if rows is None:
                missing.append(k)
                continue
            bar.update(chunk.stop - chunk.first)
            done += 1
            yield k, rows
        try:
            for k, rows in _as_finished([(k, queue[k][1]) for k in missing], workers):
                folder, chunk = kept[k], queue[k][1]
                if folder:
                    folder.write(chunk.first, chunk.stop, rows)
                bar.update(chunk.stop - chunk.first)
                done += 1
                yield k, rows
        except KeyboardInterrupt:
            if not (out and done):
                raise
            raise KeyboardInterrupt(
                f"{done} of {len(queue)} parts are kept in {out}, and the same call goes on from there"
            ) from None
        except BrokenExecutor:
            what = (
                f"{done} of {len(queue)} parts are kept in {out}"
                if out
                else "nothing is kept (out= keeps what is finished)"
            )
            raise PlayingError(
                f"a worker died, for want of memory perhaps (fewer workers= need less); {what}"
            ) from None


def _as_finished(chunks: list[tuple[int, Chunk]], workers: int | Executor) -> Iterator[tuple[int, Rows]]:
    """Play chunks here one after the other, in threads, or on an executor with a few in hand; as they are
    finished.
    """
    threads = min(workers, len(chunks)) if isinstance(workers, int) else 0
    if threads == 1 or not chunks:
        for k, chunk in chunks:
            yield k, chunk()
        return
    if threads:
        chunks[0][1].warm_up()
    pool = ThreadPoolExecutor(threads) if isinstance(workers, int) else workers
    waiting = list(reversed(chunks))
    running: dict[Future[Rows], int] = {}
    stop = threading.Event()
    try:
        while waiting or running:
            while waiting and len(running) < (threads + 1 if threads else AHEAD):
                k, chunk = waiting.pop()
                running[pool.submit(chunk, stop.is_set) if threads else pool.submit(chunk)] = k
            for future in wait(running, return_when=FIRST_COMPLETED)[0]:
                yield running.pop(future), future.result()
    finally:
        stop.set()  # nobody asks for what is still being played
        for future in running:
            future.cancel()
        if threads:
            pool.shutdown(cancel_futures=True)
