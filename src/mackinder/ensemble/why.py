"""Why a number is what it is, and so uncertain: which inputs decide it, from the draws of a run (convention C140).

The seed and the ids of the inputs give every draw of each again. Inputs are taken up one after the other while the best of
those left explains more than chance would let the best of so many explain (5 % for all together).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from mackinder.archive import Run
from mackinder.draws import Cluster, Design, keyed_generator
from mackinder.ensemble.conditions import find_conditions
from mackinder.ensemble.designs import MorrisPlan, build_plan
from mackinder.ensemble.factors import Factor, block_of
from mackinder.ensemble.sensitivity import convergence, morris_effects, sobol_indices, tornado
from mackinder.errors import UsageError, did_you_mean

__all__ = ["Decisive", "Why", "decisive_inputs", "design_of", "explain", "find_number", "read_futures"]

Floats = NDArray[np.float64]
#: draws that are looked at; more tell no more inputs apart that matter
_LOOKED_AT = 4096
_MOST = 12
_RESAMPLES = 200
#: values of a key that a message names
_NAMED = 12


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What decides one number.

    Attributes
    ----------
    key : dict
        Key of the number, with value, low, high and draws.
    inputs : DataFrame
        input, block, share, share_low, share_high (of the variance, first order; 90 %), direction (1, -1), low, high
        (median where the input is in its lowest and highest fifth).
    blocks : DataFrame
        block, share, share_low, share_high; for a Sobol design also total, total_low, total_high.
    switches : DataFrame
        switch, share.
    explained : float
        Share of the variance that these inputs explain together.
    least : float
        Share below which an input cannot be told from chance with so many draws.
    effects : DataFrame
        Of a Morris design: see `morris_effects`; empty for others.
    conditions : dict or None
        Box of inputs in which the number is high (its upper quarter): see `explain`.
    convergence : DataFrame
        See `mackinder.ensemble.sensitivity.convergence`.
    """

    key: Mapping[str, Any]
    inputs: pd.DataFrame
    blocks: pd.DataFrame
    switches: pd.DataFrame
    explained: float
    least: float
    effects: pd.DataFrame
    conditions: Mapping[str, Any] | None
    convergence: pd.DataFrame


def find_number(run: Run, indicator: str, **key: str | int | None) -> int:
    """Return the row of the number that an indicator and parts of its key name.

    Parameters
    ----------
    run : Run
    indicator : str
    **key : str or int, optional
        Columns of the key; None: not asked for. Empty dimensions come first, the horizon year before others.

    Raises
    ------
    UsageError
        If no number, or more than one, has this key.
    """
    rows = run.results
    mine = rows[rows["indicator"] == indicator]
    if mine.empty:
        raise UsageError(did_you_mean(indicator, rows["indicator"].unique(), what="indicator"))
    for column, value in key.items():
        if value is None:
            continue
        there = mine[mine[column] == value]
        if there.empty:
            raise UsageError(did_you_mean(str(value), mine[column].astype(str).unique(), what=column))
        mine = there
    defaults = {
        "year": run.manifest["horizon_year"],
        "variant": "",
        "goods": "",
        "actor": "",
        "target": "",
        "asset": "",
    }
    for column, value in defaults.items():
        if len(mine) > 1 and key.get(column) is None and (mine[column] == value).any():
            mine = mine[mine[column] == value]
    if len(mine) > 1:
        open_ = [
            c for c in ("scenario", "variant", "actor", "target", "asset", "goods", "year") if mine[c].nunique() > 1
        ]
        some = "; ".join(f"--{c} {_some(sorted(mine[c].unique()))}" for c in open_)
        msg = f"{len(mine)} numbers of {indicator} fit: say which by {some}"
        raise UsageError(msg)
    return int(mine.index[0])


def _some(values: Sequence[object]) -> str:
    shown = ", ".join(str(value) or "'' (all)" for value in values[:_NAMED])
    return shown if len(values) <= _NAMED else f"{shown} and {len(values) - _NAMED} more"


def design_of(run: Run) -> Design:
    """Return the design that drew a run or sweep."""
    m = run.manifest
    about = m.get("sweep", {"design": "lhs", "base": m["draws"], "factors": [], "clusters": []})
    factors = tuple(Factor(name=f["name"], inputs=tuple(f["inputs"])) for f in about["factors"])
    clusters = tuple(
        Cluster(keys=tuple(c["keys"]), lower=tuple(tuple(row) for row in c["lower"])) for c in about["clusters"]
    )
    return Design(
        seed=m["seed"], draws=m["draws"], common_share=m["common_share"], clusters=clusters,
        plan=build_plan(about["design"], m["seed"], about["base"], factors),
    )  # fmt: skip


