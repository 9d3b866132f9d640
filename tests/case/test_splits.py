"""Rules about capacity, zone shares, goods sent on and remittances: MK120 to MK126."""

from __future__ import annotations

from typing import Any

import pytest

from mackinder.case import check

SETS = "zone_share_id,zone,direction,partner,goods,share_low,share_mode,share_high,facts,basis,ground\n"
SENT = "reexport_id,exporter,importer,goods,share_low,share_mode,share_high,origins,facts,basis,ground\n"
PAID = "remittance_id,payer,recipient,year,value_musd_low,value_musd_mode,value_musd_high,facts,basis,ground\n"
SOUND = {
    "zone_shares": "n,b-north,export,AAA,*,0.5,0.6,0.7,,estimate,north\ns,b-south,export,AAA,*,0.3,0.4,0.5,,estimate,south\n",
    "reexports": "r,BBB,CCC,manufactures,0.1,0.2,0.4,AAA,,estimate,seen at the border\n",
    "remittances": "m,AAA,BBB,2023,5,7,9,,estimate,half of the migrants send home\n",
}
HEADS = {"zone_shares": SETS, "reexports": SENT, "remittances": PAID}
BAD = [
    ("MK122", "zone_shares", "n,b-north,export,AAA,*,0.5,0.6,0.7,,estimate,north\n", "do not add up"),
    ("MK123", "zone_shares", SOUND["zone_shares"] + "n2,b-north,both,AAA,*,1,1,1,,estimate,all\n", "said already"),
    ("MK124", "zone_shares", SOUND["zone_shares"].replace("AAA", "DDD"), "no country"),
    ("MK124", "reexports", SOUND["reexports"].replace("manufactures", "cars"), "no such goods"),
    ("MK125", "reexports", SOUND["reexports"].replace("BBB,CCC", "AAA,CCC"), "no such flow"),
    ("MK125", "reexports", SOUND["reexports"] + SOUND["reexports"].replace("r,", "q,"), "there already"),
    ("MK126", "remittances", SOUND["remittances"].replace("BBB", "DDD"), "no country"),
    ("MK126", "remittances", SOUND["remittances"].replace("AAA", "BBB"), "pays itself"),
    ("MK126", "remittances", SOUND["remittances"] + SOUND["remittances"].replace("m,", "k,"), "there already"),
]  # fmt: skip


def with_rows(table: str, rows: str) -> tuple[str, str, Any]:
    return ("bytes", f"tables/{table}.csv", lambda _: (HEADS[table] + rows).encode())


@pytest.mark.parametrize(("code", "table", "rows", "message"), BAD, ids=[f"{b[0]}-{b[3]}" for b in BAD])
def test_a_bad_row_is_found(folder: Any, spoil: Any, code: str, table: str, rows: str, message: str) -> None:
    found = [f for f in check(spoil(folder, with_rows(table, rows))) if f.code == code]
    assert [f.file for f in found] == [f"{table}.csv"]
    assert message in found[0].message


@pytest.mark.parametrize("table", list(SOUND))
def test_sound_rows_are_spared(folder: Any, spoil: Any, table: str) -> None:
    assert not check(spoil(folder, with_rows(table, SOUND[table])))


@pytest.mark.parametrize(
    ("table", "name", "values", "message"),
    [
        ("links", "a-city-b-north-rail", {"capacity_rule": ""}, "no capacity_rule"),
        ("links", "a-city-a-pass-road", {"capacity_rule": "queue"}, "no capacity"),
        ("transfers", "a-port-road-sea", {"capacity_rule": ""}, "no capacity_rule"),
    ],
)
def test_a_capacity_has_a_rule(
    folder: Any, spoil: Any, table: str, name: str, values: dict[str, str], message: str
) -> None:
    found = [f for f in check(spoil(folder, ("cell", table, name, values))) if f.code == "MK120"]
    assert found[0].file == f"{table}.csv"
    assert message in found[0].message


def test_an_upgrade_does_not_shrink(folder: Any, spoil: Any) -> None:
    edit = ("cell", "links", "a-city-b-north-rail", {"upgrade_capacity_mt_per_year": "1", "upgrade_on": "2030-01-01"})
    assert any(f.code == "MK121" for f in check(spoil(folder, edit)))
