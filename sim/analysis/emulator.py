"""The emulator: the loss of a set of values, learnt from sets that were simulated.

Its logarithm is a sum of quadratics, one for each parameter, and a smooth function of all of them together: a
Gaussian process on some of the taught sets (Williams and Seeger 2001), near to each other in those parameters
that tell. The logarithm, because both what a parameter does to a loss and its luck grow with the loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

Floats = NDArray[np.float64]
PLACES = 500  # taught sets on which the smooth function rests
REACH = 1.5  # how fast it may vary over the priors: two sets are then about two spreads apart
RIDGE, BUMPS = 30.0, 1.0  # weights that draw quadratics, and the smooth function, to nothing
FLOOR = 0.05  # of the mean loss: a loss below it is luck
MOVES = 300  # steps of a chain
TOUCHED = 3  # parameters that a step changes


def learnable(losses: Floats) -> Floats:
    """The logarithm of losses (points, ...), as the emulator learns it."""
    return np.asarray(np.log(np.maximum(losses, FLOOR * losses.mean(axis=0))))


@dataclass(frozen=True, eq=False)
class Basis:
    """What a logarithm of a loss is put together from: how far apart sets are in every parameter
    (parameters,), and the places (places, parameters), so stretched, on which the smooth function rests.
    """

    stretch: Floats
    places: Floats

    @classmethod
    def of(cls, points: Floats, losses: Floats) -> Basis:
        """The basis for points of the unit cube (points, parameters) by what losses (points,) or (points,
        records) say of each parameter alone.
        """
        flat = cls(np.ones(points.shape[1]), np.empty((0, points.shape[1])))
        slopes, bends = np.split(flat.solved(points, learnable(losses))[1:], 2)
        worth = np.sqrt(slopes**2 / 3 + bends**2 * 4 / 45).reshape(points.shape[1], -1).mean(axis=1)
        stretch = REACH * worth * np.sqrt(3 / (worth**2).sum())
        rows = np.linspace(0, len(points) - 1, min(PLACES, len(points))).astype(int)
        return cls(stretch, (2 * points[rows] - 1) * stretch)

    def __call__(self, points: Floats) -> Floats:
        """One, a slope and a bend for every parameter, and how near each place is (points, terms)."""
        centred = 2 * points - 1
        near = _near(centred * self.stretch, self.places)
        return np.hstack([np.ones((len(points), 1)), centred, centred**2 - 1 / 3, near])

    def inverse(self, made: Floats) -> Floats:
        """The inverse of the normal equations (terms, terms) of terms (points, terms)."""
        plain = 1 + 2 * len(self.stretch)
        damped = made.T @ made
        damped[np.diag_indices(plain)] += np.array([0.0] + [RIDGE] * (plain - 1))
        near = _near(self.places, self.places)
        damped[plain:, plain:] += BUMPS * near + 1e-3 * np.eye(len(near))  # places may be all but one
        return np.asarray(np.linalg.inv(damped))

    def solved(self, points: Floats, logs: Floats) -> Floats:
        """The coefficients (terms,) that logarithms of losses (points,) teach, by ridge regression."""
        made = self(points)
        return np.asarray(self.inverse(made) @ (made.T @ logs))


def _near(some: Floats, others: Floats) -> Floats:
    apart = (some**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * some @ others.T
    return np.asarray(np.exp(-0.5 * np.maximum(apart, 0)))


@dataclass(frozen=True, eq=False)
class Emulator:
    """A loss by its basis, the coefficients (terms,) of its logarithm, and the factor between the middle
    and the mean.
    """

    basis: Basis
    coefficients: Floats
    factor: float

    @classmethod
    def of(cls, points: Floats, losses: Floats) -> Emulator:
        """What losses (points,) at points of the unit cube (points, parameters) teach."""
        basis = Basis.of(points, losses)
        coefficients = basis.solved(points, learnable(losses))
        middle = np.exp(basis(points) @ coefficients)
        return cls(basis, coefficients, float(losses @ middle / (middle @ middle)))

    def __call__(self, points: Floats) -> Floats:
        """The loss (points,) at points of the unit cube (points, parameters)."""
        return np.asarray(self.factor * np.exp(self.basis(points) @ self.coefficients))


def drawn(energy: Callable[[Floats], Floats], parameters: int, count: int, seed: int) -> Floats:
    """Points of the unit cube (count, parameters) in proportion to exp(-energy), which costs next to nothing:
    the ends of so many chains, each begun at another point of an even prior (Metropolis and others 1953).

    A step gives some parameters new values from the prior; in the first half of the steps the energy comes in
    little by little.
    """
    generator = np.random.default_rng(seed)
    points = qmc.LatinHypercube(parameters, rng=generator).random(count)
    known = energy(points)
    for step in range(MOVES):
        fresh = generator.random(points.shape)
        tried = np.where(generator.random(points.shape) < TOUCHED / parameters, fresh, points)
        found = energy(tried)
        taken = np.log(generator.random(count)) < min(2 * (step + 1) / MOVES, 1.0) * (known - found)
        points[taken], known[taken] = tried[taken], found[taken]
    return points
