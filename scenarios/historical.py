"""The three days as they were decided: every documented decision of 24-26 October is given, every outcome
left open.

Varied: nothing. Expected: the government falls, and the palace last of all. Sources: docs/sources.md.
"""

from sim.counterfactual.scenario import Scenario

scenario = Scenario(
    name="historical",
    question=(
        "What comes of the decisions that were taken, if units, crowds and chance are left to themselves?"
    ),
    expects="The Soviet takes the city by the morning of the 25th and the palace in the night to the 26th.",
    sources=("docs/sources.md",),
)
