"""What each operation does to the tables."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from mackinder.case import Case
from mackinder.errors import ScenarioError
from mackinder.scenario import apply

from .conftest import Scene, row


def days(case: Case, link: str) -> tuple[object, object, object]:
    found = row(case, "links", link)
    return found["status"], found["opens_on"], found["closed_since"]


def asked(case: Case, table: str, prefix: str) -> pd.DataFrame:
    frame = case.table(table)
    return frame[frame[frame.columns[0]].str.startswith(prefix)]


def test_empty_is_identity(case: Case, scene: Scene) -> None:
    assert apply(case, scene()).digest == case.digest


def test_apply_never_mutates(case: Case, scene: Scene) -> None:
    before = {name: frame.copy(deep=True) for name, frame in case.tables.items()}
    apply(case, scene('op = "open"\nlinks = "link=old-rail"\nstarts_on = 2030-01-01\n---\nop="grow"\nvalue=2'))
    for name, frame in before.items():
        pd.testing.assert_frame_equal(case.table(name), frame)


def test_a_case_found_before_has_the_settings_it_is_asked_with(case: Case, scene: Scene) -> None:
    """Cases under a scenario are kept by digest; what the digest leaves out is that of the case in hand."""
    grown = scene('op="grow"\nvalue=2')
    first = apply(case, grown)
    newer = dataclasses.replace(
        case, name="other", settings=case.settings.model_copy(update={"newest_evidence": dt.date(2030, 1, 1)})
    )
    second = apply(newer, grown)
    assert second.digest == first.digest
    assert (second.name, second.settings) == ("other", newer.settings)
    assert (first.name, first.settings) == (case.name, case.settings)
    other = case.with_settings(base_year=case.settings.base_year + 1)
    assert apply(other, grown).settings == other.settings


def test_open_planned(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "link=dream-rail"\nstarts_on = 2030-01-01\nfacts = ["F004"]'))
    assert days(new, "dream-rail") == ("building", "2030-01-01", "")
    assert "F004" in str(row(new, "links", "dream-rail")["facts"])


def test_open_closed_long_ago_lifts_its_border_closure(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "link=old-rail"\nstarts_on = "2030-01-01"'))
    assert days(new, "old-rail") == ("building", "2030-01-01", "")
    wall, later = row(new, "restrictions", "wall"), row(new, "restrictions", "wall.from-2030-01-01")
    assert (wall["starts_on"], wall["ends_on"], wall["asset"]) == (
        "1993-04-03",
        "2029-12-31",
        "link=old-rail|shut-road",
    )
    assert (later["starts_on"], later["ends_on"]) == ("2030-01-01", "")
    assert later["asset"] == "link=old-rail|shut-road;-link=old-rail"


def test_open_all_that_a_closure_holds_ends_it(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "link=old-rail|shut-road"\nstarts_on = 2030-01-01'))
    assert list(asked(new, "restrictions", "wall")["ends_on"]) == ["2029-12-31"]


def test_open_until_restores_the_closure(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "link=old-rail"\nstarts_on = 2030-01-01\nends_on = 2031-12-31'))
    assert days(new, "old-rail") == ("building", "2030-01-01", "2032-01-01")
    assert row(new, "restrictions", "wall.from-2032-01-01")["asset"] == "link=old-rail|shut-road"


def test_open_keeps_a_life_after_the_base_year(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "link=young-road"\nstarts_on = 2030-01-01'))
    assert days(new, "young-road") == ("open", "", "")
    gap = row(new, "restrictions", "closed.young-road.2024-05-01")
    assert (gap["starts_on"], gap["ends_on"], gap["effect"]) == ("2024-05-01", "2029-12-31", "deny")


def test_open_an_open_link_only_brings_its_upgrade(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "link=a-city-a-port-road"\nstarts_on = 2030-01-01'))
    assert days(new, "a-city-a-port-road") == ("open", "", "")
    assert row(new, "links", "a-city-a-port-road")["upgrade_on"] == "2030-01-01"


def test_open_by_status_on_its_own_day(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "open"\nlinks = "*"\nstatus = ["building"]'))
    assert days(new, "b-south-c-harbour-road") == ("building", "2029-01-01", "")
    with pytest.raises(ScenarioError, match="no opens_on of its own; give starts_on"):
        apply(case, scene('op = "open"\nlinks = "link=dream-rail"'))


def test_open_does_not_lift_a_ban(case: Case, scene: Scene) -> None:
    law = '{restriction_id = "law", kind = "ban", asset = "link=old-rail", effect = "deny"}'
    ban = f'op = "add"\ntable = "restrictions"\nrow = {law}'
    opening = '---\nop = "open"\nlinks = "link=old-rail"\nstarts_on = 2030-01-01'
    with pytest.raises(ScenarioError, match=r"restriction law \(kind ban\) denies it to all"):
        apply(case, scene(ban + opening))


def test_close(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "close"\nlinks = "mode=rail"\nstatus = "open"\nstarts_on = 2027-03-01'))
    assert days(new, "a-city-b-north-rail") == ("closed", "", "2027-03-01")


def test_close_for_a_while_is_a_denial(case: Case, scene: Scene) -> None:
    new = apply(
        case, scene('op = "close"\nlinks = "link=a-city-b-north-rail"\nstarts_on = 2027-03-01\nends_on = 2027-03-31')
    )
    assert days(new, "a-city-b-north-rail") == days(case, "a-city-b-north-rail")
    assert row(new, "restrictions", "closed.a-city-b-north-rail.2027-03-01")["ends_on"] == "2027-03-31"


def test_close_what_never_opens_changes_nothing(case: Case, scene: Scene) -> None:
    assert apply(case, scene('op = "close"\nlinks = "link=dream-rail"\nstarts_on = 2027-03-01')) == case


def test_set_number_interval_and_empty(case: Case, scene: Scene) -> None:
    change = 'op = "set"\ntable = "links"\nlinks = "link=dream-rail"\n'
    new = apply(
        case, scene(change + 'column = "time_h"\nvalue = 5\n---\n' + change + 'column = "length_km"\nvalue = 7')
    )
    assert [row(new, "links", "dream-rail")[f"time_h_{b}"] for b in ("low", "mode", "high")] == [5.0, 5.0, 5.0]
    assert row(new, "links", "dream-rail")["length_km"] == 7.0
    new = apply(case, scene(change + 'column = "capacity_mt_per_year"\nvalue = ""'))
    assert pd.isna(row(new, "links", "dream-rail")["capacity_mt_per_year_mode"])
    new = apply(
        case, scene('op = "set"\ntable = "actors"\nwhere = {kind = "company"}\ncolumn = "parent"\nvalue = "BBB"')
    )
    assert row(new, "actors", "ARW")["parent"] == "BBB"


def test_set_one_bound_out_of_order(case: Case, scene: Scene) -> None:
    with pytest.raises(ScenarioError, match="low 6, mode 2, high 18, which is not in order"):
        apply(case, scene('op = "set"\ntable="links"\nids = ["dream-rail"]\ncolumn = "time_h_mode"\nvalue = 2'))


def test_scale(case: Case, scene: Scene) -> None:
    value = "value = {low = 0.5, mode = 1, high = 2}"
    new = apply(
        case, scene(f'op = "scale"\ntable = "transfers"\nids = ["a-city-road-rail"]\ncolumn = "time_h"\n{value}')
    )
    assert [row(new, "transfers", "a-city-road-rail")[f"time_h_{b}"] for b in ("low", "mode", "high")] == [
        6.0,
        24.0,
        96.0,
    ]


def test_set_then_scale_whatever_the_order(case: Case, scene: Scene) -> None:
    put = 'op = "set"\ntable = "links"\nids = ["dream-rail"]\ncolumn = "length_km"\nvalue = 10'
    double = 'op = "scale"\ntable = "links"\nids = ["dream-rail"]\ncolumn = "length_km"\nvalue = 2'
    one, other = apply(case, scene(f"{put}\n---\n{double}")), apply(case, scene(f"{double}\n---\n{put}"))
    assert row(one, "links", "dream-rail")["length_km"] == 20.0
    assert one.digest == other.digest


def test_delay(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "delay"\nlinks = "link=b-south-c-harbour-road"\nyears = 2'))
    assert days(new, "b-south-c-harbour-road") == ("building", "2031-01-01", "")
    with pytest.raises(ScenarioError, match="nothing to move"):
        apply(case, scene('op = "delay"\nlinks = "link=dream-rail"\nyears = 2'))


def test_delay_moves_what_the_scenario_opens_and_its_closure(case: Case, scene: Scene) -> None:
    opening = 'op = "open"\nlinks = "link=old-rail"\nstarts_on = 2030-01-01'
    new = apply(case, scene(opening + '\n---\nop = "delay"\nlinks = "tag=new"\nyears = 1.0'))
    assert days(new, "old-rail") == ("building", "2031-01-01", "")
    assert row(new, "restrictions", "wall")["ends_on"] == "2030-12-31"


def test_transfer_right_on_a_link(case: Case, scene: Scene) -> None:
    change = 'op = "transfer_right"\nright = "operator"\nfrom = ["ARW"]\nlinks = "mode=rail"\nstarts_on = 2027-01-01\n'
    to = 'to = [{actor = "BBB", share = 0.6}, {actor = "CCC", share = 0.4}]\nstanding = "framework"'
    new = apply(case, scene(change + to))
    assert row(new, "controls", "railway-operator")["ends_on"] == "2026-12-31"
    fresh = asked(new, "controls", "test.operator")
    assert list(fresh["asset"]) == ["a-city-b-north-rail"] * 2, "links on which ARW holds nothing stay out"
    assert (sorted(fresh["share"]), set(fresh["status"])) == ([0.4, 0.6], {"framework"})


def test_transfer_right_cuts_a_selector_row(case: Case, scene: Scene) -> None:
    change = (
        'op = "transfer_right"\nright = "customs"\nlinks = "link=a-city-a-pass-road"\nto = []\nstarts_on = 2027-01-01'
    )
    new = apply(case, scene(change))
    assert row(new, "controls", "a-customs")["ends_on"] == "2026-12-31"
    assert row(new, "controls", "a-customs.from-2027-01-01")["asset"] == "territory=AAA;-link=a-city-a-pass-road"


def test_transfer_right_from_one_who_has_none(case: Case, scene: Scene) -> None:
    change = 'op = "transfer_right"\nright = "toll"\nfrom = "ARW"\nlinks = "mode=rail"\nto = []\nstarts_on = 2027-01-01'
    with pytest.raises(ScenarioError, match="ARW holds no right toll there on 2027-01-01"):
        apply(case, scene(change))


def test_restrict_and_ban_trade(case: Case, scene: Scene) -> None:
    new = apply(
        case, scene('op = "restrict"\nkind = "ban"\norigin = "BBB"\nlinks = "territory=AAA"\nstarts_on = 2027-01-01')
    )
    (found,) = asked(new, "restrictions", "test.restrict").to_dict("records")
    assert (found["origin"], found["destination"], found["goods"], found["effect"]) == ("BBB", "*", "*", "deny")
    ban = 'op = "ban_trade"\norigin = "BBB"\ndestination = "CCC"\nboth_ways = true\nid = "embargo"\nstarts_on = 2027-01-01'
    new = apply(case, scene(ban))
    assert row(new, "restrictions", "embargo")["asset"] == "trade"
    assert row(new, "restrictions", "embargo.back")["origin"] == "CCC"


def test_surcharge_and_risk(case: Case, scene: Scene) -> None:
    new = apply(
        case, scene('op = "risk"\nlinks = "mode=sea"\nvalue = {low = 1, mode = 2, high = 9}\nstarts_on = 2027-01-01')
    )
    (found,) = asked(new, "restrictions", "test.risk").to_dict("records")
    assert (found["kind"], found["charge_basis"], found["surcharge_usd_per_t_high"]) == ("risk", "per_link", 9.0)
    new = apply(case, scene('op = "surcharge"\nlinks = "trade"\norigin = "AAA"\nvalue = 3\nstarts_on = 2027-01-01'))
    assert list(asked(new, "restrictions", "test.surcharge")["charge_basis"]) == ["per_shipment"]


def test_tariff_is_percent_of_value_density(case: Case, scene: Scene) -> None:
    new = apply(
        case,
        scene('op = "tariff"\norigin = "AAA"\ndestination = "BBB"\nvalue = 10\nid = "duty"\nstarts_on = 2027-01-01'),
    )
    found = asked(new, "restrictions", "duty")
    assert list(found["restriction_id"]) == ["duty.manufactures"], "gems are no freight"
    assert found.iloc[0]["surcharge_usd_per_t_mode"] == pytest.approx(0.10 * 2500)
    assert found.iloc[0]["surcharge_usd_per_t_high"] == pytest.approx(0.10 * 4000)


def test_allow_needs_hypothetical_for_law(case: Case, scene: Scene) -> None:
    change = 'op = "allow"\nids = ["aaa-ccc-embargo"]\nstarts_on = 2027-01-01'
    with pytest.raises(ScenarioError, match="hypothetical = true"):
        apply(case, scene(change))
    new = apply(case, scene(change, head="hypothetical = true"))
    assert row(new, "restrictions", "aaa-ccc-embargo")["ends_on"] == "2026-12-31"


def test_allow_links_and_pairs(case: Case, scene: Scene) -> None:
    change = 'op = "allow"\nids = ["b-permit"]\nstarts_on = 2027-01-01\n'
    new = apply(case, scene(change + 'links = "link=a-city-a-pass-road"'))
    later = row(new, "restrictions", "b-permit.from-2027-01-01")
    assert later["asset"] == "territory=AAA&mode=road;-link=a-city-a-pass-road"
    new = apply(case, scene(change + 'pairs = ["BBB>CCC"]'))
    assert row(new, "restrictions", "b-permit.from-2027-01-01")["except_pairs"] == "BBB>CCC"
    assert row(new, "restrictions", "b-permit")["ends_on"] == "2026-12-31"


def test_grow(case: Case, scene: Scene) -> None:
    new = apply(case, scene('op = "grow"\nexporter = "BBB"\nvalue = 1.5'))
    assert row(new, "trade", "bbb-aaa")["value_musd_mode"] == 600.0
    assert row(new, "trade", "bbb-ccc")["quantity_kt_mode"] == 180.0
    assert row(new, "trade", "aaa-bbb")["value_musd_mode"] == 600.0
    with pytest.raises(ScenarioError, match="gives all goods together"):
        apply(case, scene('op = "grow"\nexporter = "BBB"\ngoods = "manufactures"\nvalue = 1.5'))


def test_add_then_select_it(case: Case, scene: Scene) -> None:
    link = (
        'op = "add"\ntable = "links"\nrow = {link_id = "tunnel", label = "Tunnel", from_place = "a-city", '
        'to_place = "c-harbour", '
        'mode = "road", length_km = 9, time_h = {low = 1, mode = 2, high = 3}, cost_usd_per_t = 2, status = "open", '
        'territory = ["AAA", "CCC"]}\n---\n'
    )
    new = apply(case, scene(link + 'op = "risk"\nlinks = "link=tunnel"\nvalue = 3\nstarts_on = 2027-01-01'))
    found = row(new, "links", "tunnel")
    assert (found["time_h_high"], found["territory"], found["tier"], found["basis"]) == (3.0, "AAA;CCC", 3, "estimate")
    assert new.table("links")["link_id"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('row = {link_id = "x", from_plac = "a-city"}', "did you mean 'from_place'"),
        ('row = {link_id = "x", label = "x", from_place = "a-cty"}', "did you mean 'a-city'"),
        ('row = {link_id = "x", label = "x"}', "from_place is missing"),
        ('row = {link_id = "x", mode = "rial"}', "did you mean 'rail'"),
    ],
)
def test_add_is_checked(case: Case, scene: Scene, change: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        apply(case, scene(f'op = "add"\ntable = "links"\n{change}'))
