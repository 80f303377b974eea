"""Names: what is refused in one line when a name does not exist, with the nearest that does."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = ("scenarios", "places", "forces", "people", "decisions", "parameters", "measures")


class ScenarioError(ValueError):
    """A scenario that cannot be: its one line names what, where, what was wanted and the nearest name."""


class StoreError(OSError):
    """A file or folder that cannot be read or written: one line, with what is kept."""


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the nearest of some names, or nothing."""
    near = get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else ""


def known(what: str, name: str, names: Iterable[str], table: str = "") -> None:
    """Raise ScenarioError, with the nearest name, unless there is such a thing; `table` is what `petrograd
    list` calls it.
    """
    names = list(names)
    if name not in names:
        listed_by = table or what + "s"
        listing = f" (petrograd list {listed_by})" if listed_by in LISTED else f" (there are {listed(names)})"
        raise ScenarioError(f"unknown {what} '{name}'{nearest(name, names)}{listing}")


def listed(names: Iterable[str]) -> str:
    """Some names in a row."""
    return ", ".join(names)


def number(name: str, value: object) -> float:
    """A number; ValueError says what was wanted and got."""
    try:
        return float(str(value))
    except ValueError:
        raise ValueError(f"{name}: wanted a number, got {value!r}") from None


def slug(name: str) -> str:
    """A scenario's name as a file name."""
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)


def whole(name: str, value: object, *, least: int = 0) -> int:
    """A whole number from `least` to 2**63 - 1; ValueError says what was wanted and got."""
    said = str(value).strip()
    number = int(said) if said.isascii() and said.isdigit() else least - 1
    if number < least or number >= 2**63:
        most = ", less than 2**63," if number >= 2**63 else ","
        raise ValueError(f"{name}: wanted a whole number from {least}{most} got {value!r}")
    return number
