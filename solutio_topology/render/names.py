"""Names, labels and selectors that are derived: here and nowhere else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from solutio_topology.graph.model import EnvironmentGraph, Node, PodGraph
from solutio_topology.graph.ref import Ref
from solutio_topology.identity import PLATFORM, POOL, PROCESS, SERVICE, TENANT_POD
from solutio_topology.manifests.tokens import HOLE, put
from solutio_topology.spec.component import Component

MAIN = "main"
"""The process that a service's own command is."""
FLUX_NAMESPACE = "flux-system"
INSTANCE = "app.kubernetes.io/instance"
PRUNE_DISABLED = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}


def namespaces(graph: EnvironmentGraph, pod: PodGraph) -> dict[str | None, str]:
    """The tenant pod's namespaces: by the layer that has its own, None for the main one."""
    main = pod.tenant.namespace or f"{graph.topology.metadata.name}-{pod.pod}"
    return {None: main, **{layer: f"{main}-{layer}" for layer in pod.layers}}


def namespace(graph: EnvironmentGraph, ref: Ref) -> str:
    """The namespace of a service's pods."""
    node = graph.node(ref)
    if node.component.chart:
        pinned = node.service.pin.namespace if node.service.pin else None
        return pinned or node.component.chart.namespace
    return namespaces(graph, graph.pod(ref.pod))[node.namespace_layer]


def object_name(node: Node) -> str:
    """The name of a service's workload and Service."""
    pin = node.service.pin
    return pin.name if pin and pin.name else node.ref.service


def labels(graph: EnvironmentGraph, pod: str, service: str, component: str) -> dict[str, str]:
    """The labels of every object of a service."""
    return {
        "app.kubernetes.io/name": service,
        INSTANCE: pod,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": graph.topology.metadata.name,
        "app.kubernetes.io/managed-by": "solutio",
        SERVICE: service,
        TENANT_POD: pod,
    }


def tenant_labels(graph: EnvironmentGraph, pod: str) -> dict[str, str]:
    """The labels of what belongs to a tenant pod, or to the platform, and to none of its services."""
    found = labels(graph, pod, graph.topology.metadata.name, "platform" if pod == PLATFORM else "tenant-pod")
    return {key: value for key, value in found.items() if key != SERVICE}


def node_labels(graph: EnvironmentGraph, node: Node) -> dict[str, str]:
    """The labels of every object of a node."""
    return labels(graph, node.ref.pod, node.ref.service, node.component_name)


def platform_labels(graph: EnvironmentGraph, name: str) -> dict[str, str]:
    """The labels of a component that the platform installs."""
    return labels(graph, PLATFORM, name, "platform")


def pod_selector(node: Node, process: str | None = None) -> dict[str, str]:
    """Labels that select the pods of a node in its namespace, or those of one process."""
    if node.component.kind == "chart":
        return chart_selector(node.component, node.component_name, node)
    if node.component.selector:
        return {key: value.replace("{{ name }}", object_name(node)) for key, value in node.component.selector.items()}
    own = {SERVICE: node.ref.service}
    return {**own, PROCESS: process} if process else own


def release_name(component: Component, name: str, node: Node | None) -> str:
    """The Helm release of a chart."""
    assert component.chart is not None
    pinned = node.service.pin.release if node and node.service.pin else None
    return pinned or component.chart.release or name


def chart_selector(component: Component, name: str, node: Node | None) -> dict[str, str]:
    """Labels that select a chart's pods: Helm's charts call the instance what the release is called."""
    return {
        key: release_name(component, name, node) if key == INSTANCE else value
        for key, value in component.selector.items()
    }


def service_host(graph: EnvironmentGraph, ref: Ref) -> str:
    """The DNS name of the Service through which a node in the cluster is reached."""
    node = graph.node(ref)
    name = (node.component.endpoint or "{{ name }}").replace("{{ name }}", object_name(node))
    return f"{name}.{namespace(graph, ref)}.svc"


def placement_constraints(graph: EnvironmentGraph, pool: str | None) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The nodeSelector and the tolerations of what runs on a pool."""
    if pool is None:
        return {}, []
    dedicated = pool in graph.platform.pools and graph.platform.pools[pool].dedicated
    toleration = {"key": POOL, "operator": "Equal", "value": pool, "effect": "NoSchedule"}
    return {POOL: pool}, [toleration] if dedicated else []


def content_hash(value: Any, tenant: PodGraph, length: int = 10) -> str:
    """A short hash of JSON-like data of a tenant pod: changes when, and only when, the data does.

    What names the tenant pod itself does not count, so that equal tenant pods have equal hashes.
    """
    data = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    for number, own in enumerate((tenant.tenant.domain, tenant.tenant.namespace, tenant.pod)):
        if own:
            # No JSON text holds this character, so nothing else can look the same.
            data = put(HOLE + b"%d" % number, own, data)
    return hashlib.sha256(data).hexdigest()[:length]
