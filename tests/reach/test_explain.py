"""Explanations: the rules that allow, the policies that isolate, the nearest miss, all with their lines."""

from __future__ import annotations

from typing import Any

from solutio_topology.manifests import locate
from solutio_topology.manifests.facts import Place
from solutio_topology.reach import Connections
from solutio_topology.reach.model import Explanation, FqdnNode, MissKind, Verdict

from .objects import admin, cilium, pod, policy, world
from .reading import node, solved

API_AND_DB = """\
apiVersion: v1
kind: Pod
metadata: {name: api, labels: {app: api}}
spec: {containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pg, labels: {app: pg}}
spec: {containers: [{name: c, image: x}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api-egress}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Egress]
  egress:
    - to:
        - podSelector: {matchLabels: {app: pg}}
      ports:
        - {protocol: TCP, port: 5433}
    - to:
        - podSelector: {matchLabels: {app: redis}}
      ports:
        - {protocol: TCP, port: 5432}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: pg-ingress}
spec:
  podSelector: {matchLabels: {app: pg}}
  ingress:
    - from:
        - podSelector: {matchLabels: {app: web}}
        - podSelector: {matchLabels: {app: api}}
      ports:
        - {protocol: TCP, port: 80}
        - {protocol: TCP, port: 5432}
"""


def _line(connections: Connections, place: Place | None) -> int:
    assert place is not None
    found = locate(connections.facts, place).line
    assert found is not None
    return found


def _explain(connections: Connections, src: str, dst: str, port: int) -> Explanation:
    return connections.explain(node(connections, src), node(connections, dst), "TCP", port)


def test_a_denied_packet_names_the_policy_that_isolates_and_the_nearest_misses() -> None:
    found = solved(API_AND_DB)
    said = _explain(found, "api", "pg", 5432)
    assert said.verdict is Verdict.DENIED
    assert [(str(each.policy), _line(found, each.place)) for each in said.egress.isolated_by] == [
        ("NetworkPolicy default/api-egress", 11)
    ]
    assert [(each.kind, each.statement, _line(found, each.place)) for each in said.egress.misses] == [
        (
            MissKind.PORT,
            "NetworkPolicy default/api-egress admits default/pg[Pod] on TCP 5433 only",
            21,
        ),
        (
            MissKind.PEER,
            "NetworkPolicy default/api-egress admits TCP 5432 only to pods app=redis of namespace default; "
            "default/pg[Pod] does not meet app=redis (it has app=pg)",
            23,
        ),
    ]


def test_an_allowed_side_names_rule_peer_and_port() -> None:
    found = solved(API_AND_DB)
    side = _explain(found, "api", "pg", 5432).ingress
    assert (side.verdict, side.misses) == (Verdict.ALLOWED, ())
    [grant] = side.allowed_by
    assert str(grant.policy) == "NetworkPolicy default/pg-ingress"
    lines = [_line(found, place) for place in (grant.policy_place, grant.rule, grant.peer, grant.port)]
    assert lines == [27, 33, 35, 38]


def test_an_open_side_is_isolated_by_no_one() -> None:
    side = _explain(solved(API_AND_DB), "pg", "api", 1).egress
    assert (side.verdict, side.isolated_by, side.allowed_by) == (Verdict.ALLOWED, (), ())


def test_a_port_name_that_the_destination_lacks_is_said() -> None:
    rule = {"to": [{"podSelector": {}}], "ports": [{"port": "postgres"}]}
    found = world(pod("api"), pod("pg", [("sql", 5432, "TCP")]), policy("out", {"app": "api"}, egress=[rule]))
    [miss] = _explain(found, "api", "pg", 5432).egress.misses
    assert (miss.kind, miss.statement) == (
        MissKind.NAMED_PORT,
        "NetworkPolicy default/out admits default/pg[Pod] only on the port named postgres, "
        "and default/pg[Pod] has no such port",
    )


def test_the_wrong_namespace_is_said() -> None:
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "api"}}}]}
    found = world(pod("shop/api"), pod("data/pg"), policy("data/in", ingress=[rule]))
    [miss] = _explain(found, "shop/api", "data/pg", 5432).ingress.misses
    assert miss.statement == (
        "NetworkPolicy data/in admits all ports only from pods app=api of namespace data; "
        "shop/api[Pod] does not meet namespace data (it is in shop)"
    )


def test_a_policy_without_rules_has_no_near_miss() -> None:
    side = _explain(world(pod("a"), pod("b"), policy("deny")), "a", "b", 1).ingress
    assert [str(each.policy) for each in side.isolated_by] == ["NetworkPolicy default/deny"]
    assert side.misses == ()


