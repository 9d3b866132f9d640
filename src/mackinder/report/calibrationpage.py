"""The page about calibration: factors before and after the counts, residuals fitted and held out, what is not identified."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from mackinder.report.markdown import NOTICE, interval, number, table

if TYPE_CHECKING:
    from mackinder.evidence.targets import Target

__all__ = ["calibration_page"]

_PATHS: Final = ("days", "price")
_LIMITS: Final = (
    "One base year. A count of one year cannot tell a dear road from an impatient shipper, or either from a steep choice "
    "between routes: the factors are fitted together, and their posterior intervals are no measurement of any one of them.",
    "The rules were not all set beforehand. That factors are adopted only if counts held out fit no worse, and that prior-driven "
    "factors go back to their prior, was settled after the held-out counts had been seen against a first fit. Two fitted counts, "
    "`alat-mersin-days` and `shanghai-poti-days`, came in at that point too. So the counts held out are no clean test: "
    "they can show that a fit fails; they could not prove that one holds.",
    "Counts at a border hold trucks that run empty, domestic cargo, crude oil and the weight of trucks, which the model has "
    "not; where the two sides count different things, `mismatch` in `reality.toml` makes the count weigh less. These widths "
    "were set from the descriptions of the counts, which are older than any fit, but after a first fit without them had "
    "raised Caspian prices by a quarter and made the Caspian counts held out worse.",
    "Where a capacity binds in the model, prices do not move the flow, and the count says nothing about prices: it only says "
    "that the capacity is about right. BTK, the Astara railway, Dostyk, Khorgos, Zabaikalsk and the Volga-Don canal are such.",
    "`time_h` of a road border is cited with its queue. Where the border also has a capacity under rule `queue`, the hours of "
    "the table and those of the equilibrium both hold some of the wait, and a factor on border time cannot tell them apart.",
    "Factors are drawn one by one; that their errors hang together is left out. A prior-driven factor is not drawn at all: it "
    "multiplies by its mode, and what is not known is in the intervals of the tables.",
    "Volumes are compared at central values, not as medians of draws as in `reality.md`; the two differ where a flow is a "
    "convex function of prices. Routes are held while factors are fitted and looked for again at the fitted factors.",
    "Later vintages are not told apart: an earlier vintage of the case has the same factors, though some counts are younger.",
)


def calibration_page(
    targets: Sequence[Target],
    fits: pd.DataFrame,
    counts: pd.DataFrame,
    facts: Mapping[str, object],
    profile: pd.DataFrame | None = None,
) -> str:
    """Write the page.

    Parameters
    ----------
    targets : sequence of Target
        Labels and units of the counts.
    fits, counts : DataFrame
        ``fits`` (beside ``parameters``) and ``counts`` as `mackinder.evidence.calibrate.Calibration` holds them.
    facts : mapping
        ``widened``, ``rounds`` and ``adopted`` of the fit, ``baseline``, ``base_year``.
    profile : DataFrame, optional
        `mackinder.evidence.calibrate.Calibration.profile`.

    Returns
    -------
    str
        Markdown; equal for equal inputs.
    """
    of = {target.id: target for target in targets}
    fits = fits.assign(prior_driven=fits["prior_driven"].isin([True, "True", "yes"]))
    driven = [str(row.fit_id) for row in fits.itertuples(index=False) if row.prior_driven]
    verdict = "**Adopted.** Counts held out fit no worse than before, and the table `fits` holds the factors below."
    if not facts["adopted"]:
        verdict = (
            "**Not adopted.** The counts held out fit worse with these factors than without, so the case keeps its tables as "
            "they are: `fits` holds the priors, and no result rests on the factors below."
        )
    fitted, held = counts[counts["fitted"] == "yes"], counts[counts["use"] == "held_out"]
    rest = counts[(counts["fitted"] != "yes") & (counts["use"] != "held_out")]
    volumes = [target.id for target in targets if target.metric.kind not in _PATHS]
    parts = [
        NOTICE,
        "# Calibration: what the counts say about prices, times and choice",
        f"{len(fits)} factors on whole classes of the tables, fitted to {len(fitted)} cited counts and judged by {len(held)} "
        f"that were held out. {len(fits) - len(driven)} follow the counts; {len(driven)} are prior-driven: the counts of one "
        "year hardly move them.",
        verdict,
        "## How close the model comes",
        "Median of |ln(modelled / observed)|: 0 is perfect, 0.69 a factor of two.",
        table(["counts", "number", "before", "after"], _medians(fitted, held, volumes)),
        "## Method",
        f"Volumes are those of `{facts['baseline']}` in {facts['base_year']}, solved under capacities at central values. The "
        "logarithms of the factors have normal priors centred on the tables, with the half-width of the tables' own intervals "
        "as if all things of a class erred alike. The logarithm of a count has an error made of the range of its sources, 0.08 "
        "for each year away from the base year (volumes), the `mismatch` of what either side counts, and what a model of this "
        "kind leaves out: 0.4 for volumes, 0.15 for days of a path. Errors beyond two standard deviations count in proportion, "
        "not squared (Huber), so that one misunderstood count does not bend the rest. The most probable factors are found by "
        f"Gauss-Newton ({facts['rounds']} rounds), their intervals by Laplace's method; the errors of all counts were widened by "
        f"{float(str(facts['widened'])):.2f} so that residuals are no larger than stated. `mackinder calibrate` repeats it; a "
        "test recovers factors that it chose from counts that it made with them.",
        "All factors are fitted together first. Those whose interval the counts hardly narrow are prior-driven: they go back to "
        "their prior, so that the case does not move on noise, and the rest are fitted again.",
        "Fitted are counts with `use = \"fit\"` within two years of the base year that are no sum of others. Held-out counts "
        "were chosen before (see [reality.md](reality.md)) and enter no step of the fit; see Limits.",
        "## Factors",
        "*sd ratio*: standard deviation of the logarithm after the counts over before, all fitted together; above 0.8 the factor "
        "is prior-driven and stays at its prior. "
        "*Rise*: by how much the objective rises two standard deviations below and above, others following; 2 and 2 if the "
        "posterior is normal, less where it is flatter than its interval says.",
        table(
            ["factor", "on", "prior", "fitted", "sd ratio", "rise", "prior-driven", "counts that tell most"],
            [_factor(row) for row in fits.to_dict("records")],
        ),
        *(() if profile is None else _identification(profile)),
        "## What the counts do not identify",
        (f"Prior-driven: {', '.join(f'`{name}`' for name in driven)}. " if driven else "")
        + "For these the table says what the tables said. To identify them takes counts of several years, of shares between "
        "modes for one class of goods, or prices paid.",
        "## Fitted counts",
        table(_HEAD, [_count(row, of) for row in fitted.to_dict("records")]),
        "## Held-out counts",
        table(_HEAD, [_count(row, of) for row in held.to_dict("records")]),
        "## Neither fitted nor held out",
        "Sums of fitted counts, and counts too far from the base year.",
        table(_HEAD, [_count(row, of) for row in rest.to_dict("records")]),
        "## Limits",
        "\n".join(f"- {text}" for text in _LIMITS),
        "The numbers behind this page: [calibration.csv](data/calibration.csv), "
        "[calibration-factors.csv](data/calibration-factors.csv), "
        + ("" if profile is None else "[calibration-profile.csv](data/calibration-profile.csv), ")
        + "and the table `fits` of the case.",
    ]  # fmt: skip
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


_WORDS: Final = {
    "yes": "identified", "below": "bounded below only", "above": "bounded above only", "no": "**prior-driven**"
}  # fmt: skip


def _identification(profile: pd.DataFrame) -> list[str]:
    """Write the part about profiles: how much worse the counts are met as one parameter is moved."""
    from mackinder.evidence.profiles import RISE, TRIED, told_apart

    told = told_apart(profile)
    known = [f"`{name}`" for name in told.loc[told["identified"] == "yes", "parameter"]]
    rows: list[list[object]] = []
    shape: list[list[object]] = []
    for row in told.to_dict("records"):
        part = profile[profile["parameter"] == row["parameter"]]
        value, held, counts = (part[name].to_numpy(float) for name in ("value", "held", "counts"))
        rows.append([
            f"`{row['parameter']}`", f"{number(value[0])} to {number(value[-1])}", number(row["best"]),
            f"{number(row['low'])} to {number(row['high'])}", f"{held[0]:.1f}, {held[-1]:.1f}",
            f"{counts[0]:.1f}, {counts[-1]:.1f}", _WORDS[str(row["identified"])],
        ])  # fmt: skip
        shape.append([f"`{row['parameter']}`", *(f"{number(v)}: {r:.1f}" for v, r in zip(value, counts, strict=True))])
    return [
        "## Identification: what one parameter may be",
        "Each factor, the premium on the spread of times (`reliability-ratio`) and the surcharges for risk (`risk-surcharges`, "
        f"all together, USD/t) is moved through {TRIED} values of its interval. *Held*: the others stay at their modes; how "
        "far the objective rises at the low and at the high end. *Refitted*: the other factors follow by one Gauss-Newton "
        "step, or the part of it that helps, which can only overstate the rise; the parameter's own prior is left out, so the "
        f"counts alone speak. Values with a rise below {RISE} cannot be told from the best (95 % for one parameter). One is "
        "identified if the counts bound it on both sides within its interval (convention C153): a stricter question than the "
        "*sd ratio* above, which asks whether they narrow it at all. Routes are those found at the priors.",
        f"**{len(known)} of {len(told)} are identified{': ' if known else ''}{', '.join(known)}.** For the others, what the "
        "model answers is the answer of their prior on at least one side; `mackinder why` names them where a conclusion turns "
        "on them.",
        table(
            ["parameter", "interval", "best", "not told from the best", "rise, held", "rise, refitted", "verdict"], rows
        ),
        "The rise at each value, refitted:",
        table(["parameter", *(f"value {i + 1}" for i in range(TRIED))], shape),
    ]


_HEAD: Final = ["what", "unit", "observed", "year", "error (sd of ln)", "before / observed", "after / observed"]


def _medians(fitted: pd.DataFrame, held: pd.DataFrame, volumes: Sequence[str]) -> list[list[object]]:
    out: list[list[object]] = []
    for name, frame in (("fitted", fitted), ("held out", held)):
        for what, chosen in (("volumes", frame["id"].isin(volumes)), ("days", ~frame["id"].isin(volumes))):
            rows = frame[chosen]
            if len(rows):
                before, after = (float(np.log(rows[column]).abs().median()) for column in ("before", "after"))
                out.append([f"{name}, {what}", len(rows), f"{before:.2f}", f"{after:.2f}"])
    return out


def _factor(row: Mapping[Hashable, Any]) -> list[object]:
    name = str(row["fit_id"])
    prior, factor = (
        interval(*(float(str(row[f"{stem}_{bound}"])) for bound in ("mode", "low", "high")))
        for stem in ("prior", "factor")
    )
    scope = str(row["links"] or row["goods"] or "all").replace(";", "; ").replace("|", ", ")
    rise = f"{row['rise_low']:.1f}, {row['rise_high']:.1f}"
    telling = str(row["counts"]).replace(";", ", ")
    driven = "yes" if row["prior_driven"] else "no"
    return [f"`{name}`", f"{row['parameter']}: {scope}", prior, factor, f"{row['ratio']:.2f}", rise, driven, telling]


def _count(row: Mapping[Hashable, Any], of: Mapping[str, Target]) -> list[object]:
    target = of[str(row["id"])]
    before, after, error = (float(str(row[name])) for name in ("before", "after", "error"))
    shown = [f"{x:.2f}" if not math.isnan(x) else "" for x in (error, before, after)]
    return [target.label, target.unit, number(target.observed), target.year, *shown]
