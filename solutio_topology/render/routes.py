"""How requests come in: Ingresses, or Gateway, HTTPRoutes and Certificates of the Gateway API."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.graph.model import EnvironmentGraph, Link, Node
from solutio_topology.graph.ref import Ref
from solutio_topology.identity import PLATFORM
from solutio_topology.render.model import Body
from solutio_topology.render.names import namespace, node_labels, object_name, tenant_labels
from solutio_topology.render.workloads import metadata

GATEWAY = "public"
DNS = "external-dns.alpha.kubernetes.io/"


def gateway_namespace(graph: EnvironmentGraph) -> str:
    """The namespace of the shared Gateway and of its certificates."""
    return f"{graph.topology.metadata.name}-gateway"


def uses_gateway_api(graph: EnvironmentGraph) -> bool:
    """Whether requests come in through the Gateway API."""
    return graph.platform.ingress.controller == "gateway-api"


def routes_to(graph: EnvironmentGraph, node: Node) -> Iterator[Body]:
    """The Ingresses or HTTPRoutes that lead to a service. A host with several paths stands at its first service."""
    for host in _hosts_of(graph, node):
        by_namespace: dict[str, list[Link]] = {}
        for link in graph.hosts[host]:
            by_namespace.setdefault(namespace(graph, link.server), []).append(link)
        for group in by_namespace.values():
            if group[0].server == node.ref:
                yield (_http_route if uses_gateway_api(graph) else _ingress)(graph, node, host, group)


def _hosts_of(graph: EnvironmentGraph, node: Node) -> list[str]:
    """The public hosts that lead to a service."""
    found = (link.host for link in graph.incoming.get(node.ref, ()))
    return list(dict.fromkeys(host for host in found if host and host in graph.hosts))


def _proxied(graph: EnvironmentGraph, ref: Ref) -> bool:
    """Whether an edge of Cloudflare leads to this ingress."""
    return any(graph.node(link.client).component_name == "cloudflare" for link in graph.incoming.get(ref, ()))


def _dns_annotations(graph: EnvironmentGraph, host: str, link: Link) -> dict[str, str]:
    proxied = "true" if _proxied(graph, link.client) else "false"
    return {f"{DNS}hostname": host, f"{DNS}cloudflare-proxied": proxied}


def _ingress(graph: EnvironmentGraph, node: Node, host: str, links: list[Link]) -> Body:
    annotations = {
        "cert-manager.io/cluster-issuer": graph.platform.certificates.issuer,
        **_dns_annotations(graph, host, links[0]),
        "nginx.ingress.kubernetes.io/ssl-redirect": "true",
    }
    if any(port.scheme == "ws" for link in links for port in link.ports.values()):
        # A WebSocket is silent for longer than the default minute.
        annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"] = "3600"
        annotations["nginx.ingress.kubernetes.io/proxy-send-timeout"] = "3600"
    paths = [_path(graph, link) for link in sorted(links, key=lambda link: -len(link.edge.path))]
    first_at = [each for each in _hosts_of(graph, node) if graph.hosts[each][0].server == node.ref]
    name = object_name(node) if len(first_at) == 1 else slug(host)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {**metadata(graph, node, name), "annotations": annotations},
        "spec": {
            "ingressClassName": graph.platform.ingress.ingress_class,
            "tls": [{"hosts": [host], "secretName": f"{slug(host)}-tls"}],
            "rules": [{"host": host, "http": {"paths": paths}}],
        },
    }


def _path(graph: EnvironmentGraph, link: Link) -> Body:
    service = {"name": object_name(graph.node(link.server)), "port": {"name": next(iter(link.ports))}}
    return {"path": link.edge.path, "pathType": "Prefix", "backend": {"service": service}}


def slug(host: str) -> str:
    """A host as part of a name."""
    return host.replace("*", "any").replace(".", "-")


def _http_route(graph: EnvironmentGraph, node: Node, host: str, links: list[Link]) -> Body:
    rules = [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": link.edge.path}}],
            "backendRefs": [
                {"name": object_name(graph.node(link.server)), "port": next(iter(link.ports.values())).port}
            ],
        }
        for link in sorted(links, key=lambda link: -len(link.edge.path))
    ]
    parent = {"name": GATEWAY, "namespace": gateway_namespace(graph), "sectionName": slug(host)}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {
            **metadata(graph, node, slug(host)),
            "annotations": _dns_annotations(graph, host, links[0]),
        },
        "spec": {"parentRefs": [parent], "hostnames": [host], "rules": rules},
    }


def gateway_objects(graph: EnvironmentGraph, ranges: list[str]) -> Iterator[Body]:
    """The Gateway with a listener and a Certificate per public host."""
    found = graph.hosts
    if not uses_gateway_api(graph) or not found:
        return
    ingress = next(iter(found.values()))[0].client
    labels = node_labels(graph, graph.node(ingress))
    where = gateway_namespace(graph)
    spec: Body = {"gatewayClassName": graph.platform.ingress.ingress_class}
    if ranges:
        spec["infrastructure"] = {"annotations": _admitted(graph, ranges)}
    spec["listeners"] = [_listener(graph, host) for host in found]
    yield {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": GATEWAY, "namespace": where, "labels": labels},
        "spec": spec,
    }
    for host in found:
        issuer = {"name": graph.platform.certificates.issuer, "kind": "ClusterIssuer"}
        yield {
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "metadata": {"name": slug(host), "namespace": where, "labels": tenant_labels(graph, PLATFORM)},
            "spec": {"secretName": f"{slug(host)}-tls", "dnsNames": [host], "issuerRef": issuer},
        }


def _admitted(graph: EnvironmentGraph, ranges: list[str]) -> dict[str, str]:
    """The annotation by which the Gateway's load balancer lets only some addresses in."""
    if graph.platform.orchestrator == "doks":
        return {"service.beta.kubernetes.io/do-loadbalancer-allow-rules": ",".join(f"cidr:{cidr}" for cidr in ranges)}
    return {"service.beta.kubernetes.io/load-balancer-source-ranges": ",".join(ranges)}


def _listener(graph: EnvironmentGraph, host: str) -> Body:
    part_of = {"app.kubernetes.io/part-of": graph.topology.metadata.name}
    return {
        "name": slug(host),
        "hostname": host,
        "port": 443,
        "protocol": "HTTPS",
        "tls": {"mode": "Terminate", "certificateRefs": [{"name": f"{slug(host)}-tls"}]},
        "allowedRoutes": {"namespaces": {"from": "Selector", "selector": {"matchLabels": part_of}}},
    }
