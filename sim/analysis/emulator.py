"""The emulator: the loss of a set of values as a sum of quadratics, one for each parameter, taught by sets
that were simulated.

Under such a sum prior x exp(-eta x loss) is a product of densities of one parameter each, so that it can be
drawn from exactly, and its intervals can be read off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RIDGE = 30.0  # weight that draws slopes and bends to nothing, in sets of values
CELLS = 200  # into which a prior is cut
MIDDLES = (np.arange(CELLS) + 0.5) / CELLS


def design(points: Floats) -> Floats:
    """One, and a slope and a bend for every parameter (points, 1 + 2 parameters), at points of the unit
    cube (points, parameters).
    """
    centred = 2 * points - 1
    return np.hstack([np.ones((len(points), 1)), centred, centred**2 - 1 / 3])


def taught(points: Floats, losses: Floats, weights: Floats | None = None) -> Floats:
    """What losses (points,) or (points, records) teach: coefficients (1 + 2 parameters,) or (..., records),
    by ridge regression, each point with its weight.
    """
    made = design(points)
    weighted = made if weights is None else made * weights[:, None]
    damped = weighted.T @ made + np.diag([0.0] + [RIDGE] * (made.shape[1] - 1))
    return np.asarray(np.linalg.solve(damped, weighted.T @ losses))


@dataclass(frozen=True, eq=False)
class Emulator:
    """A loss by its coefficients (1 + 2 parameters,): level, slopes, bends."""

    coefficients: Floats

    def __call__(self, points: Floats) -> Floats:
        """The loss (points,) at points of the unit cube (points, parameters)."""
        return np.asarray(design(points) @ self.coefficients)

    @property
    def curves(self) -> Floats:
        """What each parameter adds to the loss in every cell of its prior (parameters, cells)."""
        slopes, bends = self.coefficients[1:].reshape(2, -1)
        centred = 2 * MIDDLES - 1
        return np.asarray(slopes[:, None] * centred + bends[:, None] * (centred**2 - 1 / 3))


def densities(energy: Floats) -> Floats:
    """The share of every cell (..., parameters, cells) under exp(-energy), over an even prior."""
    heights = np.exp(energy.min(axis=-1, keepdims=True) - energy)
    return np.asarray(heights / heights.sum(axis=-1, keepdims=True))


def log_density(energy: Floats, points: Floats) -> Floats:
    """The logarithm of how much denser exp(-energy) is than an even prior at points of the unit cube
    (points,).
    """
    cells = np.minimum((points * CELLS).astype(int), CELLS - 1)
    return np.asarray(np.log(CELLS * densities(energy))[np.arange(len(energy)), cells].sum(axis=1))


def drawn(energy: Floats, count: int, seed: int) -> Floats:
    """Points of the unit cube (count, parameters) in proportion to exp(-energy), which is a sum over
    parameters of an energy a cell (parameters, cells); every parameter alone is spread evenly over its
    density.
    """
    generator, ends = np.random.default_rng(seed), np.cumsum(densities(energy), axis=-1)
    edges, points = np.arange(CELLS + 1) / CELLS, np.empty((count, len(energy)))
    for k, end in enumerate(ends):
        strata = (generator.permutation(count) + generator.random(count)) / count
        points[:, k] = np.interp(strata, np.concatenate([[0.0], end]), edges)
    return points


def ranges(energy: Floats, level: float = 0.9) -> tuple[Floats, Floats]:
    """The ends of the middle interval of every parameter (..., parameters) with so much of exp(-energy)."""
    ends = np.cumsum(densities(energy), axis=-1)
    low, high = (((ends < q).sum(axis=-1) + 0.5) / CELLS for q in ((1 - level) / 2, (1 + level) / 2))
    return np.asarray(low), np.asarray(high)
