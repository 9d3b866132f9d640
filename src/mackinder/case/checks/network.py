"""Rules about links, places and zones one by one. Codes MK040 to MK049."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mackinder.case.checks.registry import Material, hits, rule
from mackinder.case.findings import Hit

__all__ = ["great_circle_km"]

_EARTH_RADIUS_KM: Final = 6371.0088  # mean radius, IUGG
#: plausible speeds, km/h, and prices, USD per tonne-km; only on links long enough that a border stop does not rule them
_SPEEDS: Final = {"rail": (4, 100), "road": (4, 90), "sea": (6, 45), "ferry": (4, 45), "inland_water": (2, 30)}
_RATES: Final = {
    "rail": (0.005, 0.25),
    "road": (0.015, 0.4),
    "sea": (0.0005, 0.2),
    "ferry": (0.005, 0.5),
    "inland_water": (0.003, 0.15),
}
_LONG_KM: Final = 100.0


def great_circle_km(
    lat1: npt.NDArray[np.float64],
    lon1: npt.NDArray[np.float64],
    lat2: npt.NDArray[np.float64],
    lon2: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return great-circle distances by the haversine formula on the mean sphere (off by at most 0.6 %).

    Parameters
    ----------
    lat1, lon1, lat2, lon2 : ndarray, shape (n,)
        Degrees.

    Returns
    -------
    ndarray, shape (n,)
        Kilometres.

    Examples
    --------
    >>> round(float(great_circle_km(*(np.array([x]) for x in (0.0, 0.0, 0.0, 1.0)))[0]), 2)
    111.2
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_lat, half_lon = (phi2 - phi1) / 2, np.radians(lon2 - lon1) / 2
    inner = np.sin(half_lat) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_lon) ** 2
    return np.asarray(2 * _EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(inner, 0.0, 1.0))))


@rule("MK040", "a link from a place to itself", cure="Give it two different ends, or delete it", needs=("links",))
def self_loop(material: Material) -> Iterator[Hit]:
    """Find links with one end."""
    links = material.tables["links"]
    bad = (links["from_place"] == links["to_place"]) & (links["from_place"] != "")
    yield from hits("links", links, bad, "{ids} begins and ends at the same place")


@rule(
    "MK041",
    "shorter than the great circle",
    cure="Correct length_km, or the coordinates of its ends",
    needs=("links", "places"),
)
def too_short(material: Material) -> Iterator[Hit]:
    """Compare lengths with the distance of the ends; 3 % and 2 km are left to rounded coordinates."""
    links, distance = material.tables["links"], _distance(material)
    bad = links["length_km"] < 0.97 * distance - 2.0
    if bad.any():
        least = f"{links.loc[bad, 'length_km'].iloc[0]:g} km for {distance[bad].iloc[0]:.0f} km as the crow flies"
        yield from hits("links", links, bad, f"length_km is below the great circle: {{ids}} (first: {least})")


@rule(
    "MK042",
    "a long way round",
    cure="Correct length_km or the coordinates; if the line does wind so, say so in the ground with the word 'detour'",
    needs=("links", "places"),
    severity="warning",
)
def too_long(material: Material) -> Iterator[Hit]:
    """Find links of more than 50 km that are over four times as long as the distance of their ends."""
    links, distance = material.tables["links"], _distance(material)
    bad = (links["length_km"] > 4 * distance) & (links["length_km"] > 50) & ~links["ground"].str.contains("detour")
    yield from hits("links", links, bad, "length_km is over four times the great circle: {ids}")


def _distance(material: Material) -> pd.Series:
    """Return the great-circle distance of the ends of each link, km; NaN where an end is not known."""
    links, places = (
        material.tables["links"],
        material.tables["places"].drop_duplicates("place_id").set_index("place_id"),
    )
    ends = [
        links[end].map(places[axis]).to_numpy(dtype="float64")
        for end in ("from_place", "to_place")
        for axis in ("lat_deg", "lon_deg")
    ]
    return pd.Series(great_circle_km(*ends), index=links.index)


@rule("MK043", "an implausible speed", cure="Check time_h_mode against length_km", needs=("links",), severity="warning")
def odd_speed(material: Material) -> Iterator[Hit]:
    """Find long links whose speed no vehicle of their mode has."""
    links = material.tables["links"]
    speed = links["length_km"] / links["time_h_mode"].where(links["time_h_mode"] > 0)
    yield from _outside(links, speed, _SPEEDS, "km/h")


@rule(
    "MK044",
    "an implausible price",
    cure="Check cost_usd_per_t_mode against length_km",
    needs=("links",),
    severity="warning",
)
def odd_price(material: Material) -> Iterator[Hit]:
    """Find long links whose price per tonne-km is far from what is paid anywhere."""
    links = material.tables["links"]
    price = links["cost_usd_per_t_mode"] / links["length_km"].where(links["length_km"] > 0)
    yield from _outside(links, price, _RATES, "USD per tonne-km")


def _outside(
    links: pd.DataFrame, value: pd.Series, bounds: Mapping[str, tuple[float, float]], unit: str
) -> Iterator[Hit]:
    for mode, (least, most) in bounds.items():
        bad = (links["mode"] == mode) & (links["length_km"] >= _LONG_KM) & ((value < least) | (value > most))
        if bad.any():
            first = f"{value[bad].iloc[0]:.3g} {unit}, and {mode} has {least:g} to {most:g}"
            yield from hits("links", links, bad, f"{{ids}}: {first}")


@rule("MK045", "works without a day", cure="Give opens_on, or make it planned", needs=("links",))
def no_opening(material: Material) -> Iterator[Hit]:
    """Find links that are being built and have no opening day: they would count as open."""
    links = material.tables["links"]
    yield from hits(
        "links", links, (links["status"] == "building") & (links["opens_on"] == ""), "{ids} has no opens_on"
    )


@rule(
    "MK046",
    "closed since when",
    cure="Give closed_since; leave it empty only if it never was open in these years, and say so in the ground",
    needs=("links",),
    severity="warning",
)
def no_closing(material: Material) -> Iterator[Hit]:
    """Find closed links without a day and without a word about it: they count as never open."""
    links = material.tables["links"]
    bad = links["status"].isin(["closed", "destroyed"]) & (links["closed_since"] == "") & (links["ground"] == "")
    yield from hits("links", links, bad, "{ids} has no closed_since")


@rule("MK047", "a status that its dates deny", cure="Correct the status or the day", needs=("links",))
def status_against_dates(material: Material) -> Iterator[Hit]:
    """Compare status with opens_on and closed_since at the newest evidence."""
    links = material.tables["links"]
    day = str(material.settings.newest_evidence) if material.settings else ""
    opens, closed, status = links["opens_on"], links["closed_since"], links["status"]
    usable = status.isin(["open", "restricted"])
    cases = (
        ((opens != "") & (closed != "") & (closed < opens), "{ids} closes before it opens"),
        (usable & (opens > day) & (day != ""), "{ids} is usable and opens after the newest evidence"),
        (usable & (closed != "") & (closed <= day), "{ids} is usable and closed before the newest evidence"),
        (
            status.isin(["closed", "destroyed"]) & (closed > day) & (day != ""),
            "{ids} is closed from a day still to come",
        ),
        (
            (status == "building") & (opens != "") & (opens <= day),
            "{ids} is building and opened before the newest evidence",
        ),
    )
    for bad, message in cases:
        yield from hits("links", links, bad, message)


@rule(
    "MK048",
    "half an upgrade",
    cure="Give upgrade_on, upgrade_capacity_mt_per_year and the capacity of today together",
    needs=("links",),
)
def half_upgrade(material: Material) -> Iterator[Hit]:
    """Find upgrades without a day, without a size, or of a capacity that is not known to bind."""
    links = material.tables["links"]
    size, day = links["upgrade_capacity_mt_per_year"], links["upgrade_on"]
    yield from hits("links", links, size.notna() != (day != ""), "{ids} has a size or a day of an upgrade, not both")
    unknown = size.notna() & links["capacity_mt_per_year_mode"].isna()
    yield from hits("links", links, unknown, "{ids} has an upgrade, and its capacity of today is empty")


@rule(
    "MK049",
    "vehicle and track do not fit",
    cure="Rail has a gauge; other modes have no gauge, tracks or wires",
    needs=("links",),
)
def gauge_fits(material: Material) -> Iterator[Hit]:
    """Find rail links without a gauge, and other links with attributes of rail."""
    links = material.tables["links"]
    rail = links["mode"] == "rail"
    yield from hits("links", links, rail & links["gauge_mm"].isna(), "rail link {ids} has no gauge_mm")
    for name in ("gauge_mm", "tracks", "electrified"):
        bad = ~rail & (links["mode"] != "") & links[name].notna()
        yield from hits("links", links, bad, f"{{ids}} is not rail and has {name}")
