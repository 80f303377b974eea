"""The agents of the peer (idiomatic.py): units, and the places they stand in, in plain Python.

The rules are those of sim/rules/stances.py, marches.py and standoffs.py, an agent at a time.
"""

from __future__ import annotations

from math import exp, inf, log, log1p, tanh
from operator import attrgetter
from typing import Any

import numpy as np
from mesa.discrete_space import Cell, CellAgent
from scipy.special.cython_special import ndtri, pdtrik

from sim import luck
from sim.city.streets import RAIL_SPEED
from sim.journal import (
    ARRIVES,
    BLOCKED,
    BRIDGE_MOVES,
    CAPTURE,
    LEAVES,
    REPULSE,
    SHOTS,
    TRAIN_BACK,
    TRAIN_HELD,
)
from sim.rules import marches, stances, standoffs
from sim.rules.firefight import FRONTAGE
from sim.rules.marches import BY_RAIL, BY_WATER
from sim.rules.standoffs import ATTACKER_BREAKS, DEFENDER_BREAKS, DRAWS_OFF, FIRES, SWITCHES, YIELDS
from sim.state import (
    ARRIVED,
    BESIEGED,
    CALL,
    GARRISON,
    GONE,
    IN_QUARTERS,
    LEFT,
    NEVER,
    ON_POST,
    RAISE,
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


def logistic(x: float) -> float:
    """L(x) = 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x)) if x > -700 else 0.0


SIGNS = (-1, 1)  # of the sides
# Fields of the record that the rules ask for.
PLACE = ("row", "holder", "raised", "kept", "siege", "under_fire_of", "envoy_at", "occupier", "occupied_at")
PLACE += ("firing", "hostility", "raise_at", "strength_then", "lost_there", "key", "span", "bit", "in_city")
PLACE += ("position", "bears")
UNIT = ("row", "key", "order", "force", "home", "graph", "group", "sworn", "infantry_for", "roster")
UNIT += ("civilian", "posted", "regiment", "band", "belief_pull", "quality", "speed", "afloat", "men", "duty")
UNIT += ("stance", "spent", "to", "goal", "task", "sets_out_at", "clock_at", "clock_beats", "left", "pace")
UNIT += ("order_at", "rest", "party", "arms", "cohesion", "loyalty", "moved", "mood", "bid", "bid_at")
UNIT += ("confined", "ready", "commissar_at", "refused_at", "infantry_share")
PLACE_NOW = ("armed", "attack", "attacker", "defend", "event", "guard", "hears", "model", "men_there", "odds")
PLACE_NOW += ("passive", "strength", "there", "willing")
TASK = ("row", "side", "purpose", "place", "key", "tries", "first", "act_at", "leave_at", "bars")
TASK += ("armed_only",)
by_row = attrgetter("row")


class Task:
    """What units are sent to do."""

    __slots__ = TASK

    def __init__(self, row: Any) -> None:
        for name in TASK:
            setattr(self, name, row[name].tolist())


class Audience:
    """Those who hear of things together; what a unit among them thinks of others is reckoned when a report
    comes, which in the reduced city none does after the opening.
    """

    __slots__ = ("known", "peers", "raised", "tanh")

    def __init__(self, w: Any, row: int, p: Any) -> None:
        here = w["audiences"][row]
        reports, near = w["reports"]["men"][row, here["quarter"]], w["audiences"][here["quarter"]]
        self.known, self.tanh = here["known"].tolist(), tanh(float(here["belief"]) / 2)
        self.raised = sum(set(w["places"]["bit"][w["news"]["raised"][row]].tolist()))
        self.peers = []
        for group, men in enumerate(w["group_men"].tolist()):
            own = [known / men for known in self.known[group]]
            around = [sum(column) / int(near["quarter_men"]) for column in reports.T.tolist()]
            q = [min(0.5 * a + 0.5 * b, 1.0) for a, b in zip(own, around)]
            self.peers.append(p.peer_weight * (q[1] - q[0]))


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
        self.attacker, self.event = -1, -1

    def count(self) -> bool:
        """Who stands here, and whether anybody who does not hold the place acts, or is to be thought of."""
        now, holder, (at_0, at_1) = self.model.now, self.holder, self.envoy_at
        claimed = watched = (at_0 <= now and holder != -1) or (at_1 <= now and holder != 1)
        self.there, self.attacker, acting = sorted(self.guard, key=by_row), -1, []
        for unit in self.there:
            unit.stood_for = stance = unit.stance
            if stance == 0:
                continue
            watched = watched or stance != holder
            if unit.men > 0 and unit.acts(holder):
                acting.append(unit)
                claimed = claimed or stance != holder
        if claimed and self.siege < 0 and not self.kept:
            self.muster(acting)
            self.find_contest()
        if self.attacker < 0 and self.siege < 0:
            self.occupier, self.occupied_at, self.firing = -1, NEVER, False
        return watched

    def muster(self, acting: list[Unit]) -> None:
        """Strength, men and armed men of each side."""
        self.strength, self.men_there, self.armed = [0, 0], [0, 0], [0, 0]
        for unit in acting:
            side = 1 if unit.stance > 0 else 0
            self.strength[side] += unit.strength()
            self.men_there[side] += unit.men
            self.armed[side] += 0 if unit.civilian else unit.men

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
        swept = cover if sweeper == attacker and here[attacker] > 0 else 0
        against = here[1 - attacker] + (cover if sweeper == 1 - attacker else 0)
        self.attack = (here[attacker] + swept) / 1e3
        self.defend = against / 1e3 if held_by >= 0 else 0.0
        self.ask_guards()

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
        """Whether a guard stands here that will not act, and whether one hands over at once."""
        now, attacker, sign = self.model.now, self.attacker, SIGNS[self.attacker]
        self.passive = self.willing = False
        for unit in self.there:
            if not unit.roster or unit.task >= 0 or unit.men == 0 or unit.arms == 0:
                continue
            if unit.stance != 0 and unit.stance == self.holder:
                continue
            mind, accepted = unit.mind() * sign, unit.commissar_at
            if self.envoy_at[attacker] <= now and mind > 0:
                accepted[attacker] = min(accepted[attacker], now)
            self.passive = True
            if unit.stance == sign or (mind > self.model.p.sympathy and accepted[attacker] <= now):
                self.willing = True

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
        self.odds, similar = r, self.similarity()
        breaks = (
            self.lose(1 - self.attacker, 0, self.position) if self.firing else 0.0,
            self.lose(self.attacker, 1, 1.0) if self.firing else 0.0,
        )
        rates = (
            p.yield_rate * logistic((r - p.defender_margin) / p.yield_spread),
            p.yield_rate * logistic((-r - p.attacker_margin) / p.yield_spread),
            p.shot_rate * hostility * exp(-abs(r) / p.shot_spread),
            p.switch_rate * similar,
            *breaks,
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

    def lose(self, side: int, column: int, cover: float) -> float:
        """The killed of one side where there is shooting, and the rate at which it breaks."""
        m, p = self.model, self.model.p
        foes = min(float(self.men_there[1 - side]), FRONTAGE)
        u = uniform(m.luck, luck.CASUALTY, join(self.key, standoffs.CASUALTY_KEYS + column), m.number)
        killed = poisson(p.loss_rate * foes / cover * m.pulse / 60, u)
        there = [u for u in self.there if u.stance == SIGNS[side] and u.duty == ON_POST]
        if killed > 0 and there:
            largest = max(there, key=lambda u: u.men + u.order)
            fallen = min(killed, largest.men)
            largest.men -= fallen
            self.lost_there[side] += fallen
        share = self.lost_there[side] / max(self.strength_then[side], 1)
        width = standoffs.BREAK_WIDTH
        return p.break_rate * logistic((share - self.bears[column]) / width) if share > 0 else 0.0

    def give_way(self) -> None:
        """The place is taken where its guard has given way."""
        if self.event in (YIELDS, SWITCHES, DEFENDER_BREAKS):
            self.take()

    def draw_off(self) -> None:
        """The attacker goes away."""
        if self.event not in (DRAWS_OFF, ATTACKER_BREAKS):
            return
        self.model.note(REPULSE, self.row, self.holder)
        self.firing = False
        for unit in self.there:
            if unit.stance == SIGNS[self.attacker] and unit.duty == ON_POST:
                unit.go_home()
                unit.refused_at[self.attacker] = self.model.now

    def open_fire(self) -> None:
        """Shooting begins, if it had not."""
        if self.event != FIRES:
            return
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

    __slots__ = (*UNIT, "block", "came", "here", "ordered", "pull", "stood_for")

    def __init__(self, model: Any, row: Any) -> None:
        super().__init__(model)
        for name in UNIT:
            setattr(self, name, row[name].tolist())
        self.here = self.cell = model.places[row["place"]]
        self.pull, self.block, self.came = model.p.belief_weight * self.belief_pull, -1, -1
        self.ordered = False

    def mind(self) -> float:
        """d + m + A: opening draw, words and shocks, agitation up to its bound."""
        p, now, (at_0, at_1) = self.model.p, self.model.now, self.commissar_at
        drift_0 = min(p.agitation * (now - at_0) / 60, p.agitation_bound) if at_0 < now else 0.0
        drift_1 = min(p.agitation * (now - at_1) / 60, p.agitation_bound) if at_1 < now else 0.0
        return self.loyalty + self.moved + (drift_1 - drift_0)

    def strength(self) -> int:
        """E = men * arms * quality * cohesion, in thousandths of a man."""
        unarmed = self.model.p.unarmed
        armed = (self.arms + (1 - self.arms) * unarmed) * self.quality * self.cohesion
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
        """+1 if z > theta + stay, -1 if z < -(theta + stay), else 0."""
        m, here = self.model, self.here.hears
        p, now, (at_0, at_1) = m.p, m.now, self.commissar_at
        if self.block != m.block:
            self.block = m.block
            noise = m.sense * normal(uniform(m.luck, luck.NOISE, self.key, m.block))
            self.mood = p.block_noise * noise
        heeded_0 = m.discounted if at_1 <= now else 1.0  # less where the other side's commissar is accepted
        heeded_1 = m.discounted if at_0 <= now else 1.0
        bid_0, bid_1 = self.bid
        pull = self.pull * here.tanh + here.peers[self.group]
        pull += p.order_weight * (bid_1 * heeded_1 - bid_0 * heeded_0)
        z = self.mind() + pull + self.mood
        band, stance = self.band, self.stance
        confined_0, confined_1 = self.confined
        if confined_0 or confined_1:
            band += p.order_weight * max(confined_0 * heeded_0, confined_1 * heeded_1)
        if z > (band - p.hysteresis if stance > 0 else band):
            return self.ready_to_act(here, 1)
        if z < -(band - p.hysteresis if stance < 0 else band):
            return self.ready_to_act(here, -1)
        return 0

    def ready_to_act(self, here: Any, stance: int) -> int:
        """The stance, if its kind is ready to act so."""
        turned = stance * self.model.sense
        if turned == -self.sworn:
            return 0
        if self.infantry_for != 0:
            infantry = here.known[GARRISON][int(stance > 0)]
            if turned != self.infantry_for or infantry < self.infantry_share * self.regiment:
                return 0
        return stance

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
        wait = share * p.assembly * factor
        if task.purpose == RING:
            wait += m.ring_wait(task)
        if task.purpose == CALL:
            self.sets_out_at = max(now, task.leave_at) + wait
        else:
            self.sets_out_at = max(now + wait, task.leave_at)
        self.refused_at[task.side] = NEVER
        m.call(self)

    def quit(self) -> None:
        """Leave what one was doing for a side one no longer acts for."""
        active = self.duty in (UNDER_WAY, ON_POST)
        if active and not (self.roster and self.task < 0) and self.goal != self.home:
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
        foes = p.railway_stop * self.share_against()
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
        """Be disarmed if badly outnumbered, else go home; or change sides."""
        here = self.here
        if self.stance != -SIGNS[here.attacker]:
            return
        if here.event == SWITCHES:
            self.stance = SIGNS[here.attacker]
            self.drop_orders()
        elif here.odds > log(self.model.p.disarm_odds):
            self.disarm()
        else:
            self.go_home()
