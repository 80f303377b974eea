"""One comparison, one set of numbers: its report in words, its tables and its figures say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.text import Text

import sim
from sim.plots.style import unseen
from sim.plots.worlds import words

AMOUNT = r"([-+]?[\d,.]+)(?: points| h)?, ([-+]?[\d,.]+) to ([-+]?[\d,.]+)"
NAMES = ("loyal_garrison", "bridges_raised", "kerensky_accepts", "lantern_ready")


@pytest.fixture(scope="module")
def compared() -> sim.Comparison:
    """Five scenarios in 40 worlds, which make halves of points."""
    return sim.compare("historical", *NAMES, worlds=40, tracks=False, progress=False)


@pytest.fixture(scope="module")
def report(compared: sim.Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its report."""
    folder = tmp_path_factory.mktemp("report")
    compared.report(folder)
    return folder


def lines(report: Path) -> dict[tuple[str, str], list[str]]:
    """The table of the page: (scenario, what) -> base, other, difference, histories."""
    page = (report / "report.md").read_text(encoding="utf-8").partition("## Effects")[2]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line[:1] == "|"]
    return {(row[0], row[1]): row[2:6] for row in rows[2:]}


def sentence(report: Path, name: str) -> str:
    """The sentences of the page about a scenario."""
    page = (report / "report.md").read_text(encoding="utf-8").partition("## What comes out")[2]
    return re.sub(r"\s+", " ", page[page.index(f"{name}: If") :].partition("Expected before")[0])


def drawn(figure: Any) -> list[str]:
    """All that is written on a figure."""
    written = [text.get_text() for text in figure.findobj(Text)]
    return [text.replace("−", "-").replace("\n", " ") for text in written]


def numbers(amount: str) -> tuple[str, ...]:
    """Difference and interval of a change, as they are printed."""
    found = re.search(AMOUNT, amount)
    return found.groups() if found else ()


SAID = {
    "palace_taken": (
        "the palace falls: how often",
        r"would have fallen in (\S+ %) instead of (\S+ %) .*?\((.*?)\)",
    ),
    "government_holds": (
        "the government holds",
        r"would have held in (\S+ %) instead of (\S+ %) .*?\((.*?)\)",
    ),
    "settled": ("a settlement holds", r"A settlement: (\S+ %) instead of (\S+ %) .*?\((.*?)\)"),
    "killed": ("killed", r"Killed: (\S+) instead of (\S+) \((.*?)\)"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("measure", SAID)
def test_words_tables_and_figures_say_the_same(
    compared: sim.Comparison, report: Path, measure: str, name: str
) -> None:
    """Before, after, difference and interval are the same figures in the sentence, in the table of the page
    and beside the marks; the table of numbers has what they are rounded from.
    """
    what, pattern = SAID[measure]
    other, base, amount = re.search(pattern, sentence(report, name)).groups()  # type: ignore[union-attr]
    assert lines(report)[name, what][:3] == [base, other, amount]
    with unseen():
        ax = compared.plot.ladder(measure)
    texts, three = drawn(ax.figure), numbers(amount)
    assert not three or f"{three[0]} ({three[1]} to {three[2]})" in texts
    exact = of_table(report, name, measure)
    for text, value in zip((base, other, *three), exact, strict=False):
        places = len(text.removesuffix(" %").partition(".")[2])
        assert float(text.removesuffix(" %").replace(",", "")) == pytest.approx(
            value, abs=1.01 * 10.0**-places
        )


def of_table(report: Path, name: str, measure: str) -> Iterator[float]:
    """The numbers of effects.csv, shares in points."""
    table = pd.read_csv(report / "effects.csv").set_index(["scenario", "measure"])
    row = table.loc[name, "palace_falls" if measure == "palace_taken" else measure]
    before = "chance_" if measure == "palace_taken" else ""
    for column in ("base", "other", "difference", "low", "high"):
        yield row[before + column] * (1 if measure == "killed" else 100)


@pytest.mark.parametrize("name", ["bridges_raised", "lantern_ready"])
def test_hours_are_the_same_everywhere(compared: sim.Comparison, report: Path, name: str) -> None:
    """So are the hour of the fall, and the number of histories in which it falls in both."""
    base, other, amount, n = lines(report)[name, "the palace falls: the hour, where in both"]
    said = sentence(report, name)
    assert f"Where it falls in both ({n} of 40 histories)" in said
    assert amount in said
    if " on average " in said:
        assert f"{other} instead of {base}" in said
    with unseen():
        ladder, falls = compared.plot.ladder("palace_falls"), compared.plot.falls()
        alone = sim.Comparison((compared.base, compared[name])).plot.falls()
    three = numbers(amount)
    assert f"{three[0]} ({three[1]} to {three[2]})" in drawn(ladder.figure)
    assert any(f"in both in {n} of 40, there by {amount}" in text for text in drawn(alone))
    often = lines(report)[name, "the palace falls: how often"][1]
    whole = f"{float(often.removesuffix(' %')):.0f} %"
    assert any(
        text.startswith(f"{words(name)} fallen in ") and (often in text or whole in text)
        for text in drawn(falls)
    )


@pytest.mark.parametrize("name", NAMES)
def test_endings_are_the_same_everywhere(compared: sim.Comparison, report: Path, name: str) -> None:
    """The bars of the endings are labelled with the shares that the sentences name, but for decimals."""
    with unseen():
        first = sim.Comparison((compared.base, compared[name])).plot.endings().axes[0]
    bars = [float(x.removesuffix(" %")) for x in drawn(first) if re.fullmatch(r"[\d.]+ %", x)]
    for measure in ("settled", "undecided_held"):
        share = 100 * compared[name].measure(measure).mean()
        if share > 8:  # as wide as its figure
            assert any(bar == pytest.approx(share, abs=0.51) for bar in bars)
