"""Rules of one's own: put after a rule of the pulse, in plain Python or compiled, with luck and memory."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import luck
from sim.extend import After
from sim.results.saved import ResultError
from sim.rules.pulse import PULSE


def nothing(w: Any) -> None:
    """A rule that looks and does nothing."""
    for unit in w.units:
        if unit.men == 0:
            continue
        luck.uniform(w.clock.luck, luck.USER, unit.key, w.clock.number)


def weary(w: Any) -> None:
    """Whoever has been out longer than his patience loses heart: his mind moves away from the side he is out
    for. Patience is drawn once for each detachment, 3 to 9 hours; how long it is out is kept.
    """
    for unit in w.units:
        if unit.men == 0:
            continue
        if unit.stance == 0 or unit.duty == 0:
            w.own.units[unit.row, 0] = 0.0
            continue
        w.own.units[unit.row, 0] += w.clock.pulse
        patience = 180.0 + 360.0 * luck.uniform(w.clock.luck, luck.USER, unit.key, 0)
        if w.own.units[unit.row, 0] > patience:
            unit.moved -= 0.02 * unit.stance


compiled = sim.rule(weary)


idle = sim.rule(nothing)
ANYWHERE = [(name, idle) for name in PULSE] + [(name, nothing) for name in ("coming", "stances", "endings")]


@pytest.mark.parametrize(("name", "written"), ANYWHERE)
def test_a_rule_that_does_nothing_changes_nothing(name: str, written: Any) -> None:
    """Wherever it comes, in plain Python or compiled, the history is the same, to the last bit."""
    run = sim.run("historical", seed=3)
    own = sim.run("historical", seed=3, after={name: written})
    assert own.events == run.events
    assert own.data.equals(run.data)
    assert own.outcome == run.outcome


def test_plain_and_compiled_are_one() -> None:
    """The same rule gives the same histories in plain Python and compiled, and others than without it."""
    plain = sim.run("historical", seed=3, after={"beliefs": weary})
    fast = sim.run("historical", seed=3, after={"beliefs": compiled})
    assert plain.events == fast.events
    assert plain.data.equals(fast.data)
    assert plain.events != sim.run("historical", seed=3).events


def test_everywhere_the_same() -> None:
    """An ensemble, its worlds alone, a Mesa model and other processes play the same with an own rule."""
    many = sim.ensemble("historical", worlds=3, seed=3, after={"beliefs": compiled}, workers=1)
    alone = sim.run("historical", seed=3, world=2, after={"beliefs": compiled})
    assert many.world(2).events == alone.events
    model = sim.Petrograd("historical", seed=3, world=2, after={"beliefs": compiled})
    for _ in range(100):
        model.step()
    again = pickle.loads(pickle.dumps(model))
    assert again.play().events == model.play().events == alone.events
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = sim.ensemble("historical", worlds=3, seed=3, after={"beliefs": weary}, workers=pool)
    assert there.outcomes.equals(many.outcomes)


def test_a_comparison_with_a_rule() -> None:
    """A scenario alone is compared with itself without the rule; several have it all."""
    found = sim.compare("historical", worlds=4, seed=3, after={"beliefs": compiled}, tracks=False)
    base, own = found.ensembles
    assert (base.name, own.name) == ("historical", "historical with weary after beliefs")
    assert base.outcomes.equals(sim.ensemble("historical", worlds=4, seed=3).outcomes)
    assert not own.outcomes.equals(base.outcomes)
    both = sim.compare(
        "historical", "bridges_raised", worlds=2, seed=3, after={"beliefs": compiled}, tracks=False
    )
    assert all("weary" in e.name for e in both.ensembles)


def test_memory_and_luck_are_of_the_world() -> None:
    """What a rule remembers stays with the history: a fork goes on with it, and no world hands it on."""
    run = sim.run("historical", seed=3, after={"beliefs": compiled})
    fork: Any = run.at("25 Oct 03:00")
    assert fork.go_on().events == run.events
    assert fork.stage().worlds[0].own.units[:, 0].max() > 0
    many = fork.ensemble(worlds=2)
    assert many.world(1).events == fork.go_on(luck=2).events
    with pytest.raises(ResultError, match="rules of one's own"):
        fork.save("then.toml")


def test_saved_without_its_rule_it_cannot_go_on(tmp_path: Path) -> None:
    """A file keeps the digest of a rule and not the rule: what would need it is refused in a line."""
    many = sim.ensemble("historical", worlds=2, seed=3, after={"beliefs": compiled})
    with pytest.raises(ResultError, match="weary after beliefs"):
        sim.load(many.save(tmp_path / "many.nc")).world(0)
    run = sim.run("historical", seed=3, after={"beliefs": compiled})
    with pytest.raises(ResultError, match="weary after beliefs"):
        sim.load(run.save(tmp_path / "run.nc")).at("25 Oct 03:00")


def test_folders_know_the_rule(tmp_path: Path) -> None:
    """Finished worlds with a rule, without it, and with another never meet."""
    for own in (None, {"beliefs": compiled}, {"stances": compiled}, {"beliefs": sim.rule(nothing)}):
        sim.ensemble("historical", worlds=2, seed=3, after=own, out=tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


def test_the_digest_is_of_the_source() -> None:
    """Compiled or not, a rule has the digest of what is written; another text has another."""
    plain, fast, other = (After.of({"beliefs": one}).digests() for one in (weary, compiled, nothing))
    assert plain == fast
    assert set(plain.values()) != set(other.values())


WRONG = {
    "name": ({"stance": nothing}, r"wanted a rule of the pulse .*, got 'stance'; did you mean 'stances'"),
    "no function": ({"stances": 3}, r"after stances: wanted a function of the world's record, got 3"),
    "no names": ([nothing], r"after: wanted rules by name"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_what_is_no_rule_is_refused(given: Any, said: str) -> None:
    """One line says what was wanted."""
    with pytest.raises(ValueError, match=said) as refused:
        sim.ensemble("historical", worlds=1, after=given)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("scenario", ["historical", "cadet_rising"])
def test_rows_by_name(scenario: str) -> None:
    """Every place, force, person, audience and detachment has its row."""
    model = sim.Petrograd(scenario)
    cast, names = model.layout.cast, sim.rows(model.world)
    assert names.places == cast.places.index
    assert names.forces == cast.forces.index
    assert names.people == cast.people.index
    assert names.audiences == {name: row for row, name in enumerate(cast.audiences.ids)}
    assert names.units == {name: row for row, name in enumerate(cast.units.ids)}
    for force in cast.forces.ids:
        wanted = np.flatnonzero(cast.units.force == cast.forces.index[force]).tolist()
        assert names.units_of(force) == wanted


def test_plain_rules_can_join_keys() -> None:
    """Keys that are joined, or made of a name, can be drawn with in plain Python, all of them."""
    model = sim.Petrograd("historical", seed=3)
    w = model.world
    for unit in w.units[:330]:
        drawn = luck.uniform(w.clock.luck, luck.USER, luck.join(unit.key, luck.key("rain")), w.clock.number)
        assert 0 < drawn < 1


def test_an_unknown_name_has_the_nearest() -> None:
    """A misspelt name of a row is refused with the nearest."""
    names = sim.rows(sim.Petrograd("historical").world)
    with pytest.raises(KeyError, match="did you mean 'palace_square'"):
        names.places["palace_sqare"]


def test_luck_takes_what_python_gives() -> None:
    """Keys and turns may be Python's whole numbers, however large, and give what the rules draw."""
    big = luck.key("pavlovsky_regt.1")
    drawn = luck.uniform(luck.world_key(1917, 3), luck.USER, big, 7)
    as_numpy = [np.uint64(x) for x in (luck.world_key(1917, 3), big)]
    assert drawn == luck.uniform(as_numpy[0], luck.USER, as_numpy[1], np.int64(7))
    assert luck.join(big, 5) == luck.join(np.uint64(big), np.uint64(5))
    assert drawn != luck.uniform(as_numpy[0], luck.PEOPLE, as_numpy[1], 7)
