"""The golden: some histories of eight scenarios and one with its sides swapped, event by event and with all
that came of them.

It was written by the engine before this one, and this one plays the same. `python tests/golden.py` writes it
anew: only where the model is changed on purpose, with the reason in the commit.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import numpy as np
from histories import SEED, play

import sim
from sim import parameters
from sim.results.rows import Rows
from sim.tally import sum_up

FILE = Path(__file__).with_name("golden.json.xz")
SCENARIOS = (
    "historical",
    "free",
    "siege_left_to_policies",
    "bridges_raised",
    "cossacks_ride",
    "kerensky_accepts",
    "loyal_garrison",
    "cadet_rising",
)
WORLDS = (0, 1, 32, 33)  # from 32 on with a plausible set of parameters
FIRST_PLAUSIBLE = 32
SWAPPED = "historical, sides swapped"


def values(scenario: str, world: int) -> dict[str, float]:
    """The parameters of a world: the calibrated ones, or a plausible set; what the scenario sets itself
    stands.
    """
    if world < FIRST_PLAUSIBLE:
        return {}
    settings = sim.scenario(scenario).settings
    return {name: float(v[0]) for name, v in parameters.plausible(1, world).items() if name not in settings}


def told(key: str, world: int) -> dict[str, Any]:
    """Every event of one history, sorted within its minute, and all outcomes."""
    scenario = key.partition(",")[0]
    played = play(scenario, [world], values=values(scenario, world), sides_swapped=key == SWAPPED)
    rows = Rows.blank(played.layout, 1, tracks=False)
    sum_up(played.records, rows.rows, 0)
    data = rows.dataset(played.layout, SEED)
    events = sorted([e.minute, e.kind, e.place, e.side, list(e.actors)] for e in played.events())
    return {
        "events": events,
        "outcomes": {
            str(name): np.asarray(v.values[0], float).tolist() for name, v in data.data_vars.items()
        },
    }


def everything() -> dict[str, dict[str, Any]]:
    """All histories of the golden, by scenario and world."""
    keys = [(key, world) for key in SCENARIOS for world in WORLDS] + [(SWAPPED, 0)]
    return {f"{key} {world}": told(key, world) for key, world in keys}


def load() -> dict[str, dict[str, Any]]:
    """The golden as it was written."""
    found: dict[str, dict[str, Any]] = json.loads(lzma.decompress(FILE.read_bytes()))
    return found


if __name__ == "__main__":
    FILE.write_bytes(lzma.compress(json.dumps(everything(), separators=(",", ":")).encode(), preset=9))
    print(FILE.name, FILE.stat().st_size, "bytes")
