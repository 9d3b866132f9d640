"""Options of the spatial model of politics: their names, defaults and codes."""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mackinder.errors import UsageError, did_you_mean

__all__ = ["OPTIONS", "SpatialSettings"]

#: option -> its values in the order of the kernel's codes
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "vote": ("binary", "proportional_binary", "proportional", "proportional_cubic", "cubic", "prospect"),
    "victory": ("linear", "square", "quartic", "octic", "binary"),
    "choice": ("conditional", "markov_incentive", "markov_uniform"),
    "commitment": ("none", "semi", "full"),
    "risk_range": ("min", "mid", "max"),
    "interpolation": ("s1p1", "s2p2", "s2pmax"),
    "bargain": ("initiator", "both", "power_weighted"),
    "transitions": ("deterministic", "stochastic"),
}
#: what one believes of another's risk attitude -> weight of one's own
_ANCHORS: Final = {"none": 1.0, "one_third": 2.0 / 3.0, "half": 0.5, "two_thirds": 1.0 / 3.0, "full": 0.0}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SpatialSettings:
    """How actors vote, win, judge risk and bargain in the spatial model of politics.

    Attributes
    ----------
    vote : str
        How much an actor throws into a contest for a difference in utility: ``binary``, ``proportional_binary`` (0.8
        proportional, 0.2 binary), ``proportional``, ``proportional_cubic`` (half each), ``cubic``, or ``prospect``
        (gains count two thirds of losses).
    victory : str
        How the ratio of coalitions becomes a chance: ``linear``, ``square``, ``quartic``, ``octic`` power of the
        coalitions, or ``binary`` (an advantage of 10 % wins for certain).
    choice : str
        Share of success among many options: ``conditional`` (beats all others, given that one does),
        ``markov_uniform`` (all challenge alike) or ``markov_incentive`` (challenges by force of coalition).
    commitment : str
        Whether third parties move with the side they took: ``none``, ``semi`` (if it loses) or ``full``.
    risk_range : str
        Risk attitudes on [0, 1] (``min``), [-0.5, 1] (``mid``) or [-1, 1] (``max``).
    risk_adjustment : str
        How far one believes in another's true risk attitude rather than in one's own: ``none``, ``one_third``,
        ``half``, ``two_thirds`` or ``full``.
    interpolation : str
        Where a bargain lies: weights salience times chance (``s1p1``), their squares (``s2p2``), or a shift by the
        loser only (``s2pmax``).
    bargain : str
        The bargain as the ``initiator`` sees it, as ``both`` see it (two bargains), or one ``power_weighted`` mean.
    transitions : str
        ``deterministic`` (the likeliest bargain) or ``stochastic`` (drawn by share of success).
    accommodation : float or ndarray, shape (n, n)
        How far ideals follow positions: 1 (they do), 0 (they never move), or row weights over actors.
    min_turns, max_turns : int
        Least and greatest number of turns.
    stop_ratio : float
        Stop when the shift in a turn is less than this share of the first turn's.
    position_range : (float, float)
        Ends of the issue scales.

    Examples
    --------
    >>> SpatialSettings(victory="square").codes().tolist()
    [2, 1, 0, 1, 1, 1, 0, 0]
    """

    vote: str = "proportional"
    victory: str = "linear"
    choice: str = "conditional"
    commitment: str = "semi"
    risk_range: str = "mid"
    risk_adjustment: str = "one_third"
    interpolation: str = "s2p2"
    bargain: str = "initiator"
    transitions: str = "deterministic"
    accommodation: float | NDArray[np.float64] = 1.0
    min_turns: int = 2
    max_turns: int = 100
    stop_ratio: float = 0.02
    position_range: tuple[float, float] = (0.0, 100.0)

    def __post_init__(self) -> None:
        for option, known in OPTIONS.items():
            if getattr(self, option) not in known:
                raise UsageError(did_you_mean(getattr(self, option), known, what=f"value of {option}"))
        if self.risk_adjustment not in _ANCHORS:
            raise UsageError(did_you_mean(self.risk_adjustment, _ANCHORS, what="value of risk_adjustment"))
        if not 0 <= self.min_turns <= self.max_turns:
            msg = f"min_turns {self.min_turns} and max_turns {self.max_turns}: needed is 0 <= min_turns <= max_turns"
            raise UsageError(msg)
        if not self.position_range[0] < self.position_range[1]:
            msg = f"position_range {self.position_range} is empty: give (low, high) with low < high"
            raise UsageError(msg)

    @property
    def anchor(self) -> float:
        """Weight of one's own risk attitude in what one believes of another's."""
        return _ANCHORS[self.risk_adjustment]

    def codes(self) -> NDArray[np.int64]:
        """Return the options as the kernel takes them, shape (8,)."""
        return np.array([known.index(getattr(self, option)) for option, known in OPTIONS.items()])

    def accommodation_matrix(self, actors: int) -> NDArray[np.float64]:
        """Return the weights of positions in ideals, shape (actors, actors), checked."""
        given = np.asarray(self.accommodation, dtype=np.float64)
        matrix = given * np.eye(actors) if given.ndim == 0 else given
        wrong = matrix.shape != (actors, actors) or bool((matrix < 0).any() or (matrix.sum(axis=1) > 1 + 1e-10).any())
        if wrong or not np.isfinite(matrix).all():
            msg = (
                f"accommodation has shape {given.shape} and rows that add up to at most {given.sum(axis=-1).max():g}: "
                f"give one number in [0, 1], or {actors} rows of weights that are not negative and add up to at most 1"
            )
            raise UsageError(msg)
        return matrix
