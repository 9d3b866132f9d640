"""Capital projects of a case in every draw: what they cost a year and in all, and who bears it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case, LinkIndex, top_parents
from mackinder.case.bearers import bearer_shares
from mackinder.draws import Design
from mackinder.indicators.appraisal import annuity
from mackinder.network.network import day_of, is_open
from mackinder.units import USD_PER_MUSD

__all__ = ["ProjectDraws", "draw_projects", "project_flows", "unopened_projects"]

Floats = NDArray[np.float64]

_STEMS = ("capex_musd", "sunk_share", "construction_years", "upkeep_share", "life_years", "discount_rate")
_SHORTEST = 1e-3  # years: no work takes none


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDraws:
    """Projects in every draw; K draws, m projects.

    Attributes
    ----------
    names : tuple of str, length m
    fresh : ndarray, shape (K, m), USD
        Cost of building that is not sunk.
    upkeep : ndarray, shape (K, m), USD/yr
    construction, life : ndarray, shape (K, m), yr
    rate : ndarray, shape (K, m), 1/yr
        Real discount rate.
    bearers : tuple of dict, length m
        Share of each root actor in the cost.
    """

    names: tuple[str, ...]
    fresh: Floats
    upkeep: Floats
    construction: Floats
    life: Floats
    rate: Floats
    bearers: tuple[dict[str, float], ...]

    def annual(self) -> Floats:
        """Return the annuity of what is not sunk, and upkeep, shape (K, m), USD/yr (convention C69)."""
        return annuity(self.fresh, self.rate, self.life) + self.upkeep

    def shares(self, actor: str) -> Floats:
        """Return an actor's share of the cost of each project, shape (m,)."""
        return np.array([share.get(actor, 0.0) for share in self.bearers])


def unopened_projects(case: Case, year: int) -> list[str]:
    """Return the projects of which most links do not carry in a year, in the order of the table.

    One that betters a line which carries already is no option to open something.
    """
    links, projects = case.table("links"), case.table("projects")
    shut, index = ~is_open(links, day_of(year)), LinkIndex(links)
    chosen = [index.mask(selector) for selector in projects["links"]]
    return [str(p) for p, own in zip(projects["project_id"], chosen, strict=True) if (own & shut).sum() > own.sum() / 2]


def draw_projects(case: Case, names: Sequence[str], design: Design) -> ProjectDraws:
    """Draw what projects cost, how long they take and last, and at which rate they are valued.

    Parameters
    ----------
    case : Case
    names : sequence of str
        Ids of `projects`.
    design : Design
    """
    table, parents = case.table("projects").set_index("project_id"), top_parents(case.table("actors"))
    drawn = {stem: np.zeros((design.draws, len(names))) for stem in _STEMS}
    bearers = []
    for i, name in enumerate(names):
        for stem, out in drawn.items():
            bounds = (np.array([float(str(table.loc[name, f"{stem}_{b}"]))]) for b in ("low", "mode", "high"))
            out[:, i] = design.quantity([f"projects/{name}/{stem}"], *bounds)[:, 0]
        roots: dict[str, float] = {}
        for actor, share in bearer_shares(str(table.loc[name, "bearers"])).items():
            root = parents.get(actor, actor)
            roots[root] = roots.get(root, 0.0) + share
        bearers.append(roots)
    capex = drawn["capex_musd"] * USD_PER_MUSD
    return ProjectDraws(
        names=tuple(names),
        fresh=capex * (1.0 - np.minimum(drawn["sunk_share"], 1.0)),
        upkeep=capex * drawn["upkeep_share"],
        construction=np.maximum(drawn["construction_years"], _SHORTEST),
        life=drawn["life_years"],
        rate=drawn["discount_rate"],
        bearers=tuple(bearers),
    )


def project_flows(projects: ProjectDraws, gain: Floats, share: Floats) -> Floats:
    """Return the yearly flows of building projects together (convention C84).

    Works on all of them start at the beginning of year 1 and cost the same each year until each is done; upkeep begins then.
    The gain, the same every year, begins when the last is done. All ends when the first is worn out, counted from its own
    opening. Flows fall at the end of their year.

    Parameters
    ----------
    projects : ProjectDraws
    gain : ndarray, shape (K,), USD/yr
        Of whom the flows are.
    share : ndarray, shape (m,)
        Their part in the cost of each project.

    Returns
    -------
    ndarray, shape (K, n_years + 1), USD
        From year 0, in which nothing flows, so that present values are at the start of works.
    """
    done = projects.construction
    opened, ended = done.max(axis=1), (done + projects.life).min(axis=1)
    end = np.arange(1, int(np.ceil(max(done.max(), ended.max()))) + 1)

    def within(start: Floats, stop: Floats) -> Floats:
        """Part of each year that lies between two times, shape (K, n_years)."""
        return np.asarray(np.clip(np.minimum(stop[:, None], end) - np.maximum(start[:, None], end - 1), 0.0, 1.0))

    flows = gain[:, None] * within(opened, ended)
    for i, part in enumerate(share):
        flows -= part * (projects.fresh / done)[:, i, None] * within(np.zeros(len(gain)), done[:, i])
        flows -= part * projects.upkeep[:, i, None] * within(done[:, i], ended)
    return np.concatenate([np.zeros((len(gain), 1)), flows], axis=1)
