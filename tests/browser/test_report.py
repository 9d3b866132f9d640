"""The report as a reader opens it: from a file, without a network."""

from __future__ import annotations

import csv
import re
import sqlite3
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from mackinder.report.shell import read_island, read_shell

ROOT = Path(__file__).parents[2]


def test_sizes_stay_small_enough_for_mail(report_file):
    shell = read_shell()
    assert shell is not None
    assert len(shell.encode()) <= 3_500_000
    assert report_file.stat().st_size <= 6_000_000


def test_it_opens_from_a_file_and_asks_for_nothing(open_report):
    page = open_report()
    assert [url for url in page.asked if not url.startswith(("blob:", "data:"))] == [page.url.split("#")[0]]
    assert page.trouble == []
    assert page.locator("html").get_attribute("data-map") == "webgl"
    assert page.locator(".gl-map.on canvas").count() == 1


def test_text_of_a_case_is_text(reader):
    page = reader
    assert page.title().startswith("A case <script>")
    assert page.evaluate("document.title") != "owned"
    assert "<b>soon</b>" in page.locator("#doc-claims").locator("xpath=..").inner_text()


def test_names_in_all_scripts_stand_on_the_map(reader):
    page = reader
    assert page.locator("html").get_attribute("data-map") == "svg"
    words = page.locator(".svg-map svg").inner_html()
    for name in ("Երևան", "თბილისი", "Владикавказ", "تهران"):
        assert name in words
    assert "<script" not in words


def test_a_click_on_a_line_opens_its_ledger(reader):
    page = reader
    page.locator(".hits path[data-link]").last.dispatch_event("click")
    drawer = page.locator("#ledger")
    assert drawer.is_visible()
    assert "Can close it" in drawer.inner_text()
    assert "mackinder run" in drawer.inner_text()
    page.keyboard.press("Escape")
    assert drawer.is_hidden()


def test_switches_change_the_map_and_the_address(reader):
    page = reader
    page.locator(".mapview").get_by_role("button", name="B − A").click()
    assert page.locator(".map-words").inner_text().startswith("B − A: ")
    assert "kind=d" in page.evaluate("location.hash")
    page.locator(".mapview").get_by_role("button", name="2023").click()
    assert "2023" in page.locator(".map-words").inner_text()
    page.locator(".mapview").get_by_role("button", name="2035").click()


def test_a_beside_b_are_two_maps_at_one_place(reader):
    page = reader
    page.get_by_role("button", name="A beside B").click()
    maps = page.locator(".map-pair .svg-map svg")
    assert maps.count() == 2
    coasts = "ms => ms.map(m => m.querySelectorAll('path')[0].getAttribute('d'))"
    before = maps.evaluate_all(coasts)
    page.locator(".map-pair").get_by_role("button", name="Zoom in").first.click()
    after = maps.evaluate_all(coasts)
    assert before[0] == before[1]
    assert after[0] == after[1]
    assert after[0] != before[0]
    page.locator(".mapview").get_by_role("button", name="B", exact=True).click()
    assert page.locator(".map-pair").is_hidden()


def test_every_number_on_the_page_leads_to_its_row(reader, ran, report_file):
    """Convention C113: what is printed is the row of results.parquet that the ledger names, formatted as Python does."""
    page = reader
    payload = read_island(report_file.read_text(encoding="utf-8"))
    rows = payload["results"]["row"]
    found = page.eval_on_selector_all(
        "button.number[data-number]", "bs => bs.map(b => [+b.dataset.number, b.textContent])"
    )
    assert len(found) > 30
    from mackinder.report.estimate import Estimate

    results = ran.results
    for number, text in found:
        row = results.iloc[number]
        signed = row["variant"].endswith("minus-baseline")
        own = Estimate(value=row["value"], low=row["low"], high=row["high"], unit=row["unit"], draws=1)
        value = own.parts(signed=signed)[0]
        assert number in rows
        shown = (own.text(signed=signed), f"{value} {own.unit_text}", own.text(signed=signed, unit=False))
        assert text == "0" or text.startswith(shown), (
            number,
            text,
            own.text(signed=signed),
        )


def test_a_number_opens_the_ledger_by_keyboard_alone(reader):
    page = reader
    page.locator("main.static .tiles button.number").first.focus()
    page.keyboard.press("Enter")
    drawer = page.locator("#ledger")
    assert drawer.is_visible()
    for word in ("90 % interval", "Unit", "How computed", "mackinder"):
        assert word in drawer.inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "number"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find-link"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert drawer.is_visible()


def test_documents_of_the_run_are_sections_with_filters_and_charts(reader):
    page = reader
    claims = page.locator("section", has=page.locator("#doc-claims"))
    claims.get_by_label("verdict").select_option("contradicted")
    assert claims.locator("tbody tr:visible").count() == 1
    timeline = page.locator("section", has=page.locator("#doc-timeline"))
    assert timeline.locator(".echart svg").count() == 1


def test_downloads_are_what_is_shown(reader):
    """Convention C119: the difference of a link is that of its medians, and says so."""
    page = reader
    page.locator(".mapview").get_by_role("button", name="B − A").click()
    with page.expect_download() as saved:
        page.locator(".mapview .downloads").get_by_role("button", name="CSV").click()
    text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
    assert text.splitlines()[0] == "link,label,mode,holder,median,low_5,high_95,unit"
    assert "difference of medians" in text
    with page.expect_download() as saved:
        page.locator(".mapview .downloads").get_by_role("button", name="SVG").click()
    assert Path(saved.value.path()).read_text(encoding="utf-8").startswith("<svg")


