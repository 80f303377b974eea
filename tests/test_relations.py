"""Relations that must hold exactly: luck that is looked up and never taken from a stream, rows that may stand in any order, sides that may be swapped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from likeness import HISTORY, brief, differences, play, renamed, shuffled, state, with_force, with_place

import sim.model
from sim import clock, luck
from sim.columns import Columns
from sim.model import Petrograd
from sim.parameters import calibrated, table
from sim.rules import PULSE
from sim.rules.messages import happened
from sim.rules.orders import WAITING, orders
from sim.rules.stances import decide
from sim.counterfactual.changes import parameter
from sim.counterfactual.scenario import scenario

PAST = scenario("historical")
HOURS = 36.0  # long enough for the bridges, the night's captures and the Cossacks; the siege is in the tests that play to the end


def alike(one: Petrograd, other: Petrograd, **how: Any) -> list[str]:
    """The columns in which two models differ."""
    return differences(state(one), state(other), **how)


@cache
def past(worlds: int = 1, hours: float = HOURS) -> Petrograd:
    """The documented decisions played for some hours in some worlds; for reading only."""
    return play(hours, worlds=range(worlds))


# ---- luck ----


def test_same_seed_same_bits(recorded: Petrograd) -> None:
    """The same scenario and seed are the same history to the bit, chronicle and tracks included."""
    again = Petrograd("historical", record=True).play()
    assert again.columns.equal(recorded.columns)
    assert again.chronicle.events == recorded.chronicle.events
    assert all(np.array_equal(again.tracks.arrays[name], kept) for name, kept in recorded.tracks.arrays.items())


@pytest.mark.parametrize(("seed", "world"), [(1918, 0), (1917, 1)])
def test_another_seed_or_world_is_another_history(seed: int, world: int) -> None:
    """Another seed, or another world, is another history from the opening on."""
    here, there = Petrograd("historical"), Petrograd("historical", seed=seed, worlds=[world])
    assert {"loyalty", "men", "cohesion"} <= set(alike(here, there))


@pytest.mark.parametrize("world", [0, 5, 41, 63])
def test_alone_as_in_a_batch_of_many(batch: Petrograd, world: int) -> None:
    """World k of a batch of 64 is world k alone, to the bit and to the end."""
    alone = Petrograd("historical", worlds=[world]).play()
    assert differences(state(batch, world), state(alone)) == []


def test_alone_as_in_a_batch_of_a_few(batch: Petrograd) -> None:
    """World k of a batch of seven, in any order, is world k of the 64."""
    numbers = [41, 0, 63, 7, 5, 12, 30]
    few = Petrograd("historical", worlds=numbers).play()
    assert [differences(state(batch, number), state(few, row)) for row, number in enumerate(numbers)] == [[]] * 7


def test_recording_changes_nothing(recorded: Petrograd) -> None:
    """A history that is written down is the one that is not, but for the numbers of lines in the chronicle."""
    assert alike(recorded, Petrograd("historical").play(), events=False) == []


def test_recording_in_a_batch(recorded: Petrograd) -> None:
    """Each world of a batch has the chronicle it has alone."""
    few = Petrograd("historical", worlds=[3, 0], record=True).play()
    assert few.chronicle.events[1] == recorded.chronicle.events[0]


def test_columns_copied_are_equal_and_apart(opened: Petrograd) -> None:
    """A copy of the columns is equal, and stays as it was when the original moves on."""
    copy = opened.columns.copy()
    assert copy.equal(opened.columns)
    opened.step()
    assert not copy.equal(opened.columns)


@pytest.mark.parametrize("name", ["men", "said", "fact_at"])
def test_columns_that_differ_are_not_equal(opened: Petrograd, name: str) -> None:
    """One number changed anywhere is a difference."""
    other = opened.columns.copy()
    if name == "said":
        other.said["something|0"] = np.ones(1, bool)
    else:
        getattr(other, name).flat[3] = 0
    assert not Columns.equal(opened.columns, other)


# ---- decisions ----


@pytest.mark.parametrize(
    "variant",
    [
        PAST.but("the same"),
        PAST.but("as it was", **{decision: rows[0].label for decision, rows in HISTORY.decisions.items()}),
        PAST.but("as calibrated", *(parameter(name, value) for name, value in calibrated().items())),
    ],
    ids=lambda variant: variant.name,
)
def test_no_change_changes_nothing(variant: Any) -> None:
    """To vary nothing, to decide as was decided and to set every parameter to what it is is to change nothing."""
    assert alike(past(), play(HOURS, variant)) == []


# decision, another choice, and when the first difference can arise: the hour of the order, or none for when its occasion came
CHANGES = [
    ("d24_hq_orders", "raise the bridges before dawn", "24 Oct 04:00"),
    ("d24_call_mikhailovsky", "leave the artillery cadets at school", "24 Oct 12:30"),
    ("d24_call_kronstadt", "Kronstadt to come by night", "24 Oct 17:00"),
    ("d24_lenin_leaves", "Lenin stays hidden", "24 Oct 22:00"),
    ("d24_defensive", "party rising at once", None),
    ("d24_red_guards", "Red Guards in their districts only", None),
    ("d24_bridges", "take all the bridges back", None),
    ("d25_points", "go for the palace first", None),
    ("d25_kexholm", "leave exchange and bank", None),
]


@pytest.mark.parametrize(("decision", "choice", "hour"), CHANGES, ids=[f"{d}: {c}" for d, c, _ in CHANGES])
def test_before_a_change_all_is_the_same(decision: str, choice: str, hour: str | None) -> None:
    """A decision taken otherwise leaves everything before it identical, but for its own entry, and what follows different."""
    row = past().script.decisions.index[decision]
    when = clock.minutes(hour) if hour else float(past().columns.fired_at[0, row])
    assert np.isfinite(when), "the decision is not taken in this history: choose another"
    as_it_was, otherwise = Petrograd(brief(HOURS)), Petrograd(brief(HOURS, PAST.but("otherwise", **{decision: choice})))
    for ends, same in ((when, True), (when + 240, False)):
        while as_it_was.now < ends:
            as_it_was.step()
            otherwise.step()
        assert (alike(as_it_was, otherwise, extra=["*", decision]) == []) is same


def test_clocks_strike_together() -> None:
    """Whatever is decided, units think of their own accord at the same hours of their clocks."""
    otherwise = play(HOURS, PAST.but("otherwise", d24_close_press="leave the papers"))
    clocks = ("clock_at", "clock_beats")
    assert all(np.array_equal(getattr(past().columns, name), getattr(otherwise.columns, name)) for name in clocks)


@pytest.mark.parametrize("pulse", [2.5, 10.0])
def test_clocks_keep_time(pulse: float) -> None:
    """A clock's hours do not depend on the pulse, and it strikes at its rate (333 clocks, 50 hours; within five standard errors)."""
    every, other = play(50), play(50, pulse=pulse)
    assert (every.columns.clock_at == other.columns.clock_at).mean() > 0.9, "all but those that have struck since the shorter of the two ended"
    mean = 50 * every.p.decision_rate[0]
    beats = every.columns.clock_beats - 1
    assert abs(beats.mean() - mean) < 5 * np.sqrt(mean / beats.size)


