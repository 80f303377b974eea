"""Rows: what came of many histories, a small row each, and how they stood over time; as a dataset that reads
them when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from xarray.backends import BackendArray
from xarray.core import indexing

from sim import clock, tally
from sim.plan.layout import Layout, Stage
from sim.state import GARRISON
from sim.tally import NEVER, SPOTS, Outcome, Sample

SIDES = ("government", "soviet")
SAMPLED = 15.0  # minutes between two samples of how things stand
U2 = 65535
SCALARS = (
    "ending",
    "ended_at",
    "palace_falls",
    "palace_holder",
    "killed_soviet",
    "killed_government",
    "congress",
    "congress_opens",
    "walkout",
    "congress_planned",
    "motion",
    "proclaimed",
    "votes_for",
    "delegates_present",
    "ministers_arrested",
    "garrison_active",
    "cossacks_active",
    "term_at",
    "blank_at",
    "shelled_at",
    "shells",
    "hits",
    "entered_at",
    "disarming_at",
    "left_inside",
)
BY_SIDE = ("most_active", "most_taken", "line_off", "line_on")
HOURS_OF_FORCES = ("arrived_at", "left_at", "stopped_at", "left_seat")
MEN_OF_FORCES = ("engaged_men", "asked_men", "came_men")


def sampled_every(pulse: float) -> int:
    """Pulses from one sample to the next."""
    return max(round(SAMPLED / pulse), 1)


@dataclass
class Rows:
    """Some worlds: `rows` (worlds,) of Outcome, and, with tracks, `samples` (worlds, times) and `holding`
    (times, places, sides).
    """

    rows: NDArray[Any]
    samples: NDArray[Any] | None = None
    holding: NDArray[np.int32] | None = None
    shared: Any = None  # `holding` of the first world, for futures that share what went before

    @classmethod
    def blank(cls, layout: Layout, worlds: int, *, tracks: bool, spots: int = SPOTS) -> Rows:
        """Room for so many worlds."""
        cast = layout.cast
        most = max(max(f.men, f.men_high) for f in cast.history.forces.values())
        sizes = {
            "places": len(cast.places.ids),
            "forces": len(cast.forces.ids),
            "people": len(cast.people.ids),
            "spots": spots,
            "bridges": max(len(cast.city.bridges), 1),
            "men": "u2" if most < U2 else "u4",
        }
        rows = np.zeros(worlds, Outcome.dtype(sizes))
        if not tracks:
            return cls(rows)
        times = (
            int(float(layout.template[0]["clock"]["horizon"]) // (sampled_every(layout.pulse) * layout.pulse))
            + 1
        )
        return cls(
            rows, np.zeros((worlds, times), Sample.dtype({})), np.zeros((times, sizes["places"], 2), np.int32)
        )

    def play(self, stage: Stage, k: int, seed: int, number: int, values: Mapping[str, float]) -> bool:
        """Play one world into the k-th row; False, and nothing counted, if the journal had no room for it."""
        stage.open(seed, number, values)
        holding = None if self.holding is None else np.zeros_like(self.holding)
        if self.samples is not None:
            each = sampled_every(stage.layout.pulse) * stage.layout.pulse
            for t in range(self.samples.shape[1]):
                if k and holding is not None and stage.shares(t * each):
                    self.samples[k, t], holding[t] = self.samples[0, t], self.shared[t]
                    continue
                stage.play(t * each)
                tally.take_sample(stage.worlds, self.samples, k, t, holding)
        stage.play()
        if stage.overfull:
            return False
        tally.sum_up(stage.worlds, self.rows, k)
        if self.rows["spots"][k] > self.rows["blood"].shape[1]:
            self._widen(int(self.rows["spots"][k]))
            tally.sum_up(stage.worlds, self.rows, k)
        if self.holding is not None and holding is not None:
            self.holding += holding
            self.shared = holding if k == 0 else self.shared
        return True

    def open(self, stage: Stage) -> None:
        """Open a world and sum it up before anything has happened: whatever has to be compiled is, then."""
        stage.open(0, 0, {})
        tally.sum_up(stage.worlds, self.rows, 0)
        if self.samples is not None and self.holding is not None:
            tally.take_sample(stage.worlds, self.samples, 0, 0, self.holding)

    def put(self, first: int, part: Rows) -> None:
        """Put the worlds of a part in their places."""
        self._widen(part.rows["blood"].shape[1])
        part._widen(self.rows["blood"].shape[1])
        self.rows[first : first + len(part.rows)] = part.rows
        if self.samples is not None and self.holding is not None:
            self.samples[first : first + len(part.rows)] = part.samples
            self.holding += 0 if part.holding is None else part.holding

    def _widen(self, spots: int) -> None:
        """Room for so many bloody places in every row, if there is less."""
        had = self.rows["blood"].shape[1]
        if spots > had:
            fields = {name: self.rows.dtype[name] for name in self.rows.dtype.names or ()}
            sizes = {
                "places": fields["holder_end"].shape[0],
                "forces": fields["left_at"].shape[0],
                "people": fields["liberty"].shape[0],
                "bridges": fields["raised_at"].shape[0],
                "men": fields["force_men"].base.str[1:],
                "spots": max(spots, 2 * had),
            }
            wider = np.zeros(len(self.rows), Outcome.dtype(sizes))
            for name in fields:
                if name != "blood":
                    wider[name] = self.rows[name]
            wider["blood"]["place"], wider["blood"]["shots"] = -1, NEVER
            wider["blood"][:, :had] = self.rows["blood"]
            self.rows = wider

    def dataset(self, layout: Layout, seed: int) -> xr.Dataset:
        """What came of each world: a Dataset over (world), with captured_at (world, place, side) and the like
        in minutes, inf for never.
        """
        cast, scenario, rows, pulse = layout.cast, layout.scenario, self.rows, layout.pulse
        n, places, forces = len(rows), len(cast.places.ids), len(cast.forces.ids)
        dims: dict[str, tuple[tuple[str, ...], Any]] = {name: (("world",), rows[name]) for name in SCALARS}
        dims |= {name: (("world", "side"), rows[name]) for name in BY_SIDE}
        dims |= {
            "holder_end": (("world", "place"), rows["holder_end"]),
            "liberty": (("world", "person"), rows["liberty"]),
            "force_men": (("world", "force"), rows["force_men"]),
        }
        dims |= {name: (("world", "force", "side"), rows[name]) for name in MEN_OF_FORCES}
        lazy: dict[str, tuple[tuple[str, ...], Lazy]] = {
            name: (("world", "force"), Lazy((n, forces), np.float32, _hours(name, pulse)))
            for name in HOURS_OF_FORCES
        }
        by_place = ("world", "place")
        lazy["captured_at"] = (
            (*by_place, "side"),
            Lazy((n, places, 2), np.float32, _hours("captured_at", pulse)),
        )
        lazy["raised_at"] = (
            by_place,
            Lazy((n, places), np.float32, _of_bridges(cast.city.bridges, places, pulse)),
        )
        lazy["shots_at"] = (by_place, Lazy((n, places), np.float32, _of_spots("shots", places, pulse)))
        for name, own in (("fallen", "fallen"), ("fallen_before", "before")):
            lazy[name] = ((*by_place, "side"), Lazy((n, places, 2), np.int32, _of_spots(own, places, pulse)))
        for _, array in lazy.values():
            array.rows = rows
        dims |= {name: (d, indexing.LazilyIndexedArray(array)) for name, (d, array) in lazy.items()}
        data = xr.Dataset(
            {name: xr.Variable(d, values) for name, (d, values) in dims.items()},
            coords={
                "world": np.arange(n),
                "side": list(SIDES),
                "force": cast.forces.ids,
                "garrison": ("force", of_garrison(layout)),
                "person": cast.people.ids,
                **place_coords(layout),
            },
            attrs={
                "scenario": scenario.name,
                "question": scenario.question,
                "scenario_toml": scenario.toml(),
                "seed": seed,
                "start": scenario.start.isoformat(),
                "horizon_minutes": float(layout.template[0]["clock"]["horizon"]),
                "pulse_minutes": pulse,
                "version": version("petrograd"),
            },
        )
        return (
            data
            if self.samples is None
            else data.assign(self._over_time(layout)).assign_coords(time=self._times(layout))
        )

    def _over_time(self, layout: Layout) -> dict[str, Any]:
        """The samples by world, time and side, and the share of worlds in which a side held each place."""
        assert self.samples is not None
        assert self.holding is not None
        by_world: dict[str, Any] = {
            name: (("world", "time", "side"), self.samples[name])
            for name in ("held", "held_quarter", "active_men", "killed", "declared")
        }
        by_world["workers_out"] = (("world", "time"), self.samples["workers_out"])
        return by_world | {"chance_held": (("time", "place", "side"), self.holding / len(self.rows))}

    def _times(self, layout: Layout) -> pd.Index[Any]:
        assert self.samples is not None
        every, start = sampled_every(layout.pulse) * layout.pulse, layout.scenario.start
        return pd.DatetimeIndex(
            [clock.moment(t * every, start) for t in range(self.samples.shape[1])]
        ).astype("datetime64[ns]")


class Lazy(BackendArray):
    """An array that is read from rows when somebody asks for a part of it: (worlds, ...)."""

    def __init__(
        self, shape: tuple[int, ...], kind: Any, read: Callable[[NDArray[Any]], NDArray[Any]]
    ) -> None:
        self.shape, self.dtype, self.read = shape, np.dtype(kind), read
        self.rows: Any = None

    def __getitem__(self, key: Any) -> Any:
        """The part, as xarray's own backends hand it out."""
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._part)

    def _part(self, key: tuple[Any, ...]) -> NDArray[Any]:
        worlds, *rest = key
        alone = isinstance(worlds, (int, np.integer))
        whole = self.read(np.atleast_1d(self.rows[worlds])).astype(self.dtype, copy=False)
        for axis, part in enumerate(rest, 1):
            whole = whole[
                (slice(None),) * axis + (np.atleast_1d(part) if not isinstance(part, slice) else part,)
            ]
        squeezed = tuple(axis for axis, part in enumerate(rest, 1) if isinstance(part, (int, np.integer)))
        whole = whole.squeeze(axis=squeezed) if squeezed else whole
        return whole[0] if alone else whole


