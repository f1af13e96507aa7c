"""What the CloudNativePG operator makes of a Cluster or a Pooler.

Sources: cloudnative-pg 1.30, pkg/specs/{pods,services,secrets}.go, pkg/specs/pgbouncer/{deployments,services}.go,
api/v1/cluster_funcs.go (which Secrets are generated).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Assumption, Object
from solutio_topology.manifests.models.objects import deployment, secret, service
from solutio_topology.manifests.models.scheduling import COPIES, placing, scheduled

Bodies = list[dict[str, Any]]
PORTS = {"postgresql": 5432, "metrics": 9187, "status": 8000}
USER_KEYS = (
    *("username", "user", "password", "dbname", "host", "port", "pgpass"),
    *("uri", "jdbc-uri", "fqdn-uri", "fqdn-jdbc-uri"),
)
"""The keys of a generated Secret of a database user."""
_CERTIFICATES = (
    ("ca", "serverCASecret", ("ca.crt", "ca.key")),
    ("server", "serverTLSSecret", ("tls.crt", "tls.key")),
    ("replication", "replicationTLSSecret", ("tls.crt", "tls.key")),
)


def _assumption(source: Object) -> Assumption:
    return Assumption(
        "operator-cloudnative-pg",
        f"{source.key} becomes pods and Services of the CloudNativePG operator",
        "cloudnative-pg 1.30: pkg/specs, and the documentation on labels and service management",
    )


def cluster_objects(source: Object, at: Cursor) -> tuple[Assumption, Bodies]:
    """The instances, the Services and the generated Secrets of a Cluster."""
    spec = at.get("spec")
    bodies = [*_instances(source, spec), *_services(source, spec), *_secrets(source, spec)]
    return _assumption(source), bodies


def _labels(cluster: str, component: str, role: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "postgresql",
        "app.kubernetes.io/instance": cluster,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/managed-by": "cloudnative-pg",
        "cnpg.io/cluster": cluster,
        "cnpg.io/podRole": role,
    }


def _instances(source: Object, spec: Cursor) -> Iterator[dict[str, Any]]:
    """A Pod for the primary and one for all replicas: Pods that the Cluster owns, no Deployment."""
    name = source.key.name
    labels = {**spec.get("inheritedMetadata").labels("labels"), **_labels(name, "database", "instance")}
    image = spec.text("imageName") or "postgresql:chosen-by-the-image-catalog"
    instances = spec.number("instances", 1)
    for role, copies in (("primary", 1), ("replica", instances - 1)) if instances > 1 else (("primary", 1),):
        own = {**labels, "cnpg.io/instanceRole": role}
        body = deployment(name, source.key.namespace, own, PORTS, image)
        owner = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": name}
        metadata = {"name": name, "namespace": source.key.namespace, "labels": own, "ownerReferences": [owner]}
        pod = {**body["spec"]["template"]["spec"], **_placing(name, spec), "volumes": _claims(spec)}
        pod["containers"][0]["resources"] = spec.get("resources").value
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod, COPIES: copies}


def _placing(name: str, spec: Cursor) -> dict[str, Any]:
    """Where instances may stand. Without ``podAntiAffinityType: required`` they only prefer nodes of their own."""
    affinity = spec.get("affinity")
    found: dict[str, Any] = {**placing(affinity), **placing(spec)}
    # Cluster.spec.affinity is no affinity of pods: the parts of one stand in it.
    found.pop("affinity", None)
    parts: dict[str, Any] = {}
    if isinstance(affinity.get("nodeAffinity").value, dict):
        parts["nodeAffinity"] = affinity.get("nodeAffinity").value
    if affinity.flag("enablePodAntiAffinity", True) and affinity.text("podAntiAffinityType") == "required":
        selected = {"matchLabels": {"cnpg.io/cluster": name, "cnpg.io/podRole": "instance"}}
        term = {"labelSelector": selected, "topologyKey": affinity.text("topologyKey", "kubernetes.io/hostname")}
        parts["podAntiAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    return {**found, **({"affinity": parts} if parts else {})}


def _claims(spec: Cursor) -> list[dict[str, Any]]:
    """The volumes of one instance: its data, its log where that has one, its tablespaces. Each instance has its own."""
    sizes = [spec.get("storage"), *([spec.get("walStorage")] if spec.get("walStorage") else [])]
    sizes += [each.get("storage") for each in spec.items("tablespaces")]
    return [
        {"name": f"volume-{number}", "ephemeral": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {
            "storage": size.text("size")}}}}}}
        for number, size in enumerate(sizes)
    ]  # fmt: skip


def _selectors(name: str) -> dict[str, dict[str, str]]:
    return {
        "rw": {"cnpg.io/cluster": name, "cnpg.io/instanceRole": "primary"},
        "ro": {"cnpg.io/cluster": name, "cnpg.io/instanceRole": "replica"},
        "r": {"cnpg.io/cluster": name, "cnpg.io/podRole": "instance"},
    }


def _services(source: Object, spec: Cursor) -> Iterator[dict[str, Any]]:
    name, namespace = source.key.name, source.key.namespace
    managed = spec.get("managed", "services")
    disabled = managed.texts("disabledDefaultServices")
    ports = [("postgres", 5432, 5432, "TCP")]
    for kind, selected in _selectors(name).items():
        if kind not in disabled:
            yield service(f"{name}-{kind}", namespace, selected, ports)
    for item in managed.items("additional"):
        template = item.get("serviceTemplate")
        selected = _selectors(name).get(item.text("selectorType"), {})
        if not selected:
            item.note("selectorType must be rw, ro or r", "name which instances the Service selects")
            continue
        body = service(template.get("metadata").text("name"), namespace, selected, ports)
        yield _templated(body, template)


def _templated(body: dict[str, Any], template: Cursor) -> dict[str, Any]:
    """A Service with the fields that a person's template sets; the operator keeps its own selector."""
    annotations = template.get("metadata").labels("annotations")
    own = template.get("spec").value
    fields = {key: value for key, value in own.items() if key != "selector"} if isinstance(own, dict) else {}
    if not fields.get("ports"):
        fields.pop("ports", None)
    return {
        **body,
        "metadata": {**body["metadata"], "annotations": annotations},
        "spec": {**body["spec"], **fields},
    }


