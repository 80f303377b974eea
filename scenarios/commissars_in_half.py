"""Commissars in half of the garrison, and a staff that asks the other half.

Varied: each force of the garrison has let the committee's commissar in with a chance of one half, and leans
to the Soviet only a little (0.3); the staff calls two regiments to the Square at half past eleven instead of
confining them, and those without a commissar are asked by its own officers.
"""

import sim

scenario = sim.scenario("historical").but(
    "commissars_in_half",
    sim.loyalty("garrison", to=0.3, commissar=0.5),
    question="What if half of the garrison had had no commissar, and the staff had asked it?",
    expects=(
        "One city or the other: where the first regiments stay in, most do; where they come out for the "
        "committee, it goes as it went. Hours scatter more than in October."
    ),
    expected={"government_holds": "+", "garrison_active": "-", "central_telegraph": "+", "palace_falls": "+"},
    sources=["judgement", "article (commissars sent out and accepted)"],
    d24_quarter="call chosen regiments out",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
