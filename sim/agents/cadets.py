"""Cadets and the other volunteers of the government: officers, the women's company, the shock men."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Unit


class Cadets(Unit):
    """A company of officer cadets; in a siege it asks for proof that help is coming."""

    kind: ClassVar[str] = "cadets"


class Officers(Unit):
    """Officers on the staff, and others who come singly."""

    kind: ClassVar[str] = "officers"


class WomensBattalion(Unit):
    """A platoon of the women's battalion: new, disciplined, and not to be talked out."""

    kind: ClassVar[str] = "womens_battalion"


class ShockBattalion(Unit):
    """Shock men: volunteers of the front."""

    kind: ClassVar[str] = "shock_battalion"
