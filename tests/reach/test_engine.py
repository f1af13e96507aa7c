"""What the shared corpus does not hold: cases of our own, each a sentence of the Kubernetes API reference."""

from __future__ import annotations

import pytest

from solutio_topology.reach.model import EntityNode, HostNetwork, RangeNode, Verdict

from .objects import admin, cilium, namespace, pod, policy, world
from .reading import node, ports

ANYONE: list[object] = [{"podSelector": {}}]
OPEN = "all ports"
CLOSED = "no ports"


def test_without_policies_everything_is_open() -> None:
    found = world(pod("a"), pod("b"))
    assert ports(found, "a", "b") == OPEN
    assert [str(each) for each in found.external(node(found, "a"))] == [
        "default/a[Pod] => 0.0.0.0-255.255.255.255 : all ports",
        "default/a[Pod] => ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff : all ports",
    ]


def test_an_end_port_covers_the_range_and_nothing_beside_it() -> None:
    rule = {"from": ANYONE, "ports": [{"port": 8000, "endPort": 8010}, {"port": 65530, "endPort": 65535}]}
    found = world(pod("a"), pod("b"), policy("p", ingress=[rule]))
    assert ports(found, "a", "b") == "TCP 8000-8010, 65530-65535"


def test_a_protocol_without_a_port_is_every_port_of_it() -> None:
    found = world(pod("a"), pod("b"), policy("p", ingress=[{"ports": [{"protocol": "UDP"}]}]))
    assert ports(found, "a", "b") == "UDP (all)"


def test_rules_in_a_direction_that_policy_types_does_not_name_mean_nothing() -> None:
    found = world(
        pod("a"),
        pod("b"),
        policy("p", {"app": "b"}, policyTypes=["Ingress"], ingress=[{"from": ANYONE}], egress=[]),
        policy("q", {"app": "a"}, policyTypes=["Ingress"], egress=[{"ports": [{"port": 1}]}]),
    )
    assert ports(found, "a", "b") == OPEN
    assert ports(found, "b", "a") == CLOSED


def test_one_port_name_with_different_numbers_is_resolved_on_each_destination() -> None:
    found = world(
        pod("a", app="a"),
        pod("b", [("web", 8080, "TCP")], app="b"),
        pod("c", [("web", 9090, "TCP")], app="c"),
        pod("d", [("other", 9090, "TCP")], app="d"),
        policy("p", {"app": "a"}, policyTypes=["Egress"], egress=[{"ports": [{"port": "web"}]}]),
    )
    assert ports(found, "a", "b") == "TCP 8080"
    assert ports(found, "a", "c") == "TCP 9090"
    assert ports(found, "a", "d") == CLOSED
    assert found.external(node(found, "a")) == []


def test_the_same_port_name_on_tcp_and_udp_is_two_ports() -> None:
    declared = [("dns", 53, "UDP"), ("dns", 5353, "TCP")]
    rule = {"from": ANYONE, "ports": [{"port": "dns", "protocol": "UDP"}]}
    found = world(pod("a"), pod("b", declared), policy("p", {"app": "b"}, ingress=[rule]))
    assert ports(found, "a", "b") == "UDP 53"


def test_init_containers_serve_nothing_but_sidecars_do() -> None:
    server = pod("b")
    server["spec"]["initContainers"] = [
        {"name": "init", "image": "x", "ports": [{"name": "web", "containerPort": 1111}]},
        {
            "name": "side",
            "image": "x",
            "restartPolicy": "Always",
            "ports": [{"name": "web", "containerPort": 2222}],
        },
    ]
    found = world(pod("a"), server, policy("p", {"app": "b"}, ingress=[{"ports": [{"port": "web"}]}]))
    assert ports(found, "a", "b") == "TCP 2222"


def test_ingress_from_one_namespace_only() -> None:
    chosen = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}
    found = world(
        pod("ingress-nginx/controller"),
        pod("other/controller"),
        pod("api"),
        policy("p", ingress=[{"from": [chosen], "ports": [{"port": 3000}]}]),
    )
    assert ports(found, "ingress-nginx/controller", "api") == "TCP 3000"
    assert ports(found, "other/controller", "api") == CLOSED
    assert found.from_external(node(found, "api")) == []


