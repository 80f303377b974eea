"""Every bridge is up before the city wakes: forty cadets to each span at four in the morning of the 24th, not in the afternoon.

Varied: one decision of the staff, an hour after the cabinet had resolved to strike. It is the smallest rewrite: the order was
given that day, the parties were there, and the spans went up in July. What is lost is only the ten hours in which the crowds came.
"""

import sim

scenario = sim.scenario("historical").but(
    "bridges_raised",
    question="What if every bridge had been raised before dawn on the 24th?",
    expects="The left bank is cut off from Vyborg, the Petrograd side and Vasilevsky; the Soviet still carries the day, 6 to 12 hours later, with fewer men round the palace.",
    expected={"palace_falls": "+", "liteiny_bridge": "+", "killed": "+", "government_holds": "0"},
    sources=["seed article (bridges as the cut edges of the city)", "docs/counterfactuals.md, CF14 b"],
    d24_hq_orders="raise the bridges before dawn",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
