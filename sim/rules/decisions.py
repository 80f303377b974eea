"""Decisions: what leaders resolve, when its hour or its occasion has come (ODD 7.1).

An initiative comes at its documented hour; a reaction comes when its occasion has become known to one who decides,
after its documented lag, and never if the occasion never comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.agents.people import Liberty
from sim.columns import found
from sim.luck import Process
from sim.rules.effects import EFFECTS, give_tasks
from sim.rules.messages import happened
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

LAG_SPREAD = 0.3


def decisions(m: Petrograd) -> None:
    """Find the decisions whose time has come, drop those overtaken by events, and carry out the rest."""
    c, script = m.columns, m.script.decisions
    if m.number == 0:
        c.due[:] = script.at[None, :]
    _alarm(m)
    _occasions(m)
    world, decision = found((c.due <= m.now) & ~np.isfinite(c.fired_at) & ~c.lapsed & script.taken[None, :])
    for d in np.unique(decision):
        _take(m, world[decision == d], int(d))


def _alarm(m: Petrograd) -> None:
    """A headquarters takes alarm when it first hears of force used against what its side holds."""
    c, s = m.columns, m.setting
    for side, sign in enumerate(SIDES):
        staff = s.audiences.staff[side]
        lost = ((s.places.holder[None, :] == sign) & (c.heard[:, staff] == -sign)).any(axis=1)
        deaf = ~c.line[:, staff]
        raised = c.heard_raised[:, staff].any(axis=1) & (c.holder[:, s.places.span] == -sign).any(axis=1)
        world = np.flatnonzero((lost | deaf | raised) & ~c.alarmed[:, side])
        if len(world):
            c.alarmed[world, side] = True
            place = s.places.ids[s.audiences.place[staff]]
            event = m.note(world, "alarm", place=place, side=sign, text=f"alarm at {m.name_of(place)}", token=f"event:{place}_alarm",
                           because=[c.holder_cause[world].max(axis=1)])
            happened(m, f"event:{place}_alarm", world, int(s.audiences.place[staff]), event)


def _occasions(m: Petrograd) -> None:
    """Set the hour of reactions whose requirements are all met now.

    The documented lag runs from the occasion itself, and has the time in it that the news took then; nobody decides before he has heard.
    """
    c, script = m.columns, m.script.decisions
    open_ = ~np.isfinite(c.due) & script.taken[None, :]
    after = (script.after[None] < 0) | np.isfinite(c.fired_at[:, script.after])
    world, decision = found(open_ & after.all(axis=2))
    facts = script.hears[decision]
    happened_all = ((facts < 0) | c.fact_done[world[:, None], facts]).all(axis=1)  # nobody hears of what has not happened
    world, decision = world[happened_all], decision[happened_all]
    known = _heard(m, world, decision).all(axis=1)
    world, decision = world[known], decision[known]
    if not len(world):
        return
    factor = luck.lognormal(m.luck.at(world, Process.PEOPLE, script.keys[decision], 0), LAG_SPREAD)
    c.due[world, decision] = np.maximum(m.now, _occasion(m, world, decision) + script.lag[decision] * factor)


def _occasion(m: Petrograd, world: NDArray[np.intp], decision: NDArray[np.intp]) -> NDArray[np.float64]:
    """When the last of what each decision (n,) waits for happened."""
    c, script = m.columns, m.script.decisions
    after, hears = script.after[decision], script.hears[decision]
    rows = world[:, None]
    taken = np.where(after < 0, 0.0, c.fired_at[rows, after]).max(axis=1)
    return np.asarray(np.maximum(taken, np.where(hears < 0, 0.0, c.fact_since[rows, hears]).max(axis=1)))


def _heard(m: Petrograd, world: NDArray[np.intp], decision: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether some decider of each decision (n,) has heard of each fact it waits for: (n, needs)."""
    c, script, places = m.columns, m.script.decisions, m.setting.places
    people, staffs, facts = script.people[decision], script.staffs[decision], script.hears[decision]
    rows = world[:, None]
    liberty = c.liberty[rows, people]
    away = (liberty == Liberty.ARRESTED) | (liberty == Liberty.ABSENT) | (people < 0)
    where = np.concatenate([np.where(away, -1, c.where[rows, people]), staffs], axis=1)
    audience = places.audience[where]
    heard = (c.fact_at[rows[:, :, None], audience[:, None, :], facts[:, :, None]] <= m.now) & (where >= 0)[:, None, :]
    return np.asarray((facts < 0) | heard.any(axis=2))


