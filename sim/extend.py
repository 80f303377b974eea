"""Rules of one's own: functions of a world's record, put into the pulse after a rule of the model's; what
finds the rows of what they speak of.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

import cloudpickle
import numpy as np
from numpy.typing import NDArray

from sim.errors import nearest

OwnRule = Callable[[Any], None]
Rules = Mapping[str, OwnRule | Iterable[OwnRule]] | Any  # by the rule they come after; None for none
HEX = 12


def rule(function: OwnRule) -> OwnRule:
    """Compile a rule of one's own, or what it calls: as a decorator, @sim.rule. It takes a second or so, once
    in every process that plays it, and makes a loop over all units cost what ours do.
    """
    from sim.compiled import compile_own

    return function if hasattr(function, "py_func") else compile_own(function)


@dataclass(frozen=True)
class After:
    """Rules of a user's, by the rule of the pulse that they come after; an empty one changes nothing."""

    rules: tuple[tuple[str, tuple[OwnRule, ...]], ...] = ()

    @classmethod
    def of(cls, given: Rules) -> After:
        """What somebody gives: {"stances": a function, or several in their order}.

        Raises ValueError for a name that is no rule of the pulse, or a value that is no function.
        """
        if isinstance(given, After):
            return given
        if given is not None and not isinstance(given, Mapping):
            raise ValueError(f'after: wanted rules by name, such as {{"stances": my_rule}}, got {given!r}')
        if not given:
            return cls()
        from sim.rules.pulse import PULSE  # which imports the compiler

        found = {}
        for name, rules in given.items():
            if name not in PULSE:
                raise ValueError(
                    f"after: wanted a rule of the pulse ({', '.join(PULSE)}), got {name!r}"
                    f"{nearest(str(name), PULSE)}"
                )
            one_alone = callable(rules) or isinstance(rules, str) or not isinstance(rules, Iterable)
            each: Any = [rules] if one_alone else rules
            several = tuple(each)
            for one in several:
                if not callable(one):
                    raise ValueError(f"after {name}: wanted a function of the world's record, got {one!r}")
            found[name] = several
        return cls(tuple((name, found[name]) for name in PULSE if found.get(name)))

    def __bool__(self) -> bool:
        return bool(self.rules)

    def __str__(self) -> str:
        return "; ".join(f"{' and '.join(map(_name, rules))} after {name}" for name, rules in self.rules)

    @property
    def names(self) -> str:
        """What the rules are called, in a row."""
        return " and ".join(_name(one) for _, rules in self.rules for one in rules)

    def at(self, name: str) -> tuple[OwnRule, ...]:
        """The rules that come after one of the pulse."""
        return dict(self.rules).get(name, ())

    def digests(self) -> dict[str, str]:
        """A hash of the source of each rule, by "name after rule": by it a saved result knows them again."""
        return {f"{_name(one)} after {name}": _digest(one) for name, rules in self.rules for one in rules}

    def __reduce__(self) -> tuple[Any, ...]:
        """Other processes get them by value, whatever file or notebook they stand in."""
        return _again, (cloudpickle.dumps(self.rules),)


def _again(packed: bytes) -> After:
    return After(cloudpickle.loads(packed))


def _plain(one: OwnRule) -> Any:
    """The function as it was written, compiled or not."""
    return getattr(one, "py_func", one)


def _name(one: OwnRule) -> str:
    return str(getattr(_plain(one), "__name__", type(one).__name__))


def _digest(one: OwnRule) -> str:
    """A hash of a rule's source; of its bytecode where there is no source to read."""
    try:
        told = inspect.getsource(_plain(one)).encode()
    except (OSError, TypeError):
        told = cloudpickle.dumps(_plain(one))
    return sha256(told).hexdigest()[:HEX]


@cache
def on_world(one: OwnRule) -> OwnRule:
    """A rule as a function of the array that holds its world: numba is slow to see what one record is."""
    if hasattr(one, "py_func"):
        from sim.compiled import compile_own

        return compile_own(lambda worlds: one(worlds[0]))
    return lambda worlds: one(worlds[0])


class Rows(dict[str, int]):
    """Rows by name; KeyError for an unknown one, with the nearest."""

    def __missing__(self, name: str) -> int:
        raise KeyError(f"unknown name '{name}'{nearest(str(name), self)}")


@dataclass(frozen=True)
class Names:
    """The rows of a world's tables by name: {"winter_palace": 117, ...}."""

    places: Rows
    forces: Rows
    people: Rows
    audiences: Rows
    units: Rows

    def units_of(self, *forces: str) -> list[int]:
        """The rows of all detachments of some forces; KeyError for an unknown one."""
        wanted = {name for name in forces if self.forces[name] >= 0}
        return [row for name, row in self.units.items() if _force_of(name) in wanted]


def _force_of(unit: str) -> str:
    """The force that a detachment is cut from, or whose men its party would be."""
    return unit.partition("@")[0].partition(".")[0].partition(":")[0]


_known: dict[int, str] = {}  # luck key -> the name it was made of


def introduce(names: Iterable[str], keys: NDArray[np.uint64]) -> None:
    """Remember the names behind some luck keys, of whatever is laid out in this process."""
    _known.update(zip(keys.tolist(), names, strict=True))


def rows(w: Any) -> Names:
    """The rows of places, forces, people, audiences and detachments in a world's record, by their names.

    >>> from sim.model import Petrograd
    >>> w = Petrograd("historical").world
    >>> int(w.places[rows(w).places["winter_palace"]].holder)
    -1
    """
    tables = ("places", "forces", "people", "audiences", "units")
    return _rows(*(np.ascontiguousarray(w[table]["key"]).tobytes() for table in tables))


@lru_cache(maxsize=64)
def _rows(*keys: bytes) -> Names:
    """Rows by name, from the luck keys of the tables."""
    found = [np.frombuffer(table, np.uint64).tolist() for table in keys]
    return Names(*(Rows((_known[key], row) for row, key in enumerate(t) if key in _known) for t in found))
