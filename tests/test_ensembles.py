"""Ensembles: the same results however they are played, kept as they are finished, and gone on with after a
kill.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

import sim
from sim import clock, parameters, playing, store
from sim.errors import ScenarioError
from sim.parameters import ParameterError
from sim.results import Ensemble
from sim.results.estimate import chance

SHORT = replace(sim.scenario("historical"), name="short", end=clock.START + timedelta(hours=5))
WORLDS = 230  # three chunks, the last of them a short one


def many(**options: object) -> Ensemble:
    """A short ensemble with tracks, simulated without a bar."""
    return sim.ensemble(SHORT, **{"worlds": WORLDS, "tracks": True, "progress": False, **options})


@pytest.fixture(scope="module", autouse=True)
def small_chunks() -> Iterator[None]:
    """Chunks of a hundred, so that a few hundred worlds make several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(playing, "CHUNK", 100)
        yield


@pytest.fixture(scope="module")
def serial() -> Ensemble:
    """The ensemble played here, one world after the other; for reading only."""
    return many(workers=1)


def same(one: Ensemble, other: Ensemble) -> bool:
    """Whether two ensembles are the same in every number, name and attribute."""
    return bool(one.data.identical(other.data))


# ---- however they are simulated ----


@pytest.mark.parametrize("workers", [2, 3])
def test_workers(serial: Ensemble, workers: int) -> None:
    """Two or three threads give what one gives."""
    assert same(serial, many(workers=workers))


