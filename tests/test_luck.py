"""Luck: draws are looked up by what they are for, are fair, and are turned round exactly in a mirrored city."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from sim import luck
from sim.luck import Luck, Process

MANY = luck.keys(f"entity {i}" for i in range(20_000))
FEW = MANY[:50]


def test_same_key_same_number() -> None:
    """A draw depends on seed, world, process, entity and turn, and on nothing drawn before."""
    first, second = Luck(1917, [3]), Luck(1917, [3])
    second.uniform(Process.NOISE, MANY, 8)
    assert np.array_equal(first.uniform(Process.TRAVEL, FEW, 7), second.uniform(Process.TRAVEL, FEW, 7))


@pytest.mark.parametrize(
    ("seed", "world", "process", "pulse"), [(1918, 3, Process.TRAVEL, 7), (1917, 4, Process.TRAVEL, 7), (1917, 3, Process.LINE, 7), (1917, 3, Process.TRAVEL, 8)]
)
def test_another_key_another_number(seed: int, world: int, process: Process, pulse: int) -> None:
    """Another seed, world, process or pulse gives every entity another number."""
    here = Luck(1917, [3]).uniform(Process.TRAVEL, MANY, 7)
    assert not (here == Luck(seed, [world]).uniform(process, MANY, pulse)).any()


@pytest.mark.parametrize("world", [0, 6, 63])
def test_batch_row_is_single_row(world: int) -> None:
    """A world draws the same in a batch, in whatever company, as alone."""
    numbers = list(range(64))[::-1]
    batch = Luck(1917, numbers).uniform(Process.STANDOFF, FEW, 100)
    assert np.array_equal(batch[numbers.index(world)], Luck(1917, [world]).uniform(Process.STANDOFF, FEW, 100)[0])


def test_pairs_are_the_rows() -> None:
    """Draws for pairs of a world and an entity are those of the whole table."""
    lots = Luck(1917, range(8))
    world, entity = np.meshgrid(np.arange(8), np.arange(len(FEW)), indexing="ij")
    assert np.array_equal(lots.at(world, Process.LEAVE, FEW[entity], 5), lots.uniform(Process.LEAVE, FEW, 5))


def test_turns_by_rows() -> None:
    """Draws with a turn for each row are those of each turn alone."""
    lots, world = Luck(1917, range(3)), np.arange(3)
    together = lots.at(world, Process.MESSAGE, FEW[:3], np.array([4, 0, 7]))
    apart = [lots.at(world[k : k + 1], Process.MESSAGE, FEW[k : k + 1], turn)[0] for k, turn in enumerate((4, 0, 7))]
    assert together.tolist() == apart


@pytest.mark.parametrize("process", list(Process))
def test_uniform(process: Process) -> None:
    """The draws of every process lie inside (0, 1) and are flat (Kolmogorov-Smirnov, 20,000 draws; sees a bias of .014)."""
    u = Luck(1917, [0]).uniform(process, MANY, 11)[0]
    assert ((u > 0) & (u < 1)).all()
    assert kstest(u, "uniform").pvalue > 1e-3


def test_flat_across_worlds_and_pulses() -> None:
    """One entity's draws are as flat over worlds and over pulses as many entities' in one."""
    worlds = Luck(1917, range(5_000)).uniform(Process.DECISION, FEW[:1], 0)[:, 0]
    pulses = np.array([Luck(1917, [0]).uniform(Process.DECISION, FEW[:1], pulse)[0, 0] for pulse in range(2_000)])
    assert min(kstest(worlds, "uniform").pvalue, kstest(pulses, "uniform").pvalue) > 1e-3


def _largest_correlation(rows: list[np.ndarray]) -> float:
    return float(np.abs(np.corrcoef(rows) - np.eye(len(rows))).max())


def test_processes_are_independent() -> None:
    """No two processes are correlated beyond what 20,000 draws show by chance (bound .035: five sigma)."""
    rows = [Luck(1917, [0]).uniform(process, MANY, 3)[0] for process in Process]
    assert _largest_correlation(rows) < 5 / np.sqrt(len(MANY))


@pytest.mark.parametrize("axis", ["seed", "world", "pulse"])
def test_neighbours_are_independent(axis: str) -> None:
    """Neighbouring seeds, worlds and pulses are no more alike than distant ones (bound .035: five sigma)."""
    at = [{"seed": 1917, "world": 0, "pulse": 0} | {axis: k} for k in range(8)]
    rows = [Luck(key["seed"], [key["world"]]).uniform(Process.MESSAGE, MANY, key["pulse"])[0] for key in at]
    assert _largest_correlation(rows) < 5 / np.sqrt(len(MANY))


def test_complement_is_exact() -> None:
    """1 - u of a draw is exact, and the normal quantile of it is the opposite to the last bit."""
    u = Luck(1917, range(4)).uniform(Process.LOYALTY, MANY, 0)
    assert np.array_equal(1.0 - (1.0 - u), u)
    assert np.array_equal(luck.standard_normal(1.0 - u), -luck.standard_normal(u))


def test_mirrored_draws_are_opposite() -> None:
    """Signed draws of a mirrored city are exactly the opposite; unsigned ones are the same."""
    here, there = Luck(1917, [0, 1]), Luck(1917, [0, 1], mirrored=True)
    u, v = here.uniform(Process.NOISE, MANY, 2), there.uniform(Process.NOISE, MANY, 2)
    assert np.array_equal(u, v)
    assert np.array_equal(here.signed(u), -there.signed(v))


def test_signed_draws_are_normal() -> None:
    """Signed draws are standard normal (Kolmogorov-Smirnov, 20,000 draws)."""
    lots = Luck(1917, [0])
    assert kstest(lots.signed(lots.uniform(Process.NOISE, MANY, 1)[0]), "norm").pvalue > 1e-3


def test_keys_of_pairs_differ() -> None:
    """Every ordered pair of entities has a key of its own."""
    pairs = luck.join(FEW[:, None], FEW[None, :])
    assert len(np.unique(pairs)) == len(FEW) ** 2


@pytest.mark.parametrize("parts", [2, 5, 60])
def test_hazards_do_not_depend_on_the_step(parts: int) -> None:
    """The chance to escape an hour is the product of the chances to escape its parts."""
    rates = np.array([0.0, 0.01, 0.5, 4.0])
    assert (1 - luck.chance(rates, 60 / parts)) ** parts == pytest.approx(1 - luck.chance(rates, 60))


def test_lognormal_has_median_one() -> None:
    """Half of all factors of time are above one, and their logarithm has the spread asked for."""
    factors = luck.lognormal(Luck(1917, [0]).uniform(Process.TRAVEL, MANY, 0), 0.5)
    assert np.median(factors) == pytest.approx(1, abs=0.02)
    assert np.log(factors).std() == pytest.approx(0.5, abs=0.01)


def test_renewed_luck() -> None:
    """Future 0 is the luck a world was going to have; every other is new to all worlds, and the same each time it is asked for."""
    old, new, again = Luck(1917, [3, 3, 4, 4]), Luck(1917, [3, 3, 4, 4]), Luck(1917, [4])
    new.renew([0, 1, 1, 2])
    again.renew([2])
    before, after = (lots.uniform(Process.TRAVEL, MANY, 7) for lots in (old, new))
    assert np.array_equal(before[0], after[0])
    assert not (after[1:] == before[1:]).any()
    assert not (after[1] == after[2]).any()
    assert not (after[2] == after[3]).any()
    assert np.array_equal(again.uniform(Process.TRAVEL, MANY, 7)[0], after[3])
    assert kstest(after[1], "uniform").pvalue > 0.001
