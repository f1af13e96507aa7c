"""The rule about HelmReleases and the charts at hand."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from solutio_topology.checks.alone import check_each
from solutio_topology.checks.inputs import Evidence
from solutio_topology.external import Templating
from solutio_topology.manifests import read_files
from solutio_topology.manifests.helm.charts import Chart, Charts
from solutio_topology.reach import solve
from tests.checks.world import DOORS, FILES

RELEASE_RULES = frozenset({"R050"})
RELEASE = """
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: porter, namespace: doors}
spec:
  interval: 1h
  chart: {spec: {chart: porter, version: VERSION, sourceRef: {kind: HelmRepository, name: shelf}}}
"""
MADE = b"""
# Source: porter/templates/all.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: porter}
spec:
  replicas: 2
  selector: {matchLabels: {app: porter}}
  template:
    metadata: {labels: {app: porter}}
    spec: {containers: [{name: main, image: "porter:latest", ports: [{containerPort: 70000}]}]}
"""


def _make(_chart: Path, _of: Templating) -> bytes:
    return MADE


def _findings(version: str) -> dict[str, str]:
    files = {**FILES, DOORS: FILES[DOORS] + RELEASE.replace("VERSION", version)}
    shelf = Charts("shelf", (Chart("porter", "1.4.2", "shelf/porter", Path("x")),), template=_make)
    facts = read_files({name: text.encode() for name, text in files.items()}, charts=shelf)
    found = check_each(Evidence(facts, solve(facts), frozenset(files)))
    return {each.code: each.message for each in chain.from_iterable(found) if "porter" in each.message}


def test_a_chart_of_another_version_is_a_finding() -> None:
    assert "asks for porter 2.0.0, and there is 1.4.2" in _findings("2.0.0")["R050"]


def test_a_chart_that_fits_is_none_and_its_pods_are_not_judged_as_if_they_could_be_edited() -> None:
    about_the_release = {"F007", "F008", "F009"}
    assert _findings("1.x").keys() == about_the_release
