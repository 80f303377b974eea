"""The trains from Helsingfors are on time, and at two in the afternoon of the 25th eighteen hundred sailors
fill the Alexander Garden.

Varied: where those men are at 14:00. In October they got out at the Finland Station when all was over; here
they have been through the city already and stand where the besiegers wanted them, beside the Admiralty. What
they do there is left to them.
"""

import sim

scenario = sim.scenario("historical").but(
    "helsingfors_sailors_at_two",
    sim.arrive("helsingfors_trains", "alexander_garden", at="25 Oct 14:00", men=1800),
    question="What if the sailors from Helsingfors had come at two in the afternoon?",
    expects=(
        "The ring is tight by four o'clock, the defenders' exodus begins sooner, and the palace falls "
        "in the evening."
    ),
    expected={"palace_falls": "-", "walkout": "-", "government_holds": "0"},
    sources=["article (the sailors' delay)", "docs/counterfactuals.md, CF29"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
