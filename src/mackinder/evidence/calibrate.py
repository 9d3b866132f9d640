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
from mackinder.evidence.profiles import TRIED, Moved, profile_parameters, told_apart
from mackinder.evidence.targets import PATH_KINDS, Target
from mackinder.network.fitted import Scopes, fit_scopes, scale_prices
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices, pilot_prices
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import PILOT_DRAWS, RouteSet
from mackinder.scenario import apply, read_scenario

__all__ = ["Calibration", "CountModel", "better", "calibrate", "fitted_table", "identification", "write_fits"]

Array = NDArray[np.float64]
Places = NDArray[np.int64]
_RANGE: Final = 1.6448536269514722
#: fits of the factors that counts determine, each with routes found at the factors of the one before
ROUNDS: Final = 2
#: counts named as those that tell most of a factor
_NAMED: Final = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Result of `calibrate`.

    Attributes
    ----------
    fits : DataFrame
        The table ``fits`` with the factors found.
    adopted : bool
        Whether they are to be used, see `better`.
    parameters : DataFrame
        A row a factor: fit_id, ratio (standard deviation after the counts over before), rise_low, rise_high (see
        `mackinder.evidence.fitting.Fit`) and the counts that tell most.
    counts : DataFrame
        A row a count: id, use, what (volume or path), fitted, observed, error (standard deviation of its logarithm, as
        widened where fitted), before and after (ratio of modelled to observed at central values, routes found for each).
    widened : float
    rounds : int
    profile, identified : DataFrame
        The objective along each factor and premium, and what the counts tell of it: see `mackinder.evidence.profiles`.
    """

    fits: pd.DataFrame
    adopted: bool
    parameters: pd.DataFrame
    counts: pd.DataFrame
    widened: float
    rounds: int
    profile: pd.DataFrame
    identified: pd.DataFrame


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

    def modelled(self, logs: Array, change: Callable[[PriceDraws], PriceDraws] | None = None) -> Array:
        """Return modelled counts in their units, shape (K, N), at logarithms of factors, shape (K, F), and changed prices."""
        design = dataclasses.replace(self._design, draws=len(logs))
        prices = scale_prices(draw_prices(self._plain, self.network, design), self._scopes, np.exp(logs))
        prices = prices if change is None else change(prices)
        loading = load_network(
            self._cases, self.network, self._routes, prices, design, threads=self._threads, model="capacity"
        )
        return modelled_counts(self._case, loading, prices, self.counts, self._paths)

    def predict(self, logs: Array) -> Array:
        """Return logarithms of the modelled counts."""
        return logarithms(self.modelled(logs), self.counts)

    def moved(self) -> list[Moved]:
        """Return what `profile_parameters` moves: every factor over its prior interval, and the premia on spread and risk."""
        rows = self._case.table("fits")
        found = [
            Moved(name=str(row["fit_id"]), values=_between(*(float(row[f"prior_{b}"]) for b in BOUNDS)), own=f)
            for f, row in enumerate(rows.to_dict("records"))
        ]  # fmt: skip
        ratio = self._case.settings.reliability_ratio
        values = np.interp(np.linspace(-1.0, 1.0, TRIED), (-1.0, 0.0, 1.0), (ratio.low, ratio.mode, ratio.high))

        def spread(at: Places, logs: Array) -> Array:
            return logarithms(
                self.modelled(logs, lambda p: dataclasses.replace(p, reliability=values[at])), self.counts
            )

        found.append(Moved(name="reliability-ratio", values=values, own=-1, change=spread))
        return found + self._risk()

    def _risk(self) -> list[Moved]:
        """Surcharges for risk, all together, between the low and the high ends of their intervals; the mean is shown."""
        table, regimes = self._case.table("restrictions"), self.network.regimes
        risky = set(table.loc[table["kind"] == "risk", "restriction_id"])
        rows = np.flatnonzero([name in risky for name in regimes.restriction])
        if not len(rows):
            return []
        amounts = np.array([
            np.interp(np.linspace(-1.0, 1.0, TRIED), (-1.0, 0.0, 1.0), bounds) for bounds in regimes.surcharge[rows]
        ]).T  # fmt: skip

        def charged(at: Places, logs: Array) -> Array:
            def change(prices: PriceDraws) -> PriceDraws:
                surcharge = prices.surcharge.copy()
                surcharge[:, rows] = amounts[at]
                return dataclasses.replace(prices, surcharge=surcharge, shipment=regimes.shipment_charges(surcharge))

            return logarithms(self.modelled(logs, change), self.counts)

        return [Moved(name="risk-surcharges", values=amounts.mean(axis=1), own=-1, change=charged)]


def calibrate(case: Case, *, threads: int = 2, narrate: Callable[[str], None] | None = None) -> Calibration:
    """Fit the factors of the table ``fits`` to the counts of ``reality.toml`` (convention C89).

    Volumes are solved under capacities at central values in the baseline and base year. First all factors are fitted
    together: those whose standard deviation stays above 0.8 of the prior's are prior-driven, and go back to their prior.
    The rest are fitted again. Routes are held while factors are fitted, and looked for again at the fitted ones.

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
    before = CountModel(case, counts, mean, threads=threads).modelled(mean[None])[0]
    model = CountModel(case, chosen, mean, threads=threads)
    fit = fit_factors(model.predict, observed, error, mean, sd)
    say(
        f"fitted {len(mean)} factors to {len(chosen)} counts in {fit.rounds} rounds, errors widened by {fit.widened:.2f}"
    )
    profile = profile_parameters(model.predict, model.moved(), observed, fit.error, mean, sd)
    say("moved every factor, the premium on spread and the surcharges for risk over their intervals")
    free, at, rounds = ~prior_driven(fit.ratio), mean, fit.rounds
    for turn in range(ROUNDS if free.any() else 0):
        if turn:
            model = CountModel(case, chosen, at, threads=threads)
        again = fit_factors(
            lambda x, model=model: model.predict(_among(mean, free, x)),  # type: ignore[misc] # it binds this turn's routes
            observed, fit.error, mean[free], sd[free], start=at[free], widen=False,
        )  # fmt: skip
        at, rounds = _among(mean, free, again.mean[None])[0], rounds + again.rounds
        say(f"fitted {free.sum()} factors that the counts determine, others at their prior, in {again.rounds} rounds")
    after = CountModel(case, counts, at, threads=threads).modelled(at[None])[0]
    spread = sd.copy()
    if free.any():
        spread[free] = again.sd
    telling = _telling(fit, chosen)
    compared = _compared(case, counts, chosen, fit, before, after)
    return Calibration(
        fits=fitted_table(case, at, spread, telling), parameters=_parameters(rows, fit, telling),
        counts=compared, adopted=better(compared), widened=fit.widened, rounds=rounds, profile=profile,
        identified=told_apart(profile),
    )  # fmt: skip


