"""What the numbers of a text say about each other: contradictions found by arithmetic (convention C125)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mackinder.case.claimsdoc import Claim, Claims, Said
from mackinder.evidence.verdicts import Finding

__all__ = ["Contradiction", "contradictions", "judge_stated"]

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two statements of a text that cannot both hold.

    Attributes
    ----------
    first, second : str
        Claim ids; the same where one claim contradicts itself.
    text : str
        In words, with the numbers.
    """

    first: str
    second: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ratio:
    claim: str
    subject: str
    period: str
    since: str
    span: Span
    words: str


def contradictions(document: Claims) -> tuple[Contradiction, ...]:
    """Find numbers of a text that contradict each other.

    Changes are ratios of two periods of one subject: such as are stated, such as follow from two values that are stated, and
    inverses of both. Two of them contradict each other if their rounding intervals do not meet.

    Examples
    --------
    >>> from mackinder.case.claimsdoc import read_claims
    >>> from mackinder.case.locate import find_case
    >>> [(c.first, c.second) for c in contradictions(read_claims(find_case("south-caucasus")))]
    [('ru-am-doubled', 'ru-am-growth')]
    """
    found = []
    ratios = list(_ratios(document))
    for i, a in enumerate(ratios):
        for b in ratios[i + 1 :]:
            same = (a.subject, a.period, a.since) == (b.subject, b.period, b.since)
            if same and (a.span[0] > b.span[1] or b.span[0] > a.span[1]):
                found.append(
                    Contradiction(
                        first=a.claim, second=b.claim,
                        text=f"{a.subject}, {a.since} to {a.period}: {a.words} means a factor of {_of(a.span)}, "
                        f"but {b.words} means {_of(b.span)}",
                    )
                )  # fmt: skip
    values = [(c.id, s) for c in document.claim for s in c.says if s.form == "value"]
    for i, (one, a_said) in enumerate(values):
        for other, b_said in values[i + 1 :]:
            key = (a_said.subject, a_said.period, a_said.unit)
            apart = a_said.bounds[0] > b_said.bounds[1] or b_said.bounds[0] > a_said.bounds[1]
            if key == (b_said.subject, b_said.period, b_said.unit) and apart:
                found.append(
                    Contradiction(
                        first=one, second=other,
                        text=f"{a_said.subject}, {a_said.period}: {a_said.value} and {b_said.value} {a_said.unit}",
                    )
                )  # fmt: skip
    return tuple(found)


def _ratios(document: Claims) -> Iterator[_Ratio]:
    values: list[tuple[str, Said]] = []
    for claim in document.claim:
        for said in claim.says:
            if said.form == "value":
                values.append((claim.id, said))
                continue
            low, high = said.bounds
            span = (1 + low / 100, 1 + high / 100) if said.form == "growth_percent" else (low, high)
            words = f"{said.value} %" if said.form == "growth_percent" else f"{said.value} times"
            yield _Ratio(claim=claim.id, subject=said.subject, period=said.period, since=said.since, span=span,
                         words=f"`{claim.id}` ({words}{', in words' if said.in_words else ''})")  # fmt: skip
    for one, new in values:
        for other, old in values:
            if new.subject == old.subject and new.unit == old.unit and new.period != old.period and old.bounds[0] > 0:
                span = (new.bounds[0] / old.bounds[1], new.bounds[1] / old.bounds[0])
                yield _Ratio(claim=one, subject=new.subject, period=new.period, since=old.period, span=span,
                             words=f"`{one}` over `{other}` ({new.value} over {old.value})")  # fmt: skip


def judge_stated(claim: Claim, found: Sequence[Contradiction]) -> Finding:
    """Judge a claim by the other numbers of the text. In a contradiction one of the two must be wrong: it depends on which."""
    mine = [c for c in found if claim.id in (c.first, c.second)]
    stated = [said for said in claim.says if said.form != "value"]
    value = low = high = float("nan")
    unit = ""
    if stated:
        low, high = stated[0].bounds
        value, unit = float(stated[0].value), "%" if stated[0].form == "growth_percent" else "times"
    if not mine:
        return Finding(verdict="supported", kind="stated", value=value, low=low, high=high, unit=unit,
                       reason="the numbers of the text agree with each other within their rounding")  # fmt: skip
    others = tuple(dict.fromkeys(name for c in mine for name in (c.first, c.second) if name != claim.id))
    deciding = tuple(f"the text's own `{name}` says otherwise" for name in others)
    return Finding(
        verdict="depends", kind="stated", value=value, low=low, high=high, unit=unit, deciding=deciding,
        flags=("internal contradiction",), reason="; ".join(c.text for c in mine),
    )  # fmt: skip


def _of(span: Span) -> str:
    return f"{span[0]:.3g} to {span[1]:.3g}"
