"""A scenario: a frozen value, varied by name, refused in one line where a name does not exist."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from likeness import HISTORY

import sim
from sim import clock
from sim.counterfactual.changes import parameter
from sim.counterfactual.scenario import (
    Scenario,
    ScenarioError,
    find_choice,
    from_toml,
    names,
    scenario,
    scenarios,
)
from sim.model import Petrograd
from sim.parameters import calibrated, centres, prior_in_words

PAST = scenario("historical")
UNKNOWN = r"^unknown scenario 'historcal'; did you mean 'historical'\? \(petrograd list scenarios\)$"


def refusal(**changes: object) -> str:
    """The message with which a variant is refused."""
    with pytest.raises(ScenarioError) as error:
        PAST.but("test", **changes)
    return str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"d24_close_pres": "leave the papers"},
            "test: unknown decision 'd24_close_pres'; did you mean 'd24_close_press'? "
            "(petrograd list decisions)",
        ),
        (
            {"d24_close_press": "leave the paper"},
            "test: d24_close_press: unknown choice 'leave the paper'; did you mean 'leave the papers'?; "
            "open were: close the papers; seize Smolny instead; close the papers and cut Smolny; "
            "close the papers in force; leave the papers",
        ),
    ],
)
def test_unknown_name(changes: dict[str, object], message: str) -> None:
    """An unknown decision, choice or parameter is refused in one line with the nearest name."""
    assert refusal(**changes) == message


def test_unknown_scenario() -> None:
    """An unknown scenario is refused in one line with the nearest name."""
    with pytest.raises(ScenarioError, match=UNKNOWN):
        scenario("historcal")


def test_model_refuses_too() -> None:
    """A model, a run and an ensemble refuse the same name with the same line."""
    for refuses in (Petrograd, sim.run, sim.ensemble, sim.compare):
        with pytest.raises(ScenarioError, match=UNKNOWN):
            refuses("historcal")


def test_end_before_start() -> None:
    """A scenario that ends before it starts is refused."""
    with pytest.raises(ScenarioError, match="wanted an end five minutes or more after the start"):
        replace(PAST, end=clock.START - timedelta(minutes=1))


def test_frozen() -> None:
    """A scenario cannot be changed, only varied."""
    with pytest.raises(FrozenInstanceError):
        PAST.name = "other"  # type: ignore[misc]


def test_varied_leaves_the_original_alone() -> None:
    """A variant is another scenario; the one it was made from is as before."""
    before = replace(PAST)
    assert PAST.but("no raid", d24_close_press="leave the papers") != PAST
    assert before == PAST


@pytest.mark.parametrize("choice", ["leave the papers", "nothing"])
def test_label_or_id(choice: str) -> None:
    """A choice may be named by its label or its id: the scenarios are equal, and equal as keys."""
    one, other = PAST.but("x", d24_close_press="leave the papers"), PAST.but("x", d24_close_press=choice)
    assert one == other
    assert hash(one) == hash(other)


def test_order_of_changes() -> None:
    """Two variants of the same decisions are equal in whatever order they were made."""
    changes = {"d24_close_press": "leave the papers", "d24_hq_orders": "nothing"}
    one = PAST.but("x", **changes).but("x", parameter("peer_weight", 1.0))
    other = PAST.but("y", parameter("peer_weight", 1.0)).but("x", **dict(reversed(changes.items())))
    assert one == other


def test_documented_choice_is_no_change() -> None:
    """To choose what was chosen is to change nothing, and takes an earlier change back."""
    assert PAST.but("x", d24_close_press="close the papers").choices == ()
    assert PAST.but("x", d24_close_press="nothing").but("x", d24_close_press="close the papers").choices == ()


def test_choices_made() -> None:
    """Every decision is taken as documented, but for those that were changed."""
    made = PAST.but("x", d24_close_press="leave the papers").chosen(HISTORY)
    assert [c.id for c in made if not c.default] == ["d24_close_press"]
    assert [c.id for c in made] == list(HISTORY.decisions)


def test_printed_as_its_difference() -> None:
    """A printed scenario says in what it differs from the record, and from what."""
    question = "What if the press had been left alone?"
    text = str(
        PAST.but(
            "no raid", parameter("peer_weight", 0.25), question=question, d24_close_press="leave the papers"
        )
    )
    assert text.split("\n") == [
        "no raid: What if the press had been left alone?",
        "  d24_close_press: leave the papers (documented: close the papers)",
        f"  parameter peer_weight = 0.25 (calibrated {calibrated()['peer_weight']:g}; "
        f"{prior_in_words('peer_weight')})",
    ]


def test_history_printed() -> None:
    """The record itself says that it differs in nothing."""
    assert str(Scenario("as it was")).endswith("differs in nothing from the record")


@pytest.mark.parametrize("name", names())
def test_scripts(name: str) -> None:
    """Every scenario's script has its name, a question, what is expected and a source."""
    found = scenario(name)
    assert (found.name, found.question) == (name, scenarios()[name])
    assert all((found.question, found.expects, found.sources))


