"""Validation: the historical scenario against the record, and the page, table and figure that say how it
did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.analysis.nulls import documented
from sim.analysis.scorecard import Scorecard, score
from sim.playing import ensemble
from sim.wording import percent

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from matplotlib.figure import Figure

    from sim.results.ensemble import Ensemble

GIVEN, LEFT = "historical", "siege_left_to_policies"
# what hangs on the siege's decisions is scored with them given, and with them left to the headquarters
SIEGE = ("P09", "P10", "P12")


@dataclass(frozen=True, eq=False)
class Validation:
    """The scorecard of the historical scenario, and that of the same with the siege's decisions left to the
    policies.
    """

    many: Ensemble
    card: Scorecard
    siege: Scorecard

    def __str__(self) -> str:
        """Both cards, the second for the siege alone."""
        lines = ["", f"The siege left to the policies of the headquarters ({self.siege.name}):", ""]
        lines += [
            _line(self.siege, part)
            for part in self.siege.values
            if self.siege.patterns[part].pattern in SIEGE
        ]
        return "\n".join([str(self.card), *lines])

    def figure(self) -> Figure:
        """Every documented capture as a mark on the hours at which the model has it."""
        from matplotlib.figure import Figure

        from sim.plots import captures

        drawn = captures(self.many.data, documented())
        assert isinstance(drawn, Figure)
        return drawn

    def report(self, folder: str | Path) -> Iterable[Path]:
        """Write the table (CSV), the page (Markdown) and the figure (PNG and SVG) into a folder."""
        from sim.plots.style import unseen

        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        both = pd.concat(
            {self.card.name: self.card.table, self.siege.name: self.siege.table}, names=["scenario"]
        )
        both.to_csv(target / "scorecard.csv")
        yield target / "scorecard.csv"
        (target / "scorecard.md").write_text(self.page(), encoding="utf-8")
        yield target / "scorecard.md"
        with unseen():
            figure = self.figure()
        for suffix in ("svg", "png"):
            figure.savefig(target / f"captures.{suffix}", dpi=150)
        yield target / "captures.png"

    def page(self) -> str:
        """The scorecard as a Markdown page."""
        attrs = self.many.data.attrs
        lines = [
            "# The model against the record",
            "",
            (
                f"Scenario {self.card.name}, {self.many.worlds} histories, seed {attrs['seed']}, "
                f"version {attrs['version']}."
            ),
            "",
            *verdict(self.card),
            "",
            *markdown(self.card),
            "",
            "## The siege left to the policies",
            "",
            *markdown(self.siege, SIEGE),
            "",
            "![Captures](captures.png)",
            "",
        ]
        return "\n".join(lines)


def validate(
    *,
    worlds: int = 500,
    seed: int = 1917,
    workers: int | Executor | None = None,
    parameters: Mapping[str, float] | None = None,
    progress: bool | None = None,
) -> Validation:
    """Simulate the historical scenario, and the same with its siege left to the policies, and score both
    against the record.
    """
    many, left = (
        ensemble(
            name,
            worlds=worlds,
            seed=seed,
            workers=workers,
            tracks=True,
            parameters=parameters,
            progress=progress,
        )
        for name in (GIVEN, LEFT)
    )
    return Validation(many, score(many.data), score(left.data))


def verdict(card: Scorecard) -> list[str]:
    """How many patterns pass, fitted and unfitted apart, as lines of Markdown."""
    return [
        (
            f"- {what}: **{done} of {of}** patterns pass in the median world ({percent(done / of)}; {least} "
            f"to {most} in nine of ten resamples of the worlds); CRPS "
            f"{card.scores(split).mean():.3f} half-tolerances in the mean part"
        )
        for split, what in (("train", "fitted to (train)"), ("test", "not fitted to (test)"))
        for done, of in [card.passed(split)]
        for least, most in [card.range_passed(split)]
        if of
    ]


def markdown(card: Scorecard, only: Sequence[str] = ()) -> list[str]:
    """The card's table as lines of Markdown."""
    lines = [
        "| part | split | fact | documented | tolerance | median | 90 % of worlds | inside | | CRPS |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for part, row in card.table.iterrows():
        if not only or row["pattern"] in only:
            cells = (
                part,
                row["split"],
                row["fact"],
                row["documented"],
                row["tolerance"],
                row["median"],
                row["90 %"],
                f"{percent(float(row['inside']))}",
                "pass" if row["passes"] else "miss",
                f"{row['crps']:.2f}",
            )
            lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return lines


def _line(card: Scorecard, part: str) -> str:
    row = card.table.loc[part]
    inside = percent(card.table["inside"].astype(float)[part])
    return (
        f"  {part:5} {'pass' if row['passes'] else 'miss'}  {inside:>6}  {row['fact']}: "
        f"{row['median']} ({row['90 %']}); wanted {row['tolerance']}; CRPS {row['crps']:.2f}"
    )
