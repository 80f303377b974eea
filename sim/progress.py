"""Progress: a bar for whoever watches, with the date reached and the time left."""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
from tqdm import tqdm

from sim import clock
from sim.what_if import Scenario


class Progress:
    """A bar over the worlds of an ensemble; workers on this machine tell how far they are through a small file, the board."""

    def __init__(self, scenario: Scenario, worlds: int, batches: int, *, show: bool | None = None) -> None:
        watched = sys.stderr.isatty() if show is None else show
        self.scenario = scenario
        self.bar = tqdm(total=worlds, desc=scenario.name, unit=" worlds", disable=not watched, file=sys.stderr, leave=False,
                        bar_format="{desc}: {percentage:3.0f} % of {total_fmt} worlds |{bar}|{postfix} {remaining} left")
        self.sizes = np.zeros(batches)
        self.board: Path | None = None
        if watched:
            with tempfile.NamedTemporaryFile(prefix="petrograd-", delete=False) as made:
                self.board = Path(made.name)
            self._shares = np.memmap(self.board, np.float32, "w+", shape=(max(batches, 1),))

    def begins(self, slot: int, worlds: int) -> None:
        """A batch of some worlds is handed out."""
        self.sizes[slot] = worlds

    def finished(self, slot: int, worlds: int) -> None:
        """A batch is done, or was found done."""
        self.sizes[slot] = worlds
        if self.board is not None:
            self._shares[slot] = 1.0
        self.refresh()

    def refresh(self) -> None:
        """Draw the bar anew, as far as the workers have come."""
        if self.board is None:
            return
        shares = np.minimum(np.asarray(self._shares), 1.0)
        under_way = shares[(self.sizes > 0) & (shares < 1) & (shares > 0)]
        if len(under_way):
            reached = self.scenario.start + timedelta(seconds=float(under_way.mean()) * (self.scenario.end - self.scenario.start).total_seconds())
            self.bar.set_postfix_str(f"at {clock.label(reached)}", refresh=False)
        self.bar.n = round(float((shares[: len(self.sizes)] * self.sizes).sum()), 1)
        self.bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        self.bar.close()
        if self.board is not None:
            self.board.unlink(missing_ok=True)
