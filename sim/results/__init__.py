"""Results: one history, many of one scenario, and several scenarios beside each other - frozen, labelled,
saved. The names are imported when first used.
"""

from importlib import import_module
from typing import Any

_WHERE = {
    "Chances": "sim.results.chances",
    "Comparison": "sim.results.comparison",
    "Ensemble": "sim.results.ensemble",
    "Estimate": "sim.results.estimate",
    "ResultError": "sim.results.saved",
    "Run": "sim.results.run",
    "load": "sim.results.loading",
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'sim.results' has no attribute {name!r}")
