"""A few lines that write HTML and SVG so that text is always escaped."""

from __future__ import annotations

from html import escape

__all__ = ["Markup", "el", "join"]


class Markup(str):
    """Text that is already markup and must not be escaped again."""

    __slots__ = ()


def _render(child: object) -> str:
    return child if isinstance(child, Markup) else escape(str(child), quote=True)


def join(*children: object, by: str = "") -> Markup:
    """Concatenate children; everything that is not `Markup` is escaped.

    Examples
    --------
    >>> join("a < b", Markup("<br/>"))
    'a &lt; b<br/>'
    """
    return Markup(escape(by).join(_render(child) for child in children))


def el(tag: str, /, *children: object, **attributes: object) -> Markup:
    """Write one element; attributes with value ``None`` are left out.

    An underscore in an attribute's name becomes a hyphen, and a leading or trailing one is dropped (``class_``). Works
    for HTML and SVG alike: without children the element closes itself, so never call it so for an empty HTML ``div``.

    Examples
    --------
    >>> el("td", "R&D", class_="num", colspan=None)
    '<td class="num">R&amp;D</td>'
    >>> el("path", d="M0 0", stroke_width=2)
    '<path d="M0 0" stroke-width="2"/>'
    """
    pairs = [
        f' {key.strip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    ]
    if not children:
        return Markup(f"<{tag}{''.join(pairs)}/>")
    return Markup(f"<{tag}{''.join(pairs)}>{join(*children)}</{tag}>")
