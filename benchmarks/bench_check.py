"""Seconds that `check` takes on the starter case with a million rows of trade: `make bench`."""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from mackinder.case import check, scaffold
from mackinder.case.schema import table_schema

ROWS = 1_000_000
#: seconds; a loop over rows in Python takes minutes
BAR = 60.0


def write_trade(folder: Path) -> None:
    """Replace the trade table by one of many rows."""
    keys = np.arange(ROWS)
    frame = pd.DataFrame(dict.fromkeys(table_schema("trade").header, ""), index=range(ROWS))
    frame["trade_id"] = "t" + pd.Series(keys).astype(str)
    frame["exporter"], frame["importer"], frame["goods"] = "AAA", "BBB", "*"
    frame["year"] = (1900 + keys % 120).astype(str)
    frame["value_musd_low"] = frame["value_musd_mode"] = frame["value_musd_high"] = (keys / 7).astype(str)
    frame["facts"], frame["basis"] = "F006", "cited"
    frame.to_csv(folder / "tables" / "trade.csv", index=False, lineterminator="\n")


def main() -> int:
    """Print one line; exit 1 if the bar is missed."""
    with tempfile.TemporaryDirectory() as parent:
        folder = scaffold(Path(parent) / "large")
        write_trade(folder)
        start = time.perf_counter()
        check(folder)
        taken = time.perf_counter() - start
    print(f"check of {ROWS:,} rows {taken:7.2f} s   bar {BAR:5.1f} s   {'ok' if taken <= BAR else 'MISSED'}")
    return 1 if taken > BAR else 0


if __name__ == "__main__":
    sys.exit(main())
