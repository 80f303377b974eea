"""Stand-offs: competing hazards with their closed form, and what becomes of a place where two sides, or one,
stand.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom, poisson

from rules.scenes import Scene, probe
from sim import luck
from sim.agents import Cadets, RedGuards, ReserveRegiment, Unit
from sim.journal import SHELLS
from sim.parameters import centres
from sim.rules.firefight import (
    FRONTAGE,
    USUAL,
    cover_of,
    deadliness,
    log_odds,
    logistic,
    many_hands,
    shots_rate,
)
from sim.rules.standoffs import (
    ATTACKER_BREAKS,
    BREAK_WIDTH,
    DEFENDER_BREAKS,
    DRAWS_OFF,
    FIRES,
    HAZARDS,
    SWITCHES,
    YIELDS,
    first_event,
)
from sim.state import GONE, GUARD, IN_QUARTERS, ON_POST, SEIZE, UNDER_WAY

FLOOR, SHOT_RATE, SHOT_SPREAD = (centres()[name] for name in ("odds_floor", "shot_rate", "shot_spread"))
PLACE = "state_bank"
UNTIL_SOMETHING = 1e9  # minutes of a pulse in which something strikes


@probe
def first_events(worlds: Any, place: int, events: Any) -> None:
    """What strikes first at a place in one pulse after the other, as if nothing came of it."""
    w = worlds[0]
    for number in range(len(events)):
        w.clock.number = number
        first_event(w, w.places[place])
        events[number] = w.places[place].event


class Spot(Scene):
    """One place of a city in which otherwise nobody stirs, and a levy is worth soldiers."""

    def __init__(self, *, pulse: float = 5.0, holder: int = -1, place: str = PLACE, **values: float) -> None:
        super().__init__(pulse=pulse, **{**centres(), "levy_worth": 1.0, **values})
        self.send_home()
        self.spot = self.place(place)
        self.at["holder"] = holder
        self.seizing = int(np.flatnonzero(self.plan.tasks.purpose == SEIZE)[0])

    @property
    def at(self) -> Any:
        """The place."""
        return self.w["places"][self.spot]

    def add(self, sort: type[Unit], men: int, stance: int, *, ordered: bool, loyalty: float = 0.0) -> int:
        """Put some men of a sort on the spot; the number of their unit."""
        units = self.units
        free = (units["men"] == 0) & (units["home"] != self.spot) & (units["appears"] < 0)
        unit = next(int(u) for u in self.sort(sort) if free[u])
        self.post(unit, men, stance, self.spot, loyalty=loyalty, task=self.seizing if ordered else -1)
        return unit

    def beat(self) -> None:
        """One pulse of the stand-off alone."""
        self.rule("standoffs")
        self.tick()

    def until(self, minutes: float) -> float:
        """The minute at which the place came to the Soviet within some minutes, or infinity."""
        while self.now <= minutes:
            now = self.now
            self.beat()
            if self.at["holder"] == 1:
                return now
        return np.inf


def declare(scene: Spot, guard: int, men: int) -> float:
    """Let so many other men of a guard's regiment, in quarters, declare for the Soviet; the share of all."""
    force = scene.units["force"] == scene.units["force"][guard]
    mate = np.flatnonzero(force & (np.arange(scene.count) != guard))[0]
    scene.units["men"][mate], scene.units["stance"][mate] = men, 1
    return float(men / (scene.units["men"] + scene.units["rest"])[force].sum())


