"""On the 23rd the meeting in the Peter and Paul Fortress ends the other way: the garrison stays the
government's, and so do its guns.

Varied: the opening of the 24th, and what follows from it. Fortress and arsenal are the government's and
nobody takes the fortress; its men lean to the government and have no commissar. Across the river the palace
has a friend: no shells come from there, and no rifles go from the arsenal to the Red Guards. The ultimatum is
still sent, by whoever besieges the palace.
"""

import sim

scenario = sim.scenario("historical").but(
    "fortress_with_the_government",
    sim.hold("peter_paul_fortress", "government"),
    sim.hold("kronwerk_arsenal", "government", until="24 Oct 03:00"),
    sim.loyalty("fortress_garrison", to=-0.4, commissar=0.0),
    sim.loyalty("fortress_artillery", to=-0.4, commissar=0.0),
    sim.loyalty("kronwerk_staff", to=-0.4, commissar=0.0),
    question="What if the Peter and Paul Fortress had stayed with the government?",
    expects=(
        "Red Guards stay badly armed, no shell is fired, Troitsky Bridge is contested from both banks; "
        "the siege is longer and may last into the daylight of the 26th, but the government does not "
        "win by it."
    ),
    expected={"palace_falls": "+", "troitsky_bridge": "+", "walkout": "-"},
    sources=[
        "article (the fortress argued over, and won, on the 23rd)",
        "literature: Rabinowitch",
        "docs/counterfactuals.md, CF07",
    ],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
