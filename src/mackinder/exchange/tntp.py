"""TNTP files of the Transportation Networks for Research project: network, trips and flows.

The format numbers nodes from 1, zones first. Cost of a link is
``free_flow_time (1 + b (volume / capacity)^power) + toll_factor toll + distance_factor length``.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mackinder.equilibrium._assign import assign
from mackinder.equilibrium.assignment import Assignment
from mackinder.equilibrium.road import RoadNetwork, road_network
from mackinder.errors import ExchangeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "TntpFlows",
    "TntpNetwork",
    "assign_tntp",
    "read_tntp_flows",
    "read_tntp_network",
    "read_tntp_trips",
    "write_flows_csv",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_COLUMNS = (
    "init_node",
    "term_node",
    "capacity",
    "length",
    "free_flow_time",
    "b",
    "power",
    "speed",
    "toll",
    "link_type",
)
_NEEDED = ("init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "toll")
_TAG = re.compile(r"\s*<\s*([^>]+?)\s*>\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TntpNetwork:
    """A network file: the record to assign on, and the columns that the cost does not need.

    Attributes
    ----------
    network : RoadNetwork
        Nodes from 0; `fixed_cost` holds tolls and distance at the factors given.
    n_zones : int
        Zones are the first nodes.
    length, toll : ndarray, shape (n_links,), as in the file
    """

    network: RoadNetwork
    n_zones: int
    length: Floats
    toll: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class TntpFlows:
    """A flow file: nodes from 0, volume and cost per link."""

    tail: Ints
    head: Ints
    volume: Floats
    cost: Floats


def _fail(path: Path, line: int | None, what: str) -> ExchangeError:
    where = f"{path.name}" if line is None else f"{path.name}, line {line}"
    return ExchangeError(f"{where}: {what}")


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        reason = error.strerror or str(error)
        raise _fail(path, None, f"cannot be read ({reason}); check the path") from error


def _metadata(path: Path, lines: list[str]) -> tuple[dict[str, tuple[str, int]], int]:
    """Tags with their value and line, and the index of the first line after the metadata."""
    tags: dict[str, tuple[str, int]] = {}
    for index, line in enumerate(lines):
        match = _TAG.match(line)
        if match is None:
            continue
        name = match[1].upper()
        if name == "END OF METADATA":
            return tags, index + 1
        tags[name] = (match[2].split("~")[0].strip(), index + 1)
    raise _fail(path, None, "has no <END OF METADATA>; is it a TNTP file, and is it whole?")


def _count(path: Path, tags: dict[str, tuple[str, int]], name: str) -> int:
    if name not in tags:
        cure = " (1 if every node may be passed)" if name == "FIRST THRU NODE" else ""
        raise _fail(path, None, f"<{name}> is missing from the metadata; add it{cure}")
    text, line = tags[name]
    try:
        value = int(text)
    except ValueError as error:
        raise _fail(path, line, f"<{name}> is {text!r}; a whole number is needed") from error
    if value < 1:
        raise _fail(path, line, f"<{name}> is {value}; it must be at least 1")
    return value


def _number(path: Path, line: int, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise _fail(path, line, f"{name} is {text!r}; a number is needed") from error
    if not math.isfinite(value) or value < 0:
        raise _fail(path, line, f"{name} is {text}; a finite number that is at least zero is needed")
    return value


def _node(path: Path, line: int, name: str, text: str, most: int) -> int:
    try:
        value = int(text)
    except ValueError as error:
        raise _fail(path, line, f"{name} is {text!r}; a whole number is needed") from error
    if not 1 <= value <= most:
        raise _fail(path, line, f"{name} is {value}; it must lie between 1 and {most}")
    return value


def _header(line: str) -> list[str] | None:
    names = line.strip().lstrip("~").replace(";", " ").lower().split()
    return names if set(_NEEDED) <= set(names) else None


def read_tntp_network(path: str | Path, *, toll_factor: float = 0.0, distance_factor: float = 0.0) -> TntpNetwork:
    """Read a ``*_net.tntp`` file.

    Parameters
    ----------
    path : str or Path
    toll_factor : float, cost units per toll unit
    distance_factor : float, cost units per length unit
        Chicago-Sketch is published with 0.02 min/cent and 0.04 min/mile.

    Returns
    -------
    TntpNetwork
        Links in the order of the file; a pair of nodes that stands there twice is two parallel links.

    Raises
    ------
    ExchangeError
        The file is malformed; the message gives file and line.
    UsageError
        A factor is negative or not a number.
    """
    for name, factor in (("toll_factor", toll_factor), ("distance_factor", distance_factor)):
        if not math.isfinite(factor) or factor < 0:
            msg = f"{name} is {factor}; it must be a number that is at least zero"
            raise UsageError(msg)
    path = Path(path)
    lines = _lines(path)
    tags, start = _metadata(path, lines)
    n_zones = _count(path, tags, "NUMBER OF ZONES")
    n_nodes = _count(path, tags, "NUMBER OF NODES")
    n_links = _count(path, tags, "NUMBER OF LINKS")
    first_thru = _count(path, tags, "FIRST THRU NODE")
    if n_zones > n_nodes:
        raise _fail(
            path, tags["NUMBER OF ZONES"][1], f"{n_zones} zones but only {n_nodes} nodes; zones are the first nodes"
        )
    if first_thru > n_nodes + 1:
        raise _fail(
            path, tags["FIRST THRU NODE"][1], f"<FIRST THRU NODE> is {first_thru} but there are {n_nodes} nodes"
        )
    names: list[str] = list(_COLUMNS)
    rows: list[tuple[float, ...]] = []
    for number, line in enumerate(lines[start:], start + 1):
        text = line.split(";")[0].strip()
        if line.lstrip().startswith("~"):
            names = _header(line) or names
        elif text:
            rows.append(_link(path, number, text.split(), names, n_nodes))
    if len(rows) != n_links:
        what = f"{len(rows)} links were read but <NUMBER OF LINKS> says {n_links}; is the file whole?"
        raise _fail(path, tags["NUMBER OF LINKS"][1], what)
    tail, head, capacity, length, time, b, power, toll = (np.array(c) for c in zip(*rows, strict=True))
    network = road_network(
        n_nodes=n_nodes,
        tail=tail.astype(np.int64) - 1,
        head=head.astype(np.int64) - 1,
        free_flow_time=time,
        b=b,
        capacity=capacity,
        power=power,
        fixed_cost=toll_factor * toll + distance_factor * length,
        first_thru=first_thru - 1,
    )
    return TntpNetwork(network=network, n_zones=n_zones, length=length, toll=toll)


def _link(path: Path, line: int, cells: list[str], names: list[str], n_nodes: int) -> tuple[float, ...]:
    if len(cells) < len(names) - 1 or len(cells) > max(len(names), len(_COLUMNS)):  # link type is often left out
        raise _fail(path, line, f"{len(cells)} columns where {len(names)} are needed: {' '.join(names)}")
    row = dict(zip(names, cells, strict=False))
    missing = [name for name in _NEEDED if name not in row]
    if missing:
        raise _fail(path, line, f"column {missing[0]} is missing")
    ends = tuple(float(_node(path, line, name, row[name], n_nodes)) for name in _NEEDED[:2])
    values = {name: _number(path, line, name, row[name]) for name in _NEEDED[2:]}
    if values["capacity"] == 0 and values["free_flow_time"] * values["b"] > 0 and values["power"] > 0:
        raise _fail(path, line, "capacity is 0 on a link with flow-dependent delay; give a capacity or drop the link")
    return ends + tuple(values.values())


def _entries(lines: list[str], start: int) -> Iterator[tuple[int, str]]:
    """Non-empty pieces between semicolons, with their line."""
    for number, line in enumerate(lines[start:], start + 1):
        if line.lstrip().startswith("~"):
            continue
        for piece in line.split(";"):
            if piece.strip():
                yield number, piece.strip()


def read_tntp_trips(path: str | Path, *, n_zones: int | None = None) -> Floats:
    """Read a ``*_trips.tntp`` file into a matrix.

    Parameters
    ----------
    path : str or Path
    n_zones : int, optional
        Zones of the network; another number in the file is an error.

    Returns
    -------
    ndarray, shape (n_zones, n_zones), trips
        Zones from 0; intrazonal trips stand on the diagonal.

    Raises
    ------
    ExchangeError
        The file is malformed, or a pair stands there twice; the message gives file and line.
    """
    path = Path(path)
    lines = _lines(path)
    tags, start = _metadata(path, lines)
    count = _count(path, tags, "NUMBER OF ZONES")
    if n_zones is not None and count != n_zones:
        what = f"{count} zones where the network has {n_zones}; do the files belong together?"
        raise _fail(path, tags["NUMBER OF ZONES"][1], what)
    trips = np.zeros((count, count))
    seen = np.zeros((count, count), dtype=bool)
    origin = -1
    for line, piece in _entries(lines, start):
        if piece[:6].lower() == "origin":
            origin = _node(path, line, "origin", piece[6:].strip(), count) - 1
            continue
        left, colon, right = piece.partition(":")
        if not colon:
            raise _fail(path, line, f"{piece!r} is neither 'Origin n' nor 'destination : trips;'")
        if origin < 0:
            raise _fail(path, line, "trips stand before the first 'Origin' line")
        target = _node(path, line, "destination", left.strip(), count) - 1
        if seen[origin, target]:
            raise _fail(
                path, line, f"pair {origin + 1}->{target + 1} stands here a second time; which of the two holds?"
            )
        seen[origin, target] = True
        trips[origin, target] = _number(path, line, f"trips {origin + 1}->{target + 1}", right.strip())
    return trips


def read_tntp_flows(path: str | Path) -> TntpFlows:
    """Read a ``*_flow.tntp`` file: from, to, volume, cost in each row, after a header.

    Raises
    ------
    ExchangeError
        A row after the first one is malformed, or there is none; the message gives file and line.
    """
    path = Path(path)
    rows: list[tuple[float, ...]] = []
    for number, line in enumerate(_lines(path), 1):
        cells = line.replace(";", " ").replace(":", " ").split()
        if not cells or cells[0].startswith(("~", "<")) or (not rows and not cells[0].isdigit()):
            continue
        if len(cells) < 4:
            raise _fail(path, number, f"{len(cells)} columns where from, to, volume and cost are needed")
        ends = [
            float(_node(path, number, name, cell, 1 << 31)) for name, cell in zip(("from", "to"), cells, strict=False)
        ]
        rows.append(
            (*ends, *(_number(path, number, name, c) for name, c in zip(("volume", "cost"), cells[2:], strict=False)))
        )
    if not rows:
        raise _fail(path, None, "has no rows of from, to, volume, cost")
    tail, head, volume, cost = (np.array(c) for c in zip(*rows, strict=True))
    return TntpFlows(tail=tail.astype(np.int64) - 1, head=head.astype(np.int64) - 1, volume=volume, cost=cost)


def assign_tntp(
    net: str | Path,
    trips: str | Path,
    *,
    gap: float = 1e-6,
    toll_factor: float = 0.0,
    distance_factor: float = 0.0,
    max_iterations: int = 2000,
) -> tuple[TntpNetwork, Assignment, dict[str, str | int | float]]:
    """Read two files, find the user equilibrium, and sum it up.

    Returns
    -------
    network : TntpNetwork
    assignment : Assignment
    summary : dict
        Status, sizes, relative gap, Beckmann objective, total cost and seconds, for a screen or a JSON file.

    Raises
    ------
    ExchangeError, NoRouteError, NotConvergedError
    """
    network = read_tntp_network(net, toll_factor=toll_factor, distance_factor=distance_factor)
    matrix = read_tntp_trips(trips, n_zones=network.n_zones)
    begin = perf_counter()
    result = assign(network.network, matrix, gap=gap, max_iterations=max_iterations)
    seconds = perf_counter() - begin
    summary: dict[str, str | int | float] = {
        "network": Path(net).name,
        "trips": Path(trips).name,
        "status": result.status,
        "zones": network.n_zones,
        "nodes": network.network.n_nodes,
        "links": network.network.n_links,
        "pairs": int(result.pairs.row.size),
        "routes": int(result.routes.flow.size),
        "demand": float(result.pairs.quantity.sum()),
        "intrazonal_demand": result.intrazonal,
        "toll_factor": toll_factor,
        "distance_factor": distance_factor,
        "gap_asked": gap,
        "relative_gap": result.relative_gap,
        "iterations": result.iterations,
        "beckmann_objective": result.objective,
        "total_cost": float(result.link_flow @ result.link_cost),
        "seconds": seconds,
    }
    return network, result, summary


def write_flows_csv(path: str | Path, network: RoadNetwork, assignment: Assignment) -> None:
    """Write init_node, term_node, volume, cost per link, in the order of the network, nodes from 1, all digits."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["init_node", "term_node", "volume", "cost"])
        for tail, head, volume, cost in zip(
            network.tail.tolist(),
            network.head.tolist(),
            assignment.link_flow.tolist(),
            assignment.link_cost.tolist(),
            strict=True,
        ):
            writer.writerow([tail + 1, head + 1, repr(volume), repr(cost)])
