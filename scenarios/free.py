"""Nobody follows a script: from half past five on the 24th both headquarters decide for themselves.

Given are the five decisions of the night of the 23rd to the 24th, which open the clash, and what people
outside the two headquarters resolve: Kerensky's speech and journey, the motion of the Pre-Parliament, the
navy staff and the Aurora, Lenin's walk to Smolny, the right SRs' appeal and the opening of the congress.
Everything else - who is called, what is guarded, raised, taken, rung, summoned and stormed, and when - is
left to the policies of the two headquarters, which know no more than what they have heard.
"""

import sim
from sim.history import load

GIVEN = (
    "d24_refuse_peace",
    "d24_reinforce",
    "d24_commissars_out",
    "d24_close_press",
    "d24_guard",
    "d24_speech",
    "d24_motion",
    "d24_reject_motion",
    "d24_aurora_order",
    "d24_aurora_counter",
    "d24_lenin_leaves",
    "d25_sr_appeal",
    "d25_congress",
    "d25_kerensky_leaves",
)

scenario = sim.scenario("historical").but(
    "free",
    sim.leave(*(name for name in load().decisions if name not in GIVEN), since="24 Oct 05:30"),
    question="What if both headquarters had decided for themselves?",
    expects=(
        "The city may go either way; where the committee wins it wins more slowly, since nobody has "
        "told it which points to take first."
    ),
    expected={"government_holds": "+", "palace_falls": "+"},
    sources=["judgement", "docs/ODD.md, section 7.15"],
)

if __name__ == "__main__":
    sim.compare_script(__file__)
