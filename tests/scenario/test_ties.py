"""scale_transfers: states are cut at their days, observations carried on (conventions C40, C49, C50)."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mackinder.case import Case, check, read_case
from mackinder.errors import ScenarioError
from mackinder.scenario import apply, diff, read_scenario, read_vintage

from .conftest import Scene, row

PACT, EXPORTS = "bbb-pact", "bbb-exports-to-aaa-2023"


def scaled(value: str, indicator: str, days: str = "starts_on = 2027-01-01", more: str = "") -> str:
    return f'op = "scale_transfers"\nindicator = "{indicator}"\nvalue = {value}\n{days}\n{more}'


def ties(case: Case) -> pd.DataFrame:
    return case.table("ties").set_index("tie_id").drop(columns="file_row")


def test_factor_zero_ends_a_state(case: Case, scene: Scene) -> None:
    new = apply(case, scene(scaled("0", "igo_membership")))
    assert ties(new).loc[PACT, "ends_on"] == "2026-12-31"
    assert len(ties(new)) == len(ties(case))


def test_a_state_comes_back_after_the_last_day(case: Case, scene: Scene) -> None:
    new = ties(apply(case, scene(scaled("0", "igo_membership", "starts_on = 2027-01-01\nends_on = 2027-12-31"))))
    assert new.loc[PACT, "ends_on"] == "2026-12-31"
    assert tuple(new.loc[f"{PACT}.from-2028-01-01", ["starts_on", "ends_on"]]) == ("2028-01-01", "")


def test_an_observation_is_carried_on_to_the_horizon(case: Case, scene: Scene) -> None:
    new = ties(apply(case, scene(scaled("{low = 0.5, mode = 0.6, high = 0.8}", "export_share"))))
    assert new.loc[EXPORTS].equals(ties(case).loc[EXPORTS])
    carried = new.loc[f"{EXPORTS}.from-2027-01-01"]
    assert tuple(carried[["starts_on", "ends_on", "basis"]]) == ("2027-01-01", "2035-12-31", "estimate")
    assert carried[["value_low", "value_mode", "value_high"]].tolist() == pytest.approx([0.125, 0.18, 0.28])
    assert "made up for a test" in carried["ground"]


def test_factors_multiply_where_they_meet(case: Case, scene: Scene) -> None:
    changes = scaled("0.5", "export_share", "starts_on = 2027-01-01\nends_on = 2030-12-31")
    both = ties(apply(case, scene(changes + "\n---\n" + scaled("0.8", "export_share", "starts_on = 2029-01-01"))))
    assert both.loc[f"{EXPORTS}.from-2027-01-01", "value_mode"] == pytest.approx(0.15)
    assert both.loc[f"{EXPORTS}.from-2029-01-01", "value_mode"] == pytest.approx(0.12)
    assert both.loc[f"{EXPORTS}.from-2031-01-01", "value_mode"] == pytest.approx(0.24)
    assert both.loc[f"{EXPORTS}.from-2029-01-01", "ends_on"] == "2030-12-31"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(factor=st.floats(0.1, 2.5), late=st.integers(2024, 2034))
def test_an_opposite_pair_leaves_the_values(case: Case, scene: Scene, factor: float, late: int) -> None:
    day = f"starts_on = {late}-01-01"
    text = scaled(f"{factor!r}", "export_share", day) + "\n---\n" + scaled(f"{1 / factor!r}", "export_share", day)
    new = ties(apply(case, scene(text)))
    carried, old = new.loc[f"{EXPORTS}.from-{late}-01-01"], ties(case).loc[EXPORTS]
    for bound in ("low", "mode", "high"):
        assert carried[f"value_{bound}"] == pytest.approx(old[f"value_{bound}"])


def test_the_order_of_changes_means_nothing(case: Case, scene: Scene) -> None:
    one, two = scaled("0.5", "export_share"), scaled("0.9", "export_share", "starts_on = 2029-01-01")
    left, right = (apply(case, scene(text)) for text in (f"{one}\n---\n{two}", f"{two}\n---\n{one}"))
    pd.testing.assert_frame_equal(left.table("ties"), right.table("ties"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (scaled("0.5", "export_shar"), "did you mean 'export_share'"),
        (scaled("0.5", "igo_membership"), "only is there or not"),
        (scaled("4", "export_share"), "share of 1.4, above one"),
        (scaled("-1", "export_share"), "cannot be negative"),
        (scaled("0.5", "export_share", "starts_on = 1990-01-01"), "no tie with indicator export_share"),
        (scaled("0.5", "export_share", more='sender = "CCC"'), "sender"),
        (scaled("0.5", "export_share", days=""), "starts_on"),
    ],
)
def test_what_is_refused(case: Case, scene: Scene, change: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        apply(case, scene(change))


def test_optional_may_reach_nothing(case: Case, scene: Scene) -> None:
    change = scaled("0.5", "gas_price", more="optional = true")
    assert apply(case, scene(change)) == case


def test_diff_says_it_in_plain_words(case: Case, scene: Scene) -> None:
    both = scaled("0", "igo_membership") + "\n---\n" + scaled("0.5", "export_share")
    texts = [found.text for found in diff(case, apply(case, scene(both)))]
    assert texts == [
        "tie of State of AAA on State of BBB, export share, with reexports: 0.15 (0.125 to 0.175) share "
        "from 2027-01-01 to 2035-12-31 (was 0.3 (0.25 to 0.35), as measured 2023)",
        "tie of State of AAA on State of BBB, igo membership, river-union: ends on 2026-12-31 (was none)",
    ]


def test_conduits_change_by_set_and_by_rights(case: Case, scene: Scene) -> None:
    text = (
        'op = "set"\ntable = "conduits"\nids = ["a-b-power"]\ncolumn = "closed_since"\nvalue = "2027-01-01"\n---\n'
        'op = "transfer_right"\nright = "operator"\nconduits = ["a-b-power"]\nto = [{actor = "ARW"}]\nstarts_on = 2026-01-01'
    )
    new = apply(case, scene(text))
    assert row(new, "conduits", "a-b-power")["closed_since"] == "2027-01-01"
    assert [found.text for found in diff(case, new)] == [
        "Line from A-City to B-North: open, closes on 2027-01-01 (was: open)",
        "Line from A-City to B-North: new: AAA Railways holds operator from 2026-01-01 (binding)",
    ]


def test_ties_of_later_days_are_not_in_an_early_vintage() -> None:
    plain = read_case("south-caucasus")
    august, newest = read_vintage(plain, "2025-08-31"), read_vintage(plain)
    gone = set(ties(newest).index) - set(ties(august).index)
    assert "usa-arm-project-share-tripp-company-2026" in gone
    assert all(ties(newest).loc[list(gone), "known_on"] > "2025-08-31")
    assert (ties(august)["known_on"] <= "2025-08-31").all()
    blockade = "aze-arm-border-closed-rail-and-transit-1989"
    assert (ties(august).loc[blockade, "ends_on"], ties(newest).loc[blockade, "ends_on"]) == ("", "2025-10-20")


@pytest.mark.parametrize("name", ["russia-retaliates", "eaeu-exit", "russia-retaliates+eaeu-exit"])
def test_the_packaged_scenarios_change_ties_and_stay_sound(name: str) -> None:
    newest = read_vintage("south-caucasus")
    new = apply(newest, read_scenario(name, newest))
    price = ties(new)[ties(new).index.str.startswith("rus-arm-gas-price") & (ties(new)["ends_on"] == "")]
    assert price["value_mode"].tolist() >= [330.0]
    assert [str(found) for found in check(new) if found.severity == "error"] == []
    ended = ties(new).loc["rus-arm-customs-union-member-eaeu-2015", "ends_on"]
    assert ended == ("2027-12-30" if "eaeu" in name else "")


def test_retaliation_and_exit_do_not_count_the_gas_price_twice() -> None:
    """Convention C120: the discount ends once, whichever of the two ends it first."""
    newest = read_vintage("south-caucasus")
    found = {
        name: ties(apply(newest, read_scenario(name, newest)))
        for name in ("russia-retaliates", "russia-retaliates+eaeu-exit")
    }
    price = [
        table[table.index.str.startswith("rus-arm-gas-price") & (table["ends_on"] == "")]["value_mode"].tolist()
        for table in found.values()
    ]
    assert price[0] == price[1] != []
