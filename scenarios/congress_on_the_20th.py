"""The congress meets on the day first set and votes the power to the soviets, in a city where the soviets
hold nothing yet.

Varied: the opening of the 24th, as it would stand without the five days that the delay gave. A third of the
garrison has taken a commissar and not nearly all of it, fortress and arsenal have not been talked over, and
no congress is left to wait for. Everything else, the cabinet's blow included, comes as documented. The days
from the 20th to the 23rd are not played; this is what they leave.
"""

import sim

scenario = sim.scenario("historical").but(
    "congress_on_the_20th",
    sim.loyalty("garrison", commissar=0.33),
    sim.hold("peter_paul_fortress", "government", until="24 Oct 03:00"),
    sim.hold("kronwerk_arsenal", "government", until="24 Oct 03:00"),
    question="What if the congress had met on the 20th as planned, before fortress and regiments were won?",
    expects=(
        "A vote without a city: fewer soldiers act, the telegraph is not handed over at the first "
        "word, Red Guards find no rifles, and the seizure is later or contested."
    ),
    expected={
        "palace_falls": "+",
        "government_holds": "+",
        "garrison_active": "-",
        "central_telegraph": "+",
        "killed": "+",
    },
    sources=[
        "article (the congress put off from the 20th to the 25th; what was won in those days)",
        "judgement (a third)",
        "docs/counterfactuals.md, CF01",
    ],
    d25_congress="no congress",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
