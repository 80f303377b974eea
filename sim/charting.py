"""Charting: the futures of one history, played from every half hour of it on, and the histories it is one
of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sim import clock, playing
from sim.counterfactual import measures
from sim.counterfactual.scenario import Scenario, from_toml
from sim.errors import known, number, whole
from sim.extend import Rules
from sim.forks import Fork
from sim.results.chances import HOLDS, Chances, perspectives
from sim.results.rows import Rows
from sim.results.run import Run, documented_hours
from sim.results.typical import documented_of, event_of, hours_of
from sim.store import digests
from sim.telling import MUCH

EVERY = 30.0  # minutes
CLOSER = 6  # half hours that are looked at pulse by pulse


def chances(
    scenario: str | Path | Scenario | Run = "historical",
    *,
    of: str = HOLDS,
    seed: int | None = None,
    world: int | None = None,
    futures: int = 200,
    histories: int = 2000,
    every: float = EVERY,
    closer: int = CLOSER,
    workers: int | Executor | None = None,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    after: Rules = None,
    out: str | Path | None = None,
    progress: bool | None = None,
    pulse: float = 5.0,
) -> Chances:
    """How one history could still have ended, at every half hour of it: so many `futures` from each on, and
    so many other `histories` beside it.

    The history is that of a scenario as `sim.run` takes it (the most typical, if there is neither seed nor
    world), or a run; one that took turns is charted from the last of them on, beside the histories of its
    scenario. `of` is the perspective, a measure that an ending settles ("government_holds", "stormed",
    "settled" ...). `every` is in minutes; the `closer` so many of these steps that move it most are played
    pulse by pulse as well. The other options are those of `sim.ensemble`, and what is kept in
    `out` is gone on from. Raises what `sim.ensemble` raises, and ScenarioError for the perspective.
    """
    known("perspective", of, perspectives())
    count, step = whole("futures", futures, least=2), number("every", every)
    if isinstance(scenario, Run):
        history = scenario
    else:
        values: Any = parameters  # numbers alone can be those of one history
        history = playing.run(scenario, seed=seed, world=world, parameters=values, after=after, pulse=pulse)
    forks = moments_of(history, step)
    options: Any = {"workers": workers, "out": out, "progress": progress}
    rows = playing.rows_of_futures(forks, count, workers, out, progress, history.after)
    endings = np.stack([endings_of(part) for part in rows])
    close = _between(forks, endings, of, whole("closer", closer))
    more = playing.rows_of_futures(close, count, workers, out, progress, history.after) if close else []
    near = np.stack([endings_of(part) for part in more]) if more else np.zeros((0, count), np.int8)
    a = history.data.attrs
    others = playing.ensemble(
        from_toml(a["scenario_toml"], a["scenario"]),
        worlds=histories,
        seed=int(a["seed"]),
        parameters=parameters,
        after=after,
        pulse=float(a["pulse_minutes"]),
        **options,
    )
    return Chances(_data(history, forks, endings, close, near, others.data), of)


def moments_of(history: Run, every: float = EVERY) -> list[Fork]:
    """A history as it stands at every half hour, from its start, or its last turn, to before its end."""
    turns = json.loads(history.data.attrs["turns"])
    start = clock.parse(turns[-1]["at"]) if turns else history.start
    end = pd.Timestamp(history.data["time"].values[-1]).to_pydatetime()
    first: Any = history.at(start)
    pulse = float(history.data.attrs["pulse_minutes"])
    if not every > 0 or every % pulse:
        raise ValueError(f"every: wanted minutes, a whole number of pulses of {pulse:g}, got {every:g}")
    count = int(-(-(end - first.at) // timedelta(minutes=every)))
    return [replace(first, at=first.at + k * timedelta(minutes=every)) for k in range(count)]


def endings_of(rows: Rows) -> NDArray[np.int8]:
    """How some worlds end (worlds,), as in measures.ENDINGS."""
    found = {name: ("world", rows.rows[name]) for name in ("ending", "palace_holder")}
    return measures.endings(xr.Dataset(found)).astype(np.int8)


def _between(forks: Sequence[Fork], endings: NDArray[np.int8], of: str, steps: int) -> list[Fork]:
    """The pulses within the so many half hours in which the first half of the futures moved most."""
    came = Chances(xr.Dataset(), of).comes(endings[:, ::2]).mean(axis=1)
    found = np.sort(np.argsort(-np.abs(np.diff(came)), kind="stable")[:steps])
    close = []
    for step in found:
        before, behind = forks[step], forks[step + 1].at
        pulse = timedelta(minutes=before.pulse)
        close += [replace(before, at=before.at + k * pulse) for k in range(1, (behind - before.at) // pulse)]
    return close


def _data(
    history: Run,
    forks: Sequence[Fork],
    endings: NDArray[np.int8],
    close: Sequence[Fork],
    near: NDArray[np.int8],
    others: xr.Dataset,
) -> xr.Dataset:
    """All of it as a dataset, which says how the history is played again."""
    a, start = history.data.attrs, history.start
    events, weights = _events(history)
    documented = documented_of(others, documented_hours(event_of(others)))
    outcome = {name: ("world", [history.outcome[name]]) for name in ("ending", "palace_holder")}
    kept = (
        "scenario",
        "question",
        "scenario_toml",
        "turns",
        "after",
        "settings",
        "seed",
        "world_number",
        "start",
        "pulse_minutes",
        "version",
        "mesa",
        "numpy",
    )
    return xr.Dataset(
        {
            "ending": (("time", "future"), endings),
            "close": (("minute", "future"), near),
            "hours": (("world", "hour"), hours_of(others)),
            "documented": ("hour", documented),
            "ended": ("world", measures.endings(others).astype(np.int8)),
            "event_minute": ("event", [e.minute for e in events]),
            "event_text": ("event", [e.text for e in events]),
            "event_weight": ("event", weights),
        },
        coords={
            "time": pd.DatetimeIndex([fork.at for fork in forks]).astype("datetime64[ns]"),
            "minute": [clock.minutes(fork.at, start) for fork in close],
            "future": np.arange(1, endings.shape[1] + 1),
            "world": others["world"].values,
        },
        attrs={
            **{name: a[name] for name in kept},
            "parameters": others.attrs["parameters"],
            "horizon_minutes": others.attrs["horizon_minutes"],
            "result": int(measures.endings(xr.Dataset(outcome))[0]),
            "digests": json.dumps(digests()),
        },
    )


def _events(history: Run) -> tuple[list[Any], list[int]]:
    """The events that a reader wants, and how much each weighs: the end most, then captures that are asked
    for, what the record has, news, and the rest.
    """
    told = history.told
    events = list(told.chosen)
    weights = [
        8 * (e.kind == "ending")
        + 4 * (e.kind == "capture" and e.place in told.asked)
        + 2 * (e.number in told.record)
        + (e.weight == MUCH)
        for e in events
    ]
    return events, weights
