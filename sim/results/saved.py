"""Saved results: one netCDF file for a run, an ensemble or a comparison, which says what it holds."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import xarray as xr

from sim.errors import StoreError


class ResultError(ValueError):
    """A question a result cannot answer, or a file that is none: one line, with the nearest name."""


def write(data: xr.Dataset | xr.DataTree, path: str | Path, holds: str) -> Path:
    """Write a dataset, or several in a tree, to a file, whole or not at all, naming what it holds ("run",
    "ensemble", "comparison", "chances").
    """
    target = Path(path)
    data.attrs["holds"] = holds
    packed: Any = (
        {node.path: _packing(node.to_dataset()) for node in data.leaves}
        if isinstance(data, xr.DataTree)
        else _packing(data)
    )
    unfinished = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        data.to_netcdf(unfinished, engine="h5netcdf", encoding=packed)
        unfinished.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise StoreError(f"{target}: wanted a file that can be written ({error.strerror or error})") from None
    return target


def _packing(data: xr.Dataset) -> dict[Any, dict[str, Any]]:
    """How the variables of a dataset are packed."""
    return {
        name: {"zlib": True, "complevel": 1}
        for name, var in data.data_vars.items()
        if var.dtype.kind in "iufb" and var.ndim
    }
