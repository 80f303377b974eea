"""Messages: who hears of what, when, and by which way (ODD 7.2).

Knowledge is held by audiences: quarters, towns, headquarters, the seat of government. Nobody reads the true state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.columns import found
from sim.luck import Process
from sim.script import NEVER

if TYPE_CHECKING:
    from sim.model import Petrograd

SIGHT = 5.0  # minutes until a quarter knows what happens in it
COURIER_PACE = 6.0  # minutes a kilometre on horseback or by car
RUMOUR_START = 15.0
SPREAD = 0.5  # sigma of the logarithm of every delay
TO_STAFF, TO_QUARTER = 20.0, 60.0  # minutes between one report of strength and the next


def messages(m: Petrograd) -> None:
    """Deliver what is due: cut lines, news of places, reports of strength, appeals and shocks, orders."""
    _cut_lines(m)
    _deliver_news(m)
    _deliver_reports(m)
    _feel(m)
    _hope(m)
    _deliver_orders(m)


def tell(m: Petrograd, world: NDArray[np.intp], place: NDArray[np.intp]) -> None:
    """Send word of a place's holder and bridge to every audience; `world` and `place` are rows (n,)."""
    c, s = m.columns, m.setting
    holder, raised = c.holder[world, place] * s.sense + 1, c.raised[world, place].astype(np.intp)
    word = luck.join(s.places.keys[place], (2 * holder + raised).astype(np.uint64))
    causes = luck.join(word[:, None], s.audiences.keys[None, :])
    c.news_at[world, :, place] = m.now + _delay(m, world, s.places.audience[place], causes, c.told_of[world, place, holder, raised])
    c.told_of[world, place, holder, raised] += 1
    c.news[world, :, place] = c.holder[world, place][:, None]
    c.news_raised[world, :, place] = c.raised[world, place][:, None]


def happened(m: Petrograd, token: str, world: NDArray[np.intp], place: int | NDArray[np.intp], cause: Any = -1) -> None:
    """Let a fact be known where it happened and go out from there; nothing if nobody waits for it, or told before."""
    facts = m.script.facts
    if token not in facts.index or len(world) == 0:
        return
    f = facts.index[token]
    new = ~m.columns.fact_done[world, f]
    world, place = world[new], np.broadcast_to(place, new.shape)[new]
    causes = luck.join(np.broadcast_to(facts.keys[f], (len(world), 1)), m.setting.audiences.keys[None, :])
    audience = m.setting.places.audience[place]
    np.minimum.at(m.columns.fact_at[:, :, f], world, m.now + _delay(m, world, audience, causes, np.zeros(len(world), np.int64)))
    m.columns.fact_done[world, f] = True
    np.maximum.at(m.columns.fact_cause[:, f], world, np.broadcast_to(cause, new.shape)[new])


def between_reports(m: Petrograd) -> NDArray[Any]:
    """Minutes (audiences, sources) that pass before the next report is sent: a staff asks oftener, a quarter sees itself."""
    a = m.setting.audiences
    near = np.eye(len(a.ids), dtype=bool) | a.wired[:, None]
    return np.where(near, TO_STAFF, TO_QUARTER)


def _delay(m: Petrograd, world: NDArray[np.intp], source: NDArray[np.intp], causes: luck.Keys, turn: NDArray[Any]) -> NDArray[Any]:
    """Minutes until each audience hears, the `turn`-th time: median by the best way, lognormal; a lost message comes by the next way."""
    rows = np.broadcast_to(world[:, None], causes.shape)
    median = m.columns.delay[world][np.arange(len(world)), :, source]
    factor = luck.lognormal(m.luck.at(rows, Process.MESSAGE, causes, turn[:, None]), SPREAD)
    lost = m.luck.at(rows, Process.MESSAGE, luck.join(causes, np.uint64(1)), turn[:, None]) < m.p.message_loss[world][:, None]
    return median * factor * np.where(lost, 3.0, 1.0)


def delays(m: Petrograd, world: NDArray[np.intp]) -> None:
    """Work out the median delay between audiences again, after a line or a wire has changed hands."""
    c, a, p = m.columns, m.setting.audiences, m.p
    km, near = a.km[None], np.eye(len(a.ids), dtype=bool)
    town = a.in_city[:, None] & a.in_city[None, :]
    staffed = a.wired[:, None] | a.wired[None, :]
    line = c.line[world]
    telephone = line[:, :, None] & line[:, None, :] & (staffed & town)[None]
    courier = COURIER_PACE * p.courier_factor[world, None, None] * km + SIGHT
    rumour = p.rumour_pace[world, None, None] * km + RUMOUR_START
    wire = p.wire_delay[world, None, None] * np.where(_wired(m, world), 1.0, 2.0)
    best = np.where(staffed[None], np.minimum(courier, rumour), np.where(town[None], rumour, np.minimum(courier, wire)))
    best = np.where(telephone, np.minimum(best, p.telephone_delay[world, None, None]), best)
    best = np.where((staffed & ~town)[None], np.minimum(best, wire), best)
    c.delay[world] = np.where(near[None], SIGHT, best)


