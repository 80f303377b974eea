"""A run, frozen - its chronicle beside the record, its data, its figures; and how it is kept."""

from __future__ import annotations

import json
import textwrap
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
from sim.names import Names, capital
from sim.plan.layout import NOTHING_MORE, Stage, layout
from sim.results.outcomes import CONGRESS, ended, names_of
from sim.results.passages import Chronicle
from sim.results.reasons import Reasons
from sim.results.rows import SCALARS, Rows, place_coords
from sim.results.saved import ResultError, write
from sim.results.story import PAGE, Story
from sim.state import GONE, IN_QUARTERS
from sim.store import digests
from sim.telling import Event, Teller
from sim.wording import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.plan.layout import Layout
    from sim.results.protocols import Minute

COLUMNS = ["time", "place", "event", "kind", "side", "actors", "because", "token", "record", "minutes_off"]
SIDES = {-1: "government", 0: "nobody", 1: "Soviet"}


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
        return self.story()

    __repr__ = __str__

    def story(self, detail: str = "short") -> str:
        """The history as one reads it, day by day beside the documented hours: "short", for a minute and a
        half; "long", for some four minutes, with what repeats itself told once; or "all", event by event.
        Raises ScenarioError for another detail.
        """
        story = Story(self.told, self._names)
        lines = [self._headline(), *self._origin(), "", *story.opening(detail), *story.lines(detail)]
        return "\n".join([*lines, "", *self._closing()])

    @cached_property
    def told(self) -> Chronicle:
        """The events with their documented hours, and which of them a reader wants."""
        asked = frozenset(str(p) for p in self.data["place"].values[self.data["objective"].values > 0])
        record = {e.number: when for e, when in zip(self.events, self._hours, strict=True) if when}
        return Chronicle(self.events, asked, record, self.start)

    def _headline(self) -> str:
        a = self.data.attrs
        return (
            f"{a['scenario']}, seed {a['seed']}, world {a['world_number']}: "
            f"{ended(self.outcome['ending'], self._names)} ({self._when(self.outcome['ended_at'])})."
        )

    def _origin(self) -> list[str]:
        """By what rule the history was chosen, where it took its turns, whose rules it was played with."""
        a = self.data.attrs
        turns = [f"Otherwise {Turn.of(cells)}." for cells in json.loads(a["turns"])]
        own = ", ".join(json.loads(a["after"]))
        said = [*turns, *([a["chosen"]] if a.get("chosen") else []), *([f"With {own}."] if own else [])]
        return [line for text in said for line in textwrap.wrap(text, PAGE)]

    def _closing(self) -> list[str]:
        """What it came to: the dead, the seat of government, those arrested, the congress."""
        o, names = self.outcome, self._names
        ours, theirs = names.side(1).text, names.side(-1)
        said = [
            f"Killed: {o['killed_soviet']} on the side of {ours}, {o['killed_government']} on that of "
            f"{theirs.text}.",
            f"{capital(names.place(names.seat))} entered: {self._when(o['palace_falls'])}.",
        ]
        if not theirs.many:
            said.append(f"Ministers held: {o['ministers_arrested']}.")
        if o["congress"]:
            said.append(f"The congress {CONGRESS[o['congress']]}.")
        acted = in_words(o["garrison_active"], "points", digits=1)
        said.append(f"Soldiers of the garrison who acted: {acted}.")
        return textwrap.wrap(" ".join(said), PAGE)

    @property
    def _names(self) -> Names:
        return names_of(self.data.attrs["scenario_toml"])

    def _when(self, minute: float) -> str:
        return clock.label(clock.moment(minute, self.start)) if np.isfinite(minute) else "never"

    @property
    def start(self) -> datetime:
        """The first minute of the history."""
        return datetime.fromisoformat(self.data.attrs["start"])

    @property
    def _event(self) -> str:
        return from_toml(self.data.attrs["scenario_toml"]).opening

    @cached_property
    def _hours(self) -> list[datetime | None]:
        """The documented hour of every event; the record speaks of the first time only."""
        record = documented_hours(self._event)
        return [record.pop(e.token, None) for e in self.events]

    @cached_property
    def _table(self) -> pd.DataFrame:
        rows = []
        for e, at in zip(self.events, self._hours, strict=True):
            when = clock.moment(e.minute, self.start)
            cells = (when, e.place, e.text, e.kind, e.side, ", ".join(e.actors), e.because, e.token, at)
            rows.append((*cells, (when - at).total_seconds() / 60 if at else np.nan))
        table = pd.DataFrame(rows, columns=COLUMNS)
        return table.astype(
            {"time": "datetime64[ns]", "record": "datetime64[ns]", "minutes_off": float}
        ).rename_axis("number")

    def chronicle(self) -> pd.DataFrame:
        """Every event: time, place, event, kind, side, actors, because (numbers of earlier events), record,
        minutes_off.
        """
        return self._table.copy()

    def why(self, place: str) -> str:
        """Who took a place last, from whom, on whose decision, and the chain of causes behind it, the latest
        first. Raises ResultError for an unknown place.
        """
        self._known("place", place)
        return Reasons(self.data, self.events).why(place)

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
    events = tuple(_event(cells) for cells in json.loads(str(data["events"].item())))
    data = data.drop_vars("events")
    outcome = json.loads(data.attrs.pop("outcome"))
    for name in ("raised", "firing", "active"):
        data[name] = data[name].astype(bool)
    return Run(data, events, outcome)


def _event(cells: dict[str, Any]) -> Event:
    """An event as it was before it was written down."""
    whole: dict[str, Any] = {n: tuple(cell) if isinstance(cell, list) else cell for n, cell in cells.items()}
    return Event(**whole)


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

        start, end = self.run.start, pd.Timestamp(self.run.data["time"].values[-1]).to_pydatetime()
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
