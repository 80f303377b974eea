"""Half of the regiments let the committee's commissar in on the 21st to the 23rd; the others send him back to
Smolny with his paper.

Varied: the opening of the 24th. Each force of the garrison has accepted a commissar with a chance of 50 in a
hundred, so that the guard of the telegraph is one of those who have, or is not; in October nearly all had.
Opinions are left alone: a regiment may lean to the Soviet and still take its orders from its officers.
"""

import sim

scenario = sim.scenario("historical").but(
    "commissars_at_50_percent",
    sim.loyalty("garrison", commissar=0.5),
    question="What if only 50 in a hundred of the units had accepted commissars?",
    expects=(
        "About the threshold: with the guard of the telegraph among the half it goes nearly as it "
        "went, without it the wires hold, so that histories differ more than before."
    ),
    expected={"central_telegraph": "+", "garrison_active": "-", "palace_falls": "+"},
    sources=[
        "article (commissars sent out and accepted)",
        "literature: Rabinowitch",
        "docs/counterfactuals.md, CF06",
    ],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
