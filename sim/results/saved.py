"""Saved results: one netCDF file for a run or an ensemble, which says what it holds."""

from __future__ import annotations

from pathlib import Path

import xarray as xr


class ResultError(ValueError):
    """A question a result cannot answer, or a file that is none: one line, with the nearest name."""


def write(data: xr.Dataset, path: str | Path, holds: str) -> Path:
    """Write a dataset to a file, whole or not at all, naming what it holds ("run", "ensemble")."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    data.attrs["holds"] = holds
    packed = {
        name: {"zlib": True, "complevel": 1}
        for name, var in data.data_vars.items()
        if var.dtype.kind in "iufb" and var.ndim
    }
    unfinished = target.with_name(target.name + ".part")
    try:
        data.to_netcdf(unfinished, engine="h5netcdf", encoding=packed)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target
