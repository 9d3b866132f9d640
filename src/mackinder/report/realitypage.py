"""The page that holds the model against what was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from mackinder.report.markdown import NOTICE, interval, table

if TYPE_CHECKING:
    from mackinder.evidence.targets import Target

__all__ = ["reality_page"]

_HEAD: Final = ["what", "unit", "observed", "year", "modelled", "modelled / observed", "verdict", "use", "facts"]
_GROUPS: Final = (
    ("Distances", ("length", "length_saved")),
    ("Times and prices", ("days", "days_saved", "price")),
    ("Volumes", ("flow", "flow_share", "corridor", "result")),
)

_KINDS: Final = (
    ("`length`, `days`, `price`", "km, days, or USD/t of the default goods along a path", "`path`"),
    (
        "`length_saved`, `days_saved`",
        "km, or percent of the days, that a path saves against another",
        "`path`, `against`",
    ),
    ("`flow`", "Mt/yr on links, added up", "`links`"),
    ("`flow_share`", "percent of the flow on some links in that on others", "`links`, `of`"),
    ("`corridor`", "Mt/yr at a screenline", "`corridor`"),
    ("`result`", "one row of the results", "`row` (keys of results)"),
)


def reality_page(targets: Sequence[Target], compared: pd.DataFrame, manifest: Mapping[str, object]) -> str:
    """Write the page.

    Parameters
    ----------
    targets : sequence of Target
        From `mackinder.evidence.targets.read_targets`.
    compared : DataFrame
        From `mackinder.evidence.reality.compare_with_reality`, a row for each target.
    manifest : mapping
        Of the run: draws, seed, baseline, base_year, newest_evidence, status.

    Returns
    -------
    str
        Markdown; equal for equal inputs.
    """
    rows = {str(row["id"]): {str(k): v for k, v in row.items()} for row in compared.to_dict("records")}
    verdicts = [str(rows[target.id]["verdict"]) for target in targets]
    held = [str(rows[target.id]["verdict"]) for target in targets if target.use == "held_out"]
    parts = [
        NOTICE,
        "# Reality: what the model says beside what was observed",
        f"{len(targets)} figures: {_count(verdicts)}. Of these {len(held)} are held out, never to be fitted: {_count(held)}. "
        "Nothing has been calibrated to any of them yet. Misses stay, with what was found on looking into each.",
        "*inside*: the modelled value lies in the range of the sources. *near*: it does not, but its 90 % interval meets the "
        "range, or it lies within a tenth of the nearer bound. *off*: neither. A wide interval makes *near* easy, so read the "
        "ratio too. The range observed is what sources say, not a confidence interval.",
        f"Volumes are those of `{manifest['baseline']}` in {manifest['base_year']}: {manifest['draws']} draws, seed "
        f"{manifest['seed']}, {manifest['status']}, evidence to {manifest['newest_evidence']}; median with 5 and 95 %. Bounds of "
        "a sum of links are added up. Distances and times are of the cheapest way along the places named, without restrictions; "
        "times carry the interval of 100 draws.",
    ]
    for title, kinds in _GROUPS:
        chosen = [target for target in targets if target.metric.kind in kinds]
        parts += [f"## {title}", table(_HEAD, [_line(target, rows[target.id]) for target in chosen])]
        parts.append("\n".join(_remark(target, rows[target.id]) for target in chosen))
    parts += [
        "## How the figures were chosen",
        "Held out are figures that result from a choice, a queue or an addition and that no fitted row implies: trucks "
        "at crossings with an alternative, shares between two ways, times of whole chains, and the sea canal. The others may "
        "serve to calibrate. The rows are `reality.toml` of the case; each names its facts and says what either side counts.",
        "## The file",
        "`reality.toml` in the folder of a case holds one `[[target]]` for each figure: `id`, `label`, `observed` with `low` "
        "and `high`, `unit`, `year`, `facts`, `use` (`fit` or `held_out`), `counts` (what either side counts), `reason` (why "
        "the model misses, if it does) and `metric`, by whose `kind` the model's number is made:",
        table(["kind", "model's number", "takes"], _KINDS),
        "A path has `via` (places), `modes`, and if wanted `links` (a selector), `scenario` and `year`. With `divide` (low, "
        "mode, high) a flow in tonnes or a result is divided, by the load of a truck for example, and with `days` made daily. "
        "From Python: `mackinder.evidence.reality.compare_with_reality(case, flows, results)`.",
        "The stored numbers behind this page are [reality.csv](data/reality.csv) and "
        "[the flows of the base year](data/baseline-flows.csv); a test compares them with a fresh run.",
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _count(verdicts: Sequence[str]) -> str:
    return ", ".join(f"{verdicts.count(name)} {name}" for name in ("inside", "near", "off"))


def _line(target: Target, row: Mapping[str, object]) -> list[object]:
    observed = interval(target.observed, target.low, target.high)
    value, low, high = (float(str(row[name])) for name in ("modelled", "modelled_low", "modelled_high"))
    ratio = f"{float(str(row['ratio'])):.2f}"
    facts = ", ".join(target.facts)
    use = target.use.replace("_", " ")
    return [
        target.label,
        target.unit,
        observed,
        target.year,
        interval(value, low, high),
        ratio,
        row["verdict"],
        use,
        facts,
    ]


def _remark(target: Target, row: Mapping[str, object]) -> str:
    missed = (
        f" **{str(row['verdict']).capitalize()}:** {target.reason}."
        if row["verdict"] != "inside" and target.reason
        else ""
    )
    return f"- *{target.label}.* Counted: {target.counts}.{missed}"
