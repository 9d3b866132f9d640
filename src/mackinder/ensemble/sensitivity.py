"""Sensitivity: Sobol indices and Morris effects of designs made for them, by SALib; tornado; convergence with draws.

References
----------
Saltelli et al. (2010); Jansen (1999) for the total effects; Herman and Usher (2017), SALib,
Journal of Open Source Software 2, 97.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.draws import keyed_generator
from mackinder.errors import UsageError

__all__ = ["convergence", "morris_effects", "sobol_indices", "tornado"]

Floats = NDArray[np.float64]
_CONFIDENCE = 0.9


def sobol_indices(values: Floats, factors: Sequence[str], *, seed: int = 0, resamples: int = 200) -> pd.DataFrame:
    """Return first-order and total shares of the variance of a number, with 90 % bootstrap intervals (V12).

    Parameters
    ----------
    values : ndarray, shape (base * (n + 2),)
        The number in every run of a Sobol design, in order.
    factors : sequence of str
        The n factors of the design.
    seed, resamples : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        factor, share, share_low, share_high (first order), total, total_low, total_high.

    Raises
    ------
    UsageError
        If the number of values fits no design of these factors, or some have no value.
    """
    _complete(values, len(factors) + 2, "sobol")
    if np.ptp(values) == 0:
        zero = np.zeros(len(factors))
        return pd.DataFrame({"factor": list(factors)} | dict.fromkeys(_SOBOL, zero))
    sobol = _salib("sobol")
    found = sobol.analyze(
        {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)},
        values - values.mean(),  # estimators of small shares lose digits to a large mean
        calc_second_order=False,
        num_resamples=resamples,
        conf_level=_CONFIDENCE,
        seed=int(keyed_generator(seed, "sobol bootstrap").integers(2**31)),
    )
    s, sc, t, tc = (np.asarray(found[k], dtype=float) for k in ("S1", "S1_conf", "ST", "ST_conf"))
    columns = dict(zip(_SOBOL, (s, s - sc, s + sc, t, t - tc, t + tc), strict=True))
    return pd.DataFrame({"factor": list(factors)} | columns)


_SOBOL = ("share", "share_low", "share_high", "total", "total_low", "total_high")


def morris_effects(levels: Floats, values: Floats, factors: Sequence[str], *, seed: int = 0) -> pd.DataFrame:
    """Return Morris's screening effects: mean of absolute effects with a 90 % half-width, and their spread.

    Parameters
    ----------
    levels : ndarray, shape (base * (n + 1), n)
        Of `mackinder.ensemble.designs.MorrisPlan`.
    values : ndarray, shape (base * (n + 1),)
    factors : sequence of str

    Returns
    -------
    DataFrame
        factor, effect (mu star), effect_low, effect_high, spread (sigma), in units of the number.
    """
    _complete(values, len(factors) + 1, "morris")
    morris = _salib("morris")
    found = morris.analyze(
        {"num_vars": len(factors), "names": list(factors), "bounds": [[0.0, 1.0]] * len(factors)},
        levels,
        values,
        num_levels=4,
        conf_level=_CONFIDENCE,
        seed=int(keyed_generator(seed, "morris bootstrap").integers(2**31)),
    )
    effect, half = np.asarray(found["mu_star"], dtype=float), np.asarray(found["mu_star_conf"], dtype=float)
    return pd.DataFrame({
        "factor": list(factors), "effect": effect, "effect_low": np.maximum(effect - half, 0.0),
        "effect_high": effect + half, "spread": np.asarray(found["sigma"], dtype=float),
    })  # fmt: skip


def _salib(name: str) -> Any:
    """Import a module of SALib late: it brings matplotlib along."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(f"SALib.analyze.{name}")


def _complete(values: Floats, step: int, method: str) -> None:
    if len(values) % step or len(values) < 2 * step:
        msg = f"{len(values)} values are no {method} design of {step} runs a point: read a sweep made with --design {method}"
        raise UsageError(msg)
    if not np.isfinite(values).all():
        lost = int((~np.isfinite(values)).sum())
        msg = f"{lost} of {len(values)} runs have no value, and a {method} design needs all: choose a number that every draw has"
        raise UsageError(msg)


def tornado(values: Floats, scores: Floats, names: Sequence[str], *, part: float = 0.2) -> pd.DataFrame:
    """Return the median of a number where an input is low and where it is high, widest swing first.

    Parameters
    ----------
    values : ndarray, shape (K,)
    scores : ndarray, shape (K, n)
    names : sequence of str
        The n inputs.
    part : float
        Share of the draws that counts as low, and as high.

    Returns
    -------
    DataFrame
        input, low, high, swing.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> tornado(3 * x[:, 0], x, ["x"])["swing"].gt(4).tolist()
    [True]
    """
    fine = np.isfinite(values)
    y, z = values[fine], scores[fine]
    n = max(1, round(part * len(y)))
    rows = []
    for i, name in enumerate(names):
        order = np.argsort(z[:, i], kind="stable")
        low, high = float(np.median(y[order[:n]])), float(np.median(y[order[-n:]]))
        rows.append({"input": name, "low": low, "high": high, "swing": abs(high - low)})
    frame = pd.DataFrame(rows, columns=["input", "low", "high", "swing"])
    return frame.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def convergence(values: Floats) -> pd.DataFrame:
    """Return median and 90 % interval over the first draws, doubling: whether more draws would move the interval.

    Parameters
    ----------
    values : ndarray, shape (K,)

    Returns
    -------
    DataFrame
        draws, value, low, high, and ``error``: half the 90 % interval of the median itself, by order statistics.

    Examples
    --------
    >>> convergence(np.random.default_rng(0).normal(size=200))["draws"].tolist()
    [25, 50, 100, 200]
    """
    rows = []
    n = len(values)
    while n >= 10:
        part = np.sort(values[:n][np.isfinite(values[:n])])
        if len(part):
            half = 1.6448536269514722 * np.sqrt(len(part)) / 2
            at = np.clip([(len(part) - 1) / 2 - half, (len(part) - 1) / 2 + half], 0, len(part) - 1)
            low, high = np.interp(at, np.arange(len(part)), part)
            middle, bottom, top = np.quantile(part, [0.5, 0.05, 0.95])
            rows.append({"draws": n, "value": middle, "low": bottom, "high": top, "error": (high - low) / 2})
        n //= 2
    frame = pd.DataFrame(rows, columns=["draws", "value", "low", "high", "error"])
    return frame.iloc[::-1].drop_duplicates("draws").reset_index(drop=True).iloc[-4:].reset_index(drop=True)