class Contest(Spot):
    """Two sides that face each other on the spot at some log-odds, of which only what strikes first is asked.

    The minds of attackers and guards are as alike as `similarity` says; `broken` says how it stands once they
    shoot.
    """

    def __init__(
        self,
        r: float,
        *,
        hostility: float = 1.0,
        similarity: float = 0.0,
        minutes: float = 5.0,
        **values: float,
    ) -> None:
        super().__init__(**{"hostility_calm": 0.0, "odds_floor": 0.0, **values})
        guard = self.add(Cadets, 100, -1, ordered=False, loyalty=0.1 if similarity else -0.1)
        party = self.add(RedGuards, 100, 1, ordered=True, loyalty=0.1 + 2 * (1 - similarity))
        self.w["units"]["post"] = -1
        for unit in (guard, party):
            self.w["units"][unit]["post"] = self.spot
        self.w["listed"][:2], self.w["count"]["listed"] = (guard, party), 2
        self.w["clock"]["pulse"] = minutes
        self.face(r)
        self.at["attacker"], self.at["hostility"], self.at["position"] = 1, hostility, 2.0
        self.at["men_there"], self.w["devotion"] = USUAL, 0.0  # nobody is more devoted than others

    def face(self, r: float) -> None:
        """Let them face each other at some log-odds."""
        self.at["attack"], self.at["defend"] = 200 * np.exp(r), 100

    def set(self, **values: float) -> None:
        """Set parameters."""
        for name, value in values.items():
            self.w["p"][name] = value

    def events(self, count: int) -> NDArray[np.int64]:
        """What strikes first in each of so many pulses."""
        events = np.zeros(count, np.int64)
        first_events(self.stage.worlds, self.spot, events)
        return events

    def by_hand(self, rates: list[float], count: int) -> NDArray[np.int64]:
        """The same by hand, if the hazards have such rates."""
        w, clock = self.w, self.w["clock"]
        keys = [np.uint64(luck.join(self.at["key"], np.uint64(k))) for k in range(HAZARDS)]
        u = np.array(
            [[luck.uniform(clock["luck"], luck.STANDOFF, key, n) for key in keys] for n in range(count)]
        )
        with np.errstate(divide="ignore"):
            hours = -np.log1p(-u) / np.array(rates)
        return np.where(hours.min(axis=1) * 60 <= w["clock"]["pulse"], hours.argmin(axis=1), -1)


def rates(
    r: float, *, hostility: float = 1.0, similarity: float = 0.0, f0: float = 0.1, facing: float = 50.0
) -> NDArray[np.float64]:
    """The four hazards by hand, at the centres of their priors: h0 2, s .4, rho_D .7, rho_A .4, phi_f .25,
    s_F 1; so many men have somebody before them.
    """

    def share(x: float) -> float:
        return float(1 / (1 + np.exp(-x)))

    shots = 0.25 * facing / 50 * hostility * np.exp(-abs(r))
    return np.array([2 * share((r - 0.7) / 0.4), 2 * share((-r - 0.4) / 0.4), shots, f0 * similarity])


def frequencies(events: NDArray[np.int64]) -> NDArray[np.float64]:
    """How often each of the four struck, and nothing."""
    return np.array([(events == k).mean() for k in (YIELDS, DRAWS_OFF, FIRES, SWITCHES, -1)])


# ---- the closed form ----


@pytest.mark.parametrize(("odds", "bloodless"), [(2, 0.80), (3, 0.92), (10, 0.99)])
def test_weaker_defender_yields(odds: float, bloodless: float) -> None:
    """Against a hostile attacker of such odds a defender yields without a shot in so many of a hundred cases.

    Two hundred thousand draws, four standard errors of which are .004.
    """
    each = rates(np.log(odds))
    assert each[YIELDS] / each.sum() == pytest.approx(bloodless, abs=0.005)
    seen = frequencies(Contest(np.log(odds), minutes=UNTIL_SOMETHING).events(200_000))
    assert seen[YIELDS] == pytest.approx(bloodless, abs=0.005)
    assert seen[-1] == 0


def test_shots_at_even_odds() -> None:
    """Two equal and hostile sides come to shots in 23 of a hundred cases."""
    assert frequencies(Contest(0.0, minutes=UNTIL_SOMETHING).events(200_000))[FIRES] == pytest.approx(
        0.23, abs=0.005
    )


def test_the_equations_by_hand() -> None:
    """Log-odds with their floor, the logistic function, and phi_f hostility exp(-|r|/s_F)."""
    assert log_odds(30.0, 10.0, 20.0) == pytest.approx(np.log(50 / 30))
    assert [logistic(x) for x in (-2.0, 0.0, 2.0)] == pytest.approx(
        [1 / (1 + np.exp(2)), 0.5, 1 / (1 + np.exp(-2))]
    )
    assert [shots_rate(r, 0.3, 0.25, 2.0) for r in (-1.0, 0.0, 1.0)] == pytest.approx(
        [0.075 * np.exp(x) for x in (-0.5, 0, -0.5)]
    )
    sides = [(50, 400), (400, 50), (25, 25), (1000, 800), (0, 100), (0, 0)]
    assert [many_hands(*men) for men in sides] == [1.0, 1.0, 0.5, 6.0, 2.0, 0.0]


