"""Luck: draws are looked up by what they are for, are fair, and turn round exactly in a mirrored city."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rules.alike import differences, fields
from scipy.special import betaincinv, ndtri
from scipy.stats import kstest

from sim import luck
from sim.counterfactual.scenario import scenario
from sim.plan.layout import Stage, layout
from sim.state import NEVER

MANY = luck.keys(f"entity {i}" for i in range(20_000))
FEW = MANY[:50]
PROCESSES = {
    name: getattr(luck, name)
    for name in (
        "LOYALTY",
        "OPENING",
        "NOISE",
        "DECISION",
        "MESSAGE",
        "LINE",
        "TRAVEL",
        "ASSEMBLY",
        "STANDOFF",
        "CASUALTY",
        "DESERTION",
        "LEAVE",
        "PEOPLE",
        "ARRIVAL",
        "USER",
    )
}


def world_key(seed: int = 1917, world: int = 0) -> np.uint64:
    """The key of a world under a seed."""
    return np.uint64(luck.world_key(np.uint64(seed), np.uint64(world)))


def draws(
    process: int,
    keys: Iterable[np.uint64] = MANY,
    turn: int = 0,
    *,
    seed: int = 1917,
    world: int = 0,
    future: int = 0,
) -> NDArray[np.float64]:
    """A draw for each of some entities."""
    key = np.uint64(luck.renewed(world_key(seed, world), future))
    return np.array([luck.uniform(key, process, k, turn) for k in keys])


def normals(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """The normal quantiles of some draws."""
    return np.array([luck.normal(x) for x in u])


def test_processes_have_numbers_of_their_own() -> None:
    """No two processes share a number."""
    assert len(set(PROCESSES.values())) == len(PROCESSES) == 15


def test_same_key_same_number() -> None:
    """A draw depends on seed, world, process, entity and turn, and on nothing drawn before."""
    first = draws(luck.TRAVEL, FEW, 7, world=3)
    draws(luck.NOISE, MANY, 8, world=3)
    assert np.array_equal(draws(luck.TRAVEL, FEW[::-1], 7, world=3)[::-1], first)


@pytest.mark.parametrize(
    ("seed", "world", "process", "pulse"),
    [
        (1918, 3, luck.TRAVEL, 7),
        (1917, 4, luck.TRAVEL, 7),
        (1917, 3, luck.LINE, 7),
        (1917, 3, luck.TRAVEL, 8),
    ],
)
def test_another_key_another_number(seed: int, world: int, process: int, pulse: int) -> None:
    """Another seed, world, process or pulse gives every entity another number."""
    here = draws(luck.TRAVEL, MANY, 7, world=3)
    assert not (here == draws(process, MANY, pulse, seed=seed, world=world)).any()


def opened(stage: Stage, world: int) -> Any:
    """The record of a world at its opening."""
    stage.open(1917, world, {})
    return stage.worlds[0].copy()


@pytest.mark.parametrize("world", [0, 6, 63])
def test_a_world_draws_the_same_after_others_as_alone(world: int) -> None:
    """A world draws the same in whatever company as alone."""
    made = layout(scenario("historical"))
    alone, after = Stage(made), Stage(made)
    for other in range(63, world, -1):
        opened(after, other)
    assert differences(fields(opened(after, world)), fields(opened(alone, world))) == []


@pytest.mark.parametrize("number", [0, 8])
def test_rules_draw_what_is_looked_up(number: int) -> None:
    """What the opening draws for all units of a world is what is looked up for each alone: by process, key
    and turn.
    """
    made = layout(scenario("historical"))
    world = opened(Stage(made), number)
    units, p = world["units"][: len(made.cast.units.ids)], world["p"]
    minds = normals(draws(luck.LOYALTY, units["key"], 0, world=number))
    assert np.array_equal(
        units["loyalty"], p["loyalty_scale"] * units["leaning"] + p["loyalty_spread"] * minds
    )
    assert np.array_equal(
        units["mood"], p["block_noise"] * normals(draws(luck.NOISE, units["key"], 0, world=number))
    )


def test_clocks_take_one_turn_after_the_other() -> None:
    """When a unit next thinks is the sum of waits each of which is the draw of its turn."""
    made = layout(scenario("historical"))
    world = opened(Stage(made), 0)
    units, rate = world["units"][: len(made.cast.units.ids)], world["p"]["decision_rate"]
    assert (units["clock_at"] < NEVER).all()
    assert set(units["clock_beats"]) >= {1}
    for unit in units[:50]:
        waits = [
            -np.log(draws(luck.DECISION, [unit["key"]], turn)[0]) / rate * 60
            for turn in range(unit["clock_beats"])
        ]
        assert unit["clock_at"] == pytest.approx(sum(waits))


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES.keys())
def test_uniform(process: int) -> None:
    """The draws of every process lie inside (0, 1) and are flat (Kolmogorov-Smirnov, 20,000 draws; sees a
    bias of .014).
    """
    u = draws(process, MANY, 11)
    assert ((u > 0) & (u < 1)).all()
    assert kstest(u, "uniform").pvalue > 1e-3


def test_flat_across_worlds_and_pulses() -> None:
    """One entity's draws are as flat over worlds and over pulses as many entities' in one."""
    worlds = np.array([draws(luck.DECISION, FEW[:1], 0, world=world)[0] for world in range(5_000)])
    pulses = np.array([draws(luck.DECISION, FEW[:1], pulse)[0] for pulse in range(2_000)])
    assert min(kstest(worlds, "uniform").pvalue, kstest(pulses, "uniform").pvalue) > 1e-3


def _largest_correlation(rows: list[NDArray[np.float64]]) -> float:
    return float(np.abs(np.corrcoef(rows) - np.eye(len(rows))).max())


def test_processes_are_independent() -> None:
    """No two processes are correlated beyond what 20,000 draws show by chance (bound .035: five sigma)."""
    assert _largest_correlation([draws(process, MANY, 3) for process in PROCESSES.values()]) < 5 / np.sqrt(
        len(MANY)
    )


@pytest.mark.parametrize("axis", ["seed", "world", "pulse"])
def test_neighbours_are_independent(axis: str) -> None:
    """Neighbouring seeds, worlds and pulses are no more alike than distant ones (bound .035: five sigma)."""
    at = [{"seed": 1917, "world": 0, "pulse": 0} | {axis: k} for k in range(8)]
    rows = [draws(luck.MESSAGE, MANY, key["pulse"], seed=key["seed"], world=key["world"]) for key in at]
    assert _largest_correlation(rows) < 5 / np.sqrt(len(MANY))


def test_complement_is_exact() -> None:
    """1 - u of a draw is exact, and the normal quantile of it is the opposite to the last bit."""
    for world in range(4):
        u = draws(luck.LOYALTY, MANY, 0, world=world)
        assert np.array_equal(1.0 - (1.0 - u), u)
        assert np.array_equal(normals(1.0 - u), -normals(u))


def test_mirrored_draws_are_opposite() -> None:
    """Signed draws of a mirrored city are exactly the opposite; unsigned ones are the same."""
    here, there = (
        opened(Stage(layout(scenario("historical"), 5.0, swapped)), 1)["units"] for swapped in (False, True)
    )
    for signed in ("loyalty", "mood"):
        assert np.array_equal(here[signed], -there[signed])
        assert here[signed].any()
    for unsigned in ("men", "cohesion", "infantry_share", "clock_at", "clock_beats"):
        assert np.array_equal(here[unsigned], there[unsigned])


def test_signed_draws_are_normal() -> None:
    """Signed draws are standard normal (Kolmogorov-Smirnov, 20,000 draws)."""
    assert kstest(normals(draws(luck.NOISE, MANY, 1)), "norm").pvalue > 1e-3


def test_quantiles_are_scipys() -> None:
    """The quantiles of the normal and the Beta distribution are SciPy's own."""
    u = np.concatenate([[2.0**-53, 1 - 2.0**-53], (np.arange(200) + 0.5) / 200])
    assert np.array_equal([luck.normal_quantile(x) for x in u], ndtri(u))
    assert np.array_equal([luck.beta_quantile(2.0, 18.0, x) for x in u], betaincinv(2.0, 18.0, u))


