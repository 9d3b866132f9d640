"""How the report looks: fixed colours of actors, dashes of modes, line widths.

Colours do not change with the data: the same actor has the same colour in every figure of every report. The eight were
chosen by a search for the set that stays farthest apart for normal sight and for simulated deuteranopia and protanopia
(Machado, Oliveira and Fernandes 2009); the smallest distance between any two of them, grey included, is 0.079 in OKLab
(about four just-noticeable steps), and each has a contrast of at least 3.1 : 1 on the land colour (WCAG 1.4.11 asks for
3 : 1): RUS 5.7, USA 3.2, IRN 6.8, TUR 4.9, CHN 6.3, EU 14.2, AZE 3.3, ARM 8.2, others 3.1.
Colour never carries a meaning alone: lines have titles, bars have labels, gains and losses have signs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

__all__ = [
    "ACTOR_COLOURS",
    "BASELINE",
    "GAIN",
    "INK",
    "LAND",
    "LOSS",
    "MODE_DASHES",
    "MODE_LABELS",
    "MUTED",
    "OTHER",
    "SEA",
    "actor_colour",
    "holder_of",
    "line_style",
    "line_width",
]

ACTOR_COLOURS: Final[Mapping[str, str]] = {
    "RUS": "#1b5ebd",
    "USA": "#c97328",
    "IRN": "#02632f",
    "TUR": "#0f7770",
    "CHN": "#b50f29",
    "EU": "#150b79",
    "AZE": "#118fc8",
    "ARM": "#722b7c",
}
OTHER: Final = "#868b93"  # every other actor, the high seas, and ground shared by two states
LAND: Final = "#f7f5ef"
SEA: Final = "#e3ebf0"
INK: Final = "#1d2530"
MUTED: Final = "#5b6470"
BASELINE: Final = "#5b6470"
GAIN: Final = "#0b62a8"
LOSS: Final = "#c4500a"

#: dash and gap in px; empty = solid
MODE_DASHES: Final[Mapping[str, str]] = {
    "rail": "",
    "road": "6 3",
    "sea": "15 4.5",
    "ferry": "2.4 3.4",
    "inland_water": "13 3.4 2.6 3.4",
}
MODE_LABELS: Final[Mapping[str, str]] = {
    "rail": "rail",
    "road": "road",
    "sea": "sea",
    "ferry": "ferry",
    "inland_water": "inland waterway",
}


def actor_colour(actor: str) -> str:
    """Return the fixed colour of an actor; grey for everybody outside the eight.

    Examples
    --------
    >>> actor_colour("RUS"), actor_colour("GEO")
    ('#1b5ebd', '#868b93')
    """
    return ACTOR_COLOURS.get(actor, OTHER)


def holder_of(territory: str, actor_of_country: Mapping[str, str]) -> str:
    """Name the one actor sovereign over a link, or ``''`` on the high seas and where two actors share it.

    Parameters
    ----------
    territory : str
        Alpha-3 codes joined by ``;`` as in ``links.territory``.
    actor_of_country : mapping
        Alpha-3 code to actor id.

    Examples
    --------
    >>> holder_of("POL;DEU", {"POL": "EU", "DEU": "EU"}), holder_of("ARM;IRN", {"ARM": "ARM", "IRN": "IRN"})
    ('EU', '')
    """
    holders = {actor_of_country.get(code, code) for code in territory.split(";") if code}
    return holders.pop() if len(holders) == 1 else ""


def line_width(quantity_mt: float, px_at_1_mt: float) -> float:
    """Width in px of a flow in Mt/yr: proportional to its square root, the same for every scenario.

    The square root lets 0.1 and 100 Mt/yr share a map; the legend draws samples, so that nobody has to guess.

    Examples
    --------
    >>> line_width(4.0, 1.5)
    3.0
    """
    return px_at_1_mt * math.sqrt(max(quantity_mt, 0.0))


def line_style() -> str:
    """Return the CSS of map lines: one class per actor, per sign of a difference, and per mode.

    Examples
    --------
    >>> ".lines .RUS{stroke:#1b5ebd}" in line_style()
    True
    """
    colours = {**ACTOR_COLOURS, "other": OTHER, "gain": GAIN, "loss": LOSS}
    rules = [f".lines .{name}{{stroke:{colour}}}" for name, colour in colours.items()]
    rules += [
        f".lines .{mode}{{stroke-dasharray:{dash.replace(' ', ',')}}}"
        if dash
        else f".lines .{mode}{{stroke-linecap:round}}"
        for mode, dash in MODE_DASHES.items()
    ]
    return "".join(rules)
