"""Speed: what a history costs by every way of running it and beside agents in plain Python, how that grows
with the units, what is kept, and what the first use costs.

    python benchmarks/speed.py [--worlds 100] [--rounds 9] [--docked 24] [--cold] [--write]

All ways of running are timed in turns in one process, round after round; medians are told. On a machine that
others use too the clock on the wall counts their work as well: so the processor's own time stands beside it,
and ratios are taken of that. Times depend on the machine; the ratios of one run are what to compare. With
--write the tables go into docs/performance.md, between its marks, and the figure into docs/figures. --cold
compiles anew as well, half a minute each time.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from idiomatic import Everybody, Town
from reduced import BITTER, Compiled, Reduced, dock, reduced
from speed_figure import Growth, Pace, figure, times

import sim
from sim import compiled
from sim.extend import After
from sim.plan.layout import Layout, Stage, layout
from sim.results.rows import Rows

ROOT = Path(__file__).parent.parent
PAGE, FIGURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "figures" / "performance.png"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
RESOLUTIONS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
ONE, TWO, ALONE, RECORDED = "in an ensemble", "two threads", "alone", "recorded"
FUTURE, STOPPED = "a fork's future", "up to a fork"
OWN, OWN_PLAIN = "with an own rule", "the same, plain"
STEPPED, RULES, DUE, ALL = "stepped by Mesa", "compiled rules", "Python, those due", "Python, everybody"
NAMES = {
    ONE: "in an ensemble on one thread",
    TWO: "in an ensemble on two threads",
    ALONE: "alone",
    RECORDED: "recorded, `sim.run`",
    FUTURE: "a future of a fork at 24 Oct 21:00, one thread",
    STOPPED: "a history up to there, all that a fork has to play",
    OWN: "with a compiled rule of one's own over all units",
    OWN_PLAIN: "with the same rule in plain Python",
    STEPPED: "stepped by Mesa, `sim.Petrograd`",
    RULES: "the compiled rules",
    DUE: "the peer, asking who is due",
    ALL: "the peer, asking everybody",
}


class Took(NamedTuple):
    """What some work took, in milliseconds: on the wall, and of the processor."""

    wall: float
    busy: float

    def per(self, count: float) -> Took:
        """The same for one of so many, or in units of so many milliseconds."""
        return Took(self.wall / count, self.busy / count)


@dataclass(frozen=True)
class Timed:
    """What one thing took, round after round."""

    each: tuple[Took, ...]

    @property
    def wall(self) -> tuple[float, ...]:
        """On the wall."""
        return tuple(took.wall for took in self.each)

    @property
    def busy(self) -> tuple[float, ...]:
        """Of the processor."""
        return tuple(took.busy for took in self.each)

    def __str__(self) -> str:
        wall = self.wall
        walls = f"{number(statistics.median(wall))} ({number(min(wall))} - {number(max(wall))})"
        return f"{number(statistics.median(self.busy))} | {walls}"


def number(value: float) -> str:
    """A number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def busy() -> float:
    """Seconds of the processor that this process and its children have had."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def took(work: Callable[[], object]) -> Took:
    """What some work takes."""
    start, had = time.perf_counter(), busy()
    work()
    return Took(1e3 * (time.perf_counter() - start), 1e3 * (busy() - had))


def processors() -> float:
    """How many processors two busy processes side by side have between them for a second."""
    code = "import time\nend = time.perf_counter() + 1\nwhile time.perf_counter() < end: pass"
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    both = [subprocess.Popen([sys.executable, "-S", "-c", code]) for _ in range(2)]
    for one in both:
        one.wait()
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def in_turns(works: Mapping[str, Callable[[int], Took]], rounds: int) -> dict[str, Timed]:
    """What several works take, one after the other in every round."""
    found: dict[str, list[Took]] = {name: [] for name in works}
    for turn in range(rounds):
        for name, work in works.items():
            found[name].append(work(turn))
    return {name: Timed(tuple(each)) for name, each in found.items()}


def whole_model(worlds: int) -> dict[str, Callable[[int], Took]]:
    """A history of the whole model, by every way of running it."""
    stage = Stage(layout(sim.scenario("historical")))

    def many(threads: int) -> Callable[[int], Took]:
        def play() -> object:
            return sim.ensemble("historical", worlds=worlds, workers=threads, progress=False)

        return lambda turn: took(play).per(worlds)

    def alone(turn: int, on: Stage = stage) -> Took:
        return took(lambda: play_one(on, turn))

    fork = sim.run("historical", world=0).at("24 Oct 21:00")
    with_own = [Stage(stage.layout, after=After.of({"beliefs": one})) for one in (sim.rule(tired), tired)]
    return {
        ONE: many(1),
        TWO: many(2),
        ALONE: alone,
        RECORDED: lambda turn: took(lambda: sim.run("historical", world=turn)),
        FUTURE: lambda turn: took(lambda: fork.ensemble(worlds, workers=1, progress=False)).per(worlds),
        STOPPED: lambda turn: took(fork.stage),
        OWN: lambda turn: alone(turn, with_own[0]),
        OWN_PLAIN: lambda turn: alone(turn, with_own[1]),
        STEPPED: lambda turn: took(lambda: sim.Petrograd("historical", world=turn).play()),
    }


def tired(w: Any) -> None:
    """A rule of one's own: whoever has been out for ten hours thinks the less of it."""
    for unit in w.units:
        if unit.men == 0 or unit.stance == 0:
            continue
        w.own.units[unit.row, 0] += w.clock.pulse / 60
        if w.own.units[unit.row, 0] > 10:
            unit.moved -= 0.001 * unit.stance


