"""Lenin does as he is told and stays in the flat on the Vyborg side, writing letters that the Central
Committee does not answer.

Varied: his walk, and nothing else. He does not set out in the evening of the 24th. What he carried at
midnight has then no occasion; some hours after its documented one it lapses, and when to go over to the
offensive is the committee's own affair, without him to press for it. What was to follow from that decision it
takes up too.
"""

import sim

scenario = sim.scenario("historical").but(
    "lenin_stays_hidden",
    question="What if Lenin had stayed in hiding on the night of the 24th?",
    expects=(
        "The captures of the night mostly go on; the turn against the palace and the proclamation of "
        "the morning weaken, the siege is later, a coalition likelier."
    ),
    expected={"palace_falls": "+", "coalition": "+", "central_telegraph": "0", "telephone_exchange": "0"},
    sources=[
        "article (what his coming intensified)",
        "literature: Rabinowitch",
        "docs/counterfactuals.md, CF22",
    ],
    d24_lenin_leaves="Lenin stays hidden",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
