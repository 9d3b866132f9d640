"""What this cannot tell you: one page for docs, one section for every report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mackinder.report.markdown import NOTICE

if TYPE_CHECKING:
    from mackinder.evidence.cannot import Limit

__all__ = ["limits_page"]


def limits_page(limits: Sequence[Limit]) -> str:
    """Write the page.

    Examples
    --------
    >>> from mackinder.evidence.cannot import Limit
    >>> "no answer" in limits_page([Limit(question="Who?", answer="There is no answer.")])
    True
    """
    parts = [
        NOTICE,
        "# What this cannot tell you",
        "The same page stands at the end of every report. It is made from the case, so its numbers change with the evidence.",
        *(f"**{item.question}** {item.answer}" for item in limits),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"
