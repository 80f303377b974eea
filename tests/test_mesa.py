"""What a user of Mesa expects of a model: agents, space, clock, data collector and batch runs."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator
from typing import Any

import mesa
import numpy as np
import pytest
from histories import Histories
from likeness import HISTORY, as_it_stands, play, unequal
from mesa.discrete_space import Network

import sim
from sim.agents import SORTS, Cadets, Cossacks, Headquarters, Person, RedGuards, Unit
from sim.agents.unit import Duty
from sim.model import Petrograd
from sim.parameters import of_world


@pytest.fixture(scope="module")
def night() -> Petrograd:
    """One history after 24 hours; for reading only."""
    model = Petrograd("historical")
    model.run_for(24 * 60)
    return model


# ---- agents ----


def test_it_is_a_model(opened: Petrograd) -> None:
    """A city is a Mesa model with a space, agents and a data collector."""
    assert isinstance(opened, mesa.Model)
    assert isinstance(opened.space, Network)
    assert isinstance(opened.datacollector, mesa.DataCollector)


def test_agents_by_type(night: Petrograd) -> None:
    """Mesa keeps the agents by their classes, and every sort of unit is among them."""
    assert set(SORTS) <= set(night.agents_by_type)
    assert sum(map(len, night.agents_by_type.values())) == len(night.agents)
    assert [a.name for a in night.agents_by_type[Cadets]] == [
        u.name for u in night.units if isinstance(u, Cadets)
    ]


def test_select_and_aggregate(night: Petrograd) -> None:
    """Selecting by a condition and adding up gives what the record gives."""
    units = night.agents.select(agent_type=Unit)
    out = units.select(lambda a: a.stance == 1 and a.duty is Duty.ON_POST)
    u = night.world["units"]
    assert len(out) > 10
    assert out.agg("men", sum) == u["men"][(u["stance"] == 1) & (u["duty"] == Duty.ON_POST)].sum()
    stances, counts = np.unique(u["stance"][: len(night.units)], return_counts=True)
    assert units.groupby("stance").count() == dict(zip(stances.tolist(), counts.tolist(), strict=True))


def test_get_and_set(opened: Petrograd) -> None:
    """An agent set reads and writes an attribute of all its agents at once, and nobody else's."""
    before, guards = opened.world["units"].copy(), opened.agents.select(agent_type=RedGuards)
    guards.set("arms", 0.25)
    rows = [agent.row for agent in guards]
    assert guards.get("arms") == [0.25] * len(rows)
    assert (opened.world["units"]["arms"][rows] == 0.25).all()
    others = np.setdiff1d(np.arange(len(before)), rows)
    assert unequal(opened.world["units"][others], before[others]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("men", 17), ("arms", 0.5), ("cohesion", 0.125), ("stance", -1), ("duty", Duty.UNDER_WAY)],
)
def test_agents_write_their_row(opened: Petrograd, name: str, value: float) -> None:
    """What is written to an agent stands in its row of the record, and in no other."""
    before, unit = as_it_stands(opened), opened.units[9]
    setattr(unit, name, value)
    assert getattr(unit, name) == opened.world["units"][name][9] == value
    opened.world["units"][name][9] = before["units"][name][0, 9]
    assert unequal(as_it_stands(opened).records, before.records) == []


def test_mind_is_written(opened: Petrograd) -> None:
    """A unit whose loyalty is set is of that mind, whatever has moved it before."""
    opened.run_for(12 * 60)
    for unit in opened.units[::40]:
        unit.loyalty = 1.5
        assert unit.loyalty == pytest.approx(1.5)


def test_cell_is_written(opened: Petrograd) -> None:
    """A unit and a person that are put on a cell are there, and nowhere else."""
    smolny, unit, person = opened.space["smolny"], opened.units[3], opened.people[3]
    old = unit.cell
    unit.cell = person.cell = smolny
    assert (unit.cell, person.cell) == (smolny, smolny)
    assert unit in smolny.agents
    assert unit not in old.agents


