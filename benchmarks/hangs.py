"""What is rare, and what the answer hangs on, as the tables of docs/turning_points.md.

python benchmarks/hangs.py [--repeats 40] [--write]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import sim

PAGE = Path(__file__).parent.parent / "docs" / "turning_points.md"
RARE = ("government_restored", "relieved", "settled", "undecided_held")
ROWS = 12


def rare_outcomes(repeats: int) -> str:
    """A row an outcome: its chance by splitting and by counting, both at one cost, and the saving."""
    lines = [
        "| outcome | splitting | found | counting at the same cost | counting would want |",
        "|---|---|---|---|---|",
    ]
    for outcome in RARE:
        found = sim.rare("historical", outcome, repeats=repeats)
        cost = round(found.how.cost * repeats)
        counted = sim.ensemble("historical", worlds=cost).chance(found.how.outcome.name)
        ends = [f"{100 * x:.2g}" for it in (found.estimate, counted) for x in (it.value, it.low, it.high)]
        split, plain = (f"{a} % ({b} to {c})" for a, b, c in (ends[:3], ends[3:]))
        lines.append(
            f"| {found.how.outcome.label} | {split} | {len(found.found)} | {plain}, {cost:,} histories | "
            f"{found.saving:.1f} times as many |"
        )
    return "\n".join(lines)


def ladders() -> str:
    """Both ladders and the sentence on the verdict, of whether the palace falls."""
    found = sim.sensitivity("historical", "palace_taken")
    shares, knowing = found.shares, found.knowing.head(ROWS)
    over = pd.DataFrame(
        {
            "input": shares["label"],
            "alone": _said(shares, "first", 1),
            "with others": _said(shares, "total", 1),
        }
    )
    worth = pd.DataFrame({"to know": knowing["label"], "worth, thousandths": _said(knowing, "value", 1000)})
    return "\n\n".join([found.about, _markdown(over), _markdown(worth), found.verdict])


def _said(table: pd.DataFrame, key: str, scale: float) -> list[str]:
    ends = zip(table[key], table[f"{key}_low"], table[f"{key}_high"], strict=True)
    digits = 2 if scale == 1 else 1
    return [
        f"{scale * a:.{digits}f} ({scale * b:.{digits}f} to {scale * c:.{digits}f})"
        + ("" if b > 0 else ", nought within error")
        for a, b, c in ends
    ]


def _markdown(table: pd.DataFrame) -> str:
    rows = [list(table.columns), ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--repeats", type=int, default=40)
    options.add_argument("--write", action="store_true", help="put them into docs/turning_points.md")
    given = options.parse_args()
    for block, text in (("rare", rare_outcomes(given.repeats)), ("hangs", ladders())):
        print(text, end="\n\n")
        if given.write:
            begin, end = f"<!-- {block}: begin -->", f"<!-- {block}: end -->"
            head, rest = PAGE.read_text(encoding="utf-8").split(begin)
            PAGE.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
