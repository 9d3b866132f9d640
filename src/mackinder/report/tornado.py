"""A tornado: how far a number moves between low and high values of each input that decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mackinder.report.charts import shorten, ticks
from mackinder.report.estimate import decimals_for
from mackinder.report.figure import Figure, svg_root, text_width
from mackinder.report.markup import el
from mackinder.report.style import GAIN, INK, LOSS, MUTED

__all__ = ["Bar", "tornado_chart"]

_WIDTH, _STEP, _TOP = 900.0, 30.0, 40.0
_RIGHT, _RULE = 96.0, "#dde1e6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One input: its name, the number where it is low and where it is high, and its share in words."""

    label: str
    low: float
    high: float
    share: str


def tornado_chart(figure_id: str, *, title: str, unit: str, source: str, middle: float, bars: Sequence[Bar]) -> Figure:
    """Draw one bar an input around the median of the number, widest share first.

    Parameters
    ----------
    figure_id : str
        Unique on the page.
    title, unit, source : str
        Printed with the figure.
    middle : float
        Median over all draws.
    bars : sequence of Bar
        At least one.

    Returns
    -------
    Figure

    Examples
    --------
    >>> bar = Bar(label="price of rail", low=2.0, high=5.0, share="40 %")
    >>> "price of rail" in tornado_chart("t", title="Flow", unit="Mt/yr", source="here", middle=3.0, bars=[bar]).svg
    True
    """
    left = 20.0 + min(390.0, max(text_width(bar.label, 13) for bar in bars))
    bottom = _TOP + _STEP * len(bars)
    ends = [middle, *(x for bar in bars for x in (bar.low, bar.high))]
    spread = (max(ends) - min(ends)) or abs(middle) or 1.0
    marks = ticks(min(ends) - 0.04 * spread, max(ends) + 0.04 * spread)
    scale = (_WIDTH - _RIGHT - left) / (marks[-1] - marks[0])

    def x(value: float) -> float:
        return left + (value - marks[0]) * scale

    places = decimals_for(marks[0], marks[1], marks[1])
    parts = []
    for mark in marks:
        parts.append(el("path", d=f"M{x(mark):.1f} {_TOP:g}V{bottom:g}", stroke=_RULE))
        text = f"{mark:,.{max(places - 1, 0)}f}".replace(",", " ").replace("-", "−")
        parts.append(el("text", text, x=f"{x(mark):.1f}", y=bottom + 16, text_anchor="middle", fill=MUTED))
    for k, bar in enumerate(bars):
        y = _TOP + _STEP * k
        label = shorten(bar.label, left - 18, 13)
        parts.append(el("text", label, x=left - 10, y=f"{y + 19:.1f}", text_anchor="end", font_size=13))
        for end, colour, name in ((bar.low, LOSS, "low"), (bar.high, GAIN, "high")):
            start, width = min(x(middle), x(end)), abs(x(end) - x(middle))
            shift = 4.0 if name == "low" else 15.0  # both ends may lie on one side of the median
            tip = el("title", f"{bar.label}, {name} fifth: {end:.3g}")
            parts.append(
                el("rect", tip, x=f"{start:.1f}", y=f"{y + shift:.1f}", width=f"{max(width, 1.5):.1f}", height=10, fill=colour)
            )  # fmt: skip
        parts.append(el("text", bar.share, x=_WIDTH - 4, y=f"{y + 19:.1f}", text_anchor="end", fill=MUTED))
    parts.append(el("path", d=f"M{x(middle):.1f} {_TOP - 4:g}V{bottom + 2:g}", stroke=INK, stroke_width=1.4))
    parts.append(el("text", "share of variance", x=_WIDTH - 4, y=_TOP - 10, text_anchor="end", fill=MUTED))
    for at, colour, words in ((left, LOSS, "input in its lowest fifth"), (left + 190, GAIN, "in its highest fifth")):
        parts.append(el("rect", x=at, y=8, width=22, height=10, fill=colour))
        parts.append(el("text", words, x=at + 28, y=17))
    parts.append(el("text", unit, x=_WIDTH - _RIGHT, y=bottom + 34, text_anchor="end", fill=MUTED))
    description = f"{title}. " + "; ".join(f"{b.label}: {b.low:.3g} where low, {b.high:.3g} where high" for b in bars)
    return Figure(
        figure_id=figure_id,
        title=title,
        unit=unit,
        source=source,
        interval="Bars: median of the number over the draws in which the input is in its lowest and highest fifth; line: of all.",
        description=f"{description}.",
        svg=svg_root(figure_id, title, description, (_WIDTH, bottom + 42), *parts),
    )
