"""The sailors at the canal step aside for the mayor, and three hundred people with bread and sausage march on
to the palace.

Varied: the picket on Nevsky stops armed men only. The march itself, the hour and the umbrellas are as
documented.
"""

import sim

scenario = sim.scenario("historical").but(
    "duma_march_let_through",
    question="What if the march of the City Duma had been let through?",
    expects=(
        "Three hundred civilians stand in the Square between half past midnight and two; the guns fall "
        "silent, there is talk, and the capture is put off, perhaps to the morning."
    ),
    expected={"palace_falls": "+", "killed": "-", "government_holds": "0"},
    sources=[
        "article (the march blocked without violence)",
        "page: Reed, Ten Days",
        "docs/counterfactuals.md, CF34",
    ],
    d25_cordon="let civilians through",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
