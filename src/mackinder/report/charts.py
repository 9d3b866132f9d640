"""Static charts: dots with intervals, and stacked partner and transit shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mackinder.report.estimate import INTERVAL_TEXT, Estimate
from mackinder.report.figure import Figure, svg_root, text_width
from mackinder.report.markup import Markup, el, join
from mackinder.report.style import INK, MUTED

__all__ = ["Bar", "Row", "Series", "dot_chart", "share_chart", "shorten", "ticks"]

_WIDTH = 900.0
_RIGHT = 24.0
_RULE = "#dde1e6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one kind of mark stands for (a scenario); a hollow mark is the baseline."""

    label: str
    colour: str
    hollow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a dot chart: a label and one estimate per series, None where the results hold none."""

    label: str
    values: tuple[Estimate | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One actor of a share chart: partner and transit share per scenario (baseline first), each 0 to 1."""

    label: str
    colour: str
    shares: tuple[tuple[Estimate | None, Estimate | None], ...]


def ticks(low: float, high: float, wanted: int = 6) -> list[float]:
    """Round tick values (1, 2 or 5 times a power of ten) that cover low to high.

    Examples
    --------
    >>> ticks(0.0, 9.3)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    span = max(high - low, 1e-9)
    raw = span / (wanted - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def shorten(text: str, width: float, size: float) -> str:
    """Cut a text to a width in px, with a sign that it was cut.

    Examples
    --------
    >>> shorten("Northern corridor", 60.0, 13.0)
    'Northern…'
    """
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _axis(marks: Sequence[float], left: float, top: float, bottom: float, factor: float) -> tuple[Markup, float, float]:
    """Vertical rules and their numbers; returns also the origin and px per unit."""
    origin, span = marks[0], (marks[-1] - marks[0]) or 1.0
    scale = (_WIDTH - _RIGHT - left) / span
    digits = max(0, -math.floor(math.log10((marks[1] - marks[0]) * factor) + 1e-9)) if len(marks) > 1 else 0
    parts = []
    for mark in marks:
        x = left + (mark - origin) * scale
        strong = mark == 0 and origin < 0
        parts.append(el("path", d=f"M{x:.1f} {top:g}V{bottom:g}", stroke=MUTED if strong else _RULE))
        text = f"{mark * factor:,.{digits}f}".replace(",", " ").replace("-", "−")
        parts.append(el("text", text, x=f"{x:.1f}", y=bottom + 16, text_anchor="middle", fill=MUTED))
    return join(*parts), origin, scale


def _whisker(x0: float, x1: float, y: float, colour: str) -> Markup:
    return el("path", d=f"M{x0:.1f} {y - 3:.1f}v6m0 -3H{x1:.1f}m0 -3v6", stroke=colour, stroke_width=1.6, fill="none")


def _key(entries: Sequence[tuple[Markup, str]], x: float, y: float) -> Markup:
    parts = []
    for mark, label in entries:
        parts.append(el("g", mark, transform=f"translate({x:.1f} {y:g})"))
        parts.append(el("text", label, x=f"{x + 34:.1f}", y=y + 4))
        x += 34 + text_width(label, 12) + 22
    return join(*parts)


def _dot(x: float, y: float, series: Series) -> Markup:
    fill = "#fff" if series.hollow else series.colour
    return el("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4.2, fill=fill, stroke=series.colour, stroke_width=1.8)


def dot_chart(
    figure_id: str, *, title: str, unit: str, source: str, rows: Sequence[Row], series: Sequence[Series]
) -> Figure:
    """Draw one dot and one 90 % interval per row and series on a common axis that includes zero.

    Parameters
    ----------
    figure_id : str
        Unique on the page.
    title, unit, source : str
        Printed with the figure.
    rows : sequence of Row
        From top to bottom.
    series : sequence of Series
        Same order as ``Row.values``.

    Returns
    -------
    Figure
    """
    step = 13.0 * len(series) + 13.0
    left = 20.0 + min(300.0, max((text_width(row.label, 13) for row in rows), default=0.0))
    top = 34.0
    bottom = top + step * len(rows)
    known = [e for row in rows for e in row.values if e is not None]
    factor = 100.0 if known and known[0].is_share else 1.0
    low, high = min([0.0, *(e.low for e in known)]), max([0.0, *(e.high for e in known)])
    axis, origin, scale = _axis(ticks(low, high if high > low else 1.0), left, top, bottom, factor)
    parts = [axis]
    for number, row in enumerate(rows):
        y = top + step * number
        parts.append(
            el(
                "text",
                shorten(row.label, left - 18, 13),
                x=left - 10,
                y=y + step / 2 + 4,
                text_anchor="end",
                font_size=13,
            )
        )
        if number:
            parts.append(el("path", d=f"M10 {y:g}H{_WIDTH - _RIGHT:g}", stroke=_RULE))
        for place, (kind, estimate) in enumerate(zip(series, row.values, strict=True)):
            at = y + step / 2 + 13.0 * (place - (len(series) - 1) / 2)
            if estimate is None:
                parts.append(el("text", "not in the results", x=left + 6, y=at + 4, fill=MUTED, font_size=11))
                continue
            x0, x, x1 = (left + (v - origin) * scale for v in (estimate.low, estimate.value, estimate.high))
            mark = el(
                "g",
                el("title", f"{row.label}, {kind.label}: {estimate.text()}"),
                _whisker(x0, x1, at, kind.colour),
                *([] if math.isnan(estimate.value) else [_dot(x, at, kind)]),  # a range has no middle
            )
            parts.append(mark)
    entries = [(join(_whisker(0, 26, 0, s.colour), _dot(13, 0, s)), s.label) for s in series]
    parts += [
        _key(entries, left, 14),
        el("text", unit, x=_WIDTH - _RIGHT, y=bottom + 34, text_anchor="end", fill=MUTED),
    ]
    description = (
        f"{title}. Dots with 90 % intervals for {', '.join(s.label for s in series)}; the table has the numbers."
    )
    return Figure(
        figure_id=figure_id,
        title=title,
        unit=unit,
        source=source,
        interval=f"Dot and line: {INTERVAL_TEXT}.",
        description=description,
        svg=svg_root(figure_id, title, description, (_WIDTH, bottom + 42), *parts),
    )


def _hatch(figure_id: str, colours: Sequence[str]) -> Markup:
    patterns = [
        el(
            "pattern",
            el("rect", width=5, height=5, fill="#fff"),
            el("path", d="M0 0V5", stroke=colour, stroke_width=3.4),
            id=f"{figure_id}-h{colour.removeprefix('#')}",
            width=5,
            height=5,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        )
        for colour in colours
    ]
    return el("defs", join(*patterns))


def _stack(
    figure_id: str, bar: Bar, shares: tuple[Estimate | None, Estimate | None], left: float, y: float, scale: float
) -> list[Markup]:
    """Partner share hatched, transit share solid, and a whisker for each from its own start."""
    partner, transit = shares
    parts: list[Markup] = []
    start = 0.0
    hatch = f"url(#{figure_id}-h{bar.colour.removeprefix('#')})"
    for estimate, fill, shift in ((partner, hatch, -2.5), (transit, bar.colour, 2.5)):
        if estimate is None:
            continue
        x = left + start * scale
        parts.append(
            el(
                "rect",
                x=f"{x:.1f}",
                y=y - 6,
                width=f"{estimate.value * scale:.1f}",
                height=12,
                fill=fill,
                stroke=bar.colour,
                stroke_width=0.8,
            )
        )
        if estimate.high > estimate.low:
            at = left + (start + estimate.low) * scale, left + (start + estimate.high) * scale
            parts.append(_whisker(*at, y + shift, "#fff"))
            parts[-1] = el(
                "g",
                el("path", d=f"M{at[0]:.1f} {y + shift:.1f}H{at[1]:.1f}", stroke="#fff", stroke_width=4.4),
                _whisker(*at, y + shift, INK),
            )
        start += estimate.value
    return parts


def share_chart(
    figure_id: str, *, title: str, unit: str, source: str, bars: Sequence[Bar], scenario_labels: Sequence[str]
) -> Figure:
    """Draw, per actor and scenario, the share of a country's trade that the actor can close.

    Partner (the actor is the other end of the trade) is hatched, transit (it lies on the way) is solid; each has its own
    whisker, which starts where its part of the bar starts. Shares of different actors overlap and do not add up to 100 %.
    """
    count = len(scenario_labels)
    step = 20.0 * count + 12.0
    names = [*(bar.label for bar in bars), *scenario_labels]
    inner = max((text_width(label, 11) for label in scenario_labels), default=0.0) + 14
    left = inner + 24 + min(220.0, max((text_width(n, 13) for n in names[: len(bars)]), default=0.0))
    top, bottom = 34.0, 34.0 + step * len(bars)
    ends = [(p.value if p else 0.0) + (t.high if t else 0.0) for bar in bars for p, t in bar.shares] + [
        p.high for bar in bars for p, _ in bar.shares if p
    ]
    axis, _, scale = _axis(ticks(0.0, max([0.05, *ends])), left, top, bottom, 100.0)
    parts = [_hatch(figure_id, sorted({MUTED, *(bar.colour for bar in bars)})), axis]
    for number, bar in enumerate(bars):
        y = top + step * number
        if number:
            parts.append(el("path", d=f"M10 {y:g}H{_WIDTH - _RIGHT:g}", stroke=_RULE))
        parts.append(
            el(
                "text",
                shorten(bar.label, left - inner - 16, 13),
                x=12,
                y=y + step / 2 + 4,
                font_size=13,
                font_weight=600,
            )
        )
        for place, shares in enumerate(bar.shares):
            at = y + step / 2 + 20.0 * (place - (count - 1) / 2)
            parts.append(
                el("text", scenario_labels[place], x=left - 8, y=at + 4, text_anchor="end", font_size=11, fill=MUTED)
            )
            if shares == (None, None):
                parts.append(el("text", "not in the results", x=left + 6, y=at + 4, fill=MUTED, font_size=11))
            words = [f"{w} {e.text()}" for w, e in zip(("partner", "transit"), shares, strict=True) if e is not None]
            tip = el("title", f"{bar.label}, {scenario_labels[place]}: {'; '.join(words)}")
            parts.append(el("g", tip, *_stack(figure_id, bar, shares, left, at, scale)))
    box = {"y": -6, "width": 26, "height": 12, "stroke": MUTED, "stroke_width": 0.8}
    entries = [
        (
            el("rect", fill=f"url(#{figure_id}-h{MUTED.removeprefix('#')})", **box),
            "partner: the actor is the other end",
        ),
        (el("rect", fill=MUTED, **box), "transit: the actor lies on the way"),
        (_whisker(0, 26, 0, INK), "90 % interval"),
    ]
    parts += [
        _key(entries, 12, 14),
        el("text", unit, x=_WIDTH - _RIGHT, y=bottom + 34, text_anchor="end", fill=MUTED),
    ]
    description = f"{title}. Stacked bars of partner and transit shares with 90 % intervals; the table has the numbers."
    return Figure(
        figure_id=figure_id,
        title=title,
        unit=unit,
        source=source,
        interval="Bar: median; whisker: 90 % interval of each part. Shares of several actors overlap; they do not add up.",
        description=description,
        svg=svg_root(figure_id, title, description, (_WIDTH, bottom + 42), *parts),
    )
