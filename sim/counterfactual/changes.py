"""The verbs that vary a scenario: cancel, delay, advance, leave, order, arrive, hold, cut, restore, loyalty,
strength, policy, parameter.

Each verb makes a `Change`, a frozen value that says one thing that is otherwise than in the record. A change
knows what it is about (`subject`) and how to say itself; whether it can be, beside the others, is asked when
the scenario is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)

from sim import clock, parameters
from sim.errors import ScenarioError, known, listed, nearest
from sim.history import Choice, History, load
from sim.wording import percent

SideName = Literal["government", "soviet"]
Caller = Literal["government", "soviet", "own"]  # "own": that of the forces, in the tables of the event
SIGN = {"government": -1, "soviet": 1}
Works = Literal["telephone", "bridge", "power"]
Errand = Literal["seize", "guard", "raise_bridge", "call"]
Time = Annotated[datetime, BeforeValidator(clock.parse), PlainSerializer(clock.label)]
Names = Annotated[
    tuple[str, ...], BeforeValidator(lambda x: (x,) if isinstance(x, str) else tuple(x)), Field(min_length=1)
]
EVERYBODY = "garrison"  # the forces of the garrison, as one word for them
GARRISON_KINDS = frozenset({"guards_regiment", "garrison_regiment", "artillery", "armoured_cars"})
OUTSIDE = "outlying"
MOST_HOURS = 51.0


class Change(BaseModel):
    """One thing that is otherwise than in the record."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    verb: str

    @property
    def subject(self) -> str:
        """What the change is about: two changes of one verb and subject contradict each other."""
        raise NotImplementedError

    def placed(self, event: str, record: History) -> Change:
        """The change in an event: what was left open (first and last minute, the forces' own side) as its
        tables have it. Raises ScenarioError.
        """
        first, last = clock.EVENTS[event]
        times = {clock.OPENING: first, clock.CLOSE: last}
        found = {
            field: times[value]
            for field in ("at", "until", "since")
            if (value := getattr(self, field, None)) in times
        }
        return self.model_copy(update=found) if found else self

    def check(self, record: History) -> None:
        """Raise ScenarioError if the change names what does not exist, or what cannot be."""

    def __str__(self) -> str:
        raise NotImplementedError


class Cancel(Change):
    """A decision that is not taken, a force that no order reaches, or somebody who is held."""

    verb: Literal["cancel"] = "cancel"
    what: str

    @property
    def subject(self) -> str:
        return self.what

    def check(self, record: History) -> None:
        names = [*record.decisions, *record.forces, *record.people]
        known("decision, force or person", self.what, names, "decisions")

    def __str__(self) -> str:
        documented = _choices(self.what)
        if documented:
            return f"{self.what}: not taken (documented: {documented[0].label})"
        if any(self.what in load(event=event).people for event in clock.EVENTS):
            return f"{self.what}: held, and out of it"
        return f"{self.what}: no order reaches it"


class Leave(Change):
    """Documented decisions that are not given: from an hour on, the policies of the two headquarters decide
    in their place.
    """

    verb: Literal["leave"] = "leave"
    decisions: Names
    since: Time = clock.OPENING

    @property
    def subject(self) -> str:
        return "decisions"

    def check(self, record: History) -> None:
        for name in self.decisions:
            known("decision", name, record.decisions, "decisions")

    def __str__(self) -> str:
        return f"left to the headquarters from {clock.label(self.since)}: {', '.join(self.decisions)}"


class Shift(Change):
    """A decision, or every order that names a force, comes so many hours later or earlier."""

    verb: Literal["delay", "advance"]
    what: str
    hours: float

    @property
    def later(self) -> float:
        """Minutes later (below zero: earlier)."""
        return 60 * self.hours * (1 if self.verb == "delay" else -1)

    @property
    def subject(self) -> str:
        return self.what

    def check(self, record: History) -> None:
        known("decision or force", self.what, [*record.decisions, *record.forces], "decisions")
        if not 0 < self.hours <= MOST_HOURS:
            raise ScenarioError(
                f"{self.verb} {self.what}: wanted more than 0 and at most {MOST_HOURS:g} hours, got "
                f"{self.hours:g}"
            )

    def __str__(self) -> str:
        what = "the decision" if _choices(self.what) else "orders that name it"
        return f"{self.what}: {what} {self.hours:g} h {'later' if self.verb == 'delay' else 'earlier'}"


