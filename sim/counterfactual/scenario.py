"""A scenario: a frozen value that says which choices were made, and what else is otherwise than in the
record.
"""

from __future__ import annotations

import runpy
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from sim import clock, history, parameters
from sim.counterfactual import measures
from sim.counterfactual.changes import (
    Arrive,
    Cancel,
    Change,
    Hold,
    Leave,
    Loyalty,
    Order,
    Parameter,
    Policy,
    Shift,
    Strength,
    change,
    members,
)
from sim.errors import ScenarioError, known, listed, nearest, number

__all__ = ["Scenario", "ScenarioError", "find_choice", "from_toml", "names", "scenario", "scenarios"]
PASTS = {"october24": "historical", "october29": "cadet_rising"}
SHORTEST = timedelta(minutes=5)
SIGNS = {"+": "more, or later", "-": "less, or earlier", "0": "hardly any change"}


@dataclass(frozen=True, repr=False)
class Scenario:
    """What is given to a history: decisions taken, changes of the opening and of what comes from outside,
    start and end.

    `opening` names the event whose tables it plays, `tables` a folder of tables of one's own over them (with
    the hash of what stands there), `start` and `end` lie within that event. `choices` and
    `changes` hold only what differs from the record: (decision id, choice id), and what the verbs make.
    `expects` says in words what was expected before it was run, `expected` the same as signs: (measure, "+",
    "-" or "0"). A scenario that contradicts itself is refused when it is made, with ScenarioError.
    """

    name: str
    question: str = ""
    expects: str = ""
    expected: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    opening: str = "october24"
    start: datetime = clock.START
    end: datetime = clock.END
    resolution: float = 1.0
    tables: str = ""
    tables_digest: str = ""

    def __post_init__(self) -> None:
        if self.tables:  # worlds of the same folder with other tables in it are another scenario's
            object.__setattr__(self, "tables_digest", history.digest(self.tables))
        try:
            _event(self.opening)
            times = {field: clock.parse(getattr(self, field)) for field in ("start", "end")}
            placed = tuple(made.placed(self.opening, self.record) for made in self.changes)
            for field, value in {**times, "changes": placed}.items():
                object.__setattr__(self, field, value)
            _check(self)
        except (ScenarioError, clock.TimeError) as error:
            raise ScenarioError(f"{self.name}: {error}") from None

    def but(
        self,
        name: str,
        *changes: Change,
        question: str = "",
        expects: str = "",
        expected: Mapping[str, str] | None = None,
        sources: Iterable[str] = (),
        tables: str | Path = "",
        **decisions: str,
    ) -> Scenario:
        """The same scenario with some decisions taken otherwise, by label or choice id, and further changes
        made by the verbs; `tables` is a folder of tables of one's own (docs/extend.md).

        Raises ScenarioError for a name that does not exist, with the nearest, and for changes that contradict
        each other.
        """
        if not isinstance(name, str) or not name:
            raise ScenarioError(f"but: wanted a name for the scenario, got {name!r}")
        chosen, tables = dict(self.choices), str(tables) or self.tables
        record = history.load(event=self.opening, tables=tables)
        for decision, choice in decisions.items():
            found = find_choice(name, decision, choice, record)
            chosen[decision] = found.choice
            if found.default:
                del chosen[decision]
        for made in changes:
            if not isinstance(made, Change):
                raise ScenarioError(
                    f"{name}: wanted a change such as sim.delay('kronstadt_sailors', hours=6), got {made!r}"
                )
        return replace(
            self,
            name=name,
            question=question,
            expects=expects,
            sources=(sources,) if isinstance(sources, str) else tuple(sources),
            expected=tuple((expected or {}).items()),
            choices=tuple(sorted(chosen.items())),
            changes=_in_order(_over(self.changes, changes)),
            tables=tables,
        )

    @property
    def record(self) -> history.History:
        """The tables of its event; raises HistoryError for an event of which there are none."""
        if self.tables and history.digest(self.tables) != self.tables_digest:
            raise ScenarioError(
                f"{self.name}: the tables in '{self.tables}' have changed since it was made; make it again"
            )
        return history.load(event=self.opening, tables=self.tables)

    @property
    def past(self) -> str:
        """The scenario of its event in which nothing is otherwise than in the record."""
        return PASTS[self.opening]

    @property
    def settings(self) -> dict[str, float]:
        """Parameters that it sets itself, for all worlds."""
        return {made.name: made.value for made in self.changes if isinstance(made, Parameter)}

    def chosen(self, record: history.History) -> list[history.Choice]:
        """The choice made at every decision, in the order of the table."""
        taken = dict(self.choices)
        return [
            next(c for c in rows if c.choice == taken.get(decision, rows[0].choice))
            for decision, rows in record.decisions.items()
        ]

    def __str__(self) -> str:
        lines = [
            f"{self.name}: {self.question}" if self.question else self.name,
            *(f"  {line}" for line in self.differences()),
        ]
        return "\n".join(lines if len(lines) > 1 else [*lines, "  differs in nothing from the record"])

    __repr__ = __str__

    def differences(self) -> list[str]:
        """A line for everything that is otherwise than in the record."""
        decisions = self.record.decisions
        lines = []
        for decision, choice in self.choices:
            made = next(c for c in decisions[decision] if c.choice == choice)
            lines.append(f"{decision}: {made.label} (documented: {decisions[decision][0].label})")
        lines += [str(made) for made in self.changes]
        if (self.start, self.end) != clock.EVENTS[self.opening]:
            lines.append(f"from {clock.label(self.start)} to {clock.label(self.end)}")
        if self.tables:
            lines.append(f"with the tables in {self.tables}")
        if self.resolution != 1.0:
            lines.append(f"cut into {self.resolution:g} times as many detachments")
        return lines

    def first_change(self) -> datetime | None:
        """The hour of the first thing that is otherwise, as far as it has an hour; None if only the opening
        or nothing differs.
        """
        record = self.record
        hours = [
            min(c.at for c in record.decisions[d] if c.default or c.choice == choice)
            for d, choice in self.choices
        ]
        hours += [
            made.at
            for made in self.changes
            if isinstance(made, (Order, Arrive, Hold)) and made.at > self.start
        ]
        hours += [
            record.decisions[m.what][0].at
            for m in self.changes
            if isinstance(m, (Shift, Cancel)) and m.what in record.decisions
        ]
        return min(hours, default=None)

    def toml(self) -> str:
        """The scenario as TOML text, from which `from_toml` makes an equal one."""
        import tomli_w

        told: dict[str, Any] = {
            "name": self.name,
            "question": self.question,
            "expects": self.expects,
            "sources": list(self.sources),
            "opening": "" if self.opening == "october24" else self.opening,
            "start": clock.label(self.start),
            "end": clock.label(self.end),
            "resolution": self.resolution,
            "tables": self.tables,
            "tables_digest": self.tables_digest,
            "decisions": dict(self.choices),
            "expected": dict(self.expected),
            "changes": [made.model_dump(mode="json", exclude_none=True) for made in self.changes],
        }
        return tomli_w.dumps(
            {key: value for key, value in told.items() if value not in ("", [], {})}, multiline_strings=False
        )

    def save(self, path: str | Path) -> Path:
        """Write the scenario to a TOML file, which `sim.scenario` and the command line read."""
        target = Path(path)
        target.write_text(self.toml(), encoding="utf-8")
        return target


