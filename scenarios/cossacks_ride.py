"""One regiment of foot declares for the government, and the Cossacks have no excuse left: the horses are
saddled.

Varied: the Preobrazhensky regiment, the one beside the palace and the coolest to its commissar, is wholly the
government's, has no commissar, and is ordered out into the Square on the evening of the 24th; at two in the
morning the three Don regiments are sent to Smolny and not to the Square. The Cossacks themselves are as they
were: they wanted infantry, and here it is.
"""

import sim

scenario = sim.scenario("historical").but(
    "cossacks_ride",
    sim.loyalty("preobrazhensky_regt", to=-1.0, commissar=0.0),
    sim.order("preobrazhensky_regt", "guard", "palace_square", at="24 Oct 20:00", side="government"),
    sim.order(
        ("cos_don_1", "cos_don_4", "cos_don_14"), "seize", "smolny", at="25 Oct 02:00", side="government"
    ),
    question=(
        "What if one regiment of infantry had declared for the government, and the Cossacks had ridden "
        "on Smolny?"
    ),
    expects=(
        "Turnout of the Cossacks rises sharply once there is infantry beside them; fighting in the "
        "centre, tens to hundreds of dead, and an open outcome until the sailors land."
    ),
    expected={
        "cossacks_active": "+",
        "killed": "+",
        "government_holds": "+",
        "palace_falls": "+",
        "most_government": "+",
    },
    sources=[
        "article (Cossacks refuse for want of infantry)",
        "page: Trut, Cossacks",
        "docs/counterfactuals.md, CF23",
    ],
    d25_call_cossacks="do not call the Cossacks",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
