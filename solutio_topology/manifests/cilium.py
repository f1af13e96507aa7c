"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy.

Source: docs.cilium.io, "Layer 3 Examples", "Layer 4 Examples", "Deny Policies", and pkg/policy/api of cilium.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from solutio_topology.manifests.collect import Collector
from solutio_topology.manifests.cursor import Cursor
from solutio_topology.manifests.facts import Object, Peer, Policy, PolicyPort, PolicyRule, Requirement, Selector
from solutio_topology.manifests.policies import address_peer
from solutio_topology.manifests.selectors import selector

NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
NAME_LABEL = "kubernetes.io/metadata.name"
_PREFIXES = ("k8s:", "any:", "k8s.", "any.")
_UNDECIDABLE = ("Services", "Groups", "Requires", "Nodes")


def read_cilium_policy(source: Object, at: Cursor, into: Collector) -> None:
    """Each rule of ``spec`` and ``specs`` is a policy of its own that selects its own endpoints."""
    rules = [at.get("spec")] if at.get("spec") else []
    for spec in [*rules, *at.items("specs")]:
        into.policies.append(_policy(source, spec))


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
        isolates_ingress=closed.flag("ingress", spec.has("ingress") or spec.has("ingressDeny")),
        isolates_egress=closed.flag("egress", spec.has("egress") or spec.has("egressDeny")),
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
    ports, l7, names = _ports(at)
    peers = tuple(_peers(at, direction))
    return PolicyRule(
        action=action,
        peers=peers if _speaks_of_peers(at, direction) else None,
        ports=ports,
        place=at.place,
        l7=l7,
        dns_patterns=names,
        icmp=at.has("icmps"),
    )


def _speaks_of_peers(at: Cursor, direction: str) -> bool:
    fields = ("Endpoints", "Entities", "CIDR", "CIDRSet", "FQDNs", *_UNDECIDABLE)
    return any(at.has(direction + field) for field in fields)


def _peers(at: Cursor, direction: str) -> Iterator[Peer]:
    for item in at.items(f"{direction}Endpoints"):
        pods, namespaces, anywhere = _split(selector(item))
        yield Peer(pods=pods, namespaces=namespaces, any_namespace=anywhere, place=item.place)
    for index, entity in enumerate(at.texts(f"{direction}Entities")):
        yield Peer(entity=entity, place=at.get(f"{direction}Entities").place.at(index))
    for index, cidr in enumerate(at.texts(f"{direction}CIDR")):
        place = at.get(f"{direction}CIDR").place.at(index)
        for peer in address_peer(at, cidr, (), at):
            yield replace(peer, place=place)
    for item in at.items(f"{direction}CIDRSet"):
        if item.text("cidr"):
            yield from address_peer(item, item.text("cidr"), item.texts("except"), item)
        else:
            yield Peer(unknown=f"{direction}CIDRSet", place=item.place)
    for item in at.items("toFQDNs"):
        name = item.text("matchName") or item.text("matchPattern")
        yield Peer(fqdns=(name.lower().rstrip("."),), place=item.place)
    for field in _UNDECIDABLE:
        if at.has(direction + field):
            yield Peer(unknown=direction + field, place=at.get(direction + field).place)


def _ports(at: Cursor) -> tuple[tuple[PolicyPort, ...] | None, tuple[str, ...], tuple[str, ...]]:
    """Ports, kinds of application rules, and the names that DNS rules let resolve."""
    if not at.has("toPorts"):
        return (() if at.has("icmps") else None), (), ()
    ports: list[PolicyPort] = []
    kinds: list[str] = []
    names: list[str] = []
    for group in at.items("toPorts"):
        ports.extend(_port(item) for item in group.items("ports"))
        rules = group.get("rules")
        if isinstance(rules.value, dict):
            kinds.extend(kind for kind in sorted(rules.value) if kind not in kinds)
            names.extend(rule.text("matchName") or rule.text("matchPattern") for rule in rules.items("dns"))
    return tuple(ports) or None, tuple(kinds), tuple(names)


def _port(at: Cursor) -> PolicyPort:
    text = at.text("port")
    protocol = at.text("protocol", "ANY")
    port: int | str | None = int(text) if text.isdecimal() else text or None
    end = at.number("endPort") or None
    return PolicyPort("" if protocol == "ANY" else protocol, None if port == 0 else port, end, at.place)


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
            if requirement.operator == "Exists":
                anywhere = True
            else:
                namespaces.append(replace(requirement, key=NAME_LABEL))
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
