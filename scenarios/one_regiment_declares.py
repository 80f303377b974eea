"""One regiment of the Guards comes out for the government in a garrison that wavers: is it joined?

Varied: as in `wavering_garrison` the regiments lean to neither side, half with a commissar; but the
Preobrazhensky, next door to the palace, is the government's and goes to the Square at two in the afternoon of
the 24th, where its neighbours can see it. Whether one of them follows is theirs to decide.
"""

import sim

scenario = sim.scenario("historical").but(
    "one_regiment_declares",
    sim.loyalty("garrison", to=0.0, commissar=0.5),
    sim.loyalty("preobrazhensky_regt", to=-1.0, commissar=0.0),
    sim.order("preobrazhensky_regt", "guard", "palace_square", at="24 Oct 14:00", side="government"),
    question="What if one regiment had declared for the government, in a garrison that wavered?",
    expects=(
        "The quarter round the palace is the government's; a bandwagon would need more than one regiment, "
        "and mostly there is none."
    ),
    expected={"government_holds": "+", "palace_falls": "+", "most_government": "+"},
    sources=["judgement", "literature: Rabinowitch (the Preobrazhensky's neutrality)"],
    d24_quarter="call chosen regiments out",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
