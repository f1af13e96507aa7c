"""Faults in network policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.mutation.operator import Operator, Site, add, drop, misspell, narrow_range, put, swap, widen_range
from tools.mutation.tree import GONE, Edit

_PLAIN = ("NetworkPolicy",)
_CILIUM = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
_BOTH = (*_PLAIN, *_CILIUM)
_RULE = "spec/ingress|egress/*"
_PEER = "spec/ingress/*/from/*", "spec/egress/*/to/*"
_PORT = f"{_RULE}/ports/*"


def _open_up(site: Site) -> Iterator[Any]:
    """A rule for everything, in the directions that the policy speaks of."""
    for direction in ("ingress", "egress"):
        if direction in site.value or direction.capitalize() in site.value.get("policyTypes", ()):
            yield {**site.value, direction: [*site.value.get(direction, []), {}]}


def _open_entities(site: Site) -> Iterator[Any]:
    """A Cilium rule for every address, inside and outside."""
    for direction, peers in (("ingress", "fromEntities"), ("egress", "toEntities")):
        if direction in site.value:
            for entity in ("all", "world", "cluster"):
                yield {**site.value, direction: [*site.value[direction], {peers: [entity]}]}


def _allow_all(site: Site) -> Iterator[Edit]:
    """Beside a default deny, a policy that opens a direction for all pods of the namespace."""
    if site.item.body["spec"].get("podSelector") != {} or "egress" in site.item.body["spec"]:
        return
    for direction in ("ingress", "egress"):
        metadata = {"name": f"allow-{direction}", "namespace": site.item.body["metadata"]["namespace"]}
        spec = {"podSelector": {}, "policyTypes": [direction.capitalize()], direction: [{}]}
        policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
        yield Edit((), None, (policy,))


def _deny(site: Site) -> Iterator[Any]:
    """Allow rules turned into deny rules."""
    for direction in ("ingress", "egress"):
        if direction in site.value:
            rest = {key: value for key, value in site.value.items() if key != direction}
            yield {
                **rest,
                f"{direction}Deny": [{k: v for k, v in r.items() if k != "toFQDNs"} for r in site.value[direction]],
            }


def _wider_ports(site: Site) -> Iterator[Any]:
    port = site.value.get("port")
    if isinstance(port, int) or str(port).isdecimal():
        yield {**site.value, "endPort": min(int(port) + 100, 65535)}


def _only_key(site: Site) -> Iterator[Any]:
    """One of several labels taken out: the selector selects more."""
    if len(site.value) > 1:
        yield from ({k: v for k, v in site.value.items() if k != key} for key in site.value)


def _without_half(site: Site) -> Iterator[Any]:
    """A peer of pods of namespaces, with only one of the two selectors."""
    if len(site.value) > 1:
        yield from ({key: value} for key, value in site.value.items())


def _one_direction(site: Site) -> Iterator[Any]:
    if len(site.value) > 1:
        yield from ([each] for each in site.value)
    yield GONE


OPERATORS = (
    Operator("policy-drop", "a network policy is gone", _BOTH, "", drop),
    Operator("policy-drop-rule", "a rule is gone", _BOTH, _RULE, drop),
    Operator("policy-drop-rules", "all rules of a direction are gone", _BOTH, "spec/ingress|egress", drop),
    Operator("policy-allow-rule", "a rule that admits everything", _PLAIN, "spec", _open_up),
    Operator("policy-allow-entities", "a rule that admits all, world or the cluster", _CILIUM, "spec", _open_entities),
    Operator("policy-allow-all", "a policy that opens a whole namespace", _PLAIN, "spec", _allow_all),
    Operator(
        "policy-default-deny", "the default deny loses a direction, or both", _PLAIN, "spec/policyTypes", _one_direction
    ),
    Operator("policy-deny", "allow rules become deny rules", _CILIUM, "spec", _deny),
    Operator("policy-drop-peer", "one peer is gone", _PLAIN, f"{_RULE}/from|to/*", drop),
    Operator("policy-drop-peers", "a rule without peers is for everyone", _PLAIN, f"{_RULE}/from|to", drop),
    Operator("policy-half-peer", "a peer loses its namespace or its pods", _PLAIN, f"{_RULE}/from|to/*", _without_half),
    Operator(
        "policy-any-pod",
        "a selector that selects everything",
        _BOTH,
        f"{_RULE}/from|to/*/podSelector|namespaceSelector",
        put({}),
    ),
    Operator("policy-peer-label", "a peer's label is misspelt", _BOTH, f"{_RULE}/**/matchLabels/*", misspell),
    Operator("policy-peer-wider", "a peer is described by fewer labels", _BOTH, f"{_RULE}/**/matchLabels", _only_key),
    Operator(
        "policy-subject-label",
        "a policy is for other pods",
        _BOTH,
        "spec/podSelector|endpointSelector/matchLabels/*",
        misspell,
    ),
    Operator(
        "policy-subject-wider",
        "a policy is for more pods",
        _BOTH,
        "spec/podSelector|endpointSelector/matchLabels",
        _only_key,
    ),
    Operator("policy-subject-all", "a policy is for all pods", _BOTH, "spec/podSelector|endpointSelector", put({})),
    Operator("policy-drop-port", "one port of a rule is gone", _PLAIN, _PORT, drop),
    Operator("policy-drop-ports", "a rule without ports is for all of them", _PLAIN, f"{_RULE}/ports", drop),
    Operator(
        "policy-drop-to-ports", "a Cilium rule without ports is for all of them", _CILIUM, f"{_RULE}/toPorts", drop
    ),
    Operator("policy-port", "another port", _BOTH, f"{_RULE}/**/port", misspell),
    Operator("policy-port-range", "a range of ports", _BOTH, f"{_RULE}/**/ports/*", _wider_ports),
    Operator("policy-protocol", "another protocol", _BOTH, f"{_RULE}/**/protocol", swap(TCP="UDP", UDP="TCP")),
    Operator(
        "policy-drop-cilium-port", "one port of a Cilium rule is gone", _CILIUM, f"{_RULE}/toPorts/*/ports/*", drop
    ),
    Operator("policy-range-wider", "a wider range of addresses", _BOTH, f"{_RULE}/**/cidr", widen_range),
    Operator("policy-range-narrower", "a narrower range of addresses", _BOTH, f"{_RULE}/**/cidr", narrow_range),
    Operator("policy-drop-except", "an exception of a range is gone", _BOTH, f"{_RULE}/**/except/*", drop),
    Operator("policy-drop-excepts", "the exceptions of a range are gone", _BOTH, f"{_RULE}/**/except", drop),
    Operator("policy-name-other", "another name outside", _CILIUM, f"{_RULE}/toFQDNs/*/*", misspell),
    Operator("policy-name-drop", "a name outside is gone", _CILIUM, f"{_RULE}/toFQDNs/*", drop),
    Operator("policy-name-any", "every name outside", _CILIUM, f"{_RULE}/toFQDNs/*", put({"matchPattern": "*"})),
    Operator(
        "policy-names-rule", "the DNS rule that learns the names is gone", _CILIUM, f"{_RULE}/toPorts/*/rules", drop
    ),
    Operator(
        "policy-names-pattern",
        "the DNS rule lets other names through",
        _CILIUM,
        f"{_RULE}/toPorts/*/rules/dns/*/*",
        put("*.example.org"),
    ),
    Operator("policy-entity", "an entity is gone", _CILIUM, f"{_RULE}/toEntities|fromEntities/*", drop),
    Operator(
        "policy-entity-wider",
        "an entity becomes the world",
        _CILIUM,
        f"{_RULE}/toEntities|fromEntities/*",
        put("world", "cluster"),
    ),
    Operator(
        "policy-peers-cilium",
        "a Cilium rule for every endpoint",
        _CILIUM,
        f"{_RULE}/toEndpoints|fromEndpoints",
        put([{}]),
    ),
    Operator(
        "policy-rule-twice",
        "a rule for another port besides",
        _PLAIN,
        f"{_RULE}/ports",
        add({"protocol": "TCP", "port": 22}),
    ),
    Operator(
        "policy-nodes",
        "a policy is for nodes instead of pods",
        _CILIUM,
        "spec",
        lambda site: iter([{"nodeSelector": {}, **{k: v for k, v in site.value.items() if k != "endpointSelector"}}]),
    ),
)
