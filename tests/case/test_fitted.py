"""Rules about factors fitted to counts: MK127 to MK129, and those of all tables that reach them."""

from typing import Any

import pytest

from mackinder.case import check

HEAD = (
    "fit_id,parameter,links,goods,factor_low,factor_mode,factor_high,prior_low,prior_mode,prior_high,prior_driven,facts,"
    "basis,ground\n"
)
SOUND = (
    "dear,link_cost,mode=road,,0.9,1.1,1.3,0.5,1,2,no,F001,derived,half-width of the roads\n"
    "lift,transfer_time,,,0.5,1,2,0.5,1,2,yes,,estimate,half-width of the transfers\n"
    "patience,value_of_time,,manufactures,0.5,1,2,0.5,1,2,yes,,estimate,half-width of the goods\n"
)
BAD = [
    ("MK127", "link_cost,mode=road", "link_cost,", "names none"),
    ("MK127", "transfer_time,", "transfer_time,mode=road", "not about links"),
    ("MK127", "transfer_time,,", "transfer_time,,manufactures", "not about goods"),
    ("MK128", "0.9,1.1,1.3", "0.5,1,2", "is prior-driven"),
    ("MK128", "time,,,0.5,1,2", "time,,,0.9,1,1.2", "is not prior"),
    ("MK129", "no,F001", "no,", "names no fact"),
    ("MK025", "mode=road", "link=nowhere", "selects no link"),
    ("MK020", "manufactures", "cars", "cars"),
    ("MK030", "0.9,1.1,1.3", "0.9,1.4,1.3", "factor"),
    ("MK031", "0.9,1.1,1.3", "0,1.1,1.3", "factor_low is zero"),
]  # fmt: skip


def with_fits(text: str) -> tuple[str, str, Any]:
    return ("bytes", "tables/fits.csv", lambda _: (HEAD + text).encode())


@pytest.mark.parametrize(("code", "old", "new", "message"), BAD, ids=[f"{b[0]}-{b[3]}" for b in BAD])
def test_a_bad_row_is_found(folder: Any, spoil: Any, code: str, old: str, new: str, message: str) -> None:
    assert old in SOUND
    found = [f for f in check(spoil(folder, with_fits(SOUND.replace(old, new, 1)))) if f.code == code]
    assert [f.file for f in found] == ["fits.csv"]
    assert message in found[0].message


def test_sound_rows_are_spared(folder: Any, spoil: Any) -> None:
    assert not check(spoil(folder, with_fits(SOUND)))
