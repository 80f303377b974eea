"""Splitting: many histories side by side, of which those nearer to a rare outcome go on more often.

At fixed hours all histories are valued by what can be seen by then, and a number fixed beforehand goes on: a
history of worth is copied, each copy with luck of its own from then on, another is dropped. What a copy
counts is less by as much as its like are more, so that nothing is gained or lost on average (fixed effort
splitting; Garvels 2000, Del Moral and Garnier 2005).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim import clock, parameters, tally
from sim.counterfactual.measures import Measure
from sim.counterfactual.recipe import Recipe
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.turns import Turn
from sim.extend import After
from sim.plan.layout import Stage, layout
from sim.plan.turning import take_turn
from sim.results.rows import Rows
from sim.state import GONE, IN_QUARTERS

Floats = NDArray[np.float64]
FEW = 200  # men, below which a balance of men says little


@dataclass(frozen=True)
class Found:
    """A history that came to the outcome: what it counts for, beside 1 for every history that is played
    plainly, and how it is played again.
    """

    weight: float
    recipe: Recipe


@dataclass(frozen=True)
class Repeat:
    """One crowd of histories played to the end: the chance by it alone, and which came to the outcome."""

    chance: float
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Splitting:
    """How a rare outcome is looked for: so many histories of a scenario side by side, split at some hours in
    favour of a side (-1 or +1). `pull` is how far: at the horizon those that go on would stand so many
    standard deviations better than all do, at 0 nobody is preferred. At the opening there are `wide` times as
    many as at the end: what is decided early by the city that there happens to be, no copy can mend.
    """

    scenario: Scenario
    outcome: Measure
    side: int
    histories: int
    hours: tuple[datetime, ...]
    pull: float
    wide: float
    seed: int
    base: str
    after: After = field(default_factory=After)
    pulse: float = 5.0

    @property
    def numbers(self) -> tuple[int, ...]:
        """How many histories there are from the opening and from each of the hours on."""
        return tuple(round(self.histories * self.wide ** (1 - share)) for share in self._shares[:-1])

    @property
    def cost(self) -> float:
        """What a repeat costs, in whole histories."""
        return float(np.diff(self._shares) @ np.array(self.numbers))

    @property
    def _shares(self) -> list[float]:
        """The share of the time that is gone at the opening, at each of the hours and at the end."""
        start = self.scenario.start
        length = clock.minutes(self.scenario.end, start)
        return [0.0, *(clock.minutes(at, start) / length for at in self.hours), 1.0]

    def __call__(self, number: int) -> Repeat:
        """The crowd of that number, of worlds that no other has."""
        stage = Stage(layout(self.scenario, self.pulse), (), self.after)
        while (crowd := self._played(stage, number)) is None:
            stage = stage.roomier()
        return self._repeat(crowd)

    def _played(self, stage: Stage, number: int) -> Crowd | None:
        """A crowd at its end; None if a journal had no room for it."""
        crowd = Crowd.opened(stage, self, number)
        for turn, at in enumerate(self.hours, 1):
            minute = clock.minutes(at, self.scenario.start)
            values = crowd.play(minute - self.pulse / 2, lambda w: standing(w, self.side))
            liked = likings(values, crowd.weights, self.pull * self._shares[turn]) * self.numbers[turn]
            lot = float(np.random.default_rng([self.seed, number, turn]).random())
            crowd.split(*offspring(liked, values, lot), at)
        crowd.finish()
        return None if crowd.overfull else crowd

    def _repeat(self, crowd: Crowd) -> Repeat:
        data = crowd.rows.dataset(crowd.stage.layout, self.seed)
        came = happened(self.outcome, data)
        return Repeat(
            float(crowd.weights @ came) / self.numbers[0],
            tuple(Found(float(crowd.weights[k]), crowd.recipe(self, int(k))) for k in np.flatnonzero(came)),
        )


def happened(outcome: Measure, data: Any) -> Floats:
    """Whether something happened in each world (worlds,), 1 or 0; what has an hour happened if it has one.
    Raises ValueError for a measure that is neither.
    """
    values = np.isfinite(outcome.hours(data)).astype(float) if outcome.unit == "h" else outcome(data)
    if not np.isin(values, (0, 1)).all():
        raise ValueError(f"wanted something that happens or does not, got '{outcome.name}' ({outcome.unit})")
    return values


def standing(w: Any, side: int) -> float:
    """How a side stands by what can be seen now: the balance of objectives held, of men in action in the
    city, of those at the seat of government, and what is believed there, -1 .. 1 each, summed.
    """
    places, units = w["places"][: w["count"]["places"]], w["units"][: w["count"]["units"]]
    held = float((side * places["holder"][places["objective"] > 0]).mean())
    acts = ~np.isin(units["duty"], (IN_QUARTERS, GONE))
    men = np.where(acts, side * units["men"] * units["stance"], 0)
    seat = w["audiences"][w["sides"][0]["seat"]]
    at, siege = int(seat["place"]), int(places["siege"][seat["place"]])
    there = units["place"] == at
    if siege >= 0:
        there = there | (w["ring"][siege, units["place"]] != 0)
    city = places["in_city"][units["place"]]
    return held + balance(men[city]) + balance(men[there]) + float(np.tanh(side * seat["belief"] / 2))


def balance(men: NDArray[Any]) -> float:
    """Men of one side less those of the other, as a share of all, from men with a sign (units,).

    >>> balance(np.array([300, -100])), balance(np.array([], int))
    (0.3333333333333333, 0.0)
    """
    return float(men.sum() / (np.abs(men).sum() + FEW))


def likings(values: Floats, weights: Floats, pull: float) -> Floats:
    """The share of those that go on which each history is to have (histories,), on average: by what it counts
    and, more than in proportion, by how it stands among all, as a normal score.
    """
    order = np.argsort(values, kind="stable")
    below = np.empty(len(values))
    below[order] = np.cumsum(weights[order]) - weights[order] / 2
    score = ndtri(below / weights.sum())
    liked = weights * np.exp(pull * (score - score.max()))
    return np.asarray(liked / liked.sum())


def offspring(liked: Floats, values: Floats, u: float) -> tuple[NDArray[np.intp], Floats]:
    """Who goes on (histories,), each as often as it is liked, rounded up or down by one lot for all
    (systematic resampling, in the order of values), and how much less a copy of each counts (histories,).
    """
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(liked[order])
    lots = np.arange(round(float(ends[-1]))) + u
    chosen = order[np.minimum(np.searchsorted(ends, lots), len(values) - 1)]
    return chosen, 1 / liked[chosen]


@dataclass
class Crowd:
    """Histories side by side: the record of each as bytes (histories, bytes), the world it began as, what it
    counts, and where its luck was another.
    """

    stage: Stage
    records: NDArray[np.uint8]
    numbers: NDArray[np.int64]
    weights: Floats
    turns: list[tuple[Turn, ...]]
    rows: Rows
    overfull: bool = False

    @classmethod
    def opened(cls, stage: Stage, how: Splitting, number: int) -> Crowd:
        """The crowd of that number, at its opening."""
        n = how.numbers[0]
        numbers = np.arange(number * n, (number + 1) * n)
        records = np.empty((n, stage.worlds.nbytes), np.uint8)
        for k, world in enumerate(numbers.tolist()):
            stage.open(how.seed, world, settings_of(how, world))
            records[k] = stage.worlds.view(np.uint8)
        rows = Rows.blank(stage.layout, how.numbers[-1], tracks=False)
        return cls(stage, records, numbers, np.ones(n), [()] * n, rows)

    def play(self, until: float, value: Callable[[Any], float]) -> Floats:
        """Play all to a minute: how each stands by then (histories,)."""
        values = np.empty(len(self.weights))
        for k in range(len(self.weights)):
            self._on_stage(k)
            self.stage.play(until)
            values[k] = value(self.stage.worlds[0])
            self.records[k] = self.stage.worlds.view(np.uint8)
            self.overfull |= self.stage.overfull
        return values

    def _on_stage(self, k: int) -> None:
        self.stage.worlds.view(np.uint8)[:] = self.records[k]

    def finish(self) -> None:
        """Play all to the end, and write down what came of them."""
        for k in range(len(self.weights)):
            self._on_stage(k)
            self.stage.play()
            self.overfull |= self.stage.overfull
            tally.sum_up(self.stage.worlds, self.rows.rows, k)

    def split(self, chosen: NDArray[np.intp], less: Floats, at: datetime) -> None:
        """Let those chosen go on: the first copy of each with the luck it had, others with their own."""
        self.records, self.numbers = self.records[chosen], self.numbers[chosen]
        self.weights = self.weights[chosen] * less
        turns, copies = [self.turns[k] for k in chosen], dict.fromkeys(chosen.tolist(), -1)
        made = self.stage.layout
        for k, parent in enumerate(chosen.tolist()):
            copies[parent] += 1
            if copies[parent]:
                turn = Turn(at, copies[parent])
                self._on_stage(k)
                take_turn(self.stage.worlds, self.stage.ways, turn, made.cast, made.plan)
                self.records[k] = self.stage.worlds.view(np.uint8)
                turns[k] = (*turns[k], turn)
        self.turns = turns

    def recipe(self, how: Splitting, k: int) -> Recipe:
        """How one of them is played again."""
        world = int(self.numbers[k])
        values = tuple(settings_of(how, world).items())
        last = how.hours[-1] if how.hours else how.scenario.start
        return Recipe(how.scenario, how.seed, world, last, values, how.pulse, self.turns[k])


def settings_of(how: Splitting, world: int) -> dict[str, float]:
    """The parameters that a world begins with."""
    return parameters.of_world(how.base, world) | dict(how.scenario.settings)
