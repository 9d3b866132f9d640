"""`find_routes`: routes between two places of a case, fast: the compiled network is kept in the user's cache."""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
from collections.abc import Sequence
from typing import Any

from mackinder.case.locate import case_digest, find_case
from mackinder.errors import NoRouteError
from mackinder.kernels import SOURCE_HASH, cache_folder
from mackinder.network.itinerary import Itinerary, find_itineraries
from mackinder.network.store import load_records, save_records

__all__ = ["RouteAnswer", "find_routes"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RouteAnswer:
    """Routes between two places, and the best way left if one actor closes all it can close (None: no way left)."""

    case: str
    origin: str
    destination: str
    goods: str
    scenario: str
    year: int
    newest_evidence: str
    routes: tuple[Itinerary, ...]
    closures: dict[str, Itinerary | None]


def find_routes(
    case: str,
    origin: str,
    destination: str,
    *,
    goods: str | None = None,
    scenario: str | None = None,
    year: int | None = None,
    avoid: Sequence[str] = (),
    most: int = 5,
    as_of: str | None = None,
) -> RouteAnswer:
    """Find and rank the routes between two places, and what is left of them if an actor closes.

    Parameters
    ----------
    case : str
        Folder or packaged name.
    origin, destination : str
        Place ids or names.
    goods, scenario, year : optional
        Default: the case's default class, its baseline, its horizon year.
    avoid : sequence of str
        Actors that the routes must avoid.
    most : int
        Routes listed.
    as_of : str, optional
        ISO day: the case as it was knowable then.

    Raises
    ------
    UsageError
        If a name is not known.
    NoRouteError
        If there is no open and permitted route.
    """
    folder = find_case(case)
    known = _compiled(folder, scenario, year, as_of)
    network, labels, prices = known["network"], known["labels"], known["prices"]
    goods = goods or str(known["default_goods"])

    def search(avoided: tuple[str, ...], n: int) -> list[Itinerary]:
        return find_itineraries(
            network, labels, prices, origin, destination, goods=goods, state=0, avoid=avoided, most=n
        )

    routes = search(tuple(avoid), most)
    closures: dict[str, Itinerary | None] = {}
    for actor in dict.fromkeys(a for route in routes for a in route.closers if route.share > 0.01):
        try:
            closures[actor] = search((*avoid, actor), 1)[0]
        except NoRouteError:
            closures[actor] = None
    return RouteAnswer(
        case=folder.name,
        origin=origin,
        destination=destination,
        goods=goods,
        scenario=network.states[0].scenario,
        year=network.states[0].year,
        newest_evidence=str(known["newest_evidence"]),
        routes=tuple(routes),
        closures=closures,
    )


def _compiled(folder: pathlib.Path, scenario: str | None, year: int | None, as_of: str | None) -> dict[str, Any]:
    """Return network, labels and prices of one scenario and year, from the cache if they are there."""
    own = scenario if scenario and pathlib.Path(scenario).is_file() else None  # a scenario file outside the case
    parts = (
        case_digest(folder),
        str(scenario),
        str(year),
        str(as_of),
        _sources(),
        own and pathlib.Path(own).read_text("utf-8"),
    )
    key = hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
    store = cache_folder("networks")
    path = None if store is None else store / f"{key}.npz"
    known = None if path is None or not path.exists() else load_records(path)
    if known is None:
        from mackinder.network.compiled import compile_network  # needs pandas

        known = compile_network(folder, scenario, year, as_of)
        if path is not None:
            save_records(path, **known)
    return known


def _sources() -> str:
    """Hash the sources on which a compiled network depends."""
    digest = hashlib.sha256(SOURCE_HASH.encode())
    package = pathlib.Path(__file__).parent.parent
    for path in sorted(p for layer in ("case", "scenario", "network") for p in (package / layer).rglob("*.py")):
        digest.update(path.read_bytes())
    digest.update((package / "draws.py").read_bytes())
    return digest.hexdigest()
