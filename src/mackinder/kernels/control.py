"""Who could do what to a flow: exposure, captive share and closure cost, for those in between and at the other end."""

from __future__ import annotations

from mackinder.kernels import CACHE
from mackinder.kernels.block import Block, add
from mackinder.kernels.books import Loads, Shipments
from mackinder.kernels.desk import Desk
from mackinder.kernels.exponential import logarithms
from mackinder.kernels.inner import inner
from mackinder.kernels.offers import Offers
from mackinder.kernels.pricing import Menu

# isort: split
import numba as nb
import numpy as np

__all__ = ["book_control", "closure_loss", "note_control", "note_partner", "price_closures"]

_ONE = np.uint64(1)
#: least number whose logarithm is taken: what is left of routes that are not shipped at all
_LEAST = 1e-307


@nb.njit(cache=CACHE, nogil=True)
def closure_loss(kept: float, dispersion: float, no_ship: float) -> float:
    r"""Return what a tonne loses when closing leaves the part ``kept`` of the weight of its routes, USD/t.

    Not shipping at a cost n is one more alternative before and after, so the loss is 0 if everything is kept and n (and
    a trifle) if nothing is: :math:`\frac{1}{\theta} \ln \frac{1 + e^{-\theta n}}{w + e^{-\theta n}}`, with
    :math:`w = e^{-\theta \Delta}` for a rise :math:`\Delta` of the logsum.
    """
    away = np.exp(-dispersion * no_ship)
    whole = np.log(1.0 + away)
    # where the exponential underflows the logarithm is infinite: hence min
    loss: float = min((whole - np.log(min(kept, 1.0) + away)) / dispersion, no_ship + whole / dispersion)
    return loss


@inner(arrays=False)
def price_closures(s: int, g: int, u: int, offers: Offers, block: Block, desk: Desk) -> None:
    """What those in between could do to the flow: how much they touch, and what it loses if they close."""
    n, theta, no_ship = offers.first[u + 1] - offers.first[u], block.dispersion[g], block.no_ship[g]
    total, touch, left, away, whole = desk.line[2], desk.line[3], desk.line[4], desk.away[g], desk.whole[g]
    b, kept, logarithm, first = np.uint64(touch.shape[0]), desk.argument, desk.result, offers.actor_first[u]
    rows = offers.actor_first[u + 1] - first
    for row in range(rows):
        touch[:] = 0.0
        left[:] = 0.0
        for i in range(n):
            cell = offers.closed_first[first + row] + i
            if offers.touched[cell] != 0.0:
                x = desk.share[s, g, i]
                for k in range(b):
                    touch[k] += x[k]
            else:
                appeal, size = desk.appeal[i], np.float64(offers.closed_size[cell])
                for k in range(b):
                    left[k] += size * appeal[k]
        out, at = desk.control[s, g, row], np.uint64(row) * b
        for k in range(b):
            out[0, k], out[2, k] = min(touch[k], 1.0), 0.0
        for k in range(b):
            kept[at + k] = max(min(left[k] / total[k], 1.0) + away[k], _LEAST)
    end = rows * touch.shape[0]
    logarithms(kept[:end], desk.work[:end], logarithm[:end])
    for row in range(rows):
        out, at = desk.control[s, g, row], np.uint64(row) * b
        for k in range(b):
            most = no_ship[k] + whole[k] / theta[k]
            out[1, k] = min((whole[k] - logarithm[at + k]) / theta[k], most) if kept[at + k] > _LEAST else most
        if block.start == 0:  # the closed form is compared in the first draw only
            out[2, 0] = closure_loss(max(1.0 - desk.control[s, g, row, 0, 0], 0.0), theta[0], no_ship[0])


@inner(arrays=False)
def note_control(s: int, first: int, p: int, g: int, u: int, menu: Menu, offers: Offers, desk: Desk) -> None:
    """Add what those in between could do to one flow to the sums of its pair."""
    captive, tonnes, value = menu.captive[s, p, g], desk.flow[0], desk.flow[1]
    for row in range(offers.actor_first[u], offers.actor_first[u + 1]):
        b = offers.actor[row]
        desk.met[b] = True
        found, out = desk.control[first, g, row - offers.actor_first[u]], desk.actor_flow[b]
        for k in range(tonnes.shape[0]):
            out[0, k] += tonnes[k] * found[0, k]
            out[1, k] += value[k] * found[0, k]
            out[4, k] += tonnes[k] * found[1, k]
            out[5, k] += tonnes[k] * found[2, k]
        if (captive >> np.uint64(b)) & _ONE:
            for k in range(tonnes.shape[0]):
                out[2, k] += tonnes[k]
                out[3, k] += value[k]


@inner(arrays=False)
def note_partner(
    into: int, s: int, first: int, p: int, g: int, u: int, menu: Menu, shipments: Shipments, offers: Offers, block: Block,
    desk: Desk, loads: Loads,
) -> None:  # fmt: skip
    """Book what an end that can close every route could do to the other: it stops the trade."""
    ends = (shipments.origin_actor[p], shipments.destination_actor[p])
    tonnes, value = desk.flow[0], desk.flow[1]
    for end in range(2):
        target, other = ends[end], ends[1 - end]
        if target < 0 or other < 0 or target == other:
            continue
        if not (menu.captive[s, p, g] >> np.uint64(other)) & _ONE:
            continue  # it can close some routes or none: see note_control
        exposure, captive = loads.exposure[into, target, other, 0], loads.captive[into, target, other, 0]
        closure, no_ship = loads.closure[into, target, other, 0], block.no_ship[g]
        for k in range(tonnes.shape[0]):
            exposure[0, k] += tonnes[k]
            exposure[1, k] += value[k]
            captive[0, k] += tonnes[k]
            captive[1, k] += value[k]
            closure[k] += tonnes[k] * no_ship[k]


@inner(arrays=False)
def book_control(into: int, p: int, shipments: Shipments, block: Block, desk: Desk, loads: Loads) -> None:
    """Book the sums of a pair over those in between, for both its ends, and clear them."""
    ends = (shipments.origin_actor[p], shipments.destination_actor[p])
    for b in range(desk.met.shape[0]):
        if not desk.met[b]:
            continue
        found = desk.actor_flow[b]
        for end in range(2):
            target = ends[end]
            if target < 0 or target == b or (end == 1 and target == ends[0]):
                continue
            kind = 0 if b == ends[1 - end] else 1
            for unit in range(2):
                add(loads.exposure[into, target, b, kind, unit], found[unit])
                add(loads.captive[into, target, b, kind, unit], found[2 + unit])
            add(loads.closure[into, target, b, kind], found[4])
        if block.start == 0:
            loads.identity_gap[into, 0, 0] += found[4, 0]
            loads.identity_gap[into, 1, 0] += abs(found[4, 0] - found[5, 0])
        found[:] = 0.0
        desk.met[b] = False
