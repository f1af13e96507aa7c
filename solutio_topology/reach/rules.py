"""Policies compiled against a universe: whom each rule speaks of, surely and perhaps, and on which ports."""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from solutio_topology.manifests.facts import Peer, Policy, PolicyPort, PolicyRule
from solutio_topology.reach.addresses import ALL_V4, cidr_spans, overlaps_private
from solutio_topology.reach.classes import NamedPort, rule_names
from solutio_topology.reach.model import HostNetwork
from solutio_topology.reach.ports import ALL_PORTS, LAST_PORT, NO_PORTS, PROTOCOLS, PortSet
from solutio_topology.reach.universe import Universe

GIVEN = "a controller gives its pods the label that it asks for, and the value is not in the manifests"
ADMIN_KINDS = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy")
_NARROWING = ("fromRequires", "toRequires")
"""Cilium: what a peer must be besides being admitted by another rule."""
CILIUM_KINDS = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")


class Reach(Struct, frozen=True):
    """Whom something speaks of: `sure` ones, and those that it `perhaps` speaks of besides (sure ones included).

    What lies between is undecided from manifests; `reasons` say why.
    """

    sure: int
    perhaps: int
    reasons: tuple[str, ...] = ()

    def __or__(self, other: Reach) -> Reach:
        reasons = tuple(dict.fromkeys((*self.reasons, *other.reasons)))
        return Reach(self.sure | other.sure, self.perhaps | other.perhaps, reasons)


class Rule(Struct, frozen=True):
    """A rule with its peers as bits. `static` are its numbered ports, `named` its port names."""

    policy: Policy
    rule: PolicyRule
    peers: Reach
    static: PortSet
    named: tuple[NamedPort, ...]


class CompiledPolicy(Struct, frozen=True):
    """A policy with its subjects as bits and its rules compiled. `subjects` leaves out hostNetwork pods where
    they are nodes; `host_subjects` are those that it would select if they were pods; of `doubtful` ones it is not
    known, as a controller gives them a label that it asks for."""

    policy: Policy
    subjects: int
    host_subjects: int
    doubtful: int
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]


