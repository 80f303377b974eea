"""Running: one history in full detail, many of a scenario, or several scenarios on the same luck.

Worlds go in batches, batches to processes on this machine or to any executor; what is finished can be put on disk at once.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import batches, clock, parameters
from sim.batches import Batch, Task
from sim.errors import ScenarioError, slug
from sim.counterfactual.scenario import Scenario, from_toml
from sim.counterfactual.scenario import scenario as find_scenario

if TYPE_CHECKING:
    import xarray as xr

    from sim.progress import Progress
    from sim.results import Comparison, Ensemble, Run

ALONE = 60  # worlds below which a second process costs more than it brings
AHEAD = 32  # batches in hand with an executor whose size is not known


class RunningError(RuntimeError):
    """A run that could not be finished: one line, with what is kept."""


def run(scenario: str | Path | Scenario = "historical", *, seed: int = 1917, world: int = 0, parameters: Mapping[str, float] | str | None = None, pulse: float = 5.0) -> Run:
    """Simulate one history from start to end with everything recorded.

    The same scenario, seed, world and parameters give the same history, bit for bit. Raises ScenarioError for an unknown
    scenario, ParameterError for a parameter, and ValueError for a seed or world that is no whole number from 0.
    """
    from sim.model import Petrograd
    from sim.results.run import of_model

    played, number = find_scenario(scenario), whole("world", world)
    values = _drawn(parameters, 1, number)
    if isinstance(parameters, str):
        values = {name: v for name, v in values.items() if name not in played.settings}
    return of_model(Petrograd(played, seed=whole("seed", seed), worlds=[number], pulse=pulse, values=values, record=True).play())


def ensemble(
    scenario: str | Path | Scenario = "historical", *, worlds: int = 1000, seed: int = 1917, workers: int | Executor | None = None, tracks: bool = False,
    parameters: Mapping[str, ArrayLike] | str | None = None, out: str | Path | None = None, progress: bool | None = None, pulse: float = 5.0,
) -> Ensemble:
    """Simulate many histories of a scenario: world k is the history `run(scenario, seed=seed, world=k)`.

    `workers` is a number of processes (all cores if None) or any concurrent.futures.Executor. `tracks` keeps how things stood
    every quarter of an hour. `parameters` sets some, one number for all or one for each world, or is "plausible": every world has a set
    of values that calibration left possible, so that intervals hold the doubt about them. With `out`, every finished batch
    is put into a folder there at once: the same call goes on from what it finds. The results are the same however they were
    simulated. Raises ScenarioError, ParameterError, ValueError for numbers, StoreError for the folder, RunningError.
    """
    return _ensembles([find_scenario(scenario)], worlds, seed, workers, tracks, parameters, out, progress, pulse)[0]


def compare(
    *scenarios: str | Path | Scenario, worlds: int = 1000, seed: int = 1917, workers: int | Executor | None = None, tracks: bool = True,
    parameters: Mapping[str, ArrayLike] | str | None = None, out: str | Path | None = None, progress: bool | None = None, pulse: float = 5.0,
) -> Comparison:
    """Simulate several scenarios on the same luck, the first of them the base; world k of each begins with the same draws.

    The options are those of `ensemble`. Raises what it raises, and ScenarioError if two scenarios bear one name.
    """
    from sim.results.comparison import Comparison

    return Comparison(tuple(_ensembles(distinct(scenarios), worlds, seed, workers, tracks, parameters, out, progress, pulse)))


def distinct(scenarios: Iterable[str | Path | Scenario]) -> list[Scenario]:
    """The scenarios of a comparison, one or more, each of another name; raises ScenarioError."""
    played = [find_scenario(name) for name in scenarios]
    names = [s.name for s in played]
    if not names:
        raise ScenarioError("compare: wanted a scenario or several, got none")
    if len(set(names)) < len(names):
        raise ScenarioError(f"compare: wanted scenarios of different names, got '{next(n for n in names if names.count(n) > 1)}' twice")
    if len({slug(name) for name in names}) < len(names):
        raise ScenarioError(f"compare: wanted names that make different file names, got {', '.join(names)}")
    for other in played[1:]:
        if other.opening != played[0].opening:
            raise ScenarioError(f"compare: wanted scenarios of one event, got {played[0].opening} ({names[0]}) and {other.opening} ({other.name})")
        if other.end != played[0].end:
            raise ScenarioError(f"compare: wanted scenarios that end at one hour, got {clock.label(played[0].end)} ({names[0]}) and {clock.label(other.end)} ({other.name})")
    return played


def _ensembles(
    scenarios: list[Scenario], worlds: int, seed: int, workers: int | Executor | None, tracks: bool, given: Mapping[str, ArrayLike] | str | None,
    out: str | Path | None, progress: bool | None, pulse: float,
) -> list[Ensemble]:
    """The worlds of some scenarios, all their batches in one queue."""
    from sim.results.ensemble import Ensemble

    count, seed = whole("worlds", worlds, least=1), whole("seed", seed)
    size = batches.size(count)
    drawn = _drawn(given, count)
    values = [{name: v for name, v in drawn.items() if not isinstance(given, str) or name not in s.settings} for s in scenarios]
    plan = [
        Batch(s, seed, first, min(first + size, count), tracks, pulse, {name: v[first : first + size] for name, v in set_.items()})
        for s, set_ in zip(scenarios, values, strict=True) for first in range(0, count, size)
    ]
    done = _simulated(plan, workers, None if out is None else Path(out), progress)
    each = len(plan) // len(scenarios)
    joined = [batches.join([next(done) for _ in range(each)]) for _ in values]
    if isinstance(given, str):
        joined = [data.assign_attrs(parameters=given) for data in joined]
    return [Ensemble(data, set_) for data, set_ in zip(joined, values, strict=True)]


def _drawn(given: Mapping[str, ArrayLike] | str | None, worlds: int, first: int = 0) -> dict[str, NDArray[np.float64]]:
    """Values of parameters in every world, given or drawn from those that are plausible; ValueError for another word."""
    if isinstance(given, str):
        if given != "plausible":
            raise ValueError(f'parameters: wanted values by name or "plausible", got {given!r}')
        return parameters.plausible(worlds, first)
    return _values(given, worlds)


def _values(given: Mapping[str, ArrayLike] | None, worlds: int) -> dict[str, NDArray[np.float64]]:
    """Values of parameters in every world; ParameterError for an unknown name, another number of values, or one it cannot have."""
    table = parameters.Parameters(worlds, given)
    values = {name: table[name] for name in (given or {})}
    for name, numbers in values.items():
        parameters.check(name, float(numbers.min()))
        parameters.check(name, float(numbers.max()))
    return values


def _simulated(plan: list[Batch], workers: int | Executor | None, out: Path | None, show: bool | None) -> Iterator[xr.Dataset]:
    """Every batch of a plan in its order, simulated or found finished in a folder."""
    from sim import store
    from sim.progress import Progress

    identity = {**store.digests(), "parameters": _identity(plan)} if out is not None else {}
    kept = [None if out is None else store.Store(out, batch, identity) for batch in plan]
    found = {slot: path for slot, (batch, folder) in enumerate(zip(plan, kept, strict=True)) if folder and (path := folder.find(batch))}
    missing = [slot for slot in range(len(plan)) if slot not in found]
    progress = Progress(plan, show=show)
    results: dict[int, xr.Dataset | Path] = dict(found)
    try:
        for slot in found:
            progress.finished(slot)
        for slot, data in _as_finished(plan, missing, workers, progress):
            folder = kept[slot]
            results[slot] = folder.write(plan[slot], data) if folder else data
            progress.finished(slot)
    except BrokenProcessPool:
        done = f"{len(results)} of {len(plan)} batches are kept in {out}" if out else "nothing is kept (out= keeps what is finished)"
        raise RunningError(f"a worker process died, for want of memory perhaps (fewer workers= need less); {done}") from None
    finally:
        progress.close()
    for slot in range(len(plan)):
        result = results.pop(slot)
        yield store.read(result) if isinstance(result, Path) else result


def _identity(plan: list[Batch]) -> str:
    """A hash of the parameters set in some worlds, whatever their number."""
    names = sorted({name for batch in plan for name in batch.values})
    given = {name: [batch.values[name] for batch in plan if name in batch.values] for name in names}
    alike = all(len({float(x) for values in sets for x in values}) == 1 for sets in given.values())
    return sha256(repr([(name, float(sets[0][0]) if alike else [v.tobytes() for v in sets]) for name, sets in given.items()]).encode()).hexdigest()[:12]


def _as_finished(plan: list[Batch], missing: list[int], workers: int | Executor | None, progress: Progress) -> Iterator[tuple[int, xr.Dataset]]:
    """Simulate the missing batches, here one after the other, or on an executor with a few in hand; as they are finished."""
    worlds = sum(plan[slot].stop - plan[slot].first for slot in missing)
    pool, ahead = _pool(workers, len(missing), worlds)
    if pool is None:
        for slot in missing:
            progress.begins(slot)
            yield slot, _watched(plan[slot], slot, progress)
        return
    waiting = list(missing)
    running: dict[Future[Any], int] = {}
    try:
        while waiting or running:
            while waiting and len(running) < ahead:
                slot = waiting.pop(0)
                progress.begins(slot)
                running[pool.submit(Task(plan[slot], progress.board, slot))] = slot
            done: set[Future[Any]] = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)[0]
            progress.refresh()
            for future in done:
                yield running.pop(future), future.result()
    finally:
        for future in running:
            future.cancel()


def _watched(batch: Batch, slot: int, progress: Progress) -> xr.Dataset:
    """Simulate a batch in this process, drawing the bar now and then."""
    task = Task(batch, progress.board, slot)
    if progress.board is None:
        return task()
    told = np.memmap(progress.board, np.float32, "r+", offset=4 * slot, shape=(1,))

    def watch(share: float) -> None:
        if int(50 * share) != int(50 * told[0]):
            told[0] = share
            progress.refresh()
        told[0] = share

    return batch.simulate(watch)


def _pool(workers: int | Executor | None, jobs: int, worlds: int) -> tuple[Executor | None, int]:
    """Where to simulate, and how many batches to have in hand: None and here, when more processes would not be faster."""
    if workers is not None and not isinstance(workers, int):
        if not callable(getattr(workers, "submit", None)):
            raise ValueError(f"workers: wanted a number of processes or an executor, got {workers!r}")
        return workers, AHEAD
    if jobs <= 1 or (workers is None and worlds <= ALONE):
        return None, 1
    from loky import cpu_count, get_reusable_executor  # its workers need no guard in the user's script, and end when their parent is gone

    # A batch needs more memory than loky takes for a leak; that it may renew its workers between batches is no news to anybody.
    warnings.filterwarnings("ignore", message="A worker (was restarted|stopped) while some jobs were given", module="loky")
    count = min(cpu_count() if workers is None else whole("workers", workers, least=1), jobs)
    if count <= 1:
        return None, 1
    return get_reusable_executor(max_workers=count, timeout=60, env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}), count + 1


def again(data: xr.Dataset, world: int, values: Mapping[str, float]) -> Run:
    """One world of a saved ensemble, in full detail."""
    return run(from_toml(data.attrs["scenario_toml"]), seed=int(data.attrs["seed"]), world=world, parameters=values, pulse=float(data.attrs["pulse_minutes"]))


def whole(name: str, value: object, *, least: int = 0) -> int:
    """A whole number from `least` to 2**63 - 1; ValueError says what was wanted and got."""
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least or number >= 2**63:
        raise ValueError(f"{name}: wanted a whole number from {least}{", less than 2**63," if number >= 2**63 else ","} got {value!r}")
    return number
