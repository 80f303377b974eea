"""The siege: a great building falls by departures - desertion, votes, parley - then by the back stairs (ODD 7.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim import luck
from sim.agents import SORTS
from sim.agents.unit import Duty
from sim.columns import found
from sim.luck import Process
from sim.rules import holding, leaving
from sim.rules.messages import happened
from sim.rules.standoffs import FRONTAGE, Posted, bury, log_odds, losses, on_post, shoot, shots_rate
from sim.script import NEVER
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

ENTRANCES = 40.0  # doors of a great building; judgement from the palace
PARTY = 12  # men in a party that gets in
PRESSED = 4.0  # times as many parties try a door once the assault is ordered; then every door is tried, held or not
STILL_DISARMED = 1.0  # intruders per defender below which they are disarmed
ATTACKERS, DEFENDERS = 51, 52  # luck keys of the two sides' losses
SHELL_SHOCK = 0.03  # cohesion lost to a shell that strikes
BLANK_SHOCK = 0.06  # cohesion lost to a great gun fired near by


def desertion_rate(
    steadfast: NDArray[Any], cohesion: NDArray[Any], unfed: NDArray[Any], losing: NDArray[Any], shells: NDArray[Any], agitators: NDArray[Any],
    *, lambda0: Any, a1: Any, a2: Any, a3: Any, a4: Any, a5: Any, a6: Any,
) -> NDArray[Any]:
    """lambda0 exp(-a1 (steadfast - .5) - a2 (cohesion - .5) + a3 unfed + a4 (losing - .5) + a5 shells/10 + a6 agitators), per man and hour."""
    return np.asarray(lambda0 * np.exp(
        -a1 * (steadfast - 0.5) - a2 * (cohesion - 0.5) + a3 * unfed + a4 * (losing - 0.5) + a5 * shells / 10 + a6 * agitators))


def siege(m: Petrograd) -> None:
    """One pulse at every place that can be besieged."""
    posted = on_post(m)
    posted = posted.only(np.flatnonzero(m.ring_spot.take(posted.spot)))
    for k, place in enumerate(m.setting.places.besieged):
        _ring(m, k, int(place), posted)
        under = np.flatnonzero(np.isfinite(m.columns.ring_at[:, k]) & (m.columns.holder[:, place] != 0))
        if len(under):
            _guns(m, k, int(place), under)
            _spirits(m, k, int(place), under)
            _departures(m, k, int(place), under)
            _fire(m, k, int(place), under)
            _infiltrate(m, k, int(place), under)
            _storm(m, k, int(place), under)
    _release(m)


def besiegers(m: Petrograd, place: int, posted: Posted) -> Posted:
    """The other side's willing men on post round a place."""
    foes = (posted.stance == -m.columns.holder[posted.world, place]) & (posted.stance != 0)
    return posted.only(np.flatnonzero(m.at_ring[place][posted.place] & foes))


