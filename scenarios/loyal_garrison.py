"""The regiments of the capital are what the staff believed them to be in July: sullen, but the government's.

Varied: the opening of the 24th. The leaning of the whole garrison is -0.6 and no regiment has taken the committee's commissar;
workers, sailors and cadets are as they were. It is no small rewrite. It is asked in order to see how much of October hangs on the
barracks, since a garrison that will not stir is nearly all that history itself had to show.
"""

import sim

scenario = sim.scenario("historical").but(
    "loyal_garrison",
    sim.loyalty("garrison", to=-0.6, commissar=0.0),
    question="What if the garrison had leaned to the government?",
    expects="Workers and sailors are alone; guards stay at their posts, the points fall late or not at all, and the government may well hold.",
    expected={"government_holds": "+", "palace_falls": "+", "central_telegraph": "+", "most_soviet": "-", "killed": "+"},
    sources=["judgement", "article (the garrison as the committee's ground)", "docs/counterfactuals.md, beside CF02"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
