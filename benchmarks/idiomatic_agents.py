"""The agents of the peer (idiomatic.py): units, and the places they stand in, in plain Python.

The rules are those of sim/rules/stances.py, marches.py and standoffs.py, an agent at a time.
"""

from __future__ import annotations

from math import exp, expm1, inf, log, log1p, tanh
from operator import attrgetter
from typing import Any

import numpy as np
from mesa.discrete_space import Cell, CellAgent
from scipy.special.cython_special import betainc, ndtri, pdtrik

from sim import luck
from sim.city.streets import RAIL_SPEED, SHIP
from sim.journal import (
    ARRIVES,
    BLOCKED,
    BRIDGE_MOVES,
    CAPTURE,
    LEAVES,
    PRISONERS,
    REPULSE,
    SHELLS,
    SHOTS,
    TRAIN_BACK,
    TRAIN_HELD,
)
from sim.rules import marches, musters, stances, standoffs
from sim.rules.firefight import FEEDS, FRONTAGE, MILLION, USUAL
from sim.rules.marches import BY_RAIL, BY_WATER
from sim.rules.standoffs import SWITCHES
from sim.state import (
    ARRIVED,
    BESIEGED,
    CALL,
    FRONT,
    GARRISON,
    GONE,
    GUARD,
    IN_QUARTERS,
    LEFT,
    MUSTER,
    NEVER,
    ON_POST,
    RAISE,
    REGIMENTS,
    RING,
    STOPPED,
    UNDER_WAY,
)

ALL = 2**64 - 1
GOLDEN, STRIDE, FIRST, SECOND = (int(n) for n in (luck.GOLDEN, luck.STRIDE, luck.FIRST, luck.SECOND))


def mix(bits: int) -> int:
    """Scramble 64 bits, as sim.luck does."""
    bits = (bits ^ (bits >> 30)) * FIRST & ALL
    bits = (bits ^ (bits >> 27)) * SECOND & ALL
    return bits ^ (bits >> 31)


def join(first: int, second: int) -> int:
    """One key out of two."""
    return mix(first * 3 & ALL ^ mix(second))


def uniform(world: int, process: int, key: int, turn: int) -> float:
    """A uniform number in (0, 1), looked up; `mix` is written out, twice."""
    bits = key ^ ((turn + 1) * GOLDEN + process * STRIDE & ALL)
    bits = (bits ^ bits >> 30) * FIRST & ALL
    bits = (bits ^ bits >> 27) * SECOND & ALL
    bits ^= world ^ bits >> 31
    bits = (bits ^ bits >> 30) * FIRST & ALL
    bits = (bits ^ bits >> 27) * SECOND & ALL
    return (((bits ^ bits >> 31) >> 12) * 2 + 1) * 2.0**-53


def normal(u: float) -> float:
    """The standard normal quantile."""
    return ndtri(u) if u <= 0.5 else -ndtri(1.0 - u)


def lognormal(u: float, sigma: float) -> float:
    """A lognormal factor of median 1."""
    return exp(sigma * normal(u))


def poisson(mean: float, u: float) -> int:
    """A Poisson number out of a uniform one."""
    mean = max(mean, 1e-12)
    none = exp(-mean)
    return 0 if u <= none else int(np.ceil(pdtrik(max(u, none), mean) - 1e-9))


def binomial(trials: int, p: float, u: float) -> int:
    """A binomial number out of a uniform one: the least k with P(X <= k) >= u."""
    if trials <= 0 or p <= 0.0:
        return 0
    least = (k for k in range(trials) if betainc(float(trials - k), k + 1.0, 1.0 - min(p, 1.0)) >= u)
    return next(least, trials)


def chance(rate: float, minutes: float) -> float:
    """The chance that a hazard of `rate` an hour strikes within some minutes."""
    return -expm1(rate * (-minutes / 60.0))


