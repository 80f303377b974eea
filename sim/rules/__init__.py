"""What happens in a pulse: one file and one function a step, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.rules.beliefs import beliefs
from sim.rules.decisions import decisions
from sim.rules.endings import endings
from sim.rules.given import given
from sim.rules.marches import marches
from sim.rules.messages import messages
from sim.rules.orders import orders
from sim.rules.people import people
from sim.rules.policies import policies
from sim.rules.siege import siege
from sim.rules.stances import stances
from sim.rules.standoffs import standoffs

PULSE: tuple[Callable[[Any], None], ...] = (
    given, decisions, messages, beliefs, policies, stances, orders, marches, standoffs, siege, people, endings,
)

__all__ = ["PULSE"]
