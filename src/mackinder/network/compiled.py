"""Compile one scenario and year of a case for `mackinder.network.finder`."""

from __future__ import annotations

import pathlib
from typing import Any

from mackinder.case import require_sound
from mackinder.network.labels import build_labels
from mackinder.network.network import build_network
from mackinder.network.prices import pilot_prices
from mackinder.scenario import apply, read_scenario, read_vintage

__all__ = ["compile_network"]

#: draws behind the spread of cost and days, and prices under which routes are looked for
_DRAWS = 100


def compile_network(folder: pathlib.Path, scenario: str | None, year: int | None, as_of: str | None) -> dict[str, Any]:
    """Return network, labels, prices (row 0 central), default goods and newest evidence of one scenario and year."""
    case = read_vintage(folder, as_of)
    require_sound(case)
    name = scenario or case.settings.baseline
    cases = {name: apply(case, read_scenario(name, case))}
    network = build_network(cases, [year or case.settings.horizon_year])
    return {
        "network": network,
        "labels": build_labels(list(cases.values()), network),
        "prices": pilot_prices(case, network, _DRAWS),
        "default_goods": case.settings.default_goods,
        "newest_evidence": str(case.settings.newest_evidence),
    }
