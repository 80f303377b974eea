"""The telegrams to Kronstadt and Helsingfors, which went out in the afternoon and evening of the 24th, go out
that morning.

Varied: two calls and nothing else, seventeen hours sooner to Helsingfors and ten to Kronstadt. The men were
ready and had said so; what was missing was the telegram.
"""

import sim

scenario = sim.scenario("historical").but(
    "fleet_called_a_day_earlier",
    question="What if the fleet had been called in the first hours of the 24th?",
    expects=(
        "Sailors stand in the city by dawn of the 25th, the siege begins in the morning and the palace "
        "falls that day, before the congress opens; so the congress has no shells to break over."
    ),
    expected={"palace_falls": "-", "walkout": "-", "killed": "+", "government_holds": "0"},
    sources=[
        "article (sailors expected and late)",
        "page: October Armed Uprising memoirs (the telegram)",
        "docs/counterfactuals.md, CF21",
    ],
    d24_call_kronstadt="call Kronstadt in the morning",
    d24_call_fleet="call the fleet a day earlier",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
