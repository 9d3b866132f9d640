"""Seconds of the commands that have a bar, medians of warm repetitions: `make bench`."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MACKINDER = str(Path(sys.executable).parent / "mackinder")


def seconds(arguments: list[str], repetitions: int) -> float:
    """Median over repetitions after one that warms files and kernels."""
    spent = []
    for _ in range(repetitions + 1):
        start = time.perf_counter()
        subprocess.run([MACKINDER, *arguments], check=True, capture_output=True)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent[1:])


def main() -> int:
    """Print one line a command; exit 1 if any misses its bar."""
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            (["--help"], 5, 0.5),
            (["route", "south-caucasus", "xian", "duisburg"], 3, 3.0),
            (["run", "south-caucasus", "--out", folder], 1, 15.0),
        ]
        for arguments, repetitions, bar in rows:
            taken = seconds(arguments, repetitions)
            missed += taken > bar
            verdict = "ok" if taken <= bar else "MISSED"
            print(f"mackinder {' '.join(arguments[:4]):42} {taken:7.2f} s   bar {bar:5.1f} s   {verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