def overtaken(m: Petrograd, world: NDArray[np.intp], decision: int) -> NDArray[np.bool_]:
    """Decisions whose deciders are all arrested, or whose object has already fallen to their own side."""
    c, script, s = m.columns, m.script.decisions, m.setting
    choice = script.made[decision]
    people = script.people[decision][script.people[decision] >= 0]
    held = (c.liberty[world[:, None], people] == Liberty.ARRESTED).all(axis=1) if len(people) and (script.staffs[decision] < 0).all() else np.zeros(len(world), bool)
    objects = [s.places.index[o] for o in choice.object if o in s.places.index]
    if choice.verb in OVERTAKEN_VERBS and objects and script.side[decision] != 0:
        held |= (c.holder[world[:, None], objects] == script.side[decision]).all(axis=1)
    if choice.verb in SIEGE_VERBS and objects:
        fallen = (c.holder[world[:, None], objects] != s.places.holder[objects]).all(axis=1)
        held |= fallen
    return held | _occasion_gone(m, world, decision)


def _occasion_gone(m: Petrograd, world: NDArray[np.intp], decision: int) -> NDArray[np.bool_]:
    """The side has lost its seat and decides nothing more; or what the decision goes with, a siege, is over."""
    c, script, s = m.columns, m.script.decisions, m.setting
    sign = int(script.side[decision])
    gone = np.zeros(len(world), bool)
    if sign:
        seat = s.audiences.place[s.audiences.seat[(sign + 1) // 2]]
        gone = c.holder[world, seat] == -sign
    for first in script.after[decision]:
        aims = [s.places.index[o] for o in script.made[first].object if s.places.index.get(o, -1) in s.places.besieged] if first >= 0 else []
        if aims:
            gone |= (c.holder[world[:, None], aims] != s.places.holder[aims]).all(axis=1)
    return gone


OVERTAKEN_VERBS = frozenset({"seize", "close_press", "cut_power", "cut_telephone"})
SIEGE_VERBS = frozenset({"ultimatum", "pause", "resume_fire", "fire_blank", "parley", "march"})


def _take(m: Petrograd, world: NDArray[np.intp], decision: int) -> None:
    """Take a decision in some worlds: write it down, carry it out, give its tasks."""
    c, script = m.columns, m.script.decisions
    gone = overtaken(m, world, decision)
    c.lapsed[world[gone], decision] = True
    world = world[~gone]
    if not len(world):
        return
    choice = script.made[decision]
    c.fired_at[world, decision] = m.now
    place = next((o for o in choice.object if o in m.setting.places.index), "")
    c.decided[world, decision] = m.note(
        world, "decision", place=place, side=script.side[decision], actors=[choice.deciders] * len(world), token=f"decision:{choice.id}",
        text=f"{m.names_of(choice.deciders)}: {choice.label}" if choice.deciders else choice.label, because=_because(m, world, decision))
    if "legitimacy" in choice.params:
        origin = m.desk_of(decision)
        happened(m, f"word:{choice.id}", world, origin, c.decided[world, decision])
    if not script.echo[decision]:
        EFFECTS.get(choice.verb, _nothing_more)(m, world, decision, choice)
        if "also" in choice.params:
            verb = choice.params["also"].partition(":")[0]
            EFFECTS.get(verb, _nothing_more)(m, world, decision, choice)
    give_tasks(m, world, decision)


def _because(m: Petrograd, world: NDArray[np.intp], decision: int) -> list[NDArray[np.int64]]:
    c, script = m.columns, m.script.decisions
    causes = [c.decided[world, d] for d in script.after[decision] if d >= 0]
    return causes + [c.fact_cause[world, f] for f in script.hears[decision] if f >= 0]


def _nothing_more(*_: object) -> None:
    """A decision that only gives tasks to units."""
