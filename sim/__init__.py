"""Petrograd, 24-26 October 1917: an agent-based simulation of a seizure of power.

>>> import sim
>>> run = sim.run("historical", seed=1917)        # doctest: +SKIP
>>> print(run)                                    # doctest: +SKIP
"""

from importlib import import_module
from typing import Any

_VERBS = (
    "cancel",
    "delay",
    "advance",
    "leave",
    "order",
    "arrive",
    "hold",
    "cut",
    "restore",
    "loyalty",
    "strength",
    "policy",
    "parameter",
)
_WHERE = {
    "run": "sim.playing",
    "ensemble": "sim.playing",
    "compare": "sim.playing",
    "PlayingError": "sim.playing",
    "chances": "sim.charting",
    "parts": "sim.analysis.parts",
    "peaks": "sim.analysis.peaks",
    "load": "sim.results",
    "worth": "sim.analysis.worth",
    "Worth": "sim.analysis.worth",
    "Fork": "sim.forks",
    "rows": "sim.extend",
    "rule": "sim.extend",
    "Run": "sim.results",
    "Ensemble": "sim.results",
    "Comparison": "sim.results",
    "Chances": "sim.results",
    "Estimate": "sim.results",
    "ResultError": "sim.results",
    "Scenario": "sim.counterfactual.scenario",
    "ScenarioError": "sim.counterfactual.scenario",
    "scenario": "sim.counterfactual.scenario",
    "scenarios": "sim.counterfactual.scenario",
    "StoreError": "sim.errors",
    "compare_script": "sim.cli",
    "Petrograd": "sim.model",
    "TimeError": "sim.clock",
    "ParameterError": "sim.parameters",
    "rare": "sim.analysis.rare",
    "sensitivity": "sim.analysis.sensitivity",
    **dict.fromkeys(_VERBS, "sim.counterfactual.changes"),
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        module = import_module(_WHERE[name])
        return getattr(module, name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
