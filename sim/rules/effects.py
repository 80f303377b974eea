"""Effects: what a decision does by itself, verb by verb; where units must go, it gives them tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.agents.unit import Duty, Group
from sim.columns import found
from sim.history import Choice
from sim.luck import Process
from sim.rules import holding, travel
from sim.rules.leaving import go_home
from sim.rules.messages import delays, happened
from sim.script import NEVER, Purpose, minute, names_of
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

Rows = NDArray[np.intp]
READINESS = 0.25  # the pull of a call to all, against an order that names the unit
WAITING, OVER = 1, 3
READY_SPREAD = 0.3
PATIENCE_SPREAD = 0.15
FULL_RELIEF = 2000.0  # men on the way that count as full relief
LANDED = 60.0  # minutes a headquarters loses in a change of commander


def give_tasks(m: Petrograd, world: Rows, decision: int) -> None:
    """Put the tasks of a decision on the desk, bring into being the forces it raises, and let those who called hope.

    Whom a side orders out by name it no longer keeps in barracks.
    """
    for t in m.script.decisions.tasks[decision]:
        give_task(m, world, t, m.columns.decided[world, decision])
    _appear(m, world, decision)


def give_task(m: Petrograd, world: Rows, task: int, cause: NDArray[np.int64]) -> None:
    """Put one task on the desk."""
    c, tasks, s = m.columns, m.script.tasks, m.setting
    c.task_state[world, task], c.task_since[world, task] = WAITING, m.now
    c.task_first[world, task] = np.minimum(c.task_first[world, task], m.now)
    c.task_cause[world, task] = cause
    named = np.flatnonzero(tasks.by[task])
    c.confined[world[:, None], named, tasks.side[task]] = False
    outside = named[~s.units.in_city[named]]
    if tasks.purpose[task] == Purpose.CALL and len(outside) and s.places.in_city[tasks.place[task]]:
        _raise_hope(m, world, int(tasks.side[task]), c.men[world[:, None], outside].sum(axis=1))


def _raise_hope(m: Petrograd, world: Rows, side: int, men: NDArray[np.int64]) -> None:
    a = m.setting.audiences
    for audience in {int(a.staff[side]), int(a.seat[side])}:
        m.columns.relief[world, audience, side] = np.minimum(m.columns.relief[world, audience, side] + men / FULL_RELIEF, 1.0)


def _appear(m: Petrograd, world: Rows, decision: int) -> None:
    """Forces that a decision brings into being take their men from their parents."""
    c, u, s = m.columns, m.setting.units, m.setting
    for unit in np.flatnonzero(u.appears == decision):
        parts = np.flatnonzero(u.force == u.force[unit])
        share = s.forces.men[u.force[unit]] // len(parts)
        parents = np.flatnonzero(u.force == u.parent[unit]) if u.parent[unit] >= 0 else np.zeros(0, np.intp)
        for w in world:
            men = int(share)
            for source in parents[np.argsort(u.keys[parents])]:
                at_home = c.men if c.duty[w, source] == Duty.IN_QUARTERS else c.rest
                taken = min(men, int(at_home[w, source]))
                at_home[w, source] -= taken
                men -= taken
            c.men[w, unit] = share - (men if len(parents) else 0)
        c.thinks_at[world, unit] = m.now
        c.duty[world, unit] = Duty.ON_POST if u.civilian[unit] else u.duty[unit]


def _bid_all(m: Petrograd, world: Rows, side: int, who: NDArray[np.bool_], level: float) -> None:
    """Units (n, u) hear a call of their side, stronger calls standing."""
    c = m.columns
    reach = who & ~c.spent[world]
    c.bid[world, :, side] = np.where(reach, np.maximum(c.bid[world, :, side], level), c.bid[world, :, side])
    c.bid_at[world, :, side] = np.where(reach, m.now, c.bid_at[world, :, side])


def _readiness(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    stand_ready(m, world, _side(m, decision)[0])


def stand_ready(m: Petrograd, world: Rows, side: int) -> None:
    """Whoever hears a side's call stands ready, and thinks of it within half an hour."""
    c, who = m.columns, _within_call(m, world, side, SIDES[side])
    _bid_all(m, world, side, who, READINESS)
    c.ready[world, :, side] |= who
    c.thinks_at[world] = np.where(who, np.minimum(c.thinks_at[world], m.now + 30.0), c.thinks_at[world])


