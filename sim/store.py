"""The store: finished worlds of an ensemble as files, so that the same call resumes an interrupted run.

A file holds a chunk of worlds, and its name the hash of its bytes; what is played (scenario, seed,
parameters, tables and rules) names the folder, so that worlds of different models never meet.
"""

from __future__ import annotations

import io
import json
import tempfile
import warnings
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import StoreError, slug
from sim.results.rows import Rows

HEX = 12
APART = (
    "plots",
    "results",
    "analysis",
    "cli.py",
    "charting.py",
    "playing.py",
    "store.py",
    "app.py",
    "telling.py",
    "names.py",
    "wording.py",
    "agents",
    "model.py",
)


def digests() -> dict[str, str]:
    """What the results of a run rest on: a hash of the tables of history and parameters, and one of the code
    of the model.
    """
    root = Path(str(files("sim")))
    tables = [*sorted((root / "history" / "data").rglob("*.csv")), *sorted(root.glob("*.csv"))]
    code = [p for p in sorted(root.rglob("*.py")) if p.relative_to(root).parts[0] not in APART]
    return {"tables": _hash(tables), "model": _hash(code)}


def changed_since(attrs: Mapping[str, Any]) -> str:
    """What of tables and model is not as it was when a result was made, in words; nothing if all is."""
    made, now = json.loads(attrs.get("digests", "{}")), digests()
    if not made:
        return "it does not say of which tables and rules it was made"
    other = [name for name, digest in now.items() if made.get(name) != digest]
    said = {"tables": "tables of history and parameters", "model": "rules"}
    return f"it was made with other {' and '.join(said[name] for name in other)}" if other else ""


def _hash(paths: list[Path]) -> str:
    found = sha256()
    for path in paths:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:HEX]


def identity(values: list[Mapping[str, NDArray[Any]]]) -> dict[str, str]:
    """What tells worlds apart besides their scenario: digests, and a hash of the parameters set in some
    chunks, whatever their number.
    """
    names = sorted({name for chunk in values for name in chunk})
    sets = {
        name: np.concatenate([np.atleast_1d(chunk[name]) for chunk in values if name in chunk])
        for name in names
    }
    told = [(name, float(v[0]) if (v == v[0]).all() else v.tobytes()) for name, v in sets.items()]
    return {**digests(), "parameters": sha256(repr(told).encode()).hexdigest()[:HEX]}


class Store:
    """The folder of one ensemble, named by its scenario and a hash of what is played.

    Raises StoreError if it cannot be made.
    """

    def __init__(self, folder: Path, scenario: str, about: Mapping[str, object]) -> None:
        name = sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]
        self.folder = folder / f"{slug(scenario)}-{name}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / "ensemble.json").exists():
                put(self.folder / "ensemble.json", json.dumps(about, indent=1).encode())
        except OSError as error:
            raise StoreError(
                f"wanted a folder that can be written, got '{self.folder}' ({error.strerror})"
            ) from None

    def read(self, first: int, stop: int) -> Rows | None:
        """The worlds from `first` to before `stop`, or None; a damaged file is put aside and said."""
        for path in sorted(self.folder.glob(f"{_stem(first, stop)}.*.npz")):
            content = path.read_bytes()
            if sha256(content).hexdigest()[:HEX] == path.name.split(".")[1]:
                with np.load(io.BytesIO(content)) as found:
                    return Rows(found["rows"], found.get("samples"), found.get("holding"))
            said = f"{path}: damaged; put aside as {path.name}.damaged, and its worlds are played again"
            warnings.warn(said, stacklevel=2)
            path.replace(path.with_name(path.name + ".damaged"))
        return None

    def write(self, first: int, stop: int, rows: Rows) -> None:
        """Put finished worlds on disk, whole or not at all. Raises StoreError."""
        packed = io.BytesIO()
        np.savez_compressed(
            packed, **{k: v for k, v in vars(rows).items() if v is not None and k != "shared"}
        )
        content = packed.getvalue()
        try:
            put(self.folder / f"{_stem(first, stop)}.{sha256(content).hexdigest()[:HEX]}.npz", content)
        except OSError as error:
            done = len(list(self.folder.glob("worlds-*.npz")))
            raise StoreError(
                f"{self.folder}: cannot write worlds {first}-{stop - 1} ({error.strerror}); "
                f"{done} finished parts are kept, and the same command goes on from there"
            ) from None


def put(target: Path, content: bytes) -> None:
    """Write a file whole or not at all, whoever else writes it."""
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f"{target.name}.", suffix=".part", delete=False
    ) as out:
        unfinished = Path(out.name)
        try:
            out.write(content)
            out.flush()
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
    unfinished.replace(target)


def _stem(first: int, stop: int) -> str:
    return f"worlds-{first:07d}-{stop - 1:07d}"
