"""``F``: what Flux would stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from solutio_topology.checks.check import Check, ManifestCheck
from solutio_topology.checks.inputs import Evidence
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Object

MISSING_PATH = Rule(
    code="F004",
    name="missing-flux-path",
    severity=Severity.ERROR,
    summary="A Flux Kustomization whose path does not exist.",
    rationale="Nothing below it is ever applied.",
    example="path: ./rendered/prod/defualt/apps",
    remedy="correct spec.path",
)
MISSING_DEPENDENCY = Rule(
    code="F005",
    name="missing-flux-dependency",
    severity=Severity.ERROR,
    summary="A dependsOn that names no Kustomization or HelmRelease.",
    rationale="What depends on something that does not exist waits for ever.",
    example="dependsOn: [{name: platfrom-configs}]",
    remedy="correct the name",
)
CYCLE = Rule(
    code="F006",
    name="flux-dependency-cycle",
    severity=Severity.ERROR,
    summary="Flux objects that wait for each other.",
    rationale="None of them is ever reconciled.",
    example="a dependsOn b, b dependsOn a",
    remedy="remove one of the dependencies",
)
MISSING_SOURCE = Rule(
    code="F007",
    name="missing-flux-source",
    severity=Severity.ERROR,
    summary="A sourceRef that names no source of the same namespace.",
    rationale="Under multi-tenancy lockdown Flux refuses references across namespaces.",
    example="sourceRef: {kind: GitRepository, name: solutio, namespace: other}",
    remedy="put the source beside what uses it",
)
NO_ACCOUNT = Rule(
    code="F008",
    name="no-flux-service-account",
    severity=Severity.ERROR,
    summary="A Kustomization or HelmRelease without a ServiceAccount of its own.",
    rationale="Under lockdown it runs as the account default, which may do nothing; without, it may do everything.",
    example="a Kustomization without spec.serviceAccountName",
    remedy="set spec.serviceAccountName",
)
INEXACT_CHART = Rule(
    code="F009",
    name="inexact-chart-version",
    severity=Severity.ERROR,
    summary="A chart without an exact version.",
    rationale="What is installed would change without a commit.",
    example="version: 4.x",
    remedy="name one version",
)
UNPROTECTED = Rule(
    code="F010",
    name="unprotected-data",
    severity=Severity.ERROR,
    summary="A volume, database or namespace that Flux's pruning would delete.",
    rationale="Removing a line from git would remove the data.",
    example="a PersistentVolumeClaim without kustomize.toolkit.fluxcd.io/prune: disabled",
    remedy="annotate it with kustomize.toolkit.fluxcd.io/prune: disabled",
)
SLOW_WAIT = Rule(
    code="F011",
    name="wait-on-slow-drain",
    severity=Severity.WARNING,
    summary="Flux waits for a workload whose pods take longer to end than Flux waits.",
    rationale="Every rollout is reported as failed, and what depends on it does not come.",
    example="terminationGracePeriodSeconds: 18000 below a Kustomization with wait: true and timeout: 10m",
    remedy="set wait: false for it, and let nothing depend on it",
)
_KUSTOMIZATION, _RELEASE = "Kustomization", "HelmRelease"
_PRUNE = "kustomize.toolkit.fluxcd.io/prune"
_DATA = {("", "PersistentVolumeClaim"), ("", "Namespace"), ("postgresql.cnpg.io", "Cluster")}
_EXACT = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?")


def _flux(evidence: Evidence) -> Iterator[Object]:
    groups = {"kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"}
    return (each for each in evidence.facts.objects if each.key.group in groups)


def _spec(source: Object) -> dict[str, Any]:
    found = source.body.get("spec")
    return found if isinstance(found, dict) else {}


def missing_paths(evidence: Evidence) -> Iterator[Finding]:
    """Paths below which there is no file; only where the tree is at hand."""
    if not evidence.files:
        return
    for source in _flux(evidence):
        path = _spec(source).get("path")
        if source.key.kind != _KUSTOMIZATION or not isinstance(path, str):
            continue
        folder = path.removeprefix("./").strip("/") + "/"
        if not any(f"/{file}".endswith(f"/{folder}{file.rpartition('/')[2]}") for file in evidence.files):
            where = evidence.locate(source.place.at("spec", "path"))
            yield MISSING_PATH.finding(f"{source.key}: there is nothing at {path}", where, subject=str(source.key))


def dependencies(evidence: Evidence) -> Iterator[Finding]:
    """Dependencies on what does not exist."""
    known = {(source.key.kind, source.key.namespace, source.key.name) for source in _flux(evidence)}
    for source in _flux(evidence):
        for index, each in enumerate(_spec(source).get("dependsOn") or ()):
            name, namespace = each.get("name"), each.get("namespace", source.key.namespace)
            if (source.key.kind, namespace, name) not in known:
                where = evidence.locate(source.place.at("spec", "dependsOn", index))
                message = f"{source.key} depends on {name}, which does not exist"
                yield MISSING_DEPENDENCY.finding(message, where, subject=str(source.key))


def cycles(evidence: Evidence) -> Iterator[Finding]:
    """Dependencies that go round."""
    for kind in (_KUSTOMIZATION, _RELEASE):
        sources = {(each.key.namespace, each.key.name): each for each in _flux(evidence) if each.key.kind == kind}
        waits = {
            place: [(need.get("namespace", place[0]), need.get("name")) for need in _spec(each).get("dependsOn") or ()]
            for place, each in sources.items()
        }
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            names = [name for _, name in error.args[1]]
            first = sources[error.args[1][0]]
            where = evidence.locate(first.place.at("spec", "dependsOn"))
            yield CYCLE.finding(f"these wait for each other: {' -> '.join(names)}", where, subject=str(first.key))


def missing_sources(evidence: Evidence) -> Iterator[Finding]:
    """Sources that do not stand in the namespace of what uses them."""
    known = {
        (each.key.kind, each.key.namespace, each.key.name)
        for each in evidence.facts.objects
        if each.key.group == "source.toolkit.fluxcd.io"
    }
    for source in _flux(evidence):
        for pointer in (("sourceRef",), ("chart", "spec", "sourceRef"), ("chartRef",)):
            reference: Any = _spec(source)
            for step in pointer:
                reference = reference.get(step) if isinstance(reference, dict) else None
            if not isinstance(reference, dict):
                continue
            namespace = reference.get("namespace", source.key.namespace)
            place = (reference.get("kind"), namespace, reference.get("name"))
            if place not in known or namespace != source.key.namespace:
                where = evidence.locate(source.place.at("spec", *pointer))
                message = f"{source.key}: there is no {place[0]} {place[2]} in its namespace"
                yield MISSING_SOURCE.finding(message, where, subject=str(source.key))


def accounts(evidence: Evidence) -> Iterator[Finding]:
    """Flux objects that run as nobody in particular."""
    for source in _flux(evidence):
        if not _spec(source).get("serviceAccountName"):
            where = evidence.locate(source.place.at("spec"))
            yield NO_ACCOUNT.finding(f"{source.key} names no ServiceAccount", where, subject=str(source.key))


def chart_versions(evidence: Evidence) -> Iterator[Finding]:
    """Charts whose version may move."""
    for source in _flux(evidence):
        chart = _spec(source).get("chart")
        chart_spec = chart.get("spec") if isinstance(chart, dict) else None
        if isinstance(chart_spec, dict) and not _EXACT.fullmatch(str(chart_spec.get("version", "*"))):
            where = evidence.locate(source.place.at("spec", "chart", "spec", "version"))
            message = f"{source.key}: {chart_spec.get('version', 'no version')} is no exact version"
            yield INEXACT_CHART.finding(message, where, subject=str(source.key))


def unprotected(evidence: Evidence) -> Iterator[Finding]:
    """Data that pruning would take; only where Flux prunes at all."""
    if not any(_spec(source).get("prune") for source in _flux(evidence)):
        return
    for source in evidence.facts.objects:
        if (source.key.group, source.key.kind) in _DATA and source.annotations.get(_PRUNE) != "disabled":
            where = evidence.locate(source.place.at("metadata"))
            yield UNPROTECTED.finding(f"{source.key} would be deleted by pruning", where, subject=str(source.key))


def slow_waits(evidence: Evidence) -> Iterator[Finding]:
    """Workloads that end slowly, below a Kustomization that waits."""
    for source in _flux(evidence):
        spec = _spec(source)
        if source.key.kind != _KUSTOMIZATION or not spec.get("wait"):
            continue
        folder = str(spec.get("path", "")).removeprefix("./").strip("/") + "/"
        limit = _seconds(str(spec.get("timeout", "5m")))
        for workload in evidence.facts.workloads:
            grace = workload.pod_spec.get("terminationGracePeriodSeconds", 30)
            where = evidence.locate(workload.pod_place)
            if (
                workload.assumed is None
                and isinstance(grace, int)
                and grace > max(limit, 3600)
                and folder in where.file
            ):
                message = f"{source.key} waits {limit} s for {workload.key}, whose pods may take {grace} s to end"
                yield SLOW_WAIT.finding(message, where, subject=str(workload.key))


def _seconds(text: str) -> int:
    units = {"h": 3600, "m": 60, "s": 1}
    return int(sum(float(number) * units[unit] for number, unit in re.findall(r"([0-9.]+)([hms])", text)))


CHECKS: tuple[Check, ...] = (
    ManifestCheck(MISSING_PATH, missing_paths),
    ManifestCheck(MISSING_DEPENDENCY, dependencies),
    ManifestCheck(CYCLE, cycles),
    ManifestCheck(MISSING_SOURCE, missing_sources),
    ManifestCheck(NO_ACCOUNT, accounts),
    ManifestCheck(INEXACT_CHART, chart_versions),
    ManifestCheck(UNPROTECTED, unprotected),
    ManifestCheck(SLOW_WAIT, slow_waits),
)