def identification(
    case: Case, *, threads: int = 2, narrate: Callable[[str], None] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `Calibration.profile` and `Calibration.identified` without a fit: errors of counts as stated, routes at the priors.

    Raises
    ------
    UsageError
        If ``fits`` has no rows, or no count may be fitted.
    """
    rows, say = case.table("fits"), narrate or (lambda _: None)
    chosen = counts_to_fit(case, read_counts(case))
    if rows.empty or not chosen:
        msg = f"{case.name} has no rows in fits.csv or no count to fit in reality.toml: nothing can be identified"
        raise UsageError(msg)
    mean, sd = _prior(rows)
    model = CountModel(case, chosen, mean, threads=threads)
    say("routes found; moving every parameter over its interval")
    observed, error = np.log([t.observed for t in chosen]), count_errors(case, chosen)
    profile = profile_parameters(model.predict, model.moved(), observed, error, mean, sd)
    return profile, told_apart(profile)


def _between(low: float, mode: float, high: float) -> Array:
    """Values from the low to the high end of an interval of a factor, even in logarithms on either side of the mode."""
    place = np.linspace(-1.0, 1.0, TRIED)
    return np.asarray(np.exp(np.interp(place, (-1.0, 0.0, 1.0), np.log((low, mode, high)))))


def with_factors(case: Case, logs: Array) -> Case:
    """Return the case with these factors, known exactly."""
    factor = np.exp(logs)
    return case.with_tables(fits=case.table("fits").assign(**{f"factor_{b}": factor for b in BOUNDS}))


def fitted_table(case: Case, mean: Array, sd: Array, telling: Sequence[Sequence[Target]]) -> pd.DataFrame:
    """Return the table ``fits`` with new factors, given by mean and standard deviation of their logarithms.

    A factor that follows the counts is derived from the facts of those that tell most (as far as the case has them); one that
    is prior-driven is an estimate without facts.
    """
    known = set(case.table("facts")["fact_id"])
    driven = prior_driven(sd / _prior(case.table("fits"))[1])
    facts = [
        "" if held else ";".join(dict.fromkeys(f for t in told for f in t.facts if f in known))
        for told, held in zip(telling, driven, strict=True)
    ]
    bounds = {
        f"factor_{b}": [float(f"{x:.4g}") for x in np.exp(mean + z * _RANGE * sd)]
        for b, z in zip(BOUNDS, (-1.0, 0.0, 1.0), strict=True)
    }
    flag = pd.array(driven, dtype="boolean")
    basis = np.where(driven, "estimate", "derived")
    return case.table("fits").assign(**bounds, prior_driven=flag, facts=facts, basis=basis).reset_index(drop=True)


def write_fits(case: Case, found: Calibration) -> Path:
    """Write the table ``fits`` into the folder of a case, and return its path; factors not adopted are written at their prior."""
    fits = found.fits
    if not found.adopted:
        priors = {f"factor_{b}": fits[f"prior_{b}"] for b in BOUNDS}
        fits = fits.assign(**priors, prior_driven=True, facts="", basis="estimate").astype({"prior_driven": "boolean"})
    path = case.folder / "tables" / "fits.csv"
    path.write_text(table_text("fits", fits), encoding="utf-8", newline="\n")
    return path


def better(counts: pd.DataFrame) -> bool:
    """Say whether held-out counts fit no worse after than before, in the median of volumes and in that of paths."""
    held = counts[counts["use"] == "held_out"]
    errors = held[["what"]].assign(**{name: np.abs(np.log(held[name].to_numpy(float))) for name in ("before", "after")})
    medians = errors.groupby("what")[["before", "after"]].median()
    return not bool((medians["after"] > medians["before"]).any())


def _among(mean: Array, free: NDArray[np.bool_], x: Array) -> Array:
    """Put free factors, shape (K, f), among those that stay at their prior."""
    out = np.tile(mean, (len(x), 1))
    out[:, free] = x
    return out


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
        "what": ["path" if t.metric.kind in PATH_KINDS else "volume" for t in counts],
        "fitted": ["yes" if t.id in used else "no" for t in counts],
        "observed": observed,
        "error": [used.get(t.id, stated[t.id]) for t in counts],
        "before": before / observed,
        "after": after / observed,
    })  # fmt: skip
