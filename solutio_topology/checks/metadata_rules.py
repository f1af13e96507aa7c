"""``M``: what no schema says and every API server checks: names, labels, namespaces, lists with keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks import refused, schemas
from solutio_topology.checks.check import ManifestCheck
from solutio_topology.checks.walk import maps, part
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.manifests.facts import Place
from solutio_topology.manifests.scopes import is_cluster_scoped

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence
    from solutio_topology.manifests.facts import Key, Object, Workload

UNREADABLE = Rule(
    code="M005",
    name="unreadable-manifest",
    severity=Severity.ERROR,
    summary="Something that is no object: not YAML, a key that stands twice, no kind, no name.",
    rationale="What cannot be read cannot be checked; readers differ in what they make of it.",
    example="spec: {replicas: 1, replicas: 2}",
    remedy="correct the place that is named",
)
INVALID_NAME = Rule(
    code="M006",
    name="invalid-name",
    severity=Severity.ERROR,
    summary="A name that the API server refuses for this kind.",
    rationale="Names become DNS names and paths; the object is refused.",
    example="metadata: {name: My_App}",
    remedy="use lower-case letters, digits and hyphens, and start with a letter",
)
INVALID_LABEL = Rule(
    code="M007",
    name="invalid-label",
    severity=Severity.ERROR,
    summary="A label or annotation whose key or value is malformed.",
    rationale="The API server refuses the object.",
    example="labels: {owner: _}",
    remedy="at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends",
)
WRONG_SCOPE = Rule(
    code="M008",
    name="namespace-on-cluster-scoped",
    severity=Severity.ERROR,
    summary="A namespace on an object of a kind that stands in no namespace.",
    rationale="The author believes that it is confined to the namespace; it holds everywhere, or is refused.",
    example="kind: ClusterRole, metadata: {namespace: shop}",
    remedy="remove the namespace, or use the namespaced kind",
)
NO_NAMESPACE = Rule(
    code="M009",
    name="namespace-missing",
    severity=Severity.WARNING,
    summary="A namespaced object that does not say its namespace.",
    rationale="It lands wherever whoever applies it happens to be; policies of the intended one do not hold there.",
    example="kind: Deployment, metadata: {name: api}",
    remedy="write metadata.namespace",
)
DUPLICATE_ITEM = Rule(
    code="M010",
    name="duplicate-list-item",
    severity=Severity.ERROR,
    summary="Two items of a list have the key that tells them apart.",
    rationale="Server-side apply, which Flux uses, refuses the object; elsewhere one of the two silently wins.",
    example="env: [{name: A, value: x}, {name: A, value: y}]",
    remedy="keep one of them",
)
REFUSED = Rule(
    code="M011",
    name="refused-value",
    severity=Severity.ERROR,
    summary="A value of the right type that the API server refuses.",
    rationale="Schemas say text or number; the server wants a protocol it knows, a port between 1 and 65535, an image.",
    example="containerPort: 70000",
    remedy="write a value that the server accepts",
)

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SEGMENT = re.compile(r"(?!\.\.?$)[^/%]+")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_KEY_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
_MOST_ANNOTATIONS = 256 * 1024
_LENGTHS = {"CronJob": 52}


def _unreadable(evidence: Evidence) -> Iterator[Finding]:
    told = {(each.location.file, each.location.line) for each in evidence.schema_findings}
    for each in evidence.facts.unreadable:
        where = evidence.locate(each.place)
        # The schema tells of wrong types better; what it cannot tell is left.
        if where.line == 0 or (where.file, where.line) not in told:
            yield UNREADABLE.finding(each.message, where, remedy=each.remedy, subject=where.file)


def _names(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.objects:
        metadata = part(each.body, "metadata")
        for field in ("name", "generateName", "namespace"):
            value = part(metadata, field)
            if isinstance(value, str) and value and (fault := _name_fault(each.key.kind, field, value)):
                where = evidence.locate(each.place.at("metadata", field))
                yield INVALID_NAME.finding(f"{each.key}: {field} {_short(value)} {fault}", where, subject=str(each.key))
    for workload in evidence.written:
        yield from _container_names(evidence, workload)


def _name_fault(kind: str, field: str, value: str) -> str:
    longest = _LENGTHS.get(kind, 253) if field != "namespace" else 63
    if len(value) > longest:
        return f"has {len(value)} characters; {longest} is the limit"
    if field == "generateName":
        value = f"{value}x"
    if kind in {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"} and field != "namespace":
        return "" if _SEGMENT.fullmatch(value) else "is no path segment"
    if field == "namespace" or kind == "Namespace":
        return "" if _LABEL.fullmatch(value) else "is no DNS label"
    if kind == "Service":
        return "" if _LABEL_1035.fullmatch(value) else "is no DNS label that starts with a letter"
    return "" if _SUBDOMAIN.fullmatch(value) else "is no DNS name in lower case"


def _short(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:57]}…")


def _container_names(evidence: Evidence, workload: Workload) -> Iterator[Finding]:
    for container in workload.containers:
        if not _LABEL.fullmatch(container.name) and container.name:
            message = f"{workload.key}: container name {_short(container.name)} is no DNS label"
            yield INVALID_NAME.finding(message, evidence.locate(container.place.at("name")), subject=str(workload.key))
        for port in container.ports:
            if port.name and not _PORT_NAME.fullmatch(port.name):
                message = f"{workload.key}: port name {_short(port.name)} is no service name of at most 15 characters"
                yield INVALID_NAME.finding(message, evidence.locate(port.place), subject=str(workload.key))


def _labels(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.objects:
        for place, metadata in _metadata(each):
            yield from _label_faults(evidence, each, place, metadata)


_TEMPLATE = ("spec", "template", "metadata")
_METADATA = (("metadata",), _TEMPLATE, ("spec", "jobTemplate", *_TEMPLATE))


def _metadata(source: Object) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The metadata of an object and of the pod template in it."""
    for steps in _METADATA:
        found = part(source.body, *steps)
        if isinstance(found, dict):
            yield source.place.at(*steps), found