@pytest.mark.parametrize("size", [230, 115, 77])
def test_chunks(serial: Ensemble, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One chunk, two or three give the same."""
    monkeypatch.setattr(playing, "CHUNK", size)
    assert same(serial, many(workers=2))


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor(serial: Ensemble, pool: type[Executor]) -> None:
    """Any executor of concurrent.futures will do, threads or processes."""
    with pool(2) as workers:  # type: ignore[call-arg]
        assert same(serial, many(workers=workers))


@pytest.mark.filterwarnings("ignore")
def test_dask(serial: Ensemble) -> None:
    """A Dask cluster gives what this machine gives."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        assert same(serial, many(workers=client.get_executor()))


def test_fewer_worlds_are_the_first(serial: Ensemble) -> None:
    """The first worlds of many are those of few."""
    few = many(worlds=7)
    assert few.data.drop_vars("chance_held").identical(
        serial.data.drop_vars("chance_held").isel(world=slice(0, 7))
    )


@pytest.mark.parametrize("world", [0, 137])
def test_a_world_alone(serial: Ensemble, world: int) -> None:
    """World k of an ensemble is that history alone, with the same outcome and the same state of things every
    quarter of an hour.
    """
    run = serial.world(world)
    assert run.outcome["ended_at"] == serial.data["ended_at"].values[world]
    scored = np.flatnonzero(run.data["objective"].values > 0)
    held = (run.data["holder"].values[0][::3, scored] == 1).sum(axis=1)
    assert np.array_equal(held, serial.data["held"].sel(side="soviet").values[world])


def test_chance_held(serial: Ensemble) -> None:
    """The chances that the sides hold a place come to no more than one, and at the opening are what the
    record says.
    """
    assert serial.data["chance_held"].sum("side").max() <= 1
    assert (serial.data["chance_held"].isel(time=0).sel(place="smolny").values == [0, 1]).all()
    objectives = serial.data["objective"].values > 0
    assert np.allclose(
        serial.data["chance_held"].isel(place=objectives).sum("place"), serial.data["held"].mean("world")
    )


def test_outcomes_without_tracks(serial: Ensemble) -> None:
    """Without tracks only the outcomes are kept, and they are the same."""
    bare = many(tracks=False, workers=1)
    assert not {"held", "chance_held", "time"} & set(bare.data.variables)
    assert bare.data.identical(serial.data[list(bare.data.variables)].drop_vars("time", errors="ignore"))


def test_parameters_by_world() -> None:
    """A parameter may have a value in each world, and a world alone is run with its own."""
    values = np.linspace(0.5, 4.0, 12)
    some = sim.ensemble(SHORT, worlds=12, parameters={"hq_orders": values}, progress=False)
    assert some.world(7).outcome["ended_at"] == some.data["ended_at"].values[7]
    assert '"hq_orders": 2.7272' in some.world(7).data.attrs["settings"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"worlds": 0}, ValueError, "worlds: wanted a whole number from 1, got 0"),
        ({"worlds": 3, "seed": -1}, ValueError, "seed: wanted a whole number from 0"),
        ({"worlds": 300, "workers": 0}, ValueError, "workers: wanted a whole number from 1"),
        (
            {"worlds": 300, "workers": "many"},
            ValueError,
            "workers: wanted a number of threads or an executor, got 'many'",
        ),
        ({"worlds": 3, "parameters": {"peer_wieght": 1}}, ParameterError, "did you mean 'peer_weight'"),
        (
            {"worlds": 3, "parameters": {"peer_weight": [1, 2]}},
            ParameterError,
            "one for each of 3 worlds, got shape (2,)",
        ),
    ],
)
def test_refused(options: dict[str, object], error: type[Exception], message: str) -> None:
    """Bad numbers are refused in one line before anything is simulated."""
    with pytest.raises(error) as refusal:
        sim.ensemble(SHORT, progress=False, **options)
    assert message in str(refusal.value)


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever watches sees the scenario, how many histories there are to be, and the time left."""
    sim.ensemble(SHORT, worlds=5, progress=True)
    shown = capsys.readouterr().err
    assert "short:" in shown
    assert "of 5 histories" in shown
    assert "left" in shown


# ---- kept as they are finished ----

KILLED = """
import sys, sim
from dataclasses import replace
from datetime import timedelta
from sim import playing
playing.CHUNK = 100
past = sim.scenario("historical")
short = replace(past, name="short", end=past.start + timedelta(hours=5))
many = sim.ensemble(short, worlds=int(sys.argv[2]), tracks=True, workers=2, out=sys.argv[1], progress=False)
many.save(sys.argv[1] + "/all.nc")
"""


def play(folder: Path, worlds: int = 3000) -> subprocess.Popen[bytes]:
    """Start the ensemble in a process of its own."""
    folder.mkdir(exist_ok=True)
    return subprocess.Popen([sys.executable, "-c", KILLED, str(folder), str(worlds)], start_new_session=True)


def parts(folder: Path) -> dict[str, tuple[int, bytes]]:
    """The finished chunks in a folder: when each was written, and its bytes."""
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.glob("short-*/worlds-*.npz")
    }


def test_killed_and_resumed(tmp_path: Path) -> None:
    """A run that is killed goes on with the same command, plays nothing twice, and ends with the bytes of one
    never killed.
    """
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    first = play(broken)
    while not parts(broken) and first.poll() is None:
        time.sleep(0.02)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    before = parts(broken)
    assert 0 < len(before) < 30
    assert play(broken).wait() == 0
    assert play(whole).wait() == 0
    after = parts(broken)
    assert all(after[name] == kept for name, kept in before.items())
    assert {name: content for name, (_, content) in after.items()} == {
        n: c for n, (_, c) in parts(whole).items()
    }
    assert (broken / "all.nc").read_bytes() == (whole / "all.nc").read_bytes()


def test_longer_goes_on_from_shorter(tmp_path: Path) -> None:
    """More worlds of the same go on from the full chunks that are there."""
    many(worlds=100, out=tmp_path, workers=1)
    (first,) = parts(tmp_path)
    both = many(worlds=200, out=tmp_path, workers=1)
    assert first in parts(tmp_path)
    assert len(parts(tmp_path)) == 2
    assert both.worlds == 200


def test_another_seed_is_another_folder(tmp_path: Path) -> None:
    """Worlds of another seed, another scenario or other parameters never meet in one folder."""
    for options in ({}, {"seed": 7}, {"tracks": False}, {"parameters": {"peer_weight": 1.0}}):
        many(worlds=2, out=tmp_path, **options)
    assert len(list(tmp_path.glob("short-*"))) == 4


def test_damaged_part(tmp_path: Path) -> None:
    """A damaged file is said in one line, put aside and its worlds played again; the others are kept."""
    whole = many(out=tmp_path, workers=1)
    damaged, kept = sorted(tmp_path.glob("short-*/worlds-*.npz"))[:2]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    stamp = kept.stat().st_mtime_ns
    with pytest.warns(UserWarning, match=r"worlds-0000000-0000099.*damaged; put aside .* played again"):
        again = many(out=tmp_path, workers=1)
    assert same(whole, again)
    assert kept.stat().st_mtime_ns == stamp
    assert len(list(tmp_path.glob("short-*/*.damaged"))) == 1


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is one clear line; what was finished is kept, and the same call goes on from there."""
    put, room = store.put, [2]

    def full(target: Path, content: bytes) -> None:
        if target.name.startswith("worlds"):
            room[0] -= 1
            if room[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        put(target, content)

    monkeypatch.setattr(store, "put", full)
    said = r"cannot write worlds 200-229 \(No space left on device\); 2 finished parts are kept"
    with pytest.raises(sim.StoreError, match=said):
        many(out=tmp_path, workers=1)
    monkeypatch.setattr(store, "put", put)
    assert same(many(out=tmp_path, workers=1), many(workers=1))
    assert not list(tmp_path.glob("short-*/*.part"))


def test_one_folder_for_many(serial: Ensemble, tmp_path: Path) -> None:
    """Several callers at once may share a folder; none fails, and all get the same."""
    with ThreadPoolExecutor(6) as callers:
        asked = [callers.submit(many, out=tmp_path, workers=1) for _ in range(6)]
        assert all(same(serial, one.result()) for one in asked)
    assert len(parts(tmp_path)) == 3


def test_read_only_folder(tmp_path: Path) -> None:
    """A folder that cannot be made is refused in one line before anything is simulated."""
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(sim.StoreError, match=r"wanted a folder that can be written, got .*file"):
        many(out=tmp_path / "file", workers=1)


class Dying(Executor):
    """An executor whose workers die."""

    def submit(self, *_: object, **__: object) -> Future[object]:  # type: ignore[override]
        """A promise that is broken."""
        broken: Future[object] = Future()
        broken.set_exception(BrokenProcessPool("a child process terminated abruptly"))
        return broken


def test_worker_that_dies(tmp_path: Path) -> None:
    """A worker that dies is one clear line with what is kept."""
    with pytest.raises(sim.PlayingError, match=r"a worker died.*0 of 3 parts are kept in"):
        many(out=tmp_path, workers=Dying())


def test_more_worlds_than_memory() -> None:
    """More worlds than any memory holds are refused in one line."""
    with pytest.raises(ValueError, match="worlds: wanted as many as there is memory for"):
        sim.ensemble(SHORT, worlds=10**12, progress=False)


def test_a_row_is_small(serial: Ensemble) -> None:
    """What is kept of a world is 3.5 kB at most."""
    from sim.plan.layout import layout
    from sim.results.rows import Rows

    assert Rows.blank(layout(SHORT), 1, tracks=False).rows.nbytes <= 3500


# ---- what is read from them ----


def test_saved_and_read(serial: Ensemble, tmp_path: Path) -> None:
    """An ensemble that is saved and read again is the same, and can be played again."""
    again = sim.load(serial.save(tmp_path / "many.nc"))
    assert isinstance(again, Ensemble)
    assert again.data.identical(serial.data)
    assert again.scenario == SHORT


def test_outcomes_table(serial: Ensemble) -> None:
    """The outcomes are a row a world, hours as dates, endings and congress in words."""
    table = serial.outcomes
    assert list(table.index) == list(range(WORLDS))
    assert {"ending", "palace_falls", "killed_soviet", "killed_government", "congress"} <= set(table.columns)
    assert set(table["ending"]) == {"undecided"}
    assert table["palace_falls"].isna().all()
    assert (table["ended_at"].dt.strftime("%d %H:%M") == "24 08:00").all()


def test_chance(serial: Ensemble) -> None:
    """A chance has its Wilson interval and the number of worlds; where all come out alike a set of parameters
    counts as one.
    """
    found = serial.chance("government_holds")
    assert (found.value, found.n) == (1.0, WORLDS)
    assert found.low == pytest.approx(1 / (1 + 1.959964**2 / _sets()), abs=1e-4)
    assert str(found) == f"100 % ({100 * found.low:.0f} % to 100 %; 230 worlds)"


def test_chance_at_one_set() -> None:
    """At one set of parameters for all, every world counts."""
    found = many(parameters="calibrated", tracks=False).chance("government_holds")
    assert found.low == pytest.approx(1 / (1 + 1.959964**2 / WORLDS), abs=1e-4)
    assert str(found) == "100 % (98 % to 100 %; 230 worlds)"


def _sets() -> int:
    """How many sets of the sample the worlds have between them."""
    return len(np.unique(parameters.set_of(np.arange(WORLDS))))


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("government_hold", ScenarioError, "did you mean 'government_holds'"),
        ("palace_falls", ValueError, "mean('palace_falls') has it"),
    ],
)
def test_chance_refused(serial: Ensemble, name: str, error: type[Exception], message: str) -> None:
    """A chance of what does not exist, or is no yes or no, is refused with what was meant."""
    with pytest.raises(error) as refusal:
        serial.chance(name)
    assert message in str(refusal.value)


