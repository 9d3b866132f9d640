"""Maps of flows: one scenario-year, and the difference of two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mackinder.report.basemap import draw_basemap, read_basemap
from mackinder.report.estimate import Estimate
from mackinder.report.figure import Figure, svg_root, text_width
from mackinder.report.labels import Wanted, place_labels
from mackinder.report.markup import Markup, el, join
from mackinder.report.network import MapLink, MapNetwork
from mackinder.report.projection import View
from mackinder.report.style import (
    ACTOR_COLOURS,
    GAIN,
    INK,
    LOSS,
    MODE_DASHES,
    MODE_LABELS,
    MUTED,
    OTHER,
    SEA,
    line_style,
    line_width,
)

__all__ = ["difference_map", "flow_map", "shared_parts"]

_LEGEND_PX = 62.0
_GAP_PX = 0.8  # between parallel lines (rail beside road)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    link: MapLink
    width: float
    group: str  # class of its colour
    text: str


def _ground(view: View, network: MapNetwork) -> Markup:
    """Draw what all maps of a window share: sea, land, borders and the network as hairlines."""
    thin = []
    for link in network.links:
        a, b = view.segment(link.ends)
        if view.holds(a) or view.holds(b):
            thin.append(f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}")
    return el(
        "g",
        el("rect", width=view.width_px, height=view.height_px, fill=SEA),
        draw_basemap(view),
        _draw_regions(view),
        el("path", d="".join(thin), fill="none", stroke="#b9b4a8", stroke_width=0.6),
    )


def _draw_regions(view: View) -> Markup:
    """Pale names of countries and seas, under everything else."""
    texts = []
    for text, point in view.region_names:
        x, y = view.project(point)
        texts.append(el("text", text.upper(), x=f"{x:.0f}", y=f"{y:.0f}", text_anchor="middle"))
    return el("g", join(*texts), font_size=view.font_px + 1, fill="#8f8a7e", letter_spacing=2)


def _offsets(lines: Sequence[_Line]) -> list[float]:
    """Perpendicular offset in px of each line, so that links between the same two places lie side by side."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, line in enumerate(lines):
        first, second = sorted(line.link.places)
        groups.setdefault((first, second), []).append(number)
    out = [0.0] * len(lines)
    for members in groups.values():
        total = sum(lines[i].width for i in members) + _GAP_PX * (len(members) - 1)
        at = -total / 2
        for i in sorted(members, key=lambda i: lines[i].link.link_id):
            out[i] = at + lines[i].width / 2
            at += lines[i].width + _GAP_PX
    return out


def _draw_lines(lines: Sequence[_Line], view: View) -> Markup:
    drawn: list[tuple[float, Markup]] = []
    for line, offset in zip(lines, _offsets(lines), strict=True):
        # Ends are sorted so that both directions of naming shift to the same side.
        (ax, ay), (bx, by) = view.segment(line.link.sorted_ends)
        seen = (min(ax, bx) < view.width_px and max(ax, bx) > 0) and (min(ay, by) < view.height_px and max(ay, by) > 0)
        if not seen:
            continue
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 or 1.0
        dx, dy = -(by - ay) / length * offset, (bx - ax) / length * offset
        # A title can hardly be hit on a hairline; leaving it out there keeps reports of many scenarios small.
        tip = [el("title", line.text)] if line.width >= view.tip_from_px else []
        path = el(
            "path",
            *tip,
            class_=f"{line.group} {line.link.mode}",
            stroke_width=f"{line.width:.2f}",
            d=f"M{ax + dx:.1f} {ay + dy:.1f}L{bx + dx:.1f} {by + dy:.1f}",
        )
        drawn.append((line.width, path))
    drawn.sort(key=lambda item: -item[0])  # thin above wide; the sort is stable, so equal widths keep the links' order
    return el("g", join(*(path for _, path in drawn)), class_="lines", fill="none", stroke_opacity=0.92)


def _draw_labels(view: View, network: MapNetwork) -> Markup:
    """Names of places: anchors of zones first, then cities and ports; the same on every map of a window."""
    wanted = []
    for place in network.places:
        x, y = view.project(place.point)
        if place.kind_rank > 9 or place.tier > view.deepest_tier or not view.holds((x, y)):
            continue
        rank = (not place.anchor, place.kind_rank > 2, place.tier, place.kind_rank)
        wanted.append(Wanted(text=place.label, x=x, y=y, rank=rank, bold=place.anchor))
    labels = place_labels(
        wanted, size_px=view.font_px, width_px=view.width_px, height_px=view.height_px, at_most=view.max_labels
    )
    dots = [
        el("circle", cx=f"{m.dot[0]:.1f}", cy=f"{m.dot[1]:.1f}", r=2.6 if m.bold else 2.0, fill="#fff", stroke=INK)
        for m in labels
    ]
    texts = [
        el(
            "text",
            m.text,
            x=f"{m.x:.1f}",
            y=f"{m.y:.1f}",
            text_anchor=None if m.anchor == "start" else m.anchor,
            font_weight=600 if m.bold else None,
        )
        for m in labels
    ]
    return join(
        el("g", join(*dots), stroke_width=0.9),
        el(
            "g",
            join(*texts),
            font_size=view.font_px,
            stroke="#fff",
            stroke_width=2.6,
            stroke_linejoin="round",
            paint_order="stroke",
        ),
    )


