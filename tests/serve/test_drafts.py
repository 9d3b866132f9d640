"""Scenarios built by clicking: read back by the reader of all scenarios, and written only where allowed."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.errors import UsageError
from mackinder.scenario import read_scenario
from mackinder.serve.drafts import preview_draft, save_draft, write_draft
from mackinder.serve.messages import DraftRequest

SHUT = {"op": "close", "links": ["a-city-b-north-rail"], "starts_on": "2030-01-01"}


def draft(*changes, name="mine", label="Mine", base="status-quo"):
    return DraftRequest(name=name, label=label, base=base, changes=list(changes))


def test_a_draft_says_what_it_changes(session):
    found = preview_draft(draft(SHUT), session.case)
    assert any("closed" in line and "2030-01-01" in line for line in found["differences"])
    dear = preview_draft(draft({"op": "cost", "links": ["a-city-b-north-rail"], "factor": 2.0}), session.case)
    assert tomllib.loads(dear["toml"])["change"][0]["op"] == "scale"
    assert dear["differences"]


@settings(max_examples=60, deadline=None)
@given(
    label=st.text(min_size=1, max_size=60).filter(
        lambda text: text.strip() and not any(0xD800 <= ord(c) < 0xE000 for c in text)
    )
)
def test_any_label_survives_the_file(session, label):
    text = write_draft(draft(SHUT, label=label), session.case)
    assert tomllib.loads(text)["label"] == label


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"op": "close", "links": ["a-city-b-north-rail"]}, "day"),
        ({"op": "cost", "links": ["a-city-b-north-rail"]}, "factor"),
        ({"op": "close", "links": ["nowhere"], "starts_on": "2030-01-01"}, "unknown link"),
    ],
)
def test_what_cannot_be_written_is_refused(session, change, word):
    with pytest.raises(UsageError, match=word):
        write_draft(draft(change), session.case)


def test_a_name_of_the_case_is_taken(session):
    with pytest.raises(UsageError, match="another name"):
        write_draft(draft(SHUT, name="south-road"), session.case)


def test_nothing_is_written_without_a_save_folder(session):
    with pytest.raises(UsageError, match="--save-dir"):
        save_draft(draft(SHUT), session.case, None)


def test_a_saved_scenario_is_one_and_is_never_replaced(client, session):
    body = draft(SHUT, name="saved-one").model_dump()
    assert client.post("/api/scenario/save", json=body).json()["saved"] == "saved-one.toml"
    assert read_scenario(session.save / "saved-one.toml", session.case).label == "Mine"
    again = client.post("/api/scenario/save", json=body)
    assert again.status_code == 400
    assert "another name" in again.json()["error"]


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "a\\b", "x" * 300, "<script>"])
def test_a_name_is_an_id_and_no_path(client, session, name):
    body = draft(SHUT).model_dump() | {"name": name}
    before = sorted(session.save.rglob("*"))
    assert client.post("/api/scenario/save", json=body).status_code == 400
    assert sorted(session.save.rglob("*")) == before
