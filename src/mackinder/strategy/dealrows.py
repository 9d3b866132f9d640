"""Rows of the run folder for deals: values, consent, obstruction, payments and base rates (C100 to C104)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta

from mackinder.indicators.measure import RESULT_COLUMNS
from mackinder.strategy.consent import interval
from mackinder.strategy.dealsanswer import DealsAnswer

__all__ = ["deal_rows"]


def deal_rows(answer: DealsAnswer, year: int) -> pd.DataFrame:
    """Return one row a number with the columns of a run's results; ``asset`` is the arrangement.

    Parameters
    ----------
    answer : DealsAnswer
        As `deals_answer` returns it.
    year : int
        Horizon year that the economics are of.
    """
    rows: list[dict[str, object]] = []

    def add(indicator: str, unit: str, span: tuple[float, float, float], draws: int, **key: object) -> None:
        value, low, high = span
        blank = dict.fromkeys(("scenario", "variant", "actor", "target", "goods", "asset"), "")
        rows.append(
            blank | {"indicator": indicator, "year": year, "unit": unit, "value": value, "low": low, "high": high,
                     "draws": draws} | key
        )  # fmt: skip

    valuation, document = answer.valuation, answer.document
    for a, name in enumerate(valuation.arrangements):
        scenario = document.get(name).scenario
        for i, actor in enumerate(valuation.actors):
            where = {"scenario": scenario, "asset": name, "actor": actor}
            parts = {
                "economics": valuation.economics_percent, "security": valuation.security, "status": valuation.status,
                "total": valuation.total,
            }  # fmt: skip
            for part, values in parts.items():
                add("deal_value", "%", interval(values[:, a, i]), answer.draws, variant=part, **where)
            add("deal_leverage", "USD m/yr", interval(valuation.leverage[:, a, i]), answer.draws, **where)
    base = answer.base

    def share(values: NDArray[np.bool_]) -> tuple[float, float, float]:
        yes, n = int(values.sum()), len(values)
        low = float(beta.ppf(0.05, yes, n - yes + 1)) if yes else 0.0
        high = float(beta.ppf(0.95, yes + 1, n - yes)) if yes < n else 1.0
        return yes / n, low, high

    for part, matrix in answer.consent.items():
        for name, found in matrix.items():
            where = {"scenario": document.get(name).scenario, "asset": name}
            for what, held in (("agreed", found.agreed), ("stable", found.stable)):
                add("deal_chance", "1", share(held), answer.draws, variant=f"{what}-{part}", **where)
            for actor, gains in found.accepts.items():
                add("deal_consent", "1", share(gains), answer.draws, variant=part, actor=actor, **where)
            for actor, blocked in found.blocks.items():
                add("deal_obstruction", "1", share(blocked), answer.draws, variant=part, actor=actor, **where)
                if part == "both":
                    cost = interval(found.block_cost[actor])
                    add("deal_obstruction_cost", "USD m/yr", cost, answer.draws, actor=actor, **where)
            if part == "both":
                for actor, values in found.payment.items():
                    add("deal_payment", "USD m/yr", interval(values), answer.draws, actor=actor, **where)
    for rate_id, rate in base.items():
        add("deal_base_rate", "1", (rate.middle, rate.low, rate.high), rate.cases, variant=rate_id)
    for bargain in answer.bargains:
        for name, part_of in bargain.nearest.items():
            near = np.arange(answer.draws) < round(part_of * answer.draws)
            add("deal_bargain", "1", share(near), answer.draws, variant=bargain.mapping, asset=name)
    frame = pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    return frame.sort_values(list(RESULT_COLUMNS[:9]), ignore_index=True)
