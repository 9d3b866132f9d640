"""The transit game: coalition values from routes and who can close them; with options to invest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mackinder.errors import DataError
from mackinder.indicators.coalitions import Floats, coalition_sums, read_values
from mackinder.kernels.transit import route_game

__all__ = ["MOST_ROUTE_PLAYERS", "best_investment", "player_masks", "transit_values"]

#: exact in seconds
MOST_ROUTE_PLAYERS = 20


def player_masks(bits: ArrayLike, players: Sequence[int]) -> NDArray[np.int64]:
    """Translate masks of actors into masks of players.

    Parameters
    ----------
    bits : array_like of int64 or uint64
        A bit for each actor.
    players : sequence of int
        Actors of each player, as bits: several make one player (a union of states); an actor of no player is not asked, so
        what only it can close stays open.

    Returns
    -------
    ndarray of int64
        Bit j is set if an actor of player j is.

    Raises
    ------
    DataError
        An actor belongs to two players, or a player has none.

    Examples
    --------
    >>> player_masks([0b001, 0b110, 0b1000], [0b001, 0b110]).tolist()
    [1, 2, 0]
    """
    if not 1 <= len(players) <= MOST_ROUTE_PLAYERS:
        msg = (
            f"there are {len(players)} players; the transit game has 1 to {MOST_ROUTE_PLAYERS}: leave out or merge some"
        )
        raise DataError(msg)
    taken = 0
    for j, own in enumerate(players):
        if int(own) <= 0 or taken & int(own):
            msg = f"player {j} has the actor bits {int(own):#x}; give each at least one, and each actor to one player only"
            raise DataError(msg)
        taken |= int(own)
    raw = np.asarray(bits)
    raw = raw.view(np.uint64) if raw.dtype == np.int64 else raw.astype(np.uint64)
    out = np.zeros(raw.shape, dtype=np.int64)
    for j, own in enumerate(players):
        out |= ((raw & np.uint64(own)) != 0).astype(np.int64) << j
    return out


def transit_values(
    *,
    pair_start: ArrayLike,
    cost: ArrayLike,
    path_size: ArrayLike,
    closers: ArrayLike,
    players: Sequence[int],
    endpoints: ArrayLike,
    dispersion: ArrayLike,
    quantity: ArrayLike,
    no_ship: ArrayLike,
) -> Floats:
    r"""Value of every coalition of those who can close routes, over all flows: USD/yr above what nobody's cooperation leaves.

    A route is open to a coalition if all players who can close it, and those at the ends of the trade, are in it. A flow
    gains :math:`\frac{q}{\theta} \ln \frac{W(S) + w_0}{W(\emptyset) + w_0}`: W are the weights of the open routes over those
    of all, and :math:`w_0 = e^{-\theta n}` stands for not shipping at a cost n above the expected cost with all routes open
    (conventions C24, C27, C30). So ``values[-1]`` less the value without a player is that player's closure cost with path sizes
    held. Worked out over the players of each pair, by a subset-sum transform.

    Parameters
    ----------
    pair_start : array_like of int, shape (P + 1,)
        Routes of flow p are ``pair_start[p]:pair_start[p + 1]``; a flow is a pair of zones and a goods class.
    cost : array_like, shape (R,) or (K, R), USD/t
        Generalised cost of each route; K draws.
    path_size : array_like, shape (R,)
        Held at central prices (convention C24); 0 for a route that is not on offer.
    closers : array_like of int64 or uint64, shape (R,)
        Actors who can close the route, as bits.
    players : sequence of int
        Actor bits of each player; see `player_masks`.
    endpoints : array_like of int64 or uint64, shape (P,)
        Actors whose trade it is, as bits: without those who are players it does not take place. 0 for none.
    dispersion, quantity, no_ship : array_like, shape (P,) or (K, P), t/USD, t/yr, USD/t

    Returns
    -------
    ndarray, shape (2**n,) or (K, 2**n), USD/yr
        Never falls when a player joins. Superadditive if the ends of every flow are players; else parallel routes are worth
        more apart than together (`is_superadditive` tells).

    Raises
    ------
    DataError
        Shapes disagree, or a cost is missing, a dispersion not positive, a quantity or path size negative.

    Examples
    --------
    An exporter (actor 0) whose 1000 t can pass actor 1 or actor 2; giving up costs 100 USD/t:

    >>> v = transit_values(pair_start=[0, 2], cost=[50.0, 50.0], path_size=[1.0, 1.0], closers=[0b010, 0b100],
    ...     players=[0b001, 0b010, 0b100], endpoints=[0b001], dispersion=0.1, quantity=1000.0, no_ship=100.0)
    >>> v.round(-3).tolist()
    [0.0, 0.0, 0.0, 93000.0, 0.0, 93000.0, 0.0, 100000.0]
    """
    start = np.asarray(pair_start, dtype=np.int64)
    n_pairs, n_routes = len(start) - 1, int(start[-1]) if len(start) else 0
    if n_pairs < 0 or start[0] != 0 or (np.diff(start) < 0).any():
        msg = "pair_start must begin with 0, never fall, and end with the number of routes"
        raise DataError(msg)
    amounts = {
        "cost": _amount("cost", cost, n_routes, least=-np.inf),
        "path_size": _amount("path_size", path_size, n_routes, least=0.0),
        "dispersion": _amount("dispersion", dispersion, n_pairs, least=np.finfo(float).tiny),
        "no_ship": _amount("no_ship", no_ship, n_pairs, least=0.0),
        "quantity": _amount("quantity", quantity, n_pairs, least=0.0),
    }
    draws = {len(x) for name, x in amounts.items() if x.shape[0] != 1}
    if len(draws) > 1:
        msg = f"cost, dispersion, quantity and no_ship have {sorted(draws)} draws; they must agree"
        raise DataError(msg)
    mask, ends = player_masks(closers, players), player_masks(endpoints, players)
    if mask.shape != (n_routes,) or ends.shape != (n_pairs,):
        msg = f"closers have shape {mask.shape}, endpoints {ends.shape}; give one for each of {n_routes} routes, {n_pairs} pairs"
        raise DataError(msg)
    pair_of = np.repeat(np.arange(n_pairs), np.diff(start))
    mask = mask | ends[pair_of]
    offered = amounts["path_size"][0] > 0
    present, common = np.zeros(n_pairs, dtype=np.int64), np.full(n_pairs, -1, dtype=np.int64)
    np.bitwise_or.at(present, pair_of[offered], mask[offered])
    np.bitwise_and.at(common, pair_of[offered], mask[offered])
    common[common < 0] = 0  # no route at all: worth nothing to anybody
    order = np.lexsort((common, present))
    spread = np.ndim(cost) == 2 or np.ndim(dispersion) == 2 or np.ndim(quantity) == 2 or np.ndim(no_ship) == 2
    rows = []
    for k in range(max(draws, default=1)):
        c, z, t, a, q = (x[k if len(x) > 1 else 0] for x in amounts.values())
        rows.append(route_game(len(players), present, common, order, start, mask, c, z, t, a, q))
    return np.stack(rows) if spread else rows[0]


def _amount(name: str, given: ArrayLike, size: int, *, least: float) -> Floats:
    """Read numbers of routes or pairs as shape (draws or 1, size)."""
    x = np.asarray(given, dtype=np.float64)
    if x.ndim > 2 or (x.ndim > 0 and x.shape[-1] != size):
        msg = f"{name} has shape {x.shape}; its last axis must have {size} entries"
        raise DataError(msg)
    rows = len(x) if x.ndim == 2 else 1
    x = np.ascontiguousarray(np.broadcast_to(x, (rows, size)))
    bad = ~np.isfinite(x) | (x < least)
    if bad.any():
        at = int(np.argwhere(bad)[0][1])
        bound = "finite" if least == -np.inf else "positive" if least > 0 else "finite and not negative"
        msg = f"{name}[{at}] is {x[bad][0]}; it must be {bound}. Missing is not zero (C1)"
        raise DataError(msg)
    return x


def best_investment(
    values: ArrayLike, annual_cost: Sequence[float], sponsors: Sequence[int]
) -> tuple[Floats, NDArray[np.int64]]:
    """Value of every coalition if it may build: the best choice of options, less what they cost a year.

    Parameters
    ----------
    values : array_like, shape (2**(n + m),)
        A game in which the last m players are options (``transit_values`` with a bit for each option on the routes that need
        it): in a coalition means built.
    annual_cost : sequence of float, length m, USD/yr
        Annualised capital cost of each option.
    sponsors : sequence of int, length m
        Bit mask of the players without whom the option cannot be built; 0 if anybody, even nobody, can.

    Returns
    -------
    values : ndarray, shape (2**n,), USD/yr
        Above what the empty coalition has. Without options (all too dear): the game of the short run.
    built : ndarray of int64, shape (2**n,)
        Options each coalition builds, as bits; the fewest among equals.

    Raises
    ------
    DataError
        Lengths disagree, or a cost is not finite or negative.

    Examples
    --------
    One player, one option worth 5 that costs 2:

    >>> values, built = best_investment([0.0, 1.0, 0.0, 6.0], [2.0], [0b1])
    >>> values.tolist(), built.tolist()
    ([0.0, 4.0], [0, 1])
    """
    v, total = read_values(values)
    m = len(annual_cost)
    cost = np.asarray(annual_cost, dtype=np.float64)
    n = total - m
    if len(sponsors) != m or n < 1 or not (np.isfinite(cost) & (cost >= 0)).all():
        msg = f"{m} costs {cost.tolist()} and {len(sponsors)} sponsors for {total} players and options; give each option both"
        raise DataError(msg)
    if any(not 0 <= int(s) < 1 << n for s in sponsors):
        msg = f"sponsors {[bin(s) for s in sponsors]} name players beyond the {n} of the game"
        raise DataError(msg)
    price, everyone = coalition_sums(cost), np.arange(1 << n)
    best, built = v[: 1 << n].copy(), np.zeros(1 << n, dtype=np.int64)
    for options in range(1, 1 << m):
        asked = 0
        for o in range(m):
            asked |= int(sponsors[o]) if (options >> o) & 1 else 0
        worth = np.where(everyone & asked == asked, v[everyone | (options << n)] - price[options], -np.inf)
        built[worth > best] = options
        best = np.maximum(best, worth)
    return best - best[0], built
