"""Levers, deals and claims for the app: the functions of the commands, set as the sections of a report (convention C160)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from mackinder.archive import Run
from mackinder.case import Case
from mackinder.ensemble import assess_claims, run
from mackinder.errors import UsageError, did_you_mean
from mackinder.indicators.leverage import LeverModel
from mackinder.indicators.leverrank import lever_answer, lever_rows
from mackinder.report.content import Section, Table
from mackinder.report.dealsection import deals_section
from mackinder.report.evidencedocs import CLAIM_HEADS, claim_cells
from mackinder.report.extra import plan_labels
from mackinder.report.levers import lever_section
from mackinder.report.lookup import Lookup
from mackinder.report.naming import build_names
from mackinder.scenario import read_scenario
from mackinder.strategy.dealrows import deal_rows
from mackinder.strategy.dealsanswer import deals_answer, document_of, needed_scenarios

__all__ = ["claims_of_case", "deals_of_case", "levers_of_pair", "section_json"]

#: as the commands take them if nothing is said
LEVER_DRAWS: Final = 20
MODEL_DRAWS: Final = 20
Say = Callable[[str], None]


def section_json(sections: Iterable[Section]) -> list[dict[str, Any]]:
    """Return sections as the page draws them: heading, paragraphs, and tables of text."""
    return [
        {
            "heading": section.heading,
            "paragraphs": list(section.paragraphs),
            "tables": [
                {
                    "caption": t.caption,
                    "columns": list(t.columns),
                    "rows": [[str(cell) for cell in row] for row in t.rows],
                    "note": t.note,
                }
                for t in section.tables
                if t.rows
            ],
        }
        for section in sections
    ]


def levers_of_pair(
    case: Case, sender: str, target: str, scenario: str, *, threads: int, say: Say = lambda _: None
) -> dict[str, Any]:
    """Rank what a sender can do to a target, as `mackinder levers CASE SENDER TARGET --scenario S` does.

    Raises
    ------
    UsageError
        If the case has no lever between the two.
    """
    levers = case.table("levers")
    pairs = {(str(s), str(t)) for s, t in zip(levers["sender"], levers["target"], strict=True)}
    if (sender, target) not in pairs:
        raise UsageError(did_you_mean(f"{sender} {target}", [" ".join(p) for p in sorted(pairs)], what="pair"))
    year = case.settings.horizon_year
    choice = LeverModel(runs=("at_once",), draws=LEVER_DRAWS, seed=0, threads=threads, search=False)
    answer = lever_answer(case, [scenario], year, ((sender, target),), choice, narrate=say)
    rows = lever_rows(answer)
    label = read_scenario(scenario, case).label
    names = build_names(case, "", [scenario], {scenario: label}, "neutral", ())
    section = lever_section(Lookup(frame=rows, year=year), names, case, ())
    return {
        "sections": section_json([section]),
        "notes": [str(note) for note in answer.notes],
        "rows": rows.to_dict("records"),
        "draws": answer.draws,
    }


def deals_of_case(case: Case, known: Run | None, *, threads: int, say: Say = lambda _: None) -> dict[str, Any]:
    """Value the arrangements, as `mackinder deals` does; `known` is a run that holds their scenarios, made if None."""
    document_of(case)
    if known is None:
        say("running the scenarios of the arrangements")
        needed = needed_scenarios(case)
        known = run(case, needed, draws=MODEL_DRAWS, seed=0, threads=threads, model="capacity", narrate=say)
    say("weighing the arrangements")
    answer = deals_answer(case, known.results, known.draws.astype(float), scenarios=known.manifest["scenarios"])
    rows = deal_rows(answer, case.settings.horizon_year)
    names = build_names(case, case.settings.baseline, [], {}, "neutral", ())
    section = deals_section(rows, plan_labels(case), names.actors)
    note = (
        f"{answer.draws} draws of positions and stakes, {answer.model_draws} of the model ({known.manifest['model']})."
    )
    return {
        "sections": section_json([section] if section is not None else []),
        "notes": [note, "Positions, terms and stakes were judged by one coder."],
        "rows": rows.to_dict("records"),
        "draws": answer.draws,
    }


def claims_of_case(case: Case, known: Run | None, *, say: Say = lambda _: None) -> dict[str, Any]:
    """Judge the claims of the case's text, as `mackinder claims` does, with ``--run`` where a run is given."""
    found = assess_claims(case, runs=[known] if known is not None else [], narrate=say)
    table = Table(caption="Claims and what the evidence says", columns=CLAIM_HEADS, rows=tuple(map(claim_cells, found)))
    note = (
        "A share of draws is no probability that a claim is true. “Then” is the verdict on the evidence that there was when "
        f"the text was written, {case.settings.article_date}."
    )
    section = Section(
        section_id="claims", heading="Claims and what the evidence says", paragraphs=(note,), tables=(table,)
    )
    return {"sections": section_json([section]), "notes": [], "filters": ["Verdict", "Then"], "draws": 0}
