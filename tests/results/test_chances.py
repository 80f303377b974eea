"""Chances: charts of one history and of many, and what happened as prior, decisions and luck."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray

import sim
from sim import clock, parameters, playing
from sim.analysis.parts import Parts, courses_of, moment_of, parts
from sim.analysis.peaks import Peaks, peaks
from sim.charting import endings_of, moments_of
from sim.counterfactual.recipe import Recipe
from sim.counterfactual.scenario import ScenarioError
from sim.extend import After
from sim.results.chances import Chances, perspectives
from sim.results.estimate import Estimate
from sim.results.nearest import distances, nearest
from sim.store import digests

mpl.use("Agg")
SMALL: Any = {"futures": 6, "histories": 4, "every": 600, "closer": 0, "progress": False}
HELD, STORMED = 6, 1
TOML = sim.scenario("historical").toml()


@pytest.fixture(scope="module")
def charted() -> Chances:
    """A history with few futures, played on one thread."""
    return sim.chances("historical", seed=1917, world=3, workers=1, **SMALL)


def planted(chance: NDArray[np.float64], futures: int = 400, result: int = STORMED, **more: Any) -> Chances:
    """Chances whose futures hold the palace in a given share (times,), on one luck at every half hour."""
    luck = (np.arange(futures) + 0.5) / futures
    luck = np.random.default_rng(7).permutation(luck)
    times = pd.date_range("1917-10-24T03:00", periods=len(chance), freq="30min").astype("datetime64[ns]")
    events = more.get("events", [])
    hours = np.array([[5.0, np.inf]] * 200 + [[20.0, 30.0]] * 200)
    data = xr.Dataset(
        {
            "ending": (("time", "future"), np.where(luck < chance[:, None], HELD, STORMED).astype("int8")),
            "close": (("minute", "future"), np.zeros((0, futures), "int8")),
            "hours": (("world", "hour"), hours),
            "documented": ("hour", [20.0, 30.0]),
            "ended": ("world", np.where(np.arange(400) < 300, HELD, STORMED).astype("int8")),
            "event_minute": ("event", [float(minute) for minute, _ in events]),
            "event_text": ("event", [text for _, text in events]),
            "event_weight": ("event", [1 for _ in events]),
        },
        coords={"time": times, "minute": np.zeros(0), "world": np.arange(400)},
        attrs={
            "scenario": "historical",
            "scenario_toml": TOML,
            "seed": 1,
            "world_number": 0,
            "start": clock.START.isoformat(),
            "horizon_minutes": 30.0 * len(chance),
            "result": result,
            "parameters": "calibrated",
            "version": "0.1.0",
            "turns": "[]",
            "after": "{}",
            "digests": "{}",
        },
    )
    return Chances(data)


def test_the_endings_add_up_to_one(charted: Chances) -> None:
    """At every half hour the chances of all endings are those of one thing or another."""
    assert np.allclose(charted.endings.sum(axis=1), 1.0)
    assert charted.endings.shape == (6, 8)


def test_threads_and_parts_do_not_matter(charted: Chances, monkeypatch: pytest.MonkeyPatch) -> None:
    """Played two at a time on two threads the chart is the same, to the last future."""
    monkeypatch.setattr(playing, "CHUNK", 2)
    again = sim.chances("historical", seed=1917, world=3, workers=2, **SMALL)
    assert again.data.equals(charted.data)


def test_what_is_kept_is_gone_on_from(
    charted: Chances, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a folder the same call finds every part, plays nothing, and has the same chart."""
    options = {**SMALL, "seed": 1917, "world": 3, "workers": 1, "out": tmp_path}
    assert sim.chances("historical", **options).data.equals(charted.data)
    monkeypatch.setattr(playing, "_as_finished", lambda chunks, workers: iter(()) if not chunks else 1 / 0)
    assert sim.chances("historical", **options).data.equals(charted.data)


def test_a_chart_changes_nothing() -> None:
    """The history is the same after it has been charted, and so are tables and model."""
    before, model = sim.run("historical", seed=1917, world=3), digests()
    sim.chances(before, workers=1, **SMALL)
    after = sim.run("historical", seed=1917, world=3)
    assert (after.events, after.outcome) == (before.events, before.outcome)
    assert after.data.equals(before.data)
    assert digests() == model


def test_a_run_that_took_a_turn_is_charted_from_there(charted: Chances) -> None:
    """What lies before its last turn is another history's."""
    turned = sim.run("historical", seed=1917, world=3).at("25 Oct 20:00").go_on(luck=2)
    chart = sim.chances(turned, workers=1, **{**SMALL, "every": 300})
    assert [when.isoformat() for when in chart.times] == ["1917-10-25T20:00:00", "1917-10-26T01:00:00"]


def test_it_is_saved_and_read(charted: Chances, tmp_path: Path) -> None:
    """A file has all of it, and its perspective."""
    read = sim.load(charted.seen("stormed").save(tmp_path / "chances.nc"))
    assert isinstance(read, Chances)
    assert read.of == "stormed"
    assert read.table.equals(charted.seen("stormed").table)
    assert str(read) == str(charted.seen("stormed"))


