"""The state of one history: every field declared once, with its unit and meaning; what a thing is apart from
how it stands.

Minutes count from the start; NEVER is infinity and LONG_AGO minus infinity. A row number of -1 is none.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from sim.parameters import centres
from sim.records import Grid, Record, Row, blank, f8, flag, i1, i2, i4, i8, u8

NEVER, LONG_AGO = inf, -inf
GOVERNMENT, SOVIET = range(2)  # sides in tables; stances and holders have -1 and +1, 0 for neither
IN_QUARTERS, UNDER_WAY, ON_POST, BESIEGED, GONE = range(5)  # duties of a unit
GARRISON, WORKERS, VOLUNTEERS, FRONT, TOWNSMEN = range(5)  # groups: whose stance is talked about as one
GROUPS = 5
REGIMENTS = 0  # the band of Guards and line regiments, whose neutrality is a choice like the others
FREE, TRAVELLING, HIDDEN, ARRESTED, FLED, ABSENT = range(6)  # liberty of a person
SEIZE, GUARD, RAISE, CALL, MUSTER, CLOSE, RING, ARREST, MARCH = range(9)  # purposes of a task
NOT_WANTED, WAITING, GIVEN_OUT, OVER = range(4)  # states of a task
FOOT, RAIL, WATER = range(3)  # ways of travelling
OPEN, STORMED, YIELDED, RESTORED, RELIEVED, SETTLED, UNDECIDED = range(7)  # endings
NO_WORDS, SHOCK, HURTS, HELPS = range(4)  # what scales the effect of a fact on minds
NO_LAPSE, WHEN_HELD, WHEN_FALLEN = range(3)  # when a decision is overtaken by what became of its objects
# bits of `said`: what is written down once for a force and a place
ARRIVED, LEFT, STOPPED, GAVE_UP = 1, 2, 4, 8

# What an act of a decision does; its `who` and `where` are rows of what the comment says.
(
    READY,  # all who hear the side stand ready
    CONFINE,  # the garrison is told to stay in
    BAR,  # where: siege; officers let nobody go
    DEFEND,
    ATTACK,  # posture
    UNPLUG,  # where: audience, number: 1 missed, 0 found, -1 by chance; at the exchange
    UNPLUGGED,  # the shock of telephones cut
    PLUG,  # where: audience, who: place
    DARKEN,  # where: place
    SEND_COMMISSAR,  # where: place, number: not before
    SETTLE,  # who: decision that lapses, and a settlement
    GIVE_UP,  # the seat is given up
    DISMISS,  # commissars of the side are dropped
    OPEN_WAY,  # number: way out of every siege, or of siege `where`
    SHUT_WAY,  # no more than a way out without arms
    CALL_OFF,  # who: task
    SUMMON,  # where: siege, number: minutes of the term
    BLANK,  # where: siege, number: minutes until ready, 0 as the guns are
    FIRE,  # where: siege, number: minutes until ready, 0 as the guns are, more: shells
    RESUME,  # where: siege; the pause is over
    STORM,  # where: siege; the assault is ordered
    BESIEGE,  # where: siege; the decision is behind it
    TIGHTEN,  # where: siege; nobody is let out unasked
    PAUSE,  # where: siege, number: minutes
    TROIKA,  # number: heads of the command of every siege
    CONFUSE,  # the desk loses an hour
    CABINET,  # ministers of the side set out for their seat
    DEPART,  # who: person, where: place, number: 1 disguised, more: 1 by car
    SAIL,  # who: force
    CONVENE,  # number: minute planned, more: minutes of patience
    MEDIATE,  # who: person, where: place, number: fact of being turned away
    RETIRE,  # who: person, relieved of his command
) = range(32)
# steps that no act does: points guarded, bridges raised, men called in, nerves of the city taken in defence
GUARDS, RAISES, CALLS_IN, SHIELDS = range(32, 36)
ALWAYS, UNTIL, UNLESS_LAPSED, WHILE_LIVE, WHILE_PENDING = range(5)  # how long a decision covers something
CALLS, SIEGES, FIELD = range(3)  # the desks of a headquarters
DESKS = 3
# why a decision lapses
(
    NOBODY_FREE,  # nobody is left to take it
    FOLLOWED_LAPSED,  # so has what it follows
    WAITED_IN_VAIN,  # its occasion has not come in time
    HAS_ITS_OBJECT,
    OBJECT_FALLEN,
    SEAT_LOST,
    SIEGE_OVER,
    BOUND,  # by a settlement
) = range(8)
REVIEW = 15.0  # minutes between two reviews of a headquarters left to itself
# What comes from outside, by nobody's decision in the city.
ARRIVAL, TELEPHONE, BRIDGE, CURRENT = range(4)


class Unit(Record):
    """A detachment that decides as one. What rules ask of every unit in every pulse comes first, within two
    lines of the processor's cache.
    """

    # how it stands, and what of it every scan asks for
    row: i2
    home: i2
    men: i4  # present; of a unit that has sent out a party, the men of the party
    rest: i4  # men left in quarters while a party is out
    place: i2  # where it is, or which place it last left
    post: i2  # where it stood on post when the rule began, -1
    task: i2  # the live order it knows
    told: i2  # the order on its way to it
    duty: i1
    stance: i1  # -1 acts for the government, 0 stays in, +1 acts for the Soviet
    stood_for: i1  # what it stood for there
    spent: flag  # has gone home or been disarmed: takes no more orders
    ordered: flag  # an order has reached it in this pulse
    due: flag  # for the length of a rule
    in_city: flag  # its home is
    group: i1
    band_of: i1  # which of the bands
    levy: flag  # comes together from the works, and is not quartered together
    civilian: flag
    roster: flag  # stands guard by roster: a guard that will not act stays, and does not resist
    holds: (
        flag  # for the length of a rule: a guard that has declared for nobody holds its post as it was told
    )
    is_party: flag  # a row for men sent out by a detachment that goes on standing where it is
    to: i2  # next place on the march
    goal: i2
    force: i2
    clock_at: f8  # when it next thinks of its own accord, by a clock that nothing shifts
    thinks_at: f8  # when it has been told to think again
    sets_out_at: f8
    bid: Annotated[Row[float], "f8", 2]  # standing of each side's orders: 1 named, .25 called to readiness, 0
    told_at: f8
    left: f8  # minutes left to the next place
    party: i4  # men wanted of it by the order in hand
    engaged: Annotated[Row[int], "i4", 2]  # most men of it ever active at once for a side
    asked: Annotated[Row[int], "i4", 2]  # most men that a side's order ever asked for
    came: Annotated[Row[int], "i4", 2]  # most men of these who ever stood where they were wanted
    under: i2  # the call it was sent out from, and to which it goes back, -1
    order_at: f8
    bid_at: Annotated[Row[float], "f8", 2]
    refused_at: Annotated[Row[float], "f8", 2]  # when it last said no to a side
    arms: f8  # share of the men who are armed, 0 .. 1
    commissar_at: Annotated[Row[float], "f8", 2]  # since when a commissar of a side is accepted
    cohesion: f8  # 0 .. 1
    loyalty: f8  # the opening draw; words, shocks and agitation come on top
    moved: f8  # what words and shocks have moved it
    swayed: f8  # what agitation has
    mood: f8  # eps of this block of hours
    confined: Annotated[Row[int], "i1", 2]  # told by a side to stay in barracks
    ready: Annotated[Row[int], "i1", 2]
    cause: i4  # event behind its present task
    clock_beats: i4
    leg: f8  # minutes the whole edge takes
    pace: f8  # luck of this march, a factor of time
    infantry_share: f8  # of its regiment's men that it wants to see in the street
    fed_at: f8
    # what it is
    key: u8
    order: f8  # 0 .. 1, breaks ties the same way in whatever order things stand
    quality: f8
    worth: f8  # of one of its men with a rifle, in a fight: quality, of a levy less by a parameter
    band: f8  # theta, from the parameters
    belief_pull: f8  # share of beta
    trusted: i1  # the side whose headquarters counts on its kind, as -1 or +1
    sworn: i1  # the side whose men they are
    infantry_for: i1  # the side it acts for, beside infantry only; 0 asks for none
    graph: i1
    guns: flag
    posted: flag  # stands on post at the opening
    sort: i2
    appears: i2  # the decision that brings it into being
    parent: i2  # the force its men are taken from then
    regiment: i4  # men of its force
    assurance: f8  # how much hope of relief counts in its spirit
    speed: f8  # km/h on land
    afloat: f8  # km/h on water
    leaning: f8
    commissar: Annotated[Row[float], "f8", 2]  # chance that its force has accepted a side's
    # for the length of a rule
    rank: f8
    goal_task: i2  # the order it is to have


class Place(Record):
    """A building, square, bridge, anchorage or town; its fields in the order in which rules ask for them."""

    row: i2
    holder: i1
    opening_holder: i1
    attacker: i1  # side, -1
    occupier: i1  # side that stands there unopposed, -1
    event: i1  # for the length of a rule
    kept: flag  # nobody can take it now
    claimed: flag  # somebody may claim it: for the length of a rule
    manned: flag
    raised: flag
    firing: flag
    passive: flag  # for the length of a rule: a guard stands there that does not resist
    willing: flag  # for the length of a rule: one of one mind with the attacker, and a commissar accepted
    sealed: flag  # for the length of a rule: most of the defenders live there and are told to hold it
    shelled: flag  # a gun has been fired at it
    span: flag  # a movable bridge
    water: flag  # nobody can hold it
    arsenal: flag
    exchange: flag
    telegraph: flag
    in_city: flag
    gate: flag
    siege: i2  # the row of its siege, if it can be besieged
    audience: i2
    bit: i4  # of a set of raised bridges
    envoy_at: Annotated[Row[float], "f8", 2]  # when a side's commissar reaches it
    hostility: f8  # 0 .. 1
    occupied_at: f8
    raise_at: f8  # a bridge going up at
    bars: Annotated[Grid[int], "i8", 2, 2]  # strength that lets nobody past: armed men, townsmen; as last met
    weight: i2
    public: flag
    power: flag
    under_fire_of: i2  # the stronghold whose fire reaches it
    had: Annotated[Row[int], "i1", 2]  # a side has held it
    strength_then: Annotated[Row[int], "i4", 2]  # men when the shooting began
    lost_there: Annotated[Row[int], "i4", 2]  # killed in this fight
    fallen: Annotated[Row[int], "i4", 2]  # killed there
    beaten_off: Annotated[Row[float], "f8", 2]  # when an attack of a side last failed there
    holder_cause: i4
    envoy_cause: Annotated[Row[int], "i4", 2]
    # how often word has gone out: government, nobody, Soviet; down, up
    told_of: Annotated[Grid[int], "i4", 3, 2]
    men_there: Annotated[Row[int], "i4", 2]  # who acts there, where it is claimed or people are looked for
    # what it is
    key: u8
    press: flag
    seat: flag  # a great building, whose strength is a parameter
    wire: flag  # telegraph, or a line of its own
    station: flag  # makes the current
    objective: i1
    position: f8  # factor of who defends it
    bears: Annotated[Row[float], "f8", 2]  # share lost at which defender, attacker break; 0 not drawn
    guard_known: i4  # men known to be posted at the opening
    priority: Annotated[Row[int], "i4", 2]
    capture_fact: Annotated[Row[int], "i2", 2]
    bridge_fact: Annotated[Row[int], "i2", 2]
    # for the length of a rule
    odds: f8
    attack: f8
    defend: f8
    strength: Annotated[Row[int], "i8", 2]  # thousandths of a man
    armed: Annotated[Row[int], "i4", 2]
    minds: Annotated[Row[int], "i8", 2]  # minds towards their own side, in millionths, summed over the men
    residents: Annotated[Row[int], "i4", 2]  # men who live there and are told to hold it
    guns: Annotated[Row[int], "i1", 2]  # whether a side has a gun there


class Audience(Record):
    """Those who hear of things together: a quarter, a town, a headquarters."""

    line: flag  # telephone alive
    stirred: flag  # relevant news this pulse
    line_cut_at: f8
    next_news: f8
    next_report: f8
    feel_at: f8
    belief: f8  # log-odds that the Soviet prevails
    relief: Annotated[Row[float], "f8", 2]  # men believed on the way, of a full relief
    reckoned: Annotated[Row[float], "f8", 2]  # men of each side of whom `log_men` is: it is right for these
    log_men: Annotated[Row[float], "f8", 2]  # ln of them
    heard_declared: Annotated[Row[int], "i8", 2]  # in the whole city, as last heard
    ahead: f8  # share of a quarter's regiments declared for the Soviet, less that for the government
    regiment_men: i4  # of the regiments quartered here
    confidence_of: f8  # the belief of which `confidence` is
    confidence: f8  # tanh of half of it
    weighed: Annotated[Grid[int], "i8", 2, 2]  # weighted sum of heard holders: far, near; public, other
    weights: Annotated[Grid[int], "i8", 2, 2]  # of the places themselves, likewise
    known: Annotated[Grid[int], "i8", 5, 2]  # active men as last heard, summed over the sources
    active: Annotated[Grid[int], "i4", 5, 2]  # active men who are here
    declared: Annotated[Row[int], "i4", 2]  # men of the regiments here who have declared, active or not
    key: u8
    place: i2  # where news reaches it
    quarter: i2  # the quarter in which it lies
    in_city: flag
    hall: flag  # of a headquarters or seat
    side: i1  # whose headquarters, as -1 or +1
    manned: flag  # there are troops to tell of
    quarter_men: i4
    cut_fact: i2  # its telephones go dead
    cut_cause: i4  # event behind the cut that is due


class News(Record):
    """A place, as an audience knows it."""

    holder: i1
    raised: flag
    near: flag  # it lies in the quarter, or close by
    coming_holder: i1  # in a message on its way
    coming_raised: flag
    at: f8


class Report(Record):
    """Active men of one audience, as another knows them."""

    men: Annotated[Grid[int], "i4", 5, 2]  # as last heard
    coming: Annotated[Grid[int], "i4", 5, 2]  # in the report on its way
    declared: Annotated[Row[int], "i4", 2]  # men of the regiments who have declared, as last heard
    declared_coming: Annotated[Row[int], "i4", 2]
    delay: f8  # median minutes of a message
    between: f8  # minutes before the next is sent
    km: f8
    key: u8
    sent: i4


class Hearing(Record):
    """A fact, as an audience knows it."""

    at: f8
    felt: flag


class Fact(Record):
    """What is heard of: what decisions wait for, appeals, and acts that shock."""

    done: flag
    since: f8
    cause: i4
    stroke: i4  # in which it happened: what happens at one stroke is heard of from the nearest place
    key: u8
    shift: f8  # loyalty moved in who hears it, before the parameters' scale
    scale: i1
    words: f8  # the parameters' scale


class Task(Record):
    """What units can be sent to do; what every scan asks for comes first."""

    row: i2
    place: i2
    state: i1
    purpose: i1
    side: i1
    desk: flag  # goes over the desk of a headquarters
    since: f8
    committed: i4  # men who go, or have gone
    staged: i2  # waits until the term given to this siege is out
    decision: i2
    same: flag  # goes with the telegram in hand
    open: flag  # others may fill in
    whole: flag  # all who are named, not only as many as are wanted
    bars: flag  # a cordon that lets nobody of the other side through
    armed_only: flag
    frees: flag  # leaves a unit free for other work once it has arrived
    aims: flag  # over when the place is won
    standing: flag  # of a headquarters that decides by itself
    covered: flag  # a decision settles it: for the length of a rule
    on_table: i1  # which desk
    numbered: flag  # a decision names how many men
    act_at: f8  # not to begin on the spot before this minute
    leave_at: f8  # not to set out before this minute
    rank: Annotated[Row[float], "f8", 2]  # what a desk gives out first
    order: f8
    cause: i4
    tries: i4  # how often it has been given out in vain
    handled: i4  # how often a desk has taken it up
    men: i4
    key: u8
    origin: i2  # audience the order comes from
    garrison_call: flag  # a standing call to a force that its side does not count on by kind
    hands: flag  # names a unit from outside the city
    kin: flag  # names a unit in the city that its side counts on by kind
    first: f8  # when it was first put on a desk
    named_from: i2  # whoever is named for it has a row from this one
    named_to: i2  # to before this one


class Decision(Record):
    """What leaders resolve."""

    row: i2
    due: f8
    fired_at: f8
    lapsed: flag
    why: i1  # it has lapsed
    called: flag  # its hour has come in this pulse
    personal: flag  # of what the decider does himself: nobody can take it for him
    of_force: flag  # sends armed men, or does what a settlement ends
    documented: f8  # its minute in the record, or where the scenario moved it
    event: i4
    key: u8
    side: i1
    taken: flag  # False where the choice is to do nothing
    echo: flag  # only sends, at another hour, a force that another decision names
    overtaken: i1
    at: f8
    lag: f8
    spoken_at: i2  # the place where it is taken, as people stand at the start
    word_fact: i2  # its appeal
    place: i2  # of which it speaks
    after: Annotated[Row[int], "i2", 4]
    hears: Annotated[Row[int], "i2", 6]
    people: Annotated[Row[int], "i2", 8]
    staffs: Annotated[Row[int], "i2", 4]
    objects: Annotated[Row[int], "i2", 12]  # places
    crews: Annotated[Row[int], "i2", 4]  # forces that are to fire
    own_key: u8  # of this row alone; an echo has the key of what it echoes


class Act(Record):
    """One thing that a decision does by itself."""

    decision: i2
    does: i1
    who: i2
    where: i2
    number: f8
    more: f8


class Person(Record):
    """Somebody by name."""

    row: i2
    place: i2
    liberty: i1
    bound_for: i2  # -2: will be stopped on the way
    arrives_at: f8
    cause: i4
    disguised: flag
    own_way: flag  # has chosen to go elsewhere than to his seat
    key: u8
    side: i1  # -1 or +1
    minister: flag
    hides: flag
    resolve: f8
    leads: i1  # his rank among those who lead his side's headquarters, 0 none
    pass_fact: i2  # he came through in disguise


class Force(Record):
    """A regiment, school, crew, guard or crowd, which its detachments are cut from."""

    first_arrival: f8  # a detachment from outside was in the city
    answers_at: f8  # a crew has its order to put to sea
    answers_to: i1  # the side
    answers_because: i4
    held_said: flag  # its train is held, written down once
    back_said: flag
    refused: Annotated[Row[int], "i1", 2]  # a detachment has said no to a side in this pulse
    known_to_refuse: Annotated[Row[int], "i1", 2]
    key: u8
    asked_key: u8
    home: i2
    men: i4
    spread: f8  # of the logarithm of its strength
    low: f8  # bounds of its strength, as factors
    high: f8
    refuse_fact: i2


class Siege(Record):
    """A place that can be besieged."""

    row: i2
    place: i2
    heads: i1  # of its command
    ring_at: f8  # when the ring is closed
    assault_at: f8
    term_at: f8  # when an ultimatum runs out
    paused_until: f8
    fire_at: f8
    blank_at: f8
    first_blank: f8
    way_out: i1  # 0 none offered, 1 without arms, 2 with arms
    barred: flag  # officers let nobody go
    tight: flag
    shut: flag  # those inside are besieged
    entered_said: flag
    turned_said: flag
    stormed_said: flag
    shells_left: i4
    shells: i4
    hits: i4
    intruders: i4
    left_inside: i4  # men who have left from inside
    cause: i4
    ring_strength: i8  # thousandths of a man
    inner_strength: i8


class Side(Record):
    """A headquarters and what its side has come to."""

    posture: i1  # 0 defensive, 1 offensive
    alarmed: flag
    mobilised: flag  # it has called its men to arms
    rigid: flag  # decides nothing by itself
    given: i8  # the steps that decisions still settle, as bits
    on_desk: Annotated[Row[int], "i2", 3]  # tasks that can be given out there now
    on_spot: i2  # tasks that can be given out now where they are to be done
    desk_free_at: Annotated[Row[float], "f8", 3]
    killed: i4
    active: i4  # active men in the city
    joined: flag  # troops from outside are active for it, in the city or at its gates
    peak: i4  # most of them so far
    most_taken: i4  # most places at once that it held and did not hold at the opening
    low_at: f8  # since when active strength is below a quarter of its peak
    staff: i2  # audiences
    seat: i2
    press_fact: i2
    shots_fact: i2
    phones_fact: i2
    shells_fact: i2
    alarm_fact: i2
    own_caution: f8  # of a policy; nan: the parameter
    own_caution_palace: f8
    own_orders: f8
    caution: f8
    caution_palace: f8
    orders_an_hour: f8


class Congress(Record):
    """The congress of soviets."""

    hall: i2
    planned_at: f8
    opens_at: f8
    opened_at: f8
    motion_at: f8
    walkout_at: f8
    proclaimed_at: f8
    votes_for: i4
    present: i4
    heard: flag  # of the fall of the seat
    open_fact: i2
    opening_decision: i2


class Faction(Record):
    """A faction of the congress."""

    key: u8
    delegates: i4
    for_transfer: f8
    walks_out: flag


class End(Record):
    """How the history ends."""

    ending: i1
    at: f8
    settled: flag
    yielded: flag  # the seat was given up
    relieved_since: f8


class Coming(Record):
    """What comes from outside at a minute."""

    minute: f8
    what: i1
    place: i2
    audience: i2
    task: i2
    force: i2
    men: i4  # -1: all
    works: flag  # joined, let down, on; else cut, raised, off


class Keeping(Record):
    """A place that a side has from one minute to another, whatever happens there."""

    place: i2
    side: i1
    start: f8
    end: f8


class Cover(Record):
    """What a decision settles: a standing task of its side's headquarters, or a step."""

    decision: i2
    by: i2  # its own task for it
    task: i2
    does: i1
    side: i1
    how: i1
    early: flag  # before the decision is taken, too
    until: f8


