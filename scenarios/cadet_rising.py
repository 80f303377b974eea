"""The cadets' rising of 29 October 1917, three days after the palace fell: every documented decision of the
day is given, every outcome left open.

Varied: nothing. The rules and parameters are those of 24-26 October; opening state and decisions are tables
of their own, and nothing was fitted to this day. Expected: the rising takes a few posts by surprise and is
put down by evening. Sources: docs/sources.md.
"""

from sim import clock
from sim.counterfactual.scenario import Scenario

scenario = Scenario(
    name="cadet_rising",
    question="What comes of the decisions of 29 October, if the rules that were made for 24-26 October hold?",
    expects=(
        "The cadets take the exchange and the armoured cars before dawn, nobody in the garrison joins "
        "them, and all is over by evening."
    ),
    sources=("docs/sources.md",),
    opening="october29",
    start=clock.EVENTS["october29"][0],
    end=clock.EVENTS["october29"][1],
)
