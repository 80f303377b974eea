"""The city at a minute, as a plate of an atlas: the map, the palace quarter enlarged, the city small."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from sim.history.geometry import ATTRIBUTION
from sim.plots.background import CLOSE, Extent, draw_city
from sim.plots.legend import draw_legend, draw_strip
from sim.plots.lettering import letter
from sim.plots.margins import text_width
from sim.plots.men import draw_men
from sim.plots.moment import Bools, Moment, look
from sim.plots.plate import TITLES, Plate, caption, frame_of, neatline, outskirts, plate, scale_bar
from sim.plots.sheet import Sheet, lay
from sim.plots.style import SUBTITLE, footnote, headline, run_line, style, subtitle
from sim.plots.symbols import draw_places

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["city_map", "draw_city"]

CAVEAT = (
    "At the edge: towns beyond the map, with the men there who act. Shores of today less the land won from "
    "the sea since 1917; parks, buildings and where units stand approximate."
)
LANDMARKS = ["palace", "bridge"]


def city_map(
    data: xr.Dataset,
    time: str | datetime,
    *,
    world: int = 0,
    ax: Axes | None = None,
    extent: str | Extent = "centre",
    labels: bool = True,
) -> Axes:
    """Draw the city at a minute of one world of a run, and return the axes of its main map.

    data is `run.data`; extent is "city", "centre", "palace" or (lon0, lon1, lat0, lat1). Without ax the map
    is a plate of its own, with the palace quarter enlarged, the whole city and the key beside it; with ax it
    is the map alone, a short key below. Raises TimeError for a time outside the data, ValueError for an
    unknown extent.
    """
    moment = look(data, time, world)
    wanted = (moment.places.objective > 0) & labels
    with style():
        if ax is not None:
            sheet = draw_moment(ax, moment, extent, wanted)
            below = draw_strip(sheet)
            headline(ax, moment.headline())
            footnote(ax, f"{run_line(data, world)}\n{ATTRIBUTION}", below=below)
            return ax
        page = plate(extent)
        _draw_plate(page, moment, wanted)
        headline(page.main, moment.headline(), pad=29)
        said = moment.sentence()
        left, room = page.main.get_position().x0, 72 * page.figure.get_size_inches()[0]
        fits = (1 - 2 * left) * room / text_width(said, SUBTITLE)
        subtitle(page.main, said, size=min(1.0, fits) * SUBTITLE)
        footnote(page.figure, f"{run_line(data, world)} {CAVEAT}\n{ATTRIBUTION}")
        return page.main


def draw_moment(ax: Axes, moment: Moment, extent: str | Extent, named: Bools, heading: str = "") -> Sheet:
    """Draw a minute of the city on axes; named says of every place whether to name it, heading titles it."""
    sheet = lay(ax, moment, extent)
    places = sheet.moment.places
    draw_places(ax, sheet.moment, sheet.shows(places.xy), sheet.grain)
    crowd = draw_men(sheet, sheet.shows(sheet.moment.units.where(places)))
    near_by = np.isin(places.kinds, ["square", "street", "other"]) & (sheet.scale > CLOSE) & named.any()
    tab = caption(sheet, heading) if heading else None
    letter(sheet, named | near_by, crowd, taken=tab, size=9.5 if tab is None else 8.8)
    neatline(sheet)
    return sheet


def draw_locator(ax: Axes, moment: Moment, extent: str | Extent) -> None:
    """Draw the whole city small: where the main map lies, and beyond it districts and men in action."""
    sheet = lay(ax, moment, "city", names=False)
    places, units = sheet.moment.places, sheet.moment.units
    low, high = frame_of(ax, extent)
    spots = moment.places.xy, units.where(places)
    apart, away = (sheet.shows(xy) & ~((xy > low) & (xy < high)).all(axis=1) for xy in spots)
    draw_places(ax, sheet.moment, apart, sheet.grain)
    crowd = draw_men(sheet, away & (units.side != 0))
    caption(sheet, TITLES["city"])
    rim = outskirts(sheet)
    if extent != "palace":
        letter(sheet, apart & (places.kinds == "district"), crowd, taken=rim)
    neatline(sheet, heavy=False)


def _draw_plate(page: Plate, moment: Moment, wanted: Bools) -> None:
    xy, kinds = moment.places.xy, moment.places.kinds
    if "palace" in page.beside:
        low, high = frame_of(page.main, "palace")
        enlarged = ((xy > low) & (xy < high)).all(axis=1)
        draw_moment(page.beside["palace"], moment, "palace", wanted, TITLES["palace"])
        # What the enlargement names, the main map need not, but for its landmarks.
        wanted = wanted & ~(enlarged & ~np.isin(kinds, LANDMARKS))
    sheet = draw_moment(page.main, moment, page.extent, wanted)
    scale_bar(sheet)
    if "city" in page.beside:
        draw_locator(page.beside["city"], moment, page.extent)
    if page.extent == "city":
        outskirts(sheet)
    draw_legend(page.legend, moment)
