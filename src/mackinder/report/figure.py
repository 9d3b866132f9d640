"""A figure: SVG with everything a reader must know about it."""

from __future__ import annotations

from dataclasses import dataclass

from mackinder.report.markup import Markup, el, join
from mackinder.report.style import INK

__all__ = ["FONT", "Figure", "svg_root", "text_width"]

FONT = "'Segoe UI','Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans',sans-serif"
_NARROW = set("fijlrtI.,:;'|!()[] ")
_WIDE = set("mwMW—%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One drawing with title, unit, source, statement of its interval and a description for those who cannot see it."""

    figure_id: str
    title: str
    unit: str
    source: str
    interval: str
    description: str
    svg: Markup


def text_width(text: str, size_px: float) -> float:
    """Estimate the width of a text in px, a little on the large side: no font is measured.

    Examples
    --------
    >>> text_width("ill", 10.0) < text_width("MMM", 10.0)
    True
    """
    units = sum(0.32 if c in _NARROW else 0.9 if c in _WIDE else 0.68 if c.isupper() else 0.56 for c in text)
    return units * size_px * 1.03


def svg_root(figure_id: str, title: str, description: str, size: tuple[float, float], *children: object) -> Markup:
    """Wrap children into an SVG root that says what it is (``role=img``, title and description)."""
    width, height = size
    return el(
        "svg",
        el("title", title, id=f"{figure_id}-t"),
        el("desc", description, id=f"{figure_id}-d"),
        join(*children),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_labelledby=f"{figure_id}-t {figure_id}-d",
        font_family=FONT,
        font_size=12,
        fill=INK,
    )