def _wired(m: Petrograd, world: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether the headquarters of a pair of audiences has a telegraph or wire the other side does not hold."""
    roles, a = m.setting.places.roles, m.setting.audiences
    wires = np.concatenate([roles["telegraph"], roles["wire"]])
    free = np.stack([(m.columns.holder[world][:, wires] != -sign).any(axis=1) for sign in (-1, 1)], axis=1)
    own = np.where(a.side[None, :] != 0, free[:, np.maximum(a.side, 0)], False)
    return own[:, :, None] | own[:, None, :]


def _cut_lines(m: Petrograd) -> None:
    c = m.columns
    world, audience = found(c.line_cut_at <= m.now)
    if len(world):
        c.line[world, audience] = False
        c.line_cut_at[world, audience] = NEVER
        places = m.setting.audiences.place[audience]
        names = [m.setting.places.ids[p] for p in places]
        event = m.note(world, "telephones", text=[f"the telephones of {m.name_of(n)} are cut off" for n in names], place=names,
                       token=[f"phones:{n}=off" for n in names], because=[m.cause_of_role("exchange", world)])
        for name in set(names):
            mine = np.array([n == name for n in names])
            happened(m, f"phones:{name}=off", world[mine], places[mine], event[mine])
        delays(m, np.unique(world))


def _deliver_news(m: Petrograd) -> None:
    c, places = m.columns, m.setting.places
    c.stirred[:] = False
    world, audience, place = found(c.news_at <= m.now)
    if not len(world):
        return
    new = c.news[world, audience, place]
    change = new.astype(np.int64) - c.heard[world, audience, place]
    c.heard[world, audience, place] = new
    c.heard_raised[world, audience, place] = c.news_raised[world, audience, place]
    c.news_at[world, audience, place] = NEVER
    np.add.at(c.weighed, (world, audience, np.where(places.public[place], 0, 1)), change * places.weight[place])
    relevant = (change != 0) & (places.weight[place] > 0)
    c.stirred[world[relevant], audience[relevant]] = True


def active_men(m: Petrograd) -> NDArray[np.int64]:
    """Active men by audience of the place they are in, group and side: (worlds, audiences, groups, sides)."""
    c, s = m.columns, m.setting
    shape = (m.worlds, len(s.audiences.ids), 5, 2)
    world, unit = found(m.active())
    where = s.places.audience[c.place[world, unit]]
    flat = np.ravel_multi_index((world, where, s.units.group[unit], (c.stance[world, unit] > 0).astype(np.intp)), shape)
    return np.bincount(flat, weights=c.men[world, unit], minlength=int(np.prod(shape))).astype(np.int64).reshape(shape)


def _deliver_reports(m: Petrograd) -> None:
    """Hand over the reports of strength that are due, and send the next."""
    c, a = m.columns, m.setting.audiences
    world, audience, source = found(c.report_at <= m.now)
    truth = m.strength_now
    if not len(world):
        return
    arrived = c.report[world, audience, source]
    change = arrived - c.strength[world, audience, source]
    news = change.any(axis=(1, 2))
    np.add.at(c.known, (world[news], audience[news]), change[news])
    c.strength[world[news], audience[news], source[news]] = arrived[news]
    c.report[world, audience, source] = truth[world, source]
    cause = luck.join(a.keys[source], a.keys[audience])
    factor = luck.lognormal(m.luck.at(world, Process.MESSAGE, cause, c.reports[world, audience, source]), SPREAD)
    c.reports[world, audience, source] += 1
    c.report_at[world, audience, source] = m.now + between_reports(m)[audience, source] + c.delay[world, audience, source] * factor


def _feel(m: Petrograd) -> None:
    """Appeals, measures and shocks move the loyalty of those who hear of them, once."""
    c, facts, s = m.columns, m.script.facts, m.setting
    fresh = (c.fact_at <= m.now) & ~c.fact_felt
    if not fresh.any():
        return
    c.fact_felt |= fresh
    for f in np.flatnonzero(fresh.any(axis=(0, 1)) & (facts.shift != 0)):
        audience = s.places.audience[c.place]
        hear = np.take_along_axis(fresh[:, :, f], audience, axis=1) & facts.who[f][None, :]
        c.moved += np.where(hear, (facts.shift[f] * m.weight_of_words(int(f)))[:, None], 0.0)


def _hope(m: Petrograd) -> None:
    """Hope of relief fades with its half-life."""
    m.columns.relief *= 0.5 ** (m.pulse / 60.0 / m.p.relief_half_life)[:, None, None]


def _deliver_orders(m: Petrograd) -> None:
    """Orders reach their units; a unit that gets one makes up its mind in this pulse."""
    c, tasks = m.columns, m.script.tasks
    world, unit = found(c.told_at <= m.now)
    m.ordered = np.zeros_like(c.spent)
    if not len(world):
        return
    task = c.told[world, unit]
    side = tasks.side[task]
    c.task[world, unit], c.order_at[world, unit] = task, m.now
    c.told[world, unit], c.told_at[world, unit] = -1, NEVER
    c.bid[world, unit, side], c.bid_at[world, unit, side] = 1.0, m.now
    c.cause[world, unit] = c.task_cause[world, task]
    m.ordered[world, unit] = True
