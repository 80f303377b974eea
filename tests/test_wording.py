"""Numbers as words have them: shares that add up, changes that are the difference of what they change."""

from __future__ import annotations

import doctest
import re
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import wording
from sim.counterfactual import changes, measures
from sim.wording import percent, percents, told

COUNTS = st.lists(st.integers(0, 400), min_size=1, max_size=8).filter(any)


def test_nothing_goes_round_it() -> None:
    """No file of the package writes a share in per cent by itself."""
    files = Path(wording.__file__).parent.rglob("*.py")
    assert [file.name for file in files if re.search(r":\d*(\.\d)?%\}", file.read_text("utf-8"))] == []


def figure(text: str) -> Decimal:
    """The number in a figure."""
    return Decimal(text.removesuffix(" %").replace(",", "").replace("+", ""))


@pytest.mark.parametrize("module", [wording, measures, changes], ids=lambda module: module.__name__)
def test_examples(module: ModuleType) -> None:
    """The examples in the docstrings print what they say."""
    assert doctest.testmod(module).failed == 0


@given(COUNTS)
def test_shares_of_one_whole_add_up(counts: list[int]) -> None:
    """However they fall, shares of one whole add up to 100 as they are printed, and none is a last place away
    from what it is.
    """
    shares = [count / sum(counts) for count in counts]
    said = [figure(text) for text in percents(shares) if "than" not in text]
    assert sum(said) == 100 or len(said) < len(shares)
    for share, text in zip(shares, percents(shares), strict=True):
        if "than" not in text:
            assert float(figure(text)) == pytest.approx(100 * share, abs=1.0 if "." not in text else 0.1)


@given(st.integers(1, 1000), st.data())
def test_two_shares_add_up_alone(worlds: int, data: st.DataObject) -> None:
    """What happens and what does not add up to 100 even when each is said by itself: 87.5 % and 12.5 %."""
    share = data.draw(st.integers(0, worlds)) / worlds
    assert percents([share, 1 - share]) == [percent(share), percent(1 - share)]


@given(st.integers(2, 500), st.data())
def test_a_change_is_the_difference_of_what_is_printed(worlds: int, data: st.DataObject) -> None:
    """16 % instead of 12 % is four points, whatever was rounded away, and it is within a last place of the
    truth.
    """
    base, other = (data.draw(st.integers(0, worlds)) / worlds for _ in range(2))
    said = told("points", base, other, other - base, other - base - 0.1, other - base + 0.1)
    if "than" not in said.base + said.other:
        assert figure(said.difference) == figure(said.other) - figure(said.base)
    assert float(figure(said.difference)) == pytest.approx(100 * (other - base), abs=10.0**-said.digits)


def test_one_history_has_no_interval() -> None:
    """An interval without ends is said in words."""
    assert told("h", np.nan, np.nan, 0.7, -np.inf, np.inf).amount == (
        "+0.7 h, one history tells nothing of the doubt"
    )
