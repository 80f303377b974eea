"""Headquarters: what a side's staff knows, wants and has ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesa import Agent

if TYPE_CHECKING:
    from sim.model import Petrograd


class Headquarters(Agent):
    """The district staff (side 0) or the Military Revolutionary Committee (side 1)."""

    def __init__(self, model: Petrograd, *, side: int) -> None:
        super().__init__(model)
        self.side = side

    def __repr__(self) -> str:
        return f"Headquarters({('district staff', 'Military Revolutionary Committee')[self.side]!r})"

    @property
    def audience(self) -> int:
        """The row of the audience in which it hears of things."""
        return int(self.model.setting.audiences.staff[self.side])

    @property
    def belief(self) -> Any:
        """Its log-odds that the Soviet prevails."""
        return self.model.one(self.model.belief[:, self.audience])

    @property
    def offensive(self) -> Any:
        """Whether it has gone over to the offensive."""
        return self.model.one(self.model.columns.posture[:, self.side].astype(bool))

    @property
    def waiting(self) -> Any:
        """Tasks that lie on its desk."""
        c, tasks = self.model.columns, self.model.script.tasks
        return self.model.one(((c.task_state == 1) & (tasks.side == self.side) & tasks.desk).sum(axis=1))
