"""The cast: what does not change in a history - its places, units, people and who hears of things
together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sim import clock, luck
from sim.city.streets import GRAPHS, LAND_SPEED, WATER_SPEED, City
from sim.counterfactual.changes import SIGN, Cancel, Change, Hold, Loyalty, Strength, general_first, members
from sim.history import Force, ForceKind, History
from sim.state import GONE, IN_QUARTERS, ON_POST

Ints = NDArray[np.intp]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SIDES = (-1, 1)  # in every array with a sides axis: government first, then Soviet
QUARTERS = frozenset({"barracks", "district", "school", "outlying_town", "naval_base"})
SIEGE_POSITION = 3.0  # buildings that multiply a defender at least so much can be besieged
RING_KM = (0.15, 1.0)  # where besiegers stand, on foot from the building
GROUP_NAMES = ("garrison", "workers", "volunteers", "front", "townsmen")
ROLES = (
    "seat",
    "staff",
    "congress",
    "exchange",
    "telegraph",
    "agency",
    "power",
    "arsenal",
    "wire",
    "prison",
    "gate",
    "duma",
    "council",
)


@dataclass(frozen=True)
class Places:
    """The places, (places,) arrays."""

    ids: list[str]
    index: dict[str, int]
    keys: Keys
    holder: NDArray[np.int8]
    position: Floats
    seat: Bools  # the great buildings whose strength is the parameter `palace_factor`
    weight: NDArray[np.int64]
    public: Bools
    priority: Ints
    audience: Ints
    press: Bools  # printing works: to take one is to close it
    span: Bools  # movable bridges
    in_city: Bools
    roles: dict[str, Ints]
    side_roles: dict[str, list[Ints]]  # role -> places for (government, Soviet)
    besieged: Ints  # the places that can be besieged
    ring: Bools  # (besieged, places) where besiegers stand
    guard_known: NDArray[np.int64]  # men known to be posted at the opening
    under_fire_of: Ints  # the stronghold whose fire reaches a place, or -1


@dataclass(frozen=True)
class Units:
    """The units, (units,) arrays."""

    ids: list[str]
    keys: Keys
    force: Ints
    home: Ints
    men: NDArray[np.int64]
    quality: Floats
    arms: Floats
    leaning: Floats
    kinds: list[ForceKind]
    speed: Floats  # km/h on land
    afloat: Floats  # km/h on water
    graph: Ints  # way of travelling
    group: Ints
    trusted: NDArray[np.int8]
    commissar: Floats  # (units, sides) chance that the force has accepted a commissar of a side
    duty: NDArray[np.int8]
    in_city: Bools
    appears: Ints  # the decision that brings it into being, or -1
    parent: Ints  # the force its men are taken from when it appears, or -1
    is_party: Bools  # has no men of its own: a row for those whom a detachment that is out sends elsewhere


@dataclass(frozen=True)
class Forces:
    """The forces the units are cut from."""

    ids: list[str]
    index: dict[str, int]
    men: NDArray[np.int64]
    home: Ints


@dataclass(frozen=True)
class People:
    """People by name, (people,) arrays."""

    ids: list[str]
    index: dict[str, int]
    keys: Keys
    side: NDArray[np.int8]
    place: Ints  # -1 for the unknown and the absent
    group: list[str]
    resolve: Floats
    leads: Ints  # rank among those who lead their side's headquarters, 0 none


@dataclass(frozen=True)
class Audiences:
    """Who hears of things together: quarters, towns, headquarters, the seat of government."""

    ids: list[str]
    keys: Keys
    place: Ints  # where news reaches it
    quarter: Ints  # the quarter audience in which it lies (itself for a quarter)
    in_city: Bools
    staff: Ints  # the audience of the (government, Soviet) headquarters
    seat: Ints  # the audience of the (government, Soviet) seat
    # (audiences, audiences) by street; beyond the city a tenth of an hour by rail or water counts as one
    km: Floats
    wired: Bools  # (audiences,) a headquarters of either side
    side: NDArray[np.int8]  # whose headquarters, 0 for a quarter


@dataclass(frozen=True)
class Cast:
    """Everything that stays the same in a history; `sense` is -1 in a city with its sides swapped."""

    history: History
    city: City
    places: Places
    units: Units
    forces: Forces
    people: People
    audiences: Audiences
    sense: int = 1


def build(history: History, city: City, *, resolution: float = 1.0) -> Cast:
    """The cast of a history; `resolution` makes the detachments fewer (below 1) or more."""
    audiences = _audiences(history, city)
    places = _places(history, city, audiences)
    units, forces = _units(history, city, resolution)
    return Cast(history, city, places, units, forces, _people(history, city), audiences)


def vary(history: History, changes: Iterable[Change], start: datetime = clock.START) -> History:
    """The record with its opening changed: holders of places, leanings, commissars, men and arms of
    forces.
    """
    places, forces, people = dict(history.places), dict(history.forces), dict(history.people)
    for made in general_first(changes, history):
        if isinstance(made, Hold) and made.at == start:
            places[made.place] = places[made.place].model_copy(update={"holder": SIGN[made.side]})
        elif isinstance(made, (Loyalty, Strength)):
            for name in members(made.who, history):
                change = _mind(made, forces[name]) if isinstance(made, Loyalty) else _men(made, forces[name])
                forces[name] = forces[name].model_copy(update=change)
        elif isinstance(made, Cancel) and made.what in people:
            people[made.what] = people[made.what].model_copy(update={"place": "absent"})
        elif isinstance(made, Cancel) and made.what in forces and forces[made.what].appears_by:
            forces[made.what] = forces[made.what].model_copy(
                update={"appears_by": "", "men": 0, "men_low": 0, "men_high": 0}
            )
    return replace(history, places=places, forces=forces, people=people)


def _mind(made: Loyalty, force: Force) -> dict[str, float]:
    leaning = made.to if made.to is not None else min(max(force.leaning + (made.by or 0.0), -1.0), 1.0)
    return {"leaning": leaning, "commissar": force.commissar if made.commissar is None else made.commissar}


def _men(made: Strength, force: Force) -> dict[str, float]:
    times = (
        made.times if made.times is not None else 1.0 if made.men is None else made.men / max(force.men, 1)
    )
    men = {name: round(getattr(force, name) * times) for name in ("men", "men_low", "men_high")}
    return {**men, "arms": force.arms if made.arms is None else made.arms}


def audience_names(history: History) -> dict[str, str]:
    """Place id -> the audience that hears what is said there."""
    names = {p.id: p.quarter for p in history.places.values()}
    for place in history.places.values():
        halls = [role for role in place.roles if role.startswith(("seat_", "staff_"))]
        if halls:
            names[place.id] = place.id
    return names


def _roles(history: History, city: City, role: str) -> Ints:
    held = [city.index[p.id] for p in history.places.values() if role in p.roles]
    return np.array(held, dtype=np.intp)


def _audiences(history: History, city: City) -> Audiences:
    of_place = audience_names(history)
    ids = sorted(set(of_place.values()) | {p.quarter for p in history.places.values()})
    index = {name: i for i, name in enumerate(ids)}
    place = np.array([_speaking_place(name, history, city) for name in ids], dtype=np.intp)
    own = [
        history.places[n].quarter if n in history.places and n != history.places[n].quarter else n
        for n in ids
    ]
    halls = {
        side: [
            index[of_place[city.ids[p]]]
            for p in (_roles(history, city, f"staff_{side}")[0], _roles(history, city, f"seat_{side}")[0])
        ]
        for side in ("government", "soviet")
    }
    side = np.zeros(len(ids), np.int8)
    for sign, name in ((-1, "government"), (1, "soviet")):
        side[halls[name]] = sign
    everything = city.table("rail"), city.table("water", _all_up(city))
    minutes = np.minimum(*(table[np.ix_(place, place)].astype(float) for table in everything))
    in_city = np.array([history.places[city.ids[p]].bank != "outlying" for p in place])
    town = in_city[:, None] & in_city[None, :]
    return Audiences(
        ids=ids,
        keys=luck.keys(ids),
        place=place,
        quarter=np.array([index[name] for name in own], np.intp),
        in_city=in_city,
        staff=np.array([halls["government"][0], halls["soviet"][0]]),
        seat=np.array([halls["government"][1], halls["soviet"][1]]),
        km=np.where(town, minutes * LAND_SPEED / 60, minutes / 6.0),
        wired=side != 0,
        side=side,
    )


def _all_up(city: City) -> int:
    return sum(city.bit.values())


def _speaking_place(name: str, history: History, city: City) -> int:
    """The place where an audience gathers: its hall, or the place nearest to the middle of its quarter."""
    if (
        name in history.places
        and history.places[name].quarter != name
        and audience_names(history)[name] == name
    ):
        return city.index[name]
    homes = {f.home for f in history.forces.values()}
    inside = [p for p in history.places.values() if p.quarter == name]
    members = np.array(
        [city.index[p.id] for p in inside if p.objective or p.id in homes]
        or [city.index[p.id] for p in inside]
    )
    away = (city.lat[members] - city.lat[members].mean()) ** 2 + (
        0.5 * (city.lon[members] - city.lon[members].mean())
    ) ** 2
    return int(members[np.argmin(away)])


def _places(history: History, city: City, audiences: Audiences) -> Places:
    rows = list(history.places.values())
    kinds = [history.place_kinds[p.kind] for p in rows]
    position = np.array([k.position for k in kinds])
    of_place, index = audience_names(history), {name: i for i, name in enumerate(audiences.ids)}
    side_roles = {
        role: [
            np.concatenate([_roles(history, city, f"{role}_{side}"), _roles(history, city, role)]).astype(
                np.intp
            )
            for side in ("government", "soviet")
        ]
        for role in ROLES
    }
    guards = [sum(p.guard_men) for p in rows]
    besieged = np.flatnonzero(
        (position >= SIEGE_POSITION) & np.array([p.bank != "outlying" for p in rows])
    ).astype(np.intp)
    return Places(
        ids=city.ids,
        index=city.index,
        keys=luck.keys(city.ids),
        holder=np.array([p.holder for p in rows], np.int8),
        position=position,
        seat=np.array([p.kind == "palace" for p in rows]),
        weight=np.array([k.weight * (p.objective > 0) for k, p in zip(kinds, rows, strict=True)], np.int64),
        public=np.array([k.public for k in kinds]),
        priority=np.array([k.priority for k in kinds], np.intp),
        audience=np.array([index[of_place[p.id]] for p in rows], np.intp),
        press=np.array([p.kind == "press" for p in rows]),
        span=np.isin(np.arange(len(rows)), city.bridges),
        in_city=np.array([p.bank != "outlying" for p in rows]),
        roles={role: _roles(history, city, role) for role in ROLES},
        side_roles=side_roles,
        besieged=besieged,
        ring=_rings(city, besieged, position),
        guard_known=np.array(guards, np.int64),
        under_fire_of=np.array([city.index.get(p.under_fire_of, -1) for p in rows], np.intp),
    )


def _rings(city: City, besieged: Ints, position: Floats) -> Bools:
    """Open places a short walk from a building, where a ring stands: (besieged, places)."""
    km = city.table("foot")[besieged] * LAND_SPEED / 60
    spans = np.isin(np.arange(len(position)), city.bridges)
    return np.asarray((position == 1) & ~spans & (km > RING_KM[0]) & (km < RING_KM[1]))


@dataclass(frozen=True)
class _Detachment:
    name: str
    force: Force
    men: int
    place: str
    posted: bool
    is_party: bool = False


def _detachments(history: History, resolution: float) -> list[_Detachment]:
    """Cut the forces: posts that stand away from home first, then what is left in equal parts."""
    taken = dict.fromkeys(history.forces, 0)
    for force in history.forces.values():
        if force.parent and not force.appears_by:
            taken[force.parent] += force.men
    cut: list[_Detachment] = []
    for place in history.places.values():
        for force_id, men in zip(place.guard, place.guard_men, strict=True):
            force = history.forces[force_id]
            if force.home != place.id and men:
                men = min(men, max(force.men - taken[force_id], 0))
                taken[force_id] += men
                cut.append(_Detachment(f"{force_id}@{place.id}", force, men, place.id, True))
    for force in history.forces.values():
        parts = max(1, round(force.detachments * resolution))
        left = 0 if force.appears_by else max(force.men - taken[force.id], 0)
        quarters = history.places[force.home]
        # who lives in a house that no side holds is at home there, on no post, unless he comes out to it
        kept = quarters.holder != 0 or bool(force.appears_by)
        posted = quarters.kind not in QUARTERS and quarters.bank != "outlying" and kept
        for k in range(parts):
            men = left // parts + (k < left % parts)
            cut.append(
                _Detachment(f"{force.id}.{k + 1}" if parts > 1 else force.id, force, men, force.home, posted)
            )
        if force.men and history.force_kinds[force.kind].trusted_by:
            cut.append(_Detachment(f"{force.id}:party", force, 0, force.home, False, True))
    return cut


def _units(history: History, city: City, resolution: float) -> tuple[Units, Forces]:
    forces = list(history.forces)
    decisions = list(history.decisions)
    cut = _detachments(history, resolution)
    ids = [d.name for d in cut]
    of_force = [d.force for d in cut]
    kinds = [history.force_kinds[force.kind] for force in of_force]
    commissar = np.zeros((len(cut), 2))
    commissar[:, 1] = [f.commissar for f in of_force]
    ways = list(GRAPHS)
    units = Units(
        ids=ids,
        keys=luck.keys(ids),
        force=np.array([forces.index(f.id) for f in of_force], np.intp),
        home=np.array([city.index[d.place] for d in cut], np.intp),
        men=np.array([d.men for d in cut], np.int64),
        quality=np.array([f.quality for f in of_force]),
        arms=np.array([f.arms for f in of_force]),
        leaning=np.array([f.leaning for f in of_force]),
        kinds=kinds,
        speed=np.array([k.speed_kmh for k in kinds]),
        afloat=np.array([f.speed_kmh or WATER_SPEED for f in of_force]),
        graph=np.array(
            [ways.index(f.transport if f.transport in ways else "foot") for f in of_force], np.intp
        ),
        group=np.array([GROUP_NAMES.index(k.group) for k in kinds], np.intp),
        trusted=np.array([k.trusted_by for k in kinds], np.int8),
        commissar=commissar,
        duty=np.array([GONE if d.is_party else ON_POST if d.posted else IN_QUARTERS for d in cut], np.int8),
        is_party=np.array([d.is_party for d in cut]),
        in_city=np.array([history.places[d.place].bank != "outlying" for d in cut]),
        appears=np.array([decisions.index(f.appears_by) if f.appears_by else -1 for f in of_force], np.intp),
        parent=np.array(
            [forces.index(f.parent) if f.parent and f.appears_by else -1 for f in of_force], np.intp
        ),
    )
    index = {name: i for i, name in enumerate(forces)}
    men = np.array([f.men for f in history.forces.values()], np.int64)
    home = np.array([city.index[f.home] for f in history.forces.values()], np.intp)
    return units, Forces(ids=forces, index=index, men=men, home=home)


RESOLVE = {"minister": 0.5, "aide": 0.5, "commander": 0.5}


def _people(history: History, city: City) -> People:
    rows = list(history.people.values())
    ids = [p.id for p in rows]
    return People(
        ids=ids,
        index={name: i for i, name in enumerate(ids)},
        keys=luck.keys(ids),
        side=np.array([p.side for p in rows], np.int8),
        place=np.array([city.index.get(p.place, -1) for p in rows], np.intp),
        group=[p.group for p in rows],
        resolve=np.array([RESOLVE.get(p.group, 0.5) for p in rows]),
        leads=np.array([p.leads for p in rows], np.intp),
    )


def swap_sides(cast: Cast) -> Cast:
    """The same city with its sides swapped: holders, leanings, trust, commissars and halls change places."""
    places, units, people, audiences = cast.places, cast.units, cast.people, cast.audiences
    return replace(
        cast,
        sense=-cast.sense,
        places=replace(
            places, holder=-places.holder, side_roles={r: pair[::-1] for r, pair in places.side_roles.items()}
        ),
        units=replace(
            units, leaning=-units.leaning, trusted=-units.trusted, commissar=units.commissar[:, ::-1]
        ),
        people=replace(people, side=-people.side),
        audiences=replace(
            audiences, staff=audiences.staff[::-1], seat=audiences.seat[::-1], side=-audiences.side
        ),
    )
