"""Policies: headquarters that decide for themselves, from what they have heard."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from likeness import HISTORY, brief, differences, play, shuffled, state

import sim
from sim.model import Petrograd
from sim.parameters import calibrated
from sim.rules.policies import policies
from sim.plan import Purpose

WORLDS = 3


@cache
def free() -> Petrograd:
    """The free scenario to its end in a few worlds; for reading only."""
    return Petrograd("free", worlds=range(WORLDS)).play()


def wanted(model: Petrograd, side: int, purpose: Purpose) -> set[str]:
    """The places of standing tasks of a purpose that wait on a desk in the first world."""
    tasks, left = model.script.tasks, model.script.left
    assert left is not None
    rows = np.flatnonzero((tasks.side == side) & (tasks.purpose == purpose) & (model.columns.task_state[0] == 1))
    return {model.setting.places.ids[tasks.place[t]] for t in rows if t >= left.first}


def swept(hours: float) -> Petrograd:
    """The free scenario played for some hours, with both desks swept and both headquarters alarmed and mobilised."""
    model = play(hours, "free")
    c = model.columns
    c.alarmed[:], c.mobilised[:], c.task_state[:], c.task_since[:] = True, True, 0, np.inf
    model.number = -(-model.number // 3) * 3  # a pulse in which they review
    return model


def test_five_decisions_are_given_and_those_of_others() -> None:
    d = free().script.decisions
    fired = {d.ids[row] for row in np.flatnonzero(np.isfinite(free().columns.fired_at).any(axis=0)) if d.at[row] < 150}
    assert fired >= {"d24_refuse_peace", "d24_reinforce", "d24_commissars_out", "d24_close_press", "d24_guard"}
    assert not np.isfinite(free().columns.fired_at[:, d.index["d25_points"]]).any()


def test_history_has_no_policies() -> None:
    assert Petrograd("historical").script.left is None


@pytest.mark.parametrize("name", ["free", "siege_left_to_policies"])
def test_in_the_mirrored_city_the_policies_swap_sides_too(name: str) -> None:
    start = calibrated()["belief_start"]
    here = Petrograd(name, worlds=range(2), values={"belief_start": start}).play().columns
    there = Petrograd(name, worlds=range(2), values={"belief_start": -start}, sides_swapped=True).play().columns
    assert np.array_equal(here.holder, -there.holder)
    assert np.array_equal(here.men, there.men)
    assert np.array_equal(here.ended_at, there.ended_at)


def test_alone_as_in_a_batch() -> None:
    assert differences(state(free(), 2), state(Petrograd("free", worlds=[2]).play())) == []


def test_the_order_of_the_tables_does_not_matter() -> None:
    tables = ("forces", "places", "people", "routes")
    assert differences(state(play(20, "free", worlds=range(2))), state(play(20, "free", worlds=range(2), history=shuffled(HISTORY, *tables, seed=1)))) == []


def test_what_is_not_heard_is_not_acted_on() -> None:
    model = swept(12)
    c, place, staff = model.columns, model.city.index["telephone_exchange"], model.setting.audiences.staff[0]
    c.strength[:, staff, :, 2, 0], c.known[:, staff, 2, 0] = 2000, 5000
    c.holder[:, place], c.heard[:, :, place] = 1, -1
    policies(model)
    assert "telephone_exchange" not in wanted(model, 0, Purpose.SEIZE)
    c.heard[:, staff, place] = 1
    policies(model)
    assert "telephone_exchange" in wanted(model, 0, Purpose.SEIZE)


def test_what_is_wanted_no_longer_is_taken_off_the_desk() -> None:
    model = swept(12)
    c, staff = model.columns, model.setting.audiences.staff[1]
    c.posture[:, 1] = 1
    policies(model)
    before = wanted(model, 1, Purpose.SEIZE)
    assert before
    c.heard[:, staff] = 1
    policies(model)
    assert wanted(model, 1, Purpose.SEIZE) == set()


def test_a_staff_short_of_its_reserve_spares_nobody() -> None:
    model = swept(12)
    c, staff = model.columns, model.setting.audiences.staff[0]
    c.known[:, staff, :, 0], c.strength[:, staff, :, :, 0], model.committed[:] = 0, 0, 0
    policies(model)
    assert wanted(model, 0, Purpose.CALL) >= {"winter_palace"}
    assert wanted(model, 0, Purpose.SEIZE) | wanted(model, 0, Purpose.RAISE) | wanted(model, 0, Purpose.GUARD) == set()


def test_nobody_attacks_who_was_not_alarmed() -> None:
    calm = sim.scenario("free").but("calm", d24_close_press="leave the papers", d24_commissars_out="leave the commissars")
    played = Petrograd(brief(30, calm), worlds=range(WORLDS)).play()
    assert not played.columns.posture[~played.columns.alarmed].any()


def test_a_seat_is_summoned_before_it_is_stormed() -> None:
    c, seat = free().columns, free().setting.audiences.place[free().setting.audiences.seat[0]]
    k = free().setting.places.besieged.tolist().index(int(seat))
    stormed = np.isfinite(c.assault_at[:, k])
    assert (c.term_at[stormed, k] <= c.assault_at[stormed, k]).all()
