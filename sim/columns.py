"""The columns: the whole changing state of W parallel worlds, as arrays with the worlds first."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.agents.people import Liberty
from sim.script import NEVER, Script
from sim.setting import Setting

Array = NDArray[Any]


@dataclass
class Columns:
    """State by (worlds, units), (worlds, places) and so on; minutes count from the start, NEVER is infinity.

    Axes: u units, p places, a audiences, q audiences as sources, t tasks, d decisions, f facts, n people, k places
    that can be besieged, s sides (government, Soviet), g groups of units.
    """

    # units (w, u)
    men: Array  # present; of a unit that has sent out a party, the men of the party
    rest: Array  # left in quarters while a party is out
    party: Array  # men wanted of it by the order in hand
    arms: Array
    cohesion: Array
    loyalty: Array  # the opening draw; words, shocks and agitation come on top
    moved: Array  # what words and shocks have moved it
    place: Array  # where it is, or which place it last left
    to: Array  # next place on the march, -1 if it stands
    left: Array  # minutes left to it
    leg: Array  # minutes the whole edge takes
    goal: Array  # where it is going, -1
    pace: Array  # luck of this march, a factor of time
    duty: Array
    stance: Array
    task: Array  # the live order it knows, -1
    order_at: Array
    told: Array  # the order on its way to it, -1
    told_at: Array
    bid: Array  # (w, u, s) standing of each side's orders: 1 named, .25 called to readiness, 0
    bid_at: Array  # (w, u, s)
    confined: Array  # (w, u, s) told by a side to stay in barracks
    commissar_at: Array  # (w, u, s) since when a commissar of a side is accepted
    ready: Array  # (w, u, s)
    refused_at: Array  # (w, u, s) when it last said no to a side
    sets_out_at: Array
    thinks_at: Array  # when it has been told to think again
    clock_at: Array  # when it next thinks of its own accord, by a clock that nothing shifts
    clock_beats: Array
    infantry_share: Array
    fed_at: Array
    spent: Array  # has gone home or been disarmed: takes no more orders
    cause: Array  # event behind its present task
    # places (w, p)
    holder: Array
    raised: Array
    power: Array
    occupier: Array  # side index that stands there unopposed, -1
    occupied_at: Array
    firing: Array
    hostility: Array
    raise_at: Array  # a bridge going up at
    strength_then: Array  # (w, p, s) men when the shooting began
    lost_there: Array  # (w, p, s) killed in this fight
    holder_cause: Array
    taken_at: Array  # (w, p, s) when a side first took it
    envoy_at: Array  # (w, p, s) when a side's commissar reaches it
    envoy_cause: Array  # (w, p, s)
    # knowledge (w, a, ...)
    heard: Array  # (w, a, p) holder as last heard
    heard_raised: Array  # (w, a, p) bridge up as last heard
    news: Array  # (w, a, p) holder in a message on its way
    news_raised: Array
    news_at: Array
    next_news: Array  # (w, a) the earliest of them
    told_of: Array  # (w, p, 3, 2) how often word has gone out that a side holds it (government, nobody, Soviet), bridge down or up
    weighed: Array  # (w, a, 2) weighted sum of heard holders: public, other
    strength: Array  # (w, a, q, g, s) active men as last heard
    known: Array  # (w, a, g, s) its sum over the sources
    report: Array  # the same in the report on its way
    report_at: Array  # (w, a, q)
    reports: Array  # (w, a, q) how many have been sent
    line: Array  # (w, a) telephone alive
    line_cut_at: Array  # (w, a)
    delay: Array  # (w, a, q) median minutes of a message
    relief: Array  # (w, a, s) men believed on the way, of a full relief
    fact_at: Array  # (w, a, f) when an audience hears of it
    fact_done: Array  # (w, f) it has happened
    fact_since: Array  # (w, f) when it first did
    fact_felt: Array  # (w, a, f) it has had its effect there
    fact_cause: Array  # (w, f)
    feel_at: Array  # (w, a) the earliest of those that have not
    stirred: Array  # (w, a) relevant news this pulse
    # headquarters, tasks, decisions
    posture: Array  # (w, s) 0 defensive, 1 offensive
    desk_free_at: Array  # (w, s)
    task_state: Array  # (w, t) 0 none, 1 waiting, 2 given out, 3 over
    task_since: Array
    task_first: Array  # when it was first put on a desk
    task_cause: Array
    tries: Array  # how often it has been given out in vain
    handled: Array  # how often a desk has taken it up
    due: Array  # (w, d)
    fired_at: Array
    lapsed: Array
    decided: Array  # event of a decision
    alarmed: Array  # (w, s)
    mobilised: Array  # (w, s) a headquarters left to itself has called its men to arms
    # people (w, n)
    where: Array
    liberty: Array
    bound_for: Array
    arrives_at: Array
    person_cause: Array
    disguised: Array
    own_way: Array
    # sieges (w, k)
    ring_at: Array  # when the ring is closed
    assault_at: Array
    term_at: Array  # when an ultimatum runs out
    paused_until: Array
    way_out: Array  # 0 none offered, 1 without arms, 2 with arms
    barred: Array  # officers let nobody go
    tight: Array
    shells_left: Array
    shells: Array
    first_blank: Array  # when a blank was first fired
    hits: Array
    fire_at: Array
    blank_at: Array
    intruders: Array
    troika: Array  # heads of the siege command
    siege_cause: Array
    left_inside: Array  # men who have left from inside
    # congress and endings (w,)
    planned_at: Array
    opens_at: Array
    opened_at: Array
    motion_at: Array
    walkout_at: Array
    proclaimed_at: Array
    votes_for: Array  # delegates for the transfer of power, of those present
    present: Array
    stormed_talk: Array  # the congress has heard that socialist ministers are held
    killed: Array  # (w, s)
    peak: Array  # (w, s) highest active strength so far
    low_at: Array  # (w, s) since when active strength is below a quarter of its peak
    relieved_since: Array  # since when relief has had the better odds
    settled: Array
    yielded: Array  # the seat was given up
    ending: Array
    ended_at: Array
    engaged: Array  # (w, u, s) most men of it ever active at once for a side
    # what happened first and when, for the outcomes; no rule reads these
    first_raised: Array  # (w, p) a bridge went up
    first_shots: Array  # (w, p) the two sides began to shoot
    fallen_before: Array  # (w, p, s) killed of both sides when a side first took it
    most_taken: Array  # (w, s) most places at once that a side held and did not hold at the opening
    line_off: Array  # (w, a) the telephones first went dead
    line_on: Array  # (w, a) they were first joined again
    first_shell: Array  # (w, k)
    first_inside: Array  # (w, k) besiegers got in
    first_disarming: Array  # (w, k) those inside were the many
    first_arrival: Array  # (w, forces) a detachment from outside was in the city
    first_leaving: Array  # (w, forces) a detachment left its post
    first_stopped: Array  # (w, forces) a detachment was turned back by a guard
    fallen: Array  # (w, p, s) killed there
    said: dict[str, Array]  # (w,) what the chronicle has said once and need not say again

    def copy(self) -> Columns:
        """An independent copy of every column."""
        return deepcopy(self)

    def equal(self, other: Columns) -> bool:
        """Whether two states are the same to the bit."""
        mine, theirs = vars(self) | self.said, vars(other) | other.said
        return mine.keys() == theirs.keys() and all(np.array_equal(mine[k], theirs[k]) for k in mine if k != "said")


def found(mask: Array) -> tuple[Array, ...]:
    """The indices of what is True, as np.nonzero gives them, but fast for arrays of several axes."""
    flat = mask.reshape(-1).nonzero()[0]
    if mask.ndim != 2:
        return np.unravel_index(flat, mask.shape)
    row = flat // mask.shape[1]
    return row, flat - row * mask.shape[1]


def blank(setting: Setting, script: Script, worlds: int) -> Columns:
    """The columns before the opening: everybody at home, nothing heard, nothing decided."""
    w, u, p = worlds, len(setting.units.ids), len(setting.places.ids)
    a, t, d = len(setting.audiences.ids), len(script.tasks.place), len(script.decisions.ids)
    f, n, k, forces = len(script.facts.ids), len(setting.people.ids), len(setting.places.besieged), len(setting.forces.ids)

    def row(values: Any, kind: Any) -> Array:
        return np.array(np.broadcast_to(np.asarray(values, dtype=kind), (w, *np.shape(values))), order="C")  # worlds apart in memory

    def full(shape: tuple[int, ...], value: Any, kind: Any = float) -> Array:
        return np.full((w, *shape), value, dtype=kind)

    units, places, people = setting.units, setting.places, setting.people
    roof = np.where(people.place >= 0, Liberty.FREE, Liberty.ABSENT)
    return Columns(
        men=row(units.men, np.int64), rest=full((u,), 0, np.int64), party=row(units.men, np.int64), arms=row(units.arms, float), cohesion=full((u,), 0.6), loyalty=full((u,), 0.0),
        moved=full((u,), 0.0), place=row(units.home, np.int64), to=full((u,), -1, np.int64), left=full((u,), 0.0), leg=full((u,), 1.0),
        goal=full((u,), -1, np.int64), pace=full((u,), 1.0), duty=row(units.duty, np.int8), stance=full((u,), 0, np.int8),
        task=full((u,), -1, np.int64), order_at=full((u,), NEVER), told=full((u,), -1, np.int64), told_at=full((u,), NEVER),
        bid=full((u, 2), 0.0), bid_at=full((u, 2), 0.0), confined=full((u, 2), False, bool), commissar_at=full((u, 2), NEVER),
        ready=full((u, 2), False, bool), refused_at=full((u, 2), NEVER), sets_out_at=full((u,), NEVER), thinks_at=full((u,), NEVER),
        clock_at=full((u,), 0.0), clock_beats=full((u,), 0, np.int32),
        infantry_share=full((u,), 0.5), fed_at=full((u,), 0.0), spent=full((u,), False, bool),
        cause=full((u,), -1, np.int64),
        holder=row(places.holder, np.int8), raised=full((p,), False, bool), power=full((p,), True, bool),
        occupier=full((p,), -1, np.int8), occupied_at=full((p,), NEVER), firing=full((p,), False, bool), hostility=full((p,), 0.0),
        raise_at=full((p,), NEVER), strength_then=full((p, 2), 0.0), lost_there=full((p, 2), 0.0),
        holder_cause=full((p,), -1, np.int64), taken_at=full((p, 2), NEVER), envoy_at=full((p, 2), NEVER), envoy_cause=full((p, 2), -1, np.int64),
        heard=np.array(np.broadcast_to(places.holder, (w, a, p)), order="C"), heard_raised=full((a, p), False, bool),
        news=full((a, p), 0, np.int8), news_raised=full((a, p), False, bool), news_at=full((a, p), NEVER),
        next_news=full((a,), NEVER), told_of=full((p, 3, 2), 0, np.int32), weighed=full((a, 2), 0, np.int64), strength=full((a, a, 5, 2), 0, np.int32),
        known=full((a, 5, 2), 0, np.int64), report=full((a, a, 5, 2), 0, np.int32),
        report_at=full((a, a), 0.0), reports=full((a, a), 0, np.int32), line=full((a,), True, bool), line_cut_at=full((a,), NEVER), delay=full((a, a), 60.0),
        relief=full((a, 2), 0.0), fact_at=full((a, f), NEVER), fact_done=full((f,), False, bool), fact_since=full((f,), NEVER),
        fact_felt=full((a, f), False, bool), feel_at=full((a,), NEVER), fact_cause=full((f,), -1, np.int64), stirred=full((a,), False, bool),
        posture=full((2,), 0, np.int8), desk_free_at=full((2,), 0.0), task_state=full((t,), 0, np.int8), task_since=full((t,), NEVER), task_first=full((t,), NEVER),
        task_cause=full((t,), -1, np.int64), tries=full((t,), 0, np.int64), handled=full((t,), 0, np.int64), due=full((d,), NEVER), fired_at=full((d,), NEVER),
        lapsed=full((d,), False, bool), decided=full((d,), -1, np.int64), alarmed=full((2,), False, bool), mobilised=full((2,), False, bool),
        where=row(people.place, np.int64), liberty=row(roof, np.int8), bound_for=full((n,), -1, np.int64),
        arrives_at=full((n,), NEVER), person_cause=full((n,), -1, np.int64), disguised=full((n,), False, bool), own_way=full((n,), False, bool),
        ring_at=full((k,), NEVER), assault_at=full((k,), NEVER), term_at=full((k,), NEVER), paused_until=full((k,), 0.0),
        way_out=full((k,), 0, np.int8), barred=full((k,), False, bool), tight=full((k,), False, bool), shells_left=full((k,), 0, np.int64),
        shells=full((k,), 0, np.int64), hits=full((k,), 0, np.int64), fire_at=full((k,), NEVER), blank_at=full((k,), NEVER),
        intruders=full((k,), 0, np.int64), troika=full((k,), 1, np.int8), siege_cause=full((k,), -1, np.int64), left_inside=full((k,), 0, np.int64),
        planned_at=full((), NEVER), opens_at=full((), NEVER), opened_at=full((), NEVER), motion_at=full((), NEVER), walkout_at=full((), NEVER),
        proclaimed_at=full((), NEVER), votes_for=full((), 0, np.int64), present=full((), 0, np.int64), stormed_talk=full((), False, bool), killed=full((2,), 0, np.int64), peak=full((2,), 0, np.int64),
        low_at=full((2,), NEVER), relieved_since=full((), NEVER), settled=full((), False, bool), yielded=full((), False, bool), ending=full((), 0, np.int8),
        ended_at=full((), NEVER), engaged=full((u, 2), 0, np.int32),
        first_raised=full((p,), NEVER), first_shots=full((p,), NEVER), fallen_before=full((p, 2), 0, np.int32), most_taken=full((2,), 0, np.int32),
        line_off=full((a,), NEVER), line_on=full((a,), NEVER), first_blank=full((k,), NEVER), first_shell=full((k,), NEVER),
        first_inside=full((k,), NEVER), first_disarming=full((k,), NEVER), first_arrival=full((forces,), NEVER), first_leaving=full((forces,), NEVER),
        first_stopped=full((forces,), NEVER), fallen=full((p, 2), 0, np.int32), said={},
    )
