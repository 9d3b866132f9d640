"""The driver of runs: a run is a small sweep over draws, solved in one window."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from mackinder.archive import Run
from mackinder.case import Case, require_sound
from mackinder.draws import Design, recorded
from mackinder.ensemble.headlines import headline_routes
from mackinder.ensemble.manifest import manifest
from mackinder.ensemble.options import with_options
from mackinder.ensemble.prepared import prepare, solve
from mackinder.ensemble.unsolved import refuse_unsolved, solved_gaps, without_unsolved
from mackinder.errors import UsageError
from mackinder.indicators.measure import summarise
from mackinder.scenario import read_vintage

__all__ = ["DEFAULT_DRAWS", "run"]

DEFAULT_DRAWS = 80


def run(
    case: Case | str | Path = "south-caucasus",
    scenarios: Sequence[str] | None = None,
    *,
    as_of: str | None = None,
    draws: int = DEFAULT_DRAWS,
    seed: int = 0,
    threads: int | None = None,
    model: str = "trade",
    reexports: str | None = None,
    horizon: str | None = None,
    allow_unsolved: bool = False,
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
    reexports : {"with", "without"}, optional
        Whether goods that are only sent on count as trade (convention C141). None: as the case says (with).
    horizon : {"long", "short"}, optional
        Trade answers in full, or as in the first year (convention C143). None: as the case says (long).
    allow_unsolved : bool
        Return a run although the equilibrium of some draw is not solved; its numbers are left out (convention C144).
    narrate : callable, optional
        Called with the name of each stage as it starts.

    Returns
    -------
    Run
        Not yet written: see `mackinder.archive.write_run`.

    Raises
    ------
    UsageError
        If ``draws`` is below 1, or a scenario or an option is not known.
    NotConvergedError
        If the equilibrium of a draw is not solved, unless allowed.
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
    case = case if isinstance(case, Case) else read_vintage(case, as_of)
    case = with_options(case, reexports=reexports, horizon=horizon)
    require_sound(case)
    design = Design(seed=seed, draws=draws, common_share=case.settings.common_share)
    threads = threads or os.cpu_count() or 1
    prepared = prepare(case, scenarios, model=model, threads=threads, narrate=narrate)
    with recorded() as inputs:
        known = solve(prepared, design, threads=threads, narrate=narrate)
    equilibrium = solved_gaps(known["loading"])
    if not allow_unsolved:
        refuse_unsolved(equilibrium)
    measure = without_unsolved(known["measure"], known["loading"], prepared.baseline)
    gap = known["loading"].loads.identity_gap.sum(axis=0)
    return Run(
        manifest=manifest(
            prepared, seed=seed, draws=draws, equilibrium=equilibrium,
            identity_gap=(float(gap[0]), float(gap[1])),
            inputs=list(inputs),
        ),
        results=summarise(measure),
        flows=known["flows"],
        routes=headline_routes(prepared.cases, prepared.network, case.settings),
        draws=measure.draws.astype(np.float32),
    )  # fmt: skip
