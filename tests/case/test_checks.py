"""One spoilt case per rule about content, and none of them in the case that is not spoilt."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mackinder.case import check
from mackinder.case.checks.run import rules
from mackinder.case.formats import FORMAT_RULES

ROAD, RAIL, SOUTH, SEA = "a-city-a-pass-road", "a-city-b-north-rail", "b-south-c-harbour-road", "a-port-c-harbour-sea"


@dataclass(frozen=True)
class Defect:
    code: str
    what: str
    edits: tuple
    file: str
    says: str

    @property
    def id(self) -> str:
        return f"{self.code}-{self.what.replace(' ', '-')}"


def cell(table: str, name: str, **values: str) -> tuple:
    return ("cell", table, name, values)


def copy(table: str, name: str, **values: str) -> tuple:
    return ("copy", table, name, values)


def toml(old: str, new: str) -> tuple:
    return ("text", "case.toml", old, new)


GAUGE_BREAK = (
    copy("links", RAIL, link_id="b-c-rail", from_place="b-north-city", to_place="c-harbour", gauge_mm="1435",
         length_km="500", time_h_high="40", time_h_mode="20", territory="BBB;CCC"),
)  # fmt: skip

DEFECTS = [
    Defect("MK020", "unknown place", (cell("links", ROAD, to_place="a-pas"),), "links.csv", "did you mean 'a-pass'"),
    Defect("MK020", "unknown fact", (cell("links", ROAD, facts="F002;F999"),), "links.csv", "'F999'"),
    Defect("MK020", "unknown actor", (cell("charges", "a-transit-fee", actor="AAB"),), "charges.csv", "'AAB'"),
    Defect("MK020", "unknown source", (cell("facts", "F001", source="S9"),), "facts.csv", "'S9'"),
    Defect("MK021", "unknown goods", (cell("trade", "bbb-ccc", goods="manufacture"),), "trade.csv", "'manufactures'"),
    Defect("MK021", "in a list", (cell("restrictions", "b-permit", goods="gems;oil"),), "restrictions.csv", "'oil'"),
    Defect("MK022", "country without zone", (cell("trade", "bbb-ccc", importer="DDD"),), "trade.csv", "'DDD'"),
    Defect("MK023", "unknown country",
        (cell("restrictions", "b-permit", except_pairs="BBX>CCC"),),
        "restrictions.csv", "BBX"),
    Defect("MK024", "unknown key",
        (cell("charges", "a-transit-fee", asset="contry=AAA"),),
        "charges.csv", "unknown key"),
    Defect("MK024", "trade on links",
        (cell("charges", "a-transit-fee", asset="trade"),),
        "charges.csv", "restrictions only"),
    Defect("MK025", "nothing",
        (cell("corridors", "south", screenline="link=b-south-harbour"),),
        "corridors.csv", "did you mean"),
    Defect("MK026", "idle",
        (cell("corridors", "south", screenline=f"link={SOUTH}|no-road"),),
        "corridors.csv", "link=no-road"),
    Defect("MK027", "unknown asset", (cell("controls", "a-port-owner", asset="port"),), "controls.csv", "'port'"),
    Defect("MK028", "circle", (cell("actors", "AAA", parent="ARW"),), "actors.csv", "'AAA', 'ARW'"),
    Defect("MK029", "no sovereign", (cell("links", ROAD, territory="AAA;DDD"),), "links.csv", "'DDD'"),
    Defect("MK029", "two sovereigns", (cell("actors", "CCC", countries="CCC;BBB"),), "actors.csv", "'BBB'"),
    Defect("MK030", "mode below low", (cell("links", ROAD, time_h_low="2.5"),), "links.csv", "time_h"),
    Defect("MK030", "mode above high",
        (cell("goods", "manufactures", trade_elasticity_high="4"),),
        "goods.csv", "elasticity"),
    Defect("MK031", "negative", (cell("links", ROAD, cost_usd_per_t_low="-1"),), "links.csv", "is negative"),
    Defect("MK031", "zero length", (cell("links", ROAD, length_km="0"),), "links.csv", "length_km is zero"),
    Defect("MK032", "percentage", (cell("controls", "south-road-finance", share="40"),), "controls.csv", "above one"),
    Defect("MK033", "swapped", (cell("places", "a-port", lat_deg="421"),), "places.csv", "lat_deg is out of range"),
    Defect("MK034", "no trade",
        (("bytes", "tables/trade.csv", lambda b: b.split(b"\n")[0] + b"\n"),),
        "trade.csv", "no rows"),
    Defect("MK040", "self loop", (cell("links", ROAD, to_place="a-city"),), "links.csv", ROAD),
    Defect("MK041", "too short",
        (cell("links", RAIL, length_km="90"),),
        "links.csv", "90 km for 145 km as the crow flies"),
    Defect("MK042", "too long", (cell("links", RAIL, length_km="900"),), "links.csv", RAIL),
    Defect("MK043", "flying truck",
        (cell("links", "b-north-b-south-road", time_h_low="1", time_h_mode="2"),),
        "links.csv", "145 km/h"),
    Defect("MK044", "per shipment",
        (cell("links", SEA, cost_usd_per_t_high="1800", cost_usd_per_t_mode="1200"),),
        "links.csv", "1.04"),
    Defect("MK045", "no opening", (cell("links", SOUTH, opens_on=""),), "links.csv", SOUTH),
    Defect("MK046", "no closing", (cell("links", SOUTH, status="closed", opens_on="", ground=""),), "links.csv", SOUTH),
    Defect("MK047", "open and shut",
        (cell("links", ROAD, closed_since="2020-01-01"),),
        "links.csv", "usable and closed"),
    Defect("MK047", "reversed",
        (cell("links", SOUTH, closed_since="2028-01-01"),),
        "links.csv", "closes before it opens"),
    Defect("MK048", "no day", (cell("links", RAIL, upgrade_capacity_mt_per_year="5"),), "links.csv", "not both"),
    Defect("MK048", "no start",
        (cell("links", ROAD, upgrade_capacity_mt_per_year="5", upgrade_on="2030-01-01"),),
        "links.csv", "is empty"),
    Defect("MK049", "rail without gauge", (cell("links", RAIL, gauge_mm=""),), "links.csv", "no gauge_mm"),
    Defect("MK049", "road with gauge",
        (cell("links", ROAD, gauge_mm="1520"),),
        "links.csv", "is not rail and has gauge_mm"),
    Defect("MK050", "to itself", (cell("transfers", "a-port-road-sea", to_mode="road"),), "transfers.csv", "the same"),
    Defect("MK050", "rail without gauge",
        (cell("transfers", "a-city-road-rail", to_gauge_mm=""),),
        "transfers.csv", "without gauge"),
    Defect("MK051", "gauge break", GAUGE_BREAK, "links.csv", "1435 mm, 1520 mm meets at 'b-north-city'"),
    Defect("MK052", "to nowhere",
        (cell("transfers", "a-city-road-rail", to_gauge_mm="1435"),),
        "transfers.csv", "to side"),
    Defect("MK053", "no links", (copy("places", "a-port", place_id="a-village"),), "places.csv", "'a-village'"),
    Defect("MK054", "cut off",
        (("drop", "transfers", "c-harbour-road-sea"), cell("links", SOUTH, status="planned")),
        "zones.csv", "'c-land'"),
    Defect("MK055", "anchor abroad", (cell("zones", "b-south", anchor_place="a-city"),), "zones.csv", "'b-south'"),
    Defect("MK056", "place abroad", (cell("places", "a-pass", country="BBB"),), "places.csv", "'a-pass'"),
    Defect("MK060", "cited", (cell("zones", "a-land", facts=""),), "zones.csv", "is cited and names no fact"),
    Defect("MK060", "derived", (cell("links", ROAD, facts=""),), "links.csv", "is derived and names no fact"),
    Defect("MK061", "no ground", (cell("links", ROAD, ground=""),), "links.csv", "no ground"),
    Defect(
        "MK062", "worn ground",
        tuple(copy("corridors", "north", corridor_id=f"n{number}") for number in range(25)), "corridors.csv", "26 rows",
    ),
    Defect("MK063", "outside", (cell("facts", "F003", value="1.8"),), "facts.csv", "'F003'"),
    Defect("MK064", "in words", (cell("facts", "F003", valid_from="early 2024"),), "facts.csv", "'early 2024'"),
    Defect("MK065", "tomorrow", (cell("facts", "F003", known_on="2026-01-01"),), "facts.csv", "2025-12-31"),
    Defect("MK065", "next year", (cell("sources", "S1", published_on="2026"),), "sources.csv", "'S1'"),
    Defect("MK066", "old", (cell("facts", "F007", known_on="2025-06-30"),), "facts.csv", "1 of 13 facts"),
    Defect("MK067", "one-sided", (cell("facts", "F003", conflicts_with="F004"),), "facts.csv", "in turn"),
    Defect("MK067", "unknown", (cell("facts", "F003", conflicts_with="F999"),), "facts.csv", "unknown facts"),
    Defect("MK068", "circle",
        (cell("sources", "S1", independence_group="S2"), cell("sources", "S2", independence_group="S1")),
        "sources.csv", "'S1', 'S2'"),
    Defect("MK069", "empty", (cell("facts", "F001", value_text=""),), "facts.csv", "'F001'"),
    Defect(
        "MK070", "one link",
        (copy("controls", "railway-operator", control_id="second", actor="CCC", share="0.2", starts_on="2020-01-01"),),
        "controls.csv", "operator of 'a-city-b-north-rail' adds up to 1.2 on 2020-01-01",
    ),
    Defect("MK070", "one place",
        (copy("controls", "a-port-owner", control_id="second", actor="CCC"),),
        "controls.csv", "adds up to 2"),
    Defect("MK071", "right",
        (cell("controls", "railway-operator", ends_on="2007-01-01"),),
        "controls.csv", "after ends_on"),
    Defect("MK071", "fact", (cell("facts", "F003", valid_from="2025-03"),), "facts.csv", "after valid_to"),
    Defect("MK072", "half a customs", (cell("controls", "a-customs", share="0.5"),), "controls.csv", "'a-customs'"),
    Defect("MK073", "no amount",
        (cell("restrictions", "b-permit", surcharge_usd_per_t_low="", surcharge_usd_per_t_mode="", surcharge_usd_per_t_high=""),),
        "restrictions.csv", "without surcharge"),
    Defect("MK073", "no basis",
        (cell("restrictions", "b-permit", charge_basis=""),),
        "restrictions.csv", "without charge_basis"),
    Defect("MK074", "no end", (cell("controls", "railway-operator", ends_on=""),), "controls.csv", "has no end"),
    Defect("MK075", "twice", (copy("controls", "a-customs", control_id="z-customs"),), "controls.csv", "'z-customs'"),
    Defect("MK080", "too much",
        (cell("goods_shares", "any-gems", share_mode="0.06"),),
        "goods_shares.csv", "adds up to 1.01"),
    Defect("MK081", "too little", (cell("zones", "b-south", trade_share_mode="0.2"),), "zones.csv", "adds up to 0.95"),
    Defect("MK082", "no density", (cell("goods", "gems", is_freight="yes"),), "goods.csv", "no value_usd_per_t"),
    Defect("MK083", "twice", (copy("trade", "bbb-ccc", trade_id="again"),), "trade.csv", "'again'"),
    Defect("MK084", "with itself", (copy("trade", "bbb-ccc", trade_id="own", importer="BBB"),), "trade.csv", "'own'"),
    Defect("MK085", "bare zero", (cell("trade", "aaa-ccc", zero=""),), "trade.csv", "no code in zero"),
    Defect("MK085", "trade with code", (cell("trade", "bbb-ccc", zero="negligible"),), "trade.csv", "has trade"),
    Defect("MK086", "undeclared", (("drop", "restrictions", "aaa-ccc-embargo"),), "trade.csv", "'aaa-ccc'"),
    Defect("MK087", "no shares",
        (cell("goods_shares", "any-gems", exporter="AAA"), cell("goods_shares", "any-manufactures", exporter="AAA")),
        "trade.csv", "no goods shares"),
    Defect("MK088", "two groups", (cell("zones", "c-land", members="CCC;BBB"),), "zones.csv", "'BBB'"),
    Defect("MK089", "future", (cell("trade", "bbb-ccc", year="2027"),), "trade.csv", "'bbb-ccc'"),
    Defect("MK090", "malformed", (toml("base_year = 2023", "base_year = = 2023"),), "case.toml", "malformed TOML"),
    Defect("MK090", "unknown key", (toml("horizon_year", "horizon"),), "case.toml", "did you mean 'horizon_year'"),
    Defect("MK090", "missing", (("delete", "case.toml"),), "case.toml", "there is none"),
    Defect("MK091", "unknown actor", (toml('focus = ["BBB"', 'focus = ["BBC"'),), "case.toml", "focus"),
    Defect("MK092", "no file", (("delete", "scenarios/south-road.toml"),), "case.toml", "'south-road'"),
    Defect("MK093", "no ground",
        (toml('ground = "value of an hour', 'note = "value of an hour'), toml('note = "value', 'ground = "" # "value')),
        "case.toml", "reliability_ratio"),
    Defect("MK094", "stray file",
        (("bytes", "tables/goods.csv", lambda b: b),),
        "tables/good.csv", "did you mean 'goods'"),
    Defect("MK095", "late article",
        (toml("article_date = 2025-08-08", "article_date = 2026-08-08"),),
        "case.toml", "2026-08-08"),
    Defect("MK120", "no rule", (cell("links", RAIL, capacity_rule=""),), "links.csv", "no capacity_rule"),
    Defect("MK121", "shrinks",
        (cell("links", RAIL, upgrade_capacity_mt_per_year="1", upgrade_on="2030-01-01"),),
        "links.csv", "less capacity"),
    Defect("MK122", "half of it",
        (("bytes", "tables/zone_shares.csv", lambda b: b + b"n,b-north,export,AAA,*,0.5,0.6,0.7,,estimate,north\n"),),
        "zone_shares.csv", "do not add up"),
    Defect("MK123", "twice",
        (("bytes", "tables/zone_shares.csv", lambda b: b + b"".join(
            b"%s,b-north,%s,AAA,*,1,1,1,,estimate,all\n" % pair for pair in ((b"n", b"both"), (b"m", b"import")))),),
        "zone_shares.csv", "said already"),
    Defect("MK124", "unknown partner",
        (("bytes", "tables/zone_shares.csv", lambda b: b + b"n,b-north,export,DDD,*,1,1,1,,estimate,north\n"),),
        "zone_shares.csv", "no country"),
    Defect("MK125", "no trade",
        (("bytes", "tables/reexports.csv", lambda b: b + b"r,AAA,CCC,*,0.1,0.2,0.4,,,estimate,seen\n"),),
        "reexports.csv", "no such flow"),
    Defect("MK126", "to oneself",
        (("bytes", "tables/remittances.csv", lambda b: b + b"m,BBB,BBB,2023,5,7,9,,estimate,told\n"),),
        "remittances.csv", "pays itself"),
    Defect("MK110", "no unit", (cell("levers", "aaa-ccc-embargo", magnitude_unit=""),), "levers.csv", "without magnitude_unit"),
    Defect("MK110", "no size",
        (cell("episodes", "aaa-ccc-embargo-2019", value_unit="trucks"),),
        "episodes.csv", "value_unit without value"),
    Defect("MK111", "lever", (cell("levers", "aaa-ccc-embargo", target="AAA"),), "levers.csv", "its own target"),
    Defect("MK111", "one of two",
        (cell("episodes", "aaa-ccc-embargo-2019", target="CCC;AAA"),),
        "episodes.csv", "its own target"),
    Defect("MK112", "percentage",
        (cell("levers", "aaa-ccc-embargo", magnitude_low="90", magnitude_mode="100", magnitude_high="100"),),
        "levers.csv", "above one"),
    Defect("MK113", "no cushions", (cell("levers", "aaa-ccc-embargo", cushions=""),), "levers.csv", "in cushions"),
    Defect("MK113", "no mitigations", (cell("levers", "aaa-ccc-embargo", mitigations=""),), "levers.csv", "in mitigations"),
    Defect("MK114", "position", (cell("positions", "bbb-road-2025-09", position_high="101"),), "positions.csv", "above 100"),
    Defect("MK114", "salience", (cell("positions", "bbb-road-2025-09", salience_high="70"),), "positions.csv", "above 1"),
    Defect("MK115", "too much", (cell("projects", "south-road", bearers="BBB=0.6;CCC=0.5"),), "projects.csv", "add up to 1.1"),
    Defect("MK115", "words", (cell("projects", "south-road", bearers="BBB and CCC"),), "projects.csv", "not ACTOR=share"),
    Defect("MK115", "nobody", (cell("projects", "south-road", bearers="BBB=0.6;CCD=0.4"),), "projects.csv", "'CCD'"),
    Defect("MK116", "percentage",
        (cell("projects", "south-road", discount_rate_low="5", discount_rate_mode="8", discount_rate_high="12"),),
        "projects.csv", "discount_rate of 'south-road' is above 0.5"),
    Defect("MK116", "opens first",
        (cell("projects", "south-road", opens_on="2025-01-01"),),
        "projects.csv", "opens before works start"),
    Defect("MK117", "kind ban", (cell("levers", "aaa-ccc-embargo", direction="inducement"),), "levers.csv", "'aaa-ccc-embargo'"),
    Defect("MK117", "kind gift", (cell("levers", "aaa-bbb-slow-border", kind="investment"),), "levers.csv", "instance of harm"),
    Defect("MK118", "mid month",
        (cell("episodes", "aaa-ccc-embargo-2019", starts_on="2019-02-15"),),
        "episodes.csv", "closer than start_precision"),
    Defect("MK118", "no precision",
        (cell("episodes", "aaa-ccc-embargo-2019", ends_on="2020-01-01"),),
        "episodes.csv", "without the other"),
    Defect("MK119", "foresight",
        (cell("positions", "bbb-road-2025-09", known_on="2025-08-31"),),
        "positions.csv", "known before its as_of"),
    Defect("MK065", "any table",
        (cell("episodes", "aaa-ccc-embargo-2019", known_on="2026-01-01"),),
        "episodes.csv", "later than newest_evidence"),
    Defect("MK025", "project of nothing", (cell("projects", "south-road", links="link=no-road"),), "projects.csv", "no link"),
    Defect("MK020", "unknown episode",
        (cell("levers", "aaa-ccc-embargo", episodes="aaa-ccc-2019"),),
        "levers.csv", "did you mean"),
    Defect("MK021", "of a lever", (cell("levers", "aaa-bbb-slow-border", goods="oil"),), "levers.csv", "'oil'"),
    Defect("MK032", "percentage of a project",
        (cell("projects", "south-road", sunk_share_high="20", sunk_share_mode="10"),),
        "projects.csv", "sunk_share_high is above one"),
    Defect("MK100", "with oneself", (cell("ties", "bbb-pact", sender="BBB"),), "ties.csv", "'bbb-pact' ties an actor"),
    Defect("MK100", "with its own company", (cell("ties", "bbb-pact", sender="ARW", target="AAA"),), "ties.csv", "to itself"),
    Defect("MK101", "misspelt",
        (cell("ties", "bbb-pact", indicator="igo_member"),),
        "ties.csv", "did you mean 'igo_membership'"),
    Defect("MK102", "unit", (cell("ties", "bbb-exports-to-aaa-2023", value_unit="USD m"),), "ties.csv", "should be share"),
    Defect("MK102", "dimension", (cell("ties", "bbb-pact", dimension="energy"),), "ties.csv", "should be political"),
    Defect("MK102", "kind", (cell("ties", "bbb-exports-to-aaa-2023", kind="state"),), "ties.csv", "should be observation"),
    Defect("MK103", "percentage",
        (cell("ties", "bbb-exports-to-aaa-2023", value_low="25", value_mode="30", value_high="35"),),
        "ties.csv", "above one"),
    Defect("MK103", "half a member",
        (cell("ties", "bbb-pact", value_low="0.5", value_mode="0.5", value_high="0.5"),),
        "ties.csv", "only is there"),
    Defect("MK104", "same start", (copy("ties", "bbb-pact", tie_id="bbb-pact-2"),), "ties.csv", "there already"),
    Defect("MK104", "states overlap",
        (copy("ties", "bbb-pact", tie_id="bbb-pact-2", starts_on="2001-01-01"),),
        "ties.csv", "'bbb-pact-2' begins before"),
    Defect("MK105", "no end", (cell("ties", "bbb-exports-to-aaa-2023", ends_on=""),), "ties.csv", "has no ends_on"),
    Defect("MK106", "gas in MW", (cell("conduits", "a-b-power", kind="gas"),), "conduits.csv", "capacity_unit"),
    Defect("MK106", "no unit", (cell("conduits", "a-b-power", capacity_unit=""),), "conduits.csv", "no capacity_unit"),
    Defect("MK106", "no year",
        (cell("conduits", "a-b-power", flow_low="1", flow_mode="1", flow_high="1", flow_unit="GWh/yr"),),
        "conduits.csv", "no flow_year"),
    Defect("MK107", "closes first",
        (cell("conduits", "a-b-power", opens_on="2020-01-01", closed_since="2019-01-01"),),
        "conduits.csv", "closes before"),
    Defect("MK107", "no day", (cell("conduits", "a-b-power", status="building"),), "conduits.csv", "has no opens_on"),
    Defect("MK107", "open and closed", (cell("conduits", "a-b-power", closed_since="2019-01-01"),), "conduits.csv", "says open"),
    Defect("MK108", "nobody's ground", (cell("conduits", "a-b-power", territory="AAA;DDD"),), "conduits.csv", "'DDD'"),
    Defect("MK108", "beside its ends", (cell("conduits", "a-b-power", territory="CCC"),), "conduits.csv", "holds neither end"),
    Defect("MK109", "flow above capacity",
        (cell("conduits", "a-b-power", flow_low="5000", flow_mode="5000", flow_high="5000", flow_unit="GWh/yr",
              flow_year="2023"),),
        "conduits.csv", "above its capacity"),
    Defect("MK109", "shares above one",
        (copy("controls", "railway-operator", control_id="line-1", asset_type="conduit", asset="a-b-power", share="0.7"),
         copy("controls", "railway-operator", control_id="line-2", asset_type="conduit", asset="a-b-power", actor="BBB",
              share="0.6")),
        "controls.csv", "adds up to 1.3"),
    Defect("MK027", "unknown conduit",
        (copy("controls", "railway-operator", control_id="line", asset_type="conduit", asset="a-b-powr"),),
        "controls.csv", "did you mean 'a-b-power'"),
    Defect("MK160", "fee on one class", (cell("charges", "a-transit-fee", goods="manufactures"),), "charges.csv", "for all"),
    Defect("MK071", "tie reversed", (cell("ties", "bbb-pact", ends_on="1990-01-01"),), "ties.csv", "starts_on is after"),
    Defect("MK060", "tie without fact", (cell("ties", "bbb-exports-to-aaa-2023", facts=""),), "ties.csv", "names no fact"),
    Defect("MK061", "tie without ground", (cell("ties", "bbb-pact", ground=""),), "ties.csv", "no ground"),
]  # fmt: skip


def test_the_starter_case_is_clean(folder):
    assert [str(finding) for finding in check(folder)] == []


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_the_defect_is_found(defect, folder, spoil):
    spoil(folder, *defect.edits)
    if defect.code == "MK094":
        (folder / "tables" / "good.csv").write_text("x\n", encoding="utf-8")
    found = [finding for finding in check(folder) if finding.code == defect.code]
    assert any(finding.file == defect.file and defect.says in finding.message for finding in found), found
    assert all(finding.cure for finding in found)


def test_every_rule_has_a_spoilt_case():
    fitted = {"MK127", "MK128", "MK129"}  # in test_fitted.py
    documents = {
        f"MK{n}" for n in (*range(150, 157), *range(170, 177))
    }  # in test_plans.py; the seventies in test_tested.py
    tested = {defect.code for defect in DEFECTS} | set(FORMAT_RULES.rules) | fitted | documents
    assert {rule.code for rule in rules()} == tested
    assert len(rules()) >= 30


def test_codes_are_stable_and_say_what_they_mean():
    assert all(rule.code.startswith("MK") and len(rule.code) == 5 and rule.title and rule.cure for rule in rules())


def test_a_transfer_mends_a_gauge_break(folder, spoil):
    bridge = copy("transfers", "b-north-road-rail", transfer_id="b-north-gauge", from_mode="rail", from_gauge_mm="1435")
    spoil(folder, *GAUGE_BREAK, bridge)
    assert not [finding for finding in check(folder) if finding.code == "MK051"]


def test_errors_come_first(folder, spoil):
    spoil(folder, cell("links", RAIL, length_km="900"), cell("links", ROAD, length_km="0"))
    found = [finding.severity for finding in check(folder)]
    assert found == sorted(found)
    assert set(found) == {"error", "warning"}


def test_a_case_in_memory_is_checked_alike(tiny):
    links = tiny.table("links")
    assert check(tiny) == []
    spoilt = tiny.with_tables(links=links.assign(to_place=links["from_place"]))
    assert "MK040" in {finding.code for finding in check(spoilt)}
