"""Factors: thousands of inputs in named blocks, so that a Sobol or Morris design can tell them apart (convention C135).

An input is addressed by the id under which it is drawn: ``goods/containers/route_dispersion_t_per_usd``, ``trade/rus-arm``,
``common/RUS/rail/cost``. A factor is a block of inputs, named by shell patterns; each input belongs to the first factor
that names it, and what no factor names is the factor ``rest``.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Sequence

from mackinder.errors import UsageError, did_you_mean

__all__ = ["BLOCKS", "REST", "Factor", "assign_factors", "block_of", "default_factors"]

REST = "rest"
#: blocks of inputs, in order of the first match: name and pattern of the input id
BLOCKS = (
    ("costs in common", r"common/.*/cost"),
    ("times in common", r"common/.*/time"),
    ("capacities in common", r"common/.*/capacity"),
    ("choice of route", r"goods/.*/route_dispersion_t_per_usd"),
    ("value of time", r"goods/.*/value_of_time.*|settings/reliability_ratio"),
    ("trade elasticity", r"goods/.*/trade_elasticity"),
    ("prices of goods", r"goods/.*/value_usd_per_t"),
    ("cost factors of modes", r"goods/.*_cost_factor"),
    ("growth", r"settings/demand_growth_per_year|zones/.*/gdp_growth_per_year"),
    ("size of economies", r"settings/(gross_output_ratio|goods_output_share)"),
    ("trade observed", r"trade/.*"),
    ("what trade is made of", r"goods_shares/.*"),
    ("where trade is made", r"zones/.*/trade_share|zone_shares/.*"),
    ("charges", r"charges/.*"),
    ("restrictions", r"restrictions/.*"),
    ("fits", r"fits/.*"),
    ("projects", r"projects/.*"),
    ("costs, asset by asset", r".*/cost"),
    ("times, asset by asset", r".*/time"),
    ("capacities, asset by asset", r".*/capacity"),
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A block of inputs that a design moves together.

    Attributes
    ----------
    name : str
    inputs : tuple of str
        Input ids, in the order in which they are drawn.
    """

    name: str
    inputs: tuple[str, ...]


def block_of(key: str) -> str:
    """Return the block of an input.

    Examples
    --------
    >>> block_of("trade/rus-arm")
    'trade observed'
    """
    for name, pattern in BLOCKS:
        if re.fullmatch(pattern, key):
            return name
    return REST


def default_factors(inputs: Sequence[str]) -> tuple[Factor, ...]:
    """Return the blocks that have inputs, in the order of `BLOCKS`.

    Examples
    --------
    >>> [factor.name for factor in default_factors(["trade/a-b", "x/cost", "trade/b-a"])]
    ['trade observed', 'costs, asset by asset']
    """
    members: dict[str, list[str]] = {}
    for key in inputs:
        members.setdefault(block_of(key), []).append(key)
    order = [*(name for name, _ in BLOCKS), REST]
    return tuple(Factor(name=name, inputs=tuple(members[name])) for name in order if name in members)


def assign_factors(inputs: Sequence[str], named: Sequence[str]) -> tuple[Factor, ...]:
    """Split inputs into factors: those named by patterns, each a factor of its own, then the blocks of what is left.

    Parameters
    ----------
    inputs : sequence of str
        All input ids.
    named : sequence of str
        ``pattern`` or ``name=pattern``; patterns as in a shell (``goods/*/value_of_time*``).

    Raises
    ------
    UsageError
        If a pattern names no input that is left.

    Examples
    --------
    >>> [f.name for f in assign_factors(["trade/a-b", "trade/b-a"], ["first=trade/a-*"])]
    ['first', 'trade observed']
    """
    left, found = list(inputs), []
    for item in named:
        name, _, pattern = item.rpartition("=")
        mine = [key for key in left if fnmatch.fnmatchcase(key, pattern)]
        if not mine:
            msg = f"--factor {item}: " + did_you_mean(pattern, left, what="input")
            raise UsageError(msg)
        found.append(Factor(name=name or pattern, inputs=tuple(mine)))
        left = [key for key in left if key not in set(mine)]
    factors = (*found, *default_factors(left))
    names = [factor.name for factor in factors]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        msg = f"two factors are called {', '.join(double)}: give each --factor a name of its own"
        raise UsageError(msg)
    return factors
