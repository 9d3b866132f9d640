"""The change grammar as data: which keys an operation takes, of which type, and what it means.

The meanings below are the semantics; `apply` implements them and `docs` prints them. Five rules hold for all:

1. A selector is read against the case as it stands, plus rows that the scenario adds: no change sees another's effect.
2. On one cell, settings come first, then factors and shifts; those of one file multiply and add up. Order means nothing.
3. Two settings of one cell to different values are a conflict, as are opening and closing a link at overlapping times, and
   different factors of two files on one cell or on the same days of one tie, unless one file ``overrides`` the other.
4. set, scale, add, delay and grow have no dates: a cell holds one value for all years that are solved.
5. A change that selects nothing is an error, unless it says ``optional = true``: then what it selects came into the
   tables by an update, and at an earlier vintage there is nothing to change (an optional transfer_right then gives the
   right to `to` without taking it from anyone).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mackinder.errors import ScenarioError, did_you_mean
from mackinder.scenario.model import Change, Interval

__all__ = ["OPS", "SCENARIO_KEYS", "Op", "read_change", "read_day", "read_interval", "read_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operation: required and optional keys beside the common ones, and its meaning in terms of tables."""

    needs: tuple[str, ...]
    may: tuple[str, ...] = ()
    meaning: str


_SELECTION = ("ids", "links", "status", "where")
_FLOW = ("origin", "destination", "goods", "except_pairs", "structural", "id")

OPS: Final[Mapping[str, Op]] = MappingProxyType(
    {
        "open": Op(
            needs=("links",),
            may=("status",),
            meaning="links become usable from starts_on (default: each link's own opens_on) to ends_on: status "
            "building and opens_on, closed_since cleared, a pending upgrade brought to that day, links taken out of "
            "border_closed denials from that day. A link already open keeps its history. Bans and sanctions stay.",
        ),
        "close": Op(
            needs=("links", "starts_on"),
            may=("status",),
            meaning="links stop being usable from starts_on: status closed and closed_since; with ends_on, a "
            "border_closed denial between the two days instead, and the link stays what it was.",
        ),
        "set": Op(
            needs=("table", "column", "value"),
            may=_SELECTION,
            meaning="the cells of a column in the selected rows get this value; an interval column takes a number "
            "(all three bounds) or {low, mode, high}.",
        ),
        "scale": Op(
            needs=("table", "column", "value"),
            may=_SELECTION,
            meaning="an interval or number column is multiplied, bound by bound.",
        ),
        "add": Op(needs=("table", "row"), meaning="a new row, with every required column and its provenance."),
        "delay": Op(
            needs=("links", "years"),
            may=("status", "column"),
            meaning="opens_on (or another date column of links) moves by years, negative = earlier; what an `open` in "
            "the same composition opens moves with it, denials included.",
        ),
        "transfer_right": Op(
            needs=("right", "to", "starts_on"),
            may=("links", "status", "places", "conduits", "from", "standing", "extension_years"),
            meaning="from starts_on the right on the links (or places, or conduits) leaves its holders (all, or those in `from`) "
            "and goes to `to`, a list of {actor, share}; an empty list ends it.",
        ),
        "restrict": Op(
            needs=("kind", "links", "starts_on"),
            may=_FLOW,
            meaning="a new restriction that denies these links (or links = 'trade': the flow itself).",
        ),
        "surcharge": Op(
            needs=("links", "value", "starts_on"),
            may=(*_FLOW, "kind", "charge_basis"),
            meaning="a new restriction that adds USD/t, per shipment unless charge_basis says per_link.",
        ),
        "risk": Op(
            needs=("links", "value", "starts_on"),
            may=(*_FLOW, "charge_basis"),
            meaning="a surcharge of kind risk in USD/t, per link unless charge_basis says per_shipment.",
        ),
        "allow": Op(
            needs=("ids",),
            may=("links", "pairs"),
            meaning="the restrictions named stop on starts_on (until ends_on, if given): wholly, or on the links, or "
            "for the pairs (added to except_pairs). Lifting a ban or sanction needs hypothetical = true.",
        ),
        "tariff": Op(
            needs=("origin", "destination", "value", "starts_on"),
            may=("goods", "except_pairs", "structural", "id"),
            meaning="an ad valorem duty in percent, stored as one surcharge on the flow for each freight goods class: "
            "percent x value density (goods.value_usd_per_t), bound by bound.",
        ),
        "ban_trade": Op(
            needs=("origin", "destination", "starts_on"),
            may=("goods", "except_pairs", "structural", "both_ways", "id"),
            meaning="a new restriction that denies the flow itself, whatever its route.",
        ),
        "scale_transfers": Op(
            needs=("value", "starts_on"),
            may=("sender", "target", "indicator", "variant", "ids"),
            meaning="ties are multiplied from starts_on (to ends_on), bound by bound: a state while it holds, of an "
            "observed series its last observation before that day, carried on to the horizon. Factor 0 ends a state, "
            "such as a membership. Several factors of one file on one tie multiply; those of two files are a conflict.",
        ),
        "grow": Op(
            needs=("value",),
            may=("exporter", "importer", "goods"),
            meaning="trade values and tonnes of the selected rows are multiplied.",
        ),
    }
)

