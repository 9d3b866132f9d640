"""The base-year economy of the case: trade, home sales and incomes between zones, in every draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.errors import CaseError
from mackinder.kernels.economy import Economy
from mackinder.network.demand import Demand
from mackinder.network.horizon import elasticity_factors
from mackinder.network.records import BOUNDS, Network
from mackinder.network.routes import RouteSet
from mackinder.units import USD_PER_BN

__all__ = ["build_economy"]

Array = NDArray[np.float64]


def build_economy(case: Case, network: Network, routes: RouteSet, demand: Demand, design: Design) -> Economy:
    """Complete the trade matrix to an economy: home sales of goods, and all that is not traded.

    A zone sells its gross domestic product times ``gross_output_ratio``; ``goods_output_share`` of that are goods, by class
    as its trade is. What of it is not exported is sold at home, and at least a tenth is; the rest are services, all sold at
    home, at least a tenth of all sales. Where trade exceeds this (entrepots), sales are raised to fit (convention C74).

    Parameters
    ----------
    case : Case
        Of the baseline.
    network, routes
    demand : Demand
        Of the base year.
    design : Design

    Raises
    ------
    CaseError
        If a zone has no gross domestic product.
    """
    zones = case.table("zones").set_index("zone_id").loc[list(network.graph.zones)]
    product = zones["gdp_usd_bn"].to_numpy(float) * USD_PER_BN
    unknown = np.asarray(np.isnan(product))
    if unknown.any():
        without = ", ".join(zones.index[unknown])
        msg = f"zones.csv: no gdp_usd_bn for {without}: trade answers to costs only where incomes are known; give one"
        raise CaseError(msg)
    trade = demand.every_value.transpose(0, 3, 1, 2)  # (K, goods, Z, Z)
    n_draws, n_goods, n_zones, _ = trade.shape
    flows = np.zeros((n_draws, n_goods + 1, n_zones, n_zones))
    flows[:, :n_goods] = trade
    sales = product * _setting(case, "gross_output_ratio", design)[:, None]  # (K, Z)
    goods_output = sales * _setting(case, "goods_output_share", design)[:, None]
    exports, imports = trade.sum(axis=3), trade.sum(axis=2)  # (K, goods, Z)
    both = exports + imports
    made = both / np.maximum(both.sum(axis=1, keepdims=True), 1.0) * goods_output[:, None]
    home = np.maximum(made - exports, 0.1 * made)
    services = np.maximum(sales - home.sum(axis=1) - exports.sum(axis=1), 0.1 * sales)
    diagonal = np.arange(n_zones)
    flows[:, :n_goods, diagonal, diagonal] = home
    flows[:, n_goods, diagonal, diagonal] = services
    table = case.table("goods")
    factors = zip(BOUNDS, elasticity_factors(case.settings), strict=True)
    bounds = (table[f"trade_elasticity_{b}"].to_numpy(float) * factor for b, factor in factors)
    elasticity = design.quantity([f"goods/{g}/trade_elasticity" for g in table["goods_id"]], *bounds)
    goods = list(demand.every)
    return Economy(
        flows=flows,
        elasticity=np.column_stack([elasticity, np.full(n_draws, 4.0)]),  # services are not traded: any value will do
        growth=_growth(zones[[f"gdp_growth_per_year_{b}" for b in BOUNDS]].to_numpy(float), network, case, design),
        sector=np.array([goods.index(name) for name in network.goods], dtype=np.int64),
        origin=routes.origin,
        destination=routes.destination,
    )


def _setting(case: Case, name: str, design: Design) -> Array:
    """Draw a setting of ``case.toml``, shape (K,)."""
    interval = getattr(case.settings, name)
    return design.quantity([f"settings/{name}"], *(np.array([getattr(interval, b)]) for b in BOUNDS))[:, 0]


def _growth(rate: Array, network: Network, case: Case, design: Design) -> Array:
    """Income at base wages over that of the base year, shape (K, S, Z).

    A zone without a growth rate of its own grows as demand does (``demand_growth_per_year``).
    """
    general = case.settings.demand_growth_per_year
    known = np.asarray(~np.isnan(rate).any(axis=1))
    rate = np.where(known[:, None], rate, [getattr(general, bound) for bound in BOUNDS])
    drawn = design.quantity([f"zones/{z}/gdp_growth_per_year" for z in network.graph.zones], *rate.T)
    drawn[:, ~known] = _setting(case, "demand_growth_per_year", design)[:, None]
    years: Sequence[int] = [state.year - case.settings.base_year for state in network.states]
    return np.stack([(1.0 + drawn) ** year for year in years], axis=1)
