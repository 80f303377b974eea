"""Nobody tells the garrison on the 9th that it is to leave for the front, and so nobody has to save it from
going.

Varied: the opening of the 24th. Every regiment leans less to the Soviet by 0.3 (on a scale from -1 to +1),
and fewer than half have taken a commissar. The order turned lukewarm men against the staff; to take it away
is to take away that turn, and nothing else is touched. How far opinion moved for it nobody measured: the size
is a judgement.
"""

import sim

scenario = sim.scenario("historical").but(
    "no_order_to_the_front",
    sim.loyalty("garrison", by=-0.3, commissar=0.45),
    question="What if the garrison had never been ordered to the front?",
    expects=(
        "The committee has no popular ground: far fewer soldiers act for it, guards do not hand over "
        "their posts, the outcome becomes uncertain."
    ),
    expected={"garrison_active": "-", "palace_falls": "+", "government_holds": "+", "central_telegraph": "+"},
    sources=[
        "article (the order as what set the garrison off)",
        "judgement (0.3; 45 in a hundred)",
        "docs/counterfactuals.md, CF02",
    ],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
