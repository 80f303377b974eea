"""Who was called and came, who declared himself, who left in which order, and who ended as he ended."""

import numpy as np
import pytest
import xarray as xr
from rules.scenes import SEED, Scene

import sim
from sim.analysis import called
from sim.history import load
from sim.results.rows import MEN_OF_FORCES

WORLDS = 8


@pytest.fixture(scope="module")
def data():
    return sim.ensemble("historical", worlds=WORLDS, tracks=True, workers=1).data


def forces(asked, came, men):
    by_side = ("world", "force", "side")
    return xr.Dataset(
        {
            "asked_men": (by_side, np.array([[[asked, 0]]])),
            "came_men": (by_side, np.array([[[came, 0]]])),
            "force_men": (("world", "force"), np.array([[men]])),
        },
        coords={"force": ["cos_don_1"], "side": ["government", "soviet"]},
    )


def test_who_came_is_a_share_of_the_men_there_were_to_call():
    assert called.share_come(forces(300, 300, 600), "cos_don_1") == [0.5]
    assert called.share_come(forces(600, 300, 200), "cos_don_1") == [0.5]  # the others have gone home since
    assert called.share_come(forces(0, 0, 600), "cos_don_1") == [0.0]


def test_a_share_of_men_nobody_asked_for_does_not_arise():
    assert np.isnan(called.share_of_asked(forces(300, 300, 600), "cos_don_1", "soviet")).all()
    assert called.share_of_asked(forces(300, 200, 600), "cos_don_1", "government") == pytest.approx(2 / 3)


def test_nobody_comes_who_was_not_asked_and_nobody_is_asked_for_who_is_not(data):
    asked, came = data["asked_men"].values, data["came_men"].values
    assert (came <= asked).all()
    assert (came.sum(axis=(0, 1)) > 0).all()


def test_men_who_came_have_acted(data):
    assert (data["came_men"].values <= data["engaged_men"].values).all()


def test_nobody_is_counted_twice(data):
    began, scene = [], Scene("historical")
    units, forces = scene.cast.units, data.sizes["force"]
    for world in range(WORLDS):
        scene.stage.open(SEED, world, {})  # how many men there are hangs on no parameter
        began.append(np.bincount(units.force, scene.units["men"], minlength=forces))
    there = np.isin(np.arange(forces), units.force[units.appears < 0])
    for name in MEN_OF_FORCES:
        assert (data[name].values <= np.array(began)[:, :, None])[:, there].all(), name


def test_whoever_acts_in_the_street_has_declared_himself(data):
    out = data["workers_out"].values + data["declared"].sel(side="soviet").values
    assert (data["workers_out"].values <= data["active_men"].sel(side="soviet").values).all()
    assert (out[:, -1] > out[:, 0]).all()
    share = called.declared(data, "25 Oct 12:00")
    assert ((share > 0) & (share <= 1)).all()


def test_the_documented_order_is_one_and_its_reverse_is_minus_one():
    hours = [np.array([h, -h, 0.0]) for h in (1.0, 2.0, 3.0, 4.0)]
    assert called.tau(range(4), hours).tolist() == [1.0, -1.0, 0.0]


def test_what_never_happens_comes_last():
    hours = [np.array([1.0]), np.array([np.inf]), np.array([3.0])]
    assert called.tau(range(3), hours) == pytest.approx(1 / 3)


def test_all_whose_fate_is_known_are_in_the_cast_and_nobody_else_counts(data):
    assert set(load().fates) <= set(data["person"].values.tolist())
    people = called.fates_met(data) * len(load().fates)
    assert np.round(people) == pytest.approx(people)


def test_a_city_where_nobody_is_held_meets_the_fates_of_those_who_were_free(data):
    free = data.assign(liberty=data["liberty"] * 0)
    were = [not any(word in fate.outcome_26oct for word in called.HELD) for fate in load().fates.values()]
    assert called.fates_met(free) == pytest.approx(np.mean(were))
