"""The section on what drives the headline numbers: a tornado for each, and where each input comes from (convention C158)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mackinder.report.answer import Names
from mackinder.report.content import Section, Table
from mackinder.report.estimate import Estimate, Sourced
from mackinder.report.figure import Figure
from mackinder.report.lookup import Lookup
from mackinder.report.tornado import Bar, tornado_chart

if TYPE_CHECKING:
    from mackinder.case import Case
    from mackinder.ensemble.drivers import Driver, Drivers

__all__ = ["driver_inputs", "driver_section"]

_SHOWN = 8
_NOTE = (
    "Which uncertain inputs the headline numbers hang on, found from the draws of this run: inputs are taken up one by one while "
    "the best explains more than the best of so many would by chance. A share is that of the variance of the number's ranks. "
    "Click an input for its facts and sources; `mackinder why` asks about any other number."
)


def driver_section(found: Sequence[Drivers], lookup: Lookup, names: Names, case: Case) -> Section:
    """Tell what drives the numbers of the answer and the tiles.

    Parameters
    ----------
    found : sequence of Drivers
        Of `mackinder.ensemble.drivers.find_drivers_of`; may be empty.
    lookup : Lookup
        For the keys of the rows.
    names : Names
    case : Case
        For the names of corridors.
    """
    if not found:
        words = "Not looked at: it takes a run that names its inputs, with 40 draws or more (`mackinder why` asks of any number)."
        return Section(section_id="drivers", heading="What drives it", paragraphs=(words,))
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    silent: list[str] = []
    seen: set[str] = set()
    for item in found:
        row = {str(k): v for k, v in lookup.frame.iloc[item.row].to_dict().items()}
        name = _name(row, names)
        if name in seen:
            continue
        seen.add(name)
        if not item.found:
            silent.append(name)
            continue
        figures.append(_figure(len(figures), name, row, item))
        rows += [_row(name, row, driver) for driver in item.found[:_SHOWN]]
    least = max(item.least for item in found)
    draws = min(item.draws for item in found)
    limit = (
        f"With {draws} draws an input below about {100 * least:.0f} % of a number cannot be told from chance and is not shown"
        f"{'; more draws tell more apart' if least > 0.05 else ''}."
    )
    none = f"No single input stands out in {'; '.join(silent)}." if silent else ""
    tables = (
        Table(
            caption="Inputs that decide the headline numbers",
            columns=("Number", "Input", "Share (90 % interval)", "Median if low", "Median if high", "Basis of the input"),
            rows=tuple(rows),
            note="Low and high: the lowest and the highest fifth of the input's draws.",
        ),
    )  # fmt: skip
    return Section(
        section_id="drivers",
        heading="What drives it",
        paragraphs=(_NOTE, limit, *((none,) if none else ())),
        figures=tuple(figures),
        tables=tables if rows else (),
    )


def driver_inputs(found: Sequence[Drivers]) -> dict[str, dict[str, Any]]:
    """Return what the page's drawer says of each input: label, cell, interval, basis, facts, sources, ground."""
    out: dict[str, dict[str, Any]] = {}
    for driver in (d for item in found for d in item.found):
        origin = driver.origin
        out[origin.input] = {
            "label": origin.label, "table": origin.table, "column": origin.column, "unit": origin.unit,
            "rows": list(origin.rows[:12]), "n_rows": len(origin.rows),
            "interval": list(origin.interval) if origin.interval else None, "basis": dict(origin.basis),
            "facts": list(origin.facts), "sources": list(origin.sources[:12]), "ground": origin.ground,
        }  # fmt: skip
    return out


def _name(row: Mapping[str, Any], names: Names) -> str:
    """Name a number: what, of whom, and whether it is of B or of B − A."""
    actor, target, asset = (str(row[c]) for c in ("actor", "target", "asset"))
    what = {
        "corridor_flow": f"Flow on {names.corridors.get(asset, asset)}",
        "captive_value": f"Captive trade of {names.economy(target)} that {names.actor(actor)} could close",
        "delivered_cost": f"Delivered cost of the trade of {names.economy(target)}",
        "transit_fees": f"Transit fees of {names.actor(actor)}",
        "welfare_account": f"Account of {names.economy(target)}",
    }.get(str(row["indicator"]), str(row["indicator"]).replace("_", " "))
    return f"{what}, B − A" if str(row["variant"]).endswith("minus-baseline") else f"{what}, B"


def _figure(number: int, name: str, row: Mapping[str, Any], item: Drivers) -> Figure:
    share = str(row["unit"]) == "1"
    change = str(row["variant"]).endswith("minus-baseline")
    factor, unit = (100.0, "percentage points" if change else "%") if share else (1.0, str(row["unit"]))
    bars = [
        Bar(label=d.origin.label, low=factor * d.low, high=factor * d.high, share=f"{100 * d.share:.0f} %")
        for d in item.found[:_SHOWN]
    ]
    return tornado_chart(
        f"fig-drivers-{number}",
        title=name,
        unit=unit,
        source="draws of this run",
        middle=factor * item.median,
        bars=bars,
    )


def _row(name: str, row: Mapping[str, Any], driver: Driver) -> tuple[str, ...]:
    unit, change = str(row["unit"]), str(row["variant"]).endswith("minus-baseline")

    def told(value: float) -> str:
        """Print a median with the decimals that the interval of the whole number has."""
        whole = Estimate(value=value, low=float(row["low"]), high=float(row["high"]), unit=unit, draws=0)
        name_ = "percentage points" if change and whole.is_share else whole.unit_text
        return f"{whole.parts(signed=change)[0]} {name_}"

    basis = ", ".join(f"{n} {word}" for word, n in driver.origin.basis.items() if n)
    count = len(driver.origin.facts)
    facts = f"; {count} fact{'s' if count > 1 else ''}" if count else ""
    return (
        name,
        Sourced(driver.origin.label, source=driver.origin.input),
        f"{100 * driver.share:.0f} % ({100 * driver.share_low:.0f} to {100 * driver.share_high:.0f})",
        told(driver.low),
        told(driver.high),
        f"{basis or 'a change of the scenario'}{facts}",
    )
