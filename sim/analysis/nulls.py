"""Null models: simpler accounts of the three days, scored on the same card as the model.

Three are the model without a part of it: with odds alone, with minds that never change, and with everybody
obeying. Two know nothing of the city but the hours of captures: one at a constant hazard, one that copies the
record with an error. The last has the answer built in, and is here to show what a card of hours is worth.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sim import clock
from sim.analysis import obedience, october
from sim.analysis.scorecard import Scorecard, score
from sim.errors import nearest
from sim.extend import rule
from sim.history import load
from sim.parameters import GOLDEN
from sim.playing import ensemble

if TYPE_CHECKING:
    from sim.results.ensemble import Ensemble

SAMPLE = 15.0  # minutes between two samples of who holds what
ERROR = 60.0  # minutes (sigma) by which the jittered chronicle errs: the tolerance that most patterns have

FORCE = {
    "band_regiments": 0.0,
    "band_volunteers": 0.0,
    "band_specialists": 0.0,
    "band_militia": 0.0,
    "loyalty_spread": 0.0,
    "block_noise": 0.0,
    "belief_weight": 0.0,
    "peer_weight": 0.0,
    "order_weight": 0.0,
    "hysteresis": 0.0,
    "aggression": 0.0,
    "appeal": 0.0,
    "agitation": 0.0,
    "infantry_condition": 0.001,
    "switch_rate": 0.0,
    "sympathy": 99.0,
}
MINDS = {"belief_weight": 0.0, "peer_weight": 0.0, "order_weight": 0.0}
WORDS = {"aggression": 0.0, "appeal": 0.0, "agitation": 0.0}
# The belief of every audience is even odds, always: it speeds no departure, vote or offensive.
BELIEF = {
    "belief_start": 0.0,
    "belief_places": 0.0,
    "belief_strength": 0.0,
    "relief_weight": 0.0,
    "desertion_belief": 0.0,
}
SURE = 1000.0  # a weight beside which no mind counts
OBEYED = {
    **WORDS,
    "belief_weight": 0.0,
    "peer_weight": 0.0,
    "order_weight": SURE,
    "commissar_discount": 0.0,
    "hysteresis": 0.0,
    "loyalty_spread": 0.0,
    "block_noise": 0.0,
    "desertion_rate": 0.0,
    "vote_rate": 0.0,
    "parley_rate": 0.0,
    "infiltration_rate": 0.0,
    "yield_rate": 10 * SURE,  # a guard yields at half of it whatever the odds, and nobody draws off
    "yield_spread": SURE**2,
    "attacker_margin": 100 * SURE**2,
    "shot_rate": 0.0,
    "switch_rate": 0.0,
}


@dataclass(frozen=True)
class Null:
    """The model without a part of it: parameters that are fixed, and rules of its own, by the rule they come
    after.
    """

    title: str
    says: str
    fixed: Mapping[str, float]
    rules: Mapping[str, Callable[[Any], None]] = field(default_factory=dict)

    def under(self, values: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
        """Some values of the parameters as this model has them: what it fixes stands over what is given."""
        return {**values, **self.fixed}

    def after(self) -> dict[str, Callable[[Any], None]] | None:
        """Its own rules, compiled, for `sim.ensemble(..., after=...)`; None if it has none."""
        return {name: rule(function) for name, function in self.rules.items()} or None

    def ensemble(self, scenario: str = "historical", **options: Any) -> Ensemble:
        """Histories of a scenario under this null; options as `sim.ensemble` has them, `parameters` what it
        leaves free.
        """
        given = options.pop("parameters", None)
        if isinstance(given, str):
            raise ValueError(f"a null model takes values of the parameters by name, got {given!r}")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*beyond its prior")  # that is the point of it
            return ensemble(scenario, parameters=self.under(given or {}), after=self.after(), **options)

    def card(self, scenario: str = "historical", **options: Any) -> Scorecard:
        """The scorecard of a scenario under this null."""
        return score(self.ensemble(scenario, tracks=True, **options).data, name=self.title)


NULLS = {
    "force": Null(
        "force only", "everybody acts for the side he leans to, and nothing but odds decides", FORCE
    ),
    "pure": Null(
        "loyalty alone",
        "minds are as they were at the opening; nobody believes, follows his like, or is moved by orders and "
        "words, and no belief enters departures and votes",
        {**MINDS, **WORDS, **BELIEF},
    ),
    "obedience": Null(
        "obedience",
        "whoever is ordered goes, and every guard yields when they arrive",
        OBEYED,
        {"messages": obedience.obey, "marches": obedience.give_up},
    ),
}
# Those that are values of parameters alone, by title.
WITHOUT = {null.title: null.fixed for null in NULLS.values() if not null.rules}


def null(name: str) -> Null:
    """A null model by name; raises ValueError, with the nearest, for another."""
    if name not in NULLS:
        raise ValueError(f"unknown null model {name!r}{nearest(name, NULLS)}; there are {', '.join(NULLS)}")
    return NULLS[name]


def sample_in(folder: Path, worlds: int) -> dict[str, NDArray[np.float64]]:
    """The values of the parameters (worlds,) that worlds have in the sample which a fit wrote into a folder
    (plausible.csv): every set has its share of them, by weight.
    """
    rows = pd.read_csv(folder / "plausible.csv")
    ends = np.cumsum(rows.pop("weight").to_numpy(float))
    stands = np.mod((np.arange(worlds) + 0.5) * GOLDEN, 1.0) * ends[-1]
    taken = np.minimum(np.searchsorted(ends, stands, side="right"), len(ends) - 1)
    return {str(name): rows[name].to_numpy(float)[taken] for name in rows.columns}


def documented() -> dict[tuple[str, str], datetime]:
    """(place, side) -> the first documented hour of its capture within the three days."""
    hours: dict[tuple[str, str], datetime] = {}
    for row in load().record.values():
        for token in row.observable:
            kind, _, rest = token.partition(":")
            place, _, side = rest.partition(":")
            if kind == "capture" and clock.START <= row.start <= clock.END and place in load().places:
                hours[place, side] = min(row.start, hours.get((place, side), row.start))
    return hours


def constant_hazard(worlds: int, seed: int) -> xr.Dataset:
    """Every objective falls to the Soviet at one rate, the number of documented captures over the hours until
    they came.
    """
    places, known = load().places, documented()
    open_ = [p.id for p in places.values() if p.objective > 0 and p.holder != 1]
    waits = [
        clock.minutes(known[name, "soviet"]) if (name, "soviet") in known else clock.minutes(clock.END)
        for name in open_
    ]
    rate = sum((name, "soviet") in known for name in open_) / sum(waits)
    drawn = np.random.default_rng(seed).exponential(1 / rate, (worlds, len(open_)))
    return _dataset({(name, "soviet"): drawn[:, k] for k, name in enumerate(open_)}, worlds)


def jittered_chronicle(worlds: int, seed: int) -> xr.Dataset:
    """The documented captures, each an independent normal error off."""
    generator = np.random.default_rng(seed)
    return _dataset(
        {
            key: clock.minutes(when) + ERROR * generator.standard_normal(worlds)
            for key, when in documented().items()
        },
        worlds,
    )


def _dataset(taken: Mapping[tuple[str, str], NDArray[np.float64]], worlds: int) -> xr.Dataset:
    """Captures as the outcomes of an ensemble: first hours, and who holds how many objectives every quarter
    of an hour.
    """
    places = list(load().places.values())
    row = {p.id: k for k, p in enumerate(places)}
    at = np.full((worlds, len(places), 2), np.inf)
    for (name, side), minutes in taken.items():
        late = np.where(minutes <= clock.minutes(clock.END), minutes, np.inf)
        at[:, row[name], int(side == "soviet")] = np.maximum(late, 0.0)
    minutes_of = np.arange(0.0, clock.minutes(clock.END) + 1, SAMPLE)
    soviet = (at[:, None, :, 1] <= minutes_of[None, :, None]) | np.array([p.holder == 1 for p in places])
    objective = np.array([p.objective for p in places])
    held = np.stack([np.zeros(soviet.shape[:2]), soviet[:, :, objective > 0].sum(axis=2)], axis=2)
    quarter = np.stack([np.zeros(soviet.shape[:2]), soviet[:, :, objective == 2].sum(axis=2)], axis=2)
    seat = next(k for k, p in enumerate(places) if "seat_government" in p.roles)
    coords: dict[str, Any] = {
        "place": [p.id for p in places],
        "side": ["government", "soviet"],
        "objective": ("place", objective),
        "place_kind": ("place", [p.kind for p in places]),
        "time": pd.DatetimeIndex([clock.moment(m) for m in minutes_of]).astype("datetime64[ns]"),
    }
    return xr.Dataset(
        {
            "captured_at": (("world", "place", "side"), at),
            "palace_falls": ("world", at[:, seat, 1]),
            "held": (("world", "time", "side"), held),
            "held_quarter": (("world", "time", "side"), quarter),
        },
        coords=coords,
        attrs={"start": clock.START.isoformat()},
    )


def score_hours(data: xr.Dataset, name: str) -> Scorecard:
    """Score a dataset that holds nothing but hours of captures: what it cannot speak to is a miss in every
    world.
    """
    values = {}
    for part, row in load().patterns.items():
        if not row.unscored:
            try:
                values[part] = october.MEASURES[part](data)
            except KeyError:
                values[part] = np.full(data.sizes["world"], np.nan)
    return Scorecard(name, load().patterns, values)
