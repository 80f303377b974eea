"""Tasks: what a decision sends units to do, one for every place or call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import clock, luck
from sim.city.cast import Cast
from sim.counterfactual.scenario import Scenario
from sim.history import Choice
from sim.state import (
    ARREST,
    CALL,
    CALLS,
    CLOSE,
    FIELD,
    GUARD,
    LONG_AGO,
    MARCH,
    MUSTER,
    RAISE,
    RING,
    SEIZE,
    SIEGES,
)

Keys = NDArray[np.uint64]
DEFAULT_PARTY = 100  # men sent where a decision names no number: a weak company
# Purposes after which a unit that has arrived is free for other work; those that are over when the place is
# won; and
# those of which one telegram goes to all whom a decision names.
FREE_ON_ARRIVAL = (CALL, MUSTER)
AIMS = (SEIZE, GUARD, RAISE, CLOSE, RING)
ONE_TELEGRAM = (CALL, MUSTER, ARREST, RING)


@dataclass(frozen=True)
class Tasks:
    """What units can be sent to do, (tasks,) arrays; sides are 0 government, 1 Soviet."""

    decision: NDArray[np.intp]
    side: NDArray[np.intp]
    purpose: NDArray[np.intp]
    place: NDArray[np.intp]
    by: NDArray[np.bool_]  # (tasks, units) named for it
    open: NDArray[np.bool_]  # others may fill in
    men: NDArray[np.int64]
    numbered: NDArray[np.bool_]  # the decision names how many
    whole: NDArray[np.bool_]  # all who are named, not only as many as are wanted
    act_at: NDArray[np.float64]  # not to begin on the spot before this minute
    leave_at: NDArray[np.float64]  # not to set out before this minute
    # waits until the term given to this besieged place (row) is out; -1 does not wait
    staged: NDArray[np.intp]
    bars: NDArray[np.bool_]  # a cordon that lets nobody of the other side through
    armed_only: NDArray[np.bool_]
    origin: NDArray[np.intp]  # audience the order comes from
    desk: NDArray[np.bool_]  # goes over the desk of a headquarters
    people: list[list[int]]  # whom to arrest
    frees: NDArray[np.bool_]  # leaves a unit free for other work once it has arrived
    standing: NDArray[np.bool_]  # of a headquarters that decides by itself
    table: NDArray[np.intp]  # which desk of the headquarters
    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))


def minute(time: Any, scenario: Scenario) -> float:
    """Minutes from the scenario's start to a time."""
    return clock.minutes(time, scenario.start)


def names_of(choice: Choice, param: str) -> list[str]:
    """The ids in a param that holds several, joined by +."""
    return choice.params[param].split("+") if param in choice.params else []


def named(names: Iterable[str], cast: Cast) -> NDArray[np.bool_]:
    """The units of some forces."""
    rows = [cast.forces.index[name] for name in names if name in cast.forces.index]
    return np.isin(cast.units.force, rows) & ((cast.units.men > 0) | (cast.units.appears >= 0))


def draft(
    choice: Choice, decision: int, cast: Cast, scenario: Scenario, purpose: int, place: str, **more: Any
) -> dict[str, Any]:
    """One task with the defaults that a decision's parameters give it."""
    params = choice.params
    senders = [n for n in names_of(choice, "by") if n in cast.forces.index]
    spawned = names_of(choice, "spawn")
    earliest = params.get("not_before") or params.get("trains_not_before")
    made = {
        "decision": decision,
        "side": int((choice.side or -1) * cast.sense > 0),
        "purpose": purpose,
        "place": cast.places.index[place],
        "by": named(senders + spawned, cast),
        "open": not spawned,
        "men": int(params.get("men", DEFAULT_PARTY)),
        "numbered": "men" in params,
        "whole": False,
        "act_at": minute(params["at"], scenario) if "at" in params else LONG_AGO,
        "leave_at": minute(earliest, scenario) if earliest else LONG_AGO,
        "staged": -1,
        "bars": bool(spawned) or "tight" in params,
        "armed_only": params.get("block") == "armed_only",
        "people": [],
        "tag": "",
        "standing": False,
    }
    return {**made, **more}


