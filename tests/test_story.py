"""The story: what happened in sentences, day by day, and who did it."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from types import ModuleType

import matplotlib
import pytest

import sim
from sim import clock, journal, names, telling
from sim.errors import ScenarioError
from sim.history import load
from sim.names import Names
from sim.results import Run, gist, story
from sim.results.outcomes import names_of
from sim.results.passages import Passage
from sim.results.story import DETAILS

matplotlib.use("Agg")

ACTORS = re.compile(r"^Taken by: [\d,]+ \w+", re.MULTILINE)


@pytest.fixture(scope="module")
def october() -> Run:
    return sim.run("historical", seed=3)


@pytest.fixture(scope="module")
def rising() -> Run:
    return sim.run("cadet_rising", seed=3)


@pytest.fixture(
    scope="module", params=[("historical", 3), ("historical", 11), ("free", 3), ("cadet_rising", 3)]
)
def any_run(request: pytest.FixtureRequest) -> Run:
    scenario, seed = request.param
    return sim.run(scenario, seed=seed)


def passages(run: Run, detail: str) -> list[Passage]:
    """What a story of a run tells."""
    return story.Story(run.told, names_of(run.data.attrs["scenario_toml"])).passages(detail)


@pytest.mark.parametrize("module", [names, gist, story], ids=lambda module: module.__name__)
def test_examples(module: ModuleType) -> None:
    """The examples in the docstrings print what they say."""
    assert doctest.testmod(module).failed == 0


# ---- sentences ----


def test_every_kind_of_event_has_a_sentence() -> None:
    """There is a row of the table for every kind of event that a rule writes down, and for no other."""
    rules = Path(str(sim.__file__)).parent.joinpath("rules").glob("*.py")
    noted = {
        name for file in rules for name in re.findall(r"\bnote\(\s*w, ([A-Z_]+)", file.read_text("utf-8"))
    }
    assert len(noted) > 30
    assert {getattr(journal, name) for name in noted} == set(telling.TELLERS)


def test_sentences_are_whole(any_run: Run) -> None:
    """No sentence has a gap, an id of a table, a doubled blank or an unconjugated verb."""
    for event in any_run.events:
        assert not re.search(r"_|  |\||\{|\}|nobody nobody|the the |\(\)", event.text), event.text


def test_decisions_name_who_takes_them(october: Run) -> None:
    """A decision of named people is told with one of them, or tells of him."""
    people = Names(load())
    for event in october.events:
        if event.kind == "decision" and event.actors:
            own = [people.person(name).text for name in event.actors]
            known = any(name in event.text for name in own)
            assert known or event.actors[0] in people.history.forces, event.text


@pytest.mark.parametrize("event", sorted(clock.EVENTS))
def test_every_force_and_place_can_be_said(event: str) -> None:
    """Every force, party, place and person of the tables has a name for a sentence."""
    said = Names(load(event=event))
    h = said.history
    everything = [said.place(p) for p in h.places] + [said.party(f) for f in h.forces]
    everything += [said.force(f).text for f in h.forces] + [said.person(p).text for p in h.people]
    assert [text for text in everything if not text or "  " in text or text.endswith((",", "the"))] == []


def test_the_gun_has_a_name(october: Run) -> None:
    """Whoever fires the signal is named where a decision has named him."""
    for run in (october, *(sim.run("historical", seed=1917, world=k) for k in range(8))):
        shots = [event for event in run.events if event.token == "event:blank_shot"]
        for shot in shots:
            told = any(event.token == "decision:d25_blank" for event in run.events[: shot.number])
            assert shot.text == f"{'the Aurora' if told else 'a great gun'} fires a blank round"


def test_a_crew_does_not_march(october: Run) -> None:
    """A ship's crew refuses to sail, not to march; a ship anchors, and no train is afloat."""
    texts = [event.text for event in october.events]
    assert "the crew of the Aurora refuses to sail" in texts
    assert not [text for text in texts if "occup" in text and "Neva" in text]
    assert any(re.search(r"anchors? in the Neva", text) for text in texts)


def test_whom_a_force_refuses_is_told(any_run: Run) -> None:
    """Every refusal to march says for whom, and who comes for the other side comes not "all the same"."""
    refused = [e for e in any_run.events if e.kind == "refuse"]
    assert refused
    for e in refused:
        assert re.search(
            r"refuses? to (sail|(march|serve the guns) for the (Soviet|government|cadets))$", e.text
        )
    assert not [e.text for e in any_run.events if e.text.endswith("all the same") and e.side == 0]


