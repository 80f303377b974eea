"""A calibration: what a fit found, as tables, as files and as a page.

It is a sample of sets of values with weights, the set of them that does best, what the sample says of each
parameter beside its prior, what planted truths say of the fit, and how the sample does on what it was fitted
to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import tomli_w

from sim import clock
from sim.analysis.crps import ranked
from sim.analysis.emulator import Floats
from sim.analysis.planted import Planted
from sim.analysis.priors import free, values_at
from sim.analysis.scorecard import Scorecard
from sim.analysis.simulated import Fitted, Simulated
from sim.store import digests
from sim.wording import percent

IDENTIFIED = 0.9  # share of the prior's spread that the record leaves at most of a parameter it identifies
KEPT = 400  # draws from the weighted sets of which the sample is made
SHOWN = 10  # parameters at least on the page


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a calibration found: sets (sets, parameters) in the unit cube of the priors, their weights
    (sets,), what they lose (sets,), and how it came about.

    `best` is the place of the set that loses least. `planted` are truths drawn from the priors, `near` those
    drawn from the last wave.
    """

    record: tuple[Fitted, ...]
    fixed: Mapping[str, float]
    tried: Simulated
    weights: Floats
    losses: Floats
    best: int
    eta: float
    planted: Planted
    near: Planted
    told: Mapping[str, float]  # how firm it is: see `_weighed`

    @property
    def points(self) -> Floats:
        """The sets in the unit cube (sets, parameters)."""
        return self.tried.points

    @property
    def effective(self) -> float:
        """How many sets of one weight the sample is worth."""
        return float(1 / (self.weights**2).sum())

    def rows(self) -> pd.DataFrame:
        """The sample: a row a set, a column a parameter, and the weight. Of all sets those are in it that an
        even draw by weight takes, as often as it takes them.
        """
        ends, shares = np.cumsum(self.weights), (np.arange(KEPT) + 0.5) / KEPT
        drawn = np.bincount(np.searchsorted(ends / ends[-1], shares), minlength=len(ends)) / KEPT
        taken = np.flatnonzero(drawn)
        return pd.DataFrame(values_at(self.points[taken], self.fixed)).assign(weight=drawn[taken])

    def calibrated(self) -> dict[str, float]:
        """The values of the best set."""
        at = self.points[self.best : self.best + 1]
        return {name: float(v[0]) for name, v in values_at(at, self.fixed).items()}

    def identified(self) -> pd.DataFrame:
        """A row a parameter, the best known first: its value in the best set; the 5, 50 and 95 % points of
        the sample; the share of the prior's spread that is left; whether it is identified; in how many
        planted truths its interval held the truth, and how far the middle of the interval followed it
        (correlation).
        """
        table, found = free(self.fixed), self.calibrated()
        points = [quantile(self.points, self.weights, q) for q in (0.05, 0.5, 0.95)]
        at = values_at(np.array(points), self.fixed)
        mean = self.weights @ self.points
        left = np.sqrt(12 * self.weights @ (self.points - mean) ** 2)
        again = self.planted.recovery(self.eta)
        columns = {
            "value": [found[n] for n in table.index],
            **{name: [at[n][k] for n in table.index] for k, name in enumerate(("low", "middle", "high"))},
            "spread_left": left,
            "identified": (left < IDENTIFIED).astype(int),
            "held": again["held"].to_numpy(),
            "follows": again["follows"].to_numpy(),
        }
        return pd.DataFrame(columns, index=table.index.rename("name")).sort_values("spread_left")

    def card(self, it: Fitted, sets: Sequence[int] | None = None) -> Scorecard:
        """The fitted parts of an event on the worlds of the sample, or of some sets alone (the predictive
        check).
        """
        count = len(self.points)
        ends, shares = np.cumsum(self.weights), (np.arange(count) + 0.5) / count
        drawn = np.searchsorted(ends / ends[-1], shares) if sets is None else np.array(sets)
        values = self.tried.values[it.event][drawn]
        worlds = {part: values[:, k].ravel() for k, part in enumerate(it.parts)}
        return Scorecard(it.scenario, it.parts, worlds, clock.EVENTS[it.event][0])

    @cached_property
    def train(self) -> pd.DataFrame:
        """A row a fitted part: what is documented, what the sample makes of it, and the scores of the sample
        and of the best set.
        """
        tables = []
        for it in self.record:
            columns = {}
            for name, sets in (("sample", None), ("best", [self.best])):
                card = self.card(it, sets)
                distances = it.distances(np.stack(list(card.values.values())))
                columns[f"score_{name}"] = ranked(distances, fair=True)
            tables.append(self.card(it).table.assign(**columns))
        return pd.concat(tables)

    def write(self, folder: Path, *, command: str, seed: int) -> list[Path]:
        """Write the best set, the sample and where they come from into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / name for name in ("calibrated.csv", "plausible.csv", "calibrated.toml")]
        table = self.identified()
        table.map(_short).astype({"identified": int}).to_csv(paths[0])
        self.rows().map(_short).to_csv(paths[1], index=False)
        about = {
            "command": command,
            "seed": seed,
            "date": date.today().isoformat(),
            "version": version("petrograd"),
            **digests(),
            "fitted_parts": [part for it in self.record for part in it.parts],
            "fixed": dict(self.fixed),
            "eta": self.eta,
            "sets_tried": len(self.points),
            "sets": len(self.rows()),
            "effective_sets": round(self.effective, 1),
            "loss": {name: round(value, 4) for name, value in self.loss.items()},
            "told": {name: round(float(value), 4) for name, value in self.told.items()},
        }
        paths[2].write_text(tomli_w.dumps(about), encoding="utf-8")
        return paths

    def report(self, folder: Path, *, command: str, seed: int) -> list[Path]:
        """Write everything about the fit into a folder: what `write` does, the curve of planted truths, the
        check on what was fitted to, and the page.
        """
        paths = self.write(folder, command=command, seed=seed)
        near = self.near.curve().add_suffix("_near")
        self.planted.curve().join(near).to_csv(folder / "planted.csv")
        self.train.to_csv(folder / "train.csv")
        (folder / "calibration.md").write_text("\n".join(self.page(command)) + "\n", encoding="utf-8")
        return [*paths, *(folder / name for name in ("planted.csv", "train.csv", "calibration.md"))]

    @property
    def loss(self) -> dict[str, float]:
        """What the best set loses, and the sample in the mean of its sets."""
        return {"best": float(self.losses[self.best]), "sample": float(self.weights @ self.losses)}

    def page(self, command: str) -> Iterator[str]:
        """What is to be read of the fit, in Markdown, line by line."""
        told, loss, of = self.told, self.loss, sum(self.card(it).passed("train")[1] for it in self.record)
        passed = sum(self.card(it).passed("train")[0] for it in self.record)
        best = sum(self.card(it, [self.best]).passed("train")[0] for it in self.record)
        yield (
            f"Measured with `{command}`: {told['histories']:,.0f} histories. eta is {self.eta:g}; the "
            f"last {len(self.points)} sets, of {told['worlds_a_set']:.0f} worlds each, are worth "
            f"{self.effective:.0f} of one weight, and {len(self.rows())} of them are the sample. They lose "
            f"{loss['sample']:.1f} in the mean, the best one {loss['best']:.1f}, over {len(self.train)} "
            f"parts. Of the {of} fitted patterns {passed} pass in the median world of the sample and {best} "
            "in that of the best set. Of what a set's loss differs from the emulated one "
            f"{percent(told['firm'])} (of the variance) is no luck."
        )
        yield ""
        yield "| parameter | prior | sample, 90 % | middle | best set | spread left | follows |"
        yield "|---|---|---|---|---|---|---|"
        table, priors = self.identified(), free(self.fixed)[["low", "high"]].astype(float)
        known = int(table["identified"].sum())
        for name, row in table.head(max(known, SHOWN)).iterrows():
            low, high = priors.loc[[name]].to_numpy()[0]
            yield (
                f"| `{name}` | {low:g} to {high:g} | {row['low']:.3g} to {row['high']:.3g} | "
                f"{row['middle']:.3g} | {row['value']:.3g} | {row['spread_left']:.2f} | "
                f"{row['follows']:.2f} |"
            )
        yield ""
        yield (
            f"Of {len(table)} parameters {known} keep less than nine tenths of their prior's spread. The "
            "last column is how the middle of the interval goes with planted truths (correlation)."
        )
        yield ""
        yield from self._curves()

    def _curves(self) -> Iterator[str]:
        """How often the intervals of planted truths hold the truth, as a table in Markdown."""
        yield "| eta | intervals with the truth | weighted by narrowing | narrowing | near, weighted |"
        yield "|---|---|---|---|---|"
        every, near = self.planted.curve(), self.near.curve()
        chosen = int(np.argmin(np.abs(every.index.to_numpy() - self.eta)))
        for k in sorted({chosen, *range(chosen % 6, len(every), 6)}):
            mark = "**" if k == chosen else ""
            row = every.iloc[k]
            yield (
                f"| {mark}{every.index[k]:g}{mark} | {percent(row['all'])} | {percent(row['narrowed'])} | "
                f"{percent(row['narrowing'])} | {percent(near['narrowed'].iloc[k])} |"
            )


def quantile(points: Floats, weights: Floats, share: float) -> Floats:
    """The point below which so much of the weight (sets,) lies, of every column of points (sets, columns)."""
    order = np.argsort(points, axis=0)
    ends = np.cumsum(weights[order], axis=0)
    at = np.argmax(ends >= share * ends[-1], axis=0)
    return np.asarray(np.take_along_axis(points, order, axis=0)[at, np.arange(points.shape[1])])


def _short(value: float) -> float:
    return float(f"{value:.5g}")
