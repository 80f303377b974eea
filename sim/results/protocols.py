"""What figures and reports ask of an ensemble and of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from numpy.typing import NDArray

    from sim.counterfactual.recipe import Recipe
    from sim.counterfactual.scenario import Scenario
    from sim.extend import After


class Minute(Protocol):
    """A history as it stands at a minute (sim.Fork)."""

    def do(self, *changes: Any, **words_and_decisions: Any) -> Minute:
        """The same with something otherwise from then on."""

    def go_on(self, luck: int = ...) -> Any:
        """Its run, to the end."""

    def ensemble(self, worlds: int = ..., **options: Any) -> Any:
        """Its futures."""

    def compare(self, worlds: int = ..., **options: Any) -> Any:
        """Its futures without what is otherwise and with it."""

    def save(self, path: Any) -> Any:
        """Written to a file."""


class Many(Protocol):
    """Many histories of a scenario."""

    @property
    def data(self) -> xr.Dataset:
        """What came of each world."""

    @property
    def given(self) -> dict[str, NDArray[Any]]:
        """The parameters that somebody has set."""

    @property
    def name(self) -> str:
        """The scenario's name."""

    @property
    def recipe(self) -> str:
        """What was played, as the text of a TOML file."""

    @property
    def scenario(self) -> Scenario:
        """The scenario."""

    @property
    def worlds(self) -> int:
        """How many histories there are."""

    @property
    def outcomes(self) -> pd.DataFrame:
        """A row a world."""

    @property
    def values(self) -> dict[str, NDArray[Any]]:
        """The parameters that are not the calibrated ones or the scenario's."""

    @property
    def after(self) -> After:
        """The rules of a user's own."""

    @property
    def fork(self) -> Recipe | None:
        """The fork whose futures they are, if they are."""

    @property
    def plot(self) -> Any:
        """Its figures."""


class Compared(Protocol):
    """Several scenarios on the same luck."""

    @property
    def ensembles(self) -> tuple[Many, ...]:
        """All of them, the base first."""

    @property
    def base(self) -> Many:
        """The first."""

    @property
    def others(self) -> tuple[Many, ...]:
        """All but the first."""

    @property
    def plot(self) -> Any:
        """Its figures."""

    def __getitem__(self, name: str) -> Many: ...

    def ladder(self, measure: str = ...) -> pd.DataFrame:
        """The scenarios by how much they change a measure."""

    def clock_hours(self, effect: Mapping[Any, Any]) -> tuple[str, str]:
        """The hours of an effect on the clock."""

    def effects(self, wanted: Iterable[str] | None = ...) -> pd.DataFrame:
        """A row a scenario and measure."""
