"""Progress: a bar for whoever watches, with the date reached and the time left."""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
from tqdm import tqdm

from sim import clock
from sim.batches import Batch


class Progress:
    """A bar over the worlds of some batches; workers on this machine tell how far they are through a small file, the board."""

    def __init__(self, plan: list[Batch], *, show: bool | None = None) -> None:
        watched = sys.stderr.isatty() if show is None else show
        self.plan = plan
        self.sizes = np.array([batch.stop - batch.first for batch in plan])
        self.open: set[int] = set()
        self.bar = tqdm(total=int(self.sizes.sum()), desc=plan[0].scenario.name, disable=not watched, file=sys.stderr, leave=False,
                        bar_format="{desc}: {percentage:3.0f} % of {total_fmt} worlds |{bar}|{postfix} {remaining} left")
        self.board: Path | None = None
        if watched:
            with tempfile.NamedTemporaryFile(prefix="petrograd-", delete=False) as made:
                self.board = Path(made.name)
            self._shares = np.memmap(self.board, np.float32, "w+", shape=(len(plan),))

    def begins(self, slot: int) -> None:
        """A batch is handed out."""
        self.open.add(slot)

    def finished(self, slot: int) -> None:
        """A batch is done, or was found done."""
        self.open.discard(slot)
        if self.board is not None:
            self._shares[slot] = 1.0
        self.refresh()

    def refresh(self) -> None:
        """Draw the bar anew, as far as the workers have come: the scenario and the date that the furthest has reached."""
        if self.board is None:
            return
        shares = np.minimum(np.asarray(self._shares), 1.0)
        under_way = [slot for slot in self.open if 0 < shares[slot] < 1]
        if under_way:
            furthest = max(under_way, key=lambda slot: shares[slot])
            scenario = self.plan[furthest].scenario
            reached = scenario.start + timedelta(seconds=float(shares[furthest]) * (scenario.end - scenario.start).total_seconds())
            self.bar.set_description_str(scenario.name, refresh=False)
            self.bar.set_postfix_str(f"at {clock.label(reached)}", refresh=False)
        self.bar.n = round(float((shares * self.sizes).sum()), 1)
        self.bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        self.bar.close()
        if self.board is not None:
            self.board.unlink(missing_ok=True)
