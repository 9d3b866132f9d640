"""`assess_claims`: the claims of a text on a case, with results of given runs or of runs made for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mackinder.archive import Run, read_run
from mackinder.case import Case
from mackinder.case.claimsdoc import Claims, read_claims
from mackinder.ensemble.driver import run as run_chain
from mackinder.errors import CaseError, MackinderError, UsageError
from mackinder.evidence.claimrows import RowBook, Rows
from mackinder.evidence.claims import ClaimResult, judge_claims
from mackinder.evidence.drivers import find_drivers
from mackinder.indicators.measure import RESULT_COLUMNS
from mackinder.scenario import read_vintage
from mackinder.strategy.dealrows import deal_rows
from mackinder.strategy.dealsanswer import deals_answer, needed_scenarios
from mackinder.strategy.timelineanswer import TimelineAnswer, timeline_answer

__all__ = ["assess_claims", "claims_of", "scenarios_asked"]

Say = Callable[[str], None]


def assess_claims(
    case: Case | str | Path = "south-caucasus",
    *,
    claims: Claims | str | Path | None = None,
    runs: Sequence[Run | str | Path] = (),
    scenario: str | None = None,
    as_of: str | None = None,
    solve: bool = False,
    model: str = "routes",
    then: bool = True,
    draws: int = 20,
    seed: int = 0,
    threads: int | None = None,
    narrate: Say | None = None,
) -> tuple[ClaimResult, ...]:
    """Put the claims of a text to the test.

    Parameters
    ----------
    case : Case, str or Path
    claims : Claims, str or Path, optional
        A file of claims; default: ``claims.toml`` of the case.
    runs : sequence of Run or folder
        Runs of the case, the one that decides first; the others are structural variants (other models).
    scenario : str, optional
        What ``@`` stands for in claims about a scenario; default: the document says.
    as_of : str, optional
        ISO day.
    solve : bool
        Run the scenarios that claims ask about, with `draws` draws of `model`. Takes a minute or more on a large case.
    then : bool
        Judge the claims at the first vintage too. Claims about the model are judged there only with `solve`.
    draws, seed, threads
        Of `solve`.
    narrate : callable, optional

    Returns
    -------
    tuple of ClaimResult

    Raises
    ------
    CaseError
        If there are no claims, or they cannot be read.
    UsageError
        If a run is of another case, or the scenario is not known.

    Examples
    --------
    >>> from mackinder import assess_claims  # doctest: +SKIP
    >>> [r.claim.id for r in assess_claims("south-caucasus") if r.verdict == "contradicted"]  # doctest: +SKIP
    """
    say = narrate or (lambda _: None)
    vintage = case if isinstance(case, Case) else read_vintage(case, as_of)
    document = claims if isinstance(claims, Claims) else claims_of(vintage, claims)
    asked = scenario or document.article.scenario or next(iter(vintage.settings.scenarios), vintage.settings.baseline)
    read = [item if isinstance(item, Run) else read_run(item) for item in runs]
    for item in read:
        if item.manifest["case"] != vintage.name:
            own = item.manifest["case"]
            msg = f"{item.folder or 'the run'} is a run of case {own!r}, and the claims are put to {vintage.name!r}"
            raise UsageError(msg)
    held = bool(read)
    now = _judged(
        vintage, document, asked, read, solve=solve, model=model, draws=draws, seed=seed, threads=threads, say=say
    )
    first = vintage.settings.article_date
    if not then or vintage.settings.newest_evidence <= first:
        return tuple(dataclasses.replace(r, verdict_then=r.verdict) for r in now) if then else now
    say(f"the same on {first}")
    source = vintage.folder if isinstance(case, Case) else case
    early = _judged(
        read_vintage(source, first.isoformat()), document, asked, (), solve=solve, model=model, draws=draws, seed=seed,
        threads=threads, say=say,
    )  # fmt: skip
    return tuple(
        dataclasses.replace(n, verdict_then="needs a run" if held and e.scenarios and not n.scenarios else e.verdict)
        for n, e in zip(now, early, strict=True)
    )


def claims_of(case: Case, file: str | Path | None) -> Claims:
    """Return the claims of a file, or of the case.

    Raises
    ------
    CaseError
        If there are none.
    """
    if file is not None and not Path(file).is_file():
        msg = f"{file}: no such file of claims"
        raise UsageError(msg)
    found = read_claims(case.folder if file is None else Path(file))
    if found is None:
        msg = (
            f"case {case.name!r} has no claims.toml: write one (that of the packaged case south-caucasus is one to follow), "
            "or name a file with --claims"
        )
        raise CaseError(msg)
    return found


def scenarios_asked(document: Claims, scenario: str) -> tuple[str, ...]:
    """Return the scenarios that claims about runs name."""
    names = []
    for claim in document.claim:
        for test in claim.test:
            if test.kind == "rows" and not str(test.where.get("indicator", "")).startswith(("deal_", "process_")):
                names += [test.where.get("scenario", ""), test.against.get("scenario", "")]
    real = (scenario if name == "@" else str(name) for name in names if name and name != "@baseline")
    return tuple(dict.fromkeys(real))


def _judged(
    case: Case, document: Claims, scenario: str, runs: Sequence[Run], *, solve: bool, model: str, draws: int, seed: int,
    threads: int | None, say: Say,
) -> tuple[ClaimResult, ...]:  # fmt: skip
    settings = case.settings
    made = list(runs)
    if solve:
        say(f"running {model} with {draws} draws at the evidence of {settings.newest_evidence}")
        asked = scenarios_asked(document, scenario)
        made.append(
            run_chain(case, asked, draws=draws, seed=seed, threads=threads, model=model, narrate=narrate_stage(say))
        )
    rows = _told_apart([_rows_of(case, item) for item in made])
    rows += _more(case, made, document, seed, say)
    signs: dict[str, str | int] = {
        "@": scenario, "@baseline": settings.baseline, "@base": settings.base_year, "@horizon": settings.horizon_year,
    }  # fmt: skip
    say("judging")

    def needs(indicator: str, named: Sequence[str]) -> Sequence[str]:
        """Name the scenarios of a run that has what a test asks; the baseline is in every run."""
        deals = indicator.startswith("deal_") and (case.folder / "arrangements.toml").is_file()
        every = needed_scenarios(case) if deals else named
        return tuple(dict.fromkeys(s for s in every if s != settings.baseline)) or (settings.baseline,)

    return judge_claims(case, document, RowBook(rows=tuple(rows), signs=signs, needs=needs), seed=seed)


def narrate_stage(say: Say) -> Say:
    """Return a narrator of stages."""
    return lambda stage: say(f"  {stage}")


def _rows_of(case: Case, item: Run) -> Rows:
    drivers = find_drivers(case, seed=item.manifest["seed"], draws=item.manifest["draws"])
    return Rows(
        name=str(item.manifest.get("model", "run")),
        frame=item.results,
        draws=item.draws.astype(np.float64),
        drivers=drivers,
    )


def _told_apart(rows: Sequence[Rows]) -> list[Rows]:
    """Number runs of one model, so that none hides another."""
    out: list[Rows] = []
    for item in rows:
        same = sum(other.name.partition(" ")[0] == item.name for other in out)
        out.append(dataclasses.replace(item, name=f"{item.name} (run {same + 1})") if same else item)
    return out


def _more(case: Case, runs: Sequence[Run], document: Claims, seed: int, say: Say) -> list[Rows]:
    """Rows of deals and of the process, where claims ask for them and the case and the runs have what they need."""
    wanted = {
        str(t.where.get("indicator", "")).partition("_")[0] for c in document.claim for t in c.test if t.kind == "rows"
    }
    found: list[Rows] = []
    if "process" in wanted and (case.folder / "process.toml").is_file():
        say("process")
        answer = timeline_answer(case, analogues=False, seed=seed)
        found.append(_process_rows(answer))
    if "deal" in wanted and (case.folder / "arrangements.toml").is_file():
        needed = set(needed_scenarios(case))
        for item in runs:
            if needed <= set(item.manifest["scenarios"]):
                say("deals")
                try:
                    deals = deals_answer(case, item.results, item.draws.astype(np.float64), seed=seed)
                except MackinderError as error:
                    say(f"deals left out: {error}")
                    continue
                found.append(
                    Rows(
                        name=f"deals on {item.manifest.get('model', 'run')}",
                        frame=deal_rows(deals, case.settings.horizon_year),
                    )
                )
                break
    return found


def _process_rows(answer: TimelineAnswer) -> Rows:
    """Chances of milestones by world and year, with their draws; `asset` is the world, and the scenario is left empty."""
    rows, draws = [], []
    blank = dict.fromkeys(("scenario", "actor", "target", "goods"), "")
    for world in answer.worlds:
        found = answer.incidence[world.id]
        for mark in answer.spec.milestone:
            if mark.severe:
                continue  # war and collapse are ranges, never compared by a decimal
            chance = found.exact.get(mark.of, found.chance[:, found.names.index(mark.of)])
            for k, year in enumerate(found.years):
                low, value, high = np.quantile(chance[:, k], [0.05, 0.5, 0.95])
                rows.append(
                    blank | {"indicator": "process_chance", "variant": mark.id, "year": int(year), "asset": world.id,
                             "unit": "1", "value": value, "low": low, "high": high, "draws": answer.draws}
                )  # fmt: skip
                draws.append(chance[:, k])
    frame = pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    return Rows(name="process", frame=frame, draws=np.stack(draws, axis=1))
