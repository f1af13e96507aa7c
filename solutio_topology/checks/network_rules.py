"""``N``: what is open and not declared: between pods, from outside, to outside."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING

from solutio_topology.checks.check import BothCheck, Check, ManifestCheck
from solutio_topology.checks.declared import DNS_PORTS, Declared, numbers
from solutio_topology.checks.platform_rules import with_dns
from solutio_topology.findings import Finding, Rule, Severity
from solutio_topology.identity import PLATFORM, SERVICE, TENANT_POD
from solutio_topology.reach.model import WorkloadNode
from solutio_topology.reach.ports import PortSet

if TYPE_CHECKING:
    from solutio_topology.checks.inputs import Evidence, Intent
    from solutio_topology.graph.model import Link
    from solutio_topology.manifests.facts import Place, Policy, Workload
    from solutio_topology.reach.model import Connection
    from solutio_topology.reach.wiring import Entry, HttpRoute

OPEN_NAMESPACE = Rule(
    code="N001",
    name="namespace-without-default-deny",
    severity=Severity.ERROR,
    summary="A namespace with pods that nothing closes by default.",
    rationale="A pod that no policy selects is open to every pod of the cluster, and may call the whole internet.",
    example="a namespace without a NetworkPolicy with podSelector: {} and policyTypes: [Ingress, Egress]",
    remedy="add a default-deny NetworkPolicy for both directions",
)
CROSS_TENANT = Rule(
    code="N002",
    name="cross-tenant-connection",
    severity=Severity.ERROR,
    summary="One tenant's pods can reach another's, and no edge says so.",
    rationale="It breaks the isolation that the customer pays for.",
    example="an egress rule of default's listener that admits org-e's database",
    remedy="close it: remove the policy rule that is named",
)
UNDECLARED = Rule(
    code="N003",
    name="undeclared-connection",
    severity=Severity.ERROR,
    summary="Pods can reach other pods, and no edge says so.",
    rationale="What no edge declares is closed: the topology no longer shows what is true.",
    example="front may open 5432 of the database",
    remedy="close it, or declare the edge",
)
UNDECLARED_ENTRY = Rule(
    code="N005",
    name="undeclared-entry",
    severity=Severity.ERROR,
    summary="A port that the internet can knock at, and no edge says so.",
    rationale="It passes by the edge, its WAF and its certificates.",
    example="type: NodePort on the Service of the API",
    remedy="make it a ClusterIP, or declare an edge from outside with `via`",
)
UNDECLARED_HOST = Rule(
    code="N006",
    name="undeclared-host",
    severity=Severity.ERROR,
    summary="An Ingress or route for a host and path that no edge declares.",
    rationale="Something is published that the topology does not know.",
    example="an Ingress for admin.example.org",
    remedy="remove it, or declare the edge from the ingress with this host",
)
WIDE_ENTRY = Rule(
    code="N007",
    name="entry-wider-than-declared",
    severity=Severity.ERROR,
    summary="A load balancer lets in more addresses than the edge's client has.",
    rationale="Whoever is not meant can knock, too.",
    example="loadBalancerSourceRanges: [0.0.0.0/0] where the client's ranges are 203.0.113.0/24",
    remedy="set loadBalancerSourceRanges to the client's ranges",
)
PRIVATE_PORT = Rule(
    code="N008",
    name="private-port-exposed",
    severity=Severity.ERROR,
    summary="A port that must never be reached from outside can be.",
    rationale="The component serves it without asking who calls.",
    example="the unauthenticated API of go2rtc behind a load balancer",
    remedy="take it out of the Service, the Ingress or the host ports",
)
UNDECIDED = Rule(
    code="N009",
    name="undecided-connection",
    severity=Severity.WARNING,
    summary="Whether something undeclared is open, the manifests do not say.",
    rationale="An answer that is not known must not count as closed.",
    example="an ipBlock that may hold the addresses of nodes",
    remedy="say it in the manifests, or give --charts or a live export",
)
STRANGER = Rule(
    code="N010",
    name="workload-without-service",
    severity=Severity.WARNING,
    summary="Pods that belong to no service of the topology.",
    rationale="Nothing is declared for them, so nothing about them can be held against the topology.",
    example="a Deployment without the labels topology.solutio.dev/service and topology.solutio.dev/pod",
    remedy="label it, map it in `mapping`, or remove it",
)

_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})


def _open_namespaces(evidence: Evidence) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for workload in evidence.facts.workloads:
        first.setdefault(workload.key.namespace, workload.place)
    declared = {each.key.name: each.place for each in evidence.of_kind("Namespace")}
    for name, place in first.items():
        directions = (
            [] if name in _SYSTEM else [each for each in ("ingress", "egress") if not _is_closed(evidence, name, each)]
        )
        if directions and name not in _SYSTEM:
            yield OPEN_NAMESPACE.finding(
                f"namespace {name} has no default deny for {' and '.join(directions)}",
                evidence.locate(declared.get(name, place)),
                subject=f"Namespace {name}",
            )


def _is_closed(evidence: Evidence, namespace: str, direction: str) -> bool:
    closing: list[Policy] | None = evidence.memo.get(f"closing {direction}")
    if closing is None:
        closing = [each for each in evidence.facts.policies if _closes(each, direction)]
        evidence.memo[f"closing {direction}"] = closing
        evidence.memo[f"closed {direction}"] = {each.key.namespace for each in closing if each.key.namespace}
    if namespace in evidence.memo[f"closed {direction}"]:
        return True
    return any(_holds_in(each, namespace) for each in closing if not each.key.namespace)


def _closes(policy: Policy, direction: str) -> bool:
    isolates = policy.isolates_ingress if direction == "ingress" else policy.isolates_egress
    return isolates and not policy.pods.requirements and policy.nodes is None


def _holds_in(policy: Policy, namespace: str) -> bool:
    return policy.key.namespace == namespace or (not policy.key.namespace and policy.namespaces is None)


def _connections(intent: Intent, evidence: Evidence) -> Iterator[tuple[Connection, PortSet, bool]]:
    """Every connection between workloads with the ports that are open and not declared, and whether it is sure."""
    declared = Declared(intent, evidence)
    for pair in evidence.connections.pairs():
        assert isinstance(pair.src, WorkloadNode)
        assert isinstance(pair.dst, WorkloadNode)
        allowed = declared.between(pair.src, pair.dst)
        if surplus := pair.ports - allowed:
            yield pair, surplus, True
        if perhaps := pair.undecided - allowed:
            yield pair, perhaps, False


def _pairs(rule: Rule, intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    for pair, ports, sure in _connections(intent, evidence):
        found = UNDECIDED if not sure else CROSS_TENANT if _crosses(evidence, pair) else UNDECLARED
        if found is rule:
            yield _undeclared(rule, evidence, pair, ports)
    if rule is UNDECLARED:
        yield from _beyond_dns(evidence)


def _beyond_dns(evidence: Evidence) -> Iterator[Finding]:
    """What the rules for the cluster's DNS open of it besides DNS, where its pods are not among the manifests."""
    connections, dns = with_dns(evidence)
    for node in evidence.connections.workloads if dns not in evidence.connections.workloads else ():
        surplus = connections.ports(node, dns) - DNS_PORTS
        if surplus and not evidence.workload(node).host_network:
            found = connections.explain(node, dns, *first_of(surplus))
            grants = found.egress.allowed_by
            yield UNDECLARED.finding(
                f"{node} can open {surplus} of the cluster's DNS, and no edge says so",
                evidence.locate(grants[0].rule if grants else evidence.workload(node).place),
                subject=f"{node} -> {dns}",
            )


