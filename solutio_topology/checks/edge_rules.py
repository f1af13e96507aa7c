"""``G``: what single edges of the topology say, before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterator

from solutio_topology.checks.check import GraphCheck
from solutio_topology.checks.graph_rules import edges_of, first_nodes
from solutio_topology.checks.inputs import Intent
from solutio_topology.findings import Finding, Rule, Severity

SELF_EDGE = Rule(
    code="G001",
    name="self-edge",
    severity=Severity.ERROR,
    summary="An edge from a service to itself.",
    rationale="Replicas of one service that talk to each other are the component's to say, not the topology's.",
    example="edges: {x: {from: api, to: api}}",
    remedy="remove the edge",
)
SKIPPED_LAYER = Rule(
    code="G004",
    name="layer-skipped",
    severity=Severity.ERROR,
    summary="An edge into a layer that its own layer may not reach.",
    rationale="The layers are the architecture: data reached past the application is data without its checks.",
    example="an edge from the edge layer straight into data",
    remedy="go through a service of the layer between, or list the layer in `reaches`",
)
DEEP_HOST = Rule(
    code="G009",
    name="host-below-first-level",
    severity=Severity.ERROR,
    summary="A public host more than one label below the zone.",
    rationale="Cloudflare's Universal SSL covers the zone and its first-level names only; no certificate fits.",
    example="api.org-e.solutio.app",
    remedy="put the parts into one label: api-org-e.solutio.app",
)
UNKNOWN_PORT = Rule(
    code="G010",
    name="unknown-port",
    severity=Severity.ERROR,
    summary="An edge to a port that the target does not have, or to a target without a port to mean.",
    rationale="Nothing would be opened, and the client would have no address.",
    example="edges: {api-pg: {from: api, to: pg, ports: [mysql]}}",
    remedy="name a port of the target's component or service",
)
NODE_PORT_CARRIED = Rule(
    code="G012",
    name="node-port-through-load-balancer",
    severity=Severity.ERROR,
    summary="A port of the node that an edge wants a load balancer to carry.",
    rationale="No load balancer carries a range of media ports, and WebRTC needs the node's own address.",
    example="via: load-balancer with ports: [rtc-udp]",
    remedy="use `via: node` or `via: browser`, and open the provider's firewall",
)
UNBOUND = Rule(
    code="G013",
    name="client-without-address",
    severity=Severity.WARNING,
    summary="A pod opens an edge, and nothing tells it the address.",
    rationale="The address is then written into the image, and differs from what is rendered sooner or later.",
    example="an edge from a rails service to a database without `env`",
    remedy="give the edge an `env`",
)
PULLED_STREAM = Rule(
    code="G016",
    name="livekit-does-not-pull",
    severity=Severity.ERROR,
    summary="An edge on which LiveKit would pull a camera stream.",
    rationale="LiveKit takes no RTSP: the camera bridge pushes its streams into LiveKit Ingress (RTMP, WHIP).",
    example="edges: {lk-g2: {from: lk, to: g2}}",
    remedy="add livekit-ingress, let the bridge push into it, and say `realizedBy` on the drawn edge",
)
_CAMERA_BRIDGES = frozenset({"go2rtc", "mediamtx"})


def self_edges(intent: Intent) -> Iterator[Finding]:
    """Edges that lead back to where they start."""
    for key, edge in intent.graph.topology.edges.items():
        if edge.source == edge.to:
            where = intent.locate(f"edges.{key}")
            yield SELF_EDGE.finding(f"edge {key} leads from {edge.to} to itself", where, subject=f"edge {key}")


def skipped_layers(intent: Intent) -> Iterator[Finding]:
    """Edges between layers that may not touch."""
    layers = intent.graph.topology.layers
    for key, edge, link in edges_of(intent):
        source, target = (intent.graph.node(ref) for ref in link.drawn)
        allowed = layers[source.layer].reaches
        if allowed is not None and target.layer not in {*allowed, source.layer}:
            where = intent.locate(f"edges.{key}")
            message = f"edge {key} leads from layer {source.layer} into {target.layer}, which it may not reach"
            yield SKIPPED_LAYER.finding(message, where, subject=f"edge {key}")
        elif edge.via is None and source.component.kind in {"edge", "client"} and target.component.stateful:
            where = intent.locate(f"edges.{key}")
            message = f"edge {key} leads from outside straight to the data of {target.ref.service}"
            yield SKIPPED_LAYER.finding(message, where, subject=f"edge {key}")


def deep_hosts(intent: Intent) -> Iterator[Finding]:
    """Hosts that no universal certificate covers; only behind Cloudflare."""
    if not any(node.component_name == "cloudflare" for node in first_nodes(intent).values()):
        return
    for pod in intent.graph.pods:
        zone = pod.tenant.domain or intent.graph.environment.zone
        for link in pod.links:
            if link.host and link.host != zone and link.host.removesuffix(f".{zone}").count("."):
                where = intent.locate(f"edges.{link.key}.host")
                message = f"{link.host} is more than one label below {zone}"
                yield DEEP_HOST.finding(message, where, subject=f"edge {link.key} of {pod.pod}")


def unknown_ports(intent: Intent) -> Iterator[Finding]:
    """Edges that mean no port."""
    for key, edge, link in edges_of(intent):
        server = intent.graph.node(link.server)
        for name in edge.ports:
            if name not in server.ports:
                known = ", ".join(server.ports) or "none"
                where = intent.locate(f"edges.{key}.ports")
                message = f"edge {key}: {server.ref.service} has no port {name!r}; it has {known}"
                yield UNKNOWN_PORT.finding(message, where, subject=f"edge {key}")
        if not edge.ports and not link.ports and server.in_cluster and not edge.realized_by:
            where = intent.locate(f"edges.{key}")
            message = f"edge {key} names no port, and {server.ref.service} has none that it could mean"
            yield UNKNOWN_PORT.finding(message, where, subject=f"edge {key}")


def carried_node_ports(intent: Intent) -> Iterator[Finding]:
    """Node ports that a load balancer is to carry."""
    for key, edge, link in edges_of(intent):
        for name, port in link.ports.items():
            if edge.via == "load-balancer" and (port.on_node or port.end_port):
                where = intent.locate(f"edges.{key}.via")
                message = f"edge {key}: port {name} of {link.server.service} is the node's own"
                yield NODE_PORT_CARRIED.finding(message, where, subject=f"edge {key}")


def unbound(intent: Intent) -> Iterator[Finding]:
    """Clients whose address is not rendered."""
    for key, edge, link in edges_of(intent):
        client = intent.graph.node(link.client)
        if link.direct and edge.env is None and client.in_cluster and client.component.kind == "workload":
            where = intent.locate(f"edges.{key}")
            message = f"edge {key}: nothing tells {link.client.service} where {link.server.service} is"
            yield UNBOUND.finding(message, where, subject=f"edge {key}")


def pulled_streams(intent: Intent) -> Iterator[Finding]:
    """Edges on which LiveKit would have to pull."""
    for key, edge, link in edges_of(intent):
        client, server = intent.graph.node(link.client), intent.graph.node(link.server)
        if client.component_name == "livekit" and server.component_name in _CAMERA_BRIDGES and not edge.realized_by:
            where = intent.locate(f"edges.{key}")
            message = f"edge {key}: {link.client.service} cannot pull a stream from {link.server.service}"
            yield PULLED_STREAM.finding(message, where, subject=f"edge {key}")


CHECKS: tuple[GraphCheck, ...] = (
    GraphCheck(SELF_EDGE, self_edges),
    GraphCheck(SKIPPED_LAYER, skipped_layers),
    GraphCheck(DEEP_HOST, deep_hosts),
    GraphCheck(UNKNOWN_PORT, unknown_ports),
    GraphCheck(NODE_PORT_CARRIED, carried_node_ports),
    GraphCheck(UNBOUND, unbound),
    GraphCheck(PULLED_STREAM, pulled_streams),
)
