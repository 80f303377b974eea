"""Sailors of the Baltic Fleet, ashore and afloat."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Unit


class Sailors(Unit):
    """A party of sailors."""

    kind: ClassVar[str] = "sailors"


class Ship(Sailors):
    """A ship's company; it goes by water and can land."""

    kind: ClassVar[str] = "ship"
