"""Join, acquiesce, obstruct, retaliate: the powers on one arrangement, with economics and stakes apart and together (C104)."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.strategy.equilibria import nash_equilibria
from mackinder.strategy.quantal import logit_qre
from mackinder.strategy.threat import threat_game

__all__ = ["ACTIONS", "DealGame", "Player", "game_payoffs", "play_deal", "play_tree", "threats"]

Floats = NDArray[np.float64]
#: what an insider and an outsider can do
ACTIONS = {"insider": ("join", "acquiesce", "obstruct"), "outsider": ("acquiesce", "obstruct", "retaliate")}
#: part of the worth of an arrangement that goes on when an insider only lets it happen
_LUKEWARM = 0.7


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One power, at one draw, in per cent of its product a year.

    Attributes
    ----------
    name : str
        Actor.
    role : str
        ``insider`` (its consent is needed) or ``outsider``.
    worth : float
        What the arrangement is worth to it.
    cost : float
        What obstructing or retaliating costs it.
    stops : float
        Chance that its obstruction stops the arrangement.
    harm : mapping of str to float
        What its retaliation costs each other player, in per cent of their products.
    relish : float
        What the harm done to others is worth to it.
    """

    name: str
    role: str
    worth: float
    cost: float
    stops: float
    harm: Mapping[str, float] = dataclasses.field(default_factory=dict)
    relish: float = 0.0

    @property
    def actions(self) -> tuple[str, ...]:
        """What the player can do."""
        return ACTIONS[self.role]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DealGame:
    """Chances of actions over draws, shape (draws, actions), for each player, and what follows.

    Attributes
    ----------
    players : tuple of str
        Who plays.
    chances : mapping of str to ndarray, shape (draws, actions)
        Quantal responses.
    stands : ndarray, shape (draws,)
        Chance that the arrangement stands.
    pure : tuple of (str, float)
        Equilibria in pure strategies of the central payoffs, in words, and the chance that it then stands.
    """

    players: tuple[str, ...]
    roles: tuple[str, ...]
    chances: Mapping[str, Floats]
    stands: Floats
    pure: tuple[tuple[str, float], ...]


def _standing(players: Sequence[Player], moves: Sequence[str]) -> float:
    """Chance that the arrangement stands, times what lukewarm insiders take from it."""
    chance = 1.0
    for player, move in zip(players, moves, strict=True):
        if player.role == "insider":
            chance *= {"join": 1.0, "acquiesce": _LUKEWARM, "obstruct": 0.0}[move]
        elif move != "acquiesce":
            chance *= 1.0 - player.stops
    return chance


def _ends(players: Sequence[Player], moves: Sequence[str]) -> list[float]:
    """Payoffs of all players."""
    chance = _standing(players, moves)
    gains = [chance * player.worth for player in players]
    for k, (player, move) in enumerate(zip(players, moves, strict=True)):
        if move in ("obstruct", "retaliate"):
            gains[k] -= player.cost if player.role == "outsider" else 0.0
        if move == "retaliate":
            gains[k] += player.relish
            for j, other in enumerate(players):
                gains[j] -= player.harm.get(other.name, 0.0)
    return gains


def game_payoffs(players: Sequence[Player]) -> list[Floats]:
    """Return the payoff table of each player, shape (actions of player 0, actions of player 1, ...).

    Examples
    --------
    >>> two = [Player(name="A", role="insider", worth=1.0, cost=0.0, stops=0.0),
    ...        Player(name="B", role="outsider", worth=-1.0, cost=0.1, stops=0.5)]
    >>> game_payoffs(two)[0][0].tolist(), game_payoffs(two)[1][0].round(2).tolist()
    ([1.0, 0.5, 0.5], [-1.0, -0.6, -0.6])
    """
    shape = tuple(len(player.actions) for player in players)
    tables = [np.zeros(shape) for _ in players]
    for cell in itertools.product(*(range(size) for size in shape)):
        moves = [player.actions[k] for player, k in zip(players, cell, strict=True)]
        for table, gain in zip(tables, _ends(players, moves), strict=True):
            table[cell] = gain
    return tables


