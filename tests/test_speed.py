"""What is said of speed says what was measured."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from speed import ALL, ALONE, DUE, ONE, RULES, TWO, Timed, Took, page, table
from speed_figure import Growth, Pace, figure

WHOLE = {ONE: (10.0, 12.0, 11.0), TWO: (5.0, 6.0, 5.5), ALONE: (10.0, 30.0, 10.0)}
FEW = {RULES: (2.0, 4.0, 2.0), DUE: (20.0, 40.0, 30.0), ALL: (100.0, 200.0, 100.0)}
WALLS = WHOLE[ONE], WHOLE[TWO]
GROWTH = Growth((0.5, 1.0, 2.0), (100, 200, 400), (1, 1, 1), (4.0, 8.0, 16.0))


def test_ratios_are_those_of_the_rounds() -> None:
    """A round in which all is slow changes no ratio; the medians are those of each way."""
    pace = Pace.of(WHOLE, FEW, WALLS, 1.9, 0.0)
    assert (pace.threads, pace.due, pace.everybody) == (2.0, 10.0, 50.0)
    assert pace.whole[ALONE] == 10.0


def test_exponent() -> None:
    """Where twice the units take twice the time the power is one."""
    assert GROWTH.exponent == pytest.approx(1.0)


def test_page() -> None:
    """The page tells ratios, docked histories and tables."""
    made = table("ms", {"alone": Timed((Took(2.0, 1.0), Took(9.0, 3.0), Took(3.0, 2.0)))})
    text = "\n".join(page(Pace.of(WHOLE, FEW, WALLS, 1.9, 0.0), GROWTH, 48, {"Here": made}, "python x"))
    assert "takes 10.0 times as long as the compiled rules** if it asks those who are due, 50.0 times" in text
    assert "48 histories" in text
    assert "| alone | 2 | 3 (2 - 9) |" in text


def test_figure() -> None:
    """Every way of running has its dot, and growth has its line beside a straight one."""
    left, right = figure(Pace.of(WHOLE, FEW, WALLS, 1.9, 0.0), GROWTH).axes
    dots = {line.get_gid(): line.get_xdata()[0] for line in left.lines if line.get_gid()}
    assert dots == {ONE: 11.0, TWO: 5.5, ALONE: 10.0, RULES: 2.0, DUE: 30.0, ALL: 100.0}
    lines = {line.get_gid(): list(line.get_ydata()) for line in right.lines}
    assert lines == {"slope 1": [4.0, 8.0, 16.0], "growth": [4.0, 8.0, 16.0]}
    assert right.get_title(loc="left") == "Twice the units take 2.0 times the time"
