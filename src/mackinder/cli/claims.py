"""``claims``: what a text claims, put to the test; the verdicts then and now; exit 5 for a gate."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import DEFAULT_CASE, AsOf, CaseName, Json, Quiet, narrator, number, print_json, print_table

if TYPE_CHECKING:
    from mackinder.case.claimsdoc import Test
    from mackinder.evidence.claims import ClaimResult
    from mackinder.evidence.verdicts import Finding

__all__ = ["claims_command"]

_VERDICTS: Final = ("supported", "contradicted", "depends", "not testable")
_GATE: Final = 5


def claims_command(
    case: CaseName = DEFAULT_CASE,
    file: Annotated[
        Path | None, typer.Option("--claims", help="File of claims; claims.toml of the case if not given.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Id of a claim; may be repeated. Shown in full.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="Scenario that claims about a scenario are put to.")
    ] = None,
    as_of: AsOf = None,
    run: Annotated[
        list[Path] | None,
        typer.Option(
            "--run", help="Folder of a run; may be repeated: the first decides, the others are structural variants."
        ),
    ] = None,
    solve: Annotated[
        bool, typer.Option("--solve", help="Run what claims ask about, then and now (a minute or more each).")
    ] = False,
    model: Annotated[str, typer.Option("--model", help="Model of --solve: routes, capacity or trade.")] = "routes",
    draws: Annotated[int, typer.Option("--draws", help="Draws of --solve.")] = 20,
    seed: Seed = 0,
    fail_on: Annotated[
        list[str] | None, typer.Option("--fail-on", help="Exit with 5 if a claim has this verdict; may be repeated.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Judge the claims of a text: supported, contradicted, depends or not testable; on what; and what would change it."""
    from mackinder.errors import UsageError, did_you_mean

    for verdict in fail_on or ():
        if verdict not in _VERDICTS:
            raise UsageError(did_you_mean(verdict, _VERDICTS, what="verdict"))
    say = narrator(quiet)
    say(f"reading {case}")
    from mackinder.ensemble import assess_claims
    from mackinder.ensemble.assess import claims_of
    from mackinder.evidence.claimstated import contradictions
    from mackinder.scenario import read_vintage

    vintage = read_vintage(case, as_of)
    document = claims_of(vintage, file)
    found = assess_claims(
        vintage, claims=document, runs=list(run or ()), scenario=scenario, solve=solve, model=model, draws=draws, seed=seed,
        narrate=say,
    )  # fmt: skip
    known = [r.claim.id for r in found]
    for name in only or ():
        if name not in known:
            raise UsageError(did_you_mean(name, known, what="claim"))
    shown = [r for r in found if not only or r.claim.id in only]
    clashes = contradictions(document)
    newest = str(vintage.settings.newest_evidence)
    if as_json:
        print_json(
            "mackinder.claims/1",
            {
                "case": vintage.name, "article": document.article.model_dump(mode="json"), "newest_evidence": newest,
                "claims": [claim_json(r) for r in shown],
                "contradictions": [{"first": c.first, "second": c.second, "text": c.text} for c in clashes],
            },
        )  # fmt: skip
    else:
        _print(
            shown,
            clashes,
            case,
            vintage.settings.baseline,
            full=bool(only),
            then=str(vintage.settings.article_date),
            newest=newest,
        )
    failed = [r for r in shown if r.verdict in (fail_on or ())]
    if failed:
        typer.echo(f"claim gate: {', '.join(f'{r.claim.id} is {r.verdict}' for r in failed)}", err=True)
        raise typer.Exit(_GATE)


def claim_json(result: ClaimResult) -> dict[str, Any]:
    """One claim with everything that was found."""
    import dataclasses

    claim = result.claim
    return {
        "id": claim.id, "claim": claim.text, "place": claim.place, "kind": claim.kind, "attributed_to": claim.attributed_to,
        "verdict": result.verdict, "verdict_then": result.verdict_then,
        "findings": [dataclasses.asdict(f) | {"variants": dict(f.variants)} for f in result.findings],
        "left_out": list(result.left_out), "needs_run": list(result.scenarios),
        "deciding": list(result.of("deciding")), "flags": list(result.of("flags")), "facts": list(result.of("facts")),
        "sources": list(result.sources), "changes_if": claim.changes_if, "note": claim.note,
    }  # fmt: skip


