"""Stance: act for one side, stay in, act for the other; what moves a unit, and limits with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import norm

from rules.scenes import SEED, Scene, probe
from sim import luck
from sim.agents import SORTS, Cossacks
from sim.rules.leaving import detach
from sim.rules.stances import agitate, decide, new_moods
from sim.state import FRONT, GARRISON, IN_QUARTERS, ON_POST, REGIMENTS, VOLUNTEERS, WORKERS

NEAR = 1e-9
MANY = 1_000_000  # more men than there are
ONE_CONVICTION = REGIMENTS + 1  # the band of any kind but the regiments
KINDS = pytest.mark.parametrize("regiment", [False, True], ids=["of one conviction", "regiment"])


@probe
def answers(worlds: Any, units: Any, minds: Any, stances: Any, now: Any) -> None:
    """The stance of some units now, had they such minds and stances; nothing else changes."""
    w = worlds[0]
    new_moods(w)
    for k in range(len(units)):
        unit = w.units[units[k]]
        mind, stance = unit.loyalty, unit.stance
        unit.loyalty, unit.stance = minds[k], stances[k]
        now[k] = decide(w, unit)
        unit.loyalty, unit.stance = mind, stance


def ask(
    worlds: Any, units: ArrayLike, minds: ArrayLike | None = None, stances: ArrayLike | None = None
) -> NDArray[np.int8]:
    """What some units decide, of their own mind and from the stance they have, or of others."""
    rows, table = np.asarray(units), worlds[0]["units"]
    minds, stances = (
        table[name][rows] if given is None else given
        for name, given in (("loyalty", minds), ("stance", stances))
    )
    now = np.zeros(len(rows), np.int8)
    answers(worlds, rows, np.asarray(minds, float), np.asarray(stances, np.int8), now)
    return now


class One(Scene):
    """A city in which one unit, of a kind of one conviction or of a regiment, has heard of nothing, has no
    orders and no mood.
    """

    def __init__(
        self, *, theta: float = 1.0, stay: float = 0.0, rho: float = 0.0, regiment: bool = False
    ) -> None:
        super().__init__(belief_weight=0.5, peer_weight=0.6, order_weight=stay, hysteresis=rho)
        it = self.it
        it["sworn"], it["infantry_for"], it["belief_pull"], it["band"] = 0, 0, 1.0, theta
        it["band_of"] = REGIMENTS if regiment else ONE_CONVICTION
        it["moved"], it["swayed"], it["mood"], it["bid"], it["commissar_at"] = 0.0, 0.0, 0.0, 0.0, np.inf
        it["confined"] = (1, 0) if stay else (0, 0)
        w = self.w
        w["audiences"]["belief"], w["audiences"]["known"], w["reports"]["men"] = 0.0, 0, 0
        self.declare(0, 0)

    @property
    def it(self) -> Any:
        """The unit."""
        return self.w["units"][0]

    def declare(self, government: int, soviet: int, *, city: int = 1000, near: int = 1000) -> None:
        """Let everybody have heard that so many men of the regiments have declared, of so many others in the
        city, and of so many others in every quarter.
        """
        w, it = self.w, self.it
        own = int(it["men"] + it["rest"])
        w["regiment_men"], w["audiences"]["regiment_men"] = city + own, near + own
        w["audiences"]["heard_declared"] = w["reports"]["declared"] = (government, soviet)

    def respond(self, z: ArrayLike, was: ArrayLike = 0) -> NDArray[np.int8]:
        """What it answers if its mind is such and its stance was so."""
        z = np.atleast_1d(np.asarray(z, float))
        return ask(self.stage.worlds, np.zeros(len(z), int), z, np.broadcast_to(was, len(z)))


# ---- the equation ----


def test_by_hand() -> None:
    """.5 + .5 tanh(.5) + .6 * (.3 - .1) + .4 * (1 - .25) + .1 = 1.251: just below it a band keeps nobody in,
    just above it does.

    The shares of peers are means of those of one's own group, .25 and .1, and of one's quarter, .35 and .1.
    """
    one = One()
    w, it = one.w, one.it
    quarter = w["audiences"]["quarter"][w["places"]["audience"][it["place"]]]
    here = w["places"]["audience"][it["place"]]
    w["p"]["order_weight"], w["group_men"], w["audiences"]["quarter_men"] = 0.4, 1000, 2000
    w["audiences"]["belief"][here], it["bid"], it["mood"] = 1.0, (0.25, 1.0), 0.1
    w["audiences"]["known"][here, it["group"]] = 100, 250
    w["reports"]["men"][here, quarter, GARRISON], w["reports"]["men"][here, quarter, WORKERS] = (
        (50, 300),
        (150, 400),
    )
    z = 0.5 + 0.5 * np.tanh(0.5) + 0.12 + 0.3 + 0.1
    for band, stance in ((z - NEAR, 1), (z + NEAR, 0)):
        it["band"] = band
        assert one.respond(0.5) == stance
    for band, stance in ((2 - z - NEAR, -1), (2 - z + NEAR, 0)):  # of a mind 2 lower z is lower by 2
        it["band"] = band
        assert one.respond(-1.5) == stance


@KINDS
def test_what_moved_a_unit_counts_as_its_mind(regiment: bool) -> None:
    """Words and shocks, and what agitation has done, add to the opening draw."""
    one = One(regiment=regiment)
    if regiment:  # as many have declared for either side as for none
        one.declare(1000, 1000, city=3000, near=3000)
    for moved, swayed in ((0.2, 0.0), (0.0, -0.16), (0.3, 0.1)):
        one.it["moved"], one.it["swayed"] = moved, swayed
        edge = 1.0 - moved - swayed
        assert one.respond([edge + NEAR, edge - NEAR]).tolist() == [1, 0]


@KINDS
def test_belief_enters_bounded(regiment: bool) -> None:
    """However sure of the outcome, a unit is moved by belief no further than beta."""
    one = One(regiment=regiment)
    if regiment:
        one.declare(1000, 1000, city=3000, near=3000)
    for belief, moved in ((-50.0, -0.5), (0.0, 0.0), (50.0, 0.5)):
        one.w["audiences"]["belief"] = belief
        assert one.respond(
            [1 - moved - NEAR, 1 - moved + NEAR, -1 - moved + NEAR, -1 - moved - NEAR]
        ).tolist() == [0, 1, 0, -1]


@pytest.mark.parametrize(("z", "stance"), [(1.01, 1), (1.0, 0), (0.0, 0), (-1.0, 0), (-1.01, -1)])
def test_neutral_band(z: float, stance: int) -> None:
    """Inside its band a unit stays in; beyond it, it acts."""
    assert One(rho=0.15).respond(z) == stance


@pytest.mark.parametrize(
    ("z", "was", "now"),
    [
        (0.9, 0, 0),
        (0.9, 1, 1),
        (0.84, 1, 0),
        (-0.9, 0, 0),
        (-0.9, -1, -1),
        (-0.84, -1, 0),
        (-0.9, 1, 0),
        (0.9, -1, 0),
    ],
)
def test_hysteresis(z: float, was: int, now: int) -> None:
    """A stance once taken is given up only rho further in, and makes the other no easier."""
    assert One(rho=0.15).respond(z, was) == now


@KINDS
def test_stay_order_widens_the_band(regiment: bool) -> None:
    """An order to stay in barracks widens the band by its pull, on both sides."""
    one = One(stay=0.4, regiment=regiment)
    if regiment:
        one.declare(1000, 1000, city=3000, near=3000)
    assert one.respond([1.39, 1.41, -1.39, -1.41]).tolist() == [0, 1, 0, -1]


@KINDS
@pytest.mark.parametrize("stance", [-1, 0, 1])
@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_answer_is_odd_and_rises(stance: int, rho: float, regiment: bool) -> None:
    """The answer never falls as the inclination rises, and is the opposite for the opposite unit among the
    opposite neighbours.
    """
    one, z = One(stay=0.3, rho=rho, regiment=regiment), np.linspace(-3, 3, 241) + 1e-6
    one.declare(300, 100)
    now = one.respond(z, stance)
    assert set(now) == {-1, 0, 1}
    assert (np.diff(now) >= 0).all()
    one.declare(100, 300)
    assert np.array_equal(one.respond(-z, -stance), -now)


# ---- the regiments choose between three ----


def test_the_choice_by_hand() -> None:
    """With q_S = .5 (.3 + .4) = .35 and q_G = .5 (.1 + .2) = .15, omega .6 and theta 1 a regiment is for the
    Soviet from z = 1 + .6 (.5 - .35) = 1.09 on, and for the government from -z = 1 + .6 (.5 - .15) = 1.21 on.
    """
    one = One(regiment=True)
    w, here = one.w, one.w["places"]["audience"][one.it["place"]]
    quarter = w["audiences"]["quarter"][here]
    one.declare(0, 0, city=10_000, near=2000)
    w["audiences"]["heard_declared"][here] = 1000, 3000
    w["reports"]["declared"][here, quarter] = 400, 800
    z = [1.09 + NEAR, 1.09 - NEAR, -1.21 + NEAR, -1.21 - NEAR]
    assert one.respond(z).tolist() == [1, 0, 0, -1]


@pytest.mark.parametrize(
    ("was", "edges"), [(0, (-1.15, 1.15)), (1, (-1.0, 0.85)), (-1, (-0.85, 1.0))], ids=["no", "Soviet", "gov"]
)
def test_rho_is_added_to_the_present_answer(was: int, edges: tuple[float, float]) -> None:
    """Whatever a regiment has answered, to stay in too, is worth rho more to it; between the other two
    nothing is otherwise.
    """
    one = One(rho=0.15, regiment=True)
    own = int(one.it["men"] + one.it["rest"])
    one.declare(1000 + own * (was < 0), 1000 + own * (was > 0), city=3000, near=3000)
    low, high = edges
    z = [low - NEAR, low + NEAR, high - NEAR, high + NEAR]
    assert one.respond(z, was).tolist() == [-1, 0, 0, 1]


@pytest.mark.parametrize("was", [-1, 1])
def test_a_regiment_does_not_follow_itself(was: int) -> None:
    """One's own men are none of one's like: whether they have declared makes no difference."""
    one, z = One(regiment=True), np.linspace(-3, 3, 241) + 1e-6
    one.declare(300, 300)
    unmoved = one.respond(z)
    own = int(one.it["men"] + one.it["rest"])
    one.declare(300 + own * (was < 0), 300 + own * (was > 0))
    assert own > 0
    assert np.array_equal(one.respond(z, was), unmoved)


def test_alone_in_its_quarter() -> None:
    """Where no other regiment is quartered the city alone counts, and not by half."""
    one = One(regiment=True)
    one.declare(0, 600, near=0)
    one.w["reports"]["declared"] = 0
    edge = 1.0 + 0.6 * (0.4 - 0.6)
    assert one.respond([edge - NEAR, edge + NEAR]).tolist() == [0, 1]


def test_who_stays_in_is_followed_too() -> None:
    """The more have declared for neither side, the more it takes to declare for any."""
    one, edges = One(regiment=True), []
    for declared in (0, 200, 400):
        one.declare(declared, declared)
        z = np.linspace(0, 3, 3001)
        edges.append(float(z[one.respond(z) == 1].min()))
    assert edges == pytest.approx([1.6, 1.24, 0.88], abs=2e-3)


# ---- agitation ----


@probe
def agitated(worlds: Any) -> None:
    """Apply the rule of agitation alone."""
    agitate(worlds[0])


@pytest.mark.parametrize("pulse", [2.5, 5.0, 10.0])
@pytest.mark.parametrize("ahead", [0.6, -0.25])
def test_agitation_works_through_people(ahead: float, pulse: float) -> None:
    """Where a commissar is accepted the mind follows what the quarter's men have declared: after t hours
    m = B (q_S - q_G) (1 - exp(-a t)), whatever the pulse; where none is, it stays what it was.
    """
    scene = Scene(agitation=0.3, agitation_bound=0.4, pulse=pulse)
    units, audiences = scene.units, scene.audiences
    audiences["regiment_men"] = 1000
    audiences["declared"] = (300, 300 + round(1000 * ahead)) if ahead > 0 else (250, 0)
    units["swayed"], units["commissar_at"] = 0.0, np.inf
    units["commissar_at"][::3, 1] = units["commissar_at"][1::3, 0] = 0.0
    while scene.now < 300:
        agitated(scene.stage.worlds)
        scene.tick()
    moved = 0.4 * ahead * (1 - np.exp(-0.3 * 5))
    assert units["swayed"] == pytest.approx(np.where(np.arange(scene.count) % 3 < 2, moved, 0.0))


def test_who_has_no_commissar_keeps_what_he_was_told() -> None:
    """A commissar sent away leaves what he has talked men into; one who comes later goes on from there."""
    scene = Scene(agitation=0.3, agitation_bound=0.4)
    units, audiences = scene.units, scene.audiences
    audiences["regiment_men"], audiences["declared"] = 1000, (0, 1000)
    units["swayed"], units["commissar_at"] = 0.1, np.inf
    agitated(scene.stage.worlds)
    assert (units["swayed"] == 0.1).all()
    units["commissar_at"][:, 1] = 0.0
    agitated(scene.stage.worlds)
    assert (units["swayed"] > 0.1).all()


@probe
def party_of(worlds: Any, unit: int, men: int, party: Any) -> None:
    """Send a party out, and say which row it has."""
    party[0] = detach(worlds[0], worlds[0].units[unit], men)


def test_a_party_is_of_one_mind_with_its_detachment() -> None:
    """Who is sent out thinks as those who stay: what words, shocks and agitation have done goes with him."""
    scene = Scene()
    units, row = scene.units, np.zeros(1, int)
    units["moved"], units["swayed"] = 0.2, -0.3
    forces = set(units["force"][units["is_party"]].tolist())
    sender = next(u for u in range(scene.count) if units["force"][u] in forces and units["men"][u] > 20)
    units["swayed"][units["is_party"]] = 0.0
    party_of(scene.stage.worlds, sender, 10, row)
    party = int(row[0])
    assert party != sender
    for part in ("loyalty", "moved", "swayed", "mood", "stance"):
        assert units[part][party] == units[part][sender]
    assert (units["men"][party], units["stance"][party]) == (10, units["stance"][sender])


# ---- who has declared, and who has heard of it ----


def test_declared_men_are_counted_active_or_not() -> None:
    """Of the regiments in the city who has taken a side has declared, in barracks too; those left in quarters
    by a party count with it.
    """
    scene = Scene()
    units, audiences = scene.units, scene.audiences
    units["stance"] = np.arange(scene.count) % 3 - 1
    units["rest"] = np.arange(scene.count) % 2 * 10
    scene.rule("coming")
    line = (units["band_of"] == REGIMENTS) & units["in_city"]
    where = scene.places["audience"][units["place"]]
    for side, sign in enumerate((-1, 1)):
        men = (units["men"] + units["rest"]) * (units["stance"] == sign)
        for a in range(len(audiences)):
            assert audiences["declared"][a, side] == men[line & (where == a)].sum()
    assert (units["duty"] == IN_QUARTERS)[line].any()
    assert audiences["declared"].sum() > 1000


def test_what_is_heard_of_the_declared_adds_up() -> None:
    """Every four hours of two days: what an audience has heard of the city is the sum of what it has heard
    of its quarters, and not what is so.
    """
    scene, apart = Scene(), 0
    n = len(scene.audiences)
    for hour in range(0, 49, 4):
        scene.play(60.0 * hour)
        heard = scene.audiences["heard_declared"]
        assert np.array_equal(heard, scene.w["reports"]["declared"][:n, :n].sum(axis=1))
        apart += int((heard != scene.audiences["declared"].sum(axis=0)).any(axis=1).sum())
    assert apart > 5


def test_nobody_follows_who_has_not_been_heard_of() -> None:
    """Whatever the regiments have declared, a unit decides by what has been heard of it."""
    scene = Scene(peer_weight=1.8)
    everybody, worlds = np.arange(scene.count), scene.stage.worlds
    before = ask(worlds, everybody)
    scene.audiences["declared"] = 0, MANY
    assert np.array_equal(ask(worlds, everybody), before)
    scene.audiences["heard_declared"], scene.w["reports"]["declared"] = (0, MANY), (0, MANY)
    after = ask(worlds, everybody)
    line = scene.units["band_of"] == REGIMENTS
    assert (after > before)[line].any()
    # who stayed in among others who did may now be for the government, but nobody leaves the Soviet
    assert (after[line & (before > 0)] > 0).all()


def test_at_the_opening_commissars_count_and_all_decide_once() -> None:
    """At the opening a regiment knows which have taken a commissar, and has then decided; with nobody to
    follow it decides the same again.
    """
    alone = dict.fromkeys(("peer_weight", "belief_weight", "order_weight"), 0.0)
    scene = Scene(agitation=0.0, loyalty_spread=0.8, band_regiments=0.6, **alone)
    line = np.flatnonzero((scene.units["band_of"] == REGIMENTS) & scene.units["in_city"])
    quarters = line[scene.units["duty"][line] == IN_QUARTERS]
    stance = scene.units["stance"][quarters]
    assert np.array_equal(ask(scene.stage.worlds, quarters), stance)
    assert set(stance) == {-1, 0, 1}
    more = {**alone, "peer_weight": 1.8, "loyalty_spread": 0.8, "band_regiments": 0.6}
    followers = Scene(agitation=0.0, **more).units["stance"][quarters]
    assert (followers != stance).any()


# ---- what enters it ----


@pytest.mark.parametrize("hours", [1, 24])
def test_wider_band(hours: int) -> None:
    """With wider neutral bands no unit that stayed in would act, and none that acts would change sides."""
    changed = 0
    for world in range(4):
        scene = Scene(world=world)
        scene.play(60 * hours)
        before = ask(scene.stage.worlds, np.arange(scene.count))
        scene.units["band"] += 0.2
        after = ask(scene.stage.worlds, np.arange(scene.count))
        assert ((after == before) | (after == 0)).all()
        changed += (after != before).sum()
    assert changed > 0


def test_mood_holds_for_a_block() -> None:
    """Deciding again within six hours, with nothing else changed, gives the same answer; in the next block it
    may not.
    """
    opened, found = Scene(agitation=0.0), []
    for minute in (0, 175, 355, 360):
        opened.set_clock(int(minute // opened.layout.pulse))
        found.append(ask(opened.stage.worlds, np.arange(opened.count)))
    assert (np.array(found[:3]) == found[0]).all()
    assert not np.array_equal(found[0], found[3])


@pytest.mark.parametrize("side", [0, 1])
def test_commissar_takes_the_pull_out_of_an_order(side: int) -> None:
    """With chi = 1 an order of one side is nothing to a unit that has accepted the other side's commissar."""
    opened = Scene(commissar_discount=1.0)
    units, worlds, everybody = opened.units, opened.stage.worlds, np.arange(opened.count)
    units["bid"], units["commissar_at"] = 0.0, np.inf
    units["commissar_at"][:, 1 - side] = opened.now
    unasked = ask(worlds, everybody)
    units["bid"][:, side] = 1.0
    assert np.array_equal(ask(worlds, everybody), unasked)
    units["commissar_at"] = np.inf
    moved = (ask(worlds, everybody) - unasked) * (2 * side - 1)
    assert (moved >= 0).all()
    assert moved.any()


