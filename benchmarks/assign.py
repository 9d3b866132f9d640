"""User equilibrium beside AequilibraE 1.7: ``python benchmarks/assign.py TNTP_FOLDER [--work FOLDER]``; prints a Markdown table.

TNTP_FOLDER holds SiouxFalls, Anaheim and Chicago-Sketch of the Transportation Networks for Research project. The peer is
installed into a virtual environment of its own under the work folder. Every run is a fresh process; reading of files,
start of the interpreter and set-up of the peer's graph are not timed, ours of the arrays is. The gap is recomputed from
the flows with scipy, the same way for both. "sweep" is one all-origins shortest path sweep at the final costs with the
best kernel at hand, which is the floor of any method that looks for routes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

PEER = "aequilibrae==1.7.2"
#: folder, stem, toll factor, distance factor, published Beckmann objective
NETWORKS = {
    "SiouxFalls": ("SiouxFalls", "SiouxFalls", 0.0, 0.0, 42.31335287107440e5),
    "Anaheim": ("Anaheim", "Anaheim", 0.0, 0.0, None),
    "ChicagoSketch": ("Chicago-Sketch", "ChicagoSketch", 0.02, 0.04, 17313018.7387477),
}


def write_problem(folder: Path, name: str, path: Path) -> None:
    from mackinder.exchange.tntp import read_tntp_network, read_tntp_trips

    place, stem, toll, distance, _ = NETWORKS[name]
    read = read_tntp_network(folder / place / f"{stem}_net.tntp", toll_factor=toll, distance_factor=distance)
    trips = read_tntp_trips(folder / place / f"{stem}_trips.tntp", n_zones=read.n_zones)
    net = read.network
    columns = ("tail", "head", "free_flow_time", "b", "capacity", "power", "fixed_cost", "n_nodes", "first_thru")
    np.savez(path, trips=trips, **{column: getattr(net, column) for column in columns})


def load_network(path: Path):
    from mackinder.equilibrium import road_network

    data = np.load(path)
    names = ("tail", "head", "free_flow_time", "b", "capacity", "power", "fixed_cost")
    numbers = {name: int(data[name]) for name in ("n_nodes", "first_thru")}
    return road_network(**numbers, **{name: data[name] for name in names}), data["trips"]


def run_ours(path: Path, gap: float) -> None:
    """One assignment by mackinder; the child's side, prints JSON."""
    from mackinder.equilibrium import assign, road_network

    two = road_network(n_nodes=2, tail=[0, 0], head=[1, 1], free_flow_time=1.0, b=1.0, capacity=1.0)
    assign(two, [[0, 1], [0, 0]])  # loads the compiled kernels
    network, trips = load_network(path)
    begin = time.perf_counter()
    result = assign(network, trips, gap=gap)
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    np.save(f"{path}.flow.npy", result.link_flow)
    cold, warm = sweeps(network, trips, result.link_cost)
    print(
        json.dumps(
            {"seconds": seconds, "iterations": result.iterations, "peak_mb": peak, "heap_sweep": cold, "sweep": warm}
        )
    )


def sweeps(network, trips: np.ndarray, cost: np.ndarray) -> tuple[float, float]:
    """Seconds of all trees: 4-ary heap, and in the order of last time."""
    from mackinder.kernels.problem import Graph
    from mackinder.kernels.trees import all_trees

    order = np.argsort(network.tail, kind="stable")
    tail = network.tail[order].astype(np.int32)
    pointer = np.searchsorted(tail, np.arange(network.n_nodes + 1)).astype(np.int64)
    graph = Graph(pointer, network.head[order].astype(np.int32), tail, network.first_thru)
    origins = np.arange(len(trips))
    orders = np.empty((origins.size, network.n_nodes), np.int32)
    spent: dict[bool, list[float]] = {False: [], True: []}
    for warm in (False, True):
        for _ in range(6):
            begin = time.perf_counter()
            all_trees(origins, graph, np.ascontiguousarray(cost[order]), orders, warm)
            spent[warm].append(time.perf_counter() - begin)
    return min(spent[False]), min(spent[True])


