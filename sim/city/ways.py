"""Ways: the fastest way between all places under any set of raised bridges, worked out when it is first asked
for.

Each thread has its own, so that no two write the same row; SciPy's Dijkstra cannot be called from compiled
rules, and is what this one is tested against.
"""

from __future__ import annotations

from math import inf
from typing import Annotated, Any

import numpy as np

from sim.compiled import entry, rule
from sim.records import Grid, Record, Row, i4


class Ways(Record):
    """The network as numbers, and a row of the tables for every way of travelling and set of raised bridges
    in use.
    """

    places: i4
    used: i4  # rows in use
    masks: i4
    km: Annotated[Grid[float], "f4", 3, "places", "places"]
    # minutes along an edge, at LAND_SPEED on land; 0 none
    takes: Annotated[Grid[float], "f8", 3, "places", "places"]
    pace: Annotated[Grid[int], "i1", 3, "places", "places"]  # 0 land, 1 rail, 2 water
    # the bridge that closes an edge when raised, as a bit
    shut_if: Annotated[Grid[int], "i4", 3, "places", "places"]
    open_if: Annotated[Grid[int], "i4", 3, "places", "places"]  # the bridge that opens it
    bit: Annotated[Row[int], "i4", "places"]
    row_of: Annotated[Grid[int], "i2", 3, "masks"]  # -1: not worked out
    hop: Annotated[Grid[int], "i2", "rows", "places", "places"]  # next place from one to another, -1 no way
    minutes: Annotated[Grid[float], "f4", "rows", "places", "places"]


ROWS = 400


@rule
def row(ways: Ways, graph: int, mask: int) -> int:
    """The row of the tables for a way of travelling and a set of raised bridges."""
    known = ways.row_of[graph, mask]
    if known >= 0:
        return known
    if ways.used == ROWS:  # all are taken: begin again
        for g in range(3):
            for m in range(ways.masks):
                ways.row_of[g, m] = -1
        ways.used = 0
    new = ways.used
    ways.used += 1
    ways.row_of[graph, mask] = new
    work_out(ways, graph, mask, new)
    return new


@rule
def work_out(ways: Ways, graph: int, mask: int, new: int) -> None:
    """Fill a row: Dijkstra backwards from every goal. A raised bridge can be walked up to, but not left
    again: nobody gets across.
    """
    n = ways.places
    near = np.empty((n, n), np.int16)  # those from whom an edge leads to a place
    count = np.zeros(n, np.int64)
    for i in range(n):
        if ways.bit[i] & mask:
            continue
        for j in range(n):
            opened = ways.open_if[graph, i, j]
            if ways.takes[graph, i, j] > 0.0 and (opened == 0 or opened & mask):
                near[j, count[j]] = i
                count[j] += 1
    for goal in range(n):
        towards(ways, graph, new, goal, near, count)


@rule
def towards(ways: Ways, graph: int, new: int, goal: int, near: Any, count: Any) -> None:
    """Minutes and next place from everywhere to a goal."""
    n = ways.places
    far, done = np.full(n, inf), np.zeros(n, np.bool_)
    far[goal] = 0.0
    for i in range(n):
        ways.hop[new, i, goal] = -1
    for _ in range(n):
        at, nearest = -1, inf
        for i in range(n):
            if not done[i] and far[i] < nearest:
                at, nearest = i, far[i]
        if at < 0:
            break
        done[at] = True
        for k in range(count[at]):
            i = near[at, k]
            if nearest + ways.takes[graph, i, at] < far[i]:
                far[i] = nearest + ways.takes[graph, i, at]
                ways.hop[new, i, goal] = at
    for i in range(n):
        ways.minutes[new, i, goal] = far[i]


@entry
def look_up(ways: Any, graph: int, mask: int) -> int:
    """The row of the tables of the first of some networks, for whoever asks from Python."""
    return row(ways[0], graph, mask)
