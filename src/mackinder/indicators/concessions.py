"""Mackinder's claim on data: whether those whose assets carry more trade win more concessions (convention C98)."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from mackinder.case import Case
from mackinder.case.actors import top_parents
from mackinder.draws import keyed_generator
from mackinder.equilibrium.loading import Loading, load_network
from mackinder.errors import DataError
from mackinder.indicators.leverage import LeverModel, LeverSolver
from mackinder.indicators.pairclosing import ClosedTogether, closed_together
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices
from mackinder.network.routes import RouteSet

__all__ = [
    "NOT_EURASIA",
    "ClaimTest",
    "carried_and_conceded",
    "carried_shares",
    "concessions",
    "pairs_that_close",
    "rank_test",
]

Floats = NDArray[np.float64]
#: countries of a case whose trade is not Eurasian: the Americas, Australia and Africa
NOT_EURASIA: Final = frozenset({"USA", "CAN", "MEX", "BRA", "AUS", "NZL", "EGY", "ZAF", "NGA", "DZA", "MAR"})
_SCORE: Final = {"complied": 1.0, "partly": 0.5, "defied": 0.0}
_EXACT: Final = 9  # 9! orders are counted one by one; above it orders are drawn
_ORDERS: Final = 100_000
#: senders with fewer episodes say nothing of a rate
LEAST_EPISODES: Final = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTest:
    """Shares carried beside concessions observed.

    Attributes
    ----------
    scenario : str
    year : int
    senders : tuple of str
        Powers with at least `LEAST_EPISODES` episodes with a known response, sorted.
    exposure, captive : ndarray, shape (K, n)
        Part of Eurasian trade by value that touches, in transit, what a power can close; that has no way past it.
    partner : ndarray, shape (K, n)
        Part of which it is the other end.
    conceded : ndarray, shape (n,)
        Mean response when it pressed: complied 1, partly 0.5, defied 0.
    cases : ndarray of int64, shape (n,)
    correlation : dict of str to float
        Spearman's rank correlation of the median share with concessions, by kind of share.
    chance : dict of str to float
        Share of all orders with a correlation at least as far from zero (two-sided).
    needed : float
        Least size of a correlation that so few powers could show at 5 %; infinite if none could.
    exact : bool
        Whether all orders were counted.
    """

    scenario: str
    year: int
    senders: tuple[str, ...]
    exposure: Floats
    captive: Floats
    partner: Floats
    conceded: Floats
    cases: NDArray[np.int64]
    correlation: dict[str, float]
    chance: dict[str, float]
    needed: float
    exact: bool

    def sentences(self) -> tuple[str, ...]:
        """Say what was found, and what cannot be said."""
        n, episodes = len(self.senders), int(self.cases.sum())
        lines = [
            "Who carries Eurasia's trade, and who wins concessions? (Mackinder's claim; shares by value in transit, "
            f"{self.scenario}, {self.year}; concessions observed, not modelled)"
        ]
        for i, name in enumerate(self.senders):
            e, c = (np.quantile(x[:, i], [0.5, 0.05, 0.95]) * 100 for x in (self.exposure, self.captive))
            lines.append(
                f"  {name}: touches {e[0]:.2g} % ({e[1]:.2g} to {e[2]:.2g}), captive {c[0]:.2g} % ({c[1]:.2g} to {c[2]:.2g}); "
                f"conceded to {self.conceded[i]:.0%} in {self.cases[i]} episodes"
            )
        for kind, words in (("exposure", "touched"), ("captive", "captive")):
            lines.append(
                f"Rank correlation of what is {words} with concessions: {self.correlation[kind]:.2f}, n = {n} powers, "
                f"{'exact ' if self.exact else ''}permutation p = {self.chance[kind]:.2g}."
            )
        bound = (
            "no correlation, however large,"
            if math.isinf(self.needed)
            else f"only a correlation beyond {self.needed:.2f}"
        )
        verdict = (
            "bear the claim out"
            if min(self.chance.values()) < 0.05 and max(self.correlation.values()) > 0
            else "do not show it"
        )
        lines.append(
            f"These data {verdict}. With {n} powers {bound} could be told from chance; {episodes} episodes were found and not "
            "sampled, senders choose whom they press and for what, and means other than transport are among them: a "
            "correlation would not be a cause, and its absence does not refute the claim."
        )
        return tuple(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""

        def span(drawn: Floats) -> dict[str, float]:
            middle, low, high = np.quantile(drawn, [0.5, 0.05, 0.95])
            return {"value": float(middle), "low": float(low), "high": float(high)}

        return {
            "scenario": self.scenario, "year": self.year,
            "powers": [
                {"power": name, "exposure": span(self.exposure[:, i]), "captive": span(self.captive[:, i]),
                 "partner": span(self.partner[:, i]), "conceded": float(self.conceded[i]), "episodes": int(self.cases[i])}
                for i, name in enumerate(self.senders)
            ],
            "rank_correlation": self.correlation, "permutation_p": self.chance, "exact": self.exact,
            "least_correlation_at_5_percent": self.needed, "sentences": list(self.sentences()),
        }  # fmt: skip


def concessions(case: Case) -> dict[str, tuple[float, int]]:
    """Return the mean response to each root actor when it pressed, and the number of episodes with a known response.

    Sanctions and threats count, inducements do not: nobody is pressed by them.
    """
    parents, found = top_parents(case.table("actors")), {}  # type: ignore[var-annotated]
    for row in case.table("episodes").to_dict("records"):
        if row["kind"] == "inducement" or row["target_response"] not in _SCORE:
            continue
        for sender in str(row["sender"]).split(";"):
            found.setdefault(parents.get(sender, sender), []).append(_SCORE[str(row["target_response"])])
    return {sender: (float(np.mean(scores)), len(scores)) for sender, scores in sorted(found.items())}


def carried_shares(loading: Loading, state: int, eurasia: Sequence[bool]) -> tuple[Floats, Floats, Floats]:
    """Return the parts of trade by value that touch each actor in transit, that are captive, and of which it is an end.

    Parameters
    ----------
    loading : Loading
    state : int
    eurasia : sequence of bool, length N
        Actors whose trade counts. A flow between two of them counts at both its ends, in numerator and denominator alike.

    Returns
    -------
    exposure, captive, partner : ndarray, shape (K, N)
    """
    loads, at = loading.loads, np.flatnonzero(eurasia)
    whole = loads.trade[:, state][:, at, 1].sum(axis=1)[:, None]
    exposure = loads.exposure[:, state][:, at][..., 1, 1].sum(axis=1) / whole
    captive = loads.captive[:, state][:, at][..., 1, 1].sum(axis=1) / whole
    partner = loads.exposure[:, state][:, at][..., 0, 1].sum(axis=1) / whole
    return exposure, captive, partner


def rank_test(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float, bool]:
    """Return Spearman's correlation, its two-sided permutation p, the least size that reaches 5 %, and whether p is exact.

    Raises
    ------
    DataError
        Lengths differ, fewer than three pairs, or one side is constant.

    Examples
    --------
    >>> correlation, chance, needed, exact = rank_test([1, 2, 3, 4], [10, 20, 30, 40])
    >>> round(correlation, 12), round(chance, 4), needed, exact
    (1.0, 0.0833, inf, True)
    """
    a, b = (rankdata(np.asarray(v, dtype=np.float64)) for v in (x, y))
    if len(a) != len(b) or len(a) < 3:
        msg = f"{len(a)} and {len(b)} values: a rank correlation needs three pairs or more"
        raise DataError(msg)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    if scale == 0:
        msg = "all values of one side are equal: there is no order to compare"
        raise DataError(msg)
    exact = len(a) <= _EXACT
    if exact:
        orders = np.array(list(itertools.permutations(range(len(b)))), dtype=np.intp)
    else:
        generator = keyed_generator(0, f"rank-test/{len(a)}")
        orders = np.array([generator.permutation(len(b)) for _ in range(_ORDERS)], dtype=np.intp)
    every = np.abs(b[orders] @ a) / scale
    seen = float(a @ b) / scale
    chance = float((every >= abs(seen) - 1e-12).mean())
    values, counts = np.unique(every.round(12), return_counts=True)
    tail = counts[::-1].cumsum()[::-1] / len(every)
    reached = values[tail <= 0.05]
    return seen, chance, float(reached[0]) if len(reached) else math.inf, exact


def pairs_that_close(
    case: Case, scenario: str, year: int, model: LeverModel, *, routes: RouteSet | None = None
) -> tuple[ClosedTogether, ...]:
    """Say what the coalitions of a case can close together and none of their members alone, on the targets to which it has ties.

    Those that can close nothing more together than alone are left out; the largest first.
    """
    solver = LeverSolver(case, (scenario,), year, model, lambda _: None, routes)
    found = solver.routes()
    network = build_network({scenario: solver.cases[scenario]}, (year,))
    prices = draw_prices(solver.cases[scenario], network, solver.design)
    targets = sorted(set(case.table("ties")["target"]))
    groups = [tuple(group) for group in case.settings.coalitions]
    every = closed_together(solver.cases[scenario], network, found, prices, solver.design, 0, groups, targets)
    told = [one for one in every if float(np.median(one.gain)) > 0]
    return tuple(sorted(told, key=lambda one: (-float(np.median(one.gain)), one.actors, one.target)))


def carried_and_conceded(
    case: Case,
    scenario: str,
    model: LeverModel,
    *,
    routes: RouteSet | None = None,
    narrate: Callable[[str], None] | None = None,
) -> ClaimTest | None:
    """Set what each power's assets carry beside the concessions it was observed to win.

    Returns
    -------
    ClaimTest or None
        None where fewer than three powers have episodes enough.
    """
    won = {s: v for s, v in concessions(case).items() if v[1] >= LEAST_EPISODES}
    year = case.settings.base_year
    solver = LeverSolver(case, (scenario,), year, model, narrate or (lambda _: None), routes)
    routes = solver.routes()
    cases = {scenario: solver.cases[scenario]}
    network = build_network(cases, (year,))
    senders = tuple(s for s in won if s in network.actors)
    if len(senders) < 3:
        return None
    solver.say("loading, for what each power's assets carry")
    prices = draw_prices(cases[scenario], network, solver.design)
    loading = load_network(cases, network, routes, prices, solver.design, threads=model.threads, model="routes")
    shares = carried_shares(loading, 0, [name not in NOT_EURASIA for name in network.actors])
    at = [network.actors.index(s) for s in senders]
    exposure, captive, partner = (share[:, at] for share in shares)
    conceded = np.array([won[s][0] for s in senders])
    tests = {
        name: rank_test(np.median(x, axis=0).tolist(), conceded.tolist())
        for name, x in (("exposure", exposure), ("captive", captive))
    }
    return ClaimTest(
        scenario=scenario, year=year, senders=senders, exposure=exposure, captive=captive, partner=partner, conceded=conceded,
        cases=np.array([won[s][1] for s in senders]), correlation={k: t[0] for k, t in tests.items()},
        chance={k: t[1] for k, t in tests.items()}, needed=tests["exposure"][2], exact=tests["exposure"][3],
    )  # fmt: skip
