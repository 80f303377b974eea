"""The golden: 64 histories of eight scenarios, one mirrored and one at twice the units, as the first engine plays them.

`python benchmarks/golden.py FILE` writes outcomes and events to FILE; the second engine is judged by it (tests/test_golden.py keeps a part).
"""

import json
import lzma
import sys
from pathlib import Path

import numpy as np

from sim import parameters, what_if
from sim.model import Petrograd
from sim.results.outcomes import outcomes

SCENARIOS = ("historical", "free", "siege_left_to_policies", "bridges_raised", "cossacks_ride", "kerensky_accepts", "loyal_garrison", "cadet_rising")
WORLDS = 64  # the second half on plausible rows
SEED = 1917


def values(worlds: int) -> dict[str, np.ndarray]:
    """The calibrated values in the first half of the worlds, a plausible set in each of the second."""
    rows = parameters.plausible(worlds)
    calibrated = parameters.calibrated()
    first = np.arange(worlds) < worlds // 2
    return {name: np.where(first, calibrated[name], rows.get(name, np.full(worlds, value))) for name, value in calibrated.items()}


def told(model: Petrograd) -> dict:
    """Every outcome and every event of a model's worlds, as plain values."""
    data = outcomes(model)
    found = {str(name): data[name].values.tolist() for name in data.data_vars}
    events = [
        sorted([e.minute, e.kind, e.place, e.side, list(e.actors), e.text] for e in page)
        for page in model.chronicle.events
    ]
    return {"outcomes": found, "events": events, "worlds": [int(n) for n in model.world_numbers]}


def main(target: Path) -> None:
    """Play and write everything."""
    golden = {}
    for name in SCENARIOS:
        settings = what_if.scenario(name).settings
        given = {k: v for k, v in values(WORLDS).items() if k not in settings}
        golden[name] = told(Petrograd(name, seed=SEED, worlds=range(WORLDS), values=given, record=True).play())
        print(name, sum(map(len, golden[name]["events"])), "events", flush=True)
    golden["historical, sides swapped"] = told(Petrograd("historical", seed=SEED, worlds=range(4), record=True, sides_swapped=True).play())
    from dataclasses import replace

    double = replace(what_if.scenario("historical"), resolution=2.0)
    golden["historical, twice the units"] = told(Petrograd(double, seed=SEED, worlds=range(4), record=True).play())
    target.write_bytes(lzma.compress(json.dumps(golden).encode()))
    print(target, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
