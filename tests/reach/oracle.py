"""A second evaluator of policies, for the tests: slow, obvious, one packet at a time.

It imports nothing from the product and reads raw manifests (parsed YAML documents), following the Kubernetes API
reference for NetworkPolicy and Cilium's policy documentation sentence by sentence. It knows Pods, Namespaces,
NetworkPolicies and a subset of CiliumNetworkPolicy. No pod is hostNetwork.
"""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple

Doc = dict[str, Any]


class Packet(NamedTuple):
    """From and to a Pod document or an address, by protocol, to a port."""

    src: Doc | str
    dst: Doc | str
    protocol: str
    port: int


def allowed(docs: list[Doc], packet: Packet) -> bool:
    """A connection is allowed when both the egress policies of the source and the ingress policies of the
    destination allow it."""
    return _side(docs, packet, "egress") and _side(docs, packet, "ingress")


def _side(docs: list[Doc], packet: Packet, direction: str) -> bool:
    subject, other = (packet.src, packet.dst) if direction == "egress" else (packet.dst, packet.src)
    if isinstance(subject, str):
        return True  # addresses outside have no policies
    isolated = False
    admitted = False
    for doc in docs:
        if doc["kind"] == "NetworkPolicy" and _selects(doc, subject) and direction in _directions(doc):
            isolated = True
            for rule in doc["spec"].get(direction) or []:
                admitted = admitted or _rule_admits(docs, doc, rule, direction, other, packet)
        if doc["kind"] == "CiliumNetworkPolicy" and _cilium_selects(doc, subject):
            spec = doc["spec"]
            for rule in spec.get(direction + "Deny") or []:
                if _cilium_rule_meets(docs, doc, rule, direction, other, packet):
                    return False  # deny policies take precedence over allow policies
            if _cilium_isolates(spec, direction):
                isolated = True
            for rule in spec.get(direction) or []:
                admitted = admitted or _cilium_rule_meets(docs, doc, rule, direction, other, packet)
    return admitted or not isolated


# NetworkPolicy


def _namespace(doc: Doc) -> str:
    return doc["metadata"].get("namespace") or "default"


def _labels(doc: Doc) -> dict[str, str]:
    return doc["metadata"].get("labels") or {}


def _selects(policy: Doc, pod: Doc) -> bool:
    return _namespace(policy) == _namespace(pod) and _matches(policy["spec"].get("podSelector") or {}, _labels(pod))


def _directions(policy: Doc) -> set[str]:
    """If policyTypes is not specified, it defaults to Ingress, and to Egress if there are egress rules."""
    types = policy["spec"].get("policyTypes")
    if types:
        return {each.lower() for each in types}
    return {"ingress", "egress"} if policy["spec"].get("egress") else {"ingress"}


def _matches(selector: Doc, labels: dict[str, str]) -> bool:
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for expression in selector.get("matchExpressions") or []:
        key, values = expression["key"], expression.get("values") or []
        match expression["operator"]:
            case "In":
                holds = key in labels and labels[key] in values
            case "NotIn":
                holds = key not in labels or labels[key] not in values
            case "Exists":
                holds = key in labels
            case "DoesNotExist":
                holds = key not in labels
            case other:
                raise ValueError(other)
        if not holds:
            return False
    return True


def _rule_admits(docs: list[Doc], policy: Doc, rule: Doc, direction: str, other: Doc | str, packet: Packet) -> bool:
    peers = rule.get("from" if direction == "ingress" else "to")
    if peers and not any(_is_peer(docs, policy, peer, other) for peer in peers):
        return False
    ports = rule.get("ports")
    return not ports or any(_is_port(port, packet) for port in ports)


