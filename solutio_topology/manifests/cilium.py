"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy.

Source: docs.cilium.io, "Layer 3 Examples", "Layer 4 Examples", "Deny Policies"; pkg/policy/api/rule_validation.go and
pkg/k8s/apis/cilium.io/utils/utils.go of cilium 1.20.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import (
    Object,
    Operator,
    Peer,
    Policy,
    PolicyPort,
    PolicyRule,
    Requirement,
    Selector,
)
from solutio_topology.manifests.policies import address_peer
from solutio_topology.manifests.ports import LAST_PORT, PROTOCOLS
from solutio_topology.manifests.selectors import selector

NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
NAME_LABEL = "kubernetes.io/metadata.name"
CLUSTER = "io.cilium.k8s.policy.cluster"
_PREFIXES = ("k8s:", "any:", "k8s.", "any.")
_UNDECIDABLE = ("Services", "Groups", "Requires")
_PEERS = ("Endpoints", "Entities", "CIDR", "CIDRSet", "FQDNs", "Nodes", *_UNDECIDABLE)
_RULE = {
    direction: frozenset({*(direction + field for field in _PEERS), "toPorts", "icmps", "authentication"})
    for direction in ("from", "to")
}
_DIRECTIONS = ("ingress", "ingressDeny", "egress", "egressDeny")
_ENTITIES = frozenset(
    [
        "all",
        "world",
        "world-ipv4",
        "world-ipv6",
        "cluster",
        "cluster-mesh",
        "host",
        "remote-node",
        "kube-apiserver",
        "ingress",
        "init",
        "health",
        "unmanaged",
        "none",
    ]
)
_PORTLESS = frozenset({"ICMP", "ICMPV6", "VRRP", "IGMP", "GRE", "IPIP", "IPV6", "ESP", "AH"})
"""Protocols without ports: nothing that a connection here is made of."""


def read_cilium_policy(source: Object, at: Cursor, into: Collector) -> None:
    """Each rule of ``spec`` and ``specs`` is a policy of its own that selects its own endpoints."""
    rules = [at.get("spec")] if at.get("spec") else []
    rules += at.items("specs")
    if not rules:
        at.note("it has neither spec nor specs: Cilium refuses it", "give it a spec")
    for spec in rules:
        _refusals(source, spec)
        into.policies.append(_policy(source, spec))


def _refusals(source: Object, spec: Cursor) -> None:
    """What makes Cilium refuse a whole rule, which then does nothing at all."""
    pods, nodes = bool(spec.get("endpointSelector")), bool(spec.get("nodeSelector"))
    if pods == nodes:
        spec.note("it needs endpointSelector or nodeSelector, and not both: Cilium refuses it", "give it one")
    elif nodes and source.key.namespace:
        spec.get("nodeSelector").note("only a clusterwide policy selects nodes", "use CiliumClusterwideNetworkPolicy")
    if not any(spec.get(field).value for field in _DIRECTIONS):
        spec.note("it has no ingress or egress rules: Cilium refuses it", "write `ingress: [{}]` to close ingress")


def _policy(source: Object, spec: Cursor) -> Policy:
    pods, namespaces, _ = _split(selector(spec.get("endpointSelector")))
    ingress = [*_rules(spec, "ingress", "Allow"), *_rules(spec, "ingressDeny", "Deny")]
    egress = [*_rules(spec, "egress", "Allow"), *_rules(spec, "egressDeny", "Deny")]
    closed = spec.get("enableDefaultDeny")
    return Policy(
        key=source.key,
        labels=source.labels,
        pods=pods,
        namespaces=namespaces if source.key.kind == "CiliumClusterwideNetworkPolicy" else None,
        nodes=selector(spec.get("nodeSelector")) if spec.get("nodeSelector") else None,
        # An empty list of rules is no list: it closes nothing, unlike a list with an empty rule.
        isolates_ingress=closed.flag("ingress", bool(ingress)),
        isolates_egress=closed.flag("egress", bool(egress)),
        ingress=tuple(ingress),
        egress=tuple(egress),
        priority=0,
        place=source.place,
    )


def _rules(spec: Cursor, field: str, action: str) -> Iterator[PolicyRule]:
    direction = "from" if field.startswith("ingress") else "to"
    for at in spec.items(field):
        yield _rule(at, direction, action)


def _rule(at: Cursor, direction: str, action: str) -> PolicyRule:
    at.only(_RULE[direction])
    ports, l7, names = _ports(at)
    spoken = [direction + field for field in _PEERS if at.get(direction + field)]
    peers = tuple(_peers(at, direction))
    if len(filled := [field for field in spoken if at.get(field).value and not field.endswith("Requires")]) > 1:
        at.note(f"{' and '.join(filled)} stand in one rule: Cilium refuses it", "write a rule for each")
    if at.get("icmps").value and at.get("toPorts").value:
        at.note("icmps and toPorts stand in one rule: Cilium refuses it", "write a rule for each")
    return PolicyRule(
        action=action,
        peers=peers if spoken else None,
        ports=ports,
        place=at.place,
        l7=(*l7, "authentication") if at.get("authentication").text("mode") == "required" else l7,
        dns_patterns=names,
        icmp=bool(at.get("icmps").value),
    )


