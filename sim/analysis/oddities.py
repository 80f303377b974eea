"""Oddities: what a historian would laugh at, counted; each is a question to a finished history.

They are no patterns: nothing is fitted to them, and none has a target but nought. Names and hours stand here
as they stand in the record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sim.analysis.called import HELD
from sim.analysis.october import ARRESTED, at
from sim.history import load
from sim.playing import ensemble
from sim.wording import percent

if TYPE_CHECKING:
    from sim.results.ensemble import Ensemble
    from sim.telling import Event

NEVER, PAST = float("inf"), "historical"
OFTEN = 5  # times that one side is beaten off one place
MORE = 4  # objectives
AFTERNOON = pd.Timestamp("1917-10-24T16:00")
HISTORIES = 200  # of each scenario that are looked at
BY_RAIL, RIVER = "helsingfors_trains", "anchorage"


@dataclass(frozen=True, eq=False)
class Finished:
    """One finished history of an ensemble: its journal in tokens, and its last state."""

    many: Ensemble
    world: int

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """Every event of its journal."""
        return self.many.world(self.world).events

    @cached_property
    def _first(self) -> dict[str, float]:
        return {event.token: event.minute for event in reversed(self.events) if event.token}

    def first(self, token: str) -> float:
        """The minute at which something first happened, infinity for never."""
        return self._first.get(token, NEVER)

    def first_of(self, start: str) -> float:
        """The minute at which anything first happened whose token begins so, infinity for never."""
        return min((when for token, when in self._first.items() if token.startswith(start)), default=NEVER)

    def __getitem__(self, name: str) -> Any:
        """A number, or row of numbers, of its outcome."""
        return self.many.data[name].values[self.world]

    @property
    def falls(self) -> float:
        """The minute at which the seat of government falls."""
        return float(self["palace_falls"])

    @property
    def dead(self) -> int:
        """Killed of both sides."""
        return int(self["killed_soviet"] + self["killed_government"])

    def people(self, liberty: int) -> set[str]:
        """Who is at such a liberty at the end."""
        return {str(name) for name in self.many.data["person"].values[self["liberty"] == liberty]}

    def holder(self, place: str) -> int:
        """Who has a place at the end: -1, 0 or 1."""
        return int(self["holder_end"][self.many.data["place"].values == place][0])

    @property
    def held(self) -> int:
        """Objectives that the Soviet has in the afternoon of the 24th."""
        return int(self.many.data["held"].sel(side="soviet", time=AFTERNOON).values[self.world])


Question = Callable[[Finished, Finished], bool | None]  # None where it does not arise


@dataclass(frozen=True)
class Oddity:
    """Something that ought not to be so: a name, a sentence, and the question, put to a history of a scenario
    beside the history of what was decided on the same luck.
    """

    name: str
    sentence: str
    is_so: Question
    scenario: str = PAST


def _after(later: float, earlier: float) -> bool | None:
    """Whether one thing comes after another; None unless both happened."""
    return later > earlier if later < NEVER and earlier < NEVER else None


def free_but_held(it: Finished, _: Finished) -> bool | None:
    """Whether anybody is held who was free in truth, once the palace has fallen."""
    if it.falls == NEVER:
        return None
    fates = load().fates
    return any(not _was_held(fates[name].outcome_26oct) for name in it.people(ARRESTED) if name in fates)


def _was_held(outcome: str) -> bool:
    return any(word in outcome for word in HELD)


def staff_attacked_early(it: Finished, _: Finished) -> bool:
    """Whether the Soviet comes for the staff before noon of the 25th."""
    place = "general_staff_hq"
    tokens = f"capture:{place}:soviet", f"hold:{place}:government", f"shots:{place}"
    return any(it.first(token) < at("25 Oct 12:00") for token in tokens)


def sent_back_unheld(it: Finished, _: Finished) -> bool | None:
    """Whether a train is sent back before the same force's train is held."""
    back = {e.token.partition(":")[2]: e.minute for e in reversed(it.events) if e.token.startswith("back:")}
    held = [_after(it.first(f"held:{force}"), minute) for force, minute in back.items()]
    return any(bool(one) for one in held) if back else None


