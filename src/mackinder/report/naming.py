"""What things are called in a report: scenarios of a run, actors, corridors, and economies of more than one country."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mackinder.errors import RunError
from mackinder.report.answer import Names
from mackinder.report.network import actor_labels, countries_to_actors, place_name

if TYPE_CHECKING:
    import pandas as pd

    from mackinder.case import Case

__all__ = ["asset_labels", "build_names", "economy_labels", "economy_note", "scenarios_of"]


def scenarios_of(results: pd.DataFrame, case: Case, manifest: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Baseline (or ``''``) and the other scenarios of a run, in the order of case.toml.

    Rows of the timeline bear the scenario of each world, run or not: the manifest says which were run.

    Raises
    ------
    RunError
        If the results have no rows.
    """
    present = [str(s) for s in results["scenario"].unique() if s]
    if not present:
        msg = "results: the frame has no rows, so there is nothing to report; run the case first"
        raise RunError(msg)
    ran = set(manifest.get("scenarios") or present)
    present = [s for s in present if s in ran] or present
    order = [s for s in case.settings.scenarios if s in present]
    order += sorted(set(present) - set(order))
    baseline = case.settings.baseline if case.settings.baseline in present else ""
    return baseline, [s for s in order if s != baseline]


def build_names(
    case: Case, baseline: str, others: Sequence[str], labels: Mapping[str, str], usage: str, ranges: Collection[str]
) -> Names:
    """Collect the names of a report.

    Parameters
    ----------
    case : Case
    baseline : str
        May be empty.
    others : sequence of str
        The one to be compared first in front.
    labels : mapping of str to str
        Of scenarios.
    usage : {'neutral', 'armenian', 'azerbaijani'}
    ranges : collection of str
        Scenarios told as ranges.
    """
    actors = actor_labels(case.table("actors"))
    # Targets may be countries without an actor of their own; a zone of that country names them.
    zones = case.table("zones")
    answering = countries_to_actors(case.table("actors"))
    for code, label in zip(zones["country"].astype(str), zones["label"].astype(str), strict=True):
        if code not in answering:
            actors.setdefault(code, label)
    corridors = {
        str(row["corridor_id"]): place_name({str(k): v for k, v in row.items()}, usage)
        for row in case.table("corridors").to_dict("records")
    }
    present = [*([baseline] if baseline else []), *others]
    return Names(
        actors=actors,
        economies=economy_labels(case),
        corridors=corridors,
        scenarios={s: labels.get(s, _plain(s)) for s in present},
        first=baseline,
        second=others[0] if others else "",
        year=case.settings.horizon_year,
        range_only=frozenset(ranges),
    )


def _plain(scenario: str) -> str:
    """Make a readable name of an id: ``trump-route`` becomes ``Trump route``."""
    words = scenario.replace("-", " ").replace("_", " ").replace("+", " + ")
    return words[:1].upper() + words[1:]


def _members(case: Case) -> dict[str, tuple[set[str], list[str]]]:
    """Code of each economy -> countries in its zones beyond its own, and the labels of its zones."""
    actors, zones = case.table("actors"), case.table("zones")
    answering = countries_to_actors(actors)
    own = {
        str(row["actor_id"]): {c for c in str(row["countries"]).split(";") if c} for row in actors.to_dict("records")
    }
    out: dict[str, tuple[set[str], list[str]]] = {}
    for row in zones.to_dict("records"):
        country = str(row["country"])
        code = answering.get(country, country)
        extra, labels = out.setdefault(code, (set(), []))
        extra |= {c for c in str(row["members"]).split(";") if c} - own.get(code, {country}) - {country}
        labels.append(str(row["label"]))
    return out


def economy_labels(case: Case) -> dict[str, str]:
    """Name the economies whose zones hold more than the country or union that the code stands for (convention C159).

    An economy of one such zone is called as the zone is; one of several as the actor is, with what comes along.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> names = economy_labels(read_case("south-caucasus"))
    >>> names["USA"], names["EU"], "ARM" in names
    ('United States, Canada and Mexico', 'European Union and neighbours', False)
    """
    labels = actor_labels(case.table("actors"))
    return {
        code: zones[0] if len(zones) == 1 else f"{labels.get(code, code)} and neighbours"
        for code, (extra, zones) in _members(case).items()
        if extra
    }


def economy_note(case: Case, codes: Collection[str]) -> str:
    """Say which countries come along in the economies shown; empty if none does."""
    names, labels = economy_labels(case), actor_labels(case.table("actors"))
    parts = []
    for code, (extra, zones) in sorted(_members(case).items()):
        if code in codes and code in names and len(zones) > 1:
            named = sorted(labels[c] for c in extra if c in labels)
            rest = f"{len(extra) - len(named)} smaller neighbours" if len(named) < len(extra) else ""
            parts.append(f"“{names[code]}” holds {', '.join([*named, *([rest] if rest else [])])} as well")
    return f"{'; '.join(parts)}: they share zones of trade and are not told apart." if parts else ""


def asset_labels(case: Case) -> dict[str, str]:
    """Display names of links and transfers."""
    links, places = case.table("links"), case.table("places")
    where = dict(zip(places["place_id"], places["label"], strict=True))
    names = dict(zip(links["link_id"], links["label"], strict=True))
    for row in case.table("transfers").itertuples() if "transfers" in case.tables else ():
        names[str(row.transfer_id)] = f"{where.get(row.place, row.place)}: {row.from_mode} to {row.to_mode}"
    return names
