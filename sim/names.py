"""Names: places, forces, people and sides as one says them in a sentence, made out of the tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sim.history import History


class Said(NamedTuple):
    """A name in a sentence, and whether its verb is in the plural."""

    text: str
    many: bool = False


def words(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


# What the members of a force are called, by its kind; of any other kind they are men.
MEMBERS = {
    "armoured_cars": "armoured cars",
    "artillery": "gunners",
    "red_guard": "Red Guards",
    "sailors": "sailors",
    "ship": "sailors",
    "cadets": "cadets",
    "officers": "officers",
    "womens_battalion": "women",
    "shock_battalion": "shock men",
    "cossacks": "Cossacks",
    "cyclists": "cyclists",
    "guards_regiment": "soldiers",
    "garrison_regiment": "soldiers",
    "front_troops": "soldiers",
    "militia": "militiamen",
    "civilians": "people",
}
# Last words of names that have an article before them: "the State Bank", but "Liteiny Bridge".
WITH_ARTICLE = words(
    "agency arch archive arsenal barracks bank canal castle circus company corner crew depot district "
    "division duma exchange flat flotilla fortress garden garrison guard guards headquarters hotel house "
    "infantry radio manege mansion militia office palace place post prefecture press regiment battalion "
    "battery school schools service shipyard side soviet staff telegraph treasury watch works yard "
    "admiralty anchorage pre-parliament"
)
# First words that are no proper names, and are written small within a sentence.
COMMON = words(
    "armoured cadet cadets city crowd cyclist depots flame-thrower fortress horse military officers reserve "
    "sailors' school shock soldiers marchers"
)
THINGS = words("armoured depots")  # first words of what cannot be counted as men are
SHIPS = words("battleship cruiser destroyer gunboat minelayer torpedo-boat transport yacht")
MANY = ("s", "men", "women", "people")
ONE = words("corps headquarters works barracks")
RANKS = ("Rear Admiral", "Vice Admiral", "Admiral", "General", "Colonel", "Captain", "Lieutenant", "Ensign")
LITTLE = ("", "once", "twice")
NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)


def in_letters(number: int) -> str:
    """A small number in letters, a large one in figures.

    >>> in_letters(7), in_letters(41)
    ('seven', '41')
    """
    return NUMBERS[number] if 0 <= number < len(NUMBERS) else f"{number:,}"


def how_often(number: int) -> str:
    """Once, twice, three times.

    >>> how_often(2), how_often(7)
    ('twice', 'seven times')
    """
    return LITTLE[number] if number < len(LITTLE) else f"{in_letters(number)} times"


def listed(names: Iterable[str], most: int = 0) -> str:
    """Names in a row, each once, those of one sort together; of more than `most` the rest is counted.

    >>> listed(["A", "B", "C"]), listed(["A", "B", "C", "D"], most=3)
    ('A, B and C', 'A, B and two others')
    >>> listed(["Red Guards from Narva", "the Aurora", "Red Guards from Okhta", "Red Guards from Kolomna"], 3)
    'Red Guards from Narva, Okhta and two others'
    """
    each = list(dict.fromkeys(names))
    left = len(each) - most + 1 if most and len(each) > most else 0
    sorts = _sorts(each)
    if left:  # those of the most common sort are named
        sorts = dict(sorted(sorts.items(), key=lambda sort: -len(sort[1])))
        shown = [f"{sort} {where}".strip() for sort, some in sorts.items() for where in some][
            : len(each) - left
        ]
        sorts = _sorts(shown)
    said = [_in_a_row([f"{sort} {some[0]}".strip(), *some[1:]], left) for sort, some in sorts.items()]
    if left and len(said) == 1:
        return said[0]
    return _in_a_row(
        [_in_a_row([f"{sort} {some[0]}".strip(), *some[1:]]) for sort, some in sorts.items()], left
    )


def _in_a_row(names: Sequence[str], left: int = 0) -> str:
    each = [*names, *([f"{in_letters(left)} other{'s' * (left > 1)}"] if left else [])]
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}" if each else ""


def _sorts(names: Sequence[str]) -> dict[str, list[str]]:
    """Names by how they begin, "men of" or "Red Guards from", if they do."""
    sorts: dict[str, list[str]] = {}
    for name in names:
        found = re.match(r"(\w+(?: \w+)? (?:of|from)) (.*)$", name)
        sorts.setdefault(found[1] if found else name, []).append(found[2] if found else "")
    return sorts


def capital(text: str) -> str:
    """A sentence, with a capital."""
    return text[:1].upper() + text[1:]


def conjugated(verb: str, many: bool) -> str:
    """A predicate whose verb is written "one|many", as it goes with one or with many.

    >>> conjugated("refuses|refuse to march", False), conjugated("is|are held", True)
    ('refuses to march', 'are held')
    """
    return re.sub(r"([\w-]+)\|([\w-]+)", r"\2" if many else r"\1", verb)


# What is said of one government, and of the many who hold out in another event.
OF_MANY = (
    ("is arrested", "are arrested"),
    ("surrenders or flees", "surrender or flee"),
    ("comes to", "come to"),
    ("has lost", "have lost"),
    ("has its", "have its"),
    ("is relieved", "are relieved"),
    ("the government holds", "the government hold"),
    ("holds the city", "hold the city"),
    ("its palace", "their palace"),
    ("the government's", "the government'"),
    ("ministers arrested", "leaders arrested"),
    ("ministers held", "leaders held"),
)


class Names:
    """What one calls the places, forces, people and sides of one record."""

    def __init__(self, history: History) -> None:
        self.history = history

    def place(self, name: str) -> str:
        """A place: "the State Bank", "Liteiny Bridge", "Smolny"."""
        row = self.history.places.get(name)
        said = re.sub(r" \(.*\)$|, .*$| Institute$", "", row.name) if row else name
        own = re.match(r"\w+'s ", said)  # somebody's needs no article
        if own or said.split()[0].lower() == "the":
            return said
        last, first = said.split()[-1].lower(), said.split()[0]
        water = " off " in said or first in ("Ministry", "Field", "Gulf") or " Canal" in said
        works = row is not None and row.kind == "power_station"
        return f"the {said}" if last in WITH_ARTICLE or water or works else said

    @property
    def seat(self) -> str:
        """The id of the government's seat, or nothing."""
        return next((p.id for p in self.history.places.values() if "seat_government" in p.roles), "")

    def is_seat(self, place: str) -> bool:
        """Whether a place is the seat or the staff of a side."""
        row = self.history.places.get(place)
        return row is not None and any(role.startswith(("seat_", "staff_")) for role in row.roles)

    @property
    def house(self) -> str:
        """What the government's seat is: "the palace", "the castle"."""
        return f"the {self.history.places[self.seat].name.split()[-1].lower()}" if self.seat else "the seat"

    def side(self, sign: int) -> Said:
        """A side: the Soviet, and the government where there are ministers in its seat; else those who hold
        the seat.
        """
        if sign >= 0:
            return Said("the Soviet") if sign else Said("nobody")
        people = self.history.people.values()
        if not self.seat or any(x.group == "minister" and x.place == self.seat for x in people):
            return Said("the government")
        guard = self.history.places[self.seat].guard
        return Said(f"the {self.members(guard[0])}", True) if guard else Said("the rising")

    def in_event(self, text: str) -> str:
        """A text on the government and its palace, with the names that they have in this event."""
        government, house = self.side(-1), self.house
        if government.many:
            for one, many in OF_MANY:
                text = text.replace(one, many)
        text = text.replace("the government", government.text).replace("The palace", capital(house))
        return text.replace(" palace", house.removeprefix("the"))

    def person(self, name: str) -> Said:
        """Somebody by surname, with a rank if there is one; a force or a staff that decides by its own."""
        if name in self.history.forces:
            return self.force(name)
        row = self.history.people.get(name)
        if row is None:
            return Said(name)
        rank = next((r for r in RANKS if row.name.startswith(f"{r} ")), "")
        return Said(f"{rank} {row.name.split()[-1]}".strip())

    def people(self, names: Sequence[str]) -> Said:
        """Several people in a row."""
        said = [self.person(name) for name in names]
        return Said(listed(s.text for s in said), len(said) > 1 or any(s.many for s in said))

    def force(self, name: str) -> Said:
        """A whole force: "the Pavlovsky regiment", "Red Guards from the Vyborg district"."""
        row = self.history.forces.get(name)
        if row is None:
            return Said(name)
        said = row.name.replace(" Guards reserve regiment", " regiment")
        said = re.sub(r" (at|in|on|by) the .*$| by rail$", "", said) if not _cadet(said) else said
        said = re.sub(r"^((?!Crowd|Soldiers).*) at ([A-Z].*)$", r"\1 of \2", said)
        said = re.sub(r"^Cadet \w+ of (.*)$", r"cadets of \1", said)
        said = re.sub(r"^Cadet \w+ at (.*)$", r"cadets from \1", said)
        said = _after_comma(said)
        words = said.split()
        if words[0].lower() in SHIPS:
            return Said(f"the {' '.join(words[1:])}")
        said = f"{words[0].lower()} {' '.join(words[1:])}".strip() if words[0].lower() in COMMON else said
        if " and the " in said:
            return Said(f"the {said}", True)
        if _many(said):
            return Said(said, True)
        return Said(said if re.match(r"(the |\w+'s )", said) else f"the {said}")

    def party(self, name: str) -> str:
        """Some of a force: "men of the Pavlovsky regiment"."""
        whole = self.force(name)
        if whole.many:
            return whole.text
        members = self.members(name)
        twice = members != "women" and members.rstrip("s").lower() in whole.text.lower()
        few = "men" if twice or members in ("soldiers", "shock men", "militiamen") else members
        return f"{few} of {whole.text.removeprefix('the rest of ')}"

    def counted(self, name: str, men: int) -> str:
        """So many of a force: "40 men of the armoured cars", where cars or depots are no men."""
        party = self.party(name)
        party = f"men of the {party}" if party.split()[0].lower() in THINGS else party
        return (
            f"1 man {party.removeprefix('men ')}" if men == 1 and party[:4] == "men " else f"{men:,} {party}"
        )

    def members(self, name: str) -> str:
        """What the members of a force are: "cadets"."""
        row = self.history.forces.get(name)
        return MEMBERS.get(row.kind, "men") if row else "men"

    def those(self, forces: Iterable[str], most: int = 3) -> str:
        """Parties of some forces: by force if they are few, by what they are if many."""
        each = list(dict.fromkeys(forces))
        if len(each) > most:
            return listed(self.members(force) for force in each)
        return listed(self.party(force) for force in each)


def _cadet(name: str) -> bool:
    return name.startswith("Cadet ")


def _after_comma(name: str) -> str:
    """What comes after a comma in a name, put before it or away."""
    head, _, tail = name.partition(", ")
    if not tail:
        return name
    if tail == "the rest":
        return f"the rest of the {head}"
    if head.split()[-1].lower() in ("guards", "services"):
        where = f"the {tail}" if tail.split()[-1].lower() in WITH_ARTICLE | {"quarter"} else tail
        return f"{head} from {where}"
    return f"{tail} of the {head}" if tail[0].isdigit() else f"{head} in {tail}"


def _many(name: str) -> bool:
    """Whether a name is a plural: by its head, the last word before "of", "from" or the like."""
    head = re.split(r" (?:of|from|in|at|on|for|off) ", name)[0].split()[-1].lower()
    return head.endswith(MANY) and head not in ONE
