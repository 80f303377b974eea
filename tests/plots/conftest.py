"""A small history to draw: ten places and eight units over three days, with all that figures show."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr

mpl.use("Agg")

# id, name, kind, lat, lon, bank, objective
PLACES = [
    ("winter_palace", "Winter Palace", "palace", 59.9404, 30.3139, "admiralty_side", 2),
    ("palace_bridge", "Palace Bridge (left bank - Vasilevsky)", "bridge", 59.9411, 30.3083, "river", 2),
    (
        "central_telegraph",
        "Central Telegraph (Pochtamtskaya 15)",
        "telegraph",
        59.9311,
        30.3,
        "admiralty_side",
        1,
    ),
    (
        "state_bank",
        "State Bank (Ekaterininsky canal / Sadovaya 21)",
        "bank",
        59.932,
        30.3267,
        "admiralty_side",
        1,
    ),
    ("smolny", "Smolny Institute", "headquarters", 59.9464, 30.3966, "admiralty_side", 1),
    ("liteiny_bridge", "Liteiny (Alexander) Bridge", "bridge", 59.9512, 30.3493, "river", 1),
    ("troitsky_bridge", "Troitsky Bridge", "bridge", 59.9486, 30.3275, "river", 1),
    ("pavlovsky_barracks", "Pavlovsky regiment barracks", "barracks", 59.9444, 30.3291, "admiralty_side", 0),
    ("field_of_mars", "Field of Mars", "square", 59.9435, 30.3316, "admiralty_side", 0),
    ("kronstadt", "Kronstadt", "naval_base", 59.992, 29.77, "outlying", 0),
]
# id, kind, place at the start, men
UNITS = [
    ("pavlovsky_1", "guards_regiment", "pavlovsky_barracks", 900),
    ("pavlovsky_2", "guards_regiment", "pavlovsky_barracks", 900),
    ("rg_1", "red_guard", "smolny", 400),
    ("cadets_1", "cadets", "winter_palace", 300),
    ("cadets_2", "cadets", "winter_palace", 200),
    ("cossacks_1", "cossacks", "field_of_mars", 250),
    ("kronstadt_1", "sailors", "kronstadt", 3000),
    ("lost_1", "militia", "smolny", 70),
]
TIMES = pd.date_range("1917-10-24T03:00", "1917-10-26T06:00", freq="5min")
HOURS = {
    "telegraph_falls": "1917-10-24T17:30",
    "column_starts": "1917-10-24T20:00",
    "column_ends": "1917-10-24T21:00",
    "bank_falls": "1917-10-25T06:00",
    "palace_falls": "1917-10-26T02:30",
}


def _row(hour: str) -> int:
    return int(np.searchsorted(TIMES.to_numpy(), np.datetime64(hour)))


def _place(name: str) -> int:
    return [place[0] for place in PLACES].index(name)


def _unit(name: str) -> int:
    return [unit[0] for unit in UNITS].index(name)


def _places() -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    shape = (2, len(TIMES), len(PLACES))
    holder, raised, firing = np.zeros(shape, "int8"), np.zeros(shape, bool), np.zeros(shape, bool)
    holder[:, :, [_place("winter_palace"), _place("central_telegraph"), _place("state_bank")]] = -1
    holder[:, :, _place("smolny")] = 1
    holder[:, _row(HOURS["telegraph_falls"]) :, _place("central_telegraph")] = 1
    holder[0, _row(HOURS["bank_falls"]) :, _place("state_bank")] = 1
    holder[0, _row(HOURS["palace_falls"]) :, _place("winter_palace")] = 1
    raised[0, _row("1917-10-24T15:00") : _row("1917-10-24T23:00"), _place("liteiny_bridge")] = True
    raised[0, _row("1917-10-24T15:00") : _row("1917-10-24T19:00"), _place("palace_bridge")] = True
    firing[0, _row("1917-10-25T21:40") : _row("1917-10-25T23:00"), _place("winter_palace")] = True
    axes = ("world", "time", "place")
    return {"holder": (axes, holder), "raised": (axes, raised), "firing": (axes, firing)}


def _units() -> dict[str, tuple[object, ...]]:
    shape = (2, len(TIMES), len(UNITS))
    at = np.broadcast_to([_place(unit[2]) for unit in UNITS], shape).astype("int16")
    men = np.broadcast_to([unit[3] for unit in UNITS], shape).astype("int32")
    stance, active, duty = np.zeros(shape, "int8"), np.zeros(shape, bool), np.zeros(shape, "int8")
    to, along = np.full(shape, -1, "int16"), np.zeros(shape, "float32")
    stance[:, :, [_unit("cadets_1"), _unit("cadets_2")]] = -1
    stance[:, :, [_unit("pavlovsky_1"), _unit("rg_1"), _unit("kronstadt_1")]] = 1
    active[:, :, [_unit("cadets_1"), _unit("rg_1"), _unit("kronstadt_1")]] = True
    duty[:, :, [_unit("cadets_1"), _unit("rg_1")]] = 2
    duty[:, :, _unit("lost_1")] = 4
    start, end, walker = _row(HOURS["column_starts"]), _row(HOURS["column_ends"]), _unit("pavlovsky_1")
    active[:, start:, walker] = True
    duty[:, start:end, walker], duty[:, end:, walker] = 1, 2
    to[:, start:end, walker] = _place("field_of_mars")
    along[:, start:end, walker] = np.linspace(0, 1, end - start, endpoint=False)
    at[:, end:, walker] = _place("field_of_mars")
    axes = ("world", "time", "unit")
    meanings = {"meanings": "in_quarters under_way on_post besieged gone"}
    plain = {"stance": stance, "active": active, "at": at, "to": to, "along": along, "men": men}
    return {**{name: (axes, values) for name, values in plain.items()}, "duty": (axes, duty, meanings)}


@pytest.fixture(scope="session")
def data() -> xr.Dataset:
    """What a run has as `.data`, for two worlds: in the second the bank and the palace never fall."""
    columns = list(zip(*PLACES, strict=True))
    names = ("place_name", "place_kind", "lat", "lon", "bank", "objective")
    return xr.Dataset(
        {**_places(), **_units()},
        coords={
            "world": [0, 1],
            "time": TIMES.to_numpy("datetime64[ns]"),
            "place": list(columns[0]),
            "unit": [unit[0] for unit in UNITS],
            **{name: ("place", list(values)) for name, values in zip(names, columns[1:], strict=True)},
            "force": ("unit", [unit[0].rsplit("_", 1)[0] for unit in UNITS]),
            "force_name": ("unit", [unit[0].rsplit("_", 1)[0].title() for unit in UNITS]),
            "kind": ("unit", [unit[1] for unit in UNITS]),
            "home": ("unit", [unit[2] for unit in UNITS]),
        },
        attrs={"scenario": "historical", "seed": 1917, "version": "0.1.0"},
    )


@pytest.fixture(scope="session")
def chronicle() -> pd.DataFrame:
    """What a run tells of world 0: two captures the record knows, one late by hours, one it does not know."""
    lines = [
        ("1917-10-24T14:30", "liteiny_bridge", "bridge", -1, "bridge_raised:liteiny_bridge", None),
        (
            HOURS["telegraph_falls"],
            "central_telegraph",
            "capture",
            1,
            "capture:central_telegraph:soviet",
            "1917-10-24T17:00",
        ),
        (HOURS["bank_falls"], "state_bank", "capture", 1, "capture:state_bank:soviet", "1917-10-25T02:00"),
        ("1917-10-25T18:00", "", "order", 1, "", None),
        (HOURS["palace_falls"], "winter_palace", "capture", 1, "", None),
    ]
    frame = pd.DataFrame(lines, columns=["time", "place", "kind", "side", "token", "record"])
    frame["time"], frame["record"] = pd.to_datetime(frame["time"]), pd.to_datetime(frame["record"])
    frame["minutes_off"] = (frame["time"] - frame["record"]).dt.total_seconds() / 60
    return frame.assign(event="", actors="", because="")


def ensemble(
    scenario: str, *, hours_late: float = 0.0, killed: int = 0, worlds: int = 8, end: str = "1917-10-26T06:00"
) -> xr.Dataset:
    """An ensemble as sim.ensemble keeps it, with tracks: the telegraph, the bank and the palace fall in turn,
    later by so many hours.

    World k lags by k quarters of an hour; in the last world the palace never falls.
    """
    columns = list(zip(*PLACES, strict=True))
    names = ("place_name", "place_kind", "lat", "lon", "bank", "objective")
    times = pd.date_range("1917-10-24T03:00", end, freq="15min").to_numpy("datetime64[ns]")
    minutes = (times - times[0]) / np.timedelta64(1, "m")
    taken = np.full((worlds, len(PLACES), 2), np.inf, "float32")
    for place, hour in (("central_telegraph", 14), ("state_bank", 27), ("winter_palace", 42)):
        taken[:, _place(place), 1] = 60 * (hour + hours_late) + 15 * np.arange(worlds)
    taken[-1, _place("winter_palace"), 1] = np.inf
    taken[taken > minutes[-1]] = np.inf
    holder = np.zeros((worlds, len(times), len(PLACES)), "int8")
    holder[:, :, [_place("winter_palace"), _place("central_telegraph"), _place("state_bank")]] = -1
    holder[:, :, _place("smolny")] = 1
    holder[taken[:, None, :, 1] <= minutes[None, :, None]] = 1
    scored = np.array(columns[names.index("objective") + 1]) > 0
    men = np.stack(
        [
            np.full((worlds, len(times)), 500),
            1000 + 10 * np.arange(worlds)[:, None] + minutes - 60 * hours_late,
        ],
        axis=2,
    )
    dead = np.broadcast_to([killed, 0], (worlds, 2))
    fell = taken[:, _place("winter_palace"), 1].astype(float)
    outcome = {
        "ending": np.where(np.isfinite(fell), 1, 6).astype("int8"),
        "palace_falls": fell,
        "palace_holder": np.where(np.isfinite(fell), 1, -1).astype("int8"),
        "killed_government": dead[:, 0],
        "killed_soviet": dead[:, 1],
        "congress": np.where(np.isfinite(fell), 2, 3).astype("int8"),
        "walkout": np.full(worlds, np.inf),
        "congress_opens": np.full(worlds, 2600.0),
        "garrison_active": np.full(worlds, 0.1),
    }
    return xr.Dataset(
        {
            **{name: ("world", values) for name, values in outcome.items()},
            "captured_at": (("world", "place", "side"), taken),
            "held": (
                ("world", "time", "side"),
                np.stack([(sign == holder[:, :, scored]).sum(axis=2) for sign in (-1, 1)], axis=2),
            ),
            "chance_held": (
                ("time", "place", "side"),
                np.stack([(sign == holder).mean(axis=0) for sign in (-1, 1)], axis=2),
            ),
            "active_men": (("world", "time", "side"), men.astype("int32")),
            "killed": (
                ("world", "time", "side"),
                np.broadcast_to(dead[:, None], (worlds, len(times), 2)).astype("int16"),
            ),
        },
        coords={
            "world": np.arange(worlds),
            "time": times,
            "place": list(columns[0]),
            "side": ["government", "soviet"],
            **{name: ("place", list(values)) for name, values in zip(names, columns[1:], strict=True)},
        },
        attrs={
            "scenario": scenario,
            "question": "" if scenario == "historical" else "What if the bridges had been raised?",
            "start": "1917-10-24T03:00:00",
            "horizon_minutes": float(minutes[-1]),
            "seed": 1917,
            "version": "0.1.0",
        },
    )


@pytest.fixture(scope="session")
def history() -> xr.Dataset:
    """Eight worlds of history."""
    return ensemble("historical")


@pytest.fixture(scope="session")
def raised() -> xr.Dataset:
    """The same eight worlds with the bridges raised: all comes two hours later, and three are killed."""
    return ensemble("bridges_raised", hours_late=2, killed=3)


@pytest.fixture(scope="session")
def short() -> xr.Dataset:
    """The same worlds under a long name, ended at six in the evening of the 25th."""
    return ensemble(
        "bridges_raised_and_the_telephone_exchange_held_until_the_evening",
        hours_late=2,
        end="1917-10-25T18:00",
    )


@pytest.fixture(scope="session")
def bare(history: xr.Dataset) -> xr.Dataset:
    """History without tracks."""
    return history.drop_vars(["held", "chance_held", "active_men", "killed"]).drop_dims(
        "time", errors="ignore"
    )


@pytest.fixture(scope="session")
def effects() -> pd.DataFrame:
    """Effects of four scenarios on two measures, of which one is not known."""
    lines = [
        ("no_press_raid", "fall", "the palace falls", "h", 1.2, 0.6, 1.8, "+", "yes"),
        ("smolny_seized", "fall", "the palace falls", "h", -3.0, -4.0, -2.0, "+", "no"),
        ("cossacks_ride", "fall", "the palace falls", "h", 0.1, -0.4, 0.6, "0", "open"),
        ("no_siege", "fall", "the palace falls", "h", np.nan, np.nan, np.nan, "", ""),
        ("no_press_raid", "holds", "the government holds", "points", 0.12, 0.08, 0.16, "+", "yes"),
    ]
    table = pd.DataFrame(
        lines,
        columns=["scenario", "measure", "label", "unit", "difference", "low", "high", "expected", "agreed"],
    )
    table.attrs = {"worlds": 1000, "seed": 1917, "version": "0.1.0"}
    return table


@pytest.fixture(autouse=True)
def _clean_hands() -> Iterator[None]:
    """Every test leaves matplotlib's settings as it found them, and no figure open."""
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    yield
    plt.close("all")
    assert dict(mpl.rcParams) == before
