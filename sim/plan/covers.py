"""Covers: what the decisions of a scenario settle, so that no headquarters decides it by itself (ODD 7.15).

A decision covers, for its own side, each place it seizes. That points are guarded, bridges raised and men
called in, and every single step (a call to arms, an offensive, a summons, fire), it covers as such: to choose
some is to leave others. What a scenario chose otherwise was chosen: it stays covered. What a decision that
has lapsed was for is open again. Until a decision is taken what it covers is that of the record, whatever it
will be: no headquarters leaves anything alone for what somebody will choose otherwise. Where a scenario
leaves a decision to the headquarters, what it covers as such is theirs from then on, whatever else is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.city.cast import Cast
from sim.counterfactual.changes import Leave
from sim.counterfactual.scenario import Scenario
from sim.history import Choice
from sim.plan.tasks import minute
from sim.plan.verbs import VERBS, Act
from sim.state import (
    ALWAYS,
    ATTACK,
    BLANK,
    CALL,
    CALLS_IN,
    CLOSE,
    CONFINE,
    FIRE,
    GUARD,
    GUARDS,
    MUSTER,
    NEVER,
    OPEN_WAY,
    RAISE,
    RAISES,
    READY,
    RING,
    SEIZE,
    SEND_COMMISSAR,
    SHIELDS,
    STORM,
    SUMMON,
    UNLESS_LAPSED,
    UNPLUG,
    UNTIL,
    WHILE_LIVE,
    WHILE_PENDING,
)

Drafts = list[dict[str, Any]]
STEPS = (READY, CONFINE, ATTACK, UNPLUG, SEND_COMMISSAR, OPEN_WAY, SUMMON, BLANK, FIRE, STORM)
# covered as such, at whatever place, whoever is called of those a side counts on
WIDE = {GUARD: GUARDS, RAISE: RAISES, CALL: CALLS_IN, MUSTER: CALLS_IN, SEIZE: SHIELDS}


@dataclass(frozen=True)
class Cover:
    """One thing that a decision settles: a standing task of its side's headquarters, or a step."""

    decision: int
    side: int
    how: int  # how long it does
    task: int = -1  # the standing task, or
    does: int = -1  # the step
    by: int = -1  # the decision's own task for it
    until: float = NEVER
    early: bool = True  # before it is taken, too


def covers(
    made: list[Choice],
    drafts: Drafts,
    steps: list[list[Act]],
    cast: Cast,
    scenario: Scenario,
    of_default: Callable[[Choice, int], tuple[Drafts, list[Act]]],
) -> tuple[Cover, ...]:
    """All covers of a scenario. `steps` are the acts of every decision; `of_default` says what another choice
    at a decision would send and do.
    """
    standing = [(row, it) for row, it in enumerate(drafts) if it["standing"]]
    left = {
        name: minute(change.since, scenario)
        for change in scenario.changes
        if isinstance(change, Leave)
        for name in change.decisions
    }
    found: list[Cover] = []
    for row, choice in enumerate(made):
        if choice.side == 0:
            continue
        mine = [(k, it) for k, it in enumerate(drafts) if it["decision"] == row and not it["standing"]]
        own = [*_of_steps(row, choice, steps[row], cast)]
        if not VERBS[choice.verb].of_siege:  # what is before a siege sends nobody who is not there
            own += _of_drafts(row, mine, standing)
        courses = cast.history.decisions.get(choice.id.partition("+")[0], ())
        default = next((it for it in courses if it.default), None)
        recorded = default is not None and choice.default and choice.verb == default.verb
        found += own if recorded else [replace(it, early=False) for it in own if it.how != WHILE_PENDING]
        if default is None or recorded:
            continue
        sent, done = of_default(default, row)
        how, until = (UNTIL, left[choice.id]) if choice.id in left else (ALWAYS, NEVER)
        instead = [*_of_steps(row, default, done, cast)]
        if not VERBS[default.verb].of_siege:
            instead += _of_drafts(row, [(-1, draft) for draft in sent], standing)
        found += [replace(it, how=how, until=until) for it in instead]
    handed = {(it.side, it.does): it.until for it in found if it.how == UNTIL and it.does in WIDE.values()}
    found = [
        replace(it, until=handed.get((it.side, it.does), NEVER)) if it.how == UNLESS_LAPSED else it
        for it in found
    ]
    return tuple(dict.fromkeys(found))


def _side(choice: Choice, cast: Cast) -> int:
    return int(choice.side * cast.sense > 0)


def _of_steps(row: int, choice: Choice, done: list[Act], cast: Cast) -> Iterator[Cover]:
    """What the acts of one decision cover."""
    for act in done:
        if act.does in STEPS:
            yield Cover(row, _side(choice, cast), WHILE_PENDING, does=act.does)
        if act.does == READY:  # who stands ready where he is has not been called
            yield Cover(row, _side(choice, cast), UNLESS_LAPSED, does=CALLS_IN)


def _of_drafts(
    row: int, mine: Iterable[tuple[int, dict[str, Any]]], standing: list[tuple[int, dict[str, Any]]]
) -> Iterator[Cover]:
    """What the tasks of one decision cover of the standing tasks of its side."""
    for own, it in mine:
        if it["purpose"] in WIDE:
            yield Cover(row, it["side"], UNLESS_LAPSED, does=WIDE[it["purpose"]])
        for task, other in standing:
            if other["side"] != it["side"]:
                continue
            point = it["purpose"] in (SEIZE, CLOSE, RING) and other["purpose"] in (SEIZE, RING)
            if point and other["place"] == it["place"]:
                yield Cover(row, it["side"], WHILE_LIVE, task, by=own)
            called = it["purpose"] in (CALL, MUSTER) and other["purpose"] in (CALL, MUSTER)
            if called and bool(np.any(it["by"] & other["by"])):
                yield Cover(row, it["side"], UNLESS_LAPSED, task)
