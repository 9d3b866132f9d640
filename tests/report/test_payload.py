"""What the interactive page knows of a run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mackinder.errors import RunError
from mackinder.report.documents import as_document, document_section, read_documents
from mackinder.report.ground import link_rows, place_rows, subject_facts
from mackinder.report.payload import pack_flows, pack_results, run_command_line


@pytest.fixture(scope="module")
def packed(made_up):
    return pack_results(made_up.results(), ["ARM", "RUS"], [5])


def test_rows_keep_their_number_and_their_digits(made_up, packed):
    """Convention C113: a row of the page is a row of results.parquet, told by its number."""
    results = made_up.results()
    for i, row in enumerate(packed["row"]):
        own = results.iloc[row]
        for name in ("scenario", "indicator", "variant", "actor", "target", "asset", "unit"):
            assert packed["words"][name][packed[name][i]] == own[name]
        np.testing.assert_allclose(packed["value"][i], own["value"], rtol=1e-6)


def test_actors_in_focus_and_cited_rows_are_in_and_other_pairs_are_not(made_up, packed):
    results, rows = made_up.results(), set(packed["row"])
    assert 5 in rows
    pairs = results[(results["actor"] != "") & (results["target"] != "")]
    inside = pairs["actor"].isin(["ARM", "RUS"]) & pairs["target"].isin(["ARM", "RUS"])
    assert set(pairs.index[inside]) <= rows
    assert not set(pairs.index[~inside]) & rows - {5}
    whole = results[(results["actor"] == "") & (results["target"] == "")]
    assert set(whole.index) <= rows


def test_flows_by_link_number(made_up):
    flows = made_up.flows()
    links = sorted(flows["link"].unique())
    packed = pack_flows(flows, links)["2035"]["trump-route"]
    own = flows[flows["scenario"] == "trump-route"].set_index("link")["quantity_mt"]
    assert {links[i]: v for i, v in zip(packed[0], packed[1], strict=True)} == pytest.approx(dict(own), rel=1e-5)


def test_links_tell_who_can_close_them_and_what_a_scenario_changes(starter, scenes):
    cases = scenes(starter)
    places = [p["id"] for p in place_rows(starter, "neutral")]
    rows = {row["id"]: row for row in link_rows(starter, cases, "2035-07-01", places)}
    from mackinder.case.closing import closing_rights

    for name, case in cases.items():
        held = closing_rights(case, "2035-07-01")
        held = held[held["counts"]]
        for link, row in rows.items():
            told = row["other"].get(name, row["closers"])
            own = held[held["link_id"] == link]
            assert {(a, r) for a, rights in told.items() for r in rights} == set(
                zip(own["root"], own["right"], strict=True)
            )
    assert all(places[row["from"]] != places[row["to"]] for row in rows.values())


def test_facts_of_a_subject_are_facts_of_the_case(starter):
    known = set(starter.table("facts")["fact_id"])
    found = subject_facts(starter)
    assert found
    assert {fact for facts in found.values() for fact in facts} <= known


def test_the_command_makes_the_run_again():
    manifest = {"case": "c", "baseline": "a", "scenarios": ["a"], "draws": 3, "seed": 2, "model": "routes"}
    assert run_command_line(manifest) == "mackinder run c --scenario a --draws 3 --seed 2 --model routes"


def test_documents_of_any_form_become_tables(tmp_path):
    (tmp_path / "deals.json").write_text(
        json.dumps({"schema": "x/1", "deals": [{"id": "a", "gain": {"median": 2, "low": 1, "high": 3}}]})
    )
    (tmp_path / "claims.json").write_text(
        json.dumps({"title": "T", "columns": [{"key": "verdict", "label": "V"}], "rows": [["yes"]]})
    )
    (tmp_path / "other.json").write_text("not read")
    deals, claims = read_documents(tmp_path)
    assert (deals.document_id, claims.document_id, claims.filters) == ("deals", "claims", ("verdict",))
    table = document_section(deals).tables[0]
    assert table.columns == ("id", "value")
    assert table.rows == (("a", "2.0 (1.0 to 3.0)"),)


@pytest.mark.parametrize(("text", "word"), [("{", "cannot be read"), ("[]", "not a JSON object"), ("{}", "no table")])
def test_a_broken_document_is_told_with_its_file(tmp_path, text, word):
    (tmp_path / "levers.json").write_text(text)
    with pytest.raises(RunError, match=word) as told:
        read_documents(tmp_path)
    assert "levers.json" in str(told.value)


def test_rows_of_unequal_length_are_refused():
    with pytest.raises(RunError, match="has not 1 cells"):
        as_document("levers", {"columns": [{"key": "a"}], "rows": [[1, 2]]})
