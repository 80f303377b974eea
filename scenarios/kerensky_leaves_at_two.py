"""Kerensky takes a night train, while the Warsaw Station is still his, and is in Pskov for breakfast.

Varied: he leaves at two in the morning of the 25th and not at half past eleven, by rail and not in a borrowed
car. The appointment of Kishkin, which answered to his going, keeps its hour. He loses nothing by it in the
city but nine hours of telephoning.
"""

import sim

scenario = sim.scenario("historical").but(
    "kerensky_leaves_at_two",
    sim.delay("d25_kishkin", hours=9.5),
    question="What if Kerensky had left for the front at two in the morning?",
    expects=(
        "He is at the front nine hours sooner and the city is lost all the same: no troops come within "
        "these days, and the palace falls about when it fell."
    ),
    expected={"palace_falls": "0", "government_holds": "0", "killed": "0"},
    sources=[
        "article (his departure by car at 11:30)",
        "page: Wikipedia mirror (Kerensky and Krasnov)",
        "docs/counterfactuals.md, CF25",
    ],
    d25_kerensky_leaves="Kerensky leaves at two in the night",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
