"""Because: what a change did first, how far it went, and where it ended, out of the journals of paired
histories.

A thing differs in a pair if it happens in one of the two only, or at hours more than `APART` apart. It
differs beyond chance if the pairs in which it comes with the change only outnumber those in which it comes
without it only, or those in which it comes sooner those in which it comes later, or fall short of them, by
three standard errors of a fair coin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from sim import clock
from sim.counterfactual.changes import Arrive, Order
from sim.names import Names, capital
from sim.results.ensemble import Ensemble
from sim.results.links import Link, laid_out
from sim.results.outcomes import names_of
from sim.telling import LAPSES

APART = 60.0  # minutes
ERRORS = 3.0  # standard errors
FEWEST = 5  # pairs
WORDS = 60  # of what is told, at most
WORTH_AN_HOUR = 15.0  # minutes by which a median must move to be told
HALF_A_DAY = 720.0  # minutes
ANSWERS = ("decision", "lapse")  # what a headquarters does, or does no more
STEPS = (*ANSWERS, "capture", "bridge", "telephones", "alarm")  # told before men who come, go or refuse
TENTHS = 10  # differences that are the same to a tenth of the histories are ties
ENDS = ("arrest", "congress")  # what follows from the outcome, and is no link to it
SIEGE = ("guns", "infiltration", "assault", "cabinet", "leave", "shots", "repulse")


@dataclass(frozen=True, eq=False)
class Pair:
    """A link in the base and with the change: minutes from the start in each pair of histories (pairs,)."""

    link: Link
    before: NDArray[np.float64]
    after: NDArray[np.float64]

    @property
    def counts(self) -> tuple[int, int]:
        """In how many histories it happens, in the base and with the change."""
        return int(np.isfinite(self.before).sum()), int(np.isfinite(self.after).sum())

    @property
    def often(self) -> tuple[int, int]:
        """In how many pairs it happens with the change only, and without it only."""
        return int((np.isfinite(self.after) > np.isfinite(self.before)).sum()), int(
            (np.isfinite(self.before) > np.isfinite(self.after)).sum()
        )

    @property
    def moved(self) -> tuple[int, int]:
        """In how many pairs it happens in both, but sooner with the change, or later."""
        both = np.isfinite(self.before) & np.isfinite(self.after)
        by = self.after[both] - self.before[both]
        return int((by < -APART).sum()), int((by > APART).sum())

    @property
    def size(self) -> int:
        """By how many pairs it comes more often, or sooner, in one than in the other."""
        return max(abs(more - less) for more, less in (self.often, self.moved))

    @property
    def sure(self) -> bool:
        """Whether that is beyond chance, and worth telling."""
        return self.link.news and any(
            abs(more - less) >= max(FEWEST, ERRORS * np.sqrt(more + less))
            for more, less in (self.often, self.moved)
        )

    @property
    def minute(self) -> float:
        """When it happens in the median, in whichever of the two it happens more often."""
        times = max(self.before, self.after, key=lambda t: np.isfinite(t).sum())
        return float(np.median(times[np.isfinite(times)]))

    @property
    def medians(self) -> tuple[float, float]:
        """When it happens in the median of the pairs in which it does in both; nan if there are none."""
        both = np.isfinite(self.before) & np.isfinite(self.after)
        if not both.any():
            return np.nan, np.nan
        return float(np.median(self.before[both])), float(np.median(self.after[both]))


@dataclass(frozen=True)
class Because:
    """Two ensembles on the same luck, the base and one with a change, asked what the change did."""

    base: Ensemble
    other: Ensemble

    def __str__(self) -> str:
        own, chain, end = list(self._own()), self._chain(), self._end()
        trace = self._trace(chain)
        while True:
            told = [*own, *(self._tell(pair) for pair in chain), *trace, end]
            said = f"Of {self._count} histories followed: {'; '.join(told)}."
            spare = next((some for some in (chain[1:] and chain, own[1:] and own, trace, own) if some), None)
            if len(said.split()) <= WORDS or not spare:
                return said
            if spare is chain:
                chain.remove(min(chain, key=lambda pair: pair.size))
            else:
                spare.pop()

    @property
    def _names(self) -> Names:
        return names_of(self.base.data.attrs["scenario_toml"])

    @property
    def _count(self) -> int:
        return next(iter(self.base.links.values())).first.size if self.base.links else 0

    def pairs(self) -> dict[str, Pair]:
        """Everything that happens in some history, by its token."""
        one, two = self.base.links, self.other.links
        never = np.full(self._count, np.inf)
        return {
            token: Pair(
                two.get(token) or one[token],
                one[token].first if token in one else never,
                two[token].first if token in two else never,
            )
            for token in {**one, **two}
        }

    # ---- what was changed ----

    def _changed(self) -> dict[str, str]:
        """The decisions that are not those of the base, taken otherwise, new, or no more there, with their
        labels; an empty label for what is no more there, or is to do nothing.
        """
        before, after = (laid_out(many).plan.decisions for many in (self.base, self.other))
        known, made = ({choice.id: choice for choice in of.made} for of in (before, after))
        does = {choice.id for choice, taken in zip(after.made, after.taken, strict=True) if taken}
        return {
            name: made[name].label if name in does else ""
            for name in {**known, **made}
            if name not in known or name not in made or known[name] != made[name]
        }

    def _own(self) -> Iterator[str]:
        """What becomes of the change itself: of its decision, and of those whom it sends."""
        links, changed = self.other.links, self._changed()
        taken = {name: _times(links, f"decision:{name}") for name in changed if changed[name]}
        if taken:
            name = min(taken, key=lambda name: taken[name])
            yield self._decided(name, changed[name], taken[name], len(taken))
        yield from self._sent()

    def _decided(self, name: str, label: str, taken: int, of: int) -> str:
        """How often a changed decision is taken, and why it lapses where it is not."""
        if taken == self._count:
            return "the change is made in all"
        whose = "the changed decision" if of == 1 else f'"{label}"'
        lapses = {
            why: _times(self.other.links, f"lapse:{name}:{number}") for number, why in enumerate(LAPSES)
        }
        why = max(lapses, key=lambda why: lapses[why])
        lapsed = f", and lapses in {lapses[why]} ({why})" if lapses[why] else ""
        return f"{whose} is taken in {taken}{lapsed}"

    def _sent(self) -> Iterator[str]:
        """Of the forces that a change sends, the one that comes most often."""
        links = self.other.links
        for made in self.other.scenario.changes:
            if not isinstance(made, Order | Arrive):
                continue
            forces = made.forces if isinstance(made, Order) else (made.force,)
            come = {force: _times(links, f"arrive:{force}:{made.place}") for force in forces}
            force = max(come, key=lambda force: come[force])
            text = f"{self._names.force(force).text} at {self._names.place(made.place)} in {come[force]}"
            refused = _times(links, f"refuse:{force}")
            yield f"{text}{f' (refused at first in {refused})' if refused else ''}"

    # ---- how far it goes ----

    def _chain(self) -> list[Pair]:
        """The two links with the largest difference, one of them a decision or one that lapses if there is
        such, and the largest at the seat; in order of time.
        """
        seat, changed = self._names.seat, self._changed()
        falls = {f"siege:{seat}", f"capture:{seat}:soviet"}
        known = [
            pair
            for token, pair in self.pairs().items()
            if pair.sure and token not in falls and pair.link.decision not in changed
            and pair.link.kind not in ENDS and not token.startswith("decision:order ")
        ]  # fmt: skip
        known.sort(key=self._rank)
        at_seat = [pair for pair in known if pair.link.place == seat and _of_siege(pair.link)]
        away = [pair for pair in known if pair not in at_seat]
        chosen = away[:1]
        rest = [pair for pair in away if not any(_same(pair, one) for one in chosen)]
        chosen += ([pair for pair in rest if pair.link.kind in ANSWERS] or rest)[:1]
        return sorted([*chosen, *at_seat[:1]], key=lambda pair: pair.minute)

    def _rank(self, pair: Pair) -> tuple[int, bool, float]:
        """The largest difference first, to a tenth of the histories; of equals steps before men, the earliest
        before the others.
        """
        tenth = round(TENTHS * pair.size / max(self._count, 1))
        return -tenth, pair.link.kind not in STEPS, pair.minute

    def _tell(self, pair: Pair) -> str:
        """A link that differs: in how many histories more or fewer, or how much sooner or later."""
        before, after = pair.counts
        text = pair.link.text
        one, two = pair.medians
        if 2 * abs(after - before) >= pair.size or not np.isfinite(one):
            return f"{text} in {after} instead of {before}"
        return f"{text} at {self._hours(two, one)}"

    def _end(self) -> str:
        """The ring and the fall of the seat."""
        seat, pairs = self._names.seat, self.pairs()
        ring, fall = pairs.get(f"siege:{seat}"), pairs.get(f"capture:{seat}:soviet")
        house = self._names.place(seat)
        told = [
            f"{word} in {self._against(pair)}"
            for word, pair in (("is surrounded", ring), ("falls", fall))
            if pair is not None
        ]
        return f"{house} {' and '.join(told) or 'never falls'}"

    def _trace(self, chain: Sequence[Pair]) -> list[str]:
        """At which link a change dies out that alters neither the ring nor the fall beyond chance."""
        seat, pairs = self._names.seat, self.pairs()
        ring, fall = pairs.get(f"siege:{seat}"), pairs.get(f"capture:{seat}:soviet")
        if any(pair is not None and pair.sure for pair in (ring, fall)):
            return []
        if self._count < ERRORS**2:
            return ["too few to tell a link from chance"]
        until = fall.minute if fall is not None else np.inf
        moved = [p for p in pairs.values() if p.sure and p.link.kind not in ENDS and p.minute < until]
        if not moved:
            return ["before the end nothing differs beyond chance"]
        last = max(moved, key=lambda pair: pair.minute)
        if any(last.link.token == pair.link.token for pair in chain):
            return ["before the end nothing further differs"]
        return [f"the last that differs: {self._tell(last)}"]

    def _against(self, pair: Pair) -> str:
        """In how many histories, and in the median at what hour, with the change and without it."""
        before, after = pair.counts
        one, two = pair.medians
        often = f"{after} instead of {before}" if after != before else f"{after} as before"
        if not np.isfinite(one) or abs(one - two) < WORTH_AN_HOUR:
            return often
        return f"{often} ({self._hours(two, one)})"

    def _hours(self, one: float, two: float) -> str:
        """One hour instead of another; their days, if they are half a day apart."""
        start = datetime.fromisoformat(self.base.data.attrs["start"])
        first, second = clock.moment(one, start), clock.moment(two, start)
        if abs(one - two) >= HALF_A_DAY:
            return f"{clock.label(first)} instead of {clock.label(second)}"
        return f"{first:%H:%M} instead of {second:%H:%M}"


def because(base: Ensemble, other: Ensemble) -> str:
    """What a change did first and how far it went, in at most some sixty words, from the journals of the
    first hundred pairs of histories.
    """
    return capital(str(Because(base, other)))


def _times(links: Mapping[str, Link], token: str) -> int:
    """In how many histories something happens."""
    return int(links[token].happens.sum()) if token in links else 0


def _of_siege(link: Link) -> bool:
    """Whether a link is a step in the siege of its place."""
    return link.kind in SIEGE or link.token.startswith("policy:")


def _same(one: Pair, other: Pair) -> bool:
    """Whether two links tell of one decision, or of one place."""
    a, b = one.link, other.link
    return bool(a.decision and a.decision == b.decision) or bool(a.place and a.place == b.place)
