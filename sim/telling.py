"""Telling: the journal of a history in words, a sentence an event."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sim import journal
from sim.city.cast import QUARTERS, Cast
from sim.names import Names, Said, conjugated, in_letters, listed, words
from sim.plan.build import Plan
from sim.state import RELIEVED, RESTORED, SETTLED, STORMED, YIELDED

SIDE_NAMES = {-1: "government", 0: "nobody", 1: "soviet"}
# How much a reader wants of an event: only with every other, if something came of it, or in any case.
LITTLE, SOME, MUCH = range(3)
# Decisions that are news whatever comes of them, by their verb.
NEWS = words(
    "accept reject posture ultimatum parley pause raise_bridge close_press march depart open_congress"
)
# Decisions told as what somebody decides to do: the first words of such labels.
TO_DO = words(
    "accept announce arrest ask attack bring call close concentrate confine cut disperse fire give go guard "
    "hold keep leave let occupy offer open order overrule pause press proclaim protest put raise refuse "
    "reject rely remove reopen resume retake ring scatter search seize send start starve stay storm surround "
    "take threaten try wait warn watch"
)
# How a place is won: what those do who win it, and what is said of the guard.
WON = {
    journal.OCCUPIED: ("occupies|occupy", ""),
    journal.GAVE_WAY: ("takes|take", "{guard} gives way"),
    journal.CAME_OVER: ("takes|take", "{guard} comes over"),
    journal.FOUGHT_FOR: ("takes|take", "there is a fight for it{dead}"),
    journal.NO_RESISTANCE: ("takes|take", "{guard} does not resist"),
    journal.ENTERED: ("takes|take", "the rooms are entered"),
    journal.GIVEN_UP: ("takes|take", "it is given up"),
}
ENDINGS = {
    STORMED: ("stormed", "so ends the stand of {government} in {seat}"),
    YIELDED: ("yielded", "{government} has|have given up"),
    RESTORED: ("restored", "{government} has|have the city in hand again"),
    RELIEVED: ("relieved", "relief has come to the city"),
    SETTLED: ("settled", "a settlement has held"),
}
UNDECIDED = ("undecided", "nothing is decided")
# What gunners are wanted for.
FIRING = words("fire_blank resume_fire")
# Events of detachments that are on an errand, or have been.
ON_ERRANDS = (
    journal.ARRIVES,
    journal.LEAVES,
    journal.BLOCKED,
    journal.TRAIN_HELD,
    journal.TRAIN_BACK,
    journal.CAPTURE,
)


@dataclass(frozen=True)
class Event:
    """One line of the chronicle; `because` holds the numbers of earlier events. Of events in which several
    do the same `who` says who does and `do` what they do; `weight` is how much a reader wants of it.
    """

    number: int
    minute: float
    kind: str
    place: str
    side: int
    actors: tuple[str, ...]
    because: tuple[int, ...]
    token: str
    text: str
    who: tuple[str, ...] = ()
    do: str = ""
    weight: int = MUCH


@dataclass(frozen=True)
class Line:
    """What a teller makes of one numbered event: the sort it is of, what happened, and its token; or who did
    what ("takes|take ..."), if several may do it at once.
    """

    kind: str
    text: str
    token: str = ""
    actors: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    do: str = ""
    weight: int = MUCH


def does(kind: str, who: Said, do: str, token: str = "", *, weight: int = MUCH, actors: Any = ()) -> Line:
    """A line in which somebody does something: "takes|take the State Bank"."""
    text = f"{who.text} {conjugated(do, who.many)}"
    return Line(kind, text, token, tuple(actors), (who.text,), conjugated(do, True), weight)


class Teller:
    """Puts the events of one cast and plan into words."""

    def __init__(self, cast: Cast, plan: Plan) -> None:
        self.cast, self.plan = cast, plan
        self.names = Names(cast.history)

    def tell(self, world: Any) -> tuple[Event, ...]:
        """Every event of a world's record, in its order."""
        rows = world["events"][: int(world["clock"]["events"])]
        return tuple(Entry(self, rows, world["roll"], number).told() for number in range(len(rows)))