def _minutes(pulses: NDArray[Any], pulse: float) -> NDArray[Any]:
    """Numbers of pulses as minutes, infinity for never."""
    return np.where(pulses == NEVER, np.inf, pulses.astype(np.float64) * pulse)


def _hours(name: str, pulse: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    return lambda rows: _minutes(rows[name], pulse)


def _of_bridges(bridges: NDArray[Any], places: int, pulse: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """When each place, a bridge, was first raised."""

    def read(rows: NDArray[Any]) -> NDArray[Any]:
        found = np.full((len(rows), places), np.inf)
        found[:, bridges] = _minutes(rows["raised_at"][:, : len(bridges)], pulse)
        return found

    return read


def _of_spots(name: str, places: int, pulse: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """What is known of bloody places, spread over all."""

    def read(rows: NDArray[Any]) -> NDArray[Any]:
        blood = rows["blood"]
        world, k = np.nonzero(blood["place"] >= 0)
        at = world, blood["place"][world, k]
        if name == "shots":
            found: NDArray[Any] = np.full((len(rows), places), np.inf)
            found[at] = _minutes(blood["shots"][world, k], pulse)
        else:
            found = np.zeros((len(rows), places, 2), np.int32)
            found[at] = blood[name][world, k]
        return found

    return read


def of_garrison(layout: Layout) -> NDArray[np.bool_]:
    """The forces that belong to the city's garrison: (forces,)."""
    u = layout.cast.units
    return np.asarray(
        np.isin(np.arange(len(layout.cast.forces.ids)), u.force[u.in_city & (u.group == GARRISON)])
    )


def place_coords(layout: Layout) -> dict[str, Any]:
    """The coordinates of the places, for a Dataset."""
    cast = layout.cast
    places = list(cast.history.places.values())
    return {
        "place": cast.places.ids,
        "place_name": ("place", [p.name for p in places]),
        "place_kind": ("place", [p.kind for p in places]),
        "lat": ("place", cast.city.lat),
        "lon": ("place", cast.city.lon),
        "bank": ("place", [p.bank for p in places]),
        "objective": ("place", [p.objective for p in places]),
    }
