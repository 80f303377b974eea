"""Running: one history in full detail, or a batch of worlds for its outcomes."""

from __future__ import annotations

import pandas as pd

from sim.results import Run, of_model, outcomes
from sim.what_if import Scenario


def run(scenario: str | Scenario = "historical", *, seed: int = 1917, world: int = 0) -> Run:
    """Simulate one history from start to end with everything recorded.

    The same scenario, seed and world give the same history, bit for bit. Raises ScenarioError for an unknown scenario
    and ValueError for a seed or world that is no whole number from 0.
    """
    from sim.model import Petrograd

    return of_model(Petrograd(scenario, seed=whole("seed", seed), worlds=[whole("world", world)], record=True).play())


def batch(scenario: str | Scenario = "historical", *, seed: int = 1917, worlds: int = 64) -> pd.DataFrame:
    """The outcomes of several worlds at once, a row a world; world k is the history `run(..., world=k)`."""
    from sim.model import Petrograd

    return outcomes(Petrograd(scenario, seed=whole("seed", seed), worlds=range(whole("worlds", worlds, least=1))).play())


def whole(name: str, value: object, *, least: int = 0) -> int:
    """A whole number from `least` to 2**63 - 1; ValueError says what was wanted and got."""
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least or number >= 2**63:
        raise ValueError(f"{name}: wanted a whole number from {least}{", less than 2**63," if number >= 2**63 else ","} got {value!r}")
    return number