def seize(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    besieged = [cast.places.index[o] for o in objects if cast.places.index[o] in cast.places.besieged]
    term = int(np.flatnonzero(cast.places.besieged == besieged[0])[0]) if besieged else -1
    staged = term if "ultimatum" in choice.params.get("sequence", "") else -1
    tasks = []
    for name in objects:
        if cast.places.index[name] in besieged:
            tasks += _ring(choice, name, decision, cast, scenario)
        else:
            inner = names_of(choice, "inner_north") + names_of(choice, "inner_south")
            more = {"by": named(inner, cast), "staged": staged} if inner else {}
            tasks.append(draft(choice, decision, cast, scenario, SEIZE, name, **more))
    return tasks


def _ring(choice: Choice, name: str, decision: int, cast: Cast, scenario: Scenario) -> list[dict[str, Any]]:
    """A ring: every force named for it as a whole, and one standing call to whoever else will come."""
    inner = names_of(choice, "inner_north") + names_of(choice, "inner_south") or names_of(choice, "by")
    ring = [
        draft(
            choice,
            decision,
            cast,
            scenario,
            RING,
            name,
            by=named([force], cast),
            whole=True,
            open=False,
            tag=force,
        )
        for force in inner
        if force in cast.forces.index
    ]
    return [
        *ring,
        draft(choice, decision, cast, scenario, RING, name, by=np.zeros(len(cast.units.ids), bool)),
    ]


def guard(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    return [draft(choice, decision, cast, scenario, GUARD, name) for name in objects]


def raise_bridge(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    return [draft(choice, decision, cast, scenario, RAISE, name) for name in objects]


def close(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    return [draft(choice, decision, cast, scenario, CLOSE, name) for name in objects]


def call(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    """One telegram to some forces; ships and trains may have hours of their own; who is only passed in review
    does not count.
    """
    objects = names_of(choice, "keep") or objects
    ships = [o for o in objects if cast.history.forces[o].transport == "water"]
    others = [o for o in objects if o not in ships]
    calls = []
    for forces, earliest in (
        (ships, choice.params.get("ships_not_before")),
        (others, choice.params.get("trains_not_before")),
    ):
        if forces:
            more: dict[str, Any] = {
                "by": named(forces, cast),
                "whole": "men" not in choice.params,
                "open": False,
                "tag": "ships" if forces is ships else "",
            }
            if earliest:
                more["leave_at"] = minute(earliest, scenario)
            goal = choice.params["to"] if forces is ships else _by_land(choice, cast)
            calls.append(draft(choice, decision, cast, scenario, CALL, goal, **more))
    return calls


def _by_land(choice: Choice, cast: Cast) -> str:
    """Where those go who do not come by water: the seat of their side, if ships go to an anchorage."""
    goal, side = choice.params["to"], int((choice.side or -1) * cast.sense > 0)
    if cast.history.places[goal].kind != "anchorage":
        return goal
    return cast.places.ids[cast.audiences.place[cast.audiences.seat[side]]]


def call_out(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    """A kind of force is called out in every district: half to the place named, half at home on watch."""
    tasks = []
    for force in cast.history.forces.values():
        if force.kind in objects and cast.history.places[force.home].bank != "outlying":
            mine = np.flatnonzero(named([force.id], cast))
            mine = mine[np.argsort(cast.units.keys[mine])]
            away = mine if choice.params.get("to") not in ("home", None) else mine[:0]
            away = away[: (len(away) + 1) // 2]
            for place, rows in (
                (choice.params.get("to", "home"), away),
                (force.home, np.setdiff1d(mine, away)),
            ):
                if len(rows):
                    by = np.isin(np.arange(len(cast.units.ids)), rows)
                    tag = f"{force.id} {'away' if rows is away else 'at home'}"
                    tasks.append(
                        draft(
                            choice,
                            decision,
                            cast,
                            scenario,
                            MUSTER,
                            place,
                            by=by,
                            whole=True,
                            open=False,
                            tag=tag,
                        )
                    )
    return tasks


def arrest(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    """Parties to where the wanted are, or to the place named."""
    if not names_of(choice, "by"):
        return []
    wanted = [cast.people.index[o] for o in objects]
    place = choice.params.get("place") or choice.params.get("to")
    if place:
        return [draft(choice, decision, cast, scenario, ARREST, place, people=wanted)]
    where = {int(cast.people.place[p]) for p in wanted if cast.people.place[p] >= 0}
    return [
        draft(
            choice,
            decision,
            cast,
            scenario,
            ARREST,
            cast.places.ids[at],
            people=[p for p in wanted if cast.people.place[p] == at],
            open=False,
        )
        for at in sorted(where)
    ]


def march(
    choice: Choice, objects: list[str], decision: int, cast: Cast, scenario: Scenario
) -> list[dict[str, Any]]:
    start = minute(choice.params["at"], scenario) if "at" in choice.params else LONG_AGO
    return [
        draft(
            choice, decision, cast, scenario, MARCH, objects[0], whole=True, leave_at=start, act_at=LONG_AGO
        )
    ]


def stack(drafts: list[dict[str, Any]], made: list[Choice], cast: Cast) -> Tasks:
    """The drafts as arrays, with where each order comes from and whether it goes over a desk."""
    origin, desk, names = [], [], []
    for it in drafts:
        choice = made[it["decision"]]
        people = [cast.people.index[d] for d in choice.deciders if d in cast.people.index]
        forces = [cast.forces.index[d] for d in choice.deciders if d in cast.forces.index]
        places = [int(cast.people.place[p]) for p in people] + [int(cast.forces.home[f]) for f in forces]
        heard = [int(cast.places.audience[p]) for p in places if p >= 0]
        halls = [a for a in heard if cast.audiences.side[a] != 0]
        # what waits for the term of a siege is ordered by who commands before the place
        on_site = it["staged"] >= 0
        desk.append((bool(halls) or not heard) and not on_site)
        site = int(cast.places.audience[it["place"]])
        origin.append(int(cast.audiences.staff[it["side"]]) if desk[-1] else site if on_site else heard[0])
        names.append(
            f"task:{choice.id.partition('+')[0]}:{it['purpose']}:{cast.places.ids[it['place']]}:{it['tag']}"
        )
    tasks, units = len(drafts), len(cast.units.ids)

    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.array([it[name] for it in drafts], dtype=kind)

    return Tasks(
        decision=column("decision", np.intp),
        side=column("side", np.intp),
        purpose=column("purpose", np.intp),
        place=column("place", np.intp),
        by=column("by", bool).reshape(tasks, units),
        open=column("open", bool),
        men=column("men", np.int64),
        numbered=column("numbered", bool),
        whole=column("whole", bool),
        act_at=column("act_at", float),
        leave_at=column("leave_at", float),
        staged=column("staged", np.intp),
        bars=column("bars", bool),
        armed_only=column("armed_only", bool),
        origin=np.array(origin, np.intp),
        desk=np.array(desk, bool),
        people=[it["people"] for it in drafts],
        frees=np.isin(column("purpose", np.intp), FREE_ON_ARRIVAL),
        standing=column("standing", bool),
        table=_desks(column("purpose", np.intp), column("staged", np.intp)),
        keys=luck.keys(names),
    )


def _desks(purpose: NDArray[np.intp], staged: NDArray[np.intp]) -> NDArray[np.intp]:
    """Which desk has each task: calls and musters, sieges, and all else in the field have one each."""
    siege = (purpose == RING) | (staged >= 0)
    return np.where(np.isin(purpose, FREE_ON_ARRIVAL), CALLS, np.where(siege, SIEGES, FIELD))
