"""Smolny answers the raid at eight in the morning with everything it has, in the name of the committee,
without waiting for midnight.

Varied: the offensive begins at 08:00 on the 24th and not in the first hour of the 25th; the resolution to
stay on the defensive is not taken. What was ordered at midnight is ordered in the morning, with the same
lags, and the telegraph, which was not left for midnight, with it. Unlike the party rising it keeps the
soviets' name, and pays only for being seen to strike.
"""

import sim

scenario = sim.scenario("historical").but(
    "all_out_at_eight",
    sim.order("kexholm_regt", "seize", "central_telegraph", at="24 Oct 08:30", men=60),
    question=(
        "What if the Soviet had answered the press raid with an all-out offensive at eight in the morning?"
    ),
    expects=(
        "Points fall earlier, with fewer willing soldiers and more dead; without Kronstadt the palace "
        "is still not taken before the night."
    ),
    expected={
        "central_telegraph": "-",
        "telephone_exchange": "-",
        "main_post_office": "-",
        "killed": "+",
        "garrison_active": "-",
    },
    sources=["article (the defensive line of the 24th)", "docs/counterfactuals.md, CF13"],
    d24_defensive="no answer to the raid",
    d25_offensive="go over to the offensive on the morning of the 24th",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
