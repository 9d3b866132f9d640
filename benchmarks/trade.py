"""Hat algebra beside gegravity 0.3: ``python benchmarks/trade.py sample_data_set.dlm [--work FOLDER]``; prints Markdown.

The data are gegravity's own sample (30 countries, 2006; `examples` of its repository), the experiment its quickstart: an
agreement of Canada and Japan. The peer is installed into a virtual environment of its own under the work folder and timed
without its imports; ours is timed from arrays to result. Agreement is judged in the peer's closure: its equations hold
output and expenditure shares in the resistance terms at their base, which is closure="conditional" here. What the general
equilibrium says instead stands in the rows below. A second table times larger worlds, which the peer does not do.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

PEER = "gegravity==0.3"
AGREEMENT, RATIO = 1e-6, 50.0


def peer_python(work: Path) -> Path:
    folder = work / "venv_gegravity"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PEER], check=True)
    return python


def median_seconds(function: Callable[[], object], repeat: int) -> float:
    function()
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def compare(sample: Path, work: Path, python: Path, repeat: int) -> bool:
    from mackinder.equilibrium import hat_algebra

    path = work / "gegravity.npz"
    command = [str(python), str(Path(__file__).with_name("trade_peer.py")), str(sample), str(path), str(repeat)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    peer = json.loads(done.stdout.splitlines()[-1])
    data = np.load(path)
    base, power, theta = data["base"], data["power"], float(data["theta"])
    print("| engine | closure | ms | times faster | real output, largest difference | price | flows |")
    print("|---|---|---|---|---|---|---|")
    print(f"| {PEER} simulate | its own | {peer['simulate'] * 1e3:.1f} | 1 | | | |")
    whole = sum(peer.values())
    print(f"| {PEER} with baseline | its own | {whole * 1e3:.1f} | {peer['simulate'] / whole:.2f} | | | |")
    fine = True
    for closure in ("conditional", "additive", "multiplicative", "balanced"):
        result = hat_algebra(base, power ** (-1 / theta), theta, closure=closure)
        price = result.wages / result.prices[int(data["reference"])]
        real = float(np.abs(result.wages / result.prices - 1 - data["real"] / 100).max())
        gate = float(np.abs(price - 1 - data["price"] / 100).max())
        flows = ""
        if closure == "conditional":  # its flows let incomes follow prices afterwards
            income = base.sum(axis=1)
            theirs = result.flows * np.outer(price, price) * income.sum() / (income @ price)
            worst = float(np.abs(theirs / data["flows"] - 1).max())
            flows = f"{worst:.1e}"
            fine = max(real, gate, worst) <= AGREEMENT
        seconds = median_seconds(
            lambda closure=closure: hat_algebra(base, power ** (-1 / theta), theta, closure=closure), 50
        )
        ratio = peer["simulate"] / seconds
        fine = fine and ratio >= RATIO
        print(f"| mackinder | {closure} | {seconds * 1e3:.3f} | {ratio:.0f} | {real:.1e} | {gate:.1e} | {flows} |")
    print(f"\nLike for like within {AGREEMENT:g} and {RATIO:g} times faster: {'yes' if fine else 'NO'}")
    return fine


def world(n_goods: int, n: int) -> np.ndarray:
    """A synthetic world with sizes over three orders of magnitude and domestic shares of about three quarters."""
    rng = np.random.default_rng(n)
    size = rng.lognormal(0.0, 1.5, n)
    flows = size[:, None] * size * rng.lognormal(0.0, 1.0, (n_goods, n, n))
    flows[:, range(n), range(n)] = 0.0
    flows[:, range(n), range(n)] = 3.0 * flows.sum(axis=2)
    return flows


def scale(repeat: int) -> None:
    from mackinder.equilibrium import hat_algebra

    print("\n| goods | countries | shock | cold, ms | warm, ms | evaluations | batch of 64, ms a draw |")
    print("|---|---|---|---|---|---|---|")
    for n_goods, n in ((1, 52), (9, 52), (1, 250), (9, 250)):
        flows = world(n_goods, n)
        for size in (0.02, 0.5):
            cost_hat = np.exp(np.random.default_rng(1).normal(0.0, size, flows.shape))
            result = hat_algebra(flows, cost_hat, 5.0)
            cold = median_seconds(lambda f=flows, c=cost_hat: hat_algebra(f, c, 5.0), repeat)
            warm = median_seconds(lambda f=flows, c=cost_hat, w=result.wages: hat_algebra(f, c, 5.0, start=w), repeat)
            batch = ""
            if n_goods * n <= 500:
                many = np.broadcast_to(cost_hat, (64, *cost_hat.shape))
                batch = f"{median_seconds(lambda f=flows, c=many: hat_algebra(f, c, 5.0), 3) / 64 * 1e3:.2f}"
            print(
                f"| {n_goods} | {n} | {size:g} | {cold * 1e3:.2f} | {warm * 1e3:.2f} | {int(result.iterations)} | {batch} |"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "sample", type=Path, nargs="?", help="gegravity's sample_data_set.dlm; without it ours alone is timed"
    )
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mackinder-bench")
    parser.add_argument("--peer-python", type=Path, help="an interpreter that has the peer already")
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, numpy {np.__version__}\n")
    fine = True
    if asked.sample is not None:
        asked.work.mkdir(parents=True, exist_ok=True)
        python = asked.peer_python or peer_python(asked.work)
        fine = compare(asked.sample, asked.work, python, asked.repeat)
    scale(asked.repeat)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
