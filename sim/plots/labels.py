"""Names beside their places: each in the best free spot around it, with a leader where that is far off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.textpath import text_to_path

from sim.history.geometry import Points
from sim.plots.style import FONTS, INK, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

LEADER_FROM = 7.0
TOO_MUCH = 62.0
APART = np.array([-2.5, -1.0, 2.5, 1.0])

# East is best, then west, then above and below, as map-makers have it; the slant ways between are worth less.
_ANGLES = np.radians(np.arange(0, 360, 22.5))
_TASTE = np.array([0, 1.0, 2.2, 2.6, 1.6, 2.6, 2.4, 1.4, 0.6, 1.4, 2.4, 2.8, 2.0, 2.8, 2.2, 1.0])
_REACH = np.array([1.5, 6.0, 11.0, 18.0, 27.0, 38.0, 50.0])


@dataclass(frozen=True)
class Label:
    """A name to be placed: its point in metres, how many points to keep clear of it, and how much it matters.

    One that is not `far` stands close to its place or not at all.
    """

    text: str
    xy: tuple[float, float]
    clear: float
    weight: float
    size: float = 9.5
    far: bool = True
    slant: bool = False


@dataclass(frozen=True)
class _Spots:
    """Where a label could stand: boxes (candidates, 4) as x0, y0, x1, y1, and what each costs by itself."""

    boxes: Points
    near: Points
    reach: Points
    cost: Points


def wrapped(text: str, width: int = 15) -> str:
    """A name on one line, or on two or three if it is long."""
    return "\n".join(wrap(text, width, break_long_words=False)) if len(text) > width + 3 else text


@dataclass(frozen=True)
class Room:
    """What labels keep clear of, each (n, 3): x, y in metres and a radius in points.

    A label may not cover a sign or a block, nor be taken for another sign's; soft ones cost little to cover.
    """

    signs: Points
    blocks: Points
    soft: Points


def place_labels(ax: Axes, labels: Sequence[Label], room: Room, *, halo: str, scale: float) -> list[Text]:
    """Write the labels on the axes so that none lies on another, and return those that found room.

    scale is points of the page per metre. Labels that matter least give way first.
    """
    ranked = sorted(labels, key=lambda label: -label.weight)
    corner = np.array([ax.get_xlim()[0], ax.get_ylim()[0]])
    page = np.array([np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())]) * scale
    spots = [_spots(label, (np.array(label.xy) - corner) * scale, page) for label in ranked]
    signs, blocks, soft = (_boxes(dots, corner, scale) for dots in (room.signs, room.blocks, room.soft))
    hard = np.concatenate([signs, blocks])
    fixed = [_fixed_cost(spot, hard, soft) + _mistakable(spot, signs) for spot in spots]
    chosen = _choose(spots, fixed)
    texts = []
    for label, spot, pick in zip(ranked, spots, chosen, strict=True):
        if pick >= 0:
            texts.append(_write(ax, label, spot, pick, corner, scale, halo))
    return texts


def _measure(label: Label) -> tuple[float, float]:
    font = FontProperties(family=FONTS[0], size=label.size)
    lines = label.text.split("\n")
    widths = [text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in lines]
    return max(widths) + 2.0, len(lines) * label.size * 1.08


def _spots(label: Label, at: Points, page: Points) -> _Spots:
    width, height = _measure(label)
    reach = _REACH if label.far else _REACH[:3]
    way = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
    # Keep the nearest point of the box at the reach, wherever around the place the box stands.
    half = np.array([width, height]) / 2
    snug = np.sign(np.round(way, 6)) * half * np.minimum(1.0, np.abs(way) * 1.6)
    centres = at + way[None] * (label.clear + reach)[:, None, None] + snug[None]
    centres = centres.reshape(-1, 2)
    boxes = np.concatenate([centres - half, centres + half], axis=1)
    cost = (_TASTE[None] + 0.42 * reach[:, None] + 3.0 * (reach[:, None] > LEADER_FROM)).ravel()
    outside = (boxes[:, :2] < 7).any(axis=1) | (boxes[:, 2:] > page - 7).any(axis=1)
    near = np.clip(at, boxes[:, :2], boxes[:, 2:])
    ways = np.stack([np.broadcast_to(at, near.shape), near], axis=1)
    return _Spots(boxes, ways, np.repeat(reach, len(_ANGLES)), np.where(outside, 1e6, cost))


def _boxes(circles: Points, corner: Points, scale: float) -> Points:
    at = (circles[:, :2] - corner) * scale
    return np.concatenate([at - circles[:, 2:], at + circles[:, 2:]], axis=1)


def _overlap(boxes: Points, others: Points) -> Points:
    """The area each pair of boxes shares, (boxes, others), in square points."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared: Points = np.prod(np.maximum(high - low, 0.0), axis=2)
    return shared


