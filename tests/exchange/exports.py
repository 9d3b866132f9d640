"""A case on disk and a run made by hand, for the tests of exports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from mackinder.archive import Run
from mackinder.case import Case, read_case, scaffold

ODD = 'it\'s a "road"; DROP TABLE links; -- & <b>'


def starter(folder: Path) -> Case:
    return read_case(scaffold(folder / "three"))


def with_cell(case: Case, table: str, name: str, **cells: object) -> Case:
    frame = case.table(table)
    row = frame.iloc[:, 0] == name
    assert row.sum() == 1
    for column, value in cells.items():
        frame.loc[row, column] = value
    return case.with_tables(**{table: frame})


def flows(links: list[str], scenarios: tuple[str, ...] = ("south-road", "status-quo")) -> pd.DataFrame:
    rows = [
        (scenario, year, link, 0.1 + i, 0.05 + i, 0.3 + i, 1000.0 / 3 * i)
        for scenario in scenarios
        for year in (2023, 2035)
        for i, link in enumerate(links)
    ]
    names = ["scenario", "year", "link", "quantity_mt", "quantity_mt_low", "quantity_mt_high", "value_musd"]
    return pd.DataFrame(rows, columns=names)


def made_up_run(case: Case, links: pd.DataFrame | None = None) -> Run:
    head = ("status-quo", "corridor_flow", "", 2023, "", "", "", "north", "Mt/yr")
    key = ["scenario", "indicator", "variant", "year", "actor", "target", "goods", "asset", "unit"]
    results = pd.DataFrame(
        [
            (*head, 1 / 3, 0.1, 0.5, 80),
            (*head[:6], "manufactures", *head[7:], float("nan"), float("nan"), float("nan"), 0),
        ],
        columns=[*key, "value", "low", "high", "draws"],
    )
    routes = pd.DataFrame(
        [("status-quo", 2035, "b-south", "c-land", "manufactures", 1, 0.7, 90.0, 80.0, 99.0, 60.0, 9.0, 8.0, 12.0, 1950.0,
          "AAA", "AAA+BBB", "b-north-b-south-road>a-city-b-north-rail")],
        columns=["scenario", "year", "origin", "destination", "goods", "rank", "share", "cost_usd_per_t",
                 "cost_usd_per_t_low", "cost_usd_per_t_high", "price_usd_per_t", "days", "days_low", "days_high",
                 "length_km", "borders", "closers", "links"],
    )  # fmt: skip
    manifest = {
        "schema": "mackinder.run/1",
        "case": case.name,
        "case_digest": case.digest,
        "seed": 0,
        "draws": 80,
        "scenarios": ["status-quo", "south-road"],
        "scenario_labels": {"status-quo": "As it is", "south-road": "The south road opens"},
    }
    table = flows(case.table("links")["link_id"].tolist()) if links is None else links
    return Run(
        manifest=manifest, results=results, flows=table, routes=routes, draws=np.zeros((80, 2), dtype=np.float32)
    )
