"""What a decision was worth: the best of planted courses is found and not flattered, a planted break-even is
found and none is where none is, and the decisions of a history are judged in pairs.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr

import sim
from sim import clock
from sim.analysis.breakeven import Doubt, break_even
from sim.analysis.choosing import chances_best, pick
from sim.analysis.doubts import openings
from sim.analysis.judging import Judge
from sim.analysis.worth import Worth, courses_of
from sim.counterfactual import measures
from sim.errors import ScenarioError
from sim.results.divergence import diverge

mpl.use("Agg")

PAST = sim.scenario("historical")
SHORT = replace(PAST, end=clock.START + timedelta(hours=9))
RAID, GUARD = "d24_close_press", "d24_guard"


def pairs(rng: np.random.Generator, *chances: float, worlds: int = 400) -> np.ndarray:
    """Courses on one luck: (courses, worlds) of 0 and 1, the luck of a world the same for all."""
    return (rng.random(worlds)[None] < np.array(chances)[:, None]).astype(float)


# ---- the best of several ----


def test_a_planted_best_is_found() -> None:
    """Both halves of the pairs pick the course that was made the best, and it nearly always comes out so."""
    values = pairs(np.random.default_rng(5), 0.5, 0.45, 0.65, 0.55)
    assert pick(values).by == (2, 2)
    assert pick(values, worst=True).by == (1, 1)
    assert chances_best(values)[2] > 0.99


def test_the_best_of_equals_is_not_flattered() -> None:
    """Of courses that are worth the same, the best of the numbers looks better than it is; measured on the
    half that did not pick it, it does not (400 samples of 4 further courses, each on luck of its own).
    """
    rng, naive, honest = np.random.default_rng(6), [], []
    for _ in range(400):
        values = (rng.random((5, 200)) < 0.5).astype(float)
        naive.append(values.mean(axis=1).max() - values[0].mean())
        honest.append(pick(values).values.mean() - values[0].mean())
    assert np.mean(naive) > 0.03
    assert abs(np.mean(honest)) < 4 * np.std(honest) / np.sqrt(len(honest))


def test_equal_courses_share() -> None:
    """Courses that no world tells apart are the best equally often, and of equals the one taken is picked."""
    values = np.tile(pairs(np.random.default_rng(7), 0.4), (3, 1))
    assert chances_best(values) == pytest.approx([1 / 3] * 3)
    assert pick(values).by == (0, 0)


def test_sets_are_drawn_together() -> None:
    """Where whole sets of parameters favour one course, the doubt is that about the sets."""
    rng = np.random.default_rng(8)
    sets = np.repeat(np.arange(10), 40)
    better = np.repeat([1, 1, 1, 1, 1, 1, 0, 0, 0, 0], 40)
    values = np.stack([better, 1 - better]).astype(float)
    values = np.where(rng.random(values.shape) < 0.1, 1 - values, values)
    assert chances_best(values)[0] > chances_best(values, sets)[0]


# ---- break-even ----

DOUBTS = [
    Doubt("leaning of garrison", "the garrison leant"),
    *(Doubt(f"x{k}", f"x{k} was") for k in range(40)),
]


def planted(rng: np.random.Generator, slope: float, worlds: int = 500) -> tuple[np.ndarray, np.ndarray]:
    """Doubts (41, worlds) about -0.1, and the gain of a course that is better by `slope` times what the first
    of them lies below -0.3.
    """
    drawn = rng.normal(-0.1, 0.3, (len(DOUBTS), worlds))
    likely = np.clip(np.abs(slope * (-0.3 - drawn[0])), 0, 1)
    return np.sign(-0.3 - drawn[0]) * (rng.random(worlds) < likely), drawn


def test_a_planted_break_even_is_found() -> None:
    """It is found in its doubt, with the interval around it, and said with the side on which the course
    gains.
    """
    gain, drawn = planted(np.random.default_rng(9), 1.0)
    found = break_even(gain, DOUBTS, drawn)
    assert found is not None
    assert found.doubt.name == "leaning of garrison"
    assert found.low < -0.3 < found.high
    assert found.better_below
    assert str(found).startswith("the garrison leant below −0.3")


def test_no_break_even_where_there_is_none() -> None:
    """A gain that nothing drawn sways has none but in about one of twenty samples at most (100 samples)."""
    rng, found = np.random.default_rng(10), 0
    for _ in range(100):
        gain = rng.choice([-1.0, 0.0, 1.0], 300, p=[0.1, 0.8, 0.1])
        found += break_even(gain, DOUBTS, rng.normal(size=(len(DOUBTS), 300))) is not None
    assert found <= 8


def test_no_break_even_where_one_end_is_not_sure() -> None:
    """A course that gains at one end, and at the other neither gains nor loses, has none."""
    rng = np.random.default_rng(11)
    drawn = rng.normal(size=(len(DOUBTS), 500))
    gain = (rng.random(500) < np.clip(0.5 * drawn[0], 0, 1)).astype(float)
    assert break_even(gain, DOUBTS, drawn) is None


def test_doubts_by_their_logarithm() -> None:
    """A doubt that is looked at by its logarithm is told as it is."""
    rng = np.random.default_rng(12)
    men = np.exp(rng.normal(np.log(2000), 0.4, 500))
    gain = np.sign(men - 2000) * (rng.random(500) < 0.7)
    found = break_even(
        gain, [Doubt("men", "the cadets were", "fewer than", "more than", log=True)], men[None]
    )
    assert found is not None
    assert found.low < 2000 < found.high
    assert str(found).startswith("the cadets were more than ")


# ---- whose good it is ----


def test_each_side_sees_its_own() -> None:
    """One side is judged by the chance of what it wants, the other by that it does not come."""
    judge, values = Judge.of("palace_taken"), np.array([1.0, 0.0, 0.0])
    assert judge.seen_by(values, 1).mean() == pytest.approx(1 / 3)
    assert judge.seen_by(values, -1).mean() == pytest.approx(2 / 3)
    assert (judge.words(1), judge.words(-1)) == (
        "the chance that the palace is taken",
        "the chance that the palace stands",
    )
    killed = Judge.of("killed")
    assert killed.good(values, 1).tolist() == killed.good(values, -1).tolist() == [-1.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="good_for: wanted one of"):
        Judge.of("settled")
    assert Judge.of("settled", "both").sign(-1) == 1
    with pytest.raises(ScenarioError, match="did you mean 'palace_taken'"):
        Judge.of("palace_taked")


# ---- a planted decision, whole ----


@pytest.fixture(scope="module")
def made() -> Worth:
    """Two decisions in 400 worlds of made numbers: the government's raid, which another course would have
    bettered by some fifteen points, and the Soviet's, of which the course taken is the best unless the
    garrison leant below -0.3.
    """
    rng = np.random.default_rng(13)
    luck, drawn = rng.random(400), rng.normal(-0.1, 0.3, 400)
    courses = [
        c for c in courses_of(PAST, ["d24_commissars_out", "d25_gov_offices"]) if c.choice != "nothing"
    ]
    chances = {"remove_and_try": 0.75, "remove_only": 0.6}
    taken = np.stack([luck < chances.get(c.choice, 0.5 + 0 * luck) for c in courses]).astype(float)
    soviet = [c.decision == "d25_gov_offices" for c in courses]
    row = soviet.index(True)
    other = np.where(drawn < -0.3, 1.0, np.where(luck < 0.3, 1.0, 0.0))
    taken[row] = np.where(drawn < -0.3, luck < 0.4, luck < 0.85)
    value = np.zeros((len(measures.MEASURES), len(courses) + 1, 400), np.float32)
    value[0] = np.vstack([taken, other])
    courses.append(replace(courses[row], choice="nothing", label="leave the ministries", taken=False))
    return Worth(
        xr.Dataset(
            {
                "value": (("measure", "course", "world"), value),
                "doubt": (("number", "world"), drawn[None]),
                "taken_at": (("decision", "world"), np.full((2, 400), [[30.0], [1900.0]])),
            },
            coords={
                "measure": list(measures.MEASURES),
                "course": [f"{c.decision}:{c.choice}" for c in courses],
                "world": np.arange(400),
                "decision": ["d24_commissars_out", "d25_gov_offices"],
                "decision_of": ("course", [c.decision for c in courses]),
                "label": ("course", [c.label for c in courses]),
                "side_of": ("course", [c.side for c in courses]),
                "taken": ("course", [c.taken for c in courses]),
            },
            attrs={
                "scenario": "historical",
                "scenario_toml": PAST.toml(),
                "start": PAST.start.isoformat(),
                "seed": 1917,
                "parameters": "calibrated",
                "doubts": '[{"name": "leaning of garrison", "words": "the garrison leant"}]',
                "digests": "{}",
                "version": "0",
            },
        ),
        Judge.of("palace_taken"),
    )


def test_a_planted_loss_is_ranked_first(made: Worth) -> None:
    """The decision that another course would have bettered stands first, with what it lost; the other lost
    nothing that can be told.
    """
    first, second = made.table.itertuples(index=False)
    assert (first.decision, first.best) == ("d24_commissars_out", "remove the commissars, no trial")
    assert first.loss_low < 0.15 < first.loss_high
    assert first.loss_low > 0
    assert second.best == second.taken
    assert second.loss_low <= 0
    assert "remove the commissars, no trial" in str(made)


def test_each_is_seen_from_its_own_side(made: Worth) -> None:
    """The government's decision is told by the chance that the palace stands."""
    card = made.card("d24_commissars_out")
    assert card.judged == "the chance that the palace stands"
    assert card.courses["value"].iloc[0] == pytest.approx(0.25, abs=0.05)
    assert card.before == pytest.approx(card.courses["value"].mean())
    assert "would have been better" in card.verdict