def _width_samples(view: View, x: float, y: float, colour: str) -> tuple[Markup, float]:
    parts: list[Markup] = [el("text", "Mt/yr", x=x, y=y + 4, fill=MUTED)]
    x += 44
    for sample in view.samples_mt:
        width = line_width(sample, view.px_at_1_mt)
        parts.append(el("path", d=f"M{x:g} {y:g}h34", stroke=colour, stroke_width=f"{width:.2f}"))
        parts.append(el("text", f"{sample:g}", x=x + 39, y=y + 4))
        x += 39 + text_width(f"{sample:g}", 12) + 16
    return join(*parts), x


def _legend(view: View, entries: Sequence[tuple[str, str]], colour: str) -> Markup:
    """Band under the map: width samples and dashes on the first row, colours on the second."""
    top = view.height_px
    first, second = top + 20.0, top + 46.0
    samples, x = _width_samples(view, 10.0, first, colour)
    parts = [el("rect", y=top, width=view.width_px, height=_LEGEND_PX, fill="#fff"), samples]
    x = max(x + 10, 400.0)
    for mode, label in MODE_LABELS.items():
        dash = MODE_DASHES[mode]
        parts.append(
            el("path", d=f"M{x:g} {first:g}h40", stroke=MUTED, stroke_width=2.5, stroke_dasharray=dash or None)
        )
        parts.append(el("text", label, x=x + 46, y=first + 4))
        x += 46 + text_width(label, 12) + 16
    x = 10.0
    for shade, label in entries:
        parts.append(el("rect", x=x, y=second - 6, width=20, height=12, rx=2, fill=shade))
        parts.append(el("text", label, x=f"{x + 26:.1f}", y=second + 4))
        x += 26 + text_width(label, 12) + 16
    return el("g", join(*parts))


def _flow_legend(view: View, actor_names: Mapping[str, str]) -> Markup:
    entries = [(colour, actor_names.get(actor, actor)) for actor, colour in ACTOR_COLOURS.items()]
    return _legend(view, [*entries, (OTHER, "others, shared, high seas")], MUTED)


def shared_parts(view: View, network: MapNetwork, actor_names: Mapping[str, str]) -> dict[str, Markup]:
    """Draw what all maps of a window share, by the id under which a page has to define it.

    Parameters
    ----------
    view : View
        Window.
    network : MapNetwork
        Links and places.
    actor_names : mapping
        Actor id to display name, for the legend.

    Returns
    -------
    dict of str to Markup
        ``style``, ``ground``, ``labels`` and ``legend``, each followed by ``-`` and the id of the window.
    """
    return {
        f"style-{view.view_id}": el("style", Markup(line_style())),
        f"ground-{view.view_id}": _ground(view, network),
        f"labels-{view.view_id}": _draw_labels(view, network),
        f"legend-{view.view_id}": _flow_legend(view, actor_names),
    }


def _compose(
    figure_id: str,
    title: str,
    description: str,
    view: View,
    network: MapNetwork,
    lines: Sequence[_Line],
    legend: Markup | None,
    shared: bool,
    actor_names: Mapping[str, str],
) -> Markup:
    """Put ground, lines, labels and legend together, by reference if the page defines `shared_parts`."""
    if shared:
        ground, labels, standard = (el("use", href=f"#{n}-{view.view_id}") for n in ("ground", "labels", "legend"))
        style = Markup("")
    else:
        style, ground, labels, standard = shared_parts(view, network, actor_names).values()
    inner = el(  # a nested svg clips what leaves the window
        "svg",
        ground,
        _draw_lines(lines, view),
        labels,
        width=view.width_px,
        height=view.height_px,
        viewBox=f"0 0 {view.width_px:g} {view.height_px:g}",
    )
    frame = el("rect", x=0.5, y=0.5, width=view.width_px - 1, height=view.height_px - 1, fill="none", stroke="#c6ccd3")
    size = view.width_px, view.height_px + _LEGEND_PX
    return svg_root(figure_id, title, description, size, style, standard if legend is None else legend, inner, frame)


