"""Telling: the journal of a history in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sim import journal
from sim.city.cast import Cast
from sim.plan.build import Plan
from sim.state import RELIEVED, RESTORED, SETTLED, STORMED, YIELDED

SIDE_NAMES = {-1: "government", 0: "nobody", 1: "soviet"}
SIDE_TITLES = {-1: "the government", 0: "nobody", 1: "the Soviet"}
WON = {
    journal.HAS_IT: "has it",
    journal.HANDED_OVER: "takes it; the guard sides with the commissar",
    journal.OCCUPIED: "occupies it; nobody stands in the way",
    journal.GAVE_WAY: "takes it; the guard gives way",
    journal.CAME_OVER: "takes it; the guard comes over",
    journal.FOUGHT_FOR: "takes it after a fight",
    journal.NO_RESISTANCE: "takes it; the guard does not resist",
    journal.ENTERED: "takes it; the rooms are entered",
    journal.GIVEN_UP: "takes it; it is given up",
}
ENDINGS = {
    STORMED: ("stormed", "the government is arrested"),
    YIELDED: ("yielded", "the government has given up"),
    RESTORED: ("restored", "the government holds the city again"),
    RELIEVED: ("relieved", "relief has come to the city"),
    SETTLED: ("settled", "a settlement has held"),
}
UNDECIDED = ("undecided", "nothing is decided")


@dataclass(frozen=True)
class Event:
    """One line of the chronicle; `because` holds the numbers of earlier events."""

    number: int
    minute: float
    kind: str
    place: str
    side: int
    actors: tuple[str, ...]
    because: tuple[int, ...]
    token: str
    text: str


@dataclass(frozen=True)
class Line:
    """What a teller makes of one numbered event: the sort it is of, what happened, and its token."""

    kind: str
    text: str
    token: str = ""
    actors: tuple[str, ...] = ()


class Teller:
    """Puts the events of one cast and plan into words."""

    def __init__(self, cast: Cast, plan: Plan) -> None:
        self.cast, self.plan = cast, plan
        h = cast.history
        self._names = {
            name: row.name for table in (h.people, h.forces, h.places) for name, row in table.items()
        }

    def tell(self, world: Any) -> tuple[Event, ...]:
        """Every event of a world's record, in its order."""
        count = int(world["clock"]["events"])
        return tuple(
            self._event(number, row, world["roll"]) for number, row in enumerate(world["events"][:count])
        )

    def _event(self, number: int, e: Any, roll: Any) -> Event:
        line = TELLERS[int(e["kind"])](self, e)
        first = int(e["first"])
        enrolled = tuple(self.cast.units.ids[u] for u in roll[first : first + int(e["count"])])
        return Event(
            number=number,
            minute=float(e["minute"]),
            kind=line.kind,
            place=self.place(e),
            side=int(e["side"]),
            actors=line.actors or enrolled,
            because=tuple(sorted({int(b) for b in e["because"]} - {-1})),
            token=line.token,
            text=line.text,
        )

    # ---- who and where ----

    def place(self, e: Any) -> str:
        """The id of the place of an event, or nothing."""
        return self.cast.places.ids[e["place"]] if e["place"] >= 0 else ""

    def force(self, e: Any) -> str:
        """The id of its force."""
        return self.cast.forces.ids[e["force"]]

    def unit(self, e: Any) -> tuple[str, ...]:
        """The id of the detachment that acts."""
        return (self.cast.units.ids[e["unit"]],)

    def person(self, e: Any) -> str:
        """The id of its person."""
        return self.cast.people.ids[e["person"]]

    def named(self, name: str) -> str:
        """The full name behind an id."""
        return self._names.get(name, name)

    def name_of_all(self, names: Iterable[str]) -> str:
        """Several names in a row."""
        return ", ".join(self.named(name) for name in names)

    def side_name(self, sign: int) -> str:
        """The side's id as the record has it; in a mirrored city the names go with the record."""
        return SIDE_NAMES[int(sign) * self.cast.sense]

    def side_title(self, sign: int) -> str:
        """The side as one says it."""
        return SIDE_TITLES[int(sign) * self.cast.sense]


