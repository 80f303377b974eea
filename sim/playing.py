"""Playing: one history in full, many of a scenario, or several scenarios on the same luck.

Each thread owns one world and plays a history to its end before the next; what is finished can be put on disk
at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from sim import clock, parameters
from sim.counterfactual.recipe import Recipe
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.errors import ScenarioError, number, slug, whole
from sim.extend import After, Rules
from sim.parameters import asked, given, of_world

if TYPE_CHECKING:
    import xarray as xr

    from sim.plan.layout import Stage
    from sim.results.comparison import Comparison
    from sim.results.ensemble import Ensemble
    from sim.results.rows import Rows
    from sim.results.run import Run
    from sim.results.typical import Typical

CHUNK = 50  # worlds that a thread plays before it hands them over
AHEAD = 32  # chunks in hand with an executor whose size is not known
Given = Mapping[str, ArrayLike] | str | None  # parameters: values by name, or a word
SEED = 1917


class PlayingError(RuntimeError):
    """Histories that could not be finished: one line, with what is kept."""


@dataclass(frozen=True)
class Chunk:
    """The worlds from `first` to before `stop` of a scenario under a seed; `base` is what they begin with,
    "plausible" or "calibrated", and `values` sets parameters, (worlds,) each.
    """

    scenario: Scenario
    seed: int
    first: int
    stop: int
    tracks: bool = False
    pulse: float = 5.0
    values: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    after: After = field(default_factory=After)
    recipe: Recipe | None = None  # if they are futures of one history, its minute and what is otherwise then
    base: str = parameters.PLAUSIBLE
    cycle: int = 0  # after so many worlds their numbers begin anew, where sets are tried on the same luck

    def about(self) -> dict[str, object]:
        """What tells its ensemble apart from others."""
        told = {"seed": self.seed, "tracks": self.tracks, "pulse_minutes": self.pulse, "base": self.base}
        own = {"after": self.after.digests()} if self.after else {}
        fork = {"fork": self.recipe.toml()} if self.recipe else {}
        tables = {"tables_digest": self.scenario.tables_digest} if self.scenario.tables else {}
        cycle = {"cycle": self.cycle} if self.cycle else {}
        return {**told, **own, **fork, **tables, **cycle, "scenario": self.scenario.toml()}

    def stage(self) -> Stage:
        """What its histories are played on."""
        from sim.plan.layout import Stage, layout

        made, turns = layout(self.scenario, self.pulse), self.recipe.turns_of(1) if self.recipe else ()
        return Stage(made, turns, self.after, futures=self.recipe is not None)

    def warm_up(self) -> None:
        """See that the rules are compiled, before threads ask for them all at once."""
        from sim import compiled
        from sim.results.rows import Rows

        stage = self.stage()
        with compiled.told():
            Rows.blank(stage.layout, 1, tracks=self.tracks).open(stage)

    def __call__(self, stopped: Callable[[], bool] = lambda: False) -> Rows:
        """Play the worlds to the end, unless somebody stops it: what came of them, and samples if wanted."""
        from sim import compiled
        from sim.results.rows import Rows

        stage = self.stage()
        rows = Rows.blank(stage.layout, self.stop - self.first, tracks=self.tracks)
        with compiled.told():
            for k in range(self.stop - self.first):
                if stopped():
                    raise PlayingError("stopped")
                values = {name: float(v[k]) for name, v in self.values.items()}
                world = (self.first + k) % self.cycle if self.cycle else self.first + k
                if self.recipe:  # its world, in the future of that number
                    stage.turns, world = self.recipe.turns_of(world + 1), self.recipe.world
                settings = parameters.of_world(self.base, world) | self.scenario.settings | values
                while not rows.play(stage, k, self.seed, world, settings):
                    stage = stage.roomier()
        return rows


def run(
    scenario: str | Path | Scenario = "historical",
    *,
    seed: int | None = None,
    world: int | None = None,
    parameters: Mapping[str, float] | str | None = None,
    after: Rules = None,
    pulse: float = 5.0,
) -> Run:
    """Play one history from start to end with everything recorded.

    Without seed and world it is the most typical of 200 histories (see `sim.results.typical`), without rules
    of one's own; with a seed alone its world 0. The same scenario, seed, world and parameters give the same
    history, bit for bit. World k runs at its own set of the sample that calibration left, which depends on k
    alone; `parameters` sets some over it, or is "calibrated": the one set that does best. `after` puts
    functions of the world's record into the pulse (docs/extend.md): rules by the rule they come after. Raises
    ScenarioError for an unknown scenario, ParameterError for a parameter, and ValueError for a seed or world
    that is no whole number from 0, or for rules that are none.
    """
    from sim.results.run import record

    played, own, each = find_scenario(scenario), After.of(after), number("pulse", pulse)
    base, over = asked(parameters)
    set_over, chosen = given(over, 1), None
    if seed is None and world is None:
        chosen = _typical(played, parameters, each)
    which = chosen.world if chosen else whole("world", 0 if world is None else world)
    values = {name: float(v[0]) for name, v in set_over.items()}
    settings = of_world(base, which) | played.settings | values
    done = record(played, whole("seed", SEED if seed is None else seed), which, each, settings, after=own)
    return done if chosen is None else done.chosen_as(str(chosen))


def _typical(scenario: Scenario, wanted: Given, pulse: float) -> Typical:
    """The most typical history of a scenario under the usual seed."""
    from sim.results.typical import WORLDS, typical

    many = _ensembles([scenario], WORLDS, SEED, _workers(None), False, wanted, None, False, pulse, After())
    return typical(many[0].data)


def ensemble(
    scenario: str | Path | Scenario = "historical",
    *,
    worlds: int = 1000,
    seed: int = SEED,
    workers: int | Executor | None = None,
    tracks: bool = False,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    after: Rules = None,
    out: str | Path | None = None,
    progress: bool | None = None,
    pulse: float = 5.0,
) -> Ensemble:
    """Play many histories of a scenario: world k is the history `run(scenario, seed=seed, world=k)`.

    `workers` is a number of threads (one a core if None) or any concurrent.futures.Executor, such as that of
    a Dask cluster. `tracks` keeps how things stood every quarter of an hour. Every world has its own set of
    the sample that calibration left ("plausible"), so that intervals hold the doubt about parameters too;
    `parameters` sets some over it, one number for all or one for each world, or is "calibrated": one set for
    all worlds. What a scenario sets itself stands. `after` puts rules of one's own into the pulse
    (docs/extend.md). With `out`, what is finished is put into a folder there at once: the same call goes on
    from what it finds. The results are the same however they were played. Raises ScenarioError,
    ParameterError, ValueError for numbers, StoreError for the folder, PlayingError.
    """
    played, own = [find_scenario(scenario)], After.of(after)
    return _ensembles(played, worlds, seed, workers, tracks, parameters, out, progress, pulse, own)[0]


def compare(
    *scenarios: str | Path | Scenario,
    worlds: int = 1000,
    seed: int = SEED,
    workers: int | Executor | None = None,
    tracks: bool = True,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    after: Rules = None,
    out: str | Path | None = None,
    progress: bool | None = None,
    pulse: float = 5.0,
) -> Comparison:
    """Play several scenarios on the same luck, the first of them the base; world k of each begins with the
    same draws.

    The options are those of `ensemble`. Rules of one's own (`after`) are in all scenarios; one alone is
    compared with itself, without them and with them. Raises what `ensemble` raises, and ScenarioError if two
    scenarios bear one name.
    """
    from sim.results.comparison import Comparison

    played, own = distinct(scenarios), After.of(after)
    each = [After(), own] if own and len(played) == 1 else [own] * len(played)
    played = played * (len(each) // len(played))
    return Comparison(
        tuple(_ensembles(played, worlds, seed, workers, tracks, parameters, out, progress, pulse, *each))
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
    wanted: Given,
    out: str | Path | None,
    progress: bool | None,
    pulse: float,
    *after: After,
) -> list[Ensemble]:
    """The worlds of some scenarios, each with rules of a user's own, all their chunks in one queue."""
    from sim.plan.layout import layout
    from sim.results.ensemble import Ensemble

    count, seed, pulse = whole("worlds", worlds, least=1), whole("seed", seed), number("pulse", pulse)
    base, over = asked(wanted)
    values = given(over, count)
    all_of_them = [
        Chunk(s, seed, 0, count, tracks, pulse, values, own, base=base)
        for s, own in zip(scenarios, after, strict=True)
    ]
    each = _all_played(all_of_them, _workers(workers), out, progress)
    return [
        Ensemble.of(rows, layout(s, pulse), seed, base, values, own)
        for rows, s, own in zip(each, scenarios, after, strict=True)
    ]