def test_some_of_a_force_refuse_where_others_have_gone(any_run: Run) -> None:
    """A force of several detachments refuses in part where others of it have been told of on an errand of
    that side, and never as a whole.
    """
    said = names_of(any_run.data.attrs["scenario_toml"])
    units = any_run.data["unit"].values.astype(str).tolist()
    for e in any_run.events:
        if e.kind != "refuse" or "sail" in e.text:
            continue
        (force,) = e.actors
        errands = [
            x
            for x in any_run.events[: e.number]
            if x.side == -e.side
            and x.kind in ("arrive", "capture", "train", "block", "leave")
            and any(unit.rpartition(".")[0] == force for unit in x.actors)
        ]
        parted = any(unit.startswith(f"{force}.") for unit in units)  # in more than one detachment
        assert e.text.startswith("some ") == bool(errands and parted), e.text
        if parted and not said.force(force).many:
            assert not e.text.startswith(said.force(force).text)


def test_nobody_holds_a_place_before_he_comes(any_run: Run) -> None:
    """Who lives where he is wanted gathers there, or stays where some of his have taken it already."""
    for e in any_run.events:
        if "gather at" in e.text or "gathers at" in e.text:
            taken = [x for x in any_run.events[: e.number] if x.kind == "capture" and x.place == e.place]
            assert not taken or taken[-1].side != e.side


def test_decisions_that_lapse_together_are_told_together() -> None:
    """In full what is dropped for one reason in one minute is one line, and its verb is in the plural."""
    held = sim.run("lenin_held", seed=3)
    dropped = [p for p in passages(held, "all") if p.first.kind == "lapse"]
    assert len({(p.first.minute, p.first.do) for p in dropped}) == len(dropped)
    for p in dropped:
        assert re.search(r"\"( are dropped: .*| is dropped: .*)", p.text)
        assert (" are dropped" in p.text) == (len(p.events) > 1)


def test_a_verb_goes_with_its_subject() -> None:
    """One regiment refuses, several refuse."""
    assert names.conjugated("refuses|refuse to march", False) == "refuses to march"
    assert names.conjugated("refuses|refuse to march", True) == "refuse to march"


# ---- the story ----


@pytest.mark.parametrize("detail", DETAILS)
def test_days_have_headings(october: Run, detail: str) -> None:
    """Each day has its heading, in the Julian calendar: 24 October 1917 was a Tuesday."""
    lines = october.story(detail).splitlines()
    wanted = ["Tuesday, 24 October 1917", "Wednesday, 25 October 1917", "Thursday, 26 October 1917"]
    assert [line for line in lines if line.endswith("October 1917")] == wanted


@pytest.mark.parametrize("detail", DETAILS)
def test_nothing_is_told_twice(any_run: Run, detail: str) -> None:
    """No event stands in two lines, and no line is printed twice in a minute."""
    told = passages(any_run, detail)
    numbers = [e.number for passage in told for e in passage.events]
    assert len(numbers) == len(set(numbers))
    lines = [(passage.first.minute, passage.text) for passage in told]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("detail", DETAILS)
def test_causes_are_told_before_what_comes_of_them(any_run: Run, detail: str) -> None:
    """No line stands before one that it rests on."""
    told = passages(any_run, detail)
    line = {e.number: row for row, passage in enumerate(told) for e in passage.events}
    for row, passage in enumerate(told):
        assert all(line.get(cause, -1) <= row for e in passage.events for cause in e.because), passage.text


def test_all_of_it_is_every_event(october: Run) -> None:
    """In full every event is told; at length and in short, fewer and fewer lines."""
    told = {detail: passages(october, detail) for detail in DETAILS}
    assert sum(len(passage.events) for passage in told["all"]) == len(october.events)
    assert len(told["short"]) < len(told["long"]) < len(told["all"])


@pytest.mark.parametrize(("detail", "least", "most"), [("short", 330, 420), ("long", 600, 1050)])
def test_a_story_takes_a_minute_and_a_half_or_four(any_run: Run, detail: str, least: int, most: int) -> None:
    """At 250 words a minute, the hours left out."""
    assert least <= len(re.findall(r"[^\W\d]+[\w'-]*", any_run.story(detail))) <= most


def test_the_short_story_is_a_story(october: Run) -> None:
    """It says what was decided, taken and refused, who leads the sides and from where, and how it ended."""
    told = passages(october, "short")
    assert {"decision", "capture", "refuse", "congress", "ending"} <= {p.first.kind for p in told}
    said = " ".join(october.story("short").split())
    assert "led by Kerensky, sits in the Winter Palace; the Soviet, led by Lenin, sits in Smolny." in said


