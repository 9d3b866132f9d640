"""Ties capacity: closed forms, what is missing, age, weights, scenarios, claims (conventions C63 to C67)."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.case import tie_indicators
from mackinder.draws import Design, keyed_generator
from mackinder.errors import UsageError
from mackinder.indicators.measure import RESULT_COLUMNS, catalogue
from mackinder.indicators.tieclaims import capacity_trend, fallen, larger, not_gone
from mackinder.indicators.ties import Bounds, Ties, capacity, shares, ties_capacity, ties_rows
from mackinder.indicators.tiesanswer import ties_answer
from mackinder.indicators.tiescales import DIMENSIONS, PARTS, tie_elements

DESIGN = Design(seed=0, draws=40, common_share=0.5)
CENTRAL = Design(seed=0, draws=1, common_share=0.5, central=True)
ECONOMIC = DIMENSIONS.index("economic")
NOW = "2025-12-31"  # newest evidence of the starter


def observed(sender: str, target: str, indicator: str, value: float, year: int, **cells: object) -> dict[str, object]:
    """A row of ties without width of its own, measured over a year."""
    word = tie_indicators()[indicator]
    row: dict[str, object] = {
        "tie_id": f"{sender}-{target}-{indicator}-{year}", "sender": sender, "target": target, "dimension": word.dimensions[0],
        "indicator": indicator, "variant": "", "kind": word.kind, "status": "active", "starts_on": f"{year}-01-01",
        "ends_on": f"{year}-12-31" if word.kind == "observation" else "", "known_on": "", "value_low": value,
        "value_mode": value, "value_high": value, "value_unit": word.units[0], "facts": "", "basis": "estimate",
        "ground": "made up",
    }  # fmt: skip
    if indicator in ("export_share", "import_share"):
        row["variant"] = "with_reexports"
    return row | cells


def with_ties(case: Any, *rows: dict[str, object]) -> Any:
    frame = pd.DataFrame(list(rows), columns=[c for c in case.table("ties").columns if c != "file_row"])
    return case.with_tables(ties=frame)


def score(case: Any, design: Design = DESIGN, **options: Any) -> Ties:
    given_ = {"senders": ("AAA", "CCC"), "targets": ("BBB",), "years": (2015, 2020, 2023)} | options
    return ties_capacity(case, design=design, **given_)


TRADE = (
    observed("AAA", "BBB", "export_share", 0.25, 2023),
    observed("AAA", "BBB", "import_share", 0.5, 2023),
    observed("AAA", "BBB", "fdi_stock_share", 0.1, 2023),
)


@pytest.fixture(scope="module")
def trading(starter: Any) -> Any:
    return with_ties(starter, *TRADE)


def test_scales_are_whole() -> None:
    """Every dimension has both parts, sources are words of the vocabulary, and every scale says why."""
    words = tie_indicators()
    for element in tie_elements():
        assert element.part in PARTS
        assert element.ground
        assert element.zero != element.one
        assert element.absent in ("none", "unknown")
        for source in element.sources:
            if not source.indicator.startswith("@"):
                assert source.indicator in words, element.name
                assert not source.dimension or source.dimension in words[source.indicator].dimensions
                # what is measured ages; what only holds or not does not
                assert (element.drift > 0) == (words[source.indicator].kind == "observation") or element.combine in (
                    "kinds",
                    "any",
                )
    assert {(e.dimension, e.part) for e in tie_elements()} == {(d, p) for d in DIMENSIONS for p in PARTS}


def test_drifts_are_those_of_the_table() -> None:
    """Convention C66: nine of ten steps of the series of trade and votes are smaller than the drift, to rounding."""
    path = Path(__file__).parents[2] / "src/mackinder/cases/south-caucasus/tables/ties.csv"
    series: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["indicator"] in ("export_share", "import_share", "un_vote_distance"):
                days = [dt.date.fromisoformat(row[c]).toordinal() for c in ("starts_on", "ends_on")]
                key = (row["indicator"], row["sender"], row["target"], row["variant"])
                series[key].append((sum(days) / 2 / 365.25, float(row["value_mode"])))
    for name in ("exports", "imports", "votes"):
        element = next(e for e in tie_elements() if e.name == name)
        steps = [
            abs(b - a) / math.sqrt(v - u)
            for key, points in series.items()
            if key[0] == element.sources[0].indicator and key[1] in ("RUS", "USA", "EU", "TUR", "IRN", "CHN")
            for (u, x), (v, y) in zip(sorted(points), sorted(points)[1:], strict=False)
            if v > u
            for a, b in [element.score(np.array([x, y])).tolist()]
        ]
        assert np.quantile(steps, 0.9) == pytest.approx(element.drift, abs=0.01), name


def test_capacity_is_bandwidth_times_dependence(trading: Any) -> None:
    """Convention C63, by hand at equal weights: logs of the shares, no customs union; shares over a half."""
    ties = score(trading, CENTRAL)
    cell = ties.find(actor="AAA", target="BBB", year=2023)
    volume = [math.log(0.25 / 0.001) / math.log(500), 1.0, 0.0]
    dependence = [0.5, 1.0, 0.2]
    wanted = np.mean(volume) * np.mean(dependence)
    bounds = capacity(ties)
    for bound in (bounds.low, bounds.middle, bounds.high):  # all is known, so there is nothing between the bounds
        assert bound[cell, ECONOMIC, 0] == pytest.approx(wanted, rel=1e-12)


def test_weights_are_flat_dirichlet_and_keyed(trading: Any) -> None:
    """Convention C64: mean 1/n and variance of the flat distribution; another element would move none."""
    ties = score(trading, Design(seed=3, draws=4000, common_share=0.5))
    names = [e.name for e in ties.elements]
    three = ties.weight[[names.index(n) for n in ("exports", "imports", "investment")]]
    part = three / three.sum(axis=0)
    np.testing.assert_allclose(part.mean(axis=1), 1 / 3, atol=0.01)
    np.testing.assert_allclose(part.var(axis=1), 1 / 18, atol=0.004)
    fewer = score(trading, Design(seed=3, draws=4000, common_share=0.5), years=(2023,), senders=("AAA",))
    assert (fewer.weight == ties.weight).all()


def test_missing_is_not_zero(trading: Any) -> None:
    """Convention C65: no row leaves the middle empty and the bounds open; where absence is a fact it is zero."""
    ties = score(trading)
    bounds = capacity(ties)
    other = ties.find(actor="CCC", target="BBB", year=2023)
    assert np.isnan(bounds.middle[other, ECONOMIC]).all()
    assert (bounds.high[other, ECONOMIC] > 0.1).all()
    security = DIMENSIONS.index("security")
    assert (bounds.middle[other, security] == 0).all()  # without a row there is no base and no treaty
    names = [e.name for e in ties.elements]
    exports = ties.high[other, names.index("exports")]
    assert (exports == 1.0).all()  # three quarters of exports are nobody's, more than a half counts full
    with_more = score(with_ties(trading, *TRADE, observed("DDD", "BBB", "export_share", 0.7, 2023)))
    np.testing.assert_allclose(with_more.high[other, names.index("exports")], 0.05 / 0.5)  # what 0.25 and 0.7 leave


def test_a_gap_is_a_gap(trading: Any) -> None:
    """An observation of 2023 says nothing of 2020, and nothing is filled in between."""
    ties = score(trading)
    assert np.isnan(capacity(ties).middle[ties.find(actor="AAA", target="BBB", year=2020), ECONOMIC]).all()


FULL = (
    *TRADE,
    observed("CCC", "BBB", "export_share", 0.3, 2023),
    observed("AAA", "BBB", "un_vote_distance", 0.6, 2022, variant="x"),
    observed("AAA", "BBB", "remittances", 300.0, 2021),
    observed("AAA", "BBB", "remittance_share", 0.4, 2021),
    observed("CCC", "BBB", "arms_share", 0.6, 2022),
    observed("AAA", "BBB", "gas_import_share", 0.7, 2020),
    observed("AAA", "BBB", "igo_membership", 1.0, 2000, variant="river"),
)


@given(st.sets(st.integers(0, len(FULL) - 1), min_size=1))
@settings(max_examples=25, deadline=None)
def test_less_evidence_never_narrows(starter: Any, gone: set[int]) -> None:
    """In every draw the bounds of every cell hold those they had with more rows (all agree: there is one a series)."""
    whole, less = (
        capacity(score(with_ties(starter, *rows), Design(seed=1, draws=5, common_share=0.5)))
        for rows in (FULL, [row for i, row in enumerate(FULL) if i not in gone])
    )
    assert (less.low <= whole.low + 1e-12).all()
    assert (less.high >= whole.high - 1e-12).all()
    there = ~np.isnan(less.middle)
    assert ((less.low <= less.middle + 1e-12) | ~there).all()
    assert ((less.middle <= less.high + 1e-12) | ~there).all()


def test_an_agreeing_older_row_is_worth_less_than_the_newer(starter: Any) -> None:
    old, new = observed("AAA", "BBB", "export_share", 0.2, 2020), observed("AAA", "BBB", "export_share", 0.2, 2022)
    ties = [score(with_ties(starter, *rows)) for rows in ((old, new), (old,))]
    names = [e.name for e in ties[0].elements]
    width = [
        (t.high - t.low)[t.find(actor="AAA", target="BBB", year=2023), names.index("exports")].mean() for t in ties
    ]
    drift = ties[0].elements[names.index("exports")].drift
    np.testing.assert_allclose(width, [2 * drift, 2 * drift * math.sqrt(1096 / 365.25)], rtol=0.01)


def test_standing(starter: Any) -> None:
    """Convention C65: a frozen alliance counts between nothing and all, a claimed one nothing in the middle."""
    for status, wanted in (
        ("active", (1, 1, 1)),
        ("frozen", (0, 0.5, 1)),
        ("framework", (0, 0.5, 1)),
        ("claimed", (0, 0, 1)),
    ):
        row = observed("AAA", "BBB", "alliance_member", 1.0, 2000, variant="pact", status=status)
        ties = score(with_ties(starter, row))
        at, names = ties.find(actor="AAA", target="BBB", year=2023), [e.name for e in ties.elements]
        found = tuple(float(x[at, names.index("guarantee"), 0]) for x in (ties.low, ties.middle, ties.high))
        assert found == wanted, status


def test_shares_add_up_to_one(starter: Any) -> None:
    ties = score(with_ties(starter, *FULL, observed("CCC", "BBB", "import_share", 0.2, 2023)))
    part = shares(ties, capacity(ties))
    rows = [ties.find(actor=a, target="BBB", year=2023) for a in ("AAA", "CCC")]
    np.testing.assert_allclose(part.middle[rows, ECONOMIC].sum(axis=0), 1.0)
    assert ((part.low <= part.high) | np.isnan(part.low)).all()


def test_shares_of_nothing_are_no_number(starter: Any) -> None:
    ties = score(with_ties(starter, *TRADE))
    part = shares(ties, capacity(ties))
    assert np.isnan(part.middle[:, DIMENSIONS.index("security")]).sum() == 0 or isinstance(part, Bounds)
    at = ties.find(actor="CCC", target="BBB", year=2023)
    assert np.isnan(part.middle[at, ECONOMIC]).all()


def test_rows_have_the_keys_of_the_catalogue(trading: Any) -> None:
    rows = ties_rows(score(trading))
    assert list(rows.columns) == list(RESULT_COLUMNS)
    assert not rows.duplicated(list(RESULT_COLUMNS[:9])).any()
    for name, group in rows.groupby("indicator"):
        entry = catalogue()[str(name)]
        assert set(group["variant"]) <= set(entry.variants)
        assert set(group["unit"]) == {entry.unit}
    there = rows[rows["value"].notna()]
    assert ((there["low"] <= there["value"] + 1e-12) & (there["value"] <= there["high"] + 1e-12)).all()


def test_a_scenario_moves_the_horizon_only(starter: Any, tmp_path: Path) -> None:
    case = with_ties(starter, *FULL)
    path = tmp_path / "cut.toml"
    path.write_text(
        'id = "cut"\nlabel = "Cut"\ndescription = "Less money sent home."\n[[change]]\nop = "scale_transfers"\nsender = ["AAA"]\n'
        'target = ["BBB"]\nindicator = ["remittances", "remittance_share"]\nvalue = 0.5\nstarts_on = 2027-01-01\n'
        'basis = "estimate"\nground = "made up for this test"\n',
        encoding="utf-8",
    )
    ties = ties_capacity(
        case, ["status-quo", str(path)], design=DESIGN, senders=("AAA",), targets=("BBB",), years=(2021,)
    )
    names = [e.name for e in ties.elements]
    place = names.index("remittances")
    past, plain, cut = (
        ties.middle[ties.find(year=y, scenario=s), place]
        for y, s in ((2021, "status-quo"), (2035, "status-quo"), (2035, str(path)))
    )
    np.testing.assert_allclose(plain, past)  # carried on
    np.testing.assert_allclose(cut, 0.5 * plain)
    wide = [(ties.high - ties.low)[ties.find(year=2035, scenario=s), place].mean() for s in ("status-quo", str(path))]
    assert min(wide) > 0.5  # fourteen years old in both: an assumption is not a measurement


def test_a_run_gives_the_corridor_dimension(trading: Any) -> None:
    keys = {"scenario": "status-quo", "variant": "transit", "year": 2023, "actor": "AAA", "target": "BBB"}
    results = pd.DataFrame([
        keys | {"indicator": name, "value": v, "low": v, "high": v}
        for name, v in (("exposure_tonnes", 0.4), ("exposure_value", 0.25), ("captive_value", 0.1))
    ])  # fmt: skip
    ties = score(trading, CENTRAL, results=results)
    at = ties.find(actor="AAA", target="BBB", year=2023)
    corridor = DIMENSIONS.index("corridor")
    names = [e.name for e in ties.elements]
    bandwidth = np.mean([0.0, ties.middle[at, names.index("held"), 0], math.log(0.4 / 0.001) / math.log(1000)])
    assert capacity(ties).middle[at, corridor, 0] == pytest.approx(bandwidth * np.mean([0.5, 0.2]))
    assert np.isnan(capacity(score(trading, CENTRAL)).middle[at, corridor, 0])


def test_rights_held_are_part_of_the_corridor(trading: Any) -> None:
    """The railway of AAA is the only line in BBB that somebody else runs: its length over that of all lines of BBB."""
    ties = score(trading)
    names = [e.name for e in ties.elements]
    links = trading.table("links")
    here = links[
        links["territory"].str.contains("BBB") & links["mode"].isin(["rail", "road"]) & (links["status"] == "open")
    ]
    rail = here.loc[here["link_id"] == "a-city-b-north-rail", "length_km"].sum()
    held = ties.middle[:, names.index("held")]
    np.testing.assert_allclose(
        held[ties.find(actor="AAA", target="BBB", year=2023)], rail / here["length_km"].sum() / 0.5
    )
    assert (held[ties.find(actor="CCC", target="BBB", year=2023)] == 0.0).all()
    assert np.isnan(
        held[ties.find(actor="AAA", target="BBB", year=2020)]
    ).all()  # rights of the past are not in the table


def test_a_ban_of_a_scenario_lowers_the_share(trading: Any, tmp_path: Path) -> None:
    """All that BBB sells to AAA is forbidden: the share is nothing; one class of two: what is left over the new whole."""
    path = tmp_path / "ban.toml"
    path.write_text(
        'id = "ban"\nlabel = "Ban"\ndescription = "AAA buys nothing."\n[[change]]\nop = "ban_trade"\nid = "ban"\n'
        'origin = ["BBB"]\ndestination = ["AAA"]\nstarts_on = 2027-01-01\nbasis = "estimate"\nground = "made up for this test"\n',
        encoding="utf-8",
    )
    ties = ties_capacity(
        trading, ["status-quo", str(path)], design=DESIGN, senders=("AAA",), targets=("BBB",), years=(2023,)
    )
    names = [e.name for e in ties.elements]
    at = ties.find(scenario=str(path))
    assert (ties.middle[at, names.index("exports")] == 0.0).all()
    np.testing.assert_allclose(ties.middle[at, names.index("imports")], 1.0)
    np.testing.assert_allclose(ties.middle[ties.find(scenario="status-quo", year=2035), names.index("exports")], 0.5)


def test_without_reexports_by_hand(starter: Any) -> None:
    """Convention C57: half of what BBB sells to AAA is only sent on; the share falls by what that leaves of the whole."""
    case = with_ties(starter, *TRADE)
    row = {
        "reexport_id": "x", "exporter": "BBB", "importer": "AAA", "goods": "*", "share_low": 0.5, "share_mode": 0.5,
        "share_high": 0.5, "origins": "", "facts": "", "basis": "estimate", "ground": "made up",
    }  # fmt: skip
    case = case.with_tables(reexports=pd.DataFrame([row]))
    trade = case.table("trade")
    sold = trade[(trade["exporter"] == "BBB") & (trade["zero"] == "")].groupby("importer")["value_musd_mode"].sum()
    before = sold["AAA"] / sold.sum()
    after = 0.5 * sold["AAA"] / (sold.sum() - 0.5 * sold["AAA"])
    ties = score(case, reexports=False)
    names = [e.name for e in ties.elements]
    at = ties.find(actor="AAA", target="BBB", year=2023)
    np.testing.assert_allclose(ties.middle[at, names.index("exports")], 0.25 * after / before / 0.5)
    assert np.isnan(ties.middle[ties.find(actor="CCC", target="BBB", year=2023), names.index("exports")]).all()


def test_claims_and_when_they_fail(starter: Any) -> None:
    rows = [
        observed("AAA", "BBB", "export_share", 0.4, 2023), observed("AAA", "BBB", "import_share", 0.1, 2023),
        observed("AAA", "CCC", "export_share", 0.1, 2023), observed("AAA", "CCC", "import_share", 0.2, 2023),
        observed("AAA", "BBB", "export_share", 0.2, 2015), observed("AAA", "BBB", "import_share", 0.05, 2015),
    ]  # fmt: skip
    ties = score(with_ties(starter, *rows), targets=("BBB", "CCC"), years=(2015, 2023), senders=("AAA",))
    at = {(t, y): ties.find(target=t, year=y) for t in ("BBB", "CCC") for y in (2015, 2023)}
    claim = larger(ties, at["BBB", 2023], at["CCC", 2023], "economic", "more on BBB")
    assert claim.in_favour == ("exports_volume", "exports")
    assert claim.against == ("imports_volume", "imports")
    assert 0.5 < claim.share < 1.0
    assert claim.without["exports"] < 0.5 < claim.without["imports"]
    assert "without exports" in claim.fails_if
    assert "investment" in claim.missing
    rise = fallen(ties, at["BBB", 2015], at["BBB", 2023], "economic", "fallen")
    assert rise.share == 0.0
    assert "does not hold" in rise.fails_if
    kept = not_gone(ties, at["BBB", 2023], "economic", "not gone")
    assert kept.share > 0.9
    assert "exports" in kept.in_favour
    none = larger(ties, at["BBB", 2023], at["CCC", 2023], "people", "more people")
    assert math.isnan(none.share)
    assert "neither hold nor fail" in none.fails_if


def test_only_measured_years_are_points_of_a_trend(starter: Any) -> None:
    years = (2008, 2010, 2013, 2015, 2018, 2020, 2023, 2024)
    fall = {y: 0.4 - 0.001 * (y - 2008) - (0.05 * (y - 2022) if y > 2022 else 0.0) for y in years}
    rows = [
        observed("AAA", "BBB", name, fall[y], y) for y in years for name in ("export_share", "import_share")
    ]  # fmt: skip
    ties = score(with_ties(starter, *rows), years=(*years, 2021, 2022), senders=("AAA",))
    trend = capacity_trend(ties, "AAA", "BBB", "economic", generator=keyed_generator(0, "t"))
    assert not isinstance(trend, str)
    assert (trend.points, trend.points_after) == (8, 2)
    assert trend.change[2] < 0
    assert "faster since 2022" in trend.statement
    silent = capacity_trend(ties, "AAA", "BBB", "political", generator=keyed_generator(0, "t"))
    assert isinstance(silent, str)
    assert "nothing can be said" in silent


def test_the_answer_says_everything_and_merges_nothing(starter: Any) -> None:
    answer = ties_answer(starter, ["status-quo"], draws=5)
    assert set(answer.rows["indicator"]) == {"ties_capacity", "ties_share"}
    assert any("not influence" in note for note in answer.notes)
    assert any("not sampled" in note for note in answer.notes)
    assert {"corridor"} <= set(answer.missing["dimension"])
    again = ties_answer(starter, ["status-quo"], draws=5)
    pd.testing.assert_frame_equal(answer.rows, again.rows)


def test_bad_asks_say_what_to_do(starter: Any, trading: Any) -> None:
    with pytest.raises(UsageError, match=r"AAB.*AAA"):
        score(starter, senders=("AAB",))
    ties = score(trading)
    with pytest.raises(UsageError, match="exportz"):
        capacity(ties, without=("exportz",))
    with pytest.raises(UsageError, match="nothing is left of political dependence"):
        capacity(ties, without=("votes",))
    with pytest.raises(UsageError, match="one is needed"):
        ties.find(actor="AAA")
    with pytest.raises(UsageError, match="economi"):
        larger(ties, 0, 1, "economi", "x")
