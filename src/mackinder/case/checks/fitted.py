"""Rules about factors fitted to counts. Codes MK127 to MK129."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from mackinder.case.checks.registry import Material, hits, rule
from mackinder.case.findings import Hit

__all__: list[str] = []

#: standard deviation after the counts over that before above which the prior speaks, and what rounding may hide
_DRIVEN: Final = 0.8
_ROUNDING: Final = 0.02


@rule(
    "MK127",
    "a factor on nothing, or on what it cannot mean",
    cure="Give links for link_cost and link_time, goods (or nothing) for value_of_time and route_dispersion, else neither",
    needs=("fits",),
)
def scope(material: Material) -> Iterator[Hit]:
    """Compare the parameter with the columns that say what it is about."""
    frame = material.tables["fits"]
    on_links = frame["parameter"].str.startswith("link_")
    on_goods = frame["parameter"].isin(["value_of_time", "route_dispersion"])
    yield from hits("fits", frame, on_links & (frame["links"] == ""), "{ids} is about links and names none")
    yield from hits("fits", frame, ~on_links & (frame["links"] != ""), "{ids} is not about links and names some")
    yield from hits("fits", frame, ~on_goods & (frame["goods"] != ""), "{ids} is not about goods and names some")


@rule(
    "MK128",
    "a factor that says wrongly who speaks",
    cure="Set prior_driven to yes where ln(factor_high / factor_low) is above 0.8 of ln(prior_high / prior_low), else to no",
    needs=("fits",),
)
def driven(material: Material) -> Iterator[Hit]:
    """Compare the flag with the two intervals."""
    frame = material.tables["fits"]
    with np.errstate(invalid="ignore", divide="ignore"):
        after, before = (np.log(frame[f"{name}_high"] / frame[f"{name}_low"]) for name in ("factor", "prior"))
    flag = frame["prior_driven"].fillna(False).astype(bool)
    yield from hits("fits", frame, ~flag & (after > (_DRIVEN + _ROUNDING) * before), "{ids} is prior-driven")
    yield from hits("fits", frame, flag & (after < (_DRIVEN - _ROUNDING) * before), "{ids} is not prior-driven")


@rule(
    "MK129",
    "a fitted factor without counts",
    cure="Name the facts of the counts that it was fitted to; without any it is prior_driven",
    needs=("fits",),
)
def countless(material: Material) -> Iterator[Hit]:
    """Find factors that are said to follow counts and name none."""
    frame = material.tables["fits"]
    flag = frame["prior_driven"].fillna(False).astype(bool)
    yield from hits("fits", frame, ~flag & (frame["facts"] == ""), "{ids} is not prior-driven and names no fact")
