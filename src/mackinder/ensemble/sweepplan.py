"""What a sweep is to solve: its design and factors, its chunks, and all that its bytes depend on."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mackinder.case import Case
from mackinder.draws import Design, recorded
from mackinder.ensemble.chunk import BLOCK
from mackinder.ensemble.designs import build_plan, cluster, runs_of
from mackinder.ensemble.factors import Factor, assign_factors
from mackinder.ensemble.manifest import versions
from mackinder.ensemble.prepared import Prepared, prepare, solve
from mackinder.ensemble.switches import apply_switches, combo_of_chunk
from mackinder.errors import UsageError, did_you_mean
from mackinder.kernels import SOURCE_HASH

__all__ = ["SweepPlan", "identify", "inputs_of", "plan_sweep", "prepare_all"]

#: chunks of a long sweep, about: files are few, and a lost chunk is a small part
_CHUNKS = 256

Narrate = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SweepPlan:
    """What is to be solved: the design, its chunks ``(start, stop)``, and which combination of switches each has."""

    method: str
    design: Design
    base: int
    runs: int
    factors: tuple[Factor, ...]
    chunks: tuple[tuple[int, int], ...]
    combo: tuple[int, ...]


def inputs_of(prepared: Prepared) -> list[str]:
    """Return the ids of all uncertain inputs that the chain draws, in order."""
    once = Design(seed=0, draws=1, common_share=prepared.case.settings.common_share)
    with recorded() as drawn:
        solve(prepared, once, threads=1)
    return list(drawn)


def prepare_all(
    case: Case, scenarios: Sequence[str] | None, model: str, combos: Sequence[Mapping[str, str]], say: Narrate
) -> list[Prepared]:
    """Prepare the case under every combination of switches."""
    found = []
    for combo in combos:
        changed, its_model = apply_switches(case, model, combo)
        if combo:
            say(", ".join(f"{k} {v}" for k, v in combo.items()))
        found.append(prepare(changed, scenarios, model=its_model, narrate=say))
    return found


def plan_sweep(
    prepared: Prepared,
    method: str,
    draws: int,
    seed: int,
    named: Sequence[str],
    correlations: Mapping[tuple[str, str], float],
    *,
    n_combos: int,
) -> SweepPlan:
    """Return what is to be solved.

    Raises
    ------
    UsageError
        If a factor, a correlation or the number of draws does not fit.
    """
    factors: tuple[Factor, ...] = ()
    clusters = cluster(correlations)
    if method != "lhs" or named or clusters:
        inputs = inputs_of(prepared)
        factors = assign_factors(inputs, named)
        _check_clusters([c.keys for c in clusters], inputs, factors if method != "lhs" else ())
    plan = build_plan(method, seed, draws, factors)
    runs = runs_of(method, draws, len(factors))
    step = BLOCK * max(1, runs // (BLOCK * _CHUNKS))
    chunks = tuple((k, min(k + step, runs)) for k in range(0, runs, step))
    if len(chunks) < n_combos:
        msg = (
            f"--draws {draws}: {n_combos} combinations of switches need at least {n_combos * BLOCK} draws, {BLOCK} each"
        )
        raise UsageError(msg)
    share = prepared.case.settings.common_share
    return SweepPlan(
        method=method,
        design=Design(seed=seed, draws=runs, common_share=share, plan=plan, clusters=clusters),
        base=draws,
        runs=runs,
        factors=factors,
        chunks=chunks,
        combo=tuple(combo_of_chunk(seed, len(chunks), n_combos)),
    )


def _check_clusters(clusters: Sequence[Sequence[str]], inputs: Sequence[str], factors: Sequence[Factor]) -> None:
    of = {key: factor.name for factor in factors for key in factor.inputs}
    for keys in clusters:
        for key in keys:
            if key not in set(inputs):
                raise UsageError(did_you_mean(key, inputs, what="input"))
        names = sorted({of[key] for key in keys if key in of})
        if len(names) > 1:
            msg = f"correlated inputs {', '.join(keys)} lie in different factors ({', '.join(names)}): name one --factor for them"
            raise UsageError(msg)


def identify(
    prepared: Sequence[Prepared], combos: Sequence[Mapping[str, str]], plan: SweepPlan, keep: Sequence[str]
) -> dict[str, Any]:
    """Return all that the bytes of a chunk depend on."""
    first = prepared[0]
    design = plan.design
    return {
        "case": first.case.name,
        "case_digest": first.case.digest,
        "scenarios": {name: case.digest for name, case in first.cases.items()},
        "prepared": [item.digest() for item in prepared],
        "model": first.model,
        "switches": [dict(combo) for combo in combos],
        "design": plan.method,
        "draws": plan.base,
        "runs": plan.runs,
        "seed": design.seed,
        "common_share": design.common_share,
        "factors": {factor.name: _digest(factor.inputs) for factor in plan.factors},
        "correlations": [dataclasses.asdict(item) for item in design.clusters],
        "keep": sorted(keep),
        "block": BLOCK,
        "kernels": SOURCE_HASH,
        "versions": versions(),
    }


def _digest(names: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
