"""What the maps need of a case: links with their ends and holders, places with their rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mackinder.report.style import holder_of

if TYPE_CHECKING:
    import pandas as pd

    from mackinder.case import Case

__all__ = ["MapLink", "MapNetwork", "MapPlace", "actor_labels", "countries_to_actors", "map_network", "place_name"]

Point = tuple[float, float]
_KIND_RANK = {"city": 0, "port": 1, "terminal": 2, "rail_border": 3, "junction": 4, "road_border": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLink:
    """A link as the map sees it; ends in degrees, `holder` the actor id of the one sovereign or ``''``."""

    link_id: str
    label: str
    mode: str
    places: tuple[str, str]
    ends: tuple[Point, Point]
    holder: str
    holder_label: str

    @property
    def sorted_ends(self) -> tuple[Point, Point]:
        """Ends in the order of their place ids, whichever way the table names them."""
        return self.ends if self.places[0] <= self.places[1] else (self.ends[1], self.ends[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPlace:
    """A place with its display name; a lower rank is named first, sea waypoints (rank above 9) never."""

    place_id: str
    label: str
    point: Point
    tier: int
    kind_rank: int
    anchor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNetwork:
    """Links and places of one case."""

    links: tuple[MapLink, ...]
    places: tuple[MapPlace, ...]


def place_name(row: Mapping[str, object], names: str) -> str:
    """Display name in the wanted usage (``neutral``, ``armenian``, ``azerbaijani``); neutral where none differs."""
    other = str(row.get(f"label_{names}", "") or "") if names != "neutral" else ""
    return other or str(row["label"])


def actor_labels(actors: pd.DataFrame) -> dict[str, str]:
    """Actor id to display name."""
    return dict(zip(actors["actor_id"].astype(str), actors["label"].astype(str), strict=True))


def countries_to_actors(actors: pd.DataFrame) -> dict[str, str]:
    """Alpha-3 code to the state or union that answers for it; unions come last, so that they win for their members.

    Companies and other actors that merely sit in a country are not sovereign and are passed over.
    """
    out: dict[str, str] = {}
    for kind in ("state", "union"):
        for row in actors.loc[actors["kind"] == kind].to_dict("records"):
            for code in str(row["countries"]).split(";"):
                if code:
                    out[code] = str(row["actor_id"])
    return out


def map_network(case: Case, *, names: str = "neutral") -> MapNetwork:
    """Read links and places from a case.

    Parameters
    ----------
    case : Case
        Uses the tables places, links, zones and actors.
    names : {'neutral', 'armenian', 'azerbaijani'}
        Which display names to print.
    """
    actors = case.table("actors")
    labels, actor_of = actor_labels(actors), countries_to_actors(actors)
    anchors = set(case.table("zones")["anchor_place"].astype(str))
    points: dict[str, Point] = {}
    places = []
    for row in case.table("places").to_dict("records"):
        place_id, point = str(row["place_id"]), (float(row["lon_deg"]), float(row["lat_deg"]))
        points[place_id] = point
        places.append(
            MapPlace(
                place_id=place_id,
                label=place_name({str(k): v for k, v in row.items()}, names).split(" (")[0],
                point=point,
                tier=int(row["tier"]),
                kind_rank=_KIND_RANK.get(str(row["kind"]), 10),
                anchor=place_id in anchors,
            )
        )
    links = []
    for row in case.table("links").to_dict("records"):
        holder = holder_of(str(row["territory"]), actor_of)
        ends = (str(row["from_place"]), str(row["to_place"]))
        shared = "shared ground" if row["territory"] else "high seas"
        links.append(
            MapLink(
                link_id=str(row["link_id"]),
                label=str(row["label"]),
                mode=str(row["mode"]),
                places=ends,
                ends=(points[ends[0]], points[ends[1]]),
                holder=holder,
                holder_label=labels.get(holder, holder) or shared,
            )
        )
    return MapNetwork(links=tuple(links), places=tuple(places))
