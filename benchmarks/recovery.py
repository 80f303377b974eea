"""Whether calibration finds a truth that is known: histories simulated at some values of the parameters stand for the record.

    python benchmarks/recovery.py [--truth 3] [--first 1000]

Prints, for every parameter, the true value, the mean and spread of what is found, and how many of the truths lie within.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from sim.analysis.calibration import Targets, free, match, prior_points, simulate, spread_left


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--truth", type=int, default=3, help="seed of the true values")
    options.add_argument("--first", type=int, default=1000, help="histories of the first wave; the later two have four fifths of it")
    options.add_argument("--worlds", type=int, default=200, help="histories that stand for the record")
    given = options.parse_args()
    truth = 0.1 + 0.8 * prior_points(8, given.truth)[:1]
    card = simulate(truth, "historical", seed=77, each=given.worlds)
    documented = Targets.of(card)
    targets = Targets(documented.parts, documented.statistics(card).mean(axis=0), documented.reach)
    later = 4 * given.first // 5
    waves, _, _ = match(first=given.first, later=(later, later), targets=targets, tell=print)
    found = waves[-2]
    table = pd.DataFrame({
        "truth": truth[0], "mean": found.mean(axis=0), "spread": found.std(axis=0), "spread_left": spread_left(found),
    }, index=free().index).sort_values("spread_left")
    table["off"] = (table["mean"] - table["truth"]) / table["spread"]
    print("\nIn the unit cube of the priors; `off` is in spreads of what was found:")
    print(table.round(2).head(25).to_string())
    within = np.abs(table["off"]) < 2
    clear = table["spread_left"] < 0.9
    print(f"\n{within.mean():.0%} of the true values lie within two spreads of what was found; of the {clear.sum()} that are identified, {within[clear].mean():.0%}.")
    moved = (table["mean"] - 0.5) * np.sign(table["truth"] - 0.5) > 0
    print(f"Of the identified, {moved[clear].mean():.0%} were moved from the centre towards the truth (half would be by chance).")


if __name__ == "__main__":
    main()
