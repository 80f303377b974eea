"""The afternoon of the 24th passes without the grinding of a single bridge; everybody may cross, and
everybody does.

Varied: the staff's order to raise the bridges is not given. The cadets who went to the spans are free for
other work, and the crowd at Liteiny has nothing to gather for.
"""

import sim

scenario = sim.scenario("historical").but(
    "bridges_left_down",
    question="What if nobody had tried to raise the bridges?",
    expects=(
        "The Red Guards of Vyborg and the Petrograd side reach the centre sooner; nothing else is "
        "changed by it."
    ),
    expected={"palace_falls": "-", "nikolaevsky_bridge": "-", "killed": "-", "government_holds": "0"},
    sources=["article (bridges of the afternoon)", "docs/counterfactuals.md, CF14 a"],
    d24_hq_orders="leave the bridges down",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