def judge(path: Path, flow: np.ndarray) -> tuple[float, float]:
    """Relative gap (TSTT - SPTT) / TSTT and Beckmann objective of link flows, by scipy alone."""
    data = np.load(path)
    t0, power, ratio = data["free_flow_time"], data["power"], flow / data["capacity"]
    fixed, delay = t0 + data["fixed_cost"], t0 * data["b"] * ratio**power
    cost = fixed + delay
    n, first = int(data["n_nodes"]), int(data["first_thru"])
    head = np.where(data["head"] < first, data["head"] + n, data["head"])
    graph = csr_matrix((np.maximum(cost, 1e-14), (data["tail"], head)), shape=(2 * n, 2 * n))
    trips = data["trips"].copy()
    np.fill_diagonal(trips, 0.0)
    zones = np.arange(len(trips))
    least = dijkstra(graph, indices=zones)[:, np.where(zones < first, zones + n, zones)]
    total = float(cost @ flow)
    spared = total - float(np.sum(least[trips > 0] * trips[trips > 0]))
    return spared / total, float(np.sum(fixed * flow + delay * flow / (power + 1)))


def peer_python(work: Path) -> Path:
    folder = work / "venv_peer"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PEER], check=True)
    return python


def measure(command: list[str], path: Path, repeat: int, environment: dict[str, str]) -> dict[str, float]:
    runs = []
    for _ in range(repeat):
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    gap, objective = judge(path, np.load(f"{path}.flow.npy"))
    out = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    return {**out, "gap": gap, "objective": objective}


def row(name: str, who: str, asked: float, got: dict[str, float], published: float | None) -> str:
    error = "" if published is None else f"{(got['objective'] - published) / published:.1e}"
    sweep = f"{got['sweep'] * 1e3:.2f} / {got['heap_sweep'] * 1e3:.2f}" if "sweep" in got else ""
    per = got["seconds"] / got["iterations"] * 1e3
    return (
        f"| {name} | {who} | {asked:g} | {got['seconds']:.3f} | {got['iterations']:.0f} | {per:.2f} | {sweep} "
        f"| {got['gap']:.1e} | {error} | {got['peak_mb']:.0f} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tntp", type=Path, help="folder with SiouxFalls, Anaheim and Chicago-Sketch")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mackinder-bench")
    parser.add_argument("--gaps", type=float, nargs="+", default=[1e-4, 1e-6, 1e-10])
    parser.add_argument("--peer-gap", type=float, default=1e-6, help="the peer is run down to this gap only")
    parser.add_argument("--networks", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1, help="of the peer; mackinder uses one")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--child", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child is not None:
        run_ours(asked.tntp, asked.child)
        return 0
    asked.work.mkdir(parents=True, exist_ok=True)
    quiet = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    peer = None if asked.no_peer else peer_python(asked.work)
    heads = (
        "network,engine,gap asked,s,iterations,ms/iteration,sweep warm / heap ms,gap by scipy,objective error,peak MB"
    )
    print("| " + heads.replace(",", " | ") + " |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in asked.networks:
        path = asked.work / f"{name}.npz"
        write_problem(asked.tntp, name, path)
        for gap in asked.gaps:
            ours = [sys.executable, __file__, str(path), "--child", repr(gap)]
            print(row(name, "mackinder", gap, measure(ours, path, asked.repeat, dict(os.environ)), NETWORKS[name][4]))
            if peer is not None and gap >= asked.peer_gap:
                script = Path(__file__).with_name("assign_peer.py")
                theirs = [str(peer), str(script), str(path), repr(gap), str(asked.cores)]
                print(row(name, PEER, gap, measure(theirs, path, asked.repeat, quiet), NETWORKS[name][4]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
