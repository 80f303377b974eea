"""The store: finished batches of an ensemble as files, so that a run that was killed goes on where it was.

A batch is one netCDF file whose name holds the hash of its bytes; what is simulated (scenario, seed, parameters, tables and
rules) names the folder, so that worlds of different runs never meet.
"""

from __future__ import annotations

import io
import json
import os
import warnings
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sim.batches import Batch
from sim.errors import slug

if TYPE_CHECKING:
    import xarray as xr

HEX = 12


class StoreError(OSError):
    """A folder that cannot be read or written: one line, with what is kept."""


def digests() -> dict[str, str]:
    """What the results of a run rest on: a hash of the tables of history and parameters, and one of the code of the model."""
    root = Path(str(files("sim")))
    tables = [*sorted((root / "history" / "data").rglob("*.csv")), *sorted(root.glob("*.csv"))]
    apart = ("plots", "results", "analysis")
    code = [p for p in sorted(root.rglob("*.py")) if p.relative_to(root).parts[0] not in (*apart, "cli.py", "running.py", "store.py", "progress.py", "app.py")]
    return {"tables": _hash(tables), "model": _hash(code)}


def _hash(paths: list[Path]) -> str:
    found = sha256()
    for path in paths:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:HEX]


class Store:
    """The folder of one ensemble: `folder/<scenario>-<hash of what is simulated>/`. Raises StoreError if it cannot be made."""

    def __init__(self, folder: Path, batch: Batch, identity: dict[str, str]) -> None:
        about = {**identity, "seed": batch.seed, "tracks": batch.tracks, "pulse_minutes": batch.pulse, "scenario": batch.scenario.toml()}
        name = sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]
        self.folder = folder / f"{slug(batch.scenario.name)}-{name}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._put("ensemble.json", json.dumps(about, indent=1).encode())
        except OSError as error:
            raise StoreError(f"wanted a folder that can be written, got '{self.folder}' ({error.strerror})") from None

    def find(self, batch: Batch) -> Path | None:
        """The file of a finished batch, or None; a damaged one is put aside and said."""
        for path in sorted(self.folder.glob(f"{_stem(batch)}.*.nc")):
            if sha256(path.read_bytes()).hexdigest()[:HEX] == path.name.split(".")[1]:
                return path
            warnings.warn(f"{path}: damaged; put aside as {path.name}.damaged, and its worlds are simulated again", stacklevel=2)
            path.replace(path.with_name(path.name + ".damaged"))
        return None

    def write(self, batch: Batch, data: xr.Dataset) -> Path:
        """Put a finished batch on disk, whole or not at all. Raises StoreError."""
        packed = {name: {"zlib": True, "complevel": 1} for name, var in data.data_vars.items() if var.ndim > 1}
        content = bytes(data.to_netcdf(engine="h5netcdf", encoding=packed))
        try:
            return self._put(f"{_stem(batch)}.{sha256(content).hexdigest()[:HEX]}.nc", content)
        except OSError as error:
            done = len(list(self.folder.glob("worlds-*.nc")))
            raise StoreError(
                f"{self.folder}: cannot write worlds {batch.first}-{batch.stop - 1} ({error.strerror}); {done} finished batches are kept, and the same command goes on from there"
            ) from None

    def _put(self, name: str, content: bytes) -> Path:
        target = self.folder / name
        unfinished = target.with_name(f"{name}.{os.getpid()}.part")
        try:
            with unfinished.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        return target


def read(path: Path) -> xr.Dataset:
    """A finished batch, in memory."""
    import xarray as xr

    with xr.open_dataset(io.BytesIO(path.read_bytes()), engine="h5netcdf") as found:
        return found.load()


def _stem(batch: Batch) -> str:
    return f"worlds-{batch.first:07d}-{batch.stop - 1:07d}"
