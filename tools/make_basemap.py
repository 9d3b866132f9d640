"""Make ``src/mackinder/report/basemap.json`` from Natural Earth, as packed in npm's ``world-atlas``.

Usage: ``python tools/make_basemap.py path/to/countries-50m.json src/mackinder/report/basemap.json``

The input is ``countries-50m.json`` of npm ``world-atlas`` 2.0.2 (ISC; the shapes are Natural Earth's, public domain).
It is TopoJSON: neighbours share their arcs, so arcs are simplified one by one and no gap opens between neighbours.
Only the standard library is used. What is changed against Natural Earth is in `MOVED`, `MERGED` and `DOTTED`.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from pathlib import Path
from typing import Any

WINDOW = (-15.0, -5.0, 150.0, 70.0)  # west, south, east, north: what is kept
DETAIL = (34.0, 33.0, 60.0, 48.0)  # the South Caucasus inset: kept at the input's own detail
SCALE = 100  # stored integers per degree: 0.01 degree is about a kilometre, a third of a pixel in the inset
TOLERANCE_DEG = 0.035  # outside the inset; a quarter of a pixel of the Eurasia map
TOLERANCE_DETAIL_DEG = 0.008
SMALLEST_ISLAND_DEG2 = 0.06  # outside the inset
PIECES_WITHOUT_ID = {"Kosovo": "XKX"}  # user-assigned code; Natural Earth gives none

#: Rings that Natural Earth gives to one state and the United Nations' maps to another: code, a point inside, new code.
MOVED = [("RUS", (34.2, 45.2), "UKR")]  # Crimea
#: Units that Natural Earth draws and the United Nations' maps do not.
MERGED = {"N. Cyprus": "CYP", "Somaliland": "SOM", "Siachen Glacier": "IND"}
#: Lines that the United Nations' maps draw dotted or dashed: label, the two sides, and the box within which it holds.
DOTTED: list[tuple[str, frozenset[str], tuple[float, float, float, float] | None]] = [
    ("Line of Control in Jammu and Kashmir", frozenset({"IND", "PAK"}), (73.0, 32.7, 78.5, 37.5)),
    ("India and China, western sector", frozenset({"IND", "CHN"}), (76.0, 30.5, 80.5, 37.0)),
    ("India and China, eastern sector", frozenset({"IND", "CHN"}), (91.5, 26.0, 98.0, 30.5)),
    ("Kosovo (resolution 1244) and Serbia", frozenset({"XKX", "SRB"}), None),
    ("Armistice line of 1949, West Bank and Gaza", frozenset({"ISR", "PSE"}), None),
    ("Golan, Israel and Syria", frozenset({"ISR", "SYR"}), None),
    ("Sudan and South Sudan", frozenset({"SDN", "SSD"}), None),
    ("Western Sahara and Morocco", frozenset({"ESH", "MAR"}), None),
    ("Korean demarcation line", frozenset({"PRK", "KOR"}), None),
]
NOTE = (
    "Boundaries follow the depiction in United Nations maps (Crimea with Ukraine); disputed or undetermined lines are "
    "dotted. Boundaries and names shown do not imply endorsement or acceptance."
)
# ISO 3166-1 numeric to alpha-3 of everything that touches the window; a country missing here stops the generator.
CODES = dict(
    pair.split(":")
    for pair in """
    004:AFG 008:ALB 012:DZA 020:AND 024:AGO 031:AZE 040:AUT 048:BHR 050:BGD 051:ARM 056:BEL 064:BTN 070:BIH
    086:IOT 096:BRN 100:BGR 104:MMR 108:BDI 112:BLR 116:KHM 120:CMR 140:CAF 144:LKA 148:TCD 156:CHN 158:TWN
    174:COM 178:COG 180:COD 191:HRV 196:CYP 203:CZE 204:BEN 208:DNK 226:GNQ 231:ETH 232:ERI 233:EST 234:FRO
    246:FIN 248:ALA 250:FRA 262:DJI 266:GAB 268:GEO 270:GMB 275:PSE 276:DEU 288:GHA 300:GRC 304:GRL 316:GUM
    324:GIN 344:HKG 348:HUN 352:ISL 356:IND 360:IDN 364:IRN 368:IRQ 372:IRL 376:ISR 380:ITA 384:CIV 392:JPN
    398:KAZ 400:JOR 404:KEN 408:PRK 410:KOR 414:KWT 417:KGZ 418:LAO 422:LBN 426:LSO 428:LVA 430:LBR 434:LBY
    438:LIE 440:LTU 442:LUX 446:MAC 450:MDG 454:MWI 458:MYS 462:MDV 466:MLI 470:MLT 478:MRT 480:MUS 492:MCO
    496:MNG 498:MDA 499:MNE 504:MAR 508:MOZ 512:OMN 524:NPL 528:NLD 562:NER 566:NGA 578:NOR 580:MNP 583:FSM
    585:PLW 586:PAK 598:PNG 608:PHL 616:POL 620:PRT 624:GNB 626:TLS 634:QAT 642:ROU 643:RUS 646:RWA 674:SMR
    678:STP 682:SAU 686:SEN 688:SRB 690:SYC 694:SLE 702:SGP 703:SVK 704:VNM 705:SVN 706:SOM 724:ESP 728:SSD
    729:SDN 732:ESH 752:SWE 756:CHE 760:SYR 762:TJK 764:THA 768:TGO 784:ARE 788:TUN 792:TUR 795:TKM 800:UGA
    804:UKR 807:MKD 818:EGY 826:GBR 831:GGY 832:JEY 833:IMN 834:TZA 854:BFA 860:UZB 887:YEM 894:ZMB 036:AUS
    336:VAT
    """.split()  # noqa: SIM905 -- a hundred and forty quoted pairs would be harder to read
)

Point = tuple[float, float]
Polygon = list[list[int]]  # rings of arc numbers; ~i is arc i walked backwards


def decode(topology: dict[str, Any]) -> list[list[Point]]:
    """Turn delta-coded integers into degrees, and bring what lies beyond the antimeridian to longitudes above 180."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            lon, lat = x * sx + tx, y * sy + ty
            # The file is stitched over the antimeridian. Of what touches the window only Chukotka lies beyond it.
            points.append((lon + 360 if lon < -100 else lon, lat))
        arcs.append(points)
    return arcs


