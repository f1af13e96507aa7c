"""When a packet does not pass: the rules that come nearest to admitting it, and what keeps them from it."""

from __future__ import annotations

from solutio_topology.manifests.facts import Peer, Place
from solutio_topology.reach.classes import policy_labels
from solutio_topology.reach.fqdn import dns_patterns, is_live, selecting
from solutio_topology.reach.model import FqdnNode, Miss, MissKind, WorkloadNode
from solutio_topology.reach.packet import Packet
from solutio_topology.reach.ports import NO_PORTS, PortSet
from solutio_topology.reach.rules import Rule
from solutio_topology.reach.wording import say_peer, say_peers, say_ports, unmet

_MOST = 5
_Ranked = tuple[tuple[int, int], Miss]


def nearest(packet: Packet, rules: list[Rule]) -> tuple[Miss, ...]:
    """The nearest misses, nearest first: right peer on other ports, then right port for other peers."""
    found: list[_Ranked] = []
    for rule in rules:
        if rule.rule.action != "Allow":
            continue
        if packet.meets_peers(rule):
            found.append(_wrong_name(packet, rule) if packet.meets_port(rule) else _wrong_port(packet, rule))
        elif packet.meets_port(rule) and rule.rule.peers:
            found.append(_wrong_peer(packet, rule))
    found = [(rank, miss) for rank, miss in found if miss.statement]
    return tuple(miss for _, miss in sorted(found, key=lambda each: each[0])[:_MOST])


def _wrong_port(packet: Packet, rule: Rule) -> _Ranked:
    """The rule speaks of the other end, on other ports."""
    ports = packet.rule_ports(rule)
    names = sorted({name for protocol, name in rule.named if not packet.named(protocol, name)})
    if names and not ports:
        said = " and ".join(names)
        statement = f"admits {packet.other} only on the port named {said}, and {packet.destination} has no such port"
        miss = _miss(MissKind.NAMED_PORT, rule, _port_place(packet, rule), NO_PORTS, statement)
    else:
        said = f"{ports} only" if ports else "no port"
        miss = _miss(MissKind.PORT, rule, _port_place(packet, rule), ports, f"admits {packet.other} on {said}")
    return (0, _distance(packet, ports)), miss


def _wrong_name(packet: Packet, rule: Rule) -> _Ranked:
    """The rule admits the name and the port, but nothing lets the name resolve."""
    statement = ""
    if isinstance(packet.other, FqdnNode):
        resolvable = dns_patterns(selecting(packet.solution, packet.subject, "egress"))
        if not is_live(rule, packet.other.pattern, resolvable):
            statement = (
                f"admits {packet.other}, but no rules.dns lets the name resolve, so Cilium never learns its address"
            )
    return (0, 0), _miss(MissKind.DNS, rule, _peer_place(rule), packet.rule_ports(rule), statement)


def _wrong_peer(packet: Packet, rule: Rule) -> _Ranked:
    """The rule admits the port, for others."""
    gaps = [(_gaps(packet, rule, peer), number) for number, peer in enumerate(rule.rule.peers or ())]
    missing, number = min(gaps, key=lambda each: (len(each[0]), each[1]))
    peer = (rule.rule.peers or ())[number]
    preposition = "from" if packet.direction == "ingress" else "to"
    statement = f"admits {say_ports(rule.rule)} only {preposition} {say_peers(rule.policy, rule.rule)}"
    if missing:
        statement += f"; {packet.other} does not meet {', '.join(missing)}"
    miss = _miss(MissKind.PEER, rule, peer.place, packet.rule_ports(rule), statement)
    of_pods = isinstance(packet.other, WorkloadNode) and _is_of_pods(peer)
    return (1 if of_pods else 2, len(missing)), miss


def _gaps(packet: Packet, rule: Rule, peer: Peer) -> list[str]:
    """What the other end lacks to be the peer."""
    if not isinstance(packet.other, WorkloadNode) or not _is_of_pods(peer):
        return [say_peer(rule.policy, peer)]
    workload = packet.solution.facts.workloads[packet.other.index]
    missing = unmet(peer.pods, policy_labels(workload))
    if peer.namespaces is not None:
        labels = packet.solution.facts.namespaces.get(workload.key.namespace, {})
        missing += [f"namespace {gap}" for gap in unmet(peer.namespaces, labels)]
    elif not peer.any_namespace and rule.policy.key.namespace not in ("", workload.key.namespace):
        missing.append(f"namespace {rule.policy.key.namespace} (it is in {workload.key.namespace})")
    if not missing and workload.host_network:
        missing.append("being a pod of the pod network (it is hostNetwork: a node)")
    return missing


def _is_of_pods(peer: Peer) -> bool:
    return not (peer.cidr or peer.entity or peer.fqdns or peer.unknown or peer.nodes is not None)


def _port_place(packet: Packet, rule: Rule) -> Place:
    """The port entry that comes nearest: of the same protocol if there is one."""
    entries = rule.rule.ports or ()
    same = [entry for entry in entries if entry.protocol in ("", packet.protocol)]
    ranked = sorted(same, key=lambda entry: _distance(packet, packet.ports_of(entry)))
    return next((entry.place for entry in (*ranked, *entries)), rule.rule.place)


def _peer_place(rule: Rule) -> Place:
    return next((peer.place for peer in rule.rule.peers or ()), rule.rule.place)


def _distance(packet: Packet, ports: PortSet) -> int:
    """How far the nearest port of the same protocol is away."""
    spans = ports.intervals(packet.protocol)
    return min((min(abs(packet.port - a), abs(packet.port - b)) for a, b in spans), default=2**17)


def _miss(kind: MissKind, rule: Rule, place: Place, ports: PortSet, statement: str) -> Miss:
    said = f"{rule.policy.key} {statement}" if statement else ""
    return Miss(kind, rule.policy.key, rule.rule.place, place, ports, said)
