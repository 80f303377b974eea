"""Chances: how the futures of a history end, from every half hour of it on, beside October as it went so far
and beside all histories.

Three readings that are no one number. *This history's own* chance at an hour is the share of its futures that
end so: everything that had happened by then is known, minds and all. *October so far* is the share among the
histories whose documented hours were, up to then, least far from the record's: what could be known of October
by somebody who saw those hours only. The *prior* is the share of all histories.

A chart looks from one perspective, a measure that an ending settles. It describes; to choose, compare.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim import clock
from sim.counterfactual import measures
from sim.errors import known
from sim.names import capital
from sim.results import estimate
from sim.results.estimate import Estimate
from sim.results.nearest import NEAREST, nearest
from sim.results.outcomes import ENDINGS_APART, ended, names_of
from sim.results.saved import write
from sim.results.story import PAGE
from sim.wording import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HOLDS = "government_holds"
DECIDED = 0.95  # from here on, for good, there is no return
HOUR = 60.0
MOST = 6  # turning points that are named
Values = NDArray[np.float64]


def perspectives() -> list[str]:
    """The measures that an ending settles."""
    of_endings = []
    for name, made in measures.MEASURES.items():
        try:
            made(_outcomes(np.arange(1, 8)))
        except KeyError:
            continue
        of_endings.append(name)
    return of_endings


def _outcomes(codes: NDArray[Any]) -> xr.Dataset:
    """Outcomes (worlds,) out of their endings, as `measures.endings` has them."""
    lost = codes == measures.LOST
    return xr.Dataset(
        {
            "ending": ("world", np.where(lost, measures.UNDECIDED, codes)),
            "palace_holder": ("world", np.where(lost, 1, -1)),
        }
    )


@dataclass(frozen=True, eq=False)
class Chances:
    """The chances of one history. `data` is an xarray Dataset: `ending` (time, future) is how each future
    from each time on ends, as in measures.ENDINGS, the k-th of all times with the same luck; `close` (minute,
    future) the same for the pulses within the half hours that moved it most; `hours` (world, hour) those by
    which all histories are held beside the `documented` ones (hour,), and `ended` (world,) how they end.
    """

    data: xr.Dataset
    of: str = HOLDS

    def seen(self, of: str) -> Chances:
        """The same from another perspective, "stormed", "settled" ...; raises ScenarioError for one that an
        ending does not settle.
        """
        known("perspective", of, perspectives())
        return replace(self, of=of)

    def half(self, number: int) -> Chances:
        """The same with every second future only, from the 0th or the 1st on: two halves are independent of
        one another, but for the history that they are futures of.
        """
        return replace(self, data=self.data.isel(future=slice(number, None, 2)))

    @property
    def times(self) -> pd.DatetimeIndex:
        """The half hours."""
        return pd.DatetimeIndex(self.data["time"].values)

    @property
    def start(self) -> datetime:
        """The first minute of the history."""
        return datetime.fromisoformat(self.data.attrs["start"])

    def comes(self, endings: Any) -> Values:
        """1 where an ending settles it so, 0 where not: endings of any shape."""
        codes = np.asarray(endings)
        return measures.measure(self.of)(_outcomes(codes.ravel())).reshape(codes.shape)

    @property
    def result(self) -> float:
        """1 if it came so in this history, else 0."""
        return float(self.comes([self.data.attrs["result"]])[0])

    @cached_property
    def endings(self) -> pd.DataFrame:
        """The chance of every ending at every half hour, 0 .. 1; a row adds up to 1."""
        codes = self.data["ending"].values
        shares = {name: (codes == code).mean(axis=1) for code, name in measures.ENDINGS.items()}
        return pd.DataFrame(shares, index=self.times)

    @cached_property
    def own(self) -> pd.DataFrame:
        """The history's own chance at every half hour, with its 95 % interval: chance, low, high."""
        return _table([estimate.chance(row) for row in self.comes(self.data["ending"].values)], self.times)

    @cached_property
    def so_far(self) -> pd.DataFrame:
        """The share of the histories least far from October up to every half hour: chance, low, high, and
        how many histories they are (more than 200 where several are as far).
        """
        d, came = self.data, self.comes(self.data["ended"].values)
        sets, found = estimate.sets_of(d), []
        for minute in self._minutes(self.times):
            near = nearest(d["hours"].values, d["documented"].values, minute / HOUR, NEAREST)
            found.append(estimate.chance(came[near], sets=None if sets is None else sets[near]))
        return _table(found, self.times).assign(histories=[one.n for one in found])

    @cached_property
    def prior(self) -> Estimate:
        """The share of all histories."""
        return estimate.chance(self.comes(self.data["ended"].values), sets=estimate.sets_of(self.data))

    @cached_property
    def leverage(self) -> pd.Series[float]:
        """How far the hour after every half hour moved the chance, in mean hours: 1 is as much as the hours
        of this history do on average.

        The product of what two halves of the futures make of a move is its square without their noise; its
        root, nought where the product is below it, is the move. After the last hour comes the result.
        """
        later = self._minutes(self.times) + HOUR
        squares = np.ones(len(self.times))
        for half in (self.half(0), self.half(1)):
            own = np.append(half.comes(half.data["ending"].values).mean(axis=1), self.result)
            minutes = np.append(self._minutes(self.times), float(self.data.attrs["horizon_minutes"]))
            squares = squares * (np.interp(later, minutes, own) - own[:-1])
        moves = np.sqrt(np.maximum(squares, 0.0))
        mean = moves.mean()
        return pd.Series(moves / mean if mean > 0 else np.zeros(len(moves)), index=self.times)

    @property
    def point_of_no_return(self) -> datetime | None:
        """The first half hour from which on the chance of what came is 95 % or more for good; None if there
        is none.
        """
        return self.no_return_between[1]

    @cached_property
    def no_return_between(self) -> tuple[datetime | None, datetime | None, datetime | None]:
        """The point of no return by the favourable end of the intervals, by the chances themselves, and by
        the other end: earliest, itself, latest.
        """
        own, came = self.own, self.result
        best, worst = ("high", "low") if came else ("low", "high")
        return tuple(  # type: ignore[return-value]
            _for_good(self.times, own[name] if came else 1 - own[name]) for name in (best, "chance", worst)
        )

    @cached_property
    def best_moment(self) -> tuple[datetime, Estimate]:
        """When it stood best, found on one half of the futures, and the chance then on the other half: what
        is highest by noise alone is not so on the other.
        """
        found, valued = (h.comes(h.data["ending"].values) for h in (self.half(0), self.half(1)))
        best = int(found.mean(axis=1).argmax())
        return self.times[best].to_pydatetime(), estimate.chance(valued[best])

    def turning_points(self, most: int = MOST) -> pd.DataFrame:
        """The steps in which the chance moved most, in the order of time: since, until, change with its 95 %
        interval (change, low, high), and the event told that weighs most in it, with its minute.

        They are found on one half of the futures and valued on the other; those whose interval there has
        nought in it are left out.
        """
        minutes, endings = self._steps()
        first, second = (self.comes(endings[:, half::2]) for half in (0, 1))
        found = np.argsort(-np.abs(np.diff(first.mean(axis=1))), kind="stable")[:most]
        rows = []
        for step in np.sort(found):
            moved = estimate.change_of_chance(second[step], second[step + 1])
            if moved.low <= 0 <= moved.high:
                continue
            text, at = self._event(minutes[step], minutes[step + 1])
            times = [clock.moment(float(m), self.start) for m in (*minutes[step : step + 2], at)]
            rows.append((*times, moved.value, moved.low, moved.high, text))
        columns = ["since", "until", "at", "change", "low", "high", "event"]
        return pd.DataFrame(rows, columns=columns)

    def _steps(self) -> tuple[Values, NDArray[Any]]:
        """The half hours, and the pulses between those that moved it most, in the order of time, and last the
        end with its result: minutes (steps,), endings (steps, futures).
        """
        d = self.data
        minutes = np.append(self._minutes(self.times), d["minute"].values)
        endings = np.concatenate([d["ending"].values, d["close"].values])
        order = np.argsort(minutes, kind="stable")
        end = np.full((1, endings.shape[1]), d.attrs["result"], endings.dtype)
        minutes = np.append(minutes[order], float(d.attrs["horizon_minutes"]))
        return minutes, np.concatenate([endings[order], end])

    def _event(self, since: float, until: float) -> tuple[str, float]:
        """The event of a step that weighs most, and its minute; nothing told, and the step's own."""
        d = self.data
        at = d["event_minute"].values
        weight = np.where((at >= since) & (at < until), d["event_weight"].values, -1)
        if not len(at) or weight.max() < 0:
            return "", since
        first = int(weight.argmax())
        return capital(str(d["event_text"].values[first])), float(at[first])

    def _minutes(self, times: pd.DatetimeIndex) -> Values:
        return np.asarray((times - pd.Timestamp(self.start)).total_seconds()) / 60

    @property
    def table(self) -> pd.DataFrame:
        """All of it at every half hour: chance, low, high; so_far, so_far_low, so_far_high; prior;
        leverage.
        """
        so_far = self.so_far.rename(columns={"chance": "so_far", "low": "so_far_low", "high": "so_far_high"})
        told = so_far[["so_far", "so_far_low", "so_far_high"]]
        return pd.concat([self.own, told], axis=1).assign(prior=self.prior.value, leverage=self.leverage)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__

    def _lines(self) -> list[str]:
        a, names = self.data.attrs, names_of(self.data.attrs["scenario_toml"])
        futures, so_far, own = self.data.sizes["future"], self.so_far.iloc[-1], self.own.iloc[0]
        best, chance = self.best_moment
        how = ended(int(a["result"]), names, ENDINGS_APART)
        head = (
            f"{a['scenario']}, seed {a['seed']}, world {a['world_number']}: {how}. {len(self.times)} hours, "
            f"{futures} futures each."
        )
        what = names.in_event(measures.measure(self.of).label)
        said = [
            f"The chance that {what} is {_sure(self.prior)} over all histories; in this one it is "
            f"{percent(own['chance'])} ({percent(own['low'])} to {percent(own['high'])}) at the beginning. "
            f"Of the {int(so_far['histories'])} histories least far from October up to the last half hour "
            f"{percent(so_far['chance'])} end so.",
            f"It stood best at {clock.label(best)}: {_sure(chance)} on the other half of the futures.",
            self._no_return(),
        ]
        points = self.turning_points()
        said += ["What moved it most:" if len(points) else "No step moved it by more than noise."]
        for at, change, low, high, event in points[["at", "change", "low", "high", "event"]].to_numpy():
            moved = Estimate(change, low, high, futures // 2, "points", change=True)
            said.append(f"  {clock.label(at)}  {moved}: {event or 'nothing that is told'}.")
        folded = [textwrap.wrap(text, PAGE, subsequent_indent="    " * text.startswith(" ")) for text in said]
        return [head, "", *(line for lines in folded for line in lines)]

    def _no_return(self) -> str:
        """The point of no return in a sentence."""
        first, itself, last = self.no_return_between
        if itself is None:
            return f"At no half hour was it decided: the chance of what came stayed below {percent(DECIDED)}."
        doubt = " or ".join(clock.label(when) if when else "the end" for when in (first, last))
        return (
            f"No return from {clock.label(itself)} on (by the ends of the intervals {doubt}): what came had "
            f"{percent(DECIDED)} or more from then on."
        )

    @property
    def plot(self) -> ChancesFigures:
        """Called, the chart of chances; its other figure is the endings'."""
        return ChancesFigures(self)

    def save(self, path: str | Path) -> Path:
        """Write the chances to a netCDF file, with all that they rest on; `sim.load` reads it."""
        return write(self.data.copy().assign_attrs(of=self.of), path, "chances")


@dataclass(frozen=True)
class ChancesFigures:
    """The figures of chances: each takes ax= for its main panel, and returns the Axes or the Figure."""

    of: Chances

    def __call__(self, *, ax: Axes | None = None) -> Figure | Axes:
        """The chance at every half hour in three readings, what moved it, and leverage below."""
        from sim.plots import chances

        it = self.of
        return chances(
            it.table,
            it.turning_points(),
            what=self.what,
            about=self.about,
            no_return=it.point_of_no_return,
            ax=ax,
        )

    def endings(self, *, ax: Axes | None = None) -> Axes:
        """The chance of every ending at every half hour, one upon another."""
        from sim.plots import chances_of_endings

        toml = str(self.of.data.attrs["scenario_toml"])
        return chances_of_endings(self.of.endings, about=self.about, names=names_of(toml), ax=ax)

    @property
    def what(self) -> str:
        """What the chance is of, as a clause."""
        names = names_of(self.of.data.attrs["scenario_toml"])
        return names.in_event(measures.measure(self.of.of).label)

    @property
    def about(self) -> str:
        """Which history and how many futures of it a figure shows."""
        a, n = self.of.data.attrs, self.of.data.sizes
        return (
            f"Scenario {a['scenario']}, seed {a['seed']}, world {a['world_number']}; {n['future']:,} futures "
            f"each half hour, {n['world']:,} histories; version {a['version']}."
        )


def _sure(chance: Estimate) -> str:
    """A chance with its interval, in words."""
    return f"{percent(chance.value)} ({percent(chance.low)} to {percent(chance.high)})"


def _table(found: Sequence[Estimate], times: pd.DatetimeIndex) -> pd.DataFrame:
    rows = [(one.value, one.low, one.high) for one in found]
    return pd.DataFrame(rows, columns=["chance", "low", "high"], index=times)


def _for_good(times: pd.DatetimeIndex, chance: pd.Series[float]) -> datetime | None:
    """The first time from which on a chance is never below what counts as decided."""
    below = np.flatnonzero(chance.to_numpy() < DECIDED)
    first = int(below[-1]) + 1 if len(below) else 0
    return times[first].to_pydatetime() if first < len(times) else None


def from_data(data: xr.Dataset) -> Chances:
    """Chances out of a dataset as `Chances.save` writes it; KeyError or ValueError if it is none."""
    of = str(data.attrs.pop("of"))
    assert json.loads(data.attrs["digests"])
    return Chances(data, of)
