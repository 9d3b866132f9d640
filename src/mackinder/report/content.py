"""What a report says, as data: the page only sets it."""

from __future__ import annotations

from dataclasses import dataclass

from mackinder.report.figure import Figure
from mackinder.report.markup import Markup

__all__ = ["MapSheet", "ReportContent", "Section", "SourceLine", "Table", "Tile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A key number: what it is, value with unit, interval, and the change against the baseline in words."""

    label: str
    value: str
    interval: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of text; the first cell of each row is its heading.

    A `folded` one opens on a click, and in print; an `appendix` is folded too, and left out of print for its length.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    folded: bool = False
    appendix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with paragraphs, figures and tables, in this order."""

    section_id: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSheet:
    """One map: window (``region``, ``eurasia``), kind (``a`` baseline, ``b`` scenario, ``d`` difference), scenario."""

    view: str
    kind: str
    scenario: str
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source with its address; the address is linked only if it is http or https."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """Everything on the page.

    Attributes
    ----------
    title, question : str
        Heading and the question that the report answers.
    answer : tuple of str
        Sentences computed from the results.
    answer_note : str
        How the sentences were chosen.
    compared : tuple of (str, str)
        What A and B are, in a sentence or two each; empty where the run does not know.
    stamp : tuple of (str, str)
        Newest evidence, version, seed, hash, reviewers.
    tiles : tuple of Tile
        Key numbers.
    baseline_label : str
        Plain name of scenario A; empty if the run holds no baseline.
    scenarios : tuple of (str, str)
        Id and plain name of every scenario B, the one to show first in front.
    map_parts : tuple of (str, Markup)
        Id and drawing of what the maps of each window share.
    maps : tuple of MapSheet
        All maps.
    sections : tuple of Section
        The rest, in order.
    sources : tuple of SourceLine
        Every source of the case.
    boundaries : tuple of str
        Boundary note, and the disputed lines drawn dotted.
    """

    title: str
    question: str
    answer: tuple[str, ...]
    answer_note: str
    compared: tuple[tuple[str, str], ...]
    stamp: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    baseline_label: str
    scenarios: tuple[tuple[str, str], ...]
    map_parts: tuple[tuple[str, Markup], ...]
    maps: tuple[MapSheet, ...]
    sections: tuple[Section, ...]
    sources: tuple[SourceLine, ...]
    boundaries: tuple[str, ...]