def explain(
    run: Run,
    row: int,
    *,
    futures: pd.DataFrame | None = None,
    above: float | None = None,
    below: float | None = None,
) -> Why:
    """Say what decides a number.

    Parameters
    ----------
    run : Run
    row : int
        Row of ``run.results``: see `find_number`.
    futures : DataFrame, optional
        ``futures.parquet`` of a sweep, for its switches.
    above, below : float, optional
        Which outcome the conditions are of: the number above one, below the other, or both; its upper quarter if neither.

    Returns
    -------
    Why
        ``conditions``: ``above``, ``below``, ``often`` (share of draws with that outcome), ``limits`` (input, from and to in per
        cent of the input's probability, quasi_p on the other half of the draws, found: share of halves in which it is limited),
        ``coverage``, ``density``, ``mass`` on the other half. None if no input is decisive or draws are fewer than 100.

    Raises
    ------
    UsageError
        If the run does not name its inputs (it was made by an older version), too few draws have a value, or an outcome is
        asked for that every draw has, or none.
    """
    inputs = list(run.manifest.get("inputs", ()))
    if not inputs:
        msg = f"{run.folder or 'the run'} does not name its inputs (an older version made it): run it again"
        raise UsageError(msg)
    about = run.manifest.get("sweep", {"design": "lhs", "factors": []})
    values = run.draws[:, row].astype(np.float64)
    fine = np.flatnonzero(np.isfinite(values))
    if len(fine) < 20:
        msg = f"{len(fine)} draws have a value, and at least 20 are needed: run with more --draws"
        raise UsageError(msg)
    used = fine[fine < _LOOKED_AT]
    design = design_of(run).window(0, min(len(values), _LOOKED_AT))
    scores = np.stack([design.normal(key) for key in inputs], axis=1)[used]
    y = values[used]
    names = [f["name"] for f in about["factors"]]
    effects = _NO_EFFECTS
    blocks: pd.DataFrame | None = None
    if about["design"] == "sobol":
        blocks = sobol_indices(values, names, seed=design.seed).rename(columns={"factor": "block"})
    if about["design"] == "morris" and isinstance(design.plan, MorrisPlan):
        effects = morris_effects(design.plan.levels(), values, names, seed=design.seed)
    ranks = stats.norm.ppf(
        (stats.rankdata(y) - 0.5) / len(y)
    )  # long tails would make inputs seem decisive that are not
    found = decisive_inputs(ranks, scores, inputs, seed=design.seed)
    swing = tornado(y, scores[:, found.columns], found.names).set_index("input")
    table = found.table.assign(**{end: found.table["input"].map(swing[end].to_dict()) for end in ("low", "high")})
    return Why(
        key={str(k): v for k, v in run.results.loc[row].to_dict().items()},
        inputs=table,
        blocks=_block_shares(table) if blocks is None else blocks,
        switches=_switch_shares(values, futures, list(about.get("switches", [{}])[0])),
        explained=found.explained,
        least=found.least,
        effects=effects,
        conditions=find_conditions(y, scores[:, found.columns], found.names, design.seed, above, below),
        convergence=convergence(values),
    )


_NO_EFFECTS = pd.DataFrame(columns=["factor", "effect", "effect_low", "effect_high", "spread"])


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Decisive:
    """Inputs taken up: ``names``, their ``columns``, ``table`` of shares, ``explained`` and ``least`` as in `Why`."""

    names: tuple[str, ...]
    columns: NDArray[np.int64]
    table: pd.DataFrame
    explained: float
    least: float


