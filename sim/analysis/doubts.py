"""Doubts: what is drawn at the opening of each world and nobody could know - how forces leant, how many they
were, the parameters of the world - and when its decisions were taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import compiled, parameters
from sim.analysis.breakeven import Doubt
from sim.counterfactual.scenario import Scenario
from sim.plan.layout import Layout, Stage, layout
from sim.state import GARRISON

Values = NDArray[np.float64]
KINDS = {
    "red_guard": ("the Red Guards", "were"),
    "sailors": ("the sailors", "were"),
    "ship": ("the ships' companies", "were"),
    "cadets": ("the cadets", "were"),
    "officers": ("the officers", "were"),
    "womens_battalion": ("the women's battalion", "was"),
    "shock_battalion": ("the shock battalion", "was"),
    "cossacks": ("the Cossacks", "were"),
    "cyclists": ("the cyclists", "were"),
    "front_troops": ("the front troops", "were"),
    "militia": ("the militia", "was"),
}
MANY = ("fewer than", "more than")


@dataclass(frozen=True, eq=False)
class Openings:
    """The openings of some worlds of a scenario: `drawn` (doubts, worlds), and by decision the minute at
    which it was taken (worlds,), infinite where it was not.
    """

    doubts: tuple[Doubt, ...]
    drawn: Values
    taken_at: dict[str, Values]


def openings(scenario: Scenario, seed: int, worlds: int, base: str, given: Mapping[str, Values]) -> Openings:
    """Play some worlds of a scenario as `sim.ensemble` does, and write down what was drawn at their opening
    and when their decisions were taken.
    """
    stage = Stage(layout(scenario))
    drawn: list[Values] = []
    taken: list[Values] = []
    groups = _groups(stage.layout)
    with compiled.told():
        for k in range(worlds):
            own = {name: float(values[k]) for name, values in given.items()}
            settings = parameters.of_world(base, k) | scenario.settings | own
            stage.open(seed, k, settings)
            drawn.append(_drawn(stage.worlds[0], groups))
            stage.play()
            while stage.overfull:
                stage = stage.roomier()
                stage.open(seed, k, settings)
                stage.play()
            taken.append(stage.worlds[0]["decisions"]["fired_at"].astype(float))
    rows = np.stack(drawn, axis=1)
    doubts = [*_doubts_of(groups), *map(_of_parameter, parameters.table().index)]
    told = np.ptp(rows, axis=1) > 0
    kept = tuple(doubt for doubt, varies in zip(doubts, told, strict=True) if varies)
    hours = dict(zip(stage.layout.plan.decisions.ids, np.stack(taken, axis=1), strict=False))
    return Openings(kept, rows[told], hours)


def _groups(made: Layout) -> dict[str, NDArray[np.bool_]]:
    """The units of the garrison's regiments, and of each other kind: (units,)."""
    u = made.cast.units
    kinds = np.array([kind.kind for kind in u.kinds])
    garrison = u.in_city & (u.group == GARRISON)
    others = {kind: (kinds == kind) & ~garrison for kind in KINDS}
    return {"garrison": garrison, **{kind: which for kind, which in others.items() if which.any()}}


def _drawn(w: Any, groups: Mapping[str, NDArray[np.bool_]]) -> Values:
    """Leaning and men of every group, the garrison's share with a commissar of the Soviet, the turnout of
    levies, and all parameters of a world at its opening.
    """
    scale, found = float(w["p"]["loyalty_scale"]), []
    for which in groups.values():
        units = w["units"][: len(which)][which]
        men = units["men"].astype(float)
        found += [float((men * units["loyalty"]).sum() / max(men.sum(), 1.0)) / scale, float(men.sum())]
    units = w["units"][: len(groups["garrison"])][groups["garrison"]]
    accepted = units["men"] * (units["commissar_at"][:, 1] <= 0)
    found += [float(accepted.sum() / max(units["men"].sum(), 1)), float(w["turnout"])]
    return np.array([*found, *(float(w["p"][name]) for name in parameters.table().index)])


def _doubts_of(groups: Mapping[str, NDArray[np.bool_]]) -> list[Doubt]:
    """The doubts of `_drawn` but for the parameters, in its order."""
    doubts = []
    for kind in groups:
        who, verb = KINDS.get(kind, ("the garrison", "was"))
        doubts += [
            Doubt(f"leaning of {kind}", f"{who} leant"),
            Doubt(f"men of {kind}", f"{who} {verb}", *MANY, "men", log=True),
        ]
    return [
        *doubts,
        Doubt("commissars", "the share of the garrison with a commissar was", unit="share"),
        Doubt("turnout drawn", "the share of the levies that turned out was", unit="share"),
    ]


def _of_parameter(name: str) -> Doubt:
    row = dict(parameters.table().loc[name])
    log = str(row["scale"]) == "log" and float(row["low"]) > 0
    meant = str(row["meaning"])
    said = f"'{meant[:1].lower()}{meant[1:]}' ({name}) was"
    return Doubt(str(name), said, unit=str(row["unit"]), log=log)
