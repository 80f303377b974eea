"""Loading: a saved run, ensemble, comparison, chances or worth, whichever a file holds."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import xarray as xr

from sim.analysis import worth
from sim.analysis.worth import Worth
from sim.forks import Fork
from sim.results import chances, comparison, ensemble, run
from sim.results.chances import Chances
from sim.results.comparison import Comparison
from sim.results.ensemble import Ensemble
from sim.results.run import Run
from sim.results.saved import ResultError
from sim.store import changed_since


def load(path: str | Path) -> Run | Ensemble | Comparison | Chances | Worth | Fork:
    """Read a run, an ensemble, a comparison, chances, a worth, or a fork (.toml) that was saved; warns if
    tables or rules have changed since. Raises ResultError if the file is none of these.
    """
    read: Run | Ensemble | Comparison | Chances | Worth | Fork
    try:
        read, attrs = _recipe(path) if str(path).endswith(".toml") else _result(path)
        other = changed_since(attrs)
    except (OSError, KeyError, ValueError) as error:
        wanted = "a saved run, ensemble, comparison, chances, worth or fork"
        raise ResultError(f"{path}: wanted {wanted}, got {_got(Path(path), error)}") from None
    if other:
        warnings.warn(f"{path}: {other}; what is played again comes out otherwise", stacklevel=2)
    return read


def _recipe(path: str | Path) -> tuple[Fork, dict[str, Any]]:
    """A fork out of its recipe, and what it says of how it was made."""
    read, made = Fork.of(Path(path).read_text(encoding="utf-8"), str(path))
    return read, {"digests": json.dumps(made)}


def _result(path: str | Path) -> tuple[Run | Ensemble | Comparison | Chances | Worth, dict[str, Any]]:
    """What a netCDF file holds, and what it says of how it was made."""
    with xr.open_dataset(path, engine="h5netcdf") as found:
        data = found.load()
    holds = data.attrs.pop("holds", "run")
    if holds == "comparison":
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            compared = comparison.from_tree(tree.load())
        return compared, compared.base.data.attrs
    if holds == "chances":
        charted = chances.from_data(data)
        return charted, charted.data.attrs
    if holds == "worth":
        decided = worth.from_data(data)
        return decided, decided.data.attrs
    one = ensemble.from_data(data) if holds == "ensemble" else run.from_data(data)
    return one, one.data.attrs


def _got(path: Path, error: Exception) -> str:
    if not path.exists():
        return "no such file"
    if path.is_dir():
        return "a folder"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'nothing'}"
