"""What a mechanism is worth is what is lost without it, and nothing else differs."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim import parameters
from sim.analysis.crps import drawn_again
from sim.analysis.scorecard import score

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from ablations import (
    COUNTS,
    FULL,
    MECHANISMS,
    SWITCHES,
    Cost,
    Costs,
    Mechanism,
    Played,
    leverage,
    otherwise,
    page,
    play,
    standard_error,
)

WORLDS = 6
BY_TITLE = {mechanism.title: mechanism for mechanism in MECHANISMS}
TAKES = ("headquarters' own decisions", "men on post send parties", "musters")  # in hand in every history


@pytest.fixture(scope="module")
def full() -> Played:
    """The full model in few worlds."""
    return play(FULL, WORLDS, 1917, workers=1)


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda it: it.title)
def test_a_mechanism_is_taken_out_by_what_there_is(mechanism: Mechanism) -> None:
    """Every switch sets a known parameter to a value it can have, or has a rule or a change of its own."""
    for name, value in mechanism.fixed.items():
        parameters.check(name, value)
    assert mechanism.fixed or mechanism.rules or mechanism.changes


def test_every_fixed_switch_has_its_row() -> None:
    """Each parameter that is a switch is taken out alone as well as with the others."""
    alone = {name for it in MECHANISMS if len(it.fixed) == 1 for name in it.fixed}
    said = parameters.table()["meaning"]
    assert set(SWITCHES) <= alone
    assert set(SWITCHES) == set(said.index[said.str.contains(r"\(0: ")])


def test_the_full_model_costs_nothing_beside_itself(full: Played) -> None:
    """Beside itself no history, pattern, score or chance of the full model differs."""
    costs = Costs(full, full)
    changes = [*costs.patterns.values(), *costs.scores.values(), *costs.came.values()]
    assert {(it.by, it.error) for it in changes} == {(0.0, 0.0)}
    assert (costs.otherwise, costs.most) == (0.0, 0.0)


@pytest.mark.parametrize("title", TAKES)
def test_without_a_mechanism_histories_differ(full: Played, title: str) -> None:
    """What is in hand in every history changes every history when it is taken out, on the same luck."""
    without = BY_TITLE[title].ensemble("historical", worlds=WORLDS, seed=1917, workers=1, tracks=True)
    assert otherwise(full.outcomes, without.data) == 1.0


def test_nobody_stands_in_where_deputies_are_taken_out() -> None:
    """The rule that takes deputies out has made every decision its decider's own before any is taken."""
    seen: list[bool] = []

    def look(w: object) -> None:
        seen.append(bool(w.decisions["personal"][: w.count.decisions].all()))  # type: ignore[attr-defined]

    rules = BY_TITLE["deputies"].rules
    sim.run("historical", seed=1917, world=0, after={**rules, "decisions": look})
    assert all(seen)


def test_the_error_of_a_score_is_that_of_worlds_drawn_again(full: Played) -> None:
    """The error by the pull of each world agrees with a bootstrap over worlds to a sixth (2,000 draws)."""
    many = score(sim.ensemble("historical", worlds=60, workers=1, tracks=True, progress=False).data)
    parts = many.scores("train").index
    again = drawn_again(np.stack([many.off(part) for part in parts]), 2000, 1).sum(axis=1)
    assert standard_error(leverage(many, "train"), None) == pytest.approx(again.std(), rel=1 / 6)


@pytest.mark.parametrize(("by", "error", "errors"), [(2, 1, 2), (-2, 1, 0), (0, 0, 0), (1, 0, 99)])
def test_only_what_is_lost_costs(by: float, error: float, errors: float) -> None:
    """A gain costs nothing, and a loss without doubt more than any doubt."""
    assert Cost(by, error).in_errors == errors


def test_the_page_has_a_row_for_each(full: Played) -> None:
    """Both tables have a row for the full model, with its totals, and one for what is taken out."""
    same = Costs(full, full)
    lines = list(page([(FULL, same), (MECHANISMS[0], same)], WORLDS, 1917, "command"))
    for it in (FULL, MECHANISMS[0]):
        assert sum(line.startswith(f"| {it.title} |") for line in lines) == 2
    assert all(f"{full.cards[event].total(split):.2f}" in "\n".join(lines) for event, split in COUNTS)