@pytest.mark.parametrize("sealed", [False, True], ids=["a post", "shut in"])
def test_more_men_come_to_shots_sooner(sealed: bool) -> None:
    """Shots fall so many times more readily as more men than fifty have somebody before them; draw for
    draw.
    """
    contest = Contest(0.2, minutes=30.0, yield_rate=0.0, sealed_fire=4.0)
    contest.at["men_there"], contest.at["sealed"] = (150, 900), sealed
    shots = 4 * 3 * 0.25 if sealed else rates(0.2, facing=150.0)[FIRES]
    by_hand = contest.by_hand([0.0, 0.0, shots, 0.0, 0.0, 0.0], 20_000)
    assert np.array_equal(contest.events(20_000), by_hand)
    assert FIRES in by_hand


@pytest.mark.parametrize(
    ("r", "hostility", "similarity"), [(0.5, 0.3, 0.6), (-1.0, 1.0, 0.0), (2.0, 0.8, 1.0)]
)
def test_hazards_by_hand(r: float, hostility: float, similarity: float) -> None:
    """The four rates are h0 L((r - rho_D)/s), h0 L((-r - rho_A)/s), phi_f hostility exp(-|r|/s_F) and f0
    similarity.

    Whatever strikes within half an hour in each of twenty thousand pulses is what these rates say by hand,
    draw for draw.
    """
    contest = Contest(r, hostility=hostility, similarity=similarity, minutes=30.0, switch_rate=0.1)
    events = contest.events(20_000)
    by_hand = contest.by_hand([*rates(r, hostility=hostility, similarity=similarity), 0.0, 0.0], 20_000)
    assert np.array_equal(events, by_hand)
    assert {YIELDS, DRAWS_OFF, FIRES, -1} <= set(events)
    assert (SWITCHES in events) == (similarity > 0)


def test_breaking_by_hand() -> None:
    """Where there is shooting a side breaks at break_rate L((share lost - share it bears)/.02); draw for
    draw.
    """
    contest = Contest(0.2, minutes=30.0, break_rate=3.0, loss_rate=0.0)
    at = contest.at
    at["firing"], at["strength_then"], at["lost_there"], at["bears"] = True, (200, 400), (18, 50), (0.1, 0.12)
    breaks = [3.0 / (1 + np.exp(-gap / BREAK_WIDTH)) for gap in (18 / 200 - 0.1, 50 / 400 - 0.12)]
    events = contest.events(20_000)
    assert np.array_equal(events, contest.by_hand([*rates(0.2), *breaks], 20_000))
    assert {DEFENDER_BREAKS, ATTACKER_BREAKS} <= set(events)


@pytest.mark.parametrize("r", [0.5, -0.5])
def test_shut_in_by_hand(r: float) -> None:
    """Men shut in yield exp(-nu) times as fast, so does the attacker draw off while he is the stronger, and
    shots fall at phi_f c hostility; draw for draw.
    """
    contest = Contest(r, hostility=0.6, minutes=30.0, sealed_refusal=1.5, sealed_fire=4.0)
    contest.at["sealed"] = True
    free, grit = rates(r, hostility=0.6), np.exp(-1.5)
    by_hand = [grit * free[YIELDS], (grit if r > 0 else 1.0) * free[DRAWS_OFF], 0.25 * 4 * 0.6, 0.0, 0.0, 0.0]
    events = contest.events(20_000)
    assert np.array_equal(events, contest.by_hand(by_hand, 20_000))
    assert {YIELDS, DRAWS_OFF, FIRES} <= set(events)


@pytest.mark.parametrize(("guards", "party", "power"), [(1.5, 0.5, 1.0), (5.0, -1.0, 1.0), (1.5, 0.5, 0.0)])
def test_devotion_by_hand(guards: float, party: float, power: float) -> None:
    """Each side's margin is so many times larger as its men are devoted: clip(d / d_mean, 0, 2); draw for
    draw.
    """
    contest, r = Contest(0.2, minutes=30.0, devotion=power), 0.2
    contest.w["devotion"], contest.at["men_there"] = 1.0, (100, 50)
    contest.at["minds"] = (guards * 1e8, party * 0.5e8)
    v_d, v_a = (min(max(d, 0.0), 2.0) ** power for d in (guards, party))
    by_hand = [2 * logistic((r - 0.7 * v_d) / 0.4), 2 * logistic((-r - 0.4 * v_a) / 0.4)]
    events = contest.events(20_000)
    assert np.array_equal(events, contest.by_hand([*by_hand, *rates(r)[2:], 0.0, 0.0], 20_000))


