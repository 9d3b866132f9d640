"""One assignment by AequilibraE, in its own interpreter: ``python assign_peer.py problem.npz GAP CORES``; prints JSON.

Reads and writes arrays only, so that it needs nothing of ours. Timed is `execute` alone; the peer is shown at its best,
with progress bars off.
"""

import json
import logging
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from aequilibrae.matrix import AequilibraeMatrix  # noqa: E402
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass  # noqa: E402
from aequilibrae.utils.python_signal import PythonSignal  # noqa: E402


def main() -> None:
    path, gap, cores = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    logging.disable(logging.CRITICAL)
    PythonSignal.emit = lambda self, *args, **kwargs: None
    data = np.load(path)
    trips = data["trips"].copy()
    np.fill_diagonal(trips, 0.0)
    zones = np.arange(1, len(trips) + 1)
    n = data["tail"].size
    links = pd.DataFrame(
        {
            "link_id": np.arange(1, n + 1),
            "a_node": data["tail"] + 1,
            "b_node": data["head"] + 1,
            "direction": np.ones(n, dtype=np.int64),
            "capacity": data["capacity"],
            "free_flow_time": np.maximum(data["free_flow_time"], 1e-8),  # it refuses zero
            "b": data["b"],
            "power": np.maximum(data["power"], 1.0),
            "fixed": data["fixed_cost"],
        }
    )
    graph = Graph()
    graph.network = links
    graph.mode = "c"
    graph.prepare_graph(zones)
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(bool(data["first_thru"] > 0))
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=len(trips), matrix_names=["d"], memory_only=True)
    matrix.index = zones
    matrix.matrices[:, :, 0] = trips
    matrix.computational_view(["d"])
    cars = TrafficClass("car", graph, matrix)
    if links["fixed"].max() > 0:
        cars.set_fixed_cost("fixed")
        cars.set_vot(1.0)
    job = TrafficAssignment()
    job.set_classes([cars])
    job.set_vdf("BPR")
    job.set_vdf_parameters({"alpha": "b", "beta": "power"})
    job.set_capacity_field("capacity")
    job.set_time_field("free_flow_time")
    job.set_algorithm("bfw")
    job.max_iter = 20_000
    job.rgap_target = gap
    job.set_cores(cores)
    begin = time.perf_counter()
    job.execute(log_specification=False)
    seconds = time.perf_counter() - begin
    flow = job.results()["PCE_tot"].reindex(links["link_id"]).fillna(0.0).to_numpy()
    np.save(path + ".flow.npy", flow)
    rounds = int(job.report()["iteration"].iloc[-1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "iterations": rounds, "peak_mb": peak}))


if __name__ == "__main__":
    main()
