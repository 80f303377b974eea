"""The table of verbs: whom each sends, what it does by itself, and when events overtake it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sim import state
from sim.city.cast import Cast
from sim.counterfactual.scenario import Scenario
from sim.history import Choice
from sim.plan import tasks
from sim.plan.tasks import minute, names_of
from sim.state import LONG_AGO, NO_LAPSE, WHEN_FALLEN, WHEN_HELD

SALVO = 30  # shells meant where a decision names no number


@dataclass(frozen=True)
class Act:
    """One thing a decision does: rows of what the comment in state.py says."""

    does: int
    who: int = -1
    where: int = -1
    number: float = 0.0
    more: float = 0.0


@dataclass(frozen=True)
class Made:
    """A choice with what it is made against: the cast, the scenario, and the rows of decisions and tasks."""

    choice: Choice
    objects: list[str]
    cast: Cast
    scenario: Scenario
    choices: list[Choice]  # of every row
    given: list[list[int]]  # tasks of every row
    facts: dict[str, int]

    def places(self) -> list[int]:
        """The places it speaks of."""
        return [self.cast.places.index[o] for o in self.objects if o in self.cast.places.index]

    def siege(self) -> int:
        """The row of the besieged place it speaks of, by name or as one stands before it; -1 none."""
        besieged, spoken = self.cast.places.besieged.tolist(), self.places()
        rows = [k for k, place in enumerate(besieged) if place in spoken]
        return (rows or [k for k in range(len(besieged)) if self.cast.places.ring[k, spoken].any()] or [-1])[
            0
        ]

    def rows(self, decision: str) -> list[int]:
        """The rows of a decision and of its echoes."""
        return [row for row, choice in enumerate(self.choices) if choice.id.partition("+")[0] == decision]

    def number(self, param: str, otherwise: float = 0.0) -> float:
        """A parameter as a number."""
        return float(self.choice.params.get(param, otherwise))


def _confine(m: Made) -> list[Act]:
    besieged = m.cast.places.besieged.tolist()
    if m.places():
        return [Act(state.BAR, where=besieged.index(place)) for place in m.places() if place in besieged]
    return [Act(state.CONFINE)]


def _posture(m: Made) -> list[Act]:
    return [Act(state.ATTACK if "offensive" in m.objects else state.DEFEND)]


def _cut_telephone(m: Made) -> list[Act]:
    """Lines are cut at the exchange, by whoever holds it; so many are missed, or each by chance."""
    audiences, allowed = m.cast.audiences, m.choice.params.get("missed_lines")
    lines = sorted({int(m.cast.places.audience[p]) for p in m.places()}, key=lambda a: audiences.ids[a])
    missed = [-1.0 if allowed is None else float(k >= len(lines) - int(allowed)) for k in range(len(lines))]
    cut = [Act(state.UNPLUG, where=line, number=number) for line, number in zip(lines, missed, strict=True)]
    return [*cut, Act(state.UNPLUGGED, where=int(m.cast.places.roles["exchange"][0]))]


def _restore_telephone(m: Made) -> list[Act]:
    return [Act(state.PLUG, who=place, where=int(m.cast.places.audience[place])) for place in m.places()]


def _cut_power(m: Made) -> list[Act]:
    return [Act(state.DARKEN, where=place) for place in m.places()]


def _commissars(m: Made) -> list[Act]:
    earliest = minute(m.choice.params["at"], m.scenario) if "at" in m.choice.params else LONG_AGO
    return [Act(state.SEND_COMMISSAR, where=place, number=earliest) for place in m.places()]


def _accept(m: Made) -> list[Act]:
    """Accept a settlement, a demand, an order or a summons."""
    acts = [
        Act(state.SETTLE, who=row) for dropped in names_of(m.choice, "stands_down") for row in m.rows(dropped)
    ]
    for spoken in (m.choices[row] for o in m.objects for row in m.rows(o)[:1]):
        if spoken.verb in ("ultimatum", "appeal") and spoken.side * m.choice.side < 0:
            acts.append(Act(state.GIVE_UP))
        if spoken.verb == "arrest_order":
            acts.append(Act(state.DISMISS))
    return acts + ([Act(state.OPEN_WAY, number=2)] if "arms" in m.choice.params else [])


def _reject(m: Made) -> list[Act]:
    """Refuse an order or a bargain: the tasks it gave are off."""
    off = [
        Act(state.CALL_OFF, who=t) for refused in m.objects for row in m.rows(refused) for t in m.given[row]
    ]
    return ([Act(state.SHUT_WAY)] if m.choice.params.get("arms") == "0" else []) + off


def _of_siege(*does: int, **number: str) -> Callable[[Made], list[Act]]:
    """Acts before the besieged place a choice speaks of, with a number and more of its parameters."""

    def acts(m: Made) -> list[Act]:
        more = SALVO if "more" in number else 0.0
        given = m.number(number.get("number", "")), m.number(number.get("more", ""), more)
        return (
            [Act(act, where=m.siege(), number=given[0], more=given[1]) for act in does]
            if m.siege() >= 0
            else []
        )

    return acts


def _seize(m: Made) -> list[Act]:
    """To seize a besieged place without stages is to order the assault; a tight ring lets nobody out
    unasked.
    """
    k = m.siege()
    if k < 0:
        return []
    storms = "ultimatum" not in m.choice.params.get("sequence", "")
    return [Act(state.BESIEGE, where=k), *_guard(m), *([Act(state.STORM, where=k)] if storms else [])]


def _guard(m: Made) -> list[Act]:
    return [Act(state.TIGHTEN, where=m.siege())] if "tight" in m.choice.params and m.siege() >= 0 else []


def _replace_commander(m: Made) -> list[Act]:
    """A new commander instead of another, a desk in confusion, or a siege command of so many heads."""
    heads = [Act(state.TROIKA, number=m.number("heads"))] if "heads" in m.choice.params else []
    confusion = [Act(state.CONFUSE)] if "confusion" in m.choice.params else []
    gone = [Act(state.RETIRE, who=m.cast.people.index[name]) for name in names_of(m.choice, "instead")]
    return [*heads, *confusion, *gone, Act(state.CABINET)]


def _depart(m: Made) -> list[Act]:
    """People set out; a ship ordered away sails if its crew will have it."""
    goal, params, cast = m.cast.places.index[m.choice.params["to"]], m.choice.params, m.cast
    disguised, by_car = float("disguised" in params), float(params.get("transport") == "car")
    acts = []
    for name in m.objects:
        if name in cast.people.index:
            acts.append(
                Act(state.DEPART, who=cast.people.index[name], where=goal, number=disguised, more=by_car)
            )
        elif name in cast.forces.index:
            acts.append(Act(state.SAIL, who=cast.forces.index[name]))
    return acts


def _open_congress(m: Made) -> list[Act]:
    return [
        Act(
            state.CONVENE,
            number=minute(m.choice.params["planned"], m.scenario),
            more=m.number("patience_min"),
        )
    ]


def _parley(m: Made) -> list[Act]:
    """Offer a way out to who will take it; or go between the sides and be let through or not."""
    offers = "leave" in m.choice.params and m.siege() >= 0
    way = [Act(state.OPEN_WAY, where=m.siege(), number=1 + m.number("arms"))] if offers else []
    return way + [
        Act(
            state.MEDIATE,
            who=m.cast.people.index[name],
            where=place,
            number=m.facts.get(f"block:{m.choice.params.get('name', name)}", -1),
        )
        for name in names_of(m.choice, "by")
        if name in m.cast.people.index
        for place in m.places()
    ]


@dataclass(frozen=True)
class Verb:
    """A verb: whom it sends (a drafter of tasks), what it does by itself, what overtakes it, and whether it
    belongs to a siege.
    """

    sends: Callable[..., list[dict[str, Any]]] | None = None
    does: Callable[[Made], list[Act]] | None = None
    overtaken: int = NO_LAPSE
    of_siege: bool = False


VERBS: dict[str, Verb] = {
    "accept": Verb(does=_accept),
    "appeal": Verb(),
    "arrest_order": Verb(sends=tasks.arrest),
    "call": Verb(sends=tasks.call),
    "call_out": Verb(sends=tasks.call_out),
    "close_press": Verb(sends=tasks.close, overtaken=WHEN_HELD),
    "commissars": Verb(does=_commissars),
    "confine": Verb(does=_confine),
    "cut_power": Verb(does=_cut_power, overtaken=WHEN_HELD),
    "cut_telephone": Verb(does=_cut_telephone, overtaken=WHEN_HELD),
    "depart": Verb(does=_depart),
    "fire_blank": Verb(
        does=_of_siege(state.BLANK, number="readiness_min"), overtaken=WHEN_FALLEN, of_siege=True
    ),
    "guard": Verb(sends=tasks.guard, does=_guard),
    "march": Verb(sends=tasks.march, overtaken=WHEN_FALLEN),
    "nothing": Verb(),
    "open_congress": Verb(does=_open_congress),
    "parley": Verb(does=_parley, overtaken=WHEN_FALLEN, of_siege=True),
    "pause": Verb(does=_of_siege(state.PAUSE, number="minutes"), overtaken=WHEN_FALLEN, of_siege=True),
    "posture": Verb(does=_posture),
    "raise_bridge": Verb(sends=tasks.raise_bridge),
    "readiness": Verb(does=lambda m: [Act(state.READY)]),
    "reject": Verb(does=_reject),
    "replace_commander": Verb(does=_replace_commander),
    "restore_telephone": Verb(does=_restore_telephone),
    "resume_fire": Verb(
        does=_of_siege(state.RESUME, state.FIRE, number="readiness_min", more="shells"),
        overtaken=WHEN_FALLEN,
        of_siege=True,
    ),
    "seize": Verb(sends=tasks.seize, does=_seize, overtaken=WHEN_HELD),
    "ultimatum": Verb(does=_of_siege(state.SUMMON, number="minutes"), overtaken=WHEN_FALLEN, of_siege=True),
}


def orders(choice: Choice) -> list[tuple[str, list[str]]]:
    """What a choice orders: its verb with its objects, and what its `also=` adds."""
    verb, _, target = choice.params.get("also", "").partition(":")
    return [(choice.verb, list(choice.object)), *([(verb, [target])] if verb else [])]


def drafts(choice: Choice, decision: int, cast: Cast, scenario: Scenario) -> list[dict[str, Any]]:
    """The tasks a choice gives, one for every place or call."""
    found: list[dict[str, Any]] = []
    for verb, objects in orders(choice):
        sends = VERBS[verb].sends
        found += sends(choice, objects, decision, cast, scenario) if sends else []
    return found


def acts(
    choice: Choice,
    cast: Cast,
    scenario: Scenario,
    choices: list[Choice],
    given: list[list[int]],
    facts: dict[str, int],
) -> list[Act]:
    """What a choice does by itself, in its order."""
    found: list[Act] = []
    for verb, objects in orders(choice):
        does = VERBS[verb].does
        found += does(Made(choice, objects, cast, scenario, choices, given, facts)) if does else []
    return found
