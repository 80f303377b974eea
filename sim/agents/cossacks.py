"""Cossacks and other men of the front: they act together with others, or not at all."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Unit


class Cossacks(Unit):
    """A Cossack detachment: rides for the government only where infantry has declared, or acts, for it."""

    kind: ClassVar[str] = "cossacks"


class Cyclists(Unit):
    """A cyclist company brought from the front."""

    kind: ClassVar[str] = "cyclists"


class FrontTroops(Unit):
    """Troops of the northern front, who want to be told why."""

    kind: ClassVar[str] = "front_troops"