def test_a_scenario_is_its_own_name() -> None:
    """A scenario is taken for what it is where a name is asked for."""
    assert scenario(PAST) is PAST


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("changes = 3", r"changes: wanted \[\[changes\]\] tables, got 3$"),
        ("name = [1]", r"name: wanted a text, got \[1\]$"),
        ('resolution = "x"', r"resolution: wanted a number, got 'x'$"),
        ("foo = 3", r"unknown field 'foo' \(there are name, question, "),
        ('end = "24 Oct 03:01"', r"wanted an end five minutes or more after the start"),
    ],
)
def test_bad_toml(text: str, message: str, tmp_path: Path) -> None:
    """A file that says what cannot be is refused in one line that names file and field."""
    file = tmp_path / "a.toml"
    file.write_text(f"{text}\n" if text.startswith("name") else f'name = "a"\n{text}\n')
    with pytest.raises(ScenarioError, match=message) as refused:
        scenario(file)
    assert str(refused.value).startswith(str(file))
    assert "\n" not in str(refused.value)


def test_a_script_without_a_scenario(tmp_path: Path) -> None:
    """A script that names no scenario is refused in one line."""
    (tmp_path / "a.py").write_text("x = 1\n")
    with pytest.raises(
        ScenarioError, match=r"a\.py: wanted a line 'scenario = ...' in the script, found none"
    ):
        scenario(tmp_path / "a.py")


def test_find_choice() -> None:
    """Every choice is found by its label and by its id."""
    choices = [c for rows in HISTORY.decisions.values() for c in rows]
    assert all(find_choice("x", c.id, c.label) == find_choice("x", c.id, c.choice) == c for c in choices)


def test_a_parameter_that_is_set_is_a_change() -> None:
    """Every world has its own values, so that a parameter set to any one value is a change, the calibrated
    one too; set again, it has the later value.
    """
    for value in (centres()["peer_weight"], calibrated()["peer_weight"]):
        made = PAST.but("x", parameter("peer_weight", 0.9)).but("y", parameter("peer_weight", value))
        assert made.settings == {"peer_weight": value}
        assert f"(calibrated {calibrated()['peer_weight']:g}; prior " in str(made)


TIMES: list[tuple[object, str]] = [
    ("1917-10-24T11:59:40", "wanted a whole minute, got '1917-10-24T11:59:40'"),
    (datetime(1917, 10, 24, 12, 0, 20), "wanted a whole minute, got '1917-10-24 12:00:20'"),
    (datetime(1917, 10, 24, 12, 0, 0, 5), "wanted a whole minute, got"),
    ("24 Oct 12:00:20", "wanted a time such as '24 Oct 17:00', got '24 Oct 12:00:20'"),
    ("1917-10-24T04:00:00Z", "wanted a Julian time of Petrograd, without a zone, got '1917-10-24T04:00:00Z'"),
    (datetime(1917, 10, 24, 12, tzinfo=UTC), "wanted a Julian time of Petrograd, without a zone, got"),
]


@pytest.mark.parametrize(("time", "message"), TIMES)
def test_whole_minutes_only(time: object, message: str) -> None:
    """A time with seconds or a zone is refused in one line wherever a time is taken: by verbs, as start or
    end, in TOML as text or as a time.
    """
    written = repr(time) if isinstance(time, str) else time.isoformat()  # type: ignore[attr-defined]
    for make in (
        lambda: PAST.but("x", sim.hold("smolny", "soviet", at=time)),
        lambda: PAST.but("x", sim.leave("d25_blank", since=time)),
        lambda: replace(PAST, end=time),
        lambda: replace(PAST, start=time),
        lambda: from_toml(f"name = 'x'\nend = {written}"),
        lambda: from_toml(
            f"name = 'x'\n[[changes]]\nverb = 'cut'\nworks = 'power'\nplace = 'smolny'\nat = {written}"
        ),
    ):
        with pytest.raises(ScenarioError) as refused:
            make()
        assert message in str(refused.value)
        assert "\n" not in str(refused.value)