class Order(Change):
    """An order that was not given: some forces are sent to a place by a side's headquarters, over its
    desk.
    """

    verb: Literal["order"] = "order"
    forces: Names
    errand: Errand
    place: str
    at: Time
    side: Caller = "own"
    men: Annotated[int, Field(gt=0, le=200_000)] | None = None
    start: str | None = None

    @property
    def subject(self) -> str:
        return f"{'+'.join(self.forces)} to {self.errand} {self.place} at {clock.label(self.at)}"

    def placed(self, event: str, record: History) -> Change:
        return _with_side(super().placed(event, record), self.side, self.forces, record)

    def check(self, record: History) -> None:
        for force in self.forces:
            known("force", force, record.forces)
        known("place", self.place, record.places)
        if self.errand == "raise_bridge":
            movable(self.place, record)
        if self.start is not None:
            known("place", self.start, record.places)
            for force in self.forces:
                if self.start not in stands(force, record):
                    raise ScenarioError(
                        f"order: wanted a place where '{force}' stands at the opening "
                        f"({listed(stands(force, record))}), got '{self.start}'"
                    )

    def __str__(self) -> str:
        men = f"{self.men} men of " if self.men else ""
        start = f" from {self.start}" if self.start else ""
        return (
            f"{clock.label(self.at)}: {_titled(self.side)} orders "
            f"{men}{' and '.join(self.forces)}{start} to {_ERRANDS[self.errand]} {self.place}"
        )


class Arrive(Change):
    """A force from outside the city stands at a place at a given hour, however it came there."""

    verb: Literal["arrive"] = "arrive"
    force: str
    place: str
    at: Time
    side: Caller = "own"
    men: Annotated[int, Field(gt=0, le=200_000)] | None = None

    @property
    def subject(self) -> str:
        return self.force

    def placed(self, event: str, record: History) -> Change:
        return _with_side(super().placed(event, record), self.side, (self.force,), record)

    def check(self, record: History) -> None:
        known("force", self.force, record.forces)
        known("place", self.place, record.places)
        home = record.forces[self.force].home
        if record.places[home].bank != OUTSIDE:
            raise ScenarioError(
                f"arrive: wanted a force from outside the city, got '{self.force}', which is at "
                f"{home} (order it instead)"
            )

    def __str__(self) -> str:
        men = f"{self.men} men of " if self.men else ""
        return (
            f"{clock.label(self.at)}: {men}{self.force} {'are' if self.men else 'is'} at {self.place}, "
            f"called by {_titled(self.side)}"
        )


class Hold(Change):
    """A side has a place from one hour to another, and nobody takes it from it; `until` the opening: it may
    be lost at once.
    """

    verb: Literal["hold"] = "hold"
    place: str
    side: SideName
    at: Time = clock.OPENING
    until: Time = clock.CLOSE

    @property
    def subject(self) -> str:
        return self.place

    def check(self, record: History) -> None:
        known("place", self.place, record.places)
        if self.until < self.at:
            raise ScenarioError(
                f"hold {self.place}: wanted an end from {clock.label(self.at)} on, got "
                f"{clock.label(self.until)}"
            )

    def __str__(self) -> str:
        if self.until == self.at and clock.opens(self.at):
            return f"{self.place}: {_titled(self.side)}'s at the opening"
        return (
            f"{self.place}: kept by {_titled(self.side)} from {clock.label(self.at)} to "
            f"{clock.label(self.until)}"
        )


