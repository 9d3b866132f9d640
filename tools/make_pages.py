"""Make the generated pages of docs: the case and its map, ``docs/reality.md``, ``docs/calibration.md`` and others.

python tools/make_pages.py          pages from the tables and the stored numbers in docs/data
python tools/make_pages.py --run    run the case first (minutes) and store new numbers
python tools/make_pages.py --calibrate    fit the factors of the case first (minutes), write its table fits, store the residuals
python tools/make_pages.py --check  write nothing; exit with 1 if a page is not what it would be
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pandas as pd

from mackinder.archive import Run
from mackinder.evidence.reality import compare_with_reality
from mackinder.evidence.targets import read_targets
from mackinder.report.calibrationpage import calibration_page
from mackinder.report.casepage import case_map, case_page
from mackinder.report.realitypage import reality_page
from mackinder.scenario import read_vintage

CASE = "south-caucasus"
REGION = ("ARM", "AZE", "GEO")
DRAWS = 200
DOCS = Path(__file__).parents[1] / "docs"
FLOWS, REALITY, MANIFEST = "data/baseline-flows.csv", "data/reality.csv", "data/reality.json"
COUNTS, FACTORS, FITTING = "data/calibration.csv", "data/calibration-factors.csv", "data/calibration.json"
MAP = "img/south-caucasus.svg"
KEPT = ("baseline", "base_year", "draws", "seed", "status", "newest_evidence")


def numbers(draws: int = DRAWS) -> dict[str, str]:
    """Run the baseline alone and return the files of stored numbers by path."""
    from mackinder.ensemble import run

    return stored(run(read_vintage(CASE), [], draws=draws, seed=0))


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
        "calibration.md": calibration_page(targets, factors, counts, fitting),
    }


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", action="store_true", help="run the case and store new numbers")
    parser.add_argument("--calibrate", action="store_true", help="fit the factors of the case and store new residuals")
    parser.add_argument("--check", action="store_true", help="write nothing, say what would change")
    options = parser.parse_args()
    if options.calibrate:
        write(calibration())
    if options.run:
        write(numbers())
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