def test_a_perspective_is_what_an_ending_settles(charted: Chances) -> None:
    """Others are refused with the nearest; the chance is that of its endings."""
    assert {"government_holds", "stormed", "settled"} <= set(perspectives())
    assert "killed" not in perspectives()
    with pytest.raises(ScenarioError, match="unknown perspective 'storm'; did you mean 'stormed'"):
        charted.seen("storm")
    with pytest.raises(ScenarioError, match="unknown perspective 'killed'"):
        sim.chances("historical", of="killed")
    assert charted.seen("stormed").own["chance"].tolist() == charted.endings["stormed"].tolist()


def test_a_pulse_without_events_moves_them_by_noise_only() -> None:
    """Over pulses in which nothing is told to happen the same futures change their end as often one way as
    the other (four standard errors).
    """
    history = sim.run("historical", seed=1917, world=3)
    busy = {e.minute for e in history.events}
    quiet = [m for m in np.arange(60.0, 2400.0, 5.0) if m not in busy][::40][:6]
    assert quiet
    first: Any = history.at(history.start)
    forks = [replace(first, at=clock.moment(m + k, history.start)) for m in quiet for k in (0.0, 5.0)]
    rows = playing.rows_of_futures(forks, 40, 1, None, False, After())
    came = np.stack([endings_of(part) for part in rows]).reshape(len(quiet), 2, 40) == STORMED
    moved = came[:, 1].astype(int) - came[:, 0]
    assert abs(moved.sum()) <= 4 * np.sqrt((moved**2).sum())


def test_a_planted_turn_is_found() -> None:
    """A chance that falls in one half hour turns there and nowhere else, by so much, with what happened then;
    leverage is greatest in the hour before, and from there on there is no return.
    """
    chance = np.where(np.arange(60) < 40, 0.4, 0.01)
    chart = planted(chance, events=[(20.0, "Something else"), (39 * 30.0 + 5, "the bridge is lost")])
    points = chart.turning_points()
    assert list(points["event"]) == ["The bridge is lost"]
    assert points["change"][0] == pytest.approx(-0.39, abs=0.05)
    assert points["at"][0] == clock.moment(39 * 30 + 5)
    assert set(np.flatnonzero(chart.leverage > 1)) == {38, 39}
    assert chart.leverage.mean() == pytest.approx(1.0)
    assert chart.point_of_no_return == clock.moment(40 * 30)
    assert planted(np.full(10, 0.4)).point_of_no_return is None


def test_october_so_far_begins_with_all_histories() -> None:
    """As long as nothing has happened all histories are as near; later only those that went so count."""
    chart = planted(np.full(80, 0.5))
    assert chart.so_far["histories"].iloc[0] == 400
    assert chart.so_far["chance"].iloc[0] == chart.prior.value == 0.75
    assert chart.so_far["chance"].iloc[-1] < 0.75


def test_what_has_not_happened_is_not_held_against_it() -> None:
    """Two histories that differ only later are as near to the record; six hours are the farthest."""
    record = np.array([10.0, 40.0])
    hours = np.array([[10.0, 20.0], [10.0, np.inf], [2.0, 40.0], [np.inf, np.inf]])
    assert distances(hours, record, 15.0).tolist() == [0.0, 0.0, 3.0, 2.5]
    assert nearest(hours, record, 15.0, 1).tolist() == [True, True, False, False]


def walks(worlds: int = 1600, futures: int = 60, flips: int = 15, heads: float = 0.4) -> Peaks:
    """Games of a coin that are won by most heads, charted after every flip but the last."""
    rng = np.random.default_rng(11)
    tossed = rng.random((worlds, flips)) < heads
    ending = np.zeros((worlds, flips, futures), "int8")
    for t in range(flips):
        rest = rng.random((worlds, futures, flips - t)) < heads
        won = tossed[:, :t].sum(axis=1)[:, None] + rest.sum(axis=2) > flips / 2
        ending[:, t] = np.where(won, HELD, STORMED)
    ended = np.where(tossed.sum(axis=1) > flips / 2, HELD, STORMED)
    times = pd.date_range("1917-10-24T03:00", periods=flips, freq="2h").astype("datetime64[ns]")
    return Peaks(
        xr.Dataset(
            {"ending": (("world", "time", "future"), ending), "ended": ("world", ended)},
            coords={"time": times},
            attrs={"scenario": "historical", "scenario_toml": TOML, "seed": 1, "petrograd": "0.1.0"},
        )
    )


def martingale(found: Peaks) -> None:
    """The mean keeps within four standard errors, and the squared moves add up to W (1 - W) within theirs."""
    w, n = found.prior, len(found.came)
    assert np.abs(found.mean - w).max() < 4 * np.sqrt(w * (1 - w) / n)
    reach = 2 * (found.squares.high - found.squares.value)
    assert abs(found.squares.value - w * (1 - w)) < reach