def _crosses(evidence: Evidence, pair: Connection) -> bool:
    assert isinstance(pair.src, WorkloadNode)
    assert isinstance(pair.dst, WorkloadNode)
    one, other = evidence.owner(pair.src), evidence.owner(pair.dst)
    return bool(one and other and one[0] != other[0] and PLATFORM not in (one[0], other[0]))


def _undeclared(rule: Rule, evidence: Evidence, pair: Connection, ports: PortSet) -> Finding:
    from solutio_topology.checks.walk import related

    assert isinstance(pair.src, WorkloadNode)
    assert isinstance(pair.dst, WorkloadNode)
    protocol, number = first_of(ports)
    found = evidence.connections.explain(pair.src, pair.dst, protocol, number)
    grants = [grant for side in (found.egress, found.ingress) for grant in side.allowed_by[:1]]
    place = grants[0].rule if grants else evidence.workload(pair.dst).place
    word = "can open" if rule is not UNDECIDED else "may be able to open"
    doubts = [*found.egress.undecided, *found.ingress.undecided]
    why = f": {doubts[0]}" if rule is UNDECIDED and doubts else ""
    return rule.finding(
        f"{pair.src} {word} {ports} of {pair.dst}, and no edge says so{why}",
        evidence.locate(place),
        subject=f"{pair.src} -> {pair.dst}",
        related=related(evidence, *((grant.rule, grant.statement) for grant in grants[1:])),
    )


