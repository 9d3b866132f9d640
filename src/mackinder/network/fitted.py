"""Factors fitted to counts: what each row of ``fits`` multiplies, in every draw."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.selectors import LinkIndex
from mackinder.draws import Design
from mackinder.network.records import BOUNDS, Network, PriceDraws

__all__ = ["Scopes", "draw_factors", "fit_scopes", "scale_prices"]

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """What each factor multiplies; F factors, A assets, G goods.

    Attributes
    ----------
    ids : tuple of str
        Rows of ``fits``.
    cost, hours : ndarray of 0 and 1, shape (F, A)
    value_of_time, dispersion : ndarray of 0 and 1, shape (F, G)
    """

    ids: tuple[str, ...]
    cost: Array
    hours: Array
    value_of_time: Array
    dispersion: Array


def fit_scopes(case: Case, network: Network) -> Scopes:
    """Look up what the rows of ``fits`` mean in a network (convention C88).

    Parameters
    ----------
    case : Case
        With the table ``fits``; any scenario's, since scenarios add no links.
    network : Network

    Returns
    -------
    Scopes
        In the order of the table.

    Raises
    ------
    CaseError
        If a selector is malformed.
    """
    rows, graph = case.table("fits"), network.graph
    n_rows = len(rows)
    assets = {name: np.zeros((n_rows, graph.n_assets)) for name in ("cost", "time")}
    goods = {name: np.zeros((n_rows, len(network.goods))) for name in ("value_of_time", "route_dispersion")}
    transfer = np.arange(graph.n_assets) >= graph.n_links
    index = LinkIndex(case.table("links")) if n_rows else None
    position = graph.asset_index()
    ids = case.table("links")["link_id"].to_numpy()
    for f, row in enumerate(rows.itertuples(index=False)):
        where, _, what = str(row.parameter).rpartition("_")
        if where == "transfer":
            assets[what][f] = transfer
        elif where == "link" and index is not None:
            assets[what][f, [position[i] for i in ids[index.mask(str(row.links))]]] = 1.0
        else:
            named = set(str(row.goods).split(";")) - {""}
            goods[str(row.parameter)][f] = [not named or g in named for g in network.goods]
    return Scopes(
        ids=tuple(rows["fit_id"]), cost=assets["cost"], hours=assets["time"],
        value_of_time=goods["value_of_time"], dispersion=goods["route_dispersion"],
    )  # fmt: skip


def draw_factors(case: Case, design: Design) -> Array:
    """Draw the factors of ``fits``, shape (K, F), keyed by their ids.

    A prior-driven factor has its mode in every draw: counts say nothing about it, and what is not known is in the intervals
    of the tables that it multiplies.
    """
    rows = case.table("fits")
    held = rows["prior_driven"].fillna(False).to_numpy(bool)
    mode = rows["factor_mode"].to_numpy(float)
    bounds = (np.where(held, mode, rows[f"factor_{b}"].to_numpy(float)) for b in BOUNDS)
    return design.quantity([f"fits/{name}" for name in rows["fit_id"]], *bounds)


def scale_prices(prices: PriceDraws, scopes: Scopes, factors: Array) -> PriceDraws:
    """Multiply prices by factors; factors on the same thing multiply each other, and a factor of one changes no bit.

    Parameters
    ----------
    prices : PriceDraws
    scopes : Scopes
    factors : ndarray, shape (K, F), positive
    """
    if not scopes.ids:
        return prices
    power = np.log(factors)

    def by(scope: Array) -> Array:
        return np.asarray(np.exp(power @ scope))

    cost, hours = by(scopes.cost)[:, None, :], by(scopes.hours)[:, None, :]
    goods = dataclasses.replace(
        prices.goods,
        value_of_time=prices.goods.value_of_time * by(scopes.value_of_time),
        dispersion=prices.goods.dispersion * by(scopes.dispersion),
    )
    return dataclasses.replace(
        prices, money=prices.money * cost, hours=prices.hours * hours, spread=prices.spread * hours, goods=goods
    )
