"""Stand-offs: one side gives way, the other draws off, men change sides, or somebody shoots (ODD 7.7).

Competing hazards in the log-odds r of the two sides' strength; the first event wins. Hirshleifer 1989; Collins 2008.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from sim.rules.messages import all_happened
from sim.script import NEVER
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

Ints = NDArray[np.intp]
FRONTAGE = 300.0  # men who can fire at once
BREAK_WIDTH = 0.02  # how sharply a side breaks about the losses it bears
GIVEN_OUT = 2
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
        h0 * expit((r - rho_d) / s), h0 * expit((-r - rho_a) / s), shots_rate(r, hostility, phi_f=phi_f, s_f=s_f), f0 * similarity,
    ), axis=-1)


def shots_rate(r: NDArray[Any], hostility: NDArray[Any], *, phi_f: Any, s_f: Any) -> NDArray[Any]:
    """Rate per hour at which two sides that face each other come to shoot: phi_f hostility exp(-|r|/s_F)."""
    return np.asarray(phi_f * hostility * np.exp(-np.abs(r) / s_f))


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
class Posted:
    """The units on post, by rows (n,): where they stand, and what they stand for."""

    row: Ints  # of the table of (worlds, units)
    spot: Ints  # of the table of (worlds, places)
    stance: NDArray[np.int8]
    units: int
    places: int

    @property
    def world(self) -> Ints:
        """The world of each."""
        return self.row // self.units

    @property
    def unit(self) -> Ints:
        """Which unit each is."""
        return self.row % self.units

    @property
    def place(self) -> Ints:
        """The place where each stands."""
        return self.spot % self.places

    def only(self, rows: NDArray[Any]) -> Posted:
        """Some of the rows."""
        return Posted(self.row[rows], self.spot[rows], self.stance[rows], self.units, self.places)


@dataclass(frozen=True)
class Contest:
    """The places where somebody stands who does not hold them, by rows (n,)."""

    world: Ints
    place: Ints
    attacker: Ints  # side
    attack: NDArray[Any]  # strength, position not counted
    defend: NDArray[Any]
    armed: NDArray[np.bool_]  # not only unarmed townsmen come
    passive: NDArray[np.bool_]  # a guard stands there that does not resist
    willing_guard: NDArray[np.bool_]  # of one mind with the attacker, and a commissar accepted

    def only(self, rows: NDArray[np.bool_]) -> Contest:
        """Some of the rows."""
        return Contest(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def standoffs(m: Petrograd) -> None:
    """Resolve who holds what, wherever one side stands on the other's ground, or on nobody's."""
    c = m.columns
    c.hostility *= (0.5 ** (m.pulse / 60.0 / m.p.hostility_half_life))[:, None]
    posted = on_post(m)
    contest, there = _contests(m, posted)
    _calm(m, contest)
    if len(contest.world):
        _resolve(m, contest, there)
    _bridges(m, posted)


def _calm(m: Petrograd, contest: Contest) -> None:
    """Where nobody contests a place any more, nobody is about to occupy it, and nobody shoots."""
    c = m.columns
    occupier, occupied_at, firing = c.occupier.reshape(-1), c.occupied_at.reshape(-1), c.firing.reshape(-1)
    disputed = np.flatnonzero((occupier >= 0) | firing)
    if not len(disputed):
        return
    still = np.tile(m.withheld, m.worlds)  # what is besieged has its fire from the siege
    still[contest.world * c.firing.shape[1] + contest.place] = True
    quiet = disputed[~still[disputed]]
    occupier[quiet], occupied_at[quiet], firing[quiet] = -1, NEVER, False


def _resolve(m: Petrograd, contest: Contest, there: Posted) -> None:
    """A guard may hand over at once; a place without one is occupied; else two sides face each other."""
    handed = contest.willing_guard & (contest.defend == 0)
    _hand_over(m, contest.only(handed))
    rest = contest.only(~handed & (contest.attack > 0))
    opposed = (rest.defend > 0) | rest.passive
    _occupy(m, rest.only(~opposed))
    _face(m, rest.only(opposed), there)


def on_post(m: Petrograd) -> Posted:
    """Who is on post now."""
    c = m.columns
    row = np.flatnonzero(c.duty == Duty.ON_POST)
    return Posted(row, m.spot_base.take(row) + c.place.take(row), c.stance.take(row), c.duty.shape[1], c.holder.shape[1])


def presence(m: Petrograd, acts: Posted, spots: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Strength in thousandths of a man, men, and armed men of those who act at some places (n,): (n, sides) each."""
    world, unit, men = acts.world, acts.unit, m.columns.men.take(acts.row)
    flat = 2 * _rank(m, spots).take(acts.spot) + (acts.stance > 0)
    weights = m.unit_strength(world, unit), men, men * ~m.setting.units.civilian[unit]
    counts = [np.bincount(flat, weights=x, minlength=2 * len(spots)).astype(np.int64).reshape(-1, 2) for x in weights]
    return counts[0], counts[1], counts[2]


