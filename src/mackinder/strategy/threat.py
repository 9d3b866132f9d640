"""Coercion in three stages: the sender threatens or not, the target gives way or resists, the sender acts or backs down.

Most successes happen at the threat, before anything is imposed: rates taken from imposed cases alone understate coercion,
and the game keeps that selection in view.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from mackinder.errors import UsageError

__all__ = ["ThreatGame", "threat_game"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ThreatGame:
    """Agent quantal responses of the threat game; each attribute has the shape of the draws.

    Attributes
    ----------
    threat : ndarray
        Chance that the sender threatens.
    concede_if_threatened, impose_if_resisted : ndarray
        Chances at the later stages.
    no_threat, concession, backdown, imposition : ndarray
        Chances of the four ends, which add up to one.
    success_if_threatened : ndarray
        Chance that a threat brings the demand, at the threat or by imposing.
    success_if_imposed : ndarray
        Chance that imposing brings it: what is seen if only imposed cases are counted.
    threat_stage_share : ndarray
        Part of the successes that comes before anything is imposed.
    sender_payoff, target_payoff : ndarray, unit of the stakes
        Expected payoffs, over all ends.
    """

    threat: Floats
    concede_if_threatened: Floats
    impose_if_resisted: Floats
    no_threat: Floats
    concession: Floats
    backdown: Floats
    imposition: Floats
    success_if_threatened: Floats
    success_if_imposed: Floats
    threat_stage_share: Floats
    sender_payoff: Floats
    target_payoff: Floats


def threat_game(
    gain: ArrayLike,
    cost_to_target: ArrayLike,
    sender_cost: ArrayLike,
    *,
    concession_cost: ArrayLike,
    precision: ArrayLike,
    success: ArrayLike,
    conflict_expectation: ArrayLike = 0.0,
    audience_cost: ArrayLike = 0.0,
) -> ThreatGame:
    """Solve the threat game by agent quantal response, for all draws at once.

    All stakes are in one unit, for instance percent of GDP or USD/yr, and broadcast together.

    Parameters
    ----------
    gain : array_like
        Worth of the demand to the sender.
    cost_to_target, sender_cost : array_like
        What imposing costs each side.
    concession_cost : array_like
        What giving way costs the target.
    precision : array_like, 1/unit of the stakes
        Of both sides; scale it with the stakes.
    success : array_like
        Chance in [0, 1] that imposing brings the demand: from reference cases, never from a guess without a range.
    conflict_expectation : array_like
        Part in [0, 1] of a concession that the target counts once more as a future threat.
    audience_cost : array_like
        What backing down costs the sender.

    Returns
    -------
    ThreatGame

    Raises
    ------
    UsageError
        Stakes that are not numbers or negative, chances outside of [0, 1].

    Notes
    -----
    The tree has perfect information, so agent quantal response is solved exactly from its end. Payoffs after Drezner,
    D. (1999), The Sanctions Paradox, in stylised form: concede (gain, -concession_cost (1 + conflict_expectation)),
    back down (-audience_cost, 0), impose (success gain - sender_cost, -success concession_cost - cost_to_target).

    Examples
    --------
    >>> game = threat_game(2.0, [1.0, 6.0], 0.5, concession_cost=1.0, precision=3.0, success=0.3)
    >>> bool(game.concession[1] > game.concession[0]), bool((game.threat_stage_share > 0.5)[1])
    (True, True)
    """
    named = {
        "gain": gain, "cost_to_target": cost_to_target, "sender_cost": sender_cost, "concession_cost": concession_cost,
        "precision": precision, "audience_cost": audience_cost, "success": success,
        "conflict_expectation": conflict_expectation,
    }  # fmt: skip
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in named.items()}
    for name, value in arrays.items():
        top = 1.0 if name in ("success", "conflict_expectation") else np.inf
        if not (np.isfinite(value).all() and (value >= 0).all() and (value <= top).all()):
            msg = f"{name} reaches from {np.min(value)} to {np.max(value)}: give finite numbers from 0 to {top:g}"
            raise UsageError(msg)
    worth, harm, own_cost, loss, sharp, shame, p, e = np.broadcast_arrays(*arrays.values())
    to_impose, to_suffer = p * worth - own_cost, -p * loss - harm
    impose = expit(sharp * (to_impose + shame))
    concede = expit(sharp * (-loss * (1 + e) - impose * to_suffer))
    resisted = impose * to_impose - (1 - impose) * shame
    to_threaten = concede * worth + (1 - concede) * resisted
    threat = expit(sharp * to_threaten)
    concession = threat * concede
    imposition, backdown = threat * (1 - concede) * impose, threat * (1 - concede) * (1 - impose)
    won = concede + (1 - concede) * impose * p
    return ThreatGame(
        threat=threat,
        concede_if_threatened=concede,
        impose_if_resisted=impose,
        no_threat=1 - threat,
        concession=concession,
        backdown=backdown,
        imposition=imposition,
        success_if_threatened=won,
        success_if_imposed=p.copy(),
        threat_stage_share=np.divide(concede, won, out=np.full_like(won, np.nan), where=won > 0),
        sender_payoff=threat * to_threaten,
        target_payoff=-concession * loss * (1 + e) + imposition * to_suffer,
    )
