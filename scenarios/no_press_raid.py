"""The Bolshevik papers come out on the morning of the 24th like any others, and nobody breaks type at the
Trud works.

Varied: the raid alone. Commissars are still to be arrested, troops are still called, the palace guard is
still doubled; only the act that the whole city could see is left out, and with it the alarm of seven in the
morning.
"""

import sim

scenario = sim.scenario("historical").but(
    "no_press_raid",
    question="What if the papers had been left alone on the morning of the 24th?",
    expects=(
        "The committee's first directive comes hours later or not at all, and what hangs on it: the "
        "bridges, the offices, the first captures."
    ),
    expected={"central_telegraph": "+", "liteiny_bridge": "+", "palace_falls": "+"},
    sources=["article (the raid of 05:30 as the opening)", "docs/counterfactuals.md, CF12"],
    d24_close_press="leave the papers",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
