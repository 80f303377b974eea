"""Histories that many tests look at, played once."""

from __future__ import annotations

import os
from datetime import date

import pytest
from histories import Histories
from likeness import EXPECTED, HISTORY, play

import sim
from sim.city.streets import City, city_of
from sim.model import Petrograd

os.environ.setdefault("WORLDS", "16")  # the notebooks are played with few worlds here


SHARES = 7  # of the nightly tests one share is tried with all others, another every day


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the nightly tests but today's share; `.ci/nightly` sets NIGHTLY, and all are run."""
    if os.environ.get("NIGHTLY"):
        return
    long = [item for item in items if item.get_closest_marker("nightly")]
    left_out = [item for k, item in enumerate(long) if k % SHARES != date.today().toordinal() % SHARES]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell at the end what was expected of the scenarios and how it came out: a disagreement is a finding,
    not a failure."""
    for line in config.stash.get(EXPECTED, []):
        terminalreporter.write_line(f"expected of scenarios: {line}")


@pytest.fixture(scope="session")
def city() -> City:
    """Petrograd on 24 October."""
    return city_of(HISTORY)


@pytest.fixture(scope="session")
def recorded() -> sim.Run:
    """The documented decisions played to the end, with chronicle and tracks; for reading only."""
    return sim.run("historical", seed=1917)


@pytest.fixture(scope="session")
def batch() -> Histories:
    """The same in 64 worlds, their records at the end; for reading only."""
    return play(worlds=range(64))


@pytest.fixture
def opened() -> Petrograd:
    """A city at its opening, to be changed at will."""
    return Petrograd("historical")