def _over(old: tuple[Change, ...], new: tuple[Change, ...]) -> tuple[Change, ...]:
    """Old changes and new ones; a parameter may be set again."""
    again = {made.name for made in new if isinstance(made, Parameter)}
    kept = [made for made in old if not (isinstance(made, Parameter) and made.name in again)]
    return (*kept, *new)


def _in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes in one order, however they were given."""
    return tuple(sorted(changes, key=lambda made: (made.verb, made.model_dump_json())))


def _event(opening: str) -> tuple[datetime, datetime]:
    """The first and last minute of an event; ScenarioError if there are no tables of it."""
    if opening not in clock.EVENTS:
        raise ScenarioError(
            f"opening: wanted an event of which there are tables ({listed(clock.EVENTS)}), got "
            f"'{opening}'{nearest(opening, clock.EVENTS)}"
        )
    return clock.EVENTS[opening]


def _check(s: Scenario) -> None:
    (first, last), record = _event(s.opening), s.record
    if not s.name or "/" in s.name or s.name.startswith(".") or not s.name.isprintable():
        wanted = "a name in one line, without '/' and not beginning with '.'"
        raise ScenarioError(f"wanted {wanted}, got {s.name!r}")
    if s.end - s.start < SHORTEST:
        hours = f"{clock.label(s.start)} and {clock.label(s.end)}"
        raise ScenarioError(f"wanted an end five minutes or more after the start, got {hours}")
    if s.start != first or s.end > last:
        wanted = (
            f"a start at '{clock.label(first)}' (the opening is that of the tables) and an end by "
            f"'{clock.label(last)}'"
        )
        raise ScenarioError(f"wanted {wanted}; got {s.start} and {s.end}")
    if not 0 < s.resolution <= 20:
        raise ScenarioError(f"resolution: wanted a number above 0 and at most 20, got {s.resolution!r}")
    for decision, choice in s.choices:
        _known_choice(decision, choice, record)
    for name, sign in s.expected:
        known("measure", name, measures.names(record.places), "measures")
        if sign not in SIGNS:
            raise ScenarioError(f"expected {name}: wanted one of {', '.join(SIGNS)}, got {sign!r}")
    for made in s.changes:
        made.check(record)
        _in_time(s, made)
    _no_two(s)
    for made in s.changes:
        _CHECKS.get(type(made), lambda *_: None)(s, made, record)


def _in_time(s: Scenario, made: Change) -> None:
    first, last = clock.EVENTS[s.opening]
    for field in ("at", "until"):
        when = getattr(made, field, None)
        if when is not None and not first <= when <= last:
            raise ScenarioError(
                f"{made.verb} {made.subject}: wanted a time from '{clock.label(first)}' to "
                f"'{clock.label(last)}', got '{clock.label(when)}'"
            )


def _no_two(s: Scenario) -> None:
    """No two changes of one sort about one thing."""
    seen: dict[tuple[type[Change], str], Change] = {}
    for made in s.changes:
        other = seen.setdefault((type(made), made.subject), made)
        if other is not made and not isinstance(made, Hold):
            again = (
                f"{made.verb} {made.subject}: changed twice"
                if other != made
                else f"{made.verb} {made.subject}: said twice"
            )
            raise ScenarioError(f"{again} ({other}; {made})")
        if (
            other is not made
            and isinstance(made, Hold)
            and isinstance(other, Hold)
            and made.at <= other.until
            and other.at <= made.until
        ):
            raise ScenarioError(f"hold {made.place}: kept twice at once ({other}; {made})")


def _check_cancel(s: Scenario, made: Cancel, record: history.History) -> None:
    if made.what in dict(s.choices):
        raise ScenarioError(
            f"cancel {made.what}: it cannot be left undone and taken otherwise "
            f"('{dict(s.choices)[made.what]}') at once"
        )
    for other in s.changes:
        if isinstance(other, Shift) and other.what == made.what:
            raise ScenarioError(
                f"cancel {made.what}: it cannot be cancelled and come at another hour ({other})"
            )
        if (isinstance(other, Order) and made.what in other.forces) or (
            isinstance(other, Arrive) and other.force == made.what
        ):
            raise ScenarioError(f"cancel {made.what}: no order reaches it, and yet: {other}")
    _named_somewhere(s, made, record)


def _check_shift(s: Scenario, made: Shift, record: history.History) -> None:
    if made.what in record.decisions:
        choice = next(c for c in s.chosen(record) if c.id == made.what)
        if choice.verb == "nothing":
            raise ScenarioError(
                f"{made.verb} {made.what}: nothing is decided there ('{choice.label}'), so nothing "
                "can come at another hour"
            )
        if (
            choice.mode == "initiative"
            and made.later < 0
            and choice.at.timestamp() + 60 * made.later < s.start.timestamp()
        ):
            raise ScenarioError(
                f"{made.verb} {made.what}: wanted an hour from {clock.label(s.start)} on, got "
                f"{made.hours:g} h before {clock.label(choice.at)}"
            )
        if choice.mode == "reaction" and (choice.lag_min or 0) + made.later < 0:
            lag = (choice.lag_min or 0) / 60
            raise ScenarioError(
                f"{made.verb} {made.what}: it answers to what happens, and comes {lag:g} h after; "
                f"it cannot come {made.hours:g} h sooner than that"
            )
    _named_somewhere(s, made, record)


def _named_somewhere(s: Scenario, made: Cancel | Shift, record: history.History) -> None:
    """A force must be named by some order, or the change would change nothing."""
    if made.what in record.forces and not any(
        made.what in named_by(choice, record) for choice in s.chosen(record)
    ):
        raise ScenarioError(
            f"{made.verb} {made.what}: no decision of this scenario names that force, so nothing would change"
        )


def named_by(choice: history.Choice, record: history.History) -> set[str]:
    """The forces that a choice sends somewhere by name or by their kind, or brings into being."""
    words = [
        *choice.object,
        *(
            n
            for p in ("by", "keep", "spawn", "inner_north", "inner_south")
            for n in choice.params.get(p, "").split("+")
        ),
    ]
    kinds = set(words)
    brought = {f.id for f in record.forces.values() if f.appears_by == choice.id and choice.verb != "nothing"}
    return brought | {
        f.id
        for f in record.forces.values()
        if f.id in words or (choice.verb == "call_out" and f.kind in kinds)
    }


def _check_order(s: Scenario, made: Order, record: history.History) -> None:
    for name in made.forces:
        force = record.forces[name]
        if force.appears_by:
            born = next(c for c in s.chosen(record) if c.id == force.appears_by)
            gone = any(isinstance(x, Cancel) and x.what in (force.appears_by, name) for x in s.changes)
            if born.verb == "nothing" or gone or made.at < born.at:
                raise ScenarioError(
                    f"order {name}: it comes into being with '{force.appears_by}', and cannot be "
                    f"ordered at {clock.label(made.at)}"
                )
        for other in s.changes:
            if isinstance(other, Arrive) and other.force == name and made.at < other.at:
                raise ScenarioError(
                    f"order {name}: it is in the city from {clock.label(other.at)} only, and cannot "
                    f"be ordered there at {clock.label(made.at)}"
                )
            if (
                isinstance(other, Strength)
                and name in members(other.who, record)
                and 0 in (other.men, other.times)
            ):
                raise ScenarioError(f"order {name}: it has no men in this scenario ({other})")
        if not _way(force, made, record):
            raise ScenarioError(
                f"order {name}: there is no way for it ({force.transport}) from "
                f"{made.start or force.home} to {made.place}"
            )


def _way(force: history.Force, made: Order, record: history.History) -> bool:
    """Whether a force can reach a place by the ways it can use."""
    import networkx as nx

    modes = {"street", "bridge", *({force.transport} & {"rail", "water"})}
    ways = nx.Graph((r.start, r.end) for r in record.routes if r.mode in modes)
    start = made.start or force.home
    return start == made.place or (
        start in ways and made.place in ways and nx.has_path(ways, start, made.place)
    )


def _check_strength(s: Scenario, made: Strength | Loyalty, record: history.History) -> None:
    """A force may be spoken of alone or with its kind, but not both ways."""
    mine = set(members(made.who, record))
    for other in s.changes:
        if type(other) is type(made) and other is not made and isinstance(other, (Strength, Loyalty)):
            both = mine & set(members(other.who, record))
            if both and len(mine) == len(members(other.who, record)):
                raise ScenarioError(
                    f"{made.verb} {made.who}: changed twice, for {listed(sorted(both)[:3])} ({other})"
                )


def _check_leave(s: Scenario, made: Leave, record: history.History) -> None:
    """What is left to the headquarters is not also given."""
    if not s.start <= made.since < s.end:
        raise ScenarioError(
            f"leave: wanted an hour from {clock.label(s.start)} to {clock.label(s.end)}, got "
            f"{clock.label(made.since)}"
        )
    for decision in made.decisions:
        others = [x for x in s.changes if isinstance(x, (Cancel, Shift)) and x.what == decision]
        if decision in dict(s.choices) or others:
            raise ScenarioError(
                f"leave {decision}: it cannot be left to the headquarters and given "
                f"({others[0] if others else dict(s.choices)[decision]}) at once"
            )


def _check_arrive(s: Scenario, made: Arrive, record: history.History) -> None:
    for other in s.changes:
        if (
            isinstance(other, Strength)
            and made.force in members(other.who, record)
            and 0 in (other.men, other.times)
        ):
            raise ScenarioError(f"arrive {made.force}: it has no men in this scenario ({other})")


_CHECKS: dict[type[Change], Any] = {
    Arrive: _check_arrive,
    Leave: _check_leave,
    Cancel: _check_cancel,
    Shift: _check_shift,
    Order: _check_order,
    Strength: _check_strength,
    Loyalty: _check_strength,
    Policy: lambda *_: None,
}


def find_choice(
    scenario: str, decision: str, choice: str, record: history.History | None = None
) -> history.Choice:
    """One of the courses open at a decision, by its label or id; ScenarioError names the nearest if there is
    none.
    """
    try:
        return _known_choice(decision, choice, record or history.load())
    except ScenarioError as error:
        raise ScenarioError(f"{scenario}: {error}") from None


def _known_choice(decision: str, choice: str, record: history.History) -> history.Choice:
    decisions = record.decisions
    known("decision", decision, decisions)
    rows = decisions[decision]
    for row in rows:
        if choice in (row.choice, row.label):
            return row
    labels = [row.label for row in rows]
    hint = nearest(str(choice), [*labels, *(row.choice for row in rows)])
    raise ScenarioError(f"{decision}: unknown choice '{choice}'{hint}; open were: {'; '.join(labels)}")


def from_toml(text: str, where: str = "scenario") -> Scenario:
    """A scenario from TOML text, as `Scenario.toml` writes it; raises ScenarioError naming `where`."""
    try:
        told = tomllib.loads(text)
        if "fork" in told:
            raise ScenarioError("wanted a scenario, got a fork; sim.load reads it, and its go_on plays it")
        for field in told:
            known("field", field, _FIELDS)
        if not isinstance(told.get("changes", []), list):
            raise ScenarioError(f"changes: wanted [[changes]] tables, got {told['changes']!r}")
        if not isinstance(told.get("name", ""), str):
            raise ScenarioError(f"name: wanted a text, got {told['name']!r}")
        made = tuple(change(cells) for cells in told.get("changes", []))
        opening = str(told.get("opening", "october24"))
        first, last = _event(opening)
        base = Scenario(
            str(told.get("name", "")) or where,
            resolution=number("resolution", told.get("resolution", 1.0)),
            opening=opening,
            start=told.get("start", first),
            end=told.get("end", last),
        )
        played = base.but(
            base.name,
            *made,
            question=str(told.get("question", "")),
            expects=str(told.get("expects", "")),
            expected=told.get("expected"),
            sources=told.get("sources", ()),
            tables=str(told.get("tables", "")),
            **told.get("decisions", {}),
        )
        if told.get("tables_digest", played.tables_digest) != played.tables_digest:
            raise ScenarioError(
                f"tables: wanted those in '{played.tables}' as they were when this was written, found others "
                "(without the line tables_digest they are played as they are)"
            )
        return played
    except (tomllib.TOMLDecodeError, ValueError, TypeError, AttributeError) as error:
        raise ScenarioError(f"{where}: {error}") from None


_FIELDS = (
    "name",
    "question",
    "expects",
    "expected",
    "sources",
    "opening",
    "start",
    "end",
    "resolution",
    "tables",
    "tables_digest",
    "decisions",
    "changes",
)


def folder() -> Path:
    """Where the scenario scripts are: in this package, or, in a checkout, beside it; never a folder of
    somebody else's.
    """
    package = Path(str(files("sim")))
    installed = package / "counterfactual" / "scripts"
    return installed if installed.is_dir() else package.parent / "scenarios"


def names() -> list[str]:
    """The names of all scenarios: the scripts in scenarios/."""
    return sorted(path.stem for path in folder().glob("*.py") if not path.stem.startswith("_"))


def scenario(name: str | Path | Scenario) -> Scenario:
    """A scenario by its name, or out of a script (.py) or a TOML file of one's own; a Scenario is handed back
    as it is. Raises ScenarioError.
    """
    if isinstance(name, Scenario):
        return name
    if not isinstance(name, (str, Path)):
        hint = "; a fork is played by its go_on, ensemble and compare" if hasattr(name, "go_on") else ""
        got = type(name).__name__
        raise ScenarioError(f"wanted the name of a scenario, a file, or a Scenario, got a {got}{hint}")
    if str(name).endswith(".toml"):
        return _read_toml(Path(name))
    if str(name).endswith(".py"):
        return _run_script(Path(name))
    if name not in names():
        raise ScenarioError(
            f"unknown scenario '{name}'{nearest(str(name), names())} (petrograd list scenarios)"
        )
    return _run_script(folder() / f"{name}.py")


def _run_script(path: Path) -> Scenario:
    try:
        found = runpy.run_path(str(path)).get("scenario")
    except OSError as error:
        raise ScenarioError(f"{path}: wanted the script of a scenario, got {error.strerror}") from None
    if not isinstance(found, Scenario):
        raise ScenarioError(f"{path}: wanted a line 'scenario = ...' in the script, found none")
    return found


def _read_toml(path: Path) -> Scenario:
    try:
        found = from_toml(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            f"{path}: wanted a scenario in TOML, got {getattr(error, 'strerror', None) or 'no UTF-8 text'}"
        ) from None
    for name, value in found.settings.items():
        parameters.say_if_beyond(name, value)
    return found


def scenarios() -> dict[str, str]:
    """Every scenario's name and question."""
    return {name: scenario(name).question for name in names()}
