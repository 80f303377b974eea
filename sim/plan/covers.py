"""Covers: what the decisions of a scenario settle, so that no headquarters decides it by itself (ODD 7.15).

A decision covers, for its own side, each place it seizes. That points are guarded, bridges raised and men
called in, and every single step (a call to arms, an offensive, a summons, fire), it covers as such: to choose
some is to leave others. What a scenario chose otherwise was chosen: it stays covered. What a decision that
has lapsed was for is open again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
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
        if not VERBS[choice.verb].of_siege:  # what is before a siege sends nobody who is not there
            mine = [(k, it) for k, it in enumerate(drafts) if it["decision"] == row and not it["standing"]]
            found += _of_drafts(row, mine, standing)
        found += [
            Cover(row, _side(choice, cast), WHILE_PENDING, does=act.does)
            for act in steps[row]
            if act.does in STEPS
        ]
        if any(act.does == READY for act in steps[row]):  # who stands ready where he is has not been called
            found.append(Cover(row, _side(choice, cast), UNLESS_LAPSED, does=CALLS_IN))
        documented = cast.history.decisions.get(choice.id, ())
        default = next((it for it in documented if it.default), None)
        if default is None or (choice.default and choice.verb == default.verb):
            continue
        sent, done = of_default(default, row)
        how, until = (UNTIL, left[choice.id]) if choice.id in left else (ALWAYS, NEVER)
        if not VERBS[default.verb].of_siege:
            for it in _of_drafts(row, [(-1, draft) for draft in sent], standing):
                found.append(Cover(row, it.side, how, it.task, it.does, until=until))
        found += [
            Cover(row, _side(default, cast), how, does=act.does, until=until)
            for act in done
            if act.does in STEPS
        ]
    return tuple(dict.fromkeys(found))


def _side(choice: Choice, cast: Cast) -> int:
    return int(choice.side * cast.sense > 0)


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
