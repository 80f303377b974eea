"""The city: ways through it, the Neva that parts it when the bridges are up, and its face as a Mesa
network.
"""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from likeness import HISTORY
from mesa.discrete_space import Network
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.city import space
from sim.city.streets import GRAPHS, City
from sim.city.ways import look_up

BANKS = {
    "admiralty_side": "left bank",
    "vasilevsky": "Vasilevsky",
    "petrograd_side": "Petrograd side",
    "zayachy": "Petrograd side",
    "vyborg_side": "right bank",
    "okhta_side": "right bank",
}
SPANS = sorted({r.raised_bridge for r in HISTORY.routes if r.raised_bridge})
FOOT_SPANS = [b for b in SPANS if any(r.mode != "rail" for r in HISTORY.routes if r.raised_bridge == b)]
SHIP_WAYS = [(r.start, r.end, r.open_bridge) for r in HISTORY.routes if r.open_bridge]
LAND = 4.5


def raised(city: City, *names: str) -> int:
    """The bit mask of some raised bridges."""
    return sum(city.bit[city.index[name]] for name in names)


def hops(city: City, graph: str, mask: int) -> np.ndarray:
    """The next place from every place to every other, -1 where there is no way."""
    ways, n = city.ways(), len(city.ids)
    row = look_up(ways, list(GRAPHS).index(graph), mask)
    return np.array(ways[0]["hop"][row, :n, :n])


def great_circle(start: str, end: str) -> float:
    """Kilometres between two places by the law of cosines, on a sphere of 6371 km."""
    (lat1, lon1), (lat2, lon2) = (
        np.radians([HISTORY.places[p].lat, HISTORY.places[p].lon]) for p in (start, end)
    )
    return float(
        6371 * np.arccos(np.sin(lat1) * np.sin(lat2) + np.cos(lat1) * np.cos(lat2) * np.cos(lon2 - lon1))
    )


def test_raised_bridges_part_the_city(city: City) -> None:
    """With every movable bridge up one can walk between two places of the city only if they lie on one
    bank.
    """
    ashore = [p for p in HISTORY.places.values() if p.bank in BANKS]
    rows = [city.index[p.id] for p in ashore]
    reached = np.isfinite(city.table("foot", raised(city, *SPANS)))[np.ix_(rows, rows)]
    same_bank = np.array([[BANKS[p.bank] == BANKS[q.bank] for q in ashore] for p in ashore])
    assert np.array_equal(reached, same_bank)


def test_lowered_bridges_join_the_city(city: City) -> None:
    """With every bridge down one can walk from anywhere in the city to anywhere else."""
    rows = [city.index[p.id] for p in HISTORY.places.values() if p.bank in BANKS]
    assert np.isfinite(city.table("foot")[np.ix_(rows, rows)]).all()


@pytest.mark.parametrize("bridge", FOOT_SPANS)
def test_raised_bridge_can_be_walked_up_to(city: City, bridge: str) -> None:
    """A raised bridge is reached from every place from which it was reached before, in the same time."""
    here = city.index[bridge]
    others = [city.index[b] for b in FOOT_SPANS]
    before, after = city.table("foot")[:, here], city.table("foot", raised(city, bridge))[:, here]
    heads = [i for i in range(len(city.ids)) if city.legs["foot"]["takes"][i, here] > 0 and i not in others]
    assert np.isfinite(before[heads]).all()
    assert np.array_equal(before[heads], after[heads])


@pytest.mark.parametrize("bridge", SPANS)
@pytest.mark.parametrize("graph", ["foot", "rail"])
def test_raised_bridge_is_not_crossed(city: City, graph: str, bridge: str) -> None:
    """No way leads on from a raised bridge."""
    after = city.table(graph, raised(city, bridge))[city.index[bridge]].copy()
    after[city.index[bridge]] = np.inf
    assert not np.isfinite(after).any()


@pytest.mark.parametrize("bridge", SPANS)
@pytest.mark.parametrize("graph", ["foot", "rail"])
def test_raising_makes_no_way_shorter(city: City, graph: str, bridge: str) -> None:
    """Raising a bridge, alone or after all others, shortens no way by land between any two places."""
    others = raised(city, *SPANS) - raised(city, bridge)
    for mask in (0, others):
        assert (city.table(graph, mask | raised(city, bridge)) >= city.table(graph, mask)).all()


@pytest.mark.parametrize(("start", "end", "bridge"), SHIP_WAYS)
def test_ships_pass_an_open_span_only(city: City, start: str, end: str, bridge: str) -> None:
    """An edge of water through a bridge lies on no ship's way while the span is shut, and is the ship's way
    once it is open."""
    i, j = city.index[start], city.index[end]
    shut = hops(city, "water", raised(city, *SPANS) - raised(city, bridge))
    assert not ((shut[i] == j) | (shut[j] == i)).any()
    assert city.path(i, j, "water", raised(city, bridge)) == [i, j]


def test_two_edges_of_water_go_through_a_bridge() -> None:
    """The record has two such ways, from Kronstadt and from the Aurora's anchorage."""
    assert {start for start, _, _ in SHIP_WAYS} == {"kronstadt", "aurora_anchorage"}


MODES = [
    ("foot", {"street", "bridge"}),
    ("rail", {"street", "bridge", "rail"}),
    ("water", {"street", "bridge", "water"}),
]


@pytest.mark.parametrize(("graph", "modes"), MODES)
def test_edges_of_a_way_of_travelling(city: City, graph: str, modes: set[str]) -> None:
    """On foot one uses streets and bridges only; who comes by rail or water can walk on from there."""
    pairs = {frozenset((r.start, r.end)) for r in HISTORY.routes if r.mode in modes}
    legs = {frozenset((city.ids[i], city.ids[j])) for i, j in np.argwhere(city.legs[graph]["takes"] > 0)}
    assert legs == pairs