def test_an_order_takes_its_own_time() -> None:
    """How long a desk is busy with an order hangs on the order, and not on its hour or on what was given out before it."""
    busy = []
    for before in (False, True):
        model = Petrograd("historical")
        c, d = model.columns, model.script.decisions
        first, then = (d.tasks[d.index[name]][0] for name in ("d25_points", "d25_kexholm"))
        for task in (first, then) if before else (then,):
            c.task_state[:], c.desk_free_at[:] = 0, 0.0
            c.task_state[0, task], c.task_since[0, task] = WAITING, 0.0
            model.number += 4
            orders(model)
        busy.append(float(c.desk_free_at[0, 1] - model.now))
    assert busy[0] == pytest.approx(busy[1])
    assert busy[0] > 0


def test_an_order_five_minutes_later(batch: Petrograd) -> None:
    """A desk that is held up for five minutes on the first day does not deal the luck of the next anew: most worlds come out as they were.

    Sixty-four worlds; with draws keyed by the pulse in which they fall due a third of them kept the hour of the fall. All do
    not, since whatever was waiting on the desk goes out later, and an order may meet other men then.
    """
    late = Petrograd("historical", worlds=range(64))
    while late.now <= late.horizon:
        if late.now == 1300:
            late.columns.desk_free_at[:, 1] = np.maximum(late.columns.desk_free_at[:, 1], late.now) + 5
        late.step()
    seat = late.setting.audiences.place[late.setting.audiences.seat[0]]
    assert (late.columns.taken_at[:, seat, 1] == batch.columns.taken_at[:, seat, 1]).mean() > 0.6
    assert (late.columns.ending == batch.columns.ending).mean() > 0.9


