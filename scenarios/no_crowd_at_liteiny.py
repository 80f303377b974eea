"""No crowd stands at Liteiny Bridge when the gunner cadets come to raise it; the factories have not let out,
or it rains too hard.

Varied: the crowd. The cadets have the same order, the Red Guards of the district march on the same report;
what is taken away is a few hundred people who had no weapon but being there.
"""

import sim

scenario = sim.scenario("historical").but(
    "no_crowd_at_liteiny",
    sim.strength("crowd_liteiny", men=0),
    question="What if no crowd had stood in the cadets' way at Liteiny Bridge?",
    expects=(
        "The bridge is raised and stays up until the evening; the guards go round by Sampsonievsky and "
        "Troitsky and come one to three hours later."
    ),
    expected={"liteiny_bridge": "+", "palace_falls": "0", "government_holds": "0"},
    sources=["article (the crowd disarms the cadets)", "docs/counterfactuals.md, CF15"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
