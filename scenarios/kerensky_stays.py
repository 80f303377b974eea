"""No car is found, or he will not take it: Kerensky sits in the Malachite Hall with the others.

Varied: he does not leave on the 25th; so no governor-general is put in his place and nobody dismisses
Polkovnikov, but the ministers come together at noon as they did. The campaign that he brought back from Pskov
lies beyond these days.
"""

import sim

scenario = sim.scenario("historical").but(
    "kerensky_stays",
    question="What if Kerensky had stayed in the Winter Palace?",
    expects="The palace falls the same night, by surrender or otherwise, and he is among the arrested.",
    expected={"palace_falls": "0", "ministers_arrested": "+", "government_holds": "0"},
    sources=["article (his departure)", "docs/counterfactuals.md, CF25"],
    d25_kerensky_leaves="Kerensky stays",
    d25_kishkin="the cabinet sits under Kerensky",
    d25_kishkin_hq="keep Polkovnikov",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
