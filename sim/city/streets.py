"""The city: places, streets, rails and water as one network, and the way through it under any set of raised
bridges.
"""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from sim.city.ways import ROWS, Ways, look_up
from sim.history import History
from sim.records import blank
from sim.state import Shape

# How a unit travels decides which edges it may use. Speeds in km/h, rail and water given; on land the unit's
# own.
GRAPHS = {
    "foot": ("street", "bridge"),
    "rail": ("street", "bridge", "rail"),
    "water": ("street", "bridge", "water"),
}
SHIP = list(GRAPHS).index("water")  # who goes on board before he goes
RAIL_SPEED, WATER_SPEED, LAND_SPEED = 30.0, 18.0, 4.5
STREET_DETOUR = 1.1
EARTH_KM = 6371.0


class City:
    """Distances, bridges and fastest ways between the places of a history.

    A set of raised bridges is a bit mask over `bridges`.
    """

    def __init__(self, history: History) -> None:
        self.ids = list(history.places)
        self.index = {name: i for i, name in enumerate(self.ids)}
        self.lat = np.array([p.lat for p in history.places.values()])
        self.lon = np.array([p.lon for p in history.places.values()])
        self.graph = self._graph(history)
        spans = [d["raised"] for _, _, d in self.graph.edges(data=True) if d["raised"]]
        self.bridges = np.array(sorted({self.index[b] for b in spans}), dtype=np.intp)
        self.bit = {int(place): 1 << k for k, place in enumerate(self.bridges)}
        self.legs = {name: self._legs(modes) for name, modes in GRAPHS.items()}
        self._own = self.ways()

    def _graph(self, history: History) -> nx.MultiGraph[str]:
        graph: nx.MultiGraph[str] = nx.MultiGraph()
        graph.add_nodes_from(self.ids)
        for route in history.routes:
            i, j = self.index[route.start], self.index[route.end]
            km = route.km if route.km is not None else self.apart(i, j) * self._detour(route.mode)
            graph.add_edge(
                route.start,
                route.end,
                mode=route.mode,
                km=km,
                raised=route.raised_bridge or "",
                opened=route.open_bridge or "",
            )
        return graph

    @staticmethod
    def _detour(mode: str) -> float:
        return STREET_DETOUR if mode in ("street", "bridge") else 1.0

    def apart(self, i: Any, j: Any) -> Any:
        """Great-circle kilometres between places, by index."""
        lat1, lon1, lat2, lon2 = (np.radians(x) for x in (self.lat[i], self.lon[i], self.lat[j], self.lon[j]))
        half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
        return 2 * EARTH_KM * np.arcsin(np.sqrt(half))

    def _legs(self, modes: tuple[str, ...]) -> dict[str, NDArray[Any]]:
        """Kilometres, pace (0 land, 1 rail, 2 water) and the bridge bits of every edge open to some modes."""
        n = len(self.ids)
        legs: dict[str, NDArray[Any]] = {
            "km": np.zeros((n, n), np.float32),
            "pace": np.zeros((n, n), np.int8),
            "shut_if": np.zeros((n, n), np.int64),
            "open_if": np.zeros((n, n), np.int64),
        }
        best = np.full((n, n), np.inf)
        for a, b, edge in self.graph.edges(data=True):
            pace = {"rail": 1, "water": 2}.get(edge["mode"], 0)
            takes = edge["km"] / (LAND_SPEED, RAIL_SPEED, WATER_SPEED)[pace] * 60
            ends = self.index[a], self.index[b]
            if edge["mode"] in modes and takes < best[ends]:
                best[ends] = best[ends[::-1]] = takes
                for i, j in (ends, ends[::-1]):
                    legs["km"][i, j], legs["pace"][i, j] = edge["km"], pace
                    legs["shut_if"][i, j] = self.bit.get(self.index.get(edge["raised"], -1), 0)
                    legs["open_if"][i, j] = self.bit.get(self.index.get(edge["opened"], -1), 0)
        legs["takes"] = np.where(np.isfinite(best), np.maximum(best, 0.05), 0.0)
        return legs

    def ways(self) -> NDArray[Any]:
        """The network as a record for compiled rules (1,), with no way worked out yet; places fill up to the
        capacity of the record.
        """
        sizes = {"places": _room(len(self.ids)), "masks": 1 << len(self.bridges), "rows": ROWS}
        made, n = blank(Ways, 1, sizes), len(self.ids)
        it = made[0]
        it["places"], it["masks"] = n, sizes["masks"]
        for g, name in enumerate(GRAPHS):
            for field in ("km", "takes", "pace", "shut_if", "open_if"):
                it[field][g, :n, :n] = self.legs[name][field]
        it["bit"][list(self.bit)] = list(self.bit.values())
        it["row_of"] = -1
        return made

    def table(self, graph: str, mask: int = 0) -> NDArray[np.float32]:
        """Minutes on foot, or at rail and water speed, between all places, some bridges raised: (places,
        places).
        """
        row, n = look_up(self._own, list(GRAPHS).index(graph), mask), len(self.ids)
        return np.array(self._own[0]["minutes"][row, :n, :n])

    def path(self, start: int, end: int, graph: str = "foot", mask: int = 0) -> list[int]:
        """The places on the fastest way, both ends included; empty if there is none."""
        hop = self._own[0]["hop"][look_up(self._own, list(GRAPHS).index(graph), mask)]
        way = [start]
        while way[-1] != end:
            following = int(hop[way[-1], end])
            if following < 0:
                return []
            way.append(following)
        return way


def _room(places: int) -> int:
    """How many places a record has room for that holds so many."""
    return Shape.holding(places=places).places


_CITIES: list[tuple[History, City]] = []


def city_of(history: History) -> City:
    """The city of a history, worked out once and shared: its tables only ever grow."""
    for known, city in _CITIES:
        if known is history:
            return city
    _CITIES.append((history, City(history)))
    return _CITIES[-1][1]
