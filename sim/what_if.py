"""A scenario: a frozen value that says which choices were made, and how the opening differs from history."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from sim import clock, history, parameters


class ScenarioError(ValueError):
    """A scenario that cannot be: its one line names what, where, what was wanted and the nearest name."""


@dataclass(frozen=True)
class Scenario:
    """What is given to a history: decisions taken, parameters, start and end.

    `choices` and `settings` hold only what differs from the record: (decision id, choice id) and (parameter, value).
    """

    name: str
    question: str = ""
    expects: str = ""
    sources: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    settings: tuple[tuple[str, float], ...] = ()
    start: datetime = clock.START
    end: datetime = clock.END
    resolution: float = field(default=1.0)

    def __post_init__(self) -> None:
        for decision, choice in self.choices:
            find_choice(self.name, decision, choice)
        for name, _ in self.settings:
            try:
                parameters.check(name)
            except parameters.ParameterError as error:
                raise ScenarioError(f"{self.name}: {error}") from None
        if not self.start < self.end:
            raise ScenarioError(f"{self.name}: wanted a start before the end, got {self.start} and {self.end}")

    def but(
        self, name: str, *, question: str = "", expects: str = "", sources: Iterable[str] = (),
        settings: Mapping[str, float] | None = None, **decisions: str,
    ) -> Scenario:
        """The same scenario with some decisions taken otherwise, by label or choice id, and some parameters set.

        Raises ScenarioError for a decision, choice or parameter that does not exist, naming the nearest.
        """
        chosen = dict(self.choices)
        for decision, choice in decisions.items():
            found = find_choice(name, decision, choice)
            chosen[decision] = found.choice
            if found.default:
                del chosen[decision]
        values = {**dict(self.settings), **(settings or {})}
        return replace(
            self, name=name, question=question, expects=expects, sources=tuple(sources),
            choices=tuple(sorted(chosen.items())), settings=tuple(sorted(values.items())),
        )

    def chosen(self, record: history.History) -> list[history.Choice]:
        """The choice made at every decision, in the order of the table."""
        taken = dict(self.choices)
        return [
            next(c for c in rows if c.choice == taken.get(decision, rows[0].choice))
            for decision, rows in record.decisions.items()
        ]

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.question or 'the documented decisions, as they were taken'}"]
        for decision, choice in self.choices:
            rows = history.load().decisions[decision]
            made = next(c for c in rows if c.choice == choice)
            lines.append(f"  {decision}: {made.label} (documented: {rows[0].label})")
        lines += [f"  parameter {name} = {value:g}" for name, value in self.settings]
        return "\n".join(lines if len(lines) > 1 else [*lines, "  differs in nothing from the record"])


def find_choice(scenario: str, decision: str, choice: str) -> history.Choice:
    """One of the courses open at a decision, by its label or id; ScenarioError names the nearest if there is none."""
    decisions = history.load().decisions
    if decision not in decisions:
        raise ScenarioError(f"{scenario}: unknown decision '{decision}'{nearest(decision, decisions)} (petrograd list decisions)")
    rows = decisions[decision]
    for row in rows:
        if choice in (row.choice, row.label):
            return row
    labels = [row.label for row in rows]
    hint = nearest(choice, [*labels, *(row.choice for row in rows)])
    raise ScenarioError(f"{scenario}: {decision}: unknown choice '{choice}'{hint}; open were: {'; '.join(labels)}")


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the nearest of some names, or nothing."""
    near = get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""


def folder() -> Path:
    """Where the scenario scripts are."""
    return Path(str(files("scenarios")))


def names() -> list[str]:
    """The names of all scenarios: the scripts in scenarios/."""
    return sorted(path.stem for path in folder().glob("*.py") if not path.stem.startswith("_"))


def scenario(name: str | Scenario) -> Scenario:
    """A scenario by the name of its script; a Scenario is handed back as it is. Raises ScenarioError."""
    if isinstance(name, Scenario):
        return name
    if name not in names():
        raise ScenarioError(f"unknown scenario '{name}'{nearest(name, names())} (petrograd list scenarios)")
    path = folder() / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"scenarios.{name}", path)
    if spec is None or spec.loader is None:
        raise ScenarioError(f"{name}: cannot be read")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)
    spec.loader.exec_module(module)
    found = getattr(module, "scenario", None)
    if not isinstance(found, Scenario):
        raise ScenarioError(f"{name}: wanted a line 'scenario = ...' in its script, found none")
    return found


def scenarios() -> dict[str, str]:
    """Every scenario's name and question."""
    return {name: scenario(name).question for name in names()}