# ---- the order and the names of rows ----


def test_one_thing_at_two_places() -> None:
    """What happens at two places in one pulse is heard of alike in whichever order they are told."""
    heard = []
    for order in (["winter_palace", "vyborg_soviet"], ["vyborg_soviet", "winter_palace"]):
        model = Petrograd("historical")
        happened(model, "shock:shots:soviet", np.zeros(2, np.intp), np.array([model.city.index[p] for p in order]), np.full(2, -1))
        heard.append(model.columns.fact_at)
    assert np.array_equal(*heard)


@pytest.mark.parametrize("tables", [("forces",), ("places",), ("people",), ("routes",), ("forces", "places", "people", "routes")], ids="+".join)
@pytest.mark.parametrize("order", [1, 2])
def test_order_of_rows(tables: tuple[str, ...], order: int) -> None:
    """Tables whose rows stand in another order give the same history, row by row."""
    assert alike(past(3, 51), play(worlds=range(3), history=shuffled(HISTORY, *tables, seed=order))) == []


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places, forces and people under other names, with their luck kept, have the same history."""
    old, prefix = state(past(3)), "zz_"
    record, name_in = renamed(HISTORY, prefix)
    key = luck.key
    monkeypatch.setattr(luck, "key", lambda name: key(name.replace(prefix, "")))
    future = play(HOURS, worlds=range(3), history=record)
    new = {
        name.replace(prefix, ""): replace(column, rows=tuple(rows and [n.replace(prefix, "") for n in rows] for rows in column.rows))
        for name, column in state(future).items()
    }
    assert name_in("capture:smolny:soviet") == "capture:zz_smolny:soviet"
    assert differences(old, new) == []


# ---- what counts for nothing ----


@pytest.mark.parametrize(
    "like", ["semenovsky_regt", "cos_don_1", "cad_engineer_ensigns", "rg_vyborg", "kronstadt_sailors", "northern_front_troops", "city_militia", "womens_company"]
)
def test_a_force_of_nobody(like: str) -> None:
    """A force of no men changes nothing for anybody else, of whatever kind it is."""
    record = with_force(HISTORY, like, id="nobody", name="Nobody", men=0, men_low=0, men_high=0, detachments=1)
    future = play(HOURS, worlds=range(3), history=record)
    nobody = [task for task in state(future)["task_state"].rows[0] if "nobody" in task]
    assert alike(past(3), future, extra=["nobody", *nobody]) == []


@pytest.mark.parametrize(
    ("like", "where", "roads"),
    [
        ("sennaya", {"bank": "outlying", "quarter": "nowhere", "lat": 59.5, "lon": 31.5}, ()),
        ("sennaya", {"lat": 59.86, "lon": 30.20}, ()),
        ("sennaya", {"lat": 59.86, "lon": 30.20}, ("nevsky_obukhov",)),
        ("liteiny_kirochnaya", {"lat": 59.9436, "lon": 30.3520}, ("liteiny_kirochnaya",)),
        ("primorsky_station", {"kind": "square", "lat": 60.05, "lon": 30.30}, ("primorsky_station",)),
    ],
    ids=["out of the world", "out of reach", "a far dead end", "a dead end in town", "a dead end in the north"],
)
def test_a_place_of_no_account(like: str, where: dict[str, Any], roads: tuple[str, ...]) -> None:
    """A place that weighs nothing and leads nowhere changes nothing anywhere else."""
    record = with_place(HISTORY, like, roads=roads, **{"kind": "street", "id": "nowhere", "name": "Nowhere", "holder": 0, **where})
    assert alike(past(3), play(HOURS, worlds=range(3), history=record), extra=["nowhere"]) == []


# ---- parameters ----


def test_one_number_or_one_a_world() -> None:
    """A parameter given once for each world is the same number given for all."""
    values = {"peer_weight": 0.9, "telephone_delay": 4.0, "hq_orders": 2.0}
    rows = {name: np.full(3, value) for name, value in values.items()}
    assert alike(play(HOURS, worlds=range(3), values=values), play(HOURS, worlds=range(3), values=rows)) == []


def test_each_world_its_own_parameters() -> None:
    """A world with parameters of its own is that world alone with those parameters."""
    rng = np.random.default_rng(1917)
    prior = table()
    rows = {name: rng.uniform(prior.loc[name, "low"], prior.loc[name, "high"], 4) for name in prior.index}
    together = play(worlds=range(4), values=rows)
    apart = [play(worlds=[k], values={name: row[k] for name, row in rows.items()}) for k in range(4)]
    assert [differences(state(together, k), state(alone)) for k, alone in enumerate(apart)] == [[]] * 4


def test_parameters_of_a_scenario() -> None:
    """A parameter set in a scenario is the same parameter given to the model."""
    value = {"peer_weight": 1.2}
    assert alike(play(12, PAST.but("x", *(parameter(name, number) for name, number in value.items()))), play(12, values=value)) == []


# ---- sides swapped ----

MIRRORED = ("decisions", "messages", "beliefs", "stances", "orders", "marches", "standoffs")


@pytest.mark.parametrize("seed", [1917, 1905, 1825])
def test_mirror(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """With the sides swapped and the opening belief turned round, the rules up to the stand-off run exactly the other way."""
    monkeypatch.setattr(sim.model, "PULSE", tuple(rule for rule in PULSE if rule.__name__ in MIRRORED))
    start = calibrated()["belief_start"]
    here = Petrograd(brief(24), seed=seed, worlds=range(4), values={"belief_start": start})
    there = Petrograd(brief(24), seed=seed, worlds=range(4), values={"belief_start": -start}, sides_swapped=True)
    while here.now <= here.horizon:
        here.step()
        there.step()
        for name in ("stance", "holder"):
            mine, other = getattr(here.columns, name), getattr(there.columns, name)
            assert np.array_equal(mine, -other), f"{name} at {clock.label(here.now)}"
    assert np.array_equal(here.loyalty(), -there.loyalty())
    assert (here.columns.holder != here.setting.places.holder).any(), "nothing has happened that could be mirrored"


def test_mirror_to_the_end() -> None:
    """With all rules, siege, cabinet and congress included, the three days in the swapped city are the three days turned round."""
    start = calibrated()["belief_start"]
    here = Petrograd("historical", worlds=range(4), values={"belief_start": start}).play().columns
    there = Petrograd("historical", worlds=range(4), values={"belief_start": -start}, sides_swapped=True).play().columns
    turned = {name: (getattr(here, name), -getattr(there, name)) for name in ("holder", "stance", "loyalty", "moved", "heard")}
    swapped = {name: (getattr(here, name), getattr(there, name)[..., ::-1]) for name in ("bid", "relief", "known", "killed", "posture", "taken_at")}
    kept = {name: (getattr(here, name), getattr(there, name)) for name in ("men", "place", "duty", "liberty", "raised", "ending", "ended_at", "fired_at")}
    assert [name for name, pair in (turned | swapped | kept).items() if not np.array_equal(*pair)] == []


@pytest.mark.parametrize("decision", HISTORY.decisions)
def test_mirror_of_a_decision(decision: str) -> None:
    """Whatever is decided, its tasks fall to the other side in the swapped city, and its words work the other way."""
    here = Petrograd("historical").setting
    there = sim.model.setting.swap_sides(here)
    for choice in HISTORY.decisions[decision]:
        variant = PAST.but("otherwise", **{decision: choice.choice})
        one, other = sim.model.script.build(variant, here), sim.model.script.build(variant, there)
        assert np.array_equal(one.tasks.side, 1 - other.tasks.side)
        assert np.array_equal(one.facts.shift, -other.facts.shift)


def test_mirror_of_one_unit_wanted_by_both() -> None:
    """When both headquarters reach for the same unit in one pulse, the same one gets it in the swapped city."""
    told = []
    for swapped in (False, True):
        model = Petrograd("historical", sides_swapped=swapped)
        c, s = model.columns, model.setting
        unit = s.units.ids.index("cos_don_1.1")
        c.men[0, np.arange(len(s.units.ids)) != unit] = 0
        c.stance[0, unit] = s.sense
        wanted = [model.script.decisions.tasks[model.script.decisions.index[name]][0] for name in ("d25_call_cossacks", "d25_points")]
        c.task_state[0, wanted], c.task_since[0, wanted] = WAITING, 0.0
        orders(model)
        told.append(int(c.told[0, unit]))
    assert told[0] in wanted
    assert told[0] == told[1]


def test_mirror_twice() -> None:
    """A city swapped twice is the city."""
    setting = Petrograd("historical").setting
    twice = sim.model.setting.swap_sides(sim.model.setting.swap_sides(setting))
    assert np.array_equal(twice.units.leaning, setting.units.leaning)
    assert np.array_equal(twice.audiences.staff, setting.audiences.staff)


# ---- paths, all else frozen ----


@pytest.mark.parametrize("way", ["telephone_delay", "wire_delay", "courier_factor", "rumour_pace"])
def test_slower_messages(way: str) -> None:
    """Slower telephones, wires, couriers or rumours bring no audience any news sooner."""
    slow = Petrograd("historical", values={way: float(table().loc[way, "high"])})
    assert (slow.columns.delay >= Petrograd("historical").columns.delay).all()


def _bolder(model: Petrograd) -> None:
    model.columns.loyalty += 0.3


def _persuaded(model: Petrograd) -> None:
    model.columns.moved += 0.3


@pytest.mark.parametrize("change", [_bolder, _persuaded])
@pytest.mark.parametrize("hours", [1, 12, 24])
def test_higher_loyalty(change: Callable[[Petrograd], None], hours: int) -> None:
    """Units whose minds lean further to the Soviet take no lower stance at their next decision."""
    model = play(hours, worlds=range(8))
    world, unit = (x.ravel() for x in np.indices(model.columns.men.shape))
    audience = model.setting.places.audience[model.columns.place[world, unit]]
    before = decide(model, world, unit, audience)
    change(model)
    assert (decide(model, world, unit, audience) >= before).all()


# ---- the future, seen from the past ----


def test_what_is_expected_of_the_future_is_a_martingale() -> None:
    """Given a history up to an hour, the future it has is worth what other futures from there are worth on average.

    200 histories to 03:00 on the 25th, each with its own future to 06:30 and two others: the mean difference in the points the Soviet
    then holds is within four standard errors of nought; and from where a history stands its futures are alike.
    """
    pasts = np.repeat(np.arange(200), 3)
    model = Petrograd(brief(27.5), worlds=pasts)
    while model.now < 24 * 60:
        model.step()
    before = state(model)
    assert all((np.reshape(column.values, (200, 3, -1)) == np.reshape(column.values, (200, 3, -1))[:, :1]).all() for column in before.values())
    model.luck.renew([0, 1, 2] * 200)
    while model.now <= model.horizon:
        model.step()
    held = (model.columns.holder > 0)[:, [p.objective > 0 for p in HISTORY.places.values()]].sum(axis=1).reshape(200, 3).astype(float)
    apart = held[:, 0] - held[:, 1:].mean(axis=1)
    assert abs(apart).mean() > 0
    assert abs(apart.mean()) < 4 * apart.std() / np.sqrt(200)
    assert np.corrcoef(held[:, 1], held[:, 2])[0, 1] > 0.2
    undisturbed = play(27.5, worlds=range(5))
    assert np.array_equal(undisturbed.columns.holder, model.columns.holder[:15:3])
