"""The opening: the state of a city at the start, drawn once for every world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaincinv

from sim import luck
from sim.agents.people import Liberty
from sim.agents.unit import Duty
from sim.luck import Process
from sim.rules.beliefs import beliefs
from sim.rules.messages import active_men, delays
from sim.rules.stances import decide
from sim.setting import SIDES

if TYPE_CHECKING:
    from sim.model import Petrograd

COHESION_SPREAD = 0.1
CONDITION_WEIGHT = 6.0  # how closely the conditions of Cossack detachments lie about their mean (a + b of the Beta)


def open_city(m: Petrograd) -> None:
    """Draw men, minds and conditions; let everybody know how things stand; let posts take their stance."""
    _draw_men(m)
    _draw_minds(m)
    _know(m)
    _take_posts(m)


def _draw_men(m: Petrograd) -> None:
    """Strength of each force within its documented bounds; posts away from home keep their number."""
    c, s = m.columns, m.setting
    forces = list(s.history.forces.values())
    spread = np.array([np.log(max(f.men_high, 1) / max(f.men_low, 1)) / 4 for f in forces])
    u = m.luck.uniform(Process.OPENING, luck.keys(f"force:{f.id}" for f in forces), 0)
    low = np.array([f.men_low / max(f.men, 1) for f in forces])
    high = np.array([f.men_high / max(f.men, 1) for f in forces])
    factor = np.clip(np.exp(spread * luck.standard_normal(u)), low, high)[:, s.units.force]
    post = np.array([("@" in name) or s.units.duty[i] == Duty.ON_POST for i, name in enumerate(s.units.ids)])
    c.men[:] = np.where(post, c.men, np.rint(c.men * factor)).astype(np.int64)
    cohesion = m.luck.uniform(Process.OPENING, luck.join(s.units.keys, np.uint64(1)), 0)
    c.cohesion[:] = np.clip(m.p.opening_cohesion[:, None] + COHESION_SPREAD * luck.standard_normal(cohesion), 0.05, 1.0)


def _draw_minds(m: Petrograd) -> None:
    """d = scale * leaning + sigma_d * normal; the condition of those who want infantry beside them; when they next think."""
    c, s, p = m.columns, m.setting, m.p
    mind = m.luck.signed(m.luck.uniform(Process.LOYALTY, s.units.keys, 0))
    c.loyalty[:] = p.loyalty_scale[:, None] * s.units.leaning + p.loyalty_spread[:, None] * mind
    u = m.luck.uniform(Process.OPENING, luck.join(s.units.keys, np.uint64(2)), 0)
    mean = p.infantry_condition[:, None]
    c.infantry_share[:] = betaincinv(CONDITION_WEIGHT * mean, CONDITION_WEIGHT * (1 - mean), u)
    m.beat(c.clock_at, c.clock_beats, s.units.keys, p.decision_rate)
    asked = m.luck.uniform(Process.OPENING, luck.keys(f"commissar:{name}" for name in s.forces.ids), 0)[:, s.units.force]
    c.commissar_at[:] = np.where(asked[:, :, None] < s.units.commissar, 0.0, np.inf)
    choices = [choice for rows in s.history.decisions.values() for choice in rows if "disguised" in choice.params]
    hidden = sorted({s.people.index[o] for c_ in choices for o in c_.object if o in s.people.index and s.history.people[o].side * SIDES[1] > 0})
    c.liberty[:, hidden] = np.where(c.liberty[:, hidden] == Liberty.FREE, Liberty.HIDDEN, c.liberty[:, hidden])


def _know(m: Petrograd) -> None:
    """Everybody knows the holders of the start and how many stand on post for whom."""
    c, s = m.columns, m.setting
    weight = s.places.weight * s.places.holder
    c.weighed[:, :, 0], c.weighed[:, :, 1] = weight[s.places.public].sum(), weight[~s.places.public].sum()
    delays(m, np.arange(m.worlds))
    beliefs(m)


def _take_posts(m: Petrograd) -> None:
    """Those posted have their orders from the holder; who stands there by roster may not mean to act."""
    c, s = m.columns, m.setting
    posted = (c.duty == Duty.ON_POST) & (c.men > 0)
    for side, sign in enumerate(SIDES):
        mine = posted & (c.holder[np.arange(m.worlds)[:, None], c.place] == sign) & ~((s.units.trusted == -sign) | s.units.civilian)
        c.bid[:, :, side] = np.where(mine, 1.0, 0.0)
        c.stance[mine & ~s.units.roster] = sign
    world, unit = np.nonzero(posted)
    c.stance[world, unit] = decide(m, world, unit, s.places.audience[c.place[world, unit]])
    truth = active_men(m)
    c.strength[:], c.report[:] = truth[:, None], truth[:, None]
    c.known[:] = truth.sum(axis=1)[:, None]
    a = s.audiences
    manned = np.isin(np.arange(len(a.ids)), s.places.audience[s.units.home]) | a.in_city
    far = ~a.in_city[:, None] & ~a.in_city[None, :] & ~np.eye(len(a.ids), dtype=bool) | ~manned[None, :]
    key = luck.join(a.keys[:, None], a.keys[None, :])
    first = m.luck.uniform(Process.MESSAGE, key.ravel(), -1).reshape(m.worlds, len(a.ids), len(a.ids))
    c.report_at[:] = np.where(far, np.inf, first * (m.between_reports + c.delay))
    beliefs(m)
