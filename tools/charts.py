"""Hold the models of charts against real charts, as far as a Go module holds one: pods, labels, ports, Services.

The module proxy serves them in the versions below, not always in those that the models were read from.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from solutio_topology.manifests import Facts, read_files, read_tree
from solutio_topology.manifests.facts import Service, Workload
from solutio_topology.manifests.helm.charts import Charts, open_charts
from solutio_topology.manifests.models.helm import VERSIONS

ROOT = Path(__file__).parent.parent
MODULES = {
    "ingress-nginx": ("k8s.io/ingress-nginx@v0.0.0-20240708192948-52c50467d67d", "charts/ingress-nginx"),
    "cert-manager": ("github.com/cert-manager/cert-manager@v1.21.1", "deploy/charts/cert-manager"),
    "external-dns": ("sigs.k8s.io/external-dns@v0.21.0", "charts/external-dns"),
    "metrics-server": ("sigs.k8s.io/metrics-server@v0.8.0", "charts/metrics-server"),
    "external-secrets": ("github.com/external-secrets/external-secrets@v0.20.4", "deploy/charts/external-secrets"),
}
MORE: dict[str, list[dict[str, Any]]] = {
    "ingress-nginx": [
        {"controller": {"metrics": {"enabled": True}, "hostNetwork": True, "service": {"type": "NodePort"}}},
        {"controller": {"kind": "DaemonSet", "service": {"internal": {"enabled": True, "annotations": {"a": "b"}}}}},
        {"controller": {"admissionWebhooks": {"enabled": False}}, "nameOverride": "gate", "tcp": {"5432": "a/b:5432"}},
    ],
    "cert-manager": [{"webhook": {"securePort": 10260}, "cainjector": {"enabled": False}, "replicaCount": 2}],
    "external-dns": [{"podLabels": {"a": "b"}}],
    "metrics-server": [{"containerPort": 4443, "fullnameOverride": "numbers"}],
    "external-secrets": [{"webhook": {"create": False}, "replicaCount": 2}],
}


def main() -> int:
    """Print every difference; 1 when there is any."""
    os.environ["PATH"] = f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    faults = 0
    with tempfile.TemporaryDirectory() as name:
        for chart, (module, folder) in MODULES.items():
            _fetch(module, folder, Path(name, chart))
        charts = open_charts(Path(name))
        versions = {each.name: each.version for each in charts.charts}
        for chart in MODULES:
            cases = list(_cases(chart))
            told = [line for values in cases for line in differences(chart, values, charts)]
            print(f"{chart}: model of {VERSIONS[chart]}, chart {versions[chart]}: {len(cases)} sets of values")
            print("".join(f"  {line}\n" for line in told), end="")
            faults += len(told)
    return 1 if faults else 0


def _fetch(module: str, folder: str, to: Path) -> None:
    """The chart's folder of a module, without the charts that it depends on."""
    run = subprocess.run(["go", "mod", "download", "-json", module], capture_output=True, check=True)
    shutil.copytree(Path(json.loads(run.stdout)["Dir"]) / folder, to)
    for path in (to, *to.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    file = to / "Chart.yaml"
    file.write_text(re.sub(r"^dependencies:\n(?:[ -].*\n)*", "", file.read_text(), flags=re.MULTILINE))


def _cases(chart: str) -> Iterator[dict[str, Any]]:
    """No values, those that are rendered, and some more."""
    yield {}
    for environment in sorted((ROOT / "rendered").iterdir()):
        for each in read_tree(environment).objects:
            if each.key.kind == "HelmRelease" and each.body["spec"]["chart"]["spec"]["chart"] == chart:
                yield each.body["spec"].get("values", {})
    yield from MORE[chart]


def differences(chart: str, values: dict[str, Any], charts: Charts) -> list[str]:
    """What a release with these values makes by the model and does not by the chart, and the other way round."""
    release = {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": chart, "namespace": "spaces"},
        "spec": {"chart": {"spec": {"chart": chart}}, "releaseName": chart, "values": values},
    }
    files = {"release.yaml": yaml.safe_dump(release).encode()}
    modelled, real = read_files(files), read_files(files, charts=charts)
    told = [each.message for each in (*real.unexpanded, *real.undecided, *modelled.undecided)]
    model, made = _seen(modelled), _seen(real)
    for key in sorted(model.keys() | made.keys()):
        if key.startswith("Job ") and key not in model:
            continue  # Hooks run for a moment; no connection of a path is theirs.
        if model.get(key) != made.get(key):
            told.append(f"{key}: model {model.get(key)}, chart {made.get(key)}, with {json.dumps(values)[:200]}")
    return told


def _seen(facts: Facts) -> dict[str, Any]:
    found: dict[str, Any] = {str(each.key): _workload(each) for each in facts.workloads}
    return found | {str(each.key): _service(each) for each in facts.services}


def _workload(each: Workload) -> Any:
    ports = sorted((port.name, port.number, port.protocol, port.host_port) for c in each.containers for port in c.ports)
    return _stable(each.labels), ports, each.replicas, each.host_network


def _service(each: Service) -> Any:
    ports = sorted((port.name, port.number, str(port.target), port.protocol) for port in each.ports)
    return each.type, sorted((each.selector or {}).items()), ports, each.source_ranges


def _stable(labels: dict[str, str]) -> list[tuple[str, str]]:
    """Labels without those that change with the chart's version, which no policy should name."""
    return sorted((k, v) for k, v in labels.items() if k not in {"helm.sh/chart", "app.kubernetes.io/version"})


if __name__ == "__main__":
    sys.exit(main())
