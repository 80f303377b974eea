"""The figures: the city at a minute, places changing hands against the record, men by stance."""

from sim.plots.map import city_map, draw_city
from sim.plots.stances import stances
from sim.plots.timeline import timeline

__all__ = ["city_map", "draw_city", "stances", "timeline"]
