"""What a run adds from the other models: rows with the columns of the results, kept beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mackinder.archive import Run, read_run, write_run
from mackinder.ensemble import run
from mackinder.ensemble.annexes import strategy_rows
from mackinder.indicators.measure import KEY, RESULT_COLUMNS, catalogue
from mackinder.report import report_of_run
from mackinder.report.hold import hold_section
from mackinder.scenario import apply, read_scenario


@pytest.fixture(scope="module")
def ran(starter: Any) -> Run:
    return run(starter, ["south-road"], draws=6, threads=1)


@pytest.fixture(scope="module")
def rows(starter: Any, ran: Run) -> pd.DataFrame:
    cases = {name: apply(starter, read_scenario(name, starter)) for name in ("status-quo", "south-road")}
    return strategy_rows(ran, starter, cases, threads=1)


def test_rows_are_of_the_catalogue_and_unique(rows: pd.DataFrame) -> None:
    assert list(rows.columns) == list(RESULT_COLUMNS)
    assert set(rows["indicator"]) <= set(catalogue())
    assert {"lever_worth", "shapley_value", "ties_capacity"} <= set(rows["indicator"])
    assert not rows.duplicated(list(KEY)).any()
    known = rows["value"].notna() & rows["low"].notna()
    assert known.any()
    assert (rows["low"][known] <= rows["value"][known]).all()
    assert (rows["value"][known] <= rows["high"][known]).all()


def test_levers_in_a_run_are_those_of_the_command(starter: Any, rows: pd.DataFrame) -> None:
    from mackinder.indicators.headline import run_lever_rows

    alone = run_lever_rows(starter, ["south-road"], draws=6, seed=0, threads=1)[0]
    both = rows.merge(alone, on=list(KEY), suffixes=("", "_alone"))
    assert len(both) == len(alone)
    pd.testing.assert_series_equal(both["value"], both["value_alone"], check_names=False)


def test_the_rows_are_kept_beside_the_results(starter: Any, ran: Run, rows: pd.DataFrame, tmp_path: Path) -> None:
    import dataclasses

    folder = tmp_path / "out"
    whole = write_run(dataclasses.replace(ran, strategy=rows), folder)
    back = read_run(folder)
    assert back.strategy is not None
    pd.testing.assert_frame_equal(back.strategy, rows, check_dtype=False)
    content, page = report_of_run(whole, starter, folder / "report.html")
    assert {"hold", "levers"} <= {section.section_id for section in content.sections}
    assert page.exists()
    assert read_run(write_run(ran, folder).folder or folder).strategy is None  # no rows of an older run are left behind


def test_without_levers_there_is_no_headline(starter: Any, ran: Run) -> None:
    assert hold_section(ran.results, None, starter) is None  # type: ignore[arg-type]  # names are not looked at then


def test_the_ablation_of_a_run_is_counted_and_told(starter: Any, ran: Run) -> None:
    """Convention C164: the counts are those of the table, and the headline reads them from the rows."""
    from mackinder.ensemble import ablation
    from mackinder.ensemble.annexes import ablation_rows
    from mackinder.indicators.headline import headline

    found = ablation_rows(ran, starter, threads=1)
    models = ("routes", "capacity", "trade")
    table = ablation(starter, ["south-road"], draws=6, threads=1, models=models, known={"trade": ran}).table
    assert found["value"].sum() == len(table)
    assert set(found["variant"]) == set(table["verdict"])
    assert not found.duplicated(list(KEY)).any()
    told = [
        headline(
            ran.results if given is not None else pd.concat([ran.results, found]), actor="AAA", targets=["BBB"],
            scenarios=["south-road"], baseline="status-quo", base_year=2023, horizon_year=2035, ablation=given,
        )[0]
        for given in (None, table)
    ]  # fmt: skip
    counts = [dict(zip(t.survives["verdict"], t.survives["conclusions"], strict=True)) for t in told]
    assert counts[0] == counts[1]
    assert "Ablation: " in told[0].sentence


def test_deals_of_a_run_are_those_it_holds(starter: Any, rows: pd.DataFrame) -> None:
    """Convention C163."""
    assert set(rows.loc[rows["indicator"] == "deal_value", "asset"]) == {"no-road", "shared-road"}
