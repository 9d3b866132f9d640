"""The page in a real browser: Debian's Chromium, driven by Playwright, which downloads none; one browser, one xdist group."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mackinder.report.shell import read_shell

NAMES = {
    "a-city": "Երևան",
    "b-north-city": "თბილისი",
    "a-pass": "Владикавказ",
    "c-harbour": "تهران",
    "a-port": "<script>x()</script>",
}
TITLE = "A case <script>document.title='owned'</script> & more"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    why = ""
    if CHROMIUM is None:
        why = "NO BROWSER: install chromium (apt install chromium) to test the page"
    elif read_shell() is None:
        why = "NO PAGE: it was not built here (MACKINDER_SKIP_WEB, or no network when mackinder was installed)"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            if why:
                item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as found:
        yield found


def _launch(playwright: Any, *arguments: str) -> Any:
    fixed = ["--no-sandbox", "--enable-unsafe-swiftshader"]
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*fixed, *arguments])


@pytest.fixture(scope="session")
def browser(playwright: Any) -> Iterator[Any]:
    found = _launch(playwright)
    yield found
    found.close()


@pytest.fixture(scope="session")
def browser_without_webgl(playwright: Any) -> Iterator[Any]:
    found = _launch(playwright, "--disable-3d-apis")
    yield found
    found.close()


@pytest.fixture(scope="session")
def named_case(starter: Any) -> Any:
    """The starter with names in many scripts, and with text that would be markup if anybody let it."""
    import dataclasses

    places = starter.table("places").copy()
    places["label"] = [
        NAMES.get(place, label) for place, label in zip(places["place_id"], places["label"], strict=True)
    ]
    controls = starter.table("controls").copy()
    claim = controls["control_id"] == "b-customs"  # somebody claims a right that does not count
    controls.loc[claim, ["actor", "status"]] = ["CCC", "claimed"]
    settings = starter.settings.model_copy(update={"title": TITLE})
    return dataclasses.replace(starter.with_tables(places=places, controls=controls), settings=settings)


@pytest.fixture(scope="session")
def ran(named_case: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from mackinder.archive import write_run
    from mackinder.ensemble import run

    folder = tmp_path_factory.mktemp("browser-run")
    result = write_run(run(named_case, None, draws=40, threads=1), folder)
    rows = [
        {"claim": "The road opens <b>soon</b>", "author": "Somebody", "verdict": "supported"},
        {"claim": "Nobody gains", "author": "Another", "verdict": "contradicted"},
    ]
    years = [{"series": "peace", "year": y, "value": 0.2, "low": 0.1, "high": 0.4, "unit": "1"} for y in (2026, 2030)]
    (folder / "claims.json").write_text(json.dumps({"schema": "mackinder.claims/1", "claims": rows}))
    (folder / "timeline.json").write_text(json.dumps({"title": "Timeline", "rows_": years}))
    return result


@pytest.fixture(scope="session")
def report_file(ran: Any, named_case: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from mackinder.report import report_of_run

    _, path = report_of_run(ran, named_case, tmp_path_factory.mktemp("report") / "report.html")
    return path


@pytest.fixture
def open_report(browser: Any, report_file: Path) -> Iterator[Callable[..., Any]]:
    """Open the report from its file with the network off; whatever the page says or asks for is kept."""
    contexts = []

    def opened(which: Any = None, *, wait: bool = True, hash_: str = "", **options: Any) -> Any:
        size = {"viewport": {"width": 1280, "height": 800}} | options
        context = (which or browser).new_context(offline=True, **size)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.trouble = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.trouble.append(str(error)))
        page.on("console", lambda message: page.trouble.append(message.text) if message.type == "error" else None)
        page.goto(report_file.as_uri() + hash_)
        if wait:
            page.wait_for_selector("html[data-map][data-ready]", state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def reader(browser: Any, report_file: Path) -> Iterator[Any]:
    """A page that many tests share: the report with its SVG map, which a slow machine draws at once."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(report_file.as_uri() + "#nogl=")
    page.wait_for_selector("html[data-map][data-ready]", state="attached")
    yield page
    context.close()


@pytest.fixture(scope="session")
def app_address(starter: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app on a free port, in a thread."""
    import socket

    import uvicorn

    from mackinder.serve import Session, build_app
    from mackinder.serve.messages import LiveRequest

    session = Session(str(starter.folder), runs=tmp_path_factory.mktemp("no-runs"), threads=1)
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(build_app(session), log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    session.live(LiveRequest(first="status-quo", second="south-road"), "warm")  # compiling is not what a page waits for
    yield f"http://127.0.0.1:{bound.getsockname()[1]}/"
    server.should_exit = True
    thread.join(10)
    bound.close()
    session.close()
