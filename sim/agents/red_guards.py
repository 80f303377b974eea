"""Red Guards: armed workers of the factory districts, many and willing, short of rifles and training."""

from __future__ import annotations

from typing import ClassVar

from sim.agents.unit import Unit


class RedGuards(Unit):
    """A detachment of a district's Red Guard; who they are decides, not who is winning."""

    kind: ClassVar[str] = "red_guard"
