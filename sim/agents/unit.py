"""A unit: a detachment that decides as one; its state is a row of the model's record, which it reads and
writes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, ClassVar

import mesa
import numpy as np
from mesa.discrete_space import Cell

from sim.rules.units import loyalty


class Duty(IntEnum):
    """What a unit is doing."""

    IN_QUARTERS = 0
    UNDER_WAY = 1
    ON_POST = 2
    BESIEGED = 3
    GONE = 4


def wanted(agent: Any, name: str, what: str, got: object) -> ValueError:
    """What is said of a value that an agent cannot have."""
    return ValueError(f"{agent!r}, {name}: wanted {what}, got {got!r}")


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, and no truth."""
    is_one = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return is_one and bool(-np.inf < value < np.inf)


def index_of(agent: Any, cell: Any) -> int:
    """The row of a cell's place; ValueError unless it is a cell of the agent's city."""
    if not isinstance(cell, Cell) or getattr(cell, "model", None) is not agent.model:
        raise wanted(agent, "cell", "a cell of the model's space", cell)
    return int(cell.index)


class Fixed:
    """An agent whose identity is read-only once it is given: AttributeError says so."""

    fixed: ClassVar[frozenset[str]] = frozenset()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.fixed and hasattr(self, name):
            raise AttributeError(f"{self!r}, {name}: read-only, got {value!r}")
        super().__setattr__(name, value)


class Field:
    """A field of an agent's row, read and written as an attribute; what it can be lies between two bounds."""

    def __init__(
        self,
        table: str,
        doc: str,
        *,
        least: float = -1,
        most: float = 1,
        whole: bool = True,
        meaning: type[IntEnum] | None = None,
    ) -> None:
        self.table, self.meaning, self.__doc__ = table, meaning, doc
        self.least, self.most, self.whole = least, most, whole
        if meaning is not None:
            self.least, self.most = min(meaning), max(meaning)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        value = agent.model.world[self.table][self.name][agent.row].item()
        return value if self.meaning is None else self.meaning(value)

    def __set__(self, agent: Any, value: Any) -> None:
        fits = is_number(value) and self.least <= value <= self.most
        if not fits or (self.whole and value != int(value)):
            what = f"a {'whole ' if self.whole else ''}number from {self.least:d} to {self.most:d}"
            raise wanted(agent, self.name, what, value)
        agent.model.world[self.table][self.name][agent.row] = value


class Unit(Fixed, mesa.Agent):
    """One detachment of a force, or the party that a force has out; what its kind has in common stands in
    history/data/force_kinds.csv.

    A party has no men until a detachment on post sends some elsewhere, and none once they have fallen in.
    """

    kind: ClassVar[str] = ""

    fixed: ClassVar[frozenset[str]] = frozenset({"row", "name", "force", "home", "kind"})

    men = Field("units", "Men present.", least=0, most=2**31 - 1)
    arms = Field("units", "Share of the men who are armed, 0 .. 1.", least=0, whole=False)
    cohesion = Field("units", "Cohesion, 0 .. 1.", least=0, whole=False)
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
        if not is_number(mind):
            raise wanted(self, "loyalty", "a finite number", mind)
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
        row["place"], row["to"] = index_of(self, cell), -1