@dataclass(frozen=True)
class Entry:
    """One numbered event among the others of its history."""

    teller: Teller
    rows: Any
    roll: Any
    number: int

    def __getitem__(self, name: str) -> int:
        return int(self.rows[self.number][name])

    def told(self) -> Event:
        """The event in words."""
        e = self.rows[self.number]
        line = TELLERS[self["kind"]](self)
        return Event(
            number=self.number,
            minute=float(e["minute"]),
            kind=line.kind,
            place=self.place,
            side=self["side"],
            actors=line.actors or self.enrolled,
            because=tuple(sorted({int(b) for b in e["because"]} - {-1})),
            token=line.token,
            text=line.text,
            who=line.who,
            do=line.do,
            weight=line.weight,
        )

    @cached_property
    def place(self) -> str:
        """The id of its place, or nothing."""
        return self.teller.cast.places.ids[self["place"]] if self["place"] >= 0 else ""

    @property
    def where(self) -> str:
        """Its place, as one says it."""
        return self.teller.names.place(self.place)

    @property
    def force(self) -> str:
        """The id of its force."""
        return self.teller.cast.forces.ids[self["force"]]

    @property
    def whole(self) -> Said:
        """Its force, as one says it."""
        return self.teller.names.force(self.force)

    @property
    def party(self) -> Said:
        """Some men of its force, as one says it."""
        return Said(self.teller.names.party(self.force), True)

    @property
    def unit(self) -> tuple[str, ...]:
        """The id of the detachment that acts."""
        return (self.teller.cast.units.ids[self["unit"]],)

    @property
    def person(self) -> str:
        """The id of its person."""
        return self.teller.cast.people.ids[self["person"]]

    @property
    def choice(self) -> Any:
        """The course taken at its decision."""
        return self.teller.plan.decisions.made[self["decision"]]

    @cached_property
    def enrolled(self) -> tuple[str, ...]:
        """The ids of the detachments on its roll."""
        first = self["first"]
        return tuple(self.teller.cast.units.ids[u] for u in self.roll[first : first + self["count"]])

    @property
    def forces(self) -> list[str]:
        """The ids of the forces on its roll, each once, in whatever order the rows stand."""
        return sorted(self.teller.cast.forces.ids[f] for f in self.forces_enrolled)

    @property
    def forces_enrolled(self) -> set[int]:
        """The rows of the forces on its roll."""
        units = self.roll[self["first"] : self["first"] + self["count"]]
        return {int(self.teller.cast.units.force[u]) for u in units}

    def side_name(self, sign: int) -> str:
        """The side's id as the record has it; in a mirrored city the names go with the record."""
        return SIDE_NAMES[sign * self.teller.cast.sense]

    def side(self, sign: int) -> Said:
        """The side as one says it."""
        return self.teller.names.side(sign * self.teller.cast.sense)

    def row(self, name: str) -> Any:
        """Its place in the tables: a row of another kind than the event, by the name of a column."""
        return getattr(self.teller.cast.history.places[self.place], name)

    @property
    def detachments(self) -> int:
        """How many detachments its force was cut into."""
        units = self.teller.cast.units
        return int(((units.force == self["force"]) & ~units.is_party).sum())

    @property
    def in_part(self) -> bool:
        """Of a refusal: whether other men of the force have gone on errands of the side that it refuses. What
        comes later is not asked: two histories that are the same until then are told the same.
        """
        for x in self.earlier(*ON_ERRANDS):
            if x["side"] == -self["side"] and self["force"] in (x["force"], *x.forces_enrolled):
                return self.detachments > 1
        return False

    @property
    def held(self) -> int:
        """Who holds its place by then, of the sides as they are numbered."""
        last = next((x for x in self.earlier(journal.CAPTURE) if x["place"] == self["place"]), None)
        return last["side"] if last else int(self.teller.cast.places.holder[self["place"]])

    def _at(self, number: int) -> Entry:
        return Entry(self.teller, self.rows, self.roll, number)

    def earlier(self, *kinds: int) -> Iterator[Entry]:
        """Earlier events of some kinds, the latest first."""
        for number in range(self.number - 1, -1, -1):
            if int(self.rows[number]["kind"]) in kinds:
                yield self._at(number)

    @property
    def cause(self) -> Entry | None:
        """The event because of which it came, if there is one."""
        first = int(self.rows[self.number]["because"][0])
        return self._at(first) if first >= 0 else None


