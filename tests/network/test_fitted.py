"""Factors of the table ``fits`` on prices (convention C88)."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.draws import Design
from mackinder.network.network import build_network
from mackinder.network.prices import draw_prices

DESIGN = Design(seed=3, draws=8, common_share=0.5)
FIELDS = ("money", "hours", "spread", "capacity", "surcharge", "shipment")


def row(
    name: str, parameter: str, links: str = "", goods: str = "", factor: float = 2.0, driven: bool = True
) -> dict[str, Any]:
    bounds = {
        f"{stem}_{b}": x
        for stem in ("factor", "prior")
        for b, x in zip(("low", "mode", "high"), (factor / 2, factor, 2 * factor), strict=True)
    }
    return {"fit_id": name, "parameter": parameter, "links": links, "goods": goods, "prior_driven": driven, "facts": "",
            "basis": "estimate", "ground": "test"} | bounds  # fmt: skip


def drawn(case: Any, *rows: dict[str, Any], design: Design = DESIGN) -> tuple[Any, Any]:
    if rows:
        case = case.with_tables(fits=pd.DataFrame(list(rows)).astype({"prior_driven": "boolean"}))
    network = build_network({"x": case}, [2023])
    return network, draw_prices(case, network, design)


def same_but(before: Any, after: Any, *names: str) -> None:
    for name in FIELDS:
        if name not in names:
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    for name in ("density", "value_of_time", "dispersion", "no_ship", "factor"):
        if name not in names:
            np.testing.assert_array_equal(getattr(after.goods, name), getattr(before.goods, name))


def test_a_factor_of_one_changes_no_bit(rich: Any) -> None:
    _, before = drawn(rich)
    rows = [
        row("a", "link_cost", "*", factor=1.0),
        row("b", "value_of_time", factor=1.0),
        row("c", "transfer_time", factor=1.0),
    ]
    same_but(before, drawn(rich, *rows)[1])


@pytest.mark.parametrize(("parameter", "fields"), [("link_cost", ["money"]), ("link_time", ["hours", "spread"])])
def test_a_factor_on_links_is_on_these_links_alone(rich: Any, parameter: str, fields: list[str]) -> None:
    (network, before), (_, after) = drawn(rich), drawn(rich, row("a", parameter, "mode=rail"))
    rail = np.array([name.endswith("-rail") for name in network.graph.assets]) & (
        np.arange(network.graph.n_assets) < network.graph.n_links
    )
    assert rail.any()
    same_but(before, after, *fields)
    for name in fields:
        np.testing.assert_allclose(getattr(after, name), getattr(before, name) * np.where(rail, 2.0, 1.0))


@pytest.mark.parametrize(
    ("parameter", "fields"), [("transfer_cost", ["money"]), ("transfer_time", ["hours", "spread"])]
)
def test_a_factor_on_transfers_is_on_all_of_them(rich: Any, parameter: str, fields: list[str]) -> None:
    (network, before), (_, after) = drawn(rich), drawn(rich, row("a", parameter))
    n = network.graph.n_links
    same_but(before, after, *fields)
    for name in fields:
        np.testing.assert_array_equal(getattr(after, name)[..., :n], getattr(before, name)[..., :n])
        np.testing.assert_allclose(getattr(after, name)[..., n:], 2.0 * getattr(before, name)[..., n:])


def test_a_factor_on_goods_is_on_those_named(rich: Any) -> None:
    (network, before), (_, after) = (
        drawn(rich),
        drawn(rich, row("a", "value_of_time", goods="grain"), row("b", "route_dispersion", factor=0.5)),
    )
    same_but(before, after, "value_of_time", "dispersion")
    grain = np.array([name == "grain" for name in network.goods])
    np.testing.assert_allclose(after.goods.value_of_time, before.goods.value_of_time * np.where(grain, 2.0, 1.0))
    np.testing.assert_allclose(after.goods.dispersion, 0.5 * before.goods.dispersion)


def test_factors_on_one_thing_multiply(rich: Any) -> None:
    _, before = drawn(rich)
    _, after = drawn(rich, row("a", "link_cost", "*"), row("b", "link_cost", "mode=road", factor=3.0))
    network, _ = drawn(rich)
    road = np.array([name.endswith("-road") for name in network.graph.assets[: network.graph.n_links]])
    ratio = (after.money / before.money)[..., : network.graph.n_links][..., road]
    np.testing.assert_allclose(ratio, 6.0)


def test_what_is_fitted_is_drawn_and_what_is_not_has_its_mode(rich: Any) -> None:
    """A factor that counts determine has its interval, keyed by its id; a prior-driven one its mode in each draw."""
    _, before = drawn(rich)
    _, fitted = drawn(rich, row("a", "link_cost", "*", driven=False))
    _, other = drawn(rich, row("b", "link_time", "*", driven=False), row("a", "link_cost", "*", driven=False))
    ratio = (fitted.money / before.money)[:, 0, 0]
    assert ratio.min() < 1.6 < 2.5 < ratio.max()
    np.testing.assert_array_equal(other.money, fitted.money)  # another factor moves none of its draws
    central = Design(seed=3, draws=1, common_share=0.5, central=True)
    np.testing.assert_allclose(
        drawn(rich, row("a", "value_of_time", driven=False), design=central)[1].goods.value_of_time,
        2.0 * drawn(rich, design=central)[1].goods.value_of_time,
    )
