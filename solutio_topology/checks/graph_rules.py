"""``G``: what the topology's graph says of itself, before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from solutio_topology.checks.check import GraphCheck
from solutio_topology.checks.inputs import Intent
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.spec.references import split_path

if TYPE_CHECKING:
    from solutio_topology.graph.model import Link, Node
    from solutio_topology.spec.edge import Edge

START_CYCLE = Rule(
    code="G002",
    name="start-order-cycle",
    severity=Severity.ERROR,
    summary="Services that must all start before each other.",
    rationale="None of them can be rolled out first: a fresh environment never comes up.",
    example="api needs pg to be up, pg needs api to be up",
    remedy="set `order: false` on the edge whose client can wait for its target",
)
UNREACHED = Rule(
    code="G003",
    name="isolated-service",
    severity=Severity.WARNING,
    summary="A service that no edge touches.",
    rationale="Either an edge is missing, or the service is not needed and paid for nothing.",
    example="the page draws a CDN without edges",
    remedy="declare its edges, or remove the service",
)
UNMET_NEED = Rule(
    code="G005",
    name="unmet-need",
    severity=Severity.ERROR,
    summary="A component without the edge to what it cannot work without.",
    rationale="It starts and does not work: several LiveKit servers without Redis never meet in one room.",
    example="livekit with 3 replicas and no edge to a redis",
    remedy="declare an edge to a service of one of the named components",
)
RETIRED = Rule(
    code="G006",
    name="retired-component",
    severity=Severity.WARNING,
    summary="A component that nobody maintains any more.",
    rationale="It gets no security fixes, and it stands where attackers knock first.",
    example="ingress-nginx, retired in March 2026",
    remedy="take the way out that the catalogue names",
)
SINGLE_POINT = Rule(
    code="G007",
    name="single-point-of-failure",
    severity=Severity.WARNING,
    summary="A service on a declared path that runs once.",
    rationale="While its only pod restarts or its node is replaced, the path is down.",
    example="redis with one replica on the path cf -> ing -> api -> redis",
    remedy="run it twice, or acknowledge that the path may be down",
)
MISPLACED = Rule(
    code="G008",
    name="drawn-inside-but-outside",
    severity=Severity.WARNING,
    summary="A service drawn inside the cluster that runs outside of it.",
    rationale="Who reads the drawing looks for it, and for its failures, in the wrong place.",
    example="an external vector DB in a layer inside the cluster's frame",
    remedy="draw its layer outside (`drawnIn: outside`), or acknowledge it",
)
NODE_NAMESPACE = Rule(
    code="G011",
    name="privileged-beside-restricted",
    severity=Severity.ERROR,
    summary="A service that needs privileged pods, in a namespace that it shares.",
    rationale="Pod security is set per namespace: everything beside it would lose its protection.",
    example="LiveKit in the namespace of the API",
    remedy="give its layer `namespace: own`",
)
BUILD_TIME = Rule(
    code="G014",
    name="build-time-environment",
    severity=Severity.ERROR,
    summary="A variable that the build bakes in, set at run time.",
    rationale="Next.js replaces NEXT_PUBLIC_* when it builds: a value in a manifest changes nothing.",
    example="env: {NEXT_PUBLIC_LIVEKIT_URL: …}",
    remedy="serve the value at run time, under a name without NEXT_PUBLIC_",
)
NO_BACKUP_EDGE = Rule(
    code="G015",
    name="backup-without-edge",
    severity=Severity.ERROR,
    summary="Backups of a database without an edge to where they go.",
    rationale="The network is closed to everything undeclared: no backup would ever arrive.",
    example="platform.backups is set, and no edge leads from pg to spaces",
    remedy="declare an edge from the database to the object storage",
)
WRONG_INGRESS = Rule(
    code="G017",
    name="ingress-disagrees",
    severity=Severity.ERROR,
    summary="The platform's ingress controller is another than the ingress service's component.",
    rationale="Routes would be rendered for a controller that is not there.",
    example="platform.ingress.controller: gateway-api beside a service of component ingress-nginx",
    remedy="name the same in both",
)
_INGRESS = {"ingress-nginx": "ingress-nginx", "gateway-cilium": "gateway-api"}


def first_nodes(intent: Intent) -> dict[str, Node]:
    """The services of the first tenant pod, which has all of them."""
    return intent.graph.pods[0].nodes


def edges_of(intent: Intent) -> Iterator[tuple[str, Edge, Link]]:
    """Every declared edge, with the link that it becomes in the first tenant pod."""
    for link in intent.graph.pods[0].links:
        yield link.key, link.edge, link


def start_cycles(intent: Intent) -> Iterator[Finding]:
    """Circles among what must start before what."""
    order: dict[str, set[str]] = {}
    for _, edge, link in edges_of(intent):
        client, server = intent.graph.node(link.client), intent.graph.node(link.server)
        waits = server.component.stateful if edge.order is None else edge.order
        if waits and link.direct and server.in_cluster and client.in_cluster and link.client != link.server:
            order.setdefault(link.client.service, set()).add(link.server.service)
    for names in _circles(order):
        where = intent.locate(f"services.{names[0]}")
        message = f"each of these must start before the others: {', '.join(names)}"
        yield START_CYCLE.finding(message, where, subject=f"services {', '.join(names)}")


def _circles(order: dict[str, set[str]]) -> list[list[str]]:
    """The groups that go round. networkx finds them; it is heavy, so it is asked only when there is one."""
    try:
        TopologicalSorter(order).prepare()
    except CycleError:
        import networkx as nx

        after: dict[str, Iterable[str]] = {**order}
        graph: nx.DiGraph[str] = nx.DiGraph(after)
        return sorted(sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1)
    return []


def unreached(intent: Intent) -> Iterator[Finding]:
    """Services at the end of no edge."""
    touched = {end for edge in intent.graph.topology.edges.values() for end in (edge.source, edge.to)}
    for key in intent.graph.topology.services:
        if key not in touched:
            where = intent.locate(f"services.{key}")
            yield UNREACHED.finding(f"no edge touches {key}", where, subject=f"service {key}")


def unmet_needs(intent: Intent) -> Iterator[Finding]:
    """Components without what they need."""
    targets: dict[str, set[str]] = {}
    for _, _, link in edges_of(intent):
        for a, b in ((link.client, link.server), (link.drawn[0], link.drawn[1])):
            targets.setdefault(a.service, set()).add(intent.graph.node(b).component_name)
    for key, node in first_nodes(intent).items():
        for need in node.component.needs:
            if need.when == "replicas > 1" and node.max_replicas <= 1:
                continue
            if not targets.get(key, set()) & set(need.component):
                where = intent.locate(f"services.{key}")
                message = f"{key} has no edge to {' or '.join(need.component)}: {need.reason}"
                yield UNMET_NEED.finding(message, where, subject=f"service {key}")


def retired(intent: Intent) -> Iterator[Finding]:
    """Components at the end of their life."""
    for key, node in first_nodes(intent).items():
        if node.component.retired:
            where = intent.locate(f"services.{key}.component")
            message = f"{key} is {node.component_name}: {node.component.retired}"
            yield RETIRED.finding(message, where, subject=f"service {key}")


def single_points(intent: Intent) -> Iterator[Finding]:
    """Services on paths that run once; only for environments that customers see, told once a service."""
    topology = intent.graph.topology
    on_paths: dict[str, str] = {}
    for name, path in topology.paths.items():
        for service in split_path(path) if isinstance(path, str) else path:
            on_paths.setdefault(service, name)
    if intent.graph.environment.suffix:
        return
    for key, name in on_paths.items():
        node = first_nodes(intent).get(key)
        if node is not None and node.in_cluster and node.min_replicas < 2 and node.component.workload != "DaemonSet":
            if node.component_name in _INGRESS and node.component.kind == "objects":
                continue
            where = intent.locate(f"services.{key}")
            message = f"{key} runs once and is on path {name}: while it restarts, the path is down"
            yield SINGLE_POINT.finding(message, where, subject=f"service {key}")


def misplaced(intent: Intent) -> Iterator[Finding]:
    """Services that run outside of the frame in which they are drawn."""
    layers = intent.graph.topology.layers
    for key, node in first_nodes(intent).items():
        if node.placement != "cluster" and node.placement != "client" and layers[node.layer].drawn_in == "cluster":
            where = intent.locate(f"services.{key}")
            message = f"{key} is drawn in layer {node.layer}, inside the cluster, and its placement is {node.placement}"
            yield MISPLACED.finding(message, where, subject=f"service {key}")


def privileged(intent: Intent) -> Iterator[Finding]:
    """Services that take the protection from others."""
    for key, node in first_nodes(intent).items():
        if node.in_cluster and node.component.pod_security == "privileged" and node.namespace_layer is None:
            where = intent.locate(f"services.{key}")
            message = (
                f"{key} needs privileged pods ({node.component.reason}), and layer {node.layer} shares a namespace"
            )
            yield NODE_NAMESPACE.finding(message, where, subject=f"service {key}")


def build_time(intent: Intent) -> Iterator[Finding]:
    """Variables that come too late."""
    for key, node in first_nodes(intent).items():
        names = [
            *node.env,
            *(name for _, edge, link in edges_of(intent) if link.drawn[0] == node.ref for name in _env(edge)),
        ]
        for name in names:
            if node.component_name == "nextjs" and name.startswith("NEXT_PUBLIC_"):
                where = intent.locate(f"services.{key}")
                yield BUILD_TIME.finding(f"{key}: {name} is baked in by the build", where, subject=f"service {key}")


def _env(edge: Edge) -> tuple[str, ...]:
    if edge.env is None:
        return ()
    return (edge.env,) if isinstance(edge.env, str) else tuple(edge.env)


def backups(intent: Intent) -> Iterator[Finding]:
    """Databases whose backups cannot leave."""
    settings = intent.graph.platform.backups
    if settings is None:
        return
    reaching = {link.client.service for _, _, link in edges_of(intent) if link.server.service == settings.service}
    for key, node in first_nodes(intent).items():
        if node.in_cluster and node.component.backup_operators and key not in reaching:
            where = intent.locate(f"services.{key}")
            message = f"{key} is backed up to {settings.service}, and no edge leads there"
            yield NO_BACKUP_EDGE.finding(message, where, subject=f"service {key}")


def ingress_agrees(intent: Intent) -> Iterator[Finding]:
    """An ingress service of another kind than the platform's."""
    wanted = intent.graph.platform.ingress.controller
    for key, node in first_nodes(intent).items():
        own = _INGRESS.get(node.component_name)
        if own is not None and own != wanted:
            where = intent.locate(f"services.{key}.component")
            message = f"{key} is {node.component_name}, and platform.ingress.controller is {wanted}"
            yield WRONG_INGRESS.finding(message, where, subject=f"service {key}")


CHECKS: tuple[GraphCheck, ...] = (
    GraphCheck(START_CYCLE, start_cycles),
    GraphCheck(UNREACHED, unreached),
    GraphCheck(UNMET_NEED, unmet_needs),
    GraphCheck(RETIRED, retired),
    GraphCheck(SINGLE_POINT, single_points),
    GraphCheck(MISPLACED, misplaced),
    GraphCheck(NODE_NAMESPACE, privileged),
    GraphCheck(BUILD_TIME, build_time),
    GraphCheck(NO_BACKUP_EDGE, backups),
    GraphCheck(WRONG_INGRESS, ingress_agrees),
)
