"""A second evaluator of policies, for the tests: slow, obvious, one packet at a time.

It imports nothing from the product and reads raw manifests (parsed YAML documents), following the Kubernetes API
reference for NetworkPolicy and Cilium's policy documentation sentence by sentence. It knows Pods, Namespaces,
NetworkPolicies, AdminNetworkPolicies and a subset of CiliumNetworkPolicy. No pod is hostNetwork.
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
    if isinstance(packet.src if direction == "egress" else packet.dst, str):
        return True  # addresses outside have no policies
    decided = _ordered(docs, packet, direction, "AdminNetworkPolicy")
    if decided in ("Allow", "Deny"):
        return decided == "Allow"
    plain = [_network_policy(docs, doc, packet, direction) for doc in docs if doc["kind"] == "NetworkPolicy"]
    cilium = [_cilium_policy(docs, doc, packet, direction) for doc in docs if doc["kind"] == "CiliumNetworkPolicy"]
    said = {word for words in (*plain, *cilium) for word in words}
    if "denies" in said:
        return False  # deny policies take precedence over allow policies
    if "isolates" in said:
        return "admits" in said
    # neither kind of policy isolates: what admits only matters under isolation
    return _ordered(docs, packet, direction, "BaselineAdminNetworkPolicy") != "Deny"


def _network_policy(docs: list[Doc], policy: Doc, packet: Packet, direction: str) -> set[str]:
    subject, other = (packet.src, packet.dst) if direction == "egress" else (packet.dst, packet.src)
    if isinstance(subject, str) or not _selects(policy, subject) or direction not in _directions(policy):
        return set()
    rules = policy["spec"].get(direction) or []
    admits = any(_rule_admits(docs, policy, rule, direction, other, packet) for rule in rules)
    return {"isolates", "admits"} if admits else {"isolates"}


def _cilium_policy(docs: list[Doc], policy: Doc, packet: Packet, direction: str) -> set[str]:
    subject, other = (packet.src, packet.dst) if direction == "egress" else (packet.dst, packet.src)
    if isinstance(subject, str) or not _cilium_selects(policy, subject):
        return set()
    spec = policy["spec"]
    said = {"isolates"} if _cilium_isolates(spec, direction) else set()
    for section, word in ((direction, "admits"), (direction + "Deny", "denies")):
        if any(_cilium_rule_meets(docs, policy, rule, direction, other, packet) for rule in spec.get(section) or []):
            said.add(word)
    return said


# AdminNetworkPolicy and its baseline: the first rule that matches decides, policies by ascending priority


def _ordered(docs: list[Doc], packet: Packet, direction: str, kind: str) -> str:
    subject, other = (packet.src, packet.dst) if direction == "egress" else (packet.dst, packet.src)
    policies = [doc for doc in docs if doc["kind"] == kind]
    for policy in sorted(policies, key=lambda doc: int(doc["spec"].get("priority", 0))):
        if not _admin_selects(docs, policy["spec"]["subject"], subject):
            continue
        for rule in policy["spec"].get(direction) or []:
            peers = rule["from" if direction == "ingress" else "to"]
            if any(_admin_peer(docs, peer, other) for peer in peers) and _admin_ports(rule, packet):
                return str(rule["action"])
    return ""


def _admin_selects(docs: list[Doc], subject: Doc, pod: Doc | str) -> bool:
    """A subject, and a peer of the same shape: namespaces, or pods within namespaces."""
    if isinstance(pod, str):
        return False
    labels = _namespace_labels(docs, _namespace(pod))
    if "namespaces" in subject:
        return _matches(subject["namespaces"], labels)
    pods = subject["pods"]
    return _matches(pods["namespaceSelector"], labels) and _matches(pods["podSelector"], _labels(pod))


def _admin_peer(docs: list[Doc], peer: Doc, other: Doc | str) -> bool:
    if "networks" in peer:
        # Unlike ipBlock, networks match pods too; pods of these tests have private IPv4 addresses.
        return any(_within("10.244.0.1" if not isinstance(other, str) else other, each) for each in peer["networks"])
    return _admin_selects(docs, peer, other)


def _admin_ports(rule: Doc, packet: Packet) -> bool:
    return not rule.get("ports") or any(_admin_port(port, packet) for port in rule["ports"])


def _admin_port(port: Doc, packet: Packet) -> bool:
    if "namedPort" in port:
        return packet.port in _numbers(packet.dst, port["namedPort"], packet.protocol)
    if "portNumber" in port:
        exact = port["portNumber"]
        return bool(exact["protocol"] == packet.protocol and exact["port"] == packet.port)
    span = port["portRange"]
    return bool(span.get("protocol", "TCP") == packet.protocol and span["start"] <= packet.port <= span["end"])


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
