"""The answer: who can open which ports to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from solutio_topology.manifests.facts import Facts, Key
from solutio_topology.reach import explain as explaining
from solutio_topology.reach.bits import members
from solutio_topology.reach.blocks import Block, NodeSet, Population
from solutio_topology.reach.fqdn import fqdn_access
from solutio_topology.reach.model import (
    ENTITIES,
    Connection,
    Direction,
    EntityNode,
    Explanation,
    FqdnAccess,
    HostNetwork,
    Node,
    RangeNode,
    Undecided,
    Unmatched,
    WorkloadNode,
)
from solutio_topology.reach.packet import side_ports
from solutio_topology.reach.partition import Partition, difference
from solutio_topology.reach.ports import NO_PORTS, PortSet
from solutio_topology.reach.rows import Rows
from solutio_topology.reach.solution import Solution
from solutio_topology.reach.undecided import undecided_of
from solutio_topology.reach.unmatched import unmatched_of


class Connections:
    """Who can talk to whom: egress of the source and ingress of the destination. Build it with `solve`.

    Undecided ports are never among the allowed ones; they are answered apart.
    """

    def __init__(self, solution: Solution) -> None:
        self._solution = solution
        self._universe = solution.universe

    @property
    def facts(self) -> Facts:
        """The facts that this was computed from."""
        return self._solution.facts

    @property
    def host_network(self) -> HostNetwork:
        """What policies were taken to make of hostNetwork pods."""
        return self._solution.host_network

    @cached_property
    def workloads(self) -> tuple[WorkloadNode, ...]:
        """A node for every workload, in the order of the facts."""
        return tuple(WorkloadNode(index, each.key) for index, each in enumerate(self.facts.workloads))

    def find(self, key: Key) -> tuple[WorkloadNode, ...]:
        """The workloads of one owner (more than one where its pods have different labels)."""
        return tuple(node for node in self.workloads if node.key == key)

    def ports(self, src: Node, dst: Node) -> PortSet:
        """The ports that surely pass. For a range: those that pass for all of it."""
        return self._both(src, dst, widest=False)

    def undecided_ports(self, src: Node, dst: Node) -> PortSet:
        """The ports of which the manifests do not say whether they pass."""
        return self._both(src, dst, widest=True) - self.ports(src, dst)

    def _both(self, src: Node, dst: Node, *, widest: bool) -> PortSet:
        out = side_ports(self._solution, src, dst, "egress", widest=widest)
        return out & side_ports(self._solution, dst, src, "ingress", widest=widest)

    @cached_property
    def _sure(self) -> Rows:
        return Rows(self._universe, self._solution.egress, self._solution.ingress, widest=False)

    @cached_property
    def _perhaps(self) -> Rows | None:
        egress, ingress = self._solution.egress, self._solution.ingress
        if not egress.perhaps and not ingress.perhaps:
            return None
        return Rows(self._universe, egress, ingress, widest=True)

    def blocks(self) -> Iterator[Block]:
        """Every sure connection between workloads, compressed: sources that may do the same are together.

        Takes time and memory by the classes of pods, not by their pairs. A workload to itself does not count.
        """
        population = Population(self._universe.classes, self._sure.order, self.workloads)
        for row in self._sure.grouped():
            sources = NodeSet(population, row.sources)
            for ports, bits in row.parts:
                destinations = NodeSet(population, bits)
                if sources != destinations or len(sources) > 1:
                    yield Block(sources, destinations, ports)

    def pairs(self) -> Iterator[Connection]:
        """Every connection between two workloads, by source and destination as in the facts."""
        for src in self.workloads:
            yield from self.pairs_from(src)

    def open_from(self, src: WorkloadNode) -> dict[int, PortSet]:
        """What one workload surely may open, by the index of the destination (its own index may be there)."""
        return self._spread(self._sure, src)

    def pairs_from(self, src: WorkloadNode) -> Iterator[Connection]:
        """Every connection from one workload to others."""
        sure = self.open_from(src)
        most = self._spread(self._perhaps, src) if self._perhaps else sure
        for index in sorted(most.keys() | sure.keys()):
            if index != src.index:
                ports = sure.get(index, NO_PORTS)
                yield Connection(src, self.workloads[index], ports, most.get(index, NO_PORTS) - ports)

    def _spread(self, rows: Rows, src: WorkloadNode) -> dict[int, PortSet]:
        """The row of a workload as ports per workload."""
        classes = self._universe.classes
        return {
            index: ports
            for ports, bits in rows.row(classes.of_workload[src.index]).items()
            for place in members(bits)
            for index in classes.members[rows.order[place]]
        }

    def external(self, src: WorkloadNode) -> list[Connection]:
        """What a workload can open outside: the IPv4 and IPv6 space in ranges, IPv4 first."""
        found = self._ranges(src, "egress")
        return [Connection(src, node, ports, maybe) for node, ports, maybe in found]

    def from_external(self, dst: WorkloadNode) -> list[Connection]:
        """What addresses outside of the cluster can open to a workload, as far as policies go."""
        found = self._ranges(dst, "ingress")
        return [Connection(node, dst, ports, maybe) for node, ports, maybe in found]

    def entities(self, src: WorkloadNode) -> list[Connection]:
        """What a workload can open to identities that are neither pods nor addresses (`ENTITIES`)."""
        return self._met((src, EntityNode(name)) for name in ENTITIES)

    def from_entities(self, dst: WorkloadNode) -> list[Connection]:
        """What such identities can open to a workload; its own node (``host``) always can."""
        return self._met((EntityNode(name), dst) for name in ENTITIES)

    def _met(self, ends: Iterable[tuple[Node, Node]]) -> list[Connection]:
        found = (Connection(src, dst, self.ports(src, dst), self.undecided_ports(src, dst)) for src, dst in ends)
        return [each for each in found if each.ports or each.undecided]

    def _ranges(self, subject: WorkloadNode, direction: Direction) -> list[tuple[RangeNode, PortSet, PortSet]]:
        result = self._solution.direction(direction)
        number = self._universe.classes.of_workload[subject.index]
        sure, most = result.sure_of(number), result.perhaps_of(number)
        maybe = difference(most, sure) if most is not sure else {}
        addresses = self._universe.addresses
        found: list[tuple[RangeNode, PortSet, PortSet]] = []
        for ports, bits in [*sure.items(), (NO_PORTS, addresses & ~_peers(sure))]:
            rest = bits & addresses
            for doubt, doubted in maybe.items():
                found += [(node, ports, doubt) for node in self._universe.ranges(rest & doubted)]
                rest &= ~doubted
            if ports:
                found += [(node, ports, NO_PORTS) for node in self._universe.ranges(rest)]
        return sorted(found)

    def fqdn(self, src: WorkloadNode) -> list[FqdnAccess]:
        """What Cilium's toFQDNs rules let a workload open to names, dead rules included (`live` False)."""
        return fqdn_access(self._solution, src)

    def explain(self, src: Node, dst: Node, protocol: str, port: int) -> Explanation:
        """Why one packet passes or not, with every rule that says so and the nearest that does not."""
        return explaining.explain(self._solution, src, dst, protocol, port)

    @cached_property
    def unmatched(self) -> tuple[Unmatched, ...]:
        """Policies that select no pod, and peers that match no pod, of these manifests."""
        return unmatched_of(self._solution)

    @cached_property
    def undecided(self) -> tuple[Undecided, ...]:
        """All that the manifests leave open, with the reason and the place."""
        return undecided_of(self._solution)


def _peers(parts: Partition) -> int:
    """All peers of a partition."""
    found = 0
    for bits in parts.values():
        found |= bits
    return found
