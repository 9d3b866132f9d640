"""Follow a branch of solutions from a known point: predictor along the tangent, corrector across it.

The branch is a curve in (x, precision). Its arc length is the parameter, so that the curve may turn back in precision.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mackinder.errors import NotConvergedError

__all__ = ["Branch", "follow"]

Floats = NDArray[np.float64]
#: residual and Jacobian, shape (m,) and (m, m + 1), at (x, precision), shape (m + 1,)
System = Callable[[Floats], tuple[Floats, Floats]]
_SOLVED, _LONGEST, _SHORTEST = 1e-12, 5.0, 1e-10


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Points along a branch.

    Attributes
    ----------
    path : ndarray, shape (steps, m + 1)
        Points in order of arc length; the last column is precision.
    found : ndarray, shape (targets, m)
        First point of the branch at each target precision.
    turns : int
        How often the branch turned back in precision on its way to the last target.
    """

    path: Floats
    found: Floats
    turns: int


def _tangent(jacobian: Floats, before: Floats) -> Floats:
    """Unit vector of the null space, on the side of the last step."""
    basis = np.linalg.qr(jacobian.T, mode="complete")[0]
    ahead: Floats = basis[:, -1]
    return ahead if ahead @ before >= 0 else -ahead


def _correct(system: System, point: Floats, normal: Floats, level: float) -> tuple[Floats, int]:
    """Newton on the system and ``normal @ point = level``; return the point and iterations, 0 if it failed."""
    point = point.copy()
    for iteration in range(1, 12):
        residual, jacobian = system(point)
        if not np.isfinite(residual).all():
            return point, 0
        gap = np.append(residual, normal @ point - level)
        if np.abs(gap).max() <= _SOLVED * max(1.0, np.abs(point[:-1]).max()):
            return point, iteration
        try:
            point = point - np.linalg.solve(np.vstack([jacobian, normal]), gap)
        except np.linalg.LinAlgError:
            return point, 0
    return point, 0


def follow(system: System, start: Floats, targets: Sequence[float], *, most_steps: int = 20_000) -> Branch:
    """Follow the branch through ``start``, shape (m,), at precision 0, to each target in turn.

    Parameters
    ----------
    system : callable
        Residual and Jacobian at a point.
    start : ndarray, shape (m,)
        Solution at precision 0.
    targets : sequence of float
        Precisions, not negative, ascending.
    most_steps : int
        Give up after so many steps.

    Returns
    -------
    Branch

    Raises
    ------
    NotConvergedError
        A target was not reached.
    """
    axis = np.eye(len(start) + 1)[-1]
    point, ahead, step = np.append(start, 0.0), axis, 0.05
    path, found, turns = [point], [], 0
    waiting = list(targets)
    while waiting and waiting[0] <= 0.0:
        found.append(start)
        waiting.pop(0)
    for _ in range(most_steps):
        if not waiting:
            return Branch(path=np.array(path), found=np.array(found), turns=turns)
        residual_free = system(point)[1]
        direction = _tangent(residual_free, ahead)
        guess = point + step * direction
        moved, used = _correct(system, guess, direction, float(direction @ guess))
        far = np.linalg.norm(moved - guess) > 0.3 * step
        if not used or (far and step > 1e-3):
            step *= 0.5
            if step < _SHORTEST:
                break
            continue
        while waiting and min(point[-1], moved[-1]) <= waiting[0] <= max(point[-1], moved[-1]):
            share = (waiting[0] - point[-1]) / (moved[-1] - point[-1]) if moved[-1] != point[-1] else 1.0
            exact, solved = _correct(system, point + share * (moved - point), axis, waiting[0])
            if not solved:
                break
            found.append(exact[:-1])
            waiting.pop(0)
        else:
            turns += int((moved[-1] - point[-1]) * ahead[-1] < 0 and len(path) > 1)
            ahead, point = direction, moved
            path.append(point)
            step = min(step * (1.6 if used <= 3 else 1.0), _LONGEST)
            continue
        step *= 0.5
        if step < _SHORTEST:
            break
    msg = (
        f"the branch of quantal responses was followed to precision {point[-1]:.4g} in {len(path)} steps and did not "
        f"reach {waiting[0]:.4g}: ask for lower precision, or scale the payoffs"
    )
    raise NotConvergedError(msg)
