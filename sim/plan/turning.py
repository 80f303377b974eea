"""Turning: a history that goes on otherwise from a minute on - other luck, other minds, men, headquarters and
parameters, in the record as it stands; and what it is too late for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import clock, luck
from sim.city.cast import SIDES, Cast
from sim.counterfactual.changes import (
    SIGN,
    Cancel,
    Leave,
    Loyalty,
    Parameter,
    Policy,
    Shift,
    Strength,
    general_first,
    members,
)
from sim.counterfactual.turns import Turn
from sim.errors import ScenarioError
from sim.plan.build import Plan, priority
from sim.rules.pulse import PARAMETERS, step
from sim.state import ARRESTED, NEVER


def take_turn(worlds: NDArray[Any], cities: Any, turn: Turn, cast: Cast, plan: Plan) -> None:
    """What is otherwise from this minute on in the one world there is: its luck, and the changes of the
    moment; what is planned is in the plan from the start.
    """
    w = worlds[0]
    w["clock"]["luck"] = luck.renewed(w["clock"]["luck"], turn.luck)
    for made in general_first(turn.changes, cast.history):
        for kind, apply in APPLIED.items():
            if isinstance(made, kind):
                apply(w, made, cast, plan)
    if any(isinstance(made, (Parameter, Policy)) for made in turn.changes):
        step(worlds, cities, PARAMETERS, 0.0)


def _units_of(who: str, cast: Cast) -> NDArray[np.intp]:
    """The rows of the detachments of a force, of all forces of a kind, or of the garrison."""
    forces = [cast.forces.index[name] for name in members(who, cast.history)]
    return np.flatnonzero(np.isin(cast.units.force, forces))


def _cancel(w: Any, made: Cancel, cast: Cast, plan: Plan) -> None:
    """No order given from now on names the force; if it has not come into being, it does not. Or somebody is
    held from now on.
    """
    if made.what in cast.people.index:
        w["people"][cast.people.index[made.what]]["liberty"] = ARRESTED
        return
    if made.what not in cast.forces.index:
        return
    rows = _units_of(made.what, cast)
    taken = np.isfinite(w["decisions"]["fired_at"])
    to_come = np.flatnonzero((w["tasks"]["decision"] >= 0) & ~taken[w["tasks"]["decision"]])
    w["named"][np.ix_(to_come, rows)] = 0
    w["units"]["appears"][rows] = -1


def _loyalty(w: Any, made: Loyalty, cast: Cast, plan: Plan) -> None:
    """d moves by loyalty_scale times the change of leaning; a commissar comes or goes."""
    rows, units, now = _units_of(made.who, cast), w["units"], float(w["clock"]["now"])
    before = units["leaning"][rows]
    leaning = np.full(len(rows), made.to) if made.to is not None else before + (made.by or 0.0)
    units["leaning"][rows] = np.clip(leaning, -1.0, 1.0)
    units["loyalty"][rows] += w["p"]["loyalty_scale"] * (units["leaning"][rows] - before)
    if made.commissar is not None:
        for row in rows:
            _ask(w, units[row], made.commissar, now)


def _ask(w: Any, unit: Any, chance: float, now: float) -> None:
    """A unit accepts the committee's commissar with a chance, or sends him away; what he has talked it into
    stays.
    """
    soviet = SIDES.index(1)
    key = w["forces"][unit["force"]]["asked_key"]
    accepts = luck.uniform(w["clock"]["luck"], luck.OPENING, key, 0) < chance
    since = float(unit["commissar_at"][soviet])
    if accepts:
        unit["commissar_at"][soviet] = min(since, now)
    elif since <= now:
        unit["commissar_at"][soviet] = NEVER


def _strength(w: Any, made: Strength, cast: Cast, plan: Plan) -> None:
    """The men there are, those of each force by the same factor; the share of them that is armed."""
    rows, units = _units_of(made.who, cast), w["units"]
    if made.arms is not None:
        units["arms"][rows] = made.arms
    there = np.stack([units["men"][rows], units["rest"][rows]])
    times = made.times if made.men is None else made.men / max(int(there.sum()), 1)
    if times is None:
        return
    units["men"][rows], units["rest"][rows] = _shared_out(there * times)
    units["party"][rows] = np.rint(units["party"][rows] * times)
    units["regiment"][rows] = np.rint(units["regiment"][rows] * times)
    forces = np.unique(units["force"][rows])
    w["forces"]["men"][forces] = np.rint(w["forces"]["men"][forces] * times)


def _shared_out(men: NDArray[np.float64]) -> NDArray[np.int64]:
    """Parts of men as whole men, whose sum is that of the parts: the largest remainders are rounded up."""
    whole = np.floor(men).astype(np.int64)
    missing = round(float(men.sum())) - int(whole.sum())
    whole.flat[np.argsort((whole - men).ravel(), kind="stable")[:missing]] += 1
    return whole


def _policy(w: Any, made: Policy, cast: Cast, plan: Plan) -> None:
    """The odds it wants, its orders an hour, and the kinds of place it thinks of first."""
    side = SIDES.index(SIGN[made.side] * cast.sense)
    own = {"own_caution": made.caution, "own_caution_palace": made.palace_caution, "own_orders": made.orders}
    for name, value in own.items():
        if value is not None:
            w["sides"][side][name] = value
    w["sides"][side]["rigid"] |= made.rigid
    if made.first:
        n, tasks = len(cast.places.ids), w["tasks"][: len(plan.tasks.place)]
        thought = priority(cast, made)
        moved = thought - w["places"]["priority"][:n, side]
        w["places"]["priority"][:n, side] = thought
        tasks["rank"][:, side] += np.where(tasks["frees"], 0, moved[tasks["place"]])


def _parameter(w: Any, made: Parameter, cast: Cast, plan: Plan) -> None:
    w["p"][made.name] = made.value


APPLIED: dict[type, Any] = {
    Cancel: _cancel,
    Loyalty: _loyalty,
    Strength: _strength,
    Policy: _policy,
    Parameter: _parameter,
}


def refuse_late(w: Any, turn: Turn, cast: Cast, plan: Plan, start: datetime) -> None:
    """ScenarioError if a turn speaks of a decision that lies behind, or moves the orders of a force that has
    had one; `w` is the world as it stands.
    """
    hour = clock.label(turn.at)
    spoken = {decision: f"{decision}" for decision, _ in turn.choices}
    for made in turn.changes:
        if isinstance(made, (Cancel, Shift)):
            spoken[made.what] = f"{made.verb} {made.what}"
        elif isinstance(made, Leave):
            spoken |= {name: f"leave {name}" for name in made.decisions}
    left = {d for made in plan.scenario.changes if isinstance(made, Leave) for d in made.decisions}
    for name, said in spoken.items():
        if name in left:
            raise ScenarioError(f"{said}: it is left to the headquarters in this history")
        if name in plan.decisions.index:
            row = w["decisions"][plan.decisions.index[name]]
            if np.isfinite(row["fired_at"]):
                taken = clock.label(clock.moment(float(row["fired_at"]), start))
                raise ScenarioError(f"{said}: too late at {hour}: it was taken at {taken}")
            if row["lapsed"]:
                raise ScenarioError(f"{said}: too late at {hour}: it has been overtaken by events")
    for made in turn.changes:
        if isinstance(made, (Cancel, Shift)) and made.what in cast.forces.index:
            _refuse_called(w, made, cast, plan, hour, start)


def _refuse_called(w: Any, made: Cancel | Shift, cast: Cast, plan: Plan, hour: str, start: datetime) -> None:
    """ScenarioError if an order of the record that names a force has been given, or, where it is no longer to
    be reached, all of them.
    """
    named = w["named"][: len(plan.tasks.place), _units_of(made.what, cast)].any(axis=1)
    decisions = np.unique(plan.tasks.decision[named & ~plan.tasks.standing])
    to_come = ~np.isfinite(w["decisions"]["fired_at"][decisions]) & ~w["decisions"]["lapsed"][decisions]
    if isinstance(made, Cancel) and (to_come.any() or not len(decisions)):
        return
    for d in decisions:
        fired = float(w["decisions"][d]["fired_at"])
        if np.isfinite(fired):
            raise ScenarioError(
                f"{made.verb} {made.what}: too late at {hour}: it was named in an order given at "
                f"{clock.label(clock.moment(fired, start))} ({plan.decisions.ids[d]})"
            )
