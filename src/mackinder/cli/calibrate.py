"""``mackinder calibrate``: fit the factors of a case to cited counts."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mackinder.cli.output import DEFAULT_CASE, CaseName, Json, Quiet, narrator, number, print_json, print_table

__all__ = ["calibrate_command"]

_IDENTIFIED = {
    "yes": "yes", "below": "bounded below only", "above": "bounded above only", "no": "no: prior-driven"
}  # fmt: skip


def calibrate_command(
    case: CaseName = DEFAULT_CASE,
    write: Annotated[
        bool, typer.Option("--write", help="Write fits.csv of the case: factors, or priors if not adopted.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Fit the factors of fits.csv to the counts of reality.toml, and judge them by counts held out."""
    from mackinder.case import require_sound
    from mackinder.evidence.calibrate import calibrate, write_fits
    from mackinder.scenario import read_vintage

    say = narrator(quiet)
    read = read_vintage(case)
    require_sound(read)
    found = calibrate(read, threads=os.cpu_count() or 1, narrate=say)
    if write:
        say(f"wrote {write_fits(read, found)}")
    if not found.adopted:
        say("not adopted: counts held out fit worse than before, so the table keeps its priors")
    factors = found.fits.merge(found.parameters, on="fit_id")
    if as_json:
        content = {
            "case": read.name,
            "widened": found.widened,
            "rounds": found.rounds,
            "written": write,
            "adopted": found.adopted,
            "factors": factors.drop(columns=["file_row", "facts", "basis", "ground"], errors="ignore").to_dict(
                "records"
            ),
            "counts": found.counts.to_dict("records"),
            "profile": found.profile.to_dict("records"),
            "identified": found.identified.to_dict("records"),
        }
        print_json("mackinder.calibrate/1", content)
        return
    rows = [
        [str(r["fit_id"]), number(r["prior_mode"], r["prior_low"], r["prior_high"]),
         number(r["factor_mode"], r["factor_low"], r["factor_high"]), number(r["ratio"]),
         "yes" if r["prior_driven"] else "no"]
        for r in factors.to_dict("records")
    ]  # fmt: skip
    print_table("factors", ["factor", "prior", "fitted", "sd ratio", "prior-driven"], rows)
    told = [
        [str(r["parameter"]), number(r["best"]), f"{number(r['low'])} to {number(r['high'])}", number(r["largest"]),
         _IDENTIFIED[str(r["identified"])]]
        for r in found.identified.to_dict("records")
    ]  # fmt: skip
    print_table(
        "what the counts tell of each, moved alone",
        ["parameter", "best", "not told apart", "largest rise", "identified"],
        told,
    )
    compared = [
        [str(r["id"]), str(r["use"]), str(r["fitted"]), number(r["observed"]), number(r["before"]), number(r["after"])]
        for r in found.counts.to_dict("records")
    ]
    print_table("modelled / observed", ["count", "use", "fitted", "observed", "before", "after"], compared)
