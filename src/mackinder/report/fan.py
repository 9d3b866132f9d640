"""A fan chart: a chance by year with its interval, and a reference beside it."""

from __future__ import annotations

from collections.abc import Sequence

from mackinder.report.figure import Figure, svg_root
from mackinder.report.markup import el
from mackinder.report.style import MUTED

__all__ = ["fan_chart"]

_WIDTH, _HEIGHT = 900.0, 320.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 24.0, 40.0, 270.0
_BAND, _LINE, _RULE = "#cfe0f0", "#0b62a8", "#dde1e6"


def fan_chart(
    figure_id: str,
    *,
    title: str,
    source: str,
    years: Sequence[int],
    span: Sequence[tuple[float, float, float]],
    beside: Sequence[float],
    beside_label: str,
) -> Figure:
    """Draw a chance by year: median, 90 % band, and a dashed line of what reference cases alone would give.

    Parameters
    ----------
    figure_id : str
        Unique on the page.
    title, source : str
        Printed with the figure.
    years : sequence of int
        Ascending, at least two.
    span : sequence of (float, float, float)
        Low, median, high of each year, in [0, 1].
    beside : sequence of float
        Reference of each year.
    beside_label : str
        What it is.

    Returns
    -------
    Figure

    Examples
    --------
    >>> figure = fan_chart("f", title="Open", source="here", years=[2030, 2031], span=[(0.0, 0.1, 0.3), (0.1, 0.2, 0.5)],
    ...     beside=[0.2, 0.3], beside_label="base rate")
    >>> "Open" in str(figure.svg)
    True
    """
    step = (_WIDTH - _RIGHT - _LEFT) / max(len(years) - 1, 1)
    xs = [_LEFT + step * k for k in range(len(years))]

    def y(value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * min(max(value, 0.0), 1.0)

    parts = []
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(el("path", d=f"M{_LEFT:g} {y(mark):.1f}H{_WIDTH - _RIGHT:g}", stroke=_RULE))
        parts.append(el("text", f"{mark:.0%}", x=_LEFT - 8, y=f"{y(mark) + 4:.1f}", text_anchor="end", fill=MUTED))
    for k, year in enumerate(years):
        if k % max(1, len(years) // 8) == 0:
            parts.append(el("text", str(year), x=f"{xs[k]:.1f}", y=_BOTTOM + 18, text_anchor="middle", fill=MUTED))
    edge = [f"{x:.1f} {y(high):.1f}" for x, (_, _, high) in zip(xs, span, strict=True)]
    edge += [f"{x:.1f} {y(low):.1f}" for x, (low, _, _) in reversed(list(zip(xs, span, strict=True)))]
    parts.append(el("path", el("title", "90 % interval"), d=f"M{'L'.join(edge)}Z", fill=_BAND, stroke="none"))
    middle = "L".join(f"{x:.1f} {y(value):.1f}" for x, (_, value, _) in zip(xs, span, strict=True))
    parts.append(el("path", el("title", "median"), d=f"M{middle}", stroke=_LINE, stroke_width=2.2, fill="none"))
    other = "L".join(f"{x:.1f} {y(value):.1f}" for x, value in zip(xs, beside, strict=True))
    parts.append(
        el(
            "path",
            el("title", beside_label),
            d=f"M{other}",
            stroke=MUTED,
            stroke_width=1.8,
            stroke_dasharray="6 4",
            fill="none",
        )
    )
    parts.append(el("path", d=f"M{_LEFT:g} 18h26", stroke=_LINE, stroke_width=2.2))
    parts.append(el("text", "median, band 90 %", x=_LEFT + 34, y=22))
    parts.append(el("path", d=f"M{_LEFT + 200:g} 18h26", stroke=MUTED, stroke_width=1.8, stroke_dasharray="6 4"))
    parts.append(el("text", beside_label, x=_LEFT + 234, y=22))
    last = span[-1]
    ends = f"{last[1]:.0%}, interval {last[0]:.0%} to {last[2]:.0%}"
    description = f"{title}. By {years[-1]}: {ends}; {beside_label} {beside[-1]:.0%}."
    return Figure(
        figure_id=figure_id,
        title=title,
        unit="chance by the end of the year",
        source=source,
        interval="Band: 5 to 95 % of draws of the rates; line: their median.",
        description=description,
        svg=svg_root(figure_id, title, description, (_WIDTH, _HEIGHT), *parts),
    )