def test_fire_by_hand() -> None:
    """a (1 + kappa_b min(D/10, 1)), and a cover that a gun divides by g but never below 1."""
    assert [deadliness(0.002, 9.0, dead) for dead in (0.0, 5.0, 10.0, 60.0)] == pytest.approx(
        [0.002, 0.011, 0.02, 0.02]
    )
    assert [cover_of(position, 2.0) for position in (1.0, 1.5, 4.0)] == [1.0, 1.0, 2.0]
    assert [cover_of(position, 1.0) for position in (1.0, 1.5, 4.0)] == [1.0, 1.5, 4.0]


@pytest.mark.parametrize(("trials", "p"), [(0, 0.3), (40, 0.0), (40, 0.15), (2500, 0.3), (7, 1.0)])
def test_prisoners_are_binomial(trials: int, p: float) -> None:
    """The quantiles of evenly spaced draws are those of scipy's binomial distribution."""
    u = (np.arange(500) + 0.5) / 500
    wanted = np.maximum(binom.ppf(u, trials, p), 0) if p else np.zeros(500)
    assert [luck.binomial(trials, p, x) for x in u] == wanted.tolist()


def test_hazards_over_the_odds() -> None:
    """As the attacker grows stronger the defender yields sooner, the attacker draws off later; shots are
    likeliest at even odds.

    With the same luck in every pulse, and each hazard alone.
    """
    alone: dict[int, dict[str, float]] = {
        YIELDS: {"attacker_margin": 1e6, "shot_rate": 0.0},
        DRAWS_OFF: {"defender_margin": 1e6, "shot_rate": 0.0},
        FIRES: {"yield_rate": 0.0},
    }
    odds = np.linspace(-2, 2, 21)
    for hazard, values in alone.items():
        contest, struck = Contest(0.0, minutes=60.0, **values), []
        for r in odds:
            contest.face(r)
            events = contest.events(20_000)
            assert set(events) <= {hazard, -1}
            struck.append(events == hazard)
        rises = {YIELDS: range(20), DRAWS_OFF: range(19, -1, -1), FIRES: range(10)}[hazard]
        step = -1 if hazard == DRAWS_OFF else 1
        assert all((struck[k + (step < 0)] <= struck[k + (step > 0)]).all() for k in rises)
        assert all(struck[k + (step < 0)].sum() < struck[k + (step > 0)].sum() for k in rises)
        if hazard == FIRES:
            assert all(np.array_equal(struck[k], struck[20 - k]) for k in range(10))


def test_odds_of_small_parties() -> None:
    """The floor makes small parties look more alike than their numbers, and nobody against nobody is even."""
    ratio = [log_odds(a, d, FLOOR) for a, d in ((20.0, 10.0), (2000.0, 1000.0), (0.0, 0.0))]
    assert 0 < ratio[0] < ratio[1] < np.log(2)
    assert ratio[2] == 0


@pytest.mark.parametrize("minutes", [1.0, 5.0, 30.0])
@pytest.mark.parametrize("r", [-1.0, 0.0, 0.7])
def test_first_event(r: float, minutes: float) -> None:
    """What strikes first, and whether anything does within a pulse, has the chances of competing
    exponentials.

    Fifty thousand draws; all frequencies within four standard errors (at most .009).
    """
    n = 50_000
    each = rates(r, hostility=0.8, similarity=0.5)
    seen = frequencies(Contest(r, hostility=0.8, similarity=0.5, minutes=minutes, switch_rate=0.1).events(n))
    struck = 1 - np.exp(-each.sum() * minutes / 60)
    expected = np.append(struck * each / each.sum(), 1 - struck)
    assert seen.sum() == pytest.approx(1)
    assert (np.abs(seen - expected) <= 4 * np.sqrt(expected * (1 - expected) / n)).all()


