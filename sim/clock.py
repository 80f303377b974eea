"""The clock of October 1917: Julian dates, Petrograd mean time, pulses and daylight."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

# The first and the last minute of whatever event is played, before one knows which that is.
OPENING, CLOSE = datetime.min, datetime.max
START = datetime(1917, 10, 24, 3, 0)
END = datetime(1917, 10, 26, 6, 0)
# The events of which there are tables, each with its first and last minute.
EVENTS = {
    "october24": (START, END),
    "october29": (datetime(1917, 10, 29, 1, 0), datetime(1917, 10, 30, 0, 0)),
}
MORNING = datetime(1917, 10, 25, 7, 0)  # the hour of a map, unless another is asked for

# Petrograd mean time (UTC+2:01), 24-26 October, Julian; computed for 59.94 N, the same to a minute on all
# three days.
# Whether the summer-time hour was still in force is unresolved: clock hours may run one hour ahead of these.
DAWN, DUSK = timedelta(hours=6, minutes=50), timedelta(hours=16, minutes=40)

_WRITTEN = re.compile(r"^\s*(\d{1,2})\s+Oct(?:ober)?\s*,?\s+(\d{1,2})[:.](\d{2})\s*$", re.IGNORECASE)


class TimeError(ValueError):
    """A time that cannot be read, is no whole minute, has a zone, or lies outside the event."""


def parse(time: str | datetime) -> datetime:
    """Read a Julian time as people write it, "24 Oct 17:00", in ISO form, or as a datetime: a whole minute,
    without a zone.

    Raises TimeError if it is none of these.

    >>> parse("24 Oct 17:00")
    datetime.datetime(1917, 10, 24, 17, 0)
    """
    if time in (OPENING, CLOSE):
        return OPENING if time == OPENING else CLOSE
    when = _read(time)
    if when.tzinfo is not None:
        raise TimeError(f"wanted a Julian time of Petrograd, without a zone, got '{time}'")
    if when.second or when.microsecond:
        raise TimeError(f"wanted a whole minute, got '{time}'")
    return when


def _read(time: str | datetime) -> datetime:
    if isinstance(time, datetime):
        return time
    try:
        if not isinstance(time, str):
            raise ValueError
        written = _WRITTEN.match(time)
        if written:
            day, hour, minute = map(int, written.groups())
            return datetime(1917, 10, day, hour, minute)
        return datetime.fromisoformat(time)
    except ValueError:
        raise TimeError(f"wanted a time such as '24 Oct 17:00', got {time!r}") from None


def minutes(time: str | datetime, start: datetime = START) -> float:
    """Minutes from `start` (24 Oct 03:00) to a time.

    >>> minutes("24 Oct 04:30")
    90.0
    """
    return (parse(time) - start).total_seconds() / 60


def moment(minute: float, start: datetime = START) -> datetime:
    """The datetime that lies `minute` minutes after `start`."""
    return start + timedelta(minutes=round(float(minute), 3))


def label(time: str | datetime | float) -> str:
    """A time as people write it.

    >>> label(90.0)
    '24 Oct 04:30'
    """
    when = moment(time) if isinstance(time, (int, float)) else _read(time)
    if when in (OPENING, CLOSE):
        return "the opening" if when == OPENING else "the end"
    when += timedelta(seconds=30)
    return f"{when.day} Oct {when:%H:%M}"


def opens(when: datetime) -> bool:
    """Whether a time is the first minute of an event."""
    return when == OPENING or any(when == first for first, _ in EVENTS.values())


def morning(start: datetime, end: datetime) -> datetime:
    """The hour of a map if none is asked for: the morning of the 25th, or what there is of the days before
    it; a quarter into days that begin later.
    """
    if start > MORNING:
        return start + timedelta(minutes=(end - start) // timedelta(minutes=4))
    return min(MORNING, end)


def within(time: str | datetime, start: datetime = START, end: datetime = END) -> datetime:
    """The time itself if it lies in the simulated days, TimeError if not."""
    when = parse(time)
    if not start <= when <= end:
        raise TimeError(f"wanted a time from '{label(start)}' to '{label(end)}', got {time!r}")
    return when


def nights(start: datetime = START, end: datetime = END) -> list[tuple[datetime, datetime]]:
    """The dark hours between two times, from civil dusk to civil dawn, clipped to the times."""
    dark = []
    midnight = datetime(start.year, start.month, start.day) - timedelta(days=1)
    while midnight < end:
        begins, ends = midnight + DUSK, midnight + timedelta(days=1) + DAWN
        if ends > start and begins < end:
            dark.append((max(begins, start), min(ends, end)))
        midnight += timedelta(days=1)
    return dark


def daylight(time: str | datetime) -> float:
    """How light it is, 0 at night to 1 by day, with a twilight of fifty minutes each way."""
    when = _read(time)
    since_midnight = timedelta(hours=when.hour, minutes=when.minute, seconds=when.second)
    twilight = timedelta(minutes=50)
    rising = (since_midnight - DAWN + twilight / 2) / twilight
    falling = (DUSK + twilight / 2 - since_midnight) / twilight
    return float(min(max(min(rising, falling), 0.0), 1.0))
