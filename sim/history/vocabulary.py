"""The vocabulary of the tables: quarters, roles of places, verbs of decisions, parameters and tokens."""

# Quarters of the city within which news goes round together; an outlying town is a quarter of its own.
QUARTERS = {
    "admiralty": "palace, Admiralty, St Isaac's, telegraph, post and exchange",
    "spasskaya": "Nevsky between Kazan Square and Sadovaya, Field of Mars, Sennaya",
    "kolomna": "west of the Admiralty quarter down to the shipyards",
    "liteiny": "Liteiny, Kirochnaya, Nikolaevsky Station",
    "rozhdestvensky": "Smolny, Tauride Palace, Suvorovsky",
    "narva": "Izmailovsky barracks, Baltic and Warsaw stations, Putilov works",
    "moscow_gate": "Zagorodny, Technological Institute, Moscow Gate",
    "nevsky_gate": "Lavra, Cossack barracks, power station, Obukhov works",
    "vasilevsky": "the island of that name",
    "petrograd_side": "with the fortress",
    "vyborg_side": "with Novaya Derevnya",
    "okhta": "the right bank above the Neva's bend",
}
# What a place is to the rules, which name no place.
ROLES = {
    "seat_government": "where the cabinet sits",
    "seat_soviet": "where the Soviet sits",
    "staff_government": "headquarters of the government's troops",
    "staff_soviet": "headquarters of the Soviet's troops",
    "congress": "where the Congress of Soviets meets",
    "council": "where the Pre-Parliament meets",
    "duma": "where the city council meets",
    "exchange": "serves the telephones",
    "telegraph": "serves the telegraph",
    "agency": "spreads the news",
    "wire": "has a telegraph line of its own",
    "power": "makes the current",
    "arsenal": "has rifles to hand out",
    "prison_government": "where the government holds its prisoners",
    "prison_soviet": "where the Soviet holds its prisoners",
    "gate": "where troops from outside enter the city",
}
# What a choice does with its object.
VERBS = {
    "accept": "agree to a decision of the other side, or a text",
    "appeal": "speak, print or move a motion",
    "arrest_order": "have people arrested",
    "call": "bring a force from where it is to a place",
    "call_out": "mobilise a kind of force, or all who are willing",
    "close_press": "shut a printing works",
    "commissars": "send commissars to places or units",
    "confine": "keep troops in their quarters",
    "cut_power": "switch off the current of places",
    "cut_telephone": "switch off the telephones of places",
    "depart": "a person or ship leaves for a place",
    "fire_blank": "fire a blank shot at a place",
    "guard": "send a force to hold a place",
    "march": "lead unarmed people to a place",
    "nothing": "leave it undone",
    "open_congress": "open the Congress of Soviets",
    "parley": "talk with the other side",
    "pause": "stop operations against a place for a while",
    "posture": "go over to the offensive or the defensive",
    "raise_bridge": "raise bridges",
    "readiness": "have units stand ready",
    "reject": "refuse a decision of the other side, or a text",
    "replace_commander": "put somebody in a post",
    "restore_telephone": "switch the telephones of places on",
    "resume_fire": "fire shells at a place",
    "seize": "send a force to take a place",
    "ultimatum": "demand surrender within a term",
}
# What each parameter of a choice holds: names (several joined by +), a number, time, order, token or word.
PARAMS = {
    param: kinds
    for kinds, params in (
        ("place", ("place",)),
        ("place or home", ("to",)),
        ("force", ("keep", "spawn", "inner_north", "inner_south")),
        ("force or person or nearest_willing", ("by",)),
        ("person", ("instead",)),
        ("decision", ("stands_down",)),
        ("side", ("side",)),
        ("time", ("at", "not_before", "ships_not_before", "trains_not_before", "planned")),
        ("number", ("men", "shells", "heads", "missed_lines", "legitimacy")),
        ("number", ("minutes", "readiness_min", "patience_min", "arms", "disguised", "tight", "confusion")),
        ("order", ("also",)),
        ("word", ("audience", "transport", "event", "name", "sequence", "leave", "block")),
    )
    for param in params
}
# What the parts of a token name, as in "capture:smolny:government"; a part in brackets may be left out.
TOKENS = {
    "capture": ("place", "side"),
    "hold": ("place", "side"),
    "holder": ("place", "side"),
    "phones": ("place", "on or off"),
    "power": ("place", "on or off"),
    "bridge_raised": ("bridge",),
    "bridge_lowered": ("bridge",),
    "arrive": ("force", "place"),
    "leave": ("force", "place"),
    "block": ("force or event", "[place]"),
    "depart": ("force",),
    "absent": ("force",),
    "refuse": ("force",),
    "event": ("event", "[word]"),
    "captured": ("word",),
    "arrest": ("word",),
    "not_arrested": ("word",),
    "release": ("word",),
}
