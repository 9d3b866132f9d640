"""``route``: how goods get from one place to another, who can close the way, and what is next best."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from mackinder.cli.output import AsOf, Json, number, print_json

if TYPE_CHECKING:
    from mackinder.network.itinerary import Itinerary

__all__ = ["route_command"]


def route_command(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Folder or name of a case.")],
    origin: Annotated[str, typer.Argument(metavar="FROM", help="Place id or name.")],
    destination: Annotated[str, typer.Argument(metavar="TO", help="Place id or name.")],
    goods: Annotated[
        str | None, typer.Option("--goods", help="Freight class; the case's default if not given.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", "-s", help="Scenario; the baseline if not given.")
    ] = None,
    year: Annotated[
        int | None, typer.Option("--year", help="Year, as it stands on 1 July; the horizon year if not given.")
    ] = None,
    avoid: Annotated[
        list[str] | None, typer.Option("--avoid", help="Actor that the route must avoid; may be repeated.")
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Alternatives listed.")] = 5,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Rank the ways between two places: cost, days, borders, transfers, who can close each, and what is left then."""
    from mackinder.network.finder import find_routes

    answer = find_routes(
        case,
        origin,
        destination,
        goods=goods,
        scenario=scenario,
        year=year,
        avoid=tuple(avoid or ()),
        most=most,
        as_of=as_of,
    )
    if as_json:
        print_json("mackinder.route/1", dataclasses.asdict(answer))
        return
    typer.echo(
        f"{answer.origin} to {answer.destination}, {answer.goods}, scenario {answer.scenario}, {answer.year}"
        + (f", avoiding {' and '.join(avoid)}" if avoid else "")
        + f" (evidence to {answer.newest_evidence})"
    )
    for rank, itinerary in enumerate(answer.routes, start=1):
        _print_itinerary(rank, itinerary)
    typer.echo("\nIf an actor closes all it can close, the best way left:")
    for actor, left in answer.closures.items():
        if left is None:
            typer.echo(f"  {actor}: none")
        else:
            more, later = left.cost[0] - answer.routes[0].cost[0], left.days[0] - answer.routes[0].days[0]
            typer.echo(f"  {actor}: +{number(more)} USD/t, {number(later)} d more, through {' '.join(left.borders)}")
    typer.echo(
        "Central value and 90 % interval over draws. Cost = price + value of time, unreliability and surcharges."
    )


def _print_itinerary(rank: int, route: Itinerary) -> None:
    head = f"{number(route.cost[0])} USD/t, {number(route.days[0])} d, {route.length_km:,.0f} km"
    typer.echo(f"\n{rank}. {head}, {route.share:.0%} of the flow")
    typer.echo(f"   cost {number(*route.cost)} USD/t, price {number(*route.price)} USD/t, time {number(*route.days)} d")
    for leg in route.legs:
        typer.echo(f"   {leg.mode:>12}  {' - '.join(leg.places)}  ({leg.length_km:,.0f} km, {number(leg.days)} d)")
    transfers = ", ".join(route.transfers) or "none"
    typer.echo(f"   borders: {' '.join(route.borders) or 'none'}; {len(route.transfers)} transfers: {transfers}")
    typer.echo(f"   can be closed by: {' '.join(route.closers)}")
