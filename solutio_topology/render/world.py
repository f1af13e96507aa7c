"""Derived names: namespaces, objects, labels, selectors, addresses. All of them live here, none in spec or graph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from solutio_topology.graph.model import EnvironmentGraph, Link, Node, PodGraph, Ref
from solutio_topology.identity import DOMAIN, PLATFORM, PROCESS, SERVICE, TENANT_POD

MAIN = "main"
"""The process that a service is named after; the others have names of their own."""
POOL = f"{DOMAIN}/pool"
"""Label and taint of nodes, set on the node pool: DOKS leaves its own name label behind when a pool is renamed."""
PART_OF = "app.kubernetes.io/part-of"
INSTANCE = "app.kubernetes.io/instance"
FLUX_NAMESPACE = "flux-system"
KEEP = {"kustomize.toolkit.fluxcd.io/prune": "disabled"}
"""Annotation of what Flux may never delete: namespaces, claims, databases."""


@dataclass(frozen=True)
class World:
    """The graph, with its links found by their ends and everything named as the cluster will know it."""

    graph: EnvironmentGraph

    @cached_property
    def incoming(self) -> dict[Ref, tuple[Link, ...]]:
        """Links by the service that accepts them, of every tenant pod."""
        return _grouped((link.server, link) for link in self.graph.links)

    @cached_property
    def outgoing(self) -> dict[Ref, tuple[Link, ...]]:
        """Links by the service that opens them."""
        return _grouped((link.client, link) for link in self.graph.links)

    @property
    def topology(self) -> str:
        """The topology's name, the first part of every namespace."""
        return self.graph.topology.metadata.name

    @cached_property
    def _pods(self) -> dict[str, PodGraph]:
        return {pod.pod: pod for pod in self.graph.pods}

    def pod_namespace(self, pod: str, layer: str | None = None) -> str:
        """The namespace of a tenant pod, or of a layer of it that has one of its own."""
        base = self._pods[pod].tenant.namespace or f"{self.topology}-{pod}"
        return f"{base}-{layer}" if layer else base

    def namespace(self, node: Node) -> str:
        """Where the pods of a service run."""
        if node.component.chart:
            pinned = node.service.pin.namespace if node.service.pin else None
            return pinned or node.component.chart.namespace
        if is_gateway(node):
            return f"{node.ref.service}-system"
        return self.pod_namespace(node.ref.pod, node.namespace_layer)

    def host(self, node: Node, seen_from: str) -> str:
        """The DNS name of a service's Service, for clients in the namespace `seen_from`."""
        name, namespace = service_name(node), self.namespace(node)
        return name if namespace == seen_from else f"{name}.{namespace}.svc"

    def labels(self, node: Node, process: str | None = None) -> dict[str, str]:
        """The labels of an object of a service; with `process`, those of its pods."""
        own = {SERVICE: node.ref.service, TENANT_POD: pod_label(node)}
        if process:
            own[PROCESS] = process
        return {**own, **self.common_labels(node.ref.service, pod_label(node), node.layer)}

    def common_labels(self, name: str, pod: str, component: str) -> dict[str, str]:
        """The labels that Kubernetes recommends. The tenant pod is the instance."""
        return {
            "app.kubernetes.io/name": name,
            INSTANCE: f"{self.topology}-{pod}",
            "app.kubernetes.io/component": component,
            PART_OF: self.topology,
            "app.kubernetes.io/managed-by": "solutio",
        }

    def tenant_labels(self, pod: str) -> dict[str, str]:
        """The labels of what belongs to a tenant pod (or the platform) and to none of its services."""
        common = self.common_labels(self.topology, pod, "platform" if pod == PLATFORM else "tenant-pod")
        return {TENANT_POD: pod, **common}

    def platform_labels(self, service: str) -> dict[str, str]:
        """The labels of what the platform installs."""
        return {SERVICE: service, TENANT_POD: PLATFORM, **self.common_labels(service, PLATFORM, "platform")}


def _grouped(pairs: Iterable[tuple[Ref, Link]]) -> dict[Ref, tuple[Link, ...]]:
    found: dict[Ref, list[Link]] = {}
    for ref, link in pairs:
        found.setdefault(ref, []).append(link)
    return {ref: tuple(links) for ref, links in found.items()}


def is_gateway(node: Node) -> bool:
    """Whether it is the Gateway of the Gateway API: objects that a controller of the cluster serves."""
    return node.component.kind == "objects" and node.component.browser_facing


def is_router(node: Node) -> bool:
    """Whether it carries requests from outside to services: the ingress controller or the Gateway."""
    return node.in_cluster and node.component.browser_facing


def pod_label(node: Node) -> str:
    """The tenant pod that an object is labelled with: what routes for everyone belongs to the platform."""
    return PLATFORM if node.component.chart or is_gateway(node) else node.ref.pod


def object_name(node: Node, process: str = MAIN) -> str:
    """The name of a workload."""
    base = (node.service.pin.name if node.service.pin else None) or node.ref.service
    return base if process == MAIN else f"{base}-{process}"


def service_name(node: Node) -> str:
    """The name of the Service that clients connect to."""
    pattern = node.component.endpoint
    return pattern.replace("{{ name }}", object_name(node)) if pattern else object_name(node)


def selector(node: Node, process: str | None = MAIN) -> dict[str, str]:
    """What selects the pods of a process (None: of every process and job) inside its namespace.

    The tenant pod is not part of it: a namespace belongs to one. So bases need no patches for it.
    """
    own = {SERVICE: node.ref.service}
    return {**own, PROCESS: process} if process else own
