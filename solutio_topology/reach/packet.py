"""One packet, as the policies of one of its ends see it."""

from __future__ import annotations

from msgspec import Struct

from solutio_topology.manifests.facts import Peer, PolicyPort
from solutio_topology.reach.addresses import PUBLIC_V4
from solutio_topology.reach.fqdn import covers, fqdn_ports
from solutio_topology.reach.model import Direction, FqdnNode, Node, WorkloadNode
from solutio_topology.reach.partition import ports_for
from solutio_topology.reach.ports import ALL_PORTS, PROTOCOLS, PortSet
from solutio_topology.reach.rules import Reach, Rule, numbered_ports
from solutio_topology.reach.solution import Solution


def side_ports(
    solution: Solution, subject: Node, other: Node, direction: Direction, *, widest: bool = False
) -> PortSet:
    """What one direction of one end lets through, surely or at most. Only pods are bound by policies."""
    if not isinstance(subject, WorkloadNode):
        return ALL_PORTS
    if isinstance(other, FqdnNode):
        return fqdn_ports(solution, subject, other, direction, widest=widest)
    result = solution.direction(direction)
    number = solution.universe.classes.of_workload[subject.index]
    parts = result.perhaps_of(number) if widest else result.sure_of(number)
    return ports_for(parts, solution.universe.bits(other))


class Packet(Struct, frozen=True):
    """One packet as one direction sees it: the pod whose policies judge it, and the other end."""

    solution: Solution
    subject: WorkloadNode
    other: Node
    direction: Direction
    protocol: str
    port: int

    @property
    def bits(self) -> int:
        """The other end as bits; a name is somewhere in the public address space."""
        universe = self.solution.universe
        return universe.addresses_of(PUBLIC_V4) if isinstance(self.other, FqdnNode) else universe.bits(self.other)

    @property
    def destination(self) -> Node:
        """Where the packet goes: its port names are what policies mean."""
        return self.subject if self.direction == "ingress" else self.other

    def meets_peer(self, rule: Rule, peer: Peer, *, surely: bool = True) -> bool:
        """Whether a peer of a rule means the other end."""
        if isinstance(self.other, FqdnNode) and peer.fqdns:
            return any(covers(pattern, self.other.pattern) for pattern in peer.fqdns)
        return self._meets(self.solution.compiler.peer(rule.policy, peer), surely=surely)

    def meets_peers(self, rule: Rule, *, surely: bool = True) -> bool:
        """Whether a rule speaks of the other end."""
        if isinstance(self.other, FqdnNode) and any(
            self.meets_peer(rule, peer) for peer in rule.rule.peers or () if peer.fqdns
        ):
            return True
        return self._meets(rule.peers, surely=surely)

    def _meets(self, reach: Reach, *, surely: bool) -> bool:
        bits = self.bits
        return bool(bits) and (bits & ~reach.sure == 0 if surely else bool(bits & reach.perhaps))

    def ports_of(self, port: PolicyPort) -> PortSet:
        """The ports of one entry of a rule, a name resolved on the destination."""
        if not isinstance(port.port, str):
            return numbered_ports(port)
        protocols = (port.protocol,) if port.protocol else PROTOCOLS
        return PortSet.union_of(self.named(protocol, port.port) for protocol in protocols)

    def named(self, protocol: str, name: str) -> PortSet:
        """The ports behind a name on the destination; none where the destination is no pod."""
        if not isinstance(self.destination, WorkloadNode):
            return PortSet()
        classes = self.solution.universe.classes
        own = classes.classes[classes.of_workload[self.destination.index]].named
        return dict(own).get((protocol, name), PortSet())

    def meets_port(self, rule: Rule) -> bool:
        """Whether a rule admits the packet's port."""
        return self.rule_ports(rule).contains(self.protocol, self.port)

    def rule_ports(self, rule: Rule) -> PortSet:
        """All ports of a rule for this destination."""
        return rule.static | PortSet.union_of(self.named(*name) for name in rule.named)
