"""Loading: a saved run or ensemble, whichever a file holds."""

from __future__ import annotations

import warnings
from pathlib import Path

import xarray as xr

from sim.results import ensemble, run
from sim.results.ensemble import Ensemble
from sim.results.run import Run
from sim.results.saved import ResultError
from sim.store import changed_since


def load(path: str | Path) -> Run | Ensemble:
    """Read a run or an ensemble that was saved; warns if tables or rules have changed since. Raises
    ResultError if the file is neither.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as found:
            data = found.load()
        many = data.attrs.pop("holds", "run") == "ensemble"
        read = ensemble.from_data(data) if many else run.from_data(data)
        other = changed_since(data.attrs)
    except (OSError, KeyError, ValueError) as error:
        raise ResultError(f"{path}: wanted a saved run or ensemble, got {_got(Path(path), error)}") from None
    if other:
        warnings.warn(f"{path}: {other}; what is played again comes out otherwise", stacklevel=2)
    return read


def _got(path: Path, error: Exception) -> str:
    if not path.exists():
        return "no such file"
    if path.is_dir():
        return "a folder"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'nothing'}"