Tell = Callable[[Entry], Line]


def _stands(e: Entry) -> Line:
    return does(
        "arrive", e.whole, f"stands|stand at {e.where}", f"arrive:{e.force}:{e.place}", actors=[e.force]
    )


def _arrives(e: Entry) -> Line:
    """A party where it was sent; a ship at its anchorage; men who turn out where they live."""
    cast = e.teller.cast
    force, place = cast.history.forces[e.force], cast.history.places[e.place]
    far = not cast.places.in_city[cast.places.index[force.home]]
    weight = MUCH if far or e.teller.names.is_seat(e.place) else LITTLE
    who, do = e.party, f"reaches|reach {e.where}"
    if force.home == e.place:
        do, weight = _at_home(e)
    elif place.kind == "anchorage":
        land = "lands|land from" if force.transport == "water" else "comes|come to the quay of"
        do = f"anchors|anchor in {e.where}" if force.kind == "ship" else f"{land} {e.where}"
        who = e.whole if force.kind == "ship" else who
    elif any(_refused_before(e, x) for x in e.earlier(journal.REFUSES)):
        do += " all the same"
    return does("arrive", who, do, f"arrive:{e.force}:{e.place}", weight=weight, actors=e.unit)


def _at_home(e: Entry) -> tuple[str, int]:
    """What men do who are wanted where they live, and its weight: they turn out, gather where nobody of
    theirs is, or stay on guard where some of them have taken the place already.
    """
    came = any(x["force"] == e["force"] for x in e.earlier(journal.ARRIVES))
    if e.teller.cast.history.places[e.place].kind in QUARTERS and not came:
        return "turns|turn out", MUCH
    if any(x["place"] == e["place"] and e["force"] in x.forces_enrolled for x in e.earlier(journal.CAPTURE)):
        return f"stays|stay on guard at {e.where}", LITTLE
    do = "gathers|gather" if e["side"] and e.held != e["side"] else "stands|stand guard"
    return f"{do} at {e.where}", LITTLE


def _refused_before(e: Entry, refusal: Entry) -> bool:
    """Whether those who come are the very men who had refused to come for that side."""
    return refusal["force"] == e["force"] and refusal["side"] == -e["side"] and e.detachments == 1


def _leaves(e: Entry) -> Line:
    besieged = e["place"] in e.teller.cast.places.besieged
    token, weight = f"leave:{e.force}:{e.place}", MUCH if besieged else LITTLE
    return does("leave", e.party, f"leaves|leave {e.where}", token, weight=weight, actors=e.unit)


def _blocked(e: Entry) -> Line:
    do = f"is|are stopped at {e.where} and turned back"
    return does("block", e.party, do, f"block:{e.force}:{e.place}", actors=e.unit)


def _turned_away(e: Entry) -> Line:
    person = e.person
    text = f"{e.teller.names.person(person).text} and his companions are turned away at {e.where}"
    return Line("block", text, f"block:{e.choice.params.get('name', person)}", (person,))


def _train(other: int, do: str, token: str, weight: int) -> Tell:
    """A train held or sent back; another one than that of which the other was told."""

    def tell(e: Entry) -> Line:
        before = [x for x in e.earlier(other) if x["force"] == e["force"]]
        another = bool(before) and before[0]["unit"] != e["unit"]
        who = Said(f"{'another' if another else 'a'} train with {e.party.text}")
        return does("train", who, do, token.format(force=e.force), weight=weight, actors=e.unit)

    return tell


