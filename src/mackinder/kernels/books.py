"""Books of the loading: what is shipped, who is paid for it, and the sums that are kept (arrays only)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Loads", "Payees", "Shipments"]


class Shipments(NamedTuple):
    """Demand.

    ``tonnes`` and ``value`` (K, D, P, G) in t/yr and USD/yr; ``table`` (S,) which of the D demand tables a state uses;
    ``growth`` (K, S) factor on it; ``group`` (S,) states of one year and table, ``leader`` (S,) the first state of the
    group; ``common`` (groups, P) pairs that all states of a group load alike: they are loaded once; ``origin_actor``,
    ``destination_actor`` (P,) actor each end belongs to, -1 for none; ``watch`` (P, G) row of `Loads.watched` in which
    the cost of a flow is wanted, -1 for none.
    """

    tonnes: NDArray[np.float64]
    value: NDArray[np.float64]
    table: NDArray[np.int64]
    growth: NDArray[np.float64]
    group: NDArray[np.int64]
    leader: NDArray[np.int64]
    common: NDArray[np.bool_]
    origin_actor: NDArray[np.int64]
    destination_actor: NDArray[np.int64]
    watch: NDArray[np.int64]


class Loads(NamedTuple):
    """Output: first axis = draw, second = state, and after the states one sum for each group of them.

    N actors, C corridors, H watched flows.

    ``asset_tonnes``, ``asset_value`` (A,); ``corridor`` (C, G) t/yr; ``exposure`` and ``captive`` (N target, N actor,
    partner | transit, tonnes | value); ``closure`` (N, N, partner | transit) USD/yr; ``trade`` (N, tonnes | value);
    ``unserved`` (N,) t/yr; ``delivered`` (N, generalised | money | hours), sums over tonnes; ``watched`` (H, generalised
    | money | hours) per tonne; ``revenue`` (N, fees | haulage | scarcity rents) USD/yr; ``income`` (N,) real expenditure at
    the prices of the base year, USD/yr; ``scarcity`` (L,) scarcity price of each limit, USD/t or h; ``gap`` (capacity |
    trade | answers asked for) how well the equilibrium is solved; ``identity_gap``, without the first axis,
    (S, 2): closure cost of transit in the first draw, USD/yr, and its absolute difference to the closed form with path
    sizes held, summed over pairs and actors.
    """

    asset_tonnes: NDArray[np.float64]
    asset_value: NDArray[np.float64]
    corridor: NDArray[np.float64]
    exposure: NDArray[np.float64]
    captive: NDArray[np.float64]
    closure: NDArray[np.float64]
    trade: NDArray[np.float64]
    unserved: NDArray[np.float64]
    delivered: NDArray[np.float64]
    watched: NDArray[np.float64]
    revenue: NDArray[np.float64]
    income: NDArray[np.float64]
    scarcity: NDArray[np.float64]
    gap: NDArray[np.float64]
    identity_gap: NDArray[np.float64]


class Payees(NamedTuple):
    """Who is paid on an asset.

    Rows ``first[a]:first[a + 1]``. ``actor``; ``amount`` (K, rows) USD/t for fees, or the
    share of the price for haulage; ``is_fee``; ``transit_only``; ``holds`` (S, rows) whether it holds in the state.
    """

    first: NDArray[np.int64]
    actor: NDArray[np.int64]
    amount: NDArray[np.float64]
    is_fee: NDArray[np.bool_]
    transit_only: NDArray[np.bool_]
    holds: NDArray[np.bool_]
