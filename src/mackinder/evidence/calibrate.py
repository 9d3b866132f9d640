"""Calibrate a case: fit the factors of ``fits`` to cited counts of the base year, and judge them by counts held out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.case.schema import BOUNDS
from mackinder.case.write import table_text
from mackinder.draws import Design
from mackinder.equilibrium.loading import load_network
from mackinder.equilibrium.search import route_set_under_capacity
from mackinder.errors import UsageError
from mackinder.evidence.counts import count_errors, counts_to_fit, logarithms, modelled_counts, read_counts
from mackinder.evidence.fitting import Fit, fit_factors, prior_driven
from mackinder.evidence.paths import PathFinder
from mackinder.evidence.targets import PATH_KINDS, Target
from mackinder.network.fitted import Scopes, fit_scopes, scale_prices
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import Network
from mackinder.network.routes import PILOT_DRAWS, RouteSet
from mackinder.scenario import apply, read_scenario

__all__ = ["Calibration", "CountModel", "calibrate", "fitted_table", "write_fits"]

Array = NDArray[np.float64]
_RANGE: Final = 1.6448536269514722
#: fits, each with routes found at the factors of the one before
ROUNDS: Final = 2
#: counts named as those that tell most of a factor
_NAMED: Final = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Result of `calibrate`.

    Attributes
    ----------
    fits : DataFrame
        The table ``fits`` with its new factors.
    parameters : DataFrame
        A row a factor: fit_id, ratio (standard deviation after the counts over before), rise_low, rise_high (see
        `mackinder.evidence.fitting.Fit`) and the counts that tell most.
    counts : DataFrame
        A row a count: id, use, fitted, observed, error (standard deviation of its logarithm, fitted ones as widened),
        before and after (ratio of modelled to observed at central values, routes found for each).
    widened : float
    rounds : int
    """

    fits: pd.DataFrame
    parameters: pd.DataFrame
    counts: pd.DataFrame
    widened: float
    rounds: int


class CountModel:
    """Modelled counts as a function of the logarithms of factors, on a held route set, at central values.

    Parameters
    ----------
    case : Case
    counts : sequence of Target
    routes_at : ndarray, shape (F,)
        Logarithms of the factors at which routes are looked for.
    threads : int
    """

    def __init__(self, case: Case, counts: Sequence[Target], routes_at: Array, *, threads: int) -> None:
        settings = case.settings
        there = with_factors(case, routes_at)
        scenario = read_scenario(settings.baseline, there)
        self._cases = {settings.baseline: apply(there, scenario)}
        self._case = self._cases[settings.baseline]
        self._plain = self._case.with_tables(fits=case.table("fits").iloc[:0])
        self._design = Design(seed=0, draws=1, common_share=settings.common_share, central=True)
        self._threads, self.counts = threads, tuple(counts)
        self.network: Network = build_network(self._cases, [settings.base_year])
        self._scopes: Scopes = fit_scopes(self._case, self.network)
        self._routes: RouteSet = route_set_under_capacity(
            self._cases,
            self.network,
            pilot_prices(self._case, self.network, PILOT_DRAWS),
            self._design,
            threads=threads,
        )[0]
        finder = PathFinder(there)
        self._paths = [
            finder.find(t.metric.path).assets if t.metric.path and t.metric.kind in PATH_KINDS else ()
            for t in self.counts
        ]

    def modelled(self, logs: Array) -> Array:
        """Return modelled counts in their units, shape (K, N), at logarithms of factors, shape (K, F)."""
        design = dataclasses.replace(self._design, draws=len(logs))
        prices = scale_prices(draw_prices(self._plain, self.network, design), self._scopes, np.exp(logs))
        loading = load_network(
            self._cases, self.network, self._routes, prices, design, threads=self._threads, model="capacity"
        )
        return modelled_counts(self._case, loading, prices, self.counts, self._paths)

    def predict(self, logs: Array) -> Array:
        """Return logarithms of the modelled counts."""
        return logarithms(self.modelled(logs), self.counts)


