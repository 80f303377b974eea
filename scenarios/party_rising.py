"""Lenin has his way a day early, and in his own words: on the morning of the 24th the party rises, in the
party's name.

Varied: two answers to the raid, both given at the same table in Smolny. The party rising is voted where in
October it was voted down, which costs it those who would have followed the soviets but not one party; and the
offensive resolved at midnight begins with it, the telegraph, which was not left for midnight, among its aims.
That the Left SRs leave the committee cannot be played here, only what soldiers make of it.
"""

import sim

scenario = sim.scenario("historical").but(
    "party_rising",
    sim.order("kexholm_regt", "seize", "central_telegraph", at="24 Oct 08:30", men=60),
    question="What if the party had risen in its own name on the morning of the 24th?",
    expects=(
        "Red Guards and sailors move, most regiments do not: half as many willing soldiers, more dead, "
        "a smaller chance of success."
    ),
    expected={"garrison_active": "-", "killed": "+", "government_holds": "+", "central_telegraph": "-"},
    sources=[
        "article (masses for the soviets, not for a party)",
        "literature: Rabinowitch",
        "docs/counterfactuals.md, CF04",
    ],
    d24_defensive="party rising at once",
    d25_offensive="go over to the offensive on the morning of the 24th",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