@pytest.mark.parametrize("infantry", [0, 100_000])
def test_cossacks_with_and_without_infantry(infantry: int) -> None:
    """Cossacks who want to act for the government do, if they hear of regiments enough that have declared for
    it; for the Soviet they never do.
    """
    opened = Scene()
    cossacks = opened.sort(Cossacks)
    opened.units["task"][cossacks] = -1
    opened.audiences["heard_declared"] = infantry
    opened.w["reports"]["men"] = 0
    assert len(cossacks) > 0
    for mind in (-5.0, 5.0):
        willing = ask(opened.stage.worlds, cossacks, np.full(len(cossacks), mind))
        assert (willing == (-1 if infantry and mind < 0 else 0)).all()


def test_cossacks_count_who_stands_where_they_are_called() -> None:
    """Called somewhere a Cossack counts who acts there for his side, front troops apart, against all the
    riders who are called with him: short of his share he stays in, with it he rides.
    """
    opened = Scene()
    units, w = opened.units, opened.w
    decisions = opened.plan.decisions
    task = decisions.tasks[decisions.index["d25_call_cossacks"]][0]
    asked = np.flatnonzero(w["named"][task, : opened.count] & (units["infantry_for"] != 0))
    riders = int((units["men"] + units["rest"])[asked].sum())
    rider, there = asked[0], opened.places["audience"][w["tasks"]["place"][task]]
    here = opened.places["audience"][units["place"][rider]]
    units["task"][rider], units["infantry_share"][rider] = task, 0.5
    opened.audiences["heard_declared"], w["reports"]["men"] = 0, 0
    answers = []
    for group, men in (
        (VOLUNTEERS, riders // 2 - 1),
        (VOLUNTEERS, riders // 2 + 1),
        (FRONT, riders),
        (WORKERS, riders),
    ):
        w["reports"]["men"][here, there] = 0
        w["reports"]["men"][here, there, group, 0] = men
        answers.append(int(ask(opened.stage.worlds, [rider], [-5.0])[0]))
    assert w["tasks"]["whole"][task]
    assert answers == [0, -1, 0, -1]


# ---- limits with known answers ----


def test_units_that_heed_nobody() -> None:
    """Without belief, peers and orders the shares that act are those of independent draws: P(scale leaning +
    noise > theta).

    Four hundred worlds; every sort's shares on both sides lie within four standard errors (about .005 for the
    largest).
    """
    alone = dict.fromkeys(("belief_weight", "peer_weight", "order_weight", "agitation", "hysteresis"), 0.0)
    scene, worlds = Scene(infantry_condition=1e-6, **alone), 400
    units, p, everybody = scene.units.copy(), scene.w["p"].copy(), np.arange(scene.count)
    stance = np.zeros((worlds, scene.count), np.int8)
    for world in range(worlds):
        scene.stage.open(SEED, world, {"infantry_condition": 1e-6, **alone})
        stance[world] = ask(scene.stage.worlds, everybody, None, np.zeros(scene.count))
    spread = np.hypot(p["loyalty_spread"], p["block_noise"])
    for sort in SORTS:
        rows = scene.sort(sort)
        mean, theta = p["loyalty_scale"] * units["leaning"][rows], units["band"][rows]
        for side in (-1, 1):
            able = (units["sworn"][rows] != -side) & (
                units["infantry_for"][rows] == 0
            )  # who wants infantry acts for no other side
            willing = norm.sf((theta - side * mean) / spread) * able
            asks_infantry = units["infantry_for"][rows] == side
            seen = ((stance[:, rows] == side) & ~asks_infantry).mean(axis=0)
            error = np.sqrt((willing * (1 - willing)).sum() / worlds) / max(len(rows), 1)
            assert abs(seen.mean() - willing.mean()) <= 4 * error + 1e-12, (sort.__name__, side)


# mean and spread of loyalty, pull of the peers, band, share that acts at first
CROWDS = {
    "slight pull": (0.2, 0.5, 0.3, 0.8, 0.0),
    "band wagon": (0.4, 0.4, 1.2, 0.8, 0.0),
    "just short of it": (0.0, 0.25, 1.3, 0.8, 0.0),
    "the same, once all act": (0.0, 0.25, 1.3, 0.8, 1.0),
    "a spread-out crowd": (-0.2, 1.5, 1.5, 1.0, 0.0),
}


def fixed_point(mean: float, spread: float, omega: float, theta: float, start: float) -> float:
    """Granovetter's r = F(r): the first share above (or, from 1, below) the start that reproduces itself."""
    grid = np.linspace(0, 1, 2001)
    gap = norm.sf((theta - omega * grid - mean) / spread) - grid
    turns = np.flatnonzero(np.sign(gap[:-1]) != np.sign(gap[1:]))
    turn = turns[0] if start == 0 else turns[-1]
    return float(
        brentq(lambda r: norm.sf((theta - omega * r - mean) / spread) - r, grid[turn], grid[turn + 1])
    )


def at_rest(mean: float, spread: float, omega: float, theta: float, start: float) -> float:
    """The share that acts in the end of a hundred thousand of one group and one quarter, each of whom decides
    as the rule does.

    Their minds are evenly spaced quantiles, so that no chance enters; only for the Soviet does anybody act.
    """
    one, n = One(theta=theta), 100_000
    w, it = one.w, one.it
    it["sworn"] = 1
    w["p"]["peer_weight"], w["group_men"], w["audiences"]["quarter_men"] = omega, n, n
    minds = mean + spread * np.array([luck.normal(u) for u in (np.arange(n) + 0.5) / n])
    stance = np.full(n, int(start), np.int8)
    for _ in range(500):
        active = (stance > 0).sum()
        w["audiences"]["known"][:, it["group"], 1] = w["reports"]["men"][:, :, it["group"], 1] = active
        stance = one.respond(minds, stance)
        if (stance > 0).sum() == active:
            break
    return float((stance > 0).mean())


@pytest.mark.parametrize("crowd", CROWDS.values(), ids=CROWDS.keys())
def test_granovetter(crowd: tuple[float, float, float, float, float]) -> None:
    """Where everybody sees everybody the share that acts comes to rest at the fixed point of the distribution
    of thresholds.

    A hundred thousand units with evenly spaced quantiles, so that no chance enters: agreement to a
    thousandth.
    """
    assert at_rest(*crowd) == pytest.approx(fixed_point(*crowd), abs=1e-3)


def test_one_crowd_two_ends() -> None:
    """The same crowd has two points of rest, and where it started decides at which it stays."""
    low, high = (CROWDS[name] for name in ("just short of it", "the same, once all act"))
    assert low[:-1] == high[:-1]
    assert fixed_point(*low) < 0.01
    assert fixed_point(*high) > 0.9
    assert at_rest(*low) < 0.01
    assert at_rest(*high) > 0.9


# mean and spread of loyalty, omega, theta, shares (government, Soviet) declared at first
REGIMENTS_ARE = {
    "nobody is followed": (0.2, 0.6, 0.0, 0.7, (0.0, 0.0)),
    "a band below nought": (0.2, 0.6, 0.0, -0.3, (0.0, 0.0)),
    "a slight pull": (0.3, 0.5, 0.3, 0.8, (0.0, 0.3)),
    "a bandwagon": (0.5, 0.5, 0.6, 0.4, (0.0, 0.3)),
    "it sits still": (0.3, 0.4, 1.2, 0.6, (0.0, 0.2)),
    "the same, once most have declared": (0.3, 0.4, 1.2, 0.6, (0.0, 0.9)),
    "two camps": (0.0, 1.2, 0.5, 0.5, (0.3, 0.3)),
}


def next_shares(
    mean: float, spread: float, omega: float, theta: float, q: tuple[float, float]
) -> tuple[float, float]:
    """The shares (government, Soviet) that declare where such shares have: D is normal, and the Soviet is the
    best of three from D = theta + omega (q_0 - q_S) on, if that is beyond omega (q_G - q_S) / 2.
    """
    q_g, q_s = q
    q_0 = 1.0 - q_g - q_s
    soviet = max(theta + omega * (q_0 - q_s), omega * (q_g - q_s) / 2)
    government = max(theta + omega * (q_0 - q_g), omega * (q_s - q_g) / 2)
    return float(norm.sf((government + mean) / spread)), float(norm.sf((soviet - mean) / spread))


def at_rest_by_hand(
    mean: float, spread: float, omega: float, theta: float, q: tuple[float, float]
) -> tuple[float, float]:
    """The shares that reproduce themselves, from some shares on: the map repeated until it stands still."""
    for _ in range(5000):
        then, q = q, next_shares(mean, spread, omega, theta, q)
        if max(abs(q[0] - then[0]), abs(q[1] - then[1])) < 1e-12:
            return q
    raise AssertionError("the shares do not come to rest")


def regiments_at_rest(
    mean: float, spread: float, omega: float, theta: float, q: tuple[float, float]
) -> tuple[float, float]:
    """The shares that have declared in the end of a hundred thousand regiments of one quarter, each of whom
    chooses as the rule does and has heard of all others; evenly spaced quantiles, so that no chance enters.
    """
    one, n = One(theta=theta, regiment=True), 100_000
    one.it["men"], one.w["p"]["peer_weight"] = 0, omega
    minds = mean + spread * np.array([luck.normal(u) for u in (np.arange(n) + 0.5) / n])
    men = [round(n * share) for share in q]
    for _ in range(500):
        one.declare(*men, city=n, near=n)
        stance = one.respond(minds)
        then, men = men, [int((stance == sign).sum()) for sign in (-1, 1)]
        if men == then:
            break
    return men[0] / n, men[1] / n


@pytest.mark.parametrize("garrison", REGIMENTS_ARE.values(), ids=REGIMENTS_ARE.keys())
def test_three_utilities(garrison: tuple[float, float, float, float, tuple[float, float]]) -> None:
    """Where nobody is followed the shares of regiments that declare are those of three competing utilities,
    in closed form; where they follow one another, the fixed point of the shares declared.

    A hundred thousand with evenly spaced quantiles: agreement to a thousandth.
    """
    found = at_rest_by_hand(*garrison)
    assert next_shares(*garrison[:-1], found) == pytest.approx(found, abs=1e-9)
    assert regiments_at_rest(*garrison) == pytest.approx(found, abs=1e-3)
    if garrison[2] == 0.0:
        mean, spread, _, theta, _ = garrison
        alone = [norm.sf((max(theta, 0.0) - side * mean) / spread) for side in (-1, 1)]
        assert found == pytest.approx(alone)


def test_one_garrison_two_ends() -> None:
    """With peers followed strongly the same garrison sits still or declares as a whole: where it started
    decides.
    """
    still, risen = (REGIMENTS_ARE[name] for name in ("it sits still", "the same, once most have declared"))
    assert still[:-1] == risen[:-1]
    assert sum(regiments_at_rest(*still)) < 0.05
    assert regiments_at_rest(*risen)[1] > 0.8


# ---- the rule ----


def test_the_rule_takes_what_they_decide() -> None:
    """Whoever is awake takes the stance that he decides on; whoever sleeps keeps his."""
    scene = Scene()
    units = scene.units
    units["clock_at"], units["thinks_at"], units["ordered"] = np.inf, np.inf, False
    scene.w["audiences"]["stirred"] = False
    awake = np.arange(scene.count) % 2 == 0
    units["thinks_at"][awake] = scene.now
    units["loyalty"] = np.where(np.arange(scene.count) % 4 < 2, 3.0, -3.0)
    before, decided = units["stance"].copy(), ask(scene.stage.worlds, np.arange(scene.count))
    can = awake & (units["men"] > 0) & ~units["spent"] & (units["duty"] <= ON_POST)
    scene.rule("stances")
    assert np.array_equal(units["stance"], np.where(can, decided, before))
    assert (decided != before)[can].sum() > 50
