"""The page as a whole: honest sentences, nothing fetched, everything escaped, small."""

import dataclasses
import re
from xml.etree import ElementTree

import pytest

from mackinder.errors import RunError, UsageError
from mackinder.report import build_content, render_page, write_report
from mackinder.report.estimate import Estimate


def tree(page):
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))


def test_the_page_is_well_formed_and_says_its_language_and_charset(page):
    root = tree(page)
    assert root.get("lang") == "en"
    assert root.find("head/meta").get("charset") == "utf-8"
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))


def test_every_reference_stays_inside_the_page_but_links_to_sources(page):
    root = tree(page)
    ids = {node.get("id") for node in root.iter()}
    for node in root.iter():
        for name in ("src", "href", "data", "action", "poster", "srcset"):
            value = node.get(name)
            if value is None:
                continue
            outside = node.tag == "a" and value.startswith(("http://", "https://"))
            assert outside or (value.startswith("#") and value[1:] in ids), (node.tag, name, value)
    assert set(re.findall(r"url\(([^)]*)\)", page)) <= {f"#{i}" for i in ids}
    assert "@import" not in page
    policy = next(node.get("content") for node in root.iter("meta") if node.get("http-equiv"))
    assert policy.startswith("default-src 'none';")


def test_text_is_escaped(page):
    assert "<script>alert" not in page
    assert "A made-up corridor &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Meghri &lt;b&gt;&amp;&lt;/b&gt;" in page
    assert "North-South &lt;West&gt;" in page
    assert "javascript:" not in page
    assert 'href="https://example.org/?a=1&amp;b=2"' in page


def test_every_figure_has_title_unit_source_and_interval(page, content):
    figures = [sheet.figure for sheet in content.maps] + [f for s in content.sections for f in s.figures]
    assert len(figures) > 10
    root = tree(page)
    found = {node.get("id"): "".join(node.itertext()) for node in root.iter("figure")}
    assert set(found) == {f.figure_id for f in figures}
    for figure in figures:
        text = found[figure.figure_id]
        for part in (figure.title, f"Unit: {figure.unit}", f"Source: {figure.source}", figure.interval):
            assert part
            assert part in text
        assert "interval" in figure.interval


def test_tables_have_captions_and_scopes(page):
    tables = list(tree(page).iter("table"))
    assert tables
    for table in tables:
        assert table.find("caption").text
        assert all(th.get("scope") == "col" for th in table.find("thead").iter("th"))
        assert all(row[0].tag == "th" and row[0].get("scope") == "row" for row in table.find("tbody"))
        width = len(table.find("thead/tr"))
        assert all(len(row) == width for row in table.find("tbody"))


def test_the_order_is_answer_tiles_maps_sections_boundaries(page):
    marks = ['class="question"', 'class="answer"', 'class="tiles"', "Newest evidence", "nobody yet", 'id="maps"',
             'id="economy"', 'id="control"', 'id="corridors"', 'id="cost"', 'id="revenue"', 'id="drivers"', 'id="inputs"',
             'id="limits"', 'id="method"', 'id="status"', 'id="sources"', 'id="boundaries"']  # fmt: skip
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "2026-11-22" in page
    assert "All 3 solves converged." in page
    assert "a &lt; b &amp; c" in page


def test_maps_of_all_scenarios_are_there_and_one_is_shown_without_script(page, content):
    assert {(m.view, m.kind, m.scenario) for m in content.maps} == {
        (view, kind, scenario)
        for view in ("region", "eurasia")
        for kind, scenario in [("a", "no-corridor"), *((k, s) for k in "bd" for s in ("trump-route", "iran-blocks"))]
    }
    checked = [n.get("id") for n in tree(page).iter("input") if n.get("checked")]
    assert checked == ["s-0", "v-region", "k-b"]
    shown = "#s-0:checked~#v-region:checked~#k-b:checked~.sheets .k-b.v-region.s-0{display:block}"
    assert shown in page


def test_the_file_is_small_and_written_whole(content, tmp_path):
    path = write_report(content, tmp_path / "new" / "report.html")
    assert path.stat().st_size < 2_000_000
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    assert path.read_text(encoding="utf-8") == render_page(content)


def with_change(made_up, low, mid, high):
    """Results in which every difference is the same."""
    frame = made_up.results()
    rows = frame["variant"].str.endswith("minus-baseline")
    frame.loc[rows, ["low", "value", "high"]] = low, mid, high
    return build_content(frame, made_up.flows(), made_up.case(), made_up.manifest())


def test_an_interval_that_spans_zero_is_no_detectable_change(made_up):
    content = with_change(made_up, -1.0, 0.5, 2.0)
    assert all(sentence.startswith("There is no detectable change in ") for sentence in content.answer)
    assert all("no detectable change" in tile.change for tile in content.tiles)