def defenders(m: Petrograd, place: int, world: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The units that hold a place from inside in some worlds (n,): the row of the world, and the unit."""
    c = m.columns
    holds = (c.stance[world] == c.holder[world, place][:, None]) & (c.stance[world] != 0)
    row, unit = found(holds & ((c.duty[world] == Duty.ON_POST) | (c.duty[world] == Duty.BESIEGED)))
    inside = np.flatnonzero((c.place[world[row], unit] == place) & (c.men[world[row], unit] > 0))
    return row[inside], unit[inside]


def men_inside(m: Petrograd, place: int, world: NDArray[np.intp]) -> NDArray[np.int64]:
    """Men (n,) who hold a place from inside in some worlds."""
    row, unit = defenders(m, place, world)
    return np.bincount(row, weights=m.columns.men[world[row], unit], minlength=len(world)).astype(np.int64)


def _ring(m: Petrograd, k: int, place: int, posted: Posted) -> None:
    """A place is besieged once the other side is stronger round it than those who hold it, inside and before its doors."""
    c = m.columns
    near = besiegers(m, place, posted)
    if not len(near.world) and not np.isfinite(c.ring_at[:, k]).any():
        m.ring_strength[:, k] = 0
        return
    world, unit = defenders(m, place, np.arange(m.worlds))
    within = np.bincount(world, weights=m.unit_strength(world, unit), minlength=m.worlds)
    m.ring_strength[:, k] = np.bincount(near.world, weights=m.unit_strength(near.world, near.unit), minlength=m.worlds)
    own = posted.only(np.flatnonzero(m.at_ring[place][posted.place] & (posted.stance == c.holder[posted.world, place]) & (posted.stance != 0)))
    within = within + np.bincount(own.world, weights=m.unit_strength(own.world, own.unit), minlength=m.worlds)
    m.inner_strength[:, k] = within
    new = np.flatnonzero((m.ring_strength[:, k] > within) & (m.ring_strength[:, k] > 0) & ~np.isfinite(c.ring_at[:, k]) & (c.holder[:, place] != 0))
    if len(new):
        c.ring_at[new, k] = m.now
        event = m.note(new, "siege", place=m.setting.places.ids[place], side=-c.holder[new, place], token=f"siege:{m.setting.places.ids[place]}",
                       text=f"{m.name_of(m.setting.places.ids[place])} is besieged", because=[c.siege_cause[new, k]])
        c.siege_cause[new, k] = np.where(event >= 0, event, c.siege_cause[new, k])
    lifted = np.flatnonzero(np.isfinite(c.ring_at[:, k]) & (m.ring_strength[:, k] == 0))
    c.ring_at[lifted, k], c.firing[lifted, place] = NEVER, False
    m.note(lifted, "siege", place=m.setting.places.ids[place], side=c.holder[lifted, place], text=f"nobody besieges {m.name_of(m.setting.places.ids[place])} any more")
    shut = np.isfinite(c.ring_at[world, k])
    c.duty[world[shut], unit[shut]] = Duty.BESIEGED


def _guns(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """A blank, and live fire, when ordered and ready; hits are rare, and count on nerves."""
    c, s = m.columns, m.setting
    name = s.places.ids[place]
    blank = world[c.blank_at[world, k] <= m.now]
    if len(blank):
        c.blank_at[blank, k] = NEVER
        c.first_blank[blank, k] = np.minimum(c.first_blank[blank, k], m.now)
        _shake(m, k, place, blank, np.full(len(blank), BLANK_SHOCK))
        event = m.note(blank, "guns", place=name, side=-c.holder[blank, place], text="a great gun is fired, blank", token="event:blank_shot",
                       because=[c.siege_cause[blank, k]])
        happened(m, "event:blank_shot", blank, place, event)
    live = world[(c.fire_at[world, k] <= m.now) & (c.shells_left[world, k] > 0) & (c.paused_until[world, k] <= m.now)]
    if not len(live):
        return
    key = np.broadcast_to(s.places.keys[place], live.shape)
    mean = m.p.shell_pace[live] * m.pulse / 60
    fired = np.minimum(losses(mean, m.luck.at(live, Process.STANDOFF, luck.join(key, np.uint64(21)), m.number)), c.shells_left[live, k])
    struck = np.minimum(losses(fired * m.p.shell_hits[live], m.luck.at(live, Process.STANDOFF, luck.join(key, np.uint64(22)), m.number)), fired)
    first = live[(c.shells[live, k] == 0) & (fired > 0)]
    c.first_shell[first, k] = m.now
    event = m.note(first, "guns", place=name, side=-c.holder[first, place], text=f"live shells are fired at {m.name_of(name)}", token=f"shells:{name}",
                   because=[c.siege_cause[first, k]])
    for sign in SIDES:
        mine = -c.holder[first, place] == sign
        happened(m, f"shock:shells:{m.side_name(sign)}", first[mine], place, event[mine])
    c.shells[live, k] += fired
    c.shells_left[live, k] -= fired
    c.hits[live, k] += struck
    _shake(m, k, place, live, SHELL_SHOCK * struck)


def _shake(m: Petrograd, k: int, place: int, world: NDArray[np.intp], shock: NDArray[np.float64]) -> None:
    c = m.columns
    row, unit = defenders(m, place, world)
    c.cohesion[world[row], unit] = np.maximum(c.cohesion[world[row], unit] - shock[row], 0.0)


def _spirits(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """Cohesion follows circumstances: food, light, a telephone, and the hope of relief where the kind asks for it."""
    c, s = m.columns, m.setting
    audience = s.places.audience[place]
    side = (c.holder[world, place] > 0).astype(np.intp)
    hope = c.relief[world, audience, side]
    dark = 0.1 * ~c.power[world, place] + 0.1 * ~c.line[world, audience]
    rate = luck.chance(m.p.cohesion_drift[world], m.pulse)
    row, unit = defenders(m, place, world)
    w = world[row]
    rest = 0.75 - dark[row] - 0.01 * np.minimum((m.now - c.fed_at[w, unit]) / 60, 30.0)
    target = np.empty(len(w))
    for sort in np.unique(s.units.sort[unit]):
        mine = s.units.sort[unit] == sort
        target[mine] = SORTS[sort].spirit(rest[mine], hope[row[mine]])
    now = c.cohesion[w, unit]
    c.cohesion[w, unit] = now + (target - now) * rate[row]


def _departures(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """Men slip away singly; detachments vote to go, the sooner the more have gone, the way is open and nobody answers."""
    c, s, p = m.columns, m.setting, m.p
    row, unit = defenders(m, place, world)
    if not len(row):
        return
    w = world[row]
    audience = s.places.audience[place]
    side = c.holder[w, place].astype(np.int64)
    losing = expit(m.belief[w, audience] * -side)
    devotion = m.loyalty_of(w, unit) * side
    steadfast = np.empty(len(w))
    for sort in np.unique(s.units.sort[unit]):
        mine = s.units.sort[unit] == sort
        steadfast[mine] = SORTS[sort].steadfast(devotion[mine])
    agitators = (c.commissar_at[w, unit, (side < 0).astype(np.intp)] <= m.now) | (c.intruders[w, k] > 0)
    rate = desertion_rate(
        steadfast, c.cohesion[w, unit], (m.now - c.fed_at[w, unit]) / 60, losing, c.shells[w, k], agitators, lambda0=p.desertion_rate[w],
        a1=p.desertion_steadfast[w], a2=p.desertion_cohesion[w], a3=p.desertion_hunger[w], a4=p.desertion_belief[w], a5=p.desertion_shells[w],
        a6=p.desertion_agitators[w])
    gone = np.floor(c.men[w, unit] * luck.chance(rate, m.pulse) + m.luck.at(w, Process.DESERTION, s.units.keys[unit], m.number)).astype(np.int64)
    gone = np.minimum(gone, c.men[w, unit])
    c.men[w, unit] -= gone
    np.add.at(c.left_inside[:, k], w, gone)
    _votes(m, k, place, w, unit, steadfast, losing)


def vote_rate(
    seen_leaving: NDArray[Any], isolation: NDArray[Any], losing: NDArray[Any], steadfast: NDArray[Any], cohesion: NDArray[Any],
    offer: NDArray[Any], *, rate: Any, parley: Any,
) -> NDArray[Any]:
    """Rate per hour at which a detachment votes to go: alone, and faster once a way out is offered and a parley is had.

    (lambda_vote (1 + 3 seen_leaving) + parley offer) (.5 + isolation) 2 losing exp(-2 (steadfast - .5) - 2 (cohesion - .5)).
    """
    pull = rate * (1 + 3 * seen_leaving) + parley * offer
    return np.asarray(pull * (0.5 + isolation) * 2 * losing * np.exp(-2 * (steadfast - 0.5) - 2 * (cohesion - 0.5)))


def _votes(m: Petrograd, k: int, place: int, w: NDArray[np.intp], unit: NDArray[np.intp], steadfast: NDArray[Any], losing: NDArray[Any]) -> None:
    c, s, p = m.columns, m.setting, m.p
    audience = s.places.audience[place]
    side = (c.holder[w, place] > 0).astype(np.intp)
    still = np.bincount(w, weights=c.men[w, unit], minlength=m.worlds)[w]
    seen = np.minimum(m.columns.left_inside[w, k] / np.maximum(m.columns.left_inside[w, k] + still, 1), 1.0)
    isolation = (0.25 * ~c.line[w, audience] + 0.25 * ~c.power[w, place] + 0.25 * (m.now - c.fed_at[w, unit] > 720)
                 + 0.25 * (c.relief[w, audience, side] < 0.1))
    favoured = m.ring_strength[w, k] > m.inner_strength[w, k]
    offer = np.where(favoured, c.way_out[w, k].astype(float), 0.0)
    rate = vote_rate(seen, isolation, losing, steadfast, c.cohesion[w, unit], offer, rate=p.vote_rate[w], parley=p.parley_rate[w])
    rate = np.where(c.barred[w, k], 0.25 * rate, np.where(c.tight[w, k] & (c.way_out[w, k] == 0), 0.5 * rate, rate))
    go = m.luck.at(w, Process.LEAVE, s.units.keys[unit], m.number) < luck.chance(rate, m.pulse)
    w, unit = w[go], unit[go]
    np.add.at(m.columns.left_inside[:, k], w, c.men[w, unit])
    leaving.go_home(m, w, unit, spent=True, because=c.siege_cause[w, k])


def _fire(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """Once the term is out or a gun has spoken, ring and defenders may come to shoot at each other, as in a stand-off, and go on until a pause."""
    c, p = m.columns, m.p
    men = men_inside(m, place, world)
    begun = (c.term_at[world, k] <= m.now) | np.isfinite(c.first_blank[world, k]) | (c.shells[world, k] > 0) | (c.assault_at[world, k] <= m.now)
    begun &= (c.paused_until[world, k] <= m.now) & (men > 0) & (m.ring_strength[world, k] > 0)
    c.firing[world[~begun], place] = False
    r = log_odds(m.ring_strength[world, k] / 1e3, m.inner_strength[world, k] / 1e3 * m.position[world, place], p.odds_floor[world])
    calm = p.hostility_calm[world]
    rate = shots_rate(r, calm + (1 - calm) * c.hostility[world, place], phi_f=p.shot_rate[world], s_f=p.shot_spread[world])
    key = np.broadcast_to(m.setting.places.keys[place], world.shape)
    struck = m.luck.at(world, Process.STANDOFF, luck.join(key, np.uint64(41)), m.number) < luck.chance(rate, m.pulse)
    _shoot(m, k, place, world[begun & struck & ~c.firing[world, place]])
    firing = np.flatnonzero(c.firing[world, place])
    _fallen(m, k, place, world[firing], men[firing])


def _shoot(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    attacker = (m.columns.holder[world, place] < 0).astype(np.intp)
    shoot(m, world, np.full(len(world), place), attacker, because=lambda: (m.columns.siege_cause[world, k],))


def _fallen(m: Petrograd, k: int, place: int, world: NDArray[np.intp], men: NDArray[np.int64]) -> None:
    """The killed of both sides while they shoot: Poisson with mean a min(foes, 300) / cover an hour, as in a stand-off."""
    c, p = m.columns, m.p
    if not len(world):
        return
    holder = (c.holder[world, place] > 0).astype(np.intp)
    inside = np.zeros((len(world), c.men.shape[1]), bool)
    inside[defenders(m, place, world)] = True
    key = np.broadcast_to(m.setting.places.keys[place], world.shape)
    for side, foes, cover, tag in ((1 - holder, men, 1.0, ATTACKERS), (holder, m.ring_strength[world, k] / 1000, m.position[world, place], DEFENDERS)):
        mean = p.loss_rate[world] * np.minimum(foes, FRONTAGE) / cover * m.pulse / 60
        killed = losses(mean, m.luck.at(world, Process.CASUALTY, luck.join(key, np.uint64(tag)), m.number))
        for j in np.flatnonzero(killed):
            w, foe = world[j], int(side[j])
            mine = inside[j] if tag == DEFENDERS else m.at_ring[place][c.place[w]] & (c.duty[w] == Duty.ON_POST) & (c.stance[w] == SIDES[foe])
            bury(m, int(w), mine, place, foe, int(killed[j]))


def _infiltrate(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """Parties enter where doors are thinly held; they are disarmed while few, and disarm when many."""
    c, p = m.columns, m.p
    quiet = (c.paused_until[world, k] > m.now) | (m.ring_strength[world, k] <= 0)
    pressing = np.isfinite(c.ring_at[world, k]) & ~quiet & (c.posture[world, (c.holder[world, place] < 0).astype(np.intp)] > 0)
    men = men_inside(m, place, world)
    held = men / ENTRANCES / (p.guards_per_entrance[world] / 4)
    dusk = 1.0 if m.dark else 0.35
    rate = np.where(pressing, p.infiltration_rate[world] * dusk * np.exp(-held) * np.where(c.assault_at[world, k] <= m.now, PRESSED, 1.0), 0.0)
    key = np.broadcast_to(m.setting.places.keys[place], world.shape)
    parties = losses(rate * ENTRANCES / 4 * m.pulse / 60, m.luck.at(world, Process.STANDOFF, luck.join(key, np.uint64(31)), m.number))
    cap = np.maximum(m.ring_strength[world, k] // 1000, 0)
    entered = np.minimum(parties * PARTY, np.maximum(cap - c.intruders[world, k], 0))
    began = (c.intruders[world, k] == 0) & (entered > 0)
    c.first_inside[world[began], k] = np.minimum(c.first_inside[world[began], k], m.now)
    c.intruders[world, k] += entered
    name = m.setting.places.ids[place]
    _first(m, world[began], "infiltration", name, f"the first besiegers get into {m.name_of(name)}", f"event:infiltration:{name}", c.siege_cause[world[began], k])
    few = c.intruders[world, k] < STILL_DISARMED * np.maximum(men, 1)
    caught = luck.chance(np.full(len(world), 2.0), m.pulse)
    loses = np.floor(c.intruders[world, k] * caught + m.luck.at(world, Process.STANDOFF, luck.join(key, np.uint64(32)), m.number)).astype(np.int64)
    c.intruders[world, k] -= np.where(few, np.minimum(loses, c.intruders[world, k]), 0)
    many = world[~few & (men > 0)]
    c.first_disarming[many, k] = np.minimum(c.first_disarming[many, k], m.now)
    _first(m, many, "infiltration", name, f"inside {m.name_of(name)} the intruders begin to disarm the defenders", f"event:disarming_reverses:{name}", c.siege_cause[many, k])
    _disarm_inside(m, k, place, many)


def _first(m: Petrograd, world: NDArray[np.intp], kind: str, place: str, text: str, token: str, because: Any) -> None:
    new = m.chronicle.first(world, token)
    m.note(world[new], kind, place=place, side=1, text=text, token=token, because=[np.asarray(because)[new]])


def _disarm_inside(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """Intruders who are the many disarm one detachment after another, the least steady first."""
    c, s = m.columns, m.setting
    row, unit = defenders(m, place, world)
    rate = m.p.disarming_rate[world[row]] * (1.5 - c.cohesion[world[row], unit])
    go = m.luck.at(world[row], Process.STANDOFF, luck.join(s.units.keys[unit], np.uint64(33)), m.number) < luck.chance(rate, m.pulse)
    leaving.disarm(m, world[row[go]], unit[go])


def _storm(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """The assault, once ordered and ready; and the end: nobody left, the many inside, or the place given up."""
    c = m.columns
    men = men_inside(m, place, world)
    odds = m.ring_strength[world, k] / np.maximum(m.inner_strength[world, k], 1)
    told = (c.assault_at[world, k] <= m.now) & (c.paused_until[world, k] <= m.now)
    storm = told & (odds >= m.caution_palace[world, (c.holder[world, place] < 0).astype(np.intp)]) & (men > 0)
    _fight_inside(m, k, place, world[storm])
    empty = (men == 0) & (m.ring_strength[world, k] > 0)
    overrun = (c.intruders[world, k] > 2 * men) & (c.intruders[world, k] > 0)
    entered = told & (c.intruders[world, k] > 0)
    fallen = empty & (entered | (c.paused_until[world, k] <= m.now)) | overrun & (told | (men * 4 < c.intruders[world, k]))
    _fall(m, k, place, world[(fallen | (c.yielded[world] & m.setting.places.seat[place])) & ~m.kept[place]])


def _fight_inside(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """Inside, room by room, as one contest: losses on both sides, and parties pour in."""
    c, p, s = m.columns, m.p, m.setting
    if not len(world):
        return
    name = s.places.ids[place]
    _first(m, world, "assault", name, f"the assault on {m.name_of(name)} begins", f"event:assault:{name}", c.siege_cause[world, k])
    _shoot(m, k, place, world[~c.firing[world, place]])
    key = np.broadcast_to(s.places.keys[place], world.shape)
    parties = losses(PRESSED * p.infiltration_rate[world] * ENTRANCES * m.pulse / 60, m.luck.at(world, Process.STANDOFF, luck.join(key, np.uint64(53)), m.number))
    c.intruders[world, k] = np.minimum(c.intruders[world, k] + PARTY * parties, m.ring_strength[world, k] // 1000)


def _fall(m: Petrograd, k: int, place: int, world: NDArray[np.intp]) -> None:
    """The place is entered: those left inside are disarmed, and it changes hands."""
    c = m.columns
    if not len(world):
        return
    side = (c.holder[world, place] < 0).astype(np.intp)
    row, unit = defenders(m, place, world)
    given_up = c.yielded[world]
    holding.take(m, world, np.full(len(world), place), side, because=lambda: (c.siege_cause[world, k],),
                 how=["takes it; it is given up" if g else "takes it; the rooms are entered" for g in given_up])
    leaving.disarm(m, world[row], unit)
    _move_in(m, place, world, side)
    c.ring_at[world, k], c.fire_at[world, k], c.blank_at[world, k], c.assault_at[world, k] = NEVER, NEVER, NEVER, NEVER
    c.firing[world, place] = False


def _move_in(m: Petrograd, place: int, world: NDArray[np.intp], side: NDArray[np.intp]) -> None:
    """The largest unit of the ring stays in the place it has entered, so that it is not empty to whoever comes next."""
    c = m.columns
    near = m.at_ring[place][c.place[world]] & (c.duty[world] == Duty.ON_POST) & (c.stance[world] == np.array(SIDES)[side][:, None])
    size = np.where(near, c.men[world] + m.unit_order, -1.0)
    unit = np.argmax(size, axis=1)
    there = size[np.arange(len(world)), unit] > 0
    c.place[world[there], unit[there]] = place


def _release(m: Petrograd) -> None:
    """Where there is no ring any more, the besieged are on post again."""
    c = m.columns
    world, unit = found(c.duty == Duty.BESIEGED)
    for k, place in enumerate(m.setting.places.besieged):
        free = (c.place[world, unit] == place) & ~np.isfinite(c.ring_at[world, k])
        c.duty[world[free], unit[free]] = Duty.ON_POST