WALKED = [r for r in HISTORY.routes if r.mode in ("street", "bridge")]


@pytest.mark.parametrize("route", WALKED[::12], ids=lambda r: f"{r.start}-{r.end}")
def test_street_times(city: City, route: object) -> None:
    """A street is 1.1 times the great circle, or as long as documented, and is walked at 4.5 km/h."""
    km = route.km if route.km is not None else 1.1 * great_circle(route.start, route.end)
    takes = city.legs["foot"]["takes"][city.index[route.start], city.index[route.end]]
    assert takes == pytest.approx(km / LAND * 60, rel=1e-4)


@pytest.mark.parametrize(("graph", "mode", "speed"), [("rail", "rail", 30), ("water", "water", 18)])
def test_rail_and_water_times(city: City, graph: str, mode: str, speed: float) -> None:
    """Every documented length of line or fairway is travelled at the speed of trains or ships, unless walking
    is faster."""
    for route in (r for r in HISTORY.routes if r.mode == mode and r.km is not None):
        takes = city.legs[graph]["takes"][city.index[route.start], city.index[route.end]]
        assert takes == pytest.approx(route.km / speed * 60, rel=1e-4)


@pytest.mark.parametrize(
    ("start", "end"),
    [("smolny", "winter_palace"), ("vyborg_soviet", "narva_putilov"), ("fofanova_flat", "smolny")],
)
@pytest.mark.parametrize(
    "bridges", [(), ("liteiny_bridge",), ("liteiny_bridge", "troitsky_bridge", "palace_bridge")]
)
def test_time_of_a_way_is_the_sum_of_its_legs(
    city: City, start: str, end: str, bridges: tuple[str, ...]
) -> None:
    """The time in the table is that of the legs on the path, added up, and networkx finds no shorter one."""
    mask, (i, j) = raised(city, *bridges), (city.index[start], city.index[end])
    way = city.path(i, j, mask=mask)
    legs = city.legs["foot"]
    assert city.table("foot", mask)[i, j] == pytest.approx(
        sum(legs["takes"][a, b] for a, b in pairwise(way)), rel=1e-5
    )
    streets = nx.Graph()
    for route in (r for r in WALKED if r.raised_bridge not in bridges):
        km = route.km if route.km is not None else 1.1 * great_circle(route.start, route.end)
        streets.add_edge(route.start, route.end, minutes=km / LAND * 60)
    assert city.table("foot", mask)[i, j] == pytest.approx(
        nx.shortest_path_length(streets, start, end, "minutes"), rel=1e-4
    )


def sets_of_bridges(city: City) -> list[int]:
    """Some sixty sets of raised bridges: none, all, each alone, all but each, and others at random, always
    the same."""
    every = raised(city, *SPANS)
    drawn = np.random.default_rng(1917).integers(0, every + 1, 60)
    singles = [raised(city, span) for span in SPANS]
    return list(dict.fromkeys([0, every, *singles, *(every - one for one in singles), *drawn.tolist()]))[:62]


@pytest.mark.parametrize("graph", GRAPHS)
def test_ways_are_those_of_scipy(city: City, graph: str) -> None:
    """The compiled search finds exactly the minutes and the next places that SciPy's Dijkstra finds, whatever
    bridges are up."""
    legs, ways, n, number = city.legs[graph], city.ways(), len(city.ids), list(GRAPHS).index(graph)
    masks = sets_of_bridges(city)
    assert len(masks) >= 60
    for mask in masks:
        up = np.zeros(n, bool)
        up[[place for place, bit in city.bit.items() if bit & mask]] = True
        unopened = (legs["open_if"] > 0) & ((legs["open_if"] & mask) == 0)
        takes = np.where(up[:, None] | unopened, 0.0, legs["takes"])
        minutes, after = dijkstra(csr_array(takes.T), directed=True, return_predecessors=True)
        row = look_up(ways, number, mask)
        assert np.array_equal(ways[0]["minutes"][row, :n, :n], minutes.T.astype(np.float32))
        assert np.array_equal(ways[0]["hop"][row, :n, :n], np.where(after >= 0, after, -1).T)


def test_ways_begun_again(city: City) -> None:
    """When all rows for sets of bridges are taken the search begins again, and finds what it found."""
    ways, n, masks = city.ways(), len(city.ids), sets_of_bridges(city)
    capacity = len(ways[0]["minutes"])
    ways[0]["used"] = capacity - 1
    found = [np.array(ways[0]["minutes"][look_up(ways, 0, mask), :n, :n]) for mask in masks[:3]]
    assert ways[0]["used"] == 2
    assert all(
        np.array_equal(one, city.table("foot", mask)) for one, mask in zip(found, masks[:3], strict=True)
    )
    assert look_up(ways, 0, masks[0]) == 2


def test_no_way(city: City) -> None:
    """Where no way is open the path is empty."""
    ends = city.index["smolny"], city.index["peter_paul_fortress"]
    assert city.path(*ends, mask=raised(city, *SPANS)) == []


def test_network(city: City) -> None:
    """The city is a Mesa Network whose cells are all its places and whose links are all its routes."""
    network = space.network(city)
    assert isinstance(network, Network)
    assert {cell.coordinate for cell in network.all_cells} == set(HISTORY.places)


def test_neighbours_in_the_network(city: City) -> None:
    """A cell is connected with the places to which a route leads."""
    network = space.network(city)
    joined = {
        r.end if r.start == "smolny" else r.start for r in HISTORY.routes if "smolny" in (r.start, r.end)
    }
    assert {cell.coordinate for cell in network["smolny"].neighborhood} == joined