def _lines_of(
    network: MapNetwork, view: View, amounts: Mapping[str, float], line: Callable[[MapLink, float], tuple[str, str]]
) -> list[_Line]:
    out = []
    for link in network.links:
        amount = amounts.get(link.link_id, 0.0)
        if abs(amount) < view.smallest_mt:
            continue
        group, text = line(link, amount)
        out.append(_Line(link=link, width=line_width(abs(amount), view.px_at_1_mt), group=group, text=text))
    return out


def _source() -> str:
    return f"model run of this report; land and borders: {read_basemap().source}"


def flow_map(
    figure_id: str,
    *,
    view: View,
    network: MapNetwork,
    flows: Mapping[str, Estimate],
    scenario_label: str,
    year: int,
    actor_names: Mapping[str, str],
    shared: bool = False,
) -> Figure:
    """Draw the flows of one scenario and year.

    Parameters
    ----------
    figure_id : str
        Unique on the page.
    view : View
        Window; it also fixes the scale of widths, which no scenario changes.
    network : MapNetwork
        Links and places.
    flows : mapping
        Link id to Mt/yr; links that are missing or below the window's ``smallest_mt`` are hairlines only.
    scenario_label : str
        Plain name for the title.
    year : int
        For the title.
    actor_names : mapping
        Actor id to display name, for the legend.
    shared : bool
        Whether the page defines `shared_parts`; without them the figure carries its own and stands alone.

    Returns
    -------
    Figure
        Width = median flow, colour = who is sovereign over the link, dash = mode.
    """

    def line(link: MapLink, _: float) -> tuple[str, str]:
        group = link.holder if link.holder in ACTOR_COLOURS else "other"
        return group, f"{link.label}: {flows[link.link_id].text()}; {link.holder_label}"

    lines = _lines_of(network, view, {k: e.value for k, e in flows.items()}, line)
    title = f"{view.label}: freight flows, {scenario_label}, {year}"
    description = (
        f"Map of freight flows on {len(lines)} links in Mt/yr. Line width grows with the square root of the median "
        "flow, colour says who is sovereign over the link, dashes say the mode. The same numbers stand in the tables."
    )
    return Figure(
        figure_id=figure_id,
        title=title,
        unit="Mt/yr, both directions together",
        source=_source(),
        interval="Width shows the median; hover over a line for its 90 % interval (5 % to 95 % of draws).",
        description=description,
        svg=_compose(figure_id, title, description, view, network, lines, None, shared, actor_names),
    )


def difference_map(
    figure_id: str,
    *,
    view: View,
    network: MapNetwork,
    flows: Mapping[str, Estimate],
    baseline: Mapping[str, Estimate],
    scenario_label: str,
    baseline_label: str,
    year: int,
    shared: bool = False,
) -> Figure:
    """Draw flows of a scenario minus those of the baseline: blue gains, orange losses, same widths as `flow_map`.

    Medians are subtracted, because flows come without a paired difference; the caption says so. A link that carries
    nothing in one of the two may be missing from that mapping.
    """
    amounts = {
        link: (flows[link].value if link in flows else 0.0) - (baseline[link].value if link in baseline else 0.0)
        for link in {*flows, *baseline}
    }

    def side(mapping: Mapping[str, Estimate], link: str) -> str:
        return mapping[link].text() if link in mapping else "no flow"

    def line(link: MapLink, amount: float) -> tuple[str, str]:
        sign = "+" if amount > 0 else "−"
        text = (
            f"{link.label}: {sign}{abs(amount):.2f} Mt/yr between medians; {scenario_label} "
            f"{side(flows, link.link_id)}, {baseline_label} {side(baseline, link.link_id)}"
        )
        return ("gain" if amount > 0 else "loss"), text

    lines = _lines_of(network, view, amounts, line)
    legend = _legend(view, [(GAIN, f"more than in {baseline_label}"), (LOSS, f"less than in {baseline_label}")], MUTED)
    title = f"{view.label}: {scenario_label} minus {baseline_label}, {year}"
    description = (
        f"Map of the difference in freight flows on {len(lines)} links in Mt/yr; blue lines carry more, orange lines "
        "carry less than in the baseline. Width grows with the square root of the difference."
    )
    return Figure(
        figure_id=figure_id,
        title=title,
        unit="Mt/yr, both directions together",
        source=_source(),
        interval=(
            "Width shows the difference of the two medians; hover for both 90 % intervals. Whether a difference is "
            "detectable is said by the paired intervals in the table of corridor flows, not by this map."
        ),
        description=description,
        svg=_compose(figure_id, title, description, view, network, lines, legend, shared, {}),
    )
