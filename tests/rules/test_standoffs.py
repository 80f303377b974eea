"""Stand-offs: competing hazards with their closed form, and what becomes of a place where two sides, or one, stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from likeness import brief
from numpy.typing import NDArray
from scipy.stats import poisson

from sim import luck
from sim.agents import Cadets, RedGuards, ReserveRegiment
from sim.agents.unit import Duty
from sim.luck import Luck, Process
from sim.model import Petrograd
from sim.parameters import centres, table
from sim.rules.standoffs import DRAW_OFF, SHOTS, YIELD, covering_fire, first_event, hazards, log_odds, losses, standoffs
from sim.plan import Purpose

CENTRE = table()["centre"].astype(float)
H0, S, RHO_D, RHO_A, PHI_F, S_F, E0 = (
    CENTRE[name] for name in ("yield_rate", "yield_spread", "defender_margin", "attacker_margin", "shot_rate", "shot_spread", "odds_floor")
)


def rates(r: Any, *, hostility: float = 1.0, similarity: float = 0.0, f0: float = 0.1) -> NDArray[Any]:
    """The four hazards at the centres of their priors."""
    return hazards(np.asarray(r, float), np.asarray(hostility), np.asarray(similarity), h0=H0, s=S, rho_d=RHO_D, rho_a=RHO_A, phi_f=PHI_F, s_f=S_F, f0=f0)


def shares(r: float, **how: float) -> NDArray[Any]:
    """The chance of each of the four to come first."""
    each = rates(r, **how)
    return each / each.sum()


# ---- the closed form ----


@pytest.mark.parametrize(("odds", "bloodless"), [(2, 0.80), (3, 0.92), (10, 0.99)])
def test_weaker_defender_yields(odds: float, bloodless: float) -> None:
    """Against a hostile attacker of such odds a defender yields without a shot in so many of a hundred cases."""
    assert shares(np.log(odds))[YIELD] == pytest.approx(bloodless, abs=0.005)


def test_shots_at_even_odds() -> None:
    """Two equal and hostile sides come to shots in 23 of a hundred cases."""
    assert shares(0.0)[SHOTS] == pytest.approx(0.23, abs=0.005)


def test_hazards_by_hand() -> None:
    """The four rates are h0 L((r - rho_D)/s), h0 L((-r - rho_A)/s), phi_f hostility exp(-|r|/s_F) and f0 similarity."""
    r, hostility, similarity = 0.5, 0.3, 0.6

    def logistic(x: float) -> float:
        return 1 / (1 + np.exp(-x))

    by_hand = [2 * logistic((r - 0.7) / 0.4), 2 * logistic((-r - 0.4) / 0.4), 0.25 * hostility * np.exp(-r), 0.1 * similarity]
    assert rates(r, hostility=hostility, similarity=similarity) == pytest.approx(by_hand)


def test_hazards_over_the_odds() -> None:
    """As the attacker grows stronger the defender yields sooner, the attacker draws off later; shots are likeliest at even odds."""
    r = np.linspace(-3, 3, 61)
    each = rates(r)
    assert (np.diff(each[:, [YIELD, DRAW_OFF]], axis=0) * [1, -1] > 0).all()
    assert each[:, SHOTS].argmax() == 30


def test_odds_of_small_parties() -> None:
    """The floor makes small parties look more alike than their numbers, and nobody against nobody is even."""
    ratio = [float(log_odds(np.array(a), np.array(d), np.array(E0))) for a, d in ((20.0, 10.0), (2000.0, 1000.0), (0.0, 0.0))]
    assert 0 < ratio[0] < ratio[1] < np.log(2)
    assert ratio[2] == 0


@pytest.mark.parametrize("minutes", [1.0, 5.0, 30.0])
@pytest.mark.parametrize("r", [-1.0, 0.0, 0.7])
def test_first_event(r: float, minutes: float) -> None:
    """What strikes first, and whether anything does within a pulse, has the chances of competing exponentials.

    Fifty thousand draws; all frequencies within four standard errors (at most .009).
    """
    n = 50_000
    lots = Luck(1917, [0])
    keys = luck.keys(f"stand-off {i}" for i in range(n))
    uniform = np.stack([lots.uniform(Process.STANDOFF, keys, hazard)[0] for hazard in range(4)], axis=1)
    each = rates(r, hostility=0.8, similarity=0.5)
    event = first_event(np.broadcast_to(each, (n, 4)), minutes, uniform)
    struck = 1 - np.exp(-each.sum() * minutes / 60)
    expected = np.append(struck * each / each.sum(), 1 - struck)
    seen = np.array([(event == k).mean() for k in (0, 1, 2, 3, -1)])
    assert (np.abs(seen - expected) <= 4 * np.sqrt(expected * (1 - expected) / n)).all()


def test_impossible_events_never_come_first() -> None:
    """An event without a rate does not strike, nor does anything where all rates are nought."""
    uniform = np.random.default_rng(1917).uniform(size=(1000, 4))
    nothing = first_event(np.zeros((1000, 4)), 60.0, uniform)
    one = first_event(np.broadcast_to([0.0, 3.0, 0.0, 0.0], (1000, 4)), 60.0, uniform)
    assert set(nothing) == {-1}
    assert set(one) == {-1, DRAW_OFF}


def test_a_higher_rate_only_brings_its_event_forward() -> None:
    """With the same luck a higher rate of one event takes it from nobody and gives it to some."""
    uniform = np.random.default_rng(1917).uniform(size=(5000, 4))
    low, high = (first_event(np.broadcast_to([rate, 0.5, 0.2, 0.1], (5000, 4)), 30.0, uniform) == YIELD for rate in (0.5, 1.0))
    assert (low <= high).all()
    assert high.sum() > low.sum()


@pytest.mark.parametrize("expected", [0.0, 0.3, 2.0, 30.0])
def test_losses_are_poisson(expected: float) -> None:
    """The killed are Poisson in number: the quantiles of evenly spaced draws are those of scipy's."""
    u = (np.arange(2000) + 0.5) / 2000
    wanted = poisson.ppf(u, expected) if expected else np.zeros(2000)
    assert np.array_equal(losses(np.full(2000, expected), u), wanted)


