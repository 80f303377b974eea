"""Townsmen: the militia of the Duma, and crowds and marches."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Group, Unit


class Militia(Unit):
    """City militia: police work only."""

    kind: ClassVar[str] = "militia"
    band: ClassVar[str] = "band_militia"
    group: ClassVar[Group] = Group.TOWNSMEN
    roster: ClassVar[bool] = True


class Civilians(Unit):
    """A crowd or a march: no arms, but many people to push through."""

    kind: ClassVar[str] = "civilians"
    band: ClassVar[str] = "band_volunteers"
    group: ClassVar[Group] = Group.TOWNSMEN
    speed: ClassVar[float] = 3.5
    civilian: ClassVar[bool] = True
