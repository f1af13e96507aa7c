"""``P``: what no edge draws and everything needs: names that resolve, and the platform's own connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from solutio_topology.checks.check import BothCheck, Check
from solutio_topology.checks.declared import Declared, numbers
from solutio_topology.checks.paths.clients import declared_names
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.manifests.facts import Assumption, Key, Place, Workload
from solutio_topology.reach.model import EntityNode, FqdnNode, RangeNode, WorkloadNode
from solutio_topology.reach.ports import NO_PORTS, PortSet

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.reach import Connections
    from solutio_topology.reach.model import Node
    from solutio_topology.spec.component import Egress, Ingress

NO_NAMES = Rule(
    code="P004",
    name="names-do-not-resolve",
    severity=Severity.ERROR,
    summary="Pods that find their servers by name, and may not ask the cluster's DNS.",
    rationale="Every connection fails before its first packet, with an error that speaks of names, not of policies.",
    example="a default deny for egress without a rule for UDP 53 to kube-dns",
    remedy="let the pods open UDP and TCP 53 to pods with k8s-app: kube-dns in kube-system",
)
PLATFORM_CLOSED = Rule(
    code="P005",
    name="platform-connection-closed",
    severity=Severity.ERROR,
    summary="A connection that a component must have, whatever the topology says, is closed.",
    rationale="Operators stop reconciling, webhooks refuse every change, certificates are no longer renewed.",
    example="the operator of the database may not open 8000 of its instances",
    remedy="open it: the component's catalogue entry says why it is needed",
)

_CLUSTER_DNS = Assumption(
    "cluster-dns",
    "the cluster brings DNS: pods with k8s-app=kube-dns in kube-system",
    "kubernetes.io, DNS for Services and Pods; CoreDNS keeps the label for compatibility",
)
_DNS_LABELS = {"k8s-app": "kube-dns"}


def with_dns(evidence: Evidence) -> tuple[Connections, WorkloadNode]:
    """The answer with the cluster's DNS in it, which the manifests do not hold unless they were exported.

    Computed once for all rules.
    """
    found: tuple[Connections, WorkloadNode] | None = evidence.memo.get("with dns")
    if found is None:
        found = evidence.memo["with dns"] = _with_dns(evidence)
    return found


def _with_dns(evidence: Evidence) -> tuple[Connections, WorkloadNode]:
    for node in evidence.connections.workloads:
        if _DNS_LABELS.items() <= evidence.workload(node).labels.items():
            return evidence.connections, node
    from solutio_topology.reach import solve

    facts = evidence.facts
    key = Key("apps", "Deployment", "kube-system", "kube-dns")
    dns = Workload(key, _DNS_LABELS, {}, {}, None, 1, (), (), "", False, {}, Place(-1), Place(-1), _CLUSTER_DNS)
    namespaces = {"kube-system": {"kubernetes.io/metadata.name": "kube-system"}, **facts.namespaces}
    known = replace(facts, workloads=(*facts.workloads, dns), namespaces=namespaces)
    return solve(known, evidence.connections.host_network), WorkloadNode(len(facts.workloads), key)


def _names(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    connections, dns = with_dns(evidence)
    inspected = {
        rule.place for policy in evidence.facts.policies for rule in policy.egress if rule.dns_patterns and rule.peers
    }
    for node in asking(intent, evidence):
        workload = evidence.workload(node)
        if workload.host_network:
            continue
        found = connections.explain(node, dns, "UDP", 53)
        closing = [miss.place for miss in found.egress.misses] + [each.place for each in found.egress.isolated_by]
        fault = ""
        closed = [each for each in ("UDP", "TCP") if not connections.ports(node, dns).contains(each, 53)]
        if "UDP" in closed:
            fault = "may not ask the cluster's DNS: UDP 53 to pods k8s-app=kube-dns is closed"
        elif closed:
            fault = "may not ask the cluster's DNS over TCP: an answer that is too long for UDP never comes"
        elif evidence.connections.fqdn(node) and not any(each.rule in inspected for each in found.egress.allowed_by):
            fault = "asks a DNS that no rules.dns inspects: Cilium never learns the addresses of the names it may open"
        if fault:
            where = evidence.locate(closing[0] if closing else workload.place)
            severity = Severity.WARNING if closed == ["TCP"] else None
            yield NO_NAMES.finding(f"{node} {fault}", where, subject=str(workload.key), severity=severity)


_BY_NAME = frozenset({"hosts", "ranges", "selector"})
"""What a component reaches by a name: third parties, the internet, a Service in front of other pods."""


def asking(intent: Intent, evidence: Evidence) -> list[WorkloadNode]:
    """The pods that an edge, or their component, gives a name to connect to."""
    found: dict[WorkloadNode, None] = {}
    declared = Declared(intent, evidence)
    for node in evidence.connections.workloads:
        if any(rule.to in _BY_NAME for rule in declared.opens(node)):
            found[node] = None
    for link in intent.graph.links:
        if link.direct and declared_names(link):
            for node in evidence.pods_of(link.client):
                if not link.processes or evidence.process(node) in link.processes:
                    found[node] = None
    return list(found)


def _platform(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    for node in evidence.connections.workloads:
        for rule in declared.opens(node):
            for other in _receivers(declared, rule):
                yield from _closed(evidence, node, other, numbers(rule.ports), node, rule.reason)
        for own in declared.accepts(node):
            for other in _senders(declared, node, own):
                yield from _closed(evidence, other, node, numbers(own.ports), node, own.reason)
            if own.source == "world":
                yield from _closed_to_world(evidence, node, numbers(own.ports), own.reason)


def _receivers(declared: Declared, rule: Egress) -> Iterator[Node]:
    match rule.to:
        case "kube-apiserver":
            yield EntityNode("kube-apiserver")
        case "host":
            yield from (EntityNode("host"), EntityNode("remote-node"))
        case "hosts":
            yield from (FqdnNode(host) for host in rule.hosts)
        case "ranges":
            yield from (RangeNode.of_cidr("1.1.1.1/32" if text == "0.0.0.0/0" else text) for text in rule.ranges)
        case "selector":
            yield from declared.selected(rule)


def _senders(declared: Declared, node: WorkloadNode, rule: Ingress) -> Iterator[Node]:
    match rule.source:
        case "kube-apiserver" if _may_listen(declared.evidence.workload(node), numbers(rule.ports)):
            yield EntityNode("kube-apiserver")
        case "host":
            yield EntityNode("remote-node")
        case "selector":
            yield from declared.selected(rule)


def _may_listen(workload: Workload, ports: PortSet) -> bool:
    """Whether pods may serve some ports: a webhook that is switched off is in none of the ports that they list."""
    listed = PortSet.union_of(
        PortSet.of(each.protocol, each.number) for box in workload.containers for each in box.ports
    )
    return not listed or bool(listed & ports)


def _closed(
    evidence: Evidence, src: Node, dst: Node, ports: PortSet, subject: WorkloadNode, reason: str
) -> Iterator[Finding]:
    opened = evidence.connections.ports(src, dst)
    # The API server listens on one port; which of them is the cluster's to choose.
    closed = NO_PORTS if opened & ports and dst == EntityNode("kube-apiserver") else ports - opened
    closed -= evidence.connections.undecided_ports(src, dst)
    if not closed or _is_plain(evidence, src, dst, closed):
        return
    yield PLATFORM_CLOSED.finding(
        f"{src} may not open {closed} of {dst}: {reason}",
        evidence.locate(evidence.workload(subject).place),
        subject=f"{src} -> {dst}",
    )


def _closed_to_world(evidence: Evidence, node: WorkloadNode, ports: PortSet, reason: str) -> Iterator[Finding]:
    """A component that takes requests from outside, and addresses outside that may send it none."""
    opened = PortSet.union_of(each.ports for each in evidence.connections.from_external(node))
    faults = [f"no address outside may open {closed} of {node}"] if (closed := ports - opened) else []
    faults = faults or list(_closed_to_clients(evidence, node, ports))[:1]
    for fault in faults:
        where = evidence.locate(evidence.workload(node).place)
        yield PLATFORM_CLOSED.finding(f"{fault}: {reason}", where, subject=f"world -> {node}")


def _closed_to_clients(evidence: Evidence, node: WorkloadNode, ports: PortSet) -> Iterator[str]:
    """The addresses that a load balancer lets in and the policies of its pods do not."""
    for entry in evidence.entries:
        led = PortSet.union_of(PortSet.of(each.protocol, each.port) for each in entry.targets if each.workload == node)
        for text in entry.source_ranges if led & ports else ():
            try:
                clients = RangeNode.of_cidr(text)
            except ValueError:
                continue  # M003 and M014 tell of it.
            closed = (led & ports) - evidence.connections.ports(clients, node)
            if closed - evidence.connections.undecided_ports(clients, node):
                yield f"{text} may not open {closed} of {node}, and {entry.name} lets it in"


def _is_plain(evidence: Evidence, src: Node, dst: Node, ports: PortSet) -> bool:
    """Whether the policies, which know addresses only, open the ports to every address."""
    anywhere = RangeNode.of_cidr("1.1.1.1/32")
    outside = isinstance(dst, (EntityNode, FqdnNode)) and isinstance(src, WorkloadNode)
    return outside and evidence.connections.ports(src, anywhere).covers(ports)


CHECKS: tuple[Check, ...] = (BothCheck(NO_NAMES, _names), BothCheck(PLATFORM_CLOSED, _platform))
