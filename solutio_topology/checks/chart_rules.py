"""``F030``: charts that are installed, and those that the topology's components name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.declared import Declared
from solutio_topology.checks.walk import part
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.identity import SERVICE, TENANT_POD

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.manifests.facts import Object
    from solutio_topology.spec.component import Chart
    from solutio_topology.spec.platform import Controller

DIFFERS = Rule(
    code="F030",
    name="chart-differs",
    severity=Severity.WARNING,
    summary="A HelmRelease installs another chart or version than its component names, or from a misspelt repository.",
    rationale="What is known of the chart, its ports, labels and values, is known of that version; another repository "
    "may hold anything, or nothing.",
    example="version: 9.9.9 where the component's chart is 4.15.1",
    remedy="make the release what the component says, or override the component's chart in the topology",
)


def _charts(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    sources = {
        (each.key.kind, each.key.namespace, each.key.name): str(part(each.body, "spec", "url") or "")
        for kind in ("HelmRepository", "OCIRepository")
        for each in evidence.of_kind(kind, "source.toolkit.fluxcd.io")
    }
    for release in evidence.of_kind("HelmRelease", "helm.toolkit.fluxcd.io"):
        owner = (release.labels.get(TENANT_POD, ""), release.labels.get(SERVICE, ""))
        component, node = declared.component(owner), declared.node(owner)
        override = intent.graph.platform.controllers.get(node.component_name if node else owner[1])
        chart = component.chart if component else None
        for fault in _faults(chart, release, sources, override) if chart else ():
            where = evidence.locate(release.place.at("spec", "chart"))
            yield DIFFERS.finding(f"{release.key} {fault}", where, subject=str(release.key))


def _faults(
    chart: Chart, release: Object, sources: dict[tuple[str, str, str], str], override: Controller | None
) -> Iterator[str]:
    spec = part(release.body, "spec", "chart", "spec")
    if spec is None:
        return  # chartRef: the version stands in the OCIRepository.
    if part(spec, "chart") != chart.name:
        yield f"installs chart {part(spec, 'chart')}; {chart.name} is declared"
    version = (override.version if override else None) or chart.version
    if str(part(spec, "version")) != version:
        yield f"installs version {part(spec, 'version')}; {version} is declared"
    ref = part(spec, "sourceRef")
    space = str(part(ref, "namespace") or release.key.namespace)
    url = sources.get((str(part(ref, "kind")), space, str(part(ref, "name"))))
    if url == "":
        yield f"takes its chart from {part(ref, 'kind')} {part(ref, 'name')}, which names no url"
    if url and _is_misspelt(url.rstrip("/"), chart.repository.rstrip("/")):
        yield f"takes its chart from {url}; {chart.repository} is declared"


def _is_misspelt(url: str, meant: str) -> bool:
    """Whether an address comes near the declared one and is another: a mirror is called otherwise altogether."""
    return url != meant and bool(difflib.get_close_matches(url, [meant], cutoff=0.8))


CHECKS: tuple[Check, ...] = (BothCheck(DIFFERS, _charts),)
