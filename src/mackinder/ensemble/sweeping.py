"""The driver of sweeps: the chain over thousands of futures, chunk by chunk, on this machine or a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from mackinder.archive import Run
from mackinder.case import Case, require_sound
from mackinder.ensemble.besides import besides
from mackinder.ensemble.chunk import Job
from mackinder.ensemble.drive import solve_chunks
from mackinder.ensemble.executors import check_executor
from mackinder.ensemble.finish import finish
from mackinder.ensemble.folder import SweepFolder, refuse_mixing
from mackinder.ensemble.gather import gather
from mackinder.ensemble.sweepplan import identify, plan_sweep, prepare_all
from mackinder.ensemble.switches import combinations
from mackinder.errors import UsageError
from mackinder.scenario import read_vintage

__all__ = ["sweep"]

Narrate = Callable[[str], None]


def sweep(
    case: Case | str | Path = "south-caucasus",
    scenarios: Sequence[str] | None = None,
    *,
    out: str | Path,
    as_of: str | None = None,
    draws: int = 256,
    seed: int = 0,
    model: str = "trade",
    design: str = "lhs",
    factors: Sequence[str] = (),
    switches: Sequence[str] = (),
    correlations: Mapping[tuple[str, str], float] | None = None,
    keep: Sequence[str] = (),
    executor: str = "local",
    workers: int | None = None,
    resume: bool = False,
    most_failed: float = 0.02,
    strategy: bool = False,
    narrate: Narrate | None = None,
) -> Run:
    """Run the chain over many futures, and leave the folder of a run.

    Parameters
    ----------
    case, scenarios, as_of, seed, model
        See `mackinder.run`. Scenarios share their draws.
    out : str or Path
        Folder of the sweep: chunks while it runs, a run at the end.
    draws : int
        Draws of a Latin hypercube; base points of a Sobol design (a power of two); trajectories of a Morris design.
    design : {"lhs", "sobol", "morris"}
    factors : sequence of str
        Inputs that are factors of their own: ``pattern`` or ``name=pattern``. All others go by blocks.
    switches : sequence of str
        Structural switches to sample: ``name`` or ``name=option,option``.
    correlations : mapping of (str, str) to float, optional
        Correlations of inputs (Gaussian copula).
    keep : sequence of str
        Indicators to keep; all if empty.
    executor : str
        ``local``, ``dask`` or the address of a scheduler.
    workers : int, optional
    resume : bool
        Go on with the finished chunks in ``out``.
    most_failed : float
        Share of draws that may fail.
    strategy : bool
        Levers, power and ties under every scenario as well, in ``strategy.parquet`` (convention C156).
    narrate : callable, optional

    Returns
    -------
    Run
        Its draws stay on disk: ``run.draws[:, i]`` reads those of number i.

    Raises
    ------
    UsageError
        If an option is out of range or a name is not known.
    RunError
        If the folder cannot be written or resumed, workers cannot be had, or too many draws fail.

    Examples
    --------
    >>> from mackinder import sweep
    >>> sweep("south-caucasus", ["trump-route"], draws=1000, out="out/many")  # doctest: +SKIP
    """
    say = narrate or (lambda _: None)
    if draws < 1:
        msg = f"draws is {draws}: at least one draw is needed"
        raise UsageError(msg)
    if switches and design != "lhs":
        msg = f"switches are sampled with the Latin hypercube only, and the design is {design}: run one sweep an option"
        raise UsageError(msg)
    combos = combinations(switches)
    check_executor(executor, workers)
    if not resume:
        refuse_mixing(Path(out))
    case = case if isinstance(case, Case) else read_vintage(case, as_of)
    require_sound(case)
    prepared = prepare_all(case, scenarios, model, combos, say)
    plan = plan_sweep(prepared[0], design, draws, seed, factors, correlations or {}, n_combos=len(combos))
    identity = identify(prepared, combos, plan, keep)
    folder = SweepFolder(Path(out), identity, resume=resume)
    todo = [c for c in range(len(plan.chunks)) if f"{c:06d}" not in folder.done]
    say(f"{plan.runs:,} draws in {len(plan.chunks)} chunks" + (f", {len(folder.done)} of them there" if resume else ""))
    if todo:
        jobs = {c: Job(chunk=c, design=plan.design.window(*plan.chunks[c]), keep=tuple(keep)) for c in todo}
        solve_chunks(jobs, plan, prepared, folder, executor, workers, say)
    say("reading the chunks together")
    gathered = gather(folder, plan.combo)
    threads = workers or os.cpu_count() or 1
    add = partial(besides, prepared[0], draws=plan.runs, seed=seed, threads=threads, say=say)
    return finish(folder, prepared, plan, combos, gathered, most_failed, strategy=add if strategy else None)
