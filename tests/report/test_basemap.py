"""Land and borders: the depiction that was decided, and geometry that draws."""

import json
from importlib import resources
from itertools import pairwise

import pytest

from mackinder.report.basemap import draw_basemap, read_basemap
from mackinder.report.projection import REGION, VIEWS

FILE = resources.files("mackinder.report") / "basemap.json"


def holds(country, point):
    """Even-odd rule over all rings of a country, written apart from the generator's own."""
    x, y = point
    crossings = 0
    for polygon in read_basemap().countries[country]:
        for indices in polygon:
            for (x0, y0), (x1, y1) in pairwise(read_basemap().ring(indices)):
                if (y0 > y) != (y1 > y) and x0 + (y - y0) / (y1 - y0) * (x1 - x0) > x:
                    crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("point", "country"),
    [
        ((34.10, 44.95), "UKR"),  # Simferopol
        ((33.52, 44.62), "UKR"),  # Sevastopol
        ((36.40, 45.33), "UKR"),  # Kerch
        ((41.02, 43.00), "GEO"),  # Sukhumi
        ((43.97, 42.23), "GEO"),  # Tskhinvali
        ((46.75, 39.82), "AZE"),  # Khankendi / Stepanakert
        ((45.41, 39.21), "AZE"),  # Nakhchivan
        ((46.24, 38.93), "ARM"),  # Meghri
        ((33.30, 35.30), "CYP"),  # north of Nicosia
        ((44.06, 9.56), "SOM"),  # Hargeisa
        ((37.62, 55.75), "RUS"),  # Moscow
        ((170.0, 66.0), "RUS"),  # Chukotka, unwrapped over the antimeridian
        ((182.0, 66.5), "RUS"),  # beyond it
    ],
)
def test_a_point_lies_in_the_country_that_united_nations_maps_show(point, country):
    assert [code for code in read_basemap().countries if holds(code, point)] == [country]


def test_the_isthmus_of_crimea_is_no_border():
    """No arc of `borders` runs between Crimea and the mainland (lon 33.4 to 34.6, lat 45.9 to 46.3)."""
    basemap = read_basemap()
    points = [p for i in basemap.borders for p in basemap.arcs[i]]
    assert not [p for p in points if 33.4 < p[0] < 34.7 and 45.8 < p[1] < 46.3]


def test_disputed_lines_are_listed_and_not_solid():
    basemap = read_basemap()
    labels = [label for label, _ in basemap.disputed]
    assert "Line of Control in Jammu and Kashmir" in labels
    assert len(labels) == len(set(labels)) == 9
    assert all(numbers and not set(numbers) & set(basemap.borders) for _, numbers in basemap.disputed)
    assert "do not imply" in basemap.note


def test_rings_close_and_never_jump_over_the_antimeridian():
    basemap = read_basemap()
    for polygons in basemap.countries.values():
        for polygon in polygons:
            for indices in polygon:
                ring = basemap.ring(indices)
                assert ring[0] == ring[-1]
                assert max(abs(b[0] - a[0]) for a, b in pairwise(ring)) < 90


def test_the_file_is_small():
    assert len(FILE.read_bytes()) <= 250_000
    assert json.loads(FILE.read_text(encoding="utf-8"))["source"].startswith("Natural Earth")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.view_id)
def test_what_is_drawn_stays_near_the_window(view):
    text = draw_basemap(view)
    assert "nan" not in text
    assert len(text) < 120_000


def test_the_conic_is_conformal_and_meets_its_window():
    """Independent of the formula: equal scale along both axes, and the four fitted points on the four sides."""
    lon, lat, step = 45.0, 40.0, 1e-4
    x0, y0 = REGION.project((lon, lat))
    east, north = REGION.project((lon + step, lat)), REGION.project((lon, lat + step))
    import math

    along = math.hypot(east[0] - x0, east[1] - y0) / math.cos(math.radians(lat))
    assert math.hypot(north[0] - x0, north[1] - y0) == pytest.approx(along, rel=1e-4)
    assert REGION.project(REGION.west)[0] == pytest.approx(0)
    assert REGION.project(REGION.east)[0] == pytest.approx(REGION.width_px)
    assert REGION.project(REGION.north)[1] == pytest.approx(0, abs=1e-9)
    assert REGION.project(REGION.south)[1] == pytest.approx(REGION.height_px, abs=1)
