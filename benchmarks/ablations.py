"""What each mechanism is worth: one after the other is taken out, nothing is fitted again, and the cards of
both events and the turning scenarios are played on the same luck and the same sets of parameters.

    python benchmarks/ablations.py [--worlds 500] [--write]

With --write the tables go into docs/validation.md, between their marks. The parameters that are fixed at 1
(`guards_stay`, `parties`, `named_numbers`, `no_second_try`, `guards_hold`, `devotion`) are there for this.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sim
from sim import history
from sim.analysis import rising
from sim.analysis.crps import by_world
from sim.analysis.nulls import Null
from sim.analysis.scorecard import Scorecard, score
from sim.counterfactual.changes import Change
from sim.results.ensemble import Ensemble
from sim.results.estimate import Sets, design_effect, sets_of

Floats = NDArray[np.float64]
PAGE = Path(__file__).parent.parent / "docs" / "validation.md"
BEGIN, END = "<!-- ablations: begin -->", "<!-- ablations: end -->"
HOLDS = ("loyal_garrison", "infantry_and_cossacks_early", "front_troops_at_noon_on_the_25th", "lenin_held")
FREE = "free"
TURN = (*HOLDS, FREE)
COUNTS = (("historical", "train"), ("historical", "test"), ("cadet_rising", "all"))
DRAWS = 100  # times the sets are drawn again, for the doubt about a count of passing patterns
SURE = 99.0  # standard errors from which on their number says nothing more


@dataclass(frozen=True)
class Mechanism(Null):
    """The model without one mechanism: a null model that may also change something about a scenario."""

    changes: tuple[Change, ...] = ()

    def ensemble(self, scenario: str = "historical", **options: Any) -> Ensemble:
        """Histories of a scenario without it; options as `Null.ensemble` has them."""
        played = sim.scenario(scenario)
        return super().ensemble(played.but(played.name, *self.changes) if self.changes else played, **options)


@sim.rule
def nobody_stands_in(w: Any) -> None:
    """Every decision is its decider's own: where none of those named can take it, nobody does."""
    for decision in w.decisions[: w.count.decisions]:
        decision.personal = True


RIGID = (sim.policy("government", rigid=True), sim.policy("soviet", rigid=True))
SWITCHES = {
    "guards_stay": 0.0,
    "parties": 0.0,
    "named_numbers": 0.0,
    "devotion": 0.0,
    "no_second_try": 0.0,
    "guards_hold": 0.0,
}
FEEDS, GUNS = {"blood_feeds": 0.0}, {"gun_power": 1.0}
FULL = Mechanism("the full model", "nothing", {})
MECHANISMS = (
    Mechanism("headquarters' own decisions", "`policy(rigid=True)`, both sides", {}, changes=RIGID),
    Mechanism("deputies", "a rule: nobody stands in", {}, {"coming": nobody_stands_in}),
    Mechanism("a decision lapses by waiting", "`patience` 1e9", {"patience": 1e9}),
    Mechanism("a lost cause stops", "`stop_rate` 0", {"stop_rate": 0.0}),
    Mechanism("guards stay on their posts", "`guards_stay` 0", {"guards_stay": 0.0}),
    Mechanism("men on post send parties", "`parties` 0", {"parties": 0.0}),
    Mechanism("a number named is the number", "`named_numbers` 0", {"named_numbers": 0.0}),
    Mechanism("devotion", "`devotion` 0", {"devotion": 0.0}),
    Mechanism("beaten off, not tried again", "`no_second_try` 0", {"no_second_try": 0.0}),
    Mechanism("neutral guards hold as told", "`guards_hold` 0", {"guards_hold": 0.0}),
    Mechanism("all six switches", "the six above at 0", SWITCHES),
    Mechanism("what others have declared", "`peer_weight` 0", {"peer_weight": 0.0}),
    Mechanism("the near weighs more", "`near_weight` 1", {"near_weight": 1.0}),
    Mechanism(
        "accepting a commissar",
        "at once, with any mind above 0",
        {"acceptance_rate": 1e5, "acceptance_mind": 0.0, "acceptance_spread": 1e-4},
    ),
    Mechanism("Cossacks want infantry", "`infantry_condition` .001", {"infantry_condition": 0.001}),
    Mechanism("agitation", "`agitation` 0", {"agitation": 0.0}),
    Mechanism(
        "musters",
        "all on the lists, at once, day and night",
        {"turnout": 1.0, "muster_time": 1e-6, "night_home": 0.0},
    ),
    Mechanism("a levy is worth less", "`levy_worth` 1", {"levy_worth": 1.0}),
    Mechanism("sealed refusal", "`sealed_refusal` 0", {"sealed_refusal": 0.0}),
    Mechanism("blood feeds fire, guns open cover", "`blood_feeds` 0, `gun_power` 1", {**FEEDS, **GUNS}),
    Mechanism("blood feeds fire, alone", "`blood_feeds` 0", FEEDS),
    Mechanism("guns open cover, alone", "`gun_power` 1", GUNS),
    Mechanism("revenge", "`revenge` 0", {"revenge": 0.0}),
)