def test_a_planted_martingale_is_one() -> None:
    """In games of a coin the mean chance is constant, the squared moves are W (1 - W), and lost games have
    stood well no oftener than the law of extreme paths allows.
    """
    found = walks()
    martingale(found)
    assert found.squares.high - found.squares.low < 0.03  # it could have failed
    for x in (0.3, 0.5, 0.7):
        assert found.nearly(x).low <= found.law(np.array([x]))[0]


@pytest.mark.nightly
def test_histories_are_martingales() -> None:
    """The chances of 24 histories, every five hours, by 20 futures each."""
    martingale(peaks("historical", histories=24, futures=20, every=300, progress=False))


def test_prior_decisions_and_luck_add_up(charted: Chances) -> None:
    """They are what came, whatever they are; a decision's moment is when its courses part."""
    found = parts(
        charted, ["d24_close_press", "d25_ultimatum"], futures=4, worlds=3, workers=1, progress=False
    )
    assert found.prior + found.decided.value + found.luck == pytest.approx(charted.result)
    assert found.prior + found.steps["part"].sum() == pytest.approx(charted.result)
    assert found.decisions["worth"].sum() == pytest.approx(found.decided.value)
    when = found.decisions.set_index("decision")["at"]
    taken = sim.run("historical", seed=1917, world=3).at("26 Oct 05:00").decisions["hour"]  # type: ignore[attr-defined]
    for decision, at in when.items():
        assert at <= taken[decision] + pd.Timedelta(minutes=5)


def test_the_mean_of_luck_is_nought() -> None:
    """In a game of a coin, a decision that is worth most after heads, and another coin, enumerated: luck is
    nought on average, with the decision or without.
    """
    first, second, courses = 0.5, {(1, 0): 0.9, (1, 1): 0.3, (0, 0): 0.4, (0, 1): 0.2}, (0, 1)
    worth = {coin: second[coin, 0] - np.mean([second[coin, c] for c in courses]) for coin in (0, 1)}
    prior = np.mean([second[coin, 0] for coin in (0, 1)])
    expected = float(np.mean(list(worth.values())))
    lucks = []
    for coin, won in product((0, 1), (0, 1)):
        chart = planted(np.array([0.5, 0.5]), result=HELD if won else STORMED)
        chart.data["ended"] = ("world", np.where(np.arange(400) < 400 * prior, HELD, STORMED))
        sure = Estimate(float(worth[coin]), 0.0, 0.0, 1)
        made = Parts(chart, pd.DataFrame(), sure, expected)
        odds = first * (second[coin, 0] if won else 1 - second[coin, 0])
        lucks.append((odds, made.luck))
    assert sum(odds for odds, _ in lucks) == pytest.approx(1)
    assert sum(odds * luck for odds, luck in lucks) == pytest.approx(0, abs=1e-9)


@pytest.mark.nightly
def test_a_decision_is_worth_at_its_moment_what_it_is_worth_before() -> None:
    """Over forty histories the mean worth of a decision at its moment is that of its courses from the
    beginning, within four standard errors: what is between them is luck.
    """
    scenario, name = sim.scenario("historical"), "d25_ultimatum"
    others, here, ends = courses_of(scenario, [name])[name], [], []
    for world in range(40):
        values = tuple({**parameters.calibrated(), **parameters.of_world("plausible", world)}.items())
        one = Recipe(scenario, 1917, world, scenario.start, values)
        at = moment_of(one, name, others)
        if at is not None:
            here += [replace(one, scenario=s, at=at) for s in (scenario, *others)]
        ends += [replace(one, scenario=s) for s in (scenario, *others)]
    worth = []
    for forks in (here, ends):
        rows = playing.rows_of_futures(forks, 10, None, None, False, After())
        came = np.stack([endings_of(part) == STORMED for part in rows]).reshape(-1, 1 + len(others), 10)
        each = (came[:, 0] - came.mean(axis=1)).mean(axis=1)
        worth.append(np.append(each, np.zeros(40 - len(each))))
    apart = worth[0] - worth[1]
    assert abs(apart.mean()) <= 4 * apart.std(ddof=1) / np.sqrt(len(apart)) + 1e-9


def test_what_cannot_be_charted_is_refused(charted: Chances) -> None:
    """Steps that are no whole pulses; parts of a history that took a turn."""
    with pytest.raises(ValueError, match="every: wanted minutes, a whole number of pulses of 5, got 7"):
        moments_of(sim.run("historical", seed=1917, world=3), 7)
    turned = replace(charted, data=charted.data.assign_attrs(turns='[{"at": "25 Oct 20:00"}]'))
    with pytest.raises(ValueError, match="parts: wanted the history of a scenario"):
        parts(turned)
    with pytest.raises(ScenarioError, match="unknown decision"):
        parts(charted, ["d24_close_pres"])
