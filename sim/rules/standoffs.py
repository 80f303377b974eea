"""Stand-offs: one side gives way, the other draws off, men change sides, or somebody shoots (ODD 7.7).

Competing hazards in the log-odds r of the two sides' strength; the first event wins. Hirshleifer 1989; Collins 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit, pdtrik

from sim import luck
from sim.agents.unit import Duty
from sim.columns import found
from sim.luck import Process
from sim.rules import holding, leaving
from sim.rules.messages import happened
from sim.script import NEVER, Purpose
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

Ints = NDArray[np.intp]
FRONTAGE = 300.0  # men who can fire at once
BREAK_WIDTH = 0.02  # how sharply a side breaks about the losses it bears
YIELD, DRAW_OFF, SHOTS, SWITCH = range(4)


def log_odds(attack: NDArray[Any], defend: NDArray[Any], floor: NDArray[Any]) -> NDArray[Any]:
    """r = ln((E_attack + e0) / (E_defend + e0))."""
    return np.asarray(np.log(attack + floor) - np.log(defend + floor))


def hazards(
    r: NDArray[Any], hostility: NDArray[Any], similarity: NDArray[Any], *, h0: Any, s: Any, rho_d: Any, rho_a: Any,
    phi_f: Any, s_f: Any, f0: Any,
) -> NDArray[Any]:
    """Rates per hour (..., 4) of: the defender yields, the attacker draws off, shots, the guard changes sides.

    h0 L((r - rho_D)/s), h0 L((-r - rho_A)/s), phi_f hostility exp(-|r|/s_F), f0 similarity, with L(x) = 1/(1 + exp(-x)).
    """
    return np.stack(np.broadcast_arrays(
        h0 * expit((r - rho_d) / s), h0 * expit((-r - rho_a) / s), phi_f * hostility * np.exp(-np.abs(r) / s_f), f0 * similarity,
    ), axis=-1)


def first_event(rates: NDArray[Any], minutes: float, uniform: NDArray[Any]) -> Ints:
    """Which of the competing hazards (..., k) strikes first within some minutes, or -1.

    Each hazard has its own uniform number (..., k) and strikes after -ln(1 - u) / rate hours; so to raise one rate can only
    bring that event forward.
    """
    with np.errstate(divide="ignore"):
        hours = -np.log1p(-uniform) / rates
    first = np.argmin(hours, axis=-1)
    struck = np.take_along_axis(hours, first[..., None], axis=-1)[..., 0] * 60 <= minutes
    return np.where(struck, first, -1)


@dataclass(frozen=True)
class Contest:
    """The places where somebody stands who does not hold them, by rows (n,)."""

    world: Ints
    place: Ints
    attacker: Ints  # side
    attack: NDArray[Any]  # strength, position not counted
    defend: NDArray[Any]
    passive: NDArray[np.bool_]  # a guard stands there that does not resist
    willing_guard: NDArray[np.bool_]  # of one mind with the attacker, and a commissar accepted

    def only(self, rows: NDArray[np.bool_]) -> Contest:
        """Some of the rows."""
        return Contest(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def standoffs(m: Petrograd) -> None:
    """Resolve who holds what, wherever one side stands on the other's ground, or on nobody's."""
    c = m.columns
    c.hostility *= (0.5 ** (m.pulse / 60.0 / m.p.hostility_half_life))[:, None]
    contest = _contests(m)
    quiet = np.ones_like(c.firing)
    quiet[contest.world, contest.place] = False
    c.occupier[quiet], c.occupied_at[quiet] = -1, NEVER
    c.firing &= ~quiet
    handed = contest.willing_guard & (contest.defend == 0)
    _hand_over(m, contest.only(handed))
    rest = contest.only(~handed & (contest.attack > 0))
    opposed = (rest.defend > 0) | rest.passive
    _occupy(m, rest.only(~opposed))
    _face(m, rest.only(opposed))
    _bridges(m)


def presence(m: Petrograd) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Strength in thousandths of a man, men, and armed men of those who act on the spot: (worlds, places, sides) each.

    A guard that has come to lean to the other side does not take its own post: it waits for somebody to hand it to.
    """
    c, tasks = m.columns, m.script.tasks
    waits = (c.task >= 0) & (tasks.act_at[c.task] > m.now) if len(tasks.act_at) else np.zeros_like(c.spent)
    holder = m.where_unit_is(c.holder)
    turned = (c.task < 0) & (holder != c.stance) & ~m.setting.units.civilian
    world, unit = found((c.duty == Duty.ON_POST) & (c.stance != 0) & ~waits & ~turned & (c.men > 0))
    shape = (m.worlds, len(m.setting.places.ids), 2)
    flat = np.ravel_multi_index((world, c.place[world, unit], (c.stance[world, unit] > 0).astype(np.intp)), shape)
    men = c.men[world, unit]
    weights = m.unit_strength(world, unit), men, men * ~m.setting.units.civilian[unit]
    counts = [np.bincount(flat, weights=x, minlength=int(np.prod(shape))).astype(np.int64).reshape(shape) for x in weights]
    return counts[0], counts[1], counts[2]