def test_what_an_agent_cannot_have(opened: Petrograd) -> None:
    """A value that an attribute cannot have is refused in one line that names agent and attribute, and
    nothing is written."""
    unit, person, staff, nan = opened.units[3], opened.people[3], opened.headquarters[0], float("nan")
    elsewhere, before = Petrograd("historical").space["smolny"], as_it_stands(opened)
    wrong: list[tuple[Any, str, list[Any]]] = [
        (unit, "men", [-5, 10**12, 1.5, nan, True, "x"]),
        (unit, "arms", [nan, -0.1, 1.1, None]),
        (unit, "cohesion", [nan, 2]),
        (unit, "loyalty", [nan, float("inf"), "x"]),
        (unit, "stance", [2, 0.5]),
        (unit, "duty", [9]),
        (unit, "cell", [5, None, elsewhere]),
        (person, "liberty", [-1, 6]),
        (person, "side", [10**12]),
        (person, "cell", [5]),
        (staff, "offensive", [5, nan]),
    ]
    for agent, name, values in wrong:
        for value in values:
            with pytest.raises(ValueError, match=r"wanted .*, got ") as refused:
                setattr(agent, name, value)
            assert str(refused.value).startswith(f"{agent!r}, {name}: wanted ")
            assert "\n" not in str(refused.value)
    assert unequal(as_it_stands(opened).records, before.records) == []


def test_identity_is_read_only(opened: Petrograd) -> None:
    """Who an agent is cannot be changed: a line says so."""
    kept = [dict(vars(agent)) for agent in opened.agents]
    for agent in (opened.units[3], opened.people[3], opened.headquarters[0]):
        for name in agent.fixed:
            with pytest.raises(AttributeError, match=r": read-only, got 'x'$") as refused:
                setattr(agent, name, "x")
            assert str(refused.value).startswith(f"{agent!r}, {name}: ")
    assert [vars(agent) for agent in opened.agents] == kept


def test_rules_go_on_from_what_is_written() -> None:
    """What agents and cells are given, the rules take up: a city of loyal cadets alone keeps its palace, one
    of rebels loses it."""
    ends = []
    for mind in (-4.0, 4.0):
        model = Petrograd("historical")
        for unit in model.units:
            unit.loyalty = mind
        model.play()
        ends.append(model.space["winter_palace"].holder)
        model.agents.select(agent_type=Unit)
    assert ends == [-1, 1]


def test_nobody_goes_where_no_men_are(opened: Petrograd) -> None:
    """Units without men do nothing for the rest of the history."""
    opened.agents.select(agent_type=Unit).set("men", 0)
    opened.run_for(24 * 60)
    assert opened.world["units"]["men"][opened.world["units"]["appears"] < 0].sum() == 0
    assert opened.world["sides"]["killed"].sum() == 0
    assert not any(event.kind == "repulse" for event in opened.events)


def test_raised_bridge_is_written(opened: Petrograd) -> None:
    """A bridge that is raised through its cell is up in the record, and a place given to a side is that
    side's."""
    opened.space["troitsky_bridge"].raised = True
    opened.space["state_bank"].holder = 1
    place = opened.layout.cast.places.index
    assert opened.world["places"]["raised"][place["troitsky_bridge"]]
    assert opened.world["places"]["holder"][place["state_bank"]] == 1


def test_headquarters_are_told_to_attack(opened: Petrograd) -> None:
    """A headquarters that is put on the offensive is on the offensive in the record."""
    staff, committee = opened.agents_by_type[Headquarters]
    staff.offensive = True
    assert opened.world["sides"]["posture"].tolist() == [1, 0]
    assert (staff.offensive, committee.offensive) == (True, False)


# ---- space ----


def test_cells_and_their_agents(night: Petrograd) -> None:
    """Every unit is on one cell, and the agents of the cells together are all units."""
    standing = [unit for cell in night.space.all_cells for unit in cell.agents]
    assert sorted(unit.row for unit in standing) == list(range(len(night.units)))
    assert all(unit.cell is cell for cell in night.space.all_cells for unit in cell.agents)


def test_neighbours(night: Petrograd) -> None:
    """The neighbours of a cell are the places to which a route leads, also of where a unit stands."""
    joined = {
        r.end if r.start == "winter_palace" else r.start
        for r in HISTORY.routes
        if "winter_palace" in (r.start, r.end)
    }
    assert {cell.coordinate for cell in night.space["winter_palace"].neighborhood} == joined
    near = night.units[0].cell.get_neighborhood(radius=2, include_center=True)
    assert night.units[0].cell in near
    assert len(near) > len(night.units[0].cell.neighborhood)


def test_select_cells(night: Petrograd) -> None:
    """Mesa selects cells by a condition: those that the Soviet holds are those of the record."""
    held = {cell.coordinate for cell in night.space.all_cells.select(lambda cell: cell.holder == 1)}
    ids, holders = night.layout.cast.places.ids, night.world["places"]["holder"]
    assert held == {name for name, holder in zip(ids, holders[: len(ids)], strict=True) if holder == 1}
    assert "smolny" in held