def _refuses(e: Entry) -> Line:
    """A force of one detachment that does not go for a side, or men of a force of several; gunners who do not
    serve the guns.
    """
    some = Said(f"some {e.party.text}", True) if e.in_part else e.party
    who = some if e.detachments > 1 else e.whole
    cause, kind = e.cause, e.teller.cast.history.forces[e.force].kind
    fire = cause is not None and cause["kind"] == journal.DECIDED and cause.choice.verb in FIRING
    do = "serve the guns" if fire and kind == "artillery" else "march"
    text = f"refuses|refuse to {do} for {e.side(-e['side']).text}"
    return does("refuse", who, text, f"refuse:{e.force}", actors=[e.force])


def _will_not_sail(e: Entry) -> Line:
    who = Said(f"the crew of {e.whole.text}")
    return does("refuse", who, "refuses|refuse to sail", f"refuse:{e.force}", actors=[e.force])


def _at_place(kind: str, text: str, token: str = "") -> Tell:
    return lambda e: Line(kind, text.format(place=e.where), token.format(place=e.place))


def _capture(e: Entry) -> Line:
    how, sign = e["detail"], e["side"]
    token, side = f"capture:{e.place}:{e.side_name(sign)}", e.side(sign)
    weight = LITTLE if e.row("kind") == "anchorage" else MUCH
    if how == journal.HAS_IT:
        return Line("capture", f"{e.where} is in the hands of {side.text}", token)
    if how == journal.HANDED_OVER:
        guard = f": its guard, {e.teller.names.those(e.forces)}, obeys the commissar" if e.forces else ""
        return Line("capture", f"{e.where} goes over to {side.text}{guard}", token)
    do, guarded = WON[how]
    homes = {e.teller.cast.history.forces[force].home for force in e.forces}
    had = sign == e.teller.cast.places.holder[e["place"]] or any(
        x["place"] == e["place"] and x["side"] == sign for x in e.earlier(journal.CAPTURE)
    )
    do = "holds|hold" if how == journal.OCCUPIED and homes == {e.place} else do
    do = "lies|lie in" if weight == LITTLE else "retakes|retake" if had else do
    who = Said(e.teller.names.those(e.forces), True) if e.forces else side
    whose = f" for {side.text}" if e.forces else ""
    dead = f", and {in_letters(e['more'])} {'are' if e['more'] > 1 else 'is'} killed" if e["more"] else ""
    then = guarded.format(guard=_guard(e), dead=dead)
    text = f"{who.text} {conjugated(do, who.many)} {e.where}{whose}{'; ' * bool(then)}{then}"
    return Line("capture", text, token, weight=weight)


def _guard(e: Entry) -> str:
    """The guard that gives a place up: who leave it in the same minute."""
    left = []
    for x in e.earlier(journal.LEAVES):
        if x.rows[x.number]["minute"] < e.rows[e.number]["minute"]:
            break
        if x["place"] == e["place"] and x["side"] == -e["side"]:
            left.append(x.force)
    return f"the guard ({e.teller.names.those(sorted(set(left)))})" if left else "the guard"


def _bridge(e: Entry) -> Line:
    word, state = ("raised", "is|are raised") if e["detail"] else ("lowered", "is|are let down")
    return does("bridge", Said(e.where), state, f"bridge_{word}:{e.place}")


def _power(e: Entry) -> Line:
    do, state = ("burn again", "on") if e["detail"] else ("go out", "off")
    return does("power", Said(f"the lights of {e.where}", True), do, f"power:{e.place}={state}")


def _telephones(e: Entry) -> Line:
    do, state = ("are joined again", "on") if e["detail"] else ("are cut off", "off")
    return does("telephones", Said(f"the telephones of {e.where}", True), do, f"phones:{e.place}={state}")


# Why a decision lapses, or several of them, by the numbers of state.py; and of one alone.
WHY_LAPSED = (
    "nobody is left to take it|them",
    "what it|they was|were to follow has lapsed",
    "its|their occasion has not come in time",
    "the place is in their hands already",
    "what it|they was|were about has changed hands",
    "their seat is lost",
    "the siege is over",
    "a settlement binds them",
)
LAPSES = tuple(conjugated(why, False) for why in WHY_LAPSED)


