"""Oddities are counted from finished histories, and a question that does not arise is not counted."""

import pytest

import sim
from sim.analysis.oddities import ODDITIES, Finished, oddities, oddities_in_words
from sim.telling import Event

QUESTIONS = {odd.name: odd for odd in ODDITIES}


class Made(Finished):
    """A history made up for a test: its tokens with their minutes, and its outcome."""

    def __init__(self, *tokens, **outcome):
        object.__setattr__(self, "told", tokens)
        object.__setattr__(self, "outcome", {"palace_falls": float("inf"), **outcome})

    @property
    def events(self):
        return tuple(Event(n, float(m), "", "", 0, (), (), t, "") for n, (t, m) in enumerate(self.told))

    @property
    def _first(self):
        return {t: float(m) for t, m in reversed(self.told)}

    def __getitem__(self, name):
        return self.outcome[name]


def so(name, it):
    return QUESTIONS[name].is_so(it, it)


def test_an_attack_on_the_staff_is_odd_before_noon_only():
    early, late = 24 * 60, 40 * 60
    assert so("staff_early", Made(("hold:general_staff_hq:government", early)))
    assert not so("staff_early", Made(("capture:general_staff_hq:soviet", late)))


def test_what_comes_after_the_fall_does_not_arise_where_nothing_falls():
    assert so("duma_after_fall", Made(("block:duma_march:kazan_square", 2900), palace_falls=2830.0))
    assert so("duma_after_fall", Made(("block:duma_march:kazan_square", 2700), palace_falls=2830.0)) is False
    assert so("duma_after_fall", Made(("block:duma_march:kazan_square", 2700))) is None


def test_a_train_sent_back_unheld_is_odd_and_one_held_first_is_not():
    assert so("back_before_held", Made(("back:shock_tsarskoye", 100), ("held:shock_tsarskoye", 200)))
    assert not so("back_before_held", Made(("held:shock_tsarskoye", 50), ("back:shock_tsarskoye", 100)))
    assert so("back_before_held", Made(("held:shock_tsarskoye", 50))) is None


def test_five_repulses_at_one_place_are_odd_and_four_are_not():
    repulses = [("hold:troitsky_bridge:soviet", minute) for minute in range(5)]
    assert so("five_times", Made(*repulses))
    assert not so("five_times", Made(*repulses[:4], ("hold:liteiny_bridge:soviet", 9)))


@pytest.fixture(scope="module")
def table():
    return oddities(sim.ensemble("historical", worlds=4, tracks=True, workers=1), worlds=4, workers=1)


def test_every_oddity_has_a_share_of_the_histories_in_which_it_arises(table):
    assert set(QUESTIONS) <= set(table.index)
    assert (table["so"] <= table["of"]).all()
    assert (table["of"] <= 4).all()
    assert len(oddities_in_words(table)) == len(table) + 2


def test_names_are_given_once():
    assert len(QUESTIONS) == len(ODDITIES)