def test_impossible_events_never_come_first() -> None:
    """An event without a rate does not strike, nor does anything where all rates are nought."""
    contest = Contest(0.0, minutes=60.0, yield_rate=0.0, shot_rate=0.0, switch_rate=0.0, similarity=0.5)
    assert set(contest.events(1000)) == {-1}
    contest.set(yield_rate=3.0, defender_margin=1e6)
    assert set(contest.events(1000)) == {-1, DRAWS_OFF}


def test_a_higher_rate_only_brings_its_event_forward() -> None:
    """With the same luck a higher rate of one event takes it from nobody and gives it to some."""
    contest, struck = Contest(0.0, minutes=30.0, similarity=0.5, yield_rate=0.5), []
    for rate in (0.2, 0.5, 1.0):
        contest.set(shot_rate=rate)
        struck.append(contest.events(5000) == FIRES)
    for low, high in pairwise(struck):
        assert (low <= high).all()
        assert high.sum() > low.sum()


@pytest.mark.parametrize("expected", [0.0, 0.3, 2.0, 30.0])
def test_losses_are_poisson(expected: float) -> None:
    """The killed are Poisson in number: the quantiles of evenly spaced draws are those of scipy's."""
    u = (np.arange(2000) + 0.5) / 2000
    wanted = poisson.ppf(u, expected) if expected else np.zeros(2000)
    assert [luck.poisson(expected, x) for x in u] == wanted.tolist()


# ---- scenes ----


@pytest.mark.parametrize("pulse", [1.0, 2.5, 5.0])
@pytest.mark.parametrize("holder", [-1, 0])
def test_unguarded_place(pulse: float, holder: int) -> None:
    """A place without a guard passes, after ten minutes, to whoever stands on it armed and unopposed."""
    scene = Spot(pulse=pulse, holder=holder)
    scene.add(RedGuards, 50, 1, ordered=True)
    assert scene.until(60) == 10.0


def test_unarmed_men_take_nothing() -> None:
    """Men who stay in neutral mood on the spot take nothing."""
    scene = Spot()
    scene.add(RedGuards, 50, 0, ordered=True)
    assert scene.until(60) == np.inf


def test_holder_stays_holder() -> None:
    """A place stays with its holder when his men have left."""
    scene = Spot(holder=1)
    while scene.now <= 60:
        scene.beat()
        assert scene.at["holder"] == 1


def test_sympathetic_guard_with_a_commissar() -> None:
    """A guard of the commissar's mind yields its post in the pulse in which it accepts him."""
    scene = Spot(acceptance_rate=1e9)
    declare(scene, scene.add(ReserveRegiment, 40, 0, ordered=False, loyalty=1.0), 60)
    scene.at["envoy_at"][1] = 20.0
    assert scene.until(60) == 20.0


@pytest.mark.parametrize("loyalty", [0.3, -1.0], ids=["lukewarm", "hostile"])
def test_unsympathetic_guard_with_a_commissar(loyalty: float) -> None:
    """A guard that is not of the commissar's mind does not yield to him."""
    scene = Spot()
    scene.add(ReserveRegiment, 40, 0, ordered=False, loyalty=loyalty)
    scene.at["envoy_at"][1] = 20.0
    assert scene.until(60) == np.inf


@pytest.mark.parametrize("pulse", [2.5, 10.0])
def test_scene_has_the_chances_of_the_closed_form(pulse: float) -> None:
    """In the model a stand-off ends in each way as often as its hazards say, whatever the pulse.

    Two thousand worlds, twelve hours; shares within four standard errors (at most .045).
    """
    scene, worlds, ends = Spot(pulse=pulse, hostility_calm=1.0, devotion=0.0), 2000, []
    guard = scene.add(Cadets, 100, -1, ordered=False, loyalty=-1.0)
    party = scene.add(RedGuards, 400, 1, ordered=True, loyalty=1.0)
    attack, defend = scene.strength(party), scene.strength(guard)
    each = rates(float(np.log((attack + FLOOR) / (defend * scene.at["position"] + FLOOR))), facing=100.0)
    expected = each / each.sum()
    for w in scene.worlds(worlds):
        at, end = scene.at, -1
        while scene.now < 720 and end < 0:
            scene.beat()
            end = (
                YIELDS
                if at["holder"] == 1
                else DRAWS_OFF
                if w["units"][party]["duty"] != ON_POST
                else FIRES
                if at["firing"]
                else -1
            )
        ends.append(end)
    seen = np.array([ends.count(k) / worlds for k in range(4)])
    assert -1 not in ends
    assert (np.abs(seen - expected) <= 4 * np.sqrt(expected * (1 - expected) / worlds)).all()


