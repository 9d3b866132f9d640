"""Who has the rent of a quota: the states that give the permits, and no operator (conventions C53 and C121)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mackinder.equilibrium.loading import load_network
from mackinder.equilibrium.payees import build_payees, with_permits

RAIL = "a-city-b-north-rail"


def squeezed(rich: Any, rule: str) -> Any:
    """The railway over the border between AAA and BBB with too little room; an AAA company runs it."""
    links = rich.table("links").copy()
    columns = [f"capacity_mt_per_year_{b}" for b in ("low", "mode", "high")]
    links[columns] = np.nan
    links["capacity_rule"] = ""
    links.loc[links["link_id"] == RAIL, [*columns, "capacity_rule"]] = [0.016, 0.02, 0.024, rule]
    return rich.with_tables(links=links)


@pytest.fixture(scope="module")
def solved(rich: Any, solve: Any) -> dict[str, Any]:
    found = {}
    for rule in ("price", "quota"):
        case = {rule: squeezed(rich, rule)}
        found[rule] = solve(case, years=(2023,), draws=3)
        found[rule].loading = load_network(
            case, found[rule].network, found[rule].routes, found[rule].prices, found[rule].design, threads=1,
            model="capacity",
        )  # fmt: skip
    return found


def rents(solved: Any) -> dict[str, np.ndarray]:
    booked = solved.loading.loads.revenue[:, 0, :, 2]
    return {name: booked[:, i] for i, name in enumerate(solved.network.actors) if booked[:, i].any()}


def test_the_rent_of_a_quota_goes_to_both_sides_of_the_border_in_halves(solved: dict[str, Any]) -> None:
    quota = solved["quota"]
    found, asset = rents(quota), quota.network.graph.assets.index(RAIL)
    whole = quota.loading.loads.scarcity[:, 0, 0] * quota.loading.loads.asset_tonnes[:, 0, asset]
    assert (whole > 0).all()
    assert set(found) == {"AAA", "BBB"}
    for name in found:
        np.testing.assert_allclose(found[name], whole / 2, rtol=1e-6)


def test_under_rule_price_the_operator_has_it_and_haulage_is_the_same(solved: dict[str, Any]) -> None:
    assert set(rents(solved["price"])) == {"AAA"}
    haulage = [solved[rule].loading.loads.revenue[:, 0, :, 1] for rule in ("price", "quota")]
    np.testing.assert_allclose(haulage[0], haulage[1], rtol=1e-9)


def test_a_right_that_names_the_link_replaces_territory(rich: Any, more: Any, solved: dict[str, Any]) -> None:
    """Convention C19: who is sovereign by a row of its own gives the permits alone."""
    case = squeezed(rich, "quota")
    controls = more(
        case.table("controls"),
        ("railway-operator", {"control_id": "alone", "actor": "CCC", "asset_type": "link", "asset": RAIL, "right": "sovereign",
                              "share": 1.0, "status": "binding", "starts_on": "", "ends_on": ""}),
    )  # fmt: skip
    network, design = solved["quota"].network, solved["quota"].design
    members = solved["quota"].loading.limits
    holders = []
    for state in (case, case.with_tables(controls=controls)):
        payees, where = with_permits(build_payees([state], network, design), [state], network, members)
        rows = slice(payees.first[where[0]], payees.first[where[0] + 1])
        holders.append({network.actors[a]: s for a, s in zip(payees.actor[rows], payees.amount[0, rows], strict=True)})
        assert where[0] == network.graph.n_assets
    assert holders == [{"AAA": 0.5, "BBB": 0.5}, {"CCC": 1.0}]