def play_one(stage: Stage, number: int) -> None:
    """Play one history to its end."""
    stage.open(1917, number, {})
    stage.play()


def step_through(town: Town, pulses: int) -> None:
    """Step a model to its end."""
    for _ in range(pulses):
        town.step()


def reduced_city(cities: Sequence[Reduced]) -> dict[str, Callable[[int], Took]]:
    """A history of the reduced city, by the compiled rules and by the peer; laying out is not counted."""

    def rules(turn: int) -> Took:
        played = Compiled(cities[turn])
        return took(played.play)

    def peer(kind: type[Town]) -> Callable[[int], Took]:
        def play(turn: int) -> Took:
            town = kind(cities[turn])
            return took(lambda: step_through(town, cities[turn].pulses))

        return play

    return {RULES: rules, DUE: peer(Town), ALL: peer(Everybody)}


def docked(worlds: int) -> int:
    """In how many histories the peer and the compiled rules were equal; AssertionError if not in all."""
    cities = [reduced(k, values=values) for k in range(worlds) for values in ({}, BITTER)]
    for city in cities:
        for peer in (Town, Everybody):
            apart = dock(city, peer(city))
            assert not apart, f"{peer.__name__}: {apart[0]}"
    return len(cities)


def grown(rounds: int) -> Growth:
    """Units and milliseconds of a history alone, at every resolution."""
    past = sim.scenario("historical")
    stages = {r: Stage(layout(replace(past, resolution=r))) for r in RESOLUTIONS}
    for stage in stages.values():
        with compiled.told():
            play_one(stage, 0)

    def play(stage: Stage) -> Callable[[int], Took]:
        return lambda turn: took(lambda: play_one(stage, turn))

    timed = in_turns({str(r): play(stage) for r, stage in stages.items()}, rounds)
    return Growth(
        RESOLUTIONS,
        tuple(len(stage.layout.cast.units.ids) for stage in stages.values()),
        tuple(stage.layout.template.nbytes for stage in stages.values()),
        tuple(statistics.median(timed[str(r)].busy) for r in RESOLUTIONS),
    )


def kept(made: Layout) -> dict[str, float]:
    """Bytes of a world."""
    rows = Rows.blank(made, 1, tracks=True)
    samples = 0 if rows.samples is None else rows.samples.nbytes
    return {
        "the record of a world, one a thread": made.template.nbytes,
        "a world of an ensemble": rows.rows.nbytes,
        "a world of an ensemble with `tracks=True`": rows.rows.nbytes + samples,
    }


def copies(made: Layout, rounds: int) -> dict[str, Timed]:
    """A copy of a record, which is what a fork costs."""
    record, other = made.template, made.template.copy()
    there, here = other.view(np.uint8), record.view(np.uint8)
    return in_turns(
        {
            "numpy's copy of a record, field by field": lambda turn: took(lambda: np.copyto(other, record)),
            "the same as plain bytes": lambda turn: took(lambda: np.copyto(there, here)),
        },
        10 * rounds,
    )


def process(*words: str, **environment: str) -> Took:
    """A Python process of its own."""
    told = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, *words]
    return took(lambda: subprocess.run(command, env=told, check=True, capture_output=True))


def starts(rounds: int, cold: bool) -> dict[str, Timed]:
    """Processes from their start to their end."""
    with tempfile.TemporaryDirectory() as out:
        help_, run = ("-m", "sim.cli", "--help"), ("-m", "sim.cli", "run", "historical", "--out", out)
        process(*run)
        found = in_turns(
            {
                "`petrograd --help`": lambda turn: process(*help_),
                "`petrograd run historical`, with its figures": lambda turn: process(*run),
            },
            min(rounds, 5),
        )
    each = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as empty:
            each.append(process(*help_, PYTHONPYCACHEPREFIX=empty))
    found["`petrograd --help`, no bytecode kept yet"] = Timed(tuple(each))
    if cold:
        with tempfile.TemporaryDirectory() as empty:
            first = process("-c", "import sim; sim.run('historical')", NUMBA_CACHE_DIR=empty)
        found["a machine's first history, the rules compiled"] = Timed((first,))
    return found