def test_right_unless(made: Worth) -> None:
    """The card has the planted break-even in a sentence."""
    said = made.card("d25_gov_offices").unless
    assert "Right against 'leave the ministries' unless the garrison leant below −0." in said
    turn = made.break_even("d25_gov_offices")
    assert turn is not None
    assert turn[1].low < -0.2


def test_figures(made: Worth) -> None:
    """A card has a row a course and the chance before; the ladder a row a decision. Both are drawn on given
    axes too.
    """
    card = made.plot.card("d24_commissars_out")
    assert [line.get_gid() for line in card.lines].count("interval") == 2
    assert {"taken", "course", "before"} <= {line.get_gid() for line in card.lines}
    for by in ("loss", "worth"):
        ladder = made.plot(by)
        assert [line.get_gid() for line in ladder.lines].count("interval") == 2
    from matplotlib.figure import Figure

    panel = Figure().add_subplot()
    assert made.plot.card("d25_gov_offices", ax=panel) is panel
    with pytest.raises(ValueError, match="by: wanted one of loss, worth"):
        made.plot("luck")


def test_kept(made: Worth, tmp_path: Path) -> None:
    """It is read again as it was, and says that it was made with other rules."""
    path = made.save(tmp_path / "worth.nc")
    with pytest.warns(UserWarning, match="does not say of which tables"):
        again = sim.load(path)
    assert isinstance(again, Worth)
    assert str(again) == str(made)
    assert str(again.card("d25_gov_offices")) == str(made.card("d25_gov_offices"))