def test_the_geopackage_of_the_map_holds_the_numbers_of_its_table(reader):
    """Convention C170: read by SQLite, which knows nothing of how the page wrote it."""
    page = reader
    page.locator(".mapview").get_by_role("button", name="B", exact=True).click()
    downloads = {}
    for name in ("CSV", "GeoPackage"):
        with page.expect_download() as saved:
            page.locator(".mapview .downloads").get_by_role("button", name=name).first.click()
        downloads[name] = Path(saved.value.path())
    assert saved.value.suggested_filename.endswith(".gpkg")
    table = list(csv.DictReader(downloads["CSV"].read_text(encoding="utf-8-sig").splitlines()))
    with sqlite3.connect(downloads["GeoPackage"]) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = db.execute("SELECT link, median, low_5, high_95 FROM shown WHERE median IS NOT NULL").fetchall()
        (note,) = db.execute("SELECT description FROM gpkg_contents WHERE table_name = 'shown'").fetchone()
    shown = {row["link"]: tuple(float(row[c]) for c in ("median", "low_5", "high_95")) for row in table}
    assert len(shown) >= 5
    assert {row[0]: row[1:] for row in rows} == shown
    assert note.startswith("B: ")
    assert "draws, seed" in note


def test_a_workbook_holds_what_is_shown_and_says_where_it_comes_from(reader, ran):
    """Read by hand, as any reader would: a zip of XML with numbers as numbers."""
    page = reader
    box = page.locator("#corridors").locator("xpath=..")
    name = box.locator("table caption").first.inner_text()
    with page.expect_download() as saved:
        box.get_by_role("button", name=f"XLSX: {name}").first.click()
    assert saved.value.suggested_filename.endswith(".xlsx")
    with zipfile.ZipFile(saved.value.path()) as book:
        parts = {part: book.read(part).decode() for part in book.namelist() if part.endswith(".xml")}
    sheet = ElementTree.fromstring(parts["xl/worksheets/sheet1.xml"])
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    numbers = {
        float(c.findtext("m:v", "nan", space)) for c in sheet.findall(".//m:c", space) if c.get("t") in (None, "n")
    }
    rows = ran.results
    flows = rows[rows["indicator"].eq("corridor_flow") & rows["year"].eq(2035) & rows["goods"].eq("")]
    for value in flows["value"]:
        assert any(abs(value - number) <= 1e-6 * max(1.0, abs(value)) for number in numbers)
    words = "".join(parts.values())
    assert "README" in parts["xl/workbook.xml"]
    assert "mackinder run" in words
    assert "<f>" not in words


def test_a_number_can_be_had_again_by_command_and_in_python(reader, ran):
    page = reader
    page.locator("#corridors").locator("xpath=..").locator("button.number").nth(1).click()
    recipes = page.locator("#ledger [data-recipe]")
    assert recipes.count() == 2
    assert recipes.nth(0).locator("code").inner_text().startswith("mackinder ")
    code = recipes.nth(1).locator("code").inner_text()
    compile(code, "pasted", "exec")
    query = re.search(r'query\("(.*)"\)', code)
    assert query is not None
    found = ran.results.query(query[1])
    assert len(found) == 1
    page.get_by_role("button", name="Copy as Python").click()
    page.keyboard.press("Escape")


def test_an_input_that_drives_a_number_opens_its_facts(reader):
    page = reader
    inputs = page.locator("#drivers").locator("xpath=..").locator("[data-input] button")
    assert inputs.count() >= 1
    inputs.first.click()
    drawer = page.locator("#ledger")
    for word in ("Input", "Drawn for", "Basis"):
        assert word in drawer.inner_text()
    page.keyboard.press("Escape")


def test_a_disputed_link_is_hatched(reader, report_file):
    page = reader
    payload = read_island(report_file.read_text(encoding="utf-8"))
    disputed = sum(bool(link["claimed"]) for link in payload["links"])
    assert disputed >= 1
    assert page.locator(".mapview > .map-body .svg-map .disputed path").count() == disputed
    assert "Hatch: disputed" in page.locator(".mapview .legend").first.inner_text()


def test_without_webgl_the_svg_map_stays_and_works(open_report, browser_without_webgl):
    page = open_report(browser_without_webgl)
    assert page.locator("html").get_attribute("data-map") == "svg"
    page.locator(".hits path[data-link]").last.dispatch_event("click")
    assert page.locator("#ledger").is_visible()
    assert page.trouble == []


def test_without_javascript_text_tables_and_maps_are_there(open_report):
    """Convention C114."""
    page = open_report(wait=False, java_script_enabled=False)
    assert page.locator("main.static .answer p").count() == 3
    assert page.locator("main.static table").count() > 5
    assert page.locator("main.static .sheets svg:visible").count() >= 1


def test_it_prints(open_report, tmp_path):
    page = open_report(hash_="#nogl=", viewport={"width": 800, "height": 800})
    page.emulate_media(media="print")
    assert page.locator(".live-map").is_hidden()
    assert page.locator(".sheets svg:visible").count() >= 2
    pdf = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")


def test_nothing_is_cut_off_on_a_phone_or_a_small_screen(open_report, reader):
    assert reader.evaluate("document.documentElement.scrollWidth") <= 1280
    page = open_report(hash_="#nogl=", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_no_serious_finding_of_axe(reader):
    source = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not source.exists():
        pytest.skip("NO AXE: web/node_modules is not here (npm ci in web/)")
    page = reader
    page.locator("main.static .tiles button.number").first.click()
    page.evaluate(source.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    grave = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")]
    assert grave == []
