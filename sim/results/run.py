"""A run, frozen - its chronicle beside the record, its data, its figures; and how it is kept."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sim import clock, compiled, history, parameters, tally
from sim.counterfactual.recipe import Recipe
from sim.counterfactual.scenario import Scenario, from_toml
from sim.counterfactual.turns import Turn, planned
from sim.extend import After
from sim.plan.layout import NOTHING_MORE, Stage, layout
from sim.results.outcomes import CONGRESS, ENDINGS
from sim.results.rows import SCALARS, Rows, place_coords
from sim.results.saved import ResultError, write
from sim.state import GONE, IN_QUARTERS
from sim.store import digests
from sim.telling import Event, Teller
from sim.wording import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.plan.layout import Layout
    from sim.results.protocols import Minute

MAIN_KINDS = frozenset(
    {
        "capture",
        "bridge",
        "repulse",
        "refuse",
        "telephones",
        "power",
        "alarm",
        "siege",
        "infiltration",
        "assault",
        "guns",
        "cabinet",
        "congress",
        "block",
        "ending",
        "shots",
        "prisoners",
        "arrest",
        "departure",
    }
)
SIDES = {-1: "government", 0: "nobody", 1: "Soviet"}
PAGE = 110  # letters in a line


@dataclass(frozen=True, eq=False)
class Run:
    """One history, recorded in full. `data` is an xarray Dataset (world, time, place, unit); attrs say how to
    run it again.
    """

    data: xr.Dataset
    events: tuple[Event, ...]
    outcome: dict[str, Any]
    after: After = field(default_factory=After)

    def __str__(self) -> str:
        lines = [
            self._headline(),
            *self._origin(),
            "",
            (
                "The Soviet acts through its Military Revolutionary Committee. Apart: hours later (+) "
                "or earlier (-) than documented;"
            ),
            "what has no documented hour happened this time.",
            "",
            f"{'this time':>13}   {'documented':>13}   {'apart':>7}   what happened",
        ]
        lines += list(self._lines())
        return "\n".join([*lines, "", *self._closing()])

    __repr__ = __str__

    def _headline(self) -> str:
        a = self.data.attrs
        return (
            f"{a['scenario']}, seed {a['seed']}, world {a['world_number']}: "
            f"{ENDINGS[self.outcome['ending']]} ({self._when(self.outcome['ended_at'])})."
        )

    def _origin(self) -> list[str]:
        """By what rule the history was chosen, where it took its turns, whose rules it was played with."""
        a = self.data.attrs
        turns = [f"Otherwise {Turn.of(cells)}." for cells in json.loads(a["turns"])]
        own = ", ".join(json.loads(a["after"]))
        said = [*turns, *([a["chosen"]] if a.get("chosen") else []), *([f"With {own}."] if own else [])]
        return [line for text in said for line in textwrap.wrap(text, PAGE)]

    def _closing(self) -> list[str]:
        o = self.outcome
        return [
            (
                f"Killed: {o['killed_soviet']} on the Soviet's side, {o['killed_government']} on the "
                f"government's. The congress {CONGRESS[o['congress']]}."
            ),
            f"Seat of government entered: {self._when(o['palace_falls'])}. Ministers held: "
            f"{o['ministers_arrested']}. "
            f"Soldiers of the garrison who acted: {in_words(o['garrison_active'], 'points', digits=1)}.",
        ]

    def _when(self, minute: float) -> str:
        return clock.label(clock.moment(minute, self._start)) if np.isfinite(minute) else "never"

    @property
    def _start(self) -> datetime:
        return datetime.fromisoformat(self.data.attrs["start"])

    @property
    def _event(self) -> str:
        return from_toml(self.data.attrs["scenario_toml"]).opening

    def _lines(self) -> Iterator[str]:
        """The main events, a line each; arrests of one moment in one line."""
        table = self._told()
        for _, group in table.groupby(["time", "kind", "place"], sort=False):
            rows = (
                [group] if group["kind"].iloc[0] == "arrest" else [group.iloc[[i]] for i in range(len(group))]
            )
            for row in rows:
                yield self._line(row)

    def _told(self) -> pd.DataFrame:
        """The events worth a line: the main kinds, captures that somebody would ask for, and each repulse
        once.
        """
        table = self.chronicle()
        asked = set(self.data["place"].values[self.data["objective"].values > 0])
        idle = (table["kind"] == "capture") & ~table["place"].isin(asked) & table["record"].isna()
        table = table[table["kind"].isin(MAIN_KINDS) & ~idle]
        times = table.groupby("event")["kind"].transform("size")
        again = (table["kind"] == "repulse") & (times > 1)
        table = table.assign(
            event=table["event"].where(~again, table["event"] + " (" + times.astype(str) + " times in all)")
        )
        return table[~(again & table["event"].duplicated())]

    def _line(self, rows: pd.DataFrame) -> str:
        first = rows.iloc[0]
        text = (
            first["event"]
            if len(rows) == 1
            else "arrested: " + ", ".join(t.removesuffix(" is arrested") for t in rows["event"])
        )
        documented = "" if pd.isna(first["record"]) else clock.label(first["record"])
        apart = "" if pd.isna(first["minutes_off"]) else _signed_hours(first["minutes_off"])
        return f"{clock.label(first['time']):>13}   {documented:>13}   {apart:>7}   {text}"

    @cached_property
    def _table(self) -> pd.DataFrame:
        record = documented_hours(self._event)
        rows = []
        for e in self.events:
            when = clock.moment(e.minute, self._start)
            at = record.pop(e.token, None)  # the record speaks of the first time only
            rows.append(
                {
                    "time": when,
                    "place": e.place,
                    "event": e.text,
                    "kind": e.kind,
                    "side": e.side,
                    "actors": ", ".join(e.actors),
                    "because": e.because,
                    "token": e.token,
                    "record": at,
                    "minutes_off": (when - at).total_seconds() / 60 if at else np.nan,
                }
            )
        table = pd.DataFrame(
            rows,
            columns=[
                "time",
                "place",
                "event",
                "kind",
                "side",
                "actors",
                "because",
                "token",
                "record",
                "minutes_off",
            ],
        )
        return table.astype(
            {"time": "datetime64[ns]", "record": "datetime64[ns]", "minutes_off": float}
        ).rename_axis("number")

    def chronicle(self) -> pd.DataFrame:
        """Every event: time, place, event, kind, side, actors, because (numbers of earlier events), record,
        minutes_off.
        """
        return self._table.copy()

    def why(self, place: str) -> str:
        """The chain of causes behind the last change of hands of a place, latest first. Raises ResultError
        for an unknown place.
        """
        self._known("place", place)
        turns = [e for e in self.events if e.kind == "capture" and e.place == place]
        if not turns:
            return f"{place}: did not change hands"
        lines: list[str] = []
        self._trace(turns[-1].number, 0, lines, set())
        return "\n".join(lines)

    def _trace(self, number: int, depth: int, lines: list[str], seen: set[int]) -> None:
        if number in seen:
            return
        seen.add(number)
        event = self.events[number]
        lines.append(
            f"{self._when(event.minute):>13}  {'   ' * depth}{'because ' if depth else ''}{event.text}"
        )
        for cause in sorted(event.because, reverse=True):
            self._trace(cause, depth + 1, lines, seen)

    def unit(self, name: str) -> pd.DataFrame:
        """One unit over time: place, duty, stance, men. Raises ResultError for an unknown one."""
        self._known("unit", name)
        track = self.data.sel(unit=name).isel(world=0)
        duties = np.array(self.data["duty"].attrs["meanings"].split())
        return pd.DataFrame(
            {
                "place": self.data["place"].values[track["at"].values],
                "duty": duties[track["duty"].values],
                "stance": track["stance"].values,
                "men": track["men"].values,
            },
            index=pd.Index(self.data["time"].values, name="time"),
        )

    def place(self, name: str) -> pd.DataFrame:
        """One place over time: holder, raised, firing. Raises ResultError for an unknown one."""
        self._known("place", name)
        track = self.data.sel(place=name).isel(world=0)
        held = [SIDES[int(h)] for h in track["holder"].values]
        return pd.DataFrame(
            {"holder": held, "raised": track["raised"].values, "firing": track["firing"].values},
            index=pd.Index(self.data["time"].values, name="time"),
        )

    def _known(self, what: str, name: str) -> None:
        names = [str(n) for n in self.data[what].values]
        if name not in names:
            near = get_close_matches(name, names, n=1, cutoff=0.4)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ResultError(
                f"unknown {what} '{name}'{hint} (petrograd list {'places' if what == 'place' else 'forces'})"
            )

    def at(self, time: str | datetime) -> Minute:
        """The history as it stands at a minute (that of the next pulse), before what happens then; it
        can go on from there as it did, with other luck, or otherwise.

        Raises TimeError outside the scenario's hours, and ResultError for a run that has been turned later
        than that, or was played with rules of one's own and then saved.
        """
        import sim  # the face: a fork knows of runs

        a = self.data.attrs
        turns = tuple(Turn.of(cells) for cells in json.loads(a["turns"]))
        scenario, pulse = from_toml(a["scenario_toml"]), float(a["pulse_minutes"])
        when = clock.within(time, scenario.start, scenario.end)
        minute = -(-clock.minutes(when, scenario.start) // pulse) * pulse
        while round(minute, 6) % 1:  # hours are told, and kept, in whole minutes
            minute += pulse
        hour = clock.moment(minute, scenario.start)
        if turns and hour < turns[-1].at:
            raise ResultError(
                f"at: wanted an hour from {clock.label(turns[-1].at)} on, when this history took its turn, "
                f"got {clock.label(hour)}"
            )
        if json.loads(a["after"]) != self.after.digests():
            raise ResultError(
                f"at: this history was played with rules of one's own ({', '.join(json.loads(a['after']))}), "
                "which no file keeps; wanted the run as sim.run(..., after=...) gives it"
            )
        values = tuple(json.loads(a["settings"]).items())
        seed, world = int(a["seed"]), int(a["world_number"])
        made: Minute = sim.Fork(scenario, seed, world, hour, values, pulse, turns, after=self.after)
        return made

    def chosen_as(self, why: str) -> Run:
        """The same run, which says by what rule it was chosen."""
        return replace(self, data=self.data.assign_attrs(chosen=why))

    @property
    def plot(self) -> Plots:
        """The figures of this run."""
        return Plots(self)

    def save(self, path: str | Path) -> Path:
        """Write the run to a netCDF file, with scenario, seed, parameters and versions inside; `sim.load`
        reads it.
        """
        kept = self.data.copy()
        kept["events"] = ((), json.dumps([vars(e) for e in self.events]))
        kept.attrs["outcome"] = json.dumps(self.outcome)
        return write(kept, path, "run")


def from_data(data: xr.Dataset) -> Run:
    """A run out of a dataset as `Run.save` writes it; KeyError or ValueError if it is none."""
    events = tuple(
        Event(**{**e, "actors": tuple(e["actors"]), "because": tuple(e["because"])})
        for e in json.loads(str(data["events"].item()))
    )
    data = data.drop_vars("events")
    outcome = json.loads(data.attrs.pop("outcome"))
    for name in ("raised", "firing", "active"):
        data[name] = data[name].astype(bool)
    return Run(data, events, outcome)


@dataclass(frozen=True)
class Plots:
    """The figures of a run: each takes ax= and returns the Axes."""

    run: Run

    def map(
        self, time: str | datetime | None = None, *, extent: str = "centre", ax: Axes | None = None
    ) -> Axes:
        """The city at a minute, the morning of the 25th if none is named (or what the run has of the days
        before it); raises TimeError outside the run.
        """
        from sim.plots import city_map

        start, end = self.run._start, pd.Timestamp(self.run.data["time"].values[-1]).to_pydatetime()
        when = clock.morning(start, end) if time is None else clock.within(time, start, end)
        return city_map(self.run.data, when, extent=extent, ax=ax)

    def timeline(self, *, ax: Axes | None = None) -> Axes:
        """Places changing hands against the record."""
        from sim.plots import timeline

        return timeline(self.run.data, self.run.chronicle(), ax=ax, record=documented_hours(self.run._event))

    def stances(self, *, ax: Axes | None = None) -> Axes | Figure:
        """Men by stance over time."""
        from sim.plots import stances

        return stances(self.run.data, ax=ax)


def documented_hours(event: str = "october24") -> dict[str, datetime]:
    """Token of an outcome of an event -> its documented hour (the first, if there are several)."""
    hours: dict[str, datetime] = {}
    for row in history.load(event=event).record.values():
        for token in row.observable:
            if row.start >= clock.EVENTS[event][0]:
                hours[token] = min(row.start, hours.get(token, row.start))
    return hours


# What is recorded at every pulse: name -> (kind of number, axis beside the worlds).
RECORDED = {
    "holder": (np.int8, "place"),
    "raised": (bool, "place"),
    "firing": (bool, "place"),
    "stance": (np.int8, "unit"),
    "active": (bool, "unit"),
    "duty": (np.int8, "unit"),
    "at": (np.int16, "unit"),
    "to": (np.int16, "unit"),
    "along": (np.float32, "unit"),
    "men": (np.int32, "unit"),
}
DUTIES = "in_quarters under_way on_post besieged gone"


class Recorder:
    """Writes down how everything stands after every pulse of a history."""

    def __init__(self, layout: Layout) -> None:
        size = {"place": len(layout.cast.places.ids), "unit": len(layout.cast.units.ids)}
        times = int(float(layout.template[0]["clock"]["horizon"]) // layout.pulse) + 1
        self.size, self.arrays = (
            size,
            {name: np.zeros((1, times, size[axis]), kind) for name, (kind, axis) in RECORDED.items()},
        )

    def keep(self, worlds: NDArray[Any], number: int) -> None:
        """Write down how things stand after a pulse."""
        u, p = worlds["units"][0, : self.size["unit"]], worlds["places"][0, : self.size["place"]]
        active = (u["stance"] != 0) & (u["duty"] != IN_QUARTERS) & (u["duty"] != GONE) & (u["men"] > 0)
        along = np.clip(1 - u["left"] / np.maximum(u["leg"], 1e-6), 0, 1) * (u["to"] >= 0)
        now = {
            "holder": p["holder"],
            "raised": p["raised"],
            "firing": p["firing"],
            "stance": u["stance"],
            "active": active,
            "duty": u["duty"],
            "at": u["place"],
            "to": u["to"],
            "along": along,
            "men": u["men"],
        }
        for name, values in now.items():
            self.arrays[name][0, number] = values


def record(
    scenario: Scenario,
    seed: int,
    world: int,
    pulse: float,
    values: dict[str, float],
    turns: tuple[Turn, ...] = (),
    after: After = NOTHING_MORE,
    told: Scenario | None = None,
) -> Run:
    """Play one history and keep everything: that of a scenario, with turns, told under another's name."""
    stage = Stage(layout(planned(scenario, turns), pulse), turns, after)
    about = {
        "scenario": (told or scenario).name,
        "question": (told or scenario).question,
        "scenario_toml": scenario.toml(),
        "turns": json.dumps([turn.cells() for turn in turns]),
        "after": json.dumps(after.digests()),
        "settings": json.dumps({**parameters.calibrated(), **values}),
        "seed": seed,
        "world_number": world,
    }
    with compiled.told():
        while True:
            recorder = Recorder(stage.layout)
            stage.open(seed, world, values)
            for number in range(recorder.arrays["holder"].shape[1]):
                stage.play(number * pulse)
                recorder.keep(stage.worlds, number)
            if not stage.overfull:
                return of_stage(stage, recorder, about)
            stage = stage.roomier()


