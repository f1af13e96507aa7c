"""What the CloudNativePG operator makes of a Cluster or a Pooler.

Sources: cloudnative-pg docs, labels_annotations.md, service_management.md, connection_pooling.md, applications.md (the
keys of the generated Secret).
"""

from __future__ import annotations

from typing import Any

from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Assumption, Object
from solutio_topology.manifests.models.objects import deployment, service

PORTS = {"postgresql": 5432, "metrics": 9187, "status": 8000}
SECRET_KEYS = ("username", "user", "password", "host", "port", "dbname", "uri", "jdbc-uri", "pgpass")


def _assumption(source: Object) -> Assumption:
    return Assumption(
        "operator-cloudnative-pg",
        f"{source.key} becomes pods and Services of the CloudNativePG operator",
        "cloudnative-pg 1.30 documentation: labels, service management",
    )


def cluster_objects(source: Object, at: Cursor) -> tuple[Assumption, list[dict[str, Any]]]:
    """The instances, the three Services and the generated Secret of a Cluster."""
    name, namespace = source.key.name, source.key.namespace
    spec = at.get("spec")
    labels = {
        **spec.get("inheritedMetadata").labels("labels"),
        "app.kubernetes.io/name": "postgresql",
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": "database",
        "app.kubernetes.io/managed-by": "cloudnative-pg",
        "cnpg.io/cluster": name,
        "cnpg.io/podRole": "instance",
    }
    image = spec.text("imageName") or "postgresql:chosen-by-the-image-catalog"
    primary = {"cnpg.io/cluster": name, "cnpg.io/instanceRole": "primary"}
    instances = spec.number("instances", 1)
    bodies = [
        deployment(name, namespace, {**labels, "cnpg.io/instanceRole": "primary"}, PORTS, image, kind="Pod"),
        *_services(name, namespace, primary, at),
    ]
    bodies[0] = _pod(bodies[0], name)
    if instances > 1:
        replica = deployment(name, namespace, {**labels, "cnpg.io/instanceRole": "replica"}, PORTS, image)
        bodies.insert(1, _pod(replica, name))
    owner = spec.get("bootstrap", "initdb", "secret").text("name")
    if not owner:
        secret = dict.fromkeys(SECRET_KEYS, "")
        metadata = {"name": f"{name}-app", "namespace": namespace}
        bodies.append({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": secret})
    return _assumption(source), bodies


def _pod(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A Pod that the Cluster owns: instances are no Deployment."""
    template = body["spec"]["template"]
    owner = {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "name": name}
    metadata = {**body["metadata"], **template["metadata"], "ownerReferences": [owner]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def _services(name: str, namespace: str, primary: dict[str, str], at: Cursor) -> list[dict[str, Any]]:
    ports = [("postgres", 5432, 5432, "TCP")]
    disabled = at.get("spec", "managed", "services").texts("disabledDefaultServices")
    wanted = {
        "rw": primary,
        "ro": {"cnpg.io/cluster": name, "cnpg.io/instanceRole": "replica"},
        "r": {"cnpg.io/cluster": name, "cnpg.io/podRole": "instance"},
    }
    return [
        service(f"{name}-{kind}", namespace, selected, ports)
        for kind, selected in wanted.items()
        if kind not in disabled
    ]


def pooler_objects(source: Object, at: Cursor) -> tuple[Assumption, list[dict[str, Any]]]:
    """The PgBouncer Deployment and Service of a Pooler."""
    name, namespace = source.key.name, source.key.namespace
    labels = {"cnpg.io/poolerName": name, "cnpg.io/podRole": "pooler"}
    replicas = at.get("spec").number("instances", 1)
    return _assumption(source), [
        deployment(name, namespace, labels, {"pgbouncer": 5432, "metrics": 9127}, "pgbouncer:by-operator", replicas),
        service(name, namespace, labels, [("pgbouncer", 5432, "pgbouncer", "TCP")]),
    ]
