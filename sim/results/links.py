"""Links: what happens in the journals of many histories - each thing once, in which of them it happens, and
when first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import compiled, journal
from sim.names import conjugated
from sim.plan.layout import Layout, Stage, layout
from sim.telling import LAPSES, MUCH, Entry, Teller

if TYPE_CHECKING:
    from sim.results.protocols import Many

FOLLOWED = 100  # histories of an ensemble that are played again for their journals, at most
# What makes an event of a kind the same in two histories; journeys, prisoners and the ending are left out.
SAME: dict[int, tuple[str, ...]] = {
    **dict.fromkeys((journal.STANDS, journal.ARRIVES, journal.LEAVES, journal.BLOCKED), ("force", "place")),
    **dict.fromkeys((journal.TRAIN_HELD, journal.TRAIN_BACK, journal.GIVES_UP), ("force",)),
    **dict.fromkeys((journal.REFUSES, journal.WILL_NOT_SAIL), ("force",)),
    **dict.fromkeys((journal.BRIDGE_MOVES, journal.POWER, journal.TELEPHONES), ("place", "detail")),
    **dict.fromkeys((journal.CAPTURE, journal.REPULSE), ("place", "side")),
    **dict.fromkeys((journal.ALARM, journal.SHOTS, journal.SHELLS, journal.BLANK_SHOT), ("place",)),
    **dict.fromkeys((journal.RING_CLOSED, journal.INFILTRATION, journal.DISARMING), ("place",)),
    **dict.fromkeys((journal.ASSAULT, journal.CABINET_YIELDS, journal.CONGRESS_OPENS), ("place",)),
    **dict.fromkeys((journal.MOTION, journal.WALKOUT, journal.PROCLAMATION), ("place",)),
    journal.DECIDED: ("decision",),
    journal.LAPSED: ("decision", "detail"),
    journal.RESOLVED: ("place", "side", "detail"),
    journal.SEIZED: ("person",),
}
COLUMNS = ("kind", "place", "side", "force", "person", "decision", "detail")
# Arrivals and departures are many, and links only where a reader wants them in any case.
ONLY_IF_MUCH = ("arrive", "leave", "capture")
# What a headquarters resolves without a decision of the record.
OF_THEMSELVES = {
    journal.MOBILISED: "{place} of itself calls its men to arms",
    journal.OFFENSIVE: "{place} of itself goes over to the offensive",
    journal.SUMMONED: "{place} is summoned on nobody's decision but the besiegers'",
    journal.TO_BE_STORMED: "the besiegers of themselves resolve to storm {place}",
}


@dataclass(frozen=True, eq=False)
class Link:
    """Something that happens in some histories. `first` (worlds,) are the minutes from the start at which it
    first does, infinite where it never does; `decision` is the id of the one that is taken or lapses; `news`
    is whether a reader wants it by itself.
    """

    token: str
    kind: str
    place: str
    decision: str
    text: str
    first: NDArray[np.float64]
    news: bool = True

    @property
    def happens(self) -> NDArray[np.bool_]:
        """In which histories (worlds,)."""
        return np.isfinite(self.first)


def links_of(many: Many, count: int = FOLLOWED) -> dict[str, Link]:
    """Every link of the first worlds of an ensemble, `count` at most, by its token: they are played again, in
    threads, and their journals read.
    """
    count = min(count, many.worlds)
    found: dict[str, Link] = {}
    with compiled.told():
        for row, seen in _read(many, range(1)):
            _enter(found, row, seen, count)
        if count > 1:
            hands = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, count - 1)
            with ThreadPoolExecutor(hands) as pool:
                parts = [range(1 + k, count, hands) for k in range(hands)]
                for part in pool.map(lambda rows: list(_read(many, rows)), parts):
                    for row, seen in part:
                        _enter(found, row, seen, count)
    return found


Seen = list[tuple[float, Link]]


def _enter(found: dict[str, Link], row: int, seen: Seen, count: int) -> None:
    """Enter what was seen in one history."""
    for minute, link in seen:
        kept = found.setdefault(link.token, link)
        if kept.first.size != count:
            kept = found[link.token] = replace(link, first=np.full(count, np.inf))
        kept.first[row] = min(kept.first[row], minute)


def _read(many: Many, rows: Iterable[int]) -> Iterator[tuple[int, Seen]]:
    """Play some worlds of an ensemble and read their journals: the row, and what happened when."""
    stage = _stage(many)
    teller = Teller(stage.layout.cast, stage.layout.plan)
    known: dict[tuple[int, ...], Link] = {}
    for row in rows:
        _open(stage, many, row)
        stage.play()
        while stage.overfull:
            stage = stage.roomier()
            _open(stage, many, row)
            stage.play()
        yield row, _seen(stage.worlds[0], teller, known)


def _stage(many: Many) -> Stage:
    """What its worlds are played on."""
    if many.fork is not None:
        made = layout(many.fork.planned, many.fork.pulse)
        return Stage(made, many.fork.turns_of(1), many.after, futures=True)
    return Stage(laid_out(many), (), many.after)


def laid_out(many: Many) -> Layout:
    """The scenario of an ensemble as it is played; that of a fork with its turns."""
    scenario = many.fork.planned if many.fork else many.scenario
    return layout(scenario, float(many.data.attrs["pulse_minutes"]))


def _open(stage: Stage, many: Many, row: int) -> None:
    """Begin a world of an ensemble, as `Ensemble.world` does."""
    if many.fork is not None:
        stage.turns = many.fork.turns_of(row + 1)
        stage.open(many.fork.seed, many.fork.world, dict(many.fork.parameters))
        return
    values = {name: float(v[row]) for name, v in many.values.items()}
    seed, world = int(many.data.attrs["seed"]), int(many.data["world"].values[row])
    stage.open(seed, world, many.scenario.settings | values)


def _seen(world: Any, teller: Teller, known: dict[tuple[int, ...], Link]) -> Seen:
    """The links of one journal, each with the minute at which it first happens."""
    rows = world["events"][: int(world["clock"]["events"])]
    table = np.stack([rows[name].astype(np.int64) for name in COLUMNS], axis=1)
    for kind, same in SAME.items():
        other = [k for k, name in enumerate(COLUMNS) if name not in same and name != "kind"]
        table[np.ix_(table[:, 0] == kind, other)] = -1
    kept = np.flatnonzero(np.isin(table[:, 0], list(SAME)))
    keys, first = np.unique(table[kept], axis=0, return_index=True)
    seen = []
    for key, number in zip(map(tuple, keys.tolist()), kept[first].tolist(), strict=True):
        if key not in known:
            known[key] = _link(Entry(teller, rows, world["roll"], number))
        seen.append((float(rows[number]["minute"]), known[key]))
    return seen


def _link(entry: Entry) -> Link:
    """What an event is called in whatever history it happens."""
    told = entry.told()
    decision = entry.choice.id if entry["decision"] >= 0 else ""
    why = f":{entry['detail']}" if entry["kind"] == journal.LAPSED else ""
    token = (told.token or f"{told.kind}:{told.place}") + why
    news = told.kind not in ONLY_IF_MUCH or told.weight == MUCH
    return Link(
        *(token, told.kind, told.place, decision, in_general(entry, told.text)), np.empty(0), news=news
    )


def in_general(entry: Entry, text: str) -> str:
    """An event in words that hold in every history in which it happens, however it comes about there."""
    kind = entry["kind"]
    if kind == journal.CAPTURE:
        side = entry.side(entry["side"])
        return f"{side.text} {conjugated('takes|take', side.many)} {entry.where}"
    if kind == journal.REPULSE:
        return f"an attack on {entry.where} fails"
    if kind == journal.ALARM:
        return f"{entry.where} takes alarm"
    if kind == journal.PROCLAMATION:
        return "the congress proclaims the power of the soviets"
    if kind == journal.LAPSED:
        return f'"{named_in(entry, entry.choice.label)}" lapses ({LAPSES[entry["detail"]]})'
    if kind == journal.DECIDED:
        return f'"{named_in(entry, entry.choice.label)}" is decided'
    if kind == journal.RESOLVED:
        return OF_THEMSELVES[entry["detail"]].format(place=entry.where)
    if kind == journal.GIVES_UP:
        return f"{entry.party.text} give up"
    if kind == journal.REFUSES:
        return f"{entry.party.text} refuse to march"
    return text.removesuffix(" all the same").replace("another train", "a train")


def named_in(entry: Entry, text: str) -> str:
    """A text with the names of forces and places in it in the stead of their ids."""
    names, cast = entry.teller.names, entry.teller.cast

    def name(found: re.Match[str]) -> str:
        word = found[0]
        if word in cast.history.forces:
            return names.force(word).text
        return names.place(word) if word in cast.places.index else word

    made = entry.choice.id.startswith("order ")
    return re.sub(r"\b[a-z]\w*\b" if made else r"\b[a-z]+(?:_\w+)+\b", name, text)
