"""Claims: sources, arithmetic, rows, vintages (conventions C123, C124, C125, C150)."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mackinder.case import Case, read_case
from mackinder.case.claimsdoc import Claims, read_claims
from mackinder.errors import CaseError
from mackinder.evidence.claimrows import RowBook, Rows
from mackinder.evidence.claims import ClaimResult, claim_frame, judge_claims
from mackinder.evidence.claimstated import contradictions
from mackinder.evidence.claimties import verdict_with_unknown
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
        "ru-am-2024": "depends",  # 12.4 by Overchuk, about 9 by Pashinyan
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
    ten = [0.0] * 10  # as few as this are flagged (convention C150)
    for above, verdict in ((9, "supported"), (5, "depends"), (1, "contradicted")):
        book = RowBook(
            rows=(rows_of("trade", ten, [1.0] * above + [-1.0] * (10 - above)), rows_of("routes", ten, [1.0] * 10))
        )
        found = judge_claims(case, claims, book)[0]
        assert found.verdict == verdict
        assert found.main.share == above / 10
        assert found.main.variants == {"trade": verdict, "routes": "supported"}
        assert ("model routes: supported" in found.of("deciding")) == (verdict != "supported")
        assert any(flag.startswith("10 draws are few") for flag in found.of("flags"))
    assert claim_frame([found]).loc[0, "variants_agreeing"] == 1  # the one that decides
    assert judge_claims(case, claims)[0].verdict == "not testable"


def test_combination() -> None:
    """A test that cannot be made never supports (convention C123)."""
    assert combine(["supported", "not testable"]) == "depends"
    assert combine(["not testable", "not testable"]) == "not testable"
    assert combine(["contradicted", "not testable"]) == "contradicted"


def judged(case: Case, *tests: dict[str, Any], book: RowBook | None = None) -> ClaimResult:
    return judge_claims(case, document({"id": "c", "test": list(tests)}), book)[0]


def count(operator: str, where: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"kind": "count", "table": "episodes", "where": where, "operator": operator} | more


def test_what_was_found_shows_that_there_is_some_and_no_more(case: Case) -> None:
    """Rows found support a claim of existence; how many there are they leave open (convention C150)."""
    rows = case.table("episodes")
    russia, america = ({"sender": who} for who in ("RUS", "USA"))
    n, m = (int(rows["sender"].str.split(";").map(lambda s, w=w: w in s).sum()) for w in ("RUS", "USA"))
    assert n > m > 0
    assert judged(case, count(">", russia, value=0)).verdict == "supported"
    assert (
        judged(case, count(">", {"sender": "nobody"}, value=0)).verdict == "depends"
    )  # not found is not: is not there
    assert judged(case, count("<", russia, value=1)).verdict == "depends"
    more = judged(case, count(">", russia, against=america))
    assert more.verdict == "depends"
    assert more.main.reason.startswith(f"{n} of {n + m} rows of episodes match")
    assert np.isnan(more.main.share)  # it is no share of draws
    every = {"rows_are": "all"}
    assert judged(case, count(">", russia, against=america, **every)).verdict == "supported"
    assert judged(case, count("<", russia, against=america, **every)).verdict == "contradicted"
    assert judged(case, count("<", {"sender": "nobody"}, value=1, **every)).verdict == "supported"


def test_a_rank_test_of_few_powers_is_not_made(case: Case) -> None:
    """Seven powers: of their 5,040 orders fewer than one in twenty reach 0.79 (convention C151)."""
    orders = np.array(list(itertools.permutations(range(7))))
    size = np.abs(1 - 6 * ((orders - np.arange(7)) ** 2).sum(axis=1) / (7 * 48))  # Spearman's formula without ties
    sizes = np.unique(size.round(9))
    needed = min(s for s in sizes if (size >= s - 1e-9).mean() <= 0.05)
    found = judged(case, {"kind": "rank", "carried": "captive"})
    assert found.verdict == "not testable"
    assert found.main.value == 7
    assert f"with 7 powers (48 episodes) only a rank correlation beyond {needed:.2f}" in found.main.reason
    many = case.table("episodes").iloc[:1].assign(kind="sanction", target_response="defied")
    crowd = [many.assign(episode_id=f"e{i}", sender=f"S{i // 2}") for i in range(50)]  # 25 powers with two each
    found = judged(
        case.with_tables(episodes=pd.concat(crowd, ignore_index=True)), {"kind": "rank", "carried": "captive"}
    )
    assert found.verdict == "depends"


def test_unknown_ties_can_turn_a_comparison_round() -> None:
    """What is known says 2 percent; it stays open unless it fails in nine of ten whatever the unknown are (convention C152)."""
    assert verdict_with_unknown(0.02, 0.0, 0.5, 11) == "depends"
    assert verdict_with_unknown(0.02, 0.0, 0.9, 11) == "contradicted"
    assert verdict_with_unknown(0.98, 0.5, 0.0, 1) == "depends"
    assert verdict_with_unknown(0.98, 0.5, 0.0, 0) == "supported"


def test_ties_of_1994_are_too_little_known(case: Case) -> None:
    """Both falls since 1994 depend on elements unknown then; what is left today is left, whatever they are (convention C152)."""
    fallen = {"kind": "ties", "relation": "fallen", "actor": "RUS", "target": "ARM"}
    left = {"kind": "ties", "relation": "not_gone", "actor": "RUS", "target": "ARM"}
    found = judge_claims(case, document({"id": "f", "test": [fallen]}, {"id": "l", "test": [left]}), draws=40)
    assert [r.verdict for r in found] == ["depends", "supported"]
    assert found[0].main.share < 0.1  # on what is known at both ends alone it would be contradicted
    assert found[0].main.deciding[0].startswith("elements unknown at one end: ")


def test_what_one_reader_judged_leans_and_does_not_decide(case: Case) -> None:
    """All draws of a chance of the process say no, and yet it depends (convention C150); shares are told in percentage points."""
    frame = rows_of("x", [0.1] * 40, [0.0] * 40)
    frame = Rows(name="process", frame=frame.frame.assign(indicator="process_chance", unit="1"), draws=frame.draws)
    where = {"scenario": "b", "indicator": "process_chance", "year": 2035}
    test = {"kind": "rows", "where": where, "operator": ">", "against": {"scenario": "a"}}
    found = judged(case, test, book=RowBook(rows=(frame,))).main
    assert (found.verdict, found.share) == ("depends", 0.0)
    assert "leans to contradicted" in found.reason
    assert (found.value, found.unit) == (-10.0, "percentage points")


def test_a_test_left_out_says_which_run_it_needs(case: Case) -> None:
    """The scenarios named are those of the test, and the verdict says what it leaves out (convention C123)."""
    run = {"kind": "rows", "where": {"scenario": "b", "indicator": "corridor_flow", "year": 2035}, "operator": ">",
           "against": {"scenario": "a"}}  # fmt: skip
    there = count(">", {"sender": "RUS"}, value=0)
    found = judged(case, there, run)
    assert found.verdict == "depends"
    assert found.scenarios == ("b", "a")
    assert found.left_out == ("needs a run with b and a, for corridor flow",)
    assert judged(case, run).left_out == ()  # nothing was made, so nothing was left out
    made = RowBook(rows=(rows_of("trade", [0.0] * 40, [1.0] * 40),))
    assert judged(case, there, run, book=made).scenarios == ()
    gone = run | {"where": run["where"] | {"asset": "nowhere"}}  # type: ignore[operator] # a dict
    assert judged(case, gone, book=made).main.reason.startswith("no row scenario b, indicator corridor_flow")
    assert claim_frame([found]).loc[0, "needs_run"] == "b;a"


def test_a_malformed_file_names_the_key(tmp_path: Path) -> None:
    """A test of a wrong kind says what it needs, and where."""
    path = tmp_path / "claims.toml"
    path.write_text(
        '[article]\ntitle="T"\nauthor="A"\npublisher="P"\npublished_on=2025-01-01\nindependence_group="g"\n'
        '[[claim]]\nid="c"\ntext="t"\nplace="p"\nkind="fact"\ntest=[{kind="number", facts=["F"]}]\n'
    )
    with pytest.raises(CaseError, match=r"claim\[1\].test\[1\].*needs operator, value"):
        read_claims(path)
