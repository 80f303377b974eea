"""Splitting finds rare histories without gaining or losing anything on average."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.rare import Rare, fine, rare, running
from sim.analysis.splitting import likings, offspring
from sim.plots.repeats import repeats

PLAYED = {"histories": 30, "repeats": 8, "wide": 2.0, "progress": False}


@pytest.fixture(scope="module")
def held() -> Rare:
    """What comes in about a tenth of histories, by splitting."""
    return rare("historical", "government_holds", **PLAYED)


def test_who_goes_on_is_fair():
    """Whatever is liked, what all count together is the same on average over the lots."""
    generator = np.random.default_rng(3)
    values, weights = generator.normal(size=40), generator.lognormal(size=40)
    liked = 30 * likings(values, weights, 1.7)
    assert liked.sum() == pytest.approx(30)
    totals = np.zeros(40)
    lots = (np.arange(4000) + 0.5) / 4000
    for u in lots:
        chosen, less = offspring(liked, values, u)
        assert len(chosen) == 30
        np.add.at(totals, chosen, weights[chosen] * less)
    assert totals / len(lots) == pytest.approx(weights, rel=0.02)


def test_who_stands_better_goes_on_more_often():
    values = np.arange(10.0)
    assert (np.diff(likings(values, np.ones(10), 1.0)) > 0).all()
    assert likings(values, np.ones(10), 0.0) == pytest.approx(np.full(10, 0.1))


def test_without_pull_it_is_counting():
    """If nobody is preferred every history goes on with its own luck: it is the ensemble."""
    plain = rare("historical", "stormed", histories=12, repeats=2, pull=0.0, wide=1.0, progress=False)
    counted = sim.ensemble("historical", worlds=24, progress=False).measure("stormed")
    assert plain.each == pytest.approx(counted.reshape(2, 12).mean(axis=1))


def test_it_agrees_with_counting(held: Rare):
    """An outcome of about a tenth has the same chance by splitting and by counting, within three errors."""
    counted = sim.ensemble("historical", worlds=600, progress=False).measure("government_holds")
    error = np.hypot(held.each.std(ddof=1) / np.sqrt(len(held.each)), counted.std() / np.sqrt(len(counted)))
    assert abs(float(held) - counted.mean()) < 3 * error
    assert error < 0.06


def test_threads_do_not_matter(held: Rare):
    alone = rare("historical", "government_holds", **{**PLAYED, "repeats": 2}, workers=1)
    assert alone.each.tolist() == held.each[:2].tolist()


def test_a_found_history_is_played_again(held: Rare):
    """The recipe of a history that came to the outcome leads there, through all its turns."""
    turned = max(held.found, key=lambda it: len(it.recipe.turns))
    assert turned.recipe.turns
    number = sorted(held.found, key=lambda it: -it.weight).index(turned)
    headline = str(held.history(number)).splitlines()[0]
    assert any(words in headline for words in ("nothing is decided", "holds the city", "relief reaches"))
    with pytest.raises(ValueError, match="wanted less than"):
        held.history(len(held.found))


def test_what_is_refused():
    with pytest.raises(sim.ScenarioError, match="did you mean 'restored'"):
        rare("historical", "restord")
    with pytest.raises(ValueError, match="happens or does not, got 'killed'"):
        rare("historical", "killed", progress=False)
    with pytest.raises(ValueError, match="wanted a time above nought"):
        rare("historical", every=timedelta(0))


def test_the_running_estimate_is_of_the_repeats_so_far():
    each = np.array([0.0, 0.02, 0.01, 0.03])
    rows = running(each)
    assert rows[:, 0] == pytest.approx([0, 0.01, 0.01, 0.015])
    assert np.isinf(rows[0, 1:]).all()
    assert (rows[1:, 1] >= 0).all()
    assert (fine(0.00123), fine(0.5)) == ("0.12 %", "50 %")


def test_the_figure_shows_both(held: Rare):
    """The running estimate, the repeats alone, and the range of counting; the title says of what."""
    ax = held.plot()
    lines = {line.get_gid(): line.get_ydata() for line in ax.lines}
    assert lines["running"][-1] == pytest.approx(100 * float(held))
    assert lines["alone"] == pytest.approx(100 * held.each)
    assert "counted" in lines
    assert "government holds" in ax.get_title(loc="left")
    with pytest.raises(ValueError, match="two or more"):
        repeats(held.table.head(1), label="", about="", saving=1.0)
    assert isinstance(held.table, pd.DataFrame)