def _contests(m: Petrograd) -> Contest:
    c, places = m.columns, m.setting.places
    strength, m.men_there, m.armed_there = presence(m)
    envoys = c.envoy_at <= m.now
    claim = (strength > 0) | envoys
    both = claim.all(axis=2)
    first = np.where(both, c.occupier, -1)
    larger = np.where(strength[..., 1] > strength[..., 0], 1, 0)
    held = np.where(c.holder != 0, (c.holder > 0).astype(np.int64), np.where(first >= 0, first, np.where(both, larger, -1)))
    attacker = np.where(held >= 0, 1 - held, np.where(claim[..., 1], 1, 0))
    at_it = np.take_along_axis(claim, attacker[..., None], axis=2)[..., 0]
    at_it &= ~(c.holder == np.array(SIDES)[attacker])
    at_it[:, places.besieged] = False
    at_it &= ~m.kept
    world, place = found(at_it)
    side = attacker[world, place]
    passive, agreed = _guards(m, world, place, side)
    against = np.where(held[world, place] >= 0, strength[world, place, 1 - side], 0)
    return Contest(world, place, side, strength[world, place, side] / 1e3, against / 1e3, passive, agreed)


def _guards(m: Petrograd, world: Ints, place: Ints, side: Ints) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a guard stands at each place (n,) that will not act, and whether one hands over to the side at once."""
    c, u = m.columns, m.setting.units
    holder = m.where_unit_is(c.holder)
    posted = (c.duty == Duty.ON_POST) & ((c.stance == 0) | (c.stance != holder)) & u.roster & (c.men > 0) & (c.task < 0) & (c.arms > 0)
    passive, agreed = np.zeros(len(world), bool), np.zeros(len(world), bool)
    if not len(world):
        return passive, agreed
    w, i, row = _standing(m, world, place, posted)
    sign = np.array(SIDES)[side[row]]
    mind = m.loyalty_of(w, i) * sign
    envoy = c.envoy_at[w, c.place[w, i], side[row]] <= m.now
    accepts = envoy & (mind > 0)
    c.commissar_at[w[accepts], i[accepts], side[row][accepts]] = np.minimum(c.commissar_at[w[accepts], i[accepts], side[row][accepts]], m.now)
    passive[row] = True
    hands = (c.stance[w, i] == sign) | (mind > m.p.sympathy[w]) & (c.commissar_at[w, i, side[row]] <= m.now)
    agreed[row[hands]] = True
    return passive, agreed


def _hand_over(m: Petrograd, contest: Contest) -> None:
    """A sympathetic guard with a commissar yields at once."""
    holding.take(m, contest.world, contest.place, contest.attacker, how=["takes it; the guard sides with the commissar"] * len(contest.world),
                 because=_causes(m, contest), actors=_present(m, contest))


def _occupy(m: Petrograd, contest: Contest) -> None:
    """A place without a guard passes to whoever stands on it armed and unopposed for some minutes."""
    c = m.columns
    w, p = contest.world, contest.place
    new = c.occupier[w, p] != contest.attacker
    c.occupied_at[w[new], p[new]] = m.now
    c.occupier[w, p] = contest.attacker
    armed = m.armed_there[w, p, contest.attacker] > 0
    done = (m.now - c.occupied_at[w, p] >= m.p.occupation[w]) & ~new & armed
    won = contest.only(done)
    holding.take(m, won.world, won.place, won.attacker, how=["occupies it; nobody stands in the way"] * len(won.world),
                 because=_causes(m, won), actors=_present(m, won))


def _face(m: Petrograd, contest: Contest) -> None:
    """Two sides face each other, or one faces a guard that does not resist."""
    c, p, w, place = m.columns, m.p, contest.world, contest.place
    if not len(w):
        return
    r = log_odds(contest.attack, contest.defend * m.position[w, place], p.odds_floor[w])
    calm = p.hostility_calm[w]
    hostility = np.where(contest.defend > 0, calm + (1 - calm) * c.hostility[w, place], 0.0)
    rates = hazards(r, hostility, _similarity(m, contest), h0=p.yield_rate[w], s=p.yield_spread[w], rho_d=p.defender_margin[w],
                    rho_a=p.attacker_margin[w], phi_f=p.shot_rate[w], s_f=p.shot_spread[w], f0=p.switch_rate[w])
    rates = np.concatenate([rates, _fight(m, contest)], axis=1)
    hazard = luck.join(m.setting.places.keys[place][:, None], np.arange(rates.shape[1], dtype=np.uint64)[None, :])
    uniform = m.luck.at(np.broadcast_to(w[:, None], rates.shape), Process.STANDOFF, hazard, m.number)
    event = first_event(rates, m.pulse, uniform)
    yields = np.isin(event, (YIELD, SWITCH, 4))
    _yield(m, contest.only(yields), event[yields], r[yields])
    off = np.isin(event, (DRAW_OFF, 5))
    _draw_off(m, contest.only(off))
    _open_fire(m, contest.only(event == SHOTS))


def _similarity(m: Petrograd, contest: Contest) -> NDArray[np.float64]:
    """max(0, 1 - |d_A - d_D| / 2) where the guard's own mind leans to the attacker, else 0; mean minds by men."""
    c = m.columns
    sign = np.array(SIDES)[contest.attacker]
    w, i, row = _standing(m, contest.world, contest.place, (c.duty == Duty.ON_POST) & (c.men > 0))
    men = c.men[w, i]
    mind = np.rint(1e6 * m.loyalty_of(w, i)) * men
    group = 2 * row + (c.stance[w, i] != sign[row])
    size = 2 * len(contest.world)
    minds = np.bincount(group, weights=mind, minlength=size) / np.maximum(np.bincount(group, weights=men, minlength=size), 1) / 1e6
    attack, guard = minds[0::2], minds[1::2]
    return np.where(guard * sign > 0, np.maximum(0.0, 1 - np.abs(attack - guard) / 2), 0.0)


