"""What a run says about itself: the same entries for a run and for a sweep."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from mackinder.archive import MANIFEST_SCHEMA
from mackinder.case import Case
from mackinder.ensemble.prepared import Prepared
from mackinder.kernels import CACHE_NOTE
from mackinder.scenario import diff, read_scenario

__all__ = ["manifest", "versions"]

_STATUS = {
    "routes": "loaded without capacity limits, demand given",
    "capacity": "loaded under capacity limits, demand given",
    "trade": "loaded under capacity limits, trade answering to delivered costs",
}
#: packages whose versions can change a number
_VERSIONS = ("mackinder", "numpy", "scipy", "numba", "pandas", "pyarrow")


def _options(case: Case) -> list[str]:
    """What a reader must know of settings that are not the usual ones."""
    found = []
    if case.settings.reexports == "without":
        found.append("goods that are only sent on left out of trade")
    if case.settings.trade_run == "short":
        found.append("trade elasticities of the first year")
    return found


def versions() -> dict[str, str]:
    """Return the versions of what can change a number.

    Examples
    --------
    >>> "numba" in versions()
    True
    """
    return {name: version(name) for name in _VERSIONS} | {"python": platform.python_version()}


def manifest(
    prepared: Prepared,
    *,
    seed: int,
    draws: int,
    equilibrium: dict[str, Any],
    identity_gap: tuple[float, float],
    inputs: Sequence[str],
) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    prepared : Prepared
    seed, draws : int
    equilibrium : dict
        How well the equilibrium is solved.
    identity_gap : tuple of float
        Closure costs found, and by how much they miss the identity they should meet.
    inputs : sequence of str
        Ids of the uncertain inputs: with the seed they give every draw of each.
    """
    case, cases = prepared.case, prepared.cases
    settings, base = case.settings, cases[prepared.baseline]
    scenarios = list(cases)
    return {
        "schema": MANIFEST_SCHEMA,
        "case": case.name,
        "title": settings.title,
        "case_digest": case.digest,
        "base_year": settings.base_year,
        "horizon_year": settings.horizon_year,
        "years": list(prepared.years),
        "baseline": settings.baseline,
        "newest_evidence": str(settings.newest_evidence),
        "seed": seed,
        "draws": draws,
        "common_share": settings.common_share,
        "scenarios": scenarios,
        "focus": list(settings.focus),
        "corridor_labels": dict(case.table("corridors").set_index("corridor_id")["label"]),
        "scenario_labels": {name: read_scenario(name, case).label for name in scenarios},
        "scenario_digests": {name: cases[name].digest for name in scenarios},
        "differences": {
            name: [item.text for item in diff(base, cases[name])] if cases[name].digest != base.digest else []
            for name in scenarios
        },
        "model": prepared.model,
        "status": "; ".join([_STATUS[prepared.model], *_options(case)]),
        "reexports": settings.reexports,
        "horizon": settings.trade_run,
        "equilibrium": equilibrium,
        "routes": {"count": len(prepared.routes.route_first) - 1, "left_out_for_room": prepared.routes.dropped},
        "closure_identity_gap": identity_gap[1] / identity_gap[0] if identity_gap[0] > 0 else 0.0,
        "versions": versions(),
        "inputs": list(inputs),
        "kernel_cache": CACHE_NOTE or "kernels are kept compiled",
    }
