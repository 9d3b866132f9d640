"""Reading, writing and changing cases: what goes in comes out, and nothing is changed in place."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.case import case_digest, check, read_case, scaffold, write_case
from mackinder.case.schema import table_names, table_schema
from mackinder.errors import CaseError, UsageError

# commas, quotes, line ends and any script; a cell neither begins nor ends in space (MK016)
ALPHABET = st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from('\n",;')
TEXT = st.text(ALPHABET, max_size=20).map(lambda text: f"<{text}>")
NUMBER = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).map(lambda x: x + 0.0) | st.just(float("nan"))


def test_types_are_those_of_the_conventions(tiny):
    links = tiny.table("links")
    assert list(links.columns) == [*table_schema("links").header, "file_row"]
    assert links["length_km"].dtype == np.float64
    assert links["gauge_mm"].dtype == pd.Int64Dtype()
    assert links["electrified"].dtype == pd.BooleanDtype()
    assert links["closed_since"].tolist() == [""] * 7
    assert links["capacity_mt_per_year_mode"].isna().sum() == 4
    assert isinstance(links.index, pd.RangeIndex)


def test_rows_are_sorted_by_id_and_remember_their_line(folder, spoil):
    spoil(folder, ("copy", "places", "c-harbour", {"place_id": "a-first"}))
    places = read_case(folder).table("places")
    assert places["place_id"].is_monotonic_increasing
    assert places.set_index("place_id").loc["a-first", "file_row"] == 8


def test_an_empty_cell_takes_the_default_of_the_schema(folder, tiny, spoil):
    spoil(
        folder, ("cell", "controls", "a-customs", {"status": ""}), ("cell", "restrictions", "b-permit", {"goods": ""})
    )
    assert read_case(folder) == tiny


def test_what_a_caller_does_to_a_frame_does_not_reach_the_case(tiny):
    links = tiny.table("links")
    links.loc[0, "length_km"] = 1.0
    links["mode"] = "sea"
    assert tiny.table("links").loc[0, "length_km"] == 80.0
    assert set(tiny.tables["links"]["mode"]) == {"rail", "road", "sea"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        tiny.name = "other"


def test_with_tables_gives_a_new_case_with_its_own_digest(tiny):
    links = tiny.table("links")
    longer = tiny.with_tables(links=links.assign(length_km=links["length_km"] * 2)[::-1])
    again = tiny.with_tables(links=links.assign(length_km=links["length_km"] * 2))
    assert longer == again != tiny
    assert longer.digest == again.digest != tiny.digest
    assert tiny.with_tables() is tiny
    assert longer.table("links")["link_id"].is_monotonic_increasing


def test_with_tables_refuses_unknown_tables_and_missing_columns(tiny):
    with pytest.raises(UsageError, match="did you mean 'links'"):
        tiny.with_tables(link=tiny.table("links"))
    with pytest.raises(UsageError, match="no column length_km"):
        tiny.with_tables(links=tiny.table("links").drop(columns="length_km"))
    with pytest.raises(UsageError, match="did you mean 'zones'"):
        tiny.table("zone")


def test_repr_informs(tiny):
    assert "4 zones, 6 places, 7 links" in repr(tiny)
    assert "2025-12-31" in repr(tiny)


def test_write_and_read_give_the_same_case(tiny, tmp_path):
    copy = read_case(write_case(tiny, tmp_path / "copy"))
    assert copy == tiny
    assert (tmp_path / "copy" / "scenarios" / "south-road.toml").is_file()
    assert check(tmp_path / "copy") == []


def test_nothing_is_overwritten(tiny, tmp_path):
    (tmp_path / "note").write_text("mine", encoding="utf-8")
    with pytest.raises(CaseError, match="not empty"):
        write_case(tiny, tmp_path)
    with pytest.raises(UsageError, match="not an empty folder"):
        scaffold(tmp_path)
    with pytest.raises(UsageError, match="not an empty folder"):
        scaffold(tmp_path / "note")


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_any_typed_content_survives_writing_and_reading(data, tiny):
    places = tiny.table("places")
    n = len(places)
    spoilt = places.assign(
        label=data.draw(st.lists(TEXT, min_size=n, max_size=n)),
        ground=data.draw(st.lists(TEXT | st.just(""), min_size=n, max_size=n)),
    )
    links = tiny.table("links")
    m = len(links)
    more = links.assign(
        length_km=data.draw(st.lists(st.floats(-1e9, 1e9), min_size=m, max_size=m)),
        upgrade_capacity_mt_per_year=data.draw(st.lists(NUMBER, min_size=m, max_size=m)),
        tracks=pd.array(data.draw(st.lists(st.none() | st.integers(-(10**9), 10**9), min_size=m, max_size=m)), "Int64"),
        electrified=pd.array(data.draw(st.lists(st.none() | st.booleans(), min_size=m, max_size=m)), "boolean"),
    )
    case = tiny.with_tables(places=spoilt, links=more)
    title = case.settings.model_copy(update={"title": data.draw(st.text(st.characters(blacklist_categories=("Cs",))))})
    case = dataclasses.replace(case, settings=title)
    with tempfile.TemporaryDirectory() as folder:
        assert read_case(write_case(case, Path(folder) / "copy")) == case


def test_the_digest_sees_content_and_names_but_not_line_ends(folder, spoil):
    before = case_digest(folder)
    spoil(folder, ("bytes", "case.toml", lambda data: data.replace(b"\n", b"\r\n")))
    assert case_digest(folder) == before
    spoil(folder, ("text", "scenarios/south-road.toml", "South road", "South Road"))
    after = case_digest(folder)
    assert after != before
    (folder / "tables" / "goods.csv").rename(folder / "tables" / "good.csv")
    assert case_digest(folder) != after
    (folder / "notes.txt").write_text("not part of the case", encoding="utf-8")
    (folder / "tables" / "good.csv").rename(folder / "tables" / "goods.csv")
    assert case_digest(folder) == after


def test_the_first_findings_are_in_the_message_and_the_rest_is_counted(folder, spoil):
    spoil(folder, *(("delete", f"tables/{name}.csv") for name in table_names()))
    rest = len(table_names()) - 10
    with pytest.raises(CaseError, match=rf"(?s)MK001 actors\.csv.*and {rest} more: `mackinder check") as caught:
        read_case(folder)
    assert caught.value.exit_code == 3


def test_one_bad_cell_among_a_hundred_thousand_rows_is_found(folder):
    rows = 100_000  # benchmarks/bench_check.py times a million
    keys = np.arange(rows)
    frame = pd.DataFrame(dict.fromkeys(table_schema("trade").header, ""), index=range(rows))
    frame["trade_id"] = "t" + pd.Series(keys).astype(str)
    frame["exporter"], frame["importer"], frame["goods"] = "AAA", "BBB", "*"
    frame["year"] = (1900 + keys % 120).astype(str)
    frame["value_musd_low"] = frame["value_musd_mode"] = frame["value_musd_high"] = (keys / 7).astype(str)
    frame["facts"], frame["basis"] = "F006", "cited"
    frame.loc[50_000, "value_musd_mode"] = "-1"
    frame.to_csv(folder / "tables" / "trade.csv", index=False, lineterminator="\n")
    negative = [finding for finding in check(folder) if finding.code == "MK031"]
    assert [finding.rows for finding in negative] == [(50_002,)]