def test_addresses_of_both_families_are_cut_exactly() -> None:
    blocks = [
        {"ipBlock": {"cidr": "203.0.113.0/24", "except": ["203.0.113.128/25"]}},
        {"ipBlock": {"cidr": "2001:db8::/32", "except": ["2001:db8:ffff::/48"]}},
    ]
    found = world(pod("a"), policy("p", ingress=[{"from": blocks, "ports": [{"port": 443}]}]))
    assert [str(each) for each in found.from_external(node(found, "a"))] == [
        "203.0.113.0-203.0.113.127 => default/a[Pod] : TCP 443",
        "2001:db8::-2001:db8:fffe:ffff:ffff:ffff:ffff:ffff => default/a[Pod] : TCP 443",
    ]
    half = RangeNode.of_cidr("203.0.113.0/24")
    assert not found.ports(half, node(found, "a"))


def test_all_of_ipv4_is_nothing_of_ipv6() -> None:
    found = world(pod("a"), policy("p", ingress=[{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]))
    assert [each.src for each in found.from_external(node(found, "a"))] == [RangeNode(4, 0, 2**32 - 1)]


def test_ten_thousand_blocks_are_no_trouble() -> None:
    blocks = [{"ipBlock": {"cidr": f"10.{i >> 8}.{i & 255}.0/25"}} for i in range(10_000)]
    found = world(pod("a"), policy("p", ingress=[{"from": blocks}]))
    assert len(found.from_external(node(found, "a"))) == 10_000


def test_workloads_of_one_name_with_different_labels_are_told_apart() -> None:
    owner = {"ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "s", "uid": "1"}]}
    first, second = pod("s-0", role="primary"), pod("s-1", role="replica")
    first["metadata"] |= owner
    second["metadata"] |= owner
    chosen = {"podSelector": {"matchLabels": {"role": "primary"}}}
    found = world(first, second, pod("db"), policy("p", {"app": "db"}, ingress=[{"from": [chosen]}]))
    assert [str(each) for each in found.pairs() if each.dst == node(found, "db")] == [
        "default/s[StatefulSet] => default/db[Pod] : all ports"
    ]


def test_the_pods_of_a_job_have_its_name_as_label() -> None:
    template = {"metadata": {"labels": {"app": "m"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate"}, "spec": {"template": template}}
    chosen = [{"podSelector": {"matchLabels": {"batch.kubernetes.io/job-name": "migrate"}}}]
    found = world(job, pod("db"), pod("api"), policy("db", {"app": "db"}, ingress=[{"from": chosen}]))
    assert ports(found, "migrate", "db") == OPEN
    assert ports(found, "api", "db") == CLOSED


# hostNetwork


def test_a_host_network_pod_is_its_node() -> None:
    deny = policy("media/deny", policyTypes=["Ingress", "Egress"])
    meant = policy("redis", ingress=[{"from": [{"namespaceSelector": {}}], "ports": [{"port": 6379}]}])
    found = world(pod("media/livekit", host=True), pod("redis"), deny, meant, host_network=HostNetwork.NODE)
    assert ports(found, "media/livekit", "redis") == CLOSED
    assert ports(found, "redis", "media/livekit") == OPEN
    assert [str(each.ports) for each in found.from_external(node(found, "media/livekit"))] == [OPEN, OPEN]
    said = found.explain(node(found, "media/livekit"), node(found, "redis"), "TCP", 6379)
    assert said.verdict is Verdict.DENIED
    assert said.remarks == ("hostNetwork: the node's identity; every process of the node can do the same",)


def test_entities_open_to_the_node_and_both_nodes_are_needed() -> None:
    def with_entities(*names: str) -> object:
        rule = {"fromEntities": list(names), "toPorts": [{"ports": [{"port": "6379", "protocol": "TCP"}]}]}
        found = world(pod("media/livekit", host=True), pod("redis"), cilium("redis", ingress=[rule]))
        src, dst = node(found, "media/livekit"), node(found, "redis")
        return str(found.ports(src, dst)), str(found.undecided_ports(src, dst))

    assert with_entities("host", "remote-node") == ("TCP 6379", CLOSED)
    assert with_entities("remote-node") == ("TCP 6379", CLOSED)
    assert with_entities("host") == (CLOSED, "TCP 6379")
    assert with_entities("cluster") == ("TCP 6379", CLOSED)
    assert with_entities("ingress") == (CLOSED, CLOSED)


def test_without_word_of_the_plugin_a_selector_meant_for_a_host_network_pod_is_undecided() -> None:
    meant = policy("redis", {"app": "redis"}, ingress=[{"from": [{"namespaceSelector": {}}]}])
    found = world(pod("media/livekit", host=True), pod("redis"), meant)
    src, dst = node(found, "media/livekit"), node(found, "redis")
    assert (str(found.ports(src, dst)), str(found.undecided_ports(src, dst))) == (CLOSED, OPEN)
    said = found.explain(src, dst, "TCP", 6379)
    assert said.verdict is Verdict.UNDECIDED
    assert said.ingress.undecided == ("whether a pod selector matches hostNetwork pods is up to the network plugin",)
    assert [(each.subject, each.reason) for each in found.undecided] == [
        (
            "NetworkPolicy default/redis",
            "whether a pod selector matches hostNetwork pods is up to the network plugin: Pod media/livekit",
        )
    ]


def test_a_policy_that_selects_a_host_network_pod_is_undecided_too() -> None:
    found = world(pod("livekit", host=True), pod("web"), policy("deny", {"app": "livekit"}))
    src, dst = node(found, "web"), node(found, "livekit")
    assert (str(found.ports(src, dst)), str(found.undecided_ports(src, dst))) == (CLOSED, OPEN)
    assert "Pod default/livekit" in found.undecided[0].reason


def test_an_address_range_may_hold_the_node() -> None:
    inside = policy("redis", ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}])
    outside = policy("redis", ingress=[{"from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}])
    for each, expected in ((inside, OPEN), (outside, CLOSED)):
        found = world(pod("media/livekit", host=True), pod("redis"), each, host_network=HostNetwork.NODE)
        src, dst = node(found, "media/livekit"), node(found, "redis")
        assert (str(found.ports(src, dst)), str(found.undecided_ports(src, dst))) == (CLOSED, expected)


def test_the_own_node_always_reaches_a_pod() -> None:
    found = world(pod("a"), policy("deny"))
    assert str(found.ports(EntityNode("host"), node(found, "a"))) == OPEN
    assert str(found.ports(EntityNode("remote-node"), node(found, "a"))) == CLOSED


# Cilium


def test_both_kinds_of_policies_are_one_allow_list() -> None:
    found = world(
        pod("a"),
        pod("b"),
        policy("np", {"app": "b"}, ingress=[{"ports": [{"port": 1}]}]),
        cilium("cnp", {"app": "b"}, ingress=[{"toPorts": [{"ports": [{"port": "2", "protocol": "TCP"}]}]}]),
    )
    assert ports(found, "a", "b") == "TCP 1-2"


def test_deny_rules_win() -> None:
    denied = {"fromEndpoints": [{}], "toPorts": [{"ports": [{"port": "22", "protocol": "TCP"}]}]}
    found = world(
        pod("a"), pod("b"), cilium("deny", {"app": "b"}, ingress=[{"fromEndpoints": [{}]}], ingressDeny=[denied])
    )
    assert ports(found, "a", "b") == "TCP 1-21, 23-65535; UDP (all); SCTP (all)"


def test_an_empty_cilium_rule_closes_and_allows_no_one() -> None:
    found = world(pod("a"), pod("b"), cilium("closed", {"app": "b"}, ingress=[{}]))
    assert ports(found, "a", "b") == CLOSED
    assert ports(found, "b", "a") == OPEN


def test_cilium_ranges_speak_of_no_pods_and_world_of_no_cluster() -> None:
    for rule in ({"toCIDR": ["0.0.0.0/0"]}, {"toEntities": ["world"]}):
        found = world(pod("a"), pod("b"), cilium("out", {"app": "a"}, egress=[rule]))
        assert ports(found, "a", "b") == CLOSED
        assert str(found.ports(node(found, "a"), RangeNode.of_cidr("203.0.113.9"))) == OPEN


def test_a_cluster_wide_policy_selects_by_namespace() -> None:
    found = world(
        pod("red/a"),
        pod("blue/a"),
        cilium("wide", {"k8s:io.kubernetes.pod.namespace": "red"}, wide=True, ingress=[{}]),
    )
    assert ports(found, "blue/a", "red/a") == CLOSED
    assert ports(found, "red/a", "blue/a") == OPEN


def test_the_gateway_of_cilium_is_the_entity_ingress() -> None:
    rule = {"fromEntities": ["ingress"], "toPorts": [{"ports": [{"port": "3000", "protocol": "TCP"}]}]}
    found = world(pod("api"), cilium("api", ingress=[rule]))
    assert str(found.ports(EntityNode("ingress"), node(found, "api"))) == "TCP 3000"
    assert not found.ports(EntityNode("kube-apiserver"), node(found, "api"))


def test_what_only_the_cluster_knows_is_undecided() -> None:
    rule = {"toServices": [{"k8sService": {"serviceName": "db", "namespace": "default"}}]}
    found = world(pod("a"), pod("b"), cilium("out", {"app": "a"}, egress=[rule]))
    src, dst = node(found, "a"), node(found, "b")
    assert (str(found.ports(src, dst)), str(found.undecided_ports(src, dst))) == (CLOSED, OPEN)
    assert [each.reason for each in found.undecided] == ["toServices names something that only the cluster knows"]


def test_a_deny_rule_for_what_only_the_cluster_knows_leaves_all_undecided() -> None:
    denied = {"toServices": [{"k8sService": {"serviceName": "db", "namespace": "default"}}]}
    rules = {"egress": [{"toEntities": ["all"]}], "egressDeny": [denied]}
    found = world(pod("a"), pod("b"), cilium("out", {"app": "a"}, **rules))
    src, dst = node(found, "a"), node(found, "b")
    assert (str(found.ports(src, dst)), str(found.undecided_ports(src, dst))) == (CLOSED, OPEN)


def test_reserved_labels_are_entities() -> None:
    rule = {"fromEndpoints": [{"matchLabels": {"reserved:ingress": ""}}]}
    found = world(pod("api"), cilium("api", ingress=[rule]))
    assert str(found.ports(EntityNode("ingress"), node(found, "api"))) == OPEN


# AdminNetworkPolicy


def test_admin_policies_come_first_and_by_priority() -> None:
    everyone = [{"namespaces": {}}]
    found = world(
        pod("a"),
        pod("b"),
        policy("np", {"app": "b"}, ingress=[{"ports": [{"port": 1, "endPort": 10}]}]),
        admin(
            "late",
            20,
            ingress=[{"action": "Deny", "from": everyone, "ports": [{"portRange": {"start": 1, "end": 9}}]}],
        ),
        admin(
            "early",
            10,
            ingress=[
                {"action": "Allow", "from": everyone, "ports": [{"portNumber": {"port": 5, "protocol": "TCP"}}]},
                {"action": "Pass", "from": everyone, "ports": [{"portNumber": {"port": 6, "protocol": "TCP"}}]},
            ],
        ),
    )
    assert ports(found, "a", "b") == "TCP 5-6, 10"


def test_the_baseline_rules_where_no_network_policy_isolates() -> None:
    baseline = admin("", -1, ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}])
    found = world(pod("a"), pod("b"), baseline, policy("np", {"app": "b"}, ingress=[{}]))
    assert ports(found, "a", "b") == OPEN
    assert ports(found, "b", "a") == CLOSED


@pytest.mark.parametrize("labels", [{"env": "prod"}, {}])
def test_namespace_labels_come_from_the_namespace_alone(labels: dict[str, str]) -> None:
    chosen = [{"namespaceSelector": {"matchLabels": {"env": "prod"}}}]
    found = world(namespace("shop", **labels), pod("shop/a"), pod("b"), policy("p", ingress=[{"from": chosen}]))
    assert ports(found, "shop/a", "b") == (OPEN if labels else CLOSED)


def test_a_policy_for_nodes_leaves_their_pods_undecided() -> None:
    spec = {"nodeSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]}
    firewall = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumClusterwideNetworkPolicy",
        "metadata": {"name": "firewall"},
        "spec": spec,
    }
    found = world(pod("livekit", host=True), pod("web"), firewall)
    src, dst = node(found, "web"), node(found, "livekit")
    assert (str(found.ports(src, dst)), str(found.undecided_ports(src, dst))) == (CLOSED, OPEN)
    assert ports(found, "livekit", "web") == OPEN
    assert [each.subject for each in found.undecided] == ["CiliumClusterwideNetworkPolicy firewall"]


def test_identities_are_listed() -> None:
    rule = {"fromEntities": ["kube-apiserver"], "toPorts": [{"ports": [{"port": "8443", "protocol": "TCP"}]}]}
    found = world(pod("hook"), cilium("hook", ingress=[rule], egress=[{"toEntities": ["host"]}]))
    assert [str(each) for each in found.from_entities(node(found, "hook"))] == [
        "host => default/hook[Pod] : all ports",
        "kube-apiserver => default/hook[Pod] : TCP 8443",
    ]
    assert [str(each) for each in found.entities(node(found, "hook"))] == ["default/hook[Pod] => host : all ports"]


def test_what_matches_no_pod_is_listed() -> None:
    dns = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    out = policy("out", policyTypes=["Egress"], egress=[{"to": [dns, {"podSelector": {}}]}])
    found = world(pod("a"), out, policy("typo", {"app": "aa"}))
    assert [(each.direction, each.statement) for each in found.unmatched] == [
        (
            "egress",
            "NetworkPolicy default/out speaks of traffic to pods k8s-app=kube-dns of namespaces "
            "kubernetes.io/metadata.name=kube-system, and there are none",
        ),
        (None, "NetworkPolicy default/typo selects pods app=aa, and there are none"),
    ]
