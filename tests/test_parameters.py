"""The parameters: every one has its row, every row is used, and wrong ones are refused in one line."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import sim.parameters as parameters
from sim.agents import SORTS
from sim.model import Petrograd
from sim.parameters import ParameterError, Parameters, calibrated

TABLE = parameters.table()
CODE = sorted(Path(parameters.__file__).parent.rglob("*.py"))


def reads(source: str) -> set[str]:
    """The attributes read of the parameters: of `x.p`, and of a name that stands for it in the same function."""
    found: set[str] = set()
    tree = ast.parse(source)
    for part in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
        names = set()
        for node in ast.walk(part):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    names |= _stand_ins(target, node.value)
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute) and (_is_p(node.value) or (isinstance(node.value, ast.Name) and node.value.id in names)):
                found.add(node.attr)
    return found


def _is_p(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "p"


def _stand_ins(target: ast.expr, value: ast.expr) -> set[str]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return set().union(*(_stand_ins(t, v) for t, v in zip(target.elts, value.elts, strict=True)))
    return {target.id} if isinstance(target, ast.Name) and _is_p(value) else set()


READ = set().union(*(reads(path.read_text("utf-8")) for path in CODE)) | {sort.band for sort in SORTS}


@pytest.mark.parametrize("name", TABLE.index)
def test_row(name: str) -> None:
    """Every parameter has a meaning and a source, a scale, and a prior round its centre."""
    row = TABLE.loc[name]
    assert all(row[["meaning", "source"]])
    assert row["scale"] in ("linear", "log")
    assert float(row["low"]) <= float(row["centre"]) <= float(row["high"])


def test_no_row_twice() -> None:
    """No parameter has two rows."""
    assert TABLE.index.is_unique


def test_logarithmic_priors_are_positive() -> None:
    """A prior on a logarithmic scale starts above nought."""
    assert (TABLE.loc[TABLE["scale"] == "log", "low"] > 0).all()


def test_everything_read_has_a_row() -> None:
    """The code reads no parameter that is not in the table."""
    assert READ - set(TABLE.index) - {"row"} == set()


def test_every_row_is_read() -> None:
    """The table has no parameter that the code does not read."""
    assert set(TABLE.index) - READ == set()


def test_the_search_sees_a_parameter() -> None:
    """The two tests above find a parameter however a function comes by it."""
    source = "def rule(m):\n    c, p = m.columns, m.p\n    return p.beta + m.p.gamma + c.men"
    assert reads(source) == {"beta", "gamma"}


def test_calibrated_unless_given() -> None:
    """A parameter not given has its calibrated value in every world."""
    values = Parameters(3)
    assert all((values[name] == centre).all() and len(values[name]) == 3 for name, centre in calibrated().items())


def test_one_value_a_world() -> None:
    """A parameter may be given for each world; a row of values is what one world has."""
    values = Parameters(3, {"peer_weight": [0.1, 0.2, 0.3], "hysteresis": 0.0})
    assert values.peer_weight.tolist() == [0.1, 0.2, 0.3]
    assert values.row(1) == {name: float(values[name][1]) for name in TABLE.index}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"peer_wieght": 1}, "unknown parameter 'peer_wieght'; did you mean 'peer_weight'? (petrograd list parameters)"),
        ({"xyz": 1}, "unknown parameter 'xyz' (petrograd list parameters)"),
        ({"peer_weight": [1, 2]}, "parameter 'peer_weight': wanted one number or one for each of 3 worlds, got shape (2,)"),
        ({"peer_weight": float("nan")}, "parameter 'peer_weight': wanted finite numbers, got nan"),
    ],
)
def test_refused(values: dict[str, object], message: str) -> None:
    """A wrong name, length or value is refused with what was wanted, what was got and the nearest name."""
    with pytest.raises(ParameterError) as error:
        Parameters(3, values)
    assert str(error.value) == message


def test_no_such_attribute() -> None:
    """A parameter that is not in the table is no attribute either."""
    assert not hasattr(Parameters(1), "peer_wieght")


def test_model_takes_values_over_settings() -> None:
    """Values given to a model take the place of those of its scenario."""
    from sim.counterfactual.changes import parameter
    from sim.counterfactual.scenario import scenario

    model = Petrograd(scenario("historical").but("weak orders", parameter("order_weight", 0.2), parameter("hysteresis", 0.1)), values={"order_weight": [0.3]})
    assert (model.p.order_weight.tolist(), model.p.hysteresis.tolist()) == ([0.3], [0.1])


def test_values_are_its_own() -> None:
    """What is done afterwards to an array that was given does not change the parameters."""
    given = np.array([0.1, 0.2, 0.3])
    values = Parameters(3, {"peer_weight": given})
    given[:] = 9.0
    assert values.peer_weight.tolist() == [0.1, 0.2, 0.3]
