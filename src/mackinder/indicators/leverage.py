"""Levers run through the model: harm or gain of the target, cost to the sender, joint effects (conventions C90 to C95)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, LinkIndex
from mackinder.draws import Design
from mackinder.equilibrium.loading import GAP, load_network
from mackinder.equilibrium.search import route_set_under_capacity
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.leverfixed import losses_at_once
from mackinder.indicators.levermoney import money_of
from mackinder.indicators.levers import Lever, countries_of, read_levers, span_of
from mackinder.indicators.leverstates import FreightLever, freight_lever, with_levers
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import Network
from mackinder.network.routes import PILOT_DRAWS, RouteSet
from mackinder.scenario import apply, read_scenario
from mackinder.units import USD_PER_BN

__all__ = [
    "RUNS",
    "LeverEffect",
    "LeverModel",
    "LeverSolver",
    "Together",
    "lever_effects",
    "lever_scale",
]

Floats = NDArray[np.float64]
#: what is solved, from the least to the most: demand given on free roads; trade that answers little; trade that answers in full
RUNS: Final = ("at_once", "short", "long")
_BOUNDS = ("low", "mode", "high")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LeverEffect:
    """What one lever does in one scenario, a year while it is kept up.

    Attributes
    ----------
    scenario : str
    lever : Lever
    how : str
        ``freight`` (run through the network), ``formula``, or ``unknown`` (no money value).
    rule : str
        What was computed, or what is known instead.
    worth : dict of str to ndarray (K,), USD/yr
        By run (`RUNS`): loss of the target by a harm, its gain by an inducement.
    cost : dict of str to ndarray (K,), USD/yr
        By run: what the sender loses; negative where it gains. Empty: known in words only.
    first_year : ndarray, shape (K,)
        Part of the first twelve months in which it is kept up.
    gdp : ndarray, shape (K,), USD/yr
        Of the target; nan without a zone.
    per_tonne : ndarray, shape (K,), USD/t, or None
        Mean loss at once of the target's freight that loses at least 1 USD/t, if the lever is used in full.
    notes : tuple of str
    """

    scenario: str
    lever: Lever
    how: str
    rule: str
    worth: dict[str, Floats]
    cost: dict[str, Floats]
    first_year: Floats
    gdp: Floats
    per_tonne: Floats | None
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """All freight harms of one or two senders on a target, used in full at the same time.

    ``worth`` by run, shape (K,), USD/yr; ``levers`` ids. Of two senders also ``interaction``: the joint loss less the sum of
    both alone (positive: each makes the other's worse).
    """

    scenario: str
    senders: tuple[str, ...]
    target: str
    levers: tuple[str, ...]
    worth: dict[str, Floats]
    interaction: dict[str, Floats]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LeverModel:
    """Choices of a computation: runs wanted, draws, seed, threads; whether routes are searched again with all levers used."""

    runs: tuple[str, ...] = RUNS
    draws: int = 10
    seed: int = 0
    threads: int = 1
    search: bool = False


def lever_effects(
    case: Case,
    scenarios: Sequence[str],
    year: int,
    pairs: Sequence[tuple[str, str]],
    model: LeverModel,
    *,
    routes: RouteSet | None = None,
    narrate: Callable[[str], None] | None = None,
) -> tuple[tuple[LeverEffect, ...], tuple[Together, ...]]:
    """Run all levers of some senders on some targets through the model.

    Parameters
    ----------
    case, scenarios, year, pairs, model, routes, narrate
        As `mackinder.indicators.leverrank.lever_answer` takes them.

    Returns
    -------
    effects : tuple of LeverEffect
        In the order of scenarios and of the table.
    together : tuple of Together
        Each pair with all its freight harms, and any two senders on one target.

    Raises
    ------
    UsageError
        A run is not known, or an actor has no lever.
    """
    for run in model.runs:
        if run not in RUNS:
            raise UsageError(did_you_mean(run, RUNS, what="run"))
    levers = tuple(
        lever
        for lever in read_levers(case, senders={s for s, _ in pairs}, targets={t for _, t in pairs})
        if (lever.sender, lever.target) in set(pairs)
    )
    solver = LeverSolver(case, scenarios, year, model, narrate or (lambda _: None), routes)
    plans = [(s, lever, freight_lever(solver.cases[s], lever, year)) for s in scenarios for lever in levers]
    packs = [pack for s in scenarios for pack in _packs(s, [(v, f) for name, v, f in plans if name == s])]
    wanted = [(s, found.changes) for s, _, found in plans if isinstance(found, FreightLever)]
    wanted += [(pack[0], pack[4]) for pack in packs]
    actors = {a for pair in pairs for a in pair}
    losses = solver.solve(wanted, sorted(actors))
    place = {actor: i for i, actor in enumerate(sorted(actors))}
    effects = tuple(_effect(solver, losses, place, *plan) for plan in plans)
    return effects, _together(packs, losses, place, model)


Losses = Mapping[tuple[str, str, tuple[str, ...]], Floats]
Pack = tuple[str, tuple[str, ...], str, tuple[str, ...], tuple[str, ...]]


def _packs(scenario: str, plans: Sequence[tuple[Lever, FreightLever | str]]) -> list[Pack]:
    """(scenario, senders, target, levers, changes) of each pair, and of each two senders on one target."""
    own: dict[tuple[str, str], list[tuple[Lever, FreightLever]]] = {}
    for lever, found in plans:
        if isinstance(found, FreightLever) and lever.harms:
            own.setdefault((lever.sender, lever.target), []).append((lever, found))
    groups: list[tuple[tuple[str, ...], str, list[tuple[Lever, FreightLever]]]]
    groups = [((sender,), target, members) for (sender, target), members in own.items()]
    groups += [
        ((a, b), t, own[a, t] + own[b, t]) for a, t in own for b, other in own if t == other and a < b
    ]  # fmt: skip
    return [
        (scenario, senders, target, tuple(v.lever_id for v, _ in members),
         tuple(dict.fromkeys(c for _, f in members for c in f.changes)))
        for senders, target, members in groups
    ]  # fmt: skip


class LeverSolver:
    """Solves states of the case under sets of changes, all in one network."""

    def __init__(
        self, case: Case, scenarios: Sequence[str], year: int, model: LeverModel, narrate: Callable[[str], None],
        routes: RouteSet | None = None,
    ) -> None:  # fmt: skip
        settings = case.settings
        self.found = routes
        self.case, self.year, self.model, self.say = case, year, model, narrate
        self.known = tuple(dict.fromkeys((settings.baseline, *settings.scenarios, *scenarios)))
        self.cases = {name: apply(case, read_scenario(name, case)) for name in self.known}
        self.scenarios = tuple(scenarios)
        self.hit = np.zeros((model.draws, 0, 0))
        self.per_tonne: dict[tuple[str, tuple[str, ...]], Floats] = {}
        self.full: dict[str, frozenset[str]] = {}  # scenario -> links full in the short run in most draws
        self.design = Design(seed=model.seed, draws=model.draws, common_share=settings.common_share)

    def routes(self) -> RouteSet:
        """Routes of a run of the case: they hold ways past every actor, so that levers find theirs (convention C92)."""
        if self.found is not None:
            return self.found
        settings = self.case.settings
        years = tuple(sorted({settings.base_year, settings.horizon_year}))
        network = build_network(self.cases, years)
        pilots = pilot_prices(self.case, network, PILOT_DRAWS)
        self.found, _ = route_set_under_capacity(self.cases, network, pilots, self.design, threads=self.model.threads)
        return self.found

    def searched(self, cases: Mapping[str, Case]) -> RouteSet:
        """Routes of the states under levers themselves, scarcity there included: minutes, kept for the next time."""
        network = build_network(cases, tuple(sorted({self.case.settings.base_year, self.year})))
        pilots = pilot_prices(self.case, network, PILOT_DRAWS)
        return route_set_under_capacity(cases, network, pilots, self.design, threads=self.model.threads)[0]

    def solve(
        self, wanted: Sequence[tuple[str, tuple[str, ...]]], actors: Sequence[str]
    ) -> dict[tuple[str, str, tuple[str, ...]], Floats]:
        """Return the loss of each actor against the scenario, by (run, scenario, changes): (K, n) USD/yr."""
        baseline = self.case.settings.baseline
        if not wanted:
            return {}
        cases = {baseline: self.cases[baseline]} | {s: self.cases[s] for s in self.scenarios}
        names: dict[tuple[str, tuple[str, ...]], str] = {}
        for i, (scenario, changes) in enumerate(dict.fromkeys(wanted)):
            names[scenario, changes] = f"{scenario}|{i}"
            cases[f"{scenario}|{i}"] = with_levers(self.cases[scenario], f"{scenario}|{i}", changes)
        self.say(f"looking for routes (kept for the next time), {len(names)} states")
        routes = self.searched(cases) if self.model.search else self.routes()
        traded = self.model.runs != ("at_once",)
        years = tuple(sorted({self.case.settings.base_year, self.year})) if traded else (self.year,)
        network = build_network(cases, years)
        place = {(key.scenario, key.year): s for s, group in enumerate(network.same) for key in group}
        state = {key: place[name, self.year] for key, name in names.items()}
        base = np.arange(len(network.states))
        for (scenario, _), s in state.items():
            base[s] = place[scenario, self.year]
        self.bases = {scenario: place[scenario, self.year] for scenario in self.scenarios}
        out: dict[tuple[str, str, tuple[str, ...]], Floats] = {}
        with ThreadPoolExecutor(max(1, min(2, self.model.threads))) as pool:
            jobs = {
                run: pool.submit(self._losses, run, cases, network, routes, base, actors) for run in self.model.runs
            }
            for run, job in jobs.items():
                found = job.result()
                for (scenario, changes), s in state.items():
                    out[run, scenario, changes] = found[:, s]
                    if run == "at_once":
                        self.per_tonne[scenario, changes] = self.hit[:, s]
        return out

    def _losses(
        self,
        run: str,
        cases: Mapping[str, Case],
        network: Network,
        routes: RouteSet,
        base: NDArray[np.int64],
        actors: Sequence[str],
    ) -> Floats:
        self.say(f"solving: {run.replace('_', ' ')}")
        threads = max(1, self.model.threads // 2)
        first = cases[network.states[0].scenario]
        if run == "at_once":
            prices = draw_prices(first, network, self.design)
            found, self.hit = losses_at_once(first, network, routes, prices, self.design, actors, base, threads=threads)
            return found
        if run == "short":
            cases = {name: case.with_settings(trade_run="short") for name, case in cases.items()}
            first = cases[network.states[0].scenario]
        prices = draw_prices(first, network, self.design)
        loading = load_network(cases, network, routes, prices, self.design, threads=threads, model="trade")
        gain = loading.loads.income + loading.loads.revenue[..., 0] + loading.loads.revenue[..., 2]
        lost = gain[:, base] - gain
        open_ = np.asarray((loading.loads.gap[..., :2] > GAP).any(axis=2))  # what is not solved is no result
        lost[open_ | open_[:, base]] = np.nan
        if run == "short":
            often = np.median(loading.loads.scarcity, axis=0) > 0
            assets = network.graph.assets
            for scenario, s in self.bases.items():
                at = [a for one, full in zip(loading.limits, often[s], strict=True) if full for a in one]
                self.full[scenario] = frozenset(assets[a] for a in at)
        number = {name: i for i, name in enumerate(network.actors)}
        return np.stack(
            [lost[..., number[a]] if a in number else np.full(lost.shape[:2], np.nan) for a in actors], axis=2
        )

    def crowded(self, scenario: str, lever: Lever) -> str:
        """Name the links of a lever that are full in the short run in most draws before it is used; empty if none is."""
        if not lever.asset or lever.asset == "*":
            return ""
        own = LinkIndex(self.cases[scenario].table("links"))
        ids = self.cases[scenario].table("links")["link_id"].to_numpy(str)[own.mask(lever.asset)]
        return ", ".join(sorted(self.full.get(scenario, frozenset()) & set(ids))[:3])

    def gdp(self, actor: str) -> Floats:
        """Product of an actor in the year, shape (K,), USD/yr."""
        zones = self.case.table("zones")
        own = zones[zones["country"].isin(countries_of(self.case, actor))]
        out = np.zeros(self.design.draws)
        general = self.case.settings.demand_growth_per_year
        for row in own.to_dict("records"):
            bounds = [float(row[f"gdp_growth_per_year_{b}"]) for b in _BOUNDS]
            key = f"zones/{row['zone_id']}/gdp_growth_per_year"
            if np.isnan(bounds).any():
                bounds, key = [getattr(general, b) for b in _BOUNDS], "settings/demand_growth_per_year"
            rate = self.design.quantity([key], *(np.array([b]) for b in bounds))[:, 0]
            out += float(row["gdp_usd_bn"]) * USD_PER_BN * (1.0 + rate) ** (self.year - self.case.settings.base_year)
        return out if len(own) else np.full(self.design.draws, np.nan)


def _effect(
    solver: LeverSolver, losses: Losses, place: Mapping[str, int], scenario: str, lever: Lever, found: FreightLever | str
) -> LeverEffect:  # fmt: skip
    design, runs = solver.design, solver.model.runs
    notes: list[str] = []
    worth: dict[str, Floats] = {}
    cost: dict[str, Floats] = {}
    per_tonne = None
    if isinstance(found, FreightLever):
        scale = lever_scale(lever, found, design)
        mine, yours = place[lever.sender], place[lever.target]
        sign = 1.0 if lever.harms or found.mirror else -1.0
        for run in runs:
            lost = losses[run, scenario, found.changes]
            worth[run] = 0.0 + sign * scale * lost[:, yours]
            cost[run] = 0.0 + (-1.0 if found.mirror else 1.0) * scale * lost[:, mine]
        rule, how = found.rule, "freight"
        for run in runs:
            lacking = int(np.isnan(worth[run]).sum())
            if lacking:
                notes.append(
                    f"{run.replace('_', ' ')}: {lacking} of {design.draws} draws are not solved and are left out"
                )
        hit = solver.per_tonne.get((scenario, found.changes))
        if hit is not None and hit[:, yours].all():
            per_tonne = hit[:, yours]
        if _eased(worth) and (crowded := solver.crowded(scenario, lever)):
            notes.append(
                f"at once takes free roads; full here without the lever: {crowded}, where a queue or a price that falls takes up "
                "part of what the lever adds"
            )
        if not any(w.any() for w in worth.values()):
            notes.append(
                "nothing moves: it is in force already, or what it acts on carries nothing of the target in this scenario"
            )
        elif lever.in_force and not found.mirror and lever.unit != "share":
            notes.append("in force already: shown is what as much again would do")
    else:
        money = money_of(solver.cases[scenario], lever, solver.year, design)
        rule, how = money.rule, "unknown" if money.short is None else "formula"
        if money.short is not None and money.long is not None:
            worth = {run: money.long if run == "long" else money.short for run in runs}
        if money.cost is not None:
            cost = dict.fromkeys(runs, money.cost)
        if how == "unknown" and found != "it does not run through freight":
            rule = f"{rule} ({found})"
    return LeverEffect(
        scenario=scenario, lever=lever, how=how, rule=rule, worth=worth, cost=cost, first_year=lever.draw_first_year(design),
        gdp=solver.gdp(lever.target), per_tonne=per_tonne, notes=tuple(notes),
    )  # fmt: skip


def _eased(worth: Mapping[str, Floats]) -> bool:
    """Whether a lever is worth less than half in the short run of what it is at once."""
    if "at_once" not in worth or "short" not in worth:
        return False
    free, tight = span_of(worth["at_once"])[0], span_of(worth["short"])[0]
    return bool(tight < free / 2)


def lever_scale(lever: Lever, found: FreightLever, design: Design) -> Floats:
    """Drawn size over the size that was solved, shape (K,)."""
    size = lever.draw_size(design)
    scale = np.ones(design.draws) if found.solved_at is None or size is None else size / found.solved_at
    for key, *bounds in found.factors:
        scale = scale * np.clip(design.quantity([key], *(np.array([b]) for b in bounds))[:, 0], 0.0, 1.0)
    return scale


def _together(
    packs: Sequence[Pack], losses: Losses, place: Mapping[str, int], model: LeverModel
) -> tuple[Together, ...]:
    alone = {
        (scenario, senders[0], target): {run: losses[run, scenario, changes][:, place[target]] for run in model.runs}
        for scenario, senders, target, _, changes in packs
        if len(senders) == 1
    }
    out = []
    for scenario, senders, target, levers, changes in packs:
        worth = {run: losses[run, scenario, changes][:, place[target]] for run in model.runs}
        parts = [alone[scenario, sender, target] for sender in senders]
        both = {run: worth[run] - sum(part[run] for part in parts) for run in model.runs} if len(senders) > 1 else {}
        out.append(
            Together(scenario=scenario, senders=senders, target=target, levers=levers, worth=worth, interaction=both)
        )
    return tuple(out)
