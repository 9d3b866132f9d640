"""What becomes of gains under other rules for trade deficits: the closures of the trade model beside each other (C145)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.ensemble.prepared import prepare
from mackinder.equilibrium._trade_input import Closure
from mackinder.equilibrium.delivered import Delivered, delivered_costs
from mackinder.equilibrium.loading import GAP
from mackinder.equilibrium.trade import hat_algebra
from mackinder.errors import NotConvergedError
from mackinder.network.prices import draw_prices
from mackinder.network.records import Network
from mackinder.network.routes import RouteSet
from mackinder.scenario import read_vintage
from mackinder.units import USD_PER_MUSD

__all__ = ["CLOSURES", "compare_closures"]

CLOSURES: tuple[Closure, ...] = ("additive", "multiplicative", "balanced")
Floats = NDArray[np.float64]


def compare_closures(
    case: Case | str | Path = "south-caucasus",
    scenarios: Sequence[str] | None = None,
    *,
    draws: int = 20,
    seed: int = 0,
    threads: int | None = None,
    narrate: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Compare the change of real expenditure against the baseline under each closure (convention C145).

    The whole model is solved once, with its additive closure, and its delivered costs are held. At these the trade model of
    the base year's economy is solved with deficits kept in amount (additive), in proportion to income (multiplicative), and
    purged (balanced).

    Parameters
    ----------
    case : Case, str or Path
    scenarios : sequence of str, optional
        None: those of ``case.toml``.
    draws, seed : int
    threads : int, optional
    narrate : callable, optional
        Called with the name of each step.

    Returns
    -------
    DataFrame
        ``scenario, target, closure, value, low, high`` in USD m/yr (median, 5 and 95 per cent) and ``percent`` of spending;
        closure ``model`` is the whole model itself, in the horizon year.

    Raises
    ------
    NotConvergedError
        If a draw is not solved.

    Examples
    --------
    >>> from mackinder.ensemble.closures import compare_closures
    >>> compare_closures("south-caucasus", ["trump-route"], draws=4)  # doctest: +SKIP
    """
    case = case if isinstance(case, Case) else read_vintage(case)
    prepared = prepare(case, scenarios, model="trade", threads=threads, narrate=narrate)
    design = Design(seed=seed, draws=draws, common_share=case.settings.common_share)
    network, routes = prepared.network, prepared.routes
    if narrate is not None:
        narrate("loading")
    solved = delivered_costs(
        prepared.cases, network, routes, draw_prices(case, network, design), design, threads=threads or 1
    )
    if not (solved.gap <= GAP).all():
        msg = f"{int((solved.gap > GAP).sum())} states are not solved to {GAP:.0e}: closures cannot be compared"
        raise NotConvergedError(msg)
    horizon = case.settings.horizon_year
    of_state = {(key.scenario, key.year): s for s, group in enumerate(network.same) for key in group}
    base = of_state[prepared.baseline, horizon]
    others = {name: of_state[name, horizon] for name in prepared.cases if name != prepared.baseline}
    if narrate is not None:
        narrate("closures")
    spent = _spending(solved, routes, network, [base, *others.values()])
    rows = []
    for i, name in enumerate(others, start=1):
        for closure, (level, whole) in spent.items():
            change = _by_actor(level[:, i] - level[:, 0], network)
            spending = _by_actor(whole, network)
            for a in sorted({int(a) for a in network.zone_actor if a >= 0}):
                low, value, high = np.quantile(change[:, a], [0.05, 0.5, 0.95]) / USD_PER_MUSD
                percent = float(np.median(100.0 * change[:, a] / spending[:, a]))
                rows.append((name, network.actors[a], closure, value, low, high, percent))
    return pd.DataFrame(rows, columns=["scenario", "target", "closure", "value", "low", "high", "percent"])


def _spending(
    solved: Delivered, routes: RouteSet, network: Network, states: Sequence[int]
) -> dict[str, tuple[Floats, Floats]]:
    """Real expenditure of zones by closure, shape (K, states, Z), USD/yr, and what it is a part of, shape (K, Z)."""
    flows = solved.economy.flows
    draws, _, n_zones, _ = flows.shape
    model = solved.real[:, list(states)]
    found: dict[str, tuple[Floats, Floats]] = {"model": (model, model[:, 0])}
    sector, pairs = solved.economy.sector, (routes.origin, routes.destination)
    for closure in CLOSURES:
        level, whole = np.empty((draws, len(states), n_zones)), np.empty((draws, n_zones))
        for k in range(draws):
            cost = np.ones((len(states), *flows.shape[1:]))
            for i, s in enumerate(states):
                cost[i, sector[None, :], pairs[0][:, None], pairs[1][:, None]] = solved.change[k, s]
            result = hat_algebra(flows[k], cost, solved.economy.elasticity[k], closure=closure, threads=1)
            whole[k] = result.base_flows.sum(axis=(0, 1))
            level[k] = result.welfare * whole[k]
        found[closure] = level, whole
    return found


def _by_actor(amount: Floats, network: Network) -> Floats:
    out = np.zeros((len(amount), len(network.actors)))
    for zone, actor in enumerate(network.zone_actor):
        if actor >= 0:
            out[:, actor] += amount[:, zone]
    return out
