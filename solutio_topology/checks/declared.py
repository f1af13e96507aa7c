"""What the topology lets be open: its edges, and the short list of platform connections that its components name.

A platform connection is one that a component must have whatever the topology says (an operator to its instances, a
webhook's calls, a scraper): the catalogue names each with its reason.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from solutio_topology.graph.ref import Ref
from solutio_topology.identity import PLATFORM
from solutio_topology.reach.ports import ALL_PORTS, NO_PORTS, PortSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Link, Node
    from solutio_topology.manifests.facts import Workload
    from solutio_topology.reach.model import RangeNode, WorkloadNode
    from solutio_topology.spec.component import Component, Egress, Ingress
    from solutio_topology.spec.workload import Port

Owner = tuple[str, str]
"""Tenant pod and service."""
_DNS = {"k8s-app": "kube-dns"}
DNS_PORTS = PortSet.of("UDP", 53) | PortSet.of("TCP", 53)
CLUSTER_ENTITIES = frozenset({"kube-apiserver", "remote-node"})
"""Identities of the cluster itself that policies name."""
_NODE_SOURCES = frozenset({"kube-apiserver", "host"})
"""Rules whose other end is, or may be, a node: every process on the node's network gains what they open."""


def numbers(ports: Iterable[Port]) -> PortSet:
    """The numbers behind declared ports; no ports: all of them."""
    found = [PortSet.of(port.protocol, port.port, port.end_port) for port in ports]
    return PortSet.union_of(found)


