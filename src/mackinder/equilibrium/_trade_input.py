"""What `hat_algebra` accepts: shapes, checks with messages, and why a draw has no equilibrium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mackinder.errors import DataError, UsageError

__all__ = ["CLOSURES", "Closure", "TradeInput", "check_flows", "explain", "read_input"]

Floats = npt.NDArray[np.float64]
Closure = Literal["additive", "multiplicative", "balanced", "conditional"]
#: in the order of the kernel's codes
CLOSURES: tuple[Closure, ...] = ("additive", "multiplicative", "balanced", "conditional")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeInput:
    """Checked arrays; the leading axis of all but `flows` is one or the number of draws.

    Attributes
    ----------
    flows : ndarray, shape (goods, n, n), money/yr
    cost_hat : ndarray, shape (1 or draws, goods, n, n)
    theta : ndarray, shape (1 or draws, goods)
    transfers : ndarray, shape (1 or draws, n), money/yr
    draws : int
    batch : bool
        Whether results have an axis of draws.
    has_goods : bool
        Whether flows had an axis of goods.
    """

    flows: Floats
    cost_hat: Floats
    theta: Floats
    transfers: Floats
    draws: int
    batch: bool
    has_goods: bool


def _array(name: str, value: npt.ArrayLike) -> Floats:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{name}: an array of numbers is needed ({error})"
        raise DataError(msg) from error


def _plain(array: Floats) -> Floats:
    """Return an array of the one kind (contiguous, writeable) for which the kernels are compiled, copied if it is another."""
    return np.require(array, np.float64, ["C", "W", "A"])


def _first(bad: npt.NDArray[np.bool_]) -> str:
    """Say where the first few are and how many there are."""
    where = [tuple(int(k) for k in place) for place in np.argwhere(bad)[:3]]
    count = int(bad.sum())
    return f"at {', '.join(map(str, where))}" + (f" and {count - 3} more" if count > 3 else "")


def check_flows(flows: npt.ArrayLike) -> tuple[Floats, bool]:
    """Return flows as (goods, n, n) and whether they had goods.

    Raises
    ------
    DataError
        Wrong shape; a flow that is negative, infinite or not a number; a country that sells nothing or buys nothing.
    """
    array = _array("flows", flows)
    has_goods = array.ndim == 3
    if array.ndim not in (2, 3) or array.shape[-1] != array.shape[-2] or array.size == 0:
        msg = f"flows: shape (n, n) or (goods, n, n), exporter by importer, is needed; got {array.shape}"
        raise DataError(msg)
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        msg = (
            f"flows {_first(bad)}: finite numbers at least zero are needed, the first is {array[bad][0]}; a negative "
            "domestic sale comes from re-exports: take them out of exports, or leave the country out"
        )
        raise DataError(msg)
    cube = array if has_goods else array[None]
    for what, axis in (("sells", 2), ("buys", 1)):
        empty = np.flatnonzero(cube.sum(axis=(0, axis)) == 0)
        if empty.size:
            msg = (
                f"flows: country {', '.join(map(str, empty[:5]))} {what} nothing, not even at home, so it has no "
                f"{'income' if what == 'sells' else 'expenditure'} whose change could be found; add domestic sales or leave it "
                "out"
            )
            raise DataError(msg)
    return cube, has_goods


def check_elasticity(elasticity: npt.ArrayLike, n_goods: int) -> tuple[Floats, bool]:
    """Return elasticities as (1 or draws, goods) and whether they have an axis of draws."""
    array = _array("elasticity", elasticity)
    if array.ndim > 2 or (array.ndim > 0 and array.shape[-1] not in (1, n_goods)) or array.size == 0:
        msg = (
            f"elasticity: one number, ({n_goods},) for the goods or (draws, {n_goods}) is needed; got {array.shape}; "
            "elasticities by draw need both axes"
        )
        raise DataError(msg)
    bad = ~(np.isfinite(array) & (array > 0))
    if bad.any():
        msg = (
            f"elasticity: positive, finite numbers are needed (the trade elasticity theta, substitution less one), "
            f"got {array[bad].flat[0]}"
        )
        raise DataError(msg)
    rows = array if array.ndim == 2 else np.atleast_1d(array)[None]
    wide = np.broadcast_to(rows, (rows.shape[0], n_goods))
    return wide, array.ndim == 2


def _cost_hat(value: npt.ArrayLike, flows: Floats, has_goods: bool) -> tuple[Floats, bool]:
    n_goods, n = flows.shape[:2]
    array = _array("cost_hat", value)
    batch = array.ndim == 4 or (array.ndim == 3 and not has_goods)
    if array.ndim in (0, 2):
        wide = array[None, None] if array.ndim == 2 else array
    elif array.ndim == 3:
        wide = array[None] if has_goods else array[:, None]
    else:
        wide = array
    count = array.shape[0] if batch else 1
    try:
        wide = np.broadcast_to(wide, (count, n_goods, n, n))
    except ValueError as error:
        msg = (
            f"cost_hat: shape {(n_goods, n, n) if has_goods else (n, n)}, with a leading axis of draws if there are "
            f"several ({('draws', n_goods, n, n) if has_goods else ('draws', n, n)}), is needed; got {array.shape}"
        )
        raise DataError(msg) from error
    if count == 0:
        msg = "cost_hat has no draws"
        raise DataError(msg)
    bad = (flows > 0) & ~(wide > 0)
    if bad.any():
        msg = (
            f"cost_hat {_first(bad)} (draw, good, exporter, importer): positive numbers are needed where there is "
            f"trade (inf is a ban, 1 is no change), the first is {wide[bad][0]}"
        )
        raise DataError(msg)
    return wide, batch


def _transfers(value: npt.ArrayLike | None, n: int) -> tuple[Floats, bool]:
    if value is None:
        return np.zeros((1, n)), False
    array = _array("transfers", value)
    if array.ndim not in (1, 2) or array.shape[-1] != n or array.size == 0 or not np.isfinite(array).all():
        msg = f"transfers: finite numbers of shape ({n},) or (draws, {n}), in the units of flows, are needed; got {array.shape}"
        raise DataError(msg)
    return (array if array.ndim == 2 else array[None]), array.ndim == 2


def read_input(
    flows: npt.ArrayLike,
    cost_hat: npt.ArrayLike,
    elasticity: npt.ArrayLike,
    transfers: npt.ArrayLike | None,
    closure: str,
    upper_elasticity: float,
    tolerance: float,
    max_iterations: int,
) -> TradeInput:
    """Check all arguments of `hat_algebra`, and bring arrays to their full shapes."""
    if closure not in CLOSURES:
        msg = f"closure is {closure!r}; known are {', '.join(map(repr, CLOSURES))}"
        raise UsageError(msg)
    if not 0 < upper_elasticity < np.inf:
        msg = f"upper_elasticity must be positive and finite (1 is Cobb-Douglas), got {upper_elasticity}"
        raise UsageError(msg)
    if not 0 < tolerance < 1 or max_iterations < 1:
        msg = (
            f"tolerance must lie between 0 and 1 and max_iterations be at least 1, got {tolerance} and {max_iterations}"
        )
        raise UsageError(msg)
    cube, has_goods = check_flows(flows)
    theta, by_theta = check_elasticity(elasticity, cube.shape[0])
    costs, by_cost = _cost_hat(cost_hat, cube, has_goods)
    gifts, by_gift = _transfers(transfers, cube.shape[1])
    sizes = {"cost_hat": costs.shape[0], "elasticity": theta.shape[0], "transfers": gifts.shape[0]}
    draws = max(sizes.values())
    if any(size not in (1, draws) for size in sizes.values()):
        msg = f"the arguments disagree on the number of draws: {sizes}"
        raise DataError(msg)
    return TradeInput(
        flows=_plain(cube),
        cost_hat=_plain(costs),
        theta=_plain(theta),
        transfers=_plain(gifts),
        draws=draws,
        batch=by_theta or by_cost or by_gift,
        has_goods=has_goods,
    )


def explain(flows: Floats, cost_hat: Floats, closure: str, upper_elasticity: float) -> str:
    """Say why one draw can have no equilibrium: flows and costs are (goods, n, n)."""
    from scipy.sparse.csgraph import connected_components

    live = (flows > 0) & np.isfinite(cost_hat)
    for what, axis in (("sell", 2), ("buy", 1)):
        lost = np.flatnonzero(~live.any(axis=(0, axis)))
        if lost.size:
            return f"country {lost[0]} has nobody left to {what} {'to' if what == 'sell' else 'from'}, not even itself"
    lost_goods = np.argwhere((flows.sum(axis=1) > 0) & ~live.any(axis=1))
    if lost_goods.size and upper_elasticity <= 1.0:
        good, importer = (int(k) for k in lost_goods[0])
        return (
            f"country {importer} has nobody left to buy good {good} from, and cannot do without it while goods are no "
            "close substitutes (upper_elasticity above 1 lets it)"
        )
    either = np.asarray(live.any(axis=0))
    count, label = connected_components(either, connection="weak")
    balance = flows.sum(axis=(0, 1)) - flows.sum(axis=(0, 2))
    if count > 1 and closure in ("additive", "conditional"):
        for group in range(count):
            if abs(balance[label == group].sum()) > 1e-9 * flows.sum(axis=(0, 2))[label == group].sum():
                names = np.flatnonzero(label == group)
                return (
                    f"countries {names[:5].tolist()} trade with nobody else any more, and nobody is left to finance "
                    f"their deficit of {balance[names].sum():.6g}; purge deficits first, or use closure='balanced'"
                )
    if closure == "balanced" and connected_components(either, connection="strong")[0] > count:
        return "some country would only sell or only buy, which balanced trade does not allow"
    return "the expenditure of some country would fall to zero, or its wage leave for zero or infinity"
