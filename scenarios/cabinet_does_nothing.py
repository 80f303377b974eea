"""The cabinet goes home to bed. No paper is closed, nobody is prosecuted, no guard is doubled; the congress
will meet as announced.

Varied: the three halves of a half-measure, all taken within an hour of the night: the raid on the presses,
the arrest of commissars, the stronger guard of the palace. The rest of the government's day is left to come
if its occasion comes; much of it answered to an alarm at Smolny that the raid had raised.
"""

import sim

scenario = sim.scenario("historical").but(
    "cabinet_does_nothing",
    question="What if the cabinet had done nothing in the night to the 24th?",
    expects=(
        "No pretext: the power passes at the congress, by vote; whatever is seized is seized later and "
        "more mildly, and the Soviet still succeeds most likely."
    ),
    expected={"palace_falls": "+", "killed": "-", "central_telegraph": "+", "government_holds": "0"},
    sources=["article (too little to stop, enough to provoke)", "docs/counterfactuals.md, CF10 a"],
    d24_close_press="leave the papers",
    d24_commissars_out="leave the commissars",
    d24_guard="leave the palace guard as it is",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
