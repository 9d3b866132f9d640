"""Fill holes of the trade matrix by a gravity estimate; the rows are the same on every run.

python tools/fill_trade.py            report: coefficients, spread, holes and how filled rows compare with the estimate
python tools/fill_trade.py --write    write a row for each pair that has none, or whose zero says ``missing``
python tools/fill_trade.py --check    write nothing; exit with 1 if there are holes

The estimate is Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro 2006) on the pairs that are there: log products of
both countries' GDP, log distance between the anchors of their zones (mean, weighted by trade shares), a common land link.
It never touches a row that has a value. What it writes has basis ``estimate`` and an interval from the spread of the residuals.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mackinder.case import Case, read_case
from mackinder.case.write import table_text

CASE: Final = "south-caucasus"
RADIUS_KM: Final = 6371.0
BOUNDS: Final = ("low", "mode", "high")
NAMES: Final = ("constant", "log GDP of the exporter", "log GDP of the importer", "log distance", "common land link")
Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Gravity:
    """A fitted gravity equation: value = exp(x @ beta); `spread` is the standard deviation of log residuals."""

    beta: Array
    spread: float
    pairs: int


def fit_ppml(x: Array, y: Array, *, tolerance: float = 1e-10, limit: int = 200) -> Array:
    """Poisson pseudo-maximum likelihood by iteratively reweighted least squares.

    Parameters
    ----------
    x : ndarray, shape (n, k)
        Regressors, the constant among them.
    y : ndarray, shape (n,)
        Non-negative flows.

    Returns
    -------
    ndarray, shape (k,)
    """
    mean = (y + y.mean()) / 2
    eta = np.log(mean)
    beta = np.zeros(x.shape[1])
    for _ in range(limit):
        working = eta + (y - mean) / mean
        scaled = x * mean[:, None]
        new = np.linalg.solve(x.T @ scaled, scaled.T @ working)
        eta = x @ new
        mean = np.exp(eta)
        if np.abs(new - beta).max() <= tolerance:
            return new
        beta = new
    msg = f"the gravity fit has not converged in {limit} steps"
    raise SystemExit(msg)


def pairs(case: Case) -> pd.DataFrame:
    """Return all ordered pairs of countries with their regressors, total value (NaN = none) and code of zero."""
    zones = case.table("zones")
    places = case.table("places").set_index("place_id")
    where = np.radians(places.loc[zones["anchor_place"], ["lat_deg", "lon_deg"]].to_numpy(float))
    lat, lon = where.T
    sphere = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    distance = RADIUS_KM * np.arccos(np.clip(sphere @ sphere.T, -1, 1))
    weight = zones["trade_share_mode"].to_numpy(float)
    rows = {str(country): group.index.to_numpy() for country, group in zones.groupby("country")}
    gdp = zones.groupby("country")["gdp_usd_bn"].sum()
    land = case.table("links")
    land = land[land["mode"].isin(["rail", "road"])]
    joined = {pair for cell in land["territory"] for pair in itertools.permutations(cell.split(";"), 2)}
    listed = zones["members"].str.split(";")
    members = {code: [*listed[index].explode(), code] for code, index in rows.items()}
    totals = case.table("trade").query("goods == '*'").set_index(["exporter", "importer"])
    found = []
    for one, two in itertools.permutations(rows, 2):
        apart = weight[rows[one]] @ distance[np.ix_(rows[one], rows[two])] @ weight[rows[two]]
        near = float(any(pair in joined for pair in itertools.product(members[one], members[two])))
        value, zero = (
            totals.loc[(one, two), ["value_musd_mode", "zero"]] if (one, two) in totals.index else (np.nan, "")
        )
        basis = totals.loc[(one, two), "basis"] if (one, two) in totals.index else ""
        found.append((one, two, np.log(gdp[one]), np.log(gdp[two]), np.log(apart), near, value, zero, basis))
    columns = ["exporter", "importer", "gdp_o", "gdp_d", "distance", "near", "value", "zero", "basis"]
    return pd.DataFrame(found, columns=columns).sort_values(["exporter", "importer"], ignore_index=True)


def regressors(table: pd.DataFrame) -> Array:
    """Shape (n, 5), in the order of `NAMES`."""
    return np.column_stack([np.ones(len(table)), table[["gdp_o", "gdp_d", "distance", "near"]].to_numpy(float)])


def fit(table: pd.DataFrame) -> Gravity:
    """Fit the pairs that have a value from a source (cited or derived), embargoes left out."""
    used = table[(table["zero"] == "") & (table["value"] > 0) & (table["basis"] != "estimate")]
    x, y = regressors(used), used["value"].to_numpy(float)
    beta = fit_ppml(x, y)
    residual = np.log(y) - x @ beta
    return Gravity(beta=beta, spread=float(residual.std(ddof=x.shape[1])), pairs=len(used))


def filled(case: Case, table: pd.DataFrame, gravity: Gravity) -> pd.DataFrame:
    """Return the trade table with a row for each hole."""
    holes = table[table["value"].isna() | (table["zero"] == "missing")]
    trade = case.table("trade").drop(columns="file_row")
    value = np.exp(regressors(holes) @ gravity.beta)
    factor = float(np.exp(1.645 * gravity.spread))
    blank = dict.fromkeys(trade.columns, "")
    rows = []
    for (_, hole), size in zip(holes.iterrows(), value, strict=True):
        name = f"{hole['exporter']}-{hole['importer']}"
        ground = (
            f"{name}: gravity estimate of {size:,.4g} million from {gravity.pairs} pairs (tools/fill_trade.py), as no source "
            f"gives it; 90 % of pairs lie within a factor of {factor:.1f}"
        )
        row = {"trade_id": f"{name}-all", "exporter": hole["exporter"], "importer": hole["importer"], "goods": "*"}
        row |= {"year": case.settings.base_year, "basis": "estimate", "ground": ground}
        row |= {
            f"value_musd_{b}": float(f"{size * f:.4g}") for b, f in zip(BOUNDS, (1 / factor, 1.0, factor), strict=True)
        }
        rows.append(blank | row | {f"quantity_kt_{b}": np.nan for b in BOUNDS})
    kept = trade[~trade["trade_id"].isin([row["trade_id"] for row in rows])]
    if not rows:
        return kept
    return pd.concat([kept, pd.DataFrame(rows)], ignore_index=True).sort_values("trade_id", ignore_index=True)


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    case = read_case(CASE)
    table = pairs(case)
    holes = table[table["value"].isna() | (table["zero"] == "missing")]
    gravity = fit(table)
    if options.check:
        sys.stderr.write(f"{len(holes)} of {len(table)} pairs have no flow\n")
        return int(len(holes) > 0)
    if options.write:
        path = Path(case.folder) / "tables" / "trade.csv"
        path.write_text(table_text("trade", filled(case, table, gravity)), encoding="utf-8", newline="\n")
    judged = table[(table["basis"] == "estimate") & (table["value"] > 0)]
    ratio = np.log(judged["value"].to_numpy(float)) - regressors(judged) @ gravity.beta
    factor, above = np.exp(1.645 * gravity.spread), np.exp(np.median(ratio))
    lines = [f"{name}: {number:.3f}" for name, number in zip(NAMES, gravity.beta, strict=True)]
    lines += [
        f"{gravity.pairs} pairs; log residuals spread by {gravity.spread:.2f}, a factor of {factor:.1f} at 90 %",
        f"{len(holes)} of {len(table)} pairs have no flow",
        f"{len(judged)} judged flows: median {above:.2f} times the estimate, spread {ratio.std():.2f}",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
