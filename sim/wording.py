"""Numbers as words have them: the one way from a share to points, one rounding, one sign and one choice of
decimals, for sentences, tables and figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

ALONE = "one history tells nothing of the doubt"


def rounded(value: float, digits: int = 0) -> Decimal:
    """A finite number rounded, halves to the even neighbour, so that two shares of one whole add up to it;
    what arithmetic has left in the last places does not count.

    >>> rounded(87.5), rounded(12.5), rounded(-4.5), rounded(100 * (0.965 - 0.91))
    (Decimal('88'), Decimal('12'), Decimal('-4'), Decimal('6'))
    """
    exact = Decimal(f"{value:.{digits + 6}f}")
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def in_digits(value: float | Decimal, digits: int = 0, *, signed: bool = False, minus: str = "-") -> str:
    """A number in figures, with a sign if that is wanted, and none before a nought.

    >>> in_digits(1250.0, signed=True), in_digits(-0.04, 1), in_digits(-4.6)
    ('+1,250', '0.0', '-5')
    """
    if not math.isfinite(value):
        return f"{value:+}" if signed else f"{value}"
    figure = rounded(float(value), digits)
    sign = minus if figure < 0 else "+" if signed and figure > 0 else ""
    return f"{sign}{abs(figure):,}"


def scaled(value: float, unit: str) -> float:
    """A number as it is told: a share ("points") in hundredths, all else as it is."""
    return 100 * value if unit == "points" else value


def decimals(unit: str, *values: float) -> int:
    """How many decimals a number and its interval are told with: as the largest of them asks, one more where
    an interval on one side of nought would else look as if it touched it.

    Values are as they are told (see `scaled`).

    >>> decimals("points", -0.97, -3.1, 0.4), decimals("points", 1.6, 0.4, 3.0), decimals("killed", 0.2, 0.12)
    (0, 1, 2)
    """
    known = [value for value in values if math.isfinite(value)]
    most = max(map(abs, known), default=0.0)
    if unit == "points":
        digits = 0 if most >= 1 or most == 0 else 1
    elif unit == "h":
        digits = 1
    else:
        digits = 0 if most >= 100 else 1 if most >= 1 or most == 0 else 2 if most >= 0.01 else 3
    apart = len(known) > 1 and (min(known) > 0 or max(known) < 0)
    return digits + int(apart and not all(rounded(value, digits) for value in known))


def _uncertain(share: float) -> bool:
    """Whether a share is so near to none or all that whole points would hide the rest."""
    return 0 < share < 0.01 or 0.99 < share < 1


def percent(share: float) -> str:
    """A share, 0 .. 1, in per cent, which calls nothing certain that is not.

    >>> percent(0.934), percent(0.004), percent(0.997), percent(1.0), percent(0.0001)
    ('93 %', '0.4 %', '99.7 %', '100 %', 'less than 0.1 %')
    """
    return _certainly(share, rounded(100 * share, int(_uncertain(share))))


def _certainly(share: float, figure: Decimal) -> str:
    """A figure in per cent, but for one that would make certain what is not."""
    if share > 0 and not figure:
        return "less than 0.1 %"
    return "more than 99.9 %" if share < 1 and figure == 100 else f"{figure} %"


def percents(shares: Sequence[float]) -> list[str]:
    """Shares of one whole in per cent, which add up to 100 as they are printed; with a decimal if they would
    else not, or one of them would look like none or all.

    >>> percents([0.875, 0.125]), percents([1 / 3, 1 / 3, 1 / 3]), percents([0.995, 0.005])
    (['88 %', '12 %'], ['33.4 %', '33.3 %', '33.3 %'], ['99.5 %', '0.5 %'])
    """
    hundreds = [100 * share for share in shares]
    digits = int(any(map(_uncertain, shares)) or sum(map(rounded, hundreds)) != 100)
    figures = apportioned(hundreds, Decimal(100), digits)
    return [_certainly(share, figure) for share, figure in zip(shares, figures, strict=True)]


def apportioned(values: Sequence[float], total: Decimal, digits: int = 0) -> list[Decimal]:
    """Values rounded so that they add up to a total: those that rounding has moved farthest take a last
    place more or less, of equals the largest. Values that are not its parts are rounded alone.
    """
    found = [rounded(value, digits) for value in values]
    step = Decimal(1).scaleb(-digits)
    left = int((total - sum(found)) / step)
    if abs(left) > len(found):
        return found
    way = 1 if left > 0 else -1
    short = [way * round(value - float(figure), 6) for value, figure in zip(values, found, strict=True)]
    for k in sorted(range(len(found)), key=lambda k: (short[k], values[k]), reverse=True)[: abs(left)]:
        found[k] += way * step
    return found


def in_words(value: float, unit: str, *, signed: bool = False, digits: int | None = None) -> str:
    """A number as one writes it: a share in per cent, hours and counts with one decimal, or with so many
    digits.

    >>> in_words(0.934, "points"), in_words(-0.02, "points", signed=True), in_words(1.26, "h")
    ('93 %', '-2 points', '1.3 h')
    """
    if unit == "points" and not signed and digits is None and math.isfinite(value):
        return percent(value)
    told = scaled(value, unit)
    text = in_digits(told, decimals(unit, told) if digits is None else digits, signed=signed)
    if unit == "points":
        return f"{text} {'points' if signed else '%'}"
    return f"{text} h" if unit == "h" else text


@dataclass(frozen=True)
class Told:
    """A change as it is told everywhere: before, after, the difference and its interval in figures, all with
    `digits` decimals; before and after with their unit. `low` and `high` are empty where there is no doubt to
    be told; `same` says that no pair of histories differs.
    """

    base: str
    other: str
    difference: str
    low: str
    high: str
    digits: int
    unit: str
    same: bool

    @property
    def amount(self) -> str:
        """Difference, unit and interval: "+3 points, -1 to +7"."""
        if self.same:
            return "no pair of histories differs"
        after = {"points": " points", "h": " h"}.get(self.unit, "")
        return f"{self.difference}{after}, {f'{self.low} to {self.high}' if self.low else ALONE}"


def told(unit: str, base: float, other: float, difference: float, low: float, high: float) -> Told:
    """A change in figures that add up as they are printed: with a decimal more where rounding would part the
    difference from what it is the difference of, and as the difference of those where that does not help.

    Shares are in 0 .. 1. What is counted in hours is told by its difference; `base` and `other` may be nan.

    >>> told("points", 0.124, 0.158, 0.034, 0.01, 0.06).amount
    '+3.4 points, +1.0 to +6.0'
    >>> told("points", 0.12, 0.16, 0.04, 0.0, 0.1).amount
    '+4 points, 0 to +10'
    """
    before, after, *three = (scaled(value, unit) for value in (base, other, difference, low, high))
    digits = decimals(unit, *three)
    if unit not in ("points", "h"):  # a count is told as finely as what it is a change of
        few = decimals(unit, before, after)
        digits = (
            few
            if all(rounded(value, few) or not value for value in three if math.isfinite(value))
            else digits
        )
    if unit == "points" and (_uncertain(base) or _uncertain(other)):
        digits = max(digits, 1)
    figure: float | Decimal = three[0]
    if unit != "h" and all(map(math.isfinite, (before, after, three[0]))):
        if _sum(before, after, digits) != rounded(three[0], digits):
            digits += 1
        figure = _sum(before, after, digits)
    ends = [in_digits(end, digits, signed=True) for end in three[1:]] if math.isfinite(three[1]) else ["", ""]
    one, two = (in_words(value, unit, digits=digits) for value in (base, other))
    by = in_digits(figure, digits, signed=True)
    return Told(one, two, by, ends[0], ends[1], digits, unit, same=low == high == 0)


def _sum(before: float, after: float, digits: int) -> Decimal:
    return rounded(after, digits) - rounded(before, digits)


def supposed(question: str, name: str) -> str:
    """The question of a scenario turned into a condition: "What if X?" becomes "If X"; without one, its name.

    >>> supposed("What if, from nine on, it had rained?", "rain"), supposed("", "late_sailors")
    ('If, from nine on, it had rained', 'With late sailors')
    """
    asked = question.strip()
    if asked[:8].lower() in ("what if ", "what if,") and asked.endswith("?"):
        return f"If{asked[7:-1]}"
    return f"With {name.replace('_', ' ')}"
