"""The regiments of the capital are nobody's, and both sides call on them.

Varied: the whole garrison leans to neither side and half of its units have the committee's commissar; at
half past eleven the staff, instead of confining the barracks, calls two regiments out to the Square. Here
minds are on the edge and not at a wall: what each believes the others will do may carry them either way.
"""

import sim

scenario = sim.scenario("historical").but(
    "wavering_garrison",
    sim.loyalty("garrison", to=0.0, commissar=0.5),
    question="What if the garrison had wavered, and the staff had called regiments out?",
    expects=(
        "Few soldiers act for anybody; sailors and Red Guards must do it alone, the points fall later, and "
        "the palace stands in most histories."
    ),
    expected={"government_holds": "+", "palace_falls": "+", "garrison_active": "-", "central_telegraph": "+"},
    sources=["judgement", "literature: Rabinowitch (regiments that declared themselves neutral)"],
    d24_quarter="call chosen regiments out",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
