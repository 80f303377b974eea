"""A recipe: a history up to a minute and what is otherwise from then on, as a value that says how to play it
again anywhere.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sim import clock, parameters
from sim.counterfactual.changes import Change
from sim.counterfactual.scenario import Scenario, from_toml
from sim.counterfactual.turns import Turn, planned, whole_of
from sim.errors import ScenarioError, whole


@dataclass(frozen=True, repr=False)
class Recipe:
    """A history up to a minute, before what happens in that minute, and what is otherwise from then on.

    `turns` lie behind: they are how this history came to differ from its scenario. `parameters` are all
    values that it runs with. Two recipes are equal if they play the same.
    """

    scenario: Scenario
    seed: int
    world: int
    at: datetime
    parameters: tuple[tuple[str, float], ...] = ()
    pulse: float = 5.0
    turns: tuple[Turn, ...] = ()
    changes: tuple[Change, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    name: str = ""
    words: tuple[tuple[str, Any], ...] = ()

    def turns_of(self, luck: int) -> tuple[Turn, ...]:
        """All turns of one of its futures; 0 is the one it was going to have."""
        last = Turn(self.at, luck, self.changes, self.choices)
        return self.turns if last == Turn(self.at) else (*self.turns, last)

    @property
    def planned(self) -> Scenario:
        """The scenario that its world is laid out for."""
        return planned(self.scenario, self.turns_of(0))

    @property
    def told(self) -> Scenario:
        """The scenario with everything that is otherwise, under its name, as titles and tables tell it.

        Raises ScenarioError for what contradicts itself.
        """
        kept = f"{self.scenario.name} from {clock.label(self.at)}"
        words = {key: dict(value) if key == "expected" else value for key, value in self.words}
        return whole_of(self.scenario, self.turns_of(0), self.name or kept, **words)

    def toml(self, digests: Mapping[str, str] | None = None) -> str:
        """The recipe as TOML text, with the digests of the tables and the code that it was made with."""
        import tomli_w

        last = Turn(self.at, 0, self.changes, self.choices).cells()
        told: dict[str, Any] = {
            "fork": {"seed": self.seed, "world": self.world, "pulse_minutes": self.pulse, **last},
            "digests": dict(digests or {}),
            "name": self.name,
            "words": {key: dict(value) if key == "expected" else value for key, value in self.words},
            "parameters": dict(self.parameters),
            "turns": [turn.cells() for turn in self.turns],
            "scenario": tomllib.loads(self.scenario.toml()),
        }
        return tomli_w.dumps({key: value for key, value in told.items() if value not in ("", {}, [])})

    @classmethod
    def of(cls, text: str, where: str) -> tuple[Self, dict[str, str]]:
        """A recipe out of TOML text, as `toml` writes it, and the digests in it; ValueError if it is none."""
        import tomli_w

        told = tomllib.loads(text)
        try:
            cells, last = told["fork"], Turn.of(told["fork"])
            made = cls(
                scenario=from_toml(tomli_w.dumps(told["scenario"]), where),
                seed=whole("seed", cells["seed"]),
                world=whole("world", cells["world"]),
                at=last.at,
                parameters=_values(told.get("parameters", {})),
                pulse=float(cells.get("pulse_minutes", 5.0)),
                turns=tuple(Turn.of(turn) for turn in told.get("turns", [])),
                changes=last.changes,
                choices=last.choices,
                name=str(told.get("name", "")),
                words=frozen(told.get("words", {})),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"wanted a fork, got {type(error).__name__}: {error}") from None
        return made, dict(told.get("digests", {}))


def _values(told: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    """The values of parameters; ParameterError for a name or a value that cannot be."""
    for name, value in told.items():
        parameters.check(name, float(value))
    return tuple((str(name), float(value)) for name, value in told.items())


_WANTED = {"expected": "signs by measure, such as {'palace_falls': '+'}", "sources": "texts"}


def frozen(words: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The words of a question as values that can be compared; those left empty are left out. Raises
    ScenarioError for what is no words.
    """
    for key, value in words.items():
        wanted: tuple[type, ...] = {"expected": (Mapping,), "sources": (list, tuple, str)}.get(key, (str,))
        if value is not None and not isinstance(value, wanted):
            raise ScenarioError(f"{key}: wanted {_WANTED.get(key, 'text')}, got {value!r}")
    found = [
        (
            key,
            value
            if isinstance(value, str)
            else tuple(value.items() if isinstance(value, Mapping) else value),
        )
        for key, value in words.items()
        if value
    ]
    return tuple(found)
