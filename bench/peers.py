"""Whole processes on the same manifests: solutio reach, and the policy engine of cyclonus (tools/build.sh peer).

python bench/peers.py [N …]     # workloads and as many policies; without: 500 to 3000, and 10000 for solutio alone
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
PEER = ROOT / ".tools" / "bin" / "peer"
RUNS = 3
BOTH = (500, 1000, 2000, 3000)
ALONE = 10_000


def main() -> None:
    """Print one markdown table: seconds of the processor (a busy machine makes clocks slow), and the peak of memory."""
    from bench.reach_files import write

    sizes = [int(each) for each in sys.argv[1:]] or [*BOTH, ALONE]
    print("| workloads and policies | solutio reach | MiB | cyclonus | MiB | times faster |\n|---|---|---|---|---|---|")
    for count in sizes:
        with tempfile.TemporaryDirectory() as name:
            write(Path(name), count)
            mine = [sys.executable, "-m", "solutio_topology", "reach", name, "--format", "json"]
            if count >= ALONE:
                print(f"| {count} | {told(*measure(mine))} | | | |")
                continue
            runs = [(measure(mine), measure([str(PEER), name])) for _ in range(RUNS)]
        ours, theirs = (min(run[side] for run in runs) for side in (0, 1))
        print(f"| {count} | {told(*ours)} | {told(*theirs)} | {theirs[0] / ours[0]:.1f} |")


def told(seconds: float, wall: float, peak: float) -> str:
    """One half of a row."""
    return f"{seconds:.2f} s ({wall:.2f} s by the clock) | {peak:.0f}"


def measure(command: list[str]) -> tuple[float, float, float]:
    """Seconds of the processor, seconds by the clock, and MiB at the peak of one process; nobody reads its output."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    return used.ru_utime + used.ru_stime, seconds, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
