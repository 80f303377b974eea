"""The agents: Mesa agents whose state is a row of the record, and what the rules make of their sorts."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest
from likeness import HISTORY, stage_of
from mesa import Agent

from sim.agents import SORT_OF_KIND, SORTS, Cadets, Cossacks, Headquarters, Minister, Person, Unit
from sim.agents.people import SORT_OF_GROUP, Liberty
from sim.agents.unit import Duty
from sim.model import Petrograd
from sim.plan.layout import Stage
from sim.rules.siege import keep_spirits, steadfast, who_stand
from sim.rules.stances import ready_to_act
from sim.state import FRONT, GARRISON, ON_POST, VOLUNTEERS


@pytest.fixture(scope="module")
def half_day() -> Petrograd:
    """One history after twelve hours; for reading only."""
    model = Petrograd("historical")
    model.run_for(12 * 60)
    return model


@pytest.fixture
def stage() -> Stage:
    """A stage with an opening drawn, to be changed at will."""
    it = stage_of()
    it.open(1917, 0, {})
    return it


def units_in(model: Petrograd) -> Any:
    """The rows of the units of the cast."""
    return model.world["units"][: len(model.units)]


# ---- Mesa agents ----


def test_every_kind_has_a_class() -> None:
    """Every kind of force is one class of unit, and every group of people has a class."""
    assert {force.kind for force in HISTORY.forces.values()} <= set(SORT_OF_KIND)
    assert set(HISTORY.force_kinds) == set(SORT_OF_KIND)
    assert {person.group for person in HISTORY.people.values()} <= set(SORT_OF_GROUP)


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
def test_sort(sort: type[Unit]) -> None:
    """Every sort of unit is a Mesa agent that says in a sentence what it is."""
    assert issubclass(sort, Agent)
    assert sort.kind
    assert sort.__doc__ not in (None, Unit.__doc__)


def test_everybody_is_an_agent(half_day: Petrograd) -> None:
    """The model's agents are its units, its people and two headquarters."""
    assert len(half_day.agents) == len(half_day.units) + len(HISTORY.people) + 2
    assert len(half_day.agents.select(agent_type=Headquarters)) == 2


def test_select_by_class(half_day: Petrograd) -> None:
    """Mesa selects the agents of a class: the cadets are the units of the cadet schools."""
    cadets = half_day.agents.select(agent_type=Cadets)
    assert {unit.force for unit in cadets} == {f.id for f in HISTORY.forces.values() if f.kind == "cadets"}


def test_group_by_kind(half_day: Petrograd) -> None:
    """Mesa groups units by kind and counts their men; the groups together are all the men."""
    men = half_day.agents.select(agent_type=Unit).groupby("kind").agg("men", sum)
    assert set(men) == {unit.kind for unit in half_day.units}
    assert sum(men.values()) == half_day.world["units"]["men"].sum()


def test_aggregate(half_day: Petrograd) -> None:
    """Mesa's mean of an attribute is the mean over the rows of the record."""
    cossacks = [unit.row for unit in half_day.units if unit.kind == "cossacks"]
    mean = half_day.agents.select(agent_type=Cossacks).agg("cohesion", np.mean)
    assert mean == pytest.approx(units_in(half_day)["cohesion"][cossacks].mean())


@pytest.mark.parametrize("name", ["men", "arms", "cohesion", "stance", "duty"])
def test_state_is_the_record(half_day: Petrograd, name: str) -> None:
    """What a unit tells of itself is its row of the record."""
    assert [getattr(unit, name) for unit in half_day.units] == units_in(half_day)[name].tolist()


def test_loyalty_is_the_mind_of_now(half_day: Petrograd) -> None:
    """A unit's loyalty is the opening draw, with what words have moved it and what agitation has: the latter
    only where a commissar is accepted, and within its bound."""
    u, bound = units_in(half_day), half_day.world["p"]["agitation_bound"]
    mind = u["loyalty"] + u["moved"] + u["swayed"]
    assert [unit.loyalty for unit in half_day.units] == mind.tolist()
    swayed = u["swayed"] != 0
    assert swayed.any()
    assert (u["moved"] != 0).any()
    assert np.abs(u["swayed"]).max() <= bound
    accepted = u["commissar_at"].min(axis=1) < half_day.world["clock"]["now"]
    assert not (swayed & ~accepted & ~u["is_party"]).any()


def test_parties_have_no_men(opened: Petrograd) -> None:
    """Nobody is sent out at the opening: the party of every force that can have one is gone, with no men."""
    parties = [unit for unit in opened.units if opened.world["units"]["is_party"][unit.row]]
    assert parties
    assert {(unit.men, unit.duty, unit.stance) for unit in parties} == {(0, Duty.GONE, 0)}
    forces = [unit.force for unit in parties]
    assert len(forces) == len(set(forces))


