"""The interactive page as it was built from ``web/``: one HTML file, into which a run is put."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from mackinder.errors import RunError
from mackinder.report.markup import Markup, el, join

__all__ = [
    "NOT_BUILT",
    "PAYLOAD_SCHEMA",
    "app_page",
    "content_policy",
    "fill_shell",
    "island",
    "read_island",
    "read_shell",
]

PAYLOAD_SCHEMA: Final = "mackinder.page/1"
NOT_BUILT: Final = (
    "the interactive page was not built when mackinder was installed (MACKINDER_SKIP_WEB=1 was set, or there was no network); "
    "install again without it, or install a published wheel, which holds the page"
)
_MARKS: Final = ("policy", "head", "body", "data")
_SCRIPT: Final = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)


def read_shell() -> str | None:
    """Return the built page, or None where it was not built (`NOT_BUILT` says why and what to do)."""
    file = resources.files("mackinder.report") / "web" / "index.html"
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def content_policy(page: str) -> str:
    """Return the content security policy of a page: its own scripts by their hash, and no other origin at all.

    Examples
    --------
    >>> content_policy("<script>1</script>").split("; ")[1]
    "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    """
    hashes = []
    for attributes, text in _SCRIPT.findall(page):
        if 'type="application/' not in attributes:
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            hashes.append(f"'sha256-{digest}'")
    scripts = " ".join(hashes) or "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
        # the map's worker travels inside the page: as a blob, which MapLibre turns into data: in a page from a file
        "worker-src blob: data:; connect-src blob:; base-uri 'none'; form-action 'none'"
    )


#: what JSON has as it is
_KNOWN = (str, int, bool, type(None))


def _plain(value: Any) -> Any:
    """Turn numpy scalars into Python's, tuples into lists, and what is not a number into null."""
    kind = type(value)
    if kind in _KNOWN:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def island(payload: Mapping[str, Any]) -> Markup:
    """Write the payload as an island of data: JSON, gzipped, in base64, so that no text in it can be taken for markup.

    The same payload gives the same bytes: the header of gzip holds no time.

    Examples
    --------
    >>> island({"title": "</script><script>"}).count("<")
    2
    """
    text = json.dumps(_plain(payload), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    packed = base64.b64encode(gzip.compress(text.encode(), compresslevel=9, mtime=0)).decode()
    return Markup(f'<script type="application/gzip" id="mk-data">{packed}</script>')


def read_island(page: str) -> dict[str, Any]:
    """Read the payload back from a page.

    Raises
    ------
    RunError
        If the page holds none.

    Examples
    --------
    >>> read_island(island({"title": "<b>"}))
    {'title': '<b>'}
    """
    found = re.search(r'<script type="application/gzip" id="mk-data">([^<]*)</script>', page)
    if found is None:
        msg = "no data in this page: it is a plain report, written where the interactive page was not built"
        raise RunError(msg)
    payload: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return payload


def app_page(shell: str, title: str) -> str:
    """Return the page without a run: it asks the app that sent it.

    Raises
    ------
    RunError
        If the page is of another version.
    """
    style = (resources.files("mackinder.report") / "page.css").read_text(encoding="utf-8")
    words = "This app needs JavaScript. The reports it lists can be read without: see mackinder run."
    body = join(el("main", "", id="app"), el("noscript", el("p", words)))
    return _fill(
        shell,
        title=f"mackinder: {title}",
        policy=Markup(""),
        head=el("style", Markup(style)),
        body=body,
        data=Markup(""),
    )


def fill_shell(shell: str, *, title: str, head: Markup, body: Markup, payload: Mapping[str, Any]) -> str:
    """Put a run into the built page.

    Parameters
    ----------
    shell : str
        From `read_shell`.
    title : str
        Plain text.
    head, body : Markup
        What is set without a script.
    payload : mapping
        Data of the interactive parts.

    Raises
    ------
    RunError
        If the page was built from another version of ``web/`` and lacks a place to fill.
    """
    policy = el("meta", http_equiv="Content-Security-Policy", content=content_policy(shell))
    return _fill(shell, title=title, policy=policy, head=head, body=body, data=island(payload))


def _fill(shell: str, *, title: str, **parts: Markup) -> str:
    missing = [mark for mark in _MARKS if f"<!--mk:{mark}-->" not in shell]
    if missing:
        msg = f"report/web/index.html: no mark mk:{missing[0]}; it is of another version: install mackinder again to build it"
        raise RunError(msg)
    page = shell.replace("<title>mackinder</title>", el("title", title), 1)
    # One pass over the shell alone: text of a run that looks like a mark stays text.
    return re.sub(r"<!--mk:(policy|head|body|data)-->", lambda found: parts[found[1]], page)
