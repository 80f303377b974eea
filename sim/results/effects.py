"""An effect: what one scenario changes in one measure, in words, and whether that had been expected.

An effect is a row of `Comparison.effects`, by the names of its columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.counterfactual import measures
from sim.results.estimate import Estimate
from sim.wording import Told, told

NUMBERS = ("base", "other", "difference", "low", "high")
CHANCES = tuple(f"chance_{name}" for name in NUMBERS)

# How an expected sign is said, of an amount or chance and of an hour.
_SIGNS = (
    {"+": "- more", "-": "- less", "0": "- hardly changed"},
    {"+": "later or not at all", "-": "earlier or oftener", "0": "as often and at about the same hour"},
)


def awaited(effect: Mapping[Any, Any]) -> str:
    """What was expected of an effect, in words; of hardly any change, how little that is."""
    unit, expected = effect["unit"], effect["expected"]
    said = _SIGNS[unit == "h"][expected]
    if expected != "0":
        return said
    return f"{said} ({measures.hardly('points') + ', ' if unit == 'h' else ''}{measures.hardly(unit)})"


def in_figures(effect: Mapping[Any, Any]) -> Told:
    """An effect as every sentence, table and figure has it."""
    return told(effect["unit"], *(float(effect[key]) for key in NUMBERS))


def chance_of(effect: Mapping[Any, Any]) -> dict[str, Any]:
    """How often what has an hour happens, as an effect of its own."""
    numbers = (effect[key] for key in CHANCES)
    return {"unit": "points", **dict(zip(NUMBERS, numbers, strict=True))}


def instead(effect: Mapping[Any, Any]) -> str:
    """An effect in words: "16 % instead of 12 % of histories (+4 points, -1 to +9)"."""
    told = in_figures(effect)
    of = " of histories" if told.unit == "points" else ""
    return f"{told.other} instead of {told.base}{of} ({told.amount})"


def changed(effect: Mapping[Any, Any], worlds: int) -> str:
    """What was found where something had been expected: the change; of what has an hour, how often it
    happens first.
    """
    amount = in_figures(effect).amount
    if effect["unit"] != "h":
        return amount
    often = in_figures(chance_of(effect))
    where = f"where in both, {effect['histories']:,} of {worlds:,}: {amount}" if effect["histories"] else ""
    return f"in {often.other} instead of {often.base} of histories, {often.amount}{'; ' * bool(where)}{where}"


def agreed(found: Estimate, expected: str, chance: Estimate | None = None) -> str:
    """Whether the model agrees with an expected sign: yes or no if the interval says so, else open.

    "+" and "-" ask for an interval beyond zero; "0" for one within what counts as small (measures.SMALL). Of
    an hour `chance` is the change in how often the thing happens: "+" is later or more seldom, and neither
    may speak against it.
    """
    if not expected:
        return ""
    if chance is None:
        return _verdict(found, expected)
    seldom = Estimate(-chance.value, -chance.high, -chance.low, chance.n, "points")
    verdicts = [_verdict(seldom, expected)] + [_verdict(found, expected)] * (found.n > 0)
    if expected == "0":
        return "no" if "no" in verdicts else "open" if "open" in verdicts else "yes"
    said = set(verdicts) - {"open"}
    return said.pop() if len(said) == 1 else "open"


def _verdict(found: Estimate, expected: str) -> str:
    if expected == "0":
        small = measures.SMALL.get(found.unit, 1.0)
        if -small <= found.low and found.high <= small:
            return "yes"
        return "no" if found.low > small or found.high < -small else "open"
    if found.low > 0 or found.high < 0:
        return "yes" if (found.low > 0) == (expected == "+") else "no"
    return "open"
