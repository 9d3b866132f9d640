"""Where place names go on a map so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mackinder.report.figure import text_width

__all__ = ["Label", "Wanted", "place_labels"]

Box = tuple[float, float, float, float]
_GAP_PX = 5.0  # between dot and text
_AIR_PX = 1.5  # kept free round every text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A name that would like to stand beside a point; lower rank goes first."""

    text: str
    x: float
    y: float
    rank: tuple[int | bool, ...]
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A name that found its place: baseline point and text anchor."""

    text: str
    x: float
    y: float
    anchor: str
    dot: tuple[float, float]
    bold: bool
    box: Box


def _candidates(wanted: Wanted, size_px: float) -> list[tuple[float, float, str, Box]]:
    """Eight positions round the point, best first."""
    width, x, y = text_width(wanted.text, size_px) * (1.06 if wanted.bold else 1.0), wanted.x, wanted.y
    up, down, middle = y - _GAP_PX, y + _GAP_PX + 0.75 * size_px, y + 0.35 * size_px
    spots = [
        (x + _GAP_PX, middle, "start"),
        (x - _GAP_PX, middle, "end"),
        (x, up, "middle"),
        (x, down, "middle"),
        (x + 0.7 * _GAP_PX, up, "start"),
        (x + 0.7 * _GAP_PX, down, "start"),
        (x - 0.7 * _GAP_PX, up, "end"),
        (x - 0.7 * _GAP_PX, down, "end"),
    ]
    out = []
    for at_x, at_y, anchor in spots:
        left = at_x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        box = (left - _AIR_PX, at_y - 0.8 * size_px - _AIR_PX, left + width + _AIR_PX, at_y + 0.25 * size_px + _AIR_PX)
        out.append((at_x, at_y, anchor, box))
    return out


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def place_labels(
    wanted: Sequence[Wanted], *, size_px: float, width_px: float, height_px: float, at_most: int
) -> list[Label]:
    """Place names greedily by rank; a name that fits nowhere is left out.

    Parameters
    ----------
    wanted : sequence of Wanted
        Names and their points in px. Ties in rank are broken by text, so that the order of the input does not matter.
    size_px : float
        Font size.
    width_px, height_px : float
        Window that texts must stay in.
    at_most : int
        Number of names after which to stop.

    Returns
    -------
    list of Label
        No two boxes overlap, and no box covers the dot of another label.

    Examples
    --------
    >>> two = [Wanted(text="Meghri", x=50, y=50, rank=(1,)), Wanted(text="Agarak", x=50, y=50, rank=(2,))]
    >>> [label.anchor for label in place_labels(two, size_px=12, width_px=100, height_px=100, at_most=9)]
    ['start', 'end']
    """
    placed: list[Label] = []
    taken: list[Box] = []
    for name in sorted(wanted, key=lambda w: (w.rank, w.text)):
        if len(placed) >= at_most:
            break
        dot = (name.x - 2.5, name.y - 2.5, name.x + 2.5, name.y + 2.5)
        if any(_overlap(dot, label.box) for label in placed):
            continue
        for x, y, anchor, box in _candidates(name, size_px):
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= width_px and box[3] <= height_px
            if inside and not any(_overlap(box, other) for other in taken):
                placed.append(
                    Label(text=name.text, x=x, y=y, anchor=anchor, dot=(name.x, name.y), bold=name.bold, box=box)
                )
                taken += [box, dot]
                break
    return placed
