"""Who accepts an arrangement, who blocks it and at what own cost, and what payment would make it stand (C102, C103)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from mackinder.case.arrangements import Arrangements, BaseRate
from mackinder.draws import Design
from mackinder.strategy.valuation import Valuation, spread

__all__ = ["Consent", "Frequency", "consent_matrix", "frequency", "interval"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """How often something came to pass in reference cases: count, cases, and 90 % interval of the chance."""

    happened: int
    cases: int
    low: float
    middle: float
    high: float


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One arrangement, draw by draw.

    Attributes
    ----------
    arrangement : str
        Its id.
    accepts : mapping of str to ndarray of bool, shape (draws,)
        For each actor whose consent is needed: whether it prefers the arrangement to the status quo.
    blocks : mapping of str to ndarray of bool, shape (draws,)
        For each actor that can obstruct: whether what it hopes to prevent is worth more to it than obstructing costs.
    block_cost : mapping of str to ndarray, shape (draws,), USD m/yr
        What obstructing costs the blocker by the model; negative where it gains by it.
    block_harm : mapping of str to ndarray, shape (draws,), USD m/yr
        What obstructing costs those whose consent is needed, together.
    stops : mapping of str to ndarray, shape (draws,)
        Drawn chance that obstruction stops the arrangement.
    agreed, stable : ndarray of bool, shape (draws,)
        All consent; all consent and nobody blocks.
    stands : ndarray, shape (draws,)
        Chance that it stands: zero where somebody withholds consent, else the product of what each blocker leaves.
    payment : mapping of str to ndarray, shape (draws,), USD m/yr
        What each would have to be paid to consent, or not to block.
    payable : ndarray of bool, shape (draws,)
        Whether those who gain could pay all that and still gain.
    surplus : ndarray, shape (draws,), USD m/yr
        What all whose consent is needed gain together.
    """

    arrangement: str
    accepts: Mapping[str, Bools]
    blocks: Mapping[str, Bools]
    block_cost: Mapping[str, Floats]
    block_harm: Mapping[str, Floats]
    stops: Mapping[str, Floats]
    agreed: Bools
    stable: Bools
    stands: Floats
    payment: Mapping[str, Floats]
    payable: Bools
    surplus: Floats


def frequency(rate: BaseRate) -> Frequency:
    """Return the base rate of listed cases, with the interval of a Beta posterior under Jeffreys's prior.

    Examples
    --------
    >>> from mackinder.case.arrangements import BaseRate
    >>> rate = frequency(BaseRate(id="consent", question="?", yes=("A", "B"), no=("C",), facts=("A",)))
    >>> rate.happened, rate.cases, rate.low < 2 / 3 < rate.high
    (2, 3, True)
    """
    yes, n = len(rate.yes), len(rate.yes) + len(rate.no)
    low, middle, high = np.asarray(beta.ppf([0.05, 0.5, 0.95], yes + 0.5, n - yes + 0.5)).tolist()
    return Frequency(happened=yes, cases=n, low=float(low), middle=float(middle), high=float(high))


def interval(values: Floats) -> tuple[float, float, float]:
    """Return median, 5 % and 95 % points."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return float(middle), float(low), float(high)


def consent_matrix(
    document: Arrangements,
    valuation: Valuation,
    obstruction: Mapping[str, Mapping[str, Floats]],
    design: Design,
    worth: Floats | None = None,
) -> dict[str, Consent]:
    """Say for each arrangement who consents and who blocks.

    Parameters
    ----------
    document : Arrangements
        Who must consent, who can obstruct.
    valuation : Valuation
        What each arrangement is worth.
    obstruction : mapping of str to mapping of str to ndarray, shape (draws,), USD m/yr
        Scenario of obstruction -> actor -> change of its account by the obstruction.
    design : Design
        Streams of draws, of the chance that obstruction stops an arrangement.
    worth : ndarray, shape (draws, arrangements, actors), optional
        Per cent of product; the total of the valuation if left out, or one part of it alone.

    Returns
    -------
    dict of str to Consent
    """
    total = valuation.money(valuation.total if worth is None else worth)
    at = {actor: i for i, actor in enumerate(valuation.actors)}
    found = {}
    for item in document.arrangement:
        if item.id == document.status_quo:
            continue
        mine = total[:, valuation.arrangements.index(item.id)]
        gains = {p: mine[:, at[p]] for p in item.must_consent}
        accepts = {p: gain > 0 for p, gain in gains.items()}
        agreed = np.all(list(accepts.values()), axis=0)
        blocks, costs, harms, chances, payment = {}, {}, {}, {}, {}
        stands, stable = agreed.astype(np.float64), agreed.copy()
        for way in item.can_obstruct:
            effect = obstruction[way.scenario] if way.scenario != item.scenario else {}
            none = np.zeros(len(total))
            cost = -effect.get(way.actor, none)
            chance = np.clip(spread(design, f"stops/{item.id}/{way.actor}", way.stops), 0.0, 1.0)
            hope = -mine[:, at[way.actor]] * chance
            blocks[way.actor] = (hope > cost) & (mine[:, at[way.actor]] < 0)
            costs[way.actor], chances[way.actor] = cost, chance
            others = [effect.get(p, none) for p in item.must_consent if p != way.actor]
            harms[way.actor] = -np.sum([none, *others], axis=0)
            stands = stands * np.where(blocks[way.actor], 1.0 - chance, 1.0)
            stable &= ~blocks[way.actor]
            owed = np.where(blocks[way.actor], hope - np.maximum(cost, 0.0), 0.0)
            payment[way.actor] = np.maximum(owed, 0.0)
        for p, gain in gains.items():
            payment[p] = np.maximum(payment.get(p, 0.0), np.maximum(-gain, 0.0))
        winners = np.sum([np.maximum(gain, 0.0) for gain in gains.values()], axis=0)
        found[item.id] = Consent(
            arrangement=item.id, accepts=accepts, blocks=blocks, block_cost=costs, block_harm=harms, stops=chances,
            agreed=agreed, stable=stable, stands=stands, payment=payment,
            payable=winners > np.sum(list(payment.values()), axis=0), surplus=np.sum(list(gains.values()), axis=0),
        )  # fmt: skip
    return found
