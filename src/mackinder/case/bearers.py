"""Who bears the cost of a project: ``ACTOR=share`` joined by ``;``, as in column ``bearers`` of projects.csv."""

from __future__ import annotations

import math
import re
from typing import Final

from mackinder.case.schema import ID_PATTERN
from mackinder.errors import CaseError

__all__ = ["bearer_shares"]

_PART: Final = re.compile(rf"({ID_PATTERN})=(\d+(?:\.\d+)?|\.\d+)")
_TOLERANCE: Final = 1e-6  # shares are written by hand, to some three digits


def bearer_shares(text: str) -> dict[str, float]:
    """Read who bears which share.

    Parameters
    ----------
    text : str
        Such as ``USA=0.74;ARM=0.26``.

    Returns
    -------
    dict of str to float
        Shares by actor, in the order of the text; they add up to one.

    Raises
    ------
    CaseError
        If the text is malformed, names an actor twice, or its shares do not add up to one.

    Examples
    --------
    >>> bearer_shares("ARM=0.26;USA=0.74")
    {'ARM': 0.26, 'USA': 0.74}
    """
    shares: dict[str, float] = {}
    for part in text.split(";"):
        found = _PART.fullmatch(part)
        if found is None:
            msg = f"bearers {text!r}: {part!r} is not ACTOR=share, such as USA=0.74"
            raise CaseError(msg)
        if found[1] in shares:
            msg = f"bearers {text!r}: {found[1]} comes twice; add its shares up"
            raise CaseError(msg)
        shares[found[1]] = float(found[2])
    total = math.fsum(shares.values())
    if abs(total - 1) > _TOLERANCE:
        msg = f"bearers {text!r}: the shares add up to {total:g}, not to one"
        raise CaseError(msg)
    return shares
