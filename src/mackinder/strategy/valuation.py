"""What an arrangement is worth to each actor: economics from the model, stakes from what was stated (C101, C102).

The parts are kept apart: money of the model, elicited security, elicited status, and leverage over others. The first three add
up in per cent of the actor's own product; leverage is shown beside them and is part of none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case.arrangements import Arrangements, Interval
from mackinder.draws import Design
from mackinder.errors import CaseError, RunError
from mackinder.strategy.stated import Stated

__all__ = ["Terms", "Valuation", "draw_terms", "gdp_musd", "model_change", "political_worth", "value_arrangements"]

Floats = NDArray[np.float64]
#: indicators that values are made of
_USED = ("closure_cost", "delivered_cost", "scarcity_rents", "trade_tonnes", "transit_fees", "welfare_account")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Where arrangements stand on issues, drawn: shape (draws, arrangements, issues); nan where nothing is said."""

    arrangements: tuple[str, ...]
    issues: tuple[str, ...]
    place: Floats


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """Worth of arrangements against the status quo, shape (draws, arrangements, actors).

    Attributes
    ----------
    arrangements, actors : tuple of str
        Axes.
    gdp : ndarray, shape (actors,), USD m
        Product of the year of the facts.
    economics : ndarray, USD m/yr
        Change of the welfare account.
    security, status : ndarray, per cent of the actor's product a year
        Elicited stakes times how much nearer the arrangement is to what the actor stated.
    leverage : ndarray, USD m/yr
        Change of what closing all it can close would cost the targets in transit.
    """

    arrangements: tuple[str, ...]
    actors: tuple[str, ...]
    gdp: Floats
    economics: Floats
    security: Floats
    status: Floats
    leverage: Floats

    @property
    def economics_percent(self) -> Floats:
        """Economics in per cent of the actor's product."""
        return 100.0 * self.economics / self.gdp

    @property
    def total(self) -> Floats:
        """Economics, security and status together, per cent of the actor's product a year."""
        return self.economics_percent + self.security + self.status

    def money(self, percent: Floats) -> Floats:
        """Per cent of each actor's product as USD m/yr."""
        return percent * self.gdp / 100.0


def spread(design: Design, key: str, interval: Interval) -> Floats:
    """Draw one judged interval, shape (draws,)."""
    ends = [np.array([value]) for value in (interval.low, interval.mode, interval.high)]
    return design.quantity([key], *ends)[:, 0]


def draw_terms(document: Arrangements, issues: Sequence[str], design: Design) -> Terms:
    """Draw where each arrangement stands on the issues."""
    names = tuple(item.id for item in document.arrangement)
    place = np.full((design.draws, len(names), len(issues)), np.nan)
    for a, item in enumerate(document.arrangement):
        for term in item.terms:
            if term.issue in issues:
                drawn = spread(design, f"terms/{item.id}/{term.issue}", term)
                place[:, a, list(issues).index(term.issue)] = np.clip(drawn, 0.0, 100.0)
    return Terms(arrangements=names, issues=tuple(issues), place=place)


def gdp_musd(document: Arrangements, facts: pd.DataFrame) -> dict[str, float]:
    """Return the product of each party in USD m from the facts that it names.

    Raises
    ------
    CaseError
        A fact that is not in billions of dollars, or has no value.
    """
    known = facts.set_index("fact_id")
    found = {}
    for party in document.party:
        rows = known.loc[list(party.gdp_facts)]
        if rows["value"].isna().any() or not (rows["unit"] == "USD bn").all():
            msg = (
                f"arrangements.toml: gdp_facts of {party.actor} must be numbers in USD bn: {', '.join(party.gdp_facts)}"
            )
            raise CaseError(msg)
        found[party.actor] = 1000.0 * float(rows["value"].sum())
    return found


