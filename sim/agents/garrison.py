"""The garrison: Guards and reserve regiments that mostly stay in, gunners, and the armoured cars."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Unit


class GuardsRegiment(Unit):
    """A detachment of a Guards reserve regiment; it mounts guards over the city by roster."""

    kind: ClassVar[str] = "guards_regiment"


class ReserveRegiment(Unit):
    """A detachment of a line reserve regiment, depot or technical unit."""

    kind: ClassVar[str] = "garrison_regiment"


class Artillery(Unit):
    """Gunners with their guns."""

    kind: ClassVar[str] = "artillery"


class ArmouredCars(Unit):
    """A section of armoured cars: decisive on the spot, unsure of itself."""

    kind: ClassVar[str] = "armoured_cars"
