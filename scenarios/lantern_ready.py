"""In the fortress somebody has thought of a red lantern in good time.

Varied: the signal is ready when the term runs out, in five minutes and not in two and a half hours. Nobody
else's mind or place is changed by so much as a step.
"""

import sim

scenario = sim.scenario("historical").but(
    "lantern_ready",
    question="What if the red lantern had been at hand when the ultimatum ran out?",
    expects=(
        "The shot comes at twenty past seven, the defenders begin to leave two hours earlier, and the "
        "palace falls about as much sooner, at or before the opening of the congress."
    ),
    expected={"palace_falls": "-", "walkout": "-", "government_holds": "0"},
    sources=[
        "article (the lantern found late)",
        "page: Smolin, How the palace was shelled",
        "docs/counterfactuals.md, CF28",
    ],
    d25_blank="the lantern is ready",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
