"""Cadets and the other volunteers of the government: officers, the women's company, the shock men."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Group, Unit


class Cadets(Unit):
    """A company of officer cadets; in a siege it asks for proof that help is coming."""

    kind: ClassVar[str] = "cadets"
    band: ClassVar[str] = "band_volunteers"
    group: ClassVar[Group] = Group.VOLUNTEERS
    speed: ClassVar[float] = 5.0
    belief_pull: ClassVar[float] = 0.4
    trusted_by: ClassVar[int] = -1
    sworn_to: ClassVar[int] = -1
    assurance: ClassVar[float] = 0.6


class Officers(Unit):
    """Officers on the staff, and others who come singly."""

    kind: ClassVar[str] = "officers"
    band: ClassVar[str] = "band_volunteers"
    group: ClassVar[Group] = Group.VOLUNTEERS
    belief_pull: ClassVar[float] = 0.4
    trusted_by: ClassVar[int] = -1
    sworn_to: ClassVar[int] = -1
    assurance: ClassVar[float] = 0.3


class WomensBattalion(Unit):
    """A platoon of the women's battalion: new, disciplined, and not to be talked out."""

    kind: ClassVar[str] = "womens_battalion"
    band: ClassVar[str] = "band_volunteers"
    group: ClassVar[Group] = Group.VOLUNTEERS
    belief_pull: ClassVar[float] = 0.4
    trusted_by: ClassVar[int] = -1
    sworn_to: ClassVar[int] = -1
    assurance: ClassVar[float] = 0.2


class ShockBattalion(Unit):
    """Shock men: volunteers of the front."""

    kind: ClassVar[str] = "shock_battalion"
    band: ClassVar[str] = "band_volunteers"
    group: ClassVar[Group] = Group.VOLUNTEERS
    belief_pull: ClassVar[float] = 0.4
    trusted_by: ClassVar[int] = -1
    sworn_to: ClassVar[int] = -1
    assurance: ClassVar[float] = 0.4
