"""Cossacks and other men of the front: they act together with others, or not at all."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.agents.unit import Group, Unit


class Cossacks(Unit):
    """A Cossack detachment: rides for the government only if infantry goes too."""

    kind: ClassVar[str] = "cossacks"
    band: ClassVar[str] = "band_specialists"
    group: ClassVar[Group] = Group.FRONT
    speed: ClassVar[float] = 9.0
    trusted_by: ClassVar[int] = -1
    infantry_for: ClassVar[int] = -1
    assurance: ClassVar[float] = 0.6

    @classmethod
    def ready(
        cls, side: NDArray[Any], infantry: NDArray[Any], own: NDArray[Any], share: NDArray[Any]
    ) -> NDArray[np.bool_]:
        """Ready for their own side alone, and if the infantry believed active for it comes to at least `share` of their regiment's men."""
        return np.asarray((side == cls.infantry_for) & (infantry >= share * own))


class Cyclists(Unit):
    """A cyclist company brought from the front."""

    kind: ClassVar[str] = "cyclists"
    band: ClassVar[str] = "band_specialists"
    group: ClassVar[Group] = Group.FRONT
    speed: ClassVar[float] = 12.0


class FrontTroops(Unit):
    """Troops of the northern front, who want to be told why."""

    kind: ClassVar[str] = "front_troops"
    band: ClassVar[str] = "band_specialists"
    group: ClassVar[Group] = Group.GARRISON  # infantry, to whoever asks what the infantry does
    trusted_by: ClassVar[int] = -1