@pytest.mark.parametrize("worth", [0.2, 0.5, 1.0])
def test_what_a_levy_is_worth(worth: float) -> None:
    """A man of a levy counts for a share of a soldier of his quality; a soldier counts whole."""
    scene = Spot(levy_worth=worth)
    guard = scene.add(Cadets, 100, -1, ordered=False)
    party = scene.add(RedGuards, 400, 1, ordered=True)
    scene.beat()
    soldiers, levy = (float(scene.units["quality"][u]) for u in (guard, party))
    assert scene.at["attack"] == pytest.approx(400 * worth * levy, abs=0.001)
    assert scene.at["defend"] == pytest.approx(100 * soldiers, abs=0.001)


@pytest.mark.parametrize(("weak", "strong"), [(60, 90), (100, 300), (200, 2000)])
def test_stronger_defender(weak: int, strong: int) -> None:
    """With the same luck a place is not taken earlier from a stronger guard than from a weaker (nobody shoots
    here).
    """
    taken = []
    for men in (weak, strong):
        scene = Spot(hostility_calm=0.0)
        scene.add(Cadets, men, -1, ordered=False, loyalty=-1.0)
        scene.add(RedGuards, 600, 1, ordered=True, loyalty=1.0)
        taken.append(np.array([scene.until(240) for _ in scene.worlds(1000)]))
    assert (taken[1] >= taken[0]).all()
    assert (taken[1] > taken[0]).any()
    assert np.isfinite(taken[0]).any()


def test_guard_that_changes_sides_stays() -> None:
    """A guard of one mind with the attacker may come over: then it stays on the spot, of the other stance."""
    scene = Spot(hostility_calm=0.0, yield_rate=1e-9, switch_rate=5.0)
    guard = scene.add(Cadets, 100, -1, ordered=False, loyalty=0.5)
    scene.add(RedGuards, 100, 1, ordered=True, loyalty=0.5)
    for w in scene.worlds(500):
        assert np.isfinite(scene.until(360))
        assert (w["units"][guard]["stance"], w["units"][guard]["duty"]) == (1, ON_POST)


@pytest.mark.parametrize(
    ("men", "duty"), [(150, UNDER_WAY), (5000, GONE)], ids=["somewhat outnumbered", "hopeless"]
)
def test_guard_that_yields(men: int, duty: int) -> None:
    """A guard that gives way goes home, or is disarmed if badly outnumbered."""
    scene = Spot(hostility_calm=0.0, yield_rate=1e3, attacker_margin=20.0, defender_margin=-20.0)
    guard = scene.add(Cadets, 100, -1, ordered=False, loyalty=-1.0)
    scene.add(RedGuards, men, 1, ordered=True, loyalty=1.0)
    scene.beat()
    assert scene.at["holder"] == 1
    assert scene.units[guard]["duty"] == duty
    assert scene.units[guard]["arms"] == (0 if duty == GONE else 1)


def test_shots_kill_and_are_counted() -> None:
    """Once there is shooting men fall on both sides; every one is missing from a unit and counted for his
    side.
    """
    scene = Spot(yield_rate=1e-9, break_rate=1e-9, loss_rate=0.01)
    guard = scene.add(Cadets, 300, -1, ordered=False, loyalty=-1.0)
    party = scene.add(RedGuards, 300, 1, ordered=True, loyalty=1.0)
    scene.at["firing"], scene.at["strength_then"] = True, 300
    killed = []
    for w in scene.worlds(200):
        scene.until(120)
        killed.append(w["sides"]["killed"].copy())
        assert killed[-1].tolist() == [300 - w["units"][unit]["men"] for unit in (guard, party)]
        assert scene.at["fallen"].tolist() == killed[-1].tolist()
    assert (np.mean(killed, axis=0) > 1).all()


