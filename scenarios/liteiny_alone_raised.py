"""One bridge is raised, the one that matters to the Vyborg side: Liteiny goes up and stays up for the night;
the others stay as they are.

Varied: the staff orders the Mikhailovsky cadets to Liteiny and nobody anywhere else, and the span is up at
three in the afternoon and the cadets' until midnight, whatever crowd comes. It is the strongest form of the
smallest cut.
"""

import sim

scenario = sim.scenario("historical").but(
    "liteiny_alone_raised",
    sim.cut("bridge", "liteiny_bridge", at="24 Oct 15:00"),
    sim.hold("liteiny_bridge", "government", at="24 Oct 15:00", until="25 Oct 00:00"),
    question="What if Liteiny Bridge alone had been raised?",
    expects=(
        "Next to nothing: Sampsonievsky and Troitsky serve as well, and whoever wants to cross goes round."
    ),
    expected={"liteiny_bridge": "+", "palace_falls": "0", "government_holds": "0"},
    sources=["article (several bridges to the Vyborg side)", "docs/counterfactuals.md, CF14 c"],
    d24_hq_orders="raise Liteiny Bridge only",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
