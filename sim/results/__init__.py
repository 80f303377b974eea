"""Results: one history, many of one scenario, and several scenarios beside each other - frozen, labelled,
saved.
"""

from sim.results.comparison import Comparison
from sim.results.ensemble import Ensemble
from sim.results.estimate import Estimate
from sim.results.run import Run
from sim.results.saved import ResultError, load

__all__ = ["Comparison", "Ensemble", "Estimate", "ResultError", "Run", "load"]
