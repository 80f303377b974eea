"""The model against the documented hours, uncalibrated: when places change hands, over many worlds.

python benchmarks/record.py [--worlds 200] [--seeds 20]
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import sim
from sim import clock
from sim.results.run import documented_hours


def hours(minutes: np.ndarray) -> list[str]:
    """The 10th, 50th and 90th percentile as clock hours; a dash where it has not happened."""
    late = np.where(np.isfinite(minutes), minutes, 1e6)
    return [
        clock.label(float(x)) if x < 1e5 else "-" for x in np.percentile(late, [10, 50, 90], method="nearest")
    ]


def captures(many: sim.Ensemble) -> pd.DataFrame:
    """A row a documented change of hands: hour, share of worlds in which it happens, the model's hours."""
    rows = []
    for token, when in sorted(documented_hours().items(), key=lambda item: item[1]):
        what, _, rest = token.partition(":")
        place, _, side = rest.partition(":")
        if what == "capture" and place in many.data["place"] and when <= clock.END:
            taken = many.data["captured_at"].sel(place=place, side=side).values
            rows.append([place, side, clock.label(when), f"{np.isfinite(taken).mean():.2f}", *hours(taken)])
    return pd.DataFrame(
        rows, columns=["place", "taken by", "documented", "share of worlds", "10 %", "median", "90 %"]
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=200)
    options.add_argument("--seeds", type=int, default=20)
    given = options.parse_args()
    many = sim.ensemble("historical", worlds=given.worlds)
    table = many.outcomes
    print(captures(many).to_string(index=False))
    print(f"\n{many}")
    print(
        "the seat falls:",
        hours(many.data["palace_falls"].values),
        " congress opens:",
        hours(many.data["congress_opens"].values),
    )
    print(
        table[["killed_soviet", "killed_government", "ministers_arrested", "garrison_active"]]
        .describe(percentiles=[0.1, 0.5, 0.9])
        .round(3)
    )
    print(
        "walk-out in",
        f"{table['walkout'].notna().mean():.2f}",
        "of worlds; congress:",
        table["congress"].value_counts(normalize=True).to_dict(),
    )
    falls = np.concatenate(
        [
            sim.ensemble("historical", seed=seed, worlds=1).data["palace_falls"].values
            for seed in range(1, given.seeds + 1)
        ]
    )
    print(
        (
            f"seeds 1-{given.seeds}, world 0: palace taken in {np.isfinite(falls).sum()} of "
            f"{given.seeds}, median"
        ),
        hours(falls)[1],
    )


if __name__ == "__main__":
    main()