class Line(Change):
    """Telephones cut off or joined, a bridge raised or let down, current off or on, by nobody's order."""

    verb: Literal["cut", "restore"]
    works: Works
    place: str
    at: Time = clock.OPENING

    @property
    def subject(self) -> str:
        return f"{self.works} of {self.place} at {clock.label(self.at)}"

    def check(self, record: History) -> None:
        known("place", self.place, record.places)
        if self.works == "bridge":
            movable(self.place, record)
        if self.works == "telephone" and not headquarters(self.place, record):
            wanted = [p.id for p in record.places.values() if headquarters(p.id, record)]
            raise ScenarioError(
                f"telephone: wanted the seat or staff of a side ({listed(wanted)}), got '{self.place}'"
            )

    def __str__(self) -> str:
        return f"{clock.label(self.at)}: {self.place}: {_WORKS[self.works][self.verb == 'restore']}"


class OfTheMoment(Change):
    """A change made to the city as it stands: at the opening, or at the `moment` of a history's turn."""

    moment: Time | None = None

    @property
    def when(self) -> str:
        """From when on it is so, in words."""
        return "at the opening" if self.moment is None else f"from {clock.label(self.moment)} on"


class Loyalty(OfTheMoment):
    """The mind of some forces at the opening: their leaning (-1 government .. +1 Soviet), and who of them has
    accepted a commissar.
    """

    verb: Literal["loyalty"] = "loyalty"
    who: str
    to: Annotated[float, Field(ge=-1, le=1)] | None = None
    by: Annotated[float, Field(ge=-2, le=2)] | None = None
    commissar: Annotated[float, Field(ge=0, le=1)] | None = None

    @property
    def subject(self) -> str:
        return self.who

    def check(self, record: History) -> None:
        members(self.who, record)
        if (self.to is None) == (self.by is None) and not (self.to is None and self.commissar is not None):
            raise ScenarioError(
                f"loyalty {self.who}: wanted to=, by= or commissar= (to and by exclude each other), "
                f"got to={self.to}, by={self.by}"
            )

    def __str__(self) -> str:
        said = (
            [f"leaning {self.to:+g}"]
            if self.to is not None
            else [f"leaning {self.by:+g} from what it was"]
            if self.by is not None
            else []
        )
        if self.commissar is not None:
            said.append(
                {0.0: "no commissar accepted", 1.0: "a commissar accepted"}.get(
                    self.commissar, f"a commissar accepted by each with chance {self.commissar:g}"
                )
            )
        return f"{self.who}: {', '.join(said)}, {self.when}"


class Strength(OfTheMoment):
    """The men and arms of some forces at the opening."""

    verb: Literal["strength"] = "strength"
    who: str
    men: Annotated[int, Field(ge=0, le=200_000)] | None = None
    times: Annotated[float, Field(ge=0, le=100)] | None = None
    arms: Annotated[float, Field(ge=0, le=1)] | None = None

    @property
    def subject(self) -> str:
        return self.who

    def check(self, record: History) -> None:
        named = members(self.who, record)
        if self.men is not None and len(named) > 1:
            raise ScenarioError(f"strength {self.who}: wanted times= for several forces, got men={self.men}")
        if (self.men is None) == (self.times is None) and not (self.men is None and self.arms is not None):
            raise ScenarioError(
                f"strength {self.who}: wanted men=, times= or arms= (men and times exclude each "
                f"other), got men={self.men}, times={self.times}"
            )

    def __str__(self) -> str:
        said = (
            [f"{self.men} men"]
            if self.men is not None
            else [f"{self.times:g} times the men"]
            if self.times is not None
            else []
        )
        said += [f"{percent(self.arms)} of them armed"] if self.arms is not None else []
        return f"{self.who}: {', '.join(said)}, {self.when}"


