"""Numbers as words have them: one rounding, one sign and one choice of decimals for sentences and figures."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal


def rounded(value: float, digits: int = 0) -> Decimal:
    """A finite number rounded, halves away from nought; what arithmetic has left in the last places does not
    count.

    >>> rounded(4.5), rounded(-4.5), rounded(100 * (0.955 - 0.91))
    (Decimal('5'), Decimal('-5'), Decimal('5'))
    """
    exact = Decimal(f"{value:.{digits + 6}f}")
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def in_digits(value: float, digits: int = 0, *, signed: bool = False, minus: str = "-") -> str:
    """A number in figures, with a sign if that is wanted, and none before a nought.

    >>> in_digits(1250.0, signed=True), in_digits(-0.04, 1), in_digits(-4.5)
    ('+1,250', '0.0', '-5')
    """
    if not math.isfinite(value):
        return f"{value:+}" if signed else f"{value}"
    figure = rounded(value, digits)
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
