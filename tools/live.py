"""`solutio diff --live` held against a real API server: the rendered environment is applied to it, then compared.

Definitions of custom kinds come from the published Go modules that tools/crds.py pins.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from control_plane import control_plane, kubectl
from crds import MODULES, download

ROOT = Path(__file__).parents[1]
ENVIRONMENT = "prod"


def main() -> int:
    """Apply, compare, edit, compare again; what is not as it should be is printed."""
    with control_plane() as path, tempfile.TemporaryDirectory() as name:
        topology = Path(name) / "topology.yaml"
        topology.write_bytes((ROOT / "topology.yaml").read_bytes())
        _define(path)
        _apply(path)
        wrong = [*_equal(path, topology), *_edited(path, topology)]
    print("\n".join(wrong or [f"diff --live agrees with a real API server on {ENVIRONMENT}"]))
    return 1 if wrong else 0


def _define(path: Path) -> None:
    for module, folder in MODULES.items():
        for file in sorted((download(module) / folder).glob("*.yaml")):
            if "CustomResourceDefinition" in file.read_text():
                kubectl(path, "apply", "--server-side", "-f", str(file))
    kubectl(path, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    kubectl(path, "create", "namespace", "flux-system")


def _apply(path: Path) -> None:
    """Every folder as Flux applies it, in its order."""
    root = ROOT / "rendered" / ENVIRONMENT
    folders = [file.parent for file in sorted(root.rglob("kustomization.yaml"))]
    for folder in sorted(folders, key=lambda each: ("platform/controllers" not in each.as_posix(), each)):
        found = kubectl(
            path,
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=kustomize-controller",
            "-k",
            str(folder),
        )
        if found.returncode:
            raise SystemExit(f"{folder.relative_to(ROOT)}: {found.stderr}")


def _diff(path: Path, topology: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "solutio_topology", "diff", ENVIRONMENT, "--live", "--format", "json"]
    found = subprocess.run(
        [*command, "--topology", str(topology)],
        env={**os.environ, "KUBECONFIG": str(path)}, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    if found.returncode == 2:
        raise SystemExit(found.stderr)
    result: dict[str, object] = json.loads(found.stdout)
    return result


def _equal(path: Path, topology: Path) -> list[str]:
    found = _diff(path, topology)
    return [f"differs although it was just applied: {each}" for each in _names(found, "objects")]


def _edited(path: Path, topology: Path) -> list[str]:
    """A new image and a smaller volume: what changes is told, and what the server refuses as well."""
    text = topology.read_text()
    topology.write_text(
        text.replace("tag: 2026.11.1", "tag: 2026.11.2").replace("    storage: 5Gi", "    storage: 4Gi")
    )
    found = _diff(path, topology)
    objects, dangers = _names(found, "objects"), found["dangers"]
    assert isinstance(dangers, list)
    wrong = [] if "Deployment solutio-default/api" in objects else ["a new image is not told"]
    refused = [each["subject"] for each in dangers if each["danger"] == "refused"]
    wanted = ["StatefulSet solutio-default/redis", "StatefulSet solutio-org-e/redis"]
    return wrong if refused == wanted else [*wrong, f"refused: {refused}, not {wanted}"]


def _names(found: dict[str, object], part: str) -> list[str]:
    objects = found[part]
    assert isinstance(objects, list)
    return [f"{each['kind']} {each['namespace']}/{each['name']}" for each in objects]


if __name__ == "__main__":
    sys.exit(main())
