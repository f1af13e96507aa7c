"""Whole commands, side by side in one run: minimum, median and maximum of the wall clock in seconds."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = sys.executable
SOLUTIO = [PYTHON, "-m", "solutio_topology"]
RUNS = 9


def main() -> None:
    """Print one markdown table."""
    kustomize = ROOT / ".tools" / "bin" / "kustomize"
    commands = {
        "python -c pass": [PYTHON, "-c", "pass"],
        "solutio --version": [*SOLUTIO, "--version"],
        "solutio validate prod": [*SOLUTIO, "validate", "prod"],
        "solutio render prod (nothing to do)": [*SOLUTIO, "render", "prod"],
        "solutio path prod cf pg": [*SOLUTIO, "path", "prod", "cf", "pg"],
        "solutio cost prod": [*SOLUTIO, "cost", "prod"],
        "solutio reach prod": [*SOLUTIO, "reach", "prod"],
    }
    if kustomize.exists() or shutil.which("kustomize"):
        tool = str(kustomize) if kustomize.exists() else "kustomize"
        commands["kustomize build (one stage of one tenant pod)"] = [tool, "build", "overlays/prod/default/apps"]
    print("| command | min | median | max |\n|---|---|---|---|")
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, capture_output=True, cwd=ROOT, check=False)
            times[name].append(time.perf_counter() - start)
    for name, found in times.items():
        counted = found[1:]
        print(f"| {name} | {min(counted):.3f} | {statistics.median(counted):.3f} | {max(counted):.3f} |")


if __name__ == "__main__":
    main()