def test_keys_of_pairs_differ() -> None:
    """Every ordered pair of entities has a key of its own."""
    assert len({luck.join(a, b) for a in FEW for b in FEW}) == len(FEW) ** 2


@pytest.mark.parametrize("parts", [2, 5, 60])
def test_hazards_do_not_depend_on_the_step(parts: int) -> None:
    """The chance to escape an hour is the product of the chances to escape its parts."""
    for rate in (0.0, 0.01, 0.5, 4.0):
        assert (1 - luck.chance(rate, 60 / parts)) ** parts == pytest.approx(1 - luck.chance(rate, 60.0))
        assert luck.chance(rate, 60.0) == pytest.approx(1 - np.exp(-rate))


def test_lognormal_has_median_one() -> None:
    """Half of all factors of time are above one, and their logarithm has the spread asked for."""
    factors = np.array([luck.lognormal(u, 0.5) for u in draws(luck.TRAVEL)])
    assert np.median(factors) == pytest.approx(1, abs=0.02)
    assert np.log(factors).std() == pytest.approx(0.5, abs=0.01)


def test_renewed_luck() -> None:
    """Future 0 is the luck a world was going to have; every other is new to all worlds, and the same each
    time it is asked for.
    """
    cases = [(3, 0), (3, 1), (4, 1), (4, 2)]
    before = [draws(luck.TRAVEL, MANY, 7, world=world) for world, _ in cases]
    after = [draws(luck.TRAVEL, MANY, 7, world=world, future=future) for world, future in cases]
    assert np.array_equal(before[0], after[0])
    assert not any((new == old).any() for new in after[1:] for old in before)
    assert not (after[1] == after[2]).any()
    assert not (after[2] == after[3]).any()
    assert np.array_equal(draws(luck.TRAVEL, MANY, 7, world=4, future=2), after[3])
    assert kstest(after[1], "uniform").pvalue > 0.001
