"""TNTP files: what is read, and that what is malformed is refused with file and line."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mackinder.equilibrium import assign
from mackinder.errors import ExchangeError, NoRouteError, UsageError
from mackinder.exchange.tntp import (
    assign_tntp,
    read_tntp_flows,
    read_tntp_network,
    read_tntp_trips,
    write_flows_csv,
)

NET = """<NUMBER OF ZONES> 2\t
<NUMBER OF NODES> 4
<FIRST THRU NODE> 3 ~ centroids are not passed
<NUMBER OF LINKS> 5
<ORIGINAL HEADER>~ Init node Term node Capacity
<END OF METADATA>

~ \tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;
\t1\t3\t1\t2\t0\t0.15\t4\t0\t0\t3\t;
\t3\t4\t10.5\t3\t6\t0.15\t4\t50\t100\t1\t;
\t3\t4\t1\t3\t7\t0\t0\t50\t0\t1\t;
~ a remark
\t4\t2\t1\t2\t0\t0.15\t4\t0\t0\t3\t;
\t1\t2\t1\t2\t9\t0.5\t0\t0\t0\t3\t;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 25.0
<END OF METADATA>
~ remark

Origin \t1
    1 :  5.0;  2 : 20.0;
Origin 2
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    net, trips = tmp_path / "small_net.tntp", tmp_path / "small_trips.tntp"
    net.write_text(NET, encoding="utf-8")
    trips.write_text(TRIPS, encoding="utf-8")
    return net, trips


def test_network(files: tuple[Path, Path]) -> None:
    read = read_tntp_network(files[0], toll_factor=0.02, distance_factor=0.5)
    net = read.network
    assert (read.n_zones, net.n_nodes, net.n_links, net.first_thru) == (2, 4, 5, 2)
    assert net.tail.tolist() == [0, 2, 2, 3, 0]
    assert net.head.tolist() == [2, 3, 3, 1, 1]
    assert net.fixed_cost.tolist() == [1.0, 3.5, 1.5, 1.0, 1.0]
    assert net.capacity[1] == 10.5
    assert read.toll.tolist() == [0, 100, 0, 0, 0]


def test_trips_and_their_assignment(files: tuple[Path, Path], tmp_path: Path) -> None:
    """Parallel links, zero-cost connectors, power 0 (9 x 1.5 = 13.5) and intrazonal demand in one."""
    trips = read_tntp_trips(files[1], n_zones=2)
    assert trips.tolist() == [[5.0, 20.0], [0.0, 0.0]]
    read = read_tntp_network(files[0])
    result = assign(read.network, trips, gap=1e-12)
    fast = 10.5 * ((7 / 6 - 1) / 0.15) ** 0.25  # the first of the parallel roads fills until it takes 7
    np.testing.assert_allclose(result.link_flow, [20, fast, 20 - fast, 20, 0], atol=1e-6)
    np.testing.assert_allclose(result.link_cost, [0, 7, 7, 0, 13.5], rtol=1e-9)
    assert result.intrazonal == 5.0
    write_flows_csv(tmp_path / "flows.csv", read.network, result)
    with (tmp_path / "flows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["init_node"], r["term_node"]) for r in rows] == [
        ("1", "3"),
        ("3", "4"),
        ("3", "4"),
        ("4", "2"),
        ("1", "2"),
    ]
    assert [float(r["volume"]) for r in rows] == result.link_flow.tolist()
    assert [float(r["cost"]) for r in rows] == result.link_cost.tolist()


