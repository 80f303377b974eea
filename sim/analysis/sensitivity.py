"""Sensitivity: what an answer hangs on - which parameters and openings move it over all their priors, and
which of them it would be worth to know, by the sets that the record leaves plausible.

Every point is played in the same worlds, and these are halved: what both halves say is the point's, what
one alone says is luck. Shares made of products of the two halves have no luck in them on average, and one
that cannot be told from nought is said to be nought within error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import parameters
from sim.analysis.knowing import worth_of_knowing
from sim.analysis.priors import free, point_at
from sim.analysis.trying import OPENINGS, Answers, Question, inputs
from sim.counterfactual import measures
from sim.counterfactual.scenario import Scenario
from sim.counterfactual.scenario import scenario as find_scenario
from sim.errors import known, whole
from sim.plan.layout import Stage, layout
from sim.playing import SEED, _workers, distinct, ensemble

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.counterfactual.measures import Measure

Floats = NDArray[np.float64]
LEVELS = 4  # of a trajectory's grid
TRAJECTORIES, WORLDS, MOST, ROWS, KNOWN = 10, 8, 12, 128, 2000
DRAWS = 500  # bootstrap draws
INTERVAL = (2.5, 97.5)


class NoSALibError(ImportError):
    """The extra for sensitivity is not installed."""


def salib() -> Any:
    """SALib, which plans the points and has the estimators; NoSALibError says how it is had."""
    try:
        import SALib.analyze.morris
        import SALib.analyze.sobol
        import SALib.sample.morris
        import SALib.sample.sobol
    except ImportError:
        raise NoSALibError("sensitivity: wants SALib (pip install 'petrograd[sensitivity]')") from None
    return SALib


def problem(names: list[str]) -> dict[str, Any]:
    """The unit cube of some inputs, as SALib wants it."""
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def screened(answers: Answers, names: list[str], *, trajectories: int, seed: int) -> pd.DataFrame:
    """Morris's screening, a row an input: `effect` on the answer as it goes through its whole prior, the mean
    over trajectories with its interval; `size`, the root of its mean square without luck, and `told`, whether
    that can be told from nought; SALib's `mu_star` and `sigma`, which have luck in them.
    """
    library, cube = salib(), problem(names)
    points = library.sample.morris.sample(cube, trajectories, num_levels=LEVELS, seed=seed)
    found = answers(points)
    said = library.analyze.morris.analyze(
        cube, points, found.mean(axis=1), num_levels=LEVELS, seed=seed, print_to_console=False
    )
    one, other = (elementary(points, half, len(names)) for half in halves(found))
    draws = np.random.default_rng(seed).integers(trajectories, size=(DRAWS, trajectories))
    effects, products = (one + other) / 2, one * other
    low, high = np.percentile(effects[draws].mean(axis=1), INTERVAL, axis=0)
    least = np.percentile(products[draws].mean(axis=1), INTERVAL[0], axis=0)
    return pd.DataFrame(
        {
            "effect": effects.mean(axis=0),
            "low": low,
            "high": high,
            "size": np.sqrt(np.maximum(products.mean(axis=0), 0)),
            "told": least > 0,
            "mu_star": np.asarray(said["mu_star"], float),
            "sigma": np.asarray(said["sigma"], float),
        },
        index=pd.Index(names, name="input"),
    )


def halves(answers: Floats) -> tuple[Floats, Floats]:
    """The mean answer (points,) of the even worlds and of the odd ones, from answers (points, worlds)."""
    return answers[:, 0::2].mean(axis=1), answers[:, 1::2].mean(axis=1)


def elementary(points: Floats, answer: Floats, count: int) -> Floats:
    """The elementary effects (trajectories, inputs): the answer's change over the input's, where it alone
    changed.
    """
    shape = (-1, count + 1)
    moved = np.diff(points.reshape(*shape, count), axis=1)
    which = np.abs(moved).argmax(axis=2)
    by = np.take_along_axis(moved, which[..., None], axis=2)[..., 0]
    effects = np.empty((len(moved), count))
    np.put_along_axis(effects, which, np.diff(answer.reshape(shape), axis=1) / by, axis=1)
    return effects


def shared(answers: Answers, names: list[str], *, rows: int, seed: int) -> pd.DataFrame:
    """Sobol's shares of the answer's variance over the priors, a row an input: what it does alone (`first`)
    and with others (`total`), without luck, with bootstrap intervals; `told`, whether the total can be told
    from nought. SALib's own, which have luck in them, are `S1` and `ST`; in attrs, `luck` is its share.
    """
    library, cube, n = salib(), problem(names), len(names)
    points = library.sample.sobol.sample(cube, rows, calc_second_order=False, seed=seed)
    found = answers(points)
    mean = found.mean(axis=1)
    told = {"S1": np.zeros(n), "ST": np.zeros(n)}
    if np.ptp(mean) > 0:
        told = library.analyze.sobol.analyze(cube, mean, calc_second_order=False, seed=seed)
    split = [_matrices(half, n) for half in halves(found)]
    first, total, variance = _shares(split, np.arange(rows)[None])
    draws = np.random.default_rng(seed).integers(rows, size=(DRAWS, rows))
    drawn_first, drawn_total, _ = _shares(split, draws)
    table = pd.DataFrame(index=pd.Index(names, name="input"))
    for name, value, drawn in (("first", first, drawn_first), ("total", total, drawn_total)):
        low, high = np.nanpercentile(drawn, INTERVAL, axis=0)
        table[name], table[f"{name}_low"], table[f"{name}_high"] = value[0], low, high
    table["told"] = table["total_low"] > 0
    table["S1"], table["ST"] = np.asarray(told["S1"], float), np.asarray(told["ST"], float)
    table.attrs["luck"] = float(1 - variance[0] / mean.var()) if mean.var() > 0 else np.nan
    return table.sort_values("total", ascending=False)


def _matrices(answer: Floats, n: int) -> tuple[Floats, Floats, Floats]:
    """The answers at the points A and B (rows,), and at A with a column of B each (rows, inputs)."""
    each = answer.reshape(-1, n + 2)
    return each[:, 0], each[:, -1], each[:, 1:-1]


def _shares(
    split: list[tuple[Floats, Floats, Floats]], draws: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """First and total shares (draws, inputs) and the variance (draws,), each from products of the two halves
    (Saltelli and others 2010, with the square of one answer replaced by a product of two).
    """
    (a1, b1, ab1), (a2, b2, ab2) = [tuple(part[draws] for part in half) for half in split]
    means = [np.concatenate([a, b], axis=1).mean(axis=1, keepdims=True) for a, b in ((a1, b1), (a2, b2))]
    variance = ((a1 - means[0]) * (a2 - means[1]) + (b1 - means[0]) * (b2 - means[1])).mean(axis=1) / 2
    moved1, moved2 = ab1 - a1[..., None], ab2 - a2[..., None]
    alone = (b1 - means[0])[..., None] * moved2 + (b2 - means[1])[..., None] * moved1
    safe = np.where(variance > 0, variance, np.nan)[:, None]
    return alone.mean(axis=1) / 2 / safe, (moved1 * moved2).mean(axis=1) / 2 / safe, variance


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What an answer hangs on: `screening` (Morris, all inputs), `shares` (Sobol, those that tell most) over
    the priors, and `knowing` (what each is worth to know) over the sample; a row an input, with its `label`.
    """

    asked: str
    measure: Measure
    screening: pd.DataFrame
    shares: pd.DataFrame
    knowing: pd.DataFrame
    about: str

    def __str__(self) -> str:
        said = [f"{self.asked}. {self.about}", "", "Over the priors, shares of its variance (total, alone):"]
        for name, row in self.shares.iterrows():
            least = "" if row["told"] else "; nought within error"
            ends = f"{row['total_low']:.2f} to {row['total_high']:.2f}"
            said.append(f"  {name:24} {row['total']:.2f} ({ends}{least}), {row['first']:.2f}")
        said += ["", "Worth to know, by the plausible sets (fall of the mean squared error, in thousandths):"]
        for name, row in self.knowing.head(MOST).iterrows():
            least = "" if row["value_low"] > 0 else "; nought within error"
            ends = f"{1000 * row['value_low']:.1f} to {1000 * row['value_high']:.1f}"
            said.append(f"  {name:24} {1000 * row['value']:.1f} ({ends}{least})")
        return "\n".join([*said, "", self.verdict])

    __repr__ = __str__

    @property
    def verdict(self) -> str:
        """Which finding would change the verdict most, or that none would."""
        best = self.knowing.sort_values("verdict", ascending=False)
        if not best["verdict_low"].iloc[0] > 0:
            return "No one finding would change the verdict as far as can be told."
        gain = f"{100 * best['verdict'].iloc[0]:.1f}"
        return f"What would change the verdict most is {best.index[0]}: right {gain} points more often."

    def plot(self) -> Figure:
        """Two ladders: shares of the variance over the priors, and what each is worth to know."""
        from sim.plots.hangs import hangs

        return hangs(self.shares, self.knowing, asked=self.asked, about=self.about)

    def report(self, folder: str | Path) -> list[Path]:
        """Write tables and figure into a folder: the files written."""
        from sim.plots.style import unseen

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        written = []
        for name in ("screening", "shares", "knowing"):
            written.append(place / f"{name}.csv")
            getattr(self, name).to_csv(written[-1])
        with unseen():
            figure = self.plot()
        for suffix in ("png", "svg"):
            written.append(place / f"ladders.{suffix}")
            figure.savefig(written[-1], dpi=150)
        return written


