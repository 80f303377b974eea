"""One man commands, draws no rings on the map, and storms the palace at three in the afternoon with the
sailors just landed.

Varied: two decisions of the siege: one head and not three, and an assault by daylight, two hours after the
hour of the plan, which is about three o'clock. Trotsky thought afterwards that it should have been done so.
"""

import sim

scenario = sim.scenario("historical").but(
    "single_command",
    sim.delay("d25_plan", hours=2),
    question="What if one man had commanded the siege and stormed at three in the afternoon?",
    expects=(
        "The palace is taken before the congress opens, with tens of dead, and the congress breaks "
        "less or over something else."
    ),
    expected={"palace_falls": "-", "killed": "+", "walkout": "-"},
    sources=["article (the complicated plan, and Trotsky on it)", "docs/counterfactuals.md, CF27"],
    d25_siege_troika="one man commands the siege",
    d25_plan="storm by daylight",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