def _acting(m: Petrograd, posted: Posted) -> Posted:
    """Those who act on the spot: a guard that has come to lean to the other side does not take its own post, but waits for somebody to hand it to."""
    c, civilian = m.columns, m.setting.units.civilian
    task, foreign = c.task.take(posted.row), c.holder.take(posted.spot) != posted.stance
    turned = (task < 0) & foreign & ~civilian[posted.unit]
    return posted.only(np.flatnonzero((posted.stance != 0) & (m.act_at[task] <= m.now) & ~turned & (c.men.take(posted.row) > 0)))


def _rank(m: Petrograd, spots: Ints) -> Ints:
    """For every place of the table (worlds, places) its row among some (n,), or -1."""
    rank = np.full(m.columns.holder.size, -1, np.intp)
    rank[spots] = np.arange(len(spots))
    return rank


def _claimed(m: Petrograd, posted: Posted) -> tuple[Ints, Posted]:
    """The places where somebody of a side that does not hold them may claim them, or a party looks about; and who stands there."""
    c = m.columns
    foreign = _acting(m, posted.only(np.flatnonzero((posted.stance != 0) & (c.holder.take(posted.spot) != posted.stance))))
    envoy = np.flatnonzero(c.envoy_at <= m.now)
    envoy = envoy[c.holder.take(envoy >> 1) != 2 * (envoy & 1) - 1]
    claimed = np.zeros(c.holder.size, bool)
    claimed[foreign.spot] = True
    claimed[envoy >> 1] = True
    world, task = found(c.task_state[:, m.arrests] == GIVEN_OUT)
    claimed[world * c.holder.shape[1] + m.script.tasks.place[m.arrests[task]]] = True
    return np.flatnonzero(claimed), posted.only(np.flatnonzero(claimed.take(posted.spot)))


def _contests(m: Petrograd, posted: Posted) -> tuple[Contest, Posted]:
    """The places that somebody contests, and who stands at those that might be; the men there are counted there alone."""
    c, places = m.columns, m.setting.places
    spots, there = _claimed(m, posted)
    world, place = np.divmod(spots, len(places.ids))
    strength, men, armed = presence(m, _acting(m, there), spots)
    m.men_there[world, place] = men
    claim = (strength > 0) | (c.envoy_at[world, place] <= m.now)
    cover = covering_fire(m, world, place)
    both = claim[:, 0] & claim[:, 1]
    holder = c.holder[world, place]
    first = np.where(both, c.occupier[world, place], -1)
    larger = np.where(strength[:, 1] > strength[:, 0], 1, 0)
    swept = np.where((cover > 0) & claim[:, ::-1] & ~claim, [0, 1], -1).max(axis=1)  # only men whom the stronghold's fire would meet are there
    held = np.where(holder != 0, (holder > 0).astype(np.int64), np.where(first >= 0, first, np.where(both, larger, swept)))
    attacker = np.where(held >= 0, 1 - held, np.where(claim[:, 1], 1, 0))
    at_it = np.where(attacker == 1, claim[:, 1], claim[:, 0]) & (holder != 2 * attacker - 1) & ~m.withheld[place] & ~m.kept[place]
    rows = np.flatnonzero(at_it)
    world, place, side, held = world[rows], place[rows], attacker[rows], held[rows]
    passive, agreed = _guards(m, world, place, side, there)
    attack = strength[rows, side] + cover[rows, side] * (strength[rows, side] > 0)
    against = np.where(held >= 0, (strength + cover)[rows, 1 - side], 0)
    return Contest(world, place, side, attack / 1e3, against / 1e3, armed[rows, side] > 0, passive, agreed), there


