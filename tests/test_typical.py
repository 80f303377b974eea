"""The first history: of two hundred, the one least far from the others, whatever the record says."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import sim
from sim.results.typical import CAP, hours_of, typical, usual_of


def told(hours: list[float], walkouts: list[float]) -> xr.Dataset:
    """An ensemble in which nothing is captured, the congress never meets, and the palace falls so many hours
    after the start.
    """
    n, place = len(hours), ["winter_palace", *sim.scenario("historical").record.places]
    return xr.Dataset(
        {
            "captured_at": (("world", "place", "side"), np.full((n, len(place), 2), np.inf)),
            "palace_falls": ("world", 60 * np.array(hours)),
            "congress_opens": ("world", np.full(n, np.inf)),
            "walkout": ("world", 60 * np.array(walkouts)),
            "ending": ("world", np.ones(n, int)),
            "killed_soviet": ("world", np.zeros(n, int)),
            "killed_government": ("world", np.zeros(n, int)),
        },
        coords={"world": np.arange(n), "place": place, "side": ["government", "soviet"]},
        attrs={"start": "1917-10-24T03:00:00"},
    )


def test_the_middle_one_is_chosen() -> None:
    """With one hour that differs, the history in the middle is the least far from the others; one that lies
    days apart counts no more than one that lies six hours apart, and one that never comes no less.
    """
    never = np.inf
    found = typical(told([1.0, 2.0, 3.0, 40.0, never], [5.0] * 5))
    assert found.world == 1
    assert found.hours * found.measures == pytest.approx((1 + 1 + CAP + CAP) / 4)


def test_never_agrees_with_never() -> None:
    """Where a thing happens in few histories, one in which it does not is the typical one."""
    never = np.inf
    assert typical(told([1.0] * 4, [never, never, 5.0, never])).world != 2


def test_it_ends_as_most_do_and_is_not_the_bloodiest() -> None:
    """The middle history is passed over if it ends as few do, or if more, or fewer, die in it than in the
    middle half of those that end as most do.
    """
    many = told([0.0, 1.0, 3.0, 4.0, 5.0], [5.0] * 5)
    assert typical(many).world == 2
    assert typical(many.assign(ending=("world", np.array([1, 1, 2, 1, 1])))).world != 2
    assert typical(many.assign(killed_soviet=("world", np.array([1, 2, 90, 1, 2])))).world != 2


def test_a_run_without_a_seed_says_why() -> None:
    """It is the typical one of 200 under the usual seed, its rule and its distance stand under its title, and
    no other that ends so lies less far; with a seed it is world 0, and says nothing of the kind.
    """
    run, many = sim.run("bridges_raised"), sim.ensemble("bridges_raised", worlds=200)
    which = run.data.attrs["world_number"]
    assert run.outcome == many.world(which).outcome
    hours = np.minimum(hours_of(many.data), 1e6)
    apart = np.minimum(np.abs(hours[:, None] - hours[None]), CAP).mean(axis=2)
    mean = apart.sum(axis=1) / 199
    assert mean[which] == mean[usual_of(many.data)].min()
    assert f"{mean[which]:.2f} h" in " ".join(str(run).splitlines()[1:4])
    plain = sim.run("bridges_raised", seed=1917)
    assert plain.data.attrs["world_number"] == 0
    assert "least far" not in str(plain)


def test_the_record_has_no_say() -> None:
    """The hours of the record are not compared with: only what histories have among themselves."""
    early, late = told([1.0, 2.0, 3.0], [5.0] * 3), told([31.0, 32.0, 33.0], [35.0] * 3)
    assert typical(early).world == typical(late).world == 1
    assert typical(early).hours == typical(late).hours


def test_a_rule_of_ones_own_does_not_choose() -> None:
    """The history is chosen without a user's rule, so that one that does nothing changes nothing."""
    own = sim.run("historical", after={"endings": lambda w: None})
    assert own.data.attrs["world_number"] == sim.run("historical").data.attrs["world_number"]