def sensitivity(
    scenario: str | Path | Scenario = "historical",
    outcome: str = "palace_taken",
    *,
    other: str | Path | Scenario | None = None,
    trajectories: int = TRAJECTORIES,
    worlds: int = WORLDS,
    most: int = MOST,
    rows: int = ROWS,
    known_worlds: int = KNOWN,
    seed: int = SEED,
    workers: int | None = None,
    out: str | Path | None = None,
    progress: bool | None = None,
) -> Sensitivity:
    """What the answer to a question hangs on: the chance or the mean of a measure (petrograd list measures),
    or what another scenario changes of it.

    Morris's screening (`trajectories`) tries all inputs in so many `worlds` each, Sobol's shares (`rows`, a
    power of two) the `most` that tell, and what it is worth to know them is read off `known_worlds` histories
    with the sets of the sample. With `out` finished points are kept there, and the same call goes on from
    them.
    Raises ScenarioError, ValueError for numbers, NoSALibError.
    """
    salib()
    played = tuple(distinct([scenario] if other is None else [scenario, other]))
    known("measure", outcome, measures.names(played[0].record.places), "measures")
    numbers = {"trajectories": (trajectories, 2), "worlds": (worlds, 2), "most": (most, 2), "rows": (rows, 4)}
    trajectories, worlds, most, rows = (whole(n, v, least=least) for n, (v, least) in numbers.items())
    threads = _workers(workers)
    question = Question(
        *(played, measures.measure(outcome), worlds, whole("seed", seed)),
        threads if isinstance(threads, int) else 1,
        None if out is None else Path(out),
        progress,
    )
    labels = inputs()
    screening = screened(
        lambda p: question(p, "screening"), list(labels), trajectories=trajectories, seed=question.seed
    )
    names = screening.sort_values("size", ascending=False, kind="stable").index[:most].tolist()
    shares = shared(within(question, names), names, rows=rows, seed=question.seed)
    knowing = known_of(question, whole("known_worlds", known_worlds, least=100))
    screening, shares = (it.assign(label=[labels[str(n)] for n in it.index]) for it in (screening, shares))
    about = _about(question, screening, shares)
    return Sensitivity(asked(question), question.measure, screening, shares, knowing, about)


