"""Network policies: every namespace closed, then exactly what the edges declare and what the platform itself needs.

Pods and address ranges are NetworkPolicy's to admit. Names, the node's identity and the API server are not: those rules
go into a CiliumNetworkPolicy beside it, or, on a platform without Cilium, become the narrowest address range there is.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from solutio_topology.graph.model import EnvironmentGraph, Link, Node
from solutio_topology.graph.ref import Ref
from solutio_topology.identity import PROCESS
from solutio_topology.render.model import Body
from solutio_topology.render.names import MAIN, namespace, node_labels, object_name, pod_selector
from solutio_topology.spec.component import Egress, Ingress
from solutio_topology.spec.workload import Port

NODE_ENTITIES = ("host", "remote-node")
EVERYWHERE = ("0.0.0.0/0", "::/0")
"""The ranges of clients that name none."""
DNS_SELECTOR = {"k8s-app": "kube-dns"}
DNS_NAMESPACE = "kube-system"
_PRIVATE = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]
_INTERNET = {"0.0.0.0/0": {"cidr": "0.0.0.0/0", "except": _PRIVATE}}
"""As a destination, the whole of the internet leaves out what is not on it: metadata services, other machines."""


class Peer(Struct, frozen=True):
    """The other side of a rule; exactly one of the shapes is filled."""

    namespace: str | None = None
    selector: dict[str, str] = field(default_factory=dict)
    processes: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    anywhere: bool = False
    """Pods of `selector` in any namespace."""


class Rule(Struct, frozen=True):
    """Who may connect, and to which ports."""

    peer: Peer
    ports: tuple[Port, ...]


def service_policies(graph: EnvironmentGraph, node: Node) -> list[Body]:
    """The policies of a service: what comes in, what all its processes open, what single processes open."""
    if node.component.host_network:
        return []  # Its pods are the node on the network: no policy selects them.
    name = object_name(node)
    found = [*_ingress_policy(graph, node, f"{name}-ingress"), *_egress_policy(graph, node, f"{name}-egress", None)]
    special = [process for link in graph.outgoing.get(node.ref, ()) for process in link.processes or ()]
    for process in dict.fromkeys(special):
        found += _egress_policy(graph, node, f"{name}-{process}-egress", process, only_own=True)
    return found


def job_policies(graph: EnvironmentGraph, node: Node, process: str) -> list[Body]:
    """The policies of a job that runs before the service's own policies are there."""
    return _egress_policy(graph, node, f"{object_name(node)}-{process}-job-egress", process)


def _ingress_policy(graph: EnvironmentGraph, node: Node, name: str) -> list[Body]:
    """What comes in: to the main process alone, which is the one that the Service leads to."""
    return policy_objects(
        graph,
        namespace=namespace(graph, node.ref),
        name=name,
        labels=node_labels(graph, node),
        selector=pod_selector(node, MAIN),
        ingress=_ingress_rules(graph, node),
        egress=[],
    )


def _egress_policy(
    graph: EnvironmentGraph, node: Node, name: str, process: str | None, *, only_own: bool = False
) -> list[Body]:
    links = [link for link in graph.outgoing.get(node.ref, ()) if _counts(link, process, only_own)]
    egress = [*_egress_rules(graph, links)]
    if not only_own:
        egress += [_platform_egress(graph, node.ref, rule) for rule in node.component.egress]
    return policy_objects(
        graph,
        namespace=namespace(graph, node.ref),
        name=name,
        labels=node_labels(graph, node),
        selector=pod_selector(node, process),
        ingress=[],
        egress=egress,
    )


def _counts(link: Link, process: str | None, only_own: bool) -> bool:
    """Whether an edge belongs into the policy for `process` (None: for every process)."""
    if process is None:
        return link.processes is None
    return process in (link.processes or ()) or (link.processes is None and not only_own)


def _ingress_rules(graph: EnvironmentGraph, node: Node) -> Iterator[Rule]:
    for link in graph.incoming.get(node.ref, ()):
        if link.direct and link.ports:
            peer = _client(graph, link)
            if peer is not None:
                yield Rule(peer, tuple(link.ports.values()))
    for rule in node.component.ingress:
        yield platform_ingress(graph, node.ref, rule)
    yield from _scraping(graph, node)


def _client(graph: EnvironmentGraph, link: Link) -> Peer | None:
    node = graph.node(link.client)
    if node.in_cluster:
        return _pods(graph, link.client, link.processes)
    if node.service.ranges:
        return Peer(ranges=tuple(node.service.ranges))
    return Peer(ranges=EVERYWHERE) if link.edge.via == "load-balancer" else None