def of_recipe(recipe: Recipe, luck: int, after: After) -> Run:
    """The history of a recipe, to its end, with one of its futures."""
    turns, values = recipe.turns_of(luck), dict(recipe.parameters)
    r = recipe
    return record(r.scenario, r.seed, r.world, r.pulse, values, turns, after, r.told)


def of_stage(stage: Stage, recorder: Recorder, about: dict[str, Any]) -> Run:
    """The run of a history that was played to its end and recorded; `about` says how to play it again."""
    made, scenario, s, h = stage.layout, stage.layout.scenario, stage.layout.cast, stage.layout.cast.history
    arrays, w = recorder.arrays, stage.worlds[0]
    times = pd.DatetimeIndex(
        [clock.moment(i * made.pulse, scenario.start) for i in range(arrays["holder"].shape[1])]
    )
    forces = [h.forces[s.forces.ids[f]] for f in s.units.force]
    data = xr.Dataset(
        {name: (("world", "time", axis), arrays[name]) for name, (_, axis) in RECORDED.items()},
        coords={
            "time": times.astype("datetime64[ns]"),
            "unit": s.units.ids,
            "world": [about["world_number"]],
            **place_coords(made),
            "force": ("unit", [f.id for f in forces]),
            "force_name": ("unit", [f.name for f in forces]),
            "kind": ("unit", [f.kind for f in forces]),
            "home": ("unit", [s.places.ids[i] for i in s.units.home]),
        },
        attrs={
            **about,
            "start": scenario.start.isoformat(),
            "pulse_minutes": made.pulse,
            "resolution": scenario.resolution,
            "version": version("petrograd"),
            "mesa": version("mesa"),
            "numpy": np.__version__,
            "digests": json.dumps(digests()),
        },
    )
    data["duty"].attrs["meanings"] = DUTIES
    rows = Rows.blank(made, 1, tracks=False)
    tally.sum_up(stage.worlds, rows.rows, 0)
    outcome = {name: rows.rows[name][0].item() for name in SCALARS}
    return Run(data, Teller(s, made.plan).tell(w), outcome, stage.after)


def _signed_hours(minutes: float) -> str:
    sign = "+" if minutes >= 0 else "-"
    return f"{sign}{int(abs(minutes)) // 60}:{int(abs(minutes)) % 60:02d}"
