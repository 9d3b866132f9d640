"""Extensive games: small trees, and their agent quantal response equilibria.

Each information set is an agent of its player. It takes actions in proportion to exp(precision x expected payoff),
given that it is reached; mistakes of later agents are foreseen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import UsageError
from mackinder.strategy.branch import follow

__all__ = ["AgentResponse", "Chance", "Decision", "Outcome", "agent_qre"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """An end of the game: one payoff a player."""

    payoffs: tuple[float, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Chance:
    """A move by nobody: branches with probabilities that add up to one."""

    branches: tuple[tuple[float, Node], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """A move by a player (counted from 0), who does not tell apart the nodes that share an information set.

    Attributes
    ----------
    player : int
        Who moves.
    information_set : str
        Name of what the player knows here; nodes with one name must offer the same actions to the same player.
    actions : mapping of str to node
        What follows each action.
    """

    player: int
    information_set: str
    actions: Mapping[str, Node]


Node = Outcome | Chance | Decision


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AgentResponse:
    """Agent quantal responses on the principal branch.

    Attributes
    ----------
    precision : ndarray, shape () or (m,), 1/payoff
        As asked for.
    strategies : mapping of str to mapping of str to ndarray, shape () or (m,)
        Information set -> action -> probability.
    expected : ndarray, shape (players,) or (m, players)
        Expected payoffs.
    """

    precision: Floats
    strategies: dict[str, dict[str, Floats]]
    expected: Floats


@dataclasses.dataclass(slots=True)
class _Layout:
    """Where each information set's actions stand in the vector of logarithms."""

    players: int = 0
    owner: dict[str, int] = dataclasses.field(default_factory=dict)
    actions: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    first: dict[str, int] = dataclasses.field(default_factory=dict)
    size: int = 0
    low: float = np.inf
    high: float = -np.inf


def _read(node: Node, layout: _Layout, path: tuple[str, ...]) -> None:
    where = " > ".join(path) or "the root"
    if isinstance(node, Outcome):
        if layout.players not in (0, len(node.payoffs)) or not np.isfinite(node.payoffs).all():
            msg = f"outcome at {where} has payoffs {node.payoffs}: give one finite number a player in every outcome"
            raise UsageError(msg)
        layout.players = len(node.payoffs)
        layout.low, layout.high = min(layout.low, *node.payoffs), max(layout.high, *node.payoffs)
    elif isinstance(node, Chance):
        chances = np.array([p for p, _ in node.branches])
        if not len(chances) or (chances < 0).any() or abs(chances.sum() - 1) > 1e-9:
            msg = f"chance at {where} has probabilities {chances.tolist()}: they must add up to one"
            raise UsageError(msg)
        for k, (_, child) in enumerate(node.branches):
            _read(child, layout, (*path, f"chance {k}"))
    else:
        name = node.information_set
        if name in path or not node.actions:
            msg = f"information set {name!r} at {where} has no actions, or is met twice on one path: name it apart"
            raise UsageError(msg)
        if layout.owner.setdefault(name, node.player) != node.player or layout.actions.setdefault(
            name, tuple(node.actions)
        ) != tuple(node.actions):
            msg = (
                f"information set {name!r} at {where} differs from its other nodes: same player, same actions in order"
            )
            raise UsageError(msg)
        if name not in layout.first:
            layout.first[name] = layout.size
            layout.size += len(node.actions)
        for action, child in node.actions.items():
            _read(child, layout, (*path, name, action))


def _walk(
    node: Node, chance: Complexes, layout: _Layout, reach: complex, values: Complexes, weight: Complexes
) -> Complexes:
    """Return expected payoffs of a node; add to each action its owner's payoff, weighted by how it is reached.

    The weight is the chance of all moves on the way; the owner's own count too, and cancel for owners who recall what
    they did.
    """
    if isinstance(node, Outcome):
        return np.array(node.payoffs, dtype=np.complex128)
    total = np.zeros(layout.players, dtype=np.complex128)
    if isinstance(node, Chance):
        for p, child in node.branches:
            total += p * _walk(child, chance, layout, reach * p, values, weight)
        return total
    at = layout.first[node.information_set]
    for k, child in enumerate(node.actions.values()):
        worth = _walk(child, chance, layout, reach * chance[at + k], values, weight)
        values[at + k] += reach * worth[node.player]
        weight[at + k] += reach
        total += chance[at + k] * worth
    return total