@dataclass(frozen=True)
class Cost:
    """By how much a number changes without a mechanism (the worse above 0), with its standard error."""

    by: float
    error: float

    @property
    def in_errors(self) -> float:
        """How many standard errors it costs; what is gained costs nothing."""
        if self.by <= 0:
            return 0.0
        return min(self.by / self.error, SURE) if self.error > 0 else SURE


@dataclass(frozen=True, eq=False)
class Played:
    """What a model makes of both events and of the scenarios that turn: cards, and whether it came so in each
    world (worlds,).
    """

    cards: Mapping[str, Scorecard]
    came: Mapping[str, Floats]
    outcomes: xr.Dataset  # of the first event
    sets: Mapping[str, Sets]  # which set of parameters each world has, by scenario

    def drawn_again(self, scenario: str) -> list[NDArray[np.int64]]:
        """Worlds of an event's card as if their sets of parameters were drawn again, the same every time."""
        generator, sets = np.random.default_rng(DRAWS), self.sets[scenario]
        of = np.arange(self.cards[scenario].worlds) if sets is None else sets
        members = [np.flatnonzero(of == one) for one in np.unique(of)]
        picks = generator.integers(len(members), size=(DRAWS, len(members)))
        return [np.concatenate([members[k] for k in pick]) for pick in picks]

    @cached_property
    def passes_again(self) -> dict[tuple[str, str], Floats]:
        """How many patterns pass if the sets are drawn again (draws,), by event and split."""
        counts: dict[tuple[str, str], list[int]] = {key: [] for key in COUNTS}
        for scenario, card in self.cards.items():
            for draw in self.drawn_again(scenario):
                values = {part: known[draw] for part, known in card.values.items()}
                again = passing(replace(card, values=values))
                for event, split in COUNTS:
                    if event == scenario:
                        counts[event, split].append(sum(again[split].values()))
        return {key: np.array(count, dtype=float) for key, count in counts.items()}


