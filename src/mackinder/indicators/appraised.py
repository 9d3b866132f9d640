"""What the projects cost that a scenario opens and the baseline does not, and whether their gain pays for it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.indicators.appraisal import internal_rate_of_return, net_present_value
from mackinder.indicators.measure import Label, Measure
from mackinder.indicators.projects import ProjectDraws, draw_projects, project_flows, unopened_projects
from mackinder.network.records import Network
from mackinder.units import USD_PER_MUSD

__all__ = ["capital_of_states", "measure_appraisal"]

Floats = NDArray[np.float64]


def capital_of_states(
    cases: Mapping[str, Case], network: Network, baseline: str, design: Design
) -> dict[int, ProjectDraws]:
    """Draw, for each state that opens projects which the baseline leaves shut in that year, those projects (convention C83)."""
    out = {}
    for s, state in enumerate(network.states):
        if any(key.scenario == baseline for key in network.same[s]):
            continue
        shut = set(unopened_projects(cases[state.scenario], state.year))
        opened = [name for name in unopened_projects(cases[baseline], state.year) if name not in shut]
        if opened:
            out[s] = draw_projects(cases[state.scenario], opened, design)
    return out


def measure_appraisal(
    network: Network, capital: Mapping[int, ProjectDraws], gain: Floats, baseline: str, design: Design
) -> list[Measure]:
    """Measure net present value and internal rate of return of what each scenario opens (convention C84).

    Parameters
    ----------
    network : Network
    capital : mapping of int to ProjectDraws
        See `capital_of_states`.
    gain : ndarray, shape (K, S, N), USD/yr
        What each actor has before capital costs; only differences to the baseline count.
    baseline : str
    design : Design

    Returns
    -------
    list of Measure
        An internal rate is nan in draws where there is none or more than one.
    """
    base = {key.year: s for s, keys in enumerate(network.same) for key in keys if key.scenario == baseline}
    out = []
    for s, projects in capital.items():
        state = network.states[s]
        change = gain[:, s] - gain[:, base[state.year]]
        bearers = sorted({actor for shares in projects.bearers for actor in shares})
        whole = np.ones(len(projects.names))
        parts = {"": (change.sum(axis=1), whole)}
        for i, actor in enumerate(network.actors):
            if change[:, i].any() or actor in bearers:
                parts[actor] = (change[:, i], projects.shares(actor))
        for actor in bearers:  # pays, and has neither trade nor rights here
            parts.setdefault(actor, (np.zeros(design.draws), projects.shares(actor)))
        rate = _common_rate(projects)
        flows = {who: project_flows(projects, *part) for who, part in parts.items()}
        labels: list[Label] = [
            {"scenario": state.scenario, "year": state.year, "target": who, "asset": "+".join(sorted(projects.names))}
            for who in flows
        ]
        value = np.column_stack([net_present_value(flow, rate) for flow in flows.values()])
        out.append(Measure.of("project_npv", value / USD_PER_MUSD, labels))
        paying = [i for i, who in enumerate(flows) if who in ("", *bearers)]
        returns = [internal_rate_of_return(flow).rate for who, flow in flows.items() if who in ("", *bearers)]
        out.append(Measure.of("project_eirr", np.column_stack(returns), [labels[i] for i in paying]))
    return out


def _common_rate(projects: ProjectDraws) -> Floats:
    """Mean discount rate of the projects, weighted by cost not sunk, shape (K,)."""
    weight = np.where(projects.fresh.sum(axis=1, keepdims=True) > 0, projects.fresh, 1.0)
    return np.asarray((projects.rate * weight).sum(axis=1) / weight.sum(axis=1))
