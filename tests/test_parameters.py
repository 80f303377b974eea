"""The parameters: every one has its row, every row is used, and wrong ones are refused in one line."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from likeness import HISTORY

import sim
from sim import parameters
from sim.counterfactual.changes import Parameter, parameter
from sim.counterfactual.scenario import scenario
from sim.model import Petrograd
from sim.parameters import ParameterError, calibrated, given, in_prior, of_world
from sim.plan.layout import BANDS

TABLE = parameters.table()
CODE = sorted(Path(parameters.__file__).parent.rglob("*.py"))


def reads(source: str) -> set[str]:
    """The attributes read of the parameters: of `x.p`, and of a name that stands for it in the same
    function.
    """
    found: set[str] = set()
    tree = ast.parse(source)
    for part in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        names = set()
        for node in ast.walk(part):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    names |= _stand_ins(target, node.value)
        for node in ast.walk(part):
            of_name = (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in names
            )
            if isinstance(node, ast.Attribute) and (_is_p(node.value) or of_name):
                found.add(node.attr)
    return found


def _is_p(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "p"


def _stand_ins(target: ast.expr, value: ast.expr) -> set[str]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return set().union(*(_stand_ins(t, v) for t, v in zip(target.elts, value.elts, strict=True)))
    return {target.id} if isinstance(target, ast.Name) and _is_p(value) else set()


READ = set().union(*(reads(path.read_text("utf-8")) for path in CODE))


@pytest.mark.parametrize("name", TABLE.index)
def test_row(name: str) -> None:
    """Every parameter has a meaning and a source, a scale, and a prior round its centre."""
    row = TABLE.loc[name]
    assert all(row[["meaning", "source"]])
    assert row["scale"] in ("linear", "log")
    assert float(row["low"]) <= float(row["centre"]) <= float(row["high"])


def test_the_page_has_the_table() -> None:
    """Section 7.14 of the model's description has every row, in order, with centre and range, and says how
    many.
    """
    page = (Path(__file__).parent.parent / "docs" / "ODD.md").read_text("utf-8")
    section = page.partition("### 7.14 ")[2].partition("### 7.15 ")[0]
    found = [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in section.splitlines()]
    wanted = [
        (row.symbol, f"`{row.Index}`", row.meaning, row.unit, f"{float(row.centre):g}", prior(row))
        for row in TABLE.itertuples()
    ]
    assert [cells for cells in found if len(cells) == 6][2:] == wanted
    assert f"All {len(TABLE)} rows" in section


def prior(row: Any) -> str:
    """The range of a prior as the page has it; a single number for what is fixed."""
    low, high = float(row.low), float(row.high)
    return f"{low:g}" if low == high else f"{low:g} .. {high:g}"


def test_no_row_twice() -> None:
    """No parameter has two rows."""
    assert TABLE.index.is_unique


def test_logarithmic_priors_are_positive() -> None:
    """A prior on a logarithmic scale starts above nought."""
    assert (TABLE.loc[TABLE["scale"] == "log", "low"] > 0).all()


def test_everything_read_has_a_row() -> None:
    """The code reads no parameter that is not in the table."""
    assert READ - set(TABLE.index) == set()


def test_every_row_is_read() -> None:
    """The table has no parameter that the code does not read."""
    assert set(TABLE.index) - READ == set()


def test_the_search_sees_a_parameter() -> None:
    """The two tests above find a parameter however a function comes by it."""
    source = "def rule(w):\n    c, p = w.units, w.p\n    return p.beta + w.p.gamma + c.men"
    assert reads(source) == {"beta", "gamma"}


def test_every_band_has_a_parameter() -> None:
    """The neutral band of every kind of force is one of the parameters, and every unit has that of its
    kind.
    """
    assert {kind.band for kind in HISTORY.force_kinds.values()} <= set(BANDS)
    assert {f"band_{name}" for name in BANDS} <= set(TABLE.index)
    values = {
        f"band_{name}": float(np.interp(k, [0, len(BANDS)], TABLE.loc[f"band_{name}", ["low", "high"]]))
        for k, name in enumerate(BANDS)
    }
    model = Petrograd("historical", values=values)
    wanted = [values[f"band_{HISTORY.force_kinds[unit.kind].band}"] for unit in model.units]
    assert model.world["units"]["band"][: len(model.units)].tolist() == wanted


def test_its_own_set_unless_given() -> None:
    """A parameter not given has in the record the value of the world's own set, or the calibrated one if that
    is asked for, under its own name."""
    for base, rest in ((None, of_world("plausible", 7)), ("calibrated", calibrated())):
        values = Petrograd("historical", world=7, values=base).world["p"]
        assert {name: float(values[name]) for name in values.dtype.names} == {**calibrated(), **rest}
        assert list(values.dtype.names) == list(TABLE.index)
    over = Petrograd("historical", world=7, values={"peer_weight": 0.9}).world["p"]
    assert (float(over["peer_weight"]), float(over["hq_orders"])) == (
        0.9,
        of_world("plausible", 7)["hq_orders"],
    )


def test_one_value_a_world() -> None:
    """A parameter may be given for each world, or once for all; what an ensemble was given it keeps, world by
    world."""
    values = given({"peer_weight": [0.1, 0.2, 0.3], "hysteresis": 0.0}, 3)
    assert {name: v.tolist() for name, v in values.items()} == {
        "peer_weight": [0.1, 0.2, 0.3],
        "hysteresis": [0.0] * 3,
    }
    kept = sim.ensemble(worlds=3, parameters={"peer_weight": [0.1, 0.2, 0.3], "hysteresis": 0.0}).given
    assert {name: v.tolist() for name, v in kept.items()} == {name: v.tolist() for name, v in values.items()}


PRIOR = "{low:g} to {high:g}".format(**TABLE.loc["overlooked_line", ["low", "high"]])
REFUSED = [
    (
        {"peer_wieght": 1},
        "unknown parameter 'peer_wieght'; did you mean 'peer_weight'? (petrograd list parameters)",
    ),
    ({"xyz": 1}, "unknown parameter 'xyz' (petrograd list parameters)"),
    (
        {"peer_weight": [1, 2]},
        "parameter 'peer_weight': wanted one number or one for each of 3 worlds, got shape (2,)",
    ),
    ({"peer_weight": float("nan")}, "parameter 'peer_weight': wanted finite numbers, got nan"),
    (
        {"overlooked_line": [0.5, 1.5, 0.5]},
        f"parameter 'overlooked_line': wanted a number from 0 to 1 (prior {PRIOR}), got 1.5",
    ),
]


@pytest.mark.parametrize(("values", "message"), REFUSED)
def test_refused(values: dict[str, object], message: str) -> None:
    """A wrong name, length or value is refused with what was wanted, what was got and the nearest name."""
    with pytest.raises(ParameterError) as error:
        given(values, 3)
    assert str(error.value) == message


@pytest.mark.parametrize(("values", "message"), REFUSED)
def test_refused_by_all(values: dict[str, object], message: str) -> None:
    """A model and an ensemble refuse what is refused, in the same line, before anything is played."""
    with pytest.raises(ParameterError) as error:
        sim.ensemble(worlds=3, parameters=values)
    assert str(error.value) == message
    with pytest.raises(ParameterError):
        Petrograd("historical", values=values)
    with pytest.raises(ParameterError):
        sim.run(world=0, parameters=values)


def test_no_such_field() -> None:
    """A parameter that is not in the table is no field of the record either."""
    assert "peer_wieght" not in Petrograd("historical").world["p"].dtype.names


def test_model_takes_values_over_settings() -> None:
    """Values given to a model or a run take the place of those of its scenario."""
    weak = scenario("historical").but(
        "weak orders", parameter("order_weight", 0.2), parameter("hysteresis", 0.1)
    )
    model = Petrograd(weak, values={"order_weight": 0.3})
    assert (model.world["p"]["order_weight"], model.world["p"]["hysteresis"]) == (0.3, 0.1)
    assert sim.run(weak, world=0, parameters={"order_weight": 0.3}).events == model.play().events


def test_values_are_its_own() -> None:
    """What is done afterwards to an array that was given does not change the parameters of an ensemble."""
    values = np.array([0.1, 0.2, 0.3])
    many = sim.ensemble(worlds=3, parameters={"peer_weight": values})
    values[:] = 9.0
    assert many.values["peer_weight"].tolist() == [0.1, 0.2, 0.3]


def test_beyond_the_prior(tmp_path: Path) -> None:
    """A value beyond its prior is played and said: in one line of warning by verb, file and numbers given,
    and in the words of the change.
    """
    file = tmp_path / "far.toml"
    file.write_text("name = 'x'\n[[changes]]\nverb = 'parameter'\nname = 'yield_rate'\nvalue = 300\n")
    for make in (
        lambda: parameter("yield_rate", 300),
        lambda: scenario(file),
        lambda: given({"yield_rate": [1.0, 300.0]}, 2),
        lambda: sim.ensemble(worlds=1, parameters={"yield_rate": 300}),
        lambda: sim.run(parameters={"yield_rate": 300}),
    ):
        with pytest.warns(UserWarning, match=r"^parameter 'yield_rate' at 300: beyond its prior 0.5 to 4$"):
            made, used = make(), calibrated()["yield_rate"]
        if isinstance(made, Parameter):
            assert str(made) == f"parameter yield_rate = 300 (calibrated {used:g}; beyond its prior 0.5 to 4)"


def test_nothing_is_said_within_the_prior() -> None:
    """What the model runs at lies within the priors, and so does every plausible set."""
    assert all(in_prior(name, value) for name, value in calibrated().items())
    for name, values in parameters.plausible_rows().items():
        assert in_prior(str(name), values.min())
        assert in_prior(str(name), values.max())


def test_every_set_has_its_share_of_the_worlds() -> None:
    """Of any number of worlds every set has as many as its weight says, to a few; which one a world has, its
    number alone says.
    """
    weights = parameters.plausible_weights()
    for worlds in (50, 1000, 20_000):
        counts = np.bincount(parameters.set_of(np.arange(worlds)), minlength=len(weights))
        assert np.abs(counts - worlds * weights).max() < 3
    some = np.array([5, 3, 900])
    assert parameters.set_of(some).tolist() == parameters.set_of(np.arange(901))[some].tolist()
    assert parameters.set_of(3) == parameters.set_of(some)[1]


def test_an_ensemble_and_a_run_have_the_same_sets() -> None:
    """Every world of an ensemble runs at its own set, and the same world alone, as a run or as a Mesa model,
    is the same history.
    """
    many = sim.ensemble("historical", worlds=3, workers=1)
    assert many.values["hq_orders"][2] == of_world("plausible", 2)["hq_orders"]
    assert str(many.world(2)) == str(sim.run("historical", world=2))
    assert Petrograd("historical", world=2).play().events == many.world(2).events


def test_calibrated_is_an_option() -> None:
    """With one set for all worlds there are no clusters, and a world is the run at that set."""
    many = sim.ensemble("historical", worlds=2, workers=1, parameters="calibrated")
    assert (many.sets, many.values) == (None, {})
    alone = sim.run("historical", world=1, parameters="calibrated")
    assert str(many.world(1)) == str(alone)
    assert json.loads(alone.data.attrs["settings"]) == calibrated()


def test_what_a_scenario_sets_stands_over_the_set() -> None:
    """A parameter that a scenario sets is that of all its worlds, and one given stands over both."""
    slow = scenario("historical").but("slow", parameter("hq_orders", 0.5))
    assert "hq_orders" not in sim.ensemble(slow, worlds=2, workers=1).values
    assert json.loads(sim.run(slow, world=1).data.attrs["settings"])["hq_orders"] == 0.5
    given_too = sim.run(slow, world=1, parameters={"hq_orders": 0.7})
    assert json.loads(given_too.data.attrs["settings"])["hq_orders"] == 0.7


def test_a_fork_keeps_the_set_of_its_world() -> None:
    """A fork goes on at the values of the world it was taken from."""
    run = sim.run("historical", world=5)
    fork = run.at("25 Oct 02:00")
    assert dict(fork.parameters) == {**calibrated(), **of_world("plausible", 5)}
    assert fork.go_on().events == run.events


def test_another_word_is_refused() -> None:
    """A word that is no sort of parameters is refused with what was wanted."""
    with pytest.raises(
        ValueError, match='wanted values by name, "plausible" or "calibrated", got \'likely\''
    ):
        sim.ensemble("historical", worlds=2, parameters="likely")
