"""``switch``: at which fee, hours, rate or capacity traffic goes over from one corridor to another; the profitable toll."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.options import Seed
from mackinder.cli.output import DEFAULT_CASE, AsOf, Json, Quiet, narrator, number, print_json, print_table

if TYPE_CHECKING:
    from mackinder.equilibrium import SwitchAnswer, SwitchPoint, TollAnswer

__all__ = ["switch_command"]

_MILLION = 1e6
_LABELS = {
    "fee": ("fees on its line, USD/t", 1.0),
    "hours": ("hours at its screenline, h", 1.0),
    "rate": ("rate level on its line, today = 1", 1.0),
    "capacity": ("capacity, Mt a year", _MILLION),
}


def switch_command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="[CASE] A B", help="Corridors; the levers are those of A. With --toll, B may be left out."
        ),
    ],
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", "-s", help="Scenario; the first in which both are open if not given."),
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="Year, as it stands on 1 July; the horizon year if not given.")
    ] = None,
    goods: Annotated[str | None, typer.Option("--goods", help="Freight class; all if not given.")] = None,
    within: Annotated[
        float,
        typer.Option("--within", help="How much dearer than a flow's best way a corridor may be to count for it."),
    ] = 0.25,
    toll: Annotated[bool, typer.Option("--toll", help="Also the toll on A that earns most.")] = False,
    as_of: AsOf = None,
    draws: Annotated[int, typer.Option("--draws", help="Draws of costs and trade.")] = 100,
    seed: Seed = 0,
    threads: Annotated[int | None, typer.Option("--threads", help="Threads of the search for routes.")] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say at which fee, border hours, rate or capacity of corridor A traffic goes over to corridor B."""
    say = narrator(quiet)
    case, corridors = _names(names, toll=toll)
    say(f"reading {case}")
    from mackinder.equilibrium import profitable_toll, switch_points
    from mackinder.scenario import read_vintage

    vintage = read_vintage(case, as_of)
    first, *second = corridors
    answer, earned = None, None
    workers = threads or os.cpu_count() or 1
    if second:
        say("finding the routes over both, and where they carry the same, draw by draw")
        answer = switch_points(
            vintage, first, second[0], scenario=scenario, year=year, goods=goods, within=within, draws=draws, seed=seed,
            threads=workers,
        )  # fmt: skip
    if toll:
        say("trying tolls, draw by draw")
        earned = profitable_toll(
            vintage, first, scenario=answer.scenario if answer else scenario, year=year, goods=goods, draws=draws,
            seed=seed, threads=workers,
        )  # fmt: skip
    if as_json:
        print_json(
            "mackinder.switch/1", {"switch": answer and _switch_json(answer), "toll": earned and _toll_json(earned)}
        )
        return
    labels = dict(vintage.table("corridors").set_index("corridor_id")["label"])
    if answer:
        _print_switch(answer, labels)
    if earned:
        _print_toll(earned, labels)
    typer.echo(f"Evidence to {vintage.settings.newest_evidence}; {draws} draws, seed {seed}; median and 90 % interval.")


def _names(names: list[str], *, toll: bool) -> tuple[str, list[str]]:
    """Tell the case from the corridors: the first of three names, or of two of which one is a case if a toll is asked for."""
    if len(names) == 3:
        return names[0], names[1:]
    if len(names) == 2 and toll:
        from mackinder.case.locate import case_names

        if names[0] in case_names() or Path(names[0]).is_dir():
            return names[0], names[1:]
    if len(names) == 2:
        return DEFAULT_CASE, names
    if len(names) == 1 and toll:
        return DEFAULT_CASE, names
    from mackinder.errors import UsageError

    msg = f"got {len(names)} names: give [CASE] A B, where A and B are corridors (mackinder switch trump-route btk)"
    raise UsageError(msg)


def _span(values: Any, scale: float = 1.0) -> tuple[float, float, float]:
    """Median, 5 and 95 percent points; infinite where they lie beyond the range."""
    import numpy as np

    known = values[~np.isnan(values)]
    if not len(known):
        return (float("nan"),) * 3
    low, value, high = np.quantile(known, [0.05, 0.5, 0.95], method="inverted_cdf") / scale
    return float(value), float(low), float(high)


def _told(value: float, low: float, high: float, below: str, above: str) -> str:
    """Write a threshold; what lies beyond the range in words."""
    if value != value:
        return "nothing is contested"
    words = {float("-inf"): below, float("inf"): above}
    if value in words and low == value == high:
        return f"no flip: {words[value]}"
    text = [words.get(x) or number(x) for x in (value, low, high)]
    return f"{text[0]} ({text[1]} to {text[2]})"


