"""The comparison with reality: paths by hand, sums by hand, verdicts at their bounds."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mackinder.errors import NoRouteError, UsageError
from mackinder.evidence.paths import PathFinder
from mackinder.evidence.reality import REALITY_COLUMNS, compare_with_reality, judge
from mackinder.evidence.targets import Path, Target, read_targets

NUMBER = st.floats(0.1, 1e6)


def target(kind, observed=100.0, low=90.0, high=110.0, **metric):
    return Target(
        id="it", label="it", observed=observed, low=low, high=high, unit="1", year=2023, facts=("F",), use="fit",
        metric={"kind": kind, **metric}, counts="the same",
    )  # fmt: skip


def frames(case, **tonnes):
    """Flows in Mt and one row of results for the baseline in the base year; bounds are half and double."""
    state = {"scenario": case.settings.baseline, "year": case.settings.base_year}
    flows = pd.DataFrame(
        [
            {**state, "link": link, "quantity_mt": q, "quantity_mt_low": q / 2, "quantity_mt_high": 2 * q}
            for link, q in tonnes.items()
        ]
    )
    key = {"indicator": "corridor_flow", "variant": "", "actor": "", "target": "", "goods": "", "asset": "border"}
    grain = {**state, **key, "goods": "grain", "value": 1.0, "low": 1.0, "high": 1.0}
    return flows, pd.DataFrame([{**state, **key, "value": 3.0, "low": 2.0, "high": 5.0}, grain])


@given(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER)
def test_verdicts_follow_their_definition(a, b, c, d, e):
    low, high = sorted((a, b))
    below, value, above = sorted((c, d, e))
    verdict = judge((value, below, above), low, high)
    assert (verdict == "inside") == (low <= value <= high)
    if above < 0.9 * low or below > 1.1 * high:
        assert verdict == "off"
    if verdict != "inside" and (below <= high and above >= low):
        assert verdict == "near"


@pytest.fixture(scope="module")
def roads(rich):
    """The richer case, whose baseline can be applied."""
    links = rich.table("links")
    bounds = [f"capacity_mt_per_year_{bound}" for bound in ("low", "mode", "high")]
    links.loc[links["link_id"] == "b-south-c-harbour-road", bounds] = [8.0, 9.0, 10.0]
    return rich.with_tables(links=links)


def value_of_time(case):
    goods = case.table("goods").set_index("goods_id").loc[case.settings.default_goods]
    return float(goods["value_of_time_usd_per_t_day_mode"])


def test_a_path_is_the_cheapest_of_all_simple_ones(roads):
    """Against every chain of up to four roads, by brute force."""
    found = PathFinder(roads).find(Path(via=("a-city", "b-south-town"), modes=("road",)))
    links = roads.table("links")
    factor = roads.table("goods").set_index("goods_id").loc[roads.settings.default_goods, "road_cost_factor_mode"]
    usable = links[(links["mode"] == "road") & (links["status"] == "open") & (links["opens_on"] == "")]
    best = math.inf, math.nan
    for chain in itertools.chain.from_iterable(
        itertools.permutations(usable.to_dict("records"), n) for n in range(1, 5)
    ):
        here, cost, length = "a-city", 0.0, 0.0
        for link in chain:
            ends = [link["from_place"], link["to_place"]]
            if here not in ends:
                break
            here = ends[1 - ends.index(here)]
            cost += link["cost_usd_per_t_mode"] * factor + value_of_time(roads) / 24 * link["time_h_mode"]
            length += link["length_km"]
        else:
            if here == "b-south-town":
                best = min(best, (cost, length))
    assert math.isfinite(best[0])
    assert found.length_km == pytest.approx(best[1])
    assert found.price[0] + value_of_time(roads) * found.days[0] == pytest.approx(best[0])
    assert found.days.shape == found.price.shape == (101,)


def test_a_place_on_the_way_makes_a_path_no_cheaper(roads):
    finder = PathFinder(roads)

    def cost(found):
        return found.price[0] + value_of_time(roads) * found.days[0]

    direct = finder.find(Path(via=("a-city", "b-south-town"), modes=("road",)))
    for place in ("a-pass", "a-port", "b-north-city"):
        around = finder.find(Path(via=("a-city", place, "b-south-town"), modes=("road",)))
        assert cost(around) >= cost(direct) - 1e-9
        assert place in _places(roads, around.links)


def _places(case, names):
    links = case.table("links").set_index("link_id").loc[list(names)]
    return set(links["from_place"]) | set(links["to_place"])


def test_a_path_that_is_shut_is_an_error_and_not_a_number(starter):
    with pytest.raises(NoRouteError, match="no open way along"):
        PathFinder(starter).find(Path(via=("a-city", "c-harbour"), modes=("ferry",)))


def test_flows_shares_and_counts_by_hand(rich):
    flows, results = frames(rich, **{"b-second": 6.0, "b-coast": 2.0})
    targets = [
        target("flow", links="link=b-second|b-coast"),
        target("flow_share", links="link=b-coast", of="link=b-coast|b-second"),
        target("flow", links="link=b-second", divide={"low": 10, "mode": 20, "high": 25}, days=365),
        target("flow", links="link=b-round"),
    ]
    rows = compare_with_reality(rich, flows, results, targets=targets)
    assert tuple(rows.columns) == REALITY_COLUMNS
    assert rows.loc[0, ["modelled", "modelled_low", "modelled_high"]].tolist() == [8.0, 4.0, 16.0]
    assert rows.loc[0, "ratio"] == pytest.approx(0.08)
    assert rows.loc[1, "modelled"] == pytest.approx(25.0)
    assert rows.loc[1, "modelled_low"] == pytest.approx(100 * 1 / 13)
    assert rows.loc[2, "modelled"] == pytest.approx(6e6 / 20 / 365)
    assert rows.loc[2, "modelled_low"] == pytest.approx(3e6 / 25 / 365)
    assert rows.loc[2, "modelled_high"] == pytest.approx(12e6 / 10 / 365)
    assert rows.loc[3, "modelled"] == 0.0


def test_a_result_is_one_row_with_all_its_keys(rich):
    flows, results = frames(rich, **{"b-second": 1.0})
    total = target("corridor", corridor="border")
    grain = target("result", row={"indicator": "corridor_flow", "asset": "border", "goods": "grain"})
    rows = compare_with_reality(rich, flows, results, targets=[total, grain])
    assert rows["modelled"].tolist() == [3.0, 1.0]
    lost = target("result", row={"indicator": "corridor_flow", "asset": "nowhere"})
    with pytest.raises(UsageError, match="0 rows"):
        compare_with_reality(rich, flows, results, targets=[lost])


def test_frames_come_together_and_hold_the_baseline(rich):
    flows, results = frames(rich, **{"b-second": 1.0})
    with pytest.raises(UsageError, match="both frames"):
        compare_with_reality(rich, flows, None, targets=[])
    with pytest.raises(UsageError, match="no rows of"):
        compare_with_reality(rich, flows.assign(year=1999), results, targets=[target("flow", links="*")])
    assert compare_with_reality(rich, targets=[target("flow", links="*")]).empty


@pytest.fixture(scope="module")
def case():
    from mackinder.scenario import read_vintage

    return read_vintage("south-caucasus")


def test_the_packaged_figures_are_as_the_issue_asks(case):
    targets = read_targets(case)
    assert len(targets) >= 20
    assert {"fit", "held_out"} == {t.use for t in targets}
    kinds = {t.metric.kind for t in targets}
    assert {"length", "days", "flow", "corridor", "length_saved"} <= kinds
    facts = set(case.table("facts")["fact_id"])
    assert all(set(t.facts) <= facts for t in targets)


def test_the_claimed_saving_of_343_km_is_not_in_the_sections(case):
    """DR001: 616 km to Dilucu, SC026: 223.6 km on to Kars, DR017: 838 km by Tbilisi."""
    rows = compare_with_reality(case).set_index("id")
    assert rows.loc["tripp-length", "modelled"] == pytest.approx(616 + 223.6, rel=0.01)
    assert rows.loc["btk-length", "modelled"] == pytest.approx(838, rel=0.01)
    assert abs(rows.loc["tripp-length-saved", "modelled"]) < 30
    assert rows.loc["tripp-length-saved", "verdict"] == "off"
    assert np.isfinite(rows["modelled"]).all()