def model_change(
    results: pd.DataFrame, draws: Floats, scenario: str, against: str, actor: str, *, year: int,
    indicator: str = "welfare_account", variant: str = "total", targets: Sequence[str] = (),
) -> Floats:  # fmt: skip
    """Return the change of an actor's number between two scenarios, draw by draw, shape (model draws,).

    Parameters
    ----------
    results, draws
        As a run holds them.
    scenario, against : str
        Scenarios of the run.
    actor : str
        Whose: the column ``target`` of accounts, ``actor`` of closure costs.
    targets : sequence of str
        Where given, the sum over these targets.

    Raises
    ------
    RunError
        The run lacks the scenario, or the actor's number.
    """
    if scenario == against:
        return np.zeros(len(draws))
    if indicator == "welfare_account" and not (results["indicator"] == "welfare_account").any():
        return _freight_saving(results, draws, scenario, against, actor, year)
    rows = results[(results["indicator"] == indicator) & (results["variant"] == variant) & (results["year"] == year)]
    total = np.zeros(len(draws))
    for name, sign in ((scenario, 1.0), (against, -1.0)):
        here = rows[rows["scenario"] == name]
        if here.empty:
            msg = f"the run has no {indicator} under {name!r} in {year}: run it with `--scenario {name}` as well"
            raise RunError(msg)
        mine = (
            here[here["target"] == actor]
            if not targets
            else here[(here["actor"] == actor) & here["target"].isin(list(targets))]
        )
        if mine.empty and not targets:
            msg = (
                f"the run has no {indicator} of {actor} under {name!r}: it cannot be valued, take it out of the parties"
            )
            raise RunError(msg)
        total += sign * draws[:, mine.index.to_numpy()].sum(axis=1)
    return total


def _rows(
    results: pd.DataFrame, indicator: str, scenario: str, year: int, column: str, actor: str
) -> NDArray[np.int64]:
    """Rows of a plain indicator of one actor."""
    mask = (results["indicator"] == indicator) & (results["scenario"] == scenario) & (results["year"] == year)
    mask &= (results["variant"] == "") & (results[column] == actor)
    return results.index[mask].to_numpy()


def _freight_saving(results: pd.DataFrame, draws: Floats, scenario: str, against: str, actor: str, year: int) -> Floats:
    """Stand-in for the account where trade does not answer: half of what its freight saves, plus fees and rents (C101)."""
    worth = np.zeros(len(draws))
    cost = {name: _rows(results, "delivered_cost", name, year, "target", actor) for name in (scenario, against)}
    freight = _rows(results, "trade_tonnes", against, year, "target", actor)
    if not len(freight) or not all(len(rows) for rows in cost.values()):
        msg = f"no account nor freight of {actor} in the run under {scenario!r}, {year}: run it with `--scenario {scenario}`"
        raise RunError(msg)
    worth += 0.5 * draws[:, freight[0]] * (draws[:, cost[against][0]] - draws[:, cost[scenario][0]])
    for indicator in ("transit_fees", "scarcity_rents"):
        for name, sign in ((scenario, 1.0), (against, -1.0)):
            worth += sign * draws[:, _rows(results, indicator, name, year, "actor", actor)].sum(axis=1)
    return worth


