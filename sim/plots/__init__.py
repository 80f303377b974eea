"""The figures: the city at a minute, places and men over time against the record, and scenarios beside one
another.
"""

from sim.plots.bands import bands
from sim.plots.captures import captures
from sim.plots.cards import card
from sim.plots.chances import chances, chances_of_endings
from sim.plots.endings import endings
from sim.plots.falls import falls
from sim.plots.holders import holders
from sim.plots.killed import killed
from sim.plots.ladder import ladder
from sim.plots.losses import losses
from sim.plots.map import city_map, draw_city
from sim.plots.maps import city_maps
from sim.plots.peaks import peaks
from sim.plots.stances import stances
from sim.plots.timeline import timeline
from sim.plots.waterfall import waterfall

__all__ = [
    "bands",
    "captures",
    "card",
    "chances",
    "chances_of_endings",
    "city_map",
    "city_maps",
    "draw_city",
    "endings",
    "falls",
    "holders",
    "killed",
    "ladder",
    "losses",
    "peaks",
    "stances",
    "timeline",
    "waterfall",
]