def _print(
    results: list[ClaimResult], clashes: Any, case: str, baseline: str, *, full: bool, then: str, newest: str
) -> None:
    print_table(
        f"Claims on the evidence of {newest}; `then` = on {then}",
        ["id", "claim", "verdict", "then", "number (90 % interval)", "draws", "models", "decided by"],
        [_row(r) for r in results],
    )
    for result in results if full else ():
        _detail(result)
    if clashes:
        typer.echo("\nThe text contradicts itself:")
        for clash in clashes:
            typer.echo(f"  {clash.text}.")
    counts = {v: sum(1 for r in results if r.verdict == v) for v in _VERDICTS}
    typer.echo("\n" + ", ".join(f"{n} {verdict}" for verdict, n in counts.items()) + ".")
    moved = [r.claim.id for r in results if r.verdict_then in _VERDICTS and r.verdict_then != r.verdict]
    if moved:
        typer.echo(f"Verdicts that differ from those on {then}: {', '.join(moved)}.")
    _say_which_run(results, case, baseline)
    typer.echo(
        "`draws` is the share of draws in which the test beside it holds, `models` how many models agree if several runs were "
        "given: neither is a probability that the claim is true. Facts are judged from their sources. Rows that were found and "
        "not sampled, and what one reader judged, decide nothing alone. `--only ID` shows a claim in full."
    )


def _say_which_run(results: list[ClaimResult], case: str, baseline: str) -> None:
    """Print the commands after which all tests can be made."""
    lacking = {r.claim.id: r.scenarios for r in results if r.scenarios}
    if not lacking:
        return
    name = "" if case == DEFAULT_CASE else f" {case}"
    names = dict.fromkeys(s for scenarios in lacking.values() for s in scenarios)
    asked = " ".join(f"-s {scenario}" for scenario in names if len(names) == 1 or scenario != baseline)
    typer.echo(
        f"Need a run: {', '.join(lacking)}. Make one with `mackinder run{name} {asked} --out DIR`, then ask with "
        f"`mackinder claims{name} --run DIR`. `--solve` runs what is asked, without deals."
    )


def _what(test: Test) -> str:
    """Say what a test measures, where the claim alone does not."""
    if test.what or test.kind != "ties":
        return test.what
    ties = f"{test.dimension} ties of {test.actor}"
    if test.relation == "larger":
        return f"{ties}, those on {test.target} above those on {test.other}"
    return f"{'fall of ' if test.relation == 'fallen' else ''}{ties} on {test.target}"


def _number(finding: Finding, what: str) -> str:
    """Write the number that was tested, with its unit and the numbers for which the test holds."""
    if math.isnan(finding.value):
        return ""
    if finding.low == finding.high or finding.kind == "stated":
        text = f"{finding.value:g}" if finding.kind == "count" else number(finding.value)
    elif finding.kind == "number" and len(finding.facts) > 1:
        text = f"reported {number(finding.low)} to {number(finding.high)}"
    else:
        text = number(finding.value, finding.low, finding.high)
    text = f"{what}: {text}" if what else text
    text = f"{text} {finding.unit}".strip()
    return f"{text}; holds if {finding.wanted}" if finding.wanted else text


def _row(result: ClaimResult) -> list[str]:
    main = result.main
    what = next((_what(t) for t, f in zip(result.claim.test, result.findings, strict=True) if f is main), "")
    share = "" if math.isnan(main.share) else percent_of(main.share)
    models = main.variants
    agree = f"{sum(v == main.verdict for v in models.values())} of {len(models)}" if len(models) > 1 else ""
    return [
        result.claim.id, result.claim.text, result.verdict, result.verdict_then, _number(main, what), share, agree,
        "; ".join(result.decided_by),
    ]  # fmt: skip


def percent_of(share: float) -> str:
    """Write a share as a percentage."""
    from mackinder.evidence.verdicts import percent

    return percent(share)


def _detail(result: ClaimResult) -> None:
    claim = result.claim
    by = f", attributed to {claim.attributed_to}" if claim.attributed_to else ""
    typer.echo(f"\n{claim.id}: {claim.text} ({claim.kind}{by}; {claim.place})")
    for test, finding in zip(claim.test, result.findings, strict=True):
        typer.echo(f"  test by {test.kind}: {finding.verdict}. {finding.reason[:1].upper()}{finding.reason[1:]}.")
        if shown := _number(finding, _what(test)):
            typer.echo(f"    {shown}.")
        for flag in finding.flags:
            typer.echo(f"    {flag}.")
    for label, items in (
        ("Facts", result.of("facts")),
        ("Sources", result.sources),
        ("Decided by", result.of("deciding")),
    ):
        if items:
            typer.echo(f"  {label}: {'; '.join(items)}.")
    if claim.changes_if:
        typer.echo(f"  What would change it: {claim.changes_if}")
    if claim.note:
        typer.echo(f"  Note: {claim.note}")
