"""Why one packet passes or not: the rules that admit it, the policies that isolate, the nearest misses."""

from __future__ import annotations

from solutio_topology.manifests.facts import Assumption, Place
from solutio_topology.reach.fqdn import rules_of, selecting
from solutio_topology.reach.model import (
    Direction,
    Explanation,
    FqdnNode,
    Grant,
    HostNetwork,
    Isolation,
    Node,
    Side,
    Verdict,
    WorkloadNode,
)
from solutio_topology.reach.nearest import nearest
from solutio_topology.reach.packet import Packet, side_ports
from solutio_topology.reach.rules import ADMIN_KINDS, CompiledPolicy, Rule
from solutio_topology.reach.solution import Solution
from solutio_topology.reach.wording import say_peers, say_ports


def explain(solution: Solution, src: Node, dst: Node, protocol: str, port: int) -> Explanation:
    """Judge one packet in both directions."""
    egress = _side(solution, src, dst, "egress", protocol, port)
    ingress = _side(solution, dst, src, "ingress", protocol, port)
    return Explanation(
        src,
        dst,
        protocol,
        port,
        _both(egress.verdict, ingress.verdict),
        egress,
        ingress,
        _remarks(solution, src, dst, (egress, ingress)),
        _assumptions(solution, src, dst),
    )


def _both(egress: Verdict, ingress: Verdict) -> Verdict:
    if Verdict.DENIED in (egress, ingress):
        return Verdict.DENIED
    return Verdict.UNDECIDED if Verdict.UNDECIDED in (egress, ingress) else Verdict.ALLOWED


def _side(solution: Solution, subject: Node, other: Node, direction: Direction, protocol: str, port: int) -> Side:
    if not isinstance(subject, WorkloadNode):
        return Side(direction, Verdict.ALLOWED)
    packet = Packet(solution, subject, other, direction, protocol, port)
    policies = selecting(solution, subject, direction)
    verdict = _verdict(packet)
    rules = [rule for compiled in policies for rule in rules_of(compiled, direction)]
    isolated_by = tuple(_isolation(each) for each in policies if _isolates(each, direction))
    admitting = [rule for rule in rules if packet.meets_port(rule) and packet.meets_peers(rule)]
    speaking = _speaking(admitting, isolated=bool(isolated_by))
    return Side(
        direction,
        verdict,
        isolated_by,
        tuple(_grant(packet, rule) for rule in speaking if rule.rule.action == "Allow"),
        tuple(_grant(packet, rule) for rule in speaking if rule.rule.action == "Deny"),
        () if verdict is Verdict.ALLOWED else nearest(packet, rules),
        _doubts(packet, rules) if verdict is Verdict.UNDECIDED else (),
        tuple(_narrowing(rule) for rule in speaking if rule.rule.l7 and rule.rule.action == "Allow"),
    )


def _speaking(admitting: list[Rule], *, isolated: bool) -> list[Rule]:
    """The rules that have a say: of ordered policies the first alone, of the baseline only without isolation."""
    ordered = sorted(
        (rule for rule in admitting if rule.policy.key.kind == "AdminNetworkPolicy"),
        key=lambda rule: (rule.policy.priority, rule.policy.key),
    )
    if ordered and ordered[0].rule.action != "Pass":
        return ordered[:1]
    others = [rule for rule in admitting if rule.policy.key.kind not in ADMIN_KINDS]
    baseline = [rule for rule in admitting if rule.policy.key.kind == "BaselineAdminNetworkPolicy"]
    return others + ([] if isolated else baseline[:1])


def _narrowing(rule: Rule) -> str:
    return f"{rule.policy.key}: {', '.join(rule.rule.l7)} rules narrow it further"


def _verdict(packet: Packet) -> Verdict:
    """What the engine computed for this packet."""
    ends = (packet.solution, packet.subject, packet.other, packet.direction)
    if side_ports(*ends).contains(packet.protocol, packet.port):
        return Verdict.ALLOWED
    if side_ports(*ends, widest=True).contains(packet.protocol, packet.port):
        return Verdict.UNDECIDED
    return Verdict.DENIED


def _isolates(compiled: CompiledPolicy, direction: Direction) -> bool:
    policy = compiled.policy
    return policy.isolates_ingress if direction == "ingress" else policy.isolates_egress


def _isolation(compiled: CompiledPolicy) -> Isolation:
    return Isolation(compiled.policy.key, compiled.policy.place)


def _grant(packet: Packet, rule: Rule) -> Grant:
    return Grant(
        rule.policy.key,
        rule.policy.place,
        rule.rule.place,
        _peer_place(packet, rule),
        _port_place(packet, rule),
        f"{rule.policy.key}: {rule.rule.action.lower()} {say_ports(rule.rule)} "
        f"{'from' if packet.direction == 'ingress' else 'to'} {say_peers(rule.policy, rule.rule)}",
    )


def _peer_place(packet: Packet, rule: Rule) -> Place | None:
    peers = rule.rule.peers or ()
    return next((peer.place for peer in peers if packet.meets_peer(rule, peer)), None)


def _port_place(packet: Packet, rule: Rule) -> Place | None:
    for port in rule.rule.ports or ():
        if packet.ports_of(port).contains(packet.protocol, packet.port):
            return port.place
    return None


def _doubts(packet: Packet, rules: list[Rule]) -> tuple[str, ...]:
    """Why it is not decided."""
    universe = packet.solution.universe
    found: dict[str, None] = {}
    if universe.bits(packet.subject) & universe.hosts:
        found["which policies bind a hostNetwork pod is up to the network plugin"] = None
    for rule in rules:
        if packet.meets_port(rule) and not packet.meets_peers(rule):
            for peer in rule.rule.peers or ():
                if packet.meets_peer(rule, peer, surely=False):
                    found.update(dict.fromkeys(packet.solution.compiler.peer(rule.policy, peer).reasons))
    if isinstance(packet.other, FqdnNode):
        found[f"{packet.other} may resolve into a range that is open, or not"] = None
    return tuple(found)


_NODE_REMARK = "hostNetwork: the node's identity; every process of the node can do the same"
_LISTEN_REMARK = "hostNetwork: no pod policy closes it, a firewall of the node or the provider may"


def _remarks(solution: Solution, src: Node, dst: Node, sides: tuple[Side, Side]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    if solution.host_network is not HostNetwork.POD:
        hosts = solution.universe.hosts
        if solution.universe.bits(src) & hosts:
            found[_NODE_REMARK] = None
        if isinstance(dst, WorkloadNode) and solution.universe.bits(dst) & hosts:
            found[_LISTEN_REMARK] = None
    for side in sides:
        found.update(dict.fromkeys(side.remarks))
    return tuple(found)


def _assumptions(solution: Solution, src: Node, dst: Node) -> tuple[Assumption, ...]:
    workloads = [solution.facts.workloads[node.index] for node in (src, dst) if isinstance(node, WorkloadNode)]
    return tuple(dict.fromkeys(each.assumed for each in workloads if each.assumed is not None))