def page(
    pace: Pace, growth: Growth, equal: int, sections: Mapping[str, Sequence[str]], command: str
) -> Iterator[str]:
    """The results, line by line."""
    made_with = ", ".join(f"{name} {version(name)}" for name in ("petrograd", "numba", "mesa", "numpy"))
    yield (
        f"Measured with `{command}`: medians of {pace.rounds} rounds. When it began, two busy "
        f"processes side by side had {pace.free:.1f} processors between them. "
        f"{made_with}, Python {platform.python_version()}."
    )
    yield ""
    yield (
        f"- **Histories a second**: {number(pace.rates[0])} on one thread, {number(pace.rates[1])} on two "
        f"({pace.threads:.2f} times as many), on the wall, on {pace.free:.1f} processors. By processor "
        f"time, at most {pace.at_most:.2f} times as many where there are two."
    )
    yield (
        f"- **The peer takes {number(pace.due)} times as long as the compiled rules** if it asks those who "
        f"are due, {number(pace.everybody)} times if it asks everybody."
    )
    yield (
        f"- **Docked**: peer and compiled rules were equal in every pulse of {equal} histories of the "
        "reduced city, half of them bitter, both ways of asking."
    )
    yield (
        f"- **Growth**: time goes as the number of units to the power {growth.exponent:.2f}, fitted over "
        f"{growth.units[0]:,} to {growth.units[-1]:,} units; {growth.from_usual:.2f} from the usual on."
    )
    yield ""
    yield "Ratios are medians of the ratios of each round; those of the peer, and growth, of processor time."
    for title, lines in sections.items():
        yield from ("", f"### {title}", "", *lines)


def table(head: str, rows: Mapping[str, object]) -> list[str]:
    """A table of medians, leasts and mosts."""
    return [
        f"| {head} | of the processor | on the wall (least - most) |",
        "|---|--:|--:|",
        *(f"| {n} | {v} |" for n, v in rows.items()),
    ]


def sections_of(
    whole: Mapping[str, Timed],
    few: Mapping[str, Timed],
    growth: Growth,
    made: Layout,
    given: argparse.Namespace,
) -> dict[str, list[str]]:
    """The tables under their titles."""
    sizes = zip(growth.resolutions, growth.units, growth.bytes, growth.milliseconds)
    units = [f"| {r:g} | {u:,} | {b / 1e6:.1f} | {number(ms)} |" for r, u, b, ms in sizes]
    began = {
        name: Timed(tuple(one.per(1e3) for one in it.each))
        for name, it in starts(given.rounds, given.cold).items()
    }
    return {
        "The whole model": table("milliseconds a history", {NAMES[n]: it for n, it in whole.items()}),
        "The reduced city": table("milliseconds a history", {NAMES[n]: it for n, it in few.items()}),
        "Growth": [
            "| resolution | units | record, MB | milliseconds a history, alone |",
            "|--:|--:|--:|--:|",
            *units,
        ],
        "Memory": ["| kept | bytes |", "|---|--:|", *(f"| {n} | {b:,.0f} |" for n, b in kept(made).items())],
        "Copies": table("milliseconds", copies(made, given.rounds)),
        "Starting": table("seconds", began),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=100, help="histories of an ensemble")
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--docked", type=int, default=24, help="worlds in which the peer is docked first")
    options.add_argument("--cold", action="store_true", help="compile anew as well, half a minute each")
    options.add_argument("--write", action="store_true", help="put tables and figure into docs")
    given = options.parse_args()
    free = processors()
    made = layout(sim.scenario("historical"))
    sim.run("historical")
    equal, cities = docked(given.docked), [reduced(k) for k in range(given.rounds)]
    few = reduced_city(cities)
    in_turns(few, given.rounds)  # the ways of every world are known from here on, to both
    timed = in_turns({**whole_model(given.worlds), **few}, given.rounds)
    whole, few_timed = ({n: it for n, it in timed.items() if (n in few) is one} for one in (False, True))
    growth = grown(given.rounds)
    pace = Pace.of(
        {n: timed[n].busy for n in whole if n != TWO},
        {n: timed[n].busy for n in few},
        (timed[ONE].wall, timed[TWO].wall),
        2 * times(timed[ONE].busy, timed[TWO].busy),
        free,
    )
    command = f"python benchmarks/speed.py{' --cold' if given.cold else ''} --write"
    text = "\n".join(page(pace, growth, equal, sections_of(whole, few_timed, growth, made, given), command))
    print(text)
    if given.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
        figure(pace, growth).savefig(FIGURE, dpi=110)


if __name__ == "__main__":
    main()
