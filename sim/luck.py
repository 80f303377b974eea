"""Luck: every random draw is looked up by what it is for, never taken from a stream.

A draw is a stateless uniform number keyed by (seed, world, process, entity, turn). The same key gives the
same number whatever else is drawn, so a history is the same alone or among others, and two scenarios on one
seed differ only by what the change causes (common random numbers; Klein 2024, arXiv 2409.02086). The turn is
the pulse where something may strike in any pulse; where something is done now and then it counts how often,
so that whoever comes five minutes later has the luck he would have had.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from math import ceil, exp, expm1
from typing import Any

import llvmlite.binding
import numpy as np
import scipy.special
from numba import types
from numba.extending import get_cython_function_address, overload
from numpy.typing import NDArray

from sim.compiled import CONFIG, entry

# What a draw is for; two processes never share a number. USER is for the rules that users write.
(
    LOYALTY,
    OPENING,
    NOISE,
    DECISION,
    MESSAGE,
    LINE,
    TRAVEL,
    ASSEMBLY,
    STANDOFF,
    CASUALTY,
    DESERTION,
    LEAVE,
    PEOPLE,
    ARRIVAL,
    USER,
) = range(1, 16)

BEFORE = np.uint64(2**64 - 1)  # the turn of what has begun before the start
Key = Any  # 64 bits, np.uint64: of a world, an entity, a cause
GOLDEN, STRIDE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
U1, U2, U3, U12, U27, U30, U31 = (np.uint64(n) for n in (1, 2, 3, 12, 27, 30, 31))


def _of_scipy(name: str, exported: str, arguments: int) -> Any:
    """One of SciPy's special functions of doubles, by its address, under a name that cached machine code
    finds again.
    """
    llvmlite.binding.add_symbol(
        f"petrograd_{name}", get_cython_function_address("scipy.special.cython_special", exported)
    )
    return types.ExternalFunction(
        f"petrograd_{name}", types.float64(*[types.float64] * arguments, types.int32)
    )


def _in_python(function: Any) -> Any:
    """The same function where rules are not compiled."""
    return lambda *x: function(*x[:-1])


if CONFIG.DISABLE_JIT:
    _ndtri, _pdtrik, _betaincinv, _betainc = (
        _in_python(f)
        for f in (scipy.special.ndtri, scipy.special.pdtrik, scipy.special.betaincinv, scipy.special.betainc)
    )
else:
    _ndtri = _of_scipy("ndtri", "ndtri", 1)
    _pdtrik = _of_scipy("pdtrik", "__pyx_fuse_0pdtrik", 2)
    _betaincinv = _of_scipy("betaincinv", "__pyx_fuse_0betaincinv", 3)
    _betainc = _of_scipy("betainc", "__pyx_fuse_0betainc", 3)
NOTHING = np.int32(0)  # an argument that Cython adds to its own functions


@entry
def normal_quantile(p: float) -> float:
    """The standard normal quantile."""
    return _ndtri(p, NOTHING)


@entry
def beta_quantile(a: float, b: float, p: float) -> float:
    """The quantile of a Beta distribution."""
    return _betaincinv(a, b, p, NOTHING)


def key(name: str) -> Key:
    """The luck key of a unit, place, person or message: 64 bits of its stable name."""
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


def keys(names: Iterable[str]) -> NDArray[np.uint64]:
    """The luck keys of several names, in their order."""
    return np.array([key(name) for name in names], dtype=np.uint64)


@entry
def mix(bits: Key) -> Key:
    """Scramble 64 bits (the finaliser of SplitMix64; Steele, Lea & Flood 2014)."""
    bits = np.uint64(bits)  # Python's own whole numbers have a sign
    bits = (bits ^ (bits >> U30)) * FIRST
    bits = (bits ^ (bits >> U27)) * SECOND
    return bits ^ (bits >> U31)


@entry
def _join(first: Key, second: Key) -> Key:
    return mix(np.uint64(first) * U3 ^ mix(second))


def join(first: Key, second: Key) -> Key:
    """One key out of two, for a pair such as (cause, audience); order matters."""
    return np.uint64(_join(np.uint64(first), np.uint64(second)))  # numba hands Python a number without bounds


if not CONFIG.DISABLE_JIT:

    @overload(join, strict=False)  # annotations apart
    def _join_in_rules(first: Any, second: Any) -> Any:
        """The same where rules call it."""
        return lambda first, second: _join(first, second)


@entry
def world_key(seed: Key, world: Key) -> Key:
    """The key of a world under a seed."""
    return mix(np.uint64(mix(seed)) + np.uint64(world) * GOLDEN)


@entry
def renewed(world: Key, future: int) -> Key:
    """The key of a world from now on, in one of its other futures; 0 is the one it was going to have."""
    return mix(np.uint64(world) ^ mix(np.uint64(future) * STRIDE)) if future > 0 else np.uint64(world)


@entry
def uniform(world: Key, process: int, key: Key, turn: Key) -> float:
    """A uniform number in (0, 1): an odd multiple of 2**-53, so that u and 1 - u are both exact and never 0
    or 1.
    """
    salt = (np.uint64(turn) + U1) * GOLDEN + np.uint64(process) * STRIDE
    bits = mix(np.uint64(world) ^ mix(np.uint64(key) ^ salt))
    return np.float64((bits >> U12) * U2 + U1) * 2.0**-53


@entry
def normal(u: float) -> float:
    """The standard normal quantile, symmetric to the last bit: of 1 - u exactly minus that of u."""
    return normal_quantile(u) if u <= 0.5 else -normal_quantile(1.0 - u)


@entry
def lognormal(u: float, sigma: float) -> float:
    """A lognormal factor of median 1."""
    return exp(sigma * normal(u))


@entry
def chance(rate: float, minutes: float) -> float:
    """The chance that a hazard of `rate` per hour strikes within some minutes."""
    return -expm1(rate * (-minutes / 60.0))


@entry
def binomial(trials: int, p: float, u: float) -> int:
    """A binomial number out of a uniform one."""
    if trials <= 0 or p <= 0.0:
        return 0
    least, most = -1, trials  # P(X <= k) = I_{1 - p}(trials - k, k + 1), which rises with k
    while most - least > 1:
        k = (least + most) // 2
        if _betainc(float(trials - k), k + 1.0, 1.0 - min(p, 1.0), NOTHING) >= u:
            most = k
        else:
            least = k
    return most


@entry
def poisson(mean: float, u: float) -> int:
    """A Poisson number out of a uniform one."""
    mean = max(mean, 1e-12)
    none = exp(-mean)
    if u <= none:
        return 0
    return int(ceil(_pdtrik(max(u, none), mean, NOTHING) - 1e-9))
