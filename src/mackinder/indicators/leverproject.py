"""What can be done to a project: how much of its traffic goes if a lever is used, what cushions it (convention C97)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, LinkIndex
from mackinder.equilibrium.loading import load_network
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.leverage import LeverModel, LeverSolver, lever_scale
from mackinder.indicators.levers import Lever, read_levers
from mackinder.indicators.leverstates import FreightLever, freight_lever, with_levers
from mackinder.network.network import build_network, day_of, is_open
from mackinder.network.prices import draw_prices
from mackinder.scenario import apply, read_scenario
from mackinder.units import TONNES_PER_MT

__all__ = ["Exposed", "ProjectExposure", "project_exposure"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_CALLED = ("corridor_id", "label", "label_armenian", "label_azerbaijani", "route_tag")
_LEAST = 1e-3  # part of the flow below which a lever is not said to reach the project


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """What a lever does to the traffic of a project.

    Attributes
    ----------
    lever : Lever
    lost : ndarray, shape (K,), or None
        Part of the traffic that goes (negative: that comes) while the lever is kept up; None: it does not run through freight.
    first_year : ndarray, shape (K,)
        Part of the first twelve months in which it is kept up.
    direct : bool
        Whether it acts on links of the project.
    rule : str
    """

    lever: Lever
    lost: Floats | None
    first_year: Floats
    direct: bool
    rule: str

    def cells(self) -> list[str]:
        """Write the part of the flow, and the part of the first year, for a table."""
        if self.lost is None:
            return ["not traffic", "not traffic"]
        return [_percent(self.lost), _percent(self.lost * self.first_year)]


def _percent(drawn: Floats) -> str:
    middle, low, high = (f"{x:.0f}" if abs(x) >= 10 or abs(x) < 0.05 else f"{x:.2g}" for x in _hundredths(drawn))
    return f"{middle} % ({low} to {high})"


def _hundredths(drawn: Floats) -> list[float]:
    return [0.0 if abs(x) < 5e-4 else 100 * float(x) for x in np.quantile(drawn, [0.5, 0.05, 0.95])]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ProjectExposure:
    """Exposure of a project to levers, the largest first; ``flow`` is its traffic in t/yr, shape (K,)."""

    label: str
    scenario: str
    year: int
    flow: Floats
    rows: tuple[Exposed, ...]
    notes: tuple[str, ...]

    @property
    def flow_text(self) -> str:
        """Traffic in Mt a year with its interval."""
        middle, low, high = np.quantile(self.flow, [0.5, 0.05, 0.95]) / TONNES_PER_MT
        return f"{middle:.2g} ({low:.2g} to {high:.2g})"

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""

        def span(drawn: Floats | None) -> dict[str, float] | None:
            if drawn is None:
                return None
            middle, low, high = np.quantile(drawn, [0.5, 0.05, 0.95])
            return {"value": float(middle), "low": float(low), "high": float(high)}

        return {
            "project": self.label, "scenario": self.scenario, "year": self.year,
            "flow_mt_per_year": span(self.flow / TONNES_PER_MT),
            "levers": [
                {"lever": r.lever.lever_id, "sender": r.lever.sender, "target": r.lever.target, "status": r.lever.status,
                 "share_of_flow": span(r.lost), "share_of_first_year": span(None if r.lost is None else r.lost * r.first_year),
                 "acts_on_its_links": r.direct, "rule": r.rule, "cushions": r.lever.cushions,
                 "mitigations": r.lever.mitigations, "facts": list(r.lever.facts)}
                for r in self.rows
            ],
            "notes": list(self.notes),
        }  # fmt: skip


def project_exposure(
    case: Case,
    name: str,
    year: int,
    model: LeverModel,
    *,
    scenario: str | None = None,
    narrate: Callable[[str], None] | None = None,
) -> ProjectExposure:
    """Say what of a project's traffic each lever of each actor can take away.

    Parameters
    ----------
    case : Case
        A vintage, without a scenario.
    name : str
        Corridor, project or tag, or a word of its label.
    year : int
    model : LeverModel
        Its runs do not matter: routes are loaded at given demand, on free roads.
    scenario : str, optional
        None: the first of the case in which the project carries.
    narrate : callable, optional

    Raises
    ------
    UsageError
        Nothing has the name, or it carries nothing in any scenario.
    """
    label, links, crossed, counted = _find(case, name)
    chosen = _scenario(case, crossed, year, scenario, label)
    solver = LeverSolver(case, (chosen,), year, model, narrate or (lambda _: None))
    index = LinkIndex(case.table("links"))
    plans: list[tuple[Lever, FreightLever | None, str, bool]] = []
    for lever in read_levers(case):
        if not lever.harms and not lever.asset:
            continue
        direct = bool(lever.asset) and bool((index.mask(lever.asset) & links).any()) and lever.asset != "*"
        found = (
            freight_lever(solver.cases[chosen], lever, year)
            if lever.harms
            else "an offer: what is exposed is that it ends"
        )
        if isinstance(found, FreightLever):
            plans.append((lever, found, found.rule, direct))
        elif direct:
            plans.append((lever, None, found, direct))
    flows, state = _flows(solver, chosen, [f for _, f, _, _ in plans if f is not None], counted, links)
    flow = flows[:, 0]
    rows = []
    for lever, freight, rule, direct in plans:
        lost: Floats | None = None
        if freight is not None:
            gone = flow - flows[:, state[freight.changes]]
            lost = lever_scale(lever, freight, solver.design) * np.divide(
                gone, flow, out=np.zeros_like(gone), where=flow > 0
            )
            if abs(float(np.median(lost))) < _LEAST and not direct:
                continue
        first = lever.draw_first_year(solver.design)
        rows.append(Exposed(lever=lever, lost=lost, first_year=first, direct=direct, rule=rule))
    rows.sort(key=lambda r: np.inf if r.lost is None else -float(np.median(r.lost)))
    notes = (
        "Part of the traffic that goes while a lever is kept up, at given demand on free roads; levers that move less than "
        "a thousandth and do not act on its links are left out. Negative: traffic comes to it instead (conventions C90 and C97).",
        "At the level of a state's policy. Who can close it link by link: `mackinder show CORRIDOR`.",
    )
    return ProjectExposure(label=label, scenario=chosen, year=year, flow=flow, rows=tuple(rows), notes=notes)


def _find(case: Case, name: str) -> tuple[str, Bools, Bools, str]:
    """Return label, links, those that must be open, and corridor (empty: the fullest link counts) of what is called so."""
    links, corridors, projects = case.table("links"), case.table("corridors"), case.table("projects")
    index, wanted = LinkIndex(links), name.casefold()
    told = [
        ([str(row[c]).casefold() for c in _CALLED if c in row], {str(k): v for k, v in row.items()})
        for row in corridors.to_dict("records")
    ]
    exact = [row for texts, row in told if wanted in texts]
    named = wanted in {str(p).casefold() for c in ("project_id", "label") for p in projects[c]}
    words = [] if named else [row for texts, row in told if any(wanted in text for text in texts)]
    for row in exact or words:
        crossed = index.mask(str(row["screenline"]))
        tagged = index.mask(f"tag={row['route_tag']}") if row["route_tag"] else crossed
        return str(row["label"]), crossed | tagged, crossed, str(row["corridor_id"])
    for project in projects.to_dict("records"):
        if wanted in (str(project["project_id"]).casefold(), str(project["label"]).casefold()):
            own = index.mask(str(project["links"]))
            return str(project["label"]), own, own, ""
    tags = {tag for cell in links["tags"] for tag in str(cell).split(";") if tag}
    if wanted in {tag.casefold() for tag in tags}:
        tag = next(tag for tag in sorted(tags) if tag.casefold() == wanted)
        own = index.mask(f"tag={tag}")
        return tag, own, own, ""
    known = [*corridors["corridor_id"], *projects["project_id"], *sorted(tags)]
    raise UsageError(did_you_mean(name, known, what="corridor, project or tag"))


def _scenario(case: Case, links: Bools, year: int, wanted: str | None, label: str) -> str:
    names = (wanted,) if wanted is not None else case.settings.scenarios
    for name in names:
        changed = apply(case, read_scenario(name, case)).table("links")
        ids = set(case.table("links").loc[links, "link_id"])
        mine = changed["link_id"].isin(ids).to_numpy(bool)
        if (is_open(changed, day_of(year)) & mine).sum() > mine.sum() / 2:
            return name
    if wanted is not None:
        return wanted
    msg = (
        f"{label} carries nothing in {year} in {', '.join(names)}: name a scenario in which it is open with --scenario"
    )
    raise UsageError(msg)


def _flows(
    solver: LeverSolver, scenario: str, wanted: list[FreightLever], corridor: str, links: Bools
) -> tuple[Floats, dict[tuple[str, ...], int]]:
    """Traffic of the project without any lever (column 0) and under each set of changes, shape (K, n), t/yr."""
    sets = list(dict.fromkeys(found.changes for found in wanted))
    cases = {scenario: solver.cases[scenario]}
    cases |= {
        f"{scenario}|{i}": with_levers(cases[scenario], f"{scenario}|{i}", changes) for i, changes in enumerate(sets)
    }
    solver.say(f"looking for routes (kept for the next time), {len(sets)} states")
    routes = solver.routes()
    network = build_network(cases, (solver.year,))
    place = {key.scenario: s for s, group in enumerate(network.same) for key in group}
    prices = draw_prices(cases[scenario], network, solver.design)
    solver.say("loading")
    loads = load_network(
        cases, network, routes, prices, solver.design, threads=solver.model.threads, model="routes"
    ).loads
    if corridor:
        tonnes = loads.corridor[:, :, network.corridors.index(corridor)].sum(axis=2)
    else:
        own = set(solver.case.table("links").loc[links, "link_id"])
        at = [i for i, asset in enumerate(network.graph.assets) if asset in own]
        tonnes = loads.asset_tonnes[:, :, at].max(axis=2)
    order = [place[scenario], *(place[f"{scenario}|{i}"] for i in range(len(sets)))]
    return tonnes[:, order], {changes: i + 1 for i, changes in enumerate(sets)}
