"""``claims.toml``: what a text claims, in our words, and how each claim is tested (conventions C123, C124, C150)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mackinder.case.documents import Document, read_toml
from mackinder.case.settings import Id, Number
from mackinder.case.toml import none_twice

__all__ = ["KINDS", "Article", "Claim", "Claims", "Said", "Test", "read_claims"]

Kind = Literal["fact", "arithmetic", "comparison", "trend", "conditional", "forecast", "normative"]
KINDS: tuple[str, ...] = ("fact", "arithmetic", "comparison", "trend", "conditional", "forecast", "normative")
Operator = Literal[">", ">=", "<", "<=", "about", "between"]
#: what a test of each kind needs beside its kind, and what it may have
_PARTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "number": (frozenset({"facts", "operator", "value"}), frozenset({"within", "upper", "unit", "since"})),
    "sources": (frozenset(), frozenset({"supports", "denies", "since"})),
    "stated": (frozenset(), frozenset()),
    "count": (frozenset({"table", "where", "operator"}), frozenset({"value", "upper", "against", "rows_are"})),
    "rank": (frozenset({"carried"}), frozenset()),
    "rows": (frozenset({"where", "operator"}), frozenset({"value", "upper", "against"})),
    "ties": (frozenset({"relation", "actor", "target"}), frozenset({"other", "dimension", "since_year"})),
    "untestable": (frozenset({"why"}), frozenset()),
}


class Article(Document):
    """The text whose claims are tested.

    ``independence_group`` is the group of `sources.csv` that the text itself belongs to: what rests on it cannot support it.
    """

    title: str
    author: str
    publisher: str
    published_on: dt.date
    independence_group: Id
    scenario: str = ""


class Said(Document):
    """A number as the text gives it: a value, or a change since an earlier period.

    ``value`` is text, since its digits say how exact it is; ``in_words`` numbers (doubled) hold within a tenth.
    """

    subject: str
    period: str
    form: Literal["value", "growth_percent", "factor"]
    value: str
    unit: str = ""
    since: str = ""
    in_words: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        try:
            Decimal(self.value)
        except InvalidOperation:
            msg = f"value {self.value!r} is no number; write its digits as text, such as '12.4'"
            raise ValueError(msg) from None
        if (self.form == "value") == bool(self.since):
            msg = "a value has no `since`, and a change (growth_percent, factor) needs one: the period it is measured from"
            raise ValueError(msg)
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """What the number can mean: half a unit of its last digit each way, or a tenth if it is in words."""
        number = Decimal(self.value)
        exponent = number.as_tuple().exponent
        half = Decimal(5).scaleb(int(exponent) - 1) if not self.in_words else abs(number) / 10
        return float(number - half), float(number + half)


class Test(Document):
    """One test of a claim: data, never code.

    Attributes
    ----------
    kind : str
        ``number``: numeric `facts` against `value`; ``sources``: facts that support and such as deny it; ``stated``: the
        numbers that the text itself gives; ``count``: rows of a table; ``rank``: what powers carry beside what was conceded
        to them (convention C98); ``rows``: results of a run, of deals or the process; ``ties``: capacity compared;
        ``untestable``: `why`.
    what : str
        What is measured, in words, where the claim alone does not say it.
    rows_are : str
        Of ``count``: ``found``, if somebody looked and found these rows (the default), or ``all`` there are (convention C150).
    operator, value, upper, within
        ``about`` holds within `within` (part of the value); ``between`` takes `value` and `upper`.
    where, against : dict
        Keys of rows: column and value; `against` changes some of them for the row compared with. ``@`` stands for the
        scenario asked about.
    since : str
        ISO day: evidence that tells of days before it is stale.
    """

    kind: Literal["number", "sources", "stated", "count", "rank", "rows", "ties", "untestable"]
    what: str = ""
    facts: tuple[Id, ...] = ()
    supports: tuple[Id, ...] = ()
    denies: tuple[Id, ...] = ()
    operator: Operator | None = None
    value: Number | None = None
    upper: Number | None = None
    within: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    unit: str = ""
    since: str = ""
    table: str = ""
    where: dict[str, str | int] = Field(default_factory=dict)
    against: dict[str, str | int] = Field(default_factory=dict)
    rows_are: Literal["found", "all"] = "found"
    carried: Literal["", "touched", "captive"] = ""
    relation: Literal["", "larger", "fallen", "not_gone", "faster"] = ""
    actor: str = ""
    target: str = ""
    other: str = ""
    dimension: str = "all"
    since_year: int = 0
    why: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs, may = _PARTS[self.kind]
        given = {
            name
            for name in type(self).model_fields
            if name not in ("kind", "what") and getattr(self, name) != _default(name)
        }
        if needs - given:
            msg = f"a test of kind {self.kind!r} needs {', '.join(sorted(needs - given))}"
            raise ValueError(msg)
        if given - needs - may:
            msg = f"a test of kind {self.kind!r} does not take {', '.join(sorted(given - needs - may))}"
            raise ValueError(msg)
        if self.kind == "sources" and not (self.supports or self.denies):
            msg = "a test of kind 'sources' needs facts in `supports` or in `denies`"
            raise ValueError(msg)
        if self.kind in ("count", "rows") and (self.value is None) == (not self.against):
            msg = "give a `value` or, in `against`, the row to compare with: one of them"
            raise ValueError(msg)
        if self.operator == "between" and (self.value is None or self.upper is None or self.value > self.upper):
            msg = "`between` needs `value` and `upper`, in order"
            raise ValueError(msg)
        if self.operator == "about" and self.kind != "number":
            msg = "`about` is for numbers of facts; say how near with `between` elsewhere"
            raise ValueError(msg)
        if self.relation in ("larger",) and not self.other:
            msg = "relation 'larger' needs `other`, the target compared with"
            raise ValueError(msg)
        return self


def _default(name: str) -> object:
    field = Test.model_fields[name]
    return field.get_default(call_default_factory=True)


class Claim(Document):
    """One claim.

    Attributes
    ----------
    combine : str
        ``all``: the claim holds if every test does; ``any``: if one does.
    changes_if : str
        In words, what would change the verdict.
    """

    id: Id
    text: str
    place: str
    kind: Kind
    attributed_to: str = ""
    says: tuple[Said, ...] = ()
    test: Annotated[tuple[Test, ...], Field(min_length=1)]
    combine: Literal["all", "any"] = "all"
    changes_if: str = ""
    note: str = ""

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts that the tests name, each once."""
        named = [name for test in self.test for name in (*test.facts, *test.supports, *test.denies)]
        return tuple(dict.fromkeys(named))


class Claims(Document):
    """All of ``claims.toml``."""

    article: Article
    claim: tuple[Claim, ...]

    @model_validator(mode="after")
    def _own_names(self) -> Self:
        none_twice("claim", [claim.id for claim in self.claim])
        return self


def read_claims(source: Path) -> Claims | None:
    """Read the claims of a case folder, or a file of claims; None where the folder has none.

    Raises
    ------
    CaseError
        If it cannot be read or does not fit.

    Examples
    --------
    >>> from mackinder.case.locate import find_case
    >>> found = read_claims(find_case("south-caucasus"))
    >>> found.claim[0].id
    'ru-am-2024'
    """
    return read_toml(source / "claims.toml" if source.is_dir() else source, Claims)