def ring_points(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    """Join the arcs of a ring."""
    points: list[Point] = []
    for index in ring:
        part = arcs[index] if index >= 0 else arcs[~index][::-1]
        points += part[1:] if points else part
    return points


def contains(ring: list[Point], point: Point) -> bool:
    """Ray casting: whether a closed ring holds a point."""
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in itertools.pairwise(ring):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


def in_box(point: Point, box: tuple[float, float, float, float]) -> bool:
    """Whether a point lies in west, south, east, north."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def area(ring: list[Point]) -> float:
    """Shoelace area in square degrees."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))) / 2


def owners(topology: dict[str, Any], arcs: list[list[Point]]) -> dict[str, list[Polygon]]:
    """Give every polygon that touches the window to its country, with `MOVED` and `MERGED` applied."""
    uses: dict[int, int] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        for polygon in geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]:
            for index in itertools.chain.from_iterable(polygon):
                uses[max(index, ~index)] = uses.get(max(index, ~index), 0) + 1
    countries: dict[str, list[Polygon]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        name, number = geometry["properties"]["name"], geometry.get("id")
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for polygon in polygons:
            outline = ring_points(polygon[0], arcs)
            if not any(in_box(p, WINDOW) for p in outline):
                continue
            # Only islands may go: a small piece with neighbours (Gaza) would leave a hole.
            island = all(uses[max(i, ~i)] == 1 for i in polygon[0])
            small = island and area(outline) < SMALLEST_ISLAND_DEG2 and len(polygons) > 1
            if small and not any(in_box(p, DETAIL) for p in outline):
                continue
            code = MERGED.get(name) or PIECES_WITHOUT_ID.get(name) or (CODES.get(number) if number else None)
            if code is None:
                sys.exit(f"no code for {name!r} (numeric id {number}): add it to CODES, MERGED or PIECES_WITHOUT_ID")
            for before, inside, after in MOVED:
                if code == before and contains(outline, inside):
                    code = after
            countries.setdefault(code, []).append(polygon)
    return countries


def cut_arcs(
    arcs: list[list[Point]], sides: dict[int, frozenset[str]], countries: dict[str, list[Polygon]]
) -> tuple[list[list[Point]], dict[str, list[Polygon]], dict[int, str]]:
    """Cut border arcs where a dotted stretch begins or ends; return new arcs, renumbered polygons, dotted labels."""
    new_arcs: list[list[Point]] = []
    pieces: dict[int, list[int]] = {}
    dotted: dict[int, str] = {}
    for index in sorted(sides):
        runs: list[tuple[str | None, list[Point]]] = []
        points = arcs[index]
        for a, b in itertools.pairwise(points):
            middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
            label = next(
                (text for text, pair, box in DOTTED if sides[index] == pair and (box is None or in_box(middle, box))),
                None,
            )
            if runs and runs[-1][0] == label:
                runs[-1][1].append(b)
            else:
                runs.append((label, [a, b]))
        for label, run in runs:
            if label is not None:
                dotted[len(new_arcs)] = label
            pieces.setdefault(index, []).append(len(new_arcs))
            new_arcs.append(run)

    def renumber(ring: list[int]) -> list[int]:
        out: list[int] = []
        for index in ring:
            out += pieces[index] if index >= 0 else [~i for i in reversed(pieces[~index])]
        return out

    return new_arcs, {c: [[renumber(r) for r in p] for p in ps] for c, ps in countries.items()}, dotted


def simplify(points: list[Point]) -> list[Point]:
    """Douglas and Peucker, finer inside the inset; a closed arc is cut at its farthest point first."""
    if points[0] == points[-1] and len(points) > 4:
        far = max(range(len(points)), key=lambda i: math.dist(points[0], points[i]))
        return simplify(points[: far + 1])[:-1] + simplify(points[far:])
    keep = {0, len(points) - 1}
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        (x0, y0), (x1, y1) = points[first], points[last]
        length = math.hypot(x1 - x0, y1 - y0) or 1e-12
        worst, where = 0.0, -1
        for i in range(first + 1, last):
            x, y = points[i]
            off = abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length
            off /= TOLERANCE_DETAIL_DEG if in_box(points[i], DETAIL) else TOLERANCE_DEG
            if off > worst:
                worst, where = off, i
        if worst > 1:
            keep.add(where)
            stack += [(first, where), (where, last)]
    return [points[i] for i in sorted(keep)]


def encode(points: list[Point]) -> list[int]:
    """First point, then differences, as integers of 1 / `SCALE` degree; repeated points are dropped."""
    grid = [(round(lon * SCALE), round(lat * SCALE)) for lon, lat in points]
    out = list(grid[0])
    for a, b in itertools.pairwise(grid):
        if a != b:
            out += [b[0] - a[0], b[1] - a[1]]
    return out


def main(source: Path, target: Path) -> None:
    """Read the TopoJSON, write the basemap."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    arcs = decode(topology)
    countries = owners(topology, arcs)
    users: dict[int, set[str]] = {}
    for code, polygons in countries.items():
        for polygon in polygons:
            for ring in polygon:
                for index in ring:
                    users.setdefault(max(index, ~index), set()).add(code)
    new_arcs, countries, dotted = cut_arcs(arcs, {i: frozenset(u) for i, u in users.items()}, countries)
    owners_of: dict[int, set[str]] = {}
    for code, polygons in countries.items():
        for polygon in polygons:
            for ring in polygon:
                for index in ring:
                    owners_of.setdefault(max(index, ~index), set()).add(code)
    borders = sorted(i for i, who in owners_of.items() if len(who) == 2 and i not in dotted)
    lines: dict[str, list[int]] = {}
    for index, label in sorted(dotted.items()):
        lines.setdefault(label, []).append(index)
    missing = [label for label, _, _ in DOTTED if label not in lines]
    if missing:
        sys.exit(f"no arc found for the dotted lines {missing}: were they renamed in the input?")
    basemap = {
        "source": "Natural Earth 1:50m (public domain), from npm world-atlas 2.0.2 (ISC), simplified",
        "note": NOTE,
        "scale": SCALE,
        "arcs": [encode(simplify(arc)) for arc in new_arcs],
        "countries": {code: countries[code] for code in sorted(countries)},
        "borders": borders,
        "disputed": [{"label": label, "arcs": lines[label]} for label, _, _ in DOTTED],
    }
    target.write_text(json.dumps(basemap, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB, {len(new_arcs)} arcs, {len(countries)} countries")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
