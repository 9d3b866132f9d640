"""What a rule looks at, and the register that rules enter."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mackinder.case.findings import Hit, Register
from mackinder.case.schema import table_schema
from mackinder.case.selectors import LinkIndex
from mackinder.case.settings import Settings
from mackinder.errors import CaseError

__all__ = ["CASE_RULES", "Material", "hits", "items", "rule", "some"]


@dataclass(frozen=True, kw_only=True)
class Material:
    """As much of a case as could be read.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        Typed tables; one that could not be read is absent, and rules that need it do not run.
    settings : Settings or None
        None if case.toml could not be read.
    folder : Path or None
        Folder of the case.
    """

    tables: Mapping[str, pd.DataFrame]
    settings: Settings | None
    folder: Path | None

    @cached_property
    def fact_ids(self) -> frozenset[str]:
        """Facts that documents may name: those of the table, and those of the folder that a vintage does not know yet."""
        known = {str(name) for name in self.tables["facts"]["fact_id"]}
        path = None if self.folder is None else self.folder / "tables" / "facts.csv"
        if path is not None and path.is_file():
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                known |= {row.get("fact_id") or "" for row in csv.DictReader(file)}
        return frozenset(known - {""})

    @cached_property
    def links(self) -> LinkIndex:
        """Links prepared for selectors."""
        return LinkIndex(self.tables["links"])

    def selects(self, selector: str) -> bool:
        """Say whether a selector parses and selects some link."""
        try:
            return bool(self.links.mask(selector).any())
        except CaseError:
            return False

    @cached_property
    def zone_countries(self) -> frozenset[str]:
        """Countries for whose trade some zone stands."""
        zones = self.tables["zones"]
        return frozenset(zones["country"]) | frozenset(items(zones["members"]))

    @cached_property
    def countries(self) -> frozenset[str]:
        """Every country code that some table introduces: zones, places, actors."""
        known = set(self.zone_countries)
        if "places" in self.tables:
            known |= set(self.tables["places"]["country"])
        if "actors" in self.tables:
            known |= set(items(self.tables["actors"]["countries"]))
        return frozenset(known)


CASE_RULES: Final[Register[Material]] = Register()
rule = CASE_RULES.rule


def items(cells: pd.Series) -> pd.Series:
    """Split lists joined by ``;`` into one row an item, index kept; empty cells give no row."""
    split = cells.str.split(";").explode()
    return split[split != ""]


def some(values: pd.Series, *, limit: int = 3) -> str:
    """Quote the first few different values."""
    unique = values.drop_duplicates()
    more = f" and {len(unique) - limit} more" if len(unique) > limit else ""
    return ", ".join(repr(str(value)) for value in unique.iloc[:limit]) + more


def hits(
    table: str, frame: pd.DataFrame, bad: pd.Series | npt.NDArray[np.bool_], message: str, *, cure: str = ""
) -> Iterator[Hit]:
    """Yield one hit for the rows where `bad` holds, if any; ``{ids}`` in the message becomes the first few ids."""
    mask = np.asarray(bad, dtype=np.bool_)
    if mask.any():
        chosen = frame[mask]
        schema = table_schema(table)
        text = message.replace("{ids}", some(chosen[schema.id_column]))
        yield Hit(schema.file, chosen["file_row"], text, cure)
