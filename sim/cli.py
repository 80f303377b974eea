"""The command line: `petrograd run NAME`, `petrograd compare NAME NAME ...`, `petrograd chances NAME`,
`petrograd list WHAT`.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import known, slug, whole

if TYPE_CHECKING:
    from sim.history import History
    from sim.results.run import Run

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Petrograd, 24-26 October 1917: simulate the seizure of power, and vary it.",
)


WRITTEN = (
    "run.nc",
    *(f"{figure}.{suffix}" for figure in ("map", "timeline", "stances") for suffix in ("png", "svg")),
)


class RefusedError(Exception):
    """Bad input: one clear line and exit code 2."""


def folder(asked: str | Path) -> Path:
    """A folder, named by somebody."""
    if not str(asked).strip():
        raise RefusedError("--out: wanted a folder, got nothing")
    return Path(asked)


class Listed(StrEnum):
    """What can be listed."""

    SCENARIOS = "scenarios"
    PLACES = "places"
    FORCES = "forces"
    PEOPLE = "people"
    DECISIONS = "decisions"
    PARAMETERS = "parameters"
    MEASURES = "measures"
    VERBS = "verbs"


@app.command("run")
def run_command(
    name: Annotated[str, typer.Argument(help="a scenario (petrograd list scenarios)")] = "historical",
    seed: Annotated[
        str, typer.Option(help="the seed: same seed, same history; if none is given, the most typical of 200")
    ] = "",
    world: Annotated[str, typer.Option(help="which of the histories under that seed (0)")] = "",
    out: Annotated[
        Path, typer.Option(parser=folder, metavar="FOLDER", help="folder for figures and the saved run")
    ] = Path("out"),
    at: Annotated[
        str, typer.Option(help="the hour of the map, e.g. '25 Oct 18:30'; a morning if none is given")
    ] = "",
    detail: Annotated[
        str, typer.Option(help="how much is told: short, long, or all, event by event")
    ] = "short",
    parameters: Annotated[
        str, typer.Option(help="plausible: to every world its own set; calibrated: one set for all")
    ] = "plausible",
) -> None:
    """Simulate one history, print its chronicle beside the record, draw the city, the timeline and the
    stances.
    """
    from sim import clock, playing
    from sim.counterfactual.scenario import scenario
    from sim.results.story import DETAILS

    known("detail", detail, DETAILS)
    played = scenario(name)
    when = clock.within(at, played.start, played.end) if at else clock.morning(played.start, played.end)
    asked = {name: whole(name, value) for name, value in (("seed", seed), ("world", world)) if value}
    numbers = {"seed": playing.SEED, "world": 0} | asked
    which = f"-seed{numbers['seed']}-world{numbers['world']}" if asked else "-typical"
    which += "-calibrated" if _sort(parameters) == "calibrated" else ""
    place = _writable(out / f"{slug(played.name)}{which}")
    done = playing.run(played, seed=asked.get("seed"), world=asked.get("world"), parameters=_sort(parameters))
    typer.echo(done.story(detail))
    typer.echo()
    for path in _keep(done, place, when):
        typer.echo(f"wrote {path}")


def _writable(folder: Path) -> Path:
    """The folder, made and tried: refused before anything is simulated."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".petrograd"
        probe.touch()
        probe.unlink()
        for name in WRITTEN:
            if (folder / name).is_dir():
                raise RefusedError(
                    f"--out: wanted to write the file '{folder / name}', found a folder of that name"
                )
    except OSError as error:
        raise RefusedError(
            f"--out: wanted a folder that can be written, got '{folder}' ({error.strerror})"
        ) from None
    return folder


def _keep(done: Run, folder: Path, when: datetime) -> Iterable[Path]:
    """Save the run and draw its figures, each as PNG and SVG."""
    yield done.save(folder / "run.nc")
    figures: dict[str, Callable[[], Any]] = {
        "map": lambda: done.plot.map(when),
        "timeline": done.plot.timeline,
        "stances": done.plot.stances,
    }
    yield from _drawn(figures, folder)


