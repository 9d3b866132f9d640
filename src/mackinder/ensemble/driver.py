"""The driver of runs: a run is a small sweep over draws."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from mackinder.archive import MANIFEST_SCHEMA, Run
from mackinder.case import Case, require_sound
from mackinder.chain import run_stages
from mackinder.draws import Design
from mackinder.ensemble.headlines import headline_routes
from mackinder.equilibrium.loading import GAP, MODELS, Loading
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.measure import summarise
from mackinder.kernels import CACHE_NOTE
from mackinder.scenario import diff, read_scenario, read_vintage

__all__ = ["DEFAULT_DRAWS", "run"]

DEFAULT_DRAWS = 80
#: packages whose versions can change a number
_STATUS = {
    "routes": "loaded without capacity limits, demand given",
    "capacity": "loaded under capacity limits, demand given",
    "trade": "loaded under capacity limits, trade answering to delivered costs",
}
_VERSIONS = ("mackinder", "numpy", "scipy", "numba", "pandas", "pyarrow")


def run(
    case: Case | str | Path = "south-caucasus",
    scenarios: Sequence[str] | None = None,
    *,
    as_of: str | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
    threads: int | None = None,
    model: str = "trade",
    narrate: Callable[[str], None] | None = None,
) -> Run:
    """Run the chain for some scenarios of a case, in the base and the horizon year.

    Parameters
    ----------
    case : Case, str or Path
        A case, a folder, or the name of a packaged case.
    scenarios : sequence of str, optional
        Scenario ids or compositions (``a+b``); None: those that ``case.toml`` names. The baseline always runs.
    as_of : str, optional
        ISO day: the case as it was knowable then. None: the newest vintage. A `Case` is taken as it is.
    draws : int
        Number of draws of the uncertain inputs, at least 1.
    seed : int
        Seed of the draws.
    threads : int, optional
        Threads; None: as many as there are cores. Results do not depend on it.
    model : {"routes", "capacity", "trade"}
        Routes alone; routes under capacities; both with trade that answers to delivered costs.
    narrate : callable, optional
        Called with the name of each stage as it starts.

    Returns
    -------
    Run
        Not yet written: see `mackinder.archive.write_run`.

    Raises
    ------
    UsageError
        If ``draws`` is below 1, or a scenario is not known.
    CaseError, CheckError, ScenarioError
        If the case cannot be read or fails its checks, or a scenario cannot be read or applied.

    Examples
    --------
    >>> from mackinder import run
    >>> result = run("south-caucasus", ["trump-route"], draws=20)  # doctest: +SKIP
    >>> result.results.query("indicator == 'corridor_flow'")  # doctest: +SKIP
    """
    if draws < 1:
        msg = f"draws is {draws}: at least one draw is needed"
        raise UsageError(msg)
    if model not in MODELS:
        msg = did_you_mean(model, MODELS, what="model")
        raise UsageError(msg)
    case = case if isinstance(case, Case) else read_vintage(case, as_of)
    require_sound(case)
    settings = case.settings
    chosen = tuple(dict.fromkeys((settings.baseline, *(settings.scenarios if scenarios is None else scenarios))))
    years = tuple(sorted({settings.base_year, settings.horizon_year}))
    design = Design(seed=seed, draws=draws, common_share=settings.common_share)
    known = run_stages(
        {
            "case": case, "scenarios": chosen, "years": years, "design": design, "baseline": settings.baseline,
            "threads": threads or os.cpu_count() or 1, "model": model,
        },
        narrate=narrate,
    )  # fmt: skip
    measure = known["measure"]
    return Run(
        manifest=_manifest(case, chosen, years, design, known),
        results=summarise(measure),
        flows=known["flows"],
        routes=headline_routes(known["cases"], known["network"], settings),
        draws=measure.draws.astype(np.float32),
    )


def _gaps(loading: Loading) -> dict[str, Any]:
    """How well the equilibrium of every draw and state is solved."""
    gap = loading.loads.gap
    open_ = (gap[..., :2] > GAP).any(axis=2)
    return {
        "tolerance": GAP,
        "solved": int((~open_).sum()),
        "not_solved": int(open_.sum()),
        "largest_gap_capacity": float(gap[..., 0].max()),
        "largest_gap_trade": float(gap[..., 1].max()),
        "answers_median": float(np.median(gap[..., 2])),
    }


def _manifest(
    case: Case, scenarios: tuple[str, ...], years: tuple[int, ...], design: Design, known: dict[str, Any]
) -> dict[str, Any]:
    settings, cases = case.settings, known["cases"]
    base = cases[settings.baseline]
    gap = known["loading"].loads.identity_gap.sum(axis=0)
    return {
        "schema": MANIFEST_SCHEMA,
        "case": case.name,
        "title": settings.title,
        "case_digest": case.digest,
        "base_year": settings.base_year,
        "horizon_year": settings.horizon_year,
        "years": list(years),
        "baseline": settings.baseline,
        "newest_evidence": str(settings.newest_evidence),
        "seed": design.seed,
        "draws": design.draws,
        "common_share": design.common_share,
        "scenarios": list(scenarios),
        "focus": list(settings.focus),
        "corridor_labels": dict(case.table("corridors").set_index("corridor_id")["label"]),
        "scenario_labels": {name: read_scenario(name, case).label for name in scenarios},
        "scenario_digests": {name: cases[name].digest for name in scenarios},
        "differences": {
            name: [item.text for item in diff(base, cases[name])] if cases[name].digest != base.digest else []
            for name in scenarios
        },
        "model": known["loading"].model,
        "status": _STATUS[known["loading"].model],
        "equilibrium": _gaps(known["loading"]),
        "routes": {"count": len(known["routes"].route_first) - 1, "left_out_for_room": known["routes"].dropped},
        "closure_identity_gap": float(gap[1] / gap[0]) if gap[0] > 0 else 0.0,
        "versions": {name: version(name) for name in _VERSIONS} | {"python": platform.python_version()},
        "kernel_cache": CACHE_NOTE or "kernels are kept compiled",
    }
