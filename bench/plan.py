"""Plan 100 demands over 1,000 dedicated tenant pods, as a command and its parts: wall clock in seconds."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUNS = 5
POINTS = 100
PODS = 1_000


def main() -> None:
    """Print one markdown table."""
    orgs = ",".join(str(number) for number in range(10, 10 * POINTS + 1, 10))
    ask = ["--orgs", orgs, "--enterprise", str(PODS)]
    command = [sys.executable, "-m", "solutio_topology", "cost", "prod", *ask, "--format", "json"]
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, cwd=ROOT, check=True)
        times.append(time.perf_counter() - start)
    counted = times[1:]
    print("| plan | min | median | max |\n|---|---|---|---|")
    figures = (min(counted), statistics.median(counted), max(counted))
    print(f"| {POINTS} points, {PODS:,} pods | " + " | ".join(f"{each:.2f}" for each in figures) + " |")


if __name__ == "__main__":
    main()
