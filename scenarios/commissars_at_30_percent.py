"""Three regiments in ten let the committee's commissar in on the 21st to the 23rd; the others send him back
to Smolny with his paper.

Varied: the opening of the 24th. Each force of the garrison has accepted a commissar with a chance of 30 in a
hundred, so that the guard of the telegraph is one of those who have, or is not; in October nearly all had.
Opinions are left alone: a regiment may lean to the Soviet and still take its orders from its officers.
"""

import sim

scenario = sim.scenario("historical").but(
    "commissars_at_30_percent",
    sim.loyalty("garrison", commissar=0.3),
    question="What if only 30 in a hundred of the units had accepted commissars?",
    expects=(
        "The telegraph stays with its guard, arsenal and points come late; below about a half the "
        "committee commands too few posts to take the city from within."
    ),
    expected={"central_telegraph": "+", "garrison_active": "-", "palace_falls": "+", "government_holds": "+"},
    sources=[
        "article (commissars sent out and accepted)",
        "literature: Rabinowitch",
        "docs/counterfactuals.md, CF06",
    ],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
