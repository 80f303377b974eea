"""The agents: Mesa agents of many sorts whose state is a row of the columns."""

from __future__ import annotations

import numpy as np
import pytest
from likeness import HISTORY, play
from mesa import Agent

from sim.agents import SORT_OF_KIND, SORTS, Cadets, Cossacks, Headquarters, Minister, Person, Unit
from sim.agents.people import SORT_OF_GROUP
from sim.agents.unit import Duty
from sim.model import Petrograd


@pytest.fixture(scope="module")
def city() -> Petrograd:
    """One history after twelve hours."""
    return play(12)


@pytest.fixture(scope="module")
def cities() -> Petrograd:
    """Three histories after twelve hours."""
    return play(12, worlds=range(3))


def test_every_kind_has_a_class() -> None:
    """Every kind of force is one class of unit, and every group of people has a class."""
    assert {force.kind for force in HISTORY.forces.values()} <= set(SORT_OF_KIND)
    assert {person.group for person in HISTORY.people.values()} <= set(SORT_OF_GROUP)


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
def test_sort(sort: type[Unit]) -> None:
    """Every sort of unit is a Mesa agent that says in a sentence what it is."""
    assert issubclass(sort, Agent)
    assert sort.kind
    assert sort.__doc__ not in (None, Unit.__doc__)


def test_everybody_is_an_agent(city: Petrograd) -> None:
    """The model's agents are its units, its people and two headquarters."""
    assert len(city.agents) == len(city.units) + len(HISTORY.people) + 2
    assert len(city.agents.select(agent_type=Headquarters)) == 2


def test_select_by_class(city: Petrograd) -> None:
    """Mesa selects the agents of a class: the cadets are the units of the cadet schools."""
    cadets = city.agents.select(agent_type=Cadets)
    assert {unit.force for unit in cadets} == {f.id for f in HISTORY.forces.values() if f.kind == "cadets"}


def test_group_by_kind(city: Petrograd) -> None:
    """Mesa groups units by kind and counts their men; the groups together are all the men."""
    men = city.agents.select(agent_type=Unit).groupby("kind").agg("men", sum)
    assert set(men) == {unit.kind for unit in city.units}
    assert sum(men.values()) == city.columns.men.sum()


def test_aggregate(city: Petrograd) -> None:
    """Mesa's mean of an attribute is the mean over the columns' rows."""
    cossacks = city.setting.units.rows[Cossacks]
    assert city.agents.select(agent_type=Cossacks).agg("loyalty", np.mean) == pytest.approx(city.loyalty()[0, cossacks].mean())


@pytest.mark.parametrize("column", ["men", "arms", "cohesion", "stance", "duty"])
def test_state_is_the_columns(city: Petrograd, column: str) -> None:
    """What a unit tells of itself is its row of the columns."""
    assert [getattr(unit, column) for unit in city.units] == getattr(city.columns, column)[0].tolist()


def test_loyalty_is_the_mind_of_now(city: Petrograd) -> None:
    """A unit's loyalty is the opening draw with what has moved it since."""
    assert [unit.loyalty for unit in city.units] == city.loyalty()[0].tolist()


def test_written_once(opened: Petrograd) -> None:
    """A change in the columns is seen at once by the agent: there is one copy of the state."""
    opened.columns.stance[0, 5] = -1
    opened.columns.place[0, 5] = opened.city.index["smolny"]
    assert (opened.units[5].stance, opened.units[5].cell.coordinate) == (-1, "smolny")


@pytest.mark.parametrize("column", ["men", "arms", "cohesion", "stance", "duty", "loyalty"])
def test_batch_gives_arrays(cities: Petrograd, column: str) -> None:
    """In a batch an attribute has a number for every world."""
    assert np.shape(getattr(cities.units[7], column)) == (3,)


def test_plain_numbers_in_a_single_history(city: Petrograd) -> None:
    """In a single history attributes are plain numbers, and the duty has a name."""
    unit = city.units[7]
    assert (type(unit.men), type(unit.loyalty), type(unit.duty)) == (int, float, Duty)


def test_cells(city: Petrograd) -> None:
    """Every unit stands on a cell of the model's network, among the agents there."""
    assert all(unit.cell is city.space[city.city.ids[city.columns.place[0, unit.row]]] for unit in city.units)
    assert all(unit in unit.cell.agents for unit in city.units)


def test_cells_of_a_batch(cities: Petrograd) -> None:
    """In a batch a unit has a cell for every world."""
    assert [cell.index for cell in cities.units[7].cell] == cities.columns.place[:, 7].tolist()


def test_holder_of_a_cell(city: Petrograd) -> None:
    """A cell tells who holds the place."""
    assert [city.space[name].holder for name in city.city.ids] == city.columns.holder[0].tolist()


@pytest.mark.parametrize(
    ("side", "infantry", "ready"), [(-1, 449, False), (-1, 450, True), (-1, 2000, True), (1, 2000, False)], ids=["few", "enough", "many", "other side"]
)
def test_cossacks_want_infantry(side: int, infantry: int, ready: bool) -> None:
    """A Cossack detachment acts for the government only beside its share of infantry, and for the Soviet never."""
    asked = Cossacks.ready(np.array([side]), np.array([infantry]), np.array([900]), np.array([0.5]))
    assert asked.tolist() == [ready]


@pytest.mark.parametrize("sort", [s for s in SORTS if s is not Cossacks], ids=lambda sort: sort.__name__)
def test_others_need_nobody(sort: type[Unit]) -> None:
    """Every other sort of unit is ready without infantry beside it, for either side or for the one it is sworn to."""
    alone = sort.ready(np.array([-1, 1]), np.zeros(2), np.full(2, 900), np.full(2, 0.5))
    assert alone.tolist() == [sort.sworn_to <= 0, sort.sworn_to >= 0]


@pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort.__name__)
def test_steadfastness_and_spirit(sort: type[Unit]) -> None:
    """Steadfastness never falls with devotion, nor spirit with rest or hope, and both stay within [0, 1]."""
    devotion, rest, hope = np.linspace(-3, 3, 13), np.linspace(0, 1, 13)[:, None], np.linspace(0, 1, 13)[None, :]
    steadfast, spirit = sort.steadfast(devotion), sort.spirit(rest, hope)
    assert min(np.diff(steadfast).min(), np.diff(spirit, axis=0).min(), np.diff(spirit, axis=1).min()) >= 0
    assert set(np.clip(steadfast, 0, 1)) | set(np.clip(spirit, 0, 1).ravel()) == set(steadfast) | set(spirit.ravel())


def test_people(city: Petrograd) -> None:
    """The people of the tables are agents of the class of their group, with a side and a state of liberty."""
    people = list(city.agents.select(agent_type=Person))
    assert [person.name for person in people] == list(HISTORY.people)
    assert len(city.agents.select(agent_type=Minister)) == sum(p.group == "minister" for p in HISTORY.people.values())


def test_headquarters(city: Petrograd) -> None:
    """The two headquarters are of one size but not of one mind: each has its own audience."""
    staff, committee = city.headquarters
    assert staff.audience != committee.audience
    assert (staff.belief, committee.belief) == (city.belief[0, staff.audience], city.belief[0, committee.audience])


def test_repr(city: Petrograd) -> None:
    """An agent's repr is its class and its name."""
    assert repr(city.units[0]) == f"{type(city.units[0]).__name__}({city.units[0].name!r})"
