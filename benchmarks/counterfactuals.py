"""Every scenario script against history: effects, what was expected, and what pairing the luck saves.

    python benchmarks/counterfactuals.py [--worlds 400] [--out FOLDER] [--write]

With --write the tables go into docs/counterfactuals.md, between its marks, and the figures of its questions
into docs/figures. With --out finished worlds are kept there.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pictures import keep

import sim
from sim.counterfactual.scenario import names
from sim.parameters import calibrated
from sim.results import Comparison
from sim.results.effects import chance_of, changed, in_figures
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
# What a rising is made of besides the garrison, each from one end of its prior over its middle to the other.
TURNOUT, WORTH = (0.15, 0.5, 1.0), (0.2, 0.5, 1.0)
GARRISONS: dict[str, tuple[Any, ...]] = {
    "as it was": (),
    "nobody's": (sim.loyalty("garrison", to=0.0, commissar=0.0),),
}
VERDICTS = {"yes": "confirmed", "no": "**not confirmed**", "open": "not settled"}


def cell(row: pd.Series) -> str:
    """A difference with its interval; of an hour over the histories in which it comes in both, if in any."""
    found = in_figures(row.to_dict())
    if row["unit"] == "h" and not row["histories"]:
        return "in no pair"
    return "none in any pair" if found.same else f"{found.difference} ({found.low} to {found.high})"


def gain(value: float) -> str:
    """How many times smaller the variance is; nothing differs where it is infinite."""
    return "nothing differs" if np.isinf(value) else f"{value:,.1f}"


def page(compared: Comparison, crossed: Comparison, command: str) -> Iterator[str]:
    """The section of results, line by line."""
    effects, seed = compared.effects(ALWAYS), compared.base.data.attrs["seed"]
    expected = effects[effects["expected"] != ""]
    counts = expected["agreed"].value_counts()
    sets = "a set of parameters each" if compared.base.sets is not None else "one set of parameters"
    yield (
        f"Measured with `{command}` (seed {seed}, {compared.base.worlds:,} worlds of each scenario, "
        f"{sets}); 95 % intervals"
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
    yield from garrison(crossed)
    yield from questions(compared, effects)
    yield from changes(compared, effects)
    yield from expectations(compared, expected)
    yield from reasons(compared, expected)
    yield from saved(effects)


def changes(compared: Comparison, effects: pd.DataFrame) -> Iterator[str]:
    """What every scenario changes."""
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


def expectations(compared: Comparison, expected: pd.DataFrame) -> Iterator[str]:
    """What was expected, and what came."""
    yield "### What was expected"
    yield ""
    yield "| scenario | measure | expected | difference | |"
    yield "|---|---|---|---|---|"
    for _, row in expected.iterrows():
        yield (
            f"| `{row['scenario']}` | {row['label']} | {row['expected']} | "
            f"{changed(row.to_dict(), compared.base.worlds)} | "
            f"{VERDICTS[str(row['agreed'])]} |"
        )
    yield ""


def saved(effects: pd.DataFrame) -> Iterator[str]:
    """What pairing saves in every scenario."""
    gains = effects[effects["measure"] == "palace_falls"].set_index("scenario")["gain_by_pairing"]
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
        yield f"| `{name}` | {gain(value)} | {needed[str(name)]:,.0f} |"


def reasons(compared: Comparison, expected: pd.DataFrame) -> Iterator[str]:
    """Why what was expected and is not confirmed did not come, a sentence a scenario."""
    yield "### Why not"
    yield ""
    yield (
        "Of every scenario with an expectation that is not confirmed (`compared.because(name)`; the first "
        "histories, followed event by event in both, and medians of hours):"
    )
    yield ""
    failed = expected[expected["agreed"] == "no"]
    for name, rows in failed.groupby("scenario", sort=False):
        yield f"- `{name}` ({'; '.join(rows['label'])}). {compared.because(str(name))}"
    yield ""


def questions(compared: Comparison, effects: pd.DataFrame) -> Iterator[str]:
    """Three questions, each with its numbers and a figure."""
    asked = {
        "Did Lenin matter?": ("lenin", ["lenin_held", "lenin_stays_hidden"]),
        "Could the Cossacks have turned it?": ("cossacks", ["cossacks_ride", "infantry_and_cossacks_early"]),
    }
    for question, (figure, shown) in asked.items():
        yield f"### {question}"
        yield ""
        for name in shown:
            yield answer(compared, effects, name)
        yield ""
        yield f"![{question}](figures/{figure}.png)"
        yield ""


def answer(compared: Comparison, effects: pd.DataFrame, name: str) -> str:
    """What comes of a scenario, in a few sentences with their doubt."""
    rows = effects[effects["scenario"] == name].set_index("measure")
    fall = rows.loc["palace_falls"].to_dict()
    often, hour = in_figures(chance_of(fall)), in_figures(fall)
    killed = in_figures(rows.loc["killed"].to_dict())
    moved = f"; where it falls in both its hour moves by {hour.amount}" if fall["histories"] else ""
    return (
        f"In `{name}` the palace falls in {often.other} of histories instead of {often.base} ({often.amount})"
        f"{moved}. Killed: {killed.other} instead of {killed.base} ({killed.amount}). "
        f"{compared.because(name)}"
    )


def draw(compared: Comparison) -> None:
    """The figures of the questions about people and regiments."""
    from sim.plots import endings, falls

    shown = {"lenin": ("lenin_held", "lenin_stays_hidden")}
    for figure, names_ in shown.items():
        keep(falls([compared.base.data, *(compared[name].data for name in names_)]), f"{figure}.png", 80)
    rides = ("cossacks_ride", "infantry_and_cossacks_early")
    keep(endings([compared.base.data, *(compared[name].data for name in rides)]), "cossacks.png", 80)


def garrisons(worlds: int, out: Path | None) -> Comparison:
    """The garrison as it was and as nobody's, wherever the Red Guards' turnout and their worth may lie."""
    past = sim.scenario("historical")
    grid = [
        past.but(
            f"{name}; {turnout:g} out, worth {worth:g}",
            sim.parameter("turnout", turnout),
            sim.parameter("levy_worth", worth),
            *changes,
        )
        for turnout in TURNOUT
        for worth in WORTH
        for name, changes in GARRISONS.items()
    ]
    return sim.compare(*grid, worlds=worlds, tracks=False, out=out)


def garrison(compared: Comparison) -> Iterator[str]:
    """Was the garrison needed: how often the palace falls, with it and without it."""
    yield "### Was the garrison needed?"
    yield ""
    yield (
        "How often the palace falls with the garrison as it was, and with one that leans to neither side and "
        f"has no commissar anywhere ({compared.base.worlds:,} worlds each, "
        "each with its own set of parameters but for two): `turnout`, the share of the Red Guards on paper "
        "who turn out, and `levy_worth`, what one of them is worth against a man in uniform."
    )
    yield ""
    yield "| turnout | " + " | ".join(f"worth {worth:g}" for worth in WORTH) + " |"
    yield "|---" * (len(WORTH) + 1) + "|"
    shares = np.array([many.measure("palace_taken").mean() for many in compared.ensembles])
    for turnout, row in zip(TURNOUT, shares.reshape(len(TURNOUT), len(WORTH), 2), strict=True):
        cells = (f"{with_it:.0%}, without {without:.0%}" for with_it, without in row)
        yield f"| {turnout:g} | " + " | ".join(cells) + " |"
    lost = shares[::2] - shares[1::2]
    yield ""
    yield (
        f"Without the garrison the palace falls less often by {100 * lost.min():.0f} to "
        f"{100 * lost.max():.0f} points, {100 * lost.mean():.0f} in the mean of the {len(lost)} cells."
    )
    yield ""
    yield "![Was the garrison needed?](figures/garrison.png)"
    yield ""


def draw_garrison(compared: Comparison) -> None:
    """How it ends at the corners of the grid."""
    from sim.plots import endings

    ends = [f"; {turnout:g} out, worth {worth:g}" for turnout in TURNOUT[::2] for worth in WORTH[::2]]
    corners = [many.data for many in compared.ensembles if any(many.name.endswith(end) for end in ends)]
    with_it, without = (
        [100 * many.measure("palace_taken").mean() for many in compared.ensembles[first::2]]
        for first in range(2)
    )
    found = (
        f"With a garrison that is nobody's the palace would have fallen in {min(without):.0f} to "
        f"{max(without):.0f} % of worlds, not {min(with_it):.0f} to {max(with_it):.0f} %"
    )
    keep(endings(corners, title=found), "garrison.png", 80)


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
        parameters="calibrated",
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
    crossed = garrisons(max(given.worlds // 4, 1), given.out)
    command = f"python benchmarks/counterfactuals.py --worlds {given.worlds} --write"
    tables = [*page(compared, crossed, command), *trifles(given.worlds, given.out)]
    text = "\n".join(tables)
    print(text)
    if given.write:
        draw(compared)
        draw_garrison(crossed)
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
