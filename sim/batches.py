"""Batches: some worlds of a scenario simulated together, wherever they are simulated, and what is kept of them."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import clock
from sim.counterfactual.scenario import Scenario

if TYPE_CHECKING:
    import xarray as xr

    from sim.model import Petrograd

FEW, MANY = 32, 320  # worlds that are not worth cutting; worlds in a batch, beyond which a pulse is no cheaper for each
SAMPLE = 15.0  # minutes between two samples of the tracks


def size(worlds: int) -> int:
    """Worlds in a batch, of so many of a scenario: many, to spread the cost of a pulse, but cut evenly for two processes or more."""
    pieces = 1 if worlds <= FEW else 2 * ceil(worlds / (2 * MANY))
    return ceil(worlds / pieces)


@dataclass(frozen=True)
class Batch:
    """The worlds from `first` to before `stop` of a scenario under a seed; `values` sets parameters, a number or one a world."""

    scenario: Scenario
    seed: int
    first: int
    stop: int
    tracks: bool = False
    pulse: float = 5.0
    values: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def simulate(self, watch: Callable[[float], None] | None = None) -> xr.Dataset:
        """Play the worlds to the end: their outcomes, and tracks if wanted; `watch` is told the share of the way in each pulse."""
        from sim.model import Petrograd
        from sim.results.outcomes import outcomes

        model = Petrograd(self.scenario, seed=self.seed, worlds=range(self.first, self.stop), pulse=self.pulse, values=self.values)
        samples = Samples(model) if self.tracks else None
        collects = gc.isenabled()
        gc.disable()  # a pulse makes no cycles, and looking for them costs some hundredths of the time
        try:
            while model.now <= model.horizon:
                model.step()
                if samples:
                    samples.keep(model)
                if watch:
                    watch(min(model.now / model.horizon, 1.0))
        finally:
            if collects:
                gc.enable()
        found = outcomes(model)
        return found.merge(samples.dataset(model), combine_attrs="override") if samples else found


class Samples:
    """How things stood every quarter of an hour, summed up: by world and side, and in how many worlds a side held each place."""

    def __init__(self, model: Petrograd) -> None:
        self.every = max(round(SAMPLE / model.pulse), 1)
        self.times = int(model.horizon // (self.every * model.pulse)) + 1
        shape = (model.worlds, self.times, 2)
        self.held, self.held_quarter = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
        self.active_men = np.zeros(shape, np.int32)
        self.killed = np.zeros(shape, np.int16)
        self.holding = np.zeros((self.times, len(model.setting.places.ids), 2), np.int32)
        objective = np.array([p.objective for p in model.setting.history.places.values()])
        self.objective, self.quarter = objective > 0, objective == 2

    def keep(self, model: Petrograd) -> None:
        """Write down how things stand after this pulse, if it is one that is sampled."""
        from sim.rules.endings import active_strength

        row, between = divmod(model.number - 1, self.every)
        if between or row >= self.times:
            return
        holder = model.columns.holder
        for side, sign in enumerate((-1, 1)):
            mine = holder == sign
            self.held[:, row, side] = mine[:, self.objective].sum(axis=1)
            self.held_quarter[:, row, side] = mine[:, self.quarter].sum(axis=1)
            self.holding[row, :, side] = mine.sum(axis=0)
        self.active_men[:, row] = active_strength(model, np.flatnonzero(model.active()))
        self.killed[:, row] = model.columns.killed

    def dataset(self, model: Petrograd) -> xr.Dataset:
        """The samples as a Dataset over (world, time, place, side)."""
        import pandas as pd
        import xarray as xr

        start = model.script.scenario.start
        times = pd.DatetimeIndex([clock.moment(i * self.every * model.pulse, start) for i in range(self.times)]).astype("datetime64[ns]")
        by_world = {"held": self.held, "held_quarter": self.held_quarter, "active_men": self.active_men, "killed": self.killed}
        return xr.Dataset(
            {name: (("world", "time", "side"), values) for name, values in by_world.items()} | {"holding": (("time", "place", "side"), self.holding)},
            coords={"time": times},
        )


def join(parts: list[xr.Dataset]) -> xr.Dataset:
    """Batches of one scenario as one dataset: worlds one after the other; counts of worlds become chances."""
    import xarray as xr

    alone = [part.drop_vars("holding", errors="ignore") for part in parts]
    whole = xr.concat(alone, dim="world", data_vars="minimal", coords="minimal", compat="override", combine_attrs="override", join="override") if len(parts) > 1 else alone[0]
    if "holding" in parts[0]:
        count = np.sum([part["holding"].values for part in parts], axis=0, dtype=np.int64)
        whole["chance_held"] = (parts[0]["holding"].dims, count / whole.sizes["world"])
    return whole


@dataclass(frozen=True)
class Task:
    """A batch as it is handed to a worker: with the file, if the worker can reach it, where it tells how far it has come."""

    batch: Batch
    board: Path | None = None
    slot: int = 0

    def __call__(self) -> xr.Dataset:
        """Simulate the batch, telling the share of the way."""
        if self.board is None or not self.board.exists():
            return self.batch.simulate()
        told = np.memmap(self.board, np.float32, "r+", offset=4 * self.slot, shape=(1,))

        def tell(share: float) -> None:
            told[0] = share

        return self.batch.simulate(tell)
