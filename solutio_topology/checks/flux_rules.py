"""``F``: Flux's Kustomizations, HelmReleases and sources: what they name, in which order, and what they may delete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks import flux
from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.walk import closest, maps, part
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Object, Workload

PATH = Rule(
    code="F004",
    name="path-missing",
    severity=Severity.ERROR,
    summary="A Flux Kustomization applies a folder that is not there.",
    rationale="Flux reports an artifact error and applies nothing of it.",
    example="path: ./rendered/prod/defualt/apps",
    remedy="correct the path, or render the folder",
)
DEPENDENCY = Rule(
    code="F005",
    name="dependency-missing",
    severity=Severity.ERROR,
    summary="A Kustomization or HelmRelease depends on one that does not exist.",
    rationale="It waits for ever.",
    example="dependsOn: [{name: platfrom}]",
    remedy="correct the name, or its namespace",
)
CYCLE = Rule(
    code="F006",
    name="dependency-cycle",
    severity=Severity.ERROR,
    summary="Kustomizations or HelmReleases depend on each other in a circle.",
    rationale="None of them is ever applied.",
    example="apps dependsOn data, data dependsOn apps",
    remedy="break the circle where the order does not matter",
)
SOURCE = Rule(
    code="F007",
    name="source-missing",
    severity=Severity.ERROR,
    summary="A source that does not exist, or that lies in another namespace.",
    rationale="Nothing is fetched. Under multi-tenancy lockdown Flux follows no reference across namespaces.",
    example="sourceRef: {kind: GitRepository, name: infra, namespace: flux-system} from namespace shop",
    remedy="name a source of the same namespace",
)
ACCOUNT = Rule(
    code="F008",
    name="flux-service-account",
    severity=Severity.ERROR,
    summary="A Kustomization or HelmRelease without a ServiceAccount of its own.",
    rationale="Under multi-tenancy lockdown it runs as `default`, which may do nothing; without, as cluster admin.",
    example="a Kustomization without serviceAccountName",
    remedy="name a ServiceAccount that exists and is bound to what it may apply",
)
CHART_VERSION = Rule(
    code="F009",
    name="chart-version-not-exact",
    severity=Severity.ERROR,
    summary="A HelmRelease takes whatever version of its chart is newest.",
    rationale="What runs changes without a commit, and can not be rolled back by one.",
    example='version: ">=4.0.0"',
    remedy="name one version, such as 4.15.1",
)
DEFINITION = Rule(
    code="F010",
    name="resource-before-definition",
    severity=Severity.ERROR,
    summary="A custom resource is applied before, or together with, what brings its definition.",
    rationale="Flux dry-runs a whole Kustomization first: one unknown kind fails all of it, the installer included.",
    example="a ClusterIssuer in the Kustomization that installs cert-manager",
    remedy="put it into a Kustomization that depends on the installer's, and let that one wait",
)
LONG_DRAIN = Rule(
    code="F011",
    name="long-drain-in-wait-chain",
    severity=Severity.ERROR,
    summary="A Kustomization waits for pods that take longer to drain than it waits.",
    rationale="Every rollout of them fails by timeout, and holds up all that depends on it for hours.",
    example="wait: true over pods with terminationGracePeriodSeconds: 18000",
    remedy="put them into a Kustomization of their own with wait: false, on which nothing depends",
)
PRUNE = Rule(
    code="F012",
    name="data-may-be-pruned",
    severity=Severity.ERROR,
    summary="Flux deletes something that holds data as soon as it is gone from Git.",
    rationale="A renamed folder or a removed tenant pod takes its database with it.",
    example="a PersistentVolumeClaim under prune: true without an annotation",
    remedy="annotate it with kustomize.toolkit.fluxcd.io/prune: disabled",
)
OCI_WAIT = Rule(
    code="F013",
    name="oci-repository-waited-on",
    severity=Severity.ERROR,
    summary="A health check on a HelmRepository of type oci.",
    rationale="Such a repository has no status: it never becomes ready, and the Kustomization never either.",
    example="healthChecks: [{kind: HelmRepository, name: charts}] where its type is oci",
    remedy="wait for the HelmRelease instead",
)
UNAPPLIED = Rule(
    code="F014",
    name="manifest-not-applied",
    severity=Severity.WARNING,
    summary="An object that lies in no folder that Flux applies.",
    rationale="It is reviewed, it is proved, and it never reaches the cluster.",
    example="rendered/prod/shop/jobs/a.yaml while the Kustomizations name shop/data and shop/apps",
    remedy="let a Kustomization apply its folder",
)

_EXACT = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_HELM = "helm.toolkit.fluxcd.io"
_SOURCES = "source.toolkit.fluxcd.io"


def _paths(evidence: Evidence) -> Iterator[Finding]:
    folders, appliers = flux.folders(evidence), flux.kustomizations(evidence)
    ends = flux.ends_of(folders)
    missing = [each for each in appliers if not flux.is_any(flux.path_of(each), folders, ends)]
    if not folders or (len(missing) == len(appliers) > 1 and not evidence.files):
        return  # An export of a cluster, or another folder that is not the repository that Flux reads.
    for each in missing:
        path = flux.path_of(each)
        yield PATH.finding(
            f"{each.key} applies {path}, which is not there{closest(path, folders)}",
            evidence.locate(each.place.at("spec", "path")),
            subject=str(each.key),
        )


def _ordered(evidence: Evidence) -> tuple[tuple[Object, ...], ...]:
    return flux.kustomizations(evidence), evidence.of_kind("HelmRelease", _HELM)


def _dependencies(evidence: Evidence) -> Iterator[Finding]:
    for group in _ordered(evidence):
        known = {(each.key.namespace, each.key.name) for each in group}
        for each in group:
            for index, wanted in flux.dependencies(each):
                if wanted not in known:
                    yield DEPENDENCY.finding(
                        f"{each.key} depends on {'/'.join(wanted)}, which does not exist"
                        f"{closest(wanted[1], (name for _, name in known))}",
                        evidence.locate(each.place.at("spec", "dependsOn", index)),
                        subject=str(each.key),
                    )


def _cycles(evidence: Evidence) -> Iterator[Finding]:
    for group in _ordered(evidence):
        after = {(each.key.namespace, each.key.name): [key for _, key in flux.dependencies(each)] for each in group}
        places = {(each.key.namespace, each.key.name): each for each in group}
        for circle in flux.circles(after):
            first = places[circle[0]]
            names = " -> ".join(name for _, name in (*circle, circle[0]))
            where = evidence.locate(first.place.at("spec", "dependsOn"))
            yield CYCLE.finding(f"{first.key.kind}s depend on each other: {names}", where, subject=str(first.key))


def _sources(evidence: Evidence) -> Iterator[Finding]:
    for each, steps in _source_refs(evidence):
        ref = part(each.body, "spec", *steps)
        kind, name = str(part(ref, "kind")), str(part(ref, "name"))
        space = str(part(ref, "namespace") or each.key.namespace)
        known = {source.key.name for source in evidence.of_kind(kind, _SOURCES) if source.key.namespace == space}
        fault = f"{kind} {space}/{name} does not exist{closest(name, known)}" if name not in known else ""
        if space != each.key.namespace:
            fault = f"{kind} {space}/{name} lies in another namespace"
        if fault:
            where = evidence.locate(each.place.at("spec", *steps))
            yield SOURCE.finding(f"{each.key}: {fault}", where, subject=str(each.key))


def _source_refs(evidence: Evidence) -> Iterator[tuple[Object, tuple[str, ...]]]:
    for each in flux.kustomizations(evidence):
        yield each, ("sourceRef",)
    for each in evidence.of_kind("HelmRelease", _HELM):
        for steps in (("chart", "spec", "sourceRef"), ("chartRef",)):
            if part(each.body, "spec", *steps) is not None:
                yield each, steps


def _accounts(evidence: Evidence) -> Iterator[Finding]:
    known = {(each.key.namespace, each.key.name) for each in evidence.of_kind("ServiceAccount")}
    for each in (*flux.kustomizations(evidence), *evidence.of_kind("HelmRelease", _HELM)):
        name = str(part(each.body, "spec", "serviceAccountName") or "")
        fault = "names no serviceAccountName" if not name else ""
        if name and name not in flux.OWN_ACCOUNTS and (each.key.namespace, name) not in known:
            near = closest(str(name), (own for space, own in known if space == each.key.namespace))
            fault = f"runs as ServiceAccount {name}, which namespace {each.key.namespace} does not have{near}"
        if fault:
            where = evidence.locate(each.place.at("spec", "serviceAccountName"))
            yield ACCOUNT.finding(f"{each.key} {fault}", where, subject=str(each.key))


def _chart_versions(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.of_kind("HelmRelease", _HELM):
        version = part(each.body, "spec", "chart", "spec", "version")
        if part(each.body, "spec", "chart") is not None and not _EXACT.fullmatch(str(version or "")):
            yield CHART_VERSION.finding(
                f"{each.key} takes chart version {version or '*'}",
                evidence.locate(each.place.at("spec", "chart", "spec", "version")),
                subject=str(each.key),
            )


def _definitions(evidence: Evidence) -> Iterator[Finding]:
    appliers = flux.kustomizations(evidence)
    if not appliers:
        return
    makers = flux.installers(evidence)
    yield from _never_defined(evidence)
    for each in evidence.facts.objects:
        installer = makers.get(each.key.group)
        own = flux.applier(evidence, each)
        if installer is None or own is None or each.key == installer.key:
            continue
        theirs = flux.applier(evidence, installer)
        if theirs is None:
            continue
        fault = ""
        if theirs.key not in {before.key for before in flux.before(evidence, own)}:
            fault = f"which does not come after {theirs.key.name}"
        elif installer.key.kind == "HelmRelease" and not flux.is_waited_for(theirs):
            fault = f"which comes after {theirs.key.name}; but that one waits for nothing"
        if fault:
            yield DEFINITION.finding(
                f"{each.key} is applied by {own.key.name}, {fault}, where {installer.key} brings its definition",
                evidence.locate(each.place),
                subject=str(each.key),
            )


def _never_defined(evidence: Evidence) -> Iterator[Finding]:
    missing = flux.not_installed(evidence)
    for each in evidence.facts.objects:
        release = missing.get(each.key.group)
        if release is not None:
            message = f"{each.key}: {release.key} does not install its definition: {flux.switched_off(release)} is off"
            yield DEFINITION.finding(message, evidence.locate(each.place), subject=str(each.key))


def _long_drains(evidence: Evidence) -> Iterator[Finding]:
    depended = {key for each in flux.kustomizations(evidence) for _, key in flux.dependencies(each)}
    for workload in evidence.written:
        source = evidence.objects.get(workload.key)
        own = flux.applier(evidence, source) if source else None
        drain = workload.pod_spec.get("terminationGracePeriodSeconds")
        if own is None or source is None or not isinstance(drain, int) or not _must_go_first(source, workload):
            continue
        waited = part(own.body, "spec", "wait") or (own.key.namespace, own.key.name) in depended
        limit = flux.seconds(str(part(own.body, "spec", "timeout") or part(own.body, "spec", "interval") or "0s"))
        if waited and drain > limit:
            yield LONG_DRAIN.finding(
                f"{workload.key} may take {drain} s to drain before its successor starts; {own.key.name}, which is "
                f"waited for, gives up after {limit} s",
                evidence.locate(workload.pod_place.at("terminationGracePeriodSeconds")),
                subject=str(workload.key),
            )


def _must_go_first(source: Object, workload: Workload) -> bool:
    """Whether a new pod can start only once the old one is gone."""
    if workload.key.kind != "Deployment":
        return workload.key.kind in {"StatefulSet", "DaemonSet"}
    strategy = part(source.body, "spec", "strategy")
    no_surge = part(strategy, "type") == "Recreate" or part(strategy, "rollingUpdate", "maxSurge") in (0, "0", "0%")
    host_ports = any(port.host_port for container in workload.containers for port in container.ports)
    return no_surge or workload.host_network or host_ports


_PRECIOUS = frozenset({("", "PersistentVolumeClaim"), ("", "Namespace"), ("postgresql.cnpg.io", "Cluster")})


def _prunes(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.objects:
        if (each.key.group, each.key.kind) not in _PRECIOUS:
            continue
        own = flux.applier(evidence, each)
        kept = each.annotations.get("kustomize.toolkit.fluxcd.io/prune") == "disabled"
        if own is not None and part(own.body, "spec", "prune") and not kept and not _orphans(own):
            message = f"{own.key} deletes {each.key} when it is gone from Git"
            yield PRUNE.finding(message, evidence.locate(each.place.at("metadata")), subject=str(each.key))


def _orphans(applier: Object) -> bool:
    return bool(part(applier.body, "spec", "deletionPolicy") == "Orphan")


def _oci_waits(evidence: Evidence) -> Iterator[Finding]:
    static = {
        (each.key.namespace, each.key.name)
        for each in evidence.of_kind("HelmRepository", _SOURCES)
        if part(each.body, "spec", "type") == "oci"
    }
    for each in flux.kustomizations(evidence):
        for index, check in maps(part(each.body, "spec", "healthChecks")):
            target = (str(check.get("namespace") or each.key.namespace), str(check.get("name")))
            if check.get("kind") == "HelmRepository" and target in static:
                where = evidence.locate(each.place.at("spec", "healthChecks", index))
                yield OCI_WAIT.finding(f"{each.key} waits for {'/'.join(target)}", where, subject=str(each.key))


def _unapplied(evidence: Evidence) -> Iterator[Finding]:
    if not flux.kustomizations(evidence):
        return
    # What bootstraps Flux is applied by whoever bootstraps it.
    told = {
        evidence.facts.documents[each.place.document].file
        for each in evidence.facts.objects
        if each.key.group.endswith("toolkit.fluxcd.io")
    }
    for each in evidence.facts.objects:
        document = evidence.facts.documents[each.place.document]
        if document.file in told or flux.applier(evidence, each):
            continue
        told.add(document.file)
        message = f"no Kustomization applies {document.file}"
        yield UNAPPLIED.finding(message, evidence.locate(each.place), subject=document.file)


CHECKS = (
    ManifestCheck(PATH, _paths),
    ManifestCheck(DEPENDENCY, _dependencies),
    ManifestCheck(CYCLE, _cycles),
    ManifestCheck(SOURCE, _sources),
    ManifestCheck(ACCOUNT, _accounts),
    ManifestCheck(CHART_VERSION, _chart_versions),
    ManifestCheck(DEFINITION, _definitions),
    ManifestCheck(LONG_DRAIN, _long_drains),
    ManifestCheck(PRUNE, _prunes),
    ManifestCheck(OCI_WAIT, _oci_waits),
    ManifestCheck(UNAPPLIED, _unapplied),
)