def _peers(at: Cursor, direction: str) -> Iterator[Peer]:
    for item in at.items(f"{direction}Endpoints"):
        yield _endpoints(item)
    for item in at.items(f"{direction}Nodes"):
        yield Peer(nodes=selector(item), place=item.place)
    for index, entity in enumerate(at.texts(f"{direction}Entities")):
        place = at.get(f"{direction}Entities").place.at(index)
        if entity not in _ENTITIES:
            at.note(f"{entity!r} is no entity that Cilium knows", "use world, cluster, host, ingress or another one")
        yield Peer(entity=entity, place=place)
    yield from _addresses(at, direction)
    for item in at.items("toFQDNs"):
        names = tuple(name for name in (item.text("matchName"), item.text("matchPattern")) if name)
        if names:
            yield Peer(fqdns=tuple(name.lower().rstrip(".") for name in names), place=item.place)
        else:
            item.note("it names nothing", "give it matchName or matchPattern")
    for field in _UNDECIDABLE:
        if at.get(direction + field).value:
            yield Peer(unknown=direction + field, place=at.get(direction + field).place)


def _endpoints(at: Cursor) -> Peer:
    chosen = selector(at)
    if any(_bare(requirement.key) == CLUSTER for requirement in chosen.requirements):
        return Peer(unknown=CLUSTER, place=at.place)
    pods, namespaces, anywhere = _split(chosen)
    return Peer(pods=pods, namespaces=namespaces, any_namespace=anywhere, place=at.place)


def _addresses(at: Cursor, direction: str) -> Iterator[Peer]:
    for index, cidr in enumerate(at.texts(f"{direction}CIDR")):
        place = at.get(f"{direction}CIDR").place.at(index)
        for peer in address_peer(at, cidr, (), at, bare=True):
            yield replace(peer, place=place)
    for item in at.items(f"{direction}CIDRSet"):
        if item.text("cidr"):
            yield from address_peer(item, item.text("cidr"), item.texts("except"), item)
        else:
            yield Peer(unknown=f"{direction}CIDRSet", place=item.place)


def _ports(at: Cursor) -> tuple[tuple[PolicyPort, ...] | None, tuple[str, ...], tuple[str, ...]]:
    """Ports (None: all), kinds of application rules, and the names that DNS rules let resolve."""
    groups = list(at.items("toPorts"))
    if not groups:
        return (() if at.get("icmps").value else None), (), ()
    kinds: list[str] = []
    names: list[str] = []
    for group in groups:
        rules = group.get("rules")
        if isinstance(rules.value, dict):
            kinds.extend(kind for kind in sorted(rules.value) if kind not in kinds)
            names.extend(rule.text("matchName") or rule.text("matchPattern") for rule in rules.items("dns"))
        if group.get("serverNames").value:
            kinds.append("serverNames")
    if any(not group.get("ports").value for group in groups):
        return None, tuple(kinds), tuple(names)
    ports = (port for group in groups for item in group.items("ports") for port in _port(item))
    return tuple(ports), tuple(kinds), tuple(names)


def _port(at: Cursor) -> Iterator[PolicyPort]:
    protocol = at.text("protocol", "ANY").upper()
    if protocol not in {"ANY", *PROTOCOLS, *_PORTLESS}:
        at.get("protocol").note(f"{protocol!r} is no protocol that Cilium knows", "use TCP, UDP, SCTP or ANY")
        return
    if protocol in _PORTLESS:
        return
    text = at.text("port")
    if text.isdecimal() and int(text) > LAST_PORT:
        at.get("port").note(f"{text} is no port: Cilium refuses the policy", f"use 1 to {LAST_PORT}")
        return
    number = int(text) if text.isdecimal() else None
    port = text.lower() or None if number is None else number or None
    yield PolicyPort("" if protocol == "ANY" else protocol, port, at.number("endPort") or None, at.place)


def _split(source: Selector) -> tuple[Selector, Selector | None, bool]:
    """Cilium puts labels of the namespace into the pod selector: (pods, namespaces or None, in any namespace).

    A selector that does not speak of namespaces means the policy's own; one that only asks that the namespace label
    exists means any.
    """
    pods: list[Requirement] = []
    namespaces: list[Requirement] = []
    anywhere = False
    for requirement in source.requirements:
        key = _bare(requirement.key)
        if key == NAMESPACE:
            if requirement.operator is Operator.EXISTS:
                anywhere = True
            else:
                namespaces.append(replace(requirement, key=NAME_LABEL))
        elif key == CLUSTER:
            continue  # Of the subject: pods here are pods of this cluster.
        elif key.startswith(NAMESPACE_LABELS):
            namespaces.append(replace(requirement, key=key.removeprefix(NAMESPACE_LABELS)))
        else:
            pods.append(replace(requirement, key=key))
    return Selector(tuple(pods)), Selector(tuple(namespaces)) if namespaces else None, anywhere and not namespaces


def _bare(key: str) -> str:
    for prefix in _PREFIXES:
        if key.startswith(prefix):
            return key.removeprefix(prefix)
    return key
