"""Maps and charts: well-formed, labelled, on one scale."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mackinder.report.charts import Bar, Row, Series, dot_chart, share_chart, ticks
from mackinder.report.estimate import Estimate
from mackinder.report.labels import Wanted, place_labels
from mackinder.report.map import difference_map, flow_map
from mackinder.report.network import map_network
from mackinder.report.projection import EURASIA, REGION, VIEWS
from mackinder.report.style import line_width

SVG = "{http://www.w3.org/2000/svg}"


def estimate(value, spread=0.3, unit="Mt/yr"):
    return Estimate(value=value, low=value * (1 - spread), high=value * (1 + spread), unit=unit, draws=9)


@pytest.fixture(scope="module")
def network(made_up):
    return map_network(made_up.case())


def draw(network, amounts, view=REGION, **changes):
    words = {"scenario_label": "made up", "year": 2035, "actor_names": {}} | changes
    return flow_map("m", view=view, network=network, flows={k: estimate(v) for k, v in amounts.items()}, **words)


def widths(figure):
    """Stroke width by the link that the line's title names."""
    root = ElementTree.fromstring(figure.svg)
    lines = [p for g in root.iter(f"{SVG}g") if g.get("class") == "lines" for p in g.iter(f"{SVG}path")]
    return {p.find(f"{SVG}title").text.split(":")[0]: float(p.get("stroke-width")) for p in lines}


@pytest.mark.parametrize("view", VIEWS, ids=lambda v: v.view_id)
def test_a_map_stands_alone_and_says_what_it_shows(network, view):
    figure = draw(network, {"baku-tbilisi": 9.0, "poti-istanbul": 40.0}, view)
    root = ElementTree.fromstring(figure.svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == figure.title
    assert root.get("aria-labelledby").split() == [root[0].get("id"), root[1].get("id")]
    assert "Mt/yr" in figure.svg
    assert not re.search(r"\b(nan|inf)\b", figure.svg)


def test_width_is_the_same_for_the_same_flow_in_every_scenario(network):
    first = widths(draw(network, {"baku-tbilisi": 9.0, "baku-meghri": 1.0}))
    second = widths(draw(network, {"baku-tbilisi": 9.0, "baku-meghri": 100.0}, scenario_label="another"))
    assert (
        first["baku-tbilisi"] == second["baku-tbilisi"] == pytest.approx(line_width(9.0, REGION.px_at_1_mt), abs=0.01)
    )
    assert first["baku-meghri"] < first["baku-tbilisi"] < second["baku-meghri"]


def test_the_legend_keeps_the_promise_of_the_lines(network):
    """The sample of 10 Mt/yr in the legend is as wide as a line of 10 Mt/yr."""
    figure = draw(network, {"baku-tbilisi": 10.0})
    assert figure.svg.count(f'stroke-width="{widths(figure)["baku-tbilisi"]:.2f}"') == 2


def test_flows_too_small_to_see_are_not_drawn(network):
    assert widths(draw(network, {"baku-tbilisi": 0.001, "baku-meghri": 0.0})) == {}


def test_rail_and_road_between_two_places_lie_side_by_side(network):
    svg = draw(network, {"baku-tbilisi": 9.0, "baku-tbilisi-road": 9.0}).svg
    lines = re.findall(r'class="\w+ (?:rail|road)" stroke-width="[\d.]+" d="([^"]+)"', svg)
    assert len(lines) == len(set(lines)) == 2


def test_a_link_over_the_pacific_does_not_cross_eurasia(network):
    (ax, _), (bx, _) = EURASIA.segment(((129.0, 35.1), (-118.3, 33.7)))
    assert bx > ax > EURASIA.width_px / 2


def test_the_difference_map_tells_gains_from_losses_and_needs_no_zero_rows(network):
    figure = difference_map(
        "d",
        view=REGION,
        network=network,
        flows={"baku-tbilisi": estimate(4.0), "baku-meghri": estimate(2.0)},
        baseline={"baku-tbilisi": estimate(8.0), "tbilisi-poti": estimate(1.0)},
        scenario_label="B",
        baseline_label="A",
        year=2035,
    )
    signs = dict(re.findall(r"<path class=\"(?:gain|loss) \w+\"[^>]*><title>([\w-]+): (.)", figure.svg))
    assert signs == {"baku-tbilisi": "−", "baku-meghri": "+", "tbilisi-poti": "−"}
    assert widths(figure)["baku-tbilisi"] == pytest.approx(line_width(4.0, REGION.px_at_1_mt), abs=0.01)


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300), st.sampled_from(["Meghri", "Baku", "W" * 12]))))
def test_labels_never_overlap_and_stay_inside(points):
    wanted = [Wanted(text=t, x=x, y=y, rank=(i,)) for i, (x, y, t) in enumerate(points)]
    labels = place_labels(wanted, size_px=12, width_px=400, height_px=300, at_most=40)
    for number, a in enumerate(labels):
        assert a.box[0] >= 0
        assert a.box[2] <= 400
        for b in labels[:number]:
            apart = a.box[2] <= b.box[0] or b.box[2] <= a.box[0] or a.box[3] <= b.box[1] or b.box[3] <= a.box[1]
            assert apart


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4))
def test_ticks_cover_the_range(low, span):
    marks = ticks(low, low + span)
    assert marks[0] <= low + 1e-6 * span
    assert marks[-1] >= low + span * (1 - 1e-6)
    assert 2 <= len(marks) <= 13


def test_a_dot_chart_places_values_on_one_scale():
    rows = [
        Row(label="a", values=(estimate(10.0), estimate(20.0))),
        Row(label="b & <c>", values=(estimate(30.0), None)),
    ]
    series = [Series(label="A", colour="#5b6470", hollow=True), Series(label="B", colour="#0b62a8")]
    figure = dot_chart("c", title="Title", unit="Mt/yr", source="made up", rows=rows, series=series)
    root = ElementTree.fromstring(figure.svg)
    found = list(root.iter(f"{SVG}circle"))[:3]  # the key's two come last
    x = [float(c.get("cx")) for c in found]
    assert x[2] - x[1] == pytest.approx(x[1] - x[0], abs=0.3)
    assert "not in the results" in figure.svg
    assert "90 % interval" in figure.interval


def test_a_share_chart_stacks_transit_on_partner():
    shares = ((estimate(0.2, unit="1"), estimate(0.1, unit="1")), (None, estimate(0.4, unit="1")))
    bars = [Bar(label="Russia", colour="#1b5ebd", shares=shares)]
    figure = share_chart("s", title="T", unit="%", source="made up", bars=bars, scenario_labels=["A", "B"])
    root = ElementTree.fromstring(figure.svg)
    boxes = [r for r in root.iter(f"{SVG}rect") if r.get("stroke") == "#1b5ebd"]
    x, width = ([float(r.get(k)) for r in boxes] for k in ("x", "width"))
    assert width == pytest.approx([2 * width[1], width[1], 4 * width[1]], abs=0.3)
    assert x[1] == pytest.approx(x[0] + width[0], abs=0.2)
    assert x[2] == x[0]
