"""Permission regimes against the restrictions read row by row (conventions C15, C16, C17)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.case.selectors import select
from mackinder.network.network import build_network, day_of

ROWS = [
    # id, cells: lists, exceptions, dates, episodes
    {"restriction_id": "r-list", "origin": "AAA;CCC", "destination": "BBB", "asset": "mode=rail|sea", "effect": "deny"},
    {"restriction_id": "r-except-end", "origin": "*", "destination": "*", "asset": "territory=AAA&mode=road",
     "effect": "deny", "except_pairs": "AAA"},
    {"restriction_id": "r-except-pair", "origin": "*", "destination": "*", "asset": "mode=sea", "effect": "deny",
     "except_pairs": "BBB>CCC;AAA>CCC"},
    {"restriction_id": "r-late", "origin": "*", "destination": "BBB", "asset": "mode=rail", "effect": "deny",
     "starts_on": "2030-01-01"},
    {"restriction_id": "r-over", "origin": "*", "destination": "*", "asset": "*", "effect": "deny", "ends_on": "2022-12-31"},
    {"restriction_id": "r-episode", "origin": "BBB", "destination": "*", "asset": "mode=rail", "effect": "deny",
     "structural": False},
    {"restriction_id": "r-goods", "origin": "*", "destination": "*", "goods": "grain;parts", "asset": "tag=north",
     "effect": "deny"},
    {"restriction_id": "r-charge", "origin": "BBB", "destination": "*", "asset": "mode=road;-territory=AAA",
     "effect": "surcharge", "charge_basis": "per_link"},
    {"restriction_id": "r-duty", "origin": "*", "destination": "CCC", "asset": "trade", "effect": "surcharge",
     "charge_basis": "per_shipment"},
]  # fmt: skip


@pytest.fixture(scope="module")
def many(rich: Any) -> Any:
    """The richer case under one restriction of each kind."""
    old = rich.table("restrictions")
    blank = {"kind": "permit", "goods": "*", "except_pairs": "", "charge_basis": "", "starts_on": "", "ends_on": "",
             "structural": True, "facts": "", "basis": "estimate", "ground": "made up for a test"}  # fmt: skip
    new = pd.DataFrame([blank | row for row in ROWS])
    charged = new["effect"] == "surcharge"
    for bound, amount in (("low", 2.0), ("mode", 4.0), ("high", 8.0)):
        new[f"surcharge_usd_per_t_{bound}"] = np.where(charged, amount, np.nan)
    return rich.with_tables(
        restrictions=pd.concat([old, new.assign(file_row=0)], ignore_index=True).astype(old.dtypes.to_dict())
    )


def holds(row: dict[str, Any], origin: str, destination: str, goods: str, day: str, evidence: str) -> bool:
    """Conventions C7, C10, C15 and C16, for one flow."""
    named = all(
        row[column] == "*" or value in row[column].split(";")
        for column, value in (("origin", origin), ("destination", destination), ("goods", goods))
    )
    on = (not row["starts_on"] or row["starts_on"] <= day) and (not row["ends_on"] or day <= row["ends_on"])
    exempt = any(
        pair == f"{origin}>{destination}" if ">" in pair else pair in (origin, destination)
        for pair in row["except_pairs"].split(";")
        if pair
    )
    return named and on and not exempt and (bool(row["structural"]) or day <= evidence)


def test_each_flow_meets_the_restrictions_that_name_it(many: Any) -> None:
    years = (2023, 2035)
    network = build_network({"x": many}, years)
    links, table = many.table("links"), many.table("restrictions").to_dict("records")
    country = many.table("zones")["country"]
    assert len(network.states) == 2
    n_links = network.graph.n_links
    amounts = np.array([row[1] for row in network.regimes.surcharge])
    charge = network.regimes.link_charges(amounts)
    once = network.regimes.shipment_charges(amounts[None, :])[0]
    seen = set()
    for s, (o, origin), (d, destination), (g, goods) in itertools.product(
        range(2), enumerate(country), enumerate(country), enumerate(network.goods)
    ):
        if o == d:
            continue
        day = day_of(years[s])
        rows = [row for row in table if holds(row, origin, destination, goods, day, str(many.settings.newest_evidence))]
        denied, extra, shipment = np.zeros(n_links, dtype=bool), np.zeros(n_links), 0.0
        for row in rows:
            trade = row["asset"] == "trade"
            on = np.ones(n_links, dtype=bool) if trade else select(row["asset"], links)
            if row["effect"] == "deny":
                denied |= on
            elif row["charge_basis"] == "per_link":
                extra += 0.0 if trade else row["surcharge_usd_per_t_mode"] * on
            else:
                shipment += row["surcharge_usd_per_t_mode"]
            seen.add(row["restriction_id"])
        regime = network.regimes.of_flow[s, o, d, g]
        np.testing.assert_array_equal(
            network.regimes.denied[regime, :n_links], denied, err_msg=f"{origin}>{destination}"
        )
        np.testing.assert_allclose(charge[regime, :n_links], extra)
        assert once[regime] == pytest.approx(shipment)
        assert not charge[regime, n_links:].any()
    assert {row["restriction_id"] for row in table} - seen == {"r-over"}


def test_flows_under_the_same_restrictions_share_a_regime(many: Any) -> None:
    """Convention C17, and as few regimes as there are different sets."""
    regimes = build_network({"x": many}, (2023, 2035)).regimes
    assert len(np.unique(regimes.members, axis=0)) == len(regimes.members)
    assert set(np.unique(regimes.of_flow)) == set(range(len(regimes.members)))


def test_a_scenario_that_leaves_restrictions_alone_leaves_regimes_alone(
    starter: Any, scenes: Callable[..., dict[str, Any]]
) -> None:
    regimes = build_network(scenes(starter), (2035,)).regimes
    assert regimes.of_flow.shape[0] == 2
    np.testing.assert_array_equal(regimes.of_flow[0], regimes.of_flow[1])


def test_a_case_without_restrictions_has_one_regime(starter: Any) -> None:
    regimes = build_network(
        {"x": starter.with_tables(restrictions=starter.table("restrictions").iloc[:0])}, [2023]
    ).regimes
    assert regimes.members.shape == (1, 0)
    assert not regimes.of_flow.any()
    assert not regimes.denied.any()