def test_summary(files: tuple[Path, Path]) -> None:
    _, result, summary = assign_tntp(*files, gap=1e-8)
    assert summary["status"] == "converged"
    assert summary["relative_gap"] == result.relative_gap <= 1e-8
    assert (summary["demand"], summary["intrazonal_demand"], summary["pairs"]) == (20.0, 5.0, 1)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<END OF METADATA>", "", "small_net.tntp: has no <END OF METADATA>"),
        ("<FIRST THRU NODE> 3", "<FIRST NODE> 3", "small_net.tntp: <FIRST THRU NODE> is missing .*add it"),
        ("<NUMBER OF NODES> 4", "<NUMBER OF NODES> four", "small_net.tntp, line 2: <NUMBER OF NODES> is 'four'"),
        ("<NUMBER OF NODES> 4", "<NUMBER OF NODES> 3", "small_net.tntp, line 10: term_node is 4; .* between 1 and 3"),
        ("<NUMBER OF LINKS> 5", "<NUMBER OF LINKS> 6", "small_net.tntp, line 4: 5 links were read but .* says 6"),
        ("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> 5", "small_net.tntp, line 1: 5 zones but only 4 nodes"),
        ("10.5", "many", "small_net.tntp, line 10: capacity is 'many'; a number is needed"),
        ("10.5", "nan", "small_net.tntp, line 10: capacity is nan; a finite number"),
        ("10.5", "0", "small_net.tntp, line 10: capacity is 0 on a link with flow-dependent delay"),
        ("10.5\t3\t6", "10.5\t3\t-6", "small_net.tntp, line 10: free_flow_time is -6"),
        ("10.5\t3\t6", "10.5", "small_net.tntp, line 10: 8 columns where 10 are needed"),
        ("\t3\t4\t10.5", "\t3.5\t4\t10.5", "small_net.tntp, line 10: init_node is '3.5'; a whole number"),
    ],
)
def test_malformed_networks(files: tuple[Path, Path], old: str, new: str, message: str) -> None:
    assert old in NET
    files[0].write_text(NET.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ExchangeError, match=message):
        read_tntp_network(files[0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2 : 20.0", "2 : lots", "small_trips.tntp, line 7: trips 1->2 is 'lots'"),
        ("2 : 20.0", "2 : -1", "small_trips.tntp, line 7: trips 1->2 is -1; a finite number that is at least zero"),
        ("2 : 20.0", "2 : inf", "small_trips.tntp, line 7: trips 1->2 is inf"),
        ("2 : 20.0", "3 : 20.0", "small_trips.tntp, line 7: destination is 3; it must lie between 1 and 2"),
        ("2 : 20.0", "1 : 20.0", "small_trips.tntp, line 7: pair 1->1 stands here a second time"),
        ("2 : 20.0", "2 20.0", "small_trips.tntp, line 7: '2 20.0' is neither"),
        ("Origin \t1", "", "small_trips.tntp, line 7: trips stand before the first 'Origin'"),
        ("Origin 2", "Origin two", "small_trips.tntp, line 8: origin is 'two'"),
        ("<NUMBER OF ZONES> 2", "<NUMBER OF ZONES> 7", "small_trips.tntp, line 1: 7 zones where the network has 2"),
    ],
)
def test_malformed_trips(files: tuple[Path, Path], old: str, new: str, message: str) -> None:
    assert old in TRIPS
    files[1].write_text(TRIPS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ExchangeError, match=message):
        read_tntp_trips(files[1], n_zones=2)


def test_files_that_are_not_there_or_make_no_sense(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"none\.tntp: cannot be read \(No such file"):
        read_tntp_network(tmp_path / "none.tntp")
    with pytest.raises(UsageError, match="toll_factor is -1"):
        read_tntp_network(files[0], toll_factor=-1)
    files[1].write_text(TRIPS + "1 : 3.0;", encoding="utf-8")
    with pytest.raises(NoRouteError, match="1 pairs with demand have no route: 1->0"):
        assign_tntp(*files)


def test_flow_files(tmp_path: Path) -> None:
    path = tmp_path / "small_flow.tntp"
    path.write_text("From \tTo \tVolume \tCost \n1 \t3 \t20.5 \t0 \n3 4 : 7 8.25 ;\n", encoding="utf-8")
    flows = read_tntp_flows(path)
    assert (flows.tail.tolist(), flows.head.tolist()) == ([0, 2], [2, 3])
    assert (flows.volume.tolist(), flows.cost.tolist()) == ([20.5, 7.0], [0.0, 8.25])
    path.write_text("From To Volume Cost\n1 3 20.5 0\n3 4 7\n", encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"small_flow\.tntp, line 3: 3 columns"):
        read_tntp_flows(path)
