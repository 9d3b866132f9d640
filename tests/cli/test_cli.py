"""The command line on the starter case: exit codes, the two streams, JSON, and what a run leaves behind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mackinder
from mackinder.cli import app

Say = Callable[..., Any]

DRAWS = ["--draws", "3", "--threads", "1"]
RUN_FILES = {
    "claims.json",
    "claims.parquet",
    "draws.parquet",
    "flows.parquet",
    "manifest.json",
    "report.html",
    "results.parquet",
    "routes.parquet",
    "strategy.parquet",
}
TNTP_HEAD = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 2\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> 1\n<END OF METADATA>\n"


@pytest.fixture(scope="module")
def case(say: Say, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter case, made by the command that makes it."""
    folder = tmp_path_factory.mktemp("cases") / "three"
    done = say("new", folder)
    assert (done.code, done.err) == (0, "")
    assert f"mackinder check {folder}" in done.out
    return folder


@pytest.fixture(scope="module")
def ran(say: Say, case: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A run of it, told in words."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    return say("run", case, "--out", folder, *DRAWS), folder


@pytest.fixture
def spoilt(say: Say, tmp_path: Path) -> Path:
    """A starter case with one negative cost and one link to nowhere."""
    say("new", tmp_path / "bad")
    path = tmp_path / "bad" / "tables" / "links.csv"
    text = path.read_text(encoding="utf-8")
    head = text.splitlines()[0].split(",")
    rows = [line.split(",") for line in text.splitlines()[1:3]]
    rows[0][head.index("to_place")] = "nowhere"
    rows[1][head.index("length_km")] = "-5"
    path.write_text("\n".join([*map(",".join, [head, *rows]), *text.splitlines()[3:]]) + "\n", encoding="utf-8")
    return tmp_path / "bad"


def test_the_version_is_the_packages(say: Say) -> None:
    assert say("--version") == (0, f"mackinder {mackinder.__version__}\n", "")


def test_help_names_every_command(say: Say) -> None:
    done = say("--help")
    assert done.code == 0
    names = {command.name for command in app.registered_commands}
    assert len(names) == 25
    assert {name for name in names if re.search(rf"^\W*{name}\b", done.out, re.MULTILINE)} == names


def test_a_run_prints_its_answer_and_narrates_on_the_other_stream(ran: tuple[Any, Path]) -> None:
    done, folder = ran
    assert done.code == 0, done.err
    assert re.search(r"^\[ *[\d.]+ s\] solving routes", done.err, re.MULTILINE)
    assert not re.search(r"^\[ *[\d.]+ s\]", done.out, re.MULTILINE)
    assert "median and 90 % interval" in done.out
    assert str(folder / "report.html") in done.out
    table = [line.split("\t") for line in done.out.splitlines() if "\t" in line]
    assert table[0] == ["corridor", "status-quo", "south-road"]
    assert {len(row) for row in table} == {3}
    assert {row[0] for row in table[1:]} == {"Northern way", "South road"}


def test_the_folder_of_a_run_holds_its_files_and_nothing_half_written(ran: tuple[Any, Path]) -> None:
    _, folder = ran
    assert {path.name for path in folder.iterdir()} == RUN_FILES
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["schema"] == "mackinder.run/1"
    assert (manifest["draws"], manifest["seed"]) == (3, 0)
    assert manifest["scenarios"] == ["status-quo", "south-road"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    say: Say, case: Path, ran: tuple[Any, Path], tmp_path: Path
) -> None:
    """Convention C38, from the outside: threads do not matter either."""
    for name, options in (("again", ["--threads", "2"]), ("other", ["--seed", "1"])):
        assert say("run", case, "--quiet", "--draws", "3", "--out", tmp_path / name, *options).code == 0
    for name in ("results.parquet", "flows.parquet", "routes.parquet", "draws.parquet"):
        assert (tmp_path / "again" / name).read_bytes() == (ran[1] / name).read_bytes(), name
    assert (tmp_path / "other" / "draws.parquet").read_bytes() != (ran[1] / "draws.parquet").read_bytes()


def test_quiet_is_silent_on_stderr_but_for_titles(say: Say, case: Path, tmp_path: Path) -> None:
    done = say("run", case, "-s", "status-quo", "--draws", "1", "--quiet", "--out", tmp_path / "run")
    assert done.code == 0
    assert " s]" not in done.err


Arguments = Callable[[Path, Path, Path], list[object]]
JSON: dict[str, Arguments] = {
    "run": lambda case, ran, room: ["run", case, "-s", "south-road", *DRAWS, "--out", room / "run"],
    "compare": lambda case, ran, room: ["compare", "status-quo", "south-road", "-c", case, "--draws", "3"],
    "route": lambda case, ran, room: ["route", case, "a-city", "b-north-city"],
    "show": lambda case, ran, room: ["show", "a-port", "-c", case],
    "check": lambda case, ran, room: ["check", case],
    "scenarios": lambda case, ran, room: ["scenarios", case],
    "export": lambda case, ran, room: ["export", room / "export", case, "--run", ran],
    "report": lambda case, ran, room: ["report", ran, "-c", case, "--out", room / "again.html"],
    "new": lambda case, ran, room: ["new", room / "new"],
    "assign": lambda case, ran, room: ["assign", room / "net.tntp", room / "trips.tntp"],
    "ties": lambda case, ran, room: ["ties", case, "--draws", "5"],
    "power": lambda case, ran, room: ["power", case, "--draws", "3"],
}


@pytest.mark.parametrize("command", JSON)
def test_every_command_answers_in_json(
    say: Say, command: str, case: Path, ran: tuple[Any, Path], tmp_path: Path
) -> None:
    (tmp_path / "net.tntp").write_text(f"{TNTP_HEAD}~ a b ;\n1 2 10 4 10 1 1 0 0 1 ;\n", encoding="utf-8")
    (tmp_path / "trips.tntp").write_text(
        "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n 2 : 20.0;\n", encoding="utf-8"
    )
    done = say(*JSON[command](case, ran[1], tmp_path), "--json")
    assert done.code == 0, done.err
    answer = json.loads(done.out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert answer.pop("schema") == f"mackinder.{command}/1"
    assert answer


def test_json_is_asked_of_every_command_there_is() -> None:
    elsewhere = {  # the commands with a test file of their own; serve has an API instead
        "ablation", "backtests", "calibrate", "claims", "deals", "forecasts", "levers", "serve", "sweep", "switch", "timeline",
        "vintages", "why",
    }  # fmt: skip
    assert set(JSON) | elsewhere == {command.name for command in app.registered_commands}


def test_json_holds_what_the_files_hold(say: Say, case: Path, ran: tuple[Any, Path], tmp_path: Path) -> None:
    done = say("compare", "status-quo", "south-road", "-c", case, "--draws", "3", "--json", "--quiet")
    answer = json.loads(done.out)
    assert answer["inputs"] == ["South road opens on 2029-01-01 (was: planned, expected 2029-01-01)"]
    (flow,) = (
        row
        for row in answer["results"]
        if (row["indicator"], row["asset"], row["goods"], row["year"]) == ("corridor_flow", "south", "", 2035)
    )
    assert flow["first"] == 0.0
    assert 0.0 < flow["low"] <= flow["value"] <= flow["high"]


def test_comparing_a_scenario_with_itself_finds_nothing(say: Say, case: Path) -> None:
    done = say("compare", "south-road", "south-road", "-c", case, "--draws", "2", "--quiet")
    assert done.code == 0
    assert "in its inputs by:\n  nothing\n" in done.out
    assert "Mt/yr" not in done.out + done.err


def test_scenarios_say_what_they_change(say: Say, case: Path) -> None:
    done = say("scenarios", case)
    assert done.code == 0
    assert "status-quo (baseline): Status quo\n" in done.out
    assert "south-road: South road\n" in done.out
    assert "  - South road opens on 2029-01-01 (was: planned, expected 2029-01-01)\n" in done.out


def test_a_route_names_its_ways_and_who_can_close_them(say: Say, case: Path) -> None:
    done = say("route", case, "a-city", "B-North")
    assert done.code == 0, done.err
    assert done.out.startswith("a-city to B-North, manufactures, scenario status-quo, 2035")
    assert re.search(r"^1\. [\d.,]+ USD/t, [\d.,]+ d, [\d,]+ km, \d+% of the flow$", done.out, re.MULTILINE)
    assert "can be closed by: AAA BBB" in done.out
    assert "\n  AAA: none\n" in done.out


def test_show_tells_a_case_a_link_and_a_pair(say: Say, case: Path) -> None:
    whole, again = say("show", case), say("show", "-c", case)
    assert whole == again
    assert whole.code == 0
    link = say("show", "a-city-a-pass-road", "-c", case)
    assert "time_h: 2.0 h (1.5 to 4.0)" in link.out
    assert "aaa-ccc-embargo" in say("show", "AAA>CCC", "-c", case).out


def test_export_names_the_files_it_wrote(say: Say, case: Path, ran: tuple[Any, Path], tmp_path: Path) -> None:
    done = say("export", tmp_path / "out", case, "--run", ran[1])
    assert done.code == 0, done.err
    written = {str(path) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert set(done.out.splitlines()) == written
    assert {"case.gpkg", "datapackage.json", "results.csv"} <= {Path(path).name for path in written}


def test_report_is_written_again_with_another_headline(
    say: Say, case: Path, ran: tuple[Any, Path], tmp_path: Path
) -> None:
    done = say("report", ran[1], "-c", case, "--headline", "south-road", "--out", tmp_path / "page.html")
    assert done == (0, f"{tmp_path / 'page.html'}\n", "")
    assert "South road" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_sound_case_passes_and_prints_nothing_to_pipe_on(say: Say, case: Path) -> None:
    assert say("check", case) == (0, "", f"{case}: 0 errors, 0 warnings\n")


def test_a_piped_check_prints_one_unwrapped_line_a_finding(say: Say, spoilt: Path) -> None:
    """For grep, sort and cut: the code first, the summary on the other stream."""
    done = say("check", spoilt)
    assert done.code == 3
    lines = done.out.splitlines()
    assert all(re.match(r"MK\d{3} (warning, )?\S+\.(csv|toml)", line) for line in lines)
    assert {"MK020", "MK031"} <= {line.split()[0] for line in lines}
    assert re.fullmatch(rf"{re.escape(str(spoilt))}: {len(lines)} errors, 0 warnings\n", done.err)
    answer = json.loads(say("check", spoilt, "--json").out)
    assert answer["errors"] == len(answer["findings"]) == len(lines)
    assert all(finding["cure"] for finding in answer["findings"])


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["run", "{case}", "-s", "south-raod", "--draws", "1"], 2, "did you mean 'south-road'"),
        (["compare", "status-quo", "south-raod", "-c", "{case}"], 2, "did you mean 'south-road'"),
        (["run", "south-caucasu"], 2, "did you mean 'south-caucasus'"),
        (["run", "{case}", "--draws", "0"], 2, "draws is 0"),
        (["run", "{case}", "--draws", "many"], 2, "--draws"),
        (["rum"], 2, "rum"),
        (["run", "--colour"], 2, "--colour"),
        (["show", "a-prt", "-c", "{case}"], 2, "did you mean 'a-port'"),
        (["route", "{case}", "a-ctiy", "b-north-city"], 2, "did you mean 'a-city'"),
        (["route", "{case}", "a-city", "b-north-city", "--avoid", "AAB"], 2, "did you mean 'AAA'"),
        (["route", "{case}", "a-city", "c-harbour"], 1, "no open and permitted route"),
        (["export", "{room}/out", "{case}", "--formats", "gpgk"], 2, "did you mean 'gpkg'"),
        (["report", "{room}"], 1, "no manifest.json"),
        (["new", "{case}"], 2, "not an empty folder"),
        (["check", "south-caucasu"], 2, "did you mean 'south-caucasus'"),
        (["check", "{room}/nothing"], 2, "no folder"),
    ],
    ids=lambda value: " ".join(value[:1] + value[-1:]) if isinstance(value, list) else None,
)
def test_what_goes_wrong_is_one_message_on_stderr(
    say: Say, arguments: list[str], code: int, says: str, case: Path, tmp_path: Path
) -> None:
    done = say(*(word.format(case=case, room=tmp_path) for word in arguments))
    assert done.code == code, done
    assert done.out == ""
    assert says in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_a_spoilt_case_stops_a_run_with_the_code_for_data(say: Say, spoilt: Path, tmp_path: Path) -> None:
    done = say("run", spoilt, "--quiet", "--draws", "1", "--out", tmp_path / "run")
    assert (done.code, done.out) == (3, "")
    assert "links.csv" in done.err
    assert not (tmp_path / "run").exists()


def test_a_folder_that_cannot_be_written_is_named(say: Say, case: Path, ran: tuple[Any, Path], tmp_path: Path) -> None:
    """A file stands where a folder should be: that stops even an administrator."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    place = tmp_path / "file" / "run"
    for arguments in (
        ["run", case, "-s", "status-quo", "--draws", "1", "--quiet", "--out", place],
        ["report", ran[1], "-c", case, "--out", place],
        ["new", place],
    ):
        done = say(*arguments)
        assert (done.code, done.out) == (1, ""), done
        assert str(place.parent) in done.err
        assert "Traceback" not in done.err
    assert say("export", place, case).code == 3
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_the_program_runs_as_a_module_and_survives_a_reader_that_leaves(case: Path) -> None:
    """One real process: ``python -m mackinder show ... | head -1``."""
    command = [sys.executable, "-m", "mackinder", "show", "-c", str(case)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "kind: case\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
