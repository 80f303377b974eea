"""Speed: what a history costs in an ensemble, alone, recorded and stepped by Mesa, what a second thread
brings, and what the first use costs.

    python benchmarks/speed.py [--worlds 200] [--repeats 5] [--cold]

Absolute times depend on the machine; the ratios of one run are what to compare.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import sim
from sim.plan.layout import Stage, layout


def milliseconds(work: Callable[[], object], repeats: int) -> tuple[float, float, float]:
    """Least, median and most wall milliseconds of some work."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times), statistics.median(times), max(times)


def cold() -> float:
    """Seconds of the first history of a process without any cache."""
    code = "import sim; sim.run('historical')"
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "NUMBA_CACHE_DIR": folder}, check=True
        )
        return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=200)
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--cold", action="store_true", help="compile anew as well, half a minute")
    given = options.parse_args()
    made = layout(sim.scenario("historical"))
    stage, n = Stage(made), given.worlds

    def many(threads: int) -> Callable[[], object]:
        return lambda: sim.ensemble("historical", worlds=n, workers=threads, progress=False)

    def alone() -> None:
        stage.open(1917, 0, {})
        stage.play()

    sim.run("historical")
    one = milliseconds(many(1), given.repeats)
    each = one[1] / n
    rows = {
        f"a history, of {n} on one thread": tuple(t / n for t in one),
        f"a history, of {n} on two threads": tuple(t / n for t in milliseconds(many(2), given.repeats)),
        "a history alone": milliseconds(alone, given.repeats),
        "a history recorded (sim.run)": milliseconds(lambda: sim.run("historical"), given.repeats),
        "a history stepped by Mesa": milliseconds(lambda: sim.Petrograd("historical").play(), given.repeats),
        "a copy of a history's record": milliseconds(lambda: made.template.copy(), given.repeats),
    }
    print(f"{'milliseconds':36}{'least':>9}{'median':>9}{'most':>9}   of one in an ensemble")
    for name, (least, median, most) in rows.items():
        print(f"{name:36}{least:9.2f}{median:9.2f}{most:9.2f}   {median / each:8.2f}")
    print(f"a record: {made.template.nbytes:,} bytes")
    if given.cold:
        print(f"the first history of a machine: {cold():.1f} s")


if __name__ == "__main__":
    main()
