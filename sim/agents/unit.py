"""A unit: a detachment that decides as one; its state is a row of the model's columns."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from mesa import Agent
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.city import Place
    from sim.model import Petrograd


class Duty(IntEnum):
    """What a unit is doing."""

    IN_QUARTERS = 0
    UNDER_WAY = 1
    ON_POST = 2
    BESIEGED = 3
    GONE = 4


class Group(IntEnum):
    """Whom a unit looks to: the groups whose stance is talked about as one."""

    GARRISON = 0
    WORKERS = 1
    VOLUNTEERS = 2
    FRONT = 3
    TOWNSMEN = 4


class Unit(Agent):
    """One detachment of a force.

    Attributes read from the columns give a number in a single history and an array (worlds,) in a batch:
    `men`, `arms` and `cohesion` [0, 1], `loyalty` (about -2.5 government .. +2.5 Soviet), `stance` (-1, 0, +1), `duty`.
    """

    kind: ClassVar[str] = ""
    band: ClassVar[str] = "band_regiments"  # the parameter that is its neutral band
    group: ClassVar[Group] = Group.GARRISON
    speed: ClassVar[float] = 4.0  # km/h on land
    belief_pull: ClassVar[float] = 1.0  # how far the belief who is winning moves it, of the parameter
    trusted_by: ClassVar[int] = 0  # the side whose headquarters counts on the kind; 0: only where a commissar is accepted
    roster: ClassVar[bool] = False  # stands guard by roster: a guard that will not act stays, and does not resist
    infantry_for: ClassVar[int] = 0  # the side it acts for only beside infantry
    assurance: ClassVar[float] = 0.0  # how much hope of relief counts in its spirit
    sworn_to: ClassVar[int] = 0  # the side whose men they are: no longer willing, they stay in, and do not go over
    guns: ClassVar[bool] = False  # serves great guns
    civilian: ClassVar[bool] = False  # unarmed townsmen, whom soldiers are loath to fire on

    def __init__(self, model: Petrograd, *, row: int, name: str, force: str, home: str) -> None:
        super().__init__(model)
        self.row = row
        self.name = name
        self.force = force
        self.home = home

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _state(self, column: str) -> Any:
        return self.model.one(getattr(self.model.columns, column)[:, self.row])

    @property
    def men(self) -> Any:
        """Men present."""
        return self._state("men")

    @property
    def arms(self) -> Any:
        """Share of the men who are armed, [0, 1]."""
        return self._state("arms")

    @property
    def cohesion(self) -> Any:
        """Cohesion, [0, 1]."""
        return self._state("cohesion")

    @property
    def stance(self) -> Any:
        """What it does in public: -1 acts for the government, 0 stays in, +1 acts for the Soviet."""
        return self._state("stance")

    @property
    def loyalty(self) -> Any:
        """Its own mind, latent: about -2.5 (government) .. +2.5 (Soviet), agitation and events included."""
        return self.model.one(self.model.loyalty()[:, self.row])

    @property
    def duty(self) -> Any:
        """What it is doing: a `Duty`, or (worlds,) of its numbers."""
        duty = self._state("duty")
        return Duty(duty) if np.ndim(duty) == 0 else duty

    @property
    def cell(self) -> Place | list[Place]:
        """The cell of the city where it is, or which it last left; a list over worlds in a batch."""
        places = self.model.columns.place[:, self.row]
        cells = [self.model.space[self.model.city.ids[place]] for place in places]
        return cells[0] if len(cells) == 1 else cells

    @classmethod
    def ready(
        cls, side: NDArray[Any], infantry: NDArray[Any], own: NDArray[Any], share: NDArray[Any]
    ) -> NDArray[np.bool_]:
        """Whether detachments that want to act for `side` are ready to, one answer a row: for any side but their foes."""
        return np.asarray((side != -cls.sworn_to) | (cls.sworn_to == 0))

    @classmethod
    def steadfast(cls, devotion: NDArray[Any]) -> NDArray[Any]:
        """Steadfastness [0, 1] under siege, from loyalty towards the side it stands for (positive: devoted)."""
        return np.clip(0.5 + 0.3 * devotion, 0.0, 1.0)

    @classmethod
    def spirit(cls, rest: NDArray[Any], hope: NDArray[Any]) -> NDArray[Any]:
        """The cohesion [0, 1] that circumstances lead to: rest and food, and hope of relief where it counts."""
        return np.clip(rest + cls.assurance * (hope - 0.5), 0.0, 1.0)
