"""Loading: a saved run, ensemble or comparison, whichever a file holds."""

from __future__ import annotations

import warnings
from pathlib import Path

import xarray as xr

from sim.results import comparison, ensemble, run
from sim.results.comparison import Comparison
from sim.results.ensemble import Ensemble
from sim.results.run import Run
from sim.results.saved import ResultError
from sim.store import changed_since


def load(path: str | Path) -> Run | Ensemble | Comparison:
    """Read a run, an ensemble or a comparison that was saved; warns if tables or rules have changed since.
    Raises ResultError if the file is none of these.
    """
    try:
        with xr.open_dataset(path, engine="h5netcdf") as found:
            data = found.load()
        holds = data.attrs.pop("holds", "run")
        read: Run | Ensemble | Comparison
        if holds == "comparison":
            with xr.open_datatree(path, engine="h5netcdf") as tree:
                read = comparison.from_tree(tree.load())
        else:
            read = ensemble.from_data(data) if holds == "ensemble" else run.from_data(data)
        base = read.base if isinstance(read, Comparison) else read
        other = changed_since(base.data.attrs)
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
