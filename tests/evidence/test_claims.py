"""Claims: sources, arithmetic, rows, vintages (conventions C123, C124, C125)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.case import Case, read_case
from mackinder.case.claimsdoc import Claims, read_claims
from mackinder.errors import CaseError
from mackinder.evidence.claimrows import RowBook, Rows
from mackinder.evidence.claims import claim_frame, judge_claims
from mackinder.evidence.claimstated import contradictions
from mackinder.evidence.verdicts import combine
from mackinder.indicators.measure import RESULT_COLUMNS

ARTICLE = {
    "title": "T", "author": "A", "publisher": "P", "published_on": "2025-08-27", "independence_group": "own"
}  # fmt: skip


def document(*claims: dict[str, Any]) -> Claims:
    base = {"text": "t", "place": "p", "kind": "fact"}
    return Claims.model_validate({"article": ARTICLE, "claim": [base | claim for claim in claims]})


@pytest.fixture(scope="module")
def case() -> Case:
    return read_case("south-caucasus")


@pytest.fixture
def planted(case: Case) -> Case:
    """The case with facts: a value, its rival of another origin, an echo of the text, an old one."""
    facts, sources = case.table("facts"), case.table("sources")
    f, s = facts.iloc[[0]], sources.iloc[[0]]
    blank = {"value": 10.0, "low": np.nan, "high": np.nan, "unit": "u", "conflicts_with": "", "confidence": "high",
             "valid_from": "2025", "valid_to": "", "known_on": "2025-01-01"}  # fmt: skip
    rows = [
        f.assign(fact_id="X1", source="SX1", **blank),
        f.assign(fact_id="X2", source="SX2", **blank | {"value": 20.0, "conflicts_with": "X1"}),
        f.assign(fact_id="X3", source="SX3", **blank),
        f.assign(fact_id="X4", source="SX4", **blank | {"valid_from": "2010"}),
    ]
    groups = {"SX1": "one", "SX2": "two", "SX3": "own", "SX4": "four"}
    more = [s.assign(source_id=name, independence_group=group) for name, group in groups.items()]
    return case.with_tables(
        facts=pd.concat([facts, *rows], ignore_index=True), sources=pd.concat([sources, *more], ignore_index=True)
    )


def number(*facts: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "number",
        "facts": list(facts),
        "operator": "between",
        "value": 9.0,
        "upper": 11.0,
        "unit": "u",
    } | more


def test_contradictory_circular_and_stale_facts_are_found(planted: Case) -> None:
    """A rival makes it depend though nobody named it; an echo and an old fact count for nothing (convention C124)."""
    claims = document(
        {"id": "rival", "test": [number("X1")]},
        {"id": "echo", "test": [number("X3")]},
        {"id": "old", "test": [number("X4", since="2024-01-01")]},
        {"id": "wrong", "test": [number("X2", value=30.0, upper=40.0)]},
    )
    found = {r.claim.id: r for r in judge_claims(planted, claims)}
    assert {name: r.verdict for name, r in found.items()} == {
        "rival": "depends", "echo": "not testable", "old": "not testable", "wrong": "contradicted"
    }  # fmt: skip
    assert any("X2" in flag for flag in found["rival"].of("flags"))
    assert any(flag.startswith("circular: X3") for flag in found["echo"].of("flags"))
    assert any(flag.startswith("stale: X4") for flag in found["old"].of("flags"))


def test_arithmetic_is_checked_within_rounding() -> None:
    """7.5 to 3.4 is a factor of 2.2, not of 2.6; a growth and a factor in words that do not meet clash (convention C125)."""
    values = [{"subject": "x", "period": p, "form": "value", "value": v} for p, v in (("1", "7.5"), ("2", "3.4"))]
    test = [{"kind": "stated"}]

    def fall(factor: str) -> Claims:
        said = [{"subject": "x", "period": "1", "since": "2", "form": "factor", "value": factor}]
        return document({"id": "v", "says": values, "test": test}, {"id": "f", "says": said, "test": test})

    assert contradictions(fall("2.2")) == ()
    assert [(c.first, c.second) for c in contradictions(fall("2.6"))] == [("f", "v")]


def test_the_article_contradicts_itself_once() -> None:
    """Doubled and +56.5 percent, found by the program (convention C125); sources deny the first."""
    case = read_case("south-caucasus")
    claims = read_claims(case.folder)
    assert claims is not None
    assert {(c.first, c.second) for c in contradictions(claims)} == {("ru-am-doubled", "ru-am-growth")}
    sample = claims.model_copy(update={"claim": tuple(c for c in claims.claim if c.id.startswith(("ru-", "julfa")))})
    found = {r.claim.id: r.verdict for r in judge_claims(case, sample)}
    by_hand = {
        "ru-am-2024": "supported",  # 12.4 by Overchuk
        "ru-am-doubled": "contradicted",  # 12.4 over 7.3 to 7.4 is 1.7
        "ru-am-fall": "supported",  # 7.5 / 3.4 = 2.206
        "ru-az-2024": "supported",
        "ru-third-partner": "not testable",  # the ranking held is of 2021
        "julfa-soviet": "supported",  # over 3 Mt
    }
    assert {name: found[name] for name in by_hand} == by_hand


def rows_of(name: str, *values: list[float]) -> Rows:
    blank = dict.fromkeys(RESULT_COLUMNS, "")
    frame = pd.DataFrame(
        [
            blank | {"scenario": s, "indicator": "corridor_flow", "year": 2035, "unit": "Mt/yr"}
            for s in "ab"[: len(values)]
        ]
    )
    return Rows(name=name, frame=frame, draws=np.array(values).T)


def test_shares_of_draws_and_models(case: Case) -> None:
    """Nine draws of ten support, one of ten contradicts; another model that disagrees is named (convention C123)."""
    where = {"scenario": "b", "indicator": "corridor_flow", "year": 2035}
    test = {"kind": "rows", "where": where, "operator": ">", "against": {"scenario": "a"}}
    claims = document({"id": "c", "test": [test]})
    ten = [0.0] * 10
    for above, verdict in ((9, "supported"), (5, "depends"), (1, "contradicted")):
        book = RowBook(
            rows=(rows_of("trade", ten, [1.0] * above + [-1.0] * (10 - above)), rows_of("routes", ten, [1.0] * 10))
        )
        found = judge_claims(case, claims, book)[0]
        assert found.verdict == verdict
        assert found.main.share == above / 10
        assert found.main.variants == {"trade": verdict, "routes": "supported"}
        assert ("model routes: supported" in found.of("deciding")) == (verdict != "supported")
    assert claim_frame([found]).loc[0, "variants_agreeing"] == 1  # the one that decides
    assert judge_claims(case, claims)[0].verdict == "not testable"


def test_combination() -> None:
    """A test that cannot be made never supports (convention C123)."""
    assert combine(["supported", "not testable"]) == "depends"
    assert combine(["not testable", "not testable"]) == "not testable"
    assert combine(["contradicted", "not testable"]) == "contradicted"


def test_a_malformed_file_names_the_key(tmp_path: Path) -> None:
    """A test of a wrong kind says what it needs, and where."""
    path = tmp_path / "claims.toml"
    path.write_text(
        '[article]\ntitle="T"\nauthor="A"\npublisher="P"\npublished_on=2025-01-01\nindependence_group="g"\n'
        '[[claim]]\nid="c"\ntext="t"\nplace="p"\nkind="fact"\ntest=[{kind="number", facts=["F"]}]\n'
    )
    with pytest.raises(CaseError, match=r"claim\[1\].test\[1\].*needs operator, value"):
        read_claims(path)
