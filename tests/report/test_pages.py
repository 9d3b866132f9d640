"""Generated pages: shares by hand, tables that stay tables."""

import math

import pandas as pd
import pytest

from mackinder.report.basis import BASES, basis_by_table, basis_by_use, basis_shares, used_links
from mackinder.report.casepage import case_page
from mackinder.report.markdown import cell, interval, number, table


def test_shares_by_weight():
    basis = pd.Series(["cited", "derived", "estimate", "estimate"])
    assert basis_shares(basis) == {"cited": 0.25, "derived": 0.25, "estimate": 0.5}
    weighed = basis_shares(basis, pd.Series([8.0, 1.0, 1.0, math.nan]))
    assert weighed == {"cited": 0.8, "derived": 0.1, "estimate": 0.1}
    assert all(math.isnan(x) for x in basis_shares(basis, pd.Series([0.0] * 4)).values())


def test_links_weigh_by_tonne_km(starter):
    link = starter.table("links").iloc[0]
    flows = pd.DataFrame({"link": [link["link_id"]], "quantity_mt": [2.0]})
    used = used_links(starter, flows).set_index("link_id")
    assert used.loc[link["link_id"], "tonne_km"] == pytest.approx(2.0 * link["length_km"])
    assert used["tonne_km"].sum() == pytest.approx(2.0 * link["length_km"])
    assert len(used) == len(starter.table("links"))
    shares = dict(basis_by_use(starter, flows, ("AAA",)))["all links, by tonne-km"]
    assert shares[link["basis"]] == pytest.approx(1.0)


def test_shares_of_every_table_add_up(starter):
    for _, rows, shares in basis_by_table(starter):
        assert rows > 0
        assert sum(shares[basis] for basis in BASES) == pytest.approx(1.0)


def test_a_cell_cannot_break_its_table():
    text = table(["a"], [["one | two\nthree"], [math.nan], [None]])
    assert text.splitlines()[2] == "| one \\| two three |"
    assert text.splitlines()[3:] == ["|  |", "|  |"]
    assert cell(0) == "0"


def test_numbers_keep_three_figures():
    assert [number(x) for x in (0.0, 1234567.0, 12.345, -0.04567)] == ["0", "1,234,567", "12.3", "-0.0457"]
    assert interval(1.0, math.nan, 2.0).startswith("1 (")


def test_a_page_of_another_case(starter):
    """The generator knows no name of the reference case."""
    flows = pd.DataFrame({"link": [], "quantity_mt": []})
    page = case_page(starter, flows, region=("AAA", "BBB"), map_file="map.svg")
    assert page.count("\n## ") >= 10
    assert case_page(starter, flows, region=("AAA", "BBB"), map_file="map.svg") == page
    for line in page.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")
