from __future__ import annotations

import pytest

from solutio_topology.manifests.facts import Service

from .reading import document, facts_of, notes_of


def _service(spec: str) -> Service:
    (service,) = facts_of(document("Service", spec)).services
    return service


def test_the_defaults_of_the_api_server() -> None:
    service = _service("selector: {app: a}\nports: [{port: 80}]")
    (port,) = service.ports
    assert (service.type, service.headless, service.selector, service.traffic_policy) == (
        "ClusterIP",
        False,
        {"app": "a"},
        "Cluster",
    )
    assert (port.number, port.protocol, port.name, port.target, port.node_port) == (80, "TCP", "", 80, 0)


def test_a_load_balancer_with_everything() -> None:
    service = _service(
        "type: LoadBalancer\nexternalTrafficPolicy: Local\nloadBalancerSourceRanges: [1.2.3.0/24]\n"
        "ports: [{name: web, port: 443, targetPort: https, nodePort: 30443, protocol: TCP, appProtocol: h2c}]"
    )
    (port,) = service.ports
    assert (service.type, service.traffic_policy, service.source_ranges) == ("LoadBalancer", "Local", ("1.2.3.0/24",))
    assert (port.name, port.target, port.node_port, port.app_protocol) == ("web", "https", 30443, "h2c")


def test_headless_external_and_selectorless_services() -> None:
    assert _service("clusterIP: None\nselector: {}").headless
    assert _service("type: ExternalName\nexternalName: a.example.com").external_name == "a.example.com"
    assert _service("selector: {}\nports: [{port: 80}]").selector is None


def test_addresses_behind_a_service_without_selector() -> None:
    slices = facts_of(
        "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        "metadata: {name: db-1, labels: {kubernetes.io/service-name: db}}\n"
        "endpoints: [{addresses: [10.0.0.1, 10.0.0.2]}, {addresses: [10.0.0.9], conditions: {ready: false}}]\n"
        "ports: [{name: pg, port: 5432}]\n---\n"
        "apiVersion: v1\nkind: Endpoints\nmetadata: {name: old}\n"
        "subsets: [{addresses: [{ip: 10.0.0.3}], ports: [{port: 53, protocol: UDP}]}]\n"
    ).endpoint_slices
    assert [(each.service, each.addresses, each.ports) for each in slices] == [
        ("db", ("10.0.0.1", "10.0.0.2"), (("pg", 5432, "TCP"),)),
        ("old", ("10.0.0.3",), (("", 53, "UDP"),)),
    ]


def test_numbers_in_quotes_are_told_apart() -> None:
    assert notes_of(document("Service", "ports: [{port: '80', targetPort: '8080'}]")) == [
        "6:18 port must be a whole number, not text",
        '6:36 "8080" in quotes is a port name without a letter',
    ]


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        ("type: Loadbalancer", "6:9 'Loadbalancer' is no type of a Service: the API server refuses it"),
        ("ports: [{name: a}]", "6:11 ports are 1 to 65535: the API server refuses this one"),
        ("ports: [{port: 80, targetPort: 70000}]", "6:11 ports are 1 to 65535: the API server refuses this one"),
        ("ports: [{port: 80, targetPort: Web}]", "6:34 'Web' cannot name a port"),
        ("ports: [{port: 80, protocol: tcp}]", "6:32 'tcp' is no protocol of a Service"),
        (
            "loadBalancerSourceRanges: [10.0.0.0/40]",
            "6:29 '10.0.0.0/40' is no address range: the API server refuses it",
        ),
    ],
)
def test_what_the_api_server_refuses_is_said(spec: str, note: str) -> None:
    assert notes_of(document("Service", spec)) == [note]
