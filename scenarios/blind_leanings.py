"""How much of the answer do we owe to knowing it? Leanings that rest on what a force did after the start are
made blind.

Varied: every force whose leaning is judged from its behaviour after three in the morning of the 24th (the
table of forces says which) takes the mean leaning of its kind instead, weighted by men, from those forces of
the kind that are judged from before. Nothing else is changed. What this loses against the historical scenario
is what hindsight in the table is worth.
"""

import sim
from sim.history import Force, load

FORCES = load().forces


def mean_of_kind(force: Force) -> float:
    """The mean leaning of the forces of a kind that are judged from before the start (of all of the kind, if
    there are none), by men.
    """
    kind = [f for f in FORCES.values() if f.kind == force.kind]
    known = [f for f in kind if f.basis == "before" and f.men] or [f for f in kind if f.men]
    return round(sum(f.leaning * f.men for f in known) / sum(f.men for f in known), 3)


scenario = sim.scenario("historical").but(
    "blind_leanings",
    *(
        sim.loyalty(f.id, to=mean_of_kind(f))
        for f in FORCES.values()
        if f.basis == "after" and f.leaning != mean_of_kind(f)
    ),
    question="What if no leaning in the table rested on what a force did after the start?",
    expects=(
        "Less order in the captures and more regiments out, since those that stayed in lean as their "
        "kind does; the city still goes to the Soviet."
    ),
    expected={"government_holds": "0", "garrison_active": "+"},
    sources=["sim/history/data/forces.csv (basis, and what was known before)", "docs/sources.md"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