def _crossed(lines: Points, boxes: Points) -> Points:
    """How much of each leader line, (candidates, 2 ends, 2), lies in the boxes."""
    steps = np.linspace(0.25, 0.95, 8)[None, :, None]
    along = lines[:, :1] + steps * (lines[:, 1:] - lines[:, :1])
    inside = (along[:, :, None] > boxes[None, None, :, :2]) & (along[:, :, None] < boxes[None, None, :, 2:])
    crossed: Points = inside.all(axis=3).sum(axis=(1, 2)).astype(float)
    return crossed


def _fixed_cost(spot: _Spots, hard: Points, soft: Points) -> Points:
    cost = (
        spot.cost
        + 0.55 * _overlap(spot.boxes, hard).sum(axis=1)
        + 0.12 * _overlap(spot.boxes, soft).sum(axis=1)
    )
    return cost + np.where(spot.reach > LEADER_FROM, 1.2 * _crossed(spot.near, hard), 0.0)


def _mistakable(spot: _Spots, signs: Points) -> Points:
    """What it costs a label to stand nearer to another sign than to its own."""
    middles = (signs[:, :2] + signs[:, 2:]) / 2
    others = middles[np.hypot(*(middles - spot.near[0, 0]).T) > 2.0]
    if not others.size:
        return np.zeros(len(spot.boxes))
    nearest = np.clip(others[None], spot.boxes[:, None, :2], spot.boxes[:, None, 2:])
    gap = np.hypot(*(nearest - others[None]).transpose(2, 0, 1)).min(axis=1)
    own = np.hypot(*(spot.near[:, 1] - spot.near[:, 0]).T)
    cost: Points = 0.9 * np.clip(own + 3.0 - gap, 0.0, 14.0)
    return cost


def _choose(spots: list[_Spots], fixed: list[Points], rounds: int = 3) -> list[int]:
    """The best spot for each label in turn, gone over again as the others settle; -1 for no room at all."""
    chosen = [-1] * len(spots)
    for turn in range(rounds + 1):
        for index, spot in enumerate(spots):
            others = [other for other in range(len(spots)) if other != index and chosen[other] >= 0]
            cost = fixed[index]
            if others:
                boxes = np.stack([spots[other].boxes[chosen[other]] for other in others]) + APART
                lines = np.stack([spots[other].near[chosen[other]] for other in others])
                cost = cost + 1.5 * _overlap(spot.boxes, boxes).sum(axis=1) + 6 * _crossed(spot.near, boxes)
                cost = cost + 8 * _struck(spot.boxes, lines)
            best = int(np.argmin(cost))
            patience = TOO_MUCH if turn else 4 * TOO_MUCH
            chosen[index] = best if cost[best] < patience else -1
    return chosen


def _struck(boxes: Points, lines: Points) -> Points:
    """How many points of other labels' leader lines lie in each box."""
    steps = np.linspace(0.1, 0.9, 8)[None, :, None]
    along = (lines[:, :1] + steps * (lines[:, 1:] - lines[:, :1])).reshape(-1, 2)
    inside = (along[None] > boxes[:, None, :2]) & (along[None] < boxes[:, None, 2:])
    struck: Points = inside.all(axis=2).sum(axis=1).astype(float)
    return struck


def _write(ax: Axes, label: Label, spot: _Spots, pick: int, corner: Points, scale: float, halo: str) -> Text:
    box = spot.boxes[pick] / scale + np.tile(corner, 2)
    around = [withStroke(linewidth=2.6, foreground=halo)]
    if spot.reach[pick] > LEADER_FROM:
        start, end = spot.near[pick]
        start = start + (end - start) * label.clear / max(float(np.hypot(*(end - start))), label.clear)
        line = np.stack([start, end]) / scale + corner
        ax.add_collection(LineCollection([line], colors=INK, linewidths=0.6, zorder=8.5))
    text = ax.text(
        (box[0] + box[2]) / 2,
        (box[1] + box[3]) / 2,
        label.text,
        size=label.size,
        style="italic" if label.slant else "normal",
        color=SOFT if label.slant else INK,
        ha="center",
        va="center_baseline" if "\n" not in label.text else "center",
        linespacing=0.98,
        multialignment="left" if box[0] > label.xy[0] else "right" if box[2] < label.xy[0] else "center",
        zorder=9,
        clip_on=True,
        path_effects=around,
    )
    text.set_gid("label")
    return text
