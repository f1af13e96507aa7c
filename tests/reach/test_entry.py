"""The ports at which the outside can knock."""

from __future__ import annotations

from typing import Any

from solutio_topology.reach.entry import entrypoints
from solutio_topology.reach.wiring import Entry

from .objects import Doc, pod, service
from .reading import facts_of_docs

DO = "service.beta.kubernetes.io/do-loadbalancer-"
PODS = pod("web", [("http", 8080, "TCP")])


def _entries(*docs: Doc) -> list[Entry]:
    return entrypoints(facts_of_docs(list(docs)))


def _balanced(annotations: dict[str, str] | None = None, **spec: Any) -> Entry:
    made = service("web", {"app": "web"}, {"port": 443, "targetPort": "http"}, type="LoadBalancer", **spec)
    made["metadata"]["annotations"] = annotations or {}
    [found] = _entries(made, PODS)
    return found


def test_services_inside_are_no_entry() -> None:
    assert _entries(service("web", {"app": "web"}, {"port": 80}), PODS) == []


def test_a_load_balancer_is_open_to_its_ranges_or_to_anyone() -> None:
    found = _balanced()
    assert (found.kind, found.name, found.port, found.source_ranges, found.internal) == (
        "LoadBalancer",
        "Service default/web",
        443,
        (),
        False,
    )
    assert [(str(each.workload), each.port) for each in found.targets] == [("default/web[Pod]", 8080)]
    assert _balanced(loadBalancerSourceRanges=["203.0.113.0/24"]).source_ranges == ("203.0.113.0/24",)


def test_annotations_narrow_a_load_balancer_unless_the_field_does() -> None:
    rules = {DO + "allow-rules": "ip:203.0.113.7, cidr:198.51.100.0/24,ip:2001:db8::1"}
    narrow = ("203.0.113.7/32", "198.51.100.0/24", "2001:db8::1/128")
    assert _balanced(rules).source_ranges == narrow
    assert _balanced(rules, loadBalancerSourceRanges=["10.0.0.0/8"]).source_ranges == ("10.0.0.0/8",)
    assert _balanced({DO + "network": "INTERNAL"}).internal


def test_a_node_port_has_no_source_ranges() -> None:
    made = service("web", {"app": "web"}, {"port": 80, "targetPort": "http", "nodePort": 30080}, type="NodePort")
    [found] = _entries(made, PODS)
    assert (found.kind, found.port, found.node_port, found.source_ranges) == ("NodePort", 80, 30080, ())


def test_external_addresses_are_an_entry() -> None:
    [found] = _entries(service("web", {"app": "web"}, {"port": 80}, externalIPs=["203.0.113.7"]), PODS)
    assert found.kind == "externalIP"


def test_the_node_of_a_pod_is_an_entry() -> None:
    shared, bound = pod("media", [("rtc", 7881, "TCP")], host=True), pod("agent")
    bound["spec"]["containers"][0]["ports"] = [{"containerPort": 80, "hostPort": 8000}, {"containerPort": 81}]
    assert [(each.kind, each.name, each.port, each.targets[0].port) for each in _entries(shared, bound)] == [
        ("hostNetwork", "Pod default/media", 7881, 7881),
        ("hostPort", "Pod default/agent", 8000, 80),
    ]


def test_a_gateway_is_an_entry_on_every_listener() -> None:
    made = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "gw"},
        "spec": {
            "gatewayClassName": "cilium",
            "listeners": [{"name": "https", "port": 443, "protocol": "HTTPS"}],
            "infrastructure": {"annotations": {DO + "allow-rules": "cidr:203.0.113.0/24"}},
        },
    }
    [found] = _entries(made)
    assert (found.kind, found.name, found.port, found.source_ranges) == (
        "Gateway",
        "Gateway default/gw listener https",
        443,
        ("203.0.113.0/24",),
    )
