"""Comparisons: paired luck, the doubt of a difference, what was expected, where two histories part, and the
report.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import sim
from sim import clock
from sim.counterfactual.measures import SMALL, hardly
from sim.errors import ScenarioError
from sim.results import Comparison, Estimate
from sim.results.divergence import diverge
from sim.results.effects import agreed, awaited, in_figures
from sim.results.estimate import change_of_chance, change_of_mean, gain_by_pairing, worlds_needed
from sim.wording import in_words, percent, supposed, told

matplotlib.use("Agg")

PAST = sim.scenario("historical")
SHORT = replace(PAST, end=clock.START + timedelta(hours=16))


def varied(name: str, *changes: object, **decisions: str) -> sim.Scenario:
    """The short history with some changes, and expectations about the telegraph and the killed."""
    return SHORT.but(
        name,
        *changes,
        question="What if it had been otherwise?",
        expected={"central_telegraph": "+", "killed": "0"},
        **decisions,
    )  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def compared() -> Comparison:
    """Three short scenarios in 40 worlds; for reading only."""
    held = varied("telegraph_held", sim.hold("central_telegraph", "government"))
    return sim.compare(
        SHORT, held, varied("no_raid", d24_close_press="leave the papers"), worlds=40, progress=False
    )


# ---- the doubt ----


def table(both: int, first: int, second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    """Two columns of yes and no with these counts of pairs."""
    return np.array([1] * (both + first) + [0] * (second + neither), float), np.array(
        [1] * both + [0] * first + [1] * second + [0] * neither, float
    )


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((14, 5, 0, 22), 0.011, 0.226),
        ((36, 12, 2, 0), 0.0569, 0.3404),
    ],  # Altman et al. 2000, p. 52; Newcombe 1998, table II, method 10
)
def test_newcombe(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """The paired interval is the published one."""
    one, other = table(*counts)
    found = change_of_chance(other, one)
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))


def test_newcombe_covers() -> None:
    """Paired intervals hold the true change in about 95 of 100 samples (1,500 samples of 200 pairs, of a
    change of 6 points).
    """
    rng, held = np.random.default_rng(2), []
    for _ in range(1500):
        luck = rng.random(200)
        found = change_of_chance(
            (luck < 0.10).astype(float), ((luck < 0.10) | (rng.random(200) < 0.06 / 0.9)).astype(float)
        )
        held.append(found.low <= 0.06 <= found.high)
    assert 0.93 < np.mean(held) < 0.98


def test_no_pair_differs() -> None:
    """Where no pair differs, the chance may still change by what so few worlds cannot show; a mean that
    cannot change has no doubt.
    """
    same = np.r_[np.ones(30), np.zeros(70)]
    found = change_of_chance(same, same)
    assert found.low < 0 < found.high
    assert (change_of_mean(same, same, "h").low, worlds_needed(same, same), gain_by_pairing(same, same)) == (
        0.0,
        150,
        np.inf,
    )


def test_worlds_needed() -> None:
    """So many worlds make the interval of the change reach two points to either side."""
    rng = np.random.default_rng(3)
    base = (rng.random(400) < 0.3).astype(float)
    other = np.where(rng.random(400) < 0.2, 1 - base, base)
    needed = worlds_needed(base, other)
    half = 1.96 * np.sqrt(np.var(other - base) / needed)
    assert half == pytest.approx(0.02, rel=0.01)


@pytest.mark.parametrize(
    ("low", "high", "unit", "expected", "verdict"),
    [
        (0.1, 0.3, "points", "+", "yes"),
        (-0.3, -0.1, "points", "+", "no"),
        (-0.1, 0.3, "points", "+", "open"),
        (-2.0, -1.0, "h", "-", "yes"),
        (-0.5, 0.5, "h", "0", "yes"),
        (1.5, 3.0, "h", "0", "no"),
        (-0.5, 3.0, "h", "0", "open"),
        (0.01, 0.04, "points", "0", "yes"),
        (0.1, 0.3, "points", "", ""),
    ],
)
def test_agreed(low: float, high: float, unit: str, expected: str, verdict: str) -> None:
    """An expectation is met or not only if the interval says so; "hardly any change" is an interval within
    what counts as small.
    """
    assert agreed(Estimate((low + high) / 2, low, high, 100, unit), expected) == verdict


@pytest.mark.parametrize(
    ("chance", "hours", "pairs", "expected", "verdict"),
    [
        ((-0.95, -0.78), (-9.0, 9.0), 60, "+", "yes"),  # it hardly ever happens any more
        ((-0.95, -0.78), (-np.inf, np.inf), 0, "+", "yes"),
        ((-0.95, -0.78), (-np.inf, np.inf), 0, "-", "no"),
        ((-0.03, 0.03), (1.0, 2.0), 60, "+", "yes"),
        ((0.10, 0.20), (1.0, 2.0), 60, "+", "open"),  # oftener, and later where it happens
        ((-0.03, 0.03), (-0.5, 0.5), 60, "0", "yes"),
        ((-0.03, 0.03), (-np.inf, np.inf), 0, "0", "yes"),
        ((-0.03, 0.03), (1.5, 2.0), 60, "0", "no"),
        ((-0.13, 0.03), (-0.5, 0.5), 60, "0", "open"),
    ],
)
def test_agreed_of_an_hour(
    chance: tuple[float, float], hours: tuple[float, float], pairs: int, expected: str, verdict: str
) -> None:
    """Of what has an hour, "later" is also "more seldom", and neither may speak against it."""
    often, moved = (
        Estimate(0.0, *chance, 60, "points", change=True),
        Estimate(0.0, *hours, pairs, "h", change=True),
    )
    assert agreed(moved, expected, often) == verdict


@pytest.mark.parametrize("unit", ["points", "h", "killed", "men", "ministers"])
def test_hardly_changed_has_a_stated_threshold(unit: str) -> None:
    """An expectation of no change is met by an interval wholly within the threshold, which the words and the
    page of counterfactuals state.
    """
    small = SMALL[unit]
    assert agreed(Estimate(0.0, -small, small, 100, unit), "0") == "yes"
    assert agreed(Estimate(0.0, -small, 1.01 * small, 100, unit), "0") == "open"
    assert agreed(Estimate(0.0, 1.01 * small, 2 * small, 100, unit), "0") == "no"
    assert hardly(unit) in awaited({"unit": unit, "expected": "0"})
    page = (Path(__file__).parents[1] / "docs" / "counterfactuals.md").read_text().partition("## Results")[0]
    assert hardly(unit) in page.replace("\n   ", "")


@pytest.mark.parametrize(
    ("value", "unit", "signed", "text"),
    [
        (0.934, "points", False, "93 %"),
        (0.004, "points", False, "0.4 %"),
        (-0.02, "points", True, "-2 points"),
        (1.26, "h", True, "+1.3 h"),
        (0.0, "killed", False, "0.0"),
        (54321.0, "men", False, "54,321"),
        (0.045, "points", True, "+4 points"),
        (-0.045, "points", True, "-4 points"),
        (0.965 - 0.91, "points", True, "+6 points"),
        (0.9996, "points", False, "more than 99.9 %"),
        (-0.0004, "h", True, "0.0 h"),
    ],
)
def test_in_words(value: float, unit: str, signed: bool, text: str) -> None:
    """Numbers are written in the unit of the question, and no finer than their doubt."""
    assert in_words(value, unit, signed=signed) == text


@pytest.mark.parametrize(
    ("three", "unit", "text"),
    [
        ((-0.0097, -0.031, 0.009), "points", "-1 points, -3 to +1"),
        ((0.016, 0.004, 0.03), "points", "+1.6 points, +0.4 to +3.0"),
        ((-0.94, -1.3, -0.59), "killed", "-0.9, -1.3 to -0.6"),
        ((1.94, 1.42, 2.48), "h", "+1.9 h, +1.4 to +2.5"),
        ((0.0, 0.0, 0.0), "h", "no pair of histories differs"),
    ],
)
def test_one_bracket_has_one_number_of_decimals(
    three: tuple[float, float, float], unit: str, text: str
) -> None:
    """The interval says how many, and an end that is not nought does not look like it."""
    assert told(unit, np.nan, np.nan, *three).amount == text


@pytest.mark.parametrize("measure", ["garrison_active", "liteiny_bridge", "killed", "government_holds"])
def test_the_ladder_draws_what_the_sentences_say(compared: Comparison, measure: str) -> None:
    """The numbers beside the rows and in the title are those of the table, shares in points; so are marks and
    axis.
    """
    ax = compared.plot.ladder(measure)
    rows = compared.effects([measure]).query("measure == @measure")
    times = 100 if (rows["unit"] == "points").all() else 1
    written = [text.get_text().replace("−", "-") for text in ax.texts]
    for row in rows.to_dict("records"):
        said = in_figures(row)
        if said.low and not said.same:
            drawn = f"{said.difference} ({said.low} to {said.high})"
            assert drawn in written
            numbers = [float(part.replace(",", "")) for part in re.findall(r"[-+]?[\d,.]+", drawn)]
            wanted = [times * row[key] for key in ("difference", "low", "high")]
            places = len(drawn.split()[0].partition(".")[2])
            assert numbers == pytest.approx(wanted, abs=1.0001 * 10.0**-places)
    marks = [
        float(x) for line in ax.lines if line.get_gid() == "effect" for x in np.asarray(line.get_xdata())
    ]
    assert sorted(marks) == pytest.approx(sorted(times * rows["difference"].dropna()))
    assert ax.get_xlim()[1] >= times * rows["high"].replace(np.inf, np.nan).max()
    pyplot.close(ax.figure)


# ---- paired luck ----


def test_same_worlds_same_opening(compared: Comparison) -> None:
    """Two scenarios that differ at an hour are the same in every world until then."""
    base, other = (
        e.data["held"].sel(time=slice(None, "1917-10-24T05:30")).values
        for e in (compared.base, compared["no_raid"])
    )
    assert np.array_equal(base, other)


def test_pairing_pays(compared: Comparison) -> None:
    """On the same luck the hour of Liteiny Bridge differs by far less than on luck of its own (40 pairs)."""
    effects = compared.effects(["liteiny_bridge"]).query(
        "scenario == 'telegraph_held' and measure == 'liteiny_bridge'"
    )
    assert effects["gain_by_pairing"].item() > 5


def test_a_scenario_against_itself() -> None:
    """Two scenarios that differ only in name have no difference in anything."""
    effects = sim.compare(SHORT, SHORT.but("the same"), worlds=5, progress=False).effects()
    assert (effects["difference"].dropna() == 0).all()
    assert (effects["chance_difference"].dropna() == 0).all()


def test_pairs_are_the_worlds(compared: Comparison) -> None:
    """A difference is that of the same worlds run alone."""
    one, other = (
        sim.run(e.scenario, world=3).outcome["killed_soviet"] for e in (compared.base, compared["no_raid"])
    )
    assert (
        compared["no_raid"].data["killed_soviet"].values[3] - compared.base.data["killed_soviet"].values[3]
        == other - one
    )


# ---- what is told ----


def test_effects(compared: Comparison) -> None:
    """Effects are a row a scenario and measure, with what the scenario expects and whether the model
    agrees.
    """
    effects = compared.effects()
    assert {"difference", "low", "high", "expected", "agreed"} <= set(effects.columns)
    telegraph = effects.query("measure == 'central_telegraph'").set_index("scenario")
    assert (
        telegraph.loc["telegraph_held", "chance_other"] == 0 < telegraph.loc["telegraph_held", "chance_base"]
    )
    assert telegraph.loc["telegraph_held", "agreed"] == "yes"
    known = effects[effects["histories"] > 0]
    assert (known["low"] <= known["difference"]).all()
    assert (known["difference"] <= known["high"]).all()


def test_ladder(compared: Comparison) -> None:
    """A ladder has every scenario, the largest change first."""
    ladder = compared.ladder("liteiny_bridge")
    assert set(ladder["scenario"]) == {"telegraph_held", "no_raid"}
    assert ladder["difference"].abs().is_monotonic_decreasing


def test_printed(compared: Comparison) -> None:
    """A comparison prints a sentence a scenario, with numbers and their doubt, and what was expected."""
    text = str(compared)
    assert text.startswith(
        "historical against 2 other scenarios: 40 histories of each on the same luck (seed 1917)."
    )
    assert "telegraph_held: If it had been otherwise, the palace would have fallen" in text
    assert "the Soviet takes Central Telegraph later or not at all: confirmed (in 0 % instead of " in text
    assert "killed - hardly changed (within 1 killed): " in text
    assert "For plus or minus 2 points" not in text  # so few histories cannot tell


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What if Lenin had been caught?", "If Lenin had been caught"),
        ("Why?", "With no raid"),
        ("", "With no raid"),
    ],
)
def test_supposed(question: str, text: str) -> None:
    """A question becomes a supposition."""
    assert supposed(question, "no_raid") == text


def test_refused(compared: Comparison) -> None:
    """Two scenarios of one name, none at all, and a name that is not compared are refused in one line."""
    with pytest.raises(ScenarioError, match="got 'historical' twice"):
        sim.compare("historical", SHORT, worlds=1)
    with pytest.raises(ScenarioError, match="got none"):
        sim.compare(worlds=1)
    with pytest.raises(ScenarioError, match="did you mean 'no_raid'"):
        compared["no_rade"]


HOLDS = sim.scenario("historical").but(
    "held", sim.hold("winter_palace", "government"), question="What if it held?"
)


@pytest.fixture(scope="module")
def falls() -> Comparison:
    """The three days in 24 worlds, a palace that cannot fall, and others; for reading only."""
    return sim.compare(
        PAST, HOLDS, "kerensky_accepts", "cossacks_ride", worlds=24, tracks=False, progress=False
    )


def test_no_hour_for_what_does_not_happen(falls: Comparison) -> None:
    """A palace that never falls has its chance and no hour: neither in the sentence, nor in the table, nor in
    the figures.
    """
    effect = falls.effects(["palace_falls"]).set_index("scenario").loc["held"]
    assert (effect["chance_other"], effect["histories"]) == (0, 0)
    assert effect[["base", "other", "difference"]].isna().all()
    said = falls.sentence("held")
    assert said.startswith("held: If it held, the palace would have fallen in 0 % instead of ")
    assert "In no history does it fall in both, so that nothing can be said of its hour." in said
    assert " Oct " not in said
    title = falls.plot.falls().axes[0].get_title(loc="left")
    assert re.fullmatch(r"If it held, the palace would have fallen in 0 % of worlds, not \d+ %", title)
    pyplot.close("all")


def test_hours_are_those_of_the_pairs_in_which_it_happens(falls: Comparison) -> None:
    """The difference in hours is the mean over the worlds in which the palace falls in both, and the hours on
    the clock are the means there.
    """
    one, two = falls.base.hours("palace_falls"), falls["cossacks_ride"].hours("palace_falls")
    both = np.isfinite(one) & np.isfinite(two)
    table = falls.effects(["palace_falls"]).query("measure == 'palace_falls'").set_index("scenario")
    effect = table.loc["cossacks_ride"]
    assert effect["histories"] == both.sum() < 24
    assert effect["difference"] == pytest.approx((two[both] - one[both]).mean())
    assert (effect["base"], effect["other"]) == (
        pytest.approx(one[both].mean()),
        pytest.approx(two[both].mean()),
    )
    assert f"Where it falls in both ({both.sum()} of 24 histories), it falls" in str(falls)


def test_endings_have_their_names(falls: Comparison) -> None:
    """How often the government holds is told by ending, the parts adding up to the whole, and settlements
    beside it.
    """
    for name in ("held", "kerensky_accepts"):
        said = falls.sentence(name).splitlines()[1]
        holds, parts = re.match(  # type: ignore[union-attr]
            r"  The government would have held in ([\d.]+) % instead of .*? \(.*?\):? ?(.*?)\. A settlement",
            said,
        ).groups()
        numbers = [float(x) for x in re.findall(r" in ([\d.]+) instead of", parts)]
        assert sum(numbers) == pytest.approx(float(holds))
        assert re.search(r"A settlement: [\d.]+ % instead of [\d.]+ % of histories", said)
    settled = falls["kerensky_accepts"].measure("settled")
    assert settled.mean() > 0
    assert f"A settlement: {percent(settled.mean())} instead of 0 %" in falls.sentence("kerensky_accepts")
    assert not (settled * falls["kerensky_accepts"].measure("government_holds")).any()


# ---- where two histories part ----


def test_first_difference(compared: Comparison) -> None:
    """Two histories part at the first event that one has and the other has not; what followed rests on it."""
    parted = compared.first_difference("no_raid", world=2)
    assert parted.time is not None
    assert clock.label(parted.time) == "24 Oct 03:30"
    assert [event.text for event in parted.only[0]] == ["Kerensky decides to close the papers"]
    assert not parted.only[1]
    assert (parted.followed["time"] >= parted.time).all()
    assert "The histories part at 24 Oct 03:30." in str(parted)
    here = parted.followed[parted.followed["history"] == "historical"]
    assert "occupy the Trud printing works for the government" in " ".join(here["event"][here["rests"]])
    assert "From then on in historical, what rests on it:" in str(parted)
    there = parted.followed[parted.followed["history"] == "no_raid"]
    nothing = "From then on no_raid has nothing that the other has not." in str(parted)
    assert nothing == (len(there) == 0)


def test_no_difference() -> None:
    """A history does not part from itself."""
    same = sim.compare(SHORT, SHORT.but("the same"), worlds=1, progress=False)
    assert (
        str(same.first_difference("the same"))
        == "historical and the same do not part: every event is the same."
    )


def test_a_planted_first_difference_is_found() -> None:
    """Of two histories that are the same but for one event in their midst, that event is where they part;
    what had led to it is told of both, and so is what led on from it, to the point that changed hands last.
    """
    one = sim.run("historical", seed=1917, world=3)
    at = next(
        e.number
        for e in one.events
        if e.kind == "decision" and e.because and sum(e.number in other.because for other in one.events) > 1
    )
    event = one.events[at]
    planted = replace(event, text="the planted thing happens")
    other = replace(one, events=(*one.events[:at], planted, *one.events[at + 1 :]))
    parted = diverge(one, other)
    assert parted.time == clock.moment(event.minute, one.start)
    assert [[e.text for e in only] for only in parted.only] == [[event.text], [planted.text]]
    assert set(event.because) <= {e.number for e in parted.causes[0]}
    assert parted.causes[0] == parted.causes[1]
    for chain in parted.chains:
        assert all(a.number in b.because for a, b in pairwise(chain))
        assert event.number in chain[0].because
    apart = parted.beside[~parted.beside["alike"].astype(bool)]
    assert [sorted(row) for row in apart[["first", "second"]].to_numpy()] == [
        ["", event.text],
        ["", planted.text],
    ]
    assert (parted.beside["time"] >= parted.time).all()
    told = parted.tell(10)
    assert "The planted thing happens." in told
    assert "[in both]" in told
    assert max(map(len, told.splitlines())) <= 112


def test_two_chronicles_side_by_side(compared: Comparison) -> None:
    """What is told of either history from where they part stands in its own column, what both have across."""
    parted = compared.first_difference("no_raid", world=2)
    assert parted.beside["time"].is_monotonic_increasing
    alike = parted.beside["alike"].astype(bool)
    assert (parted.beside["first"] == parted.beside["second"])[alike].all()
    assert ((parted.beside["first"] == "") != (parted.beside["second"] == ""))[~alike].all()
    assert "In no_raid:\n  nothing of its own then" in parted.tell()
    same = sim.compare(SHORT, SHORT.but("the same"), worlds=1, progress=False).first_difference("the same")
    assert same.tell() == str(same)


# ---- figures and report ----


def test_report(compared: Comparison, tmp_path: Path) -> None:
    """A report has a page, figures as PNG and SVG, the table, the scenarios and a manifest from which all can
    be made again.
    """
    written = compared.report(tmp_path, command="petrograd compare historical no_raid")
    names = {path.name for path in tmp_path.iterdir()}
    assert {
        "report.md",
        "effects.csv",
        "manifest.json",
        "historical.toml",
        "no_raid.toml",
        "outcomes-no_raid.csv",
        "bands-no_raid.png",
        "bands-no_raid.svg",
        "maps-no_raid.png",
        "ladder-killed.svg",
    } <= names
    assert all(path.stat().st_size for path in written)
    page = (tmp_path / "report.md").read_text()
    assert all(f"({line})" not in page or (tmp_path / line).exists() for line in names)
    assert "| telegraph_held | the Soviet takes Central Telegraph: how often |" in page
    assert "petrograd compare historical no_raid" in page
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert (manifest["worlds"], manifest["seed"], set(manifest["digests"])) == (40, 1917, {"tables", "model"})
    assert sim.scenario(str(tmp_path / "no_raid.toml")) == compared["no_raid"].scenario


def test_the_decision_is_marked(compared: Comparison) -> None:
    """The bands mark the decision that was changed, by its hour and words, and name both scenarios and the
    worlds.
    """
    figure = compared.plot("no_raid")
    texts = [text.get_text() for text in figure.findobj(matplotlib.text.Text)]
    assert "leave the papers" in texts
    assert any("no raid" in text for text in texts)
    assert any("40 worlds" in text for text in texts)
    matplotlib.pyplot.close("all")


def test_figures_without_another_scenario() -> None:
    """Bands of a single scenario are refused in one line."""
    with pytest.raises(ValueError, match="wanted a comparison of two scenarios or more, got one"):
        sim.compare(SHORT, worlds=1, progress=False).plot()


def test_one_world_tells_nothing() -> None:
    """From a single pair of histories nothing can be told, and that is said in words."""
    alone = sim.compare(
        SHORT, varied("no_raid", d24_close_press="leave the papers"), worlds=1, progress=False
    )
    effects = alone.effects(["palace_falls", "central_telegraph"])
    assert set(effects["agreed"]) <= {"", "open"}
    assert "one history tells nothing of the doubt" in str(alone)
    assert "inf" not in str(alone)


def test_unlike_scenarios_are_refused() -> None:
    """Scenarios that end at different hours, or whose names make one file name, are not compared."""
    with pytest.raises(ScenarioError, match="wanted scenarios that end at one hour"):
        sim.compare(SHORT, PAST.but("longer"), worlds=1)
    with pytest.raises(ScenarioError, match="different file names"):
        sim.compare(SHORT, SHORT.but("a b"), SHORT.but("a_b"), worlds=1)


def test_saved_and_read(compared: Comparison, tmp_path: Path) -> None:
    """A comparison that is saved and read again says the same, and its worlds can be played again."""
    again = sim.load(compared.save(tmp_path / "compared.nc"))
    assert isinstance(again, Comparison)
    assert str(again) == str(compared)
    assert all(
        one.data.identical(other.data) for one, other in zip(again.ensembles, compared.ensembles, strict=True)
    )
    assert str(again.first_difference("no_raid")) == str(compared.first_difference("no_raid"))