def covering_fire(m: Petrograd, world: Ints, place: Ints) -> NDArray[np.int64]:
    """Strength (n, sides), in thousandths of a man, that reaches some places from a stronghold whose fire sweeps them.

    A party reckons with a share of all who are inside and not of its own mind: it cannot know who would shoot.
    """
    c, fort = m.columns, m.setting.places.under_fire_of[place]
    cover = np.zeros((len(world), 2), np.int64)
    for stronghold in np.unique(fort[fort >= 0]):
        rows = np.flatnonzero((fort == stronghold) & (c.holder[world, stronghold] != 0))
        w, side = world[rows], c.holder[world[rows], stronghold].astype(np.int64)
        row, unit = found((c.place[w] == stronghold) & (c.stance[w] * side[:, None] >= 0) & (c.duty[w] != Duty.UNDER_WAY) & (c.duty[w] != Duty.GONE) & (c.arms[w] > 0))
        strength = np.bincount(row, weights=m.unit_strength(w[row], unit), minlength=len(rows))
        men = np.bincount(row, weights=c.men[w[row], unit], minlength=len(rows))
        bearing = m.p.cover_share[w] * np.minimum(1.0, FRONTAGE / np.maximum(men, 1.0))
        cover[rows, (side > 0).astype(np.intp)] = bearing * strength * m.position[w, stronghold]  # they shoot from behind its walls
    return cover


def _guards(m: Petrograd, world: Ints, place: Ints, side: Ints, posted: Posted) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a guard stands at each place (n,) that will not act, and whether one hands over to the side at once."""
    c, roster = m.columns, m.setting.units.roster
    passive, agreed = np.zeros(len(world), bool), np.zeros(len(world), bool)
    if not len(world):
        return passive, agreed
    row = _row_of(m, posted, world, place)
    idle = np.flatnonzero((row >= 0) & roster[posted.unit])
    posted, row = posted.only(idle), row[idle]
    w, i, at, stance = posted.world, posted.unit, posted.place, posted.stance
    guard = ((stance == 0) | (stance != c.holder[w, at])) & (c.men[w, i] > 0) & (c.task[w, i] < 0) & (c.arms[w, i] > 0)
    w, i, row, stance, at = w[guard], i[guard], row[guard], stance[guard], at[guard]
    sign = np.array(SIDES)[side[row]]
    mind = m.loyalty_of(w, i) * sign
    envoy = c.envoy_at[w, at, side[row]] <= m.now
    accepts = envoy & (mind > 0)
    c.commissar_at[w[accepts], i[accepts], side[row][accepts]] = np.minimum(c.commissar_at[w[accepts], i[accepts], side[row][accepts]], m.now)
    passive[row] = True
    hands = (stance == sign) | (mind > m.p.sympathy[w]) & (c.commissar_at[w, i, side[row]] <= m.now)
    agreed[row[hands]] = True
    return passive, agreed


def _hand_over(m: Petrograd, contest: Contest) -> None:
    """A sympathetic guard with a commissar yields at once."""
    holding.take(m, contest.world, contest.place, contest.attacker, how="takes it; the guard sides with the commissar",
                 because=lambda: _causes(m, contest), actors=lambda: _present(m, contest))


def _occupy(m: Petrograd, contest: Contest) -> None:
    """A place without a guard passes to whoever stands on it armed and unopposed for some minutes."""
    c = m.columns
    w, p = contest.world, contest.place
    new = c.occupier[w, p] != contest.attacker
    c.occupied_at[w[new], p[new]] = m.now
    c.occupier[w, p] = contest.attacker
    done = (m.now - c.occupied_at[w, p] >= m.p.occupation[w]) & ~new & contest.armed
    won = contest.only(done)
    holding.take(m, won.world, won.place, won.attacker, how="occupies it; nobody stands in the way",
                 because=lambda: _causes(m, won), actors=lambda: _present(m, won))


def _face(m: Petrograd, contest: Contest, there: Posted) -> None:
    """Two sides face each other, or one faces a guard that does not resist."""
    c, p, w, place = m.columns, m.p, contest.world, contest.place
    if not len(w):
        return
    r = log_odds(contest.attack, contest.defend * m.position[w, place], p.odds_floor[w])
    calm = p.hostility_calm[w]
    hostility = np.where(contest.defend > 0, calm + (1 - calm) * c.hostility[w, place], 0.0)
    rates = hazards(r, hostility, _similarity(m, contest, there), h0=p.yield_rate[w], s=p.yield_spread[w], rho_d=p.defender_margin[w],
                    rho_a=p.attacker_margin[w], phi_f=p.shot_rate[w], s_f=p.shot_spread[w], f0=p.switch_rate[w])
    rates = np.concatenate([rates, _fight(m, contest)], axis=1)
    hazard = luck.join(m.setting.places.keys[place][:, None], np.arange(rates.shape[1], dtype=np.uint64)[None, :])
    uniform = m.luck.at(np.broadcast_to(w[:, None], rates.shape), Process.STANDOFF, hazard, m.number)
    event = first_event(rates, m.pulse, uniform)
    if (event < 0).all():
        return
    yields = (event == YIELD) | (event == SWITCH) | (event == 4)
    _yield(m, contest.only(yields), event[yields], r[yields], there)
    _draw_off(m, contest.only((event == DRAW_OFF) | (event == 5)), there)
    _open_fire(m, contest.only(event == SHOTS))


def _similarity(m: Petrograd, contest: Contest, there: Posted) -> NDArray[np.float64]:
    """max(0, 1 - |d_A - d_D| / 2) where the guard's own mind leans to the attacker, else 0; mean minds by men."""
    c = m.columns
    sign = np.array(SIDES)[contest.attacker]
    w, i, row = _standing(m, contest, there)
    some = c.men[w, i] > 0
    w, i, row = w[some], i[some], row[some]
    men = c.men[w, i]
    mind = np.rint(1e6 * m.loyalty_of(w, i)) * men
    group = 2 * row + (c.stance[w, i] != sign[row])
    size = 2 * len(contest.world)
    minds = np.bincount(group, weights=mind, minlength=size) / np.maximum(np.bincount(group, weights=men, minlength=size), 1) / 1e6
    attack, guard = minds[0::2], minds[1::2]
    return np.where(guard * sign > 0, np.maximum(0.0, 1 - np.abs(attack - guard) / 2), 0.0)


