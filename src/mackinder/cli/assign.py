"""``mackinder assign``: user equilibrium of a TNTP network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mackinder.cli.output import Json, print_json

__all__ = ["assign_command"]


def assign_command(
    net: Annotated[Path, typer.Argument(metavar="NET", help="Network file (*_net.tntp).")],
    trips: Annotated[Path, typer.Argument(metavar="TRIPS", help="Trip table (*_trips.tntp).")],
    gap: Annotated[float, typer.Option(help="Relative gap (TSTT - SPTT) / TSTT to reach.")] = 1e-6,
    toll_factor: Annotated[float, typer.Option(help="Cost units per toll unit (Chicago-Sketch: 0.02).")] = 0.0,
    distance_factor: Annotated[float, typer.Option(help="Cost units per length unit (Chicago-Sketch: 0.04).")] = 0.0,
    max_iterations: Annotated[int, typer.Option(help="Stop after so many rounds of new routes.")] = 2000,
    as_json: Json = False,
    out: Annotated[
        Path | None, typer.Option(help="Write init_node, term_node, volume, cost per link to this CSV file.")
    ] = None,
) -> None:
    """Find the user equilibrium of a road network in the TNTP format."""
    # numba and NumPy load only when the command runs: mackinder --help stays quick
    from mackinder.exchange.tntp import assign_tntp, write_flows_csv

    network, result, summary = assign_tntp(
        net,
        trips,
        gap=gap,
        toll_factor=toll_factor,
        distance_factor=distance_factor,
        max_iterations=max_iterations,
    )
    if out is not None:
        write_flows_csv(out, network.network, result)
    if as_json:
        print_json("mackinder.assign/1", dict(summary))
        return
    for name, value in summary.items():
        typer.echo(f"{name.replace('_', ' '):<28}{value:.12g}" if isinstance(value, float) else f"{name:<28}{value}")
