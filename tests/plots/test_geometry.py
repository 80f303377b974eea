"""The shape of the city."""

from __future__ import annotations

import numpy as np
import pytest

from sim.history.geometry import ATTRIBUTION, geometry, project, unproject


def test_the_land_won_since_1917_is_water() -> None:
    """What has been land only since 1917 is among the bodies of water, apart from the rivers."""
    kinds = [area.kind for area in geometry().water]
    assert kinds.count("reclaimed_since_1917") == 5
    assert {"river", "gulf"} < set(kinds)


@pytest.mark.parametrize(
    "name", ["Nikolaevsky Bridge", "Palace Bridge (opened December 1916)", "Grenadersky Bridge"]
)
def test_bridges_bear_the_names_of_1917(name: str) -> None:
    """A bridge is known by its name of 1917, is a line of two points and can be raised."""
    bridge = next(bridge for bridge in geometry().bridges if bridge.name == name)
    assert bridge.points.shape == (2, 2)
    assert bridge.raisable


def test_streets_bear_the_names_of_1917() -> None:
    """The Moscow Prospekt of today is the Zabalkansky, and the Nevsky is of the first rank."""
    ranks = {street.name: street.rank for street in geometry().streets}
    assert "Zabalkansky Prospekt" in ranks
    assert ranks["Nevsky Prospekt"] == 1


def test_canals_have_their_true_width() -> None:
    """The Fontanka is some fifty metres wide, the Winter Canal much less."""
    widths = {canal.name: canal.width_m for canal in geometry().canals}
    assert 45 < widths["Fontanka"] < 60
    assert widths["Winter Canal"] < 20


def test_everything_lies_in_and_around_the_city() -> None:
    """No point of any layer is outside the box the layers were made for, but for a rounding."""
    city = geometry()
    rings = [ring for area in (*city.water, *city.grounds) for ring in area.rings]
    lines = [line.points for line in (*city.canals, *city.streets, *city.rails, *city.bridges)]
    names = [name.points for name in city.names]
    lon, lat = np.concatenate([*rings, *lines, *names]).T
    assert 30.14 < lon.min() < lon.max() < 30.51
    assert 59.85 < lat.min() < lat.max() < 60.01


def test_the_city_is_read_once_and_cannot_be_changed() -> None:
    """Two calls give the same object, whose arrays refuse to be written to."""
    assert geometry() is geometry()
    with pytest.raises(ValueError, match="read-only"):
        geometry().rails[0].points[0, 0] = 0.0


def test_metres_are_metres() -> None:
    """From the Winter Palace to Smolny it is 4.7 km as the crow flies."""
    palace, smolny = project([30.3139, 30.3966], [59.9404, 59.9464])
    assert np.hypot(*(smolny - palace)) == pytest.approx(4_670, rel=0.01)


def test_projecting_back_gives_the_degrees() -> None:
    """Degrees to metres and back are the same degrees."""
    assert unproject(project([30.2, 30.4], [59.9, 60.0])) == pytest.approx(
        np.array([[30.2, 59.9], [30.4, 60.0]])
    )


def test_the_attribution_names_sources_and_licences() -> None:
    """Both sources and both licences are owed to the reader."""
    assert ATTRIBUTION == (
        "© OpenStreetMap contributors (ODbL 1.0), partly traced from map tiles by Stamen Design (CC BY 3.0)"
    )
