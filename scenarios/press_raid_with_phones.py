"""At half past five the presses are raided, and in the same minute the girls at the exchange stop answering
Smolny.

Varied: the hour at which Smolny's telephones are cut, nine and a half hours earlier. It was one order to one
switchboard, and it was given that afternoon. Couriers, barracks lines and the plain habit of walking over
remain.
"""

import sim

scenario = sim.scenario("historical").but(
    "press_raid_with_phones",
    question="What if Smolny's telephones had been cut in the very hour of the press raid?",
    expects="The alarm takes an hour or two longer to become orders, hardly more; nothing is decided by it.",
    expected={"central_telegraph": "+", "palace_falls": "0", "government_holds": "0"},
    sources=[
        "article (lines cut in the afternoon)",
        "page: Reed, Ten Days (couriers)",
        "docs/counterfactuals.md, CF12",
    ],
    d24_cut_smolny="cut Smolny at dawn",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
