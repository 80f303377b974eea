"""The siege without the record's decisions: when to summon, to signal, to fire and to storm is the besiegers'
own affair.

Varied: the eight decisions of the siege, from the ultimatum to the assault, are not given; the policy of the
besieging headquarters takes them, as soon as each is ready. The ring itself is ordered as in the record. Not
a turning point but a test: what the documented hours of the siege contribute to the hour of the fall.
"""

import sim

scenario = sim.scenario("historical").but(
    "siege_left_to_policies",
    sim.leave(
        "d25_ultimatum",
        "d25_reject",
        "d25_parley",
        "d25_blank",
        "d25_pause",
        "d25_bargain",
        "d25_chudnovsky",
        "d25_resume",
    ),
    question="What if the besiegers had not been bound to the record's own delays?",
    expects=(
        "Much the same: the ring closes when it did, the guns are no sooner ready, and the garrison "
        "leaves as it left."
    ),
    expected={"government_holds": "0", "palace_falls": "0"},
    sources=["judgement", "docs/ODD.md, section 7.15"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
