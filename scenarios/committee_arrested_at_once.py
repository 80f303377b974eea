"""The blow falls on Smolny and not on a printing works: every cadet within reach marches out before dawn to
arrest the committee.

Varied: Kerensky's answer to the committee's yes, at three in the morning. He had the warrant, the cadets and
the mood for it; the one thing he gives up is to wait until the staff has brought in more men. The rest of the
night's orders stand.
"""

import sim

scenario = sim.scenario("historical").but(
    "committee_arrested_at_once",
    question="What if Kerensky had had the whole committee arrested at once?",
    expects=(
        "A small chance to behead the committee; mostly the march fails before a guarded house, blood "
        "is shed, and the answer comes faster and harder than it came."
    ),
    expected={"killed": "+", "palace_falls": "-", "central_telegraph": "-", "government_holds": "0"},
    sources=["article (the measures of the night called insufficient)", "docs/counterfactuals.md, CF10 b"],
    d24_refuse_peace="arrest the committee at once",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