def _pods(graph: EnvironmentGraph, ref: Ref, processes: tuple[str, ...] | None = None) -> Peer:
    """The pods of a service in the cluster, or the identity they have on the network."""
    node = graph.node(ref)
    if node.component.host_network:
        return Peer(entities=NODE_ENTITIES)
    if node.component.browser_facing and node.component.kind == "objects":
        return Peer(entities=("ingress",))
    return Peer(namespace=namespace(graph, ref), selector=pod_selector(node), processes=processes or ())


def _egress_rules(graph: EnvironmentGraph, links: Iterable[Link]) -> Iterator[Rule]:
    for link in links:
        if link.direct and link.ports:
            yield from (Rule(peer, tuple(link.ports.values())) for peer in _servers(graph, link))


def _servers(graph: EnvironmentGraph, link: Link) -> Iterator[Peer]:
    """Where the connections of an edge go. A third party that names no address gets none: it stays closed."""
    node = graph.node(link.server)
    if node.in_cluster:
        yield _pods(graph, link.server)
        return
    if ranges := (*node.service.ranges, *node.component.ranges):
        yield Peer(ranges=ranges)
    if hosts := (*node.service.hosts, *node.component.hosts):
        yield Peer(hosts=hosts)


def _scraping(graph: EnvironmentGraph, node: Node) -> Iterator[Rule]:
    metrics = node.service.metrics or node.component.metrics
    scraper = graph.platform.scraper
    if metrics and scraper and metrics.port in node.ports:
        yield Rule(Peer(namespace=scraper.namespace, selector=scraper.selector), (node.ports[metrics.port],))


def platform_ingress(graph: EnvironmentGraph, ref: Ref | None, rule: Ingress, own: Peer | None = None) -> Rule:
    """A connection that a component must accept whatever the topology says."""
    match rule.source:
        case "kube-apiserver":
            # On a managed control plane the API server calls webhooks from outside the nodes, elsewhere from a node.
            peer = Peer(entities=("kube-apiserver", *NODE_ENTITIES))
        case "host":
            peer = Peer(entities=NODE_ENTITIES)
        case "world":
            peer = Peer(ranges=EVERYWHERE)
        case "self":
            peer = own or _pods(graph, _known(ref))
        case _:
            peer = Peer(namespace=rule.namespace, selector=rule.selector, anywhere=rule.namespace is None)
    return Rule(peer, tuple(rule.ports))


def _platform_egress(graph: EnvironmentGraph, ref: Ref, rule: Egress) -> Rule:
    return platform_egress(rule, _pods(graph, ref))


def platform_egress(rule: Egress, own: Peer) -> Rule:
    """A connection that a component must open whatever the topology says."""
    match rule.to:
        case "kube-apiserver":
            peer = Peer(entities=("kube-apiserver",))
        case "host":
            peer = Peer(entities=NODE_ENTITIES)
        case "hosts":
            peer = Peer(hosts=tuple(rule.hosts))
        case "ranges":
            peer = Peer(ranges=tuple(rule.ranges))
        case "self":
            peer = own
        case _:
            peer = Peer(namespace=rule.namespace, selector=rule.selector, anywhere=rule.namespace is None)
    return Rule(peer, tuple(rule.ports))


def _known(ref: Ref | None) -> Ref:
    assert ref is not None
    return ref


