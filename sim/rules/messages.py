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
    from sim.setting import Audiences

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
    hear = m.now + _delay(m, world, s.places.audience[place], causes, c.told_of[world, place, holder, raised])
    c.news_at[world, :, place] = hear
    np.minimum.at(c.next_news, world, hear)
    c.told_of[world, place, holder, raised] += 1
    c.news[world, :, place] = c.holder[world, place][:, None]
    c.news_raised[world, :, place] = c.raised[world, place][:, None]


def happened(m: Petrograd, token: str, world: NDArray[np.intp], place: int | NDArray[np.intp], cause: Any = -1) -> None:
    """Let a fact be known where it happened and go out from there; nothing if nobody waits for it, or told before."""
    facts = m.script.facts
    f = facts.index.get(token, -1)
    if f >= 0 and len(world):
        all_happened(m, np.full(len(world), f), world, np.broadcast_to(place, world.shape), np.broadcast_to(cause, world.shape))


def all_happened(m: Petrograd, fact: NDArray[np.intp], world: NDArray[np.intp], place: NDArray[np.intp], cause: NDArray[np.int64]) -> None:
    """Let facts be known, by rows (n,) of fact (-1 for what nobody waits for), world and place; what was told before is no news."""
    c, s = m.columns, m.setting
    new = np.flatnonzero((fact >= 0) & ~c.fact_done[world, fact])
    if not len(new):
        return
    fact, world = fact[new], world[new]
    causes = luck.join(m.script.facts.keys[fact][:, None], s.audiences.keys[None, :])
    hear = m.now + _delay(m, world, s.places.audience[place[new]], causes, np.zeros(len(new), np.int64))
    for k, (w, f) in enumerate(zip(world.tolist(), fact.tolist(), strict=True)):  # one fact may come from two places at once
        c.fact_at[w, :, f] = np.minimum(c.fact_at[w, :, f], hear[k])
        c.fact_cause[w, f] = max(c.fact_cause[w, f], cause[new[k]])
    c.fact_done[world, fact] = True
    c.fact_since[world, fact] = m.now
    np.minimum.at(c.feel_at, world, hear)


def between_reports(audiences: Audiences) -> NDArray[Any]:
    """Minutes (audiences, sources) that pass before the next report is sent: a staff asks oftener, a quarter sees itself."""
    near = np.eye(len(audiences.ids), dtype=bool) | audiences.wired[:, None]
    return np.where(near, TO_STAFF, TO_QUARTER)


def _delay(m: Petrograd, world: NDArray[np.intp], source: NDArray[np.intp], causes: luck.Keys, turn: NDArray[Any]) -> NDArray[Any]:
    """Minutes until each audience hears, the `turn`-th time: median by the best way, lognormal; a lost message comes by the next way."""
    rows = world[:, None]
    median = m.columns.delay[world, :, source]
    factor = luck.lognormal(m.luck.at(rows, Process.MESSAGE, causes, turn[:, None]), SPREAD)
    lost = m.luck.at(rows, Process.MESSAGE, luck.join(causes, np.uint64(1)), turn[:, None]) < m.p.message_loss[rows]
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
        c.line_off[world, audience] = np.minimum(c.line_off[world, audience], m.now)
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
    row, audience = found(c.next_news <= m.now)
    if not len(row):
        return
    due = c.news_at[row, audience]
    k, place = found(due <= m.now)
    due[k, place] = NEVER
    c.next_news[row, audience] = due.min(axis=1)
    world, audience = row[k], audience[k]
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
    row = np.flatnonzero(m.active())
    world = row // c.men.shape[1]
    where = world * shape[1] + s.places.audience[c.place.take(row)]
    flat = where * 10 + s.units.group[row - world * c.men.shape[1]] * 2 + (c.stance.take(row) > 0)
    return np.bincount(flat, weights=c.men.take(row), minlength=int(np.prod(shape))).astype(np.int64).reshape(shape)


def _deliver_reports(m: Petrograd) -> None:
    """Hand over the reports of strength that are due, and send the next."""
    c, a = m.columns, len(m.setting.audiences.ids)
    due = np.flatnonzero(c.report_at.ravel() <= m.now)  # rows (world, audience, source) of the tables of reports
    if not len(due):
        return
    of, pair = due // a, due % (a * a)
    world, source = of // a, pair % a
    strength, report, known = (x.reshape(-1, 10) for x in (c.strength, c.report, c.known))
    arrived = report.take(due, axis=0)
    change = arrived - strength.take(due, axis=0)
    words = change.view(np.int64)  # ten numbers as five, only to see whether any is not 0
    news = np.flatnonzero(words[:, 0] | words[:, 1] | words[:, 2] | words[:, 3] | words[:, 4])
    if len(news):
        told = of[news]
        first = np.flatnonzero(np.diff(told, prepend=-1))
        known[told[first]] += np.add.reduceat(change[news], first)
        strength[due[news]] = arrived[news]
    report[due] = m.strength_now.reshape(-1, 10).take(world * a + source, axis=0)
    factor = luck.lognormal(m.luck.at(world, Process.MESSAGE, m.report_keys.take(pair), c.reports.ravel().take(due)), SPREAD)
    c.reports.ravel()[due] += 1
    c.report_at.ravel()[due] = m.now + m.between_reports.ravel().take(pair) + c.delay.ravel().take(due) * factor


def _feel(m: Petrograd) -> None:
    """Appeals, measures and shocks move the loyalty of those who hear of them, once."""
    c, facts, s = m.columns, m.script.facts, m.setting
    world, audience = found(c.feel_at <= m.now)
    if not len(world):
        return
    waiting, hears = ~c.fact_felt[world, audience], c.fact_at[world, audience]
    fresh = (hears <= m.now) & waiting
    c.fact_felt[world, audience] |= fresh
    c.feel_at[world, audience] = np.where(waiting & ~fresh, hears, NEVER).min(axis=1, initial=NEVER)
    for f in np.flatnonzero(fresh.any(axis=0) & (facts.shift != 0)):
        heard = np.zeros((m.worlds, len(s.audiences.ids)), bool)
        heard[world[fresh[:, f]], audience[fresh[:, f]]] = True
        rows = np.flatnonzero(heard.any(axis=1))
        hear = heard.ravel()[m.audience_base[rows] + s.places.audience[c.place[rows]]] & facts.who[f][None, :]
        w, unit = found(hear)
        w = rows[w]
        c.moved[w, unit] += (facts.shift[f] * m.weight_of_words(int(f)))[w]


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
