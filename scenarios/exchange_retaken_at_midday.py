"""Stankevich's cadets do what they set out to do: at midday on the 25th the exchange is the government's
again.

Varied: his hundred cadets are sent at ten in the morning and have the exchange from twelve to one, after
which they must keep it as they can; palace and staff have their telephones again at half past twelve. The
palace is short of those hundred men.
"""

import sim

scenario = sim.scenario("historical").but(
    "exchange_retaken_at_midday",
    sim.order("cad_detachments", "guard", "telephone_exchange", at="25 Oct 10:00", men=100),
    sim.hold("telephone_exchange", "government", at="25 Oct 12:00", until="25 Oct 13:00"),
    sim.restore("telephone", "winter_palace", at="25 Oct 12:30"),
    sim.restore("telephone", "general_staff_hq", at="25 Oct 12:30"),
    question="What if the Telephone Exchange had been retaken at midday on the 25th?",
    expects=(
        "Some calls go out and few answer, while a hundred men are missing at the palace: a small "
        "effect either way."
    ),
    expected={"palace_falls": "0", "government_holds": "0", "telephone_exchange:government": "-"},
    sources=[
        "article (the attempt of Stankevich)",
        "page: Reed, Ten Days (two companies)",
        "docs/counterfactuals.md, CF24",
    ],
    d25_stankevich="leave the exchange",
)

if __name__ == "__main__":
    sim.compare_script(__file__)
