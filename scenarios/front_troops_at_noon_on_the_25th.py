"""At noon on the 25th trains roll into the Warsaw Station that no committee has stopped, and five thousand
men of the northern front get out.

Varied: the northern front's men are at the station at that hour, five thousand, and of a mind with those who
called them: men who had come so far would have been. The staff has work for them: the palace, the exchange,
the telegraph, Smolny. The telegram of the night that calls them is put off beyond the end, since they are
under way already.
"""

import sim

scenario = sim.scenario("historical").but(
    "front_troops_at_noon_on_the_25th",
    sim.arrive("northern_front_troops", "warsaw_station", at="25 Oct 12:00", men=5000, side="government"),
    sim.loyalty("northern_front_troops", to=-0.9),
    sim.delay("northern_front_troops", hours=27),
    sim.order(
        "northern_front_troops", "guard", "winter_palace", at="25 Oct 12:10", men=1600, side="government"
    ),
    sim.order(
        "northern_front_troops", "seize", "telephone_exchange", at="25 Oct 12:10", men=800, side="government"
    ),
    sim.order(
        "northern_front_troops", "seize", "central_telegraph", at="25 Oct 12:10", men=800, side="government"
    ),
    sim.order("northern_front_troops", "seize", "smolny", at="25 Oct 12:10", men=1600, side="government"),
    question="What if five thousand men from the front had been in the city by noon on the 25th?",
    expects=(
        "A serious battle: the palace is not taken that day, Cossacks come out beside them, many are "
        "killed, and nobody can say who wins."
    ),
    expected={
        "government_holds": "+",
        "palace_falls": "+",
        "killed": "+",
        "cossacks_active": "+",
        "most_government": "+",
    },
    sources=[
        "article (the troops called from the front, and stopped)",
        "page: Nikonov",
        "judgement (their mind and their orders)",
        "docs/counterfactuals.md, CF26",
    ],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
