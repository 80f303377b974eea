"""The priors as a cube: every free parameter from 0 to 1 by its prior's scale, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc

from sim import parameters

Floats = NDArray[np.float64]
NOTHING: Mapping[str, float] = {}


def free(fixed: Collection[str] = ()) -> pd.DataFrame:
    """The parameters that are not fixed: the rows of the table whose prior has a width, less those named."""
    table = parameters.table()
    return table[(table["low"] < table["high"]) & ~table.index.isin(list(fixed))]


def values_at(points: Floats, fixed: Mapping[str, float] = NOTHING) -> dict[str, Floats]:
    """The values of the parameters (points,) at points of the unit cube (points, parameters), by their
    priors' scales; those that are fixed have their value at all of them.
    """
    table = free(fixed)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    logs = (table["scale"] == "log").to_numpy()
    safe = np.where(logs, low, 1.0), np.where(logs, high, 2.0)
    values = np.where(logs, safe[0] * (safe[1] / safe[0]) ** points, low + (high - low) * points)
    found = {str(name): values[:, k] for k, name in enumerate(table.index)}
    return found | {name: np.full(len(points), value) for name, value in fixed.items()}


def point_at(values: Mapping[str, float], fixed: Collection[str] = ()) -> Floats:
    """The point of the unit cube (parameters,) at which the parameters have some values."""
    table = free(fixed)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    given = np.array([values[str(name)] for name in table.index])
    logs = (table["scale"] == "log").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(logs, np.log(given / low) / np.log(high / low), (given - low) / (high - low))


def prior_points(count: int, seed: int, fixed: Collection[str] = ()) -> Floats:
    """Points spread evenly over the unit cube of the priors (count, parameters): a Latin hypercube."""
    return qmc.LatinHypercube(len(free(fixed)), rng=np.random.default_rng(seed)).random(count)
