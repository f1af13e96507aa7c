"""What the platform must install for the services to work: operators, certificates, DNS records, secrets, metrics."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.spec.workload import Replicas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from solutio_topology.graph.model import Node
    from solutio_topology.spec.component import Component
    from solutio_topology.spec.platform import Platform
    from solutio_topology.spec.topology import Topology


class Requirement(Struct, frozen=True):
    """A platform component and why it is needed."""

    component: str
    text: str


def controllers_of(
    topology: Topology, platform: Platform, nodes: Sequence[Node], lookup: Callable[[str], Component]
) -> list[Requirement]:
    """Every platform component that the nodes need and that is no service itself, in dependency order."""
    services = {node.component_name for node in nodes}
    needed = {need.component: need for need in reversed([*_direct(topology, platform, nodes)])}
    pending = list(needed)
    for name in pending:
        for operator in lookup(name).operators:
            if operator not in needed:
                needed[operator] = Requirement(operator, f"{name} needs it")
                pending.append(operator)
    order = TopologicalSorter({name: lookup(name).operators for name in sorted(needed)}).static_order()
    return [needed[name] for name in order if name not in services]


def _direct(topology: Topology, platform: Platform, nodes: Iterable[Node]) -> Iterator[Requirement]:
    if platform.secrets.provider == "external-secrets":
        yield Requirement("external-secrets", "platform.secrets.provider is external-secrets")
    for node in nodes:
        yield from _of_node(platform, node)
    hosts = [key for key, edge in topology.edges.items() if edge.host]
    if hosts:
        yield Requirement("cert-manager", f"edge {hosts[0]} has a public host that needs a certificate")


def needs_of(platform: Platform, nodes: Iterable[Node]) -> frozenset[str]:
    """The platform components that some nodes themselves need."""
    return frozenset(need.component for node in nodes for need in _of_node(platform, node))


def _of_node(platform: Platform, node: Node) -> Iterator[Requirement]:
    if node.component.kind == "edge" and node.component_name == "cloudflare":
        yield Requirement("external-dns", f"service {node.ref.service} needs its DNS records")
    if not node.in_cluster:
        return
    for name in node.component.operators:
        yield Requirement(name, f"service {node.ref.service} ({node.component_name}) needs it")
    if platform.backups:
        for name in node.component.backup_operators:
            yield Requirement(name, f"backups of service {node.ref.service} need it")
    if isinstance(node.replicas, Replicas) or any(
        isinstance(process.replicas, Replicas) for process in node.processes.values()
    ):
        yield Requirement("metrics-server", f"service {node.ref.service} scales by its CPU use")
