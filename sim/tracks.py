"""Tracks: how things stood at every pulse, for maps and curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sim.model import Petrograd

# name -> (kind of number, axis beside the worlds)
KEPT = {
    "holder": (np.int8, "place"), "raised": (bool, "place"), "firing": (bool, "place"), "stance": (np.int8, "unit"),
    "active": (bool, "unit"), "duty": (np.int8, "unit"), "at": (np.int16, "unit"), "to": (np.int16, "unit"),
    "along": (np.float32, "unit"), "men": (np.int32, "unit"),
}


class Tracks:
    """One array (worlds, times, places or units) for each thing kept."""

    def __init__(self, model: Petrograd) -> None:
        self.kept = KEPT
        times = int(model.horizon // model.pulse) + 1
        size = {"place": len(model.setting.places.ids), "unit": len(model.setting.units.ids)}
        self.arrays: dict[str, Any] = {
            name: np.zeros((model.worlds, times, size[axis]), kind) for name, (kind, axis) in KEPT.items()
        }

    def keep(self, model: Petrograd) -> None:
        """Write down how things stand in this pulse."""
        c, row = model.columns, model.number
        now = {
            "holder": c.holder, "raised": c.raised, "firing": c.firing, "stance": c.stance, "active": model.active(), "duty": c.duty,
            "at": c.place, "to": c.to, "along": np.clip(1 - c.left / np.maximum(c.leg, 1e-6), 0, 1) * (c.to >= 0), "men": c.men,
        }
        for name, values in now.items():
            self.arrays[name][:, row] = values
