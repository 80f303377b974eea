"""The clock of October 1917: Julian times as people write them, minutes, pulses and daylight."""

from __future__ import annotations

import doctest
from datetime import datetime, timedelta

import pytest

from sim import clock


@pytest.mark.parametrize(
    "written",
    ["24 Oct 17:00", "24 October 17.00", "24 oct, 17:00", "1917-10-24T17:00", datetime(1917, 10, 24, 17)],
)
def test_times_as_people_write_them(written: str | datetime) -> None:
    """One hour may be written in several ways."""
    assert clock.parse(written) == datetime(1917, 10, 24, 17)


@pytest.mark.parametrize("written", ["noon", "24 Oct", "24 Oct 25:00", "32 Oct 12:00", ""])
def test_unreadable_time(written: str) -> None:
    """What is no time is refused with an example of one."""
    with pytest.raises(clock.TimeError, match="wanted a time such as '24 Oct 17:00'"):
        clock.parse(written)


@pytest.mark.parametrize("minute", [0.0, 90.0, 1260.0, 3060.0])
def test_minutes_and_moments_are_inverse(minute: float) -> None:
    """A minute's moment, and its label, give the minute back."""
    assert clock.minutes(clock.moment(minute)) == minute
    assert clock.minutes(clock.label(minute)) == minute


def test_labels_round_to_the_minute() -> None:
    """A label names the nearest minute."""
    assert clock.label(90.6) == "24 Oct 04:31"


@pytest.mark.parametrize("time", ["24 Oct 02:59", "26 Oct 06:01"])
def test_outside_the_three_days(time: str) -> None:
    """A time before the start or after the end is refused with the bounds."""
    with pytest.raises(clock.TimeError, match="from '24 Oct 03:00' to '26 Oct 06:00'"):
        clock.within(time)


def test_the_bounds_are_inside() -> None:
    """The first and the last minute belong to the three days."""
    assert (clock.within(clock.START), clock.within(clock.END)) == (clock.START, clock.END)


def test_nights() -> None:
    """The three days have three nights, the first and last cut off by start and end."""
    nights = clock.nights()
    assert (nights[0][0], nights[-1][1]) == (clock.START, clock.END)
    assert [end - start for start, end in nights[1:-1]] == [clock.DAWN + timedelta(days=1) - clock.DUSK]


@pytest.mark.parametrize(
    ("time", "light"),
    [
        ("24 Oct 12:00", 1.0),
        ("24 Oct 23:00", 0.0),
        ("25 Oct 03:00", 0.0),
        ("25 Oct 06:50", 0.5),
        ("25 Oct 16:40", 0.5),
    ],
)
def test_daylight(time: str, light: float) -> None:
    """It is light at noon, dark at night, and half light at civil dawn and dusk."""
    assert clock.daylight(time) == pytest.approx(light)


def test_examples() -> None:
    """The examples in the docstrings print what they say."""
    assert doctest.testmod(clock).failed == 0
