"""The journal: what happened when, where, to whom and because of what, in numbers; telling.py puts it into
words.
"""

from __future__ import annotations

from sim.compiled import rule
from sim.state import Event, Unit, World

(
    STANDS,
    ARRIVES,
    LEAVES,
    BLOCKED,
    TURNED_AWAY,
    TRAIN_HELD,
    TRAIN_BACK,
    REFUSES,
    WILL_NOT_SAIL,
    CAPTURE,
    BRIDGE_MOVES,
    POWER,
    TELEPHONES,
    ALARM,
    DECIDED,
    RESOLVED,
    SETS_OUT,
    REACHES,
    SEIZED,
    REPULSE,
    SHOTS,
    RING_CLOSED,
    RING_GONE,
    BLANK_SHOT,
    SHELLS,
    INFILTRATION,
    DISARMING,
    ASSAULT,
    CABINET_YIELDS,
    CONGRESS_OPENS,
    MOTION,
    WALKOUT,
    PROCLAMATION,
    ENDING,
    PRISONERS,
    LAPSED,
    GIVES_UP,
) = range(37)
# How a place was won: the detail of a CAPTURE.
HAS_IT, HANDED_OVER, OCCUPIED, GAVE_WAY, CAME_OVER, FOUGHT_FOR, NO_RESISTANCE, ENTERED, GIVEN_UP = range(9)
# What a headquarters left to itself resolves: the detail of RESOLVED.
MOBILISED, OFFENSIVE, SUMMONED, TO_BE_STORMED = range(4)
CAUSES = 5


@rule
def note(w: World, kind: int, place: int, side: int, because: int) -> int:
    """Write down an event, and return its number. Where there is no room it is counted all the same: whoever
    plays sees it, and makes room.
    """
    number = min(w.clock.events, len(w.events) - 1)
    w.clock.events += 1
    event = w.events[number]
    event.minute, event.kind, event.place, event.side = w.clock.now, kind, place, side
    event.unit, event.force, event.person, event.decision = -1, -1, -1, -1
    event.detail, event.more, event.first, event.count = 0, 0, 0, 0
    for k in range(CAUSES):
        event.because[k] = -1
    event.because[0] = because
    return number


@rule
def also_because(event: Event, cause: int) -> None:
    """Give an event a further cause."""
    for k in range(CAUSES):
        if event.because[k] < 0 or event.because[k] == cause:
            event.because[k] = cause
            return


@rule
def enrol(w: World, event: Event, unit: Unit) -> None:
    """Put a unit on the roll of those who did something."""
    if w.clock.rolls < len(w.roll):
        if event.count == 0:
            event.first = w.clock.rolls
        w.roll[w.clock.rolls] = unit.row
        event.count += 1
    w.clock.rolls += 1


@rule
def once(w: World, force: int, place: int, what: int) -> bool:
    """Whether something of a force and a place is to be written down now: it is, the first time."""
    if w.said[force, place] & what:
        return False
    w.said[force, place] |= what
    return True
