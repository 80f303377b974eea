"""The trains from the front do come, on the morning of the 26th; the flags on the station have changed.

Varied: the northern front's men are at the station at that hour, five thousand, and of a mind with those who
called them: men who had come so far would have been. The staff has work for them: the palace, the exchange,
the telegraph, Smolny. The telegram of the night that calls them is put off beyond the end, since they are
under way already. Noon of the 26th, which the question means, lies beyond the horizon of 06:00: this is the
last hour that leaves them time to be given an order.
"""

import sim

scenario = sim.scenario("historical").but(
    "front_troops_at_five_on_the_26th",
    sim.arrive("northern_front_troops", "warsaw_station", at="26 Oct 05:00", men=5000, side="government"),
    sim.loyalty("northern_front_troops", to=-0.9),
    sim.delay("northern_front_troops", hours=27),
    sim.order(
        "northern_front_troops", "guard", "winter_palace", at="26 Oct 05:05", men=1600, side="government"
    ),
    sim.order(
        "northern_front_troops", "seize", "telephone_exchange", at="26 Oct 05:05", men=800, side="government"
    ),
    sim.order(
        "northern_front_troops", "seize", "central_telegraph", at="26 Oct 05:05", men=800, side="government"
    ),
    sim.order("northern_front_troops", "seize", "smolny", at="26 Oct 05:05", men=1600, side="government"),
    question=(
        "What if five thousand men from the front had been in the city at five in the morning of the 26th?"
    ),
    expects=(
        "Too late: the palace has fallen, nobody is left to command them, and within the hour nothing "
        "changes."
    ),
    expected={"government_holds": "0", "palace_falls": "0", "killed": "0"},
    sources=[
        "article (the troops called from the front, and stopped)",
        "page: Nikonov",
        "judgement (their mind and their orders)",
        "docs/counterfactuals.md, CF26",
    ],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
