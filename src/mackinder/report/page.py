"""Setting the content as one HTML file that needs nothing else: no network, no script, no font."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mackinder.report.content import ReportContent, Section, SourceLine, Table
from mackinder.report.figure import Figure
from mackinder.report.markup import Markup, el, join
from mackinder.report.projection import VIEWS
from mackinder.report.shell import fill_shell, read_shell

__all__ = ["page_parts", "render_page", "write_report"]

# The browser itself is told to fetch nothing; what the page shows is all inside it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
_ROW = re.compile(r' data-(row="\d+"|input="[^"]*")')  # text cannot look like this: its quotation marks are escaped
# Without this script everything can be read; it only opens folded tables for printers that cannot by style alone.
_SCRIPT = Markup(
    "addEventListener('beforeprint',function(){document.querySelectorAll('details').forEach("
    "function(d){d.dataset.was=d.open;d.open=true})});"
    "addEventListener('afterprint',function(){document.querySelectorAll('details').forEach("
    "function(d){d.open=d.dataset.was==='true'})});"
)


def _figure(figure: Figure, classes: str) -> Markup:
    words = f"Unit: {figure.unit}. {figure.interval} Source: {figure.source}."
    return el(
        "figure",
        el("p", figure.title, class_="title", aria_hidden="true"),
        el("div", figure.svg, class_="map" if "sheet" in classes else "chart"),
        el("figcaption", words),
        class_=classes,
        id=figure.figure_id,
    )


def _fold(summary: str, block: Markup, *, appendix: bool) -> Markup:
    note = [el("p", f"Not printed for its length: {summary}.", class_="small print-only")] if appendix else []
    return join(el("details", el("summary", summary), block, class_="appendix" if appendix else None), *note)


def _table(table: Table) -> Markup:
    head = el("tr", *(el("th", column, scope="col") for column in table.columns))
    body = [
        el(
            "tr",
            el("th", row[0], scope="row"),
            *(
                el("td", cell, data_row=getattr(cell, "row", None), data_input=getattr(cell, "source", None))
                for cell in row[1:]
            ),
        )
        for row in table.rows
    ]
    grid = el("table", el("caption", table.caption), el("thead", head), el("tbody", *body))
    note = el("p", table.note, class_="small") if table.note else ""
    block = join(el("div", grid, class_="scroll"), note)
    return _fold(f"Table: {table.caption}", block, appendix=table.appendix) if table.folded or table.appendix else block


def _coded(text: str) -> Markup:
    """Set what stands between backticks as code.

    Examples
    --------
    >>> _coded("say `mackinder run`")
    'say <code>mackinder run</code>'
    """
    parts = text.split("`")
    return join(*(el("code", part) if i % 2 else part for i, part in enumerate(parts)))


def _section(section: Section, *extra: Markup) -> Markup:
    return el(
        "section",
        el("h2", section.heading, id=section.section_id),
        *(el("p", _coded(text)) for text in section.paragraphs),
        *([el("ul", *(el("li", item) for item in section.items))] if section.items else []),
        *(_figure(figure, "chart-figure") for figure in section.figures),
        *(_table(table) for table in section.tables),
        *extra,
    )


def _sources(lines: tuple[SourceLine, ...]) -> Markup:
    items = []
    for line in lines:
        linked = urlsplit(line.url).scheme in {"http", "https"}
        items.append(el("li", el("a", line.text, href=line.url, rel="noreferrer") if linked else line.text))
    return _fold(f"All {len(lines)} sources", el("ul", *items, class_="sources"), appendix=True)


def _choices(group: str, options: list[tuple[str, str]], checked: str) -> list[Markup]:
    return [
        el(
            "input",
            type="radio",
            class_="pick",
            name=group,
            id=key,
            aria_label=label,
            checked="checked" if key == checked else None,
        )
        for key, label in options
    ]


def _labels(head: str, options: list[tuple[str, str]]) -> Markup:
    return el("div", el("span", head), *(el("label", label, for_=key) for key, label in options))


def _switch_style(
    scenarios: list[tuple[str, str]], views: list[tuple[str, str]], kinds: list[tuple[str, str]]
) -> Markup:
    """Rules that show the chosen sheet: plain siblings of checked inputs, so no script is needed and no browser too old."""
    rules = []
    for view, _ in views:
        rules.append(f"#{view}:checked~#k-a:checked~.sheets .k-a.{view}{{display:block}}")
        for scenario, _ in scenarios:
            rules += [
                f"#{scenario}:checked~#{view}:checked~#{kind}:checked~.sheets .{kind}.{view}.{scenario}{{display:block}}"
                for kind, _ in kinds
                if kind != "k-a"
            ]
    for key, _ in [*scenarios, *views, *kinds]:
        rules.append(
            f"#{key}:checked~.controls label[for={key}]{{background:#1d2530;border-color:#1d2530;color:#fff}}"
            f"#{key}:focus-visible~.controls label[for={key}]{{outline:2px solid #0b62a8;outline-offset:2px}}"
        )
    printed = [f"#{scenario}:checked~.sheets .{scenario}{{display:block}}" for scenario, _ in scenarios]
    rules.append(f"@media print{{.sheets .k-a{{display:block}}{''.join(printed)}}}")
    return Markup("".join(rules))


def _maps(content: ReportContent) -> Markup:
    """Maps with three switches made of radio buttons: scenario, window, and A, B or the difference."""
    if not content.maps:
        return el("section", el("h2", "Maps", id="maps"), el("p", "The run holds no flows for the horizon year."))
    number = {scenario: f"s-{i}" for i, (scenario, _) in enumerate(content.scenarios)}
    present = {sheet.kind for sheet in content.maps}
    scenarios = [(number[scenario], label) for scenario, label in content.scenarios]
    views = [(f"v-{view.view_id}", view.label) for view in VIEWS]
    words = {"a": f"A: {content.baseline_label}", "b": "B: the scenario", "d": "B − A: difference"}
    kinds = [(f"k-{kind}", label) for kind, label in words.items() if kind in present]
    first_kind = "k-b" if "b" in present else "k-a"
    sheets = []
    for sheet in content.maps:
        classes = ["sheet", f"k-{sheet.kind}", f"v-{sheet.view}"]
        if sheet.scenario in number:
            classes.append(number[sheet.scenario])
        sheets.append(_figure(sheet.figure, " ".join(classes)))
    drawn = {(sheet.view, sheet.kind, sheet.scenario) for sheet in content.maps}
    for scenario, label in content.scenarios:
        for view in VIEWS:
            for kind in ("b", "d"):
                if (view.view_id, kind, scenario) not in drawn and kind in present:
                    words_left = f"{label}, {view.label}: this map was left out to keep the file small; see the tables."
                    sheets.append(el("p", words_left, class_=f"sheet k-{kind} v-{view.view_id} {number[scenario]}"))
    controls = [_labels("Scenario B", scenarios)] if scenarios else []
    controls += [_labels("Window", views), _labels("Show", kinds)]
    return el(
        "section",
        el("h2", "Maps", id="maps"),
        el("style", _switch_style(scenarios, views, kinds)),
        el(
            "div",
            *_choices("scenario", scenarios, scenarios[0][0] if scenarios else ""),
            *_choices("view", views, views[0][0]),
            *_choices("kind", kinds, first_kind),
            el("div", *controls, class_="controls"),
            el("div", *sheets, class_="sheets"),
            class_="switch",
        ),
        el("p", *content.boundaries[:1], class_="small boundary-note"),
    )


def _head(content: ReportContent) -> Markup:
    tiles = [
        el(
            "li",
            el("span", tile.label, class_="label"),
            el("span", tile.value, class_="value", data_row=getattr(tile.value, "row", None)),
            el("span", tile.interval, class_="interval"),
            el("span", tile.change, class_="change"),
        )
        for tile in content.tiles
    ]
    stamp = [el("div", el("dt", key), el("dd", value)) for key, value in content.stamp]
    links = [("maps", "Maps"), *((s.section_id, s.heading) for s in content.sections), ("boundaries", "Boundaries")]
    return join(
        el(
            "header",
            el("p", "mackinder report: simulated, not observed", class_="kicker"),
            el("h1", content.title),
            el("p", content.question, class_="question"),
            el("div", *(el("p", text) for text in content.answer), class_="answer"),
            el("p", content.answer_note, class_="small"),
            *(
                [
                    el(
                        "dl",
                        *(el("div", el("dt", side), el("dd", told)) for side, told in content.compared),
                        class_="compared",
                    )
                ]
                if content.compared
                else []
            ),
        ),
        el("ul", *tiles, class_="tiles", aria_label="Key numbers") if tiles else "",
        el("dl", *stamp, class_="stamp"),
        el("nav", el("ul", *(el("li", el("a", text, href=f"#{key}")) for key, text in links)), aria_label="Contents"),
    )


def page_parts(content: ReportContent) -> tuple[Markup, Markup]:
    """Return the style and the body of the page: all of it can be read without a script."""
    style = (resources.files("mackinder.report") / "page.css").read_text(encoding="utf-8")
    defs = el(
        "svg",
        el("defs", *(el("g", drawing, id=key) for key, drawing in content.map_parts)),
        width=0,
        height=0,
        style="position:absolute",
        aria_hidden="true",
    )
    sections = [
        _section(s, *([_sources(content.sources)] if s.section_id == "sources" else [])) for s in content.sections
    ]
    body = el(
        "main",
        _head(content),
        _maps(content),
        *sections,
        el(
            "footer",
            el("h2", "Boundaries", id="boundaries"),
            *(el("p", text, class_="small") for text in content.boundaries),
        ),
        class_="static",
    )
    return el("style", Markup(style)), join(defs, body)


def render_page(content: ReportContent, *, note: str = "") -> str:
    """Set the content as a page that needs no script: what is written where the interactive page was not built.

    Parameters
    ----------
    content : ReportContent
    note : str
        Said at the end, if not empty.

    Returns
    -------
    str
        HTML that is also well-formed XML; all text is escaped.
    """
    style, body = page_parts(content)
    body = Markup(_ROW.sub("", body))  # no script, no ledger: the text of a page does not hang on the order of the rows
    page = el(
        "html",
        el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("title", content.title),
            style,
        ),
        el(
            "body",
            body,
            el("p", note, class_="small", style="text-align:center") if note else "",
            el("script", _SCRIPT),
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{page}\n"


def write_report(
    content: ReportContent, path: str | Path, *, payload: Mapping[str, Any] | None = None, note: str = ""
) -> Path:
    """Write the page; a reader never sees half a file, because it is renamed into place when it is whole.

    Parameters
    ----------
    content : ReportContent
        From `build_content`.
    path : str or Path
        File to write; its folder is made if need be.
    payload : mapping, optional
        From `mackinder.report.payload.build_payload`: the data of the interactive page. Without it, or where the
        interactive page was not built (``MACKINDER_SKIP_WEB=1``), the page is plain, and complete in text and tables.
    note : str
        What a plain page says at its end.

    Returns
    -------
    Path
        The file.
    """
    shell = read_shell() if payload is not None else None
    if shell is None or payload is None:
        text = render_page(content, note=note)
    else:
        style, body = page_parts(content)
        text = fill_shell(shell, title=content.title, head=style, body=body, payload=payload)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
