"""The space: the city as Mesa's Network, whose cells read and write their rows of a model's record."""

from __future__ import annotations

from random import Random
from typing import Any

import networkx as nx
import numpy as np
from mesa.discrete_space import Cell, Network

from sim.city.streets import City


class Place(Cell):
    """A cell of Mesa's network: one place of the city, which reads and writes its row of the model's
    record.
    """

    model: Any = None
    index: int = -1

    @property
    def agents(self) -> list[Any]:
        """The units that stand here now."""
        if self.model is None:
            return []
        here = np.flatnonzero(self.model.world["units"]["place"][: len(self.model.units)] == self.index)
        return [self.model.units[row] for row in here]

    @property
    def holder(self) -> int:
        """Who holds the place, -1 government .. +1 Soviet."""
        return int(self.model.world["places"]["holder"][self.index])

    @holder.setter
    def holder(self, side: int) -> None:
        self.model.world["places"]["holder"][self.index] = side

    @property
    def raised(self) -> bool:
        """Whether it is a bridge that is up."""
        return bool(self.model.world["places"]["raised"][self.index])

    @raised.setter
    def raised(self, up: bool) -> None:
        self.model.world["places"]["raised"][self.index] = up


def network(city: City) -> Network:
    """The city as Mesa's Network of `Place` cells; nothing is ever drawn from its generator."""
    layout = {name: (city.lon[i], city.lat[i]) for i, name in enumerate(city.ids)}
    return Network(nx.Graph(city.graph), random=Random(0), cell_klass=Place, layout=layout)
