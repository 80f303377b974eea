"""In the night to 29 October the car with the plan of the rising is not stopped: nobody warns the districts
or searches the schools.

Varied: the find, and what hung on it. The schools of the Petrograd side go for the fortress at dawn, as they
were meant to, and Smolny hears of the rising when the first post is lost or its telephones die; the castle's
own seizures, the forces and the Soviet's answer are those of the record.
"""

import sim

scenario = sim.scenario("cadet_rising").but(
    "rising_not_betrayed",
    question="What if the plan of the cadets' rising had not been found?",
    expects=(
        "Exchange and cars are taken as before; the fortress is tried and seldom taken; the end slips "
        "into the night, and more are killed."
    ),
    expected={"palace_falls": "+", "killed": "+"},
    sources=["page: Prudnikova (the plan)", "docs/counterfactuals.md, the rising of 29 October"],
    x29_bruderer="the car with the plan gets through",
    d29_vladimir="the Vladimirskoe school goes for the fortress",
    d29_mrc="put the rising down once it is heard of",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
