"""A unit: a detachment that decides as one; its state is a row of the model's record, which it reads and
writes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar

import mesa
from mesa.discrete_space import Cell

from sim.rules.units import loyalty


class Duty(IntEnum):
    """What a unit is doing."""

    IN_QUARTERS = 0
    UNDER_WAY = 1
    ON_POST = 2
    BESIEGED = 3
    GONE = 4


class Field:
    """A field of an agent's row, read and written as an attribute."""

    def __init__(self, table: str, doc: str, *, meaning: type[IntEnum] | None = None) -> None:
        self.table, self.meaning, self.__doc__ = table, meaning, doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        value = agent.model.world[self.table][self.name][agent.row].item()
        return value if self.meaning is None else self.meaning(value)

    def __set__(self, agent: Any, value: Any) -> None:
        agent.model.world[self.table][self.name][agent.row] = value


class Unit(mesa.Agent):
    """One detachment of a force; what its kind has in common stands in history/data/force_kinds.csv."""

    kind: ClassVar[str] = ""

    men = Field("units", "Men present.")
    arms = Field("units", "Share of the men who are armed, 0 .. 1.")
    cohesion = Field("units", "Cohesion, 0 .. 1.")
    stance = Field(
        "units", "What it does in public: -1 acts for the government, 0 stays in, +1 acts for the Soviet."
    )
    duty = Field("units", "What it is doing: a `Duty`.", meaning=Duty)

    def __init__(self, model: mesa.Model, *, row: int, name: str, force: str, home: str) -> None:
        super().__init__(model)
        self.row = row
        self.name = name
        self.force = force
        self.home = home

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def loyalty(self) -> float:
        """Its own mind, latent: about -2.5 (government) .. +2.5 (Soviet), agitation and events included."""
        world = self.model.world
        return float(loyalty(world, world["units"][self.row]))

    @loyalty.setter
    def loyalty(self, mind: float) -> None:
        self.model.world["units"]["loyalty"][self.row] += mind - self.loyalty

    @property
    def cell(self) -> Cell:
        """The cell of the city where it is, or which it last left."""
        place: Cell = self.model.space[
            self.model.layout.cast.places.ids[self.model.world["units"]["place"][self.row]]
        ]
        return place

    @cell.setter
    def cell(self, cell: Cell) -> None:
        row = self.model.world["units"][self.row]
        row["place"], row["to"] = cell.index, -1
