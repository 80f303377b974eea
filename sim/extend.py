"""Rules of one's own: functions of a world's record, put into the pulse after a rule of the model's; what
finds the rows of what they speak of.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import cloudpickle
import numpy as np
from numpy.typing import NDArray

from sim import clock, history
from sim.errors import nearest

OwnRule = Callable[[Any], None]
Rules = Mapping[str, OwnRule | Iterable[OwnRule]] | Any  # by the rule they come after; None for none
HEX = 12


def rule(function: OwnRule) -> OwnRule:
    """Compile a rule of one's own, or what it calls: as a decorator, @sim.rule. It takes a second or so, once
    in every process that plays it, and makes a loop over all units cost what ours do.
    """
    from sim.compiled import compile_own

    return compile_own(function)


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
            several = (rules,) if callable(rules) or not isinstance(rules, Iterable) else tuple(rules)
            for one in several:
                if not callable(one):
                    raise ValueError(f"after {name}: wanted a function of the world's record, got {one!r}")
            found[name] = several
        return cls(tuple((name, found[name]) for name in PULSE if found.get(name)))

    def __bool__(self) -> bool:
        return bool(self.rules)

    def __str__(self) -> str:
        return "; ".join(f"{' and '.join(map(_name, rules))} after {name}" for name, rules in self.rules)

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
    """A hash of a rule's source; of its machine code where there is no source to read."""
    try:
        told = inspect.getsource(_plain(one)).encode()
    except (OSError, TypeError):
        told = cloudpickle.dumps(_plain(one))
    return sha256(told).hexdigest()[:HEX]


@dataclass(frozen=True)
class Names:
    """The rows of a world's tables by name: {"winter_palace": 117, ...}."""

    places: dict[str, int]
    forces: dict[str, int]
    people: dict[str, int]
    audiences: dict[str, int]
    units: dict[str, int]

    def units_of(self, *forces: str) -> list[int]:
        """The rows of all detachments of some forces; KeyError for an unknown one."""
        wanted = {name for name in forces if self.forces[name] >= 0}
        return [row for name, row in self.units.items() if _force_of(name) in wanted]


def _force_of(unit: str) -> str:
    """The force that a detachment is cut from."""
    return unit.partition("@")[0].partition(".")[0]


def rows(w: Any) -> Names:
    """The rows of places, forces, people, audiences and detachments in a world's record, by their names.

    >>> from sim.model import Petrograd
    >>> w = Petrograd("historical").world
    >>> int(w.places[rows(w).places["winter_palace"]].holder)
    -1
    """
    tables = (w["places"], w["forces"], w["people"], w["audiences"], w["units"])
    return _rows(*(np.ascontiguousarray(table["key"]).tobytes() for table in tables))


@lru_cache(maxsize=64)
def _rows(places: bytes, forces: bytes, people: bytes, audiences: bytes, units: bytes) -> Names:
    """Rows by name, from the luck keys of the tables."""
    records = [history.load(event=event) for event in clock.EVENTS]
    spots = {name for record in records for p in record.places.values() for name in (p.id, p.quarter)}
    bands = {name for record in records for name in record.forces}
    known = {name for record in records for name in record.people}
    of_forces = _named(forces, {f"force:{name}": name for name in bands})
    return Names(
        places=_named(places, {name: name for name in spots}),
        forces=of_forces,
        people=_named(people, {name: name for name in known}),
        audiences=_named(audiences, {name: name for name in spots}),
        units=_named(units, _detachments(of_forces, spots, len(units) // 8)),
    )


def _detachments(forces: Iterable[str], spots: Iterable[str], most: int) -> dict[str, str]:
    """What detachments of some forces can be called."""
    called = [f"{force}@{spot}" for force in forces for spot in spots]
    called += [name for force in forces for name in (force, *(f"{force}.{k + 1}" for k in range(most)))]
    return {name: name for name in called}


def _named(keys: bytes, called: Mapping[str, str]) -> dict[str, int]:
    """Name -> row, for the rows whose luck key is that of a name."""
    from sim import luck

    names = dict(zip(luck.keys(called).tolist(), called.values(), strict=True))
    found: NDArray[np.uint64] = np.frombuffer(keys, np.uint64)
    return {names[key]: row for row, key in enumerate(found.tolist()) if key in names}
