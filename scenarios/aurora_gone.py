"""The cruiser has sailed on her trials on the 23rd, and the Franco-Russian yard has an empty berth.

Varied: the ship and her crew are not there, and there is no order to send her away. Nikolaevsky Bridge is
left to the men of Vasilevsky, and a gun of the fortress gives the signal that she gave: somebody would have.
All else at the palace is as it was.
"""

import sim

scenario = sim.scenario("historical").but(
    "aurora_gone",
    sim.strength("aurora_crew", men=0),
    question="What if the Aurora had sailed on the 23rd?",
    expects=(
        "Nikolaevsky Bridge is retaken later, towards dawn and on foot; the siege ends nearly as it "
        "did, an hour or three later at most."
    ),
    expected={"nikolaevsky_bridge": "+", "palace_falls": "0", "government_holds": "0"},
    sources=[
        "article (the ship at the bridge; the blank shot)",
        "judgement (who fires in her place)",
        "docs/counterfactuals.md, CF20",
    ],
    d24_aurora_order="no order to the Aurora",
    d25_aurora_order="retake Nikolaevsky Bridge by land",
    d25_blank="the fortress fires the signal shot",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