def _standing(m: Petrograd, contest: Contest, there: Posted) -> tuple[Ints, Ints, Ints]:
    """Who stands at some contested places (n,): world, unit, and the row of the place."""
    row = _row_of(m, there, contest.world, contest.place)
    here = np.flatnonzero(row >= 0)
    there = there.only(here)
    return there.world, there.unit, row[here]


def _row_of(m: Petrograd, posted: Posted, world: Ints, place: Ints) -> Ints:
    """For everybody on post the row, among some places (n,), of the place where he stands, or -1."""
    return _rank(m, world * len(m.setting.places.ids) + place).take(posted.spot)


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
        c.lost_there[w, p, s] += bury(m, int(w), here, int(p), int(s), int(killed[k]))


def bury(m: Petrograd, world: int, units: NDArray[np.bool_], place: int, side: int, killed: int) -> int:
    """Take some killed in a fight for a place from the largest of the units of one world; how many there were to fall."""
    c = m.columns
    if not units.any():
        return 0
    unit = int(np.argmax(np.where(units, c.men[world] + m.unit_order, -1)))
    fallen = min(killed, int(c.men[world, unit]))
    c.men[world, unit] -= fallen
    c.killed[world, side] += fallen
    c.fallen[world, place, side] += fallen
    return fallen


def _open_fire(m: Petrograd, contest: Contest) -> None:
    c = m.columns
    new = ~c.firing[contest.world, contest.place]
    c.hostility[contest.world, contest.place] = 1.0
    begun = contest.only(new)
    c.strength_then[begun.world, begun.place] = m.men_there[begun.world, begun.place]
    c.lost_there[begun.world, begun.place] = 0.0
    shoot(m, begun.world, begun.place, begun.attacker, because=lambda: _causes(m, begun))


def shoot(m: Petrograd, world: Ints, place: Ints, attacker: Ints, because: Callable[[], Sequence[Any]]) -> None:
    """Shooting begins at some places (n,); the side that attacks is blamed for it by whoever hears."""
    c = m.columns
    if not len(world):
        return
    c.firing[world, place], c.hostility[world, place] = True, 1.0
    c.first_shots[world, place] = np.minimum(c.first_shots[world, place], m.now)
    event = m.untold(world)
    if m.chronicle.keep:
        names = [m.setting.places.ids[x] for x in place]
        event = m.note(world, "shots", place=names, side=2 * attacker - 1, text=[f"shots at {m.name_of(n)}" for n in names],
                       because=because(), token=[f"shots:{n}" for n in names])
    all_happened(m, m.shots_fact[attacker], world, place, event)


