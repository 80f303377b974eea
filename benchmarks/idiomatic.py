"""The peer: the reduced city the usual Mesa way, a Python call for every agent and step.

Units are Mesa's `CellAgent`s with plain attributes, places are the cells of Mesa's `Network`, ways are found
by networkx, and a step asks every agent. The rules are those of sim/rules/stances.py, marches.py and
standoffs.py, over the same luck: `reduced.dock` finds no difference between the two in any pulse.

Left out, as nothing in the reduced city reads it: causes and rolls of the journal, the sending of news and
facts, when a unit last ate, the siege's own fight, and the search for people.
"""

from __future__ import annotations

from math import exp, inf, isfinite, log, log1p, tanh
from random import Random
from types import SimpleNamespace
from typing import Any

import mesa
import networkx as nx
import numpy as np
from mesa.discrete_space import Cell, CellAgent, Network
from numpy.typing import NDArray
from reduced import FIELDS, Reduced
from scipy.special.cython_special import ndtri, pdtrik

from sim import luck
from sim.city.streets import GRAPHS, RAIL_SPEED
from sim.journal import (
    ARRIVES,
    BLOCKED,
    BRIDGE_MOVES,
    CAPTURE,
    LEAVES,
    REFUSES,
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
    """A uniform number in (0, 1), looked up."""
    salt = (turn + 1) * GOLDEN + process * STRIDE & ALL
    return ((mix(world ^ mix(key ^ salt)) >> 12) * 2 + 1) * 2.0**-53


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


def rows(table: Any, count: int) -> list[dict[str, Any]]:
    """The first rows of a table of the record, their fields as plain Python values."""
    return [{name: table[k][name].tolist() for name in table.dtype.names} for k in range(count)]


class Place(Cell):
    """A place of the city: a cell of Mesa's network."""

    model: Town

    def set_up(self, model: Town, row: dict[str, Any]) -> None:
        """Take a row of the record's places."""
        self.model = model
        for name, value in row.items():
            setattr(self, name, value)

    def lower(self) -> None:
        """Nobody stands here to bar the way until somebody is counted."""
        self.bars = [[0, 0], [0, 0]]

    def count(self) -> None:
        """Bitterness fades; who stands on post here, and whether anybody may claim the place."""
        m = self.model
        self.hostility *= m.cool
        self.guard = [u for u in sorted(self.agents, key=lambda u: u.row) if u.duty == ON_POST]
        for unit in self.guard:
            unit.stood_for = unit.stance
        acting = [u for u in self.guard if u.acts(self)]
        self.claimed = any(u.stance != self.holder for u in acting) or any(
            self.envoy_at[side] <= m.now and self.holder != sign for side, sign in enumerate((-1, 1))
        )
        if self.claimed:
            self.strength, self.men_there, self.armed = [0, 0], [0, 0], [0, 0]
            for unit in acting:
                side = int(unit.stance > 0)
                self.strength[side] += unit.strength()
                self.men_there[side] += unit.men
                self.armed[side] += 0 if unit.civilian else unit.men

    def claims(self, side: int) -> bool:
        """Whether a side claims the place: by men there, or by its commissar."""
        return self.strength[side] > 0 or self.envoy_at[side] <= self.model.now

    def find_contest(self) -> None:
        """Who attacks, with what strength, and against how much."""
        self.attacker = -1
        if self.claimed and self.siege < 0 and not self.kept:
            cover, sweeper = self.covering_fire()
            held_by = self.holder_in_contest(cover, sweeper)
            attacker = 1 - held_by if held_by >= 0 else 1 if self.claims(1) else 0
            if self.claims(attacker) and self.holder != (-1, 1)[attacker]:
                self.attacker, here = attacker, self.strength
                swept = cover if sweeper == attacker and here[attacker] > 0 else 0
                against = here[1 - attacker] + (cover if sweeper == 1 - attacker else 0)
                self.attack = (here[attacker] + swept) / 1e3
                self.defend = against / 1e3 if held_by >= 0 else 0.0
                self.ask_guards()
        if self.attacker < 0 and self.siege < 0:
            self.occupier, self.occupied_at, self.firing = -1, NEVER, False

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
        for unit in fort.agents:
            there = unit.duty != UNDER_WAY and unit.duty != GONE
            if there and unit.stance * fort.holder >= 0 and unit.arms > 0:
                inside += unit.strength()
                men += unit.men
        bearing = self.model.p.cover_share * min(1.0, FRONTAGE / max(men, 1.0))
        return int(bearing * inside * fort.position), int(fort.holder > 0)

    def ask_guards(self) -> None:
        """Whether a guard stands here that will not act, and whether one hands over at once."""
        now, attacker, sign = self.model.now, self.attacker, (-1, 1)[self.attacker]
        self.passive = self.willing = False
        for unit in self.guard:
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
        self.event = -1
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
        sign = (-1, 1)[self.attacker]
        minds, men = [0.0, 0.0], [0, 0]
        for unit in self.guard:
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
        there = [u for u in self.guard if u.stance == (-1, 1)[side] and u.duty == ON_POST]
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
        for unit in self.guard:
            if unit.stance == (-1, 1)[self.attacker] and unit.duty == ON_POST:
                unit.go_home()
                unit.refused_at[self.attacker] = self.model.now

    def open_fire(self) -> None:
        """Shooting begins, if it had not."""
        if self.event != FIRES:
            return
        self.hostility = 1.0
        if not self.firing:
            self.strength_then, self.lost_there = list(self.men_there), [0, 0]
            self.firing = True
            self.model.note(SHOTS, self.row, (-1, 1)[self.attacker])

    def take(self) -> None:
        """The attacker has the place."""
        self.holder = (-1, 1)[self.attacker]
        self.model.note(CAPTURE, self.row, self.holder)
        self.firing, self.occupier, self.occupied_at, self.lost_there = False, -1, NEVER, [0, 0]
        if self.raised:
            self.set_bridge(False)
        self.attacker, self.event = -1, -1

    def man_bridge(self) -> None:
        """A party told to raise the bridge begins to, or goes on."""
        m, self.manned = self.model, False
        for unit in self.guard if self.span else ():
            if unit.task < 0 or unit.duty != ON_POST or unit.stance == 0 or unit.stance != self.holder:
                continue
            if m.tasks[unit.task].purpose == RAISE:
                self.manned = True
                if not self.raised and not isfinite(self.raise_at):
                    factor = lognormal(uniform(m.luck, luck.ASSEMBLY, self.key, 0), standoffs.RAISING_SPREAD)
                    self.raise_at = m.now + m.p.raising_time * factor

    def move_bridge(self) -> None:
        """The bridge goes up, unless somebody of the other side stands on it."""
        if not isfinite(self.raise_at):
            return
        if any(u.stood_for != 0 and u.stood_for == -self.holder for u in self.guard):
            self.manned = False
        if not self.manned:
            self.raise_at = NEVER
        elif self.raise_at <= self.model.now and not self.raised:
            self.set_bridge(True)

    def set_bridge(self, raised: bool) -> None:
        """Raise or lower the bridge."""
        self.raised, self.raise_at = raised, NEVER
        self.model.note(BRIDGE_MOVES, self.row, self.holder)


class Unit(CellAgent):
    """A detachment that decides as one."""

    model: Town

    def __init__(self, model: Town, row: dict[str, Any]) -> None:
        super().__init__(model)
        for name, value in row.items():
            if name != "place":
                setattr(self, name, value)
        self.cell = model.places[row["place"]]

    def mind(self) -> float:
        """d + m + A: opening draw, words and shocks, agitation up to its bound."""
        p, now, at = self.model.p, self.model.now, self.commissar_at
        drift = [min(p.agitation * max(now - at[s], 0.0) / 60, p.agitation_bound) for s in (0, 1)]
        return self.loyalty + self.moved + (drift[1] - drift[0])

    def strength(self) -> int:
        """E = men * arms * quality * cohesion, in thousandths of a man."""
        unarmed = self.model.p.unarmed
        armed = (self.arms + (1 - self.arms) * unarmed) * self.quality * self.cohesion
        return round(1000 * self.men * (unarmed if self.civilian else armed))

    def acts(self, here: Place) -> bool:
        """Whether a unit on post acts on the spot."""
        if self.stance == 0 or self.men == 0:
            return False
        if self.task < 0:
            return self.civilian or self.stance == here.holder
        return self.model.tasks[self.task].act_at <= self.model.now

    # stances

    def hear(self, task: Any, party: int) -> None:
        """An order has come."""
        self.ordered, self.task, self.party, self.order_at = True, task.row, party, self.model.now
        self.bid[task.side], self.bid_at[task.side] = 1.0, self.model.now

    def new_mood(self) -> None:
        """Draw eps for a block of hours."""
        m = self.model
        noise = m.sense * normal(uniform(m.luck, luck.NOISE, self.key, m.block))
        self.mood = m.p.block_noise * noise

    def think(self) -> None:
        """Decide on an order, on news, or at one's own rate; begin to do what one decides."""
        m, struck, self.due = self.model, self.beat(), False
        stirred = m.audiences[self.cell.audience].stirred
        wakes = struck or self.ordered or self.thinks_at <= m.now or stirred
        if wakes and self.men > 0 and not self.spent and self.duty < BESIEGED:
            was, self.stance = self.stance, self.decide()
            self.thinks_at, self.due = NEVER, was not in (0, self.stance)
            self.answer_order()

    def beat(self) -> bool:
        """Move on the clock, and say whether it has struck."""
        m, struck = self.model, False
        while self.clock_at <= m.now:
            u = uniform(m.luck, luck.DECISION, self.key, self.clock_beats)
            self.clock_beats += 1
            self.clock_at += 60 * (-log(u) / m.p.decision_rate)
            struck = True
        return struck

    def decide(self) -> int:
        """+1 if z > theta + stay, -1 if z < -(theta + stay), else 0."""
        p, here = self.model.p, self.model.audiences[self.cell.audience]
        pull = (
            p.belief_weight * self.belief_pull * tanh(here.belief / 2)
            + p.peer_weight * (self.peers(here, 1) - self.peers(here, 0))
            + p.order_weight * (self.bid[1] * self.heeded(1) - self.bid[0] * self.heeded(0))
        )
        z = self.mind() + pull + self.mood
        stay = p.order_weight * max(self.confined[0] * self.heeded(0), self.confined[1] * self.heeded(1))
        band = self.band + stay
        if z > band - (p.hysteresis if self.stance > 0 else 0.0):
            return self.ready_to_act(here, 1)
        if z < -(band - (p.hysteresis if self.stance < 0 else 0.0)):
            return self.ready_to_act(here, -1)
        return 0

    def heeded(self, side: int) -> float:
        """What is left of a side's orders where a commissar of the other side is accepted."""
        accepted = self.commissar_at[1 - side] <= self.model.now
        return 1.0 - self.model.p.commissar_discount * (1.0 if accepted else 0.0)

    def peers(self, here: Any, side: int) -> float:
        """q: the share believed active, half of one's own group in the city, half of one's own quarter."""
        m = self.model
        quarter = m.audiences[here.quarter]
        men = sum(of_group[side] for of_group in m.reports[here.row][here.quarter])
        own, near = here.known[self.group][side] / m.group_men[self.group], men / quarter.quarter_men
        return min(0.5 * own + 0.5 * near, 1.0)

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

    def answer_order(self) -> None:
        """Obey the order in hand, or refuse one that has just come."""
        if self.task < 0:
            return
        m, task = self.model, self.model.tasks[self.task]
        if self.stance != (-1, 1)[task.side]:
            if self.ordered:
                self.refused_at[task.side] = m.now
                m.refused.add((self.force, task.side))
        elif not isfinite(self.sets_out_at) and (self.duty == IN_QUARTERS or self.ordered):
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

    def quit(self) -> None:
        """Leave what one was doing for a side one no longer acts for."""
        if not self.due:
            return
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
        here = self.cell.row
        if self.duty != UNDER_WAY and self.model.once(self.force, here, LEFT):
            self.model.note(LEAVES, here, self.stance)
        self.drop_orders()
        if self.home == here:
            self.duty = GONE if self.posted else IN_QUARTERS
            self.goal = -1
            self.rejoin()
        else:
            self.duty, self.goal = UNDER_WAY, self.home
        self.to, self.left, self.pace, self.spent = -1, 0.0, 1.0, self.spent or spent

    def rejoin(self) -> None:
        """A party that is home again is one with those who had stayed."""
        self.men += self.rest
        self.rest = 0

    def disarm(self) -> None:
        """Take their arms."""
        self.drop_orders()
        self.arms, self.stance, self.duty, self.spent = 0.0, 0, GONE, True
        self.goal, self.to = -1, -1

    # marches

    def set_out(self) -> None:
        """Set out if it is time, walk the minutes of the pulse, or bar the way where one stands."""
        m = self.model
        if self.sets_out_at <= m.now and self.task >= 0 and self.duty < BESIEGED:
            self.leave()
        if self.duty == UNDER_WAY:
            self.left -= m.pulse
        elif self.duty == ON_POST and self.stance != 0 and self.task >= 0:
            task, here, side = m.tasks[self.task], self.cell, int(self.stance > 0)
            if here.span or task.bars:
                here.bars[side][0] += self.strength()
                here.bars[side][1] += 0 if task.armed_only else self.strength()

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
        u = uniform(m.luck, luck.TRAVEL, join(self.key, task.key), 0)
        self.pace = lognormal(u, marches.PACE_SPREAD)

    def reach(self) -> None:
        """Reach the next place: stop there, be turned back, or look for the next edge."""
        m = self.model
        self.due = self.duty == UNDER_WAY and self.left <= 0
        if not self.due:
            return
        m.arrived = True
        if self.to >= 0:
            self.move_to(m.places[self.to])
            self.to = -1
            if self.is_barred():
                self.due = False
                if m.once(self.force, self.cell.row, STOPPED):
                    m.note(BLOCKED, self.cell.row, self.cell.holder)
                self.go_home()
                return
        here = self.cell
        if here.row == self.goal:
            self.due = False
            self.arrive()
            return
        heard = m.heard[here.audience]
        mask = sum(m.places[bridge].bit for bridge in heard)
        self.to = m.next_place(self.graph, mask, here.row, self.goal)
        if self.to < 0 or here.raised or (self.to != self.goal and m.is_shut(self, self.to)):
            self.to = marches.LOOKS_AGAIN

    def is_barred(self) -> bool:
        """Whether a cordon or a bridge guard of the other side, stronger than the unit, stops it."""
        here = self.cell
        if self.stance == 0 or self.goal == here.row or self.goal == self.home:
            return False
        guard = here.bars[int(self.stance < 0)][int(self.civilian)]
        return guard > 0 and guard > (0 if self.civilian else self.strength())

    def arrive(self) -> None:
        """Come to the goal: stand there, or be home again."""
        self.goal, self.left = -1, 0.0
        if self.task < 0:
            self.duty = IN_QUARTERS
            self.rejoin()
            return
        self.duty = ON_POST
        if self.model.once(self.force, self.cell.row, ARRIVED):
            self.model.note(ARRIVES, self.cell.row, self.stance)

    def look_again(self) -> None:
        """The quarter learns at sight which bridges are up, and the unit goes as they really are."""
        if not self.due or self.to != marches.LOOKS_AGAIN:
            return
        m, here = self.model, self.cell
        up = {place.row for place in m.places if place.raised}
        m.heard[here.audience] = set(up)
        if here.raised and (here.holder == self.stance or self.task < 0):
            up.discard(here.row)
        mask = sum(m.places[bridge].bit for bridge in up)
        self.to = m.next_place(self.graph, mask, here.row, self.goal)

    def begin_leg(self) -> None:
        """Go along an edge, in exact minutes, or wait where no way is open."""
        if not self.due:
            return
        if self.to < 0:
            self.left = marches.WAIT_AT_WATER
            return
        edge = self.model.networks[self.graph].edges[self.cell.row, self.to]
        speed = {BY_RAIL: RAIL_SPEED, BY_WATER: self.afloat}.get(edge["pace"], self.speed)
        self.leg = max(edge["km"] / speed * 60, marches.LEAST_LEG) * self.pace
        self.left += self.leg
        if edge["pace"] == BY_RAIL:
            self.take_train()

    def take_train(self) -> None:
        """On each leg a train may be stopped, held for a while, or sent back."""
        m, p = self.model, self.model.p
        cause, here = join(self.key, m.places[self.to].key), self.cell.row
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
        if self.task < 0 or self.stance == 0 or self.cell.in_city:
            return 0.0
        here = self.cell.row
        others = [
            u for u in self.model.units if u.home == here and u.force != self.force and u.duty == IN_QUARTERS
        ]
        foes = sum(u.men for u in others if (u.loyalty + u.moved) * self.stance < 0)
        return foes / max(sum(u.men for u in others), 1)

    # stand-offs

    def give_way(self) -> None:
        """Be disarmed if badly outnumbered, else go home; or change sides."""
        here = self.cell
        if self.duty != ON_POST or here.attacker < 0 or self.stance != -(-1, 1)[here.attacker]:
            return
        if here.event == SWITCHES:
            self.stance = (-1, 1)[here.attacker]
            self.drop_orders()
        elif here.event in (YIELDS, DEFENDER_BREAKS):
            if here.odds > log(self.model.p.disarm_odds):
                self.disarm()
            else:
                self.go_home()


class Town(mesa.Model):
    """The reduced city as a Mesa model; a step is a pulse."""

    def __init__(self, city: Reduced) -> None:
        super().__init__(rng=0)
        w, cast = city.start[0], city.layout.cast
        self.p = SimpleNamespace(**{name: float(w["p"][name]) for name in w["p"].dtype.names})
        clock = w["clock"]
        self.luck, self.pulse, self.sense = int(clock["luck"]), float(clock["pulse"]), int(clock["sense"])
        self.number, self.now, self.block = 0, 0.0, int(clock["block"])
        self.cool = 0.5 ** (self.pulse / 60.0 / self.p.hostility_half_life)
        self.events: list[tuple[float, int, int, int]] = []
        self.said: set[tuple[int, int, int]] = set()
        self.refused: set[tuple[int, int]] = set()
        self.known_to_refuse: set[tuple[int, int]] = set()
        self.orders = [
            (float(o["minute"]), int(o["unit"]), int(o["task"]), int(o["party"])) for o in city.orders
        ]
        self._lay_out(w, cast)
        self._find_ways(cast)
        self.units = [Unit(self, row) for row in rows(w["units"], city.units)]

    def _lay_out(self, w: Any, cast: Any) -> None:
        """Places, audiences and tasks."""
        self.tasks = [SimpleNamespace(**row) for row in rows(w["tasks"], len(w["tasks"]))]
        self.audiences = [SimpleNamespace(**row) for row in rows(w["audiences"], len(cast.audiences.ids))]
        for k, audience in enumerate(self.audiences):
            audience.row = k
        self.reports = w["reports"]["men"].tolist()
        self.group_men, self.homes = w["group_men"].tolist(), w["forces"]["home"].tolist()
        self.heard = [
            set(np.flatnonzero(w["news"]["raised"][a]).tolist()) for a in range(len(self.audiences))
        ]
        self.heads = int(w["sieges"]["heads"].max())
        self.ring = w["ring"].tolist()
        count = len(cast.places.ids)
        graph = nx.Graph(cast.city.graph)
        self.space = Network(graph, random=Random(0), cell_klass=Place, layout=None)
        self.places: list[Place] = [self.space[name] for name in cast.places.ids]
        for place, row in zip(self.places, rows(w["places"], count), strict=True):
            place.set_up(self, row)

    def _find_ways(self, cast: Any) -> None:
        """The edges open to each way of travelling."""
        self.networks, self.found, legs = [], {}, cast.city.legs
        for name in GRAPHS:
            graph: Any = nx.Graph()
            graph.add_nodes_from(range(len(self.places)))
            of = legs[name]
            for i, j in zip(*np.nonzero(of["takes"]), strict=True):
                edge = {
                    field: of[field][i, j].item() for field in ("takes", "km", "pace", "shut_if", "open_if")
                }
                graph.add_edge(int(i), int(j), **edge)
            self.networks.append(graph)

    def note(self, kind: int, place: int, side: int) -> None:
        """Write down an event."""
        self.events.append((self.now, kind, place, side))

    def once(self, force: int, place: int, what: int) -> bool:
        """Whether something of a force and a place is to be written down now."""
        new = (force, place, what) not in self.said
        self.said.add((force, place, what))
        return new

    def opened(self, graph: int, mask: int) -> Any:
        """The network as it is open with some bridges raised: nobody gets off a raised one. Turned round, so
        that ways are found from their goal.
        """
        if (graph, mask) not in self.found:
            self.found[graph, mask] = found = nx.DiGraph()
            found.add_nodes_from(self.networks[graph])
            for i, j, edge in self.networks[graph].to_directed().edges(data=True):
                if not self.places[i].bit & mask and (edge["open_if"] == 0 or edge["open_if"] & mask):
                    found.add_edge(j, i, takes=edge["takes"])
        return self.found[graph, mask]

    def next_place(self, graph: int, mask: int, here: int, goal: int) -> int:
        """The next place on the fastest way to a goal, -1 if there is no way."""
        try:
            return nx.dijkstra_path(self.opened(graph, mask), goal, here, weight="takes")[-2]
        except nx.NetworkXNoPath:
            return -1

    def is_shut(self, unit: Unit, following: int) -> bool:
        """Whether the edge before a unit cannot be used as the bridges really are."""
        edge = self.networks[unit.graph].edges[unit.cell.row, following]
        mask = sum(place.bit for place in self.places if place.raised)
        return bool(edge["shut_if"] & mask) or (edge["open_if"] > 0 and not edge["open_if"] & mask)

    def ring_post(self, unit: Unit, place: int) -> int:
        """The post of the ring round a place that a unit reaches first."""
        best, nearest, siege = place, inf, self.places[place].siege
        for at in (at for at in self.places if self.ring[siege][at.row]):
            try:
                takes = nx.dijkstra_path_length(self.opened(0, 0), at.row, unit.cell.row, weight="takes")
            except nx.NetworkXNoPath:
                continue
            if np.float32(takes) < nearest:
                best, nearest = at.row, np.float32(takes)
        return best

    def ring_wait(self, task: Any) -> float:
        """Minutes left until the ring of a siege is agreed on."""
        slowed = 1 + stances.HEADS_DELAY * (max(1, self.heads) - 1.0)
        u = uniform(self.luck, luck.ASSEMBLY, join(self.places[task.place].key, stances.RING_KEY), 0)
        ready = 60 * self.p.ring_readiness * slowed * lognormal(u, stances.RING_SPREAD)
        return max(task.first + ready - self.now, 0.0)

    def step(self) -> None:
        """A pulse: orders, stances, marches, stand-offs."""
        self.decide()
        self.march()
        self.stand_off()
        self.number += 1
        self.now = self.number * self.pulse

    def decide(self) -> None:
        """Orders come, moods change, units make up their minds and leave what they do no longer want."""
        for unit in self.units:
            unit.ordered = False
        while self.orders and self.orders[0][0] <= self.now:
            _, row, task, party = self.orders.pop(0)
            self.units[row].hear(self.tasks[task], party)
        block = int(self.now // (stances.MOOD_HOURS * 60))
        if block != self.block:
            self.block = block
            self.agents.do("new_mood")
        self.agents.do("think")
        for force, side in sorted(self.refused):
            self.count_refusals(force, side)
        self.refused.clear()
        self.agents.do("quit")

    def count_refusals(self, force: int, side: int) -> None:
        """A force is known to refuse when half of the men it was asked for have said no."""
        asked = [u for u in self.units if u.force == force and u.bid[side] >= 1.0]
        said_no = sum(u.men for u in asked if isfinite(u.refused_at[side]))
        if said_no * 2 >= max(sum(u.men for u in asked), 1) and (force, side) not in self.known_to_refuse:
            self.known_to_refuse.add((force, side))
            self.note(REFUSES, self.homes[force], -(-1, 1)[side])

    def march(self) -> None:
        """Units set out, walk the minutes of this pulse, and arrive."""
        for place in self.places:
            place.lower()
        self.agents.do("set_out")
        for _ in range(marches.MOST_LEGS):
            self.arrived = False
            self.agents.do("reach")
            if not self.arrived:
                return
            self.agents.do("look_again")
            self.agents.do("begin_leg")

    def stand_off(self) -> None:
        """Who holds what, wherever one side stands on the other's ground, or on nobody's."""
        for act in ("count", "find_contest"):
            self.all_places(act)
        if any(place.attacker >= 0 for place in self.places):
            for act in ("hand_over", "occupy", "face"):
                self.all_places(act)
            self.agents.do("give_way")
            for act in ("give_way", "draw_off", "open_fire"):
                self.all_places(act)
        for act in ("man_bridge", "move_bridge"):
            self.all_places(act)

    def all_places(self, act: str) -> None:
        """Have every place do something, in their order."""
        for place in self.places:
            getattr(place, act)()

    def state(self) -> NDArray[np.int64]:
        """Place, stance, duty and men of every unit, then the holder of every place."""
        columns = [[u.cell.row for u in self.units]]
        columns += [[getattr(u, name) for u in self.units] for name in FIELDS[1:]]
        columns += [[place.holder for place in self.places]]
        return np.concatenate(columns).astype(np.int64)

    def journal(self) -> list[tuple[float, int, int, int]]:
        """What has happened: minute, kind, place and side of every event."""
        return self.events
