"""Turns: what is otherwise in a history from one of its minutes on - other luck, other decisions, changes
made by the verbs - and what each verb can still do there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sim import clock
from sim.counterfactual.changes import Cancel, Change, Leave, OfTheMoment, Parameter, change
from sim.counterfactual.scenario import Scenario, find_choice
from sim.errors import ScenarioError, whole

# What each verb can still do at an hour.
STILL = {
    "decisions": "another course of a decision that has not been taken by then, and has not been overtaken",
    "cancel": "a decision that has not been taken by then; a force: no order given from then on reaches it",
    "delay, advance": "a decision that has not been taken by then, to an hour that has not passed; a force, "
    "as long as no decision that names it has been taken",
    "leave": "decisions that have not been taken by then, to the headquarters, from then on or later",
    "order": "orders given then or later",
    "arrive": "a force that stands at a place then or later",
    "hold": "a place kept from then on (if no hour is given) or later",
    "cut, restore": "telephones, bridges, current: then (if no hour is given) or later",
    "loyalty": "the leaning of those minds as they stand, by so much as the change of leaning weighs; a "
    "commissar is accepted or sent away then",
    "strength": "the men there are by then, and their arms; those killed and gone home stay so",
    "policy": "how the headquarters works from then on",
    "parameter": "the law from then on; what was drawn at the opening stays drawn, so the parameters of the "
    "opening can do nothing any more",
}
OPENING = ("loyalty_scale", "loyalty_spread", "infantry_condition", "opening_cohesion")


@dataclass(frozen=True)
class Turn:
    """At a minute of a history, before its pulse: the number of its luck from then on (0: as it was), and
    what is otherwise.
    """

    at: datetime
    luck: int = 0
    changes: tuple[Change, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()

    def cells(self) -> dict[str, Any]:
        """Its fields, as a TOML file holds them."""
        told = {
            "at": clock.label(self.at),
            "luck": self.luck,
            "decisions": dict(self.choices),
            "changes": [made.model_dump(mode="json", exclude_none=True) for made in self.changes],
        }
        return {name: value for name, value in told.items() if value not in (0, {}, [])}

    @classmethod
    def of(cls, cells: Mapping[str, Any]) -> Turn:
        """A turn from its fields; ValueError, in one line, for what cannot be."""
        return cls(
            clock.parse(cells["at"]),
            whole("luck", cells.get("luck", 0)),
            tuple(change(made) for made in cells.get("changes", [])),
            tuple(sorted((str(d), str(c)) for d, c in cells.get("decisions", {}).items())),
        )

    @property
    def words(self) -> list[str]:
        """What is otherwise, a few words each."""
        said = [f"luck {self.luck}"] * bool(self.luck) + [f"{d}: {c}" for d, c in self.choices]
        return said + [str(made) for made in self.changes]

    def __str__(self) -> str:
        return f"from {clock.label(self.at)} on: {'; '.join(self.words)}"


def of_the_moment(made: Change, scenario: Scenario) -> bool:
    """Whether a change is made to the city as it stands, not to what is planned."""
    return isinstance(made, OfTheMoment) or (
        isinstance(made, Cancel) and made.what not in scenario.record.decisions
    )


def planned(scenario: Scenario, turns: Iterable[Turn]) -> Scenario:
    """The scenario as it is planned with some turns: other decisions, orders, what comes from outside. Until
    the first turn a history of it is one of the scenario's own.
    """
    made = [c for turn in turns for c in turn.changes if not of_the_moment(c, scenario)]
    return _with(scenario, made, [choice for turn in turns for choice in turn.choices])


def whole_of(scenario: Scenario, turns: Iterable[Turn], name: str = "", **words: Any) -> Scenario:
    """The scenario with everything that is otherwise in some turns, under a name, with the words of a
    question (those of `Scenario.but`). Raises ScenarioError for what contradicts itself.
    """
    made = [c for turn in turns for c in turn.changes]
    again = {(type(c), c.subject) for c in made if of_the_moment(c, scenario)}
    before = replace(
        scenario, changes=tuple(c for c in scenario.changes if (type(c), c.subject) not in again)
    )
    choices = [choice for turn in turns for choice in turn.choices]
    return _with(before, made, choices, name or scenario.name, **words)


def _with(
    scenario: Scenario,
    changes: Iterable[Change],
    choices: Iterable[tuple[str, str]],
    name: str = "",
    **words: Any,
) -> Scenario:
    told: Any = {"question": scenario.question, "sources": scenario.sources, **words, **dict(choices)}
    return scenario.but(name or scenario.name, *changes, **told)


def from_now(made: Change, now: datetime, scenario: Scenario) -> Change:
    """A change as it is meant at an hour: what names no hour begins then. ScenarioError if it comes too
    late.
    """
    field = "since" if isinstance(made, Leave) else "at"
    if getattr(made, field, None) == clock.OPENING:
        made = made.model_copy(update={field: now})
    made = made.placed(scenario.opening, scenario.record)
    if isinstance(made, OfTheMoment):
        made = made.model_copy(update={"moment": now})
    hour = getattr(made, field, now)
    if hour < now:
        raise ScenarioError(
            f"{made.verb} {made.subject}: too late: wanted an hour from {clock.label(now)} on, got "
            f"{clock.label(hour)}"
        )
    if isinstance(made, Parameter) and made.name in OPENING:
        raise ScenarioError(
            f"parameter {made.name}: too late: it is used for the opening alone, which was drawn at "
            f"{clock.label(scenario.start)}"
        )
    return made


def chosen(decision: str, choice: str, scenario: Scenario) -> tuple[str, str]:
    """A decision and the label of one of its courses, by label or id; ScenarioError names the nearest."""
    return decision, find_choice(scenario.name, decision, choice, scenario.record).label
