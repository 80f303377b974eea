"""Scenes for the tests of rules: a world arranged as wanted, on which single rules are played."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.agents import Unit
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.plan.layout import Layout, Stage, layout
from sim.rules.pulse import PULSE
from sim.state import IN_QUARTERS, ON_POST

SEED = 1917
# A look into rules that only other rules can call; never kept from one run to the next.
probe = numba.njit(error_model="numpy")


@cache
def laid_out(scenario: str | Scenario = "historical", pulse: float = 5.0) -> Layout:
    """A scenario ready to be played, made once."""
    return layout(find_scenario(scenario), pulse)


class Scene:
    """A world at its opening, to be arranged at will; rules are applied to it one by one."""

    def __init__(
        self, scenario: str | Scenario = "historical", *, pulse: float = 5.0, world: int = 0, **values: float
    ) -> None:
        self.layout = laid_out(scenario, pulse)
        self.cast, self.plan, self.stage = self.layout.cast, self.layout.plan, Stage(self.layout)
        self.stage.open(SEED, world, {**self.layout.scenario.settings, **values})
        self.count = len(self.cast.units.ids)

    @property
    def w(self) -> Any:
        """The record of the world."""
        return self.stage.worlds[0]

    @property
    def units(self) -> Any:
        """The units, without the inert rows behind them."""
        return self.w["units"][: self.count]

    @property
    def places(self) -> Any:
        """The places, without the inert rows behind them."""
        return self.w["places"][: len(self.cast.places.ids)]

    @property
    def audiences(self) -> Any:
        """The audiences, without the inert rows behind them."""
        return self.w["audiences"][: len(self.cast.audiences.ids)]

    @property
    def now(self) -> float:
        """The minute."""
        return float(self.w["clock"]["now"])

    def place(self, name: str) -> int:
        """The row of a place."""
        return self.cast.places.index[name]

    def sort(self, sort: type[Unit]) -> NDArray[np.intp]:
        """The rows of all units of a sort."""
        return np.flatnonzero([kind.kind == sort.kind for kind in self.cast.units.kinds])

    def named(self, row: int) -> str:
        """The name of a place."""
        return self.cast.places.ids[row]

    def rule(self, name: str) -> None:
        """Apply one rule."""
        self.stage.rule(PULSE.index(name))

    def play(self, until: float) -> None:
        """Play all rules of all pulses that begin by a minute."""
        self.stage.play(until)

    def tick(self) -> None:
        """On to the next pulse."""
        clock = self.w["clock"]
        clock["number"] += 1
        clock["now"] = clock["number"] * clock["pulse"]

    def set_clock(self, number: int) -> None:
        """On to some pulse."""
        self.w["clock"]["number"], self.w["clock"]["now"] = number, number * self.layout.pulse

    def worlds(self, count: int) -> Iterator[Any]:
        """So many worlds, one after the other, that begin as this one stands now, each with its own luck."""
        began = self.stage.worlds.copy()
        for number in range(count):
            self.stage.worlds[:] = began
            self.w["clock"]["luck"] = luck.world_key(np.uint64(SEED), np.uint64(number))
            yield self.w
        self.stage.worlds[:] = began

    def send_home(self) -> None:
        """Leave the city empty: nobody stands anywhere, and nobody has a stance."""
        everybody = self.w["units"]
        everybody["men"], everybody["stance"], everybody["duty"], everybody["cohesion"] = (
            0,
            0,
            IN_QUARTERS,
            1.0,
        )

    def post(self, unit: int, men: int, stance: int, place: int, *, loyalty: float, task: int = -1) -> None:
        """Put some men of a unit on post somewhere, all of them armed."""
        it = self.w["units"][unit]
        it["men"], it["stance"], it["duty"], it["place"], it["task"] = men, stance, ON_POST, place, task
        it["arms"], it["loyalty"], it["moved"], it["commissar_at"] = 1.0, loyalty, 0.0, np.inf

    def strength(self, unit: int) -> float:
        """The strength of a unit of soldiers, in men: men * arms * worth * cohesion."""
        it = self.w["units"][unit]
        armed = it["arms"] + (1 - it["arms"]) * self.w["p"]["unarmed"]
        return float(np.rint(1000 * it["men"] * armed * it["worth"] * it["cohesion"]) / 1000)