@pytest.mark.parametrize(
    ("fort", "stays"), [(1, False), (-1, True)], ids=["of the other side", "of their own"]
)
def test_a_place_under_fire(fort: int, stays: bool) -> None:
    """Men on open ground under a hostile stronghold's fire draw off; under their own they take the place, as
    if nobody were there.
    """
    scene = Spot(holder=0, place="troitsky_bridge", hostility_calm=0.0)
    stronghold = int(scene.at["under_fire_of"])
    scene.places["holder"][stronghold] = fort
    garrison = scene.add(ReserveRegiment, 600, 0, ordered=False)
    scene.units["place"][garrison], scene.units["duty"][garrison] = stronghold, IN_QUARTERS
    party = scene.add(Cadets, 40, -1, ordered=True, loyalty=-1.0)
    taken, there = [], []
    for w in scene.worlds(200):
        for _ in range(24):
            scene.beat()
        taken.append(scene.at["holder"] == -1)
        there.append(w["units"][party]["duty"] == ON_POST)
    assert np.mean(taken) == 1 if stays else np.mean(taken) < 0.1
    assert all(there) == stays


def test_covering_fire_by_hand() -> None:
    """cover_share min(1, 300 / men) E position over the armed men of the stronghold who are not of the other
    side.

    So much meets a party of the other side that comes under its fire where nobody stands.
    """
    scene = Spot(place="troitsky_bridge", holder=0, cover_share=0.2)
    stronghold = int(scene.at["under_fire_of"])
    scene.places["holder"][stronghold] = 1
    units = [
        scene.add(ReserveRegiment, men, stance, ordered=False)
        for men, stance in ((400, 0), (200, 1), (500, -1))
    ]
    scene.units["place"][units] = stronghold
    party = scene.add(Cadets, 40, -1, ordered=True, loyalty=-1.0)
    by_hand = (
        0.2
        * FRONTAGE
        / 600
        * sum(scene.strength(u) for u in units[:2])
        * scene.places["position"][stronghold]
    )
    attack = scene.strength(party)
    scene.beat()
    assert scene.at["defend"] == int(1000 * by_hand) / 1000
    assert scene.at["attack"] == attack
    assert scene.at["odds"] == pytest.approx(
        log_odds(attack, by_hand * scene.at["position"], FLOOR), abs=1e-4
    )


# ---- guards ----


@pytest.mark.parametrize(("loyalty", "declared"), [(-0.4, 120), (0.1, 120), (1.0, 120), (1.0, 40), (1.0, 0)])
def test_acceptance_has_its_rate(loyalty: float, declared: int) -> None:
    """A guard accepts a commissar who has come at kappa_a L((d - a_0)/s_a) an hour, times the share of its
    regiment's men that have declared for his side.

    Two thousand worlds, half an hour; within four standard errors.
    """
    scene, worlds = Spot(sympathy=10.0, acceptance_rate=2.0, acceptance_mind=0.1, acceptance_spread=0.3), 2000
    guard = scene.add(ReserveRegiment, 40, 0, ordered=False, loyalty=loyalty)
    share = declare(scene, guard, declared)
    scene.at["envoy_at"][1] = 0.0
    accepted = 0
    for w in scene.worlds(worlds):
        while scene.now < 30:
            scene.beat()
        accepted += np.isfinite(w["units"][guard]["commissar_at"][1])
    wanted = 1 - np.exp(-2.0 * share / (1 + np.exp(-(loyalty - 0.1) / 0.3)) / 2)
    assert abs(accepted / worlds - wanted) <= 4 * np.sqrt(wanted * (1 - wanted) / worlds)


@pytest.mark.parametrize(
    ("commissar", "declared", "by_rule", "holds"),
    [(False, 0, 1.0, True), (True, 0, 1.0, False), (False, 60, 1.0, False), (False, 0, 0.0, False)],
    ids=["as it was told", "with his commissar", "its regiment has declared", "taken out"],
)
def test_neutral_guard(commissar: bool, declared: int, by_rule: float, holds: bool) -> None:
    """A neutral guard of a regiment stands as any defender, unless it has the attacker's commissar or more
    than half of its regiment has declared for him.
    """
    scene = Spot(guards_hold=by_rule)
    guard = scene.add(ReserveRegiment, 40, 0, ordered=False)
    scene.add(RedGuards, 100, 1, ordered=True, loyalty=1.0)
    declare(scene, guard, declared)
    if commissar:
        scene.units[guard]["commissar_at"][1] = 0.0
    scene.beat()
    assert scene.at["defend"] == (pytest.approx(scene.strength(guard), abs=0.001) if holds else 0)
    assert scene.at["passive"] == (not holds)


