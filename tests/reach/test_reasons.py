"""Why two ends may talk or not, over all ports."""

from __future__ import annotations

from solutio_topology.reach.model import EntityNode, Node, RangeNode
from solutio_topology.reach.reasons import node_of, why_closed, why_open

from .reading import node, solved

WORLD = """
apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec: {containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: b, labels: {app: b}}
spec: {containers: [{name: c, image: x, ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec:
  podSelector: {matchLabels: {app: b}}
  ingress:
  - from: [{podSelector: {matchLabels: {app: a}}}]
    ports: [{port: 80}]
  - from: [{podSelector: {matchLabels: {app: a}}}]
    ports: [{port: 53, protocol: UDP}]
  - from: [{podSelector: {matchLabels: {app: c}}}]
"""


def test_every_rule_that_opens_a_part_is_named_once() -> None:
    connections = solved(WORLD)
    a, b = node(connections, "a"), node(connections, "b")
    assert [(each.direction, each.statement) for each in why_open(connections, a, b, connections.ports(a, b))] == [
        ("egress", "no policy closes it"),
        ("ingress", "NetworkPolicy default/p: allow TCP 80 from pods app=a of namespace default"),
        ("ingress", "NetworkPolicy default/p: allow UDP 53 from pods app=a of namespace default"),
    ]


def test_what_closes_a_pair_and_what_comes_nearest() -> None:
    connections = solved(WORLD.replace("{app: a}}\nspec", "{app: z}}\nspec"))
    found = why_closed(connections, node(connections, "a"), node(connections, "b"))
    assert (found[0].direction, found[0].statement) == ("ingress", "NetworkPolicy default/p closes it")
    assert {each.direction for each in found} == {"ingress"}
    assert any("admits TCP 80 only from pods app=a" in each.statement for each in found)
    assert all(each.place is not None for each in found)


def test_addresses_have_no_policies_of_their_own() -> None:
    connections = solved(WORLD)
    outside: Node = RangeNode.of_cidr("192.0.2.0/24")
    a, b = node(connections, "a"), node(connections, "b")
    assert {each.direction for each in why_open(connections, outside, a, connections.ports(outside, a))} == {"ingress"}
    assert {each.direction for each in why_closed(connections, outside, b)} == {"ingress"}
    assert {each.direction for each in why_open(connections, a, outside, connections.ports(a, outside))} == {"egress"}


def test_names_of_a_list_are_ends_again() -> None:
    for each in ("192.0.2.0/24", "2001:db8::/32"):
        assert node_of(str(RangeNode.of_cidr(each))) == RangeNode.of_cidr(each)
    assert node_of("{ingress-controller}") == EntityNode("{ingress-controller}")
