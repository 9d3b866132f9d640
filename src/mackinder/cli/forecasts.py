"""``forecasts``: dated questions, frozen and scored against climatology, no change and official plans."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mackinder.cli.output import DEFAULT_CASE, CaseName, Json, number, print_json, print_table

__all__ = ["forecasts_command"]


def forecasts_command(
    case: CaseName = DEFAULT_CASE,
    file: Annotated[
        Path | None, typer.Option("--questions", help="File of questions; questions.toml of the case if not given.")
    ] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Print the hash of each question whose text is not what was frozen.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show how forecasts scored: Brier, logarithmic, CRPS; against three baselines; misses first. Edits are detected."""
    from mackinder.case.freezing import edited
    from mackinder.case.locate import find_case
    from mackinder.case.questionsdoc import read_questions
    from mackinder.errors import CaseError, UsageError
    from mackinder.evidence.forecasts import score_forecasts

    if file is not None and not file.is_file():
        msg = f"{file}: no such file of questions"
        raise UsageError(msg)
    document = read_questions(find_case(case) if file is None else file)
    if document is None:
        msg = f"case {case!r} has no questions.toml: write one (that of the packaged case south-caucasus is one to follow)"
        raise CaseError(msg)
    if freeze:
        for name, _, now in edited(document.question):
            typer.echo(f"{name}\t{now}")
        return
    found = score_forecasts(document.question)
    if as_json:
        print_json(
            "mackinder.forecasts/1",
            {
                "root_hash": found.root, "scores": found.scores.to_dict("records"),
                "summary": found.summary.to_dict("records"), "misses": found.misses.to_dict("records"),
                "reliability": [{name: getattr(b, name) for name in b.__slots__} for b in found.bins],
                "open": list(found.open), "disputed": list(found.disputed),
                "retrospective": [q.id for q in document.question if q.retrospective],
            },
        )  # fmt: skip
        return
    print_table(
        "Scores (losses: lower is better)",
        ["score", "forecaster", "mean", "questions", "ours on the same"],
        [
            [
                f"{r['score']} ({r['kind']})",
                r["forecaster"],
                number(r["mean"]),
                str(r["questions"]),
                number(r["ours_there"]),
            ]
            for r in found.summary.to_dict("records")
        ],
    )
    texts = {q.id: q.text for q in document.question}
    typer.echo(f"\nMisses ({len(found.misses)}): on the wrong side of even odds, or outside of the 90 % interval")
    for miss in found.misses.to_dict("records"):
        typer.echo(
            f"  {miss['id']}: {texts[miss['id']]} Given {number(miss['given'])}, came out {number(miss['outcome'])}."
        )
    print_table(
        "Reliability of our chances",
        ["chances", "questions", "mean", "came true", "90 % interval"],
        [
            [f"{b.low:.0%} to {b.high:.0%}", str(b.count), *(f"{v:.0%}" if v == v else "" for v in (b.chance, b.frequency)),
             f"{b.frequency_low:.0%} to {b.frequency_high:.0%}" if b.count else ""]
            for b in found.bins
        ],
    )  # fmt: skip
    past = sum(q.retrospective for q in document.question)
    typer.echo(
        f"\n{past} of {len(document.question)} forecasts are retrospective: no pre-registration. {len(found.open)} questions are "
        f"open, {len(found.disputed)} disputed and not scored. Root hash {found.root}."
    )
