"""Names that do not mislead: zones that hold more than a country, and scenarios that were not run."""

from __future__ import annotations

import pandas as pd
import pytest

from mackinder.report.naming import build_names, economy_labels, economy_note, scenarios_of


def test_an_economy_is_called_as_what_it_holds(starter):
    """Convention C159."""
    zones = starter.table("zones").copy()
    assert economy_labels(starter) == {}
    ccc = zones["country"] == "CCC"
    assert ccc.sum() == 1
    zones.loc[ccc, "members"] = "CCC;DDD;EEE"
    wide = starter.with_tables(zones=zones)
    label = str(zones.loc[ccc, "label"].iloc[0])
    assert economy_labels(wide) == {"CCC": label}
    names = build_names(wide, "status-quo", ["south-road"], {}, "neutral", ())
    assert names.economy("CCC") == label
    assert names.economy("AAA") == names.actor("AAA")
    zones.loc[zones["country"] == "BBB", "members"] = "BBB;FFF"  # of two zones one is enough
    several = starter.with_tables(zones=zones)
    assert economy_labels(several)["BBB"].endswith("and neighbours")
    assert "1 smaller neighbours" in economy_note(several, {"BBB"})
    assert economy_note(several, {"AAA"}) == ""


def test_worlds_of_the_timeline_are_no_scenarios_of_the_run(starter):
    rows = pd.DataFrame({"scenario": ["status-quo", "south-road", "a-world", ""]})
    assert scenarios_of(rows, starter, {"scenarios": ["status-quo", "south-road"]}) == ("status-quo", ["south-road"])
    assert scenarios_of(rows, starter, {})[1] == ["south-road", "a-world"]


@pytest.fixture(scope="module")
def warlike(tmp_path_factory):
    """The starter with its second scenario told as a range, run small."""
    from mackinder.archive import write_run
    from mackinder.case import read_case, scaffold
    from mackinder.ensemble import run

    folder = scaffold(tmp_path_factory.mktemp("war") / "three")
    file = folder / "scenarios" / "south-road.toml"
    file.write_text("range_only = true\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    case = read_case(folder)
    return case, write_run(run(case, None, draws=3, threads=1), tmp_path_factory.mktemp("war-run"))


def test_a_scenario_of_war_is_told_as_a_range_all_over_the_report(warlike, tmp_path):
    """Convention C161: no middle and no decimals, in text, tables and charts, of it and of what is compared with it."""
    from mackinder.report import report_of_run
    from mackinder.report.shell import read_island, read_shell

    case, result = warlike
    content, path = report_of_run(result, case, tmp_path / "report.html")
    flows = next(t for s in content.sections if s.section_id == "corridors" for t in s.tables)
    assert len(flows.columns) == 4  # corridor, A, B, change
    for row in flows.rows:
        assert "(" in row[1]
        for cell in row[2:]:
            assert "(" not in cell.split(";")[0]
            assert "." not in cell.split(" Mt")[0]
    picture = next(str(f.svg) for s in content.sections if s.section_id == "cost" for f in s.figures)
    assert picture.count('fill="#0b62a8"') == 1  # the key alone has a dot in the colour of B
    if read_shell() is not None:
        assert read_island(path.read_text(encoding="utf-8"))["ranges"] == ["south-road"]


def test_what_holds_a_scenario_of_war_is_one_and_nothing_else_is(warlike):
    """Convention C161."""
    from mackinder.errors import ScenarioError
    from mackinder.scenario import read_scenario

    case, _ = warlike
    assert not read_scenario("status-quo", case).range_only
    assert read_scenario("status-quo+south-road", case).range_only
    file = case.folder / "scenarios" / "odd.toml"
    file.write_text('id = "odd"\nlabel = "Odd"\ndescription = "x"\nrange_only = "perhaps"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match="range_only is true or false"):
        read_scenario("odd", case)
    file.unlink()
