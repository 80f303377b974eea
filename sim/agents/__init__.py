"""The actors of October as Mesa agents: a class a sort, whose traits stand in
history/data/force_kinds.csv.
"""

from sim.agents.cadets import Cadets, Officers, ShockBattalion, WomensBattalion
from sim.agents.civilians import Civilians, Militia
from sim.agents.cossacks import Cossacks, Cyclists, FrontTroops
from sim.agents.garrison import ArmouredCars, Artillery, GuardsRegiment, ReserveRegiment
from sim.agents.headquarters import Headquarters
from sim.agents.people import Commander, CommitteeMember, Delegate, Minister, Person
from sim.agents.red_guards import RedGuards
from sim.agents.sailors import Sailors, Ship
from sim.agents.unit import Unit

SORTS: tuple[type[Unit], ...] = (
    GuardsRegiment,
    ReserveRegiment,
    Artillery,
    ArmouredCars,
    RedGuards,
    Sailors,
    Ship,
    Cadets,
    Officers,
    WomensBattalion,
    ShockBattalion,
    Cossacks,
    Cyclists,
    FrontTroops,
    Militia,
    Civilians,
)
SORT_OF_KIND: dict[str, type[Unit]] = {sort.kind: sort for sort in SORTS}

__all__ = [
    "SORTS",
    "SORT_OF_KIND",
    "ArmouredCars",
    "Artillery",
    "Cadets",
    "Civilians",
    "Commander",
    "CommitteeMember",
    "Cossacks",
    "Cyclists",
    "Delegate",
    "FrontTroops",
    "GuardsRegiment",
    "Headquarters",
    "Militia",
    "Minister",
    "Officers",
    "Person",
    "RedGuards",
    "ReserveRegiment",
    "Sailors",
    "Ship",
    "ShockBattalion",
    "Unit",
    "WomensBattalion",
]