def _is_peer(docs: list[Doc], policy: Doc, peer: Doc, other: Doc | str) -> bool:
    if "ipBlock" in peer:
        if not isinstance(other, str):
            return False  # pods are not matched by ipBlock
        block = peer["ipBlock"]
        return _within(other, block["cidr"]) and not any(_within(other, each) for each in block.get("except") or [])
    if isinstance(other, str):
        return False
    if "namespaceSelector" in peer:
        if not _matches(peer["namespaceSelector"], _namespace_labels(docs, _namespace(other))):
            return False
    elif _namespace(policy) != _namespace(other):
        return False
    return "podSelector" not in peer or _matches(peer["podSelector"], _labels(other))


def _within(address: str, cidr: str) -> bool:
    network = ipaddress.ip_network(cidr)
    return ipaddress.ip_address(address) in network


def _namespace_labels(docs: list[Doc], name: str) -> dict[str, str]:
    for doc in docs:
        if doc["kind"] == "Namespace" and doc["metadata"]["name"] == name:
            return {**_labels(doc), "kubernetes.io/metadata.name": name}
    return {"kubernetes.io/metadata.name": name}


def _is_port(port: Doc, packet: Packet) -> bool:
    if (port.get("protocol") or "TCP") != packet.protocol:
        return False
    wanted = port.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return packet.port in _numbers(packet.dst, wanted, packet.protocol)
    if port.get("endPort") is not None:
        return wanted <= packet.port <= port["endPort"]
    return packet.port == wanted


def _numbers(destination: Doc | str, name: str, protocol: str) -> set[int]:
    """The numbers behind a port name on the destination; an address has none."""
    if isinstance(destination, str):
        return set()
    return {
        port["containerPort"]
        for container in destination["spec"]["containers"]
        for port in container.get("ports") or []
        if port.get("name") == name and (port.get("protocol") or "TCP") == protocol
    }


# CiliumNetworkPolicy: endpoints by labels, entities, CIDRs, ports; deny rules; enableDefaultDeny


def _cilium_selects(policy: Doc, pod: Doc) -> bool:
    return _namespace(policy) == _namespace(pod) and _matches(policy["spec"]["endpointSelector"], _labels(pod))


def _cilium_isolates(spec: Doc, direction: str) -> bool:
    """An endpoint enters default deny in a direction when any rule selects it that has a section for it."""
    default = spec.get(direction) is not None or spec.get(direction + "Deny") is not None
    return bool((spec.get("enableDefaultDeny") or {}).get(direction, default))


def _cilium_rule_meets(
    docs: list[Doc], policy: Doc, rule: Doc, direction: str, other: Doc | str, packet: Packet
) -> bool:
    prefix = "from" if direction == "ingress" else "to"
    named = [key for key in (f"{prefix}Endpoints", f"{prefix}Entities", f"{prefix}CIDR") if key in rule]
    if not named and "toPorts" not in rule:
        return False  # an empty rule selects no one
    if named and not any(_cilium_peer(policy, key, peer, other) for key in named for peer in rule[key]):
        return False
    ports = [port for each in rule.get("toPorts") or [] for port in each["ports"]]
    return not ports or any(_cilium_port(port, packet) for port in ports)


def _cilium_peer(policy: Doc, kind: str, peer: Any, other: Doc | str) -> bool:
    if kind.endswith("CIDR"):
        return isinstance(other, str) and _within(other, peer)
    if kind.endswith("Entities"):
        match peer:
            case "all":
                return True
            case "world":
                return isinstance(other, str)
            case "cluster":
                return not isinstance(other, str)
        return False
    if isinstance(other, str):
        return False
    wanted = dict(peer.get("matchLabels") or {})
    namespace = wanted.pop("k8s:io.kubernetes.pod.namespace", _namespace(policy))
    return _namespace(other) == namespace and _matches({"matchLabels": wanted}, _labels(other))


def _cilium_port(port: Doc, packet: Packet) -> bool:
    if port.get("protocol", "ANY") not in ("ANY", packet.protocol):
        return False
    first = int(port["port"])
    return first == 0 or first <= packet.port <= int(port.get("endPort") or first)
