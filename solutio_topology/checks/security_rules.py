"""``X``: what workloads may do to the node, to the cluster and to secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.pod_security import LEVELS, breaches
from solutio_topology.checks.walk import maps, part
from solutio_topology.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Container, Workload

LEVEL = Rule(
    code="X001",
    name="pod-security-violated",
    severity=Severity.ERROR,
    summary="Pods that the pod security level of their namespace refuses.",
    rationale="The API server admits the workload and then refuses every one of its pods: it waits without a word.",
    example="hostNetwork: true in a namespace with pod-security.kubernetes.io/enforce: restricted",
    remedy="let the pods do without, or put them into a namespace of their own with the level that they need",
)
NO_LEVEL = Rule(
    code="X002",
    name="pod-security-unset",
    severity=Severity.WARNING,
    summary="A namespace with pods and without a pod security level.",
    rationale="Whatever is applied to it may take over the node: nothing refuses privileged pods.",
    example="a Namespace without pod-security.kubernetes.io/enforce",
    remedy="label it with pod-security.kubernetes.io/enforce: restricted",
)
SHARED_PRIVILEGE = Rule(
    code="X003",
    name="privileged-namespace-shared",
    severity=Severity.INFO,
    summary="A namespace is privileged for the sake of one workload, and others live in it.",
    rationale="Pod security holds per namespace: the others could become privileged, too, with one changed line.",
    example="api beside a hostNetwork media server in one privileged namespace",
    remedy="give what needs privileges a namespace of its own",
)
IMAGE = Rule(
    code="X004",
    name="image-not-pinned",
    severity=Severity.ERROR,
    summary="An image without a version, or with one that moves.",
    rationale="What runs changes without a commit, differs from node to node, and cannot be rolled back.",
    example="image: nginx:latest",
    remedy="name a version tag or a digest",
)
LIMITS = Rule(
    code="X005",
    name="memory-limit-missing",
    severity=Severity.ERROR,
    summary="A container without a memory request or limit.",
    rationale="It may take the memory of the whole node, and others are killed for it.",
    example="resources: {}",
    remedy="set requests and a memory limit",
)
TOKEN = Rule(
    code="X006",
    name="token-mounted",
    severity=Severity.WARNING,
    summary="Pods get a token for the Kubernetes API without need.",
    rationale="Whoever breaks into the container holds it. Pods that need it name a ServiceAccount bound to a role.",
    example="no automountServiceAccountToken: false",
    remedy="set automountServiceAccountToken: false on the pod or its ServiceAccount",
)
ROOT = Rule(
    code="X007",
    name="runs-as-root",
    severity=Severity.WARNING,
    summary="A container that may run as root.",
    rationale="A hole in the container runtime then is a hole in the node.",
    example="no runAsNonRoot: true",
    remedy="set runAsNonRoot: true and a user id, or a level of the namespace that says why not",
)
WRITABLE = Rule(
    code="X008",
    name="writable-root",
    severity=Severity.WARNING,
    summary="A container whose root file system is writable.",
    rationale="What an intruder writes there survives as long as the container does, and runs.",
    example="no readOnlyRootFilesystem: true",
    remedy="set readOnlyRootFilesystem: true and mount the folders that must be writable",
)
GAINS = Rule(
    code="X018",
    name="privileges-gained",
    severity=Severity.WARNING,
    summary="A container whose processes may gain more rights than it was started with.",
    rationale="A setuid program in the image is then all an intruder needs to be root, or to get capabilities.",
    example="securityContext: {allowPrivilegeEscalation: true}",
    remedy="set allowPrivilegeEscalation: false",
)
SECRET = Rule(
    code="X009",
    name="secret-in-plain-text",
    severity=Severity.ERROR,
    summary="Something that looks like a credential stands in plain text.",
    rationale="It is in Git for ever, and everyone who may read the manifests has it.",
    example="env: [{name: DB_PASSWORD, value: hunter2}]",
    remedy="take it out of the manifests, replace it, and refer to it by secretKeyRef",
)
ESCALATION = Rule(
    code="X010",
    name="cluster-admin-bound",
    severity=Severity.WARNING,
    summary="A ServiceAccount is bound to cluster-admin in the whole cluster.",
    rationale="Whoever gets its token has every Secret of every tenant.",
    example="ClusterRoleBinding to cluster-admin",
    remedy="bind the role that it needs, in the namespaces where it needs it",
)

_ENFORCE = "pod-security.kubernetes.io/enforce"


def _level(evidence: Evidence, namespace: str) -> str:
    found = evidence.facts.namespaces.get(namespace, {}).get(_ENFORCE, "")
    return found if found in LEVELS else ""


def _levels(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        level = _level(evidence, workload.key.namespace)
        for breach in breaches(workload, level) if level else ():
            yield LEVEL.finding(
                f"{workload.key}: {breach.statement}; namespace {workload.key.namespace} enforces {level}",
                evidence.locate(breach.place),
                subject=str(workload.key),
            )


def _unset_levels(evidence: Evidence) -> Iterator[Finding]:
    used = {workload.key.namespace for workload in evidence.facts.workloads}
    for namespace in evidence.of_kind("Namespace"):
        if namespace.key.name in used and not _level(evidence, namespace.key.name):
            where = evidence.locate(namespace.place.at("metadata"))
            yield NO_LEVEL.finding(f"{namespace.key} sets no pod security level", where, subject=str(namespace.key))


def _shared_privileges(evidence: Evidence) -> Iterator[Finding]:
    spaces = [each for each in evidence.of_kind("Namespace") if _level(evidence, each.key.name) == "privileged"]
    for namespace in spaces:
        inside = [each for each in evidence.written if each.key.namespace == namespace.key.name]
        needy = [each for each in inside if any(breaches(each, "baseline"))]
        others = [each for each in inside if each not in needy and not any(breaches(each, "restricted"))]
        if needy and others:
            yield SHARED_PRIVILEGE.finding(
                f"{namespace.key} is privileged for {needy[0].key}, and {others[0].key} lives in it",
                evidence.locate(others[0].place),
                subject=str(namespace.key),
            )


def _containers(evidence: Evidence) -> Iterator[tuple[Workload, Container]]:
    for workload in evidence.written:
        for container in workload.containers:
            yield workload, container


def _images(evidence: Evidence) -> Iterator[Finding]:
    yield from _default_images(evidence)
    for workload, container in _containers(evidence):
        name, at, _ = container.image.partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        if container.image and not at and tag in {"", "latest", "stable", "main", "master", "edge"}:
            yield IMAGE.finding(
                f"{workload.key}: container {container.name} runs {container.image}",
                evidence.locate(container.place.at("image")),
                subject=str(workload.key),
            )


def _default_images(evidence: Evidence) -> Iterator[Finding]:
    """Databases whose image is whatever their operator has at the time."""
    for cluster in evidence.of_kind("Cluster", "postgresql.cnpg.io"):
        spec = cluster.body.get("spec")
        if not part(spec, "imageName") and not part(spec, "imageCatalogRef", "name"):
            message = f"{cluster.key} names no image: its operator's default, which changes with the operator"
            yield IMAGE.finding(message, evidence.locate(cluster.place.at("spec")), subject=str(cluster.key))


def _limits(evidence: Evidence) -> Iterator[Finding]:
    for workload, container in _containers(evidence):
        missing = [
            field
            for field in ("requests", "limits")
            if part(container.body, "resources", field, "memory") is None
            and not (field == "requests" and part(container.body, "resources", "limits", "memory") is not None)
        ]
        if missing:
            yield LIMITS.finding(
                f"{workload.key}: container {container.name} has no memory {' and no memory '.join(missing)}",
                evidence.locate(container.place.at("resources")),
                subject=str(workload.key),
            )


def _tokens(evidence: Evidence) -> Iterator[Finding]:
    bound = _bound_accounts(evidence)
    silent = {
        (each.key.namespace, each.key.name)
        for each in evidence.of_kind("ServiceAccount")
        if part(each.body, "automountServiceAccountToken") is False
    }
    for workload in evidence.written:
        account = (workload.key.namespace, workload.service_account)
        mounted = workload.pod_spec.get("automountServiceAccountToken")
        if mounted is False or (mounted is None and account in silent) or account in bound:
            continue
        message = f"{workload.key} gets a token of ServiceAccount {workload.service_account}, which no role is bound to"
        yield TOKEN.finding(message, evidence.locate(workload.pod_place), subject=str(workload.key))


def _bound_accounts(evidence: Evidence) -> set[tuple[str, str]]:
    group = "rbac.authorization.k8s.io"
    return {
        (str(subject.get("namespace") or binding.key.namespace), str(subject.get("name")))
        for binding in (*evidence.of_kind("RoleBinding", group), *evidence.of_kind("ClusterRoleBinding", group))
        for _, subject in maps(part(binding.body, "subjects"))
        if subject.get("kind") == "ServiceAccount"
    }


def _roots(evidence: Evidence) -> Iterator[Finding]:
    for workload, container in _containers(evidence):
        own, pod = container.body.get("securityContext"), workload.pod_spec.get("securityContext")
        user = part(own, "runAsUser") if part(own, "runAsUser") is not None else part(pod, "runAsUser")
        declared = part(own, "runAsNonRoot") if part(own, "runAsNonRoot") is not None else part(pod, "runAsNonRoot")
        reasoned = _level(evidence, workload.key.namespace) == "privileged"
        if not reasoned and (user == 0 or (declared is not True and not user)):
            message = f"{workload.key}: container {container.name} may run as root"
            yield ROOT.finding(message, evidence.locate(container.place), subject=str(workload.key))


def _writable_roots(evidence: Evidence) -> Iterator[Finding]:
    for workload, container in _containers(evidence):
        if part(container.body, "securityContext", "readOnlyRootFilesystem") is not True:
            message = f"{workload.key}: container {container.name} may write to its root file system"
            yield WRITABLE.finding(message, evidence.locate(container.place), subject=str(workload.key))


def _gains(evidence: Evidence) -> Iterator[Finding]:
    for workload, container in _containers(evidence):
        if part(container.body, "securityContext", "allowPrivilegeEscalation") is True:
            where = evidence.locate(container.place.at("securityContext"))
            message = f"{workload.key}: container {container.name} may gain privileges"
            yield GAINS.finding(message, where, subject=str(workload.key))


_CREDENTIAL = re.compile(
    r"(?:^|_|-|\.)(?:password|passwd|secret|token|api_?key|private_?key|master_?key|access_?key|credentials?)$", re.I
)
_HARMLESS = re.compile(r"(?:|\$\([A-Za-z0-9_]+\)|true|false|[0-9]{1,4}|/[^\s]*|file:[^\s]*)", re.I)
_KNOWN = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bsk-[A-Za-z0-9_-]{32,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|[a-z][a-z0-9+.-]*://[^/\s:@$]*:[^/\s@$(]+@"
)


def _secrets(evidence: Evidence) -> Iterator[Finding]:
    for workload, container in _containers(evidence):
        for variable in container.env:
            if _is_secret(variable.name, variable.value or ""):
                message = (
                    f"{workload.key}: variable {variable.name} of {container.name} holds a credential in plain text"
                )
                yield SECRET.finding(message, evidence.locate(variable.place.at("value")), subject=str(workload.key))
    for config in evidence.facts.keyed:
        for key, value in config.data.items():
            if config.key.kind == "ConfigMap" and _is_secret(key, value):
                message = f"{config.key}: key {key} holds a credential in plain text"
                yield SECRET.finding(message, evidence.locate(config.place.at("data", key)), subject=str(config.key))
    for secret in evidence.of_kind("Secret"):
        plain = part(secret.body, "stringData") or part(secret.body, "data")
        if plain and "sops" not in secret.body:
            message = f"{secret.key} holds values that are not encrypted"
            yield SECRET.finding(message, evidence.locate(secret.place), subject=str(secret.key))


def _is_secret(name: str, value: str) -> bool:
    if _KNOWN.search(value):
        return True
    return bool(_CREDENTIAL.search(name)) and not _HARMLESS.fullmatch(value)


def _admins(evidence: Evidence) -> Iterator[Finding]:
    for binding in evidence.of_kind("ClusterRoleBinding", "rbac.authorization.k8s.io"):
        if part(binding.body, "roleRef", "name") == "cluster-admin":
            where = evidence.locate(binding.place.at("roleRef"))
            yield ESCALATION.finding(f"{binding.key} gives cluster-admin", where, subject=str(binding.key))


CHECKS = (
    ManifestCheck(LEVEL, _levels),
    ManifestCheck(NO_LEVEL, _unset_levels),
    ManifestCheck(SHARED_PRIVILEGE, _shared_privileges),
    ManifestCheck(IMAGE, _images),
    ManifestCheck(LIMITS, _limits),
    ManifestCheck(TOKEN, _tokens),
    ManifestCheck(ROOT, _roots),
    ManifestCheck(WRITABLE, _writable_roots),
    ManifestCheck(GAINS, _gains),
    ManifestCheck(SECRET, _secrets),
    ManifestCheck(ESCALATION, _admins),
)