# ---- the clock ----


def test_time_counts_minutes(opened: Petrograd) -> None:
    """Mesa's time is the record's clock, in minutes from the start, and the hour is what people write."""
    assert (opened.time, opened.steps, opened.hour) == (0, 0, "24 Oct 03:00")
    for step in range(1, 4):
        opened.step()
        assert (opened.time, opened.steps, opened.world["clock"]["now"]) == (5 * step, step, 5 * step)
    assert opened.hour == "24 Oct 03:15"


@pytest.mark.parametrize(("pulse", "steps"), [(5.0, 12), (2.5, 24), (10.0, 6)])
def test_run_for_an_hour(pulse: float, steps: int) -> None:
    """`run_for(60)` plays an hour, in as many steps as it has pulses."""
    model = Petrograd("historical", pulse=pulse, values="calibrated")
    model.run_for(60)
    assert (model.time, model.steps, model.world["clock"]["now"]) == (60, steps, 60)
    assert unequal(as_it_stands(model).records, play(59.9 / 60, pulse=pulse).records) == []


def test_run_until() -> None:
    """`run_until` goes on to a minute, in however many goes, and is the same as stepping there."""
    opened = Petrograd("historical", values="calibrated")
    for minute in (100, 400, 720):
        opened.run_until(minute)
        assert opened.world["clock"]["now"] == minute
    assert unequal(as_it_stands(opened).records, play(11.99).records) == []


def test_event_of_ones_own(opened: Petrograd) -> None:
    """What is scheduled for a minute happens then, between the pulses before and after, and the rules go on
    from it."""
    seen = []

    def cut_off() -> None:
        seen.append((opened.time, float(opened.world["clock"]["now"])))
        opened.space["telephone_exchange"].holder = 1

    opened.schedule_event(cut_off, at=62)
    opened.run_for(120)
    assert seen == [(62, 60)]
    assert opened.space["telephone_exchange"].holder == 1


def test_the_end(batch: Histories) -> None:
    """After the last pulse the model no longer runs, and further steps change nothing."""
    model = Petrograd("historical", values="calibrated").play()
    assert not model.running
    assert (model.time, model.steps, model.hour) == (3060, 612, "26 Oct 06:00")
    kept, time, rows = as_it_stands(model), model.time, len(model.datacollector.get_model_vars_dataframe())
    for _ in range(3):
        model.step()
    model.play()
    model.run_model()
    model.run_for(500)
    model.run_until(4000)
    assert unequal(as_it_stands(model).records, kept.records) == []
    assert unequal(kept.records, batch.records[:1]) == []
    assert (model.time, model.steps, model.hour) == (time, 612, "26 Oct 06:00")
    assert len(model.datacollector.get_model_vars_dataframe()) == rows == model.steps
    assert model.events == batch.events(0)


@pytest.mark.parametrize("minutes", [3060, 9999])
def test_run_to_the_end(batch: Histories, minutes: float) -> None:
    """`run_for` of all the minutes plays the last pulse too, and nobody goes further than that."""
    model = Petrograd("historical", values="calibrated")
    model.run_for(minutes)
    assert (model.running, model.time, model.steps, model.hour) == (False, 3060, 612, "26 Oct 06:00")
    assert unequal(as_it_stands(model).records, batch.records[:1]) == []


@pytest.mark.parametrize("pulse", [7.0, 23.0, 60.0])
def test_the_end_of_other_pulses(pulse: float) -> None:
    """Whatever the pulse, a history ends at the scenario's end, however it is brought there."""
    one, two = Petrograd("historical", pulse=pulse).play(), Petrograd("historical", pulse=pulse)
    two.run_for(3060)
    for model in (one, two):
        assert (model.running, model.time, model.hour) == (False, 3060, "26 Oct 06:00")
        assert model.steps == 3060 // pulse
    assert unequal(as_it_stands(one).records, as_it_stands(two).records) == []


@pytest.mark.parametrize("minutes", [float("nan"), float("inf"), None, -1, True, "x"])
def test_minutes_that_cannot_be(opened: Petrograd, minutes: Any) -> None:
    """What is no number of minutes from 0 is refused in one line, and nothing moves."""
    for run in (opened.run_for, opened.run_until):
        with pytest.raises(
            ValueError, match=rf"^run_\w+: wanted a number of minutes from 0, got {minutes!r}$"
        ):
            run(minutes)
    assert (opened.time, opened.steps) == (0, 0)


