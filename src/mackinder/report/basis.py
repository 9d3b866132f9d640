"""What a case rests on: shares of cited, derived and estimated numbers, plain and by use, and the weakest inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from mackinder.case.schema import table_names, table_schema

if TYPE_CHECKING:
    from mackinder.case import Case

__all__ = ["BASES", "basis_by_table", "basis_by_use", "basis_shares", "estimated_trade", "used_links"]

#: kinds of evidence, the strongest first
BASES: Final = ("cited", "derived", "estimate")
Shares = Mapping[str, float]


def basis_shares(basis: pd.Series[str], weight: pd.Series[float] | None = None) -> dict[str, float]:
    """Return the share of each basis, by number of rows or by a weight; nan where nothing weighs.

    Examples
    --------
    >>> basis_shares(pd.Series(["cited", "estimate"]), pd.Series([3.0, 1.0]))
    {'cited': 0.75, 'derived': 0.0, 'estimate': 0.25}
    """
    each = pd.Series(1.0, index=basis.index) if weight is None else weight.fillna(0.0)
    total = float(each.sum())
    return {name: float(each[basis == name].sum()) / total if total > 0 else float("nan") for name in BASES}


def basis_by_table(case: Case) -> list[tuple[str, int, dict[str, float]]]:
    """Return table, number of rows and shares of rows by basis, for each table whose rows carry one."""
    named = [name for name in table_names() if table_schema(name).has("basis") and len(case.table(name))]
    return [(name, len(case.table(name)), basis_shares(case.table(name)["basis"])) for name in named]


def used_links(case: Case, flows: pd.DataFrame) -> pd.DataFrame:
    """Join the links of a case with their flow.

    Parameters
    ----------
    case : Case
    flows : DataFrame
        link, quantity_mt.

    Returns
    -------
    DataFrame
        The links table with ``quantity_mt`` (zero where nothing moves), ``tonne_km`` (million) and ``spread``, the wider of
        the ratios high to low of cost and time.
    """
    links = case.table("links").merge(flows[["link", "quantity_mt"]], left_on="link_id", right_on="link", how="left")
    quantity = links["quantity_mt"].fillna(0.0)
    ratios = [links[f"{q}_high"] / links[f"{q}_low"] for q in ("cost_usd_per_t", "time_h")]
    return links.assign(
        quantity_mt=quantity,
        tonne_km=quantity * links["length_km"],
        spread=np.maximum(*(ratio.to_numpy(float) for ratio in ratios)),
    )


def basis_by_use(case: Case, flows: pd.DataFrame, region: tuple[str, ...]) -> list[tuple[str, dict[str, float]]]:
    """Return what is measured and its shares by basis: how far the numbers that matter rest on evidence.

    Links weigh by the tonne-km they carry in the base year, trade by its value.

    Parameters
    ----------
    case : Case
    flows : DataFrame
        link, quantity_mt of the baseline in the base year.
    region : tuple of str
        Alpha-3 codes of the countries the case is about.
    """
    links, trade = used_links(case, flows), case.table("trade")
    core = links["tier"] == 1
    touches = trade["exporter"].isin(region) | trade["importer"].isin(region)
    freight = set(case.table("goods").loc[case.table("goods")["is_freight"].fillna(False).astype(bool), "goods_id"])
    named = touches & trade["goods"].isin(freight)
    value = trade["value_musd_mode"]
    shares = case.table("goods_shares")
    return [
        ("links of the core region, by tonne-km", basis_shares(links["basis"][core], links["tonne_km"][core])),
        ("all links, by tonne-km", basis_shares(links["basis"], links["tonne_km"])),
        ("all trade, totals of pairs, by value", _value(trade, value, trade["goods"] == "*")),
        (
            f"totals of pairs with {', '.join(region)}, by value",
            _value(trade, value, touches & (trade["goods"] == "*")),
        ),
        (f"flows of named goods with {', '.join(region)}, by value", _value(trade, value, named)),
        ("goods shares of exporters, by share", basis_shares(shares["basis"], shares["share_mode"])),
    ]


def _value(trade: pd.DataFrame, value: pd.Series[float], chosen: pd.Series[bool]) -> dict[str, float]:
    return basis_shares(trade["basis"][chosen], value[chosen])


def estimated_trade(case: Case, region: tuple[str, ...], most: int) -> pd.DataFrame:
    """Return the largest flows of trade with a region that are estimates and name freight goods or all goods."""
    trade, goods = case.table("trade"), case.table("goods")
    no_freight = set(goods.loc[~goods["is_freight"].fillna(False).astype(bool), "goods_id"])
    chosen = (trade["exporter"].isin(region) | trade["importer"].isin(region)) & (trade["basis"] == "estimate")
    chosen &= ~trade["goods"].isin(no_freight)
    return trade[chosen].sort_values(["value_musd_mode", "trade_id"], ascending=[False, True]).head(most)
