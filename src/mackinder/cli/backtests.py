"""``backtests``: events of the past, predicted from what was known on their eve and scored."""

from __future__ import annotations

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import DEFAULT_CASE, CaseName, Json, number, print_json, print_table

__all__ = ["backtests_command"]


def backtests_command(
    case: CaseName = DEFAULT_CASE,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Replay episodes from pre-event data only: predicted interval beside what came, no change and official plans."""
    from mackinder.case import read_case
    from mackinder.case.episodesdoc import read_episodes
    from mackinder.errors import CaseError
    from mackinder.evidence.backtests import replay_episodes

    known = read_case(case)
    episodes = read_episodes(known.folder)
    if not episodes:
        msg = f"case {known.name!r} has no episodes/<id>/episode.toml: write one (south-caucasus has some to follow)"
        raise CaseError(msg)
    found = replay_episodes(known, episodes, seed=seed)
    if as_json:
        print_json("mackinder.backtests/1", {"rows": found.table.to_dict("records"), "manifest": found.manifest})
        return
    labels = {f"{e.id}/{o.id}": (e.label, o.label) for e in episodes for o in e.outcome}
    print_table(
        "Predicted on the eve, and what came (CRPS: lower is better)",
        ["episode", "outcome", "predicted", "came", "unit", "covered", "CRPS", "no change", "plan"],
        [
            [*labels[f"{r['episode']}/{r['outcome']}"],
             number(r["value"], r["low"], r["high"]) if r["value"] == r["value"] else "refused", number(r["observed"]),
             r["unit"], r["covered"], *(number(r[n]) if r[n] == r[n] else "" for n in ("crps", "crps_no_change", "crps_plan"))]
            for r in found.table.to_dict("records")
        ],
    )  # fmt: skip
    made = found.table[found.table["crps"].notna()]
    typer.echo(
        f"\n{(made['covered'] == 'yes').sum()} of {len(made)} intervals cover, "
        f"{(made['beats_no_change'] == 'yes').sum()} beat no change. "
        "Every fact of an input was known on the eve (`--json` has the proof); judged inputs were judged now, with hindsight."
    )
    for row in found.table.to_dict("records"):
        if row["refused"]:
            typer.echo(f"Refused: {' '.join(labels[row['episode'] + '/' + row['outcome']])}: {row['refused']}.")
