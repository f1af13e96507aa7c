"""A rollout that changes every tenant pod of a fleet, side by side with dyff on the same two trees.

python bench/diff_scale.py [--pods 1000] [--different]

Every row is a process of its own: reading both trees, comparing their objects (reading included), dyff on the same
objects in two files, and all of ``solutio diff``: objects, rollout, dangers, connections, money, capacity, findings.
With ``--different`` no two tenant pods are equal: none can stand for another, and all are read and judged.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

_FILES = "rendered/prod"


def main() -> int:
    """Measure, or be one of the measured processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pods", type=int, default=1000)
    parser.add_argument("--different", action="store_true", help="no two tenant pods are equal")
    parser.add_argument("--only", choices=("read", "objects"), help=argparse.SUPPRESS)
    parser.add_argument("--trees", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        _alone(options.only, options.trees)
        return 0
    with tempfile.TemporaryDirectory() as name:
        _measure(Path(name), options.pods, different=options.different)
    return 0


def _alone(what: str, trees: list[Path]) -> None:
    from solutio_topology.diff.objects import compare_objects
    from solutio_topology.manifests import read_tree

    before, after = (read_tree(tree) for tree in trees)
    if what == "objects":
        print(len(compare_objects(before.objects, after.objects)), "objects differ")


def _measure(folder: Path, pods: int, *, different: bool) -> None:
    from bench.fleet import write
    from bench.fleet_speed import SOLUTIO, TOOLS, Bench

    bench = Bench()
    trees = [folder / name for name in ("before", "after")]
    for tree in trees:
        write(tree, pods, different=different)
        if tree.name == "after":
            _change(tree, different=different)
        bench.run(f"render {tree.name}", [*SOLUTIO, "render", "prod"], tree)
        files = sorted(each for each in (tree / _FILES).rglob("*.yaml") if each.name != "kustomization.yaml")
        (folder / f"{tree.name}.yaml").write_bytes(b"\n---\n".join(each.read_bytes() for each in files))
    pair = [str(tree / _FILES) for tree in trees]
    alone = [sys.executable, str(Path(__file__)), "--trees", *pair, "--only"]
    bench.run("read both", [*alone, "read"], folder)
    bench.run("read both and compare the objects", [*alone, "objects"], folder)
    both = [str(folder / f"{tree.name}.yaml") for tree in trees]
    bench.run("dyff between", [str(TOOLS / "dyff"), "between", "--omit-header", *both], folder)
    against = [*SOLUTIO, "diff", "prod", "--against", str(trees[0]), "--exit-zero"]
    bench.run("solutio diff, all of it", against, trees[1])
    kind = "tenant pods of which no two are equal" if different else "equal tenant pods"
    print(f"{pods} {kind}, all changed, {os.getloadavg()[0]:.1f} processes at work at the end\n")
    print("| process | clock, s | CPU, s | memory, MiB |\n|---|---|---|---|")
    for name, run in bench.runs.items():
        print(f"| {name} | {run.clock:.2f} | {run.cpu:.2f} | {run.memory:.0f} |")
    print("\n| goal | measured | |\n|---|---|---|")
    read, dyff = bench.runs["read both"], bench.runs["dyff between"]
    for name in ("read both and compare the objects", "solutio diff, all of it"):
        run = bench.runs[name]
        _goal(f"{name}: at most twice the CPU of reading both", run.cpu / read.cpu, 2)
        _goal(f"{name}: faster than dyff by the clock", run.clock / dyff.clock, 1)
        _goal(f"{name}: faster than dyff by CPU", run.cpu / dyff.cpu, 1)


def _goal(name: str, times: float, most: float) -> None:
    print(f"| {name} | {times:.2f} times | {'met' if times <= most else '**missed**'} |")


def _change(tree: Path, *, different: bool) -> None:
    """Another version of a service in every tenant pod."""
    from bench.fleet import PARTS

    places = sorted((tree / PARTS).glob("*.yaml")) if different else [tree / "topology.yaml"]
    for place in places:
        place.write_text(place.read_text().replace("2026.11.", "2026.12."))


if __name__ == "__main__":
    sys.exit(main())
