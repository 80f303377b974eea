"""The cadets at the Telephone Exchange keep it, and the palace keeps its telephones.

Varied: the exchange is the government's to the end, whoever is sent against it. In October it went over at
seven in the morning of the 25th without much ado, and the palace fell silent; how it is kept here is not
asked.
"""

import sim

scenario = sim.scenario("historical").but(
    "exchange_held",
    sim.hold("telephone_exchange", "government"),
    question="What if the government had kept the Telephone Exchange?",
    expects="Schools and regiments can be called, and few answer; Smolny is slower. A small effect.",
    expected={"palace_falls": "+", "government_holds": "0"},
    sources=[
        "article (the exchange and the palace's lines)",
        "page: Reed, Ten Days",
        "docs/counterfactuals.md, CF24",
    ],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
