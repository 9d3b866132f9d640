"""Make the generated pages of docs: the case and its map, reality, calibration, forecasts, back-tests and limits.

python tools/make_pages.py          pages from the tables and the stored numbers in docs/data
python tools/make_pages.py --run    run the case first (minutes) and store new numbers
python tools/make_pages.py --compare     compare models, closures and corridors alone and store new numbers
python tools/make_pages.py --calibrate    fit the factors of the case first (minutes), write its table fits, store the residuals
python tools/make_pages.py --profile    move each factor alone over its interval (a minute or two), store how counts are met
python tools/make_pages.py --check  write nothing; exit with 1 if a page is not what it would be
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from mackinder.archive import Run
from mackinder.case import read_case
from mackinder.case.episodesdoc import read_episodes
from mackinder.case.questionsdoc import read_questions
from mackinder.evidence.backtests import replay_episodes
from mackinder.evidence.cannot import cannot_tell
from mackinder.evidence.forecasts import score_forecasts
from mackinder.evidence.reality import compare_with_reality
from mackinder.evidence.targets import read_targets
from mackinder.report.backtestpage import backtest_page
from mackinder.report.calibrationpage import calibration_page
from mackinder.report.casepage import case_map, case_page
from mackinder.report.forecastpage import forecast_page, reliability_chart
from mackinder.report.limitspage import limits_page
from mackinder.report.realitypage import reality_page
from mackinder.scenario import read_vintage

CASE = "south-caucasus"
REGION = ("ARM", "AZE", "GEO")
DRAWS = 200
DOCS = Path(__file__).parents[1] / "docs"
FLOWS, REALITY, MANIFEST = "data/baseline-flows.csv", "data/reality.csv", "data/reality.json"
COUNTS, FACTORS, FITTING = "data/calibration.csv", "data/calibration-factors.csv", "data/calibration.json"
PROFILE = "data/calibration-profile.csv"
MAP = "img/south-caucasus.svg"
RELIABILITY = "img/reliability.svg"
PROOF = "data/backtests.json"
NESTED, CLOSED, OWN = "data/ablation.csv", "data/closures.csv", "data/own-trade.csv"
FLIPS, COMPARED = "data/switch.csv", "data/compared.json"
#: scenario of the comparisons, their draws, and the corridors of the switch table, each against those after it
COMPARE, COMPARE_DRAWS = "trump-route", 20
SWITCHED = ("trump-route", "btk", "aras-route", "northern-corridor")
KEPT = ("baseline", "base_year", "draws", "seed", "status", "newest_evidence")


def numbers(draws: int = DRAWS) -> dict[str, str]:
    """Run the baseline alone and return the files of stored numbers by path."""
    from mackinder.ensemble import run

    return stored(run(read_vintage(CASE), [], draws=draws, seed=0, allow_unsolved=True))


def stored(result: Run) -> dict[str, str]:
    """Compare the baseline of a run with reality, and return the files of stored numbers by path."""
    case = read_vintage(CASE)
    here = (result.flows["scenario"] == case.settings.baseline) & (result.flows["year"] == case.settings.base_year)
    flows = result.flows.loc[here, ["link", "quantity_mt", "quantity_mt_low", "quantity_mt_high"]]
    compared = compare_with_reality(case, result.flows, result.results).drop(columns="reason")
    kept = {name: result.manifest[name] for name in KEPT}
    return {
        FLOWS: flows.to_csv(index=False, float_format="%.4g", lineterminator="\n"),
        REALITY: compared.to_csv(index=False, float_format="%.5g", lineterminator="\n"),
        MANIFEST: json.dumps(kept, indent=1, sort_keys=True) + "\n",
    }


def calibration() -> dict[str, str]:
    """Fit the factors of the case, write its table, and return the files of stored numbers by path."""
    from mackinder.evidence.calibrate import calibrate, write_fits

    case = read_vintage(CASE)
    found = calibrate(case, narrate=print)
    write_fits(case, found)
    facts = {
        "baseline": case.settings.baseline,
        "base_year": case.settings.base_year,
        "rounds": found.rounds,
        "widened": round(found.widened, 3),
        "adopted": found.adopted,
    }
    return {
        COUNTS: found.counts.to_csv(index=False, float_format="%.4g", lineterminator="\n"),
        FACTORS: found.fits.drop(columns=["file_row", "ground"], errors="ignore")
        .merge(found.parameters, on="fit_id")
        .to_csv(index=False, float_format="%.4g", lineterminator="\n"),
        FITTING: json.dumps(facts, indent=1, sort_keys=True) + "\n",
        PROFILE: found.profile.to_csv(index=False, float_format="%.4g", lineterminator="\n"),
    }


def profiled() -> dict[str, str]:
    """Move each factor of the case alone over its interval, and return the file of stored numbers by path."""
    from mackinder.evidence.calibrate import identification

    profile, _ = identification(read_vintage(CASE), narrate=print)
    return {PROFILE: profile.to_csv(index=False, float_format="%.4g", lineterminator="\n")}


def comparisons(draws: int = COMPARE_DRAWS) -> dict[str, str]:
    """Compare models, closures, trade without re-exports, and corridors; return the files of stored numbers by path."""
    import itertools

    from mackinder.ensemble import ablation, run
    from mackinder.ensemble.closures import compare_closures
    from mackinder.equilibrium import switch_points
    from mackinder.report.switchpage import switch_rows

    case = read_vintage(CASE)
    nested = ablation(case, [COMPARE], draws=draws, narrate=print)
    own = run(case, [COMPARE], draws=draws, reexports="without").results
    own = own[own["variant"].str.endswith("minus-baseline") & (own["year"] == case.settings.horizon_year)]
    shown = nested.table[[c for c in own.columns if c in nested.table.columns and c != "draws"]]
    own = shown.merge(own[[*shown.columns, "value", "low", "high"]], how="left")
    closed = compare_closures(case, [COMPARE], draws=draws)
    flips = []
    for first, second in itertools.combinations(SWITCHED, 2):
        print(f"switch: {first}, {second}")
        found = switch_points(case, first, second, scenario=COMPARE, draws=draws, seed=0, threads=2)
        flips += switch_rows(found)
    facts = {
        "scenario": COMPARE,
        "baseline": case.settings.baseline,
        "year": case.settings.horizon_year,
        "draws": draws,
        "seed": 0,
        "newest_evidence": str(case.settings.newest_evidence),
        "models": list(nested.models),
    }
    tables = {NESTED: nested.table, CLOSED: closed, OWN: own, FLIPS: pd.DataFrame(flips)}
    return {
        name: frame.to_csv(index=False, float_format="%.4g", lineterminator="\n") for name, frame in tables.items()
    } | {COMPARED: json.dumps(facts, indent=1, sort_keys=True) + "\n"}


def compared_pages(docs: Path) -> dict[str, str]:
    """Return the pages of models beside each other and of switch points, from the stored numbers."""
    from mackinder.report.ablationpage import ablation_page
    from mackinder.report.switchpage import switch_page

    case = read_vintage(CASE)
    nested, closed, own, flips = (pd.read_csv(docs / name).fillna({"actor": "", "target": "", "asset": ""})
                                  for name in (NESTED, CLOSED, OWN, FLIPS))  # fmt: skip
    facts = json.loads((docs / COMPARED).read_text(encoding="utf-8"))
    labels = dict(case.table("corridors").set_index("corridor_id")["label"])
    return {
        "ablation.md": ablation_page(nested, closed, own, facts, labels=labels, focus=case.settings.focus),
        "switch.md": switch_page(flips, facts, labels=labels),
    }


def pages(docs: Path = DOCS) -> dict[str, str]:
    """Return the generated files by path below docs, from the tables and the stored numbers."""
    case = read_vintage(CASE)
    flows, compared = (pd.read_csv(docs / name, keep_default_na=True) for name in (FLOWS, REALITY))
    manifest = json.loads((docs / MANIFEST).read_text(encoding="utf-8"))
    targets = read_targets(case)
    lacking = sorted({t.id for t in targets} - set(compared["id"]))
    if lacking:
        msg = f"docs/{REALITY} has no {', '.join(lacking)}: run tools/make_pages.py --run"
        raise SystemExit(msg)
    fitting = json.loads((docs / FITTING).read_text(encoding="utf-8"))
    counts, factors = (pd.read_csv(docs / name, keep_default_na=False) for name in (COUNTS, FACTORS))
    return {
        f"case-{CASE}.md": case_page(case, flows, region=REGION, map_file=MAP),
        MAP: case_map(case, flows),
        "reality.md": reality_page(targets, compared, manifest),
        "calibration.md": calibration_page(targets, factors, counts, fitting, pd.read_csv(docs / PROFILE)),
        **evidence_pages(compared),
        **compared_pages(docs),
    }


def evidence_pages(compared: pd.DataFrame) -> dict[str, str]:
    """Return the pages of forecasts, back-tests and limits, which are made from the case alone."""
    case = read_case(CASE)
    document = read_questions(case.folder)
    questions = () if document is None else document.question
    scores = score_forecasts(questions)
    chart = reliability_chart(
        "reliability", scores.bins, title="Reliability of resolved forecasts", source="questions.toml"
    )
    episodes = read_episodes(case.folder)
    replayed = replay_episodes(case, episodes)
    return {
        "forecasts.md": forecast_page(questions, scores, chart=RELIABILITY),
        RELIABILITY: f"{chart.svg}\n",
        "backtests.md": backtest_page(episodes, replayed),
        PROOF: json.dumps(replayed.manifest, indent=1, sort_keys=True) + "\n",
        "limits.md": limits_page(cannot_tell(read_vintage(CASE), compared)),
    }


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="run the case and store new numbers")
    parser.add_argument("--calibrate", action="store_true", help="fit the factors of the case and store new residuals")
    parser.add_argument(
        "--profile", action="store_true", help="move each factor over its interval (part of --calibrate)"
    )
    parser.add_argument("--compare", action="store_true", help="compare models and corridors (part of --run)")
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")
    options = parser.parse_args()
    if options.calibrate:
        write(calibration())
    if options.profile:
        write(profiled())
    if options.run:
        write(numbers())
    if options.run or options.compare:
        write(comparisons())
    made = pages()
    if not options.check:
        write(made)
        return 0
    stale = [name for name, text in made.items() if not same(DOCS / name, text)]
    for name in stale:
        print(f"docs/{name} is not what the tables make of it: run make docs")
    return 1 if stale else 0


def write(files: dict[str, str]) -> None:
    """Write files below docs."""
    for name, text in files.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        print(f"docs/{name}: {len(text):,} characters")


def same(path: Path, text: str) -> bool:
    """Say whether a file holds this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