def tried(
    scenario: str | Scenario,
    sets: Mapping[str, NDArray[np.float64]],
    *,
    each: int,
    lucks: int,
    seed: int = SEED,
    workers: int | Executor | None = None,
    after: Rules = None,
) -> xr.Dataset:
    """Try sets of values (sets,), each in so many worlds: what came of them, world i * each + k the k-th of
    set i. The numbers of the worlds begin anew after `lucks` of them, unless that is 0: with as many as
    `each`, all sets have the same luck.
    """
    from sim.plan.layout import layout

    played, count = find_scenario(scenario), each * len(next(iter(sets.values())))
    values = given({name: np.repeat(column, each) for name, column in sets.items()}, count)
    own, base = After.of(after), parameters.CALIBRATED  # all values are given
    whole_of_it = Chunk(played, seed, 0, count, True, values=values, after=own, base=base, cycle=lucks)
    rows = _all_played([whole_of_it], _workers(workers), None, progress=False)[0]
    return rows.dataset(layout(played, whole_of_it.pulse), seed)


def read_each(
    scenarios: Sequence[Scenario],
    read: Callable[[xr.Dataset], NDArray[np.float64]],
    *,
    worlds: int,
    seed: int = SEED,
    workers: int | Executor | None = None,
    parameters: Given = None,
    out: str | Path | None = None,
    progress: bool | None = None,
) -> list[NDArray[np.float64]]:
    """What is read from the outcomes of so many worlds of each of some scenarios, on the same luck. All their
    chunks are in one queue, and a scenario's worlds are let go when they have been read: for many scenarios
    of which little is wanted. Options and errors are those of `compare`.
    """
    from sim.plan.layout import layout
    from sim.results.rows import Rows

    count, (base, over) = whole("worlds", worlds, least=1), asked(parameters)
    values = given(over, count)
    each = [Chunk(s, whole("seed", seed), 0, count, values=values, base=base) for s in scenarios]
    queue = [(s, chunk) for s, it in enumerate(each) for chunk in _cut(it)]
    missing = [-(-count // CHUNK)] * len(each)
    begun: dict[int, Rows] = {}
    found: dict[int, NDArray[np.float64]] = {}
    for k, part in _played(queue, _workers(workers), None if out is None else Path(out), progress):
        s, chunk = queue[k]
        made = layout(chunk.scenario, chunk.pulse)
        if s not in begun:
            begun[s] = Rows.blank(made, count, tracks=False)
        begun[s].put(chunk.first, part)
        missing[s] -= 1
        if not missing[s]:
            found[s] = read(begun.pop(s).dataset(made, seed).load())
    return [found[s] for s in range(len(each))]


def futures(
    forks: Sequence[Recipe],
    worlds: int,
    workers: int | Executor | None,
    tracks: bool,
    out: str | Path | None,
    progress: bool | None,
    after: After,
) -> list[Ensemble]:
    """So many futures of each of some forks, the k-th of all with the same luck (k + 1)."""
    from sim.plan.layout import layout
    from sim.results.ensemble import Ensemble

    each = rows_of_futures(forks, worlds, workers, out, progress, after, tracks=tracks)
    return [
        Ensemble.of_fork(rows, layout(fork.planned, fork.pulse), fork, after)
        for rows, fork in zip(each, forks, strict=True)
    ]


def rows_of_futures(
    forks: Sequence[Recipe],
    worlds: int,
    workers: int | Executor | None,
    out: str | Path | None,
    progress: bool | None,
    after: After,
    *,
    tracks: bool = False,
) -> list[Rows]:
    """The same futures, as the rows that they are counted in."""
    count = whole("worlds", worlds, least=1)
    all_of_them = [
        Chunk(
            *(fork.planned, fork.seed, 0, count, tracks, fork.pulse),
            given(dict(fork.parameters), count),
            after,
            fork,
            base=parameters.CALIBRATED,  # a fork has all values of its history in its recipe
        )
        for fork in forks
    ]
    return _all_played(all_of_them, _workers(workers), out, progress)


def _all_played(
    ensembles: list[Chunk], workers: int | Executor, out: str | Path | None, progress: bool | None
) -> list[Rows]:
    """The rows of some ensembles, played in chunks."""
    from sim.results.rows import Rows

    try:  # before anything is made a part at a time
        each = [Rows.blank(it.stage().layout, it.stop, tracks=it.tracks) for it in ensembles]
    except MemoryError:
        raise ValueError(
            f"worlds: wanted as many as there is memory for (some 2.5 kB each), got {ensembles[0].stop:,}"
        ) from None
    queue = [(s, chunk) for s, it in enumerate(ensembles) for chunk in _cut(it)]
    for k, rows in _played(queue, workers, None if out is None else Path(out), progress):
        each[queue[k][0]].put(queue[k][1].first, rows)
    return each


def _cut(whole: Chunk) -> list[Chunk]:
    """The worlds of a scenario in chunks, each with the values set for it."""
    count = whole.stop
    spans = [(first, min(first + CHUNK, count)) for first in range(0, count, CHUNK)]
    drawn = [{name: v[a:b] for name, v in whole.values.items()} for a, b in spans]
    return [replace(whole, first=a, stop=b, values=v) for (a, b), v in zip(spans, drawn, strict=True)]


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
