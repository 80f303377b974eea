"""The parameters: one table with meaning, unit, prior and source, what calibration made of them, and values
for every world.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

PLAUSIBLE, CALIBRATED = "plausible", "calibrated"  # a set for every world, or one for all
GOLDEN = (5**0.5 - 1) / 2  # of the golden section, by which worlds are spread over the sets


class ParameterError(ValueError):
    """A parameter that does not exist, or a value that cannot be used."""


@cache
def table() -> pd.DataFrame:
    """The table of parameters, indexed by name: symbol, meaning, unit, low, centre, high, scale, source."""
    with files("sim").joinpath("parameters.csv").open(encoding="utf-8") as source:
        return pd.read_csv(source, keep_default_na=False).set_index("name")


@cache
def centres() -> dict[str, float]:
    """The centre of every prior, by name."""
    return {str(name): float(centre) for name, centre in zip(table().index, table()["centre"], strict=True)}


@cache
def calibrated() -> dict[str, float]:
    """The calibrated value of every parameter, by name: the centre of its prior where the record does not
    identify it.
    """
    found = _read("calibrated.csv")
    return {
        **centres(),
        **(
            {}
            if found is None
            else {str(name): float(value) for name, value in found.set_index("name")["value"].items()}
        ),
    }


@cache
def plausible_rows() -> pd.DataFrame:
    """The sample that calibration left: a row a set of values, a column a parameter."""
    return _sample().drop(columns="weight")


@cache
def plausible_weights() -> NDArray[np.float64]:
    """The weight of every set of the sample (sets,); they add up to 1."""
    weights = _sample()["weight"].to_numpy(float)
    return weights / weights.sum()


@cache
def _sample() -> pd.DataFrame:
    found = _read("plausible.csv")
    rows = pd.DataFrame([calibrated()]) if found is None else found
    return rows if "weight" in rows else rows.assign(weight=1.0)


def set_of(worlds: ArrayLike) -> NDArray[np.int64]:
    """Which set of the sample each of some worlds has (worlds,), from their numbers alone, whatever the seed
    and the scenario.

    World k stands at (k + 1/2) times the golden section, less its whole part, among the sets laid end to end
    by weight: however many worlds there are, every set has its share of them, to a world or two (an additive
    recurrence; Niederreiter 1992).
    """
    stands = np.mod((np.asarray(worlds) + 0.5) * GOLDEN, 1.0)
    ends = np.cumsum(plausible_weights())
    return np.minimum(np.searchsorted(ends, stands, side="right"), len(ends) - 1)


def plausible(worlds: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """The values of the sets that some worlds have, by their numbers: name -> (worlds,)."""
    rows, taken = plausible_rows(), set_of(worlds)
    return {str(name): rows[name].to_numpy(float)[taken] for name in rows.columns}


def of_world(base: str, number: int) -> dict[str, float]:
    """What a world begins with: its own set of the sample ("plausible"), or nothing but the calibrated
    values ("calibrated").
    """
    if base == CALIBRATED:
        return {}
    names, values = _as_array()
    return dict(zip(names, values[set_of(number)].tolist(), strict=True))


@cache
def _as_array() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    rows = plausible_rows()
    return tuple(map(str, rows.columns)), rows.to_numpy(float)


def asked(wanted: Mapping[str, ArrayLike] | str | None) -> tuple[str, Mapping[str, ArrayLike]]:
    """What worlds begin with, and the values set over it: by a word, by values over the sample, or by
    nothing, which is the sample. Raises ValueError for another word.
    """
    if wanted is None:
        return PLAUSIBLE, {}
    if isinstance(wanted, str):
        if wanted not in (PLAUSIBLE, CALIBRATED):
            raise ValueError(
                f'parameters: wanted values by name, "{PLAUSIBLE}" or "{CALIBRATED}", got {wanted!r}'
            )
        return wanted, {}
    return PLAUSIBLE, wanted


def _read(file: str) -> pd.DataFrame | None:
    path = files("sim").joinpath(file)
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as source:
        return pd.read_csv(source)


def given(values: Mapping[str, ArrayLike], worlds: int) -> dict[str, NDArray[np.float64]]:
    """Values set by somebody, one number for all worlds or one for each: name -> (worlds,).

    Raises ParameterError for an unknown name, a wrong length, or a value that it cannot have; one beyond its
    prior is said in a warning.
    """
    if not isinstance(values, Mapping):
        raise ParameterError(f"parameters: wanted values by name, got {values!r}")
    rows = {}
    for name, value in values.items():
        check(name)
        rows[name] = _row(name, value, worlds)
        check(name, float(rows[name].min()))
        check(name, float(rows[name].max()))
        say_if_beyond(name, float(rows[name].min()), float(rows[name].max()))
    return rows


def in_prior(name: str, value: float) -> bool:
    """Whether a value lies within the bounds of a parameter's prior."""
    row = table().loc[name]
    return bool(row["low"] <= value <= row["high"])


def prior_in_words(name: str) -> str:
    """The bounds of a parameter's prior, "prior 0.5 to 4"."""
    row = table().loc[name]
    return f"prior {row['low']:g} to {row['high']:g}"


def say_if_beyond(name: str, *values: float) -> None:
    """Warn of values beyond the prior of a parameter: they are played, but nothing speaks for them."""
    known = name in table().index
    least, most = _bounds(name) if known else (np.inf, -np.inf)  # what cannot be is refused, not said
    beyond = {value: None for value in values if least <= value <= most and not in_prior(name, value)}
    if beyond:
        said = " and ".join(f"{value:g}" for value in beyond)
        warnings.warn(f"parameter '{name}' at {said}: beyond its {prior_in_words(name)}", stacklevel=4)


def check(name: str, value: float = 0.5) -> None:
    """Raise ParameterError, with the nearest name, unless `name` is a parameter and `value` one it can
    have.
    """
    names = list(centres())
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise ParameterError(f"unknown parameter '{name}'{hint} (petrograd list parameters)")
    least, most = _bounds(name)
    if not least <= value <= most:
        wanted = f"a number from {least:g} to {most:g}" if most < np.inf else f"a number from {least:g} on"
        raise ParameterError(f"parameter '{name}': wanted {wanted} ({prior_in_words(name)}), got {value:g}")


def _bounds(name: str) -> tuple[float, float]:
    """The least and the most that a parameter can be."""
    row = table().loc[name]
    return (0.0 if row["low"] >= 0 else -np.inf), (1.0 if row["unit"] == "share" else np.inf)


def _row(name: str, value: ArrayLike, worlds: int) -> NDArray[np.float64]:
    try:
        given = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ParameterError(f"parameter '{name}': wanted a number, got {value!r}") from None
    if given.ndim > 1 or (given.ndim == 1 and given.shape[0] != worlds):
        raise ParameterError(
            f"parameter '{name}': wanted one number or one for each of {worlds} worlds, got shape "
            f"{given.shape}"
        )
    if not np.isfinite(given).all():
        raise ParameterError(f"parameter '{name}': wanted finite numbers, got {value!r}")
    return np.broadcast_to(given, worlds) if given.ndim == 0 else given.copy()
