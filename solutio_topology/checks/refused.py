"""Values that the API server refuses although the schema takes them: choices, ports, probes and variables of no kind.

Source: the validation of kubernetes/kubernetes, pkg/apis/*/validation, v1.34.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from solutio_topology.checks import schemas
from solutio_topology.checks.walk import maps, part

if TYPE_CHECKING:
    from solutio_topology.manifests.facts import Container, Object, Place, Service

PROTOCOLS = ("TCP", "UDP", "SCTP")
_CHOICES: dict[str, tuple[str, ...]] = {
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "restartPolicy": ("Always", "OnFailure", "Never"),
    "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
    "fsGroupChangePolicy": ("OnRootMismatch", "Always"),
    "pathType": ("Prefix", "Exact", "ImplementationSpecific"),
    "externalTrafficPolicy": ("Cluster", "Local"),
    "internalTrafficPolicy": ("Cluster", "Local"),
    "sessionAffinity": ("None", "ClientIP"),
    "concurrencyPolicy": ("Allow", "Forbid", "Replace"),
    "unhealthyPodEvictionPolicy": ("IfHealthyBudget", "AlwaysAllow"),
    "podManagementPolicy": ("OrderedReady", "Parallel"),
    "volumeMode": ("Filesystem", "Block"),
    "protocol": PROTOCOLS,
}
"""Fields that mean one thing wherever they stand in objects of Kubernetes itself."""
_LISTS: dict[str, tuple[str, ...]] = {
    "policyTypes": ("Ingress", "Egress"),
    "accessModes": ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"),
}
_TYPES: dict[tuple[str, str], tuple[str, ...]] = {
    ("Service", "spec"): ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    ("Deployment", "strategy"): ("Recreate", "RollingUpdate"),
    ("StatefulSet", "updateStrategy"): ("OnDelete", "RollingUpdate"),
    ("DaemonSet", "updateStrategy"): ("OnDelete", "RollingUpdate"),
    ("", "seccompProfile"): ("RuntimeDefault", "Localhost", "Unconfined"),
}
"""What ``type`` may be, by kind (empty: any) and by the field that it stands in."""
_TOLERATION = {"operator": ("Exists", "Equal"), "effect": ("NoSchedule", "PreferNoSchedule", "NoExecute")}
_HAND_ON = ("HelmRelease", "Cluster")
"""Custom resources that hand tolerations and constraints on to pods."""
_SUBJECTS = ("ServiceAccount", "User", "Group")
_LEVELS = ("privileged", "baseline", "restricted")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_SOURCES = ("secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef", "fileKeyRef")
Fault = tuple["Place", str]


def object_faults(source: Object, version: str | None) -> Iterator[Fault]:
    """Choices that an object of Kubernetes itself makes and that there are not."""
    known = schemas.core_kinds(version) if version else {}
    if (source.key.group, source.version, source.key.kind) in known:
        yield from _choices(source, source.body.get("spec"), source.place.at("spec"), "spec")
    elif source.key.kind in _HAND_ON:
        yield from _tolerations(source.body.get("spec"), source.place.at("spec"))
    for index, subject in maps(source.body.get("subjects")):
        if source.key.group == "rbac.authorization.k8s.io" and subject.get("kind") not in _SUBJECTS:
            yield source.place.at("subjects", index, "kind"), f"kind is none of {', '.join(_SUBJECTS)}"
    if source.key.kind == "Namespace":
        for key, value in source.labels.items():
            if key.startswith("pod-security.kubernetes.io/") and "version" not in key and value not in _LEVELS:
                yield source.place.at("metadata", "labels", key), f"{key} is none of {', '.join(_LEVELS)}"


def _choices(source: Object, value: Any, place: Place, field: str) -> Iterator[Fault]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str) and field in _LISTS and item not in _LISTS[field]:
                yield place.at(index), f"{field} holds {item}, which is none of {', '.join(_LISTS[field])}"
            yield from _choices(source, item, place.at(index), field)
    elif isinstance(value, dict):
        for key, item in value.items():
            choices = _choices_of(source, field, key)
            if isinstance(item, str) and choices and item not in choices:
                yield place.at(key), f"{key} is none of {', '.join(choices)}"
            yield from _choices(source, item, place.at(key), key)


def _tolerations(value: Any, place: Place) -> Iterator[Fault]:
    """Tolerations and constraints that a custom resource hands on to its pods."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _tolerations(item, place.at(index))
    elif isinstance(value, dict):
        for index, item in maps(value.get("topologySpreadConstraints")):
            yield from _constraint(item, place.at("topologySpreadConstraints", index))
        for index, item in maps(value.get("tolerations")):
            for key, choices in _TOLERATION.items():
                if key in item and item[key] not in choices:
                    yield place.at("tolerations", index, key), f"{key} is none of {', '.join(choices)}"
        for key, item in value.items():
            if key != "tolerations" and isinstance(item, (dict, list)):
                yield from _tolerations(item, place.at(key))