def test_neutral_guard_that_yields_is_out() -> None:
    """A neutral guard that held its post and gives way to many is disarmed, as any defender."""
    scene = Spot(hostility_calm=0.0, yield_rate=1e3, attacker_margin=20.0, defender_margin=-20.0)
    guard = scene.add(ReserveRegiment, 40, 0, ordered=False)
    scene.add(RedGuards, 5000, 1, ordered=True, loyalty=1.0)
    scene.beat()
    assert scene.at["holder"] == 1
    assert (scene.units[guard]["duty"], scene.units[guard]["arms"]) == (GONE, 0)


def shut_in(**values: float) -> tuple[Spot, int, int]:
    """Cadets at home in their school with an order to hold it, and many before it: guards and party."""
    scene = Spot(place="vladimirsky_school", **values)
    home = scene.units["home"] == scene.spot
    guard = next(int(u) for u in scene.sort(Cadets) if home[u] and not scene.units["is_party"][u])
    task = int(np.flatnonzero(scene.plan.tasks.purpose == GUARD)[0])
    scene.w["tasks"][task]["place"], scene.w["tasks"][task]["side"] = scene.spot, 0
    scene.post(guard, 200, -1, scene.spot, loyalty=-1.0, task=task)
    return scene, guard, scene.add(RedGuards, 2000, 1, ordered=True, loyalty=1.0)


def test_who_is_shut_in() -> None:
    """Men who live there with a live order to hold it are shut in; without the order, with another's guard
    in the majority, or by parameter, they are not.
    """
    scene, guard, _ = shut_in()
    scene.beat()
    assert scene.at["sealed"]
    scene.add(Cadets, 300, -1, ordered=True, loyalty=-1.0)
    scene.beat()
    assert not scene.at["sealed"]
    scene, guard, _ = shut_in()
    scene.units["task"][guard] = -1
    scene.beat()
    assert not scene.at["sealed"]
    scene, _, _ = shut_in(sealed_refusal=0.0)
    scene.beat()
    assert not scene.at["sealed"]


@pytest.mark.parametrize(("revenge", "killed"), [(0.0, 0), (1.0, 200)])
def test_after_the_surrender(revenge: float, killed: int) -> None:
    """Where men who shut themselves in have cost the captors a twentieth of their own, all of the disarmed
    are killed, if lambda is one; none, if it is nought.
    """
    scene, guard, _ = shut_in(
        revenge=revenge,
        loss_rate=0.0,
        yield_rate=1e6,
        attacker_margin=1e3,
        defender_margin=-1e3,
        shot_rate=0.0,
    )
    scene.at["firing"], scene.at["strength_then"], scene.at["lost_there"] = True, 2000, (0, 110)
    scene.beat()
    assert scene.at["holder"] == 1
    assert scene.at["fallen"].tolist() == [killed, 0]
    assert (scene.units[guard]["men"], scene.units[guard]["duty"]) == (200 - killed, GONE)


def test_a_gun_is_fired_once() -> None:
    """Where there is shooting and the attacker has a gun, shells are noted, once."""
    scene, _, _ = shut_in(yield_rate=1e-9, break_rate=1e-9)
    gun = next(int(u) for u in np.flatnonzero(scene.units["guns"]) if scene.units["appears"][u] < 0)
    scene.post(gun, 60, 1, scene.spot, loyalty=1.0, task=scene.seizing)
    scene.at["firing"], scene.at["strength_then"] = True, 200
    for _ in range(3):
        scene.beat()
    events = scene.w["events"][: scene.w["clock"]["events"]]
    assert ((events["kind"] == SHELLS) & (events["place"] == scene.spot)).sum() == 1


@pytest.mark.parametrize(
    ("force", "duty"),
    [("city_militia.1", IN_QUARTERS), ("crowd_liteiny", ON_POST)],
    ids=["lives", "comes out"],
)
def test_who_lives_in_nobodys_house_is_on_no_post(force: str, duty: int) -> None:
    """Whose quarters are a place that no side holds begins in quarters; whom a decision brings there stands
    on the spot.
    """
    units, places = Spot().cast.units, Spot().cast.places
    row = units.ids.index(force)
    assert places.holder[units.home[row]] == 0
    assert units.duty[row] == duty