def on_the_river(it: Finished, _: Finished) -> bool:
    """Whether men who come by rail reach an anchorage, or an anchorage is taken like a house."""
    kinds = dict(zip(it.many.data["place"].values, it.many.data["place_kind"].values))
    rivers = [str(place) for place, kind in kinds.items() if kind == RIVER]
    tokens = [start for river in rivers for start in (f"arrive:{BY_RAIL}:{river}", f"capture:{river}:")]
    return any(it.first_of(token) < NEVER for token in tokens)


def beaten_off_often(it: Finished, _: Finished) -> bool:
    """Whether one side is beaten off one place five times or more."""
    times = Counter(event.token for event in it.events if event.token.startswith("hold:"))
    return max(times.values(), default=0) >= OFTEN


def exchange_after_arrest(it: Finished, _: Finished) -> bool | None:
    """Whether the government's men come for the exchange once its ministers are taken."""
    if it.falls == NEVER:
        return None
    tokens = "capture:telephone_exchange:government", "hold:telephone_exchange:soviet"
    return any(event.token in tokens and event.minute > it.falls for event in it.events)


def no_offensive_without_lenin(it: Finished, _: Finished) -> bool | None:
    """Whether nobody ever decides on the offensive where a patrol has stopped Lenin."""
    if it.first("arrest:lenin") == NEVER:
        return None
    return min(it.first("decision:d25_offensive"), it.first("policy:offensive:soviet")) == NEVER


def falls_without_blood(it: Finished, _: Finished) -> bool:
    """Whether objectives fall to the Soviet, and nobody is killed anywhere."""
    taken = np.isfinite(it["captured_at"][it.many.data["objective"].values > 0, 1])
    return bool(taken.any()) and it.dead == 0


ODDITIES = (
    Oddity("free_but_held", "Somebody is held at the end who was free in truth.", free_but_held),
    Oddity(
        "polkovnikov_held",
        "Polkovnikov, who was free, is taken when the palace falls.",
        lambda it, _: "polkovnikov" in it.people(ARRESTED) if it.falls < NEVER else None,
    ),
    Oddity("staff_early", "The staff is attacked before noon of the 25th.", staff_attacked_early),
    Oddity(
        "blank_early",
        "The blank shot is fired before 18:00 on the 25th.",
        lambda it, _: it["blank_at"] < at("25 Oct 18:00"),
    ),
    Oddity(
        "palace_before_congress",
        "The palace falls before the congress opens.",
        lambda it, _: it["congress_opens"] > it.falls if it.falls < NEVER else None,
    ),
    Oddity(
        "walkout_after_fall",
        "The walk-out comes after the fall of the palace.",
        lambda it, _: _after(float(it["walkout"]), it.falls),
    ),
    Oddity(
        "duma_after_fall",
        "The Duma's march is stopped after the fall of the palace.",
        lambda it, _: _after(it.first_of("block:duma_march:"), it.falls),
    ),
    Oddity(
        "duma_resolves_after_fall",
        "The Duma resolves to march to a palace that has fallen.",
        lambda it, _: _after(it.first("decision:d25_duma"), it.falls),
    ),
    Oddity(
        "delegation_early",
        "Shreider's delegation is turned away before 19:00 on the 25th.",
        lambda it, _: it.first("block:duma_delegation") < at("25 Oct 19:00"),
    ),
    Oddity(
        "proclaimed_before_motion",
        "The congress proclaims Soviet power before the motion for a coalition is put.",
        lambda it, _: float(it["motion"]) > float(it["proclaimed"]) if it["proclaimed"] < NEVER else None,
    ),
    Oddity("back_before_held", "A train is sent back before it is held.", sent_back_unheld),
    Oddity("on_the_river", "Trains reach the Neva, or the river is taken like a house.", on_the_river),
    Oddity("five_times", "One side is beaten off one place five times or more.", beaten_off_often),
    Oddity(
        "vyborg_press",
        "Cadets have the Bolshevik press on the Vyborg side at the end.",
        lambda it, _: it.holder("vyborg_press") < 0,
    ),
    Oddity(
        "palace_bridge",
        "Palace Bridge is never the Soviet's.",
        lambda it, _: it.first("capture:palace_bridge:soviet") == NEVER,
    ),
    Oddity(
        "exchange_after_arrest",
        "The government's men march on the exchange after its ministers are taken.",
        exchange_after_arrest,
    ),
    Oddity(
        "no_offensive",
        "Lenin is stopped by a patrol, and nobody ever decides on the offensive.",
        no_offensive_without_lenin,
    ),
    Oddity(
        "stormed_though_settled",
        "Kerensky has accepted the settlement, and the palace is taken all the same.",
        lambda it, _: it.falls < NEVER,
        "kerensky_accepts",
    ),
    Oddity(
        "vyborg_press_bridges",
        "With every bridge raised cadets have the Vyborg press at the end.",
        lambda it, _: it.holder("vyborg_press") < 0,
        "bridges_raised",
    ),
    Oddity(
        "more_by_bridges",
        "With every bridge raised the Soviet has four objectives more or above on the 24th at 16:00.",
        lambda it, past: it.held - past.held >= MORE,
        "bridges_raised",
    ),
    Oddity(
        "fewer_dead",
        "Fewer are killed when the Cossacks ride.",
        lambda it, past: it.dead < past.dead,
        "cossacks_ride",
    ),
    Oddity(
        "no_blood",
        "Objectives fall where the garrison is the government's, and nobody is killed anywhere.",
        falls_without_blood,
        "loyal_garrison",
    ),
)
# What ought to differ from history to history: the hour at which these say no.
REFUSALS = ("cos_don_1", "cos_don_4", "cos_don_14", "aurora_crew")


