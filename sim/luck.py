"""Luck: every random draw is looked up by what it is for, never taken from a stream.

A draw is a stateless uniform number keyed by (seed, world, process, entity, turn). The same key gives the same number
whatever else is drawn, so a history is the same alone or in a batch, and two scenarios on one seed differ only by what
the change causes (common random numbers; Klein 2024, arXiv 2409.02086). The turn is the pulse where something may
strike in any pulse; where something is done now and then it counts how often, so that whoever comes five minutes later
has the luck he would have had.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]

_GOLDEN = 0x9E3779B97F4A7C15
_STRIDE = 0xD1B54A32D192ED03
_WRAP = 0xFFFFFFFFFFFFFFFF
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_ONE, _TWO, _THREE, _TWELVE = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(12)


class Process(IntEnum):
    """What a draw is for; two processes never share a number."""

    LOYALTY = 1
    OPENING = 2
    NOISE = 3
    DECISION = 4
    MESSAGE = 5
    LINE = 6
    TRAVEL = 7
    ASSEMBLY = 8
    STANDOFF = 9
    CASUALTY = 10
    DESERTION = 11
    LEAVE = 12
    PEOPLE = 13
    ARRIVAL = 14


def key(name: str) -> int:
    """The luck key of a unit, place, person or message: 64 bits of its stable name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def keys(names: Iterable[str]) -> Keys:
    """The luck keys of several names, in their order."""
    return np.array([key(name) for name in names], dtype=np.uint64)


def _mix(bits: Keys) -> Keys:
    """Scramble 64 bits (the finaliser of SplitMix64; Steele, Lea & Flood 2014)."""
    bits = bits ^ (bits >> _30)
    bits *= _FIRST
    bits ^= bits >> _27
    bits *= _SECOND
    bits ^= bits >> _31
    return bits


def join(first: NDArray[Any], second: NDArray[Any] | np.uint64) -> Keys:
    """One key out of two, for a pair such as (cause, audience); order matters."""
    return _mix(np.asarray(first, np.uint64) * _THREE ^ _mix(np.atleast_1d(np.asarray(second, np.uint64))))


class Luck:
    """The draws of some worlds under one seed.

    `mirrored` turns the signed draws round (u becomes 1 - u), which is what a city with its sides swapped needs.
    """

    def __init__(self, seed: int, worlds: Iterable[int], *, mirrored: bool = False) -> None:
        numbers = np.array(list(worlds), dtype=np.uint64)
        self.seed = seed
        self.mirrored = mirrored
        self.worlds = _mix(_mix(np.full(1, seed & _WRAP, np.uint64)) + numbers * np.uint64(_GOLDEN))

    def renew(self, futures: Iterable[int]) -> None:
        """Let the worlds go on with other luck from now: world k has the future `futures[k]`, 0 for the one it was going to have."""
        numbers = np.array(list(futures), dtype=np.uint64)
        self.worlds = np.where(numbers > 0, _mix(self.worlds ^ _mix(numbers * np.uint64(_STRIDE))), self.worlds)

    def uniform(self, process: Process, entities: Keys, turn: int) -> Floats:
        """Uniform numbers in (0, 1) for every world and entity: (worlds, entities)."""
        inner = _mix(np.asarray(entities, np.uint64) ^ _salt(process, turn))
        return _unit(_mix(self.worlds[:, None] ^ inner[None, :]))

    def at(self, world: NDArray[np.intp], process: Process, entities: Keys, turn: int | NDArray[Any]) -> Floats:
        """Uniform numbers in (0, 1) for pairs of a world (its row) and an entity: the shape of `world`, as `turn` may be."""
        if not len(world):
            return np.zeros(np.shape(world))
        inner = _mix(np.asarray(entities, np.uint64) ^ _salt(process, turn))
        return _unit(_mix(self.worlds[world] ^ inner))

    def signed(self, uniform: Floats) -> Floats:
        """Standard normal numbers out of uniform ones; exactly the opposite in a mirrored city."""
        normal = standard_normal(uniform)
        return -normal if self.mirrored else normal


def _salt(process: Process, turn: int | NDArray[Any]) -> np.uint64 | NDArray[np.uint64]:
    if isinstance(turn, int):
        return np.uint64((int(process) * _STRIDE + (turn + 1) * _GOLDEN) & _WRAP)
    return (turn.astype(np.uint64) + _ONE) * np.uint64(_GOLDEN) + np.uint64(int(process) * _STRIDE & _WRAP)


def _unit(bits: Keys) -> Floats:
    """Turn 64 bits into an odd multiple of 2**-53, so that u and 1 - u are both exact and never 0 or 1."""
    odd = bits >> _TWELVE
    odd *= _TWO
    odd += _ONE
    return np.asarray(odd * 2.0**-53)


def standard_normal(uniform: Floats) -> Floats:
    """Standard normal quantiles, symmetric to the last bit: of 1 - u exactly minus that of u."""
    lower = np.minimum(uniform, 1.0 - uniform)
    return np.copysign(ndtri(lower), uniform - 0.5)


def chance(rate: Floats | float, minutes: float) -> Floats:
    """The chance that a hazard of `rate` per hour strikes within some minutes."""
    return np.asarray(-np.expm1(np.asarray(rate) * (-minutes / 60.0)))


def lognormal(uniform: Floats, sigma: float) -> Floats:
    """Lognormal factors of median 1."""
    return np.asarray(np.exp(sigma * standard_normal(uniform)))