def first_of(ports: PortSet) -> tuple[str, int]:
    """One of the ports. Raises ValueError for an empty set."""
    for protocol in ("TCP", "UDP", "SCTP"):
        for first, _ in ports.intervals(protocol):
            return protocol, first
    raise ValueError("no ports")


def _entries(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    for entry in evidence.entries:
        if entry.internal:
            continue
        links = [link for owner in _owners(evidence, entry) for link in declared.from_outside(owner)]
        if not _is_declared(declared, evidence, entry, links):
            yield UNDECLARED_ENTRY.finding(
                f"{entry.name} opens {entry.protocol} {entry.port} to the outside ({entry.kind}), and no edge says so",
                evidence.locate(entry.place),
                subject=entry.name,
            )


def _owners(evidence: Evidence, entry: Entry) -> list[tuple[str, str]]:
    found = (evidence.owner(target.workload) for target in entry.targets)
    return list(dict.fromkeys(owner for owner in found if owner))


_VIA: dict[str, tuple[str | None, ...]] = {
    "LoadBalancer": (None, "load-balancer"),
    "hostPort": ("node", "browser"),
    "NodePort": ("node",),
}
"""How an edge says that it comes in through each kind of entry."""


def _is_declared(declared: Declared, evidence: Evidence, entry: Entry, links: list[Link]) -> bool:
    targets = PortSet.union_of(PortSet.of(each.protocol, each.port) for each in entry.targets)
    if entry.kind == "Gateway":
        return declared.at_the_door.contains(entry.protocol, entry.port)
    if entry.kind == "hostNetwork":
        # What listens on a node's network is the component's to say; the provider's firewall closes the rest.
        ports = [node.ports for owner in _owners(evidence, entry) if (node := declared.node(owner))]
        return any(numbers(each.values()).covers(targets) for each in ports)
    fitting = [link for link in links if link.edge.via in _VIA.get(entry.kind, ())]
    if entry.kind == "LoadBalancer":
        fitting = [link for link in fitting if link.edge.via or _faces_browsers(declared, link)]
        return any(numbers(link.ports.values()).contains(entry.protocol, entry.port) for link in fitting) or any(
            _faces_browsers(declared, link) and entry.port in {80, 443} for link in fitting
        )
    return bool(targets) and PortSet.union_of(numbers(link.ports.values()) for link in fitting).covers(targets)


def _faces_browsers(declared: Declared, link: Link) -> bool:
    return declared.intent.graph.node(link.server).component.browser_facing


def _hosts(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    wanted = {(link.host, link.edge.path): link for link in intent.graph.links if link.host}
    told = set()
    for route in evidence.routes:
        link = wanted.get((route.host, route.path))
        fault = _route_fault(evidence, route, link)
        if fault and (route.source, route.host, route.path) not in told:
            told.add((route.source, route.host, route.path))
            where = evidence.locate(route.place)
            yield UNDECLARED_HOST.finding(f"{route.source} {fault}", where, subject=str(route.source))


def _route_fault(evidence: Evidence, route: HttpRoute, link: Link | None) -> str:
    shown = f"{route.host or 'every host'}{route.path if route.path not in ('/', '') else ''}"
    if link is None:
        return f"serves {shown}, and no edge says so"
    owners = {evidence.owner(target.workload) for target in route.targets}
    strangers = sorted(f"{pod}/{service}" for pod, service in filter(None, owners) if (pod, service) != _end(link))
    return f"sends {shown} to {', '.join(strangers)}; edge {link.key} means {link.server}" if strangers else ""


def _end(link: Link) -> tuple[str, str]:
    return link.server.pod, link.server.service


def _wide_entries(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    for entry in evidence.entries:
        if entry.kind != "LoadBalancer" or entry.internal:
            continue
        links = [link for owner in _owners(evidence, entry) for link in declared.from_outside(owner)]
        ranges = [text for link in links for text in intent.graph.node(link.client).service.ranges]
        if not ranges or any(not intent.graph.node(link.client).service.ranges for link in links):
            continue
        for text in entry.source_ranges or ("0.0.0.0/0",):
            if not any(_within(text, known) for known in ranges):
                yield WIDE_ENTRY.finding(
                    f"{entry.name} lets {text} in on port {entry.port}; its clients are {', '.join(ranges)}",
                    evidence.locate(entry.place),
                    subject=entry.name,
                )


def _within(text: str, outer: str) -> bool:
    try:
        one, other = ipaddress.ip_network(text, strict=False), ipaddress.ip_network(outer, strict=False)
    except ValueError:
        return False
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and one.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)


def _private_ports(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    # On the node's network every port listens; there the provider's firewall closes what no edge opens.
    entries = [entry for entry in evidence.entries if not entry.internal and entry.kind != "hostNetwork"]
    doors = [(entry.name, entry.place, entry.targets) for entry in entries]
    doors += [(f"{route.source} ({route.host})", route.place, route.targets) for route in evidence.routes]
    for name, place, targets in doors:
        for target in targets:
            owner = evidence.owner(target.workload)
            node = declared.node(owner) if owner else None
            for port in node.ports.values() if node else ():
                if port.private and numbers([port]).contains(target.protocol, target.port):
                    message = f"{name} leads to port {target.port} of {target.workload}: {port.private}"
                    yield PRIVATE_PORT.finding(message, evidence.locate(place), subject=str(target.workload))


def _unmodelled(evidence: Evidence) -> Iterator[Finding]:
    for each in evidence.facts.undecided:
        yield UNDECIDED.finding(each.message, evidence.locate(each.place), subject=each.message, remedy=each.remedy)


def _undecided(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    yield from _unmodelled(evidence)
    yield from _pairs(UNDECIDED, intent, evidence)


def _strangers(intent: Intent, evidence: Evidence) -> Iterator[Finding]:
    declared = Declared(intent, evidence)
    for node in evidence.connections.workloads:
        owner = evidence.owner(node)
        if owner is None or (owner[0] != PLATFORM and declared.node(owner) is None):
            said = f"says that it is {'/'.join(owner)}, which does not exist" if owner else "says no service"
            where = evidence.locate(evidence.workload(node).place)
            yield STRANGER.finding(f"{node} {said}", where, subject=str(evidence.workload(node).key))
        elif process := _unknown_process(declared, node):
            workload = evidence.workload(node)
            message = f"{node} says that it is process {process}, which {owner[1]} does not have"
            yield STRANGER.finding(message, evidence.locate(workload.place), subject=str(workload.key))
        elif other := _other_pods(evidence.workload(node)):
            workload = evidence.workload(node)
            message = f"{node} makes pods that say they are {other}: policies take them for those"
            yield STRANGER.finding(message, evidence.locate(workload.pod_place), subject=str(workload.key))


def _unknown_process(declared: Declared, node: WorkloadNode) -> str:
    """The process that a workload says it is, where its service has none of that name."""
    process, service = declared.evidence.process(node), declared.node(declared.evidence.owner(node) or ("", ""))
    if service is None or service.component.kind != "workload" or process == "main":
        return ""
    return "" if process in service.processes or process in service.service.jobs else process


def _other_pods(workload: Workload) -> str:
    """Whose pods a workload makes by their own labels, where they say otherwise than it does itself."""
    own, pods = workload.object_labels, workload.labels
    same = all(pods.get(key, own.get(key)) == own.get(key) for key in (TENANT_POD, SERVICE))
    if same or workload.assumed is not None:
        return ""
    return "/".join(pods.get(key, own.get(key, "")) for key in (TENANT_POD, SERVICE))


CHECKS: tuple[Check, ...] = (
    ManifestCheck(OPEN_NAMESPACE, _open_namespaces),
    BothCheck(CROSS_TENANT, lambda intent, evidence: _pairs(CROSS_TENANT, intent, evidence)),
    BothCheck(UNDECLARED, lambda intent, evidence: _pairs(UNDECLARED, intent, evidence)),
    BothCheck(UNDECLARED_ENTRY, _entries),
    BothCheck(UNDECLARED_HOST, _hosts),
    BothCheck(WIDE_ENTRY, _wide_entries),
    BothCheck(PRIVATE_PORT, _private_ports),
    BothCheck(UNDECIDED, _undecided),
    BothCheck(STRANGER, _strangers),
)
