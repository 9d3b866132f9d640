"""The ways of a case's flows over two corridors: from tables to the arrays of a contest."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.contest import Contest
from mackinder.equilibrium.menu import build_menu, price_record
from mackinder.equilibrium.payees import build_payees
from mackinder.errors import NoRouteError, UsageError, did_you_mean
from mackinder.kernels.flowlist import FlowList, list_flows
from mackinder.kernels.loading import Payees
from mackinder.kernels.offers import build_offers
from mackinder.kernels.segments import or_over_routes
from mackinder.network.cache import route_set
from mackinder.network.demand import draw_demand
from mackinder.network.lines import corridor_line, on_screenline
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import BOUNDS, Network, PriceDraws
from mackinder.network.routes import PILOT_DRAWS, RouteSet

__all__ = ["Present", "Ways", "build_ways"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What the first corridor asks today of the contested tonnes on it, K draws; nan where there are none.

    Attributes
    ----------
    fee, rate : ndarray, shape (K,), USD/t
        Fees, and the whole price of carriage, on its line.
    hours : ndarray, shape (K,), h
        Spent on the links of its screenline, running time included.
    capacity : ndarray, shape (K,), t/yr
        Of the links of its screenline together; infinite where one has none that is known to bind.
    queues : bool
        Whether a capacity there rations by queue.
    """

    fee: Floats
    rate: Floats
    hours: Floats
    capacity: Floats
    queues: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """A contest of two corridors of a case, and what holds today."""

    contest: Contest
    present: Present


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Flows with a route over the first corridor, and where their routes stand in the list of all flows."""

    flow: NDArray[np.int64]  # (F,) number in the list
    entry: NDArray[np.int64]  # (N,) their routes, in the list
    of: NDArray[np.int64]  # (N,) which of the F
    first: NDArray[np.bool_]  # (N,)
    second: NDArray[np.bool_]
    route: NDArray[np.int64]  # (N,) in the route set


def build_ways(
    case: Case, scenario: str, year: int, corridors: tuple[str, str], *,
    goods: str | None, within: float, design: Design, threads: int,
) -> Ways:  # fmt: skip
    """Build the contest of two corridors in one scenario and year, without capacities.

    Parameters
    ----------
    case : Case
        With the scenario applied.
    scenario : str
    year : int
    corridors : (str, str)
        First and second; equal if only the first matters.
    goods : str, optional
        One freight class; None: all.
    within : float
        A flow is contested if its best way over each corridor costs at most this part more than its best way of all.
    design : Design
    threads : int
        Threads of the search for routes, which are kept in the user's cache.

    Raises
    ------
    UsageError
        If a corridor or class is not known.
    NoRouteError
        If no trade has an open and permitted route over the first corridor.
    """
    network = build_network({scenario: case}, [year])
    lines = [on_screenline(network, name) for name in corridors]
    if goods is not None and goods not in network.goods:
        raise UsageError(did_you_mean(goods, list(network.goods), what="freight class"))
    routes, _ = route_set(network, pilot_prices(case, network, PILOT_DRAWS), case.settings.coalitions, threads=threads)
    prices = draw_prices(case, network, design)
    middle = price_record(network, draw_prices(case, network, dataclasses.replace(design, draws=1, central=True)))
    menu, record = build_menu(network, routes, np.zeros(1, dtype=np.int64)), price_record(network, prices)
    offers = build_offers(menu, middle, np.zeros(len(routes.origin), dtype=np.uint64), 0, len(routes.origin))
    central = list_flows(0, 0, menu, middle, offers)
    use = np.where(lines[0], 1, 0) + np.where(lines[1], 2, 0)
    uses = or_over_routes(routes.route_first, routes.arcs, use.astype(np.uint64))
    tonnes = _tonnes(case, network, routes, prices, design, year)[:, central.pair, central.goods]
    wanted = tonnes.any(axis=0) & ((goods is None) | (central.goods == network.goods.index(goods or network.goods[0])))
    kept = _kept(central, uses, wanted)
    if not len(kept.flow):
        shut = "is shut" if not (network.usable[0] & lines[0]).any() else "carries no permitted trade"
        msg = (
            f"corridor {corridors[0]} {shut} in scenario {scenario} in {year}: choose one that opens it with --scenario"
        )
        raise NoRouteError(msg)
    contested = _contested(central, kept, within) & (corridors[0] != corridors[1])
    asks = _Asks.build(
        case, network, routes, prices, build_payees([case], network, design), corridors[0], kept.route[kept.first]
    )
    theta, no_ship = prices.goods.dispersion, prices.goods.no_ship
    at = central.goods[kept.flow]
    n, n_draws = len(kept.flow), design.draws
    weight = np.zeros((4, n_draws, n))
    ours = kept.first & contested[kept.of]
    route_weight = np.zeros((n_draws, int(ours.sum())))
    kind = kept.first + 2 * kept.second
    number = np.full_like(offers.number, -1)  # list no other flows
    number[0, central.pair[kept.flow], at] = offers.number[0, central.pair[kept.flow], at]
    start = np.searchsorted(kept.of, np.arange(n))
    for k in range(n_draws):
        cost = list_flows(0, k, menu, record, offers._replace(number=number)).cost
        least = np.minimum.reduceat(cost, start)
        x = central.size[kept.entry] * np.exp(-theta[k, at][kept.of] * (cost - least[kept.of]))
        for j in range(4):
            weight[j, k] = np.bincount(kept.of[kind == j], weights=x[kind == j], minlength=n)
        route_weight[k] = x[ours]
    away = weight.sum(axis=0) * np.exp(-theta[:, at] * no_ship[:, at])
    contest = Contest(
        weight=weight, away=away, theta=theta[:, at], vot=prices.goods.value_of_time[:, at], tonnes=tonnes[:, kept.flow],
        contested=contested, captive=(weight[0] + weight[2]).max(axis=0) == 0.0,
        route_flow=kept.of[ours], route_both=kept.second[ours], route_weight=route_weight,
        route_rate=asks.rate(kept, ours, central),
    )  # fmt: skip
    return Ways(contest=contest, present=asks.present(network, prices, lines[0], contest, kept, ours, central))


def _kept(flows: FlowList, uses: NDArray[np.uint64], wanted: NDArray[np.bool_]) -> _Kept:
    of_all = np.repeat(np.arange(len(flows.pair)), np.diff(flows.first))
    use = uses[flows.route]
    chosen = np.zeros(len(flows.pair), dtype=bool)
    chosen[of_all[(use & np.uint64(1)) != 0]] = True
    chosen &= wanted
    entry = np.flatnonzero(chosen[of_all])
    number = np.cumsum(chosen) - 1
    return _Kept(
        flow=np.flatnonzero(chosen), entry=entry, of=number[of_all[entry]], first=(use[entry] & np.uint64(1)) != 0,
        second=(use[entry] & np.uint64(2)) != 0, route=flows.route[entry],
    )  # fmt: skip


def _least(cost: Floats, flow: NDArray[np.int64], n: int) -> Floats:
    out = np.full(n, np.inf)
    np.minimum.at(out, flow, cost)
    return out


def _contested(central: FlowList, kept: _Kept, within: float) -> NDArray[np.bool_]:
    cost, n = central.cost[kept.entry], len(kept.flow)
    best = _least(cost, kept.of, n) * (1.0 + within)
    only = (kept.first & ~kept.second, kept.second & ~kept.first)
    return np.logical_and(*(_least(cost[side], kept.of[side], n) <= best for side in only))


def _tonnes(
    case: Case, network: Network, routes: RouteSet, prices: PriceDraws, design: Design, year: int
) -> Floats:  # fmt: skip
    """Demand of the year at fixed trade, shape (K, P, G), t/yr."""
    demand = draw_demand(case, network.goods, prices.goods.density, design).tonnes[:, routes.origin, routes.destination]
    growth = case.settings.demand_growth_per_year
    rate = design.quantity(["settings/demand_growth_per_year"], *(np.array([getattr(growth, b)]) for b in BOUNDS))
    return np.asarray(demand * (1.0 + rate[:, :, None]) ** (year - case.settings.base_year))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Asks:
    """What routes over the first corridor are asked on its line; U of them, by place in the route set."""

    routes: NDArray[np.int64]  # (U,)
    money: Floats  # (4, K, U) by mode group
    hours: Floats  # (K, U) on the screenline
    fees: tuple[tuple[int, bool, Floats], ...]  # actor, transit only, (K, U)
    factor: Floats  # (K, G, 4)
    ends: NDArray[np.int64]  # (2, P)

    @classmethod
    def build(
        cls, case: Case, network: Network, routes: RouteSet, prices: PriceDraws, payees: Payees, corridor: str,
        used: NDArray[np.int64],
    ) -> _Asks:  # fmt: skip
        own, screen = corridor_line(case, network, corridor), on_screenline(network, corridor)
        chosen = np.unique(used)
        length = np.diff(routes.route_first)[chosen]
        arcs = np.concatenate([routes.arcs[routes.route_first[r] : routes.route_first[r + 1]] for r in chosen])
        passes = csr_array(
            (np.ones(len(arcs)), (np.repeat(np.arange(len(chosen)), length), arcs >> 1)),
            shape=(len(chosen), network.graph.n_assets),
        )
        money, mode = np.nan_to_num(prices.money[:, 0]) * own, network.graph.mode
        rows = np.repeat(np.arange(network.graph.n_assets), np.diff(payees.first))
        due = np.flatnonzero(payees.is_fee & payees.holds[0] & own[rows])
        return cls(
            routes=chosen,
            money=np.stack([(passes @ (money * (mode == m)).T).T for m in range(4)]),
            hours=np.asarray((passes @ (np.nan_to_num(prices.hours[:, 0]) * screen).T).T),
            fees=tuple(
                (int(payees.actor[j]), bool(payees.transit_only[j]), payees.amount[:, j, None] * passes[:, [rows[j]]].toarray().T)
                for j in due
            ),
            factor=prices.goods.factor,
            ends=np.stack([network.zone_actor[routes.origin], network.zone_actor[routes.destination]]),
        )  # fmt: skip

    def rate(self, kept: _Kept, ours: NDArray[np.bool_], flows: FlowList) -> Floats:
        """Price of carriage on the line, shape (K, E)."""
        at, goods = np.searchsorted(self.routes, kept.route[ours]), flows.goods[kept.flow][kept.of[ours]]
        total = np.zeros((self.money.shape[1], len(at)))
        for mode in range(4):
            total += self.money[mode][:, at] * self.factor[:, goods, mode]
        return total

    def fee(self, kept: _Kept, ours: NDArray[np.bool_], flows: FlowList) -> Floats:
        """Fees due on the line, shape (K, E)."""
        at, pair = np.searchsorted(self.routes, kept.route[ours]), flows.pair[kept.flow][kept.of[ours]]
        total = np.zeros((self.money.shape[1], len(at)))
        for actor, transit_only, amount in self.fees:
            due = (self.ends[:, pair] != actor).all(axis=0) if transit_only else np.ones(len(at), dtype=bool)
            total += amount[:, at] * due
        return total

    def present(
        self, network: Network, prices: PriceDraws, screen: NDArray[np.bool_], contest: Contest, kept: _Kept,
        ours: NDArray[np.bool_], flows: FlowList,
    ) -> Present:  # fmt: skip
        """Average what is asked over the contested tonnes on the first corridor."""
        of = contest.route_flow
        total = contest.weight.sum(axis=0) + contest.away
        flow = (contest.tonnes / total)[:, of] * contest.route_weight
        carried = flow.sum(axis=1)

        def mean(values: Floats) -> Floats:
            summed = (flow * values).sum(axis=1)
            per_tonne: Floats = np.divide(summed, carried, out=np.full(len(carried), np.nan), where=carried > 0)
            return per_tonne

        open_ = np.flatnonzero(screen & network.usable[0])
        vector = network.capacity_vector[0]
        return Present(
            fee=mean(self.fee(kept, ours, flows)),
            rate=mean(contest.route_rate),
            hours=mean(self.hours[:, np.searchsorted(self.routes, kept.route[ours])]),
            capacity=prices.capacity[:, vector, open_].sum(axis=1),
            queues=any(network.capacity_rule[a] == "queue" for a in open_),
        )
