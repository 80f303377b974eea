"""The model against the documented hours, uncalibrated: when places change hands, over many worlds.

    python benchmarks/record.py [--worlds 200] [--seeds 20]
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import sim
from sim import clock
from sim.model import Petrograd
from sim.results import ENDINGS, documented_hours, outcomes


def hours(minutes: np.ndarray) -> list[str]:
    """The 10th, 50th and 90th percentile as clock hours; a dash where it has not happened."""
    late = np.where(np.isfinite(minutes), minutes, 1e6)
    return [clock.label(float(x)) if x < 1e5 else "-" for x in np.percentile(late, [10, 50, 90], method="nearest")]


def captures(model: Petrograd) -> pd.DataFrame:
    """A row a documented change of hands: hour, share of worlds in which it happens, the model's hours."""
    rows = []
    for token, when in sorted(documented_hours().items(), key=lambda item: item[1]):
        what, _, rest = token.partition(":")
        place, _, side = rest.partition(":")
        if what == "capture" and place in model.city.index and when <= clock.END:
            taken = model.columns.taken_at[:, model.city.index[place], int(side == "soviet")]
            rows.append([place, side, clock.label(when), f"{np.isfinite(taken).mean():.2f}", *hours(taken)])
    return pd.DataFrame(rows, columns=["place", "taken by", "documented", "share of worlds", "10 %", "median", "90 %"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=200)
    options.add_argument("--seeds", type=int, default=20)
    given = options.parse_args()
    models = [Petrograd("historical", worlds=range(k, min(k + 50, given.worlds))).play() for k in range(0, given.worlds, 50)]
    table = pd.concat([outcomes(m) for m in models])
    first = models[0]
    first.columns.taken_at = np.concatenate([m.columns.taken_at for m in models])
    print(captures(first).to_string(index=False))
    print("\nendings:", {ENDINGS[k]: f"{share:.3f}" for k, share in table["ending"].value_counts(normalize=True).items()})
    print("the seat falls:", hours(table["palace_falls"].to_numpy()), " congress opens:", hours(table["congress_opens"].to_numpy()))
    print(table[["killed_soviet", "killed_government", "ministers_arrested", "garrison_active"]].describe(percentiles=[0.1, 0.5, 0.9]).round(3))
    print("walk-out in", f"{np.isfinite(table['walkout']).mean():.2f}", "of worlds; congress:", table["congress"].value_counts(normalize=True).to_dict())
    falls = pd.concat([sim.batch("historical", seed=seed, worlds=1) for seed in range(1, given.seeds + 1)])["palace_falls"]
    print(f"seeds 1-{given.seeds}, world 0: palace taken in {np.isfinite(falls).sum()} of {given.seeds}, median", hours(falls.to_numpy())[1])


if __name__ == "__main__":
    main()
