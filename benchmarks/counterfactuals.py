"""Every scenario script against history: effects, what was expected, and what pairing the luck saves.

    python benchmarks/counterfactuals.py [--worlds 400] [--out FOLDER] [--write]

With --write the tables go into docs/counterfactuals.md, between its marks. With --out finished worlds are
kept there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import sim
from sim.counterfactual.scenario import names
from sim.parameters import calibrated
from sim.results import Comparison
from sim.results.effects import changed, in_figures
from sim.results.estimate import gain_by_pairing

PAGE = Path(__file__).parent.parent / "docs" / "counterfactuals.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
ALWAYS = ["palace_taken", "palace_falls", "government_holds", "killed", "walkout"]
# Changes that mean next to nothing: what is left of the variance there is what the luck does not couple.
TRIFLES = {
    "the Red Guards called out five minutes later": (sim.delay("d24_red_guards", minutes=5),),
    "the night's points ordered five minutes later": (sim.delay("d25_points", minutes=5),),
    "the garrison's leaning moved by a hundredth": (sim.loyalty("garrison", by=0.01),),
    "the palace two in a thousand stronger": (
        sim.parameter("palace_factor", 1.002 * calibrated()["palace_factor"]),
    ),
    "sailors from Helsingfors ten minutes later": (sim.delay("helsingfors_trains", minutes=10),),
}
VERDICTS = {"yes": "confirmed", "no": "**not confirmed**", "open": "not settled"}


def cell(row: pd.Series) -> str:
    """A difference with its interval; of an hour over the histories in which it comes in both, if in any."""
    found = in_figures(row)
    if row["unit"] == "h" and not row["histories"]:
        return "in no pair"
    return "none in any pair" if found.same else f"{found.difference} ({found.low} to {found.high})"


def gain(value: float) -> str:
    """How many times smaller the variance is; nothing differs where it is infinite."""
    return "nothing differs" if np.isinf(value) else f"{value:,.1f}"


def page(compared: Comparison, command: str) -> Iterator[str]:
    """The section of results, line by line."""
    effects, seed = compared.effects(ALWAYS), compared.base.data.attrs["seed"]
    expected = effects[effects["expected"] != ""]
    counts = expected["agreed"].value_counts()
    gains = effects[effects["measure"] == "palace_falls"].set_index("scenario")["gain_by_pairing"]
    yield (
        f"Measured with `{command}` (seed {seed}, {compared.base.worlds:,} worlds of each scenario, "
        "calibrated parameters); 95 % intervals"
    )
    yield (
        "of the difference in the same worlds; hours over the histories in which the palace falls in both."
    )
    yield ""
    yield (
        f"Of {len(expected)} expectations {counts.get('yes', 0)} are confirmed, "
        f"{counts.get('no', 0)} are not, and {counts.get('open', 0)} are not settled by so many worlds."
    )
    yield ""
    yield "### Effects"
    yield ""
    yield (
        "| scenario | the palace falls, points | its hour, h | the government holds, points | killed | the "
        "congress breaks, points |"
    )
    yield "|---|---|---|---|---|---|"
    for name in compared.others:
        rows = effects[effects["scenario"] == name.name].set_index("measure")
        yield f"| `{name.name}` | " + " | ".join(cell(rows.loc[measure]) for measure in ALWAYS) + " |"
    yield ""
    yield "### What was expected"
    yield ""
    yield "| scenario | measure | expected | difference | |"
    yield "|---|---|---|---|---|"
    for _, row in expected.iterrows():
        yield (
            f"| `{row['scenario']}` | {row['label']} | {row['expected']} | "
            f"{changed(row, compared.base.worlds)} | "
            f"{VERDICTS[str(row['agreed'])]} |"
        )
    yield ""
    yield "### What the same luck saves"
    yield ""
    yield (
        "How many times smaller the variance of the difference in the hour of the fall is on the same "
        f"luck than on independent luck: {gain(float(gains.median()))} in the"
    )
    yield f"median scenario; below 5 in {int((gains < 5).sum())} of {len(gains)}."
    yield ""
    yield "| scenario | times smaller | worlds for +-2 points in the chance that the government holds |"
    yield "|---|---|---|"
    needed = effects[effects["measure"] == "government_holds"].set_index("scenario")["worlds_needed"]
    for name, value in gains.sort_values(ascending=False).items():
        yield f"| `{name}` | {gain(value)} | {needed[name]:,.0f} |"


def trifles(worlds: int, out: Path | None) -> Iterator[str]:
    """What the same luck saves where next to nothing is changed, and in how many worlds the hour of the fall
    is the same.
    """
    past = sim.scenario("historical")
    compared = sim.compare(
        past,
        *(past.but(name, *changes) for name, changes in TRIFLES.items()),
        worlds=worlds,
        tracks=False,
        out=out,
    )
    base = compared.base.measure("palace_falls")
    yield ""
    yield (
        "The luck itself couples two histories well: where next to nothing is changed, next to nothing "
        "differs."
    )
    yield ""
    yield "| trifle | times smaller | the very same hour in |"
    yield "|---|---|---|"
    for other in compared.others:
        hours = other.measure("palace_falls")
        yield (
            f"| {other.name} | {gain(gain_by_pairing(base, hours))} | {(hours == base).mean():.0%} of "
            "worlds |"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=400)
    options.add_argument("--out", type=Path)
    options.add_argument("--write", action="store_true")
    given = options.parse_args()
    october = [name for name in names() if name != "historical" and sim.scenario(name).opening == "october24"]
    compared = sim.compare("historical", *october, worlds=given.worlds, tracks=False, out=given.out)
    text = "\n".join(
        [
            *page(compared, f"python benchmarks/counterfactuals.py --worlds {given.worlds} --write"),
            *trifles(given.worlds, given.out),
        ]
    )
    print(text)
    if given.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
