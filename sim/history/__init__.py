"""The documented record of the seizure of power in Petrograd, 24-26 October 1917, as tables."""

from sim.history.rows import (
    Choice,
    Fate,
    Force,
    ForceKind,
    HistoryError,
    PartPlayed,
    Pattern,
    Person,
    Place,
    PlaceKind,
    Record,
    Route,
)
from sim.history.tables import History, digest, load

__all__ = [
    "Choice",
    "Fate",
    "Force",
    "ForceKind",
    "History",
    "HistoryError",
    "PartPlayed",
    "Pattern",
    "Person",
    "Place",
    "PlaceKind",
    "Record",
    "Route",
    "digest",
    "load",
]