def within(question: Question, names: list[str]) -> Callable[[Floats], Floats]:
    """The question with only some inputs free, the others at their calibrated values or the middle."""
    middle = np.concatenate([point_at(parameters.calibrated()), np.full(len(OPENINGS), 0.5)])
    where = [list(inputs()).index(name) for name in names]

    def answers(points: Floats) -> Floats:
        every = np.tile(np.clip(middle, 0, 1), (len(points), 1))
        every[:, where] = points
        return question(every, "shares")

    return answers


def asked(question: Question) -> str:
    """What is asked, in words."""
    what = f"{question.measure.label} in {question.scenarios[0].name}"
    return what if len(question.scenarios) == 1 else f"{what}, and what {question.scenarios[1].name} changes"


def _about(question: Question, screening: pd.DataFrame, shares: pd.DataFrame) -> str:
    told = int(screening["told"].sum())
    return (
        f"Of {len(screening)} inputs {told} can be told from nought, each in {question.worlds} worlds on "
        f"common luck (seed {question.seed}); luck is {100 * shares.attrs['luck']:.0f} % of the variance."
    )


def known_of(question: Question, count: int) -> pd.DataFrame:
    """What it is worth to know each parameter of the sample and each thing of the opening, from so many
    worlds of the scenarios.
    """
    told: Any = {"worlds": count, "seed": question.seed, "workers": question.threads}
    many = [ensemble(s, progress=question.progress, **told) for s in question.scenarios]
    each = [question.measure(it.data) for it in many]
    answers = each[0] if len(each) == 1 else each[1] - each[0]
    numbers = np.arange(count)
    drawn = parameters.plausible(numbers)
    things = {name: drawn[name] for name in map(str, free().index) if np.ptp(drawn.get(name, 0.0)) > 0}
    found = pd.DataFrame(things | opening_things(question.scenarios[0], count, question.seed))
    binary = len(each) == 1 and bool(np.isin(answers, (0, 1)).all())
    threshold = 0.5 if binary else 0.0 if len(each) > 1 else float(np.median(answers))
    worth = worth_of_knowing(
        answers, found, parameters.set_of(numbers), threshold=threshold, seed=question.seed
    )
    labels = [inputs().get(str(name), _said(str(name))) for name in worth.index]
    return worth.assign(label=labels).rename_axis("input").sort_values("value", ascending=False)