class Policy(OfTheMoment):
    """How a headquarters works: the odds it wants, orders an hour, and which kinds of place it thinks of
    first.
    """

    verb: Literal["policy"] = "policy"
    side: SideName
    caution: Annotated[float, Field(gt=0, le=20)] | None = None
    palace_caution: Annotated[float, Field(gt=0, le=20)] | None = None
    orders: Annotated[float, Field(gt=0, le=60)] | None = None
    first: tuple[str, ...] = ()
    rigid: bool = False  # plays the record's decisions alone, and nothing of its own

    @property
    def subject(self) -> str:
        return self.side

    def check(self, record: History) -> None:
        for kind in self.first:
            known("kind of place", kind, record.place_kinds)
        if not any((self.caution, self.palace_caution, self.orders, self.first, self.rigid)):
            raise ScenarioError(
                f"policy {self.side}: wanted caution=, palace_caution=, orders=, first= or rigid=, got none"
            )

    def __str__(self) -> str:
        said = [
            f"{words} {value:g}"
            for words, value in (
                ("odds before it sends men at a point:", self.caution),
                ("odds before it storms a besieged building:", self.palace_caution),
                ("orders an hour:", self.orders),
            )
            if value is not None
        ]
        said += [f"first of all: {', '.join(self.first)}"] if self.first else []
        said += ["decides nothing but what the record gives it"] if self.rigid else []
        said += [self.when] if self.moment else []
        return f"headquarters of {_titled(self.side)}: {'; '.join(said)}"


class Parameter(OfTheMoment):
    """A parameter at one value in all worlds."""

    verb: Literal["parameter"] = "parameter"
    name: str
    value: float

    @property
    def subject(self) -> str:
        return self.name

    def check(self, record: History) -> None:
        try:
            parameters.check(self.name, self.value)
        except parameters.ParameterError as error:
            raise ScenarioError(str(error)) from None

    def __str__(self) -> str:
        used = parameters.calibrated().get(self.name)
        if used is None:
            return f"parameter {self.name} = {self.value:g}"
        beyond = "" if parameters.in_prior(self.name, self.value) else "beyond its "
        prior = parameters.prior_in_words(self.name)
        since = f", {self.when}" if self.moment else ""
        return f"parameter {self.name} = {self.value:g} (calibrated {used:g}; {beyond}{prior}){since}"


AnyChange = Annotated[
    Cancel | Leave | Shift | Order | Arrive | Hold | Line | Loyalty | Strength | Policy | Parameter,
    Field(discriminator="verb"),
]
_ADAPTER: TypeAdapter[Any] = TypeAdapter(AnyChange)
VERBS = (
    "cancel",
    "delay",
    "advance",
    "leave",
    "order",
    "arrive",
    "hold",
    "cut",
    "restore",
    "loyalty",
    "strength",
    "policy",
    "parameter",
)
_ERRANDS: dict[str, str] = {"seize": "seize", "guard": "guard", "raise_bridge": "raise", "call": "come to"}
_WORKS: dict[str, tuple[str, str]] = {
    "telephone": ("telephones cut off", "telephones joined again"),
    "bridge": ("raised", "let down"),
    "power": ("no current", "current on again"),
}


def change(cells: dict[str, Any]) -> Change:
    """A change from its fields, as a TOML file holds them; raises ScenarioError in one line."""
    try:
        return _ADAPTER.validate_python(cells)
    except ValidationError as error:
        raise ScenarioError(_refusal(error, cells)) from None


def _refusal(error: ValidationError, cells: dict[str, Any]) -> str:
    """What is wrong with the fields of a change, in one line."""
    first, verb = error.errors()[0], cells.get("verb", "change")
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return f"change: wanted a verb ({', '.join(sorted(VERBS))}), got {verb!r}{nearest(str(verb), VERBS)}"
    field = str(first["loc"][-1]) if first["loc"] else "fields"
    if first["type"] == "missing":
        return f"{verb}: wanted {field}=, got none"
    if first["type"] == "extra_forbidden":
        return f"{verb}: unknown field '{field}'"
    wanted = (
        first["msg"].removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("wanted ")
    )
    return f"{verb}: {field}: wanted {wanted}" + ("" if ", got " in wanted else f", got {first['input']!r}")


def _make(kind: type[Change], **cells: Any) -> Change:
    try:
        return kind(**cells)
    except ValidationError as error:
        raise ScenarioError(_refusal(error, {"verb": kind.model_fields["verb"].default, **cells})) from None


def cancel(what: str) -> Change:
    """The decision is not taken; no order that names the force reaches it; or the person is held, and others
    take his decisions.

    >>> print(cancel("d24_close_press"))
    d24_close_press: not taken (documented: close the papers)
    """
    return _make(Cancel, what=what)


