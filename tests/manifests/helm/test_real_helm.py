"""The real helm on a chart written by hand: its answers are what the other tests take for granted."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from solutio_topology.manifests import Facts, read_files
from solutio_topology.manifests.helm.charts import open_charts

from .test_charts import oci, write
from .tools import CHARTS, need_helm

RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: front, namespace: hall}
spec:
  chart: {spec: {chart: porter, version: ~1.4}}
  valuesFrom: [{kind: ConfigMap, name: more}]
  values: {port: 9100}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: more, namespace: hall}
data:
  values.yaml: |
    port: 1
    door: {open: true, name: side}
    labels: {shift: "night"}
"""
MONITOR = "\n---\napiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: m}\nspec: {}\n"


@pytest.fixture(autouse=True)
def _helm(monkeypatch: pytest.MonkeyPatch) -> None:
    need_helm(monkeypatch)


def _facts(charts: Path, more: str = "") -> Facts:
    facts = read_files({"a.yaml": (RELEASE + more).encode()}, charts=open_charts(charts))
    assert facts.unreadable == ()
    return facts


def test_a_chart_with_the_values_of_its_release() -> None:
    facts = _facts(CHARTS)
    assert facts.unexpanded == ()
    assert [str(each.key) for each in facts.made] == [
        "ClusterRole front-porter",
        "Service hall/front-porter",
        "Deployment hall/front-porter",
        "Job hall/front-prepare",
    ]
    porter = facts.workloads[0]
    assert porter.labels == {"app": "porter", "release": "front", "shift": "night"}
    (port,) = porter.containers[0].ports
    assert (port.name, port.number, facts.services[0].type) == ("side", 9100, "LoadBalancer")


def test_the_kinds_of_the_manifests_are_those_that_the_chart_asks_for() -> None:
    assert [str(each.key) for each in _facts(CHARTS, MONITOR).services] == [
        "Service hall/front-porter",
        "Service monitoring/front-metrics",
    ]


def test_an_archive_makes_the_same(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "porter-1.4.2.tgz", "w:gz") as archive:
        archive.add(CHARTS / "porter", "porter")
    plain, packed = _facts(CHARTS), _facts(tmp_path)
    assert [each.body for each in packed.made] == [each.body for each in plain.made]


def test_values_that_the_chart_refuses() -> None:
    facts = _facts(CHARTS, "").unexpanded
    assert facts == ()
    refused = read_files(
        {"a.yaml": RELEASE.replace("9100", "99999").encode()},
        charts=open_charts(CHARTS),
    )
    (fault,) = refused.unexpanded
    assert "port 99999 is too large" in fault.message
    assert fault.remedy == "correct the release's values, or the chart"


def test_an_artifact_of_a_registry_makes_the_same(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(CHARTS / "porter", "porter")
    files, _ = oci(packed.getvalue())
    write(tmp_path / "layout", files)
    assert [each.body for each in _facts(tmp_path).made] == [each.body for each in _facts(CHARTS).made]