def test_who_is_not_known_is_told_with_his_side(october: Run) -> None:
    """In the short story a decision is told with its side, unless somebody is among those who take it whom
    one knows by then.
    """
    decided = [p for p in passages(october, "short") if p.first.kind == "decision"]
    known = {"kerensky", "lenin"}
    for passage in decided:
        if not known & {*passage.first.actors} and passage.first.who:
            assert re.match("for the (Soviet|government), |the ", passage.text), passage.text
        known |= {*passage.first.actors}


def test_what_falls_together_is_told_together(any_run: Run) -> None:
    """In the short story no place is named twice as falling to one side in one line, and few are named."""
    for passage in passages(any_run, "short"):
        if len(passage.events) > 1 and passage.first.kind == "capture":
            assert re.match(r"to the \w+ fall .*, the last at \d\d:\d\d$", passage.text)
            assert passage.text.count(",") <= gist.NAMED + 1


def test_lines_are_sentences(any_run: Run) -> None:
    """What is told together still reads: no word twice, no blank doubled, no beginning lost."""
    for detail in DETAILS:
        for passage in passages(any_run, detail):
            assert not re.search(r"\b(and and|the the|at at|of of)\b|  |^and\b", passage.text), passage.text


def test_repetitions_are_told_once(october: Run) -> None:
    """Who is beaten off again and again is told in one line that says how often."""
    said = october.story("long")
    assert re.search(r"beaten off at [^.]*, (twice|\w+\s+times)", said)


def test_lines_keep_to_the_page(october: Run) -> None:
    """No line of the story is longer than the page."""
    assert max(map(len, october.story("all").splitlines())) <= story.PAGE


def test_what_is_documented_stands_beside_it(october: Run) -> None:
    """Every documented hour of the chronicle stands in the full story, with hours late or early."""
    documented = october.chronicle().dropna(subset=["record"])
    columns = re.findall(
        r"^\d\d:\d\d +(?:\d+ Oct )?\d\d:\d\d +[+-]\d+:\d\d", october.story("all"), re.MULTILINE
    )
    arrests = documented[documented["kind"] == "arrest"]
    assert len(documented) - len(arrests) <= len(columns) <= len(documented)


def test_no_other_detail(rising: Run) -> None:
    """An unknown detail is refused with the ones there are."""
    with pytest.raises(ScenarioError, match=r"unknown detail 'brief' .*short, long, all"):
        rising.story("brief")


@pytest.mark.parametrize("detail", DETAILS)
def test_the_rising_has_no_palace(rising: Run, detail: str) -> None:
    """On 29 October the castle falls and the cadets hold it: no government sits in a palace."""
    said = rising.story(detail)
    for word in ("the palace", "its palace", "the government", "Seat of government"):
        assert word not in said
    assert "Engineers' Castle" in said
    assert "the cadets" in said


# ---- why ----


def test_why_names_somebody(any_run: Run) -> None:
    """For every place that was taken, why says who took it and how many they were."""
    taken = dict.fromkeys(event.place for event in any_run.events if event.kind == "capture")
    assert taken
    assert [place for place in taken if not ACTORS.search(any_run.why(place))] == []


def test_why_names_the_decision_behind_it(october: Run) -> None:
    """The exchange was taken on a decision, told with those who took it, and from a guard that is named."""
    said = october.why("telephone_exchange")
    assert "On the decision of" in said
    assert "Held until then by:" in said
    assert "because" in said


def test_why_of_what_was_not_taken(october: Run) -> None:
    """A place that nobody took is told with who held it."""
    assert october.why("smolny") == "Smolny did not change hands; it was held by the Soviet."


def test_many_histories_of_the_rising_have_no_palace() -> None:
    """An ensemble and a comparison of the rising speak of its castle and its cadets, in figures too."""
    compared = sim.compare("cadet_rising", "rising_not_betrayed", worlds=4, progress=False)
    titles = [
        ax.get_title(loc="left") for f in (compared.plot.falls(), compared.plot.endings()) for ax in f.axes
    ]
    for text in (str(compared), str(compared.base), *titles):
        assert "palace falls" not in text
        assert "the palace" not in text
        assert "its palace" not in text
    labels = " ".join(compared.effects(["palace_taken", "government_holds", "killed_government"])["label"])
    assert "the castle is taken the cadets hold killed on the cadets' side" in labels
    assert "the castle would have fallen" in str(compared)
    assert "The cadets would have held" in str(compared)


def test_men_are_counted_and_not_their_cars() -> None:
    """So many of a force are men, and one is a man."""
    said = Names(load())
    assert said.counted("armoured_cars_palace", 40) == "40 men of the armoured cars"
    assert said.counted("cyclists_palace", 1) == "1 man of the cyclist company"
    assert said.counted("pavlovsky_regt", 1127) == "1,127 men of the Pavlovsky regiment"