def _label_faults(evidence: Evidence, source: Object, place: Place, metadata: dict[str, Any]) -> Iterator[Finding]:
    for field in ("labels", "annotations"):
        found = metadata.get(field)
        for key, value in found.items() if isinstance(found, dict) else ():
            fault = _key_fault(str(key))
            if not fault and field == "labels" and isinstance(value, str) and not _VALUE.fullmatch(value):
                fault = f"has the value {_short(value)}, which is no label value"
            if fault:
                message = f"{source.key}: {field.removesuffix('s')} {_short(str(key))} {fault}"
                yield INVALID_LABEL.finding(message, evidence.locate(place.at(field, key)), subject=str(source.key))
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict) and len(str(annotations)) > _MOST_ANNOTATIONS:
        where = evidence.locate(place.at("annotations"))
        yield INVALID_LABEL.finding(f"{source.key}: annotations of more than 256 KiB", where, subject=str(source.key))


def _key_fault(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > 253 or not _SUBDOMAIN.fullmatch(prefix.lower())):
        return "has a prefix that is no DNS name"
    return "" if _KEY_NAME.fullmatch(name) else "is no label key"


def _scopes(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.objects:
        namespace = part(each.body, "metadata", "namespace")
        if isinstance(namespace, str) and namespace and _is_cluster_wide(each):
            where = evidence.locate(each.place.at("metadata", "namespace"))
            yield WRONG_SCOPE.finding(
                f"{each.key.kind} {each.key.name} stands in no namespace, not in {namespace}",
                where,
                subject=str(each.key),
            )


def _is_cluster_wide(source: Object) -> bool:
    custom = schemas.custom_kinds().get((source.key.group, source.version, source.key.kind))
    return is_cluster_scoped(source.key.group, source.key.kind) or (custom is not None and custom.scope == "Cluster")


def _without_namespace(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.objects:
        local = each.key.group == "kustomize.config.k8s.io" or each.key.kind.endswith("List")
        if not local and not _is_cluster_wide(each) and not part(each.body, "metadata", "namespace"):
            where = evidence.locate(each.place.at("metadata"))
            name = f"{each.key.kind} {each.key.name}"
            yield NO_NAMESPACE.finding(f"{name} names no namespace", where, subject=str(each.key))


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    for workload in evidence.written:
        spec, place = workload.pod_spec, workload.pod_place
        lists: list[tuple[Place, Any, tuple[str, ...]]] = [(place.at("volumes"), spec.get("volumes"), ("name",))]
        names = [(each.place, each.name) for each in workload.containers]
        yield from _twice(evidence, workload.key, names, "container")
        for container in workload.containers:
            lists.append((container.place.at("env"), container.body.get("env"), ("name",)))
            lists.append((container.place.at("ports"), container.body.get("ports"), ("containerPort", "protocol")))
            lists.append((container.place.at("volumeMounts"), container.body.get("volumeMounts"), ("mountPath",)))
        for at, items, keys in lists:
            found = [(at.at(index), _item_key(item, keys)) for index, item in maps(items)]
            yield from _twice(evidence, workload.key, found, str(at.pointer[-1]).removesuffix("s"))
    for service in evidence.facts.services:
        ports = [(port.place, f"{port.number} {port.protocol}") for port in service.ports]
        yield from _twice(evidence, service.key, ports, "port")


def _item_key(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return " ".join(str(item.get(key, "TCP" if key == "protocol" else "")) for key in keys)


def _twice(evidence: Evidence, key: object, items: list[tuple[Place, str]], what: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, name in items:
        if name in seen:
            yield DUPLICATE_ITEM.finding(f"{key}: {what} {name} stands twice", evidence.locate(place), subject=str(key))
        seen.add(name)


def _refused(evidence: Evidence) -> Iterator[Finding]:
    version = schemas.version_for(evidence.kubernetes)
    for key, place, message in _all_refused(evidence, version):
        yield REFUSED.finding(f"{key}: {message}", evidence.locate(place), subject=str(key))


def _all_refused(evidence: Evidence, version: str | None) -> Iterator[tuple[Key, Place, str]]:
    for source in evidence.facts.objects:
        for place, message in refused.object_faults(source, version):
            yield source.key, place, message
    for workload in evidence.written:
        for container in workload.containers:
            for place, message in refused.container_faults(container):
                yield workload.key, place, message
    for service in evidence.facts.services:
        for place, message in refused.service_faults(service) if not service.maker else ():
            yield service.key, place, message


CHECKS = (
    ManifestCheck(UNREADABLE, _unreadable),
    ManifestCheck(INVALID_NAME, _names),
    ManifestCheck(INVALID_LABEL, _labels),
    ManifestCheck(WRONG_SCOPE, _scopes),
    ManifestCheck(NO_NAMESPACE, _without_namespace),
    ManifestCheck(DUPLICATE_ITEM, _duplicates),
    ManifestCheck(REFUSED, _refused),
)
