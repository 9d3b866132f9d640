"""Land and borders under the flows, from the packaged ``basemap.json`` (made by ``tools/make_basemap.py``)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from mackinder.report.markup import Markup, el
from mackinder.report.projection import View
from mackinder.report.style import LAND

__all__ = ["Basemap", "draw_basemap", "read_basemap"]

Point = tuple[float, float]
_MARGIN_PX = 8.0  # shapes are cut this far outside the window, so that the cut itself is never seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Basemap:
    """Shared outlines: arcs in degrees (longitude, latitude) and what is made of them.

    Longitudes beyond the antimeridian run on above 180. A ring is a list of arc numbers; ``~i`` is arc i backwards.
    """

    note: str
    source: str
    arcs: list[list[Point]]
    countries: dict[str, list[list[list[int]]]]
    borders: list[int]
    disputed: list[tuple[str, list[int]]]

    def ring(self, indices: Sequence[int], arcs: Sequence[list[Point]] | None = None) -> list[Point]:
        """Join the arcs of a ring into closed points; ``arcs`` may be a projected or thinned copy."""
        arcs = self.arcs if arcs is None else arcs
        points: list[Point] = []
        for index in indices:
            part = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += part[1:] if points else part
        return points


@lru_cache(maxsize=1)
def read_basemap() -> Basemap:
    """Read the packaged basemap.

    Examples
    --------
    >>> {"ARM", "UKR"} <= set(read_basemap().countries)
    True
    """
    text = (resources.files("mackinder.report") / "basemap.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    scale = raw["scale"]
    arcs: list[list[Point]] = []
    for flat in raw["arcs"]:
        x = y = 0
        points = []
        for dx, dy in zip(flat[::2], flat[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x / scale, y / scale))
        arcs.append(points)
    return Basemap(
        note=raw["note"],
        source=raw["source"],
        arcs=arcs,
        countries=raw["countries"],
        borders=raw["borders"],
        disputed=[(line["label"], line["arcs"]) for line in raw["disputed"]],
    )


def _thin(points: list[Point], nearest_px: float) -> list[Point]:
    """Drop points nearer than `nearest_px` to the last kept one; whole arcs are thinned, so neighbours still agree."""
    kept = [points[0]]
    for point in points[1:-1]:
        if math.dist(point, kept[-1]) >= nearest_px:
            kept.append(point)
    return [*kept, points[-1]]


def _clip_ring(ring: Sequence[Point], width: float, height: float) -> list[Point]:
    """Sutherland and Hodgman: the part of a ring within the window and its margin."""
    points = list(ring)
    far_x, far_y = width + _MARGIN_PX, height + _MARGIN_PX
    for axis, limit, sign in ((0, -_MARGIN_PX, 1), (0, far_x, -1), (1, -_MARGIN_PX, 1), (1, far_y, -1)):
        kept: list[Point] = []
        for a, b in pairwise([*points, points[0]] if points else []):
            a_in, b_in = sign * (a[axis] - limit) >= 0, sign * (b[axis] - limit) >= 0
            if a_in:
                kept.append(a)
            if a_in != b_in:
                t = (limit - a[axis]) / (b[axis] - a[axis])
                kept.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
        points = kept
    return points


def _path(points: Sequence[Point], *, close: bool) -> str:
    """Path data in steps of a tenth of a pixel; steps, not positions, because they are shorter to write."""
    grid = [(round(10 * x), round(10 * y)) for x, y in points]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(grid) if a != b]
    body = " ".join(f"{dx / 10:g} {dy / 10:g}" for dx, dy in steps)
    return f"M{grid[0][0] / 10:g} {grid[0][1] / 10:g}l{body}{'z' if close else ''}" if steps else ""


def _size(ring: Sequence[Point]) -> float:
    """Longer side of the box round a ring: islets of a few pixels are dropped."""
    xs, ys = zip(*ring, strict=True)
    return float(max(max(xs) - min(xs), max(ys) - min(ys)))


def _lines(lines: Sequence[Sequence[Point]], view: View) -> str:
    """Path data of the stretches of projected lines that may be seen."""
    out = []
    for line in lines:
        run: list[Point] = []
        for a, b in pairwise(line):
            if view.holds(a, _MARGIN_PX) or view.holds(b, _MARGIN_PX):
                run = [*run, b] if run else [a, b]
            elif run:
                out.append(_path(run, close=False))
                run = []
        if run:
            out.append(_path(run, close=False))
    return "".join(out)


def draw_basemap(view: View) -> Markup:
    """Draw land, borders and dotted disputed lines of a window as one SVG group (no sea: the caller fills it)."""
    basemap = read_basemap()
    arcs = [_thin([view.project(p) for p in arc], view.thin_px) for arc in basemap.arcs]
    land = []
    for polygons in basemap.countries.values():
        for polygon in polygons:
            for ring in polygon:
                seen = _clip_ring(basemap.ring(ring, arcs), view.width_px, view.height_px)
                if len(seen) > 2 and _size(seen) > 2 * view.thin_px:
                    land.append(_path(seen, close=True))
    borders = _lines([arcs[i] for i in basemap.borders], view)
    dotted = _lines([arcs[i] for _, numbers in basemap.disputed for i in numbers], view)
    return el(
        "g",
        # One path for all land with its stroke below its fill: coasts get a line, inner borders no hairline.
        el("path", d="".join(land), fill=LAND, stroke="#a9b6c0", stroke_width=1.4, paint_order="stroke"),
        el("path", d=borders, fill="none", stroke="#aaa496", stroke_width=0.9, stroke_linejoin="round"),
        el("path", d=dotted, fill="none", stroke="#8d877b", stroke_width=1.1, stroke_dasharray="1.2 2.6"),
    )