def leave(*decisions: str, since: str | datetime = clock.OPENING) -> Change:
    """Documented decisions are left to the policies of the two headquarters, which act on what they know from
    `since` on.

    >>> print(leave("d25_ultimatum", "d25_blank"))
    left to the headquarters from the opening: d25_ultimatum, d25_blank
    """
    return _make(Leave, decisions=decisions, since=since)


def _hours(verb: str, hours: float, minutes: float) -> float:
    try:
        return float(hours) + float(minutes) / 60
    except (TypeError, ValueError):
        raise ScenarioError(
            f"{verb}: wanted numbers of hours and minutes, got hours={hours!r}, minutes={minutes!r}"
        ) from None


def delay(what: str, *, hours: float = 0.0, minutes: float = 0.0) -> Change:
    """The decision comes later, with its own hours; or every order that names the force does.

    >>> print(delay("kronstadt_sailors", hours=6))
    kronstadt_sailors: orders that name it 6 h later
    """
    return _make(Shift, verb="delay", what=what, hours=_hours("delay", hours, minutes))


def advance(what: str, *, hours: float = 0.0, minutes: float = 0.0) -> Change:
    """The decision comes earlier, with its own hours; or every order that names the force does, as far as its
    occasion allows.
    """
    return _make(Shift, verb="advance", what=what, hours=_hours("advance", hours, minutes))


def order(
    forces: str | Iterable[str],
    errand: str,
    place: str,
    *,
    at: str | datetime,
    side: str | None = None,
    men: int | None = None,
    start: str | None = None,
) -> Change:
    """A headquarters sends forces to seize, guard, raise_bridge or be called to (`call`) a place; they may
    refuse.

    `side` is the forces' own if not given, `men` the least that go (else all), `start` a place where only the
    detachments that stand there at the opening are meant. The order takes its turn on the desk of the
    headquarters.

    >>> print(order("kexholm_regt", "seize", "state_bank", at="24 Oct 18:00", men=60))
    24 Oct 18:00: their own side orders 60 men of kexholm_regt to seize state_bank
    """
    named = (forces,) if isinstance(forces, str) else tuple(forces)
    return _make(
        Order, forces=named, errand=errand, place=place, at=at, side=side or "own", men=men, start=start
    )


def arrive(
    force: str, place: str, *, at: str | datetime, side: str | None = None, men: int | None = None
) -> Change:
    """A force from outside stands at a place at an hour, called there by a side (its own if not given); it
    makes up its own mind.
    """
    return _make(Arrive, force=force, place=place, at=at, side=side or "own", men=men)


def hold(
    place: str, side: str, *, at: str | datetime = clock.OPENING, until: str | datetime = clock.CLOSE
) -> Change:
    """A side has a place from `at`, and nobody takes it before `until`: from the first to the last minute of
    the event if they are not given; with `until` the opening hour, only the opening is changed.

    >>> print(hold("telephone_exchange", "government", until="25 Oct 12:00"))
    telephone_exchange: kept by the government from the opening to 25 Oct 12:00
    """
    return _make(Hold, place=place, side=side, at=at, until=until)


def cut(works: str, place: str, *, at: str | datetime = clock.OPENING) -> Change:
    """The telephone of a headquarters is cut off, a bridge is raised, or the power of a place fails."""
    return _make(Line, verb="cut", works=works, place=place, at=at)


def restore(works: str, place: str, *, at: str | datetime = clock.OPENING) -> Change:
    """The telephone of a headquarters is joined again, a bridge let down, or the power of a place comes
    back.
    """
    return _make(Line, verb="restore", works=works, place=place, at=at)


def loyalty(
    who: str, *, to: float | None = None, by: float | None = None, commissar: float | None = None
) -> Change:
    """The leaning of a force, of all forces of a kind, or of the garrison: set `to`, or moved `by`; and
    whether commissars are accepted.

    Leanings go from -1 (government) to +1 (Soviet). `commissar` is the chance that each force has accepted
    the committee's (1 and 0: yes and no).
    """
    return _make(Loyalty, who=who, to=to, by=by, commissar=commissar)