def _secrets(source: Object, spec: Cursor) -> Iterator[dict[str, Any]]:
    name, namespace = source.key.name, source.key.namespace
    if _makes_user(spec.get("bootstrap")):
        yield secret(f"{name}-app", namespace, USER_KEYS)
    if spec.flag("enableSuperuserAccess") and not spec.get("superuserSecret").text("name"):
        yield secret(f"{name}-superuser", namespace, USER_KEYS)
    for suffix, field, keys in _CERTIFICATES:
        if not spec.get("certificates").text(field):
            yield secret(f"{name}-{suffix}", namespace, keys)


def _makes_user(bootstrap: Cursor) -> bool:
    """Whether the operator generates the Secret of the application's user."""
    for way in ("recovery", "pg_basebackup"):
        at = bootstrap.get(way)
        if at:
            return bool(at.text("owner") and at.text("database")) and not at.get("secret").text("name")
    return not bootstrap.get("initdb", "secret").text("name")


def pooler_objects(source: Object, at: Cursor) -> tuple[Assumption, Bodies]:
    """The PgBouncer Deployment and Service of a Pooler."""
    name, namespace = source.key.name, source.key.namespace
    spec = at.get("spec")
    labels = {
        **spec.get("template", "metadata").labels("labels"),
        **_labels(spec.get("cluster").text("name"), "pooler", "pooler"),
        "cnpg.io/poolerName": name,
    }
    ports = {"pgbouncer": 5432, "metrics": 9127}
    front = service(name, namespace, {"cnpg.io/poolerName": name}, [("pgbouncer", 5432, "pgbouncer", "TCP")])
    pods = deployment(name, namespace, labels, ports, "pgbouncer:by-operator", spec.number("instances", 1))
    template = spec.get("template", "spec")
    own = next(template.items("containers"), template.get("containers-missing"))
    return _assumption(source), [
        scheduled(pods, Cursor({**placing(template), **_resources(own)}, template.place, template.sink)),
        _templated(front, spec.get("serviceTemplate")),
    ]


def _resources(container: Cursor) -> dict[str, Any]:
    return {"resources": container.get("resources").value} if isinstance(container.value, dict) else {}
