"""The garrison: Guards and reserve regiments that mostly stay in, gunners, and the armoured cars."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Group, Unit


class GuardsRegiment(Unit):
    """A detachment of a Guards reserve regiment; it mounts guards over the city by roster."""

    kind: ClassVar[str] = "guards_regiment"
    roster: ClassVar[bool] = True


class ReserveRegiment(Unit):
    """A detachment of a line reserve regiment, depot or technical unit."""

    kind: ClassVar[str] = "garrison_regiment"
    roster: ClassVar[bool] = True


class Artillery(Unit):
    """Gunners with their guns."""

    kind: ClassVar[str] = "artillery"
    guns: ClassVar[bool] = True
    band: ClassVar[str] = "band_specialists"
    roster: ClassVar[bool] = True


class ArmouredCars(Unit):
    """A section of armoured cars: decisive on the spot, unsure of itself."""

    kind: ClassVar[str] = "armoured_cars"
    band: ClassVar[str] = "band_specialists"
    group: ClassVar[Group] = Group.GARRISON
    speed: ClassVar[float] = 15.0
