"""Belief: the log-odds that the Soviet prevails, from what is known now and nothing else (ODD 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sim.model import Petrograd


def log_odds(
    start: NDArray[Any], places: NDArray[Any], pull: NDArray[Any], men: NDArray[Any], floor: NDArray[Any],
    ratio_pull: NDArray[Any], relief: NDArray[Any], relief_pull: NDArray[Any],
) -> NDArray[Any]:
    """b = b0 + v * sum_k w_k heard_k + eta * (log(F_S + f0) - log(F_G + f0)) - zeta * (relief_G - relief_S).

    `places` is the weighted mean of the holders heard of, -1 .. +1; `men` and `relief` end in a sides axis
    (government, Soviet). Kuran 1991; the form is ours.
    """
    strength = np.log(men[..., 1] + floor) - np.log(men[..., 0] + floor)
    return np.asarray(start + pull * places + ratio_pull * strength - relief_pull * (relief[..., 0] - relief[..., 1]))


def beliefs(m: Petrograd) -> None:
    """What every audience believes now: (worlds, audiences)."""
    c, p = m.columns, m.p
    psi = p.public_weight[:, None]
    weight = m.setting.places.weight
    seen, unseen = weight[m.setting.places.public].sum(), weight[~m.setting.places.public].sum()
    mean = (psi * c.weighed[:, :, 0] + c.weighed[:, :, 1]) / (psi * seen + unseen)
    men = c.known[:, :, 0] + c.known[:, :, 1] + c.known[:, :, 2] + c.known[:, :, 3] + c.known[:, :, 4]  # the five groups
    m.belief = log_odds(
        p.belief_start[:, None], mean, p.belief_places[:, None], men, p.strength_floor[:, None],
        p.belief_strength[:, None], c.relief, p.relief_weight[:, None],
    )