def test_hours_restricted(serial: Ensemble) -> None:
    """What never happens counts as the horizon."""
    assert serial.mean("palace_falls").value == 5.0
    assert serial.mean("liteiny_bridge").value <= 5.0


def test_printed(serial: Ensemble) -> None:
    """An ensemble prints its scenario, worlds, seed and sets, endings with intervals, the hour of the fall
    and the killed.
    """
    text, low = str(serial), serial.chance("government_holds").low
    assert text.startswith(f"short: 230 histories, seed 1917, {_sets()} sets of parameters.")
    assert f"100 % ({100 * low:.0f} % to 100 %)  nothing is decided" in text
    assert "The palace falls in no history." in text


def test_wilson_covers() -> None:
    """The interval of a chance holds the truth in about 95 of 100 samples (2,000 samples of 150; binomial
    error 0.5 points).
    """
    rng = np.random.default_rng(1)
    held = [(e := chance((rng.random(150) < 0.07).astype(float))).low <= 0.07 <= e.high for _ in range(2000)]
    assert 0.93 < np.mean(held) < 0.975


def test_world_out_of_range(serial: Ensemble) -> None:
    """A world that is not there is refused with the range."""
    with pytest.raises(ValueError, match="world: wanted a whole number from 0 to 229, got 230"):
        serial.world(230)


@pytest.mark.parametrize("value", [-5.0, [-1.0, 2.0]])
def test_values_out_of_bounds(value: object) -> None:
    """A parameter that a scenario could not have is refused for worlds too."""
    with pytest.raises(ParameterError, match=r"decision_rate.*wanted a number from 0 on"):
        sim.ensemble(SHORT, worlds=2, parameters={"decision_rate": value})


@pytest.mark.parametrize("pulse", [0, -5, 1000])
def test_pulse_out_of_bounds(pulse: float) -> None:
    """A pulse of no minutes, or of many hours, is refused."""
    with pytest.raises(ValueError, match="pulse: wanted minutes above 0 and at most 60"):
        sim.ensemble(SHORT, worlds=2, pulse=pulse)


@pytest.mark.parametrize("minutes", [300, 302, 304])
def test_every_history_is_closed(minutes: int) -> None:
    """A scenario that ends between two pulses has its ending at the last of them."""
    many = sim.ensemble(replace(SHORT, end=clock.START + timedelta(minutes=minutes)), worlds=2)
    assert set(many.outcomes["ending"]) == {"undecided"}
