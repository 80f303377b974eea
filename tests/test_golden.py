"""The golden: histories are what they were, event by event."""

from __future__ import annotations

import pytest
from golden import SCENARIOS, SWAPPED, WORLDS, load, told

GOLDEN = load()


@pytest.mark.parametrize("key", [*SCENARIOS, SWAPPED])
def test_golden(key: str) -> None:
    """Every event (minute, kind, place, side, actors) and every outcome of a scenario's histories is as it
    was written down.
    """
    for world in WORLDS if key != SWAPPED else (0,):
        here, there = told(key, world), GOLDEN[f"{key} {world}"]
        assert here["events"] == there["events"], f"{key}, world {world}"
        assert here["outcomes"] == there["outcomes"], f"{key}, world {world}"