def test_run_model(batch: Histories) -> None:
    """Mesa's `run_model` plays to the end of the scenario."""
    model = Petrograd("historical", world=2, values="calibrated")
    model.run_model()
    assert unequal(as_it_stands(model).records, batch.records[[2]]) == []


# ---- collecting and running many ----


def test_collector_of_the_model(night: Petrograd) -> None:
    """The model's own collector has a row a step: hour, active men, places held, killed, as the record has
    them at the end."""
    rows = night.datacollector.get_model_vars_dataframe()
    assert len(rows) == night.steps == 288
    assert rows["hour"].iloc[-1] == night.hour == "25 Oct 03:00"
    places, last = night.world["places"], rows.iloc[-1]
    assert last["held_soviet"] == (places["holder"][places["objective"] > 0] == 1).sum()
    assert last[["active_government", "active_soviet"]].tolist() == night.world["sides"]["active"].tolist()
    assert rows["killed"].is_monotonic_increasing
    assert rows["held_soviet"].iloc[-1] > rows["held_soviet"].iloc[0]


def test_collector_of_ones_own() -> None:
    """A collector that a user puts in the model's place is fed after every step, with the agents' own
    numbers."""
    model = Petrograd("historical")
    model.datacollector = mesa.DataCollector(
        model_reporters={"cossacks": lambda m: m.agents_by_type[Cossacks].agg("men", sum), "minute": "time"},
        agenttype_reporters={Cadets: {"stance": "stance", "where": lambda a: a.cell.coordinate}},
    )
    model.run_for(30)
    rows, cadets = (
        model.datacollector.get_model_vars_dataframe(),
        model.datacollector.get_agenttype_vars_dataframe(Cadets),
    )
    assert rows["minute"].tolist() == [5, 10, 15, 20, 25, 30]
    assert rows["cossacks"].iloc[-1] == sum(u.men for u in model.units if isinstance(u, Cossacks))
    assert len(cadets) == 6 * len(model.agents_by_type[Cadets])
    last = cadets.xs(model.time, level="Step")
    assert last["stance"].tolist() == [agent.stance for agent in model.agents_by_type[Cadets]]
    assert last["where"].tolist() == [agent.cell.coordinate for agent in model.agents_by_type[Cadets]]


@pytest.fixture
def _way_of_starting() -> Iterator[None]:
    """Put back how processes are started, which Mesa's batches change for everybody."""
    before = multiprocessing.get_start_method(allow_none=True)
    yield
    multiprocessing.set_start_method(before, force=True)


@pytest.mark.usefixtures("_way_of_starting")
def test_batch_run() -> None:
    """Mesa's own `batch_run` plays scenarios, worlds and seeds to the end, each the history that it names, at
    its world's own set of parameters."""
    found = mesa.batch_run(
        Petrograd,
        parameters={"scenario": ["historical", "exchange_held"], "world": [0, 3]},
        rng=[1917, 1918],
        number_processes=1,
        max_steps=10_000,
        display_progress=False,
    )
    assert len(found) == 8
    for row in found:
        own = of_world("plausible", row["world"])
        alone = play(base=row["scenario"], worlds=[row["world"]], seed=row["seed"], values=own)
        assert (row["Step"], row["hour"]) == (3060, "26 Oct 06:00")  # a step bears its minute
        assert row["ending"] == alone["end"]["ending"][0]
        assert row["killed"] == alone["sides"]["killed"].sum()
        assert row["active_soviet"] == alone["sides"]["active"][0, 1]


@pytest.mark.usefixtures("_way_of_starting")
def test_batch_run_of_a_few_steps() -> None:
    """A batch that is cut off has as many rows as steps, where a row is wanted for every one."""
    found = mesa.batch_run(
        Petrograd,
        parameters={"world": range(2)},
        number_processes=1,
        max_steps=4,
        data_collection_period=1,
        display_progress=False,
    )
    assert [(row["world"], row["hour"]) for row in found] == [
        (world, f"24 Oct 03:{minute:02}") for world in range(2) for minute in (5, 10, 15, 20)
    ]


# ---- the seed ----


def test_rng_is_a_seed() -> None:
    """`rng=` and `seed=` name the same history, and neither names that of 1917; another seed is another
    history."""
    one, two, none, other = (
        as_it_stands(Petrograd("historical", **how)).records
        for how in ({"seed": 1917}, {"rng": 1917}, {}, {"rng": 1918})
    )
    assert unequal(one, two) == unequal(one, none) == []
    assert "units loyalty" in unequal(one, other)


