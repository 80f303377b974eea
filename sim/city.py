"""The city: places, streets, rails and water as one network, and the way through it under any set of raised bridges."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from mesa.discrete_space import Cell, Network
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.history import History

if TYPE_CHECKING:
    from sim.agents.unit import Unit

# How a unit travels decides which edges it may use. Speeds in km/h, rail and water given; on land the unit's own.
GRAPHS = {"foot": ("street", "bridge"), "rail": ("street", "bridge", "rail"), "water": ("street", "bridge", "water")}
RAIL_SPEED, WATER_SPEED, LAND_SPEED = 30.0, 18.0, 4.5
STREET_DETOUR = 1.1
EARTH_KM = 6371.0


class Place(Cell):
    """A cell of Mesa's network: one place of the city, with its state read from the model's columns."""

    model: Any = None
    index: int = -1

    @property
    def agents(self) -> list[Unit]:
        """The units that stand here now (world 0 of a batch)."""
        if self.model is None:
            return []
        here = np.flatnonzero(self.model.columns.place[0] == self.index)
        return [self.model.units[row] for row in here]

    @property
    def holder(self) -> Any:
        """Who holds the place, -1 government .. +1 Soviet: a number, or (worlds,) in a batch."""
        return self.model.one(self.model.columns.holder[:, self.index])


class City:
    """Distances, bridges and fastest ways between the places of a history.

    A set of raised bridges is a bit mask over `bridges`; a way is a row of `hop[row]` and `minutes[row]`.
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
        self._rows: dict[tuple[str, int], int] = {}
        self.row_of = np.full((len(GRAPHS), 1 << len(self.bridges)), -1, dtype=np.intp)  # the same by number of the way and mask; -1 not yet
        n = len(self.ids)
        self.hop = np.zeros((0, n, n), dtype=np.int16)
        self.minutes = np.zeros((0, n, n), dtype=np.float32)

    def _graph(self, history: History) -> nx.MultiGraph[str]:
        graph: nx.MultiGraph[str] = nx.MultiGraph()
        graph.add_nodes_from(self.ids)
        for route in history.routes:
            i, j = self.index[route.start], self.index[route.end]
            km = route.km if route.km is not None else self.apart(i, j) * self._detour(route.mode)
            graph.add_edge(route.start, route.end, mode=route.mode, km=km,
                           raised=route.raised_bridge or "", opened=route.open_bridge or "")
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

    def row(self, graph: str, mask: int) -> int:
        """The row of `hop` and `minutes` for a way of travelling and a set of raised bridges, worked out once.

        A raised bridge can be walked up to from either bank, but not left again: nobody gets across.
        """
        known = self._rows.get((graph, mask))
        if known is not None:
            return known
        legs = self.legs[graph]
        up = np.zeros(len(self.ids), bool)
        up[[place for place, bit in self.bit.items() if bit & mask]] = True
        unopened = (legs["open_if"] > 0) & ((legs["open_if"] & mask) == 0)
        takes = np.where(up[:, None] | unopened, 0.0, legs["takes"])
        minutes, after = dijkstra(csr_array(takes.T), directed=True, return_predecessors=True)
        self.hop = np.concatenate([self.hop, np.where(after >= 0, after, -1).T.astype(np.int16)[None]])
        self.minutes = np.concatenate([self.minutes, minutes.T.astype(np.float32)[None]])
        self._rows[(graph, mask)] = len(self._rows)
        self.row_of[list(GRAPHS).index(graph), mask] = len(self._rows) - 1
        return len(self._rows) - 1

    def rows(self, graph: NDArray[np.intp], mask: NDArray[np.int64]) -> NDArray[np.intp]:
        """The rows (n,) for ways of travelling, by their number in GRAPHS, and masks (n,)."""
        rows = self.row_of[graph, mask]
        if rows.min(initial=0) < 0:
            for k in np.flatnonzero(rows < 0):
                self.row(list(GRAPHS)[graph[k]], int(mask[k]))
            rows = self.row_of[graph, mask]
        return rows

    def table(self, graph: str, mask: int = 0) -> NDArray[np.float32]:
        """Minutes on foot, or at rail and water speed, between all places: (places, places)."""
        row = self.row(graph, mask)
        return self.minutes[row]

    def path(self, start: int, end: int, graph: str = "foot", mask: int = 0) -> list[int]:
        """The places on the fastest way, both ends included; empty if there is none."""
        row = self.row(graph, mask)
        way = [start]
        while way[-1] != end:
            following = int(self.hop[row, way[-1], end])
            if following < 0:
                return []
            way.append(following)
        return way

    def network(self) -> Network:
        """The city as Mesa's Network of `Place` cells; nothing is ever drawn from its generator."""
        layout = {name: (self.lon[i], self.lat[i]) for i, name in enumerate(self.ids)}
        return Network(nx.Graph(self.graph), random=Random(0), cell_klass=Place, layout=layout)


_CITIES: list[tuple[History, City]] = []


def city_of(history: History) -> City:
    """The city of a history, worked out once and shared: its tables only ever grow."""
    for known, city in _CITIES:
        if known is history:
            return city
    _CITIES.append((history, City(history)))
    return _CITIES[-1][1]
