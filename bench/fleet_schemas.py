"""The schemas of a fleet's manifests and nothing else, as kubeconform does: which tenant pods are equal, then the rest.

python bench/fleet_schemas.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

from solutio_topology.checks.inputs import Evidence
from solutio_topology.checks.schema_rules import schema_findings
from solutio_topology.manifests import read_files
from solutio_topology.manifests.read import every_path, read_manifest
from solutio_topology.workflows.equals import judged
from solutio_topology.workflows.prints import Prints
from solutio_topology.workflows.project import expand_environment, open_project


def main(folder: Path) -> int:
    """Print how many objects stand for how many tenant pods; 1 when one of them breaks its schema."""
    graph = expand_environment(open_project(folder / "topology.yaml"), "prod")
    root = folder / "rendered" / "prod"
    paths = [path.relative_to(root).as_posix() for path in every_path(root)]
    prints = Prints(folder, "prod")  # Without hashes none is known: everything is read.
    found = judged(graph, paths, lambda path: read_manifest(root / path), prints, hashes={}, prefix="")
    evidence = Evidence(read_files(found.files), cast(Any, None), kubernetes=graph.platform.kubernetes)
    faults = list(schema_findings(evidence))
    equal = sum(len(others) for others in found.stands_for.values())
    print(f"{len(evidence.facts.objects)} objects, {equal} tenant pods equal to others, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    import gc

    gc.set_threshold(200_000, 20, 20)
    sys.exit(main(Path(sys.argv[1])))
