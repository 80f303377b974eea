"""A null model is the model without a part of it, and the edge over it says whether that part is worth
anything.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim import parameters
from sim.analysis.edge import edge
from sim.analysis.nulls import NULLS, null, sample_in
from sim.analysis.scorecard import Scorecard
from sim.history import load

PATTERNS = load().patterns


@pytest.mark.parametrize("name", NULLS)
def test_a_null_fixes_what_there_is(name):
    for parameter, value in NULLS[name].fixed.items():
        parameters.check(parameter, value)


def test_what_a_null_fixes_stands_over_what_is_given():
    under = null("pure").under({"belief_weight": 0.7, "hq_orders": 3.0})
    assert under["belief_weight"] == 0.0
    assert under["hq_orders"] == 3.0


def test_worlds_of_a_fitted_null_have_its_sample_by_weight(tmp_path: Path):
    """To every set its share of the worlds, to a world or two."""
    pd.DataFrame({"hq_orders": [1.0, 2.0, 3.0], "weight": [0.5, 0.5, 0.0]}).to_csv(
        tmp_path / "plausible.csv", index=False
    )
    found = sample_in(tmp_path, 100)["hq_orders"]
    assert abs((found == 1.0).sum() - 50) <= 2
    assert set(found) == {1.0, 2.0}


def test_another_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'obedience'"):
        null("obedient")


@pytest.mark.filterwarnings("ignore:.*beyond its prior")
def test_in_the_pure_null_every_audience_believes_in_even_odds_to_the_end():
    city = sim.Petrograd("historical", values=null("pure").under({}), seed=1)
    city.run_for(36 * 60)
    assert np.unique(city.world.audiences["belief"]).tolist() == [0.0]


def test_under_obedience_those_asked_come_and_those_before_whom_they_stand_yield():
    many = null("obedience").ensemble(worlds=6, tracks=True, workers=1, seed=1)
    city = many.data.sel(force=["kexholm_regt", "pavlovsky_regt", "cos_don_1", "cos_don_4"])
    asked = city["asked_men"].max("side").values
    assert (asked.sum(axis=0) > 0).all()
    # those who are asked late are still under way at the end
    assert city["came_men"].max("side").values.sum() > 0.8 * asked.sum()
    assert many.data["killed_soviet"].values.sum() == 0


def card(name, *values):
    return Scorecard(name, PATTERNS, {"P09": np.array(values, float), "P14": np.full(len(values), 0.04)})


def test_who_is_nearer_in_every_pattern_has_the_edge():
    near, far = card("near", 2830.0, 2840.0), card("far", 2100.0, 2110.0)
    found = edge(near, far)
    assert found.total == pytest.approx(far.total("all") - near.total("all"))
    assert found.low <= found.total <= 2 * found.total <= found.high + 1e-9
    assert edge(far, near).total == pytest.approx(-found.total)


def test_nobody_has_an_edge_over_himself():
    same = edge(card("one", 2830.0, 2000.0), card("one", 2830.0, 2000.0))
    assert same.total == same.low == same.high == 0
    assert not same.better
    assert "not to be told apart" in str(same)
