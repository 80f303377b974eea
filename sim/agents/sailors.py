"""Sailors of the Baltic Fleet, ashore and afloat."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Group, Unit


class Sailors(Unit):
    """A party of sailors."""

    kind: ClassVar[str] = "sailors"
    band: ClassVar[str] = "band_volunteers"
    group: ClassVar[Group] = Group.WORKERS
    belief_pull: ClassVar[float] = 0.4
    trusted_by: ClassVar[int] = 1
    sworn_to: ClassVar[int] = 1


class Ship(Sailors):
    """A ship's company; it goes by water and can land."""

    kind: ClassVar[str] = "ship"
    guns: ClassVar[bool] = True