def _alarm(e: Entry) -> Line:
    """A headquarters takes alarm, and at what: a place is lost, a bridge raised, or its own line dead."""
    cause, what = e.cause, "finds its telephones dead"
    if cause is not None and cause["kind"] == journal.CAPTURE:
        lost = cause["side"] != e["side"]
        state = "is lost" if lost else "is raised" if cause.row("kind") == "bridge" else "is taken"
        raid = lost and cause.row("kind") == "press"
        what = f"learns of the raid on {cause.where}" if raid else f"learns that {cause.where} {state}"
    return Line("alarm", f"{e.where} {what}", f"event:{e.place}_alarm")


def _decided(e: Entry) -> Line:
    choice = e.choice
    who, label = e.teller.names.people(choice.deciders), choice.label
    first, forces = label.split()[0], e.teller.cast.history.forces
    if first in TO_DO and choice.deciders:
        text = f"{who.text} {conjugated('decides|decide', who.many)} to {label}"
    elif who.text.startswith(first) or not choice.deciders:
        text = label
    elif all(name in forces for name in choice.deciders):  # they say themselves what they do
        text = re.sub(r"^([\w-]+( [\w-]+)?) to ", r"\1 go to ", label)
    elif first == "the":
        text = f"{label} ({who.text})"
    elif re.match(r"(?!no )[\w-]+( [\w-]+)? to (?!come)", label):
        ship = any(e.teller.names.force(name).text == f"the {first}" for name in forces)
        text = f"{who.text} {conjugated('sends|send', who.many)} {'the ' * ship}{label}"
    else:
        text = f"{who.text}: {label}"
    weight = MUCH if choice.verb in NEWS else SOME
    token, actors = f"decision:{choice.id}", tuple(choice.deciders)
    return Line("decision", text, token, actors, (who.text,) if actors else (), weight=weight)


def _resolved(e: Entry) -> Line:
    side = e.side_name(e["side"])
    said = {
        journal.MOBILISED: (f"{e.where} calls its men to arms", f"policy:mobilised:{side}"),
        journal.OFFENSIVE: (f"{e.where} goes over to the offensive", f"policy:offensive:{side}"),
        journal.SUMMONED: (f"{e.where} is summoned to surrender", f"policy:summons:{e.place}"),
        journal.TO_BE_STORMED: (f"{e.where} is to be stormed", f"policy:assault:{e.place}"),
    }
    return Line("decision", *said[e["detail"]])


def _walks(do: str, token: str) -> Tell:
    """Somebody on the way: of a departure in any case, of other walks only with all else."""

    def tell(e: Entry) -> Line:
        kind, weight = ("departure", MUCH) if e["detail"] else ("journey", LITTLE)
        who, said = e.teller.names.person(e.person), token.format(person=e.person, place=e.place)
        return does(kind, who, f"{do} {e.where}", said, weight=weight, actors=[e.person])

    return tell


def _seized(e: Entry) -> Line:
    do = "is|are stopped by a patrol and held" if e["detail"] else "is|are arrested"
    return does("arrest", e.teller.names.person(e.person), do, f"arrest:{e.person}", actors=[e.person])


def _repulse(e: Entry) -> Line:
    """Who came to take a place are beaten off by its holder; where there is none they turn away."""
    names, fort = e.teller.names, e.row("under_fire_of")
    do = f"are beaten off at {e.where}"
    if not e["side"]:
        do = f"draw off from {e.where}" + (f", under the guns of {names.place(fort)}" if fort else "")
    each = dict.fromkeys(f"the {names.members(force)}" for force in e.forces)
    who = tuple(each) or (f"the men of {e.side(e['detail']).text}",)
    return Line("repulse", f"{listed(who)} {do}", f"hold:{e.place}:{e.side_name(e['side'])}", (), who, do)


