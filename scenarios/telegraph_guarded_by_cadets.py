"""The commissar walks into the Central Telegraph and finds a school of cadets at the counters, not only men
of his own party's regiment.

Varied: at four in the morning a detachment of the Konstantinovsky school is ordered to guard the telegraph.
The picket of the Kexholm regiment stays where the roster put it; it is merely no longer the only one there
with rifles.
"""

import sim

scenario = sim.scenario("historical").but(
    "telegraph_guarded_by_cadets",
    sim.order("cad_konstantinovsky", "guard", "central_telegraph", at="24 Oct 04:00", men=60),
    question="What if cadets had guarded the Central Telegraph?",
    expects=(
        "It is not handed over; it falls in the night to the 25th after a brush, and the government "
        "keeps its line to the front a few hours longer, to no effect there."
    ),
    expected={
        "central_telegraph": "+",
        "telegraph_agency": "+",
        "palace_falls": "0",
        "government_holds": "0",
    },
    sources=["article (the guard sided with the commissar)", "docs/counterfactuals.md, CF17"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