# ---- scenes ----

PLACE = "state_bank"


class Scene:
    """One place of a city in which otherwise nobody stirs."""

    def __init__(self, *, worlds: int = 1, pulse: float = 5.0, holder: int = -1, place: str = PLACE, **values: float) -> None:
        self.model = Petrograd(brief(51), worlds=range(worlds), pulse=pulse, values={**centres(), **values})
        c, self.place = self.model.columns, self.model.city.index[place]
        c.men[:], c.stance[:], c.duty[:], c.cohesion[:] = 0, 0, Duty.IN_QUARTERS, 1.0
        c.holder[:, self.place] = holder
        self.seizing = int(np.flatnonzero(self.model.script.tasks.purpose == Purpose.SEIZE)[0])

    def post(self, sort: type, men: int, stance: int, *, ordered: bool, loyalty: float = 0.0) -> int:
        """Put some men of a sort on the spot; the number of their unit."""
        c, s = self.model.columns, self.model.setting
        unit = next(int(u) for u in s.units.rows[sort] if c.men[0, u] == 0 and s.units.home[u] != self.place and s.units.appears[u] < 0)
        c.men[:, unit], c.stance[:, unit], c.duty[:, unit], c.place[:, unit] = men, stance, Duty.ON_POST, self.place
        c.task[:, unit] = self.seizing if ordered else -1
        c.arms[:, unit], c.loyalty[:, unit], c.moved[:, unit], c.commissar_at[:, unit] = 1.0, loyalty, 0.0, np.inf
        return unit

    def beat(self) -> None:
        """One pulse of the stand-off alone."""
        standoffs(self.model)
        self.model.number += 1

    def until(self, minutes: float) -> NDArray[np.float64]:
        """The minute (worlds,) at which the place came to the Soviet within some minutes, or infinity."""
        taken = np.full(self.model.worlds, np.inf)
        while self.model.now <= minutes:
            now = self.model.now
            self.beat()
            new = (self.model.columns.holder[:, self.place] == 1) & ~np.isfinite(taken)
            taken[new] = now
        return taken


