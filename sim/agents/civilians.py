"""Townsmen: the militia of the Duma, and crowds and marches."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Unit


class Militia(Unit):
    """City militia: police work only."""

    kind: ClassVar[str] = "militia"


class Civilians(Unit):
    """A crowd or a march: no arms, but many people to push through."""

    kind: ClassVar[str] = "civilians"