class Event(Record):
    """One line of the journal, in numbers."""

    minute: f8
    kind: i1
    side: i1
    place: i2
    unit: i2
    force: i2
    person: i2
    decision: i2
    detail: i4
    more: i4
    because: Annotated[Row[int], "i4", 5]
    first: i4  # those who did it: rows of the roll, from here
    count: i2


class Clock(Record):
    """The hour, and what every rule asks for."""

    now: f8
    number: i4
    pulse: f8
    horizon: f8
    midnight: f8  # minutes from midnight to the start
    dawn: f8  # minutes from midnight
    dusk: f8
    luck: u8  # the key of this world's luck
    opening: u8  # the same as it was at the opening: for what belongs to it and is drawn when asked for
    sense: i1  # -1 in a city with its sides swapped
    block: i4  # of the moods
    stroke: i4  # numbers what happens at one stroke
    events: i4
    rolls: i4
    review: i4  # pulses between two reviews of a headquarters left to itself


class Count(Record):
    """How many rows of a table are in use; those after them are inert, and no rule looks at them."""

    units: i4
    places: i4
    audiences: i4
    tasks: i4
    decisions: i4
    acts: i4
    people: i4
    forces: i4
    facts: i4
    factions: i4
    sieges: i4
    coming: i4
    covers: i4
    spans: i4
    listed: i4
    contested: i4
    arrests: i4
    walks: i4


