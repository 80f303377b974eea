"""The ministers rise from dinner, look at the dark Square, and send out a white napkin.

Varied: the answer to the ultimatum. It was weighed in the room where the decision was taken, and nothing
would have had to happen before it that did not happen.
"""

import sim

scenario = sim.scenario("historical").but(
    "ultimatum_accepted",
    question="What if the ministers had accepted the ultimatum?",
    expects=(
        "A bloodless end seven hours earlier; a congress that hears no shells, walks out less and "
        "likelier ends in a coalition."
    ),
    expected={"palace_falls": "-", "killed": "-", "walkout": "-", "coalition": "+"},
    sources=[
        "article (the ultimatum left unanswered; the session under fire)",
        "docs/counterfactuals.md, CF30",
    ],
    d25_reject="accept the ultimatum",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