Tell = Callable[[Teller, Any], Line]


def _stands(t: Teller, e: Any) -> Line:
    force, place = t.force(e), t.place(e)
    return Line("arrive", f"{t.named(force)}: at {t.named(place)}", f"arrive:{force}:{place}", (force,))


def _of_detachment(kind: str, text: str, token: str) -> Tell:
    def tell(t: Teller, e: Any) -> Line:
        names = {"force": t.force(e), "place": t.place(e)}
        said = text.format(force=t.named(names["force"]), place=t.named(names["place"]))
        return Line(kind, said, token.format(**names), t.unit(e))

    return tell


def _of_force(text: str) -> Tell:
    def tell(t: Teller, e: Any) -> Line:
        return Line("refuse", f"{t.named(t.force(e))}: {text}", f"refuse:{t.force(e)}", (t.force(e),))

    return tell


def _at_place(kind: str, text: str, token: str = "") -> Tell:
    def tell(t: Teller, e: Any) -> Line:
        return Line(kind, text.format(place=t.named(t.place(e))), token.format(place=t.place(e)))

    return tell


def _turned_away(t: Teller, e: Any) -> Line:
    person, choice = t.person(e), t.plan.decisions.made[e["decision"]]
    text = f"{t.named(person)} and his companions are turned away at {t.named(t.place(e))}"
    return Line("block", text, f"block:{choice.params.get('name', person)}", (person,))


def _capture(t: Teller, e: Any) -> Line:
    text = f"{t.named(t.place(e))}: {t.side_title(e['side'])} {WON[int(e['detail'])]}"
    return Line("capture", text, f"capture:{t.place(e)}:{t.side_name(e['side'])}")


def _bridge(t: Teller, e: Any) -> Line:
    word, state = ("raised", "is raised") if e["detail"] else ("lowered", "is let down")
    return Line("bridge", f"{t.named(t.place(e))} {state}", f"bridge_{word}:{t.place(e)}")


def _power(t: Teller, e: Any) -> Line:
    text, state = ("current again", "on") if e["detail"] else ("no current", "off")
    return Line("power", f"{text} at {t.named(t.place(e))}", f"power:{t.place(e)}={state}")


def _telephones(t: Teller, e: Any) -> Line:
    text, state = ("joined again", "on") if e["detail"] else ("cut off", "off")
    return Line(
        "telephones", f"the telephones of {t.named(t.place(e))} are {text}", f"phones:{t.place(e)}={state}"
    )


def _decided(t: Teller, e: Any) -> Line:
    choice = t.plan.decisions.made[e["decision"]]
    text = f"{t.name_of_all(choice.deciders)}: {choice.label}" if choice.deciders else choice.label
    return Line("decision", text, f"decision:{choice.id}", tuple(choice.deciders))


def _resolved(t: Teller, e: Any) -> Line:
    place, side = t.place(e), t.side_name(e["side"])
    said = {
        journal.MOBILISED: (
            f"{t.named(place)}: the headquarters calls its men to arms",
            f"policy:mobilised:{side}",
        ),
        journal.OFFENSIVE: (
            f"{t.named(place)}: the headquarters goes over to the offensive",
            f"policy:offensive:{side}",
        ),
        journal.SUMMONED: (f"{t.named(place)} is summoned to surrender", f"policy:summons:{place}"),
        journal.TO_BE_STORMED: (f"{t.named(place)} is to be stormed", f"policy:assault:{place}"),
    }
    return Line("decision", *said[int(e["detail"])])


def _sets_out(t: Teller, e: Any) -> Line:
    kind, person = "departure" if e["detail"] else "journey", t.person(e)
    return Line(kind, f"{t.named(person)} sets out for {t.named(t.place(e))}", f"depart:{person}", (person,))


def _reaches(t: Teller, e: Any) -> Line:
    kind, person = "departure" if e["detail"] else "journey", t.person(e)
    return Line(
        kind, f"{t.named(person)} reaches {t.named(t.place(e))}", f"arrive:{person}:{t.place(e)}", (person,)
    )


