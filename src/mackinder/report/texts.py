"""Standing texts of the report: method and limits, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mackinder.evidence.cannot import Limit
from mackinder.report.content import Section
from mackinder.report.markup import el, join

__all__ = ["LIMITS", "METHOD", "QUESTION_ALONE", "QUESTION_COMPARED", "limits_section"]

QUESTION_COMPARED: Final = (
    "What changes in freight flows, in who can close whose trade, in delivered cost and in transit revenue in {year}, "
    "if “{second}” comes about instead of “{first}”?"
)
QUESTION_ALONE: Final = (
    "What do freight flows, exposure, delivered cost and transit revenue look like in {year} under “{first}”?"
)
METHOD: Final = (
    "Trade between zones is sent over rail, road, sea, ferry and river links. Each link has a time and a price with low, "
    "central and high values, and a source or a stated ground. Routes are listed one by one; shippers spread over them by "
    "a path-size logit on generalised cost (price, value of time, unreliability, surcharges). Bans, sanctions and closed "
    "borders take routes away. Who can close what follows from dated rights, with companies rolled up to their parents. "
    "Every number is computed again for each draw of all uncertain inputs together; all scenarios use the same draws, so a "
    "difference between scenarios has an interval of its own, usually narrower than those of the two levels suggest."
)
_TRADE: Final = {
    "routes": "Trade between zones is given for each year and does not respond to cost; only its routes do, and links do not "
    "fill up.",
    "capacity": "Trade between zones is given for each year and does not respond to cost; links fill up, and capacity stays "
    "as it is unless a scenario or a dated work raises it.",
    "trade": "Trade answers to delivered cost by one elasticity a goods class, and wages by one factor a country: no new "
    "products, no unemployment, no firms; capacity stays as it is unless a scenario or a dated work raises it.",
}
LIMITS: Final = (
    "It is not a forecast. It says what the stated inputs imply under each scenario, not how likely a scenario is.",
    "An interval covers the uncertainty of the inputs, not an error in the model's form; the truth can lie outside it.",
    "Route choice, border times and risk premiums cannot all be identified from one year of aggregate flows; several "
    "inputs are judgements, marked as estimates.",
    _TRADE["routes"],
    "Recorded trade of the region contains re-exports and gaps since 2022; mirror statistics disagree.",
    "Links are straight lines between places on the maps, and stand for whole lines or roads.",
    "Where several changes were compared, the largest is told; the intervals are not widened for that choice.",
)


def limits_section(model: str, limits: Sequence[Limit]) -> Section:
    """Write what a report cannot tell: what neither case nor models can, then what this model leaves out.

    Parameters
    ----------
    model : {'routes', 'capacity', 'trade'}
    limits : sequence of Limit
        Of `mackinder.evidence.cannot.cannot_tell`.
    """
    items = [join(el("b", item.question), f" {item.answer}") for item in limits]
    return Section(
        section_id="limits",
        heading="What this cannot tell you",
        items=(*items, *(_TRADE[model] if line == _TRADE["routes"] else line for line in LIMITS)),
    )