def test_written_once(opened: Petrograd) -> None:
    """A change in the record is seen at once by the agent: there is one copy of the state."""
    opened.world["units"]["stance"][5] = -1
    opened.world["units"]["place"][5] = opened.layout.cast.places.index["smolny"]
    assert (opened.units[5].stance, opened.units[5].cell.coordinate) == (-1, "smolny")


def test_plain_numbers(half_day: Petrograd) -> None:
    """Attributes are plain numbers of Python, and duty and liberty have names."""
    unit, person = half_day.units[7], half_day.people[0]
    assert (type(unit.men), type(unit.loyalty), type(unit.duty)) == (int, float, Duty)
    assert (type(person.liberty), type(person.side)) == (Liberty, int)


def test_cells(half_day: Petrograd) -> None:
    """Every unit stands on a cell of the model's network, among the agents there and nowhere else."""
    ids, places = half_day.layout.cast.places.ids, units_in(half_day)["place"]
    assert all(unit.cell is half_day.space[ids[places[unit.row]]] for unit in half_day.units)
    assert all(unit in unit.cell.agents for unit in half_day.units)
    assert sum(len(cell.agents) for cell in half_day.space.all_cells) == len(half_day.units)


def test_holder_of_a_cell(half_day: Petrograd) -> None:
    """A cell tells who holds the place, and whether it is a bridge that is up."""
    ids, places = half_day.layout.cast.places.ids, half_day.world["places"]
    assert [half_day.space[name].holder for name in ids] == places["holder"][: len(ids)].tolist()
    assert [half_day.space[name].raised for name in ids] == places["raised"][: len(ids)].tolist()


def test_people(half_day: Petrograd) -> None:
    """The people of the tables are agents of the class of their group, with a side, a place and a state of
    liberty."""
    people, w = list(half_day.agents.select(agent_type=Person)), half_day.world["people"]
    assert [person.name for person in people] == list(HISTORY.people)
    assert len(half_day.agents.select(agent_type=Minister)) == sum(
        p.group == "minister" for p in HISTORY.people.values()
    )
    assert [person.liberty for person in people] == w["liberty"][: len(people)].tolist()
    assert [person.side for person in people] == w["side"][: len(people)].tolist()
    assert [person.cell.index if person.cell else -1 for person in people] == w["place"][
        : len(people)
    ].tolist()


def test_headquarters(half_day: Petrograd) -> None:
    """The two headquarters are of one sort but not of one mind: each has its own audience, and its own
    desks.
    """
    w, (staff, committee) = half_day.world, half_day.headquarters
    audiences = w["sides"]["staff"]
    assert audiences[0] != audiences[1]
    assert (staff.belief, committee.belief) == tuple(w["audiences"]["belief"][audiences])
    assert staff.belief != committee.belief
    assert [hall.offensive for hall in (staff, committee)] == w["sides"]["posture"].astype(bool).tolist()


def test_repr(half_day: Petrograd) -> None:
    """An agent's repr is its class and its name."""
    assert repr(half_day.units[0]) == f"{type(half_day.units[0]).__name__}({half_day.units[0].name!r})"
    assert repr(half_day.headquarters[0]) == "Headquarters('district staff')"


# ---- what the rules make of a sort ----


@numba.njit(error_model="numpy")
def _ready(worlds: Any, unit: int, side: int) -> int:
    w = worlds[0]
    return ready_to_act(w, w.units[unit], w.places[w.units[unit].place].audience, side)


@numba.njit(error_model="numpy")
def _steadfast(worlds: Any, unit: int, holder: int) -> float:
    return steadfast(worlds[0], worlds[0].units[unit], holder)


@numba.njit(error_model="numpy")
def _keep_spirits(worlds: Any, siege: int) -> None:
    who_stand(worlds[0])
    keep_spirits(worlds[0], worlds[0].sieges[siege])


def of_sort(stage: Stage, sort: type[Unit]) -> int:
    """The first unit of a sort."""
    return next(row for row, kind in enumerate(stage.layout.cast.units.kinds) if kind.kind == sort.kind)


@pytest.mark.parametrize(
    ("side", "infantry", "ready"),
    [(-1, 449, False), (-1, 450, True), (-1, 2000, True), (1, 2000, False)],
    ids=["few", "enough", "many", "other side"],
)
def test_cossacks_want_infantry(stage: Stage, side: int, infantry: int, ready: bool) -> None:
    """A Cossack detachment acts for the government only beside its share of infantry that has declared, and
    for the Soviet never."""
    unit, w = of_sort(stage, Cossacks), stage.worlds[0]
    w["units"]["regiment"][unit], w["units"]["infantry_share"][unit] = 900, 0.5
    w["audiences"]["known"] = 100_000  # who acts somewhere, of whatever group, is not beside it
    w["audiences"]["heard_declared"] = infantry
    assert _ready(stage.worlds, unit, side) == (side if ready else 0)


