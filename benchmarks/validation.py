"""The whole of validation: the card, the siege and the city left to the headquarters, blind leanings, null
models and the edge over them, the gate, what turns, the rising, the oddities.

    python benchmarks/validation.py [--worlds 500] [--pure FOLDER] [--write]

With --write the tables go into docs/validation.md, between its marks, and the figure into docs/figures.
--pure names the folder into which the pure null was fitted (plausible.csv: to every world its own set, as the
full model has it); without it, it is played with the values that were fitted to the full model.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import sim
from sim import history
from sim.analysis import nulls, rising
from sim.analysis.edge import edge
from sim.analysis.gate import gate
from sim.analysis.oddities import oddities_in_words
from sim.analysis.scorecard import Scorecard, score
from sim.analysis.validation import SIEGE, Validation, markdown, validate, verdict
from sim.results.estimate import Estimate

PAGE = Path(__file__).parent.parent / "docs" / "validation.md"
FIGURE = PAGE.parent / "figures" / "captures.png"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
APART = (
    "historical",
    "bridges_raised",
    "lenin_held",
    "cossacks_ride",
    "loyal_garrison",
    "commissars_in_half",
    "wavering_garrison",
    "one_regiment_declares",
    "no_press_raid",
    "party_rising",
)  # the great questions, of two accounts
TURN = ("loyal_garrison", "infantry_and_cossacks_early", "front_troops_at_noon_on_the_25th")


def played(name: str, worlds: int, **options: object) -> Scorecard:
    """The card of a scenario."""
    # type: ignore[arg-type]
    return score(sim.ensemble(name, worlds=worlds, tracks=True, **options).data, name=name)


def patterns_beside(cards: Sequence[Scorecard]) -> Iterator[str]:
    """A row a pattern: the share of worlds in which all of it is within its bounds, card beside card; what
    passes is bold.
    """
    yield "| pattern | split | " + " | ".join(card.name for card in cards) + " |"
    yield "|---|---|" + "---|" * len(cards)
    for name, row in cards[0].by_pattern.iterrows():
        cells = [card.by_pattern.loc[name] for card in cards]
        yield (
            f"| {name} | {row['split']} | "
            + " | ".join(f"**{c['inside']:.0%}**" if c["passes"] else f"{c['inside']:.0%}" for c in cells)
            + " |"
        )
    for split in ("train", "test"):
        yield (
            f"| passing | {split} | "
            + " | ".join("{} of {}".format(*card.passed(split)) for card in cards)
            + " |"
        )
    for split in ("train", "test"):
        means = " | ".join(f"{card.scores(split).mean():.3f}" for card in cards)
        yield f"| CRPS, mean part | {split} | {means} |"


def not_won(full: Scorecard, null: Scorecard) -> str:
    """Which patterns the full model does not win against a null model, in a sentence."""
    mine, theirs = full.by_pattern, null.by_pattern
    lost = [str(n) for n in mine.index if theirs.loc[n, "inside"] > mine.loc[n, "inside"] + 0.02]
    even = [str(n) for n in mine.index if abs(theirs.loc[n, "inside"] - mine.loc[n, "inside"]) <= 0.02]
    return (
        f"- **{null.name}**: does better on {', '.join(lost) or 'none'}; as well (within two points) on "
        f"{', '.join(even) or 'none'}; worse on the other {len(mine) - len(lost) - len(even)}."
    )


def parts_beside(cards: Sequence[Scorecard]) -> Iterator[str]:
    """A row a part: its score, card beside card."""
    yield "| part | split | " + " | ".join(card.name for card in cards) + " |"
    yield "|---|---|" + "---|" * len(cards)
    scores = [card.scores() for card in cards]
    for part in scores[0].index:
        cells = " | ".join(f"{score[part]:.2f}" for score in scores)
        yield f"| {part} | {cards[0].patterns[part].split} | {cells} |"


def null_cards(worlds: int, seed: int, pure: str) -> list[Scorecard]:
    """The cards of the model without a part of it; the pure null with the sample in a folder, if one is
    named.
    """
    fitted = {"pure": nulls.sample_in(Path(pure), worlds)} if pure else {}
    return [
        null.card(worlds=worlds, seed=seed, parameters=fitted.get(name)) for name, null in nulls.NULLS.items()
    ]


def edges(full: Scorecard, without: Sequence[Scorecard], pure: str) -> Iterator[str]:
    """The edge of the full model over each model without a part of it, and the scores part by part."""
    fitted = "was fitted itself" if pure else "has the values that were fitted to the full model"
    yield "By how much the full model's scores are lower (95 % intervals: patterns and worlds drawn again);"
    yield f"{nulls.NULLS['pure'].title} {fitted}:"
    yield ""
    yield "| null | split | total CRPS lower by | 95 % | |"
    yield "|---|---|---|---|---|"
    for null in without:
        for split in ("train", "test", "all"):
            it = edge(full, null, split)
            yield f"| {null.name} | {split} | {it.total:.1f} | {it.low:.1f} to {it.high:.1f} | {it.verdict} |"
    yield ""
    yield "The scores part by part, in half-tolerances (0 is best):"
    yield ""
    yield from parts_beside([full, *without])


def apart(worlds: int, seed: int, pure: str) -> Iterator[str]:
    """How often the palace falls by two accounts of October that were both fitted to it, question by
    question.
    """
    null = nulls.NULLS["pure"]
    values = nulls.sample_in(Path(pure), worlds)
    yield f"How often the palace falls, by the full model and by {null.title}, fitted in the same way:"
    yield ""
    yield f"| scenario | the full model | {null.title} |"
    yield "|---|---|---|"
    for name in APART:
        one = sim.ensemble(name, worlds=worlds, seed=seed)
        other = null.ensemble(name, worlds=worlds, seed=seed, parameters=values)
        yield f"| `{name}` | {one.chance('palace_taken')} | {other.chance('palace_taken')} |"
    yield ""


def turning(worlds: int, seed: int) -> Iterator[str]:
    """The chance that the government holds in the scenarios that must be able to turn the result."""
    compared = sim.compare("historical", *TURN, worlds=worlds, seed=seed, tracks=False)
    yield "| scenario | the government holds | the palace falls, median |"
    yield "|---|---|---|"
    for many in compared.ensembles:
        chance: Estimate = many.chance("government_holds")
        fall = float(np.percentile(np.minimum(many.data["palace_falls"].values, 1e9), 50, method="nearest"))
        yield f"| `{many.name}` | {chance} | {sim.clock.label(fall) if fall < 1e8 else 'never'} |"


def page(done: Validation, worlds: int, seed: int, pure: str, command: str) -> Iterator[str]:
    """The results, line by line."""
    yield (
        f"Measured with `{command}`; seed {seed}, {done.many.worlds} worlds (and {worlds} of every "
        f"other scenario), version {done.many.data.attrs['version']}."
    )
    yield ""
    yield "### The scorecard"
    yield ""
    yield from verdict(done.card)
    yield ""
    yield from markdown(done.card)
    yield ""
    yield "![Every documented capture on the model's hours](figures/captures.png)"
    yield ""
    yield str(done.many).replace("\n\n", "\n").replace("\n", "\n\n    ", 1)
    yield ""
    yield "### The siege, given and left to the headquarters"
    yield ""
    yield "With the siege's decisions given:"
    yield ""
    yield from markdown(done.card, SIEGE)
    yield ""
    yield f"Left to the policies (`{done.siege.name}`):"
    yield ""
    yield from markdown(done.siege, SIEGE)
    yield ""
    free, blind = played("free", worlds, seed=seed), played("blind_leanings", worlds, seed=seed)
    doubt = replace(
        played("historical", worlds, seed=seed, parameters="plausible"), name="plausible parameters"
    )
    yield "### Free mode, blind leanings, parameter doubt"
    yield ""
    yield (
        "The share of worlds in which a whole pattern is within its bounds; bold where the median "
        "world passes."
    )
    yield ""
    yield from patterns_beside([done.card, doubt, blind, free])
    yield ""
    yield "### Null models"
    yield ""
    without = null_cards(worlds, seed, pure)
    simple = [
        *without,
        nulls.score_hours(nulls.constant_hazard(worlds, seed), "constant hazard"),
        nulls.score_hours(nulls.jittered_chronicle(worlds, seed), "jittered chronicle"),
    ]
    yield from patterns_beside([done.card, *simple])
    yield ""
    yield "What the full model does not win:"
    yield ""
    yield from (not_won(done.card, null) for null in simple)
    yield ""
    yield from edges(done.card, without, pure)
    yield ""
    if pure:
        yield from apart(worlds, seed, pure)
    yield "### Not built in"
    yield ""
    yield str(gate(seed=seed))
    yield ""
    yield from turning(worlds, seed)
    yield ""
    yield "### Another event: the cadets' rising of 29 October"
    yield ""
    event = history.load(event="october29")
    many = sim.ensemble("cadet_rising", worlds=worlds, seed=seed, tracks=True)
    card = score(many.data, name="cadet_rising", patterns=event.patterns, measures=rising.MEASURES)
    yield from verdict(card)
    yield ""
    yield from markdown(card)
    yield ""
    yield from (f"- {part} is not scored: {why}" for part, why in card.unscored.items())
    yield ""
    yield "### Oddities"
    yield ""
    yield "What a historian would laugh at, and in how many histories it is so, of those in which it can be."
    yield ""
    yield from oddities_in_words(done.odd)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--worlds",
        type=int,
        default=500,
        help="worlds of the historical scenario; two fifths of it of the others",
    )
    options.add_argument("--seed", type=int, default=1917)
    options.add_argument("--pure", default="", help="folder into which the pure null was fitted")
    options.add_argument("--write", action="store_true")
    given = options.parse_args()
    begun = time.perf_counter()
    done = validate(worlds=given.worlds, seed=given.seed)
    pure = f" --pure {given.pure}" if given.pure else ""
    lines = page(
        done,
        2 * given.worlds // 5,
        given.seed,
        given.pure,
        f"python benchmarks/validation.py --worlds {given.worlds}{pure} --write",
    )
    text = "\n".join(lines)
    print(text)
    print(f"\n{(time.perf_counter() - begun) / 60:.1f} minutes")
    if given.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
        done.figure().savefig(FIGURE, dpi=110)


if __name__ == "__main__":
    main()
