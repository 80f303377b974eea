"""Lenin does as he is told and stays in the flat on the Vyborg side, writing letters that the Central
Committee does not answer.

Varied: he does not set out in the evening of the 24th, and what he carried at midnight is not resolved. The
committee goes on as it had begun: the points still missing are ordered taken at the documented hour, but it
stays on the defensive, and the proclamation that he wrote in the morning is left to the congress. Lenin
arrested is the same to this model as Lenin absent.
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
    d25_offensive="take what is left without Lenin",
    d25_proclaim="let the congress proclaim",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
