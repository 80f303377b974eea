"""The scorecard says of every documented pattern what the model makes of it, and cannot be passed by saying
nothing.
"""

import numpy as np
import pytest

import sim
from sim import clock
from sim.analysis import nulls, october
from sim.analysis.scorecard import Scorecard, score
from sim.history import load

PATTERNS = load().patterns


@pytest.fixture(scope="module")
def card():
    return score(sim.ensemble("historical", worlds=6, tracks=True, workers=1).data)


def test_every_pattern_is_scored_or_says_why_not():
    for part, row in PATTERNS.items():
        assert bool(row.unscored) != (part in october.MEASURES)


def test_at_least_24_patterns_are_scored_and_both_splits_are_there():
    scored = {row.pattern: row.split for row in PATTERNS.values() if not row.unscored}
    assert len(scored) >= 24
    assert set(scored.values()) == {"train", "test"}


def test_a_pattern_is_fitted_to_as_a_whole_or_not_at_all():
    for row in PATTERNS.values():
        assert {other.split for other in PATTERNS.values() if other.pattern == row.pattern} == {row.split}


@pytest.mark.parametrize(
    "part", [part for part, row in PATTERNS.items() if row.target is not None and not row.unscored]
)
def test_what_is_documented_passes(part):
    target = PATTERNS[part].target
    value = clock.minutes(target) if not isinstance(target, float) else target
    assert one(part, value).part_passes(part)


def one(part, *values):
    return Scorecard("", PATTERNS, {part: np.array(values, float)})


def test_what_does_not_arise_is_a_miss():
    assert not one("P10", np.nan, np.nan, 30.0).part_passes("P10")
    assert one("P10", np.nan, 30.0, 30.0).part_passes("P10")
    assert one("P10", np.nan, np.nan, 30.0).inside("P10").tolist() == [False, False, True]


def test_never_passes_only_where_nothing_bounds_it():
    assert not one("P09", np.inf, np.inf, np.inf).part_passes("P09")
    assert one("P20a", np.inf, np.inf, np.inf).part_passes("P20a")


def test_a_pattern_passes_only_with_all_its_parts(card):
    table, patterns = card.table, card.by_pattern
    for name, row in patterns.iterrows():
        assert row["passes"] == table[table["pattern"] == name]["passes"].all()


def test_the_card_has_a_value_in_every_world_for_every_part(card):
    assert {len(values) for values in card.values.values()} == {6}
    assert set(card.values) == set(october.MEASURES)


def test_the_text_names_what_passes_and_what_is_not_scored(card):
    text = str(card)
    assert "train:" in text
    assert "test:" in text
    assert "not scored: P36" in text


def test_the_record_itself_passes_every_hour_it_speaks_to(monkeypatch):
    monkeypatch.setattr(nulls, "ERROR", 0.0)
    card = nulls.score_hours(nulls.jittered_chronicle(3, 1), "record")
    for part in ("P02", "P04", "P05", "P06a", "P06c", "P07c", "P07e", "P07i", "P09"):
        assert card.part_passes(part), part


def test_a_constant_hazard_knows_no_order():
    card = nulls.score_hours(nulls.constant_hazard(200, 1), "constant")
    assert abs(np.median(card.values["P05"])) < 0.2


def test_a_null_model_misses_what_it_cannot_speak_to():
    card = nulls.score_hours(nulls.constant_hazard(20, 1), "constant")
    assert np.isnan(card.values["P14"]).all()
    assert not card.part_passes("P14")


def test_a_count_of_patterns_is_firm_where_all_worlds_agree_and_loose_where_they_divide():
    sure = Scorecard("", PATTERNS, {"P01": np.full(40, 300.0), "P25": np.full(40, 2000.0)})
    assert sure.range_passed("train") == sure.passed("train")[:1] * 2 == (2, 2)
    divided = Scorecard("", PATTERNS, {"P01": np.full(40, 300.0), "P25": np.repeat([2000.0, 9000.0], 20)})
    assert divided.range_passed("train") == (1, 2)
    never = Scorecard("", PATTERNS, {"P01": np.full(40, np.nan), "P25": np.full(40, np.inf)})
    assert never.range_passed("train") == (0, 0)


def test_the_count_of_the_whole_is_among_its_resamples(card):
    for split in ("train", "test"):
        least, most = card.range_passed(split)
        assert least <= card.passed(split)[0] <= most


def test_the_card_scores_every_part_beside_pass_and_miss(card):
    table = card.table
    assert table["crps"].to_dict() == pytest.approx(card.scores().to_dict())
    assert card.by_pattern["crps"].sum() == pytest.approx(card.total("all"))
    assert card.total("all") == pytest.approx(card.total("train") + card.total("test"))
    assert str(card).count("CRPS") == len(table) + 2


def test_a_length_of_time_without_an_end_is_reckoned_to_the_horizon():
    hours = np.array([2100.0, 2600.0, np.inf])
    data = nulls.jittered_chronicle(3, 1).assign(  # two open, one never
        congress_planned=("world", np.full(3, 1800.0)), congress_opens=("world", hours)
    )
    part = score(data, name="opening", patterns={"P11b": PATTERNS["P11b"]})
    assert np.isinf(part.values["P11b"][2])
    assert part.ended["P11b"].tolist() == pytest.approx([5.0, 800 / 60, 21.0])
    assert part.off("P11b")[2] == pytest.approx((21 - 8.7) / 2)
