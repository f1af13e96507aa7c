"""Services whose pods others make: custom resources of operators, Helm releases of charts."""

from __future__ import annotations

from typing import Any

from solutio_topology.catalog import cloudflare_ranges
from solutio_topology.graph.model import EnvironmentGraph, Node
from solutio_topology.render import template
from solutio_topology.render.alike import Alike
from solutio_topology.render.model import Body
from solutio_topology.render.names import (
    FLUX_NAMESPACE,
    chart_selector,
    namespace,
    node_labels,
    object_name,
    placement_constraints,
    platform_labels,
    release_name,
)
from solutio_topology.render.pods import resources, template_names
from solutio_topology.spec.component import Chart, Component


def custom_resources(graph: EnvironmentGraph, node: Node, alike: Alike | None = None) -> list[Body]:
    """The custom resources of a service, in its namespace and with its labels.

    `alike`: how its tenant pod is like others but for its names.
    """
    if not node.component.objects:
        return []
    names = {**template_names(graph, node), **_more_names(graph, node)}
    found = template.fill_documents(node.component.objects, names, f"component {node.component_name}", alike)
    return [_labelled(body, node_labels(graph, node)) for body in found]


def _labelled(body: Body, labels: dict[str, str]) -> Body:
    metadata = body.get("metadata", {})
    return {**body, "metadata": {**metadata, "labels": {**labels, **metadata.get("labels", {})}}}


def _more_names(graph: EnvironmentGraph, node: Node) -> dict[str, Any]:
    selector, tolerations = placement_constraints(graph, node.pool)
    storage = node.storage
    return {
        "labels": node_labels(graph, node),
        "resources": resources(node.resources),
        "node_selector": selector,
        "tolerations": tolerations,
        "storage": storage,
        "storage_class": (storage.storage_class if storage else None) or graph.platform.storage_class,
        "backups": graph.platform.backups,
        "databases": _databases(node),
    }


def _databases(node: Node) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "owner": database.owner,
            "secret": database.secret or f"{database.owner}-database",
            "extensions": list(database.extensions),
        }
        for name, database in node.service.databases.items()
    ]


def edge_ranges(graph: EnvironmentGraph) -> list[str]:
    """The only addresses that may reach the origin; empty where no edge stands in front of it."""
    fronts = {"cloudflare", "cdn"}
    if any(node.component_name in fronts for pod in graph.pods for node in pod.nodes.values()):
        return list(cloudflare_ranges())
    return []


def release(graph: EnvironmentGraph, name: str, component: Component, node: Node | None) -> tuple[list[Body], Body]:
    """The Helm repository and release of a platform component, and its values."""
    assert component.chart is not None
    chart = component.chart
    labels = node_labels(graph, node) if node else platform_labels(graph, name)
    values = _values(graph, name, component, node)
    override = graph.platform.controllers.get(name)
    version = (override.version if override else None) or chart.version
    if override:
        values = _merge(values, override.values)
    needs = [each for each in component.operators if each in graph.controllers]
    where = chart_namespace(component, node)
    named = {"releaseName": release_name(component, name, node), "targetNamespace": where, "storageNamespace": where}
    return [_repository(chart, name, labels), _release(chart.name, version, name, labels, named, needs)], values


def chart_namespace(component: Component, node: Node | None) -> str:
    """The namespace that a chart's pods live in."""
    assert component.chart is not None
    pinned = node.service.pin.namespace if node and node.service.pin else None
    return pinned or component.chart.namespace


def _repository(chart: Chart, name: str, labels: dict[str, str]) -> Body:
    spec: Body = {"interval": "24h", "url": chart.repository}
    if chart.repository.startswith("oci://"):
        spec = {"type": "oci", **spec}
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "HelmRepository",
        "metadata": {"name": name, "namespace": FLUX_NAMESPACE, "labels": labels},
        "spec": spec,
    }


def _release(
    chart: str, version: str, name: str, labels: dict[str, str], named: dict[str, str], needs: list[str]
) -> Body:
    retry = {"strategy": {"name": "RetryOnFailure", "retryInterval": "5m"}}
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": FLUX_NAMESPACE, "labels": labels},
        "spec": {
            "interval": "1h",
            "timeout": "10m",
            **({"dependsOn": [{"name": need} for need in needs]} if needs else {}),
            "serviceAccountName": "helm-controller",
            **named,
            "chart": {
                "spec": {
                    "chart": chart,
                    "version": version,
                    "sourceRef": {"kind": "HelmRepository", "name": name},
                    "interval": "24h",
                }
            },
            "install": {"crds": "CreateReplace", **retry},
            "upgrade": {"crds": "CreateReplace", **retry},
            "driftDetection": {"mode": "enabled"},
        },
    }


def _values(graph: EnvironmentGraph, name: str, component: Component, node: Node | None) -> Body:
    selector, tolerations = placement_constraints(graph, node.pool if node else None)
    names = {
        "name": object_name(node) if node else name,
        "platform": graph.platform,
        "environment": graph.name,
        "replicas": node.min_replicas if node else 1,
        "resources": resources(node.resources if node else component.resources),
        "node_selector": selector,
        "tolerations": tolerations,
        "selector": chart_selector(component, name, node),
        "settings": node.settings if node else component.settings,
        "edge_ranges": edge_ranges(graph),
        "load_balancer": f"{graph.topology.metadata.name}-{graph.name}",
        "owner": f"{graph.topology.metadata.name}-{graph.name}",
        "zones": _zones(graph),
        "namespace": namespace(graph, node.ref) if node else chart_namespace(component, None),
    }
    found = template.fill_documents(component.values, names, f"component {name}") if component.values else []
    return found[0] if found else {}


def _zones(graph: EnvironmentGraph) -> list[str]:
    domains = [pod.tenant.domain for pod in graph.pods if pod.tenant.domain]
    return list(dict.fromkeys([graph.environment.zone, *domains]))


def _merge(left: Body, right: Body) -> Body:
    """Helm values, the right ones win, key by key."""
    both = {
        key: _merge(left[key], value) if isinstance(value, dict) and isinstance(left.get(key), dict) else value
        for key, value in right.items()
    }
    return {**left, **both}