def test_a_deny_rule_is_named() -> None:
    found = world(pod("a"), pod("b"), cilium("deny", {"app": "b"}, ingressDeny=[{"fromEndpoints": [{}]}]))
    said = _explain(found, "a", "b", 1)
    assert said.verdict is Verdict.DENIED
    assert [str(each.policy) for each in said.ingress.denied_by] == ["CiliumNetworkPolicy default/deny"]


def test_an_admin_deny_without_isolation_is_named() -> None:
    found = world(pod("a"), pod("b"), admin("no", 1, ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}]))
    said = _explain(found, "a", "b", 1)
    assert said.verdict is Verdict.DENIED
    assert [each.statement for each in said.ingress.denied_by] == [
        "AdminNetworkPolicy no: deny all ports from all pods of every namespace"
    ]


def test_of_ordered_policies_the_first_alone_is_named() -> None:
    everyone = [{"namespaces": {}}]
    found = world(
        pod("a"),
        pod("b"),
        admin("late", 20, ingress=[{"action": "Deny", "from": everyone}]),
        admin("early", 10, ingress=[{"action": "Allow", "from": everyone}]),
    )
    side = _explain(found, "a", "b", 1).ingress
    assert side.verdict is Verdict.ALLOWED
    assert [str(each.policy) for each in side.allowed_by] == ["AdminNetworkPolicy early"]
    assert side.denied_by == ()


def test_application_rules_narrow_and_are_remarked() -> None:
    http: dict[str, Any] = {
        "ports": [{"port": "80", "protocol": "TCP"}],
        "rules": {"http": [{"method": "GET", "path": "/"}]},
    }
    found = world(pod("a"), pod("b"), cilium("l7", {"app": "b"}, ingress=[{"toPorts": [http]}]))
    said = _explain(found, "a", "b", 80)
    assert (said.verdict, said.remarks) == (
        Verdict.ALLOWED,
        ("CiliumNetworkPolicy default/l7: http rules narrow it further",),
    )


# Names


def _mail(dns: list[dict[str, str]] | None, name: dict[str, str]) -> Connections:
    port = {"ports": [{"port": "587", "protocol": "TCP"}]}
    resolve: dict[str, Any] = {
        "toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}],
        "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}], "rules": {"dns": dns}}],
    }
    egress = [{"toFQDNs": [name], "toPorts": [port]}, *([resolve] if dns else [])]
    return world(pod("api"), cilium("mail", egress=egress))


def test_a_name_is_open_when_it_can_resolve() -> None:
    found = _mail([{"matchPattern": "*"}], {"matchName": "smtp.example.com"})
    api = node(found, "api")
    assert str(found.ports(api, FqdnNode("smtp.example.com"))) == "TCP 587"
    assert not found.ports(api, FqdnNode("other.example.com"))
    [access] = found.fqdn(api)
    assert (access.pattern, str(access.ports), access.live) == ("smtp.example.com", "TCP 587", True)
    said = found.explain(api, FqdnNode("smtp.example.com"), "TCP", 587)
    assert said.verdict is Verdict.ALLOWED
    assert len(said.egress.allowed_by) == 1


def test_without_a_dns_rule_a_name_is_dead_and_said_to_be() -> None:
    for dns in (None, [{"matchName": "else.example.com"}]):
        found = _mail(dns, {"matchName": "smtp.example.com"})
        api = node(found, "api")
        assert not found.ports(api, FqdnNode("smtp.example.com"))
        assert [each.live for each in found.fqdn(api)] == [False]
        said = found.explain(api, FqdnNode("smtp.example.com"), "TCP", 587)
        assert (said.verdict, said.egress.misses[0].kind) == (Verdict.DENIED, MissKind.DNS)


def test_patterns_cover_one_label() -> None:
    found = _mail([{"matchPattern": "*.example.com"}], {"matchPattern": "*.example.com"})
    api = node(found, "api")
    assert found.ports(api, FqdnNode("smtp.example.com"))
    assert not found.ports(api, FqdnNode("a.smtp.example.com"))
    assert [each.live for each in found.fqdn(api)] == [True]


def test_all_public_addresses_hold_every_name_and_a_range_only_perhaps() -> None:
    private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    for block, expected in (
        ({"cidr": "0.0.0.0/0", "except": private}, Verdict.ALLOWED),
        ({"cidr": "203.0.112.0/20"}, Verdict.UNDECIDED),
    ):
        found = world(pod("api"), policy("out", policyTypes=["Egress"], egress=[{"to": [{"ipBlock": block}]}]))
        said = found.explain(node(found, "api"), FqdnNode("api.example.com"), "TCP", 443)
        assert said.verdict is expected