_COMMON: Final = ("op", "starts_on", "ends_on", "facts", "basis", "ground", "note", "optional")
SCENARIO_KEYS: Final = (
    "change",
    "counterfactual",
    "description",
    "hypothetical",
    "id",
    "includes",
    "label",
    "overrides",
    "range_only",
    "sources",
)

_NAMES: Final = {
    "ids", "status", "places", "from", "origin", "destination", "goods", "except_pairs", "pairs", "exporter",
    "importer", "sender", "target", "indicator", "variant", "conduits",
}  # fmt: skip
_UNDATED: Final = {"set", "scale", "add", "delay", "grow"}
_INTERVAL_OPS: Final = {"scale", "surcharge", "risk", "tariff", "grow", "scale_transfers"}
_ENUMS: Final = {
    "basis": ("cited", "derived", "estimate"),
    "charge_basis": ("per_link", "per_shipment"),
    "kind": ("ban", "border_closed", "permit", "risk", "sanction"),
    "right": ("customs", "finance", "operator", "owner", "security", "sovereign", "toll"),
    "standing": ("binding", "claimed", "framework"),
}


def read_change(raw: Mapping[str, object], *, scenario: str, where: str, hypothetical: bool) -> Change:
    """Check one ``[[change]]`` against the grammar.

    Parameters
    ----------
    raw : mapping
        The table as TOML gives it.
    scenario : str
        Id of its file.
    where : str
        File, line and number, for messages.
    hypothetical : bool
        Whether the file declares itself hypothetical.

    Raises
    ------
    ScenarioError
        On an unknown operation or key, a missing key, a value of the wrong type, or missing provenance.

    Examples
    --------
    >>> raw = {"op": "close", "links": "tag=tripp", "starts_on": "2027-01-01", "facts": ["SC148"]}
    >>> read_change(raw, scenario="s", where="s.toml, change 1", hypothetical=False).starts_on
    '2027-01-01'
    """
    op = raw.get("op")
    if not isinstance(op, str):
        message = f"{where}: key 'op' is missing or is not a word; it names what the change does: {', '.join(OPS)}"
        raise ScenarioError(message)
    if op not in OPS:
        msg = f"{where}: {did_you_mean(op, OPS, what='op')}"
        raise ScenarioError(msg)
    where = f"{where} ({op})"
    spec = OPS[op]
    for key in raw:
        if key not in (*_COMMON, *spec.needs, *spec.may):
            known = (*_COMMON, *spec.needs, *spec.may)
            msg = f"{where}: {did_you_mean(key, known, what='key')} ({op} takes {', '.join(known[1:])})"
            raise ScenarioError(msg)
    for key in spec.needs:
        if key not in raw:
            msg = f"{where}: key {key!r} is missing. {op}: {spec.meaning}"
            raise ScenarioError(msg)
    if op in _UNDATED and (raw.get("starts_on") or raw.get("ends_on")):
        message = (
            f"{where}: {op} takes no dates: a cell holds one value for all years. For a change from a day on use open, "
            f"close, restrict, surcharge or risk, or add a row that opens on that day"
        )
        raise ScenarioError(message)
    options = {key: _read_option(key, raw[key], op=op, where=where) for key in raw if key not in _COMMON}
    starts_on = read_day(raw.get("starts_on", ""), where=f"{where}.starts_on")
    ends_on = read_day(raw.get("ends_on", ""), where=f"{where}.ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        msg = f"{where}: ends_on {ends_on} lies before starts_on {starts_on}; swap them or drop one"
        raise ScenarioError(msg)
    return Change(
        scenario=scenario,
        where=where,
        op=op,
        options=MappingProxyType(options),
        starts_on=starts_on,
        ends_on=ends_on,
        hypothetical=hypothetical,
        optional=_read_flag(raw.get("optional", False), where=f"{where}.optional"),
        **_provenance(raw, where=where),  # type: ignore[arg-type]
    )


def _provenance(raw: Mapping[str, object], *, where: str) -> dict[str, object]:
    """Return facts, basis, ground and note: a change without facts needs a basis and a ground, as a table row does."""
    facts = read_names(raw.get("facts", []), where=f"{where}.facts")
    basis = raw.get("basis", "cited" if facts else "")
    texts = {"ground": raw.get("ground", ""), "note": raw.get("note", "")}
    for key, value in texts.items():
        if not isinstance(value, str):
            msg = f"{where}.{key}: expected a sentence, got {value!r}"
            raise ScenarioError(msg)
    if basis not in _ENUMS["basis"]:
        message = (
            f'{where}: no facts and basis {basis!r}. A change needs facts = ["..."], or basis = "estimate" (or '
            f'"derived") with a ground that says on what'
        )
        raise ScenarioError(message)
    if basis != "cited" and not texts["ground"]:
        msg = f"{where}: basis {basis!r} needs a ground that says on what it rests"
        raise ScenarioError(msg)
    if basis == "cited" and not facts:
        msg = f"{where}: basis 'cited' needs facts = [\"...\"]"
        raise ScenarioError(msg)
    return {"facts": facts, "basis": basis, **texts}


def _read_option(key: str, value: object, *, op: str, where: str) -> object:
    """Type one key of an operation."""
    path = f"{where}.{key}"
    if key in _ENUMS:
        if value not in _ENUMS[key]:
            msg = f"{path}: {did_you_mean(str(value), _ENUMS[key], what=key)}"
            raise ScenarioError(msg)
        return value
    if key == "value" and op in _INTERVAL_OPS:
        return read_interval(value, where=path)
    if key == "row":
        return MappingProxyType(
            {k: _read_cell(v, where=f"{path}.{k}") for k, v in _read_table(value, where=path).items()}
        )
    if key == "where":
        rows = _read_table(value, where=path)
        return MappingProxyType({k: read_names(v, where=f"{path}.{k}") for k, v in rows.items()})
    readers: dict[str, Callable[..., object]] = {
        "value": _read_cell,
        "to": _read_holders,
        "years": _read_number,
        "extension_years": _read_number,
        "both_ways": _read_flag,
        "structural": _read_flag,
    }
    return readers.get(key, read_names if key in _NAMES else _text)(value, where=path)


def read_day(value: object, *, where: str) -> str:
    """Return an ISO day from a TOML date or a text; empty stays empty."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if value == "":
        return ""
    try:
        if isinstance(value, str):
            return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    msg = f"{where}: expected a day such as 2028-12-31, got {value!r}"
    raise ScenarioError(msg)


def read_names(value: object, *, where: str) -> tuple[str, ...]:
    """Return a tuple of words from a word or a list of words, without repetitions."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        msg = f"{where}: expected a word or a list of words, got {value!r}"
        raise ScenarioError(msg)
    return tuple(dict.fromkeys(value))


def _text(value: object, *, where: str) -> str:
    if not isinstance(value, str):
        msg = f"{where}: expected a word or sentence in quotes, got {value!r}"
        raise ScenarioError(msg)
    return value


def _read_flag(value: object, *, where: str) -> bool:
    if not isinstance(value, bool):
        msg = f"{where}: expected true or false, got {value!r}"
        raise ScenarioError(msg)
    return value


def _read_number(value: object, *, where: str) -> float:
    """Return a finite number; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        msg = f"{where}: expected a number, got {value!r}"
        raise ScenarioError(msg)
    return float(value)


def _read_table(value: object, *, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not value:
        msg = f'{where}: expected a table such as {{ key = "value" }}, got {value!r}'
        raise ScenarioError(msg)
    return value


def read_interval(value: object, *, where: str) -> Interval:
    """Return an interval from a number or from ``{low, mode, high}``."""
    if not isinstance(value, Mapping):
        number = _read_number(value, where=where)
        return Interval(low=number, mode=number, high=number)
    if set(value) != {"low", "mode", "high"}:
        msg = f"{where}: an interval has the keys low, mode and high, got {', '.join(value) or 'none'}"
        raise ScenarioError(msg)
    low, mode, high = (_read_number(value[key], where=f"{where}.{key}") for key in ("low", "mode", "high"))
    if not low <= mode <= high:
        msg = f"{where}: low {low:g}, mode {mode:g}, high {high:g} are not in order"
        raise ScenarioError(msg)
    return Interval(low=low, mode=mode, high=high)


def _read_cell(value: object, *, where: str) -> object:
    """Return a cell: an interval, a number, a flag, a day or a text (lists are joined by ``;``)."""
    if isinstance(value, Mapping):
        return read_interval(value, where=where)
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.date):
        return read_day(value, where=where)
    if isinstance(value, list):
        return ";".join(read_names(value, where=where))
    msg = f"{where}: expected a number, a text, a day, a list or {{low, mode, high}}, got {value!r}"
    raise ScenarioError(msg)


def _read_holders(value: object, *, where: str) -> tuple[tuple[str, float], ...]:
    """Return (actor, share) of each new holder of a right."""
    if not isinstance(value, list):
        msg = f'{where}: expected a list such as [{{ actor = "RUS", share = 1 }}], got {value!r}'
        raise ScenarioError(msg)
    holders = []
    for number, item in enumerate(value, start=1):
        path = f"{where}[{number}]"
        table = _read_table(item, where=path)
        for key in table:
            if key not in {"actor", "share"}:
                msg = f"{path}: {did_you_mean(key, ('actor', 'share'), what='key')}"
                raise ScenarioError(msg)
        share = _read_number(table.get("share", 1), where=f"{path}.share")
        if not 0 < share <= 1:
            msg = f"{path}.share: a share lies above 0 and up to 1, got {share:g}"
            raise ScenarioError(msg)
        holders.append((_text(table.get("actor"), where=f"{path}.actor"), share))
    return tuple(holders)
