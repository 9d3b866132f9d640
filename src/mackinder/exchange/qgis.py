"""Styles that QGIS loads with a layer (QML): colour by mode, dashes for links that are not usable, width by quantity."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

__all__ = ["MODE_COLOURS", "flow_style", "link_style", "shown_style"]

#: from the palette of Okabe and Ito (2008), which eyes with colour deficiencies tell apart
MODE_COLOURS: Final[Mapping[str, str]] = {
    "rail": "#d55e00",
    "road": "#5b6470",
    "sea": "#0072b2",
    "ferry": "#56b4e9",
    "inland_water": "#009e73",
}
_USABLE: Final = "\"status\" IN ('open', 'restricted')"
_MM_AT_1_MT: Final = 0.4  # width grows with the square root: 0.1 and 100 Mt/yr share a map
_HEAD: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_NAMESPACE: Final = uuid.UUID("6d61636b-696e-5465-b272-000000000001")  # any fixed one: keys repeat from write to write


def link_style() -> str:
    """Return the style of links: one colour a mode; dashed where the link is closed, planned, building or destroyed.

    Examples
    --------
    >>> link_style().count("<rule ")
    10
    """
    rules: list[tuple[str, str, bool]] = []
    symbols: list[str] = []
    for mode, colour in MODE_COLOURS.items():
        label = mode.replace("_", " ")
        for condition, line, note in ((_USABLE, "solid", ""), (f"NOT ({_USABLE})", "dash", ", not usable")):
            rules.append((f'"mode" = {literal(mode)} AND {condition}', f"{label}{note}", True))
            symbols.append(_symbol(len(symbols), colour, line=line, width="0.5"))
    return _document(rules, symbols)


def flow_style(states: Sequence[tuple[str, int, str]]) -> str:
    """Return the style of flows: one entry a scenario and year, of which only the first is switched on.

    Width is proportional to the square root of the quantity, on one scale for all entries; colour tells the mode.

    Parameters
    ----------
    states : sequence of (scenario, year, label)
    """
    rules = [
        (f'"scenario" = {literal(scenario)} AND "year" = {year}', f"{label}, {year}", number == 0)
        for number, (scenario, year, label) in enumerate(states)
    ]
    return _document(rules, [_wide_symbol(number, "quantity_mt") for number in range(len(states))])


def shown_style() -> str:
    """Return the style of what a page shows: width by the median, or by how much it changes; colour tells the mode.

    Examples
    --------
    >>> shown_style().count("<rule ")
    1
    """
    return _document([('"median" IS NOT NULL', "Mt a year", True)], [_wide_symbol(0, "median")])


def literal(text: str) -> str:
    """Return text as a string of a QGIS expression.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _document(rules: Iterable[tuple[str, str, bool]], symbols: Iterable[str]) -> str:
    lines = []
    for number, (condition, label, on) in enumerate(rules):
        key = "{" + str(uuid.uuid5(_NAMESPACE, f"{number} {condition}")) + "}"
        off = "" if on else ' checkstate="0"'
        lines.append(
            f'<rule key="{key}" symbol="{number}" label={quoteattr(label)} filter={quoteattr(condition)}{off}/>'
        )
    root = "{" + str(uuid.uuid5(_NAMESPACE, "root")) + "}"
    return (
        f'{_HEAD}<qgis version="3.28" styleCategories="Symbology">'
        '<renderer-v2 type="RuleRenderer" symbollevels="0" enableorderby="0" forceraster="0">'
        f'<rules key="{root}">{"".join(lines)}</rules><symbols>{"".join(symbols)}</symbols></renderer-v2></qgis>\n'
    )


def _wide_symbol(number: int, column: str) -> str:
    """A line whose width is proportional to the square root of a quantity."""
    cases = " ".join(f"WHEN {literal(mode)} THEN {literal(colour)}" for mode, colour in MODE_COLOURS.items())
    own = {"outlineWidth": f'{_MM_AT_1_MT} * sqrt(abs("{column}"))', "outlineColor": f'CASE "mode" {cases} END'}
    return _symbol(number, "#5b6470", width=f"{_MM_AT_1_MT}", expressions=own)


def _symbol(
    number: int, colour: str, *, line: str = "solid", width: str, expressions: Mapping[str, str] | None = None
) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    options = {
        "capstyle": "round",
        "joinstyle": "round",
        "line_color": f"{red},{green},{blue},255",
        "line_style": line,
        "line_width": width,
        "line_width_unit": "MM",
    }
    plain = "".join(f'<Option name="{k}" type="QString" value="{v}"/>' for k, v in options.items())
    return (
        f'<symbol type="line" name="{number}" alpha="0.85" clip_to_extent="1" force_rhr="0">'
        '<layer class="SimpleLine" enabled="1" pass="0" locked="0">'
        f'<Option type="Map">{plain}</Option>{_expressions(expressions or {})}</layer></symbol>'
    )


def _expressions(expressions: Mapping[str, str]) -> str:
    if not expressions:
        return ""
    inner = "".join(
        f'<Option name="{name}" type="Map"><Option name="active" type="bool" value="true"/>'
        f'<Option name="expression" type="QString" value={quoteattr(text)}/>'
        '<Option name="type" type="int" value="3"/></Option>'
        for name, text in expressions.items()
    )
    return (
        '<data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/>'
        f'<Option name="properties" type="Map">{inner}</Option>'
        '<Option name="type" type="QString" value="collection"/></Option></data_defined_properties>'
    )