def _within_call(m: Petrograd, world: Rows, side: int, sign: int) -> NDArray[np.bool_]:
    """Units (n, u) in the city that hear a call of a side: its own kinds, and who has accepted its commissar."""
    u = m.setting.units
    return np.asarray(u.in_city & ((m.columns.commissar_at[world][:, :, side] <= m.now) | (u.trusted == sign)))


def _confine(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    side, _ = _side(m, decision)
    s = m.setting
    places = [s.places.index[o] for o in choice.object if o in s.places.index]
    if places:
        m.columns.barred[np.ix_(world, np.isin(s.places.besieged, places))] = True
    else:
        keep_in(m, world, side)


def keep_in(m: Petrograd, world: Rows, side: int) -> None:
    """A side tells the garrison to stay in its barracks."""
    u = m.setting.units
    m.columns.confined[world, :, side] |= (u.in_city & (u.group == Group.GARRISON))[None, :]


def _posture(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    side, _ = _side(m, decision)
    m.columns.posture[world, side] = 0
    if "offensive" in choice.object:
        turn(m, world, side)


def turn(m: Petrograd, world: Rows, side: int) -> None:
    """Go over to the offensive, and say so to all who listen."""
    m.columns.posture[world, side] = 1
    _bid_all(m, world, side, _within_call(m, world, side, SIDES[side]), READINESS)


def _cut_telephone(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """Lines are cut at the exchange, by whoever holds it."""
    s = m.setting
    allowed = choice.params.get("missed_lines")
    lines = sorted({int(s.places.audience[s.places.index[o]]) for o in choice.object}, key=lambda a: s.audiences.ids[a])
    cut_off(m, world, _side(m, decision)[0], lines, None if allowed is None else int(allowed), m.columns.decided[:, decision])


def cut_off(m: Petrograd, world: Rows, side: int, lines: list[int], allowed: int | None, cause: NDArray[np.int64]) -> None:
    """A side that holds the exchange unplugs some audiences there; so many are missed, or each by chance."""
    c, s, sign = m.columns, m.setting, SIDES[side]
    exchange = s.places.roles["exchange"]
    able = world[(c.holder[world][:, exchange] == sign).all(axis=1)]
    for k, audience in enumerate(lines):
        missed = None if allowed is None else k >= len(lines) - allowed
        holding.cut_line(m, able, audience, missed=missed, lag=False)
    happened(m, f"shock:telephones:{m.side_name(sign)}", able, int(exchange[0]), cause[able])


def _restore_telephone(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    _, sign = _side(m, decision)
    c, s = m.columns, m.setting
    able = world[(c.holder[world][:, s.places.roles["exchange"]] == sign).all(axis=1)]
    for name in choice.object:
        audience = s.places.audience[s.places.index[name]]
        c.line_on[able, audience] = np.where(c.line[able, audience], c.line_on[able, audience], np.minimum(c.line_on[able, audience], m.now))
        c.line[able, audience], c.line_cut_at[able, audience] = True, NEVER
        m.note(able, "telephones", place=name, side=sign, text=f"the telephones of {m.name_of(name)} are joined again", token=f"phones:{name}=on",
               because=[c.decided[able, decision]])
    if len(able):
        delays(m, able)


def _cut_power(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    _, sign = _side(m, decision)
    c, s = m.columns, m.setting
    able = world[(c.holder[world][:, s.places.roles["power"]] == sign).all(axis=1)]
    for name in choice.object:
        c.power[able, s.places.index[name]] = False
        m.note(able, "power", place=name, side=sign, text=f"no current at {m.name_of(name)}", token=f"power:{name}=off", because=[c.decided[able, decision]])


def _commissars(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """Commissars set out from their headquarters for places; guards there may accept them."""
    side, _ = _side(m, decision)
    earliest = minute(choice.params["at"], m.script.scenario) if "at" in choice.params else m.now
    for name in choice.object:
        send_commissar(m, world, m.setting.places.index[name], side, earliest, m.columns.decided[world, decision])


def send_commissar(m: Petrograd, world: Rows, place: int, side: int, earliest: float, cause: NDArray[np.int64]) -> None:
    """A commissar sets out from his headquarters for a place."""
    c, s = m.columns, m.setting
    start = int(s.audiences.place[s.audiences.staff[side]])
    takes = travel.minutes(m, world, np.full(len(world), start), np.full(len(world), place))
    c.envoy_at[world, place, side] = np.minimum(c.envoy_at[world, place, side], max(m.now, earliest) + takes)
    c.envoy_cause[world, place, side] = cause


def _accept(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """Accept a settlement, a demand, an order or a summons."""
    side, _ = _side(m, decision)
    c, script = m.columns, m.script.decisions
    for dropped in names_of(choice, "stands_down"):
        c.lapsed[np.ix_(world, script.orders_of(dropped))] = True
        c.settled[world] = True
    for spoken in choice.object:
        made = script.made[script.index[spoken]] if spoken in script.index else None
        if made and made.verb in ("ultimatum", "appeal") and made.side * choice.side < 0:
            c.yielded[world] = True
        if made and made.verb == "arrest_order":
            c.commissar_at[world, :, side] = NEVER
    if "arms" in choice.params:
        c.way_out[world] = 2


def _reject(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """Refuse an order or a bargain: the tasks it gave are off, for those who have not arrived."""
    c, script, tasks = m.columns, m.script.decisions, m.script.tasks
    if choice.params.get("arms") == "0":
        c.way_out[world] = np.minimum(c.way_out[world], 1)
    for refused in choice.object:
        if refused in script.index:
            for t in (t for row in script.orders_of(refused) for t in script.tasks[row]):
                c.task_state[world, t] = OVER
                off = ((c.task[world] == t) | (c.told[world] == t)) & (c.duty[world] != Duty.ON_POST)
                row, unit = found(off)
                _call_off(m, world[row], unit, int(tasks.side[t]))


def _call_off(m: Petrograd, world: Rows, unit: Rows, side: int) -> None:
    marching = m.columns.duty[world, unit] == Duty.UNDER_WAY
    go_home(m, world[marching], unit[marching])
    m.columns.left[world[marching], unit[marching]] = m.pulse
    c = m.columns
    c.task[world, unit], c.told[world, unit] = -1, -1
    c.told_at[world, unit], c.sets_out_at[world, unit] = NEVER, NEVER
    c.bid[world, unit, side] = 0.0


def _siege(m: Petrograd, choice: Choice) -> int:
    """The row of the besieged place a decision speaks of, or -1."""
    besieged, index = m.setting.places.besieged.tolist(), m.setting.places.index
    spoken = [index[o] for o in choice.object if o in index]
    rows = [k for k, place in enumerate(besieged) if place in spoken]
    return (rows or [k for k, place in enumerate(besieged) if any(o in m.ring_posts[place] for o in spoken)] or [-1])[0]


def _readied(m: Petrograd, world: Rows, decision: int, choice: Choice) -> NDArray[np.float64]:
    """When guns or a signal are ready: their delay, lognormal."""
    fixed = float(choice.params.get("readiness_min", 0.0)) or m.p.gun_readiness[world] * 60
    factor = luck.lognormal(m.luck.at(world, Process.PEOPLE, np.broadcast_to(m.script.decisions.keys[decision], world.shape), 1), READY_SPREAD)
    return np.asarray(m.now + fixed * factor)


def _ultimatum(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    k = _siege(m, choice)
    if k >= 0:
        m.columns.term_at[world, k] = m.now + float(choice.params.get("minutes", 0.0))
        m.columns.siege_cause[world, k] = m.columns.decided[world, decision]


def _fire_blank(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    served, k = _served(m, world, decision, choice), _siege(m, choice)
    if k >= 0:
        m.columns.blank_at[served, k] = _readied(m, served, decision, choice)


def _served(m: Petrograd, world: Rows, decision: int, choice: Choice) -> Rows:
    """The worlds in which somebody of those who are to fire is there, and not under the hand of the other side."""
    c, s = m.columns, m.setting
    crew = np.flatnonzero(np.isin(s.units.force, [s.forces.index[name] for name in names_of(choice, "by")]))
    _, sign = _side(m, decision)
    there = (c.men[world][:, crew] > 0) & ~c.spent[world][:, crew]
    there &= c.holder[world[:, None], c.place[world][:, crew]] != -sign
    return world[there.any(axis=1)]


def _resume_fire(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    c, k = m.columns, _siege(m, choice)
    if k < 0:
        return
    c.paused_until[world, k] = np.minimum(c.paused_until[world, k], m.now)
    served = _served(m, world, decision, choice)
    c.fire_at[served, k] = _readied(m, served, decision, choice)
    c.shells_left[served, k] = int(choice.params.get("shells", 30))
    c.assault_at[world, k] = np.minimum(c.assault_at[world, k], m.now) if "also" in choice.params else c.assault_at[world, k]
    c.siege_cause[world, k] = c.decided[world, decision]


def _pause(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    k = _siege(m, choice)
    if k >= 0:
        m.columns.paused_until[world, k] = m.now + float(choice.params["minutes"])


def _seize(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """To seize a besieged place without stages is to order the assault; a tight ring lets nobody out unasked."""
    k = _siege(m, choice)
    if k >= 0:
        m.columns.siege_cause[world, k] = m.columns.decided[world, decision]
        m.columns.tight[world, k] |= "tight" in choice.params
    if k >= 0 and "ultimatum" not in choice.params.get("sequence", ""):
        m.columns.assault_at[world, k] = np.minimum(m.columns.assault_at[world, k], m.now)


def _guard(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    if "tight" in choice.params and _siege(m, choice) >= 0:
        m.columns.tight[world, _siege(m, choice)] = True


def _replace_commander(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """A new commander: a desk in confusion for a while, or a siege command of so many heads."""
    side, _ = _side(m, decision)
    c = m.columns
    if "heads" in choice.params:
        c.troika[world] = int(choice.params["heads"])
    if "confusion" in choice.params:
        c.desk_free_at[world, side] = np.maximum(c.desk_free_at[world, side], m.now) + LANDED
    travel.call_cabinet(m, world, side)


def _depart(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """People set out; a ship ordered away sails if its crew will have it."""
    s = m.setting
    goal = s.places.index[choice.params["to"]]
    for name in choice.object:
        if name in s.people.index:
            m.columns.own_way[world, s.people.index[name]] = goal not in s.audiences.place[s.audiences.seat]
            travel.send(m, world, s.people.index[name], goal, disguised="disguised" in choice.params, wait=_car(m, world, choice),
                        by_car=choice.params.get("transport") == "car",
                        because=m.columns.decided[world, decision])
        elif name in s.forces.index:
            _sail(m, world, decision, s.forces.index[name])


def _car(m: Petrograd, world: Rows, choice: Choice) -> NDArray[np.float64]:
    """Minutes until a car that runs is found, for those who go by car."""
    key = np.broadcast_to(np.uint64(luck.key(choice.id)), world.shape)
    search = m.p.car_search[world] * luck.lognormal(m.luck.at(world, Process.PEOPLE, key, 3), READY_SPREAD)
    return np.where(choice.params.get("transport") == "car", search, 0.0)


def _sail(m: Petrograd, world: Rows, decision: int, force: int) -> None:
    """A crew answers an order to put to sea as it would any order of that side."""
    c, s = m.columns, m.setting
    side, _ = _side(m, decision)
    units = np.flatnonzero(s.units.force == force)
    c.bid[np.ix_(world, units, [side])] = 1.0
    c.bid_at[np.ix_(world, units, [side])] = m.now
    token = f"refuse:{s.forces.ids[force]}"
    mind = sum(np.rint(1e6 * m.loyalty_of(world, np.full(len(world), u))).astype(np.int64) * c.men[world, u] for u in units)
    refuse = world[mind * (2 * side - 1) < 0]
    event = m.note(refuse, "refuse", side=1 - 2 * side, place=s.places.ids[s.forces.home[force]], actors=[(s.forces.ids[force],)] * len(refuse),
                   text=f"{m.name_of(s.forces.ids[force])}: the crew will not sail", token=token, because=[c.decided[refuse, decision]])
    happened(m, token, refuse, int(s.forces.home[force]), event)
    sails = world[mind * (2 * side - 1) >= 0]
    c.spent[np.ix_(sails, units)] = True
    c.duty[np.ix_(sails, units)] = Duty.GONE


def _open_congress(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """The congress opens when what it waits for is heard of, or the delegates' patience is out."""
    planned = minute(choice.params["planned"], m.script.scenario)
    key = np.broadcast_to(m.script.decisions.keys[decision], world.shape)
    mood = luck.lognormal(m.luck.at(world, Process.PEOPLE, key, 2), PATIENCE_SPREAD)
    patience = float(choice.params.get("patience_min", 0.0)) * m.p.congress_patience[world] * mood
    m.columns.planned_at[world] = planned
    m.columns.opens_at[world] = planned + patience


def _parley(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """Offer a way out to who will take it; or go between the sides and be let through or not."""
    c, s = m.columns, m.setting
    k = _siege(m, choice)
    if "leave" in choice.params and k >= 0:
        c.way_out[world, k] = 1 + int(choice.params.get("arms", "0"))
    for name in names_of(choice, "by"):
        if name in s.people.index:
            travel.mediate(m, world, s.people.index[name], [s.places.index[o] for o in choice.object if o in s.places.index],
                           choice.params.get("name", name), m.columns.decided[world, decision])


def _side(m: Petrograd, decision: int) -> tuple[int, int]:
    """Side index and sign of who decides (those of no side count as the government's)."""
    sign = int(m.script.decisions.side[decision]) or -m.setting.sense
    return (1, 1) if sign > 0 else (0, -1)


def _arrest(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    """An order to arrest outlaws the wanted on the other side; who carries it out is a task."""
    if "place" in choice.params and not names_of(choice, "by"):
        _cut_if_also(m, world, decision, choice)


def _cut_if_also(m: Petrograd, world: Rows, decision: int, choice: Choice) -> None:
    verb, _, target = choice.params.get("also", "").partition(":")
    if verb == "cut_telephone":
        _cut_telephone(m, world, decision, choice.model_copy(update={"object": (target,)}))


Effect = Callable[[Any, Rows, int, Choice], None]
EFFECTS: dict[str, Effect] = {
    "readiness": _readiness, "confine": _confine, "posture": _posture, "cut_telephone": _cut_telephone,
    "restore_telephone": _restore_telephone, "cut_power": _cut_power, "commissars": _commissars, "accept": _accept,
    "reject": _reject, "ultimatum": _ultimatum, "fire_blank": _fire_blank, "resume_fire": _resume_fire, "pause": _pause,
    "seize": _seize, "guard": _guard, "replace_commander": _replace_commander, "depart": _depart,
    "open_congress": _open_congress, "parley": _parley, "arrest_order": _arrest,
}