@pytest.mark.parametrize("pulse", [1.0, 2.5, 5.0])
@pytest.mark.parametrize("holder", [-1, 0])
def test_unguarded_place(pulse: float, holder: int) -> None:
    """A place without a guard passes, after ten minutes, to whoever stands on it armed and unopposed."""
    scene = Scene(pulse=pulse, holder=holder)
    scene.post(RedGuards, 50, 1, ordered=True)
    assert scene.until(60).tolist() == [10.0]


def test_unarmed_men_take_nothing() -> None:
    """Men who stay in neutral mood on the spot take nothing."""
    scene = Scene()
    scene.post(RedGuards, 50, 0, ordered=True)
    assert scene.until(60).tolist() == [np.inf]


def test_holder_stays_holder() -> None:
    """A place stays with its holder when his men have left."""
    scene = Scene(holder=1)
    assert scene.until(60).tolist() == [0.0]


def test_sympathetic_guard_with_a_commissar() -> None:
    """A guard of the commissar's mind yields its post in the pulse in which he arrives."""
    scene = Scene()
    scene.post(ReserveRegiment, 40, 0, ordered=False, loyalty=1.0)
    scene.model.columns.envoy_at[:, scene.place, 1] = 20.0
    assert scene.until(60).tolist() == [20.0]


@pytest.mark.parametrize("loyalty", [0.3, -1.0], ids=["lukewarm", "hostile"])
def test_unsympathetic_guard_with_a_commissar(loyalty: float) -> None:
    """A guard that is not of the commissar's mind does not yield to him."""
    scene = Scene()
    scene.post(ReserveRegiment, 40, 0, ordered=False, loyalty=loyalty)
    scene.model.columns.envoy_at[:, scene.place, 1] = 20.0
    assert scene.until(60).tolist() == [np.inf]


@pytest.mark.parametrize("pulse", [2.5, 10.0])
def test_scene_has_the_chances_of_the_closed_form(pulse: float) -> None:
    """In the model a stand-off ends in each way as often as its hazards say, whatever the pulse.

    Two thousand worlds, twelve hours; shares within four standard errors (at most .045).
    """
    scene = Scene(worlds=2000, pulse=pulse, hostility_calm=1.0)
    m, c = scene.model, scene.model.columns
    guard = scene.post(Cadets, 100, -1, ordered=False, loyalty=-1.0)
    party = scene.post(RedGuards, 400, 1, ordered=True, loyalty=1.0)
    attack, defend = (m.unit_strength(np.zeros(1, np.intp), np.array([u]))[0] / 1000 for u in (party, guard))
    expected = shares(float(np.log((attack + E0) / (defend * m.position[0, scene.place] + E0))))
    end = np.full(m.worlds, -1)
    while m.now < 720 and (end < 0).any():
        scene.beat()
        for k, now in ((YIELD, c.holder[:, scene.place] == 1), (DRAW_OFF, c.duty[:, party] != Duty.ON_POST), (SHOTS, c.firing[:, scene.place])):
            end[(end < 0) & now] = k
    seen = np.array([(end == k).mean() for k in range(4)])
    assert (end >= 0).all()
    assert (np.abs(seen - expected) <= 4 * np.sqrt(expected * (1 - expected) / m.worlds)).all()


@pytest.mark.parametrize(("weak", "strong"), [(60, 90), (100, 300), (200, 2000)])
def test_stronger_defender(weak: int, strong: int) -> None:
    """With the same luck a place is not taken earlier from a stronger guard than from a weaker (nobody shoots here)."""
    taken = []
    for men in (weak, strong):
        scene = Scene(worlds=1000, hostility_calm=0.0)
        scene.post(Cadets, men, -1, ordered=False, loyalty=-1.0)
        scene.post(RedGuards, 600, 1, ordered=True, loyalty=1.0)
        taken.append(scene.until(240))
    assert (taken[1] >= taken[0]).all()
    assert (taken[1] > taken[0]).any()


