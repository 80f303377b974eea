"""Peaks: how near to a win those came who lost, beside what luck alone would make of it.

The chance of one history, followed to its end, is a martingale that ends at 0 or 1. If it moves by small
steps from W to an end, the law of extreme paths says how high it has been in a history that was lost:

    P(peak >= x | lost) = W (1 - x) / (x (1 - W)),   x >= W.

So even where nothing was ever nearly won, a share of the lost histories have stood well: that share is what
luck makes of W. Chances that jump, or are looked at now and then, peak less often; more often would say that
something is amiss. What a chart makes of its own noise is kept out: a peak is found on one half of the
futures and valued on the other, both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim import parameters, playing
from sim.charting import endings_of
from sim.counterfactual import measures
from sim.counterfactual.recipe import Recipe
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.errors import known, whole
from sim.extend import After
from sim.results import estimate
from sim.results.chances import HOLDS, Chances, perspectives
from sim.results.estimate import Estimate
from sim.results.outcomes import names_of, versions
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.float64]
EVERY = 120.0  # minutes
HALF = 0.5


@dataclass(frozen=True, eq=False)
class Peaks:
    """The charts of many histories. `data` is an xarray Dataset: `ending` (world, time, future), as in
    measures.ENDINGS, and `ended` (world,), how the histories themselves end.
    """

    data: xr.Dataset
    of: str = HOLDS

    @cached_property
    def halves(self) -> Values:
        """The chance of every history at every hour by each half of the futures: (halves, worlds, times)."""
        came = Chances(self.data, self.of).comes(self.data["ending"].values)
        return np.stack([came[:, :, half::2].mean(axis=2) for half in (0, 1)])

    @property
    def came(self) -> Values:
        """1 where it came so, else 0: (worlds,)."""
        return Chances(self.data, self.of).comes(self.data["ended"].values)

    @property
    def prior(self) -> float:
        """The chance at the beginning, over all histories."""
        return float(self.halves[:, :, 0].mean())

    @cached_property
    def mean(self) -> pd.Series[float]:
        """The mean chance of the histories at every hour, and last what came: a martingale keeps it."""
        means = np.append(self.halves.mean(axis=(0, 1)), self.came.mean())
        return pd.Series(means, index=[*pd.DatetimeIndex(self.data["time"].values), "end"])

    @cached_property
    def squares(self) -> Estimate:
        """The squared moves of a history, added up from the prior to what came, over the histories: a
        martingale's are W (1 - W). The product of a move in both halves is its square without their noise.
        """
        end = np.broadcast_to(self.came[:, None], (*self.halves.shape[:2], 1))
        start = np.full_like(end, self.prior)
        moves = np.diff(np.concatenate([start, self.halves, end], axis=2), axis=2)
        return estimate.mean((moves[0] * moves[1]).sum(axis=1), "points")

    @cached_property
    def lost(self) -> Values:
        """The peaks of the histories in which it did not come so: (worlds,)."""
        first, second = self.halves[:, self.came == 0]
        rows = np.arange(len(first))
        return (second[rows, first.argmax(axis=1)] + first[rows, second.argmax(axis=1)]) / 2

    def law(self, x: Values) -> Values:
        """The share of lost histories that peak at x or above, by the law of extreme paths."""
        w = self.prior
        return np.where(x <= w, 1.0, w * (1 - x) / (np.maximum(x, 1e-9) * (1 - w)))

    def nearly(self, x: float = HALF) -> Estimate:
        """The share of lost histories that stood at x or better."""
        return estimate.chance((self.lost >= x).astype(float))

    def __str__(self) -> str:
        a, w = self.data.attrs, self.prior
        what = names_of(a["scenario_toml"]).in_event(measures.measure(self.of).label)
        law = float(self.law(np.array([HALF]))[0])
        return (
            f"{a['scenario']}: {len(self.came)} histories, {len(self.lost)} of them lost for whom it is that "
            f"{what}; prior {percent(w)}. {self.nearly()} of the lost stood at {percent(HALF)} or better; by "
            f"the law of extreme paths it would be {percent(law)}. Squared moves: {self.squares.value:.3f} "
            f"({self.squares.low:.3f} to {self.squares.high:.3f}); a martingale's to {w * (1 - w):.3f}."
        )

    __repr__ = __str__

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """The peaks of the lost histories beside the law."""
        from sim.plots import peaks

        a, n = self.data.attrs, self.data.sizes
        what = names_of(a["scenario_toml"]).in_event(measures.measure(self.of).label)
        about = (
            f"Scenario {a['scenario']}, seed {a['seed']}; {n['world']:,} histories, {n['future']:,} futures "
            f"at each of {n['time']} hours; version {a['petrograd']}."
        )
        x = np.linspace(0.001, 1, 400)
        return peaks(self.lost, np.stack([x, self.law(x)]), what=what, about=about, ax=ax)


def peaks(
    scenario: str | Path | Scenario = "historical",
    *,
    of: str = HOLDS,
    histories: int = 60,
    futures: int = 40,
    every: float = EVERY,
    seed: int = playing.SEED,
    workers: int | Executor | None = None,
    parameters: Mapping[str, Any] | str | None = None,
    out: str | Path | None = None,
    progress: bool | None = None,
    pulse: float = 5.0,
) -> Peaks:
    """The chances of many histories of a scenario, every two hours: how near to a win the lost ones came.

    The options are those of `sim.chances`; `parameters` is a word. Raises what that raises.
    """
    known("perspective", of, perspectives())
    played, count = find_scenario(scenario), whole("futures", futures, least=2)
    steps = int(-(-(played.end - played.start) // timedelta(minutes=every)))
    times = [played.start + k * timedelta(minutes=every) for k in range(steps)]
    settings = [
        _settings(played, parameters, world) for world in range(whole("histories", histories, least=1))
    ]
    forks = [
        Recipe(played, seed, world, at, values, pulse)
        for world, values in enumerate(settings)
        for at in times
    ]
    rows = playing.rows_of_futures(forks, count, workers, out, progress, After())
    options: Any = {"workers": workers, "out": out, "progress": progress, "parameters": parameters}
    ends = playing.ensemble(played, worlds=histories, seed=seed, pulse=pulse, **options)
    endings = np.stack([endings_of(part) for part in rows]).reshape(histories, steps, count)
    data = xr.Dataset(
        {
            "ending": (("world", "time", "future"), endings),
            "ended": ("world", measures.endings(ends.data).astype(np.int8)),
        },
        coords={
            "world": np.arange(histories),
            "time": pd.DatetimeIndex(times).astype("datetime64[ns]"),
            "future": np.arange(1, count + 1),
        },
        attrs={"scenario": played.name, "scenario_toml": played.toml(), "seed": seed, **versions()},
    )
    return Peaks(data, of)


def _settings(scenario: Scenario, wanted: Any, world: int) -> tuple[tuple[str, float], ...]:
    """All values of a world, as `sim.run` sets them."""
    base, over = parameters.asked(wanted)
    own = {name: float(v[0]) for name, v in parameters.given(over, 1).items()}
    return tuple(
        {**parameters.calibrated(), **parameters.of_world(base, world), **scenario.settings, **own}.items()
    )