def _constraint(item: dict[str, Any], place: Place) -> Iterator[Fault]:
    for key in ("maxSkew", "topologyKey", "whenUnsatisfiable"):
        if key not in item:
            yield place, f"topologySpreadConstraints lack {key}"
    if item.get("whenUnsatisfiable", "ScheduleAnyway") not in _CHOICES["whenUnsatisfiable"]:
        yield place.at("whenUnsatisfiable"), f"whenUnsatisfiable is none of {', '.join(_CHOICES['whenUnsatisfiable'])}"


def _choices_of(source: Object, field: str, key: str) -> tuple[str, ...]:
    if key == "type":
        return _TYPES.get((source.key.kind, field)) or _TYPES.get(("", field), ())
    if field == "tolerations":
        return _TOLERATION.get(key, ())
    return _CHOICES.get(key, ())


def container_faults(container: Container) -> Iterator[Fault]:
    """What the server refuses of a container."""
    if not container.image:
        yield container.place, f"container {container.name} has no image"
    for port in container.ports:
        written = part(container.body, *port.place.pointer[len(container.place.pointer) :])
        for number in (part(written, "containerPort"), part(written, "hostPort")):
            if isinstance(number, int) and not 0 < number < 65536:
                yield port.place, f"port {number} is not between 1 and 65535"
    for probe in PROBES:
        body = container.body.get(probe)
        if isinstance(body, dict) and sum(handler in body for handler in _HANDLERS) != 1:
            yield container.place.at(probe), f"{probe} of {container.name} must ask in exactly one way"
    for index, variable in maps(container.body.get("env")):
        yield from _variable_faults(variable, container.place.at("env", index))


def _variable_faults(variable: dict[str, Any], place: Place) -> Iterator[Fault]:
    source = variable.get("valueFrom")
    if "valueFrom" not in variable:
        return
    if variable.get("value"):
        yield place, f"variable {variable.get('name')} has a value and valueFrom"
    given = [name for name in _SOURCES if isinstance(source, dict) and isinstance(source.get(name), dict)]
    if len(given) != 1:
        yield place, f"variable {variable.get('name')} must come from exactly one source"
    elif given[0] in {"secretKeyRef", "configMapKeyRef"} and not part(source, given[0], "name"):
        yield place, f"variable {variable.get('name')} names no object to come from"


def service_faults(service: Service) -> Iterator[Fault]:
    """What the server refuses of a Service."""
    ports, place = service.ports, service.place
    if not ports and not service.external_name and not service.headless:
        yield place, "a Service needs a port"
    if len(ports) > 1 and not all(port.name for port in ports):
        yield place, "every port of a Service with several needs a name"
    for port in ports:
        if not 0 < port.number < 65536:
            yield port.place, f"port {port.number} is not between 1 and 65535"