def _drawn(figures: dict[str, Callable[[], Any]], folder: Path) -> Iterable[Path]:
    """Draw figures, each as PNG and SVG."""
    from sim.plots.style import unseen

    for name, draw in figures.items():
        with unseen():
            drawn = draw()
        figure = getattr(drawn, "figure", None) or drawn
        for suffix in ("svg", "png"):
            figure.savefig(folder / f"{name}.{suffix}", dpi=150)
        yield folder / f"{name}.png"


@app.command("compare")
def compare_command(
    names: Annotated[
        list[str],
        typer.Argument(
            help="scenarios by name or TOML file (petrograd list scenarios); the first is the base"
        ),
    ],
    worlds: Annotated[str, typer.Option(help="histories of each scenario")] = "1000",
    seed: Annotated[str, typer.Option(help="the seed: same seed, same histories")] = "1917",
    workers: Annotated[str, typer.Option(help="threads; all cores if 0")] = "0",
    out: Annotated[
        Path,
        typer.Option(
            parser=folder, metavar="FOLDER", help="folder for figures, tables, report and finished worlds"
        ),
    ] = Path("out"),
    tracks: Annotated[
        bool, typer.Option(help="keep how things stood every quarter of an hour, for the figures over time")
    ] = True,
    parameters: Annotated[
        str, typer.Option(help="plausible: to every world its own set; calibrated: one set for all")
    ] = "plausible",
) -> None:
    """Simulate scenarios on the same luck; say what differs and how sure that is; write figures, table and
    report.

    Finished worlds are kept in the folder: the same command resumes an interrupted run.
    """
    from sim import playing

    played = playing.distinct(names)
    numbers = _numbers(worlds=worlds, seed=seed, workers=workers)
    joined = "-".join(slug(s.name) for s in played)
    if len(joined) >= LONG:
        joined = f"{slug(played[0].name)}-and-{len(played) - 1}-others"
    one_set = _sort(parameters) == "calibrated"
    place = _writable(out / f"compare-{joined}-seed{numbers['seed']}{'-calibrated' * one_set}")
    done = _stoppable(
        playing.compare,
        *played,
        parameters=parameters,
        worlds=numbers["worlds"],
        seed=numbers["seed"],
        workers=numbers["workers"] or None,
        tracks=tracks,
        out=out / "worlds",
    )
    typer.echo(str(done))
    typer.echo()
    said = f"petrograd compare {' '.join(names)} --worlds {numbers['worlds']} --seed {numbers['seed']}" + (
        "" if tracks else " --no-tracks"
    )
    said += " --parameters calibrated" if one_set else ""
    for path in done.report(place, command=said):
        if path.suffix in (".png", ".md", ".csv"):
            typer.echo(f"wrote {path}")


def _sort(parameters: str) -> str:
    """A sort of parameters, as it was asked for."""
    if parameters not in ("plausible", "calibrated"):
        raise RefusedError(f"--parameters: wanted plausible or calibrated, got '{parameters}'")
    return parameters


def _numbers(**given: str) -> dict[str, int]:
    """The whole numbers of a command, by name; there is no less than one world."""
    least = {"worlds": 1, "futures": 2}
    return {name: whole(name, value, least=least.get(name, 0)) for name, value in given.items()}


