"""A patrol of cadets looks under the bandage, and Lenin is held.

Varied: he is out of it from the start, held and under guard. Nobody carries to Smolny at midnight what he
carried; the committee has its other leaders, and turns to the offensive when it comes to it, or not at all.
"""

import sim

scenario = sim.scenario("historical").but(
    "lenin_held",
    sim.cancel("lenin"),
    question="What if a patrol had held Lenin?",
    expects=(
        "Trotsky and Podvoisky lead on; the turn to the offensive is later, the ring looser, and the palace "
        "falls at least half as often."
    ),
    expected={"palace_falls": "+", "government_holds": "+"},
    sources=["article (a patrol stopped him on Shpalernaya)", "judgement"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
