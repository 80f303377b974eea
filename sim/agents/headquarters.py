"""Headquarters: what a side's staff knows, wants and has ordered."""

from __future__ import annotations

from typing import ClassVar

import mesa
import numpy as np

from sim.agents.unit import Fixed, wanted
from sim.state import WAITING


class Headquarters(Fixed, mesa.Agent):
    """The district staff (side 0) or the Military Revolutionary Committee (side 1)."""

    fixed: ClassVar[frozenset[str]] = frozenset({"side"})

    def __init__(self, model: mesa.Model, *, side: int) -> None:
        super().__init__(model)
        self.side = side

    def __repr__(self) -> str:
        return f"Headquarters({('district staff', 'Military Revolutionary Committee')[self.side]!r})"

    @property
    def belief(self) -> float:
        """Its log-odds that the Soviet prevails."""
        world = self.model.world
        return float(world["audiences"]["belief"][world["sides"]["staff"][self.side]])

    @property
    def offensive(self) -> bool:
        """Whether it has gone over to the offensive."""
        return bool(self.model.world["sides"]["posture"][self.side])

    @offensive.setter
    def offensive(self, turned: bool) -> None:
        if not isinstance(turned, (bool, np.bool)):
            raise wanted(self, "offensive", "True or False", turned)
        self.model.world["sides"]["posture"][self.side] = int(turned)

    @property
    def waiting(self) -> int:
        """Tasks that lie on its desks, of calls, of sieges and in the field together."""
        tasks = self.model.world["tasks"]
        return int(((tasks["state"] == WAITING) & (tasks["side"] == self.side) & tasks["desk"]).sum())
