"""People: ministers, commanders, committee men and delegates, each with a place and a state of liberty."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

import mesa
from mesa.discrete_space import Cell

from sim.agents.unit import Field, Fixed, index_of


class Liberty(IntEnum):
    """Whether a person can act."""

    FREE = 0
    TRAVELLING = 1
    HIDDEN = 2
    ARRESTED = 3
    FLED = 4
    ABSENT = 5


class Person(Fixed, mesa.Agent):
    """Somebody by name, with a place and a state of liberty."""

    groups: ClassVar[tuple[str, ...]] = ("other",)

    fixed: ClassVar[frozenset[str]] = frozenset({"row", "name", "groups"})

    liberty = Field("people", "Whether he can act: a `Liberty`.", meaning=Liberty)
    side = Field("people", "-1 government, 0 neither, +1 Soviet.")

    def __init__(self, model: mesa.Model, *, row: int, name: str) -> None:
        super().__init__(model)
        self.row = row
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def cell(self) -> Cell | None:
        """The cell of the city where he is, or which he last left; None where that is not known."""
        place = int(self.model.world["people"]["place"][self.row])
        return self.model.space[self.model.layout.cast.places.ids[place]] if place >= 0 else None

    @cell.setter
    def cell(self, cell: Cell) -> None:
        self.model.world["people"]["place"][self.row] = index_of(self, cell)


class Minister(Person):
    """A member of the cabinet."""

    groups: ClassVar[tuple[str, ...]] = ("minister",)


class Commander(Person):
    """A commander or an aide."""

    groups: ClassVar[tuple[str, ...]] = ("commander", "aide")


class CommitteeMember(Person):
    """A man of the committee, or a commissar of its."""

    groups: ClassVar[tuple[str, ...]] = ("committee", "commissar")


class Delegate(Person):
    """A delegate to the congress, the Pre-Parliament or the Duma."""

    groups: ClassVar[tuple[str, ...]] = ("delegate",)


PEOPLE: tuple[type[Person], ...] = (Minister, Commander, CommitteeMember, Delegate, Person)
SORT_OF_GROUP: dict[str, type[Person]] = {group: sort for sort in PEOPLE for group in sort.groups}
