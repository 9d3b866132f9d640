"""Comparative claims about leverage: in how many draws they hold, and what would have to be true for them to fail."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from mackinder.indicators.leverrank import LeverAnswer

__all__ = ["LeverClaim", "larger_leverage", "main_levers"]

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LeverClaim:
    """A claim, the share of draws in which it holds, and what would make it fail."""

    claim: str
    share: float
    fails_if: str


def larger_leverage(answer: LeverAnswer, sender: str, first: str, second: str) -> tuple[LeverClaim, ...]:
    """Test that a sender's leverage is larger on one target than on another, in product and in dollars.

    Freight is all harms at once in full; off freight it is the largest lever valued by formula, since those overlap.

    Parameters
    ----------
    answer : LeverAnswer
        Of both pairs, in one scenario.
    sender, first, second : str
        The claim is that the sender can do more to `first`.
    """
    run = next(r for r in ("short", "at_once", "long") if r in answer.runs)
    sizes: dict[str, dict[str, Floats]] = {"in freight": {}, "off freight": {}}
    gdp: dict[str, Floats] = {}
    for target in (first, second):
        pack = [t for t in answer.together if t.senders == (sender,) and t.target == target]
        mine = [r.effect for r in answer.ranked if (r.effect.lever.sender, r.effect.lever.target) == (sender, target)]
        if mine:
            gdp[target] = mine[0].gdp
        if pack:
            sizes["in freight"][target] = pack[0].worth[run]
        off = [e.worth[run] for e in mine if e.how == "formula" and e.lever.harms]
        if off:
            sizes["off freight"][target] = np.max(off, axis=0)
    out = []
    for what, found in sizes.items():
        if set(found) != {first, second}:
            continue
        for unit, scale in (("of product", gdp), ("in dollars", {t: np.ones(answer.draws) for t in found})):
            a, b = (found[t] / scale[t] for t in (first, second))
            with np.errstate(divide="ignore", invalid="ignore"):
                factor = float(np.nanmedian(a / b))
            change = (
                f"what {second} loses were {factor:.2g} times as large"
                if factor >= 1
                else "it does at central values: it fails"
            )
            known = np.isfinite(a) & np.isfinite(b)
            out.append(
                LeverClaim(
                    claim=f"{sender} can do more to {first} than to {second} {what}, {unit}",
                    share=float((a > b)[known].mean()) if known.any() else np.nan,
                    fails_if=change,
                )
            )  # fmt: skip
    return tuple(out)


def main_levers(answer: LeverAnswer, sender: str, target: str, *, count: int = 3) -> LeverClaim | None:
    """Name the harms with the largest first year, and say how sure it is that these are the largest.

    ``share`` is the share of draws in which the same levers come first, in any order. None without that many.
    """
    mine = [
        r for r in answer.ranked
        if r.first_year is not None and r.effect.lever.harms
        and (r.effect.lever.sender, r.effect.lever.target) == (sender, target)
    ]  # fmt: skip
    if len(mine) <= count:
        return None
    sizes = np.stack([r.first_year for r in mine if r.first_year is not None], axis=1)
    top = set(np.argsort(-np.nanmedian(sizes, axis=0), kind="stable")[:count].tolist())
    same = [set(np.argsort(-row, kind="stable")[:count].tolist()) == top for row in sizes]
    ids = sorted(top, key=lambda i: -float(np.nanmedian(sizes[:, i])))
    middle = np.nanmedian(sizes, axis=0)
    last, runner = float(middle[ids[-1]]), max(float(middle[i]) for i in range(len(mine)) if i not in top)
    return LeverClaim(
        claim=f"the main levers of {sender} on {target} are {', '.join(mine[i].effect.lever.lever_id for i in ids)}",
        share=float(np.mean(same)),
        fails_if=f"the next one were {last / runner:.2g} times as large" if runner > 0 else "another had a size at all",
    )