def oddities(
    many: Ensemble,
    *,
    worlds: int = HISTORIES,
    workers: int | Executor | None = None,
    parameters: Mapping[str, ArrayLike] | str | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """How often each oddity is so: in the first histories of an ensemble of what was decided, and in as many
    of other scenarios on the same luck, all with tracks. A row an oddity: sentence, scenario, so, of, share.
    """
    count = min(worlds, many.worlds)
    past = [Finished(many, k) for k in range(count)]
    rows, played = [], {PAST: past}
    for odd in ODDITIES:
        if odd.scenario not in played:
            other = ensemble(
                odd.scenario,
                worlds=count,
                tracks=True,
                seed=int(many.data.attrs["seed"]),
                workers=workers,
                parameters=parameters,
                progress=progress,
            )
            played[odd.scenario] = [Finished(other, k) for k in range(count)]
        answers = [odd.is_so(*pair) for pair in zip(played[odd.scenario], past)]
        known = [bool(answer) for answer in answers if answer is not None]
        rows.append((odd.name, odd.sentence, odd.scenario, sum(known), len(known)))
    rows += _to_the_minute(past)
    table = pd.DataFrame(rows, columns=["name", "sentence", "scenario", "so", "of"]).set_index("name")
    return table.assign(share=table["so"] / table["of"].clip(lower=1))


def _to_the_minute(past: Sequence[Finished]) -> Iterator[tuple[str, str, str, int, int]]:
    """Of the histories in which a force says no, how many have it at one and the same minute."""
    for force in REFUSALS:
        said = [it.first(f"refuse:{force}") for it in past]
        minutes = Counter(minute for minute in said if minute < NEVER)
        name = load().forces[force].name
        same = minutes.most_common(1)[0][1] if minutes else 0
        sentence = f"{name}: refuses at one and the same minute (the commonest)."
        yield f"same_minute_{force}", sentence, PAST, same, sum(minutes.values())


def oddities_in_words(table: pd.DataFrame) -> list[str]:
    """The oddities as lines of Markdown."""
    lines = ["| oddity | scenario | so in | |", "|---|---|---|---|"]
    for _, row in table.iterrows():
        share = percent(float(row["share"])) if row["of"] else "-"
        lines.append(f"| {row['sentence']} | `{row['scenario']}` | {row['so']} of {row['of']} | {share} |")
    return lines
