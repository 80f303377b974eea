"""Reasons: who took a place and from whom, on whose decision, and the chain of causes behind it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim import clock
from sim.counterfactual.scenario import from_toml
from sim.names import Names, capital, listed
from sim.plan.layout import layout
from sim.results.outcomes import names_of
from sim.results.story import PAGE
from sim.telling import Event

if TYPE_CHECKING:
    from sim.results.run import Run

HERE = ("on_post", "besieged")  # the duties of men who hold a place, or have come to take it
DEEPEST = 12  # steps of a chain that are set further in


def why(run: Run, place: str) -> str:
    """Who took a place last, from whom, on whose decision, and what led to that, latest first."""
    names = names_of(run.data.attrs["scenario_toml"])
    turns = [e for e in run.events if e.kind == "capture" and e.place == place]
    if not turns:
        holder = names.side(int(run.data["holder"].sel(place=place).values[0, 0])).text
        return f"{capital(names.place(place))} did not change hands; it was held by {holder}."
    last = turns[-1]
    lines = [
        f"{_hour(run, last).strip()}: {capital(last.text)}.",
        *_who(run, last, names),
        *_ordered(run, last),
    ]
    lines = [part for line in lines for part in textwrap.wrap(line, PAGE, subsequent_indent="  ")]
    chain: list[str] = []
    _trace(run, last.number, 0, chain, {last.number})
    return "\n".join([*lines, *(["How it came to that, the latest first:"] if chain else []), *chain])


def _hour(run: Run, event: Event) -> str:
    """The hour of an event, as wide as the column."""
    return f"{clock.label(clock.moment(event.minute, run.start)):>13}"


def _who(run: Run, event: Event, names: Names) -> list[str]:
    """The men who took it, and those who held it until then."""
    then = max(round(event.minute / float(run.data.attrs["pulse_minutes"])) - 1, 0)
    here = np.isin(_meant(run, then), HERE)
    at = run.data["at"].values[0, then] == list(run.data["place"].values).index(event.place)
    stance = run.data["stance"].values[0, then]
    ids = np.array([str(unit) for unit in run.data["unit"].values])
    took = np.isin(ids, event.actors)
    if not took.any():
        took = here & (stance == event.side) & (at | _around(run, event, then))
    held = here & at & (stance != event.side) & ~took
    lines = [f"Taken by: {_men(run, took, then, names)}."] if took.any() else []
    lines += [f"Held until then by: {_men(run, held, then, names)}."] if held.any() else []
    return lines or [f"Taken for {names.side(event.side).text}; nobody stood there for either side."]


def _meant(run: Run, then: int) -> NDArray[np.str_]:
    """The duty of every unit at a pulse, in words: (units,)."""
    duties = np.array(str(run.data["duty"].attrs["meanings"]).split())
    return duties[run.data["duty"].values[0, then]]


def _around(run: Run, event: Event, then: int) -> NDArray[np.bool_]:
    """The units that stand where besiegers of a place stand: (units,)."""
    scenario = from_toml(run.data.attrs["scenario_toml"])
    places = layout(scenario, float(run.data.attrs["pulse_minutes"])).cast.places
    row = np.flatnonzero(places.besieged == places.index[event.place])
    at = run.data["at"].values[0, then]
    return places.ring[row[0]][at] if len(row) else np.zeros(len(at), bool)


def _men(run: Run, who: NDArray[np.bool_], then: int, names: Names) -> str:
    """Units by their forces, each with its men, the most first."""
    men: dict[str, int] = {}
    for force, number in zip(
        run.data["force"].values[who], run.data["men"].values[0, then][who], strict=True
    ):
        men[str(force)] = men.get(str(force), 0) + int(number)
    told = [f"{n:,} {names.party(force)}" for force, n in sorted(men.items(), key=lambda pair: -pair[1])]
    return listed(told)


def _ordered(run: Run, event: Event) -> list[str]:
    """The decision nearest behind an event, and who took it."""
    seen, ahead = {event.number}, list(event.because)
    while ahead:
        number = max(ahead)
        ahead.remove(number)
        seen.add(number)
        cause = run.events[number]
        if cause.kind == "decision" and cause.side == event.side:
            return [f"On the decision of {_hour(run, cause).strip()}: {cause.text}."]
        ahead += [b for b in cause.because if b not in seen]
    return []


def _trace(run: Run, number: int, depth: int, lines: list[str], seen: set[int]) -> None:
    """The causes of an event and theirs, each once, further in the farther they lie back."""
    for cause in sorted(run.events[number].because, reverse=True):
        if cause in seen:
            continue
        seen.add(cause)
        event = run.events[cause]
        margin = f"{_hour(run, event)}  {'   ' * min(depth, DEEPEST)}"
        inward = " " * (len(margin) + 3)
        lines += textwrap.wrap(f"because {event.text}", PAGE, initial_indent=margin, subsequent_indent=inward)
        _trace(run, cause, depth + 1, lines, seen)
