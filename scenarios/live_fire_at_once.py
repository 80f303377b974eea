"""When the term of the ultimatum runs out the fortress does not signal, and the ship does not warn: it fires,
with shells.

Varied: what follows upon the end of the term: live fire as soon as the guns are ready, and no blank. As there
is no blank, there is no pause after it, and no order to resume.
"""

import sim

scenario = sim.scenario("historical").but(
    "live_fire_at_once",
    question="What if live shells had been fired as soon as the ultimatum ran out?",
    expects=(
        "More are killed, the congress opens to the sound of it and breaks the likelier; the garrison "
        "stays passive."
    ),
    expected={"killed": "+", "walkout": "+", "garrison_active": "0", "government_holds": "0"},
    sources=[
        "article (blank first, live fire late, few hits)",
        "page: Smolin, How the palace was shelled",
        "docs/counterfactuals.md, CF36",
    ],
    d25_blank="live fire when the term ends",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