def test_guard_that_changes_sides_stays() -> None:
    """A guard of one mind with the attacker may come over: then it stays on the spot, of the other stance."""
    scene = Scene(worlds=500, hostility_calm=0.0, yield_rate=1e-9, switch_rate=5.0)
    guard = scene.post(Cadets, 100, -1, ordered=False, loyalty=0.5)
    scene.post(RedGuards, 100, 1, ordered=True, loyalty=0.5)
    assert np.isfinite(scene.until(360)).all()
    assert set(zip(scene.model.columns.stance[:, guard], scene.model.columns.duty[:, guard])) == {(1, Duty.ON_POST)}


@pytest.mark.parametrize(("men", "duty"), [(150, Duty.UNDER_WAY), (5000, Duty.GONE)], ids=["somewhat outnumbered", "hopeless"])
def test_guard_that_yields(men: int, duty: Duty) -> None:
    """A guard that gives way goes home, or is disarmed if badly outnumbered."""
    scene = Scene(hostility_calm=0.0, yield_rate=1e3, attacker_margin=20.0, defender_margin=-20.0)
    guard = scene.post(Cadets, 100, -1, ordered=False, loyalty=-1.0)
    scene.post(RedGuards, men, 1, ordered=True, loyalty=1.0)
    scene.beat()
    assert scene.model.columns.holder[0, scene.place] == 1
    assert scene.model.columns.duty[0, guard] == duty


def test_shots_kill_and_are_counted() -> None:
    """Once there is shooting men fall on both sides; every one is missing from a unit and counted for his side."""
    scene = Scene(worlds=200, yield_rate=1e-9, break_rate=1e-9, loss_rate=0.01)
    guard = scene.post(Cadets, 300, -1, ordered=False, loyalty=-1.0)
    party = scene.post(RedGuards, 300, 1, ordered=True, loyalty=1.0)
    c = scene.model.columns
    c.firing[:, scene.place] = True
    c.strength_then[:, scene.place] = 300
    scene.until(120)
    assert np.array_equal(c.killed, np.stack([300 - c.men[:, guard], 300 - c.men[:, party]], axis=1))
    assert (c.killed.mean(axis=0) > 1).all()


@pytest.mark.parametrize(("fort", "stays"), [(1, False), (-1, True)], ids=["of the other side", "of their own"])
def test_a_place_under_fire(fort: int, stays: bool) -> None:
    """Men on open ground under a hostile stronghold's fire draw off; under their own they take the place, as if nobody were there."""
    scene = Scene(worlds=200, holder=0, place="troitsky_bridge", hostility_calm=0.0)
    m, c = scene.model, scene.model.columns
    stronghold = int(m.setting.places.under_fire_of[scene.place])
    c.holder[:, stronghold] = fort
    garrison = scene.post(ReserveRegiment, 600, 0, ordered=False)
    c.place[:, garrison], c.duty[:, garrison] = stronghold, Duty.IN_QUARTERS
    party = scene.post(Cadets, 40, -1, ordered=True, loyalty=-1.0)
    for _ in range(24):
        scene.beat()
    share = (c.holder[:, scene.place] == -1).mean()
    assert share == 1 if stays else share < 0.1
    assert ((c.duty[:, party] == Duty.ON_POST).mean() == 1) == stays


def test_covering_fire_by_hand() -> None:
    """cover_share min(1, 300 / men) E position over the armed men of the stronghold who are not of the other side."""
    scene = Scene(place="troitsky_bridge", holder=0, cover_share=0.2)
    m, c = scene.model, scene.model.columns
    stronghold = int(m.setting.places.under_fire_of[scene.place])
    c.holder[:, stronghold] = 1
    units = [scene.post(ReserveRegiment, men, stance, ordered=False) for men, stance in ((400, 0), (200, 1), (500, -1))]
    c.place[:, units] = stronghold
    strength = m.unit_strength(np.zeros(2, np.intp), np.array(units[:2])).sum()
    cover = covering_fire(m, np.zeros(1, np.intp), np.array([scene.place]))
    assert cover.tolist() == [[0, int(0.2 * strength * 0.5 * m.position[0, stronghold])]]
