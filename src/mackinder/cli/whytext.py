"""How ``why`` is told: from the number to what decides it, how scenarios compare, and what it all rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import typer

from mackinder.cli.output import number, print_table

if TYPE_CHECKING:
    from mackinder.ensemble.answer import WhyAnswer
    from mackinder.ensemble.grounds import Grounds
    from mackinder.ensemble.origins import Origin
    from mackinder.ensemble.why import Why

__all__ = ["print_why"]

_SHOWN: Final = 3
_LONG: Final = 60
_ROLES: Final = {
    "direct": "of this number itself", "network": "of the rest of the network, told by the draws",
    "shared": "goods and settings", "scenario": "changes of the scenario",
}  # fmt: skip
_SAID: Final = {"network": "network", "direct": "own", "shared": "shared", "scenario": "scenario"}


def print_why(answer: WhyAnswer, manifest: dict[str, Any], *, most: int) -> None:
    """Print the answer.

    Parameters
    ----------
    answer : WhyAnswer
    manifest : dict
        Of the run.
    most : int
        Rows of the table of what it rests on.
    """
    _print_number(answer, manifest)
    label = {item.input: item.label for item in answer.origins}
    if answer.found is not None:
        _print_inputs(answer.found, label)
        _print_designs(answer.found)
        _print_convergence(answer.found)
    _print_scenarios(answer, manifest)
    for item in answer.origins[:_SHOWN]:
        _print_origin(item)
    if len(answer.origins) > _SHOWN:
        typer.echo(f"\n{len(answer.origins) - _SHOWN} more inputs, with their sources: --json")
    _print_grounds(answer.grounds, most)
    if answer.found is not None:
        _print_conditions(answer.found, label)
    for note in answer.notes:
        typer.echo(f"\n{note}")


def _rows(frame: Any) -> Any:
    return frame.itertuples(index=False)


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.0f}"


def _unit(key: Any) -> str:
    return "" if key["unit"] == "1" else f" {key['unit']}"


def _print_number(answer: WhyAnswer, manifest: dict[str, Any]) -> None:
    from mackinder.indicators.measure import catalogue

    key, entry = answer.key, catalogue()[answer.key["indicator"]]
    labels = manifest.get("corridor_labels", {})
    named = [f"{word} {key[word]}" for word in ("actor", "target", "goods") if key[word]]
    if key["asset"]:
        named.insert(0, str(labels.get(key["asset"], key["asset"])))
    if key["variant"]:
        words = str(key["variant"]).removesuffix("minus-baseline").strip("-")
        named += [words] if words else []
        named += ["change against the baseline"] if str(key["variant"]).endswith("minus-baseline") else []
    scenario = manifest.get("scenario_labels", {}).get(key["scenario"], "")
    typer.echo(f"{entry.label}: {', '.join(named) or 'all'}")
    typer.echo(f"  scenario {key['scenario']}{f' ({scenario})' if scenario else ''}, {key['year']}")
    typer.echo(
        f"  {number(key['value'], key['low'], key['high'])}{_unit(key)}: median and 90 % interval of {key['draws']:,} draws"
    )
    if str(key["variant"]).endswith("minus-baseline") and key["low"] <= 0 <= key["high"]:
        typer.echo("  no detectable change: the interval holds zero")


def _print_inputs(found: Why, label: dict[str, str]) -> None:
    if found.key["low"] == found.key["high"]:
        typer.echo("\nIt is the same in nine draws of ten or more: no input decides it.")
        return
    if not len(found.inputs):
        typer.echo(
            f"\nNo single input decides it beyond what chance would give: one with less than about "
            f"{max(1, round(100 * found.least))} % of the variance cannot be told from chance with {found.key['draws']:,} draws. "
            "More draws (mackinder sweep --draws) tell more apart."
        )
        return
    print_table(
        "Inputs that decide it",
        ["input", "% of the variance of its ranks (90 % interval)", "median if low", "median if high"],
        [
            [
                label.get(r.input, r.input),
                f"{_percent(r.share)} ({_percent(r.share_low)} to {_percent(r.share_high)})",
                number(r.low),
                number(r.high),
            ]
            for r in _rows(found.inputs)
        ],
        note="low and high: the lowest and the highest fifth of the input's draws",
    )
    typer.echo(
        f"\nTogether they explain {_percent(found.explained)} % of the variance. With so many draws an input below about "
        f"{max(1, round(100 * found.least))} % can be missed; more draws (mackinder sweep --draws) tell more apart."
    )
    if "total" not in found.blocks and len(found.blocks) and len(found.blocks) < len(found.inputs):
        print_table(
            "The same by kind of input, % of the variance (90 % interval)",
            ["kind", "share"],
            [
                [r.block, f"{_percent(r.share)} ({_percent(r.share_low)} to {_percent(r.share_high)})"]
                for r in _rows(found.blocks)
            ],
        )


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


def _print_convergence(found: Why) -> None:
    if not len(found.convergence) or found.key["low"] == found.key["high"]:
        return
    print_table(
        "With more draws",
        ["draws", "median", "90 % interval", "median known to about ±"],
        [
            [f"{r.draws:,}", number(r.value), f"{number(r.low)} to {number(r.high)}", number(r.error, digits=2)]
            for r in _rows(found.convergence)
        ],
        note="the interval is of the inputs and does not shrink with draws; only how well it is known grows",
    )


def _print_scenarios(answer: WhyAnswer, manifest: dict[str, Any]) -> None:
    table = answer.scenarios
    if not len(table):
        return
    labels = manifest.get("scenario_labels", {})
    columns = [
        "scenario",
        f"median (90 % interval){_unit(answer.key)}",
        "rank (90 %)",
        "above the next in % of futures",
    ]
    aimed = answer.aim != "none"
    if aimed:
        columns += ["best in % of futures", "regret: median, 95 %, worst"]
    rows: list[list[str]] = []
    for r in _rows(table):
        name, above = (
            str(labels.get(r.scenario, r.scenario)),
            _percent(r.above_next) if r.above_next == r.above_next else "",
        )
        line = [name, number(r.value, r.low, r.high), number(r.rank, r.rank_low, r.rank_high), above]
        if aimed:
            line += [_percent(r.best_share), f"{number(r.regret)}, {number(r.regret_high)}, {number(r.worst)}"]
        if rows and rows[-1][1:3] + rows[-1][4:] == line[1:3] + line[4:]:  # level in all futures: one line
            rows[-1][0], rows[-1][3] = f"{rows[-1][0]}; {line[0]}", line[3]
        else:
            rows.append(line)
    better = (
        f"regret: how far it misses the best scenario of the same future ({answer.aim} counts as better)"
        if aimed
        else "--better more (or less) tells regret as well: how far each misses the best scenario of the same future"
    )
    print_table(
        "The same number under each scenario, in the same futures",
        columns,
        rows,
        note=f"rank 1 is the largest; {better}",
    )


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
        typer.echo(f"  {number(mode, low, high)}{'' if item.unit == '1' else ' ' + item.unit}".rstrip())
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


def _print_grounds(grounds: Grounds, most: int) -> None:
    table = grounds.table
    rows = []
    for r in _rows(table.head(most)):
        what = f"{r.table}: {r.id}" + (f", {r.column}" if r.column and r.column != r.id else "")
        span = "" if r.mode != r.mode else number(r.mode, r.low, r.high)
        share = _percent(r.share) if r.share == r.share else ""
        on = r.facts or r.ground
        rows.append(
            [what, _SAID.get(r.role, r.role), span, r.basis, share, on if len(on) <= _LONG else f"{on[: _LONG - 1]}…"]
        )
    print_table(
        "It rests on",
        ["cell", "role", "value (90 % interval)", "basis", "% of the variance", "facts, or ground"],
        rows,
        note="no share: less than can be told from chance",
    )
    counts = table["role"].value_counts()
    told = ", ".join(f"{counts[role]} {words}" for role, words in _ROLES.items() if role in counts)
    basis = ", ".join(
        f"{n} {name}"
        for name, n in table.loc[~table["basis"].str.contains(" "), "basis"].value_counts().items()
        if name
    )
    typer.echo(f"\n{len(table)} cells ({told}); by basis: {basis}.")
    if grounds.rest:
        rest = ", ".join(f"{n:,} of {name}" for name, n in grounds.rest.items() if n)
        typer.echo(f"And, as a part of the whole network: {rest}.")
    facts = grounds.facts
    if len(facts):
        shown = "; ".join(f"{r.fact} ({r.source})" for r in _rows(facts.head(_SHOWN * 2)))
        more = f"; and {len(facts) - _SHOWN * 2} more" if len(facts) > _SHOWN * 2 else ""
        typer.echo(f"{len(facts)} facts: {shown}{more}. All of them: --json")
    clash = sorted({c for cell in table["conflicts"] for c in str(cell).split("; ") if c})
    if clash:
        typer.echo(f"Facts in conflict: {', '.join(clash[:5])}{' …' if len(clash) > 5 else ''}")


def _print_conditions(found: Why, label: dict[str, str]) -> None:
    box = found.conditions
    if box is None:
        return
    span = " and ".join(
        f"{word} {number(box[word])}" for word in ("above", "below") if box[word] is not None
    )  # fmt: skip
    often = f"{_percent(box['often'])} % of the draws"
    if not box["limits"]:
        typer.echo(f"\nIt lies {span} in {often}: no condition on an input holds for that.")
        return
    typer.echo(f"\nIt lies {span} in {often}, mostly where")
    for limit in box["limits"]:
        doubt = "" if limit["quasi_p"] < 0.05 else "; could be chance"
        typer.echo(
            f"  {label.get(limit['input'], limit['input'])}: from {_percent(limit['from'])} to {_percent(limit['to'])} % of its "
            f"probability (in {_percent(limit['found'])} % of resamples{doubt})"
        )
    typer.echo(
        f"  on draws not used to find it: holds {_percent(box['coverage'])} % of these cases, and "
        f"{_percent(box['density'])} % of the draws in it are such cases ({often[:-9]}of all draws are)"
    )
