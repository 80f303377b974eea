"""One regiment of foot declares for the government on the first evening, and the Cossacks come out behind it.

Varied: the Preobrazhensky regiment, quartered next door to the palace, is wholly the government's, has no
commissar, and moves into the palace at six in the evening of the 24th; the three Don regiments lean to the
government as their officers said they did (-0.7), and are called to the Square at eight. They still want
infantry beside them: here it is. Who rides is theirs to decide.
"""

import sim

COSSACKS = ("cos_don_1", "cos_don_4", "cos_don_14")

scenario = sim.scenario("historical").but(
    "infantry_and_cossacks_early",
    sim.loyalty("preobrazhensky_regt", to=-1.0, commissar=0.0),
    *(sim.loyalty(name, to=-0.7) for name in COSSACKS),
    sim.order("preobrazhensky_regt", "guard", "winter_palace", at="24 Oct 18:00", side="government"),
    sim.order(COSSACKS, "guard", "palace_square", at="24 Oct 20:00", side="government"),
    question=(
        "What if a regiment of infantry had stood in the palace on the first evening, and the Cossacks "
        "before it?"
    ),
    expects=(
        "The ring cannot close on so many; the palace outlasts the night of the 25th in a good part of "
        "the histories, and more are killed."
    ),
    expected={"government_holds": "+", "palace_falls": "+", "cossacks_active": "+", "most_government": "+"},
    sources=[
        "article (Cossacks refuse for want of infantry)",
        "page: Trut, Cossacks",
        "docs/counterfactuals.md, CF23",
    ],
    d25_call_cossacks="do not call the Cossacks",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