def logistic(x: float) -> float:
    """L(x) = 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x)) if x > -700 else 0.0


SIGNS = (-1, 1)  # of the sides
# Fields of the record that the rules ask for.
PLACE = ("row", "holder", "raised", "kept", "siege", "under_fire_of", "envoy_at", "occupier", "occupied_at")
PLACE += ("firing", "hostility", "raise_at", "strength_then", "lost_there", "key", "span", "bit", "in_city")
PLACE += ("position", "bears", "water", "shelled")
UNIT = ("row", "key", "order", "force", "home", "graph", "group", "sworn", "infantry_for", "roster")
UNIT += ("civilian", "posted", "regiment", "band", "belief_pull", "worth", "speed", "afloat", "men", "duty")
UNIT += ("stance", "spent", "to", "goal", "task", "sets_out_at", "clock_at", "clock_beats", "left", "pace")
UNIT += ("order_at", "rest", "party", "arms", "cohesion", "loyalty", "moved", "mood", "bid", "bid_at")
UNIT += ("confined", "ready", "commissar_at", "refused_at", "infantry_share", "swayed", "band_of", "levy")
UNIT += ("guns",)
PLACE_NOW = ("armed", "attack", "attacker", "defend", "event", "guard", "hears", "model", "men_there", "odds")
PLACE_NOW += ("passive", "strength", "there", "willing", "guns", "minds", "residents", "sealed", "seized")
TASK = ("row", "side", "purpose", "place", "key", "tries", "first", "act_at", "leave_at", "bars")
TASK += ("armed_only", "whole", "men")
by_row = attrgetter("row")


class Task:
    """What units are sent to do."""

    __slots__ = (*TASK, "riders")

    def __init__(self, row: Any) -> None:
        for name in TASK:
            setattr(self, name, row[name].tolist())
        self.riders: list[Unit] = []  # of those named, who act beside infantry only


class Audience:
    """Those who hear of things together; what a unit among them thinks of others is reckoned when a report
    comes, which in the reduced city none does after the opening.
    """

    __slots__ = ("ahead", "beside", "declared", "near", "peers", "raised", "regiments", "row", "tanh")

    def __init__(self, w: Any, row: int, p: Any) -> None:
        here = w["audiences"][row]
        reports, near = w["reports"]["men"][row], w["audiences"][here["quarter"]]
        self.row, self.tanh = row, tanh(float(here["belief"]) / 2)
        self.raised = sum(set(w["places"]["bit"][w["news"]["raised"][row]].tolist()))
        self.peers = []
        around = [sum(column) / int(near["quarter_men"]) for column in reports[here["quarter"]].T.tolist()]
        for known, men in zip(here["known"].tolist(), w["group_men"].tolist()):
            q = [min(0.5 * (a / men) + 0.5 * b, 1.0) for a, b in zip(known, around)]
            self.peers.append(p.peer_weight * (q[1] - q[0]))
        self.declared = here["heard_declared"].tolist()  # of the city's regiments, and of the quarter's
        self.near = w["reports"]["declared"][row, here["quarter"]].tolist()
        self.regiments = int(near["regiment_men"])
        men = max(self.regiments, 1)
        government, soviet = (min(declared, men) for declared in near["declared"].tolist())
        self.ahead = (soviet - government) / men
        on_foot = [group for group in range(reports.shape[1]) if group != FRONT]
        self.beside = reports[:, on_foot].sum(axis=1).tolist()  # who acts elsewhere, as is heard here


class Place(Cell):
    """A place of the city: a cell of Mesa's network, with what the rules ask of it."""

    __slots__ = (*PLACE, *PLACE_NOW)

    def set_up(self, model: Any, row: Any) -> None:
        """Take a row of the record's places."""
        for name in PLACE:
            setattr(self, name, row[name].tolist())
        self.model, self.hears = model, model.audiences[row["audience"]]
        self.guard: set[Unit] = set()  # who stands here on post
        self.there: list[Unit] = []  # who did when it was last counted
        self.attacker, self.event, self.sealed = -1, -1, False

    def count(self) -> bool:
        """Who stands here, and whether anybody who does not hold the place acts, or is to be thought of."""
        now, holder, (at_0, at_1) = self.model.now, self.holder, self.envoy_at
        claimed = watched = (at_0 <= now and holder != -1) or (at_1 <= now and holder != 1)
        self.there, self.attacker, acting = sorted(self.guard, key=by_row), -1, []
        for unit in self.there:
            unit.stood_for, unit.holds = unit.stance, False
            stance = unit.stance
            if stance == 0:
                continue
            watched = watched or stance != holder
            if unit.men > 0 and unit.acts(holder):
                acting.append(unit)
                claimed = claimed or stance != holder
        if claimed and self.siege < 0 and not self.kept and not self.water:
            self.muster(acting)
            self.find_contest()
        if self.attacker < 0 and self.siege < 0:
            self.occupier, self.occupied_at, self.firing = -1, NEVER, False
        return watched

    def muster(self, acting: list[Unit]) -> None:
        """Strength, men, minds and guns of each side, and who of them is shut in."""
        self.strength, self.men_there, self.armed = [0, 0], [0, 0], [0, 0]
        self.minds, self.residents, self.guns = [0, 0], [0, 0], [False, False]
        for unit in acting:
            side = 1 if unit.stance > 0 else 0
            self.count_in(unit, side)
            self.armed[side] += 0 if unit.civilian else unit.men
            self.residents[side] += unit.men if self.shuts_in(unit) else 0
            self.guns[side] = self.guns[side] or (unit.guns and unit.arms > 0)

    def count_in(self, unit: Unit, side: int) -> None:
        """A unit stands for a side here, with its strength, its men and their minds."""
        self.strength[side] += unit.strength()
        self.men_there[side] += unit.men
        self.minds[side] += round(MILLION * unit.mind() * SIGNS[side]) * unit.men

    def shuts_in(self, unit: Unit) -> bool:
        """Whether a unit lives here, behind walls, and has a live order to hold it."""
        if unit.posted or unit.home != self.row or self.position < standoffs.SHELTER or unit.task < 0:
            return False
        order = self.model.tasks[unit.task]
        return order.purpose == GUARD and order.place == self.row and SIGNS[order.side] == unit.stance

    def claims(self, side: int) -> bool:
        """Whether a side claims the place: by men there, or by its commissar."""
        return self.strength[side] > 0 or self.envoy_at[side] <= self.model.now

    def find_contest(self) -> None:
        """Who attacks, with what strength, and against how much."""
        cover, sweeper = self.covering_fire()
        held_by = self.holder_in_contest(cover, sweeper)
        attacker = 1 - held_by if held_by >= 0 else 1 if self.claims(1) else 0
        if not self.claims(attacker) or self.holder == SIGNS[attacker]:
            return
        self.attacker, here = attacker, self.strength
        self.ask_guards()
        shut_in = self.residents[1 - attacker] * 2 > self.men_there[1 - attacker]
        self.sealed = shut_in and self.model.p.sealed_refusal > 0
        swept = cover if sweeper == attacker and here[attacker] > 0 else 0
        against = here[1 - attacker] + (cover if sweeper == 1 - attacker else 0)
        self.attack = (here[attacker] + swept) / 1e3
        self.defend = against / 1e3 if held_by >= 0 else 0.0

    def holder_in_contest(self, cover: int, sweeper: int) -> int:
        """The side that is there already, -1 if none is."""
        if self.holder != 0:
            return int(self.holder > 0)
        if self.claims(0) and self.claims(1):
            return self.occupier if self.occupier >= 0 else int(self.strength[1] > self.strength[0])
        if cover > 0 and self.claims(1 - sweeper) and not self.claims(sweeper):
            return sweeper
        return -1

    def covering_fire(self) -> tuple[int, int]:
        """Strength that reaches the place from the stronghold whose fire sweeps it, and whose."""
        if self.under_fire_of < 0:
            return 0, -1
        fort = self.model.places[self.under_fire_of]
        if fort.holder == 0:
            return 0, -1
        inside, men = 0, 0
        for unit in fort._agents:
            there = unit.duty != UNDER_WAY and unit.duty != GONE
            if there and unit.stance * fort.holder >= 0 and unit.arms > 0:
                inside += unit.strength()
                men += unit.men
        bearing = self.model.p.cover_share * min(1.0, FRONTAGE / max(men, 1.0))
        return int(bearing * inside * fort.position), int(fort.holder > 0)

    def ask_guards(self) -> None:
        """Whether a guard stands here that will not act, and whether one hands over at once; one whose
        regiment has declared for nobody holds the place as it was told.
        """
        m, p, now, attacker, sign = (
            self.model,
            self.model.p,
            self.model.now,
            self.attacker,
            SIGNS[self.attacker],
        )
        self.passive = self.willing = False
        for unit in self.there:
            if not unit.roster or unit.task >= 0 or unit.men == 0 or unit.arms == 0:
                continue
            if unit.stance != 0 and unit.stance == self.holder:
                continue
            mind, accepted = unit.mind() * sign, unit.commissar_at
            if self.envoy_at[attacker] <= now < accepted[attacker]:
                rate = p.acceptance_rate * logistic((mind - p.acceptance_mind) / p.acceptance_spread)
                rate *= self.declared_of(unit, sign)
                u = uniform(m.luck, luck.STANDOFF, join(unit.key, standoffs.ACCEPTS), m.number)
                if u < chance(rate, m.pulse):
                    accepted[attacker] = now
            if self.is_held_by(unit):
                unit.holds = True
                self.count_in(unit, 1 - attacker)
                continue
            self.passive = True
            if (unit.stance == sign or mind > p.sympathy) and accepted[attacker] <= now:
                self.willing = True

    def is_held_by(self, unit: Unit) -> bool:
        """Whether a neutral guard of a regiment resists whoever comes: no commissar of his is with it, and no
        more than half of its regiment has declared for him.
        """
        m, sign = self.model, SIGNS[self.attacker]
        if m.p.guards_hold <= 0 or unit.stance != 0 or self.holder != -sign:
            return False
        if unit.group != GARRISON or unit.band_of != REGIMENTS or unit.commissar_at[self.attacker] <= m.now:
            return False
        return self.declared_of(unit, sign) <= 0.5

    def declared_of(self, unit: Unit, sign: int) -> float:
        """The share of the men of a unit's force that have declared for a side."""
        force = self.model.forces[unit.force]
        declared = sum(it.men + it.rest for it in force if it.stance == sign)
        return declared / max(sum(it.men + it.rest for it in force), 1)

    def hand_over(self) -> None:
        """A sympathetic guard with a commissar yields at once."""
        if self.attacker >= 0 and self.willing and self.defend == 0:
            self.take()

    def occupy(self) -> None:
        """A place without a guard passes to whoever stands on it armed and unopposed for some minutes."""
        if self.attacker < 0 or self.attack == 0 or self.defend > 0 or self.passive:
            return
        now = self.model.now
        if self.occupier != self.attacker:
            self.occupier, self.occupied_at = self.attacker, now
        elif now - self.occupied_at >= self.model.p.occupation and self.armed[self.attacker] > 0:
            self.take()

    def face(self) -> None:
        """Two sides face each other, or one faces a guard that does not resist: whatever strikes first."""
        if self.attacker >= 0 and self.attack > 0 and (self.defend > 0 or self.passive):
            self.first_event()

    def first_event(self) -> None:
        """Which of the competing hazards strikes first within the pulse, if one does."""
        m, p = self.model, self.model.p
        r = log(self.attack + p.odds_floor) - log(self.defend * self.position + p.odds_floor)
        calm = p.hostility_calm
        hostility = calm + (1 - calm) * self.hostility if self.defend > 0 else 0.0
        self.odds, similar, attacker = r, self.similarity(), self.attacker
        if self.firing:
            self.lose()
        margin_d = p.defender_margin * self.devotion(1 - attacker)
        margin_a = p.attacker_margin * self.devotion(attacker)
        grit = exp(-p.sealed_refusal) if self.sealed else 1.0
        alone = 0.0 if self.others_come() else 1.0
        few, many = sorted(self.men_there)
        hands = min(float(few if few > 0 else many), FRONTAGE) / USUAL
        shots = hands * (p.shot_rate * hostility * exp(-abs(r) / p.shot_spread))
        if self.sealed:
            shots = hands * p.shot_rate * p.sealed_fire * hostility
        rates = (
            grit * p.yield_rate * logistic((r - margin_d) / p.yield_spread),
            alone * (grit if r > 0 else 1.0) * p.yield_rate * logistic((-r - margin_a) / p.yield_spread),
            shots,
            p.switch_rate * similar,
            self.break_rate(1 - attacker, 0),
            self.break_rate(attacker, 1),
        )
        soonest = inf
        for k, rate in enumerate(rates):
            u = uniform(m.luck, luck.STANDOFF, join(self.key, k), m.number)
            hours = -log1p(-u) / rate if rate > 0 else inf
            if hours < soonest:
                self.event, soonest = k, hours
        if not soonest * 60 <= m.pulse:
            self.event = -1

    def similarity(self) -> float:
        """How near the mean mind of a guard that leans to the attacker is to his, 0 .. 1."""
        sign = SIGNS[self.attacker]
        minds, men = [0.0, 0.0], [0, 0]
        for unit in self.there:
            if unit.men > 0:
                side = int(unit.stance == sign)
                minds[side] += round(1e6 * unit.mind()) * unit.men
                men[side] += unit.men
        guard, attack = (minds[side] / max(men[side], 1) / 1e6 for side in (0, 1))
        return max(0.0, 1 - abs(attack - guard) / 2) if guard * sign > 0 else 0.0

    def devotion(self, side: int) -> float:
        """How devoted those who act here are to their side, to who acted at the opening; 1 if nobody does."""
        m = self.model
        if self.men_there[side] == 0 or m.devotion <= 0:
            return 1.0
        mean = self.minds[side] / self.men_there[side] / MILLION
        return min(max(mean / m.devotion, 0.0), 2.0) ** m.p.devotion

    def others_come(self) -> bool:
        """Whether at least as many as stand here for the attacker are on the way to join them."""
        row, sign = self.row, SIGNS[self.attacker]
        to_here = [u for u in self.model.walkers if u.goal == row and u.stance == sign and u.home != row]
        coming = sum(unit.men for unit in to_here)
        return coming > 0 and coming >= self.men_there[self.attacker]

    def lose(self) -> None:
        """The killed of both sides where there is shooting."""
        attacker, defender, guns = self.attacker, 1 - self.attacker, self.model.p.gun_power
        walls = self.position / (guns if self.guns[attacker] else 1.0)
        killed = self.losses(0, attacker, min(self.position, max(walls, 1.0)))
        killed_before = self.losses(1, defender, 1.0)
        self.bury(defender, killed)
        self.bury(attacker, killed_before)

    def losses(self, column: int, foes: int, cover: float) -> int:
        """The killed of one side in a pulse of fire; the more have fallen, the deadlier it is."""
        m, p = self.model, self.model.p
        a = p.loss_rate * (1.0 + p.blood_feeds * min(sum(self.lost_there) / FEEDS, 1.0))
        u = uniform(m.luck, luck.CASUALTY, join(self.key, standoffs.CASUALTY_KEYS + column), m.number)
        return poisson(a * min(float(self.men_there[foes]), FRONTAGE) / cover * m.pulse / 60, u)

    def bury(self, side: int, killed: int) -> None:
        """Take some killed from the largest unit that stands here for a side."""
        there = [u for u in self.there if u.duty == ON_POST and self.stands(u, side)]
        if killed > 0 and there:
            largest = max(there, key=lambda u: u.men + u.order)
            self.lost_there[side] += min(killed, largest.men)
            largest.men -= min(killed, largest.men)

    def stands(self, unit: Unit, side: int) -> bool:
        """Whether a unit stands for a side, or holds the place as it was told."""
        return unit.stance == SIGNS[side] or (unit.holds and side != self.attacker)

    def break_rate(self, side: int, column: int) -> float:
        """The rate at which a side breaks under its losses where there is shooting."""
        share = self.lost_there[side] / max(self.strength_then[side], 1)
        if not self.firing or share <= 0:
            return 0.0
        return self.model.p.break_rate * logistic((share - self.bears[column]) / standoffs.BREAK_WIDTH)

    def kill_prisoners(self) -> None:
        """After a refusal that has cost the captors blood some of the disarmed are killed."""
        if not self.sealed or not self.firing:
            return
        m, lost, seized = self.model, self.lost_there[self.attacker], self.seized
        thirst = min(standoffs.REVENGE * lost / max(self.men_there[self.attacker] + lost, 1), 1.0)
        u = uniform(m.luck, luck.CASUALTY, join(self.key, standoffs.KILLED_AFTER), m.number)
        killed = binomial(sum(unit.men for unit in seized), m.p.revenge * thirst, u)
        if killed > 0:
            m.note(PRISONERS, self.row, SIGNS[self.attacker])
        while killed > 0:
            largest = max((unit for unit in seized if unit.men > 0), key=lambda u: u.men + u.order)
            fallen = min(killed, largest.men)
            largest.men -= fallen
            killed -= fallen

    def draw_off(self) -> None:
        """The attacker goes away."""
        self.model.note(REPULSE, self.row, self.holder)
        self.firing = False
        for unit in self.there:
            if unit.stance == SIGNS[self.attacker] and unit.duty == ON_POST:
                unit.go_home()
                unit.refused_at[self.attacker] = self.model.now

    def shell(self) -> None:
        """A gun is fired where there is shooting, the first time."""
        if self.firing and self.attacker >= 0 and self.guns[self.attacker] and not self.shelled:
            self.shelled = True
            self.model.note(SHELLS, self.row, SIGNS[self.attacker])

    def open_fire(self) -> None:
        """Shooting begins, if it had not."""
        self.hostility = 1.0
        self.model.bitter.add(self)
        if not self.firing:
            self.strength_then, self.lost_there = list(self.men_there), [0, 0]
            self.firing = True
            self.model.note(SHOTS, self.row, SIGNS[self.attacker])

    def take(self) -> None:
        """The attacker has the place."""
        self.holder = SIGNS[self.attacker]
        self.model.note(CAPTURE, self.row, self.holder)
        self.firing, self.occupier, self.occupied_at, self.lost_there = False, -1, NEVER, [0, 0]
        if self.raised:
            self.set_bridge(False)
        self.attacker, self.event = -1, -1

    def man_bridge(self) -> None:
        """A party told to raise the bridge begins to; it goes up, unless the other side stands on it."""
        m, manned = self.model, False
        for unit in self.guard:
            if unit.task < 0 or unit.stance == 0 or unit.stance != self.holder:
                continue
            if m.tasks[unit.task].purpose == RAISE:
                manned = True
                if not self.raised and self.raise_at == NEVER:
                    factor = lognormal(uniform(m.luck, luck.ASSEMBLY, self.key, 0), standoffs.RAISING_SPREAD)
                    self.raise_at = m.now + m.p.raising_time * factor
        if self.raise_at == NEVER:
            return
        if not manned or any(u.stood_for == -self.holder for u in self.there):
            self.raise_at = NEVER
        elif self.raise_at <= m.now and not self.raised:
            self.set_bridge(True)

    def set_bridge(self, raised: bool) -> None:
        """Raise or lower the bridge."""
        self.raised, self.raise_at = raised, NEVER
        self.model.raised ^= self.bit
        self.model.note(BRIDGE_MOVES, self.row, self.holder)

    def bars(self, unit: Unit) -> int:
        """The strength that does not let a unit past: a cordon of the other side, or its post on a bridge."""
        total, m = 0, self.model
        for other in self.guard:
            if other.stance == -unit.stance and other.task >= 0 and other.came != m.number:
                task = m.tasks[other.task]
                if (self.span or task.bars) and not (unit.civilian and task.armed_only):
                    total += other.strength()
        return total