class Declared(Struct, frozen=True, dict=True):
    """Looks up what is declared between the workloads of some evidence."""

    intent: Intent
    evidence: Evidence

    def component(self, owner: Owner | None) -> Component | None:
        """The component of a service, or of what the platform installs."""
        if owner is None:
            return None
        if owner[0] == PLATFORM:
            return self.intent.graph.controllers.get(owner[1])
        node = self.node(owner)
        return node.component if node else None

    def opens(self, node: WorkloadNode) -> Iterator[Egress]:
        """The platform connections that a workload opens: those of its component that are for its pods."""
        component, labels = self.component(self.evidence.owner(node)), self.evidence.workload(node).labels
        for rule in component.egress if component else ():
            if rule.pods.items() <= labels.items():
                yield rule

    def accepts(self, node: WorkloadNode) -> Iterator[Ingress]:
        """The platform connections that a workload accepts: those of its component that are for its pods."""
        component, labels = self.component(self.evidence.owner(node)), self.evidence.workload(node).labels
        for rule in component.ingress if component else ():
            if rule.pods.items() <= labels.items():
                yield rule

    def node(self, owner: Owner) -> Node | None:
        """The service that a workload says it belongs to; None for one that the topology does not have."""
        try:
            return self.intent.graph.node(Ref(*owner))
        except KeyError:
            return None

    @cached_property
    def _links(self) -> dict[tuple[Ref, Ref], list[Link]]:
        found: dict[tuple[Ref, Ref], list[Link]] = {}
        for link in self.intent.graph.links:
            if link.direct:
                found.setdefault((link.client, link.server), []).append(link)
        return found

    @cached_property
    def _links_of(self) -> dict[Ref, list[Link]]:
        """Direct edges by the service that opens them."""
        found: dict[Ref, list[Link]] = {}
        for (client, _), links in self._links.items():
            found.setdefault(client, []).extend(links)
        return found

    @cached_property
    def _on_node(self) -> dict[tuple[Ref, bool], PortSet]:
        """What edges open between a service and pods on the nodes' network, by whether those open it."""
        found: dict[tuple[Ref, bool], PortSet] = {}
        for (client, server), links in self._links.items():
            ports = PortSet.union_of(numbers(each.ports.values()) for each in links)
            for end, far, incoming in ((client, server, True), (server, client, False)):
                if self._is_on_node(end):
                    found[far, incoming] = found.get((far, incoming), NO_PORTS) | ports
        return found

    def between(self, src: WorkloadNode, dst: WorkloadNode) -> PortSet:
        """The ports that may be open from one workload to another."""
        one, other = self.evidence.owner(src), self.evidence.owner(dst)
        ports = self._platform(src, dst, one, other)
        if one and other:
            ports |= self._by_edges(src, Ref(*one), Ref(*other)) & self._served(dst, Ref(*other))
        for end, peer in ((src, other), (dst, one)):
            if self.evidence.workload(end).host_network and peer:
                ports |= self._by_nodes(Ref(*peer), incoming=end is src)
        return ports

    def _by_edges(self, src: WorkloadNode, one: Ref, other: Ref) -> PortSet:
        process = self.evidence.process(src)
        links = [each for each in self._links.get((one, other), ()) if not each.processes or process in each.processes]
        return PortSet.union_of(numbers(each.ports.values()) for each in links)

    def _served(self, dst: WorkloadNode, ref: Ref) -> PortSet:
        """The ports that the process of a workload serves: an edge to the web server is none to its worker."""
        process, node = self.evidence.process(dst), self.node((ref.pod, ref.service))
        if process == "main" or node is None:
            return ALL_PORTS
        return numbers(node.processes[process].ports.values()) if process in node.processes else NO_PORTS

    def _by_nodes(self, peer: Ref, *, incoming: bool) -> PortSet:
        """What an edge opens to (or from) one pod on the node's network it opens to every process of the nodes."""
        return self._on_node.get((peer, incoming), NO_PORTS)

    def _is_on_node(self, ref: Ref) -> bool:
        return any(self.evidence.workload(node).host_network for node in self.evidence.pods_of(ref))

    def _platform(self, src: WorkloadNode, dst: WorkloadNode, one: Owner | None, other: Owner | None) -> PortSet:
        found = [self._scraping(src, other)]
        for rule in self.opens(src):
            if self.means(rule, dst, is_self=one == other):
                found.append(numbers(rule.ports))
        for own in self.accepts(dst):
            if self.comes_from(own, src, is_self=one == other):
                found.append(numbers(own.ports))
        labels = self.evidence.workload(dst).labels
        if _DNS.items() <= labels.items():
            found.append(DNS_PORTS)
        return PortSet.union_of(found)

    def means(self, rule: Egress, dst: WorkloadNode, *, is_self: bool = False) -> bool:
        """Whether a platform connection of a component leads to a workload."""
        workload = self.evidence.workload(dst)
        if rule.to == "self":
            return is_self
        if rule.to in _NODE_SOURCES:
            return workload.host_network
        return rule.to == "selector" and _selects(rule, workload)

    def comes_from(self, rule: Ingress, src: WorkloadNode, *, is_self: bool = False) -> bool:
        """Whether a platform connection of a component comes from a workload."""
        workload = self.evidence.workload(src)
        if rule.source == "self":
            return is_self
        if rule.source in _NODE_SOURCES:
            return workload.host_network
        return rule.source == "world" or (rule.source == "selector" and _selects(rule, workload))

    def selected(self, rule: Egress | Ingress) -> tuple[WorkloadNode, ...]:
        """The workloads that a platform connection names by their labels."""
        wanted = (rule.namespace, tuple(sorted(rule.selector.items())))
        if wanted not in self._selected:
            nodes = self.evidence.connections.workloads
            self._selected[wanted] = tuple(each for each in nodes if _selects(rule, self.evidence.workload(each)))
        return self._selected[wanted]

    @cached_property
    def _selected(self) -> dict[object, tuple[WorkloadNode, ...]]:
        return {}

    def _scraping(self, src: WorkloadNode, other: Owner | None) -> PortSet:
        scraper, workload = self.intent.graph.platform.scraper, self.evidence.workload(src)
        node = self.node(other) if other else None
        metrics = (node.service.metrics or node.component.metrics) if node else None
        if not scraper or not node or not metrics or metrics.port not in node.ports:
            return NO_PORTS
        asked = workload.key.namespace == scraper.namespace and scraper.selector.items() <= workload.labels.items()
        return numbers([node.ports[metrics.port]]) if asked else NO_PORTS

    def outside(self, src: WorkloadNode, dst: RangeNode) -> PortSet:
        """The ports that may be open from a workload to a range of addresses outside.

        A third party that is declared by name may be reached at any address where policies know addresses only:
        who resolves the name decides it.
        """
        found = []
        plain = self.intent.graph.platform.network.policies == "kubernetes"
        for hosts, ranges, ports in self._third_parties(src):
            if (hosts and plain) or any(_holds(text, dst) for text in ranges):
                found.append(ports)
        if _holds(self.intent.graph.platform.network.node_range, dst):
            found.append(self._on_nodes(src))
        return PortSet.union_of(found)

    def to_entities(self, src: WorkloadNode) -> PortSet:
        """The ports that a workload may open on the API server and on nodes, and as names or addresses of them."""
        found = [self._on_nodes(src)]
        found += [ports for _, ranges, ports in self._third_parties(src) if "0.0.0.0/0" in ranges]
        return PortSet.union_of(found)

    def from_entities(self, dst: WorkloadNode) -> PortSet:
        """The ports that the API server and nodes may open on a workload: for themselves, or for a load balancer."""
        owner = self.evidence.owner(dst)
        found = [numbers(rule.ports) for rule in self.accepts(dst) if rule.source in {*_NODE_SOURCES, "world"}]
        found += [numbers(link.ports.values()) for link in (self.from_outside(owner) if owner else ())]
        found.append(self._by_nodes(Ref(*owner), incoming=True) if owner else NO_PORTS)
        return PortSet.union_of(found)

    def _on_nodes(self, src: WorkloadNode) -> PortSet:
        """What a workload may open on nodes: of pods on the node's network, and of the nodes' own services."""
        owner = self.evidence.owner(src)
        found = [numbers(rule.ports) for rule in self.opens(src) if rule.to in _NODE_SOURCES]
        links = self._links_of.get(Ref(*owner), []) if owner else []
        found += [numbers(each.ports.values()) for each in links if self._is_on_node(each.server)]
        return PortSet.union_of(found)

    def names(self, src: WorkloadNode) -> dict[str, PortSet]:
        """The names outside that a workload may open ports to."""
        found: dict[str, PortSet] = {}
        for hosts, _, ports in self._third_parties(src):
            for host in hosts:
                found[host] = found.get(host, NO_PORTS) | ports
        return found

    def _third_parties(self, src: WorkloadNode) -> Iterator[tuple[list[str], list[str], PortSet]]:
        owner, process = self.evidence.owner(src), self.evidence.process(src)
        for rule in self.opens(src):
            if rule.to == "kube-apiserver":
                yield ["kubernetes.default.svc"], [], numbers(rule.ports)
            else:
                yield list(rule.hosts), list(rule.ranges), numbers(rule.ports)
        for link in self.intent.graph.outgoing.get(Ref(*owner), ()) if owner else ():
            server = self.intent.graph.node(link.server)
            mine = not link.processes or process in link.processes
            if mine and link.direct and not server.in_cluster:
                hosts = [*server.service.hosts, *server.component.hosts]
                yield hosts, [*server.service.ranges, *server.component.ranges], numbers(link.ports.values())

    @cached_property
    def at_the_door(self) -> PortSet:
        """The ports that edges from outside lead to on what carries browsers' connections."""
        node = self.intent.graph.node
        return PortSet.union_of(
            numbers(link.ports.values())
            for link in self.intent.graph.links
            if node(link.server).component.browser_facing and not node(link.client).in_cluster
        )

    def from_outside(self, owner: Owner) -> list[Link]:
        """The edges that lead to a service from outside of the cluster, past the ingress or into it."""
        return [
            link
            for link in self.intent.graph.incoming.get(Ref(*owner), ())
            if link.edge.via is not None or not self.intent.graph.node(link.client).in_cluster
        ]


def _selects(rule: Egress | Ingress, workload: Workload) -> bool:
    inside = rule.namespace in (None, workload.key.namespace)
    return inside and rule.selector.items() <= workload.labels.items()


_PRIVATE = ("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")


def _holds(text: str, range_: RangeNode) -> bool:
    """Whether a declared range holds all of another. Every address means every one of the internet."""
    network = ipaddress.ip_network(text, strict=False)
    if network.prefixlen == 0 and any(_overlaps(each, range_) for each in _PRIVATE):
        return False
    return (
        network.version == range_.version
        and int(network.network_address) <= range_.first
        and range_.last <= int(network.broadcast_address)
    )


def _overlaps(text: str, range_: RangeNode) -> bool:
    network = ipaddress.ip_network(text)
    return (
        network.version == range_.version
        and int(network.network_address) <= range_.last
        and range_.first <= int(network.broadcast_address)
    )
