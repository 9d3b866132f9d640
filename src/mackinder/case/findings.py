"""What a check finds, and the register of the checks: one rule, one defect, one stable code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

__all__ = ["Finding", "Hit", "Register", "Rule", "Severity", "format_rows"]

Severity = Literal["error", "warning"]
_SHOWN = 8  # rows listed in a message; a Finding holds them all
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect: where it is, what was seen, and the cure.

    ``str(finding)`` is one unwrapped line, code first.
    """

    code: str
    severity: Severity
    file: str
    rows: tuple[int, ...]
    message: str
    cure: str

    def __str__(self) -> str:
        where = f"{self.file}, {format_rows(self.rows)}" if self.rows else self.file
        mark = " warning," if self.severity == "warning" else ""
        return f"{self.code}{mark} {where}: {self.message}. {self.cure}."


def format_rows(rows: tuple[int, ...]) -> str:
    """Name rows of a file, the first few by number.

    Examples
    --------
    >>> format_rows((12, 88))
    'rows 12, 88'
    """
    if len(rows) == 1:
        return f"row {rows[0]}"
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return f"rows {', '.join(str(row) for row in rows[:_SHOWN])}{more}"


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule yields: its register adds code, severity and, if none is given, the cure of the rule."""

    file: str
    rows: Iterable[int]
    message: str
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[Subject]):
    """One kind of defect and the function that finds it."""

    code: str
    severity: Severity
    title: str
    cure: str
    needs: tuple[str, ...]
    function: Callable[[Subject], Iterator[Hit]]

    def run(self, subject: Subject) -> Iterator[Finding]:
        """Yield the findings of this rule."""
        for hit in self.function(subject):
            rows = tuple(int(row) for row in hit.rows)
            yield Finding(
                code=self.code,
                severity=self.severity,
                file=hit.file,
                rows=rows,
                message=hit.message,
                cure=hit.cure or self.cure,
            )


class Register(Generic[Subject]):
    """Rules by code. A function enters by decoration, under a code that no other rule has."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule[Subject]] = {}

    def rule(
        self, code: str, title: str, *, cure: str, needs: tuple[str, ...] = (), severity: Severity = "error"
    ) -> Callable[[Callable[[Subject], Iterator[Hit]]], Callable[[Subject], Iterator[Hit]]]:
        """Register a function as the rule `code`; it runs only where all tables in `needs` could be read."""

        def enter(function: Callable[[Subject], Iterator[Hit]]) -> Callable[[Subject], Iterator[Hit]]:
            if code in self.rules:
                msg = f"{code} is taken by {self.rules[code].title!r}"
                raise ValueError(msg)
            self.rules[code] = Rule(
                code=code, severity=severity, title=title, cure=cure, needs=needs, function=function
            )
            return function

        return enter