def play(mechanism: Mechanism, worlds: int, seed: int, **options: Any) -> Played:
    """Play both events and the turning scenarios without a mechanism; two fifths of the worlds of all but the
    first. What the sample of the calibration left gives every world its parameters.
    """
    few, cards, came, sets = max(2 * worlds // 5, 2), {}, {}, {}
    many = mechanism.ensemble("historical", worlds=worlds, seed=seed, tracks=True, **options)
    cards["historical"] = score(many.data)
    sets["historical"] = sets_of(many.data)
    other = mechanism.ensemble("cadet_rising", worlds=few, seed=seed, tracks=True, **options)
    patterns = history.load(event="october29").patterns
    cards["cadet_rising"] = score(other.data, patterns=patterns, measures=rising.MEASURES)
    sets["cadet_rising"] = sets_of(other.data)
    for name in TURN:
        turned = mechanism.ensemble(name, worlds=few, seed=seed, **options)
        holds = turned.measure("government_holds")
        came[name], sets[name] = 1 - holds if name == FREE else holds, sets_of(turned.data)
    return Played(cards, came, many.data, sets)


def passing(card: Scorecard) -> dict[str, dict[str, bool]]:
    """Which patterns pass in the median world, by split and of both."""
    found: dict[str, dict[str, bool]] = {"train": {}, "test": {}, "all": {}}
    for part in card.values:
        row, passes = card.patterns[part], card.part_passes(part)
        for split in (row.split, "all"):
            found[split][row.pattern] = found[split].get(row.pattern, True) and passes
    return found


def standard_error(values: Floats, sets: Sets) -> float:
    """The standard error of a mean over worlds (worlds,), sets of parameters as clusters."""
    if len(values) < 2 or np.ptp(values) == 0:
        return 0.0
    return float(np.sqrt(design_effect(values, sets)[0] * values.var(ddof=1) / len(values)))


def leverage(card: Scorecard, split: str) -> Floats:
    """By how much each world pulls at the total score of a split (worlds,), up to a constant: its distance
    from the record less the whole of its mean distance from all, the influence function of the score.
    """
    off = np.stack([card.off(part) for part in card.scores(split).index])
    return np.asarray((2 * by_world(off) - np.abs(off)).sum(axis=0))


def otherwise(one: xr.Dataset, other: xr.Dataset) -> float:
    """The share of the worlds in which anything at all comes out otherwise."""
    changed = np.zeros(one.sizes["world"], dtype=bool)
    for name, known in one.data_vars.items():
        if "world" in known.dims:
            mine = known.transpose("world", ...).values.reshape(len(changed), -1)
            theirs = other[name].transpose("world", ...).values.reshape(len(changed), -1)
            same = (mine == theirs) | ((mine != mine) & (theirs != theirs))
            changed |= ~same.all(axis=1)
    return float(changed.mean())


@dataclass(frozen=True, eq=False)
class Costs:
    """What it costs to be without a mechanism: patterns and scores by event and split, and how the chance of
    each turning scenario moves (`came`, in points, either way).
    """

    full: Played
    without: Played

    @cached_property
    def otherwise(self) -> float:
        """The share of the histories of the first event that come out otherwise in anything."""
        return otherwise(self.full.outcomes, self.without.outcomes)

    @cached_property
    def patterns(self) -> dict[tuple[str, str], Cost]:
        """Patterns that no longer pass, less those that now do; the sets drawn again."""
        found = {}
        for event, split in COUNTS:
            had, has = (sum(passing(it.cards[event])[split].values()) for it in (self.full, self.without))
            lost = self.full.passes_again[event, split] - self.without.passes_again[event, split]
            found[event, split] = Cost(float(had - has), float(lost.std(ddof=1)))
        return found

    @cached_property
    def scores(self) -> dict[tuple[str, str], Cost]:
        """By how much the total score rises, in half-tolerances; paired over worlds, sets as clusters."""
        found = {}
        for event, split in COUNTS:
            mine, theirs = self.full.cards[event], self.without.cards[event]
            pulls = leverage(theirs, split) - leverage(mine, split)
            rise = theirs.total(split) - mine.total(split)
            found[event, split] = Cost(rise, standard_error(pulls, self.full.sets[event]))
        return found

    @cached_property
    def came(self) -> dict[str, Cost]:
        """By how much the chance of each turning scenario moves, in points."""
        moved = {name: self.without.came[name] - self.full.came[name] for name in TURN}
        return {
            name: Cost(100 * float(d.mean()), 100 * standard_error(d, self.full.sets[name]))
            for name, d in moved.items()
        }

    @property
    def most(self) -> float:
        """The most that it costs anywhere, in standard errors; a chance that moves costs either way."""
        moved = [Cost(abs(it.by), it.error) for it in self.came.values()]
        return max(it.in_errors for it in (*self.patterns.values(), *self.scores.values(), *moved))


def card_row(mechanism: Mechanism, costs: Costs) -> str:
    """A row of the first table; the full model's beside itself has no differences."""
    cells, full = [], costs.without is costs.full
    for key in COUNTS:
        now, it = passing(costs.without.cards[key[0]])[key[1]], costs.patterns[key]
        passed = f"{sum(now.values())} of {len(now)}"
        cells.append(passed if full else f"{sum(now.values())} ({0.0 - it.by:+.0f} ± {it.error:.1f})")
    for key in COUNTS:
        total, it = costs.without.cards[key[0]].total(key[1]), costs.scores[key]
        cells.append(f"{total:.2f}" if full else f"{total:.2f} ({it.by:+.2f} ± {it.error:.2f})")
    cells += ["", ""] if full else [f"{costs.otherwise:.0%}", in_words(costs.most)]
    return f"| {mechanism.title} | {mechanism.says} | " + " | ".join(cells) + " |"


def in_words(errors: float) -> str:
    """The most a mechanism costs; bold if that is no more than one standard error."""
    said = "over 99" if errors >= SURE else f"{errors:.1f}"
    return f"**{said}**" if errors <= 1 else said


def turning_row(mechanism: Mechanism, costs: Costs) -> str:
    """A row of the second table."""
    cells = []
    for name, it in costs.came.items():
        chance = f"{costs.without.came[name].mean():.0%}"
        cells.append(chance if costs.without is costs.full else f"{chance} ({it.by:+.1f} ± {it.error:.1f})")
    return f"| {mechanism.title} | " + " | ".join(cells) + " |"


def page(costs: Sequence[tuple[Mechanism, Costs]], worlds: int, seed: int, command: str) -> Iterator[str]:
    """The section of results, line by line."""
    full = costs[0][1].full
    few, sets = full.cards["cadet_rising"].worlds, full.sets["historical"]
    yield (
        f"Measured with `{command}`: seed {seed}, {worlds} worlds of `historical` and {few} of every other "
        f"scenario, at {1 if sets is None else len(np.unique(sets))} sets of the sample, version "
        f"{full.outcomes.attrs['version']}."
    )
    yield ""
    yield "| without | how | passes train | test | rising | CRPS train | test | rising | otherwise | most |"
    yield "|---|" + "---|" * 9
    yield from (card_row(it, cost) for it, cost in costs)
    yield ""
    yield "The government holds in the first four, and does not in `free` (points):"
    yield ""
    yield "| without | " + " | ".join(f"`{name}`" for name in TURN) + " |"
    yield "|---|" + "---|" * len(TURN)
    yield from (turning_row(it, cost) for it, cost in costs)
    yield ""
    idle = [it.title for it, cost in costs if it is not FULL and cost.most <= 1]
    yield f"At most one standard error everywhere: {'; '.join(idle) or 'none'}."


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--worlds",
        type=int,
        default=500,
        help="worlds of the historical scenario; two fifths of it of the others",
    )
    options.add_argument("--seed", type=int, default=1917)
    options.add_argument("--write", action="store_true")
    given = options.parse_args()
    begun, full = time.perf_counter(), play(FULL, given.worlds, given.seed)
    costs = [(FULL, Costs(full, full))]
    for mechanism in MECHANISMS:
        costs.append((mechanism, Costs(full, play(mechanism, given.worlds, given.seed))))
        print(card_row(*costs[-1]), file=sys.stderr)
    command = f"python benchmarks/ablations.py --worlds {given.worlds} --write"
    text = "\n".join(page(costs, given.worlds, given.seed, command))
    print(text)
    print(f"\n{(time.perf_counter() - begun) / 60:.1f} minutes")
    if given.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