def decisive_inputs(y: Floats, scores: Floats, names: Sequence[str], *, seed: int = 0) -> Decisive:
    """Return the inputs that explain a number beyond chance, each by a slope and a bend in its normal score.

    Parameters
    ----------
    y : ndarray, shape (K,)
    scores : ndarray, shape (K, p)
        Normal scores, one column an input.
    names : sequence of str
    seed : int
        Of the bootstrap of the shares.

    Examples
    --------
    >>> z = np.random.default_rng(0).normal(size=(300, 40))
    >>> decisive_inputs(3 * z[:, 7] + z[:, 1] ** 2, z, [f"x{i}" for i in range(40)]).names
    ('x7', 'x1')
    """
    k, p = scores.shape
    least = _by_chance(k, p, 0)
    if np.ptp(y) == 0:
        return _taken(y, scores, [], names, least, seed)
    line = _standard(scores)
    bend = _standard(scores**2)
    bend = _standard(bend - line * (line * bend).mean(axis=0))  # what it says beside the line
    left = _standard(y[:, None])[:, 0]
    total, chosen = left @ left, list[int]()
    while len(chosen) < min(_MOST, k // 10):
        norm = left @ left
        gain = ((line.T @ left) ** 2 + (bend.T @ left) ** 2) / k
        gain[chosen] = 0.0
        best = int(np.argmax(gain))
        if gain[best] / norm < _by_chance(k, p, len(chosen)) or norm < 1e-9 * total:
            break
        chosen.append(best)
        left = _rest(y, _terms(scores, chosen))
    return _taken(y, scores, chosen, names, least, seed)


def _by_chance(k: int, p: int, taken: int) -> float:
    """Share that the best of p inputs without any effect explains in one case of twenty, with ``taken`` of them in the fit.

    The share that two regressors explain by chance has a beta distribution with 1 and half the remaining degrees of freedom.
    """
    free = max(k - 3 - 2 * taken, 1)
    return float(1.0 - (0.05 / max(p, 1)) ** (2.0 / free))


def _standard(x: Floats) -> Floats:
    spread = x.std(axis=0)
    return np.asarray((x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def _terms(scores: Floats, chosen: Sequence[int]) -> Floats:
    z = scores[:, list(chosen)]
    return np.hstack([np.ones((len(z), 1)), z, z**2 - 1.0])


def _rest(y: Floats, terms: Floats) -> Floats:
    fit = np.linalg.lstsq(terms, y, rcond=None)[0]
    return np.asarray((y - terms @ fit) / (y.std() or 1.0))


def _taken(y: Floats, scores: Floats, chosen: list[int], names: Sequence[str], least: float, seed: int) -> Decisive:
    n, k = len(chosen), len(y)
    terms = _terms(scores, chosen)
    shares, slopes, explained = _shares(y, terms, n)
    generator = keyed_generator(seed, "why/bootstrap")
    again = []
    for _ in range(_RESAMPLES if n else 0):
        pick = generator.integers(k, size=k)
        again.append(_shares(y[pick], terms[pick], n)[0])
    low, high = np.quantile(again, [0.05, 0.95], axis=0) if again else (shares, shares)
    table = pd.DataFrame({
        "input": np.array([names[i] for i in chosen], dtype=object), "block": [block_of(names[i]) for i in chosen],
        "share": shares, "share_low": low, "share_high": high, "direction": np.sign(slopes).astype(int),
    })  # fmt: skip
    table = table.sort_values("share", ascending=False, kind="stable", ignore_index=True)
    order = [list(names).index(name) for name in table["input"]]
    return Decisive(
        names=tuple(table["input"]),
        columns=np.array(order, dtype=np.int64),
        table=table,
        explained=explained,
        least=least,
    )


def _shares(y: Floats, terms: Floats, n: int) -> tuple[Floats, Floats, float]:
    """First-order shares of variance, less what chance adds; slopes; share explained by all."""
    spread = y.var()
    if n == 0 or spread == 0:
        return np.zeros(n), np.zeros(n), 0.0
    fit = np.linalg.lstsq(terms, y, rcond=None)[0]
    noise = (y - terms @ fit).var()
    slope, bend = fit[1 : n + 1], fit[n + 1 :]
    parts = terms[:, 1 : n + 1] * slope + terms[:, n + 1 :] * bend
    shares = np.maximum(parts.var(axis=0) - 2.0 * noise / len(y), 0.0) / spread
    return (
        np.asarray(shares),
        np.asarray(slope),
        float(max(0.0, 1.0 - noise / spread * (len(y) - 1) / max(len(y) - 2 * n - 1, 1))),
    )


def _block_shares(inputs: pd.DataFrame) -> pd.DataFrame:
    columns = ["share", "share_low", "share_high"]
    if inputs.empty:
        return pd.DataFrame(columns=["block", *columns])
    found = inputs.groupby("block", as_index=False)[columns].sum()
    return found.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def _switch_shares(values: Floats, futures: pd.DataFrame | None, names: Sequence[str]) -> pd.DataFrame:
    """Share of the variance between the options of each switch, less what chance adds."""
    rows = []
    fine = np.isfinite(values)
    for name in names if futures is not None else ():
        assert futures is not None
        y, option = values[fine], futures[name].to_numpy()[fine]
        frame = pd.DataFrame({"y": y, "option": option})
        within = frame["y"] - frame.groupby("option")["y"].transform("mean")
        n, groups = len(y), frame["option"].nunique()
        share = 1.0 - float((within**2).sum() / max(n - groups, 1) / max(y.var(ddof=1), 1e-300)) if groups > 1 else 0.0
        rows.append({"switch": name, "share": max(share, 0.0)})
    return pd.DataFrame(rows, columns=["switch", "share"])


def read_futures(run: Run) -> pd.DataFrame | None:
    """Return ``futures.parquet`` of a sweep; None for a run."""
    path = None if run.folder is None else run.folder / "futures.parquet"
    return None if path is None or not path.exists() else pd.read_parquet(path)
