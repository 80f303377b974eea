"""From two in the afternoon of the 25th nobody enters the Winter Palace, and nobody leaves it: no Cossacks,
no cadets, no reporters.

Varied: the ring. It is the documented plan with the same forces and stages, only that its posts let nobody
through who is stronger than nobody, and that a detachment of defenders finds the way home shut unless it is
offered one.
"""

import sim

scenario = sim.scenario("historical").but(
    "tight_ring",
    question="What if the ring round the palace had been tight from two in the afternoon?",
    expects=(
        "Fewer defenders come and fewer leave; if those who are shut in fight, more are killed, and "
        "the palace holds longer for it, since departures were what ended it without blood."
    ),
    expected={"killed": "+", "palace_falls": "+", "government_holds": "0"},
    sources=["article (who passed in and out)", "page: Fedyuk, Kerensky", "docs/counterfactuals.md, CF32"],
    d25_plan="ring the palace tightly",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
