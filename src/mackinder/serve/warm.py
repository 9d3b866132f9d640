"""A warm solver: network, routes and central prices of two scenarios, held so that a slider is answered at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, LinkIndex
from mackinder.draws import Design
from mackinder.equilibrium.loading import GAP, Held, Loading, load_again
from mackinder.equilibrium.search import route_set_under_capacity
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.cost import measure_cost
from mackinder.indicators.flows import measure_flows
from mackinder.indicators.measure import Measure, repeat, stack
from mackinder.indicators.revenue import measure_revenue
from mackinder.indicators.welfare import measure_welfare
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import PILOT_DRAWS, RouteSet
from mackinder.scenario import apply, read_scenario
from mackinder.serve.sliders import own_state, own_vectors, with_actions, with_assumptions, with_growth
from mackinder.units import TONNES_PER_MT

__all__ = ["Warm", "warm_up"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """Two scenarios ready to be solved again and again.

    Attributes
    ----------
    case : Case
        Before scenarios.
    cases : mapping of str to Case
        Under the baseline and the two scenarios.
    first, second : str
        Scenario A and scenario B; B may be a copy of A, by an id of its own.
    network, routes, prices
        Central values; every state has vectors of its own.
    row : tuple of int
        Rows of A and B in the horizon year; that of B is its own.
    """

    case: Case
    cases: Mapping[str, Case]
    first: str
    second: str
    network: Network
    routes: RouteSet
    prices: PriceDraws
    row: tuple[int, int]
    threads: int

    def solve(
        self,
        *,
        actions: Mapping[str, float] | None = None,
        corridor: str | None = None,
        closed: Sequence[str] = (),
        assumptions: Mapping[str, float] | None = None,
        before: Held | None = None,
    ) -> Held:
        """Solve both scenarios at central values, with the sliders where they stand.

        Parameters
        ----------
        actions : mapping of str to float, optional
            On B: slider id to factor, on the links of `corridor`.
        corridor : str, optional
        closed : sequence of str
            Links shut in B.
        assumptions : mapping of str to float, optional
            On A and B alike.
        before : Held, optional
            Answer to the question before, from which this one starts; without it, from nothing.

        Raises
        ------
        UsageError
            If a slider, corridor or link is not known.
        """
        given = dict(assumptions or {})
        growth = given.pop("growth", None)
        prices = with_assumptions(self.prices, self.network, given)
        alone = np.arange(len(self.network.states)) == self.row[1]
        prices, network = with_actions(
            prices, self.network, actions or {}, self._corridor(corridor), self._links(closed), alone
        )
        cases = {name: with_growth(case, growth) for name, case in self.cases.items()}
        if before is not None:  # growth of demand is all that tells them apart
            known = {state.scenario: case for state, case in zip(network.states, before.of_state, strict=True)}
            cases = {
                name: known[name] if name in known and known[name].settings == case.settings else case
                for name, case in cases.items()
            }
        design = Design(seed=0, draws=1, common_share=self.case.settings.common_share, central=True)
        held = load_again(before, cases, network, self.routes, prices, design, threads=self.threads, control=False)
        if before is not None and not _solved(held.loading):  # a start far off may lead astray
            held = load_again(None, cases, network, self.routes, prices, design, threads=self.threads, control=False)
        return held

    def _links(self, links: Sequence[str]) -> NDArray[np.bool_]:
        index = self.network.graph.asset_index()
        out = np.zeros(self.network.graph.n_assets, dtype=bool)
        for link in links:
            if link not in index:
                raise UsageError(did_you_mean(link, index, what="link"))
            out[index[link]] = True
        return out

    def _corridor(self, corridor: str | None) -> NDArray[np.bool_]:
        """Assets of a corridor: links tagged as its route, else those of its screenline."""
        if corridor is None:
            return np.zeros(self.network.graph.n_assets, dtype=bool)
        return self._links(self.corridor_links(corridor))

    def corridor_links(self, corridor: str) -> list[str]:
        """Return the links that sliders of a corridor act on."""
        rows = self.case.table("corridors").set_index("corridor_id")
        if corridor not in rows.index:
            raise UsageError(did_you_mean(corridor, rows.index, what="corridor"))
        links, row = self.case.table("links"), rows.loc[corridor]
        index = LinkIndex(links)
        tagged = index.mask(f"tag={row['route_tag']}") if row["route_tag"] else np.zeros(len(links), dtype=bool)
        chosen = tagged if tagged.any() else index.mask(str(row["screenline"]))
        there = set(self.network.graph.assets)
        return [str(link) for link in links.loc[chosen, "link_id"] if link in there]

    def measure(self, loading: Loading) -> Measure:
        """Measure freight, cost, revenue and welfare of a solution, as a run does."""
        baseline = self.case.settings.baseline
        measures = [*measure_flows(loading), *measure_cost(loading), *measure_revenue(loading)]
        measures += measure_welfare(loading, self.cases, baseline)
        same = [[(key.scenario, key.year) for key in group] for group in self.network.same]
        return repeat(stack(measures, ordered=False), same)

    def answer(self, loading: Loading) -> dict[str, Any]:
        """Return what the app draws: flows of links in the horizon year, and the numbers of A and B."""
        year = self.case.settings.horizon_year
        tonnes = loading.loads.asset_tonnes[0] / TONNES_PER_MT
        n_links = self.network.graph.n_links
        sides = dict(zip(("first", "second"), self.row, strict=True))
        measure = self.measure(loading)
        keys, values = measure.keys, measure.draws[0]
        wanted = (
            (keys["year"] == year)
            & keys["scenario"].isin([self.first, self.second])
            & (keys["goods"].eq("") | keys["indicator"].str.startswith("pair_"))
        ).to_numpy(bool)
        columns = ["scenario", "indicator", "variant", "actor", "target", "goods", "asset", "unit"]
        return {
            "year": year,
            "links": list(self.network.graph.assets[:n_links]),
            "flows": {side: [round(float(x), 6) for x in tonnes[row][:n_links]] for side, row in sides.items()},
            "columns": [*columns, "value"],
            "rows": [
                ["second" if cells[0] == self.second else "first", *map(str, cells[1:]), float(value)]
                for *cells, value in zip(
                    *(keys.loc[wanted, c].tolist() for c in columns), values[wanted].tolist(), strict=True
                )
            ],
            "solved": _solved(loading),
        }


def _solved(loading: Loading) -> bool:
    return bool((loading.loads.gap[..., :2] <= GAP).all())


def warm_up(case: Case, first: str, second: str, *, threads: int) -> Warm:
    """Build everything that does not change while sliders move: seconds, or minutes where routes are new.

    Parameters
    ----------
    case : Case
        Before scenarios.
    first, second : str
        Scenario A and scenario B; the baseline of the case, from which trade is counted, comes along.
    threads : int

    Raises
    ------
    UsageError, ScenarioError
        If a scenario is not known or does not apply.
    """
    settings = case.settings
    cases = {name: apply(case, read_scenario(name, case)) for name in dict.fromkeys((settings.baseline, first, second))}
    if second in (settings.baseline, first):  # B starts as A does, or as the baseline, and goes its own way
        cases[f"{second}.b"] = cases[second]
        second = f"{second}.b"
    years = tuple(sorted({settings.base_year, settings.horizon_year}))
    network = build_network(cases, years)
    design = Design(seed=0, draws=1, common_share=settings.common_share, central=True)
    pilots = pilot_prices(case, network, PILOT_DRAWS)
    routes, _ = route_set_under_capacity(
        cases, network, pilots, Design(seed=0, draws=PILOT_DRAWS, common_share=settings.common_share), threads=threads
    )
    prices = draw_prices(case, network, design)
    network, row = own_state(network, second, settings.horizon_year)
    network, prices = own_vectors(network, prices)
    other = next(
        i
        for i, group in enumerate(network.same)
        for k in group
        if (k.scenario, k.year) == (first, settings.horizon_year)
    )
    return Warm(
        case=case, cases=cases, first=first, second=second, network=network, routes=routes, prices=prices,
        row=(other, row), threads=threads,
    )  # fmt: skip
