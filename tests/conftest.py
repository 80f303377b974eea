"""Histories that many tests look at, played once."""

from __future__ import annotations

import os

import pytest
from histories import Histories
from likeness import EXPECTED, HISTORY, play

import sim
from sim.city.streets import City, city_of
from sim.model import Petrograd

os.environ.setdefault("WORLDS", "16")  # the notebooks are played with few worlds here


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
