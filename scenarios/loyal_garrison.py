"""The regiments of the capital are as much the government's as the factories are the committee's.

Varied: the opening of the 24th. The leaning of the whole garrison is -0.95, no regiment has taken the
committee's commissar, and at half past eleven the staff, instead of confining the barracks, calls out the two
regiments it had always counted on. Workers, sailors and cadets are as they were. It is no small rewrite. It
is asked in order to see whether the model has its answer built in: with the barracks on the other side the
result must be able to turn.
"""

import sim

scenario = sim.scenario("historical").but(
    "loyal_garrison",
    sim.loyalty("garrison", to=-0.95, commissar=0.0),
    question="What if the garrison had been the government's?",
    expects=(
        "Workers and sailors are alone; guards stay at their posts, the points fall late or not at "
        "all, and the government may well hold."
    ),
    expected={
        "government_holds": "+",
        "palace_falls": "+",
        "central_telegraph": "+",
        "most_soviet": "-",
        "killed": "+",
    },
    sources=[
        "judgement",
        "article (the garrison as the committee's ground)",
        "docs/counterfactuals.md, beside CF02",
    ],
    d24_quarter="call chosen regiments out",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