class Parameters(Record):
    """The parameters: a number each, by the names of their table."""

    def __getattr__(self, name: str) -> float: ...  # type: ignore[empty-body]

    @classmethod
    def step(cls, sizes: Any) -> int:
        """They are doubles."""
        return 8

    @classmethod
    def dtype(cls, sizes: Any) -> np.dtype[Any]:
        """Its numpy type: a number for every row of the table."""
        return np.dtype((np.record, np.dtype([(name, "f8") for name in centres()], align=True)), align=True)


class Own(Record):
    """What users' rules remember: numbers of theirs, nought at the start, which no rule of ours reads."""

    units: Annotated[Grid[float], "f8", "units", 4]
    places: Annotated[Grid[float], "f8", "places", 4]


class World(Record):
    """One history."""

    clock: clock_
    count: count_
    end: end_
    congress: congress_
    p: parameters_
    own: own_
    regiment_men: i8  # of the regiments quartered in the city
    turnout: f8  # share of every levy on paper that turns out
    devotion: f8  # mean mind towards their own side of the men who act at the opening
    blank_fact: i2
    settled_fact: i2
    sides: Annotated[Row[Side], Side, 2]
    group_men: Annotated[Row[int], "i8", 5]
    units: Annotated[Row[Unit], Unit, "units"]
    places: Annotated[Row[Place], Place, "places"]
    audiences: Annotated[Row[Audience], Audience, "audiences"]
    tasks: Annotated[Row[Task], Task, "tasks"]
    decisions: Annotated[Row[Decision], Decision, "decisions"]
    acts: Annotated[Row[Act], Act, "acts"]
    people: Annotated[Row[Person], Person, "people"]
    forces: Annotated[Row[Force], Force, "forces"]
    facts: Annotated[Row[Fact], Fact, "facts"]
    factions: Annotated[Row[Faction], Faction, "factions"]
    sieges: Annotated[Row[Siege], Siege, "sieges"]
    covers: Annotated[Row[Cover], Cover, "covers"]
    coming: Annotated[Row[Coming], Coming, "coming"]
    keeping: Annotated[Row[Keeping], Keeping, "coming"]
    news: Annotated[Grid[News], News, "audiences", "places"]
    reports: Annotated[Grid[Report], Report, "audiences", "audiences"]
    report_at: Annotated[Grid[float], "f8", "audiences", "audiences"]
    hearing: Annotated[Grid[Hearing], Hearing, "audiences", "facts"]
    moves: Annotated[Grid[int], "i1", "facts", "units"]  # whom a fact moves
    named: Annotated[Grid[int], "i1", "tasks", "units"]  # who is named for a task
    wanted: Annotated[Grid[int], "i1", "tasks", "people"]  # whom it is to arrest
    together: Annotated[Grid[int], "i1", "tasks", "tasks"]  # one telegram for both
    ring: Annotated[Grid[int], "i1", "sieges", "places"]  # where besiegers stand
    arrival_fact: Annotated[Grid[int], "i2", "forces", "places"]
    said: Annotated[Grid[int], "i1", "forces", "places"]
    spans: Annotated[Row[int], "i2", "places"]  # rows of the bridges that can be raised
    listed: Annotated[Row[int], "i2", "units"]  # rows to which a rule comes back: for the length of a rule
    contested: Annotated[Row[int], "i2", "places"]  # rows of places that somebody attacks: likewise
    arrests: Annotated[Row[int], "i2", "tasks"]  # rows of the tasks to arrest somebody
    walks: Annotated[Row[int], "i2", "tasks"]  # rows of the tasks to march somewhere
    events: Annotated[Row[Event], Event, "events"]
    roll: Annotated[Row[int], "i2", "roll"]