def calibrate(case: Case, *, threads: int = 2, narrate: Callable[[str], None] | None = None) -> Calibration:
    """Fit the factors of the table ``fits`` to the counts of ``reality.toml`` (convention C73).

    Volumes are solved under capacities at central values in the baseline and base year. The routes are held while
    factors are fitted, and looked for again at the fitted factors, `ROUNDS` times.

    Parameters
    ----------
    case : Case
        As it is run, with rows in ``fits``: each names a factor and its prior. Present factors are not looked at.
    threads : int
    narrate : callable, optional
        Called with a line for each round.

    Returns
    -------
    Calibration

    Raises
    ------
    UsageError
        If ``fits`` has no rows, or no count may be fitted.
    NotConvergedError
        If a fit does not settle.
    """
    rows, say = case.table("fits"), narrate or (lambda _: None)
    if rows.empty:
        msg = f"fits.csv of {case.name} has no rows: name in it the factors that may be fitted, each with its prior"
        raise UsageError(msg)
    counts = read_counts(case)
    chosen = counts_to_fit(case, counts)
    if not chosen:
        msg = f"reality.toml of {case.name} has no count within two years of {case.settings.base_year} with use = 'fit'"
        raise UsageError(msg)
    mean, sd = _prior(rows)
    observed, error = np.log([t.observed for t in chosen]), count_errors(case, chosen)
    at, before, fit, rounds = mean, None, None, 0
    for turn in range(ROUNDS):
        say(f"looking for routes at the factors of round {turn}")
        if before is None:
            before = CountModel(case, counts, mean, threads=threads).modelled(mean[None])[0]
        model = CountModel(case, chosen, at, threads=threads)
        fit = fit_factors(model.predict, observed, error, mean, sd, start=at)
        at, rounds = fit.mean, rounds + fit.rounds
        say(
            f"fitted {len(at)} factors to {len(chosen)} counts in {fit.rounds} rounds, errors widened by {fit.widened:.2f}"
        )
    if fit is None or before is None:  # for the type checker: ROUNDS is positive
        raise UsageError(case.name)
    after = CountModel(case, counts, at, threads=threads).modelled(at[None])[0]
    telling = _telling(fit, chosen)
    return Calibration(
        fits=fitted_table(case, fit, telling), parameters=_parameters(rows, fit, telling),
        counts=_compared(case, counts, chosen, fit, before, after), widened=fit.widened, rounds=rounds,
    )  # fmt: skip


def with_factors(case: Case, logs: Array) -> Case:
    """Return the case with these factors, known exactly."""
    factor = np.exp(logs)
    return case.with_tables(fits=case.table("fits").assign(**{f"factor_{b}": factor for b in BOUNDS}))


def fitted_table(case: Case, fit: Fit, telling: Sequence[Sequence[Target]]) -> pd.DataFrame:
    """Return the table ``fits`` with the factors of a fit; facts are those of the counts that tell most, known ones only."""
    known = set(case.table("facts")["fact_id"])
    driven = prior_driven(fit.ratio)
    facts = [";".join(dict.fromkeys(f for t in told for f in t.facts if f in known)) for told in telling]
    bounds = {
        f"factor_{b}": [float(f"{x:.4g}") for x in np.exp(fit.mean + z * _RANGE * fit.sd)]
        for b, z in zip(BOUNDS, (-1.0, 0.0, 1.0), strict=True)
    }
    rows = case.table("fits").assign(**bounds, prior_driven=pd.array(driven, dtype="boolean"), facts=facts)
    return rows.reset_index(drop=True)


def write_fits(case: Case, fits: pd.DataFrame) -> Path:
    """Write the table ``fits`` into the folder of a case, and return its path."""
    path = case.folder / "tables" / "fits.csv"
    path.write_text(table_text("fits", fits), encoding="utf-8", newline="\n")
    return path


def _prior(rows: pd.DataFrame) -> tuple[Array, Array]:
    low, mode, high = (np.log(rows[f"prior_{b}"].to_numpy(float)) for b in BOUNDS)
    return mode, (high - low) / (2.0 * _RANGE)


def _telling(fit: Fit, chosen: Sequence[Target]) -> list[list[Target]]:
    """For each factor the counts whose weighted slope is greatest, none below a tenth of the first."""
    weight = np.abs(fit.slope) / fit.error[:, None]
    out = []
    for column in weight.T:
        order = np.argsort(-column, kind="stable")[:_NAMED]
        out.append([chosen[i] for i in order if column[i] > 0.1 * column[order[0]]])
    return out


def _parameters(rows: pd.DataFrame, fit: Fit, telling: Sequence[Sequence[Target]]) -> pd.DataFrame:
    return pd.DataFrame({
        "fit_id": list(rows["fit_id"]),
        "ratio": fit.ratio,
        "rise_low": fit.rise[:, 0],
        "rise_high": fit.rise[:, 1],
        "counts": [";".join(t.id for t in told) for told in telling],
    })  # fmt: skip


def _compared(
    case: Case, counts: Sequence[Target], chosen: Sequence[Target], fit: Fit, before: Array, after: Array
) -> pd.DataFrame:
    used = {t.id: e for t, e in zip(chosen, fit.error, strict=True)}
    stated = dict(zip([t.id for t in counts], count_errors(case, counts), strict=True))
    observed = np.array([t.observed for t in counts])
    return pd.DataFrame({
        "id": [t.id for t in counts],
        "use": [t.use for t in counts],
        "fitted": ["yes" if t.id in used else "no" for t in counts],
        "observed": observed,
        "error": [used.get(t.id, stated[t.id]) for t in counts],
        "before": before / observed,
        "after": after / observed,
    })  # fmt: skip