def _stoppable(run: Callable[..., Any], *what: Any, **options: Any) -> Any:
    """Run something long; whoever stops it hears what is kept, if anything is. `options` are those of
    `run`.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends it so hears the same
    try:
        return run(*what, **options)
    except KeyboardInterrupt as stopped:
        typer.echo(f"petrograd: stopped; {str(stopped) or 'nothing is kept'}", err=True)
        raise typer.Exit(130) from None


@app.command("chances")
def chances_command(
    name: Annotated[str, typer.Argument(help="a scenario (petrograd list scenarios)")] = "historical",
    seed: Annotated[
        str, typer.Option(help="the seed of the history; if none is given, the most typical of 200")
    ] = "",
    world: Annotated[str, typer.Option(help="which of the histories under that seed (0)")] = "",
    of: Annotated[
        str, typer.Option(help="whose chance: a measure that an ending settles (petrograd list measures)")
    ] = "government_holds",
    futures: Annotated[str, typer.Option(help="futures from every half hour on")] = "200",
    histories: Annotated[str, typer.Option(help="other histories beside it")] = "2000",
    workers: Annotated[str, typer.Option(help="threads; all cores if 0")] = "0",
    out: Annotated[
        Path,
        typer.Option(parser=folder, metavar="FOLDER", help="folder for figures, tables and what is played"),
    ] = Path("out"),
    parts: Annotated[
        bool, typer.Option("--parts", help="also what decisions did to it, and what luck")
    ] = False,
    peaks: Annotated[
        bool, typer.Option("--peaks", help="also how near those came who lost, over many histories")
    ] = False,
) -> None:
    """How a history could still have ended at every half hour of it, what moved its chances, and when it was
    decided.

    What is finished is kept in the folder: the same command resumes an interrupted run.
    """
    import sim

    numbers = _numbers(futures=futures, histories=histories, workers=workers)
    asked = {key: whole(key, value) for key, value in (("seed", seed), ("world", world)) if value}
    which = f"-seed{asked.get('seed', 1917)}-world{asked.get('world', 0)}" if asked else "-typical"
    place = _writable(out / f"chances-{slug(name)}{which}")
    options: dict[str, Any] = {"workers": numbers["workers"] or None, "out": out / "worlds"}
    many = {"futures": numbers["futures"], "histories": numbers["histories"]}
    done = _stoppable(sim.chances, name, of=of, **asked, **many, **options)
    typer.echo(str(done))
    figures: dict[str, Callable[[], Any]] = {"chances": done.plot, "endings": done.plot.endings}
    if parts:
        found = _stoppable(sim.parts, done, **options)
        typer.echo(f"\n{found}")
        figures["waterfall"] = found.plot
        found.decisions.to_csv(place / "decisions.csv", index=False)
    if peaks:
        lost = _stoppable(sim.peaks, name, of=of, **options)
        typer.echo(f"\n{lost}")
        figures["peaks"] = lost.plot
    done.endings.join(done.table).to_csv(place / "chances.csv", index_label="time")
    done.turning_points().to_csv(place / "turning_points.csv", index=False)
    typer.echo(f"wrote {done.save(place / 'chances.nc')}")
    for path in _drawn(figures, place):
        typer.echo(f"wrote {path}")


@app.command("validate")
def validate_command(
    worlds: Annotated[str, typer.Option(help="histories of each scenario")] = "500",
    seed: Annotated[str, typer.Option(help="the seed: same seed, same histories")] = "1917",
    workers: Annotated[str, typer.Option(help="threads; all cores if 0")] = "0",
    out: Annotated[
        Path, typer.Option(parser=folder, metavar="FOLDER", help="folder for table, page and figure")
    ] = Path("out"),
) -> None:
    """Score the historical scenario against every documented pattern: target, tolerance, what the model makes
    of it, pass or miss.
    """
    from sim.analysis.validation import validate

    numbers = _numbers(worlds=worlds, seed=seed, workers=workers)
    place = _writable(out / f"validate-seed{numbers['seed']}")
    done = _stoppable(
        validate, worlds=numbers["worlds"], seed=numbers["seed"], workers=numbers["workers"] or None
    )
    typer.echo(str(done))
    typer.echo()
    for path in done.report(place):
        typer.echo(f"wrote {path}")


@app.command("worth")
def worth_command(
    name: Annotated[str, typer.Argument(help="a scenario (petrograd list scenarios)")] = "historical",
    decisions: Annotated[
        str, typer.Option(help="which decisions, by a comma (petrograd list decisions); all if none is named")
    ] = "",
    outcome: Annotated[
        str, typer.Option(help="the measure they are judged by (petrograd list measures)")
    ] = "palace_taken",
    good_for: Annotated[
        str, typer.Option(help="whose good it is, if that is not plain: government, soviet, both, neither")
    ] = "",
    worlds: Annotated[str, typer.Option(help="histories of each course")] = "500",
    seed: Annotated[str, typer.Option(help="the seed: same seed, same histories")] = "1917",
    workers: Annotated[str, typer.Option(help="threads; all cores if 0")] = "0",
    parameters: Annotated[
        str, typer.Option(help="plausible: to every world its own set; calibrated: one set for all")
    ] = "plausible",
    out: Annotated[
        Path, typer.Option(parser=folder, metavar="FOLDER", help="folder for cards, figures and worlds")
    ] = Path("out"),
) -> None:
    """What decisions were worth: every course of each on the same luck, the best and how sure that is, what
    the one taken lost, and where another would have been the better one; on a card each.

    Finished worlds are kept in the folder: the same command resumes an interrupted run.
    """
    from sim.analysis.worth import worth
    from sim.counterfactual.scenario import scenario

    played, numbers = scenario(name), _numbers(worlds=worlds, seed=seed, workers=workers)
    apart = f"{'-calibrated' * (_sort(parameters) == 'calibrated')}-seed{numbers['seed']}"
    place = _writable(out / f"worth-{slug(played.name)}{apart}")
    done = _stoppable(
        worth,
        played,
        [part.strip() for part in decisions.split(",") if part.strip()] or None,
        outcome=outcome,
        good_for=good_for or None,
        worlds=numbers["worlds"],
        seed=numbers["seed"],
        workers=numbers["workers"] or None,
        parameters=parameters,
        out=out / "worlds",
    )
    typer.echo(str(done))
    typer.echo()
    for path in done.report(place):
        typer.echo(f"wrote {path}")


@app.command("calibrate")
def calibrate_command(
    seed: Annotated[str, typer.Option(help="the seed: same seed, same draws and histories")] = "1917",
    histories: Annotated[str, typer.Option(help="how many histories it may cost")] = "140000",
    workers: Annotated[str, typer.Option(help="threads; all cores if 0")] = "0",
    null: Annotated[
        str, typer.Option(help="fit a null model instead: force, pure, obedience (docs/validation.md)")
    ] = "",
    out: Annotated[
        Path, typer.Option(parser=folder, metavar="FOLDER", help="folder for what is found and finished")
    ] = Path("out"),
    install: Annotated[
        bool, typer.Option("--install", help="make them the values that the model runs with")
    ] = False,
) -> None:
    """Fit the parameters to the parts marked train, and to nothing else: a sample of sets of values with
    weights, and the best of them.

    What is finished is kept in the folder: a fit that was broken off goes on with the same command.
    """
    from sim.analysis import nulls
    from sim.analysis.fit import calibrate

    numbers = _numbers(seed=seed, workers=workers) | {
        "histories": whole("histories", histories, least=10_000)
    }
    model = nulls.null(null) if null else None
    if model and install:
        raise RefusedError("--install: wanted the model itself, got a null model")
    place = _writable(out / f"calibrate{f'-{null}' * bool(null)}-seed{numbers['seed']}")
    done = _stoppable(
        calibrate,
        place / "kept",
        seed=numbers["seed"],
        histories=numbers["histories"],
        null=model,
        workers=numbers["workers"] or None,
        tell=typer.echo,
    )
    said = f"petrograd calibrate --seed {numbers['seed']} --histories {numbers['histories']}"
    said += f" --null {null}" if null else ""
    typer.echo("\n".join(["", *done.page(said), ""]))
    for path in done.report(place, command=said, seed=numbers["seed"]):
        typer.echo(f"wrote {path}")
    for path in done.write(Path(__file__).parent, command=said, seed=numbers["seed"]) if install else []:
        typer.echo(f"wrote {path}")


@app.command("rare")
def rare_command(
    name: Annotated[str, typer.Argument(help="a scenario (petrograd list scenarios)")] = "historical",
    outcome: Annotated[
        str, typer.Argument(help="what is rare, a measure that happens or does not (petrograd list measures)")
    ] = "government_restored",
    histories: Annotated[str, typer.Option(help="histories that each repeat plays to the end")] = "100",
    repeats: Annotated[str, typer.Option(help="repeats, from which the interval is")] = "20",
    seed: Annotated[str, typer.Option(help="the seed: same seed, same histories")] = "1917",
    workers: Annotated[str, typer.Option(help="threads; all cores if 0")] = "0",
    out: Annotated[
        Path, typer.Option(parser=folder, metavar="FOLDER", help="folder for figure and table")
    ] = Path("out"),
    parameters: Annotated[
        str, typer.Option(help="plausible: to every world its own set; calibrated: one set for all")
    ] = "plausible",
) -> None:
    """The chance of what comes once in a hundred histories or less often, by splitting, with its interval."""
    from sim.analysis.rare import rare
    from sim.counterfactual.scenario import scenario

    played, numbers = scenario(name), _numbers(repeats=repeats, seed=seed, workers=workers)
    place = _writable(out / f"rare-{slug(played.name)}-{slug(outcome)}-seed{numbers['seed']}")
    done = _stoppable(
        rare,
        played,
        outcome,
        histories=whole("histories", histories, least=2),
        repeats=numbers["repeats"],
        seed=numbers["seed"],
        workers=numbers["workers"] or None,
        parameters=_sort(parameters),
    )
    typer.echo(str(done))
    typer.echo()
    for path in done.report(place):
        typer.echo(f"wrote {path}")


@app.command("sensitivity")
def sensitivity_command(
    name: Annotated[str, typer.Argument(help="a scenario (petrograd list scenarios)")] = "historical",
    other: Annotated[str, typer.Option(help="ask what this scenario changes of the measure")] = "",
    measure: Annotated[str, typer.Option(help="of what (petrograd list measures)")] = "palace_taken",
    trajectories: Annotated[str, typer.Option(help="of Morris's screening")] = "10",
    rows: Annotated[str, typer.Option(help="of Sobol's plan, a power of two")] = "128",
    worlds: Annotated[str, typer.Option(help="in which every point is tried, the same for all")] = "8",
    known_worlds: Annotated[str, typer.Option(help="histories for the worth of knowing")] = "2000",
    seed: Annotated[str, typer.Option(help="the seed: same seed, same points and histories")] = "1917",
    workers: Annotated[str, typer.Option(help="threads; all cores if 0")] = "0",
    out: Annotated[
        Path, typer.Option(parser=folder, metavar="FOLDER", help="folder for figure, tables, finished points")
    ] = Path("out"),
) -> None:
    """What an answer hangs on: which parameters and openings move it, and which it would be worth to know.

    Finished points are kept in the folder: the same command resumes an interrupted run.
    """
    from sim.analysis.sensitivity import sensitivity
    from sim.counterfactual.scenario import scenario

    played, numbers = scenario(name), _numbers(seed=seed, workers=workers)
    beside = f"-{slug(scenario(other).name)}" if other else ""
    place = _writable(out / f"sensitivity-{slug(played.name)}{beside}-{slug(measure)}-seed{numbers['seed']}")
    done = _stoppable(
        sensitivity,
        played,
        measure,
        other=other or None,
        trajectories=whole("trajectories", trajectories, least=2),
        rows=whole("rows", rows, least=4),
        worlds=whole("worlds", worlds, least=2),
        known_worlds=whole("known-worlds", known_worlds, least=100),
        seed=numbers["seed"],
        workers=numbers["workers"] or None,
        out=out / "points",
    )
    typer.echo(str(done))
    typer.echo()
    for path in done.report(place):
        typer.echo(f"wrote {path}")


LONG = 120  # letters of scenario names that a folder's name can still hold


def compare_script(file: str) -> None:
    """What `python scenarios/NAME.py` does: compare that scenario with what was decided in its event; takes
    the options of `petrograd compare`.
    """
    from sim.counterfactual.scenario import names, scenario

    with refusing():
        played = scenario(file)
        shipped = played.name in names() and scenario(played.name) == played
    asked = [played.past] if played.name == played.past else [played.past, played.name if shipped else file]
    main(["compare", *asked, *sys.argv[1:]])


@app.command("list")
def list_command(
    what: Annotated[str, typer.Argument(help=" | ".join(Listed))] = "scenarios",
    find: Annotated[str, typer.Option(help="only lines with this text")] = "",
    event: Annotated[
        str, typer.Option(help="of which event: october24, or october29 for the rising of the cadets")
    ] = "october24",
) -> None:
    """List the names a scenario can use: scenarios, places, forces, people, decisions, parameters,
    measures, verbs.
    """
    from sim import history

    record = history.load(event=event)
    if what not in list(Listed):
        near = get_close_matches(what, list(Listed), n=1)
        raise RefusedError(
            f"list: wanted one of {', '.join(Listed)}; got '{what}'"
            + (f"; did you mean '{near[0]}'?" if near else "")
        )
    found = [line for line in _lines(Listed(what), record) if find.lower() in line.lower()]
    if not found:
        raise RefusedError(f"list {what}: no line with '{find}'")
    for line in found:
        typer.echo(line)


def _lines(what: Listed, record: History) -> Iterable[str]:
    sides = {-1: "government", 0: "neither", 1: "Soviet"}
    if what == Listed.SCENARIOS:
        from sim.counterfactual.scenario import scenarios

        return (f"{name:28} {question}" for name, question in scenarios().items())
    if what == Listed.PLACES:
        return (
            f"{p.id:28} {p.name}, {p.kind.replace('_', ' ')}; {sides[p.holder]}"
            for p in record.places.values()
        )
    if what == Listed.FORCES:
        return (
            f"{f.id:28} {f.name}; {f.men} men; {f.kind.replace('_', ' ')}; {sides[f.side]}"
            for f in record.forces.values()
        )
    if what == Listed.PEOPLE:
        return (f"{p.id:28} {p.name}; {p.role}" for p in record.people.values())
    if what == Listed.MEASURES:
        from sim.counterfactual.measures import MEASURES

        return [
            *(f"{m.name:28} {m.label} ({m.unit}){': ' * bool(m.note)}{m.note}" for m in MEASURES.values()),
            "PLACE, PLACE:government       the hour a side first takes a place (h)",
        ]
    if what == Listed.VERBS:
        from sim.counterfactual.turns import STILL

        return (f"{verb:28} at an hour of a history: {still}" for verb, still in STILL.items())
    if what == Listed.PARAMETERS:
        from sim.parameters import calibrated, prior_in_words, table

        return (
            f"{name:28} {calibrated()[str(name)]:g} ({prior_in_words(str(name))}) {row.unit}: {row.meaning}"
            for name, row in table().iterrows()
        )
    return (
        f"{name:28} {rows[0].label} | or: {'; '.join(c.label for c in rows[1:])}"
        for name, rows in record.decisions.items()
    )


def main(asked: list[str] | None = None) -> None:
    """The entry point."""
    gc.set_threshold(50_000, 20, 20)  # figures are many small objects: looking for cycles costs a tenth
    warnings.showwarning = lambda message, *_, **__: typer.echo(f"petrograd: {message}", err=True)
    with refusing():
        app(asked)


@contextlib.contextmanager
def refusing() -> Iterator[None]:
    """Errors of the user's become one line and exit code 2."""
    try:
        yield
    except (RefusedError, ValueError, RuntimeError) as error:
        typer.echo(f"petrograd: {str(error).splitlines()[0]}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        typer.echo(
            f"petrograd: {f'{error.filename}: {error.strerror}' if error.filename else error}", err=True
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
