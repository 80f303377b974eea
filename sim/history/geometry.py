"""The shape of the city in 1917: its water, canals, streets, railways and bridges.

The shores are those of OpenStreetMap, with the land won from the sea since 1917 given back to the water.
Whoever draws from them owes the reader `ATTRIBUTION`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

ATTRIBUTION = (
    "© OpenStreetMap contributors (ODbL 1.0), partly traced from map tiles by Stamen Design (CC BY 3.0)"
)

ORIGIN = (30.315, 59.94)
METRES_PER_DEGREE = (111_412.9 * float(np.cos(np.radians(ORIGIN[1]))), 111_412.9)


@dataclass(frozen=True)
class Area:
    """Water, a park or a great building: its outline, then its islands or courts, (points, 2) of lon, lat."""

    name: str
    kind: str
    rings: tuple[Points, ...]


@dataclass(frozen=True)
class Line:
    """A named line, (points, 2) of lon, lat, under the name it bore in 1917."""

    name: str
    points: Points


@dataclass(frozen=True)
class Canal(Line):
    """A canal or small river, drawn by its middle line."""

    width_m: float


@dataclass(frozen=True)
class Street(Line):
    """A main street; rank 1 is the greatest, 3 the least."""

    rank: int


@dataclass(frozen=True)
class Bridge(Line):
    """A bridge from bank to bank, and whether it can be raised."""

    raisable: bool


@dataclass(frozen=True)
class Name:
    """A word to be written along a line: a river, a quarter, a street; level 1 is for the smallest scale."""

    text: str
    kind: str
    level: int
    size: float
    points: Points


@dataclass(frozen=True)
class Geometry:
    """Everything the background of the map is drawn from, in degrees."""

    water: tuple[Area, ...]
    canals: tuple[Canal, ...]
    streets: tuple[Street, ...]
    rails: tuple[Line, ...]
    bridges: tuple[Bridge, ...]
    grounds: tuple[Area, ...]
    names: tuple[Name, ...]


def project(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Points:
    """Degrees to metres east and north of the Admiralty side, (..., 2); equirectangular, good to 1 in 1,000.

    >>> project(30.315, 59.94).tolist()
    [0.0, 0.0]
    """
    east = (np.asarray(lon, float) - ORIGIN[0]) * METRES_PER_DEGREE[0]
    north = (np.asarray(lat, float) - ORIGIN[1]) * METRES_PER_DEGREE[1]
    return np.stack(np.broadcast_arrays(east, north), axis=-1)


def unproject(metres: npt.ArrayLike) -> Points:
    """Metres east and north, (..., 2), back to lon, lat."""
    return np.asarray(metres, float) / METRES_PER_DEGREE + ORIGIN


@cache
def geometry() -> Geometry:
    """The city's shape, read once and kept.

    >>> [canal.width_m for canal in geometry().canals if canal.name == "Fontanka"]
    [52.0]
    """
    water = _features("water")
    lines = [feature for feature in water if feature["geometry"]["type"] == "LineString"]
    return Geometry(
        water=tuple(area for feature in water for area in _areas(feature)),
        canals=tuple(Canal(*_named(f), width_m=float(f["properties"]["width_m"])) for f in lines),
        streets=tuple(Street(*_named(f), rank=f["properties"]["rank"]) for f in _features("streets")),
        rails=tuple(Line(*_named(f)) for f in _features("rails")),
        bridges=tuple(
            Bridge(*_named(f), raisable=f["properties"]["drawbridge"]) for f in _features("bridges")
        ),
        grounds=tuple(area for feature in _features("grounds") for area in _areas(feature)),
        names=tuple(Name(points=_points(f), **f["properties"]) for f in _features("names")),
    )


def _features(file: str) -> list[dict[str, Any]]:
    text = files("sim.history").joinpath("data", f"{file}.geojson").read_text(encoding="utf-8")
    features: list[dict[str, Any]] = json.loads(text)["features"]
    return features


def _named(feature: dict[str, Any]) -> tuple[str, Points]:
    properties = feature["properties"]
    return properties.get("name_1917") or properties["name_en"], _points(feature)


def _points(feature: dict[str, Any]) -> Points:
    return _frozen(feature["geometry"]["coordinates"])


def _areas(feature: dict[str, Any]) -> list[Area]:
    shape, properties = feature["geometry"], feature["properties"]
    if shape["type"] == "LineString":
        return []
    parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    name, kind = properties["name_en"], properties["kind"]
    return [Area(name, kind, tuple(_frozen(ring) for ring in rings)) for rings in parts]


def _frozen(coordinates: Any) -> Points:
    points = np.asarray(coordinates, dtype=float)
    points.setflags(write=False)
    return points