def _seized(t: Teller, e: Any) -> Line:
    person = t.person(e)
    text = "is stopped by a patrol and held" if e["detail"] else "is arrested"
    return Line("arrest", f"{t.named(person)} {text}", f"arrest:{person}", (person,))


def _repulse(t: Teller, e: Any) -> Line:
    text = f"{t.named(t.place(e))}: {t.side_title(e['detail'])}'s men come to take it and draw off"
    return Line("repulse", text, f"hold:{t.place(e)}:{t.side_name(e['side'])}")


def _prisoners(t: Teller, e: Any) -> Line:
    text = f"{t.named(t.place(e))}: {e['detail']} of the disarmed are killed after they have given in"
    return Line("prisoners", text, f"killed:{t.place(e)}")


def _proclamation(t: Teller, e: Any) -> Line:
    text = f"the congress proclaims the power of the soviets, {e['detail']} of {e['more']} delegates for it"
    return Line("congress", text, "event:proclamation_adopted")


def _ending(t: Teller, e: Any) -> Line:
    name, text = ENDINGS.get(int(e["detail"]), UNDECIDED)
    return Line("ending", text, f"ending:{name}")


TELLERS: dict[int, Tell] = {
    journal.STANDS: _stands,
    journal.ARRIVES: _of_detachment(
        "arrive", "{force}: a detachment reaches {place}", "arrive:{force}:{place}"
    ),
    journal.LEAVES: _of_detachment("leave", "{force}: a detachment leaves {place}", "leave:{force}:{place}"),
    journal.BLOCKED: _of_detachment(
        "block", "{force}: stopped at {place} and turned back", "block:{force}:{place}"
    ),
    journal.TURNED_AWAY: _turned_away,
    journal.TRAIN_HELD: _of_detachment("train", "{force}: their train is held on the line", "held:{force}"),
    journal.TRAIN_BACK: _of_detachment("train", "{force}: their train is sent back", "back:{force}"),
    journal.REFUSES: _of_force("will not go"),
    journal.WILL_NOT_SAIL: _of_force("the crew will not sail"),
    journal.CAPTURE: _capture,
    journal.BRIDGE_MOVES: _bridge,
    journal.POWER: _power,
    journal.TELEPHONES: _telephones,
    journal.ALARM: _at_place("alarm", "alarm at {place}", "event:{place}_alarm"),
    journal.DECIDED: _decided,
    journal.RESOLVED: _resolved,
    journal.SETS_OUT: _sets_out,
    journal.REACHES: _reaches,
    journal.SEIZED: _seized,
    journal.REPULSE: _repulse,
    journal.SHOTS: _at_place("shots", "shots at {place}", "shots:{place}"),
    journal.PRISONERS: _prisoners,
    journal.RING_CLOSED: _at_place("siege", "{place} is besieged", "siege:{place}"),
    journal.RING_GONE: _at_place("siege", "nobody besieges {place} any more"),
    journal.BLANK_SHOT: _at_place("guns", "a great gun is fired, blank", "event:blank_shot"),
    journal.SHELLS: _at_place("guns", "live shells are fired at {place}", "shells:{place}"),
    journal.INFILTRATION: _at_place(
        "infiltration", "the first besiegers get into {place}", "event:infiltration:{place}"
    ),
    journal.DISARMING: _at_place(
        "infiltration",
        "inside {place} the intruders begin to disarm the defenders",
        "event:disarming_reverses:{place}",
    ),
    journal.ASSAULT: _at_place("assault", "the assault on {place} begins", "event:assault:{place}"),
    journal.CABINET_YIELDS: _at_place(
        "cabinet", "the cabinet gives up further defence", "event:cabinet_yields"
    ),
    journal.CONGRESS_OPENS: _at_place(
        "congress", "the Second Congress of Soviets opens", "event:congress_open"
    ),
    journal.MOTION: _at_place(
        "congress", "the congress votes for a government of all socialist parties", "event:coalition_motion"
    ),
    journal.WALKOUT: _at_place(
        "congress", "Mensheviks and right SRs walk out of the congress", "event:walkout"
    ),
    journal.PROCLAMATION: _proclamation,
    journal.ENDING: _ending,
}
