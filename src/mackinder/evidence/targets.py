"""``reality.toml``: observed figures with which a case is compared, and how the model's counterpart of each is made."""

from __future__ import annotations

import tomllib
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mackinder.case import Case
from mackinder.case.selectors import LinkIndex
from mackinder.errors import CaseError, did_you_mean
from mackinder.indicators.measure import KEY, catalogue
from mackinder.scenario import scenario_names
from mackinder.scenario.knowledge import later_facts

__all__ = ["Metric", "Path", "Target", "Triple", "read_targets"]

FILE: Final = "reality.toml"
#: kinds that need a path only, and those that read the frames of a run
PATH_KINDS: Final = ("length", "days", "price", "length_saved", "days_saved")
Kind = Literal["length", "days", "price", "length_saved", "days_saved", "flow", "flow_share", "corridor", "result"]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Triple(_Document):
    """A divisor with bounds, such as the load of a truck."""

    low: Number
    mode: Number
    high: Number

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 < self.low <= self.mode <= self.high:
            msg = f"low {self.low}, mode {self.mode}, high {self.high} must be positive and in order"
            raise ValueError(msg)
        return self


class Path(_Document):
    """The cheapest way along named places.

    Attributes
    ----------
    via : tuple of str
        Places in order, at least two.
    modes : tuple of str
        Modes of transport allowed; transfers between them are.
    links : str
        Selector of the links allowed; empty for all.
    scenario, year
        State in which links are open; empty and None for the baseline and the base year.
    """

    via: Annotated[tuple[str, ...], Field(min_length=2)]
    modes: Annotated[tuple[str, ...], Field(min_length=1)]
    links: str = ""
    scenario: str = ""
    year: int | None = None


class Metric(_Document):
    """How the model's number is made.

    Attributes
    ----------
    kind : str
        ``length`` (km), ``days``, ``price`` (USD/t of the default goods) of `path`; ``length_saved`` (km) and
        ``days_saved`` (percent) of `path` against `against`; ``flow`` (Mt/yr) summed over `links`; ``flow_share``
        (percent) of `links` in `of`; ``corridor`` (Mt/yr) at a screenline; ``result``, a row of the results.
    divide : Triple, optional
        What a flow in tonnes (or a result in its unit) is divided by, such as the load of a truck in t.
    days : int
        Number by which a yearly figure is divided to give a daily one.
    """

    kind: Kind
    path: Path | None = None
    against: Path | None = None
    links: str = ""
    of: str = ""
    corridor: str = ""
    row: dict[str, str] = Field(default_factory=dict)
    divide: Triple | None = None
    days: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs = {
            "length": ("path",), "days": ("path",), "price": ("path",), "length_saved": ("path", "against"),
            "days_saved": ("path", "against"), "flow": ("links",), "flow_share": ("links", "of"),
            "corridor": ("corridor",), "result": ("row",),
        }[self.kind]  # fmt: skip
        given = {name for name in ("path", "against", "links", "of", "corridor", "row") if getattr(self, name)}
        if given != set(needs):
            msg = f"kind {self.kind!r} takes {' and '.join(needs)}; given are {', '.join(sorted(given)) or 'none'}"
            raise ValueError(msg)
        return self

    @property
    def needs_run(self) -> bool:
        """Whether the frames of a run are needed."""
        return self.kind not in PATH_KINDS


class Target(_Document):
    """An observed figure.

    Attributes
    ----------
    id, label : str
    observed, low, high : float
        Central value and the range of the sources.
    unit : str
    year : int
        Year observed.
    facts : tuple of str
        Facts that state it.
    use : str
        ``fit``: open to calibration; ``held_out``: never to be fitted, kept to judge the model by.
    metric : Metric
    counts : str
        What either side counts: how far the two are comparable.
    reason : str
        Why the model misses, written after looking; empty where it does not.
    mismatch : float
        How far apart the two may be because they count different things: standard deviation of a logarithm, judged from
        `counts`. It only says how much a count weighs in calibration.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    label: str
    observed: Number
    low: Number
    high: Number
    unit: str
    year: int
    facts: Annotated[tuple[str, ...], Field(min_length=1)]
    use: Literal["fit", "held_out"]
    metric: Metric
    counts: str
    reason: str = ""
    mismatch: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.observed <= self.high:
            msg = f"low {self.low}, observed {self.observed}, high {self.high} are not in order"
            raise ValueError(msg)
        return self


class _File(_Document):
    target: tuple[Target, ...]


def read_targets(case: Case) -> tuple[Target, ...]:
    """Read the observed figures of a case.

    Parameters
    ----------
    case : Case
        Its folder holds ``reality.toml``; a case without one has no targets.

    Returns
    -------
    tuple of Target
        In the order of the file.

    Raises
    ------
    CaseError
        If the file is malformed, or names a fact, place, link, corridor or indicator that does not exist.

    Examples
    --------
    >>> from mackinder.case import read_case
    >>> len(read_targets(read_case("south-caucasus"))) >= 20
    True
    """
    path = case.folder / FILE
    if not path.is_file():
        return ()
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        targets = _File.model_validate(document).target
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{FILE}: not valid TOML ({error})"
        raise CaseError(msg) from None
    except ValidationError as error:
        lines = [f"{FILE}: {'.'.join(map(str, e['loc']))}: {e['msg']} (seen {e['input']!r})" for e in error.errors()]
        raise CaseError("\n".join(lines)) from None
    _check_names(case, targets)
    return targets


def _check_names(case: Case, targets: tuple[Target, ...]) -> None:
    known = {
        "fact": set(case.table("facts")["fact_id"]) | later_facts(case),
        "place": set(case.table("places")["place_id"]),
        "corridor": set(case.table("corridors")["corridor_id"]),
        "scenario": set(scenario_names(case)),
        "indicator": set(catalogue()),
        "key of results": set(KEY),
        "mode": set(case.table("links")["mode"]),
    }
    index = LinkIndex(case.table("links"))
    seen: set[str] = set()
    for target in targets:
        where = f"{FILE}: {target.id}: "
        if target.id in seen:
            raise CaseError(where + "the id stands twice")
        seen.add(target.id)
        m, paths = target.metric, [p for p in (target.metric.path, target.metric.against) if p]
        names = [("fact", f) for f in target.facts] + [("place", p) for path in paths for p in path.via]
        names += [("mode", mode) for path in paths for mode in path.modes]
        names += [("scenario", path.scenario) for path in paths if path.scenario]
        names += [("corridor", m.corridor)] if m.corridor else []
        names += (
            [("indicator", m.row.get("indicator", "")), *(("key of results", key) for key in m.row)] if m.row else []
        )
        for what, name in names:
            if name not in known[what]:
                raise CaseError(where + did_you_mean(name, known[what], what=what))
        for selector in filter(None, (m.links, m.of)):
            missing = index.unknown(selector)
            if missing:
                msg = f"{where}no link has {', '.join(missing)} of {selector!r}"
                raise CaseError(msg)
