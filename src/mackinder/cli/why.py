"""``why``: which inputs decide a number of a run, where they come from, and under which conditions the number is high."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mackinder.cli.output import Json, number, print_json, print_table

if TYPE_CHECKING:
    from mackinder.ensemble.origins import Origin
    from mackinder.ensemble.why import Why

__all__ = ["why_command"]

_SHOWN = 3


def why_command(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run or a sweep.")],
    indicator: Annotated[str, typer.Argument(metavar="INDICATOR", help="Such as corridor_flow or pair_cost.")],
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="Scenario; the baseline if not given.")
    ] = None,
    variant: Annotated[str | None, typer.Option("--variant", help="Such as minus-baseline.")] = None,
    year: Annotated[int | None, typer.Option("--year", help="Year; the horizon year if not given.")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Actor of the number.")] = None,
    target: Annotated[str | None, typer.Option("--target", help="Target of the number.")] = None,
    goods: Annotated[str | None, typer.Option("--goods", help="Goods class; all goods if not given.")] = None,
    asset: Annotated[str | None, typer.Option("--asset", help="Corridor, link, pair or project of the number.")] = None,
    case: Annotated[
        str | None, typer.Option("--case", "-c", help="Case of the run, if it is not a packaged one.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say which inputs decide a number, with the facts behind each, and when the number is high."""
    from mackinder.archive import read_run
    from mackinder.ensemble.origins import origin_of
    from mackinder.ensemble.why import explain, find_number, read_futures
    from mackinder.scenario import read_vintage

    run = read_run(folder)
    row = find_number(
        run,
        indicator,
        scenario=scenario or run.manifest["baseline"],
        variant=variant,
        year=year,
        actor=actor,
        target=target,
        goods=goods,
        asset=asset,
    )
    found = explain(run, row, futures=read_futures(run))
    vintage = read_vintage(case or run.manifest["case"], run.manifest["newest_evidence"])
    origins = [origin_of(vintage, name) for name in found.inputs["input"]]
    if as_json:
        print_json("mackinder.why/1", _as_json(found, origins))
        return
    _print(found, origins, indicator)


def _as_json(found: Why, origins: list[Origin]) -> dict[str, Any]:
    frames = ("inputs", "blocks", "switches", "effects", "convergence")
    return {
        "key": dict(found.key),
        **{name: getattr(found, name).to_dict("records") for name in frames},
        "explained": found.explained,
        "least": found.least,
        "conditions": found.conditions,
        "origins": [dataclasses.asdict(item) for item in origins],
    }


def _rows(frame: Any) -> Any:
    return frame.itertuples(index=False)


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.0f}"


def _print(found: Why, origins: list[Origin], indicator: str) -> None:
    from mackinder.indicators.measure import catalogue

    key, entry = found.key, catalogue()[indicator]
    named = ", ".join(
        str(key[c]) for c in ("scenario", "variant", "actor", "target", "asset", "goods", "year") if key[c]
    )
    span = number(key["value"], key["low"], key["high"])
    typer.echo(f"{entry.label}: {named}\n  {span} {key['unit'] if key['unit'] != '1' else ''}".rstrip())
    typer.echo(f"  median and 90 % interval of {key['draws']:,} draws")
    _print_precision(found)
    if len(found.inputs):
        label = {item.input: item.label for item in origins}
        print_table(
            "Inputs that decide it",
            ["input", "% of the variance (90 % interval)", "median if low", "median if high"],
            [
                [
                    label[r.input],
                    f"{_percent(r.share)} ({_percent(r.share_low)} to {_percent(r.share_high)})",
                    number(r.low),
                    number(r.high),
                ]
                for r in _rows(found.inputs)
            ],
            note="low and high: the lowest and the highest fifth of the input's draws",
        )
    else:
        typer.echo("\nNo single input decides it beyond what chance would give.")
    typer.echo(
        f"\nTogether they explain {_percent(found.explained)} % of the variance. With so many draws an input below about "
        f"{max(1, round(100 * found.least))} % can be missed; more --draws tell more apart."
    )
    _print_designs(found)
    for item in origins[:_SHOWN]:
        _print_origin(item)
    if len(origins) > _SHOWN:
        typer.echo(f"\n{len(origins) - _SHOWN} more inputs, with their sources: --json")
    _print_conditions(found, origins)


def _print_precision(found: Why) -> None:
    if len(found.convergence):
        last = found.convergence.iloc[-1]
        typer.echo(f"  the median itself is known to about ±{number(last['error'], digits=2)} with these draws")


def _print_designs(found: Why) -> None:
    if "total" in found.blocks:
        print_table(
            "Blocks of inputs, Sobol indices, % of the variance (90 % interval)",
            ["block", "alone", "with what it acts through others"],
            [
                [
                    r.block,
                    f"{_percent(r.share)} ({_percent(r.share_low)} to {_percent(r.share_high)})",
                    f"{_percent(r.total)} ({_percent(r.total_low)} to {_percent(r.total_high)})",
                ]
                for r in _rows(found.blocks.sort_values("total", ascending=False))
            ],
        )
    if len(found.effects):
        print_table(
            "Blocks of inputs, Morris screening: how far the number moves",
            ["block", "mean move (90 % interval)", "spread of moves"],
            [
                [r.factor, number(r.effect, r.effect_low, r.effect_high), number(r.spread)]
                for r in _rows(found.effects.sort_values("effect", ascending=False))
            ],
        )
    for r in _rows(found.switches):
        typer.echo(f"Switch {r.switch}: {_percent(r.share)} % of the variance")


def _print_origin(item: Origin) -> None:
    where = f"{item.table}, {item.column}" if item.table else "a change of the scenario, or a score of its own"
    rows = (
        f" of {', '.join(item.rows[:3])}" + (f" and {len(item.rows) - 3} more" if len(item.rows) > 3 else "")
        if item.rows
        else ""
    )
    typer.echo(f"\n{item.label} ({item.input})")
    typer.echo(f"  from {where}{rows}")
    if item.interval is not None:
        low, mode, high = item.interval
        typer.echo(f"  {number(mode, low, high)} {item.unit}".rstrip())
    basis = ", ".join(f"{n} {name}" for name, n in item.basis.items())
    typer.echo(
        f"  basis: {basis or 'none given'}; facts: {', '.join(item.facts[:8]) or 'none'}{' …' if len(item.facts) > 8 else ''}"
    )
    for source in item.sources[:_SHOWN]:
        typer.echo(f"    {source}")
    if len(item.sources) > _SHOWN:
        typer.echo(f"    and {len(item.sources) - _SHOWN} more sources")
    if item.ground:
        typer.echo(f"  ground: {item.ground}")


def _print_conditions(found: Why, origins: list[Origin]) -> None:
    box = found.conditions
    if box is None:
        return
    label = {item.input: item.label for item in origins}
    typer.echo(f"\nIt lies in its upper quarter (above {number(box['threshold'])}) mostly where")
    for limit in box["limits"]:
        doubt = "" if limit["quasi_p"] < 0.05 else "; could be chance"
        typer.echo(
            f"  {label[limit['input']]}: from {_percent(limit['from'])} to {_percent(limit['to'])} % of its probability "
            f"(in {_percent(limit['found'])} % of resamples{doubt})"
        )
    if not box["limits"]:
        typer.echo("  nothing can be said: no limit holds")
        return
    typer.echo(
        f"  on draws not used to find it: holds {_percent(box['coverage'])} % of these cases, and "
        f"{_percent(box['density'])} % of the draws in it are such cases (25 % of all draws are)"
    )
