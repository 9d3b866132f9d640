"""Routes of the headline pairs under each scenario in the horizon year: the rows of ``routes.parquet``."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mackinder.case import Case, Settings
from mackinder.errors import NoRouteError
from mackinder.network.itinerary import Itinerary, find_itineraries
from mackinder.network.labels import build_labels
from mackinder.network.prices import pilot_prices
from mackinder.network.records import Network
from mackinder.network.routes import PILOT_DRAWS

__all__ = ["headline_routes"]

_COLUMNS = [
    "scenario", "year", "origin", "destination", "goods", "rank", "share", "cost_usd_per_t", "cost_usd_per_t_low",
    "cost_usd_per_t_high", "price_usd_per_t", "days", "days_low", "days_high", "length_km", "borders", "closers", "links",
]  # fmt: skip


def headline_routes(cases: Mapping[str, Case], network: Network, settings: Settings) -> pd.DataFrame:
    """Return the listed routes of every headline pair; sets are joined by ``+``, links in travel order by ``>``.

    Costs are central, with 5 and 95 % over the pilot draws. A pair without a route in a scenario has no rows there.
    """
    first = next(iter(cases.values()))
    prices, labels = pilot_prices(first, network, PILOT_DRAWS), build_labels(list(cases.values()), network)
    anchor = first.table("zones").set_index("zone_id")["anchor_place"]
    rows = []
    for s, group in enumerate(network.same):
        keys = [key for key in group if key.year == settings.horizon_year]
        if not keys:
            continue
        for pair in settings.headline_pairs:
            ends = str(anchor[pair.origin]), str(anchor[pair.destination])
            try:
                found = find_itineraries(network, labels, prices, *ends, goods=pair.goods, state=s)
            except NoRouteError:
                continue
            for key in keys:
                head = (key.scenario, key.year, pair.origin, pair.destination, pair.goods)
                rows += [(*head, rank, *_cells(route)) for rank, route in enumerate(found, start=1)]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    return frame.sort_values(_COLUMNS[:6], ignore_index=True)


def _cells(route: Itinerary) -> tuple[object, ...]:
    return (
        route.share, *route.cost, route.price[0], *route.days, route.length_km, "+".join(route.borders),
        "+".join(route.closers), ">".join(route.links),
    )  # fmt: skip
