"""From degrees to pixels: a Lambert conformal conic, and the two windows of the report."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

__all__ = ["EURASIA", "REGION", "VIEWS", "View"]

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class View:
    """A map window: Lambert conformal conic on the sphere, fitted so that four points lie on its four sides.

    Source: Snyder, J. P. (1987), *Map Projections: A Working Manual*, USGS Professional Paper 1395, equations 15-1 to
    15-5 (sphere). Not slotted, because the fitted constants are cached.
    """

    view_id: str
    label: str
    central_lon_deg: float
    parallels_deg: tuple[float, float]
    west: Point
    south: Point
    east: Point
    north: Point
    width_px: float
    px_at_1_mt: float
    samples_mt: tuple[float, ...]
    font_px: float
    max_labels: int
    deepest_tier: int
    tip_from_px: float
    thin_px: float
    smallest_mt: float
    region_names: tuple[tuple[str, Point], ...]

    @cached_property
    def _cone(self) -> tuple[float, float]:
        """Cone constant n and factor F."""
        first, second = (math.radians(p) for p in self.parallels_deg)
        n = math.log(math.cos(first) / math.cos(second)) / math.log(
            math.tan(math.pi / 4 + second / 2) / math.tan(math.pi / 4 + first / 2)
        )
        return n, math.cos(first) * math.tan(math.pi / 4 + first / 2) ** n / n

    def _raw(self, point: Point) -> Point:
        n, factor = self._cone
        lat = max(-80.0, min(89.9, point[1]))  # the cone has no image of the far pole
        rho = factor / math.tan(math.pi / 4 + math.radians(lat) / 2) ** n
        theta = n * math.radians(point[0] - self.central_lon_deg)
        return rho * math.sin(theta), rho * math.cos(theta)

    @cached_property
    def _fit(self) -> tuple[float, float, float, float]:
        """Left edge, top edge, px per unit, height in px."""
        left, right = self._raw(self.west)[0], self._raw(self.east)[0]
        top, bottom = self._raw(self.north)[1], self._raw(self.south)[1]
        scale = self.width_px / (right - left)
        return left, top, scale, (bottom - top) * scale

    @property
    def height_px(self) -> float:
        """Height of the window."""
        return round(self._fit[3])

    def project(self, point: Point) -> Point:
        """Turn (longitude, latitude) in degrees into (x, y) in px, y downward.

        Examples
        --------
        >>> x, y = REGION.project(REGION.west)
        >>> abs(x) < 1e-9
        True
        """
        left, top, scale, _ = self._fit
        x, y = self._raw(point)
        return (x - left) * scale, (y - top) * scale

    def segment(self, ends: tuple[Point, Point]) -> tuple[Point, Point]:
        """Project both ends of a link so that it goes the shorter way round the globe (Busan to Los Angeles: east)."""
        (lon0, lat0), (lon1, lat1) = ends
        if lon1 - lon0 > 180:
            lon0 += 360
        elif lon0 - lon1 > 180:
            lon1 += 360
        return self.project((lon0, lat0)), self.project((lon1, lat1))

    def holds(self, xy: Point, margin_px: float = 0.0) -> bool:
        """Whether a projected point lies in the window."""
        x, y = xy
        return -margin_px <= x <= self.width_px + margin_px and -margin_px <= y <= self.height_px + margin_px


REGION = View(
    view_id="region",
    label="South Caucasus",
    central_lon_deg=47.0,
    parallels_deg=(38.0, 44.0),
    west=(38.0, 41.0),
    south=(47.0, 36.0),
    east=(56.0, 41.0),
    north=(47.0, 45.5),
    width_px=1000.0,
    px_at_1_mt=1.9,
    samples_mt=(0.1, 1.0, 10.0, 40.0),
    font_px=12.0,
    max_labels=52,
    deepest_tier=3,
    tip_from_px=0.3,
    thin_px=0.9,
    smallest_mt=0.005,
    region_names=(
        ("Georgia", (42.7, 42.62)),
        ("Armenia", (45.55, 39.95)),
        ("Azerbaijan", (47.75, 41.03)),
        ("Türkiye", (40.0, 39.1)),
        ("Iran", (49.2, 36.35)),
        ("Russia", (45.2, 43.9)),
        ("Caspian Sea", (51.0, 41.4)),
        ("Black Sea", (39.3, 42.9)),
        ("Kazakhstan", (54.0, 44.6)),
        ("Turkmenistan", (54.45, 38.35)),
        ("Iraq", (43.9, 36.3)),
    ),
)
EURASIA = View(
    view_id="eurasia",
    label="Eurasia",
    central_lon_deg=62.0,
    parallels_deg=(18.0, 52.0),
    west=(-10.0, 38.0),
    south=(62.0, 2.0),
    east=(141.0, 35.0),
    north=(62.0, 64.0),
    width_px=1000.0,
    px_at_1_mt=0.62,
    samples_mt=(1.0, 10.0, 100.0, 400.0),
    font_px=11.0,
    max_labels=46,
    deepest_tier=3,
    tip_from_px=1.2,
    thin_px=1.6,
    smallest_mt=0.05,
    region_names=(),
)
VIEWS = (REGION, EURASIA)
