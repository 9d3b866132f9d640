"""What drives a number: planted inputs are found, chance is not, and the page says where each comes from."""

from __future__ import annotations

import types

import numpy as np
import pandas as pd
import pytest

from mackinder.draws import Design
from mackinder.ensemble.drivers import FEWEST_DRAWS, find_drivers_of
from mackinder.report.answer import Names
from mackinder.report.drivers import driver_inputs, driver_section
from mackinder.report.lookup import RESULT_COLUMNS, Lookup
from mackinder.report.tornado import Bar, tornado_chart

DRAWS = 120
NOISE = [f"nothing/{i}" for i in range(400)]
DEMAND, PRICE = "settings/demand_growth_per_year", "a-city-a-pass-road/cost"
NAMES = Names(
    actors={}, economies={}, corridors={"c": "The corridor"}, scenarios={"a": "A case", "b": "B case"}, first="a", second="b",
    year=2035, range_only=frozenset(),
)  # fmt: skip


@pytest.fixture(scope="module")
def made():
    """A run of three numbers: one that two inputs decide, one of chance with a long tail, one that never moves."""
    inputs = [*NOISE[:200], DEMAND, PRICE, *NOISE[200:]]
    design = Design(seed=4, draws=DRAWS, common_share=0.5)
    tail = np.random.default_rng(5).standard_cauchy(DRAWS)
    draws = np.stack([10 + 3 * design.normal(DEMAND) - 2 * design.normal(PRICE), tail, np.ones(DRAWS)], axis=1)
    key = {
        "scenario": "b",
        "indicator": "corridor_flow",
        "variant": "",
        "year": 2035,
        "actor": "",
        "target": "",
        "goods": "",
    }
    rows = [
        key | {"asset": "c", "unit": "Mt/yr", "value": np.median(y), "low": y.min(), "high": y.max(), "draws": DRAWS}
        for y in draws.T
    ]
    manifest = {"seed": 4, "draws": DRAWS, "common_share": 0.5, "inputs": inputs}
    return types.SimpleNamespace(
        manifest=manifest, draws=draws.astype(np.float32), results=pd.DataFrame(rows)[list(RESULT_COLUMNS)]
    )


def test_planted_inputs_are_found_with_their_shares_and_chance_is_not(made, starter):
    """Convention C158: shares are first order, 9 to 4 here; a long tail makes nothing seem decisive."""
    decided, chance = find_drivers_of(made, starter, [0, 1, 2])  # what never moves is left out
    assert [d.origin.input for d in decided.found] == [DEMAND, PRICE]
    assert decided.found[0].share == pytest.approx(9 / 13, abs=0.12)  # about two standard errors of 120 draws
    assert decided.found[0].high > decided.median > decided.found[0].low
    assert decided.found[1].low > decided.median > decided.found[1].high
    assert decided.explained > 0.9
    assert chance.found == ()
    assert chance.median == pytest.approx(float(np.median(made.draws[:, 1])))


def test_too_few_draws_or_inputs_without_names_say_nothing(made, starter):
    few = types.SimpleNamespace(**{**vars(made), "draws": made.draws[: FEWEST_DRAWS - 1]})
    unnamed = types.SimpleNamespace(**{**vars(made), "manifest": made.manifest | {"inputs": []}})
    for run in (few, unnamed):
        assert find_drivers_of(run, starter, [0]) == ()
    said = driver_section((), Lookup(frame=made.results, year=2035), NAMES, starter)
    assert "40 draws or more" in said.paragraphs[0]
    assert said.tables == ()


def test_the_section_names_number_input_share_basis_and_leads_to_the_ledger(made, starter):
    found = find_drivers_of(made, starter, [0, 1])
    section = driver_section(found, Lookup(frame=made.results, year=2035), NAMES, starter)
    assert len(section.figures) == 1
    (table,) = section.tables
    assert [row[1].source for row in table.rows] == [DEMAND, PRICE]
    assert table.rows[0][0] == "Flow on The corridor, B"
    inputs = driver_inputs(found)
    assert set(inputs) == {DEMAND, PRICE}
    road = starter.table("links").set_index("link_id").loc["a-city-a-pass-road"]
    assert inputs[PRICE]["interval"] == pytest.approx(
        [road[f"cost_usd_per_t_{end}"] for end in ("low", "mode", "high")]
    )
    assert inputs[PRICE]["facts"] == [f for f in str(road["facts"]).split(";") if f]


def test_bars_of_a_tornado_reach_from_the_median_to_both_ends():
    picture = str(
        tornado_chart("t", title="T", unit="Mt/yr", source="s", middle=4.0,
                      bars=[Bar(label="x", low=2.0, high=5.0, share="40 %")]).svg
    )  # fmt: skip
    widths = [float(part.split('"')[0]) for part in picture.split(' width="')[1:] if "</title>" in part]
    assert len(widths) == 2
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2)