def _said(name: str) -> str:
    what, _, kind = name.partition(":")
    return f"{'Mind' if what == 'mind' else 'Men'} of {kind.replace('_', ' ')} at the opening"


def opening_things(scenario: Scenario, count: int, seed: int) -> dict[str, Floats]:
    """What is drawn at the opening of each world (worlds,): the men and the mean mind of each kind of force
    in the city.
    """
    made = layout(find_scenario(scenario))
    stage, cast = Stage(made), made.cast
    kinds = np.array([force.kind for force in cast.history.forces.values()])[cast.units.force]
    n, inner = len(kinds), cast.units.in_city
    wanted = {kind: inner & (kinds == kind) for kind in dict.fromkeys(kinds[inner].tolist())}
    found = {f"{what}:{kind}": np.empty(count) for kind in wanted for what in ("men", "mind")}
    for world in range(count):
        settings = parameters.of_world(parameters.PLAUSIBLE, world) | dict(scenario.settings)
        stage.open(seed, world, settings)
        units = stage.worlds[0]["units"][:n]
        for kind, rows in wanted.items():
            men = units["men"][rows].astype(float)
            found[f"men:{kind}"][world] = men.sum()
            found[f"mind:{kind}"][world] = (men * units["loyalty"][rows]).sum() / max(men.sum(), 1.0)
    return {name: values for name, values in found.items() if np.ptp(values) > 0}
