"""The report of a comparison: figures, table, a page in words, the scenarios, and a manifest from which it
can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.counterfactual.measures import SMALL, VERDICTS, hardly, measure
from sim.errors import StoreError, slug
from sim.parameters import PLAUSIBLE, calibrated
from sim.results.effects import chance_of, in_figures
from sim.results.outcomes import names_of, versions

if TYPE_CHECKING:
    from sim.results.protocols import Compared, Many

MEASURES = ("palace_taken", "palace_falls", "government_holds", "settled", "killed")


def write_report(comparison: Compared, folder: Path, *, command: str = "") -> list[Path]:
    """Write everything about a comparison into a folder; the files written, the report first. Raises
    StoreError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        figures = list(_draw(comparison, folder))
        tables = [_table(comparison, folder), *_outcomes(comparison, folder)]
        scenarios = [_asked(e, folder) for e in comparison.ensembles]
        manifest = _manifest(comparison, folder, command)
        page = folder / "report.md"
        page.write_text(_page(comparison, figures, command), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{folder}: cannot write the report ({error.strerror or error})") from None
    return [page, *figures, *tables, *scenarios, manifest]


def _figures(comparison: Compared) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Name, caption and way of drawing of every figure that the comparison can have."""
    plot, tracked = comparison.plot, all("held" in e.data for e in comparison.ensembles)
    names = names_of(comparison.base.data.attrs["scenario_toml"])
    for other in comparison.others:
        name = other.name
        if tracked:
            yield (
                f"bands-{slug(name)}",
                f"Objectives held over time: {comparison.base.name} and {name}",
                partial(plot, name),
            )
            yield (
                f"men-{slug(name)}",
                f"Men in action over time: {comparison.base.name} and {name}",
                partial(plot, name, of="men"),
            )
            yield (
                f"holders-{slug(name)}",
                f"Places changing hands, and what {name} changes",
                partial(plot.holders, name),
            )
            yield (
                f"maps-{slug(name)}",
                f"Who holds the city at four hours: {comparison.base.name} and {name}",
                partial(plot.maps, name),
            )
    if not comparison.others and tracked:
        yield "holders", "Places changing hands", comparison.base.plot.holders
    if len(comparison.others) > 1:  # one alone makes no ladder
        for wanted in MEASURES:
            label = names.in_event(measure(wanted).label)
            yield f"ladder-{wanted}", f"Effects on: {label}", partial(plot.ladder, wanted)
    yield "falls", f"The hour at which {names.house} falls", plot.falls
    yield "endings", "How the histories end", plot.endings
    yield "killed", "The killed", plot.killed


def _draw(comparison: Compared, folder: Path) -> Iterator[Path]:
    """Draw every figure as PNG and SVG; the PNG files. Nobody sees them, and pyplot knows nothing of them."""
    from matplotlib import rc_context

    from sim.plots.style import unseen

    with unseen(), rc_context({"svg.hashsalt": "petrograd"}):
        for name, _, draw in _figures(comparison):
            drawn = draw()
            figure = getattr(drawn, "figure", None) or drawn
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
            figure.savefig(folder / f"{name}.png", dpi=150)
            yield folder / f"{name}.png"


def _table(comparison: Compared, folder: Path) -> Path:
    target = folder / "effects.csv"
    comparison.effects().to_csv(target, index=False, float_format="%.6g", lineterminator="\n")
    return target


def _outcomes(comparison: Compared, folder: Path) -> Iterator[Path]:
    """The outcomes of every scenario, a row a world."""
    for ensemble in comparison.ensembles:
        target = folder / f"outcomes-{slug(ensemble.name)}.csv"
        ensemble.outcomes.to_csv(
            target, float_format="%.6g", lineterminator="\n", date_format="%Y-%m-%d %H:%M"
        )
        yield target


def _manifest(comparison: Compared, folder: Path, command: str) -> Path:
    """What is needed to make the report again: versions, seed, worlds, the values of parameters, digests of
    tables and rules, and the command.
    """
    base = comparison.base
    told = {
        "command": command,
        "worlds": base.worlds,
        "seed": int(base.data.attrs["seed"]),
        "pulse_minutes": float(base.data.attrs["pulse_minutes"]),
        "scenarios": [f"{slug(e.name)}.toml" for e in comparison.ensembles],
        "parameters": str(base.data.attrs["parameters"])
        + "".join(f", {name}" for name in sorted(base.given)),
        "values": _values(base),
        "versions": versions(),
        "digests": json.loads(base.data.attrs["digests"]),
    }
    target = folder / "manifest.json"
    target.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return target


def _values(base: Many) -> dict[str, Any]:
    """The values that the worlds of the base are played at, by name; a list where each world has its own.
    Those that another scenario sets are in its file; where every world has its own set, which one is its
    number's affair (sim.parameters.set_of), and the sets are in sim/plausible.csv.
    """
    given = {name: v.tolist() if (v != v[0]).any() else float(v[0]) for name, v in base.given.items()}
    sampled = base.data.attrs["parameters"] == PLAUSIBLE
    return {**({} if sampled else calibrated()), **base.scenario.settings, **given}


def _page(comparison: Compared, figures: list[Path], command: str) -> str:
    """The report in Markdown: what was asked, what comes out with its doubt, the table, the figures."""
    names = {path.stem for path in figures}
    base = comparison.base
    title = (
        f"# {base.name} against {', '.join(e.name for e in comparison.others)}"
        if comparison.others
        else f"# {base.name}"
    )
    asked = [
        (
            f"**{e.name}**: {e.scenario.question} Expected before it was run: "
            f"{e.scenario.expects or 'nothing was written down.'}\n\n"
        )
        + "".join(f"- {d}\n" for d in e.scenario.differences())
        for e in comparison.others
    ]
    drawn = [
        f"## {caption}\n\n![{caption}]({name}.png)\n"
        for name, caption, _ in _figures(comparison)
        if name in names
    ]
    parts = [
        title,
        *asked,
        "## What comes out\n\n" + str(comparison).replace("\n    ", "\n- ").replace("\n  ", "\n\n"),
        *([_effects(comparison)] if comparison.others else []),
        *drawn,
        "## How to make this again\n\n"
        + (f"    {command}\n\n" if command else "")
        + "Scenarios, seed, versions and digests are in manifest.json and the .toml files beside this page. "
        "The doubt in brackets is that of so many histories; docs/validation.md says how far the "
        "model itself can be trusted about October.",
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _effects(comparison: Compared) -> str:
    """The table of effects in Markdown."""
    rows = [
        "| scenario | | base | other | difference, 95 % interval | histories | expected | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for e in comparison.effects().to_dict("records"):
        said, verdict = in_figures(e), VERDICTS.get(e["agreed"], "")
        base, other, label, amount = said.base, said.other, e["label"], said.amount
        if e["unit"] == "h":
            often = in_figures(chance_of(e))
            rows.append(
                f"| {e['scenario']} | {label}: how often | {often.base} | {often.other} | {often.amount} "
                f"| {comparison.base.worlds} | | |"
            )
            label, (base, other) = f"{label}: the hour, where in both", comparison.clock_hours(e)
            amount = amount if e["histories"] else "nothing can be said"
        rows.append(
            f"| {e['scenario']} | {label} | {base} | {other} | {amount} | {e['histories']} "
            f"| {e['expected']} | {verdict} |"
        )
    small = ", ".join(f"{hardly(unit)}" for unit in SMALL)
    return (
        "## Effects\n\n"
        + "\n".join(rows)
        + "\n\nHours are means over the histories in which the thing happens in both. Expected: + more, "
        f"later or not at all; - less, earlier or oftener; 0 hardly any change, the whole interval {small}."
    )


def _asked(of: Many, folder: Path) -> Path:
    """The file of what was played: a scenario, or the recipe of a fork."""
    target = folder / f"{slug(of.name)}.toml"
    target.write_text(of.recipe, encoding="utf-8")
    return target