@pytest.mark.parametrize(("bounds", "word"), [((10.0, 50.0, 90.0), "higher"), ((-90.0, -50.0, -10.0), "lower")])
def test_a_detectable_change_is_told_with_its_sign_and_interval(made_up, bounds, word):
    content = with_change(made_up, *bounds)
    assert len(content.answer) == 3
    assert all(f" is {word} in “Trump route” than in “No corridor”" in s and " to " in s for s in content.answer)
    assert "percentage points" in content.answer[1]


def test_a_sure_but_tiny_change_is_called_practically_none(made_up):
    content = with_change(made_up, 0.001, 0.002, 0.003)
    assert "is practically the same in “Trump route” as in “No corridor”" in content.answer[0]
    assert content.tiles[0].change.startswith("practically unchanged")


def test_without_the_baseline_nothing_is_compared(made_up):
    alone = made_up.results()
    alone = alone[(alone["scenario"] == "trump-route") & ~alone["variant"].str.contains("minus")]
    flows = made_up.flows()
    content = build_content(alone, flows[flows["scenario"] == "trump-route"], made_up.case(), made_up.manifest())
    assert {m.kind for m in content.maps} == {"b"}
    assert all("no comparison" in sentence for sentence in content.answer)
    tree(render_page(content))


def test_the_baseline_alone_makes_a_page(made_up):
    alone, flows = made_up.results(["no-corridor"]), made_up.flows(["no-corridor"])
    content = build_content(alone, flows, made_up.case(), made_up.manifest())
    assert {m.kind for m in content.maps} == {"a"}
    page = render_page(content)
    tree(page)
    assert "#v-region:checked~#k-a:checked~.sheets .k-a.v-region{display:block}" in page


def test_a_missing_number_is_named_and_not_zero(made_up):
    frame = made_up.results()
    frame = frame[~((frame["indicator"] == "corridor_flow") & (frame["scenario"] == "trump-route"))]
    content = build_content(frame, made_up.flows(), made_up.case(), {})
    table = next(s for s in content.sections if s.section_id == "corridors").tables[0]
    assert all(row[2] == row[3] == "not in the results" for row in table.rows)
    assert dict(content.stamp)["Seed"] == "not stated"
    assert "states no solver status" in render_page(content)


def test_a_failed_solve_is_told(made_up):
    manifest = made_up.manifest() | {"statuses": {"trump-route": {"2035": "iteration limit"}}}
    content = build_content(made_up.results(), made_up.flows(), made_up.case(), manifest)
    words = next(s for s in content.sections if s.section_id == "status").paragraphs[0]
    assert "iteration limit" in words
    assert "Not every solve converged" in words


def test_war_is_a_range_without_decimals(made_up):
    content = build_content(
        made_up.results(),
        made_up.flows(),
        made_up.case(),
        made_up.manifest(),
        range_only={"iran-blocks"},
        headline="iran-blocks",
    )
    rows = next(s for s in content.sections if s.section_id == "corridors").tables[0].rows
    assert all(re.fullmatch(r"[−\d ]+ to [−\d ]+ Mt/yr", row[2]) for row in rows)


def test_order_of_rows_changes_nothing(made_up, page):
    results = made_up.results().sample(frac=1.0, random_state=3)
    flows = made_up.flows().sample(frac=1.0, random_state=4)
    assert render_page(build_content(results, flows, made_up.case(), made_up.manifest())) == page


def test_bad_input_says_what_is_wrong(made_up):
    case, manifest = made_up.case(), made_up.manifest()
    with pytest.raises(RunError, match="no column low"):
        build_content(made_up.results().drop(columns="low"), made_up.flows(), case, manifest)
    with pytest.raises(RunError, match="flows: no column link"):
        build_content(made_up.results(), made_up.flows().drop(columns="link"), case, manifest)
    with pytest.raises(RunError, match="no rows"):
        build_content(made_up.results().iloc[:0], made_up.flows(), case, manifest)
    with pytest.raises(UsageError, match="did you mean 'trump-route'"):
        build_content(made_up.results(), made_up.flows(), case, manifest, headline="trump-rout")


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((1234.5, 1000.0, 1600.0), "1 234 USD/t (1 000 to 1 600)"),
        ((0.0123, 0.011, 0.014), "0.012 USD/t (0.011 to 0.014)"),
        ((-0.02, -5.0, 4.0), "0.0 USD/t (−5.0 to 4.0)"),
        ((5.0, 5.0, 5.0), "5.00 USD/t (5.00 to 5.00)"),
        ((0.0, 0.0, 0.0), "0 USD/t (0 to 0)"),
    ],
)
def test_numbers_are_printed_no_finer_than_their_interval(numbers, text):
    value, low, high = numbers
    assert Estimate(value=value, low=low, high=high, unit="USD/t", draws=9).text() == text


def test_content_is_frozen(content):
    with pytest.raises(dataclasses.FrozenInstanceError):
        content.title = "x"
