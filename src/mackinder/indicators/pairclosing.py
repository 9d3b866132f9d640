"""Control by two or more actors together: trade that has no way past them, though it has one past each alone (convention C99)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.case import Case
from mackinder.draws import Design
from mackinder.equilibrium.menu import build_menu
from mackinder.network.demand import draw_demand
from mackinder.network.records import Network, PriceDraws
from mackinder.network.routes import RouteSet

__all__ = ["ClosedTogether", "closed_together"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTogether:
    """Part of a target's trade by value that some actors can stop in transit.

    Attributes
    ----------
    actors : tuple of str
    target : str
    together, alone : ndarray, shape (K,)
        Part that no permitted route carries past all of them; part that none carries past at least one of them. Trade of
        which one of them is the other end is left out of both, not of the whole.
    """

    actors: tuple[str, ...]
    target: str
    together: Floats
    alone: Floats

    @property
    def gain(self) -> Floats:
        """What they can close together and none of them alone."""
        return self.together - self.alone


def closed_together(
    case: Case, network: Network, routes: RouteSet, prices: PriceDraws, design: Design, state: int,
    groups: Sequence[Sequence[str]], targets: Sequence[str],
) -> tuple[ClosedTogether, ...]:  # fmt: skip
    """Say what groups of actors can close together, at the demand of the base year.

    Parameters
    ----------
    case : Case
    network, routes, prices, design
    state : int
    groups : sequence of sequences of str
        Of those in ``coalitions`` of case.toml the route set holds a way past the whole group wherever there is one; of others
        it may not, and their part is then an upper bound.
    targets : sequence of str

    Returns
    -------
    tuple of ClosedTogether
        Groups of which a member can close nothing in this state, or that hold the target, are passed over.
    """
    menu = build_menu(network, routes, np.zeros(len(network.states), dtype=np.int64))
    number = {name: i for i, name in enumerate(network.actors)}
    worth = draw_demand(case, network.goods, prices.goods.density, design).value[:, routes.origin, routes.destination]
    origin, destination = network.zone_actor[routes.origin], network.zone_actor[routes.destination]
    served = menu.available[state] != 0
    out = []
    for group in groups:
        if any(name not in number for name in group):
            continue
        members = [number[name] for name in group]
        both = _captive(menu.closers[state], menu.available[state], routes.pair_first, members) & served
        each = [_captive(menu.closers[state], menu.available[state], routes.pair_first, [m]) & served for m in members]
        single = np.logical_or.reduce(each)
        partner = np.isin(origin, members) | np.isin(destination, members)
        for target in targets:
            if target in group or target not in number:
                continue
            own = (origin == number[target]) | (destination == number[target])
            whole = (worth[:, own] * served[own]).sum(axis=(1, 2))
            at = own & ~partner
            parts = [
                np.divide((worth[:, at] * which[at]).sum(axis=(1, 2)), whole, out=np.zeros_like(whole), where=whole > 0)
                for which in (both, single)
            ]
            out.append(ClosedTogether(actors=tuple(group), target=target, together=parts[0], alone=parts[1]))
    return tuple(out)


def _captive(
    closers: NDArray[np.uint64], available: NDArray[np.uint64], pair_first: NDArray[np.int64], members: Sequence[int]
) -> NDArray[np.bool_]:
    """Say of which flows every available route can be closed by some member, shape (P, G)."""
    mask = np.uint64(sum(1 << m for m in members))
    hit = (closers & mask) != 0
    pair = np.repeat(np.arange(len(pair_first) - 1), np.diff(pair_first))
    bits = np.zeros(len(pair_first) - 1, dtype=np.uint64)
    place = (np.arange(len(hit)) - pair_first[pair]).astype(np.uint64)
    np.bitwise_or.at(bits, pair[hit], np.uint64(1) << place[hit])
    return np.asarray((available & ~bits[:, None]) == 0)
