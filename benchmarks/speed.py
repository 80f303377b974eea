"""Speed on one core: one history, and batches of 16, 64 and 128 worlds; medians of several, and where the
time goes.

    python benchmarks/speed.py [--repeats 5]

Absolute times depend on the machine; the ratios to one history of the same run are what to compare.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

from sim.model import Petrograd  # noqa: E402  (threads are set first)

SIZES = (1, 16, 64, 128)


def seconds(worlds: int, *, record: bool = False) -> float:
    """Wall seconds to build and play a batch."""
    start = time.perf_counter()
    Petrograd("historical", worlds=range(worlds), record=record).play()
    return time.perf_counter() - start


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--repeats", type=int, default=5)
    repeats = options.parse_args().repeats
    seconds(1)
    runs = {size: [seconds(size) for _ in range(repeats)] for size in SIZES}
    alone = statistics.median(runs[1])
    print("worlds   seconds (median, min-max)     ms a world   of one history alone")
    for size, times in runs.items():
        median = statistics.median(times)
        print(
            f"{size:6d}   {median:7.2f} ({min(times):.2f}-{max(times):.2f})         "
            f"{1000 * median / size:8.1f}       {median / size / alone:6.2f}"
        )
    recorded = statistics.median(seconds(1, record=True) for _ in range(repeats))
    print(f"one history with everything recorded: {recorded:.2f} s, {recorded / alone:.2f} of one without")
    profile = cProfile.Profile()
    model = Petrograd("historical", worlds=range(64))
    profile.runcall(model.play)
    print("\nwhere a batch of 64 spends its time, the first ten:")
    pstats.Stats(profile).sort_stats("tottime").print_stats(10)


if __name__ == "__main__":
    main()
