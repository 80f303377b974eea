"""Comparisons: paired luck, the doubt of a difference, what was expected, where two histories part, and the
report.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import sim
from sim import clock
from sim.errors import ScenarioError
from sim.results import Comparison, Estimate
from sim.results.comparison import agreed, supposed
from sim.results.estimate import change_of_chance, change_of_mean, gain_by_pairing, in_words, worlds_needed

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
    ("value", "unit", "signed", "text"),
    [
        (0.934, "points", False, "93 %"),
        (0.004, "points", False, "0.4 %"),
        (-0.02, "points", True, "-2 points"),
        (1.26, "h", True, "+1.3 h"),
        (0.0, "killed", False, "0.0"),
        (54321.0, "men", False, "54,321"),
        (0.045, "points", True, "+5 points"),
        (-0.045, "points", True, "-5 points"),
        (0.955 - 0.91, "points", True, "+5 points"),
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
    amount = Comparison._amount
    assert amount({"unit": unit, **dict(zip(("difference", "low", "high"), three, strict=True))}) == text


@pytest.mark.parametrize("measure", ["garrison_active", "central_telegraph", "killed", "government_holds"])
def test_the_ladder_draws_what_the_sentences_say(compared: Comparison, measure: str) -> None:
    """The numbers beside the rows and in the title are those of the table, shares in points; so are marks and
    axis.
    """
    ax = compared.plot.ladder(measure)
    rows = compared.effects([measure]).query("measure == @measure")
    times = 100 if (rows["unit"] == "points").all() else 1
    written = [text.get_text().replace("−", "-") for text in ax.texts]
    for row in rows.to_dict("records"):
        said = Comparison._amount({str(key): value for key, value in row.items()})
        amount, _, ends = said.replace(" points", "").replace(" h", "").partition(", ")
        if said != "no pair of histories differs":
            drawn = f"{amount} ({ends})"
            assert drawn in written
            numbers = [float(part.replace(",", "")) for part in re.findall(r"[-+]?[\d,.]+", drawn)]
            wanted = [times * row[key] for key in ("difference", "low", "high")]
            places = len(drawn.split()[0].partition(".")[2])
            assert numbers == pytest.approx(wanted, abs=0.5001 * 10.0**-places)
    marks = [
        float(x) for line in ax.lines if line.get_gid() == "effect" for x in np.asarray(line.get_xdata())
    ]
    assert sorted(marks) == pytest.approx(sorted(times * rows["difference"]))
    assert ax.get_xlim()[1] >= times * rows["high"].max()
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
    assert (effects["difference"] == 0).all()


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
    assert telegraph.loc["telegraph_held", "difference"] > 0
    assert telegraph.loc["telegraph_held", "agreed"] == "yes"
    assert (effects["low"] <= effects["difference"]).all()
    assert (effects["difference"] <= effects["high"]).all()


def test_ladder(compared: Comparison) -> None:
    """A ladder has every scenario, the largest change first."""
    ladder = compared.ladder("central_telegraph")
    assert set(ladder["scenario"]) == {"telegraph_held", "no_raid"}
    assert ladder["difference"].abs().is_monotonic_decreasing


def test_printed(compared: Comparison) -> None:
    """A comparison prints a sentence a scenario, with numbers and their doubt, and what was expected."""
    text = str(compared)
    assert text.startswith(
        "historical against 2 other scenarios: 40 histories of each on the same luck (seed 1917)."
    )
    assert "telegraph_held: If it had been otherwise, the palace would have fallen" in text
    assert "the Soviet takes Central Telegraph later: so it comes out (+" in text
    assert "For plus or minus 2 points" in text


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What if Lenin had been caught?", "If Lenin had been caught,"),
        ("Why?", "With no raid,"),
        ("", "With no raid,"),
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


# ---- where two histories part ----


def test_first_difference(compared: Comparison) -> None:
    """Two histories part at the first event that one has and the other has not; what followed rests on it."""
    parted = compared.first_difference("no_raid", world=1)
    assert parted.time is not None
    assert clock.label(parted.time) == "24 Oct 03:30"
    assert [event.text for event in parted.only[0]] == ["Alexander Kerensky: close the papers"]
    assert not parted.only[1]
    assert (parted.followed["time"] >= parted.time).all()
    assert "The histories part at 24 Oct 03:30." in str(parted)
    assert "Trud printing works: the government" in " ".join(parted.followed["event"])


def test_no_difference() -> None:
    """A history does not part from itself."""
    same = sim.compare(SHORT, SHORT.but("the same"), worlds=1, progress=False)
    assert (
        str(same.first_difference("the same"))
        == "historical and the same do not part: every event is the same."
    )


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
    assert "| telegraph_held | the Soviet takes Central Telegraph |" in page
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
    """From a single pair of histories nothing can be told."""
    effects = sim.compare(
        SHORT, varied("no_raid", d24_close_press="leave the papers"), worlds=1, progress=False
    ).effects(["palace_falls", "central_telegraph"])
    assert set(effects["agreed"]) <= {"", "open"}


def test_unlike_scenarios_are_refused() -> None:
    """Scenarios that end at different hours, or whose names make one file name, are not compared."""
    with pytest.raises(ScenarioError, match="wanted scenarios that end at one hour"):
        sim.compare(SHORT, PAST.but("longer"), worlds=1)
    with pytest.raises(ScenarioError, match="different file names"):
        sim.compare(SHORT, SHORT.but("a b"), SHORT.but("a_b"), worlds=1)