@pytest.mark.parametrize(("whole", "riders"), [(True, 400), (False, 900)])
@pytest.mark.parametrize(
    ("group", "men", "ready"),
    [(GARRISON, 99, False), (GARRISON, 100, True), (VOLUNTEERS, 100, True), (FRONT, 2000, False)],
)
def test_called_cossacks_count_who_is_there(
    stage: Stage, group: int, men: int, ready: bool, whole: bool, riders: int
) -> None:
    """Once called they count too who acts for the government where they are called to, but for men of the
    front; and instead of their regiment the riders of the call: all, or no more than it asks for."""
    unit, w = of_sort(stage, Cossacks), stage.worlds[0]
    row = w["units"][unit]
    task = int(np.flatnonzero(w["named"][: w["count"]["tasks"], unit])[0])
    there = w["places"]["audience"][w["tasks"]["place"][task]]
    row["task"], row["infantry_share"], w["tasks"]["men"][task] = task, 0.5, 400
    w["tasks"]["whole"][task] = whole
    w["units"]["men"], row["men"] = 0, riders
    w["audiences"]["heard_declared"], w["reports"]["men"] = 100, 0
    w["reports"]["men"][w["places"]["audience"][row["place"]], there, group] = men
    assert _ready(stage.worlds, unit, -1) == (-1 if ready else 0)


@pytest.mark.parametrize("sort", [s for s in SORTS if s is not Cossacks], ids=lambda sort: sort.__name__)
def test_others_need_nobody(stage: Stage, sort: type[Unit]) -> None:
    """Every other sort of unit is ready without infantry beside it, for either side or for the one it is
    sworn to."""
    unit, sworn = of_sort(stage, sort), HISTORY.force_kinds[sort.kind].sworn_to
    stage.worlds[0]["audiences"]["known"], stage.worlds[0]["audiences"]["heard_declared"] = 0, 0
    assert [_ready(stage.worlds, unit, side) for side in (-1, 1)] == [
        -1 if sworn <= 0 else 0,
        1 if sworn >= 0 else 0,
    ]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
@pytest.mark.parametrize("holder", [-1, 1])
def test_steadfastness(stage: Stage, sort: type[Unit], holder: int) -> None:
    """Steadfastness never falls with devotion to whoever holds the place, and goes from 0 to 1."""
    unit, found = of_sort(stage, sort), []
    row = stage.worlds[0]["units"]
    row["moved"][unit], row["commissar_at"][unit] = 0.0, np.inf
    for devotion in np.linspace(-3, 3, 13):
        row["loyalty"][unit] = holder * devotion
        found.append(_steadfast(stage.worlds, unit, holder))
    assert np.diff(found).min() >= 0
    assert (min(found), max(found)) == (0.0, 1.0)
    assert found[6] == 0.5


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
def test_spirit(stage: Stage, sort: type[Unit]) -> None:
    """The spirit of the besieged never falls with food, light or hope of relief; hope counts where the kind
    asks for it."""
    unit, w, siege = of_sort(stage, sort), stage.worlds[0], 0
    place = int(w["sieges"]["place"][siege])
    w["p"]["cohesion_drift"] = 1e6  # at once
    w["places"]["holder"][place], w["units"]["place"][unit], w["units"]["duty"][unit] = -1, place, ON_POST
    w["units"]["stance"][unit], w["units"]["men"][unit] = -1, 100
    hall = int(w["places"]["audience"][place])
    spirit = np.zeros((4, 2, 5))
    for i, hours in enumerate((40, 24, 6, 0)):
        for j, light in enumerate((False, True)):
            for k, hope in enumerate(np.linspace(0, 1, 5)):
                w["clock"]["now"], w["units"]["fed_at"][unit] = 2400.0, 2400.0 - 60 * hours
                w["places"]["power"][place], w["audiences"]["relief"][hall] = light, hope
                _keep_spirits(stage.worlds, siege)
                spirit[i, j, k] = w["units"]["cohesion"][unit]
    assert min(np.diff(spirit, axis=axis).min() for axis in range(3)) >= -1e-12
    assert 0 <= spirit.min() < spirit.max() <= 1
    assert (np.ptp(spirit, axis=2).max() > 0.1) == (HISTORY.force_kinds[sort.kind].assurance > 0)