# ---- histories ----


@pytest.fixture(scope="module")
def played() -> Worth:
    """Two decisions of the first morning in 12 short worlds; for reading only."""
    return sim.worth(SHORT, [RAID, GUARD], worlds=12, workers=1, progress=False)


def test_what_was_taken_is_the_scenario(played: Worth) -> None:
    """The course taken is an ensemble of the scenario itself, the others those of the scenario but for it."""
    base = sim.ensemble(SHORT, worlds=12, workers=1, progress=False)
    other = sim.ensemble(SHORT.but("x", d24_guard="nothing"), worlds=12, workers=1, progress=False)
    values = played.data["value"].sel(measure="most_government")
    assert values.sel(course=f"{RAID}:close_papers").values == pytest.approx(base.measure("most_government"))
    assert values.sel(course=f"{GUARD}:more_guard").values == pytest.approx(base.measure("most_government"))
    assert values.sel(course=f"{GUARD}:nothing").values == pytest.approx(other.measure("most_government"))


def test_one_history_until_the_moment() -> None:
    """The histories of a pair are one until the decision is taken in either of them."""
    base = sim.run("historical", seed=1917, world=1)
    taken = {name: at[1] for name, at in openings(PAST, 1917, 2, "plausible", {}).taken_at.items()}
    courses = [c for c in courses_of(PAST) if not c.taken and np.isfinite(taken[c.decision])]
    for course in courses[::20]:
        other = sim.run(PAST.but("other", **{course.decision: course.choice}), seed=1917, world=1)
        parted = diverge(base, other)
        choice = next(c for c in PAST.record.decisions[course.decision] if c.choice == course.choice)
        moment = clock.moment(float(taken[course.decision]), PAST.start)
        assert parted.time is None or parted.time >= min(moment, choice.at)


def test_moments_and_doubts(played: Worth) -> None:
    """Hours at which decisions were taken, and what was drawn at the openings."""
    assert clock.label(played.hour(RAID)) == "24 Oct 03:30"
    assert (played.data["taken_at"].values >= 0).all()
    assert played.data.sizes["number"] > 20
    assert "leaning of garrison" in played.data.attrs["doubts"]
    assert np.isfinite(played.data["doubt"].values).all()


def test_parts_are_kept(tmp_path: Path, played: Worth, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a folder what is finished is found again: the second time nothing is played."""
    options = {"worlds": 12, "workers": 1, "progress": False, "out": tmp_path}
    one = sim.worth(SHORT, [GUARD], **options)
    monkeypatch.setattr("sim.playing.Chunk.__call__", lambda *_: pytest.fail("played again"))
    two = sim.worth(SHORT, [GUARD], **options)
    xr.testing.assert_identical(one.data, two.data)
    assert two.judged("most_government").values(GUARD) == pytest.approx(
        played.judged("most_government").values(GUARD)
    )


def test_threads_do_not_matter(played: Worth) -> None:
    """Two threads give what one gives."""
    xr.testing.assert_identical(
        sim.worth(SHORT, [RAID, GUARD], worlds=12, workers=2, progress=False).data, played.data
    )


def test_what_is_settled_is_left_out() -> None:
    """What a scenario cancels is no decision of it; to ask for it is refused in one line, as is an unknown
    name.
    """
    quiet = SHORT.but("quiet", sim.cancel(RAID))
    assert RAID not in {course.decision for course in courses_of(quiet)}
    with pytest.raises(ScenarioError, match="it cannot be taken otherwise here"):
        courses_of(quiet, [RAID])
    with pytest.raises(ScenarioError, match=f"did you mean '{RAID}'"):
        courses_of(SHORT, ["d24_close_pres"])
    other = courses_of(SHORT.but("other", d24_guard="nothing"), [GUARD])
    assert [course.choice for course in other if course.taken] == ["nothing"]
    assert other[0].taken