def play_deal(
    draws: Sequence[Sequence[Player]], scales: Floats, precision: Floats, central: Sequence[Player]
) -> DealGame:
    """Play the game in every draw by logit quantal response, each player's payoffs over a scale of its own.

    Parameters
    ----------
    draws : sequence of sequences of Player
        The players, at each draw.
    scales : ndarray, shape (draws, players)
        Range of each player's payoffs in the game of all parts together: where only a part is counted, a power to which
        that part means little plays at random.
    precision : ndarray, shape (draws,)
        In units of one over the scale.
    central : sequence of Player
        Central payoffs, for the pure equilibria.

    Returns
    -------
    DealGame
    """
    names = tuple(player.name for player in draws[0])
    chances = {name: np.zeros((len(draws), len(player.actions))) for name, player in zip(names, draws[0], strict=True)}
    stands = np.zeros(len(draws))
    for d, players in enumerate(draws):
        tables = [table / (scales[d, k] or 1.0) for k, table in enumerate(game_payoffs(players))]
        response = logit_qre(tables, float(precision[d]))
        for k, name in enumerate(names):
            chances[name][d] = response[k]
        stands[d] = np.prod(
            [
                response[k]
                @ np.array([1.0, _LUKEWARM, 0.0] if p.role == "insider" else [1.0, 1 - p.stops, 1 - p.stops])
                for k, p in enumerate(players)
            ]
        )
    pure = []
    for profile in nash_equilibria(game_payoffs(central)):
        if any(mix.max() < 1 - 1e-9 for mix in profile):
            continue
        moves = [player.actions[int(mix.argmax())] for player, mix in zip(central, profile, strict=True)]
        text = ", ".join(f"{player.name} {move}" for player, move in zip(central, moves, strict=True))
        pure.append((text, _standing(central, moves)))
    return DealGame(
        players=names, roles=tuple(player.role for player in draws[0]), chances=chances, stands=stands, pure=tuple(pure)
    )


def play_tree(players: Sequence[Player], precision: float) -> dict[str, dict[str, float]]:
    """Play in turns, insiders first, each seeing what was done: agent quantal response at one set of payoffs.

    All see everything, so that agent quantal response is exact from the end of the tree backwards.

    Returns
    -------
    dict of str to dict of str to float
        Chance of each action of each player when those before it have taken their first action.

    Examples
    --------
    >>> two = [Player(name="A", role="insider", worth=1.0, cost=0.0, stops=0.0),
    ...        Player(name="B", role="outsider", worth=-1.0, cost=0.1, stops=0.5)]
    >>> found = play_tree(two, 2.0)
    >>> found["B"]["obstruct"] > found["B"]["acquiesce"], round(sum(found["A"].values()), 9)
    (True, 1.0)
    """
    order = sorted(range(len(players)), key=lambda k: players[k].role != "insider")
    answer: dict[str, dict[str, float]] = {}

    def value(done: tuple[str, ...]) -> Floats:
        if len(done) == len(players):
            moves = dict(zip(order, done, strict=True))
            return np.array(_ends(players, [moves[k] for k in range(len(players))]))
        k = order[len(done)]
        actions = players[k].actions
        worth = np.array([value((*done, move)) for move in actions])
        own = precision * worth[:, k]
        chance = np.exp(own - own.max())
        chance /= chance.sum()
        if done == tuple(players[j].actions[0] for j in order[: len(done)]):
            answer[players[k].name] = dict(zip(actions, chance.tolist(), strict=True))
        return np.asarray(chance @ worth, dtype=np.float64)

    value(())
    return answer


def threats(
    worth: Floats, own_cost: Floats, harm: Floats, loss: Floats, *, precision: Floats, success: Floats, expectation: Floats,
    audience: Floats,
) -> dict[str, Floats]:  # fmt: skip
    """Play the three-stage threat game of an outsider against the host, all in per cent of the sender's product.

    Parameters
    ----------
    worth : ndarray, shape (draws,)
        What giving the arrangement up is worth to the sender; draws in which it wants it have no threat.
    own_cost, harm, loss : ndarray, shape (draws,)
        Own cost of imposing, harm to the target by it, and what giving way costs the target.
    precision, success, expectation, audience : ndarray, shape (draws,)
        As in `threat_game`.
    """
    scale = np.maximum.reduce([np.abs(worth), np.abs(own_cost), np.abs(harm), np.abs(loss), np.full_like(worth, 1e-12)])
    game = threat_game(
        np.maximum(worth, 0.0) / scale,
        np.maximum(harm, 0.0) / scale,
        np.maximum(own_cost, 0.0) / scale,
        concession_cost=np.maximum(loss, 0.0) / scale,
        precision=precision,
        success=success,
        conflict_expectation=expectation,
        audience_cost=audience * np.maximum(worth, 0.0) / scale,
    )
    wants = worth > 0
    return {
        "threat": np.where(wants, game.threat, 0.0),
        "concession": np.where(wants, game.concession, 0.0),
        "backdown": np.where(wants, game.backdown, 0.0),
        "imposition": np.where(wants, game.imposition, 0.0),
        "success_if_threatened": game.success_if_threatened,
        "success_if_imposed": game.success_if_imposed,
    }
