"""Loading: a saved run or ensemble, whichever a file holds."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from sim.forks import Fork
from sim.results import ensemble, run
from sim.results.ensemble import Ensemble
from sim.results.run import Run
from sim.results.saved import ResultError


def load(path: str | Path) -> Run | Ensemble | Fork:
    """Read a run, an ensemble, or a fork (.toml) that was saved. Raises ResultError if the file is none."""
    try:
        if str(path).endswith(".toml"):
            return Fork.of(Path(path).read_text(encoding="utf-8"), str(path))[0]
        with xr.open_dataset(path, engine="h5netcdf") as found:
            data = found.load()
        return (
            ensemble.from_data(data) if data.attrs.pop("holds", "run") == "ensemble" else run.from_data(data)
        )
    except ResultError:
        raise
    except (OSError, KeyError, ValueError) as error:
        raise ResultError(
            f"{path}: wanted a saved run, ensemble or fork, got {_got(Path(path), error)}"
        ) from None


def _got(path: Path, error: Exception) -> str:
    if not path.exists():
        return "no such file"
    if path.is_dir():
        return "a folder"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'nothing'}"
