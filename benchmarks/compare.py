"""A comparison of two scenarios as its user meets it: wall time on all cores, with tracks; and the memory of
very many worlds.

    python benchmarks/compare.py [--worlds 1000] [--many 100000]

The time depends on the machine; beside it stands the time of one history of the same run, alone and recorded.
The memory of very many worlds is measured on worlds of ten minutes' play: what is kept of a world does not
depend on how long it was played.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from datetime import timedelta

import sim


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--worlds", type=int, default=1000)
    options.add_argument("--many", type=int, default=0)
    given = options.parse_args()
    start = time.perf_counter()
    sim.run("historical")
    alone = time.perf_counter() - start
    if given.worlds:
        start = time.perf_counter()
        sim.compare("historical", "bridges_raised", worlds=given.worlds, tracks=True)
        took = time.perf_counter() - start
        print(
            f"two scenarios of {given.worlds:,} worlds with tracks: {took:.1f} s, "
            f"{1000 * took / (2 * given.worlds):.1f} ms a history, "
            f"{took / (2 * given.worlds) / alone:.3f} of one alone"
        )
    if given.many:
        past = sim.scenario("historical")
        brief = replace(past, name="brief", end=past.start + timedelta(minutes=10))
        start = time.perf_counter()
        kept = sim.ensemble(brief, worlds=given.many)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        took = time.perf_counter() - start
        print(f"{kept.worlds:,} worlds: peak {peak:.0f} MB of memory, {took:.0f} s")


if __name__ == "__main__":
    main()