def _standing(m: Petrograd, world: Ints, place: Ints, who: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """The units among `who` (w, u) at some places (n,): world, unit, and the row of the place."""
    spot = np.full((m.worlds, len(m.setting.places.ids)), -1, np.intp)
    spot[world, place] = np.arange(len(world))
    w, i = found(who)
    row = spot[w, m.columns.place[w, i]]
    here = row >= 0
    return w[here], i[here], row[here]


def losses(expected: NDArray[Any], uniform: NDArray[Any]) -> NDArray[np.int64]:
    """Poisson numbers of killed out of uniform ones (n,)."""
    safe = np.maximum(expected, 1e-12)
    many = np.ceil(pdtrik(np.maximum(uniform, np.exp(-safe)), safe) - 1e-9)
    return np.where(uniform <= np.exp(-safe), 0, np.nan_to_num(many)).astype(np.int64)


def _fight(m: Petrograd, contest: Contest) -> NDArray[np.float64]:
    """Losses where there is shooting, and the rates (n, 2) at which defender and attacker break under them."""
    c, p, s = m.columns, m.p, m.setting
    rates = np.zeros((len(contest.world), 2))
    rows = np.flatnonzero(c.firing[contest.world, contest.place])
    if not len(rows):
        return rates
    w, place = contest.world[rows], contest.place[rows]
    for column, side, cover in ((0, 1 - contest.attacker[rows], m.position[w, place]), (1, contest.attacker[rows], np.ones(len(rows)))):
        key = luck.join(s.places.keys[place], np.uint64(column + 11))
        foes = np.minimum(m.men_there[w, place, 1 - side], FRONTAGE)
        killed = losses(p.loss_rate[w] * foes / cover * m.pulse / 60, m.luck.at(w, Process.CASUALTY, key, m.number))
        _kill(m, w, place, side, killed)
        share = c.lost_there[w, place, side] / np.maximum(c.strength_then[w, place, side], 1)
        bears = betaincinv(2, 18, m.luck.at(w, Process.CASUALTY, luck.join(key, np.uint64(3)), int(np.uint32(0))))
        rates[rows, column] = np.where(share > 0, p.break_rate[w] * expit((share - bears) / BREAK_WIDTH), 0.0)
    return rates


def _kill(m: Petrograd, world: Ints, place: Ints, side: Ints, killed: NDArray[np.int64]) -> None:
    """Take the killed of a fight from the largest unit of a side on the spot."""
    c = m.columns
    for k in np.flatnonzero(killed):
        w, p, s = world[k], place[k], side[k]
        here = (c.place[w] == p) & (c.stance[w] == SIDES[s]) & (c.duty[w] == Duty.ON_POST)
        c.lost_there[w, p, s] += bury(m, int(w), here, int(s), int(killed[k]))


def bury(m: Petrograd, world: int, units: NDArray[np.bool_], side: int, killed: int) -> int:
    """Take some killed from the largest of the units of one world; how many there were to fall."""
    c = m.columns
    if not units.any():
        return 0
    unit = int(np.argmax(np.where(units, c.men[world] + m.unit_order, -1)))
    fallen = min(killed, int(c.men[world, unit]))
    c.men[world, unit] -= fallen
    c.killed[world, side] += fallen
    return fallen


def _open_fire(m: Petrograd, contest: Contest) -> None:
    c, s = m.columns, m.setting
    w, p = contest.world, contest.place
    new = ~c.firing[w, p]
    c.hostility[w, p] = 1.0
    c.firing[w, p] = True
    w, p, side = w[new], p[new], contest.attacker[new]
    if not len(w):
        return
    c.strength_then[w, p] = m.men_there[w, p]
    c.lost_there[w, p] = 0.0
    names = [s.places.ids[x] for x in p]
    event = m.note(w, "shots", place=names, side=2 * side - 1, text=[f"shots at {m.name_of(n)}" for n in names], because=_causes(m, contest.only(new)),
                   token=[f"shots:{n}" for n in names])
    for k in (0, 1):
        happened(m, f"shock:shots:{m.side_name(SIDES[k])}", w[side == k], p[side == k], event[side == k])


def _yield(m: Petrograd, contest: Contest, event: Ints, r: NDArray[Any]) -> None:
    """The defender gives way: disarmed if badly outnumbered, else he goes home; a guard that did not resist stays."""
    c = m.columns
    how = [{SWITCH: "takes it; the guard comes over", 4: "takes it after a fight"}.get(int(e), "takes it; the guard gives way") for e in event]
    how = [h if d > 0 else "takes it; the guard does not resist" for h, d in zip(how, contest.defend, strict=True)]
    actors, causes = _present(m, contest), _causes(m, contest)
    for k, (w, p, side) in enumerate(zip(contest.world, contest.place, contest.attacker, strict=True)):
        losers = np.flatnonzero((c.place[w] == p) & (c.duty[w] == Duty.ON_POST) & (c.stance[w] == -SIDES[side]))
        rows = np.full(len(losers), w)
        if event[k] == SWITCH:
            c.stance[w, losers] = SIDES[side]
            leaving.drop_orders(m, rows, losers)
        elif r[k] > np.log(m.p.disarm_odds[w]):
            leaving.disarm(m, rows, losers)
        else:
            leaving.go_home(m, rows, losers)
    holding.take(m, contest.world, contest.place, contest.attacker, how=how, because=causes, actors=actors)


def _draw_off(m: Petrograd, contest: Contest) -> None:
    """The attacker goes away; if he was going to take something, that is noted."""
    c, s = m.columns, m.setting
    if not len(contest.world):
        return
    names = [s.places.ids[p] for p in contest.place]
    holder = c.holder[contest.world, contest.place]
    event = m.note(contest.world, "repulse", place=names, side=holder, because=_causes(m, contest), actors=_present(m, contest),
                   text=[f"{m.name_of(n)}: {m.side_title(2 * a - 1)}'s men come to take it and draw off" for n, a in zip(names, contest.attacker, strict=True)],
                   token=[f"hold:{n}:{m.side_name(h)}" for n, h in zip(names, holder, strict=True)])
    c.firing[contest.world, contest.place] = False
    for k, (w, p, side) in enumerate(zip(contest.world, contest.place, contest.attacker, strict=True)):
        units = np.flatnonzero((c.place[w] == p) & (c.duty[w] == Duty.ON_POST) & (c.stance[w] == SIDES[side]))
        leaving.go_home(m, np.full(len(units), w), units, because=np.full(len(units), event[k]))
        c.refused_at[w, units, side] = m.now


def _bridges(m: Petrograd) -> None:
    """A party told to raise a bridge does it once its side holds the bridge."""
    c, s, tasks = m.columns, m.setting, m.script.tasks
    task = c.task
    raising = (task >= 0) & (c.duty == Duty.ON_POST)
    if len(tasks.place):
        raising &= tasks.purpose[task] == Purpose.RAISE
    world, unit = found(raising)
    place = c.place[world, unit]
    own = (c.holder[world, place] == c.stance[world, unit]) & (c.stance[world, unit] != 0) & s.places.span[place]
    start = own & ~c.raised[world, place] & ~np.isfinite(c.raise_at[world, place])
    w, p = world[start], place[start]
    factor = luck.lognormal(m.luck.at(w, Process.ASSEMBLY, s.places.keys[p], 0), 0.4)
    c.raise_at[w, p] = m.now + m.p.raising_time[w] * factor
    manned = np.zeros_like(c.raised)
    manned[world[own], place[own]] = True
    c.raise_at[~manned] = NEVER
    w, p = found((c.raise_at <= m.now) & manned & ~c.raised)
    holding.set_bridge(m, w, p, raised=True)


def _present(m: Petrograd, contest: Contest) -> list[tuple[str, ...]]:
    """The forces of the attacking side on the spot, for the chronicle."""
    if not m.chronicle.keep:
        return [()] * len(contest.world)
    c, s = m.columns, m.setting
    there = []
    for w, p, side in zip(contest.world, contest.place, contest.attacker, strict=True):
        units = np.flatnonzero((c.place[w] == p) & (c.duty[w] == Duty.ON_POST) & (c.stance[w] == SIDES[side]))
        there.append(tuple(s.units.ids[u] for u in units))
    return there


def _causes(m: Petrograd, contest: Contest) -> tuple[NDArray[np.int64], ...]:
    """The event behind the first attacker's order, and the last change of hands of the place."""
    c = m.columns
    order = np.full(len(contest.world), -1, np.int64)
    if m.chronicle.keep:
        for k, (w, p, side) in enumerate(zip(contest.world, contest.place, contest.attacker, strict=True)):
            units = np.flatnonzero((c.place[w] == p) & (c.duty[w] == Duty.ON_POST) & (c.stance[w] == SIDES[side]))
            order[k] = c.cause[w, units].max(initial=-1)
            if order[k] < 0:
                order[k] = m.columns.envoy_cause[w, p, side]
    return order, c.holder_cause[contest.world, contest.place]
