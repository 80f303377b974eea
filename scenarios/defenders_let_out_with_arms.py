"""Chudnovsky's word to the cadets is kept: they march out of the palace with their rifles, and go home.

Varied: Antonov lets the bargain stand, where he overruled it. It was made, in the palace, by his own man.
"""

import sim

scenario = sim.scenario("historical").but(
    "defenders_let_out_with_arms",
    question="What if the defenders had been let out of the palace with their arms?",
    expects=(
        "The last cadets and women leave about an hour sooner and the ministers are taken before "
        "midnight; more armed cadets are left for the rising of the 29th, which lies beyond these days."
    ),
    expected={"palace_falls": "-", "killed": "-", "government_holds": "0"},
    sources=["article (the bargain and its refusal)", "docs/counterfactuals.md, CF31"],
    d25_chudnovsky="accept the bargain",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
