"""The men behind the woodpiles aim, and go on aiming: this time both sides mean what they have rifles for.

Varied: how readily armed men fire when they face each other, and how well, at the upper end of what the model
thinks possible. It holds for the whole city and both sides from the first hour, not only for the palace from
19:10: the model has no verb for the mind of a garrison within walls, and this is the nearest.
"""

import sim

scenario = sim.scenario("historical").but(
    "defenders_fire_to_kill",
    sim.parameter("shot_rate", 0.8),
    sim.parameter("loss_rate", 0.01),
    question="What if men had fired to kill?",
    expects=(
        "The attackers lose tens, perhaps a low hundred; the garrison stays as passive as it was, and "
        "the palace does not hold by it."
    ),
    expected={"killed": "+", "killed_soviet": "+", "government_holds": "0", "garrison_active": "0"},
    sources=["article (neither side wished to fight)", "docs/counterfactuals.md, CF36"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
