"""Whether the tables of the record agree with one another: what every id, role, verb and token may name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.history.rows import (
    OWN,
    Cell,
    Choice,
    Faction,
    Fate,
    Force,
    ForceKind,
    HistoryError,
    PartPlayed,
    Pattern,
    Person,
    Place,
    PlaceKind,
    Record,
    Route,
    moment,
)
from sim.history.vocabulary import PARAMS, QUARTERS, ROLES, TOKENS, VERBS

_WHEREABOUTS = "place or unknown or absent"
_METRIC = re.compile(r"\w+(\([\w, ]+\))? ?(<=|>=|<|>|=|in) ?[\w.()]+")


@dataclass(frozen=True)
class Tables:
    """The tables as read: every row under its number in a spreadsheet."""

    places: dict[int, Place]
    kinds: dict[int, PlaceKind]
    force_kinds: dict[int, ForceKind]
    routes: dict[int, Route]
    forces: dict[int, Force]
    people: dict[int, Person]
    choices: dict[int, Choice]
    record: dict[int, Record]
    parts: dict[int, PartPlayed]
    fates: dict[int, Fate]
    factions: dict[int, Faction]
    patterns: dict[int, Pattern]


class _Names(dict[str, frozenset[str]]):
    """The names that exist, by kind; a word that is no kind stands for itself (`home` in "place or home")."""

    def check(self, cell: Cell, kinds: str, items: Iterable[str]) -> None:
        """Raise HistoryError unless every item is a name of one of the kinds, written "place or force"."""
        known = frozenset[str]().union(*(self.get(kind, {kind}) for kind in kinds.split(" or ")))
        for item in items:
            if item not in known:
                raise cell.error(f"a known {kinds}", item, sorted(known))


def check(tables: Tables) -> None:
    """Raise HistoryError for the first thing in the tables that refers to nothing, or contradicts another."""
    _check_unique(tables)
    names = _names(tables)
    _check_places(tables, names)
    _check_routes(tables, names)
    _check_forces(tables, names)
    for row, person in tables.people.items():
        names.check(Cell("people.csv", row, "place"), _WHEREABOUTS, [person.place])
    _check_choices(tables, names)
    _check_defaults(tables)
    _check_record(tables, names)
    for row, part in tables.parts.items():
        names.check(Cell("parts_played.csv", row, "id"), "force", [part.id])
    for row, fate in tables.fates.items():
        names.check(Cell("fates.csv", row, "id"), "person", [fate.id])
        names.check(Cell("fates.csv", row, "place_25oct_2200"), _WHEREABOUTS, [fate.place_25oct_2200])


def _check_unique(tables: Tables) -> None:
    """Raise HistoryError where a name that must be used once is used again."""
    keys = {
        ("places.csv", "id"): [(row, place.id) for row, place in tables.places.items()],
        ("place_kinds.csv", "kind"): [(row, kind.kind) for row, kind in tables.kinds.items()],
        ("force_kinds.csv", "kind"): [(row, kind.kind) for row, kind in tables.force_kinds.items()],
        ("routes.csv", "to"): [(row, f"{r.start} {r.mode} {r.end}") for row, r in tables.routes.items()],
        ("forces.csv", "id"): [(row, force.id) for row, force in tables.forces.items()],
        ("people.csv", "id"): [(row, person.id) for row, person in tables.people.items()],
        ("decisions.csv", "choice"): [(row, f"{c.id} {c.choice}") for row, c in tables.choices.items()],
        ("decisions.csv", "label"): [(row, choice.label) for row, choice in tables.choices.items()],
        ("record.csv", "id"): [(row, event.id) for row, event in tables.record.items()],
        ("parts_played.csv", "id"): [(row, part.id) for row, part in tables.parts.items()],
        ("fates.csv", "id"): [(row, fate.id) for row, fate in tables.fates.items()],
        ("factions.csv", "id"): [(row, faction.id) for row, faction in tables.factions.items()],
        ("patterns.csv", "part"): [(row, pattern.part) for row, pattern in tables.patterns.items()],
    }
    for (file, column), rows in keys.items():
        first: dict[str, int] = {}
        for row, name in rows:
            if first.setdefault(name, row) != row:
                raise Cell(file, row, column).error(
                    f"a name not in use (row {first[name] % OWN} has it)", name
                )


def _names(tables: Tables) -> _Names:
    ids: dict[str, Sequence[str]] = {
        "place": [place.id for place in tables.places.values()],
        "bridge": [place.id for place in tables.places.values() if place.kind == "bridge"],
        "place kind": [kind.kind for kind in tables.kinds.values()],
        "force kind": [kind.kind for kind in tables.force_kinds.values()],
        "force": [force.id for force in tables.forces.values()],
        "person": [person.id for person in tables.people.values()],
        "decision": [choice.id for choice in tables.choices.values()],
        "row of the record": [event.id for event in tables.record.values()],
        "side": ["government", "neutral", "soviet"],
    }
    yields = [choice.params.get(key, "") for choice in tables.choices.values() for key in ("event", "name")]
    seen = [
        token for event in tables.record.values() for token in event.observable if token.startswith("event:")
    ]
    ids["event"] = [*filter(None, yields), *(re.split("[:=]", token)[1] for token in seen)]
    things = [*ids["place"], *ids["force"], *ids["person"], *ids["decision"], *ids["row of the record"]]
    ids["object"] = [*things, "garrison", "red_guard", "offensive", "defensive"]
    ids |= {"role": [*ROLES], "verb": [*VERBS], "parameter": [*PARAMS], "token": [*TOKENS]}
    return _Names({kind: frozenset(known) for kind, known in ids.items()})


def _check_places(tables: Tables, names: _Names) -> None:
    for row, place in tables.places.items():
        cell = Cell("places.csv", row, "kind")
        names.check(cell, "place kind", [place.kind])
        names.check(cell._replace(column="guard"), "force", place.guard)
        names.check(cell._replace(column="roles"), "role", place.roles)
        names.check(cell._replace(column="under_fire_of"), "place", filter(None, [place.under_fire_of]))
        if len(place.guard_men) != len(place.guard):
            wanted = f"as many numbers as there are guards ({len(place.guard)})"
            raise cell._replace(column="guard_men").error(wanted, ";".join(map(str, place.guard_men)))
        quarters = [place.id] if place.bank == "outlying" else QUARTERS
        if place.quarter not in quarters:
            wanted = "a quarter, or its own id if outlying"
            raise cell._replace(column="quarter").error(wanted, place.quarter, quarters)
    played = {role for place in tables.places.values() for role in place.roles}
    for role in ROLES:
        if role not in played:
            raise HistoryError(f"places.csv, column roles: wanted a place with the role {role!r}, found none")


def _check_routes(tables: Tables, names: _Names) -> None:
    for row, route in tables.routes.items():
        cell = Cell("routes.csv", row, "from")
        names.check(cell, "place", [route.start])
        names.check(cell._replace(column="to"), "place", [route.end])
        names.check(cell._replace(column="raised_bridge"), "bridge", filter(None, [route.raised_bridge]))
        names.check(cell._replace(column="open_bridge"), "bridge", filter(None, [route.open_bridge]))


def _check_forces(tables: Tables, names: _Names) -> None:
    for row, force in tables.forces.items():
        cell = Cell("forces.csv", row, "home")
        names.check(cell, "place", [force.home])
        names.check(cell._replace(column="parent"), "force", filter(None, [force.parent]))
        names.check(cell._replace(column="appears_by"), "decision", filter(None, [force.appears_by]))
        if not force.men_low <= force.men <= force.men_high:
            wanted = f"a number from men_low ({force.men_low}) to men_high ({force.men_high})"
            raise cell._replace(column="men").error(wanted, str(force.men))


def _check_choices(tables: Tables, names: _Names) -> None:
    for row, choice in tables.choices.items():
        cell = Cell("decisions.csv", row, "verb")
        names.check(cell, "verb", [choice.verb])
        names.check(cell._replace(column="deciders"), "person or force", choice.deciders)
        names.check(cell._replace(column="object"), "object", choice.object)
        for item in choice.requires:
            if ":" in item:
                _check_token(cell._replace(column="requires"), item, names)
            else:
                names.check(cell._replace(column="requires"), "decision", [item])
        for param, value in choice.params.items():
            names.check(cell._replace(column="params"), "parameter", [param])
            _check_param(cell._replace(column="params"), param, value, names)


def _check_param(cell: Cell, param: str, value: str, names: _Names) -> None:
    try:
        match PARAMS[param]:
            case "number":
                float(value)
            case "time":
                moment(value)
            case "token":
                _check_token(cell, value, names)
            case "order":
                verb, _, place = value.partition(":")
                names.check(cell, "verb", [verb])
                names.check(cell, "object", [place])
            case "word":
                pass
            case kinds:
                names.check(cell, kinds, value.split("+"))
    except HistoryError:
        raise
    except ValueError:
        raise cell.error(f"a {PARAMS[param]} for {param}", value) from None


def _check_token(cell: Cell, token: str, names: _Names) -> None:
    head, *parts = re.split("[:=]", token)
    names.check(cell, "token", [head])
    wanted = TOKENS[head]
    least = sum(not kinds.startswith("[") for kinds in wanted)
    if not least <= len(parts) <= len(wanted):
        raise cell.error(f"a token such as {':'.join((head, *wanted))}", token)
    for kinds, part in zip(wanted, parts, strict=False):
        if kinds.strip("[]") != "word":
            names.check(cell, kinds.strip("[]"), [part])


def _check_defaults(tables: Tables) -> None:
    decisions: dict[str, dict[int, Choice]] = {}
    for row, choice in tables.choices.items():
        decisions.setdefault(choice.id, {})[row] = choice
    for decision, choices in decisions.items():
        defaults = [row for row, choice in choices.items() if choice.default]
        if len(defaults) != 1:
            cell = Cell("decisions.csv", max(defaults, default=min(choices)), "default")
            raise cell.error(f"one default for {decision}", str(len(defaults) or "none"))
        if all(choice.verb != "nothing" for choice in choices.values()):
            cell = Cell("decisions.csv", min(choices), "verb")
            raise cell.error(f"a way to do nothing in {decision}", "none")


def _check_record(tables: Tables, names: _Names) -> None:
    for row, event in tables.record.items():
        cell = Cell("record.csv", row, "place")
        names.check(cell, "place", filter(None, [event.place]))
        names.check(cell._replace(column="actors"), "force or person", event.actors)
        names.check(cell._replace(column="causes"), "row of the record", event.causes)
        if event.end and event.end < event.start:
            raise cell._replace(column="end").error("a time not before start", event.end.isoformat())
        for token in event.observable:
            if not _METRIC.fullmatch(token):
                _check_token(cell._replace(column="observable"), token, names)