def political_worth(stated: Stated, terms: Terms, status_quo: str, issues: Sequence[str], seed_key: Floats) -> Floats:
    """How much nearer an arrangement is to what an actor stated than the status quo is, in parts of the scale.

    Parameters
    ----------
    stated : Stated
        Positions and saliences.
    terms : Terms
        Where arrangements stand.
    status_quo : str
        The arrangement that stands if none is agreed.
    issues : sequence of str
        The issues of this stake.
    seed_key : ndarray, shape (draws, actors), uniform on (0, 1)
        Decides for actors that have stated nothing on these issues: anything from the whole scale worse to better.

    Returns
    -------
    ndarray, shape (draws, arrangements, actors), -1 to 1

    Notes
    -----
    Distance weighted by saliences, as in the spatial model: sqrt(sum (s (x - t))^2 / sum s^2) / 100 over the issues that
    both the actor and the arrangement speak on.
    """
    mine = [stated.issues.index(k) for k in issues]
    theirs = [terms.issues.index(k) for k in issues]
    gap = stated.position[:, None, :, mine] - terms.place[:, :, None, theirs]
    weight = np.where(np.isnan(gap), 0.0, np.broadcast_to(stated.salience[:, None, :, mine], gap.shape)) ** 2
    total = weight.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.sqrt((weight * np.nan_to_num(gap) ** 2).sum(axis=-1) / total) / 100.0
    here = terms.arrangements.index(status_quo)
    worth = distance[:, [here], :] - distance
    unknown = np.broadcast_to((2.0 * seed_key - 1.0)[:, None, :], worth.shape).copy()
    unknown[:, here] = 0.0
    return np.where(np.isfinite(worth), worth, unknown)


def value_arrangements(
    document: Arrangements,
    facts: pd.DataFrame,
    results: pd.DataFrame,
    model_draws: Floats,
    stated: Stated,
    terms: Terms,
    design: Design,
    *,
    year: int,
    factor: Mapping[str, Floats] | None = None,
    like: Valuation | None = None,
) -> Valuation:
    """Value every arrangement for every party.

    Parameters
    ----------
    document : Arrangements
        Arrangements and parties.
    facts, results, model_draws
        Table of facts; results and draws of a run that has the scenarios.
    stated, terms, design
        Drawn positions and terms, and their streams.
    year : int
        The horizon year.
    factor : mapping of str to ndarray, shape (draws,), optional
        Multiplies the stakes of actors: what a linkage does to how much they care.
    like : Valuation, optional
        Whose economics and leverage are taken over: they do not depend on what is stated.

    Returns
    -------
    Valuation
    """
    actors = stated.actors
    gdp = gdp_musd(document, facts)
    pick = np.arange(design.draws) % len(model_draws)
    quo = document.get(document.status_quo).scenario
    shape = (design.draws, len(terms.arrangements), len(actors))
    economics, leverage = (np.zeros(shape), np.zeros(shape)) if like is None else (like.economics, like.leverage)
    used = (results["year"] == year) & results["indicator"].isin(_USED)
    results = results[used & results["scenario"].isin(set(document.scenarios))]
    for a, name in enumerate(terms.arrangements if like is None else ()):
        scenario = document.get(name).scenario
        for i, actor in enumerate(actors):
            economics[:, a, i] = model_change(results, model_draws, scenario, quo, actor, year=year)[pick]
            others = [t for t in document.leverage_over if t != actor]
            if not others:  # the only local state holds no leverage over itself
                continue
            held = model_change(
                results, model_draws, scenario, quo, actor, year=year, indicator="closure_cost", variant="transit",
                targets=others,
            )  # fmt: skip
            leverage[:, a, i] = held[pick]
    parts = {}
    for kind, issues in (("security", document.security_issues), ("status", document.status_issues)):
        stake = np.stack(
            [
                np.maximum(spread(design, f"stake/{kind}/{p}", getattr(_party(document, p), kind)), 0.0)
                * (1.0 if factor is None or p not in factor else factor[p])
                for p in actors
            ],
            axis=1,
        )
        luck = np.stack([_uniform(design.normal(f"unstated/{kind}/{p}")) for p in actors], axis=1)
        parts[kind] = stake[:, None, :] * political_worth(stated, terms, document.status_quo, issues, luck)
    return Valuation(
        arrangements=terms.arrangements,
        actors=actors,
        gdp=np.array([gdp[p] for p in actors]),
        economics=economics,
        leverage=leverage,
        **parts,
    )


def _party(document: Arrangements, actor: str) -> object:
    return next(p for p in document.party if p.actor == actor)


def _uniform(score: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(score), dtype=np.float64)
