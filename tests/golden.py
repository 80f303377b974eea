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
WORLDS = (0, 1, 32, 33)  # from 32 on somewhere else in the priors
FIRST_ELSEWHERE = 32
SWAPPED = "historical, sides swapped"


def values(scenario: str, world: int) -> dict[str, float]:
    """The parameters of a world: the centres of the priors, or a quarter or three quarters up every prior in
    turns, so that no golden hangs on a calibration; what the scenario sets itself stands.
    """
    table, settings = parameters.table(), sim.scenario(scenario).settings
    share = np.where((np.arange(len(table)) + world) % 2, 0.25, 0.75)
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    logs = (table["scale"] == "log").to_numpy()
    safe = np.where(logs, low, 1.0)
    away = np.where(logs, safe * (np.where(logs, high, 1.0) / safe) ** share, low + (high - low) * share)
    found = parameters.centres() if world < FIRST_ELSEWHERE else dict(zip(table.index, away.tolist()))
    return {str(name): value for name, value in found.items() if name not in settings}


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