clock_ = Annotated[Clock, Clock]
count_ = Annotated[Count, Count]
end_ = Annotated[End, End]
congress_ = Annotated[Congress, Congress]
parameters_ = Annotated[Parameters, Parameters]
own_ = Annotated[Own, Own]


@dataclass(frozen=True)
class Shape:
    """How many rows each table has room for: a scenario that needs more gets the next size, compiled once for
    it.
    """

    units: int = 416
    places: int = 136
    audiences: int = 40
    tasks: int = 352
    decisions: int = 96
    acts: int = 160
    people: int = 72
    forces: int = 104
    facts: int = 40
    factions: int = 8
    sieges: int = 2
    coming: int = 32
    covers: int = 320
    events: int = 1500
    roll: int = 6000

    @classmethod
    def holding(cls, **counts: int) -> Shape:
        """The shape that holds so many rows of each: the usual size, or the next half as large again."""
        sizes = asdict(cls())
        for name, count in counts.items():
            while sizes[name] < count:
                sizes[name] = -(-sizes[name] * 3 // 2 // 8) * 8
        return cls(**sizes)

    def worlds(self, count: int) -> NDArray[Any]:
        """The records of so many worlds, all nought."""
        return blank(World, count, {field.name: getattr(self, field.name) for field in fields(self)})