class Compiler:
    """Compiles the policies of one universe; peers that say the same are computed once."""

    def __init__(self, universe: Universe, host_network: HostNetwork) -> None:
        self.universe = universe
        self.host_network = host_network
        self._peers: dict[tuple[object, ...], Reach] = {}

    def compile(self, policy: Policy) -> CompiledPolicy:
        """The policy as bits. A policy for nodes selects no pods."""
        selected = 0 if policy.nodes is not None else self._subjects(policy)
        doubtful = 0
        if policy.nodes is None and not self.universe.is_sure(policy.pods):
            doubtful = self._subjects(policy, widest=True) & ~selected & self.universe.pods
        hosts = 0 if self.host_network is HostNetwork.POD else selected & self.universe.hosts
        keep = self.universe.keep
        return CompiledPolicy(
            policy,
            keep(selected & ~hosts & self.universe.pods),
            keep(hosts),
            keep(doubtful),
            tuple(self._rule(policy, rule) for rule in policy.ingress if _counts(policy, "ingress")),
            tuple(self._rule(policy, rule) for rule in policy.egress if _counts(policy, "egress")),
        )

    def _subjects(self, policy: Policy, *, widest: bool = False) -> int:
        within = self.universe.in_namespaces(policy.namespaces)
        if policy.key.namespace:
            within = self.universe.in_namespace(policy.key.namespace)
        return within & self.universe.with_labels(policy.pods, widest=widest)

    def _rule(self, policy: Policy, rule: PolicyRule) -> Rule:
        peers = self._everyone(policy, rule) if rule.peers is None else self._union(policy, rule.peers)
        return Rule(policy, rule, peers, static_ports(rule), tuple(rule_names(rule)))

    def _everyone(self, policy: Policy, rule: PolicyRule) -> Reach:
        """No peers means everyone; but a Cilium rule that says nothing at all speaks of no one."""
        if policy.key.kind in CILIUM_KINDS and rule.ports is None:
            return Reach(0, 0)
        return Reach(self.universe.everyone, self.universe.everyone)

    def _union(self, policy: Policy, peers: tuple[Peer, ...]) -> Reach:
        if len(peers) == 1 and peers[0].unknown not in _NARROWING:
            return self.peer(policy, peers[0])
        found = Reach(0, 0)
        narrowing = [peer for peer in peers if peer.unknown in _NARROWING]
        for peer in peers if len(narrowing) == len(peers) else (each for each in peers if each not in narrowing):
            found |= self.peer(policy, peer)
        if not narrowing:
            return self._kept(found)
        doubts = (reason for peer in narrowing for reason in self.peer(policy, peer).reasons)
        return Reach(0, found.perhaps, tuple(dict.fromkeys((*found.reasons, *doubts))))

    def peer(self, policy: Policy, peer: Peer) -> Reach:
        """Whom one peer of a policy means."""
        namespace = policy.key.namespace
        admin = policy.key.kind in ADMIN_KINDS
        shape = (peer.pods, peer.namespaces, peer.any_namespace, peer.cidr, peer.except_, peer.entity)
        key = (namespace, admin, *shape, peer.nodes, peer.unknown, bool(peer.fqdns))
        found = self._peers.get(key)
        if found is None:
            found = self._peers[key] = self._kept(self._mean(namespace, peer, admin))
        return found

    def _kept(self, found: Reach) -> Reach:
        return Reach(self.universe.keep(found.sure), self.universe.keep(found.perhaps), found.reasons)

    def _mean(self, namespace: str, peer: Peer, admin: bool) -> Reach:
        if peer.nodes is not None:
            return self._nodes(peer)
        if peer.unknown:
            reason = f"{peer.unknown} names something that only the cluster knows"
            return Reach(0, self.universe.everyone, (reason,))
        if peer.cidr:
            return self._addresses(peer, admin)
        if entity := peer.entity or _reserved(peer):
            return self._entity(entity)
        if peer.fqdns:
            return Reach(0, 0)
        return self._pods(namespace, peer)

    def _pods(self, namespace: str, peer: Peer) -> Reach:
        found = self._labelled(self.universe.selected_by(peer, namespace))
        if self.universe.is_sure(peer.pods):
            return found
        most = self._labelled(self.universe.selected_by(peer, namespace, widest=True))
        reasons = (GIVEN,) if most.perhaps != found.perhaps else ()
        return Reach(found.sure, most.perhaps, (*most.reasons, *reasons))

    def _labelled(self, found: int) -> Reach:
        """Pods that labels match: of those on the node's network it may not be known."""
        hosts = found & self.universe.hosts
        if not hosts or self.host_network is HostNetwork.POD:
            return Reach(found, found)
        if self.host_network is HostNetwork.NODE:
            return Reach(found & ~hosts, found & ~hosts)
        reason = "whether a pod selector matches hostNetwork pods is up to the network plugin"
        return Reach(found & ~hosts, found, (reason,))

    def _addresses(self, peer: Peer, admin: bool) -> Reach:
        spans = cidr_spans(peer.cidr, peer.except_)
        if spans is None:
            return Reach(0, self.universe.everyone, (f"{peer.cidr} is not a CIDR",))
        found = self.universe.addresses_of(spans)
        if admin:
            return self._admin_network(found, covers=spans == ALL_V4, private=overlaps_private(spans))
        if self.host_network is HostNetwork.POD or not overlaps_private(spans):
            return Reach(found, found)
        nodes = self.universe.hosts
        for name in ("host", "remote-node", "kube-apiserver"):
            nodes |= self.universe.entity(name)
        return Reach(found, found | nodes, (f"{peer.cidr} may hold the addresses of nodes",))

    def _admin_network(self, found: int, covers: bool, private: bool) -> Reach:
        """AdminNetworkPolicy's networks speak of pod addresses too; only all of IPv4 surely holds them."""
        inside = self.universe.pods | self.universe.stranger | self.universe.identities
        if covers:
            return Reach(found | inside, found | inside)
        if private:
            return Reach(found, found | inside, ("networks may hold the addresses of pods and nodes",))
        return Reach(found, found)

    def _entity(self, name: str) -> Reach:
        universe = self.universe
        hosts = 0 if self.host_network is HostNetwork.POD else universe.hosts
        inside = universe.pods | universe.stranger | universe.identities
        match name:
            case "all":
                return Reach(universe.everyone, universe.everyone)
            case "cluster":
                return Reach(inside, inside)
            case "world":
                return self._world(universe.addresses)
            case "world-ipv4":
                return self._world(universe.addresses_of(ALL_V4))
            case "world-ipv6":
                return self._world(universe.addresses & ~universe.addresses_of(ALL_V4))
            case "remote-node":
                found = universe.entity(name) | hosts
                return Reach(found, found)
            case "host":
                reason = "entity host is the own node only: a hostNetwork pod elsewhere is remote-node"
                return Reach(universe.entity(name), universe.entity(name) | hosts, (reason,) if hosts else ())
        return Reach(universe.entity(name), universe.entity(name))

    def _world(self, found: int) -> Reach:
        reason = "an API server outside of the cluster may count as world"
        return Reach(found, found | self.universe.entity("kube-apiserver"), (reason,))

    def _nodes(self, peer: Peer) -> Reach:
        hosts = 0 if self.host_network is HostNetwork.POD else self.universe.hosts
        found = hosts | self.universe.entity("host") | self.universe.entity("remote-node")
        if peer.nodes is not None and not peer.nodes.requirements:
            return Reach(found, found)
        return Reach(0, found, ("which nodes a node selector matches is not in the manifests",))


def _reserved(peer: Peer) -> str:
    """The entity that a selector of Cilium's reserved labels (``reserved:host``) means, else empty."""
    for requirement in peer.pods.requirements if peer.pods else ():
        if requirement.key.startswith(("reserved:", "reserved.")):
            return requirement.key[len("reserved:") :]
    return ""


def _counts(policy: Policy, direction: str) -> bool:
    """Rules in a direction that a NetworkPolicy's policyTypes does not name mean nothing."""
    if policy.key.kind != "NetworkPolicy":
        return True
    return policy.isolates_ingress if direction == "ingress" else policy.isolates_egress


def static_ports(rule: PolicyRule) -> PortSet:
    """The ports that a rule admits by number: all of them where it names none."""
    if rule.ports is None:
        return NO_PORTS if rule.icmp else ALL_PORTS
    found = NO_PORTS
    for port in rule.ports:
        found |= numbered_ports(port)
    return found


def numbered_ports(port: PolicyPort) -> PortSet:
    """The ports of one entry; none for a port name."""
    return NO_PORTS if isinstance(port.port, str) else _numbered(port.protocol, port.port, port.end_port)


@lru_cache(maxsize=4096)
def _numbered(protocol: str, port: int | None, end: int | None) -> PortSet:
    first, last = (1, LAST_PORT) if port is None else (port, port if end is None else end)
    return PortSet.union_of(PortSet.of(each, first, last) for each in ((protocol,) if protocol else PROTOCOLS))