def strength(
    who: str, *, men: int | None = None, times: float | None = None, arms: float | None = None
) -> Change:
    """The men of a force, or of forces of a kind by a factor, and the share of them that is armed."""
    return _make(Strength, who=who, men=men, times=times, arms=arms)


def policy(
    side: str,
    *,
    caution: float | None = None,
    palace_caution: float | None = None,
    orders: float | None = None,
    first: Iterable[str] = (),
    rigid: bool = False,
) -> Change:
    """How the headquarters of a side works: odds it wants before it sends men, or storms; orders an hour on
    each of its desks; kinds of place it thinks of first. A `rigid` one plays the record's decisions and
    nothing of its own, whatever happens.
    """
    return _make(
        Policy,
        side=side,
        caution=caution,
        palace_caution=palace_caution,
        orders=orders,
        first=(first,) if isinstance(first, str) else tuple(first),
        rigid=rigid,
    )


def parameter(name: str, value: float) -> Change:
    """A parameter of the model at another value (petrograd list parameters); one beyond its prior is said in
    a warning.
    """
    made = _make(Parameter, name=name, value=value)
    if isinstance(made, Parameter):
        parameters.say_if_beyond(made.name, made.value)
    return made


def _with_side(made: Change, side: str, forces: tuple[str, ...], record: History) -> Change:
    """A change with the side of its forces, if none was given."""
    return made if side != "own" else made.model_copy(update={"side": _own_side(made.verb, forces, record)})


def _own_side(verb: str, forces: tuple[str, ...], record: History) -> str:
    for force in forces:
        known("force", force, record.forces)
    sides = {record.forces[force].side for force in forces}
    names = {sign: name for name, sign in SIGN.items()}
    if len(sides) != 1 or 0 in sides:
        raise ScenarioError(
            f"{verb} {'+'.join(forces)}: wanted side='government' or side='soviet', for they are "
            "not all of one side; got none"
        )
    return names[sides.pop()]


def _choices(decision: str) -> tuple[Choice, ...]:
    """The courses open at a decision of any event; none if there is no such decision."""
    return next(
        (
            record.decisions[decision]
            for record in (load(event=event) for event in clock.EVENTS)
            if decision in record.decisions
        ),
        (),
    )


def members(who: str, record: History) -> list[str]:
    """The forces meant by a force's id, a kind of force, or the garrison."""
    kinds = {force.kind for force in record.forces.values()}
    if who == EVERYBODY:
        return [
            f.id
            for f in record.forces.values()
            if f.kind in GARRISON_KINDS and record.places[f.home].bank != OUTSIDE
        ]
    if who in kinds:
        return [f.id for f in record.forces.values() if f.kind == who]
    known("force", who, [*record.forces, *sorted(kinds), EVERYBODY], "forces")
    return [who]


def general_first(changes: Iterable[Change], record: History) -> list[Change]:
    """Changes of minds and of men in the order in which they are made: those of many forces before those of
    few, so that what is said of a force by name counts.
    """
    return sorted(
        changes, key=lambda c: -len(members(c.who, record)) if isinstance(c, (Loyalty, Strength)) else 0
    )


def stands(force: str, record: History) -> list[str]:
    """The places where detachments of a force stand at the opening."""
    posts = [p.id for p in record.places.values() if force in p.guard]
    return sorted({record.forces[force].home, *posts})


def movable(place: str, record: History) -> None:
    """Raise ScenarioError unless a place is a bridge that can be raised."""
    spans = sorted({r.raised_bridge for r in record.routes if r.raised_bridge})
    if place not in spans:
        raise ScenarioError(f"wanted a bridge that can be raised ({listed(spans)}), got '{place}'")


def headquarters(place: str, record: History) -> bool:
    """Whether a place has telephones of its own in the model: the seats and staffs of the two sides."""
    return any(role.startswith(("seat_", "staff_")) for role in record.places[place].roles)


def _titled(side: str) -> str:
    return {"government": "the government", "soviet": "the Soviet", "own": "their own side"}[side]
