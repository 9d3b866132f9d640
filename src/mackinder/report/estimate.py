"""One number with its 90 % interval, and how it is printed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

__all__ = ["INTERVAL_TEXT", "Cited", "Estimate", "Sourced", "decimals_for"]

INTERVAL_TEXT = "median and 90 % interval (5 % to 95 % of draws)"
_MINUS = "−"


class Cited(str):
    """Text of a number that knows its row in the results, so that the page can show where it comes from.

    Examples
    --------
    >>> Cited("2.0 Mt/yr", row=7).row
    7
    """

    __slots__ = ("row",)
    row: int

    def __new__(cls, text: str, *, row: int) -> Cited:
        """Attach the row to the text."""
        made = super().__new__(cls, text)
        made.row = row
        return made


class Sourced(str):
    """Text of an input that knows the id it is drawn under, so that the page can show its facts.

    Examples
    --------
    >>> Sourced("growth of demand", source="settings/demand_growth_per_year").source
    'settings/demand_growth_per_year'
    """

    __slots__ = ("source",)
    source: str

    def __new__(cls, text: str, *, source: str) -> Sourced:
        """Attach the id to the text."""
        made = super().__new__(cls, text)
        made.source = source
        return made


def decimals_for(low: float, high: float, value: float) -> int:
    """Decimals that the interval deserves: two significant digits of its width, at most three decimals.

    A point without width (all draws agree) gets three significant digits of the value.

    Examples
    --------
    >>> decimals_for(1.2, 3.9, 2.0), decimals_for(100.0, 900.0, 400.0)
    (1, 0)
    """
    width = abs(high - low)
    scale, digits = (width, 2) if width > 0 else (abs(value), 3)
    if scale <= 0 or not math.isfinite(scale):
        return 0
    return min(3, max(0, digits - 1 - math.floor(math.log10(scale))))


def _number(value: float, decimals: int, *, signed: bool = False) -> str:
    text = f"{abs(value):,.{decimals}f}".replace(",", " ")
    if float(text.replace(" ", "")) == 0:
        return text
    if value < 0:
        return _MINUS + text
    return "+" + text if signed else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Median, 5 % and 95 % of the draws, with a unit (``1`` = dimensionless share); `row` of the results, -1 if none."""

    value: float
    low: float
    high: float
    unit: str
    draws: int
    row: int = field(default=-1, compare=False)

    @property
    def detectable(self) -> bool:
        """Whether the 90 % interval leaves out zero (asked of differences)."""
        return self.low > 0 or self.high < 0

    @property
    def is_share(self) -> bool:
        """Whether it is printed in per cent."""
        return self.unit == "1"

    @property
    def unit_text(self) -> str:
        """Unit as printed."""
        return "%" if self.is_share else self.unit

    def parts(self, *, signed: bool = False, range_only: bool = False) -> tuple[str, str]:
        """Return the value and the interval as text, in the unit of `unit_text`.

        ``range_only`` prints no central value and no decimals: the house rule for war and collapse. So does a value that
        is not a number.

        Examples
        --------
        >>> Estimate(value=0.123, low=0.05, high=0.2, unit="1", draws=9).parts()
        ('12', '5 to 20')
        """
        factor, range_only = 100.0 if self.is_share else 1.0, range_only or math.isnan(self.value)
        value, low, high = self.value * factor, self.low * factor, self.high * factor
        places = 0 if range_only else decimals_for(low, high, value)
        interval = f"{_number(low, places, signed=signed)} to {_number(high, places, signed=signed)}"
        return ("", interval) if range_only else (_number(value, places, signed=signed), interval)

    def text(self, *, signed: bool = False, range_only: bool = False, unit: bool = True) -> str:
        """Return one line: value, unit and interval.

        Examples
        --------
        >>> Estimate(value=2.04, low=1.2, high=3.9, unit="Mt/yr", draws=9).text()
        '2.0 Mt/yr (1.2 to 3.9)'
        """
        value, interval = self.parts(signed=signed, range_only=range_only)
        range_only = range_only or not value
        # A change of a share is told in points: "−4 %" would read as four per cent of the share.
        name = "percentage points" if signed and self.is_share else self.unit_text
        suffix = f" {name}" if unit else ""
        return self.cite(f"{interval}{suffix}" if range_only else f"{value}{suffix} ({interval})")

    def cite(self, words: str) -> str:
        """Attach the row of this number to words about it, if it has one."""
        return words if self.row < 0 else Cited(words, row=self.row)