def _print_switch(answer: SwitchAnswer, labels: dict[str, str]) -> None:
    first, second = labels[answer.first], labels[answer.second]
    rows = []
    for point in answer.points:
        label, scale = _LABELS[point.lever]
        now = _span(point.today, scale)
        today = "no bound known" if now[0] == float("inf") else number(*now)
        bound = number(point.bounds[1] / scale)
        below, above = f"{answer.second} leads at 0", f"{answer.first} leads at {bound}"
        if point.lever == "capacity":
            below, above = f"{answer.first} leads at any", f"{answer.second} leads without limit"
        rows.append(
            [label, today, _told(*_span(point.threshold, scale), below, above), f"{point.flips:.0%}"],
        )
    what = f" of {answer.goods}" if answer.goods else ""
    print_table(
        f"{first} against {second}, {answer.scenario}, {answer.year}: where they carry the same{what}",
        [f"lever on {answer.first}", "today", "traffic goes over at", "draws with a flip"],
        rows,
    )
    tonnes = [
        number(*_span(x, _MILLION)) for x in (answer.contested, answer.on_first, answer.on_second, answer.all_first)
    ]
    typer.echo(
        f"Contested are {tonnes[0]} Mt a year that may go either way: {tonnes[1]} take {answer.first}, {tonnes[2]} take "
        f"{answer.second}. In all {answer.first} carries {tonnes[3]}."
    )
    for note in answer.notes:
        typer.echo(f"Neglected: {note}.")


def _print_toll(answer: TollAnswer, labels: dict[str, str]) -> None:
    rows = [
        ["toll that earns most, beyond today's charges, USD/t", number(*_span(answer.toll))],
        ["what it earns, USD m a year", number(*_span(answer.revenue, _MILLION))],
        ["tonnes then, Mt a year", number(*_span(answer.tonnes, _MILLION))],
        ["tonnes without it, Mt a year", number(*_span(answer.tonnes_free, _MILLION))],
        *(
            [f"loss without the corridor, {share} % of tonnes lose less, USD/t", number(*_span(answer.detour[:, i]))]
            for i, share in enumerate((10, 50, 90))
        ),
        ["captive bound of all tonnes together, USD m a year", number(*_span(answer.bound, _MILLION))],
        ["tonnes without a way round", f"{_span(answer.captive)[0]:.0%}"],
    ]  # fmt: skip
    print_table(f"Profitable toll on {labels[answer.corridor]}, {answer.scenario}, {answer.year}", ["", "value"], rows)
    for note in answer.notes:
        typer.echo(f"Neglected: {note}.")


def _json_span(values: Any) -> dict[str, Any]:
    value, low, high = _span(values)
    return {"value": value, "low": low, "high": high}


def _point_json(point: SwitchPoint) -> dict[str, Any]:
    import numpy as np

    first_more = np.isneginf(point.threshold) if point.lever == "capacity" else np.isposinf(point.threshold)
    second_more = np.isposinf(point.threshold) if point.lever == "capacity" else np.isneginf(point.threshold)
    return {
        "lever": point.lever,
        "unit": point.unit,
        "today": _json_span(point.today) | {"bound_known": bool(np.isfinite(point.today).all())},
        "threshold": _json_span(point.threshold),
        "range": list(point.bounds),
        "draws_with_flip": int(np.isfinite(point.threshold).sum()),
        "draws_first_leads_throughout": int(first_more.sum()),
        "draws_second_leads_throughout": int(second_more.sum()),
        "draws": len(point.threshold),
    }


def _switch_json(answer: SwitchAnswer) -> dict[str, Any]:
    return {
        "scenario": answer.scenario,
        "year": answer.year,
        "first": answer.first,
        "second": answer.second,
        "goods": answer.goods,
        "contested_t": _json_span(answer.contested),
        "on_first_t": _json_span(answer.on_first),
        "on_second_t": _json_span(answer.on_second),
        "all_first_t": _json_span(answer.all_first),
        "points": [_point_json(point) for point in answer.points],
        "notes": list(answer.notes),
    }


def _toll_json(answer: TollAnswer) -> dict[str, Any]:
    return {
        "scenario": answer.scenario,
        "year": answer.year,
        "corridor": answer.corridor,
        "goods": answer.goods,
        "toll_usd_per_t": _json_span(answer.toll),
        "revenue_usd": _json_span(answer.revenue),
        "tonnes": _json_span(answer.tonnes),
        "tonnes_without_toll": _json_span(answer.tonnes_free),
        "loss_usd_per_t": {f"{p}": _json_span(answer.detour[:, i]) for i, p in enumerate((10, 50, 90))},
        "bound_usd": _json_span(answer.bound),
        "captive_share": _json_span(answer.captive),
        "notes": list(answer.notes),
    }