def _blank(e: Entry) -> Line:
    """The signal shot, by whose gun the decision named."""
    for x in e.earlier(journal.DECIDED):
        if x.choice.verb == "fire_blank" and "by" in x.choice.params:
            who = e.teller.names.force(x.choice.params["by"].partition("+")[0])
            return Line(
                "guns", f"{who.text} {conjugated('fires|fire', who.many)} a blank round", "event:blank_shot"
            )
    return Line("guns", "a great gun fires a blank round", "event:blank_shot")


def _prisoners(e: Entry) -> Line:
    dead = Said(f"{in_letters(e['detail'])} of the disarmed", e["detail"] > 1)
    return does("prisoners", dead, f"is|are killed at {e.where} after giving in", f"killed:{e.place}")


def _lapsed(e: Entry) -> Line:
    """A decision that comes to nothing, and why."""
    do = f"is|are dropped: {WHY_LAPSED[e['detail']]}"
    label, actors = Said(f'"{e.choice.label}"'), tuple(e.choice.deciders)
    return does("lapse", label, do, f"lapse:{e.choice.id}", weight=LITTLE, actors=actors)


def _gives_up(e: Entry) -> Line:
    do = f"gives|give up {e.where}, their cause being lost"
    return does("departure", e.party, do, f"gives_up:{e.force}", actors=e.unit)


def _proclamation(e: Entry) -> Line:
    text = f"the congress proclaims the power of the soviets, {e['detail']} of {e['more']} delegates for it"
    return Line("congress", text, "event:proclamation_adopted")


def _ending(e: Entry) -> Line:
    name, text = ENDINGS.get(e["detail"], UNDECIDED)
    names = e.teller.names
    government = names.side(-1)  # of the record, whichever way the city is turned
    said = text.format(government=government.text, seat=names.place(names.seat))
    return Line("ending", conjugated(said, government.many), f"ending:{name}")


TELLERS: dict[int, Tell] = {
    journal.STANDS: _stands,
    journal.ARRIVES: _arrives,
    journal.LEAVES: _leaves,
    journal.BLOCKED: _blocked,
    journal.TURNED_AWAY: _turned_away,
    journal.TRAIN_HELD: _train(journal.TRAIN_BACK, "is|are held on the line", "held:{force}", LITTLE),
    journal.TRAIN_BACK: _train(journal.TRAIN_HELD, "is|are sent back", "back:{force}", MUCH),
    journal.REFUSES: _refuses,
    journal.WILL_NOT_SAIL: _will_not_sail,
    journal.CAPTURE: _capture,
    journal.BRIDGE_MOVES: _bridge,
    journal.POWER: _power,
    journal.TELEPHONES: _telephones,
    journal.ALARM: _alarm,
    journal.DECIDED: _decided,
    journal.RESOLVED: _resolved,
    journal.SETS_OUT: _walks("sets|set out for", "depart:{person}"),
    journal.REACHES: _walks("reaches|reach", "arrive:{person}:{place}"),
    journal.SEIZED: _seized,
    journal.REPULSE: _repulse,
    journal.SHOTS: _at_place("shots", "shots are fired at {place}", "shots:{place}"),
    journal.PRISONERS: _prisoners,
    journal.LAPSED: _lapsed,
    journal.GIVES_UP: _gives_up,
    journal.RING_CLOSED: _at_place("siege", "{place} is surrounded", "siege:{place}"),
    journal.RING_GONE: _at_place("siege", "nobody surrounds {place} any more"),
    journal.BLANK_SHOT: _blank,
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
        "cabinet", "those who govern in {place} give up further defence", "event:cabinet_yields"
    ),
    journal.CONGRESS_OPENS: _at_place(
        "congress", "the Second Congress of Soviets opens in {place}", "event:congress_open"
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


def sentence(events: Sequence[Event], most: int = 0) -> str:
    """Several events in which the same is done as one sentence; of more than `most` names the rest is
    counted.
    """
    if len(events) == 1 or not events[0].do:
        return events[0].text
    return f"{listed((name for e in events for name in e.who), most)} {events[0].do}"
