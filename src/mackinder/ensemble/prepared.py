"""What all draws of a run share: cases, network and routes, made once; and the chain over a window of draws."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mackinder.case import Case
from mackinder.chain import run_stages
from mackinder.draws import Design
from mackinder.equilibrium.loading import MODELS
from mackinder.errors import UsageError, did_you_mean
from mackinder.network.records import Network
from mackinder.network.routes import RouteSet

__all__ = ["Prepared", "prepare", "solve", "unpack"]

#: the last stage whose result no draw changes
_COMMON = "routes"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """All that is the same for every draw.

    Attributes
    ----------
    case : Case
        As it stands, without scenarios.
    cases : mapping of str to Case
        Case of each scenario.
    baseline, model : str
    years : tuple of int
    network : Network
    routes : RouteSet
    """

    case: Case
    cases: Mapping[str, Case]
    baseline: str
    model: str
    years: tuple[int, ...]
    network: Network
    routes: RouteSet

    def packed(self) -> bytes:
        """Return it as bytes for a worker; only what this program itself has packed is ever unpacked."""
        return pickle.dumps(self, protocol=5)

    def digest(self) -> str:
        """Return the hash of what the numbers depend on: cases, scenarios, years, model, routes.

        Routes are part of it, so that a sweep is never continued with others than it began with.
        """
        parts = [self.case.digest, self.baseline, self.model, repr(self.years)]
        parts += [f"{name}={case.digest}" for name, case in self.cases.items()]
        found = hashlib.sha256("\n".join(parts).encode())
        found.update(self.case.settings.model_dump_json().encode())
        for field in dataclasses.fields(self.routes):
            value = getattr(self.routes, field.name)
            found.update(value.tobytes() if hasattr(value, "tobytes") else repr(value).encode())
        return found.hexdigest()


def prepare(
    case: Case,
    scenarios: Sequence[str] | None,
    *,
    model: str,
    threads: int | None = None,
    narrate: Callable[[str], None] | None = None,
) -> Prepared:
    """Apply the scenarios, build the network and find the routes (or take them from the cache).

    Parameters
    ----------
    case : Case
    scenarios : sequence of str, optional
        None: those of ``case.toml``. The baseline always comes first.
    model : str
        One of `MODELS`.
    threads : int, optional
    narrate : callable, optional
        Called with the name of each stage.

    Raises
    ------
    UsageError
        If the model or a scenario is not known.
    """
    if model not in MODELS:
        msg = did_you_mean(model, MODELS, what="model")
        raise UsageError(msg)
    settings = case.settings
    known = run_stages(
        {
            "case": case,
            "scenarios": tuple(
                dict.fromkeys((settings.baseline, *(settings.scenarios if scenarios is None else scenarios)))
            ),
            "years": tuple(sorted({settings.base_year, settings.horizon_year})),
            "design": Design(seed=0, draws=1, common_share=settings.common_share, central=True),
            "baseline": settings.baseline,
            "threads": threads or os.cpu_count() or 1,
            "model": model,
        },
        until=_COMMON,
        narrate=narrate,
    )
    names = ("case", "cases", "baseline", "model", "years", "network", "routes")
    return Prepared(**{name: known[name] for name in names})


def solve(
    prepared: Prepared, design: Design, *, threads: int, narrate: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Run the rest of the chain over the draws of a design; return all that is known at the end."""
    given = {field.name: getattr(prepared, field.name) for field in dataclasses.fields(prepared)}
    return run_stages(given | {"design": design, "threads": threads}, after=_COMMON, narrate=narrate)


def unpack(source: Path | bytes) -> Prepared:
    """Return what `Prepared.packed` packed."""
    found = pickle.loads(source if isinstance(source, bytes) else source.read_bytes())
    assert isinstance(found, Prepared)
    return found
