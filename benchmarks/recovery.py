"""Whether calibration finds a truth that is known: histories simulated at some values of the parameters stand
for the record.

    python benchmarks/recovery.py [--truths 3] [--write]

For each truth, waves of history matching as in `petrograd calibrate`; how far what is found lies from what
was true, for the parameters that the waves narrow and for those they do not. With --write the section goes
into docs/validation.md, between its marks.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from sim.analysis.calibration import IDENTIFIED, Targets, free, match, prior_points, simulate, spread_left

PAGE = Path(__file__).parent.parent / "docs" / "validation.md"
BEGIN, END = "<!-- recovery: begin -->", "<!-- recovery: end -->"
RECORD = 200  # histories that stand for the record


def recovered(number: int, first: int) -> pd.DataFrame:
    """A row a parameter, in the unit cube of the priors: the truth, mean and spread of what is found, and the
    share of the prior's spread left.
    """
    truth = 0.1 + 0.8 * prior_points(8, number)[:1]
    card = simulate(truth, "historical", seed=77 + number, each=RECORD)
    documented = Targets.of(card)
    targets = Targets(documented.parts, documented.statistics(card).mean(axis=0), documented.reach)
    waves, _, _ = match(first=first, later=(4 * first // 5,) * 2, targets=targets, tell=print)
    found = waves[-2]
    return pd.DataFrame(
        {
            "truth": truth[0],
            "mean": found.mean(axis=0),
            "spread": found.std(axis=0),
            "left": spread_left(found),
        },
        index=free().index,
    )


def page(tables: list[pd.DataFrame], command: str) -> Iterator[str]:
    """The section, line by line."""
    every = pd.concat(tables)
    within = (every["mean"] - every["truth"]).abs() < 2 * every["spread"]
    towards = (every["mean"] - 0.5) * np.sign(every["truth"] - 0.5) > 0
    clear = every["left"] < IDENTIFIED
    closer = (every["mean"] - every["truth"]).abs() < (every["truth"] - 0.5).abs()
    yield (
        f"Measured with `{command}`: {len(tables)} known truths drawn from the priors, {RECORD} "
        "histories each in place of the record."
    )
    yield ""
    yield (
        "| parameters | how many | truth within two spreads | moved from the middle towards the truth "
        "| nearer to it than the middle |"
    )
    yield "|---|---|---|---|---|"
    for name, mine in (
        ("narrowed to less than nine tenths of the prior's spread", clear),
        ("not narrowed", ~clear),
    ):
        yield (
            f"| {name} | {mine.sum()} | {within[mine].mean():.0%} | {towards[mine].mean():.0%} | "
            f"{closer[mine].mean():.0%} |"
        )
    yield ""
    left = pd.concat([table["left"] for table in tables], axis=1)
    often = left[(left < IDENTIFIED).sum(axis=1) * 2 > len(tables)].mean(axis=1).sort_values()
    yield (
        "Narrowed for most of the truths: "
        f"{', '.join(f'`{name}` ({share:.0%} left)' for name, share in often.items()) or 'none'}."
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--truths", type=int, default=3, help="known truths")
    options.add_argument(
        "--first",
        type=int,
        default=1000,
        help="histories of the first wave; the later two have four fifths of it",
    )
    options.add_argument("--write", action="store_true", help="put the section into docs/validation.md")
    given = options.parse_args()
    command = f"python benchmarks/recovery.py --truths {given.truths}"
    text = "\n".join(page([recovered(number, given.first) for number in range(1, given.truths + 1)], command))
    print(text)
    if given.write:
        head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