def _residual(tree: Node, layout: _Layout, point: Complexes, scale: float) -> Complexes:
    logs, precision = point[:-1], point[-1]
    values, weight = np.zeros(layout.size, np.complex128), np.zeros(layout.size, np.complex128)
    _walk(tree, np.exp(logs), layout, 1.0 + 0.0j, values, weight)
    worth = values / weight / scale
    residual = np.zeros(layout.size, np.complex128)
    for name, actions in layout.actions.items():
        a, b = layout.first[name], layout.first[name] + len(actions)
        residual[a] = np.exp(logs[a:b]).sum() - 1.0
        residual[a + 1 : b] = (logs[a:b] - logs[a] - precision * (worth[a:b] - worth[a]))[1:]
    return residual


def agent_qre(tree: Node, precision: ArrayLike) -> AgentResponse:
    """Trace the principal branch of agent logit quantal response equilibria.

    Parameters
    ----------
    tree : Outcome, Chance or Decision
        Root of the game.
    precision : float or array_like, shape (m,), 1/payoff
        Not negative.

    Returns
    -------
    AgentResponse

    Raises
    ------
    UsageError
        A malformed tree; the message names the path from the root.
    NotConvergedError
        The branch could not be followed so far.

    Notes
    -----
    McKelvey, R. and Palfrey, T. (1998), Experimental Econ. 1. Derivatives are exact (complex step).

    Examples
    --------
    >>> enter = Decision(0, "entrant", {"out": Outcome((0.0, 2.0)), "in": Decision(1, "incumbent", {
    ...     "fight": Outcome((-1.0, -1.0)), "share": Outcome((1.0, 1.0))})})
    >>> response = agent_qre(enter, 1.0)
    >>> round(float(response.strategies["incumbent"]["share"]), 6)
    0.880797
    """
    layout = _Layout()
    _read(tree, layout, ())
    wanted = np.asarray(precision, dtype=np.float64)
    if wanted.ndim > 1 or not (np.isfinite(wanted).all() and (wanted >= 0).all()):
        msg = f"precision {precision!r}: give one number or a list of numbers, finite and not negative"
        raise UsageError(msg)
    scale = (layout.high - layout.low) or 1.0

    def system(point: Floats) -> tuple[Floats, Floats]:
        size = len(point)
        jacobian = np.zeros((size - 1, size))
        for k in range(size):
            tilted = point.astype(np.complex128)
            tilted[k] += 1e-30j
            jacobian[:, k] = _residual(tree, layout, tilted, scale).imag / 1e-30
        return _residual(tree, layout, point.astype(np.complex128), scale).real, jacobian

    start = np.concatenate([np.full(len(a), -np.log(len(a))) for a in layout.actions.values()] or [np.zeros(0)])
    asked = np.atleast_1d(wanted)
    order = np.argsort(asked, kind="stable")
    if layout.size:
        found = follow(system, start, list(asked[order] * scale)).found[np.argsort(order, kind="stable")]
    else:
        found = np.zeros((len(asked), 0))
    chances = np.exp(found)
    scratch = (np.zeros(layout.size, np.complex128), np.zeros(layout.size, np.complex128))
    expected = np.array([_walk(tree, c.astype(np.complex128), layout, 1.0 + 0.0j, *scratch).real for c in chances])
    strategies = {
        name: {
            action: chances[:, layout.first[name] + k] if wanted.ndim else chances[0, layout.first[name] + k]
            for k, action in enumerate(actions)
        }
        for name, actions in layout.actions.items()
    }
    return AgentResponse(precision=wanted, strategies=strategies, expected=expected if wanted.ndim else expected[0])
