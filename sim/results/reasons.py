"""Reasons: who took a place and from whom, on whose decision, and the chain of causes behind it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim import clock
from sim.counterfactual.scenario import from_toml
from sim.names import Names, capital, listed
from sim.plan.layout import layout
from sim.results.outcomes import names_of
from sim.results.story import PAGE
from sim.telling import Event

HERE = ("on_post", "besieged")  # the duties of men who hold a place, or have come to take it
DEEPEST = 12  # steps of a chain that are set further in


@dataclass(frozen=True)
class Reasons:
    """A history - the dataset of a run, and its events - asked why something is as it is."""

    data: xr.Dataset
    events: tuple[Event, ...]

    def why(self, place: str) -> str:
        """Who took a place last, from whom, on whose decision, and what led to that, the latest first."""
        turns = [e for e in self.events if e.kind == "capture" and e.place == place]
        if not turns:
            holder = self._names.side(int(self.data["holder"].sel(place=place).values[0, 0])).text
            return f"{capital(self._names.place(place))} did not change hands; it was held by {holder}."
        last = turns[-1]
        said = [f"{self._hour(last)}: {capital(last.text)}.", *self._who(last), *self._ordered(last)]
        lines = [part for line in said for part in textwrap.wrap(line, PAGE, subsequent_indent="  ")]
        chain: list[str] = []
        self._trace(last.number, 0, chain, {last.number})
        return "\n".join([*lines, *(["How it came to that, the latest first:"] if chain else []), *chain])

    @property
    def _names(self) -> Names:
        return names_of(self.data.attrs["scenario_toml"])

    def _hour(self, event: Event) -> str:
        start = datetime.fromisoformat(self.data.attrs["start"])
        return clock.label(clock.moment(event.minute, start))

    # ---- who ----

    def _who(self, event: Event) -> list[str]:
        """The men who took it, and those who held it until then."""
        data, then = self.data, max(round(event.minute / float(self.data.attrs["pulse_minutes"])) - 1, 0)
        here = np.isin(
            np.array(str(data["duty"].attrs["meanings"]).split())[data["duty"].values[0, then]], HERE
        )
        at = data["at"].values[0, then] == list(data["place"].values).index(event.place)
        stance = data["stance"].values[0, then]
        took = np.isin([str(unit) for unit in data["unit"].values], event.actors)
        if not took.any():
            took = here & (stance == event.side) & (at | self._around(event, then))
        held = here & at & (stance != event.side) & ~took
        lines = [f"Taken by: {self._men(took, then)}."] if took.any() else []
        lines += [f"Held until then by: {self._men(held, then)}."] if held.any() else []
        return lines or [
            f"Taken for {self._names.side(event.side).text}; nobody stood there for either side."
        ]

    def _around(self, event: Event, then: int) -> NDArray[np.bool_]:
        """The units that stand where besiegers of a place stand: (units,)."""
        scenario = from_toml(self.data.attrs["scenario_toml"])
        places = layout(scenario, float(self.data.attrs["pulse_minutes"])).cast.places
        row = np.flatnonzero(places.besieged == places.index[event.place])
        at = self.data["at"].values[0, then]
        return places.ring[row[0]][at] if len(row) else np.zeros(len(at), bool)

    def _men(self, who: NDArray[np.bool_], then: int) -> str:
        """Units by their forces, each with its men, the most first."""
        men: dict[str, int] = {}
        numbers = self.data["men"].values[0, then][who]
        for force, number in zip(self.data["force"].values[who], numbers, strict=True):
            men[str(force)] = men.get(str(force), 0) + int(number)
        most = sorted(men.items(), key=lambda pair: -pair[1])
        return listed(self._names.counted(force, number) for force, number in most)

    # ---- because of what ----

    def _ordered(self, event: Event) -> list[str]:
        """The decision of its side that lies nearest behind an event, and who took it."""
        seen, ahead = {event.number}, list(event.because)
        while ahead:
            number = max(ahead)
            ahead.remove(number)
            seen.add(number)
            cause = self.events[number]
            if cause.kind == "decision" and cause.side == event.side:
                return [f"On the decision of {self._hour(cause)}: {cause.text}."]
            ahead += [b for b in cause.because if b not in seen]
        return []

    def _trace(self, number: int, depth: int, lines: list[str], seen: set[int]) -> None:
        """The causes of an event and theirs, each once, set further in the farther they lie back."""
        for cause in sorted(self.events[number].because, reverse=True):
            if cause in seen:
                continue
            seen.add(cause)
            event = self.events[cause]
            margin = f"{self._hour(event):>13}  {'   ' * min(depth, DEEPEST)}"
            inward = " " * (len(margin) + 3)
            lines += textwrap.wrap(
                f"because {event.text}", PAGE, initial_indent=margin, subsequent_indent=inward
            )
            self._trace(cause, depth + 1, lines, seen)
