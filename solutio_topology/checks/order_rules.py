"""``F``, ``X``: what Flux reads, in which order it applies it, with whose rights, and what keeps it from doing so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks import flux
from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.walk import part
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.identity import PLATFORM, TENANT_POD

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Link
    from solutio_topology.graph.ref import Ref
    from solutio_topology.manifests.facts import Object

SUSPENDED = Rule(
    code="F026",
    name="suspended",
    severity=Severity.WARNING,
    summary="Something that Flux, or the controller of jobs, is told to pass over.",
    rationale="What is merged no longer reaches the cluster, and nobody is told: suspension has no end.",
    example="suspend: true on a Kustomization",
    remedy="remove suspend, or acknowledge it with a date",
)
SOURCE = Rule(
    code="F028",
    name="source-differs",
    severity=Severity.ERROR,
    summary="Flux reads another repository or branch than is declared, or leaves out a folder that it is to apply.",
    rationale="The cluster follows something that nobody reviews here, or a folder is suddenly gone and is pruned.",
    example="ref: {branch: mian}, or an ignore that excludes /rendered",
    remedy="make the GitRepository and platform.repository agree",
)
ORDER = Rule(
    code="F029",
    name="order-not-kept",
    severity=Severity.ERROR,
    summary="Something is applied before, or without waiting for, what it needs to be there first.",
    rationale="A fresh environment does not come up: pods start before their database, or in a namespace not made yet.",
    example="the Kustomization of the applications without dependsOn the data's",
    remedy="add dependsOn, and let the other one wait",
)
PLATFORM_RIGHTS = Rule(
    code="X014",
    name="tenant-applied-with-platform-rights",
    severity=Severity.ERROR,
    summary="What belongs to a tenant pod is applied with the rights of Flux's own controllers.",
    rationale="A change in one tenant's folder may then change any object of the cluster.",
    example="serviceAccountName: kustomize-controller on a tenant's Kustomization",
    remedy="use a ServiceAccount that is bound in the tenant's namespaces only",
)
NOT_PRUNED = Rule(
    code="X015",
    name="removed-objects-stay",
    severity=Severity.WARNING,
    summary="A Kustomization that deletes nothing of what is removed from Git.",
    rationale="Policies, accounts and exposed ports that were taken back stay open in the cluster.",
    example="prune: false",
    remedy="set prune: true, and keep what holds data with an annotation",
)

_FLUX = "toolkit.fluxcd.io"


def _suspended(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.objects:
        ours = each.key.group.endswith(_FLUX) or (each.key.group, each.key.kind) in _RUNS
        if ours and part(each.body, "spec", "suspend") is True:
            where = evidence.locate(each.place.at("spec", "suspend"))
            yield SUSPENDED.finding(f"{each.key} is suspended", where, subject=str(each.key))


_RUNS = frozenset({("batch", "CronJob"), ("batch", "Job"), ("postgresql.cnpg.io", "ScheduledBackup")})


def _sources(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    repositories = {
        (each.key.namespace, each.key.name): each for each in evidence.of_kind("GitRepository", f"source.{_FLUX}")
    }
    for applier in flux.kustomizations(evidence):
        ref = part(applier.body, "spec", "sourceRef")
        space = str(part(ref, "namespace") or applier.key.namespace)
        source = repositories.pop((space, str(part(ref, "name"))), None)
        if source is not None and part(ref, "kind") == "GitRepository":
            yield from _source_faults(intent, evidence, source)
    for applier in flux.kustomizations(evidence):
        yield from _left_out(evidence, applier)


def _source_faults(intent: Intent, evidence: Evidence, source: Object) -> Iterator[Finding]:
    declared = intent.graph.platform.repository
    found = {"url": part(source.body, "spec", "url"), "branch": part(source.body, "spec", "ref", "branch") or "master"}
    found["secret"] = part(source.body, "spec", "secretRef", "name")
    pinned = any(part(source.body, "spec", "ref", key) for key in ("tag", "semver", "commit", "name"))
    for field, wanted in (("url", declared.url), ("branch", declared.branch), ("secret", declared.secret)):
        if found[field] != wanted and not (field == "branch" and pinned):
            message = f"{source.key} has the {field} {found[field]}; platform.repository says {wanted}"
            yield SOURCE.finding(message, evidence.locate(source.place.at("spec")), subject=str(source.key))


def _left_out(evidence: Evidence, applier: Object) -> Iterator[Finding]:
    ref = part(applier.body, "spec", "sourceRef")
    for source in evidence.of_kind("GitRepository", f"source.{_FLUX}"):
        lines = str(part(source.body, "spec", "ignore") or "").splitlines()
        if source.key.name == part(ref, "name") and excludes(lines, flux.path_of(applier)):
            message = f"{source.key} leaves {flux.path_of(applier)} out, which {applier.key} is to apply"
            where = evidence.locate(source.place.at("spec", "ignore"))
            yield SOURCE.finding(message, where, subject=str(source.key))


def excludes(lines: list[str], path: str) -> bool:
    """Whether lines as in a .gitignore leave a folder out: itself, or one above it."""
    steps = path.split("/")
    for length in range(1, len(steps) + 1):
        folder, out = "/".join(steps[:length]), False
        for line in lines:
            pattern = line.strip()
            if pattern and not pattern.startswith("#") and _is_meant(pattern.removeprefix("!"), folder):
                out = not pattern.startswith("!")
        if out:
            return True
    return False


def _is_meant(pattern: str, folder: str) -> bool:
    anchored = "/" in pattern.rstrip("/")
    steps = [re.escape(step).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") for step in pattern.strip("/").split("/")]
    text = "/".join(steps)
    return bool(re.fullmatch(text if anchored else f"(?:.*/)?{text}", folder))


def _orders(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    if not flux.kustomizations(evidence):
        return
    told: set[tuple[str, str]] = set()
    for link in intent.graph.links:
        if _waits(intent, link):
            for client in _appliers(evidence, link.client):
                for server in _appliers(evidence, link.server):
                    yield from _in_order(evidence, client, server, f"{link.client} needs {link.server}", told)
    yield from _before_rollouts(intent, evidence, told)
    yield from _after_namespaces(evidence, told)


def _waits(intent: Intent, link: Link) -> bool:
    client, server = intent.graph.node(link.client), intent.graph.node(link.server)
    waits = server.component.stateful if link.edge.order is None else link.edge.order
    return bool(waits and link.direct and client.in_cluster and server.in_cluster)


def _appliers(evidence: Evidence, ref: Ref, *processes: str) -> list[Object]:
    found = {}
    for node in evidence.pods_of(ref):
        maker = evidence.objects.get(evidence.workload(node).key)
        document = evidence.workload(node).place.document
        source = maker or next((each for each in evidence.facts.objects if each.place.document == document), None)
        own = flux.applier(evidence, source) if source else None
        if own is not None and (not processes or evidence.process(node) in processes):
            found[own.key] = own
    return list(found.values())


def _in_order(
    evidence: Evidence, later: Object, earlier: Object, why: str, told: set[tuple[str, str]]
) -> Iterator[Finding]:
    pair = (later.key.name, earlier.key.name)
    if later.key == earlier.key or pair in told:
        return
    fault = ""
    if earlier.key not in {each.key for each in flux.before(evidence, later)}:
        fault = f"{later.key} does not come after {earlier.key.name}: {why}"
    elif not flux.is_waited_for(earlier):
        fault = f"{later.key} comes after {earlier.key.name}, which waits for nothing: {why}"
    if fault:
        told.add(pair)
        yield ORDER.finding(fault, evidence.locate(later.place.at("spec", "dependsOn")), subject=str(later.key))


def _before_rollouts(intent: Intent, evidence: Evidence, told: set[tuple[str, str]]) -> Iterator[Finding]:
    for pod in intent.graph.pods:
        for node in pod.nodes.values():
            jobs = [name for name, job in node.service.jobs.items() if job.before == "rollout"]
            for job in jobs:
                for earlier in _appliers(evidence, node.ref, job):
                    for later in _appliers(evidence, node.ref, "main", *node.processes):
                        why = f"job {job} of {node.ref} runs before the rollout"
                        yield from _in_order(evidence, later, earlier, why, told)


def _after_namespaces(evidence: Evidence, told: set[tuple[str, str]]) -> Iterator[Finding]:
    makers = {each.key.name: flux.applier(evidence, each) for each in evidence.of_kind("Namespace")}
    seen = set()
    for each in evidence.facts.objects:
        maker = makers.get(each.key.namespace)
        own = flux.applier(evidence, each) if maker else None
        if maker and own and (own.key, maker.key) not in seen:
            seen.add((own.key, maker.key))
            yield from _in_order(evidence, own, maker, f"it makes namespace {each.key.namespace}", told)


def _platform_rights(evidence: Evidence) -> Iterator[Finding]:
    told = set()
    for each in evidence.facts.objects:
        own = flux.applier(evidence, each) if each.key.namespace else None
        given = own.labels.get(TENANT_POD) if own else None
        pod = given or each.labels.get(TENANT_POD, PLATFORM)
        if own is None or own.key in told or pod == PLATFORM:
            continue
        if str(part(own.body, "spec", "serviceAccountName")) in flux.OWN_ACCOUNTS:
            told.add(own.key)
            message = f"{own.key} applies {each.key} of {pod} as {part(own.body, 'spec', 'serviceAccountName')}"
            where = evidence.locate(own.place.at("spec", "serviceAccountName"))
            yield PLATFORM_RIGHTS.finding(message, where, subject=str(own.key))


def _not_pruned(evidence: Evidence) -> Iterator[Finding]:
    for each in flux.kustomizations(evidence):
        if part(each.body, "spec", "prune") is False:
            where = evidence.locate(each.place.at("spec", "prune"))
            yield NOT_PRUNED.finding(f"{each.key} deletes nothing", where, subject=str(each.key))


CHECKS: tuple[Check, ...] = (
    ManifestCheck(SUSPENDED, _suspended),
    BothCheck(SOURCE, _sources),
    BothCheck(ORDER, _orders),
    ManifestCheck(PLATFORM_RIGHTS, _platform_rights),
    ManifestCheck(NOT_PRUNED, _not_pruned),
)
