"""At three in the morning the committee's yes reaches Kerensky, and he takes it for an answer.

Varied: that one decision. The orders of the night that it was to have made needless lapse with it: the raid
on the presses, the arrest of commissars, the call for troops from outside. Nobody is made to keep the peace
later on: whatever Smolny resolved of its own accord at midnight of the 24th it may still resolve.
"""

import sim

scenario = sim.scenario("historical").but(
    "kerensky_accepts",
    question="What if Kerensky had accepted the settlement in the night to the 24th?",
    expects=(
        "A quiet 24th, and a congress that opens with the government in office; before it the fall is "
        "most unlikely, after it as likely as ever: a delay, not a reversal."
    ),
    expected={
        "palace_falls": "+",
        "central_telegraph": "+",
        "killed": "-",
        "coalition": "+",
        "government_holds": "+",
    },
    sources=["article (the concession that proved useless)", "docs/counterfactuals.md, CF11"],
    d24_refuse_peace="accept the settlement",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
