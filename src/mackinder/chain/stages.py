"""The chain as a table of stages: what each needs, what it gives, and the function that does it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.loading import Loading, load_network
from mackinder.equilibrium.search import route_set_under_capacity
from mackinder.indicators.bottleneck import measure_bottleneck
from mackinder.indicators.control import measure_control
from mackinder.indicators.cost import measure_cost
from mackinder.indicators.flows import link_flows, measure_flows, repeat_flows
from mackinder.indicators.measure import Measure, difference, repeat, stack
from mackinder.indicators.revenue import measure_revenue
from mackinder.indicators.scarcity import measure_scarcity
from mackinder.indicators.welfare import measure_welfare
from mackinder.network.cache import route_set
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import PILOT_DRAWS, RouteSet
from mackinder.scenario import apply, read_scenario

__all__ = ["STAGES", "Stage", "run_stages"]

Narrate = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step: ``function(**needs)`` returns a mapping with exactly the names in ``gives``."""

    name: str
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    function: Callable[..., Mapping[str, Any]]


def _apply_scenarios(case: Case, scenarios: tuple[str, ...]) -> Mapping[str, Any]:
    return {"cases": {name: apply(case, read_scenario(name, case)) for name in scenarios}}


def _network(cases: Mapping[str, Case], years: tuple[int, ...]) -> Mapping[str, Any]:
    return {"network": build_network(cases, years)}


def _routes(
    case: Case, cases: Mapping[str, Case], network: Network, design: Design, threads: int, model: str
) -> Mapping[str, Any]:
    pilots = pilot_prices(case, network, PILOT_DRAWS)
    if model == "routes":
        routes, cached = route_set(network, pilots, case.settings.coalitions, threads=threads)
    else:
        routes, cached = route_set_under_capacity(cases, network, pilots, design, threads=threads)
    return {"routes": routes, "routes_cached": cached}


def _prices(case: Case, network: Network, design: Design) -> Mapping[str, Any]:
    return {"prices": draw_prices(case, network, design)}


def _loading(
    cases: Mapping[str, Case],
    network: Network,
    routes: RouteSet,
    prices: PriceDraws,
    design: Design,
    threads: int,
    model: str,
) -> Mapping[str, Any]:
    return {"loading": load_network(cases, network, routes, prices, design, threads=threads, model=model)}


def _indicators(
    loading: Loading, cases: Mapping[str, Case], routes: RouteSet, prices: PriceDraws, case: Case, baseline: str
) -> Mapping[str, Any]:
    families = (measure_flows, measure_cost, measure_revenue, measure_control, measure_scarcity)
    measures = [measure for family in families for measure in family(loading)]
    measures += measure_bottleneck(loading, cases, routes, prices.capacity) + measure_welfare(loading, cases, baseline)
    distinct = stack(measures, ordered=False)
    same = [[(key.scenario, key.year) for key in group] for group in loading.network.same]
    levels: Measure = repeat(distinct, same)
    return {
        "measure": stack([levels, difference(levels, baseline, [case.settings.horizon_year])]),
        "flows": repeat_flows(link_flows(loading), same),
    }


STAGES: Final = (
    Stage(name="scenarios", needs=("case", "scenarios"), gives=("cases",), function=_apply_scenarios),
    Stage(name="network", needs=("cases", "years"), gives=("network",), function=_network),
    Stage(
        name="routes",
        needs=("case", "cases", "network", "design", "threads", "model"),
        gives=("routes", "routes_cached"),
        function=_routes,
    ),
    Stage(name="prices", needs=("case", "network", "design"), gives=("prices",), function=_prices),
    Stage(
        name="loading",
        needs=("cases", "network", "routes", "prices", "design", "threads", "model"),
        gives=("loading",),
        function=_loading,
    ),
    Stage(
        name="indicators",
        needs=("loading", "cases", "routes", "prices", "case", "baseline"),
        gives=("measure", "flows"),
        function=_indicators,
    ),
)


def run_stages(
    given: Mapping[str, Any], *, after: str | None = None, until: str | None = None, narrate: Narrate | None = None
) -> dict[str, Any]:
    """Run the stages in order on what is given, and return everything known at the end.

    Parameters
    ----------
    given : mapping
        Names that stages need and none gives: case, scenarios, years, design, threads, baseline, model.
    after : str, optional
        Name of a stage: it and those before it have been run, and what they give is in ``given``.
    until : str, optional
        Name of the last stage to run; all if None.
    narrate : callable, optional
        Called with the name of each stage as it starts.
    """
    known = dict(given)
    first = 0 if after is None else [stage.name for stage in STAGES].index(after) + 1
    for stage in STAGES[first:]:
        if narrate is not None:
            narrate(stage.name)
        given_now = stage.function(**{name: known[name] for name in stage.needs})
        known |= {name: given_now[name] for name in stage.gives}
        if stage.name == until:
            break
    return known
