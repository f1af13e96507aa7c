"""Everything that makes pods: Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob and their kin."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.identity import PROCESS, SERVICE, TENANT_POD
from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import (
    Container,
    ContainerPort,
    EnvVar,
    Key,
    Labels,
    Object,
    Operator,
    Reference,
    Requirement,
    Selector,
    Workload,
)
from solutio_topology.manifests.models.scheduling import COPIES
from solutio_topology.manifests.ports import LAST_PORT, PROTOCOLS, is_port, is_port_name
from solutio_topology.manifests.selectors import selector

TEMPLATE = {
    "Deployment": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
"""Where the pod template stands in each kind."""


def read_workload(source: Object, at: Cursor, into: Collector) -> None:
    """The workload that an object of one of the kinds in TEMPLATE is."""
    template = at.get(*TEMPLATE[source.key.kind])
    spec = template.get("spec")
    if not isinstance(spec.value, dict):
        at.note(f"{source.key} has no pod spec", "give it spec.template.spec")
        return
    key = _owner(source, at) if source.key.kind == "Pod" else source.key
    if key in into.running or (source.key.kind == "Pod" and at.get("status").value and _has_ended(at)):
        return
    into.workloads.append(
        Workload(
            key=key,
            labels=template.get("metadata").labels("labels"),
            object_labels={**into.identity, **source.labels, **_said(source.annotations)},
            annotations=template.get("metadata").labels("annotations"),
            selector=_selector(source.key.kind, at.get("spec")),
            replicas=_replicas(source.key.kind, at.get("spec")) if into.assumption is None else _modelled(at),
            containers=tuple(_containers(spec)),
            references=tuple(_references(spec)),
            service_account=spec.text("serviceAccountName") or spec.text("serviceAccount") or "default",
            host_network=spec.flag("hostNetwork"),
            pod_spec=spec.value,
            place=source.place,
            pod_place=spec.place,
            assumed=into.assumption,
            maker=into.maker,
        )
    )


def _has_ended(at: Cursor) -> bool:
    """Whether a Pod of an export is done for good: it has no network any more."""
    return at.get("status").text("phase") in {"Succeeded", "Failed"}


def _said(annotations: Labels) -> Labels:
    """Annotations that say whose the workload is; they count before labels of the same name."""
    return {key: annotations[key] for key in (SERVICE, TENANT_POD, PROCESS) if key in annotations}


def _selector(kind: str, spec: Cursor) -> Selector | None:
    if kind == "ReplicationController":
        labels = spec.labels("selector")
        return Selector(tuple(Requirement(key, Operator.IN, (value,)) for key, value in sorted(labels.items())))
    if kind in {"Pod", "CronJob"} or not spec.get("selector"):
        return None
    return selector(spec.get("selector"))


def _replicas(kind: str, spec: Cursor) -> int:
    if kind in {"Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"}:
        return spec.number("replicas", 1)
    return 1


def _modelled(at: Cursor) -> int:
    """Replicas of what a model speaks of: it may say how many Pods of one kind there are."""
    return at.number(COPIES, _replicas(at.text("kind"), at.get("spec")))


def _owner(source: Object, at: Cursor) -> Key:
    """A Pod is named after its controller, else its first owner, as written; an owner without a kind keeps the Pod's.

    A Node is no owner: it only mirrors what stands in a file on its disk.
    """
    owners = [
        each
        for each in at.get("metadata").items("ownerReferences")
        if each.text("name") and each.text("kind") != "Node"
    ]
    owner = next((each for each in owners if each.flag("controller")), owners[0] if owners else None)
    if owner is None:
        return source.key
    group = owner.text("apiVersion").rpartition("/")[0]
    return Key(group, owner.text("kind", "Pod"), source.key.namespace, owner.text("name"))


def _containers(spec: Cursor) -> Iterator[Container]:
    for kind, init in (("initContainers", True), ("containers", False)):
        for at in spec.items(kind):
            if not isinstance(at.value, dict):
                at.note("a container must be a map", "give it a name and an image")
                continue
            yield Container(
                name=at.text("name"),
                image=at.text("image"),
                init=init,
                ports=tuple(_port(port) for port in at.items("ports")),
                env=tuple(_env(variable) for variable in at.items("env")),
                body=at.value,
                place=at.place,
            )


def _port(at: Cursor) -> ContainerPort:
    found = ContainerPort(
        number=at.number("containerPort"),
        protocol=at.text("protocol", "TCP"),
        name=at.text("name"),
        host_port=at.number("hostPort"),
        place=at.place,
    )
    if found.protocol not in PROTOCOLS:
        at.get("protocol").note(f"{found.protocol!r} is no protocol of a port", "use TCP, UDP or SCTP")
    if (at.get("containerPort") and not is_port(found.number)) or not 0 <= found.host_port <= LAST_PORT:
        at.note(f"ports are 1 to {LAST_PORT}: the API server refuses this one", "correct the number")
    if found.name and not is_port_name(found.name):
        at.get("name").note(
            f"{found.name!r} cannot name a port: the API server refuses it", "use at most 15 of a-z 0-9 -"
        )
    return found


_SOURCES = {
    "secretKeyRef": "Secret",
    "configMapKeyRef": "ConfigMap",
    "fieldRef": "field",
    "resourceFieldRef": "resource",
    "fileKeyRef": "file",
}


def _env(at: Cursor) -> EnvVar:
    name = at.text("name")
    for field, kind in _SOURCES.items():
        source = at.get("valueFrom", field)
        if source:
            key = source.text("key") or source.text("fieldPath") or source.text("resource")
            return EnvVar(name, None, kind, source.text("name"), key, source.flag("optional"), at.place)
    return EnvVar(name, at.text("value"), "", "", "", False, at.place)


def _references(spec: Cursor) -> Iterator[Reference]:
    for container in [*spec.items("initContainers"), *spec.items("containers")]:
        yield from _container_references(container)
    for volume in spec.items("volumes"):
        yield from _volume_references(volume)
    for secret in spec.items("imagePullSecrets"):
        yield Reference("Secret", secret.text("name"), (), False, secret.place)
    account = spec.text("serviceAccountName")
    if account:
        yield Reference("ServiceAccount", account, (), False, spec.get("serviceAccountName").place)
    priority = spec.text("priorityClassName")
    if priority:
        yield Reference("PriorityClass", priority, (), False, spec.get("priorityClassName").place)


def _container_references(container: Cursor) -> Iterator[Reference]:
    for variable in container.items("env"):
        found = _env(variable)
        if found.source_kind in {"Secret", "ConfigMap"}:
            yield Reference(found.source_kind, found.source_name, (found.source_key,), found.optional, found.place)
    for source in container.items("envFrom"):
        for field, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
            at = source.get(field)
            if at:
                yield Reference(kind, at.text("name"), (), at.flag("optional"), at.place)


def _volume_references(volume: Cursor) -> Iterator[Reference]:
    sources = [volume, *volume.get("projected").items("sources")]
    for source in sources:
        for field, kind, name in (("secret", "Secret", "secretName"), ("configMap", "ConfigMap", "name")):
            at = source.get(field)
            if at:
                keys = tuple(item.text("key") for item in at.items("items"))
                yield Reference(kind, at.text(name) or at.text("name"), keys, at.flag("optional"), at.place)
    claim = volume.get("persistentVolumeClaim")
    if claim:
        yield Reference("PersistentVolumeClaim", claim.text("claimName"), (), False, claim.place)
