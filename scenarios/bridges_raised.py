"""Every bridge is up before the city wakes: cadets at each span at four in the morning of the 24th, not in
the afternoon.

Varied: one decision of the staff, an hour after the cabinet had resolved to strike, and its success: at half
past four the five spans on the way to the centre are up, and the government's until eight, while parties of
forty are still being found for them. It is a small rewrite: the order was given that day, the cadets were
there, and the spans had gone up in July. What is lost is only the ten hours in which the crowds came; a staff
that wrote five orders in its usual time would not be done before noon.
"""

import sim

BRIDGES = ("nikolaevsky_bridge", "palace_bridge", "liteiny_bridge", "troitsky_bridge", "okhta_bridge")

scenario = sim.scenario("historical").but(
    "bridges_raised",
    *(sim.cut("bridge", bridge, at="24 Oct 04:30") for bridge in BRIDGES),
    *(sim.hold(bridge, "government", at="24 Oct 04:30", until="24 Oct 08:00") for bridge in BRIDGES),
    question="What if every bridge had been raised before dawn on the 24th?",
    expects=(
        "The left bank is cut off from Vyborg, the Petrograd side and Vasilevsky; the Soviet still "
        "carries the day, 6 to 12 hours later, with fewer men round the palace."
    ),
    expected={"palace_falls": "+", "liteiny_bridge": "+", "killed": "+", "government_holds": "0"},
    sources=["article (bridges as the cut edges of the city)", "docs/counterfactuals.md, CF14 b"],
    d24_hq_orders="raise the bridges before dawn",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