class Unit(CellAgent):
    """A detachment that decides as one."""

    __slots__ = (*UNIT, "block", "came", "here", "holds", "ordered", "pull", "stood_for")

    def __init__(self, model: Any, row: Any) -> None:
        super().__init__(model)
        for name in UNIT:
            setattr(self, name, row[name].tolist())
        self.here = self.cell = model.places[row["place"]]
        self.pull, self.block, self.came = model.p.belief_weight * self.belief_pull, -1, -1
        self.ordered = self.holds = False

    def mind(self) -> float:
        """d + m + A: opening draw, words and shocks, agitation."""
        return self.loyalty + self.moved + self.swayed

    def strength(self) -> int:
        """E = men * arms * worth * cohesion, in thousandths of a man."""
        unarmed = self.model.p.unarmed
        armed = (self.arms + (1 - self.arms) * unarmed) * self.worth * self.cohesion
        return round(1000 * self.men * (unarmed if self.civilian else armed))

    def acts(self, holder: int) -> bool:
        """Whether a unit on post that has a stance acts on the spot."""
        if self.task < 0:
            return self.civilian or self.stance == holder
        return self.model.tasks[self.task].act_at <= self.model.now

    # stances

    def hear(self, task: Any, party: int) -> None:
        """An order has come."""
        self.ordered, self.task, self.party, self.order_at = True, task.row, party, self.model.now
        self.bid[task.side], self.bid_at[task.side] = 1.0, self.model.now

    def consider(self) -> None:
        """Think, if there is an order or it is time to."""
        if self.ordered or self.clock_at <= self.model.now:
            self.think()

    def think(self) -> None:
        """Decide on an order or at one's own rate; begin to do what one decides."""
        m, now = self.model, self.model.now
        while self.clock_at <= now:
            u = uniform(m.luck, luck.DECISION, self.key, self.clock_beats)
            self.clock_beats += 1
            self.clock_at += 60 * (-log(u) / m.p.decision_rate)
        ordered, self.ordered = self.ordered, False
        if self.spent or self.duty >= BESIEGED:
            return
        m.wake(self, self.clock_at)
        if self.men == 0:
            return
        was, self.stance = self.stance, self.decide()
        if self.task >= 0:
            self.answer_order(ordered)
        if self.stance != was:
            if self.duty == ON_POST:
                m.watched.add(self.here)
            if was != 0:
                m.quitting.append(self)

    def decide(self) -> int:
        """What a unit chooses now; kinds of one conviction act if their mind is beyond their band."""
        m, p, here = self.model, self.model.p, self.here.hears
        if self.block != m.block:
            self.block = m.block
            noise = m.sense * normal(uniform(m.luck, luck.NOISE, self.key, m.block))
            self.mood = p.block_noise * noise
        heeded_0, heeded_1 = self.heeded(0), self.heeded(1)
        orders = self.bid[1] * heeded_1 - self.bid[0] * heeded_0
        inclined = self.mind() + self.pull * here.tanh + p.order_weight * orders + self.mood
        band, stance = self.band, self.stance
        confined_0, confined_1 = self.confined
        if confined_0 or confined_1:
            band += p.order_weight * max(confined_0 * heeded_0, confined_1 * heeded_1)
        if self.band_of == REGIMENTS:
            return self.choose(here, inclined, band)
        z = inclined + here.peers[self.group]
        if z > (band - p.hysteresis if stance > 0 else band):
            return self.ready_to_act(here, 1)
        if z < -(band - p.hysteresis if stance < 0 else band):
            return self.ready_to_act(here, -1)
        return 0

    def heeded(self, side: int) -> float:
        """What is left of a side's orders: less where the other side's commissar is accepted, and less of
        those of a committee that has none with a regiment.
        """
        m, now, left = self.model, self.model.now, 1.0
        if self.commissar_at[1 - side] <= now:
            left = m.discounted
        if side != m.government and self.band_of == REGIMENTS and self.commissar_at[side] > now:
            left *= m.discounted
        return left

    def choose(self, here: Any, inclined: float, neutral: float) -> int:
        """The largest of three, each with the share of the other regiments that has declared so."""
        omega, rho, stance = self.model.p.peer_weight, self.model.p.hysteresis, self.stance
        q_0, q_1 = self.declared_share(here, 0), self.declared_share(here, 1)
        soviet = inclined + omega * q_1 + (rho if stance > 0 else 0.0)
        government = -inclined + omega * q_0 + (rho if stance < 0 else 0.0)
        neither = neutral + omega * (1.0 - q_0 - q_1) + (rho if stance == 0 else 0.0)
        if soviet > neither and soviet > government:
            return 1
        return -1 if government > neither and government > soviet else 0

    def declared_share(self, here: Any, side: int) -> float:
        """The share of the other regiments' men heard to have declared for a side, in the city and near."""
        own = self.men + self.rest
        mine = own if self.stance == SIGNS[side] else 0
        others, neighbours = max(self.model.regiments - own, 1), here.regiments - own
        city = min(max(here.declared[side] - mine, 0) / others, 1.0)
        if neighbours <= 0:
            return city
        return 0.5 * city + 0.5 * min(max(here.near[side] - mine, 0) / neighbours, 1.0)

    def ready_to_act(self, here: Any, stance: int) -> int:
        """The stance, if its kind is ready to act so."""
        turned = stance * self.model.sense
        if turned == -self.sworn:
            return 0
        if self.infantry_for != 0 and (
            turned != self.infantry_for or self.rides_alone(here, int(stance > 0))
        ):
            return 0
        return stance

    def rides_alone(self, here: Any, side: int) -> bool:
        """Whether a rider hears of too few men on foot beside those who would ride with him."""
        infantry, riders, m = here.declared[side], self.regiment, self.model
        if self.task >= 0:
            task = m.tasks[self.task]
            infantry += here.beside[m.places[task.place].hears.row][side]
            riders = sum(unit.men + unit.rest for unit in task.riders)
            riders = riders if task.whole else min(riders, task.men)
        return infantry < self.infantry_share * riders

    def answer_order(self, ordered: bool) -> None:
        """Obey the order in hand, or refuse one that has just come."""
        m, task = self.model, self.model.tasks[self.task]
        if self.stance != SIGNS[task.side]:
            if ordered:
                self.refused_at[task.side] = m.now
                m.refused.add((self.force, task.side))
        elif self.sets_out_at == NEVER and (self.duty == IN_QUARTERS or ordered):
            self.obey(task)

    def obey(self, task: Any) -> None:
        """Assemble, if in quarters, and set out."""
        m, p, now = self.model, self.model.p, self.model.now
        u = uniform(m.luck, luck.ASSEMBLY, join(self.key, task.key), task.tries)
        factor = lognormal(u, 1.0) ** p.assembly_spread
        saved = p.readiness_gain if self.ready[task.side] else 0.0
        share = stances.FEW_STEPS if self.duty != IN_QUARTERS else 1.0 - saved
        called_by_ship = task.purpose == CALL and self.graph == SHIP
        wait = share * (60 * p.embarking if called_by_ship else p.assembly) * factor
        if self.levy and self.duty == IN_QUARTERS:
            wait += self.gather(task.purpose == MUSTER)
        if task.purpose == RING:
            wait += m.ring_wait(task)
        if task.purpose == CALL:
            self.sets_out_at = max(now, task.leave_at) + wait
        else:
            self.sets_out_at = max(now + wait, task.leave_at)
        self.refused_at[task.side] = NEVER
        m.call(self)

    def gather(self, to_muster: bool) -> float:
        """Minutes until so many of a levy have come together as its order wants; who is to muster begins with
        the few who are there.
        """
        m, most = self.model, self.model.turnout * self.men
        if to_muster:
            self.party = min(musters.FIRST_TO_COME, self.men)
            return 0.0
        self.party = int(min(float(self.party), max(musters.NEARLY_ALL * most, 1.0)))
        share = min(self.party / max(most, 1.0), musters.NEARLY_ALL)
        return -60.0 * m.p.muster_time * log(1.0 - share)

    def quit(self) -> None:
        """Leave what one was doing for a side one no longer acts for."""
        active = self.duty in (UNDER_WAY, ON_POST)
        here = self.here
        told = self.stance == 0 and here.siege >= 0 and here.holder != 0 and self.duty == ON_POST
        holds_on = told and self.bid[1 if here.holder > 0 else 0] > 0
        if active and not holds_on and not (self.roster and self.task < 0) and self.goal != self.home:
            self.go_home()
            self.left = self.model.pulse
        if self.duty == IN_QUARTERS:
            self.sets_out_at = NEVER

    # leaving

    def drop_orders(self) -> None:
        """Forget every order in hand."""
        self.task, self.sets_out_at, self.bid = -1, NEVER, [0.0, 0.0]

    def go_home(self, spent: bool = False) -> None:
        """Give up and march home; a unit whose home was the post itself is gone."""
        m, here = self.model, self.here
        if self.duty != UNDER_WAY and m.once(self.force, here.row, LEFT):
            m.note(LEAVES, here.row, self.stance)
        self.drop_orders()
        here.guard.discard(self)
        if self.home == here.row:
            self.duty = GONE if self.posted else IN_QUARTERS
            self.goal = -1
            m.walkers.discard(self)
            self.rejoin()
        else:
            self.duty, self.goal = UNDER_WAY, self.home
            m.walkers.add(self)
        self.to, self.left, self.pace, self.spent = -1, 0.0, 1.0, self.spent or spent

    def rejoin(self) -> None:
        """A party that is home again is one with those who had stayed."""
        self.men += self.rest
        self.rest = 0

    def disarm(self) -> None:
        """Take their arms."""
        self.drop_orders()
        self.here.guard.discard(self)
        self.arms, self.stance, self.duty, self.spent = 0.0, 0, GONE, True
        self.goal, self.to = -1, -1

    # marches

    def walk(self) -> None:
        """Set out, if it is time; walk the minutes of the pulse, if under way."""
        if self.sets_out_at <= self.model.now and self.task >= 0 and self.duty < BESIEGED:
            self.leave()
        if self.duty == UNDER_WAY:
            self.left -= self.model.pulse

    def leave(self) -> None:
        """From quarters no more men set out than are wanted, and the rest stay in."""
        m, task = self.model, self.model.tasks[self.task]
        if self.duty == IN_QUARTERS:
            out = min(self.party, self.men)
            self.rest += self.men - out
            self.men = out
        self.left = m.pulse - min(m.now - self.sets_out_at, m.pulse)
        self.goal = m.ring_post(self, task.place) if task.purpose == RING else task.place
        self.duty, self.to, self.sets_out_at = UNDER_WAY, -1, NEVER
        self.here.guard.discard(self)
        m.walkers.add(self)
        u = uniform(m.luck, luck.TRAVEL, join(self.key, task.key), 0)
        self.pace = lognormal(u, marches.PACE_SPREAD)

    def reach(self) -> bool:
        """Reach the next place: stop there, be turned back, or look for the next edge; whether it goes on."""
        m = self.model
        if self.to >= 0:
            self.here = m.places[self.to]
            self.move_to(self.here)
            self.to = -1
            if self.is_barred():
                if m.once(self.force, self.here.row, STOPPED):
                    m.note(BLOCKED, self.here.row, self.here.holder)
                self.go_home()
                return False
        here, goal = self.here, self.goal
        if here.row == goal:
            self.arrive()
            return False
        self.to = to = m.roads.next_place(self.graph, here.hears.raised, here.row, goal)
        if to < 0 or here.raised or (to != goal and m.roads.is_shut(self.graph, here.row, to, m.raised)):
            self.to = marches.LOOKS_AGAIN
        return True

    def is_barred(self) -> bool:
        """Whether a cordon or a bridge guard of the other side, stronger than the unit, stops it."""
        here = self.here
        if self.stance == 0 or self.goal == here.row or self.goal == self.home or not here.guard:
            return False
        guard = here.bars(self)
        return guard > 0 and guard > (0 if self.civilian else self.strength())

    def arrive(self) -> None:
        """Come to the goal: stand there, or be home again."""
        m, here = self.model, self.here
        self.goal, self.left = -1, 0.0
        m.walkers.discard(self)
        if self.task < 0:
            self.duty = IN_QUARTERS
            self.rejoin()
            return
        self.duty, self.came = ON_POST, m.number
        here.guard.add(self)
        m.watched.add(here)
        if m.once(self.force, here.row, ARRIVED):
            m.note(ARRIVES, here.row, self.stance)

    def look_again(self) -> None:
        """The quarter learns at sight which bridges are up, and the unit goes as they really are."""
        m, here = self.model, self.here
        here.hears.raised = mask = m.raised
        if here.raised and (here.holder == self.stance or self.task < 0):
            mask &= ~here.bit
        self.to = m.roads.next_place(self.graph, mask, here.row, self.goal)

    def begin_leg(self) -> None:
        """Go along an edge, in exact minutes, or wait where no way is open."""
        if self.to < 0:
            self.left = marches.WAIT_AT_WATER
            return
        km, pace = self.model.roads.edge[self.graph, self.here.row, self.to][:2]
        speed = RAIL_SPEED if pace == BY_RAIL else self.afloat if pace == BY_WATER else self.speed
        self.left += max(km / speed * 60, marches.LEAST_LEG) * self.pace
        if pace == BY_RAIL:
            self.take_train()

    def take_train(self) -> None:
        """On each leg a train may be stopped, held for a while, or sent back."""
        m, p = self.model, self.model.p
        cause, here = join(self.key, m.places[self.to].key), self.here.row
        stopped, wait = uniform(m.luck, luck.ARRIVAL, cause, 0) < p.railway_stop, 0.0
        if stopped:
            late = uniform(m.luck, luck.ARRIVAL, join(cause, 1), 0)
            wait = p.train_held * 60 * lognormal(late, marches.HELD_SPREAD)
            self.left += wait
            if m.once(self.force, -1, TRAIN_HELD):
                m.note(TRAIN_HELD, here, self.stance)
        back = stopped and self.task >= 0 and wait > 60 * p.order_life
        foes = p.committee_stop * self.share_against()
        if back or uniform(m.luck, luck.ARRIVAL, join(cause, 2), 0) < foes:
            if m.once(self.force, -1, TRAIN_BACK):
                m.note(TRAIN_BACK, here, self.stance)
            self.go_home(spent=True)

    def share_against(self) -> float:
        """The share of the soldiers quartered where one boards a train who are of the other mind."""
        if self.task < 0 or self.stance == 0 or self.here.in_city:
            return 0.0
        here = self.here.row
        others = [
            u for u in self.model.units if u.home == here and u.force != self.force and u.duty == IN_QUARTERS
        ]
        foes = sum(u.men for u in others if (u.loyalty + u.moved) * self.stance < 0)
        return foes / max(sum(u.men for u in others), 1)

    # stand-offs

    def give_way(self) -> None:
        """Be disarmed if badly outnumbered, or shut in where one lives, else go home; or change sides."""
        here = self.here
        if self.stance != -SIGNS[here.attacker] and not self.holds:
            return
        if here.event == SWITCHES:
            self.stance = SIGNS[here.attacker]
            self.drop_orders()
        elif here.odds > log(self.model.p.disarm_odds) or (here.sealed and self.home == here.row):
            here.seized.append(self)
            self.disarm()
        else:
            self.go_home()