def policy_objects(
    graph: EnvironmentGraph,
    *,
    namespace: str,
    name: str,
    labels: dict[str, str],
    selector: dict[str, str],
    ingress: Iterable[Rule],
    egress: Iterable[Rule],
) -> list[Body]:
    """A NetworkPolicy for what it can say, and a CiliumNetworkPolicy for the rest; neither where there is nothing."""
    cilium = graph.platform.network.policies == "cilium"
    rules_in = _merged(ingress if cilium else [_plain(graph, rule) for rule in ingress])
    rules_out = _merged(egress if cilium else [_plain(graph, rule) for rule in egress])
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    found: list[Body] = []
    if plain := _network_policy(selector, rules_in, rules_out):
        found.append(
            {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": plain}
        )
    if special := _cilium_policy(selector, rules_in, rules_out):
        found.append(
            {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata, "spec": special}
        )
    return found


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Rules of one peer as one, with all its ports."""
    found: dict[str, Rule] = {}
    for rule in rules:
        key = repr(rule.peer)
        found[key] = Rule(rule.peer, _union(found.get(key), rule))
    return list(found.values())


def _union(known: Rule | None, rule: Rule) -> tuple[Port, ...]:
    ports: dict[tuple[int, int | None, str], Port] = {}
    for port in (*(known.ports if known else ()), *rule.ports):
        ports.setdefault((port.port, port.end_port, port.protocol), port)
    return tuple(ports.values())


def _plain(graph: EnvironmentGraph, rule: Rule) -> Rule:
    """A rule that only Cilium can say, as addresses."""
    if rule.peer.hosts:
        return Rule(Peer(ranges=("0.0.0.0/0",)), rule.ports)
    if "kube-apiserver" in rule.peer.entities:
        return Rule(Peer(ranges=("0.0.0.0/0",)), rule.ports)
    if rule.peer.entities:
        return Rule(Peer(ranges=(graph.platform.network.node_range,)), rule.ports)
    return rule


def _network_policy(selector: dict[str, str], ingress: list[Rule], egress: list[Rule]) -> Body | None:
    found_in = [{"from": _peers(rule.peer, {}), "ports": _ports(rule)} for rule in ingress if _is_plain(rule)]
    found_out = [{"to": _peers(rule.peer, _INTERNET), "ports": _ports(rule)} for rule in egress if _is_plain(rule)]
    if not found_in and not found_out:
        return None
    types = [*(["Ingress"] if found_in else []), *(["Egress"] if found_out else [])]
    spec: Body = {"podSelector": {"matchLabels": selector}, "policyTypes": types}
    if found_in:
        spec["ingress"] = found_in
    if found_out:
        spec["egress"] = found_out
    return spec


def _is_plain(rule: Rule) -> bool:
    return not rule.peer.entities and not rule.peer.hosts


def _peers(peer: Peer, blocks: dict[str, Body]) -> list[Body]:
    if peer.ranges:
        return [{"ipBlock": copy.deepcopy(blocks.get(cidr, {"cidr": cidr}))} for cidr in peer.ranges]
    namespaces: Body = {} if peer.anywhere else {"matchLabels": {"kubernetes.io/metadata.name": peer.namespace}}
    pods: Body = {"matchLabels": peer.selector}
    if peer.processes:
        pods["matchExpressions"] = [{"key": PROCESS, "operator": "In", "values": sorted(peer.processes)}]
    return [{"namespaceSelector": namespaces, "podSelector": pods}]


def _ports(rule: Rule) -> list[Body]:
    return [
        {"protocol": port.protocol, "port": port.port, **({"endPort": port.end_port} if port.end_port else {})}
        for port in rule.ports
    ]


def _cilium_policy(selector: dict[str, str], ingress: list[Rule], egress: list[Rule]) -> Body | None:
    found_in = [_cilium_rule(rule, "from") for rule in ingress if not _is_plain(rule)]
    found_out = [_cilium_rule(rule, "to") for rule in egress if not _is_plain(rule)]
    if not found_in and not found_out:
        return None
    spec: Body = {"endpointSelector": {"matchLabels": selector}}
    if found_in:
        spec["ingress"] = found_in
    if found_out:
        named = any(rule.peer.hosts for rule in egress)
        spec["egress"] = [*([_dns_rule()] if named else []), *found_out]
    return spec


def _cilium_rule(rule: Rule, direction: str) -> Body:
    if rule.peer.hosts:
        who: Body = {"toFQDNs": [_fqdn(host) for host in rule.peer.hosts]}
    else:
        who = {f"{direction}Entities": list(rule.peer.entities)}
    ports = [
        {"port": str(port.port), "protocol": port.protocol, **({"endPort": port.end_port} if port.end_port else {})}
        for port in rule.ports
    ]
    return {**who, "toPorts": [{"ports": ports}]} if ports else who


def _fqdn(host: str) -> Body:
    return {"matchPattern": host} if "*" in host else {"matchName": host}


def _dns_rule() -> Body:
    """Cilium learns the addresses behind a name from the answers that pass its DNS proxy: without this rule, none."""
    selected = {"k8s:io.kubernetes.pod.namespace": DNS_NAMESPACE, **{f"k8s:{k}": v for k, v in DNS_SELECTOR.items()}}
    ports = [{"port": "53", "protocol": "UDP"}, {"port": "53", "protocol": "TCP"}]
    return {
        "toEndpoints": [{"matchLabels": selected}],
        "toPorts": [{"ports": ports, "rules": {"dns": [{"matchPattern": "*"}]}}],
    }


def namespace_policies(namespace: str, labels: dict[str, str]) -> list[Body]:
    """What closes a namespace: nothing in, nothing out, and names can be looked up."""
    api = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    dns = [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]
    to_dns = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": DNS_NAMESPACE}},
        "podSelector": {"matchLabels": dict(DNS_SELECTOR)},
    }
    return [
        {
            **api,
            "metadata": {"name": "default-deny", "namespace": namespace, "labels": labels},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        },
        {
            **api,
            "metadata": {"name": "allow-dns", "namespace": namespace, "labels": labels},
            "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [to_dns], "ports": dns}]},
        },
    ]