def test_rng_of_numpy() -> None:
    """What numpy makes a generator of, a seed sequence or a generator, names a history too, the same each
    time."""
    one, two = (
        as_it_stands(Petrograd("historical", rng=np.random.SeedSequence(5))).records for _ in range(2)
    )
    three, four = (
        as_it_stands(Petrograd("historical", rng=np.random.default_rng(5))).records for _ in range(2)
    )
    assert unequal(one, two) == unequal(three, four) == []


@pytest.mark.parametrize(
    "how",
    [{"world": w} for w in (1.5, True, 2**63, -1)]
    + [{"seed": s} for s in (-1, 2**64, "x", 1.7)]
    + [{"pulse": p} for p in (0, float("nan"), "x")],
    ids=str,
)
def test_refuses_what_run_refuses(how: dict[str, Any]) -> None:
    """A world, a seed or a pulse that cannot be is refused in the very line in which `sim.run` refuses it."""
    said = []
    for verb in (Petrograd, sim.run):
        with pytest.raises(ValueError, match=rf"^{next(iter(how))}: wanted .*, got ") as refused:
            verb("historical", **how)
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert "\n" not in said[0]


@pytest.mark.parametrize("rng", [-1, "x", 1.5])
def test_rng_that_cannot_be(rng: Any) -> None:
    """A seed that is called rng is refused as one that is called seed."""
    with pytest.raises(ValueError, match=rf"^seed: wanted a whole number from 0, got {rng!r}$"):
        Petrograd("historical", rng=rng)


def test_two_seeds_are_refused() -> None:
    """A seed under both names is refused in one line that says what was wanted and got."""
    with pytest.raises(ValueError, match=r"^seed: wanted seed= or rng=, got both \(1 and 2\)$"):
        Petrograd("historical", seed=1, rng=2)


def test_nothing_is_drawn_from_mesas_generators(batch: Histories) -> None:
    """No rule draws from the model's own generators: shuffling agents and drawing numbers in between changes
    nothing."""
    model = Petrograd("historical", world=1, values="calibrated")
    while model.running:
        model.rng.random()
        model.random.random()
        if model.steps % 50 == 0:
            model.agents.shuffle_do("__repr__")
        model.step()
    assert unequal(as_it_stands(model).records, batch.records[[1]]) == []
    assert len(model.agents.select(agent_type=Person)) == len(HISTORY.people)


# ---- keeping a model ----


def test_pickle(batch: Histories) -> None:
    """A model that is pickled on its way goes on from there, to the same end, with its rows and generators;
    one that has ended has ended."""
    model = Petrograd("historical", world=2, values="calibrated")
    model.run_for(302)
    model.random.random()
    again = pickle.loads(pickle.dumps(model))
    assert (again.time, again.steps, again.hour, again.running) == (302, 60, model.hour, True)
    assert unequal(as_it_stands(again).records, as_it_stands(model).records) == []
    assert again.random.random() == model.random.random()
    again.play()
    assert unequal(as_it_stands(again).records, batch.records[[2]]) == []
    rows = again.datacollector.get_model_vars_dataframe()
    assert len(rows) == again.steps == 612
    over = pickle.loads(pickle.dumps(again))
    over.run_for(60)
    assert (over.running, over.time, over.hour) == (False, 3060, "26 Oct 06:00")
    assert over.datacollector.get_model_vars_dataframe().equals(rows)


def test_pickle_keeps_what_is_written_and_set() -> None:
    """What agents have been given, parameters and a city turned round are kept."""
    model = Petrograd("historical", seed=5, values={"peer_weight": 0.9}, pulse=10.0, sides_swapped=True)
    model.units[3].men = 17
    again = pickle.loads(pickle.dumps(model))
    assert again.units[3].men == 17
    assert unequal(as_it_stands(again.play()).records, as_it_stands(model.play()).records) == []


def test_pickle_refuses_what_it_cannot_keep(opened: Petrograd) -> None:
    """A collector or an event of one's own cannot be kept, and a line says so."""
    wanted = r"^pickle: wanted a model without a collector or events of one's own, got one with$"
    event = opened.schedule_event(opened.play, at=62)
    with pytest.raises(ValueError, match=wanted):
        pickle.dumps(opened)
    event.cancel()
    pickle.dumps(opened)
    opened.datacollector = mesa.DataCollector(model_reporters={"minute": "time"})
    with pytest.raises(ValueError, match=wanted):
        pickle.dumps(opened)