def _yield(m: Petrograd, contest: Contest, event: Ints, r: NDArray[Any], there: Posted) -> None:
    """The defender gives way: disarmed if badly outnumbered, else he goes home; a guard that did not resist stays."""
    c = m.columns
    if not len(contest.world):
        return
    told = (_causes(m, contest), _present(m, contest), _how(contest, event)) if m.chronicle.keep else ((), (), "")
    w, i, row = _standing(m, contest, there)
    order = np.argsort(row, kind="stable")
    w, i, row = w[order], i[order], row[order]
    loses = c.stance[w, i] == -np.array(SIDES)[contest.attacker[row]]
    w, i, row = w[loses], i[loses], row[loses]
    over = event[row] == SWITCH
    hopeless = ~over & (r[row] > np.log(m.p.disarm_odds[w]))
    c.stance[w[over], i[over]] = np.array(SIDES)[contest.attacker[row[over]]]
    leaving.drop_orders(m, w[over], i[over])
    leaving.disarm(m, w[hopeless], i[hopeless])
    leaving.go_home(m, w[~over & ~hopeless], i[~over & ~hopeless])
    holding.take(m, contest.world, contest.place, contest.attacker, how=told[2], because=lambda: told[0], actors=lambda: told[1])


def _how(contest: Contest, event: Ints) -> list[str]:
    """In what way each place (n,) was won, for the chronicle."""
    ways = {SWITCH: "takes it; the guard comes over", 4: "takes it after a fight"}
    how = [ways.get(int(e), "takes it; the guard gives way") for e in event]
    return [h if d > 0 else "takes it; the guard does not resist" for h, d in zip(how, contest.defend, strict=True)]


def _draw_off(m: Petrograd, contest: Contest, there: Posted) -> None:
    """The attacker goes away; if he was going to take something, that is noted."""
    c = m.columns
    if not len(contest.world):
        return
    event = _note_repulse(m, contest) if m.chronicle.keep else m.untold(contest.world)
    c.firing[contest.world, contest.place] = False
    w, i, row = _standing(m, contest, there)
    order = np.argsort(row, kind="stable")
    w, i, row = w[order], i[order], row[order]
    side = contest.attacker[row]
    mine = (c.stance[w, i] == np.array(SIDES)[side]) & (c.duty[w, i] == Duty.ON_POST)
    leaving.go_home(m, w[mine], i[mine], because=event[row[mine]])
    c.refused_at[w[mine], i[mine], side[mine]] = m.now


def _note_repulse(m: Petrograd, contest: Contest) -> NDArray[np.int64]:
    names = [m.setting.places.ids[p] for p in contest.place]
    holder = m.columns.holder[contest.world, contest.place]
    return m.note(
        contest.world, "repulse", place=names, side=holder, because=_causes(m, contest), actors=_present(m, contest),
        text=[f"{m.name_of(n)}: {m.side_title(2 * a - 1)}'s men come to take it and draw off" for n, a in zip(names, contest.attacker, strict=True)],
        token=[f"hold:{n}:{m.side_name(h)}" for n, h in zip(names, holder, strict=True)])


def _bridges(m: Petrograd, posted: Posted) -> None:
    """A party told to raise a bridge does it once its side holds the bridge, and nobody of the other side stands on it."""
    c, s = m.columns, m.setting
    span = posted.only(np.flatnonzero(m.raises[c.task.take(posted.row)] & m.span_spot.take(posted.spot)))
    world, unit = span.world, span.unit
    still = c.duty[world, unit] == Duty.ON_POST
    world, unit = world[still], unit[still]
    place = c.place[world, unit]
    own = (c.holder[world, place] == c.stance[world, unit]) & (c.stance[world, unit] != 0)
    start = own & ~c.raised[world, place] & ~np.isfinite(c.raise_at[world, place])
    w, p = world[start], place[start]
    factor = luck.lognormal(m.luck.at(w, Process.ASSEMBLY, s.places.keys[p], 0), 0.4)
    c.raise_at[w, p] = m.now + m.p.raising_time[w] * factor
    w, p = found(np.isfinite(c.raise_at))
    if not len(w):
        return
    manned = np.zeros_like(c.raised)
    manned[world[own], place[own]] = True
    foes = posted.only(np.flatnonzero(m.span_spot.take(posted.spot) & (posted.stance == -c.holder.take(posted.spot)) & (posted.stance != 0)))
    manned.reshape(-1)[foes.spot] = False  # a span with people on it cannot go up
    manned = manned[w, p]
    c.raise_at[w[~manned], p[~manned]] = NEVER
    due = manned & (c.raise_at[w, p] <= m.now) & ~c.raised[w, p]
    holding.set_bridge(m, w[due], p[due], raised=True)


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
