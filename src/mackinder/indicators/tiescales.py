"""The frozen scales of ties capacity: which rows of ``ties`` count for what, and between which bounds (``tie_scales.csv``)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

__all__ = ["DIMENSIONS", "PARTS", "TieElement", "TieSource", "tie_elements"]

DIMENSIONS = ("economic", "political", "security", "energy", "people", "corridor")
PARTS = ("bandwidth", "dependence")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TieSource:
    """Rows of one indicator.

    Attributes
    ----------
    indicator : str
        A word of ``case/tie_indicators.csv``; with a leading ``@`` it comes from conduits or from a run.
    variant : str
        Exactly this one; ``*`` for any.
    dimension : str
        Only rows of this dimension; empty for all.
    """

    indicator: str
    variant: str
    dimension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TieElement:
    """One element of ties capacity.

    Attributes
    ----------
    name, dimension, part : str
        ``part`` is bandwidth or dependence.
    sources : tuple of TieSource
    combine : {"newest", "largest", "any", "count", "kinds"}
        What is made of several rows: the one observed last, the greatest, whether there is one, how many, of how many sources.
    zero, one : float
        Values that count 0 and 1; frozen, so that no score moves because others did.
    log : bool
        Between them in logarithms.
    age_years : float
        How long after its days an observation may still stand for another day.
    drift : float
        What it widens by on the scale of 0 to 1, times the square root of its age in years.
    absent : {"none", "unknown"}
        What no row means: that there is none (treaties, bases), or that nobody knows.
    rest : bool
        A share of a whole: what others hold bounds what is not known.
    ground : str
    """

    name: str
    dimension: str
    part: str
    sources: tuple[TieSource, ...]
    combine: str
    zero: float
    one: float
    log: bool
    age_years: float
    drift: float
    absent: str
    rest: bool
    ground: str

    def score(self, value: Floats) -> Floats:
        """Put values on the scale of 0 to 1.

        Examples
        --------
        >>> exports = next(e for e in tie_elements() if e.name == "exports")
        >>> exports.score(np.array([0.0, 0.25, 0.8])).tolist()
        [0.0, 0.5, 1.0]
        """
        if self.log:
            with np.errstate(divide="ignore"):  # nothing at all lies below every bound, which the clip says
                place = np.log(value / self.zero) / np.log(self.one / self.zero)
        else:
            place = (value - self.zero) / (self.one - self.zero)
        return np.asarray(np.clip(place, 0.0, 1.0), dtype=np.float64)


def _source(text: str) -> TieSource:
    stem, _, variant = text.partition(":")
    indicator, at, dimension = stem.partition("@") if not stem.startswith("@") else (stem, "", "")
    return TieSource(indicator=indicator, variant=variant, dimension=dimension if at else "")


@cache
def tie_elements() -> tuple[TieElement, ...]:
    """Return the elements in the order of the file.

    Examples
    --------
    >>> [e.name for e in tie_elements() if e.dimension == "political"]
    ['channels', 'votes']
    """
    text = resources.files("mackinder.indicators").joinpath("tie_scales.csv").read_text(encoding="utf-8")
    return tuple(
        TieElement(
            name=row["element"],
            dimension=row["dimension"],
            part=row["part"],
            sources=tuple(_source(item) for item in row["sources"].split(";")),
            combine=row["combine"],
            zero=float(row["zero"]),
            one=float(row["one"]),
            log=row["scale"] == "log",
            age_years=float(row["age_years"]),
            drift=float(row["drift"]),
            absent=row["absent"],
            rest=row["rest"] == "yes",
            ground=row["ground"],
        )
        for row in csv.DictReader(text.splitlines())
    )
