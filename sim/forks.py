"""A fork: a history as it stands at a minute, from which it can go on as it did, with other luck, or
otherwise. It is a recipe, played to that minute whenever something is asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim import clock, compiled
from sim.counterfactual.changes import Change, Leave
from sim.counterfactual.recipe import Recipe, frozen
from sim.counterfactual.turns import Turn, chosen, from_now
from sim.errors import ScenarioError, StoreError, whole
from sim.extend import After
from sim.plan.layout import Stage, layout
from sim.plan.turning import refuse_late
from sim.playing import futures
from sim.results.comparison import Comparison
from sim.results.ensemble import Ensemble
from sim.results.run import Run, of_recipe
from sim.results.saved import ResultError
from sim.store import digests, put
from sim.telling import Event, Teller

SIDES = {-1: "the government", 1: "the Soviet", 0: "nobody"}
ALIKE = ("men", "place", "to", "duty", "stance", "loyalty", "moved")  # of units, at a fork
OPEN = ("will come", "waits for its occasion", "nothing is done")
LEFT = "left to the headquarters"


@dataclass(frozen=True, repr=False)
class Fork(Recipe):
    """A history up to a minute, before what happens in that minute, and what is otherwise from then on."""

    after: After = field(default_factory=After)

    def do(
        self,
        *changes: Change,
        name: str = "",
        question: str = "",
        expects: str = "",
        expected: Mapping[str, str] | None = None,
        sources: Iterable[str] = (),
        **decisions: str,
    ) -> Fork:
        """The same minute with something otherwise from then on: changes made by the verbs, and decisions
        taken otherwise, by label or choice id.

        What each verb can still do is a table, sim.counterfactual.turns.STILL (petrograd list verbs).
        Raises ScenarioError for what comes too late, does not exist, or contradicts itself.
        """
        for made in changes:
            if not isinstance(made, Change):
                raise ScenarioError(f"do: wanted a change such as sim.hold('smolny', 'soviet'), got {made!r}")
        meant = tuple(from_now(made, self.at, self.scenario) for made in changes)
        courses = dict(self.choices) | dict(chosen(d, c, self.scenario) for d, c in decisions.items())
        told = {"question": question, "expects": expects, "expected": expected, "sources": sources}
        done = replace(
            self,
            changes=(*self.changes, *meant),
            choices=tuple(sorted(courses.items())),
            name=name,
            words=frozen(told),
        )
        done = done if name else replace(done, name=_called(done))
        done._refuse_what_is_past()
        return done

    def go_on(self, luck: int = 0) -> Run:
        """The rest of this history, to its end and with all that went before; `luck` is the number of another
        future, 0 the one it had. Without either change it is the run it came from, bit for bit.
        """
        return of_recipe(self, whole("luck", luck), self.after)

    def ensemble(
        self,
        worlds: int = 500,
        *,
        workers: int | Executor | None = None,
        tracks: bool = False,
        out: str | Path | None = None,
        progress: bool | None = None,
    ) -> Ensemble:
        """Other futures of this minute: the k-th, from 0, is `go_on(luck=k + 1)`. The options are those of
        `sim.ensemble`.
        """
        return futures([self], worlds, workers, tracks, out, progress, self.after)[0]

    def compare(
        self,
        worlds: int = 500,
        *,
        workers: int | Executor | None = None,
        tracks: bool = True,
        out: str | Path | None = None,
        progress: bool | None = None,
    ) -> Comparison:
        """The same futures without what is otherwise and with it, paired: future k of both has the same luck.

        Raises ValueError if nothing is otherwise. The options are those of `sim.compare`.
        """
        if not (self.changes or self.choices):
            raise ValueError("compare: wanted something otherwise first, such as then.do(...), got nothing")
        both = [self.without, self]
        return Comparison(tuple(futures(both, worlds, workers, tracks, out, progress, self.after)))

    @property
    def without(self) -> Fork:
        """The same minute with nothing otherwise."""
        return replace(self, changes=(), choices=(), name="", words=())

    def stage(self, fork: Fork | None = None) -> Stage:
        """A stage with a world played to its minute; laid out as another fork of it has it planned."""
        laid = layout((fork or self).planned, self.pulse)
        stage = Stage(laid, self.turns, self.after)
        until = clock.minutes(self.at, self.scenario.start) - self.pulse / 2
        with compiled.told():
            while True:
                stage.open(self.seed, self.world, dict(self.parameters))
                stage.play(until)
                if not stage.overfull:
                    return stage
                stage = stage.roomier()

    def _refuse_what_is_past(self) -> None:
        """ScenarioError for what would have changed something before this minute."""
        assert self.told  # it does not contradict itself
        here = self.without.stage()
        last = Turn(self.at, 0, self.changes, self.choices)
        refuse_late(here.worlds[0], last, here.layout.cast, here.layout.plan, self.scenario.start)
        there = self.without.stage(self)
        before, now = _events(here), _events(there)
        units = (here.worlds["units"][0], there.worlds["units"][0])
        for was, would in zip_longest(before, now):
            if was != would:
                first = min((e for e in (would, was) if e), key=lambda e: e.minute)
                raise ScenarioError(
                    f"{last}: too late: it would have been otherwise at "
                    f"{clock.label(clock.moment(first.minute, self.scenario.start))} already ("
                    f"{first.text}{'' if first is would else ' - not'})"
                )
        if not all(np.array_equal(units[0][name], units[1][name]) for name in ALIKE):
            raise ScenarioError(f"{last}: too late: the city would have stood otherwise by then")

    @property
    def decisions(self) -> pd.DataFrame:
        """Every decision as it stands: `stands` (taken, overtaken, left to the headquarters, nothing is done,
        will come, waits for its occasion), its hour (or when it is due, as far as that is known), and the
        courses whose hour has not passed.
        """
        stage, start = self.stage(), self.scenario.start
        plan, table = stage.layout.plan.decisions, stage.worlds[0]["decisions"]
        left = {d for c in self.planned.changes if isinstance(c, Leave) for d in c.decisions}
        rows = []
        for name, courses in self.scenario.record.decisions.items():
            row = table[plan.index[name]]
            stands = LEFT if name in left else _stands(row)
            hour = row["fired_at"] if np.isfinite(row["fired_at"]) else row["due"]
            when = clock.moment(float(hour), start) if np.isfinite(hour) else pd.NaT
            still = [c.label for c in courses if c.mode == "reaction" or c.at >= self.at]
            told = "; ".join(still) if stands in OPEN else ""
            rows.append((name, stands, when, plan.made[plan.index[name]].label, told))
        columns = ["decision", "stands", "hour", "course", "open"]
        return pd.DataFrame(rows, columns=columns).set_index("decision")

    def __str__(self) -> str:
        w = self.stage().worlds[0]
        cast = layout(self.planned, self.pulse).cast
        lines = [
            f"{self.scenario.name}, seed {self.seed}, world {self.world}, as it stands at "
            f"{clock.label(self.at)}.",
            "",
        ]
        places = list(cast.history.places.values())
        for sign, side in SIDES.items():
            held = [p.name for k, p in enumerate(places) if p.objective and w["places"]["holder"][k] == sign]
            lines += [f"{side} {'has' if sign else 'holds'}: {', '.join(held)}."] if held else []
        stands = self.decisions["stands"]
        lines += [
            "",
            f"{int(stands.isin(OPEN).sum())} of {len(stands)} decisions are still open (.decisions).",
        ]
        lines += [str(turn) for turn in self.turns_of(0)]
        return "\n".join(line[:1].upper() + line[1:] for line in lines)

    __repr__ = __str__

    def save(self, path: str | Path) -> Path:
        """Write the recipe to a TOML file, which `sim.load` reads. Raises StoreError, and ResultError where
        rules of one's own belong to it.
        """
        if not str(path).endswith(".toml"):
            raise ResultError(f"fork: wanted a file that ends in .toml, got '{path}'")
        if self.after:
            raise ResultError(
                f"fork: wanted a history without rules of one's own, which no file keeps; got {self.after}"
            )
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            put(target, self.toml(digests()).encode())
        except OSError as error:
            raise StoreError(f"{target}: wanted a file that can be written ({error.strerror})") from None
        return target


def _called(fork: Fork) -> str:
    """What a fork is called if nobody says: what is otherwise, in a few words."""
    said = [label for _, label in fork.choices]
    said += [str(made).replace(": ", " ") for made in fork.changes]
    more = f" and {len(said) - 1} more" if len(said) > 1 else ""
    return f"{said[0]}{more}".replace("/", "-") if said else ""


def _stands(row: Any) -> str:
    """How a decision stands, in words."""
    if np.isfinite(row["fired_at"]):
        return "taken"
    if row["lapsed"]:
        return "overtaken"
    if not row["taken"]:
        return "nothing is done"
    return "will come" if np.isfinite(row["due"]) or np.isfinite(row["at"]) else "waits for its occasion"


def _events(stage: Stage) -> tuple[Event, ...]:
    return Teller(stage.layout.cast, stage.layout.plan).tell(stage.worlds[0])
