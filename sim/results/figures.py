"""The figures of ensembles and comparisons: the data of the results handed to the plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sim import clock, history
from sim.results.run import documented_hours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.counterfactual.scenario import Scenario
    from sim.plots.bands import Of
    from sim.results.protocols import Compared, Many

MAP_HOURS = ("24 Oct 18:00", "25 Oct 02:00", "25 Oct 10:00", "25 Oct 20:00")


def documented_captures(event: str = "october24") -> dict[str, datetime]:
    """Place -> the documented hour at which the Soviet took it in an event."""
    tokens = {
        token.split(":")[1]: when
        for token, when in documented_hours(event).items()
        if token.startswith("capture:") and token.endswith(":soviet")
    }
    return {place: when for place, when in tokens.items() if when <= clock.EVENTS[event][1]}


def documented_fall(event: str = "october24") -> datetime | None:
    """The documented hour at which the seat of the government fell in an event."""
    seats = [p.id for p in history.load(event=event).places.values() if "seat_government" in p.roles]
    return documented_captures(event).get(seats[0])


@dataclass(frozen=True)
class EnsembleFigures:
    """The figures of an ensemble: each takes ax= where it has one panel, and returns the Axes or the
    Figure.
    """

    of: Many

    def falls(self, *, ax: Axes | None = None) -> Figure | Axes:
        """The hour of the palace's fall, beside the documented one."""
        from sim.plots import falls

        return falls([self.of.data], documented=documented_fall(self.of.scenario.opening), ax=ax)

    def endings(self, *, ax: Axes | None = None) -> Figure | Axes:
        """How the histories end, and what becomes of the congress."""
        from sim.plots import endings

        return endings([self.of.data], ax=ax)

    def holders(self, *, ax: Axes | None = None) -> Figure | Axes:
        """The chance that the Soviet holds each place, hour by hour; the documented hours marked. Wants
        tracks.
        """
        from sim.plots import holders

        return holders(self.of.data, record=documented_captures(self.of.scenario.opening), ax=ax)

    def killed(self, *, ax: Axes | None = None) -> Figure | Axes:
        """In how many histories how many are killed."""
        from sim.plots import killed

        return killed([self.of.data], ax=ax)


@dataclass(frozen=True)
class ComparisonFigures:
    """The figures of a comparison; called, it draws the bands of the base and another scenario (the first, if
    none is named).
    """

    of: Compared

    def __call__(
        self, name: str | None = None, *, of: Of = "places", ax: Axes | None = None
    ) -> Figure | Axes:
        """Bands of two scenarios over time, the decision marked, and what the same worlds differ by below.
        Wants tracks.
        """
        from sim.plots import bands

        other = self._other(name)
        return bands(self.of.base.data, other.data, of=of, decision=_decision(other), ax=ax)

    def ladder(self, measure: str = "palace_falls", *, ax: Axes | None = None) -> Figure | Axes:
        """The scenarios ranked by how much they change a measure, with intervals, and whether that was
        expected.
        """
        from sim.plots import ladder

        worlds, attrs = self.of.base.worlds, self.of.base.data.attrs
        about = f"{worlds:,} world{'s' * (worlds != 1)}, seed {attrs['seed']}, petrograd {attrs['version']}"
        return ladder(self.of.ladder(measure), measure=measure, about=about, ax=ax)

    def endings(self, *, ax: Axes | None = None) -> Figure | Axes:
        """How the histories of every scenario end, and what becomes of the congress."""
        from sim.plots import endings

        return endings([e.data for e in self.of.ensembles], ax=ax)

    def falls(self, *, ax: Axes | None = None) -> Figure | Axes:
        """The hour of the palace's fall in every scenario, beside the documented one."""
        from sim.plots import falls

        return falls(
            [e.data for e in self.of.ensembles],
            documented=documented_fall(self.of.base.scenario.opening),
            ax=ax,
        )

    def holders(self, name: str | None = None) -> Figure | Axes:
        """The chance that the Soviet holds each place, hour by hour, and how another scenario changes it.
        Wants tracks.
        """
        from sim.plots import holders

        return holders(
            self.of.base.data,
            self._other(name).data,
            record=documented_captures(self.of.base.scenario.opening),
        )

    def killed(self, *, ax: Axes | None = None) -> Figure | Axes:
        """In how many histories of every scenario how many are killed."""
        from sim.plots import killed

        return killed([e.data for e in self.of.ensembles], ax=ax)

    def maps(self, name: str | None = None, hours: Sequence[str | datetime] | None = None) -> Figure:
        """Who holds the city at some hours (four, if none are given) in the base and in another scenario.
        Wants tracks.
        """
        from sim.plots import city_maps

        other = self._other(name)
        return city_maps(
            self.of.base.data, other.data, _map_hours(other.scenario) if hours is None else hours
        )

    def _other(self, name: str | None) -> Many:
        if name is None and not self.of.others:
            raise ValueError("wanted a comparison of two scenarios or more, got one")
        return self.of.others[0] if name is None else self.of[name]


def _map_hours(scenario: Scenario) -> list[datetime]:
    """Four hours worth a map: those of the three days, or quarters of a scenario that ends before them."""
    hours = [clock.parse(hour) for hour in MAP_HOURS]
    if scenario.start <= hours[0] and hours[-1] <= scenario.end:
        return hours
    quarter = (scenario.end - scenario.start) // timedelta(minutes=4)
    return [scenario.start + timedelta(minutes=part * quarter) for part in range(1, 4)] + [scenario.end]


def _decision(other: Many) -> tuple[datetime, str] | None:
    """The hour and the words of the first thing that is otherwise, if it has an hour."""
    scenario, forked = other.scenario, other.data.attrs.get("forked_at")
    if forked:
        return datetime.fromisoformat(forked), "from here on"
    first = scenario.first_change()
    if first is None:
        return None
    made = scenario.differences()[0].partition(" (documented")[0]
    words = made.partition(": ")[2] if scenario.choices else "what is changed"
    return first, words or "what is changed"
